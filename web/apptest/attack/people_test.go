package attack_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldgate/internal/blob"
	"fieldgate/web/apptest"
)

// Emails that let somebody into the office are sent again by Administrators
// alone: inviting staff is theirs, and a link sent again ends the one before.
func TestOnlyAdministratorsLetStaffIn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into emails (kind, rule, to_name, to_address, staff_id, message_id, state) values
		('staff-reset', 'Themselves', 'Ada Fontaine', 'ada@demo.test', 1, 'one', 'failed'), ('password-reset', 'Themselves', '', 'kim@demo.test', null, 'two', 'failed')`)
	app.Exec(`update emails set person_id = 2 where id = 2`)
	ben, ada := app.As("ben"), app.As("ada")
	const again = "form[action$='/again']"
	if p := ben.Get("/office/email/1"); p.Status != http.StatusOK || p.Find(again).Length() != 0 {
		t.Errorf("Ben is offered it: %d %s", p.Status, p.Text("main"))
	}
	if p := ben.Post("/office/email/1/again", nil); p.Status != http.StatusForbidden {
		t.Errorf("Ben sends it: %d", p.Status)
	}
	if n := apptest.Value[int](app, `select (select count(*) from links) + (select count(*) from emails)`); n != 2 {
		t.Errorf("%d rows after Ben", n)
	}
	if p := ben.Submit(ben.Get("/office/email/2"), again, nil); !p.Has("will be sent again") {
		t.Errorf("Ben sends a contact's: %d %s", p.Status, p.Text("main"))
	}
	if p := ada.Submit(ada.Get("/office/email/1"), again, nil); !p.Has("will be sent again") {
		t.Errorf("Ada sends it: %d %s", p.Status, p.Text("main"))
	}
}

// Who had a contact's address before neither learns of the next one nor decides
// for them by the links in old emails.
func TestOldEmailsDoNotSpeakForTheNext(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set status = 'unscheduled', booked_from = null, booked_until = null where id = 1`)
	ben := app.As("ben")
	if p := ben.Submit(ben.Get("/office/jobs/J-1001/booking"), "main form[action$='/status']", url.Values{"booked_on": {"2031-05-06"}, "booked_start": {"08:00"}}); p.Status >= 400 {
		t.Fatalf("book: %d %s", p.Status, p.Text("main"))
	}
	m, err := app.Mail.WaitTo(t.Context(), "lee@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`/emails/[^>]+`).FindString(m.Get("List-Unsubscribe"))
	nobody := app.Nobody()
	if p := nobody.Get(link); p.Status != http.StatusOK {
		t.Fatalf("%s: %d", link, p.Status)
	}
	app.Exec(`update contacts set name = 'Nia Successor', email = 'nia@demo.test' where id = 1`)
	if p := nobody.Get(link); p.Status != http.StatusNotFound || strings.Contains(p.Body, "Nia") || strings.Contains(p.Body, "nia@") {
		t.Errorf("the link of the address before: %d %s", p.Status, p.Text("main"))
	}
	if p := nobody.Send(link, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click")); p.Status != http.StatusNotFound {
		t.Errorf("one click: %d", p.Status)
	}
	if n := apptest.Value[int](app, `select count(*) from mail_choices`); n != 0 {
		t.Error("somebody else's emails were stopped")
	}
}

// A link that stops emails says the same whoever it was for, once it has ended.
func TestEndedLinksNameNobody(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set status = 'unscheduled', booked_from = null, booked_until = null`)
	ben, nobody := app.As("ben"), app.Nobody()
	var pages []string
	for job, to := range map[string]string{"J-1001": "lee@demo.test", "J-1003": "ola@demo.test"} {
		if p := ben.Submit(ben.Get("/office/jobs/"+job+"/booking"), "main form[action$='/status']", url.Values{"booked_on": {"2031-05-06"}, "booked_start": {"08:00"}}); p.Status >= 400 {
			t.Fatalf("book: %d %s", p.Status, p.Text("main"))
		}
		m, err := app.Mail.WaitTo(t.Context(), to)
		if err != nil {
			t.Fatal(err)
		}
		link := regexp.MustCompile(`/emails/[^>]+`).FindString(m.Get("List-Unsubscribe"))
		if p := nobody.Get(link); p.Status != http.StatusOK || !p.Has("Stop these emails?") {
			t.Fatalf("%s: %d %s", to, p.Status, p.Text("body"))
		}
		app.Exec(`update contacts set access = 'suspended' where email = $1`, to)
		opened, pressed := nobody.Get(link), nobody.Post(link, nil)
		if opened.Status != http.StatusNotFound || pressed.Status != http.StatusNotFound {
			t.Errorf("%s: opened %d, pressed %d", to, opened.Status, pressed.Status)
		}
		pages = append(pages, opened.Body, pressed.Body)
	}
	pages = append(pages, nobody.Get("/emails/"+strings.Repeat("A", 120)).Body)
	for i, p := range pages {
		if p != pages[0] || !strings.Contains(p, "This link has ended") {
			t.Errorf("page %d differs from the first", i)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from mail_choices`); n != 0 {
		t.Error("emails were stopped")
	}
}

// Sessions are ended by whose they are.
func TestDevicesOfOthers(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ola := app.As("lee"), app.As("ola")
	ben := preview(t, app, "1")
	for _, id := range []string{"1", "2", "3", "4", "-1", "0", "x", "9223372036854775808"} {
		if id == apptest.Value[string](app, `select id::text from sessions where person_id = 4`) {
			continue
		}
		if p := ola.Post("/details/devices/"+id+"/removal", nil); p.Status != http.StatusNotFound {
			t.Errorf("session %s: %d", id, p.Status)
		}
	}
	if p := ola.Post("/details/devices/removal", nil); p.Status != http.StatusOK {
		t.Errorf("all others: %d", p.Status)
	}
	if a, b := lee.Get("/jobs").URL.Path, ben.Get("/jobs").Status; a != "/jobs" || b != http.StatusOK {
		t.Errorf("Ola has signed out Lee (at %s) or Ben (%d)", a, b)
	}
	if n := apptest.Value[int](app, `select count(*) from sessions`); n != 4 {
		t.Errorf("%d sessions", n)
	}
}

// What the business has taken away is not the customer's to give back.
func TestManagersDoNotUndoTheOffice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ben := app.As("lee"), app.As("ben")
	access := func() string {
		return apptest.Value[string](app, `select access from contacts where id = 3`)
	}
	restore := func() apptest.Page { return lee.Post("/details/colleagues/3/restoration", nil) }
	// Max was suspended before anybody kept a trail.
	if p := restore(); p.Status != http.StatusConflict || !p.Has("was suspended by Northwind Air") || access() != "suspended" {
		t.Errorf("suspended by nobody known: %d, %s: %s", p.Status, access(), p.Text("main"))
	}
	ben.Post("/office/customers/C-1001/contacts/3/restoration", nil)
	if p := lee.Post("/details/colleagues/3/suspension", nil); p.Status != http.StatusOK || access() != "suspended" {
		t.Fatalf("Lee suspends Max: %d, %s", p.Status, access())
	}
	if p := restore(); p.Status != http.StatusOK || access() != "active" {
		t.Errorf("and gives it back: %d, %s", p.Status, access())
	}
	ben.Post("/office/customers/C-1001/contacts/3/suspension", nil)
	if p := restore(); p.Status != http.StatusConflict || access() != "suspended" {
		t.Errorf("suspended by Ben: %d, %s", p.Status, access())
	}
	if p := lee.Post("/details/colleagues/3/invitation", url.Values{"invited": {""}}); p.Status != http.StatusConflict || access() != "suspended" {
		t.Errorf("invited instead: %d, %s", p.Status, access())
	}
	// Oneself and contacts of other customers are nobody to look after.
	for _, page := range []string{"", "/edit", "/invitation", "/suspension", "/restoration"} {
		ask := func(id string) string {
			path := "/details/colleagues/" + id + page
			got := fmt.Sprint(lee.Get(path).Status, " ")
			if page != "" {
				p := lee.Post(path, url.Values{"name": {"Mine"}, "email": {"mine@demo.test"}, "version": {"1"}})
				got += fmt.Sprint(p.Status, p.Body)
			}
			return got
		}
		want := ask("999")
		for _, id := range []string{"1", "4", "5", "6", "0", "-1", "x"} {
			if got := ask(id); got != want || !strings.HasPrefix(got, "404") {
				t.Errorf("colleague %s%s: %.200s", id, page, got)
			}
		}
	}
	// A form that asks for more than there is grants nothing.
	for field, value := range map[string]string{"jobs_see": "everything", "quotes_see": "ALL", "equipment_see": "own ", "sites": "3"} {
		fields := url.Values{"name": {"Nia"}, "email": {"nia@demo.test"}, "preset": {"custom"}, "jobs_see": {"own"}, "quotes_see": {"none"}, "equipment_see": {"none"}, "sites_scope": {"selected"}, "sites": {"1"}, "nonce": {field}}
		fields.Set(field, value)
		if p := lee.Post("/details/colleagues", fields); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s %q: %d %s", field, value, p.Status, p.Text("main"))
		}
	}
	if n := apptest.Value[int](app, `select count(*) from contacts`); n != 6 {
		t.Errorf("%d contacts", n)
	}
}

// soon waits for what happens behind requests.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	patience := time.After(10 * time.Second)
	for !is() {
		select {
		case <-patience:
			t.Fatal("not yet: " + what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Files that were taken out in a preview are written down, even if whoever
// takes them hangs up before the end.
func TestHalfADownloadInAPreviewIsWrittenDown(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	key, content := blob.NewKey(), strings.Repeat("a line of the report\n", 1<<20)
	if err := app.Store.Put(t.Context(), key, strings.NewReader(content), int64(len(content)), "text/plain"); err != nil {
		t.Fatal(err)
	}
	app.Exec(`update attachments set blob_key = $1, size = $2 where public_id = $3`, key, len(content), apptest.SharedFile)
	cookie := preview(t, app, "1").Cookie("/jobs")
	for _, path := range []string{"/attachments/" + apptest.SharedFile, "/jobs/J-1001/files/download"} {
		app.Exec(`update sessions set downloaded_at = null`)
		ctx, hangUp := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, app.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", cookie)
		res, err := http.DefaultClient.Do(r)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(res.Body, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		hangUp()
		_ = res.Body.Close()
		soon(t, path+" is written down", func() bool {
			return apptest.Value[bool](app, `select bool_or(downloaded_at is not null) from sessions where side = 'preview'`)
		})
	}
}

// However many answer a quote at once, and however wrongly, it has one answer:
// of somebody who may give it, to the version that is on offer.
func TestOneAnswerToAQuote(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set quotes_see = 'all' where id = 2`)
	lee, ben := app.As("lee"), app.As("ben")
	yes := func(more ...string) url.Values {
		f := url.Values{"shown": {"1"}, "full_name": {"Lee Nakamura"}, "terms": {"on"}}
		for i := 0; i+1 < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f
	}
	const quote = "/quotes/Q-1002"
	answers := func() int { return apptest.Value[int](app, `select count(*) from acceptances`) }
	for what, tt := range map[string]struct {
		who, path string
		fields    url.Values
		status    int
	}{
		"who may only look":           {"kim", quote + "/acceptance", yes(), http.StatusForbidden},
		"who may only look, refusing": {"kim", quote + "/refusal", yes(), http.StatusForbidden},
		"another customer":            {"ola", quote + "/acceptance", yes(), http.StatusNotFound},
		"a draft never sent":          {"lee", "/quotes/Q-1001/acceptance", yes(), http.StatusNotFound},
		"a request without a price":   {"lee", "/quotes/Q-1003/acceptance", yes(), http.StatusConflict},
		"a version still to come":     {"lee", quote + "/acceptance", yes("shown", "2"), http.StatusConflict},
		"no version":                  {"lee", quote + "/acceptance", yes("shown", "x"), http.StatusConflict},
		"nobody's name":               {"lee", quote + "/acceptance", yes("full_name", " "), http.StatusUnprocessableEntity},
		"an endless name":             {"lee", quote + "/acceptance", yes("full_name", strings.Repeat("a", 5000)), http.StatusUnprocessableEntity},
		"for another contact":         {"lee", quote + "/acceptance", yes("contact", "4"), http.StatusConflict},
		"a signature that is none":    {"lee", quote + "/acceptance", yes("signature", "data:text/html;base64,PHNjcmlwdD4="), http.StatusUnprocessableEntity},
		"a signature with a script":   {"lee", quote + "/acceptance", yes("signature", "data:image/png;base64,PHN2ZyBvbmxvYWQ9Ii8+"), http.StatusUnprocessableEntity},
		"too much of a signature":     {"lee", quote + "/acceptance", yes("signature", "data:image/png;base64,"+strings.Repeat("A", 2<<20)), http.StatusRequestEntityTooLarge},
	} {
		if p := app.As(tt.who).Post(tt.path, tt.fields); p.Status != tt.status || strings.Contains(p.Body, "<svg onload") || strings.Contains(p.Body, "PHNjcmlwdD4") {
			t.Errorf("%s: %d, want %d: %s", what, p.Status, tt.status, p.Text("main"))
		}
	}
	if n := answers(); n != 0 {
		t.Fatalf("%d answers", n)
	}
	var wait sync.WaitGroup
	var done [6]int
	withdrawal := ben.Get("/office" + quote + "/withdrawal") // open before anybody answers
	for i := range done {
		wait.Go(func() {
			switch i {
			case 0, 1, 2:
				done[i] = lee.Post(quote+"/acceptance", yes()).Status
			case 3, 4:
				done[i] = lee.Post(quote+"/refusal", url.Values{"shown": {"1"}, "reason": {"Too dear"}}).Status
			default:
				done[i] = ben.Submit(withdrawal, "main form", url.Values{"why": {"A mistake"}}).Status
			}
		})
	}
	wait.Wait()
	status := apptest.Value[string](app, `select status from quotes where id = 2`)
	told := apptest.Value[string](app, `select coalesce(string_agg(distinct a.decision, ' '), 'withdrawn') from acceptances a`)
	// Whoever answered first decided; a quote may be withdrawn after it was declined, not after it was accepted.
	if answers() > 1 || (status != told && !(status == "withdrawn" && told == "declined")) {
		t.Errorf("%v: %d answers (%s), the quote is %s", done, answers(), told, status)
	}
}
