package drop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/blob/s3test"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// importer notes what is imported.
type importer struct {
	mu   sync.Mutex
	got  []string
	fail error
	// begun are what files say that are being imported already: they are not read again.
	begun []string
}

func (i *importer) Import(_ context.Context, f File) (Report, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail != nil {
		return Report{}, i.fail
	}
	for _, text := range i.begun {
		if sum := sha256.Sum256([]byte(text)); f.Digest == hex.EncodeToString(sum[:]) {
			i.got = append(i.got, f.Mapping+"/"+f.Name+": ")
			return Report{Text: "1 new."}, nil
		}
	}
	content, err := f.Content()
	if err != nil {
		return Report{}, err
	}
	body := make([]byte, f.Size)
	if _, err := content.ReadAt(body, 0); err != nil && !errors.Is(err, io.EOF) {
		return Report{}, err
	}
	if strings.Contains(string(body), "nonsense") {
		return Report{Refused: true, Text: "Line 1 cannot be read."}, nil
	}
	i.got = append(i.got, f.Mapping+"/"+f.Name+": "+string(body))
	return Report{Text: "1 new."}, nil
}

type fixture struct {
	t    *testing.T
	db   *pgxpool.Pool
	in   *importer
	told []string
	w    Watcher
}

func newFixture(t *testing.T, address string) *fixture {
	t.Helper()
	place, err := At(address)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, db: dbtest.New(t), in: &importer{}}
	f.w = Watcher{Pool: f.db, Place: place, Import: f.in, Log: slog.New(slog.DiscardHandler), Tell: func(_ context.Context, _ postgres.Tx, name string, r Report) error {
		f.told = append(f.told, name+": "+r.Text)
		return nil
	}}
	return f
}

func (f *fixture) put(name, body string) {
	f.t.Helper()
	if err := f.w.Place.Write(f.t.Context(), name, []byte(body)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) look() {
	f.t.Helper()
	if err := f.w.Look(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// names are all that lie there, without the numbers that they were given.
func (f *fixture) names() (all []string) {
	f.t.Helper()
	walk := func(p Place) {
		switch p := p.(type) {
		case folder:
			err := filepath.WalkDir(string(p), func(at string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					rel, _ := filepath.Rel(string(p), at)
					all = append(all, filepath.ToSlash(rel))
				}
				return err
			})
			if err != nil {
				f.t.Fatal(err)
			}
		case bucket:
			found, err := p.List(f.t.Context())
			if err != nil {
				f.t.Fatal(err)
			}
			for _, o := range found {
				all = append(all, o.Path)
			}
		}
	}
	walk(f.w.Place)
	for i, name := range all {
		if dir, base := path.Split(name); dir == "done/" || dir == "refused/" {
			_, base, _ = strings.Cut(base, "-")
			all[i] = dir + base
		}
	}
	slices.Sort(all)
	return all
}

func (f *fixture) want(names ...string) {
	f.t.Helper()
	if got := f.names(); !slices.Equal(got, names) {
		f.t.Errorf("there is %q, want %q", got, names)
	}
}

// A file that is whole is imported once, and moved with its report; one that
// cannot be read is refused; half of one waits. In a folder and in a bucket.
func TestFilesAreBroughtInOnce(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(t *testing.T) string{
		"folder": func(t *testing.T) string { return t.TempDir() },
		"bucket": func(t *testing.T) string {
			return strings.Replace(s3test.Start(t, "box").Address(), "/box?", "/box/night/in?", 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, address(t))
			f.put("customers.csv", "Name")
			f.put("ascora/jobs.csv", "Job Number")
			f.put("wrong.csv", "nonsense")
			f.put("empty.csv", "")
			f.put("half.csv.part", "Na")
			f.put("a/b/deep.csv", "Name")
			f.look()
			if len(f.in.got) > 0 {
				t.Errorf("imported at first sight: %q", f.in.got)
			}
			f.look()
			f.look()
			slices.Sort(f.in.got)
			if want := []string{"/customers.csv: Name", "ascora/jobs.csv: Job Number"}; !slices.Equal(f.in.got, want) {
				t.Errorf("imported %q, want %q", f.in.got, want)
			}
			f.want("a/b/deep.csv", "done/customers.csv", "done/customers.csv.report.txt", "done/jobs.csv", "done/jobs.csv.report.txt",
				"half.csv.part", "refused/empty.csv", "refused/empty.csv.report.txt", "refused/wrong.csv", "refused/wrong.csv.report.txt")
			slices.Sort(f.told)
			if want := []string{"customers.csv: 1 new.", "empty.csv: The file is empty.", "jobs.csv: 1 new.", "wrong.csv: Line 1 cannot be read."}; !slices.Equal(f.told, want) {
				t.Errorf("told %q", f.told)
			}

			// The same bytes under another name, and another file of the same name.
			f.put("again.csv", "Name")
			f.put("customers.csv", "Name, Phone")
			f.look()
			f.look()
			if n := len(f.in.got); n != 3 || !slices.Contains(f.in.got, "/customers.csv: Name, Phone") {
				t.Errorf("imported %q", f.in.got)
			}
			if !slices.ContainsFunc(f.told, func(s string) bool { return strings.HasPrefix(s, "again.csv: This file was imported before") }) {
				t.Errorf("told %q", f.told)
			}
		})
	}
}

// A file that grows is not whole.
func TestHalfAFileWaits(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	for _, body := range []string{"N", "Na", "Nam"} {
		f.put("slow.csv", body)
		f.look()
	}
	if len(f.in.got) > 0 {
		t.Errorf("imported %q", f.in.got)
	}
	f.look()
	if want := []string{"/slow.csv: Nam"}; !slices.Equal(f.in.got, want) {
		t.Errorf("imported %q", f.in.got)
	}
	f.put("later.csv", "x")
	f.w.Still = 1 << 40 // a quarter of an hour
	f.look()
	f.look()
	f.want("done/slow.csv", "done/slow.csv.report.txt", "later.csv")
}

// Two copies of the program look at once, and one of them imports the file; what
// one has left half done, another finishes.
func TestCopiesAndCrashes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.put("customers.csv", "Name")
	f.look()
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() { _ = f.w.Look(context.WithoutCancel(t.Context())) })
	}
	both.Wait()
	if len(f.in.got) != 1 {
		t.Errorf("imported %q", f.in.got)
	}

	// It could not be tried: it stays, and is tried again.
	f.put("more.csv", "More")
	f.in.fail = errors.New("the database is away")
	f.look()
	if err := f.w.Look(t.Context()); err == nil {
		t.Error("no word of what failed")
	}
	f.in.fail = ErrLater
	f.look()
	f.look()
	f.in.fail = nil
	f.look()
	if len(f.in.got) != 2 {
		t.Errorf("imported %q", f.in.got)
	}

	// Killed between importing and moving it: it is moved, and not imported again.
	f.put("third.csv", "Third")
	f.look()
	const lost = `update drop_files set state = 'done', digest = 'x', report = '1 new.', claimed_at = now() - interval '1 hour' where path = 'third.csv' and moved_at is null`
	if _, err := f.db.Exec(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	f.look()
	if len(f.in.got) != 2 {
		t.Errorf("imported twice: %q", f.in.got)
	}
	f.want("done/customers.csv", "done/customers.csv.report.txt", "done/more.csv", "done/more.csv.report.txt", "done/third.csv", "done/third.csv.report.txt")

	// Killed while it was imported: whoever comes after the lease takes it over.
	f.put("fourth.csv", "Fourth")
	f.look()
	if _, err := f.db.Exec(t.Context(), `update drop_files set state = 'importing', claimed_at = now() where path = 'fourth.csv'`); err != nil {
		t.Fatal(err)
	}
	f.look()
	if len(f.in.got) != 2 {
		t.Error("taken from a copy that is at it")
	}
	if _, err := f.db.Exec(t.Context(), `update drop_files set claimed_at = now() - interval '1 hour' where path = 'fourth.csv'`); err != nil {
		t.Fatal(err)
	}
	f.look()
	if len(f.in.got) != 3 {
		t.Errorf("nobody took it over: %q", f.in.got)
	}
}

// opened counts how often files are read.
type opened struct {
	Place
	times int
}

func (o *opened) Open(ctx context.Context, p string) (io.ReadCloser, error) {
	o.times++
	return o.Place.Open(ctx, p)
}

// While a file is being imported, it is not read again each minute to see how far
// that has come.
func TestAFileThatWaitsIsNotReadAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	place := &opened{Place: f.w.Place}
	f.w.Place = place
	f.put("customers.csv", "Name")
	f.in.fail = ErrLater
	for range 5 {
		f.look()
	}
	if place.times != 1 {
		t.Errorf("it was read %d times", place.times)
	}
	f.in.fail = nil
	f.look()
	if want := []string{"/customers.csv: Name"}; !slices.Equal(f.in.got, want) || place.times != 2 {
		t.Errorf("imported %q, read %d times", f.in.got, place.times)
	}
}

// Another file of the same name, or somebody who takes the file away, does not stop
// what has begun: both come in, each with its report.
func TestTheSameNameTwice(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.put("jobs.csv", "Monday")
	f.put("gone.csv", "Gone")
	f.in.fail = ErrLater
	f.look()
	f.look()
	f.put("jobs.csv", "Tuesday, and more")
	if err := os.Remove(filepath.Join(string(f.w.Place.(folder)), "gone.csv")); err != nil {
		t.Fatal(err)
	}
	f.look()
	f.in.fail, f.in.begun = nil, []string{"Monday", "Gone"}
	f.look()
	f.look()
	slices.Sort(f.told)
	if want := []string{"gone.csv: 1 new.", "jobs.csv: 1 new.", "jobs.csv: 1 new."}; !slices.Equal(f.told, want) {
		t.Errorf("told %q", f.told)
	}
	slices.Sort(f.in.got)
	if want := []string{"/gone.csv: ", "/jobs.csv: ", "/jobs.csv: Tuesday, and more"}; !slices.Equal(f.in.got, want) {
		t.Errorf("imported %q", f.in.got)
	}
	f.want("done/gone.csv.report.txt", "done/jobs.csv", "done/jobs.csv.report.txt", "done/jobs.csv.report.txt")

	// One of which nothing was read yet is not there for anybody.
	f.put("lost.csv", "Lost")
	f.in.fail = ErrLater
	f.look()
	f.look()
	if err := os.Remove(filepath.Join(string(f.w.Place.(folder)), "lost.csv")); err != nil {
		t.Fatal(err)
	}
	f.in.fail = nil
	f.look()
	if !slices.Contains(f.told, "lost.csv: "+replaced.Text) {
		t.Errorf("told %q", f.told)
	}
}

// A store that copies files by itself is asked to: what is too large to be taken is
// not carried through the program to be put aside.
func TestMovedInABucket(t *testing.T) {
	t.Parallel()
	for _, copies := range []bool{true, false} {
		store := s3test.Start(t, "box")
		if copies {
			store.Copies()
		}
		place, err := At(strings.Replace(store.Address(), "/box?", "/box/in?", 1))
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		if err := place.Write(ctx, "a b.csv", []byte("Name\nAnn")); err != nil {
			t.Fatal(err)
		}
		for range 2 { // also when it was moved, and that was not noted
			if err := place.Move(ctx, "a b.csv", "done/1-a b.csv"); err != nil {
				t.Fatal(err)
			}
		}
		if n := store.Gets(); (n == 0) != copies {
			t.Errorf("copies %v: read %d times", copies, n)
		}
		all, err := place.List(ctx)
		if err != nil || len(all) != 1 || all[0].Path != "done/1-a b.csv" || all[0].Size != 8 {
			t.Errorf("copies %v: %v, %v", copies, all, err)
		}
	}
}

// A file that is too large is refused unread, with what to do about it.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"jobs.csv":   "The file has 2376 MB. Files of up to 100 MB are taken. Split it into several.",
		"PHOTOS.ZIP": "The file has 2376 MB. Files of up to 100 MB are taken. A zip of photos and documents is not imported from here: send it under Administration → Import files, or have fieldgate import-files read it at the server.",
	} {
		r, _, err := Watcher{}.bring(t.Context(), known{Path: name, Size: 2376 << 20})
		if err != nil || !r.Refused || r.Text != want {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// Whoever cannot list, write and remove there is told so.
func TestATriedPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := s3test.Start(t, "box")
	for name, tt := range map[string]struct {
		address string
		well    bool
	}{
		"a folder": {dir, true}, "no folder": {filepath.Join(dir, "none"), false},
		"a bucket": {strings.Replace(store.Address(), "/box?", "/box/in?", 1), true}, "no bucket": {strings.Replace(store.Address(), "/box?", "/nobody/in?", 1), false},
	} {
		place, err := At(tt.address)
		if err != nil {
			t.Fatal(err)
		}
		if err := place.Try(t.Context()); (err == nil) != tt.well {
			t.Errorf("%s: %v", name, err)
		}
		if tt.well {
			if left, err := place.List(t.Context()); err != nil || len(left) > 0 {
				t.Errorf("%s: %v is left there, %v", name, left, err)
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "in", "ftp://host/in", "s3://host", "s3:///x", "file:///in"} {
		if _, err := At(address); err == nil {
			t.Errorf("%q is a place", address)
		}
	}
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, dir)
	f.look()
	f.look()
	if len(f.in.got) > 0 {
		t.Errorf("a link was followed: %q", f.in.got)
	}
}
