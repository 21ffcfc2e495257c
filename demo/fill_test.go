package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/blob"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/imaging"
	"fieldgate/internal/password"
)

// moments are when somebody may start the demo for the first time: at work, in
// the small hours, on a Sunday, in the holidays, on the day clocks change.
var moments = map[string]string{
	"at work":            "2026-03-12T11:20:00+11:00",
	"in the small hours": "2026-06-16T00:04:00+10:00",
	"early":              "2026-06-16T06:58:00+10:00",
	"late":               "2026-06-16T23:55:00+10:00",
	"on a Sunday":        "2026-08-09T15:00:00+10:00",
	"in the holidays":    "2026-12-26T09:00:00+11:00",
	"clocks go forward":  "2026-10-04T03:10:00+11:00",
	"clocks go back":     "2027-04-04T02:30:00+10:00",
}

// ways are the ways of a job, as the product states them.
var ways = map[string][]string{
	"":            {"new", "unscheduled", "booked"},
	"new":         {"unscheduled", "booked", "cancelled"},
	"unscheduled": {"booked", "in progress", "cancelled"},
	"booked":      {"unscheduled", "in progress", "deferred", "completed", "cancelled"},
	"in progress": {"deferred", "completed", "cancelled"},
	"deferred":    {"unscheduled", "booked", "cancelled"},
	"completed":   {"closed", "in progress"},
	"closed":      {"in progress"},
	"cancelled":   {"unscheduled"},
}

func TestStory(t *testing.T) {
	t.Parallel()
	for name, at := range moments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, at)
			if err != nil {
				t.Fatal(err)
			}
			b, err := build(now)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range b.jobs {
				checkJob(t, b, j)
			}
			lapsed := 0
			for _, q := range b.quotes {
				if q.customer == 1 && q.status == "sent" && q.validUntil.Before(b.today) {
					lapsed++
				}
				if q.updated.After(b.now) || q.updated.Before(q.created) || q.created.Before(b.customers[q.customer-1].created) {
					t.Errorf("%s %s: created %v, updated %v", q.number, q.status, q.created, q.updated)
				}
				for _, v := range q.versions {
					if v.created.Before(q.created) || v.sentAt != nil && (v.sentAt.Before(v.created) || v.sentAt.After(b.now)) {
						t.Errorf("%s version %d: created %v, sent %v", q.number, v.number, v.created, v.sentAt)
					}
				}
			}
			if lapsed != 2 {
				t.Errorf("%d quotes of Harbour Dental have expired, want 2", lapsed)
			}
			checkNews(t, b)
			for _, f := range b.files {
				if f.uploaded.After(b.now) {
					t.Errorf("%s is from the future: %v", f.name, f.uploaded)
				}
			}
			for _, m := range b.messages {
				if m.at.After(b.now) {
					t.Errorf("a message from the future: %v", m.at)
				}
			}
		})
	}
}

// checkNews looks for what a visitor finds new, whenever they come.
func checkNews(t *testing.T, b *business) {
	t.Helper()
	if len(b.answers) != 2 || len(b.answers[0].wishes) != 0 || len(b.answers[1].wishes) != 2 || len(b.marks) != 2 {
		t.Errorf("answers %v, marks %v", b.answers, b.marks)
	}
	for _, a := range b.answers {
		if j := b.jobs[a.job-1]; a.at.After(b.now) || a.at.Before(j.last()) {
			t.Errorf("%s is answered at %v, booked at %v", j.number, a.at, j.last())
		}
	}
	calledOff, following := 0, 0
	for _, j := range b.jobs {
		if j.why != "" {
			calledOff++
		}
		if j.follows != 0 {
			following++
		}
		if j.follows != 0 && !b.jobs[j.follows-1].completed.Before(j.created) {
			t.Errorf("%s follows a job that was not done", j.number)
		}
	}
	if calledOff != 1 || following != 1 {
		t.Errorf("%d jobs are called off with a reason and %d follow another, want 1 and 1", calledOff, following)
	}
}

func checkJob(t *testing.T, b *business, j *job) {
	t.Helper()
	from := ""
	last := j.created
	for _, s := range j.steps {
		legal := false
		for _, to := range ways[from] {
			legal = legal || to == s.status
		}
		if !legal {
			t.Errorf("%s went from %q to %q", j.number, from, s.status)
		}
		if s.at.Before(last) || s.at.After(b.now) {
			t.Errorf("%s was %q at %v, after %v and now %v", j.number, s.status, s.at, last, b.now)
		}
		from, last = s.status, s.at
	}
	if from != j.status {
		t.Errorf("%s is %q, its history ends with %q", j.number, j.status, from)
	}
	if j.created.Before(b.customers[j.customer-1].created) {
		t.Errorf("%s is older than its customer", j.number)
	}
	if j.completed != nil && (j.completed.Before(j.created) || j.completed.After(b.now)) {
		t.Errorf("%s was completed at %v, created %v, now %v", j.number, j.completed, j.created, b.now)
	}
	if j.status == "booked" && j.from.Before(b.now) && b.dayOf(*j.from).Before(b.today) {
		t.Errorf("%s should have been done on %v", j.number, j.from)
	}
	for _, e := range j.hours {
		if wd := e.on.Time(time.UTC).Weekday(); wd == time.Saturday || wd == time.Sunday || e.started < 7*60 || e.started+e.quarters*15 > 19*60 {
			t.Errorf("%s has time on %v from %d for %d quarters", j.number, e.on, e.started, e.quarters)
		}
		if e.on.After(b.today) {
			t.Errorf("%s has time in the future", j.number)
		}
	}
}

func fillOnce(t *testing.T, now time.Time) (*pgxpool.Pool, blob.Store) {
	t.Helper()
	pool := dbtest.New(t)
	store, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := filler{pool, store, password.NewHasher(), slog.New(slog.DiscardHandler), 96}
	if err := f.fill(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	return pool, store
}

func TestFill(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	now := time.Now()
	pool, store := fillOnce(t, now)

	for sql, want := range map[string]int{
		"customers": 40, "contacts": 120, "jobs": 600, "quotes": 200, "equipment": 300,
		"attachments where kind = 'photo'":                      150,
		"installation where demo":                               1,
		"jobs where customer_id = 1 and status = 'in progress'": 1,
		"jobs where customer_id = 1 and status = 'new' and looked_at is null and origin = 'portal'":                                 1,
		"quotes where customer_id = 1 and status = 'requested' and looked_at is null and origin = 'portal' and main_contact_id = 1": 1,
		// Totals: each line rounded half up, the tax of a rate on the sum of its lines.
		"quote_lines where line_total <> round(quantity * unit_price)":                                                                                                                     0,
		"quote_versions v where net <> (select sum(line_total) from quote_lines where version_id = v.id)":                                                                                  0,
		"quote_versions v where tax <> (select sum(tax) from (select round(sum(line_total) * tax_percent / 100) tax from quote_lines where version_id = v.id group by tax_percent) rates)": 0,
		"quotes q where search = '' or portal_search = ''":                                                                                                                                 0,
		"customers where search = ''": 0,
		"quotes where status = 'sent' and valid_until >= business_day() and customer_id <> 1": -10,
		"quotes where status = 'sent' and valid_until < business_day() and customer_id = 1":   2,
		"jobs where customer_id = 1":     -60,
		"jobs where main_contact_id = 2": -8,
		"attachments where customer_id = 1 and job_id is not null and customer_view and kind = 'photo'":     -8,
		"attachments where customer_id = 1 and job_id is not null and not customer_view and kind = 'photo'": -8,
		"visit_answers where suits": 1,
		"visit_answers where not suits and reason <> '' and jsonb_array_length(wishes) = 2 and kept_at is null": 1,
		"jobs where cancelled_why <> '' and status = 'cancelled'":                                               1,
		"jobs where follows_job_id is not null":                                                                 1,
		"attachments where at_site_id is not null and document_kind_id = 1 and valid_until < business_day()":    -1,
		"attachments where at_equipment_id is not null":                                                         3,
		"acceptances where way = 'phone'":                                                                       -1,
		"quote_templates":                                                                                       1,
		"saved_lines":                                                                                           3,
		"waiting_marks where taker_id is not null":                                                              1,
		"waiting_marks where snoozed_until is not null":                                                         1,
		"customers where name like 'Torres % Architects'":                                                       2,
	} {
		var n int
		if err := pool.QueryRow(ctx, "select count(*) from "+sql).Scan(&n); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if n != want && (want >= 0 || n < -want) {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}

	t.Run("personas", func(t *testing.T) {
		hasher := password.NewHasher()
		for _, p := range Personas {
			table := map[Side]string{Office: "staff", Portal: "persons"}[p.Side]
			var hash string
			if err := pool.QueryRow(ctx, "select password_hash from "+table+" where email = $1", p.Email).Scan(&hash); err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			if ok, err := hasher.Verify(ctx, hash, Password); err != nil || !ok {
				t.Errorf("%s cannot sign in: %v", p.Name, err)
			}
		}
	})
	t.Run("every status of quotes at Harbour Dental", func(t *testing.T) {
		rows, err := pool.Query(ctx, "select distinct status from quotes where customer_id = 1")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || len(got) != 6 {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("numbers go on", func(t *testing.T) {
		var job, id int
		if err := pool.QueryRow(ctx, "select nextval('job_numbers'), nextval(pg_get_serial_sequence('jobs', 'id'))").Scan(&job, &id); err != nil || job != 1601 || id != 601 {
			t.Errorf("next J-%d with id %d, %v", job, id, err)
		}
	})
	t.Run("every key is kept", func(t *testing.T) {
		kept := map[string]bool{}
		for info, err := range store.List(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			kept[info.Key] = true
		}
		rows, err := pool.Query(ctx, "select unnest(array[blob_key, web_key, thumb_key]) from attachments union all select unnest(array[logo_key, banner_key]) from company")
		if err != nil {
			t.Fatal(err)
		}
		keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if k != "" && !kept[k] {
				t.Errorf("nothing under %q", k)
			}
		}
	})
	t.Run("every email can be sent again", func(t *testing.T) { sendAgain(t, pool) })
	t.Run("again", func(t *testing.T) {
		if err := Fill(ctx, pool, store, password.NewHasher(), now, slog.New(slog.DiscardHandler)); err != nil {
			t.Error(err)
		}
		empty, err := blob.New("file://" + t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if err := Fill(ctx, pool, empty, password.NewHasher(), now, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrFilesGone) {
			t.Errorf("without its files: %v", err)
		}
	})
	t.Run("the same again", func(t *testing.T) {
		other, otherStore := fillOnce(t, now)
		if a, b := digest(t, pool, store), digest(t, other, otherStore); a != b {
			t.Error("two fills at the same moment differ")
		}
	})
}

func TestFilesAreAccepted(t *testing.T) {
	t.Parallel()
	b, err := build(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range b.files {
		if f.shot != nil {
			continue
		}
		is, err := imaging.Inspect(bytes.NewReader(f.data), int64(len(f.data)), f.name)
		if err != nil || is.Type.MIME != f.media {
			t.Errorf("%s would be refused or is no %s: %v, %v", f.name, f.media, is.Type, err)
		}
	}
}

func TestFillRefuses(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	if _, err := pool.Exec(t.Context(), "insert into customers (name) values ('Somebody real')"); err != nil {
		t.Fatal(err)
	}
	if err := Fill(t.Context(), pool, nil, nil, time.Now(), slog.New(slog.DiscardHandler)); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("got %v", err)
	}
}

// digest is a hash of what people see: names, numbers, words and pictures.
func digest(t *testing.T, pool *pgxpool.Pool, store blob.Store) string {
	t.Helper()
	h := sha256.New()
	for _, sql := range []string{
		"select string_agg(concat_ws('|', number, name, created_at), ',' order by id) from customers",
		"select string_agg(concat_ws('|', name, email, access, role), ',' order by id) from contacts",
		"select string_agg(concat_ws('|', number, name, status, work_undertaken, booked_from, cancelled_why, follows_job_id, created_at, updated_at), ',' order by id) from jobs",
		"select string_agg(concat_ws('|', number, name, status, created_at, updated_at), ',' order by id) from quotes",
		"select string_agg(concat_ws('|', number, name, serial_number, next_service_on), ',' order by id) from equipment",
		"select string_agg(concat_ws('|', name, caption, size, customer_view, shared_at, document_kind_id, at_site_id, at_equipment_id, valid_until), ',' order by id) from attachments",
		"select string_agg(concat_ws('|', job_id, contact_id, suits, wishes, reason, at), ',' order by job_id) from visit_answers",
		"select string_agg(concat_ws('|', version_id, contact_id, decision, way, recorded_by_id, recorded_at), ',' order by id) from acceptances",
		"select string_agg(concat_ws('|', name, description, lines), ',' order by id) from quote_templates",
		"select string_agg(concat_ws('|', code, description, unit_price), ',' order by id) from saved_lines",
		"select string_agg(concat_ws('|', kind, thing, taker_id, snoozed_until, snoozed_at), ',' order by kind, thing) from waiting_marks",
	} {
		var all string
		if err := pool.QueryRow(t.Context(), sql).Scan(&all); err != nil {
			t.Fatal(err)
		}
		h.Write([]byte(all))
	}
	rows, err := pool.Query(t.Context(), "select blob_key from attachments order by id")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		h.Write(content(t, store, k))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func content(t *testing.T, store blob.Store, key string) []byte {
	t.Helper()
	f, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
