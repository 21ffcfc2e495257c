package journey_test

import (
	"testing"

	"fieldgate/web/apptest"
)

// TestASiteIsFoundWhileTyping asks for work at one of sixty sites on a phone: the
// sites that fit come while their name is typed, and the equipment follows.
// Without scripts the form shows them when it is sent.
func TestASiteIsFoundWhileTyping(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(`insert into sites (customer_id, name, address) select 1, 'Depot ' || n, jsonb_build_object('line1', n || ' Wharf Road', 'city', 'Newport') from generate_series(1, 60) n`)
	app.Exec(`insert into equipment (customer_id, number, name, type, site_id, origin) select 1, 'E-6', 'Cool room', 'Cool room', id, 'office' from sites where name = 'Depot 6'`)
	lee := app.Tab(browser)
	lee.Size(360, 740)
	lee.Open("/login")
	lee.Fill("Email Address", "lee@demo.test")
	lee.Fill("Password", apptest.Password)
	lee.Press("Log In")
	lee.See("Jobs")

	lee.Open("/jobs/new")
	lee.See("No particular site")
	lee.See("Rooftop unit 2")
	lee.Fill("Job type", "Maintenance")
	lee.Fill("Description", "It hums")
	lee.Fill("Site", "wharf")
	lee.See("More sites fit than are shown.")
	lee.Fill("Site", "6 newport")
	lee.See("2 sites fit.")
	lee.Axe()
	lee.Tick("Depot 6", true)
	lee.Gone(`#equipment option[value="1"]`) // Rooftop unit 2 is elsewhere
	lee.Fill("Equipment", "Cool room")
	lee.Settled()
	lee.Press("Save")
	lee.See("We have your job")
	lee.See("Depot 6")
	lee.See("Cool room")

	lee.Scripts(false)
	lee.Open("/quotes/new")
	lee.Fill("Description", "A second one")
	lee.Fill("Site", "6 newport")
	lee.Press("Save")
	lee.See("Several sites fit that. Pick one of them, or type more.")
	lee.Tick("Depot 60", true)
	lee.Press("Save")
	lee.See("We have your request")
	lee.See("Depot 60")
}
