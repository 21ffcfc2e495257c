package attack_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"fieldgate/web/apptest"
	"fieldgate/web/gate"
)

const harbourContacts = "/office/customers/C-1001/contacts/"

// preview is Ben's browser, looking at the portal as that contact of Harbour Dental.
func preview(t *testing.T, app *apptest.App, contact string) *apptest.Browser {
	t.Helper()
	ben := app.As("ben")
	if p := ben.Submit(ben.Get(harbourContacts+contact), "form[action$='/preview']", nil); p.Status != http.StatusOK || p.URL.Path != "/" || p.Find(".preview-banner").Length() != 1 {
		t.Fatalf("a preview of contact %s leads to %d at %s: %s", contact, p.Status, p.URL, p.Text("main"))
	}
	return ben
}

// TestPreviewIsWhatTheContactSees compares every page that Lee and Kim reach by links.
func TestPreviewIsWhatTheContactSees(t *testing.T) {
	t.Parallel()
	for name, contact := range map[string]string{"lee": "1", "kim": "2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			theirs, ours := app.As(name), preview(t, app, contact)
			for path, want := range theirs.Pages("/", 5) {
				if !strings.HasPrefix(want.Header.Get("Content-Type"), "text/html") {
					continue
				}
				got := ours.Get(path)
				if got.Status == http.StatusForbidden && strings.Contains(got.Text("main"), "A preview does not show this") {
					continue
				}
				if want.Status != http.StatusOK {
					continue
				}
				if got.Status != want.Status || shown(got) != shown(want) || got.Text("nav[aria-label=Main]") != want.Text("nav[aria-label=Main]") {
					t.Errorf("%s: %d\n%s\nwant %d\n%s", path, got.Status, shown(got), want.Status, shown(want))
				}
				if banner := got.Text(".preview-banner"); !strings.Contains(banner, want.Text(".account__name")) || got.Find(".preview-banner form[action='/office/contacts/preview/end'] button").Length() != 1 {
					t.Errorf("%s: the banner says %q", path, banner)
				}
				if one, two := ours.RoundTrips(path), theirs.RoundTrips(path); one > two {
					t.Errorf("%s takes %d round trips, %d for the contact", path, one, two)
				}
				if got.Find("form[method=post] :is(button:not([type]), [type=submit]):not([disabled]):not(.preview-banner__end)").Length() > 0 {
					t.Errorf("%s: a form can be sent", path)
				}
			}
		})
	}
}

// persons is what is the person's own, which no preview shows, and what takes files or a signature.
var persons = regexp.MustCompile(`Signing in and emails.*Where you are signed in now|Download my data\s*Everything you see here, as one file|(?s:Notifications on this device.*open the portal on your phone\.)|Take a photo|Signature\s*You can draw.*enough\.\s*Clear`)

func shown(p apptest.Page) string {
	return strings.Join(strings.Fields(persons.ReplaceAllString(p.Text("main"), " ")), "")
}

// TestEveryRouteInAPreview: whatever is asked for by a preview, the portal
// answers as to the contact, refuses what would do something, and the office
// does not know it.
func TestEveryRouteInAPreview(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	cookie := preview(t, app, "2").Cookie("/jobs")
	if !strings.HasPrefix(cookie, "fieldgate_preview=") || strings.Contains(cookie, ";") {
		t.Fatalf("cookie %q", cookie)
	}
	before := everything(t, app)
	for _, route := range app.SortedRoutes() {
		if strings.HasPrefix(route.Pattern, "/brand/") || route.Pattern == "/healthz" || route.Pattern == "/readyz" || route.Pattern == "/csp-reports" || route.Pattern == "/worker.js" || route.Pattern == "/mail/inbound" || strings.HasPrefix(route.Pattern, "/api") || strings.HasPrefix(route.Pattern, "/calendar/") { // for machines
			continue
		}
		path := apptest.Path(t, route.Pattern)
		p := app.Nobody().Ask(route.Method, path, "Cookie", cookie)
		switch office := strings.HasPrefix(route.Pattern, "/office"); {
		case office && route.Who != gate.Public:
			if !strings.HasPrefix(p.URL.Path, "/office/login") {
				t.Errorf("%s %s: %d at %s; the office knows no preview", route.Method, path, p.Status, p.URL)
			}
		case office:
		case route.Method == http.MethodPost, route.Who == gate.Public, route.Who == gate.Person:
			if p.Status != http.StatusForbidden || !p.Has("This is a preview") {
				t.Errorf("%s %s: %d %s", route.Method, path, p.Status, p.Text("main"))
			}
		case may[strings.TrimSuffix(route.Who, orLink)]["kim"] == in:
			// The samples are Lee's: they do not exist for Kim. What is the person's own is refused.
			own := p.Status == http.StatusForbidden && p.Has("A preview does not show this")
			if p.Status != http.StatusOK && p.Status != http.StatusNotFound && !own {
				t.Errorf("%s %s: %d", route.Method, path, p.Status)
			}
		case may[strings.TrimSuffix(route.Who, orLink)]["kim"] == unknown:
			if p.Status != http.StatusNotFound {
				t.Errorf("%s %s: %d, does not exist for her", route.Method, path, p.Status)
			}
		case p.Status != http.StatusForbidden && p.Status != http.StatusNotFound:
			t.Errorf("%s %s: %d, she may not", route.Method, path, p.Status)
		}
	}
	changes(t, before, everything(t, app))
}

// TestPreviewLeavesNoTrace: looking at everything as Lee changes no row but the
// preview's own, and the trail, which names who looked as whom, once, and that
// files were taken out, once.
func TestPreviewLeavesNoTrace(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	before := everything(t, app)
	ben.Submit(ben.Get(harbourContacts+"1"), "form[action$='/preview']", nil)
	ben.Pages("/", 5)
	for range 2 {
		if p := ben.Get("/attachments/" + apptest.SharedFile); p.Status != http.StatusOK || p.Body != "Shared report." {
			t.Errorf("the file: %d %s", p.Status, p.Body)
		}
	}
	if p := ben.Post("/office/contacts/preview/end", nil); p.URL.Path != harbourContacts+"1" {
		t.Errorf("ended at %s", p.URL)
	}
	changes(t, before, everything(t, app))
	trail := apptest.Value[string](app, `select string_agg(concat_ws(' ', actor, actor_name, action, thing, thing_id), '; ' order by id) from audit_entries`)
	if want := "staff Ben Whitlock previewed contact 1"; !strings.HasPrefix(trail, want) || strings.Count(trail, "previewed") != 1 || strings.Count(trail, "downloaded in preview") > 1 {
		t.Errorf("the trail says %q", trail)
	}
}

// everything is a fingerprint of each table of the business, but for the
// sessions and the trail.
func everything(t *testing.T, app *apptest.App) map[string]string {
	t.Helper()
	all := app.Rows()
	all["sessions of contacts"] = apptest.Value[string](app, `select count(*)::text from sessions where side = 'portal'`)
	return all
}

func changes(t *testing.T, before, after map[string]string) {
	t.Helper()
	for table, was := range before {
		if after[table] != was {
			t.Errorf("%s changed", table)
		}
	}
}

// TestWhoCanBePreviewed: contacts without access too, archived ones never.
func TestWhoCanBePreviewed(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into contacts (customer_id, name, email, access, jobs_see, invited_at) values (1, 'Ivy Invited', 'ivy@harbour.test', 'invited', 'all', now()), (1, 'Ned None', '', 'none', 'none', null)`)
	for _, tt := range []struct{ contact, sees, banner string }{
		{"3", "Rooftop unit service", "suspended"},
		{"7", "Rooftop unit service", "has been invited"},
		{"8", "", "no access"},
	} {
		ours := preview(t, app, tt.contact)
		jobs := ours.Get("/jobs")
		if !strings.Contains(jobs.Text(".preview-banner"), tt.banner) || (tt.sees == "" && jobs.Status != http.StatusNotFound) || (tt.sees != "" && !jobs.Has(tt.sees)) {
			t.Errorf("contact %s: %d, %s", tt.contact, jobs.Status, jobs.Text("body"))
		}
	}
	ben := app.As("ben")
	app.Exec(`update contacts set archived_at = now() where id = 7`)
	if p := ben.Post(harbourContacts+"7/preview", nil); p.Status != http.StatusConflict || ben.Cookie("/jobs") != "" {
		t.Errorf("an archived contact: %d", p.Status)
	}
	app.Exec(`update customers set archived_at = now() where id = 1`)
	if p := ben.Post(harbourContacts+"1/preview", nil); p.Status != http.StatusConflict || ben.Cookie("/jobs") != "" {
		t.Errorf("an archived customer's contact: %d", p.Status)
	}
	for _, path := range []string{harbourContacts + "4/preview", harbourContacts + "999/preview", harbourContacts + "x/preview"} {
		if p := ben.Post(path, nil); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	if p := app.As("lee").Post(harbourContacts+"2/preview", nil); !strings.HasPrefix(p.URL.Path, "/office/login") {
		t.Errorf("a contact previews: %d at %s", p.Status, p.URL)
	}
}

// TestPreviewEnds with whatever would end the session of the office, says so
// once, and never turns into somebody else's portal in the same request.
func TestPreviewEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(app *apptest.App, ben *apptest.Browser){
		"half an hour": func(app *apptest.App, _ *apptest.Browser) {
			app.Exec(`update sessions set expires_at = now() where side = 'preview'`)
		},
		"signed out": func(_ *apptest.App, ben *apptest.Browser) { ben.Post("/office/logout", nil) },
		"suspended": func(app *apptest.App, _ *apptest.Browser) {
			app.Exec(`update staff set state = 'suspended' where id = 2`)
		},
		"of the field by now": func(app *apptest.App, _ *apptest.Browser) { app.Exec(`update staff set role = 'field' where id = 2`) },
		"staff archived": func(app *apptest.App, _ *apptest.Browser) {
			app.Exec(`update staff set archived_at = now() where id = 2`)
		},
		"another password": func(app *apptest.App, _ *apptest.Browser) {
			app.Exec(`delete from sessions where staff_id = 2 and side = 'office'`)
		},
		"the office's session idle too long": func(app *apptest.App, _ *apptest.Browser) {
			app.Exec(`update sessions set seen_at = now() - interval '13 hours' where side = 'office'`)
		},
		"the office's session over": func(app *apptest.App, _ *apptest.Browser) {
			app.Exec(`update sessions set expires_at = now() where side = 'office'`)
		},
		"the contact archived": func(app *apptest.App, _ *apptest.Browser) {
			app.Exec(`update contacts set archived_at = now() where id = 2`)
		},
		"the customer archived": func(app *apptest.App, _ *apptest.Browser) {
			app.Exec(`update customers set archived_at = now() where id = 1`)
		},
		"another one begun elsewhere in it": func(app *apptest.App, _ *apptest.Browser) {
			app.Exec(`update sessions set token_hash = 'another' where side = 'preview'`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			ben := preview(t, app, "2")
			// In the same browser Lee is signed in to the portal.
			stolen, lees := ben.Cookie("/jobs"), app.As("lee").Cookie("/jobs")
			end(app, ben)
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				p := app.Nobody().Ask(method, "/details/edit", "Cookie", stolen+"; "+lees)
				if p.Status != http.StatusForbidden || !p.Has("The preview has ended") || p.Has("Nakamura") || p.Has("Kim") {
					t.Errorf("%s: %d %s", method, p.Status, p.Text("main"))
				}
				if cleared := p.Header.Get("Set-Cookie"); !strings.HasPrefix(cleared, "fieldgate_preview=;") || !strings.Contains(cleared, "Max-Age=0") {
					t.Errorf("the cookie stays: %q", cleared)
				}
			}
			if p := app.Nobody().Ask(http.MethodGet, "/details", "Cookie", lees); name != "the customer archived" && (p.Status != http.StatusOK || !p.Has("Nakamura")) {
				t.Errorf("Lee's own session: %d", p.Status)
			}
			if p := ben.Get("/jobs"); p.Status != http.StatusForbidden {
				t.Errorf("first: %d", p.Status)
			}
			if p := ben.Get("/jobs"); p.URL.Path != "/login" {
				t.Errorf("then: %s", p.URL)
			}
		})
	}
}

// TestPreviewIsNobodysSession: its token opens nothing else, and other tokens open no preview.
func TestPreviewIsNobodysSession(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := preview(t, app, "1")
	_, token, _ := strings.Cut(ben.Cookie("/jobs"), "=")
	for _, cookie := range []string{"fieldgate_portal=" + token, "fieldgate_office=" + token} {
		for path, login := range map[string]string{"/jobs": "/login", "/office/jobs": "/office/login"} {
			if p := app.Nobody().Ask(http.MethodGet, path, "Cookie", cookie); p.URL.Path != login {
				t.Errorf("%s with %s…: %d at %s", path, cookie[:17], p.Status, p.URL)
			}
		}
	}
	for _, of := range []string{app.As("lee").Cookie("/jobs"), app.As("ada").Cookie("/office"), "x=%00", "x=" + strings.Repeat("a", 3000)} {
		_, other, _ := strings.Cut(of, "=")
		if p := app.Nobody().Ask(http.MethodGet, "/jobs", "Cookie", "fieldgate_preview="+other); p.Status != http.StatusForbidden || p.Has("J-100") {
			t.Errorf("another token opens a preview: %d", p.Status)
		}
	}
	// A sign-in to the portal in the same browser rests while there is a preview, and is there afterwards.
	both := ben.Cookie("/jobs") + "; " + app.As("ola").Cookie("/jobs")
	if p := app.Nobody().Ask(http.MethodGet, "/details", "Cookie", both); !p.Has("Nakamura") || p.Has("Lindgren") || p.Header.Get("Set-Cookie") != "" {
		t.Errorf("both: %s; %s", p.Text("main"), p.Header.Get("Set-Cookie"))
	}
	if p := ben.Post("/office/contacts/preview/end", url.Values{}); p.URL.Path != harbourContacts+"1" || ben.Cookie("/jobs") != "" {
		t.Errorf("ended at %s with %q", p.URL, ben.Cookie("/jobs"))
	}
	if p := ben.Post("/office/contacts/preview/end", nil); p.URL.Path != "/office/customers" {
		t.Errorf("ended again at %s", p.URL)
	}
	if p := app.Nobody().Ask(http.MethodGet, "/details", "Cookie", "fieldgate_preview="+token); !p.Has("The preview has ended") {
		t.Errorf("the token lives on: %d", p.Status)
	}
}

// TestAKeptEndOfAPreviewEndsNothing: the button that ends a preview, pressed
// when the office's session had ended, is only shown again.
func TestAKeptEndOfAPreviewEndsNothing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := preview(t, app, "1")
	app.Exec(`update sessions set seen_at = now() - interval '13 hours' where side = 'office'`)
	next := ben.Post("/office/contacts/preview/end", url.Values{}).URL.Query().Get("next")
	if !strings.HasPrefix(next, "/office/unsent/") {
		t.Fatalf("the button leads to %q", next)
	}
	app.Exec(`update sessions set seen_at = now()`)
	ben.Get(next)
	if n := apptest.Value[int](app, `select count(*)::int from sessions where side = 'preview'`); n != 1 {
		t.Errorf("%d previews", n)
	}
	if ben.Get("/").Find(".preview-banner").Length() != 1 {
		t.Error("the browser has lost the preview")
	}
}
