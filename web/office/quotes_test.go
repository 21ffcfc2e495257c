package officeweb_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// TestQuoteFromRequestToPrice is the office's part of the main job: Ben prices
// what Lee has asked for, and sends it.
func TestQuoteFromRequestToPrice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, lee := app.As("ben"), app.As("lee")
	app.Exec(`update quotes set price_estimate = 300000 where number = 'Q-1003'`)

	list := ben.Get("/office/quotes?new=1")
	if rows := list.Find("#results tbody tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), "New from the portal") || !strings.Contains(rows.Text(), "about $3,000.00") {
		t.Errorf("new from the portal: %s", list.Text("#results"))
	}
	p := ben.Get("/office/quotes/Q-1003")
	if !p.Has("Asked byLee Nakamura") || !p.Has("$3,000.00") || p.Text(".page-header__actions .button--primary") != "Price this quote" {
		t.Errorf("the request: %s", p.Text("main"))
	}
	if p := ben.Get("/office/quotes?new=1"); !p.Has("No quote found") {
		t.Errorf("opened, and still new: %s", p.Text("#results"))
	}

	edit := ben.Get("/office/quotes/Q-1003/edit")
	if n := edit.Find(".line-items__row").Length(); n != 3 {
		t.Errorf("%d empty lines to begin with", n)
	}
	bad := ben.Submit(edit, form, url.Values{
		"line-0-description": {"Clean ducts"}, "line-0-quantity": {"some"}, "line-0-price": {"12.345"},
		"line-2-quantity": {"2"}, "line-2-price": {"80"}, "line-2-tax": {"99 Mine"}, "valid_until": {"soon"}, "booked_start": {"25:00"}, "site": {"3"},
	})
	for _, field := range []string{"line-0-quantity", "line-0-price", "line-2-description", "line-2-tax", "valid_until", "booked_on"} {
		if bad.Status != 422 || bad.Problem(field) == "" {
			t.Errorf("%d: no problem at %s: %s", bad.Status, field, bad.Text(".field__problem"))
		}
	}
	if typed, _ := bad.Find("#line-0-price").Attr("value"); typed != "12.345" {
		t.Errorf("typed 12.345, kept %q", typed)
	}
	if p := ben.Submit(edit, form, url.Values{"site": {"3"}}); p.Problem("site") == "" {
		t.Errorf("another customer's site: %d", p.Status)
	}

	more := ben.Submit(edit, form, url.Values{"arrange": {"line"}, "line-0-description": {"Clean ducts"}, "line-1-description": {"Disinfect"}, "line-2-description": {"Report"}, "line-2-price": {"abc"}})
	if more.Status != 200 || more.Find(".line-items__row").Length() != 6 || more.Find("#line-0-description").Text() != "Clean ducts" || more.Find("#line-3-description[autofocus]").Length() != 1 {
		t.Errorf("more lines: %d, %d of them", more.Status, more.Find(".line-items__row").Length())
	}
	fewer := ben.Submit(more, form, url.Values{"arrange": {"remove-2"}})
	if fewer.Status != 200 || fewer.Find("#line-1-description").Text() != "Disinfect" || fewer.Find("#line-2-description").Text() != "" {
		t.Errorf("a line removed: %d, %s", fewer.Status, fewer.Text(".line-items"))
	}
	saved := ben.Submit(fewer, form, url.Values{
		"line-0-quantity": {"4"}, "line-0-price": {"$1,250.00"}, "line-1-quantity": {"1.5"}, "line-1-price": {"80"}, "line-1-tax": {"0 No tax"},
		"internal_notes": {"OFFICE-ONLY margin"}, "valid_until": {""}, "booked_on": {"2031-05-06"}, "booked_start": {"09:00"}, "booked_until": {"11:30"}, "staff": {"3"},
	})
	if saved.URL.Path != "/office/quotes/Q-1003" || !saved.Has("$5,620.00") || !saved.Has("GST 10%$500.00") || !saved.Has("Fay Ibrahim") || saved.Has("Report") {
		t.Fatalf("saved: %d at %s: %s", saved.Status, saved.URL, saved.Text("main"))
	}
	if p := lee.Get("/quotes/Q-1003"); p.Status != 200 || p.Has("5,620") || p.Has("OFFICE-ONLY") {
		t.Errorf("while it is priced Lee reads %d: %s", p.Status, p.Text("main"))
	}

	unready := ben.Get("/office/quotes/Q-1003/sending")
	if !strings.Contains(unready.Problem("valid_until"), "valid") || unready.Problem("lines") != "" {
		t.Errorf("without a validity: %d, %s", unready.Status, unready.Text(".notice"))
	}
	ben.Submit(ben.Get("/office/quotes/Q-1003/edit"), form, url.Values{"valid_until": {"2099-01-31"}})
	ask := ben.Get("/office/quotes/Q-1003/sending")
	if !ask.Has("Lee Nakamura gets an email at lee@demo.test") || !ask.Has("Total with tax$5,620.00") || !ask.Has("Clean ducts") {
		t.Errorf("asked: %s", ask.Text("main"))
	}
	sent := ben.Submit(ask, form, nil)
	if !sent.Has("Q-1003 was sent.") || !sent.Has("Version 1 sent") {
		t.Errorf("sent: %s", sent.Text("main"))
	}
	if again := ben.Submit(ask, form, nil); again.Status != 409 || !again.Has("has just been sent") {
		t.Errorf("pressed twice: %d, %s", again.Status, again.Text("main .notice"))
	}
	if p := lee.Get("/quotes/Q-1003"); !p.Has("$5,620.00") || !p.Has("Clean ducts") || p.Has("OFFICE-ONLY") {
		t.Errorf("Lee reads %d: %s", p.Status, p.Text("main"))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := app.Mail.Wait(ctx, func(m catcher.Message) bool { return m.IsTo("lee@demo.test") && strings.Contains(m.Text, "Q-1003") }); err != nil {
		t.Error("no mail about the quote reached Lee: ", err)
	}

	if p := ben.Get("/office/quotes/Q-1003/edit"); p.Status != 409 {
		t.Errorf("editing what was sent: %d", p.Status)
	}
	revised := ben.Submit(ben.Get("/office/quotes/Q-1003/revision"), form, nil)
	if !revised.Has("You are working on version 2.") {
		t.Errorf("new version: %s", revised.Text("main"))
	}
	ben.Submit(ben.Get("/office/quotes/Q-1003/edit"), form, url.Values{"line-0-quantity": {"5"}})
	if p := lee.Get("/quotes/Q-1003"); !p.Has("$5,620.00") {
		t.Errorf("while version 2 is written Lee reads: %s", p.Text("main"))
	}
	if p := ben.Submit(ben.Get("/office/quotes/Q-1003/withdrawal"), form, url.Values{"why": {"Built elsewhere"}}); !p.Has("was withdrawn") || !strings.Contains(p.Text(".timeline"), "Built elsewhere") {
		t.Errorf("withdrawn: %s", p.Text("main"))
	}
}

func TestQuotesOfTheOffice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	if p := ben.Get("/office/quotes/new?q=harbour"); p.Find(".choice-list a").Length() != 1 {
		t.Errorf("choosing a customer: %s", p.Text("main"))
	}
	open := ben.Get("/office/quotes/new?customer=C-1001")
	fields := url.Values{
		"description": {"Heat pump\x00 für ひと"}, "line-0-description": {"<script>alert(1)</script>"}, "line-0-quantity": {"2"}, "line-0-price": {"1,000"},
		"line-500-description": {"far away"}, "staff": {"99", "x", "3"}, "site": {"none"},
	}
	made := ben.Submit(open, form, fields)
	if made.URL.Path != "/office/quotes/Q-1005" || !made.Has("$2,200.00") || strings.Contains(made.Body, "<script>alert") {
		t.Fatalf("%d at %s: %s", made.Status, made.URL, made.Text("main"))
	}
	if again := ben.Submit(open, form, fields); again.URL.Path != made.URL.Path {
		t.Errorf("the same form again made %s", again.URL)
	}
	edit := ben.Get("/office/quotes/Q-1005/edit")
	ben.Submit(edit, form, url.Values{"name": {"Heat pump"}, "preferred_on": {"2031-05-06"}, "line-0-price": {"900"}})
	late := ben.Submit(edit, form, url.Values{"terms": {"Mine"}})
	if late.Status != 409 || !late.Has("Ben Whitlock changed this") || !late.Has("Name: nothing became “Heat pump”") || !late.Has("“6 May 2031”") || late.Find("#terms").Text() != "Mine" {
		t.Errorf("overtaken: %d, %s", late.Status, late.Text("main .notice"))
	}
	if p := ben.Submit(late, form, nil); p.URL.Path != made.URL.Path || !p.Has("Mine") {
		t.Errorf("saved after all: %d, %s", p.Status, p.Text("main"))
	}
	app.Exec(`update customers set archived_at = now() where number = 'C-1003'`)
	for path, status := range map[string]int{
		"/office/quotes?status=nonsense&sort=';--&after=%00&before=x&q=%00%ff": 200,
		"/office/quotes?customer=C-9999":                                       404,
		"/office/quotes?status=expired&q=duct":                                 200,
		"/office/quotes?sort=-valid":                                           200,
		"/office/quotes/new?customer=C-9999":                                   404,
		"/office/quotes/new?customer=C-1003":                                   409,
		"/office/quotes/Q-9999":                                                404,
		"/office/quotes/%FF":                                                   404,
		"/office/quotes/Q-9999/edit":                                           404,
		"/office/quotes/Q-9999/sending":                                        404,
		"/office/quotes/Q-1002/sending":                                        409,
		"/office/quotes/Q-1001/revision":                                       409,
	} {
		if p := ben.Get(path); p.Status != status {
			t.Errorf("GET %s: %d, want %d", path, p.Status, status)
		}
	}
	if p := ben.Post("/office/quotes/Q-1001/sending", nil); p.Status != 409 {
		t.Errorf("sent without a version: %d", p.Status)
	}
	hostile := url.Values{"version": {"1"}, "name": {strings.Repeat("ü", 201)}, "description": {strings.Repeat("x", 10_001)}, "job_type": {"99"}, "main_contact": {"-1"}, "line-0-description": {"a", "b"}, "line-0-quantity": {"1e9999999"}, "line-0-price": {strings.Repeat("9", 500)}}
	if p := ben.Post("/office/quotes/Q-1001/edit", hostile); p.Status != 422 || p.Problem("name") == "" || p.Problem("description") == "" || p.Problem("line-0-price") == "" {
		t.Errorf("hostile: %d, %s", p.Status, p.Text(".field__problem"))
	}
	if p := app.Nobody().Get("/office/quotes/Q-1001"); !strings.HasPrefix(p.URL.Path, "/office/login") {
		t.Errorf("nobody reads it at %s", p.URL)
	}
	if p := app.As("lee").Get("/office/quotes/Q-1001"); !strings.HasPrefix(p.URL.Path, "/office/login") {
		t.Errorf("a contact reads it at %s", p.URL)
	}
}

// TestArrangingLines presses the buttons of the form's rows: nothing typed is
// lost, nothing is saved.
func TestArrangingLines(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	rows := func(p apptest.Page) string {
		var all []string
		p.Find(".line-items__row").Each(func(i int, row *goquery.Selection) {
			if name, is := row.Find("input[name$=-section]").Attr("value"); is {
				all = append(all, "["+name+"]")
			} else if text := row.Find("textarea").Text(); text != "" {
				all = append(all, text)
			}
		})
		return strings.Join(all, " ")
	}
	open := ben.Get("/office/quotes/new?customer=C-1001")
	p := ben.Submit(open, form, url.Values{"name": {"Kept"}, "line-0-description": {"A"}, "line-0-price": {"10"}, "line-1-description": {"B"}, "line-1-price": {"odd"}, "arrange": {"section"}})
	if got := rows(p); got != "A B []" || p.Find("#line-2-section[autofocus]").Length() != 1 {
		t.Fatalf("a section: %q: %d %s", got, p.Status, p.Text("main"))
	}
	for _, tt := range []struct{ press, want, focus string }{
		{"up-2", "A [Roof] B", "line-1-up"},
		{"copy-2", "A [Roof] B B", "line-3-copy"},
		{"down-0", "[Roof] A B B", "line-1-down"},
		{"move-3-1", "[Roof] B A B", "line-1-move"},
		{"remove-1", "[Roof] A B", "line-1-remove"},
		{"up-0", "[Roof] A B", ""},
		{"down-99", "[Roof] A B", ""},
		{"move-1-x", "[Roof] A B", ""},
		{"remove--1", "[Roof] A B", ""},
		{"explode-1", "[Roof] A B", ""},
	} {
		fields := url.Values{"arrange": {tt.press}}
		if tt.press == "up-2" {
			fields.Set("line-2-section", "Roof")
		}
		p = ben.Submit(p, form, fields)
		if got := rows(p); p.Status != 200 || got != tt.want {
			t.Errorf("%s: %d, %q, want %q", tt.press, p.Status, got, tt.want)
		}
		if got, _ := p.Find(".line-items button[autofocus]").Attr("id"); !strings.HasSuffix(tt.focus, "move") && got != tt.focus {
			t.Errorf("%s: goes on at %q, want %q", tt.press, got, tt.focus)
		}
	}
	if name, _ := p.Find("#name").Attr("value"); name != "Kept" || p.Text("#totals .totals__row--grand dd") != "$11.00" || !p.Has("not counted") {
		t.Errorf("kept %q, sums %s", name, p.Text("#totals"))
	}
	live := ben.Send("/office/quotes/totals", "application/x-www-form-urlencoded", strings.NewReader("line-0-section=Roof&line-1-description=A&line-1-quantity=3&line-1-price=10.05&line-1-tax=10+GST"))
	if live.Status != 200 || live.Text("#totals .totals__row--grand dd") != "$33.17" || live.Text("#line-1-sum .line-items__figure") != "$30.15" || live.Text("#line-0-sum .line-items__figure") != "$30.15" {
		t.Errorf("while typing: %d, %s", live.Status, live.Body)
	}
	if n := apptest.Value[int](app, `select count(*) from quotes where name = 'Kept'`); n != 0 {
		t.Errorf("%d quotes were saved by arranging lines", n)
	}
	saved := ben.Submit(p, form, url.Values{"description": {"Work"}, "line-2-price": {"5"}, "site": {"none"}})
	if !strings.Contains(saved.Text(".totals__section"), "Roof") || !strings.Contains(saved.Text(".totals__subtotal"), "$15.00") || !saved.Has("$16.50") {
		t.Errorf("saved: %d, %s", saved.Status, saved.Text("main"))
	}
}

func TestCopyOfAQuote(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	made := ben.Submit(ben.Get("/office/quotes/new?customer=C-1001"), form, url.Values{"name": {"Filters"}, "description": {"Change filters"}, "site": {"1"}, "main_contact": {"1"}, "line-0-description": {"Filter"}, "line-0-price": {"25"}})
	number := strings.TrimPrefix(made.URL.Path, "/office/quotes/")
	copyOf := ben.Get("/office/quotes/new?copy=" + number + "&customer=C-1001")
	if value, _ := copyOf.Find("#name").Attr("value"); value != "Filters" || copyOf.Find("#line-0-description").Text() != "Filter" || copyOf.Find("#site option[selected]").Text() != "George Street" {
		t.Fatalf("the copy begins with: %s", copyOf.Text("main"))
	}
	second := ben.Submit(copyOf, form, nil)
	if again := ben.Submit(copyOf, form, nil); again.URL.Path != second.URL.Path || second.URL.Path == made.URL.Path {
		t.Errorf("copied to %s and %s", second.URL, again.URL)
	}
	if p := ben.Get("/office/quotes/" + number); strings.Count(p.Text(".timeline"), "Duplicated as") != 1 {
		t.Errorf("history of the original: %s", p.Text(".timeline"))
	}
	if p := ben.Get("/office/quotes/new?copy=" + number + "&q=pelican"); p.Find(`.choice-list a[href*="copy="]`).Length() != 1 {
		t.Errorf("another customer to choose: %s", p.Text("main"))
	}
	other := ben.Get("/office/quotes/new?copy=" + number + "&customer=C-1002")
	if other.Find("#line-0-description").Text() != "Filter" || strings.Contains(other.Text("#site"), "George Street") {
		t.Errorf("for another customer: %s", other.Text("main"))
	}
}

// TestJobFromQuote makes one job, however often the form is sent, with files
// that live on for themselves.
func TestJobFromQuote(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	if p := ben.Get("/office/quotes/Q-1003/job"); p.Status != 409 {
		t.Errorf("of a request: %d", p.Status)
	}
	ben.Upload("/office/quotes/Q-1002/attachments", nil, apptest.File{Field: "files", Name: "Scope.txt", Content: []byte("What is included")})
	ask := ben.Get("/office/quotes/Q-1002/job")
	if bad := ben.Submit(ask, form, url.Values{"type": {""}, "agreed": {"without"}, "why": {"They sign on site"}}); bad.Status != 422 || bad.Problem("type") == "" {
		t.Errorf("without a type: %d %s", bad.Status, bad.Text("main"))
	}
	if bad := ben.Submit(ask, form, url.Values{"type": {"1"}}); bad.Status != 422 || bad.Problem("agreed") == "" {
		t.Errorf("silently, of a quote that nobody has accepted: %d %s", bad.Status, bad.Text("main"))
	}
	if bad := ben.Submit(ask, form, url.Values{"type": {"1"}, "agreed": {"without"}}); bad.Status != 422 || bad.Problem("why") == "" {
		t.Errorf("without a reason: %d %s", bad.Status, bad.Text("main"))
	}
	job := ben.Submit(ask, form, url.Values{"type": {"1"}, "agreed": {"without"}, "why": {"They sign on site"}})
	if !strings.HasPrefix(job.URL.Path, "/office/jobs/J-") || !job.Has("Q-1002") {
		t.Fatalf("%d at %s: %s", job.Status, job.URL, job.Text("main"))
	}
	if again := ben.Submit(ask, form, url.Values{"type": {"1"}, "agreed": {"without"}, "why": {"They sign on site"}}); again.URL.Path != job.URL.Path {
		t.Errorf("sent twice: %s and %s", job.URL, again.URL)
	}
	if p := ben.Get("/office/quotes/Q-1002"); !strings.Contains(p.Text("main"), "Jobs from this quote") || !strings.Contains(p.Text(".timeline"), "They sign on site") || !strings.Contains(p.Text("main"), "Sent") {
		t.Errorf("the quote: %s", p.Text("main"))
	}
	files := ben.Get(job.URL.Path + "/attachments")
	if n := strings.Count(files.Text("#results"), "Scope.txt") + strings.Count(files.Text("main"), "Scope.txt"); n == 0 {
		t.Fatalf("files of the job: %s", files.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from attachments where name = 'Scope.txt'`); n != 2 {
		t.Errorf("%d rows of the file", n)
	}
	app.Exec(`update attachments set removed_at = now() where name = 'Scope.txt' and quote_id is not null`)
	id := apptest.Value[string](app, `select public_id from attachments where name = 'Scope.txt' and job_id is not null`)
	if p := ben.Get("/office/attachments/" + id); p.Status != 200 || p.Body != "What is included" {
		t.Errorf("removed from the quote, the job's file answers %d", p.Status)
	}
}

func TestFilesOfAQuote(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, lee := app.As("ben"), app.As("lee")
	const files = "/office/quotes/Q-1002/attachments"
	p := ben.Upload(files, nil, apptest.File{Field: "files", Name: "Scope.txt", Content: []byte("What is included")}, apptest.File{Field: "files", Name: "Scope.exe", Content: []byte("MZ\x00")})
	if p.Status != 200 || p.Find("tbody tr").Length() != 1 || !p.Has("One file was added. It is hidden from the customer.") || !p.Has("Scope.exe") {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	if q := lee.Get("/quotes/Q-1002"); q.Has("Scope.txt") {
		t.Error("Lee sees a hidden file")
	}
	id, _ := p.Find("tbody input[name=attachment]").Attr("value")
	if p := ben.Post(files+"/sharing", url.Values{"attachment": {id}, "visible": {"yes"}}); !p.Has("1 file is viewable") {
		t.Errorf("shared: %s", p.Text("main"))
	}
	if q := lee.Get("/quotes/Q-1002"); !q.Has("Scope.txt") {
		t.Errorf("Lee does not see a shared file: %s", q.Text("main"))
	}
	if p := ben.Post("/office/quotes/Q-1004/attachments/sharing", url.Values{"attachment": {id}, "visible": {"no"}}); app.As("lee").Get("/attachments/"+id).Status != 200 {
		t.Errorf("hidden by way of another quote: %s", p.Text("main"))
	}
}
