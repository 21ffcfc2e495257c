package mail_test

import (
	"strings"
	"testing"

	"fieldgate/internal/mail"
	"fieldgate/internal/mail/catcher"
	"fieldgate/internal/mail/mailboxtest"
)

// TestMailboxByToken: Microsoft and Google let nobody in by password. A token that
// has ended before its time is replaced, one that never was good is explained.
func TestMailboxByToken(t *testing.T) {
	t.Parallel()
	p := catcher.StartProvider(3600)
	t.Cleanup(p.Close)
	box := mailboxtest.StartByToken(t, p.Good)
	m, err := mail.ParseMailbox(box.URL("auth=xoauth2"))
	if err != nil {
		t.Fatal(err)
	}
	m.Roots, m.OAuth = box.Roots(), p.OAuth()
	o := mail.NewOpener(m)
	for _, end := range []func(){func() {}, func() {}, p.End} {
		end()
		if err := o.Try(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := len(p.Asked()); n != 2 {
		t.Errorf("asked for %d tokens, want one, and another when it had ended", n)
	}
	m.User = "somebody-else"
	o = mail.NewOpener(m)
	err = o.Try(t.Context())
	if told := o.ExplainMailbox(err); err == nil || !strings.Contains(told.What, "refuses the sign-in token") {
		t.Errorf("%v: %q", err, told.What)
	}
	m.Token, m.Password = false, "a password"
	if err := mail.NewOpener(m).Try(t.Context()); err == nil {
		t.Error("let in by a password")
	}
	p.Answer(500, nil)
	o = mail.NewOpener(mail.Mailbox{Host: m.Host, Port: m.Port, Encryption: m.Encryption, User: "replies", Token: true, OAuth: m.OAuth, Folder: m.Folder, Roots: m.Roots})
	err = o.Try(t.Context())
	if told := o.ExplainMailbox(err); err == nil || told.What == "" || told.Advice == "" {
		t.Errorf("%v: %+v", err, told)
	}
}
