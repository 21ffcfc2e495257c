package portalweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"fieldgate/internal/attachment"
	"fieldgate/internal/portal"
	"fieldgate/web/apptest"
)

// together does n things at once and counts the answers by status.
func together(n int, do func(i int) apptest.Page) map[int]int {
	var (
		all      sync.WaitGroup
		mu       sync.Mutex
		statuses = map[int]int{}
	)
	for i := range n {
		all.Go(func() {
			p := do(i)
			mu.Lock()
			defer mu.Unlock()
			statuses[p.Status]++
		})
	}
	all.Wait()
	return statuses
}

// What a contact may send in an hour holds for what is sent at once, is theirs
// alone, and ends with the hour.
func TestAContactsHour(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	job := url.Values{"type": {"1"}, "site": {"1"}, "description": {"Tap"}}
	quote := url.Values{"site": {"1"}, "description": {"Tap"}}
	got := together(portal.MaxRequests+6, func(i int) apptest.Page {
		if i%2 == 0 {
			return lee.Post("/jobs", job)
		}
		return lee.Post("/quotes", quote)
	})
	if made := apptest.Value[int](app, `select (select count(*) from jobs where created_by_contact_id = 1) + (select count(*) from quotes where created_by_contact_id = 1)`); made != portal.MaxRequests || got[http.StatusTooManyRequests] != 7 { // one quote of hers is a fixture
		t.Errorf("%d jobs and quotes, %v", made, got)
	}
	if p := app.As("ola").Post("/jobs", url.Values{"type": {"1"}, "site": {"3"}, "description": {"Fan"}}); p.Status != http.StatusOK {
		t.Errorf("another contact: %d", p.Status)
	}
	p := lee.Post("/jobs", job)
	if p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" || !strings.Contains(p.Text("[role=alert]"), "20 jobs and quotes within an hour. The next one can be sent in") || p.Find("textarea").Text() != "Tap" {
		t.Errorf("%d %v %q", p.Status, p.Header, p.Text("[role=alert]"))
	}
	app.Exec(`update jobs set created_at = now() - interval '61 minutes' where created_by_contact_id = 1`)
	if p := lee.Post("/jobs", job); p.Status != http.StatusOK {
		t.Errorf("an hour later: %d", p.Status)
	}

	app.Exec(`insert into messages (customer_id, job_id, text, contact_id) select 1, 1, 'Hello', 1 from generate_series(1, $1)`, portal.MaxMessages-2)
	got = together(6, func(int) apptest.Page { return lee.Post("/jobs/J-1001/messages", url.Values{"text": {"And?"}}) })
	if written := apptest.Value[int](app, `select count(*) from messages where contact_id = 1`); written != portal.MaxMessages || got[http.StatusTooManyRequests] != 4 {
		t.Errorf("%d messages, %v", written, got)
	}
	if p := lee.Post("/jobs/J-1001/messages", url.Values{"text": {"And?"}}); p.Status != http.StatusTooManyRequests || p.Find("#write textarea").Text() != "And?" {
		t.Errorf("%d %q", p.Status, p.Text("#write"))
	}
}

const space = `insert into stored_files (customer_id, bytes) values (1, $1) on conflict (customer_id) do update set bytes = excluded.bytes`

func text(name string) apptest.File {
	return apptest.File{Field: "files", Name: name, Content: []byte(strings.Repeat("a line\n", 100))}
}

func TestHowManyFiles(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	app.Exec(`insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, uploaded_by_contact_id, customer_view)
		select 1, 1, 'a.txt', 'document', 'text/plain', 10, 'key ' || n, 1, true from generate_series(1, $1) n`, portal.MaxFiles-3)
	if p := lee.Upload("/jobs/J-1001/files", nil, text("a.txt"), text("b.txt"), text("c.txt"), text("d.txt")); p.Status != http.StatusTooManyRequests || !strings.Contains(p.Problem("files"), "3 more or") {
		t.Errorf("one too many: %d %q", p.Status, p.Problem("files"))
	}
	p := lee.Upload("/jobs", url.Values{"type": {"1"}, "site": {"1"}, "description": {"Tap"}}, text("a.txt"), text("b.txt"), text("c.txt"), text("d.txt"))
	if p.Status != http.StatusTooManyRequests || p.Find("textarea").Text() != "Tap" || !strings.Contains(p.Problem("files"), "hoose your files again") {
		t.Errorf("with a job: %d %q", p.Status, p.Text("main"))
	}
	got := together(6, func(int) apptest.Page { return lee.Script("/jobs/J-1001/files", nil, text("a.txt")) })
	if sent := apptest.Value[int](app, `select count(*) from attachments where uploaded_by_contact_id in (1, 2)`); sent != portal.MaxFiles || got[http.StatusTooManyRequests] != 3 {
		t.Errorf("%d files, %v", sent, got)
	}
	if p := lee.Script("/jobs/J-1001/files", nil, text("a.txt")); p.Status != http.StatusTooManyRequests || !strings.HasPrefix(p.Body, "You have sent 200 files within an hour. More can be sent in") {
		t.Errorf("%d %q", p.Status, p.Body)
	}
	if p := lee.Post("/jobs", url.Values{"type": {"1"}, "site": {"1"}, "description": {"Tap"}}); p.Status != http.StatusOK {
		t.Errorf("a job without files: %d", p.Status)
	}
	if p := app.As("ben").Upload("/office/jobs/J-1001/attachments", nil, text("a.txt")); p.Status != http.StatusOK || !p.Has("One file was added.") {
		t.Errorf("staff: %d", p.Status)
	}
}

// The space of a customer is shared by its contacts, and never more than full.
func TestACustomersSpace(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, kim := app.As("lee"), app.As("kim")
	app.Exec(`update jobs set origin = 'portal', created_by_contact_id = 2, status = 'unscheduled' where id = 2`) // Kim may add to it
	app.Exec(`update customers set file_quota = 1 where id = 1`)
	size := len(text("").Content)
	app.Exec(space, attachment.GB-3*size)
	got := together(8, func(i int) apptest.Page {
		if i%2 == 0 {
			return lee.Script("/jobs/J-1001/files", nil, text("a.txt"))
		}
		return kim.Script("/jobs/J-1002/files", nil, text("a.txt"))
	})
	if bytes := apptest.Value[int](app, `select bytes from stored_files where customer_id = 1`); bytes != attachment.GB || got[http.StatusNoContent] != 3 || got[http.StatusTooManyRequests] != 5 {
		t.Errorf("%d bytes, %v", bytes, got)
	}
	p := lee.Upload("/quotes", url.Values{"site": {"1"}, "description": {"Tap"}}, text("a.txt"))
	if p.Status != http.StatusTooManyRequests || p.Find("textarea").Text() != "Tap" || !strings.Contains(p.Text("[role=alert]"), "no space left for more files of Harbour Dental") {
		t.Errorf("%d %q", p.Status, p.Text("main"))
	}
	if p := lee.Post("/quotes", url.Values{"site": {"1"}, "description": {"Tap"}}); p.Status != http.StatusOK {
		t.Errorf("without files: %d", p.Status)
	}
	if p := app.As("ola").Upload("/jobs/J-1003/messages", url.Values{"text": {"See?"}}, text("a.txt")); p.Status != http.StatusOK {
		t.Errorf("another customer: %d", p.Status)
	}

	// What is removed counts as long as it is kept.
	ben := app.As("ben")
	app.Exec(`update attachments set removed_at = now() where uploaded_by_contact_id in (1, 2)`)
	if p := ben.Get("/office/customers/C-1001"); !p.Has("1 GB of 1 GB used") || !p.Has("Contacts cannot send files.") {
		t.Error(p.Text("main"))
	}
	app.Exec(`update attachments set removed_at = now() - interval '31 days' where uploaded_by_contact_id in (1, 2)`)
	if p := lee.Script("/jobs/J-1001/files", nil, text("a.txt")); p.Status != http.StatusNoContent {
		t.Errorf("after a month: %d %s", p.Status, p.Body)
	}

	// The office gives more.
	app.Exec(space, attachment.GB)
	form := ben.Get("/office/customers/C-1001/edit")
	for typed, problem := range map[string]string{"0": "whole number", "much": "whole number", "100001": "whole number"} {
		if p := ben.Submit(form, "main form.form[method=post]", url.Values{"file_quota": {typed}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Problem("file_quota"), problem) || p.Find("#file_quota").AttrOr("value", "") != typed {
			t.Errorf("%q: %d %q", typed, p.Status, p.Problem("file_quota"))
		}
	}
	if p := ben.Submit(form, "main form.form[method=post]", url.Values{"file_quota": {""}}); p.Status != http.StatusOK || !p.Has("1 GB of 20 GB used") {
		t.Error(p.Status, p.Text("main"))
	}
	if p := lee.Script("/jobs/J-1001/files", nil, text("a.txt")); p.Status != http.StatusNoContent {
		t.Errorf("with more space: %d %s", p.Status, p.Body)
	}
	ada := app.As("ada")
	settings := ada.Get("/office/admin/portal")
	if p := ada.Submit(settings, "main form.form[method=post]", url.Values{"file_quota": {"none"}}); p.Status != http.StatusUnprocessableEntity || p.Problem("file_quota") == "" || p.Find("#file_quota").AttrOr("value", "") != "none" {
		t.Error(p.Status, p.Problem("file_quota"))
	}
	if p := ada.Submit(settings, "main form.form[method=post]", url.Values{"file_quota": {"7"}}); p.Status != http.StatusOK {
		t.Error(p.Status)
	}
	if p := ben.Get("/office/customers/C-1001"); !p.Has("1 GB of 7 GB used") {
		t.Error(p.Text("main"))
	}
}
