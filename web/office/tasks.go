package officeweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"fieldgate/internal/job"
	"fieldgate/internal/office"
	"fieldgate/internal/pdf"
	"fieldgate/internal/portal/settings"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/web/form"
)

// Tasks is the tab Tasks of a job.
type Tasks struct {
	DB       postgres.DB
	Office   *office.Service
	Renderer *pdf.Renderer
}

func (h Tasks) parts() parts[job.Task, officeview.TaskForm] {
	return parts[job.Task, officeview.TaskForm]{
		jobs: Jobs(h), tab: "tasks", param: "task", thing: "task", labels: job.TaskFields,
		query: job.QueryTask,
		fill: func(t job.Task) officeview.TaskForm {
			return officeview.TaskForm{PartForm: officeview.PartForm{ID: t.ID, Version: t.Version}, TaskDetails: t.Details(), Due: t.DueOn.String()}
		},
		fresh: func(staff.Viewer, job.Job) (f officeview.TaskForm) { return f },
		form:  func(f *officeview.TaskForm) *officeview.PartForm { return &f.PartForm },
		read: func(r *http.Request) officeview.TaskForm {
			p := problem.Set{}
			return officeview.TaskForm{
				TaskDetails: job.TaskDetails{Subject: form.Text(r, "subject"), Description: form.Long(r, "description"), DueOn: form.Day(r, "due_on", p), Assignee: form.ID(r, "assignee")},
				Due:         form.Text(r, "due_on"), PartForm: officeview.PartForm{Problems: p},
			}
		},
		check: func(_ staff.Viewer, f officeview.TaskForm) problem.Set { return f.Check() },
		named: func(f officeview.TaskForm) int64 { return f.Assignee },
		create: func(ctx context.Context, v staff.Viewer, number string, f officeview.TaskForm) error {
			return h.Office.CreateTask(ctx, v, job.NewTask{Job: number, TaskDetails: f.TaskDetails, Nonce: f.Nonce})
		},
		edit: func(ctx context.Context, v staff.Viewer, number string, f officeview.TaskForm) error {
			return h.Office.EditTask(ctx, v, number, f.ID, f.Version, f.TaskDetails)
		},
		remove: h.Office.RemoveTask,
		page: func(b *postgres.Batch, number string) func(officeview.JobParts, officeview.TaskForm) templ.Component {
			var (
				tasks []job.Task
				shown settings.Current
			)
			job.QueryTasks(b, &tasks, number)
			settings.Query(b, &shown)
			return func(v officeview.JobParts, f officeview.TaskForm) templ.Component {
				return officeview.Tasks(officeview.JobTasks{JobParts: v, Tasks: tasks, Hidden: shown.HideTasks, Form: f})
			}
		},
	}
}

// List shows the tasks, one of them as a form if the address says so.
func (h Tasks) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().list(w, r, v)
}

// Add adds a task.
func (h Tasks) Add(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().add(w, r, v)
}

// Edit changes a task.
func (h Tasks) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().update(w, r, v)
}

// Complete marks a task as done, or as not done after all.
func (h Tasks) Complete(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().change(w, r, v, "", func(ctx context.Context, v staff.Viewer, number string, id int64) error {
		return h.Office.SetTaskDone(ctx, v, number, id, form.Check(r, "done"))
	})
}

// Remove deletes a task.
func (h Tasks) Remove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.parts().delete(w, r, v)
}
