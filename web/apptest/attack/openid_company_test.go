package attack_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/openid"
	"fieldgate/internal/openid/openidtest"
	"fieldgate/internal/secret"
	"fieldgate/internal/signin"
	"fieldgate/web/apptest"
)

// companyLogin lets an Administrator set a customer's own login.
func companyLogin(t *testing.T, app *apptest.App, number string, p *openidtest.Provider, change func(url.Values)) {
	t.Helper()
	ada, at := app.As("ada"), "/office/customers/"+number+"/company-login"
	fields := url.Values{"issuer": {p.URL}, "client": {openidtest.Client}, "secret": {openidtest.Secret}, "active": {"on"}}
	change(fields)
	if shown := ada.Submit(ada.Get(at), "form[action='"+at+"']", fields); shown.Status != http.StatusOK || !shown.Has("Saved.") {
		t.Fatalf("the login of %s is not set: %d %s", number, shown.Status, shown.Text("main"))
	}
}

func domains(text string) func(url.Values) {
	return func(v url.Values) { v.Set("domains", text) }
}

// byCompany signs in to the portal by the company of the address.
func byCompany(b *apptest.Browser, p *openidtest.Provider, email string) apptest.Page {
	return b.ByProvider(p, b.Post("/login/company", url.Values{"email": {email}}))
}

// business is one in which customers have domains of their own: Lee, Kim and Max
// are at harbour.test, Ola and Sam at pelican.test, Sam at quay.test too.
func business(t *testing.T) *apptest.App {
	t.Helper()
	app := apptest.NewWithProvider(t, nil, nil)
	app.Exec(`update contacts set email = replace(email, 'demo.test', case customer_id when 1 then 'harbour.test' when 2 then 'pelican.test' else 'quay.test' end)`)
	return app
}

// A contact comes in by their company's provider as themselves, and sees what they
// see; of the person that they are elsewhere there is nothing.
func TestContactsComeByTheirCompany(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	b := app.Nobody()
	if p := b.Get("/login"); p.Has("Log in with your company’s account") {
		t.Error("the sign-in page offers what no customer has")
	}
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	if p := b.Get("/login"); !p.Has("Log in with your company’s account") {
		t.Fatal("the sign-in page does not offer it")
	}
	b.Contact("1")
	if p := b.ByProvider(idp, b.Submit(b.Get("/login/company?next=/jobs/J-1001"), "main form", url.Values{"email": {"LEE@Harbour.test"}})); p.Status != http.StatusOK || p.URL.Path != "/jobs/J-1001" {
		t.Fatalf("Lee comes: %d %s %s", p.Status, p.URL, p.Text("main"))
	}
	if q := idp.Seen(); !strings.Contains(q.Get("scope"), "offline_access") || !strings.HasSuffix(q.Get("redirect_uri"), "/login/company/C-1001/answer") || q.Get("login_hint") != "LEE@Harbour.test" {
		t.Errorf("the provider was asked %v", q)
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'signed in' and thing = 'contact' and after->>'with' = 'openid' and contact_id = 1 and person_id is null`); n != 1 {
		t.Errorf("the trail has %d such sign-ins", n)
	}
	if p := b.Get("/details"); !p.Has("You log in with your company’s account") || p.Has("Passkeys") {
		t.Errorf("My Details: %s", p.Text("main"))
	}
	for _, own := range []string{"/details/sign-in-address", "/details/passkeys", "/details/second-factor", "/details/devices", "/choose", "/all", "/all/jobs", "/new-password"} {
		if p := b.Get(own); p.Status != http.StatusForbidden && p.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", own, p.Status, p.Text("main"))
		}
	}
	for at, fields := range map[string]url.Values{
		"/details/sign-in-address": {"email": {"evil@evil.test"}}, "/details/passkeys/challenge": nil, "/details/second-factor/setup": nil, "/new-password": {"password": {"copper kettle under nine rivers"}}, "/choose": {"contact": {"4"}},
	} {
		if p := b.Post(at, fields); p.Status != http.StatusForbidden && p.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", at, p.Status, p.Text("main"))
		}
	}
	if p := b.Post("/jobs", url.Values{"description": {"The fan rattles"}, "type": {"1"}, "site": {"1"}}); p.Status >= 400 {
		t.Errorf("Lee asks for a job: %d %s", p.Status, p.Text("main"))
	}
	app.Exec(`update contacts set access = 'suspended' where id = 1`)
	if p := b.Get("/jobs"); p.URL.Path != "/login" {
		t.Errorf("a suspended contact goes on: %s", p.URL)
	}
	if p := byCompany(app.Nobody(), idp, "lee@harbour.test"); p.Status != http.StatusForbidden {
		t.Errorf("a suspended contact comes back: %d", p.Status)
	}
}

// A customer's provider, whatever it says, opens that customer's contacts alone:
// nothing of another customer, of a person with both, or of the staff.
func TestCompaniesOpenNothingOfOthers(t *testing.T) {
	t.Parallel()
	app := business(t)
	evil := openidtest.New(t, "evil", "evil@harbour.test")
	companyLogin(t, app, "C-1001", evil, domains("harbour.test, münchen.test"))
	companyLogin(t, app, "C-1002", openidtest.New(t, "ola", "ola@pelican.test"), domains("pelican.test"))
	for name, claim := range map[string]string{
		"another customer's contact": "ola@pelican.test", "a person of two others": "sam@pelican.test", "a person's sign-in address": "ola@demo.test", "a member of staff": "ada@demo.test",
		"nobody at all": "evil@harbour.test", "a subdomain": "lee@sub.harbour.test", "a longer domain": "lee@notharbour.test", "a domain behind": "lee@harbour.test.evil.test",
		"two addresses": "ola@pelican.test@harbour.test", "a look-alike": "lee@hаrbour.test", "a dot behind": "lee@harbour.test.", "a Kelvin sign": "\u212Aim@harbour.test", "a blank": "lee @harbour.test",
		"a quoted name": `"lee"@harbour.test`, "a comment": "lee(x)@harbour.test", "no address": "", "a suspended contact": "max@harbour.test",
	} {
		for _, subject := range []string{"evil", "ola", "lee@harbour.test"} {
			evil.Is(subject, claim)
			b := app.Nobody()
			if p := byCompany(b, evil, "x@harbour.test"); p.Status != http.StatusForbidden {
				t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
			}
			if b.Get("/").URL.Path != "/login" || b.Get("/office").URL.Path != "/office/login" {
				t.Errorf("%s is signed in", name)
			}
		}
	}
	for name, bend := range map[string]func(openidtest.Claims){
		"not confirmed":       func(c openidtest.Claims) { c["email_verified"] = false },
		"confirmed by nobody": func(c openidtest.Claims) { delete(c, "email_verified") },
		"not, in other words": func(c openidtest.Claims) { c["email_verified"] = "no" },
	} {
		evil.Is("lee", "lee@harbour.test")
		evil.Bend(bend)
		if p := byCompany(app.Nobody(), evil, "x@harbour.test"); p.Status != http.StatusForbidden {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	evil.Bend(nil)
	if n := apptest.Value[int](app, `select count(*) from contact_identities`); n != 0 {
		t.Fatalf("%d contacts were tied", n)
	}

	// Sam's address at Harbour Dental, whose provider says so, is Sam at Harbour alone.
	app.Exec(`insert into contacts (customer_id, person_id, name, email, access, jobs_see, quotes_see) values (1, 5, 'Sam Petrou', 'sam@harbour.test', 'active', 'all', 'all')`)
	evil.Is("sam", "sam@harbour.test")
	b := app.Nobody()
	if p := byCompany(b, evil, "sam@harbour.test"); p.Status != http.StatusOK || !p.Has("Harbour Dental") || p.Has("Pelican") || p.Has("Quay") {
		t.Fatalf("Sam at Harbour Dental: %d %s", p.Status, p.Text("main"))
	}
	for _, at := range []string{"/jobs/J-1003", "/jobs/J-1004", "/quotes/Q-1004", "/equipment/equipmentofpelican0000000000001", "/jobs/J-1003?as=5"} {
		if p := b.Get(at); p.Status != http.StatusNotFound || p.Has("Pelican") || p.Has("Quay") {
			t.Errorf("%s: %d %s", at, p.Status, p.Text("main"))
		}
	}
	for _, contact := range []string{"5", "6"} {
		b.Contact(contact)
		if p := b.Post("/choose", url.Values{"contact": {contact}}); p.Status != http.StatusNotFound {
			t.Errorf("choose %s: %d", contact, p.Status)
		}
		if p := b.Post("/jobs", url.Values{"description": {"x"}, "contact": {contact}}); p.Status < 400 || p.Has("Pelican") {
			t.Errorf("a form of %s: %d", contact, p.Status)
		}
	}
	if apptest.Value[bool](app, `select exists (select from jobs where description = 'x')`) {
		t.Error("a job came of it")
	}
	if n := apptest.Value[int](app, `select count(*) from sessions where company_visit_id is not null and person_id is not null`); n != 0 {
		t.Errorf("%d such sessions are a person's", n)
	}
}

// State, code and issuer of one company are worth nothing at another.
func TestAnswersOfCompaniesDoNotMix(t *testing.T) {
	t.Parallel()
	app := business(t)
	evil, good := openidtest.New(t, "evil", "kim@harbour.test"), openidtest.New(t, "ola", "ola@pelican.test")
	companyLogin(t, app, "C-1001", evil, domains("harbour.test"))
	companyLogin(t, app, "C-1002", good, domains("pelican.test"))
	asked := func(b *apptest.Browser, p *openidtest.Provider, email string) *url.URL {
		return p.Visit(b.Post("/login/company", url.Values{"email": {email}}).Onward())
	}
	mixed := func(path string, of *url.URL, change map[string]string) string {
		q := of.Query()
		for name, value := range change {
			q.Set(name, value)
		}
		return path + "?" + q.Encode()
	}
	for name, at := range map[string]func(b *apptest.Browser) string{
		"at the other's address": func(b *apptest.Browser) string {
			return mixed("/login/company/C-1002/answer", asked(b, evil, "x@harbour.test"), nil)
		},
		"at the office": func(b *apptest.Browser) string {
			return mixed("/office/login/provider/answer", asked(b, evil, "x@harbour.test"), nil)
		},
		"at nobody's address": func(b *apptest.Browser) string {
			return mixed("/login/company/C-9999/answer", asked(b, evil, "x@harbour.test"), nil)
		},
		"with the other's issuer": func(b *apptest.Browser) string {
			u := asked(b, evil, "x@harbour.test")
			return mixed(u.Path, u, map[string]string{"iss": good.URL})
		},
		"the other's code": func(b *apptest.Browser) string {
			theirs, u := asked(b, good, "x@pelican.test"), asked(b, evil, "x@harbour.test")
			return mixed(u.Path, u, map[string]string{"code": theirs.Query().Get("code")})
		},
		"the other's state": func(b *apptest.Browser) string {
			theirs, u := asked(b, good, "x@pelican.test"), asked(b, evil, "x@harbour.test")
			return mixed(u.Path, u, map[string]string{"state": theirs.Query().Get("state")})
		},
		"an answer of somebody else": func(*apptest.Browser) string { return asked(app.Nobody(), good, "x@pelican.test").RequestURI() },
		"evil's code for good's sign-in": func(b *apptest.Browser) string {
			theirs, u := asked(b, evil, "x@harbour.test"), asked(b, good, "x@pelican.test")
			return mixed(u.Path, u, map[string]string{"code": theirs.Query().Get("code"), "iss": evil.URL})
		},
	} {
		b := app.Nobody()
		if p := b.Get(at(b)); p.Status < 400 || p.Status >= 500 {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
		if b.Get("/").URL.Path != "/login" {
			t.Errorf("%s is signed in", name)
		}
	}
	// A subject is one of its own provider: the same one elsewhere is somebody else.
	byCompany(app.Nobody(), good, "ola@pelican.test")
	evil.Is("ola", "")
	if p := byCompany(app.Nobody(), evil, "x@harbour.test"); p.Status != http.StatusForbidden {
		t.Errorf("the same subject of another provider: %d %s", p.Status, p.Text("main"))
	}
	// Another provider at the same customer: whoever came by the first is not known to it.
	companyLogin(t, app, "C-1002", evil, domains("pelican.test"))
	if p := byCompany(app.Nobody(), evil, "x@pelican.test"); p.Status != http.StatusForbidden {
		t.Errorf("the same subject of the next provider: %d", p.Status)
	}
	late := openidtest.New(t, "kim", "kim@harbour.test")
	companyLogin(t, app, "C-1001", late, domains("harbour.test"))
	b := app.Nobody()
	answer := asked(b, late, "x@harbour.test")
	companyLogin(t, app, "C-1001", evil, domains("harbour.test"))
	if p := b.Get(answer.RequestURI()); p.Status != http.StatusBadRequest {
		t.Errorf("an answer of the provider before: %d", p.Status)
	}
	for email, words := range map[string]string{"x@nowhere.test": "No company login is set up for this domain", "ola@nowhere.test": "No company login is set up for this domain", "nonsense": "Enter your email address"} {
		if p := app.Nobody().Post("/login/company", url.Values{"email": {email}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Text("#email-problem"), words) {
			t.Errorf("%s: %d %s", email, p.Status, p.Text("main"))
		}
	}
}

// New people come with the rights that the Administrator has chosen, or not at all;
// an address that goes to somebody else is somebody else.
func TestNewPeopleOfACompany(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "nia", "nia@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	if p := byCompany(app.Nobody(), idp, "nia@harbour.test"); p.Status != http.StatusForbidden {
		t.Fatalf("nobody is to be made: %d", p.Status)
	}
	app.Exec(`insert into contacts (customer_id, name, email, access) values (1, 'Ivo', 'ivo@harbour.test', 'none'), (1, 'Ina', 'ina@harbour.test', 'invited')`)
	mails := apptest.Value[int](app, `select count(*) from emails`)
	idp.Is("ina", "ina@harbour.test")
	if p := byCompany(app.Nobody(), idp, "ina@harbour.test"); p.Status != http.StatusOK {
		t.Errorf("who was invited: %d %s", p.Status, p.Text("main"))
	}
	idp.Is("ivo", "ivo@harbour.test")
	if p := byCompany(app.Nobody(), idp, "ivo@harbour.test"); p.Status != http.StatusForbidden {
		t.Errorf("who has no access: %d", p.Status)
	}
	companyLogin(t, app, "C-1001", idp, func(v url.Values) { v.Set("domains", "harbour.test"); v.Set("preset", "own-jobs"); v.Set("secret", "") })
	for _, who := range []string{"nia", "ivo"} {
		idp.Is(who, who+"@harbour.test")
		if p := byCompany(app.Nobody(), idp, who+"@harbour.test"); p.Status != http.StatusOK || p.Has("J-1001") {
			t.Errorf("%s: %d %s", who, p.Status, p.Text("main"))
		}
		if got := apptest.Value[string](app, `select access || ' ' || jobs_see || ' ' || quotes_see || ' ' || (person_id is null) from contacts where email = $1`, who+"@harbour.test"); got != "active own none true" {
			t.Errorf("%s is %s", who, got)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from persons where email like '%harbour.test'`); n != 0 {
		t.Errorf("%d persons were made", n)
	}
	if n := apptest.Value[int](app, `select count(*) from emails`); n != mails {
		t.Errorf("%d emails were promised", n-mails)
	}
	// Another system keeps contacts: it is asked to take up whom the login makes, once.
	app.Exec(`update keepers set source = 'simpro', label = 'simPRO' where kind = 'contacts'`)
	idp.Is("noa", "noa@harbour.test")
	for range 2 {
		if p := byCompany(app.Nobody(), idp, "noa@harbour.test"); p.Status != http.StatusOK {
			t.Errorf("noa: %d %s", p.Status, p.Text("main"))
		}
	}
	if got := apptest.Value[string](app, `select string_agg(concat_ws(' ', r.what, r.source, c.email, r.row_id = c.id, r.changes->>0), ', ') from keeper_requests r join contacts c on c.id = r.contact_id where r.kind = 'contacts' and r.state = 'waiting'`); !strings.HasPrefix(got, "new simpro noa@harbour.test t ") || !strings.Contains(got, "noa") {
		t.Errorf("simPRO is asked for %q", got)
	}
	app.Exec(`update keepers set source = '', label = ''`)
	// Nia's address goes to somebody else there, who is not Nia.
	idp.Is("other", "nia@harbour.test")
	if p := byCompany(app.Nobody(), idp, "nia@harbour.test"); p.Status != http.StatusForbidden {
		t.Errorf("who got Nia's address: %d", p.Status)
	}
	// The office gives Ina's contact to somebody else: who Ina was comes in no more.
	app.Exec(`update contacts set email = 'ira@harbour.test' where email = 'ina@harbour.test'`)
	idp.Is("ina", "ina@harbour.test")
	companyLogin(t, app, "C-1001", idp, func(v url.Values) { v.Set("domains", "harbour.test"); v.Set("preset", ""); v.Set("secret", "") })
	if p := byCompany(app.Nobody(), idp, "ina@harbour.test"); p.Status != http.StatusForbidden {
		t.Errorf("Ina comes as Ira: %d", p.Status)
	}
}

// Where the company is the only way, a person's password opens all their other
// customers and not this one, from the next request on.
func TestOnlyThisWay(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "sam", "sam@pelican.test")
	sam, ola, lee := app.As("sam"), app.As("ola"), app.As("lee")
	sam.Contact("5")
	if p := sam.Post("/choose", url.Values{"contact": {"5"}}); p.Status != http.StatusOK || !p.Has("Pelican Point") {
		t.Fatalf("Sam looks at Pelican Point: %d", p.Status)
	}
	companyLogin(t, app, "C-1002", idp, func(v url.Values) { v.Set("domains", "Pelican.test"); v.Set("only", "on") })
	if p := sam.Get("/jobs"); p.Has("Lobby fan") {
		t.Errorf("Sam's session goes on at Pelican Point: %s", p.Text("main"))
	}
	if p := sam.Post("/choose", url.Values{"contact": {"5"}}); p.Status != http.StatusNotFound {
		t.Errorf("Sam chooses Pelican Point: %d", p.Status)
	}
	if p := sam.Get("/all/jobs"); p.Has("Lobby fan") {
		t.Error("Sam sees Pelican Point beside the other")
	}
	if p := ola.Get("/jobs"); p.Has("Lobby fan") {
		t.Errorf("Ola's session goes on: %s", p.Text("main"))
	}
	b := app.Nobody()
	if p := b.SignIn("/login", "ola@demo.test", apptest.Password); p.Status != http.StatusForbidden || !p.Has("and no other way") || p.Has("Lobby fan") || b.Get("/jobs").Has("Lobby fan") {
		t.Errorf("Ola comes by password: %s", p.Text("main"))
	}
	if p := app.Nobody().SignIn("/login", "sam@demo.test", apptest.Password); p.Status != http.StatusOK || !p.Has("Quay Street") || p.Has("Pelican") {
		t.Errorf("Sam comes by password: %d %s", p.Status, p.Text("main"))
	}
	app.Nobody().Post("/login/code", url.Values{"email": {"ola@demo.test"}})
	if n := apptest.Value[int](app, `select count(*) from codes where person_id = 4`); n != 0 {
		t.Error("Ola gets a code")
	}
	if p := byCompany(app.Nobody(), idp, "sam@pelican.test"); p.Status != http.StatusOK || !p.Has("Pelican") || p.Has("Quay") {
		t.Errorf("Sam comes by Pelican Point: %d %s", p.Status, p.Text("main"))
	}
	if p := lee.Get("/jobs"); p.Status != http.StatusOK || !p.Has("J-1001") {
		t.Error("another customer's contact is shut out")
	}
}

// Whom the provider logs out is out at their next page, and nobody else is.
func TestCompaniesLogPeopleOut(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp, other := openidtest.New(t, "lee", "lee@harbour.test"), openidtest.New(t, "lee", "ola@pelican.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	companyLogin(t, app, "C-1002", other, domains("pelican.test"))
	lee, kim, ola := app.Nobody(), app.Nobody(), app.Nobody()
	byCompany(lee, idp, "x@harbour.test")
	idp.Is("kim", "kim@harbour.test")
	byCompany(kim, idp, "x@harbour.test")
	byCompany(ola, other, "x@pelican.test")
	in := func(b *apptest.Browser) bool { return b.Get("/").URL.Path == "/" }
	tell := func(number, token string) int {
		return app.Nobody().Post("/login/company/"+number+"/logout", url.Values{"logout_token": {token}}).Status
	}
	event := openidtest.Claims{"http://schemas.openid.net/event/backchannel-logout": openidtest.Claims{}}
	for name, token := range map[string]string{
		"nothing": "", "nonsense": "x.y.z", "of another provider": other.Logout("lee", nil), "forged": idp.Forged(openidtest.Claims{"sub": "lee", "jti": "1", "events": event}),
		"unsigned": idp.Unsigned(openidtest.Claims{"sub": "lee", "jti": "2", "events": event}), "an ID token": idp.Logout("lee", func(c openidtest.Claims) { delete(c, "events") }),
		"with a nonce": idp.Logout("lee", func(c openidtest.Claims) { c["nonce"] = "n" }), "for somebody else": idp.Logout("lee", func(c openidtest.Claims) { c["aud"] = "somebody" }),
		"of nobody": idp.Logout("", func(c openidtest.Claims) { delete(c, "sub") }), "expired": idp.Logout("lee", func(c openidtest.Claims) { c["exp"] = 1000 }), "old": idp.Logout("lee", func(c openidtest.Claims) { c["iat"] = 1000 }),
		"without a number": idp.Logout("lee", func(c openidtest.Claims) { delete(c, "jti") }),
	} {
		if status := tell("C-1001", token); status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, status)
		}
	}
	if tell("C-9999", idp.Logout("lee", nil)) != http.StatusBadRequest || !in(lee) || !in(kim) || !in(ola) {
		t.Fatal("somebody is out by a bad message")
	}
	if status := tell("C-1001", idp.Logout("lee", func(c openidtest.Claims) { c["sid"] = "another session" })); status != http.StatusOK || !in(lee) {
		t.Errorf("another session of Lee's: %d", status)
	}
	token := idp.Logout("lee", nil)
	if status := tell("C-1001", token); status != http.StatusOK || in(lee) || !in(kim) || !in(ola) {
		t.Errorf("Lee is logged out there: %d, in here %v %v %v", status, in(lee), in(kim), in(ola))
	}
	idp.Is("lee", "lee@harbour.test")
	if p := byCompany(lee, idp, "x@harbour.test"); p.Status != http.StatusOK {
		t.Fatalf("Lee comes back: %d", p.Status)
	}
	if status := tell("C-1001", token); status != http.StatusBadRequest || !in(lee) {
		t.Errorf("the same message again: %d, in %v", status, in(lee))
	}
	if status := tell("C-1001", idp.Logout("", func(c openidtest.Claims) { delete(c, "sub"); c["sid"] = "sid of lee" })); status != http.StatusOK || in(lee) || !in(kim) {
		t.Errorf("by the session alone: %d", status)
	}
}

// Whoever has left is out within minutes; a provider that is merely away shuts
// nobody out for a day.
func TestCompaniesAreAskedAgain(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	box, err := secret.NewBox("the secret key of the tests is no secret")
	if err != nil {
		t.Fatal(err)
	}
	service := signin.New(app.Pool, box, nil, nil)
	service.UseOpenID(openid.New(true), openid.Staff{}, app.URL)
	ask := func() {
		t.Helper()
		app.Exec(`update company_visits set asked_at = now() - interval '16 minutes'`)
		app.Exec(`update sessions set seen_at = now() where company_visit_id is not null`)
		if err := service.AskCompanies(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b := app.Nobody()
	in := func() bool { return b.Get("/").URL.Path == "/" }
	byCompany(b, idp, "x@harbour.test")
	kept := apptest.Value[[]byte](app, `select sealed from company_visits`)
	asked := idp.Asked("/token")
	ask()
	if idp.Asked("/token") != asked+1 || !in() || string(apptest.Value[[]byte](app, `select sealed from company_visits`)) == string(kept) {
		t.Fatal("the provider was not asked, or the next token not kept")
	}
	app.Exec(`update company_visits set asked_at = now()`)
	if err := service.AskCompanies(t.Context()); err != nil || idp.Asked("/token") != asked+1 {
		t.Errorf("asked again at once: %v", err)
	}
	idp.Answer(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/token" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return r.URL.Path == "/token"
	})
	ask()
	if p := app.As("ada").Get("/office/customers/C-1001/company-login"); !in() || !p.Has("The provider does not answer.") {
		t.Errorf("a provider that is away: in %v, the page says %s", in(), p.Text("main"))
	}
	app.Exec(`update company_visits set away_since = now() - interval '25 hours'`)
	ask()
	if in() {
		t.Error("a day without an answer, and Lee goes on")
	}
	idp.Answer(nil)
	byCompany(b, idp, "x@harbour.test")
	if !in() {
		t.Fatal("Lee does not come back")
	}
	idp.Ended("lee", true)
	ask()
	if in() {
		t.Error("Lee has left, and goes on")
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'signed out' and thing = 'contact'`); n != 2 {
		t.Errorf("the trail has %d of them", n)
	}
	if p := byCompany(b, idp, "x@harbour.test"); p.Status != http.StatusBadRequest || in() {
		t.Errorf("who has left comes back: %d", p.Status)
	}
	// Without anything to ask with, half a day is the most.
	idp.Ended("lee", false)
	idp.Meta(func(doc map[string]any) { doc["scopes_supported"] = []string{"openid"} })
	fresh := openidtest.New(t, "lee", "lee@harbour.test")
	fresh.Meta(func(doc map[string]any) { doc["scopes_supported"] = []string{"openid"} })
	companyLogin(t, app, "C-1001", fresh, domains("harbour.test"))
	byCompany(b, fresh, "x@harbour.test")
	if !in() {
		t.Fatal("Lee does not come by the next provider")
	}
	app.Exec(`update company_visits set created_at = now() - interval '13 hours'`)
	if in() {
		t.Error("half a day later Lee goes on unasked")
	}
}

// Only Administrators with a fresh proof set a company's login; its secret is
// never shown, and what is wrong is said in words.
func TestWhoSetsACompanysLogin(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	const at = "/office/customers/C-1001/company-login"
	good := url.Values{"issuer": {idp.URL}, "client": {openidtest.Client}, "secret": {openidtest.Secret}, "domains": {"harbour.test"}, "active": {"on"}}
	with := func(name, value string) url.Values {
		all := url.Values{}
		for k, v := range good {
			all[k] = v
		}
		all.Set(name, value)
		return all
	}
	if p := app.As("ben").Post(at, good); p.Status != http.StatusForbidden {
		t.Errorf("Ben sets it: %d", p.Status)
	}
	ada := app.As("ada")
	app.Exec(`update sessions set created_at = now() - interval '1 hour'`)
	if p := ada.Post(at, good); p.Status != http.StatusForbidden || !p.Has("Show that it is you") || strings.Contains(p.Find("main").Text(), openidtest.Secret) {
		t.Errorf("a stale session: %d %s", p.Status, p.Text("main"))
	}
	app.Exec(`update sessions set created_at = now()`)
	for field, values := range map[string][]string{
		"issuer": {"", "idp.test", "ftp://idp.test", "https://idp.test/.well-known/openid-configuration", "https://user@idp.test", "https://login.microsoftonline.com/common/v2.0"},
		"client": {""}, "secret": {""}, "preset": {"everything"},
		"domains": {"", "harbour", "harbour.test/x", "gmail.com", "*.harbour.test", "har bour.test!"},
	} {
		for _, value := range values {
			if p := ada.Post(at, with(field, value)); p.Status != http.StatusUnprocessableEntity || p.Text("#"+field+"-problem") == "" {
				t.Errorf("%s %q: %d %s", field, value, p.Status, p.Text("main"))
			}
		}
	}
	if p := ada.Post(at, good); p.Status != http.StatusOK || strings.Contains(p.Body, openidtest.Secret) || !p.Has("/login/company/C-1001/answer") {
		t.Fatalf("Ada sets it: %d %s", p.Status, p.Text("main"))
	}
	if p := ada.Post("/office/customers/C-1002/company-login", good); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Text("#domains-problem"), "belongs to Harbour Dental") {
		t.Errorf("another customer takes the domain: %d %s", p.Status, p.Text("main"))
	}
	if p := ada.Post(at, good); p.Status != http.StatusConflict {
		t.Errorf("an old form: %d", p.Status)
	}
	if kept := apptest.Value[string](app, `select (select string_agg(l::text, ' ') from company_logins l) || (select string_agg(a::text, ' ') from audit_entries a)`); strings.Contains(kept, openidtest.Secret) {
		t.Error("the secret lies about")
	}
	if p := ada.Post(at+"/trial", nil); p.Status != http.StatusOK || !p.Has("The provider answers.") || !p.Has("every 15 minutes") {
		t.Errorf("a good provider: %d %s", p.Status, p.Text("main"))
	}
	idp.Meta(func(doc map[string]any) { doc["issuer"] = "https://elsewhere.test" })
	if p := ada.Post(at+"/trial", nil); !p.Has("does not know this login") {
		t.Errorf("a provider of another name: %s", p.Text("main"))
	}
	idp.Meta(nil)
	byCompany(app.Nobody(), idp, "x@harbour.test")
	app.Exec(`update contacts set person_id = null where id = 1`)
	if p := ada.Post(at+"/removal", nil); p.Status != http.StatusOK || apptest.Value[int](app, `select count(*) from company_logins`) != 0 || apptest.Value[string](app, `select access from contacts where id = 1`) != "invited" {
		t.Errorf("it is removed: %d %s", p.Status, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action in ('company login set', 'company login removed') and staff_id = 1`); n != 2 {
		t.Errorf("the trail has %d entries", n)
	}
}

// Who comes by their company's provider loses nothing that they typed either: it
// waits until they have come again, for them alone.
func TestFormsOfCompanySessionsWait(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	app.Exec(`update contacts set person_id = null where id = 1`)
	b := app.Nobody()
	byCompany(b, idp, "lee@harbour.test")
	b.Contact("1")
	page := b.Get("/jobs/new")
	app.Exec(`update sessions set seen_at = now() - interval '25 hours' where company_visit_id is not null`)
	sent := b.Submit(page, "form[action='/jobs']", url.Values{"description": {"The tap drips again"}, "type": {"1"}, "site": {"1"}})
	next := sent.URL.Query().Get("next")
	if sent.URL.Path != "/login" || !strings.HasPrefix(next, "/unsent/") {
		t.Fatalf("the form does not wait: %d %s", sent.Status, sent.URL)
	}
	kim := app.As("kim")
	if p := kim.Get(next); p.Has("The tap drips again") {
		t.Error("Kim sees what Lee typed")
	}
	shown := b.ByProvider(idp, b.Submit(b.Get("/login/company?next="+url.QueryEscape(next)), "main form", url.Values{"email": {"lee@harbour.test"}}))
	if got := shown.Text("textarea[name=description]"); got != "The tap drips again" || !shown.Has("You had been signed out") {
		t.Fatalf("the form is not there again: %d %s %q", shown.Status, shown.URL, got)
	}
	if p := b.Submit(shown, "form[action='/jobs']", nil); p.Status != http.StatusOK || apptest.Value[int](app, `select count(*) from jobs where description = 'The tap drips again'`) != 1 {
		t.Errorf("the form is sent: %d %s", p.Status, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from unsent_forms`); n != 0 {
		t.Errorf("%d forms still wait", n)
	}
}

// What asks for a fresh proof asks their company's provider, and the form waits.
func TestFreshProofAtTheCompany(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	app.Exec(`update contacts set person_id = null where id = 1`)
	b := app.Nobody()
	byCompany(b, idp, "lee@harbour.test")
	b.Contact("1")
	const at = "/details/colleagues/2/edit" // Kim
	press := func() apptest.Page {
		app.Exec(`update sessions set created_at = now() where company_visit_id is not null`)
		page := b.Get(at)
		app.Exec(`update sessions set created_at = now() - interval '1 hour' where company_visit_id is not null`)
		return b.Submit(page, "form[action='"+at+"']", url.Values{"preset": {"see-all"}, "name": {"Kim Larsen"}})
	}
	seesAll := func() bool { return apptest.Value[bool](app, `select jobs_see = 'all' from contacts where id = 2`) }
	ask := press()
	if ask.Status != http.StatusForbidden || !ask.Has("Show that it is you") || ask.Find("input[name=proof]").Length() != 0 {
		t.Fatalf("a stale session: %d %s", ask.Status, ask.Text("main"))
	}
	idp.Is("kim", "kim@harbour.test")
	if p := b.ByProvider(idp, b.Submit(ask, "main form", url.Values{"proof-by": {"provider"}})); p.Status != http.StatusForbidden {
		t.Errorf("a colleague proves it: %d %s", p.Status, p.Text("main"))
	}
	leaving := b.Submit(press(), "main form", url.Values{"proof-by": {"provider"}})
	idp.Is("lee", "lee@harbour.test")
	shown := b.ByProvider(idp, leaving)
	if q := idp.Seen(); q.Get("prompt") != "login" || q.Get("max_age") != "0" {
		t.Errorf("the provider is not asked to ask again: %v", q)
	}
	if shown.Find("input[name=name]").AttrOr("value", "") != "Kim Larsen" || !shown.Has("You have shown that it is you") || seesAll() {
		t.Fatalf("the form is not there again: %d %s %s", shown.Status, shown.URL, shown.Text("main"))
	}
	if p := b.Submit(shown, "form[action='"+at+"']", nil); p.Status != http.StatusOK || !seesAll() {
		t.Errorf("the form is sent: %d %s", p.Status, p.Text("main"))
	}
}

// Of two customers that become one, the login of the one that goes ends, as the
// page has said; that of the one that stays, and who came by it, are as they were.
func TestMergedCustomersWithCompanyLogins(t *testing.T) {
	t.Parallel()
	for name, both := range map[string]bool{"both have one": true, "only the one that goes": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := business(t)
			idp, stays := openidtest.New(t, "ola", "ola@pelican.test"), openidtest.New(t, "lee", "lee@harbour.test")
			companyLogin(t, app, "C-1002", idp, func(v url.Values) { v.Set("domains", "pelican.test"); v.Set("only", "on") })
			ola, lee := app.Nobody(), app.Nobody()
			if both {
				companyLogin(t, app, "C-1001", stays, domains("harbour.test"))
				byCompany(lee, stays, "lee@harbour.test")
			}
			app.Exec(`update contacts set person_id = null where id = 4`)
			byCompany(ola, idp, "ola@pelican.test")
			ben := app.As("ben")
			ask := ben.Get("/office/customers/C-1002/merge?customer=C-1001")
			if !ask.Has("The company login of Pelican Point is removed") {
				t.Errorf("the page does not say so: %s", ask.Text("main"))
			}
			if p := ben.Submit(ask, "main form", url.Values{"access": {"keep"}}); p.Status != http.StatusOK || !p.Has("C-1002 was merged") {
				t.Fatalf("they are merged: %d %s", p.Status, p.Text("main"))
			}
			if got := apptest.Value[string](app, `select access || ' ' || customer_id from contacts where id = 4`); got != "invited 1" || ola.Get("/").URL.Path != "/login" {
				t.Errorf("Ola is %s", got)
			}
			if p := app.Nobody().Post("/login/company", url.Values{"email": {"ola@pelican.test"}}); p.Status != http.StatusUnprocessableEntity {
				t.Errorf("the login that went: %d", p.Status)
			}
			if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'company login removed' and staff_id = 2`); n != 1 {
				t.Errorf("the trail has %d of it", n)
			}
			if both && (lee.Get("/").URL.Path != "/" || byCompany(app.Nobody(), stays, "lee@harbour.test").Status != http.StatusOK) {
				t.Error("the login that stays lets Lee in no more")
			}
		})
	}
}

// asking is what asks the providers of companies again, apart from the program's own.
func asking(t *testing.T, app *apptest.App) *signin.Service {
	t.Helper()
	box, err := secret.NewBox("the secret key of the tests is no secret")
	if err != nil {
		t.Fatal(err)
	}
	service := signin.New(app.Pool, box, nil, nil)
	service.UseOpenID(openid.New(true), openid.Staff{}, app.URL)
	return service
}

// A provider that hangs is asked once in a round, and holds up no other's: whoever
// has left there is out while it does.
func TestAHangingCompanyHoldsUpNobody(t *testing.T) {
	t.Parallel()
	app := business(t)
	hangs, other := openidtest.New(t, "lee", "lee@harbour.test"), openidtest.New(t, "ola", "ola@pelican.test")
	companyLogin(t, app, "C-1001", hangs, domains("harbour.test"))
	companyLogin(t, app, "C-1002", other, domains("pelican.test"))
	lee, kim, ola := app.Nobody(), app.Nobody(), app.Nobody()
	byCompany(lee, hangs, "x@harbour.test")
	hangs.Is("kim", "kim@harbour.test")
	byCompany(kim, hangs, "x@harbour.test")
	byCompany(ola, other, "x@pelican.test")
	service, asked := asking(t, app), hangs.Asked("/token")
	released, late := make(chan struct{}), make(chan struct{}, 9)
	hangs.Answer(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/token" {
			return false
		}
		select {
		case <-released:
		case <-r.Context().Done():
			late <- struct{}{}
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	other.Ended("ola", true)
	other.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/token" {
			close(released)
		}
		return false
	})
	// Those of the provider that hangs have waited longest.
	app.Exec(`update company_visits set asked_at = now() - make_interval(mins => (30 - id)::integer)`)
	app.Exec(`update sessions set seen_at = now() where company_visit_id is not null`)
	if err := service.AskCompanies(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(late) > 0 || ola.Get("/").URL.Path != "/login" {
		t.Error("Ola, who has left, waits for another company's provider")
	}
	if n := hangs.Asked("/token") - asked; n != 1 {
		t.Errorf("the provider that hangs was asked %d times", n)
	}
	if got := apptest.Value[string](app, `select count(*) filter (where away_since is not null) || ' away, ' || count(*) filter (where asked_at > now() - interval '1 minute') || ' asked' from company_visits`); got != "2 away, 1 asked" {
		t.Errorf("its visits: %s", got)
	}
	if lee.Get("/").URL.Path != "/" || kim.Get("/").URL.Path != "/" {
		t.Error("Lee or Kim is out")
	}
	app.Exec(`update company_visits set away_since = now() - interval '25 hours', asked_at = now() - interval '16 minutes'`)
	app.Exec(`update sessions set seen_at = now() where company_visit_id is not null`)
	if err := service.AskCompanies(t.Context()); err != nil || lee.Get("/").URL.Path != "/login" || kim.Get("/").URL.Path != "/login" {
		t.Errorf("a day without an answer, and somebody goes on: %v", err)
	}
}

// A provider knows people by other subjects under another client ID: their address
// counts once more, and nobody is shut out.
func TestAnotherClientAtTheSameCompany(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	companyLogin(t, app, "C-1001", idp, func(v url.Values) { v.Set("domains", "harbour.test"); v.Set("client", "the client before") })
	app.Exec(`insert into contact_identities (login_id, contact_id, issuer, subject) select id, 1, issuer, 'lee of the client before' from company_logins`)
	companyLogin(t, app, "C-1001", idp, func(v url.Values) { v.Set("domains", "harbour.test"); v.Set("secret", "") })
	b := app.Nobody()
	if p := byCompany(b, idp, "x@harbour.test"); p.Status != http.StatusOK || !p.Has("J-1001") {
		t.Errorf("Lee comes by the next client: %d %s", p.Status, p.Text("main"))
	}
	companyLogin(t, app, "C-1001", idp, func(v url.Values) { v.Set("domains", "harbour.test"); v.Set("secret", ""); v.Set("preset", "own-jobs") })
	if b.Get("/").URL.Path != "/" {
		t.Error("the same client, saved once more, ends sessions")
	}
}

// An Administrator unties one contact: the sessions end, and who has the address
// there next is tied instead.
func TestAnAdministratorDisconnectsACompanyAccount(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	lee := app.Nobody()
	byCompany(lee, idp, "x@harbour.test")
	ada, ben, at := app.As("ada"), app.As("ben"), "/office/customers/C-1001/contacts/1"
	form := "form[action='" + at + "/company-account/removal']"
	if ben.Get(at).Find(form).Length() != 0 || ben.Post(at+"/company-account/removal", nil).Status != http.StatusForbidden {
		t.Error("Ben disconnects Lee")
	}
	if p := ada.Post("/office/customers/C-1002/contacts/1/company-account/removal", nil); p.Status != http.StatusNotFound {
		t.Errorf("as another customer's: %d", p.Status)
	}
	page := ada.Get(at)
	app.Exec(`update sessions set created_at = now() - interval '1 hour' where staff_id = 1`)
	if p := ada.Submit(page, form, nil); p.Status != http.StatusForbidden || lee.Get("/").URL.Path != "/" {
		t.Errorf("without a fresh proof: %d", p.Status)
	}
	app.Exec(`update sessions set created_at = now() where staff_id = 1`)
	if p := ada.Submit(ada.Get(at), form, nil); p.Status != http.StatusOK || p.Find(form).Length() != 0 || !p.Has("Disconnected.") {
		t.Fatalf("Ada disconnects Lee: %d %s", p.Status, p.Text("main"))
	}
	if lee.Get("/").URL.Path != "/login" {
		t.Error("Lee's session goes on")
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'disconnected' and thing = 'contact' and staff_id = 1`); n != 1 {
		t.Errorf("the trail has %d of it", n)
	}
	idp.Is("new-lee", "lee@harbour.test")
	if p := byCompany(app.Nobody(), idp, "x@harbour.test"); p.Status != http.StatusOK {
		t.Errorf("the next Lee: %d", p.Status)
	}
	idp.Is("lee", "lee@harbour.test")
	if p := byCompany(app.Nobody(), idp, "x@harbour.test"); p.Status != http.StatusForbidden {
		t.Errorf("the former Lee: %d", p.Status)
	}
}

// Whose domain leaves a login waits for an invitation, if they have no other way in.
func TestADomainLeavesACompanysLogin(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test, dental.test"))
	app.Exec(`update contacts set person_id = null where id in (1, 2)`)
	app.Exec(`update contacts set email = 'kim@dental.test' where id = 2`)
	byCompany(app.Nobody(), idp, "x@harbour.test")
	idp.Is("kim", "kim@dental.test")
	kim := app.Nobody()
	if p := byCompany(kim, idp, "x@dental.test"); p.Status != http.StatusOK {
		t.Fatalf("Kim comes: %d %s", p.Status, p.Text("main"))
	}
	companyLogin(t, app, "C-1001", idp, func(v url.Values) { v.Set("domains", "harbour.test"); v.Set("secret", "") })
	if got := apptest.Value[string](app, `select string_agg(access, ' ' order by id) from contacts where id in (1, 2)`); got != "active invited" || kim.Get("/").URL.Path != "/login" {
		t.Errorf("Lee and Kim are %s", got)
	}
	if p := app.As("ben").Get("/office/customers/C-1001/contacts/2"); !p.Has("Send again") {
		t.Errorf("staff cannot invite Kim: %s", p.Text("main"))
	}
}

// What is stored of a contact who comes by their company alone is given out, and
// goes with them.
func TestDataOfACompanysContact(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	app.Exec(`update contacts set person_id = null where id = 1`)
	byCompany(app.Nobody(), idp, "x@harbour.test")
	idp.Is("kim", "kim@harbour.test")
	byCompany(app.Nobody(), idp, "x@harbour.test")
	ada, at := app.As("ada"), "/office/customers/C-1001/contacts/1"
	data := ada.Post(at+"/data", nil).Body
	for _, part := range []string{`"subject": "lee"`, `"by_company": true`, `"outcome": "right"`} {
		if strings.Count(data, part) != 1 {
			t.Errorf("the data has %s %d times: %s", part, strings.Count(data, part), data)
		}
	}
	if strings.Contains(data, "kim@harbour.test") {
		t.Error("Lee's data has Kim's address")
	}
	if p := ada.Submit(ada.Get(at+"/erasure"), "form[action='"+at+"/erasure']", url.Values{"name": {"Lee Nakamura"}}); p.Status != http.StatusOK || !p.Has("was erased") {
		t.Fatalf("Lee is erased: %d %s", p.Status, p.Text("main"))
	}
	if got := apptest.Value[string](app, `select coalesce(string_agg(email, ' '), '') from attempts where email like '%harbour.test'`); got != "kim@harbour.test" {
		t.Errorf("tries of %q are left", got)
	}
}

// Who comes by their company opens a link of their own on the record itself, and
// no other contact's.
func TestCompanySessionsOpenTheirOwnLinks(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	app.Exec(`update contacts set person_id = null where id = 1`)
	b := app.Nobody()
	byCompany(b, idp, "x@harbour.test")
	b.Contact("1")
	if p := b.Get("/r/" + app.RecordLink(1, "J-1001")); p.URL.Path != "/jobs/J-1001" || p.Status != http.StatusOK {
		t.Errorf("Lee's link leads to %s: %d", p.URL, p.Status)
	}
	if p := b.Get("/r/" + app.RecordLink(2, "J-1002")); p.URL.Path == "/jobs/J-1002" {
		t.Errorf("Kim's link leads to %s", p.URL)
	}
}

// What anybody can send without end fills no table: answers that nobody was asked
// leave nothing, and a provider in trouble one row an hour.
func TestAFloodOfAnswersFillsNothing(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	b := app.Nobody()
	for range 30 {
		if p := b.Get("/login/company/C-1001/answer?state=x"); p.Status != http.StatusBadRequest {
			t.Fatalf("an answer of nobody: %d", p.Status)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from attempts where reason like 'provider-%'`); n != 0 {
		t.Errorf("%d rows are left of it", n)
	}
	idp.SaysNo("access_denied")
	for range 3 {
		if p := byCompany(b, idp, "x@harbour.test"); p.Status != http.StatusForbidden {
			t.Fatalf("who went back: %d", p.Status)
		}
	}
	idp.SaysNo("server_error")
	for range 3 {
		if p := byCompany(b, idp, "x@harbour.test"); p.Status != http.StatusBadGateway {
			t.Fatalf("a provider in trouble: %d", p.Status)
		}
	}
	if got := apptest.Value[string](app, `select string_agg(reason || ' ' || times || ' ' || counts, ', ' order by reason) from attempts where reason like 'provider-%'`); got != "provider-away 3 false, provider-refused 3 false" {
		t.Errorf("what is left of a provider in trouble: %s", got)
	}
	idp.SaysNo("")
	if p := byCompany(b, idp, "x@harbour.test"); p.Status != http.StatusOK {
		t.Errorf("Lee is shut out by it: %d", p.Status)
	}
}

// Whoever sends messages that are not the provider's makes the program ask for its
// keys a few times, and keeps nobody from being logged out elsewhere.
func TestForgedLogoutsAreFew(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp, other := openidtest.New(t, "lee", "lee@harbour.test"), openidtest.New(t, "ola", "ola@pelican.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	companyLogin(t, app, "C-1002", other, domains("pelican.test"))
	lee, ola := app.Nobody(), app.Nobody()
	byCompany(lee, idp, "x@harbour.test")
	byCompany(ola, other, "x@pelican.test")
	tell := func(number, token string) int {
		return app.Nobody().Post("/login/company/"+number+"/logout", url.Values{"logout_token": {token}}).Status
	}
	for range 25 { // right ones count for nothing
		if status := tell("C-1001", idp.Logout("nobody here", nil)); status != http.StatusOK {
			t.Fatalf("a right message: %d", status)
		}
	}
	before, refused := idp.Asked("/keys"), 0
	for range 40 {
		if tell("C-1001", other.Logout("lee", nil)) == http.StatusTooManyRequests {
			refused++
		}
	}
	if n := idp.Asked("/keys") - before; refused != 20 || n > 20 {
		t.Errorf("%d of 40 are refused, and the keys were asked for %d times", refused, n)
	}
	if n := apptest.Value[int](app, `select count(*) from attempts where kind = 'logout'`); n != 21 {
		t.Errorf("%d rows are left of it", n)
	}
	if status := tell("C-1002", other.Logout("ola", nil)); status != http.StatusOK || ola.Get("/").URL.Path != "/login" {
		t.Errorf("another company's Ola is logged out: %d", status)
	}
	app.Exec(`update attempts set at = at - interval '16 minutes', last_at = last_at - interval '16 minutes' where kind = 'logout'`)
	if status := tell("C-1001", idp.Logout("lee", nil)); status != http.StatusOK || lee.Get("/").URL.Path != "/login" {
		t.Errorf("Lee is logged out later: %d", status)
	}
}
