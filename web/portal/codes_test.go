package portalweb_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

var inMail = regexp.MustCompile(`\b\d{8}\b`)

// mailedCode is the code in the mail to the address.
func mailedCode(t *testing.T, app *apptest.App, to string) string {
	t.Helper()
	m, err := app.Mail.Wait(t.Context(), func(m catcher.Message) bool {
		return slices.Contains(m.Recipients, to) && inMail.MatchString(m.Subject)
	})
	if err != nil {
		t.Fatal(err)
	}
	return inMail.FindString(m.Subject)
}

// Somebody who has forgotten the password comes in by a code, to the page first
// asked for, in the browser that asked and in no other.
func TestSigningInByACode(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	b := app.Nobody()
	login := b.Get("/jobs")
	expect(t, login, 200, "/login", "Email me a code")
	fields := url.Values{"email": {"Lee@demo.test"}, "first": {"yes"}, "next": {"/jobs"}, "remember": {"yes"}}
	asked := b.Post("/login/code", fields)
	expect(t, asked, 200, "/login/code/digits", "Enter the code")
	field := asked.Find("input[name=code]")
	if field.AttrOr("autocomplete", "") != "one-time-code" || field.AttrOr("inputmode", "") != "numeric" {
		t.Error("phones do not fill the code in")
	}
	code := mailedCode(t, app, "lee@demo.test")
	if got := apptest.Value[string](app, `select subject || ' ' || (select text from email_copies c where c.email_id = e.id) from emails e where kind = 'code'`); strings.Contains(got, code) {
		t.Error("the office can read the code:", got)
	}
	if p := app.Nobody().Post("/login/code/digits", url.Values{"code": {code}}); p.Status != http.StatusGone {
		t.Errorf("in another browser: %d", p.Status)
	}
	for range 2 { // a scanner, or a look back: nothing is used up
		expect(t, b.Get("/login/code/digits?next=/jobs"), 200, "/login/code/digits", "Enter the code")
	}
	expect(t, b.Post("/login/code/digits", url.Values{"code": {"123"}}), 422, "/login/code/digits", "Enter the 8 digits")
	wrong := code[:7] + string('0'+(code[7]-'0'+1)%10)
	expect(t, b.Post("/login/code/digits", url.Values{"code": {wrong}, "next": {"/jobs"}}), 422, "/login/code/digits", "You have 4 tries left")
	expect(t, b.Post("/login/code/digits", url.Values{"code": {code[:4] + "-" + code[4:]}, "next": {"/jobs"}}), 200, "/jobs", "")
	if got := apptest.Value[string](app, `select string_agg(remember::text, ' ') from sessions where side = 'portal'`); got != "true" {
		t.Error("stay signed in:", got)
	}
	expect(t, b.Post("/login/code/digits", url.Values{"code": {code}}), 200, "/", "") // pressed twice: in already
}

// The pages of asking are the same for an address that nobody has, and for staff.
func TestPagesOfACodeDoNotTellWhoIsKnown(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	var told []string
	for _, email := range []string{"kim@demo.test", "zoe@demo.test", "ada@demo.test", "max@demo.test"} {
		b := app.Nobody()
		var pages []string
		p := b.Post("/login/code", url.Values{"email": {email}})
		pages = append(pages, strings.ReplaceAll(p.Text("main"), email, "…"))
		for range 6 {
			p = b.Post("/login/code/digits", url.Values{"code": {"00000000"}})
			pages = append(pages, http.StatusText(p.Status), strings.ReplaceAll(p.Text("main"), email, "…"))
		}
		told = append(told, strings.Join(pages, "\n"))
	}
	for _, other := range told[1:] {
		if other != told[0] {
			t.Errorf("not alike:\n%s\n---\n%s", told[0], other)
		}
	}
	if got := apptest.Value[int](app, `select count(*) from emails where kind = 'code' and to_address <> 'kim@demo.test'`); got != 0 {
		t.Errorf("%d codes for others", got)
	}
}

// On a phone somebody stays signed in unless they say otherwise.
func TestPhonesStaySignedIn(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for agent, want := range map[string]bool{
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1": true,
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36":                         true,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36":                         false,
	} {
		p := app.Nobody().Ask(http.MethodGet, "/login", "User-Agent", agent)
		if _, ticked := p.Find("input[name=remember]").Attr("checked"); ticked != want || !p.Has("Stay signed in for 60 days") {
			t.Errorf("%s: ticked %t", agent, ticked)
		}
	}
}

// What asks for a fresh proof takes a code of who has forgotten the password, and
// keeps what was typed; with a second factor on it takes the password alone.
func TestAFreshProofByCode(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	stale := func() { app.Exec(`update sessions set created_at = now() - interval '16 minutes'`) }
	stale()
	if p := lee.Post("/details/second-factor/setup", nil); p.Status != http.StatusForbidden || p.Find("[name=proof-by]").Length() != 1 {
		t.Fatalf("%d %s", p.Status, p.Text("main"))
	}
	expect(t, lee.Post("/details/second-factor/setup", url.Values{"proof-by": {"code"}}), 200, "/details/second-factor/setup", "8 digits")
	code := mailedCode(t, app, "lee@demo.test")
	wrong := code[:7] + string('0'+(code[7]-'0'+1)%10)
	expect(t, lee.Post("/details/second-factor/setup", url.Values{"proof-code": {wrong}}), 422, "", "You have 4 tries left")
	if p := app.As("kim").Post("/details/second-factor/setup", url.Values{"proof-code": {code}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("somebody else's code: %d", p.Status)
	}
	expect(t, lee.Post("/details/second-factor/setup", url.Values{"proof-code": {code}}), 200, "/details/second-factor", "Scan this")
	app.Exec(`update second_factors set on_since = now()`)
	stale()
	p := lee.Post("/details/devices/removal", nil)
	if p.Find("[name=proof]").Length() != 1 || p.Find("[name=proof-by]").Length() != 0 {
		t.Errorf("with a second factor: %s", p.Text("main"))
	}
	if p := lee.Post("/details/devices/removal", url.Values{"proof-by": {"code"}}); p.Status != http.StatusNotFound {
		t.Errorf("a code all the same: %d", p.Status)
	}
}
