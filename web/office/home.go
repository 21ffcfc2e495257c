// Package officeweb answers for the screens of the office, one file a noun.
package officeweb

import (
	"net/http"

	"fieldgate/internal/overview"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/web/page"
)

// Home is the first page of the office.
type Home struct{ DB postgres.DB }

// Show shows what needs attention.
func (h Home) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	o, err := overview.Read(r.Context(), h.DB)
	if err != nil {
		return err
	}
	today := v.Format.Today()
	return page.Render(w, r, http.StatusOK, officeview.HomePage(officeview.Home{
		Page: officeview.Page(v, "Home", ""), Today: v.Format.WeekDay(today), Day: today.String(), Overview: o, Format: v.Format,
	}))
}
