package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/web/apptest"
)

// words are a label's own, without the hints beside it.
func words(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

func TestCustomers(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	list := ben.Get("/office/customers?q=harbour")
	if rows := list.Find("#results tbody tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), "C-1001") {
		t.Errorf("found %s", rows.Text())
	}
	if p := ben.Get("/office/customers?q=nobody&show=%00&sort=%27&after=zzz&before=1"); p.Status != 200 || !p.Has("No customer fits") {
		t.Errorf("nothing found: %d, %s", p.Status, p.Text("#results"))
	}
	open := ben.Get("/office/customers/new")
	bad := ben.Submit(open, form, url.Values{"name": {"\x00 \xff"}, "email": {"x"}, "notes": {strings.Repeat("n", 10001)}, "account_manager": {"99"}})
	if bad.Status != 422 || bad.Problem("email") == "" || bad.Problem("notes") == "" {
		t.Errorf("%d: %s", bad.Status, bad.Text(".field__problem"))
	}
	made := ben.Submit(open, form, url.Values{"name": {"Élan Cafés"}, "on_hold": {"on"}, "street_city": {"Manly"}, "notes": {"OFFICE-ONLY"}})
	if made.URL.Path != "/office/customers/C-1004" || !made.Has("Élan Cafés was added.") || !made.Has("call (02) 5550 1000") {
		t.Fatalf("%d at %s: %s", made.Status, made.URL, made.Text("main"))
	}
	if p := ben.Submit(open, form, url.Values{"name": {"Élan Cafés"}}); p.URL.Path != made.URL.Path {
		t.Errorf("the same form again made %s", p.URL)
	}
	edit := ben.Get("/office/customers/C-1004/edit")
	ben.Submit(edit, form, url.Values{"phone": {"02 9555 0100"}})
	late := ben.Submit(edit, form, url.Values{"mobile": {"0412"}})
	if late.Status != 409 || !late.Has("Ben Whitlock changed this") || !late.Has("Phone: nothing became “02 9555 0100”") {
		t.Errorf("overtaken: %d, %s", late.Status, late.Text("main .notice"))
	}
	if p := ben.Submit(ben.Get("/office/customers/C-1004/archive"), form, nil); !p.Has("This customer is archived.") {
		t.Errorf("archived: %s", p.Text("main"))
	}
	if p := ben.Get("/office/customers?show=archived"); p.Find("#results tbody tr").Length() != 1 {
		t.Errorf("archived ones: %s", p.Text("#results"))
	}
}

func TestSites(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	const sites = "/office/customers/C-1001/sites"
	open := ben.Get(sites + "/new")
	if p := ben.Submit(open, form, url.Values{"name": {"george street"}}); p.Status != 422 || p.Problem("name") == "" {
		t.Errorf("name taken: %d", p.Status)
	}
	if p := ben.Submit(open, form, url.Values{"name": {"Depot"}}); p.Find("#results tbody tr").Length() != 3 {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	if p := ben.Submit(ben.Get(sites+"/1"), form, url.Values{"site_contact": {"Jo"}}); !p.Has("George Street was saved.") || !p.Has("Jo") {
		t.Errorf("edited: %s", p.Text("main"))
	}
	if p := ben.Submit(ben.Get(sites+"/1/archive"), form, nil); p.Find("#results tbody tr").Length() != 2 {
		t.Errorf("archived: %s", p.Text("main"))
	}
	if p := ben.Get(sites + "/3"); p.Status != 404 {
		t.Errorf("another customer's site: %d", p.Status)
	}
}

func TestFilesOfACustomer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	const files = "/office/customers/C-1001/attachments"
	if p := ben.Upload(files, nil); !p.Has("Choose the files first.") {
		t.Errorf("nothing chosen: %d, %s", p.Status, p.Text("#flashes"))
	}
	p := ben.Upload(files, nil, apptest.File{Field: "files", Name: "agreement.txt", Content: []byte("Two visits a year.")}, apptest.File{Field: "files", Name: "run.exe", Content: []byte("MZ\x90\x00")})
	if !p.Has("One file was added.") || !p.Has("run.exe") || !p.Has("Hidden from customers") {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	id, _ := p.Find("input[name=attachment]").Attr("value")
	if p := ben.Submit(p, "form[data-ticks]", url.Values{"attachment": {id, "nonsense"}, "visible": {"yes"}}); !p.Has("1 file is viewable") || !p.Has("Customers can see it") {
		t.Errorf("shared: %s", p.Text("main"))
	}
	if p := ben.Post("/office/customers/C-1002/attachments/sharing", url.Values{"attachment": {id}, "visible": {"no"}}); !p.Has("Nothing had to be changed.") {
		t.Errorf("through another customer: %s", p.Text("main"))
	}
	if p := ben.Post(files+"/sharing", url.Values{"attachment": {id}, "visible": {"maybe"}}); p.Status != 409 {
		t.Errorf("nonsense: %d", p.Status)
	}
}
