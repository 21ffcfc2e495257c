// Package mailboxtest is a mailbox for tests, read by real IMAP.
package mailboxtest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
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
	"github.com/emersion/go-sasl"

	"fieldgate/internal/mail/catcher"
)

// Mailbox is a running server with one user.
type Mailbox struct {
	t        testing.TB
	listener net.Listener
	server   *imapserver.Server
	user     *imapmemserver.User
	mu       sync.Mutex
	roots    *x509.CertPool
}

// The one user, and the password that is as good as a token.
const (
	name     = "replies"
	password = "open sesame"
)

// Start starts a server that ends with the test. Without idle it does not tell of
// new emails by itself.
func Start(t testing.TB, idle bool) *Mailbox {
	t.Helper()
	return start(t, idle, nil)
}

// StartByToken is Start of a server that is reached by TLS, and lets in who has a
// good token and nobody by password.
func StartByToken(t testing.TB, good func(token string) bool) *Mailbox {
	t.Helper()
	return start(t, true, good)
}

func start(t testing.TB, idle bool, good func(token string) bool) *Mailbox {
	t.Helper()
	memory := imapmemserver.New()
	user := imapmemserver.NewUser(name, password)
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
	m := &Mailbox{t: t, user: user}
	m.server = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			if good != nil {
				return &byToken{memory.NewSession().(imapserver.SessionIMAP4rev2), good}, nil, nil
			}
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
	if m.listener = listener; good != nil {
		config, roots, err := catcher.Certificate()
		if err != nil {
			t.Fatal(err)
		}
		m.listener, m.roots = tls.NewListener(listener, config), roots
	}
	go func() { _ = m.server.Serve(m.listener) }()
	t.Cleanup(func() { _ = m.server.Close() })
	return m
}

// byToken is a session that XOAUTH2 begins.
type byToken struct {
	imapserver.SessionIMAP4rev2
	good func(token string) bool
}

// Login lets nobody in.
func (s *byToken) Login(string, string) error { return imapserver.ErrAuthFailed }

// AuthenticateMechanisms are those that the server says it knows.
func (s *byToken) AuthenticateMechanisms() []string { return []string{catcher.XOAUTH2} }

// Authenticate begins the conversation.
func (s *byToken) Authenticate(string) (sasl.Server, error) {
	return &catcher.TokenServer{User: name, Good: s.good, Refusal: imapserver.ErrAuthFailed, In: func() error { return s.SessionIMAP4rev2.Login(name, password) }}, nil
}

// Roots trust the server, which is reached by TLS.
func (m *Mailbox) Roots() *x509.CertPool { return m.roots }

// URL is the mailbox in the form of FIELDGATE_IMAP_URL.
func (m *Mailbox) URL(query string) string {
	u := url.URL{Scheme: "imap", User: url.UserPassword(name, password), Host: m.listener.Addr().String(), Path: "/INBOX", RawQuery: query}
	if m.roots != nil {
		u.Scheme, u.User = "imaps", url.User(name)
	}
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
