package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/mail"
	"fieldgate/internal/mail/mailboxtest"
	"fieldgate/internal/secret"
)

// TestNoAnswerIsLost kills the program at random while answers come to its mailbox
// and are handed over, some both ways: afterwards each is a message once, with what
// came along and who is told, and the mailbox is read.
func TestNoAnswerIsLost(t *testing.T) {
	const answers = 30
	c := newChaos(t)
	box := mailboxtest.Start(t, true)
	const handing = "the mail server's secret of tests"
	c.env = append(slices.Clip(c.env), "FIELDGATE_REPLY_ADDRESS=replies@portal.test", "FIELDGATE_IMAP_URL="+box.URL("tls=none"), "FIELDGATE_INBOUND_SECRET="+handing)
	sealed, err := secret.NewBox("the secret key of the tests is no secret")
	if err != nil {
		t.Fatal(err)
	}
	to, err := mail.ParseReplyAddress("replies@portal.test", sealed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.pool.Exec(t.Context(), `insert into jobs (customer_id, job_type_id, name, description, status, main_contact_id, origin) values (1, 1, 'Tap', 'It drips', 'unscheduled', 1, 'office')`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	c.start()
	done := make(chan struct{})
	go func() { defer close(done); c.killer(nil) }()
	for n := range answers {
		raw := fmt.Sprintf("From: lee@harbour.test\r\nTo: %s\r\nMessage-ID: <answer-%d@harbour.test>\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nAnswer %d.\r\n--B\r\nContent-Type: text/plain; name=meter-%d.txt\r\nContent-Disposition: attachment; filename=meter-%d.txt\r\n\r\nmeter %d\r\n--B--\r\n", to.For(1, mail.Record{Job: 1}), n, n, n, n, n)
		if n%3 != 0 {
			box.Put([]byte(raw))
		}
		for n%3 != 1 && ctx.Err() == nil && !c.handOver(ctx, handing, raw) {
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(50 * time.Millisecond)
	}
	<-done
	for _, unseen := box.Count("INBOX"); unseen > 0; _, unseen = box.Count("INBOX") {
		select {
		case <-ctx.Done():
			t.Fatalf("%d emails were never taken", unseen)
		case <-time.After(50 * time.Millisecond):
		}
	}
	for n := range answers {
		got := c.texts(ctx, `
			select count(*) || ' ' || (select count(*) from attachments where name = 'meter-' || $1::int || '.txt') || ' ' || (select count(*) from inbound_emails where text = 'Answer ' || $1::int || '.' and state = 'message')
			from messages where text = 'Answer ' || $1::int || '.'`, n)
		if !slices.Equal(got, []string{"1 1 1"}) {
			t.Errorf("answer %d: messages, files and emails are %q", n, got)
		}
	}
	if got := c.texts(ctx, `select count(*) || ' ' || (select count(*) from inbound_emails) || ' ' || (select count(*) from audit_entries where thing = 'message' and action = 'wrote') from messages`); !slices.Equal(got, []string{fmt.Sprintf("%d %d %d", answers, answers, answers)}) {
		t.Errorf("messages, emails and entries of the trail: %q", got)
	}
	t.Logf("%d answers, %d kills", answers, c.killed.Load())
	c.bytesAndRows()
}

// handOver reports whether the program has said that it keeps the email.
func (c *chaos) handOver(ctx context.Context, secret, raw string) bool {
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/mail/inbound", strings.NewReader(raw))
	if err != nil {
		c.t.Error(err)
		return true
	}
	q.Header.Set("Authorization", "Bearer "+secret)
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}
