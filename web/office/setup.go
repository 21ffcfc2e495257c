package officeweb

import (
	"errors"
	"net/http"

	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// AskSetUp asks in which country the business is, once.
func (h Company) AskSetUp(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	if !v.Format.Unset() {
		return page.Redirect(w, r, route.Office)
	}
	return h.setUp(w, r, v, officeview.SetUpPage{})
}

// SetUp takes it over.
func (h Company) SetUp(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	start := company.Start{
		TradingName: form.Text(r, "trading_name"), RegistrationLabel: form.Text(r, "registration_label"), TimeZone: form.Text(r, "time_zone"), Locale: form.Text(r, "locale"),
		Currency: form.Text(r, "currency"), TaxName: form.Text(r, "rate_name"), TaxPercent: form.Text(r, "rate_percent"),
	}
	err := h.Office.SetUp(r.Context(), v, start)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.setUp(w, r, v, officeview.SetUpPage{Start: start, Problems: problems})
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "Saved. Below is what to do next.")
	return page.Redirect(w, r, route.Office)
}

func (h Company) setUp(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.SetUpPage) error {
	if err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { company.QueryZones(b, &f.Zones) }); err != nil {
		return err
	}
	f.Page, f.May = officeview.Page(v, "Set up", ""), v.Administers()
	f.Page.Narrow, f.Page.Nav, f.Page.SearchURL = true, nil, ""
	return page.Render(w, r, formStatus(f.Problems, officeview.EditConflict{}), officeview.SetUp(f))
}
