package journey_test

import (
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"fieldgate/web/apptest"
)

// picture keeps what a tab shows, when somebody wants to look at it.
func picture(tab *apptest.Tab, name string) {
	if path := os.Getenv("FIELDGATE_SHOTS"); path != "" {
		tab.Shot(filepath.Join(path, name+".png"))
	}
}

// A price is asked for with two photos, on a phone.
func TestAskForAQuoteWithTwoPhotos(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	chosen := inFolder(t, map[string][]byte{"front.jpg": plain(t, color.RGBA{90, 20, 20, 255}), "plate.jpg": plain(t, color.RGBA{20, 20, 90, 255})})
	tab := app.Tab(apptest.Chromium(t))
	tab.Size(360, 740)
	signIn(tab, "/login", "lee", "/quotes")
	tab.Axe()
	tab.Press("New Quote")
	tab.At("/quotes/new")
	tab.Fill("Description", "A quiet unit for the waiting room")
	tab.Attach("input[name=files]", chosen("front.jpg", "plate.jpg")...)
	tab.See("2 files chosen.")
	tab.Fill("Price Estimate", "3000")
	tab.Fill("Site", "No particular site")
	tab.Axe()
	tab.Press("Save")
	tab.See("Thank you. We have your request")
	tab.See("Requested")
	tab.See("Photos")
	tab.See("History")
	tab.Axe()
	picture(tab, "quote-asked")
	if n := apptest.Value[int](app, `select count(*) from attachments a join quotes q on q.id = a.quote_id where q.description like 'A quiet unit%' and a.kind = 'photo'`); n != 2 {
		t.Errorf("%d photos came with it", n)
	}
}

// A quote is accepted with a drawn signature, on a phone, in the dark.
func TestAcceptAQuoteWithADrawnSignature(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update quote_versions set terms = 'Payment within 14 days.', valid_until = business_day() + 10 where quote_id = 2`)
	tab := app.Tab(apptest.Chromium(t))
	tab.Size(360, 740)
	tab.Dark(true)
	signIn(tab, "/login", "lee", "/quotes/Q-1002")
	tab.See("Would you like to go ahead?")
	tab.Axe()
	tab.Press("Accept")
	tab.At("/quotes/Q-1002/acceptance")
	tab.Draw("canvas")
	tab.See("Clear")
	tab.Press("Clear")
	tab.Gone("[data-pad-clear]:not([hidden])")
	tab.Draw("canvas")
	tab.See("Clear")
	tab.Axe()
	picture(tab, "quote-signed")
	// What was drawn stays when something else is wrong, and when the phone is turned.
	tab.Fill("Full name", " ")
	tab.Tick("I agree to the terms and conditions", true)
	tab.Press("Accept for $2,750.00")
	tab.See("Enter your full name.")
	tab.See("Clear")
	tab.Axe()
	tab.Size(480, 340)
	tab.See("Clear")
	tab.Size(360, 740)
	tab.Fill("Full name", "Lee Nakamura")
	tab.Press("Accept for $2,750.00")
	tab.See("What happens next")
	tab.SeeImage("Signature of Lee Nakamura")
	tab.Axe()
	picture(tab, "quote-accepted")
	if n := apptest.Value[int](app, `select count(*) from acceptances where decision = 'accepted' and signature_key <> ''`); n != 1 {
		t.Errorf("%d acceptances with a signature", n)
	}
	tab.Press("Back to the quote")
	tab.SeeImage("Signature of Lee Nakamura")
	tab.Axe()
}

// Service is requested for a piece of equipment, on a phone; what was asked for
// is found again by its filters.
func TestRequestService(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	tab := app.Tab(apptest.Chromium(t))
	tab.Size(360, 740)
	signIn(tab, "/login", "lee", "/equipment")
	tab.Axe()
	tab.Press("Rooftop unit 2")
	tab.See("Due in 20 days")
	tab.Axe()
	tab.Press("Request service")
	tab.See("Service for Rooftop unit 2")
	tab.SeeValue("equipment", "1")
	tab.SeeValue("site", "1")
	tab.Fill("Job type", "Breakdown")
	tab.Fill("Description", "It rattles since Monday")
	tab.Axe()
	tab.Press("Save")
	tab.See("Thank you. We have your job")
	tab.See("Requested")
	tab.See("Being scheduled")
	tab.Axe()
	picture(tab, "job-requested")
	tab.Open("/jobs")
	tab.Press("Filters")
	tab.Axe()
	tab.Fill("Job type", "Breakdown")
	tab.See("2 jobs")
	tab.Fill("Date Booked", "Not booked yet")
	tab.See("1 job")
	tab.See("It rattles since Monday")
	tab.NotSee("Surgery 4 not cooling")
	picture(tab, "jobs-filtered")
	tab.Axe()
	tab.Open("/jobs/J-1001")
	tab.See("Add to calendar")
	tab.Axe()
}
