package exchange_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/customer"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/exchange"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// source brings records in from a system called simpro.
type source struct {
	t    *testing.T
	db   *pgxpool.Pool
	by   exchange.By
	refs *exchange.Refs
}

func newSource(t *testing.T) source {
	t.Helper()
	db := dbtest.New(t)
	var now time.Time
	if err := db.QueryRow(t.Context(), `select now()`).Scan(&now); err != nil {
		t.Fatal(err)
	}
	by := exchange.By{Viewer: staff.Viewer{Name: "Import", Format: company.NewFormat(now, "Australia/Sydney", "en-AU", "AUD")}, Source: "simpro"}
	return source{t, db, by, exchange.NewRefs("simpro")}
}

// put brings in what is written as JSON, and undoes what the database refuses.
func (s source) put(k exchange.Kind, external, body string, c exchange.Choices) (out exchange.Outcome) {
	s.t.Helper()
	err := postgres.Transact(s.t.Context(), s.db, func(tx postgres.Tx) (err error) {
		out, err = exchange.Put(s.t.Context(), tx, s.by, s.refs, exchange.Incoming{
			Kind: k, External: external, Fill: func(r exchange.Record) error { return json.Unmarshal([]byte(body), r) },
		}, c)
		if err == nil && out.State == exchange.Refused {
			err = errRefused
		}
		return err
	})
	if err != nil && !errors.Is(err, errRefused) {
		s.t.Fatalf("%s %s: %v", k, body, err)
	}
	return out
}

var errRefused = errors.New("refused")

func (s source) want(state exchange.State, k exchange.Kind, external, body string) exchange.Outcome {
	s.t.Helper()
	out := s.put(k, external, body, exchange.Choices{})
	if out.State != state {
		s.t.Fatalf("%s %s was %s, want %s: %v", k, body, out.State, state, out.Problems)
	}
	return out
}

// business is one of each kind.
var business = []struct {
	kind           exchange.Kind
	external, body string
}{
	{exchange.Staff, "s1", `{"name": "Tom Fields"}`},
	{exchange.JobTypes, "t1", `{"name": "Service call", "colour": "green"}`},
	{exchange.Customers, "c1", `{"number": "C-5000", "name": "Harbour Dental", "street": {"line1": "1 Quay St", "city": "Sydney"}, "account_manager": "Tom Fields", "payment_terms": "14 days"}`},
	{exchange.Sites, "si1", `{"customer": "c1", "name": "Wharf 2"}`},
	{exchange.Contacts, "co1", `{"customer": "C-5000", "name": "Lee Rivers", "email": "lee@harbour.example", "permissions": ["jobs_see=own", "jobs_create"], "sites": ["Wharf 2"]}`},
	{exchange.Equipment, "e1", `{"customer": "Harbour Dental", "number": "E-7", "name": "Chiller", "type": "Chiller", "site": "si1", "serial_number": "X1"}`},
	{exchange.Quotes, "q1", `{"customer": "c1", "number": "Q-7000", "description": "New chiller", "status": "accepted", "main_contact": "lee@harbour.example", "sent_at": "2026-05-01T10:00:00Z",
		"lines": [{"description": "Chiller", "quantity": "1", "unit_price": "1234.50", "tax_name": "GST", "tax_percent": "10"}]}`},
	{exchange.Jobs, "j1", `{"customer": "c1", "number": "J-9000", "description": "Fit it", "type": "service call", "status": "completed", "completed_at": "2026-06-02T05:00:00Z", "site": "Wharf 2",
		"main_contact": "lee@harbour.example", "staff": ["Tom Fields"], "equipment": ["E-7"], "quote": "Q-7000", "created_at": "2026-05-20T00:00:00Z"}`},
	{exchange.Tasks, "k1", `{"job": "j1", "subject": "Order it", "done_at": "2026-05-21T00:00:00Z"}`},
	{exchange.Time, "h1", `{"job": "J-9000", "worked_on": "2026-06-02", "staff": "Tom Fields", "hours": "2.5"}`},
}

// What comes in once is new, and twice the same; numbers stay, and the next ones
// are past them.
func TestWhatComesInOnceIsNewAndTwiceTheSame(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	for _, b := range business {
		if out := s.put(b.kind, b.external, b.body, exchange.Choices{Dry: true}); out.State != exchange.New {
			t.Errorf("dry %s: %s, %v", b.kind, out.State, out.Problems)
		}
	}
	for _, k := range exchange.Kinds {
		if page, _, _, err := exchange.List(t.Context(), s.db, k, exchange.Filter{}); err != nil || len(page) > 0 {
			t.Errorf("a dry run made %d %s, %v", len(page), k, err)
		}
	}
	s.refs = exchange.NewRefs("simpro")
	made := map[exchange.Kind]exchange.Outcome{}
	for _, b := range business {
		made[b.kind] = s.want(exchange.New, b.kind, b.external, b.body)
	}
	s.refs = exchange.NewRefs("simpro")
	for _, b := range business {
		s.want(exchange.Same, b.kind, b.external, b.body)
		s.want(exchange.Same, b.kind, "", b.body) // by its number or name
	}
	for table, want := range map[string]string{"customers": "C-5001", "quotes": "Q-7001", "jobs": "J-9001"} {
		var next string
		if err := dbtest.Owner(t, s.db).QueryRow(t.Context(), `select '`+want[:2]+`' || nextval('`+table[:len(table)-1]+`_numbers')`).Scan(&next); err != nil || next != want {
			t.Errorf("the next number of %s is %s, want %s: %v", table, next, want, err)
		}
	}
	// Taken back in the other order, all of it is gone.
	for _, k := range slices.Backward(exchange.Kinds) {
		out := made[k]
		err := postgres.Transact(t.Context(), s.db, func(tx postgres.Tx) error { return exchange.Remove(t.Context(), tx, s.by, k, out.Row, out.Version) })
		if err != nil {
			t.Errorf("take back the %s: %v", k.One(), err)
		}
		if page, _, _, err := exchange.List(t.Context(), s.db, k, exchange.Filter{}); err != nil || len(page) > 0 {
			t.Errorf("%d %s are left, %v", len(page), k, err)
		}
	}
	gone, _, _, err := exchange.Gone(t.Context(), s.db, exchange.Filter{})
	if err != nil || len(gone) != len(exchange.Kinds) {
		t.Errorf("%d of %d left a tombstone, %v", len(gone), len(exchange.Kinds), err)
	}
}

// What was edited here stays, unless it is to be overwritten; what only the
// source has changed is taken.
func TestEditsHereStay(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	s.want(exchange.New, exchange.Customers, "c1", `{"name": "Harbour Dental", "phone": "1", "notes": "a"}`)
	edit := func(sql string) {
		t.Helper()
		if _, err := s.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	edit(`update customers set phone = '2', version = version + 1`)
	out := s.want(exchange.Changed, exchange.Customers, "c1", `{"phone": "1", "notes": "b"}`)
	if !slices.Equal(out.Edited, []string{"phone"}) || !slices.Equal(out.Fields, []string{"notes"}) {
		t.Errorf("edited %q, changed %q", out.Edited, out.Fields)
	}
	if !slices.Equal(out.Differs, []exchange.Difference{{Field: "phone", Here: "2", There: "1"}}) {
		t.Errorf("it differs in %v", out.Differs)
	}
	edit(`update customers set phone = '3', version = version + 1`)
	if out := s.put(exchange.Customers, "c1", `{"phone": "1"}`, exchange.Choices{Overwrite: true}); !slices.Equal(out.Fields, []string{"phone"}) || out.State != exchange.Changed {
		t.Errorf("overwritten: %+v", out)
	}
}

// What stays as it is once it is here makes no difference: a source that goes on
// saying it changes nothing.
func TestWhatStaysIsNoChange(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	s.want(exchange.New, exchange.Customers, "c1", `{"name": "Harbour Dental"}`)
	said := func(status, sent, price string) string {
		return `{"customer": "c1", "number": "Q-1", "description": "Chiller", "status": "` + status + `", "sent_at": "` + sent + `", "created_at": "2026-01-01T10:00:00Z",
			"lines": [{"description": "Chiller", "quantity": "1", "unit_price": "` + price + `"}]}`
	}
	for _, step := range []struct {
		want                        exchange.State
		status, sent, price, sentAt string
	}{
		{exchange.New, "draft", "2026-05-01T10:00:00Z", "10", ""}, // it was sent once, and is being priced anew there
		{exchange.Same, "draft", "2026-05-01T10:00:00Z", "10", ""},
		{exchange.Changed, "sent", "2026-05-02T10:00:00Z", "10", "2026-05-02T10:00:00Z"},
		{exchange.Same, "sent", "2026-05-03T10:00:00Z", "10", "2026-05-02T10:00:00Z"},
		{exchange.Changed, "sent", "2026-05-04T10:00:00Z", "12", "2026-05-04T10:00:00Z"},
		{exchange.Changed, "withdrawn", "2026-05-05T10:00:00Z", "12", "2026-05-04T10:00:00Z"},
		{exchange.Same, "withdrawn", "2026-05-06T10:00:00Z", "12", "2026-05-04T10:00:00Z"},
	} {
		out := s.want(step.want, exchange.Quotes, "q1", said(step.status, step.sent, step.price))
		var at string
		err := s.db.QueryRow(t.Context(), `select coalesce((select to_char(v.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from quotes q join quote_versions v on v.quote_id = q.id and v.number = q.sent_version), '')`).Scan(&at)
		if err != nil || at != step.sentAt {
			t.Errorf("%s: sent at %q, want %q (%v): %v", step.status, at, step.sentAt, out.Fields, err)
		}
	}
}

// What cannot be is refused in the form's own words, at the field.
func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	for _, b := range business {
		s.want(exchange.New, b.kind, b.external, b.body)
	}
	s.want(exchange.New, exchange.Customers, "c2", `{"name": "Other"}`)
	for _, tt := range []struct {
		kind        exchange.Kind
		body, field string
	}{
		{exchange.Customers, `{"phone": "1"}`, "name"},
		{exchange.Customers, `{"name": "A", "email": "nowhere"}`, "email"},
		{exchange.Customers, `{"name": "A", "number": "C 1/2"}`, "number"},
		{exchange.Customers, `{"name": "A", "account_manager": "Nobody"}`, "account_manager"},
		{exchange.Sites, `{"name": "A"}`, "customer"},
		{exchange.Sites, `{"name": "A", "customer": "C-1"}`, "customer"},
		{exchange.Contacts, `{"name": "A", "customer": "c1", "permissions": ["everything"]}`, "permissions"},
		{exchange.Contacts, `{"name": "A", "customer": "c2", "sites": ["Wharf 2"]}`, "sites"},
		{exchange.Jobs, `{"number": "J-9000", "customer": "c2"}`, "customer"},
		{exchange.Jobs, `{"customer": "c2", "description": "A", "type": "Service call", "site": "Wharf 2"}`, "site"},
		{exchange.Jobs, `{"customer": "c1", "description": "A", "type": "Repairs"}`, "type"},
		{exchange.Jobs, `{"customer": "c1", "description": "A", "type": "Service call", "status": "booked"}`, "booked_from"},
		{exchange.Jobs, `{"customer": "c1", "description": "A", "type": "Service call", "status": "done"}`, "status"},
		{exchange.Jobs, `{"customer": "c2", "description": "A", "type": "Service call", "quote": "Q-7000"}`, "quote"},
		{exchange.Quotes, `{"customer": "c1", "description": "A", "status": "sent"}`, "lines"},
		{exchange.Tasks, `{"subject": "A"}`, "job"},
		{exchange.Time, `{"job": "J-9000", "worked_on": "2026-06-02", "staff": "Tom Fields", "hours": "25"}`, "hours"},
	} {
		out := s.put(tt.kind, "", tt.body, exchange.Choices{})
		if out.State != exchange.Refused || out.Problems[tt.field] == "" {
			t.Errorf("%s %s: %s, %v; want a problem at %s", tt.kind, tt.body, out.State, out.Problems, tt.field)
		}
	}
}

// Where several have one name it is said how to tell them apart; who has an address of
// their own is somebody else, and who is only named is there.
func TestSeveralOfOneName(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	for _, b := range business {
		s.want(exchange.New, b.kind, b.external, b.body)
	}
	for _, email := range []string{"sam1@x.example", "sam2@x.example", "sam3@x.example"} {
		s.want(exchange.New, exchange.Contacts, "", `{"customer": "c1", "name": "Sam Poe", "email": "`+email+`"}`)
	}
	out := s.put(exchange.Jobs, "", `{"customer": "c1", "description": "A", "type": "Service call", "main_contact": "Sam Poe"}`, exchange.Choices{})
	if want := "There is more than one contact called “Sam Poe”. Say which by the email address."; out.Problems["main_contact"] != want {
		t.Errorf("the job: %v", out.Problems)
	}
	if out := s.put(exchange.Contacts, "", `{"customer": "c1", "name": "Sam Poe"}`, exchange.Choices{}); out.State != exchange.Refused {
		t.Errorf("one of three: %s", out.State)
	}
	err := postgres.Transact(t.Context(), s.db, func(tx postgres.Tx) (err error) {
		out, err = exchange.Put(t.Context(), tx, s.by, s.refs, exchange.Incoming{Kind: exchange.Contacts, Named: true, Fill: func(r exchange.Record) error {
			return json.Unmarshal([]byte(`{"customer": "c1", "name": "Sam Poe"}`), r)
		}}, exchange.Choices{})
		return err
	})
	if err != nil || out.State != exchange.Same {
		t.Errorf("who is only named: %s, %v, %v", out.State, out.Problems, err)
	}
}

// What a file brings of one name stands for neither of them, in a dry run as when it is
// imported: the job of one customer never becomes another's. What its source tells
// apart by ids is told apart, however many there are.
func TestNamesThatComeTwice(t *testing.T) {
	t.Parallel()
	for _, dry := range []bool{true, false} {
		s := newSource(t)
		s.want(exchange.New, exchange.JobTypes, "", `{"name": "Service call"}`)
		s.want(exchange.New, exchange.Customers, "old", `{"name": "Ann Lee"}`)
		s.refs = exchange.NewRefs("simpro")
		for _, id := range []string{"a", "b", "c"} {
			if out := s.put(exchange.Customers, id, `{"name": "John Smith"}`, exchange.Choices{Dry: dry}); out.State != exchange.New {
				t.Errorf("dry %v: customer %s: %s, %v", dry, id, out.State, out.Problems)
			}
		}
		if out := s.put(exchange.Customers, "new", `{"name": "Ann Lee"}`, exchange.Choices{Dry: dry}); out.State != exchange.New {
			t.Errorf("dry %v: a namesake of who is here: %s, %v", dry, out.State, out.Problems)
		}
		for name, want := range map[string]string{"John Smith": "There is more than one customer called “John Smith”. Say which by its number.", "Ann Lee": "There is more than one customer called “Ann Lee”. Say which by its number.", "b": "", "old": ""} {
			out := s.put(exchange.Jobs, "", `{"customer": "`+name+`", "description": "A", "type": "Service call"}`, exchange.Choices{Dry: dry})
			if out.Problems["customer"] != want || (want == "") != (out.State == exchange.New) {
				t.Errorf("dry %v: a job of %s: %s, %v", dry, name, out.State, out.Problems)
			}
		}
	}
}

// Who lists what changed misses nothing of a transaction that ends late.
func TestListsMissNothing(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	ctx := t.Context()
	late, err := s.db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := late.Exec(ctx, `insert into customers (name) values ('Late')`); err != nil {
		t.Fatal(err)
	}
	s.want(exchange.New, exchange.Customers, "c1", `{"name": "Early"}`)
	list := func(after string) (names []string, next string) {
		t.Helper()
		page, next, _, err := exchange.List(ctx, s.db, exchange.Customers, exchange.Filter{After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			names = append(names, r.(*exchange.Customer).Name) //nolint:forcetypeassert // customers
		}
		return names, next
	}
	names, next := list("")
	if len(names) > 0 {
		t.Errorf("%q stand in the list while an earlier transaction is under way", names)
	}
	if err := late.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if names, next = list(next); !slices.Equal(names, []string{"Late", "Early"}) {
		t.Errorf("listed %q", names)
	}
	if names, _ = list(next); len(names) > 0 {
		t.Errorf("listed again: %q", names)
	}
	if _, err := s.db.Exec(context.WithoutCancel(ctx), `update customers set notes = 'x' where name = 'Late'`); err != nil {
		t.Fatal(err)
	}
	if names, _ = list(next); !slices.Equal(names, []string{"Late"}) {
		t.Errorf("after a change: %q", names)
	}
}

// A source that reaches one customer neither sees nor changes another's things.
func TestReach(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	for _, b := range business {
		s.want(exchange.New, b.kind, b.external, b.body)
	}
	own := s.want(exchange.New, exchange.Customers, "c2", `{"name": "Own"}`)
	s.refs = exchange.NewRefs("simpro")
	reach := exchange.Choices{Reach: exchange.Reach{own.Row}, Overwrite: true}
	try := func(k exchange.Kind, external, body string) (out exchange.Outcome, err error) {
		err = postgres.Transact(t.Context(), s.db, func(tx postgres.Tx) (err error) {
			out, err = exchange.Put(t.Context(), tx, s.by, exchange.NewRefs("simpro"), exchange.Incoming{
				Kind: k, External: external, Fill: func(r exchange.Record) error { return json.Unmarshal([]byte(body), r) },
			}, reach)
			return err
		})
		return out, err
	}
	for _, b := range business {
		if b.kind == exchange.Staff || b.kind == exchange.JobTypes {
			continue
		}
		out, err := try(b.kind, b.external, b.body)
		if b.kind == exchange.Customers { // as of one that is not there at all
			if !errors.Is(err, apperr.Forbidden{}) {
				t.Errorf("another customer: %+v, %v", out, err)
			}
		} else if !errors.Is(err, apperr.NotFound) && (err != nil || out.State != exchange.Refused) {
			t.Errorf("%s of another customer: %+v, %v", b.kind, out, err)
		}
		page, _, _, err := exchange.List(t.Context(), s.db, b.kind, exchange.Filter{Reach: reach.Reach})
		if err != nil || (len(page) > 0 && exchange.HeadOf(page[0]).CustomerRow != own.Row) {
			t.Errorf("%s of another customer are listed: %v, %v", b.kind, page, err)
		}
	}
	for body, field := range map[string]string{
		`{"customer": "C-5000", "description": "A", "type": "Service call"}`:                                    "customer",
		`{"customer": "c2", "description": "A", "type": "Service call", "follows": "J-9000"}`:                   "follows",
		`{"customer": "c2", "description": "A", "type": "Service call", "quote": "Q-7000"}`:                     "quote",
		`{"customer": "c2", "description": "A", "type": "Service call", "main_contact": "lee@harbour.example"}`: "main_contact",
	} {
		if out, err := try(exchange.Jobs, "j9", body); err != nil || out.Problems[field] == "" || !strings.HasPrefix(out.Problems[field], "There is no") {
			t.Errorf("%s: %+v, %v", body, out, err)
		}
	}
	if _, err := try(exchange.Customers, "c3", `{"name": "New"}`); !errors.Is(err, apperr.Forbidden{}) {
		t.Errorf("a customer beyond reach was added: %v", err)
	}
	if out, err := try(exchange.Jobs, "j9", `{"customer": "c2", "description": "A", "type": "Service call"}`); err != nil || out.State != exchange.New {
		t.Errorf("a job of the own customer: %+v, %v", out, err)
	}
}

// Who is two customers at the source and one here goes on being told of by both
// ids: work of either comes to the one who stays, whose details are its own.
func TestMergedCustomers(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	s.want(exchange.New, exchange.JobTypes, "t1", `{"name": "Service call"}`)
	gone := s.want(exchange.New, exchange.Customers, "c1", `{"name": "Harbour Dental"}`)
	stays := s.want(exchange.New, exchange.Customers, "c2", `{"name": "Harbor Dental"}`)
	err := postgres.Transact(t.Context(), s.db, func(tx postgres.Tx) error {
		_, _, err := customer.Merge(t.Context(), tx, s.by.Actor(), gone.Key, stays.Key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.refs = exchange.NewRefs("simpro")
	s.want(exchange.Same, exchange.Customers, "c1", `{"name": "Harbour Dental", "phone": "1"}`)
	made := s.want(exchange.New, exchange.Jobs, "j1", `{"customer": "c1", "description": "A", "type": "Service call"}`)
	r, err := exchange.ReadRow(t.Context(), s.db, exchange.Jobs, made.Row)
	if err != nil || r.(*exchange.Job).Customer != stays.Key { //nolint:forcetypeassert // a job
		t.Errorf("the job is of %+v, %v", r, err)
	}
	if r, err = exchange.ReadRow(t.Context(), s.db, exchange.Customers, stays.Row); err != nil || r.(*exchange.Customer).Phone != "" { //nolint:forcetypeassert // a customer
		t.Errorf("%+v, %v", r, err)
	}
}
