package journey_test

import (
	"testing"

	"fieldgate/web/apptest"
)

// TestWithoutAnAnswer: where a part of a page is fetched and nothing answers, that is
// said where somebody looks, what was typed is kept, and Try again gets there.
func TestWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	tab := app.Tab(apptest.Chromium(t))
	signIn(tab, "/office/login", "ben", "/office/jobs/J-1001")
	const words = "No answer came. Check your connection."

	// A dialog that is fetched is not empty, and begins at what can be done.
	tab.Offline(true)
	tab.Click("[data-dialog][hx-get]")
	tab.See(words)
	tab.SeeFocus("dialog[open] [role=alert] button")
	tab.Axe()
	tab.Press("Try again") // away still
	tab.See(words)
	tab.Settled()
	tab.Offline(false)
	tab.Press("Try again")
	tab.Gone("[data-failed]")
	if tab.Read("dialog[open] .dialog__body form") == "" {
		t.Error("the dialog is empty")
	}

	// A list says so above it, in sight also from further down, and keeps what was typed.
	tab.Open("/office/jobs")
	tab.See("Rooftop unit service")
	tab.Offline(true)
	tab.Fill("Search jobs", "Cool room")
	tab.See(words)
	if typed := tab.Await(`document.querySelector("main [name=q]").value`); typed != "Cool room" {
		t.Errorf("what was typed is “%s”", typed)
	}
	tab.See("Rooftop unit service")
	tab.Axe()
	tab.Offline(false)

	// What arrives elsewhere says nothing of the list, and whoever tries again by the
	// keyboard goes on where they were.
	tab.Focus("#find")
	tab.Key("kim")
	tab.See("Kim Tran") // is in no list of jobs
	tab.Settled()
	tab.Focus("[data-failed] button")
	tab.Key("Enter")
	tab.Gone("[data-failed]")
	tab.See("Cool room check")
	tab.SeeFocus("main [name=q]")
	tab.Settled()
	tab.NotSee("Rooftop unit service")

	// What does not come in time is no better, nor is an error.
	tab.Await(`(htmx.config.timeout = 1, "")`)
	tab.Slow()
	tab.Fill("Search jobs", "Lobby")
	tab.See(words)
	tab.Await(`(htmx.config.timeout = 0, "")`)
	tab.Offline(false)
	tab.Press("Try again")
	tab.See("Lobby fan noise")
	tab.Gone("[data-failed]")
	tab.Settled()
	app.ExecAsOwner(`alter table jobs rename to jobs_elsewhere`)
	tab.Fill("Search jobs", "Rooftop")
	tab.See("That did not work. What you typed is still here.")
	app.ExecAsOwner(`alter table jobs_elsewhere rename to jobs`)
	tab.Press("Try again")
	tab.See("Rooftop unit service")
	tab.Gone("[data-failed]")
}
