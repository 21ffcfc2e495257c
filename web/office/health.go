package officeweb

import (
	"net/http"

	"fieldgate/internal/doctor"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/page"
)

// Health is Administration → Health: whether the installation is well.
type Health struct{ Doctor *doctor.Doctor }

// Show shows what can be told at once, and what was found last of the rest.
func (h Health) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.show(w, r, v, h.Doctor.QuickCheck(r.Context()))
}

// Look checks everything now.
func (h Health) Look(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.show(w, r, v, h.Doctor.FullCheck(r.Context()))
}

func (h Health) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, report doctor.Report) error {
	return page.Render(w, r, http.StatusOK, officeview.Health(officeview.HealthPage{
		Page: officeview.Page(v, "Health", route.AdminHealth), Report: report, Format: v.Format,
	}))
}
