package officeweb

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/internal/mail"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Mail are the screens of emails and what becomes of them.
type Mail struct {
	Pool   *pgxpool.Pool
	Notify *notify.Notifier
	Worker notify.Worker // for test emails
}

// filter reads what an address asks of the log; nonsense does not filter.
func (h Mail) filter(v staff.Viewer, values url.Values) (f notify.Filter, kept map[string]string) {
	kept = map[string]string{}
	if s := notify.State(values.Get("state")); slices.Contains(notify.States(), s) {
		f.State, kept["state"] = s, string(s)
	}
	for _, l := range notify.Lines() {
		if string(l.Kind) == values.Get("kind") {
			f.Kind, kept["kind"] = l.Kind, string(l.Kind)
		}
	}
	if from, err := day.Parse(values.Get("from")); err == nil && !from.IsZero() {
		f.From, kept["from"] = from.Time(v.Format.Zone()), from.String()
	}
	if to, err := day.Parse(values.Get("to")); err == nil && !to.IsZero() {
		f.Until, kept["to"] = to.AddDays(1).Time(v.Format.Zone()), to.String()
	}
	return f, kept
}

// List is the log of all emails.
func (h Mail) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, kept := h.filter(v, r.URL.Query())
	return h.list(w, r, officeview.EmailsPage{
		Page:    officeview.Page(v, "Email", route.OfficeEmails),
		Listing: officeview.Listing{URL: route.OfficeEmails, Filters: kept}, Format: v.Format,
	}, f)
}

// OfContact is the log of the emails to one contact.
func (h Mail) OfContact(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := chi.URLParam(r, "number")
	c, err := Contacts{DB: h.Pool}.find(r)
	if err != nil {
		return err
	}
	f, kept := h.filter(v, r.URL.Query())
	f.Contact = c.ID
	return h.list(w, r, officeview.EmailsPage{
		Page:    officeview.Page(v, "Emails to "+c.Name, route.OfficeCustomers),
		Listing: officeview.Listing{URL: route.OfficeContactEmails(number, c.ID), Filters: kept}, Format: v.Format,
		Contact: c.Name, BackURL: route.OfficeCustomer(number, "contacts", chi.URLParam(r, "contact")), BackTo: c.Name,
	}, f)
}

func (h Mail) list(w http.ResponseWriter, r *http.Request, view officeview.EmailsPage, f notify.Filter) error {
	ctx := r.Context()
	view.Listing.Orders = notify.LogOrders
	view.Listing.Query = notify.LogOrders.Read(r.URL.Query())
	entries, err := notify.Log(ctx, h.Pool, view.Listing.Query, f)
	if err != nil {
		return err
	}
	if view.Count, err = list.Count(ctx, h.Pool, f.Source(view.Listing.Query.Search)); err != nil {
		return err
	}
	view.Emails, view.Pages = entries.Rows, view.Listing.Pages(entries.Prev, entries.Next)
	return page.Render(w, r, http.StatusOK, officeview.Emails(view))
}

// Export sends what the log shows as a file for a spreadsheet.
func (h Mail) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, _ := h.filter(v, r.URL.Query())
	moment := func(t *time.Time) string { return v.Format.Moment(t) }
	return export.List(w, r, "emails", v.Format.Today(), notify.LogOrders.Read(r.URL.Query()),
		func(q list.Query) (list.Page[notify.Entry], error) { return notify.Log(r.Context(), h.Pool, q, f) },
		[]export.Column[notify.Entry]{
			{Head: "At", Cell: func(e notify.Entry) string { return moment(&e.CreatedAt) }},
			{Head: "To", Cell: func(e notify.Entry) string { return e.ToAddress }},
			{Head: "Name", Cell: func(e notify.Entry) string { return e.ToName }},
			{Head: "Kind", Cell: func(e notify.Entry) string { return e.Kind.Label() }},
			{Head: "Subject", Cell: func(e notify.Entry) string { return e.Subject }},
			{Head: "Rule", Cell: func(e notify.Entry) string { return e.Rule }},
			{Head: "State", Cell: func(e notify.Entry) string { return officeview.EmailState(e.State) }},
			{Head: "Finished", Cell: func(e notify.Entry) string { return moment(e.FinishedAt) }},
			{Head: "Server’s words", Cell: func(e notify.Entry) string { return e.ServerWords }},
		})
}

// Show is one email.
func (h Mail) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	e, err := notify.Find(r.Context(), h.Pool, idIn(chi.URLParam(r, "id")))
	if err != nil {
		return err
	}
	e.MessageID = h.Worker.Mailer.MessageID(e.MessageID) // as the server's own log has it
	view := officeview.EmailPage{Page: officeview.Page(v, e.Title(), route.OfficeEmails), Email: e, Format: v.Format, Administers: v.Administers()}
	if r.URL.Query().Get("show") == "text" {
		view.Tab = "text"
	}
	return page.Render(w, r, http.StatusOK, officeview.Email(view))
}

// copyPolicy lets the copy of an email show its own styles and the business's
// logo. It runs nothing and has an origin of its own.
const copyPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'"

// Copy is what an email said, without its secrets, for the frame of its page.
func (h Mail) Copy(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	e, err := notify.Find(r.Context(), h.Pool, idIn(chi.URLParam(r, "id")))
	if err != nil {
		return err
	}
	head := w.Header()
	head.Set("Content-Security-Policy", copyPolicy)
	head.Set("X-Frame-Options", "SAMEORIGIN")
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Cache-Control", "no-store")
	html := strings.ReplaceAll(e.HTML, "cid:logo", route.BrandLogo(v.Version))
	_, _ = w.Write([]byte(strings.Replace(html, "<head>", `<head><base target="_blank">`, 1)))
	return nil
}

// Again sends an email once more, or tries a waiting one now.
func (h Mail) Again(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, id := r.Context(), idIn(chi.URLParam(r, "id"))
	e, err := notify.Find(ctx, h.Pool, id)
	if err != nil {
		return err
	}
	if e.Kind.LetsStaffIn() && !v.Administers() {
		return apperr.Forbidden{Words: "Only an Administrator can send this email again: it lets somebody into the office."}
	}
	var again int64
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
		again, err = h.Notify.SendAgain(ctx, tx, v.Actor(), id)
		return err
	})
	if err != nil {
		return err
	}
	words := "It is on its way again, as a new email. Links in earlier ones do not work any more."
	if again == id {
		words = "It is tried now. Reload the page to see what came of it."
	}
	session.Flash(ctx, words)
	return page.Redirect(w, r, route.OfficeEmail(again))
}

// AskTest is the page of the test email.
func (h Mail) AskTest(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.test(w, r, v, http.StatusOK, officeview.TestEmailPage{To: v.Email})
}

// Test sends a test email and tells what the server said.
func (h Mail) Test(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	view := officeview.TestEmailPage{To: form.Text(r, "to"), Problems: problem.Set{}}
	view.Problems.Unless(view.To != "", "to", "Enter an email address.")
	view.Problems.Email(view.To, "to")
	if len(view.Problems) > 0 {
		return h.test(w, r, v, http.StatusUnprocessableEntity, view)
	}
	// Whom the business wrote to is on record, a test too.
	err := postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) error {
		return audit.Record(r.Context(), tx, v.Actor(), audit.New{Action: audit.EmailSentTest, Label: view.To})
	})
	if err != nil {
		return err
	}
	err = h.Worker.SendTest(r.Context(), view.To)
	view.Done = true
	if err != nil {
		view.Went = h.Worker.Mailer.Explain(err)
		view.Words = mail.Words(err)
	}
	return h.test(w, r, v, http.StatusOK, view)
}

func (h Mail) test(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, view officeview.TestEmailPage) (err error) {
	view.Page, view.Format = officeview.Page(v, "Send a test email", route.OfficeEmails), v.Format
	view.Page.Narrow = true
	if view.Health, err = notify.ReadHealth(r.Context(), h.Pool); err != nil {
		return err
	}
	m := h.Worker.Mailer
	view.Server = []ui.Fact{{Label: "Server", Value: m.Where()}, {Label: "Connection", Value: m.How()}, {Label: "Emails come from", Value: m.From().Address}}
	return page.Render(w, r, status, officeview.TestEmail(view))
}
