package attack_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-smtp"

	"fieldgate/internal/config"
	"fieldgate/internal/mail"
	"fieldgate/internal/mail/mailboxtest"
	"fieldgate/internal/secret"
	"fieldgate/web/apptest"
)

// replyTo is an address as our emails carry it.
func replyTo(t testing.TB, contact int64, r mail.Record) string {
	t.Helper()
	box, err := secret.NewBox("the secret key of the tests is no secret")
	if err != nil {
		t.Fatal(err)
	}
	a, err := mail.ParseReplyAddress("replies@portal.test", box)
	if err != nil {
		t.Fatal(err)
	}
	return a.For(contact, r)
}

// letters numbers emails, so that each is another one.
var letters struct {
	sync.Mutex
	n int
}

func letter(from, to, text string, extra ...string) string {
	letters.Lock()
	defer letters.Unlock()
	letters.n++
	return fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Re: your email\r\nMessage-ID: <letter-%d@mail.test>\r\nDate: Mon, 2 Nov 2026 09:12:00 +1100\r\n%sContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n", from, to, letters.n, strings.Join(extra, ""), text)
}

// handOver is the mail server of the operator.
func handOver(t testing.TB, app *apptest.App, secret, raw string) int {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, app.URL+"/mail/inbound", strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if secret != "" {
		q.Header.Set("Authorization", "Bearer "+secret)
	}
	q.Header.Set("Content-Type", "message/rfc822")
	got, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, got.Body)
	_ = got.Body.Close()
	return got.StatusCode
}

var job1 = mail.Record{Job: 1}

// TestWhoseAnswers: only a contact's own address with an address that we made for
// them becomes a message, on that record, as long as they see it. All else waits or
// is ignored, and no customer sees it.
func TestWhoseAnswers(t *testing.T) {
	t.Parallel()
	app := apptest.NewAnswered(t, nil)
	app.Exec(`update portal_settings set message_notifications = '{desk@northwind.test}'`)
	lees := replyTo(t, 1, job1)
	for i, tt := range []struct {
		rule, from, to, change, extra string
		state                         string
	}{
		{rule: "Lee, by his own address", from: "Lee <lee@demo.test>", to: lees, state: "message"},
		{rule: "in capitals, as some servers make it", from: "LEE@Demo.Test", to: strings.ToUpper(lees), state: "message"},
		{rule: "about a quote", from: "lee@demo.test", to: replyTo(t, 1, mail.Record{Quote: 2}), state: "message"},
		{rule: "a stranger who has got hold of the address", from: "eve@evil.test", to: lees, state: "waiting"},
		{rule: "a colleague, to whom it was forwarded", from: "kim@demo.test", to: lees, state: "waiting"},
		{rule: "Lee beside somebody else", from: "lee@demo.test, eve@evil.test", to: lees, state: "waiting"},
		{rule: "Lee as a name only", from: `"lee@demo.test" <eve@evil.test>`, to: lees, state: "waiting"},
		{rule: "a token with one letter changed", from: "lee@demo.test", to: strings.Replace(lees, "+a", "+b", 1), state: "waiting"},
		{rule: "a token made up", from: "lee@demo.test", to: "replies+aeaqcaabcdefghijklmnopqrstuvwxyz2345@portal.test", state: "waiting"},
		{rule: "a token of the other domain", from: "lee@demo.test", to: strings.Replace(lees, "portal.test", "evil.test", 1), state: "waiting"},
		{rule: "none", from: "lee@demo.test", to: "office@northwind.test", state: "waiting"},
		{rule: "two records at once", from: "lee@demo.test", to: lees + ", " + replyTo(t, 1, mail.Record{Job: 2}), state: "waiting"},
		{rule: "another customer's job, with a token that we would not have made", from: "lee@demo.test", to: replyTo(t, 1, mail.Record{Job: 3}), state: "waiting"},
		{rule: "a job that Kim does not see", from: "kim@demo.test", to: replyTo(t, 2, job1), state: "waiting"},
		{rule: "Max, suspended", from: "max@demo.test", to: replyTo(t, 3, job1), state: "waiting"},
		{rule: "an automatic answer", from: "lee@demo.test", to: lees, extra: "Auto-Submitted: auto-replied\r\n", state: "ignored"},
		{rule: "our own, going in circles", from: "portal@northwind.test", to: lees, state: "ignored"},
		{rule: "from an address for answers", from: lees, to: lees, state: "ignored"},
		{rule: "of a job that has become too old", from: "lee@demo.test", to: replyTo(t, 1, mail.Record{Job: 2}), change: `update portal_settings set age_limit = 'since', age_limit_since = business_day() - 3`, state: "waiting"},
		{rule: "after sixty in an hour", from: "lee@demo.test", to: lees, change: `insert into messages (customer_id, job_id, text, contact_id) select 1, 1, 'Hello', 1 from generate_series(1, 60)`, state: "waiting"},
		{rule: "without access, and no email with a link went out", from: "nia@harbour.test", to: replyTo(t, 90, job1), change: `insert into contacts (id, customer_id, name, email, access) overriding system value values (90, 1, 'Nia', 'nia@harbour.test', 'none'); update jobs set main_contact_id = 90 where id = 1`, state: "waiting"},
		{rule: "without access, answering such an email", from: "nia@harbour.test", to: replyTo(t, 90, job1), change: `insert into record_links (token_hash, customer_id, contact_id, job_id, address, expires_at) values ('x', 1, 90, 1, 'nia@harbour.test', now() + interval '14 days')`, state: "message"},
		{rule: "about another job", from: "nia@harbour.test", to: replyTo(t, 90, mail.Record{Job: 2}), state: "waiting"},
		{rule: "when staff have ended the link", from: "nia@harbour.test", to: replyTo(t, 90, job1), change: `update record_links set ended_at = now(), ended_why = 'office' where contact_id = 90; update jobs set main_contact_id = 1 where id = 1`, state: "waiting"},
		{rule: "Ivo, who comes by his company alone, while links are switched off", from: "ivo@harbour.test", to: replyTo(t, 91, job1), change: `insert into contacts (id, customer_id, name, email, access, jobs_see) overriding system value values (91, 1, 'Ivo', 'ivo@harbour.test', 'active', 'all'); update portal_settings set record_links = false`, state: "message"},
		{rule: "when Ivo's access is suspended", from: "ivo@harbour.test", to: replyTo(t, 91, job1), change: `update contacts set access = 'suspended' where id = 91; update portal_settings set record_links = true`, state: "waiting"},
		{rule: "Lee's address is another one now", from: "lee@demo.test", to: lees, change: `update messages set at = at - interval '2 hours'; update contacts set email = 'lee@elsewhere.test' where id = 1`, state: "waiting"},
		{rule: "and is the new one", from: "lee@elsewhere.test", to: lees, state: "message"},
		{rule: "the customer is archived", from: "lee@elsewhere.test", to: lees, change: `update customers set archived_at = now() where id = 1`, state: "waiting"},
	} {
		if tt.change != "" {
			for sql := range strings.SplitSeq(tt.change, ";") {
				app.Exec(sql)
			}
		}
		words := fmt.Sprintf("Words number %d.", i)
		raw := letter(tt.from, tt.to, words, tt.extra)
		for range 2 { // what is sent twice is taken once
			if status := handOver(t, app, apptest.InboundSecret, raw); status != http.StatusOK {
				t.Fatalf("%s: %d", tt.rule, status)
			}
		}
		state, reason := apptest.Value[string](app, `select coalesce(string_agg(state, ' '), '') from inbound_emails where text = $1`, words), apptest.Value[string](app, `select coalesce(max(reason), '') from inbound_emails where text = $1`, words)
		if state != tt.state {
			t.Errorf("%s: %s (%s), want %s", tt.rule, state, reason, tt.state)
		}
		messages := apptest.Value[int](app, `select count(*)::int from messages where text = $1 and by_email and contact_id is not null`, words)
		if want := map[bool]int{true: 1}[tt.state == "message"]; messages != want {
			t.Errorf("%s: %d messages, want %d", tt.rule, messages, want)
		}
		if told := apptest.Value[int](app, `select count(*)::int from emails e join messages m on m.id = (e.payload->>'message')::bigint where m.text = $1 and e.kind = 'message-to-office'`, words); (told > 0) != (tt.state == "message") {
			t.Errorf("%s: the office got %d emails", tt.rule, told)
		}
	}
}

// TestHandingOver: nobody hands mail over without the secret, and not without end.
func TestHandingOver(t *testing.T) {
	t.Parallel()
	app := apptest.NewAnswered(t, nil)
	raw := letter("lee@demo.test", replyTo(t, 1, job1), "Hello")
	for _, tt := range []struct {
		rule, secret, raw string
		status            int
	}{
		{"no secret", "", raw, http.StatusUnauthorized},
		{"a wrong one", "the mail server's secret of testz", raw, http.StatusUnauthorized},
		{"nothing", apptest.InboundSecret, "", http.StatusBadRequest},
		{"more than may come", apptest.InboundSecret, strings.Repeat("x", 37<<20), http.StatusRequestEntityTooLarge},
		{"an email", apptest.InboundSecret, raw, http.StatusOK},
		{"what is no email waits", apptest.InboundSecret, "\x00\xff", http.StatusOK},
	} {
		if status := handOver(t, app, tt.secret, tt.raw); status != tt.status {
			t.Errorf("%s: %d, want %d", tt.rule, status, tt.status)
		}
	}
	if n := apptest.Value[int](app, `select count(*)::int from inbound_emails where id > 1`); n != 2 {
		t.Errorf("%d emails", n)
	}
	if status := handOver(t, apptest.New(t), apptest.InboundSecret, raw); status != http.StatusNotFound {
		t.Errorf("where none are taken: %d", status)
	}
}

// TestAnswersByLMTP: what the operator's mail server hands over is what the webhook
// takes, once, and nothing is taken for an address that is not one of ours.
func TestAnswersByLMTP(t *testing.T) {
	t.Parallel()
	app := apptest.NewAnswered(t, nil)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", app.LMTP())
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClientLMTP(conn)
	defer c.Close()
	lees := replyTo(t, 1, job1)
	raw := letter("lee@demo.test", lees, "It still drips.")
	for range 2 {
		if err := c.SendMail("bounces@demo.test", []string{lees}, strings.NewReader(raw)); err != nil {
			t.Fatal(err)
		}
	}
	handOver(t, app, apptest.InboundSecret, raw)
	if err := c.SendMail("eve@evil.test", []string{lees}, strings.NewReader(letter("eve@evil.test", lees, "Cancel all of it."))); err != nil {
		t.Fatal(err)
	}
	if err := c.SendMail("eve@evil.test", []string{"office@northwind.test"}, strings.NewReader(letter("eve@evil.test", "office@northwind.test", "Buy our pills."))); err == nil {
		t.Error("taken for an address that is not ours")
	}
	got := apptest.Value[string](app, `select string_agg(state || ' ' || came_by, ', ' order by id) || ', ' || (select count(*) from messages where by_email) from inbound_emails where id > 1`)
	if want := "message lmtp, waiting lmtp, 1"; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
}

// TestAnswersByIMAP: two programs read one mailbox, with IDLE and without; each
// email is taken once, and marked only then.
func TestAnswersByIMAP(t *testing.T) {
	t.Parallel()
	for _, idle := range []bool{true, false} {
		t.Run(fmt.Sprintf("idle %v", idle), func(t *testing.T) {
			t.Parallel()
			box := mailboxtest.Start(t, idle)
			query := "tls=none"
			if idle {
				query += "&processed=Processed"
			}
			box.Put([]byte(letter("lee@demo.test", replyTo(t, 1, job1), "Was there before.")))
			box.Put([]byte(letter("lee@demo.test", replyTo(t, 1, job1), "Read years ago.")), imap.FlagSeen)
			settings := func(c *config.Config) { c.IMAPURL = box.URL(query) }
			app := apptest.NewAnswered(t, settings)
			apptest.AnsweredOn(t, app, settings)
			until(t, app, `select count(*) = 1 from messages where by_email`)
			same := []byte(letter("lee@demo.test", replyTo(t, 1, job1), "Comes twice."))
			box.Put(same)
			box.Put(same)
			for i := range 8 {
				box.Put([]byte(letter("lee@demo.test", replyTo(t, 1, job1), fmt.Sprintf("Number %d", i))))
			}
			box.Put([]byte(letter("lee@demo.test", replyTo(t, 1, job1), "Somebody opened it first.")), imap.FlagSeen)
			until(t, app, `select count(*) = 11 from messages where by_email`)
			until(t, app, `select looked_at is not null and failing_since is null from mailbox`)
			wait(t, "emails are left in the mailbox, or unseen", func() bool {
				all, unseen := box.Count("INBOX")
				return unseen == 0 && (!idle || all == 1)
			})
			if n := apptest.Value[int](app, `select count(*)::int from inbound_emails where id > 1`); n != 11 {
				t.Errorf("%d emails", n)
			}
		})
	}
}

func until(t *testing.T, app *apptest.App, condition string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !apptest.Value[bool](app, condition) {
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s; %s", condition, apptest.Value[string](app, `select coalesce(string_agg(state || ' ' || reason || ' ' || text, '; '), 'nothing') || words from inbound_emails, mailbox group by words`))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestConfirming: what waits is kept on a record by staff, ignored or blocked, once.
func TestConfirming(t *testing.T) {
	t.Parallel()
	app := apptest.NewAnswered(t, nil)
	ada, lee := app.As("ada"), app.As("lee")
	boundary := "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSECRET words of somebody\r\n--B\r\nContent-Type: text/plain; name=plan.txt\r\nContent-Disposition: attachment; filename=plan.txt\r\n\r\nthe plan\r\n--B\r\nContent-Type: application/octet-stream; name=run.exe\r\nContent-Disposition: attachment; filename=run.exe\r\n\r\nMZ\r\n--B--\r\n"
	raw := "From: Pat <pat@other.test>\r\nTo: office@northwind.test\r\nSubject: About the job\r\nMessage-ID: <pat@other.test>\r\n" + boundary
	handOver(t, app, apptest.InboundSecret, raw)
	id := apptest.Value[int64](app, `select max(id) from inbound_emails`)
	at := fmt.Sprintf("/office/messages/unconfirmed/%d", id)
	if p := ada.Get("/office/messages/unconfirmed"); !strings.Contains(p.Text("main"), "About the job") || !strings.Contains(p.Text("main"), "Pat") {
		t.Errorf("the list does not show it: %.500s", p.Text("main"))
	}
	if p := ada.Get("/office"); !strings.Contains(p.Text("main"), "About the job") {
		t.Error("the home's queue does not show it")
	}
	if p := ada.Get(at); !strings.Contains(p.Text("main"), "SECRET words") || !strings.Contains(p.Text("main"), "plan.txt") || !strings.Contains(p.Text("main"), "Not taken") {
		t.Errorf("the page does not show it: %.800s", p.Text("main"))
	}
	if p := lee.Get("/jobs/J-1001"); strings.Contains(p.Body, "SECRET") {
		t.Error("a customer sees what waits")
	}
	if p := ada.Get(at + "?number=J-9999"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a number that is not there: %d", p.Status)
	}
	if p := ada.Get(at + "?number=j-1001"); !strings.Contains(p.Text("main"), "Lee Nakamura") {
		t.Errorf("the contacts of its customer are not offered: %.800s", p.Text("main"))
	}
	for rule, form := range map[string]url.Values{
		"nobody's":                     {"number": {"J-1001"}, "as": {"message"}},
		"of another customer's person": {"number": {"J-1001"}, "as": {"message"}, "contact": {"4"}},
		"on nothing":                   {"number": {"J-9999"}, "as": {"note"}},
	} {
		if p := ada.Post(at+"/record", form); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", rule, p.Status)
		}
	}
	for range 2 {
		ada.Post(at+"/record", url.Values{"number": {"J-1001"}, "as": {"message"}, "contact": {"1"}})
	}
	if n := apptest.Value[string](app, `select count(*) || ' ' || max(contact_id) || ' ' || bool_and(by_email) from messages`); n != "1 1 true" {
		t.Errorf("messages: %s", n)
	}
	if n := apptest.Value[string](app, `select string_agg(name || ' ' || customer_view, ', ') from attachments where message_id is not null`); n != "plan.txt true" {
		t.Errorf("files: %s", n)
	}
	if p := lee.Get("/jobs/J-1001"); !strings.Contains(p.Text("main"), "SECRET words of somebody") || !strings.Contains(p.Text("main"), "by email") {
		t.Error("the customer does not see what staff kept")
	}
	if p := ada.Get("/office/jobs/J-1001/messages"); !strings.Contains(p.Text("main"), "by email") || !strings.Contains(p.Text("main"), "run.exe") {
		t.Error("staff do not read which file was not taken")
	}
	if p := ada.Post(at+"/ignoring", nil); p.Status != http.StatusConflict {
		t.Errorf("ignored after it was kept: %d", p.Status)
	}
	// A sender who is blocked: what waits of them and what comes is ignored.
	for i := range 3 {
		handOver(t, app, apptest.InboundSecret, letter("Spam <spam@evil.test>", "office@northwind.test", fmt.Sprintf("Buy %d", i)))
		if i == 1 {
			ada.Post(fmt.Sprintf("/office/messages/unconfirmed/%d/blocking", apptest.Value[int64](app, `select max(id) from inbound_emails`)), nil)
		}
	}
	if n := apptest.Value[int](app, `select count(*)::int from inbound_emails where state = 'ignored' and id > 1`); n != 3 {
		t.Errorf("%d ignored", n)
	}
	last := apptest.Value[int64](app, `select max(id) from inbound_emails`)
	ada.Post(fmt.Sprintf("/office/messages/unconfirmed/%d/unblocking", last), nil)
	ada.Post(fmt.Sprintf("/office/messages/unconfirmed/%d/reopening", last), nil)
	ada.Post(fmt.Sprintf("/office/messages/unconfirmed/%d/record", last), url.Values{"number": {"Q-1001"}, "as": {"note"}})
	if n := apptest.Value[string](app, `select state from inbound_emails where id = $1`, last); n != "note" {
		t.Errorf("kept as a note: %s", n)
	}
	if p := lee.Get("/quotes/Q-1001"); strings.Contains(p.Body, "Buy 2") {
		t.Error("a customer sees a staff note")
	}
	if n := apptest.Value[string](app, `select string_agg(action, ', ' order by id) from audit_entries where thing = 'email'`); n != "kept, sender blocked, sender unblocked, reopened, kept" {
		t.Errorf("the trail says: %s", n)
	}
}

// TestTrustedServer: where the receiving server is named, its word on the sender is asked.
func TestTrustedServer(t *testing.T) {
	t.Parallel()
	app := apptest.NewAnswered(t, func(c *config.Config) { c.MailTrusted = []string{"mx.portal.test"} })
	for words, tt := range map[string]struct{ head, state string }{
		"Confirmed.":   {"Authentication-Results: mx.portal.test; dmarc=pass header.from=demo.test\r\n", "message"},
		"Unconfirmed.": {"", "waiting"},
		"Failed.":      {"Authentication-Results: mx.portal.test; dmarc=fail header.from=demo.test\r\n", "waiting"},
		"Brought.":     {"Authentication-Results: mx.evil.test; dmarc=pass header.from=demo.test\r\n", "waiting"},
	} {
		handOver(t, app, apptest.InboundSecret, tt.head+letter("lee@demo.test", replyTo(t, 1, job1), words))
		if state := apptest.Value[string](app, `select state from inbound_emails where text = $1`, words); state != tt.state {
			t.Errorf("%s: %s", words, state)
		}
	}
}

// TestAnsweringForReal: an email goes out by SMTP, its reader answers it, and the
// answer is on the job; one that bounces is told as not delivered.
func TestAnsweringForReal(t *testing.T) {
	t.Parallel()
	app := apptest.NewAnswered(t, nil)
	ada := app.As("ada")
	ada.Post("/office/jobs/J-1001/messages", url.Values{"text": {"Which entrance?"}, "nonce": {"n1"}})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m, err := app.Mail.WaitTo(ctx, "lee@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	if len(m.ReplyTo) != 1 || m.ReplyTo[0].Address != replyTo(t, 1, job1) || !strings.Contains(m.Text, "Just reply to this email") {
		t.Errorf("answers go to %v: %s", m.ReplyTo, m.Text)
	}
	handOver(t, app, apptest.InboundSecret, letter("lee@demo.test", m.ReplyTo[0].Address, "The back one.\r\n\r\nOn Monday Northwind Air <portal@northwind.test> wrote:\r\n> Which entrance?", "In-Reply-To: <"+m.MessageID+">\r\n"))
	if p := ada.Get("/office/jobs/J-1001/messages"); !strings.Contains(p.Text("main"), "The back one.") || !strings.Contains(p.Text("main"), "Show what was quoted") {
		t.Errorf("the answer is not there: %.1000s", p.Text("main"))
	}
	report := "From: MAILER-DAEMON@mx.test\r\nTo: portal@northwind.test\r\nSubject: Undelivered\r\nMessage-ID: <dsn@mx.test>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=R\r\n\r\n--R\r\nContent-Type: text/plain\r\n\r\nSorry\r\n--R\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; lee@demo.test\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n\r\n--R\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + m.MessageID + ">\r\n\r\n--R--\r\n"
	until(t, app, `select count(*) > 0 from emails where state = 'sent' and kind = 'message'`)
	handOver(t, app, apptest.InboundSecret, report)
	if got := apptest.Value[string](app, `select state || ' ' || server_words || ' ' || (bounced_at is not null) from emails where kind = 'message' order by id limit 1`); got != "failed 550 5.1.1 No such user true" {
		t.Errorf("the email is %s", got)
	}
	if p := ada.Get("/office"); !strings.Contains(p.Text("main"), "No such user") {
		t.Error("the home does not tell of it")
	}
}
