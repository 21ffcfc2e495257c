package attack_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// TestEveryAnswerGuardsItself: whatever is sent, browsers are told to take it for
// nothing else, to show it nowhere else and to tell nobody where it came from.
func TestEveryAnswerGuardsItself(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for who, paths := range map[string][]string{
		"nobody": {"/login", "/office/login", "/nothing", "/healthz", "/readyz", "/static/nothing", "/manifest.webmanifest", "/csp-reports"},
		"lee":    {"/", "/jobs", "/jobs/J-0", "/attachments/" + apptest.SharedFile, "/details/devices"},
		"ada":    {"/office", "/office/jobs.csv", "/office/nothing", "/office/admin/staff"},
	} {
		b := app.As(who)
		for _, path := range paths {
			p := b.Get(path)
			for header, words := range map[string][]string{
				"Content-Security-Policy":      {"default-src 'none'", "object-src ", "base-uri 'none'", "frame-ancestors "},
				"X-Content-Type-Options":       {"nosniff"},
				"Referrer-Policy":              {"same-origin"},
				"Cross-Origin-Opener-Policy":   {"same-origin"},
				"Cross-Origin-Resource-Policy": {"same-origin"},
			} {
				for _, w := range words {
					if got := p.Header.Get(header); !strings.Contains(got, w) {
						t.Errorf("%s, %d: %s is %q, without %s", path, p.Status, header, got, w)
					}
				}
			}
			kind := p.Header.Get("Content-Type")
			if kind == "" || (strings.HasPrefix(kind, "text/") && !strings.Contains(kind, "charset=utf-8")) {
				t.Errorf("%s, %d: Content-Type is %q", path, p.Status, kind)
			}
			if got := p.Header.Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("%s is open to %s", path, got)
			}
		}
	}
}

// TestDevicesAreEndedWithAFreshPassword: whoever finds an open browser does not
// throw its owner out elsewhere.
func TestDevicesAreEndedWithAFreshPassword(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for name, path := range map[string]string{"lee": "/details/devices", "ada": "/office/account/devices"} {
		elsewhere := app.As(name)
		b := left(app, name)
		for _, form := range []string{`form[action$="/removal"]:not([action$="devices/removal"])`, `form[action$="/devices/removal"]`} {
			asked := b.Submit(b.Get(path), form, nil)
			if asked.Status != http.StatusForbidden || asked.Find("input[name=proof]").Length() != 1 {
				t.Errorf("%s, %s: %d, %s", name, form, asked.Status, asked.Text("main"))
			}
		}
		if p := elsewhere.Get(path); p.Find(".devices__item").Length() < 2 {
			t.Errorf("%s was signed out: %s", name, p.Text("main"))
		}
		asked := b.Submit(b.Get(path), `form[action$="/devices/removal"]`, nil)
		if p := b.Submit(asked, "main form", url.Values{"proof": {apptest.Password}}); p.Find(".devices__item").Length() != 1 {
			t.Errorf("%s, with the password: %d, %s", name, p.Status, p.Text("main"))
		}
		if p := elsewhere.Get(path); p.URL.Path == path {
			t.Errorf("%s is still signed in elsewhere", name)
		}
	}
}

// TestRefusalsAreInTheLog is not parallel: the log is the process's.
func TestRefusalsAreInTheLog(t *testing.T) { //nolint:paralleltest // see above
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	log := &lines{}
	app := apptest.New(t)
	lee, ben, ada := app.As("lee"), app.As("ben"), app.As("ada")
	token := ada.Submit(ada.Get("/office/admin/tokens/new"), "main form.form", url.Values{"name": {"CRM"}, "access": {"everything"}, "reach": {"all"}, "days": {"365"}}).Find(".secret").Text()
	asks := func(path string) func() {
		return func() { app.Nobody().Ask("GET", "/api/v1"+path, "Authorization", "Bearer "+token) }
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	for _, c := range []struct {
		name string
		do   func()
		want string // "" for no line
	}{
		{"a page that works", func() { lee.Get("/jobs") }, ""},
		{"a page nobody has", func() { lee.Get("/nothing") }, ""},
		{"a number of nobody", func() { lee.Get("/jobs/J-99999") }, `level=INFO msg=security event=request-refused side=portal address=127.0.0.1 account="Lee Nakamura" reason="not-found, GET /jobs/{number}"`},
		{"a visitor's guess", func() { app.Nobody().Get("/jobs/J-99999") }, ""},
		{"Administration", func() { ben.Get("/office/admin/staff") }, `level=WARN msg=security event=request-refused side=office address=127.0.0.1 account="Ben Whitlock" reason="forbidden, GET /office/admin/staff"`},
		{"a system that tries numbers", asks("/jobs/J-99999"), `level=INFO msg=security event=request-refused side=api address=127.0.0.1 account="token`},
		{"a system that looks for its own", asks("/jobs/by-external/crm/4711"), ""},
		{"a form of another site", func() {
			send(t, "POST", app.URL+"/login", bytes.NewReader(nil), "Sec-Fetch-Site", "cross-site")
		}, `level=WARN msg=security event=request-refused side=portal address=127.0.0.1 account=- reason="other-site, POST none"`},
	} {
		log.about()
		c.do()
		got := strings.Join(log.about(), "")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// TestWhatIsNotTakenHasAName: a request that came to nothing stands in the log
// with whoever sent it, by number.
func TestWhatIsNotTakenHasAName(t *testing.T) {
	t.Parallel()
	log := &lines{}
	app := apptest.NewLogged(t, log)
	lee, ada := app.As("lee"), app.As("ada")
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"a page that works", func() { lee.Get("/jobs") }, `status=200 .* took=\S+ address=127.0.0.1\n$`},
		{"a form that is not right", func() { lee.Post("/jobs", url.Values{"description": {""}}) }, `route=/jobs status=422 .* visitor="person 1"\n$`},
		{"one that is too large", func() { lee.Post("/jobs", url.Values{"description": {strings.Repeat("x", 2<<20)}}) }, `status=413 `},
		{"in the office", func() { ada.Post("/office/customers", nil) }, `route=/office/customers status=422 .* visitor="staff 1"\n$`},
		{"by nobody", func() { app.Nobody().Get("/nothing") }, `status=404 .* took=\S+ address=127.0.0.1\n$`},
	} {
		log.with("")
		c.do()
		if got := strings.Join(log.with("msg=request"), ""); !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
