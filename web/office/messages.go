package officeweb

import (
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// Messages are the conversations with customers.
type Messages struct {
	Pool   *pgxpool.Pool
	Office *office.Service
	Store  blob.Store
	Queue  *queue.Client
	Notify *notify.Notifier
}

// talk is the conversation on a job or quote.
type talk struct {
	on       message.On
	thing    string
	customer string
	tab      string // the address of its tab Messages
	notes    string // the address that takes staff notes
	closed   string // why nothing can be sent to the customer
}

// Talk is a kind of thing with a conversation.
type Talk struct {
	Pattern string // of its page in the office
	find    func(context.Context, *pgxpool.Pool, *http.Request) (talk, error)
	tab     func(Messages, *http.Request, staff.Viewer, officeview.Conversation) (templ.Component, error)
}

// Talks are the things with conversations.
var Talks = []Talk{
	{
		"/office/jobs/{number}",
		func(ctx context.Context, pool *pgxpool.Pool, r *http.Request) (talk, error) {
			j, err := job.FindByNumber(ctx, pool, chi.URLParam(r, "number"))
			return talk{
				on: message.On{Customer: j.CustomerID, Job: j.ID, Number: j.Number}, thing: "job", customer: j.CustomerName,
				tab: route.OfficeJob(j.Number, "messages"), notes: route.OfficeJob(j.Number, "notes"),
			}, err
		},
		func(h Messages, r *http.Request, v staff.Viewer, c officeview.Conversation) (templ.Component, error) {
			head, err := Jobs{DB: h.Pool, Office: h.Office}.head(r, v, "messages")
			return officeview.MessagesOfJob(head, c), err
		},
	},
	{
		"/office/quotes/{number}",
		func(ctx context.Context, pool *pgxpool.Pool, r *http.Request) (talk, error) {
			q, err := quote.Find(ctx, pool, chi.URLParam(r, "number"))
			t := talk{
				on: message.On{Customer: q.CustomerID, Quote: q.ID, Number: q.Number}, thing: "quote", customer: q.CustomerName,
				tab: route.OfficeQuote(q.Number, "messages"), notes: route.OfficeQuote(q.Number, "notes"),
			}
			if !q.FromPortal() && q.SentVersion == 0 {
				t.closed = "Customers do not see this quote before it is sent, so nothing can be written to them here yet. Staff notes can."
			}
			return t, err
		},
		func(h Messages, r *http.Request, v staff.Viewer, c officeview.Conversation) (templ.Component, error) {
			head, err := (Quotes{Pool: h.Pool}).opened(r, v)
			head.Tab = "messages"
			return officeview.MessagesOfQuote(head, c), err
		},
	},
}

// Show is the tab Messages. Opening it is reading what the customer wrote.
func (h Messages) Show(of Talk) screen {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
		t, err := of.find(r.Context(), h.Pool, r)
		if err != nil {
			return err
		}
		return h.show(w, r, v, of, t, http.StatusOK, officeview.Writing{}, officeview.Writing{})
	}
}

func (h Messages) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, of Talk, t talk, status int, send, note officeview.Writing) error {
	ctx := r.Context()
	c := officeview.Conversation{
		Thing: t.thing, Number: t.on.Number, Customer: t.customer, URL: t.tab, NotesURL: t.notes, Closed: t.closed, Format: v.Format, Send: send, Note: note,
	}
	for _, f := range []*officeview.Writing{&c.Send, &c.Note} {
		if f.Nonce == "" {
			f.Nonce = form.NewNonce()
		}
	}
	var err error
	if c.Messages, err = message.Conversation(ctx, h.Pool, t.on, v.Actor().Staff); err != nil {
		return err
	}
	ids, unread := make([]int64, 0, len(c.Messages)), false
	for _, m := range c.Messages {
		ids, unread = append(ids, m.ID), unread || m.Unread
	}
	if c.Files, err = attachment.OfMessages(ctx, h.Pool, ids); err != nil {
		return err
	}
	if unread {
		if err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error { return message.ReadByStaff(ctx, tx, t.on, v.Actor().Staff) }); err != nil {
			return err
		}
	}
	tab, err := of.tab(h, r, v, c)
	if err != nil {
		return err
	}
	return page.Render(w, r, status, tab)
}

// Send writes a message to the customer.
func (h Messages) Send(of Talk) screen {
	return h.write(of, "text", false, "The message was sent to the customer.")
}

// Note writes a note that only staff read.
func (h Messages) Note(of Talk) screen {
	return h.write(of, "note", true, "The staff note was saved. Customers do not see it.")
}

// write takes what was typed in field: the two forms name theirs differently,
// so that neither is taken for the other.
func (h Messages) write(of Talk, field string, note bool, done string) screen {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
		ctx := r.Context()
		t, err := of.find(ctx, h.Pool, r)
		if err != nil {
			return err
		}
		sent, err := upload.Receive(w, r)
		if err != nil {
			return err
		}
		defer sent.Close()
		if t.closed != "" && !note {
			return apperr.Conflict{Words: t.closed}
		}
		d := message.Draft{Text: form.Long(r, field), Nonce: form.Nonce(r), StaffOnly: note}
		if d.Nonce != "" {
			d.Nonce += " " + field
		}
		var ref message.Ref
		err = attachment.Storing(ctx, h.Store, sent.Files, func(files []attachment.Stored) error {
			return postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
				var fresh bool
				ref, fresh, err = message.Write(ctx, tx, v.Actor(), t.on, d)
				if err != nil {
					return err
				}
				if !fresh {
					return errWrittenBefore
				}
				if err := attachment.Add(ctx, tx, v.Actor(), h.Queue, attachment.On{Customer: t.on.Customer, Message: ref.ID, Shown: !note}, files); err != nil {
					return err
				}
				return h.Notify.MessageWritten(ctx, tx, ref.ID)
			})
		})
		if problems, ok := errors.AsType[problem.Set](err); ok {
			f := officeview.Writing{Text: d.Text, Nonce: form.Nonce(r), Problems: problem.Set{field: problems["text"]}}
			files := map[bool]string{false: "message-files", true: "note-files"}[note]
			switch {
			case len(sent.Files) > 0:
				f.Problems[files] = "Please choose your files again, they were not kept. " + sent.Sentence()
			case len(sent.Refused) > 0:
				f.Problems[files] = sent.Sentence()
			}
			if note {
				return h.show(w, r, v, of, t, http.StatusUnprocessableEntity, officeview.Writing{}, f)
			}
			return h.show(w, r, v, of, t, http.StatusUnprocessableEntity, f, officeview.Writing{})
		}
		if err != nil && !errors.Is(err, errWrittenBefore) {
			return err
		}
		if len(sent.Refused) > 0 {
			session.Warn(ctx, done+" Not every file went with it: "+sent.Sentence())
		} else {
			session.Flash(ctx, done)
		}
		return page.Redirect(w, r, t.tab+"#"+officeview.MessageID(ref.PublicID))
	}
}

// errWrittenBefore ends what a form has done already; files that came with it
// are forgotten.
var errWrittenBefore = errors.New("written before")

func inboxQuery(r *http.Request) (list.Query, message.Filter, map[string]string) {
	values := r.URL.Query()
	show := values.Get("show")
	f := message.Filter{Unanswered: show == officeview.ShowUnanswered, Unread: show == officeview.ShowUnread}
	if !f.Unanswered && !f.Unread {
		show = ""
	}
	return message.Orders.Read(values), f, map[string]string{"show": show}
}

// Inbox lists the conversations with all customers.
func (h Messages) Inbox(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	q, f, filters := inboxQuery(r)
	view := officeview.Inbox{Page: officeview.Page(v, "Messages", ""), Format: v.Format, Counts: map[string]int{}, Listing: officeview.Listing{URL: route.OfficeMessages, Orders: message.Orders, Query: q, Filters: filters}}
	var err error
	if view.Threads, err = message.Inbox(ctx, h.Pool, q, f); err != nil {
		return err
	}
	for show, f := range map[string]message.Filter{"": {}, officeview.ShowUnanswered: {Unanswered: true}, officeview.ShowUnread: {Unread: true}} {
		if view.Counts[show], err = message.InboxCount(ctx, h.Pool, q, f); err != nil {
			return err
		}
	}
	return page.Render(w, r, http.StatusOK, officeview.MessagesInbox(view))
}

// Export sends the conversations that the list is narrowed to as a file.
func (h Messages) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, f, _ := inboxQuery(r)
	return export.List(w, r, "messages", v.Format.Today(), q,
		func(q list.Query) (list.Page[message.Thread], error) { return message.Inbox(r.Context(), h.Pool, q, f) },
		[]export.Column[message.Thread]{
			{Head: "Number", Cell: func(t message.Thread) string { return t.Number }},
			{Head: "Name", Cell: func(t message.Thread) string { return t.Title() }},
			{Head: "Customer number", Cell: func(t message.Thread) string { return t.CustomerNumber }},
			{Head: "Customer", Cell: func(t message.Thread) string { return t.CustomerName }},
			{Head: "Last message", Cell: func(t message.Thread) string { return t.Text }},
			{Head: "Author", Cell: func(t message.Thread) string { return t.Author }},
			{Head: "Written", Cell: func(t message.Thread) string { return v.Format.Local(t.At).Format("2006-01-02 15:04") }},
		})
}
