package office

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/company"
	"fieldgate/internal/exchange"
	"fieldgate/internal/export"
	"fieldgate/internal/fileimport"
	"fieldgate/internal/importing"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/sheet"
	"fieldgate/internal/staff"
	"fieldgate/internal/storage"
)

// WorkImport asks for what is next to be done with an import.
type WorkImport struct {
	Import int64 `json:"import"`
}

// Kind is work_import.
func (WorkImport) Kind() string { return "work_import" }

// Lane is Imports.
func (WorkImport) Lane() queue.Lane { return queue.Imports }

// later has the work of an import done behind the pages, unless whoever began it
// does it.
func (s *Service) later(ctx context.Context, tx postgres.Tx, id int64) error {
	if s.ImportsItself {
		return nil
	}
	return s.queue.Insert(ctx, tx, WorkImport{id})
}

// ImportFile is a file to be imported.
type ImportFile struct {
	Name    string
	Size    int64
	Content io.ReaderAt
	Nonce   string
	// Source and Mapping are chosen by whoever knows them, "" else.
	Source, Mapping string
}

// BeginImport takes a file. What is no table is refused at once, with what to do
// about it; reading it all goes on behind the page.
func (s *Service) BeginImport(ctx context.Context, by staff.Viewer, f ImportFile) (id int64, err error) {
	if f.Content == nil || f.Size == 0 && f.Name == "" {
		return 0, problem.Of("file", "Choose a file.")
	}
	if err := checkSource(f.Source); err != nil {
		return 0, err
	}
	kind, err := kindOf(f)
	if refused, ok := errors.AsType[sheet.Refusal](err); ok {
		return 0, problem.Of("file", refused.Sentence)
	}
	if err != nil {
		return 0, fmt.Errorf("look into a file: %w", err)
	}
	if f.Mapping != "" {
		if _, err := importing.FindRemembered(ctx, s.pool, f.Mapping, ""); errors.Is(err, apperr.NotFound) {
			return 0, problem.Of("mapping", "No columns are remembered under this name.")
		} else if err != nil {
			return 0, err
		}
	}
	key := blob.NewKey()
	if err := s.store.Put(ctx, key, io.NewSectionReader(f.Content, 0, f.Size), f.Size, "application/octet-stream"); err != nil {
		return 0, err
	}
	created := false
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		id, created, err = importing.Create(ctx, tx, importing.New{Name: f.Name, Size: f.Size, Kind: kind, BlobKey: key, Nonce: f.Nonce, StaffID: by.Staff, ByName: by.Name, Source: f.Source, MappingName: f.Mapping})
		if err != nil || !created {
			return err
		}
		if err := audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.ImportBegun, ID: id, Label: f.Name}); err != nil {
			return err
		}
		return s.later(ctx, tx, id)
	})
	if err != nil || !created {
		s.store.Forget(ctx, err, key)
	}
	return id, err
}

// kindOf says what a file is: an export of everything, a workbook or a CSV file.
func kindOf(f ImportFile) (string, error) {
	_, err := export.OpenArchive(f.Content, f.Size, f.Name, nil)
	if err == nil {
		return importing.KindExport, nil
	}
	if !errors.Is(err, export.ErrNone) {
		return "", err
	}
	book, err := sheet.Open(f.Content, f.Size, f.Name)
	if err != nil {
		return "", err
	}
	return book.Kind, nil
}

func checkSource(name string) error {
	if name == "" {
		return nil
	}
	if len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || name[0] == '-' {
		return problem.Of("source", "Use up to 40 small letters, digits and dashes, such as simpro.")
	}
	return nil
}

// ImportMapping is how a file is to be read, as it was chosen.
type ImportMapping struct {
	Mapping   importing.Mapping
	Source    string
	Overwrite bool
	Remember  string // under which name, "" for none
}

// MapImport says how the file is to be read, shown as version.
func (s *Service) MapImport(ctx context.Context, by staff.Viewer, id, version int64, m ImportMapping) error {
	if err := checkSource(m.Source); err != nil {
		return err
	}
	if len([]rune(m.Remember)) > 100 {
		return problem.Of("remember", "Keep the name under 100 characters.")
	}
	return s.changeImport(ctx, id, version, []importing.State{importing.Read, importing.Checked}, func(tx postgres.Tx, i importing.Import) error {
		if len(m.Mapping.Sheets) != len(i.Tables) {
			return apperr.Stale
		}
		if m.Mapping.Zone = i.Mapping.Zone; m.Mapping.OwnTables() {
			m.Source = exchange.Ours // its ids are those of an installation of ours, whatever somebody calls it
		}
		if err := importing.SetMapping(ctx, tx, id, m.Mapping, m.Source, m.Overwrite); err != nil {
			return err
		}
		if err := importing.ForgetThings(ctx, tx, id); err != nil {
			return err
		}
		if m.Mapping.OwnTables() {
			return nil // there is nothing to remember: its columns are what they are
		}
		i.Mapping, i.Source = m.Mapping, m.Source
		name := cmp.Or(m.Remember, i.MappingName)
		if name == "" {
			var err error
			if name, err = importing.FreeName(ctx, tx, cmp.Or(strings.TrimSuffix(i.Name, path.Ext(i.Name)), i.Name), i.Tables); err != nil {
				return err
			}
		}
		return importing.Remember(ctx, tx, string([]rune(name)[:min(100, len([]rune(name)))]), i, by.Name)
	})
}

// CheckImport finds out what would become of each thing. It goes on behind the page.
func (s *Service) CheckImport(ctx context.Context, id, version int64) error {
	return s.changeImport(ctx, id, version, []importing.State{importing.Read, importing.Checked}, func(tx postgres.Tx, i importing.Import) error {
		if err := i.Mapping.Check(i.Tables).Err(); err != nil {
			return err
		}
		if err := importing.ForgetThings(ctx, tx, id); err != nil {
			return err
		}
		if err := importing.SetState(ctx, tx, id, importing.Checking, 0, 0, ""); err != nil {
			return err
		}
		return s.later(ctx, tx, id)
	})
}

// RunImport imports what was checked, without what was refused. Overwrite says
// what becomes of what was edited here since.
func (s *Service) RunImport(ctx context.Context, by staff.Viewer, id, version int64, overwrite bool) error {
	if err := by.CheckProof(); err != nil {
		return err
	}
	return s.changeImport(ctx, id, version, []importing.State{importing.Checked}, func(tx postgres.Tx, i importing.Import) error {
		if err := importing.Choose(ctx, tx, id, overwrite); err != nil {
			return err
		}
		if err := importing.SetState(ctx, tx, id, importing.Running, 0, i.Total, ""); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.ImportRun, ID: id, Label: i.Name}); err != nil {
			return err
		}
		return s.later(ctx, tx, id)
	})
}

// UndoImport takes back what an import added or changed and nobody has touched since.
func (s *Service) UndoImport(ctx context.Context, by staff.Viewer, id, version int64) error {
	if err := by.CheckProof(); err != nil {
		return err
	}
	return s.changeImport(ctx, id, version, []importing.State{importing.Done}, func(tx postgres.Tx, i importing.Import) error {
		if !i.Undoable(by.Format.Now) {
			return apperr.Conflictf("An import can be undone for %d days.", importing.UndoDays)
		}
		if err := importing.SetState(ctx, tx, id, importing.Undoing, 0, i.Total, ""); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.ImportUndone, ID: id, Label: i.Name}); err != nil {
			return err
		}
		return s.later(ctx, tx, id)
	})
}

// changeImport does something to an import that is in one of some states, as it
// was shown.
func (s *Service) changeImport(ctx context.Context, id, version int64, states []importing.State, do func(postgres.Tx, importing.Import) error) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		i, err := importing.Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if !slices.Contains(states, i.State) {
			return apperr.Conflictf("This import is %s by now. Open it again.", strings.ToLower(i.State.Label()))
		}
		if version != 0 && i.Version != version {
			return apperr.Stale
		}
		return do(tx, i)
	})
}

// Importer does the work of imports behind the pages.
type Importer struct {
	*Service
	// Batch is how many things are imported in one transaction, 100 when zero.
	Batch int
	// Say is told how far it is; nil tells nobody.
	Say func(doing importing.State, done, of int)
}

func (w Importer) say(doing importing.State, done, of int) {
	if w.Say != nil {
		w.Say(doing, done, of)
	}
}

// Work does what is next with an import, until it has to wait for somebody. What
// breaks off goes on from where it was: each transaction notes how far it came.
func (w Importer) Work(ctx context.Context, args WorkImport) error {
	i, err := importing.Find(ctx, w.pool, args.Import)
	if errors.Is(err, apperr.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch i.State {
	case importing.Reading:
		return w.read(ctx, i)
	case importing.Checking:
		return w.check(ctx, i)
	case importing.Running:
		return w.run(ctx, i)
	case importing.Undoing:
		return w.undo(ctx, i)
	case importing.Unreadable, importing.Read, importing.Checked, importing.Done, importing.Undone:
	}
	return nil
}

func (w Importer) batch() int {
	if w.Batch > 0 {
		return w.Batch
	}
	return 100
}

// by is in whose name an import works.
func (w Importer) by(ctx context.Context, i importing.Import) (exchange.By, error) {
	var c company.Company
	if err := postgres.Read(ctx, w.pool, func(b *postgres.Batch) { company.Query(b, &c) }); err != nil {
		return exchange.By{}, err
	}
	if i.Mapping.OwnTables() && i.Source == "" {
		i.Source = exchange.Ours
	}
	return exchange.By{Viewer: staff.Viewer{Staff: i.StaffID, Name: i.ByName, Role: staff.Administrator, Format: c.Format()}, Source: i.Source}, nil
}

// read reads the file into rows and says what it is.
func (w Importer) read(ctx context.Context, i importing.Import) error {
	f, err := w.store.Open(ctx, i.BlobKey)
	if err != nil {
		return err
	}
	defer f.Close()
	err = w.readFile(ctx, i, f)
	if refused, ok := errors.AsType[sheet.Refusal](err); ok {
		return w.end(ctx, i, importing.Unreadable, 0, refused.Sentence)
	}
	return err
}

// readFile reads the tables of a file: those of an export out of its archive.
func (w Importer) readFile(ctx context.Context, i importing.Import, f blob.File) error {
	book, zone := (*sheet.Book)(nil), ""
	if i.Kind == importing.KindExport {
		opened, err := export.OpenArchive(fileimport.ReaderAt(f), i.FileSize, i.Name, nil)
		if err != nil {
			return err
		}
		tables, forget, err := opened.Tables()
		if err != nil {
			return err
		}
		defer forget()
		book, zone = tables, opened.Zone
	} else {
		at, forget, err := local(f)
		if err != nil {
			return err
		}
		defer forget()
		if book, err = sheet.Open(at, i.FileSize, i.Name); err != nil {
			return err
		}
	}
	err := postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error { return importing.ForgetRows(ctx, tx, i.ID) })
	if err != nil {
		return err
	}
	return w.readTables(ctx, i, book, zone)
}

// end ends an import. An export, which may be large, is not kept then.
func (w Importer) end(ctx context.Context, i importing.Import, s importing.State, done int, why string) error {
	forget := i.Kind == importing.KindExport && i.BlobKey != ""
	err := postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error {
		if forget {
			if err := importing.ForgetFile(ctx, tx, i.ID); err != nil {
				return err
			}
		}
		return importing.SetState(ctx, tx, i.ID, s, done, done, why)
	})
	if err == nil && forget {
		w.store.Forget(ctx, nil, i.BlobKey)
	}
	return err
}

// local is a stored file to be read from any place: one of a bucket is copied
// into the folder for temporary files first.
func local(f blob.File) (at io.ReaderAt, forget func(), err error) {
	if at, ok := f.ReadSeekCloser.(*os.File); ok {
		return at, func() {}, nil
	}
	temp, err := os.CreateTemp("", storage.Temporary)
	if err != nil {
		return nil, nil, fmt.Errorf("a place for a file to import: %w", err)
	}
	forget = func() { _ = temp.Close(); _ = os.Remove(temp.Name()) }
	if _, err := io.Copy(temp, f); err != nil {
		forget()
		return nil, nil, fmt.Errorf("read a file to import: %w", err)
	}
	return temp, forget, nil
}

func (w Importer) readTables(ctx context.Context, i importing.Import, book *sheet.Book, zone string) error {
	var (
		tables     []importing.Table
		recognised []importing.Recognised
		read       int
	)
	for n, t := range book.Tables {
		heads := make([]string, len(t.Heads))
		for j, h := range t.Heads {
			heads[j] = h.Name
		}
		r, own := importing.RecogniseOwn(t.Name, heads, i.Kind == importing.KindExport)
		if !own {
			r = importing.Recognise(i.Name, t.Name, heads)
		}
		table := importing.Table{Name: t.Name, Hidden: t.Hidden, Heads: t.Heads, Line: t.Line, Notes: t.Notes, Source: r.Source, Known: r.Table}
		var rows []sheet.Row
		flush := func() error {
			read += len(rows)
			err := postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error {
				if err := importing.AddRows(ctx, tx, i.ID, n, rows); err != nil {
					return err
				}
				return importing.SetProgress(ctx, tx, i.ID, read, max(read, book.Rows()))
			})
			rows = rows[:0]
			return err
		}
		for row, err := range t.Each() {
			if err != nil {
				return err
			}
			table.Survey.Add(row)
			if rows = append(rows, row); len(rows) == 1000 {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if err := flush(); err != nil {
			return err
		}
		table.Rows = table.Survey.Rows
		if t.Totals > 0 {
			table.Notes = append(table.Notes, fmt.Sprintf("Row %d only sums up the list and is left out.", t.Totals))
		}
		if table.Hidden {
			table.Notes = append(table.Notes, "This sheet is hidden in the workbook. It is left out unless you choose it under Columns.")
		}
		if table.Survey.Beside > 0 {
			table.Notes = append(table.Notes, fmt.Sprintf("In row %d, and perhaps in more, something stands beside the columns with a heading. It is left out.", table.Survey.BesideLine))
		}
		tables, recognised = append(tables, table), append(recognised, r)
	}
	if len(tables) > 0 {
		tables[0].Notes = append(slices.Clone(book.Notes), tables[0].Notes...)
	}
	m, source, name := importing.Suggest(tables, recognised), i.Source, i.MappingName
	if m.OwnTables() {
		return w.readOwn(ctx, i, tables, m, zone, read)
	}
	if source == "" {
		source = importing.SourceOf(tables, m)
	}
	kept, err := importing.FindRemembered(ctx, w.pool, name, importing.Fingerprint(tables))
	switch {
	case err == nil && kept.Mapping.Fits(tables):
		m, source, name = kept.Mapping.For(tables), kept.Source, kept.Name
	case err != nil && !errors.Is(err, apperr.NotFound):
		return err
	}
	return postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error {
		if err := importing.SetTables(ctx, tx, i.ID, tables, m, source, name); err != nil {
			return err
		}
		return importing.SetState(ctx, tx, i.ID, importing.Read, read, read, "")
	})
}

// readOwn notes tables of an export, and what of them cannot come in.
func (w Importer) readOwn(ctx context.Context, i importing.Import, tables []importing.Table, m importing.Mapping, zone string, read int) error {
	if m.Zone = zone; zone == "" {
		c, err := company.Read(ctx, w.pool)
		if err != nil {
			return err
		}
		m.Zone = c.TimeZone
	}
	bytes := slices.ContainsFunc(tables, func(t importing.Table) bool { return t.Holds(importing.Kind(exchange.Files), "path") })
	for n := range tables {
		switch s := &m.Sheets[n]; exchange.History(s.Kind) {
		case exchange.Files:
			if !s.Skip && (i.Kind != importing.KindExport || !bytes) {
				s.Skip = true
				tables[n].Notes = append(tables[n].Notes, "The files themselves are not in it, so this table is left out. They are imported with the zip of an export that was made with its files.")
			}
		case exchange.Answers:
			if i.Kind != importing.KindExport {
				tables[n].Notes = append(tables[n].Notes, "The signatures themselves are not in it: the answers are imported without them.")
			}
		}
	}
	if zone == "" {
		tables[0].Notes = append(tables[0].Notes, "Times are read as those of "+m.Zone+". In the zip of an export it says where they are of.")
	}
	some, err := importing.SomeCustomers(ctx, w.pool)
	if err != nil {
		return err
	}
	if i.Kind == importing.KindExport && some {
		tables[0].Notes = append(tables[0].Notes, "An export is meant for an empty installation. There are customers here already: what has the same number, id or name becomes what the export says.")
	}
	return postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error {
		if err := importing.SetTables(ctx, tx, i.ID, tables, m, exchange.Ours, ""); err != nil {
			return err
		}
		return importing.SetState(ctx, tx, i.ID, importing.Read, read, read, "")
	})
}

// reader is what makes things of an import's rows.
func (w Importer) reader(ctx context.Context, i importing.Import, by exchange.By) (*importing.Reader, error) {
	c, err := importing.ReadChoices(ctx, w.pool)
	if err != nil {
		return nil, err
	}
	taxes, err := company.TaxRates(ctx, w.pool)
	if err != nil {
		return nil, err
	}
	r := importing.NewReader(i.Tables, i.Mapping, c, taxes, by.Format, i.Source)
	if err := r.Know(ctx, w.pool); err != nil {
		return nil, err
	}
	all := func(importing.SheetMapping) bool { return true }
	return r, w.eachRow(ctx, i, all, func(table int, row sheet.Row) error { r.Look(table, row); return nil })
}

// eachRow goes through the rows of those tables that are imported and wanted.
func (w Importer) eachRow(ctx context.Context, i importing.Import, wanted func(importing.SheetMapping) bool, do func(table int, row sheet.Row) error) error {
	for table, s := range i.Mapping.Sheets {
		if s.Skip || !wanted(s) {
			continue
		}
		for after := 0; ; {
			rows, err := importing.Rows(ctx, w.pool, i.ID, table, after, 1000)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			for _, row := range rows {
				if err := do(table, row); err != nil {
					return err
				}
			}
			after = rows[len(rows)-1].Line
		}
	}
	return nil
}

// check makes things of all rows and asks what would become of them. It writes
// nothing else, so that it begins afresh when it was broken off.
func (w Importer) check(ctx context.Context, i importing.Import) error {
	by, err := w.by(ctx, i)
	if err != nil {
		return err
	}
	err = postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error { return importing.ForgetThings(ctx, tx, i.ID) })
	if err != nil {
		return err
	}
	r, err := w.reader(ctx, i, by)
	if err != nil {
		return err
	}
	from, err := w.archive(ctx, i)
	if err != nil {
		return err
	}
	defer from.Close()
	c := checking{w: w, i: i, by: by, reader: r, from: from, refs: exchange.NewRefs(i.Source), total: i.Mapping.Passes(i.Tables), twins: map[importing.RowAt]bool{}}
	again := func(table int, lines []int) ([]sheet.Row, error) {
		return importing.RowsAt(ctx, w.pool, i.ID, table, lines)
	}
	for _, k := range importing.Order {
		for _, t := range r.Made(k) {
			if err := c.add(ctx, t); err != nil {
				return err
			}
		}
		makes := func(s importing.SheetMapping) bool { return slices.Contains(s.Makes(), k) }
		err := w.eachRow(ctx, i, makes, func(table int, row sheet.Row) error {
			c.passed++
			things, err := r.Own(table, row, again)
			if err != nil {
				return err
			}
			for _, t := range append(things, r.Things(k, table, row)...) {
				if err := c.add(ctx, t); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := c.flush(ctx); err != nil {
			return err
		}
	}
	return postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error {
		return importing.SetState(ctx, tx, i.ID, importing.Checked, 0, c.place, "")
	})
}

// checking is a check under way.
type checking struct {
	w      Importer
	i      importing.Import
	by     exchange.By
	reader *importing.Reader
	from   *archive
	refs   *exchange.Refs
	things []importing.Thing
	place  int
	passed int
	total  int

	refusals importing.Refusals
	twins    map[importing.RowAt]bool // rows whose customer is refused since another has the name, and with it what else they make
}

func (c *checking) add(ctx context.Context, t importing.Thing) error {
	most := 500
	if t.Kind == importing.Kind(exchange.Files) { // each is unpacked and looked into
		most = filesAtOnce
	}
	if c.things = append(c.things, t); len(c.things) < most {
		return nil
	}
	return c.flush(ctx)
}

func (c *checking) flush(ctx context.Context) error {
	if len(c.things) == 0 {
		return nil
	}
	things := c.things
	c.things = nil
	defer func() { c.w.say(importing.Checking, min(c.passed, c.total), c.total) }()
	return postgres.Transact(ctx, c.w.pool, func(tx postgres.Tx) error {
		items := make([]importing.Item, len(things))
		for n, t := range things {
			c.place++
			body, err := json.Marshal(t.Body)
			if err != nil {
				return fmt.Errorf("check an import: %w", err)
			}
			it := importing.Item{Place: c.place, Kind: t.Kind, Sheet: t.Sheet, Line: t.Line, External: t.External, Body: body, Mode: t.Mode, Columns: t.Columns, Twin: t.Twin, Label: importing.LabelOf(t), State: exchange.Refused, Problems: t.Problems}
			if t.Problems.Err() == nil {
				out, err := c.put(ctx, tx, it, t.Beside)
				if err != nil {
					return fmt.Errorf("line %d: %w", t.Line, err)
				}
				if still := t.StillTwin(); still != nil && out.State == exchange.Changed {
					out = exchange.Outcome{State: exchange.Refused, Problems: still, Label: out.Label}
					c.twins[t.Row()] = true
				}
				if out.State != exchange.Refused && (t.Kind == importing.Sites || t.Kind == importing.Contacts) && c.twins[t.Row()] {
					out = exchange.Outcome{State: exchange.Refused, Problems: problem.Set{"customer": "The customer of this row is refused. Put that right, and this is imported with it."}, Label: out.Label}
				}
				it.State, it.Problems, it.Fields, it.Edited, it.Differs = out.State, out.Problems, out.Fields, out.Edited, out.Differs
				if out.State != exchange.Refused && len(t.Left) > 0 {
					it.Problems = t.Left
				}
				if it.Mode == importing.Blanks && out.State == exchange.New {
					it.State = exchange.Changed // what it adds to would be made
				}
				if it.Label == "" {
					it.Label = out.Label
				}
			}
			if t.Doubt { // what names it is nobody's until it is said whose
				c.twins[t.Row()] = c.twins[t.Row()] || t.Kind == importing.Customers
				customer, _ := t.Body["customer"].(string)
				name, _ := t.Body["name"].(string)
				if err := c.refs.Doubt(ctx, tx, t.Kind, customer, name); err != nil {
					return err
				}
			}
			if it.State == exchange.Refused {
				it.Problems = c.refusals.Explain(t, it.Problems)
				c.refusals.Note(c.reader, t)
			}
			items[n] = it
		}
		if err := importing.AddItems(ctx, tx, c.i.ID, items); err != nil {
			return err
		}
		return importing.SetProgress(ctx, tx, c.i.ID, min(c.passed, c.total), c.total)
	})
}

// put asks what would become of an item.
func (c *checking) put(ctx context.Context, tx postgres.Tx, it importing.Item, beside bool) (exchange.Outcome, error) {
	choices := exchange.Choices{Dry: true, Overwrite: c.i.Overwrite}
	if !it.History() {
		in := incoming(it)
		in.Beside = beside
		return exchange.Put(ctx, tx, c.by, c.refs, in, choices)
	}
	p, err := c.from.past(it)
	defer p.close()
	if refused, ok := errors.AsType[problem.Set](err); ok {
		return exchange.Outcome{State: exchange.Refused, Problems: refused}, nil
	}
	if err != nil {
		return exchange.Outcome{}, err
	}
	return exchange.PutHistory(ctx, tx, c.by, c.refs, p.Past, choices)
}

// incoming is a thing as exchange takes it.
func incoming(it importing.Item) exchange.Incoming {
	return exchange.Incoming{Kind: it.Kind, External: it.External, Also: it.Also(), Named: it.Mode == importing.Missing, Fill: func(r exchange.Record) error { return importing.Fill(r, it) }}
}

// run imports what waits, some in each transaction.
func (w Importer) run(ctx context.Context, i importing.Import) error {
	by, err := w.by(ctx, i)
	if err != nil {
		return err
	}
	refs := exchange.NewRefs(i.Source)
	done, began := i.Progress, time.Now()
	from, err := w.archive(ctx, i)
	if err != nil {
		return err
	}
	defer from.Close()
	for {
		if !w.ImportsItself && time.Since(began) > importSlice { // others have their turn
			return queue.Later(0)
		}
		items, err := importing.Waiting(ctx, w.pool, i.ID, w.batch())
		if err != nil {
			return err
		}
		if len(items) == 0 {
			break
		}
		if n := slices.IndexFunc(items, importing.Item.HasBytes); n == 0 {
			items = items[:min(len(items), filesAtOnce)]
		} else if n > 0 {
			items = items[:n]
		}
		if err := w.bringSome(ctx, i, by, refs, from, items, done); err != nil {
			return err
		}
		done += len(items)
		w.say(importing.Running, done, max(i.Total, done))
	}
	return w.end(ctx, i, importing.Done, done, "")
}

// undo takes back what was imported, the last first.
func (w Importer) undo(ctx context.Context, i importing.Import) error {
	by, err := w.by(ctx, i)
	if err != nil {
		return err
	}
	by.Source = "" // what the source said last stays said
	done := i.Progress
	for {
		items, err := importing.Undoables(ctx, w.pool, i.ID, w.batch())
		if err != nil {
			return err
		}
		if len(items) == 0 {
			break
		}
		err = postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error {
			for n, it := range items {
				version, err := w.takeBack(ctx, tx, by, i, it)
				if err != nil {
					return fmt.Errorf("undo line %d: %w", it.Line, err)
				}
				for m := range items[n+1:] { // what this import did to it before is taken back from there
					if next := &items[n+1+m]; version != 0 && next.Kind == it.Kind && next.RowID == it.RowID {
						next.Version = version
					}
				}
			}
			return importing.SetProgress(ctx, tx, i.ID, min(done+len(items), i.Total), i.Total)
		})
		if err != nil {
			return err
		}
		done += len(items)
	}
	return postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error {
		if err := importing.SettlePast(ctx, tx, i.ID); err != nil {
			return err
		}
		return importing.SetState(ctx, tx, i.ID, importing.Undone, i.Total, i.Total, "")
	})
}

// takeBack removes a thing that came new, or makes it what it was; version is the one
// that it has then, 0 where it is not there or stays.
func (w Importer) takeBack(ctx context.Context, tx postgres.Tx, by exchange.By, i importing.Import, it importing.Item) (version int64, err error) {
	undone := "left"
	var now int64
	found := true
	err = apart(ctx, tx, func(tx postgres.Tx) (err error) {
		if now, err = importing.VersionOf(ctx, tx, it); errors.Is(err, apperr.NotFound) {
			found = false
			return nil
		} else if err != nil {
			return err
		}
		if now != it.Version {
			return exchange.ErrTouched
		}
		if it.Done == exchange.New {
			if err := importing.TakeAlong(ctx, tx, i.ID, it); err != nil {
				return err
			}
			return exchange.Remove(ctx, tx, by, it.Kind, it.RowID, it.Version)
		}
		out, err := exchange.Put(ctx, tx, by, exchange.NewRefs(""), exchange.Incoming{Kind: it.Kind, Key: it.Key, Version: it.Version, Fill: func(r exchange.Record) error {
			reflect.ValueOf(r).Elem().SetZero()
			return json.Unmarshal(it.Before, r)
		}}, exchange.Choices{Overwrite: true, Known: true})
		if err == nil && out.State == exchange.Refused {
			slog.InfoContext(ctx, "an undo left something", "kind", it.Kind, "row", it.RowID, "problems", out.Problems)
			return errRefused
		}
		version = out.Version
		return err
	})
	switch {
	case err == nil && (it.Done == exchange.New || !found):
		undone = "removed"
	case err == nil:
		undone = "restored"
	case errors.Is(err, exchange.ErrTouched), errors.Is(err, apperr.Stale), errors.Is(err, errRefused):
		err = nil
	}
	if err != nil {
		return 0, err
	}
	return version, importing.SetUndone(ctx, tx, i.ID, it, undone, version)
}

// Lost has imports worked on that nobody works on: the command that brought them
// in was broken off, or the queue has given them up.
func (w Importer) Lost(ctx context.Context) error {
	return postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error {
		ids, err := importing.Lost(ctx, tx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := w.queue.Insert(ctx, tx, WorkImport{id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// forget removes old imports.
func (w Importer) forget(ctx context.Context) error {
	return postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error {
		_, err := importing.ForgetOld(ctx, tx)
		return err
	})
}

// importLife is how long work on an import may take before it is begun again.
const importLife = 30 * time.Minute

// Jobs are the work of imports for a queue.
func (w Importer) Jobs() []queue.Worker {
	return []queue.Worker{
		queue.Register(importLife, w.Work), queue.PeriodicIn(queue.Imports, "imports without a job", 5*time.Minute, w.Lost), queue.PeriodicIn(queue.Imports, "old imports", 24*time.Hour, w.forget),
	}
}
