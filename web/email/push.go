package email

import (
	"fmt"
	"strings"

	"fieldgate/internal/notify"
	"fieldgate/templates/route"
)

// Pushed are the words of a notification. It stands on a locked phone, for
// whoever is near: what an email's subject says, without names, prices and
// addresses. A phone that was off shows it later, so that it names days.
func (r Renderer) Pushed(m notify.Mail) (notify.Pushed, error) {
	body, path := pushed(m)
	if body == "" {
		return notify.Pushed{}, fmt.Errorf("no notification is written for %T", m.Content)
	}
	return notify.Pushed{Body: body, Path: strings.TrimPrefix(r.named(r.link(path), m.Contact), r.base)}, nil
}

func pushed(m notify.Mail) (body, path string) {
	switch c := m.Content.(type) {
	case notify.JobVisit:
		return pushedVisit(m, c), route.Job(c.Number)
	case notify.VisitCalledOff:
		if c.Cancelled {
			return "Job " + c.Number + " was cancelled", route.Job(c.Number)
		}
		return "Job " + c.Number + ": the visit is called off", route.Job(c.Number)
	case notify.JobReport:
		return "Job " + c.Number + " is completed", route.Job(c.Number)
	case notify.Receipt:
		if c.Quote {
			return "We have your request, quote " + c.Number, route.Quote(c.Number)
		}
		return "We have your request, job " + c.Number, route.Job(c.Number)
	case notify.PricedQuote:
		if c.Expiring {
			return "Quote " + c.Number + " is valid until " + m.Business.Format.NearDay(c.ValidUntil), route.Quote(c.Number)
		}
		return "Your quote " + c.Number + " is ready", route.Quote(c.Number)
	case notify.AnsweredQuote:
		return "Quote " + c.Number + " was " + c.Decision, route.Quote(c.Number)
	case notify.MessageNotice:
		if c.Quote != "" {
			return "New message on quote " + c.Quote, route.Quote(c.Quote) + "#messages"
		}
		return "New message on job " + c.Job, route.Job(c.Job) + "#messages"
	case notify.SharedFiles:
		return pushedFiles(c)
	case notify.DocumentNotice:
		return "A document is valid until " + m.Business.Format.WeekDay(c.ValidUntil), route.Documents
	}
	return "", ""
}

func pushedVisit(m notify.Mail, j notify.JobVisit) string {
	when := m.Business.Format.Date(j.From)
	switch {
	case j.Tomorrow:
		return "Visit on " + m.Business.Format.NearDay(m.Business.Format.DayOf(*j.From)) + ", job " + j.Number
	case j.Moved:
		return "Job " + j.Number + " is moved to " + when
	}
	return "Job " + j.Number + " is booked for " + when
}

func pushedFiles(f notify.SharedFiles) (body, path string) {
	fresh := fmt.Sprintf("%d new %s", len(f.Files), counted(f.Files))
	if len(f.Files) == 1 {
		fresh = "A new " + counted(f.Files)
	}
	switch {
	case f.Job != "":
		return fresh + " of job " + f.Job, route.Job(f.Job)
	case f.Quote != "":
		return fresh + " of quote " + f.Quote, route.Quote(f.Quote)
	case f.Equipment != "":
		return fresh + " of your equipment", route.EquipmentItem(f.Equipment)
	}
	return fresh + " for you", route.Details
}
