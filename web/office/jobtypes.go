package officeweb

import (
	"errors"
	"net/http"

	"fieldgate/internal/job"
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

// JobTypes are the screens of Administration → Job Types.
type JobTypes struct {
	DB     postgres.DB
	Office *office.Service
}

// List shows all job types.
func (h JobTypes) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	types, err := job.Types(r.Context(), h.DB)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.JobTypes(officeview.JobTypesList{Page: officeview.Page(v, "Job Types", route.AdminJobTypes), Types: types}))
}

// New is the form of a new job type.
func (h JobTypes) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.JobTypeForm{Nonce: form.NewNonce()}
	f.Active, f.Colour = true, "blue"
	return h.form(w, r, v, f, nil)
}

func jobType(r *http.Request) job.TypeDetails {
	return job.TypeDetails{
		Name: form.Text(r, "name"), Colour: form.Text(r, "colour"), Active: form.Check(r, "active"), DefaultDescription: form.Long(r, "default_description"),
		Addresses: form.Emails(r, "notification_addresses"),
	}
}

// Create adds a job type.
func (h JobTypes) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.JobTypeForm{TypeDetails: jobType(r), Nonce: form.Nonce(r)}
	err := h.Office.CreateJobType(r.Context(), v, job.NewType{TypeDetails: f.TypeDetails, Nonce: f.Nonce})
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.form(w, r, v, f, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), f.Name+" was added.")
	return page.Redirect(w, r, route.AdminJobTypes)
}

// Edit is the form of a job type.
func (h JobTypes) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.find(r)
	if err != nil {
		return err
	}
	return h.form(w, r, v, officeview.JobTypeForm{ID: t.ID, TypeDetails: t.Details(), Jobs: t.Jobs, Version: t.Version}, nil)
}

func (h JobTypes) find(r *http.Request) (job.Type, error) {
	id, err := pathID(r, "type")
	if err != nil {
		return job.Type{}, err
	}
	return job.FindType(r.Context(), h.DB, id)
}

// Update saves a job type.
func (h JobTypes) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.find(r)
	if err != nil {
		return err
	}
	f := officeview.JobTypeForm{ID: t.ID, TypeDetails: jobType(r), Jobs: t.Jobs, Version: form.Version(r)}
	return edited{
		thing: "job type", id: t.ID, fields: job.TypeFields, version: &f.Version, conflict: &f.EditConflict, list: route.AdminJobTypes,
		now:   func() (int64, error) { t, err := h.find(r); return t.Version, err },
		again: func(p problem.Set) error { return h.form(w, r, v, f, p) },
	}.answer(w, r, v, h.DB, h.Office.EditJobType(r.Context(), v, t.ID, f.Version, f.TypeDetails))
}

func (h JobTypes) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.JobTypeForm, problems problem.Set) error {
	title := "New job type"
	if f.ID != 0 {
		title = "Edit job type"
	}
	f.Page, f.Problems = officeview.Page(v, title, route.AdminJobTypes), problems
	return page.Render(w, r, formStatus(problems, f.EditConflict), officeview.EditJobType(f))
}
