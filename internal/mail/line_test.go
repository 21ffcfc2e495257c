package mail_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"fieldgate/internal/mail"
	"fieldgate/internal/mail/catcher"
)

// wire stands between a Mailer and its server, and knows what goes over it.
type wire struct {
	net.Listener
	to  string
	mu  sync.Mutex
	all []net.Conn // that there have been
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l, to: to}
	t.Cleanup(func() { _ = l.Close(); w.cut() })
	go w.serve()
	return w
}

func (w *wire) serve() {
	for {
		client, err := w.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		w.mu.Lock()
		w.all = append(w.all, client)
		w.mu.Unlock()
		go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
		go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
	}
}

// cut ends all connections, as a server does that has had enough of them.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.all {
		_ = c.Close()
	}
}

func (w *wire) connections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.all)
}

// TestMailsShareAConnection: also when not each of them is sent, and when the
// server has hung up meanwhile.
func TestMailsShareAConnection(t *testing.T) {
	t.Parallel()
	c, _ := start(t, catcher.Options{})
	u, err := url.Parse(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	w := newWire(t, u.Host)
	u.Host = w.Addr().String()
	m := mailer(t, c, u.String())
	deliver := func() {
		t.Helper()
		if err := m.Deliver(t.Context(), send(message())); err != nil {
			t.Fatal(err)
		}
	}
	deliver()
	deliver()
	never := errors.New("not this one")
	if err := m.Deliver(t.Context(), func(context.Context) (mail.Message, error) { return mail.Message{}, never }); !errors.Is(err, never) {
		t.Fatal(err)
	}
	deliver()
	if n := w.connections(); n != 1 || len(c.Messages()) != 3 {
		t.Errorf("%d mails over %d connections", len(c.Messages()), n)
	}
	w.cut()
	deliver()
	if n := w.connections(); n != 2 || len(c.Messages()) != 4 {
		t.Errorf("after the server has hung up: %d mails over %d connections", len(c.Messages()), n)
	}
	c.Fault(catcher.Refused, catcher.Fine)
	if failure, ok := errors.AsType[*mail.Failure](m.Deliver(t.Context(), send(message()))); !ok || !failure.Permanent {
		t.Errorf("what the server refuses is told: %v", failure)
	}
	deliver()
	if n := len(c.Messages()); n != 5 {
		t.Errorf("after a refusal: %d mails", n)
	}
}
