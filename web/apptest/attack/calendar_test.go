package attack_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/ics/icstest"
	"fieldgate/web/apptest"
)

// calendarAddress is the address that a page shows after a form was sent.
func calendarAddress(t *testing.T, p apptest.Page) string {
	t.Helper()
	address := p.Find("input[name=address]").AttrOr("value", "")
	if p.Status != http.StatusOK || !strings.HasSuffix(address, ".ics") {
		t.Fatalf("no address: %d %s", p.Status, p.Text("main"))
	}
	return address
}

// entries are the UIDs of a calendar, and all of it with its lines unfolded.
func entries(p apptest.Page) (uids []string, text string) {
	text = strings.ReplaceAll(p.Body, "\r\n ", "")
	for line := range strings.SplitSeq(text, "\r\n") {
		if uid, ok := strings.CutPrefix(line, "UID:"); ok {
			uids = append(uids, uid[:strings.Index(uid+"@", "@")])
		}
	}
	slices.Sort(uids)
	return uids, text
}

func TestACalendarShowsWhatItsContactSees(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`
		insert into jobs (customer_id, name, description, job_type_id, status, site_id, main_contact_id, booked_from, origin) values
			(1, 'Kim''s own', 'x', 1, 'booked', 2, 2, now() + interval '5 days', 'office'),
			(1, 'Called off', 'x', 1, 'deferred', 1, 1, now() + interval '5 days', 'office'),
			(1, 'Long ago', 'x', 1, 'booked', 1, 1, now() - interval '100 days', 'office'),
			(1, 'Far off', 'x', 1, 'booked', 1, 1, now() + interval '500 days', 'office'),
			(2, 'Pelican''s', 'x', 1, 'booked', 3, 4, now() + interval '1 day', 'office')`)
	poll := app.Nobody()
	addresses := map[string]string{}
	for who, want := range map[string][]string{"lee": {"J-1001", "J-1002", "J-1005"}, "kim": {"J-1002", "J-1005"}, "ola": {"J-1003", "J-1009"}} {
		b := app.As(who)
		if p := b.Get("/details"); p.Find(`a[href="/details/calendar"]`).Length() != 1 {
			t.Errorf("%s finds no calendar", who)
		}
		p := b.Submit(b.Get("/details/calendar"), "form[action='/details/calendar']", nil)
		addresses[who] = calendarAddress(t, p)
		if p.Find("a[href^='webcal://127.0.0.1']").Length() != 1 {
			t.Errorf("%s has nothing to press on a phone", who)
		}
		got := poll.Get(addresses[who])
		uids, text := entries(got)
		if !slices.Equal(uids, want) {
			t.Errorf("%s sees %v, want %v", who, uids, want)
		}
		if strings.Contains(text, "OFFICE-ONLY") || !strings.Contains(text, "\r\nX-WR-CALNAME:Visits by Northwind Air\r\n") || !strings.Contains(text, "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT60M\r\n") {
			t.Errorf("%s: %s", who, text)
		}
		h := got.Header
		if !strings.HasPrefix(h.Get("Content-Type"), "text/calendar") || h.Get("Cache-Control") != "private, no-cache" || h.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(h.Get("X-Robots-Tag"), "noindex") || h.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", who, h)
		}
		tag := h.Get("Etag")
		if same := poll.Ask("GET", addresses[who], "If-None-Match", tag); same.Status != http.StatusNotModified || same.Body != "" {
			t.Errorf("%s: asked again it is %d", who, same.Status)
		}
		if head := poll.Ask("HEAD", addresses[who]); head.Status != http.StatusOK || head.Header.Get("Etag") != tag || head.Body != "" {
			t.Errorf("%s: HEAD is %d with %v", who, head.Status, head.Header)
		}
	}

	// The entry is the one of the job's page and of emails: the same UID and sequence.
	_, feed := entries(poll.Get(addresses["lee"]))
	_, single := entries(app.As("lee").Get("/jobs/J-1001/calendar.ics"))
	for _, name := range []string{"UID:J-1001", "SEQUENCE:", "SUMMARY:Northwind Air: Rooftop"} {
		i := strings.Index(single, "\r\n"+name)
		line, _, _ := strings.Cut(single[i+2:], "\r\n")
		if i < 0 || !strings.Contains(feed, "\r\n"+line+"\r\n") {
			t.Errorf("the feed has no %q", line)
		}
	}

	// A strict reader reads it, and a visit that is moved is the same one later on.
	visit := func() (e icstest.Event) {
		t.Helper()
		c, err := icstest.Read([]byte(poll.Get(addresses["lee"]).Body))
		if err != nil {
			t.Fatal(err)
		}
		for _, e = range c.Events {
			if strings.HasPrefix(e.UID, "J-1001@") {
				return e
			}
		}
		t.Fatalf("no visit among %+v", c)
		return e
	}
	before := visit()
	if !before.Modified.IsZero() { // it would tell when the office wrote something for itself
		t.Errorf("a contact reads when the job was last touched: %s", before.Modified)
	}
	ben := app.As("ben")
	moved := apptest.Value[string](app, `select to_char((booked_from + interval '1 day') at time zone (select time_zone from company), 'YYYY-MM-DD') from jobs where number = 'J-1001'`)
	if p := ben.Submit(ben.Get("/office/jobs/J-1001/visit"), "main form[action$='/visit']", url.Values{"booked_on": {moved}}); p.Status != http.StatusOK {
		t.Fatalf("the visit was not moved: %d %s", p.Status, p.Text("main"))
	}
	if after := visit(); after.UID != before.UID || after.Sequence <= before.Sequence || !after.Start.Equal(apptest.Value[time.Time](app, `select booked_from from jobs where number = 'J-1001'`)) || after.Start.Equal(before.Start) ||
		after.End.Sub(after.Start) != before.End.Sub(before.Start) {
		t.Errorf("moved from %+v to %+v", before, after)
	}

	// What becomes of a job is there the next time.
	tag := poll.Get(addresses["lee"]).Header.Get("Etag")
	app.Exec(`update jobs set status = 'unscheduled', version = version + 1 where number = 'J-1001'`)
	if p := poll.Ask("GET", addresses["lee"], "If-None-Match", tag); p.Status != http.StatusOK || strings.Contains(p.Body, "UID:J-1001") {
		t.Errorf("a visit that was called off: %d", p.Status)
	}
	// And so are permissions: sites, scope, age.
	for sql, want := range map[string]string{
		`update contacts set jobs_see = 'own' where id = 1`:                                                                                 "J-1001",
		`update portal_settings set age_limit = 'since', age_limit_since = business_day()`:                                                  "J-1001 J-1005",
		`update contacts set all_sites = false where id = 1; insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 2)`: "J-1002 J-1005",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			app.Exec(`insert into jobs (customer_id, name, description, job_type_id, status, site_id, main_contact_id, booked_from, origin) values (1, 'Kim''s own', 'x', 1, 'booked', 2, 2, now() + interval '5 days', 'office')`)
			app.Exec(`update jobs set main_contact_id = 2 where id = 2`)
			lee := app.As("lee")
			address := calendarAddress(t, lee.Submit(lee.Get("/details/calendar"), "form[action='/details/calendar']", nil))
			app.Exec(sql)
			if uids, _ := entries(app.Nobody().Get(address)); strings.Join(uids, " ") != want {
				t.Errorf("sees %v", uids)
			}
		})
	}
}

// TestACalendarEndsWithRights: at once, and access that comes back does not bring
// it back, nor does another person who becomes the contact.
func TestACalendarEndsWithRights(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		take, give string
		back       bool
	}{
		"suspension":            {`update contacts set access = 'suspended' where id = 1`, `update contacts set access = 'active' where id = 1`, false},
		"archiving":             {`update contacts set archived_at = now() where id = 1`, `update contacts set archived_at = null where id = 1`, false},
		"another person":        {`with p as (insert into persons (email) values ('pat@demo.test') returning id) update contacts set person_id = (select id from p) where id = 1`, `update contacts set person_id = 1 where id = 1`, false},
		"no jobs":               {`update contacts set jobs_see = 'none', jobs_edit = false, jobs_create = false where id = 1`, `update contacts set jobs_see = 'all' where id = 1`, false},
		"the customer archived": {`update customers set archived_at = now() where id = 1`, `update customers set archived_at = null where id = 1`, true},
		"the company's own way": {
			`insert into company_logins (customer_id, issuer, client_id, sealed, only_way) values (1, 'https://id.test', 'x', '', true); insert into company_login_domains (login_id, domain) select id, 'demo.test' from company_logins`,
			`update company_logins set only_way = false`, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			lee := app.As("lee")
			address := calendarAddress(t, lee.Submit(lee.Get("/details/calendar"), "form[action='/details/calendar']", nil))
			poll := app.Nobody()
			if p := poll.Get(address); p.Status != http.StatusOK {
				t.Fatal(p.Status)
			}
			app.Exec(tt.take)
			never := poll.Get("/calendar/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ics")
			if p := poll.Get(address); p.Status != http.StatusNotFound || p.Body != never.Body {
				t.Errorf("then it is %d: %s", p.Status, p.Body)
			}
			app.Exec(tt.give)
			if p := poll.Get(address); (p.Status == http.StatusOK) != tt.back {
				t.Errorf("given back it is %d", p.Status)
			}
		})
	}
}

func TestACalendarIsRenewedAndEnded(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, poll := app.As("lee"), app.Nobody()
	first := calendarAddress(t, lee.Submit(lee.Get("/details/calendar"), "form[action='/details/calendar']", nil))
	if again := calendarAddress(t, lee.Post("/details/calendar", url.Values{"scope": {"contact"}})); again != first {
		t.Errorf("a form sent twice makes %s and %s", first, again)
	}
	poll.Get(first)
	settings := lee.Get("/details/calendar")
	if strings.Contains(settings.Body, strings.TrimSuffix(first[strings.LastIndex(first, "/")+1:], ".ics")) || settings.Has("Not yet") {
		t.Errorf("the page says %s", settings.Text("main"))
	}
	if shown := calendarAddress(t, lee.Submit(settings, "form[action$='/address']", nil)); shown != first {
		t.Errorf("shown again it is %s", shown)
	}
	second := calendarAddress(t, lee.Submit(settings, "form[action$='/renewal']", nil))
	if twice := calendarAddress(t, lee.Submit(settings, "form[action$='/renewal']", nil)); second == first || twice != second {
		t.Errorf("renewed: %s, twice: %s", second, twice)
	}
	if old, fresh := poll.Get(first), poll.Get(second); old.Status != http.StatusNotFound || fresh.Status != http.StatusOK {
		t.Errorf("the old one is %d, the new one %d", old.Status, fresh.Status)
	}
	if p := lee.Submit(lee.Get("/details/calendar"), "form[action$='/removal']", nil); !p.Has("has ended") {
		t.Error(p.Text("main"))
	}
	if p := poll.Get(second); p.Status != http.StatusNotFound {
		t.Errorf("ended it is %d", p.Status)
	}
	trail := apptest.Value[string](app, `select string_agg(actor_name || ' ' || action, ', ' order by id) from audit_entries where action like 'calendar%'`)
	if trail != "Lee Nakamura calendar made, Lee Nakamura calendar renewed, Lee Nakamura calendar ended" {
		t.Error(trail)
	}
	// Nothing of it without a fresh proof, in a preview, or by a link.
	stale := left(app, "lee")
	if p := stale.Post("/details/calendar", nil); p.Find("input[name=proof]").Length() == 0 {
		t.Errorf("without a proof: %d %s", p.Status, p.Text("main"))
	}
	for name, b := range map[string]*apptest.Browser{"a preview": preview(t, app, "1"), "a link": app.ByLink(1, "J-1001")} {
		if p := b.Post("/details/calendar", nil); p.Find("input[name=address]").Length() > 0 || p.Status < 400 {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from calendar_feeds`); n != 0 {
		t.Errorf("%d addresses", n)
	}
}

func TestCalendarsOfStaff(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, ben, poll := app.As("ada"), app.As("ben"), app.Nobody()
	app.Exec(`insert into job_staff (job_id, staff_id) values (3, 2)`)
	own := calendarAddress(t, ben.Post("/office/account/calendar", url.Values{"scope": {"own"}}))
	all := calendarAddress(t, ben.Post("/office/account/calendar", url.Values{"scope": {"business"}}))
	field := calendarAddress(t, ada.Submit(ada.Get("/office/admin/staff/3/calendar"), "form[action='/office/admin/staff/3/calendar']", nil))
	for name, tt := range map[string]struct {
		address, want string
	}{"own": {own, "J-1003"}, "all": {all, "J-1001 J-1002 J-1003"}, "field": {field, "J-1001 J-1002"}} {
		uids, text := entries(poll.Get(tt.address))
		if strings.Join(uids, " ") != tt.want {
			t.Errorf("%s: %v", name, uids)
		}
		c, err := icstest.Read([]byte(poll.Get(tt.address).Body))
		if err != nil || len(c.Events) == 0 || c.Events[0].Modified.IsZero() || !c.Events[0].Stamp.Equal(c.Events[0].Modified) {
			t.Errorf("%s: %v, %+v", name, err, c)
		}
		if strings.Contains(text, "key under the mat") || strings.Contains(text, "OFFICE-ONLY") {
			t.Errorf("%s says how to get in: %s", name, text)
		}
		if links := strings.Contains(text, "URL:"); links != (name != "field") {
			t.Errorf("%s: links to the office: %v", name, links)
		}
	}
	if _, text := entries(poll.Get(field)); !strings.Contains(text, "SUMMARY:Harbour Dental Group Pty Ltd: Rooftop unit service") || !strings.Contains(text, `Contact: Lee Nakamura\, 0491 570 001`) {
		t.Error(text)
	}
	// Whose it is nobody else makes, and an Administrator ends anybody's.
	for path, b := range map[string]*apptest.Browser{"/office/admin/staff/3/calendar": ben, "/office/admin/staff/2/calendar": ada, "/office/admin/staff/2/calendar/address": ada} {
		if p := b.Post(path, url.Values{"scope": {"own"}}); p.Find("input[name=address]").Length() > 0 || p.Status < 400 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	// The kinds of address are not each other's.
	token := own[strings.LastIndex(own, "/")+1:]
	if p := poll.Get("/calendar/" + token); p.Status != http.StatusNotFound {
		t.Errorf("as a contact's: %d", p.Status)
	}
	app.Exec(`update staff set role = 'field' where id = 2`)
	if p, q := poll.Get(all), poll.Get(own); p.Status != http.StatusNotFound || q.Status != http.StatusOK {
		t.Errorf("who works in the field now reads all: %d, own: %d", p.Status, q.Status)
	}
	ada.Post("/office/admin/staff/3/suspension", nil)
	ada.Post("/office/admin/staff/3/restoration", nil)
	if p := poll.Get(field); p.Status != http.StatusNotFound {
		t.Errorf("after a suspension: %d", p.Status)
	}
	ada.Post("/office/admin/staff/2/calendar/removal", url.Values{"scope": {"own"}})
	if p := poll.Get(own); p.Status != http.StatusNotFound {
		t.Errorf("ended by an Administrator: %d", p.Status)
	}
}

func TestCalendarsAreNotReadTooOften(t *testing.T) {
	t.Parallel()
	log := &lines{}
	app := apptest.NewLogged(t, log)
	lee, poll := app.As("lee"), app.Nobody()
	address := calendarAddress(t, lee.Submit(lee.Get("/details/calendar"), "form[action='/details/calendar']", nil))
	app.Exec(`update calendar_feeds set reads = 59`)
	if p := poll.Get(address); p.Status != http.StatusOK {
		t.Fatal(p.Status)
	}
	p := poll.Get(address)
	if p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", p.Status, p.Header)
	}
	app.Exec(`update calendar_feeds set reads_since = now() - interval '11 minutes'`)
	if p := poll.Get(address); p.Status != http.StatusOK {
		t.Errorf("later: %d", p.Status)
	}
	if text := strings.Join(log.with(""), ""); strings.Contains(text, strings.TrimSuffix(address[strings.LastIndex(address, "/")+1:], ".ics")) || !strings.Contains(text, "/calendar/{token}.ics") {
		t.Error("the log names the address")
	}
}
