package api_test

import (
	"encoding/json"
	"net/url"
	"testing"

	"fieldgate/web/api"
	"fieldgate/web/apptest"
)

// A contact's change of what another system keeps is told to that system's token
// alone, which answers it; the contact's page says so.
func TestTheSystemThatKeepsJobsAnswersForThem(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update keepers set source = 'simpro', label = 'simPRO' where kind = 'jobs'`)
	app.Exec(`update keeper_requests set state = 'done' where state = 'waiting'`)
	lee := app.As("lee")
	ask := func(words string) {
		t.Helper()
		if p := lee.Submit(lee.Get("/jobs/J-1001/edit"), "form[data-unsaved]", url.Values{"purchase_order": {words}}); !p.Has("Sent to simPRO, waiting") {
			t.Fatalf("%d %s", p.Status, p.Text("main"))
		}
	}
	ask("PO-9")
	right := newSystem(t, app, nil)
	listed := func(s system, query string) (page api.Requests) {
		t.Helper()
		if err := json.Unmarshal([]byte(s.does("GET", "/requests"+query, "", 200).Body), &page); err != nil {
			t.Fatal(err)
		}
		return page
	}
	page := listed(right, "")
	if len(page.Items) != 1 || page.More || page.Next != "" {
		t.Fatalf("%+v", page)
	}
	first := page.Items[0]
	if first.Kind != "jobs" || first.What != "edit" || first.Thing != "J-1001" || first.Customer != "C-1001" || first.Contact != "1" || first.State != "waiting" ||
		len(first.Changes) != 1 || first.Changes[0].After != "PO-9" {
		t.Errorf("%+v", first)
	}
	address, done := "/requests/"+first.ID+"/answer", `{"state":"done","words":"Changed"}`
	for who, s := range map[string]system{
		"another system":   newSystem(t, app, url.Values{"name": {"Ascora"}}),
		"another customer": newSystem(t, app, url.Values{"reach": {"named"}, "customers": {"C-1002"}}),
	} {
		if page := listed(s, ""); len(page.Items) != 0 {
			t.Errorf("%s: %+v", who, page)
		}
		s.does("POST", address, done, 404)
	}
	newSystem(t, app, url.Values{"access": {"chosen"}, "scopes": {"quotes:write", "events:read"}}).does("POST", address, done, 403, "jobs:write")
	newSystem(t, app, url.Values{"access": {"chosen"}, "scopes": {"jobs:write"}}).does("GET", "/requests", "", 403, "events:read")
	right.does("POST", "/requests/999999/answer", done, 404)
	right.does("POST", "/requests/first/answer", done, 404)
	right.does("POST", address, `{"state":"waiting"}`, 422, "state")
	right.does("POST", address, `{"state":"refused"}`, 422, "Say why not")
	right.does("GET", "/requests?cursor=x", "", 422, "cursor")

	ask("PO-10")
	page = listed(right, "?limit=1")
	if len(page.Items) != 1 || !page.More || page.Items[0].ID != first.ID {
		t.Errorf("the first page: %+v", page)
	}
	page = listed(right, "?limit=1&cursor="+page.Next)
	if len(page.Items) != 1 || page.More || page.Items[0].ID == first.ID {
		t.Fatalf("the second page: %+v", page)
	}
	right.does("POST", address, done, 200, `"state":"done"`, `"words":"Changed"`)
	right.does("POST", address, done, 409, "answered already")
	right.does("POST", "/requests/"+page.Items[0].ID+"/answer", `{"state":"refused","words":"That order is closed."}`, 200, `"state":"refused"`)
	if page := listed(right, ""); len(page.Items) != 0 {
		t.Errorf("still waiting: %+v", page)
	}
	if p := lee.Get("/jobs/J-1001"); p.Has("Sent to simPRO, waiting") || !p.Has("That order is closed.") {
		t.Errorf("Lee reads %s", p.Text("main"))
	}
}

// Deeds on jobs are for the system that keeps them, and for no other.
func TestTheSystemThatKeepsJobsDoesWithThem(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	right, other := newSystem(t, app, nil), newSystem(t, app, url.Values{"name": {"Ascora"}})
	right.does("PUT", "/jobs/by-external/simpro/1", `{"customer":"C-1001","description":"Kept","type":"Maintenance","number":"SP-1"}`, 201)
	app.Exec(`update keepers set source = 'simpro', label = 'simPRO' where kind = 'jobs'`)
	book := `{"from":"2099-11-24T09:00:00+11:00"}`
	other.does("POST", "/jobs/SP-1/book", book, 409, "Jobs come from simPRO")
	other.does("POST", "/jobs/SP-1/cancel", `{"reason":"x"}`, 409, "Jobs come from simPRO")
	right.does("POST", "/jobs/SP-1/book", book, 200, `"status":"booked"`)
	// What a contact has asked for is answered by the deed.
	app.Exec(`insert into keeper_requests (kind, row_id, what, thing, key, source, label, customer_id, contact_id, changes)
		select 'jobs', id, 'withdrawal', number, number, 'simpro', 'simPRO', 1, 1, '[{"field": "status", "label": "Status", "before": "Booked", "after": "Cancelled"}]' from jobs where number = 'SP-1'`)
	right.does("POST", "/jobs/SP-1/cancel", `{"reason":"Not needed"}`, 200, `"status":"cancelled"`)
	if got := apptest.Value[string](app, `select state from keeper_requests where thing = 'SP-1'`); got != "done" {
		t.Errorf("the withdrawal that was asked for is %s", got)
	}
}
