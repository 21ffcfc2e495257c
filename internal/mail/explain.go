package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"syscall"
	"time"
)

// Where is the server that mails are handed to, as operators know it: host and
// port, never the password.
func (m *Mailer) Where() string {
	return net.JoinHostPort(m.settings.Host, fmt.Sprint(m.settings.Port))
}

// From is the address that mails come from.
func (m *Mailer) From() Address { return m.settings.From }

// How is the way to the server in words.
func (m *Mailer) How() string {
	how := map[Encryption]string{StartTLS: "STARTTLS", Implicit: "TLS", Plain: "not encrypted"}[m.settings.Encryption]
	if m.settings.Unverified {
		how += ", any certificate"
	}
	if m.settings.User != "" {
		how += ", signed in as " + m.settings.User
	}
	if m.settings.Token {
		how += " by token"
	}
	return how
}

// Explanation says in plain words what went wrong and what to do about it.
type Explanation struct{ What, Advice string }

// Explain is for whoever looks after the mail server. The error is one of Deliver's.
func (m *Mailer) Explain(err error) Explanation {
	f, ok := errors.AsType[*Failure](err)
	if !ok {
		return Explanation{"The email could not be written.", "The program’s log says why."}
	}
	code := 0
	if answer, ok := errors.AsType[*textproto.Error](f); ok {
		code = answer.Code
	}
	words := strings.ToLower(f.Words)
	switch f.Stage {
	case Sender:
		switch {
		case aboutUs(code):
			return m.wantsPassword()
		case code >= 400 && code < 500:
			return Explanation{"The mail server accepts no email now.", "What it said below tells why. We keep trying by ourselves."}
		}
		return Explanation{
			"The server refuses the sender " + m.settings.From.Address + ".",
			"Most servers let an account send only from its own addresses. Set FIELDGATE_MAIL_FROM to an address of this account, or allow the address at the provider.",
		}
	case Recipient:
		if strings.Contains(words, "relay") || aboutUs(code) {
			return m.wantsPassword()
		}
		if f.Permanent {
			return Explanation{"The server refuses the recipient.", "The address may not exist. Check it, or try another one."}
		}
		return Explanation{"The server does not take mail for this recipient now.", "It asks to try again later, as some servers do with senders they see for the first time. Emails of the portal are tried again by themselves."}
	case Text:
		if code != 0 {
			return Explanation{"The server refuses what the email says.", "What it said below tells why: often a limit on size or number, or a spam filter."}
		}
		return Explanation{"The connection broke while the server had the email.", "The email may have arrived. If this happens again and again, ask the provider."}
	}
	return m.explainConnecting(f, code, words)
}

func (m *Mailer) wantsPassword() Explanation {
	return Explanation{
		"The server does not take mail from somebody it does not know.",
		"It wants a user and a password: write them into FIELDGATE_SMTP_URL, as smtp://user:password@" + m.Where() + ".",
	}
}

func (m *Mailer) explainConnecting(f *Failure, code int, words string) Explanation {
	var (
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		name    *net.DNSError
	)
	if token, ok := errors.AsType[*tokenError](f); ok {
		return token.explain()
	}
	certificate := "Set the name in FIELDGATE_SMTP_URL to the one in the certificate. Only if the server is your own and has a certificate of its own, add ?tls=insecure."
	switch {
	case strings.Contains(words, "basic authentication is disabled"):
		return Explanation{"The mail server no longer accepts passwords.", "Microsoft 365 wants a token: append ?auth=xoauth2 to FIELDGATE_SMTP_URL. docs/operating.md has the steps."}
	case strings.Contains(words, "smtpclientauthentication is disabled"):
		return Explanation{"This mailbox may not be signed in to by SMTP.", "An administrator of Microsoft 365 allows it: Users → the mailbox → Mail → Manage email apps → Authenticated SMTP."}
	case aboutUs(code) && m.settings.Token:
		return Explanation{"The server refuses the sign-in token.", "Check that the user in FIELDGATE_SMTP_URL is the mailbox that the token is for, and that it may be used: at Microsoft the mailbox needs authenticated SMTP, and the program full access to it. docs/operating.md has the steps. Emails of the portal are tried again by themselves."}
	case aboutUs(code) && code == 535:
		return Explanation{"The server refuses user name or password.", "Check both in FIELDGATE_SMTP_URL; special characters of the password are written as %40 and the like. Some providers want a password made for programs instead of the usual one."}
	case errors.As(f, &host):
		return Explanation{"The server’s certificate is for another name than " + m.settings.Host + ".", certificate}
	case errors.As(f, &unknown), strings.Contains(words, "unknown authority"):
		return Explanation{"The server’s certificate is not from an authority that this machine trusts.", certificate}
	case errors.As(f, &invalid):
		return Explanation{"The server’s certificate is not valid, perhaps expired.", "Renew it on the mail server."}
	case errors.As(f, &record), strings.Contains(words, "first record does not look like a tls handshake"):
		return Explanation{"The server does not speak TLS from the first byte on this port.", "Write smtp:// instead of smtps:// (port 587), or use port 465."}
	case m.settings.Token && strings.Contains(words, "xoauth2"):
		return Explanation{"The server takes no sign-in tokens.", "Write user and password into FIELDGATE_SMTP_URL, without ?auth=xoauth2."}
	case strings.Contains(words, "does not support starttls"):
		return Explanation{"The server offers no encryption on this port.", "Write smtps:// with port 465 if it offers that. Add ?tls=none only for a server within your own network."}
	case aboutUs(code), strings.Contains(words, "smtp auth"):
		return Explanation{"Signing in to the server did not work.", "The server may not allow this way of signing in, or only over an encrypted connection. Check FIELDGATE_SMTP_URL."}
	case errors.As(f, &name):
		return Explanation{"There is no server called " + m.settings.Host + ".", "Check the name in FIELDGATE_SMTP_URL, and that this machine can look up names."}
	case errors.Is(f, syscall.ECONNREFUSED):
		return Explanation{"Nothing answers at " + m.Where() + ".", "Check name and port in FIELDGATE_SMTP_URL, and that the server is running."}
	case errors.Is(f, os.ErrDeadlineExceeded), errors.Is(f, context.DeadlineExceeded), strings.Contains(words, "timeout"):
		return Explanation{"The server at " + m.Where() + " does not answer.", "A firewall may be in between: many hosts block port 25, so use 587 or 465. With smtp:// on a port for smtps:// both sides wait for each other."}
	case errors.Is(f, io.EOF), errors.Is(f, syscall.ECONNRESET):
		return Explanation{"The server hangs up before it says anything useful.", "It may expect another way of encryption: try smtps:// with port 465, or smtp:// with port 587."}
	case code != 0:
		return Explanation{"The server does not let this program in.", "Its words below tell why."}
	}
	return Explanation{"The server at " + m.Where() + " cannot be reached.", "Check FIELDGATE_SMTP_URL and the network between this machine and the server."}
}

// Words are the server's own in an error of Deliver's, or "".
func Words(err error) string {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Words
	}
	return ""
}

// Test sends one message now and waits for the outcome, half a minute at most.
func (m *Mailer) Test(ctx context.Context, message Message) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return m.Deliver(ctx, func(context.Context) (Message, error) { return message, nil })
}
