package fileimport

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// State is how far an import is.
type State string

// The states. What is looked at or added goes on by itself, whatever breaks off.
const (
	Looking State = "looking"
	Ready   State = "ready"
	Adding  State = "adding"
	Done    State = "done"
	Failed  State = "failed"
	Undoing State = "undoing"
	Undone  State = "undone"
)

// Working reports whether it goes on by itself.
func (s State) Working() bool { return s == Looking || s == Adding || s == Undoing }

// UndoFor is how long an import can be taken back.
const UndoFor = 14 * 24 * time.Hour

// waitsFor is how long a zip waits that nobody has said yes to, and keptFor how
// long what became of an import can be read.
const (
	waitsFor = 7 * 24 * time.Hour
	keptFor  = 365 * 24 * time.Hour
	// lostAfter is when a command that was broken off will not be run again.
	lostAfter = 24 * time.Hour
)

// Import is photos and documents that are imported together.
type Import struct {
	ID         int64
	Name       string
	BlobKey    string
	Size       int64
	State      State
	Words      string // what hinders it, or why it failed
	Entries    int
	StaffID    int64
	Staff      string
	CreatedAt  time.Time
	StartedAt  *time.Time
	FinishedAt *time.Time
	UndoneAt   *time.Time
	UndoneByID int64
	UndoneBy   string
}

// ByHand reports whether it came in by the command line.
func (i Import) ByHand() bool { return i.Size == 0 && i.BlobKey == "" }

// MayUndo reports whether it can be taken back at a time.
func (i Import) MayUndo(now time.Time) bool {
	return i.State == Done && i.FinishedAt != nil && now.Sub(*i.FinishedAt) < UndoFor
}

// ItemState is what becomes of a file.
type ItemState string

// The states of a file.
const (
	Fits      ItemState = "fits"     // it is taken when all is added
	Added     ItemState = "added"    // it is there
	Known     ItemState = "known"    // the same bytes are there already
	Refused   ItemState = "refused"  // Reason says why
	LeftOut   ItemState = "left out" // it is none of the owner's files
	TakenBack ItemState = "undone"
	Kept      ItemState = "kept" // it was not taken back: Reason says why
)

// Item is a file of an import.
type Item struct {
	Place        int
	Path         string
	Record       string
	Caption      string
	Taken        *time.Time
	Shown        bool
	Size         int64
	State        ItemState
	Reason       string
	AttachmentID *int64
}

const columns = `i.id, i.name, i.blob_key, i.size, i.state, i.words, i.entries, i.staff_id, s.name as staff, i.created_at, i.started_at, i.finished_at, i.undone_at, coalesce(i.undone_by_id, 0) as undone_by_id, coalesce(u.name, '') as undone_by`

const table = `file_imports i join staff s on s.id = i.staff_id left join staff u on u.id = i.undone_by_id`

// New is an import to begin.
type New struct {
	Name    string
	BlobKey string
	Size    int64
	Staff   int64
	Nonce   string
}

// Create begins an import. A form sent twice begins one; created is then false.
func Create(ctx context.Context, tx postgres.Tx, n New) (id int64, created bool, err error) {
	args := pgx.NamedArgs{"name": n.Name, "key": n.BlobKey, "size": n.Size, "staff": n.Staff, "nonce": n.Nonce}
	err = tx.QueryRow(ctx, `
		insert into file_imports (name, blob_key, size, staff_id, nonce) values (@name, @key, @size, @staff, nullif(@nonce, ''))
		on conflict on constraint file_import_sent_twice do nothing returning id`, args).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = tx.QueryRow(ctx, `select id from file_imports where nonce = @nonce`, args).Scan(&id)
		return id, false, err
	}
	if err != nil {
		return 0, false, fmt.Errorf("begin an import of files: %w", err)
	}
	return id, true, nil
}

// Find is an import, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (i Import, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryImport(b, &i, id) })
	return i, err
}

// QueryImport is Find in a batch.
func QueryImport(b *postgres.Batch, into *Import, id int64) {
	postgres.QueryOne(b, into, `select `+columns+` from `+table+` where i.id = @id`, pgx.NamedArgs{"id": id})
}

// Lock is Find for whoever changes it.
func Lock(ctx context.Context, tx postgres.Tx, id int64) (i Import, err error) {
	if _, err := tx.Exec(ctx, `select from file_imports where id = $1 for no key update`, id); err != nil {
		return i, fmt.Errorf("lock import %d: %w", id, err)
	}
	return Find(ctx, tx, id)
}

// Orders sort imports.
var Orders = list.Orders{{Key: "newest", Expr: "i.created_at", Type: "timestamptz", Desc: true}}

// Row is an import in a list, with how many files it has of each state that counts.
type Row struct {
	Import
	Added, Refused int
}

// QueryList adds a query for a page of imports.
func QueryList(b *postgres.Batch, into *list.Page[Row], q list.Query) {
	list.QueryPage(b, into, q, Orders, list.Source{From: table, ID: "i.id", Columns: columns + `,
		(select count(*) from file_import_items f where f.import_id = i.id and f.state = 'added') as added, (select count(*) from file_import_items f where f.import_id = i.id and f.state = 'refused') as refused`})
}

// Count is how many files are of a state, and their bytes.
type Count struct {
	State ItemState
	Files int
	Bytes int64
}

// QueryCounts adds a query for how many files of an import are of each state.
func QueryCounts(b *postgres.Batch, into *[]Count, id int64) {
	postgres.Query(b, into, `select state, count(*)::int as files, sum(size)::bigint as bytes from file_import_items where import_id = @id group by state`, pgx.NamedArgs{"id": id})
}

// ItemOrders sort the files of an import.
var ItemOrders = list.Orders{{Key: "place", Expr: "f.place", Type: "bigint"}}

// QueryItems adds a query for a page of an import's files, of one state or "".
func QueryItems(b *postgres.Batch, into *list.Page[Item], q list.Query, id int64, state ItemState) {
	s := list.Source{From: "file_import_items f", ID: "f.place", Columns: `f.place, f.path, f.record, f.caption, f.taken, f.shown, f.size, f.state, f.reason, f.attachment_id`}
	s.Where.And("f.import_id = @import", "import", id)
	if state != "" {
		s.Where.And("f.state = @state", "state", state)
	}
	if searched := strings.TrimSpace(q.Search); searched != "" {
		s.Where.And("strpos(lower(f.path || ' ' || f.record), lower(@searched)) > 0", "searched", searched)
	}
	list.QueryPage(b, into, q, ItemOrders, s)
}

// NextItems are the first files of a state from a place on.
func NextItems(ctx context.Context, db postgres.DB, id int64, state ItemState, from, most int) (items []Item, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.Query(b, &items, `select place, path, record, caption, taken, shown, size, state, reason, attachment_id from file_import_items where import_id = @id and state = @state and place >= @from order by place limit @most`,
			pgx.NamedArgs{"id": id, "state": state, "from": from, "most": most})
	})
	if err != nil {
		return nil, fmt.Errorf("read the files of import %d: %w", id, err)
	}
	return items, nil
}

// LastPlace is the place of the last file that was looked at; -1 for none.
func LastPlace(ctx context.Context, db postgres.DB, id int64) (place int, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.QueryValue(b, &place, `select coalesce((select place from file_import_items where import_id = @id order by place desc limit 1), -1)`, pgx.NamedArgs{"id": id})
	})
	if err != nil {
		return 0, fmt.Errorf("ask how far import %d was looked through: %w", id, err)
	}
	return place, nil
}

// AddItems notes what was found of files.
func AddItems(ctx context.Context, tx postgres.Tx, id int64, items []Item) error {
	rows := make([][]any, len(items))
	for n, i := range items {
		rows[n] = []any{id, i.Place, i.Path, i.Record, i.Caption, i.Taken, i.Shown, i.Size, string(i.State), i.Reason}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"file_import_items"}, []string{"import_id", "place", "path", "record", "caption", "taken", "shown", "size", "state", "reason"}, pgx.CopyFromRows(rows))
	if err != nil {
		return fmt.Errorf("note the files of import %d: %w", id, err)
	}
	return nil
}

// SetItem notes what became of a file that was of state before; it reports false
// when it was not any more.
func SetItem(ctx context.Context, tx postgres.Tx, id int64, place int, before, now ItemState, reason string, attachment int64) (set bool, err error) {
	tag, err := tx.Exec(ctx, `
		update file_import_items set state = @now, reason = @reason, attachment_id = coalesce(nullif(@attachment::bigint, 0), attachment_id)
		where import_id = @id and place = @place and state = @before`,
		pgx.NamedArgs{"id": id, "place": place, "before": before, "now": now, "reason": reason, "attachment": attachment})
	if err != nil {
		return false, fmt.Errorf("note what became of a file of import %d: %w", id, err)
	}
	return tag.RowsAffected() == 1, nil
}

// SetEntries notes how many files there are.
func SetEntries(ctx context.Context, tx postgres.Tx, id int64, n int) error {
	return set(ctx, tx, id, `entries = @n`, pgx.NamedArgs{"n": n})
}

// SetWords notes what hinders an import at present; "" when nothing does.
func SetWords(ctx context.Context, tx postgres.Tx, id int64, words string) error {
	return set(ctx, tx, id, `words = @words`, pgx.NamedArgs{"words": words})
}

// SetState moves an import on. Of one that has ended with it the zip is no longer
// named, and is forgotten by whoever knows its key; an archive at the server may be
// imported anew.
func SetState(ctx context.Context, tx postgres.Tx, id int64, s State, words string) error {
	return set(ctx, tx, id, `state = @state, words = @words,
		started_at = case when @state = 'adding' then now() else started_at end,
		finished_at = case when @state = 'done' then now() else finished_at end,
		undone_at = case when @state = 'undone' then now() end,
		blob_key = case when @state in ('done', 'failed') then '' else blob_key end,
		nonce = case when blob_key <> '' or @state not in ('done', 'failed') then nonce end`, pgx.NamedArgs{"state": s, "words": words})
}

// SetUndoing begins to take an import back.
func SetUndoing(ctx context.Context, tx postgres.Tx, id, staff int64) error {
	return set(ctx, tx, id, `state = 'undoing', words = '', undone_by_id = @staff`, pgx.NamedArgs{"staff": staff})
}

func set(ctx context.Context, tx postgres.Tx, id int64, what string, args pgx.NamedArgs) error {
	args["id"] = id
	if _, err := tx.Exec(ctx, `update file_imports set `+what+` where id = @id`, args); err != nil {
		return fmt.Errorf("change import %d: %w", id, err)
	}
	return nil
}

// Remove forgets an import of which nothing was added.
func Remove(ctx context.Context, tx postgres.Tx, id int64) error {
	tag, err := tx.Exec(ctx, `delete from file_imports where id = $1 and state in ('looking', 'ready', 'failed')`, id)
	if err != nil {
		return fmt.Errorf("forget import %d: %w", id, err)
	}
	if tag.RowsAffected() == 0 {
		return apperr.NotFound
	}
	return nil
}

// Removable are the files of an import that are as they came, and the others,
// with why they stay.
type Removable struct {
	Place    int
	PublicID string
	Stays    string
}

// FindRemovable looks at the next files that an import has added: what somebody
// has shared, hidden, described or sorted since stays. It locks them.
func FindRemovable(ctx context.Context, tx postgres.Tx, id int64, most int) (files []Removable, err error) {
	err = postgres.Read(ctx, tx, func(b *postgres.Batch) {
		postgres.Query(b, &files, `
			select f.place, coalesce(a.public_id, '') as public_id,
				case when a.id is null or a.removed_at is not null then 'It was removed already.'
					when a.customer_view and not f.shown then 'It was made viewable for the customer since.'
					when f.shown and not a.customer_view then 'It was hidden from the customer since.'
					when a.caption <> f.caption then 'Its caption was changed since.'
					when a.document_kind_id is not null or a.valid_until is not null then 'It was said since what document it is.'
					else '' end as stays
			from file_import_items f left join attachments a on a.id = f.attachment_id
			where f.import_id = @id and f.state = 'added' order by f.place limit @most for no key update of f`,
			pgx.NamedArgs{"id": id, "most": most})
	})
	if err != nil {
		return nil, fmt.Errorf("find what import %d has added: %w", id, err)
	}
	return files, nil
}

// Waiting are imports that should go on and have no job to.
func Waiting(ctx context.Context, db postgres.DB, noJob string) (ids []int64, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.QueryValues(b, &ids, `select i.id from file_imports i where (i.state = 'looking' and i.blob_key <> '' or i.state = 'adding' and i.blob_key <> '' or i.state = 'undoing') and `+noJob+` order by i.id`, nil)
	})
	if err != nil {
		return nil, fmt.Errorf("find imports to go on with: %w", err)
	}
	return ids, nil
}

// EndLost ends imports at the server whose command was broken off and not run again,
// so that what it has added can be undone.
func EndLost(ctx context.Context, tx postgres.Tx) error {
	_, err := tx.Exec(ctx, `
		update file_imports set state = 'done', finished_at = now(), nonce = null, words = 'The command was broken off. Run it again to add the rest: what is there is not added twice.'
		where state = 'adding' and blob_key = '' and size = 0 and started_at < now() - @after::interval`, pgx.NamedArgs{"after": lostAfter})
	if err != nil {
		return fmt.Errorf("end imports that were broken off: %w", err)
	}
	return nil
}

// Sweep forgets zips that nobody has said yes to, and imports of long ago.
// Returned are the keys of bytes that nothing names any more.
func Sweep(ctx context.Context, tx postgres.Tx) (keys []string, err error) {
	rows, err := tx.Query(ctx, `
		with old as (delete from file_imports where state in ('looking', 'ready', 'failed') and created_at < now() - @waits::interval
			or state in ('done', 'undone') and created_at < now() - @kept::interval returning blob_key)
		select blob_key from old where blob_key <> ''`, pgx.NamedArgs{"waits": waitsFor, "kept": keptFor})
	if err != nil {
		return nil, fmt.Errorf("forget old imports of files: %w", err)
	}
	if keys, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return nil, fmt.Errorf("forget old imports of files: %w", err)
	}
	return keys, nil
}
