package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"fieldgate/web/apptest"
)

// TestMain is the connector itself where a test runs it as a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("FIELDGATE_TEST_CONNECT") != "" {
		main()
		os.Exit(0)
	}
	apptest.Main(m)
}

// bench is a portal, a stand-in for ServiceM8, and what connects them.
type bench struct {
	t     *testing.T
	app   *apptest.App
	m8    *standIn
	token string
	state string
	proxy *httptest.Server
	// kill ends the connector after so many calls; 0 lets it go on.
	kill   atomic.Int64
	end    context.CancelFunc
	chance *mathrand.Rand
	broken atomic.Int64
	// patience is how long it waits for an answer of ServiceM8.
	patience time.Duration
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return benchOf(t, apptest.New(t))
}

func benchOf(t *testing.T, app *apptest.App) *bench {
	t.Helper()
	b := &bench{t: t, app: app, m8: newStandIn(t), state: filepath.Join(t.TempDir(), "state.json")}
	b.token = b.newToken()
	at, err := url.Parse(b.app.URL)
	if err != nil {
		t.Fatal(err)
	}
	through := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(at); r.Out.Host = at.Host }, ErrorLog: nil}
	b.proxy = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.portal(through, w, r) }))
	t.Cleanup(b.proxy.Close)
	return b
}

// newToken is a token of the connector.
func (b *bench) newToken() string {
	b.t.Helper()
	form := b.app.As("ada").Get("/office/admin/tokens/new")
	shown := b.app.As("ada").Post("/office/admin/tokens", url.Values{
		"name": {"ServiceM8"}, "access": {"everything"}, "reach": {"all"}, "days": {"365"}, "nonce": {form.Find("input[name=nonce]").AttrOr("value", "")},
	})
	token := shown.Find(".secret").Text()
	if token == "" {
		b.t.Fatal(shown.Status, shown.Text("main"))
	}
	return token
}

// portal is the portal as the connector reaches it.
func (b *bench) portal(through http.Handler, w http.ResponseWriter, r *http.Request) {
	if b.kill.Load() > 0 && b.kill.Add(-1) == 0 {
		b.end()
	}
	fault := 99
	if b.chance != nil {
		fault = b.chance.IntN(40)
	}
	switch fault {
	case 0:
		b.broken.Add(1)
		w.Header().Set("Retry-After", "3")
		http.Error(w, "busy", http.StatusTooManyRequests)
	case 1: // done, and nobody hears of it
		b.broken.Add(1)
		through.ServeHTTP(httptest.NewRecorder(), r)
		http.Error(w, "gone", http.StatusBadGateway)
	case 2: // half an answer
		b.broken.Add(1)
		whole := httptest.NewRecorder()
		through.ServeHTTP(whole, r)
		w.Header().Set("Content-Length", fmt.Sprint(whole.Body.Len()+1))
		w.WriteHeader(whole.Code)
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
	default:
		through.ServeHTTP(w, r)
	}
}

// connect runs the connector once, from its file, and no email goes out by it.
func (b *bench) connect(kill int64) error {
	b.t.Helper()
	before := apptest.Value[int](b.app, `select count(*) from emails`)
	err := b.round(kill)
	if after := apptest.Value[int](b.app, `select count(*) from emails`); after != before {
		b.t.Errorf("%d emails went out that nobody has caused", after-before)
	}
	return err
}

// round runs the connector once, and ends it after so many calls of the portal.
func (b *bench) round(kill int64) error {
	ctx, end := context.WithCancel(b.t.Context())
	defer end()
	b.end = end
	b.kill.Store(kill)
	log := io.Discard
	if os.Getenv("FIELDGATE_TEST_LOG") != "" {
		log = os.Stderr
	}
	var waited time.Duration
	pause := func(ctx context.Context, d time.Duration) error { waited += d; return ctx.Err() }
	s := sync{
		portal: portal{client{base: b.proxy.URL + "/api/v1", header: http.Header{"Authorization": {"Bearer " + b.token}}, pause: pause}},
		m8:     serviceM8{client{base: b.m8.URL + "/api_1.0", header: http.Header{"X-Api-Key": {"key"}}, pause: pause, http: &http.Client{Timeout: cmp.Or(b.patience, time.Minute)}}},
		path:   b.state, log: slog.New(slog.NewTextHandler(log, nil)), tax: tax{"GST", "10"},
	}
	return s.round(ctx)
}

// settle connects until nothing is left to do.
func (b *bench) settle() {
	b.t.Helper()
	b.chance = nil
	b.m8.breaks(nil)
	for range 2 {
		if err := b.connect(0); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bench) request(who, words string) string {
	b.t.Helper()
	browser := b.app.As(who)
	p := browser.Submit(browser.Get("/jobs/new"), "main form", url.Values{"description": {words}, "type": {"1"}, "site": {"1"}})
	if p.Status != http.StatusOK {
		b.t.Fatal(p.Status, p.Text("main"))
	}
	return apptest.Value[string](b.app, `select number from jobs where description = $1`, words)
}

func (b *bench) write(who, path, words string) {
	b.t.Helper()
	browser := b.app.As(who)
	if p := browser.Submit(browser.Get(path), "form[action$='/messages']", url.Values{"text": {words}}); p.Status != http.StatusOK {
		b.t.Fatal(p.Status, p.Text("main"))
	}
}

// known says what a query finds in the portal.
func (b *bench) is(what, sql, want string, args ...any) {
	b.t.Helper()
	if got := apptest.Value[string](b.app, sql, args...); got != want {
		b.t.Errorf("%s: %q, not %q", what, got, want)
	}
}

const byExternal = `(select row_id from external_ids where kind = $1 and source = 'servicem8' and id = $2)`

// TestADayOfServiceM8 goes through what a day brings, without faults.
func TestADayOfServiceM8(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	client := b.m8.save("company", map[string]any{"name": "Ferry Wharf", "address_street": "1 Quay", "address_city": "Sydney"})
	b.m8.save("companycontact", map[string]any{"company_uuid": client, "first": "Pat", "last": "Moss", "email": "pat@ferry.test", "type": "JOB"})
	pumps := b.m8.save("category", map[string]any{"name": "Pumps"})
	job := b.m8.save("job", map[string]any{"company_uuid": client, "status": m8WorkOrder, "job_description": "Fit the pump", "category_uuid": pumps, "purchase_order_number": "PO 7"})
	quote := b.m8.save("job", map[string]any{"company_uuid": client, "status": m8Quote, "job_description": "A second pump", "quote_sent_stamp": "2026-11-24 08:00:00"})
	b.m8.save("jobmaterial", map[string]any{"job_uuid": quote, "name": "Pump", "quantity": "2.0000", "price": "100.0000"})
	file := b.m8.save("attachment", map[string]any{"related_object": "job", "related_object_uuid": job, "attachment_name": "report", "file_type": ".txt"})
	b.m8.files[file] = []byte("What was done.")
	if err := b.connect(0); err != nil {
		t.Fatal(err)
	}
	b.is("the client", `select name || ', ' || (street->>'line1') from customers where id = `+byExternal, "Ferry Wharf, 1 Quay", "customers", client)
	b.is("the job", `select j.description || ', ' || j.purchase_order || ', ' || t.name || ', ' || j.status from jobs j join job_types t on t.id = j.job_type_id where j.id = `+byExternal, "Fit the pump, PO 7, Pumps, unscheduled", "jobs", job)
	b.is("the quote", `select q.status || ' ' || v.total from quotes q join quote_versions v on v.quote_id = q.id where q.id = `+byExternal, "sent 22000", "quotes", quote)
	b.is("the file", `select name || ' ' || customer_view from attachments where job_id = `+byExternal, "report.txt false", "jobs", job)

	// Lee asks for something, and writes; Harbour Dental is no client of ServiceM8 yet.
	number := b.request("lee", "The waiting room is cold")
	b.write("lee", "/jobs/"+number, "Please come before noon.")
	b.m8.save("job", map[string]any{"uuid": job, "status": m8Completed, "work_done_description": "Fitted."})
	if err := b.connect(0); err != nil {
		t.Fatal(err)
	}
	asked := apptest.Value[string](b.app, `select x.id from external_ids x join jobs j on j.id = x.row_id where x.kind = 'jobs' and x.source = 'servicem8' and j.number = $1`, number)
	if got := b.m8.get("job", asked); got["job_description"] != "The waiting room is cold" || got["status"] != m8WorkOrder {
		t.Errorf("%+v", got)
	}
	if notes := b.m8.all("note"); len(notes) != 1 || notes[0]["note"] != "Lee Nakamura: Please come before noon." || notes[0]["related_object_uuid"] != asked {
		t.Errorf("%+v", notes)
	}
	b.settle()
	b.is("the job", `select status || ' ' || work_undertaken from jobs where id = `+byExternal, "completed Fitted.", "jobs", job)
	b.is("what was asked for", `select status || ' ' || (select count(*) from jobs where description = 'The waiting room is cold') from jobs where number = $1`, "unscheduled 1", number)
	if len(b.m8.all("note")) != 1 || len(b.m8.all("company")) != 2 {
		t.Errorf("%+v %+v", b.m8.all("note"), b.m8.all("company"))
	}
	// Without its state it finds that all is there.
	if err := os.Remove(b.state); err != nil {
		t.Fatal(err)
	}
	before := apptest.Value[int64](b.app, `select sum(version) from jobs`)
	b.settle()
	if after := apptest.Value[int64](b.app, `select sum(version) from jobs`); after != before || len(b.m8.all("job")) != 3 || len(b.m8.all("note")) != 1 {
		t.Errorf("%d changes, %d jobs, %d notes", after-before, len(b.m8.all("job")), len(b.m8.all("note")))
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	if got := retryAfter("3"); got != 3*time.Second {
		t.Error(got)
	}
	if got := retryAfter(time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)); got < 80*time.Second || got > 91*time.Second {
		t.Error(got)
	}
	for _, none := range []string{"", "soon", "-1"} {
		if got := retryAfter(none); got != 0 {
			t.Error(none, got)
		}
	}
}

func TestAQuoteAcceptedInThePortal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.app.Exec(`insert into external_ids (kind, source, id, row_id) values ('customers', 'servicem8', '11111111-1111-1111-1111-111111111111', 1)`)
	b.m8.save("company", map[string]any{"uuid": "11111111-1111-1111-1111-111111111111", "name": "Harbour Dental"})
	lee := b.app.As("lee")
	p := lee.Submit(lee.Get("/quotes/Q-1002/acceptance"), "main form", url.Values{"full_name": {"Lee Nakamura"}, "purchase_order": {"PO 9"}, "agreed": {"yes"}})
	if got := apptest.Value[string](b.app, `select status from quotes where number = 'Q-1002'`); got != "accepted" {
		t.Fatal(p.Status, got, p.Text("main"))
	}
	b.settle()
	uuid := apptest.Value[string](b.app, `select id from external_ids where kind = 'quotes' and source = 'servicem8' and row_id = 2`)
	if got := b.m8.get("job", uuid); got["status"] != m8WorkOrder || got["purchase_order_number"] != "PO 9" {
		t.Errorf("%+v", got)
	}
	b.is("the job", `select q.number from jobs j join quotes q on q.id = j.quote_id where j.id = `+byExternal, "Q-1002", "jobs", uuid)
	b.is("the quote", `select status from quotes where number = $1`, "accepted", "Q-1002")
}

func TestOurNamesAreKnown(t *testing.T) {
	t.Parallel()
	if a, b := named("file", "1"), named("file", "2"); a == b || a != named("file", "1") || !ours(a) || !ours(b) {
		t.Errorf("%s, %s", a, b)
	}
	for range 1000 {
		if other := newUUID(); ours(other) {
			t.Errorf("%s is none of ours", other)
		}
	}
}

// TestDetailsThatServiceM8Keeps: a contact who adds a colleague, and changes the
// company's details, is answered by what ServiceM8 says then; what it has no field
// for stands in a note, and waits for the office.
func TestDetailsThatServiceM8Keeps(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.app.Exec(`update keepers set source = 'servicem8', label = 'ServiceM8' where kind in ('customers', 'contacts'); delete from keeper_requests`)
	client, person := "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
	b.app.Exec(`insert into external_ids (kind, source, id, row_id) values ('customers', 'servicem8', $1, 1), ('contacts', 'servicem8', $2, 1)`, client, person)
	b.m8.save("company", map[string]any{"uuid": client, "name": "Harbour Dental", "address_street": "1 Quay", "address_city": "Sydney"})
	b.m8.save("companycontact", map[string]any{"uuid": person, "company_uuid": client, "first": "Lee", "last": "Nakamura", "email": "lee@demo.test", "phone": "0491 570 001"})
	b.settle()
	lee := b.app.As("lee")
	if p := lee.Submit(lee.Get("/details/colleagues/new"), "main form", url.Values{"name": {"Nia van der Berg"}, "email": {"nia@harbour.test"}}); p.Status != http.StatusOK {
		t.Fatal(p.Status, p.Text("main"))
	}
	if p := lee.Submit(lee.Get("/details/company/edit"), "main form", url.Values{"street_line1": {"7 Pier"}, "phone": {"02 5550 1234"}}); p.Status != http.StatusOK {
		t.Fatal(p.Status, p.Text("main"))
	}
	lee.Submit(lee.Get("/details/edit"), "main form", url.Values{"name": {"Lee Rivers Nakamura"}})
	b.is("what waits", `select string_agg(kind || ' ' || what, ', ' order by id) from keeper_requests where state = 'waiting'`, "contacts new, customers edit, contacts edit")
	b.settle()
	var nia, is map[string]any
	for _, c := range b.m8.all("companycontact") {
		if c["email"] == "nia@harbour.test" {
			nia = c
		}
	}
	if nia["first"] != "Nia" || nia["last"] != "van der Berg" || nia["company_uuid"] != client {
		t.Errorf("the colleague is %+v", nia)
	}
	if is = b.m8.get("companycontact", person); is["first"] != "Lee" || is["last"] != "Rivers Nakamura" {
		t.Errorf("Lee is %+v", is)
	}
	if is = b.m8.get("company", client); is["address_street"] != "7 Pier" {
		t.Errorf("the client is %+v", is)
	}
	b.is("the street", `select street->>'line1' from customers where id = $1`, "7 Pier", 1)
	b.is("the name", `select name from contacts where id = $1`, "Lee Rivers Nakamura", 1)
	b.is("what is answered", `select string_agg(kind || ' ' || what, ', ' order by id) from keeper_requests where state = 'done'`, "contacts new, contacts edit")
	if notes := b.m8.all("note"); len(notes) != 1 || notes[0]["related_object"] != "company" || notes[0]["note"] != "Lee Nakamura asks for a change:\nPhone: 02 5550 1234" {
		t.Errorf("%+v", notes)
	}
}
