package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/xuri/excelize/v2"

	"fieldgate/demo"
	"fieldgate/internal/blob"
	"fieldgate/internal/company"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/exchange"
	"fieldgate/internal/export"
	"fieldgate/internal/importing"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/secret"
	"fieldgate/internal/staff"
	"fieldgate/internal/storage"
)

// installation is a business and its files.
type installation struct {
	db    *pgxpool.Pool
	store blob.Store
}

func newInstallation(t *testing.T) installation {
	t.Helper()
	store, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return installation{dbtest.New(t), store}
}

func (i installation) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := i.db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func (i installation) format(t *testing.T) company.Format {
	t.Helper()
	var c company.Company
	if err := postgres.Read(t.Context(), i.db, func(b *postgres.Batch) { company.Query(b, &c) }); err != nil {
		t.Fatal(err)
	}
	return c.Format()
}

// taken is an export that was read again.
type taken struct {
	zip      []byte
	tables   map[string]read
	files    map[string]*zip.File
	manifest struct {
		export.Manifest
		Parts []export.Part
	}
}

// read is one of its tables.
type read struct {
	head []string
	rows [][]string
}

func (i installation) export(t *testing.T, form export.Form) taken {
	t.Helper()
	var out bytes.Buffer
	last := export.Progress{}
	_, err := export.Write(t.Context(), &out, export.Source{Pool: i.db, Store: i.store, Version: "test"}, export.Options{Form: form, Files: true, Say: func(p export.Progress) error { last = p; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if last.Done == 0 {
		t.Errorf("at the end it was said that %d of %d are done", last.Done, last.Of)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	e := taken{zip: out.Bytes(), tables: map[string]read{}, files: map[string]*zip.File{}}
	for _, f := range z.File {
		if e.files[f.Name] != nil {
			t.Errorf("%s is in it twice", f.Name)
		}
		e.files[f.Name] = f
	}
	if err := json.Unmarshal(e.bytes(t, "manifest.json"), &e.manifest); err != nil {
		t.Fatal(err)
	}
	if len(e.manifest.Parts) != len(z.File)-1 {
		t.Errorf("the manifest names %d parts of %d", len(e.manifest.Parts), len(z.File)-1)
	}
	for _, p := range e.manifest.Parts {
		content := e.bytes(t, p.Name)
		if sum := sha256.Sum256(content); int64(len(content)) != p.Size || hex.EncodeToString(sum[:]) != p.Sum {
			t.Errorf("%s is not what the manifest says", p.Name)
		}
		if name, ok := strings.CutPrefix(p.Name, "tables/"); ok {
			rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte(export.BOM)))).ReadAll()
			if err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			for _, row := range rows {
				for c, cell := range row {
					row[c] = typed(cell)
				}
			}
			e.tables[strings.TrimSuffix(name, ".csv")] = read{rows[0], rows[1:]}
			if int64(len(rows)-1) != *p.Rows {
				t.Errorf("%s has %d rows, not %d", p.Name, len(rows)-1, *p.Rows)
			}
		}
	}
	if form == export.AsExcel {
		e.workbook(t)
	}
	for name, n := range e.manifest.Counts {
		if got := len(e.table(name).rows); int64(got) != n {
			t.Errorf("%s: %d rows, %d counted", name, got, n)
		}
	}
	return e
}

func (e taken) bytes(t *testing.T, name string) []byte {
	t.Helper()
	f := e.files[name]
	if f == nil {
		t.Fatalf("%q is not in the export", name)
	}
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func (e taken) table(label string) read {
	return e.tables[strings.ReplaceAll(strings.ToLower(label), " ", "-")]
}

// typed takes off what makes a cell safe.
func typed(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "\t"); ok {
		return rest
	}
	if rest, ok := strings.CutPrefix(cell, "'"); ok && rest != "" && strings.ContainsAny(rest[:1], "=+-@\t\r\n") {
		cell = rest
	}
	for _, sign := range []string{"=", "+", "-", "@"} {
		cell = strings.ReplaceAll(cell, ";'"+sign, ";"+sign)
		cell = strings.ReplaceAll(cell, ";' "+sign, "; "+sign)
	}
	return cell
}

// workbook reads the tables as a spreadsheet shows them.
func (e taken) workbook(t *testing.T) {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(e.bytes(t, "tables.xlsx")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil || len(rows) == 0 {
			t.Fatalf("%s: %d rows, %v", sheet, len(rows), err)
		}
		for i, row := range rows[1:] {
			for c, cell := range row {
				serial, err := strconv.ParseFloat(cell, 64)
				if kind, _ := book.GetCellType(sheet, name(t, c, i)); err != nil || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
					continue
				}
				style, err := book.GetCellStyle(sheet, name(t, c, i))
				if err != nil || style == 0 {
					continue
				}
				at, err := excelize.ExcelDateToTime(serial, false)
				if err != nil {
					t.Fatal(err)
				}
				at = at.Round(time.Second)
				if s, _ := book.GetStyle(style); s.CustomNumFmt != nil && *s.CustomNumFmt == "yyyy-mm-dd" {
					row[c] = at.Format("2006-01-02")
				} else {
					row[c] = strings.TrimSuffix(at.Format("2006-01-02 15:04:05"), ":00")
				}
			}
			for len(row) < len(rows[0]) {
				row = append(row, "")
			}
			rows[i+1] = row
		}
		e.tables[strings.ReplaceAll(strings.ToLower(sheet), " ", "-")] = read{rows[0], rows[1:]}
	}
}

func name(t *testing.T, column, row int) string {
	t.Helper()
	at, err := excelize.CoordinatesToCellName(column+1, row+2)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// importer is an import by the command line into an installation.
func (i installation) importer(t *testing.T, say func(importing.State, int, int)) office.Importer {
	t.Helper()
	q, err := queue.NewClient(i.db)
	if err != nil {
		t.Fatal(err)
	}
	box, err := secret.NewBox(strings.Repeat("k", 32))
	if err != nil {
		t.Fatal(err)
	}
	s := office.New(i.db, notify.New(q, box), storage.New(i.db, i.store), q, password.NewHasher(), notify.Worker{})
	s.ImportsItself = true
	return office.Importer{Service: s, Say: say}
}

func (i installation) by(t *testing.T) staff.Viewer {
	t.Helper()
	return staff.Viewer{Name: "fieldgate import", Role: staff.Administrator, Format: i.format(t)}
}

// begin sends a file and has it read and checked.
func (i installation) begin(t *testing.T, w office.Importer, name string, content []byte) importing.Import {
	t.Helper()
	id, err := w.BeginImport(t.Context(), i.by(t), office.ImportFile{Name: name, Size: int64(len(content)), Content: bytes.NewReader(content)})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if got := i.work(t, w, id); got.State != importing.Read {
		t.Fatalf("%s is %s: %s", name, got.State, got.Why)
	}
	if err := w.CheckImport(t.Context(), id, 0); err != nil {
		t.Fatal(err)
	}
	return i.work(t, w, id)
}

func (i installation) work(t *testing.T, w office.Importer, id int64) importing.Import {
	t.Helper()
	if err := w.Work(t.Context(), office.WorkImport{Import: id}); err != nil {
		t.Fatal(err)
	}
	got, err := importing.Find(t.Context(), i.db, id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (i installation) counts(t *testing.T, id int64) (all []importing.Counts) {
	t.Helper()
	if err := postgres.Read(t.Context(), i.db, func(b *postgres.Batch) { importing.QueryCounts(b, &all, id) }); err != nil {
		t.Fatal(err)
	}
	return all
}

// bring brings a file in as the command does, and says what the check has said of
// it, and what became of it.
func (i installation) bring(t *testing.T, name string, content []byte) (id int64, checked, done []importing.Counts) {
	t.Helper()
	w := i.importer(t, nil)
	id = i.begin(t, w, name, content).ID
	checked = i.counts(t, id)
	if err := w.RunImport(t.Context(), i.by(t), id, 0, false); err != nil {
		t.Fatal(err)
	}
	if got := i.work(t, w, id); got.State != importing.Done || got.BlobKey != "" && got.Kind == importing.KindExport {
		t.Fatalf("%s is %s, and %q is kept", name, got.State, got.BlobKey)
	}
	refused, err := importing.RefusedLines(t.Context(), i.db, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range refused[:min(len(refused), 40)] {
		t.Errorf("%s, line %d, %s: %v", it.Kind, it.Line, it.Label, it.Problems)
	}
	return id, checked, i.counts(t, id)
}

// notBrought are the columns that an import must not bring along, and why.
var notBrought = map[string]map[string]string{
	"staff":    {"Role": "who signs in is invited in the office", "Archived": "who left is archived in the office"},
	"contacts": {"Portal access": "an import gives nobody access"},
}

// same compares two exports. Ids that an installation gives are compared by what
// they stand for: the first site of one with the first of the other.
func same(t *testing.T, was, is taken) {
	t.Helper()
	stands := func(e taken) map[string]string {
		m := map[string]string{}
		for _, k := range []string{"staff", "contacts", "sites", "equipment", "messages"} {
			for i, row := range e.table(k).rows {
				m[row[0]+" of "+k] = strconv.Itoa(i) + ". of " + k
			}
		}
		return m
	}
	refs := map[string]string{
		"Account manager": "staff", "Assigned": "staff", "Assignee": "staff", "Staff": "staff", "Sent by": "staff", "Recorded by": "staff", "By staff": "staff", "From staff": "staff", "Uploaded by staff": "staff", "Shared by": "staff",
		"Site": "sites", "Selected sites": "sites", "Holds at site": "sites", "Main contact": "contacts", "Contact": "contacts", "By contact": "contacts", "From contact": "contacts", "Uploaded by contact": "contacts", "Asked for by": "contacts",
		"Equipment worked on": "equipment", "Equipment": "equipment", "Holds for equipment": "equipment",
	}
	plain := func(e taken, name string) (rows []string) {
		stand, table := stands(e), e.table(name)
		for i, row := range table.rows {
			var text []string
			for c, head := range table.head {
				cell := row[c]
				switch {
				case notBrought[name][head] != "":
					continue
				case head == "ID":
					if name != "customers" && name != "jobs" && name != "quotes" {
						cell = strconv.Itoa(i)
					}
				case name == "files" && head == "Message" && cell != "":
					cell = stand[cell+" of messages"]
				case refs[head] != "":
					parts := strings.Split(cell, "; ")
					for p, part := range parts {
						if id, ok := strings.CutPrefix(part, "#"); ok {
							parts[p] = stand[id+" of "+refs[head]]
						}
					}
					cell = strings.Join(parts, "; ")
				}
				text = append(text, head+": "+strings.TrimSpace(cell)) // forms take blanks off the ends
			}
			rows = append(rows, strings.Join(text, "\n"))
		}
		return rows
	}
	if len(was.tables) != len(is.tables) {
		t.Errorf("%d tables became %d", len(was.tables), len(is.tables))
	}
	for name := range was.tables {
		before, after := plain(was, name), plain(is, name)
		if len(before) != len(after) {
			t.Errorf("%s: %d rows became %d", name, len(before), len(after))
		}
		wrong := 0
		for i := range min(len(before), len(after)) {
			if before[i] != after[i] && wrong < 3 {
				wrong++
				t.Errorf("%s, row %d:\n%s", name, i+1, difference(before[i], after[i]))
			}
		}
	}
	for name, f := range was.files {
		if strings.HasPrefix(name, "tables") || name == "manifest.json" {
			continue
		}
		if g := is.files[name]; g == nil || g.CRC32 != f.CRC32 || g.UncompressedSize64 != f.UncompressedSize64 {
			t.Errorf("%s is not there, or another one", name)
		}
	}
}

func difference(a, b string) string {
	var out []string
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(x), len(y)) {
		var p, q string
		if i < len(x) {
			p = x[i]
		}
		if i < len(y) {
			q = y[i]
		}
		if p != q {
			out = append(out, fmt.Sprintf("  was %q\n  is  %q", p, q))
		}
	}
	return strings.Join(out, "\n")
}

// An export that is brought into an empty installation, and exported there, is
// the same export, whichever form it has. Nobody is told of it or let in.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	ours := newInstallation(t)
	fill(t, ours)
	was, excel := ours.export(t, export.AsCSV), ours.export(t, export.AsExcel)
	for _, table := range []string{"quote-lines", "quote-versions", "quote-answers", "job-history", "messages", "files", "quote-template-lines", "tax-rates", "document-kinds", "time", "tasks"} {
		if len(was.table(table).rows) == 0 {
			t.Errorf("nothing is in %s", table)
		}
	}
	t.Run("as CSV", func(t *testing.T) {
		t.Parallel()
		theirs := ours.empty(t, "en-AU")
		_, checked, done := theirs.bring(t, "everything.zip", was.zip)
		for n, c := range done {
			if c.Added+c.Changed+c.Same != checked[n].Added+checked[n].Changed+checked[n].Same || c.Refused != 0 {
				t.Errorf("%s: the check said %+v, and it became %+v", c.Kind, checked[n], c)
			}
		}
		for sql, want := range map[string]int{
			"emails": 0, "links": 0, "persons": 0, "sessions": 0, "contacts where access <> 'none'": 0, "staff where role <> 'field'": 0,
		} {
			var n int
			if err := theirs.db.QueryRow(t.Context(), `select count(*) from `+sql).Scan(&n); err != nil || n != want {
				t.Errorf("%s: %d, %v", sql, n, err)
			}
		}
		same(t, was, theirs.export(t, export.AsCSV))
		// Once more nothing is new: all of it is there.
		_, _, again := theirs.bring(t, "everything.zip", was.zip)
		for _, c := range again {
			if c.Added+c.Changed > 0 {
				t.Errorf("%s a second time: %+v", c.Kind, c)
			}
		}
	})
	t.Run("as a workbook, where people write numbers otherwise", func(t *testing.T) {
		t.Parallel()
		theirs := ours.empty(t, "de-DE")
		id, _, _ := theirs.bring(t, "everything.zip", excel.zip)
		same(t, was, theirs.export(t, export.AsCSV))
		theirs.undone(t, id)
	})
	t.Run("tables alone, but for what is not in them", func(t *testing.T) {
		t.Parallel()
		theirs := ours.empty(t, "en-AU")
		id, _, _ := theirs.bring(t, "tables.xlsx", excel.bytes(t, "tables.xlsx"))
		i, err := importing.Find(t.Context(), theirs.db, id)
		if err != nil {
			t.Fatal(err)
		}
		for n, table := range i.Tables {
			if skip := i.Mapping.Sheets[n].Skip; skip != (table.Name == "Files" || table.Rows == 0) {
				t.Errorf("%s: left out is %v: %q", table.Name, skip, table.Notes)
			}
		}
		for table, name := range map[string]string{"jobs": "Jobs", "quote_versions": "Quote Versions", "acceptances": "Quote Answers", "messages": "Messages", "job_statuses": "Job History"} {
			var n int64
			if err := theirs.db.QueryRow(t.Context(), `select count(*) from `+table).Scan(&n); err != nil || n != was.manifest.Counts[name] {
				t.Errorf("%s: %d of %d, %v", name, n, was.manifest.Counts[name], err)
			}
		}
	})
	t.Run("one table after the other", func(t *testing.T) {
		t.Parallel()
		theirs := ours.empty(t, "en-AU")
		for _, table := range []string{"tax-rates", "staff", "customers", "sites", "contacts"} {
			theirs.bring(t, table+".csv", was.bytes(t, "tables/"+table+".csv"))
		}
		one := theirs.export(t, export.AsCSV)
		for _, table := range []string{"staff", "customers", "sites", "contacts"} {
			if len(one.table(table).rows) != len(was.table(table).rows) {
				t.Errorf("%s: %d rows of %d", table, len(one.table(table).rows), len(was.table(table).rows))
			}
		}
	})
	t.Run("broken off again and again", func(t *testing.T) {
		t.Parallel()
		theirs := ours.empty(t, "en-AU")
		ctx, cancel := context.WithCancel(t.Context())
		steps := 0
		w := theirs.importer(t, func(doing importing.State, _, _ int) {
			if steps++; doing == importing.Running && steps%3 == 0 {
				cancel()
			}
		})
		i := theirs.begin(t, w, "everything.zip", was.zip)
		if err := w.RunImport(t.Context(), theirs.by(t), i.ID, 0, false); err != nil {
			t.Fatal(err)
		}
		broken := 0
		for i.State != importing.Done {
			if err := w.Work(ctx, office.WorkImport{Import: i.ID}); err != nil {
				broken++
			}
			ctx, cancel = context.WithCancel(t.Context())
			var err error
			if i, err = importing.Find(t.Context(), theirs.db, i.ID); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		if broken < 5 {
			t.Errorf("it was broken off %d times", broken)
		}
		same(t, was, theirs.export(t, export.AsCSV))
	})
}

// undone takes an import of everything back, after somebody has written on a job.
func (i installation) undone(t *testing.T, id int64) {
	t.Helper()
	i.exec(t, `insert into messages (customer_id, job_id, staff_only, text, staff_id, at) select j.customer_id, j.id, true, 'Ring first', s.id, now() from jobs j, (select min(id) as id from staff) s where j.number = 'J-9000'`)
	w := i.importer(t, nil)
	if err := w.UndoImport(t.Context(), i.by(t), id, 0); err != nil {
		t.Fatal(err)
	}
	if got := i.work(t, w, id); got.State != importing.Undone {
		t.Fatalf("it is %s", got.State)
	}
	for sql, want := range map[string]string{
		`select string_agg(number, ' ') from jobs`:                                                  "J-9000",
		`select string_agg(number, ' ') from customers`:                                             "0007",
		`select string_agg(number, ' ') from quotes`:                                                "Q-7000", // the job was made of it
		`select count(*)::text from messages`:                                                       "1",
		`select count(*)::text from attachments`:                                                    "0",
		`select count(*)::text from acceptances`:                                                    "0",
		`select (count(*) > 0)::text from tax_rates where name = 'GST'`:                             "true",
		`select string_agg(distinct undone, ' ') from import_things where kind = 'quote-templates'`: "left",
		`select string_agg(distinct undone, ' ') from import_things where kind = 'files'`:           "removed",
	} {
		var got string
		if err := i.db.QueryRow(t.Context(), `select coalesce((`+sql+`), '')`).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, want %q, %v", sql, got, want, err)
		}
	}
}

// empty is another installation of the same business, with nothing in it.
func (i installation) empty(t *testing.T, locale string) installation {
	t.Helper()
	another := newInstallation(t)
	another.exec(t, `update company set time_zone = $1, currency = 'AUD', locale = $2`, i.format(t).Zone().String(), locale)
	return another
}

// fill makes a business with everything in it.
func fill(t *testing.T, i installation) {
	t.Helper()
	if err := demo.Generate(t.Context(), dbtest.Owner(t, i.db), i.store, password.NewHasher(), demo.Size{Customers: demo.LeastCustomers, Jobs: demo.LeastJobs, Seed: 7}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	i.exec(t, `delete from tax_rates where name = 'GST' and not standard`) // the demo adds its own, and one is there once
	by := exchange.By{Viewer: staff.Viewer{Name: "Import", Format: i.format(t)}, Source: "simpro"}
	refs := exchange.NewRefs("simpro")
	for n, r := range []struct {
		kind exchange.Kind
		body string
	}{
		{exchange.Staff, `{"name": "Tom; Fields"}`},
		{exchange.Staff, `{"name": "Sam Same", "email": "sam1@northwind.example"}`},
		{exchange.Staff, `{"name": "Sam Same", "email": "sam2@northwind.example"}`},
		{exchange.JobTypes, `{"name": "=Service, \"twice\"", "colour": "green", "notification_addresses": ["a@northwind.example", "b@northwind.example"]}`},
		{exchange.Customers, `{"number": "0007", "name": "شركة الميناء", "phone": "+61255500100", "mobile": "0412345678", "street": {"line1": "-1 Quay St", "city": "Sydney"}, "notes": "one\n\ntwo; =three"}`},
		{exchange.Sites, `{"customer": "0007", "name": "#3; Wharf"}`},
		{exchange.Sites, `{"customer": "0007", "name": "Old Wharf", "archived": true}`},
		{exchange.Sites, `{"customer": "0007", "name": "Old wharf"}`},
		{exchange.Contacts, `{"customer": "0007", "name": "ليلى", "email": "leila@harbour.example", "permissions": ["jobs_see=own", "jobs_create"], "sites": ["#3; Wharf", "Old wharf"]}`},
		{exchange.Contacts, `{"customer": "0007", "name": "Lee Rivers"}`},
		{exchange.Contacts, `{"customer": "0007", "name": "Lee Rivers", "archived": true}`},
		{exchange.Equipment, `{"customer": "0007", "number": "E;7", "name": "Chiller", "type": "Chiller", "site": "Old wharf", "serial_number": "0001"}`},
		{exchange.Quotes, `{"customer": "0007", "number": "Q-7000", "description": "New chiller", "status": "accepted", "main_contact": "leila@harbour.example", "sent_at": "2026-05-01T10:00:00Z", "staff": ["Tom; Fields", "sam1@northwind.example"],
			"lines": [{"section": "Roof", "description": "Chiller", "quantity": "1.125", "unit_price": "1234.5678", "tax_name": "GST", "tax_percent": "5", "second_tax_name": "QST", "second_tax_percent": "9.975"},
				{"section": "Roof", "description": "Pipe", "quantity": "3", "unit_price": "10", "tax_name": "GST", "tax_percent": "5"},
				{"description": "Less 5%", "quantity": "-1", "discount": true, "discount_percent": "5"}]}`},
		{exchange.Jobs, `{"customer": "0007", "number": "J-9000", "description": "@Fit it", "type": "=Service, \"twice\"", "status": "completed", "completed_at": "2026-04-04T15:30:00Z", "site": "Old wharf",
			"main_contact": "leila@harbour.example", "staff": ["sam2@northwind.example"], "equipment": ["E;7"], "quote": "Q-7000", "created_at": "2026-03-20T00:00:00Z"}`},
		{exchange.Time, `{"job": "J-9000", "worked_on": "2026-04-02", "staff": "Tom; Fields", "hours": "2.25"}`},
	} {
		err := postgres.Transact(t.Context(), i.db, func(tx postgres.Tx) error {
			out, err := exchange.Put(t.Context(), tx, by, refs, exchange.Incoming{Kind: r.kind, External: fmt.Sprint("x", n), Fill: func(to exchange.Record) error { return json.Unmarshal([]byte(r.body), to) }}, exchange.Choices{})
			if err == nil && out.State != exchange.New {
				err = fmt.Errorf("%s %w", out.State, out.Problems)
			}
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", r.body, err)
		}
	}
	i.exec(t, `insert into quote_templates (name, currency, lines) values ('Standard', 'AUD', '[{"description": "Call-out", "quantity": "1", "unit_price": "9550", "tax_name": "GST", "tax_percent": "10"}]')`)
	i.exec(t, `update external_ids set source = 'jobber' where kind = 'jobs'`)
}
