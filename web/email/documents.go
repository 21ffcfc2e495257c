package email

import (
	"fmt"
	"net/url"

	"fieldgate/internal/notify"
	emailview "fieldgate/templates/email"
	"fieldgate/templates/route"
)

// document tells that a certificate or another document is about to expire.
func (r Renderer) document(m notify.Mail, d notify.DocumentNotice) emailview.Email {
	b := m.Business
	until := lastDay(m, d.ValidUntil, d.Today)
	facts := emailview.Facts{
		{Label: "Document", Value: d.Name},
		{Label: "Kind", Value: d.Kind},
		{Label: "Site", Value: d.Site},
		{Label: "Equipment", Value: d.Equipment},
		{Label: "Valid until", Value: b.Format.Day(d.ValidUntil)},
	}
	where := firstOf(d.Equipment, d.Site)
	if where != "" {
		where = ", " + where
	}
	l := emailview.Email{
		Subject:   fmt.Sprintf("%s is valid %s: %s", d.Kind, until, short(d.Name)) + short(where),
		Preheader: "A new one may be needed.",
		Heading:   "A document is about to expire",
		Reason:    toldOf(m, documentThing),
		Blocks: []emailview.Block{
			greeting(d.Contact), emailview.Paragraph(fmt.Sprintf("“%s” is valid %s. After that it is listed as expired.", d.Name, until)), facts,
			emailview.Button{Label: "View your documents", URL: r.link(route.Documents)},
			questions(b),
		},
	}
	if d.ToOffice {
		l.Subject = fmt.Sprintf("%s of %s is valid %s: %s", d.Kind, d.Customer, until, short(d.Name)) + short(where)
		l.Reason = toldAs(m, documentThing, d.Customer, "Customer Portal → Documents about to expire")
		l.Blocks = []emailview.Block{
			append(emailview.Facts{{Label: "Customer", Value: d.Customer + " (" + d.CustomerNumber + ")"}}, facts...),
			emailview.Button{Label: "View the documents", URL: r.link(route.OfficeDocuments + "?customer=" + url.QueryEscape(d.CustomerNumber))},
		}
	}
	return l
}
