package officeweb_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/list"
	"fieldgate/internal/overview"
	"fieldgate/web/apptest"
)

// TestHomeCountsWhatItsLinksShow: every number on the office's home is the
// number of rows behind its link, for who may follow it.
func TestHomeCountsWhatItsLinksShow(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, homeCountsWhatItsLinksShow)
}

func homeCountsWhatItsLinksShow(t *testing.T) {
	app := apptest.New(t)
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, origin, created_by_contact_id, looked_at) values
		(1, 'New one', 1, 'new', 'portal', 1, null), (1, 'New two', 1, 'new', 'portal', 1, null), (2, 'Seen', 1, 'new', 'portal', 4, now())`)
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, origin, booked_from) values (1, 'Today', 1, 'booked', 'office', business_day()::timestamp at time zone (select time_zone from company) + interval '12 hours')`)
	app.Exec(`update quotes set valid_until = business_day() + 7 where id = 2`)
	app.Exec(`update quotes set valid_until = business_day() + 8 where id = 4`)
	app.Exec(`insert into equipment (customer_id, number, name, type, origin, created_by_contact_id, created_at) values
		(1, 'E-9', 'Theirs', 'Fan', 'portal', 1, now()), (1, 'E-10', 'Older', 'Fan', 'portal', 1, now() - interval '8 days')`)
	app.Exec(`insert into contacts (customer_id, name, email, access, invited_at) values (1, 'Ina', 'ina@demo.test', 'invited', now()), (3, 'Ivo', 'ivo@demo.test', 'invited', now())`)
	app.Exec(`insert into audit_entries (actor, contact_id, actor_name, action, thing, thing_id, thing_label, customer_id, before, after) values
		('contact', 1, 'Lee', 'edited', 'site', 1, 'George Street', 1, '{"name":"George St"}', '{"name":"George Street"}'), ('contact', 1, 'Lee', 'edited', 'job', 1, 'J-1001', 1, null, null)`)
	app.Exec(`insert into detail_changes (customer_id, contact_id) values (1, 1)`)
	app.Exec(`insert into emails (kind, rule, to_address, message_id, state) values ('welcome', 'x', 'a@b.test', 'm1', 'failed'), ('welcome', 'x', 'a@b.test', 'm2', 'sent')`)
	app.Exec(`insert into messages (customer_id, job_id, text, staff_id, contact_id, at) values
		(1, 1, 'Shall we move it?', 1, null, now() - interval '2 hours'), (1, 1, 'Please do.', null, 1, now()), (2, 3, 'Any news?', null, 4, now() - interval '1 hour'), (2, 3, 'Tomorrow.', 1, null, now())`)
	app.Exec(`insert into visit_answers (job_id, customer_id, contact_id, suits, wishes) select id, customer_id, 1, false, '[{"on": "2031-05-09", "when": "morning"}]' from jobs where id = 1`)
	app.Exec(`update quotes set status = 'accepted', sent_version = 1, has_job = false where id = (select quote_id from quote_versions where number = 1 and quote_id <> 2 order by quote_id limit 1)`)
	app.Exec(`insert into inbound_emails (digest, came_by, state, from_address, subject) values ('waits', 'imap', 'waiting', 'eve@elsewhere.test', 'A question')`)
	app.Exec(`update keeper_requests set state = 'waiting', answered_at = null`)
	ben := app.As("ben")
	home := ben.Get("/office")
	links := home.Find(".attention__item, .board__tile")
	if want := 4 + 1 + len(overview.Kinds()); links.Length() != want {
		t.Fatalf("%d things may wait, want %d: %s", links.Length(), want, home.Text("main"))
	}
	total := 0
	links.Each(func(_ int, link *goquery.Selection) {
		label := link.Find("b, .board__label").Text()
		count, err := strconv.Atoi(link.Find(".attention__count, .board__count").Text())
		if err != nil {
			t.Fatalf("%s: %v", label, err)
		}
		total += count
		if count == 0 {
			t.Errorf("nothing waits under %s: the test should have something there", label)
		}
		behind := ben.Get(link.AttrOr("href", ""))
		if behind.Status != 200 {
			t.Errorf("%s leads to %d", label, behind.Status)
			return
		}
		if rows := behind.Find("#results tbody tr, #results .activity__entry").Length(); rows != count {
			t.Errorf("%s: %d on home, %d rows at %s", label, count, rows, link.AttrOr("href", ""))
		}
	})
	if total < 12 {
		t.Errorf("only %d things in all", total)
	}
}

// TestTheQueueIsWorkedThrough: what waits is taken, given, put off and brought
// back where it stands, and whoever does it stays where they were.
func TestTheQueueIsWorkedThrough(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set status = 'closed', completed_at = now(); update quotes set looked_at = now()`)
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, origin, created_by_contact_id) values (1, 'Water under the sink', 1, 'new', 'portal', 1)`)
	app.Exec(`insert into emails (kind, rule, to_address, message_id, state, server_words, payload) values ('new-message', 'x', 'lee@demo.test', 'm1', 'failed', '550 no such user', '{}')`)
	ben := app.As("ben")
	const list = "/office?kind=schedule"
	row := func(p apptest.Page) string { return p.Text("#results tbody") }
	more := func(p apptest.Page) apptest.Page { return ben.Get(moreOf(p)) }
	home := ben.Get(list)
	if got := row(home); home.Find("#results tbody tr").Length() != 1 || !strings.Contains(got, "Water under the sink") || !strings.Contains(got, "Lee") || !strings.Contains(got, "New from the portal") {
		t.Fatalf("%s", got)
	}
	if url := home.Find("#results td.actions a").AttrOr("href", ""); !strings.HasSuffix(url, "/booking") || ben.Get(url).Status != 200 {
		t.Errorf("Book leads to %s", url)
	}
	taken := ben.Submit(home, `#results td form[action$="/taker"]`, url.Values{"to": {"2"}})
	if taken.URL.RequestURI() != list || !strings.Contains(row(taken), "You") {
		t.Fatalf("%s: %s", taken.URL, row(taken))
	}
	if p := app.As("ada").Submit(home, `#results td form[action$="/taker"]`, url.Values{"to": {"1"}}); p.Status != 409 || !p.Has("has taken this") {
		t.Errorf("taken twice: %d", p.Status)
	}
	given := ben.Submit(more(taken), `#to-give form[action$="/taker"]`, url.Values{"to": {"1"}})
	if !strings.Contains(row(given), "Ada") || ben.Get("/office?who=mine").Find("#results tbody tr").Length() != 0 || app.As("ada").Get("/office?who=mine").Find("#results tbody tr").Length() != 1 {
		t.Errorf("given: %s", row(given))
	}
	for until, words := range map[string]url.Values{
		"tomorrow": {"until": {"tomorrow"}}, "next week": {"until": {"week"}}, "a day": {"until": {"day"}, "day": {"2099-01-05"}},
	} {
		open := ben.Get(list)
		if p := ben.Submit(more(open), `#to-give form[action$="/snooze"]`, words); p.Status != 200 || p.Find("#results tbody tr").Length() != 0 {
			t.Fatalf("put off until %s: %d, %s", until, p.Status, row(p))
		}
		asleep := ben.Get("/office?who=snoozed")
		if asleep.Find("#results tbody tr").Length() != 1 || !strings.Contains(row(asleep), "Back ") {
			t.Fatalf("put off until %s: %s", until, row(asleep))
		}
		ben.Submit(asleep, `td.actions form[action$="/snooze"]`, url.Values{"until": {"now"}})
	}
	for _, day := range []string{"", "2020-01-01", "nonsense"} {
		if p := ben.Submit(more(ben.Get(list)), `#to-give form[action$="/snooze"]`, url.Values{"until": {"day"}, "day": {day}}); p.Status != 422 || p.Problem("day") != "Choose a day after today." || !strings.Contains(p.Text("#to-give"), "Water under the sink") || ben.Get(list).Find("#results tbody tr").Length() != 1 {
			t.Errorf("until %q: %d", day, p.Status)
		}
	}
	// Nothing is lost when it is dealt with in the meantime.
	open := more(ben.Get(list))
	app.Exec(`update jobs set status = 'closed', completed_at = now()`)
	if p := ben.Get(open.URL.RequestURI()); p.URL.RequestURI() != list || !p.Has("dealt with this already") {
		t.Errorf("opened too late: %d at %s", p.Status, p.URL)
	}
	if p := ben.Get("/office/waiting/nonsense/1?next=//elsewhere.test"); p.URL.RequestURI() != "/office" {
		t.Errorf("nonsense leads to %s", p.URL)
	}
	if p := ben.Submit(open, `#to-give form[action$="/snooze"]`, url.Values{"until": {"tomorrow"}}); p.Status != 409 || !p.Has("dealt with this already") {
		t.Errorf("dealt with: %d", p.Status)
	}
	if p := ben.Get("/office?who=nonsense&kind=nonsense&after=x&sort=y"); p.Status != 200 {
		t.Errorf("nonsense: %d", p.Status)
	}
	mail := ben.Get("/office?kind=email")
	if got := row(mail); !strings.Contains(got, "550 no such user") || mail.Find(`td.actions form[action$="/again"]`).Length() != 1 {
		t.Errorf("an email that failed: %s", got)
	}
	if p := ben.Submit(more(mail), `#to-give form[action$="/snooze"]`, url.Values{"until": {"aside"}}); p.Find("#results tbody tr").Length() != 0 {
		t.Errorf("dealt with: %s", row(p))
	}
}

// moreOf is where the first row of the queue leads to give it to somebody, or to snooze it.
func moreOf(p apptest.Page) string {
	return p.Find("#results td.actions a[data-dialog]").AttrOr("href", "")
}

// anotherTime is that Lee asks for another time of the visit of J-1001.
const anotherTime = `
	update jobs set status = 'booked', booked_from = '2031-05-06 01:00Z', booked_until = '2031-05-06 03:00Z' where id = 1;
	insert into visit_answers (job_id, customer_id, contact_id, suits, wishes, reason) values (1, 1, 1, false, '[{"on": "2031-05-09", "when": "afternoon"}, {"on": "2031-05-12", "when": "08:30"}]', 'A fair is on.')`

// TestAnAnswerToAVisitIsOneOfTheQueue: it can be taken and put off like the
// others, and a wished time is accepted in the row.
func TestAnAnswerToAVisitIsOneOfTheQueue(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(anotherTime)
	ben := app.As("ben")
	const list = "/office?kind=visit"
	more := func(p apptest.Page) apptest.Page { return ben.Get(moreOf(p)) }
	home := ben.Get(list)
	row := home.Find("#results tbody tr")
	if words := row.Text(); row.Length() != 1 || !strings.Contains(words, "A fair is on.") || !strings.Contains(words, "Tue 6 May 2031") || !strings.Contains(words, "Lee Nakamura") || home.Find(`form[action$="/visit/wish"]`).Length() != 2 {
		t.Fatalf("%s", home.Text("main"))
	}
	if url := row.Find("td.actions a.button").First().AttrOr("href", ""); url != "/office/jobs/J-1001/visit" || ben.Get(url).Status != 200 {
		t.Errorf("a time of one's own is offered at %s", url)
	}
	if p := ben.Get("/office/jobs/J-1001/visit/keeping"); p.Status != 200 || more(home).Find(`#to-give a[href="/office/jobs/J-1001/visit/keeping"]`).Length() != 1 {
		t.Errorf("the time is kept at %d", p.Status)
	}
	taken := ben.Submit(home, `#results td form[action$="/taker"]`, url.Values{"to": {"2"}})
	if taken.URL.RequestURI() != list || !strings.Contains(taken.Text("#results tbody"), "You") {
		t.Errorf("taken: %s", taken.Text("#results"))
	}
	if p := ben.Submit(more(taken), `#to-give form[action$="/snooze"]`, url.Values{"until": {"tomorrow"}}); p.Find("#results tbody tr").Length() != 0 {
		t.Errorf("snoozed: %s", p.Text("#results"))
	}
	asleep := ben.Get("/office?who=snoozed")
	ben.Submit(asleep, `td.actions form[action$="/snooze"]`, url.Values{"until": {"now"}})
	back := ben.Get(list)
	moved := ben.Submit(back, `form[action$="/visit/wish"]`, nil)
	if moved.URL.RequestURI() != list || !moved.Has("The visit of J-1001 is moved. Lee Nakamura gets an email.") || moved.Find("#results tbody tr").Length() != 0 {
		t.Errorf("%d at %s: %s", moved.Status, moved.URL, moved.Text("main"))
	}
	if p := ben.Submit(back, `form[action$="/visit/wish"]`, nil); p.Status != 200 { // the same press twice
		t.Errorf("pressed twice: %d", p.Status)
	}
}

// TestTheNavigationCountsWhatWaits: each area says how much of it waits.
func TestTheNavigationCountsWhatWaits(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(anotherTime)
	app.Exec(`insert into messages (customer_id, job_id, text, contact_id) values (1, 1, 'Any news?', 1)`)
	ben := app.As("ben")
	home := ben.Get("/office")
	for area, kinds := range map[string][]string{"/office/messages": {"message"}, "/office/jobs": {"schedule", "visit"}, "/office/quotes": {"price", "accepted", "expiring"}, "/office/email": {"email"}} {
		want := 0
		for _, k := range kinds {
			n, _ := strconv.Atoi(home.Find(`.board__tile[href*="kind=` + k + `"] .board__count`).Text())
			want += n
		}
		link := ben.Get(area).Find(`.nav__list > li > a[href="` + area + `"]`)
		link.Find(".count .sr-only").Remove()
		if got, _ := strconv.Atoi(link.Find(".count").Text()); got != want || link.AttrOr("aria-current", "") != "page" {
			t.Errorf("%s says %d, want %d", area, got, want)
		}
	}
}

func TestSearchPage(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	if p := ben.Get("/office/search?q=j-1001"); p.URL.Path != "/office/jobs/J-1001" {
		t.Errorf("a number leads to %s", p.URL)
	}
	if p := ben.Get("/office/search?q=C-1002"); p.URL.Path != "/office/customers/C-1002" {
		t.Errorf("a customer's number leads to %s", p.URL)
	}
	if p := ben.Get("/office/search?all=1&q=J-1001"); p.Status != 200 || p.Find(".search-results__hit").Length() != 1 {
		t.Errorf("all results: %d, %s", p.Status, p.Text("#results"))
	}
	for _, empty := range []string{"", "?q=", "?q=%20", "?q=zzzz", "?q=%00%27%5C:*%26", "?q=" + strings.Repeat("long+", 200)} {
		if p := ben.Get("/office/search" + empty); p.Status != 200 || p.Find(".search-results__hit").Length() != 0 || p.Find(".empty").Length() != 1 {
			t.Errorf("%q: %d, %s", empty, p.Status, p.Text("#results"))
		}
	}
	// Each group's link shows as many rows as the group counts.
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, origin) select 1, 'Harbour visit ' || n, 1, 'unscheduled', 'office' from generate_series(1, 20) n`)
	p := ben.Get("/office/search?q=harbour")
	if p.Find("#results section").Length() < 3 {
		t.Fatalf("%s", p.Text("#results"))
	}
	p.Find("#results section").Each(func(_ int, group *goquery.Selection) {
		count, _ := strconv.Atoi(group.Find(".count").Text())
		hits := group.Find(".search-results__hit").Length()
		all := group.Find("a.link")
		if all.Length() == 0 {
			if hits != count {
				t.Errorf("%s: %d of %d shown, and no way to the others", group.Find("h2").Text(), hits, count)
			}
			return
		}
		if rows := ben.Get(all.AttrOr("href", "")).Find("#results tbody tr").Length(); rows != min(count, list.Size) {
			t.Errorf("%s: %d found, the list shows %d", group.Find("h2").Text(), count, rows)
		}
	})
	if n := ben.RoundTrips("/office/search?q=harbour"); n > 4 { // who looks, what was typed as a query, where it leads, what is found
		t.Errorf("a search took %d round trips", n)
	}
	if p := app.As("lee").Get("/office/search?q=harbour"); !strings.HasPrefix(p.URL.Path, "/office/login") {
		t.Errorf("a contact searches the office: %s", p.URL)
	}
}

func TestActivityPage(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, ben := app.As("ada"), app.As("ben")
	edit := ben.Get("/office/customers/C-1001/edit")
	ben.Submit(edit, "main form[method=post]", url.Values{"phone": {"02 5550 7777"}})
	app.Exec(`insert into audit_entries (at, actor, contact_id, person_id, actor_name, action, thing, thing_id, thing_label, customer_id, after, address) values
		('2020-01-05 03:00Z', 'contact', 1, 1, 'Lee Nakamura', 'opened', 'job', 1, 'J-1001', 1, '{"name":"<b>bold</b>"}', '203.0.113.9')`)
	app.Exec(`insert into audit_entries (at, actor, staff_id, actor_name, action, thing, thing_id, thing_label, customer_id) values
		('2020-01-06 03:00Z', 'staff', 2, 'Ben Whitlock', 'created', 'task', 1, 'J-1001 Check belts', 1)`)
	const activity = "/office/admin/activity"
	if p := ben.Get(activity); p.Status != 403 {
		t.Errorf("the office reads the trail: %d", p.Status)
	}
	rows := func(query string) int { return ada.Get(activity + query).Find(".activity__entry").Length() }
	all := ada.Get(activity)
	if !all.Has("Ben Whitlock") || !all.Has("changed customer") || !all.Has("02 5550 7777") {
		t.Fatalf("%s", all.Text("#results"))
	}
	if strings.Contains(all.Body, "<b>bold</b>") {
		t.Error("what was typed became markup")
	}
	for query, want := range map[string]int{
		"?thing=customer": 1, "?thing=job": 1, "?by=contact": 1, "?by=staff-2": 2, "?by=staff-2&thing=task": 1, "?by=contact-1": 1, "?q=lee+j-1001": 1, "?q=c-1001": 2, "?q=nobody": 0,
		"?from=2020-01-05&to=2020-01-05": 1, "?from=2020-01-05&to=2020-01-06": 2, "?to=2019-12-31": 0, "?customer=C-1001": 3, "?job=J-1001": 2, "?quote=Q-1001": 0, "?contact=1": 1,
		"?equipment=equipmentofharbour0000000000001": 0, "?thing=nonsense&by=nonsense&from=x": 3,
	} {
		if got := rows(query); got != want {
			t.Errorf("%s shows %d entries, want %d", query, got, want)
		}
	}
	for _, missing := range []string{"?job=J-9999", "?customer=C-0", "?contact=99999", "?by=contact-99999", "?equipment=x"} {
		if p := ada.Get(activity + missing); p.Status != 404 {
			t.Errorf("%s: %d", missing, p.Status)
		}
	}
	file := ada.Get(activity + ".csv?job=J-1001")
	if file.Status != 200 || !strings.Contains(file.Body, "Lee Nakamura asked for job J-1001") || strings.Contains(file.Body, "C-1001 was") {
		t.Errorf("%d: %s", file.Status, file.Body)
	}
	few := ada.RoundTrips(activity)
	app.Exec(`insert into audit_entries (actor, actor_name, action, thing, thing_id, thing_label, customer_id, before, after)
		select 'staff', 'Ben', 'edited', 'job', 1, 'J-1001', 1, '{"site":1}', '{"site":2}' from generate_series(1, 200)`)
	if many := ada.RoundTrips(activity); many > few+1 { // names of ids are asked for when there are any
		t.Errorf("%d round trips with many entries, %d with few", many, few)
	}
	if p := ada.Get(activity + "?thing=job"); p.Find(".activity__entry").Length() != list.Size || p.Find("a[rel=next], .pager a").Length() == 0 {
		t.Errorf("%d entries on a page", p.Find(".activity__entry").Length())
	}
	if p := ben.Get("/office/changes"); p.Status != 200 {
		t.Errorf("changed details: %d", p.Status)
	}
}

func TestOwnAccount(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, elsewhere := app.As("ben"), app.As("ben")
	const details, secret = `form[action="/office/account"]`, `form[action="/office/account/password"]`
	open := ben.Get("/office/account")
	if p := ben.Submit(open, details, url.Values{"name": {""}}); p.Status != 422 || p.Problem("name") == "" {
		t.Errorf("without a name: %d", p.Status)
	}
	if p := ben.Submit(open, details, url.Values{"name": {"Ben Carter"}, "phone": {"0400 1"}}); !p.Has("Saved.") || !p.Has("Ben Carter") {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	if p := ben.Submit(open, details, url.Values{"name": {"Ben Later"}}); p.Status != 409 || p.Find("#name").AttrOr("value", "") != "Ben Later" || !p.Has("Ben Carter") {
		t.Errorf("the second to save: %d, %s", p.Status, p.Text("main"))
	}
	if role := apptest.Value[string](app, `select role from staff where email = 'ben@demo.test'`); role != "office" {
		t.Errorf("Ben is %s now", role)
	}
	const fresh = "correct horse battery staple 9"
	for _, c := range []struct{ current, password, field string }{
		{"wrong", fresh, "current"}, {apptest.Password, "short", "password"}, {apptest.Password, apptest.Password, "password"}, {apptest.Password, "ben carter ben carter", "password"},
	} {
		if p := ben.Post("/office/account/password", url.Values{"current": {c.current}, "password": {c.password}}); p.Status != 422 || p.Problem(c.field) == "" {
			t.Errorf("%q, %q: %d, %s", c.current, c.password, p.Status, p.Text("main"))
		}
	}
	if p := ben.Submit(ben.Get("/office/account"), secret, url.Values{"current": {apptest.Password}, "password": {fresh}}); !p.Has("Your new password is saved") {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	if p := elsewhere.Get("/office"); !strings.HasPrefix(p.URL.Path, "/office/login") {
		t.Error("the session elsewhere goes on")
	}
	if p := ben.Get("/office"); p.URL.Path != "/office" {
		t.Error("the own session has ended")
	}
	if p := app.Nobody().SignIn("/office/login", "ben@demo.test", fresh); p.URL.Path != "/office" {
		t.Errorf("the new password does not let in: %s", p.URL)
	}
}

func TestStaffWhoLeave(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, ben := app.As("ada"), app.As("ben")
	const own = `form[action$="/suspension"] `
	if p := ada.Post("/office/admin/staff/1/archiving", nil); p.Status != 409 {
		t.Errorf("archived herself: %d", p.Status)
	}
	if p := ada.Post("/office/admin/staff/2/archiving", nil); !p.Has("Archived.") || p.Find(own).Length() != 0 {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	if p := ben.Get("/office"); !strings.HasPrefix(p.URL.Path, "/office/login") {
		t.Error("who has left is still in")
	}
	if ada.Get("/office/admin/staff").Has("Ben Whitlock") || !ada.Get("/office/admin/staff?state=archived").Has("Ben Whitlock") {
		t.Error("the list shows the wrong people")
	}
	if p := ada.Post("/office/admin/staff/2/unarchiving", nil); !p.Has("Back on the staff.") || app.Nobody().SignIn("/office/login", "ben@demo.test", apptest.Password).URL.Path != "/office" {
		t.Errorf("back: %s", p.Text("main"))
	}
	app.Exec(`update staff set role = 'administrator' where id = 2; update staff set state = 'suspended' where id = 1`)
	if p := app.As("ben").Post("/office/admin/staff/2/archiving", nil); p.Status != 409 {
		t.Errorf("the last Administrator left: %d", p.Status)
	}
}

func TestSettingsSayWhatTheyDo(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, origin, completed_at) select 1, 'Old', 1, 'completed', 'office', now() - interval '20 months' from generate_series(1, 3)`)
	ada := app.As("ada")
	open := ada.Get("/office/admin/portal")
	if !open.Has("Last 12 months hides 3") || !open.Has("Last 24 months hides 0") {
		t.Errorf("%s", open.Text("#age-effect"))
	}
	const form = `form[action="/office/admin/portal"]`
	p := ada.Submit(open, form, url.Values{"job_notifications": {"desk@northwind.test\nben.northwind.test, lee@nowhere"}, "quote_notifications": {"@x.test"}})
	if p.Status != 422 || !strings.Contains(p.Problem("job_notifications"), "“ben.northwind.test” has no @. “lee@nowhere” has no ending") || p.Problem("quote_notifications") == "" {
		t.Errorf("%d: %s, %s", p.Status, p.Problem("job_notifications"), p.Problem("quote_notifications"))
	}
	if !strings.Contains(p.Find("#job_notifications").Text(), "lee@nowhere") {
		t.Error("what was typed is lost")
	}
	preview := ada.Post("/office/admin/portal/preview", url.Values{"age_limit": {"months"}, "age_limit_months": {"18"}, "job_notifications": {"all@x.test"}, "job_type_1": {"one@x.test"}, "job_type_1_version": {"1"}})
	if preview.Status != 200 || !preview.Has("This hides 3 finished jobs") || !preview.Has("one@x.test, all@x.test") {
		t.Errorf("%d: %s", preview.Status, preview.Text("body"))
	}
	for _, odd := range []url.Values{nil, {"age_limit": {"months"}, "age_limit_months": {"99999999999"}}, {"age_limit": {"since"}, "age_limit_since": {"x"}}, {"age_limit": {"since"}, "age_limit_since": {"2020-01-01"}}} {
		if p := ada.Post("/office/admin/portal/preview", odd); p.Status != 200 {
			t.Errorf("%v: %d", odd, p.Status)
		}
	}
}

func TestTheCreditCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, lee := app.As("ada"), app.As("lee")
	foot := func(p apptest.Page) bool { return strings.Contains(p.Text("footer"), "Fieldgate") }
	if !foot(lee.Get("/")) || !foot(app.Nobody().Get("/login")) {
		t.Fatal("the footer says nothing at first")
	}
	open := ada.Get("/office/admin/company")
	if open.Find("#show_credit[checked]").Length() != 1 {
		t.Error("the switch is off at first")
	}
	if p := ada.Submit(open, `form[action="/office/admin/company"]`, url.Values{"show_credit": nil}); !p.Has("Saved.") {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	for name, p := range map[string]apptest.Page{"home": lee.Get("/"), "sign-in": app.Nobody().Get("/login"), "a page that is not there": lee.Get("/jobs/J-9999")} {
		if foot(p) || strings.Contains(p.Text("title"), "Fieldgate") {
			t.Errorf("%s still names the program", name)
		}
	}
	if p := lee.Get("/jobs/J-9999"); p.Status != 404 || !strings.Contains(p.Body, "5550 1000") || !p.Has("Northwind Air") {
		t.Errorf("an error page says neither whose it is nor whom to call: %d, %s", p.Status, p.Text("body"))
	}
	for colour, words := range map[string]string{"%23ffd400": "Words on buttons are dark", "%230f5c8c": "works as it is", "nonsense": "Enter a colour", "": "Enter a colour", "%00": "Enter a colour"} {
		if p := ada.Get("/office/admin/company/preview/colour?brand_colour=" + colour); p.Status != 200 || !p.Has(words) {
			t.Errorf("%s: %d, %s", colour, p.Status, p.Text("body"))
		}
	}
	for _, path := range []string{"pages?scheme=dark&colour=%23ffd400", "sign-in?scheme=light", "style.css?scheme=dark&colour=%23ffd400"} {
		if p := ada.Get("/office/admin/company/preview/" + path); p.Status != 200 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}
