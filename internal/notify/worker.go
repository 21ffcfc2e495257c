package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/auth"
	"fieldgate/internal/blob"
	"fieldgate/internal/company"
	"fieldgate/internal/invite"
	"fieldgate/internal/mail"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
)

// giveUp is how long a mail is tried: a weekend without a mail server must not
// lose one.
const giveUp = 48 * time.Hour

// Pause is how long to wait after so many tries: five seconds, then twice as
// long each time, up to four minutes.
func Pause(tries int) time.Duration {
	const first, most = 5 * time.Second, 4 * time.Minute
	if tries > 6 {
		return most
	}
	return min(first<<max(tries-1, 0), most)
}

// Renderer writes mails in words and pictures.
type Renderer interface {
	Render(ctx context.Context, m Mail) (Rendered, error)
}

// Rendered is a written mail. The HTML shows Inline pictures by their CID.
type Rendered struct {
	Subject string
	Text    string
	HTML    string
	Inline  []mail.Inline
}

// Worker sends the mails that a Notifier wrote. A mail goes out at least once;
// repeats carry the same Message-ID.
type Worker struct {
	Pool     *pgxpool.Pool
	Mailer   *mail.Mailer
	Renderer Renderer
	Box      *auth.SecretBox
	Store    blob.Store // for the logo; nil shows none
	Log      *slog.Logger
	// Pause replaces the function Pause, for tests.
	Pause func(tries int) time.Duration
}

// Work is what the queue needs to know.
func (w Worker) Work() queue.Worker {
	return queue.Register(mail.Longest+time.Minute, func(ctx context.Context, d deliver) error { return w.deliver(ctx, d.Email) })
}

func (w Worker) deliver(ctx context.Context, id int64) error {
	e, open, err := w.load(ctx, id)
	if err != nil || !open {
		return err
	}
	var subject string
	content, err := e.facts(ctx, w.Pool)
	if err == nil {
		err = w.Mailer.Deliver(ctx, func(ctx context.Context) (mail.Message, error) {
			m, err := w.compose(ctx, e, content)
			subject = m.Subject
			return m, err
		})
	}
	if errors.Is(ctx.Err(), context.Canceled) && err != nil {
		return queue.Later(0) // the program ends: no fault of this mail
	}
	return w.record(ctx, e, subject, err)
}

// load reads the mail and reports whether it still waits.
func (w Worker) load(ctx context.Context, id int64) (e email, open bool, err error) {
	var state string
	err = w.Pool.QueryRow(ctx, `
		select id, kind, to_name, to_address, coalesce(contact_id, 0), coalesce(person_id, 0), coalesce(staff_id, 0), coalesce(link_id, 0), coalesce(customer_id, 0),
			coalesce(job_id, 0), coalesce(quote_id, 0), payload, secret, message_id, attempts, created_at, state
		from emails where id = $1`, id,
	).Scan(&e.ID, &e.Kind, &e.ToName, &e.To, &e.Contact, &e.Person, &e.Staff, &e.Link, &e.Customer,
		&e.Job, &e.Quote, &e.Payload, &e.Secret, &e.MessageID, &e.Tries, &e.CreatedAt, &state)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, false, nil
	}
	if err != nil {
		return e, false, fmt.Errorf("read email %d: %w", id, err)
	}
	return e, state == "waiting" || state == "retrying", nil
}

// compose writes the message, with a fresh token if it carries a link.
func (w Worker) compose(ctx context.Context, e email, content any) (mail.Message, error) {
	business, err := w.business(ctx)
	if err != nil {
		return mail.Message{}, err
	}
	var token, password string
	if e.Link != 0 {
		err := postgres.Transact(ctx, w.Pool, func(tx postgres.Tx) (err error) {
			token, err = invite.Token(ctx, tx, e.Link)
			return err
		})
		if errors.Is(err, invite.ErrSpent) {
			return mail.Message{}, dropped("the link was used or replaced")
		}
		if err != nil {
			return mail.Message{}, err
		}
	}
	if e.Secret != nil {
		plain, err := w.Box.Open(e.Secret, secretOf(e.MessageID))
		if err != nil {
			return mail.Message{}, &mail.Failure{Permanent: true, Words: "the password in this mail cannot be read any more, because the secret key has changed"}
		}
		password = string(plain)
	}
	to := mail.Address{Name: e.ToName, Address: e.To}
	r, err := w.render(ctx, Mail{To: to, Business: business, Content: withSecrets(content, token, password)})
	if err != nil {
		return mail.Message{}, fmt.Errorf("render %s: %w", e.Kind, err)
	}
	return mail.Message{
		ID: e.MessageID, FromName: business.TradingName, To: to, ReplyTo: mail.Address{Name: business.TradingName, Address: business.Email},
		Subject: r.Subject, Text: r.Text, HTML: r.HTML, Inline: r.Inline,
	}, nil
}

// render turns a panic into an error, so that it ends like every other failure:
// recorded, tried again and given up.
func (w Worker) render(ctx context.Context, m Mail) (r Rendered, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return w.Renderer.Render(ctx, m)
}

func withSecrets(content any, token, password string) any {
	switch c := content.(type) {
	case Invitation:
		c.Token, c.Password = token, password
		return c
	case Reset:
		c.Token = token
		return c
	case StaffLink:
		c.Token = token
		return c
	}
	return content
}

// logoLimit keeps mails small; what is larger is left out.
const logoLimit = 256 << 10

func (w Worker) business(ctx context.Context) (Business, error) {
	c, err := company.Read(ctx, w.Pool)
	if err != nil {
		return Business{}, err
	}
	b := Business{Details: c.Details, Format: c.Format()}
	if w.Store == nil || c.LogoKey == "" {
		return b, nil
	}
	f, err := w.Store.Open(ctx, c.LogoKey)
	if err != nil {
		// A mail without a logo is better than none.
		w.log().WarnContext(ctx, "the logo is missing from a mail", "error", err)
		return b, nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, logoLimit+1))
	if err != nil || len(data) > logoLimit {
		w.log().WarnContext(ctx, "the logo is missing from a mail", "bytes", f.Size, "error", err)
		return b, nil
	}
	b.Logo, b.LogoType = data, c.LogoType
	return b, nil
}

// record keeps what became of the try and says when the next one is due.
func (w Worker) record(ctx context.Context, e email, subject string, err error) error {
	e.Tries++
	pause := w.pause(e.Tries)
	state, words := "sent", ""
	why := dropped("")
	failure := (*mail.Failure)(nil)
	switch {
	case err == nil:
	case errors.As(err, &why):
		state, words = "dropped", string(why)
	case errors.As(err, &failure):
		state, words = "retrying", failure.Words
		if failure.Permanent {
			state = "failed"
		}
	default:
		// Not the server: ours. It is logged in full, and may be gone soon.
		w.log().ErrorContext(ctx, "a mail could not be written", "email", e.ID, "kind", e.Kind, "error", err)
		state, words = "retrying", "Fieldgate could not write this mail; its log says why."
	}
	// What the server did stays true when the program ends now.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err = w.Pool.QueryRow(ctx, `
		with outcome as (
			select case when @state = 'retrying' and created_at + @give_up::interval < now() + @pause::interval then 'failed' else @state end as state from emails where id = @id
		)
		update emails e set
			state = o.state, attempts = @tries, server_words = @words, subject = coalesce(nullif(@subject, ''), subject),
			next_try_at = case when o.state = 'retrying' then now() + @pause::interval end,
			finished_at = case when o.state <> 'retrying' then now() end,
			secret = case when o.state = 'retrying' then secret end
		from outcome o where e.id = @id
		returning e.state`,
		pgx.NamedArgs{
			"id": e.ID, "state": state, "tries": e.Tries, "words": strings.ToValidUTF8(words, "?"), "subject": subject,
			"pause": pause, "give_up": giveUp,
		}).Scan(&state)
	if err != nil {
		return fmt.Errorf("record email %d: %w", e.ID, err)
	}
	w.log().InfoContext(ctx, "mail", "email", e.ID, "kind", e.Kind, "state", state, "tries", e.Tries, "words", words)
	if state == "retrying" {
		return queue.Later(pause)
	}
	return nil
}

func (w Worker) pause(tries int) time.Duration {
	if w.Pause != nil {
		return w.Pause(tries)
	}
	return Pause(tries)
}

func (w Worker) log() *slog.Logger {
	if w.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return w.Log
}

func same(a, b string) bool { return strings.EqualFold(a, b) }
