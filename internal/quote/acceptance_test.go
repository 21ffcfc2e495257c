package quote_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
)

var lee = audit.Actor{Contact: 1, Person: 1, Name: "Lee Nakamura"}

func yes() quote.Reply {
	return quote.Reply{Customer: 1, Contact: 1, Version: 1, Accepted: true, FullName: "Lee Nakamura", AgreesToTerms: true}
}

// sent is a quote with terms whose first version was sent.
func sent(t *testing.T, db *pgxpool.Pool) quote.Ref {
	t.Helper()
	var ref quote.Ref
	err := transact(db, func(tx postgres.Tx) (err error) {
		d := details()
		d.Terms = "Payment within 14 days."
		if ref, _, err = quote.Create(context.Background(), tx, ben, created("", d, line("1", 10000, "10"))); err != nil {
			return err
		}
		_, err = quote.Send(context.Background(), tx, ben, ref.Number, 1, today)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func answer(db *pgxpool.Pool, id int64, r quote.Reply) (fresh bool, err error) {
	err = transact(db, func(tx postgres.Tx) (err error) {
		fresh, err = quote.Answer(context.Background(), tx, lee, id, today, r)
		return err
	})
	return fresh, err
}

func TestWhichQuotesTakeAnAnswer(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	for _, c := range []struct {
		name     string
		first    string // SQL before the answer
		reply    func(*quote.Reply)
		conflict bool
		stale    bool
		field    string
		becomes  quote.Status
	}{
		{name: "accepted", becomes: quote.Accepted},
		{name: "declined", reply: func(r *quote.Reply) { r.Accepted, r.AgreesToTerms, r.Reason = false, false, "Too dear" }, becomes: quote.Declined},
		{name: "on its last day", first: `update quote_versions set valid_until = '2026-11-22' where quote_id = $1`, becomes: quote.Accepted},
		{name: "expired", first: `update quote_versions set valid_until = '2026-11-21' where quote_id = $1`, conflict: true},
		{name: "expired, declined", first: `update quote_versions set valid_until = '2026-11-21' where quote_id = $1`, reply: func(r *quote.Reply) { r.Accepted = false }, becomes: quote.Declined},
		{name: "withdrawn", first: `update quotes set status = 'withdrawn' where id = $1`, conflict: true},
		{name: "a new version in the making", first: `update quotes set status = 'draft' where id = $1`, conflict: true},
		{name: "another version than shown", reply: func(r *quote.Reply) { r.Version = 2 }, stale: true},
		{name: "without a name", reply: func(r *quote.Reply) { r.FullName = "" }, field: "full_name"},
		{name: "terms not ticked", reply: func(r *quote.Reply) { r.AgreesToTerms = false }, field: "terms"},
		{name: "purchase order demanded, and nobody knows", first: `update customers set purchase_order_required = true where id = (select customer_id from quotes where id = $1)`, becomes: quote.Accepted},
		{name: "never sent", first: `update quotes set status = 'draft', sent_version = null where id = $1`, conflict: true},
		{name: "declined before", first: `update quotes set status = 'declined' where id = $1`, conflict: true},
		{name: "accepted before", first: `update quotes set status = 'accepted' where id = $1`, conflict: true},
		{name: "withdrawn, declined", first: `update quotes set status = 'withdrawn' where id = $1`, reply: func(r *quote.Reply) { r.Accepted = false }, conflict: true},
		{name: "another version, and withdrawn", first: `update quotes set status = 'withdrawn' where id = $1`, reply: func(r *quote.Reply) { r.Version = 2 }, conflict: true},
		{name: "a name too long", reply: func(r *quote.Reply) { r.FullName = strings.Repeat("é", 201) }, field: "full_name"},
		{name: "a reason too long", reply: func(r *quote.Reply) { r.Accepted, r.Reason = false, strings.Repeat("é", 10_001) }, field: "reason"},
		{name: "purchase order demanded", reply: func(r *quote.Reply) { r.KnowsOrderRequired = true }, first: `update customers set purchase_order_required = true where id = (select customer_id from quotes where id = $1)`, field: "purchase_order"},
		{name: "purchase order given", reply: func(r *quote.Reply) { r.PurchaseOrder = "PO-7" }, becomes: quote.Accepted},
		{name: "of another customer", reply: func(r *quote.Reply) { r.Customer = 2 }, becomes: quote.Sent},
	} {
		ref := sent(t, db)
		if c.first != "" {
			if _, err := db.Exec(context.Background(), c.first, ref.ID); err != nil {
				t.Fatal(err)
			}
		}
		r := yes()
		if c.reply != nil {
			c.reply(&r)
		}
		fresh, err := answer(db, ref.ID, r)
		var conflict apperr.Conflict
		problems, _ := errors.AsType[problem.Set](err)
		switch {
		case errors.As(err, &conflict) != c.conflict, errors.Is(err, apperr.Stale) != c.stale, (problems[c.field] != "") != (c.field != ""):
			t.Errorf("%s: %v", c.name, err)
		case c.becomes != "" && find(t, db, ref.Number).Status != c.becomes:
			t.Errorf("%s: is %s, %v", c.name, find(t, db, ref.Number).Status, err)
		case fresh != (err == nil):
			t.Errorf("%s: fresh %v with %v", c.name, fresh, err)
		}
		if _, err := db.Exec(context.Background(), `update customers set purchase_order_required = false`); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnAnswerIsKeptAsItWasGiven(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	ref := sent(t, db)
	r := yes()
	r.PurchaseOrder, r.Browser = "PO-7", "Firefox"
	if fresh, err := answer(db, ref.ID, r); !fresh || err != nil {
		t.Fatal(fresh, err)
	}
	if fresh, err := answer(db, ref.ID, r); fresh || err != nil {
		t.Errorf("the same answer again: %v, %v", fresh, err)
	}
	other := r
	other.Contact = 3
	if _, err := db.Exec(context.Background(), `insert into contacts (customer_id, name) values (1, 'Kim')`); err != nil {
		t.Fatal(err)
	}
	var conflict apperr.Conflict
	if _, err := answer(db, ref.ID, other); !errors.As(err, &conflict) {
		t.Errorf("a second contact's answer: %v", err)
	}
	given, err := quote.FindAnswer(context.Background(), db, ref.ID)
	if err != nil || given == nil {
		t.Fatal(given, err)
	}
	if given.Decision != quote.Accepted || given.FullName != "Lee Nakamura" || given.Terms != "Payment within 14 days." || given.Browser != "Firefox" || given.Version != 1 {
		t.Errorf("kept %+v", given)
	}
	if po := find(t, db, ref.Number).PurchaseOrder; po != "PO-7" {
		t.Errorf("the order's number on the quote is %q", po)
	}
}

func TestOfTwoAnswersAtOnceOneCounts(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	ref := sent(t, db)
	var (
		wg    sync.WaitGroup
		fresh [4]bool
	)
	for i := range fresh {
		wg.Go(func() {
			r := yes()
			r.Accepted = i%2 == 0
			fresh[i], _ = answer(db, ref.ID, r)
		})
	}
	wg.Wait()
	n := 0
	for _, f := range fresh {
		if f {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d answers counted", n)
	}
}
