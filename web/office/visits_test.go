package officeweb_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// told waits for a mail to Lee with words in its subject and returns the entry
// for calendars that came with it.
func told(t *testing.T, app *apptest.App, words string) (m catcher.Message, calendar string) {
	t.Helper()
	m, err := app.Mail.Wait(t.Context(), func(m catcher.Message) bool { return m.IsTo("lee@demo.test") && strings.Contains(m.Subject, words) })
	if err != nil {
		t.Fatalf("no mail %q: %v", words, err)
	}
	if len(m.Attached) != 1 || m.Attached[0].Name != "J-1001.ics" || !strings.HasPrefix(m.Attached[0].Type, "text/calendar") {
		t.Fatalf("%s: attached %+v", m.Subject, m.Attached)
	}
	return m, strings.ReplaceAll(string(m.Attached[0].Data), "\r\n ", "")
}

// line is the value of a line of an entry for calendars.
func line(calendar, name string) string {
	for l := range strings.SplitSeq(calendar, "\r\n") {
		if value, ok := strings.CutPrefix(l, name+":"); ok {
			return value
		}
	}
	return ""
}

// A visit is booked with who comes, moved and called off, and each time Lee has
// an email with an entry that takes the place of the one before.
func TestAVisitIsBookedMovedAndCalledOff(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set status = 'unscheduled', booked_from = null, booked_until = null where id = 1; delete from job_staff where job_id = 1`)
	ben, lee := app.As("ben"), app.As("lee")
	page := ben.Get("/office/jobs/J-1001/booking")
	if !page.Has("Lee Nakamura gets an email at lee@demo.test") || !page.Has("Who comes") {
		t.Fatalf("the form: %s", page.Text("main"))
	}
	busy := ben.Submit(page, "main form", url.Values{"booked_on": {app.Today().String()}, "booked_start": {"23:58"}, "refresh": {"yes"}})
	if busy.Status != 200 || busy.Find("#booked_start").AttrOr("value", "") != "23:58" {
		t.Fatalf("who is booked elsewhere: %d", busy.Status)
	}
	app.Exec(`update jobs set status = 'booked', booked_from = (select moment_of('2031-05-06', '09:30', time_zone) from company) where id = 2; update jobs set completed_at = null where id = 2`)
	form := url.Values{"booked_on": {"2031-05-06"}, "booked_start": {"08:00"}, "booked_until": {"10:00"}, "staff": {"3"}}
	form.Set("refresh", "yes")
	if busy = ben.Submit(page, "main form", form); !strings.Contains(busy.Text("#who-comes"), "J-1002, Harbour Dental") {
		t.Errorf("Fay's other bookings: %s", busy.Text("#who-comes"))
	}
	form.Del("refresh")
	booked := ben.Submit(page, "main form", form)
	if !booked.Has("J-1001 is Booked now. Lee Nakamura gets an email.") || !booked.Has("Fay Ibrahim") {
		t.Fatalf("%d: %s", booked.Status, booked.Text("main"))
	}
	m, first := told(t, app, "is booked for")
	if !strings.Contains(m.Text, "Fay Ibrahim") || line(first, "METHOD") != "PUBLISH" || line(first, "DTSTART") == "" {
		t.Errorf("%s\n%s", m.Text, first)
	}
	moved := ben.Submit(ben.Get("/office/jobs/J-1001/visit"), "main form", url.Values{"booked_on": {"2031-05-07"}})
	if !moved.Has("The visit of J-1001 is moved. Lee Nakamura gets an email.") || !moved.Has("Fay Ibrahim") {
		t.Fatalf("moved: %d %s", moved.Status, moved.Text("main"))
	}
	_, second := told(t, app, "is moved to")
	if line(second, "UID") != line(first, "UID") || line(second, "SEQUENCE") <= line(first, "SEQUENCE") || line(second, "DTSTART") == line(first, "DTSTART") {
		t.Errorf("%s\n%s", first, second)
	}
	page = ben.Get("/office/jobs/J-1001/cancellation")
	if p := ben.Submit(page, "main form", nil); p.Status != 422 || p.Problem("cancelled_why") == "" {
		t.Errorf("cancelled without a reason: %d", p.Status)
	}
	if p := ben.Submit(page, "main form", url.Values{"cancelled_why": {"The unit was replaced."}}); !p.Has("J-1001 is Cancelled now. Lee Nakamura gets an email.") || !p.Has("Called off") {
		t.Fatalf("cancelled: %d %s", p.Status, p.Text("main"))
	}
	m, third := told(t, app, "was cancelled")
	if !strings.Contains(m.Text, "The unit was replaced.") || line(third, "METHOD") != "CANCEL" || line(third, "STATUS") != "CANCELLED" || line(third, "UID") != line(first, "UID") || line(third, "SEQUENCE") <= line(second, "SEQUENCE") {
		t.Errorf("%s\n%s", m.Text, third)
	}
	job := lee.Get("/jobs/J-1001")
	if booked := job.Text(".facts-strip"); !job.Has("The unit was replaced.") || !strings.Contains(booked, "Called off") {
		t.Errorf("the customer reads %s", job.Text("main"))
	}
}

// Staff may tell nobody; the past is refused unless it took place already.
func TestWhoIsToldOfAVisitIsStaffsChoice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set status = 'unscheduled', booked_from = null, booked_until = null where id = 1`)
	ben := app.As("ben")
	emails := func() int { return apptest.Value[int](app, `select count(*) from emails`) }
	past := url.Values{"booked_on": {app.Today().AddDays(-2).String()}, "booked_start": {"08:00"}}
	page := ben.Get("/office/jobs/J-1001/booking")
	refused := ben.Submit(page, "main form", past)
	if refused.Status != 422 || !strings.Contains(refused.Problem("booked_on"), "past") {
		t.Fatalf("the past: %d %q", refused.Status, refused.Problem("booked_on"))
	}
	past.Set("took_place", "yes")
	if p := ben.Submit(refused, "main form", past); !p.Has("J-1001 is Booked now. Nobody was told.") || emails() != 0 {
		t.Errorf("%d, %d emails: %s", p.Status, emails(), p.Text("main"))
	}
	quietly := url.Values{"booked_on": {"2031-05-06"}, "booked_start": {"08:00"}, "tell": nil}
	if p := ben.Submit(ben.Get("/office/jobs/J-1001/visit"), "main form", quietly); !p.Has("The visit of J-1001 is moved. Nobody was told.") || emails() != 0 {
		t.Errorf("moved: %d, %d emails: %s", p.Status, emails(), p.Text("main"))
	}
	if p := ben.Submit(ben.Get("/office/jobs/J-1001/edit"), "main form#job-form", url.Values{"booked_on": {"2031-05-08"}, "tell": nil}); p.Status != 200 || emails() != 0 {
		t.Errorf("edited: %d, %d emails", p.Status, emails())
	}
	if p := ben.Submit(ben.Get("/office/jobs/J-1001/deferral"), "main form", url.Values{"tell": nil}); !p.Has("J-1001 is Deferred now. Nobody was told.") || emails() != 0 {
		t.Errorf("deferred: %d, %d emails: %s", p.Status, emails(), p.Text("main"))
	}
	if p := ben.Submit(ben.Get("/office/jobs/new?customer=C-1001"), "main form#job-form", url.Values{"type": {"1"}, "description": {"x"}, "site": {"1"}, "booked_on": {"2020-01-02"}, "booked_start": {"08:00"}}); p.Status != 422 || p.Problem("booked_on") == "" {
		t.Errorf("a new job in the past: %d", p.Status)
	}
}

// A booking in the hour that a change of clocks skips says so; one that clocks
// show twice is the first; on a day without midnight it stays on its day.
func TestBookingsWhenClocksChange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		zone, on, start, end string
		problem              string // field
		from                 string // the moment that is stored
	}{
		{"Australia/Sydney", "2031-10-05", "02:30", "", "booked_start", ""},
		{"Australia/Sydney", "2031-10-05", "01:30", "02:30", "booked_until", ""},
		{"Australia/Sydney", "2031-10-05", "01:30", "03:30", "", "2031-10-04T15:30:00Z"},
		{"Australia/Sydney", "2031-04-06", "02:30", "02:45", "", "2031-04-05T15:30:00Z"},
		{"Europe/Berlin", "2031-10-26", "02:00", "", "", "2031-10-26T00:00:00Z"},
		{"America/Santiago", "2027-09-05", "00:30", "", "booked_start", ""},
		{"America/Santiago", "2027-09-05", "08:00", "09:00", "", "2027-09-05T11:00:00Z"},
	} {
		t.Run(tt.zone+" "+tt.on+" "+tt.start, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			app.Exec(`update jobs set status = 'unscheduled', booked_from = null, booked_until = null where id = 1`)
			app.Exec(`update company set time_zone = $1`, tt.zone)
			ben := app.As("ben")
			p := ben.Submit(ben.Get("/office/jobs/J-1001/booking"), "main form", url.Values{"booked_on": {tt.on}, "booked_start": {tt.start}, "booked_until": {tt.end}})
			if tt.problem != "" {
				if p.Status != 422 || !strings.Contains(p.Problem(tt.problem), "Clocks go forward") {
					t.Errorf("%d: %q", p.Status, p.Text("main"))
				}
				return
			}
			from := apptest.Value[time.Time](app, `select booked_from from jobs where id = 1`).UTC().Format(time.RFC3339)
			if p.Status != 200 || from != tt.from {
				t.Fatalf("%d, stored %s: %s", p.Status, from, p.Text("main"))
			}
			if on := apptest.Value[string](app, `select (booked_from at time zone time_zone)::date::text from jobs, company where id = 1`); on != tt.on {
				t.Errorf("it lies on %s", on)
			}
			_, calendar := told(t, app, "is booked for")
			if want := strings.NewReplacer("-", "", ":", "").Replace(tt.from); line(calendar, "DTSTART") != want {
				t.Errorf("the entry begins at %s, want %s", line(calendar, "DTSTART"), want)
			}
		})
	}
}

// A job from a quote that has a date tells the customer only if staff choose so,
// and nobody of a date in the past.
func TestAJobFromAQuoteTellsByStaffsChoice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, from, words string
		fields            url.Values
		asked             bool
		told              int
	}{
		{"told", "2031-05-06 01:00Z", "is booked. Lee Nakamura gets an email.", url.Values{}, true, 1},
		{"not told", "2031-05-06 01:00Z", "Nobody was told.", url.Values{"tell": nil}, true, 0},
		{"in the past", "2020-05-06 01:00Z", "was created from Q-1002.", url.Values{}, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			app.Exec(`update quotes set booked_from = $1 where id = 2`, tt.from)
			ben := app.As("ben")
			ask := ben.Get("/office/quotes/Q-1002/job")
			if asked := ask.Find("main form [name=tell]").Length() == 1; asked != tt.asked || asked == ask.Has("Nobody gets an email of the date") {
				t.Errorf("it is asked whether to tell: %v", asked)
			}
			tt.fields["type"], tt.fields["agreed"], tt.fields["why"] = []string{"1"}, []string{"without"}, []string{"Urgent"}
			if refused := ben.Submit(ask, "main form", url.Values{"type": {"0"}, "agreed": {"without"}, "tell": tt.fields["tell"]}); tt.asked && (refused.Status != 422 || refused.Find("[name=tell][checked]").Length() != 0) {
				t.Errorf("the choice is lost: %d", refused.Status)
			}
			p := ben.Submit(ask, "main form", tt.fields)
			if flash := p.Text("[data-flash]"); !strings.Contains(flash, tt.words) {
				t.Errorf("afterwards: %d %q", p.Status, flash)
			}
			if n := apptest.Value[int](app, `select count(*) from emails where kind = 'job-booked'`); n != tt.told {
				t.Errorf("%d emails", n)
			}
		})
	}
}
