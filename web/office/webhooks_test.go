package officeweb_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldgate/internal/audit"
	"fieldgate/internal/config"
	"fieldgate/internal/contact"
	"fieldgate/internal/event"
	"fieldgate/internal/postgres"
	"fieldgate/internal/privacy"
	"fieldgate/web/apptest"
)

// loopback is this machine.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

const webhooks = "/office/admin/webhooks/"

// hook makes a webhook as an Administrator does, and returns its id and secret.
func hook(t *testing.T, ada *apptest.Browser, host string, fields url.Values) (id, secret string) {
	t.Helper()
	all := url.Values{"name": {host}, "address": {"https://" + host + "/in"}}
	for name, values := range fields {
		all[name] = values
	}
	p := ada.Submit(ada.Get(webhooks+"new"), "main form.form", all)
	secret = p.Text("code.secret")
	if p.Status != http.StatusOK || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("no webhook was made: %d %s", p.Status, p.Text("main"))
	}
	return strings.TrimPrefix(p.Find("main a.button--primary").AttrOr("href", ""), webhooks), secret
}

// says lets Lee write messages, each an event.
func says(t *testing.T, lee *apptest.Browser, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if p := lee.Post("/jobs/J-1001/messages", url.Values{"text": {text}}); p.Status != http.StatusOK {
			t.Fatalf("no message: %d %s", p.Status, p.Text("main"))
		}
	}
}

// holds waits until the database says so.
func holds(t *testing.T, app *apptest.App, condition string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for !apptest.Value[bool](app, "select "+condition, args...) {
		select {
		case <-ctx.Done():
			t.Fatalf("never %s", condition)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// comes waits until a call is there.
func comes(t *testing.T, here <-chan struct{}) {
	t.Helper()
	select {
	case <-here:
	case <-time.After(30 * time.Second):
		t.Fatal("no call comes")
	}
}

// refusing answers so at a host.
func refusing(host string, status int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Host != host {
			return false
		}
		w.Header().Set("Location", "https://elsewhere.example.com/")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "no, thanks")
		return true
	}
}

func texts(got []apptest.Received) string {
	var all []string
	for _, m := range got {
		text, _ := m.Value("message.text").(string)
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

// TestWebhookScreens: the form and its problems, the secret shown once, the test,
// the pages of deliveries, sending again, switching, removing, and the trail.
func TestWebhookScreens(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada, lee := app.As("ada"), app.As("lee")
	const host = "hooks.example.com"
	if p := app.As("ben").Get("/office/admin/webhooks"); p.Status != http.StatusForbidden {
		t.Errorf("Ben sees webhooks: %d", p.Status)
	}

	form := ada.Get(webhooks + "new")
	for _, tt := range []struct {
		fields         url.Values
		field, problem string
	}{
		{url.Values{"name": {""}, "address": {"https://x.example.com/"}}, "name", "Enter a name"},
		{url.Values{"name": {"x"}, "address": {""}}, "address", "Enter the address"},
		{url.Values{"name": {"x"}, "address": {"http://x.example.com/"}}, "address", "begins with https"},
		{url.Values{"name": {"x"}, "address": {"https://a:b@x.example.com/"}}, "address", "no user name"},
		{url.Values{"name": {"x"}, "address": {"https://10.0.0.8/"}}, "address", "private network"},
		{url.Values{"name": {"x"}, "address": {"https://x.example.com/"}, "whose": {"some"}, "customers": {"C-1001\nC-9999"}}, "customers", "There is no customer C-9999"},
		{url.Values{"name": {"x"}, "address": {"https://x.example.com/"}, "whose": {"some"}, "customers": {""}}, "customers", "at least one"},
	} {
		p := ada.Submit(form, "main form.form", tt.fields)
		if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Problem(tt.field), tt.problem) || p.Find("#name").AttrOr("value", "") != tt.fields.Get("name") {
			t.Errorf("%v: %d %q", tt.fields, p.Status, p.Problem(tt.field))
		}
	}
	if p := ada.Submit(form, "main form.form", url.Values{"name": {"x"}, "address": {"https://x.example.com/"}, "which": {"some"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("Tick at least one event") {
		t.Errorf("no event ticked: %d", p.Status)
	}

	fields := url.Values{"name": {"simPRO sync"}, "address": {"https://" + host + "/in"}, "which": {"some"}, "kinds": {"message.written", "quote.accepted"}, "whose": {"some"}, "customers": {"c-1001"}}
	made := ada.Submit(form, "main form.form", fields)
	secret := made.Text("code.secret")
	if made.Status != http.StatusOK || !strings.HasPrefix(secret, "whsec_") || made.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("made: %d %s", made.Status, made.Text("main"))
	}
	if p := ada.Submit(form, "main form.form", fields); p.Find("code.secret").Length() != 0 || !p.Has("was added already") {
		t.Errorf("the same form again: %d %s", p.Status, p.Text("main"))
	}
	at := made.Find("main a.button--primary").AttrOr("href", "")
	if n := apptest.Value[int](app, `select count(*) from webhooks where position($1::bytea in secret) > 0 or name = 'simPRO sync'`, []byte(secret)); n != 1 {
		t.Errorf("%d webhooks", n)
	}

	page := ada.Get(at)
	if !page.Has("Nothing sent yet") || !page.Has("A quote is accepted") || !page.Has("C-1001") || page.Has(secret) {
		t.Errorf("its page: %s", page.Text("main"))
	}
	for range 2 { // pressed twice
		ada.Submit(page, "form[action$='/test']", nil)
	}
	if got := receiver.Wait(host, 1); got[0].Type != "webhook.test" || !got[0].SignedBy(secret) {
		t.Errorf("the test: %+v", got[0])
	}
	says(t, lee, "one")
	receiver.Wait(host, 2)
	holds(t, app, `count(*) = 2 from webhook_deliveries d join webhooks w on w.id = d.webhook_id where w.name = 'simPRO sync' and d.state = 'delivered'`)
	page = ada.Get(at)
	if page.Find("#results tbody tr").Length() != 2 || !page.Has("2 deliveries") || !page.Has("Answered 200 in") {
		t.Errorf("deliveries: %s", page.Text("#results"))
	}
	for query, rows := range map[string]int{"?state=failed": 0, "?state=delivered": 2, "?kind=webhook.test": 1, "?kind=message.written": 1, "?q=nothing": 0, "?q=j-1001": 1} {
		if p := ada.Get(at + query); p.Status != http.StatusOK || p.Find("#results tbody tr").Length() != rows {
			t.Errorf("%s: %d rows", query, p.Find("#results tbody tr").Length())
		}
	}
	one := ada.Get(page.Find("#results tbody tr a").First().AttrOr("href", ""))
	if !one.Has("A message is written") || !one.Has(`"text": "one"`) || !one.Has("What was sent") || !one.Has("200, without a text") {
		t.Errorf("a delivery: %s", one.Text("main"))
	}
	for range 2 {
		if p := ada.Submit(one, "form[action$='/again']", nil); p.Status != http.StatusOK {
			t.Errorf("again: %d %s", p.Status, p.Text("main"))
		}
	}
	if got := receiver.Wait(host, 3); got[2].ID != got[1].ID || got[2].Body != got[1].Body || !got[2].SignedBy(secret) {
		t.Errorf("again: %+v", got[2])
	}

	// Two secrets while they are replaced.
	page = ada.Get(at)
	rotated := ada.Submit(page, "form[action$='/secret']", nil)
	fresh := rotated.Text("code.secret")
	if !strings.HasPrefix(fresh, "whsec_") || fresh == secret {
		t.Fatalf("a new secret: %d %s", rotated.Status, rotated.Text("main"))
	}
	if p := ada.Submit(page, "form[action$='/secret']", nil); p.Find("code.secret").Length() != 0 || !p.Has("Nothing was done") {
		t.Errorf("pressed twice: %s", p.Text("main"))
	}
	says(t, lee, "two")
	if m := receiver.Wait(host, 4)[3]; !m.SignedBy(secret) || !m.SignedBy(fresh) || m.Signatures() != 2 {
		t.Errorf("while they are replaced: %+v", m)
	}
	if p := ada.Submit(ada.Get(at), "form[action$='/old-secret/removal']", nil); !p.Has("no longer signs") {
		t.Errorf("ending: %s", p.Text("main"))
	}
	says(t, lee, "three")
	if m := receiver.Wait(host, 5)[4]; m.SignedBy(secret) || !m.SignedBy(fresh) || m.Signatures() != 1 {
		t.Errorf("afterwards: %+v", m)
	}

	// Edited by two at once.
	first, second := ada.Get(at+"/edit"), ada.Get(at+"/edit")
	if first.Find("[name=kinds][checked]").Length() != 2 || first.Text("#customers") != "C-1001" {
		t.Errorf("the form: %s", first.Text("main"))
	}
	ada.Submit(first, "main form.form", url.Values{"name": {"simPRO"}})
	if p := ada.Submit(second, "main form.form", url.Values{"name": {"other"}}); p.Status != http.StatusConflict || !p.Has("simPRO") {
		t.Errorf("the second: %d %s", p.Status, p.Text("main"))
	}

	// Off, what happens meanwhile waits; on again, with it or without.
	ada.Submit(ada.Get(at), "form[action$='/switch']", nil)
	says(t, lee, "four", "five")
	off := ada.Get(at)
	if !off.Has("2 events wait for it") {
		t.Errorf("off: %s", off.Text("main"))
	}
	ada.Submit(off, ".notice form", nil)
	if got := receiver.Wait(host, 7); texts(got[5:]) != "four five" {
		t.Errorf("on again: %s", texts(got))
	}
	ada.Submit(ada.Get(at), "form[action$='/switch']", nil)
	says(t, lee, "six")
	ada.Post(at+"/switch", url.Values{"to": {"on"}})
	says(t, lee, "seven")
	if got := receiver.Wait(host, 8); texts(got[7:]) != "seven" {
		t.Errorf("on without: %s", texts(got))
	}

	p := ada.Submit(ada.Get(at+"/removal"), "main form", nil)
	if !p.Has("The webhook is removed.") || ada.Get(at).Status != http.StatusNotFound {
		t.Errorf("removed: %s", p.Text("main"))
	}
	trail := ada.Get("/office/admin/activity?about=").Text("main")
	for _, words := range []string{"added the webhook simPRO sync", "changed the webhook simPRO", "made a new secret for the webhook", "ended the old secret", "sent a test to the webhook", "switched off the webhook", "switched on the webhook", "sent an event to the webhook", "removed the webhook simPRO"} {
		if !strings.Contains(trail, words) {
			t.Errorf("the trail lacks %q", words)
		}
	}
	if strings.Contains(trail, "whsec_") {
		t.Error("the trail has a secret")
	}
}

// TestWebhooksAskForProof: whoever sits down at an open browser makes none.
func TestWebhooksAskForProof(t *testing.T) {
	t.Parallel()
	app := apptest.NewHooked(t, apptest.NewReceiver(t))
	ada := app.As("ada")
	form := ada.Get(webhooks + "new")
	app.Exec(`update sessions set created_at = now() - interval '1 hour'`)
	p := ada.Submit(form, "main form.form", url.Values{"name": {"x"}, "address": {"https://x.example.com/"}})
	if p.Find("[name=proof-by], [name=proof], [type=password]").Length() == 0 || apptest.Value[int](app, `select count(*) from webhooks where name = 'x'`) != 0 {
		t.Errorf("no proof is asked for: %d %s", p.Status, p.Text("main"))
	}
}

// TestRetries: what is refused is sent again, holds up those behind it for a few
// tries and no longer, and nobody else at all.
func TestRetries(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada, lee := app.As("ada"), app.As("lee")
	const bad, good = "bad.example.com", "good.example.com"
	id, secret := hook(t, ada, bad, nil)
	hook(t, ada, good, nil)
	due := func() {
		app.Exec(`select from webhooks for update; -- first, as the program does
			update webhook_deliveries set next_at = now() where state = 'waiting';
			update webhooks set next_at = now()`)
	}
	receiver.Answer(refusing(bad, http.StatusInternalServerError))
	says(t, lee, "one", "two")
	if got := receiver.Wait(good, 2); texts(got) != "one two" {
		t.Errorf("the others hear %s", texts(got))
	}
	receiver.WaitAsked(bad, 1)
	holds(t, app, `failing_since is not null and failures = 1 from webhooks where id = $1`, id)
	holds(t, app, `count(*) = 2 from webhook_deliveries where webhook_id = $1 and state = 'waiting'`, id)
	if p := ada.Get(webhooks + id); !p.Has("Nothing has got through since") || !p.Has("2 events wait") || !p.Has("press Send a test") || !p.Has("Answered 500") || !p.Has("Retrying") {
		t.Errorf("its page: %s", p.Text("main"))
	}
	// A redirect is not followed.
	receiver.Answer(refusing(bad, http.StatusTemporaryRedirect))
	due()
	receiver.WaitAsked(bad, 2)
	holds(t, app, `status = 307 from webhook_deliveries where webhook_id = $1 order by number limit 1`, id)
	// The one is refused for good: after three tries those behind overtake it.
	receiver.Answer(refusing(bad, http.StatusBadRequest))
	due()
	receiver.WaitAsked(bad, 3)
	holds(t, app, `attempts = 3 from webhook_deliveries where webhook_id = $1 order by number limit 1`, id)
	receiver.Answer(nil)
	app.Exec(`update webhook_deliveries set attempts = 4, next_at = now() + interval '1 hour' where webhook_id = $1 and number = (select min(number) from webhook_deliveries where webhook_id = $1)`, id)
	app.Exec(`update webhooks set next_at = now(), failures = 1`)
	if got := receiver.Wait(bad, 1); texts(got) != "two" || !got[0].SignedBy(secret) {
		t.Errorf("overtaken: %s", texts(got))
	}
	holds(t, app, `failing_since is null and failures = 0 from webhooks where id = $1`, id)
	due()
	if got := receiver.Wait(bad, 2); texts(got) != "two one" {
		t.Errorf("in the end: %s", texts(got))
	}
	holds(t, app, `count(*) = 0 from webhook_deliveries where state = 'waiting'`)
	if n := receiver.Asked("elsewhere.example.com"); n != 0 {
		t.Errorf("a redirect was followed %d times", n)
	}
	if got := receiver.Got(good); len(got) != 2 {
		t.Errorf("the others hear %d", len(got))
	}
}

// TestRefusedEventsAreOvertaken: some events that a system cannot take, each tried
// more often than it holds up others, do not come again and again before one that
// it can take, however many they are.
func TestRefusedEventsAreOvertaken(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada, lee := app.As("ada"), app.As("lee")
	const host = "hooks.example.com"
	id, _ := hook(t, ada, host, nil)
	receiver.Answer(func(w http.ResponseWriter, r *http.Request) bool {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), "poison") {
			return false
		}
		w.WriteHeader(http.StatusBadRequest)
		return true
	})
	app.Exec(`update webhooks set next_at = now() + interval '1 hour' where id = $1`, id)
	says(t, lee, "poison", "poison", "poison", "poison", "poison", "good")
	holds(t, app, `count(*) = 6 from webhook_deliveries where webhook_id = $1`, id)
	app.Exec(`update webhook_deliveries set attempts = 5, first_at = now(), next_at = now() where webhook_id = $1 and number < (select max(number) from webhook_deliveries where webhook_id = $1)`, id)
	app.Exec(`update webhooks set next_at = now() where id = $1`, id)
	receiver.WaitAsked(host, 1) // the first of them
	holds(t, app, `failures = 1 from webhooks where id = $1`, id)
	app.Exec(`update webhook_deliveries set next_at = now() where webhook_id = $1 and state = 'waiting'`, id)
	app.Exec(`update webhooks set next_at = now() where id = $1`, id)
	if got := receiver.Wait(host, 1); texts(got) != "good" {
		t.Errorf("taken: %s", texts(got))
	}
	if n := receiver.Asked(host); n > 4 {
		t.Errorf("the system was asked %d times before it got what it can take", n)
	}
}

// TestWhatCannotBeKeptIsNoted: a receiver that lets an error hold what no column can,
// as in its certificate, is tried again when it is time, not again and again.
func TestWhatCannotBeKeptIsNoted(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada, lee := app.As("ada"), app.As("lee")
	id, _ := hook(t, ada, "hooks.example.com", nil)
	receiver.Cut(func(*http.Request) (before, after error) {
		return errors.New("certificate is valid for a\x00b and \xff"), nil
	})
	says(t, lee, "one")
	holds(t, app, `count(*) = 1 from webhook_deliveries d join webhooks w on w.id = d.webhook_id where w.id = $1 and attempts >= 1 and w.failures >= 1 and d.words like '%valid for a_b%'`, id)
}

// TestMended: whoever has mended a system, or entered its new address, need not
// wait for the next try; and what a webhook is no longer told of goes to no address.
func TestMended(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada, lee, ola := app.As("ada"), app.As("lee"), app.As("ola")
	const bad, other = "bad.example.com", "other.example.com"
	id, _ := hook(t, ada, bad, nil)
	later := func() {
		app.Exec(`update webhooks set next_at = now() + interval '1 hour', failures = 9, failing_since = now() - interval '5 hours' where id = $1`, id)
		app.Exec(`update webhook_deliveries set next_at = now() + interval '4 hours', attempts = 9 where webhook_id = $1 and state = 'waiting'`, id)
	}
	receiver.Answer(refusing(bad, http.StatusInternalServerError))
	says(t, lee, "one", "two")
	receiver.WaitAsked(bad, 1)
	holds(t, app, `failures = 1 and (select count(*) = 2 from webhook_deliveries where webhook_id = w.id) from webhooks w where id = $1`, id)
	later()
	p := ada.Get(webhooks + id)
	if !p.Has("next at") || p.Has("at least once an hour") || !p.Has("Again at") || !p.Has("If nothing gets through by") {
		t.Errorf("its page: %s", p.Text("main"))
	}
	ada.Submit(p, "form[action$='/test']", nil) // fails: nothing changes
	holds(t, app, `count(*) = 1 from webhook_deliveries where webhook_id = $1 and state = 'failed'`, id)
	if !apptest.Value[bool](app, `select next_at > now() + interval '50 minutes' from webhooks where id = $1`, id) {
		t.Error("a test that fails lets events be tried")
	}
	receiver.Answer(nil)
	ada.Submit(p, "form[action$='/test']", url.Values{"nonce": {"another"}})
	if got := receiver.Wait(bad, 3); texts(got) != " one two" {
		t.Errorf("after a test: %s", texts(got))
	}
	holds(t, app, `failing_since is null from webhooks where id = $1`, id)

	receiver.Answer(refusing(bad, http.StatusInternalServerError))
	says(t, lee, "three")
	ola.Submit(ola.Get("/details/edit"), "form.form", url.Values{"role": {"Owner"}})
	holds(t, app, `failures > 0 and (select count(*) = 2 from webhook_deliveries where webhook_id = w.id and state = 'waiting') from webhooks w where id = $1`, id)
	later()
	ada.Submit(ada.Get(webhooks+id+"/edit"), "main form.form", url.Values{"address": {"https://" + other + "/in"}, "whose": {"some"}, "customers": {"C-1001"}})
	if got := receiver.Wait(other, 1); texts(got) != "three" {
		t.Errorf("at the new address: %s", texts(got))
	}
	holds(t, app, `count(*) = 0 from webhook_deliveries where webhook_id = $1 and state = 'waiting'`, id)
	if got := receiver.Got(other); len(got) != 1 || apptest.Value[int](app, `select count(*) from webhook_deliveries where webhook_id = $1 and state = 'skipped'`, id) != 1 {
		t.Errorf("what it is no longer told of: %v", got)
	}
}

// TestEditedWhileItFails: the form says what becomes of what waits, and how it went
// before says nothing of a new address, nor when nothing is left to be tried.
func TestEditedWhileItFails(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada, lee := app.As("ada"), app.As("lee")
	const host, other, fine = "hooks.example.com", "other.example.com", `failures = 0 and failing_since is null and next_at <= now()`
	const notice = "Nothing has got through since"
	id, _ := hook(t, ada, host, nil)
	edit := func(fields url.Values) {
		t.Helper()
		if p := ada.Submit(ada.Get(webhooks+id+"/edit"), "main form.form", fields); p.Status != http.StatusOK {
			t.Fatalf("not changed: %d %s", p.Status, p.Text("main"))
		}
	}
	if ada.Get(webhooks + id + "/edit").Has("never sent") {
		t.Error("nothing waits, and the form says what becomes of it")
	}
	receiver.Answer(refusing(host, http.StatusInternalServerError))
	says(t, lee, "one")
	holds(t, app, `failures = 1 from webhooks where id = $1`, id)
	app.Exec(`update webhooks set failures = 9, failing_since = now() - interval '5 hours', next_at = now() + interval '4 hours' where id = $1`, id)
	if p := ada.Get(webhooks + id); !p.Has(notice) || !ada.Get(webhooks+id+"/edit").Has("1 event waits. If you leave it out here") {
		t.Errorf("its page: %s", p.Text("main"))
	}
	edit(url.Values{"name": {"Another"}})
	if apptest.Value[bool](app, `select `+fine+` from webhooks where id = $1`, id) {
		t.Error("another name lets it be tried at once")
	}
	edit(url.Values{"which": {"some"}, "kinds": {"quote.accepted"}})
	if !apptest.Value[bool](app, `select `+fine+` from webhooks where id = $1`, id) || ada.Get(webhooks+id).Has(notice) {
		t.Error("nothing is left to be tried, and it fails")
	}
	app.Exec(`update webhooks set failures = 9, failing_since = now() - interval '5 hours', next_at = now() + interval '1 hour' where id = $1`, id)
	if ada.Get(webhooks + id).Has(notice) {
		t.Error("nothing waits, and the page says that it is tried")
	}

	// The old address says that it is gone while the new one is entered.
	here, moved := make(chan struct{}), make(chan struct{})
	move := sync.OnceFunc(func() { close(moved) })
	t.Cleanup(move)
	receiver.Answer(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Host != host {
			return false
		}
		close(here)
		<-moved
		w.WriteHeader(http.StatusGone)
		return true
	})
	edit(url.Values{"which": {"all"}})
	says(t, lee, "two")
	comes(t, here)
	app.Exec(`update webhooks set failures = 9, failing_since = now() - interval '5 hours' where id = $1`, id)
	edit(url.Values{"address": {"https://" + other + "/in"}})
	if !apptest.Value[bool](app, `select `+fine+` from webhooks where id = $1`, id) {
		t.Error("the new address has failed before it was called")
	}
	move()
	if got := receiver.Wait(other, 1); texts(got) != "two" {
		t.Errorf("at the new address: %s", texts(got))
	}
	holds(t, app, `active and `+fine+` from webhooks where id = $1`, id)
}

// TestNoLongerTold: what a webhook is no longer told of is not sent again either, by
// whichever page it was asked for.
func TestNoLongerTold(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada, lee := app.As("ada"), app.As("lee")
	const host, other = "hooks.example.com", "other.example.com"
	const again = "form[action$='/again']"
	id, _ := hook(t, ada, host, nil)
	says(t, lee, "one")
	receiver.Wait(host, 1)
	holds(t, app, `count(*) = 1 from webhook_deliveries where webhook_id = $1 and state = 'delivered'`, id)
	app.Exec(`update webhook_deliveries set state = 'failed' where webhook_id = $1`, id)
	at := webhooks + id + "/deliveries/" + apptest.Value[string](app, `select id::text from webhook_deliveries where webhook_id = $1`, id)
	before := ada.Get(at)
	if before.Find(again).Length() != 1 || !before.Has("press Send again") {
		t.Fatalf("it cannot be sent again: %s", before.Text("main"))
	}
	for name, fields := range map[string]url.Values{
		"kinds": {"address": {"https://" + other + "/in"}, "which": {"some"}, "kinds": {"quote.accepted"}, "whose": {"all"}}, "customers": {"address": {"https://" + other + "/in"}, "which": {"all"}, "whose": {"some"}, "customers": {"C-1002"}},
	} {
		ada.Submit(ada.Get(webhooks+id+"/edit"), "main form.form", fields)
		if p := ada.Get(at); p.Find(again).Length() != 0 || p.Has("press Send again") || !p.Has("no longer told of it") {
			t.Errorf("%s: the page: %s", name, p.Text("main"))
		}
		if p := ada.Submit(before, again, nil); p.Status != http.StatusConflict || !p.Has("is no longer told of this") {
			t.Errorf("%s: sent again: %d %s", name, p.Status, p.Text("main"))
		}
		if n := apptest.Value[int](app, `select count(*) from webhook_deliveries where webhook_id = $1`, id); n != 1 {
			t.Errorf("%s: %d deliveries", name, n)
		}
	}
	ada.Submit(ada.Get(webhooks+id+"/edit"), "main form.form", url.Values{"customers": {"C-1001"}})
	ada.Submit(ada.Get(at), again, nil)
	if got := receiver.Wait(other, 1); texts(got) != "one" {
		t.Errorf("told of it again: %s", texts(got))
	}
}

// TestSwitchedOff: three days without success, or 410, switch a webhook off, and
// Administrators get one email. One event that is refused while others are taken
// is given up alone.
func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada, lee := app.As("ada"), app.As("lee")
	const bad, gone = "bad.example.com", "gone.example.com"
	id, _ := hook(t, ada, bad, nil)
	receiver.Answer(refusing(bad, http.StatusServiceUnavailable))
	says(t, lee, "one")
	receiver.WaitAsked(bad, 1)
	holds(t, app, `failures = 1 from webhooks where id = $1`, id)

	// This event alone fails, though others were taken since.
	app.Exec(`update webhook_deliveries set first_at = now() - interval '73 hours', next_at = now() where webhook_id = $1`, id)
	app.Exec(`update webhooks set failing_since = now() - interval '1 hour', next_at = now() where id = $1`, id)
	holds(t, app, `state = 'failed' from webhook_deliveries where webhook_id = $1`, id)
	if !apptest.Value[bool](app, `select active from webhooks where id = $1`, id) {
		t.Error("one event switches the webhook off")
	}

	says(t, lee, "two", "three")
	app.Exec(`update webhooks set failing_since = now() - interval '73 hours', next_at = now() where id = $1`, id)
	holds(t, app, `not active and off_why = 'failing' from webhooks where id = $1`, id)
	m, err := app.Mail.WaitTo(t.Context(), "ada@demo.test")
	if err != nil || !strings.Contains(m.Text, bad) || !strings.Contains(m.Text, "three days") || !strings.Contains(m.Text, "/office/admin/webhooks") {
		t.Fatalf("the email: %v, %+v", err, m)
	}
	p := ada.Get(webhooks + id)
	if !p.Has("nothing had got through for three days") || !p.Has("2 events wait for it") {
		t.Errorf("its page: %s", p.Text("main"))
	}
	if p := ada.Get("/office/admin/webhooks"); !p.Has("Off") {
		t.Errorf("the list: %s", p.Text("main"))
	}
	receiver.Answer(nil)
	ada.Submit(p, ".notice form", nil)
	if got := receiver.Wait(bad, 2); texts(got) != "two three" {
		t.Errorf("switched on: %s", texts(got))
	}

	other, _ := hook(t, ada, gone, nil)
	receiver.Answer(refusing(gone, http.StatusGone))
	says(t, lee, "four")
	holds(t, app, `not active and off_why = 'gone' from webhooks where id = $1`, other)
	if !ada.Get(webhooks + other).Has("gone for good") {
		t.Error("its page does not say that it is gone")
	}
	holds(t, app, `count(*) = 2 from emails where kind = 'webhook-off' and state = 'sent'`)
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'webhook-off'`); n != 2 {
		t.Errorf("%d emails", n)
	}
}

// TestCrash: what was sent and not noted is sent again by whoever comes next, and
// two programs at once send nothing twice.
func TestCrash(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada, lee := app.As("ada"), app.As("lee")
	const host = "hooks.example.com"
	id, _ := hook(t, ada, host, nil)
	says(t, lee, "one")
	receiver.Wait(host, 1)
	holds(t, app, `count(*) = 1 from webhook_deliveries where webhook_id = $1 and state = 'delivered'`, id)
	// As a program that was killed between sending and noting leaves it.
	app.Exec(`update webhook_deliveries set state = 'waiting', finished_at = null, attempts = 0 where webhook_id = $1`, id)
	app.Exec(`update webhooks set lease = 'dead', leased_until = now() + interval '1 second' where id = $1`, id)
	if got := receiver.Wait(host, 2); got[0].ID != got[1].ID {
		t.Errorf("after a crash: %+v", got)
	}
	holds(t, app, `count(*) = 1 from webhook_deliveries where webhook_id = $1 and state = 'delivered' and attempts = 1`, id)

	apptest.HookedOn(t, app, receiver, nil)
	apptest.HookedOn(t, app, receiver, nil)
	for i := range 8 {
		says(t, lee, strconv.Itoa(i))
	}
	receiver.Wait(host, 10)
	holds(t, app, `count(*) = 0 from webhook_deliveries where webhook_id = $1 and state = 'waiting'`, id)
	if got := receiver.Got(host); texts(got) != "one one 0 1 2 3 4 5 6 7" {
		t.Errorf("three programs send %s", texts(got))
	}
}

// TestWebhooksStayOutside: a name that leads into the machine is not called, but
// where the operator allows it.
func TestWebhooksStayOutside(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	inside := strings.Replace(receiver.URL(), "127.0.0.1", "localhost", 1) + "/in"
	for _, allowed := range []bool{false, true} {
		app := apptest.HookedOn(t, nil, nil, func(c *config.Config) {
			if allowed {
				c.Webhooks = append(c.Webhooks, loopback...)
			}
		})
		ada := app.As("ada")
		id, _ := hook(t, ada, "x.example.com", url.Values{"address": {inside}})
		ada.Submit(ada.Get(webhooks+id), "form[action$='/test']", nil)
		holds(t, app, `count(*) = 1 from webhook_deliveries where webhook_id = $1 and state = 'failed'`, id)
		words := apptest.Value[string](app, `select words from webhook_deliveries where webhook_id = $1`, id)
		// The receiver's certificate is its own: once it is called, that is what is wrong.
		if private := strings.Contains(words, "private network"); private == allowed || (allowed && !strings.Contains(words, "certificate")) {
			t.Errorf("allowed %v: %s", allowed, words)
		}
		if p := ada.Submit(ada.Get(webhooks+"new"), "main form.form", url.Values{"name": {"y"}, "address": {receiver.URL()}}); (p.Problem("address") == "") != allowed {
			t.Errorf("allowed %v: %d %s", allowed, p.Status, p.Problem("address"))
		}
	}
	if len(receiver.Got("")) != 0 {
		t.Error("it was called")
	}
}

// TestErasedFromWebhooks: of a contact who was erased no copy of what was sent is kept.
func TestErasedFromWebhooks(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada := app.As("ada")
	const host = "hooks.example.com"
	id, _ := hook(t, ada, host, nil)
	ola := app.As("ola")
	ola.Submit(ola.Get("/details/edit"), "form.form", url.Values{"phone": {"0491 570 999"}})
	says(t, app.As("lee"), "Call Ola Lindgren")
	receiver.Wait(host, 2)
	holds(t, app, `count(*) = 2 from webhook_deliveries where webhook_id = $1 and state = 'delivered'`, id)
	at := "/office/customers/C-1002/contacts/4/erasure"
	if p := ada.Submit(ada.Get(at), "main form", url.Values{"name": {"Ola Lindgren"}}); p.Status != http.StatusOK || apptest.Value[string](app, `select name from contacts where id = 4`) != "Former contact" {
		t.Fatalf("not erased: %d %s", p.Status, p.Text("main"))
	}
	if left := apptest.Value[string](app, `select coalesce(string_agg(concat(d.sent, e.before::text, e.after::text), ' '), '') from webhook_deliveries d join events e on e.id = d.event_id where e.customer_id = 2`); strings.Contains(left, "Ola") || strings.Contains(left, "0491 570 999") {
		t.Errorf("what is left: %s", left)
	}
	if p := ada.Get(ada.Get(webhooks+id+"?kind=contact.edited").Find("#results tbody a").AttrOr("href", "")); !p.Has("Former contact") || p.Has("Ola") {
		t.Errorf("the delivery: %s", p.Text("main"))
	}
}

// TestErasedWhileItIsSent: however an erasure and a delivery come between each other,
// no name is written down once it was erased, neither as what is sent nor as an answer
// that quotes it.
func TestErasedWhileItIsSent(t *testing.T) {
	t.Parallel()
	const host, of, waits = "hooks.example.com", "/office/customers/C-1002/contacts/4", `exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ~ 'events')`
	begin := func(t *testing.T, held bool) (receiver *apptest.Receiver, app *apptest.App, ada *apptest.Browser, id string) {
		t.Helper()
		receiver = apptest.NewReceiver(t)
		app = apptest.NewHooked(t, receiver)
		ada = app.As("ada")
		id, _ = hook(t, ada, host, nil)
		if held {
			app.Exec(`update webhooks set lease = 'held', leased_until = now() + interval '1 hour' where id = $1`, id)
		}
		return receiver, app, ada, id
	}
	edit := func(app *apptest.App) {
		ola := app.As("ola")
		ola.Submit(ola.Get("/details/edit"), "form.form", url.Values{"phone": {"0491 570 999"}})
	}
	kept := func(t *testing.T, app *apptest.App, id string) {
		t.Helper()
		if left := apptest.Value[string](app, `select concat(sent, answer) from webhook_deliveries where webhook_id = $1`, id); strings.Contains(left, "Ola") || strings.Contains(left, "0491 570 999") {
			t.Errorf("what is left: %s", left)
		}
	}

	t.Run("it is sent while somebody erases", func(t *testing.T) {
		t.Parallel()
		receiver, app, _, id := begin(t, true)
		edit(app)
		holds(t, app, `count(*) = 1 from webhook_deliveries where webhook_id = $1`, id)
		err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) error {
			c, err := contact.LockRow(t.Context(), tx, "C-1002", 4)
			if err == nil {
				err = privacy.Erase(t.Context(), tx, audit.Actor{}, c.Contact)
			}
			if err == nil {
				app.Exec(`update webhooks set leased_until = null where id = $1`, id)
				holds(t, app, waits+` or exists (select from webhook_deliveries where webhook_id = $1 and sent <> '')`, id)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := receiver.Wait(host, 1); strings.Contains(got[0].Body, "Ola") || strings.Contains(got[0].Body, "0491 570 999") {
			t.Errorf("sent: %s", got[0].Body)
		}
		kept(t, app, id)
	})
	t.Run("somebody erases while it is written down", func(t *testing.T) {
		t.Parallel()
		_, app, ada, id := begin(t, true)
		edit(app)
		holds(t, app, `count(*) = 1 from webhook_deliveries where webhook_id = $1`, id)
		erased := make(chan int)
		err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) error { // as the sender does
			e, err := event.FindToKeep(t.Context(), tx, apptest.Value[int64](app, `select event_id from webhook_deliveries where webhook_id = $1`, id))
			if err != nil {
				return err
			}
			body, err := e.Body()
			if err != nil {
				return err
			}
			ask := ada.Get(of + "/erasure")
			go func() { erased <- ada.Submit(ask, "main form", url.Values{"name": {"Ola Lindgren"}}).Status }()
			holds(t, app, waits)
			_, err = tx.Exec(t.Context(), `update webhook_deliveries set sent = $1 where webhook_id = $2`, string(body), id)
			return err
		})
		if status := <-erased; err != nil || status != http.StatusOK {
			t.Fatal(err, status)
		}
		kept(t, app, id)
	})
	t.Run("the answer quotes it", func(t *testing.T) {
		t.Parallel()
		receiver, app, ada, id := begin(t, false)
		here, erased := make(chan struct{}), make(chan struct{})
		let := sync.OnceFunc(func() { close(erased) })
		t.Cleanup(let)
		receiver.Answer(func(w http.ResponseWriter, r *http.Request) bool {
			body, _ := io.ReadAll(r.Body)
			close(here)
			<-erased
			_, _ = w.Write(body)
			return true
		})
		edit(app)
		comes(t, here)
		p := ada.Submit(ada.Get(of+"/erasure"), "main form", url.Values{"name": {"Ola Lindgren"}})
		let()
		if p.Status != http.StatusOK {
			t.Fatalf("not erased: %d %s", p.Status, p.Text("main"))
		}
		holds(t, app, `state = 'delivered' from webhook_deliveries where webhook_id = $1`, id)
		kept(t, app, id)
	})
}

// The pages of deliveries look again by themselves while one goes out soon, and are
// quiet when none does.
func TestPagesOfDeliveriesLookAgain(t *testing.T) {
	t.Parallel()
	app := apptest.NewHooked(t, apptest.NewReceiver(t))
	ada := app.As("ada")
	id, _ := hook(t, ada, "warehouse.example.com", nil)
	app.Exec(`update webhooks set leased_until = now() + interval '1 hour', lease = 'held' where id = $1`, id)
	says(t, app.As("lee"), "One")
	holds(t, app, `(select count(*) = 1 from webhook_deliveries where webhook_id = $1)`, id)
	delivery := apptest.Value[string](app, `select id::text from webhook_deliveries where webhook_id = $1`, id)
	looks := func() (list, one int) {
		return ada.Get(webhooks + id).Find("#results [hx-trigger^='load'][hx-select='#results']").Length(), ada.Get(webhooks + id + "/deliveries/" + delivery).Find("#delivery[hx-trigger^='load']").Length()
	}
	if list, one := looks(); list != 1 || one != 1 {
		t.Errorf("while it waits: %d, %d", list, one)
	}
	app.Exec(`update webhook_deliveries set next_at = now() + interval '1 hour', attempts = 5 where id = $1::bigint`, delivery)
	if list, one := looks(); list != 0 || one != 0 {
		t.Errorf("while it waits for an hour: %d, %d", list, one)
	}
	app.Exec(`update webhook_deliveries set next_at = now() where id = $1::bigint`, delivery)
	app.Exec(`update webhooks set active = false, off_why = 'staff', off_at = now() where id = $1`, id)
	if list, one := looks(); list != 0 || one != 0 {
		t.Errorf("while the webhook is off: %d, %d", list, one)
	}
}
