package attack_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
	"fieldgate/web/gate"
)

// Lee's quote Q-1002 and job J-1001, which links of these tests are to.
const lee = 1

// TestEveryRouteByALink walks every way in by a link to one record: what is not
// of that record does not exist, the office is not there, and what is for
// everybody is as for everybody.
func TestEveryRouteByALink(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"Q-1002", "J-1001"} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			b := app.ByLink(lee, number)
			area := map[byte]string{'Q': "/quotes/{number}", 'J': "/jobs/{number}"}[number[0]]
			for _, route := range app.SortedRoutes() {
				if route.Pattern == "/r/leave" || (route.Method == http.MethodPost && route.Pattern == "/r") {
					continue // which end the session
				}
				path := apptest.Path(t, route.Pattern)
				reached := strings.HasSuffix(route.Who, orLink) && (strings.HasPrefix(route.Pattern, area) || strings.HasPrefix(route.Pattern, "/attachments/") && number == "J-1001")
				got := b.Knock(route.Method, path)
				switch to := got.Header.Get("Location"); {
				case got.StatusCode >= 500:
					t.Errorf("%s %s: %d", route.Method, path, got.StatusCode)
				case route.Who == gate.Public:
				case strings.HasPrefix(route.Pattern, "/office"):
					if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/office/login") {
						t.Errorf("%s %s: %d %s, the office knows no links", route.Method, path, got.StatusCode, to)
					}
				case !reached && got.StatusCode != http.StatusNotFound:
					t.Errorf("%s %s (%s): %d %s, should not exist by a link to %s", route.Method, path, route.Who, got.StatusCode, to, number)
				case reached && route.Method == http.MethodGet && got.StatusCode != http.StatusOK && odd[route.Method+" "+route.Pattern] != got.StatusCode:
					t.Errorf("%s %s: %d %s, should be reached by a link to %s", route.Method, path, got.StatusCode, to, number)
				}
			}
			if p := b.Get(strings.Replace(area, "{number}", number, 1)); p.Status != http.StatusOK {
				t.Errorf("afterwards the record is %d", p.Status)
			}
		})
	}
}

// TestALinkLeadsNowhereElse follows everything on the record's page.
func TestALinkLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set quote_id = 2 where id = 1`)
	for number, hidden := range map[string]string{"Q-1002": "J-1001", "J-1001": "Q-1002"} {
		start := map[byte]string{'Q': "/quotes/", 'J': "/jobs/"}[number[0]] + number
		b := app.ByLink(lee, number)
		for path, p := range b.Pages(start) {
			if p.Status != http.StatusOK {
				t.Errorf("%s leads to %s: %d", start, path, p.Status)
			}
			if strings.Contains(p.Body, hidden) || strings.Contains(p.Body, "OFFICE-ONLY") {
				t.Errorf("%s names %s", path, hidden)
			}
			if p.Find("nav[aria-label=Main]").Length() > 0 || p.Find(".account .menu").Length() > 0 {
				t.Errorf("%s has a navigation", path)
			}
		}
		if p := b.Get("/"); p.Status != http.StatusNotFound || p.Find("a[href='"+start+"']").Length() == 0 {
			t.Errorf("home: %d %s", p.Status, p.Text("main"))
		}
	}
}

// TestScannersChangeNothing: opened fifty times, a link is as before, and its
// token is in no address that a browser stays at.
func TestScannersChangeNothing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	token := app.RecordLink(lee, "Q-1002")
	before := app.Rows()
	for range 50 {
		b := app.Nobody()
		first := b.Knock("GET", "/r/"+token)
		if first.StatusCode != http.StatusSeeOther || first.Header.Get("Location") != "/r" || first.Header.Get("Referrer-Policy") != "no-referrer" || first.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d to %q, %v", first.StatusCode, first.Header.Get("Location"), first.Header)
		}
		p := b.Get("/r/" + token)
		if p.Status != http.StatusOK || p.URL.Path != "/r" || strings.Contains(p.Body, token) || p.Find("form[action='/r'] button").Length() != 1 {
			t.Fatalf("%d at %s: %s", p.Status, p.URL, p.Text("main"))
		}
	}
	changes(t, before, app.Rows())
	b := app.Nobody()
	p := b.Submit(b.Get("/r/"+token), "form[action='/r']", nil)
	if p.Status != http.StatusOK || p.URL.Path != "/quotes/Q-1002" || strings.Contains(p.Body, token) {
		t.Fatalf("pressed: %d at %s", p.Status, p.URL)
	}
	if n := apptest.Value[int](app, `select count(*) from record_links where opened_at is not null`); n != 1 {
		t.Errorf("%d links are noted as opened", n)
	}
	// Who comes back by the email needs no button.
	if p := b.Get("/r/" + token); p.URL.Path != "/quotes/Q-1002" {
		t.Errorf("once more leads to %s", p.URL)
	}
	if p := b.Post("/r/leave", nil); p.URL.Path != "/login" || p.Status != http.StatusOK {
		t.Errorf("left to %d at %s", p.Status, p.URL)
	}
	if p := b.Get("/quotes/Q-1002"); p.URL.Path != "/login" {
		t.Errorf("afterwards: %d at %s", p.Status, p.URL)
	}
}

// TestLinksEnd: whatever takes the contact's sight of the record away, or the
// link, holds at the next request: pages, files, and what is sent.
func TestLinksEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, change string }{
		{"suspended", `update contacts set access = 'suspended' where id = 1`},
		{"archived", `update contacts set archived_at = now() where id = 1`},
		{"the customer archived", `update customers set archived_at = now() where id = 1`},
		{"another address", `update contacts set email = 'other@demo.test' where id = 1`},
		{"no right", `update contacts set jobs_see = 'none', jobs_edit = false, jobs_create = false where id = 1`},
		{"another site", `update contacts set all_sites = false where id = 1`},
		{"ended", `update record_links set ended_at = now(), ended_why = 'office'`},
		{"expired", `update record_links set expires_at = now() - interval '1 second'`},
		{"the session expired", `update link_sessions set expires_at = now() - interval '1 second'`},
		{"switched off", `update portal_settings set record_links = false`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			token := app.RecordLink(lee, "J-1001")
			b := app.Nobody()
			b.Contact("1")
			page := b.Submit(b.Get("/r/"+token), "form[action='/r']", nil)
			if p := b.Get("/attachments/" + apptest.SharedFile); p.Status != http.StatusOK {
				t.Fatalf("before: %d", p.Status)
			}
			app.Exec(tt.change)
			if p := b.Submit(page, "#write", url.Values{"text": {"Still here?"}}); p.Status < 400 {
				t.Errorf("a message is taken: %d", p.Status)
			}
			for _, path := range []string{"/jobs/J-1001", "/attachments/" + apptest.SharedFile, "/jobs/J-1001/calendar.ics"} {
				if p := b.Get(path); p.Status == http.StatusOK && p.URL.Path == path {
					t.Errorf("%s: %d", path, p.Status)
				}
			}
			if n := apptest.Value[int](app, `select count(*) from messages`); n != 0 {
				t.Errorf("%d messages", n)
			}
			if tt.name == "the session expired" {
				return
			}
			fresh := app.Nobody()
			if p := fresh.Get("/r/" + token); p.Status != http.StatusGone || !p.Has("This link no longer works") || strings.Contains(p.Body, "J-1001") {
				t.Errorf("the link: %d %s", p.Status, p.Text("main"))
			}
			if p := fresh.Post("/r", nil); p.Status != http.StatusGone {
				t.Errorf("pressed: %d", p.Status)
			}
			if tt.name == "suspended" || tt.name == "archived" { // which end it for good
				app.Exec(`update contacts set access = 'active', archived_at = null where id = 1`)
				if p := fresh.Get("/r/" + token); p.Status != http.StatusGone {
					t.Errorf("with access back: %d", p.Status)
				}
			}
		})
	}
}

// TestEndedLinksRenew: a link that is over sends a fresh one to the contact's
// address, and says the same of one that nobody has.
func TestEndedLinksRenew(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	token, other := app.RecordLink(lee, "Q-1002"), app.RecordLink(2, "Q-1002") // Kim sees no quotes
	app.Exec(`update record_links set expires_at = now() - interval '1 day'`)
	unknown := strings.Repeat("A", 43)
	var spent, sent []string
	for _, tried := range []string{token, unknown, other, "short"} {
		b := app.Nobody()
		spent = append(spent, b.Get("/r/"+tried).Text("body"))
		p := b.Post("/r/renewal", nil)
		sent = append(sent, p.Text("body"))
	}
	for i := range spent {
		if spent[i] != spent[0] || sent[i] != sent[0] || !strings.Contains(spent[i], "This link no longer works") {
			t.Errorf("answer %d differs: %q, %q", i, spent[i], sent[i])
		}
	}
	m, err := app.Mail.WaitTo(t.Context(), "lee@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`/r/[\w-]{43}`).FindString(m.Text)
	b := app.Nobody()
	if p := b.Submit(b.Get(link), "form[action='/r']", nil); p.URL.Path != "/quotes/Q-1002" || p.Status != http.StatusOK {
		t.Errorf("the fresh link %q leads to %d at %s", link, p.Status, p.URL)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'record-link'`); n != 1 {
		t.Errorf("%d emails", n)
	}
	kept := apptest.Value[string](app, `select html || text from email_copies`)
	if strings.Contains(kept, strings.TrimPrefix(link, "/r/")) {
		t.Error("the kept copy has the token")
	}
}

// TestWhoIsSignedInNeedsNoButton: the link leads to the record in their own
// session, and asks to switch who looks at another of their customers.
func TestWhoIsSignedInNeedsNoButton(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	if p := app.As("lee").Get("/r/" + app.RecordLink(lee, "Q-1002")); p.URL.Path != "/quotes/Q-1002" || p.Find("nav[aria-label=Main]").Length() != 1 {
		t.Errorf("Lee comes to %s", p.URL)
	}
	sam := app.As("sam") // looks at Quay Street
	if p := sam.Get("/r/" + app.RecordLink(5, "J-1003")); p.Status != http.StatusConflict || !p.Has("Switch to Owners of Pelican Point?") {
		t.Errorf("Sam comes to %d at %s: %s", p.Status, p.URL, p.Text("main"))
	}
	ola := app.As("ola")
	p := ola.Get("/r/" + app.RecordLink(lee, "Q-1002"))
	if p.Status != http.StatusOK || !p.Has("You are signed in here as Ola Lindgren") {
		t.Errorf("Ola is shown %s", p.Text("main"))
	}
	if p := ola.Submit(p, "form[action='/r']", nil); p.URL.Path != "/quotes/Q-1002" || p.Status != http.StatusOK {
		t.Errorf("Ola comes to %d at %s", p.Status, p.URL)
	}
	if p := ola.Get("/quotes/Q-1004"); p.Status != http.StatusNotFound {
		t.Errorf("her own quote, beside the link: %d", p.Status)
	}
	if p := ola.Post("/r/leave", nil); p.Status != http.StatusOK || p.URL.Path != "/" || p.Text(".account__name") != "Ola Lindgren" {
		t.Errorf("left to %d at %s", p.Status, p.URL)
	}
	// Signing in ends what a link shows.
	b := app.ByLink(lee, "Q-1002")
	if p := b.SignIn("/login", "lee@demo.test", apptest.Password); p.Status != http.StatusOK || p.URL.Path != "/" || p.Find("nav[aria-label=Main]").Length() != 1 {
		t.Errorf("signed in: %d at %s", p.Status, p.URL)
	}
}

// TestAnsweringByALink: reading and writing need the link, answering a code from
// the contact's mailbox as well, in each browser once; whoever it was forwarded
// to reads and cannot answer.
func TestAnsweringByALink(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	token := app.RecordLink(lee, "Q-1002")
	open := func() (*apptest.Browser, apptest.Page) {
		b := app.Nobody()
		b.Contact("1")
		return b, b.Submit(b.Get("/r/"+token), "form[action='/r']", nil)
	}
	b, page := open()
	if p := b.Submit(page, "#write", url.Values{"text": {"Is the switch included?"}}); p.Status != http.StatusOK || !p.Has("Is the switch included?") || !p.Has("Your message was sent.") {
		t.Errorf("a message: %d %s", p.Status, p.Text("main"))
	}
	asked := b.Submit(b.Get("/quotes/Q-1002/acceptance"), "main form", url.Values{"full_name": {"Lee Nakamura"}, "purchase_order": {"PO-7"}})
	if asked.Status != http.StatusForbidden || !asked.Has("l…@demo.test") || asked.Find("input[name=full_name][value='Lee Nakamura']").Length() != 1 {
		t.Fatalf("asked for the code: %d %s", asked.Status, asked.Text("main"))
	}
	m, err := app.Mail.WaitTo(t.Context(), "lee@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	digits := strings.ReplaceAll(regexp.MustCompile(`\b\d{4} ?\d{4}\b`).FindString(m.Text), " ", "")
	wrong := "12345678"
	if digits == wrong {
		wrong = "87654321"
	}
	for _, typed := range []string{"", "123", wrong, "x"} {
		if p := b.Submit(asked, "main form", url.Values{"code": {typed}}); p.Status != http.StatusUnprocessableEntity || p.Problem("code") == "" {
			t.Errorf("%q: %d %s", typed, p.Status, p.Text("main"))
		}
	}
	// The code alone, in another browser with the same link, is nothing.
	forwarded, _ := open()
	if p := forwarded.Submit(asked, "main form", url.Values{"code": {digits}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("in another browser: %d", p.Status)
	}
	if n := apptest.Value[int](app, `select count(*) from acceptances`); n != 0 {
		t.Fatalf("%d answers", n)
	}
	if p := b.Submit(asked, "main form", url.Values{"code": {digits}}); p.Status != http.StatusOK || p.URL.Path != "/quotes/Q-1002/acceptance" || !p.Has("This quote is accepted") {
		t.Fatalf("the right code: %d at %s: %s", p.Status, p.URL, p.Text("main"))
	}
	who := apptest.Value[string](app, `select concat_ws('|', contact_id, decision, full_name, purchase_order, way, by_link, browser <> '', address is not null) from acceptances`)
	if who != "1|accepted|Lee Nakamura|PO-7|portal|t|t|t" {
		t.Errorf("kept is %s", who)
	}
	if p := app.As("ben").Get("/office/quotes/Q-1002"); !p.Has("By the link in an email to Lee Nakamura") {
		t.Error("the office does not see how it was answered")
	}
	// The browser is known from now on; the other is not.
	app.Exec(`delete from acceptances; update quotes set status = 'sent' where id = 2`)
	again := app.RecordLink(lee, "Q-1002")
	b.Post("/r/leave", nil)
	b.Submit(b.Get("/r/"+again), "form[action='/r']", nil)
	if p := b.Submit(b.Get("/quotes/Q-1002/refusal"), "main form", url.Values{"reason": {"Too dear"}}); p.Status != http.StatusOK || p.URL.Path != "/quotes/Q-1002" {
		t.Errorf("declined in the browser that is known: %d at %s", p.Status, p.URL)
	}
}

// TestVisitsByALink: so it is with visits.
func TestVisitsByALink(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	b := app.ByLink(lee, "J-1001")
	p := b.Submit(b.Get("/jobs/J-1001"), "form[action$='/visit']", url.Values{"suits": {"yes"}})
	if p.Status != http.StatusForbidden || !p.Has("Enter the code from your email") {
		t.Fatalf("%d %s", p.Status, p.Text("main"))
	}
	m, err := app.Mail.WaitTo(t.Context(), "lee@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	digits := regexp.MustCompile(`\b\d{4} ?\d{4}\b`).FindString(m.Text)
	if p := b.Submit(p, "main form", url.Values{"code": {digits}}); p.Status != http.StatusOK || p.URL.Path != "/jobs/J-1001" || !p.Has("Suits us") {
		t.Errorf("%d at %s: %s", p.Status, p.URL, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from visit_answers where suits and contact_id = 1`); n != 1 {
		t.Errorf("%d answers", n)
	}
}

// TestNoAccessNeeded: a contact without access, whom staff chose as main contact,
// gets the quote by email, reads it and accepts it.
func TestNoAccessNeeded(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into contacts (customer_id, name, email) values (1, 'Ora Keane', 'ora@demo.test')`)
	app.Exec(`update quotes set main_contact_id = (select id from contacts where name = 'Ora Keane'), status = 'draft', sent_version = null, valid_until = business_day() + 30 where id = 2; update quote_versions set sent_at = null, sent_by_id = null where quote_id = 2`)
	ben := app.As("ben")
	ask := ben.Get("/office/quotes/Q-1002/sending")
	if !ask.Has("Ora Keane gets an email that opens this quote (no portal access)") {
		t.Errorf("before sending: %s", ask.Text("main"))
	}
	if p := ben.Submit(ask, "main form[action$='/sending']", nil); p.Status != http.StatusOK {
		t.Fatalf("sent: %d %s", p.Status, p.Text("main"))
	}
	m, err := app.Mail.WaitTo(t.Context(), "ora@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`/r/[\w-]{43}`).FindString(m.Text)
	b := app.Nobody()
	p := b.Submit(b.Get(link), "form[action='/r']", nil)
	if p.URL.Path != "/quotes/Q-1002" || p.Find("a[href$='/acceptance']").Length() == 0 {
		t.Fatalf("the link %q leads to %d at %s", link, p.Status, p.URL)
	}
	if p := ben.Get("/office/quotes/Q-1002"); !p.Has("Opened") || p.Find("form[action$='/links/removal'] button").Length() != 1 {
		t.Errorf("the office: %s", p.Text("main"))
	}
	asked := b.Submit(b.Get("/quotes/Q-1002/acceptance"), "main form", url.Values{"full_name": {"Ora Keane"}})
	m, err = app.Mail.Wait(t.Context(), func(m catcher.Message) bool { return m.IsTo("ora@demo.test") && strings.Contains(m.Text, "code") })
	if err != nil {
		t.Fatal(err)
	}
	if p := b.Submit(asked, "main form", url.Values{"code": {regexp.MustCompile(`\b\d{4} ?\d{4}\b`).FindString(m.Text)}}); !p.Has("This quote is accepted") {
		t.Errorf("%d %s", p.Status, p.Text("main"))
	}
	// Staff end the link: at the next request it is over.
	ended := ben.Submit(ben.Get("/office/quotes/Q-1002"), "form[action$='/links/removal']", nil)
	if !ended.Has("Ended: 1 link") && !ended.Has("Ended: 2 links") {
		t.Errorf("ended: %s", ended.Text("#flashes"))
	}
	if p := b.Get("/quotes/Q-1002"); p.Status == http.StatusOK {
		t.Errorf("after End links: %d", p.Status)
	}
	if p := b.Get(link); p.Status != http.StatusGone {
		t.Errorf("the link: %d", p.Status)
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'links ended' and thing = 'quote'`); n != 1 {
		t.Errorf("%d entries in the trail", n)
	}
}

// TestEndLinksRaced: of many who press while staff end the links nobody is left
// inside.
func TestEndLinksRaced(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	token := app.RecordLink(lee, "Q-1002")
	ben := app.As("ben")
	browsers := make([]*apptest.Browser, 12)
	pages := make([]apptest.Page, len(browsers))
	for i := range browsers {
		browsers[i] = app.Nobody()
		pages[i] = browsers[i].Get("/r/" + token)
	}
	var all sync.WaitGroup
	for i := range browsers {
		all.Go(func() { browsers[i].Submit(pages[i], "form[action='/r']", nil) })
		if i == len(browsers)/2 {
			all.Go(func() { ben.Post("/office/quotes/Q-1002/links/removal", nil) })
		}
	}
	all.Wait()
	for _, b := range browsers {
		if p := b.Get("/quotes/Q-1002"); p.Status == http.StatusOK && p.URL.Path == "/quotes/Q-1002" {
			t.Error("somebody still looks at the quote")
		}
	}
	if n := apptest.Value[int](app, `select count(*) from link_sessions`); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// TestLinkCookiesWithHTTPS: no neighbour under the same domain plants one, and
// leaving clears what the browser keeps.
func TestLinkCookiesWithHTTPS(t *testing.T) {
	t.Parallel()
	app := apptest.NewSecure(t, "https://portal.example.com")
	token := app.RecordLink(lee, "Q-1002")
	carried := map[string]string{}
	ask := func(method, path string, body url.Values) (status int, header http.Header, page string) {
		t.Helper()
		var all []string
		for name, value := range carried {
			all = append(all, name+"="+value)
		}
		res := send(t, method, app.URL+path, strings.NewReader(body.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Cookie", strings.Join(all, "; "))
		for _, c := range (&http.Response{Header: res.Header}).Cookies() {
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s sets %s", path, c)
			}
			carried[c.Name] = c.Value
			if c.MaxAge < 0 {
				delete(carried, c.Name)
			}
		}
		return res.Status, res.Header, res.Body
	}
	if status, _, _ := ask("GET", "/r/"+token, nil); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	_, _, page := ask("GET", "/r", nil)
	mark := regexp.MustCompile(`name="mark" value="([^"]+)"`).FindStringSubmatch(page)
	if mark == nil {
		t.Fatal(page)
	}
	// Another link opened since is not the one that the page was shown for.
	if status, _, page := ask("POST", "/r", url.Values{"mark": {"forged"}}); status != http.StatusOK || !strings.Contains(page, "You have opened another link since") {
		t.Errorf("a forged mark: %d", status)
	}
	if status, header, _ := ask("POST", "/r", url.Values{"mark": {mark[1]}}); status != http.StatusSeeOther || header.Get("Location") != "/quotes/Q-1002" || carried["__Host-fieldgate_link"] == "" || carried["__Host-fieldgate_opening"] != "" {
		t.Fatalf("%d to %s, with %v", status, header.Get("Location"), carried)
	}
	for name, want := range map[string]int{"__Host-fieldgate_link": http.StatusOK, "fieldgate_link": http.StatusSeeOther, "__Host-fieldgate_portal": http.StatusSeeOther, "__Host-fieldgate_preview": http.StatusForbidden} {
		if res := send(t, "GET", app.URL+"/quotes/Q-1002", nil, "Cookie", name+"="+carried["__Host-fieldgate_link"]); res.Status != want {
			t.Errorf("its token as %s: %d", name, res.Status)
		}
	}
	// Neither the link's token nor its hash is a session's.
	for _, forged := range []string{token, apptest.Value[string](app, `select encode(token_hash, 'hex') from record_links`), apptest.Value[string](app, `select token_hash from link_sessions`)} {
		if res := send(t, "GET", app.URL+"/quotes/Q-1002", nil, "Cookie", "__Host-fieldgate_link="+forged); res.Status == http.StatusOK {
			t.Errorf("forged: %d", res.Status)
		}
	}
	if status, header, _ := ask("POST", "/r/leave", nil); status != http.StatusSeeOther || !strings.Contains(header.Get("Clear-Site-Data"), `"cache"`) || carried["__Host-fieldgate_link"] != "" {
		t.Errorf("left: %d, %v", status, header)
	}
}
