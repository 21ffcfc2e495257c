package attack_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"fieldgate/internal/blob"
	"fieldgate/web/apptest"
)

// What hinders storage is named as what it is; nothing is saved by half, and all
// is well by itself once the cause is gone.
func TestStorageInTrouble(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	rows := func() int {
		return apptest.Value[int](app, `select (select count(*) from attachments) + (select count(*) from jobs) + (select count(*) from acceptances)`)
	}
	before := rows()
	text := apptest.File{Field: "files", Name: "meter.txt", Content: []byte("The meter reads 17.")}
	disk := func(errno error) error { return &os.PathError{Op: "write", Path: "files", Err: errno} }
	for _, tt := range []struct {
		name   string
		err    error
		status int
		says   string
		ready  string
	}{
		{"a full disk", disk(syscall.ENOSPC), http.StatusInsufficientStorage, "Our storage is full", "the files' storage is full"},
		{"a disk that is read-only", disk(syscall.EROFS), http.StatusServiceUnavailable, "Files cannot be saved right now", "the files' storage is read-only"},
		{"a folder that is gone", disk(syscall.ENOENT), http.StatusServiceUnavailable, "Files cannot be saved right now", "the files' storage is away"},
		{"a bucket that is full", blob.Trouble{Kind: blob.Full, Err: errors.New("QuotaExceeded")}, http.StatusInsufficientStorage, "Our storage is full", "the files' storage is full"},
	} {
		app.BreakDisk(tt.err)
		for path, fields := range map[string]url.Values{"/quotes/Q-1003/files": nil, "/jobs": {"type": {"1"}, "description": {"The fan rattles."}}} {
			p := lee.Upload(path, fields, text)
			if p.Status != tt.status || !strings.Contains(p.Text("main"), tt.says) || !strings.Contains(p.Text("main"), "Nothing was saved") {
				t.Errorf("%s: %s: %d %s", tt.name, path, p.Status, p.Text("main"))
			}
		}
		if n := rows(); n != before {
			t.Errorf("%s: %d rows more", tt.name, n-before)
		}
		if p := app.Nobody().Get("/readyz"); p.Status != http.StatusServiceUnavailable || !strings.Contains(p.Body, tt.ready) {
			t.Errorf("%s: /readyz %d %s", tt.name, p.Status, p.Body)
		}
		if p := lee.Get("/jobs"); p.Status != http.StatusOK {
			t.Errorf("%s: pages without files: %d", tt.name, p.Status)
		}
		p := lee.Get("/attachments/" + apptest.SharedFile)
		if full := tt.status == http.StatusInsufficientStorage; full != (p.Status == http.StatusOK) || (!full && !strings.Contains(p.Text("main"), "Files cannot be opened right now")) {
			t.Errorf("%s: a file: %d %s", tt.name, p.Status, p.Text("main"))
		}
		app.BreakDisk(nil)
		app.Store.Look(t.Context())
		if p := app.Nobody().Get("/readyz"); p.Status != http.StatusOK {
			t.Errorf("after %s: /readyz %d %s", tt.name, p.Status, p.Body)
		}
	}
	app.ExecAsOwner(`create function no_room() returns trigger language plpgsql as $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
		create trigger no_room before insert on attachments for each row execute function no_room()`)
	if p := lee.Upload("/jobs", url.Values{"type": {"1"}, "description": {"The fan rattles."}}, text); p.Status != http.StatusInsufficientStorage || !strings.Contains(p.Text("main"), "Our storage is full") || rows() != before {
		t.Errorf("the database's disk is full: %d %s, %d rows more", p.Status, p.Text("main"), rows()-before)
	}
	app.ExecAsOwner(`drop function no_room cascade`)
	if p := lee.Upload("/quotes/Q-1003/files", nil, text); p.Status != http.StatusOK || rows() != before+1 {
		t.Errorf("afterwards: %d", p.Status)
	}
}

// A file whose bytes are missing is said to be missing, and not that there is
// nothing at its address, nor that the database is away.
func TestAFileThatIsMissing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	if err := app.Store.Delete(t.Context(), apptest.Value[string](app, `select blob_key from attachments where public_id = $1`, apptest.SharedFile)); err != nil {
		t.Fatal(err)
	}
	for who, path := range map[string]string{"lee": "/attachments/", "ada": "/office/attachments/"} {
		p := app.As(who).Get(path + apptest.SharedFile)
		if p.Status != http.StatusGone || !strings.Contains(p.Body, "This file is missing from storage") {
			t.Errorf("%s: %d %s", who, p.Status, p.Text("main"))
		}
	}
	if p := app.As("kim").Get("/attachments/" + apptest.HiddenFile); p.Status != http.StatusNotFound {
		t.Errorf("a file that is hidden: %d", p.Status)
	}
	if n := app.Store.Missing(); n != 2 {
		t.Errorf("%d counted", n)
	}
}
