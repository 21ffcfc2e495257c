package api_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/internal/token"
	"fieldgate/web"
	"fieldgate/web/api"
	"fieldgate/web/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m) }

var update = flag.Bool("update", false, "write the golden files anew")

// make has Ada make a token by the office's form.
func makeToken(t *testing.T, app *apptest.App, fields url.Values) (secret string, id int64) {
	t.Helper()
	form := app.As("ada").Get("/office/admin/tokens/new")
	all := url.Values{"name": {"simPRO"}, "access": {"everything"}, "reach": {"all"}, "days": {"365"}, "nonce": {form.Find("input[name=nonce]").AttrOr("value", "")}}
	for name, values := range fields {
		all[name] = values
	}
	shown := app.As("ada").Post("/office/admin/tokens", all)
	secret = shown.Find(".secret").Text()
	if _, ok := token.KindOf(secret); !ok {
		t.Fatalf("%d: no token in %s", shown.Status, shown.Text("main"))
	}
	return secret, apptest.Value[int64](app, `select max(id) from tokens`)
}

// makeKey has somebody make a key under My Details.
func makeKey(t *testing.T, app *apptest.App, who string) string {
	t.Helper()
	b := app.As(who)
	form := b.Get("/details/keys")
	shown := b.Post("/details/keys", url.Values{"name": {"Report"}, "days": {"30"}, "nonce": {form.Find("input[name=nonce]").AttrOr("value", "")}})
	secret := shown.Find(".secret").Text()
	if kind, ok := token.KindOf(secret); !ok || kind != token.Contact {
		t.Fatalf("%d: no key in %s", shown.Status, shown.Text("main"))
	}
	return secret
}

func call(app *apptest.App, method, secret, path string, headers ...string) apptest.Page {
	return app.Nobody().Ask(method, path, append([]string{"Authorization", "Bearer " + secret}, headers...)...)
}

func answer(t *testing.T, p apptest.Page, into any) {
	t.Helper()
	if p.Status != http.StatusOK {
		t.Fatalf("%s: %d %s", p.URL.Path, p.Status, p.Body)
	}
	if err := json.Unmarshal([]byte(p.Body), into); err != nil {
		t.Fatalf("%s: %v in %s", p.URL.Path, err, p.Body)
	}
}

func TestATokenIsShownOnceAndWorks(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	secret, id := makeToken(t, app, url.Values{"name": {"simPRO"}, "access": {"chosen"}, "scopes": {"jobs:write", "events:read"}, "reach": {"named"}, "customers": {"c-1001, C-1003"}})
	var me api.Me
	answer(t, call(app, "GET", secret, "/api/v1/me"), &me)
	if me.Name != "simPRO" || me.Source != "simpro" || me.AllCustomers || !slices.Equal(me.Scopes, []string{"jobs:read", "jobs:write", "events:read"}) ||
		len(me.Customers) != 2 || me.Customers[0] != (api.Reached{Number: "C-1001", Name: "Harbour Dental"}) || me.ExpiresAt == nil || me.Business != "Northwind Air" {
		t.Errorf("%+v", me)
	}
	if stored := apptest.Value[bool](app, `select exists (select from tokens where hash = sha256($1::bytea))`, []byte(secret)); !stored {
		t.Error("the hash is another")
	}
	if shown := app.As("ada").Get(fmt.Sprintf("/office/admin/tokens/%d", id)); strings.Contains(shown.Body, secret) || !shown.Has("…"+secret[len(secret)-4:]) || !shown.Has("Harbour Dental") || !shown.Has("from 127.0.0.1") {
		t.Error(shown.Text("main"))
	}
	await(t, "the call on the token's page", func() bool {
		return app.As("ada").Get(fmt.Sprintf("/office/admin/tokens/%d", id)).Has("/api/v1/me")
	})
	entry := app.As("ada").Get("/office/admin/activity?thing=token")
	if !entry.Has("Ada Fontaine made the API token simPRO") {
		t.Error(entry.Text("main"))
	}
}

func TestAFormOfATokenSentTwiceMakesOne(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	fields := url.Values{"name": {"twice"}, "access": {"read"}, "reach": {"all"}, "days": {"0"}, "nonce": {"0123456789abcdef0123456789abcdef"}}
	first, second := app.As("ada").Post("/office/admin/tokens", fields), app.As("ada").Post("/office/admin/tokens", fields)
	if first.Find(".secret").Length() != 1 || second.Find(".secret").Length() != 0 || second.Status != http.StatusOK {
		t.Error(second.Status, second.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from tokens where name = 'twice'`); n != 1 {
		t.Errorf("%d tokens", n)
	}
	for field, values := range map[string]url.Values{
		"name": {"name": {""}}, "scopes": {"access": {"chosen"}}, "customers": {"reach": {"named"}, "customers": {"C-1001 C-9999"}}, "source": {"source": {"No Spaces"}}, "days": {"days": {"7"}},
	} {
		sent := url.Values{"name": {"x"}, "access": {"read"}, "reach": {"all"}, "days": {"30"}}
		for name, v := range values {
			sent[name] = v
		}
		if p := app.As("ada").Post("/office/admin/tokens", sent); p.Status != http.StatusUnprocessableEntity || p.Problem(field) == "" {
			t.Errorf("%s: %d %s", field, p.Status, p.Text("main"))
		}
	}
}

func TestAnEndedOrExpiredTokenIsOutAtOnce(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	secret, id := makeToken(t, app, nil)
	works := func(want int) {
		t.Helper()
		p := call(app, "GET", secret, "/api/v1/me")
		if p.Status != want {
			t.Errorf("%d, not %d: %s", p.Status, want, p.Body)
		}
		if want == http.StatusUnauthorized && (!strings.Contains(p.Header.Get("WWW-Authenticate"), "invalid_token") || !strings.Contains(p.Body, "#problem-unauthorised")) {
			t.Error(p.Header, p.Body)
		}
	}
	works(http.StatusOK)
	app.Exec(`update tokens set expires_at = now() - interval '1 second' where id = $1`, id)
	works(http.StatusUnauthorized)
	app.Exec(`update tokens set expires_at = null where id = $1`, id)
	works(http.StatusOK)
	// Whoever made it may leave: it is the business's.
	app.Exec(`update staff set state = 'suspended' where id = 1`)
	works(http.StatusOK)
	app.Exec(`update staff set state = 'active' where id = 1`)
	ask := app.As("ada").Get(fmt.Sprintf("/office/admin/tokens/%d/end", id))
	if ended := app.As("ada").Submit(ask, "main form", nil); !ended.Has("Ended") {
		t.Error(ended.Text("main"))
	}
	works(http.StatusUnauthorized)
	if p := app.As("ada").Get(fmt.Sprintf("/office/admin/tokens/%d", id)); p.Find("a[href$='/end']").Length() != 0 {
		t.Error("it can be ended again")
	}
}

func TestNothingButATokenLetsAProgramIn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	secret, _ := makeToken(t, app, nil)
	for _, who := range []string{"nobody", "ada", "ben", "lee"} { // with their cookies
		b := app.As(who)
		for _, r := range append(app.SortedOperations(), web.Route{Method: "GET", Pattern: "/api/v1"}, web.Route{Method: "GET", Pattern: "/api/v1/"}, web.Route{Method: "GET", Pattern: "/api/v1/nowhere"}, web.Route{Method: "POST", Pattern: "/api/v1/me"}) {
			path := apptest.Path(t, r.Pattern)
			if p := b.Ask(r.Method, path); p.Status != http.StatusUnauthorized || p.Header.Get("Set-Cookie") != "" || !strings.Contains(p.Body, "#problem-unauthorised") {
				t.Errorf("%s at %s %s: %d %s", who, r.Method, path, p.Status, p.Body)
			}
		}
	}
	for _, wrong := range []string{"", "Bearer", "Bearer ", "Basic " + secret, secret, "Bearer " + secret[:len(secret)-1] + "0", "Bearer " + secret + "0", "Bearer fgk_" + secret[3:]} {
		before := app.Trips()
		p := app.Nobody().Ask("GET", "/api/v1/me", "Authorization", wrong)
		if p.Status != http.StatusUnauthorized {
			t.Errorf("%q: %d", wrong, p.Status)
		}
		if n := app.Trips() - before; n != 0 {
			t.Errorf("%q asked the database %d times", wrong, n)
		}
	}
	// Nor is a token anything on a page.
	for _, path := range []string{"/office", "/office/jobs", "/jobs", "/"} {
		if p := call(app, "GET", secret, path); !strings.HasSuffix(p.URL.Path, "/login") {
			t.Errorf("%s: %d at %s", path, p.Status, p.URL)
		}
	}
	// Other sites cannot send one along, and need not be told who may.
	if p := call(app, "OPTIONS", secret, "/api/v1/me", "Origin", "https://evil.test", "Access-Control-Request-Method", "GET"); p.Status != http.StatusMethodNotAllowed || p.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error(p.Status, p.Header)
	}
	if p := call(app, "HEAD", secret, "/api/v1/me"); p.Status != http.StatusOK || p.Body != "" || p.Header.Get("Content-Type") != "application/json" {
		t.Error(p.Status, p.Header)
	}
}

// harbour are the marks of Harbour Dental that nobody of Pelican Point may read.
var harbour = regexp.MustCompile(`Harbour|Rooftop|George Street|Lee Nakamura|J-1001|J-1002|Q-1001|Q-1002|SN-4711|INV-77`)

// TestATokenReachesNothingOfOthers walks all operations, those that come later
// too, with tokens and keys that may do everything at one customer, at things of
// another.
func TestATokenReachesNothingOfOthers(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	pelican, _ := makeToken(t, app, url.Values{"reach": {"named"}, "customers": {"C-1002"}})
	none, _ := makeToken(t, app, url.Values{"access": {"chosen"}, "scopes": {"events:read"}})
	ola := makeKey(t, app, "ola")
	walked := 0
	for _, r := range app.SortedOperations() {
		path := apptest.Path(t, r.Pattern)
		for who, secret := range map[string]string{"a token of Pelican Point": pelican, "Ola's key": ola} {
			p := sent(app, r.Method, secret, path)
			names := path != r.Pattern
			if strings.HasPrefix(path, "/api/v1/job-types/") || strings.HasPrefix(path, "/api/v1/staff/") {
				names = false // they are nobody's
			}
			switch {
			case harbour.MatchString(strings.ReplaceAll(p.Body, path, "")):
				t.Errorf("%s %s: %s reads of Harbour Dental: %s", r.Method, path, who, p.Body)
			case names && (r.Method == http.MethodGet || r.Method == http.MethodDelete) && p.Status != http.StatusNotFound:
				t.Errorf("%s %s: %s gets %d %s", r.Method, path, who, p.Status, p.Body)
			case names && p.Status < 400:
				t.Errorf("%s %s: %s gets %d %s", r.Method, path, who, p.Status, p.Body)
			case p.Status >= 500:
				t.Errorf("%s %s: %d %s", r.Method, path, p.Status, p.Body)
			}
			walked++
		}
		p := sent(app, r.Method, none, path)
		switch scope := strings.TrimPrefix(r.Who, "api: "); scope {
		case string(api.Keys):
			if p.Status != http.StatusNotFound {
				t.Errorf("%s: a token gets %d at what is for contacts", path, p.Status)
			}
		case string(api.Callers), string(api.Tokens), "events:read":
			if p.Status >= 500 || p.Status == http.StatusForbidden {
				t.Errorf("%s: %d", path, p.Status)
			}
		default:
			if p.Status != http.StatusForbidden || !strings.Contains(p.Body, scope) {
				t.Errorf("%s %s without %s: %d %s", r.Method, path, scope, p.Status, p.Body)
			}
		}
	}
	if walked < 18 {
		t.Errorf("only %d were walked", walked)
	}
}

func sent(app *apptest.App, method, secret, path string) apptest.Page {
	return call(app, method, secret, path, "Content-Type", "application/json")
}

// TestEveryOperationNamesItsScope: what changes something, or is not about the
// caller alone, asks for one.
func TestEveryOperationNamesItsScope(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for _, r := range app.SortedOperations() {
		who := strings.TrimPrefix(r.Who, "api: ")
		scope := token.Scope(who)
		switch {
		case who == string(api.Keys):
			if r.Method != http.MethodGet || !strings.HasPrefix(r.Pattern, "/api/v1/my/") {
				t.Errorf("%s %s: keys read, below /my", r.Method, r.Pattern)
			}
		case who == string(api.Callers) && r.Pattern == "/api/v1/me":
		case who == string(api.Tokens) && (r.Pattern == "/api/v1/gone" || r.Pattern == "/api/v1/bulk" || r.Pattern == "/api/v1/requests/{id}/answer"): // they ask by kind
		case !scope.Known():
			t.Errorf("%s %s wants %q", r.Method, r.Pattern, who)
		case r.Method != http.MethodGet && !strings.HasSuffix(who, ":write"):
			t.Errorf("%s %s changes something with %s", r.Method, r.Pattern, who)
		}
	}
}

// TestAKeySeesWhatItsContactSees compares, for each of the people, what their key
// reads with what their pages show, before and after their rights change.
func TestAKeySeesWhatItsContactSees(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	keys := map[string]string{}
	for _, who := range []string{"lee", "kim", "ola", "sam"} {
		keys[who] = makeKey(t, app, who)
	}
	number := regexp.MustCompile(`[JQ]-[0-9]+`)
	compare := func() {
		t.Helper()
		for who, secret := range keys {
			b := app.As(who)
			for _, area := range []string{"jobs", "quotes", "equipment"} {
				shown, read := b.Get("/"+area), call(app, "GET", secret, "/api/v1/my/"+area)
				if shown.Status != read.Status {
					t.Errorf("%s at %s: the page is %d, the API %d", who, area, shown.Status, read.Status)
					continue
				}
				if read.Status != http.StatusOK {
					continue
				}
				var page struct {
					Items []struct{ ID, Number string }
				}
				answer(t, read, &page)
				if area == "equipment" {
					if n := shown.Find("#results tbody tr").Length(); n != len(page.Items) {
						t.Errorf("%s sees %d pieces of equipment, the key %d", who, n, len(page.Items))
					}
					continue
				}
				on := number.FindAllString(shown.Text("#results"), -1)
				slices.Sort(on)
				on = slices.Compact(on)
				var in []string
				for _, item := range page.Items {
					in = append(in, item.Number)
				}
				slices.Sort(in)
				if !slices.Equal(on, in) {
					t.Errorf("%s sees %v on the page of %s, and the key %v", who, on, area, in)
				}
			}
			for _, n := range []string{"jobs/J-1001", "jobs/J-1002", "jobs/J-1003", "jobs/J-1004", "quotes/Q-1001", "quotes/Q-1002", "quotes/Q-1003", "quotes/Q-1004", "equipment/equipmentofharbour0000000000001", "equipment/equipmentofpelican0000000000001"} {
				shown, read := b.Get("/"+n), call(app, "GET", secret, "/api/v1/my/"+n)
				if shown.Status == http.StatusConflict { // of another of Sam's customers: the page offers to switch, and a key is of one
					shown.Status = http.StatusNotFound
				}
				if shown.Status != read.Status {
					t.Errorf("%s at %s: the page is %d, the API %d %s", who, n, shown.Status, read.Status, read.Body)
				} else if strings.Contains(read.Body, "OFFICE-ONLY") {
					t.Errorf("%s reads what is the office's: %s", who, read.Body)
				}
			}
			if shown, read := b.Get("/attachments/"+apptest.SharedFile), call(app, "GET", secret, "/api/v1/my/files/"+apptest.SharedFile); shown.Status != read.Status || (read.Status == 200 && shown.Body != read.Body) {
				t.Errorf("%s at the file: the page is %d, the API %d", who, shown.Status, read.Status)
			}
		}
	}
	compare()
	var job api.MyJob
	answer(t, call(app, "GET", keys["lee"], "/api/v1/my/jobs/J-1001"), &job)
	if len(job.Tasks) != 0 || job.InvoiceNumber != "" || job.Site != "George Street" {
		t.Errorf("%+v", job)
	}
	app.Exec(`update portal_settings set hide_tasks = false, hide_admin_details = false`)
	var later api.MyJob
	answer(t, call(app, "GET", keys["lee"], "/api/v1/my/jobs/J-1001"), &later)
	if len(later.Tasks) != 1 || later.InvoiceNumber != "INV-77" {
		t.Errorf("%+v", later)
	}
	var details api.MyDetails
	answer(t, call(app, "GET", keys["lee"], "/api/v1/my/details"), &details)
	if details.Customer.PaymentTerms != "14 days" || len(details.Sites) != 2 || details.Contact.Name != "Lee Nakamura" {
		t.Errorf("%+v", details)
	}
	app.Exec(`update portal_settings set age_limit = 'months', age_limit_months = 1; `)
	app.Exec(`update jobs set completed_at = now() - interval '3 months', booked_from = now() - interval '3 months' where id = 2`)
	compare()
	app.Exec(`update contacts set jobs_see = 'own', jobs_edit = false, jobs_create = false, quotes_see = 'none', quotes_edit = false, quotes_create = false, quotes_accept = false where id = 1`)
	compare()
	app.Exec(`update contacts set all_sites = false, jobs_see = 'all' where id = 4`)
	compare()
}

func TestAKeyStopsWithItsContact(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`delete from contact_keys`)
	app.Exec(`update portal_settings set contact_keys = false`)
	if p := app.As("lee").Get("/details/keys"); p.Status != http.StatusNotFound {
		t.Error("keys are offered before the office allows them")
	}
	if app.As("lee").Get("/details").Has("API keys") {
		t.Error("My Details offers keys")
	}
	app.Exec(`update portal_settings set contact_keys = true`)
	if !app.As("lee").Get("/details").Has("API keys") {
		t.Error("My Details does not offer keys")
	}
	secret := makeKey(t, app, "lee")
	works := func(what string, want int) {
		t.Helper()
		if p := call(app, "GET", secret, "/api/v1/my/details"); p.Status != want {
			t.Errorf("%s: %d, not %d", what, p.Status, want)
		}
	}
	works("new", 200)
	for what, change := range map[string][2]string{
		"suspended":          {`update contacts set access = 'suspended' where id = 1`, `update contacts set access = 'active' where id = 1`},
		"archived":           {`update contacts set archived_at = now() where id = 1`, `update contacts set archived_at = null where id = 1`},
		"customer archived":  {`update customers set archived_at = now() where id = 1`, `update customers set archived_at = null where id = 1`},
		"keys switched off":  {`update portal_settings set contact_keys = false`, `update portal_settings set contact_keys = true`},
		"another person's":   {`update contacts set person_id = null, access = 'none' where id = 1`, `update contacts set person_id = 1, access = 'active' where id = 1`},
		"key expired":        {`update contact_keys set expires_at = now() - interval '1 second'`, `update contact_keys set expires_at = null`},
		"access taken again": {`update contacts set access = 'invited' where id = 1`, `update contacts set access = 'active' where id = 1`},
	} {
		app.Exec(change[0])
		works(what, 401)
		app.Exec(change[1])
		works("not "+what+" any more", 200)
	}
	// Staff see it, and end it.
	page := app.As("ben").Get("/office/customers/C-1001/contacts/1")
	if !page.Has("Report") {
		t.Error(page.Text("main"))
	}
	if p := app.As("ben").Submit(page, "form[action*='/keys/']", nil); p.Status != 200 || p.Has("Report …") {
		t.Error(p.Status, p.Text("main"))
	}
	works("ended by staff", 401)
	// And so does its owner.
	secret = makeKey(t, app, "lee")
	works("another", 200)
	lee := app.As("lee")
	if p := lee.Submit(lee.Get("/details/keys"), "form[action$='/end']", nil); !p.Has("You have no keys") {
		t.Error(p.Text("main"))
	}
	works("ended by its owner", 401)
	for _, words := range []string{"Lee Nakamura made the API key Report", "Ben Whitlock ended the API key Report", "Lee Nakamura ended the API key Report"} {
		if p := app.As("ada").Get("/office/admin/activity?thing=contact+key"); !p.Has(words) {
			t.Errorf("no %q in %s", words, p.Text("main"))
		}
	}
}

func TestAContactHasFiveKeysAtMost(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`delete from contact_keys`)
	for range token.MaxKeys {
		makeKey(t, app, "lee")
	}
	if p := app.As("lee").Post("/details/keys", url.Values{"name": {"one more"}, "days": {"30"}, "nonce": {"n"}}); p.Status != http.StatusConflict {
		t.Error(p.Status, p.Text("main"))
	}
	// Kim, of the same customer, neither sees nor ends them.
	if p := app.As("kim").Get("/details/keys"); p.Has("Report") {
		t.Error(p.Text("main"))
	}
	if p := app.As("kim").Post("/details/keys/1/end", nil); p.Status != http.StatusNotFound {
		t.Error(p.Status)
	}
	// Nor do those who come by a link have any.
	if p := app.ByLink(1, "J-1001").Ask("GET", "/details/keys"); p.Status != http.StatusNotFound {
		t.Error(p.Status)
	}
}

const specification = "openapi.yaml"

// TestSpecificationIsCommitted keeps what programs are told of the API in a file
// that is read in every review, and what it has once promised in it.
func TestSpecificationIsCommitted(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	served := app.Nobody().Ask("GET", "/api/openapi.yaml")
	if served.Status != http.StatusOK || served.Header.Get("Content-Type") != "application/yaml" {
		t.Fatal(served.Status, served.Header)
	}
	before, err := os.ReadFile(specification)
	if err != nil && !*update {
		t.Fatal(err)
	}
	if err == nil {
		for _, wrong := range breaking(t, before, []byte(served.Body)) {
			t.Error("breaks what programs rely on: ", wrong)
		}
	}
	if *update {
		if err := os.WriteFile(specification, []byte(served.Body), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(before) != served.Body {
		t.Errorf("%s differs from what is served; read the change and run with -update", specification)
	}
}

func TestDocumentationTellsOfEachOperation(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	p := app.Nobody().Get("/api")
	if p.Status != http.StatusOK {
		t.Fatal(p.Status, p.Body)
	}
	for _, r := range app.SortedOperations() {
		if !p.Has(r.Method + " " + r.Pattern) {
			t.Errorf("says nothing of %s %s", r.Method, r.Pattern)
		}
	}
	for _, s := range token.Everything() {
		if !p.Has(string(s)) {
			t.Errorf("says nothing of %s", s)
		}
	}
	p.Find("nav a[href^='#']").Each(func(_ int, link *goquery.Selection) {
		if id := strings.TrimPrefix(link.AttrOr("href", ""), "#"); p.Find("[id='"+id+"']").Length() != 1 {
			t.Errorf("leads to %s, which is not there", id)
		}
	})
}

// await waits until something has come true that happens behind requests.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	patience := time.After(20 * time.Second)
	for !is() {
		select {
		case <-patience:
			t.Fatalf("no %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
