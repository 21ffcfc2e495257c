package mail_test

import (
	"errors"
	"strings"
	"testing"

	"fieldgate/internal/mail"
	"fieldgate/internal/mail/catcher"
)

// Domains in any script reach servers that know ASCII only, spelt as the name
// system spells them, in the envelope and in the header.
func TestDomainsInAnyScript(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ address, ascii string }{
		{"zoe@bücher.example", "zoe@xn--bcher-kva.example"},
		{"zoe@Bücher.Example", "zoe@xn--bcher-kva.example"},
		{"zoe@faß.example", "zoe@xn--fa-hia.example"},
		{"zoe@例え.テスト", "zoe@xn--r8jz45g.xn--zckzah"},
		{"zoe@مثال.إختبار", "zoe@xn--mgbh0fb.xn--kgbechtv"},
		{"zoe@harbour.example", "zoe@harbour.example"},
		{"jürgen@bücher.example", ""},
		{"jürgen@harbour.example", ""},
	} {
		for _, ascii := range []bool{true, false} {
			c, err := catcher.StartWith("127.0.0.1:0", catcher.Options{ASCII: ascii})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			s, err := mail.Parse(c.URL(), "Northwind Air <portal@kälte.example>")
			if err != nil {
				t.Fatal(err)
			}
			m := message()
			m.To.Address, m.ReplyTo.Address = tt.address, "büro@kälte.example"
			err = mail.New(s).Deliver(t.Context(), send(m))
			if ascii && tt.ascii == "" {
				if f, ok := errors.AsType[*mail.Failure](err); !ok || !f.Permanent || f.Stage != mail.Recipient || !strings.Contains(f.Words, "SMTPUTF8") {
					t.Errorf("%s: %v, want a refusal for good that says why", tt.address, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s, ASCII only %v: %v", tt.address, ascii, err)
				continue
			}
			want, from, reply := tt.address, "portal@kälte.example", 1
			if ascii {
				want, from, reply = tt.ascii, "portal@xn--klte-loa.example", 0
			}
			got := c.Messages()[0]
			if got.Recipients[0] != want || got.To[0].Address != want || got.Sender != from || got.From.Address != from || len(got.ReplyTo) != reply {
				t.Errorf("%s, ASCII only %v: to %s and %s from %s and %s, replies to %v", tt.address, ascii, got.Recipients[0], got.To[0].Address, got.Sender, got.From.Address, got.ReplyTo)
			}
			if !strings.HasSuffix(got.MessageID, "@xn--klte-loa.example") {
				t.Errorf("Message-ID %s", got.MessageID)
			}
		}
	}
}

// Later mails name the earlier ones, so that programs show them together.
func TestReferences(t *testing.T) {
	t.Parallel()
	c, m := start(t, catcher.Options{})
	one := message()
	one.References = []string{"first", "second"}
	if err := m.Deliver(t.Context(), send(one)); err != nil {
		t.Fatal(err)
	}
	got := c.Messages()[0]
	if refs := strings.Join(strings.Fields(got.Get("References")), " "); refs != "<first@northwind.example> <second@northwind.example>" || got.Get("In-Reply-To") != "<second@northwind.example>" {
		t.Errorf("References %q, In-Reply-To %q", refs, got.Get("In-Reply-To"))
	}
	if err := m.Deliver(t.Context(), send(message())); err != nil {
		t.Fatal(err)
	}
	if got := c.Messages()[0]; got.Get("References")+got.Get("In-Reply-To") != "" {
		t.Error("a first mail refers to others")
	}
}
