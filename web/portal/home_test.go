package portalweb_test

import (
	"strings"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/web/apptest"
)

func TestHomeShowsWhatNeedsAttention(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, homeShowsWhatNeedsAttention)
}

func homeShowsWhatNeedsAttention(t *testing.T) {
	app := apptest.New(t)
	app.Exec(`update company set welcome_text = 'We look after your air.'`)
	for _, tt := range []struct {
		who          string
		shows, hides []string
	}{
		{"lee", []string{
			"Welcome, Lee Nakamura", "We look after your air.", "For your attention", "New split in kitchen", "Waits for your answer", "$2,750.00",
			"Next visit", "Rooftop unit service", "Service due", "Rooftop unit 2", "Recent changes", "Surgery 4 not cooling",
		}, []string{"Lobby fan", "Replace unit 2", "Cool room", "Nothing needs your attention"}},
		{"kim", []string{"Surgery 4 not cooling", "Nothing needs your attention", "No visit is booked"}, []string{"Waits for your answer", "Next visit", "Service due", "Rooftop", "New Job", "New Quote", "For your attention"}},
		{"ola", []string{"Lobby fan", "$990.00", "We are at work"}, []string{"kitchen", "Rooftop"}},
		{"sam", []string{"Cool room check", "Nothing needs your attention", "New Job"}, []string{"Waits for your answer", "Lobby fan", "New Quote"}},
	} {
		p := app.As(tt.who).Get("/")
		if p.Status != 200 {
			t.Errorf("%s: %d", tt.who, p.Status)
		}
		for _, words := range tt.shows {
			if !p.Has(words) {
				t.Errorf("%s does not see %q: %s", tt.who, words, p.Text("main"))
			}
		}
		for _, words := range tt.hides {
			if p.Has(words) {
				t.Errorf("%s sees %q", tt.who, words)
			}
		}
	}
	// Who may not answer a quote is not told to.
	app.Exec(`update contacts set quotes_accept = false where id = 1`)
	if p := app.As("lee").Get("/"); p.Has("Waits for your answer") || !p.Has("New split in kitchen") || !p.Has("Sent ") {
		t.Error("without the right to accept:", p.Text("main"))
	}
	// A price that is no longer valid waits for nobody.
	app.Exec(`update quote_versions set valid_until = business_day() - 1 where quote_id = 2; update quotes set valid_until = business_day() - 1 where id = 2; update contacts set jobs_see = 'none', jobs_edit = false, jobs_create = false where id = 2`)
	if p := app.As("lee").Get("/"); strings.Contains(p.Text(".card:contains('For your attention')"), "kitchen") {
		t.Error(p.Text("main"))
	}
	if p := app.As("kim").Get("/"); p.Status != 200 || !p.Has("This is your portal") || p.Has("Jobs") {
		t.Error("who sees nothing:", p.Text("body"))
	}
}

// TestHomeShowsPhotosSinceTheLastVisit: what was shared after the visit before
// this one is new, to those who see it, until the next visit.
func TestHomeShowsPhotosSinceTheLastVisit(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	photo := func(job int, shared string) {
		app.Exec(`insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, web_key, thumb_key, width, height, customer_view, shared_at, shared_by_id, uploaded_by_staff_id, uploaded_at)
			select customer_id, id, 'a.jpg', 'photo', 'image/jpeg', 9, gen_random_uuid(), 'w', 't', 8, 8, $2 <> '', now() - nullif($2, '')::interval, 1, 1, now() - interval '30 days' from jobs where id = $1`, job, shared)
	}
	photo(1, "1 day")
	photo(1, "2 days")
	photo(1, "20 days")
	photo(1, "") // still hidden
	photo(2, "1 day")
	photo(3, "1 day")
	isNew := func(who string) string { return app.As(who).Get("/").Text(".card:contains('For your attention')") }
	if got := isNew("lee"); strings.Contains(got, "new photo") {
		t.Error("on the first visit:", got)
	}
	app.Exec(`insert into visits (contact_id, seen_at, before_at) select id, now(), now() - interval '10 days' from contacts`)
	if got := isNew("lee"); !strings.Contains(got, "2 new photos Rooftop unit service") || !strings.Contains(got, "1 new photo Surgery 4 not cooling") || strings.Contains(got, "Lobby") {
		t.Error("after ten days:", got)
	}
	if got := isNew("kim"); !strings.Contains(got, "1 new photo") || strings.Contains(got, "Rooftop") {
		t.Error("own jobs only:", got)
	}
	if got := isNew("ola"); !strings.Contains(got, "1 new photo Lobby fan noise") {
		t.Error("another customer:", got)
	}
	app.Exec(`update visits set before_at = now()`)
	if got := isNew("lee"); strings.Contains(got, "new photo") {
		t.Error("seen:", got)
	}
}

// TestVisits: a visit is over when nothing was opened for four hours; staff who
// look as a contact are no visit.
func TestVisits(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	visits := func(what string) string {
		return apptest.Value[string](app, `select coalesce((select (`+what+`)::text from visits where contact_id = 1), 'none')`)
	}
	lee := app.As("lee")
	first := lee.Get("/")
	for _, words := range []string{"What you can do here", "Ask us to come", "accept them", "warranty"} {
		if !first.Has(words) {
			t.Errorf("the first visit does not say %q: %s", words, first.Text("main"))
		}
	}
	if p := app.As("kim").Get("/"); p.Has("Ask us to come") || p.Has("accept them") || p.Has("warranty") || !p.Has("What you can do here") {
		t.Error("Kim’s first visit:", p.Text("main"))
	}
	if n := first.Find(".card:contains('What you can do here') li").Length(); n != 3 {
		t.Error(n, "lines")
	}
	open := func() { app.Exec(`update sessions set seen_at = now() - interval '6 minutes'`); lee.Get("/jobs") }
	open()
	if visits("before_at is null") != "true" {
		t.Error("the first visit had one before")
	}
	app.Exec(`update visits set seen_at = now() - interval '3 hours'`)
	open()
	if visits("before_at is null") != "true" {
		t.Error("three hours later is the same visit")
	}
	app.Exec(`update visits set seen_at = now() - interval '5 hours'`)
	open()
	if visits("before_at < now() - interval '4 hours'") != "true" || visits("seen_at > now() - interval '1 minute'") != "true" {
		t.Error("five hours later is another visit")
	}
	if p := lee.Get("/"); p.Has("What you can do here") {
		t.Error("greeted again as if for the first time")
	}
}

// TestSeenPhotosStopBeingNew: opening what photos hang on is seeing them. Each
// contact sees for themselves, and staff who look as one see for nobody.
func TestSeenPhotosStopBeingNew(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	const item = "equipmentofharbour0000000000001"
	photo := func(column, of string) {
		app.Exec(`insert into attachments (customer_id, ` + column + `, name, kind, media_type, size, blob_key, web_key, thumb_key, width, height, customer_view, shared_at, shared_by_id, uploaded_by_staff_id, uploaded_at)
			select customer_id, id, 'a.jpg', 'photo', 'image/jpeg', 9, gen_random_uuid(), 'w', 't', 8, 8, true, now(), 1, 1, now() from ` + of)
	}
	photo("job_id", "jobs where id = 2")
	photo("quote_id", "quotes where id = 2")
	photo("equipment_id", "equipment where public_id = '"+item+"'")
	app.Exec(`insert into visits (contact_id, seen_at, before_at) select id, now(), now() - interval '10 days' from contacts`)
	lee, kim, ben := app.As("lee"), app.As("kim"), app.As("ben")
	fresh := func(p apptest.Page) int {
		return strings.Count(p.Text(".card:contains('For your attention')"), "new photo")
	}
	if n := fresh(lee.Get("/")); n != 3 {
		t.Fatalf("%d things have new photos for Lee", n)
	}
	ben.Submit(ben.Get("/office/customers/C-1001/contacts/1"), "form[action$='/preview']", nil)
	for i, path := range []string{"/jobs/J-1002", "/quotes/Q-1002", "/equipment/" + item} {
		if p := ben.Get(path); p.Status != 200 {
			t.Fatalf("the preview of %s: %d", path, p.Status)
		}
		if n := fresh(lee.Get("/")); n != 3-i {
			t.Errorf("after a preview of %s %d are new", path, n)
		}
		lee.Get(path)
		if n := fresh(lee.Get("/")); n != 2-i {
			t.Errorf("after %s %d are new", path, n)
		}
	}
	if n := fresh(kim.Get("/")); n != 1 {
		t.Errorf("%d are new to Kim, who sees one job", n)
	}
	photo("job_id", "jobs where id = 2")
	if p := lee.Get("/"); fresh(p) != 1 || !p.Has("1 new photo") {
		t.Errorf("one more was shared: %s", p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*)::int from seen_files where contact_id <> 1`); n != 0 {
		t.Errorf("%d marks of others", n)
	}
}

// TestTheNavigationCountsQuotesToAnswer: Quotes 1 is one quote that waits, for
// those who may answer it, however often it was read.
func TestTheNavigationCountsQuotesToAnswer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	counted := func() string {
		link := lee.Get("/").Find("nav a[href='/quotes'] .count")
		link.Find(".sr-only").Remove()
		return link.Text()
	}
	if got := counted(); got != "1" {
		t.Errorf("Lee has one quote to answer, and reads %q", got)
	}
	app.Exec(`insert into messages (customer_id, quote_id, text, staff_id) values (1, 2, 'Any questions?', 1), (1, 2, 'It ends soon.', 1)`)
	if got := counted(); got != "1" {
		t.Errorf("with messages on it: %q", got)
	}
	lee.Get("/quotes/Q-1002")
	if got := counted(); got != "1" {
		t.Errorf("read, not answered: %q", got)
	}
	app.Exec(`update contacts set quotes_accept = false where id = 1`)
	if got := counted(); got != "" {
		t.Errorf("who may not answer reads %q", got)
	}
	app.Exec(`insert into messages (customer_id, quote_id, text, staff_id) values (1, 3, 'What size?', 1)`)
	if got := counted(); got != "1" {
		t.Errorf("a new message on another: %q", got)
	}
	app.Exec(`update contacts set quotes_accept = true where id = 1; update quotes set status = 'accepted' where id = 2`)
	if got := counted(); got != "1" {
		t.Errorf("answered: %q", got)
	}
}
