package officeweb

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/fault"
	"fieldgate/internal/job"
	"fieldgate/internal/portal/settings"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// Tasks is the tab Tasks of a job. A task is changed where it stands: the
// address names it with ?edit=.
type Tasks struct{ Pool *pgxpool.Pool }

// List shows the tasks, one of them as a form if the address says so.
func (h Tasks) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Jobs(h).head(r, v, "tasks")
	if err != nil {
		return err
	}
	f := officeview.TaskForm{Nonce: form.NewNonce()}
	if id := idIn(r.URL.Query().Get("edit")); id != 0 {
		t, err := job.FindTask(r.Context(), h.Pool, head.Job.ID, id)
		if err != nil {
			return err
		}
		f = officeview.TaskForm{ID: t.ID, TaskDetails: t.Details(), Due: t.DueOn.String(), Version: t.Version}
	}
	return h.show(w, r, v, head, f, officeview.Meanwhile{})
}

func (h Tasks) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, head officeview.JobHead, f officeview.TaskForm, m officeview.Meanwhile) error {
	ctx := r.Context()
	view := officeview.JobTasks{JobHead: head, Form: f, Meanwhile: m, Today: v.Format.Today(time.Now())}
	var err error
	if view.Tasks, err = job.Tasks(ctx, h.Pool, head.Job.ID); err != nil {
		return err
	}
	if view.People, err = job.Assignable(ctx, h.Pool, []int64{f.Assignee}); err != nil {
		return err
	}
	s, err := settings.Read(ctx, h.Pool)
	if err != nil {
		return err
	}
	view.Hidden = s.HideTasks
	return page.Render(w, r, formStatus(f.Problems, m), officeview.Tasks(view))
}

func readTask(r *http.Request) officeview.TaskForm {
	p := problem.Set{}
	return officeview.TaskForm{
		TaskDetails: job.TaskDetails{Subject: form.Text(r, "subject"), Description: form.Long(r, "description"), DueOn: form.Day(r, "due_on", p), Assignee: form.ID(r, "assignee")},
		Due:         form.Text(r, "due_on"), Nonce: form.Nonce(r), Version: form.Version(r), Problems: p,
	}
}

// Add adds a task.
func (h Tasks) Add(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.save(w, r, v, readTask(r), func(tx postgres.Tx, j job.Job, f officeview.TaskForm) error {
		return job.AddTask(r.Context(), tx, v.Actor(), j, f.Nonce, f.TaskDetails)
	})
}

// Edit changes a task.
func (h Tasks) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := readTask(r)
	var err error
	if f.ID, err = pathID(r, "task"); err != nil {
		return err
	}
	return h.save(w, r, v, f, func(tx postgres.Tx, j job.Job, f officeview.TaskForm) error {
		return job.EditTask(r.Context(), tx, v.Actor(), j, f.ID, f.Version, f.TaskDetails)
	})
}

func (h Tasks) save(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.TaskForm, write func(postgres.Tx, job.Job, officeview.TaskForm) error) error {
	head, err := Jobs(h).head(r, v, "tasks")
	if err != nil {
		return err
	}
	if err = f.Problems.Join(f.Check()).Err(); err == nil {
		err = postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) error { return write(tx, head.Job, f) })
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		f.Problems = problems
		return h.show(w, r, v, head, f, officeview.Meanwhile{})
	}
	if errors.Is(err, fault.Stale) {
		now, err := job.FindTask(r.Context(), h.Pool, head.Job.ID, f.ID)
		if err != nil {
			return err
		}
		m, err := meanwhile(r.Context(), h.Pool, v.Format, "task", f.ID, f.Version, taskLabels)
		if err != nil {
			return err
		}
		f.Version = now.Version
		return h.show(w, r, v, head, f, m)
	}
	if err != nil {
		return err
	}
	return page.See(w, r, taskURL(head.Job.Number, f.ID))
}

var taskLabels = []labelled{{"subject", "Subject"}, {"description", "Description"}, {"due_on", "Due"}, {"assignee", "Assignee"}}

func taskURL(number string, id int64) string {
	url := route.OfficeJob(number, "tasks")
	if id != 0 {
		url += "#task-" + strconv.FormatInt(id, 10)
	}
	return url
}

// Complete marks a task as done, or as not done after all.
func (h Tasks) Complete(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, v, func(tx postgres.Tx, j job.Job, id int64) error {
		return job.TickTask(r.Context(), tx, v.Actor(), j, id, form.Check(r, "done"))
	})
}

// Remove deletes a task.
func (h Tasks) Remove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, v, func(tx postgres.Tx, j job.Job, id int64) error {
		return job.RemoveTask(r.Context(), tx, v.Actor(), j, id)
	})
}

func (h Tasks) change(w http.ResponseWriter, r *http.Request, v staff.Viewer, write func(postgres.Tx, job.Job, int64) error) error {
	head, err := Jobs(h).head(r, v, "tasks")
	if err != nil {
		return err
	}
	id, err := pathID(r, "task")
	if err != nil {
		return err
	}
	if err := postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) error { return write(tx, head.Job, id) }); err != nil {
		return err
	}
	return page.See(w, r, taskURL(head.Job.Number, 0))
}
