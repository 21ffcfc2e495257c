package officeweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/page"
)

// SignIns is Administration → Sign-ins: who signed in, and who tried to.
type SignIns struct{ DB postgres.DB }

// filter reads what an address asks of the list; nonsense does not filter.
func (h SignIns) filter(v staff.Viewer, values url.Values) (f signin.AttemptFilter, filters map[string]string) {
	filters = map[string]string{}
	if o := signin.Outcome(values.Get("outcome")); slices.Contains(signin.Outcomes(), o) {
		f.Outcome, filters["outcome"] = o, string(o)
	}
	if s := signin.Side(values.Get("side")); s == signin.Portal || s == signin.Office {
		f.Side, filters["side"] = s, string(s)
	}
	if from, err := day.Parse(values.Get("from")); err == nil && !from.IsZero() {
		f.From, filters["from"] = from.Time(v.Format.Zone()), from.String()
	}
	if to, err := day.Parse(values.Get("to")); err == nil && !to.IsZero() {
		f.Until, filters["to"] = to.AddDays(1).Time(v.Format.Zone()), to.String()
	}
	return f, filters
}

// List shows the attempts, the latest first.
func (h SignIns) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, filters := h.filter(v, r.URL.Query())
	view := officeview.SignInsPage{
		Page: officeview.Page(v, "Sign-ins", route.AdminSignIns), Format: v.Format,
		Listing: officeview.Listing{URL: route.AdminSignIns, Orders: signin.AttemptOrders, Query: signin.AttemptOrders.Read(r.URL.Query()), Filters: filters},
	}
	var attempts list.Page[signin.Attempt]
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { signin.QueryAttempts(b, &attempts, &view.Count, view.Listing.Query, f) })
	if err != nil {
		return err
	}
	view.Attempts, view.Pages = attempts.Rows, view.Listing.Pages(attempts.Prev, attempts.Next)
	return page.Render(w, r, http.StatusOK, officeview.SignIns(view))
}

// Export sends what the list shows as a file for a spreadsheet.
func (h SignIns) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, _ := h.filter(v, r.URL.Query())
	return export.List(w, r, "sign-ins", v.Format.Today(), signin.AttemptOrders.Read(r.URL.Query()),
		func(q list.Query) (list.Page[signin.Attempt], error) { return signin.Attempts(r.Context(), h.DB, q, f) },
		[]export.Column[signin.Attempt]{
			{Head: "First", Cell: func(t signin.Attempt) string { return v.Format.Local(t.At).Format(time.RFC3339) }},
			{Head: "Last", Cell: func(t signin.Attempt) string { return v.Format.Local(t.LastAt).Format(time.RFC3339) }},
			{Head: "Where", Cell: func(t signin.Attempt) string { return officeview.AttemptSide(t.Side) }},
			{Head: "Account", Cell: func(t signin.Attempt) string { return t.Email }},
			{Head: "IP address", Cell: func(t signin.Attempt) string {
				if t.Address == nil {
					return ""
				}
				return t.Address.String()
			}},
			{Head: "Result", Cell: officeview.AttemptOutcome},
			{Head: "Why", Cell: officeview.AttemptReason},
			{Head: "Times", Cell: func(t signin.Attempt) string { return strconv.Itoa(t.Times) }},
			{Head: "With", Cell: func(t signin.Attempt) string { return signin.BrowserName(t.Browser) }},
		})
}
