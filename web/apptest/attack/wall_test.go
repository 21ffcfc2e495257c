package attack_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"fieldgate/migrations"
	"fieldgate/web/apptest"
)

// hiddenFromAll are words that stand in the database and that no contact may
// learn, not even whether a search for them finds something.
var hiddenFromAll = []string{"ladder", "INV-77", "margin", "leaks", "mat", "slow", "pays", "late", "OFFICE-ONLY", "days", "Tower", "Pelican", "Cool room"}

func TestSearchTellsNothing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set internal_notes = 'OFFICE-ONLY bring ladder', invoicing_note = 'OFFICE-ONLY late' where id = 1`)
	lee := app.As("lee")
	for _, path := range []string{"/jobs", "/quotes", "/equipment", "/details/sites"} {
		nothing := lee.Get(path + "?q=zzzz").Find("main a[href*='J-'], main a[href*='Q-'], main a[href*='equipmentof'], main a[href*='/edit']").Length()
		for _, word := range hiddenFromAll {
			p := lee.Get(path + "?q=" + url.QueryEscape(word))
			if n := p.Find("main a[href*='J-'], main a[href*='Q-'], main a[href*='equipmentof'], main a[href*='/edit']").Length(); p.Status != http.StatusOK || n != nothing {
				t.Errorf("%s finds %q: %d, %s", path, word, p.Status, p.Text("#results"))
			}
		}
	}
}

// What is hidden answers as what never was: the same status and the same page.
func TestHiddenIsAsNothing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into attachments (public_id, customer_id, job_id, name, kind, media_type, size, blob_key, web_key, thumb_key, state, uploaded_by_staff_id)
		values ('hiddenphotoofharbour00000000001', 1, 1, 'a.jpg', 'photo', 'image/jpeg', 9, 'photo', 'web', 'thumb', 'ready', 1)`)
	app.Exec(`update portal_settings set age_limit = 'months', age_limit_months = 1; update jobs set completed_at = now() - interval '70 days', booked_from = null where id = 2`)
	app.Exec(`insert into attachments (public_id, customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_contact_id)
		values ('agedfileofkim000000000000000001', 1, 2, 'a.txt', 'document', 'text/plain', 9, 'aged', true, 2)`)
	kinds := []struct {
		pattern string
		post    bool
		hidden  map[string][]string // by who looks
		nothing string
	}{
		{"/jobs/%s", false, map[string][]string{"lee": {"J-1002", "J-1003", "J-1004"}, "kim": {"J-1001", "J-1002"}, "ola": {"J-1001"}, "sam": {"J-1001"}}, "J-9999"},
		{"/jobs/%s/edit", true, map[string][]string{"lee": {"J-1002", "J-1003"}, "ola": {"J-1001"}, "sam": {"J-1001"}, "kim": {"J-1001"}}, "J-9999"},
		{"/jobs/%s/files", true, map[string][]string{"lee": {"J-1002", "J-1003"}, "kim": {"J-1001"}, "ola": {"J-1001"}}, "J-9999"},
		{"/quotes/%s", false, map[string][]string{"lee": {"Q-1001", "Q-1004"}, "kim": {"Q-1002"}, "ola": {"Q-1001", "Q-1002", "Q-1003"}}, "Q-9999"},
		{"/quotes/%s/edit", true, map[string][]string{"lee": {"Q-1001", "Q-1004"}, "ola": {"Q-1003"}, "sam": {"Q-1002"}}, "Q-9999"},
		{"/quotes/%s/files", true, map[string][]string{"lee": {"Q-1001", "Q-1004"}, "ola": {"Q-1003"}}, "Q-9999"},
		{"/equipment/%s", false, map[string][]string{"lee": {"equipmentofpelican0000000000001", "2"}, "kim": {"equipmentofharbour0000000000001"}, "sam": {"equipmentofpelican0000000000001"}}, "nothing"},
		{"/equipment/%s/edit", true, map[string][]string{"lee": {"equipmentofpelican0000000000001"}, "sam": {"equipmentofpelican0000000000001"}}, "nothing"},
		{"/equipment/%s/files", true, map[string][]string{"lee": {"equipmentofpelican0000000000001"}, "ola": {"equipmentofharbour0000000000001"}}, "nothing"},
		{"/attachments/%s", false, map[string][]string{"lee": {apptest.HiddenFile, "hiddenphotoofharbour00000000001", "agedfileofkim000000000000000001"}, "kim": {apptest.SharedFile, "agedfileofkim000000000000000001"}, "ola": {apptest.SharedFile}}, "nothing"},
		{"/attachments/%s/thumb", false, map[string][]string{"lee": {"hiddenphotoofharbour00000000001", apptest.HiddenFile}, "ola": {apptest.SharedFile}}, "nothing"},
		{"/attachments/%s/removal", true, map[string][]string{"lee": {apptest.HiddenFile}, "kim": {apptest.SharedFile, "agedfileofkim000000000000000001"}, "ola": {apptest.SharedFile}}, "nothing"},
		{"/details/sites/%s/edit", true, map[string][]string{"lee": {"3"}, "ola": {"1", "2"}, "kim": {"3"}}, "999"},
	}
	form := url.Values{"description": {"Mine now"}, "name": {"Mine"}, "type": {"1"}, "version": {"1"}}
	for _, kind := range kinds {
		for who, hidden := range kind.hidden {
			b := app.As(who)
			ask := func(id string) string {
				get := b.Get(fmt.Sprintf(kind.pattern, id))
				answer := fmt.Sprint(get.Status, get.Body)
				if kind.post {
					var p apptest.Page
					if strings.HasSuffix(kind.pattern, "/files") {
						p = b.Upload(fmt.Sprintf(kind.pattern, id), nil, apptest.File{Field: "files", Name: "a.txt", Content: []byte("a")})
					} else {
						p = b.Post(fmt.Sprintf(kind.pattern, id), form)
					}
					answer += fmt.Sprint(p.Status, p.Body)
				}
				return answer
			}
			want := ask(kind.nothing)
			if !strings.HasPrefix(want, "40") {
				t.Fatalf("%s at %s: %.200s", who, kind.pattern, want)
			}
			for _, id := range hidden {
				if got := ask(id); got != want {
					t.Errorf("%s tells %s of %s:\n%.400s\n%.400s", kind.pattern, who, id, got, want)
				}
			}
		}
	}
}

// Ids of others in the fields of a form are ids of nothing.
func TestIDsOfOthersInForms(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into sites (customer_id, name, archived_at) values (1, 'Old Depot', now()); insert into job_types (name, active) values ('Retired kind', false)`)
	app.Exec(`insert into equipment (public_id, customer_id, number, name, type, site_id, origin, status) values ('retiredofharbour000000000000001', 1, 'E-9', 'Old unit', 'Fan', 2, 'office', 'retired'),
		('atpittstreet0000000000000000001', 1, 'E-10', 'Pitt unit', 'Fan', 2, 'office', 'in use')`)
	// Lee looks after George Street alone.
	app.Exec(`update contacts set all_sites = false where id = 1; insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 1)`)
	lee := app.As("lee")
	job := func(more url.Values) apptest.Page {
		f := url.Values{"type": {"1"}, "description": {"Mine"}, "site": {"1"}}
		for k, v := range more {
			f[k] = v
		}
		return lee.Submit(lee.Get("/jobs/new"), "form.form", f)
	}
	for name, tt := range map[string]struct {
		fields url.Values
		field  string
	}{
		"another customer's site":      {url.Values{"site": {"3"}}, "site"},
		"a site out of sight":          {url.Values{"site": {"2"}}, "site"},
		"no site":                      {url.Values{"site": {""}}, "site"},
		"a site that never was":        {url.Values{"site": {"99"}}, "site"},
		"an archived site":             {url.Values{"site": {"4"}}, "site"},
		"another customer's equipment": {url.Values{"equipment": {"2"}}, "equipment"},
		"retired equipment":            {url.Values{"equipment": {"3"}}, "equipment"},
		"equipment out of sight":       {url.Values{"equipment": {"4"}}, "equipment"},
		"an inactive type":             {url.Values{"type": {"3"}}, "type"},
		"no type":                      {url.Values{"type": {"99"}}, "type"},
	} {
		if p := job(tt.fields); p.Status != http.StatusUnprocessableEntity || p.Problem(tt.field) == "" {
			t.Errorf("job with %s: %d, %q", name, p.Status, p.Problem(tt.field))
		} else if strings.Contains(p.Body, "Pitt") || strings.Contains(p.Body, "Tower") || strings.Contains(p.Body, "Lobby") || strings.Contains(p.Body, "Retired kind") {
			t.Errorf("job with %s shows what it is", name)
		}
	}
	for _, site := range []string{"2", "3", "4", "99", ""} {
		for path, fields := range map[string]url.Values{
			"/jobs/J-1001/edit": {"description": {"Mine"}}, "/equipment/equipmentofharbour0000000000001/edit": {"name": {"Mine"}},
			"/quotes/new": {"description": {"Mine"}}, "/equipment/new": {"name": {"Mine"}, "type": {"Fan"}},
		} {
			fields.Set("site", site)
			if p := lee.Submit(lee.Get(path), "form.form", fields); p.Status != http.StatusUnprocessableEntity || p.Problem("site") == "" || strings.Contains(p.Body, "Pitt") {
				t.Errorf("%s at site %q: %d %q", path, site, p.Status, p.Problem("site"))
			}
		}
	}
	if p := job(url.Values{"main_contact": {"2"}, "contact_id": {"2"}, "customer": {"2"}, "status": {"completed"}, "invoice_number": {"1"}, "priority": {"urgent"}, "internal_notes": {"x"}}); p.Status != http.StatusOK {
		t.Fatal(p.Status, p.Text("main"))
	}
	if same := apptest.Value[bool](app, `select main_contact_id = 1 and customer_id = 1 and status = 'new' and invoice_number = '' and priority = 'normal' and internal_notes = '' from jobs order by id desc limit 1`); !same {
		t.Error("more was taken than the form holds")
	}
}

// A form overtaken by the office shows what the contact may see of it, and
// never what is for the office.
func TestEditConflictsTellNothing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	for path, change := range map[string]string{
		"/jobs/J-1001/edit":                               `update jobs set version = version + 1, internal_notes = 'OFFICE-ONLY new', invoice_number = 'OFFICE-ONLY 1', priority = 'urgent' where id = 1`,
		"/quotes/Q-1003/edit":                             `update quotes set version = version + 1, internal_notes = 'OFFICE-ONLY new' where id = 3`,
		"/details/edit":                                   `update contacts set version = version + 1, notes = 'OFFICE-ONLY new' where id = 1`,
		"/details/company/edit":                           `update customers set version = version + 1, notes = 'OFFICE-ONLY new', payment_terms = 'OFFICE-ONLY 3', price_level = 'OFFICE-ONLY x' where id = 1`,
		"/details/sites/1/edit":                           `update sites set version = version + 1, access_instructions = 'OFFICE-ONLY new' where id = 1`,
		"/equipment/equipmentofharbour0000000000001/edit": `update equipment set version = version + 1, notes = 'OFFICE-ONLY new' where id = 1`,
	} {
		p := lee.Get(path)
		app.Exec(change)
		if p = lee.Submit(p, "form.form", nil); p.Status != http.StatusConflict || strings.Contains(p.Body, "OFFICE-ONLY") {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	// The site was given away while the form was open.
	p := lee.Get("/jobs/J-1001/edit")
	app.Exec(`update jobs set version = version + 1, site_id = 2 where id = 1; update contacts set all_sites = false where id = 1; insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 1)`)
	if p = lee.Submit(p, "form.form", nil); p.Status != http.StatusNotFound || strings.Contains(p.Body, "Pitt") {
		t.Error("a job that moved out of sight:", p.Status)
	}
}

// A form sent twice makes one thing, for whoever sent it. Another contact who
// comes by its nonce learns nothing of it.
func TestNoncesOfOthers(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set jobs_create = true, quotes_see = 'own', quotes_create = true, equipment_see = 'all', equipment_add = true where id = 2`)
	for _, tt := range []struct {
		path, table string
		fields      url.Values
	}{
		{"/jobs", "jobs", url.Values{"type": {"1"}, "description": {"Mine"}}},
		{"/quotes", "quotes", url.Values{"description": {"Mine"}}},
		{"/equipment", "equipment", url.Values{"name": {"Mine"}, "type": {"Fan"}}},
	} {
		tt.fields.Set("nonce", "one and the same")
		first := app.As("lee").Post(tt.path, tt.fields)
		if again := app.As("lee").Post(tt.path, tt.fields); again.Status != http.StatusOK || again.URL.Path != first.URL.Path {
			t.Errorf("%s sent twice: %d at %s", tt.path, again.Status, again.URL.Path)
		}
		if other := app.As("ola").Post(tt.path, tt.fields); other.Status != http.StatusOK || other.URL.Path == first.URL.Path {
			t.Errorf("%s of another customer: %d at %s", tt.path, other.Status, other.URL.Path)
		}
		id := first.URL.Path[strings.LastIndex(first.URL.Path, "/")+1:]
		if p := app.As("kim").Post(tt.path, tt.fields); p.URL.Path == tt.path || strings.HasSuffix(p.URL.Path, "/"+id) || p.Status != http.StatusOK {
			t.Errorf("%s: a colleague with the nonce gets %d at %s", tt.path, p.Status, p.URL.Path)
		}
		if n := apptest.Value[int](app, `select count(*) from `+tt.table+` where nonce like '%one and the same' and customer_id = 1`); n != 2 {
			t.Errorf("%s: %d made", tt.path, n)
		}
	}
	site := url.Values{"name": {"Depot"}, "nonce": {"a site"}}
	app.As("lee").Post("/details/sites", site)
	if p := app.As("ola").Post("/details/sites", site); p.Status >= 500 || strings.Contains(p.Body, "Harbour") {
		t.Error("a site with another customer's nonce:", p.Status)
	}
}

// Between looking and acting anything may change; nothing half done stays.
func TestChangedBetweenLookingAndActing(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		sql    string
		status int
	}{
		"suspended":       {`update contacts set access = 'suspended' where id = 1`, http.StatusOK}, // at the sign-in page
		"customer gone":   {`update customers set archived_at = now() where id = 1`, http.StatusOK},
		"on hold":         {`update customers set on_hold = true where id = 1`, http.StatusConflict},
		"without a right": {`update contacts set jobs_create = false where id = 1`, http.StatusForbidden},
		"without an area": {`update contacts set jobs_see = 'none', jobs_create = false, jobs_edit = false where id = 1`, http.StatusNotFound},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			lee := app.As("lee")
			p := lee.Get("/jobs/new")
			app.Exec(tt.sql)
			if p = lee.Submit(p, "form.form", url.Values{"type": {"1"}, "description": {"Mine"}}); p.Status != tt.status || (tt.status == http.StatusOK && p.URL.Path != "/login") {
				t.Error(p.Status, p.URL.Path)
			}
			if n := apptest.Value[int](app, `select (select count(*) from jobs) + (select count(*) from emails)`); n != 4 {
				t.Error("something was written")
			}
		})
	}
}

// Who was let in and had to wait is signed out by a suspension meanwhile, even
// if access is back by then.
func TestSignedOutWhileWaiting(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	office, err := app.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, access := range []string{"suspended", "active"} {
		if _, err := office.Exec(t.Context(), `update contacts set access = $1 where id = 1`, access); err != nil {
			t.Fatal(err)
		}
	}
	answer := make(chan *http.Response)
	go func() { answer <- lee.Press("/quotes/Q-1002/messages", url.Values{"text": {"Too late"}}) }()
	wait(t, "the message waits for nothing", func() bool {
		return apptest.Value[bool](app, `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`)
	})
	if err := office.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if res := <-answer; res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/login") {
		t.Errorf("%d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	if apptest.Value[bool](app, `select exists (select from messages where text = 'Too late')`) {
		t.Error("written by somebody signed out")
	}
}

// Many who save at once: one is first, the others are told.
func TestManySaveAtOnce(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	for _, path := range []string{"/jobs/J-1001/edit", "/quotes/Q-1003/edit", "/details/company/edit", "/details/sites/1/edit", "/equipment/equipmentofharbour0000000000001/edit"} {
		p := lee.Get(path)
		var wait sync.WaitGroup
		var got [5]int
		for i := range got {
			wait.Go(func() {
				got[i] = lee.Submit(p, "form.form", url.Values{"purchase_order": {fmt.Sprint("PO ", i)}}).Status
			})
		}
		wait.Wait()
		sum := 0
		for _, status := range got {
			sum += status
		}
		if sum != http.StatusOK+4*http.StatusConflict {
			t.Errorf("%s: %v", path, got)
		}
	}
	// What is saved has its line in the audit trail, and nothing else has.
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'edited'`); n != 5 {
		t.Error(n, "audit entries")
	}
}

// The role that looks for contacts reads the views and nothing beside.
func TestTheRoleSeesViewsAlone(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for _, sql := range []string{
		`select * from jobs`, `select * from public.contacts`, `select password_hash from persons`, `select * from sessions`, `select * from portal_settings`, `select * from river_job`,
		`update portal.jobs set name = 'x'`, `insert into portal.sites (name) values ('x')`, `delete from portal.messages`, `select pg_read_file('/etc/passwd')`, `copy (select 1) to '/tmp/x'`,
		`copy portal.jobs to program 'id'`, `create table public.x (a int)`, `create function portal.x() returns int language sql as 'select 1'`,
		`select lo_import('/etc/passwd')`, `set role app`, `select nextval('job_numbers')`, `alter role current_user superuser`, `create schema x`,
	} {
		tx, err := app.Pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `select set_config('role', current_user || '_portal', true), set_config('portal.contact_id', '1', true), set_config('portal.customer_id', '1', true)`); err != nil {
			t.Fatal(err)
		}
		_, err = tx.Exec(t.Context(), migrations.InPortal(sql))
		if err == nil && !strings.HasPrefix(sql, "set role") {
			t.Errorf("%s: allowed", sql)
		}
		_ = tx.Rollback(t.Context())
	}
}

// Whatever of another customer, or out of sight, is named in an address of the
// portal answers as what never was, on every route there is.
func TestEveryAddressOfOthersIsAsNothing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set status = 'completed', completed_at = now() where id = 1`)
	hidden := map[string]struct{ theirs, nothing string }{
		"/jobs/":        {"J-1001", "J-9999"},
		"/quotes/":      {"Q-1002", "Q-9999"},
		"/equipment/":   {"equipmentofharbour0000000000001", "equipmentofnobody00000000000001"},
		"/attachments/": {apptest.SharedFile, "fileofnobody000000000000000001"},
	}
	fields := url.Values{"text": {"Hello"}, "description": {"Mine"}, "name": {"Mine"}, "version": {"1"}, "shown": {"1"}, "full_name": {"Me"}, "reason": {"No"}, "terms": {"on"}}
	file := apptest.File{Field: "files", Name: "a.txt", Content: []byte("a")}
	// Ola is of another customer; Kim, of the same one, sees her own jobs alone.
	browsers := map[string]*apptest.Browser{"ola": app.As("ola"), "kim": app.As("kim")}
	for _, b := range browsers {
		b.Get("/") // is a visit
	}
	before, asked := everything(t, app), 0
	for who, b := range browsers {
		for _, r := range app.SortedRoutes() {
			hole := regexp.MustCompile(`\{(number|id)\}`).FindString(r.Pattern)
			area := hidden["/"+strings.SplitN(r.Pattern, "/", 3)[1]+"/"]
			if hole == "" || area.theirs == "" || strings.HasPrefix(r.Pattern, "/office") {
				continue
			}
			ask := func(id string) string {
				path := apptest.Path(t, strings.Replace(r.Pattern, hole, id, 1))
				var p apptest.Page
				switch {
				case r.Method == http.MethodGet:
					p = b.Get(path)
				case strings.HasSuffix(path, "/files"), strings.HasSuffix(path, "/messages"):
					p = b.Upload(path, fields, file)
				default:
					p = b.Post(path, fields)
				}
				return strings.ReplaceAll(p.URL.Path+" "+http.StatusText(p.Status)+p.Body, id, "")
			}
			asked++
			if got, want := ask(area.theirs), ask(area.nothing); got != want || strings.Contains(want, " OK") {
				t.Errorf("%s %s tells %s:\n%.300s\nwant\n%.300s", r.Method, r.Pattern, who, got, want)
			}
		}
	}
	if asked < 40 {
		t.Errorf("only %d addresses were asked for", asked)
	}
	changes(t, before, everything(t, app))
}
