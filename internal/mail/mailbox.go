package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"golang.org/x/oauth2"
)

// Mailbox says where emails to us are read by IMAP.
type Mailbox struct {
	Host       string
	Port       int
	Encryption Encryption
	Unverified bool // accept any certificate
	User       string
	Password   string
	Token      bool   // sign in by XOAUTH2
	OAuth      OAuth  // the same as for sending
	Folder     string // that is read
	Processed  string // where what was taken goes; "" leaves it, marked as seen
	// Roots are trusted beside nothing else; nil trusts what the system does.
	Roots *x509.CertPool
}

// ParseMailbox reads FIELDGATE_IMAP_URL:
//
//	imaps://user:password@host/INBOX  TLS from the first byte; port 993 and INBOX if none
//	imap://user:password@host         STARTTLS is demanded; port 143 if none
//	?tls=none                         no encryption; the default on this machine itself
//	?tls=starttls                     demanded on this machine too
//	?tls=insecure                     encrypted, with whatever certificate
//	?auth=xoauth2                     user@host without a password: a token stands for it
//	?processed=Done                   the folder for what was taken; without it that is marked as seen
//
// Errors never show the address, since it holds a password.
func ParseMailbox(text string) (Mailbox, error) {
	errForm := errors.New("the mailbox is not of the form imaps://user:password@host/INBOX")
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || u.User == nil || u.User.Username() == "" {
		return Mailbox{}, errForm
	}
	m := Mailbox{Host: u.Hostname(), User: u.User.Username(), Folder: strings.Trim(u.Path, "/")}
	m.Password, _ = u.User.Password()
	if m.Folder == "" {
		m.Folder = "INBOX"
	}
	s := Settings{User: m.User, Password: m.Password}
	switch u.Scheme {
	case "imaps":
		m.Port, s.Encryption = 993, Implicit
	case "imap":
		m.Port, s.Encryption = 143, StartTLS
		if loopback(m.Host) {
			s.Encryption = Plain
		}
	default:
		return Mailbox{}, errForm
	}
	if p := u.Port(); p != "" {
		if m.Port, err = strconv.Atoi(p); err != nil || m.Port < 1 || m.Port > 65535 {
			return Mailbox{}, errors.New("the mailbox's port is not a number from 1 to 65535")
		}
	}
	q := u.Query()
	m.Processed = q.Get("processed")
	q.Del("processed")
	if s, err = s.options(q); err != nil {
		return Mailbox{}, errors.New(strings.ReplaceAll(err.Error(), "the mail server's address", "the mailbox's address"))
	}
	m.Encryption, m.Unverified, m.Token = s.Encryption, s.Unverified, s.Token
	switch {
	case m.Token && m.Password != "":
		return Mailbox{}, errors.New("with auth=xoauth2 the mailbox's address needs a user and no password: imaps://replies@example.com@host?auth=xoauth2")
	case m.Token && m.Encryption == Plain:
		return Mailbox{}, errors.New("auth=xoauth2 needs encryption: whoever reads the token may use it")
	case !m.Token && m.Password == "":
		return Mailbox{}, errors.New("the mailbox's address needs both a user and a password; write special characters as %40 and the like")
	case m.Processed == m.Folder:
		return Mailbox{}, errors.New("processed must name another folder than the one that is read")
	}
	return m, nil
}

// Where is the mailbox as operators know it, without its password.
func (m Mailbox) Where() string {
	return m.User + " at " + net.JoinHostPort(m.Host, strconv.Itoa(m.Port)) + ", folder " + m.Folder
}

// Opener signs in to a mailbox, by token or password. It keeps the token.
type Opener struct {
	Mailbox
	tokens *tokens
}

// NewOpener is an Opener. It does not connect.
func NewOpener(m Mailbox) *Opener {
	return &Opener{Mailbox: m, tokens: newTokens(Settings{OAuth: m.OAuth, Roots: m.Roots})}
}

// Open connects and signs in. News is called whenever the server says that
// something has come. The context's end closes the connection.
func (o *Opener) Open(ctx context.Context, news func()) (c *imapclient.Client, closed func(), err error) {
	var token *oauth2.Token
	var fresh bool
	if o.Token {
		if token, fresh, err = o.tokens.get(ctx); err != nil {
			return nil, nil, err
		}
	}
	c, closed, err = o.open(ctx, token, news)
	if refused(err) && o.Token {
		o.tokens.forget(ctx, token)
		if !fresh { // somebody took it back, or the clocks differ
			return o.Open(ctx, news)
		}
	}
	return c, closed, err
}

// refused reports whether the server has answered no.
func refused(err error) bool {
	_, no := errors.AsType[*imap.Error](err)
	return no
}

func (o *Opener) open(ctx context.Context, token *oauth2.Token, news func()) (*imapclient.Client, func(), error) {
	config := &tls.Config{ServerName: o.Host, RootCAs: o.Roots, InsecureSkipVerify: o.Unverified, MinVersion: tls.VersionTLS12} //nolint:gosec // unverified only when the operator says tls=insecure
	dialled, cancel := context.WithTimeout(ctx, dialling)
	defer cancel()
	address := net.JoinHostPort(o.Host, strconv.Itoa(o.Port))
	conn, err := (&net.Dialer{}).DialContext(dialled, "tcp", address)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to the mailbox: %w", err)
	}
	if o.Encryption == Implicit {
		encrypted := tls.Client(conn, config)
		if err := encrypted.HandshakeContext(dialled); err != nil {
			_ = conn.Close()
			return nil, nil, fmt.Errorf("connect to the mailbox: %w", err)
		}
		conn = encrypted
	}
	// A server that stands still must not hold the greeting or signing in for ever.
	giveUp := context.AfterFunc(dialled, func() { _ = conn.Close() })
	defer giveUp()
	options := &imapclient.Options{TLSConfig: config, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil && news != nil {
				news()
			}
		},
	}}
	var c *imapclient.Client
	if o.Encryption == StartTLS {
		if c, err = imapclient.NewStartTLS(conn, options); err != nil {
			_ = conn.Close()
			return nil, nil, fmt.Errorf("encrypt the way to the mailbox: %w", err)
		}
	} else {
		c = imapclient.New(conn, options)
	}
	if o.Token {
		err = c.Authenticate(&xoauth2{user: o.User, token: token.AccessToken})
	} else {
		err = c.Login(o.User, o.Password).Wait()
	}
	if err != nil {
		_ = c.Close()
		return nil, nil, fmt.Errorf("sign in to the mailbox: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	return c, func() {
		stop()
		_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
		_ = c.Logout().Wait()
		_ = c.Close()
	}, nil
}

// Try opens the folder and leaves it as it is.
func (o *Opener) Try(ctx context.Context) error {
	c, closed, err := o.Open(ctx, nil)
	if err != nil {
		return err
	}
	defer closed()
	if _, err := c.Select(o.Folder, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		return fmt.Errorf("open the folder %s: %w", o.Folder, err)
	}
	return nil
}

// xoauth2 is the client's side of
// https://developers.google.com/workspace/gmail/imap/xoauth2-protocol, which
// go-sasl does not know.
type xoauth2 struct{ user, token string }

// Start gives the token.
func (x *xoauth2) Start() (mechanism string, first []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the words of a refusal with nothing, upon which the server says no.
func (x *xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }

// ExplainMailbox is for whoever looks after the mailbox: what went wrong in
// Open, and what to do about it.
func (o *Opener) ExplainMailbox(err error) Explanation {
	if token, ok := errors.AsType[*tokenError](err); ok {
		return token.explain()
	}
	var (
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		name    *net.DNSError
	)
	switch {
	case refused(err) && o.Token:
		return Explanation{"The mailbox refuses the sign-in token.", "Check the user in FIELDGATE_IMAP_URL, and that the program may read the mailbox by IMAP: docs/operating.md has the steps."}
	case refused(err):
		return Explanation{"The mailbox refuses user name, password or folder: " + oneLine(err.Error()) + ".", "Check FIELDGATE_IMAP_URL; special characters of the password are written as %40 and the like. Some providers want a password made for programs."}
	case errors.As(err, &host), errors.As(err, &unknown):
		return Explanation{"The certificate of the mailbox's server is not one for " + o.Host + " that this machine trusts.", "Set the name in FIELDGATE_IMAP_URL to the one in the certificate. Only if the server is your own, add ?tls=insecure."}
	case errors.As(err, &name):
		return Explanation{"There is no server called " + o.Host + ".", "Check the name in FIELDGATE_IMAP_URL, and that this machine can look up names."}
	}
	return Explanation{"The mailbox cannot be opened: " + oneLine(err.Error()) + ".", "Check FIELDGATE_IMAP_URL and the network between this machine and the server."}
}
