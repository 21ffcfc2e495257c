// Package mail hands messages to an SMTP server.
package mail

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"

	"fieldgate/internal/problem"
)

// Encryption is how the way to the server is protected.
type Encryption string

// The kinds of encryption. StartTLS and Implicit verify the server's
// certificate and never fall back to anything less.
const (
	StartTLS Encryption = "starttls"
	Implicit Encryption = "implicit"
	Plain    Encryption = "none"
)

// Settings say which server takes our mail, and whom it comes from.
type Settings struct {
	Host       string
	Port       int
	Encryption Encryption
	Unverified bool // accept any certificate
	User       string
	Password   string
	Token      bool  // sign in by XOAUTH2, with a token of OAuth's
	OAuth      OAuth // FIELDGATE_SMTP_OAUTH_…
	From       Address
	// Roots are trusted beside nothing else; nil trusts what the system does.
	Roots *x509.CertPool
}

// Address is somebody's mailbox.
type Address struct{ Name, Address string }

// Parse reads FIELDGATE_SMTP_URL and FIELDGATE_MAIL_FROM:
//
//	smtp://user:password@host:587     STARTTLS is demanded; port 587 if none
//	smtps://user:password@host        TLS from the first byte; port 465 if none
//	?tls=none                         no encryption; the default on this machine itself
//	?tls=starttls                     demanded on this machine too
//	?tls=insecure                     encrypted, with whatever certificate
//	?auth=xoauth2                     user@host without a password: a token stands for it
//
// From is an address, or a name and an address: Northwind Air <portal@northwind.example>.
// Errors never show the server's address, since it holds a password.
func Parse(server, from string) (Settings, error) {
	s, err := ParseServer(server)
	if err != nil {
		return Settings{}, err
	}
	s.From, err = ParseAddress(from)
	return s, err
}

// ParseServer reads FIELDGATE_SMTP_URL alone.
func ParseServer(server string) (Settings, error) {
	errForm := errors.New("the mail server is not of the form smtp://user:password@host:587 or smtps://user:password@host")
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || (u.Path != "" && u.Path != "/") {
		return Settings{}, errForm
	}
	s := Settings{Host: u.Hostname()}
	switch u.Scheme {
	case "smtp":
		s.Port, s.Encryption = 587, StartTLS
		if loopback(s.Host) {
			s.Encryption = Plain
		}
	case "smtps":
		s.Port, s.Encryption = 465, Implicit
	default:
		return Settings{}, errForm
	}
	if p := u.Port(); p != "" {
		if s.Port, err = strconv.Atoi(p); err != nil || s.Port < 1 || s.Port > 65535 {
			return Settings{}, errors.New("the mail server's port is not a number from 1 to 65535")
		}
	}
	if u.User != nil {
		s.User = u.User.Username()
		s.Password, _ = u.User.Password()
	}
	if s, err = s.options(u.Query()); err != nil {
		return Settings{}, err
	}
	switch {
	case s.Token && (s.User == "" || s.Password != ""):
		return Settings{}, errors.New("with auth=xoauth2 the mail server's address needs a user and no password: smtp://portal@example.com@host:587?auth=xoauth2")
	case s.Token && s.Encryption == Plain:
		return Settings{}, errors.New("auth=xoauth2 needs encryption: whoever reads the token may use it")
	case !s.Token && u.User != nil && (s.User == "" || s.Password == ""):
		return Settings{}, errors.New("the mail server's address needs both a user and a password, or neither; write special characters as %40 and the like")
	}
	return s, nil
}

func (s Settings) options(q url.Values) (Settings, error) {
	for key := range q {
		if key != "tls" && key != "auth" {
			return Settings{}, fmt.Errorf("the mail server's address has an unknown option %q; there are tls and auth", key)
		}
	}
	if s.Token = q.Has("auth"); s.Token && q.Get("auth") != "xoauth2" {
		return Settings{}, errors.New("auth may only be xoauth2; without it the server is given user and password")
	}
	switch choice := q.Get("tls"); {
	case choice == "":
	case choice == "insecure":
		s.Unverified = true
		if s.Encryption == Plain {
			s.Encryption = StartTLS
		}
	case s.Encryption == Implicit:
		return Settings{}, errors.New("smtps:// is always encrypted: tls may only be insecure")
	case choice == "none":
		s.Encryption = Plain
	case choice == "starttls":
		s.Encryption = StartTLS
	default:
		return Settings{}, errors.New("tls must be none, starttls or insecure")
	}
	return s, nil
}

// ParseAddress reads "name@host" or "Name <name@host>".
func ParseAddress(text string) (Address, error) {
	a, err := netmail.ParseAddress(text)
	if err != nil || !sendable(a.Address) {
		return Address{}, errors.New("not an address like portal@example.com or Northwind Air <portal@example.com>")
	}
	return Address{Name: a.Name, Address: a.Address}, nil
}

// sendable also lets through hosts without a dot, which operators use inside
// their own network.
func sendable(address string) bool {
	local, host, ok := strings.Cut(address, "@")
	return ok && (problem.IsEmail(address) || problem.IsEmail(local+"@"+host+".example"))
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
