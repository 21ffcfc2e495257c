package lmtp_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"fieldgate/internal/inbound"
	"fieldgate/internal/inbound/lmtp"
)

// took is what the server was given, and what it answers.
type took struct {
	sync.Mutex
	raw  []string
	to   [][]string
	fail error
}

func (k *took) take(_ context.Context, raw []byte, from inbound.Source) error {
	k.Lock()
	defer k.Unlock()
	k.raw, k.to = append(k.raw, string(raw)), append(k.to, from.To)
	return k.fail
}

// serve starts a server that takes emails for portal.test, and returns what
// connects to it.
func serve(t *testing.T, k *took) func() *smtp.Client {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s := lmtp.Server{Take: k.take, Log: slog.New(slog.DiscardHandler), Ours: func(address string) bool { return strings.HasSuffix(address, "@portal.test") }}
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return func() *smtp.Client {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c := smtp.NewClientLMTP(conn)
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
}

// send hands an email over, and returns the code for each recipient.
func send(t *testing.T, c *smtp.Client, raw string, to ...string) (codes []int) {
	t.Helper()
	if err := c.Mail("somebody@else.test", nil); err != nil {
		t.Fatal(err)
	}
	var accepted int
	for _, address := range to {
		err := c.Rcpt(address, nil)
		if code := codeOf(err); code != 250 {
			codes = append(codes, code)
		} else {
			accepted++
		}
	}
	if accepted == 0 {
		return codes
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(raw))
	_, err = w.CloseWithLMTPResponse()
	refused, _ := errors.AsType[smtp.LMTPDataError](err)
	if err != nil && refused == nil {
		t.Fatal(err)
	}
	for _, address := range to[len(to)-accepted:] {
		if refused[address] != nil {
			codes = append(codes, refused[address].Code)
		} else {
			codes = append(codes, 250)
		}
	}
	return codes
}

func codeOf(err error) int {
	if err == nil {
		return 250
	}
	said, _ := errors.AsType[*smtp.SMTPError](err)
	if said == nil {
		return 0
	}
	return said.Code
}

// TestTaken: an email is kept once for all its recipients, what cannot be kept is
// left with the mail server, and so is what goes to an address that is not ours.
func TestTaken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		to    []string
		fail  error
		codes []int
		kept  [][]string
	}{
		"for one":             {to: []string{"a@portal.test"}, codes: []int{250}, kept: [][]string{{"a@portal.test"}}},
		"for two":             {to: []string{"a@portal.test", "b@portal.test"}, codes: []int{250, 250}, kept: [][]string{{"a@portal.test", "b@portal.test"}}},
		"for somebody else":   {to: []string{"a@elsewhere.test"}, codes: []int{550}},
		"for one of ours":     {to: []string{"a@elsewhere.test", "b@portal.test"}, codes: []int{550, 250}, kept: [][]string{{"b@portal.test"}}},
		"not now":             {to: []string{"a@portal.test"}, fail: errors.New("the database is away"), codes: []int{451}, kept: [][]string{{"a@portal.test"}}},
		"for two and not now": {to: []string{"a@portal.test", "b@portal.test"}, fail: context.DeadlineExceeded, codes: []int{451, 451}, kept: [][]string{{"a@portal.test", "b@portal.test"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &took{fail: tt.fail}
			if codes := send(t, serve(t, k)(), "Subject: A\r\n\r\nHello.\r\n", tt.to...); !slices.Equal(codes, tt.codes) {
				t.Errorf("answered %v, want %v", codes, tt.codes)
			}
			if !slices.EqualFunc(k.to, tt.kept, slices.Equal) {
				t.Errorf("kept for %q, want %q", k.to, tt.kept)
			}
			for _, raw := range k.raw {
				if raw != "Subject: A\r\n\r\nHello.\r\n" {
					t.Errorf("kept %q", raw)
				}
			}
		})
	}
}

// TestOneConnectionManyEmails: mail servers hand over several, one after another.
func TestOneConnectionManyEmails(t *testing.T) {
	t.Parallel()
	k := &took{}
	c := serve(t, k)()
	for _, text := range []string{"one", "two", "three"} {
		send(t, c, text, "a@portal.test")
	}
	if want := []string{"one\r\n", "two\r\n", "three\r\n"}; !slices.Equal(k.raw, want) {
		t.Errorf("kept %q, want %q", k.raw, want)
	}
}

// TestTooLarge: nobody fills the memory, and what was too large is said.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	k := &took{}
	connect := serve(t, k)
	if codes := send(t, connect(), strings.Repeat(strings.Repeat("x", 998)+"\r\n", inbound.MaxRaw/1000+1), "a@portal.test"); !slices.Equal(codes, []int{552}) || len(k.raw) != 0 {
		t.Errorf("answered %v, kept %d", codes, len(k.raw))
	}
}

// TestManyConnections: more than are served at once wait for their turn.
func TestManyConnections(t *testing.T) {
	t.Parallel()
	k := &took{}
	connect := serve(t, k)
	var all sync.WaitGroup
	for range 20 {
		c := connect()
		all.Go(func() {
			send(t, c, "hello", "a@portal.test")
			_ = c.Quit()
		})
	}
	all.Wait()
	if len(k.raw) != 20 {
		t.Errorf("kept %d of 20", len(k.raw))
	}
}
