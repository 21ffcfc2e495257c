package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/push"
	"fieldgate/internal/queue"
	"fieldgate/internal/tracing"
)

// Notifications go where emails go, by the same lines of the table and the same
// decision, to the devices on which somebody has turned them on. A person has
// the devices; each contact that they are chooses what to be told.

// pushGiveUp is how long a notification is tried, and kept for a phone that is
// off: later it is no news.
const pushGiveUp = 72 * time.Hour

// pushKept is how long it is kept that one was sent: longer than anything
// reminds of the same again.
const pushKept = 30 * 24 * time.Hour

// loudPushes is how many notifications in an hour a device gets one by one. What
// follows gathers, by kind and record, for ten minutes.
const loudPushes = 12

// Pushed is a notification in words. What stands on a locked phone others may
// read: neither names nor prices nor addresses.
type Pushed struct {
	Body string
	Path string // of the page that it leads to, for whoever has signed in
}

// pushDeliver asks the Worker for one notification.
type pushDeliver struct {
	Push     int64 `json:"push"`
	Customer int64 `json:"customer"` // whose it is: customers take turns
}

// Kind is deliver_push.
func (pushDeliver) Kind() string { return "deliver_push" }

// Lane is the notifications' own.
func (pushDeliver) Lane() queue.Lane { return queue.Push }

// TurnOf is the customer: a service that takes long holds up theirs alone.
func (d pushDeliver) TurnOf() int64 { return d.Customer }

// apart are the mails and the notifications of an event.
func apart(all []email) (mails, phones []email) {
	for _, e := range all {
		if e.phone {
			phones = append(phones, e)
		} else {
			mails = append(mails, e)
		}
	}
	return mails, phones
}

// toPhone is the notification of what a mail would tell the contact. Of what
// people have typed nothing waits in it.
func (l Line) toPhone(e email, t Telling) email {
	p := e.Payload
	e.phone, e.Contact, e.Rule = true, t.Contact, t.rule
	e.Payload = Payload{What: p.What, Equipment: p.Equipment, Message: p.Message, Files: p.Files, Version: p.Version, Booked: p.Booked, Day: p.Day, Was: p.Was}
	if e.gathers != "" {
		e.gathers += fmt.Sprintf(" contact %d", t.Contact)
		if !e.visit {
			e.Payload.Files = t.seen
		}
	}
	return e
}

// writePushes keeps notifications and queues them, one for each device of the
// contact's person; none for those who have none.
func (n *Notifier) writePushes(ctx context.Context, tx postgres.Tx, phones []email) error {
	if len(phones) == 0 {
		return nil
	}
	kept := make([][]keptMail, len(phones))
	err := postgres.Read(ctx, tx, func(b *postgres.Batch) {
		for i, e := range phones {
			e.keepPush(b, &kept[i])
		}
	})
	if err != nil {
		return fmt.Errorf("write notifications: %w", err)
	}
	var jobs []queue.Job
	for i, of := range kept {
		for _, k := range of {
			if !k.Fresh {
				continue
			}
			j := queue.Job{Args: pushDeliver{Push: k.ID, Customer: phones[i].Customer}}
			if k.NextTryAt != nil {
				j.At = *k.NextTryAt
			}
			jobs = append(jobs, j)
		}
	}
	return n.queue.InsertAll(ctx, tx, jobs)
}

func (e email) keepPush(b *postgres.Batch, into *[]keptMail) {
	args := e.args()
	maps.Copy(args, pgx.NamedArgs{
		"rule": e.Rule, "payload": e.Payload, "gathers": e.gathers, "wait": e.wait, "visit": e.visit, "loud": loudPushes, "calm": gathering,
		"same": fmt.Sprintf("%s contact %d job %d quote %d", e.Kind, e.Contact, e.Job, e.Quote),
	})
	postgres.Query(b, into, `
		with devices as (
			select d.id, (select count(*) from pushes p where p.device_id = d.id and p.created_at > now() - interval '1 hour') >= @loud as loud
			from push_devices d join contacts c on c.person_id = d.person_id
			where c.id = @contact and d.ended_at is null and (select push from portal_settings) and `+person.NotByCompanyAlone+`
		), gathered as (
			select id, coalesce(nullif(@gathers, ''), case when loud then @same::text end) || ' device ' || id as gathers,
				case when @gathers <> '' then @wait::interval when loud then @calm::interval end as wait
			from devices
		)
		insert into pushes (device_id, kind, rule, customer_id, contact_id, job_id, quote_id, payload, gathers, next_try_at)
		select id, @kind, @rule, @customer, @contact, nullif(@job, 0), nullif(@quote, 0), @payload, gathers, now() + wait from gathered order by id
		on conflict (gathers) where gathers is not null do update
			set kind = excluded.kind, payload = pushes.payload || case when @visit then excluded.payload - 'was' else excluded.payload - 'files' end
				|| jsonb_strip_nulls(jsonb_build_object('files', (pushes.payload->'files') || (excluded.payload->'files')))
		returning id, next_try_at, xmax = 0 as fresh`, args)
}

// findLostPushes gives every notification that waits and that no job stands for
// another job.
func (n *Notifier) findLostPushes(ctx context.Context, tx postgres.Tx) error {
	rows, err := tx.Query(ctx, `
		select id as push, customer_id as customer from pushes p
		where state in ('waiting', 'retrying') and created_at < now() - interval '5 minutes' and coalesce(next_try_at, created_at) < now() - interval '5 minutes'
			and `+queue.NoJob("deliver_push", "push", "p.id")+`
		order by id limit 1000`)
	if err != nil {
		return fmt.Errorf("look for lost notifications: %w", err)
	}
	lost, err := pgx.CollectRows(rows, pgx.RowToStructByName[pushDeliver])
	if err != nil {
		return fmt.Errorf("look for lost notifications: %w", err)
	}
	for _, args := range lost {
		if err := n.queue.Insert(ctx, tx, args); err != nil {
			return err
		}
	}
	return nil
}

func sweepPushes(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from pushes where finished_at < now() - $1::interval`, pushKept); err != nil {
		return fmt.Errorf("sweep notifications: %w", err)
	}
	return nil
}

// waitingPush is a notification about to be sent.
type waitingPush struct {
	email
	device  int64
	on      bool // notifications are, in the portal's settings
	expired bool
}

func (w Worker) loadPush(ctx context.Context, id int64) (p waitingPush, open bool, err error) {
	if _, err := w.Pool.Exec(ctx, `update pushes set gathers = null where id = $1 and gathers is not null`, id); err != nil {
		return p, false, fmt.Errorf("close notification %d: %w", id, err)
	}
	p.phone = true
	err = w.Pool.QueryRow(ctx, `
		select p.id, p.kind, p.rule, p.customer_id, p.contact_id, coalesce(p.job_id, 0), coalesce(p.quote_id, 0), p.payload, p.tries, p.created_at, p.device_id,
			(select push from portal_settings), p.created_at < now() - $2::interval, p.state in ('waiting', 'retrying')
		from pushes p where p.id = $1`, id, pushGiveUp,
	).Scan(&p.ID, &p.Kind, &p.Rule, &p.Customer, &p.Contact, &p.Job, &p.Quote, &p.Payload, &p.Tries, &p.CreatedAt, &p.device, &p.on, &p.expired, &open)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, false, nil
	}
	if err != nil {
		return p, false, fmt.Errorf("read notification %d: %w", id, err)
	}
	return p, open, nil
}

// deliverPush sends a notification, if it should still go.
func (w Worker) deliverPush(ctx context.Context, id int64) error {
	p, open, err := w.loadPush(ctx, id)
	if err != nil || !open {
		return err
	}
	ctx, span := tracing.Begin(ctx, "push "+string(p.Kind))
	defer span.End()
	span.SetAttributes(attribute.Int64("fieldgate.push", p.ID), attribute.Int("fieldgate.tries", p.Tries+1))
	device, m, err := w.composePush(ctx, p)
	if why := dropped(""); errors.As(err, &why) {
		return w.recordPush(ctx, p, push.Answer{Words: string(why)}, Dropped)
	}
	if err != nil {
		tracing.Failed(span, err)
		return err
	}
	answer, err := w.Push.Send(ctx, device, m)
	if errors.Is(ctx.Err(), context.Canceled) {
		return queue.Later(0)
	}
	if err != nil {
		tracing.Failed(span, err)
		return err
	}
	state := Sent
	switch answer.Outcome {
	case push.Taken:
	case push.Later:
		state = Retrying
	case push.Gone, push.Never:
		state = Failed
	}
	return w.recordPush(ctx, p, answer, state)
}

// composePush asks again whether the notification should go, and writes it: a
// dropped says why not.
func (w Worker) composePush(ctx context.Context, p waitingPush) (push.Device, push.Message, error) {
	switch {
	case !p.on:
		return push.Device{}, push.Message{}, dropped("notifications are switched off")
	case p.expired:
		return push.Device{}, push.Message{}, dropped("it is too old to be news")
	}
	device, err := push.Find(ctx, w.Pool, p.device)
	if errors.Is(err, apperr.NotFound) {
		return device, push.Message{}, dropped("notifications were turned off on the device")
	}
	if err != nil {
		return device, push.Message{}, err
	}
	content, err := w.pushContent(ctx, p.email, device.Person)
	if err != nil {
		return device, push.Message{}, err
	}
	c, err := company.Read(ctx, w.Pool)
	if err != nil {
		return device, push.Message{}, err
	}
	life := lifeOf(content, c.Format())
	if life <= 0 {
		return device, push.Message{}, dropped("the day that it tells of has come")
	}
	text, err := w.pushText(ctx, p.email, c, device.Person, content)
	if err != nil {
		return device, push.Message{}, err
	}
	return device, push.Message{Text: text, Life: life, Urgency: p.urgency(), Topic: w.topic(p.email)}, nil
}

// pushContent is what the notification tells, as it is now and with the contact's
// eyes.
func (w Worker) pushContent(ctx context.Context, e email, person int64) (content any, err error) {
	l, known := lineOf(e.Kind)
	if !known {
		return nil, fmt.Errorf("no notification of kind %q", e.Kind)
	}
	err = pgx.BeginTxFunc(ctx, w.Pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		to, err := l.recheckPush(ctx, tx, e, person)
		if err != nil {
			return err
		}
		content, err = l.asContact(ctx, tx, e, to)
		return err
	})
	return content, err //nolint:wrapcheck // it is ours, or the transaction's
}

// recheckPush is recheck for a notification on a device of the person: whom it is
// for has to be able to sign in, as that contact.
func (l Line) recheckPush(ctx context.Context, tx postgres.Tx, e email, person int64) (candidate, error) {
	rows, err := tx.Query(ctx, candidates+`c.id = @contact) found`, e.args())
	if err != nil {
		return candidate{}, fmt.Errorf("read whom a notification is for: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[candidate])
	if err != nil {
		return candidate{}, fmt.Errorf("read whom a notification is for: %w", err)
	}
	c.Links = false // a notification leads through the sign-in
	switch out := c.shutOut(e); {
	case out != "":
		return c, unreached{out, ""}
	case c.Person == 0:
		return c, dropped("the contact comes in by their company’s account alone")
	case c.Person != person:
		return c, dropped("somebody else signs in as the contact now")
	case c.rule(l) == "":
		return c, dropped("it is not about the contact’s own work any more")
	case !c.Phone:
		return c, dropped("the contact does not want these notifications")
	}
	return c, nil
}

// pushLook is what the service worker is told, which shows it.
type pushLook struct {
	Title   string `json:"title"`
	Body    string `json:"body"`
	Path    string `json:"path"`
	Topic   string `json:"topic"`
	Icon    string `json:"icon"`
	Waiting int    `json:"waiting"` // for the app's badge
}

func (w Worker) topic(e email) string {
	return fmt.Sprintf("%x", w.Box.Mark("push topic", fmt.Appendf(nil, "%s of %d", e.thing(), e.Contact)))
}

// thing is the record that the notification is about.
func (e email) thing() string {
	switch {
	case e.Job != 0:
		return fmt.Sprintf("job %d", e.Job)
	case e.Quote != 0:
		return fmt.Sprintf("quote %d", e.Quote)
	case e.Payload.Equipment != 0:
		return fmt.Sprintf("equipment %d", e.Payload.Equipment)
	}
	return string(e.Kind)
}

// lifeOf is how long a phone that is off may take to learn of it: of a visit until
// its day begins, of what a quote is valid for until its last day ends.
func lifeOf(content any, f company.Format) time.Duration {
	until := f.Now.Add(pushGiveUp)
	switch c := content.(type) {
	case JobVisit:
		if c.Tomorrow && c.From != nil {
			until = f.DayOf(*c.From).Time(f.Zone())
		}
	case PricedQuote:
		if c.Expiring && !c.ValidUntil.IsZero() {
			until = c.ValidUntil.AddDays(1).Time(f.Zone())
		}
	}
	return min(until.Sub(f.Now), pushGiveUp)
}

func (e email) urgency() push.Urgency {
	switch l, _ := lineOf(e.Kind); {
	case e.Kind == KindVisitReminder, e.Kind == KindVisitCalledOff, e.Kind == KindJobBooked:
		return push.High
	case l.Phone:
		return push.Normal
	}
	return push.Low
}

// pushText is the notification as it is sent: people with several customers are told
// whose it is, by the company's name or else the number, since others may read it.
func (w Worker) pushText(ctx context.Context, e email, c company.Company, who int64, content any) ([]byte, error) {
	words, err := w.Renderer.Pushed(Mail{Business: Business{Details: c.Details, Format: c.Format()}, Contact: e.Contact, Content: content})
	if err != nil {
		return nil, fmt.Errorf("write the notification of %s: %w", e.Kind, err)
	}
	choices, err := person.Choices(ctx, w.Pool, who)
	if err != nil {
		return nil, err
	}
	if at := slices.IndexFunc(choices, func(c person.Choice) bool { return c.Contact == e.Contact }); at >= 0 && len(choices) > 1 {
		words.Body += "\n" + clipped(cmp.Or(choices[at].Company, choices[at].CustomerNumber), 80)
	}
	look := pushLook{Title: clipped(w.named(c), 80), Body: words.Body, Path: words.Path, Topic: w.topic(e), Icon: w.PushIcon(c.Version)}
	if look.Waiting, err = w.Waiting(ctx, who); err != nil {
		return nil, err
	}
	return encodePush(look)
}

// recordPush keeps what became of a try, and says when the next one is due.
func (w Worker) recordPush(ctx context.Context, p waitingPush, a push.Answer, state State) error {
	p.Tries++
	pause := max(a.Pause, pushPause(p.Tries))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	err := postgres.TransactWhenBack(ctx, w.Pool, func(tx postgres.Tx) error {
		// The device first, as whoever ends it does.
		switch {
		case a.Outcome == push.Gone:
			if err := push.End(ctx, tx, p.device); err != nil {
				return err
			}
		case state == Sent:
			if err := push.Used(ctx, tx, p.device); err != nil {
				return err
			}
		}
		err := tx.QueryRow(ctx, `
			with outcome as (select case when @state = 'retrying' and created_at + @give_up::interval < now() + @pause::interval then 'failed' else @state end as state from pushes where id = @id)
			update pushes p set state = o.state, words = @words, tries = @tries,
				next_try_at = case when o.state = 'retrying' then now() + @pause::interval end,
				finished_at = case when o.state <> 'retrying' then now() end
			from outcome o where p.id = @id returning p.state`,
			pgx.NamedArgs{"id": p.ID, "state": string(state), "words": a.Words, "tries": p.Tries, "pause": pause, "give_up": pushGiveUp}).Scan(&state)
		if errors.Is(err, pgx.ErrNoRows) { // it went with its device
			state = Dropped
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("record notification %d: %w", p.ID, err)
	}
	outcome := string(state)
	if a.Outcome == push.Gone {
		outcome = string(push.Gone)
	}
	if w.pushTries != nil {
		w.pushTries.WithLabelValues(outcome).Inc()
	}
	trace.SpanFromContext(ctx).SetAttributes(attribute.String("fieldgate.state", outcome))
	w.log().InfoContext(ctx, "notification", "push", p.ID, "kind", p.Kind, "state", outcome, "tries", p.Tries, "words", a.Words)
	if state == Retrying {
		return queue.Later(pause)
	}
	return nil
}

// pushPause is how long to wait after so many tries: ten seconds, then twice as
// long each time, up to an hour.
func pushPause(tries int) time.Duration {
	const first, most = 10 * time.Second, time.Hour
	if tries > 9 {
		return most
	}
	return min(first<<max(tries-1, 0), most)
}

// longestBody is what phones show of it at most; with it all is within push.MaxMessage,
// however it is written.
const longestBody = 200

// encodePush writes what is sent as JSON, no longer than may be.
func encodePush(look pushLook) ([]byte, error) {
	look.Body = clipped(look.Body, longestBody)
	text, err := json.Marshal(look)
	if err != nil {
		return nil, fmt.Errorf("write a notification: %w", err)
	}
	return text, nil
}

// clipped is the beginning of a name.
func clipped(name string, most int) string {
	if letters := []rune(name); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return name
}
