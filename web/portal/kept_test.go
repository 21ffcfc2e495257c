package portalweb_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/company"
	"fieldgate/internal/exchange"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	"fieldgate/web/apptest"
)

// fromSimPRO brings one thing in, as the system that keeps it says it.
func fromSimPRO(t *testing.T, app *apptest.App, in exchange.Incoming, body string) exchange.Outcome {
	t.Helper()
	by := exchange.By{Viewer: staff.Viewer{Name: "API: simPRO", Format: company.NewFormat(apptest.Value[time.Time](app, `select now()`), "Australia/Sydney", "en-AU", "AUD")}, Source: "simpro"}
	in.Fill = func(r exchange.Record) error { return json.Unmarshal([]byte(body), r) }
	var out exchange.Outcome
	err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) (err error) {
		out, err = exchange.Put(t.Context(), tx, by, exchange.NewRefs("simpro"), in, exchange.Choices{Overwrite: true})
		return err
	})
	if err != nil || out.State == exchange.Refused {
		t.Fatalf("%s: %v %v", body, err, out.Problems)
	}
	return out
}

const allElsewhere = `update keepers set source = 'simpro', label = 'simPRO'`

// An edit of what another system keeps changes nothing here: it is sent there, and
// that system's next word about it is the answer.
func TestAnEditIsSentToWhoKeepsIt(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(allElsewhere)
	lee := app.As("lee")
	edit := lee.Get("/jobs/J-1001/edit")
	if !edit.Has("What you change here is sent to simPRO.") {
		t.Errorf("the form: %s", edit.Text("main"))
	}
	before := apptest.Value[string](app, `select to_jsonb(j)::text from jobs j where id = 1`)
	for range 2 { // a form sent twice asks once
		done := lee.Submit(edit, "form[data-unsaved]", url.Values{"description": {"Quarterly service of rooftop unit 3"}, "purchase_order": {"PO-9"}})
		if done.URL.Path != "/jobs/J-1001" || !done.Has("Sent to simPRO, waiting") || !done.Has("Quarterly service of rooftop unit 3") || !done.Has("PO-9") {
			t.Fatalf("%d %s", done.Status, done.Text("main"))
		}
	}
	if after := apptest.Value[string](app, `select to_jsonb(j)::text from jobs j where id = 1`); after != before {
		t.Errorf("the job is another one:\n%s\n%s", before, after)
	}
	if n := apptest.Value[int](app, `select count(*) from keeper_requests where state = 'waiting'`); n != 1 {
		t.Errorf("%d requests", n)
	}
	trail := apptest.Value[string](app, `select action || ' ' || actor || ' ' || (before ->> 'description') || ' → ' || (after ->> 'description') from audit_entries where thing = 'job' order by id desc limit 1`)
	if trail != "change asked contact Quarterly service of rooftop unit 2 → Quarterly service of rooftop unit 3" {
		t.Errorf("the trail says %q", trail)
	}

	ben := app.As("ben")
	if p := ben.Get("/office/jobs/J-1001"); !p.Has("Comes from simPRO") || !p.Has("Sent to simPRO, waiting") {
		t.Errorf("the office reads %s", p.Text("main"))
	}
	if p := ben.Get("/office"); !p.Has("Change: J-1001") || !p.Has("Sent to simPRO, waiting") {
		t.Errorf("the queue: %s", p.Text("main"))
	}
	app.Exec(`update keeper_requests set at = now() - interval '25 hours'`)
	if p := ben.Get("/office/requests?late=yes"); !p.Has("Change of J-1001") || !p.Has("For more than a day") {
		t.Errorf("the list: %s", p.Text("main"))
	}
	if p := ben.Get("/office/requests?q=nobody"); p.Has("Change of J-1001") || !p.Has("Nothing found") {
		t.Errorf("searched: %s", p.Text("main"))
	}

	// simPRO says each night how things are: that alone is no answer.
	fromSimPRO(t, app, exchange.Incoming{Kind: exchange.Jobs, Key: "J-1001", External: "482"}, `{"internal_notes": "Ring first"}`)
	if p := lee.Get("/jobs/J-1001"); !p.Has("Sent to simPRO, waiting") {
		t.Errorf("after another change: %s", p.Text("main"))
	}
	if p := ben.Get("/office/jobs/J-1001"); !p.Has("Comes from simPRO, id 482") {
		t.Errorf("the ids: %s", p.Text("main"))
	}
	fromSimPRO(t, app, exchange.Incoming{Kind: exchange.Jobs, External: "482"}, `{"description": "Quarterly service of rooftop unit 3", "purchase_order": "PO-9"}`)
	if p := lee.Get("/jobs/J-1001"); p.Has("Sent to simPRO, waiting") || !p.Has("asked for this change") || !strings.Contains(p.Text(".notice--success"), "Done") {
		t.Errorf("taken over: %s", p.Text("main"))
	}

	// A part of what was asked for is no answer yet.
	lee.Submit(lee.Get("/jobs/J-1001/edit"), "form[data-unsaved]", url.Values{"description": {"Rooftop unit 4"}, "purchase_order": {"PO-9b"}})
	fromSimPRO(t, app, exchange.Incoming{Kind: exchange.Jobs, External: "482"}, `{"description": "Rooftop unit 4"}`)
	if p := lee.Get("/jobs"); !strings.Contains(p.Text("tr:has(a[href='/jobs/J-1001']) td.status"), "Sent to simPRO, waiting") || strings.Count(p.Text("main"), "Sent to simPRO") != 1 {
		t.Errorf("in the list: %s", p.Text("main"))
	}
	fromSimPRO(t, app, exchange.Incoming{Kind: exchange.Jobs, External: "482"}, `{"purchase_order": "PO-9b"}`)
	if p := lee.Get("/jobs/J-1001"); p.Has("Sent to simPRO, waiting") {
		t.Errorf("one after the other: %s", p.Text("main"))
	}
	if p := lee.Get("/jobs"); p.Has("Sent to simPRO") {
		t.Errorf("in the list, answered: %s", p.Text("main"))
	}

	// Something else than was asked for.
	lee.Submit(lee.Get("/jobs/J-1001/edit"), "form[data-unsaved]", url.Values{"purchase_order": {"PO-10"}})
	fromSimPRO(t, app, exchange.Incoming{Kind: exchange.Jobs, External: "482"}, `{"purchase_order": "PO-11"}`)
	if p := lee.Get("/jobs/J-1001"); !p.Has("simPRO has answered with Purchase order: PO-11.") {
		t.Errorf("otherwise: %s", p.Text("main"))
	}
}

// What is new is recorded as it was asked for, and waits until it was taken up, or
// refused with a reason.
func TestANewRequestWaitsForWhoKeepsIt(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(allElsewhere)
	lee, ben := app.As("lee"), app.As("ben")
	ask := func(words string) string {
		t.Helper()
		made := lee.Submit(lee.Get("/jobs/new"), "form[data-unsaved]", url.Values{"description": {words}, "type": {"1"}, "site": {"1"}})
		if made.Status != 200 || !strings.HasPrefix(made.URL.Path, "/jobs/J-") || !made.Has("Sent to simPRO, waiting") {
			t.Fatalf("%d %s %s", made.Status, made.URL, made.Text("main"))
		}
		return strings.TrimPrefix(made.URL.Path, "/jobs/")
	}
	taken, refused := ask("The door is stuck"), ask("Paint the roof")
	fromSimPRO(t, app, exchange.Incoming{Kind: exchange.Jobs, Key: taken, External: "900"}, `{"status": "unscheduled"}`)
	if p := lee.Get("/jobs/" + taken); p.Has("Sent to simPRO, waiting") {
		t.Errorf("taken up: %s", p.Text("main"))
	}
	list := ben.Get("/office/requests")
	if !list.Has(refused) || list.Has(taken) {
		t.Errorf("what waits: %s", list.Text("main"))
	}
	page := ben.Get(list.Find("td.title a").AttrOr("href", ""))
	if p := ben.Submit(page, "main form", url.Values{"state": {"refused"}}); p.Status != 422 || p.Problem("answer") == "" {
		t.Errorf("refused without a reason: %d %s", p.Status, p.Text("main"))
	}
	answered := ben.Submit(page, "main form", url.Values{"state": {"refused"}, "answer": {"We do not paint."}})
	if answered.Status != 200 || answered.Has(refused) {
		t.Errorf("%d %s", answered.Status, answered.Text("main"))
	}
	if p := lee.Get("/jobs/" + refused); !p.Has("Not done") || !p.Has("We do not paint.") || !p.Has("Cancelled") {
		t.Errorf("the contact reads %s", p.Text("main"))
	}
	if again := ben.Submit(page, "main form", url.Values{"state": {"done"}}); again.Status != 409 {
		t.Errorf("answered twice: %d", again.Status)
	}
}

// Withdrawing, details, sites and colleagues: each is asked for, with nothing changed
// here, but for what is ours.
func TestWhatElseIsAsked(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(allElsewhere)
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, origin, created_by_contact_id, main_contact_id) values (1, 'Asked for', 1, 'new', 'portal', 1, 1)`)
	lee := app.As("lee")
	if p := lee.Submit(lee.Get("/jobs/J-1005/withdrawal"), "main form", url.Values{"reason": {"Built elsewhere"}}); !p.Has("asked to withdraw it") || p.Has("Cancelled") {
		t.Errorf("withdrawn: %d %s", p.Status, p.Text("main"))
	}
	if p := lee.Submit(lee.Get("/quotes/Q-1003/withdrawal"), "main form", url.Values{"reason": {"Too late"}}); !p.Has("asked to withdraw it") {
		t.Errorf("quote withdrawn: %d %s", p.Status, p.Text("main"))
	}
	if p := lee.Submit(lee.Get("/equipment/equipmentofharbour0000000000001/edit"), "form[data-unsaved]", url.Values{"make": {"Carrier"}}); !p.Has("Sent to simPRO, waiting") || !p.Has("Carrier") {
		t.Errorf("equipment: %d %s", p.Status, p.Text("main"))
	}
	lee.Submit(lee.Get("/details/edit"), "main form", url.Values{"phone": {"0491 570 999"}})
	lee.Submit(lee.Get("/details/company/edit"), "main form", url.Values{"company_name": {"Harbour Dental Pty Ltd"}})
	lee.Submit(lee.Get("/details/sites/1/edit"), "main form", url.Values{"site_contact": {"Rosa"}})
	if p := lee.Submit(lee.Get("/details/sites/new"), "main form", url.Values{"name": {"Annex"}}); !p.Has("0491 570 999") || !p.Has("Harbour Dental Pty Ltd") || !p.Has("Rosa") || !p.Has("Annex") {
		t.Errorf("details: %d %s", p.Status, p.Text("main"))
	}
	colleague := lee.Submit(lee.Get("/details/colleagues/2/edit"), "main form", url.Values{"name": {"Kim Tran-Lee"}, "preset": {"custom"}, "jobs_create": {"yes"}})
	if !colleague.Has("Kim Tran-Lee") || !colleague.Has("Sent to simPRO, waiting") {
		t.Errorf("colleague: %d %s", colleague.Status, colleague.Text("main"))
	}
	got := apptest.Value[string](app, `select concat_ws(' | ', (select status from jobs where number = 'J-1005'), (select status from quotes where id = 3), (select make from equipment where id = 1), (select phone from contacts where id = 1),
		(select company_name from customers where id = 1), (select site_contact from sites where id = 1), (select count(*) from sites), (select name from contacts where id = 2))`)
	if got != "new | requested | Daikin | 0491 570 001 | Harbour Dental Group Pty Ltd |  | 3 | Kim Tran" {
		t.Errorf("changed: %s", got)
	}
	if n := apptest.Value[int](app, `select count(*) from keeper_requests where state = 'waiting'`); n != 8 {
		t.Errorf("%d requests", n)
	}
	// Kim sees her own jobs alone: what was asked of others is not there.
	if p := app.As("kim").Get("/details"); p.Has("Kim Tran-Lee") == false || p.Has("0491 570 999") {
		t.Errorf("Kim reads %s", p.Text("main"))
	}
	if p := app.As("ola").Get("/details"); p.Has("simPRO, waiting") {
		t.Errorf("another customer reads %s", p.Text("main"))
	}
	fromSimPRO(t, app, exchange.Incoming{Kind: exchange.Sites, External: "s-1"}, `{"customer": "C-1001", "name": "Annex"}`)
	if n := apptest.Value[int](app, `select count(*) from keeper_requests where thing = 'Annex' and state = 'done'`); n != 1 {
		t.Error("the new site was not answered")
	}
}
