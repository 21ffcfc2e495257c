package portalweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

const answers = `select coalesce((select case when suits then 'suits' when kept_at is not null then 'kept' else wishes::text end from visit_answers where job_id = 1), 'none')`

// Who answers a visit: those who may edit jobs, and whose job it is, until the
// cut-off. Who only sees it, or not even that, does not.
func TestWhoMayAnswerAVisit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, who, change string
		shown             bool // the buttons
		status            int  // of an answer all the same
		answered          string
	}{
		{"may edit jobs", "lee", ``, true, 200, "suits"},
		{"their own, and may only look", "kim", `update jobs set main_contact_id = 2 where id = 1`, true, 200, "suits"},
		{"may edit, somebody else's", "lee", `update jobs set main_contact_id = 2 where id = 1`, true, 200, "suits"},
		{"may only look at all", "lee", `update jobs set main_contact_id = 2 where id = 1; update contacts set jobs_edit = false where id = 1`, false, 403, "none"},
		{"sees own only, and this is not", "kim", ``, false, 404, "none"},
		{"another customer", "ola", ``, false, 404, "none"},
		{"of another site", "lee", `update contacts set all_sites = false where id = 1; insert into contact_sites values (1, 1, 2)`, false, 404, "none"},
		{"just before the cut-off", "lee", `update jobs set booked_from = now() + interval '24 hours 5 minutes', booked_until = null where id = 1`, true, 200, "suits"},
		{"after the cut-off", "lee", `update jobs set booked_from = now() + interval '23 hours', booked_until = null where id = 1`, false, 409, "none"},
		{"after a later cut-off of the settings", "lee", `update jobs set booked_from = now() + interval '23 hours', booked_until = null where id = 1; update portal_settings set visit_answer_hours = 2`, true, 200, "suits"},
		{"work has begun", "lee", `update jobs set status = 'in progress' where id = 1`, false, 200, "none"},
		{"put off", "lee", `update jobs set status = 'deferred' where id = 1`, false, 200, "none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			for sql := range strings.SplitSeq(tt.change, ";") {
				if sql != "" {
					app.Exec(sql)
				}
			}
			b := app.As(tt.who)
			page := b.Get("/jobs/J-1001")
			form := page.Find(`form[action="/jobs/J-1001/visit"]`)
			if (form.Length() == 1) != tt.shown {
				t.Errorf("%d: %d forms", page.Status, form.Length())
			}
			shown := apptest.Value[string](app, `select extract(epoch from booked_from)::bigint || coalesce('-' || extract(epoch from booked_until)::bigint, '') from jobs where id = 1`)
			if strings.Contains(shown, ".") {
				t.Fatal(shown)
			}
			p := b.Post("/jobs/J-1001/visit", url.Values{"suits": {"yes"}, "shown": {shown}})
			if form.Length() == 1 && !strings.Contains(tt.change, "now()") { // moments of the test have more digits than a form carries
				p = b.Submit(page, `form[action="/jobs/J-1001/visit"]`, url.Values{"suits": {"yes"}})
			} else if strings.Contains(tt.change, "now()") {
				app.Exec(`update jobs set booked_from = date_trunc('second', booked_from) where id = 1`)
				p = b.Post("/jobs/J-1001/visit", url.Values{"suits": {"yes"}, "shown": {apptest.Value[string](app, `select extract(epoch from booked_from)::bigint::text from jobs where id = 1`)}})
			}
			if got := apptest.Value[string](app, answers); p.Status != tt.status || got != tt.answered {
				t.Errorf("%d, answered %s; want %d, %s: %s", p.Status, got, tt.status, tt.answered, p.Text("main"))
			}
		})
	}
}

// Lee asks for another time; nothing moves until the office accepts it with one
// press, and what was answered goes with the visit it answered.
func TestAnotherTime(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ben := app.As("lee"), app.As("ben")
	app.Exec(`update portal_settings set message_notifications = '{desk@northwind.test}'`)
	app.Exec(`update jobs set booked_from = (select moment_of('2031-05-06', '10:00', time_zone) from company), booked_until = (select moment_of('2031-05-06', '12:00', time_zone) from company) where id = 1`)
	at := func() string {
		return apptest.Value[string](app, `select to_char(booked_from at time zone time_zone, 'YYYY-MM-DD HH24:MI') || to_char(booked_until at time zone time_zone, '–HH24:MI') from jobs, company where id = 1`)
	}
	form := lee.Get("/jobs/J-1001/visit")
	old := lee.Get("/jobs/J-1001")
	bad := lee.Submit(form, "main form", url.Values{"wish-0-on": {"2020-01-01"}, "wish-0-when": {"morning"}, "wish-1-on": {"2031-05-09"}, "wish-2-when": {"time"}, "wish-2-time": {"25:00"}, "reason": {"A fair"}})
	for _, field := range []string{"wish-1-when", "wish-2-on", "wish-2-time"} {
		if bad.Status != 422 || bad.Problem(field) == "" {
			t.Errorf("%d, no problem at %s", bad.Status, field)
		}
	}
	if !strings.Contains(bad.Text("#reason"), "A fair") {
		t.Error("what was typed is gone")
	}
	if p := lee.Submit(form, "main form", nil); p.Status != 422 || p.Problem("wish-0-on") == "" {
		t.Errorf("no wish at all: %d", p.Status)
	}
	if p := lee.Submit(form, "main form", url.Values{"wish-0-on": {"2020-01-01"}, "wish-0-when": {"morning"}}); p.Status != 422 || !strings.Contains(p.Problem("wish-0-on"), "past") {
		t.Errorf("the past: %d %q", p.Status, p.Problem("wish-0-on"))
	}
	wishes := url.Values{"wish-0-on": {"2031-05-09"}, "wish-0-when": {"afternoon"}, "wish-1-on": {"2031-05-12"}, "wish-1-when": {"time"}, "wish-1-time": {"07:30"}, "reason": {"A fair is on."}}
	for range 2 { // sent twice, it is one answer, and one email
		if p := lee.Submit(form, "main form", wishes); p.Status != 200 || !p.Has("Lee Nakamura has asked for another time") {
			t.Fatalf("%d: %s", p.Status, p.Text("main"))
		}
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'visit-answered' and to_address = 'desk@northwind.test'`); n != 1 {
		t.Errorf("%d emails to the office", n)
	}
	if at() != "2031-05-06 10:00–12:00" {
		t.Fatalf("it moved by itself: %s", at())
	}
	home := ben.Get("/office")
	if !waits(ben) || !home.Has("Another time wanted") || !home.Has("A fair is on.") || !home.Has("Move to Fri 9 May 2031, 1:00–3:00") {
		t.Fatalf("the office's home: %s", home.Text("main"))
	}
	stale := ben.Get("/office/jobs/J-1001")
	if p := ben.Submit(stale, `form[action$="/visit/wish"]:has(input[value="2031-05-12 07:30"])`, nil); p.Status != 200 || at() != "2031-05-12 07:30–09:30" {
		t.Fatalf("accepted: %d, %s: %s", p.Status, at(), p.Text("main"))
	}
	if p := ben.Submit(stale, `form[action$="/visit/wish"]:has(input[value="2031-05-12 07:30"])`, nil); p.Status != 200 || at() != "2031-05-12 07:30–09:30" {
		t.Errorf("pressed twice: %d, %s", p.Status, at())
	}
	if p := ben.Submit(stale, `form[action$="/visit/wish"]:has(input[value="2031-05-09 afternoon"])`, nil); p.Status != 409 || at() != "2031-05-12 07:30–09:30" {
		t.Errorf("a wish of an old page: %d, %s", p.Status, at())
	}
	if got := apptest.Value[string](app, answers); got != "none" || waits(ben) {
		t.Errorf("the answer stays: %s", got)
	}
	// A form of before it was moved answers nothing.
	if p := lee.Submit(old, `form[action="/jobs/J-1001/visit"]`, url.Values{"suits": {"yes"}}); !p.Has("The visit has changed while you had this open") || apptest.Value[string](app, answers) != "none" {
		t.Errorf("%d %s", p.Status, p.Text("main"))
	}
	if p := lee.Submit(form, "main form", wishes); p.Status != 409 || !p.Has("The visit has changed while you had this open") || p.Find("#wish-0-on").AttrOr("value", "") != "2031-05-09" {
		t.Errorf("%d %s", p.Status, p.Text("main"))
	}
	if p := lee.Submit(lee.Get("/jobs/J-1001"), `form[action="/jobs/J-1001/visit"]`, url.Values{"suits": {"yes"}}); !p.Has("has answered: Suits us") || !ben.Get("/office/jobs/J-1001").Has("Suits us") {
		t.Errorf("%d %s", p.Status, p.Text("main"))
	}
}

// waits reports whether the office's home has the answer to the visit of J-1001.
func waits(ben *apptest.Browser) bool {
	return ben.Get("/office").Find("main [href='/office/jobs/J-1001/visit']").Length() > 0
}

// The office keeps the time with a message, and the answer waits no more.
func TestKeepingTheTime(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ben := app.As("lee"), app.As("ben")
	lee.Submit(lee.Get("/jobs/J-1001/visit"), "main form", url.Values{"wish-0-on": {"2031-05-09"}, "wish-0-when": {"morning"}})
	page := ben.Get("/office/jobs/J-1001/visit/keeping")
	if p := ben.Submit(page, "main form", nil); p.Status != 422 || p.Problem("text") == "" {
		t.Errorf("without words: %d", p.Status)
	}
	for range 2 {
		if p := ben.Submit(page, "main form", url.Values{"text": {"No other day is free this month."}}); p.Status != 200 {
			t.Fatalf("%d: %s", p.Status, p.Text("main"))
		}
	}
	if n := apptest.Value[int](app, `select count(*) from messages where job_id = 1`); n != 1 || apptest.Value[string](app, answers) != "kept" || waits(ben) {
		t.Errorf("%d messages, %s", n, apptest.Value[string](app, answers))
	}
	if p := lee.Get("/jobs/J-1001"); !p.Has("The visit stays as it is") || !p.Has("No other day is free this month.") {
		t.Errorf("Lee reads %s", p.Text("main"))
	}
}

// A contact takes back what they asked for until the office has taken it up.
func TestWithdrawing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, kim := app.As("lee"), app.As("kim")
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, main_contact_id, origin, created_by_contact_id) values (1, 'It drips', 1, 'new', 1, 'portal', 1)`)
	job := func() string {
		return apptest.Value[string](app, `select status || ': ' || cancelled_why from jobs where number = 'J-1005'`)
	}
	if p := kim.Get("/jobs/J-1005/withdrawal"); p.Status != 404 {
		t.Errorf("Kim: %d", p.Status)
	}
	page := lee.Get("/jobs/J-1005/withdrawal")
	app.Exec(`update jobs set version = version + 1 where number = 'J-1005'`)
	if p := lee.Submit(page, "main form", url.Values{"reason": {"It stopped."}}); p.Status != 409 || !p.Has("was changed while you had it open") || job() != "new: " {
		t.Errorf("changed meanwhile: %d, %s", p.Status, job())
	} else {
		page = p
	}
	for range 2 {
		if p := lee.Submit(page, "main form", nil); p.Status != 200 || job() != "cancelled: Withdrawn by Lee Nakamura. It stopped." {
			t.Fatalf("%d, %s: %s", p.Status, job(), p.Text("main"))
		}
	}
	if told := apptest.Value[string](app, `select string_agg(kind || ' ' || to_address, ', ' order by to_address) from emails`); told != "job-withdrawn desk@northwind.test, job-withdrawn maintenance@northwind.test" {
		t.Errorf("told: %s", told)
	}
	if p := lee.Get("/jobs/J-1001/withdrawal"); p.URL.Path != "/jobs/J-1001" {
		t.Errorf("a job that is booked: %s", p.URL)
	}
	for range 2 {
		if p := lee.Submit(lee.Get("/quotes/Q-1003/withdrawal"), "main form", url.Values{"reason": {"Too late."}}); p.Status >= 400 {
			break
		}
	}
	if got := apptest.Value[string](app, `select status || ': ' || withdrawn_reason from quotes where number = 'Q-1003'`); got != "withdrawn: Too late." {
		t.Errorf("the quote is %s", got)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'quote-withdrawn'`); n != 1 {
		t.Errorf("%d emails of the quote", n)
	}
	if p := lee.Get("/quotes/Q-1002/withdrawal"); p.URL.Path != "/quotes/Q-1002" {
		t.Errorf("a quote that was sent: %s", p.URL)
	}
}

// A finished job is followed by another when it is not right yet, for thirty days,
// and the same work is asked for again.
func TestNotRightYet(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, kim, ben := app.As("lee"), app.As("kim"), app.As("ben")
	app.Exec(`update jobs set priority = 'urgent' where id = 2`)
	app.Exec(`insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id) values (1, 2, 'Capacitor.txt', 'document', 'text/plain', 1, 'key', true, 1)`)
	if p := kim.Get("/jobs/J-1002"); p.Has("Not right yet?") || p.Has("Ask again") {
		t.Error("Kim may not ask for jobs, and is offered to")
	}
	if p := kim.Get("/jobs/J-1002/follow-up"); p.Status != 403 {
		t.Errorf("Kim: %d", p.Status)
	}
	page := lee.Get("/jobs/J-1002")
	if !page.Has("Not right yet?") || !page.Has("Ask again") {
		t.Fatalf("not offered: %s", page.Text("main"))
	}
	form := lee.Get("/jobs/J-1002/follow-up")
	nonce := form.Find("input[name=nonce]").AttrOr("value", "")
	if p := lee.Upload("/jobs/J-1002/follow-up", url.Values{"nonce": {nonce}}); p.Status != 422 || p.Problem("description") == "" {
		t.Errorf("without words: %d", p.Status)
	}
	var made apptest.Page
	for range 2 {
		made = lee.Upload("/jobs/J-1002/follow-up", url.Values{"nonce": {nonce}, "description": {"It blows warm again."}}, apptest.File{Field: "files", Name: "again.txt", Content: []byte("Since Monday")})
	}
	if made.URL.Path != "/jobs/J-1005" || !made.Has("It blows warm again.") || !made.Has("Split system in surgery 4 blows warm") || made.Has("Capacitor.txt") || !made.Has("again.txt") || !made.Has("J-1002") {
		t.Fatalf("%s: %s", made.URL, made.Text("main"))
	}
	if got := apptest.Value[string](app, `select priority || ' ' || (select count(*) from jobs where follows_job_id = 2) || ' ' || site_id from jobs where number = 'J-1005'`); got != "urgent 1 2" {
		t.Errorf("it is %s", got)
	}
	if !lee.Get("/jobs/J-1002").Has("J-1005") || !ben.Get("/office/jobs/J-1005").Has("J-1002") || !ben.Get("/office/jobs/J-1002").Has("J-1005") {
		t.Error("which follows which is not shown on both")
	}
	if kim.Get("/jobs/J-1002").Has("J-1005") {
		t.Error("Kim learns of a job that is not hers")
	}
	if again := lee.Get("/jobs/new?like=J-1002"); again.Text("#description") != "Split system in surgery 4 blows warm" || again.Find("#type option[selected]").AttrOr("value", "") != "2" || again.Find("#site option[selected]").AttrOr("value", "") != "2" {
		t.Errorf("asked again: %s", again.Text("main"))
	}
	if p := lee.Get("/jobs/new?like=J-1003"); p.Status != 404 {
		t.Errorf("like a job of another customer: %d", p.Status)
	}
	app.Exec(`update jobs set completed_at = now() - interval '32 days' where id = 2`)
	if p := lee.Get("/jobs/J-1002"); p.Has("Not right yet?") || !p.Has("Ask again") {
		t.Error("offered after more than thirty days")
	}
	if p := lee.Upload("/jobs/J-1002/follow-up", url.Values{"nonce": {"another"}, "description": {"Late"}}); p.Status != 409 {
		t.Errorf("after more than thirty days: %d", p.Status)
	}
}

// A preview changes nothing.
func TestAPreviewAnswersNothing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	preview := ben.Submit(ben.Get("/office/customers/C-1001/contacts/1"), `form[action$="/preview"]`, nil)
	if preview.Status != 200 {
		t.Fatalf("%d: %s", preview.Status, preview.Text("body"))
	}
	page := ben.Get("/jobs/J-1001")
	if form := page.Find(`form[action="/jobs/J-1001/visit"]`); form.Length() == 1 {
		if p := ben.Submit(page, `form[action="/jobs/J-1001/visit"]`, url.Values{"suits": {"yes"}}); p.Status != 403 {
			t.Errorf("answered in a preview: %d", p.Status)
		}
	}
	if got := apptest.Value[string](app, answers); got != "none" {
		t.Errorf("answered %s", got)
	}
}
