package quote_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
)

// clockOf is where the business is, at the database's time.
func clockOf(t *testing.T, db *pgxpool.Pool) company.Format {
	t.Helper()
	var now time.Time
	if err := db.QueryRow(context.Background(), `select now()`).Scan(&now); err != nil {
		t.Fatal(err)
	}
	return company.NewFormat(now, "Australia/Sydney", "en-AU", "AUD")
}

func record(db *pgxpool.Pool, number string, f company.Format, r quote.Recorded) (fresh bool, err error) {
	err = transact(db, func(tx postgres.Tx) (err error) {
		_, fresh, err = quote.Record(context.Background(), tx, ben, number, f, r)
		return err
	})
	return fresh, err
}

func TestWhatStaffMayRecord(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	ctx := context.Background()
	for _, c := range []struct {
		name     string
		first    string
		said     func(*quote.Recorded, company.Format)
		conflict bool
		stale    bool
		field    string
		becomes  quote.Status
	}{
		{name: "accepted by a contact", becomes: quote.Accepted},
		{name: "accepted by somebody else", said: func(r *quote.Recorded, _ company.Format) { r.Contact, r.FullName = 0, "Jo, front desk" }, becomes: quote.Accepted},
		{name: "declined", said: func(r *quote.Recorded, _ company.Format) { r.Accepted, r.Reason = false, "Too dear" }, becomes: quote.Declined},
		{name: "by nobody", said: func(r *quote.Recorded, _ company.Format) { r.Contact = 0 }, field: "full_name"},
		{name: "by a contact of another customer", said: func(r *quote.Recorded, _ company.Format) { r.Contact = 2 }, field: "contact"},
		{name: "in the future", said: func(r *quote.Recorded, f company.Format) { r.At = f.Now.Add(time.Minute) }, field: "said_on"},
		{name: "before it was sent", said: func(r *quote.Recorded, f company.Format) { r.At = f.Now.Add(-2 * time.Hour) }, field: "said_on"},
		{name: "no day", said: func(r *quote.Recorded, _ company.Format) { r.At = time.Time{} }, field: "said_on"},
		{name: "in the portal", said: func(r *quote.Recorded, _ company.Format) { r.Way = quote.Portal }, field: "way"},
		{name: "by pigeon", said: func(r *quote.Recorded, _ company.Format) { r.Way = "pigeon" }, field: "way"},
		{name: "accepted after the last day", first: `update quote_versions set valid_until = '2020-01-01' where quote_id = $1`, field: "said_on"},
		{name: "declined after the last day", first: `update quote_versions set valid_until = '2020-01-01' where quote_id = $1`, said: func(r *quote.Recorded, _ company.Format) { r.Accepted = false }, becomes: quote.Declined},
		{name: "another version", said: func(r *quote.Recorded, _ company.Format) { r.Version = 2 }, stale: true},
		{name: "a new version in the making", first: `update quotes set status = 'draft' where id = $1`, conflict: true},
		{name: "withdrawn", first: `update quotes set status = 'withdrawn' where id = $1`, conflict: true},
		{name: "a reason too long", said: func(r *quote.Recorded, _ company.Format) { r.Accepted, r.Reason = false, strings.Repeat("é", 10_001) }, field: "reason"},
	} {
		ref := sent(t, db)
		f := clockOf(t, db)
		if _, err := db.Exec(ctx, `update quote_versions set valid_until = business_day() + 30, sent_at = now() - interval '1 hour' where quote_id = $1`, ref.ID); err != nil {
			t.Fatal(err)
		}
		if c.first != "" {
			if _, err := db.Exec(ctx, c.first, ref.ID); err != nil {
				t.Fatal(err)
			}
		}
		r := quote.Recorded{Version: 1, Accepted: true, Contact: 1, Way: quote.Phone, At: f.Now.Add(-30 * time.Minute), PurchaseOrder: "PO-9"}
		if c.said != nil {
			c.said(&r, f)
		}
		fresh, err := record(db, ref.Number, f, r)
		var conflict apperr.Conflict
		problems, _ := errors.AsType[problem.Set](err)
		switch {
		case errors.As(err, &conflict) != c.conflict, errors.Is(err, apperr.Stale) != c.stale, (problems[c.field] != "") != (c.field != ""):
			t.Errorf("%s: %v", c.name, err)
		case fresh != (err == nil):
			t.Errorf("%s: fresh %v with %v", c.name, fresh, err)
		}
		if c.becomes == "" || err != nil {
			continue
		}
		q, given := find(t, db, ref.Number), (*quote.Given)(nil)
		if given, err = quote.FindAnswer(ctx, db, ref.ID); err != nil || given == nil {
			t.Errorf("%s: kept %v, %v", c.name, given, err)
			continue
		}
		if q.Status != c.becomes || q.PurchaseOrder != "PO-9" || !given.ByStaff() || given.FullName == "" || given.RecordedBy != "Ben Whitlock" || given.Terms == "" {
			t.Errorf("%s: %s, %+v", c.name, q.Status, given)
		}
		if again, err := record(db, ref.Number, f, r); again || err != nil {
			t.Errorf("%s: the same form again: %v, %v", c.name, again, err)
		}
		other := r
		other.Accepted = !r.Accepted
		if _, err := record(db, ref.Number, f, other); !errors.As(err, &conflict) || !strings.Contains(conflict.Words, "by phone") {
			t.Errorf("%s: the contrary afterwards: %v", c.name, err)
		}
	}
}

// The portal and the office answer the same version: whoever comes second is
// told what was answered, and nothing is overwritten.
func TestThePortalAndTheOfficeAnswerOnce(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	f := clockOf(t, db)
	var conflict apperr.Conflict
	said := quote.Recorded{Version: 1, Accepted: true, Contact: 1, Way: quote.Phone, At: f.Now}
	first := sent(t, db)
	if _, err := db.Exec(t.Context(), `update quote_versions set valid_until = business_day() + 30, sent_at = now() - interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	if _, err := record(db, first.Number, f, said); err != nil {
		t.Fatal(err)
	}
	no := yes()
	no.Accepted = false
	if _, err := answer(db, first.ID, no); !errors.As(err, &conflict) {
		t.Errorf("declined in the portal after a yes by phone: %v", err)
	}
	second := sent(t, db)
	if _, err := answer(db, second.ID, no); err != nil {
		t.Fatal(err)
	}
	if _, err := record(db, second.Number, f, said); !errors.As(err, &conflict) || !strings.Contains(conflict.Words, "Lee Nakamura has already declined this quote in the portal") {
		t.Errorf("a yes by phone after a no in the portal: %v", err)
	}
	var n int
	if err := db.QueryRow(t.Context(), `select count(*) from acceptances`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d answers, %v", n, err)
	}
}

func TestWordsOfARecordedAnswer(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 3, 0, 5, 0, 0, time.UTC)
	f := company.NewFormat(at, "Australia/Sydney", "en-AU", "AUD")
	for way, want := range map[quote.Way]string{
		quote.Phone:    "Accepted by phone: Lee Rivers told Ben Ito on " + f.Moment(&at),
		quote.InPerson: "Accepted in person: Lee Rivers told Ben Ito on " + f.Moment(&at),
		quote.Email:    "Accepted by email: Lee Rivers wrote on " + f.Moment(&at) + ", recorded by Ben Ito",
		quote.Letter:   "Accepted by letter: Lee Rivers wrote on " + f.Moment(&at) + ", recorded by Ben Ito",
	} {
		if got := (quote.Recording{Way: way, RecordedBy: "Ben Ito"}).Words(f, quote.Accepted, "Lee Rivers", at); got != want {
			t.Errorf("%s: %q, want %q", way, got, want)
		}
	}
	if got := (quote.Recording{Way: quote.Portal}).Words(f, quote.Accepted, "Lee Rivers", at); got != "" {
		t.Errorf("in the portal: %q", got)
	}
}
