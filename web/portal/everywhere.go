package portalweb

import (
	"net/http"
	"slices"

	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/portal"
	"fieldgate/internal/quote"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/page"
)

// Everywhere are the pages over all customers of a person.
type Everywhere struct{ Reader *portal.Reader }

// of reads whose customers they are. Done says that the person was led elsewhere:
// who has one customer has no use for these pages.
func (h Everywhere) of(w http.ResponseWriter, r *http.Request, v portal.Viewer, orders list.Orders, q list.Query, url, alone string) (e portalview.Everywhere, done bool, err error) {
	switch {
	case v.MustChange:
		return e, true, page.Redirect(w, r, route.NewPassword)
	case len(v.Customers) < 2:
		return e, true, page.Redirect(w, r, alone)
	}
	e = portalview.Everywhere{Viewer: v, Listing: portalview.Listing{URL: url, Orders: orders, Query: q, Filters: map[string]string{}}}
	if only := askedID(r, "customer"); v.Customers[only] != "" {
		e.Only, e.Listing.Filters["customer"] = only, idText(only)
	}
	e.Of, err = h.Reader.Everywhere(r.Context(), v, e.Only)
	return e, false, err
}

// Home is the first page over all customers.
func (h Everywhere) Home(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	e, done, err := h.of(w, r, v, portal.JobOrders, list.Query{}, route.Everywhere, route.Home)
	if err != nil || done {
		return err
	}
	home, err := h.Reader.HomeEverywhere(r.Context(), e.Of)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.HomeEverywhere(portalview.EverywhereHome{Everywhere: e, Home: home}))
}

// Jobs lists the jobs of all customers.
func (h Everywhere) Jobs(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q := portal.JobQuery{Query: portal.JobOrders.Read(r.URL.Query())}
	e, done, err := h.of(w, r, v, portal.JobOrders, q.Query, route.EverywhereJobs, route.Jobs)
	if err != nil || done {
		return err
	}
	if s := job.Status(r.URL.Query().Get("status")); slices.Contains(portal.EverywhereJobs, s) {
		q.Status, e.Listing.Filters["status"] = s, string(s)
	}
	jobs, err := h.Reader.JobsEverywhere(r.Context(), e.Of, q)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.JobsEverywhere(portalview.EverywhereJobs{Everywhere: e, Query: q, Jobs: jobs}))
}

// Quotes lists the quotes of all customers.
func (h Everywhere) Quotes(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q := portal.QuoteQuery{Query: portal.QuoteOrders.Read(r.URL.Query())}
	e, done, err := h.of(w, r, v, portal.QuoteOrders, q.Query, route.EverywhereQuotes, route.Quotes)
	if err != nil || done {
		return err
	}
	if s := quote.Status(r.URL.Query().Get("status")); slices.Contains(portal.EverywhereQuotes, s) {
		q.Status, e.Listing.Filters["status"] = s, string(s)
	}
	quotes, err := h.Reader.QuotesEverywhere(r.Context(), e.Of, q)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.QuotesEverywhere(portalview.EverywhereQuotes{Everywhere: e, Query: q, Quotes: quotes}))
}

// Equipment lists the equipment of all customers.
func (h Everywhere) Equipment(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q := portal.EquipmentQuery{Query: portal.EverywhereEquipmentOrders.Read(r.URL.Query())}
	e, done, err := h.of(w, r, v, portal.EverywhereEquipmentOrders, q.Query, route.EverywhereEquipment, route.Equipment)
	if err != nil || done {
		return err
	}
	if s := portal.EquipmentShow(r.URL.Query().Get("show")); slices.Contains(portal.EverywhereEquipment, s) {
		q.Show, e.Listing.Filters["show"] = s, string(s)
	}
	found, err := h.Reader.EquipmentEverywhere(r.Context(), e.Of, q)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.EquipmentEverywhere(portalview.EverywhereEquipment{Everywhere: e, Query: q, Equipment: found}))
}

// Documents lists the documents of all customers.
func (h Everywhere) Documents(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q := askedDocuments(r, portal.EverywhereDocumentOrders)
	q.Site, q.Kind = 0, 0
	e, done, err := h.of(w, r, v, portal.EverywhereDocumentOrders, q.Query, route.EverywhereDocuments, route.Documents)
	if err != nil || done {
		return err
	}
	e.Listing.Filters["show"] = string(q.Validity)
	found, err := h.Reader.DocumentsEverywhere(r.Context(), e.Of, q)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.DocumentsEverywhere(portalview.EverywhereDocuments{Everywhere: e, Query: q, Documents: found}))
}
