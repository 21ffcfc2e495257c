package apptest_test

import (
	"net/http"
	"strings"
	"testing"

	"fieldgate/demo"
	"fieldgate/web/apptest"
)

// TestGeneratedBusiness: who signs in to a generated business finds pages that
// open, and on them what they may see.
func TestGeneratedBusiness(t *testing.T) {
	t.Parallel()
	app := apptest.NewGenerated(t, demo.Size{Customers: demo.LeastCustomers, Jobs: demo.LeastJobs, Seed: 1})
	jobs := map[string]int{}
	for _, p := range demo.Generated {
		b := app.Nobody()
		login, start := "/login", "/jobs"
		if p.Side == demo.Office {
			login, start = "/office/login", "/office/jobs"
		}
		first := b.SignIn(login, p.Email, demo.Password)
		if strings.HasPrefix(p.Email, "max@") {
			if first.Has("Log out") || !first.Has("access") {
				t.Errorf("max is let in: %s", first.Text("main"))
			}
			continue
		}
		if first.Status != http.StatusOK {
			t.Fatalf("%s cannot sign in: %d", p.Email, first.Status)
		}
		if strings.HasPrefix(p.Email, "sam@") {
			if n := first.Find("form button[name=contact], main form button").Length(); n < 2 {
				t.Errorf("sam has %d customers to choose from", n)
			}
			continue
		}
		for path, page := range b.Pages(start, 1) {
			if page.Status != http.StatusOK {
				t.Errorf("%s %s: %d", p.Email, path, page.Status)
			}
		}
		jobs[p.First()] = b.Get(start).Find(`a[href*="/jobs/J-"]`).Length()
	}
	for who, n := range jobs {
		if n == 0 {
			t.Errorf("%s sees no jobs", who)
		}
	}
	lee := app.As("lee")
	if p := lee.Get("/jobs?q=" + demo.RareWord); p.Find(`a[href*="/jobs/J-"]`).Length() == 0 {
		t.Errorf("nothing found: %s", p.Text("main"))
	}
}
