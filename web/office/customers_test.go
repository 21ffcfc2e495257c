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
	if p := ben.Get("/office/customers?q=nobody&show=%00&sort=%27&after=zzz&before=1"); p.Status != 200 || !p.Has("No customer found") {
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
	ben.Submit(ben.Get("/office/customers/C-1004/edit"), form, url.Values{"account_manager": {"1"}})
	late := ben.Submit(edit, form, url.Values{"mobile": {"0412"}})
	if late.Status != 409 || !late.Has("Ben Whitlock changed this") || !late.Has("Phone: nothing became “02 9555 0100”") || !late.Has("Account manager: nothing became “Ada") {
		t.Errorf("edit conflict: %d, %s", late.Status, late.Text("main .notice"))
	}
	if kept, _ := late.Find("#mobile").Attr("value"); kept != "0412" {
		t.Errorf("typed 0412, kept %q", kept)
	}
	if p := ben.Submit(ben.Get("/office/customers/C-1004/archive"), form, nil); !p.Has("This customer is archived.") {
		t.Errorf("archived: %s", p.Text("main"))
	}
	if p := ben.Get("/office/customers?show=archived"); p.Find("#results tbody tr").Length() != 1 {
		t.Errorf("archived ones: %s", p.Text("#results"))
	}
	narrowed := ben.Get("/office/customers?portal=yes&manager=nobody&q=harbour&sort=-newest")
	if narrowed.Find("#results tbody tr").Length() != 1 || narrowed.Find(".chips li").Length() != 2 || !narrowed.Has("Account manager: Nobody") {
		t.Errorf("narrowed: %s", narrowed.Text("#results"))
	}
	if without, _ := narrowed.Find(".chips li:first-child a").Attr("href"); without != "/office/customers?manager=nobody&q=harbour&sort=-newest" {
		t.Errorf("a chip leads to %s", without)
	}
	if csv, _ := narrowed.Find("a[download]").Attr("href"); csv != "/office/customers.csv?manager=nobody&portal=yes&q=harbour&sort=-newest" {
		t.Errorf("exports %s", csv)
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
	edit := ben.Get(sites + "/1/edit")
	if p := ben.Submit(edit, form, url.Values{"site_contact": {"Jo"}, "access_instructions": {"Key at the pub"}}); !p.Has("George Street was saved.") || !p.Has("Jo") || !p.Has("Key at the pub") {
		t.Errorf("edited: %s", p.Text("main"))
	}
	late := ben.Submit(edit, form, url.Values{"site_contact": {"Kit"}, "address_city": {"Manly"}})
	if late.Status != 409 || !late.Has("Ben Whitlock changed this") || !late.Has("Site contact: nothing became “Jo”") {
		t.Errorf("edit conflict: %d, %s", late.Status, late.Text("main .notice"))
	}
	if kept, _ := late.Find("#site_contact").Attr("value"); kept != "Kit" {
		t.Errorf("typed Kit, kept %q", kept)
	}
	if p := ben.Submit(late, form, nil); !p.Has("Kit") || !p.Has("Manly") {
		t.Errorf("saved again: %d, %s", p.Status, p.Text("main"))
	}
	if p := ben.Get(sites + "/1"); p.Text(".stat:first-child .stat__value") != "1" || p.Text(".stat:last-child .stat__value") != "1" {
		t.Errorf("what belongs to it: %s", p.Text(".stats"))
	}
	edit = ben.Get(sites + "/1/edit")
	if p := ben.Submit(ben.Get(sites+"/1/archive"), form, nil); !p.Has("This site is archived.") {
		t.Errorf("archived: %s", p.Text("main"))
	}
	if p := ben.Submit(edit, form, url.Values{"name": {"George St"}}); p.Status != 409 || !p.Has("Archived: “No” became “Yes”") {
		t.Errorf("archived meanwhile: %d, %s", p.Status, p.Text("main .notice"))
	}
	if p := ben.Get(sites); p.Find("#results tbody tr").Length() != 2 {
		t.Errorf("in use: %s", p.Text("#results"))
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

// TestACustomersPageBeginsWithWhatIsGoingOn: what waits, what comes next, who
// was in the portal and what was shared stand before what is known.
func TestACustomersPageBeginsWithWhatIsGoingOn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	app.Exec(`insert into visits (contact_id) values (1), (4); update jobs set booked_from = now() + interval '2 days', status = 'booked' where id = 1`)
	app.Exec(`insert into messages (customer_id, job_id, text, contact_id) values (1, 1, 'Which entrance?', 1), (2, 3, 'ANOTHER CUSTOMER', 4)`)
	app.Exec(`insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, web_key, thumb_key, width, height, customer_view, shared_at, shared_by_id, uploaded_by_staff_id)
		select 1, 1, 'a.jpg', 'photo', 'image/jpeg', 9, gen_random_uuid(), 'w', 't', 8, 8, n < 3, case when n < 3 then now() end, case when n < 3 then 1 end, 1 from generate_series(1, 3) n`)
	p := ben.Get("/office/customers/C-1001")
	main := p.Text("main")
	last := -1
	for _, words := range []string{"What is going on", "Which entrance?", "Rooftop unit service", "New split in kitchen", "In the portal", "Lee Nakamura", "2 files shared", "Details"} {
		at := strings.Index(main[max(last, 0):], words)
		if at < 0 {
			t.Fatalf("%q does not stand behind what comes before it: %s", words, main)
		}
		last = max(last, 0) + at
	}
	if strings.Contains(main, "ANOTHER CUSTOMER") || strings.Contains(main, "Lobby fan") {
		t.Error("something of another customer stands there")
	}
	for _, link := range p.Find("main .choice-list__item").EachIter() {
		if url := link.AttrOr("href", ""); ben.Get(url).Status != 200 {
			t.Errorf("%s leads nowhere", url)
		}
	}
	if n := ben.RoundTrips("/office/customers/C-1001"); n > 2 {
		t.Errorf("%d round trips", n)
	}
	app.Exec(`insert into customers (name) values ('Nobody yet')`)
	number := apptest.Value[string](app, `select number from customers where name = 'Nobody yet'`)
	if p := ben.Get("/office/customers/" + number); !p.Has("No visit is booked") || !p.Has("Nobody has used the portal yet") {
		t.Errorf("an empty customer: %s", p.Text("main"))
	}
}
