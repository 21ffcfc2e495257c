package attack_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/openid"
	"fieldgate/internal/openid/openidtest"
	"fieldgate/web/apptest"
)

const staffDoor = "/office/login/provider"

// byProvider signs in to the office by the provider.
func byProvider(b *apptest.Browser, p *openidtest.Provider) apptest.Page {
	return b.ByProvider(p, b.Post(staffDoor, nil))
}

// Staff come in by the business's provider, by the address at first and by the
// provider's subject from then on.
func TestStaffComeByTheProvider(t *testing.T) {
	t.Parallel()
	idp := openidtest.New(t, "ben", "Ben@Demo.test")
	app := apptest.NewWithProvider(t, idp, nil)
	b := app.Nobody()
	if p := b.Get("/office/login?next=/office/jobs"); !p.Has("Log in with Northwind") {
		t.Fatal("the sign-in page has no button")
	} else if p = b.ByProvider(idp, b.Submit(p, "form[action='"+staffDoor+"']", nil)); p.Status != http.StatusOK || p.URL.Path != "/office/jobs" {
		t.Fatalf("Ben signs in: %d %s %s", p.Status, p.URL, p.Text("main"))
	}
	if q := idp.Seen(); q.Get("code_challenge") == "" || !strings.HasSuffix(q.Get("redirect_uri"), staffDoor+"/answer") || q.Has("prompt") || strings.Contains(q.Get("scope"), "offline") {
		t.Errorf("the provider was asked %v", q)
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'signed in' and after->>'with' = 'openid' and staff_id = 2`); n != 1 {
		t.Errorf("the trail has %d such sign-ins", n)
	}
	if p := app.As("ada").Get("/office/admin/sign-ins"); !p.Has("By a provider") {
		t.Error("Sign-ins does not say how Ben came")
	}
	if p := b.Get("/office/account"); !p.Has("Log in with Northwind") {
		t.Error("Ben's account does not say that the provider lets him in")
	}
	// The address moves on to somebody else, who is not Ben; Ben is, whatever his address.
	idp.Is("new-ben", "ben@demo.test")
	if p := byProvider(app.Nobody(), idp); p.Status != http.StatusForbidden || !p.Has("This is another account") {
		t.Errorf("who got Ben's address comes in: %d %s", p.Status, p.Text("main"))
	}
	idp.Is("ben", "benjamin@elsewhere.test")
	if p := byProvider(app.Nobody(), idp); p.Status != http.StatusOK || p.URL.Path != "/office" {
		t.Errorf("Ben has another address there: %d %s", p.Status, p.Text("main"))
	}
	idp.Is("ben", "ben@demo.test")
	idp.Rotate()
	if p := byProvider(app.Nobody(), idp); p.Status != http.StatusOK {
		t.Errorf("after the provider's keys have changed: %d %s", p.Status, p.Text("main"))
	}
	app.Exec(`update staff set state = 'suspended' where id = 2`)
	if p := byProvider(app.Nobody(), idp); p.Status != http.StatusForbidden || !p.Has("opens nothing here") {
		t.Errorf("suspended: %d %s", p.Status, p.Text("main"))
	}
	if p := b.Get("/office"); p.URL.Path != "/office/login" {
		t.Errorf("the open session of somebody suspended: %s", p.URL)
	}
}

// Nobody comes in whose token, address or account is not right, and the page does
// not tell which accounts there are.
func TestProvidersLetNobodyElseIntoTheOffice(t *testing.T) {
	t.Parallel()
	idp := openidtest.New(t, "ben", "ben@demo.test")
	app := apptest.NewWithProvider(t, idp, nil)
	app.Exec(`insert into staff (name, email, role, state, archived_at) values ('Gone', 'gone@demo.test', 'office', 'active', now()), ('Sus', 'sus@demo.test', 'office', 'suspended', null)`)
	app.Exec(`update staff set email = 'fay@demo.test' where name = 'Fay Ibrahim'`)
	for name, c := range map[string]struct {
		bend func(openidtest.Claims)
		want int
	}{
		"another audience":    {func(c openidtest.Claims) { c["aud"] = "somebody else" }, 400},
		"two audiences":       {func(c openidtest.Claims) { c["aud"] = []string{openidtest.Client, "somebody else"} }, 400},
		"for another party":   {func(c openidtest.Claims) { c["azp"] = "somebody else" }, 400},
		"another issuer":      {func(c openidtest.Claims) { c["iss"] = "https://login.example.com" }, 400},
		"expired":             {func(c openidtest.Claims) { c["exp"] = 1000 }, 400},
		"another nonce":       {func(c openidtest.Claims) { c["nonce"] = "another" }, 400},
		"no nonce":            {func(c openidtest.Claims) { delete(c, "nonce") }, 400},
		"no subject":          {func(c openidtest.Claims) { delete(c, "sub") }, 400},
		"another token":       {func(c openidtest.Claims) { c["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" }, 400},
		"not confirmed":       {func(c openidtest.Claims) { c["email_verified"] = false }, 403},
		"confirmed by nobody": {func(c openidtest.Claims) { delete(c, "email_verified") }, 403},
		"a tenant of its own": {func(c openidtest.Claims) {
			delete(c, "email_verified")
			c["tid"] = "11111111-2222-3333-4444-555555555555"
		}, 403},
		"no address":      {func(c openidtest.Claims) { delete(c, "email") }, 403},
		"another domain":  {func(c openidtest.Claims) { c["email"] = "ben@other.test" }, 403},
		"a subdomain":     {func(c openidtest.Claims) { c["email"] = "ben@sub.demo.test" }, 403},
		"a longer domain": {func(c openidtest.Claims) { c["email"] = "ben@evildemo.test" }, 403},
		"a domain behind": {func(c openidtest.Claims) { c["email"] = "ben@demo.test.evil.test" }, 403},
		"two addresses":   {func(c openidtest.Claims) { c["email"] = "ben@evil.test@demo.test" }, 403},
		"a look-alike":    {func(c openidtest.Claims) { c["email"] = "ben@dеmo.test" }, 403}, // a Cyrillic е
		"a Kelvin sign":   {func(c openidtest.Claims) { c["email"] = "sus\u212A@demo.test" }, 403},
		"nobody":          {func(c openidtest.Claims) { c["email"], c["sub"] = "nobody@demo.test", "nobody" }, 403},
		"suspended":       {func(c openidtest.Claims) { c["email"], c["sub"] = "sus@demo.test", "sus" }, 403},
		"archived":        {func(c openidtest.Claims) { c["email"], c["sub"] = "gone@demo.test", "gone" }, 403},
		"of the field":    {func(c openidtest.Claims) { c["email"], c["sub"] = "fay@demo.test", "fay" }, 403},
	} {
		idp.Bend(c.bend)
		b := app.Nobody()
		if p := byProvider(b, idp); p.Status != c.want || p.Find("main h1").Length() != 1 || !p.Has("Back to Log In") {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
		if p := b.Get("/office"); p.URL.Path != "/office/login" {
			t.Errorf("%s is signed in", name)
		}
	}
	words := map[string]bool{}
	for _, who := range []string{"nobody", "sus", "gone", "fay"} {
		idp.Bend(func(c openidtest.Claims) { c["email"], c["sub"] = who+"@demo.test", who })
		words[strings.ReplaceAll(byProvider(app.Nobody(), idp).Text("main"), who, "")] = true
	}
	if len(words) != 1 {
		t.Errorf("the page tells who has an account: %v", words)
	}
	if n := apptest.Value[int](app, `select count(*) from staff_identities`); n != 0 {
		t.Errorf("%d accounts were tied", n)
	}
}

// An answer counts once, in the browser that asked, for as long as it was asked.
func TestProvidersAnswersCountOnce(t *testing.T) {
	t.Parallel()
	idp := openidtest.New(t, "ben", "ben@demo.test")
	app := apptest.NewWithProvider(t, idp, nil)
	asked := func(b *apptest.Browser) *url.URL { return idp.Visit(b.Post(staffDoor, nil).Onward()) }
	bent := func(u *url.URL, name, value string) string {
		q := u.Query()
		if q.Del(name); value != "" {
			q.Set(name, value)
		}
		return u.Path + "?" + q.Encode()
	}
	victim, evil := app.Nobody(), app.Nobody()
	theirs, own := asked(evil), asked(victim)
	for name, at := range map[string]string{
		"the answer to somebody else": theirs.RequestURI(), "no state": bent(own, "state", ""), "another state": bent(own, "state", theirs.Query().Get("state")), "nothing at all": own.Path,
	} {
		if p := victim.Get(at); p.Status != http.StatusBadRequest || !p.Has("Please start again") {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
	}
	if p := evil.Get(own.RequestURI()); p.Status != http.StatusBadRequest {
		t.Errorf("somebody else's browser brings the answer back: %d", p.Status)
	}
	if p := victim.Get(own.RequestURI()); p.Status != http.StatusOK || p.URL.Path != "/office" {
		t.Fatalf("the right answer: %d %s", p.Status, p.Text("main"))
	}
	if p := victim.Get(own.RequestURI()); p.Status != http.StatusBadRequest {
		t.Errorf("the same answer again: %d", p.Status)
	}
	for name, at := range map[string]func(*url.URL) string{
		"another provider's answer": func(u *url.URL) string { return bent(u, "iss", "https://login.example.com") },
		"an answer without issuer":  func(u *url.URL) string { return bent(u, "iss", "") },
		"no code":                   func(u *url.URL) string { return bent(u, "code", "") },
		"another code":              func(u *url.URL) string { return bent(u, "code", asked(evil).Query().Get("code")) },
	} {
		b := app.Nobody()
		if p := b.Get(at(asked(b))); p.Status != http.StatusBadRequest || !p.Has("Please start again") {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
	}
	late := app.Nobody()
	answer := asked(late)
	app.Exec(`update openid_sign_ins set expires_at = now() - interval '1 second' where used_at is null`)
	if p := late.Get(answer.RequestURI()); p.Status != http.StatusBadRequest {
		t.Errorf("eleven minutes later: %d", p.Status)
	}
	if kept := apptest.Value[string](app, `select string_agg(o::text, ' ') from openid_sign_ins o`); strings.Contains(kept, own.Query().Get("state")) {
		t.Error("states lie about in the open")
	}
	if r := app.Nobody().Knock(http.MethodGet, staffDoor); r.StatusCode != http.StatusMethodNotAllowed && r.StatusCode != http.StatusNotFound {
		t.Errorf("a mere link leads to the provider: %d", r.StatusCode)
	}
}

// A provider that is away, says no or talks nonsense is told in plain words, and
// staff come in by password meanwhile.
func TestProvidersInTrouble(t *testing.T) {
	t.Parallel()
	idp := openidtest.New(t, "ben", "ben@demo.test")
	app := apptest.NewWithProvider(t, idp, nil)
	fails := func(path string, how func(http.ResponseWriter)) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == path {
				how(w)
				return true
			}
			return false
		}
	}
	status := func(s int) func(http.ResponseWriter) { return func(w http.ResponseWriter) { w.WriteHeader(s) } }
	text := func(s string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(s))
		}
	}
	slow := func(http.ResponseWriter) {
		ctx, cancel := context.WithTimeout(t.Context(), 0)
		cancel()
		<-ctx.Done()
		panic(http.ErrAbortHandler)
	}
	const discovery = "/.well-known/openid-configuration"
	for name, how := range map[string]func(http.ResponseWriter){"a 500": status(500), "nonsense": text("<html>"), "a line that breaks": slow, "no end": text(strings.Repeat(" ", 3<<20))} {
		idp.Answer(fails(discovery, how))
		if p := app.Nobody().Post(staffDoor, nil); p.Status != http.StatusBadGateway || !p.Has("does not answer just now") {
			t.Errorf("discovery is %s: %d %s", name, p.Status, p.Text("main"))
		}
	}
	idp.Answer(fails(discovery, status(404)))
	if p := app.Nobody().Post(staffDoor, nil); p.Status != http.StatusBadGateway || !p.Has("not set up right") {
		t.Errorf("there is no discovery: %d %s", p.Status, p.Text("main"))
	}
	idp.Answer(nil)
	for name, how := range map[string]func(http.ResponseWriter){"a 500": status(500), "nonsense": text("{"), "a line that breaks": slow, "no token": text(`{"access_token":"x","token_type":"Bearer"}`)} {
		b := app.Nobody()
		idp.Answer(nil)
		leaving := b.Post(staffDoor, nil)
		idp.Answer(fails("/token", how))
		if p := b.ByProvider(idp, leaving); p.Status < 400 || p.Status == 500 || !p.Has("Back to Log In") {
			t.Errorf("the token is %s: %d %s", name, p.Status, p.Text("main"))
		}
	}
	idp.Answer(nil)
	for code, want := range map[string]int{"access_denied": 403, "login_required": 403, "server_error": 502, "unauthorized_client": 502, "<script>": 403} {
		idp.SaysNo(code)
		if p := byProvider(app.Nobody(), idp); p.Status != want || strings.Contains(p.Body, "<script>alert") || p.Has(code) {
			t.Errorf("%s: %d %s", code, p.Status, p.Text("main"))
		}
	}
	idp.SaysNo("")
	if p := app.Nobody().SignIn("/office/login", "ben@demo.test", apptest.Password); p.URL.Path != "/office" {
		t.Errorf("Ben cannot sign in by password: %d %s", p.Status, p.Text("main"))
	}
	if n := idp.Asked(discovery); n < 5 || byProvider(app.Nobody(), idp).Status != 200 || idp.Asked(discovery) != n {
		t.Errorf("discovery is not kept")
	}
}

// Whoever comes from the domain is made staff where the operator has said so, and
// who was invited is let in.
func TestProviderMakesStaff(t *testing.T) {
	t.Parallel()
	idp := openidtest.New(t, "nia", "nia@demo.test")
	app := apptest.NewWithProvider(t, idp, func(s *openid.Staff) { s.Creates = "office" })
	app.Exec(`insert into staff (name, email, role, state, archived_at) values ('Gone', 'gone@demo.test', 'office', 'active', now())`)
	app.Exec(`insert into staff (name, email, role, state) values ('Ivo', 'ivo@demo.test', 'administrator', 'invited')`)
	b := app.Nobody()
	if p := byProvider(b, idp); p.Status != http.StatusOK || p.URL.Path != "/office" {
		t.Fatalf("Nia comes: %d %s", p.Status, p.Text("main"))
	}
	if got := apptest.Value[string](app, `select name || ' ' || role || ' ' || state || ' ' || (password_hash = '') from staff where email = 'nia@demo.test'`); got != "Nia office active true" {
		t.Errorf("Nia is %s", got)
	}
	if p := b.Get("/office/admin/staff"); p.Status != http.StatusForbidden {
		t.Errorf("Nia administers: %d", p.Status)
	}
	if p := b.Get("/office/account"); !p.Has("You have no password here") {
		t.Errorf("Nia's account: %s", p.Text("main"))
	}
	idp.Is("ivo", "ivo@demo.test")
	ivo := app.Nobody()
	if p := byProvider(ivo, idp); p.URL.Path != "/office" || ivo.Get("/office/admin/staff").Status != http.StatusOK {
		t.Errorf("who was invited: %d %s", p.Status, p.Text("main"))
	}
	idp.Is("gone", "gone@demo.test")
	if p := byProvider(app.Nobody(), idp); p.Status != http.StatusForbidden {
		t.Errorf("who has left is made anew: %d", p.Status)
	}
	idp.Is("out", "out@other.test")
	if p := byProvider(app.Nobody(), idp); p.Status != http.StatusForbidden {
		t.Errorf("another domain: %d", p.Status)
	}
}

// A second factor that is on is asked for after the provider, too; one that is
// demanded is, unless the operator has said that the provider asks.
func TestProviderAndSecondFactor(t *testing.T) {
	t.Parallel()
	for _, there := range []string{"", "provider"} {
		idp := openidtest.New(t, "ben", "ben@demo.test")
		app := apptest.NewWithProvider(t, idp, func(s *openid.Staff) { s.SecondFactor = there })
		app.Exec(`update sign_in_rules set factor_roles = '{office}', factor_from = business_day() - 1`)
		b := app.Nobody()
		want := map[string]string{"": "/office/account/second-factor", "provider": "/office"}[there]
		if p := byProvider(b, idp); p.URL.Path != want {
			t.Errorf("%q: a demanded factor leads to %s", there, p.URL)
		}
		if p := app.Nobody().SignIn("/office/login", "ben@demo.test", apptest.Password); p.URL.Path != "/office/account/second-factor" {
			t.Errorf("%q: by password without a factor: %s", there, p.URL)
		}
		app.Exec(`insert into second_factors (staff_id, sealed, on_since) values (2, 'x', now())`)
		other := app.Nobody()
		if p := byProvider(other, idp); p.URL.Path != "/office/login/second-factor" || other.Get("/office").URL.Path != "/office/login" {
			t.Errorf("%q: a factor that is on is not asked for: %s", there, p.URL)
		}
		// Who waits there is disconnected, and so is who has yet to be asked.
		stamp := apptest.Value[int](app, `select stamp from staff where id = 2`)
		if p := app.As("ada").Post("/office/admin/staff/2/provider/removal", nil); p.Status != http.StatusOK {
			t.Fatalf("Ada disconnects Ben: %d %s", p.Status, p.Text("main"))
		}
		if n := apptest.Value[int](app, `select count(*) from pending_sign_ins where openid`); n != 0 || apptest.Value[int](app, `select stamp from staff where id = 2`) == stamp {
			t.Errorf("%q: %d still wait for a second factor", there, n)
		}
		if p := other.Get("/office/login/second-factor"); p.URL.Path != "/office/login" {
			t.Errorf("%q: who waited is asked for the factor at %s", there, p.URL)
		}
	}
}

// Whoever has no password proves once more at the provider who they are; what
// they were about to send waits meanwhile.
func TestFreshProofAtTheProvider(t *testing.T) {
	t.Parallel()
	idp := openidtest.New(t, "ada", "ada@demo.test")
	app := apptest.NewWithProvider(t, idp, nil)
	app.Exec(`update staff set password_hash = '' where id = 1`)
	b := app.Nobody()
	byProvider(b, idp)
	app.Exec(`update sessions set created_at = now() - interval '1 hour'`)
	form := url.Values{"name": {"Uma"}, "email": {"uma@demo.test"}, "role": {"office"}, "nonce": {"n"}}
	ask := b.Post("/office/admin/staff", form)
	if ask.Status != http.StatusForbidden || !ask.Has("Show that it is you") || ask.Find("input[name=proof]").Length() != 0 {
		t.Fatalf("a stale session: %d %s", ask.Status, ask.Text("main"))
	}
	press := func() apptest.Page { return b.Submit(ask, "main form", url.Values{"proof-by": {"provider"}}) }
	leaving := press()
	idp.Is("ada", "ada@demo.test")
	shown := b.ByProvider(idp, leaving)
	if q := idp.Seen(); q.Get("prompt") != "login" || q.Get("max_age") != "0" {
		t.Errorf("the provider is not asked to ask again: %v", q)
	}
	if shown.Status >= 500 || shown.Find("input[name=name]").AttrOr("value", "") != "Uma" || !shown.Has("You have shown that it is you") {
		t.Fatalf("the form is not there again: %d %s %s", shown.Status, shown.URL, shown.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from staff where name = 'Uma'`); n != 0 {
		t.Error("the form was sent by coming back")
	}
	if p := b.Submit(shown, "main form", nil); p.Status != http.StatusOK || apptest.Value[int](app, `select count(*) from staff where name = 'Uma'`) != 1 {
		t.Errorf("the form is sent: %d %s", p.Status, p.Text("main"))
	}
	for name, bend := range map[string]func(openidtest.Claims){
		"they were not asked":     func(c openidtest.Claims) { c["auth_time"] = 1_000_000 },
		"nobody says when":        func(c openidtest.Claims) { delete(c, "auth_time") },
		"somebody else was asked": func(c openidtest.Claims) { c["sub"] = "ben" },
	} {
		app.Exec(`update sessions set created_at = now() - interval '1 hour'`)
		ask = b.Post("/office/admin/staff", form)
		leaving = press()
		idp.Bend(bend)
		if p := b.ByProvider(idp, leaving); p.Status != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
		if p := b.Post("/office/admin/staff", form); p.Status != http.StatusForbidden {
			t.Errorf("%s, and the session is fresh", name)
		}
		idp.Bend(nil)
	}
}

// An Administrator unties a colleague: the sessions end, and who has the address
// there next is tied instead.
func TestAnAdministratorDisconnectsAWorkAccount(t *testing.T) {
	t.Parallel()
	idp := openidtest.New(t, "ben", "ben@demo.test")
	app := apptest.NewWithProvider(t, idp, nil)
	ben, ada := app.Nobody(), app.As("ada")
	byProvider(ben, idp)
	at := "/office/admin/staff/2"
	p := ada.Get(at)
	if p = ada.Submit(p, "form[action='"+at+"/provider/removal']", nil); p.Status != http.StatusOK || p.Has("Disconnect the work account") {
		t.Fatalf("Ada disconnects Ben: %d %s", p.Status, p.Text("main"))
	}
	if ben.Get("/office").URL.Path != "/office/login" {
		t.Error("Ben's session goes on")
	}
	idp.Is("new-ben", "ben@demo.test")
	if p := byProvider(app.Nobody(), idp); p.Status != http.StatusOK {
		t.Errorf("the next Ben: %d", p.Status)
	}
	idp.Is("ben", "ben@demo.test")
	if p := byProvider(app.Nobody(), idp); p.Status != http.StatusForbidden {
		t.Errorf("the former Ben: %d", p.Status)
	}
}
