package officeweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/web/apptest"
)

func newJob(t *testing.T, app *apptest.App) string {
	t.Helper()
	var ref job.Ref
	err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) (err error) {
		ref, _, err = job.Create(t.Context(), tx, audit.Actor{Staff: 1, Name: "Ada"}, job.New{Customer: 1, Details: job.Details{Type: 1, Description: "Tap", Priority: job.Normal}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ref.Number
}

func TestTheNextNumberIsSet(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	set := func(kind, next string) apptest.Page {
		return ada.Post("/office/admin/numbers/"+kind, url.Values{"next": {next}})
	}
	p := ada.Get("/office/admin/numbers")
	for _, words := range []string{"C-1003", "Q-1004", "J-1004"} {
		if !p.Has(words) {
			t.Errorf("the page does not say %s: %s", words, p.Text("main"))
		}
	}
	if v := p.Find("#next-job").AttrOr("value", ""); v != "J-1005" {
		t.Errorf("the next job is %s", v)
	}
	for _, typed := range []string{"", "x", "-5", "1.5", "1004", "J-1004", "J-1", "0", "1000000000", "99999999999999999999", "+1007", "C-2000"} {
		if p := set("job", typed); p.Status != http.StatusUnprocessableEntity || p.Text("#next-job-problem") == "" || p.Find("#next-job").AttrOr("value", "") != typed {
			t.Errorf("%q: %d %s", typed, p.Status, p.Text("main"))
		}
	}
	if p := set("invoice", "2000"); p.Status != http.StatusNotFound {
		t.Errorf("a kind that is none: %d", p.Status)
	}
	for _, typed := range []string{"j-2001", " 2001 "} {
		if p := set("job", typed); p.Status != http.StatusOK {
			t.Errorf("%q: %d %s", typed, p.Status, p.Text("main"))
		}
	}
	if got := newJob(t, app); got != "J-2001" {
		t.Errorf("then comes %s", got)
	}
	if p := set("job", "2001"); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Text("#next-job-problem"), "J-2002") {
		t.Errorf("backwards: %d %s", p.Status, p.Text("#next-job-problem"))
	}
	if p := app.As("ben").Post("/office/admin/numbers/job", url.Values{"next": {"3000"}}); p.Status != http.StatusForbidden {
		t.Errorf("Ben: %d", p.Status)
	}
	trail := apptest.Value[string](app, `select string_agg(thing_label || ' ' || (before->>'next') || ' ' || (after->>'next'), ', ') from audit_entries where thing = 'numbers'`)
	if trail != "Jobs J-1005 J-2001" {
		t.Error(trail)
	}
}

// TestKeptNumbersArePassedOver: an import has kept numbers that the sequence comes to.
func TestKeptNumbersArePassedOver(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into jobs (number, customer_id, description, job_type_id, status, origin) values ('J-1005', 1, 'x', 1, 'unscheduled', 'office'), ('J-1006', 1, 'x', 1, 'unscheduled', 'office'), ('J-1500', 1, 'x', 1, 'unscheduled', 'office'), ('2019/77', 1, 'x', 1, 'unscheduled', 'office'), ('J-01007', 1, 'x', 1, 'unscheduled', 'office'), ('J-99999999999999999', 1, 'x', 1, 'unscheduled', 'office')`)
	if got := newJob(t, app); got != "J-1007" {
		t.Errorf("the first free one is %s", got)
	}
	ada := app.As("ada")
	if p := ada.Get("/office/admin/numbers"); !p.Has("J-1500") {
		t.Error(p.Text("main"))
	}
	if p := ada.Post("/office/admin/numbers/job", url.Values{"next": {"1400"}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Text("#next-job-problem"), "J-1501") {
		t.Errorf("below one in use: %d %s", p.Status, p.Text("#next-job-problem"))
	}
	past := func(n string) {
		t.Helper()
		if err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) error { return postgres.PastNumber(t.Context(), tx, postgres.JobNumbers, n) }); err != nil {
			t.Errorf("past %s: %v", n, err)
		}
	}
	for _, n := range []string{"J-1500", "J-3", "2019/77", "J-", "J-01600", "Q-9000", "J-20240531001"} {
		past(n)
	}
	if got := newJob(t, app); got != "J-1501" {
		t.Errorf("past them comes %s", got)
	}
	customer := apptest.Value[string](app, `insert into customers (number, name) values ('C-1004', 'Kept'), (default, 'New') returning number || ''`)
	if customer != "C-1004" {
		t.Error(customer)
	}
	if got := apptest.Value[string](app, `select string_agg(number, ' ' order by id) from customers where id > 3`); got != "C-1004 C-1005" {
		t.Errorf("customers are %s", got)
	}
}

// TestNumbersAreSetWhileOthersDraw: whoever draws meanwhile gets one of before or
// one of afterwards, and none twice.
func TestNumbersAreSetWhileOthersDraw(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 10 {
				newJob(t, app)
			}
		})
	}
	for _, next := range []string{"1020", "1030", "1500", "1040"} {
		ada.Post("/office/admin/numbers/job", url.Values{"next": {next}})
	}
	all.Wait()
	if n, distinct := apptest.Value[int](app, `select count(*) from jobs`), apptest.Value[int](app, `select count(distinct number) from jobs`); n != 44 || n != distinct {
		t.Errorf("%d jobs, %d numbers", n, distinct)
	}
	if p := ada.Post("/office/admin/numbers/job", url.Values{"next": {"1041"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("backwards: %d", p.Status)
	}
}
