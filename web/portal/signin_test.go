package portalweb_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/web/apptest"
	"fieldgate/web/session"
)

const newPassword = "copper kettle under seven stars"

// newcomer adds a contact without access to a customer and returns it.
func newcomer(app *apptest.App, customer, name, email string) int64 {
	return apptest.Value[int64](app, `insert into contacts (customer_id, name, email, jobs_see) select id, $2, $3, 'all' from customers where name = $1 returning id`, customer, name, email)
}

// invited is the address of a fresh invitation's link.
func invited(t *testing.T, app *apptest.App, contact int64) string {
	t.Helper()
	return "/welcome/" + linked(t, app, func(ctx context.Context, tx postgres.Tx) (int64, error) {
		return signin.Contact(ctx, tx, audit.Actor{Staff: 1}, contact)
	})
}

func linked(t *testing.T, app *apptest.App, link func(ctx context.Context, tx postgres.Tx) (int64, error)) (token string) {
	t.Helper()
	err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) error {
		id, err := link(t.Context(), tx)
		if err == nil {
			token, err = signin.Token(t.Context(), tx, id)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func expect(t *testing.T, p apptest.Page, status int, path, words string) {
	t.Helper()
	if p.Status != status || (path != "" && p.URL.Path != path) || !p.Has(words) {
		t.Fatalf("%d at %s, want %d at %s with %q:\n%s", p.Status, p.URL.Path, status, path, words, p.Text("body"))
	}
}

func TestAnInvitationFromTheMailToThePortal(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	link := invited(t, app, newcomer(app, "Harbour Dental", "Nia", "nia@example.com"))
	b := app.Nobody()
	for range 3 {
		expect(t, b.Get(link), 200, link, "Welcome, Nia")
	}
	page := b.Get(link)
	if got, _ := page.Find("[autocomplete=new-password]").Attr("value"); got != "" {
		t.Errorf("the password field shows %q", got)
	}
	easy := b.Submit(page, "main form", url.Values{"password": {"nia@example.com"}})
	expect(t, easy, 422, link, "easy to guess")
	if easy.Problem("password") == "" || strings.Contains(easy.Body, `value="nia@example.com" type="password"`) {
		t.Error("the problem is not at the field, or the password is shown again")
	}
	expect(t, b.Submit(page, "main form", url.Values{"password": {newPassword}}), 200, "/", "")
	// Pressed twice it leads to the same place, for the same person alone.
	expect(t, b.Submit(page, "main form", url.Values{"password": {newPassword}}), 200, "/", "")
	again := app.Nobody().Submit(page, "main form", url.Values{"password": {newPassword}})
	expect(t, again, 410, link, "This link has been used")
	expect(t, app.As("ola").Get(link), 410, link, "This link has been used")
	expect(t, app.Nobody().Post("/login", url.Values{"email": {"NIA@example.com"}, "password": {newPassword}}), 200, "/", "")
	// The page of a used link sends a fresh one, and says the same whatever happens.
	expect(t, app.Nobody().Submit(again, "main form", nil), 200, link, "Look into your mailbox")
}

func TestSpentAndUnknownLinks(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	link := invited(t, app, newcomer(app, "Harbour Dental", "Nia", "nia@example.com"))
	app.Exec(`update link_tokens set expires_at = now()`)
	b := app.Nobody()
	page := b.Get(link)
	expect(t, page, 410, link, "This link has expired")
	expect(t, b.Post(link, url.Values{"password": {newPassword}}), 410, link, "This link has expired")
	expect(t, b.Submit(page, "main form", nil), 200, link, "Look into your mailbox")
	if got := apptest.Value[int](app, `select count(*) from links where email = 'nia@example.com' and used_at is null and ended_at is null`); got != 1 {
		t.Errorf("%d links are open", got)
	}
	if got := apptest.Value[int](app, `select count(*) from emails where kind = 'welcome' and to_address = 'nia@example.com'`); got != 1 {
		t.Errorf("%d mails were promised", got)
	}
	expect(t, b.Get(link), 410, link, "This link has ended")
	for _, bad := range []string{"/welcome/x", "/reset/" + strings.Repeat("a", 43), "/welcome/" + strings.Repeat("A", 900), "/welcome/%00", "/reset/%ff", "/office/welcome/x", "/welcome/" + link[len("/welcome/"):] + "x"} {
		if p := b.Get(bad); p.Status != 404 {
			t.Errorf("GET %s: %d", bad, p.Status)
		}
		if p := b.Post(bad, url.Values{"password": {newPassword}}); p.Status != 404 {
			t.Errorf("POST %s: %d", bad, p.Status)
		}
	}
	// A link opens the page it was made for and no other.
	token := link[len("/welcome/"):]
	for _, wrong := range []string{"/reset/" + token, "/office/welcome/" + token, "/office/reset/" + token} {
		if p := b.Get(wrong); p.Status != 404 {
			t.Errorf("GET %s: %d", wrong, p.Status)
		}
	}
}

func TestAnotherCustomerForSomebodyKnown(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	link := invited(t, app, newcomer(app, "Quay Street", "Lee", "LEE@demo.test"))
	stranger := app.Nobody()
	page := stranger.Get(link)
	expect(t, page, 200, link, "Add Quay Street Cafe")
	if page.Find("[autocomplete=new-password]").Length() != 0 {
		t.Error("a new password is asked for")
	}
	expect(t, stranger.Submit(page, "main form", url.Values{"password": {newPassword}}), 422, link, "not the password")
	// Signed in as somebody else: the password is asked for all the same.
	expect(t, app.As("ola").Post(link, url.Values{"known": {"yes"}}), 422, link, "not the password")
	lee := app.As("lee")
	here := lee.Get(link)
	if here.Find("input[type=password]").Length() != 0 {
		t.Error("somebody signed in is asked for the password")
	}
	expect(t, lee.Submit(here, "main form", nil), 200, "/", "")
	choose := lee.Get("/choose")
	expect(t, choose, 200, "/choose", "Quay Street Cafe")
	expect(t, choose, 200, "/choose", "Harbour Dental Group Pty Ltd")
}

func TestSeveralCustomers(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	sam := app.Nobody()
	page := sam.Get("/quotes?q=fan")
	expect(t, page, 200, "/login", "Log In")
	page = sam.Submit(page, "main form", url.Values{"email": {"sam@demo.test"}, "password": {apptest.Password}})
	expect(t, page, 200, "/choose", "Owners of Pelican Point")
	if got, _ := page.Find("[name=next]").Attr("value"); got != "/quotes?q=fan" {
		t.Errorf("after choosing: %q", got)
	}
	contact := func(customer string) string {
		return apptest.Value[string](app, `select c.id::text from contacts c join customers cu on cu.id = c.customer_id where cu.name = $1 and c.email = 'sam@demo.test'`, customer)
	}
	for name, foreign := range map[string]string{"somebody else's": "1", "none": "", "nonsense": "x", "an endless number": "99999999999999999999"} {
		if p := sam.Post("/choose", url.Values{"contact": {foreign}}); p.Status != 404 {
			t.Errorf("choosing %s contact: %d", name, p.Status)
		}
	}
	expect(t, sam.Post("/choose", url.Values{"contact": {contact("Quay Street")}, "next": {"//evil.example"}}), 200, "/", "")
	for _, path := range []string{"/", "/jobs", "/details", "/jobs/new"} {
		p := sam.Get(path)
		if whose := p.Text(".customer-bar"); !strings.Contains(whose, "Quay Street") || p.Find(".customer-bar a[href='/choose']").Length() != 1 {
			t.Errorf("%s says whose it is, and leads to the others: %q", path, whose)
		}
	}
	if p := app.As("lee").Get("/"); p.Find(".customer-bar").Length() != 0 {
		t.Error("who looks at one customer has nothing to switch to")
	}
	app.Exec(`update customers set archived_at = now() where name = 'Quay Street'`)
	expect(t, sam.Get("/choose"), 200, "/choose", "Owners of Pelican Point")
	if p := sam.Post("/choose", url.Values{"contact": {contact("Quay Street")}}); p.Status != 404 {
		t.Errorf("choosing an archived customer: %d", p.Status)
	}
}

// TestWelcomeOnPhones: who comes in is greeted on narrow screens too, who lost a password is not.
func TestWelcomeOnPhones(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update company set welcome_text = 'We look after your air.'`)
	for path, greets := range map[string]int{"/login": 1, "/forgot-password": 0, "/nowhere": 0} {
		if p := app.Nobody().Get(path); p.Find(".signin--greets .signin__welcome").Length() != greets {
			t.Errorf("%s greets %d times", path, greets)
		}
	}
}

// TestEveryPageIsTheBusinesss: name, colours and description, also of what went wrong.
func TestEveryPageIsTheBusinesss(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update company set trading_name = 'Zephyr Cooling', show_credit = false`)
	for _, who := range []*apptest.Browser{app.Nobody(), app.As("lee")} {
		for _, path := range []string{"/login", "/forgot-password", "/nowhere", "/welcome/none", "/jobs/J-9", "/", "/details"} {
			p := who.Get(path)
			if title := p.Text("title"); !strings.HasSuffix(title, " – Zephyr Cooling") {
				t.Errorf("%s is called %q", path, title)
			}
			if p.Find("link[rel=stylesheet][href^='/brand/']").Length() != 1 || p.Find("link[rel=icon][href^='/brand/']").Length() != 1 {
				t.Errorf("%s has not the colours and the icon of the business", path)
			}
			if words, _ := p.Find("meta[name=description]").Attr("content"); p.Status == 200 && !strings.Contains(words, "Zephyr Cooling") {
				t.Errorf("%s describes itself: %q", path, words)
			}
			if strings.Contains(p.Body, "Fieldgate") {
				t.Errorf("%s names the program", path)
			}
		}
	}
}

func TestWhoIsNotLetIn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	wrong := app.Nobody().Post("/login", url.Values{"email": {"lee@demo.test"}, "password": {"not the password"}})
	expect(t, wrong, 422, "/login", "do not match")
	if strings.Contains(wrong.Body, "not the password") {
		t.Error("the password is shown again")
	}
	unknown := app.Nobody().Post("/login", url.Values{"email": {"nobody@demo.test"}, "password": {"not the password"}})
	if unknown.Status != wrong.Status || unknown.Text("main") != wrong.Text("main") {
		t.Error("the answer tells whether an address is known")
	}
	expect(t, app.Nobody().Post("/login", url.Values{"email": {"max@demo.test"}, "password": {apptest.Password}}), 403, "/login", "Your access is switched off")
	for name, fields := range map[string]url.Values{
		"nothing":  {},
		"NUL":      {"email": {"lee\x00@demo.test"}, "password": {"a\x00b"}},
		"broken":   {"email": {"\xff\xfe@demo.test"}, "password": {"\xff"}},
		"endless":  {"email": {strings.Repeat("a", 100_000) + "@demo.test"}, "password": {strings.Repeat("ä", 50_000)}},
		"repeated": {"email": {"lee@demo.test", "kim@demo.test"}, "password": {"x", apptest.Password}},
		"hostile":  {"email": {`'; drop table persons; --`}, "password": {`" or 1=1`}, "next": {"javascript:alert(1)"}},
	} {
		if p := app.Nobody().Post("/login", fields); p.Status != 422 {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	for range 20 {
		wrong = app.Nobody().Post("/login", url.Values{"email": {"kim@demo.test"}, "password": {"x"}})
	}
	expect(t, wrong, 429, "/login", "Wait 15 minutes")
	if wrong.Header.Get("Retry-After") != "900" {
		t.Errorf("Retry-After %q", wrong.Header.Get("Retry-After"))
	}
}

func TestForgottenPasswordBeginsAnew(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, elsewhere := app.As("lee"), app.As("lee")
	known := app.Nobody().Post("/forgot-password", url.Values{"email": {"lee@demo.test"}})
	unknown := app.Nobody().Post("/forgot-password", url.Values{"email": {"nobody@demo.test"}})
	expect(t, known, 200, "/forgot-password", "Look into your mailbox")
	if known.Text("body") != unknown.Text("body") {
		t.Error("the answer tells whether an address is known")
	}
	expect(t, app.Nobody().Post("/forgot-password", url.Values{"email": {"\x00"}}), 422, "/forgot-password", "Enter your email address")
	link := "/reset/" + linked(t, app, func(ctx context.Context, tx postgres.Tx) (int64, error) {
		return signin.ResetPerson(ctx, tx, audit.Actor{}, 1)
	})
	b := app.Nobody()
	page := b.Get(link)
	expect(t, page, 200, link, "Choose a new password")
	expect(t, b.Submit(page, "main form", url.Values{"password": {"short"}}), 422, link, "at least 15")
	expect(t, b.Submit(page, "main form", url.Values{"password": {newPassword}}), 200, "/", "")
	for _, old := range []*apptest.Browser{lee, elsewhere} {
		expect(t, old.Get("/choose"), 200, "/login", "Log In")
	}
	expect(t, b.Get("/choose"), 200, "/choose", "Which customer?")
	expect(t, app.Nobody().Get(link), 410, link, "This link has been used")
}

func TestPasswordSetByStaffIsReplacedFirst(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	id := newcomer(app, "Quay Street", "Nia", "nia@example.com")
	hash, err := password.NewHasher().Hash(t.Context(), apptest.Password)
	if err != nil {
		t.Fatal(err)
	}
	if err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) error {
		_, err := signin.WithPassword(t.Context(), tx, audit.Actor{Staff: 1}, id, hash)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	b := app.Nobody()
	page := b.Post("/login?next=/details", url.Values{"email": {"nia@example.com"}, "password": {apptest.Password}})
	expect(t, page, 200, "/new-password", "Choose your own password")
	for _, elsewhere := range []string{"/", "/details", "/jobs", "/choose"} {
		expect(t, b.Get(elsewhere), 200, "/new-password", "")
	}
	expect(t, b.Submit(page, "main form", url.Values{"password": {apptest.Password}}), 422, "/new-password", "Choose another one")
	if p := b.Submit(page, "main form", url.Values{"password": {newPassword}, "next": {"/choose"}}); p.URL.Path != "/choose" {
		t.Errorf("after the change: %d at %s", p.Status, p.URL)
	}
	if got := apptest.Value[string](app, `select access from contacts where id = $1`, id); got != "active" {
		t.Errorf("access is %s", got)
	}
}

func TestOwnPasswordAndSessions(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, elsewhere := app.As("lee"), app.As("lee")
	page := lee.Get("/new-password")
	expect(t, page, 200, "/new-password", "Current password")
	expect(t, lee.Submit(page, "main form", url.Values{"current": {"wrong"}, "password": {newPassword}}), 422, "/new-password", "not your current password")
	expect(t, lee.Submit(page, "main form", url.Values{"current": {apptest.Password}, "password": {newPassword}}), 200, "/details", "")
	expect(t, elsewhere.Get("/choose"), 200, "/login", "")
	expect(t, lee.Get("/choose"), 200, "/choose", "")

	// A suspension ends what is open, at the next request.
	app.Exec(`update contacts set access = 'suspended' where email = 'lee@demo.test'`)
	expect(t, lee.Get("/choose"), 200, "/login", "")

	// A new sign-in has a new token, and the old one is worth nothing.
	before := apptest.Value[int](app, `select count(*) from sessions where person_id = 4`)
	ola := app.As("ola")
	ola.Post("/login", url.Values{"email": {"ola@demo.test"}, "password": {apptest.Password}, "remember": {"yes"}})
	if got := apptest.Value[int](app, `select count(*) from sessions where person_id = 4`); got != before+1 {
		t.Errorf("%d sessions after signing in twice with one browser", got-before)
	}
	expect(t, ola.Post("/logout", nil), 200, "/login", "")
	if got := apptest.Value[int](app, `select count(*) from sessions where person_id = 4`); got != before {
		t.Errorf("%d sessions after logging out", got-before)
	}
}

func TestAfterSigningInNobodyLandsElsewhere(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/%5cevil.example", "/\t/evil.example", "javascript:alert(1)", "/office/customers", "/logout"} {
		b := app.Nobody()
		p := b.Submit(b.Get("/login?"+url.Values{"next": {next}}.Encode()), "main form", url.Values{"email": {"lee@demo.test"}, "password": {apptest.Password}})
		if p.URL.Path != "/" || "http://"+p.URL.Host != app.URL {
			t.Errorf("next %q leads to %s", next, p.URL)
		}
		if p := app.Nobody().Post("/login", url.Values{"email": {"lee@demo.test"}, "password": {apptest.Password}, "next": {next}}); "http://"+p.URL.Host != app.URL || p.URL.Path != "/" {
			t.Errorf("next %q in the form leads to %s", next, p.URL)
		}
	}
	if p := app.Nobody().Post("/login?next=/choose", url.Values{"email": {"lee@demo.test"}, "password": {apptest.Password}}); p.URL.Path != "/choose" || p.Status != http.StatusOK {
		t.Errorf("next /choose leads to %s", p.URL)
	}
}

// A reset between the proof of a password and its session leaves no session:
// it raises the stamp, and nothing proved by an older one begins any.
func TestReplacedPasswordBeginsNoSession(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	manager := session.New(signin.New(app.Pool, nil, password.NewHasher(), nil), app.Pool, false, slog.New(slog.DiscardHandler))
	app.Exec(`update persons set stamp = 3`)
	app.Exec(`update staff set stamp = 3`)
	lee := apptest.Value[int64](app, `select id from persons where email = 'lee@demo.test'`)
	ada := apptest.Value[int64](app, `select id from staff where email = 'ada@demo.test'`)
	for proof, want := range map[int64]int{0: 0, 2: 0, 3: 2} {
		fail := func(_ http.ResponseWriter, _ *http.Request, err error) { t.Error(err) }
		for _, side := range []http.Handler{
			manager.Portal(fail)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if err := manager.SignInPerson(r.Context(), signin.Entry{Person: lee, Proof: proof}, false); err != nil {
					t.Error(err)
				}
			})),
			manager.Office(fail)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if err := manager.SignInStaff(r.Context(), signin.StaffEntry{Staff: ada, Proof: proof}); err != nil {
					t.Error(err)
				}
			})),
		} {
			side.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody))
		}
		if got := apptest.Value[int](app, `select count(*) from sessions`); got != want {
			t.Errorf("with the stamp %d: %d sessions, want %d", proof, got, want)
		}
		app.Exec(`delete from sessions`)
	}
}

// Who has no password is led to what lets them in, and is not given one.
func TestAnInvitationOfSomebodyWithoutAPassword(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	app.Exec(`
		update persons set password_hash = '' where email = 'lee@demo.test';
		update contacts set access = 'none', person_id = null, email = '' where email = 'nia@example.com';
		insert into contacts (customer_id, name, email) select id, 'Lee too', 'lee@demo.test' from customers c
		where archived_at is null and not exists (select from contacts o join persons p on p.id = o.person_id where p.email = 'lee@demo.test' and o.customer_id = c.id) order by id limit 1`)
	id := apptest.Value[int64](app, `select id from contacts where name = 'Lee too'`)
	link := "/welcome/" + linked(t, app, func(ctx context.Context, tx postgres.Tx) (int64, error) {
		return signin.Contact(ctx, tx, audit.Actor{Operator: true, Name: "fieldgate"}, id)
	})
	p := app.Nobody().Get(link)
	expect(t, p, 200, link, "and have no password now")
	if p.Find("[name=password]").Length() != 0 || p.Find("a[href='/login/code']").Length() != 1 || p.Find("a[href='/forgot-password']").Length() != 1 {
		t.Error(p.Text("main"))
	}
	expect(t, app.Nobody().Post(link, url.Values{"password": {"a password of somebody else"}}), 422, link, "You already sign in here.")
	expect(t, lee.Submit(lee.Get(link), "main form", nil), 200, "/", "")
}

// A password alone makes no device known of who may not enter and has a second factor.
func TestAPasswordAloneMakesNoDeviceKnown(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`
		insert into second_factors (person_id, sealed, on_since) select id, 'sealed', now() from persons where email = 'lee@demo.test';
		update contacts set access = 'suspended' where person_id = (select id from persons where email = 'lee@demo.test')`)
	known := apptest.Value[int](app, `select count(*) from devices`)
	expect(t, app.Nobody().Post("/login", url.Values{"email": {"lee@demo.test"}, "password": {apptest.Password}}), 403, "/login", "Your access is switched off")
	if n := apptest.Value[int](app, `select count(*) from devices`); n != known {
		t.Errorf("%d devices more", n-known)
	}
}
