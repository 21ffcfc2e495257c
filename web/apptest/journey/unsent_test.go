package journey_test

import (
	"os"
	"path/filepath"
	"testing"

	"fieldgate/web/apptest"
)

func comeIn(tab *apptest.Tab, email string) {
	tab.Fill("Email Address", email)
	tab.Fill("Password", apptest.Password)
	tab.Press("Log In")
}

// TestSignedOutInTheMiddleJourney: a message and a new job, typed when the
// session had ended, are there again after signing in; nothing was sent.
func TestSignedOutInTheMiddleJourney(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	photo := filepath.Join(t.TempDir(), "kitchen.csv")
	if err := os.WriteFile(photo, []byte("room,warm\nkitchen,yes\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	phone := app.Tab(browser)
	phone.Size(390, 844)
	phone.Open("/jobs/J-1001#messages")
	phone.At("/login")
	comeIn(phone, "lee@demo.test")
	phone.At("/jobs/J-1001")
	if part := phone.Fragment(); part != "#messages" {
		t.Errorf("signing in leads to %q of the page", part)
	}
	app.Exec(`delete from sessions`)
	phone.Fill("Your message", "Will you need the car park?")
	phone.Press("Send message")
	phone.At("/login")
	phone.See("What you typed is kept for an hour")
	phone.Axe()
	comeIn(phone, "lee@demo.test")
	phone.At("/unsent")
	phone.See("You had been signed out, so this was not sent.")
	phone.SeeValue("text", "Will you need the car park?")
	phone.Axe()
	if n := apptest.Value[int](app, `select count(*) from messages where text like 'Will you%'`); n != 0 {
		t.Error("the message was sent without a press")
	}
	phone.Press("Send message")
	phone.At("/jobs/J-1001")
	phone.See("Your message was sent.")
	phone.SeeFocus("[id^='m-']") // one stands at the new message
	phone.Drafts(0)

	phone.Open("/jobs/new")
	phone.See("Job type")
	phone.Fill("Job type", "Breakdown")
	phone.Fill("Site", "No particular site")
	phone.Fill("Description", "Kitchen too warm since Monday.")
	phone.Attach(`input[type=file][name=files]`, photo)
	phone.See("1 file chosen.")
	app.Exec(`delete from sessions`)
	phone.Press("Save")
	phone.At("/login")
	comeIn(phone, "lee@demo.test")
	phone.At("/unsent")
	phone.SeeValue("description", "Kitchen too warm since Monday.")
	phone.See("Choose “kitchen.csv” again.")
	phone.Axe()
	phone.Size(1440, 900)
	phone.Axe()
	phone.Press("Save")
	phone.See("Thank you. We have your job")
	phone.Drafts(0)

	// What is asked for within a page says so quietly.
	office := app.Tab(browser)
	office.Open("/office/login")
	comeIn(office, "ada@demo.test")
	office.See("Administration")
	office.Open("/office/quotes/Q-1001/edit")
	office.See("Description")
	app.Exec(`delete from sessions`)
	office.Fill("Search", "harbour")
	office.See("You have been signed out. What you typed is still here.")
	office.Axe()
}

// TestDraftJourney: what was typed into a long form is there again when its tab
// was closed, for the same person, until it is discarded, sent or they sign out.
func TestDraftJourney(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	tab := app.Tab(browser)
	tab.Size(390, 844)
	tab.Open("/login")
	comeIn(tab, "lee@demo.test")
	tab.At("/")
	tab.Open("/jobs/new")
	tab.See("Job type")
	tab.Fill("Description", "Half a sentence about")
	tab.Drafts(1)
	tab.Lose("/jobs")
	tab.Open("/jobs/new")
	tab.See("Your unsent text of")
	tab.SeeValue("description", "Half a sentence about")
	tab.Axe()
	tab.Press("Discard")
	tab.SeeValue("description", "")
	tab.Drafts(0)
	tab.NotSee("Your unsent text of")

	tab.Fill("Description", "Another half")
	tab.Drafts(1)
	tab.Lose("/") // somebody else signs in at this browser
	app.Exec(`delete from sessions`)
	tab.Open("/login")
	comeIn(tab, "ola@demo.test")
	tab.At("/")
	tab.Open("/jobs/new")
	tab.See("Job type")
	tab.NotSee("Your unsent text of")
	tab.Fill("Description", "Of Ola")
	tab.Drafts(2)
	tab.Lose("/jobs/new")
	tab.SeeValue("description", "Of Ola")
	tab.Lose("/")
	tab.SignOut()
	tab.At("/login")
	tab.Drafts(0)
}
