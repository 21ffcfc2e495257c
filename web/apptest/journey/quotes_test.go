package journey_test

import (
	"testing"

	"fieldgate/web/apptest"
)

// TestQuotesJourney: Ben prices Lee's request in two sections, with totals that
// follow what he types, sends it, sends it again at another price, and makes a
// job of it.
func TestQuotesJourney(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	ben := app.Tab(browser)
	ben.Open("/office/login")
	ben.Fill("Email Address", "ben@demo.test")
	ben.Fill("Password", apptest.Password)
	ben.Press("Log In")
	ben.See("Ben Whitlock")

	ben.Open("/office/quotes?needs=unpriced")
	ben.See("Waiting for pricing")
	ben.Axe()
	ben.Open("/office/quotes/Q-1003")
	ben.Press("Price this quote")
	ben.At("/office/quotes/Q-1003/edit")
	ben.Settled()
	ben.Set("line-0-description", "Clean the ducts")
	ben.Set("line-0-quantity", "4")
	ben.Set("line-0-price", "1250")
	ben.See("$5,500.00") // worked out by the server while he types
	ben.Press("Add section")
	ben.Settled()
	ben.Set("line-1-section", "Afterwards")
	ben.Set("line-2-description", "Report")
	ben.Set("line-2-price", "120")
	ben.See("$5,632.00")
	ben.Axe()
	ben.Press("Move line 1 down") // swapped in place, the page stays
	ben.Settled()
	ben.See("$5,632.00")
	ben.Press("Duplicate line 2")
	ben.Settled()
	ben.See("$11,132.00")
	ben.Press("Remove line 3")
	ben.Settled()
	ben.See("$5,632.00")
	ben.Press("Move line 2 up")
	ben.Settled()
	ben.Set("valid_until", "2099-01-31")
	for _, size := range []int64{1280, 360} {
		for _, dark := range []bool{false, true} {
			ben.Size(size, 900)
			ben.Dark(dark)
			ben.Axe()
		}
	}
	ben.Size(1280, 900)
	ben.Dark(false)
	ben.Press("Save")
	ben.At("/office/quotes/Q-1003")
	ben.See("Afterwards")
	ben.Axe()
	ben.Press("Send to customer")
	ben.See("What the customer will see")
	ben.Axe()
	ben.Press("Send to customer")
	ben.See("Q-1003 was sent.")
	ben.Press("New version")
	ben.See("Make version 2 of Q-1003?")
	ben.Press("New version")
	ben.See("You are working on version 2.")
	ben.Press("Edit")
	ben.At("/office/quotes/Q-1003/edit")
	ben.Settled()
	ben.Set("line-0-price", "1200")
	ben.See("$5,412.00")
	ben.Press("Save")
	ben.See("Saved.")
	ben.Press("Send to customer")
	ben.See("What the customer will see")
	ben.Press("Send to customer")
	ben.See("Q-1003 was sent.")
	ben.Press("Version 2 sent")
	ben.At("/office/quotes/Q-1003/versions/2")
	ben.See("Changed since version 1")
	ben.Axe()
	ben.Open("/office/quotes/Q-1003/job")
	ben.Axe()
	for _, size := range [][2]int64{{390, 844}, {1440, 900}} {
		ben.Size(size[0], size[1])
		for _, dark := range []bool{true, false} {
			ben.Dark(dark)
			ben.Open("/office/quotes/Q-1003/answer")
			ben.Axe()
			ben.Open("/office/quotes/Q-1003/job")
			ben.Axe()
		}
	}
	ben.Fill("Job type", "Maintenance")
	ben.Tick("They said yes: record it", true)
	ben.Press("Create job")
	ben.See("was created from Q-1003.")
	ben.Open("/office/quotes/Q-1003")
	ben.See("Accepted by phone: ")
	ben.Axe()
}
