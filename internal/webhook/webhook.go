// Package webhook tells other systems of events: which ones are told of what,
// and what became of telling them. Requests are those of Standard Webhooks
// (https://www.standardwebhooks.com).
package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/event"
	"fieldgate/internal/list"
	"fieldgate/internal/outbound"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/secret"
)

// Details are what somebody enters about a webhook.
type Details struct {
	Name    string
	Address string
	// Kinds are what it is told of; nil is all, those to come too.
	Kinds []event.Kind
	// Customers are the numbers of those whose events it gets; nil is all.
	Customers []string
}

// Why a webhook is off.
const (
	OffByStaff = "staff"
	OffGone    = "gone"    // the receiver answered 410: it wants no more
	OffFailing = "failing" // nothing got through for GiveUp
)

// Webhook is one as stored, with how it is doing.
type Webhook struct {
	ID           int64
	Name         string
	Address      string
	Kinds        []event.Kind
	Customers    []string
	HasOldSecret bool
	RotatedAt    *time.Time
	Active       bool
	OffWhy       string
	OffAt        *time.Time
	FailingSince *time.Time
	NextAt       time.Time // events are not tried before
	Version      int64
	CreatedAt    time.Time

	Waiting   int // deliveries, up to MostWaiting
	Missed    int // events since it was switched off, up to MostWaiting
	LastAt    *time.Time
	LastState *State
	LastWords *string // what went wrong, or the answer's status
}

// MostWaiting is where the counts of a Webhook stop.
const MostWaiting = 1000

// Details are what can be edited.
func (w Webhook) Details() Details { return Details{w.Name, w.Address, w.Kinds, w.Customers} }

// Host is where the webhook leads, for those who may not see its whole address:
// a path may be a secret.
func (w Webhook) Host() string { return host(w.Address) }

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// Field is the description of each field.
var Field = struct{ Name, Address, Kinds, Customers problem.Field }{
	Name:      problem.Field{Name: "name", Label: "Name", Max: 100},
	Address:   problem.Field{Name: "address", Label: "Address", Max: 1000},
	Kinds:     problem.Field{Name: "kinds", Label: "Events"},
	Customers: problem.Field{Name: "customers", Label: "Customers"},
}

// Fields are the fields in the order of the form.
var Fields = problem.Fields{Field.Name, Field.Address, Field.Kinds, Field.Customers}

// mostCustomers is how many customers a webhook can be limited to.
const mostCustomers = 1000

// Check says what is wrong with details. Networks that the operator allows may
// be called although they are private.
func (d Details) Check(allowed []netip.Prefix) problem.Set {
	p := problem.Set{}
	p.Unless(d.Name != "", Field.Name.Name, "Enter a name, such as the system’s.")
	p.Limit(Field.Name, d.Name)
	p.Limit(Field.Address, d.Address)
	_, err := outbound.Guard{Allowed: allowed}.Check(d.Address)
	switch {
	case d.Address == "":
		p.Add(Field.Address.Name, "Enter the address that the system gave you.")
	case errors.Is(err, outbound.ErrPrivate):
		p.Add(Field.Address.Name, "This address is in a private network. Whoever runs the server can allow it.")
	case err != nil:
		p.Add(Field.Address.Name, "Enter an address that begins with https:// and contains no user name or password.")
	}
	p.Unless(d.Kinds == nil || len(d.Kinds) > 0, Field.Kinds.Name, "Tick at least one event, or choose all of them.")
	for _, k := range d.Kinds {
		p.Unless(k.Known(), Field.Kinds.Name, "Choose events from the list.")
	}
	p.Unless(d.Customers == nil || len(d.Customers) > 0, Field.Customers.Name, "Enter at least one customer number, or choose all customers.")
	p.Unless(len(d.Customers) <= mostCustomers, Field.Customers.Name, fmt.Sprintf("Enter at most %d customers, or choose all of them.", mostCustomers))
	return p
}

// customers are the ids of those that details name; nil for all.
func (d Details) customers(ctx context.Context, db postgres.DB) ([]int64, error) {
	if d.Customers == nil {
		return nil, nil
	}
	rows, err := db.Query(ctx, `select id, upper(number) as number from customers where upper(number) = any(@numbers)`, pgx.NamedArgs{"numbers": upper(d.Customers)})
	if err != nil {
		return nil, fmt.Errorf("find the webhook's customers: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		ID     int64
		Number string
	}])
	if err != nil {
		return nil, fmt.Errorf("find the webhook's customers: %w", err)
	}
	ids, known := []int64{}, map[string]bool{}
	for _, f := range found {
		ids, known[f.Number] = append(ids, f.ID), true
	}
	for _, n := range d.Customers {
		if !known[strings.ToUpper(n)] {
			return nil, problem.Of(Field.Customers.Name, "There is no customer "+n+". Enter numbers such as C-1001, one a line.")
		}
	}
	slices.Sort(ids)
	return ids, nil
}

func upper(all []string) (out []string) {
	for _, s := range all {
		out = append(out, strings.ToUpper(s))
	}
	return out
}

// snapshot is a webhook as the audit trail records it, without its secrets. Of
// an address the trail keeps all but what follows a question mark.
type snapshot struct {
	Name      string `json:"name"`
	Address   string `json:"address"`
	Kinds     string `json:"kinds"`
	Customers string `json:"customers"`
	Version   int64  `json:"version"`
}

func (d Details) snapshot(version int64) snapshot {
	address, _, _ := strings.Cut(d.Address, "?")
	s := snapshot{d.Name, address, "All", "All", version}
	if d.Kinds != nil {
		var labels []string
		for _, k := range d.Kinds {
			labels = append(labels, k.Label())
		}
		s.Kinds = strings.Join(labels, ", ")
	}
	if d.Customers != nil {
		s.Customers = strings.Join(d.Customers, ", ")
	}
	return s
}

// New is a webhook to be made. Nonce is the form's.
type New struct {
	Details
	Nonce string
}

// Keeper keeps webhooks: what it takes to write one.
type Keeper struct {
	Box     *secret.Box
	Allowed []netip.Prefix // private networks that may be called
}

// Create makes a webhook that is told of what happens from now on, and returns
// its secret, which is not shown again. A form sent twice makes one; created is
// then false, and there is no secret.
func (k Keeper) Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (id int64, created bool, plain string, err error) {
	if err := n.Check(k.Allowed).Err(); err != nil {
		return 0, false, "", err
	}
	customers, err := n.customers(ctx, tx)
	if err != nil {
		return 0, false, "", err
	}
	key, plain := newKey(), NewSecret()
	err = tx.QueryRow(ctx, `
		insert into webhooks (seal, name, address, kinds, customer_ids, secret, nonce, spread_to)
		values (@seal, @name, @address, @kinds, @customers, @secret, nullif(@nonce, ''), (select last from event_numbers))
		on conflict on constraint webhook_nonce_taken do nothing
		returning id`,
		pgx.NamedArgs{"seal": key, "name": n.Name, "address": n.Address, "kinds": n.Kinds, "customers": customers, "secret": k.Box.Seal([]byte(plain), sealedFor(key)), "nonce": n.Nonce}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		if err = tx.QueryRow(ctx, `select id from webhooks where nonce = $1`, n.Nonce).Scan(&id); err != nil {
			return 0, false, "", fmt.Errorf("find the webhook made before: %w", err)
		}
		return id, false, "", nil
	}
	if err != nil {
		return 0, false, "", fmt.Errorf("make webhook: %w", err)
	}
	return id, true, plain, audit.Record(ctx, tx, by, audit.New{Action: audit.WebhookCreated, ID: id, Label: n.Name, After: n.snapshot(1)})
}

// Edit changes a webhook, shown as version; apperr.Stale when somebody else has
// changed it since. What waits goes to the new address, and if that is another one
// at once; but nothing that the webhook is no longer told of goes anywhere.
func (k Keeper) Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, id, version int64, d Details) error {
	before, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := d.Check(k.Allowed).Err(); err != nil {
		return err
	}
	customers, err := d.customers(ctx, tx)
	if err != nil {
		return err
	}
	if before.Version != version {
		return apperr.Stale
	}
	moved := d.Address != before.Address
	_, err = tx.Exec(ctx, `update webhooks set name = @name, address = @address, kinds = @kinds, customer_ids = @customers, version = version + 1 where id = @id`,
		pgx.NamedArgs{"id": id, "name": d.Name, "address": d.Address, "kinds": d.Kinds, "customers": customers})
	if err == nil {
		_, err = tx.Exec(ctx, `
			update webhook_deliveries d set state = 'skipped', finished_at = now() from webhooks w, events e
			where w.id = @id and d.webhook_id = w.id and d.state = 'waiting' and e.id = d.event_id and not (`+wanted+`)`, pgx.NamedArgs{"id": id})
	}
	if err == nil {
		// What went wrong before says nothing of another address, nor when nothing is left
		// to be tried.
		_, err = tx.Exec(ctx, `
			update webhooks w set failures = 0, failing_since = null, next_at = now()
			where w.id = @id and (@moved or not exists (select from webhook_deliveries d where d.webhook_id = w.id and d.state = 'waiting' and d.event_id is not null))`,
			pgx.NamedArgs{"id": id, "moved": moved})
	}
	if err == nil && moved {
		err = hurry(ctx, tx, id)
	}
	if err != nil {
		return fmt.Errorf("edit webhook: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.WebhookEdited, ID: id, Label: d.Name, Before: before.Details().snapshot(version), After: d.snapshot(version + 1)})
}

// Rotate gives a webhook a new secret, which signs beside the present one until
// that is ended. Of three only two are kept: the oldest ends.
func (k Keeper) Rotate(ctx context.Context, tx postgres.Tx, by audit.Actor, id, version int64) (plain string, err error) {
	w, err := lock(ctx, tx, id)
	if err != nil {
		return "", err
	}
	if w.Version != version { // the button was pressed twice
		return "", apperr.Stale
	}
	var key string
	if err := tx.QueryRow(ctx, `select seal from webhooks where id = $1`, id).Scan(&key); err != nil {
		return "", fmt.Errorf("rotate a webhook's secret: %w", err)
	}
	plain = NewSecret()
	_, err = tx.Exec(ctx, `update webhooks set old_secret = secret, secret = @secret, rotated_at = now(), version = version + 1 where id = @id`,
		pgx.NamedArgs{"id": id, "secret": k.Box.Seal([]byte(plain), sealedFor(key))})
	if err != nil {
		return "", fmt.Errorf("rotate a webhook's secret: %w", err)
	}
	return plain, audit.Record(ctx, tx, by, audit.New{Action: audit.WebhookSecretRotated, ID: id, Label: w.Name})
}

// EndOldSecret lets the new secret alone sign from now on.
func EndOldSecret(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	w, err := lock(ctx, tx, id)
	if err != nil || !w.HasOldSecret {
		return err
	}
	if _, err := tx.Exec(ctx, `update webhooks set old_secret = null, version = version + 1 where id = $1`, id); err != nil {
		return fmt.Errorf("end a webhook's old secret: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.WebhookSecretEnded, ID: id, Label: w.Name})
}

// SwitchOff stops sending. What waits stays, and what happens from now on is
// remembered, until somebody switches the webhook on again.
func SwitchOff(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	w, err := lock(ctx, tx, id)
	if err != nil || !w.Active {
		return err
	}
	return switchOff(ctx, tx, by, w.ID, w.Name, OffByStaff)
}

func switchOff(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, name, why string) error {
	if _, err := tx.Exec(ctx, `update webhooks set active = false, off_why = @why, off_at = now(), version = version + 1 where id = @id`, pgx.NamedArgs{"id": id, "why": why}); err != nil {
		return fmt.Errorf("switch webhook off: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.WebhookSwitchedOff, ID: id, Label: name, After: map[string]any{"why": why}})
}

// SwitchOn begins to send again: with what happened in the meantime, or without.
func SwitchOn(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, meantime bool) error {
	w, err := lock(ctx, tx, id)
	if err != nil || w.Active {
		return err
	}
	args := pgx.NamedArgs{"id": id, "meantime": meantime}
	_, err = tx.Exec(ctx, `
		update webhooks set active = true, off_why = '', off_at = null, failures = 0, failing_since = null, next_at = now(), version = version + 1,
			begins_at = case when @meantime then begins_at else now() end
		where id = @id`, args)
	if err == nil {
		_, err = tx.Exec(ctx, `
			update webhook_deliveries set state = case when @meantime then state else 'skipped' end, finished_at = case when @meantime then finished_at else now() end, next_at = now(), first_at = null
			where webhook_id = @id and state = 'waiting'`, args)
	}
	if err != nil {
		return fmt.Errorf("switch webhook on: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.WebhookSwitchedOn, ID: id, Label: w.Name})
}

// Remove ends a webhook for good, with what is known of its deliveries.
func Remove(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	w, err := lock(ctx, tx, id)
	if errors.Is(err, apperr.NotFound) {
		return nil // the button was pressed twice
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from webhooks where id = $1`, id); err != nil {
		return fmt.Errorf("remove webhook: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.WebhookRemoved, ID: id, Label: w.Name, Before: w.Details().snapshot(w.Version)})
}

const columns = `w.id, w.name, w.address, w.kinds,
	case when w.customer_ids is not null then array(select number from customers where id = any(w.customer_ids) order by number) end as customers,
	w.old_secret is not null as has_old_secret, w.rotated_at, w.active, w.off_why, w.off_at, w.failing_since, w.next_at, w.version, w.created_at`

// doing are the columns of how a webhook is doing.
var doing = fmt.Sprintf(`,
	(select count(*) from (select from webhook_deliveries d where d.webhook_id = w.id and d.state = 'waiting' limit %[1]d) t)::integer as waiting,
	(case when w.active then 0 else (select count(*) from (select from events e where e.at > w.off_at and coalesce(e.number, 9223372036854775807) > w.spread_to and `+wanted+` limit %[1]d) t) end)::integer as missed,
	l.last_at, l.state as last_state, l.words as last_words`, MostWaiting)

// tables are the webhooks, each with its last delivery.
const tables = `webhooks w
	left join lateral (select d.last_at, d.state, case when d.status is not null then 'Answered ' || d.status else d.words end as words
		from webhook_deliveries d where d.webhook_id = w.id and d.last_at is not null order by d.last_at desc limit 1) l on true`

// wanted is the condition that a webhook w is told of an event e.
var wanted = `(w.kinds is null or e.kind = any(w.kinds)) and (w.customer_ids is null or ` + event.OfCustomers("w.customer_ids") + `)`

// Show is which webhooks a list shows.
type Show string

// The webhooks to choose from.
const (
	ShowAll      Show = ""
	ShowOn       Show = "on"
	ShowRetrying Show = "retrying" // on, and nothing gets through
	ShowOff      Show = "off"
)

// Shows are all of them, in their order.
var Shows = []Show{ShowAll, ShowOn, ShowRetrying, ShowOff}

// Orders are the ways to sort webhooks.
var Orders = list.Orders{
	{Key: "name", Expr: `w.name collate "und-x-icu"`, Type: "text"},
	{Key: "last", Expr: "coalesce(l.last_at, '-infinity')", Type: "timestamptz", Desc: true},
}

// QueryList adds a page of the webhooks, and how many there are to choose from.
// Of an address the host is searched: what follows it may be a secret.
func QueryList(b *postgres.Batch, into *list.Page[Webhook], counts *map[Show]int, q list.Query, show Show) {
	source := func(show Show) list.Source {
		s := list.Source{Columns: columns + doing, From: tables, ID: "w.id"}
		s.Where.Search("search_vector(w.name, substring(w.address from '^[^/]*//([^/?#]*)'))", q.Search)
		switch show {
		case ShowAll:
		case ShowOn:
			s.Where.And("w.active and w.failing_since is null")
		case ShowRetrying:
			s.Where.And("w.active and w.failing_since is not null")
		case ShowOff:
			s.Where.And("not w.active")
		}
		return s
	}
	list.QueryPage(b, into, q, Orders, source(show))
	*counts = list.QueryCounts(b, Shows, source)
}

// QueryOne adds one of them; none is apperr.NotFound.
func QueryOne(b *postgres.Batch, into *Webhook, id int64) {
	postgres.QueryOne(b, into, `select `+columns+doing+` from `+tables+` where w.id = @id`, pgx.NamedArgs{"id": id})
}

// Find is one webhook, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (w Webhook, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryOne(b, &w, id) }); err != nil && !errors.Is(err, apperr.NotFound) {
		return w, fmt.Errorf("find webhook: %w", err)
	}
	return w, err
}

func lock(ctx context.Context, tx postgres.Tx, id int64) (w Webhook, err error) {
	if _, err := tx.Exec(ctx, `select from webhooks where id = $1 for update`, id); err != nil {
		return w, fmt.Errorf("lock webhook: %w", err)
	}
	return Find(ctx, tx, id)
}

// RotateSealed seals with the present key of the program what an earlier one has
// sealed.
func RotateSealed(ctx context.Context, tx postgres.Tx, box *secret.Box) (sealed, unreadable int, err error) {
	rows, err := tx.Query(ctx, `select id, seal, secret, old_secret from webhooks order by id for update`)
	if err != nil {
		return 0, 0, fmt.Errorf("read the secrets of webhooks: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		ID                int64
		Seal              string
		Secret, OldSecret []byte
	}])
	if err != nil {
		return 0, 0, fmt.Errorf("read the secrets of webhooks: %w", err)
	}
	for _, w := range all {
		for _, s := range []*[]byte{&w.Secret, &w.OldSecret} {
			if *s == nil {
				continue
			}
			fresh, changed, err := box.Reseal(*s, sealedFor(w.Seal))
			switch {
			case err != nil:
				unreadable++
			case changed:
				*s = fresh
				sealed++
			}
		}
		if _, err := tx.Exec(ctx, `update webhooks set secret = $2, old_secret = $3 where id = $1`, w.ID, w.Secret, w.OldSecret); err != nil {
			return sealed, unreadable, fmt.Errorf("seal the secrets of webhooks again: %w", err)
		}
	}
	return sealed, unreadable, nil
}
