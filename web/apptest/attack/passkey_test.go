package attack_test

import (
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// added gives somebody a passkey, by the page of their own.
func added(t *testing.T, app *apptest.App, name string) *apptest.Authenticator {
	t.Helper()
	b, k, at := app.As(name), app.Authenticator(), "/details/passkeys"
	if name == "ada" || name == "ben" {
		at = "/office/account/passkeys"
	}
	answer := k.Create(b.Post(at+"/challenge", nil).Body)
	if p := b.Post(at, url.Values{"passkey": {answer}}); p.Status != http.StatusOK || !p.Has("Your passkey is added.") {
		t.Fatalf("%s adds a passkey: %d %s", name, p.Status, p.Text("main"))
	}
	return k
}

// press signs in with a passkey.
func pressed(b *apptest.Browser, k *apptest.Authenticator, login string) apptest.Page {
	return b.Post(login+"/passkey", url.Values{"passkey": {k.Get(b.Post(login+"/passkey/challenge", nil).Body)}})
}

// Only the answer that a passkey gives to its own page, about a challenge of this
// browser, once, lets its owner in.
func TestPasskeysLetNobodyElseIn(t *testing.T) {
	t.Parallel()
	app := apptest.NewLocal(t)
	lee, ola, ada := added(t, app, "lee"), added(t, app, "ola"), added(t, app, "ada")
	if p := pressed(app.Nobody(), lee, "/login"); p.Status != http.StatusOK || p.URL.Path != "/" || !p.Has("Welcome, Lee Nakamura") {
		t.Fatalf("Lee signs in: %d %s %s", p.Status, p.URL, p.Text("main"))
	}
	if p := pressed(app.Nobody(), ada, "/office/login"); p.Status != http.StatusOK || p.URL.Path != "/office" {
		t.Fatalf("Ada signs in: %d %s %s", p.Status, p.URL, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from attempts where outcome = 'right' and reason = 'passkey' and email in ('lee@demo.test', 'ada@demo.test')`); n != 2 {
		t.Errorf("%d sign-ins with a passkey are listed", n)
	}
	if p := app.As("ada").Get("/office/admin/sign-ins"); !p.Has("With a passkey") {
		t.Error("Sign-ins does not say that it was a passkey")
	}

	bent := func(of *apptest.Authenticator, bend func(*apptest.Authenticator)) func(*apptest.Browser) string {
		return func(b *apptest.Browser) string {
			k := *of
			k.Count += 10
			bend(&k)
			return k.Get(b.Post("/login/passkey/challenge", nil).Body)
		}
	}
	for name, answer := range map[string]func(*apptest.Browser) string{
		"forged":                  bent(lee, func(k *apptest.Authenticator) { k.Rekey() }),
		"at another site":         bent(lee, func(k *apptest.Authenticator) { k.Origin = "https://evil.example" }),
		"at another port":         bent(lee, func(k *apptest.Authenticator) { k.Origin += "1" }),
		"for another site":        bent(lee, func(k *apptest.Authenticator) { k.RPID = "evil.example" }),
		"with nobody's finger":    bent(lee, func(k *apptest.Authenticator) { k.Unverified = true }),
		"in somebody else's name": bent(lee, func(k *apptest.Authenticator) { k.Handle = ola.Handle }),
		"in the name of staff":    bent(lee, func(k *apptest.Authenticator) { k.Handle = []byte("office-1") }),
		"in nobody's name":        bent(lee, func(k *apptest.Authenticator) { k.Handle = nil }),
		"unknown":                 bent(app.Authenticator(), func(k *apptest.Authenticator) { k.Handle = lee.Handle }),
		"of the office":           bent(ada, func(*apptest.Authenticator) {}),
		"about no challenge":      func(*apptest.Browser) string { return lee.Get(`{"challenge":"aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8"}`) },
		"to another browser":      func(*apptest.Browser) string { return lee.Get(app.Nobody().Post("/login/passkey/challenge", nil).Body) },
		"to another browser, asked itself": func(b *apptest.Browser) string {
			b.Post("/login/passkey/challenge", nil)
			return lee.Get(app.Nobody().Post("/login/passkey/challenge", nil).Body)
		},
		"about one of the office": func(b *apptest.Browser) string { return lee.Get(b.Post("/office/login/passkey/challenge", nil).Body) },
		"about one to make another": func(*apptest.Browser) string {
			return lee.Get(app.As("lee").Post("/details/passkeys/challenge", nil).Body)
		},
		"too late": func(b *apptest.Browser) string {
			options := b.Post("/login/passkey/challenge", nil).Body
			app.Exec(`update challenges set created_at = now() - interval '6 minutes'`)
			return lee.Get(options)
		},
		"nothing":  func(*apptest.Browser) string { return "" },
		"nonsense": func(*apptest.Browser) string { return `{"id":"AA","rawId":"AA","type":"public-key","response":{}}` },
		"endless":  func(*apptest.Browser) string { return strings.Repeat("[", 1<<17) },
	} {
		b := app.Nobody()
		p := b.Post("/login/passkey", url.Values{"passkey": {answer(b)}})
		if p.Status != http.StatusUnprocessableEntity || p.Find("form[action='/login']").Length() != 1 {
			t.Errorf("%s: %d at %s: %s", name, p.Status, p.URL, p.Text("main"))
		}
		if p := b.Get("/jobs"); p.URL.Path != "/login" {
			t.Errorf("%s: lets in", name)
		}
	}
	// Once, even for the browser it was put to.
	b := app.Nobody()
	answer := url.Values{"passkey": {lee.Get(b.Post("/login/passkey/challenge", nil).Body)}}
	if p := b.Post("/login/passkey", answer); p.URL.Path != "/" {
		t.Errorf("the answer: %d", p.Status)
	}
	b.Post("/logout", nil)
	if p := b.Post("/login/passkey", answer); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("the same answer again: %d", p.Status)
	}
	// None of it counted against Lee, who still has a password.
	if p := app.Nobody().SignIn("/login", "lee@demo.test", apptest.Password); p.URL.Path != "/" {
		t.Errorf("Lee's password after it all: %d %s", p.Status, p.Text("main"))
	}
	// Against the address it does.
	app.Exec(`insert into attempts (kind, side, account, address, network, outcome) select 'sign-in', 'portal', 'a' || n, '127.0.0.1', '127.0.0.1', 'wrong' from generate_series(1, 100) n`)
	if p := pressed(app.Nobody(), lee, "/login"); p.Status != http.StatusTooManyRequests {
		t.Errorf("after a hundred wrong ones from here: %d", p.Status)
	}
}

// What ends access ends it for passkeys, too.
func TestPasskeysEnd(t *testing.T) {
	t.Parallel()
	app := apptest.NewLocal(t)
	lee, kim, ben := added(t, app, "lee"), added(t, app, "kim"), added(t, app, "ben")

	// Removed by its owner, who is told, elsewhere signed out, and stays here.
	elsewhere := app.Nobody()
	pressed(elsewhere, lee, "/login")
	here := app.As("lee")
	list := here.Get("/details/passkeys")
	if p := here.Submit(list, "form[action$='/removal']", nil); !p.Has("The passkey is removed.") || !p.Has("You have no passkey yet") {
		t.Fatalf("removed: %d %s", p.Status, p.Text("main"))
	}
	if p := elsewhere.Get("/"); p.URL.Path != "/login" {
		t.Errorf("the device that the passkey was on is still at %s", p.URL)
	}
	if p := pressed(app.Nobody(), lee, "/login"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a removed passkey: %d", p.Status)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'passkey-changed' and to_address = 'lee@demo.test'`); n != 2 {
		t.Errorf("%d mails, of one added and removed", n)
	}

	// Another's is not there.
	id := apptest.Value[string](app, `select id::text from passkeys where person_id = 2`)
	for _, deed := range []string{"/removal", "/name"} {
		if p := here.Post("/details/passkeys/"+id+deed, url.Values{"name": {"Mine"}}); p.Status != http.StatusNotFound {
			t.Errorf("somebody else's passkey, %s: %d", deed, p.Status)
		}
	}

	// No contact lets Kim in any more; a member of staff is suspended, and archived.
	app.Exec(`update contacts set access = 'suspended' where person_id = 2`)
	if p := pressed(app.Nobody(), kim, "/login"); p.Status != http.StatusForbidden || !p.Has("Your access is switched off") {
		t.Errorf("a suspended contact: %d %s", p.Status, p.Text("main"))
	}
	ada := app.As("ada")
	ada.Post("/office/admin/staff/2/suspension", nil)
	if p := pressed(app.Nobody(), ben, "/office/login"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("suspended staff: %d", p.Status)
	}
	ada.Post("/office/admin/staff/2/archiving", nil)
	if n := apptest.Value[int](app, `select count(*) from passkeys where staff_id = 2`); n != 0 {
		t.Error("archived staff keep a passkey")
	}
}

// One that has counted backwards is one of two.
func TestACopiedPasskeyIsTold(t *testing.T) {
	t.Parallel()
	app := apptest.NewLocal(t)
	lee := added(t, app, "lee")
	pressed(app.Nobody(), lee, "/login")
	lee.Count = 0
	if p := pressed(app.Nobody(), lee, "/login"); p.Status != http.StatusUnprocessableEntity || !p.Has("may have been copied") {
		t.Errorf("the same count again: %d %s", p.Status, p.Text("main"))
	}
	// One that has stopped counting, as when it moves to an account, is told of once, and let in.
	for range 2 {
		lee.Count = math.MaxUint32 // the next is 0
		if p := pressed(app.Nobody(), lee, "/login"); p.URL.Path != "/" {
			t.Errorf("without a count: %d %s", p.Status, p.Text("main"))
		}
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'passkey copied'`); n != 2 {
		t.Errorf("noted %d times", n)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'passkey-changed'`); n != 3 {
		t.Errorf("%d mails, of one added and two that counted backwards", n)
	}
}

// A passkey is a fresh proof as well: of the one who is signed in.
func TestAPasskeyIsAProof(t *testing.T) {
	t.Parallel()
	app := apptest.NewLocal(t)
	ada, ben := added(t, app, "ada"), added(t, app, "ben")
	b := left(app, "ada")
	p := b.Post("/office/admin/staff/2/suspension", nil)
	if p.Status != http.StatusForbidden || p.Find("[data-passkey-challenge='/office/login/passkey/challenge']").Length() != 1 {
		t.Fatalf("asked: %d %s", p.Status, p.Text("main"))
	}
	proof := func(k *apptest.Authenticator) url.Values {
		return url.Values{"proof": {""}, "proof-passkey": {k.Get(b.Post("/office/login/passkey/challenge", nil).Body)}}
	}
	if p := b.Submit(p, "main form", proof(ben)); p.Status != http.StatusUnprocessableEntity || p.Problem("proof") == "" {
		t.Errorf("Ben's passkey: %d %s", p.Status, p.Text("main"))
	}
	if p := b.Submit(p, "main form", proof(ada)); p.Status != http.StatusOK || !p.Has("Suspended.") {
		t.Errorf("Ada's passkey: %d %s", p.Status, p.Text("main"))
	}
	// Adding one asks for a proof, too, and waits for it.
	lee, k := left(app, "lee"), app.Authenticator()
	p = lee.Post("/details/passkeys", url.Values{"passkey": {k.Create(lee.Post("/details/passkeys/challenge", nil).Body)}})
	if p.Status != http.StatusForbidden || apptest.Value[int](app, `select count(*) from passkeys where person_id = 1`) != 0 {
		t.Fatalf("without a proof: %d", p.Status)
	}
	if p = lee.Submit(p, "main form", url.Values{"proof": {apptest.Password}}); !p.Has("Your passkey is added.") {
		t.Errorf("with one: %d %s", p.Status, p.Text("main"))
	}
}

// The offer comes after signing in with a password, until it was answered.
func TestAPasskeyIsOfferedUntilAnswered(t *testing.T) {
	t.Parallel()
	app := apptest.NewLocal(t)
	const offer = "form[action$='/passkeys/offer']"
	for _, side := range []struct{ login, email string }{{"/login", "lee@demo.test"}, {"/office/login", "ada@demo.test"}} {
		offered := func() (apptest.Page, *apptest.Browser) {
			b := app.Nobody()
			b.Contact(app.ContactOf("lee"))
			return b.SignIn(side.login, side.email, apptest.Password), b
		}
		p, b := offered()
		if p.Find(offer).Length() != 1 {
			t.Fatalf("%s: not offered: %s", side.email, p.Text("main"))
		}
		if again, _ := offered(); again.Find(offer).Length() != 1 {
			t.Errorf("%s: not offered again", side.email)
		}
		if p := b.Submit(p, offer, url.Values{"answer": {"no"}}); p.Status != http.StatusOK || p.Find(offer).Length() != 0 {
			t.Errorf("%s: answered: %d %s", side.email, p.Status, p.URL)
		}
		if p, _ := offered(); p.Find(offer).Length() != 0 {
			t.Errorf("%s: offered after an answer", side.email)
		}
	}
}
