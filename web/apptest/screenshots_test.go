package apptest_test

import (
	"flag"
	"path/filepath"
	"testing"

	"fieldgate/web/apptest"
)

var screenshots = flag.Bool("screenshots", false, "take the pictures of the README anew")

// TestScreenshots takes the pictures of the README. It runs by make screenshots.
func TestScreenshots(t *testing.T) {
	if !*screenshots {
		t.Skip("make screenshots runs it")
	}
	app := apptest.NewDemo(t)
	browser := apptest.Chromium(t)
	job := apptest.Value[string](app, `
		select j.number from jobs j join attachments a on a.job_id = j.id where j.customer_id = 1
		group by j.id order by least(count(*) filter (where a.customer_view), count(*) filter (where not a.customer_view)) desc, j.id desc limit 1`)
	for _, s := range []struct {
		file, who, path string
		width, height   int64
	}{
		{"portal-jobs", "lee", "/jobs", 1280, 860},
		{"portal-phone", "lee", "/", 390, 844},
		{"office-job", "ada", "/office/jobs/" + job + "/attachments", 1280, 860},
		{"office-contact", "ada", "/office/customers/C-1001/contacts/new", 1280, 860},
	} {
		tab := app.Tab(browser)
		tab.Size(s.width, s.height)
		login := "/login"
		if s.who == "ada" {
			login = "/office/login"
		}
		tab.Open(login)
		tab.Fill("Email Address", s.who+"@demo.test")
		tab.Fill("Password", apptest.Password)
		tab.Press("Log In")
		tab.See("Jobs")
		tab.Open(s.path)
		tab.Photograph(filepath.Join("..", "..", "docs", s.file+".png"))
	}
}
