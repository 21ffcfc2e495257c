package journey_test

import (
	"testing"

	"fieldgate/web/apptest"
)

// TestAdminJourney: an Administrator finds things by the keyboard, is told which
// address is wrong, sees what settings and colours do before they are saved, and
// reads it all in the activity.
func TestAdminJourney(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, origin, completed_at) select 1, 'Old', 1, 'completed', 'office', now() - interval '20 months' from generate_series(1, 3)`)
	office := app.Tab(browser)
	office.Open("/office/login")
	office.Fill("Email Address", "ada@demo.test")
	office.Fill("Password", apptest.Password)
	office.Press("Log In")
	office.See("Needs attention")
	office.Axe()

	// The key "/" from anywhere, arrows, Escape, and a number with Enter.
	office.Key("/")
	office.Key("surgery")
	office.See("Surgery 4 not cooling")
	office.Axe()
	office.Key("ArrowDown")
	if got := office.Focused(); got == "" {
		t.Error("an arrow leads nowhere")
	}
	office.Key("Escape")
	office.Gone("#finder a")
	office.Key("/") // in the field it is a letter like others
	office.Key("ArrowDown")
	office.Open("/office/customers")
	office.Key("/")
	office.Key("j-1002")
	office.Key("Enter")
	office.At("/office/jobs/J-1002")
	office.Open("/office/search?all=1&q=harbour")
	office.See("Harbour Dental")
	office.Axe()

	// Settings: what they do is shown while they are typed; a wrong address is named.
	office.Open("/office/admin/portal")
	office.Axe()
	office.Tick("Show the last months", true)
	office.Fill("Months", "12")
	office.Key("Tab")
	office.See("This hides 3 finished jobs now")
	office.Fill("Global Notification List", "desk@northwind.test\nben.northwind.test")
	office.Press("Save")
	office.See("“ben.northwind.test” has no @.")
	office.Axe()
	office.Fill("Global Notification List", "desk@northwind.test")
	office.Press("Save")
	office.See("Saved. The settings apply from now on.")

	// A difficult colour.
	office.Open("/office/admin/company")
	office.See("This colour works as it is")
	office.Fill("Brand colour", "#ffd400")
	office.See("This colour is hard to read in places")
	office.Axe()
	office.Press("Save")
	office.See("Saved.")

	// Everything stands in the activity.
	office.Open("/office/admin/activity")
	office.See("changed the settings of the Customer Portal")
	office.See("Limit Job Visibility by Age")
	office.Open("/office/admin/activity?thing=company")
	office.See("#ffd400")
	office.NotSee("changed the settings of the Customer Portal")
	for _, path := range []string{"/office", "/office/admin/activity", "/office/admin/company", "/office/admin/portal", "/office/admin/staff", "/office/admin/staff/2", "/office/admin/job-types", "/office/admin/job-types/1", "/office/account", "/office/search?q=harbour", "/office/changes"} {
		for _, dark := range []bool{false, true} {
			office.Size(360, 800)
			office.Dark(dark)
			office.Open(path)
			office.Axe()
		}
	}
}
