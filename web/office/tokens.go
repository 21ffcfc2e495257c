package officeweb

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"fieldgate/internal/list"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Tokens are the screens of Administration → API.
type Tokens struct {
	DB      postgres.DB
	Office  *office.Service
	BaseURL string // where the API is reached
}

// List shows the tokens, those that work unless others are asked for.
func (h Tokens) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	show := token.Show(r.URL.Query().Get("show"))
	if !slices.Contains(token.Shows, show) {
		show = token.ShowWorking
	}
	view := officeview.TokensList{Page: officeview.Page(v, "API", route.AdminTokens), Format: v.Format}
	view.Listing = officeview.Listing{URL: route.AdminTokens, Orders: token.Orders, Query: token.Orders.Read(r.URL.Query()), Filters: map[string]string{"show": string(show)}}
	var found list.Page[token.Token]
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		token.QueryList(b, &found, &view.Counts, view.Listing.Query, show)
	})
	if err != nil {
		return err
	}
	view.Tokens, view.Pages = found.Rows, view.Listing.Pages(found.Prev, found.Next)
	return page.Render(w, r, http.StatusOK, officeview.Tokens(view))
}

// New is the form of a new token.
func (h Tokens) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.form(w, r, v, officeview.TokenForm{Reads: officeview.ReadsAll, AllCustomers: true, Days: "365", Nonce: form.NewNonce()}, nil)
}

// typed reads what the form says of a token.
func (h Tokens) typed(r *http.Request) (officeview.TokenForm, token.Details) {
	f := officeview.TokenForm{
		Name: form.Text(r, "name"), Reads: form.Text(r, "access"), AllCustomers: form.Text(r, "reach") != "named", Customers: form.Long(r, "customers"),
		Source: form.Text(r, "source"), Days: form.Text(r, "days"), Nonce: form.Nonce(r),
	}
	for _, s := range r.Form["scopes"] {
		f.Scopes = append(f.Scopes, token.Scope(s))
	}
	d := token.Details{Name: f.Name, Scopes: f.Scopes, AllCustomers: f.AllCustomers}
	switch f.Reads {
	case officeview.ReadsAll:
		d.Scopes = token.ReadOnly()
	case officeview.WritesAll:
		d.Scopes = token.Everything()
	}
	d.Customers = strings.FieldsFunc(f.Customers, func(c rune) bool { return c == ',' || c == ';' || c == ' ' || c == '\n' || c == '\r' || c == '\t' })
	return f, d
}

// Create makes a token, and shows it this once.
func (h Tokens) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, d := h.typed(r)
	n := token.New{Details: d, Source: f.Source, Nonce: f.Nonce}
	if days, err := strconv.Atoi(f.Days); err == nil {
		n.Days = days
	} else {
		n.Days = -1 // refused with the right words
	}
	id, secret, err := h.Office.CreateToken(r.Context(), v, n)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.form(w, r, v, f, problems)
	}
	if err != nil {
		return err
	}
	if secret == "" { // the same form again: it was shown
		session.Flash(r.Context(), "The token was made, and shown before. If you do not have it, end it and make another.")
		return page.Redirect(w, r, route.AdminToken(id))
	}
	t, err := token.Find(r.Context(), h.DB, id)
	if err != nil {
		return err
	}
	p := officeview.Page(v, "Token for "+t.Name, route.AdminTokens)
	return page.Render(w, r, http.StatusOK, officeview.ShowToken(officeview.TokenShown{Page: p, Token: t, Secret: secret, BaseURL: h.BaseURL}))
}

func (h Tokens) find(r *http.Request) (token.Token, error) {
	id, err := pathID(r, "token")
	if err != nil {
		return token.Token{}, err
	}
	return token.Find(r.Context(), h.DB, id)
}

// Show is the page of a token: what it may do, and what was called with it.
func (h Tokens) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "token")
	if err != nil {
		return err
	}
	view := officeview.TokenPage{Format: v.Format}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		token.Query(b, &view.Token, id)
		token.QueryCalls(b, &view.Calls, id)
	})
	if err != nil {
		return err
	}
	view.Page = officeview.Page(v, view.Token.Name, route.AdminTokens)
	return page.Render(w, r, http.StatusOK, officeview.Token(view))
}

// Edit is the form of a token that is there.
func (h Tokens) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.find(r)
	if err != nil {
		return err
	}
	if !t.Works() {
		return page.Redirect(w, r, route.AdminToken(t.ID))
	}
	return h.form(w, r, v, officeview.EditsToken(t), nil)
}

// Update saves a token.
func (h Tokens) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.find(r)
	if err != nil {
		return err
	}
	f, d := h.typed(r)
	f.ID, f.Version, f.Source = t.ID, form.Version(r), t.Source
	return edited{
		thing: "token", id: t.ID, fields: token.Fields, version: &f.Version, conflict: &f.EditConflict, list: route.AdminToken(t.ID),
		now:   func() (int64, error) { t, err := h.find(r); return t.Version, err },
		again: func(p problem.Set) error { return h.form(w, r, v, f, p) },
	}.answer(w, r, v, h.DB, h.Office.EditToken(r.Context(), v, t.ID, f.Version, d))
}

func (h Tokens) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.TokenForm, problems problem.Set) error {
	title := "New token"
	if f.ID != 0 {
		title = "Edit token"
	}
	f.Page, f.Problems = officeview.Page(v, title, route.AdminTokens), problems
	return page.Render(w, r, formStatus(problems, f.EditConflict), officeview.EditToken(f))
}

// AskEnd asks before a token ends.
func (h Tokens) AskEnd(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.AdminTokens, h.find, func(t token.Token) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "End the token " + t.Name + "?", Text: "The system that uses it is let in no more, from its next call on. This cannot be undone: make another token instead.",
			Action: route.AdminToken(t.ID, "end"), Label: "End token", Look: ui.Danger, BackURL: route.AdminToken(t.ID), BackLabel: t.Name,
		}
	})
}

// End ends a token.
func (h Tokens) End(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.find(r)
	if err != nil {
		return err
	}
	return done(w, r, "The token has ended.", route.AdminToken(t.ID), h.Office.EndToken(r.Context(), v, t.ID))
}
