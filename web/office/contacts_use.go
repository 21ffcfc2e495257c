package officeweb

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"fieldgate/internal/access"
	"fieldgate/internal/contact"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/page"
)

// Use lists who uses the portal, and who does not.
func (h Contacts) Use(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, f := useQuery(r)
	found, err := list.Look(r.Context(), h.DB, q.Search, contact.Words)
	if err != nil {
		return err
	}
	q.Found = found
	view := officeview.PortalUse{Page: officeview.Page(v, "Portal use", route.OfficeCustomers), Filter: f, Format: v.Format, Listing: officeview.Listing{
		URL: route.OfficePortalUse, Orders: contact.Orders, Query: q, Filters: map[string]string{"stage": string(f.Stage), "answers": string(f.Answers)},
	}}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		access.QueryUse(b, &view.Contacts, q, f)
		view.Counts = access.QueryStages(b, q, f)
	})
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.PortalUseList(view))
}

// useQuery reads what the address of the list asks for.
func useQuery(r *http.Request) (list.Query, access.UseFilter) {
	values := r.URL.Query()
	var f access.UseFilter
	if s := access.Stage(values.Get("stage")); slices.Contains(access.Stages, s) {
		f.Stage = s
	}
	if way := access.AnswerWay(values.Get("answers")); slices.Contains(access.AnswerWays, way) {
		f.Answers = way
	}
	return contact.Orders.Read(values), f
}

// ExportUse is the list of who uses the portal as a file.
func (h Contacts) ExportUse(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, f := useQuery(r)
	type row = access.Use
	when := func(at *time.Time) string { return export.Moment(v.Format, at) }
	return export.List(w, r, "portal-use", v.Format.Today(), q,
		func(q list.Query) (list.Page[row], error) { return access.ListUse(r.Context(), h.DB, q, f) },
		[]export.Column[row]{
			{Head: "Customer number", Cell: func(u row) string { return u.CustomerNumber }},
			{Head: "Customer", Cell: func(u row) string { return u.CustomerName }},
			{Head: contact.LabelName, Cell: func(u row) string { return u.Name }},
			{Head: contact.LabelEmail, Cell: func(u row) string { return u.Email }},
			{Head: "Portal", Cell: func(u row) string { return officeview.StageWords(u.Stage) }},
			{Head: contact.LabelInvited, Cell: func(u row) string { return when(u.InvitedAt) }},
			{Head: contact.LabelLastSignIn, Cell: func(u row) string { return when(u.LastSignInAt) }},
			{Head: "Answers in the portal, 12 months", Cell: func(u row) string { return strconv.Itoa(u.ByPortal) }},
			{Head: "Answers by email, 12 months", Cell: func(u row) string { return strconv.Itoa(u.ByEmail) }},
			{Head: "Answers by phone, 12 months", Cell: func(u row) string { return strconv.Itoa(u.ByPhone) }},
		})
}
