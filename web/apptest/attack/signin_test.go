package attack_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/web/apptest"
)

const freshPassword = "copper kettle under seven stars"

// token makes a link and returns the token that stands in its address.
func token(t *testing.T, app *apptest.App, link func(context.Context, postgres.Tx) (int64, error)) (plain string) {
	t.Helper()
	err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) error {
		id, err := link(t.Context(), tx)
		if err == nil {
			plain, err = signin.Token(t.Context(), tx, id)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func resetOf(t *testing.T, app *apptest.App, person int64) string {
	t.Helper()
	return token(t, app, func(ctx context.Context, tx postgres.Tx) (int64, error) {
		return signin.ResetPerson(ctx, tx, audit.Actor{}, person)
	})
}

func invitationOf(t *testing.T, app *apptest.App, contact int64) string {
	t.Helper()
	return token(t, app, func(ctx context.Context, tx postgres.Tx) (int64, error) {
		return signin.Contact(ctx, tx, audit.Actor{Staff: 1}, contact)
	})
}

func newContact(app *apptest.App, customer int, name, email string) int64 {
	return apptest.Value[int64](app, `insert into contacts (customer_id, name, email, jobs_see) values ($1, $2, $3, 'all') returning id`, customer, name, email)
}

// A cookie opens the side and the session that it was given for.
func TestCookies(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	value := func(cookie string) string { _, v, _ := strings.Cut(cookie, "="); return v }
	lee, ada := app.As("lee").Cookie("/"), app.As("ada").Cookie("/office")
	for name, tt := range map[string]struct{ path, cookie string }{
		"the portal's in the office":        {"/office/customers", "fieldgate_office=" + value(lee)},
		"the office's in the portal":        {"/jobs", "fieldgate_portal=" + value(ada)},
		"the portal's own name":             {"/office/customers", lee},
		"the office's own name":             {"/jobs", ada},
		"the hash as it is stored":          {"/jobs", "fieldgate_portal=" + apptest.Value[string](app, `select token_hash from sessions limit 1`)},
		"nothing":                           {"/jobs", "fieldgate_portal="},
		"an invented one":                   {"/jobs", "fieldgate_portal=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"bytes the database does not store": {"/jobs", "fieldgate_portal=\xff\xfe"},
	} {
		if res := send(t, "GET", app.URL+tt.path, nil, "Cookie", tt.cookie); res.Status != http.StatusSeeOther {
			t.Errorf("%s: %d", name, res.Status)
		}
	}
}

// Signing in gives a token of its own, and nobody who knew the one before
// gets in with it; signing out, a new password and a suspension end it.
func TestTokensOfSessions(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	open := func(cookie string) bool {
		res := send(t, "GET", app.URL+"/jobs", nil, "Cookie", cookie)
		return res.Status == http.StatusOK
	}
	signIn := func(headers ...string) string {
		form := url.Values{"email": {"lee@demo.test"}, "password": {apptest.Password}}.Encode()
		res := send(t, "POST", app.URL+"/login", strings.NewReader(form), append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
		for _, c := range res.Cookies {
			if c.Name == "fieldgate_portal" {
				if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge > 0 {
					t.Error("cookie:", c)
				}
				return c.Name + "=" + c.Value
			}
		}
		t.Fatal("not signed in:", res.Status)
		return ""
	}
	planted := "fieldgate_portal=planted-by-somebody-else"
	if mine := signIn("Cookie", planted); mine == planted || open(planted) || !open(mine) {
		t.Error("a token that was there before is used on")
	}
	first := signIn()
	if second := signIn("Cookie", first); open(first) || !open(second) {
		t.Error("the token before signing in again still opens")
	}
	mine := signIn()
	send(t, "POST", app.URL+"/logout", nil, "Cookie", mine)
	if open(mine) {
		t.Error("open after signing out")
	}
	here, there := signIn(), signIn()
	form := url.Values{"current": {apptest.Password}, "password": {freshPassword}}.Encode()
	send(t, "POST", app.URL+"/new-password", strings.NewReader(form), "Cookie", here, "Content-Type", "application/x-www-form-urlencoded")
	if open(there) || !open(here) {
		t.Error("another session stays open after the password was changed, or the own one ends")
	}
	form = url.Values{"password": {"another kettle under eight moons"}}.Encode()
	send(t, "POST", app.URL+"/reset/"+resetOf(t, app, 1), strings.NewReader(form), "Content-Type", "application/x-www-form-urlencoded")
	if open(here) {
		t.Error("open after the password was reset")
	}
	for what, sql := range map[string]string{
		"archived contact":       `update contacts set archived_at = now() where id = 1`,
		"archived customer":      `update customers set archived_at = now() where id = 1`,
		"suspended":              `update contacts set access = 'suspended' where id = 1`,
		"another person":         `update contacts set person_id = 5 where id = 1`,
		"access taken away":      `update contacts set access = 'none' where id = 1`,
		"back to being invited":  `update contacts set access = 'invited' where id = 1`,
		"the session is too old": `update sessions set seen_at = now() - interval '25 hours'`,
		"the session has ended":  `update sessions set expires_at = now()`,
	} {
		lee := app.As("lee").Cookie("/")
		if !open(lee) {
			t.Fatal("not open before:", what)
		}
		app.Exec(sql)
		if open(lee) {
			t.Error("still open:", what)
		}
		app.Exec(`update contacts set archived_at = null, access = 'active', person_id = 1 where id = 1`)
		app.Exec(`update customers set archived_at = null where id = 1`)
		// Whom nothing let in any more has to sign in again, reinstated or not.
		if strings.Contains(sql, "contacts") && open(lee) {
			t.Error("open again when access is given back:", what)
		}
	}
}

// Ten wrong passwords are ten, however the address is written and whoever the
// visitor says to be.
func TestLimitIsNotTalkedAround(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	spellings := []string{"lee@demo.test", "LEE@demo.test", " lee@demo.test ", "lee@DEMO.TEST", "\tlee@demo.test\n", "l\x00ee@demo.test", "lee@demo.test\u00a0", "\u2003lee@demo.test", "Lee@Demo.Test", "lEE@demo.test"}
	for _, address := range []string{"/login", "/office/login"} {
		for i, email := range append(spellings, "lee@demo.test", "LEE@DEMO.TEST") {
			form := url.Values{"email": {email}, "password": {"wrong"}}.Encode()
			res := send(t, "POST", app.URL+address, strings.NewReader(form), "Content-Type", "application/x-www-form-urlencoded",
				"X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i), "X-Real-IP", fmt.Sprintf("203.0.113.%d", i), "Forwarded", fmt.Sprintf("for=203.0.113.%d", i))
			want := http.StatusUnprocessableEntity
			if i >= 10 {
				want = http.StatusTooManyRequests
			}
			if res.Status != want {
				t.Errorf("%s, try %d with %q: %d, want %d", address, i+1, email, res.Status, want)
			}
		}
	}
	if n := apptest.Value[int](app, `select count(distinct address) from attempts`); n != 1 {
		t.Error(n, "addresses were believed")
	}
}

var number = regexp.MustCompile(`[A-Z0-9]{12}|\d+ minutes?`)

// Whoever cannot sign in gets one and the same answer.
func TestAnswersDoNotTellWhoIsKnown(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into staff (name, email, role, state, password_hash) select 'Sue', 'sue@demo.test', 'office', 'suspended', password_hash from staff where id = 1;`)
	app.Exec(`insert into staff (name, email, role, state) values ('Ian', 'ian@demo.test', 'office', 'invited')`)
	app.Exec(`insert into staff (name, email, role, state, password_hash) select 'Flo', 'flo@demo.test', 'field', 'active', password_hash from staff where id = 1;`)
	newContact(app, 1, "Nia", "nia@demo.test")
	answer := func(path string, form url.Values) string {
		res := send(t, "POST", app.URL+path, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
		body := strings.ReplaceAll(res.Body, form.Get("email"), "EMAIL")
		return fmt.Sprint(res.Status, res.Header.Get("Location"), len(res.Cookies), number.ReplaceAllString(body, ""))
	}
	for _, address := range []string{"/login", "/office/login"} {
		want := answer(address, url.Values{"email": {"stranger@demo.test"}, "password": {apptest.Password}})
		who := []string{"sue@demo.test", "ian@demo.test", "flo@demo.test", "nia@demo.test", "", "nonsense"}
		if address == "/login" {
			who = append(who, "ada@demo.test")
		} else {
			who = append(who, "lee@demo.test")
		}
		for _, email := range who {
			if got := answer(address, url.Values{"email": {email}, "password": {apptest.Password}}); got != want && email != "" {
				t.Errorf("%s tells of %q: %.300s", address, email, got)
			}
		}
		if got := answer(address, url.Values{"email": {"lee@demo.test"}, "password": {"wrong"}}); got != want {
			t.Errorf("%s tells of a wrong password: %.300s", address, got)
		}
	}
	for _, address := range []string{"/forgot-password", "/office/forgot-password"} {
		want := answer(address, url.Values{"email": {"stranger@demo.test"}})
		for _, email := range []string{"lee@demo.test", "max@demo.test", "nia@demo.test", "ada@demo.test", "sue@demo.test", "ian@demo.test", "flo@demo.test"} {
			if got := answer(address, url.Values{"email": {email}}); got != want {
				t.Errorf("%s tells of %s: %.300s", address, email, got)
			}
		}
	}
}

// Links in mails lead to the address the operator gave, whatever host a
// visitor names.
func TestMailsLeadHome(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for path, email := range map[string]string{"/forgot-password": "lee@demo.test", "/office/forgot-password": "ada@demo.test"} {
		if res := send(t, "POST", app.URL+path, strings.NewReader("email="+email), "Content-Type", "application/x-www-form-urlencoded", "Host", "evil.example"); res.Status != http.StatusMisdirectedRequest {
			t.Errorf("%s on another host: %d", path, res.Status)
		}
		send(t, "POST", app.URL+path, strings.NewReader("email="+email), "Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "ftp", "Forwarded", "host=evil.example")
		m, err := app.Mail.WaitTo(t.Context(), email)
		if err != nil {
			t.Fatal(err)
		}
		if all := fmt.Sprint(m); strings.Contains(all, "evil.example") || !strings.Contains(all, strings.TrimPrefix(app.URL, "http://")) {
			t.Errorf("%s: %.2000s", path, all)
		}
	}
}

// Where signing in leads to is always a page of its own side.
func TestSigningInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ada := app.As("lee"), app.As("ada")
	for _, next := range []string{
		"https://evil.example", "//evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "/%2f%2fevil.example", "/..//evil.example",
		"/./\\evil.example", "http:evil.example", "///evil.example", "/%09/evil.example", "/office/../..//evil.example", "//user@evil.example/jobs", "/jobs@evil.example", ".evil.example", "@evil.example",
	} {
		for address, b := range map[string]*apptest.Browser{"/login": lee, "/office/login": ada, "/choose": app.As("sam")} {
			path := address + "?next=" + url.QueryEscape(next)
			var at string
			if address == "/choose" {
				res := send(t, "POST", app.URL+path, strings.NewReader("contact=6"), "Cookie", b.Cookie("/"), "Content-Type", "application/x-www-form-urlencoded")
				at = res.Header.Get("Location")
			} else {
				at = b.Knock("GET", path).Header.Get("Location")
			}
			u, err := url.Parse(at)
			if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(at, "/") || strings.HasPrefix(at, "//") || strings.Contains(at, `\`) {
				t.Errorf("%s leads from %q to %q", address, next, at)
			}
		}
	}
}

// A token opens the one address it was made for.
func TestTokensOfAnotherPurpose(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	tokens := map[string]string{
		"/welcome/": invitationOf(t, app, newContact(app, 1, "Nia", "nia@demo.test")),
		"/reset/":   resetOf(t, app, 1),
		"/office/reset/": token(t, app, func(ctx context.Context, tx postgres.Tx) (int64, error) {
			return signin.ResetStaff(ctx, tx, audit.Actor{}, 2)
		}),
		"/office/welcome/": token(t, app, func(ctx context.Context, tx postgres.Tx) (int64, error) {
			id := apptest.Value[int64](app, `insert into staff (name, email, role, state) values ('Ian', 'ian@demo.test', 'office', 'invited') returning id`)
			return signin.StaffMember(ctx, tx, audit.Actor{}, id)
		}),
	}
	for of, plain := range tokens {
		for address := range tokens {
			for range 2 { // looking uses nothing up
				if p := app.Nobody().Get(address + plain); (p.Status == http.StatusOK) != (of == address) {
					t.Errorf("the token of %s at %s: %d", of, address, p.Status)
				}
			}
			if of == address {
				continue
			}
			for _, more := range []string{"", "/renewal"} {
				if p := app.Nobody().Post(address+plain+more, url.Values{"password": {freshPassword}, "known": {"on"}}); p.Status != http.StatusNotFound {
					t.Errorf("the token of %s used at %s%s: %d", of, address, more, p.Status)
				}
			}
		}
	}
	// Used by many at once, a link works once.
	for address, plain := range tokens {
		var wait sync.WaitGroup
		var got [6]apptest.Page
		for i := range got {
			b := app.Nobody()
			wait.Go(func() { got[i] = b.Post(address+plain, url.Values{"password": {fmt.Sprint(freshPassword, i)}}) })
		}
		wait.Wait()
		in := 0
		for _, p := range got {
			switch p.Status {
			case http.StatusOK:
				in++
			case http.StatusGone:
			default:
				t.Errorf("%s: %d: %s", address, p.Status, p.Text("main"))
			}
		}
		if in != 1 {
			t.Errorf("%s let %d in", address, in)
		}
	}
}

// An invitation ends with what it was for.
func TestInvitationsOfOthers(t *testing.T) {
	t.Parallel()
	for what, sql := range map[string]string{
		"archived contact":      `update contacts set archived_at = now() where name = 'Nia'`,
		"archived customer":     `update customers set archived_at = now() where id = 1`,
		"another address":       `update contacts set email = 'other@demo.test' where name = 'Nia'`,
		"access taken away":     `update contacts set access = 'none' where name = 'Nia'`,
		"suspended meanwhile":   `update contacts set access = 'suspended' where name = 'Nia'`,
		"older than seven days": `update link_tokens set expires_at = now()`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			address := "/welcome/" + invitationOf(t, app, newContact(app, 1, "Nia", "nia@demo.test"))
			app.Exec(sql)
			b := app.Nobody()
			if p := b.Get(address); p.Status != http.StatusGone {
				t.Error("looked at:", p.Status)
			}
			if p := b.Post(address, url.Values{"password": {freshPassword}}); p.Status != http.StatusGone {
				t.Error("used:", p.Status)
			}
			if p := b.Post(address+"/renewal", nil); p.Status != http.StatusOK {
				t.Error("asked for again:", p.Status)
			}
			mails := apptest.Value[int](app, `select count(*) from emails`)
			if want := 0; what == "older than seven days" && mails != 1 || what != "older than seven days" && mails != want {
				t.Error(mails, "mails")
			}
			if n := apptest.Value[int](app, `select count(*) from persons where email like '%nia%' or email like '%other%'`); n != 0 {
				t.Error("somebody got in")
			}
		})
	}
}

var times = regexp.MustCompile(`\b\d{1,2}:\d\d [ap]m`)

// Staff who set a password see the same, whether the address is known or not.
func TestOfficeIsNotToldWhoIsKnown(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	see := func(customer, name, email string, mail bool) string {
		fields := url.Values{"name": {name}, "email": {email}, "access": {"give"}, "password_choice": {"set"}, "password": {freshPassword}}
		if mail {
			fields.Set("email_notification", "on")
		} else {
			fields["email_notification"] = nil
		}
		p := ada.Submit(ada.Get("/office/customers/"+customer+"/contacts/new"), "form.form", fields)
		id := apptest.Value[int64](app, `select max(id) from contacts`)
		all := fmt.Sprint(p.Status, p.Text("main"), ada.Get(fmt.Sprint("/office/customers/", customer, "/contacts/", id)).Text("main"), ada.Get("/office/customers/"+customer+"/contacts?q="+email).Text("#results"),
			apptest.Value[string](app, `select coalesce(string_agg(action || thing || coalesce(after::text, ''), ';' order by id), '') from audit_entries where customer_id = (select id from customers where number = '`+customer+`') and thing = 'contact' and thing_id = $1`, id))
		all = times.ReplaceAllString(all, "TIME") // a minute may pass between the two
		return strings.NewReplacer(name, "NAME", email, "EMAIL", fmt.Sprint("/", id), "/ID", fmt.Sprint("id\": ", id), "ID").Replace(all)
	}
	for _, mail := range []bool{true, false} {
		known, unknown := see("C-1003", "Olaf", "ola@demo.test", mail), see("C-1003", "Nils", "nils@demo.test", mail)
		if known != unknown || !strings.Contains(known, "NAME") {
			t.Errorf("by mail %v:\nknown:   %s\nunknown: %s", mail, known, unknown)
		}
		app.Exec(`update contacts set email = email || '.old' where name = 'Olaf' or name = 'Nils'`)
	}
}
