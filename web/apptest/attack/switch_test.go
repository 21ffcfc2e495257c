package attack_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// TestALinkOfAnotherOfOnesCustomersOffersTheSwitch: Sam looks at Quay Street and
// opens what belongs to Pelican Point: he is asked to switch, by name, and lands
// where the link leads. What belongs to neither, or is not for him there, is the
// same page as what does not exist, in words, status and steps.
func TestALinkOfAnotherOfOnesCustomersOffersTheSwitch(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into attachments (public_id, customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id)
		select 'filesharedwithpelican0000000001', 2, 3, 'lobby.csv', 'document', 'text/csv', 4, blob_key, true, uploaded_by_staff_id from attachments where public_id = $1`, apptest.SharedFile)
	for _, path := range []string{"/jobs/J-1003", "/quotes/Q-1004", "/jobs/J-1003/edit", "/jobs/J-1003#messages", "/attachments/filesharedwithpelican0000000001"} {
		sam := app.As("sam")
		p := sam.Get(path)
		if p.Status != http.StatusConflict || p.Text("h1") != "Switch to Owners of Pelican Point?" || !p.Has("you are looking at Quay Street Cafe") || p.Find("nav[aria-label=Main] a").Length() == 0 {
			t.Errorf("%s: %d %s", path, p.Status, p.Text("main"))
			continue
		}
		want, _, _ := strings.Cut(path, "#")
		if landed := sam.Submit(p, "main form", nil); landed.URL.Path != want && !strings.HasSuffix(path, "/edit") {
			t.Errorf("%s: the switch leads to %d at %s", path, landed.Status, landed.URL)
		}
		if bar := sam.Get("/").Text(".customer-bar"); !strings.Contains(bar, "Owners of Pelican Point") {
			t.Errorf("%s: after the switch Sam looks at %q", path, bar)
		}
	}

	sam := app.As("sam")
	unknown := sam.Get("/jobs/J-9")
	status, steps := sam.Asks("/jobs/J-9")
	app.Exec(`update contacts set quotes_see = 'none', quotes_edit = false, quotes_create = false, quotes_accept = false where email = 'sam@demo.test'`)
	for name, path := range map[string]string{"a stranger's job": "/jobs/J-1001", "a stranger's quote": "/quotes/Q-1002", "a quote without the right": "/quotes/Q-1003", "equipment without the right": "/equipment/equipmentofpelican0000000000001", "a stranger's file": "/attachments/" + apptest.SharedFile} {
		p := sam.Get(path)
		if p.Status != unknown.Status || p.Text("main") != unknown.Text("main") {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
	}
	for name, path := range map[string]string{"a stranger's job": "/jobs/J-1001", "a file": "/attachments/" + apptest.SharedFile} {
		for _, none := range []string{"/jobs/J-9", "/attachments/nosuchfile"} {
			if strings.Split(none, "/")[1] != strings.Split(path, "/")[1] {
				continue
			}
			_, want := sam.Asks(none)
			if s, n := sam.Asks(path); s != status || n != want {
				t.Errorf("%s: %d in %d steps, %s takes %d (%d before)", name, s, n, none, want, steps)
			}
		}
	}
	// Who has one customer is not asked, and takes no step more.
	kim := app.As("kim")
	_, one := kim.Asks("/jobs/J-9")
	if s, n := kim.Asks("/jobs/J-1003"); s != http.StatusNotFound || n != one || n >= steps {
		t.Errorf("Kim: %d in %d steps, Sam takes %d", s, n, steps)
	}
	// A colleague's job, which is not for Kim, is as little there.
	hidden := apptest.Value[string](app, `select j.number from jobs j join contacts k on k.customer_id = j.customer_id and k.email = 'kim@demo.test' where j.main_contact_id is distinct from k.id order by j.id limit 1`)
	for _, page := range []string{"/jobs/%s", "/jobs/%s/edit", "/jobs/%s/calendar.ics"} {
		wantStatus, want := kim.Asks(fmt.Sprintf(page, "J-9"))
		if s, n := kim.Asks(fmt.Sprintf(page, hidden)); s != wantStatus || n != want {
			t.Errorf("%s of a colleague: %d by %d statements, of nobody: %d by %d", page, s, n, wantStatus, want)
		}
	}
	// Access that has ended there offers nothing.
	app.Exec(`update contacts set access = 'suspended' where email = 'sam@demo.test' and customer_id = 2`)
	if p := sam.Get("/jobs/J-1003"); p.Status != http.StatusNotFound {
		t.Errorf("suspended there: %d %s", p.Status, p.Text("main"))
	}
}

// TestALinkNamesItsCustomer: also of pages that every customer has.
func TestALinkNamesItsCustomer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	sam := app.As("sam")
	pelican := apptest.Value[string](app, `select id::text from contacts where email = 'sam@demo.test' and customer_id = 2`)
	p := sam.Get("/jobs?as=" + pelican)
	if p.Status != http.StatusConflict || p.Text("h1") != "Switch to Owners of Pelican Point?" {
		t.Fatalf("%d %s", p.Status, p.Text("main"))
	}
	if p = sam.Submit(p, "main form", nil); p.Status != http.StatusOK || p.URL.Path != "/jobs" || !strings.Contains(p.Text(".customer-bar"), "Pelican") {
		t.Errorf("the switch leads to %d at %s", p.Status, p.URL)
	}
	for name, as := range map[string]string{"their own": pelican, "somebody else's": app.ContactOf("lee"), "nobody's": "99999", "nonsense": "x"} {
		if p := sam.Get("/jobs?as=" + as); p.Status != http.StatusOK {
			t.Errorf("a link that names %s: %d", name, p.Status)
		}
	}
}

// TestAFormOfAnotherCustomerIsKept: who has switched in another tab loses
// nothing, and sends nothing in the wrong name.
func TestAFormOfAnotherCustomerIsKept(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	sam := app.As("sam")
	pelican := apptest.Value[string](app, `select id::text from contacts where email = 'sam@demo.test' and customer_id = 2`)
	app.Exec(`update contacts set jobs_create = true where id = $1`, pelican)
	fields := url.Values{"contact": {pelican}, "description": {"typed-for-pelican"}}
	for name, p := range map[string]apptest.Page{
		"a form":            sam.Post("/jobs", fields),
		"a form with files": sam.Upload("/jobs", fields, apptest.File{Field: "files", Name: "a.csv", Content: []byte("a,b")}),
	} {
		if p.Status != http.StatusConflict || !p.Has("This form was opened for Owners of Pelican Point") {
			t.Fatalf("%s: %d %s", name, p.Status, p.Text("main"))
		}
		p = sam.Submit(p, "main form", nil)
		if p.Find("textarea[name=description]").Text() != "typed-for-pelican" || !strings.Contains(p.Text(".customer-bar"), "Pelican") {
			t.Errorf("%s: after the switch %d at %s", name, p.Status, p.URL)
		}
		sam.Post("/choose", url.Values{"contact": {app.ContactOf("sam")}})
	}
	if n := apptest.Value[int](app, `select count(*) from jobs where description = 'typed-for-pelican'`); n != 0 {
		t.Errorf("%d jobs were created", n)
	}
}

// TestFailuresKeepTheNavigation: who is signed in gets on from a page that is not
// there, or not for them.
func TestFailuresKeepTheNavigation(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for _, tt := range []struct {
		who, path string
		status    int
	}{
		{"lee", "/jobs/J-9", 404},
		{"lee", "/nowhere", 404},
		{"kim", "/quotes", 404},
		{"kim", "/details/company/edit", 403},
		{"sam", "/equipment/new", 403},
		{"ben", "/office/jobs/J-9", 404},
		{"ben", "/office/nowhere", 404},
		{"ben", "/office/admin/staff", 403},
	} {
		p := app.As(tt.who).Get(tt.path)
		if p.Status != tt.status || p.Find("nav[aria-label=Main] a").Length() == 0 || p.Find("form[action$='/logout']").Length() == 0 {
			t.Errorf("%s at %s: %d, %d links of the navigation", tt.who, tt.path, p.Status, p.Find("nav[aria-label=Main] a").Length())
		}
	}
	for _, path := range []string{"/nowhere", "/office/nowhere"} {
		if p := app.Nobody().Get(path); p.Find("nav[aria-label=Main]").Length() != 0 {
			t.Errorf("%s shows strangers the navigation", path)
		}
	}
}
