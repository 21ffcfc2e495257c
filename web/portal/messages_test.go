package portalweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// What the office writes is new on the row, in the navigation and on the first
// page until the contact opens it.
func TestNewMessagesAreMarkedUntilOpened(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, lee := app.As("ben"), app.As("lee")
	ben.Upload("/office/jobs/J-1001/messages", url.Values{"text": {"We come at nine."}, "nonce": {"n"}}, apptest.File{Field: "files", Name: "plan.txt", Content: []byte("Plan")})
	ben.Upload("/office/jobs/J-1001/notes", url.Values{"note": {"OFFICE-ONLY ladder"}, "nonce": {"n"}}, apptest.File{Field: "files", Name: "secret.txt", Content: []byte("OFFICE-ONLY")})

	if p := lee.Get("/"); !p.Has("1 new message") || !p.Has("From Ben Whitlock") || p.Find("nav a[href='/jobs'] .count").Length() == 0 {
		t.Error("the first page does not tell of it")
	}
	if p := lee.Get("/jobs"); !strings.HasPrefix(p.Text("#results .count--new"), "1") {
		t.Errorf("the row is marked %q", p.Text("#results .count--new"))
	}
	p := lee.Get("/jobs/J-1001")
	if !strings.Contains(p.Text(".messages"), "We come at nine.") || p.Find(".messages .count--new").Length() != 1 || !strings.Contains(p.Text(".messages"), "plan.txt") {
		t.Errorf("the conversation: %s", p.Text(".messages"))
	}
	if strings.Contains(p.Body, "OFFICE-ONLY") || strings.Contains(p.Body, "secret.txt") || strings.Contains(p.Body, "Staff note") {
		t.Error("a staff note is in the portal")
	}
	if p := lee.Get("/jobs/J-1001"); p.Find(".messages .count--new, nav a[href='/jobs'] .count").Length() != 0 {
		t.Error("it is new for ever")
	}
	if n := apptest.Value[int](app, `select count(*)::int from message_reads where contact_id = 1`); n != 1 {
		t.Errorf("%d read", n)
	}
	if p := ben.Get("/office/jobs/J-1001/messages"); !strings.Contains(p.Text(".messages"), "Read by Lee Nakamura") {
		t.Error("the office does not learn that it was read")
	}
}

func TestAContactWrites(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, kim := app.As("lee"), app.As("kim")
	p := lee.Get("/quotes/Q-1002")
	empty := lee.Submit(p, "#write", url.Values{"text": {" \x00 "}})
	if empty.Status != 422 || empty.Problem("text") != "Write something first." {
		t.Errorf("nothing written: %d %q", empty.Status, empty.Problem("text"))
	}
	long := lee.Submit(p, "#write", url.Values{"text": {strings.Repeat("ж", 10_001)}})
	if long.Status != 422 || !strings.Contains(long.Text("#text"), "жжж") {
		t.Errorf("too much: %d, %d characters kept", long.Status, len(long.Text("#text")))
	}
	for range 2 { // pressed twice
		sent := lee.Submit(p, "#write", url.Values{"text": {"Is the wiring included?\n<script>alert(1)</script>"}})
		if sent.Status != 200 || !sent.Has("Your message was sent.") || strings.Contains(sent.Body, "<script>alert") {
			t.Errorf("%d at %s", sent.Status, sent.URL)
		}
	}
	if n := apptest.Value[int](app, `select count(*)::int from messages`); n != 1 {
		t.Errorf("%d messages", n)
	}
	nonce, _ := kim.Get("/jobs/J-1002").Find("#write [name=nonce]").Attr("value")
	with := kim.Upload("/jobs/J-1002/messages", url.Values{"text": {"Like this."}, "nonce": {nonce}},
		apptest.File{Field: "files", Name: "a.txt", Content: []byte("A")}, apptest.File{Field: "files", Name: "b.html", Content: []byte("<p>")})
	if !strings.Contains(with.Text(".messages"), "a.txt") || !with.Has("“b.html” is not a type we accept.") {
		t.Errorf("with files: %d %s", with.Status, with.Text("main"))
	}
	if p := lee.Get("/jobs/J-1002"); !strings.Contains(p.Text(".messages"), "a.txt") || p.Find("form[action*=removal]").Length() != 0 {
		t.Error("a colleague who sees the job sees the file, and nobody removes it")
	}
}

// Staff who look through a contact's eyes neither write nor leave a trace.
func TestAPreviewReadsNothing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	ben.Post("/office/jobs/J-1001/messages", url.Values{"text": {"We come at nine."}})
	ben.Submit(ben.Get("/office/customers/C-1001/contacts/1"), "form[action$='/preview']", nil)
	if p := ben.Get("/jobs/J-1001"); !p.Has("We come at nine.") {
		t.Fatal("no preview: ", p.Status)
	}
	if p := ben.Upload("/jobs/J-1001/messages", url.Values{"text": {"As Lee"}, "contact": {"1"}}); p.Status != 403 {
		t.Errorf("a preview writes: %d", p.Status)
	}
	if n := apptest.Value[int](app, `select count(*)::int from message_reads`) + apptest.Value[int](app, `select count(*)::int from messages where contact_id is not null`); n != 0 {
		t.Errorf("%d traces", n)
	}
	if p := app.As("lee").Get("/jobs/J-1001"); p.Find(".messages .count--new").Length() != 1 {
		t.Error("it is not new to Lee any more")
	}
}
