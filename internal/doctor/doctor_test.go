package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/backup"
	"fieldgate/internal/blob"
	"fieldgate/internal/config"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/doctor"
	"fieldgate/internal/mail"
	"fieldgate/internal/mail/catcher"
	"fieldgate/internal/storage"
)

// well is an installation at which nothing is wrong.
func well(t *testing.T) doctor.Installation {
	t.Helper()
	db := dbtest.New(t)
	exec(t, db, `insert into staff (name, email, role, state) values ('Ada', 'ada@demo.test', 'administrator', 'active')`)
	files := filepath.Join(t.TempDir(), "files")
	store, err := blob.New("file://" + files)
	if err != nil {
		t.Fatal(err)
	}
	return doctor.Installation{
		Config: config.Config{BaseURL: portal(t, func(r *http.Request) int { return http.StatusOK }), Storage: "file://" + files, Fonts: "../../fonts"},
		Pool:   db, Store: storage.New(db, store), Mailer: mailer(t, catcher.Options{User: "portal", Password: "right"}, "right"),
	}
}

func portal(t *testing.T, status func(*http.Request) int) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status(r))
		fmt.Fprintln(w, "ok")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func mailer(t *testing.T, o catcher.Options, password string) *mail.Mailer {
	t.Helper()
	c, err := catcher.StartWith("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if n := len(c.Messages()); n > 0 {
			t.Errorf("%d mails were sent", n)
		}
		_ = c.Close()
	})
	s, err := mail.Parse(strings.Replace(c.URL(), "right", password, 1), "portal@northwind.test")
	if err != nil {
		t.Fatal(err)
	}
	return mail.New(s)
}

// backupOf is a place with a backup of that age.
func backupOf(t *testing.T, age time.Duration) string {
	t.Helper()
	at := time.Now().Add(-age).UTC()
	digits := []byte(at.Format("20060102150405"))
	for i := range digits { // as internal/backup names what it writes
		digits[i] += 'a' - '0'
	}
	text, err := json.Marshal(backup.Manifest{At: at})
	if err != nil {
		t.Fatal(err)
	}
	address := "file://" + t.TempDir()
	target, err := blob.New(address)
	if err == nil {
		err = target.Put(t.Context(), "backup"+string(digits)+"abcdef", bytes.NewReader(text), int64(len(text)), "application/json")
	}
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func exec(t *testing.T, db *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func says(r doctor.Report, check string) string {
	var lines []string
	for _, f := range r.Findings {
		if f.Check == check {
			lines = append(lines, f.String())
		}
	}
	return strings.Join(lines, "\n")
}

// Each thing that is wrong is said by its own check, and the others go on.
func TestWhatIsWrongIsSaid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		spoil func(*testing.T, *doctor.Installation)
		check string
		says  string
	}{
		{"nothing", func(*testing.T, *doctor.Installation) {}, "Configuration", "ok"},
		{"a setting", func(_ *testing.T, i *doctor.Installation) { i.Wrong = []string{"FIELDGATE_COLOUR is not a setting"} }, "Configuration", "fault"},
		{"no database", func(_ *testing.T, i *doctor.Installation) { i.Pool.Close() }, "Database", "fault"},
		{"rights taken away", func(t *testing.T, i *doctor.Installation) {
			exec(t, dbtest.Owner(t, i.Pool), `do $$ begin execute format('revoke select on jobs from %I', '`+i.Pool.Config().ConnConfig.User+`'); end $$`)
		}, "Migrations and rights", "fault"},
		{"not migrated", func(t *testing.T, i *doctor.Installation) {
			exec(t, dbtest.Owner(t, i.Pool), `delete from goose_db_version where version_id > 3`)
		}, "Migrations and rights", "fault"},
		{"a wrong password", func(t *testing.T, i *doctor.Installation) {
			i.Mailer = mailer(t, catcher.Options{User: "portal", Password: "right"}, "wrong")
		}, "Mail server", "fault"},
		{"a proxy that changes the host", func(t *testing.T, i *doctor.Installation) {
			i.Config.BaseURL = portal(t, func(r *http.Request) int {
				return map[bool]int{true: http.StatusOK, false: http.StatusMisdirectedRequest}[r.URL.Path == "/healthz"]
			})
		}, "Portal’s address", "fault"},
		{"a proxy without a program", func(t *testing.T, i *doctor.Installation) {
			i.Config.BaseURL = portal(t, func(*http.Request) int { return http.StatusBadGateway })
		}, "Portal’s address", "fault"},
		{"no proxy named", func(_ *testing.T, i *doctor.Installation) {
			i.Config.BaseURL = strings.Replace(i.Config.BaseURL, "http:", "https:", 1)
		}, "Proxies", "warning"},
		{"a proxy that is not named", func(t *testing.T, i *doctor.Installation) {
			exec(t, i.Pool, `insert into unnamed_proxies (address) values ('10.0.0.7')`)
		}, "Proxies", "warning"},
		{"no backup", func(t *testing.T, i *doctor.Installation) { i.Config.Backup = "file://" + t.TempDir() }, "Backups", "fault"},
		// Of what is a warning no alert tells: whoever has backups of their own lives with this one, and nobody with the next.
		{"backups elsewhere", func(*testing.T, *doctor.Installation) {}, "Backups", "warning  Backups: FIELDGATE_BACKUP is not set"},
		{"an old backup", func(t *testing.T, i *doctor.Installation) { i.Config.Backup = backupOf(t, 49*time.Hour) }, "Backups", "fault    Backups: The newest backup is 2 days old."},
		{"last night's backup", func(t *testing.T, i *doctor.Installation) { i.Config.Backup = backupOf(t, 47*time.Hour) }, "Backups", "ok"},
		{"emails that wait", func(t *testing.T, i *doctor.Installation) {
			exec(t, i.Pool, `insert into emails (kind, rule, to_address, message_id, created_at) values ('welcome', 'x', 'a@demo.test', 'm', now() - interval '3 hours')`)
		}, "Emails", "warning"},
		{"emails that failed", func(t *testing.T, i *doctor.Installation) {
			exec(t, i.Pool, `insert into emails (kind, rule, to_address, message_id, state, finished_at) values ('welcome', 'x', 'a@demo.test', 'm', 'failed', now())`)
		}, "Emails", "warning"},
		{"a webhook that gave up", func(t *testing.T, i *doctor.Installation) {
			exec(t, i.Pool, `insert into webhooks (seal, name, address, secret, active, off_why, off_at) values ('a', 'Warehouse', 'https://a.test', '', false, 'failing', now()), ('b', 'Stopped by staff', 'https://b.test', '', false, 'staff', now())`)
		}, "Webhooks", "warning  Webhooks: A webhook is switched off because of what was answered: Warehouse."},
		{"a webhook that fails", func(t *testing.T, i *doctor.Installation) {
			exec(t, i.Pool, `insert into webhooks (seal, name, address, secret, failing_since) values ('a', 'Warehouse', 'https://a.test', '', now() - interval '119 minutes'), ('b', 'Just now', 'https://b.test', '', now())`)
		}, "Webhooks", "warning  Webhooks: Nothing has got through to Warehouse by webhook for 2 hours."},
		{"no drop folder", func(t *testing.T, i *doctor.Installation) { i.Config.Drop = filepath.Join(t.TempDir(), "none") }, "Drop folder", "fault"},
		{"a drop folder", func(t *testing.T, i *doctor.Installation) { i.Config.Drop = t.TempDir() }, "Drop folder", "ok"},
		{"nobody at the queue", func(t *testing.T, i *doctor.Installation) {
			exec(t, i.Pool, `insert into river_job (kind, args, queue, max_attempts, scheduled_at) values ('chore', '{}', 'upkeep', 25, now() - interval '1 hour')`)
		}, "Background work", "warning"},
		{"no Administrator", func(t *testing.T, i *doctor.Installation) { exec(t, i.Pool, `update staff set state = 'suspended'`) }, "Administrators", "warning"},
		{"storage that refuses", func(t *testing.T, i *doctor.Installation) { i.Store = storage.New(i.Pool, refusing{i.Store.Store}) }, "Storage", "fault"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := well(t)
			tt.spoil(t, &i)
			r := doctor.New(i).FullCheck(t.Context())
			if got := says(r, tt.check); !strings.HasPrefix(got, tt.says) {
				t.Errorf("%q", got)
			}
			for _, check := range []string{"Configuration", "Database", "Storage", "Mail server", "Portal’s address", "Backups", "Emails", "What customers see"} {
				if says(r, check) == "" {
					t.Errorf("%s was not looked at", check)
				}
			}
			var others []string
			for _, f := range r.Findings {
				if f.Level > doctor.OK && f.Check != tt.check && f.Check != "Backups" {
					others = append(others, f.String())
				}
				if strings.Contains(f.String(), "\n") {
					t.Errorf("more than a line: %q", f)
				}
			}
			if len(others) > 0 && !slices.Contains([]string{"no database", "not migrated", "no proxy named", "rights taken away"}, tt.name) {
				t.Errorf("besides: %s", strings.Join(others, "\n"))
			}
		})
	}
}

// refusing is a bucket to which nothing may be written.
type refusing struct{ blob.Store }

func (refusing) Put(context.Context, string, io.Reader, int64, string) error {
	return blob.Trouble{Kind: blob.Refused, Err: os.ErrPermission}
}

// What nobody can open is no reason to leave the rest.
func TestWithoutAnything(t *testing.T) {
	t.Parallel()
	r := doctor.New(doctor.Installation{Wrong: []string{"DATABASE_URL is missing"}}).FullCheck(t.Context())
	if r.Worst() != doctor.Fault || len(r.Findings) < 10 {
		t.Errorf("%v", r)
	}
}
