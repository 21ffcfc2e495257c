package officeweb_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/internal/apperr"
	"fieldgate/internal/exchange"
	"fieldgate/internal/keeper"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/web/apptest"
)

// The setting: a short name is made of the name, what somebody else has changed
// meanwhile is shown, and a fresh proof is asked for.
func TestWhoKeepsIt(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	form := ada.Get("/office/admin/keepers")
	saved := ada.Submit(form, "form[data-unsaved]", url.Values{"jobs_label": {"simPRO Premium"}})
	if saved.Status != 200 || !saved.Has("Who keeps what is saved.") {
		t.Fatalf("%d %s", saved.Status, saved.Text("main"))
	}
	if got := apptest.Value[string](app, `select string_agg(kind || ' ' || source || ' ' || label, ', ') from keepers where source <> ''`); got != "jobs simpro-premium simPRO Premium" {
		t.Errorf("saved: %s", got)
	}
	if p := ada.Submit(form, "form[data-unsaved]", url.Values{"jobs_label": {"Ascora"}}); p.Status != 409 || !p.Has("Jobs: simPRO Premium") || p.Find("[name=jobs_label]").AttrOr("value", "") != "Ascora" {
		t.Errorf("an older form: %d %s", p.Status, p.Text("main"))
	}
	if p := ada.Submit(ada.Get("/office/admin/keepers"), "form[data-unsaved]", url.Values{"quotes_label": {"Ascora"}, "quotes_source": {"Not a name"}}); p.Status != 422 || p.Problem("quotes_source") == "" {
		t.Errorf("a short name with blanks: %d %s", p.Status, p.Text("main"))
	}
	if p := ada.Get("/office/admin/activity"); !p.Has("changed who keeps jobs") {
		t.Errorf("activity: %s", p.Text("main"))
	}
	if p := app.As("ben").Get("/office/admin/keepers"); p.Status != 403 {
		t.Errorf("Ben: %d", p.Status)
	}
	app.Exec(`update sessions set created_at = now() - interval '1 hour'`)
	if p := ada.Submit(form, "form[data-unsaved]", url.Values{"jobs_label": {""}, "jobs_source": {""}}); apptest.Value[int](app, `select count(*) from keepers where source <> ''`) != 1 || !p.Has("Password") {
		t.Errorf("without a proof: %d %s", p.Status, p.Text("main"))
	}
}

// Permissions stay ours: the form of a contact that another system keeps asks for
// nothing else, and saves them.
func TestPermissionsOfAKeptContact(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update keepers set source = 'simpro', label = 'simPRO' where kind = 'contacts'`)
	ben := app.As("ben")
	form := ben.Get("/office/customers/C-1001/contacts/2/edit")
	if form.Find("[name=name], [name=email], [name=notes]").Length() != 0 || !form.Has("Contacts come from simPRO") || !form.Has("kim@demo.test") {
		t.Fatalf("the form: %s", form.Text("main"))
	}
	saved := ben.Submit(form, "form[data-unsaved]", url.Values{"preset": {"see-all"}, "name": {"Somebody else"}})
	if saved.Status != 200 || apptest.Value[string](app, `select name || ' ' || jobs_see from contacts where id = 2`) != "Kim Tran all" {
		t.Errorf("%d %s", saved.Status, saved.Text("main"))
	}
	if p := ben.Get("/office/jobs/new?customer=C-1001"); p.Has("A new contact…") || !p.Has("A new site…") {
		t.Errorf("a new job: %s", p.Text("main"))
	}
}

// What waits for another system is named together on the page of the thing, the
// newest of it, however much there is.
func TestWhatWaitsIsNamedTogether(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update keepers set source = 'simpro', label = 'simPRO' where kind = 'jobs';
		insert into keeper_requests (kind, row_id, what, thing, key, source, label, customer_id, contact_id, changes)
		select 'jobs', 1, 'edit', 'J-1001', 'J-1001', 'simpro', 'simPRO', 1, 1, '[]' from generate_series(1, 5)`)
	p := app.As("ben").Get("/office/jobs/J-1001")
	waits := p.Find(".notice").FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Text(), "Sent to simPRO, waiting") })
	if waits.Length() != 1 || waits.Find("a[href^='/office/requests/']").Length() != 3 || waits.Find("a[href='/office/requests?q=J-1001']").Text() != "See all requests" {
		t.Errorf("%d notices: %s", waits.Length(), waits.Text())
	}
	if n := app.As("ben").Get("/office/requests?q=J-1001").Find("#results tbody tr").Length(); n < 5 {
		t.Errorf("the link leads to %d requests", n)
	}
}

// A system answers its own requests, and none of another or of a customer that it
// does not reach.
func TestASystemAnswersItsOwn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update keepers set source = 'simpro', label = 'simPRO'; update keeper_requests set state = 'waiting', answered_at = null`)
	s := office.New(app.Pool, nil, nil, nil, nil, notify.Worker{})
	open, err := keeper.Open(t.Context(), app.Pool, "simpro", nil, 0, 10)
	if err != nil || len(open) != 1 || open[0].Thing != "J-1001" || open[0].CustomerNumber != "C-1001" || len(open[0].Changes) != 1 {
		t.Fatalf("%+v %v", open, err)
	}
	if none, err := keeper.Open(t.Context(), app.Pool, "simpro", []int64{2}, 0, 10); err != nil || len(none) != 0 {
		t.Errorf("out of reach: %+v %v", none, err)
	}
	by := exchange.By{Source: "ascora"}
	done := keeper.Reply{State: keeper.Done}
	if err := s.AnswerRequest(t.Context(), by, nil, open[0].ID, done); !errors.Is(err, apperr.NotFound) {
		t.Errorf("another system: %v", err)
	}
	by.Source = "simpro"
	if err := s.AnswerRequest(t.Context(), by, exchange.Reach{2}, open[0].ID, done); !errors.Is(err, apperr.NotFound) {
		t.Errorf("another customer: %v", err)
	}
	if err := s.AnswerRequest(t.Context(), by, exchange.Reach{1}, open[0].ID, done); err != nil {
		t.Error(err)
	}
	if open, err := keeper.Open(t.Context(), app.Pool, "simpro", nil, 0, 10); err != nil || len(open) != 0 {
		t.Errorf("still open: %+v %v", open, err)
	}
}

// The home speaks of other systems only where there is one that is asked.
func TestTheHomeSpeaksOfOtherSystemsWhereThereAreSome(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	const tile = ".board__tile[href*='kind=request']"
	if n := ben.Get("/office").Find(tile).Length(); n != 0 {
		t.Error("nothing is kept elsewhere, and there is a tile")
	}
	app.Exec(`update keeper_requests set state = 'waiting', answered_at = null`) // of a system that kept things once
	if n := ben.Get("/office").Find(tile).Length(); n != 1 {
		t.Error("what waits has no tile")
	}
	app.Exec(`update keeper_requests set state = 'done', answered_at = now(); update keepers set source = 'simpro', label = 'simPRO' where kind = 'jobs'`)
	if n := ben.Get("/office").Find(tile).Length(); n != 1 {
		t.Error("jobs are kept elsewhere, and there is no tile")
	}
}
