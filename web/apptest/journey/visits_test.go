package journey_test

import (
	"strings"
	"testing"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// TestJourneyOfAVisit books a visit with who comes, lets its contact ask for
// another time on a phone, and accepts that with one press in the office.
func TestJourneyOfAVisit(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(`update jobs set status = 'unscheduled', booked_from = null, booked_until = null where id = 1`)
	app.Exec(`delete from job_staff where job_id = 1`)
	app.Exec(`update jobs set status = 'booked', completed_at = null, booked_from = (select moment_of('2031-05-06', '09:30', time_zone) from company) where id = 2`)

	ben := app.Tab(browser)
	ben.Open("/office/login")
	ben.Fill("Email Address", "ben@demo.test")
	ben.Fill("Password", apptest.Password)
	ben.Press("Log In")
	ben.See("Customers")
	ben.Open("/office/jobs/J-1001")
	ben.Press("Book")
	ben.See("Lee Nakamura gets an email at lee@demo.test")
	ben.Axe()
	ben.Fill("Date Booked", "2031-05-06")
	ben.See("J-1002, Harbour Dental") // where Fay is then
	ben.Settled()
	ben.Tick("Ben Whitlock", true)
	ben.Click("#booking-dialog .form-actions button")
	ben.See("J-1001 is Booked now. Lee Nakamura gets an email.")
	ben.Axe()
	mail := func(words string) {
		t.Helper()
		m, err := app.Mail.Wait(t.Context(), func(m catcher.Message) bool { return m.IsTo("lee@demo.test") && strings.Contains(m.Subject, words) })
		if err != nil || len(m.Attached) != 1 || !strings.Contains(m.Text, "Ben Whitlock") {
			t.Fatalf("%s: %v, %d files, %s", words, err, len(m.Attached), m.Text)
		}
	}
	mail("is booked for Tue 6 May 2031")

	lee := app.Tab(browser)
	lee.Size(390, 844)
	lee.Open("/login")
	lee.Fill("Email Address", "lee@demo.test")
	lee.Fill("Password", apptest.Password)
	lee.Press("Log In")
	lee.See("Jobs")
	lee.Open("/jobs/J-1001")
	lee.See("Suits us")
	lee.Axe()
	lee.Press("Another time")
	lee.See("First choice")
	lee.Axe()
	lee.Set("wish-0-on", "2031-05-09")
	lee.Fill("When", "Afternoon")
	lee.Fill("Reason", "A fair is on until Thursday.")
	lee.Press("Ask for another time")
	lee.See("has asked for another time")
	lee.Axe()

	ben.Open("/office")
	ben.See("Another time wanted")
	ben.See("A fair is on until Thursday.")
	ben.Axe()
	ben.Click(`form[action$="/visit/wish"] button`)
	ben.See("The visit of J-1001 is moved. Lee Nakamura gets an email.")
	ben.Axe()
	mail("is moved to Fri 9 May 2031")
	lee.Open("/jobs/J-1001")
	lee.See("Fri 9 May 2031")
	lee.Press("Suits us")
	lee.See("has answered: Suits us.")
}
