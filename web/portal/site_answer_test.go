package portalweb_test

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// manySites gives the first customer more sites than a form offers one by one.
func manySites(app *apptest.App) {
	app.Exec(`insert into sites (customer_id, name, address) select 1, 'Depot ' || n, jsonb_build_object('line1', n || ' Wharf Road', 'city', 'Newport') from generate_series(1, 60) n`)
	app.Exec(`insert into sites (customer_id, name, archived_at) values (1, 'Old Mill', now())`)
}

func siteNamed(app *apptest.App, name string) string {
	return strconv.FormatInt(apptest.Value[int64](app, `select id from sites where name = $1`, name), 10)
}

// picked is the site that stands picked on a page.
func picked(p apptest.Page) string {
	return strings.Join(strings.Fields(p.Find(`input[type="radio"][name="site"][checked]`).Parent().Text()), " ")
}

// Where a customer has many sites, a form asks for the name of one.
func TestOneOfManySitesIsAskedForByName(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	manySites(app)
	lee := app.As("lee")
	theirs := apptest.Value[string](app, `select name from sites where id = 3`)
	for _, form := range []struct {
		page, post string
		fields     url.Values
		site       string // of the newest
	}{
		{"/jobs/new", "/jobs", url.Values{"type": {"1"}, "description": {"Filters"}}, `select coalesce((select s.name from sites s where s.id = site_id), '') from jobs order by id desc limit 1`},
		{"/quotes/new", "/quotes", url.Values{"description": {"A second unit"}}, `select coalesce((select s.name from sites s where s.id = site_id), '') from quotes order by id desc limit 1`},
		{"/equipment/new", "/equipment", url.Values{"name": {"Chiller"}, "type": {"Chiller"}}, `select coalesce((select s.name from sites s where s.id = site_id), '') from equipment order by id desc limit 1`},
	} {
		begin := lee.Get(form.page)
		if begin.Find("#site option").Length() != 0 || begin.Find(`input#site[hx-get="/sites/find"]`).Length() != 1 || begin.Find(`input[name="site"]`).Length() != 1 {
			t.Fatalf("%s: %s", form.page, begin.Text("main form"))
		}
		for _, tt := range []struct {
			rule, called, shown, picked string // what was typed, for what sites are shown, which of these was picked
			status                      int
			at, problem                 string
			fit                         int
		}{
			{"by its name", "Depot 7", "", "", 200, "Depot 7", "", 0},
			{"in other letters", " dePOT 7 ", "", "", 200, "Depot 7", "", 0},
			{"by its address, which no other has", "17 wharf", "", "", 200, "Depot 17", "", 0},
			{"none in particular", "", "", "none", 200, "", "", 0},
			{"picked among those that fit", "Depot 1", "Depot 1", siteNamed(app, "Depot 12"), 200, "Depot 12", "", 0},
			{"none among those that fit", "wharf", "wharf", "none", 200, "", "", 0},
			{"picked for what was typed before", "Depot 1", "Depot", siteNamed(app, "Depot 12"), 422, "", "Pick the site again", 8},
			{"none, then a name", "Depot 7", "", "none", 422, "", "Pick the site again", 1},
			{"nothing", "", "", "", 422, "", "Choose the site", 0},
			{"words of no site", "epot 21 wharf", "", "", 422, "", "No site is called that", 0},
			{"what fits some", "6 newport", "", "", 422, "", "Pick one", 2},
			{"what fits many", "wharf", "wharf", "", 422, "", "Pick one", 8},
			{"an archived one", "Old Mill", "", "", 422, "", "No site is called that", 0},
			{"another customer's by its name", theirs, "", "", 422, "", "No site is called that", 0},
			{"another customer's by its id", "Depot 7", "Depot 7", "3", 422, "", "Choose", 0},
			{"no word at all", "–", "", "", 422, "", "No site is called that", 0},
		} {
			fields := url.Values{"site_name": {tt.called}, "site_called": {tt.shown}, "nonce": {tt.rule}}
			for name, values := range form.fields {
				fields[name] = values
			}
			if tt.picked != "" {
				fields.Set("site", tt.picked)
			}
			p := lee.Upload(form.post, fields)
			if p.Status != tt.status || !strings.Contains(p.Problem("site"), tt.problem) || (tt.problem == "") != (p.Problem("site") == "") {
				t.Errorf("%s %s: %d %q", form.page, tt.rule, p.Status, p.Text("main form"))
				continue
			}
			if fit := p.Find(`input[type="radio"][name="site"][value!="none"]`).Length(); fit != tt.fit {
				t.Errorf("%s %s: %d to pick from", form.page, tt.rule, fit)
			}
			if tt.status == 422 {
				if typed := p.Find("input#site").AttrOr("value", ""); typed != tt.called {
					t.Errorf("%s %s: what was typed became %q", form.page, tt.rule, typed)
				}
			} else if at := apptest.Value[string](app, form.site); at != tt.at {
				t.Errorf("%s %s: at %q", form.page, tt.rule, at)
			}
		}
		// Refused for something else, it keeps what was picked.
		refused := lee.Upload(form.post, url.Values{"site_name": {"Depot 1"}, "site_called": {"Depot 1"}, "site": {siteNamed(app, "Depot 12")}, "nonce": {"refused"}})
		if refused.Status != 422 || picked(refused) != "Depot 12 12 Wharf Road, Newport" || refused.Text("#sites-fit-words") != "Depot 12 is picked. 1 site fits." {
			t.Errorf("%s refused: %d, picked %q: %s", form.page, refused.Status, picked(refused), refused.Text("#sites-fit-words"))
		}
		if p := lee.Submit(refused, "main form", form.fields); p.Status != 200 || apptest.Value[string](app, form.site) != "Depot 12" {
			t.Errorf("%s sent again: %d at %q", form.page, p.Status, apptest.Value[string](app, form.site))
		}
		// Begun for a site, that is picked already.
		begun := lee.Get(form.page + "?site=" + siteNamed(app, "Depot 33"))
		if picked(begun) != "Depot 33 33 Wharf Road, Newport" {
			t.Errorf("%s for a site: %s", form.page, begun.Text("main form"))
		}
		if p := lee.Submit(begun, "main form", form.fields); p.Status != 200 || apptest.Value[string](app, form.site) != "Depot 33" {
			t.Errorf("%s for a site: %d at %q", form.page, p.Status, apptest.Value[string](app, form.site))
		}
		for _, no := range []string{"3", siteNamed(app, "Old Mill")} {
			if p := lee.Get(form.page + "?site=" + no); picked(p) != "" {
				t.Errorf("%s for a site that is not offered: %q", form.page, picked(p))
			}
		}
	}
}

// What is on record keeps its site, an archived one, too, until another is named.
func TestOneOfManySitesIsKept(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	manySites(app)
	lee := app.As("lee")
	at := func() string {
		return apptest.Value[string](app, `select coalesce((select s.name from sites s where s.id = site_id), '') from jobs where number = 'J-1001'`)
	}
	app.Exec(`update jobs set site_id = $1 where number = 'J-1001'`, siteNamed(app, "Old Mill"))
	form := lee.Get("/jobs/J-1001/edit")
	if picked(form) != "Old Mill" {
		t.Fatalf("the form: %s", form.Text("main form"))
	}
	if p := lee.Submit(form, "main form", url.Values{"purchase_order": {"PO-9"}}); p.Status != 200 || at() != "Old Mill" {
		t.Errorf("saved with its archived site: %d, at %q: %s", p.Status, at(), p.Problem("site"))
	}
	// Typed, and cleared again: nothing is picked, and nothing was meant.
	form = lee.Get("/jobs/J-1001/edit")
	if p := lee.Submit(form, "main form", url.Values{"site": {""}}); p.Status != 200 || at() != "Old Mill" {
		t.Errorf("nothing picked: %d, at %q", p.Status, at())
	}
	cleared := lee.Get("/sites/find?site_name=&site_before=" + siteNamed(app, "Old Mill"))
	if picked(cleared) != "Old Mill" {
		t.Errorf("cleared: %q is picked", picked(cleared))
	}
	if p := lee.Get("/sites/find?site_name=&site_before=3"); p.Find("label").Length() != 1 {
		t.Errorf("cleared, with another customer's site: %s", p.Text("body"))
	}
	if p := lee.Submit(lee.Get("/jobs/J-1001/edit"), "main form", url.Values{"site_name": {"Depot 44"}}); p.Status != 200 || at() != "Depot 44" {
		t.Errorf("another: %d, at %q", p.Status, at())
	}
	if p := lee.Submit(lee.Get("/jobs/J-1001/edit"), "main form", url.Values{"site_name": {"Old Mill"}}); p.Status != 422 || at() != "Depot 44" {
		t.Errorf("archived: %d, at %q", p.Status, at())
	}
	if p := lee.Submit(lee.Get("/jobs/J-1001/edit"), "main form", url.Values{"site": {"none"}}); p.Status != 200 || at() != "" {
		t.Errorf("none: %d, at %q", p.Status, at())
	}
	if form := lee.Get("/jobs/J-1001/edit"); picked(form) != "No particular site" {
		t.Errorf("none: %q is picked", picked(form))
	}
}

// What is found are sites in use that the contact sees.
func TestSitesAreFoundWhileTyping(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	manySites(app)
	find := func(b *apptest.Browser, typed string) (names []string, chosen, words string) {
		p := b.Ask("GET", "/sites/find?site_name="+url.QueryEscape(typed), "HX-Request", "true")
		for _, o := range p.Find("label").EachIter() {
			names = append(names, o.Text())
		}
		return names, picked(p), p.Text("[role=status]")
	}
	lee := app.As("lee")
	for _, tt := range []struct {
		typed  string
		want   []string
		picked string
		words  string
	}{
		{"dep 58", []string{"Depot 58"}, "Depot 58 58 Wharf Road, Newport", "Depot 58 is picked. 1 site fits."},
		{"depot 6", []string{"Depot 6", "Depot 60"}, "Depot 6 6 Wharf Road, Newport", "Depot 6 is picked. 2 sites fit."},
		{"6 newport", []string{"Depot 6", "Depot 60"}, "", "2 sites fit."},
		{"wharf", []string{"Depot 1", "Depot 10", "Depot 11", "Depot 12", "Depot 13", "Depot 14", "Depot 15", "Depot 16"}, "", "More sites fit than are shown. Type more to find others."},
		{"old mill", nil, "", "No site fits that. Try fewer letters."},
		{apptest.Value[string](app, `select name from sites where id = 3`), nil, "", "No site fits that. Try fewer letters."},
		{"'\x00", nil, "", "No site fits that. Try fewer letters."},
		{"", nil, "", ""},
	} {
		names, chosen, words := find(lee, tt.typed)
		if !slices.Equal(names, append(tt.want, "No particular site")) || chosen != tt.picked || words != tt.words {
			t.Errorf("%q: %q, picked %q: %s", tt.typed, names, chosen, words)
		}
	}
	// A contact limited to some sees those.
	app.Exec(`update contacts set all_sites = false where id = 1`)
	app.Exec(`insert into contact_sites (customer_id, contact_id, site_id) select 1, 1, id from sites where name ~ '^Depot ([1-9]|[1-5].)$' and name <> 'Depot 8'`)
	if names, _, _ := find(lee, "depot 8"); len(names) != 0 {
		t.Errorf("not the contact's: %q", names)
	}
	form := lee.Get("/jobs/new")
	if form.Find(`input[type="radio"]`).Length() != 0 || form.Find("input#site[required]").Length() != 1 {
		t.Errorf("limited to sites: %s", form.Text("main form"))
	}
	for called, status := range map[string]int{"": 422, "Depot 8": 422, "Depot 60": 422, "Depot 9": 200} {
		if p := lee.Submit(form, "main form", url.Values{"type": {"1"}, "description": {"Filters"}, "site_name": {called}, "nonce": {"for " + called}}); p.Status != status || (status == 422) != (p.Problem("site") != "") {
			t.Errorf("limited to sites, %q: %d %s", called, p.Status, p.Problem("site"))
		}
	}
}
