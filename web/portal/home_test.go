package portalweb_test

import (
	"testing"

	"fieldgate/web/apptest"
)

func TestHomeShowsWhatNeedsAttention(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update company set welcome_text = 'We look after your air.'`)
	for _, tt := range []struct {
		who          string
		shows, hides []string
	}{
		{"lee", []string{"Welcome, Lee Nakamura", "We look after your air.", "A quote waits for your answer", "New split in kitchen", "$2,750.00", "Next visit", "Rooftop unit service", "Service due", "Rooftop unit 2", "Latest jobs"}, []string{"Lobby fan", "Replace unit 2", "Cool room"}},
		{"kim", []string{"Surgery 4 not cooling"}, []string{"quote waits", "Next visit", "Service due", "Rooftop", "New Job", "New Quote"}},
		{"ola", []string{"Lobby fan", "$990.00"}, []string{"kitchen", "Rooftop"}},
		{"sam", []string{"Cool room check", "No service is due", "New Job"}, []string{"quote waits", "Lobby fan", "New Quote"}},
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
	// A price that is no longer valid waits for nobody.
	app.Exec(`update quote_versions set valid_until = current_date - 3 where quote_id = 2; update contacts set jobs_see = 'none', jobs_edit = false, jobs_create = false where id = 2`)
	if p := app.As("lee").Get("/"); p.Has("waits for your answer") {
		t.Error(p.Text("main"))
	}
	if p := app.As("kim").Get("/"); p.Status != 200 || !p.Has("This is your portal") || p.Has("Jobs") {
		t.Error("who sees nothing:", p.Text("body"))
	}
}
