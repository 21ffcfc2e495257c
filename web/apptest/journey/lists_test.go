package journey_test

import (
	"testing"

	"fieldgate/web/apptest"
)

// TestListsJourney: filters narrow a list while it is looked at, stand as chips
// that take themselves away, and go into the export; the sites of equipment
// follow its customer, and nothing that was typed is lost.
func TestListsJourney(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(`update customers set customer_type = 'Strata' where id = 2; update customers set on_hold = true where id = 3`)
	office := app.Tab(browser)
	office.Open("/office/login")
	office.Fill("Email Address", "ben@demo.test")
	office.Fill("Password", apptest.Password)
	office.Press("Log In")
	office.At("/office")

	for _, size := range []int64{1280, 360} {
		office.Size(size, 800)
		office.Open("/office/customers")
		office.See("Harbour Dental")
		office.Axe()
		office.Press("Filters")
		office.Axe()
		office.Fill("Customer type", "Strata")
		office.Gone(`#results a[href="/office/customers/C-1001"]`)
		office.See("Pelican Point")
		office.Gone(`a[download]:not([href$="?type=Strata"])`)
		office.Fill("Account manager", "Nobody")
		office.See("Account manager: Nobody")
		office.Axe()
		office.Key("Escape")
		office.Gone("details.filters[open]")
		office.Press("Take away the filter Strata")
		office.See("Harbour Dental")
		office.See("Account manager: Nobody")
		office.NotSee("Clear all")
		office.Fill("Search customers", "nobody at all")
		office.See("No customer found")
		office.Press("Show all customers")
		office.See("Harbour Dental")
	}

	office.Size(1280, 900)
	office.Open("/office/customers/C-1001/equipment")
	office.Axe()
	office.Press("Add Equipment")
	office.See("For Harbour Dental")
	office.Axe()
	office.Fill("Name", "Roof fan")
	office.Fill("Type", "Fan")
	office.Fill("Site", "George Street")
	office.Fill("Customer", "C-1002")
	office.See("For Pelican Point")
	office.Fill("Site", "Tower")
	office.Focus("#name")
	office.Key("Enter") // saves, and does not ask for another customer's sites
	office.See("Roof fan was added as E-002.")
	office.See("Pelican Point")
	office.Axe()
	for _, path := range []string{"/office/equipment", "/office/customers/C-1001", "/office/customers/C-1001/sites", "/office/customers/C-1001/sites/1", "/office/customers/C-1001/jobs", "/office/customers/C-1001/quotes", "/office/customers/C-1001/edit"} {
		office.Open(path)
		office.Dark(true)
		office.Axe()
		office.Dark(false)
		office.Size(360, 800)
		office.Axe()
		office.Size(1280, 900)
	}
}
