package journey_test

import (
	"fmt"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// enter signs a member of staff or a contact in.
func enter(tab *apptest.Tab, login, email, see string) {
	tab.Open(login)
	tab.Fill("Email Address", email)
	tab.Fill("Password", apptest.Password)
	tab.Press("Log In")
	tab.See(see)
}

// TestTheKeyboardIsSeen: whatever list is walked through by the Tab key, on a
// phone and at 200 %, what has the keyboard has a box inside the window, and
// nothing that stays where it is covers it.
func TestTheKeyboardIsSeen(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(`insert into messages (customer_id, job_id, text, contact_id) values (1, 1, 'Which entrance?', 1)`)
	app.Exec(`insert into emails (kind, rule, to_address, message_id, state) values ('welcome', 'x', 'a@b.test', 'm1', 'failed')`)
	office, portal := app.Tab(browser), app.Tab(browser)
	enter(office, "/office/login", "ada@demo.test", "Needs attention")
	enter(portal, "/login", "lee@demo.test", "Welcome")
	for _, size := range [][2]int64{{390, 844}, {720, 450}} {
		for _, path := range []string{
			"/office", "/office/customers", "/office/jobs", "/office/quotes", "/office/equipment", "/office/messages", "/office/email", "/office/contacts", "/office/jobs/J-1001/attachments",
			"/office/admin/staff", "/office/admin/sign-ins", "/office/admin/notifications", "/jobs", "/quotes", "/equipment",
		} {
			tab := portal
			if strings.HasPrefix(path, "/office") {
				tab = office
			}
			tab.Size(size[0], size[1])
			tab.Open(path)
			for _, lost := range tab.Walk(60) {
				t.Errorf("%s at %d pixels: the keyboard is out of sight on %s", path, size[0], lost)
			}
		}
	}
}

// TestFiltersStayOnTheScreen: at any width the sheet of the filters lies within
// the window, wherever its button stands.
func TestFiltersStayOnTheScreen(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	office := app.Tab(browser)
	enter(office, "/office/login", "ada@demo.test", "Needs attention")
	for _, path := range []string{"/office/customers", "/office/jobs", "/office/quotes", "/office/equipment", "/office/email", "/office/contacts"} {
		for _, width := range []int64{320, 390, 480, 600, 768, 800, 900, 960, 1024, 1280, 1440} {
			office.Size(width, 800)
			office.Open(path)
			office.Click("details.filters > summary")
			if out := office.Outside(".filters__sheet, .filters__sheet .control, .filters__sheet .button"); out != "" {
				t.Errorf("%s at %d pixels: %s", path, width, out)
			}
		}
	}
}

// TestNamesStayWithTheNavigation: logo and search are there at the end of a long
// page as they are at its beginning.
func TestNamesStayWithTheNavigation(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, origin, main_contact_id) select 1, 'Visit ' || n, 1, 'unscheduled', 'office', 1 from generate_series(1, 60) n`)
	office, portal := app.Tab(browser), app.Tab(browser)
	enter(office, "/office/login", "ada@demo.test", "Needs attention")
	enter(portal, "/login", "lee@demo.test", "Welcome")
	for _, size := range [][2]int64{{1440, 900}, {820, 900}, {390, 844}} {
		for _, p := range []struct {
			tab  *apptest.Tab
			path string
			stay []string
		}{
			{office, "/office/jobs", []string{".brand", ".global-search, .global-search-open", ".nav"}},
			{portal, "/jobs", []string{".brand", ".nav"}},
		} {
			p.tab.Size(size[0], size[1])
			p.tab.Open(p.path)
			p.tab.ToEnd()
			for _, selector := range p.stay {
				if out := p.tab.Outside(selector); out != "" {
					t.Errorf("%s at %d pixels, at its end: %s", p.path, size[0], out)
				}
			}
		}
	}
}

// TestPaperAsksNothing: what is printed has nothing to press, to fill in or to
// answer on it.
func TestPaperAsksNothing(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	office, portal := app.Tab(browser), app.Tab(browser)
	enter(office, "/office/login", "ada@demo.test", "Needs attention")
	enter(portal, "/login", "lee@demo.test", "Welcome")
	// A visit to answer, of a job that takes files.
	asked := apptest.Value[string](app, `insert into jobs (customer_id, description, job_type_id, status, main_contact_id, booked_from, origin) values (1, 'Filters', 1, 'booked', 1, now() + interval '3 days', 'office') returning number`)
	for _, path := range []string{
		"/", "/jobs", "/jobs/J-1001", "/jobs/" + asked, "/quotes", "/quotes/Q-1002", "/equipment/equipmentofharbour0000000000001", "/details",
		"/office", "/office/jobs", "/office/jobs/J-1001", "/office/jobs/J-1001/messages", "/office/jobs/J-1001/attachments", "/office/quotes/Q-1002", "/office/customers/C-1001",
	} {
		tab := portal
		if strings.HasPrefix(path, "/office") {
			tab = office
		}
		tab.Size(1024, 1200)
		tab.Open(path)
		tab.Paper(true)
		for _, left := range tab.Shown("input, select, textarea, button, summary, .button, .question, nav") {
			t.Errorf("%s on paper: %s", path, left)
		}
		for _, empty := range tab.Hollow("main .card") {
			t.Errorf("%s on paper: an empty card %s", path, empty)
		}
		tab.Paper(false)
	}
}

// TestTheQueueAtADeskAndOnAPhone: something is taken, put off by the small sheet
// and found again, in a window of either size.
func TestTheQueueAtADeskAndOnAPhone(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(`update jobs set status = 'closed', completed_at = now(); update quotes set status = 'withdrawn' where sent_version is null`)
	office := app.Tab(browser)
	enter(office, "/office/login", "ada@demo.test", "Needs attention")
	for i, width := range []int64{1440, 390} {
		what := fmt.Sprintf("Leak %d", i)
		app.Exec(`insert into jobs (customer_id, description, job_type_id, status, origin) values (1, $1, 1, 'unscheduled', 'office')`, what)
		office.Size(width, 844)
		office.Open("/office")
		office.See(what)
		office.Axe()
		office.Press("Take: " + what)
		office.See("You")
		office.Press("Give or snooze: " + what)
		office.Axe()
		if out := office.Outside("dialog[open]"); out != "" {
			t.Errorf("at %d pixels: %s", width, out)
		}
		office.Press("Tomorrow")
		office.Gone("#results tbody tr")
		office.Open("/office?who=snoozed")
		office.See(what)
		office.Axe()
		office.Press("Bring back: " + what)
		office.Gone("#results tbody tr")
		office.Open("/office?who=mine")
		office.See(what)
		office.Dark(true)
		office.Axe()
		office.Dark(false)
		app.Exec(`update jobs set status = 'closed', completed_at = now()`)
	}
	// The places that do not fit on a phone stand behind More.
	office.Open("/office")
	office.Click(".nav__more summary")
	office.See("Email")
	office.Axe()
}

// TestASiteIsChosenAmongMany: the sites come when the filters are opened, and
// one of them narrows the list.
func TestASiteIsChosenAmongMany(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	app.Exec(`insert into sites (customer_id, name) select 1, 'Depot ' || n from generate_series(1, 60) n`)
	app.Exec(`insert into jobs (customer_id, site_id, description, job_type_id, status, origin) select 1, id, 'Lamps of the depot', 1, 'unscheduled', 'office' from sites where name = 'Depot 57'`)
	portal := app.Tab(browser)
	enter(portal, "/login", "lee@demo.test", "Welcome")
	for _, width := range []int64{1440, 390} {
		portal.Size(width, 844)
		portal.Open("/jobs")
		portal.Click("details.filters > summary")
		portal.Fill("Site", "Depot 57")
		portal.Gone(`a[href="/jobs/J-1001"]`)
		portal.See("Lamps of the depot")
		portal.Axe()
	}
}
