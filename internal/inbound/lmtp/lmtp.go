// Package lmtp lets the operator's mail server hand emails over by LMTP (RFC 2033).
package lmtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"fieldgate/internal/inbound"
)

// Server takes emails. It asks nobody who they are: it listens where only the
// mail server can reach it.
type Server struct {
	Take func(context.Context, []byte, inbound.Source) error
	// Ours reports whether an address is one that emails are taken for.
	Ours func(address string) bool
	Log  *slog.Logger
}

// most is how many connections are served at once: each holds an email in memory.
const most = 8

// Serve takes emails until ctx ends.
func (s Server) Serve(ctx context.Context, l net.Listener) error {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{Server: s, ctx: ctx}, nil }))
	server.LMTP, server.Domain = true, "fieldgate"
	server.MaxMessageBytes, server.MaxRecipients, server.MaxLineLength = inbound.MaxRaw, 100, 100_000
	server.ReadTimeout, server.WriteTimeout = 2*time.Minute, time.Minute
	server.EnableSMTPUTF8 = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	err := server.Serve(&limited{Listener: l, room: make(chan struct{}, most)})
	if ctx.Err() != nil || errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("take emails by LMTP: %w", err)
}

// limited accepts no more connections than there is room for.
type limited struct {
	net.Listener
	room chan struct{}
}

// Accept waits for room, then for a connection.
func (l *limited) Accept() (net.Conn, error) {
	l.room <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.room
		return nil, err
	}
	return &conn{Conn: c, leave: sync.OnceFunc(func() { <-l.room })}, nil
}

type conn struct {
	net.Conn
	leave func()
}

// Close makes room.
func (c *conn) Close() error {
	c.leave()
	return c.Conn.Close()
}

type session struct {
	Server
	ctx context.Context //nolint:containedctx // sessions have no other
	to  []string
}

// Mail begins an email.
func (s *session) Mail(string, *smtp.MailOptions) error { s.to = nil; return nil }

// Reset forgets it.
func (s *session) Reset() { s.to = nil }

// Logout ends the session.
func (s *session) Logout() error { return nil }

// Rcpt takes a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !s.Ours(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no mail is taken here for this address"}
	}
	s.to = append(s.to, to)
	return nil
}

var errLater = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not kept, send it again later"}

// Data keeps the email.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.Take(s.ctx, raw, inbound.Source{Way: inbound.LMTP, To: s.to}); err != nil {
		s.Log.WarnContext(s.ctx, "an email could not be taken", "error", err)
		return errLater
	}
	return nil
}

// LMTPData keeps the email once, for all its recipients.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	err := s.Data(r)
	for _, to := range s.to {
		status.SetStatus(to, err)
	}
	return nil
}
