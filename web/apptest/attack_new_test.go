package apptest_test

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldgate/internal/blob"
	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// Emails that let somebody into the office are sent again by Administrators
// alone: inviting staff is theirs, and a link sent again ends the one before.
func TestOnlyAdministratorsLetStaffIn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into emails (kind, rule, to_name, to_address, staff_id, message_id, state) values
		('staff-reset', 'Themselves', 'Ada Fontaine', 'ada@demo.test', 1, 'one', 'failed'), ('password-reset', 'Themselves', '', 'kim@demo.test', null, 'two', 'failed')`)
	app.Exec(`update emails set person_id = 2 where id = 2`)
	ben, ada := app.As("ben"), app.As("ada")
	const again = "form[action$='/again']"
	if p := ben.Get("/office/email/1"); p.Status != http.StatusOK || p.Find(again).Length() != 0 {
		t.Errorf("Ben is offered it: %d %s", p.Status, p.Text("main"))
	}
	if p := ben.Post("/office/email/1/again", nil); p.Status != http.StatusForbidden {
		t.Errorf("Ben sends it: %d", p.Status)
	}
	if n := apptest.Value[int](app, `select (select count(*) from links) + (select count(*) from emails)`); n != 2 {
		t.Errorf("%d rows after Ben", n)
	}
	if p := ben.Submit(ben.Get("/office/email/2"), again, nil); !p.Has("on its way again") {
		t.Errorf("Ben sends a contact's: %d %s", p.Status, p.Text("main"))
	}
	if p := ada.Submit(ada.Get("/office/email/1"), again, nil); !p.Has("on its way again") {
		t.Errorf("Ada sends it: %d %s", p.Status, p.Text("main"))
	}
}

// Who had a contact's address before neither learns of the next one nor decides
// for them by the links in old emails.
func TestOldEmailsDoNotSpeakForTheNext(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set status = 'unscheduled', booked_from = null, booked_until = null where id = 1`)
	ben := app.As("ben")
	if p := ben.Submit(ben.Get("/office/jobs/J-1001/booking"), "main form[action$='/status']", url.Values{"booked_on": {"2031-05-06"}, "booked_start": {"08:00"}}); p.Status >= 400 {
		t.Fatalf("book: %d %s", p.Status, p.Text("main"))
	}
	m, err := app.Mail.WaitTo(t.Context(), "lee@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`/emails/[^>]+`).FindString(m.Get("List-Unsubscribe"))
	nobody := app.Nobody()
	if p := nobody.Get(link); p.Status != http.StatusOK {
		t.Fatalf("%s: %d", link, p.Status)
	}
	app.Exec(`update contacts set name = 'Nia Successor', email = 'nia@demo.test' where id = 1`)
	if p := nobody.Get(link); p.Status != http.StatusNotFound || strings.Contains(p.Body, "Nia") || strings.Contains(p.Body, "nia@") {
		t.Errorf("the link of the address before: %d %s", p.Status, p.Text("main"))
	}
	if p := nobody.Send(link, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click")); p.Status != http.StatusNotFound {
		t.Errorf("one click: %d", p.Status)
	}
	if n := apptest.Value[int](app, `select count(*) from mail_choices`); n != 0 {
		t.Error("somebody else's emails were stopped")
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
		for _, r := range sorted(app.Routes) {
			hole := regexp.MustCompile(`\{(number|id)\}`).FindString(r.Pattern)
			area := hidden["/"+strings.SplitN(r.Pattern, "/", 3)[1]+"/"]
			if hole == "" || area.theirs == "" || strings.HasPrefix(r.Pattern, "/office") {
				continue
			}
			ask := func(id string) string {
				path := filled(t, strings.Replace(r.Pattern, hole, id, 1))
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

// Sessions are ended by whose they are.
func TestDevicesOfOthers(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ola := app.As("lee"), app.As("ola")
	ben := preview(t, app, "1")
	for _, id := range []string{"1", "2", "3", "4", "-1", "0", "x", "9223372036854775808"} {
		if id == apptest.Value[string](app, `select id::text from sessions where person_id = 4`) {
			continue
		}
		if p := ola.Post("/details/devices/"+id+"/removal", nil); p.Status != http.StatusNotFound {
			t.Errorf("session %s: %d", id, p.Status)
		}
	}
	if p := ola.Post("/details/devices/removal", nil); p.Status != http.StatusOK {
		t.Errorf("all others: %d", p.Status)
	}
	if a, b := lee.Get("/jobs").URL.Path, ben.Get("/jobs").Status; a != "/jobs" || b != http.StatusOK {
		t.Errorf("Ola has signed out Lee (at %s) or Ben (%d)", a, b)
	}
	if n := apptest.Value[int](app, `select count(*) from sessions`); n != 4 {
		t.Errorf("%d sessions", n)
	}
}

// A nonce is whatever a form says; cut where a letter ends it does no harm.
func TestNoncesOfAnyLength(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ada := app.As("lee"), app.As("ada")
	for _, nonce := range []string{"a" + strings.Repeat("é", 40), strings.Repeat("漢", 40), strings.Repeat("\xff", 80), strings.Repeat(" ", 80)} {
		for path, fields := range map[string]url.Values{
			"/jobs": {"type": {"1"}, "description": {"Mine"}}, "/quotes": {"description": {"Mine"}}, "/equipment": {"name": {"Fan"}, "type": {"Fan"}},
			"/details/sites": {"name": {"Depot " + nonce[:1]}},
		} {
			fields.Set("nonce", nonce)
			if p := lee.Post(path, fields); p.Status >= http.StatusInternalServerError {
				t.Errorf("%s with %.12q: %d", path, nonce, p.Status)
			}
		}
		if p := lee.Upload("/quotes/Q-1003/files", url.Values{"nonce": {nonce}}, apptest.File{Field: "files", Name: "a.txt", Content: []byte("a")}); p.Status >= http.StatusInternalServerError {
			t.Errorf("files with %.12q: %d", nonce, p.Status)
		}
		if p := ada.Post("/office/customers", url.Values{"name": {"New one"}, "nonce": {nonce}}); p.Status >= http.StatusInternalServerError {
			t.Errorf("a customer with %.12q: %d", nonce, p.Status)
		}
		if p := ada.Post("/office/quotes/Q-1002/job", url.Values{"type": {"1"}, "nonce": {nonce}}); p.Status >= http.StatusInternalServerError {
			t.Errorf("a job from a quote with %.12q: %d", nonce, p.Status)
		}
	}
}

// What the business has taken away is not the customer's to give back.
func TestManagersDoNotUndoTheOffice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, ben := app.As("lee"), app.As("ben")
	access := func() string {
		return apptest.Value[string](app, `select access from contacts where id = 3`)
	}
	restore := func() apptest.Page { return lee.Post("/details/colleagues/3/restoration", nil) }
	// Max was suspended before anybody kept a trail.
	if p := restore(); p.Status != http.StatusConflict || !p.Has("was suspended by Northwind Air") || access() != "suspended" {
		t.Errorf("suspended by nobody known: %d, %s: %s", p.Status, access(), p.Text("main"))
	}
	ben.Post("/office/customers/C-1001/contacts/3/restoration", nil)
	if p := lee.Post("/details/colleagues/3/suspension", nil); p.Status != http.StatusOK || access() != "suspended" {
		t.Fatalf("Lee suspends Max: %d, %s", p.Status, access())
	}
	if p := restore(); p.Status != http.StatusOK || access() != "active" {
		t.Errorf("and gives it back: %d, %s", p.Status, access())
	}
	ben.Post("/office/customers/C-1001/contacts/3/suspension", nil)
	if p := restore(); p.Status != http.StatusConflict || access() != "suspended" {
		t.Errorf("suspended by Ben: %d, %s", p.Status, access())
	}
	if p := lee.Post("/details/colleagues/3/invitation", url.Values{"invited": {""}}); p.Status != http.StatusConflict || access() != "suspended" {
		t.Errorf("invited instead: %d, %s", p.Status, access())
	}
	// Oneself and contacts of other customers are nobody to look after.
	for _, page := range []string{"", "/edit", "/invitation", "/suspension", "/restoration"} {
		ask := func(id string) string {
			path := "/details/colleagues/" + id + page
			got := fmt.Sprint(lee.Get(path).Status, " ")
			if page != "" {
				p := lee.Post(path, url.Values{"name": {"Mine"}, "email": {"mine@demo.test"}, "version": {"1"}})
				got += fmt.Sprint(p.Status, p.Body)
			}
			return got
		}
		want := ask("999")
		for _, id := range []string{"1", "4", "5", "6", "0", "-1", "x"} {
			if got := ask(id); got != want || !strings.HasPrefix(got, "404") {
				t.Errorf("colleague %s%s: %.200s", id, page, got)
			}
		}
	}
	// A form that asks for more than there is grants nothing.
	for field, value := range map[string]string{"jobs_see": "everything", "quotes_see": "ALL", "equipment_see": "own ", "sites": "3"} {
		fields := url.Values{"name": {"Nia"}, "email": {"nia@demo.test"}, "preset": {"custom"}, "jobs_see": {"own"}, "quotes_see": {"none"}, "equipment_see": {"none"}, "sites_scope": {"selected"}, "sites": {"1"}, "nonce": {field}}
		fields.Set(field, value)
		if p := lee.Post("/details/colleagues", fields); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s %q: %d %s", field, value, p.Status, p.Text("main"))
		}
	}
	if n := apptest.Value[int](app, `select count(*) from contacts`); n != 6 {
		t.Errorf("%d contacts", n)
	}
}

// soon waits for what happens behind requests.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	patience := time.After(10 * time.Second)
	for !is() {
		select {
		case <-patience:
			t.Fatal("not yet: " + what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Files that were taken out in a preview are written down, even if whoever
// takes them hangs up before the end.
func TestHalfADownloadInAPreviewIsWrittenDown(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	key, content := blob.NewKey(), strings.Repeat("a line of the report\n", 1<<20)
	if err := app.Store.Put(t.Context(), key, strings.NewReader(content), int64(len(content)), "text/plain"); err != nil {
		t.Fatal(err)
	}
	app.Exec(`update attachments set blob_key = $1, size = $2 where public_id = $3`, key, len(content), apptest.SharedFile)
	cookie := preview(t, app, "1").Cookie("/jobs")
	for _, path := range []string{"/attachments/" + apptest.SharedFile, "/jobs/J-1001/files/download"} {
		app.Exec(`update sessions set downloaded_at = null`)
		ctx, hangUp := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, app.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", cookie)
		res, err := http.DefaultClient.Do(r)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(res.Body, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		hangUp()
		_ = res.Body.Close()
		soon(t, path+" is written down", func() bool {
			return apptest.Value[bool](app, `select bool_or(downloaded_at is not null) from sessions where side = 'preview'`)
		})
	}
}

// However many answer a quote at once, and however wrongly, it has one answer:
// of somebody who may give it, to the version that is on offer.
func TestOneAnswerToAQuote(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set quotes_see = 'all' where id = 2`)
	lee, ben := app.As("lee"), app.As("ben")
	yes := func(more ...string) url.Values {
		f := url.Values{"shown": {"1"}, "full_name": {"Lee Nakamura"}, "terms": {"on"}}
		for i := 0; i+1 < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f
	}
	const quote = "/quotes/Q-1002"
	answers := func() int { return apptest.Value[int](app, `select count(*) from acceptances`) }
	for what, tt := range map[string]struct {
		who, path string
		fields    url.Values
		status    int
	}{
		"who may only look":           {"kim", quote + "/acceptance", yes(), http.StatusForbidden},
		"who may only look, refusing": {"kim", quote + "/refusal", yes(), http.StatusForbidden},
		"another customer":            {"ola", quote + "/acceptance", yes(), http.StatusNotFound},
		"a draft never sent":          {"lee", "/quotes/Q-1001/acceptance", yes(), http.StatusNotFound},
		"a request without a price":   {"lee", "/quotes/Q-1003/acceptance", yes(), http.StatusConflict},
		"a version still to come":     {"lee", quote + "/acceptance", yes("shown", "2"), http.StatusConflict},
		"no version":                  {"lee", quote + "/acceptance", yes("shown", "x"), http.StatusConflict},
		"nobody's name":               {"lee", quote + "/acceptance", yes("full_name", " "), http.StatusUnprocessableEntity},
		"an endless name":             {"lee", quote + "/acceptance", yes("full_name", strings.Repeat("a", 5000)), http.StatusUnprocessableEntity},
		"for another contact":         {"lee", quote + "/acceptance", yes("contact", "4"), http.StatusConflict},
		"a signature that is none":    {"lee", quote + "/acceptance", yes("signature", "data:text/html;base64,PHNjcmlwdD4="), http.StatusUnprocessableEntity},
		"a signature with a script":   {"lee", quote + "/acceptance", yes("signature", "data:image/png;base64,PHN2ZyBvbmxvYWQ9Ii8+"), http.StatusUnprocessableEntity},
		"too much of a signature":     {"lee", quote + "/acceptance", yes("signature", "data:image/png;base64,"+strings.Repeat("A", 2<<20)), http.StatusRequestEntityTooLarge},
	} {
		if p := app.As(tt.who).Post(tt.path, tt.fields); p.Status != tt.status || strings.Contains(p.Body, "<svg onload") || strings.Contains(p.Body, "PHNjcmlwdD4") {
			t.Errorf("%s: %d, want %d: %s", what, p.Status, tt.status, p.Text("main"))
		}
	}
	if n := answers(); n != 0 {
		t.Fatalf("%d answers", n)
	}
	var wait sync.WaitGroup
	var done [6]int
	for i := range done {
		wait.Go(func() {
			switch i {
			case 0, 1, 2:
				done[i] = lee.Post(quote+"/acceptance", yes()).Status
			case 3, 4:
				done[i] = lee.Post(quote+"/refusal", url.Values{"shown": {"1"}, "reason": {"Too dear"}}).Status
			default:
				p := ben.Get("/office" + quote + "/withdrawal")
				done[i] = ben.Submit(p, "main form", url.Values{"why": {"A mistake"}}).Status
			}
		})
	}
	wait.Wait()
	status := apptest.Value[string](app, `select status from quotes where id = 2`)
	told := apptest.Value[string](app, `select coalesce(string_agg(distinct a.decision, ' '), 'withdrawn') from acceptances a`)
	// Whoever answered first decided; a quote may be withdrawn after it was declined, not after it was accepted.
	if answers() > 1 || (status != told && !(status == "withdrawn" && told == "declined")) {
		t.Errorf("%v: %d answers (%s), the quote is %s", done, answers(), told, status)
	}
}

// What lets somebody in stands in the mail or the browser of whom it is for,
// and nowhere else: in no table, neither as it is nor as hexadecimal digits, and
// on no page of the office, where every mail has its copy.
func TestSecretsStandNowhereElse(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	secrets := map[string]string{}
	mailed := func(to, what string) {
		t.Helper()
		m, err := app.Mail.Wait(ctx, func(m catcher.Message) bool {
			return strings.Contains(strings.Join(m.Recipients, " "), to) && regexp.MustCompile(what).MatchString(m.Text)
		})
		if err != nil {
			t.Fatalf("%s to %s: %v", what, to, err)
		}
		secrets[what+" to "+to] = regexp.MustCompile(what).FindStringSubmatch(m.Text)[1]
	}
	ben, lee := app.As("ben"), app.Nobody()

	// A password that staff set, and one that a person chooses.
	const byStaff, byKim = "seven brave wombats hum", "eleven quiet numbats dig"
	secrets["the password that staff set"], secrets["the password that Kim chooses"], secrets["everybody's password"] = byStaff, byKim, apptest.Password
	ben.Submit(ben.Get(harbourContacts+"new"), "form.form", url.Values{"name": {"Nia"}, "email": {"nia@harbour.test"}, "password_choice": {"set"}, "password": {byStaff}})
	mailed("nia@harbour.test", `(`+byStaff+`)`)
	ben.Submit(ben.Get(harbourContacts+"new"), "form.form", url.Values{"name": {"Ivo"}, "email": {"ivo@harbour.test"}})
	mailed("ivo@harbour.test", `/welcome/([\w-]+)`)
	byHand := ben.Submit(ben.Get(harbourContacts+"new"), "form.form", url.Values{"name": {"Ann"}, "email": {"ann@harbour.test"}, "email_notification": nil})
	secrets["a link passed on by hand"] = regexp.MustCompile(`/welcome/([\w-]+)`).FindStringSubmatch(byHand.Body)[1]
	app.Nobody().Post("/forgot-password", url.Values{"email": {"kim@demo.test"}})
	mailed("kim@demo.test", `/reset/([\w-]+)`)
	app.Nobody().Post("/reset/"+secrets[`/reset/([\w-]+) to kim@demo.test`], url.Values{"password": {byKim}})
	app.Nobody().Post("/office/forgot-password", url.Values{"email": {"ada@demo.test"}})
	mailed("ada@demo.test", `/office/reset/([\w-]+)`)

	// Somebody signs in, changes the address, and is previewed.
	lee.SignIn("/login", "lee@demo.test", apptest.Password)
	for cookie := range strings.SplitSeq(lee.Cookie("/"), "; ") {
		name, value, _ := strings.Cut(cookie, "=")
		secrets["Lee's cookie "+name] = value
	}
	lee.Submit(lee.Get("/details/sign-in-address"), "main form", url.Values{"email": {"lee.new@demo.test"}, "current": {apptest.Password}})
	mailed("lee.new@demo.test", `/new-address/([\w-]+)`)
	_, secrets["the preview's cookie"], _ = strings.Cut(preview(t, app, "2").Cookie("/jobs"), "=")
	if len(secrets) != 12 {
		t.Fatalf("%d secrets: %v", len(secrets), secrets)
	}
	soon(t, "all mails are sent", func() bool {
		return apptest.Value[int](app, `select count(*) from emails where state in ('waiting', 'retrying')`) == 0
	})

	tables := apptest.Value[[]string](app, `select array_agg(tablename::text) from pg_tables where schemaname = 'public'`)
	for what, secret := range secrets {
		if len(secret) < 12 {
			t.Fatalf("%s is %q", what, secret)
		}
		for _, table := range tables {
			if n := apptest.Value[int](app, `select count(*) from `+table+` x where strpos(x::text, $1) > 0 or strpos(x::text, encode($1::bytea, 'hex')) > 0`, secret); n > 0 {
				t.Errorf("%s stands in %d rows of %s", what, n, table)
			}
		}
	}
	ada := app.As("ada")
	paths := []string{"/office/admin/activity", "/office/admin/activity.csv", "/office/email", "/office/email.csv"}
	for _, id := range apptest.Value[[]string](app, `select array_agg(id::text) from emails`) {
		paths = append(paths, "/office/email/"+id, "/office/email/"+id+"?show=text", "/office/email/"+id+"/copy")
	}
	for _, path := range paths {
		p := ada.Get(path)
		if p.Status != http.StatusOK {
			t.Errorf("%s: %d", path, p.Status)
		}
		for what, secret := range secrets {
			if strings.Contains(p.Body, secret) {
				t.Errorf("%s shows %s", path, what)
			}
		}
	}
}

// Words of customers that are a formula, a script, a path and a header leave
// the program as words: in exports, archives, calendars, documents and pages.
func TestHostileWordsLeaveAsWords(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	const evil = `=cmd|' /C calc'!A0"><script>alert(1)</script>;@SUM(1)`
	for _, sql := range []string{
		`update customers set name = $1, company_name = $1`, `update contacts set name = $1, role = $1, phone = '=1+1'`, `update sites set name = $1 || id`,
		`update jobs set name = $1, description = $1 || E'\nEND:VEVENT', purchase_order = $1, booked_from = coalesce(booked_from, now())`,
		`update quotes set name = $1, description = $1, purchase_order = $1`, `update equipment set name = $1, number = $1, make = $1`,
		`update attachments set name = '../../' || $1 || E'\r\nX-Evil: 1\r\n.txt', caption = $1`, `insert into messages (customer_id, job_id, text, contact_id) values (1, 1, $1, 1)`,
		`insert into emails (kind, rule, to_name, to_address, message_id, state, subject, server_words) values ('job-booked', $1, $1, 'x@y.z', 'one', 'failed', $1, $1)`,
	} {
		app.Exec(sql, evil)
	}
	ada, lee := app.As("ada"), app.As("lee")
	exports := 0
	for _, r := range app.Routes {
		if !strings.HasSuffix(r.Pattern, ".csv") {
			continue
		}
		exports++
		p := ada.Get(filled(t, r.Pattern))
		if kept := p.Header.Get("Cache-Control"); p.Status != http.StatusOK || kept != "no-store" || !strings.HasPrefix(p.Header.Get("Content-Disposition"), `attachment; filename="`) {
			t.Errorf("%s: %d, %v", r.Pattern, p.Status, p.Header)
		}
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\uFEFF"))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", r.Pattern, err)
		}
		for _, cell := range slices.Concat(lines...) {
			if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") || strings.Contains(cell, ";@") {
				t.Errorf("%s holds the formula %q", r.Pattern, cell)
			}
		}
	}
	if exports < 8 {
		t.Errorf("only %d exports", exports)
	}
	archive := lee.Get("/jobs/J-1001/files/download")
	z, err := zip.NewReader(strings.NewReader(archive.Body), int64(len(archive.Body)))
	if err != nil || len(z.File) != 1 || strings.ContainsAny(z.File[0].Name, "/\\\r\n\"<>|") {
		t.Errorf("the archive: %v, %v", err, z)
	}
	if p := lee.Get("/jobs/J-1001/calendar.ics"); p.Status != http.StatusOK || strings.Count(p.Body, "\r\nEND:VEVENT") != 1 || strings.Contains(strings.ReplaceAll(p.Body, "\r\n", ""), "\n") {
		t.Errorf("the calendar: %d %q", p.Status, p.Body)
	}
	for path, b := range map[string]*apptest.Browser{
		"/attachments/" + apptest.SharedFile: lee, "/quotes/Q-1002/pdf": lee, "/office/jobs/J-1001/pdf": ada, "/office/jobs/J-1001/attachments/download": ada,
		"/": lee, "/jobs/J-1001": lee, "/details": lee, "/details/colleagues": lee, "/office": ada, "/office/email": ada, "/office/email/1": ada, "/office/search?q=cmd": ada,
		"/office/messages": ada, "/office/jobs/J-1001/messages": ada, "/office/contacts": ada, "/office/admin/activity": ada,
	} {
		p := b.Get(path)
		if p.Status != http.StatusOK || p.Header.Get("X-Evil") != "" || strings.Contains(p.Body, "<script>alert") {
			t.Errorf("%s: %d, %v", path, p.Status, p.Header)
		}
	}
}
