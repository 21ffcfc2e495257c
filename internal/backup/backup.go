// Package backup copies an installation, its database and its files, into a
// folder or bucket of its own, while it runs, and puts it back.
//
// A backup is a dump of one moment, in pieces; the files that the rows of that
// moment need; and a manifest with the sizes and sums of all of them, written
// last: what has no manifest is no backup. Files never change, so one copy
// serves all backups that name it.
package backup

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"fieldgate/internal/blob"
	"fieldgate/internal/storage"
)

// Manifest says what a backup consists of.
type Manifest struct {
	Name    string    // the moment, as people name the backup
	At      time.Time // the same
	Program string    // the version that made it
	Schema  int64     // the database's version
	Server  int       // PostgreSQL's major version
	Rows    map[string]int64
	Dump    []Part // in order: the output of pg_dump in its custom format
	Files   []Part
	Missing []string // files that rows name and the store did not have
	key     string
}

// Part is something in the target.
type Part struct {
	Key  string
	Size int64
	Sum  string // SHA-256
}

// Bytes are how much it is.
func (m Manifest) Bytes() (n int64) {
	for _, p := range slices.Concat(m.Dump, m.Files) {
		n += p.Size
	}
	return n
}

// Source is the installation.
type Source struct {
	URL     string // of a user who may read all tables
	Store   blob.Store
	Program string
	// Piece is the size of a piece of the dump; they wait in the temporary folder
	// one by one, because a bucket wants to know the size first.
	Piece int64
}

const piece = 256 << 20

// Keys in the target have the form of all keys. Those of manifests and pieces
// carry what they are and when they were made, in letters.
const (
	manifestPrefix = "backup"
	piecePrefix    = "pieces"
	nameForm       = "20060102-150405"
)

var ourKey = regexp.MustCompile(`^(backup|pieces)([a-j]{14})[a-z2-7]{6}$`)

func keyAt(prefix string, at time.Time) string {
	digits := []byte(at.UTC().Format("20060102150405"))
	for i := range digits {
		digits[i] += 'a' - '0'
	}
	return prefix + string(digits) + strings.ToLower(rand.Text()[:6])
}

func timeOf(key string) (prefix string, at time.Time, ok bool) {
	m := ourKey.FindStringSubmatch(key)
	if m == nil {
		return "", at, false
	}
	digits := []byte(m[2])
	for i := range digits {
		digits[i] -= 'a' - '0'
	}
	at, err := time.Parse("20060102150405", string(digits))
	return m[1], at, err == nil
}

// ErrUnderWay says that another program makes a backup of the same database.
var ErrUnderWay = errors.New("another backup of this database is under way")

// Make makes a backup. Say is told what has been done.
func Make(ctx context.Context, from Source, target blob.Store, say func(string)) (m Manifest, err error) {
	before, there, err := read(ctx, target)
	if err != nil {
		return m, err
	}
	// Not through the program's pool: its deadlines are those of pages.
	c, err := pgx.Connect(ctx, from.URL)
	if err != nil {
		return m, fmt.Errorf("connect to the database: %w", err)
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	var alone bool
	if err := c.QueryRow(ctx, `select pg_try_advisory_lock(hashtext('fieldgate backup'))`).Scan(&alone); err != nil {
		return m, fmt.Errorf("lock for the backup: %w", err)
	}
	if !alone {
		return m, ErrUnderWay
	}
	// By hand: a connection that is closed holds its locks for a moment more.
	defer func() {
		if _, e := c.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock(hashtext('fieldgate backup'))`); e != nil && err == nil {
			say("The next backup may have to wait until the database notices that this one has ended.")
		}
	}()
	keys, err := m.dump(ctx, c, from, target)
	if err != nil {
		return m, err
	}
	var size int64
	for _, p := range m.Dump {
		size += p.Size
	}
	say(fmt.Sprintf("Database: %s.", Megabytes(size)))
	copied, err := m.copy(ctx, keys, from.Store, target, before, there)
	if err != nil {
		return m, err
	}
	say(fmt.Sprintf("Files: %d, of which %d were new (%s).", len(m.Files), copied.count, Megabytes(copied.bytes)))
	text, err := json.Marshal(m)
	if err != nil {
		return m, fmt.Errorf("write the manifest: %w", err)
	}
	if err := target.Put(ctx, keyAt(manifestPrefix, m.At), bytes.NewReader(text), int64(len(text)), "application/json"); err != nil {
		return m, fmt.Errorf("write the manifest: %w", err)
	}
	return m, nil
}

// dump writes the database of one moment, notes what is in it, and returns the
// keys of the files that it names.
func (m *Manifest) dump(ctx context.Context, c *pgx.Conn, from Source, target blob.Store) (keys []string, err error) {
	// One snapshot for the dump, the counts and the files.
	tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("begin the backup: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`, pgx.QueryExecModeSimpleProtocol); err != nil {
		return nil, fmt.Errorf("begin the backup: %w", err)
	}
	var snapshot string
	err = tx.QueryRow(ctx, `
		select pg_export_snapshot(), now(), current_setting('server_version_num')::int / 10000, (select max(version_id) from goose_db_version where is_applied)`).
		Scan(&snapshot, &m.At, &m.Server, &m.Schema)
	if err != nil {
		return nil, fmt.Errorf("begin the backup: %w", err)
	}
	m.At = m.At.UTC()
	m.Name, m.Program = m.At.Format(nameForm), from.Program
	if m.Rows, err = rows(ctx, tx); err != nil {
		return nil, err
	}
	if keys, err = storage.Needed(ctx, tx); err != nil {
		return nil, err
	}
	size := from.Piece
	if size == 0 {
		size = piece
	}
	pieces := &splitter{size: size, put: func(r *os.File, n int64, sum string) error {
		p := Part{Key: keyAt(piecePrefix, m.At), Size: n, Sum: sum}
		if err := target.Put(ctx, p.Key, r, n, "application/octet-stream"); err != nil {
			return err
		}
		m.Dump = append(m.Dump, p)
		return nil
	}}
	err = run(ctx, from.URL, m.Server, "pg_dump", nil, pieces, "--format=custom", "--snapshot="+snapshot)
	if pieces.err != nil {
		return nil, fmt.Errorf("write the dump: %w", pieces.err)
	}
	return keys, errors.Join(err, pieces.close())
}

// tables are those of the schema; extensions bring their own.
const tables = `
	select c.oid::regclass::text from pg_class c
	where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
	order by 1`

// rows counts the rows of each table.
func rows(ctx context.Context, tx pgx.Tx) (map[string]int64, error) {
	found, err := tx.Query(ctx, tables)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	names, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	all := map[string]int64{}
	for _, name := range names {
		var n int64
		if err := tx.QueryRow(ctx, `select count(*) from `+name).Scan(&n); err != nil {
			return nil, fmt.Errorf("count %s: %w", name, err)
		}
		all[name] = n
	}
	return all, nil
}

type amount struct {
	count int
	bytes int64
}

// copy copies the files that the target does not have. What an earlier manifest
// tells of those it has is not read again.
func (m *Manifest) copy(ctx context.Context, keys []string, from, to blob.Store, before []Manifest, there map[string]int64) (copied amount, err error) {
	known := map[string]Part{}
	for _, b := range before {
		for _, p := range b.Files {
			if size, ok := there[p.Key]; ok && size == p.Size {
				known[p.Key] = p
			}
		}
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for _, key := range keys {
		if p, ok := known[key]; ok {
			mu.Lock()
			m.Files = append(m.Files, p)
			mu.Unlock()
			continue
		}
		group.Go(func() error {
			p, err := copyFile(ctx, key, from, to)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, blob.ErrNotFound):
				m.Missing = append(m.Missing, key)
			case err != nil:
				return fmt.Errorf("copy file %s: %w", key, err)
			default:
				m.Files = append(m.Files, p)
				copied = amount{copied.count + 1, copied.bytes + p.Size}
			}
			return nil
		})
	}
	err = group.Wait()
	slices.SortFunc(m.Files, func(a, b Part) int { return strings.Compare(a.Key, b.Key) })
	slices.Sort(m.Missing)
	return copied, err
}

// copyFile copies one file and says what it was.
func copyFile(ctx context.Context, key string, from, to blob.Store) (Part, error) {
	f, err := from.Open(ctx, key)
	if err != nil {
		return Part{}, err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if err := to.Put(ctx, key, io.TeeReader(f, sum), f.Size, "application/octet-stream"); err != nil {
		return Part{}, err
	}
	return Part{Key: key, Size: f.Size, Sum: hex.EncodeToString(sum.Sum(nil))}, nil
}

// List are the backups of a target, the newest first.
func List(ctx context.Context, target blob.Store) ([]Manifest, error) {
	all, _, err := read(ctx, target)
	return all, err
}

// Find is the backup of that name, or the newest for no name.
func Find(ctx context.Context, target blob.Store, name string) (Manifest, error) {
	all, err := List(ctx, target)
	if err != nil {
		return Manifest{}, err
	}
	for _, m := range all {
		if name == "" || m.Name == name {
			return m, nil
		}
	}
	if name == "" {
		return Manifest{}, errors.New("there is no backup there")
	}
	return Manifest{}, fmt.Errorf("there is no backup %q; fieldgate backup list shows those that are", name)
}

// read reads all manifests, the newest first, and what lies in the target.
func read(ctx context.Context, target blob.Store) (all []Manifest, there map[string]int64, err error) {
	there = map[string]int64{}
	for info, err := range target.List(ctx) {
		if err != nil {
			return nil, nil, fmt.Errorf("list the backup: %w", err)
		}
		there[info.Key] = info.Size
	}
	for key := range there {
		if prefix, _, ok := timeOf(key); !ok || prefix != manifestPrefix {
			continue
		}
		f, err := target.Open(ctx, key)
		if err != nil {
			return nil, nil, fmt.Errorf("read a manifest: %w", err)
		}
		var m Manifest
		err = json.NewDecoder(f).Decode(&m)
		_ = f.Close()
		if err != nil {
			return nil, nil, fmt.Errorf("read the manifest %s: %w", key, err)
		}
		m.key = key
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Manifest) int { return b.At.Compare(a.At) })
	return all, there, nil
}

// Check reads everything of a backup and says what is not as it was.
func Check(ctx context.Context, target blob.Store, m Manifest) (problems []string, err error) {
	for _, p := range slices.Concat(m.Dump, m.Files) {
		size, sum, err := sumOf(ctx, target, p.Key)
		switch {
		case errors.Is(err, blob.ErrNotFound):
			problems = append(problems, p.Key+" is missing")
		case err != nil:
			return problems, fmt.Errorf("read %s: %w", p.Key, err)
		case size != p.Size || sum != p.Sum:
			problems = append(problems, p.Key+" is not what was written")
		}
	}
	return problems, nil
}

func sumOf(ctx context.Context, store blob.Store, key string) (int64, string, error) {
	f, err := store.Open(ctx, key)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return n, hex.EncodeToString(sum.Sum(nil)), err
}

// Prune keeps the newest backups and removes the others, with the files that
// only they name, and pieces of backups that were broken off. Whatever it does
// not know it leaves.
func Prune(ctx context.Context, target blob.Store, keep int) (removed int, err error) {
	all, there, err := read(ctx, target)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	kept, old := all[:min(keep, len(all))], all[min(keep, len(all)):]
	needed := map[string]bool{}
	for _, m := range kept {
		for _, p := range slices.Concat(m.Dump, m.Files) {
			needed[p.Key] = true
		}
	}
	var gone []string
	for _, m := range old { // first: what has lost a part is no backup
		gone = append(gone, m.key)
	}
	for key := range there {
		if prefix, at, ok := timeOf(key); ok && prefix == piecePrefix && !needed[key] && at.Before(kept[0].At.Truncate(time.Second)) {
			gone = append(gone, key)
		}
	}
	for _, m := range old {
		for _, p := range slices.Concat(m.Dump, m.Files) {
			if !needed[p.Key] {
				gone = append(gone, p.Key)
				needed[p.Key] = true // once
			}
		}
	}
	for _, key := range gone {
		if err := target.Delete(ctx, key); err != nil {
			return 0, fmt.Errorf("remove old backups: %w", err)
		}
	}
	return len(old), nil
}

// Megabytes is a size for people.
func Megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
