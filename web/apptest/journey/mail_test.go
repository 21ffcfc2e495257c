package journey_test

import (
	"testing"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// TestMailJourney: the mail server refuses somebody, the office reads why, looks
// at what was written and sends it again; a contact chooses what to hear of.
func TestMailJourney(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Mail.Fault(catcher.Refused)
	app.Exec(`update mail_server set failing_since = now() - interval '1 hour', words = '421 busy'`)
	office := app.Tab(browser)
	office.Open("/office/login")
	office.Fill("Email Address", "ada@demo.test")
	office.Fill("Password", apptest.Password)
	office.Press("Log In")
	office.See("Emails are not going out.")
	office.Open("/office/email")
	office.See("No email yet")
	office.Axe()
	office.Open("/office/customers/C-1001/contacts/new")
	office.Fill("Contact Name", "Noa Levi")
	office.Fill("Email Address", "noa@demo.test")
	office.Press("Save")
	office.See("Noa Levi")
	office.Open("/office/email?state=failed")
	office.See("Welcome to the Northwind Air customer portal")
	office.Axe()
	office.Open("/office/email/2") // the first tells the people of Contact Notifications, or is told first
	office.See("550 5.1.1")
	office.Axe()
	office.Open("/office/email/test")
	office.Press("Send")
	office.See("The server refuses the recipient.")
	office.Axe()
	office.Open("/office/admin/notifications")
	office.See("Otherwise the customer’s account manager")
	office.Axe()

	lee := app.Tab(browser)
	lee.Open("/login")
	lee.Fill("Email Address", "lee@demo.test")
	lee.Fill("Password", apptest.Password)
	lee.Press("Log In")
	lee.See("Lee Nakamura")
	lee.Open("/details/emails")
	lee.Tick("A job is completed", false)
	lee.Axe()
	lee.Press("Save")
	lee.See("It applies to every email and notification from now on.")
}
