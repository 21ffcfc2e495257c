package office

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/equipment"
	"fieldgate/internal/imaging"
	"fieldgate/internal/job"
	"fieldgate/internal/message"
	"fieldgate/internal/quote"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	"fieldgate/internal/storage"
	"fieldgate/internal/token"
)

// v4 is where the tokens of tests are used.
var v4 = netip.MustParseAddr("192.0.2.9")

// newTokens is newOffice with files, and a token that reaches all customers and
// one that reaches C-1001 alone. C-1002 is another's.
func newTokens(t *testing.T) (s *Service, db *pgxpool.Pool, all, one staff.Viewer) {
	t.Helper()
	s, db = newOffice(t)
	files, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.store = storage.New(db, files)
	_, err = db.Exec(t.Context(), `
		insert into customers (number, name) values ('C-1002', 'Pelican Point');
		insert into job_types (name, colour) values ('Service', 'teal');
		insert into jobs (customer_id, description, job_type_id, status, origin) values (2, 'Theirs', 1, 'unscheduled', 'office')`)
	if err != nil {
		t.Fatal(err)
	}
	viewer := func(d token.Details) staff.Viewer {
		_, secret, err := s.CreateToken(t.Context(), ben, token.New{Details: d})
		if err != nil {
			t.Fatal(err)
		}
		_, v, ok, err := token.FindViewer(t.Context(), db, secret, v4)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		return v
	}
	return s, db, viewer(token.Details{Name: "simPRO", Scopes: token.Everything(), AllCustomers: true}), viewer(token.Details{Name: "one", Scopes: token.Everything(), Customers: []string{"C-1001"}})
}

// TestTokensDoWhatStaffDo takes a token through the deeds that rely on who acts.
func TestTokensDoWhatStaffDo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, db, by, _ := newTokens(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	value := func(sql string) (v string) {
		t.Helper()
		must(db.QueryRow(ctx, sql).Scan(&v))
		return v
	}
	if by.Staff != 0 || by.Name != "API: simPRO" || by.Business == "" || by.Administers() {
		t.Errorf("%+v", by)
	}
	ref, err := s.CreateCustomer(ctx, by, customer.New{Number: "C-2001", Details: customer.Details{Name: "Quay Street"}})
	must(err)
	_, err = s.CreateSite(ctx, by, site.New{Customer: ref.ID, Details: site.Details{Name: "Tower"}})
	must(err)
	_, _, err = s.CreateContact(ctx, by, ref.Number, contact.New{Details: contact.Details{Name: "Kim"}}, nil)
	must(err)
	_, err = s.CreateEquipment(ctx, by, equipment.New{Customer: ref.ID, Details: equipment.Details{Description: equipment.Description{Name: "Unit 1", Type: "Split"}}})
	must(err)
	j, err := s.CreateJob(ctx, by, job.New{Customer: 1, Details: job.Details{Description: "Service", Type: 1, Priority: job.Normal}}, Added{}, VisitChoice{})
	must(err)
	from := by.Format.Now.Add(48 * time.Hour)
	found, err := job.FindByNumber(ctx, db, j.Number)
	must(err)
	_, err = s.MoveJob(ctx, by, j.Number, found.Version, job.Step{To: job.Booked, Booking: job.Booking{From: &from}}, VisitChoice{})
	must(err)
	if got := value(`select string_agg(coalesce(token_id::text, 'nobody'), ' ') from job_statuses where job_id > 1`); got != "1 1" {
		t.Errorf("the job's history: %s", got)
	}
	must(s.CreateTask(ctx, by, job.NewTask{Job: j.Number, TaskDetails: job.TaskDetails{Subject: "Belts"}}))
	on := message.On{Customer: 1, Job: j.ID, Number: j.Number}
	for _, note := range []bool{false, true} {
		_, _, err = s.WriteMessage(ctx, by, message.New{On: on, Text: "Hello", StaffOnly: note, Nonce: fmt.Sprint(note)}, nil)
		must(err)
	}
	must(s.ReadMessages(ctx, by, on))
	talk, err := message.Conversation(ctx, db, on, 1)
	must(err)
	if len(talk) != 2 || talk[0].Author != "API: simPRO" || !talk[0].FromStaff || talk[0].Mine || !talk[1].StaffOnly {
		t.Errorf("%+v", talk)
	}
	file := []attachment.Incoming{{Name: "a.txt", Type: imaging.Type{MIME: "text/plain"}, Size: 1, Content: bytes.NewReader([]byte("x")), Nonce: "f"}}
	must(s.AddFiles(ctx, by, attachment.On{Customer: 1, Job: j.ID}, file))
	public := value(`select public_id from attachments`)
	_, _, err = s.ShareFiles(ctx, by, attachment.On{Customer: 1, Job: j.ID}, []string{public}, true)
	must(err)
	if got := value(`select string_agg(uploaded_by_token_id || ' ' || customer_view, ', ') from attachments`); got != "1 true" {
		t.Errorf("the file: %s", got)
	}
	if n, err := s.RemoveFiles(ctx, by, []string{public}); err != nil || n != 1 {
		t.Errorf("removed %d, %v", n, err)
	}

	q, _, err := s.CreateQuote(ctx, by, NewQuote{Customer: "C-1001", TypedQuote: TypedQuote{
		Details: quote.Details{Description: "New unit", MainContact: 1, ValidUntil: today(by)}, Lines: []quote.Typed{{Description: "Unit", Quantity: "1", UnitPrice: "100", Tax: "10 GST"}},
	}, Send: true})
	must(err)
	versions, err := quote.Versions(ctx, db, q.ID)
	must(err)
	if len(versions) != 1 || versions[0].SentBy != "API: simPRO" {
		t.Errorf("%+v", versions)
	}
	yes := quote.Recorded{Version: 1, Accepted: true, Contact: 1, Way: quote.Phone, At: by.Format.Now.Add(time.Minute)}
	by.Format = company.Format{Now: by.Format.Now.Add(time.Minute), Locale: by.Format.Locale, Currency: by.Format.Currency}
	_, err = s.RecordAnswer(ctx, by, q.Number, yes, nil)
	must(err)
	_, err = s.RecordAnswer(ctx, by, q.Number, yes, nil) // sent twice
	must(err)
	given, err := quote.FindAnswer(ctx, db, q.ID)
	must(err)
	if given.RecordedBy != "API: simPRO" || !given.ByStaff() || given.RecordedByToken != by.Token {
		t.Errorf("%+v", given)
	}
	if got := value(`select string_agg(distinct actor || ' ' || actor_name || ' ' || coalesce(staff_id, 0), ', ') from audit_entries where token_id = 1`); got != "api API: simPRO 0" {
		t.Errorf("the trail: %s", got)
	}
}

// TestWhatNoTokenDoes: who comes in, what they may, staff and settings.
func TestWhatNoTokenDoes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, db, by, _ := newTokens(t)
	see, _ := contact.PresetPermissions("see-all")
	entries := func() (n int) {
		if err := db.QueryRow(ctx, `select count(*) from audit_entries`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := entries()
	for what, deed := range map[string]func() error{
		"invite": func() error {
			_, _, err := s.CreateContact(ctx, by, "C-1001", contact.New{Details: contact.Details{Name: "Kim", Email: "kim@harbour.example"}, Permissions: see}, &GiveAccess{})
			return err
		},
		"suspend":        func() error { _, _, err := s.SuspendContact(ctx, by, "C-1001", 1); return err },
		"restore access": func() error { _, _, err := s.RestoreAccess(ctx, by, "C-1001", 1); return err },
		"make a token": func() error {
			_, _, err := s.CreateToken(ctx, by, token.New{Details: token.Details{Name: "x", Scopes: token.Everything(), AllCustomers: true}})
			return err
		},
		"end a token": func() error { return s.EndToken(ctx, by, 2) },
		"add staff": func() error {
			_, _, _, err := s.CreateStaff(ctx, by, staff.New{Details: staff.Details{Name: "Eve", Email: "eve@x.example", Role: staff.Administrator}}, false)
			return err
		},
		"suspend staff":    func() error { return s.SuspendStaff(ctx, by, 1) },
		"merge customers":  func() error { _, err := s.MergeCustomers(ctx, by, "C-1002", "C-1001", true); return err },
		"add a tax rate":   func() error { return s.AddTaxRate(ctx, by, company.TypedRate{Name: "Levy", Percent: "3"}) },
		"export":           func() error { return s.RecordExport(ctx, by, "jobs") },
		"erase":            func() error { _, err := s.EraseContact(ctx, by, "C-1001", 1, "Lee"); return err },
		"download of data": func() error { _, _, err := s.ContactData(ctx, db, by, "C-1001", 1); return err },
	} {
		if err := deed(); !errors.Is(err, apperr.Forbidden{}) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := entries() - before; n != 0 {
		t.Errorf("%d things were done", n)
	}
}

// TestATokenStaysWithItsCustomers: a deed at another customer ends as at
// something that does not exist, whatever the caller has looked at before.
func TestATokenStaysWithItsCustomers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, db, _, by := newTokens(t)
	if _, err := s.CreateJob(ctx, by, job.New{Customer: 1, Details: job.Details{Description: "Ours", Type: 1, Priority: job.Normal}}, Added{}, VisitChoice{}); err != nil {
		t.Fatal(err)
	}
	var before, after string
	state := `select concat((select string_agg(j::text, ' ') from jobs j where customer_id <> 1), (select count(*) from customers), (select string_agg(t::text, ' ') from job_types t))`
	if err := db.QueryRow(ctx, state).Scan(&before); err != nil {
		t.Fatal(err)
	}
	theirs, err := job.FindByNumber(ctx, db, "J-1001")
	if err != nil || theirs.CustomerID != 2 {
		t.Fatal(theirs, err)
	}
	for what, deed := range map[string]func() error{
		"a job of another": func() error {
			_, err := s.CreateJob(ctx, by, job.New{Customer: 2, Details: job.Details{Description: "Theirs", Type: 1, Priority: job.Normal}}, Added{}, VisitChoice{})
			return err
		},
		"their job": func() error {
			_, err := s.EditJob(ctx, by, theirs.Number, theirs.Version, job.Details{Description: "Mine now", Type: 1, Priority: theirs.Priority}, VisitChoice{})
			return err
		},
		"a message": func() error {
			_, _, err := s.WriteMessage(ctx, by, message.New{On: message.On{Customer: 2, Job: theirs.ID, Number: theirs.Number}, Text: "x"}, nil)
			return err
		},
		"a site": func() error {
			_, err := s.CreateSite(ctx, by, site.New{Customer: 2, Details: site.Details{Name: "x"}})
			return err
		},
		"a new customer": func() error {
			_, err := s.CreateCustomer(ctx, by, customer.New{Number: "C-2002", Details: customer.Details{Name: "x"}})
			return err
		},
		"a job type": func() error {
			return s.CreateJobType(ctx, by, job.NewType{TypeDetails: job.TypeDetails{Name: "x", Colour: "red", Active: true}})
		},
	} {
		if err := deed(); !errors.Is(err, apperr.NotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := db.QueryRow(ctx, state).Scan(&after); err != nil || before != after {
		t.Errorf("something was done: %v\n%s\n%s", err, before, after)
	}
}

func TestATokenIsWrittenToOnceAMinute(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, db, _, _ := newTokens(t)
	_, secret, err := s.CreateToken(ctx, ben, token.New{Details: token.Details{Name: "x", Scopes: token.ReadOnly(), AllCustomers: true}, Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	mark := func() (m string) {
		if _, _, ok, err := token.FindViewer(ctx, db, secret, v4); err != nil || !ok {
			t.Fatal(ok, err)
		}
		if err := db.QueryRow(ctx, `select xmin::text || coalesce(host(used_from), '') from tokens where name = 'x'`).Scan(&m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	first := mark()
	if again := mark(); again != first || !strings.HasSuffix(first, v4.String()) {
		t.Error(first, again)
	}
	if _, err := db.Exec(ctx, `update tokens set used_at = now() - interval '61 seconds' where name = 'x'`); err != nil {
		t.Fatal(err)
	}
	if later := mark(); later == first {
		t.Error("it is not marked again")
	}
}

// TestActionsForTokens: what is added to the trail is not for tokens until somebody says so.
func TestActionsForTokens(t *testing.T) {
	t.Parallel()
	var not []string
	for a := range audit.Actions() {
		if a.ByTokens() && (strings.Contains(a.Name(), "sign") || strings.Contains(a.Name(), "invite") || strings.Contains(a.Name(), "password") || a.Thing() == "staff") {
			not = append(not, fmt.Sprint(a))
		}
	}
	if len(not) > 0 {
		t.Error(not)
	}
}
