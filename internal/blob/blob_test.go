package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"fieldgate/internal/blob/s3test"
)

// stores are what must behave alike.
var stores = map[string]func(*testing.T) Store{
	"folder": func(t *testing.T) Store { return open(t, "file://"+t.TempDir()) },
	"bucket": func(t *testing.T) Store { return open(t, s3test.Start(t, "files").Address()) },
}

func open(t *testing.T, address string) Store {
	t.Helper()
	s, err := New(address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// contract runs a test on every store.
func contract(t *testing.T, test func(*testing.T, Store)) {
	t.Parallel()
	for name, make := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, make(t))
		})
	}
}

func put(t *testing.T, s Store, key, content string) {
	t.Helper()
	if err := s.Put(t.Context(), key, strings.NewReader(content), int64(len(content)), "text/plain"); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, s Store, key string) string {
	t.Helper()
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func missing(t *testing.T, s Store, key string) {
	t.Helper()
	if f, err := s.Open(t.Context(), key); !errors.Is(err, ErrNotFound) {
		t.Errorf("open %q: %v, want ErrNotFound", key, err)
		if err == nil {
			_ = f.Close()
		}
	}
}

func TestWhatWasPutIsFound(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		for name, text := range map[string]string{
			"a text": "hello", "nothing": "", "two megabytes": strings.Repeat("0123456789abcdef", 1<<17),
		} {
			key := NewKey()
			put(t, s, key, text)
			if got := content(t, s, key); got != text {
				t.Errorf("%s: got %d bytes, want %d", name, len(got), len(text))
			}
			f, err := s.Open(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			if f.Size != int64(len(text)) || f.Key != key || time.Since(f.Modified).Abs() > time.Minute {
				t.Errorf("%s: info %+v", name, f.Info)
			}
			_ = f.Close()
		}
	})
}

func TestPutReplaces(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		key := NewKey()
		put(t, s, key, "first, and longer")
		put(t, s, key, "second")
		if got := content(t, s, key); got != "second" {
			t.Errorf("got %q", got)
		}
	})
}

func TestDeletedIsGone(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		key := NewKey()
		missing(t, s, key)
		put(t, s, key, "hello")
		for range 2 { // the second time there is nothing to delete
			if err := s.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
		missing(t, s, key)
	})
}

func TestForeignKeysReachNothing(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		for _, key := range []string{
			"", ".", "..", "/", "../../etc/passwd", "/etc/passwd", "a", NewKey() + "/", "../" + NewKey(), NewKey()[:25],
			strings.ToUpper(NewKey()), NewKey()[:25] + "\n", NewKey()[:25] + "\x00", NewKey() + "x", "incoming", `..\..\x`, strings.Repeat("a", 10_000),
		} {
			missing(t, s, key)
			if err := s.Put(t.Context(), key, strings.NewReader("x"), 1, ""); err == nil {
				t.Errorf("put %q was allowed", key)
			}
			if err := s.Delete(t.Context(), key); err != nil {
				t.Errorf("delete %q: %v", key, err)
			}
		}
		if infos := list(t, s); len(infos) != 0 {
			t.Errorf("left: %v", infos)
		}
	})
}

func TestHalfAFileIsNoFile(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		broken := errors.New("connection lost")
		for name, r := range map[string]io.Reader{
			"shorter than announced":           strings.NewReader("hell"),
			"longer than announced":            strings.NewReader("hello!"),
			"shorter, and not seekable":        io.MultiReader(strings.NewReader("hell")),
			"longer, and not seekable":         io.MultiReader(strings.NewReader("hello!")),
			"longer, byte by byte":             iotest.OneByteReader(strings.NewReader("hello!")),
			"breaking off":                     io.MultiReader(strings.NewReader("hel"), iotest.ErrReader(broken)),
			"breaking off after the last byte": io.MultiReader(strings.NewReader("hello"), iotest.ErrReader(broken)),
		} {
			key := NewKey()
			if err := s.Put(t.Context(), key, r, 5, "text/plain"); err == nil {
				t.Errorf("%s: no error", name)
			}
			missing(t, s, key)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		key := NewKey()
		if err := s.Put(ctx, key, strings.NewReader("hello"), 5, ""); !errors.Is(err, context.Canceled) {
			t.Errorf("after the request ended: %v", err)
		}
		missing(t, s, key)
		if infos := list(t, s); len(infos) != 0 {
			t.Errorf("left: %v", infos)
		}
	})
}

func TestRangesAreServed(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		key := NewKey()
		put(t, s, key, "0123456789")
		for _, c := range []struct {
			header, body string
			status       int
		}{
			{"", "0123456789", http.StatusOK},
			{"bytes=2-4", "234", http.StatusPartialContent},
			{"bytes=-3", "789", http.StatusPartialContent},
			{"bytes=8-", "89", http.StatusPartialContent},
			{"bytes=20-", "invalid range: failed to overlap\n", http.StatusRequestedRangeNotSatisfiable},
		} {
			f, err := s.Open(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
			if c.header != "" {
				r.Header.Set("Range", c.header)
			}
			http.ServeContent(w, r, "a.txt", f.Modified, f)
			_ = f.Close()
			if w.Code != c.status || w.Body.String() != c.body {
				t.Errorf("%q: %d %q", c.header, w.Code, w.Body)
			}
		}
	})
}

func TestListShowsEveryFile(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		var want []string
		for range 5 {
			key := NewKey()
			put(t, s, key, "hello")
			want = append(want, key)
		}
		slices.Sort(want)
		var got []string
		for _, info := range list(t, s) {
			if info.Size != 5 || time.Since(info.Modified).Abs() > time.Minute {
				t.Errorf("%+v", info)
			}
			got = append(got, info.Key)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for _, err := range s.List(t.Context()) {
			if err != nil {
				t.Error(err)
			}
			break // stopping early is fine
		}
	})
}

func list(t *testing.T, s Store) (infos []Info) {
	t.Helper()
	for info, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		infos = append(infos, info)
	}
	return infos
}

func TestPing(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestStoreThatIsAway(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "files")
	lostFolder := open(t, "file://"+dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	s3 := s3test.Start(t, "files")
	lostBucket := open(t, s3.Address())
	wrongBucket := open(t, strings.Replace(s3.Address(), "/files", "/flies", 1))
	wrongUser := open(t, strings.Replace(s3.Address(), "tester:", "stranger:", 1))
	if err := wrongBucket.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "flies") {
		t.Errorf("wrong bucket: %v", err)
	}
	if err := wrongUser.Ping(t.Context()); err == nil {
		t.Error("wrong user: no error")
	}
	if _, err := wrongUser.Open(t.Context(), NewKey()); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("wrong user: open says %v, though nothing is known of the file", err)
	}
	s3.Close()
	for name, s := range map[string]Store{"folder": lostFolder, "bucket": lostBucket} {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := s.Ping(ctx); err == nil {
			t.Errorf("%s: ping succeeds", name)
		}
		if err := s.Put(ctx, NewKey(), strings.NewReader("x"), 1, ""); err == nil {
			t.Errorf("%s: put succeeds", name)
		}
		if _, err := s.Open(ctx, NewKey()); kindOfTrouble(err) != Away { // nothing is known of the file
			t.Errorf("%s: open says %v", name, err)
		}
		if err := s.Delete(ctx, NewKey()); kindOfTrouble(err) != Away {
			t.Errorf("%s: delete says %v", name, err)
		}
	}
	// A disk that comes back is taken up where it was left.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := lostFolder.Ping(t.Context()); err != nil {
		t.Errorf("the folder is back: %v", err)
	}
	key := NewKey()
	put(t, lostFolder, key, "hello")
	if got := content(t, lostFolder, key); got != "hello" {
		t.Errorf("in the folder that is back: %q", got)
	}
}

// kindOfTrouble is "" for what is no trouble of the store's.
func kindOfTrouble(err error) Kind {
	found, _ := Troubled(err)
	return found.Kind
}

func TestKindsOfTrouble(t *testing.T) {
	t.Parallel()
	s3 := s3test.Start(t, "files")
	good := open(t, s3.Address())
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		err  error
		want Kind
	}{
		{"a full disk", &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, Full},
		{"a quota of a disk", &os.PathError{Op: "write", Path: "x", Err: syscall.EDQUOT}, Full},
		{"a disk that may not be written to", &os.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, ReadOnly},
		{"a folder of somebody else", &os.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, Refused},
		{"a folder that is gone", &os.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, Away},
		{"another bucket", open(t, strings.Replace(s3.Address(), "/files", "/flies", 1)).Ping(t.Context()), Refused},
		{"another user", open(t, strings.Replace(s3.Address(), "tester:", "stranger:", 1)).Ping(t.Context()), Refused},
		{"a bucket that speaks no TLS", open(t, strings.Replace(s3.Address(), "&insecure=true", "", 1)).Ping(t.Context()), Refused},
		{"an upload that ends early", good.Put(t.Context(), NewKey(), strings.NewReader("x"), 2, ""), ""},
		{"an upload that breaks off", good.Put(t.Context(), NewKey(), iotest.ErrReader(io.ErrUnexpectedEOF), 2, ""), ""},
		{"somebody who has gone", good.Put(ended, NewKey(), strings.NewReader("x"), 1, ""), ""},
		{"a file that is not there", ErrNotFound, ""},
	} {
		if got := kindOfTrouble(tt.err); got != tt.want {
			t.Errorf("%s: %q, want %q (%v)", tt.name, got, tt.want, tt.err)
		}
	}
	for code, status := range map[string]int{"XMinioStorageFull": 507, "QuotaExceeded": 403} {
		s3.Refuse(status, code)
		if err := good.Put(t.Context(), NewKey(), strings.NewReader("x"), 1, ""); kindOfTrouble(err) != Full {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestAddressIsChecked(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{
		"nothing":           "",
		"no scheme":         "/var/lib/files",
		"another scheme":    "ftp://host/files",
		"relative":          "file://files",
		"relative path":     "file:files",
		"no bucket":         "s3://key:hush-hush@host",
		"folder in bucket":  "s3://key:hush-hush@host/bucket/folder",
		"not an address":    "s3://key:hush-hush@ho st/%zz",
		"scheme upside":     "://key:hush-hush@",
		"folder is no file": "file:///dev/null/files",
	} {
		if _, err := New(address); err == nil || strings.Contains(err.Error(), "hush-hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFolderForgetsUnfinishedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, "file://"+dir)
	old, young := filepath.Join(dir, incoming, NewKey()), filepath.Join(dir, incoming, NewKey())
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	s := open(t, "file://"+dir)
	for _, remove := range []bool{false, true} {
		if n, err := s.Unfinished(t.Context(), before.Add(time.Hour), remove); n != 1 || err != nil {
			t.Errorf("%d unfinished, %v", n, err)
		}
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the one that another program may be writing: %v", err)
	}
	if infos := list(t, s); len(infos) != 0 {
		t.Errorf("listed: %v", infos)
	}
}

func TestFolderNeverLeavesItself(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	s := open(t, "file://"+dir)
	key := NewKey()
	if err := os.Symlink(outside, filepath.Join(dir, key[:2])); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), key, bytes.NewReader([]byte("x")), 1, ""); err == nil {
		t.Error("wrote through a link that leads outside")
	}
	if entries, _ := os.ReadDir(outside); len(entries) != 0 {
		t.Errorf("outside: %v", entries)
	}
}
