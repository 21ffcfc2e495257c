package officeweb_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// settled waits until no mail is open any more.
func settled(t *testing.T, app *apptest.App, state string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for apptest.Value[int](app, `select count(*) from emails where state <> $1`, state) > 0 {
		select {
		case <-ctx.Done():
			t.Fatalf("not every mail is %s", state)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestMailPage(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	if p := ben.Get("/office/email"); p.Status != 200 || !p.Has("No email yet") {
		t.Fatalf("empty: %d", p.Status)
	}
	// Kim is sent a job's booking; the office sees what became of it.
	app.Mail.Fault(catcher.Refused)
	app.Nobody().Post("/forgot-password", url.Values{"email": {"kim@demo.test"}})
	settled(t, app, "failed")
	list := ben.Get("/office/email?state=failed&kind=password-reset&q=kim")
	if !list.Has("Choose a new password") || !list.Has("Failed") || list.Find("tbody tr").Length() != 1 {
		t.Fatalf("the list: %s", list.Text("main"))
	}
	for _, nothing := range []string{"?state=sent", "?kind=welcome", "?q=nobody", "?to=2020-01-01"} {
		if p := ben.Get("/office/email" + nothing); p.Find("tbody tr").Length() != 0 {
			t.Errorf("%s finds something", nothing)
		}
	}
	one := ben.Get("/office/email/1")
	for _, words := range []string{"550 5.1.1 " + catcher.RefusedWords, "A contact asks for a new password", "Themselves", "kim@demo.test"} {
		if !one.Has(words) {
			t.Errorf("the page lacks %q", words)
		}
	}
	body := ben.Get("/office/email/1/copy")
	if !strings.Contains(body.Header.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(body.Body, "/reset/hidden") || strings.Contains(body.Body, "<script") {
		t.Errorf("the copy: %v", body.Header)
	}
	if p := ben.Get("/office/email/1?show=text"); !p.Has("/reset/hidden") {
		t.Error("the text is not shown")
	}

	app.Mail.Fault(catcher.Fine)
	again := ben.Submit(one, "form[action='/office/email/1/again']", nil)
	if !again.Has("will be sent again") {
		t.Fatalf("send again: %d %s", again.Status, again.Text("main"))
	}
	if _, err := app.Mail.WaitTo(t.Context(), "kim@demo.test"); err != nil {
		t.Fatal(err)
	}
	if n := apptest.Value[int](app, `select count(*) from links where person_id = 2 and ended_at is null`); n != 1 {
		t.Errorf("%d links work, want only the new one", n)
	}
	if p := ben.Get("/office/email.csv?state=failed"); !strings.Contains(p.Body, "kim@demo.test") || strings.Count(p.Body, "\n") != 2 {
		t.Errorf("export: %s", p.Body)
	}
	if p := ben.Get("/office/email/99"); p.Status != 404 {
		t.Errorf("an email that never was: %d", p.Status)
	}
}

func TestEmailsOfAContact(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into emails (kind, rule, to_name, to_address, contact_id, customer_id, message_id, state) values
		('job-booked', 'Main contact', 'Lee', 'lee@demo.test', 1, 1, 'a', 'sent'), ('job-booked', 'Main contact', 'Kim', 'kim@demo.test', 2, 1, 'b', 'sent')`)
	p := app.As("ben").Get("/office/customers/C-1001/contacts/1/emails")
	if p.Status != 200 || p.Find("tbody tr").Length() != 1 || !p.Has("lee@demo.test") {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	if p := app.As("ben").Get("/office/customers/C-1002/contacts/1/emails"); p.Status != 404 {
		t.Errorf("a contact of another customer: %d", p.Status)
	}
}

func TestTestEmail(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	send := func(to string) apptest.Page { return ben.Post("/office/email/test", url.Values{"to": {to}}) }
	if p := send("nonsense"); p.Status != 422 || p.Problem("to") == "" {
		t.Errorf("nonsense: %d", p.Status)
	}
	for _, tt := range []struct {
		fault catcher.Fault
		says  string
	}{
		{catcher.Fine, "The mail server has accepted the email for me@example.com."},
		{catcher.Refused, "The server refuses the recipient."},
		{catcher.Foreign, "The server refuses the sender portal@northwind.test."},
		{catcher.Busy, catcher.BusyWords},
		{catcher.HangUp, "The connection broke while the server had the email."},
	} {
		app.Mail.Fault(tt.fault)
		if p := send("me@example.com"); p.Status != 200 || !p.Has(tt.says) {
			t.Errorf("%q: %d %s", tt.says, p.Status, p.Text("main"))
		}
	}
	if p := app.As("ada").Get("/office/admin/activity?thing=email"); !p.Has("sent a test email to me@example.com") {
		t.Error("test emails leave no trace")
	}
	_ = app.Mail.Close()
	if p := send("me@example.com"); !p.Has("Nothing answers at 127.0.0.1") {
		t.Errorf("away: %s", p.Text("main"))
	}
	// Everybody in the office is told, once it lasts.
	if p := ben.Get("/office/customers"); p.Has("Emails are not going out") {
		t.Error("a moment's trouble is told at once")
	}
	app.Exec(`update mail_server set failing_since = now() - interval '2 minutes'`)
	if p := ben.Get("/office/customers"); !p.Has("Emails are not going out") {
		t.Error("a failing mail server is told to nobody")
	}
}

// A server that takes tokens alone, as Microsoft's does: emails go out, and who
// looks after it reads what is wrong when they do not.
func TestTestEmailByToken(t *testing.T) {
	t.Parallel()
	provider := catcher.StartProvider(3600)
	t.Cleanup(provider.Close)
	app := apptest.NewByToken(t, provider)
	ben := app.As("ben")
	send := func(says string) {
		t.Helper()
		if p := ben.Post("/office/email/test", url.Values{"to": {"me@example.com"}}); p.Status != 200 || !p.Has(says) {
			t.Errorf("%q: %d %s", says, p.Status, p.Text("main"))
		}
	}
	send("The mail server has accepted the email for me@example.com.")
	provider.End()
	send("The mail server has accepted the email for me@example.com.")
	provider.End()
	provider.Answer(401, map[string]any{"error": "invalid_client", "error_description": "AADSTS7000222: The provided client secret keys are expired."})
	send("The provider gives this program no sign-in token.")
	send("AADSTS7000222")
	// Emails of the portal wait, and go out once somebody has put it right.
	app.Nobody().Post("/forgot-password", url.Values{"email": {"kim@demo.test"}})
	settled(t, app, "retrying")
	provider.Answer(0, nil)
	send("The mail server has accepted the email for me@example.com.")
	if _, err := app.Mail.WaitTo(t.Context(), "kim@demo.test"); err != nil {
		t.Error(err)
	}
}

func TestNotificationsPage(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	p := app.As("ada").Get("/office/admin/notifications")
	for _, words := range []string{"desk@northwind.test", "Breakdown:", "urgent@northwind.test", "people@northwind.test", "The main contact of the job or quote", "Otherwise the list “New quotes”", "Nobody: the list is empty."} {
		if !p.Has(words) {
			t.Errorf("the page lacks %q", words)
		}
	}
	if p := app.As("ben").Get("/office/admin/notifications"); p.Status != 403 {
		t.Errorf("Ben: %d", p.Status)
	}
}
