package webhook

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/event"
	"fieldgate/internal/outbound"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// GiveUp is how long a webhook to which nothing gets through is tried, and how
// long one event is: a system that is mended after a weekend gets everything.
const GiveUp = 72 * time.Hour

// Limits of a request.
const (
	starting   = 10 * time.Second // to find what is due, and to write down what is sent
	deadline   = 15 * time.Second
	noting     = 30 * time.Second // to write down what came of it
	mostAnswer = 2 << 10
	grace      = 5 * time.Second // what a request under way has when the program ends
)

// lease is how long a webhook is one program's, from before it looks for what is
// due: as long as all of that can take, and a little more. When that program was
// killed, another one goes on after it, and sends again what the first may have sent.
const lease = starting + deadline + noting + grace

// atOnce is how many webhooks are sent to at the same time, so that one that
// does not answer holds up nobody else.
const atOnce = 16

// inOrder is for how many tries an event holds up those after it. Then they
// overtake it: it may be this one alone that the receiver cannot take.
const inOrder = 3

// pauses are how long to wait after so many failures, of one event and of a
// webhook as a whole.
var pauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}

// mostPause of a webhook is shorter: one of those who wait is then its probe.
const mostPause = time.Hour

// pause is the pause with up to a fifth more or less, so that those who failed
// together do not come back together.
func pause(failures int) time.Duration {
	p := pauses[min(max(failures, 1), len(pauses))-1]
	return p + time.Duration((rand.Float64()-0.5)*0.4*float64(p)) //nolint:gosec // nobody gains by guessing it
}

// Ended is what is told of a webhook that was switched off by what it answered.
type Ended struct {
	ID   int64
	Name string
	Host string
	Why  string // OffGone or OffFailing
}

// Sender sends what webhooks are told.
type Sender struct {
	Pool   *pgxpool.Pool
	Box    *secret.Box
	Client *http.Client // nil calls addresses as Guard allows
	Guard  outbound.Guard
	Log    *slog.Logger
	// Look is the pause between two looks for something to send; a second when zero.
	Look time.Duration
	// Tell tells Administrators of a webhook that was switched off, in the
	// transaction that does it.
	Tell func(context.Context, postgres.Tx, Ended) error

	client *http.Client
}

// Run sends until ctx ends. Of several programs each does some of it.
func (s Sender) Run(ctx context.Context) {
	client := cmp.Or(s.Client, s.Guard.Client(deadline))
	unled := *client
	unled.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.client = &unled
	var (
		sending sync.WaitGroup
		slots   = make(chan struct{}, atOnce)
	)
	defer sending.Wait()
	for {
		if err := s.look(ctx, &sending, slots); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "webhooks cannot be looked after", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(cmp.Or(s.Look, time.Second)):
		}
	}
}

// look spreads new events, and begins with every webhook for which something is due.
func (s Sender) look(ctx context.Context, sending *sync.WaitGroup, slots chan struct{}) error {
	if err := Spread(ctx, s.Pool); err != nil {
		return err
	}
	free := cap(slots) - len(slots)
	if free == 0 {
		return nil
	}
	mine := newKey()
	// A program that ends in the middle of this would leave webhooks taken by nobody.
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	due, err := s.claim(whole, mine, free)
	if err != nil {
		return err
	}
	for _, id := range due {
		slots <- struct{}{}
		sending.Go(func() {
			defer func() { <-slots }()
			defer func() {
				if broken := recover(); broken != nil {
					s.Log.ErrorContext(ctx, "sending to a webhook broke", "webhook", id, "error", broken, "stack", string(debug.Stack()))
				}
			}()
			if err := s.sendAll(ctx, id, mine); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "a webhook cannot be sent to", "webhook", id, "error", err)
			}
		})
	}
	return nil
}

// Spread makes a delivery of each new event for each webhook that is told of it.
func Spread(ctx context.Context, pool *pgxpool.Pool) error {
	const behind = `select w.id from webhooks w where w.active and (w.spread_to < (select last from event_numbers) or exists (select from events where number is null))`
	var ids []int64
	if err := postgres.Read(ctx, pool, func(b *postgres.Batch) { postgres.QueryValues(b, &ids, behind, nil) }); err != nil || len(ids) == 0 {
		return err
	}
	if err := event.Number(ctx, pool); err != nil {
		return err
	}
	for _, id := range ids {
		err := postgres.Transact(ctx, pool, func(tx postgres.Tx) error {
			var last, from int64
			// Its row first: whoever changes what it is told of comes wholly before or after.
			err := tx.QueryRow(ctx, `select spread_to from webhooks where id = @id and active for update skip locked`, pgx.NamedArgs{"id": id}).Scan(&from)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil // somebody else does it now
			}
			if err == nil {
				err = tx.QueryRow(ctx, `select last from event_numbers`).Scan(&last)
			}
			if err != nil {
				return err
			}
			to := min(last, from+mostSpread)
			_, err = tx.Exec(ctx, `
				insert into webhook_deliveries (webhook_id, event_id, number, kind)
				select w.id, e.id, e.number, e.kind from webhooks w, events e
				where w.id = @id and e.number > @from and e.number <= @to and e.at >= w.begins_at and `+wanted+`
				order by e.number
				on conflict on constraint delivery_once do nothing`, pgx.NamedArgs{"id": id, "from": from, "to": to})
			if err == nil {
				_, err = tx.Exec(ctx, `update webhooks set spread_to = @to where id = @id`, pgx.NamedArgs{"id": id, "to": to})
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("spread events to webhook %d: %w", id, err)
		}
	}
	return nil
}

// mostSpread is how many events are spread in one transaction.
const mostSpread = 5000

// due is the condition that a delivery d of a webhook w is to be sent now. Who
// pressed for it does not wait for those before it. An event that was just
// refused holds up those behind it for a few tries.
var due = fmt.Sprintf(`d.webhook_id = w.id and d.state = 'waiting' and d.next_at <= now() and (w.active or d.event_id is null) and (d.number is null or (w.next_at <= now()
	and not exists (select from webhook_deliveries p where p.webhook_id = w.id and p.state = 'waiting' and p.number < d.number and p.next_at > now() and p.attempts between 1 and %d)))`, inOrder)

// next is the delivery of a webhook w that is to be sent now: what somebody pressed
// for, then in the order of events. While something is refused, what has held up
// others for long enough comes behind them: else some events that the receiver
// cannot take would be tried again and again before one that it can.
var next = fmt.Sprintf(`coalesce(
	(select d.id from webhook_deliveries d where d.number is null and %[1]s order by d.id limit 1),
	(select d.id from webhook_deliveries d where d.number is not null and (w.failures = 0 or d.attempts <= %[2]d) and %[1]s order by d.number limit 1),
	(select d.id from webhook_deliveries d where d.number is not null and %[1]s order by d.number limit 1))`, due, inOrder)

// claim takes some of the webhooks for which something is due, which nobody else
// sends to now.
func (s Sender) claim(ctx context.Context, mine string, most int) (ids []int64, err error) {
	err = postgres.Read(ctx, s.Pool, func(b *postgres.Batch) {
		postgres.QueryValues(b, &ids, `
			update webhooks w set lease = @lease, leased_until = now() + @for::interval
			where w.id in (select w.id from webhooks w where coalesce(w.leased_until < now(), true) and exists (select from webhook_deliveries d where `+due+`)
				order by w.leased_until nulls first, w.id limit @most for update skip locked)
			returning w.id`, pgx.NamedArgs{"lease": mine, "for": lease, "most": most})
	})
	if err != nil {
		return nil, fmt.Errorf("look for due deliveries: %w", err)
	}
	return ids, nil
}

// outgoing is a delivery about to be sent.
type outgoing struct {
	ID             int64
	EventID        int64
	Number         int64
	Kind           event.Kind
	Attempts       int
	FirstAt        *time.Time
	CreatedAt, Now time.Time
	Name, Address  string
	Seal           string
	Secret         []byte
	OldSecret      []byte
	Failures       int
	FailingSince   *time.Time
}

// sendAll sends what is due for one webhook, in its order, until something fails
// or nothing is left.
func (s Sender) sendAll(ctx context.Context, id int64, mine string) error {
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if _, err := s.Pool.Exec(last, `update webhooks set leased_until = null where id = $1 and lease = $2`, id, mine); err != nil {
			s.Log.WarnContext(ctx, "a webhook stays taken for a while", "webhook", id, "error", err)
		}
	}()
	for ctx.Err() == nil {
		if more, err := s.sendNext(ctx, id, mine); err != nil || !more {
			return err
		}
	}
	return nil
}

// sendNext sends what is next for one webhook; more is false when nothing is due.
func (s Sender) sendNext(ctx context.Context, id int64, mine string) (more bool, err error) {
	begin, cancel := context.WithTimeout(ctx, starting)
	defer cancel()
	var found []outgoing
	err = postgres.Read(begin, s.Pool, func(b *postgres.Batch) {
		// First: whoever has lost the webhook to another program sends nothing more.
		b.Do(`update webhooks set leased_until = now() + @for::interval where id = @id and lease = @lease`, pgx.NamedArgs{"id": id, "lease": mine, "for": lease})
		postgres.Query(b, &found, `
			with next as materialized (select `+next+` as id from webhooks w where w.id = @id and w.lease = @lease)
			select d.id, coalesce(d.event_id, 0) as event_id, coalesce(d.number, 0) as number, d.kind, d.attempts, d.first_at, d.created_at, now() as now,
				w.name, w.address, w.seal, w.secret, w.old_secret, w.failures, w.failing_since
			from next join webhook_deliveries d on d.id = next.id join webhooks w on w.id = d.webhook_id`, pgx.NamedArgs{"id": id, "lease": mine})
	})
	if err != nil {
		return false, fmt.Errorf("read what is due: %w", err)
	}
	if len(found) == 0 {
		return false, nil
	}
	key, body, err := s.body(begin, found[0])
	if err != nil || body == nil {
		return true, err
	}
	return true, s.send(ctx, id, found[0], key, body)
}

// answer is what came of a request.
type answer struct {
	status int
	text   string
	words  string // what went wrong without an answer
	took   time.Duration
	after  time.Duration // how long the receiver asks to wait
}

func (a answer) delivered() bool { return a.status >= 200 && a.status < 300 }

// send sends one delivery and writes down what came of it.
func (s Sender) send(ctx context.Context, id int64, d outgoing, key string, body []byte) error {
	a := s.post(ctx, d, key, body)
	if a.status == 0 && ctx.Err() != nil {
		return nil // the program ends; it is sent again
	}
	// What was sent is written down even when the database is away for a while.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	return postgres.TransactWhenBack(last, s.Pool, func(tx postgres.Tx) error { return s.note(last, tx, id, d, a) })
}

// body is what is sent, and under which id; nil when the delivery was removed.
// Things are named as they are called at the first try, and then the same is said
// each time: a system may have taken it although no answer came, and believes that
// one id is one message. Hence it is written down before it is sent, and nobody is
// erased from the event between reading and writing.
func (s Sender) body(ctx context.Context, d outgoing) (key string, body []byte, err error) {
	err = postgres.Transact(ctx, s.Pool, func(tx postgres.Tx) error {
		if d.EventID == 0 {
			key = "test_" + d.Seal + strconv.FormatInt(d.ID, 10)
			e := event.Test{ID: key, Kind: TestKind, At: d.CreatedAt.UTC()}
			e.Data.Webhook = d.Name
			body, err = e.Body()
		} else {
			var e event.Event
			if e, err = event.FindToKeep(ctx, tx, d.EventID); err == nil {
				key = e.ID
				body, err = e.Body()
			}
		}
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			update webhook_deliveries d set sent = coalesce(nullif(d.sent, ''), (select b.sent from webhook_deliveries b where b.event_id = d.event_id and b.webhook_id = d.webhook_id and b.sent <> '' order by b.id limit 1), @body)
			where d.id = @id returning d.sent`, pgx.NamedArgs{"id": d.ID, "body": string(body)}).Scan(&body)
		if errors.Is(err, pgx.ErrNoRows) {
			body = nil
			return nil
		}
		if err != nil {
			return fmt.Errorf("write down what is sent: %w", err)
		}
		return nil
	})
	return key, body, err
}

// post makes the request. What goes wrong is part of the answer.
func (s Sender) post(ctx context.Context, d outgoing, key string, body []byte) answer {
	var a answer
	secrets, err := s.open(d)
	if err != nil {
		a.words = "The secret cannot be read with this program’s key. Make a new secret."
		return a
	}
	signature, err := Sign(key, d.Now, body, secrets...)
	if err != nil {
		a.words = "The secret cannot be read. Make a new secret."
		return a
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), deadline)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	defer stop()
	r, err := http.NewRequestWithContext(within, http.MethodPost, d.Address, bytes.NewReader(body))
	if err != nil {
		a.words = "The address cannot be called."
		return a
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "Fieldgate", "Webhook-Id": key, "Webhook-Timestamp": strconv.FormatInt(d.Now.Unix(), 10), "Webhook-Signature": signature,
	} {
		r.Header.Set(name, value)
	}
	begun := time.Now()
	res, err := s.client.Do(r)
	a.took = time.Since(begun)
	if err != nil {
		a.words = words(err)
		return a
	}
	defer res.Body.Close()
	a.status = res.StatusCode
	said, _ := io.ReadAll(io.LimitReader(res.Body, mostAnswer)) // as far as it came
	a.took = time.Since(begun)
	a.text = storable(string(said))
	a.after = retryAfter(res.Header.Get("Retry-After"), d.Now)
	return a
}

// retryAfter is how long a receiver asks to wait, in seconds or until a moment; no
// longer than the longest pause.
func retryAfter(asked string, now time.Time) (after time.Duration) {
	if until, err := http.ParseTime(asked); err == nil {
		after = until.Sub(now)
	} else if seconds, err := strconv.Atoi(asked); err == nil {
		after = time.Duration(min(seconds, math.MaxInt32)) * time.Second
	}
	return min(max(after, 0), pauses[len(pauses)-1])
}

// storable is a text of the receiver's as the database can keep it: what a column
// cannot hold would leave the outcome unnoted, and the receiver called for ever.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\x00", "�")
}

// words are an error's as a sentence. They may quote the receiver, as its certificate.
func words(err error) string {
	w := storable(outbound.Words(err))
	_, first := utf8.DecodeRuneInString(w)
	return strings.ToUpper(w[:first]) + strings.TrimSuffix(w[first:], ".") + "."
}

func (s Sender) open(d outgoing) (secrets []string, err error) {
	for _, sealed := range [][]byte{d.Secret, d.OldSecret} {
		if sealed == nil {
			continue
		}
		plain, err := s.Box.Open(sealed, sealedFor(d.Seal))
		if err != nil {
			return nil, fmt.Errorf("open a webhook's secret: %w", err)
		}
		secrets = append(secrets, string(plain))
	}
	return secrets, nil
}

// note writes down what came of a request, and what follows from it.
func (s Sender) note(ctx context.Context, tx postgres.Tx, id int64, d outgoing, a answer) error {
	// The webhook first, as everybody locks it first.
	var w struct {
		Active       bool
		Address      string
		Failures     int
		FailedSoLong bool
	}
	err := tx.QueryRow(ctx, `select active, address, failures, coalesce(failing_since <= now() - @give_up::interval, false) from webhooks where id = @id for update`,
		pgx.NamedArgs{"id": id, "give_up": GiveUp}).Scan(&w.Active, &w.Address, &w.Failures, &w.FailedSoLong)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // it was removed meanwhile
	}
	if err != nil {
		return fmt.Errorf("note a delivery: %w", err)
	}
	state, test := Waiting, d.EventID == 0
	moved := w.Address != d.Address && !a.delivered() && !test // what failed says nothing of the new address
	wait := max(pause(d.Attempts+1), a.after)
	switch {
	case a.delivered():
		state = Delivered
	case moved:
		wait = 0
	case test, d.FirstAt != nil && !d.FirstAt.Add(GiveUp).After(d.Now) && !w.FailedSoLong && a.status != http.StatusGone:
		state = Failed // others got through meanwhile: it is this event
	}
	args := pgx.NamedArgs{
		"id": d.ID, "webhook": id, "state": state, "pause": wait, "all": min(pause(w.Failures+1), mostPause), "after": a.after, "took": max(a.took.Milliseconds(), 1), "status": a.status,
		"answer": a.text, "words": a.words,
	}
	// An answer may quote what was sent: it is not kept of who was erased meanwhile.
	_, err = tx.Exec(ctx, `
		update webhook_deliveries set state = @state, attempts = attempts + 1, first_at = coalesce(first_at, now()), last_at = now(), next_at = now() + @pause::interval,
			finished_at = case when @state <> 'waiting' then now() end, duration_ms = @took, status = nullif(@status::integer, 0), answer = case when sent = '' then '' else @answer end, words = @words
		where id = @id and state = 'waiting'`, args)
	if err != nil {
		return fmt.Errorf("note a delivery: %w", err)
	}
	switch {
	case !w.Active, moved, test && !a.delivered():
		return nil
	case test:
		// Whoever has mended the system tries it so. Whether it takes events, too, they
		// will show.
		err = hurry(ctx, tx, id)
	case a.delivered() && w.Failures > 0:
		if _, err = tx.Exec(ctx, `update webhooks set failures = 0, failing_since = null, next_at = now() where id = @webhook`, args); err == nil && w.Failures > inOrder {
			err = hurry(ctx, tx, id) // it was away, and is back
		}
	case a.delivered():
	case a.status == http.StatusGone:
		err = s.end(ctx, tx, Ended{id, d.Name, host(d.Address), OffGone})
	case w.FailedSoLong:
		err = s.end(ctx, tx, Ended{id, d.Name, host(d.Address), OffFailing})
	default:
		_, err = tx.Exec(ctx, `update webhooks set failures = failures + 1, failing_since = coalesce(failing_since, now()), next_at = now() + greatest(@all::interval, @after::interval) where id = @webhook`, args)
	}
	if err != nil {
		return fmt.Errorf("note how a webhook does: %w", err)
	}
	return nil
}

// hurry lets what waits for a webhook wait no longer.
func hurry(ctx context.Context, tx postgres.Tx, id int64) error {
	_, err := tx.Exec(ctx, `update webhooks set next_at = now() where id = $1 and next_at > now()`, id)
	if err == nil {
		_, err = tx.Exec(ctx, `update webhook_deliveries set next_at = now() where webhook_id = $1 and state = 'waiting' and next_at > now()`, id)
	}
	if err != nil {
		return fmt.Errorf("let a webhook's deliveries wait no longer: %w", err)
	}
	return nil
}

// end switches a webhook off and tells Administrators, once.
func (s Sender) end(ctx context.Context, tx postgres.Tx, e Ended) error {
	if err := switchOff(ctx, tx, audit.Actor{}, e.ID, e.Name, e.Why); err != nil {
		return err
	}
	return s.Tell(ctx, tx, e)
}
