package office

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/blob"
	"fieldgate/internal/company"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/exchange"
	"fieldgate/internal/importing"
	"fieldgate/internal/importing/importingtest"
	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/secret"
	"fieldgate/internal/staff"
	"fieldgate/internal/storage"
)

// moving is a business that moves in, and Ada, who does it.
type moving struct {
	t   testing.TB
	db  *pgxpool.Pool
	s   *Service
	w   Importer
	ada staff.Viewer
}

func movesIn(t testing.TB, locale string) *moving {
	t.Helper()
	db := dbtest.New(t)
	q, err := queue.NewClient(db)
	if err != nil {
		t.Fatal(err)
	}
	box, err := secret.NewBox(strings.Repeat("k", 32))
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := &moving{t: t, db: db, s: New(db, notify.New(q, box), storage.New(db, files), q, password.NewHasher(), notify.Worker{})}
	m.w = Importer{Service: m.s}
	_, err = db.Exec(t.Context(), `
		insert into staff (name, email, role, state) values ('Ada', 'ada@northwind.example', 'administrator', 'active');
		insert into tax_rates (name, percent) values ('GST', 10);
		update company set locale = '`+locale+`', time_zone = 'Australia/Perth', currency = 'AUD'`)
	if err != nil {
		t.Fatal(err)
	}
	var now time.Time
	if err := db.QueryRow(t.Context(), `select now()`).Scan(&now); err != nil {
		t.Fatal(err)
	}
	m.ada = staff.Viewer{Staff: 1, Name: "Ada", Role: staff.Administrator, Format: company.NewFormat(now, "Australia/Perth", locale, "AUD")}
	return m
}

func (m *moving) find(id int64) importing.Import {
	m.t.Helper()
	i, err := importing.Find(m.t.Context(), m.db, id)
	if err != nil {
		m.t.Fatal(err)
	}
	return i
}

// work does what is next.
func (m *moving) work(id int64) importing.Import {
	m.t.Helper()
	if err := m.w.Work(m.t.Context(), WorkImport{id}); err != nil {
		m.t.Fatal(err)
	}
	return m.find(id)
}

// send sends a file and has it read.
func (m *moving) send(name string, content []byte) importing.Import {
	m.t.Helper()
	id, err := m.s.BeginImport(m.t.Context(), m.ada, ImportFile{Name: name, Size: int64(len(content)), Content: bytes.NewReader(content)})
	if err != nil {
		m.t.Fatalf("%s: %v", name, err)
	}
	if i := m.work(id); i.State != importing.Read {
		m.t.Fatalf("%s is %s: %s", name, i.State, i.Why)
	}
	return m.find(id)
}

func (m *moving) check(id int64) importing.Import {
	m.t.Helper()
	if err := m.s.CheckImport(m.t.Context(), id, 0); err != nil {
		m.t.Fatal(err)
	}
	return m.work(id)
}

func (m *moving) run(id int64, overwrite bool) importing.Import {
	m.t.Helper()
	if err := m.s.RunImport(m.t.Context(), m.ada, id, 0, overwrite); err != nil {
		m.t.Fatal(err)
	}
	return m.work(id)
}

// bring sends, checks and runs a file as it was recognised.
func (m *moving) bring(name string, content []byte) int64 {
	m.t.Helper()
	i := m.send(name, content)
	m.check(i.ID)
	m.run(i.ID, false)
	return i.ID
}

// counts are what became of an import's things: "customers: 3 new".
func (m *moving) counts(id int64) string {
	m.t.Helper()
	var all []importing.Counts
	if err := postgres.Read(m.t.Context(), m.db, func(b *postgres.Batch) { importing.QueryCounts(b, &all, id) }); err != nil {
		m.t.Fatal(err)
	}
	var out []string
	for _, c := range all {
		parts := []string{}
		for _, p := range []struct {
			n    int
			word string
		}{{c.Added, "new"}, {c.Changed, "changed"}, {c.Same, "same"}, {c.Refused, "refused"}} {
			if p.n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
			}
		}
		out = append(out, string(c.Kind)+": "+strings.Join(parts, ", "))
	}
	return strings.Join(out, "; ")
}

// problems are what is wrong with the things of an import.
func (m *moving) problems(id int64) []string {
	m.t.Helper()
	all, err := importing.RefusedLines(m.t.Context(), m.db, id)
	if err != nil {
		m.t.Fatal(err)
	}
	var out []string
	for _, it := range all {
		out = append(out, fmt.Sprintf("%d %s: %s", it.Line, it.Kind, it.Problems.Error()))
	}
	return out
}

// all is everything that the business has, as it goes out, without what a second
// time cannot be the same.
func (m *moving) all(without ...string) string {
	m.t.Helper()
	var out []string
	for _, k := range exchange.Kinds {
		records, _, _, err := exchange.List(m.t.Context(), m.db, k, exchange.Filter{Size: 10_000})
		if err != nil {
			m.t.Fatal(err)
		}
		for _, r := range records {
			raw, err := json.Marshal(r)
			if err != nil {
				m.t.Fatal(err)
			}
			var fields map[string]any
			if err := json.Unmarshal(raw, &fields); err != nil {
				m.t.Fatal(err)
			}
			for _, name := range append([]string{"updated_at", "archived_at"}, without...) {
				delete(fields, name)
			}
			raw, _ = json.Marshal(fields)
			out = append(out, string(k)+" "+string(raw))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func (m *moving) value(sql string) (v string) {
	m.t.Helper()
	if err := m.db.QueryRow(m.t.Context(), "select coalesce(("+sql+")::text, '')").Scan(&v); err != nil {
		m.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func (m *moving) expect(what, got, want string) {
	m.t.Helper()
	if got != want {
		m.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// A business that comes from Ascora sends its workbooks, and has not chosen
// anything; a second time nothing changes, and nobody was told anything.
func TestMovingInFromAscora(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	files := []struct {
		name    string
		content []byte
		counts  string
	}{
		{"customers.xlsx", importingtest.AscoraCustomers(t), "customers: 3 new; sites: 3 new; contacts: 4 new; equipment: 3 new"},
		{"quotes.xlsx", importingtest.AscoraQuotes(t), "job-types: 2 new; sites: 1 same; contacts: 1 same; quotes: 3 new"},
		{"jobs.xlsx", importingtest.AscoraJobs(t), "job-types: 1 new; sites: 2 same; contacts: 2 same; jobs: 5 new"},
	}
	for _, f := range files {
		id := m.bring(f.name, f.content)
		if got := m.counts(id); got != f.counts {
			t.Errorf("%s: %s, want %s\n%s", f.name, got, f.counts, strings.Join(m.problems(id), "\n"))
		}
	}
	m.expect("a site", m.value(`select c.name || ': ' || s.name || ', ' || (s.address->>'line1') || ', ' || (s.address->>'line2') from sites s join customers c on c.id = s.customer_id where s.name like '%Cottesloe'`), "Tidewater Dental: Tidewater Dental Cottesloe, 12 Marine Pde, Level 2")
	m.expect("equipment at a site", m.value(`select c.name || ': ' || s.name || ', ' || e.installed_on from equipment e join customers c on c.id = e.customer_id join sites s on s.id = e.site_id where e.serial_number = 'D-10002'`), "Tidewater Dental: Tidewater Dental Cottesloe, 2023-04-02")
	m.expect("a job", m.value(`select j.status || ' ' || j.booked_from || ' ' || s.name || ' ' || t.name from jobs j join sites s on s.id = j.site_id join job_types t on t.id = j.job_type_id where j.number = 'J5002'`), "booked 2026-02-28 05:30:00+00 Tidewater Dental Cottesloe Repair")
	m.expect("a job made of a quote", m.value(`select q.number || ' ' || q.status from jobs j join quotes q on q.id = j.quote_id where j.number = 'J5003'`), "Q700 accepted")
	m.expect("a quote's price", m.value(`select v.total from quotes q join quote_versions v on v.quote_id = q.id where q.number = 'Q701'`), "1694000")
	m.expect("a stage of a job", m.value(`select count(*) from jobs where number = 'J5004-1'`), "0")
	m.expect("mails", m.value(`select count(*) from emails`), "0")
	m.expect("invitations", m.value(`select count(*) from contacts where access <> 'none'`), "0")
	before := m.all()
	for _, f := range files {
		id := m.bring(f.name, f.content)
		if got := m.counts(id); strings.ContainsAny(got, "n") && (strings.Contains(got, "new") || strings.Contains(got, "changed") || strings.Contains(got, "refused")) {
			t.Errorf("%s once more: %s\n%s", f.name, got, strings.Join(m.problems(id), "\n"))
		}
	}
	if after := m.all(); after != before {
		t.Errorf("a second import has changed something:\n%s\n\n%s", before, after)
	}
}

func TestMovingInFromJobber(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-US")
	for _, f := range []struct {
		name    string
		content []byte
		counts  string
	}{
		{"clients.csv", importingtest.JobberClients(t), "customers: 3 new; sites: 4 new; contacts: 3 new"},
		{"quotes.csv", importingtest.JobberQuotes(t), "contacts: 2 same; quotes: 2 new"},
		{"jobs.csv", importingtest.JobberJobs(t), "job-types: 1 new; sites: 3 same; contacts: 2 same; jobs: 3 new"},
	} {
		id := m.bring(f.name, f.content)
		if got := m.counts(id); got != f.counts {
			t.Errorf("%s: %s, want %s\n%s", f.name, got, f.counts, strings.Join(m.problems(id), "\n"))
		}
	}
	m.expect("sites", m.value(`select string_agg(s.name, ', ' order by s.id) from sites s join customers c on c.id = s.customer_id where c.name = 'Okafor Realty'`), "Head office, Elm Street flats")
	m.expect("a job", m.value(`select j.status || ' ' || j.booked_from || ' ' || s.name || ' ' || q.number from jobs j join sites s on s.id = j.site_id join quotes q on q.id = j.quote_id where j.number = '13'`), "booked 2026-03-01 00:00:00+00 9 Oak Ave 11")
	m.expect("archived", m.value(`select string_agg(name, ', ') from customers where archived_at is not null`), "Mina Sato")
}

func TestMovingInFromSimpro(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	for _, f := range []struct {
		name    string
		content []byte
		counts  string
	}{
		{"customers.csv", importingtest.SimproCustomers(t), "customers: 3 new; contacts: 2 new"},
		{"sites.csv", importingtest.SimproSites(t), "sites: 3 new"},
		{"contacts.csv", importingtest.SimproContacts(t), "contacts: 2 new"},
		{"assets.csv", importingtest.SimproAssets(t), "equipment: 2 new"},
	} {
		id := m.bring(f.name, f.content)
		if got := m.counts(id); got != f.counts {
			t.Errorf("%s: %s, want %s\n%s", f.name, got, f.counts, strings.Join(m.problems(id), "\n"))
		}
	}
	m.expect("ids", m.value(`select string_agg(source || ':' || id, ', ' order by id) from external_ids where kind = 'customers'`), "simpro:4001, simpro:4002, simpro:4003")
}

const twoLens = "Customer|Contact Name|Email Address|Phone\n"

func lines(all ...string) []byte {
	return []byte(strings.ReplaceAll(strings.Join(all, "\n"), "|", ","))
}

// Two contacts of a customer with one address are asked about, and either
// answer works.
func TestTwoContactsWithOneAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		twins  importing.Twins
		counts string
		people string
	}{
		{importing.Undecided, "contacts: 2 new, 1 refused", "Lena a@harbour.example , Max max@harbour.example "},
		{importing.Merge, "contacts: 2 new, 1 changed", "Lena a@harbour.example 08 5550 1234, Max max@harbour.example "},
		{importing.Apart, "contacts: 3 new", "Lena a@harbour.example , Max max@harbour.example , Tom  08 5550 1234"},
	} {
		m := movesIn(t, "en-AU")
		m.bring("customers.csv", lines("Customer name|Payment terms", "Harbour Dental|14 days"))
		i := m.send("contacts.csv", lines(strings.TrimSpace(twoLens), "Harbour Dental|Lena|a@harbour.example|", "Harbour Dental|Tom|A@harbour.example|08 5550 1234", "Harbour Dental|Max|max@harbour.example|"))
		i.Mapping.Twins = tt.twins
		if err := m.s.MapImport(t.Context(), m.ada, i.ID, i.Version, ImportMapping{Mapping: i.Mapping, Source: "list"}); err != nil {
			t.Fatal(err)
		}
		m.check(i.ID)
		if got := m.counts(i.ID); got != tt.counts {
			t.Errorf("%q, checked: %s, want %s: %v", tt.twins, got, tt.counts, m.problems(i.ID))
		}
		m.run(i.ID, false)
		m.expect(string(tt.twins), m.counts(i.ID), tt.counts)
		m.expect(string(tt.twins), m.value(`select string_agg(name || ' ' || email || ' ' || phone, ', ' order by name) from contacts`), tt.people)
	}
}

// What was edited here since the last time is shown, and stays or is replaced.
func TestEditsSinceTheLastImport(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	file := func(phone string) []byte {
		return lines("Customer ID|Company Name|Given Name|Family Name|Phone", "1|Ironbark|||"+phone)
	}
	m.bring("customers.csv", file("07 5550 0001"))
	if _, err := m.db.Exec(t.Context(), `update customers set phone = '07 5550 9999', notes = 'ours', version = version + 1`); err != nil {
		t.Fatal(err)
	}
	id := m.bring("customers.csv", file("07 5550 0002"))
	m.expect("kept", m.value(`select phone || ' ' || notes from customers`), "07 5550 9999 ours")
	m.expect("shown", m.value(fmt.Sprintf(`select edited from import_things where import_id = %d`, id)), "{phone}")
	for n, phone := range []string{"07 5550 0001", "07 5550 0001", "07 5550 0002", "07 5550 0003"} {
		id = m.bring("customers.csv", file(phone))
		m.expect(fmt.Sprintf("kept again, %d", n), m.value(`select phone || ' ' || notes from customers`), "07 5550 9999 ours")
		m.expect(fmt.Sprintf("shown again, %d", n), m.value(fmt.Sprintf(`select edited from import_things where import_id = %d`, id)), "{phone}")
	}
	i := m.send("customers.csv", file("07 5550 0002"))
	m.check(i.ID)
	m.run(i.ID, true)
	m.expect("overwritten", m.value(`select phone || ' ' || notes from customers`), "07 5550 0002 ours")
}

// Bad cells are refused each in its own words, at line and column, and the rest
// comes in.
func TestBadCells(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	m.bring("customers.csv", lines("Customer name|Payment terms", "Harbour Dental|14 days"))
	i := m.send("equipment.csv", lines("Customer|Name|Type|Serial number|Installed|Status",
		"Harbour Dental|Split 1|AC|1|31/02/2026|In use", "Harbor Dental|Split 2|AC|2||", "Harbour Dental|Split 3|AC|3|30/03/2026|retired", "|Split 4|AC|4||"))
	m.check(i.ID)
	want := []string{
		"2 equipment: installed_on: “31/02/2026” is not a date. Write it like 2026-12-31.",
		"3 equipment: customer: There is no customer “Harbor Dental”. Correct the name, or import the customer first.",
		"5 equipment: customer: Say which customer.",
	}
	if got := m.problems(i.ID); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	m.run(i.ID, false)
	m.expect("the good one", m.value(`select string_agg(name || ' ' || status, ', ') from equipment`), "Split 3 retired")
}

// What needs something that the same file has refused says so.
func TestRefusedWithWhatItNeeds(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	i := m.send("customers.xlsx", importingtest.Workbook(t,
		importingtest.Sheet{Name: "Customers", Lines: []string{"Customer Name|Billing Customer|Email Address", "Quokka Cafe||no address", "Jetty|quokka cafe |"}},
		importingtest.Sheet{Name: "Equipment", Lines: []string{"Customer Name|Equipment Name|Type|Serial Number", "Jetty|Cool room|Cooling|1"}}))
	m.check(i.ID)
	m.expect("refused", strings.Join(m.problems(i.ID), "\n"), "2 customers: email: Enter an email address like name@example.com.\n"+
		"3 sites: customer: The customer “quokka cafe” is refused in row 2 of “Customers”. Put that right, and this is imported with it.\n"+
		"2 equipment: customer: The customer “quokka cafe” is refused in row 2 of “Customers”. Put that right, and this is imported with it.")
}

// The same file a second time changes nothing, whatever it leaves open.
func TestTheSameAgain(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	files := []struct {
		name    string
		content []byte
		first   string
		again   string
	}{
		{"customers.csv", lines("Customer name|Active|Phone", "Harbour Dental|Yes|", "Old Mill|No|"), "customers: 2 new", "customers: 2 same"},
		{
			"equipment.csv", lines("Customer|Name|Type|Location|Serial number", "Harbour Dental|Smoke alarm|Alarm|Hall|", "Harbour Dental|Smoke alarm|Alarm|Attic|", "Harbour Dental|Split|AC||D-1", "Old Mill|Split|AC||D-2"),
			"equipment: 4 new", "equipment: 4 same",
		},
		{
			"jobs.csv", lines("Job number|Customer|Description|Job type|Status|Date Booked|Completed|Assigned to", "1|Harbour Dental|x|Repair|Unscheduled|3/2/2025|4/2/2025|\"Fields, Tom\"", "2|Harbour Dental|x|Repair|Booked||4/2/2025|Tom Fields"),
			"staff: 1 new; job-types: 1 new; jobs: 2 new", "jobs: 2 same",
		},
	}
	for _, f := range files {
		m.expect(f.name, m.counts(m.bring(f.name, f.content)), f.first)
	}
	for _, f := range files {
		m.expect(f.name+" again", m.counts(m.bring(f.name, f.content)), f.again)
	}
	m.expect("archived", m.value(`select c.name from equipment e join customers c on c.id = e.customer_id where e.serial_number = 'D-2' and c.archived_at is not null`), "Old Mill")
}

// A contact whose address somebody else has here already is asked about, too: it
// may be a row that was refused for that before. Another surname is the same person.
func TestAddressOfSomebodyHere(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	m.bring("customers.csv", lines("Customer name|Payment terms", "Harbour Dental|14 days"))
	m.bring("contacts.csv", lines("Customer|Contact Name|Email Address", "Harbour Dental|Lena Marsh|a@harbour.example", "Harbour Dental|Mia Moe|mia@harbour.example"))
	id := m.bring("contacts.csv", lines("Customer|Contact Name|Email Address", "harbour dental|Tom Birch|A@harbour.example", "Harbour Dental|Mia Poe|mia@harbour.example"))
	m.expect("refused", strings.Join(m.problems(id), "\n"), "2 contacts: email: Lena Marsh, who is here already, has this address at the same customer, too. Correct it, or choose on the page of the import what becomes of the two.")
	m.expect("people", m.value(`select string_agg(name, ', ' order by name) from contacts`), "Lena Marsh, Mia Poe")
}

// Jobs of Ascora name a site as a customer, also in a file of their own.
func TestSitesOfAnEarlierFile(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	m.bring("customers.xlsx", importingtest.AscoraCustomers(t))
	id := m.bring("jobs.xlsx", importingtest.Workbook(t, importingtest.Sheet{Name: "Jobs", Lines: []string{
		"JOB NUMBER|JOB NAME|IS SECTION/STAGE|JOB STATUS|SITE CUSTOMER|BILLING CUSTOMER|JOB DESCRIPTION|JOB TYPE", "1|Leak|No|Unscheduled|cellar door||Find it|Repair", "2|Leak|No|Unscheduled|Quokka Cafe||Find it|Repair",
	}}))
	m.expect("counts", m.counts(id), "job-types: 1 new; sites: 1 same; jobs: 2 new")
	m.expect("jobs", m.value(`select string_agg(c.name || ': ' || coalesce(s.name, ''), ', ' order by j.number) from jobs j join customers c on c.id = j.customer_id left join sites s on s.id = j.site_id`), "Swan Valley Winery: Cellar Door, Quokka Cafe: ")
}

// Undone, an import leaves what somebody has touched, and everything else is as
// it was.
func TestUndo(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	m.bring("customers.xlsx", importingtest.Workbook(t, importingtest.Sheet{Name: "Customers", Lines: []string{"Customer Name|Billing Customer|Phone", "Quokka Cafe||08 1"}}))
	before := m.all("external_ids", "version")
	id := m.bring("customers.xlsx", importingtest.AscoraCustomers(t))
	if _, err := m.db.Exec(t.Context(), `update contacts set phone = 'touched', version = version + 1 where name = 'Ana Lopes'`); err != nil {
		t.Fatal(err)
	}
	if err := m.s.UndoImport(t.Context(), m.ada, id, 0); err != nil {
		t.Fatal(err)
	}
	if i := m.work(id); i.State != importing.Undone {
		t.Fatal(i.State)
	}
	m.expect("what is left", m.value(fmt.Sprintf(`select string_agg(kind || ' ' || label || ' ' || undone, ', ' order by place) from import_things where import_id = %d and undone = 'left'`, id)),
		"customers Swan Valley Winery left, contacts Ana Lopes left")
	if _, err := m.db.Exec(t.Context(), `delete from contacts where name = 'Ana Lopes'; delete from customers where name = 'Swan Valley Winery'`); err != nil {
		t.Fatal(err)
	}
	if after := m.all("external_ids", "version"); after != before {
		t.Errorf("not as it was:\n%s\n\nwant\n%s", after, before)
	}
	if err := m.s.UndoImport(t.Context(), m.ada, id, 0); err == nil {
		t.Error("undone twice")
	}
}

// Broken off between batches and begun again, an import comes to the same.
func TestBrokenOffAndGoneOn(t *testing.T) {
	t.Parallel()
	whole, broken := movesIn(t, "en-AU"), movesIn(t, "en-AU")
	whole.bring("customers.xlsx", importingtest.AscoraCustomers(t))
	broken.w.Batch = 2
	i := broken.send("customers.xlsx", importingtest.AscoraCustomers(t))
	if err := broken.s.CheckImport(t.Context(), i.ID, 0); err != nil {
		t.Fatal(err)
	}
	stopped := 0
	until := func(state importing.State) {
		t.Helper()
		for n := 1; broken.find(i.ID).State != state; n++ {
			if n > 200 {
				t.Fatalf("it is still %s", broken.find(i.ID).State)
			}
			inner, end := context.WithCancel(t.Context())
			ctx := &ends{Context: inner, end: end}
			ctx.left.Store(int64(n * 5))
			if err := broken.w.Work(ctx, WorkImport{i.ID}); err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				stopped++
			}
			end()
		}
	}
	until(importing.Checked)
	if err := broken.s.RunImport(t.Context(), broken.ada, i.ID, 0, false); err != nil {
		t.Fatal(err)
	}
	until(importing.Done)
	if stopped < 5 {
		t.Errorf("broken off %d times only", stopped)
	}
	if a, b := ranked(whole.all("created_at", "id")), ranked(broken.all("created_at", "id")); a != b {
		t.Errorf("another result:\n%s\n\nwant\n%s", b, a)
	}
	if a, b := whole.counts(1), broken.counts(i.ID); a != b {
		t.Errorf("%s, want %s", b, a)
	}
}

// ranked numbers customers afresh: what was broken off has used up numbers.
func ranked(all string) string {
	number := regexp.MustCompile(`C-\d+`)
	found := number.FindAllString(all, -1)
	slices.Sort(found)
	found = slices.Compact(found)
	return number.ReplaceAllStringFunc(all, func(n string) string { return fmt.Sprint("customer ", slices.Index(found, n)) })
}

// ends is a context that ends when it was asked often enough, wherever that is.
type ends struct {
	context.Context //nolint:containedctx // it is one
	end             func()
	left            atomic.Int64
}

func (e *ends) Value(key any) any {
	if e.left.Add(-1) < 0 {
		e.end()
	}
	return e.Context.Value(key)
}

// A record stays with its customer, whatever a file says.
func TestNothingMovesToAnotherCustomer(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	m.bring("customers.csv", lines("Customer name|Payment terms", "Harbour Dental|14 days", "Northwind|14 days"))
	m.bring("jobs.csv", lines("Job number|Customer|Description|Job type|Status", "J-7|Harbour Dental|Fix it|Repair|Completed"))
	id := m.bring("jobs.csv", lines("Job number|Customer|Description|Job type|Status", "J-7|Northwind|Fix it|Repair|Completed"))
	m.expect("counts", m.counts(id), "jobs: 1 refused")
	if p := m.problems(id); len(p) != 1 || !strings.Contains(p[0], "belongs to another customer") {
		t.Error(p)
	}
	m.expect("the job", m.value(`select c.name from jobs j join customers c on c.id = j.customer_id`), "Harbour Dental")
}

// The columns that somebody chose are remembered and offered when a file with the
// same heads comes again, in whatever order.
func TestColumnsAreRemembered(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	i := m.send("x.csv", lines("Wer|Wo|Was", "Lee|Perth|x"))
	if !i.Mapping.Sheets[0].Skip {
		t.Error("something was recognised")
	}
	s := &i.Mapping.Sheets[0]
	s.Skip, s.Kind, s.Columns = false, importing.Customers, []importing.Target{"customers.name", "customers.street.city", ""}
	if err := m.s.MapImport(t.Context(), m.ada, i.ID, i.Version, ImportMapping{Mapping: i.Mapping, Source: "old-list", Remember: "Our list"}); err != nil {
		t.Fatal(err)
	}
	again := m.send("y.csv", lines("Wo|Was|Wer", "Perth|x|Kim"))
	if again.MappingName != "Our list" || again.Source != "old-list" || fmt.Sprint(again.Mapping.Sheets[0].Columns) != "[customers.street.city  customers.name]" {
		t.Errorf("%q %q %v", again.MappingName, again.Source, again.Mapping.Sheets[0].Columns)
	}
	m.check(again.ID)
	m.run(again.ID, false)
	m.expect("the customer", m.value(`select name || ', ' || (street->>'city') from customers`), "Kim, Perth")
}

// What is no table is refused when it is sent, and the form says why.
func TestNoTableIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	_, err := m.s.BeginImport(t.Context(), m.ada, ImportFile{Name: "x.pdf", Size: 5, Content: bytes.NewReader([]byte("%PDF-"))})
	if p, ok := errors.AsType[problem.Set](err); !ok || !strings.Contains(p["file"], "PDF") {
		t.Error(err)
	}
	m.expect("imports", m.value(`select count(*) from imports`), "0")
	m.ada.Stale = true
	if err := m.s.RunImport(t.Context(), m.ada, 1, 0, false); err == nil {
		t.Error("run without a fresh proof")
	}
}

// BenchmarkImport imports 20,000 rows: customers, contacts, equipment and jobs.
func BenchmarkImport(b *testing.B) {
	each := 5000
	if n, err := strconv.Atoi(os.Getenv("FIELDGATE_BENCH_ROWS")); err == nil {
		each = n / 4
	}
	sheets := []importingtest.Sheet{
		{Name: "Customers", Lines: []string{"Customer ID|Customer Name|Street|Suburb|State|Postcode|Phone|Payment terms"}},
		{Name: "Contacts", Lines: []string{"Customer|Contact Name|Email Address|Phone|Role"}},
		{Name: "Equipment", Lines: []string{"Customer|Name|Type|Make|Model|Serial number|Installed"}},
		{Name: "Jobs", Lines: []string{"Job number|Customer|Description|Job type|Status|Date Booked|Assigned to"}},
	}
	for n := range each {
		c := fmt.Sprintf("Customer %d", n)
		sheets[0].Lines = append(sheets[0].Lines, fmt.Sprintf("%d|%s|%d High St|Perth|WA|6000|08 5550 %04d|14 days", n+1, c, n, n))
		sheets[1].Lines = append(sheets[1].Lines, fmt.Sprintf("%s|Contact %d|contact%d@customer.example|08 5551 %04d|Manager", c, n, n, n))
		sheets[2].Lines = append(sheets[2].Lines, fmt.Sprintf("%s|Split %d|Split system|Daikin|X%d|S-%d|2024-03-%02d", c, n, n%9, n, 1+n%28))
		sheets[3].Lines = append(sheets[3].Lines, fmt.Sprintf("J-%d|%s|Service of split %d|Maintenance|Completed|2026-02-%02d 09:00|Tom Fields", 10_000+n, c, n, 1+n%28))
	}
	content := importingtest.Workbook(b, sheets...)
	for b.Loop() {
		m := movesIn(b, "en-AU")
		at := time.Now()
		lap := func(what string) { b.ReportMetric(time.Since(at).Seconds(), what+"-s"); at = time.Now() }
		i := m.send("everything.xlsx", content)
		lap("read")
		m.check(i.ID)
		lap("check")
		m.run(i.ID, false)
		lap("run")
		if got := m.counts(i.ID); !strings.Contains(got, fmt.Sprintf("jobs: %d new", each)) || strings.Contains(got, "refused") {
			b.Fatal(got)
		}
	}
}

// Somebody who stands in a file three times is brought in once, the same file again
// changes nothing, and an undo takes all of it back, however many rows told of them.
func TestWhoStandsInAFileThrice(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	file := importingtest.CSV(t, "Customer name|Phone|Terms|Notes", "Tidewater Dental|1|||", "Tidewater Dental|2|30|", "Tidewater Dental|3|14|Dog")
	id := m.bring("customers.csv", file)
	m.expect("what they are", m.value(`select string_agg(concat_ws('/', phone, payment_terms, notes), ';') from customers`), "1/30/Dog")
	again := m.send("customers.csv", file)
	m.check(again.ID)
	m.expect("the same again", m.counts(again.ID), "customers: 3 same")
	if err := m.s.UndoImport(t.Context(), m.ada, id, 0); err != nil {
		t.Fatal(err)
	}
	if i := m.work(id); i.State != importing.Undone || m.value(`select count(*)::text from customers`) != "0" {
		t.Errorf("%s, and %s are left", i.State, m.value(`select count(*)::text from customers`))
	}
}

// Who is refused for having another's name or number does not become that other when
// the refused rows are sent as they are, nor does what stands in their row, or names them.
func TestTwinsStayApart(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	heads := "Customer Name|Street Address|Contact Name|Contact Email"
	i := m.bring("all.xlsx", importingtest.Workbook(t,
		importingtest.Sheet{Name: "Customers", Lines: []string{heads, "John Smith|1 A St|John Smith|john@a.example", "John Smith|9 Z St|Jo Smith|jo@z.example", "Ann Lee|2 B St||"}},
		importingtest.Sheet{Name: "Jobs", Lines: []string{"Job number|Customer|Description", "1|John Smith|Tap", "2|Ann Lee|Fan", "2|Ann Lee|Pump"}}))
	m.expect("first", m.counts(i), "job-types: 1 new; customers: 2 new, 1 refused; contacts: 1 new, 1 refused; jobs: 1 new, 2 refused")
	m.expect("what the job is told", m.value(`select problems->>'customer' from import_things where import_id = `+strconv.FormatInt(i, 10)+` and kind = 'jobs' and label = '1'`),
		"Two customers in this file are called “John Smith”. Give one of them a name of its own, and write here which of the two it is.")
	before := m.all()
	const twin, number = "“Customer Name”: Row 2 of “Customers” has the same name and another address. If", "“Job number”: Row 3 of “Jobs” has this number, too. Give"
	refused := func(name, job string) int64 {
		return m.bring("all-refused.xlsx", importingtest.Workbook(t,
			importingtest.Sheet{Name: "Customers", Lines: []string{heads + "|Problem", name + "|9 Z St|Jo Smith|jo@z.example|" + twin}},
			importingtest.Sheet{Name: "Jobs", Lines: []string{"Job number|Customer|Description|Problem", job + "|Ann Lee|Pump|" + number}}))
	}
	i = refused("John Smith", "2")
	m.expect("as it was", m.counts(i), "customers: 1 refused; contacts: 1 refused; jobs: 1 refused")
	if after := m.all(); after != before {
		t.Errorf("something has changed:\n%s\n\nwant\n%s", after, before)
	}
	i = refused("John Smith Zetland", "3")
	m.expect("put right", m.counts(i), "customers: 1 new; contacts: 1 new; jobs: 1 new")
	m.expect("contacts", m.value(`select string_agg(k.name || ' of ' || c.name, ', ' order by k.id) from contacts k join customers c on c.id = k.customer_id`), "John Smith of John Smith, Jo Smith of John Smith Zetland")
}

// A job of a customer whose name another in the same file has, too, is nobody's until
// it says whose it is.
func TestCustomersOfOneNameInAFile(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	id := m.bring("all.xlsx", importingtest.Workbook(t,
		importingtest.Sheet{Name: "Customers", Lines: []string{"Customer number|Customer name|Street Address", "C-1|John Smith|1 A St", "C-2|John Smith|9 Z St"}},
		importingtest.Sheet{Name: "Jobs", Lines: []string{"Job number|Customer|Description", "1|John Smith|Tap", "2|C-1|Fan"}}))
	m.expect("jobs", m.value(`select string_agg(j.number || ' of ' || c.number, ', ') from jobs j join customers c on c.id = j.customer_id`), "2 of C-1")
	m.expect("what the check says", m.value(`select problems->>'customer' from import_things where import_id = `+strconv.FormatInt(id, 10)+` and kind = 'jobs' and state = 'refused'`), "There is more than one customer called “John Smith”. Say which by its number.")
}

// Two things of one name in a file, most likely two since their addresses differ: what
// names them by it comes in to neither of them, and says what to do. What says which of
// them it means comes in, and so does what others of that name are called.
func TestNamesakesInAFile(t *testing.T) {
	t.Parallel()
	type sheets []importingtest.Sheet
	const customers = "Customer name|Street Address"
	for _, tt := range []struct {
		what    string
		sheets  sheets
		counts  string
		refused string // the problems of those who name them
	}{
		{
			"customers",
			sheets{{Name: "Customers", Lines: []string{customers, "John Smith|1 A St", "John Smith|9 Z St", "Ann Lee|2 B St"}}, {Name: "Jobs", Lines: []string{"Job number|Customer|Description", "1|John Smith|Tap", "2|Ann Lee|Fan"}}, {Name: "Equipment", Lines: []string{"Customer|Name|Type", "John Smith|Split|AC", "Ann Lee|Split|AC"}}},
			"customers: 2 new, 1 refused; equipment: 1 new, 1 refused; jobs: 1 new, 1 refused",
			"customer: Two customers in this file are called “John Smith”. Give one of them a name of its own, and write here which of the two it is.",
		},
		{
			"sites of a customer",
			sheets{
				{Name: "Customers", Lines: []string{"Customer name|Phone", "John Smith|1", "Ann Lee|2"}},
				{Name: "Sites", Lines: []string{"Customer|Site name|Street Address", "John Smith|Shed|3 C St", "John Smith|shed|4 D St", "Ann Lee|Shed|5 E St", "John Smith|Barn|6 F St"}},
				{Name: "Equipment", Lines: []string{"Customer|Name|Type|Site", "John Smith|Split|AC|Shed", "Ann Lee|Split|AC|Shed", "John Smith|Fan|AC|Barn"}},
				{Name: "Jobs", Lines: []string{"Job number|Customer|Description|Site", "1|John Smith|Tap|Shed", "2|Ann Lee|Fan|Shed", "3|John Smith|Fan|Barn", "4|John Smith|Fan|"}},
			},
			"customers: 2 new; sites: 3 new, 3 same, 1 refused; equipment: 2 new, 1 refused; jobs: 3 new, 1 refused",
			"site: Two sites of this customer in this file are called “Shed”. Give one of them a name of its own, and write here which of the two it is.",
		},
		{
			"one site twice",
			sheets{
				{Name: "Customers", Lines: []string{"Customer name|Phone", "John Smith|1"}},
				{Name: "Sites", Lines: []string{"Customer|Site name|Street Address|Access instructions", "John Smith|Shed|3 C St|", "John Smith|Shed|3 C St|Key 1", "John Smith|Shed||Key 2"}},
				{Name: "Jobs", Lines: []string{"Job number|Customer|Description|Site", "1|John Smith|Tap|Shed"}},
			},
			"customers: 1 new; sites: 1 new, 2 changed, 1 same; jobs: 1 new", "",
		},
	} {
		m := movesIn(t, "en-AU")
		i := m.send("all.xlsx", importingtest.Workbook(t, tt.sheets...))
		m.check(i.ID)
		if got := m.counts(i.ID); got != tt.counts && !strings.HasSuffix(got, tt.counts) {
			t.Errorf("%s:\n%s\nwant\n%s", tt.what, got, tt.counts)
		}
		m.expect(tt.what, m.value(`select coalesce(string_agg(distinct p.key || ': ' || p.value, '; '), '') from import_things i, jsonb_each_text(i.problems) p where i.import_id = `+strconv.FormatInt(i.ID, 10)+` and i.state = 'refused' and i.kind in ('equipment', 'jobs')`), tt.refused)
	}
}

// A customer that a file writes in other letters, further down or the next time, is the
// same customer, also where the source has no ids but names.
func TestNamesInOtherLetters(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	bring := func(content []byte) int64 {
		id, err := m.s.BeginImport(t.Context(), m.ada, ImportFile{Name: "customers.csv", Size: int64(len(content)), Content: bytes.NewReader(content), Source: "tradify"})
		if err != nil {
			t.Fatal(err)
		}
		m.work(id)
		m.check(id)
		m.run(id, false)
		return id
	}
	heads := "Customer Name|Phone|Contact Name|Email"
	m.expect("first", m.counts(bring(lines(heads, "O'Brien Plumbing|02 9555 1234|Jo Kaur|jo@x.example", "Ann's Cafe|||", "o'brien  plumbing |||"))), "customers: 2 new, 1 same; contacts: 1 new")
	m.expect("again", m.counts(bring(lines(heads, "O'BRIEN PLUMBING|02 9555 1234|JO KAUR|JO@x.example", "ann's cafe|||"))), "customers: 2 changed; contacts: 1 changed")
	m.expect("customers", m.value(`select string_agg(name, ', ' order by id) from customers`), "O'BRIEN PLUMBING, ann's cafe")
}

// Files of two programs that are called alike are each remembered.
func TestFilesCalledAlike(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	for _, heads := range []string{"Job number|Customer|Description|Status", "Job number|Customer|Details|Status|Priority"} {
		for _, want := range []string{"", string(job.Booked)} {
			i := m.send("jobs.csv", lines(heads, "1|A|Fit|Pencilled|"))
			m.expect(heads, i.Mapping.Values["jobs.status"]["Pencilled"], want)
			i.Mapping.Values = map[importing.Target]map[string]string{"jobs.status": {"Pencilled": string(job.Booked)}}
			if err := m.s.MapImport(t.Context(), m.ada, i.ID, i.Version, ImportMapping{Mapping: i.Mapping}); err != nil {
				t.Fatal(err)
			}
		}
	}
	m.expect("names", m.value(`select string_agg(name, ', ' order by id) from import_mappings`), "jobs, jobs (2)")
}

// A client of Jobber has each of its properties, whether the id of a row is the client's
// or that of both.
func TestPropertiesOfAClient(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	file := lines("J-ID|Display Name|First Name|Last Name|Service Street 1|Service City", "7|Ann|Ann|Lee|1 High St|Perth", "7|Ann|Ann|Lee|2 Low St|Perth", "8_1|Tom|Tom|Ray|1 High St|Perth", "8_2|Tom|Tom|Ray|2 Low St|Perth")
	for _, want := range []string{"customers: 2 new; sites: 4 new; contacts: 2 new", "customers: 2 same; sites: 4 same; contacts: 2 same"} {
		m.expect("clients", m.counts(m.bring("clients.csv", file)), want)
	}
	m.expect("sites", m.value(`select string_agg(c.name || ' ' || s.name, ', ' order by s.id) from sites s join customers c on c.id = s.customer_id`), "Ann 1 High St, Ann 2 Low St, Tom 1 High St, Tom 2 Low St")
}
