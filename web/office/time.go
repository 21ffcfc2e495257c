package officeweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"fieldgate/internal/job"
	"fieldgate/internal/office"
	"fieldgate/internal/pdf"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/web/form"
)

// Time is the tab Time of a job.
type Time struct {
	DB       postgres.DB
	Office   *office.Service
	Renderer *pdf.Renderer
}

func (h Time) parts() parts[job.TimeEntry, officeview.TimeForm] {
	return parts[job.TimeEntry, officeview.TimeForm]{
		jobs: Jobs(h), tab: "time", param: "entry", thing: "time entry", labels: job.TimeFields,
		query: job.QueryTimeEntry,
		fill: func(e job.TimeEntry) officeview.TimeForm {
			return officeview.TimeForm{PartForm: officeview.PartForm{ID: e.ID, Version: e.Version}, TimeDetails: e.Details(), Day: e.WorkedOn.String()}
		},
		fresh: func(v staff.Viewer, j job.Job) officeview.TimeForm {
			f := officeview.TimeForm{Day: v.Format.Today().String()}
			if len(j.Staff) == 1 { // most likely the one who worked
				f.Staff = j.Staff[0].ID
			}
			return f
		},
		form: func(f *officeview.TimeForm) *officeview.PartForm { return &f.PartForm },
		read: func(r *http.Request) officeview.TimeForm {
			p := problem.Set{}
			return officeview.TimeForm{
				TimeDetails: job.TimeDetails{
					On: form.Day(r, "worked_on", p), Hours: form.Text(r, "hours"), Staff: form.ID(r, "staff"), Start: form.Text(r, "start"), End: form.Text(r, "end"), Note: form.Text(r, "note"),
				},
				Day: form.Text(r, "worked_on"), PartForm: officeview.PartForm{Problems: p},
			}
		},
		check: func(v staff.Viewer, f officeview.TimeForm) problem.Set { return f.Check(v.Format.Today()) },
		named: func(f officeview.TimeForm) int64 { return f.Staff },
		create: func(ctx context.Context, v staff.Viewer, number string, f officeview.TimeForm) error {
			return h.Office.CreateTime(ctx, v, job.NewTime{Job: number, TimeDetails: f.TimeDetails, Nonce: f.Nonce})
		},
		edit: func(ctx context.Context, v staff.Viewer, number string, f officeview.TimeForm) error {
			return h.Office.EditTime(ctx, v, number, f.ID, f.Version, f.TimeDetails)
		},
		remove: h.Office.RemoveTime,
		page: func(b *postgres.Batch, number string) func(officeview.JobParts, officeview.TimeForm) templ.Component {
			var entries []job.TimeEntry
			job.QueryTime(b, &entries, number)
			return func(v officeview.JobParts, f officeview.TimeForm) templ.Component {
				return officeview.Time(officeview.JobTime{JobParts: v, Entries: entries, Form: f})
			}
		},
	}
}

// List shows the entries, one of them as a form if the address says so.
func (h Time) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().list(w, r, v)
}

// Log adds an entry.
func (h Time) Log(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().add(w, r, v)
}

// Edit changes an entry.
func (h Time) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().update(w, r, v)
}

// Remove deletes an entry.
func (h Time) Remove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().delete(w, r, v)
}
