package webhook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/event"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// State is what became of a delivery.
type State string

// The states. What is waiting may have been tried.
const (
	Waiting   State = "waiting"
	Delivered State = "delivered"
	Failed    State = "failed"
	Skipped   State = "skipped" // by whoever switched the webhook on again
)

// States are all of them.
var States = []State{Waiting, Delivered, Failed, Skipped}

// TestKind is the kind of a test, which no event has.
const TestKind event.Kind = "webhook.test"

// Delivery is one event on its way to one webhook, or a test.
type Delivery struct {
	ID         int64
	WebhookID  int64
	EventID    int64  // 0 for a test
	EventKey   string // the event's opaque id
	Kind       event.Kind
	Subject    string // the number or name of what it is about, "" for a test
	Customer   string // the customer's name
	State      State
	Attempts   int
	CreatedAt  time.Time
	LastAt     *time.Time
	NextAt     time.Time
	FinishedAt *time.Time
	Duration   int // milliseconds
	Status     int // of the answer, 0 when there was none
	Answer     string
	Words      string // what went wrong without an answer
	Sent       string // as it went out last
	Again      bool   // somebody asked for it once more
}

// Retrying reports whether a delivery was tried and is to be tried again.
func (d Delivery) Retrying() bool { return d.State == Waiting && d.Attempts > 0 }

// DeliveryOrders are the ways to sort deliveries.
var DeliveryOrders = list.Orders{{Key: "at", Expr: "d.created_at", Type: "timestamptz", Desc: true}}

// DeliveryFilter narrows the deliveries of a webhook; empty fields do not.
type DeliveryFilter struct {
	State State
	Kind  event.Kind
}

// subject is the number of what the event e of a delivery is about.
const subject = `coalesce(case e.thing
		when 'job' then (select j.number from jobs j where j.id = e.thing_id)
		when 'quote' then (select q.number from quotes q where q.id = e.thing_id)
		when 'equipment' then (select i.number from equipment i where i.id = e.thing_id)
		when 'message' then (select coalesce(j.number, q.number) from messages m left join jobs j on j.id = m.job_id left join quotes q on q.id = m.quote_id where m.id = e.thing_id)
		when 'attachment' then (select coalesce(j.number, q.number, i.number) from attachments a left join jobs j on j.id = a.job_id left join quotes q on q.id = a.quote_id
			left join equipment i on i.id = a.equipment_id where a.id = e.thing_id) end, '')`

const deliveryColumns = `d.id, d.webhook_id, coalesce(d.event_id, 0) as event_id, coalesce(e.public_id, '') as event_key, d.kind,
	` + subject + ` as subject,
	coalesce(cu.name, '') as customer, d.state, d.attempts, d.created_at, d.last_at, d.next_at, d.finished_at, d.duration_ms as duration, coalesce(d.status, 0) as status,
	d.answer, d.words, d.sent, d.nonce is not null and d.event_id is not null as again`

const deliveryTables = `webhook_deliveries d left join events e on e.id = d.event_id left join customers cu on cu.id = e.customer_id`

// QueryDeliveries adds a page of a webhook's deliveries to a batch, the newest
// first, and how many fit.
func QueryDeliveries(b *postgres.Batch, into *list.Page[Delivery], count *int, q list.Query, webhook int64, f DeliveryFilter) {
	s := list.Source{Columns: deliveryColumns, From: deliveryTables, ID: "d.id"}
	s.Where.And("d.webhook_id = @webhook", "webhook", webhook)
	if f.State != "" {
		s.Where.And("d.state = @state", "state", f.State)
	}
	if f.Kind != "" {
		s.Where.And("d.kind = @kind", "kind", f.Kind)
	}
	searched := strings.TrimSpace(q.Search)
	if searched != "" {
		s.Where.And(`e.public_id = @searched or upper(`+subject+`) = upper(@searched)`, "searched", searched)
	}
	list.QueryPage(b, into, q, DeliveryOrders, s)
	if searched == "" {
		s.From = "webhook_deliveries d" // what it is about decides nothing
	}
	list.QueryCount(b, count, s)
}

// QueryDelivery adds one delivery of a webhook; none is apperr.NotFound.
func QueryDelivery(b *postgres.Batch, into *Delivery, webhook, id int64) {
	postgres.QueryOne(b, into, `select `+deliveryColumns+` from `+deliveryTables+` where d.webhook_id = @webhook and d.id = @id`, pgx.NamedArgs{"webhook": webhook, "id": id})
}

// QueryTold adds whether a webhook is told, as it is set up now, of what a delivery
// tells; of a test always.
func QueryTold(b *postgres.Batch, into *bool, webhook, id int64) {
	postgres.QueryValue(b, into, `
		select d.event_id is null or exists (select from events e where e.id = d.event_id and `+wanted+`)
		from webhook_deliveries d join webhooks w on w.id = d.webhook_id where d.webhook_id = @webhook and d.id = @id`, pgx.NamedArgs{"webhook": webhook, "id": id})
}

// Test lets a test be sent, once and at once, whether the webhook is on or off.
// The same form again asks for none.
func Test(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, nonce string) (delivery int64, err error) {
	w, err := lock(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	delivery, created, err := press(ctx, tx, id, 0, TestKind, nonce)
	if err != nil || !created {
		return delivery, err
	}
	return delivery, audit.Record(ctx, tx, by, audit.New{Action: audit.WebhookTested, ID: id, Label: w.Name})
}

// SendAgain lets a delivery's event be sent once more, as a delivery of its own, if
// the webhook is still told of it: its address may be somebody else's by now.
// The same form again asks for none.
func SendAgain(ctx context.Context, tx postgres.Tx, by audit.Actor, id, delivery int64, nonce string) (fresh int64, err error) {
	w, err := lock(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	var (
		d    Delivery
		told bool
	)
	err = postgres.Read(ctx, tx, func(b *postgres.Batch) {
		QueryDelivery(b, &d, id, delivery)
		QueryTold(b, &told, id, delivery)
	})
	if err != nil {
		return 0, err //nolint:wrapcheck // it is apperr.NotFound, or says what it is
	}
	switch {
	case d.EventID == 0:
		return Test(ctx, tx, by, id, nonce)
	case !w.Active:
		return 0, apperr.Conflictf("%s is switched off. Switch it on first.", w.Name)
	case !told:
		return 0, apperr.Conflictf("%s is no longer told of this.", w.Name)
	case d.State == Waiting && d.Attempts == 0:
		return 0, apperr.Conflictf("This event is on its way already.")
	}
	fresh, created, err := press(ctx, tx, id, d.EventID, d.Kind, nonce)
	if err != nil || !created {
		return fresh, err
	}
	return fresh, audit.Record(ctx, tx, by, audit.New{Action: audit.WebhookSentAgain, ID: id, Label: w.Name, After: map[string]any{"event": d.EventKey}})
}

// press adds a delivery that somebody asked for.
func press(ctx context.Context, tx postgres.Tx, webhook, of int64, kind event.Kind, nonce string) (id int64, created bool, err error) {
	if nonce == "" {
		nonce = newKey()
	}
	args := pgx.NamedArgs{"webhook": webhook, "event": of, "kind": kind, "nonce": nonce}
	err = tx.QueryRow(ctx, `
		insert into webhook_deliveries (webhook_id, event_id, kind, nonce) values (@webhook, nullif(@event::bigint, 0), @kind, @nonce)
		on conflict on constraint delivery_pressed_twice do nothing
		returning id`, args).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = tx.QueryRow(ctx, `select id from webhook_deliveries where webhook_id = @webhook and nonce = @nonce`, args).Scan(&id)
		return id, false, err
	}
	if err != nil {
		return 0, false, fmt.Errorf("send to a webhook: %w", err)
	}
	return id, true, nil
}

// Forget deletes tests that are older than events are kept; deliveries of events
// go with those.
func Forget(ctx context.Context, pool *pgxpool.Pool) (deleted int64, err error) {
	return postgres.InBatches(ctx, func(ctx context.Context) (int64, error) {
		tag, err := pool.Exec(ctx, `
			delete from webhook_deliveries where id = any(array(
				select id from webhook_deliveries where event_id is null and created_at < (select now() - make_interval(days => events) from retention) order by created_at limit 2000))`)
		return tag.RowsAffected(), err
	})
}

// Erase forgets what was sent and answered of a contact's events, and of what
// else of the customer's named them. What would be sent now says the event.
func Erase(ctx context.Context, tx postgres.Tx, contact, customer int64, words []string) error {
	_, err := tx.Exec(ctx, `
		update webhook_deliveries d set sent = '', answer = ''
		from events e
		where e.id = d.event_id and (d.sent <> '' or d.answer <> '') and (e.contact_id = @contact or (e.thing = 'contact' and e.thing_id = @contact)
			or (e.customer_id = @customer and exists (select from unnest(@words::text[]) w where position(lower(trim(both '"' from to_json(w)::text)) in lower(d.sent || d.answer)) > 0)))`,
		pgx.NamedArgs{"contact": contact, "customer": customer, "words": words})
	if err != nil {
		return fmt.Errorf("erase a contact from deliveries: %w", err)
	}
	return nil
}
