package exchange

import (
	"context"
	"fmt"

	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
)

var jobNoun = noun{
	table: "jobs", key: "number",
	columns: `t.number, cu.number as customer, t.name, t.description, jt.name as type, t.status, ` + siteName + ` as site, ` + contactName("c") + ` as main_contact,
		t.purchase_order, t.preferred_on, t.booked_from, t.booked_until,
		array(select ` + staffName("m") + ` from job_staff js join staff m on m.id = js.staff_id where js.job_id = t.id order by m.name collate "C", m.id) as staff,
		t.work_undertaken as work, t.completed_at, t.cancelled_why, coalesce(q.number, '') as quote, coalesce(f.number, '') as follows,
		array(select case when e.number ~ '^#|[;\n]' then '#' || e.public_id else e.number end from job_equipment je join equipment e on e.id = je.equipment_id where je.job_id = t.id order by e.number collate "C", e.id) as equipment,
		t.invoice_number, t.invoicing_note, t.priority, t.internal_notes, t.created_at, t.origin, ` + contactName("ac") + ` as asked_by`,
	joins: `join customers cu on cu.id = t.customer_id join job_types jt on jt.id = t.job_type_id left join sites s on s.id = t.site_id left join contacts c on c.id = t.main_contact_id left join contacts ac on ac.id = t.created_by_contact_id
		left join quotes q on q.id = t.quote_id left join jobs f on f.id = t.follows_job_id`,
	named: `select id, true as sure, false as gone from jobs where number = @name`,
	load:  loader[Job](nil),
	blank: func(By) Record { return &Job{Priority: string(job.Normal)} },
	natural: func(ctx context.Context, db postgres.DB, r *Refs, now Record) (int64, error) {
		return r.find(ctx, db, Jobs, 0, as[*Job](now).Number)
	},
	stay: func(was, now Record) {
		n := as[*Job](now)
		n.CreatedAt, n.AskedBy = as[*Job](was).CreatedAt, as[*Job](was).AskedBy
	},
	judge: func(j *judging) error {
		n := as[*Job](j.now)
		n.CustomerRow = j.customer(n.Customer)
		n.jobType = j.ref("type", JobTypes, 0, n.Type)
		n.site = j.ref("site", Sites, n.CustomerRow, n.Site)
		n.contact = j.ref("main_contact", Contacts, n.CustomerRow, n.MainContact)
		n.askedBy = j.ref("asked_by", Contacts, n.CustomerRow, n.AskedBy)
		n.quote = j.ref("quote", Quotes, 0, n.Quote)
		n.follows = j.ref("follows", Jobs, 0, n.Follows)
		n.staff = j.refsOf("staff", Staff, 0, n.Staff)
		n.equipment = j.refsOf("equipment", Equipment, n.CustomerRow, n.Equipment)
		if n.Status == "" {
			n.Status = string(job.Unscheduled)
			if n.BookedFrom != nil {
				n.Status = string(job.Booked)
			}
		}
		if j.was != nil {
			j.problems.Unless(n.Number == as[*Job](j.was).Number, "number", "A number never changes.")
		}
		if j.err != nil {
			return j.err
		}
		wrong := n.brought().Check()
		if j.was != nil && n.Status == string(job.StatusNew) && as[*Job](j.was).Status == n.Status {
			delete(wrong, "status")
		}
		if at, ok := wrong["booked_on"]; ok {
			delete(wrong, "booked_on")
			wrong.Add("booked_from", at)
		}
		j.join(wrong)
		return nil
	},
	write: func(ctx context.Context, tx postgres.Tx, by By, was, now Record) (int64, error) {
		n := as[*Job](now)
		if was == nil {
			ref, _, err := job.CreateBrought(ctx, tx, by.actor(), n.brought())
			return ref.ID, err
		}
		return n.Row, job.EditBrought(ctx, tx, by.actor(), n.Number, n.Version, n.brought())
	},
	names: func(r Record) []string { return []string{as[*Job](r).Number} },
}

func (n *Job) brought() job.Brought {
	return job.Brought{
		Customer: n.CustomerRow, Number: n.Number, Status: job.Status(n.Status), CompletedAt: n.CompletedAt, CancelledWhy: n.CancelledWhy, Follows: n.follows, Quote: n.quote, AskedBy: n.askedBy, CreatedAt: n.CreatedAt,
		Details: job.Details{
			Name: n.Name, Description: n.Description, Type: n.jobType, Site: n.site, MainContact: n.contact, PurchaseOrder: n.PurchaseOrder, PreferredOn: n.PreferredOn,
			BookedFrom: n.BookedFrom, BookedUntil: n.BookedUntil, Work: n.Work, InvoiceNumber: n.InvoiceNumber, InvoicingNote: n.InvoicingNote, Priority: job.Priority(n.Priority),
			InternalNotes: n.InternalNotes, Staff: n.staff, Equipment: n.equipment,
		},
	}
}

// ofJob finds the job of a task or a time entry, which never changes, and names it
// by its number.
func (j *judging) ofJob(name *string) {
	row := j.ref("job", Jobs, 0, *name)
	j.problems.Unless(row != 0 || j.problems["job"] != "", "job", "Say which job.")
	if row <= 0 || j.err != nil {
		return
	}
	if err := j.db.QueryRow(j.ctx, `select number from jobs where id = $1`, row).Scan(name); err != nil {
		j.err = fmt.Errorf("number of the job: %w", err)
		return
	}
	switch was := j.was.(type) {
	case *Task:
		j.problems.Unless(was.Job == *name, "job", "This belongs to another job, and stays there.")
	case *TimeEntry:
		j.problems.Unless(was.Job == *name, "job", "This belongs to another job, and stays there.")
	}
}

var taskNoun = noun{
	table: "tasks", key: "id",
	columns: `jo.number as job, t.subject, t.description, t.due_on, ` + staffName("m") + ` as assignee, t.done_at`,
	joins:   `join jobs jo on jo.id = t.job_id left join staff m on m.id = t.assignee_id`,
	load:    loader[Task](nil),
	blank:   func(By) Record { return new(Task) },
	natural: func(ctx context.Context, db postgres.DB, r *Refs, now Record) (row int64, err error) {
		t := as[*Task](now)
		of, err := r.find(ctx, db, Jobs, 0, t.Job)
		if err != nil || of <= 0 {
			return 0, err
		}
		err = db.QueryRow(ctx, `select coalesce((select id from tasks where job_id = $1 and lower(subject) = lower($2) order by due_on is not distinct from $3 desc, id limit 1), 0)`, of, t.Subject, t.DueOn).Scan(&row)
		return row, err //nolint:wrapcheck // wrapped by Put
	},
	judge: func(j *judging) error {
		t := as[*Task](j.now)
		j.ofJob(&t.Job)
		t.assignee = j.ref("assignee", Staff, 0, t.Assignee)
		j.join(t.details().Check())
		return j.err
	},
	write: func(ctx context.Context, tx postgres.Tx, by By, was, now Record) (row int64, err error) {
		t := as[*Task](now)
		row = t.Row
		if was == nil {
			row, _, err = job.CreateTask(ctx, tx, by.actor(), job.NewTask{Job: t.Job, TaskDetails: t.details()})
		} else if differ(Tasks, was, now, "done_at") {
			err = job.EditTask(ctx, tx, by.actor(), t.Job, row, t.Version, t.details())
		}
		if err != nil || (was == nil && t.DoneAt == nil) {
			return row, err
		}
		return row, job.SetBroughtTaskDone(ctx, tx, by.actor(), t.Job, row, t.DoneAt)
	},
	names: func(Record) []string { return nil },
}

func (t *Task) details() job.TaskDetails {
	return job.TaskDetails{Subject: t.Subject, Description: t.Description, DueOn: t.DueOn, Assignee: t.assignee}
}

var timeNoun = noun{
	table: "time_entries", key: "id",
	columns: `jo.number as job, t.worked_on as "on", ` + staffName("m") + ` as staff, t.hours, coalesce(to_char(t.started, 'HH24:MI'), '') as start, coalesce(to_char(t.ended, 'HH24:MI'), '') as "end", t.note`,
	joins:   `join jobs jo on jo.id = t.job_id join staff m on m.id = t.staff_id`,
	load:    loader[TimeEntry](nil),
	blank:   func(By) Record { return new(TimeEntry) },
	natural: func(ctx context.Context, db postgres.DB, r *Refs, now Record) (row int64, err error) {
		e := as[*TimeEntry](now)
		of, err := r.find(ctx, db, Jobs, 0, e.Job)
		if err != nil || of <= 0 {
			return 0, err
		}
		who, err := r.find(ctx, db, Staff, 0, e.Staff)
		if err != nil || who <= 0 {
			return 0, err
		}
		err = db.QueryRow(ctx, `
			select coalesce((select id from time_entries where job_id = $1 and worked_on = $2 and staff_id = $3 and coalesce(to_char(started, 'HH24:MI'), '') = $4 and note = $5 order by id limit 1), 0)`,
			of, e.On, who, e.Start, e.Note).Scan(&row)
		return row, err //nolint:wrapcheck // wrapped by Put
	},
	judge: func(j *judging) error {
		e := as[*TimeEntry](j.now)
		j.ofJob(&e.Job)
		e.member = j.ref("staff", Staff, 0, e.Staff)
		details := e.details()
		if e.member < 0 {
			details.Staff = -e.member // would be made
		}
		if j.err == nil && j.problems["staff"] == "" {
			j.join(details.Check(j.by.format().Today()))
		}
		return j.err
	},
	write: func(ctx context.Context, tx postgres.Tx, by By, was, now Record) (row int64, err error) {
		e := as[*TimeEntry](now)
		if was == nil {
			row, _, err = job.CreateTime(ctx, tx, by.actor(), job.NewTime{Job: e.Job, TimeDetails: e.details()})
			return row, err
		}
		return e.Row, job.EditTime(ctx, tx, by.actor(), e.Job, e.Row, e.Version, e.details())
	},
	names: func(Record) []string { return nil },
}

func (e *TimeEntry) details() job.TimeDetails {
	d := job.TimeDetails{On: e.On, Staff: e.member, Start: e.Start, End: e.End, Note: e.Note}
	if !e.Hours.IsZero() {
		d.Hours = e.Hours.String()
	}
	return d
}
