package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

func TestConversationsInTheOffice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, lee := app.As("ben"), app.As("lee")
	lee.Submit(lee.Get("/jobs/J-1001"), "#write", url.Values{"text": {"Will you need the car park?"}})

	if p := ben.Get("/office"); !strings.Contains(p.Text("a[href='/office?kind=message']"), "1") {
		t.Error("the home does not count it")
	}
	if p := ben.Get("/office/messages?show=unanswered"); !p.Has("Will you need the car park?") || !strings.Contains(p.Text("#results .status"), "Unread") {
		t.Errorf("the inbox: %s", p.Text("#results"))
	}
	if p := ben.Get("/office/jobs/J-1001"); !strings.Contains(p.Text("a[href='/office/jobs/J-1001/messages']"), "1 new") {
		t.Error("the tab does not tell of it")
	}
	p := ben.Get("/office/jobs/J-1001/messages")
	if p.Find(".messages .count--new").Length() != 1 {
		t.Error("it is not marked")
	}
	if p := ben.Get("/office/messages?show=unread"); !p.Has("All answered") {
		t.Error("opened, and still unread")
	}
	noted := ben.Submit(p, "#take-note", url.Values{"note": {"Ask Fay about the ladder"}})
	if !noted.Has("Customers do not see it.") || noted.Find(".message--note").Length() != 1 {
		t.Error("no note")
	}
	if p := ben.Get("/office/messages?show=unanswered"); !p.Has("Will you need the car park?") {
		t.Error("a note is no answer")
	}
	answered := ben.Submit(p, "#write", url.Values{"text": {"Yes, two places please."}})
	if !answered.Has("The message was sent to the customer.") || strings.Contains(answered.Text(".message--note"), "two places") {
		t.Error("not sent: ", answered.Status)
	}
	if p := ben.Get("/office/messages?show=unanswered"); !p.Has("All answered") {
		t.Error("answered, and still waiting")
	}
	if p := ben.Get("/office/messages?q=ladder"); p.Find("#results tbody tr").Length() != 0 {
		t.Error("the words of a note find a conversation")
	}
	if csv := ben.Get("/office/messages.csv"); !strings.Contains(csv.Body, "Yes, two places please.") || strings.Contains(csv.Body, "ladder") {
		t.Errorf("the file: %s", csv.Body)
	}
}

// The two forms of a conversation are not taken for each other, whatever was
// sent where.
func TestNotesAndMessagesCannotBeMixedUp(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	for _, at := range []string{"/office/jobs/J-1001", "/office/quotes/Q-1002"} {
		p := ben.Post(at+"/messages", url.Values{"note": {"OFFICE-ONLY"}, "nonce": {"same"}})
		if p.Status != 422 || strings.Contains(p.Text("#text"), "OFFICE-ONLY") {
			t.Errorf("a note at the customer's address: %d", p.Status)
		}
		if p := ben.Post(at+"/notes", url.Values{"text": {"For the customer"}, "nonce": {"same"}}); p.Status != 422 {
			t.Errorf("a message at the address of notes: %d", p.Status)
		}
		// The nonce of the one does not swallow the other.
		ben.Post(at+"/notes", url.Values{"note": {"OFFICE-ONLY"}, "nonce": {"same"}})
		ben.Post(at+"/messages", url.Values{"text": {"For the customer"}, "nonce": {"same"}})
	}
	if n := apptest.Value[int](app, `select count(*)::int from messages where staff_only = (text = 'OFFICE-ONLY')`); n != 4 {
		t.Errorf("%d of 4", n)
	}
	// Nobody in the portal reads a quote that was never sent.
	if p := ben.Post("/office/quotes/Q-1001/messages", url.Values{"text": {"Hello"}}); p.Status != 409 {
		t.Errorf("to nobody: %d", p.Status)
	}
	if p := ben.Get("/office/quotes/Q-1001/messages"); p.Find("#write").Length() != 0 || p.Find("#take-note").Length() != 1 {
		t.Error("a form that leads nowhere")
	}
}
