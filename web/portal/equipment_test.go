package portalweb_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/web/apptest"
)

const (
	harbourItem = "/equipment/equipmentofharbour0000000000001"
	pelicanItem = "/equipment/equipmentofpelican0000000000001"
)

func TestEquipmentIsWhatTheContactSees(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, equipmentIsWhatTheContactSees)
}

func equipmentIsWhatTheContactSees(t *testing.T) {
	app := apptest.New(t)
	app.Exec(`
		update equipment set warranty_until = business_day() - 1 where id = 1;
		insert into equipment (customer_id, number, name, type, site_id, status, next_service_on, origin) values
			(1, 'E-002', 'Water heater', 'Heater', 2, 'in use', business_day() - 40, 'office'), (1, 'E-003', 'Old chiller', 'Chiller', 2, 'retired', business_day() - 400, 'office')`)
	for _, tt := range []struct {
		who, path string
		status    int
		shows     string
	}{
		{"lee", "/equipment", 200, "Rooftop unit 2"},
		{"lee", "/equipment", 200, "Due soon"},
		{"lee", "/equipment?show=due", 200, "2 pieces of equipment"},
		{"lee", "/equipment?show=due&q=heater", 200, "Overdue"},
		{"lee", "/equipment?show=retired", 200, "Old chiller"},
		{"lee", "/equipment?q=chiller", 200, "No equipment found"}, // not in use
		{"lee", "/equipment?q=SN-4711", 200, "Rooftop unit 2"},
		{"lee", "/equipment?q=leaks", 200, "No equipment found"}, // an internal note
		{"lee", "/equipment?type=Heater", 200, "1 piece of equipment"},
		{"lee", "/equipment?site=1", 200, "1 piece of equipment"},
		{"lee", "/equipment?sort=service", 200, "Water heater"},
		{"lee", "/equipment?type=%ff%00&site=x&show=y&after=%27", 200, "Equipment"},
		{"lee", harbourItem, 200, "Rooftop unit service"}, // its history
		{"lee", harbourItem, 200, "Has ended"},
		{"lee", pelicanItem, 404, "Page not found"},
		{"lee", pelicanItem + "/edit", 404, "Page not found"},
		{"lee", "/equipment/1", 404, "Page not found"},
		{"kim", "/equipment", 404, "Page not found"},
		{"kim", harbourItem, 404, "Page not found"},
		{"sam", "/equipment", 200, "No equipment yet"},
		{"sam", "/equipment/new", 403, "not add any"},
		{"sam", pelicanItem, 404, "Page not found"}, // of the other customer Sam may look at
		{"ola", pelicanItem, 200, "Lobby fan noise"},
	} {
		p := app.As(tt.who).Get(tt.path)
		if p.Status != tt.status || !p.Has(tt.shows) || strings.Contains(p.Body, "OFFICE-ONLY") {
			t.Errorf("%s at %s: %d %s", tt.who, tt.path, p.Status, p.Text("main"))
		}
	}
	// History holds what the contact sees of the jobs, no more.
	app.Exec(`update contacts set jobs_see = 'own', jobs_edit = false, jobs_create = false where id = 1; update jobs set main_contact_id = 2 where id = 1`)
	if p := app.As("lee").Get(harbourItem); p.Has("Rooftop unit service") || !p.Has("No jobs on it yet") {
		t.Error(p.Text("main"))
	}
}

func TestEquipmentIsAdded(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	fields := url.Values{"name": {"Cool room"}, "type": {"Cool room"}, "site": {"2"}, "make": {"Bitzer"}, "serial_number": {"B-1"}, "installed_on": {"2024-05-01"}, "warranty_until": {"2099-05-01"}}
	page := lee.Get("/equipment/new")
	// Pressed twice at the same moment.
	var wait sync.WaitGroup
	var got [2]apptest.Page
	for i := range got {
		wait.Go(func() { got[i] = lee.Submit(page, "form.form", fields) })
	}
	wait.Wait()
	for _, p := range got {
		if p.Status != 200 || !p.Has("E-002") || !p.Has("Under warranty") || !p.Has("Bitzer") {
			t.Fatal(p.Status, p.URL, p.Text("body"))
		}
	}
	if got[0].URL.Path != got[1].URL.Path {
		t.Error("two of them:", got[0].URL, got[1].URL)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'equipment-added' and to_address = 'assets@northwind.test'`); n != 1 {
		t.Error(n, "mails")
	}
	for _, tt := range []struct{ name, field, value, problem string }{
		{"no name", "name", "", "Enter a name"},
		{"no type", "type", " ", "type"},
		{"overlong", "make", strings.Repeat("x", 201), "200"},
		{"another customer's site", "site", "3", "from the list"},
		{"warranty before it was there", "warranty_until", "2020-01-01", "before the installation"},
		{"no date", "commissioned_on", "31/12/2024", "date"},
	} {
		wrong := url.Values{"name": {"A"}, "type": {"B"}, "installed_on": {"2024-05-01"}, "model": {`"><i>`}, tt.field: {tt.value}}
		p := lee.Submit(lee.Get("/equipment/new"), "form.form", wrong)
		if p.Status != 422 || !strings.Contains(p.Problem(tt.field), tt.problem) || p.Find("#model").AttrOr("value", "") != `"><i>` {
			t.Errorf("%s: %d %q", tt.name, p.Status, p.Problem(tt.field))
		}
	}
}

func TestEquipmentIsEdited(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	first, second := lee.Get(harbourItem+"/edit"), lee.Get(harbourItem+"/edit")
	if p := lee.Submit(first, "form.form", url.Values{"location": {"Roof, north side"}}); p.Status != 200 || !p.Has("Roof, north side") {
		t.Fatal(p.Status, p.Text("main"))
	}
	p := lee.Submit(second, "form.form", url.Values{"location": {"Plant room"}})
	if p.Status != 409 || !p.Has("changed while you had it open") || !p.Has("Roof, north side") || p.Find("#location").AttrOr("value", "") != "Plant room" {
		t.Fatal(p.Status, p.Text("main"))
	}
	if p = lee.Submit(p, "form.form", nil); p.Status != 200 || !p.Has("Plant room") {
		t.Error(p.Status, p.Text("main"))
	}
	if next := apptest.Value[bool](app, `select next_service_on is not null and notes like 'OFFICE%' from equipment where id = 1`); !next {
		t.Error("what the office keeps was lost")
	}
	mine := url.Values{"name": {"Mine"}, "type": {"x"}, "version": {"1"}}
	if p := lee.Post(pelicanItem+"/edit", mine); p.Status != 404 {
		t.Error("another customer's:", p.Status)
	}
	app.Exec(`update equipment set status = 'retired' where id = 1`)
	if p := lee.Post(harbourItem+"/edit", url.Values{"name": {"Mine"}, "type": {"x"}, "version": {"3"}}); p.Status != 409 || !p.Has("retired") {
		t.Error("retired:", p.Status)
	}
	note := apptest.File{Field: "files", Name: "plate.txt", Content: []byte("Plate.")}
	if p := lee.Upload(harbourItem+"/files", nil, note); p.Status != 409 {
		t.Error("a file on what is retired:", p.Status)
	}
	app.Exec(`update equipment set status = 'in use' where id = 1`)
	if p := lee.Upload(harbourItem+"/files", nil, note); p.Status != 200 || !p.Has("plate.txt") {
		t.Error(p.Status, p.Text("main"))
	}
	if p := lee.Upload(pelicanItem+"/files", nil, note); p.Status != 404 {
		t.Error("a file on another customer's:", p.Status)
	}
	app.Exec(`update contacts set equipment_edit = false where id = 1`)
	if p := lee.Post(harbourItem+"/edit", mine); p.Status != 403 {
		t.Error("without the right:", p.Status)
	}
}
