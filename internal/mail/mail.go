package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// What waiting for a server may take. RFC 5321 section 4.5.3.2 gives it ten
// minutes after the data alone: who hangs up earlier sends the mail twice.
const (
	dialling   = 30 * time.Second
	commanding = 5 * time.Minute // each of sender, recipient and the question whether it takes the text
	sending    = 12 * time.Minute
)

// Longest is the time after which Deliver has returned, whatever the server does.
const Longest = 2*(asking+dialling) + 3*commanding + sending + 30*time.Second

// Message is one mail to one address.
type Message struct {
	// ID is the Message-ID without its domain. Repeats of a message carry the same.
	ID       string
	FromName string // shown when the operator's address has no name
	To       Address
	ReplyTo  Address // may be empty
	// References are the IDs of earlier messages to the same person about the same
	// thing, the oldest first, so that programs show them together.
	References []string
	Subject    string
	Text       string
	HTML       string
	Inline     []Inline
	Attached   []Attachment
	// Unsubscribe is an address at which a POST ends this kind of mail (RFC 8058).
	// It must be one of our own; empty leaves the header out.
	Unsubscribe string
	// Ready is called when the server waits for the text, just before it goes
	// over: from here on the mail may arrive. Its error is returned by Deliver.
	Ready func(context.Context) error
}

// Inline is a picture that the HTML part shows as "cid:" and the CID.
type Inline struct {
	CID  string
	Type string
	Data []byte
}

// Attachment is a file that a mail carries.
type Attachment struct {
	Name string
	Type string // with its parameters
	Data []byte
}

// Failure is what became of a message that was not delivered.
type Failure struct {
	// Permanent says that the server will never take this message. Anything
	// else may be tried again, a wrong password too: the operator can put it right.
	Permanent bool
	// Stage is how far the conversation had come.
	Stage Stage
	// Words are the server's own, with its code, or those of the network.
	Words string
	err   error
}

// Stage is a part of the conversation with the server.
type Stage string

// The stages, in their order.
const (
	Connecting Stage = "connecting" // reaching the server, TLS, signing in
	Sender     Stage = "sender"     // whom the mail comes from
	Recipient  Stage = "recipient"  // whom it goes to
	Text       Stage = "text"       // what it says
)

// OfServer reports whether the server takes no mail at all, whoever it is for.
func (f *Failure) OfServer() bool { return !f.Permanent && f.Stage != Recipient }

// Error says what failed.
func (f *Failure) Error() string { return "deliver mail: " + f.Words }

// Unwrap is the cause.
func (f *Failure) Unwrap() error { return f.err }

// Mailer delivers messages to one server. Those that follow each other share a
// connection: making one, with encryption and signing in, costs both sides more
// than a mail does.
type Mailer struct {
	settings Settings
	tokens   *tokens
	idle     idle
}

// New returns a Mailer. It does not connect.
func New(s Settings) *Mailer { return &Mailer{settings: s, tokens: newTokens(s)} }

// Deliver hands one message to the server. The message is composed when the
// server has answered and let us in, so that a server that is away costs
// nothing, and the life of a link in the mail begins with the mail. An error of
// compose is returned as it is; every other error is a *Failure. Nil says that
// the server has taken the message.
func (m *Mailer) Deliver(ctx context.Context, compose func(context.Context) (Message, error)) error {
	l := m.idle.take()
	if l == nil {
		var err error
		if l, err = m.dial(ctx); err != nil {
			return failure(err, Connecting)
		}
	}
	return m.deliver(ctx, l, compose)
}

func (m *Mailer) deliver(ctx context.Context, l *line, compose func(context.Context) (Message, error)) error {
	stays := context.AfterFunc(ctx, func() { _ = l.conn.Close() })
	keep := func() {
		switch {
		case !stays():
		case m.settings.Token: // which may end any time: the next mail signs in with one that holds
			l.part()
		default:
			m.idle.put(l)
		}
	}
	message, err := compose(ctx)
	if err != nil {
		keep()
		return err
	}
	utf8, _ := l.client.Extension("SMTPUTF8")
	from := m.settings.From
	if from.Address, err = wire(from.Address, utf8); err != nil {
		keep()
		return &Failure{Stage: Sender, Words: err.Error(), err: err}
	}
	if message, err = message.wired(utf8); err != nil {
		keep()
		return &Failure{Permanent: true, Stage: Recipient, Words: err.Error(), err: err}
	}
	raw, err := m.raw(from, message)
	if err != nil {
		keep()
		return &Failure{Permanent: true, Stage: Text, Words: err.Error(), err: err}
	}
	err = transfer(ctx, l.client, from.Address, message, raw)
	if l.mails++; err == nil {
		keep()
		return nil
	}
	stays()
	_ = l.conn.Close()
	if f, ok := errors.AsType[*Failure](err); ok && f.Stage == Sender && l.mails > 1 && ctx.Err() == nil {
		// The server has had enough of this connection, not of us.
		if l, err = m.dial(ctx); err != nil {
			return failure(err, Connecting)
		}
		return m.deliver(ctx, l, func(context.Context) (Message, error) { return message, nil })
	}
	return err
}

func (m *Mailer) dial(ctx context.Context) (l *line, err error) {
	if m.settings.Token {
		return m.dialWithToken(ctx)
	}
	return m.connect(ctx, m.settings.Password)
}

// connect connects, encrypts and signs in, with a password or token.
func (m *Mailer) connect(ctx context.Context, password string) (*line, error) {
	s := m.settings
	config := &tls.Config{ServerName: s.Host, RootCAs: s.Roots, InsecureSkipVerify: s.Unverified, MinVersion: tls.VersionTLS12} //nolint:gosec // unverified only when the operator says tls=insecure
	var conn net.Conn
	connect := func(ctx context.Context, network, address string) (net.Conn, error) {
		var err error
		if s.Encryption == Implicit {
			conn, err = (&tls.Dialer{Config: config}).DialContext(ctx, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		return conn, err
	}
	options := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(dialling), gomail.WithTLSConfig(config), gomail.WithDialContextFunc(connect),
		gomail.WithTLSPolicy(gomail.NoTLS),
	}
	switch s.Encryption {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case Implicit:
		options = append(options, gomail.WithSSL())
	}
	switch {
	case s.Token:
		options = append(options, gomail.WithUsername(s.User), gomail.WithPassword(password), gomail.WithSMTPAuth(gomail.SMTPAuthXOAUTH2))
	case s.User != "":
		methods := []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5}
		if s.Encryption == Plain {
			methods = []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthCramMD5, gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc}
		}
		options = append(options, gomail.WithUsername(s.User), gomail.WithPassword(password), gomail.WithOpportunisticSMTPAuth(methods...))
	}
	c, err := gomail.NewClient(s.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail settings: %w", err)
	}
	client, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if conn != nil {
			_ = conn.Close()
		}
		return nil, err
	}
	return &line{conn: conn, client: client}, nil
}

// transfer is the mail transaction of RFC 5321 section 3.3.
func transfer(ctx context.Context, client *smtp.Client, from string, message Message, raw []byte) error {
	to := message.To.Address
	// Asking for it without need would make servers without it refuse the mail.
	client.SkipSMTPUTF8(ascii(from) && ascii(to))
	within := func(limit time.Duration, step func() error) error {
		return errors.Join(client.UpdateDeadline(limit), step())
	}
	if err := within(commanding, func() error { return client.Mail("<" + from + ">") }); err != nil {
		return failure(err, Sender)
	}
	if err := within(commanding, func() error { return client.Rcpt("<" + to + ">") }); err != nil {
		return failure(err, Recipient)
	}
	var w io.WriteCloser
	if err := within(commanding, func() (err error) { w, err = client.Data(); return err }); err != nil {
		return failure(err, Text)
	}
	if message.Ready != nil {
		if err := message.Ready(ctx); err != nil {
			return err // the connection is closed without the text's end, so nothing is delivered
		}
	}
	err := within(sending, func() error {
		if _, err := w.Write(raw); err != nil {
			return err
		}
		return w.Close()
	})
	if err != nil {
		return failure(err, Text)
	}
	return nil
}

// raw is the message as it goes over the wire.
func (m *Mailer) raw(from Address, message Message) ([]byte, error) {
	if from.Name == "" {
		from.Name = message.FromName
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(header(from))
	if !sendable(message.To.Address) {
		return nil, errors.New("the address cannot be sent to")
	}
	msg.AddToMailAddress(header(message.To))
	if sendable(message.ReplyTo.Address) {
		msg.ReplyToMailAddress(header(message.ReplyTo))
	}
	msg.Subject(oneLine(message.Subject))
	msg.SetMessageIDWithValue(m.MessageID(message.ID))
	if len(message.References) > 0 { // RFC 5322 section 3.6.4
		ids := make([]string, len(message.References))
		for i, id := range message.References {
			ids[i] = "<" + m.MessageID(id) + ">"
		}
		msg.SetGenHeaderPreformatted("In-Reply-To", ids[len(ids)-1])
		msg.SetGenHeaderPreformatted("References", strings.Join(ids, "\r\n "))
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no answers from robots
	if message.Unsubscribe != "" {
		msg.SetGenHeaderPreformatted("List-Unsubscribe", "<"+message.Unsubscribe+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, message.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, message.HTML)
	for _, i := range message.Inline {
		if err := msg.EmbedReader(i.CID, bytes.NewReader(i.Data), gomail.WithFileContentType(gomail.ContentType(i.Type)), gomail.WithFileContentID(i.CID)); err != nil {
			return nil, fmt.Errorf("inline picture: %w", err)
		}
	}
	for _, a := range message.Attached {
		if err := msg.AttachReader(a.Name, bytes.NewReader(a.Data), gomail.WithFileContentType(gomail.ContentType(a.Type))); err != nil {
			return nil, fmt.Errorf("attached file: %w", err)
		}
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("write message: %w", err)
	}
	return raw.Bytes(), nil
}

func header(a Address) *netmail.Address {
	return &netmail.Address{Name: oneLine(a.Name), Address: a.Address}
}

// MessageID is the whole Message-ID, without its brackets.
func (m *Mailer) MessageID(id string) string {
	return id + "@" + asciiDomain(m.settings.From.Address)
}

// failure sorts an error. A server's refusal is final only once it has heard
// whom the message is for: before that, it speaks of us, and somebody can put
// that right.
func failure(err error, stage Stage) error {
	f := &Failure{Stage: stage, Words: oneLine(err.Error()), err: err}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		f.Words = fmt.Sprintf("%03d %s", answer.Code, oneLine(answer.Msg))
		f.Permanent = (stage == Recipient || stage == Text) && answer.Code >= 500 && !aboutUs(answer.Code)
	}
	return f
}

// aboutUs are refusals for want of authentication (RFC 4954 section 6).
func aboutUs(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// oneLine keeps entered text from becoming a header of its own.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	return strings.Join(strings.Fields(s), " ")
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
