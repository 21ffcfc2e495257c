package attack_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/web/apptest"
)

// TestNextSurvivesEveryWayIn: whoever asks for a page first and signs in by
// whichever way stands at that page, on this host.
func TestNextSurvivesEveryWayIn(t *testing.T) {
	t.Parallel()
	const chosen = "copper kettle under seven stars"
	app := apptest.New(t)
	hash, err := password.NewHasher().Hash(t.Context(), apptest.Password)
	if err != nil {
		t.Fatal(err)
	}
	app.Exec(`insert into persons (email, password_hash, must_change_password) values ('new@demo.test', $1, true)`, hash)
	app.Exec(`insert into contacts (customer_id, person_id, name, email, access, jobs_see) select 1, id, 'Nia', email, 'invited', 'all' from persons where email = 'new@demo.test'`)
	login := func(who string) func(*apptest.Browser, apptest.Page) apptest.Page {
		return func(b *apptest.Browser, p apptest.Page) apptest.Page {
			return b.Submit(p, "main form[method=post]", url.Values{"email": {who + "@demo.test"}, "password": {apptest.Password}})
		}
	}
	reset := func(side, who string) func(*apptest.Browser, apptest.Page) apptest.Page {
		return func(b *apptest.Browser, p apptest.Page) apptest.Page {
			b.Submit(b.Get(side+"/forgot-password"), "main form", url.Values{"email": {who + "@demo.test"}})
			link := side + "/reset/" + lastLink(t, app, who+"@demo.test")
			return b.Submit(b.Get(link), "main form", url.Values{"password": {chosen}})
		}
	}
	for name, tt := range map[string]struct {
		page string
		way  func(*apptest.Browser, apptest.Page) apptest.Page
	}{
		"the password": {"/jobs/J-1001?q=a+b", login("lee")},
		"after a wrong one": {"/jobs/J-1001", func(b *apptest.Browser, p apptest.Page) apptest.Page {
			return login("lee")(b, b.Submit(p, "main form[method=post]", url.Values{"email": {"lee@demo.test"}, "password": {"wrong"}}))
		}},
		"a forgotten password": {"/jobs/J-1002", reset("", "kim")},
		"the choice of a customer": {"/jobs/J-1004", func(b *apptest.Browser, p apptest.Page) apptest.Page {
			return b.Submit(login("sam")(b, p), "main form", url.Values{"contact": {app.ContactOf("sam")}})
		}},
		"a forced change": {"/jobs/J-1001?tab=x", func(b *apptest.Browser, p apptest.Page) apptest.Page {
			login("new")(b, p)
			again := b.Get("/jobs/J-1001?tab=x") // in another tab
			if again.URL.Path != "/new-password" {
				t.Errorf("before the change: %s", again.URL)
			}
			return b.Submit(again, "main form", url.Values{"password": {chosen}})
		}},
		"another tab": {"/jobs/J-1003", func(b *apptest.Browser, p apptest.Page) apptest.Page {
			b.SignIn("/login", "ola@demo.test", apptest.Password)
			return b.Get(p.URL.RequestURI())
		}},
		"the password of staff":         {"/office/jobs/J-1001", login("ada")},
		"a forgotten password of staff": {"/office/jobs/J-1002", reset("/office", "ben")},
	} {
		b := app.Nobody()
		p := tt.way(b, b.Get(tt.page))
		if p.URL.RequestURI() != tt.page || p.Status != 200 || "http://"+p.URL.Host != app.URL {
			t.Errorf("by %s: %d at %s, want %s: %s", name, p.Status, p.URL, tt.page, p.Text("main"))
		}
	}
	// What a browser remembers is used once, and never leads elsewhere.
	for _, evil := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/office/jobs"} {
		b := app.Nobody()
		b.Get("/login?" + url.Values{"next": {evil}}.Encode())
		b.SetCookie("fieldgate_next_portal", url.Values{"next": {evil}}.Encode())
		b.Submit(b.Get("/forgot-password"), "main form", url.Values{"email": {"lee@demo.test"}})
		p := b.Submit(b.Get("/reset/"+lastLink(t, app, "lee@demo.test")), "main form", url.Values{"password": {"nine otters near the " + strings.Repeat("harbour ", 2)}})
		if p.URL.Path != "/" || "http://"+p.URL.Host != app.URL {
			t.Errorf("%s leads to %s", evil, p.URL)
		}
	}
}

// TestNextLeadsNobodyElse: the page that one person asked for at a browser is not
// where another one comes to who signs in there by a link.
func TestNextLeadsNobodyElse(t *testing.T) {
	t.Parallel()
	const asked = "/jobs/J-1001?q=of+lee"
	app := apptest.New(t)
	app.Exec(`insert into contacts (customer_id, name, email, access, jobs_see) values (1, 'Nia', 'nia@demo.test', 'invited', 'all')`)
	forgot := func(b *apptest.Browser, who string) {
		b.Submit(b.Get("/forgot-password"), "main form", url.Values{"email": {who + "@demo.test"}})
	}
	passwords := 0
	reset := func(b *apptest.Browser, who string) apptest.Page {
		passwords++
		return b.Submit(b.Get("/reset/"+lastLink(t, app, who+"@demo.test")), "main form", url.Values{"password": {fmt.Sprintf("%d otters near the river of %s", 7000+passwords, who)}})
	}
	forgot(app.Nobody(), "nia")
	for name, way := range map[string]func(b *apptest.Browser) apptest.Page{
		"a link that was asked for elsewhere": func(b *apptest.Browser) apptest.Page {
			forgot(app.Nobody(), "kim")
			return reset(b, "kim")
		},
		"an invitation": func(b *apptest.Browser) apptest.Page {
			return b.Submit(b.Get("/welcome/"+lastLink(t, app, "nia@demo.test")), "main form", url.Values{"password": {"nine otters near the river of nia"}})
		},
		"a link for another than was asked for at first": func(b *apptest.Browser) apptest.Page {
			forgot(b, "lee")
			forgot(b, "ola")
			return reset(b, "ola")
		},
		"signing in anew": func(b *apptest.Browser) apptest.Page {
			b.Get("/login")
			forgot(b, "kim")
			return reset(b, "kim")
		},
		"the password, and later a link": func(b *apptest.Browser) apptest.Page {
			b.SignIn("/login", "sam@demo.test", apptest.Password)
			b.Post("/logout", nil)
			forgot(b, "sam")
			return reset(b, "sam")
		},
		"signing out, when a link was asked for": func(b *apptest.Browser) apptest.Page {
			forgot(b, "lee")
			b.Post("/logout", nil)
			return reset(b, "lee")
		},
	} {
		b := app.Nobody()
		if p := b.Get(asked); p.URL.Path != "/login" {
			t.Fatalf("%s: %s", name, p.URL)
		}
		if p := way(b); p.URL.Path == "/jobs/J-1001" || strings.Contains(p.URL.RawQuery, "J-1001") || p.Status != 200 || strings.Contains(p.URL.Path, "login") {
			t.Errorf("by %s: %d at %s", name, p.Status, p.URL)
		}
	}
}

// lastLink is a token of the newest link that went to the address.
func lastLink(t *testing.T, app *apptest.App, email string) (token string) {
	t.Helper()
	err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) (err error) {
		token, err = signin.Token(t.Context(), tx, apptest.Value[int64](app, `select max(id) from links where email = $1`, email))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}
