// Package officeweb answers for the screens of the office, one file a noun.
package officeweb

import (
	"net/http"

	"fieldgate/internal/doctor"
	"fieldgate/internal/office"
	"fieldgate/internal/overview"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/page"
)

// Home is the first page of the office.
type Home struct {
	DB     postgres.DB
	Office *office.Service
	Doctor *doctor.Doctor
}

// Show shows what needs attention.
func (h Home) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	var o overview.Overview
	var answers []overview.VisitAnswer
	var business *doctor.Business
	first := overview.FirstSteps{Finished: true}
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		overview.Query(b, &o)
		overview.QueryVisitAnswers(b, &answers, 20)
		if v.Administers() {
			business = &doctor.Business{}
			doctor.Query(b, business)
			overview.QueryFirstSteps(b, &first)
		}
	})
	if err != nil {
		return err
	}
	if !first.Finished && first.All() {
		if err := h.Office.FinishFirstSteps(r.Context(), v); err != nil {
			return err
		}
		first.Finished = true
	}
	today := v.Format.Today()
	return page.Render(w, r, http.StatusOK, officeview.HomePage(officeview.Home{
		Page: officeview.Page(v, "Home", ""), Today: v.Format.WeekDay(today), Day: today.String(), Overview: o, VisitAnswers: answers, Format: v.Format, Notices: h.Doctor.Notices(business), First: first,
	}))
}

// FinishFirstSteps takes the list of first steps off the home.
func (h Home) FinishFirstSteps(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	if err := h.Office.FinishFirstSteps(r.Context(), v); err != nil {
		return err
	}
	return page.Redirect(w, r, route.Office)
}
