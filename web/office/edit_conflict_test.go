package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// TestSecondToSave walks every form of the office that edits: two people have
// it open, one saves, then the other. The second is told field by field what
// has changed, by whom and when, keeps what was typed, and can save over it.
func TestSecondToSave(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into quotes (customer_id, name, description, currency, status, site_id, main_contact_id, origin) values (1, 'Grilles', 'New grilles', 'AUD', 'draft', 1, 1, 'office')`)
	ada, ben := app.As("ada"), app.As("ben") // Ada saves first, Ben is overtaken
	for _, tt := range []struct {
		name, path, form string
		field, typed     string     // what the second one types, and where
		first            url.Values // what the first one saves
		told             []string   // of it, in the notice
	}{
		{
			"customer", "/office/customers/C-1001/edit", "", "phone", "0400 000 001",
			url.Values{"account_manager": {"2"}, "on_hold": {"on"}, "street_city": {"Parramatta"}},
			[]string{"Account manager: nothing became “Ben Whitlock”", "On hold: “No” became “Yes”", "Street address: nothing became “Parramatta”"},
		},
		{
			"site", "/office/customers/C-1001/sites/1/edit", "", "name", "George St",
			url.Values{"access_instructions": {"Ask at the desk"}},
			[]string{"Access instructions: “OFFICE-ONLY key under the mat” became “Ask at the desk”"},
		},
		{
			"contact", "/office/customers/C-1001/contacts/1/edit", "", "phone", "0400 000 002",
			url.Values{"preset": {"custom"}, "jobs_see": {"own"}, "sites_scope": {"selected"}, "sites": {"1", "2"}},
			[]string{"May see jobs: “All” became “Own”", "Selected sites: nothing became “George St, Pitt Street”"},
		},
		{
			"job", "/office/jobs/J-1001/edit", "", "purchase_order", "PO-9",
			url.Values{"site": {"2"}, "main_contact": {"2"}, "type": {"2"}, "staff": {"2", "3"}, "equipment": nil, "preferred_on": {"2027-01-05"}, "booked_on": {"2027-01-06"}, "booked_last": {""}, "booked_start": {"08:30"}, "booked_until": {"09:30"}},
			[]string{
				"Site: “George St” became “Pitt Street”", "Main contact: “Lee Nakamura” became “Kim Tran”", "Job type: “Maintenance” became “Breakdown”",
				"Assigned: “Fay Ibrahim” became “Ben Whitlock, Fay Ibrahim”", "Equipment worked on: “E-001 Rooftop unit 2” became nothing", "Preferred date: nothing became “5 Jan 2027”", "became “6 Jan 2027, 8:30",
			},
		},
		{
			"task", "/office/jobs/J-1001/tasks?edit=1", `form[action$="/tasks/1"]`, "subject", "Check every belt",
			url.Values{"assignee": {"3"}, "due_on": {"2027-02-01"}},
			[]string{"Assignee: nothing became “Fay Ibrahim”", "Due: nothing became “1 Feb 2027”"},
		},
		{
			"time entry", "/office/jobs/J-1002/time?edit=1", `form[action$="/time/1"]`, "note", "Slow, and far",
			url.Values{"hours": {"2:30"}, "staff": {"2"}},
			[]string{"Hours: “1.5” became “2.5”", "Staff member: “Fay Ibrahim” became “Ben Whitlock”"},
		},
		{
			"booking of a job", "/office/jobs/J-1004/booking", "", "booked_on", "2027-03-01",
			url.Values{"booked_on": {"2027-03-02"}, "booked_start": {"10:00"}},
			nil, // booked by then: the job is shown as it is
		},
		{
			"quote", "/office/quotes/Q-1005/edit", "", "purchase_order", "PO-10",
			url.Values{"job_type": {"2"}, "site": {"2"}, "main_contact": {"2"}, "staff": {"3"}, "description": {"New grilles, all floors"}},
			[]string{"Job type: nothing became “Breakdown”", "Site: “George St” became “Pitt Street”", "Main contact: “Lee Nakamura” became “Kim Tran”", "Fay Ibrahim", "Description: “New grilles” became “New grilles, all floors”"},
		},
		{
			"equipment", "/office/equipment/equipmentofharbour0000000000001/edit", "", "location", "Roof",
			url.Values{"site": {"2"}, "warranty_until": {"2027-04-01"}},
			[]string{"Site: “George St” became “Pitt Street”", "Warranty until: nothing became “1 Apr 2027”"},
		},
		{
			"company", "/office/admin/company", `form:has([name=trading_name])`, "trading_name", "Northwind",
			url.Values{"phone": {"(02) 5550 1111"}},
			[]string{"Phone: “(02) 5550 1000” became “(02) 5550 1111”"},
		},
		{
			"portal settings", "/office/admin/portal", `form:has([name=job_notifications])`, "quote_notifications", "sales@northwind.test",
			url.Values{"hide_tasks": nil, "job_notifications": {"desk@northwind.test boss@northwind.test"}},
			[]string{"Hide Tasks: “Yes” became “No”", "Global Notification List: “desk@northwind.test” became “desk@northwind.test, boss@northwind.test”"},
		},
		{
			"job type", "/office/admin/job-types/1", "", "name", "Service",
			url.Values{"colour": {"pink"}, "active": nil},
			[]string{"Colour: “Teal” became “Pink”", "became “No”"},
		},
		{
			"staff", "/office/admin/staff/3", `form:has([name=role])`, "phone", "0400 000 003",
			url.Values{"name": {"Fay Ibrahim-Cole"}},
			[]string{"Name: “Fay Ibrahim” became “Fay Ibrahim-Cole”"},
		},
	} {
		if tt.form == "" {
			tt.form = form
		}
		second := ben
		if tt.path[:len("/office/a")] == "/office/a" { // Administration
			second = app.As("ada")
		}
		open := second.Get(tt.path)
		if open.Find(tt.form+` input[name=version]`).Length() == 0 {
			t.Errorf("%s: %d, the form does not say which version it shows", tt.name, open.Status)
			continue
		}
		if p := ada.Submit(ada.Get(tt.path), tt.form, tt.first); p.Status != 200 {
			t.Errorf("%s: the first could not save: %d, %s", tt.name, p.Status, p.Text("main .notice"))
			continue
		}
		late := second.Submit(open, tt.form, url.Values{tt.field: {tt.typed}})
		if late.Status != 409 {
			t.Errorf("%s: %d for the second to save, want 409", tt.name, late.Status)
			continue
		}
		if tt.told == nil {
			continue
		}
		notice := late.Text("main [role=alert]")
		for _, words := range append([]string{"Ada Fontaine changed this while you had it open"}, tt.told...) {
			if !strings.Contains(notice, words) {
				t.Errorf("%s: not told %q: %s", tt.name, words, notice)
			}
		}
		typed := late.Find(tt.form + ` [name="` + tt.field + `"]`)
		if got := typed.AttrOr("value", typed.Text()); got != tt.typed {
			t.Errorf("%s: %q is what is left of what was typed", tt.name, got)
		}
		if p := second.Submit(late, tt.form, nil); p.Status != 200 {
			t.Errorf("%s: %d when saving over it", tt.name, p.Status)
		}
	}
}
