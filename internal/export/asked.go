package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/storage"
)

// KeptDays is how long an export can be downloaded.
const KeptDays = 7

// State is how far an export is that somebody asked for.
type State string

// The states.
const (
	Waiting State = "waiting"
	Running State = "running"
	Ready   State = "ready"
	Failed  State = "failed"
	Removed State = "removed"
)

// Making reports whether it is still being made.
func (s State) Making() bool { return s == Waiting || s == Running }

// Asked is an export that somebody asked for.
type Asked struct {
	ID       int64
	Kind     Form
	Files    bool
	State    State
	AskedAt  time.Time
	AskedBy  string
	EndedAt  *time.Time
	Moment   *time.Time // of the tables
	Done, Of int64
	Doing    string
	Problem  string
	BlobKey  string
	Size     int64
	Sum      string
	Missing  int64 // files that storage did not have
}

// Percent is how much is done.
func (a Asked) Percent() int {
	if a.Of == 0 {
		return 0
	}
	return int(min(99, a.Done*100/a.Of))
}

// Make is the work of making an export.
type Make struct {
	Export int64 `json:"export"`
}

// Kind is make_export.
func (Make) Kind() string { return "make_export" }

// Lane is one of its own.
func (Make) Lane() queue.Lane { return queue.Exports }

// New is what is asked for.
type New struct {
	Form  Form
	Files bool
	Nonce string
}

// Field is the description of each field of the form.
var Field = struct{ Form, Files problem.Field }{
	Form:  problem.Field{Name: "form", Label: "Tables as"},
	Files: problem.Field{Name: "files", Label: "With files"},
}

// Ask asks for an export. While one is being made there is no other.
func Ask(ctx context.Context, tx postgres.Tx, by audit.Actor, q *queue.Client, n New) error {
	p := problem.Set{}
	p.Unless(n.Form == AsExcel || n.Form == AsCSV, Field.Form.Name, "Choose Excel or CSV.")
	if err := p.Err(); err != nil {
		return err
	}
	var id int64
	err := tx.QueryRow(ctx, `
		insert into exports (kind, files, asked_by_id, asked_by, nonce) values (@kind, @files, nullif(@staff::bigint, 0), @name, nullif(@nonce, ''))
		on conflict on constraint export_sent_twice do nothing returning id`,
		pgx.NamedArgs{"kind": n.Form, "files": n.Files, "staff": by.Staff, "name": by.Name, "nonce": n.Nonce}).Scan(&id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case postgres.Constraint(err) == "export_one_at_a_time":
		return apperr.Conflictf("An export is being made already. Wait for it, or stop it first.")
	case err != nil:
		return fmt.Errorf("ask for an export: %w", err)
	}
	if err := q.Insert(ctx, tx, Make{Export: id}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.AllExported, ID: id, Label: "Everything", After: map[string]any{"tables": n.Form, "files": n.Files}})
}

const columns = `e.id, e.kind, e.files, e.state, e.asked_at, e.asked_by, e.ended_at, e.moment, e.done, e.of, e.doing, e.problem, e.blob_key, e.size, e.sum, e.missing`

// Orders are the ways to sort exports.
var Orders = list.Orders{
	{Key: "asked", Expr: "e.asked_at", Type: "timestamptz", Desc: true},
	{Key: "size", Expr: "e.size", Type: "bigint", Desc: true},
}

// Show is which exports a list shows.
type Show string

// The exports to choose from.
const (
	ShowAll     Show = ""
	ShowReady   Show = "ready"
	ShowFailed  Show = "failed"
	ShowRemoved Show = "removed"
)

// Shows are all of them, in their order.
var Shows = []Show{ShowAll, ShowReady, ShowFailed, ShowRemoved}

// QueryList adds a page of the exports, and how many there are to choose from.
func QueryList(b *postgres.Batch, into *list.Page[Asked], counts *map[Show]int, q list.Query, show Show) {
	source := func(show Show) list.Source {
		s := list.Source{Columns: columns, From: "exports e", ID: "e.id"}
		s.Where.Search("search_vector(e.asked_by, case e.kind when 'xlsx' then 'Excel xlsx' else 'CSV' end)", q.Search)
		if show != ShowAll {
			s.Where.And(list.Is("e.state", show))
		}
		return s
	}
	list.QueryPage(b, into, q, Orders, source(show))
	*counts = list.QueryCounts(b, Shows, source)
}

// QueryNewest adds a query for the one that was asked for last: none, or one. While
// an export is being made it is that one.
func QueryNewest(b *postgres.Batch, into *[]Asked) {
	postgres.Query(b, into, `select `+columns+` from exports e order by e.asked_at desc, e.id desc limit 1`, nil)
}

// FilesSize adds a query for how much the files come to.
func FilesSize(b *postgres.Batch, into *int64) {
	postgres.QueryValue(b, into, `select coalesce(sum(bytes), 0)::bigint from stored_files`, nil)
}

// opened is how long somebody may download an export after a proof: as long as a
// large one may take, broken off now and then.
const opened = `interval '24 hours'`

// Open lets a member of staff download an export, and says so in the trail.
func Open(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	var asked time.Time
	err := tx.QueryRow(ctx, `select asked_at from exports where id = $1 and state = 'ready'`, id).Scan(&asked)
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.NotFound
	}
	if err != nil {
		return fmt.Errorf("find an export: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into export_openings (export_id, staff_id) values ($1, $2) on conflict (export_id, staff_id) do update set at = now()`, id, by.Staff)
	if err != nil {
		return fmt.Errorf("open an export: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.ExportDownloaded, ID: id, Label: asked.UTC().Format("2 January 2006")})
}

// Opened is an export that a member of staff has opened for download; else
// apperr.NotFound.
func Opened(ctx context.Context, db postgres.DB, id, member int64) (a Asked, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.QueryOne(b, &a, `select `+columns+` from exports e where id = @id and state = 'ready'
			and exists (select from export_openings o where o.export_id = e.id and o.staff_id = @staff and o.at > now() - `+opened+`)`, pgx.NamedArgs{"id": id, "staff": member})
	})
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return a, fmt.Errorf("find an export: %w", err)
	}
	return a, err
}

// Remove removes an export, or stops one that is being made. It returns the key of
// what the store can forget, if there is one.
func Remove(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (key string, err error) {
	var state State
	err = tx.QueryRow(ctx, `select state, blob_key from exports where id = $1 for update`, id).Scan(&state, &key)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", apperr.NotFound
	}
	if err != nil {
		return "", fmt.Errorf("remove an export: %w", err)
	}
	if state == Removed {
		return "", nil
	}
	if _, err := tx.Exec(ctx, `update exports set state = 'removed', blob_key = '', ended_at = coalesce(ended_at, now()) where id = $1`, id); err != nil {
		return "", fmt.Errorf("remove an export: %w", err)
	}
	return key, audit.Record(ctx, tx, by, audit.New{Action: audit.ExportRemoved, ID: id, Label: "Everything"})
}

// Sweep removes exports that are older than they are kept, and gives up those that
// nothing makes any more.
func Sweep(ctx context.Context, pool *pgxpool.Pool, store *storage.Store) error {
	rows, err := pool.Query(ctx, `
		with old as (select id, blob_key from exports where state = 'ready' and ended_at < now() - make_interval(days => $1) for update skip locked)
		update exports e set state = 'removed', blob_key = '' from old where e.id = old.id returning old.blob_key`, KeptDays)
	if err != nil {
		return fmt.Errorf("remove old exports: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("remove old exports: %w", err)
	}
	store.Forget(ctx, nil, keys...)
	_, err = pool.Exec(ctx, `
		update exports e set state = 'failed', ended_at = now(), problem = $1
		where state in ('waiting', 'running') and asked_at < now() - interval '5 minutes' and `+queue.NoJob(Make{}.Kind(), "export", "e.id"), gaveUp)
	if err != nil {
		return fmt.Errorf("give up exports that nothing makes: %w", err)
	}
	return nil
}

const gaveUp = "It was tried again and again, and could not be made. The log of the program says why."

// errStopped says that somebody stopped the export.
var errStopped = errors.New("stopped")

// Maker makes exports that were asked for.
type Maker struct {
	Source
	Files *storage.Store
	Log   *slog.Logger
}

// Make makes one. What was broken off, as by a restart, begins anew. A full disk
// is said to whoever asked and not tried again.
func (m Maker) Make(ctx context.Context, id int64) error {
	tag, err := m.Pool.Exec(ctx, `update exports set state = 'running', begun_at = now(), done = 0, doing = '' where id = $1 and state in ('waiting', 'running')`, id)
	if err != nil {
		return fmt.Errorf("begin an export: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil // stopped, or made by another try
	}
	err = m.make(ctx, id)
	switch {
	case err == nil, errors.Is(err, errStopped):
		return nil
	case full(err):
		m.Log.ErrorContext(ctx, "an export was not made", "export", id, "error", err)
		return m.fail(ctx, id, "There is not enough space on the server for it, neither for its files in the temporary folder nor in storage. Make room, or export the tables alone.")
	case ctx.Err() == nil:
		if _, e := m.Pool.Exec(ctx, `update exports set doing = 'Something went wrong, and it is tried again' where id = $1 and state = 'running'`, id); e != nil {
			return errors.Join(err, e)
		}
	}
	return err
}

func full(err error) bool {
	trouble, ok := errors.AsType[blob.Trouble](err)
	return errors.Is(err, syscall.ENOSPC) || (ok && trouble.Kind == blob.Full)
}

func (m Maker) fail(ctx context.Context, id int64, why string) error {
	_, err := m.Pool.Exec(ctx, `update exports set state = 'failed', ended_at = now(), problem = $2 where id = $1 and state = 'running'`, id, why)
	if err != nil {
		return fmt.Errorf("say that an export failed: %w", err)
	}
	return nil
}

func (m Maker) make(ctx context.Context, id int64) (err error) {
	var n New
	if err := m.Pool.QueryRow(ctx, `select kind, files from exports where id = $1`, id).Scan(&n.Form, &n.Files); err != nil {
		return fmt.Errorf("what an export is of: %w", err)
	}
	// The store wants to know the size first.
	archive, err := os.CreateTemp("", storage.Temporary+"export-*.zip")
	if err != nil {
		return fmt.Errorf("make room for an export: %w", err)
	}
	defer func() { err = errors.Join(err, archive.Close(), os.Remove(archive.Name())) }()
	sum := sha256.New()
	said := time.Time{}
	manifest, err := Write(ctx, io.MultiWriter(archive, sum), m.Source, Options{Form: n.Form, Files: n.Files, Say: func(p Progress) error {
		if time.Since(said) < time.Second {
			return nil
		}
		said = time.Now()
		return m.say(ctx, id, p)
	}})
	if err != nil {
		return err
	}
	size, err := archive.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = archive.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("read an export: %w", err)
	}
	if err := m.say(ctx, id, Progress{Doing: "Putting it into storage", Done: 1, Of: 1}); err != nil {
		return err
	}
	key := blob.NewKey()
	err = m.Files.Put(ctx, key, archive, size, "application/zip")
	if err == nil {
		var tag interface{ RowsAffected() int64 }
		tag, err = m.Pool.Exec(ctx, `
			update exports set state = 'ready', ended_at = now(), moment = @moment, blob_key = @key, size = @size, sum = @sum, missing = @missing, doing = '', done = of
			where id = @id and state = 'running'`, pgx.NamedArgs{
			"id": id, "moment": manifest.Moment, "key": key, "size": size, "sum": hex.EncodeToString(sum.Sum(nil)), "missing": len(manifest.Missing),
		})
		if err == nil && tag.RowsAffected() == 0 {
			err = errStopped
		}
	}
	if err != nil {
		m.Files.Forget(ctx, err, key)
		return fmt.Errorf("keep an export: %w", err)
	}
	return nil
}

func (m Maker) say(ctx context.Context, id int64, p Progress) error {
	tag, err := m.Pool.Exec(ctx, `update exports set done = $2, of = $3, doing = $4 where id = $1 and state = 'running'`, id, p.Done, p.Of, p.Doing)
	if err != nil {
		return fmt.Errorf("say how far an export is: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errStopped
	}
	return nil
}
