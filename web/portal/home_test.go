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
	app.Exec(`update quote_versions set valid_until = business_day() - 1 where quote_id = 2; update contacts set jobs_see = 'none', jobs_edit = false, jobs_create = false where id = 2`)
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
