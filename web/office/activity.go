package officeweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
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
	by     string            // the contact whose deeds are shown
}

// read takes the filter from the list's address. Nonsense does not filter; a
// thing that does not exist is apperr.NotFound.
func (h Activity) read(ctx context.Context, v staff.Viewer, values url.Values) (asked, error) {
	a := asked{query: audit.Orders.Read(values), values: map[string]string{}}
	if kind := form.Line(values.Get("thing")); officeview.ActivityKind(kind) {
		a.filter.Thing, a.values["thing"] = kind, kind
	}
	if err := h.who(ctx, &a, form.Line(values.Get("by"))); err != nil {
		return a, err
	}
	if from, err := day.Parse(values.Get("from")); err == nil && !from.IsZero() {
		a.filter.From, a.values["from"] = from.Time(v.Format.Zone()), from.String()
	}
	if to, err := day.Parse(values.Get("to")); err == nil && !to.IsZero() {
		a.filter.Until, a.values["to"] = to.AddDays(1).Time(v.Format.Zone()), to.String()
	}
	for _, thing := range []string{"customer", "job", "quote", "equipment", "contact"} {
		if key := form.Line(values.Get(thing)); key != "" {
			a.values[thing] = key
			if err := h.thing(ctx, &a, thing, key); err != nil {
				return a, err
			}
			break
		}
	}
	var err error
	a.filter, err = a.filter.Narrow(ctx, h.DB, a.query)
	return a, err
}

// who reads whose deeds are wanted: staff-3, contact-7, or a kind of people.
func (h Activity) who(ctx context.Context, a *asked, by string) error {
	switch {
	case by == audit.ByStaff, by == audit.ByContact, by == audit.BySystem, by == audit.ByOperator:
		a.filter.Actor = by
	case strings.HasPrefix(by, "staff-"):
		a.filter.Staff = idIn(strings.TrimPrefix(by, "staff-"))
	case strings.HasPrefix(by, "contact-"):
		id := idIn(strings.TrimPrefix(by, "contact-"))
		var err error
		if a.by, err = h.contact(ctx, id); err != nil {
			return err
		}
		a.filter.Contact = id
	}
	if a.filter.Actor != "" || a.filter.Staff != 0 || a.filter.Contact != 0 {
		a.values["by"] = by
	}
	return nil
}

// thing finds the one thing that the trail is asked about.
func (h Activity) thing(ctx context.Context, a *asked, thing, key string) error {
	switch thing {
	case "customer":
		c, err := customer.ByNumber(ctx, h.DB, key)
		a.filter.Customer, a.about = c.ID, c.Number+" "+c.Name
		return err
	case "job":
		j, err := job.FindByNumber(ctx, h.DB, key)
		a.filter.About, a.about = audit.About{Thing: "job", ID: j.ID, Number: j.Number}, j.Number+" "+j.Title()
		return err
	case "quote":
		q, err := quote.FindByNumber(ctx, h.DB, key)
		a.filter.About, a.about = audit.About{Thing: "quote", ID: q.ID}, q.Number+" "+job.Title(q.Name, q.Description)
		return err
	case "equipment":
		e, err := equipment.FindByPublicID(ctx, h.DB, key)
		a.filter.About, a.about = audit.About{Thing: "equipment", ID: e.ID}, e.Number+" "+e.Name
		return err
	}
	var err error
	a.filter.About = audit.About{Thing: "contact", ID: idIn(key)}
	a.about, err = h.contact(ctx, a.filter.About.ID)
	return err
}

// contact is the name of a contact, or apperr.NotFound.
func (h Activity) contact(ctx context.Context, id int64) (string, error) {
	names, err := audit.Call(ctx, h.DB, map[string][]int64{"contact": {id}})
	if err == nil && names["contact"][id] == "" {
		err = apperr.NotFound
	}
	return names["contact"][id], err
}

// List shows the trail.
func (h Activity) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	a, err := h.read(ctx, v, r.URL.Query())
	if err != nil {
		return err
	}
	view := officeview.ActivityPage{
		Page: officeview.Page(v, "Activity", route.AdminActivity), Title: "Activity", About: a.about, ByLabel: a.by,
		Words:   "Who did what, and when: every change by staff, contacts and the program. Nothing here can be changed or removed.",
		Listing: officeview.Listing{URL: route.AdminActivity, Orders: audit.Orders, Query: a.query, Filters: a.values},
	}
	if view.Count, err = audit.Count(ctx, h.DB, a.query, a.filter); err != nil {
		return err
	}
	if view.Staff, err = staff.All(ctx, h.DB); err != nil {
		return err
	}
	entries, err := audit.List(ctx, h.DB, a.query, a.filter)
	if err != nil {
		return err
	}
	return h.show(w, r, v, view, entries)
}

// Changes shows what customers have changed of their details in the last days.
func (h Activity) Changes(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, q := r.Context(), audit.Orders.Read(r.URL.Query())
	q.Search = ""
	entries, err := audit.List(ctx, h.DB, q, audit.Filter{Details: true, From: v.Format.Now.Add(-audit.Recent)})
	if err != nil {
		return err
	}
	return h.show(w, r, v, officeview.ActivityPage{
		Page: officeview.Page(v, "Changed details", ""), Title: "Changed details", Details: true, BackURL: route.Office,
		Words:   "What customers changed in the portal in the last 7 days: their company, sites and contacts.",
		Listing: officeview.Listing{URL: route.OfficeChanges, Orders: audit.Orders, Query: q},
	}, entries)
}

func (h Activity) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, view officeview.ActivityPage, entries list.Page[audit.Entry]) error {
	deeds, err := h.deeds(r.Context(), entries.Rows, v.Format)
	if err != nil {
		return err
	}
	view.Days = officeview.ActivityDays(deeds)
	view.Pages = view.Listing.Pages(entries.Prev, entries.Next)
	return page.Render(w, r, http.StatusOK, officeview.Activity(view))
}

// deeds writes entries in words; what they know by id is named in one query.
func (h Activity) deeds(ctx context.Context, entries []audit.Entry, f company.Format) ([]officeview.Deed, error) {
	names, err := audit.Call(ctx, h.DB, officeview.ActivityIDs(entries))
	if err != nil {
		return nil, err
	}
	deeds := make([]officeview.Deed, len(entries))
	for i, e := range entries {
		deeds[i] = officeview.NewDeed(e, f, names)
	}
	return deeds, nil
}

// Export sends what the list shows as a file for a spreadsheet.
func (h Activity) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	a, err := h.read(ctx, v, r.URL.Query())
	if err != nil {
		return err
	}
	type row struct {
		officeview.Deed
		customer string
	}
	fetch := func(q list.Query) (list.Page[row], error) {
		entries, err := audit.List(ctx, h.DB, q, a.filter)
		if err != nil {
			return list.Page[row]{}, err
		}
		deeds, err := h.deeds(ctx, entries.Rows, v.Format)
		if err != nil {
			return list.Page[row]{}, err
		}
		out := list.Page[row]{Next: entries.Next, Rows: make([]row, len(deeds))}
		for i, d := range deeds {
			out.Rows[i] = row{d, entries.Rows[i].CustomerNumber}
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
