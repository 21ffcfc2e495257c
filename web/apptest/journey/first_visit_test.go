package journey_test

import (
	"testing"

	demo "fieldgate/demo/picture"
	"fieldgate/web/apptest"
)

// firstVisits are the pages that people come to first, each with something to press.
var firstVisits = []struct{ who, path, press string }{
	{"", "/login", "input[name=email]"},
	{"lee@demo.test", "/", ".account summary"},
	{"lee@demo.test", "/jobs", ".filters summary"},
	{"lee@demo.test", "/jobs/J-1001", ".account summary"},
	{"lee@demo.test", "/quotes/Q-1002", ".account summary"},
	{"ada@demo.test", "/office", ".account summary"},
	{"ada@demo.test", "/office/jobs/J-1001", ".account summary"},
}

// branded is a business with a logo, which comes after the page.
func branded(t testing.TB) *apptest.App {
	app := apptest.New(t)
	ada := app.As("ada")
	if p := ada.Submit(ada.Get("/office/admin/company"), "form[action='/office/admin/company']", nil, apptest.File{Field: "logo", Name: "logo.png", Content: demo.Logo}); p.Status != 200 {
		t.Fatalf("the logo: %d", p.Status)
	}
	return app
}

// arrive signs somebody in, and goes to a page.
func arrive(tab *apptest.Tab, who, path string) {
	switch who {
	case "":
	case "ada@demo.test":
		enter(tab, "/office/login", who, "Needs attention")
	default:
		enter(tab, "/login", who, "Welcome")
	}
	tab.Open(path)
}

// TestNothingMovesWhileAPageComes: what is read stays where it is while styles,
// script, logo and photos arrive.
func TestNothingMovesWhileAPageComes(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := branded(t)
	for _, v := range firstVisits {
		tab := app.Tab(browser)
		arrive(tab, v.who, v.path)
		for _, width := range []int64{390, 1440} {
			tab.Size(width, 844)
			tab.Open(v.path)
			if moved := tab.Shifts(); moved > 0.01 {
				t.Errorf("%s at %d pixels moves by %.3f", v.path, width, moved)
			}
		}
		// What measures would notice.
		tab.Push("main", 300)
		if moved := tab.Shifts(); moved <= 0.01 {
			t.Errorf("%s: its content was pushed down, and nothing was seen", v.path)
		}
	}
}

// BenchmarkFirstVisit says when each page is there, and how soon it answers, on
// a slow network and a slow phone, with nothing in the browser's store.
func BenchmarkFirstVisit(b *testing.B) {
	browser := apptest.Chromium(b)
	for _, v := range firstVisits {
		b.Run(v.path, func(b *testing.B) {
			tab := branded(b).Tab(browser)
			tab.Size(390, 844)
			arrive(tab, v.who, "/healthz")
			tab.Slow()
			var painted, answered float64
			for b.Loop() {
				tab.Forget()
				tab.Open(v.path)
				painted += tab.Painted()
				answered += tab.Answered(v.press)
			}
			b.ReportMetric(painted/float64(b.N), "ms-LCP")
			b.ReportMetric(answered/float64(b.N), "ms-INP")
			b.ReportMetric(0, "ns/op")
		})
	}
}
