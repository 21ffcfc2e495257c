package officeweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// Activity is Administration → Activity: the audit trail.
type Activity struct{ DB postgres.DB }

// asked is what an address asks of the trail.
type asked struct {
	query  list.Query
	filter audit.Filter
	values map[string]string // as the address has them
	about  string            // what the filter is about, in words
	by     string            // the contact whose actions are shown
}

// read takes the filter from the list's address. Nonsense does not filter; a
// thing that does not exist is apperr.NotFound. What must be known before the
// trail can be asked is read in one round trip.
func (h Activity) read(ctx context.Context, v staff.Viewer, values url.Values) (asked, error) {
	a := asked{query: audit.Orders.Read(values), values: map[string]string{}}
	if kind := form.Line(values.Get("thing")); officeview.ActivityKind(kind) {
		a.filter.Thing, a.values["thing"] = kind, kind
	}
	a.who(form.Line(values.Get("by")))
	if from, err := day.Parse(values.Get("from")); err == nil && !from.IsZero() {
		a.filter.From, a.values["from"] = from.Time(v.Format.Zone()), from.String()
	}
	if to, err := day.Parse(values.Get("to")); err == nil && !to.IsZero() {
		a.filter.Until, a.values["to"] = to.AddDays(1).Time(v.Format.Zone()), to.String()
	}
	var kind, key string
	for _, subject := range audit.Subjects {
		if key = form.Line(values.Get(subject)); key != "" {
			kind, a.values[subject] = subject, key
			break
		}
	}
	if kind == "" && a.filter.Contact == 0 && a.filter.Token == 0 && strings.TrimSpace(a.query.Search) == "" {
		return a, nil
	}
	var about, by audit.Subject
	err := postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		if kind != "" {
			audit.QuerySubject(b, &about, kind, key)
		}
		if a.filter.Contact != 0 {
			audit.QuerySubject(b, &by, "contact", idText(a.filter.Contact))
		}
		if a.filter.Token != 0 {
			audit.QuerySubject(b, &by, "token", idText(a.filter.Token))
		}
		a.filter.QuerySearch(b, a.query)
	})
	if err != nil {
		return a, err
	}
	a.by = by.Name
	if kind != "" {
		a.is(kind, about)
	}
	return a, nil
}

// who reads whose actions are wanted: staff-3, contact-7, or a kind of people.
func (a *asked) who(by string) {
	switch {
	case by == audit.ByStaff, by == audit.ByToken, by == audit.ByContact, by == audit.BySystem, by == audit.ByOperator:
		a.filter.Actor = by
	case strings.HasPrefix(by, "staff-"):
		a.filter.Staff = idIn(strings.TrimPrefix(by, "staff-"))
	case strings.HasPrefix(by, "token-"):
		a.filter.Token = idIn(strings.TrimPrefix(by, "token-"))
	case strings.HasPrefix(by, "contact-"):
		a.filter.Contact = idIn(strings.TrimPrefix(by, "contact-"))
	}
	if a.filter.Actor != "" || a.filter.Staff != 0 || a.filter.Token != 0 || a.filter.Contact != 0 {
		a.values["by"] = by
	}
}

// is narrows the trail to one thing. That of a customer has everything of theirs.
func (a *asked) is(kind string, s audit.Subject) {
	a.about = strings.TrimSpace(s.Number + " " + s.Name)
	switch kind {
	case "customer":
		a.filter.Customer = s.ID
		return
	case "job", "quote":
		a.about = s.Number + " " + job.Title(s.Name, s.Description)
	}
	a.filter.About = audit.About{Thing: kind, ID: s.ID, Number: s.Number}
}

// List shows the trail.
func (h Activity) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	a, err := h.read(r.Context(), v, r.URL.Query())
	if err != nil {
		return err
	}
	view := &officeview.ActivityPage{
		Page: officeview.Page(v, "Activity", route.AdminActivity), Title: "Activity", About: a.about, ByLabel: a.by,
		Words:   "Every change by staff, contacts and the program: who, what and when. Nothing here can be changed or removed.",
		Listing: officeview.Listing{URL: route.AdminActivity, Orders: audit.Orders, Query: a.query, Filters: a.values},
	}
	return h.show(w, r, v, view, a.query, a.filter, func(b *postgres.Batch) {
		audit.QueryCount(b, &view.Count, a.query, a.filter)
		staff.QueryAll(b, &view.Staff)
	})
}

// Changes shows what customers have changed of their details in the last days.
func (h Activity) Changes(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q := audit.Orders.Read(r.URL.Query())
	q.Search = ""
	view := &officeview.ActivityPage{
		Page: officeview.Page(v, "Changed details", ""), Title: "Changed details", Details: true, BackURL: route.Office,
		Words:   "What customers changed in the portal in the last 7 days: their company, sites and contacts.",
		Listing: officeview.Listing{URL: route.OfficeChanges, Orders: audit.Orders, Query: q},
	}
	return h.show(w, r, v, view, q, audit.Filter{Details: true, From: v.Format.Now.Add(-audit.Recent)}, func(*postgres.Batch) {})
}

// show reads the page of the trail, and what else it needs, in one round trip.
func (h Activity) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, view *officeview.ActivityPage, q list.Query, f audit.Filter, also func(*postgres.Batch)) error {
	var entries list.Page[audit.Entry]
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		audit.QueryList(b, &entries, q, f)
		also(b)
	})
	if err != nil {
		return err
	}
	view.Days = officeview.ActivityDays(actionTexts(entries.Rows, v.Format))
	view.Pages = view.Listing.Pages(entries.Prev, entries.Next)
	return page.Render(w, r, http.StatusOK, officeview.Activity(*view))
}

func actionTexts(entries []audit.Entry, f company.Format) []officeview.ActionText {
	texts := make([]officeview.ActionText, len(entries))
	for i, e := range entries {
		texts[i] = officeview.NewActionText(e, f)
	}
	return texts
}

// Export sends what the list shows as a file for a spreadsheet.
func (h Activity) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	a, err := h.read(ctx, v, r.URL.Query())
	if err != nil {
		return err
	}
	type row struct {
		officeview.ActionText
		customer string
	}
	fetch := func(q list.Query) (list.Page[row], error) {
		entries, err := audit.List(ctx, h.DB, q, a.filter)
		if err != nil {
			return list.Page[row]{}, err
		}
		out := list.Page[row]{Next: entries.Next, Rows: make([]row, len(entries.Rows))}
		for i, text := range actionTexts(entries.Rows, v.Format) {
			out.Rows[i] = row{text, entries.Rows[i].CustomerNumber}
		}
		return out, nil
	}
	return export.List(w, r, "activity", v.Format.Today(), a.query, fetch, []export.Column[row]{
		{Head: "When", Cell: func(d row) string { return v.Format.Local(d.At).Format(time.RFC3339) }},
		{Head: "Who", Cell: func(d row) string { return d.By }},
		{Head: "What happened", Cell: func(d row) string { return d.Sentence() }},
		{Head: "Customer", Cell: func(d row) string { return d.customer }},
		{Head: "Changes", Cell: func(d row) string { return d.ChangeWords() }},
		{Head: "From where", Cell: func(d row) string { return d.From }},
	})
}
