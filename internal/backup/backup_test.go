package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/backup"
	"fieldgate/internal/blob"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/storage"
)

func folder(t *testing.T) blob.Store {
	t.Helper()
	s, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// installation is a database with one customer and files on it.
type installation struct {
	db    *pgxpool.Pool
	store blob.Store
	keys  []string
}

func newInstallation(t *testing.T) *installation {
	t.Helper()
	i := &installation{db: dbtest.New(t), store: folder(t)}
	i.exec(t, `insert into customers (name) values ('Harbour Dental')`)
	i.exec(t, `insert into staff (name, role) values ('Fay', 'field')`)
	i.add(t, "Report.")
	return i
}

func (i *installation) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := i.db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// add puts a file on the customer.
func (i *installation) add(t *testing.T, content string) {
	t.Helper()
	key := blob.NewKey()
	if err := i.store.Put(t.Context(), key, strings.NewReader(content), int64(len(content)), "text/plain"); err != nil {
		t.Fatal(err)
	}
	i.exec(t, `insert into attachments (customer_id, name, kind, media_type, size, blob_key, uploaded_by_staff_id) values (1, 'a.txt', 'document', 'text/plain', $1, $2, 1)`, len(content), key)
	i.keys = append(i.keys, key)
}

func (i *installation) backup(t *testing.T, target blob.Store) (m backup.Manifest, said string) {
	t.Helper()
	m, err := backup.Make(t.Context(), backup.Source{URL: dbtest.OwnerURL(t, i.db.Config().ConnString()), Store: i.store, Program: "test", Piece: 50_000}, target, func(s string) { said += s + "\n" })
	if err != nil {
		t.Fatal(err)
	}
	return m, said
}

func quiet(string) {}

func into(t *testing.T, store blob.Store) backup.Into {
	t.Helper()
	return backup.Into{URL: dbtest.Empty(t), Serving: dbtest.Serving(t), Store: store, Log: slog.New(slog.DiscardHandler)}
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	i, target := newInstallation(t), folder(t)
	i.exec(t, `insert into persons (email, password_hash) values ('dana@example.com', 'x')`)
	i.exec(t, `insert into sessions (token_hash, side, person_id, remember, expires_at) values ('x', 'portal', 1, true, now() + interval '60 days')`)
	i.exec(t, `insert into links (purpose, person_id, email, used_at, ended_at) values
		('reset', 1, 'dana@example.com', null, null), ('reset', 1, 'dana@example.com', '2026-01-02', null), ('reset', 1, 'dana@example.com', null, '2026-01-02')`)
	m, said := i.backup(t, target)
	if len(m.Dump) < 2 || len(m.Files) != 1 || len(m.Missing) != 0 || m.Rows["customers"] != 1 || !strings.Contains(said, "1 were new") {
		t.Errorf("%d pieces, %d files, missing %v, rows %v\n%s", len(m.Dump), len(m.Files), m.Missing, m.Rows, said)
	}
	i.exec(t, `insert into customers (name) values ('Too late')`)
	i.add(t, "Later.")
	place := into(t, folder(t))
	said = ""
	if err := backup.Restore(t.Context(), target, m, place, func(s string) { said += s + "\n" }); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said, "everybody logs in anew") {
		t.Error(said)
	}
	db := dbtest.Open(t, place.URL)
	if err := postgres.Ready(t.Context(), db); err != nil {
		t.Errorf("ready: %v", err)
	}
	var names string
	if err := db.QueryRow(t.Context(), `insert into customers (name) values ('New') returning number || (select string_agg(name, '') from customers)`).Scan(&names); err != nil || names != "C-1002Harbour Dental" {
		t.Errorf("customers: %q, %v", names, err)
	}
	// Who was logged in and which links worked then may have ended since.
	var sessions, open, earlier int
	if err := db.QueryRow(t.Context(), `
		select (select count(*) from sessions), count(*) filter (where used_at is null and ended_at is null), count(*) filter (where '2026-01-02' in (used_at, ended_at))
		from links`).Scan(&sessions, &open, &earlier); err != nil || sessions+open != 0 || earlier != 2 {
		t.Errorf("%d sessions, %d open links, %d that had ended before, %v", sessions, open, earlier, err)
	}
	f, err := place.Store.Open(t.Context(), i.keys[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := place.Store.Open(t.Context(), i.keys[1]); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a file of later: %v", err)
	}
	if err := backup.Restore(t.Context(), target, m, place, quiet); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("into a database that is not empty: %v", err)
	}
}

// TestRestoredIsAnotherInstallation: neither of two deletes the other's files.
func TestRestoredIsAnotherInstallation(t *testing.T) {
	t.Parallel()
	i, target := newInstallation(t), folder(t)
	m, _ := i.backup(t, target)
	owned := func(place backup.Into) error {
		return storage.New(dbtest.Open(t, place.URL), place.Store).Claim(t.Context())
	}
	trial := into(t, i.store) // though it has no owner yet
	said := ""
	if err := backup.Restore(t.Context(), target, m, trial, func(s string) { said += s }); err != nil || !strings.Contains(said, "belongs to another installation") {
		t.Errorf("with the files of the other: %v, %s", err, said)
	}
	if err := owned(trial); !errors.Is(err, storage.ErrAnothers) {
		t.Errorf("the store is the trial's: %v", err)
	}
	if err := storage.New(i.db, i.store).Claim(t.Context()); err != nil {
		t.Errorf("the store is not its owner's: %v", err)
	}
	apart := into(t, folder(t))
	if err := backup.Restore(t.Context(), target, m, apart, quiet); err != nil {
		t.Fatal(err)
	}
	if err := owned(apart); err != nil {
		t.Errorf("with a store of its own: %v", err)
	}
}

// TestFilesAreCopiedOnce: and old backups go with what they alone need.
func TestFilesAreCopiedOnce(t *testing.T) {
	t.Parallel()
	i, target := newInstallation(t), folder(t)
	first, _ := i.backup(t, target)
	i.exec(t, `delete from attachments`)
	i.add(t, "Another.")
	i.add(t, "And one.")
	if _, said := i.backup(t, target); !strings.Contains(said, "2, of which 2 were new") {
		t.Error(said)
	}
	if _, said := i.backup(t, target); !strings.Contains(said, "2, of which 0 were new") {
		t.Error(said)
	}
	foreign := blob.NewKey()
	if err := target.Put(t.Context(), foreign, strings.NewReader("x"), 1, ""); err != nil {
		t.Fatal(err)
	}
	if removed, err := backup.Prune(t.Context(), target, 2); err != nil || removed != 1 {
		t.Errorf("removed %d, %v", removed, err)
	}
	all, err := backup.List(t.Context(), target)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d backups, %v", len(all), err)
	}
	for _, m := range all {
		if problems, err := backup.Check(t.Context(), target, m); err != nil || len(problems) > 0 {
			t.Errorf("%v, %v", problems, err)
		}
	}
	left := map[string]bool{}
	for info, err := range target.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		left[info.Key] = true
	}
	if left[first.Files[0].Key] || left[first.Dump[0].Key] || !left[foreign] {
		t.Error("what the first backup alone needed should be gone, and nothing else")
	}
}

// TestBrokenBackups: what is not whole is never taken for whole.
func TestBrokenBackups(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, target blob.Store, m backup.Manifest){
		"a file is gone":        func(t *testing.T, s blob.Store, m backup.Manifest) { _ = s.Delete(t.Context(), m.Files[0].Key) },
		"a file is another":     func(t *testing.T, s blob.Store, m backup.Manifest) { put(t, s, m.Files[0].Key, "Repork.") },
		"a piece is gone":       func(t *testing.T, s blob.Store, m backup.Manifest) { _ = s.Delete(t.Context(), m.Dump[1].Key) },
		"a piece is another":    func(t *testing.T, s blob.Store, m backup.Manifest) { put(t, s, m.Dump[1].Key, "nothing") },
		"a piece was cut short": func(t *testing.T, s blob.Store, m backup.Manifest) { put(t, s, m.Dump[len(m.Dump)-1].Key, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, target := newInstallation(t), folder(t)
			m, _ := i.backup(t, target)
			harm(t, target, m)
			if problems, err := backup.Check(t.Context(), target, m); err != nil || len(problems) != 1 {
				t.Errorf("check: %v, %v", problems, err)
			}
			place := into(t, folder(t))
			if err := backup.Restore(t.Context(), target, m, place, quiet); err == nil || !strings.Contains(err.Error(), "the backup is broken") {
				t.Errorf("restore: %v", err)
			}
			// Nothing half is left: a whole one can be restored there.
			whole := folder(t)
			m, _ = i.backup(t, whole)
			if err := backup.Restore(t.Context(), whole, m, place, quiet); err != nil {
				t.Errorf("restore of a whole one: %v", err)
			}
		})
	}
}

func put(t *testing.T, s blob.Store, key, content string) {
	t.Helper()
	if err := s.Put(t.Context(), key, bytes.NewReader([]byte(content)), int64(len(content)), ""); err != nil {
		t.Fatal(err)
	}
}

var errFull = errors.New("no space left")

// breaks is a target that takes so many files.
type breaks struct {
	blob.Store
	left int
}

func (b *breaks) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if b.left--; b.left < 0 {
		return errFull
	}
	return b.Store.Put(ctx, key, r, size, contentType)
}

// TestBrokenOffBackupIsNone: and the next one goes on with what is there.
func TestBrokenOffBackupIsNone(t *testing.T) {
	t.Parallel()
	i, whole := newInstallation(t), folder(t)
	m, _ := i.backup(t, whole)
	all := len(m.Dump) + len(m.Files) + 1
	target := folder(t)
	for after := range all {
		_, err := backup.Make(t.Context(), backup.Source{URL: i.db.Config().ConnString(), Store: i.store, Piece: 50_000}, &breaks{Store: target, left: after}, quiet)
		if !errors.Is(err, errFull) {
			t.Fatalf("after %d: %v", after, err)
		}
		if made, err := backup.List(t.Context(), target); err != nil || len(made) != 0 {
			t.Fatalf("after %d there are backups: %v, %v", after, made, err)
		}
	}
	m, _ = i.backup(t, target)
	if problems, err := backup.Check(t.Context(), target, m); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// TestSweptFilesAreNotMissing: a file that was removed longer ago than is kept
// needs no bytes, whether they are there or not.
func TestSweptFilesAreNotMissing(t *testing.T) {
	t.Parallel()
	i, target := newInstallation(t), folder(t)
	i.add(t, "removed and swept")
	i.exec(t, `update attachments set removed_at = now() - interval '31 days' where blob_key = $1`, i.keys[1])
	if err := i.store.Delete(t.Context(), i.keys[1]); err != nil {
		t.Fatal(err)
	}
	if m, _ := i.backup(t, target); len(m.Missing) != 0 || len(m.Files) != 1 {
		t.Errorf("missing %v, files %v", m.Missing, m.Files)
	}
}

// TestMissingFilesAreSaid: a record whose bytes are gone does not stop the backup.
func TestMissingFilesAreSaid(t *testing.T) {
	t.Parallel()
	i, target := newInstallation(t), folder(t)
	if err := i.store.Delete(t.Context(), i.keys[0]); err != nil {
		t.Fatal(err)
	}
	if m, _ := i.backup(t, target); fmt.Sprint(m.Missing) != fmt.Sprint(i.keys) || len(m.Files) != 0 {
		t.Errorf("missing %v, files %v", m.Missing, m.Files)
	}
}
