package quote_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

var gst = []quote.Rate{{Name: "GST", Percent: decimal.NewFromInt(10)}}

func typed(description, quantity, price string) quote.Typed {
	return quote.Typed{Description: description, Quantity: quantity, UnitPrice: price, Tax: gst[0].Key()}
}

func titled(name string) quote.Typed { return quote.Typed{Heading: true, Section: name} }

func TestReadSections(t *testing.T) {
	t.Parallel()
	blank := quote.Typed{Quantity: "1", Tax: gst[0].Key()}
	for _, tt := range []struct {
		name  string
		typed []quote.Typed
		want  string // section/description of each line
		wrong string // the field with a problem
	}{
		{"no headings", []quote.Typed{typed("Fan", "1", "5")}, "/Fan", ""},
		{"a heading holds the lines below it", []quote.Typed{typed("Visit", "1", "5"), titled("Roof"), typed("Fan", "1", "5"), typed("Belt", "2", "5"), titled("Cellar"), typed("Pump", "1", "5")}, "/Visit Roof/Fan Roof/Belt Cellar/Pump", ""},
		{"blank lines are left out, and problems name the row", []quote.Typed{titled("Roof"), blank, typed("Fan", "x", "5")}, "Roof/Fan", "line-2-quantity"},
		{"a heading without a name", []quote.Typed{titled(""), typed("Fan", "1", "5")}, "/Fan", "line-0-section"},
		{"a heading without a name or lines", []quote.Typed{typed("Fan", "1", "5"), titled(""), blank}, "/Fan", ""},
		{"a heading without lines", []quote.Typed{titled("Roof"), titled("Cellar"), typed("Pump", "1", "5")}, "Cellar/Pump", ""},
		{"a heading too long", []quote.Typed{titled(strings.Repeat("x", 201)), typed("Pump", "1", "5")}, strings.Repeat("x", 201) + "/Pump", "line-0-section"},
		{"a description missing", []quote.Typed{titled("Roof"), typed("", "1", "5")}, "Roof/", "line-1-description"},
	} {
		lines, p := quote.ParseLines(company.Format{}, tt.typed, "AUD", gst)
		p.Join(quote.CheckLines(lines))
		var got []string
		for _, l := range lines {
			got = append(got, l.Section+"/"+l.Description)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if (tt.wrong == "") != (len(p) == 0) || (tt.wrong != "" && p[tt.wrong] == "") {
			t.Errorf("%s: problems %v, want one at %q", tt.name, p, tt.wrong)
		}
	}
}

func TestSections(t *testing.T) {
	t.Parallel()
	a, b := line("1", 500, "10"), line("2", 250, "10")
	a.Section, b.Section = "Roof", "Roof"
	sections := quote.Sections([]quote.Line{line("1", 100, "10"), a, b, line("1", 1, "10")})
	if len(sections) != 3 || sections[1].Name != "Roof" || sections[1].Net() != 1000 || !sections[1].AddsUp() || sections[2].AddsUp() {
		t.Errorf("sections: %+v", sections)
	}
}

// send writes the lines, and sends them as the next version.
func send(t *testing.T, tx postgres.Tx, number string, lines []quote.Line) error {
	t.Helper()
	ctx := t.Context()
	q, err := quote.FindByNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	if err := quote.Edit(ctx, tx, ben, number, q.Version, q.Details(), lines); err != nil {
		return err
	}
	_, err = quote.Send(ctx, tx, ben, number, q.Version+1, today)
	return err
}

func TestVersionsTellWhatChanged(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := harbour(t)
	fan, belt, pump := line("1", 50000, "10"), line("2", 1500, "10"), line("1", 9900, "10")
	fan.Description, belt.Description, pump.Description = "Fan", "Belt", "Pump"
	dearer := fan
	dearer.UnitPrice = decimal.NewFromInt(52000)
	err := transact(db, func(tx postgres.Tx) error {
		ref, _, err := quote.Create(ctx, tx, ben, created("", details()))
		if err != nil {
			return err
		}
		if err := send(t, tx, ref.Number, []quote.Line{fan, belt}); err != nil {
			return err
		}
		if err := quote.Revise(ctx, tx, ben, ref.Number, 3); err != nil {
			return err
		}
		return send(t, tx, ref.Number, []quote.Line{dearer, pump})
	})
	if err != nil {
		t.Fatal(err)
	}
	q := find(t, db, "Q-1001")
	second, first, err := quote.FindVersion(ctx, db, q.ID, 2)
	if err != nil {
		t.Fatal(err)
	}
	if first == nil || first.Number != 1 || len(first.Lines) != 2 || first.Lines[1].Description != "Belt" {
		t.Fatalf("the version before: %+v", first)
	}
	var got []string
	for _, d := range second.Changed(*first, company.NewFormat(time.Time{}, "Australia/Sydney", "en-AU", "AUD"), "AUD") {
		got = append(got, d.Label+": "+d.Before+" > "+d.After)
	}
	want := "Total with tax: $583.00 > $680.90|Line changed: Fan, 1 × $500.00, T10 10% > Fan, 1 × $520.00, T10 10%|Line taken out: Belt, 2 × $15.00, T10 10% > |Line added:  > Pump, 1 × $99.00, T10 10%"
	if strings.Join(got, "|") != want {
		t.Errorf("changes:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.ReplaceAll(want, "|", "\n"))
	}
	if _, _, err := quote.FindVersion(ctx, db, q.ID, 3); err == nil {
		t.Error("a version that was never sent is there")
	}
}

func TestJobFromQuote(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := harbour(t)
	if _, err := db.Exec(ctx, `insert into job_types (name, colour) values ('Installation', 'blue')`); err != nil {
		t.Fatal(err)
	}
	d := details()
	d.PurchaseOrder, d.JobType = "PO-7", 1
	err := transact(db, func(tx postgres.Tx) error {
		_, _, err := quote.Create(ctx, tx, ben, created("", d))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	why := ""
	create := func(nonce string) (ref job.Ref, made bool, err error) {
		err = transact(db, func(tx postgres.Tx) (err error) {
			ref, made, err = quote.CreateJob(ctx, tx, ben, "Q-1001", nonce, 1, why)
			return err
		})
		return ref, made, err
	}
	if _, _, err := create("a"); err == nil {
		t.Error("a draft becomes a job")
	}
	if err := transact(db, func(tx postgres.Tx) error { return send(t, tx, "Q-1001", []quote.Line{line("1", 100, "10")}) }); err != nil {
		t.Fatal(err)
	}
	if _, _, err := create("a"); err == nil {
		t.Error("a quote that nobody has accepted becomes a job without a word")
	}
	why = "Urgent, they sign later"
	first, made, err := create("a")
	if err != nil || !made {
		t.Fatalf("created %v: %v", made, err)
	}
	again, made, err := create("a")
	if err != nil || made || again != first {
		t.Errorf("the form sent twice makes %v (%v), want %v", again, err, first)
	}
	j, err := job.FindByNumber(ctx, db, first.Number)
	if err != nil {
		t.Fatal(err)
	}
	if j.Name != "Kitchen split" || j.Description != d.Description || j.SiteID != 1 || j.MainContactID != 1 || j.PurchaseOrder != "PO-7" || j.QuoteNumber != "Q-1001" ||
		len(j.Staff) != 1 || j.Status != job.Unscheduled {
		t.Errorf("job: %+v", j)
	}
	q := find(t, db, "Q-1001")
	jobs, err := jobsOf(t, db, q.ID)
	if err != nil || len(jobs) != 1 || jobs[0].Number != first.Number {
		t.Errorf("jobs of the quote: %+v %v", jobs, err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := harbour(t)
	err := transact(db, func(tx postgres.Tx) error {
		if _, _, err := quote.Create(ctx, tx, ben, created("", details())); err != nil {
			return err
		}
		copied, _, err := quote.Create(ctx, tx, ben, created("", details()))
		if err != nil {
			return err
		}
		if err := send(t, tx, "Q-1001", []quote.Line{line("1", 100, "10")}); err != nil {
			return err
		}
		for range 2 { // a form sent twice
			if err := quote.AddDuplicate(ctx, tx, ben, "Q-1001", copied); err != nil {
				return err
			}
		}
		return quote.Withdraw(ctx, tx, ben, "Q-1001", 3, "The shop has closed")
	})
	if err != nil {
		t.Fatal(err)
	}
	q := find(t, db, "Q-1001")
	var events []quote.Event
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { quote.QueryHistory(b, &events, q.ID) }); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		got = append(got, string(e.Kind)+" "+e.Number+strings.Join(e.Fields, ","))
	}
	if want := "withdrawn |duplicated Q-1002|edited lines"; strings.Join(got, "|") != want || q.WithdrawnReason != "The shop has closed" {
		t.Errorf("history %q, want %q; withdrawn because %q", strings.Join(got, "|"), want, q.WithdrawnReason)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := harbour(t)
	_, err := db.Exec(ctx, `
		insert into job_types (name, colour) values ('Installation', 'blue');
		insert into quotes (customer_id, number, description, currency, status, origin, created_by_contact_id) values (1, 'request', 'x', 'AUD', 'requested', 'portal', 1);
		insert into quotes (customer_id, number, description, currency, status, origin, site_id, job_type_id) values (1, 'draft', 'x', 'AUD', 'draft', 'office', 1, 1);
		insert into quotes (customer_id, number, description, currency, status, origin, valid_until) values
			(1, 'revising', 'x', 'AUD', 'draft', 'office', '2026-11-25'), (1, 'expired', 'x', 'AUD', 'draft', 'office', '2026-11-21'),
			(1, 'today', 'x', 'AUD', 'draft', 'office', '2026-11-22'), (1, 'week', 'x', 'AUD', 'draft', 'office', '2026-11-29'), (1, 'later', 'x', 'AUD', 'draft', 'office', '2026-11-30');
		insert into quote_versions (customer_id, quote_id, number, sent_at, sent_by_id) select 1, id, 1, now(), 1 from quotes where valid_until is not null;
		update quotes set sent_version = 1, status = case number when 'revising' then 'draft' else 'sent' end where valid_until is not null;
		insert into quote_staff select id, 2 from quotes where number in ('draft', 'week');`)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		filter quote.Filter
		want   string
	}{
		{"waiting for pricing", quote.Filter{Unpriced: true}, "draft request"},
		{"expiring within a week", quote.Filter{Expiring: true}, "today week"},
		{"expired", quote.Filter{Status: quote.Expired}, "expired"},
		{"sent and still valid", quote.Filter{Status: quote.Sent}, "later today week"},
		{"from the portal", quote.Filter{Portal: true}, "request"},
		{"not looked at", quote.Filter{NewOnly: true}, "request"},
		{"of a type", quote.Filter{Type: 1}, "draft"},
		{"at a site", quote.Filter{Site: 1}, "draft"},
		{"assigned", quote.Filter{Assigned: 2}, "draft week"},
		{"assigned and expiring", quote.Filter{Assigned: 2, Expiring: true}, "week"},
	} {
		tt.filter.Today = today
		page, err := quote.List(ctx, db, quote.Orders.Read(nil), tt.filter)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, q := range page.Rows {
			got[q.Number] = true
		}
		for n := range strings.FieldsSeq(tt.want) {
			if !got[n] {
				t.Errorf("%s: lacks %q", tt.name, n)
			}
			delete(got, n)
		}
		if len(got) > 0 {
			t.Errorf("%s: has %v, too", tt.name, got)
		}
		counts := board(t, db, tt.filter)
		if n := len(page.Rows); tt.filter.Status == "" && counts[""] != n {
			t.Errorf("%s: counts %d, lists %d", tt.name, counts[""], n)
		}
	}
}

func jobsOf(t *testing.T, db *pgxpool.Pool, id int64) (jobs []quote.Job, err error) {
	t.Helper()
	err = postgres.Read(t.Context(), db, func(b *postgres.Batch) { quote.QueryJobs(b, &jobs, id) })
	return jobs, err
}

// board counts the quotes of a filter by status.
func board(t *testing.T, db *pgxpool.Pool, f quote.Filter) (counts map[quote.Status]int) {
	t.Helper()
	var page list.Page[quote.Row]
	err := postgres.Read(t.Context(), db, func(b *postgres.Batch) { quote.QueryBoard(b, &page, &counts, list.Query{}, f, quote.Matches{}) })
	if err != nil {
		t.Fatal(err)
	}
	return counts
}
