package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"fieldgate/internal/blob"
	"fieldgate/internal/company"
	"fieldgate/internal/mail"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
	"fieldgate/internal/push"
	"fieldgate/internal/queue"
	"fieldgate/internal/secret"
	"fieldgate/internal/signin"
	"fieldgate/internal/tracing"
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
	// Pushed are the words of a notification with the same content.
	Pushed(m Mail) (Pushed, error)
}

// Rendered is a written mail. The HTML shows Inline pictures by their CID.
type Rendered struct {
	Subject string
	Text    string
	HTML    string
	Inline  []mail.Inline
	// Attached are files that come with it.
	Attached []mail.Attachment
	// Unsubscribe is the address at which a POST ends this kind of mail, if it may be ended.
	Unsubscribe string
}

// Worker sends the mails that a Notifier wrote. A mail goes out at least once;
// repeats carry the same Message-ID.
type Worker struct {
	Pool     *pgxpool.Pool
	Mailer   *mail.Mailer
	Renderer Renderer
	Box      *secret.Box
	Replies  mail.ReplyAddress // where answers about a job or quote go; else to the business's own address
	Store    blob.Store        // for the logo and photos; nil shows none
	Log      *slog.Logger
	// Notify reminds of quotes and gives lost mails another job; without it nobody does.
	Notify  *Notifier
	Metrics prometheus.Registerer // none when nil
	Push    *push.Sender          // nil sends no notifications
	// PushIcon is the address of the picture in notifications, by the version of
	// the business's looks.
	PushIcon func(version int64) string
	// Waiting is how much waits for a person in the portal, over all their customers.
	Waiting func(ctx context.Context, person int64) (int, error)
	// Pause replaces the function Pause, for tests.
	Pause func(tries int) time.Duration

	// turn is held from the moment a server waits for a mail's text until the
	// outcome is recorded: whatever kills the program, one mail at most is in
	// between, and will be repeated.
	turn      chan struct{}
	tries     *prometheus.CounterVec
	pushTries *prometheus.CounterVec
}

// handing is how long a mail that some program is handing over is let alone by
// all others. Whether a program that was killed meanwhile had handed it over
// nobody can know: then it goes out once more.
const handing = time.Minute

// errHanded says that somebody else is handing the mail over, or has.
var errHanded = errors.New("another program has this mail in its hands")

// turnPatience is how long a mail waits for another one whose server is slow.
// Then both are under way at once.
const turnPatience = 20 * time.Second

// Work is what the queue needs to know.
func (w Worker) Work() []queue.Worker {
	w.turn, w.tries, w.pushTries = make(chan struct{}, 1), outcomes(w.Metrics), pushOutcomes(w.Metrics)
	work := []queue.Worker{queue.Register(mail.Longest+mostTogether*turnPatience+recordPatience+time.Minute, w.deliverAll)}
	if w.Push != nil {
		work = append(work,
			queue.Register(push.Deadline+2*time.Minute, func(ctx context.Context, d pushDeliver) error { return w.deliverPush(ctx, d.Push) }),
			queue.Periodic("sweep notifications", time.Hour, func(ctx context.Context) error {
				return postgres.Transact(ctx, w.Pool, func(tx postgres.Tx) error { return sweepPushes(ctx, tx) })
			}))
	}
	if w.Notify != nil {
		work = append(work,
			queue.Periodic("notifications without a job", time.Minute, func(ctx context.Context) error {
				return postgres.Transact(ctx, w.Pool, func(tx postgres.Tx) error { return w.Notify.findLostPushes(ctx, tx) })
			}),
			queue.Periodic("mails without a job", time.Minute, func(ctx context.Context) error { return postgres.Transact(ctx, w.Pool, w.Notify.findLost(ctx)) }),
			queue.Periodic("quotes about to expire", time.Hour, func(ctx context.Context) error { return w.Notify.quotesExpire(ctx, w.Pool) }),
			queue.Periodic("documents about to expire", time.Hour, func(ctx context.Context) error { return w.Notify.documentsEnd(ctx, w.Pool) }),
			queue.Periodic("visits of tomorrow", 5*time.Minute, func(ctx context.Context) error { return w.Notify.remind(ctx, w.Pool) }),
		)
	}
	return work
}

// forEach reminds of each of the things that are due, in a transaction of its
// own: however many there are, none holds up what people do, and when the time
// is over, or one of them fails, the others have been told of. One finds out
// again, with the thing locked, whether it is due: another program may have been
// faster. What failed is due the next time.
func forEach(ctx context.Context, pool *pgxpool.Pool, due string, args pgx.NamedArgs, one func(tx postgres.Tx, id int64) error) error {
	var ids []int64
	if err := postgres.Read(ctx, pool, func(b *postgres.Batch) { postgres.QueryValues(b, &ids, due, args) }); err != nil {
		return fmt.Errorf("look for what is due: %w", err)
	}
	var failed error
	for _, id := range ids {
		err := postgres.Transact(ctx, pool, func(tx postgres.Tx) error { return one(tx, id) })
		if ctx.Err() != nil || postgres.Away(err) {
			return errors.Join(failed, err)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// takeThing locks a job or quote, unless somebody has it now, who will see to it. It
// is a statement of its own, so that what is asked after it sees what whoever had it
// before has done.
func takeThing(ctx context.Context, tx postgres.Tx, table string, id int64) (mine bool, err error) {
	tag, err := tx.Exec(ctx, `select from `+table+` where id = @id for no key update skip locked`, pgx.NamedArgs{"id": id})
	if err != nil {
		return false, fmt.Errorf("take %d of %s: %w", id, table, err)
	}
	return tag.RowsAffected() == 1, nil
}

// findLost gives every mail that waits and that no job stands for another job.
// There is none unless somebody has cleared the queue.
func (n *Notifier) findLost(ctx context.Context) func(postgres.Tx) error {
	return func(tx postgres.Tx) error {
		rows, err := tx.Query(ctx, `
			select id from emails e
			where state in ('waiting', 'retrying') and created_at < now() - interval '5 minutes' and coalesce(next_try_at, created_at) < now() - interval '5 minutes'
				and `+queue.NoJob("deliver_email", "email", "e.id")+` and `+queue.NoJob("deliver_email", "with", "jsonb_build_array(e.id)")+`
			order by id limit 1000`)
		if err != nil {
			return fmt.Errorf("look for lost mails: %w", err)
		}
		lost, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return fmt.Errorf("look for lost mails: %w", err)
		}
		for _, id := range lost {
			if err := n.queue.Insert(ctx, tx, deliver{Email: id}); err != nil {
				return err
			}
		}
		return nil
	}
}

// deliverAll delivers the emails of a job, one after the other, unless the server
// is slow with one: then the next does not wait for it.
func (w Worker) deliverAll(ctx context.Context, d deliver) error {
	if len(d.With) == 0 {
		return w.deliver(ctx, d.Email)
	}
	ids := append([]int64{d.Email}, d.With...)
	became := make([]error, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		done := make(chan struct{})
		all.Go(func() {
			defer close(done)
			defer func() {
				if v := recover(); v != nil {
					became[i] = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
				}
			}()
			became[i] = w.deliver(ctx, id)
		})
		patience := time.NewTimer(turnPatience)
		select {
		case <-done:
		case <-patience.C:
		}
		patience.Stop()
	}
	all.Wait()
	if ctx.Err() != nil {
		return queue.Later(0) // those that were sent are not sent again
	}
	var again []queue.Job
	for i, err := range became {
		if err != nil {
			again = append(again, queue.Again(deliver{Email: ids[i]}, err))
		}
		if _, later := queue.PauseOf(err); err != nil && !later {
			w.log().WarnContext(ctx, "email failed", "email", ids[i], "error", err)
		}
	}
	if len(again) == 0 {
		return nil
	}
	if w.Notify == nil {
		return cmp.Or(became...)
	}
	return postgres.Transact(ctx, w.Pool, func(tx postgres.Tx) error { return w.Notify.queue.InsertAll(ctx, tx, again) })
}

func (w Worker) deliver(ctx context.Context, id int64) error {
	e, open, err := w.load(ctx, id)
	if err != nil || !open {
		return err
	}
	if e.handed {
		return queue.Later(handing)
	}
	if waits, err := w.unprepared(ctx, e); err != nil || waits {
		return cmp.Or(err, queue.Later(pictureStep))
	}
	ctx, span := tracing.Begin(ctx, "email "+string(e.Kind))
	defer span.End()
	span.SetAttributes(attribute.Int64("fieldgate.email", e.ID), attribute.Int("fieldgate.tries", e.Tries+1))
	var kept Rendered
	release := func() {}
	err = w.Mailer.Deliver(ctx, func(ctx context.Context) (mail.Message, error) {
		m, copied, err := w.compose(ctx, e)
		kept = copied
		m.Ready = func(ctx context.Context) error {
			release = w.myTurn(ctx)
			err := cmp.Or(ctx.Err(), w.handOver(ctx, e, copied))
			if err == nil {
				kept.HTML, kept.Text = "", "" // it is there
			}
			return err
		}
		return m, err
	})
	if failure, ok := errors.AsType[*mail.Failure](err); ok && failure.Stage == mail.Connecting {
		// A server that is away keeps no mail waiting that nobody should get any more.
		if _, _, gone := w.contentOfFirst(ctx, e); isDropped(gone) {
			err = gone
		}
	}
	tracing.Failed(span, err)
	defer func() { release() }()
	if errors.Is(err, errHanded) {
		return queue.Later(handing)
	}
	if errors.Is(ctx.Err(), context.Canceled) && err != nil {
		return queue.Later(0) // the program ends: no fault of this mail
	}
	return w.record(ctx, e, kept, err)
}

// myTurn waits until no other mail is between the server and our records.
func (w Worker) myTurn(ctx context.Context) (release func()) {
	if w.turn == nil {
		return func() {}
	}
	patience := time.NewTimer(turnPatience)
	defer patience.Stop()
	select {
	case w.turn <- struct{}{}:
		return func() { <-w.turn }
	case <-patience.C:
	case <-ctx.Done():
	}
	return func() {}
}

// handedOver notes of a mail that waits that it is handed over. Whether it waits is asked
// in a case, so that PostgreSQL looks for the id: the few that wait have an index of their
// own, in which those of the last minutes still stand that no longer do.
const handedOver = `
	update emails set handed_over_at = now()
	where id = @id and case when state in ('waiting', 'retrying') then coalesce(handed_over_at < now() - @handing::interval, true) end returning id`

// handOver notes that the server gets the text now, and keeps the copy of it. A
// program that was cut off from the database for a moment is taken for gone, and
// its mails are given to others: who comes second finds the note, or that the mail
// was sent.
func (w Worker) handOver(ctx context.Context, e email, kept Rendered) error {
	var mine []int64
	err := postgres.Note(ctx, w.Pool, func(b *postgres.Batch) {
		b.Do(mayTell, nil) // a statement of its own: the next one sees what it has waited for
		postgres.QueryValues(b, &mine, `
			with mine as (`+handedOver+`
			), copy as (`+insertCopy+` from mine where @html <> '' and `+nobodyErased+copyAgain+`)
			select id from mine`,
			pgx.NamedArgs{"id": e.ID, "handing": handing, "html": kept.HTML, "text": kept.Text, "customer": e.Customer, "loaded": e.loaded})
	})
	if err != nil {
		return fmt.Errorf("note that email %d is handed over: %w", e.ID, err)
	}
	if len(mine) == 0 {
		return errHanded
	}
	return nil
}

// content is what the mail tells, as it is now, if its recipient should still
// get it; a dropped says why not.
func (w Worker) content(ctx context.Context, e email) (content any, err error) {
	l, known := lineOf(e.Kind)
	if !known {
		return nil, fmt.Errorf("no mail of kind %q", e.Kind)
	}
	if l.Audience != Customer {
		if _, err := l.recheck(ctx, w.Pool, e); err != nil {
			return nil, err
		}
		return l.facts(ctx, w.Pool, e, candidate{})
	}
	err = pgx.BeginTxFunc(ctx, w.Pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		to, err := l.recheck(ctx, tx, e)
		if err != nil {
			return err
		}
		content, err = l.asContact(ctx, tx, e, to)
		return err
	})
	return content, err
}

// asContact reads what the mail tells with the contact's eyes. The transaction
// keeps no other right. All of it is about one record or some files, so plans are
// kept: making them costs a hundred times what it takes to read that.
func (l Line) asContact(ctx context.Context, tx postgres.Tx, e email, to candidate) (any, error) {
	var seen []int64
	err := views.ReadInOrder(ctx, tx, to.eyes(e), func(b *postgres.Batch) { // as visible asks
		postgres.QueryValues(b, &seen, l.visible, e.args())
		views.KeepPlans(b)
	})
	if err != nil {
		return nil, fmt.Errorf("ask what the contact may see: %w", err)
	}
	if len(seen) == 0 {
		return nil, unreached{Hidden, l.thing()}
	}
	return l.facts(ctx, views.In(tx), e, to)
}

// load reads the mail and reports whether it still waits.
func (w Worker) load(ctx context.Context, id int64) (e email, open bool, err error) {
	for {
		var state string
		var gathers bool
		err = w.Pool.QueryRow(ctx, `
			select id, kind, rule, to_name, to_address, coalesce(contact_id, 0), coalesce(person_id, 0), coalesce(staff_id, 0), coalesce(link_id, 0), coalesce(customer_id, 0),
				coalesce(job_id, 0), coalesce(quote_id, 0), payload, secret, message_id, attempts, created_at, state, now(), coalesce(handed_over_at > now() - $2::interval, false), gathers is not null
			from emails where id = $1`, id, handing,
		).Scan(&e.ID, &e.Kind, &e.Rule, &e.ToName, &e.To, &e.Contact, &e.Person, &e.Staff, &e.Link, &e.Customer,
			&e.Job, &e.Quote, &e.Payload, &e.Secret, &e.MessageID, &e.Tries, &e.CreatedAt, &state, &e.loaded, &e.handed, &gathers)
		if errors.Is(err, pgx.ErrNoRows) {
			return e, false, nil
		}
		if err != nil {
			return e, false, fmt.Errorf("read email %d: %w", id, err)
		}
		if !gathers {
			return e, state == "waiting" || state == "retrying", nil
		}
		// From here on it gathers no more: what comes later makes a mail of its own.
		// What came until then is read with it.
		if _, err := w.Pool.Exec(ctx, `update emails set gathers = null where id = $1`, id); err != nil {
			return e, false, fmt.Errorf("close email %d: %w", id, err)
		}
		e = email{}
	}
}

// hidden stands in the kept copy of a mail for what only its reader may know.
const hidden = "hidden"

// compose writes the message, with a fresh token if it carries a link; kept is
// the copy of it without its secrets.
func (w Worker) compose(ctx context.Context, e email) (_ mail.Message, kept Rendered, _ error) {
	content, e, err := w.contentOfFirst(ctx, e)
	if err != nil {
		return mail.Message{}, kept, err
	}
	business, err := w.business(ctx)
	if err != nil {
		return mail.Message{}, kept, err
	}
	l, _ := lineOf(e.Kind)
	to := mail.Address{Name: e.ToName, Address: e.To}
	m := Mail{To: to, Business: business, Rule: e.Rule, Contact: e.Contact}
	reply := mail.Address{Name: business.TradingName, Address: business.Email}
	if address := w.answersTo(l, e); address != "" {
		m.Answers, reply.Address = true, address
	}
	if m.More, err = w.others(ctx, l, e); err != nil {
		return mail.Message{}, kept, err
	}
	if l.Choice != "" && e.Contact != 0 {
		m.Stop = stopToken(w.Box, e.Contact, e.Kind, e.To)
	}
	var token, password string
	if e.Secret != nil {
		plain, err := w.Box.Open(e.Secret, secretOf(e.MessageID))
		if err != nil {
			return mail.Message{}, kept, &mail.Failure{Permanent: true, Stage: mail.Text, Words: "the password in this email can no longer be read, because the secret key has changed"}
		}
		password = string(plain)
	}
	m.Content = withoutPictures(withSecrets(content, hidden, hidden, e))
	stop := m.Stop
	if m.Stop != "" {
		m.Stop = hidden
	}
	opens, err := w.opens(ctx, l, e, &m)
	if err != nil {
		return mail.Message{}, kept, err
	}
	if kept, err = w.render(ctx, m); err != nil {
		return mail.Message{}, Rendered{}, fmt.Errorf("render %s: %w", e.Kind, err)
	}
	thread, err := thread(ctx, w.Pool, e)
	if err != nil {
		return mail.Message{}, Rendered{}, err
	}
	r := kept
	if secrets := e.Link != 0 || e.Secret != nil || stop != "" || opens; secrets || showsPictures(content) {
		if token, m.Open, err = w.tokens(ctx, e, opens); err != nil {
			return mail.Message{}, Rendered{}, err
		}
		m.Content, m.Stop = w.withPictures(ctx, withSecrets(content, token, password, e)), stop
		if r, err = w.render(ctx, m); err != nil {
			return mail.Message{}, Rendered{}, fmt.Errorf("render %s: %w", e.Kind, err)
		}
	}
	return mail.Message{
		ID: e.MessageID, FromName: business.TradingName, To: to, ReplyTo: reply,
		References: thread, Subject: r.Subject, Text: r.Text, HTML: r.HTML, Inline: r.Inline, Attached: r.Attached, Unsubscribe: r.Unsubscribe,
	}, kept, nil
}

// tokens makes what a mail lets its reader open: the link that it stands for, and
// one to the record that it is about.
func (w Worker) tokens(ctx context.Context, e email, opens bool) (link, record string, err error) {
	if e.Link == 0 && !opens {
		return "", "", nil
	}
	err = postgres.Transact(ctx, w.Pool, func(tx postgres.Tx) (err error) {
		if e.Link != 0 {
			if link, err = signin.Token(ctx, tx, e.Link); err != nil {
				return err
			}
		}
		if opens {
			if _, err := tx.Exec(ctx, mayTell); err != nil {
				return fmt.Errorf("wait for an erasure: %w", err)
			}
			job, quote := e.record()
			record, err = signin.NewRecordLink(ctx, tx, e.Contact, job, quote, e.ID, e.To)
		}
		return err
	})
	if errors.Is(err, signin.ErrSpent) {
		return "", "", dropped("the link was used or replaced")
	}
	if err != nil {
		return "", "", fmt.Errorf("make the links of email %d: %w", e.ID, err)
	}
	return link, record, nil
}

// opens reports whether the mail opens what it is about without signing in, and
// lets the kept copy show such a link that is none.
func (w Worker) opens(ctx context.Context, l Line, e email, m *Mail) (opens bool, err error) {
	if l.Audience != Customer || e.Contact == 0 {
		return false, nil
	}
	err = w.Pool.QueryRow(ctx, `select record_links, (select access <> 'active' from contacts where id = $1) from portal_settings`, e.Contact).Scan(&opens, &m.NoAccess)
	if err != nil {
		return false, fmt.Errorf("ask whether emails open their records: %w", err)
	}
	if job, quote := e.record(); job+quote == 0 {
		return false, nil
	}
	if opens {
		m.Open = hidden
	}
	return opens, nil
}

// answersTo is where a contact's answer to a mail about a job or quote is kept
// with it; "" for other mails, and where answers are not taken.
func (w Worker) answersTo(l Line, e email) string {
	if l.Audience != Customer || (e.Job != 0 && e.Quote != 0) {
		return ""
	}
	return w.Replies.For(e.Contact, mail.Record{Job: e.Job, Quote: e.Quote})
}

// longestThread keeps the header of a mail on a job of years short: the first
// mail and the latest are enough for programs to show them together.
const longestThread = 10

// thread are the Message-IDs of the mails that this address was sent about the
// same job or quote, the oldest first.
func thread(ctx context.Context, db postgres.DB, e email) ([]string, error) {
	var same []string // as many texts as there are plans
	if e.Job != 0 {
		same = append(same, "job_id = @job")
	}
	if e.Quote != 0 {
		same = append(same, "quote_id = @quote")
	}
	if same == nil {
		return nil, nil
	}
	rows, err := db.Query(ctx, `
		select message_id from emails
		where (`+strings.Join(same, " or ")+`) and lower(to_address) = lower(@to) and state = 'sent' and id <> @id
		order by finished_at, id`, pgx.NamedArgs{"job": e.Job, "quote": e.Quote, "to": e.To, "id": e.ID})
	if err != nil {
		return nil, fmt.Errorf("read the earlier mails: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the earlier mails: %w", err)
	}
	if over := len(ids) - longestThread; over > 0 {
		ids = slices.Delete(ids, 1, 1+over)
	}
	return ids, nil
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

// withSecrets fills in the token or the password that the mail carries.
func withSecrets(content any, token, password string, e email) any {
	if e.Link == 0 {
		token = ""
	}
	if e.Secret == nil {
		password = ""
	}
	switch c := content.(type) {
	case Invitation:
		c.Token, c.Password = token, password
		return c
	case Code:
		c.Digits = password
		return c
	case Reset:
		c.Token = token
		return c
	case AddressConfirm:
		c.Token = token
		return c
	case StaffLink:
		c.Token = token
		return c
	}
	return content
}

// unnamed is what a business is called before an Administrator has named it.
const unnamed = "Your business"

// named is the business's name in mails. Before it has one, mails are from
// whom the operator's address names, or from the portal's own address.
func (w Worker) named(c company.Company) string {
	if c.TradingName != unnamed {
		return c.TradingName
	}
	_, domain, _ := strings.Cut(w.Mailer.From().Address, "@")
	return cmp.Or(c.LegalName, w.Mailer.From().Name, domain)
}

// logoLimit keeps mails small; what is larger is left out.
const logoLimit = 256 << 10

func (w Worker) business(ctx context.Context) (Business, error) {
	c, err := company.Read(ctx, w.Pool)
	if err != nil {
		return Business{}, err
	}
	b := Business{Details: c.Details, Format: c.Format()}
	b.TradingName = w.named(c)
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

// recordPatience is how long an outcome waits for the database, which may be
// away or moving to another machine: nothing else can be sent meanwhile, and
// what is forgotten goes out twice. lastPatience is how long when the program ends.
const (
	recordPatience = 12 * time.Hour
	lastPatience   = 10 * time.Second
)

// The statement that keeps the copy of a mail, in two parts.
const (
	insertCopy = `insert into email_copies (email_id, html, text) select @id::bigint, @html::text, @text::text`
	copyAgain  = ` on conflict (email_id) do update set html = excluded.html, text = excluded.text, at = now()`
)

// record keeps what became of the try, with the copy of what the server did not
// come to take, and says when the next one is due.
func (w Worker) record(ctx context.Context, e email, kept Rendered, err error) error {
	e.Tries++
	pause := w.pause(e.Tries)
	state, words := "sent", ""
	why := dropped("")
	failure, out := (*mail.Failure)(nil), unreached{}
	switch {
	case err == nil:
	case errors.As(err, &why):
		state, words = "dropped", string(why)
		out, _ = errors.AsType[unreached](err)
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
	// What the server did stays true when the program ends now, or the database
	// is away: were it not written down, the mail would go out once more.
	ending := ctx
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordPatience)
	defer cancel()
	defer context.AfterFunc(ending, func() { time.AfterFunc(lastPatience, cancel) })()
	sent := err == nil
	var became string
	var recovered []bool
	err = postgres.WriteWhenBack(ctx, w.Pool, func(b *postgres.Batch) {
		b.Do(mayTell, nil) // a statement of its own: the next ones see what it has waited for
		postgres.QueryValue(b, &became, `
				with outcome as (
					select case when @state = 'retrying' and coalesce(first_try_at, now()) + @give_up::interval < now() + @pause::interval then 'failed' else @state end as state,
						`+nobodyErased+` as sayable
					from emails where id = @id
				), copy as (`+insertCopy+` from outcome where sayable and @html <> '' `+copyAgain+`)
				update emails e set
					state = o.state, attempts = @tries, server_words = case when sayable then @words else '' end, reason = @reason,
					subject = case when sayable then coalesce(nullif(@subject, ''), subject) else subject end,
					first_try_at = coalesce(first_try_at, now()), handed_over_at = null,
					next_try_at = case when o.state = 'retrying' then now() + @pause::interval end,
					finished_at = case when o.state <> 'retrying' then now() end,
					secret = case when o.state = 'retrying' then secret end
				from outcome o where e.id = @id
				returning e.state`,
			pgx.NamedArgs{
				"id": e.ID, "state": state, "tries": e.Tries, "words": strings.ToValidUTF8(words, "?"), "reason": string(out.Reason),
				"subject": kept.Subject, "html": kept.HTML, "text": kept.Text,
				"pause": pause, "give_up": giveUp, "customer": e.Customer, "loaded": e.loaded,
			})
		noteServer(b, &recovered, sent, failure)
	})
	if err != nil {
		return fmt.Errorf("record email %d: %w", e.ID, err)
	}
	state = became
	if len(recovered) > 0 { // else what waits goes when it is due
		if err := postgres.Transact(ctx, w.Pool, func(tx postgres.Tx) error { return hurry(ctx, tx) }); err != nil {
			w.log().WarnContext(ctx, "emails wait longer than they have to", "error", err)
		}
	}
	if w.tries != nil {
		w.tries.WithLabelValues(state).Inc()
	}
	trace.SpanFromContext(ctx).SetAttributes(attribute.String("fieldgate.state", state))
	w.log().InfoContext(ctx, "mail", "email", e.ID, "kind", e.Kind, "state", state, "tries", e.Tries, "words", words)
	if state == "retrying" {
		return queue.Later(pause)
	}
	return nil
}

// noteServer keeps how the mail server does; it has recovered when it takes mail again.
func noteServer(b *postgres.Batch, recovered *[]bool, sent bool, failure *mail.Failure) {
	switch {
	case failure != nil && failure.OfServer():
		b.Do(`update mail_server set failing_since = coalesce(failing_since, now()), words = @words where failing_since is null or words <> @words`, pgx.NamedArgs{"words": failure.Words})
	case sent:
		postgres.QueryValues(b, recovered, `
			update mail_server set failing_since = null, words = '', first_taken_at = coalesce(first_taken_at, now())
			where failing_since is not null or first_taken_at is null returning true`, nil)
	}
}

// hurry lets all go out at once that a server which has recovered has kept waiting.
func hurry(ctx context.Context, tx postgres.Tx) error {
	return queue.Hurry(ctx, tx, deliver{}.Kind(), `args->'email' in (select to_jsonb(id) from emails where state = 'retrying')`, nil)
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
