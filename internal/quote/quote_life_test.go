package quote_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
)

var ben = audit.Actor{Staff: 1, Name: "Ben Whitlock"}

// harbour is a business with two customers; Lee is contact 1 of the first.
func harbour(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db := dbtest.New(t)
	_, err := db.Exec(context.Background(), `
		insert into staff (name, email, role, state) values ('Ben Whitlock', 'ben@demo.test', 'office', 'active'), ('Fay Ibrahim', '', 'field', 'active');
		insert into customers (name) values ('Harbour Dental'), ('Pelican Point');
		insert into sites (customer_id, name, archived_at) values (1, 'George Street', null), (2, 'Tower', null), (1, 'Old shop', now());
		insert into contacts (customer_id, name, email) values (1, 'Lee Nakamura', 'lee@demo.test'), (2, 'Ola Lindgren', 'ola@demo.test');`)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func transact(db *pgxpool.Pool, do func(postgres.Tx) error) error {
	return postgres.Transact(context.Background(), db, do)
}

func find(t *testing.T, db *pgxpool.Pool, number string) quote.Quote {
	t.Helper()
	q, err := quote.FindByNumber(context.Background(), db, number)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

var today = day.New(2026, 11, 22)

func details() quote.Details {
	return quote.Details{Name: "Kitchen split", Description: "Split system for the kitchen", Site: 1, MainContact: 1, ValidUntil: today.AddDays(30), Staff: []int64{2}}
}

// created is a quote of the first customer, as the office writes it.
func created(nonce string, d quote.Details, lines ...quote.Line) quote.New {
	return quote.New{Customer: 1, Currency: "AUD", Details: d, Lines: lines, Nonce: nonce}
}

func TestLifeOfAQuote(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := harbour(t)
	create := func(nonce string) (ref quote.Ref) {
		t.Helper()
		err := transact(db, func(tx postgres.Tx) (err error) {
			ref, _, err = quote.Create(ctx, tx, ben, created(nonce, details(), line("2", 45000, "10")))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	ref := create("once")
	if again := create("once"); again != ref {
		t.Errorf("the same form again made %v, not %v", again, ref)
	}
	q := find(t, db, ref.Number)
	if q.Status != quote.Draft || q.Total != 99000 || q.VersionNumber != 1 || len(q.StaffIDs) != 1 {
		t.Fatalf("created: %+v", q)
	}

	send := func(version int64) error {
		return transact(db, func(tx postgres.Tx) error { _, err := quote.Send(ctx, tx, ben, ref.Number, version, today); return err })
	}
	revise := func() error {
		q := find(t, db, ref.Number)
		return transact(db, func(tx postgres.Tx) error { return quote.Revise(ctx, tx, ben, ref.Number, q.Version) })
	}
	withdraw := func() error {
		q := find(t, db, ref.Number)
		return transact(db, func(tx postgres.Tx) error {
			return quote.Withdraw(ctx, tx, ben, ref.Number, q.Version, "Built elsewhere")
		})
	}
	edit := func(version int64, d quote.Details, lines ...quote.Line) error {
		return transact(db, func(tx postgres.Tx) error { return quote.Edit(ctx, tx, ben, ref.Number, version, d, lines) })
	}
	reads := func() (name string, total int64) {
		t.Helper()
		err := db.QueryRow(ctx, `select v.name, v.total from quotes q join quote_versions v on v.quote_id = q.id and v.number = q.sent_version where q.number = $1`, ref.Number).Scan(&name, &total)
		if err != nil {
			t.Fatal(err)
		}
		return name, total
	}

	if err := send(q.Version - 1); !errors.Is(err, apperr.Stale) {
		t.Errorf("sent what somebody else had changed: %v", err)
	}
	if err := send(q.Version); err != nil {
		t.Fatal("send: ", err)
	}
	if err := send(q.Version); refused(err) == "" {
		t.Errorf("a second press sends again: %v", err)
	}
	q = find(t, db, ref.Number)
	if err := edit(q.Version, details()); refused(err) == "" {
		t.Errorf("edited what was sent: %v", err)
	}

	if err := revise(); err != nil {
		t.Fatal("new version: ", err)
	}
	q = find(t, db, ref.Number)
	if q.VersionNumber != 2 || len(q.Lines) != 1 || !q.Revising() {
		t.Fatalf("the new version begins as a copy: %+v", q)
	}
	d := details()
	d.Name, d.Staff = "Bigger kitchen split", nil
	if err := edit(q.Version, d, line("3", 45000, "10")); err != nil {
		t.Fatal("edit: ", err)
	}
	if err := edit(q.Version, d); !errors.Is(err, apperr.Stale) {
		t.Errorf("stale edit: %v", err)
	}
	if name, total := reads(); name != "Kitchen split" || total != 99000 {
		t.Errorf("while it is revised the customer reads %q, %d", name, total)
	}
	q = find(t, db, ref.Number)
	if len(q.StaffIDs) != 0 {
		t.Error("nobody is on it any more, but", q.StaffNames)
	}
	if err := send(q.Version); err != nil {
		t.Fatal("send again: ", err)
	}
	if name, total := reads(); name != "Bigger kitchen split" || total != 148500 {
		t.Errorf("sent again, the customer reads %q, %d", name, total)
	}
	versions, err := quote.Versions(ctx, db, q.ID)
	if err != nil || len(versions) != 2 || versions[0].Total != 148500 || versions[1].SentBy != "Ben Whitlock" {
		t.Errorf("versions: %+v, %v", versions, err)
	}

	if err := withdraw(); err != nil {
		t.Fatal("withdraw: ", err)
	}
	if q = find(t, db, ref.Number); q.WithdrawnAt == nil || q.WithdrawnReason != "Built elsewhere" {
		t.Errorf("withdrawn at %v, because %q", q.WithdrawnAt, q.WithdrawnReason)
	}
	if err := revise(); refused(err) == "" {
		t.Errorf("a new version of what was withdrawn: %v", err)
	}
	if err := withdraw(); refused(err) == "" {
		t.Errorf("withdrawn twice: %v", err)
	}
	var events []quote.Event
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { quote.QueryHistory(b, &events, q.ID) }); err != nil {
		t.Fatal(err)
	}
	var happened []string
	for _, e := range events {
		happened = append(happened, strings.TrimSpace(string(e.Kind)+" by "+e.By+" "+strings.Join(e.Fields, " ")))
	}
	if want := []string{"withdrawn by Ben Whitlock", "edited by Ben Whitlock lines name staff", "revised by Ben Whitlock"}; !slices.Equal(happened, want) {
		t.Errorf("history: %q, want %q", happened, want)
	}
	changes, err := audit.Since(ctx, db, "quote", q.ID, 1)
	if err != nil || len(changes) == 0 || changes[0].By != "Ben Whitlock" {
		t.Errorf("audit trail: %+v, %v", changes, err)
	}
}

// refused are the words of a conflict.
func refused(err error) string {
	if c, ok := errors.AsType[apperr.Conflict](err); ok {
		return c.Words
	}
	return ""
}

func TestWhatAQuoteNeeds(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := harbour(t)
	good := line("1", 1000, "10")
	for name, tt := range map[string]struct {
		change func(*quote.Details)
		line   quote.Line
		field  string
	}{
		"description":          {func(d *quote.Details) { d.Description = "" }, good, "description"},
		"long terms":           {func(d *quote.Details) { d.Terms = strings.Repeat("é", 10_001) }, good, "terms"},
		"another's site":       {func(d *quote.Details) { d.Site = 2 }, good, "site"},
		"archived site":        {func(d *quote.Details) { d.Site = 3 }, good, "site"},
		"another's contact":    {func(d *quote.Details) { d.MainContact = 2 }, good, "main_contact"},
		"no such job type":     {func(d *quote.Details) { d.JobType = 99 }, good, "job_type"},
		"line without words":   {nil, quote.Line{Quantity: good.Quantity, UnitPrice: decimal.NewFromInt(1)}, "line-0-description"},
		"four decimals":        {nil, line("1.2345", 1, "10"), "line-0-quantity"},
		"a million":            {nil, line("1000000", 1, "10"), "line-0-quantity"},
		"absurd price":         {nil, line("1", 100_000_000_000, "10"), "line-0-price"},
		"price times quantity": {nil, line("999999", 99_999_999_999, "10"), "line-0-price"},
	} {
		d := details()
		if tt.change != nil {
			tt.change(&d)
		}
		err := transact(db, func(tx postgres.Tx) error {
			_, _, err := quote.Create(ctx, tx, ben, created("", d, tt.line))
			return err
		})
		p, _ := errors.AsType[problem.Set](err)
		if p[tt.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	var n int
	if err := db.QueryRow(ctx, `select count(*) from quotes`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d quotes half saved, %v", n, err)
	}
}

func TestWhatSendingNeeds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		q    quote.Quote
		want string
	}{
		"everything":    {quote.Quote{Lines: []quote.Line{{}}, MainContactID: 1, ValidUntil: today}, ""},
		"lines":         {quote.Quote{MainContactID: 1, ValidUntil: today}, "lines"},
		"a contact":     {quote.Quote{Lines: []quote.Line{{}}, ValidUntil: today}, "main_contact"},
		"a validity":    {quote.Quote{Lines: []quote.Line{{}}, MainContactID: 1}, "valid_until"},
		"a day to come": {quote.Quote{Lines: []quote.Line{{}}, MainContactID: 1, ValidUntil: today.AddDays(-1)}, "valid_until"},
	} {
		p := tt.q.Unready(today)
		if (tt.want == "") != (len(p) == 0) || (tt.want != "" && p[tt.want] == "") {
			t.Errorf("%s: %v", name, p)
		}
	}
}

func TestParseLines(t *testing.T) {
	t.Parallel()
	rates := []quote.Rate{{Name: "GST", Percent: line("1", 1, "10.000").TaxPercent}}
	for name, tt := range map[string]struct {
		typed quote.Typed
		field string
	}{
		"a line":             {quote.Typed{Description: "Fan", Quantity: "1.5", UnitPrice: "1,234.50", Tax: "10 GST"}, ""},
		"no quantity":        {quote.Typed{Description: "Fan", UnitPrice: "1", Tax: "10 GST"}, "line-0-quantity"},
		"nonsense quantity":  {quote.Typed{Description: "Fan", Quantity: "a few", UnitPrice: "1", Tax: "10 GST"}, "line-0-quantity"},
		"nothing of it":      {quote.Typed{Description: "Fan", Quantity: "0.000", UnitPrice: "1", Tax: "10 GST"}, "line-0-quantity"},
		"no price":           {quote.Typed{Description: "Fan", Quantity: "1", Tax: "10 GST"}, "line-0-price"},
		"nonsense price":     {quote.Typed{Description: "Fan", Quantity: "1", UnitPrice: "1e99999999", Tax: "10 GST"}, "line-0-price"},
		"a tax of one's own": {quote.Typed{Description: "Fan", Quantity: "1", UnitPrice: "1", Tax: "0 GST"}, "line-0-tax"},
	} {
		lines, p := quote.ParseLines(company.Format{}, []quote.Typed{tt.typed}, "AUD", rates)
		if (tt.field == "") != (len(p) == 0) || (tt.field != "" && p[tt.field] == "") {
			t.Errorf("%s: %v", name, p)
		}
		if tt.field == "" && (!lines[0].UnitPrice.Equal(decimal.NewFromInt(123450)) || lines[0].Total() != 185175 || lines[0].TaxName != "GST") {
			t.Errorf("%s: %+v", name, lines[0])
		}
	}
}

func TestListOfQuotes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := harbour(t)
	_, err := db.Exec(ctx, `
		insert into quotes (customer_id, name, description, currency, status, origin, created_by_contact_id, valid_until) values
			(1, 'asked', 'd', 'AUD', 'requested', 'portal', 1, null),
			(1, 'sent', 'd', 'AUD', 'draft', 'office', null, '2026-11-22'),
			(2, 'expired', 'd', 'AUD', 'draft', 'office', null, '2026-11-21');
		insert into quote_versions (customer_id, quote_id, number) select customer_id, id, 1 from quotes where status = 'draft';
		update quotes set status = 'sent', sent_version = 1 where status = 'draft'`)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		search string
		f      quote.Filter
		want   string
	}{
		"all":                {"", quote.Filter{}, "expired sent asked"},
		"sent":               {"", quote.Filter{Status: quote.Sent}, "sent"},
		"expired":            {"", quote.Filter{Status: quote.Expired}, "expired"},
		"of a customer":      {"", quote.Filter{Customer: "C-1001"}, "sent asked"},
		"not looked at":      {"", quote.Filter{NewOnly: true}, "asked"},
		"customer's name":    {"pelican", quote.Filter{}, "expired"},
		"unknown status":     {"", quote.Filter{Status: "'"}, ""},
		"no such customer":   {"", quote.Filter{Customer: "C-9"}, ""},
		"nothing searchable": {"%%", quote.Filter{}, ""},
	} {
		tt.f.Today = today
		q := quote.Orders.Read(nil)
		q.Search = tt.search
		page, err := quote.List(ctx, db, q, tt.f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range page.Rows {
			got = append(got, r.Name)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", name, got, tt.want)
		}
	}
	counts := board(t, db, quote.Filter{Today: today})
	if counts[""] != 3 || counts[quote.Sent] != 1 || counts[quote.Expired] != 1 {
		t.Errorf("counts %v", counts)
	}
	// Sorted by validity, page by page, quotes without a day come last.
	q := list.Query{Sort: "valid", Size: 2}
	first, err := quote.List(ctx, db, q, quote.Filter{Today: today})
	if err != nil || len(first.Rows) != 2 || first.Rows[0].Name != "expired" {
		t.Fatalf("%+v, %v", first, err)
	}
	q.After = first.Next
	if second, err := quote.List(ctx, db, q, quote.Filter{Today: today}); err != nil || len(second.Rows) != 1 || second.Rows[0].Name != "asked" {
		t.Errorf("%+v, %v", second, err)
	}
}

func TestLookIsNotedOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := harbour(t)
	var ref quote.Ref
	err := transact(db, func(tx postgres.Tx) (err error) {
		ref, _, err = quote.Create(ctx, tx, audit.Actor{Contact: 1, Person: 1, Name: "Lee"}, quote.New{Customer: 1, Contact: 1, Currency: "AUD", Details: quote.Details{Description: "How much?"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := transact(db, func(tx postgres.Tx) error { return quote.MarkLookedAt(ctx, tx, ben, ref.ID) }); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	if err := db.QueryRow(ctx, `select count(*) from audit_entries where thing = 'quote' and action = 'looked at'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("noted %d times, %v", n, err)
	}
	if q := find(t, db, ref.Number); q.New() || q.LookedBy != "Ben Whitlock" {
		t.Errorf("looked at by %q", q.LookedBy)
	}
}
