package job_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Harbour Dental (1) has Lee (1), the sites George Street (1) and, archived,
// Dock (2), and a unit (1); Pelican Point (2) has Ola (2), Tower (3), a fan (2).
const fixtures = `
insert into staff (name, email, role, state) values ('Ada', 'ada@demo.test', 'administrator', 'active'), ('Ben', 'ben@demo.test', 'office', 'active'), ('Fay', '', 'field', 'active');
insert into job_types (name, colour, active) values ('Maintenance', 'teal', true), ('Breakdown', 'red', true), ('Old', 'pink', false);
insert into customers (name, company_name) values ('Harbour', 'Harbour Dental'), ('Pelican Point', '');
insert into contacts (customer_id, name, email, access) values (1, 'Lee', 'lee@demo.test', 'invited'), (2, 'Ola', 'ola@demo.test', 'invited');
insert into sites (customer_id, name, archived_at) values (1, 'George Street', null), (1, 'Dock', now()), (2, 'Tower', null);
insert into equipment (customer_id, number, name, type, origin) values (1, 'E-001', 'Rooftop unit', 'Unit', 'office'), (2, 'E-001', 'Fan', 'Fan', 'office');
`

var (
	ada = audit.Actor{Staff: 1, Name: "Ada"}
	ben = audit.Actor{Staff: 2, Name: "Ben"}
	lee = audit.Actor{Contact: 1, Person: 1, Name: "Lee"}
)

func business(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db := dbtest.New(t)
	if _, err := db.Exec(context.Background(), fixtures); err != nil {
		t.Fatal(err)
	}
	return db
}

func transact(db *pgxpool.Pool, do func(postgres.Tx) error) error {
	return postgres.Transact(context.Background(), db, do)
}

func value[T any](t *testing.T, db *pgxpool.Pool, sql string, args ...any) (v T) {
	t.Helper()
	if err := db.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func read[T any](db *pgxpool.Pool, query func(*postgres.Batch, *T)) (into T, err error) {
	err = postgres.Read(context.Background(), db, func(b *postgres.Batch) { query(b, &into) })
	return into, err
}

func create(t *testing.T, db *pgxpool.Pool, customer int64, d job.Details) job.Ref {
	t.Helper()
	var ref job.Ref
	if d.Type == 0 {
		d.Type = 1
	}
	if d.Description == "" {
		d.Description = "Quarterly service"
	}
	d.Priority = job.Normal
	err := transact(db, func(tx postgres.Tx) (err error) {
		ref, _, err = job.Create(context.Background(), tx, ben, job.New{Customer: customer, Details: d})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestTransitions(t *testing.T) {
	t.Parallel()
	// As the product words them; everything else is refused.
	transitions := map[job.Status]string{
		job.StatusNew: "unscheduled booked cancelled", job.Unscheduled: "booked in-progress cancelled",
		job.Booked: "unscheduled in-progress deferred completed cancelled", job.InProgress: "deferred completed cancelled",
		job.Deferred: "unscheduled booked cancelled", job.Completed: "closed in-progress", job.Closed: "in-progress", job.Cancelled: "unscheduled",
	}
	for _, from := range job.Statuses {
		for _, to := range job.Statuses {
			want := slices.Contains(strings.Fields(transitions[from]), strings.ReplaceAll(string(to), " ", "-"))
			if got := from.May(to, true); got != want {
				t.Errorf("%s to %s: %v", from, to, got)
			}
			if got := from.May(to, false); got != (want && from != job.Closed) {
				t.Errorf("%s to %s by somebody who is no Administrator: %v", from, to, got)
			}
		}
	}
}

func TestMoves(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	ref := create(t, db, 1, job.Details{})
	at := time.Now().Add(48 * time.Hour).Truncate(time.Minute)
	booking := job.Booking{From: &at}
	for _, step := range []struct {
		to        job.Status
		by        audit.Actor
		booking   job.Booking
		refused   string // part of the answer
		completed bool
		booked    bool
	}{
		{job.Booked, ben, job.Booking{}, "needs a date", false, false},
		{job.Completed, ben, job.Booking{}, "cannot become Completed", false, false},
		{"nonsense", ben, job.Booking{}, "cannot become something else", false, false},
		{job.Booked, ben, job.Booking{From: &at, Until: new(at.Add(-time.Hour))}, "end is before", false, false},
		{job.Booked, ben, booking, "", false, true},
		{job.Booked, ben, booking, "", false, true}, // pressed twice
		{job.Completed, ben, job.Booking{}, "", true, true},
		{job.Closed, ben, job.Booking{}, "", true, true},
		{job.InProgress, ben, job.Booking{}, "Only an Administrator", true, true},
		{job.InProgress, ada, job.Booking{}, "", false, true},
		{job.Deferred, ben, job.Booking{}, "", false, true},
		{job.Unscheduled, ben, job.Booking{}, "", false, false},
		{job.Cancelled, ben, job.Booking{}, "", false, false},
		{job.Unscheduled, ben, job.Booking{}, "", false, false},
	} {
		j, err := job.FindByNumber(ctx, db, ref.Number)
		if err != nil {
			t.Fatal(err)
		}
		err = transact(db, func(tx postgres.Tx) error {
			_, _, err := job.Move(ctx, tx, step.by, step.by.Staff == 1, ref.Number, j.Version, job.Step{To: step.to, Booking: step.booking})
			return err
		})
		if (err == nil) != (step.refused == "") || (err != nil && !strings.Contains(err.Error(), step.refused)) {
			t.Errorf("%s to %s: %v; want %q", j.Status, step.to, err, step.refused)
		}
		after, err := job.FindByNumber(ctx, db, ref.Number)
		if err != nil {
			t.Fatal(err)
		}
		if (after.CompletedAt != nil) != step.completed || (after.BookedFrom != nil) != step.booked {
			t.Errorf("after %s: completed %v, booked %v", step.to, after.CompletedAt, after.BookedFrom)
		}
	}
	var history []job.Event
	err := postgres.Read(ctx, db, func(b *postgres.Batch) { job.QueryHistory(b, &history, ref.ID) })
	var came []string
	for _, e := range history {
		came = append(came, string(e.Status))
	}
	if got := strings.Join(came, ", "); err != nil || got != "unscheduled, cancelled, unscheduled, deferred, in progress, closed, completed, booked, unscheduled" {
		t.Errorf("history %s, %v", got, err)
	}
	err = transact(db, func(tx postgres.Tx) error {
		_, _, err := job.Move(ctx, tx, ben, false, ref.Number, 1, job.Step{To: job.Booked, Booking: booking})
		return err
	})
	if !errors.Is(err, apperr.Stale) {
		t.Errorf("a button of an old page: %v", err)
	}
}

// What the age limit looks at: the completion, else the booking, else the creation; nothing as long as work is open.
func TestAgedAt(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	at := time.Now().Add(-time.Hour)
	ref := create(t, db, 1, job.Details{BookedFrom: &at})
	aged := func() string {
		return value[string](t, db, `select case when aged_at = 'infinity' then 'never' when aged_at = completed_at then 'completed' when aged_at = booked_from then 'booked' when aged_at = created_at then 'created' end from jobs where id = $1`, ref.ID)
	}
	version := int64(1)
	for _, step := range []struct {
		to   job.Status
		want string
	}{
		{"", "never"},
		{job.Completed, "completed"},
		{job.InProgress, "never"},
		{job.Cancelled, "booked"},
		{job.Unscheduled, "never"},
		{job.Cancelled, "created"},
	} {
		if step.to != "" {
			if err := transact(db, func(tx postgres.Tx) error {
				_, _, err := job.Move(ctx, tx, ben, false, ref.Number, version, job.Step{To: step.to})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			version++
		}
		if got := aged(); got != step.want {
			t.Errorf("after %s: %s, want %s", step.to, got, step.want)
		}
	}
}

func TestRequestsOfThePortal(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	for _, tt := range []struct {
		name    string
		request job.New
		problem string
	}{
		{"complete", job.New{Details: job.Details{Type: 1, Site: 1, Description: "Surgery too warm", Equipment: []int64{1, 2}}}, ""},
		{"nothing said", job.New{Details: job.Details{Type: 1}}, "description"},
		{"no type", job.New{Details: job.Details{Description: "x"}}, "type"},
		{"a type not on offer any more", job.New{Details: job.Details{Type: 3, Description: "x"}}, "type"},
		{"another customer's site", job.New{Details: job.Details{Type: 1, Site: 3, Description: "x"}}, "site"},
		{"an archived site", job.New{Details: job.Details{Type: 1, Site: 2, Description: "x"}}, "site"},
		{"too long", job.New{Details: job.Details{Type: 1, Description: strings.Repeat("ä", 10_001)}}, "description"},
	} {
		tt.request.Customer, tt.request.Contact, tt.request.Nonce = 1, 1, "n-"+tt.name
		var ref job.Ref
		open := func(tx postgres.Tx) (err error) {
			ref, _, err = job.Create(ctx, tx, lee, tt.request)
			return err
		}
		err := transact(db, open)
		problems, _ := errors.AsType[problem.Set](err)
		if _, there := problems[tt.problem]; there != (tt.problem != "") || (err == nil) != (tt.problem == "") {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.problem != "" {
			continue
		}
		first := ref
		if err := transact(db, open); err != nil || ref != first || value[int](t, db, `select count(*) from jobs`) != 1 {
			t.Errorf("%s: sent twice made %v and %v, %v", tt.name, first, ref, err)
		}
		j, err := job.FindByNumber(ctx, db, ref.Number)
		if err != nil || j.Status != job.StatusNew || !j.FromPortal || j.MainContact != "Lee" || j.CreatedBy != "Lee" || len(j.Equipment) != 1 || j.LookedAt != nil {
			t.Errorf("%s: %+v, %v", tt.name, j, err)
		}
		var trail, history string
		err = db.QueryRow(ctx, `select concat_ws('|', after->>'type', after->>'site', after->>'main_contact', after->>'description', after->>'status', after->'equipment', after->>'version') from audit_entries where action = 'opened'`).Scan(&trail)
		if want := j.TypeName + "|" + j.SiteName + "|Lee|Surgery too warm|new|[\"" + j.Equipment[0].Number + " " + j.Equipment[0].Name + "\"]|1"; err != nil || trail != want {
			t.Errorf("%s: the trail keeps %q, want %q, %v", tt.name, trail, want, err)
		}
		err = db.QueryRow(ctx, `select string_agg(concat_ws(' ', status, contact_id), ', ') from job_statuses where job_id = $1`, ref.ID).Scan(&history)
		if err != nil || history != "new 1" {
			t.Errorf("%s: the history is %q, %v", tt.name, history, err)
		}
		for range 2 { // only the first look counts
			if err := transact(db, func(tx postgres.Tx) error { return job.MarkLookedAt(ctx, tx, ben, ref.ID) }); err != nil {
				t.Error(err)
			}
		}
		if j, _ = job.FindByNumber(ctx, db, ref.Number); j.LookedBy != "Ben" || value[int](t, db, `select count(*) from audit_entries where action = 'looked at'`) != 1 {
			t.Errorf("looked at by %q", j.LookedBy)
		}
	}
}

func TestEditingByContacts(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	at := time.Now()
	for status, may := range map[job.Status]bool{
		job.StatusNew: true, job.Unscheduled: true, job.Booked: true,
		job.InProgress: false, job.Deferred: false, job.Completed: false, job.Closed: false, job.Cancelled: false,
	} {
		ref := create(t, db, 1, job.Details{BookedFrom: &at})
		if _, err := db.Exec(ctx, `update jobs set status = $1, completed_at = now() where id = $2`, status, ref.ID); err != nil {
			t.Fatal(err)
		}
		edit := func(customer, version int64) error {
			return transact(db, func(tx postgres.Tx) error {
				return job.EditByContact(ctx, tx, lee, customer, ref.Number, version, job.ContactEdit{Description: "Changed", Site: 1, PreferredOn: day.New(2026, 12, 1)})
			})
		}
		if err := edit(2, 1); !errors.Is(err, apperr.NotFound) {
			t.Errorf("%s: by another customer: %v", status, err)
		}
		if may {
			if err := edit(1, 7); !errors.Is(err, apperr.Stale) {
				t.Errorf("%s: of an old version: %v", status, err)
			}
		}
		err := edit(1, 1)
		if _, refused := errors.AsType[apperr.Conflict](err); refused == may || (err == nil) != may {
			t.Errorf("%s: %v", status, err)
		}
	}
}

func TestEditing(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	ref := create(t, db, 1, job.Details{Name: "Service", Site: 1, Staff: []int64{3}, Equipment: []int64{1}})
	j, err := job.FindByNumber(ctx, db, ref.Number)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(version int64, change func(*job.Details)) error {
		d := j.Details()
		change(&d)
		return transact(db, func(tx postgres.Tx) error {
			_, _, err := job.Edit(ctx, tx, ben, ref.Number, version, d)
			return err
		})
	}
	for _, tt := range []struct {
		name, field string
		change      func(*job.Details)
	}{
		{"another customer's site", "site", func(d *job.Details) { d.Site = 3 }},
		{"another customer's contact", "main_contact", func(d *job.Details) { d.MainContact = 2 }},
		{"an unknown type", "type", func(d *job.Details) { d.Type = 99 }},
		{"no description", "description", func(d *job.Details) { d.Description = "" }},
		{"a priority of somebody's own", "priority", func(d *job.Details) { d.Priority = "asap" }},
		{"an endless note", "invoicing_note", func(d *job.Details) { d.InvoicingNote = strings.Repeat("x", 10_001) }},
	} {
		problems, _ := errors.AsType[problem.Set](edit(1, tt.change))
		if problems[tt.field] == "" {
			t.Errorf("%s: %v", tt.name, problems)
		}
	}
	at := time.Now()
	if err := edit(1, func(d *job.Details) {
		d.Name, d.Staff, d.Equipment, d.BookedFrom = "Big service", []int64{2, 3, 99}, nil, &at // an unscheduled job takes no booking
	}); err != nil {
		t.Fatal(err)
	}
	if err := edit(1, func(*job.Details) {}); !errors.Is(err, apperr.Stale) {
		t.Errorf("edited twice from one version: %v", err)
	}
	j, err = job.FindByNumber(ctx, db, ref.Number)
	if err != nil || j.Name != "Big service" || len(j.Staff) != 2 || len(j.Equipment) != 0 || j.BookedFrom != nil || j.Version != 2 {
		t.Errorf("%+v, %v", j, err)
	}
	changes, err := audit.Since(ctx, db, "job", ref.ID, 1)
	var fields []string
	for _, c := range changes {
		fields = append(fields, c.Field)
	}
	if err != nil || !slices.Equal(fields, []string{"equipment", "name", "staff"}) {
		t.Errorf("what changed meanwhile: %v, %v", fields, err)
	}
	if _, err := job.FindByNumber(ctx, db, "J-0"); !errors.Is(err, apperr.NotFound) {
		t.Error(err)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	at := time.Now().Add(time.Hour)
	create(t, db, 1, job.Details{Name: "Pump", Site: 1, Staff: []int64{3}})
	create(t, db, 2, job.Details{Name: "Fan", Type: 2, BookedFrom: &at})
	err := transact(db, func(tx postgres.Tx) error {
		_, _, err := job.Create(ctx, tx, lee, job.New{Customer: 1, Contact: 1, Details: job.Details{Type: 1, Description: "Too warm"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		address string
		filter  job.Filter
		want    string
	}{
		{"", job.Filter{}, "Too warm, Fan, Pump"},
		{"sort=number", job.Filter{}, "Pump, Fan, Too warm"},
		{"sort=-booked", job.Filter{}, "Fan, Too warm, Pump"},
		{"q=georg", job.Filter{}, "Pump"},
		{"q=harbour+dent", job.Filter{}, "Too warm, Pump"}, // by the customer's name
		{"q=J-1002", job.Filter{}, "Fan"},
		{"q=%26+!", job.Filter{}, ""},
		{"", job.Filter{Status: job.Booked}, "Fan"},
		{"", job.Filter{Open: true, Customer: "C-1001"}, "Too warm, Pump"},
		{"", job.Filter{Type: 2}, "Fan"},
		{"", job.Filter{Assigned: 3}, "Pump"},
		{"", job.Filter{Portal: true}, "Too warm"},
		{"", job.Filter{NotLooked: true}, "Too warm"},
		{"q=harbour", job.Filter{NotLooked: true}, "Too warm"},
		{"", job.Filter{Assigned: job.Nobody}, "Too warm, Fan"},
		{"", job.Filter{Customer: "c-1001", Site: 1}, "Pump"},
		{"", job.Filter{Customer: "pelican"}, "Fan"},
		{"", job.Filter{Priority: job.Normal, Type: 2}, "Fan"},
		{"", job.Filter{Priority: job.Urgent}, ""},
		{"", job.Filter{Since: day.Of(at, time.UTC), Zone: time.UTC}, "Fan"},
		{"", job.Filter{Since: day.Of(at, time.UTC).AddDays(1), Zone: time.UTC}, ""},
		{"", job.Filter{Until: day.Of(at, time.UTC), Zone: time.UTC}, "Fan"},
		{"", job.Filter{Until: day.Of(at, time.UTC).AddDays(-1), Zone: time.UTC}, ""},
		{"", job.Filter{Customer: "C-9"}, ""},
	} {
		v, _ := url.ParseQuery(tt.address)
		page, err := job.List(ctx, db, job.Orders.Read(v), tt.filter)
		var names []string
		for _, r := range page.Rows {
			names = append(names, r.Title())
		}
		if got := strings.Join(names, ", "); err != nil || got != tt.want {
			t.Errorf("%q %+v: %q, %v; want %q", tt.address, tt.filter, got, err, tt.want)
		}
	}
	var (
		m      job.Matches
		page   list.Page[job.Row]
		counts job.Counts
		q, f   = list.Query{}, job.Filter{Customer: "C-1001", Status: job.Booked}
	)
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { job.QueryMatches(b, &m, q, f) }); err == nil {
		err = postgres.Read(ctx, db, func(b *postgres.Batch) { job.QueryBoard(b, &page, &counts, q, f, m) })
	}
	if err != nil || counts.Of() != 2 || counts.Open() != 2 || counts[job.StatusNew] != 1 || counts[job.Unscheduled] != 1 || counts[job.Booked] != 0 {
		t.Errorf("%+v, %v", counts, err)
	}
}

func TestTasks(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	ref, other := create(t, db, 1, job.Details{}), create(t, db, 2, job.Details{})
	do := func(f func(postgres.Tx) error) error { return transact(db, f) }
	for range 2 {
		if err := do(func(tx postgres.Tx) error {
			_, _, err := job.CreateTask(ctx, tx, ben, job.NewTask{Job: ref.Number, TaskDetails: job.TaskDetails{Subject: "Check belts", Assignee: 3, DueOn: day.New(2026, 1, 2)}, Nonce: "nonce"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := do(func(tx postgres.Tx) error {
		_, _, err := job.CreateTask(ctx, tx, ben, job.NewTask{Job: ref.Number})
		return err
	}); err == nil {
		t.Error("a task without a subject")
	}
	tasks, err := read(db, func(b *postgres.Batch, into *[]job.Task) { job.QueryTasks(b, into, ref.Number) })
	if err != nil || len(tasks) != 1 || tasks[0].AssigneeName != "Fay" || !tasks[0].Overdue(day.New(2026, 1, 3)) || tasks[0].Overdue(day.New(2026, 1, 2)) {
		t.Fatalf("%+v, %v", tasks, err)
	}
	id := tasks[0].ID
	if err := do(func(tx postgres.Tx) error { return job.SetTaskDone(ctx, tx, ben, other.Number, id, true) }); !errors.Is(err, apperr.NotFound) {
		t.Errorf("ticked on another job: %v", err)
	}
	for range 2 {
		if err := do(func(tx postgres.Tx) error { return job.SetTaskDone(ctx, tx, ben, ref.Number, id, true) }); err != nil {
			t.Error(err)
		}
	}
	if err := do(func(tx postgres.Tx) error {
		return job.EditTask(ctx, tx, ben, ref.Number, id, 1, job.TaskDetails{Subject: "x"})
	}); !errors.Is(err, apperr.Stale) {
		t.Errorf("edited from an old version: %v", err)
	}
	if err := do(func(tx postgres.Tx) error {
		return job.EditTask(ctx, tx, ben, ref.Number, id, 2, job.TaskDetails{Subject: "Belts"})
	}); err != nil {
		t.Error(err)
	}
	if task, _ := read(db, func(b *postgres.Batch, into *job.Task) { job.QueryTask(b, into, ref.Number, id) }); task.Subject != "Belts" || !task.Done() || task.Assignee != 0 {
		t.Errorf("%+v", task)
	}
	for range 2 {
		if err := do(func(tx postgres.Tx) error { return job.RemoveTask(ctx, tx, ben, ref.Number, id) }); err != nil {
			t.Error(err)
		}
	}
	if got := value[string](t, db, `select string_agg(action, ', ' order by id) from audit_entries where thing = 'task'`); got != "created, done, edited, removed" {
		t.Errorf("audit: %s", got)
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, loggedTime)
}

func loggedTime(t *testing.T) {
	ctx, db := context.Background(), business(t)
	ref := create(t, db, 1, job.Details{})
	on, today := day.New(2026, 1, 5), value[day.Day](t, db, `select business_day()`)
	for _, tt := range []struct {
		name  string
		work  job.TimeDetails
		hours string // or
		field string
	}{
		{"hours", job.TimeDetails{On: on, Staff: 3, Hours: "1.5"}, "1.5", ""},
		{"hours with a comma", job.TimeDetails{On: on, Staff: 3, Hours: "2,25"}, "2.25", ""},
		{"hours and minutes", job.TimeDetails{On: on, Staff: 3, Hours: "0:20"}, "0.33", ""},
		{"start and end", job.TimeDetails{On: on, Staff: 3, Start: "08:15", End: "10:00"}, "1.75", ""},
		{"past midnight", job.TimeDetails{On: on, Staff: 3, Start: "22:30", End: "01:00"}, "2.5", ""},
		{"with a break", job.TimeDetails{On: on, Staff: 3, Hours: "7.5", Start: "08:00", End: "16:00"}, "7.5", ""},
		{"a day", job.TimeDetails{On: on, Staff: 3, Hours: "24"}, "24", ""},
		{"more than a day", job.TimeDetails{On: on, Staff: 3, Hours: "24.01"}, "", "hours"},
		{"nothing", job.TimeDetails{On: on, Staff: 3}, "", "hours"},
		{"no time", job.TimeDetails{On: on, Staff: 3, Hours: "0"}, "", "hours"},
		{"less than nothing", job.TimeDetails{On: on, Staff: 3, Hours: "-1"}, "", "hours"},
		{"a huge exponent", job.TimeDetails{On: on, Staff: 3, Hours: "1e999999999"}, "", "hours"},
		{"words", job.TimeDetails{On: on, Staff: 3, Hours: "two"}, "", "hours"},
		{"half a span", job.TimeDetails{On: on, Staff: 3, Start: "08:00"}, "", "end"},
		{"no span", job.TimeDetails{On: on, Staff: 3, Start: "08:00", End: "08:00"}, "", "end"},
		{"no time of day", job.TimeDetails{On: on, Staff: 3, Start: "25:00", End: "26:00"}, "", "start"},
		{"nobody", job.TimeDetails{On: on, Hours: "1"}, "", "staff"},
		{"a stranger", job.TimeDetails{On: on, Staff: 99, Hours: "1"}, "", "staff"},
		{"no day", job.TimeDetails{Staff: 3, Hours: "1"}, "", "worked_on"},
		{"today", job.TimeDetails{On: today, Staff: 3, Hours: "1"}, "1", ""},
		{"a day to come", job.TimeDetails{On: today.AddDays(1), Staff: 3, Hours: "1"}, "", "worked_on"},
	} {
		err := transact(db, func(tx postgres.Tx) error {
			_, _, err := job.CreateTime(ctx, tx, ben, job.NewTime{Job: ref.Number, TimeDetails: tt.work})
			return err
		})
		problems, _ := errors.AsType[problem.Set](err)
		if (err == nil) != (tt.field == "") || (tt.field != "" && problems[tt.field] == "") {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if err != nil {
			continue
		}
		entries, err := read(db, func(b *postgres.Batch, into *[]job.TimeEntry) { job.QueryTime(b, into, ref.Number) })
		if err != nil || entries[0].Hours.String() != tt.hours || entries[0].Start != tt.work.Start {
			t.Errorf("%s: %+v, %v", tt.name, entries[0], err)
		}
	}
	j, _ := job.FindByNumber(ctx, db, ref.Number)
	if got := j.TimeLogged.String(); got != "40.83" {
		t.Errorf("Time Logged %s", got)
	}
	entries, _ := read(db, func(b *postgres.Batch, into *[]job.TimeEntry) { job.QueryTime(b, into, ref.Number) })
	w := entries[0].Details()
	w.Hours = "3"
	change := func(version int64) error {
		return transact(db, func(tx postgres.Tx) error { return job.EditTime(ctx, tx, ben, ref.Number, entries[0].ID, version, w) })
	}
	if err := change(1); err != nil {
		t.Error(err)
	}
	if err := change(1); !errors.Is(err, apperr.Stale) {
		t.Error(err)
	}
	if err := transact(db, func(tx postgres.Tx) error { return job.RemoveTime(ctx, tx, ben, ref.Number, entries[0].ID) }); err != nil {
		t.Error(err)
	}
	if _, err := read(db, func(b *postgres.Batch, into *job.TimeEntry) { job.QueryTimeEntry(b, into, ref.Number, entries[0].ID) }); !errors.Is(err, apperr.NotFound) {
		t.Error(err)
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	for _, tt := range []struct {
		name, field string
		d           job.TypeDetails
	}{
		{"complete", "", job.TypeDetails{Name: "Installation", Colour: "purple", Active: true, Addresses: []string{"new@northwind.test", "desk@northwind.test"}}},
		{"a name taken", "name", job.TypeDetails{Name: "MAINTENANCE", Colour: "red"}},
		{"no name", "name", job.TypeDetails{Colour: "red"}},
		{"another colour", "colour", job.TypeDetails{Name: "x", Colour: "mauve"}},
		{"one address of two wrong", "notification_addresses", job.TypeDetails{Name: "x", Colour: "red", Addresses: []string{"ok@northwind.test", "not an address"}}},
	} {
		err := transact(db, func(tx postgres.Tx) error {
			_, _, err := job.CreateType(ctx, tx, ada, job.NewType{TypeDetails: tt.d, Nonce: tt.name})
			return err
		})
		problems, _ := errors.AsType[problem.Set](err)
		if (err == nil) != (tt.field == "") || (tt.field != "" && problems[tt.field] == "") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	types, err := job.Types(ctx, db)
	if err != nil || len(types) != 4 || types[3].Name != "Old" {
		t.Fatalf("%+v, %v", types, err)
	}
	d := types[0].Details()
	d.Active = false
	for i, want := range []error{nil, apperr.Stale} {
		err := transact(db, func(tx postgres.Tx) error { return job.EditType(ctx, tx, ada, types[0].ID, 1, d) })
		if !errors.Is(err, want) {
			t.Errorf("edit %d: %v", i, err)
		}
	}
	choices, err := job.Choices(ctx, db, types[0].ID)
	if err != nil || len(choices) != 3 { // two in use, and the one the job has
		t.Errorf("%+v, %v", choices, err)
	}
}
