package officeweb_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"fieldgate/internal/event"
	"fieldgate/web/apptest"
)

// moody is a system that takes what it is sent in a mood that changes with every
// call, and writes down what came.
type moody struct {
	mu     sync.Mutex
	calls  int
	calm   bool // it takes everything
	came   []arrival
	hold   chan struct{} // closed when a call is being held
	let    chan mood     // what becomes of the call that is held
	moods  map[mood]int
	broken []string
}

// arrival is a message as it came, and whether the system has taken it: then it may
// have acted on it, whatever the sender heard.
type arrival struct {
	apptest.Received
	taken bool
}

type mood string

const (
	takes     mood = "takes it"
	fails     mood = "500"
	busy      mood = "429"
	busyUntil mood = "429, with a date"
	resets    mood = "resets the connection"
	half      mood = "takes it and answers half"
	leads     mood = "redirects"
	forgets   mood = "takes it and says nothing"
	away      mood = "cannot be reached"
	slow      mood = "does not answer in time"
	tooLate   mood = "takes it and answers too late"
)

// moods follow each other. Their number has no divisor in common with what a
// round of the day does, so that each meets every kind of event in the end.
var moods = []mood{takes, fails, takes, busy, forgets, resets, takes, half, leads, away, away, away, away, takes, slow, tooLate, busyUntil, takes, takes}

// cut is the way there.
func (m *moody) cut(*http.Request) (before, after error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.calm || m.let != nil {
		return nil, nil
	}
	now := moods[m.calls%len(moods)]
	switch now {
	case away:
		before = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case slow:
		before = context.DeadlineExceeded
	case tooLate:
		after = context.DeadlineExceeded
	default:
		return nil, nil
	}
	m.moods[now]++
	if before != nil {
		m.calls++
	}
	return before, after
}

func (m *moody) answer(w http.ResponseWriter, r *http.Request) bool {
	m.mu.Lock()
	now := moods[m.calls%len(moods)]
	m.calls++
	if m.calm {
		now = takes
	}
	hold, let := m.hold, m.let
	m.mu.Unlock()
	if let != nil {
		close(hold)
		now = <-let
	}
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	m.moods[now]++
	m.came = append(m.came, arrival{apptest.Message(r, body), slices.Contains([]mood{takes, half, forgets, tooLate}, now)})
	m.mu.Unlock()
	switch now {
	case fails:
		http.Error(w, "out of order", http.StatusInternalServerError)
	case busy:
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	case busyUntil:
		w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusTooManyRequests)
	case leads:
		http.Redirect(w, r, "https://elsewhere.example.com/", http.StatusTemporaryRedirect)
	case half:
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "I have ")
		panic(http.ErrAbortHandler)
	case resets, forgets:
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			if tcp, ok := c.(interface{ NetConn() net.Conn }); ok {
				_ = tcp.NetConn().(*net.TCPConn).SetLinger(0) //nolint:forcetypeassert // it is
			}
			err = c.Close()
		}
		if err != nil {
			m.mu.Lock()
			m.broken = append(m.broken, err.Error())
			m.mu.Unlock()
		}
	case takes, tooLate, away, slow:
		return false
	}
	return true
}

// holding lets the next call wait until it is let go.
func (m *moody) holding() (held chan struct{}, let chan mood) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hold, m.let = make(chan struct{}), make(chan mood)
	return m.hold, m.let
}

func (m *moody) freed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hold, m.let = nil, nil
}

// all is what came so far.
func (m *moody) all() []arrival {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.came)
}

// TestADayOfAFailingReceiver: whatever a system answers, however often the program
// is ended in the middle, and though its secret is made anew meanwhile: the system
// gets each event, under one id and in the same words whenever it comes, and the
// feed tells of the same events in the same order.
func TestADayOfAFailingReceiver(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	system := &moody{moods: map[mood]int{}}
	receiver.Answer(system.answer)
	receiver.Cut(system.cut)
	app := apptest.NewHooked(t, receiver)
	ada, lee := app.As("ada"), app.As("lee")
	const host = "hooks.example.com"
	id, secret := hook(t, ada, host, nil)
	ok := func(p apptest.Page) {
		t.Helper()
		if p.Status != http.StatusOK {
			t.Fatalf("%s: %d %s", p.URL, p.Status, p.Text("main"))
		}
	}
	due := func() {
		app.Exec(`select from webhooks for update; -- first, as the program does
			update webhook_deliveries set next_at = now() where state = 'waiting';
			update webhooks set next_at = now(), failing_since = least(failing_since, now() - interval '2 hours') where failing_since is not null`)
	}
	// arrived lets the hours pass until nothing waits.
	arrived := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for !apptest.Value[bool](app, `select spread_to = (select last from event_numbers) and not exists (select from events where number is null)
			and not exists (select from webhook_deliveries d where d.webhook_id = w.id and d.state = 'waiting') from webhooks w where id = $1`, id) {
			due()
			select {
			case <-ctx.Done():
				t.Fatalf("something never arrives: %s", apptest.Value[string](app, `select string_agg(concat_ws(' ', number, kind, attempts, status, words), '; ') from webhook_deliveries where state = 'waiting'`))
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	// killed ends the program while a message is on its way, of which then becomes
	// so, and another one goes on.
	working := app
	killed := func(then mood) {
		t.Helper()
		held, let := system.holding()
		due()
		select {
		case <-held:
		case <-time.After(time.Minute):
			t.Fatal("nothing is on its way")
		}
		working.EndWork(func() {
			system.freed()
			let <- then
		})
		working = apptest.HookedOn(t, app, receiver, nil)
	}

	newest := func(table string) string {
		return apptest.Value[string](app, `select number from `+table+` order by id desc limit 1`)
	}
	round := func(n int) {
		t.Helper()
		ok(lee.Upload("/jobs", url.Values{"type": {"1"}, "site": {"1"}, "description": {fmt.Sprint("Tap drips ", n)}}, apptest.File{Field: "files", Name: "tap.txt", Content: fmt.Append(nil, "a tap ", n)}))
		job := "/jobs/" + newest("jobs")
		ok(lee.Submit(lee.Get(job+"/edit"), "main form", url.Values{"description": {fmt.Sprint("Tap drips a lot ", n)}}))
		ok(lee.Upload(job+"/messages", url.Values{"text": {fmt.Sprint("The gate code is ", n)}}, apptest.File{Field: "files", Name: "gate.txt", Content: fmt.Append(nil, "a gate ", n)}))
		ok(lee.Submit(lee.Get(job+"/withdrawal"), "main form", url.Values{"why": {"We mended it"}, "reason": {"We mended it"}}))
		ok(lee.Upload("/quotes", url.Values{"site": {"1"}, "description": {fmt.Sprint("A kitchen ", n)}, "price_estimate": {"2500"}}))
		ok(lee.Submit(lee.Get("/quotes/"+newest("quotes")+"/edit"), "main form", url.Values{"purchase_order": {fmt.Sprint("PO-", n)}}))
	}
	round(1)
	arrived()
	round(2)
	killed(forgets) // taken, and the program hears nothing
	// Names change while messages about them are tried again.
	ok(lee.Submit(lee.Get("/details/edit"), "form.form", url.Values{"name": {"Lee M. Nakamura"}}))
	app.Exec(`update customers set name = 'Harbour Dental Group' where id = 1`)
	ok(lee.Submit(lee.Get("/quotes/Q-1002/acceptance"), "form.form", url.Values{"full_name": {"Lee M. Nakamura"}, "purchase_order": {"PO 12"}}))
	arrived()
	round(3)
	killed(takes) // taken, and the program hears it while it ends
	rotated := ada.Submit(ada.Get(webhooks+id), "form[action$='/secret']", nil)
	fresh := rotated.Text("code.secret")
	round(4)
	killed(fails)
	killed(resets)
	arrived()
	ok(ada.Submit(ada.Get(webhooks+id), "form[action$='/old-secret/removal']", nil))
	atEnd := len(system.all())
	round(5)
	killed(forgets)
	arrived()

	// Read as a feed, in steps.
	var feed []event.Event
	for at := int64(0); ; {
		f, err := event.After(t.Context(), app.Pool, at, 7, event.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		feed = append(feed, f.Events...)
		if at = f.Next; !f.More {
			break
		}
	}
	all := apptest.Value[[]string](app, `select array_agg(public_id order by number) from events`)
	var listed []string
	for _, e := range feed {
		listed = append(listed, e.ID)
	}
	if !slices.Equal(listed, all) || len(all) < 5*7 {
		t.Errorf("the feed has %d of %d events: %v, %v", len(listed), len(all), listed, all)
	}
	came := system.all()
	taken, words := map[string]int{}, map[string]string{}
	for i, m := range came {
		if (i >= atEnd && (!m.SignedBy(fresh) || m.SignedBy(secret))) || (!m.SignedBy(secret) && !m.SignedBy(fresh)) {
			t.Errorf("message %d of %d, %s, is not signed as it should be", i, len(came), m.ID)
		}
		if before, again := words[m.ID]; again && before != m.Body {
			t.Errorf("one id, two messages:\n%s\n%s", before, m.Body)
		}
		words[m.ID] = m.Body
		if m.taken {
			taken[m.ID]++
		}
		if m.ID != m.Key {
			t.Errorf("the header says %s: %s", m.ID, m.Body)
		}
	}
	for _, key := range all {
		if taken[key] == 0 {
			t.Errorf("%s never arrives", key)
		}
		delete(taken, key)
	}
	if len(taken) > 0 {
		t.Errorf("these are no events: %v", taken)
	}
	if n := apptest.Value[int](app, `select count(*) from webhook_deliveries where webhook_id = $1 and state <> 'delivered'`, id); n != 0 {
		t.Errorf("%d deliveries were given up", n)
	}
	system.mu.Lock()
	defer system.mu.Unlock()
	for _, m := range moods {
		if system.moods[m] == 0 {
			t.Errorf("the system never %s", m)
		}
	}
	if len(system.broken) > 0 {
		t.Error(system.broken)
	}
}
