package portalweb

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/list"
	"fieldgate/internal/portal"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/page"
)

// askedDocuments is what the address asks of a list of documents.
func askedDocuments(r *http.Request, orders list.Orders) portal.DocumentQuery {
	q := portal.DocumentQuery{Query: orders.Read(r.URL.Query()), Site: askedID(r, "site"), Choose: choosesSite(r), Kind: askedID(r, "kind")}
	if show := attachment.Validity(r.URL.Query().Get("show")); slices.Contains(attachment.Validities, show) {
		q.Validity = show
	}
	return q
}

// List shows the documents a contact sees.
func (h Documents) List(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	q := askedDocuments(r, portal.DocumentOrders)
	found, err := h.Reader.Documents(r.Context(), v, q)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.Documents(portalview.DocumentsPage{
		Viewer: v, Documents: found, Query: q, Today: v.Business.Format.Today(),
		Listing: portalview.Listing{URL: route.Documents, Orders: portal.DocumentOrders, Query: q.Query, Filters: map[string]string{
			"show": string(q.Validity), "site": idText(q.Site), "kind": idText(q.Kind),
		}},
	}))
}

// Export is the list of documents as a file.
func (h Documents) Export(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	asked, today := askedDocuments(r, portal.DocumentOrders), v.Business.Format.Today()
	type row = portal.Document
	return export.List(w, r, "documents", today, asked.Query,
		func(q list.Query) (list.Page[row], error) {
			asked.Query = q
			return h.Reader.DocumentPage(r.Context(), v, asked)
		},
		[]export.Column[row]{
			{Head: "Document", Cell: func(d row) string { return d.Name }},
			{Head: "Caption", Cell: func(d row) string { return d.Caption }},
			{Head: "Kind", Cell: func(d row) string { return d.Kind }},
			{Head: "Site", Cell: func(d row) string { return d.Site }},
			{Head: "Equipment", Cell: func(d row) string { return d.EquipmentName }},
			{Head: "Job", Cell: func(d row) string { return d.Job }},
			{Head: "Valid until", Cell: func(d row) string { return d.ValidUntil.String() }},
			{Head: "Status", Cell: func(d row) string { return d.Stands(today).Label() }},
		})
}

// Site shows one of the customer's sites.
func (h Details) Site(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return apperr.NotFound
	}
	found, err := h.Reader.SitePage(r.Context(), v, id)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.Site(portalview.SitePage{Viewer: v, Page: found, Today: v.Business.Format.Today()}))
}
