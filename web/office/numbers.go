package officeweb

import (
	"errors"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/number"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Numbers are the screens of Administration → Numbers.
type Numbers struct {
	DB     postgres.DB
	Office *office.Service
}

// Show shows where the sequences are.
func (h Numbers) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.page(w, r, v, "", "", nil)
}

func (h Numbers) page(w http.ResponseWriter, r *http.Request, v staff.Viewer, of number.Kind, typed string, p problem.Set) error {
	view := officeview.NumbersPage{Page: officeview.Page(v, "Numbers", route.AdminNumbers), Of: of, Typed: typed, Problems: p}
	if err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { number.Query(b, &view.Sequences) }); err != nil {
		return err
	}
	status := http.StatusOK
	if len(p) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return page.Render(w, r, status, officeview.Numbers(view))
}

// Set sets the next number of one of them.
func (h Numbers) Set(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	k, typed := number.Kind(chi.URLParam(r, "kind")), form.Text(r, "next")
	if !slices.Contains(number.Kinds, k) {
		return apperr.NotFound
	}
	changed, err := h.Office.SetNextNumber(r.Context(), v, k, typed)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.page(w, r, v, k, typed, problems)
	}
	if err != nil {
		return err
	}
	if changed {
		session.Flash(r.Context(), "Saved. The next number of "+k.Label()+" is set.")
	}
	return page.Redirect(w, r, route.AdminNumbers)
}
