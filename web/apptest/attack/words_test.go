package attack_test

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

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
		if p := ada.Post("/office/quotes/Q-1002/job", url.Values{"type": {"1"}, "agreed": {"without"}, "why": {"Urgent"}, "nonce": {nonce}}); p.Status >= http.StatusInternalServerError {
			t.Errorf("a job from a quote with %.12q: %d", nonce, p.Status)
		}
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

	// Lee opens a job by the link of an email.
	ben.Upload("/office/jobs/J-1001/messages", url.Values{"text": {"We come at nine."}, "nonce": {"n"}})
	mailed("lee@demo.test", `/r/([\w-]{43})`)
	reader := app.Nobody()
	if p := reader.Submit(reader.Get("/r/"+secrets[`/r/([\w-]{43}) to lee@demo.test`]), "form[action='/r']", nil); p.URL.Path != "/jobs/J-1001" {
		t.Fatalf("the link leads to %s", p.URL)
	}
	_, secrets["the cookie of a link"], _ = strings.Cut(reader.Cookie("/"), "=")

	// Somebody signs in, changes the address, and is previewed.
	lee.SignIn("/login", "lee@demo.test", apptest.Password)
	for cookie := range strings.SplitSeq(lee.Cookie("/"), "; ") {
		name, value, _ := strings.Cut(cookie, "=")
		secrets["Lee's cookie "+name] = value
	}
	lee.Submit(lee.Get("/details/sign-in-address"), "main form", url.Values{"email": {"lee.new@demo.test"}, "current": {apptest.Password}})
	mailed("lee.new@demo.test", `/new-address/([\w-]+)`)
	_, secrets["the preview's cookie"], _ = strings.Cut(preview(t, app, "2").Cookie("/jobs"), "=")
	if len(secrets) != 14 {
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
		`update attachments set name = '../../' || $1 || E'\r\nX-Evil: 1\r\n.txt', caption = $1`, `update attachments set document_kind_id = 1, at_site_id = 1, caption = $1 where kind = 'document' and customer_id = 1`, `update document_kinds set name = $1 || id`, `insert into messages (customer_id, job_id, text, contact_id) values (1, 1, $1, 1)`,
		`update file_imports set name = left($1, 200)`, `update file_import_items set path = $1, reason = $1, caption = $1`,
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
		who := ada
		if !strings.HasPrefix(r.Pattern, "/office") {
			who = lee
		}
		p := who.Get(apptest.Path(t, r.Pattern))
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
