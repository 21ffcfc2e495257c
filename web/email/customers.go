package email

import (
	"fmt"
	"strings"

	"fieldgate/internal/day"
	"fieldgate/internal/notify"
	"fieldgate/internal/quote"
	emailview "fieldgate/templates/email"
	"fieldgate/templates/route"
)

// toldOf is why a contact gets a mail about a record.
func toldOf(m notify.Mail, thing string) string {
	if m.Rule == notify.EverythingSeen {
		return "You get this email because you chose to be told about everything you can see in the portal."
	}
	if thing == documentThing {
		return "You get this email because you can see this document in the portal."
	}
	return "You get this email because we write to you about this " + thing + "."
}

// documentThing is what mails call a certificate or another document.
const documentThing = "document"

// questions is the last word of mails that may raise some.
func questions(b notify.Business) emailview.Note {
	if b.Phone != "" {
		return emailview.Note("Questions? Reply to this email or call " + b.Phone + ".")
	}
	return emailview.Note("Questions? Reply to this email.")
}

// answered puts in place of the last word, or behind it, that a reply is kept
// with the job or quote.
func answered(blocks []emailview.Block, b notify.Business) []emailview.Block {
	words := "Just reply to this email to answer or ask: what you write, and photos you attach, are kept with it in the portal."
	if last := len(blocks) - 1; last >= 0 && blocks[last] == emailview.Block(questions(b)) {
		blocks = blocks[:last]
		if b.Phone != "" {
			words += " Or call " + b.Phone + "."
		}
	}
	return append(blocks, emailview.Note(words))
}

// completed tells that the work is done.
func (r Renderer) completed(m notify.Mail, j notify.JobReport) emailview.Email {
	b, title := m.Business, short(firstOf(j.Name, j.Description))
	l := emailview.Email{
		Subject:   fmt.Sprintf("Job %s is completed: %s", j.Number, title),
		Preheader: short(firstOf(j.Work, "The work is done.")),
		Heading:   "Your job is completed",
		Reason:    toldOf(m, "job"),
		Blocks:    []emailview.Block{greeting(j.Contact), emailview.Paragraph(fmt.Sprintf("%s has completed job %s.", b.TradingName, j.Number))},
	}
	if strings.TrimSpace(j.Work) != "" {
		l.Blocks = append(l.Blocks, emailview.Extract{Label: "Work Undertaken", Text: j.Work})
	}
	l.Blocks = append(l.Blocks, shownPictures(j, r.link(route.Job(j.Number)))...)
	facts := emailview.Facts{{Label: "Job", Value: j.Number}, {Label: "For", Value: title}, {Label: "Site", Value: j.Site}, {Label: "Completed", Value: b.Format.Moment(j.CompletedAt)}}
	if j.Hours.IsPositive() {
		facts = append(facts, emailview.Fact{Label: "Time Logged", Value: b.Format.Hours(j.Hours)})
	}
	label := "View the job"
	if j.HasPhotos {
		label = "View the job and its photos"
	}
	l.Blocks = append(l.Blocks, facts, emailview.Button{Label: label, URL: r.link(route.Job(j.Number))}, questions(b))
	return l
}

// freshLink brings the link that somebody has asked for.
func (r Renderer) freshLink(m notify.Mail, f notify.FreshLink) emailview.Email {
	b, thing, there := m.Business, "job", route.Job(f.Number)
	if f.Quote {
		thing, there = "quote", route.Quote(f.Number)
	}
	title := short(firstOf(f.Name, f.Description))
	return emailview.Email{
		Subject:   fmt.Sprintf("Your new link to %s %s: %s", thing, f.Number, title),
		Preheader: "It opens the " + thing + " without signing in.",
		Heading:   "Your new link",
		Reason:    "You get this email because somebody asked for it with an earlier link to this " + thing + ".",
		Blocks: []emailview.Block{
			greeting(f.Contact),
			emailview.Paragraph(fmt.Sprintf("Here is the new link to %s %s from %s. It works for 14 days.", thing, f.Number, b.TradingName)),
			emailview.Facts{{Label: strings.ToUpper(thing[:1]) + thing[1:], Value: f.Number}, {Label: "For", Value: title}},
			emailview.Button{Label: "View the " + thing, URL: r.link(there)},
			questions(b),
		},
	}
}

// shared tells of files to look at.
func (r Renderer) shared(m notify.Mail, f notify.SharedFiles) emailview.Email {
	b := m.Business
	what := counted(f.Files)
	thing, number, button := "customer", "", emailview.Button{Label: "View the files", URL: r.link(route.Details)}
	switch {
	case f.Job != "":
		thing, number, button = "job", f.Job, emailview.Button{Label: "View the job", URL: r.link(route.Job(f.Job))}
	case f.Quote != "":
		thing, number, button = "quote", f.Quote, emailview.Button{Label: "View the quote", URL: r.link(route.Quote(f.Quote))}
	case f.Equipment != "":
		thing, button = "equipment", emailview.Button{Label: "View the equipment", URL: r.link(route.EquipmentItem(f.Equipment))}
	}
	fresh, title := fmt.Sprintf("%d new %s", len(f.Files), what), ""
	if len(f.Files) == 1 {
		fresh = "A new " + what
	}
	of := ""
	if thing != "customer" {
		of, title = " of "+strings.TrimSpace(thing+" "+number), short(f.Title)
	}
	l := emailview.Email{
		Subject:   strings.TrimSuffix(fresh+of+" from "+b.TradingName+": "+title, ": "),
		Preheader: short(names(f.Files)),
		Heading:   fresh + " for you",
		Reason:    toldOf(m, thing),
		Blocks: []emailview.Block{
			greeting(f.Contact),
			emailview.Paragraph(fmt.Sprintf("%s has shared %s%s with you.", b.TradingName, strings.ToLower(fresh), of)),
		},
	}
	l.Blocks = append(l.Blocks, shownPictures(f, button.URL)...)
	var facts emailview.Facts
	for i, file := range f.Files {
		const most = 10
		if i == most {
			l.Blocks = append(l.Blocks, facts, emailview.Note(fmt.Sprintf("And %d more.", len(f.Files)-most)))
			facts = nil
			break
		}
		kind := "Document"
		switch {
		case file.Photo:
			kind = "Photo"
		case file.Video:
			kind = "Video"
		}
		facts = append(facts, emailview.Fact{Label: kind, Value: firstOf(file.Caption, file.Name)})
	}
	if facts != nil {
		l.Blocks = append(l.Blocks, facts)
	}
	l.Blocks = append(l.Blocks, button)
	return l
}

// counted is what files are called together: photos, a document, files.
func counted(files []notify.SharedFile) string {
	photos, videos := 0, 0
	for _, f := range files {
		if f.Photo {
			photos++
		}
		if f.Video {
			videos++
		}
	}
	word := "file"
	switch {
	case photos == len(files):
		word = "photo"
	case videos == len(files):
		word = "video"
	case photos+videos == 0:
		word = "document"
	}
	if len(files) != 1 {
		word += "s"
	}
	return word
}

func names(files []notify.SharedFile) string {
	var all []string
	for _, f := range files {
		all = append(all, firstOf(f.Caption, f.Name))
	}
	return strings.Join(all, ", ")
}

// pricedQuote tells that a quote has its price, or that its last day is near.
func (r Renderer) pricedQuote(m notify.Mail, q notify.PricedQuote) emailview.Email {
	b, title := m.Business, short(firstOf(q.Name, q.Description))
	l := emailview.Email{
		Subject:   "Your quote " + q.Number + " from " + b.TradingName + ": " + title,
		Preheader: "The price and all details are ready for you to read.",
		Heading:   "Your quote is ready",
		Reason:    toldOf(m, "quote"),
		Blocks:    []emailview.Block{greeting(q.Contact), emailview.Paragraph(fmt.Sprintf("%s has sent you quote %s.", b.TradingName, q.Number))},
	}
	if q.Expiring {
		last := lastDay(m, q.ValidUntil, q.Today)
		l.Subject = "Quote " + q.Number + " is valid " + last + ": " + title
		l.Preheader = "After that the price may change."
		l.Heading = "Your quote is about to expire"
		l.Blocks[1] = emailview.Paragraph(fmt.Sprintf("Quote %s from %s is valid %s. You have not answered it yet.", q.Number, b.TradingName, last))
	}
	l.Blocks = append(l.Blocks, quoteFacts(b, q), emailview.Button{Label: "View the quote", URL: r.link(route.Quote(q.Number))}, questions(b))
	return l
}

// lastDay is until when something holds, in words.
func lastDay(m notify.Mail, until, today day.Day) string {
	switch until {
	case today:
		return "until today"
	case today.AddDays(1):
		return "until tomorrow"
	}
	return "until " + m.Business.Format.WeekDay(until)
}

func quoteFacts(b notify.Business, q notify.PricedQuote) emailview.Facts {
	// With or without tax is part of the price.
	total := b.Format.Money(q.Total, q.Currency)
	if q.Tax != 0 {
		total += " including tax of " + b.Format.Money(q.Tax, q.Currency)
	}
	return emailview.Facts{
		{Label: "Quote", Value: q.Number},
		{Label: "For", Value: short(firstOf(q.Name, q.Description))},
		{Label: "Site", Value: q.Site},
		{Label: "Total", Value: total},
		{Label: quote.Field.ValidUntil.Label, Value: b.Format.Day(q.ValidUntil)},
	}
}

// answeredQuote is the receipt for an answer.
func (r Renderer) answeredQuote(m notify.Mail, q notify.AnsweredQuote) emailview.Email {
	b, title := m.Business, short(firstOf(q.Name, q.Description))
	l := emailview.Email{
		Subject:   fmt.Sprintf("Quote %s was %s by %s: %s", q.Number, q.Decision, q.By, title),
		Preheader: q.By + " has " + q.Decision + " it.",
		Heading:   "The quote was " + q.Decision,
		Reason:    toldOf(m, "quote"),
		Blocks:    []emailview.Block{greeting(q.Contact), emailview.Paragraph(fmt.Sprintf("%s has %s quote %s from %s.", q.By, q.Decision, q.Number, b.TradingName))},
	}
	// A receipt, so that whoever did not say so notices.
	if words := q.Words(b.Format, quote.Status(q.Decision), q.By, q.At); words != "" {
		l.Preheader = words
		l.Blocks[1] = emailview.Paragraph(fmt.Sprintf("%s has recorded an answer to quote %s. %s. If that is not right, tell us.", b.TradingName, q.Number, words))
	}
	if q.Reason != "" {
		l.Blocks = append(l.Blocks, emailview.Extract{Label: "Reason", Text: q.Reason})
	}
	facts := quoteFacts(b, q.PricedQuote)
	l.Blocks = append(l.Blocks, facts[:len(facts)-1])
	if q.Decision == "accepted" {
		l.Blocks = append(l.Blocks, emailview.Paragraph(b.TradingName+" has been told, and will be in touch about the next step."))
	} else {
		l.Blocks = append(l.Blocks, emailview.Paragraph(b.TradingName+" has been told."))
	}
	l.Blocks = append(l.Blocks, emailview.Button{Label: "View the quote", URL: r.link(route.Quote(q.Number))}, questions(b))
	return l
}

// message tells of a message on a job or quote.
func (r Renderer) message(m notify.Mail, n notify.MessageNotice) emailview.Email {
	thing, number, there, office := "job", n.Job, route.Job(n.Job)+"#messages", route.OfficeJob(n.Job, "messages")
	if n.Quote != "" {
		thing, number, there, office = "quote", n.Quote, route.Quote(n.Quote)+"#messages", route.OfficeQuote(n.Quote, "messages")
	}
	l := emailview.Email{
		Subject:   fmt.Sprintf("Message from %s on %s %s: %s", n.Author, thing, number, short(n.Title)),
		Preheader: short(n.Text),
		Heading:   "Message from " + n.Author,
		Reason:    toldOf(m, thing),
		Blocks:    []emailview.Block{emailview.Extract{Label: fmt.Sprintf("On %s %s, %s", thing, number, short(n.Title)), Text: n.Text}},
	}
	if n.Files > 0 {
		l.Blocks = append(l.Blocks, emailview.Note(map[bool]string{true: "With a file.", false: fmt.Sprintf("With %d files.", n.Files)}[n.Files == 1]))
	}
	page := r.link(there)
	if n.ToOffice {
		page = r.link(office)
	}
	l.Blocks = append(l.Blocks, shownPictures(n, page)...)
	if n.ToOffice {
		l.Subject = fmt.Sprintf("Message from %s, %s, on %s %s", n.Author, n.Customer, thing, number)
		l.Reason = toldAs(m, thing, n.Customer, "Customer Portal → Messages")
		l.Blocks = append(l.Blocks, emailview.Facts{{Label: "Customer", Value: n.Customer + " (" + n.CustomerNumber + ")"}}, emailview.Button{Label: "Answer in the office", URL: r.link(office)})
		return l
	}
	l.Blocks = append([]emailview.Block{greeting(n.Contact)}, l.Blocks...)
	l.Blocks = append(l.Blocks, emailview.Button{Label: "Answer in the portal", URL: r.link(there)})
	return l
}
