package officeweb

import (
	"errors"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/pdf"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/upload"
)

// Messages are the conversations with customers.
type Messages struct {
	DB       postgres.DB
	Office   *office.Service
	Renderer *pdf.Renderer
}

// conversation is what is written on a job or quote.
type conversation struct {
	on       message.On
	thing    string
	customer string
	tab      string // the address of its tab Messages
	notes    string // the address that takes staff notes
	closed   string // why nothing can be sent to the customer
	told     officeview.Told
}

// Conversation is a kind of thing with messages.
type Conversation struct {
	Pattern string // of its page in the office
	// find is the one that the address names.
	find func(Messages, *http.Request) (conversation, error)
	// tab is its tab Messages. What messages asks for is read together with the
	// head of the page, and then shown is what stands below it.
	tab func(h Messages, r *http.Request, v staff.Viewer, messages func(*postgres.Batch, conversation), shown func(conversation) officeview.Conversation) (templ.Component, error)
}

func jobConversation(j job.Job) conversation {
	return conversation{
		on: message.On{Customer: j.CustomerID, Job: j.ID, Number: j.Number}, thing: "job", customer: j.CustomerName,
		tab: route.OfficeJob(j.Number, "messages"), notes: route.OfficeJob(j.Number, "notes"),
		told: toldOfJob(j, route.OfficeJob(j.Number, "messages")),
	}
}

func quoteConversation(q quote.Quote) conversation {
	return conversation{
		on: message.On{Customer: q.CustomerID, Quote: q.ID, Number: q.Number}, thing: "quote", customer: q.CustomerName, closed: q.WhyNoMessages(),
		tab: route.OfficeQuote(q.Number, "messages"), notes: route.OfficeQuote(q.Number, "notes"),
		told: toldOfQuote(q, route.OfficeQuote(q.Number, "messages")),
	}
}

// Conversations are the things with messages.
var Conversations = []Conversation{
	{
		"/office/jobs/{number}",
		func(h Messages, r *http.Request) (conversation, error) {
			j, err := job.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
			return jobConversation(j), err
		},
		func(h Messages, r *http.Request, v staff.Viewer, messages func(*postgres.Batch, conversation), shown func(conversation) officeview.Conversation) (templ.Component, error) {
			head, err := Jobs(h).head(r, v, "messages", func(b *postgres.Batch, j job.Job) { messages(b, jobConversation(j)) })
			if err != nil {
				return nil, err
			}
			return officeview.MessagesOfJob(head, shown(jobConversation(head.Job))), nil
		},
	},
	{
		"/office/quotes/{number}",
		func(h Messages, r *http.Request) (conversation, error) {
			q, err := quote.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
			return quoteConversation(q), err
		},
		func(h Messages, r *http.Request, v staff.Viewer, messages func(*postgres.Batch, conversation), shown func(conversation) officeview.Conversation) (templ.Component, error) {
			q, err := quote.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
			if err != nil {
				return nil, err
			}
			head, err := Quotes{DB: h.DB, Office: h.Office}.head(r, v, q, "messages", func(b *postgres.Batch) { messages(b, quoteConversation(q)) })
			if err != nil {
				return nil, err
			}
			return officeview.MessagesOfQuote(head, shown(quoteConversation(q))), nil
		},
	},
}

// Show is the tab Messages. Opening it is reading what the customer wrote.
func (h Messages) Show(of Conversation) screen {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
		return h.show(w, r, v, of, http.StatusOK, officeview.Writing{}, officeview.Writing{})
	}
}

func (h Messages) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, of Conversation, status int, send, note officeview.Writing) error {
	c := officeview.Conversation{Format: v.Format, Send: send, Note: note, Raw: v.Administers()}
	for _, f := range []*officeview.Writing{&c.Send, &c.Note} {
		if f.Nonce == "" {
			f.Nonce = form.NewNonce()
		}
	}
	var on message.On
	messages := func(b *postgres.Batch, t conversation) {
		on, c.Told = t.on, t.told
		notify.QueryWouldTell(b, &c.Told.Tellings, notify.KindMessage, notify.About{Job: t.on.Job, Quote: t.on.Quote})
		message.QueryConversation(b, &c.Messages, t.on, v.Actor().Staff)
		attachment.QueryOfMessages(b, &c.Files, attachment.On{Customer: t.on.Customer, Job: t.on.Job, Quote: t.on.Quote})
	}
	tab, err := of.tab(h, r, v, messages, func(t conversation) officeview.Conversation {
		c.Thing, c.Number, c.Customer, c.URL, c.NotesURL, c.Closed = t.thing, t.on.Number, t.customer, t.tab, t.notes, t.closed
		return c
	})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(c.Messages, func(m message.Message) bool { return m.Unread }) {
		if err := h.Office.ReadMessages(r.Context(), v, on); err != nil {
			return err
		}
	}
	return page.Render(w, r, status, tab)
}

// AskSend answers whether a message can be sent to the customer.
func (h Messages) AskSend(of Conversation) func(*http.Request, staff.Viewer) error {
	return func(r *http.Request, _ staff.Viewer) error {
		t, err := of.find(h, r)
		if err == nil && t.closed != "" {
			err = apperr.Conflict{Words: t.closed}
		}
		return err
	}
}

// AskNote answers whether there is something to write a note on.
func (h Messages) AskNote(of Conversation) func(*http.Request, staff.Viewer) error {
	return func(r *http.Request, _ staff.Viewer) error {
		_, err := of.find(h, r)
		return err
	}
}

// Send writes a message to the customer.
func (h Messages) Send(of Conversation) screenWithFiles {
	return h.write(of, "text", false)
}

// Note writes a note that only staff read.
func (h Messages) Note(of Conversation) screenWithFiles {
	return h.write(of, "note", true)
}

// write takes what was typed in field: the two forms name theirs differently,
// so that neither is taken for the other.
func (h Messages) write(of Conversation, field string, note bool) screenWithFiles {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer, sent *upload.Form) error {
		ctx := r.Context()
		t, err := of.find(h, r)
		if err != nil {
			return err
		}
		n := message.New{On: t.on, Text: form.Long(r, field), Nonce: form.Nonce(r), StaffOnly: note}
		if n.Nonce != "" {
			n.Nonce += " " + field
		}
		ref, told, err := h.Office.WriteMessage(ctx, v, n, sent.Files)
		if problems, ok := errors.AsType[problem.Set](err); ok {
			f := officeview.Writing{Text: n.Text, Nonce: form.Nonce(r), Problems: problem.Set{field: problems[message.Field.Text.Name]}}
			files := map[bool]string{false: "message-files", true: "note-files"}[note]
			switch {
			case len(sent.Files) > 0:
				f.Problems[files] = "Choose your files again: they were not kept. " + sent.Sentence()
			case len(sent.Refused) > 0:
				f.Problems[files] = sent.Sentence()
			}
			if note {
				return h.show(w, r, v, of, http.StatusUnprocessableEntity, officeview.Writing{}, f)
			}
			return h.show(w, r, v, of, http.StatusUnprocessableEntity, f, officeview.Writing{})
		}
		if err != nil {
			return err
		}
		done, warn := "The staff note was saved. Customers do not see it.", false
		if !note {
			done, warn = officeview.ToldWords("The message was sent to the customer.", "The message is on this page", t.thing, told)
		}
		if len(sent.Refused) > 0 {
			done, warn = done+" Not every file went with it: "+sent.Sentence(), true
		}
		say(ctx, done, warn)
		return page.Redirect(w, r, t.tab+"#"+officeview.MessageID(ref.PublicID))
	}
}

func inboxQuery(r *http.Request) (list.Query, message.Show) {
	values := r.URL.Query()
	show := message.Show(values.Get("show"))
	if !slices.Contains(message.Shows, show) {
		show = message.ShowAll
	}
	return message.Orders.Read(values), show
}

// Inbox lists the conversations with all customers.
func (h Messages) Inbox(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, show := inboxQuery(r)
	var err error
	if q.Found, err = list.Look(r.Context(), h.DB, q.Search, message.Words); err != nil {
		return err
	}
	view := officeview.Inbox{
		Page: officeview.Page(v, "Messages", route.OfficeMessages), Format: v.Format,
		Listing: officeview.Listing{URL: route.OfficeMessages, Orders: message.Orders, Query: q, Filters: map[string]string{"show": string(show)}},
		Waiting: v.Waiting["unconfirmed"],
	}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { view.Counts = message.QueryInbox(b, &view.Threads, q, show) })
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.MessagesInbox(view))
}

// Export sends the conversations that the list is narrowed to as a file.
func (h Messages) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, show := inboxQuery(r)
	return export.List(w, r, "messages", v.Format.Today(), q,
		func(q list.Query) (list.Page[message.Thread], error) {
			return message.Inbox(r.Context(), h.DB, q, show)
		},
		[]export.Column[message.Thread]{
			{Head: "Number", Cell: func(t message.Thread) string { return t.Number }},
			{Head: "Name", Cell: func(t message.Thread) string { return t.Title() }},
			{Head: "Customer number", Cell: func(t message.Thread) string { return t.CustomerNumber }},
			{Head: "Customer", Cell: func(t message.Thread) string { return t.CustomerName }},
			{Head: "Last message", Cell: func(t message.Thread) string { return t.Text }},
			{Head: "Author", Cell: func(t message.Thread) string { return t.Author }},
			{Head: "Written", Cell: func(t message.Thread) string { return export.Moment(v.Format, &t.At) }},
		})
}
