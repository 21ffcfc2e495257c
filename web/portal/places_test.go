package portalweb_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/list"
	"fieldgate/web/apptest"
)

// document makes a shared document of a job's files, valid for some days, and returns its opaque id.
func document(app *apptest.App, customer, job int, name string, site any, days int) string {
	app.Exec(`insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id, document_kind_id, at_site_id, valid_until)
		values ($1, nullif($2, 0), $3, 'document', 'application/pdf', 5, 'blob of ' || $3, true, 1, 1, $4, business_day() + $5::integer)`, customer, job, name, site, days)
	return apptest.Value[string](app, `select public_id from attachments where name = $1 order by id desc limit 1`, name)
}

// A site's page shows what the contact sees there, and nothing else is a site.
func TestPageOfASite(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	document(app, 1, 0, "George certificate.pdf", 1, 90)
	document(app, 1, 0, "Pitt certificate.pdf", 2, 90)
	lee := app.As("lee").Get("/sites/1")
	for _, words := range []string{"George Street", "Rooftop unit service", "Next", "Rooftop unit 2", "Next service", "Replace unit 2", "New split in kitchen", "George certificate.pdf", "Current"} {
		if words == "Replace unit 2" { // a draft that was never sent
			if lee.Has(words) {
				t.Error("the page shows a draft")
			}
			continue
		}
		if !lee.Has(words) {
			t.Errorf("the page does not show %q: %s", words, lee.Text("main"))
		}
	}
	for _, words := range []string{"Surgery 4", "Pitt certificate", "OFFICE-ONLY"} {
		if lee.Has(words) {
			t.Errorf("the page shows %q of another site", words)
		}
	}
	// Kim sees her own jobs, and neither quotes nor equipment.
	kim := app.As("kim").Get("/sites/2")
	if !kim.Has("Surgery 4 not cooling") || kim.Has("Duct cleaning") || kim.Has("Equipment") || kim.Has("New Job") {
		t.Errorf("Kim: %s", kim.Text("main"))
	}
	if p := app.As("kim").Get("/sites/1"); p.Status != 200 || p.Has("Rooftop") || p.Has("George certificate") {
		t.Errorf("Kim sees what is not hers: %s", p.Text("main"))
	}
	// Limited to Pitt Street, the other site does not exist.
	app.Exec(`update contacts set all_sites = false where id = 1`)
	app.Exec(`insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 2)`)
	for path, status := range map[string]int{"/sites/2": 200, "/sites/1": 404, "/sites/3": 404, "/sites/99": 404, "/sites/x": 404} {
		if p := app.As("lee").Get(path); p.Status != status {
			t.Errorf("limited, %s: %d", path, p.Status)
		}
	}
}

// What is asked for names its site where there are several.
func TestFormsAskForTheSite(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	for _, tt := range []struct {
		form   string
		fields url.Values
		site   string // SQL of what was made
	}{
		{"/jobs/new", url.Values{"type": {"1"}, "description": {"Too warm"}}, `select coalesce(site_id, 0) from jobs order by id desc limit 1`},
		{"/quotes/new", url.Values{"description": {"A new fan"}}, `select coalesce(site_id, 0) from quotes order by id desc limit 1`},
		{"/equipment/new", url.Values{"name": {"Fan"}, "type": {"Fan"}}, `select coalesce(site_id, 0) from equipment order by id desc limit 1`},
	} {
		if p := lee.Submit(lee.Get(tt.form), "main form", tt.fields); p.Status != 422 || p.Problem("site") == "" {
			t.Errorf("%s without a site: %d", tt.form, p.Status)
		}
		for typed, kept := range map[string]int64{"none": 0, "2": 2} {
			with := url.Values{"site": {typed}}
			for k, v := range tt.fields {
				with[k] = v
			}
			p := lee.Submit(lee.Get(tt.form), "main form", with)
			if got := apptest.Value[int64](app, tt.site); p.Status != 200 || got != kept {
				t.Errorf("%s at %s: %d, kept %d", tt.form, typed, p.Status, got)
			}
		}
		// Begun from a site's page it is chosen; one that is not theirs is not.
		if p := lee.Get(tt.form + "?site=2"); p.Find("#site option[selected]").AttrOr("value", "") != "2" {
			t.Errorf("%s?site=2 chooses %q", tt.form, p.Find("#site option[selected]").AttrOr("value", ""))
		}
		if p := lee.Get(tt.form + "?site=3"); p.Find("#site option[selected]").AttrOr("value", "") != "" {
			t.Errorf("%s?site=3 offers a foreign site", tt.form)
		}
		// What was chosen stays when something else is wrong.
		wrong := url.Values{"site": {"none"}, "preferred_on": {"soon"}, "installed_on": {"soon"}}
		if p := lee.Submit(lee.Get(tt.form), "main form", wrong); p.Find("#site option[selected]").AttrOr("value", "") != "none" {
			t.Errorf("%s forgets that there is no particular site", tt.form)
		}
	}
	// Of one site nobody is asked.
	ola := app.As("ola")
	if p := ola.Submit(ola.Get("/quotes/new"), "main form", url.Values{"description": {"A new fan"}}); p.Status != 200 || p.Problem("site") != "" {
		t.Errorf("with one site: %d", p.Status)
	}
}

// The equipment follows the site that was chosen; without a script it is grouped by site.
func TestEquipmentFollowsTheSite(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into equipment (customer_id, number, name, type, site_id, origin) values (1, 'E-7', 'Pitt boiler', 'Boiler', 2, 'office'), (1, 'E-8', 'Spare pump', 'Pump', null, 'office')`)
	lee := app.As("lee")
	if p := lee.Get("/jobs/new"); p.Find("#equipment optgroup").Length() != 3 || p.Find(`[hx-target="#equipment-here"]`).Length() != 1 {
		t.Errorf("%d groups without a script", p.Find("#equipment optgroup").Length())
	}
	p := lee.Ask("GET", "/jobs/new?site=2", "HX-Request", "true")
	if words := p.Text("#equipment-here"); !strings.Contains(words, "Pitt boiler") || !strings.Contains(words, "Spare pump") || strings.Contains(words, "Rooftop unit 2") {
		t.Errorf("at Pitt Street: %s", words)
	}
}

// The list says how each document stands, and takes it along as a file.
func TestDocuments(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for name, days := range map[string]int{"long.pdf": 61, "due.pdf": 60, "today.pdf": 0, "over.pdf": -1} {
		document(app, 1, 0, name, map[string]any{"long.pdf": 1, "due.pdf": 2, "today.pdf": nil, "over.pdf": 1}[name], days)
	}
	app.Exec(`update attachments set document_kind_id = 2 where name = 'over.pdf'`)
	lee := app.As("lee")
	states := func(path string) string {
		var all []string
		for _, row := range lee.Get(path).Find("tbody tr").EachIter() {
			all = append(all, strings.Fields(row.Find(".table__link").Text())[0]+" "+strings.TrimSpace(row.Find(".status").Text()))
		}
		return strings.Join(all, ", ")
	}
	for path, want := range map[string]string{
		"/documents":              "over.pdf Expired, today.pdf Due, due.pdf Due, long.pdf Current",
		"/documents?show=current": "long.pdf Current",
		"/documents?show=due":     "today.pdf Due, due.pdf Due",
		"/documents?show=expired": "over.pdf Expired",
		"/documents?site=1":       "over.pdf Expired, long.pdf Current",
		"/documents?kind=2":       "over.pdf Expired",
		"/documents?q=DUE":        "due.pdf Due",
		"/documents?sort=-valid":  "long.pdf Current, due.pdf Due, today.pdf Due, over.pdf Expired",
		"/documents?q=nothing":    "",
	} {
		if got := states(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	// One of the same kind and place that holds longer replaces it, for those who see that one.
	newer := document(app, 1, 0, "newer.pdf", 2, 400)
	if got := states("/documents?site=2"); got != "due.pdf Replaced, newer.pdf Current" {
		t.Errorf("replaced: %s", got)
	}
	app.Exec(`update attachments set customer_view = false where public_id = $1`, newer)
	if got := states("/documents?site=2"); got != "due.pdf Due" {
		t.Errorf("replaced by a hidden one: %s", got)
	}
	if csv := lee.Get("/documents.csv?site=2"); !strings.Contains(csv.Body, "due.pdf") || strings.Contains(csv.Body, "over.pdf") || !strings.Contains(csv.Body, "Due") {
		t.Errorf("the export: %s", csv.Body)
	}
	if p := app.As("ola").Get("/documents"); !p.Has("No documents yet") {
		t.Errorf("of another customer: %s", p.Text("main"))
	}
	app.Exec(`update contacts set jobs_see = 'none' where id = 2`)
	if p := app.As("kim").Get("/documents"); p.Status != 404 {
		t.Errorf("without any area: %d", p.Status)
	}
}

// Who looks at several customers has one home and lists over all of them, each
// read as the contact that they are there.
func TestEverywhere(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	// Sam sees jobs and quotes at Pelican Point, jobs and equipment at Quay Street, and in between 120 jobs more.
	app.Exec(`insert into equipment (customer_id, number, name, type, next_service_on, origin) values (3, 'E-001', 'Cool room', 'Cool room', business_day() + 3, 'office')`)
	app.Exec(`insert into jobs (customer_id, name, description, job_type_id, status, origin, created_at)
		select case n % 2 when 0 then 2 else 3 end, 'job ' || n, 'x', 1, 'unscheduled', 'office', now() + n * interval '1 second' from generate_series(1, 120) n`)
	document(app, 2, 0, "tower.pdf", 3, 10)
	document(app, 1, 0, "harbour.pdf", 1, 10)
	sam := app.As("sam")
	home := sam.Get("/all")
	for _, words := range []string{"All your customers", "Lobby fan noise", "Lobby fan", "Cool room", "tower.pdf", "Owners of Pelican Point", "Quay Street Cafe"} {
		if !home.Has(words) {
			t.Errorf("the home does not show %q: %s", words, home.Text("main"))
		}
	}
	if home.Has("harbour.pdf") || home.Has("Rooftop") {
		t.Errorf("the home shows Harbour's")
	}
	// The pages of a list are whole, in one order, without a row twice.
	var names []string
	for path := "/all/jobs"; path != ""; {
		p := sam.Get(path)
		for _, row := range p.Find("tbody tr").EachIter() {
			names = append(names, row.Find(".table__link").Text())
			whose := row.Find(`[data-label="Customer"]`).Text()
			if name := names[len(names)-1]; whose != "Owners of Pelican Point" && whose != "Quay Street Cafe" {
				t.Errorf("%s is of %q", name, whose)
			}
		}
		path = p.Find(`a[rel="next"]`).AttrOr("href", "")
	}
	if len(names) != 122 || names[0] != "job 120" || names[119] != "job 1" {
		t.Errorf("%d jobs, the first ones %v", len(names), names[:min(3, len(names))])
	}
	quay := apptest.Value[string](app, `select id::text from contacts where customer_id = 3`)
	for path, want := range map[string][2]string{ // what is there and what is not
		"/all/quotes":                            {"Lobby fan", "Duct cleaning"},
		"/all/equipment":                         {"Cool room", "Lobby fan"}, // at Pelican Point Sam sees none
		"/all/documents":                         {"tower.pdf", "harbour.pdf"},
		"/all/jobs?status=open&q=noise":          {"Lobby fan noise", "Cool room check"},
		"/all/jobs?q=check&customer=" + quay:     {"Cool room check", "Lobby fan noise"},
		"/all/quotes?customer=" + quay:           {"Nothing found", "Lobby fan"},
		"/all/jobs?q=rooftop&customer=1":         {"Nothing found", "Rooftop"}, // Lee's contact is not Sam's
		"/all/documents?show=due&customer=" + "": {"tower.pdf", "harbour.pdf"},
	} {
		if p := sam.Get(path); p.Status != 200 || !strings.Contains(p.Text("main"), want[0]) || strings.Contains(p.Text("#results"), want[1]) {
			t.Errorf("%s: %d %s", path, p.Status, p.Text("main"))
		}
	}
	// A row switches to its customer by a form, and leads to the thing.
	row := sam.Get("/all/equipment").Find("tbody form")
	if row.AttrOr("action", "") != "/choose" || row.AttrOr("method", "") != "post" {
		t.Errorf("a row is %s", row.Text())
	}
	fields := url.Values{"contact": {row.Find("[name=contact]").AttrOr("value", "")}, "next": {row.Find("[name=next]").AttrOr("value", "")}}
	if p := sam.Post("/choose", fields); p.Status != 200 || !p.Has("Cool room") || !strings.HasPrefix(p.URL.Path, "/equipment/") {
		t.Errorf("opened: %d at %s", p.Status, p.URL)
	}
	// Where access ended, or the customer was archived, nothing is seen.
	for change, gone := range map[string]string{`update contacts set access = 'suspended' where customer_id = 3 and email = 'sam@demo.test'`: "Cool room", `update customers set archived_at = now() where id = 2`: "Lobby fan"} {
		app.Exec(`update contacts set access = 'active' where email = 'sam@demo.test'`)
		app.Exec(`insert into customers (name) select 'Third'  where not exists (select from customers where name = 'Third')`)
		app.Exec(`insert into contacts (customer_id, person_id, name, email, access, jobs_see) select (select id from customers where name = 'Third'), person_id, name, email, 'active', 'all' from contacts where email = 'sam@demo.test' and customer_id = 2
			on conflict do nothing`)
		app.Exec(change)
		for _, path := range []string{"/all", "/all/jobs", "/all/equipment", "/all/quotes", "/all/documents"} {
			if p := sam.Get(path); p.Status != 200 || strings.Contains(p.Text("main"), gone) {
				t.Errorf("after %q %s still shows %q: %d", change, path, gone, p.Status)
			}
		}
		app.Exec(`update customers set archived_at = null`)
	}
	// Who has one customer is led to it.
	for path, to := range map[string]string{"/all": "/", "/all/jobs": "/jobs", "/all/documents": "/documents"} {
		if p := app.As("lee").Get(path); p.URL.Path != to {
			t.Errorf("%s leads Lee to %s", path, p.URL.Path)
		}
	}
}

// Fifty customers are looked at together in one round trip.
func TestEverywhereOfMany(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into customers (name) select 'Many ' || n from generate_series(1, 60) n`)
	app.Exec(`insert into contacts (customer_id, person_id, name, email, access, jobs_see, quotes_see, equipment_see)
		select id, (select person_id from contacts where email = 'sam@demo.test' limit 1), 'Sam Petrou', 'sam@demo.test', 'active', 'all', 'all', 'all' from customers where name like 'Many %'`)
	app.Exec(`insert into jobs (customer_id, name, description, job_type_id, status, origin) select id, name || ' job', 'x', 1, 'unscheduled', 'office' from customers where name like 'Many %'`)
	sam := app.As("sam")
	p := sam.Get("/all/jobs")
	if p.Status != 200 || p.Find("tbody tr").Length() != list.Size || !p.Has("The first 50 customers are shown") {
		t.Errorf("%d, %d rows", p.Status, p.Find("tbody tr").Length())
	}
	last := apptest.Value[string](app, `select c.id::text from contacts c join customers cu on cu.id = c.customer_id where cu.name = 'Quay Street'`)
	if p := sam.Get(fmt.Sprintf("/all/jobs?customer=%s", last)); !p.Has("Cool room check") {
		t.Errorf("one beyond fifty: %s", p.Text("main"))
	}
}

// A list narrowed to a site names it; where there are many sites, they are
// offered to whoever asks for them.
func TestManySitesAreOfferedWhenAskedFor(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	offered := func(p apptest.Page) int { return p.Find("#site-filter option").Length() - 1 } // without All sites
	for _, path := range []string{"/jobs", "/quotes", "/equipment", "/documents"} {
		if few := lee.Get(path); offered(few) < 2 || few.Find("#site-filter a").Length() != 0 {
			t.Errorf("%s: %d of few sites are offered", path, offered(few))
		}
	}
	app.Exec(`insert into sites (customer_id, name) select 1, 'Depot ' || n from generate_series(1, 60) n`)
	all := apptest.Value[int](app, `select count(*)::int from sites where customer_id = 1`)
	for _, path := range []string{"/jobs", "/quotes", "/equipment", "/documents"} {
		many := lee.Get(path + "?q=unit")
		if n := offered(many); n != 0 || many.Find("details.filters[open]").Length() != 0 {
			t.Errorf("%s: %d of many sites are offered", path, n)
		}
		asked := lee.Get(many.Find("#site-filter a").AttrOr("href", ""))
		if n := offered(asked); n != all || asked.Find("details.filters[open]").Length() != 1 || !strings.Contains(asked.URL.RawQuery, "q=unit") {
			t.Errorf("%s: %d of %d sites are offered at %s", path, n, all, asked.URL)
		}
		at := lee.Get(path + "?site=1")
		if !strings.Contains(at.Text(".chips"), "George Street") || at.Find(`#site-filter option[value="1"][selected]`).Length() != 1 || offered(at) != 1 {
			t.Errorf("%s at George Street: %s", path, at.Text(".chips"))
		}
		if theirs := lee.Get(path + "?site=3&sites=all"); offered(theirs) != all || theirs.Find("option[selected]").Length() != 0 && strings.Contains(theirs.Text("#site-filter option[selected]"), apptest.Value[string](app, `select name from sites where id = 3`)) {
			t.Errorf("%s at another customer's site: %s", path, theirs.Text(".chips"))
		}
	}
	if row := lee.Get("/jobs").Find("#results tbody tr").First(); strings.TrimSpace(row.Find("td").Eq(1).Text()) == "" {
		t.Errorf("a row without its site: %s", row.Text())
	}
}
