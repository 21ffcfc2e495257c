package mail_test

import (
	"regexp"
	"strings"
	"testing"

	"fieldgate/internal/mail"
	"fieldgate/internal/secret"
)

const present, before = "the secret key of this test is none", "the key that was used before this one"

func replies(t *testing.T, address string, keys ...string) mail.ReplyAddress {
	t.Helper()
	box, err := secret.NewBox(keys[0], keys[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	a, err := mail.ParseReplyAddress(address, box)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Addresses for answers are short, survive servers that change their case, and
// open for whom they were made and nobody else.
func TestReplyAddress(t *testing.T) {
	t.Parallel()
	plain := regexp.MustCompile(`^(replies\+)?[a-z2-7]+$`)
	for _, form := range []string{"replies@portal.example", "@reply.portal.example"} {
		a := replies(t, form, present)
		for _, tt := range []struct {
			contact int64
			on      mail.Record
		}{{1, mail.Record{Job: 1}}, {1, mail.Record{Quote: 1}}, {127, mail.Record{Job: 128}}, {1 << 30, mail.Record{Quote: 1 << 40}}} {
			address := a.For(tt.contact, tt.on)
			local, _, _ := strings.Cut(address, "@")
			if !plain.MatchString(local) || len(local) > 64 {
				t.Errorf("%q is no local part that every server takes", local)
			}
			for _, as := range []string{address, strings.ToUpper(address), " " + address + " "} {
				if contact, on, ours, good := a.Open(as); contact != tt.contact || on != tt.on || !ours || !good {
					t.Errorf("%s: %d, %+v, %v, %v", as, contact, on, ours, good)
				}
			}
			at := strings.IndexByte(address, '@')
			for i := strings.IndexByte(address, '+') + 1; i < at; i++ {
				for _, c := range "ab" {
					if forged := address[:i] + string(c) + address[i+1:]; forged != address {
						if _, _, _, good := a.Open(forged); good {
							t.Errorf("%s opens though its letter %d was changed", forged, i)
						}
					}
				}
			}
			if _, _, _, good := replies(t, form, before).Open(address); good {
				t.Error("another key opens it")
			}
			if _, _, _, good := replies(t, form, before, present).Open(address); !good {
				t.Error("an earlier key does not open it")
			}
		}
		for _, none := range []string{"", "@", "a@b.example", "replies@portal.example", "replies+@portal.example", "replies+zzz@portal.example", "@reply.portal.example"} {
			if _, _, _, good := a.Open(none); good {
				t.Errorf("%q opens", none)
			}
		}
		if a.For(0, mail.Record{Job: 1}) != "" || a.For(1, mail.Record{}) != "" || a.For(1, mail.Record{Job: 1, Quote: 1}) != "" {
			t.Error("an address of nobody or nothing")
		}
	}
	for _, wrong := range []string{"", "replies", "a b@c.example", "replies+x@c.example", "a-very-long-word-before-the-sign@c.example", "@"} {
		if _, err := mail.ParseReplyAddress(wrong, nil); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestSameAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		one, other string
		same       bool
	}{
		{"lee@example.com", "LEE@Example.COM ", true},
		{"lee@bücher.example", "lee@xn--bcher-kva.example", true},
		{"lee@example.com", "kim@example.com", false},
		{"lee@example.com", "lee@example.com.evil.test", false},
		{"", "", false},
		{"@example.com", "@example.com", false},
	} {
		if got := mail.Same(tt.one, tt.other); got != tt.same {
			t.Errorf("%q and %q: %v", tt.one, tt.other, got)
		}
	}
}

func TestMailboxes(t *testing.T) {
	t.Parallel()
	m, err := mail.ParseMailbox("imaps://replies%40example.com:p%40ss@imap.example.com/Answers?processed=Done")
	if err != nil || m.User != "replies@example.com" || m.Password != "p@ss" || m.Port != 993 || m.Folder != "Answers" || m.Processed != "Done" || m.Encryption != mail.Implicit {
		t.Errorf("%+v, %v", m, err)
	}
	for _, wrong := range []string{
		"imap.example.com", "pop://a:b@host", "imaps://host", "imaps://user@host", "imaps://a:b@host:0", "imaps://a:b@host?x=1", "imaps://a:b@host?auth=xoauth2", "imap://a@localhost?auth=xoauth2", "imaps://a:b@host?tls=none", "imaps://a:b@host/X?processed=X",
	} {
		if _, err := mail.ParseMailbox(wrong); err == nil || strings.Contains(err.Error(), "a:b") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
