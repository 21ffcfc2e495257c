package email

import (
	"fmt"

	"fieldgate/internal/notify"
	"fieldgate/internal/quote"
	emailview "fieldgate/templates/email"
	"fieldgate/templates/route"
)

// told is why an address of the settings gets a mail.
func told(setting string) string {
	return "You get this email because this address is listed under Administration → " + setting + "."
}

// toldAs is why staff, or else an address of the settings, get a mail.
func toldAs(m notify.Mail, thing, customer, setting string) string {
	switch m.Rule {
	case notify.AssignedStaff:
		return "You get this email because you are assigned to this " + thing + "."
	case notify.AccountManager:
		return "You get this email because you are the account manager of " + customer + "."
	}
	return told(setting)
}

// by is who did something: a contact, of a customer.
func by(contact, customer string) string {
	if contact == "" || contact == customer {
		return customer
	}
	return contact + " of " + customer
}

// access tells of a contact's access to the portal.
func (r Renderer) access(c notify.AccessNotice) emailview.Email {
	heading, did, who := c.Contact+" was invited to the portal", "Invited", c.By
	if c.Managed {
		who = by(c.By, c.Customer)
	}
	switch c.What {
	case "suspended":
		did, heading = "Suspended", "Portal access of "+c.Contact+" was suspended"
	case "restored":
		did, heading = "Restored", "Portal access of "+c.Contact+" was restored"
	case "changed":
		did, heading = "Changed", "Portal access of "+c.Contact+" was changed"
	}
	return emailview.Email{
		Subject:   heading + " (" + c.Customer + ")",
		Preheader: c.Email + ", " + c.Customer + " " + c.CustomerNumber,
		Heading:   heading,
		Reason:    told("Customer Portal → Contact Notifications"),
		Blocks: []emailview.Block{
			emailview.Facts{
				{Label: "Contact Name", Value: c.Contact},
				{Label: "Email Address", Value: c.Email},
				{Label: "Customer", Value: c.Customer + " (" + c.CustomerNumber + ")"},
				{Label: did + " by", Value: who},
			},
			emailview.Button{Label: "View the contacts", URL: r.link(route.OfficeCustomer(c.CustomerNumber, "contacts"))},
		},
	}
}

// job tells of a new job.
func (r Renderer) job(b notify.Business, j notify.JobNotice) emailview.Email {
	title := short(firstOf(j.Name, j.Description))
	origin := "In the office"
	if j.FromPortal {
		origin = "In the customer portal"
	}
	return emailview.Email{
		Subject:   fmt.Sprintf("New job %s from %s: %s", j.Number, j.Customer, title),
		Preheader: short(by(j.Contact, j.Customer) + ", " + firstOf(j.Site, j.Type)),
		Heading:   fmt.Sprintf("New job %s from %s", j.Number, j.Customer),
		Reason:    told("Customer Portal → Job Notifications"),
		Blocks: []emailview.Block{
			emailview.Paragraph(by(j.Contact, j.Customer) + " has created job " + j.Number + "."),
			emailview.Extract{Label: "Description", Text: firstOf(j.Description, j.Name)},
			emailview.Facts{
				{Label: "Name", Value: j.Name},
				{Label: "Job type", Value: j.Type},
				{Label: "Customer", Value: j.Customer + " (" + j.CustomerNumber + ")"},
				{Label: "Site", Value: j.Site},
				{Label: "Contact", Value: j.Contact},
				{Label: "Phone", Value: j.ContactPhone},
				{Label: "Email Address", Value: j.ContactEmail},
				{Label: "Preferred date", Value: b.Format.WeekDay(j.PreferredOn)},
				{Label: "Purchase order", Value: j.PurchaseOrder},
				{Label: "Created", Value: origin + ", " + b.Format.Moment(&j.CreatedAt)},
			},
			emailview.Button{Label: "View the job", URL: r.link(route.OfficeJob(j.Number))},
		},
	}
}

// quote tells of a new quote that was asked for in the portal.
func (r Renderer) quote(m notify.Mail, q notify.QuoteNotice) emailview.Email {
	b := m.Business
	title := short(firstOf(q.Name, q.Description))
	estimate := ""
	if q.Estimate != nil {
		estimate = b.Format.Money(*q.Estimate, q.Currency)
	}
	return emailview.Email{
		Subject:   fmt.Sprintf("New quote %s from %s: %s", q.Number, q.Customer, title),
		Preheader: short(firstOf(q.Contact, q.Customer) + " asks for a price."),
		Heading:   fmt.Sprintf("New quote %s from %s", q.Number, q.Customer),
		Reason:    toldAs(m, "quote", q.Customer, "Customer Portal → New quotes"),
		Blocks: []emailview.Block{
			emailview.Paragraph(by(q.Contact, q.Customer) + " asks for a price: quote " + q.Number + "."),
			emailview.Extract{Label: "Description", Text: firstOf(q.Description, q.Name)},
			emailview.Facts{
				{Label: "Name", Value: q.Name},
				{Label: quote.Field.PriceEstimate.Label, Value: estimate},
				{Label: "Job type", Value: q.Type},
				{Label: "Customer", Value: q.Customer + " (" + q.CustomerNumber + ")"},
				{Label: "Site", Value: q.Site},
				{Label: "Contact", Value: q.Contact},
				{Label: "Phone", Value: q.ContactPhone},
				{Label: "Email Address", Value: q.ContactEmail},
				{Label: quote.Field.PreferredOn.Label, Value: b.Format.WeekDay(q.PreferredOn)},
				{Label: quote.Field.PurchaseOrder.Label, Value: q.PurchaseOrder},
				{Label: "Created", Value: b.Format.Moment(&q.CreatedAt)},
			},
			emailview.Button{Label: "View the quote", URL: r.link(route.OfficeQuote(q.Number))},
		},
	}
}

// equipment tells of equipment that was added.
func (r Renderer) equipment(m notify.Mail, e notify.EquipmentNotice) emailview.Email {
	return emailview.Email{
		Subject:   fmt.Sprintf("New equipment %s from %s: %s", e.Number, e.Customer, short(e.Name)),
		Preheader: short(firstOf(e.By, e.Customer) + " added " + e.Name + "."),
		Heading:   "New equipment from " + e.Customer,
		Reason:    toldAs(m, "equipment", e.Customer, "Customer Portal → New equipment"),
		Blocks: []emailview.Block{
			emailview.Paragraph(by(e.By, e.Customer) + " has added equipment " + e.Number + "."),
			emailview.Facts{
				{Label: "Name", Value: e.Name},
				{Label: "Type", Value: e.Type},
				{Label: "Number", Value: e.Number},
				{Label: "Customer", Value: e.Customer + " (" + e.CustomerNumber + ")"},
				{Label: "Site", Value: e.Site},
				{Label: "Location on site", Value: e.Location},
				{Label: "Make", Value: e.Make},
				{Label: "Model", Value: e.Model},
				{Label: "Serial number", Value: e.SerialNumber},
				{Label: "Added by", Value: e.By},
			},
			emailview.Button{Label: "View the equipment", URL: r.link(route.OfficeEquipmentItem(e.PublicID))},
		},
	}
}

// details tells what a contact has changed.
func (r Renderer) details(m notify.Mail, d notify.DetailsNotice) emailview.Email {
	changes := make(emailview.Changes, len(d.Changes))
	for i, c := range d.Changes {
		changes[i] = emailview.Change(c)
	}
	who := firstOf(d.Contact, "Somebody")
	return emailview.Email{
		Subject:   d.Customer + " changed its details",
		Preheader: who + " changed " + fields(d.Changes) + ".",
		Heading:   d.Customer + " changed its details",
		Reason:    toldAs(m, "customer", d.Customer, "Customer Portal → Changed details"),
		Blocks: []emailview.Block{
			emailview.Paragraph(who + " made these changes in the customer portal."),
			changes,
			emailview.Button{Label: "View the customer", URL: r.link(route.OfficeCustomer(d.CustomerNumber))},
		},
	}
}

// fields names what was changed, the first few.
func fields(changes []notify.Change) string {
	switch len(changes) {
	case 0:
		return "details"
	case 1:
		return changes[0].Field
	case 2:
		return changes[0].Field + " and " + changes[1].Field
	}
	return fmt.Sprintf("%s, %s and %d more", changes[0].Field, changes[1].Field, len(changes)-2)
}

// decision tells what a customer has answered to a quote.
func (r Renderer) decision(m notify.Mail, q notify.QuoteDecision) emailview.Email {
	title, b := short(firstOf(q.Name, q.Description)), m.Business
	heading := fmt.Sprintf("%s %s quote %s", q.Customer, q.Decision, q.Number)
	first := emailview.Paragraph(fmt.Sprintf("%s has %s version %d of quote %s, %s.", by(q.By, q.Customer), q.Decision, q.Version, q.Number, b.Format.Money(q.Total, q.Currency)))
	l := emailview.Email{
		Blocks:    []emailview.Block{first},
		Subject:   heading + ": " + title,
		Preheader: q.By + ", " + b.Format.Money(q.Total, q.Currency),
		Heading:   heading,
		Reason:    toldAs(m, "quote", q.Customer, "Customer Portal → New quotes"),
	}
	if words := q.Words(b.Format, quote.Status(q.Decision), q.By, q.At); words != "" {
		l.Preheader = words
		l.Blocks = append(l.Blocks, emailview.Paragraph(words+"."))
	}
	if q.Reason != "" {
		l.Blocks = append(l.Blocks, emailview.Extract{Label: "Reason", Text: q.Reason})
	}
	l.Blocks = append(l.Blocks,
		emailview.Facts{
			{Label: "For", Value: title},
			{Label: "Customer", Value: q.Customer + " (" + q.CustomerNumber + ")"},
			{Label: "By", Value: q.By},
			{Label: "When", Value: b.Format.Moment(&q.At)},
			{Label: "Version", Value: fmt.Sprint(q.Version)},
			{Label: "Total", Value: b.Format.Money(q.Total, q.Currency)},
			{Label: quote.Field.PurchaseOrder.Label, Value: q.PurchaseOrder},
		},
		emailview.Button{Label: "View the quote", URL: r.link(route.OfficeQuote(q.Number))},
	)
	return l
}
