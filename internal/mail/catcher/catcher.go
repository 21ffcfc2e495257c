// Package catcher is an SMTP server that delivers nothing: it keeps what it
// receives in memory, for the demo to show and for tests to read. It can behave
// as badly as servers do.
package catcher

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"fieldgate/internal/mail"
)

// Kept is how many messages are kept unless the options say otherwise; older
// ones are forgotten.
const Kept = 500

// Fault is a way in which the server misbehaves.
type Fault int

// The faults.
const (
	Fine      Fault = iota
	Temporary       // 451 to every recipient
	Refused         // 550 to every recipient
	Slow            // says nothing after the data until another fault is set
	HangUp          // takes the message, then closes the connection without a word
	Foreign         // 553 to the sender
	Busy            // 421 to the sender: nobody's mail is taken now
)

// The words of the faults, as a server would say them.
const (
	TemporaryWords = "mailbox is busy, try again later"
	RefusedWords   = "no such user here"
	ForeignWords   = "sender address is not owned by this account"
	BusyWords      = "too many connections, try again later"
)

// Options of a Catcher; the zero Options are a server without encryption that
// lets everybody in.
type Options struct {
	Encryption     mail.Encryption   // Plain when empty
	User, Password string            // demanded when set
	Token          func(string) bool // whether a token of the user's is good; demanded instead of a password when set
	NoPasswords    string            // the words with which all passwords are refused, when set
	Keep           int               // how many messages; Kept when zero
	ASCII          bool              // offers no SMTPUTF8, and takes no address with letters beyond a–z
}

// Catcher is a running server.
type Catcher struct {
	server   *smtp.Server
	listener net.Listener
	address  *net.TCPAddr
	options  Options
	roots    *x509.CertPool

	mu       sync.Mutex
	faults   []Fault
	faultSet int           // how often Fault was called
	changed  chan struct{} // closed and replaced when fault or messages change
	messages []Message
	last     int
	closed   bool
}

// Start listens on addr, such as "127.0.0.1:0", without encryption.
func Start(addr string) (*Catcher, error) { return StartWith(addr, Options{}) }

// StartWith listens on addr. For encryption it makes a certificate of its own
// for 127.0.0.1, which Roots trusts.
func StartWith(addr string, o Options) (*Catcher, error) {
	listener, err := net.Listen("tcp", addr) //nolint:noctx // listening does not wait
	if err != nil {
		return nil, fmt.Errorf("catch mail: %w", err)
	}
	c := &Catcher{options: o, changed: make(chan struct{}), address: listener.Addr().(*net.TCPAddr)} //nolint:forcetypeassert // of a TCP listener
	s := smtp.NewServer(smtp.BackendFunc(c.session))
	s.Domain = "catcher.test"
	s.MaxMessageBytes = 30 << 20
	s.MaxRecipients = 50
	s.EnableSMTPUTF8 = !o.ASCII
	s.AllowInsecureAuth = true
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	s.ErrorLog = log.New(io.Discard, "", 0)
	if o.Encryption == mail.StartTLS || o.Encryption == mail.Implicit {
		if s.TLSConfig, c.roots, err = Certificate(); err != nil {
			_ = listener.Close()
			return nil, err
		}
		s.AllowInsecureAuth = false
	}
	c.server, c.listener = s, listener
	if o.Encryption == mail.Implicit {
		listener = encrypted(listener, s.TLSConfig)
	}
	go func() { _ = s.Serve(listener) }() // ends with Close
	return c, nil
}

// Close stops the server. What it has received stays readable.
func (c *Catcher) Close() error {
	c.mu.Lock()
	c.closed = true
	c.announce()
	c.mu.Unlock()
	_ = c.listener.Close() // the server may not have begun to serve it
	if err := c.server.Close(); err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stop catching mail: %w", err)
	}
	return nil
}

// URL is the server's address in the form of FIELDGATE_SMTP_URL.
func (c *Catcher) URL() string {
	u := url.URL{Scheme: "smtp", Host: c.address.String()}
	switch c.options.Encryption {
	case mail.Implicit:
		u.Scheme = "smtps"
	case mail.StartTLS:
		u.RawQuery = "tls=starttls"
	default:
		u.RawQuery = "tls=none"
	}
	switch {
	case c.options.Token != nil:
		u.User, u.RawQuery = url.User(c.options.User), strings.TrimPrefix(u.RawQuery+"&auth=xoauth2", "&")
	case c.options.User != "":
		u.User = url.UserPassword(c.options.User, c.options.Password)
	}
	return u.String()
}

// Roots trusts the server's certificate; nil without encryption.
func (c *Catcher) Roots() *x509.CertPool { return c.roots }

// Fault makes the server behave like that from now on: the first fault for the
// next mail, the second for the one after, and the last from then on.
func (c *Catcher) Fault(f ...Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = f
	c.faultSet++
	c.announce()
}

// next is the fault for one more mail, and when it was set.
func (c *Catcher) next() (f Fault, set int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.faults) == 0 {
		return Fine, c.faultSet
	}
	f = c.faults[0]
	if len(c.faults) > 1 {
		c.faults = c.faults[1:]
	}
	return f, c.faultSet
}

// hold waits until faults are set anew or the server stops.
func (c *Catcher) hold(set int) {
	for {
		c.mu.Lock()
		changed, over := c.changed, c.closed || c.faultSet != set
		c.mu.Unlock()
		if over {
			return
		}
		<-changed
	}
}

// Messages are those received, newest first.
func (c *Catcher) Messages() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	newest := slices.Clone(c.messages)
	slices.Reverse(newest)
	return newest
}

// Message is the one with that number.
func (c *Catcher) Message(number int) (Message, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.messages, func(m Message) bool { return m.Number == number })
	if i < 0 {
		return Message{}, false
	}
	return c.messages[i], true
}

// Clear forgets the messages.
func (c *Catcher) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages = nil
}

// Wait returns the newest message that match accepts, received already or to
// come, or the context's error.
func (c *Catcher) Wait(ctx context.Context, match func(Message) bool) (Message, error) {
	for {
		c.mu.Lock()
		changed, messages := c.changed, c.messages
		c.mu.Unlock()
		for _, m := range slices.Backward(messages) {
			if match(m) {
				return m, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Message{}, fmt.Errorf("wait for a mail among %d: %w", len(messages), ctx.Err())
		}
	}
}

// WaitTo is Wait for the newest message to that address.
func (c *Catcher) WaitTo(ctx context.Context, address string) (Message, error) {
	return c.Wait(ctx, func(m Message) bool { return m.IsTo(address) })
}

// announce wakes whoever waits. The lock is held.
func (c *Catcher) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *Catcher) keep(m Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	m.Number = c.last
	c.messages = append(slices.Clip(c.messages), m) // readers hold the old slice
	if most := cmp.Or(c.options.Keep, Kept); len(c.messages) > most {
		c.messages = c.messages[len(c.messages)-most:]
	}
	c.announce()
}

func (c *Catcher) session(conn *smtp.Conn) (smtp.Session, error) {
	s := &session{catcher: c, conn: conn}
	if c.options.User == "" {
		return s, nil
	}
	return authSession{s}, nil
}

type session struct {
	catcher *Catcher
	conn    *smtp.Conn
	user    string
	from    string
	to      []string
	fault   Fault
	set     int
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	_, encrypted := s.conn.TLSConnectionState()
	if s.catcher.roots != nil && !encrypted {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "must issue a STARTTLS command first"}
	}
	if s.catcher.options.User != "" && s.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "authentication required"}
	}
	if s.catcher.foreign(from) {
		return errASCII
	}
	s.from = from
	s.fault, s.set = s.catcher.next()
	switch s.fault {
	case Foreign:
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: ForeignWords}
	case Busy:
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: BusyWords}
	}
	return nil
}

// foreign reports whether the address has letters that the server does not take.
func (c *Catcher) foreign(address string) bool {
	return c.options.ASCII && strings.ContainsFunc(address, func(r rune) bool { return r > 0x7f })
}

var errASCII = &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 6, 7}, Message: "non-ASCII addresses not permitted"}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.catcher.foreign(to) {
		return errASCII
	}
	switch s.fault {
	case Temporary:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 2, 1}, Message: TemporaryWords}
	case Refused:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: RefusedWords}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n")); s.catcher.foreign(string(head)) {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 9}, Message: "header holds 8-bit characters"}
	}
	m, err := parse(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "not a message: " + err.Error()}
	}
	m.Sender, m.Recipients, m.Received, m.User = s.from, slices.Clone(s.to), time.Now(), s.user
	_, m.Encrypted = s.conn.TLSConnectionState()
	if s.fault == Slow {
		s.catcher.hold(s.set)
	}
	m.Unanswered = s.fault == HangUp
	s.catcher.keep(m)
	if m.Unanswered {
		_ = s.conn.Conn().Close()
	}
	return nil
}

// authSession lets in only who knows the password, or has a token.
type authSession struct{ *session }

func (s authSession) AuthMechanisms() []string {
	if s.catcher.options.Token != nil {
		return []string{XOAUTH2}
	}
	return []string{sasl.Plain}
}

func (s authSession) Auth(string) (sasl.Server, error) {
	if s.catcher.options.Token != nil {
		return &TokenServer{User: s.catcher.options.User, Good: s.catcher.options.Token, Refusal: smtp.ErrAuthFailed, In: func() error {
			s.user = s.catcher.options.User
			return nil
		}}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.catcher.options.User || password != s.catcher.options.Password {
			return smtp.ErrAuthFailed
		}
		if words := s.catcher.options.NoPasswords; words != "" {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 139}, Message: words}
		}
		s.user = user
		return nil
	}), nil
}
