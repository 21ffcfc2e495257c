package officeweb

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/blob"
	"fieldgate/internal/imaging"
	"fieldgate/internal/inbound"
	"fieldgate/internal/mail"
	"fieldgate/internal/message"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Unconfirmed are the screens of emails that came, and wait to be sorted.
type Unconfirmed struct {
	DB     postgres.DB
	Office *office.Service
	Store  blob.Store
}

// List shows what waits, or all that came.
func (h Unconfirmed) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	values := r.URL.Query()
	asked := values.Get("show")
	show := inbound.State(asked)
	switch {
	case asked == "all":
		show = ""
	case asked == "" || !slices.Contains(inbound.Shows, show):
		show, asked = inbound.Waiting, ""
	}
	q := inbound.Orders.Read(values)
	view := officeview.InboundList{
		Page: officeview.Page(v, "Unconfirmed emails", route.OfficeMessages), Format: v.Format,
		Listing: officeview.Listing{URL: route.OfficeUnconfirmed, Orders: inbound.Orders, Query: q, Filters: map[string]string{"show": asked}},
	}
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { view.Counts = inbound.QueryList(b, &view.Emails, q, show) })
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Unconfirmed(view))
}

// Show is one email.
func (h Unconfirmed) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.show(w, r, v, r.URL.Query().Get("number"), office.Keeping{}, nil)
}

func (h Unconfirmed) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, number string, k office.Keeping, problems problem.Set) error {
	ctx := r.Context()
	d, err := inbound.Find(ctx, h.DB, idIn(chi.URLParam(r, "id")))
	if err != nil {
		return err
	}
	asked := number != ""
	if !asked {
		number = d.Record
	}
	view := officeview.InboundPage{
		Page: officeview.Page(v, d.Title(), route.OfficeMessages), Email: d, Format: v.Format, Number: number, Note: k.Note, Problems: problems, URL: recordURL(d.Record, d.IsJob),
	}
	if number != "" {
		on, title, err := office.FindRecord(ctx, h.DB, number)
		if missing, ok := errors.AsType[problem.Set](err); ok {
			if view.Problems = problems; asked && problems == nil {
				view.Problems = missing
			}
		} else if err != nil {
			return err
		} else if err := h.found(r, &view, on, title, k.Contact); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if len(view.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return page.Render(w, r, status, officeview.Inbound(view))
}

// found shows the record that the email may be kept on, and whose it may be.
func (h Unconfirmed) found(r *http.Request, view *officeview.InboundPage, on message.On, title string, chosen int64) error {
	view.Found, view.Title, view.URL = on.Number, title, recordURL(on.Number, on.Job != 0)
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		inbound.QueryAuthors(b, &view.Authors, on.Customer)
		inbound.QueryCustomer(b, &view.Customer, on.Customer)
	})
	for _, a := range view.Authors {
		if a.ID == chosen || (chosen == 0 && (a.ID == view.Email.ContactID || mail.Same(a.Email, view.Email.FromAddress))) {
			view.Contact = strconv.FormatInt(a.ID, 10)
		}
	}
	return err
}

func recordURL(number string, isJob bool) string {
	switch {
	case number == "":
		return ""
	case isJob:
		return route.OfficeJob(number, "messages")
	}
	return route.OfficeQuote(number, "messages")
}

// Keep makes a message or a note of it.
func (h Unconfirmed) Keep(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k := office.Keeping{Number: form.Text(r, "number"), Note: form.Text(r, "as") == "note", Contact: form.ID(r, "contact")}
	on, ref, err := h.Office.KeepEmail(r.Context(), v, idIn(chi.URLParam(r, "id")), k)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.show(w, r, v, k.Number, k, problems)
	}
	if err != nil {
		return err
	}
	words := "The email is a message on " + on.Number + " now."
	if k.Note {
		words = "The email is a staff note on " + on.Number + " now. Customers do not see it."
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, recordURL(on.Number, on.Job != 0)+"#"+officeview.MessageID(ref.PublicID))
}

// sorted does what a form without fields asks, and goes back to what waits.
func (h Unconfirmed) sorted(do func(*http.Request, staff.Viewer, int64) error, words string) screen {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
		if err := do(r, v, idIn(chi.URLParam(r, "id"))); err != nil {
			return err
		}
		session.Flash(r.Context(), words)
		return page.Redirect(w, r, route.OfficeUnconfirmed)
	}
}

// Ignore takes it off the list.
func (h Unconfirmed) Ignore() screen {
	return h.sorted(func(r *http.Request, v staff.Viewer, id int64) error { return h.Office.IgnoreEmail(r.Context(), v, id) }, "The email is ignored.")
}

// Reopen brings it back.
func (h Unconfirmed) Reopen() screen {
	return h.sorted(func(r *http.Request, v staff.Viewer, id int64) error { return h.Office.ReopenEmail(r.Context(), v, id) }, "The email is back on the list.")
}

// Block ignores its sender from now on.
func (h Unconfirmed) Block() screen {
	return h.sorted(func(r *http.Request, v staff.Viewer, id int64) error { return h.Office.BlockSender(r.Context(), v, id) }, "The sender is blocked, and what they sent is ignored.")
}

// Unblock takes emails of its sender again.
func (h Unconfirmed) Unblock() screen {
	return h.sorted(func(r *http.Request, v staff.Viewer, id int64) error {
		return h.Office.UnblockSender(r.Context(), v, id)
	}, "Emails of this sender are taken again.")
}

// Raw sends the email as it came, with links that still open what they are for.
func (h Unconfirmed) Raw(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	d, err := inbound.Find(r.Context(), h.DB, idIn(chi.URLParam(r, "id")))
	if err != nil {
		return err
	}
	if d.RawKey == "" {
		return apperr.NotFound
	}
	return download.Send(w, r, h.Store, download.File{Key: d.RawKey, Name: strings.TrimSpace("email "+strconv.FormatInt(d.ID, 10)) + ".eml", Type: imaging.EML.MIME})
}
