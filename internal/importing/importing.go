// Package importing imports what files of other programs hold: which of them a
// file is of, what its columns and words mean, and what becomes of each thing in
// it. The things themselves come in by package exchange.
//
// An export of everything comes in by the same steps. Its columns mean what they
// are called, and settings and what happened come in with the things.
//
// A file is read once, into rows. A check makes things of the rows, as the
// mapping says, and asks of each what would become of it. A run imports exactly
// these things, some at a time, so that it goes on where it ended; and an undo
// takes them back in the other order.
package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/exchange"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/sheet"
)

// State is how far an import has come.
type State string

// KindExport is the kind of an export of everything.
const KindExport = "export"

// The states.
const (
	Reading    State = "reading"
	Unreadable State = "unreadable"
	Read       State = "read" // and waits to be checked
	Checking   State = "checking"
	Checked    State = "checked"
	Running    State = "running"
	Done       State = "done"
	Undoing    State = "undoing"
	Undone     State = "undone"
)

//exhaustive:enforce
var stateLabels = map[State]string{
	Reading: "Being read", Unreadable: "Not readable", Read: "To check", Checking: "Being checked", Checked: "Ready to import", Running: "Being imported", Done: "Imported", Undoing: "Being undone", Undone: "Undone",
}

// Label is the state as screens write it.
func (s State) Label() string { return stateLabels[s] }

// Busy reports whether something is being done behind the page.
func (s State) Busy() bool {
	return s == Reading || s == Checking || s == Running || s == Undoing
}

// UndoDays is for how many days an import can be undone.
const UndoDays = 14

// KeptDays is for how many days rows and things of an import are kept.
const KeptDays = 90

// Import is a file that was sent to be imported.
type Import struct {
	ID          int64
	Name        string
	FileSize    int64
	BlobKey     string
	Kind        string // xlsx, csv or export: one of everything
	Source      string
	State       State
	Why         string
	Tables      []Table
	Mapping     Mapping
	MappingName string
	Overwrite   bool
	Progress    int
	Total       int
	StaffID     int64
	ByName      string
	Version     int64
	CreatedAt   time.Time
	FinishedAt  *time.Time
	UndoneAt    *time.Time
}

// Undoable reports whether the import can still be undone at a moment.
func (i Import) Undoable(now time.Time) bool {
	return i.State == Done && i.FinishedAt != nil && now.Before(i.FinishedAt.AddDate(0, 0, UndoDays))
}

// Percent is how far what is being done has come.
func (i Import) Percent() int {
	if i.Total == 0 {
		return 0
	}
	return min(100, i.Progress*100/i.Total)
}

const columns = `i.id, i.name, i.file_size, i.blob_key, i.kind, i.source, i.state, i.why, i.tables, i.mapping, i.mapping_name, i.overwrite, i.progress, i.total,
	coalesce(i.staff_id, 0) as staff_id, i.by_name, i.version, i.created_at, i.finished_at, i.undone_at`

// QueryByID adds the import of an id to a batch, or apperr.NotFound.
func QueryByID(b *postgres.Batch, into *Import, id int64) {
	postgres.QueryOne(b, into, `select `+columns+` from imports i where i.id = @id`, pgx.NamedArgs{"id": id})
}

// Find is the import of an id, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (i Import, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryByID(b, &i, id) })
	return i, err
}

// FindSent is the import that a form of a nonce began, or apperr.NotFound.
func FindSent(ctx context.Context, db postgres.DB, nonce string) (i Import, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.QueryOne(b, &i, `select `+columns+` from imports i where i.nonce = @nonce`, pgx.NamedArgs{"nonce": nonce})
	})
	return i, err
}

// Lock is the import, held until the transaction ends.
func Lock(ctx context.Context, tx postgres.Tx, id int64) (Import, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from imports i where i.id = @id for update of i`, pgx.NamedArgs{"id": id})
	if err != nil {
		return Import{}, fmt.Errorf("lock import %d: %w", id, err)
	}
	i, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Import])
	if errors.Is(err, pgx.ErrNoRows) {
		return Import{}, apperr.NotFound
	}
	if err != nil {
		return Import{}, fmt.Errorf("lock import %d: %w", id, err)
	}
	return i, nil
}

// New is a file that was sent.
type New struct {
	Name    string
	Size    int64
	Kind    string
	BlobKey string
	Nonce   string
	StaffID int64
	ByName  string
	// Source and MappingName are chosen by whoever knows them; "" for what is
	// found out.
	Source, MappingName string
}

// Create notes a file. Created is false when the same form was sent before.
func Create(ctx context.Context, tx postgres.Tx, n New) (id int64, created bool, err error) {
	id, again, err := postgres.Repeated[int64](ctx, tx, n.Nonce, `select id from imports where nonce = @nonce`, pgx.NamedArgs{"nonce": n.Nonce})
	if err != nil || again {
		return id, false, err
	}
	err = tx.QueryRow(ctx, `
		insert into imports (name, file_size, kind, blob_key, nonce, staff_id, by_name, source, mapping_name)
		values (@name, @size, @kind, @key, nullif(@nonce, ''), nullif(@staff::bigint, 0), @by, @source, @mapping) returning id`,
		pgx.NamedArgs{"name": n.Name, "size": n.Size, "kind": n.Kind, "key": n.BlobKey, "nonce": n.Nonce, "staff": n.StaffID, "by": n.ByName, "source": n.Source, "mapping": n.MappingName}).Scan(&id)
	if err != nil {
		return 0, false, fmt.Errorf("create import: %w", err)
	}
	return id, true, nil
}

// SetState says how far the import has come, of so much in all.
func SetState(ctx context.Context, tx postgres.Tx, id int64, s State, progress, total int, why string) error {
	_, err := tx.Exec(ctx, `
		update imports set state = @state, progress = @progress, total = @total, why = @why, version = version + 1, updated_at = now(),
			finished_at = case when @state = 'done' then now() else finished_at end, undone_at = case when @state = 'undone' then now() else undone_at end
		where id = @id`, pgx.NamedArgs{"id": id, "state": string(s), "progress": progress, "total": total, "why": why})
	if err != nil {
		return fmt.Errorf("state of import %d: %w", id, err)
	}
	return nil
}

// SetProgress says how far what is being done has come.
func SetProgress(ctx context.Context, tx postgres.Tx, id int64, progress, total int) error {
	if _, err := tx.Exec(ctx, `update imports set progress = $2, total = $3, updated_at = now() where id = $1`, id, progress, total); err != nil {
		return fmt.Errorf("progress of import %d: %w", id, err)
	}
	return nil
}

// SetTables notes what was found in the file, and how it is to be read.
func SetTables(ctx context.Context, tx postgres.Tx, id int64, tables []Table, m Mapping, source, mappingName string) error {
	_, err := tx.Exec(ctx, `update imports set tables = $2, mapping = $3, source = $4, mapping_name = $5 where id = $1`, id, tables, m, source, mappingName)
	if err != nil {
		return fmt.Errorf("tables of import %d: %w", id, err)
	}
	return nil
}

// SetMapping replaces how the file is to be read. What was checked before is
// checked again.
func SetMapping(ctx context.Context, tx postgres.Tx, id int64, m Mapping, source string, overwrite bool) error {
	_, err := tx.Exec(ctx, `update imports set mapping = $2, source = $3, overwrite = $4, state = 'read', version = version + 1, updated_at = now() where id = $1`, id, m, source, overwrite)
	if err != nil {
		return fmt.Errorf("mapping of import %d: %w", id, err)
	}
	return nil
}

// AddRows adds rows of a table.
func AddRows(ctx context.Context, tx postgres.Tx, id int64, table int, rows []sheet.Row) error {
	lines, kinds, cells := make([]int, len(rows)), make([]string, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		letters, texts := make([]byte, len(r.Cells)), make([]string, len(r.Cells))
		for j, c := range r.Cells {
			letters[j], texts[j] = byte(c.Kind), c.Text
		}
		packed, err := json.Marshal(texts)
		if err != nil {
			return fmt.Errorf("rows of import %d: %w", id, err)
		}
		lines[i], kinds[i], cells[i] = r.Line, string(letters), string(packed)
	}
	_, err := tx.Exec(ctx, `
		insert into import_rows (import_id, sheet, line, kinds, cells)
		select $1, $2, line, kinds, array(select jsonb_array_elements_text(cells::jsonb)) from unnest($3::int[], $4::text[], $5::text[]) t(line, kinds, cells)
		on conflict do nothing`, id, table, lines, kinds, cells)
	if err != nil {
		return fmt.Errorf("rows of import %d: %w", id, err)
	}
	return nil
}

// Rows are some rows of a table behind a line, in the order of the file.
func Rows(ctx context.Context, db postgres.DB, id int64, table, after, most int) (all []sheet.Row, err error) {
	return rowsOf(ctx, db, `select line, kinds, cells from import_rows where import_id = $1 and sheet = $2 and line > $3 order by line limit $4`, id, table, after, most)
}

// RowsAt are the rows of a table at some lines.
func RowsAt(ctx context.Context, db postgres.DB, id int64, table int, lines []int) (all []sheet.Row, err error) {
	return rowsOf(ctx, db, `select line, kinds, cells from import_rows where import_id = $1 and sheet = $2 and line = any($3) order by line`, id, table, lines)
}

func rowsOf(ctx context.Context, db postgres.DB, sql string, args ...any) (all []sheet.Row, err error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("rows of an import: %w", err)
	}
	var (
		line  int
		kinds string
		cells []string
	)
	_, err = pgx.ForEachRow(rows, []any{&line, &kinds, &cells}, func() error {
		r := sheet.Row{Line: line, Cells: make([]sheet.Cell, len(cells))}
		for i, text := range cells {
			r.Cells[i] = sheet.Cell{Kind: sheet.Empty}
			if i < len(kinds) {
				r.Cells[i] = sheet.Cell{Kind: sheet.Kind(kinds[i]), Text: text}
			}
		}
		all = append(all, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("rows of an import: %w", err)
	}
	return all, nil
}

// ForgetRows removes rows and things of an import that is read afresh.
func ForgetRows(ctx context.Context, tx postgres.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `delete from import_rows where import_id = $1`, id); err != nil {
		return fmt.Errorf("forget rows of import %d: %w", id, err)
	}
	return ForgetThings(ctx, tx, id)
}

// ForgetThings removes what a check has found.
func ForgetThings(ctx context.Context, tx postgres.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `delete from import_things where import_id = $1`, id); err != nil {
		return fmt.Errorf("forget things of import %d: %w", id, err)
	}
	return nil
}

// Item is a thing of an import, with what became of it.
type Item struct {
	Place    int
	Kind     Kind
	Sheet    int
	Line     int
	External string
	Body     json.RawMessage
	Mode     Mode
	Columns  map[string]int
	Twin     string
	Label    string
	State    exchange.State
	Problems problem.Set
	Fields   []string
	Edited   []string
	Differs  []exchange.Difference // of what was edited
	Done     exchange.State        // "" while it waits
	RowID    int64
	Key      string
	Version  int64
	Before   json.RawMessage
	Undone   string
}

const itemColumns = `t.place, t.kind, t.sheet, t.line, t.external, coalesce(t.body, 'null') as body, t.mode, t.columns, t.twin, t.label, t.state, t.problems, t.fields, t.edited, t.differs, coalesce(t.done, '') as done,
	coalesce(t.row_id, 0) as row_id, t.ref as key, t.version, coalesce(t.before, 'null') as before, coalesce(t.undone, '') as undone`

// AddItems adds what a check has found.
func AddItems(ctx context.Context, tx postgres.Tx, id int64, items []Item) error {
	packed, err := json.Marshal(items)
	if err != nil {
		return fmt.Errorf("things of import %d: %w", id, err)
	}
	_, err = tx.Exec(ctx, `
		insert into import_things (import_id, place, kind, sheet, line, external, body, mode, columns, twin, label, state, problems, fields, edited, differs)
		select $1, "Place", "Kind", "Sheet", "Line", "External", "Body", "Mode", coalesce("Columns", '{}'), "Twin", "Label", "State", coalesce("Problems", '{}'), coalesce("Fields", '{}'), coalesce("Edited", '{}'), coalesce("Differs", '[]')
		from jsonb_to_recordset($2::jsonb) t("Place" int, "Kind" text, "Sheet" int, "Line" int, "External" text, "Body" jsonb, "Mode" text, "Columns" jsonb, "Twin" text, "Label" text, "State" text,
			"Problems" jsonb, "Fields" text[], "Edited" text[], "Differs" jsonb)`, id, packed)
	if err != nil {
		return fmt.Errorf("things of import %d: %w", id, err)
	}
	return nil
}

// Waiting are things that wait to be imported, in order.
func Waiting(ctx context.Context, db postgres.DB, id int64, most int) ([]Item, error) {
	return items(ctx, db, `select `+itemColumns+` from import_things t where t.import_id = $1 and t.done is null order by t.place limit $2`, id, most)
}

// Undoables are things that were imported and not yet taken back, the last first.
func Undoables(ctx context.Context, db postgres.DB, id int64, most int) ([]Item, error) {
	return items(ctx, db, `select `+itemColumns+` from import_things t where t.import_id = $1 and t.done in ('new', 'changed') and t.undone is null and t.kind <> all($3) order by t.place desc limit $2`, id, most, pastKinds())
}

func items(ctx context.Context, db postgres.DB, sql string, args ...any) ([]Item, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("things of an import: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Item])
	if err != nil {
		return nil, fmt.Errorf("things of an import: %w", err)
	}
	return all, nil
}

// SetDone notes what became of things.
func SetDone(ctx context.Context, tx postgres.Tx, id int64, items []Item) error {
	packed, err := json.Marshal(items)
	if err != nil {
		return fmt.Errorf("things of import %d: %w", id, err)
	}
	_, err = tx.Exec(ctx, `
		update import_things t set done = d."Done", row_id = nullif(d."RowID", 0), ref = d."Key", version = d."Version", before = nullif(d."Before", 'null'), problems = coalesce(d."Problems", '{}'),
			label = case when t.label = '' then d."Label" else t.label end, fields = coalesce(d."Fields", '{}'), edited = coalesce(d."Edited", '{}')
		from jsonb_to_recordset($2::jsonb) d("Place" int, "Done" text, "RowID" bigint, "Key" text, "Version" bigint, "Before" jsonb, "Problems" jsonb, "Label" text, "Fields" text[], "Edited" text[])
		where t.import_id = $1 and t.place = d."Place"`, id, packed)
	if err != nil {
		return fmt.Errorf("things of import %d: %w", id, err)
	}
	return nil
}

// SetUndone notes what became of a thing that was taken back. Version is the one
// that it has now: what this import did to it before is taken back from there.
func SetUndone(ctx context.Context, tx postgres.Tx, id int64, it Item, undone string, version int64) error {
	if _, err := tx.Exec(ctx, `update import_things set undone = $3 where import_id = $1 and place = $2`, id, it.Place, undone); err != nil {
		return fmt.Errorf("things of import %d: %w", id, err)
	}
	if version == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `update import_things set version = $4 where import_id = $1 and kind = $2 and row_id = $3 and undone is null`, id, it.Kind, it.RowID, version); err != nil {
		return fmt.Errorf("things of import %d: %w", id, err)
	}
	return nil
}

// Counts are how many things of a kind came out how.
type Counts struct {
	Kind                          Kind
	Added, Changed, Same, Refused int
	Edited                        int // were edited here since the source last said something
	Twins                         int
	Partly                        int // come in without a value that cannot be read
	Waiting                       int // to be imported
	Removed, Restored, Left       int // by an undo
}

// In SQL: whether a thing stays out, and whether something of it does although it comes in.
const (
	refused = `coalesce(done, state) = 'refused'`
	partly  = `coalesce(done, state) <> 'refused' and problems <> '{}'`
)

// QueryCounts adds the counts of an import by kind: by what became of the things
// or, while they wait, by what would.
func QueryCounts(b *postgres.Batch, into *[]Counts, id int64) {
	postgres.Query(b, into, `
		select kind, count(*) filter (where coalesce(done, state) = 'new') as added, count(*) filter (where coalesce(done, state) = 'changed') as changed,
			count(*) filter (where coalesce(done, state) = 'same') as same, count(*) filter (where `+refused+`) as refused,
			count(*) filter (where edited <> '{}') as edited, count(*) filter (where twin <> '') as twins, count(*) filter (where `+partly+`) as partly, count(*) filter (where done is null) as waiting,
			count(*) filter (where undone = 'removed') as removed, count(*) filter (where undone = 'restored') as restored, count(*) filter (where undone = 'left') as "left"
		from import_things where import_id = @id group by kind order by min(place)`, pgx.NamedArgs{"id": id})
}

// Reason is why things are refused: what is said of the first of them, and how many
// there are of which it is said, whichever words of theirs stand in it.
type Reason struct {
	Item
	Field  string
	Things int
	Others int // things of which something else of the same sort is said
}

// mostReasons is how many reasons an import lists.
const mostReasons = 10

// QueryReasons adds why things of an import are refused, what is said most first.
func QueryReasons(b *postgres.Batch, into *[]Reason, id int64) {
	postgres.Query(b, into, `
		with said as (
			select t.place, t.kind, p.key as field, p.value as say, regexp_replace(regexp_replace(p.value, '“[^”]*”', '“”', 'g'), '^.* (in|[Rr]ow) \d+', '') as sort
			from import_things t, jsonb_each_text(t.problems) p where t.import_id = @id and `+refused+`
		), reasons as (
			select kind, field, sort, count(*) as things, min(place) as place, count(*) - count(*) filter (where say = first) as others
			from (select *, first_value(say) over (partition by kind, field, sort order by place) as first from said) s
			group by kind, field, sort order by things desc, place limit @most
		)
		select r.field, r.things, r.others, `+itemColumns+` from reasons r join import_things t on t.import_id = @id and t.place = r.place order by r.things desc, t.place`, pgx.NamedArgs{"id": id, "most": mostReasons})
}

// Orders are the orders of the list of imports.
var Orders = list.Orders{{Key: "created", Expr: "i.created_at", Type: "timestamptz", Desc: true}}

// Show is which imports a list shows.
type Show string

// The imports to choose from.
const (
	ShowAll        Show = ""
	ShowUnfinished Show = "unfinished" // somebody has to go on with them, or the program does
	ShowDone       Show = "done"
	ShowUndone     Show = "undone"
	ShowUnreadable Show = "unreadable"
)

// Shows are all of them, in their order.
var Shows = []Show{ShowAll, ShowUnfinished, ShowDone, ShowUndone, ShowUnreadable}

// QueryList adds a page of the imports, the newest first, and how many there are
// to choose from.
func QueryList(b *postgres.Batch, into *list.Page[Listed], counts *map[Show]int, q list.Query, show Show) {
	source := func(show Show) list.Source {
		s := list.Source{Columns: `i.id, i.name, i.state, i.by_name, i.source, i.progress, i.total, i.created_at`, From: "imports i", ID: "i.id"}
		s.Where.Search("search_vector(i.name, i.by_name, i.source)", q.Search)
		switch show {
		case ShowAll:
		case ShowUnfinished:
			s.Where.And("i.state not in ('done', 'undone', 'unreadable')")
		case ShowDone, ShowUndone, ShowUnreadable:
			s.Where.And(list.Is("i.state", show))
		}
		return s
	}
	list.QueryPage(b, into, q, Orders, source(show))
	*counts = list.QueryCounts(b, Shows, source)
}

// Listed is an import in a list.
type Listed struct {
	ID              int64
	Name            string
	State           State
	ByName          string
	Source          string
	Progress, Total int
	CreatedAt       time.Time
}

// ItemFilter narrows the things of an import.
type ItemFilter struct {
	Import int64
	State  string // new, changed, same, refused; edited, twins, partly, left
	Kind   Kind
}

// ItemOrders are the orders of the list of things.
var ItemOrders = list.Orders{{Key: "place", Expr: "t.place", Type: "bigint"}}

// QueryItems adds a page of the things of an import, in the order of the file.
func QueryItems(b *postgres.Batch, into *list.Page[Item], q list.Query, f ItemFilter) {
	var w list.Where
	w.And("t.import_id = @import", "import", f.Import)
	switch f.State {
	case string(exchange.New), string(exchange.Changed), string(exchange.Same), string(exchange.Refused):
		w.And("coalesce(t.done, t.state) = @state", "state", f.State)
	case "edited":
		w.And("t.edited <> '{}'")
	case "partly":
		w.And(partly)
	case "twins":
		w.And("t.twin <> ''")
	case "left":
		w.And("t.undone = 'left'")
	}
	if f.Kind != "" {
		w.And("t.kind = @kind", "kind", string(f.Kind))
	}
	if searched := strings.TrimSpace(q.Search); searched != "" { // of so many no words are made: it would take a minute
		w.And("strpos(lower(t.label), lower(@searched)) > 0", "searched", searched)
	}
	list.QueryPage(b, into, q, ItemOrders, list.Source{Columns: itemColumns, From: "import_things t", ID: "t.place", Where: w})
}

// RefusedLines are the lines of a table from which something was refused, with
// what is wrong there.
func RefusedLines(ctx context.Context, db postgres.DB, id int64) ([]Item, error) {
	return lines(ctx, db, id, refused)
}

// UnfitLines are those lines, and those of which a value stays out.
func UnfitLines(ctx context.Context, db postgres.DB, id int64) ([]Item, error) {
	return lines(ctx, db, id, refused+" or "+partly)
}

func lines(ctx context.Context, db postgres.DB, id int64, which string) ([]Item, error) {
	return items(ctx, db, `select `+itemColumns+` from import_things t where t.import_id = $1 and (`+which+`) and t.sheet >= 0 order by t.sheet, t.line, t.place`, id)
}

// Remembered is a mapping that was kept under a name.
type Remembered struct {
	ID      int64
	Name    string
	Source  string
	Mapping Mapping
}

// FindRemembered is the newest mapping kept for tables with the same heads, or
// the one of a name if there is one; none is apperr.NotFound.
func FindRemembered(ctx context.Context, db postgres.DB, name, heads string) (m Remembered, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.QueryOne(b, &m, `
			select id, name, source, mapping from import_mappings where (@name = '' and md5(heads) = md5(@heads) and heads = @heads) or (@name <> '' and lower(name) = lower(@name))
			order by updated_at desc limit 1`, pgx.NamedArgs{"name": name, "heads": heads})
	})
	return m, err
}

// FreeName is a name under which a mapping for these tables can be kept that nobody has
// named: many programs call their files alike, and none takes the place of another's.
func FreeName(ctx context.Context, db postgres.DB, name string, tables []Table) (string, error) {
	name = string([]rune(name)[:min(90, len([]rune(name)))])
	for n := 1; ; n++ {
		free := name
		if n > 1 {
			free += " (" + itoa(n) + ")"
		}
		var other bool
		if err := db.QueryRow(ctx, `select exists (select from import_mappings where lower(name) = lower($1) and heads <> $2)`, free, Fingerprint(tables)).Scan(&other); err != nil {
			return "", fmt.Errorf("a name for a mapping: %w", err)
		}
		if !other {
			return free, nil
		}
	}
}

// Remember keeps a mapping under a name; one of the same name is replaced.
func Remember(ctx context.Context, tx postgres.Tx, name string, i Import, by string) error {
	_, err := tx.Exec(ctx, `
		insert into import_mappings (name, heads, source, mapping, by_name) values ($1, $2, $3, $4, $5)
		on conflict (lower(name)) do update set name = excluded.name, heads = excluded.heads, source = excluded.source, mapping = excluded.mapping, by_name = excluded.by_name, updated_at = now()`,
		name, Fingerprint(i.Tables), i.Source, i.Mapping, by)
	if err != nil {
		return fmt.Errorf("remember a mapping: %w", err)
	}
	_, err = tx.Exec(ctx, `update imports set mapping_name = $2 where id = $1`, i.ID, name)
	if err != nil {
		return fmt.Errorf("remember a mapping: %w", err)
	}
	return nil
}

// Know tells a reader of what is here already: sites, by which jobs find them,
// contacts with their addresses, and the numbers of equipment.
func (r *Reader) Know(ctx context.Context, db postgres.DB) error {
	err := each(ctx, db, `
		select c.name, c.number, s.name, coalesce(s.address->>'line1', ''), exists (select from external_ids x where x.kind = 'sites' and x.row_id = s.id and x.source = $1)
			and not exists (select from customers o where lower(o.name) = lower(s.name))
		from sites s join customers c on c.id = s.customer_id where s.archived_at is null limit 500000`, func(of [4]string, theirs bool) {
		r.knowPlace(of[0], of[2], of[3])
		r.knowPlace(of[1], of[2], of[3])
		if theirs {
			r.knowSite(of[0], of[2])
		}
	}, r.source)
	if err == nil && (r.makes(Jobs) || r.makes(Quotes)) {
		err = each(ctx, db, `select c.name, c.number, '', coalesce(c.street->>'line1', ''), true from customers c limit 500000`, func(of [4]string, _ bool) {
			r.knowHome(of[0], of[3])
			r.knowHome(of[1], of[3])
		})
	}
	if err == nil && r.makes(Contacts) {
		err = each(ctx, db, `
			select c.name, c.number, said.name, k.email, true from contacts k join customers c on c.id = k.customer_id cross join lateral (
				select k.name as name, 0 as place union all select coalesce(x.said->>'name', k.name), 1 from external_ids x where x.kind = 'contacts' and x.row_id = k.id and x.source = $1) said
			where k.archived_at is null and k.erased_at is null and k.email <> '' order by said.place limit 500000`, func(of [4]string, _ bool) {
			r.knowContact(of[0], of[2], of[3])
			r.knowContact(of[1], of[2], of[3])
		}, r.source)
	}
	if err == nil && r.makes(Equipment) {
		err = each(ctx, db, `select c.name, c.number, coalesce(s.name, ''), e.number, true from equipment e join customers c on c.id = e.customer_id left join sites s on s.id = e.site_id limit 500000`, func(of [4]string, _ bool) {
			r.knowUnit(of[0], of[2], of[3])
			r.knowUnit(of[1], of[2], of[3])
		})
	}
	return err
}

// each goes through rows of four texts and a yes or no.
func each(ctx context.Context, db postgres.DB, sql string, do func(of [4]string, is bool), args ...any) error {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("what is here already: %w", err)
	}
	var (
		of [4]string
		is bool
	)
	_, err = pgx.ForEachRow(rows, []any{&of[0], &of[1], &of[2], &of[3], &is}, func() error { do(of, is); return nil })
	if err != nil {
		return fmt.Errorf("what is here already: %w", err)
	}
	return nil
}

// ForgetOld removes imports that are older than KeptDays, with their rows, and
// exports, which may be large, that nobody imported within UndoDays. Their files
// go with the next sweep of storage.
func ForgetOld(ctx context.Context, db postgres.Tx) (int64, error) {
	tag, err := db.Exec(ctx, `delete from imports where created_at < now() - make_interval(days => $1) or kind = 'export' and blob_key <> '' and created_at < now() - make_interval(days => $2)`, KeptDays, UndoDays)
	if err != nil {
		return 0, fmt.Errorf("forget old imports: %w", err)
	}
	return tag.RowsAffected(), nil
}

// InQueue reports whether the program that serves goes on with an import by itself.
func InQueue(ctx context.Context, db postgres.DB, id int64) (is bool, err error) {
	if err := db.QueryRow(ctx, `select exists (select from river_job j where `+worked+` and (j.args->>'import')::bigint = $1)`, id).Scan(&is); err != nil {
		return false, fmt.Errorf("who works on import %d: %w", id, err)
	}
	return is, nil
}

// worked is in SQL whether a job works on an import, or will.
const worked = `j.kind = 'work_import' and j.state in ('available', 'pending', 'retryable', 'running', 'scheduled')`

// Lost are imports in which something is to be done and nobody does it.
func Lost(ctx context.Context, tx postgres.Tx) ([]int64, error) {
	rows, err := tx.Query(ctx, `
		select i.id from imports i where i.state in ('reading', 'checking', 'running', 'undoing') and i.updated_at < now() - interval '10 minutes' and not exists (
			select from river_job j where `+worked+` and (j.args->>'import')::bigint = i.id)
		order by i.id for update of i skip locked`)
	if err != nil {
		return nil, fmt.Errorf("imports that nobody works on: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("imports that nobody works on: %w", err)
	}
	return ids, nil
}
