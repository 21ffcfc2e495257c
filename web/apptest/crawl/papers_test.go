package crawl_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/pdf/pdftest"
	"fieldgate/web/apptest"
)

// TestPapers reads the documents as each persona: exactly what their pages
// show, or nothing at all.
func TestPapers(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`
		update company set legal_name = 'Northwind Air Pty Ltd', registration_label = 'ABN', registration_number = '51 824 753 556';
		update jobs set status = 'closed', completed_at = now(), main_contact_id = 1, work_undertaken = 'Serviced.' where number = 'J-1001';
		update quote_lines set section = 'Kitchen' where version_id = 1;
		update quotes set internal_notes = 'OFFICE-ONLY margin' where number = 'Q-1002';
		update portal_settings set hide_tasks = true, hide_admin_details = true`)
	const quote, job, kims = "/quotes/Q-1002/pdf", "/jobs/J-1001/pdf", "/jobs/J-1002/pdf"
	look := func(when string, table []struct{ who, path, want string }) {
		t.Helper()
		for _, tt := range table {
			p := app.As(tt.who).Get(tt.path)
			if tt.want == "" {
				if p.Status != 404 {
					t.Errorf("%s, %s reads %s: %d", when, tt.who, tt.path, p.Status)
				}
				continue
			}
			if p.Status != 200 {
				t.Errorf("%s, %s reads %s: %d, want %q", when, tt.who, tt.path, p.Status, tt.want)
				continue
			}
			text := pdftest.Text(t, []byte(p.Body))
			if strings.Contains(text, "OFFICE-ONLY") {
				t.Errorf("%s, %s reads what is the office's in %s", when, tt.who, tt.path)
			}
			for want := range strings.SplitSeq(tt.want, "|") {
				unwanted, not := strings.CutPrefix(want, "not ")
				if strings.Contains(text, unwanted) == not {
					t.Errorf("%s, %s reads %s: %q in\n%s", when, tt.who, tt.path, want, text)
				}
			}
		}
	}
	look("at first", []struct{ who, path, want string }{
		{"lee", quote, "Northwind Air Pty Ltd  ·  ABN 51 824 753 556|Quote Q-1002|Harbour Dental Group Pty Ltd|Kitchen|Split system 3.5 kW|$2,750.00|not DRAFT"},
		{"kim", quote, ""},
		{"ola", quote, ""},
		{"sam", quote, ""},
		{"lee", "/quotes/Q-1003/pdf", ""}, // never sent
		{"lee", "/quotes/Q-1001/pdf", ""}, // a draft of the office
		{"lee", "/quotes/Q-9999/pdf", ""},
		{"lee", job, "Work report  ·  J-1001|Serviced.|Rooftop unit 2|Fay Ibrahim|not Check belts|not INV-77"},
		{"kim", job, ""},
		{"kim", kims, "Surgery 4|1.5|not Order capacitor"},
		{"ola", kims, ""},
		{"ola", "/jobs/J-1003/pdf", ""}, // not finished
		{"ben", "/office" + job, "Serviced.|not Check belts|not INV-77"},
		{"ben", "/office" + quote, "Quote Q-1002|$2,750.00|not DRAFT"},
		{"ben", "/office/quotes/Q-1001/pdf", "DRAFT, NOT SENT"},
		{"ben", "/office/quotes/Q-1002/versions/1/pdf", "$2,750.00"},
		{"ben", "/office/quotes/Q-1002/versions/2/pdf", ""},
		{"ben", "/office/quotes/Q-1002/versions/x/pdf", ""},
	})
	app.Exec(`update portal_settings set hide_tasks = false, hide_admin_details = false`)
	look("with tasks and admin details shown", []struct{ who, path, want string }{
		{"lee", job, "Check belts|INV-77"},
		{"ben", "/office" + job, "Check belts|not INV-77"},
	})
	ben := app.As("ben")
	ben.Submit(ben.Get("/office/quotes/Q-1002/revision"), "form[method=post]:not(.menu__form)", nil)
	ben.Submit(ben.Get("/office/quotes/Q-1002/edit"), "form[data-unsaved]", url.Values{"line-1-price": {"3000"}, "valid_until": {"2099-01-31"}})
	look("while a version is written", []struct{ who, path, want string }{
		{"lee", quote, "$2,750.00|not $3,300.00"},
		{"ben", "/office" + quote, "$3,300.00|DRAFT, NOT SENT|Version 2"},
		{"ben", "/office/quotes/Q-1002/versions/1/pdf", "$2,750.00|not DRAFT"},
	})
	app.Exec(`update contacts set quotes_see = 'none', quotes_edit = false, quotes_create = false, quotes_accept = false, jobs_see = 'own' where id = 1`)
	look("after rights were taken away", []struct{ who, path, want string }{
		{"lee", quote, ""},
		{"lee", job, "Serviced."},
		{"lee", kims, ""},
	})
}
