package officeweb

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/internal/mail"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
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
	DB     postgres.DB
	Office *office.Service
	Mailer *mail.Mailer // whose server and sender pages name
}

// filter reads what an address asks of the log; nonsense does not filter.
func (h Mail) filter(v staff.Viewer, values url.Values) (f notify.Filter, filters map[string]string) {
	filters = map[string]string{}
	if s := notify.State(values.Get("state")); s == notify.Undelivered || slices.Contains(notify.States(), s) {
		f.State, filters["state"] = s, string(s)
	}
	for _, l := range notify.Lines() {
		if string(l.Kind) == values.Get("kind") {
			f.Kind, filters["kind"] = l.Kind, string(l.Kind)
		}
	}
	if from, err := day.Parse(values.Get("from")); err == nil && !from.IsZero() {
		f.From, filters["from"] = from.Time(v.Format.Zone()), from.String()
	}
	if to, err := day.Parse(values.Get("to")); err == nil && !to.IsZero() {
		f.Until, filters["to"] = to.AddDays(1).Time(v.Format.Zone()), to.String()
	}
	return f, filters
}

// List is the log of all emails.
func (h Mail) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, filters := h.filter(v, r.URL.Query())
	return h.list(w, r, officeview.EmailsPage{
		Page:    officeview.Page(v, "Email", route.OfficeEmails),
		Listing: officeview.Listing{URL: route.OfficeEmails, Filters: filters}, Format: v.Format,
	}, f)
}

// OfContact is the log of the emails to one contact.
func (h Mail) OfContact(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := chi.URLParam(r, "number")
	c, err := Contacts{DB: h.DB}.find(r)
	if err != nil {
		return err
	}
	f, filters := h.filter(v, r.URL.Query())
	f.Contact = c.ID
	return h.list(w, r, officeview.EmailsPage{
		Page:    officeview.Page(v, "Emails to "+c.Name, route.OfficeCustomers),
		Listing: officeview.Listing{URL: route.OfficeContactEmails(number, c.ID), Filters: filters}, Format: v.Format,
		Contact: c.Name, BackURL: route.OfficeCustomer(number, "contacts", chi.URLParam(r, "contact")), BackTo: c.Name,
	}, f)
}

func (h Mail) list(w http.ResponseWriter, r *http.Request, view officeview.EmailsPage, f notify.Filter) error {
	view.Listing.Orders = notify.LogOrders
	view.Listing.Query = notify.LogOrders.Read(r.URL.Query())
	var entries list.Page[notify.Entry]
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { notify.QueryLog(b, &entries, &view.Count, view.Listing.Query, f) })
	if err != nil {
		return err
	}
	view.Emails, view.Pages = entries.Rows, view.Listing.Pages(entries.Prev, entries.Next)
	return page.Render(w, r, http.StatusOK, officeview.Emails(view))
}

// Export sends what the log shows as a file for a spreadsheet.
func (h Mail) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, _ := h.filter(v, r.URL.Query())
	moment := func(t *time.Time) string { return export.Moment(v.Format, t) }
	return export.List(w, r, "emails", v.Format.Today(), notify.LogOrders.Read(r.URL.Query()),
		func(q list.Query) (list.Page[notify.Entry], error) { return notify.Log(r.Context(), h.DB, q, f) },
		[]export.Column[notify.Entry]{
			{Head: "At", Cell: func(e notify.Entry) string { return moment(&e.CreatedAt) }},
			{Head: "To", Cell: func(e notify.Entry) string { return e.ToAddress }},
			{Head: "Name", Cell: func(e notify.Entry) string { return e.ToName }},
			{Head: "Kind", Cell: func(e notify.Entry) string { return e.Kind.Label() }},
			{Head: "Subject", Cell: func(e notify.Entry) string { return e.Subject }},
			{Head: "Rule", Cell: func(e notify.Entry) string { return e.Rule }},
			{Head: "State", Cell: officeview.EmailOutcome},
			{Head: "Finished", Cell: func(e notify.Entry) string { return moment(e.FinishedAt) }},
			{Head: "Server’s words", Cell: func(e notify.Entry) string { return e.ServerWords }},
		})
}

// Show is one email.
func (h Mail) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	e, err := notify.Find(r.Context(), h.DB, idIn(chi.URLParam(r, "id")))
	if err != nil {
		return err
	}
	e.MessageID = h.Mailer.MessageID(e.MessageID) // as the server's own log has it
	view := officeview.EmailPage{Page: officeview.Page(v, e.Title(), route.OfficeEmails), Email: e, Format: v.Format, Administers: v.Administers()}
	if r.URL.Query().Get("show") == "text" {
		view.Tab = "text"
	}
	return page.Render(w, r, http.StatusOK, officeview.Email(view))
}

// copyPolicy lets the copy of an email show its own styles and the business's
// logo. It runs nothing and has an origin of its own.
const copyPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"

// Copy is what an email said, without its secrets, for the frame of its page.
func (h Mail) Copy(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	e, err := notify.Find(r.Context(), h.DB, idIn(chi.URLParam(r, "id")))
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
	id := idIn(chi.URLParam(r, "id"))
	again, err := h.Office.SendEmailAgain(r.Context(), v, id)
	if err != nil {
		return err
	}
	words := "It will be sent again as a new email. Links in earlier ones no longer work."
	if again == id {
		words = "It is being sent now. Reload the page to see the result."
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, form.Next(r, route.OfficeEmail(again)))
}

// AskTest is the page of the test email.
func (h Mail) AskTest(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.test(w, r, v, http.StatusOK, officeview.TestEmailPage{To: v.Email})
}

// Test sends a test email and tells what the server said.
func (h Mail) Test(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	view := officeview.TestEmailPage{To: form.Text(r, "to")}
	sent, err := h.Office.SendTestEmail(r.Context(), v, view.To)
	if p := asProblems(err); p != nil {
		view.Problems = p
		return h.test(w, r, v, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	view.Done = true
	if sent != nil {
		view.Went = h.Mailer.Explain(sent)
		view.Words = mail.Words(sent)
	}
	return h.test(w, r, v, http.StatusOK, view)
}

func (h Mail) test(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, view officeview.TestEmailPage) (err error) {
	view.Page, view.Format = officeview.Page(v, "Send a test email", route.OfficeEmails), v.Format
	view.Page.Narrow = true
	if view.Health, err = notify.ReadHealth(r.Context(), h.DB); err != nil {
		return err
	}
	m := h.Mailer
	view.Server = []ui.Fact{{Label: "Server", Value: m.Where()}, {Label: "Connection", Value: m.How()}, {Label: "Emails come from", Value: m.From().Address}}
	return page.Render(w, r, status, officeview.TestEmail(view))
}
