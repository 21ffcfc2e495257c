package attack_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"fieldgate/web/apptest"
)

func logIn(t *testing.T, app *apptest.App, side, email, password string, headers ...string) reply {
	t.Helper()
	form := url.Values{"email": {email}, "password": {password}}.Encode()
	return send(t, "POST", app.URL+side, strings.NewReader(form), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

// TestOwnBrowserComesInBesideAnAttack: the browser that somebody signs in with
// every day does so while others guess, from there and from elsewhere.
func TestOwnBrowserComesInBesideAnAttack(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	var device string
	for _, c := range logIn(t, app, "/login", "lee@demo.test", apptest.Password).Cookies {
		if c.Name == "fieldgate_device" {
			device = c.Name + "=" + c.Value
		}
	}
	if device == "" {
		t.Fatal("no cookie of the device")
	}
	for n := range 12 {
		logIn(t, app, "/login", "lee@demo.test", "wrong", "X-Forwarded-For", fmt.Sprintf("203.0.113.%d", n))
	}
	app.Exec(`insert into attempts (kind, side, account, address, network) select 'sign-in', 'portal', n::text, '127.0.0.1', '127.0.0.1' from generate_series(1, 100) n`)
	for _, c := range []struct {
		name, cookie string
		want         int
	}{
		{"a strange browser", "fieldgate_device=x", http.StatusTooManyRequests},
		{"the own one", device, http.StatusSeeOther},
	} {
		if res := logIn(t, app, "/login", "lee@demo.test", apptest.Password, "Cookie", c.cookie); res.Status != c.want {
			t.Errorf("%s: %d, want %d", c.name, res.Status, c.want)
		}
	}
}

// TestAttacksAreSeen: what an attacker tries stands where staff look, and the
// Administrators get one email. That it is one address, and which of the
// accounts exist, they see; what was typed in their place they do not.
func TestAttacksAreSeen(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for n := range 12 {
		logIn(t, app, "/login", "lee@demo.test", "wrong")
		logIn(t, app, "/office/login", "ben@demo.test", "wrong")
		logIn(t, app, "/login", fmt.Sprintf("my secret %d", n), "wrong")
	}
	m, err := app.Mail.WaitTo(t.Context(), "ada@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	if all := fmt.Sprint(m); !strings.Contains(all, "Many failed sign-ins") || !strings.Contains(all, "lee@demo.test") || strings.Contains(all, "secret") {
		t.Errorf("%.1000s", all)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'sign-ins-fail'`); n != 1 {
		t.Errorf("%d emails of one burst", n)
	}
	logIn(t, app, "/login", "kim@demo.test", apptest.Password)
	ada := app.As("ada")
	page := ada.Get("/office/admin/sign-ins?outcome=refused")
	if got := page.Text("#results tbody"); !strings.Contains(got, "lee@demo.test") || !strings.Contains(got, "ben@demo.test") || !strings.Contains(got, "Too many wrong passwords") {
		t.Errorf("refused: %q", got)
	}
	for query, want := range map[string]string{"?outcome=wrong&side=office": "10 entries", "?q=ben%40demo": "11 entries", "?outcome=right": "1 entry", "?q=203.0.113.1": "0 entries"} {
		if got := ada.Get("/office/admin/sign-ins" + query).Text("#which"); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %s", query, got, want)
		}
	}
	if csv := ada.Get("/office/admin/sign-ins.csv"); csv.Status != 200 || strings.Contains(csv.Body, "secret") {
		t.Errorf("the file: %d %.300s", csv.Status, csv.Body)
	}
	trail := ada.Get("/office/admin/activity").Text("#results")
	for _, words := range []string{"lee@demo.test", "refused after too many tries", "saved the list “", "” as a file"} {
		if !strings.Contains(trail, words) {
			t.Errorf("the trail does not say %q", words)
		}
	}
	// Switched off, nobody is told.
	app.Exec(`update emails set created_at = created_at - interval '2 hours'`)
	app.Exec(`update portal_settings set tell_of_guessing = false`)
	logIn(t, app, "/login", "lee@demo.test", "wrong")
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'sign-ins-fail'`); n != 1 {
		t.Errorf("%d emails, though it is switched off", n-1)
	}
	app.Exec(`update portal_settings set tell_of_guessing = true`)
	logIn(t, app, "/login", "lee@demo.test", "wrong")
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'sign-ins-fail'`); n != 2 {
		t.Errorf("%d emails after an hour, want another one", n)
	}
}

// lines holds a log.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

// about are the lines of attacks since the last call.
func (l *lines) about() []string { return l.with("msg=security") }

// with are the lines with the words since the last call.
func (l *lines) with(words string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.all.String()) {
		if strings.Contains(line, words) {
			found = append(found, line)
		}
	}
	l.all.Reset()
	return found
}

// TestLinesOfAttacksAreAsDocumented reads the lines that the program writes with
// the regular expression that operators are given. It is not parallel: the log
// is the process's.
func TestLinesOfAttacksAreAsDocumented(t *testing.T) { //nolint:paralleltest // see above
	doc, err := os.ReadFile("../../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	rule := regexp.MustCompile(`(?m)^failregex = (.*)$`).FindSubmatch(doc)
	if rule == nil {
		t.Fatal("docs/operating.md has no failregex")
	}
	bars := regexp.MustCompile(strings.ReplaceAll(string(rule[1]), "<ADDR>", `(?P<address>[0-9a-f.:]+)`))
	form := regexp.MustCompile(`^time=\S+ level=(INFO|WARN) msg=security event=[a-z-]+ side=(portal|office) address=([0-9a-f.:]+|-) account=(\S+|"[^"]*") reason=(\S+|"[^"]*") request=(\S+)( proxy=\S+)?\n$`)
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	log := &lines{}
	app := apptest.New(t)
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	ada := app.As("ada")
	log.about()
	for _, c := range []struct {
		name   string
		do     func()
		events string // of each line, "!" before those that fail2ban counts
	}{
		{"a wrong password", func() { logIn(t, app, "/login", "lee@demo.test", "wrong") }, "!sign-in-failed lee@demo.test wrong-password"},
		{"at the office", func() { logIn(t, app, "/office/login", "ben@demo.test", "wrong") }, "!sign-in-failed ben@demo.test wrong-password"},
		{"a password in the wrong field", func() { logIn(t, app, "/login", "address=198.51.100.1 secret", "x") }, "!sign-in-failed - unknown-address"},
		{"through a proxy nobody named", func() { logIn(t, app, "/login", "lee@demo.test", "wrong", "X-Forwarded-For", "203.0.113.1") }, "sign-in-failed lee@demo.test wrong-password"},
		{"beyond the limit", func() {
			app.Exec(`update attempts set network = '127.0.0.1'`)
			app.Exec(`insert into attempts (kind, side, account, network) select 'sign-in', 'portal', n::text, '127.0.0.1' from generate_series(1, 100) n`)
			logIn(t, app, "/login", "lee@demo.test", "wrong")
		}, "!sign-in-refused lee@demo.test address-limit"},
		{"a link that was guessed", func() { app.Nobody().Get("/reset/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") }, "!link-refused - unknown-link"},
		{"too many resets", func() {
			for range 6 {
				app.Nobody().Post("/forgot-password", url.Values{"email": {"kim@demo.test"}})
			}
		}, strings.Repeat(`person-asked-for-a-new-password kim@demo.test "by a visitor"; `, 5) + "!reset-refused - network-limit"},
		{"a preview", func() { ada.Post("/office/customers/C-1001/contacts/1/preview", nil) }, `contact-previewed "Lee Nakamura" "by staff Ada Fontaine"`},
		{"an export", func() { ada.Get("/office/jobs.csv") }, `export-exported jobs "by staff Ada Fontaine"`},
		{"another role", func() {
			ada.Submit(ada.Get("/office/admin/staff/2"), "main form", url.Values{"role": {"administrator"}})
		}, `staff-edited "Ben Whitlock" "by staff Ada Fontaine, role"`},
	} {
		c.do()
		var events []string
		for _, line := range log.about() {
			m := form.FindStringSubmatch(line)
			if m == nil {
				t.Errorf("%s: not of the documented form: %s", c.name, line)
				continue
			}
			event := regexp.MustCompile(`event=(\S+)`).FindStringSubmatch(line)[1] + " " + m[4] + " " + m[5]
			if at := bars.FindStringSubmatch(line); at != nil {
				if at[1] != "127.0.0.1" {
					t.Errorf("%s: %s is barred: %s", c.name, at[1], line)
				}
				event = "!" + event
			}
			events = append(events, event)
		}
		if got := strings.Join(events, "; "); got != c.events {
			t.Errorf("%s: %s, want %s", c.name, got, c.events)
		}
	}
}
