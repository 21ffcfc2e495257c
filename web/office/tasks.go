package officeweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/job"
	"fieldgate/internal/portal/settings"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/web/form"
)

// Tasks is the tab Tasks of a job.
type Tasks struct{ Pool *pgxpool.Pool }

var taskLabels = []labelled{{"subject", "Subject"}, {"description", "Description"}, {"due_on", "Due"}, {"assignee", "Assignee"}, {"done", "Done"}}

func (h Tasks) parts() parts[officeview.TaskForm] {
	return parts[officeview.TaskForm]{
		pool: h.Pool, tab: "tasks", param: "task", thing: "task", labels: taskLabels,
		form:  func(f *officeview.TaskForm) *officeview.PartForm { return &f.PartForm },
		fresh: func(staff.Viewer, job.Job) (f officeview.TaskForm) { return f },
		find: func(ctx context.Context, db postgres.DB, j, id int64) (officeview.TaskForm, error) {
			t, err := job.FindTask(ctx, db, j, id)
			return officeview.TaskForm{PartForm: officeview.PartForm{ID: t.ID, Version: t.Version}, TaskDetails: t.Details(), Due: t.DueOn.String()}, err
		},
		read: func(r *http.Request) officeview.TaskForm {
			p := problem.Set{}
			return officeview.TaskForm{
				TaskDetails: job.TaskDetails{Subject: form.Text(r, "subject"), Description: form.Long(r, "description"), DueOn: form.Day(r, "due_on", p), Assignee: form.ID(r, "assignee")},
				Due:         form.Text(r, "due_on"), PartForm: officeview.PartForm{Problems: p},
			}
		},
		check: func(_ staff.Viewer, f officeview.TaskForm) problem.Set { return f.Check() },
		add: func(ctx context.Context, tx postgres.Tx, by audit.Actor, j job.Job, f officeview.TaskForm) error {
			return job.AddTask(ctx, tx, by, j, f.Nonce, f.TaskDetails)
		},
		edit: func(ctx context.Context, tx postgres.Tx, by audit.Actor, j job.Job, f officeview.TaskForm) error {
			return job.EditTask(ctx, tx, by, j, f.ID, f.Version, f.TaskDetails)
		},
		remove: job.RemoveTask,
		named:  func(f officeview.TaskForm) int64 { return f.Assignee },
		page: func(ctx context.Context, v officeview.JobParts, f officeview.TaskForm) (templ.Component, error) {
			tasks, err := job.Tasks(ctx, h.Pool, v.Job.ID)
			if err != nil {
				return nil, err
			}
			s, err := settings.Read(ctx, h.Pool)
			return officeview.Tasks(officeview.JobTasks{JobParts: v, Tasks: tasks, Hidden: s.HideTasks, Form: f}), err
		},
	}
}

// List shows the tasks, one of them as a form if the address says so.
func (h Tasks) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().list(w, r, v)
}

// Add adds a task.
func (h Tasks) Add(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().create(w, r, v)
}

// Edit changes a task.
func (h Tasks) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().update(w, r, v)
}

// Complete marks a task as done, or as not done after all.
func (h Tasks) Complete(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().change(w, r, v, "", func(ctx context.Context, tx postgres.Tx, by audit.Actor, j job.Job, id int64) error {
		return job.TickTask(ctx, tx, by, j, id, form.Check(r, "done"))
	})
}

// Remove deletes a task.
func (h Tasks) Remove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().delete(w, r, v)
}
