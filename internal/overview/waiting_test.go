package overview_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/overview"
	"fieldgate/internal/postgres"
)

// here is the office as it is now.
func here(t *testing.T, db postgres.DB) (o overview.Office) {
	t.Helper()
	if err := db.QueryRow(context.Background(), "select business_day(), "+keeper.SQL).Scan(&o.Today, &o.Keepers); err != nil {
		t.Fatal(err)
	}
	return o
}

func read(t *testing.T, db postgres.DB, q list.Query, f overview.Filter) (queue overview.Queue) {
	t.Helper()
	q.Sort = "waiting"
	err := postgres.Read(context.Background(), db.(*pgxpool.Pool), func(b *postgres.Batch) { overview.QueryQueue(b, &queue, here(t, db), q, f) })
	if err != nil {
		t.Fatal(err)
	}
	return queue
}

// names are what a page of the queue shows, by kind and name.
func names(q overview.Queue) string {
	var all []string
	for _, w := range q.Rows {
		all = append(all, w.Kind+" "+w.Name)
	}
	return strings.Join(all, ", ")
}

// business has one thing of each kind that waits, and beside it one that does not.
func business(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db := dbtest.New(t)
	_, err := db.Exec(context.Background(), `
		insert into job_types (name) values ('Maintenance');
		insert into staff (name, email, role, state) values ('Ada', 'ada@demo.test', 'administrator', 'active'), ('Ben', 'ben@demo.test', 'office', 'active'), ('Fay', '', 'field', 'active'), ('Gus', 'gus@demo.test', 'office', 'suspended');
		insert into customers (name) values ('Harbour Dental');
		insert into contacts (customer_id, name, email) values (1, 'Lee', 'lee@demo.test');
		insert into jobs (customer_id, name, description, job_type_id, status, origin, booked_from, created_at) values
			(1, 'Leak', 'x', 1, 'unscheduled', 'office', null, now() - interval '6 days'), (1, 'Booked', 'x', 1, 'booked', 'office', now() + interval '1 day', now() - interval '9 days');
		insert into quotes (customer_id, name, description, currency, status, origin, created_by_contact_id, created_at) values (1, 'Duct', 'x', 'AUD', 'requested', 'portal', 1, now() - interval '5 days');
		insert into quotes (customer_id, name, description, currency, status, origin, valid_until, updated_at) values
			(1, 'Ends', 'x', 'AUD', 'draft', 'office', business_day() + 3, now() - interval '4 days'), (1, 'Lasts', 'x', 'AUD', 'draft', 'office', business_day() + 30, now()),
			(1, 'Agreed', 'x', 'AUD', 'draft', 'office', null, now() - interval '3 days'), (1, 'Done', 'x', 'AUD', 'draft', 'office', null, now());
		insert into quote_versions (customer_id, quote_id, number) select 1, id, 1 from quotes where status = 'draft';
		update quotes set status = case when name in ('Agreed', 'Done') then 'accepted' else 'sent' end, sent_version = 1 where status = 'draft';
		insert into jobs (customer_id, name, description, job_type_id, status, origin, booked_from, quote_id) select 1, 'Of the quote', 'x', 1, 'booked', 'office', now(), id from quotes where name = 'Done';
		insert into emails (kind, rule, to_address, message_id, state, subject, created_at) values ('welcome', 'x', 'lee@demo.test', 'a', 'failed', 'Welcome', now() - interval '2 days'), ('welcome', 'x', 'lee@demo.test', 'b', 'failed', 'Sent again', now());
		insert into emails (kind, rule, to_address, message_id, state, again_of) values ('welcome', 'x', 'lee@demo.test', 'c', 'sent', 2);
		insert into messages (customer_id, job_id, text, contact_id, at) values (1, 1, 'Any news?', 1, now() - interval '1 day');
		insert into visit_answers (job_id, customer_id, contact_id, suits, wishes, reason, at, kept_at) values
			(2, 1, 1, false, '[{"on": "2031-05-09", "when": "morning"}]', 'A fair.', now() - interval '3 hours', null);
		insert into visit_answers (job_id, customer_id, contact_id, suits, wishes, kept_at) select id, 1, 1, false, '[{"on": "2031-05-09", "when": "morning"}]', now() from jobs where name = 'Of the quote';
		insert into messages (customer_id, quote_id, text, staff_id, contact_id, at) values (1, 1, 'How much?', null, 1, now() - interval '2 hours'), (1, 1, 'Soon.', 1, null, now() - interval '1 hour');
		insert into inbound_emails (digest, came_by, subject, state, at) values ('a', 'webhook', 'Who is it', 'waiting', now() - interval '30 minutes');
		insert into inbound_emails (digest, came_by, subject, state, done_at) values ('b', 'webhook', 'Sale', 'ignored', now());
		insert into keeper_requests (kind, row_id, what, thing, key, source, label, customer_id, contact_id, at) values ('jobs', 1, 'edit', 'J-1001', 'J-1001', 'simpro', 'simPRO', 1, 1, now() - interval '10 minutes');
		insert into keeper_requests (kind, row_id, what, thing, key, source, label, customer_id, contact_id, state, answered_at) values ('jobs', 1, 'edit', 'J-1001', 'J-1001', 'simpro', 'simPRO', 1, 1, 'done', now())`)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

const everything = "schedule Leak, price Duct, expiring Ends, accepted Agreed, email Welcome, message Leak, visit Booked, unconfirmed Who is it, request Change: J-1001"

func TestTheQueueHoldsWhatWaitsTheLongestFirst(t *testing.T) {
	t.Parallel()
	db := business(t)
	queue := read(t, db, list.Query{}, overview.Filter{})
	if got := names(queue); got != everything {
		t.Errorf("%s\nwant %s", got, everything)
	}
	for _, k := range overview.Kinds() {
		if n := queue.Counts.Of(overview.Filter{Kind: k.Name}); n != 1 {
			t.Errorf("%d wait of the kind %s", n, k.Name)
		}
		if got := read(t, db, list.Query{}, overview.Filter{Kind: k.Name}); len(got.Rows) != 1 || got.Rows[0].Kind != k.Name {
			t.Errorf("only %s: %s", k.Name, names(got))
		}
	}
	if n := queue.Counts.Of(overview.Filter{}); n != 9 {
		t.Errorf("%d in all", n)
	}
	var who []string
	one, err := overview.FindToGive(context.Background(), db, here(t, db), queue.Rows[0].Kind, queue.Rows[0].Thing)
	if err != nil || one.Title() != queue.Rows[0].Title() || one.At != queue.Rows[0].At {
		t.Errorf("by itself it is %+v, %v", one, err)
	}
	for _, c := range one.Colleagues {
		who = append(who, c.Name)
	}
	if !slices.Equal(who, []string{"Ada", "Ben"}) {
		t.Errorf("it can be given to %v", who)
	}
	var counted map[string]int
	if err := db.QueryRow(context.Background(), "select "+overview.CountsSQL+" from company co").Scan(&counted); err != nil || counted["message"] != 1 || len(counted) != len(overview.Kinds()) {
		t.Errorf("the navigation counts %v, %v", counted, err)
	}
	by := here(t, db).Keepers
	if got := overview.Here(counted, by); !maps.Equal(got, counted) {
		t.Errorf("here it counts %v", got)
	}
	if _, err := db.Exec(context.Background(), `update keepers set source = 'elsewhere', label = 'Elsewhere' where kind = 'jobs'`); err != nil {
		t.Fatal(err)
	}
	elsewhere := overview.Here(counted, here(t, db).Keepers)
	if _, there := elsewhere["schedule"]; there || elsewhere["message"] != 1 || counted["schedule"] == 0 {
		t.Errorf("with jobs elsewhere it counts %v of %v", elsewhere, counted)
	}
}

func TestTheQueueTurnsItsPages(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	// Many at the same moment, of two kinds.
	_, err := db.Exec(ctx, `
		insert into jobs (customer_id, name, description, job_type_id, status, origin, created_at) select 1, 'J' || n, 'x', 1, 'unscheduled', 'office', '2026-01-01' from generate_series(1, 40) n;
		insert into quotes (customer_id, name, description, currency, status, origin, created_at) select 1, 'Q' || n, 'x', 'AUD', 'draft', 'office', '2026-01-01' from generate_series(1, 40) n`)
	if err != nil {
		t.Fatal(err)
	}
	for _, desc := range []bool{false, true} {
		seen, q, last := map[string]int{}, list.Query{Desc: desc}, overview.Queue{}
		for page := 0; ; page++ {
			last = read(t, db, q, overview.Filter{})
			for _, w := range last.Rows {
				seen[fmt.Sprint(w.Kind, w.Thing)]++
			}
			if last.Next == "" || page > 9 {
				break
			}
			q.After = last.Next
		}
		if len(seen) != 89 {
			t.Errorf("%d of 89 are on some page", len(seen))
		}
		for thing, n := range seen {
			if n != 1 {
				t.Errorf("%s is on %d pages", thing, n)
			}
		}
		before := read(t, db, list.Query{Desc: desc, Before: last.Prev}, overview.Filter{})
		if len(before.Rows) != 25 || before.Next == "" {
			t.Errorf("back from the last page: %d rows", len(before.Rows))
		}
	}
}

func TestWhoTakesWhatWaits(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	give := func(kind string, thing, from, to int64) error {
		return postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			return overview.Give(ctx, tx, audit.Actor{Staff: 1, Name: "Ada"}, kind, thing, from, to)
		})
	}
	if err := give("schedule", 1, 0, 1); err != nil {
		t.Fatal(err)
	}
	var conflict apperr.Conflict
	for why, err := range map[string]error{
		"taken by somebody else": give("schedule", 1, 0, 2), "to field staff": give("price", 1, 0, 3), "to the suspended": give("price", 1, 0, 4), "what does not wait": give("schedule", 2, 0, 1),
	} {
		if !errors.As(err, &conflict) {
			t.Errorf("%s: %v", why, err)
		}
	}
	if err := give("nonsense", 1, 0, 1); !errors.Is(err, apperr.NotFound) {
		t.Errorf("of no kind: %v", err)
	}
	if err := give("message", 1, 0, 1); err != nil {
		t.Fatal(err)
	}
	mine, nobodys := overview.Filter{Who: overview.Mine, Staff: 1}, overview.Filter{Who: overview.Nobody, Staff: 1}
	if got := names(read(t, db, list.Query{}, mine)); got != "schedule Leak, message Leak" {
		t.Errorf("Ada's: %s", got)
	}
	queue := read(t, db, list.Query{}, nobodys)
	if got := names(queue); got != "price Duct, expiring Ends, accepted Agreed, email Welcome, visit Booked, unconfirmed Who is it, request Change: J-1001" || queue.Counts.Of(nobodys) != 7 || queue.Counts.Of(mine) != 2 {
		t.Errorf("nobody's: %s, %v", got, queue.Counts)
	}
	// Who has taken a conversation keeps it when the customer writes again, and when it was answered in between.
	if _, err := db.Exec(ctx, `insert into messages (customer_id, job_id, text, staff_id, contact_id, at) values (1, 1, 'Tomorrow.', 1, null, now() - interval '30 minutes'), (1, 1, 'Which hour?', null, 1, now() - interval '20 minutes')`); err != nil {
		t.Fatal(err)
	}
	if got := read(t, db, list.Query{}, overview.Filter{Who: overview.Mine, Staff: 1, Kind: "message"}); len(got.Rows) != 1 || got.Rows[0].Note != "Which hour?" || got.Rows[0].Taker != "Ada" {
		t.Errorf("%+v", got.Rows)
	}
	if err := give("schedule", 1, 1, 0); err != nil {
		t.Fatal(err)
	}
	if got := names(read(t, db, list.Query{}, mine)); got != "message Leak" {
		t.Errorf("given back: %s", got)
	}
	var entries int
	if err := db.QueryRow(ctx, `select count(*) from audit_entries where thing = 'waiting' and action = 'given'`).Scan(&entries); err != nil || entries != 3 {
		t.Errorf("%d entries of three deeds, %v", entries, err)
	}
}

func TestWhatIsSnoozedComesBackByItself(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, whatIsSnoozedComesBack)
}

func whatIsSnoozedComesBack(t *testing.T) {
	ctx, db := context.Background(), business(t)
	snooze := func(kind string, thing int64, until string, aside bool) error {
		return postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			d, err := day.Parse(until)
			if err != nil {
				return err
			}
			return overview.Snooze(ctx, tx, audit.Actor{Staff: 1, Name: "Ada"}, kind, thing, d, aside)
		})
	}
	var tomorrow string
	if err := db.QueryRow(ctx, `select (business_day() + 1)::text`).Scan(&tomorrow); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{snooze("schedule", 1, tomorrow, false), snooze("price", 1, tomorrow, false), snooze("message", 1, "", true), snooze("email", 1, "", true)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var conflict apperr.Conflict
	if err := snooze("price", 1, "", true); !errors.As(err, &conflict) {
		t.Errorf("a quote to price needs nothing: %v", err)
	}
	asleep := overview.Filter{Who: overview.Snoozed}
	queue := read(t, db, list.Query{}, asleep)
	if got := names(queue); got != "schedule Leak, price Duct, email Welcome, message Leak" || queue.Counts.Of(asleep) != 4 || queue.Rows[0].SnoozedUntil.String() != tomorrow || !queue.Rows[3].PutAside {
		t.Errorf("snoozed: %s", got)
	}
	if got := names(read(t, db, list.Query{}, overview.Filter{})); got != "expiring Ends, accepted Agreed, visit Booked, unconfirmed Who is it, request Change: J-1001" {
		t.Errorf("waiting: %s", got)
	}
	// The day comes; the customer writes again.
	_, err := db.Exec(ctx, `update waiting_marks set snoozed_until = business_day() where kind = 'schedule'`)
	if err == nil {
		_, err = db.Exec(ctx, `insert into messages (customer_id, job_id, text, contact_id) values (1, 1, 'Hello?', 1)`)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := snooze("price", 1, "", false); err != nil {
		t.Fatal(err)
	}
	if got := names(read(t, db, list.Query{}, overview.Filter{})); got != "schedule Leak, price Duct, expiring Ends, accepted Agreed, visit Booked, unconfirmed Who is it, request Change: J-1001, message Leak" {
		t.Errorf("back: %s", got)
	}
}

// TestAnAnswerToAVisitWaits: it brings what would suit along, comes back when the
// customer answers anew, and is gone with the visit that it was about.
func TestAnAnswerToAVisitWaits(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	ofVisits := overview.Filter{Kind: "visit"}
	queue := read(t, db, list.Query{}, ofVisits)
	if len(queue.Rows) != 1 {
		t.Fatalf("%d wait", len(queue.Rows))
	}
	w := queue.Rows[0]
	if w.Visit == nil || w.Visit.Version != 1 || w.Visit.From == nil || w.Visit.Until != nil || len(w.Visit.Wishes) != 1 || w.Visit.Wishes[0].On.String() != "2031-05-09" || w.Note != "A fair." || w.By != "Lee" {
		t.Errorf("%+v, %+v", w, w.Visit)
	}
	err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
		until, err := day.Parse("2099-01-05")
		if err != nil {
			return err
		}
		return overview.Snooze(ctx, tx, audit.Actor{Staff: 1, Name: "Ada"}, "visit", w.Thing, until, false)
	})
	if err != nil || len(read(t, db, list.Query{}, ofVisits).Rows) != 0 {
		t.Fatalf("snoozed: %v", err)
	}
	for _, c := range []struct {
		statement string
		want      int
	}{
		{`update visit_answers set wishes = '[{"on": "2031-05-10", "when": "08:00"}]', at = now() where job_id = 2`, 1},
		{`update visit_answers set suits = true, wishes = '[]' where job_id = 2`, 0},
		{`update visit_answers set suits = false, wishes = '[{"on": "2031-05-10", "when": "08:00"}]' where job_id = 2`, 1},
		{`update jobs set status = 'cancelled' where id = 2`, 0},
	} {
		if _, err := db.Exec(ctx, c.statement); err != nil {
			t.Fatal(err)
		}
		if got := read(t, db, list.Query{}, ofVisits); len(got.Rows) != c.want || got.Counts.Of(ofVisits) != c.want {
			t.Errorf("after %s %d wait, want %d", c.statement, len(got.Rows), c.want)
		}
	}
}

// TestTheNewestMessageAloneIsUnanswered: whatever order messages come in.
func TestTheNewestMessageAloneIsUnanswered(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), business(t)
	for _, c := range []struct {
		insert string
		want   int
	}{
		{`(1, 1, 'Earlier.', null, 1, now() - interval '3 days', false)`, 1},
		{`(1, 1, 'A note.', 1, null, now(), true)`, 1},
		{`(1, 1, 'An answer to the first.', 1, null, now() - interval '2 days', false)`, 1},
		{`(1, 1, 'Answered.', 1, null, now(), false)`, 0},
	} {
		if _, err := db.Exec(ctx, `insert into messages (customer_id, job_id, text, staff_id, contact_id, at, staff_only) values `+c.insert); err != nil {
			t.Fatal(err)
		}
		var marked int
		if err := db.QueryRow(ctx, `select count(*) from messages where unanswered`).Scan(&marked); err != nil || marked != c.want {
			t.Errorf("after %s %d are unanswered, want %d; %v", c.insert, marked, c.want, err)
		}
	}
}
