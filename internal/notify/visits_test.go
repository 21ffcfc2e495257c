package notify

import (
	"context"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
)

// changed does to the visit of the job what sql says, and tells of it.
func (s *stage) changed(t *testing.T, sql string, tell bool) {
	t.Helper()
	s.tell(t, func(ctx context.Context, tx postgres.Tx) error {
		var number string
		if err := tx.QueryRow(ctx, `select number from jobs where id = $1`, aJob).Scan(&number); err != nil {
			return err
		}
		before, err := job.LockVisit(ctx, tx, number)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update jobs set version = version + 1, `+sql+` where id = $1`, aJob); err != nil {
			return err
		}
		_, err = s.notify.VisitChanged(ctx, tx, before, tell, 0)
		return err
	})
}

const (
	toA         = `status = 'booked', booked_from = '2031-05-06 08:00+10', booked_until = '2031-05-06 10:00+10'`
	toB         = `status = 'booked', booked_from = '2031-05-07 13:00+10', booked_until = '2031-05-07 14:00+10'`
	unscheduled = `status = 'unscheduled', booked_from = null, booked_until = null`
	deferred    = `status = 'deferred'`
	offForGood  = `status = 'cancelled', cancelled_why = 'The lobby is closed'`
	done        = `status = 'completed', completed_at = now()`
	reopened    = `status = 'in progress', completed_at = null`
	fromPortal  = `status = 'new', booked_from = null, booked_until = null`
)

// What becomes of a visit within minutes is told once, as it is then, and not at
// all if it is as it was. The first steps of each row were told before.
func TestAVisitIsToldOnceAsItStands(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, tt := range []struct {
		name   string
		before string // how the visit stood, told long ago
		steps  []string
		want   string // kind and a part of the mail; "" for no mail, "dropped" for one that is not sent
	}{
		{"booked", fromPortal, []string{toA}, "job-booked Moved:false"},
		{"booked in two steps", fromPortal, []string{toA, toA}, "job-booked Moved:false"},
		{"booked, and put right at once", fromPortal, []string{toA, toB}, "job-booked Moved:false"},
		{"moved", toA, []string{toB}, "job-booked Moved:true"},
		{"moved twice", toA, []string{toB, `booked_from = '2031-05-08 08:00+10', booked_until = null`}, "job-booked Moved:true"},
		{"moved there and back", toA, []string{toB, toA}, "dropped as it was before"},
		{"unscheduled", toA, []string{unscheduled}, "visit-called-off Cancelled:false"},
		{"unscheduled and booked again", toA, []string{unscheduled, toB}, "job-booked Moved:true"},
		{"unscheduled and booked as before", toA, []string{unscheduled, toA}, "dropped as it was before"},
		{"booked, and not after all", fromPortal, []string{toA, unscheduled}, "dropped as it was before"},
		{"deferred", toA, []string{deferred}, "visit-called-off Deferred:true"},
		{"deferred, then booked", toA, []string{deferred, toB}, "job-booked Moved:true"},
		{"cancelled", toA, []string{offForGood}, "visit-called-off Why:The lobby is closed"},
		{"moved, then cancelled", toA, []string{toB, offForGood}, "visit-called-off Cancelled:true"},
		{"cancelled, and taken up again without a date", toA, []string{offForGood, unscheduled}, "visit-called-off Cancelled:false"},
		{"cancelled, and booked as before", toA, []string{offForGood, unscheduled, toA}, "dropped as it was before"},
		{"a request cancelled", fromPortal, []string{offForGood}, "visit-called-off Why:The lobby is closed"},
		{"a request accepted", fromPortal, []string{unscheduled}, ""},
		{"done", toA, []string{done}, "job-completed"},
		{"moved, and done", toA, []string{toB, done}, "job-completed"},
		{"done, and not after all", toA, []string{done, reopened}, "dropped"},
		{"work begins", toA, []string{`status = 'in progress'`}, ""},
		{"the hours of work under way", `status = 'in progress', booked_from = '2031-05-06 08:00+10', booked_until = null`, []string{`booked_until = '2031-05-08 08:00+10'`}, "job-booked"},
		{"a deferred job is unscheduled", deferred + `, booked_from = '2031-05-06 08:00+10'`, []string{unscheduled}, ""},
	} {
		s.exec(t, `delete from emails; update jobs set cancelled_why = '', completed_at = null, `+tt.before+` where id = 1`)
		if strings.Contains(tt.before, "2031") {
			s.exec(t, `insert into emails (kind, rule, to_name, to_address, contact_id, customer_id, job_id, message_id, state) values ('job-booked', 'Main contact', 'Lee', 'Lee@harbour.example', 1, 1, 1, 'before', 'sent')`)
		}
		for _, step := range tt.steps {
			s.changed(t, step, true)
		}
		var told []string
		for _, r := range s.work(t) {
			var id string
			if err := s.pool.QueryRow(t.Context(), `select message_id from emails where id = $1`, r.ID).Scan(&id); err != nil {
				t.Fatal(err)
			}
			switch {
			case id == "before":
			case r.State == "dropped":
				told = append(told, "dropped "+r.ServerWords)
			default:
				told = append(told, r.Kind+" "+s.server.Messages()[0].Text)
			}
		}
		kind, part, _ := strings.Cut(tt.want, " ")
		if tt.want == "" && len(told) == 0 {
			continue
		}
		if len(told) != 1 || !strings.HasPrefix(told[0], kind) || !strings.Contains(told[0], part) {
			t.Errorf("%s: told %q, want one %q", tt.name, told, tt.want)
		}
	}
}

func TestAVisitGathersForFiveMinutes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.exec(t, `update jobs set `+fromPortal)
	s.changed(t, toA, true)
	var minutes float64
	if err := s.pool.QueryRow(t.Context(), `select extract(epoch from next_try_at - created_at) / 60 from emails`).Scan(&minutes); err != nil || minutes != 5 {
		t.Errorf("%v minutes, %v", minutes, err)
	}
	// What staff tell nobody of still corrects what goes out anyway.
	s.changed(t, toB, false)
	if got := s.work(t); len(got) != 1 || got[0].State != "sent" {
		t.Fatalf("%+v", got)
	}
	if m := s.server.Messages()[0]; !strings.Contains(m.Text, "2031-05-07") {
		t.Errorf("told of a time that is not true any more: %s", m.Text)
	}
	s.changed(t, toA, false)
	s.changed(t, offForGood, false)
	if got := s.work(t); len(got) != 1 {
		t.Errorf("told although staff chose not to: %+v", got)
	}
}

// A reminder goes out on the day before at the hour of the settings, once for
// each time a visit is booked for.
func TestReminders(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, func(t *testing.T) {
		s := newStage(t)
		remind := func() int {
			t.Helper()
			s.remind(t, s.notify.remind)
			n := 0
			for _, r := range s.rows(t) {
				if r.Kind == "visit-reminder" {
					n++
				}
			}
			return n
		}
		tomorrow := func(at string) string {
			return `update jobs set status = 'booked', booked_until = null, booked_from = (select moment_of(business_day() + ` + at + `, time_zone) from company)`
		}
		s.exec(t, `update portal_settings set visit_reminder_hour = 0;`+tomorrow(`2, '08:00'`))
		if n := remind(); n != 0 {
			t.Errorf("%d reminders of a visit in two days", n)
		}
		s.exec(t, tomorrow(`0, '23:59'`))
		if n := remind(); n != 0 {
			t.Errorf("%d reminders of a visit of today", n)
		}
		s.exec(t, `update portal_settings set visit_reminder_hour = null;`+tomorrow(`1, '00:00'`))
		if n := remind(); n != 0 {
			t.Errorf("%d reminders although they are switched off", n)
		}
		var hour int
		if err := s.pool.QueryRow(t.Context(), `select business_hour(now())`).Scan(&hour); err != nil {
			t.Fatal(err)
		}
		if hour < 23 {
			s.exec(t, `update portal_settings set visit_reminder_hour = business_hour(now()) + 1`)
			if n := remind(); n != 0 {
				t.Errorf("%d reminders before the hour", n)
			}
		}
		s.exec(t, `update portal_settings set visit_reminder_hour = business_hour(now())`)
		if n := remind(); n != 1 {
			t.Errorf("%d reminders at the hour", n)
		}
		if n := remind(); n != 1 {
			t.Errorf("%d reminders after the second look", n)
		}
		s.exec(t, tomorrow(`1, '23:30'`))
		if n := remind(); n != 2 {
			t.Errorf("%d reminders after the visit was moved", n)
		}
		sent := s.work(t)
		if i := slices.IndexFunc(sent, func(r row) bool { return r.State == "sent" }); i < 0 || !strings.Contains(s.server.Messages()[0].Text, "Tomorrow:true") {
			t.Errorf("%+v", sent)
		}
		// Whoever hears of the visit after the hour hears of it once.
		s.exec(t, `delete from emails;`+tomorrow(`1, '09:00'`))
		s.tell(t, func(ctx context.Context, tx postgres.Tx) error { return s.notify.JobBooked(ctx, tx, aJob) })
		if n := remind(); n != 0 {
			t.Errorf("%d reminders beside the news itself", n)
		}
	})
}

// A receipt goes to whoever asked, and to nobody else.
func TestReceipts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.crowd(t)
	s.exec(t, `update jobs set main_contact_id = 3; update quotes set status = 'requested', sent_version = null`)
	n := s.notify
	receipts := func(told []string) []string {
		return slices.DeleteFunc(told, func(s string) bool { return !strings.Contains(s, "-received ") })
	}
	if got := s.told(t, func(ctx context.Context, tx postgres.Tx) error { return n.JobOpened(ctx, tx, aJob) }); !slices.Equal(receipts(got), []string{"job-received Lee@harbour.example"}) {
		t.Errorf("a job: %v", got)
	}
	if got := s.told(t, func(ctx context.Context, tx postgres.Tx) error { return n.QuoteRequested(ctx, tx, aQuote) }); !slices.Equal(receipts(got), []string{"quote-received Lee@harbour.example"}) {
		t.Errorf("a quote: %v", got)
	}
}
