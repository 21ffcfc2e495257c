package journey_test

import (
	"testing"

	"fieldgate/web/apptest"
)

// A customer types an estimate and reads how it is understood; one that can mean
// two things takes one press, and what was typed beside it stays.
func TestEstimateIsSaidWhileItIsTyped(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	tab := app.Tab(apptest.Chromium(t))
	for _, width := range []int64{390, 1440} {
		tab.Size(width, 900)
		if width == 390 {
			signIn(tab, "/login", "lee", "/quotes/new")
		}
		tab.Open("/quotes/new")
		tab.Fill("Description", "Duct cleaning")
		tab.Fill("Site", "No particular site")
		tab.Fill("Price Estimate", "5 grand")
		tab.See("= $5,000.00")
		picture(tab, "estimate-read")
		tab.Fill("Price Estimate", "12.500")
		tab.See("Did you mean 12,500.00 or 12.50?")
		tab.Press("Save")
		tab.See("There is a problem")
		picture(tab, "estimate-asked")
		tab.Axe()
		tab.Press("12,500.00")
		tab.See("$12,500.00")
		tab.See("Duct cleaning")
	}
}
