package journey_test

import (
	"testing"

	"fieldgate/web/apptest"
)

// TestContactsJourney: permissions say what they come to while they are chosen,
// and a preview is loud on every page.
func TestContactsJourney(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	office := app.Tab(browser)
	office.Open("/office/login")
	office.Fill("Email Address", "ben@demo.test")
	office.Fill("Password", apptest.Password)
	office.Press("Log In")
	office.See("Ben Whitlock")

	office.Open("/office/customers/C-1001/contacts/2/edit")
	office.See("Sees their own jobs, and changes nothing.")
	office.Tick("Create", true)
	office.See("Sees their own jobs, may create jobs.")
	office.Tick("Request work", true)
	office.See("may request quotes.")
	office.Fill("Jobs: may see", "None")
	office.See("This cannot be saved yet.")
	office.See("must at least see their own jobs")
	office.Fill("Jobs: may see", "All")
	office.See("Sees all jobs, may create jobs.")
	office.Tick("Selected sites only", true)
	office.See("no site is ticked")
	office.Tick("Pitt Street", true)
	office.See("Only at Pitt Street")
	office.Axe()
	office.Press("Save")
	office.See("Saved.")
	office.See("Only at Pitt Street")
	office.Axe()

	office.Press("Preview as this contact")
	office.See("Preview: the portal as Kim Tran sees it")
	for _, size := range []int64{1280, 360} {
		for _, dark := range []bool{false, true} {
			office.Size(size, 800)
			office.Dark(dark)
			office.Axe()
		}
	}
	office.Size(1280, 900)
	office.Dark(false)
	office.Open("/jobs/new")
	office.See("Preview: the portal as Kim Tran sees it")
	office.Axe()
	office.Press("End preview")
	office.At("/office/customers/C-1001/contacts/2")

	office.Open("/office/contacts")
	office.See("All contacts")
	office.Axe()
	office.Tick("Tick all", true)
	office.Press("Invite…")
	office.See("None of them can be invited.")
	office.Axe()
	office.Size(360, 800)
	office.Open("/office/contacts")
	office.Axe()
}
