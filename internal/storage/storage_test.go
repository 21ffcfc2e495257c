package storage

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/blob"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

const fixtures = `
insert into staff (name, role, email, state, password_hash) values ('Ben', 'field', 'ben@example.com', 'active', 'x');
insert into customers (name) values ('Harbour Dental');`

type bench struct {
	*Store
	db  *pgxpool.Pool
	dir string
	t   *testing.T
}

func setUp(t *testing.T) bench {
	t.Helper()
	db, dir := dbtest.New(t), t.TempDir()
	files, err := blob.New("file://" + dir)
	if err != nil {
		t.Fatal(err)
	}
	b := bench{New(db, files), db, dir, t}
	b.exec(fixtures)
	if err := b.Claim(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b bench) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.db.Exec(context.Background(), sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

// put stores a file of five bytes that is as many days old.
func (b bench) put(days int) (key string) {
	b.t.Helper()
	key = blob.NewKey()
	if err := b.Put(b.t.Context(), key, strings.NewReader("hello"), 5, "text/plain"); err != nil {
		b.t.Fatal(err)
	}
	at := time.Now().Add(time.Duration(-days) * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(b.dir, key[:2], key[2:4], key), at, at); err != nil {
		b.t.Fatal(err)
	}
	return key
}

func (b bench) has(key string) bool {
	b.t.Helper()
	there, err := b.Store.has(b.t.Context(), key)
	if err != nil {
		b.t.Fatal(err)
	}
	return there
}

// named is a file that a row names, removed as many days ago; -1 for not at all.
func (b bench) named(name string, removed int) (key string) {
	b.t.Helper()
	key = b.put(60)
	b.exec(`insert into attachments (customer_id, name, kind, media_type, size, blob_key, uploaded_by_staff_id, removed_at)
		values (1, $1, 'document', 'text/plain', 5, $2, 1, case when $3::int >= 0 then now() - make_interval(days => $3) end)`, name, key, removed)
	return key
}

// A column that names keys of the store and that is not in names would have its
// files swept.
func TestEveryColumnThatNamesKeysIsKnown(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	rows, err := db.Query(t.Context(), `
		select c.table_name || '.' || c.column_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
		where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type in ('text', 'character varying', 'ARRAY') and c.column_name ~ '(^|_)(key|keys|blob|blobs)$'
			and c.table_name !~ '^(river_|(tombstones|keeper_requests|token_answers)$)' order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	have, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, n := range names {
		want = append(want, n.table+"."+n.column)
	}
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("the schema has %q, names has %q", have, want)
	}
}

// A folder where nothing is mounted is not the store, though it takes files.
func TestAnotherStoreIsNotRecognised(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	if err := b.Recognise(t.Context()); err != nil {
		t.Error("before there is any file:", err)
	}
	first := b.named("first.txt", -1)
	lost := b.named("lost.txt", -1)
	if err := b.Delete(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	if err := b.Recognise(t.Context()); err != nil {
		t.Error("one file of two is missing:", err)
	}
	empty, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := New(b.db, empty).Recognise(t.Context()); !errors.Is(err, ErrStrange) {
		t.Errorf("an empty folder: %v", err)
	}
	if !b.has(first) {
		t.Error("looking took a file away")
	}
}

func TestForgettingWhatNobodyNames(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	mine, spare := b.named("mine.txt", -1), b.put(0)
	b.Forget(t.Context(), nil, mine, spare)
	if !b.has(mine) || b.has(spare) {
		t.Error("deleted what a row names, or kept what none does")
	}
	spare = b.put(0)
	b.Forget(t.Context(), fmt.Errorf("write: %w", postgres.ErrUnknown), spare)
	if !b.has(spare) {
		t.Error("deleted what may be named yet")
	}
	away, err := postgres.Open(t.Context(), "postgres://nobody@127.0.0.1:1/nothing", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer away.Close()
	New(away, b.Store).Forget(t.Context(), errors.New("the database is away"), spare)
	if !b.has(spare) {
		t.Error("deleted without having asked")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	b.Forget(ended, errors.New("refused"), spare)
	if b.has(spare) {
		t.Error("kept, since whoever sent it has gone")
	}
}

func TestSweeping(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	keep := map[string]string{
		"a file": b.named("a.txt", -1), "a file removed a week ago": b.named("b.txt", 7), "what may be on its way": b.put(0),
		"the logo": b.put(60), "a picture of a photo": b.put(60),
	}
	b.exec(`update company set logo_key = $1`, keep["the logo"])
	b.exec(`update attachments set thumb_key = $1 where name = 'a.txt'`, keep["a picture of a photo"])
	shared := b.named("c.txt", 40) // the job's copy was removed, the quote's stays
	b.exec(`insert into attachments (customer_id, name, kind, media_type, size, blob_key, uploaded_by_staff_id) values (1, 'c.txt', 'document', 'text/plain', 5, $1, 1)`, shared)
	keep["a file of which one copy was removed"] = shared
	gone := map[string]string{"a file removed 31 days ago": b.named("d.txt", 31), "what nobody names": b.put(2)}
	left := filepath.Join(b.dir, "incoming", blob.NewKey())
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(left, at, at); err != nil {
		t.Fatal(err)
	}
	want := Swept{Files: 8, Young: 1, Orphans: 1, Removed: 1, Bytes: 10, Unfinished: 1}
	for _, dry := range []bool{true, false} {
		got, err := b.Sweep(t.Context(), dry, true)
		if got.Temporary = 0; err != nil || got != want && (dry || got != want.done()) {
			t.Errorf("dry %v: %+v, %v", dry, got, err)
		}
		for what, key := range gone {
			if b.has(key) != dry {
				t.Errorf("dry %v: %s is there: %v", dry, what, b.has(key))
			}
		}
		for what, key := range keep {
			if !b.has(key) {
				t.Errorf("dry %v: %s is gone", dry, what)
			}
		}
	}
	if got, err := b.Sweep(t.Context(), true, true); err != nil || got.Orphans+got.Removed+got.Unfinished != 0 {
		t.Errorf("afterwards: %+v, %v", got, err)
	}
	var missing []string
	if n, err := b.Check(t.Context(), func(n Named) { missing = append(missing, n.Label) }); err != nil || n != 5 || missing != nil {
		t.Errorf("%d looked for, missing %q, %v", n, missing, err)
	}
	if err := b.Delete(t.Context(), keep["a file"]); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Check(t.Context(), func(n Named) { missing = append(missing, n.Label) }); err != nil || len(missing) != 1 || !strings.Contains(missing[0], "a.txt") {
		t.Errorf("missing %q, %v", missing, err)
	}
}

// What was swept is looked for no more, however long removed files are kept
// afterwards; nor is what was gone before, as after restoring a backup.
func TestSweptFilesAreNotMissing(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	there := b.named("a.txt", -1)
	swept, lost, kept := b.named("b.txt", 31), b.named("c.txt", 31), b.named("d.txt", 29)
	if err := b.Delete(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Sweep(t.Context(), false, true); err != nil {
		t.Fatal(err)
	}
	if b.has(swept) || !b.has(kept) {
		t.Error("swept the wrong file")
	}
	b.exec(`update retention set removed_files = 365`)
	if n, err := b.Check(t.Context(), func(n Named) { t.Errorf("missing: %s", n.Label) }); err != nil || n != 2 {
		t.Errorf("looked for %d, %v", n, err)
	}
	keys, err := Needed(t.Context(), b.db)
	slices.Sort(keys)
	want := []string{there, kept}
	if slices.Sort(want); err != nil || !slices.Equal(keys, want) {
		t.Errorf("needed: %q, %v", keys, err)
	}
	b.exec(`update retention set removed_files = 7`)
	if _, err := b.Sweep(t.Context(), false, true); err != nil || b.has(kept) || !b.has(there) {
		t.Errorf("when less is kept: %v", err)
	}
}

func (s Swept) done() Swept {
	s.Deleted = s.Orphans + s.Removed
	return s
}

// A folder of another installation is not emptied by a program that was pointed at it.
func TestSweepingByItselfStopsBeforeAStrangersFiles(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	files := &listed{Store: b.Store.Store}
	for range 1001 {
		files.all = append(files.all, blob.Info{Key: blob.NewKey(), Modified: time.Now().Add(-48 * time.Hour)})
	}
	b.Store.Store = files
	if _, err := b.Sweep(t.Context(), false, true); !errors.Is(err, ErrTooMany) {
		t.Errorf("by itself: %v", err)
	}
	if swept, err := b.Sweep(t.Context(), false, false); err != nil || swept.Deleted != 1001 {
		t.Errorf("told to: %+v, %v", swept, err)
	}
}

type listed struct {
	blob.Store
	all []blob.Info
}

func (l *listed) List(context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		for _, f := range l.all {
			if !yield(f, nil) {
				return
			}
		}
	}
}
