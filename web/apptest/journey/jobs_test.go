package journey_test

import (
	"path/filepath"
	"testing"

	"fieldgate/web/apptest"
)

// TestJourneyOfAJob takes a job from the first call to completion on a phone:
// created for one customer and then another, booked, its tasks and hours kept
// where they stand, completed with what was done.
func TestJourneyOfAJob(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(`update job_types set default_description = 'Check filters and belts' where id = 1`)
	ben := app.Tab(browser)
	ben.Size(360, 740)
	ben.Open("/office/login")
	ben.Fill("Email Address", "ben@demo.test")
	ben.Fill("Password", apptest.Password)
	ben.Press("Log In")
	ben.See("Customers")
	ben.Open("/office/jobs")
	ben.See("Rooftop unit service")
	ben.Axe()

	// Another customer brings other sites, a type its description; what was typed stays.
	ben.Open("/office/jobs/new?customer=C-1001")
	ben.See("George Street")
	ben.Axe()
	ben.Fill("Name", "Spring service")
	ben.Settled()
	ben.Fill("Customer", "C-1002")
	ben.See("Pelican Point")
	ben.NotSee("George Street")
	ben.Settled()
	ben.Fill("Job type", "Maintenance")
	ben.SeeValue("description", "Check filters and belts")
	ben.SeeValue("name", "Spring service")
	ben.Settled()
	ben.Press("Save")
	ben.See("was created.")
	number := filepath.Base(ben.Path())
	ben.Axe()

	ben.Press("Book")
	ben.Set("booked_on", app.Today().AddDays(3).String())
	ben.Axe()
	ben.Click("#booking-dialog .form-actions button")
	ben.See("is Booked now.")

	// Tasks: a mistake is told at its field, the next can follow at once.
	ben.Open("/office/jobs/" + number + "/tasks")
	ben.See("No tasks yet")
	ben.Settled()
	ben.Fill("Subject", "   ")
	ben.Press("Add task")
	ben.See("Say what is to be done.")
	ben.Settled()
	ben.Axe()
	ben.Fill("Subject", "Order filters")
	ben.Press("Add task")
	ben.See("Order filters")
	ben.SeeFocus("#subject")
	ben.Settled()
	ben.Press("Order filters")
	ben.See("Cancel")
	ben.SeeFocus("#subject")
	ben.Settled()
	ben.Axe()
	ben.Fill("Subject", "Order six filters")
	ben.Press("Save")
	ben.See("Order six filters")
	ben.Settled()
	ben.Tick("Done: Order six filters", true)
	ben.See("Done ")

	// Time: start and end give the hours.
	ben.Open("/office/jobs/" + number + "/time")
	ben.See("No time logged yet")
	ben.Settled()
	ben.Fill("Staff member", "Fay Ibrahim")
	ben.Set("start", "08:00")
	ben.Set("end", "10:30")
	ben.SeeValue("hours", "2.5")
	ben.Press("Log time")
	ben.See("Time Logged")
	ben.See("2.5")
	ben.Axe()

	ben.Open("/office/jobs/" + number + "/completion")
	ben.Fill("Work Undertaken", "Six filters replaced.")
	ben.Axe()
	ben.Press("Complete")
	ben.See("is Completed now.")
	ben.See("Six filters replaced.")
	ben.Axe()
}
