package officeweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/web/form"
)

// Time is the tab Time of a job.
type Time struct{ Pool *pgxpool.Pool }

var timeLabels = []labelled{{"worked_on", "Day"}, {"staff", "Staff member"}, {"hours", "Hours"}, {"start", "Start"}, {"end", "End"}, {"note", "Note"}}

func (h Time) parts() parts[officeview.TimeForm] {
	return parts[officeview.TimeForm]{
		pool: h.Pool, tab: "time", param: "entry", thing: "time entry", labels: timeLabels,
		form: func(f *officeview.TimeForm) *officeview.PartForm { return &f.PartForm },
		fresh: func(v staff.Viewer, j job.Job) officeview.TimeForm {
			f := officeview.TimeForm{Day: v.Format.Today().String()}
			if len(j.Staff) == 1 { // most likely the one who worked
				f.Staff = j.Staff[0].ID
			}
			return f
		},
		find: func(ctx context.Context, db postgres.DB, j, id int64) (officeview.TimeForm, error) {
			e, err := job.FindEntry(ctx, db, j, id)
			return officeview.TimeForm{PartForm: officeview.PartForm{ID: e.ID, Version: e.Version}, Work: e.Work(), Day: e.WorkedOn.String()}, err
		},
		read: func(r *http.Request) officeview.TimeForm {
			p := problem.Set{}
			return officeview.TimeForm{
				Work: job.Work{
					On: form.Day(r, "worked_on", p), Hours: form.Text(r, "hours"), Staff: form.ID(r, "staff"), Start: form.Text(r, "start"), End: form.Text(r, "end"), Note: form.Text(r, "note"),
				},
				Day: form.Text(r, "worked_on"), PartForm: officeview.PartForm{Problems: p},
			}
		},
		check: func(v staff.Viewer, f officeview.TimeForm) problem.Set { return f.Check(v.Format.Today()) },
		add: func(ctx context.Context, tx postgres.Tx, by audit.Actor, j job.Job, f officeview.TimeForm) error {
			return job.LogTime(ctx, tx, by, j, f.Nonce, f.Work)
		},
		edit: func(ctx context.Context, tx postgres.Tx, by audit.Actor, j job.Job, f officeview.TimeForm) error {
			return job.EditTime(ctx, tx, by, j, f.ID, f.Version, f.Work)
		},
		remove: job.RemoveTime,
		named:  func(f officeview.TimeForm) int64 { return f.Staff },
		page: func(ctx context.Context, v officeview.JobParts, f officeview.TimeForm) (templ.Component, error) {
			entries, err := job.Time(ctx, h.Pool, v.Job.ID)
			return officeview.Time(officeview.JobTime{JobParts: v, Entries: entries, Form: f}), err
		},
	}
}

// List shows the entries, one of them as a form if the address says so.
func (h Time) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().list(w, r, v)
}

// Log adds an entry.
func (h Time) Log(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().create(w, r, v)
}

// Edit changes an entry.
func (h Time) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().update(w, r, v)
}

// Remove deletes an entry.
func (h Time) Remove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().delete(w, r, v)
}
