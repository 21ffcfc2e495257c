package main

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/mail/catcher"
)

func TestDoctor(t *testing.T) {
	t.Parallel()
	c, err := catcher.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) }))
	defer portal.Close()
	url := dbtest.URL(t)
	environ := []string{
		"DATABASE_URL=" + url, "FIELDGATE_BASE_URL=" + portal.URL, "FIELDGATE_SECRET_KEY=the secret key of the tests is no secret", "FIELDGATE_SMTP_URL=" + c.URL(),
		"FIELDGATE_MAIL_FROM=a@example.com", "FIELDGATE_STORAGE=file://" + t.TempDir(), "TMPDIR=" + t.TempDir(),
	}
	out, status := fieldgate(t, environ, "doctor")
	if status != 1 || strings.Contains(out, "fault") || !strings.Contains(out, "warning  Backups: FIELDGATE_BACKUP is not set") || !strings.Contains(out, "ok       Mail server:") {
		t.Errorf("without backups: %d\n%s", status, out)
	}
	if out, status := fieldgate(t, append(environ, "FIELDGATE_BACKUP=file://"+t.TempDir()), "staff", "add", "ada@demo.test", "Ada"); status != 0 {
		t.Fatal(out)
	}
	out, status = fieldgate(t, append(environ, "FIELDGATE_COLOUR=blue"), "doctor", "--json")
	var found []struct{ Check, Level, Says, Do string }
	if err := json.Unmarshal([]byte(out), &found); err != nil || status != 2 || len(found) < 14 || found[0].Level != "fault" || found[0].Check != "Configuration" {
		t.Errorf("with a setting that is none: %d, %v\n%s", status, err, out)
	}
	if out, status := fieldgate(t, nil, "doctor"); status != 2 || !strings.Contains(out, "DATABASE_URL is missing") || !strings.Contains(out, "Backups") {
		t.Errorf("without any setting: %d\n%s", status, out)
	}
}

// The only Administrator who lost the password gets back in by the command line.
func TestStaffByTheCommandLine(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	db := dbtest.Open(t, url)
	environ := []string{"DATABASE_URL=" + url, "FIELDGATE_BASE_URL=https://portal.example.com"}
	if _, err := db.Exec(t.Context(), `
		insert into staff (name, email, role, state, password_hash) values
			('Ada', 'ada@demo.test', 'administrator', 'active', 'x'), ('Ben', 'ben@demo.test', 'office', 'active', 'x'), ('Eve', 'eve@demo.test', 'office', 'invited', ''), ('Tom', '', 'field', 'active', '')`); err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`https://portal\.example\.com/office/(reset|welcome)/[A-Za-z0-9_-]{43}`)
	for _, tt := range []struct {
		args   string
		status int
		says   string
	}{
		{"list", 0, "ada@demo.test"},
		{"link ADA@demo.test", 0, "/office/reset/"},
		{"link eve@demo.test", 0, "/office/welcome/"},
		{"link nobody@demo.test", 1, "nobody who works here has the address nobody@demo.test"},
		{"suspend ada@demo.test", 1, "the last Administrator"},
		{"suspend ben@demo.test", 0, "Ben <ben@demo.test> is suspended"},
		{"link ben@demo.test", 1, "Ben cannot sign in now"},
	} {
		out, status := fieldgate(t, environ, append([]string{"staff"}, strings.Fields(tt.args)...)...)
		if status != tt.status || !strings.Contains(out, tt.says) || (strings.HasPrefix(tt.args, "link") && status == 0) != link.MatchString(out) {
			t.Errorf("staff %s: %d %s", tt.args, status, out)
		}
	}
	var trail int
	if err := db.QueryRow(t.Context(), `select count(*) from audit_entries where actor = 'operator' and actor_name in ('fieldgate staff link', 'fieldgate staff suspend')`).Scan(&trail); err != nil || trail != 3 {
		t.Errorf("%d entries in the trail, want 3 (%v)", trail, err)
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer up.Close()
	_, port, err := net.SplitHostPort(up.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	environ := append(os.Environ(), "HTTP_PROXY=http://127.0.0.1:1")
	for listen, want := range map[string]int{"127.0.0.1:" + port: 0, ":" + port: 0, "127.0.0.1:1": 1} {
		if out, status := fieldgate(t, append(environ, "FIELDGATE_LISTEN="+listen), "healthcheck"); status != want {
			t.Errorf("%s: %d %s", listen, status, out)
		}
	}
}
