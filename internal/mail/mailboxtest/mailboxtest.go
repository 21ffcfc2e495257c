// Package mailboxtest is a mailbox for tests, read by real IMAP.
package mailboxtest

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Mailbox is a running server with one user.
type Mailbox struct {
	t        testing.TB
	listener net.Listener
	server   *imapserver.Server
	user     *imapmemserver.User
	mu       sync.Mutex
}

// Start starts a server that ends with the test. Without idle it does not tell of
// new emails by itself.
func Start(t testing.TB, idle bool) *Mailbox {
	t.Helper()
	memory := imapmemserver.New()
	user := imapmemserver.NewUser("replies", "open sesame")
	for _, folder := range []string{"INBOX", "Processed"} {
		if err := user.Create(folder, nil); err != nil {
			t.Fatal(err)
		}
	}
	memory.AddUser(user)
	caps := imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}}
	if idle {
		caps[imap.CapIdle] = struct{}{}
	}
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         caps,
		InsecureAuth: true,
		Logger:       log.New(io.Discard, "", 0),
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // listening does not wait
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return &Mailbox{t: t, listener: listener, server: server, user: user}
}

// URL is the mailbox in the form of FIELDGATE_IMAP_URL.
func (m *Mailbox) URL(query string) string {
	u := url.URL{Scheme: "imap", User: url.UserPassword("replies", "open sesame"), Host: m.listener.Addr().String(), Path: "/INBOX", RawQuery: query}
	return u.String()
}

type literal struct{ *bytes.Reader }

// Put lets an email arrive.
func (m *Mailbox) Put(raw []byte, flags ...imap.Flag) {
	m.t.Helper()
	if _, err := m.user.Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{Flags: flags, Time: time.Now()}); err != nil {
		m.t.Error(err)
	}
}

// Count is how many emails there are in a folder, and how many nobody has seen.
func (m *Mailbox) Count(folder string) (all, unseen uint32) {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.user.Status(folder, &imap.StatusOptions{NumMessages: true, NumUnseen: true})
	if err != nil {
		m.t.Fatal(err)
	}
	return *s.NumMessages, *s.NumUnseen
}

// Size is that of the email.
func (l literal) Size() int64 { return l.Reader.Size() }
