package officeweb_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/web/apptest"
)

// way is the form on a job's page that moves it to a status.
func way(to string) string { return fmt.Sprintf(`form:has(input[name=to][value=%q])`, to) }

func TestJobsOfTheOffice(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, jobsOfTheOffice)
}

func jobsOfTheOffice(t *testing.T) {
	app := apptest.New(t)
	ben := app.As("ben")
	choose := ben.Get("/office/jobs/new?q=harbour")
	if items := choose.Find("#results a"); items.Length() != 1 || items.AttrOr("href", "") != "/office/jobs/new?customer=C-1001" {
		t.Errorf("customers to choose: %s", items.Text())
	}
	open := ben.Get("/office/jobs/new?customer=C-1001")
	if open.Has("Tower") || open.Has("Lobby fan") || !open.Has("George Street") {
		t.Error("the form offers what is another customer's, or not what is this one's")
	}
	bad := ben.Submit(open, form, url.Values{
		"type": {"1"}, "description": {strings.Repeat("x", 10001)}, "site": {"3"}, "staff": {"99"}, "equipment": {"2", "zz"}, "preferred_on": {"soon"}, "booked_until": {"25:99"}, "priority": {"asap"},
	})
	for _, field := range []string{"description", "preferred_on", "booked_on", "booked_start", "booked_until", "priority"} {
		if bad.Status != 422 || bad.Problem(field) == "" {
			t.Errorf("%d, no problem at %s", bad.Status, field)
		}
	}
	if bad.Find("#booked_until").AttrOr("value", "") != "25:99" {
		t.Error("what was typed is gone")
	}
	if p := ben.Submit(open, form, url.Values{"type": {"1"}, "description": {"x"}, "site": {"3"}}); p.Status != 422 || p.Problem("site") == "" {
		t.Errorf("another customer's site: %d", p.Status)
	}
	made := ben.Submit(open, form, url.Values{"type": {"1"}, "name": {"Fit a pump"}, "description": {"In the <b>plant</b> room"}, "site": {"1"}, "staff": {"3"}, "equipment": {"1"}})
	number := strings.TrimPrefix(made.URL.Path, "/office/jobs/")
	if !made.Has(number+" was created.") || !made.Has("Unscheduled") || !made.Has("In the <b>plant</b> room") || !made.Has("Fay Ibrahim") {
		t.Fatalf("%d at %s: %s", made.Status, made.URL, made.Text("main"))
	}
	if p := ben.Submit(open, form, url.Values{"type": {"1"}, "description": {"Fit a pump"}, "site": {"none"}}); p.URL.Path != made.URL.Path {
		t.Errorf("the same form again made %s", p.URL)
	}

	page := ben.Get("/office/jobs/" + number)
	booking := ben.Get("/office/jobs/" + number + "/booking")
	if p := ben.Submit(booking, way("booked"), url.Values{"booked_on": {""}}); p.Status != 422 || p.Problem("booked_on") == "" {
		t.Errorf("booked without a date: %d", p.Status)
	}
	day := app.Today().AddDays(7).String()
	booked := ben.Submit(booking, way("booked"), url.Values{"booked_on": {day}, "booked_start": {"08:30"}, "booked_until": {"10:00"}})
	if !booked.Has(number+" is Booked now.") || !booked.Has("8:30") {
		t.Errorf("%d: %s", booked.Status, booked.Text("main"))
	}
	if got := apptest.Value[string](app, `select to_char(booked_from at time zone (select time_zone from company), 'YYYY-MM-DD HH24:MI') from jobs where number = $1`, number); got != day+" 08:30" {
		t.Errorf("booked for %s", got)
	}
	if late := ben.Submit(page, way("in progress"), nil); late.Status != 409 || !late.Has("Somebody else has changed this job") {
		t.Errorf("a button of an old page: %d", late.Status)
	}
	for _, step := range []struct{ at, to string }{{"", "in progress"}, {"/completion", "completed"}, {"", "closed"}} {
		page = ben.Submit(ben.Get("/office/jobs/"+number+step.at), way(step.to), nil)
	}
	if page.Find(way("in progress")).Length() != 0 || app.As("ada").Get("/office/jobs/"+number).Find(way("in progress")).Length() != 1 {
		t.Error("only an Administrator reopens")
	}
	if p := ben.Post("/office/jobs/"+number+"/status", url.Values{"to": {"in progress"}, "version": {"5"}}); p.Status != 403 {
		t.Errorf("reopened by the Office: %d", p.Status)
	}

	edit := ben.Get("/office/jobs/" + number + "/edit")
	ben.Submit(edit, form, url.Values{"work_undertaken": {"Pump fitted"}, "main_contact": {"2"}})
	late := ben.Submit(edit, form, url.Values{"name": {"Mine"}})
	if late.Status != 409 || !late.Has("Ben Whitlock changed this") || !late.Has("Main contact: “Lee Nakamura” became “Kim Tran”") || late.Find("#name").AttrOr("value", "") != "Mine" {
		t.Errorf("edit conflict: %d, %s", late.Status, late.Text("main .notice"))
	}
	if p := ben.Submit(late, form, nil); p.Status != 200 || !p.Has("Mine") {
		t.Errorf("saved over it: %d, %s", p.Status, p.Text("main"))
	}
	for _, address := range []string{"/office/jobs/J-0", "/office/jobs/J-0/tasks", "/office/jobs/J-1001/tasks?edit=99", "/office/jobs/%00/edit", "/office/jobs/new?customer=C-0"} {
		if p := ben.Get(address); p.Status != 404 {
			t.Errorf("%s: %d", address, p.Status)
		}
	}
}

func TestListOfJobs(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, main_contact_id, origin, created_by_contact_id) values (1, 'Too warm', 2, 'new', 1, 'portal', 1)`)
	for _, tt := range []struct {
		query string
		rows  int
	}{
		{"", 5},
		{"status=open", 4},
		{"status=to-schedule", 2},
		{"status=booked", 1},
		{"status=in+progress", 1},
		{"status=%27--", 5},
		{"type=2", 3},
		{"type=x&assigned=-1", 5},
		{"customer=C-1001", 3},
		{"customer=c-1001&site=2", 1},
		{"customer=harbour", 3},
		{"customer=C-0", 0},
		{"site=2", 5}, // whose?
		{"assigned=3", 2},
		{"assigned=nobody", 3},
		{"since=2000-01-01&until=2000-01-02", 0},
		{"since=soon&until=%00", 5},
		{"since=2000-01-01", 3},
		{"priority=urgent", 0},
		{"from=portal&priority=normal&type=2&status=new&assigned=nobody", 1},
		{"from=new", 1},
		{"q=pelican", 1},
		{"q=rooftop&status=booked", 1},
		{"sort=booked", 5},
		{"sort=;drop&after=zz&before=yy", 5},
		{"q=%00%ff", 5},
	} {
		if p := ben.Get("/office/jobs?" + tt.query); p.Status != 200 || p.Find("#results tbody tr").Length() != tt.rows {
			t.Errorf("%s: %d, %d rows", tt.query, p.Status, p.Find("#results tbody tr").Length())
		}
	}
	if p := ben.Get("/office/jobs"); p.Find("tbody .badge").Text() != "New from the portal" {
		t.Errorf("marks: %s", p.Find("tbody .badge").Text())
	}
	if p := ben.Get("/office/jobs/J-1005"); !p.Has("From the portal") { // this is looking at it
		t.Error("not marked as coming from the portal")
	}
	if p := ben.Get("/office/jobs"); p.Find("tbody .badge").Length() != 0 {
		t.Error("still marked as new")
	}
}

func TestTasksAndTime(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	const tasks, clock = "/office/jobs/J-1001/tasks", "/office/jobs/J-1001/time"
	adding := `form[action$="/tasks"]`
	if p := ben.Submit(ben.Get(tasks), adding, url.Values{"subject": {" "}, "due_on": {"never"}}); p.Status != 422 || p.Problem("subject") == "" || p.Problem("due_on") == "" || p.Find("#due_on").AttrOr("value", "") != "never" {
		t.Errorf("a task of nothing: %d", p.Status)
	}
	open := ben.Get(tasks)
	for range 2 {
		ben.Submit(open, adding, url.Values{"subject": {"Order belts"}, "assignee": {"3"}})
	}
	list := ben.Get(tasks)
	if list.Find("tbody tr").Length() != 2 || !list.Has("Order belts") {
		t.Errorf("tasks: %s", list.Text("tbody"))
	}
	done := ben.Submit(list, `form[action$="/tasks/1/completion"]`, nil)
	if done.Find(`#part-1 input[checked]`).Length() != 1 {
		t.Error("not ticked off")
	}
	edit := ben.Get(tasks + "?edit=1")
	if p := ben.Submit(edit, `form[action$="/tasks/1"]`, url.Values{"subject": {"Check all belts"}}); !p.Has("Check all belts") {
		t.Errorf("edited: %s", p.Text("tbody"))
	}
	if p := ben.Submit(edit, `form[action$="/tasks/1"]`, url.Values{"subject": {"Mine"}}); p.Status != 409 || !p.Has("Subject: “Check belts” became “Check all belts”") {
		t.Errorf("edit conflict: %d, %s", p.Status, p.Text(".notice"))
	}
	for range 2 {
		if p := ben.Post(tasks+"/1/removal", nil); p.Status != 200 || p.Find("tbody tr").Length() != 1 {
			t.Errorf("removed: %d", p.Status)
		}
	}
	if p := ben.Post("/office/jobs/J-1003/tasks/2/completion", url.Values{"done": {"yes"}}); p.Status != 404 {
		t.Errorf("a task of another job: %d", p.Status)
	}

	logging := `form[action$="/time"]`
	if p := ben.Submit(ben.Get(clock), logging, url.Values{"hours": {"1e9"}, "worked_on": {"2026-02-30"}, "staff": {""}}); p.Status != 422 || p.Problem("hours") == "" || p.Problem("worked_on") == "" || p.Problem("staff") == "" {
		t.Errorf("nonsense logged: %d", p.Status)
	}
	open = ben.Get(clock)
	if open.Find(`#staff option[selected]`).AttrOr("value", "") != "3" {
		t.Error("who is assigned alone is not chosen")
	}
	for range 2 {
		ben.Submit(open, logging, url.Values{"start": {"08:00"}, "end": {"09:45"}, "note": {"OFFICE-ONLY"}})
	}
	if p := ben.Get("/office/jobs/J-1001"); !strings.Contains(p.Text(".facts-strip"), "1.75") {
		t.Errorf("Time Logged: %s", p.Text(".facts-strip"))
	}
	edit = ben.Get(clock + "?edit=3")
	if p := ben.Submit(edit, `form[action$="/time/3"]`, url.Values{"hours": {"2"}}); p.Status != 200 || !strings.Contains(p.Text("tfoot"), "2") {
		t.Errorf("edited: %d, %s", p.Status, p.Text("tfoot"))
	}
	if p := ben.Submit(edit, `form[action$="/time/3"]`, url.Values{"hours": {"3"}}); p.Status != 409 || !p.Has("Hours: “1.75” became “2”") {
		t.Errorf("edit conflict: %d, %s", p.Status, p.Text(".notice"))
	}
	if p := ben.Post(clock+"/3/removal", nil); p.Find("tbody tr").Length() != 0 {
		t.Error("not removed")
	}
}

func TestTimeIsLoggedForToday(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, func(t *testing.T) {
		app := apptest.New(t)
		ben, today := app.As("ben"), app.Today()
		open := ben.Get("/office/jobs/J-1001/time")
		if on := open.Find("#worked_on"); on.AttrOr("value", "") != today.String() || on.AttrOr("max", "") != today.String() {
			t.Errorf("the form offers %s up to %s, today is %s", on.AttrOr("value", ""), on.AttrOr("max", ""), today)
		}
		logging := `form[action$="/time"]`
		if p := ben.Submit(open, logging, url.Values{"hours": {"1"}, "worked_on": {today.AddDays(1).String()}}); p.Status != 422 || p.Problem("worked_on") == "" {
			t.Errorf("logged for tomorrow: %d", p.Status)
		}
		if p := ben.Submit(open, logging, url.Values{"hours": {"1"}}); p.Status != 200 || p.Find("tbody tr").Length() != 1 {
			t.Errorf("logged for today: %d %s", p.Status, p.Text("main"))
		}
	})
}

func TestJobTypesAreForAdministrators(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	if p := app.As("ben").Get("/office/admin/job-types"); p.Status != 403 {
		t.Errorf("ben: %d", p.Status)
	}
	ada := app.As("ada")
	open := ada.Get("/office/admin/job-types/new")
	bad := ada.Submit(open, form, url.Values{"name": {"maintenance"}, "notification_addresses": {"fine@northwind.test, not-an-address"}})
	if bad.Status != 422 || !strings.Contains(bad.Problem("notification_addresses"), "not-an-address") {
		t.Errorf("%d: %s", bad.Status, bad.Text(".field__problem"))
	}
	if p := ada.Submit(bad, form, url.Values{"notification_addresses": {"fine@northwind.test"}}); p.Status != 422 || p.Problem("name") == "" {
		t.Errorf("a name that is taken: %d", p.Status)
	}
	if p := ada.Submit(open, form, url.Values{"name": {"Installation"}, "colour": {"purple"}, "default_description": {"Fit and commission"}}); !p.Has("Installation was added.") {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	id := apptest.Value[string](app, `select id::text from job_types where name = 'Installation'`)
	made := ada.Submit(ada.Get("/office/jobs/new?customer=C-1001"), form, url.Values{"type": {id}, "description": {""}, "site": {"none"}})
	if !made.Has("Fit and commission") {
		t.Errorf("the type's description is not used: %s", made.Text("main"))
	}
	edit := ada.Get("/office/admin/job-types/" + id)
	ada.Submit(edit, form, url.Values{"active": nil, "colour": {"pink"}})
	if p := ada.Get("/office/jobs/new?customer=C-1001"); p.Find(`#type option[value="`+id+`"]`).Length() != 0 {
		t.Error("still offered")
	}
	if p := ada.Submit(edit, form, url.Values{"name": {"Fitting"}}); p.Status != 409 || !p.Has("Colour: “Purple” became “Pink”") {
		t.Errorf("edit conflict: %d, %s", p.Status, p.Text(".notice"))
	}
}
