package email

import (
	"fmt"
	"strings"

	"fieldgate/internal/ics"
	"fieldgate/internal/job"
	"fieldgate/internal/mail"
	"fieldgate/internal/notify"
	emailview "fieldgate/templates/email"
	"fieldgate/templates/route"
)

// booked tells when somebody comes: for the first time, at another time, or tomorrow.
func (r Renderer) booked(m notify.Mail, j notify.JobVisit) emailview.Email {
	b, title := m.Business, short(firstOf(j.Name, j.Description))
	when := b.Format.Window(j.From, j.Until)
	heading, verb := "Your job is booked", "is booked for"
	intro := fmt.Sprintf("%s has booked job %s.", b.TradingName, j.Number)
	subject := fmt.Sprintf("Job %s %s %s: %s", j.Number, verb, b.Format.Date(j.From), title)
	switch {
	case j.Tomorrow:
		heading, intro = "We come tomorrow", fmt.Sprintf("%s comes tomorrow for job %s.", b.TradingName, j.Number)
		subject = fmt.Sprintf("Tomorrow, %s: job %s, %s", strings.TrimPrefix(when, b.Format.Date(j.From)+", "), j.Number, title)
	case j.Moved:
		heading, verb = "Your visit has a new time", "is moved to"
		intro = fmt.Sprintf("%s has moved the visit for job %s to a new time.", b.TradingName, j.Number)
		subject = fmt.Sprintf("Job %s %s %s: %s", j.Number, verb, b.Format.Date(j.From), title)
	}
	l := emailview.Email{
		Subject:   subject,
		Preheader: short(strings.TrimSuffix(when+", "+j.Site, ", ")),
		Heading:   heading,
		Reason:    toldOf(m, "job"),
		Blocks: []emailview.Block{
			greeting(j.Contact),
			emailview.Paragraph(intro),
			emailview.Facts{
				{Label: "When", Value: when},
				{Label: "Job", Value: j.Number},
				{Label: "For", Value: title},
				{Label: "Site", Value: strings.TrimPrefix(strings.Join(append([]string{j.Site}, j.Address.Lines()...), ", "), ", ")},
				{Label: "Who comes", Value: strings.Join(j.Staff, ", ")},
			},
			emailview.Button{Label: "View the job", URL: r.link(route.Job(j.Number))},
		},
	}
	if m.Rule == notify.MainContact {
		l.Blocks = append(l.Blocks, emailview.Note("Does another time suit you better? Say so on the job’s page."))
	}
	l.Blocks = append(l.Blocks, questions(b))
	return l
}

// calledOff tells that nobody comes.
func (r Renderer) calledOff(m notify.Mail, j notify.VisitCalledOff) emailview.Email {
	b, title := m.Business, short(firstOf(j.Name, j.Description))
	was := b.Format.Window(j.From, j.Until)
	heading, subject := "Your visit is called off", fmt.Sprintf("Job %s: the visit on %s is called off: %s", j.Number, b.Format.Date(j.From), title)
	intro := fmt.Sprintf("%s will not come for job %s on %s.", b.TradingName, j.Number, b.Format.Date(j.From))
	if was == "" {
		subject = fmt.Sprintf("Job %s: the visit is called off: %s", j.Number, title)
		intro = fmt.Sprintf("%s will not come for job %s.", b.TradingName, j.Number)
	}
	next := emailview.Paragraph("We will be in touch to agree a new date.")
	if j.Cancelled {
		heading, subject = "Your job was cancelled", fmt.Sprintf("Job %s was cancelled: %s", j.Number, title)
		intro, next = fmt.Sprintf("%s has cancelled job %s. Nobody will come.", b.TradingName, j.Number), ""
	}
	l := emailview.Email{
		Subject: subject, Preheader: short(firstOf(j.Why, intro)), Heading: heading, Reason: toldOf(m, "job"),
		Blocks: []emailview.Block{greeting(j.Contact), emailview.Paragraph(intro)},
	}
	if j.Why != "" {
		l.Blocks = append(l.Blocks, emailview.Extract{Label: "Why", Text: j.Why})
	}
	l.Blocks = append(l.Blocks, emailview.Facts{
		{Label: "Job", Value: j.Number}, {Label: "For", Value: title}, {Label: "Site", Value: j.Site}, {Label: "Was booked for", Value: was},
	})
	if next != "" {
		l.Blocks = append(l.Blocks, next)
	}
	l.Blocks = append(l.Blocks, emailview.Button{Label: "View the job", URL: r.link(route.Job(j.Number))}, questions(b))
	return l
}

// received is the receipt for a job or quote that somebody asked for.
func (r Renderer) received(m notify.Mail, q notify.Receipt) emailview.Email {
	b, thing, there := m.Business, "job", route.Job(q.Number)
	next := "We will read it, find a date and tell you when we come."
	facts := emailview.Facts{
		{Label: "Number", Value: q.Number},
		{Label: "Job type", Value: q.Type},
		{Label: "Site", Value: q.Site},
		{Label: "Preferred date", Value: b.Format.WeekDay(q.PreferredOn)},
		{Label: "Purchase order", Value: q.PurchaseOrder},
	}
	if q.Quote {
		thing, there, next = "quote", route.Quote(q.Number), "We will work out the price and send you the quote. Then you decide."
		if q.Estimate != nil {
			facts = append(facts, emailview.Fact{Label: "Your estimate", Value: b.Format.Money(*q.Estimate, q.Currency)})
		}
	}
	switch q.Files {
	case 0:
	case 1:
		facts = append(facts, emailview.Fact{Label: "Files", Value: "One"})
	default:
		facts = append(facts, emailview.Fact{Label: "Files", Value: fmt.Sprint(q.Files)})
	}
	return emailview.Email{
		Subject:   fmt.Sprintf("We have your request, %s %s: %s", thing, q.Number, short(firstOf(q.Name, q.Description))),
		Preheader: next,
		Heading:   "We have your request",
		Reason:    "You get this email because you asked for this " + thing + " in the portal.",
		Blocks: []emailview.Block{
			greeting(q.Contact),
			emailview.Paragraph(fmt.Sprintf("Thank you. %s has your request, %s %s.", b.TradingName, thing, q.Number)),
			emailview.Extract{Label: "What you asked for", Text: q.Description},
			facts,
			emailview.Paragraph("What happens next: " + next),
			emailview.Paragraph("Something to add or change? Open your request and write to us there. No longer needed? You can withdraw it there until we begin."),
			emailview.Button{Label: "Open your request", URL: r.link(there)},
			questions(b),
		},
	}
}

// withdrawn tells the office that something is not needed any more.
func (r Renderer) withdrawn(m notify.Mail, w notify.WithdrawnNotice) emailview.Email {
	thing, there, setting := "job", route.OfficeJob(w.Number), "Customer Portal → Job Notifications"
	if w.Quote {
		thing, there, setting = "quote", route.OfficeQuote(w.Number), "Customer Portal → New quotes"
	}
	title := short(firstOf(w.Name, w.Description))
	l := emailview.Email{
		Subject:   fmt.Sprintf("%s, %s, withdrew %s %s: %s", w.By, w.Customer, thing, w.Number, title),
		Preheader: short(firstOf(w.Why, "It is no longer needed.")),
		Heading:   "Request withdrawn",
		Reason:    toldAs(m, thing, w.Customer, setting),
		Blocks:    []emailview.Block{emailview.Paragraph(fmt.Sprintf("%s has withdrawn %s %s.", w.By, thing, w.Number))},
	}
	if w.Why != "" {
		l.Blocks = append(l.Blocks, emailview.Extract{Label: "Why", Text: w.Why})
	}
	l.Blocks = append(l.Blocks, emailview.Facts{{Label: "Customer", Value: w.Customer + " (" + w.CustomerNumber + ")"}, {Label: "For", Value: title}}, emailview.Button{Label: "View the " + thing, URL: r.link(there)})
	return l
}

// answered tells the office which other times would suit.
func (r Renderer) answered(m notify.Mail, a notify.VisitAnswer) emailview.Email {
	f := m.Business.Format
	title := short(firstOf(a.Name, a.Description))
	var wishes []string
	for _, w := range a.Wishes {
		wishes = append(wishes, w.Words(f))
	}
	l := emailview.Email{
		Subject:   fmt.Sprintf("%s, %s, asks for another time for job %s: %s", a.By, a.Customer, a.Number, title),
		Preheader: short(strings.Join(wishes, "; ")),
		Heading:   "Another time wanted",
		Reason:    toldAs(m, "job", a.Customer, "Customer Portal → Messages"),
		Blocks: []emailview.Block{
			emailview.Paragraph(fmt.Sprintf("%s asks for another time for job %s. The visit stays as it is until you move it.", a.By, a.Number)),
			emailview.Extract{Label: "What would suit", Text: strings.Join(wishes, "\n")},
		},
	}
	if a.Reason != "" {
		l.Blocks = append(l.Blocks, emailview.Extract{Label: "Why", Text: a.Reason})
	}
	l.Blocks = append(l.Blocks, emailview.Facts{
		{Label: "Booked for", Value: f.Window(a.From, a.Until)}, {Label: "Customer", Value: a.Customer + " (" + a.CustomerNumber + ")"}, {Label: "For", Value: title},
	}, emailview.Button{Label: "Answer in the office", URL: r.link(route.OfficeJob(a.Number))})
	return l
}

// calendar is the entry for calendars that comes with a mail about a visit, or
// takes it away; nothing with other mails.
func (r Renderer) calendar(m notify.Mail) []mail.Attachment {
	b := m.Business
	v := ics.Visit{Business: b.TradingName, Phone: b.Phone, Email: b.Email}
	switch j := m.Content.(type) {
	case notify.JobVisit:
		if j.From == nil {
			return nil
		}
		v.Number, v.Title, v.Description, v.Version, v.From, v.Until = j.Number, job.Title(j.Name, j.Description), j.Description, j.Version, *j.From, j.Until
		v.Place = []string{j.Site, j.Address.String()}
	case notify.VisitCalledOff:
		if j.From == nil {
			return nil
		}
		v.Number, v.Title, v.Description, v.Version, v.From, v.Until, v.Cancelled = j.Number, job.Title(j.Name, j.Description), j.Description, j.Version, *j.From, j.Until, true
		v.Place = []string{j.Site, j.Address.String()}
	default:
		return nil
	}
	e := v.Event(b.Format.Now, r.link(route.Job(v.Number)))
	return []mail.Attachment{{Name: v.Number + ".ics", Type: ics.Type(e.Method()), Data: ics.Write(e)}}
}
