package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/blob"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

func TestFilesAreCheckedAndSwept(t *testing.T) {
	t.Parallel()
	url, dir := dbtest.URL(t), t.TempDir()
	environ := []string{"DATABASE_URL=" + url, "FIELDGATE_STORAGE=file://" + dir, "TMPDIR=" + t.TempDir()}
	files, err := blob.New("file://" + dir)
	if err != nil {
		t.Fatal(err)
	}
	logo, spare := blob.NewKey(), blob.NewKey()
	for _, key := range []string{logo, spare} {
		if err := files.Put(t.Context(), key, strings.NewReader("hello"), 5, ""); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-48 * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, key[:2], key[2:4], key), at, at); err != nil {
			t.Fatal(err)
		}
	}
	pool, err := postgres.Open(t.Context(), url, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), `update company set logo_key = $1`, logo); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args   string
		status int
		says   string
	}{
		{"files check", 0, "All 1 files are in storage"},
		{"files sweep --dry-run", 0, "To be deleted: 1 that nobody names"},
		{"files sweep", 1, "files sweep --adopt"},
		{"files sweep --adopt --dry-run", 0, "To be deleted: 1 that nobody names"},
		{"files sweep", 1, "storage belongs to no installation yet"},
		{"files sweep --adopt", 0, "Deleted: 1 that nobody names"},
		{"files sweep", 0, "Deleted: 0 that nobody names"},
		{"files check", 0, "All 1 files are in storage"},
	} {
		if out, status := fieldgate(t, environ, strings.Fields(tt.args)...); status != tt.status || !strings.Contains(out, tt.says) {
			t.Errorf("fieldgate %s: %d\n%s", tt.args, status, out)
		}
	}
	if err := files.Delete(t.Context(), logo); err != nil {
		t.Fatal(err)
	}
	if out, status := fieldgate(t, environ, "files", "check"); status != 1 || !strings.Contains(out, "Missing: the logo ("+logo+")") || !strings.Contains(out, "1 of 1 files are missing") {
		t.Errorf("a logo that is gone: %d\n%s", status, out)
	}
}

// TestServeSaysWhatIsWrongWithStorage: what stays wrong ends the start in plain
// words.
func TestServeSaysWhatIsWrongWithStorage(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	for name, address := range map[string]string{
		"a file where the folder should be": "file:///dev/null/files",
		"another scheme":                    "ftp://example.com/files",
		"no bucket":                         "s3://key:hush-hush@example.com",
	} {
		out, status := fieldgate(t, []string{
			"DATABASE_URL=" + url, "FIELDGATE_STORAGE=" + address, "FIELDGATE_LISTEN=127.0.0.1:0", "FIELDGATE_BASE_URL=http://localhost",
			"FIELDGATE_SECRET_KEY=the secret key of the tests is no secret", "FIELDGATE_SMTP_URL=smtp://127.0.0.1:1", "FIELDGATE_MAIL_FROM=a@example.com",
		}, "serve")
		if status != 1 || !strings.Contains(out, "FIELDGATE_STORAGE") || strings.Contains(out, "hush-hush") {
			t.Errorf("%s: %d\n%s", name, status, out)
		}
	}
}
