package portalweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/web/apptest"
)

func TestAVisitGoesIntoTheCalendar(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set booked_from = '2026-11-24 08:30 Australia/Sydney', booked_until = '2026-11-24 10:30 Australia/Sydney', name = E'Service; unit 2, roof' where id = 1`)
	lee := app.As("lee")
	if p := lee.Get("/jobs/J-1001"); p.Find(`a[href="/jobs/J-1001/calendar.ics"]`).Length() != 1 {
		t.Error(p.Text("main"))
	}
	p := lee.Get("/jobs/J-1001/calendar.ics")
	first := strings.ReplaceAll(p.Body, "\r\n ", "")
	for _, line := range []string{
		"UID:J-1001@127.0.0.1", "DTSTART:20261123T213000Z", "DTEND:20261123T233000Z", `SUMMARY:Northwind Air: Service\; unit 2\, roof`,
		`LOCATION:George Street\, 12 George Street\, Parramatta NSW 2150`, "SEQUENCE:1", "URL:" + app.URL + "/jobs/J-1001",
	} {
		if !strings.Contains(first, "\r\n"+line+"\r\n") {
			t.Errorf("no line %s in\n%s", line, p.Body)
		}
	}
	if !strings.HasPrefix(p.Header.Get("Content-Type"), "text/calendar") || strings.Contains(p.Body, "OFFICE-ONLY") {
		t.Error(p.Header, p.Body)
	}
	for _, tt := range []struct {
		who, path, first string
		status           int
	}{
		{"lee", "/jobs/J-1002/calendar.ics", "", 404}, // finished
		{"lee", "/jobs/J-1003/calendar.ics", "", 404}, // another customer's
		{"kim", "/jobs/J-1001/calendar.ics", "", 404}, // somebody else's
		{"ola", "/jobs/J-1003/calendar.ics", "", 200}, // under way
		{"lee", "/jobs/J-1001/calendar.ics", `update jobs set status = 'unscheduled' where id = 1`, 404},
	} {
		if tt.first != "" {
			app.Exec(tt.first)
		}
		if p := app.As(tt.who).Get(tt.path); p.Status != tt.status {
			t.Errorf("%s at %s: %d", tt.who, tt.path, p.Status)
		}
	}
}

func TestJobsByPeriodAndType(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, jobsByPeriodAndType)
}

func jobsByPeriodAndType(t *testing.T) {
	app := apptest.New(t)
	app.Exec(`
		update jobs set booked_from = (business_day() - 7)::timestamp at time zone (select time_zone from company) where id = 2; -- the first moment of the week
		insert into jobs (customer_id, name, description, job_type_id, status, booked_from, completed_at, origin) values
			(1, 'A moment before', 'x', 1, 'completed', (business_day() - 7)::timestamp at time zone (select time_zone from company) - interval '1 second', now(), 'office'),
			(1, 'New Year''s Eve', 'x', 2, 'completed', timestamp '2024-12-31 23:59:59' at time zone (select time_zone from company), now(), 'office'),
			(1, 'New Year', 'x', 2, 'completed', timestamp '2025-01-01 00:00' at time zone (select time_zone from company), now(), 'office'),
			(1, 'No date', 'x', 1, 'unscheduled', null, null, 'office')`)
	lee := app.As("lee")
	for query, want := range map[string]string{
		"booked=coming":        "Rooftop unit service",
		"booked=week":          "Surgery 4 not cooling",
		"booked=month":         "A moment before, Surgery 4 not cooling",
		"booked=2024":          "New Year's Eve",
		"booked=2025":          "New Year",
		"booked=none":          "No date",
		"booked=1066":          "No date, New Year, New Year's Eve, A moment before, Surgery 4 not cooling, Rooftop unit service", // no such period
		"booked=%00%ff":        "No date, New Year, New Year's Eve, A moment before, Surgery 4 not cooling, Rooftop unit service",
		"type=2":               "New Year, New Year's Eve, Surgery 4 not cooling",
		"type=2&booked=week":   "Surgery 4 not cooling",
		"type=2&sort=booked":   "New Year's Eve, New Year, Surgery 4 not cooling",
		"status=booked&type=2": "",
		"type=999999":          "",
	} {
		p := lee.Get("/jobs?" + query)
		var got []string
		for _, row := range p.Find("#results tbody .table__link").EachIter() {
			got = append(got, row.Text())
		}
		if p.Status != 200 || strings.Join(got, ", ") != want {
			t.Errorf("%s: %d %q", query, p.Status, got)
		}
	}
}

// Service is asked for from the equipment's page, with item and site filled in,
// by those who may ask for jobs.
func TestServiceIsRequested(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, serviceIsRequested)
}

func serviceIsRequested(t *testing.T) {
	app := apptest.New(t)
	const item = "equipmentofharbour0000000000001"
	lee := app.As("lee")
	if p := lee.Get("/equipment/" + item); p.Text(`a[href="/jobs/new?equipment=`+item+`"]`) != "Request service" || !p.Has("Due in 20 days") {
		t.Error(p.Text("main"))
	}
	form := lee.Get("/jobs/new?equipment=" + item)
	if form.Find("#equipment option[selected]").AttrOr("value", "") != "1" || form.Find("#site option[selected]").AttrOr("value", "") != "1" || !form.Has("Service for Rooftop unit 2 (E-001)") {
		t.Fatal(form.Text("main"))
	}
	p := lee.Submit(form, "form.form", url.Values{"type": {"1"}, "description": {"It rattles"}})
	if p.Status != 200 || !p.Has("Rooftop unit 2") || !p.Has("George Street") {
		t.Error(p.Status, p.Text("main"))
	}
	if p := lee.Get("/equipment/" + item); !p.Has("It rattles") {
		t.Error("not in its history")
	}
	// Somebody else's, a retired one, nonsense: the plain form.
	for _, other := range []string{"equipmentofpelican0000000000001", "nonsense", "%00", ""} {
		if p := lee.Get("/jobs/new?equipment=" + other); p.Status != 200 || p.Find("#equipment option[selected][value!='']").Length() > 0 || p.Has("Service for") {
			t.Errorf("%q: %d", other, p.Status)
		}
	}
	app.Exec(`update sites set archived_at = now() where id = 1`)
	if p := lee.Get("/jobs/new?equipment=" + item); p.Find("#site option[selected][value='1']").Length() > 0 {
		t.Error("an archived site was filled in")
	}
	app.Exec(`update contacts set jobs_create = false where id = 1`)
	if p := lee.Get("/equipment/" + item); p.Find(`a[href^="/jobs/new"]`).Length() > 0 {
		t.Error("without the right, and still a button")
	}
	app.Exec(`update contacts set jobs_see = 'none', jobs_edit = false where id = 1`)
	if p := lee.Get("/equipment/" + item); p.Find(`a[href^="/jobs"]`).Length() > 0 || p.Has("rattles") {
		t.Error("without jobs, and still a way to them")
	}
	if p := lee.Get("/jobs/new?equipment=" + item); p.Status != 404 {
		t.Error(p.Status)
	}
}

// A customer with more equipment than a form can offer begins at its page.
func TestMuchEquipment(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into equipment (customer_id, number, name, type, site_id, origin) select 1, 'M-' || n, 'Fan ' || n, 'Fan', 1, 'office' from generate_series(1, 3000) n`)
	lee := app.As("lee")
	if p := lee.Get("/jobs/new"); p.Find("#equipment").Length() > 0 || !p.Has("Find it under Equipment") || len(p.Body) > 60_000 {
		t.Error(len(p.Body), p.Text("main"))
	}
	last := apptest.Value[string](app, `select public_id from equipment where name = 'Fan 3000'`)
	form := lee.Get("/jobs/new?equipment=" + last)
	if form.Text("#equipment option[selected]") != "Fan 3000 (M-3000)" {
		t.Fatal(form.Text("main"))
	}
	if p := lee.Submit(form, "form.form", url.Values{"type": {"1"}, "description": {"x"}}); p.Status != 200 || !p.Has("Fan 3000") {
		t.Error(p.Status, p.Text("main"))
	}
}
