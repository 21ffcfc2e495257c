package attack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// Nobody writes on what they do not see, nor learns that it is there.
func TestMessagesOnHiddenThings(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update portal_settings set age_limit = 'months', age_limit_months = 1; update jobs set completed_at = now() - interval '70 days', booked_from = null where id = 2`)
	app.Exec(`insert into messages (customer_id, job_id, text, staff_id) values (1, 2, 'AGED words', 1), (1, 1, 'Words to Lee', 1)`)
	app.Exec(`insert into messages (customer_id, quote_id, text, staff_id) values (1, 1, 'DRAFT words', 1)`)
	form := url.Values{"text": {"Let me in"}, "nonce": {"n"}, "customer": {"1"}, "job": {"1"}, "staff_only": {"true"}}
	for who, hidden := range map[string][]string{
		"lee": {"/jobs/J-1002", "/jobs/J-1003", "/quotes/Q-1001", "/quotes/Q-1004"},
		"kim": {"/jobs/J-1001", "/jobs/J-1002", "/quotes/Q-1002"},
		"ola": {"/jobs/J-1001", "/quotes/Q-1002"},
		"sam": {"/jobs/J-1003", "/quotes/Q-1004"},
	} {
		b := app.As(who)
		for _, path := range hidden {
			never := b.Upload(path[:len(path)-4]+"9999/messages", form)
			if p := b.Upload(path+"/messages", form); p.Status != 404 || p.Body != never.Body {
				t.Errorf("%s writes on %s: %d", who, path, p.Status)
			}
		}
		for _, path := range []string{"/", "/jobs", "/quotes"} {
			if p := b.Get(path); strings.Contains(p.Body, "AGED") || strings.Contains(p.Body, "DRAFT") || (who != "lee" && (p.Find(".count--new").Length() != 0 || p.Text(".nav .count") != map[string]string{"ola": "1 waiting"}[who])) { // Ola's own quote waits for her answer
				t.Errorf("%s learns at %s of what is hidden: %q", who, path, p.Text(".nav .count, .count--new"))
			}
		}
	}
	if n := apptest.Value[int](app, `select count(*)::int from messages where contact_id is not null`); n != 0 {
		t.Errorf("%d were written", n)
	}
}

// A staff note, and what hangs on it, is nowhere but in the office: not on a
// page, in a count, an archive, a document, nor in a mail.
func TestStaffNotesStayInTheOffice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, lee := app.As("ben"), app.As("lee")
	file := apptest.File{Field: "files", Name: "SECRETNOTE.txt", Content: []byte("SECRETNOTE")}
	for _, at := range []string{"/office/jobs/J-1001", "/office/quotes/Q-1002"} {
		if p := ben.Upload(at+"/notes", url.Values{"note": {"SECRETNOTE do not extend credit"}}, file); !p.Has("SECRETNOTE do not extend") {
			t.Fatalf("%s: %d", at, p.Status)
		}
		ben.Upload(at+"/messages", url.Values{"text": {"Open words"}}, apptest.File{Field: "files", Name: "open.txt", Content: []byte("Open")})
	}
	for _, path := range []string{"/", "/jobs", "/jobs?q=SECRETNOTE", "/jobs/J-1001", "/quotes", "/quotes/Q-1002", "/details"} {
		p := lee.Get(path)
		if body := strings.ReplaceAll(p.Body, `value="SECRETNOTE"`, ""); p.Status != 200 || strings.Contains(strings.ReplaceAll(body, "q=SECRETNOTE", ""), "SECRETNOTE") {
			t.Errorf("%s tells of it (%d)", path, p.Status)
		}
	}
	for id, want := range map[string]int{"SECRETNOTE.txt": 404, "open.txt": 200} {
		for n := range 2 {
			public := apptest.Value[string](app, `select public_id from attachments where name = $1 order by id limit 1 offset `+fmt.Sprint(n), id)
			if p := lee.Get("/attachments/" + public); p.Status != want {
				t.Errorf("%s: %d", id, p.Status)
			}
			if p := app.As("ola").Get("/attachments/" + public); p.Status != 404 {
				t.Errorf("%s, to another customer: %d", id, p.Status)
			}
			if p := lee.Post("/attachments/"+public+"/removal", nil); p.Status != 404 && p.Status != 403 {
				t.Errorf("%s is taken back: %d", id, p.Status)
			}
		}
	}
	archive := lee.Get("/jobs/J-1001/files/download")
	z, err := zip.NewReader(strings.NewReader(archive.Body), int64(len(archive.Body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(r)
		if bytes.Contains(content, []byte("SECRETNOTE")) || strings.Contains(f.Name, "SECRETNOTE") {
			t.Errorf("%s is in the archive", f.Name)
		}
	}
	// Shared with the rest of the job's files or not, a note's never show.
	app.Exec(`update attachments set customer_view = true`)
	if n := apptest.Value[int](app, `select count(*)::int from attachments a join messages m on m.id = a.message_id where m.staff_only`); n != 2 {
		t.Fatalf("%d files of notes", n)
	}
	public := apptest.Value[string](app, `select public_id from attachments where name = 'SECRETNOTE.txt' limit 1`)
	if p := lee.Get("/attachments/" + public); p.Status != 404 {
		t.Errorf("marked as shared: %d", p.Status)
	}
	// The mails of the open words went out; none is about a note.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, number := range []string{"J-1001", "Q-1002"} {
		if _, err := app.Mail.Wait(ctx, func(m catcher.Message) bool { return strings.Contains(m.Subject, number) }); err != nil {
			t.Errorf("no mail about %s: %v", number, err)
		}
	}
	for _, m := range app.Mail.Messages() {
		if strings.Contains(fmt.Sprint(m), "SECRETNOTE") {
			t.Error("a note was mailed")
		}
	}
	if n := apptest.Value[int](app, `select count(*)::int from emails e join messages m on m.id = (e.payload->>'message')::bigint where m.staff_only`); n != 0 {
		t.Error("a mail about a note was asked for")
	}
}
