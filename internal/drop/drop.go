// Package drop imports files that another system puts into a folder or a bucket,
// for systems that can only write a file each night. It waits until a file is
// whole, has it imported once, and moves it out of the way with a report of what
// became of it.
package drop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/postgres"
)

// File is a file that is whole, to be imported.
type File struct {
	Name    string // customers.csv
	Mapping string // the folder that it lay in: how it is to be read; "" for whatever its heads say
	Digest  string // of its bytes: whoever imports it remembers it, and does not import it twice
	Size    int64
	// Content is its bytes. They are read when somebody asks for them: whoever only
	// looks how far it has come does without.
	Content func() (io.ReaderAt, error)
}

// Report is what became of a file.
type Report struct {
	Refused bool // it could not be read, and nothing of it was imported
	Text    string
}

// Importer imports a file. What is wrong with the file is a Report; an error says
// that it could not be tried, and it is tried again. ErrLater says that it goes on
// behind.
type Importer interface {
	Import(ctx context.Context, f File) (Report, error)
}

// ErrLater says that a file is being imported, and to ask again.
var ErrLater = errors.New("still being imported")

// MaxSize is how large a file may be.
const MaxSize = 100 << 20

// Watcher looks at a place. Several copies of the program may: a file is taken by
// one of them.
type Watcher struct {
	Pool   *pgxpool.Pool
	Place  Place
	Import Importer
	// Tell tells people of what became of a file, in the transaction that notes it.
	Tell func(ctx context.Context, tx postgres.Tx, name string, r Report) error
	Log  *slog.Logger
	// Still is for how long a file has not changed before it is taken to be whole.
	Still time.Duration
}

// lease is for how long a file is left to the copy that has taken it.
const lease = 15 * time.Minute

// known is what is known of a file that lies there.
type known struct {
	ID       int64
	Path     string
	Size     int64
	Modified time.Time
	State    string
	Digest   string
	Report   string
	Gone     bool // it does not lie there any more, while it is being imported
}

const columns = `id, path, size, modified, state, digest, report, moved_at is not null as gone`

// Look looks once: at files that are new, that have become whole, and that somebody
// has left half done.
func (w Watcher) Look(ctx context.Context) error {
	files, err := w.Place.List(ctx)
	if err != nil {
		return fmt.Errorf("look at the drop folder: %w", err)
	}
	there := []string{}
	for _, f := range files {
		if !ignored(f.Path) {
			there = append(there, f.Path)
		}
	}
	// What was moved before its row said so, or taken away by somebody.
	_, err = w.Pool.Exec(ctx, `
		update drop_files set moved_at = now() where moved_at is null and not path = any($1) and (state <> 'importing' or claimed_at < now() - $2::interval)`, there, lease)
	if err != nil {
		return fmt.Errorf("forget files of the drop folder: %w", err)
	}
	var failed error
	for _, f := range files {
		if ignored(f.Path) {
			continue
		}
		if err := w.one(ctx, f); err != nil { // the next ones are looked at all the same
			w.Log.ErrorContext(ctx, "a file of the drop folder was not imported", "file", f.Path, "error", err)
			failed = errors.Join(failed, err)
		}
	}
	return errors.Join(failed, w.finish(ctx))
}

// finish goes on with files that were replaced by others of their names, or taken
// away, while they were being imported: what was read of them comes in all the same.
func (w Watcher) finish(ctx context.Context) error {
	rows, err := w.Pool.Query(ctx, `
		update drop_files set claimed_at = now() where id in (
			select id from drop_files where state = 'importing' and moved_at is not null and claimed_at < now() - $1::interval order by id for update skip locked)
		returning `+columns, lease)
	if err != nil {
		return fmt.Errorf("look for files that are gone: %w", err)
	}
	gone, err := pgx.CollectRows(rows, pgx.RowToStructByName[known])
	if err != nil {
		return fmt.Errorf("look for files that are gone: %w", err)
	}
	for _, k := range gone {
		err = errors.Join(err, w.work(ctx, k))
	}
	return err
}

// ignored are files that are not whole yet, those of the operating system, and what
// was dealt with.
func ignored(p string) bool {
	parts := strings.Split(p, "/")
	name := parts[len(parts)-1]
	if len(parts) > 2 || len(parts) == 2 && (parts[0] == doneFolder || parts[0] == refusedFolder || strings.HasPrefix(parts[0], ".")) {
		return true
	}
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") {
		return true
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".part", ".tmp", ".temp", ".filepart", ".crdownload", ".partial":
		return true
	}
	return false
}

// one deals with one file that lies there.
func (w Watcher) one(ctx context.Context, f Found) error {
	k, mine, err := w.take(ctx, f)
	if err != nil || !mine {
		return err
	}
	if k.State == "done" || k.State == "refused" { // noted and not moved
		return w.away(ctx, k)
	}
	return w.work(ctx, k)
}

// work does one step with a file that this copy has taken.
func (w Watcher) work(ctx context.Context, k known) error {
	r, digest, err := w.bring(ctx, k)
	switch {
	case errors.Is(err, ErrLater):
		k.Digest = digest
		return w.release(ctx, k, "importing")
	case errors.Is(err, errChanged):
		return w.release(ctx, k, "seen")
	case err != nil:
		return errors.Join(err, w.release(ctx, k, "seen"))
	}
	k.State, k.Report, k.Digest = "done", r.Text, digest
	if r.Refused {
		k.State = "refused"
	}
	err = postgres.Transact(ctx, w.Pool, func(tx postgres.Tx) error {
		tag, err := tx.Exec(ctx, `update drop_files set state = $2, report = $3, digest = $4, finished_at = now() where id = $1 and state = 'importing'`, k.ID, k.State, k.Report, digest)
		if err != nil {
			return fmt.Errorf("note what became of a file: %w", err)
		}
		if tag.RowsAffected() == 0 || w.Tell == nil {
			return nil
		}
		return w.Tell(ctx, tx, path.Base(k.Path), r)
	})
	if err != nil {
		return err
	}
	return w.away(ctx, k)
}

// take notes a file and reports whether it is this copy's to deal with now: because
// it has not changed for a while, or because it was left half done.
func (w Watcher) take(ctx context.Context, f Found) (k known, mine bool, err error) {
	err = postgres.Transact(ctx, w.Pool, func(tx postgres.Tx) error {
		rows, err := tx.Query(ctx, `select `+columns+` from drop_files where path = $1 and moved_at is null for update skip locked`, f.Path)
		if err != nil {
			return fmt.Errorf("what is known of a file: %w", err)
		}
		k, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[known])
		if errors.Is(err, pgx.ErrNoRows) {
			_, err = tx.Exec(ctx, `insert into drop_files (path, size, modified) values ($1, $2, $3) on conflict do nothing`, f.Path, f.Size, f.Modified)
			return err //nolint:wrapcheck // of the transaction
		}
		if err != nil {
			return fmt.Errorf("what is known of a file: %w", err)
		}
		if k.Size != f.Size || !k.Modified.Equal(f.Modified.Truncate(time.Microsecond)) {
			// Another file of the same name, put there before the one before was moved. Of one
			// that is being imported that goes on.
			if k.State == "done" || k.State == "refused" || k.State == "importing" && k.Digest != "" {
				if _, err = tx.Exec(ctx, `update drop_files set moved_at = now() where id = $1`, k.ID); err == nil {
					_, err = tx.Exec(ctx, `insert into drop_files (path, size, modified) values ($1, $2, $3)`, f.Path, f.Size, f.Modified)
				}
				return err //nolint:wrapcheck // of the transaction
			}
			_, err = tx.Exec(ctx, `update drop_files set size = $2, modified = $3, seen_at = now(), state = 'seen', digest = '' where id = $1 and (state = 'seen' or claimed_at < now() - $4::interval)`, k.ID, f.Size, f.Modified, lease)
			return err //nolint:wrapcheck // of the transaction
		}
		tag, err := tx.Exec(ctx, `
			update drop_files set state = case state when 'seen' then 'importing' else state end, claimed_at = now()
			where id = $1 and (state = 'seen' and seen_at <= now() - $2::interval or state <> 'seen' and claimed_at < now() - $3::interval)`, k.ID, w.Still, lease)
		if err != nil {
			return fmt.Errorf("take a file: %w", err)
		}
		mine = tag.RowsAffected() == 1
		return nil
	})
	return k, mine, err
}

// release lets whoever looks next take the file.
func (w Watcher) release(ctx context.Context, k known, state string) error {
	switch {
	case k.Gone:
		state = "importing"
	case state == "seen":
		k.Digest = "" // it is read anew
	}
	_, err := w.Pool.Exec(context.WithoutCancel(ctx), `update drop_files set state = $2, claimed_at = now() - 2 * $3::interval, digest = $4 where id = $1 and state = 'importing'`, k.ID, state, lease, k.Digest)
	if err != nil {
		return fmt.Errorf("release a file: %w", err)
	}
	return nil
}

// errChanged says that a file has changed since it was taken to be whole.
var errChanged = errors.New("the file has changed meanwhile")

// copied is a file of the place as it is read at ease: from a copy of it here.
type copied struct {
	file   *os.File
	digest string
}

func (c *copied) close() {
	if c.file != nil {
		_ = c.file.Close()
		_ = os.Remove(c.file.Name())
	}
}

// copy makes the copy, once.
func (c *copied) copy(ctx context.Context, w Watcher, k known) error {
	if c.file != nil {
		return nil
	}
	from, err := w.Place.Open(ctx, k.Path)
	if err != nil {
		return err
	}
	defer from.Close()
	if c.file, err = os.CreateTemp("", "drop-*"); err != nil {
		return fmt.Errorf("keep a file while it is read: %w", err)
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(c.file, hash), io.LimitReader(from, MaxSize+1))
	if err != nil {
		return fmt.Errorf("read a file of the drop folder: %w", err)
	}
	if n != k.Size {
		return errChanged
	}
	if digest := hex.EncodeToString(hash.Sum(nil)); c.digest == "" {
		c.digest = digest
	} else if c.digest != digest {
		return errChanged
	}
	return nil
}

// bring has the file imported unless its bytes were before. One that is being
// imported already is read again only if whoever does it asks for it.
func (w Watcher) bring(ctx context.Context, k known) (r Report, digest string, err error) {
	if k.Size > MaxSize {
		todo := "Split it into several."
		if strings.EqualFold(path.Ext(k.Path), ".zip") {
			todo = "A zip of photos and documents is not imported from here: send it under Administration → Import files, or have fieldgate import-files read it at the server."
		}
		return Report{Refused: true, Text: fmt.Sprintf("The file has %d MB. Files of up to %d MB are taken. %s", k.Size>>20, MaxSize>>20, todo)}, "", nil
	}
	local := copied{digest: k.Digest}
	defer local.close()
	if k.Digest == "" && k.Gone {
		return replaced, "", nil
	}
	if k.Digest == "" {
		if err := local.copy(ctx, w, k); err != nil {
			return r, "", err
		}
	}
	if k.Size == 0 {
		return Report{Refused: true, Text: "The file is empty."}, local.digest, nil
	}
	var before time.Time
	err = w.Pool.QueryRow(ctx, `select finished_at from drop_files where digest = $1 and state = 'done' order by id limit 1`, local.digest).Scan(&before)
	switch {
	case err == nil:
		return Report{Text: "This file was imported before, on " + before.UTC().Format("2 January 2006 15:04") + " UTC. Nothing was done."}, local.digest, nil
	case !errors.Is(err, pgx.ErrNoRows):
		return r, "", fmt.Errorf("whether a file was imported before: %w", err)
	}
	mapping := path.Dir(k.Path)
	if mapping == "." {
		mapping = ""
	}
	r, err = w.Import.Import(ctx, File{Name: path.Base(k.Path), Mapping: mapping, Digest: local.digest, Size: k.Size, Content: func() (io.ReaderAt, error) {
		if k.Gone {
			return nil, errGone
		}
		if err := local.copy(ctx, w, k); err != nil {
			return nil, err
		}
		return local.file, nil
	}})
	if errors.Is(err, errGone) {
		return replaced, local.digest, nil
	}
	return r, local.digest, err
}

var errGone = errors.New("the file does not lie there any more")

// replaced is what became of a file that was gone before it was read.
var replaced = Report{Refused: true, Text: "The file was replaced by another one of its name, or taken away, before it was read. Nothing was imported."}

// away moves a file out of the way, with its report beside it. It can be done again:
// the names follow from the file's number.
func (w Watcher) away(ctx context.Context, k known) error {
	to := path.Join(folderOf[k.State], fmt.Sprintf("%d-%s", k.ID, path.Base(k.Path)))
	if err := w.Place.Write(ctx, to+".report.txt", []byte(k.Report+"\n")); err != nil {
		return fmt.Errorf("write the report of a file: %w", err)
	}
	if k.Gone {
		return nil
	}
	if err := w.Place.Move(ctx, k.Path, to); err != nil {
		return fmt.Errorf("move a file of the drop folder: %w", err)
	}
	if _, err := w.Pool.Exec(ctx, `update drop_files set moved_at = now() where id = $1`, k.ID); err != nil {
		return fmt.Errorf("note that a file was moved: %w", err)
	}
	return nil
}

const (
	doneFolder    = "done"
	refusedFolder = "refused"
)

var folderOf = map[string]string{"done": doneFolder, "refused": refusedFolder}
