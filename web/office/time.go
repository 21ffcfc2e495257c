package officeweb

import (
	"errors"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/fault"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// Time is the tab Time of a job. An entry is changed where it stands: the
// address names it with ?edit=.
type Time struct{ Pool *pgxpool.Pool }

// List shows the entries, one of them as a form if the address says so.
func (h Time) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Jobs(h).head(r, v, "time")
	if err != nil {
		return err
	}
	f := officeview.TimeForm{Nonce: form.NewNonce(), Day: v.Format.Today(time.Now()).String()}
	if len(head.Job.Staff) == 1 { // most likely the one who worked
		f.Staff = head.Job.Staff[0].ID
	}
	if id := idIn(r.URL.Query().Get("edit")); id != 0 {
		e, err := job.FindEntry(r.Context(), h.Pool, head.Job.ID, id)
		if err != nil {
			return err
		}
		f = officeview.TimeForm{ID: e.ID, Work: e.Work(), Day: e.WorkedOn.String(), Version: e.Version}
	}
	return h.show(w, r, v, head, f, officeview.Meanwhile{})
}

func (h Time) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, head officeview.JobHead, f officeview.TimeForm, m officeview.Meanwhile) error {
	view := officeview.JobTime{JobHead: head, Form: f, Meanwhile: m, Today: v.Format.Today(time.Now())}
	var err error
	if view.Entries, err = job.Time(r.Context(), h.Pool, head.Job.ID); err != nil {
		return err
	}
	if view.People, err = job.Assignable(r.Context(), h.Pool, []int64{f.Staff}); err != nil {
		return err
	}
	return page.Render(w, r, formStatus(f.Problems, m), officeview.Time(view))
}

func readTime(r *http.Request) officeview.TimeForm {
	p := problem.Set{}
	return officeview.TimeForm{
		Work: job.Work{
			On: form.Day(r, "worked_on", p), Hours: form.Text(r, "hours"), Staff: form.ID(r, "staff"), Start: form.Text(r, "start"), End: form.Text(r, "end"), Note: form.Text(r, "note"),
		},
		Day: form.Text(r, "worked_on"), Nonce: form.Nonce(r), Version: form.Version(r), Problems: p,
	}
}

// Log adds an entry.
func (h Time) Log(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.save(w, r, v, readTime(r), func(tx postgres.Tx, j job.Job, f officeview.TimeForm) error {
		return job.LogTime(r.Context(), tx, v.Actor(), j, f.Nonce, f.Work)
	})
}

// Edit changes an entry.
func (h Time) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := readTime(r)
	var err error
	if f.ID, err = pathID(r, "entry"); err != nil {
		return err
	}
	return h.save(w, r, v, f, func(tx postgres.Tx, j job.Job, f officeview.TimeForm) error {
		return job.EditTime(r.Context(), tx, v.Actor(), j, f.ID, f.Version, f.Work)
	})
}

func (h Time) save(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.TimeForm, write func(postgres.Tx, job.Job, officeview.TimeForm) error) error {
	head, err := Jobs(h).head(r, v, "time")
	if err != nil {
		return err
	}
	err = postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) error { return write(tx, head.Job, f) })
	if problems, ok := errors.AsType[problem.Set](err); ok {
		f.Problems = f.Problems.Join(problems) // a day that cannot be read says so, not that it is missing
		return h.show(w, r, v, head, f, officeview.Meanwhile{})
	}
	if errors.Is(err, fault.Stale) {
		now, err := job.FindEntry(r.Context(), h.Pool, head.Job.ID, f.ID)
		if err != nil {
			return err
		}
		m, err := meanwhile(r.Context(), h.Pool, v.Format, "time entry", f.ID, f.Version, timeLabels)
		if err != nil {
			return err
		}
		f.Version = now.Version
		return h.show(w, r, v, head, f, m)
	}
	if err != nil {
		return err
	}
	return page.See(w, r, route.OfficeJob(head.Job.Number, "time"))
}

var timeLabels = []labelled{{"worked_on", "Day"}, {"staff", "Staff member"}, {"hours", "Hours"}, {"start", "Start"}, {"end", "End"}, {"note", "Note"}}

// Remove deletes an entry.
func (h Time) Remove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Jobs(h).head(r, v, "time")
	if err != nil {
		return err
	}
	id, err := pathID(r, "entry")
	if err != nil {
		return err
	}
	err = postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) error { return job.RemoveTime(r.Context(), tx, v.Actor(), head.Job, id) })
	if err != nil {
		return err
	}
	return page.See(w, r, route.OfficeJob(head.Job.Number, "time"))
}
