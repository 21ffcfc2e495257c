package journey_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// TestFromTheEmailToTheAcceptedQuote: Ora has no access to the portal. On a phone
// she presses the link in the email, reads the quote, types the code and has
// accepted; the way back leads to no address with the token.
func TestFromTheEmailToTheAcceptedQuote(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	app.Exec(`insert into contacts (customer_id, name, email) values (1, 'Ora Keane', 'ora@demo.test')`)
	app.Exec(`update quotes set main_contact_id = (select id from contacts where name = 'Ora Keane') where id = 3`)
	ben := app.Tab(browser)
	ben.Size(1280, 900)
	ben.Open("/office/login")
	ben.Fill("Email Address", "ben@demo.test")
	ben.Fill("Password", apptest.Password)
	ben.Press("Log In")
	ben.See("Ben Whitlock")
	ben.Open("/office/quotes/Q-1003")
	ben.Press("Price this quote")
	ben.Settled()
	ben.Set("line-0-description", "Clean the ducts")
	ben.Set("line-0-price", "1250")
	ben.Set("valid_until", "2099-01-31")
	ben.Press("Save")
	ben.At("/office/quotes/Q-1003")
	ben.Press("Send to customer")
	ben.See("Ora Keane gets an email that opens this quote (no portal access)")
	ben.Axe()
	ben.Press("Send to customer")
	ben.See("Q-1003 was sent.")

	link := mailTo(ctx, t, app, "ora@demo.test").Link("/r/")
	token := link[strings.LastIndex(link, "/")+1:]
	phone := app.Tab(browser)
	phone.Size(360, 740)
	phone.Open(link)
	phone.At("/r")
	phone.See("Quote Q-1003")
	phone.Axe()
	phone.Press("Open the quote")
	phone.At("/quotes/Q-1003")
	phone.See("Clean the ducts")
	phone.See("$1,375.00")
	phone.NotSee("My Details")
	phone.Axe()
	phone.Press("Accept")
	phone.Fill("Full name", "Ora Keane")
	phone.Press("Accept for $1,375.00")
	phone.See("Enter the code from your email")
	phone.Axe()
	m, err := app.Mail.Wait(ctx, func(m catcher.Message) bool {
		return m.IsTo("ora@demo.test") && strings.Contains(m.Subject, "code")
	})
	if err != nil {
		t.Fatal(err)
	}
	phone.Fill("Code", regexp.MustCompile(`\b\d{4} ?\d{4}\b`).FindString(m.Text))
	phone.Press("Go on")
	phone.See("This quote is accepted")
	phone.Axe()
	if visited := strings.Join(phone.Visited(), " "); strings.Contains(visited, token) || !strings.Contains(visited, "/r ") {
		t.Errorf("the history keeps %s", visited)
	}

	ben.Open("/office/quotes/Q-1003")
	ben.See("By the link in an email to Ora Keane")
	ben.See("Opened")
	ben.Axe()
	ben.Press("End links")
	ben.See("Ended: ")
	phone.Open("/quotes/Q-1003")
	phone.See("Open your email again")
	phone.Axe()
	phone.Open(link)
	phone.See("This link no longer works")
	phone.Axe()
}
