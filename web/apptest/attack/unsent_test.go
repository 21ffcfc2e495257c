package attack_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/web/apptest"
	"fieldgate/web/gate"
)

// typed is a form filled in with a text of its own in each field that takes one.
func typed(form *goquery.Selection) (all, texts url.Values) {
	all, texts = changed(form), url.Values{}
	form.Find("input[name][type=text], textarea[name]").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		if _, fixed := s.Attr("readonly"); fixed || s.AttrOr("inputmode", "text") != "text" || s.AttrOr("disabled", "no") != "no" {
			return
		}
		texts.Set(name, "typed-at-"+name)
		all.Set(name, texts.Get(name))
	})
	return all, texts
}

// news is what happens meanwhile, so that the page that shows a form again has
// something to mark as seen: messages, files and requests.
const news = `with said as (
		insert into messages (customer_id, job_id, quote_id, text, staff_id)
		select customer_id, id, null, 'And one more thing.', 1 from jobs where customer_id = 1
		union all select customer_id, null, id, 'And one more thing.', 1 from quotes where customer_id = 1
	), shared as (
		insert into attachments (customer_id, job_id, quote_id, equipment_id, name, kind, media_type, size, blob_key, web_key, thumb_key, width, height, customer_view, shared_at, shared_by_id, uploaded_by_staff_id, uploaded_at)
		select o.customer_id, o.job, o.quote, o.equipment, 'news.jpg', 'photo', 'image/jpeg', 1, gen_random_uuid()::text, 'w', 't', 1, 1, true, now(), 1, 1, now()
		from (select customer_id, id as job, null::bigint as quote, null::bigint as equipment from jobs
			union all select customer_id, null, id, null from quotes
			union all select customer_id, null, null, id from equipment) o where o.customer_id = 1
	)
	update jobs set looked_at = null, looked_by_id = null where origin = 'portal'`

// TestNothingTypedIsLost sends every form of every page when the session has
// ended: the text waits for the same person, stands there again, and nothing is
// done with it.
func TestNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, login string
		policies    []string
		more        []string
		least       int
	}{
		{"ada", "/office/login", []string{"staff", "administrator"}, []string{"/office/admin/staff/2", "/office/customers/C-1001/contacts/2", "/office/quotes/Q-1001/edit", "/office/quotes/Q-1003/edit", "/office/quotes/Q-1003/edit"}, 20},
		{"lee", "/login", []string{"contact"}, []string{"/details/colleagues/7/edit", "/quotes/Q-1002/acceptance", "/quotes/Q-1002/refusal"}, 12},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			b := app.As(tt.name)
			pages := tt.more
			for _, r := range app.SortedRoutes() {
				if r.Method == http.MethodGet && containsPrefix(tt.policies, r.Who) && !strings.HasSuffix(r.Pattern, ".csv") && !strings.HasSuffix(r.Pattern, ".xlsx") && !strings.Contains(r.Pattern, "preview") {
					pages = append(pages, apptest.Path(t, r.Pattern))
				}
			}
			sent := map[string]bool{}
			for _, path := range pages {
				p := b.Get(path)
				p.Find("input[type=password]").Each(func(_ int, s *goquery.Selection) {
					if name := s.AttrOr("name", ""); !slices.Contains(gate.Secrets, name) {
						t.Errorf("%s: the password at %s would wait with its form", path, name)
					}
				})
				p.Find("form[method=post]").Each(func(_ int, form *goquery.Selection) {
					all, texts := typed(form)
					action := form.AttrOr("action", path)
					if sent[apptest.SortOf(action)+texts.Encode()] || len(texts) == 0 {
						return
					}
					sent[apptest.SortOf(action)+texts.Encode()] = true
					app.Exec(`update sessions set seen_at = now() - interval '30 hours'`)
					var at apptest.Page
					if form.AttrOr("enctype", "") != "" {
						at = b.Upload(action, all, apptest.File{Field: "files", Name: "kitchen.jpg", Content: []byte("a photo")})
					} else {
						at = b.Post(action, all)
					}
					app.Exec(`update sessions set seen_at = now()`)
					app.Exec(news)
					next := at.URL.Query().Get("next")
					if at.URL.Path != tt.login || !strings.Contains(next, "/unsent/") {
						t.Errorf("%s: the form of %s leads to %s", path, action, at.URL)
						return
					}
					if strings.Contains(at.Body, "typed-at") {
						t.Errorf("%s: the sign-in page shows what was typed", path)
					}
					before := app.Written()
					shown := b.Get(next)
					if after := app.Written(); after != before {
						t.Errorf("%s: showing the form of %s again has written:\n%s\n%s", path, action, before, after)
					}
					for name, want := range texts {
						field := shown.Find("form[method=post] [name='" + name + "']").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.AttrOr("value", s.Text()) == want[0] })
						if field.Length() == 0 {
							t.Errorf("%s: %s of the form to %s is lost (%d at %s): %s", path, name, action, shown.Status, shown.URL, shown.Text("h1"))
						}
					}
					if words := shown.Text("main"); !strings.Contains(words, "this was not sent") || (form.AttrOr("enctype", "") != "" && !strings.Contains(words, "kitchen.jpg")) {
						t.Errorf("%s: the form to %s does not say what became of it", path, action)
					}
				})
			}
			t.Logf("%d forms", len(sent))
			if len(sent) < tt.least {
				t.Errorf("only %d forms were sent", len(sent))
			}
		})
	}
}

// leave sends a form of Lee's whose session has ended, and returns where it waits.
func leave(t *testing.T, b *apptest.Browser) (next string) {
	t.Helper()
	at := b.Post("/jobs/J-1001/edit", url.Values{"description": {"typed-by-lee"}, "version": {"1"}})
	if next = at.URL.Query().Get("next"); at.URL.Path != "/login" || !strings.HasPrefix(next, "/unsent/") {
		t.Fatalf("the form leads to %s", at.URL)
	}
	return next
}

const endAll = `delete from sessions`

// signedInOnce is the browser of somebody who has signed in on the page, and
// whose session has ended since.
func signedInOnce(t *testing.T, app *apptest.App, name string) *apptest.Browser {
	t.Helper()
	b := app.Nobody()
	if p := b.SignIn("/login", name+"@demo.test", apptest.Password); p.URL.Path == "/login" {
		t.Fatalf("%s is not let in: %s", name, p.Text("main"))
	}
	b.Contact(app.ContactOf(name))
	app.Exec(endAll)
	return b
}

// TestWhatOneTypedNobodyElseSees: a form that waits is shown to whoever sent it,
// and to nobody else, at whatever browser.
func TestWhatOneTypedNobodyElseSees(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	b := signedInOnce(t, app, "lee")
	next := leave(t, b)
	for _, other := range []string{"kim", "ola", "sam"} {
		for name, browser := range map[string]*apptest.Browser{"at their own browser": app.As(other), "at Lee's browser": b} {
			if browser == b {
				browser.SignIn("/login?next="+url.QueryEscape(next), other+"@demo.test", apptest.Password)
			}
			p := browser.Get(next)
			if strings.Contains(p.Body, "typed-by-lee") || strings.Contains(p.URL.Path, "unsent") {
				t.Errorf("%s %s: %d at %s", other, name, p.Status, p.URL)
			}
			browser.Post("/logout", nil)
		}
	}
	for name, path := range map[string]string{"in the office": "/office" + next, "under another token": "/unsent/" + strings.Repeat("A", 43), "under none": "/unsent/x"} {
		who := app.As("ada")
		if !strings.HasPrefix(path, "/office") {
			who = app.As("lee")
		}
		if p := who.Get(path); strings.Contains(p.Body, "typed-by-lee") || p.Status != http.StatusOK || strings.Contains(p.URL.Path, "unsent") {
			t.Errorf("%s: %d at %s", name, p.Status, p.URL)
		}
	}
	if p := preview(t, app, "1").Get(next); strings.Contains(p.Body, "typed-by-lee") {
		t.Error("a preview of Lee shows what Lee typed")
	}
	lying := apptest.Value[string](app, `select string_agg(encode(sealed, 'escape'), '') from unsent_forms`)
	if strings.Contains(lying, "typed-by-lee") || strings.Contains(lying, "description") {
		t.Error("what was typed can be read in the database")
	}
	lee := app.As("lee")
	if p := lee.Get(next); p.Find("textarea[name=description]").Text() != "typed-by-lee" {
		t.Errorf("Lee's own text is gone: %d at %s", p.Status, p.URL)
	}
	app.Exec(`update contacts set access = 'suspended' where email = 'lee@demo.test'`)
	if p := lee.Get(next); p.URL.Path != "/login" || strings.Contains(p.Body, "typed-by-lee") {
		t.Errorf("suspended: %d at %s", p.Status, p.URL)
	}
	app.Exec(`update contacts set access = 'active' where email = 'lee@demo.test'; update unsent_forms set created_at = now() - interval '61 minutes'`)
	if p := app.As("lee").Get(next); strings.Contains(p.Body, "typed-by-lee") {
		t.Error("after an hour it is there still")
	}
}

// TestNobodyLeavesFormsForOthers: a form waits only for whoever is known to have
// been at that browser, by the session or by the device, as the contact that the
// form names; and not for ever more of them.
func TestNobodyLeavesFormsForOthers(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	forms := func() int { return apptest.Value[int](app, `select count(*) from unsent_forms`) }
	lee, stranger, ola := app.ContactOf("lee"), app.Nobody(), signedInOnce(t, app, "ola")
	for name, b := range map[string]*apptest.Browser{"a stranger": stranger, "somebody else": ola} {
		at := b.Post("/jobs/J-1001/edit", url.Values{"contact": {lee}, "description": {"come to evil.example"}})
		if at.URL.Path != "/login" || strings.Contains(at.URL.RawQuery, "unsent") || forms() != 0 {
			t.Errorf("%s leaves a form for Lee: %s", name, at.URL)
		}
		big := b.Upload("/jobs", url.Values{"contact": {lee}, "description": {"x"}}, apptest.File{Field: "files", Name: "a.csv", Content: []byte("a,b")})
		if big.URL.Path != "/login" || forms() != 0 {
			t.Errorf("%s leaves a form with files for Lee: %s", name, big.URL)
		}
		at = b.Post("/office/customers", url.Values{"name": {"come to evil.example"}})
		if at.URL.Path != "/office/login" || forms() != 0 {
			t.Errorf("%s leaves a form for the staff: %s", name, at.URL)
		}
	}
	b := signedInOnce(t, app, "lee")
	first := leave(t, b)
	for range 7 {
		leave(t, b)
	}
	if n := forms(); n != 5 {
		t.Errorf("%d forms wait", n)
	}
	if p := app.As("lee").Get(first); strings.Contains(p.Body, "typed-by-lee") {
		t.Error("the oldest is kept beyond the limit")
	}
}

// TestAFormThatWaitedIsSentOnce: it is forgotten when it was taken, and not
// before: a page that is loaded again shows it again.
func TestAFormThatWaitedIsSentOnce(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	b := signedInOnce(t, app, "lee")
	next := leave(t, b)
	b.SignIn("/login?next="+url.QueryEscape(next), "lee@demo.test", apptest.Password)
	for range 2 {
		if p := b.Get(next); p.Find("textarea[name=description]").Text() != "typed-by-lee" {
			t.Fatalf("%d at %s", p.Status, p.URL)
		}
	}
	p := b.Get(next)
	if got := apptest.Value[string](app, `select description from jobs where number = 'J-1001'`); got == "typed-by-lee" {
		t.Error("the form was sent without a press")
	}
	p = b.Submit(p, "form[action='/jobs/J-1001/edit']", nil)
	if got := apptest.Value[string](app, `select description from jobs where number = 'J-1001'`); p.URL.Path != "/jobs/J-1001" || got != "typed-by-lee" {
		t.Errorf("sent again: %d at %s, %q", p.Status, p.URL, got)
	}
	if n := apptest.Value[int](app, `select count(*) from unsent_forms`); n != 0 {
		t.Errorf("%d forms wait still", n)
	}
}
