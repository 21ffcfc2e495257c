package officeweb_test

import (
	"encoding/csv"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/internal/dbtest"
	"fieldgate/web/apptest"
)

func TestEquipmentOfTheOffice(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, equipmentOfTheOffice)
}

func equipmentOfTheOffice(t *testing.T) {
	app := apptest.New(t)
	ben := app.As("ben")
	const item = "/office/equipment/equipmentofharbour0000000000001"
	if p := ben.Get("/office/equipment?show=due"); p.Find("#results tbody tr").Length() != 1 || !p.Has("Due Soon") && !p.Has("Due soon") {
		t.Errorf("due: %s", p.Text("#results"))
	}
	if p := ben.Get(item); !p.Has("in 20 days") || !p.Has("Rooftop unit service") || !p.Has("OFFICE-ONLY leaks") {
		t.Errorf("an item: %s", p.Text("main"))
	}
	if p := ben.Get(item + "/jobs"); p.Find("#results tbody tr").Length() != 1 || p.Text(".tabs [aria-current] .count") != "1" {
		t.Errorf("its jobs: %s", p.Text("main"))
	}
	if p := ben.Get("/office/equipment/new"); p.Find(".choice-list a").Length() != 3 {
		t.Errorf("choosing a customer: %s", p.Text("main"))
	}
	open := ben.Get("/office/equipment/new?customer=C-1001")
	bad := ben.Submit(open, form, url.Values{"name": {"Fan"}, "type": {""}, "number": {"E-001"}, "installed_on": {"yesterday"}, "site": {"x"}})
	if bad.Status != 422 || bad.Problem("type") == "" || bad.Problem("installed_on") == "" {
		t.Errorf("%d: %s", bad.Status, bad.Text(".field__problem"))
	}
	if typed, _ := bad.Find("#installed_on").Attr("value"); typed != "yesterday" {
		t.Errorf("typed yesterday, kept %q", typed)
	}
	if p := ben.Submit(open, form, url.Values{"name": {"Fan"}, "type": {"Fan"}, "number": {"E-001"}, "site": {"none"}}); p.Problem("number") == "" {
		t.Errorf("number taken: %d", p.Status)
	}
	fields := url.Values{"name": {"Toilet fan"}, "type": {"Fan"}, "site": {"1"}, "next_service_on": {"2020-01-01"}}
	made := ben.Submit(open, form, fields)
	if !made.Has("Toilet fan was added as E-002.") || !made.Has("Overdue") {
		t.Fatalf("%d: %s", made.Status, made.Text("main"))
	}
	if again := ben.Submit(open, form, fields); again.URL.Path != made.URL.Path {
		t.Errorf("the same form again made %s", again.URL)
	}
	edit := ben.Get(item + "/edit")
	ben.Submit(edit, form, url.Values{"location": {"Roof"}, "next_service_on": {"2031-05-06"}})
	late := ben.Submit(edit, form, url.Values{"make": {"Mitsubishi"}})
	if late.Status != 409 || !late.Has("Location: nothing became “Roof”") || !late.Has("“6 May 2031”") {
		t.Errorf("edit conflict: %d, %s", late.Status, late.Text("main .notice"))
	}
	if p := ben.Submit(ben.Get(item+"/retirement"), form, nil); !p.Has("It is retired now.") {
		t.Errorf("retired: %s", p.Text("main"))
	}
	if p := ben.Submit(ben.Get(item+"/restoration"), form, nil); !p.Has("It is in use again.") {
		t.Errorf("restored: %s", p.Text("main"))
	}
	for path, status := range map[string]int{
		"/office/equipment?show=%27&sort=-service&after=x&q=%00":                                            200,
		"/office/equipment?customer=C-9999":                                                                 200, // words that fit nobody
		"/office/equipment?warranty=ending&service=overdue&type=Fan&site=9&customer=harbour&sort=-warranty": 200,
		"/office/equipment/new?customer=C-9999":                                                             404,
		item + "/jobs?q=%27&after=x":                                                                        200,
		"/office/equipment?q=pelican":                                                                       200,
		"/office/equipment/1":                                                                               404,
		"/office/equipment/nothing/edit":                                                                    404,
	} {
		if p := ben.Get(path); p.Status != status {
			t.Errorf("GET %s: %d, want %d", path, p.Status, status)
		}
	}
	if p := app.Nobody().Get(item); !strings.HasPrefix(p.URL.Path, "/office/login") {
		t.Errorf("nobody reads it at %s", p.URL)
	}
}

func TestEquipmentOfACustomer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	tab := ben.Get("/office/customers/C-1001/equipment?q=rooftop&site=1")
	if tab.Find("#results tbody tr").Length() != 1 || tab.Text(".tabs [aria-current]") != "Equipment 1" && tab.Text(".tabs [aria-current]") != "Equipment1" || !tab.Has("Site: George Street") {
		t.Errorf("the tab: %s", tab.Text("main"))
	}
	if csv, _ := tab.Find("a[download]").Attr("href"); csv != "/office/equipment.csv?customer=C-1001&q=rooftop&site=1" {
		t.Errorf("exports %s", csv)
	}
	if p := ben.Get("/office/customers/C-1001/equipment?q=lobby"); !p.Has("No equipment found") {
		t.Errorf("another customer's: %s", p.Text("#results"))
	}
	if add := tab.Find("a[href='/office/equipment/new?customer=C-1001']"); add.Length() == 0 {
		t.Error("nothing can be added for the customer")
	}
	// Another customer: what was typed stays, and the sites are theirs.
	open := ben.Get("/office/equipment/new?customer=C-1001&site=1")
	if site, _ := open.Find("#site option[selected]").Attr("value"); site != "1" {
		t.Errorf("the site is %q", site)
	}
	other := ben.Post("/office/equipment/customer", url.Values{"customer": {"pelican"}, "name": {"Boiler"}, "site": {"1"}, "nonce": {"n"}})
	if name, _ := other.Find("#name").Attr("value"); name != "Boiler" || !strings.Contains(other.Text("#site"), "Tower") || strings.Contains(other.Text("#site"), "George") {
		t.Errorf("%d: %q, %s", other.Status, name, other.Text("#site"))
	}
	if p := ben.Post("/office/equipment/customer", url.Values{"customer": {"zzz"}, "name": {"Boiler"}}); p.Status != 422 || p.Problem("customer") == "" {
		t.Errorf("nobody: %d", p.Status)
	}
	if p := ben.Post("/office/equipment", url.Values{"customer": {"zzz"}, "name": {"Boiler"}}); p.Status != 422 || p.Problem("customer") == "" || p.Problem("type") == "" {
		t.Errorf("added for nobody: %d", p.Status)
	}
	app.Exec(`update customers set archived_at = now() where id = 1`)
	if p := ben.Submit(open, form, url.Values{"name": {"Fan"}, "type": {"Fan"}}); p.Status != 422 || !strings.Contains(p.Problem("customer"), "archived") {
		t.Errorf("archived meanwhile: %d, %s", p.Status, p.Problem("customer"))
	}
	if p := ben.Get("/office/equipment/equipmentofharbour0000000000001"); !p.Has("is archived.") {
		t.Errorf("its page: %s", p.Text("main"))
	}
	if p := ben.Get("/office/equipment/equipmentofharbour0000000000001/edit"); p.Status != 200 || !strings.Contains(p.Text("#site"), "George") {
		t.Errorf("it cannot be edited any more: %d", p.Status)
	}
}

func TestTabsOfACustomer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	const c = "/office/customers/C-1001/"
	for _, tt := range []struct {
		path, tab string // of what is shown
		rows      int
		add       string // what the header offers
	}{
		{c + "sites", "Sites 2", 2, c + "sites/new"},
		{c + "jobs", "Jobs 2", 2, "/office/jobs/new?customer=C-1001"},
		{c + "jobs?q=surgery", "Jobs 2", 1, "/office/jobs/new?customer=C-1001"},
		{c + "jobs?site=1&customer=C-1002", "Jobs 2", 1, "/office/jobs/new?customer=C-1001"},
		{c + "quotes", "Quotes 3", 3, "/office/quotes/new?customer=C-1001"},
		{c + "quotes?status=sent", "Quotes 3", 1, "/office/quotes/new?customer=C-1001"},
		{c + "equipment", "Equipment 1", 1, "/office/equipment/new?customer=C-1001"},
	} {
		p := ben.Get(tt.path)
		if tab := words(p.Find(".tabs [aria-current]")); p.Status != 200 || tab != tt.tab || p.Find("#results tbody tr").Length() != tt.rows {
			t.Errorf("%s: %d, %q with %d rows", tt.path, p.Status, tab, p.Find("#results tbody tr").Length())
		}
		if p.Find(".page-header__actions a[href='"+tt.add+"']").Length() == 0 {
			t.Errorf("%s: nothing leads to %s", tt.path, tt.add)
		}
		// Every way on from here stays with the customer.
		p.Find("#results thead a, .segmented a, .chips a, .search__form").Each(func(_ int, s *goquery.Selection) {
			if to := s.AttrOr("href", s.AttrOr("action", "")); !strings.HasPrefix(to, c) {
				t.Errorf("%s: leads away to %s", tt.path, to)
			}
		})
	}
	for _, tab := range []string{"sites", "jobs", "quotes", "equipment"} {
		if p := ben.Get("/office/customers/C-9999/" + tab); p.Status != 404 {
			t.Errorf("%s of nobody: %d", tab, p.Status)
		}
	}
	app.Exec(`update customers set archived_at = now() where id = 1`)
	for _, tab := range []string{"sites", "jobs", "quotes", "equipment"} {
		if p := ben.Get(c + tab); p.Find(".page-header__actions a[href*=new]").Length() != 0 || !p.Has("Its contacts cannot sign in to the portal") {
			t.Errorf("%s of an archived customer: %s", tab, p.Text(".page-header"))
		}
	}
}

func TestExports(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update customers set name = '=HYPERLINK("x")', phone = '+61 2 5550 1000' where id = 1`)
	ben := app.As("ben")
	for _, tt := range []struct {
		path, column string
		want         []string
	}{
		{"/office/customers.csv?sort=number", "Name", []string{"'=HYPERLINK(\"x\")", "Pelican Point", "Quay Street"}},
		{"/office/customers.csv?q=55501000", "Phone", []string{"+61 2 5550 1000"}},
		{"/office/customers.csv?show=archived", "Name", nil},
		{"/office/equipment.csv", "Name", []string{"Lobby fan", "Rooftop unit 2"}},
		{"/office/equipment.csv?customer=C-1001&after=x", "Serial number", []string{"SN-4711"}},
		{"/office/customers/C-1001/sites.csv", "Site", []string{"George Street", "Pitt Street"}},
	} {
		res := ben.Ask("GET", tt.path)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(res.Body, "\uFEFF"))).ReadAll()
		if err != nil || len(rows) == 0 || res.Status != 200 {
			t.Fatalf("%s: %d, %v", tt.path, res.Status, err)
		}
		var got []string
		for i, head := range rows[0] {
			if head != tt.column {
				continue
			}
			for _, row := range rows[1:] {
				got = append(got, row[i])
			}
		}
		if strings.Join(got, "|") != strings.Join(tt.want, "|") {
			t.Errorf("%s: %q, want %q", tt.path, got, tt.want)
		}
	}
}

// New work begins with what the page it was begun on is about, as far as it is the customer's.
func TestNewWorkBeginsWithWhatItIsAbout(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	const item = "/office/equipment/equipmentofharbour0000000000001"
	tests := []struct{ page, link, site, contact string }{
		{item, "New Job", "1", "1"},
		{"/office/customers/C-1001/sites/2", "New Job", "2", "1"},
		{"/office/customers/C-1001/sites/2", "New Quote", "2", "1"},
		{"/office/customers/C-1001/contacts/2", "New Job", "", "2"},
		{"/office/customers/C-1001/contacts/2", "New Quote", "", "2"},
	}
	for _, test := range tests {
		to, _ := ben.Get(test.page).Find(".page-header a:contains('" + test.link + "')").Attr("href")
		p := ben.Get(to)
		if got := p.Find("#site option[selected]").AttrOr("value", ""); got != test.site {
			t.Errorf("%s of %s: site %q, want %q", test.link, test.page, got, test.site)
		}
		if got := p.Find("#main_contact option[selected]").AttrOr("value", ""); test.contact != "1" && got != test.contact {
			t.Errorf("%s of %s: contact %q, want %q", test.link, test.page, got, test.contact)
		}
		if n := p.Find("[name=equipment][checked]").Length(); (n == 1) != (test.page == item) {
			t.Errorf("%s of %s: %d ticked", test.link, test.page, n)
		}
	}
	others := ben.Get("/office/jobs/new?customer=C-1002&site=1&contact=1&equipment=equipmentofharbour0000000000001")
	if others.Status != 200 || others.Find("#site option[selected]:not([value=''])").Length() > 0 || others.Find("[name=equipment][checked]").Length() > 0 {
		t.Errorf("another customer's: %d, %s", others.Status, others.Text("main"))
	}
}

func TestEquipmentByCustomer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into equipment (customer_id, number, name, type, origin) values (2, 'E-1', 'Aardvark', 'Fan', 'office')`)
	ben := app.As("ben")
	for sort, want := range map[string]string{"customer": "Harbour Dental", "-customer": "Pelican Point"} {
		if got := ben.Get("/office/equipment?sort=" + sort).Find("#results tbody tr").First().Find("td").Eq(1).Text(); !strings.Contains(got, want) {
			t.Errorf("%s begins with %s", sort, got)
		}
	}
}

// Whoever works in the office finds on from an error; visitors see whose it is.
func TestErrorsOfTheOfficeKeepItsFrame(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for _, path := range []string{"/office/customers/C-9999", "/office/nothing", "/office/admin/company"} {
		if p := app.As("ben").Get(path); p.Status < 400 || p.Find("nav a[href='/office/customers']").Length() == 0 {
			t.Errorf("%s: %d without navigation", path, p.Status)
		}
	}
	if p := app.As("nobody").Get("/office/nothing"); p.Status != 404 || p.Find("nav").Length() > 0 {
		t.Errorf("a visitor: %d, %s", p.Status, p.Text("body"))
	}
}
