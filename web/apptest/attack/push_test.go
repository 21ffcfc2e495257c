package attack_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
	"fieldgate/internal/push"
	"fieldgate/internal/signin"
	"fieldgate/web/apptest"
)

// phoneOf is a phone of somebody on which they have turned notifications on.
func phoneOf(t *testing.T, s *apptest.PushService, b *apptest.Browser) *apptest.Phone {
	t.Helper()
	page := b.Get("/details/emails")
	key := page.Find("[data-push-key]").AttrOr("data-push-key", "")
	if key == "" {
		t.Fatalf("no key: %d %s", page.Status, page.Text("main"))
	}
	p := s.Phone(key)
	if res := b.Press("/details/emails/devices", p.Fields()); res.StatusCode != http.StatusNoContent {
		t.Fatalf("turned on: %d", res.StatusCode)
	}
	return p
}

// settled waits until nothing is on its way to phones any more.
func settled(t *testing.T, app *apptest.App) {
	t.Helper()
	wait(t, "notifications still wait", func() bool {
		return apptest.Value[int](app, `select count(*) from pushes where state = 'waiting'`) == 0
	})
}

func TestNotificationSaysLittleAndLeadsThroughTheSignIn(t *testing.T) {
	t.Parallel()
	s := apptest.NewPushService(t)
	app := apptest.NewPushed(t, s)
	lee, ben := app.As("lee"), app.As("ben")
	phone := phoneOf(t, s, lee)
	if p := lee.Get("/details/emails"); !p.Has("No notification yet") || p.Find("[data-push-device]").Length() != 1 || strings.Contains(p.Body, phone.Endpoint) {
		t.Errorf("the list of devices: %s", p.Text("main"))
	}
	ben.Upload("/office/jobs/J-1001/messages", url.Values{"text": {"Mr Nakamura, we come at nine to 12 George Street."}, "nonce": {"n"}})
	n := phone.Wait(1)[0]
	if n.Title != "Northwind Air" || n.Body != "New message on job J-1001" || n.Path != "/jobs/J-1001?as=1#messages" || n.Waiting != 2 { // the message, and quote Q-1002
		t.Errorf("%+v", n)
	}
	if n.Header.Get("Ttl") != "259200" || n.Header.Get("Urgency") != "normal" || len(n.Header.Get("Topic")) == 0 || len(n.Header.Get("Topic")) > 32 || n.Topic != n.Header.Get("Topic") {
		t.Errorf("headers: %v", n.Header)
	}
	if n.Claims.Aud != "https://push.example.com" || n.Claims.Sub != "mailto:portal@northwind.test" || time.Until(time.Unix(n.Claims.Exp, 0)) > 24*time.Hour {
		t.Errorf("token: %+v", n.Claims)
	}
	if p := app.Nobody().Get(n.Path); p.URL.Path != "/login" {
		t.Errorf("without signing in it leads to %s", p.URL)
	}
	if p := lee.Get(n.Path); p.Status != http.StatusOK || !p.Has("we come at nine") {
		t.Errorf("signed in it leads to %d", p.Status)
	}
	if p := lee.Get("/details/emails"); !p.Has("Last notification") {
		t.Errorf("the list of devices: %s", p.Text("main"))
	}
	if p := lee.Get("/waiting"); p.Header.Get("Content-Type") != "application/json" || !strings.Contains(p.Body, `"waiting":1`) {
		t.Errorf("waiting: %s", p.Body)
	}
}

// What was promised is asked again when it goes: by the rule that emails go by. Sam
// keeps the device, as another customer's contact.
func TestNotificationsEndWithRights(t *testing.T) {
	t.Parallel()
	s := apptest.NewPushService(t)
	app := apptest.NewPushed(t, s)
	ben, sam := app.As("ben"), app.As("sam")
	phone := phoneOf(t, s, sam)
	for name, change := range map[string]struct{ do, undo string }{
		"suspended":             {`update contacts set access = 'suspended' where id = 6`, `update contacts set access = 'active' where id = 6`},
		"sees no jobs":          {`update contacts set jobs_see = 'none', jobs_edit = false, jobs_create = false where id = 6`, `update contacts set jobs_see = 'all' where id = 6`},
		"not the main contact":  {`update jobs set main_contact_id = null where id = 4`, `update jobs set main_contact_id = 6 where id = 4`},
		"no longer wanted":      {`insert into push_choices (customer_id, contact_id, kind, wanted) values (3, 6, 'message', false)`, `delete from push_choices where kind = 'message'`},
		"switched off":          {`update portal_settings set push = false`, `update portal_settings set push = true`},
		"the customer archived": {`update customers set archived_at = now() where id = 3`, `update customers set archived_at = null where id = 3`},
		"somebody else's":       {`update contacts set person_id = null, access = 'invited' where id = 6`, `update contacts set person_id = 5, access = 'active' where id = 6`},
		"by company alone": {`with l as (insert into company_logins (customer_id, issuer, client_id, sealed, only_way) values (3, 'https://id.quay.test', 'x', '', true) returning id)
			insert into company_login_domains (login_id, domain) select id, 'demo.test' from l`, `update company_logins set active = false`},
	} {
		// It was promised, and waits.
		app.Exec(`insert into messages (customer_id, job_id, text, staff_id) values (3, 4, 'We come at nine.', 1)`)
		app.Exec(change.do)
		app.Exec(`insert into pushes (device_id, kind, rule, customer_id, contact_id, job_id, payload, created_at)
			select d.id, 'message', 'Main contact', 3, 6, 4, jsonb_build_object('message', (select max(id) from messages)), now() - interval '6 minutes' from push_devices d where d.ended_at is null`)
		id := apptest.Value[int64](app, `select max(id) from pushes`)
		app.Exec(`insert into river_job (kind, args, queue, max_attempts, state) values ('deliver_push', jsonb_build_object('push', $1::bigint), 'push', 25, 'available')`, id)
		settled(t, app)
		if state := apptest.Value[string](app, `select state || ': ' || words from pushes where id = $1`, id); !strings.HasPrefix(state, "dropped: ") || strings.Contains(state, "device") {
			t.Errorf("%s: %s", name, state)
		}
		app.Exec(change.undo)
	}
	if n := apptest.Value[int](app, `select count(*) from push_devices where ended_at is null`); n != 1 || phone.Asked() != 0 {
		t.Errorf("%d devices; the phone was sent %d", n, phone.Asked())
	}
	// And what is not wanted is not promised.
	app.Exec(`delete from pushes`)
	app.Exec(`update portal_settings set push = false`)
	ben.Upload("/office/jobs/J-1004/messages", url.Values{"text": {"x"}, "nonce": {"n"}})
	if n := apptest.Value[int](app, `select count(*) from pushes`); n != 0 {
		t.Errorf("%d promised while they are switched off", n)
	}
}

// A device outlives a session that ends of itself, and nothing else: it is nowhere to be
// signed out any more, and would show notifications again when access is restored.
func TestDevicesWithoutASessionEnd(t *testing.T) {
	t.Parallel()
	s := apptest.NewPushService(t)
	app := apptest.NewPushed(t, s)
	open := func() int { return apptest.Value[int](app, `select count(*) from push_devices where ended_at is null`) }
	for name, end := range map[string]func(here *apptest.Browser){
		"suspended": func(*apptest.Browser) { app.Exec(`update contacts set access = 'suspended' where id = 1`) },
		"archived":  func(*apptest.Browser) { app.Exec(`update customers set archived_at = now() where id = 1`) },
		"somebody else's": func(*apptest.Browser) {
			app.Exec(`update contacts set person_id = null, access = 'invited' where id = 1`)
		},
		"signed out everywhere else": func(here *apptest.Browser) { here.Post("/details/devices/removal", nil) },
		"another password": func(here *apptest.Browser) {
			here.Post("/new-password", url.Values{"current": {apptest.Password}, "password": {freshPassword}})
		},
		"a restored database": func(*apptest.Browser) {
			if err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) error { return signin.EndAll(t.Context(), tx) }); err != nil {
				t.Fatal(err)
			}
		},
	} {
		phoneOf(t, s, app.As("lee"))
		app.Exec(`update sessions set seen_at = now() - interval '3 days' where side = 'portal'`)
		app.Exec(`delete from sessions where side = 'portal'`)
		if open() != 1 {
			t.Fatalf("%s: the session took the device along", name)
		}
		end(app.As("lee"))
		if open() != 0 {
			t.Errorf("%s: the device stays", name)
		}
		app.Exec(`update customers set archived_at = null where id = 1`)
		app.Exec(`update contacts set access = 'active', person_id = 1 where id = 1`)
		app.Exec(`delete from push_devices`)
	}
	// The one that it is done on goes on.
	lee := app.As("lee")
	phoneOf(t, s, lee)
	if lee.Post("/details/devices/removal", nil); open() != 1 {
		t.Error("signed out everywhere else, the device here has ended")
	}
	// Whoever is somebody else's contact, too, keeps it.
	phoneOf(t, s, app.As("sam"))
	if app.Exec(`update contacts set access = 'suspended' where id = 6`); open() != 2 {
		t.Error("a device ended with one access of two")
	}
}

// A phone that was off may show a notification later: it names the day, and is of no use
// from the day on.
func TestReminderOfAVisitNamesItsDay(t *testing.T) {
	t.Parallel()
	s := apptest.NewPushService(t)
	app := apptest.NewPushed(t, s)
	phone := phoneOf(t, s, app.As("lee"))
	for _, days := range []int{1, 0} {
		app.Exec(`update jobs set booked_from = (business_day() + $1::integer + time '23:59') at time zone (select time_zone from company), booked_until = null where id = 1`, days)
		app.Exec(`insert into pushes (device_id, kind, rule, customer_id, contact_id, job_id, payload, created_at)
			select d.id, 'visit-reminder', 'Main contact', 1, 1, 1, jsonb_build_object('what', 'tomorrow', 'booked', j.booked_from), now() - interval '6 minutes' from push_devices d, jobs j where j.id = 1`)
		app.Exec(`insert into river_job (kind, args, queue, max_attempts, state) select 'deliver_push', jsonb_build_object('push', max(id)), 'push', 25, 'available' from pushes`)
		settled(t, app)
	}
	if state := apptest.Value[string](app, `select state || ': ' || words from pushes order by id desc limit 1`); state != "dropped: the day that it tells of has come" {
		t.Errorf("on the day itself: %s", state)
	}
	n := phone.Wait(1)[0]
	if want := "Visit on " + app.Today().AddDays(1).Format("Mon 2 Jan") + ", job J-1001"; n.Body != want {
		t.Errorf("%q, want %q", n.Body, want)
	}
	left := apptest.Value[int](app, `select extract(epoch from business_day_start(business_day() + 1) - now())::integer`)
	if life, err := strconv.Atoi(n.Header.Get("Ttl")); err != nil || life < left-1 || life > left+60 {
		t.Errorf("kept for %d seconds, and the day begins in %d", life, left)
	}
}

// Nothing of one customer reaches another's people; the same person is told whose
// it is, without the name of a household.
func TestNotificationsOfSeveralCustomers(t *testing.T) {
	t.Parallel()
	s := apptest.NewPushService(t)
	app := apptest.NewPushed(t, s)
	ben, sam := app.As("ben"), app.As("sam")
	phones := map[string]*apptest.Phone{"lee": phoneOf(t, s, app.As("lee")), "ola": phoneOf(t, s, app.As("ola")), "sam": phoneOf(t, s, sam)}
	app.Exec(`insert into mail_choices (customer_id, contact_id, kind, wanted) values (2, 5, 'everything', true), (2, 5, 'message', false)`)
	app.Exec(`update customers set company_name = '', name = 'Quinn Rivers' where id = 3`) // a household
	ben.Upload("/office/jobs/J-1003/messages", url.Values{"text": {"For the lobby."}, "nonce": {"a"}})
	ben.Upload("/office/jobs/J-1004/messages", url.Values{"text": {"For the cool room."}, "nonce": {"b"}})
	got := map[string]bool{}
	for _, n := range phones["sam"].Wait(2) {
		got[n.Body+" "+n.Path] = true
	}
	if !got["New message on job J-1003\nOwners of Pelican Point /jobs/J-1003?as=5#messages"] || !got["New message on job J-1004\nC-1003 /jobs/J-1004?as=6#messages"] {
		t.Errorf("Sam: %v", got)
	}
	if n := phones["ola"].Wait(1); n[0].Body != "New message on job J-1003" {
		t.Errorf("Ola: %+v", n)
	}
	settled(t, app)
	if len(phones["ola"].Got()) != 1 || len(phones["sam"].Got()) != 2 || phones["lee"].Asked() != 0 {
		t.Errorf("Ola %d, Sam %d, Lee %d", len(phones["ola"].Got()), len(phones["sam"].Got()), phones["lee"].Asked())
	}
	if n := apptest.Value[int](app, `select count(*) from river_job where kind = 'deliver_push' and (args->'customer') in ('2', '3')`); n != 3 {
		t.Errorf("customers take turns with %d of 3 notifications", n)
	}
	if p := sam.Get("/waiting"); !strings.Contains(p.Body, `"waiting":2`) {
		t.Errorf("over all of Sam's customers: %s", p.Body)
	}
}

// What waits for a twin goes to the one who stays, as emails do.
func TestNotificationsGoOverInAMerge(t *testing.T) {
	t.Parallel()
	s := apptest.NewPushService(t)
	app := apptest.NewPushed(t, s)
	phone := phoneOf(t, s, app.As("sam"))
	app.Exec(`insert into messages (customer_id, job_id, text, staff_id) values (3, 4, 'We come at nine.', 1)`)
	app.Exec(`insert into pushes (device_id, kind, rule, customer_id, contact_id, job_id, payload, created_at)
		select d.id, 'message', 'Main contact', 3, 6, 4, jsonb_build_object('message', (select max(id) from messages)), now() - interval '1 minute' from push_devices d`)
	app.Exec(`select merge_customers(3, 2)`)
	app.Exec(`insert into river_job (kind, args, queue, max_attempts, state) select 'deliver_push', jsonb_build_object('push', max(id)), 'push', 25, 'available' from pushes`)
	if n := phone.Wait(1)[0]; n.Body != "New message on job J-1004" || n.Path != "/jobs/J-1004?as=5#messages" {
		t.Errorf("%+v", n)
	}
}

// Who ends a session waits for nobody who turns on notifications in it.
func TestTurningOnWhileTheSessionEnds(t *testing.T) {
	t.Parallel()
	s := apptest.NewPushService(t)
	app := apptest.NewPushed(t, s)
	phoneOf(t, s, app.As("lee"))
	app.Exec(`update push_devices set browser_hash = 'known'`)
	session := apptest.Value[int64](app, `select session_id from push_devices`)
	ending, err := app.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ending.Rollback(context.Background()) }()
	if _, err := ending.Exec(t.Context(), `select from sessions where id = $1 for update`, session); err != nil {
		t.Fatal(err)
	}
	turned := make(chan error, 1)
	go func() {
		f := s.Phone("").Fields()
		turned <- postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) error {
			_, err := push.TurnOn(t.Context(), tx, push.New{Person: 1, Session: session, Known: "known", Endpoint: f.Get("endpoint"), Key: f.Get("key"), Secret: f.Get("secret")})
			return err
		})
	}()
	wait(t, "turning on waits for nobody", func() bool {
		return apptest.Value[bool](app, `select exists (select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database())`)
	})
	if _, err := ending.Exec(t.Context(), `delete from sessions where id = $1`, session); err != nil {
		t.Fatalf("the session does not end: %v", err)
	}
	if err := ending.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = <-turned
	if _, told := errors.AsType[apperr.Conflict](err); !told {
		t.Errorf("turned on in a session that has ended: %v", err)
	}
}

func TestWhatBecomesOfDevices(t *testing.T) {
	t.Parallel()
	s := apptest.NewPushService(t)
	log := &lines{}
	app := apptest.NewPushedAndLogged(t, s, log)
	ben := app.As("ben")
	open := func() int { return apptest.Value[int](app, `select count(*) from push_devices where ended_at is null`) }
	write := func(nonce string) {
		ben.Upload("/office/jobs/J-1001/messages", url.Values{"text": {"x"}, "nonce": {nonce}})
	}

	lee := app.As("lee")
	phone := phoneOf(t, s, lee)
	phone.Refuse(apptest.Refusal{Status: 503}, apptest.Refusal{Status: 401}, apptest.Refusal{Status: 403}, apptest.Refusal{Status: 429, RetryAfter: "1"})
	write("later")
	wait(t, "it is not sent again", func() bool {
		app.Exec(`update river_job set scheduled_at = now(), state = 'available' where kind = 'deliver_push' and state = 'scheduled'`)
		return len(phone.Got()) > 0
	})
	if phone.Wait(1); phone.Asked() != 5 || open() != 1 {
		t.Errorf("asked %d times", phone.Asked())
	}

	phone.Refuse(apptest.Refusal{Status: 410})
	write("gone")
	settled(t, app)
	if open() != 0 || apptest.Value[string](app, `select endpoint from push_devices`) != "" {
		t.Error("a device that is gone stays")
	}

	for name, end := range map[string]func(*apptest.Browser){
		"removed":              func(b *apptest.Browser) { b.Submit(b.Get("/details/emails"), "form[action$='/removal']", nil) },
		"logged out":           func(b *apptest.Browser) { b.Post("/logout", nil) },
		"logged out from afar": func(*apptest.Browser) { app.Exec(`delete from sessions where side = 'portal'`) },
		"access taken away":    func(*apptest.Browser) { app.Exec(`update contacts set access = 'suspended' where id = 1`) },
	} {
		b := app.As("lee")
		phoneOf(t, s, b)
		if end(b); open() != 0 {
			t.Errorf("%s: %d devices stay", name, open())
		}
		app.Exec(`update contacts set access = 'active' where id = 1`)
		app.Exec(`delete from push_devices`)
	}
	// A session that has ended of itself takes nothing along.
	phoneOf(t, s, app.As("lee"))
	app.Exec(`update sessions set seen_at = now() - interval '3 days' where side = 'portal'`)
	app.Exec(`delete from sessions where side = 'portal'`)
	if open() != 1 {
		t.Error("an old session took the device along")
	}
	// What has taken nothing on many days ends, if others took theirs then.
	phoneOf(t, s, app.As("ola"))
	for i, others := range []string{"failed", "sent"} {
		app.Exec(`insert into pushes (device_id, kind, rule, customer_id, contact_id, state, finished_at)
			select d.id, 'message', '', c.customer_id, c.id, case d.person_id when 1 then 'failed' else $1 end, now() - day * interval '1 day'
			from push_devices d join contacts c on c.person_id = d.person_id, generate_series(1, 14) day where d.ended_at is null`, others)
		app.Exec(`update push_devices set used_at = now() - interval '1 day' where person_id = 4 and $1 = 'sent'`, others)
		if err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) error { return push.Sweep(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
		if open() != 2-i {
			t.Errorf("of others it was %s: %d devices", others, open())
		}
	}
	if len(log.with("/send/")) > 0 {
		t.Error("the log names the address of a device")
	}
}

// Whoever logs in where a session is open begins another in its place: the same person's
// device goes on in it, also without the cookie that tells browsers apart; another person
// has it no more.
func TestDevicesGoOnInTheSessionThatFollows(t *testing.T) {
	t.Parallel()
	s := apptest.NewPushService(t)
	app := apptest.NewPushed(t, s)
	here := func() int {
		return apptest.Value[int](app, `select count(*) from push_devices d join sessions s on s.id = d.session_id and s.person_id = d.person_id where d.ended_at is null`)
	}
	lee := app.As("lee")
	phoneOf(t, s, lee)
	before := apptest.Value[int64](app, `select session_id from push_devices`)
	if lee.Post("/login", url.Values{"email": {"lee@demo.test"}, "password": {"a wrong word"}}); here() != 1 || apptest.Value[int64](app, `select session_id from push_devices`) != before {
		t.Error("a wrong password changed the device")
	}
	app.Exec(`update push_devices set browser_hash = ''`)
	if lee.Post("/login", url.Values{"email": {"lee@demo.test"}, "password": {apptest.Password}}); here() != 1 || apptest.Value[int64](app, `select session_id from push_devices`) == before {
		t.Errorf("logged in again: %d devices in the session", here())
	}
	if n := apptest.Value[int](app, `select count(*) from sessions where id = $1`, before); n != 0 {
		t.Error("the session before goes on")
	}
	lee.Post("/login", url.Values{"email": {"ola@demo.test"}, "password": {apptest.Password}})
	if n := apptest.Value[int](app, `select count(*) from push_devices where ended_at is null`); n != 0 {
		t.Errorf("Ola logged in where Lee was: %d devices", n)
	}
}

func TestDevicesHaveLimits(t *testing.T) {
	t.Parallel()
	s := apptest.NewPushService(t)
	app := apptest.NewPushed(t, s)
	lee := app.As("lee")
	first := phoneOf(t, s, lee)
	if res := lee.Press("/details/emails/devices", first.Fields()); res.StatusCode != http.StatusNoContent {
		t.Errorf("the same one again: %d", res.StatusCode)
	}
	for range 9 {
		phoneOf(t, s, lee)
	}
	refused := func(fields url.Values) string {
		t.Helper()
		p := lee.Plain("/details/emails/devices", fields)
		if p.Status != http.StatusConflict {
			t.Errorf("%v: %d", fields, p.Status)
		}
		return p.Body
	}
	if words := refused(s.Phone("").Fields()); !strings.Contains(words, "Remove one") {
		t.Errorf("the eleventh: %s", words)
	}
	for _, endpoint := range []string{"http://push.example.com/x", "https://127.0.0.1/x", "https://[fd00::1]/x", "https://user:word@push.example.com/", "", "https://push.example.com/" + strings.Repeat("a", 2000)} {
		fields := s.Phone("").Fields()
		fields.Set("endpoint", endpoint)
		refused(fields)
	}
	if n := apptest.Value[int](app, `select count(*) from push_devices`); n != 10 {
		t.Errorf("%d devices", n)
	}
	app.Exec(`delete from push_devices where id > 1`)
	app.Exec(`insert into push_devices (person_id, endpoint, public_key, auth_secret, ended_at) select 1, '', '', '', now() from generate_series(1, 20)`)
	if words := refused(s.Phone("").Fields()); !strings.Contains(words, "too often") {
		t.Errorf("too often: %s", words)
	}
	// A browser is one person's: whoever turns it on there next has it alone.
	ola := app.As("ola")
	if res := ola.Press("/details/emails/devices", first.Fields()); res.StatusCode != http.StatusNoContent || apptest.Value[int64](app, `select person_id from push_devices where ended_at is null`) != 4 {
		t.Errorf("another person at the same browser: %d", res.StatusCode)
	}
	// Nobody removes another's.
	if p := lee.Post("/details/emails/devices/"+apptest.Value[string](app, `select max(id)::text from push_devices where ended_at is null`)+"/removal", nil); p.Status != http.StatusNotFound {
		t.Errorf("another's device: %d", p.Status)
	}
}

func TestAddressesInPrivateNetworksAreNotCalled(t *testing.T) {
	t.Parallel()
	app := apptest.New(t) // with the client of every installation
	lee, ben := app.As("lee"), app.As("ben")
	called := false
	inside := apptest.NewPushServiceAt(t, func() { called = true })
	phone := inside.Phone("")
	fields := phone.Fields()
	fields.Set("endpoint", strings.Replace(inside.URL(), "127.0.0.1", "localhost", 1)+"/send/x")
	if res := lee.Press("/details/emails/devices", fields); res.StatusCode != http.StatusNoContent {
		t.Fatalf("turned on: %d", res.StatusCode)
	}
	ben.Upload("/office/jobs/J-1001/messages", url.Values{"text": {"x"}, "nonce": {"n"}})
	settled(t, app)
	if words := apptest.Value[string](app, `select words from pushes`); called || words != "the address is in a private network" {
		t.Errorf("called %v: %s", called, words)
	}
}
