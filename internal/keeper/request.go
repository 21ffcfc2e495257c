package keeper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// What is what a contact asks a keeper for.
type What string

// The ways. New is a thing that is recorded here already, as what was asked for,
// or, of a site, one that is not there.
const (
	New        What = "new"
	Edit       What = "edit"
	Withdrawal What = "withdrawal"
)

// State is what became of a request.
type State string

// The states: it waits, the keeper has done it, it has done something else, or said no.
const (
	Waiting   State = "waiting"
	Done      State = "done"
	Otherwise State = "otherwise"
	Refused   State = "refused"
)

// States are all of them, in the order of filters.
var States = []State{Waiting, Done, Otherwise, Refused}

// Change is what becomes of one field, as people read it. Field is its name in
// records that come in and go out.
type Change struct {
	Field  string `json:"field"`
	Label  string `json:"label"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Request is what a contact asked of the system that keeps a thing.
type Request struct {
	ID             int64      `json:"id"`
	Kind           Kind       `json:"kind"`
	What           What       `json:"what"`
	Thing          string     `json:"thing"`         // its number, or what people call it
	Key            string     `json:"key,omitempty"` // its id as records have it; empty for one that is not there
	Row            int64      `json:"-" db:"row_id"` // 0 for one that is not there
	Source         string     `json:"source"`
	Label          string     `json:"-"`
	CustomerID     int64      `json:"-"`
	CustomerNumber string     `json:"customer"`
	CustomerName   string     `json:"customer_name"`
	ContactID      int64      `json:"contact"`
	Contact        string     `json:"contact_name"`
	Changes        []Change   `json:"changes"`
	At             time.Time  `json:"at"`
	State          State      `json:"state"`
	Answer         string     `json:"answer,omitempty"`
	AnsweredAt     *time.Time `json:"answered_at,omitempty"`
	AnsweredBy     string     `json:"-"`
}

// Waits reports whether the keeper has yet to answer.
func (r Request) Waits() bool { return r.State == Waiting }

// Late reports whether it has waited for more than a day.
func (r Request) Late(now time.Time) bool { return r.Waits() && now.Sub(r.At) > 24*time.Hour }

const requestColumns = `r.id, r.kind, r.what, r.thing, r.key, coalesce(r.row_id, 0) as row_id, r.source, r.label, r.customer_id, cu.number as customer_number, cu.name as customer_name,
	r.contact_id, c.name as contact, r.changes, r.at, r.state, r.answer, r.answered_at, r.answered_by`

const requestTables = `keeper_requests r join customers cu on cu.id = r.customer_id join contacts c on c.id = r.contact_id`

// actions are what the trail says of a contact who asks.
var actions = map[Kind]map[What]audit.Action{
	Customers: {Edit: audit.CustomerChangeAsked},
	Sites:     {New: audit.SiteAsked, Edit: audit.SiteChangeAsked},
	Contacts:  {Edit: audit.ContactChangeAsked},
	Equipment: {Edit: audit.EquipmentChangeAsked},
	Jobs:      {Edit: audit.JobChangeAsked, Withdrawal: audit.JobWithdrawalAsked},
	Quotes:    {Edit: audit.QuoteChangeAsked, Withdrawal: audit.QuoteWithdrawalAsked},
}

// answers are what the trail says of the answer.
var answers = map[Kind]audit.Action{
	Customers: audit.CustomerRequestAnswered, Sites: audit.SiteRequestAnswered, Contacts: audit.ContactRequestAnswered,
	Equipment: audit.EquipmentRequestAnswered, Jobs: audit.JobRequestAnswered, Quotes: audit.QuoteRequestAnswered,
}

// Ask keeps what a contact asks the keeper of a thing for. What waits already in
// the same words is not asked twice. Of what is recorded here as it was asked for,
// the trail has an entry already.
func Ask(ctx context.Context, tx postgres.Tx, by audit.Actor, of Keeper, r Request) (id int64, err error) {
	args := pgx.NamedArgs{
		"kind": r.Kind, "row": r.Row, "what": r.What, "thing": r.Thing, "key": r.Key, "source": of.Source, "label": of.Label, "customer": r.CustomerID, "contact": by.Contact, "changes": notNil(r.Changes),
	}
	err = tx.QueryRow(ctx, `
		insert into keeper_requests (kind, row_id, what, thing, key, source, label, customer_id, contact_id, changes)
		select @kind::text, nullif(@row::bigint, 0), @what::text, @thing::text, @key::text, @source::text, @label::text, @customer::bigint, @contact::bigint, @changes::jsonb
		where not exists (select from keeper_requests where kind = @kind and row_id is not distinct from nullif(@row::bigint, 0) and what = @what and state = 'waiting'
			and customer_id = @customer and contact_id = @contact and changes = @changes::jsonb)
		returning id`, args).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil // the button was pressed twice
	}
	if err != nil {
		return 0, fmt.Errorf("ask %s for %s %s: %w", of.Source, r.What, r.Kind.One(), err)
	}
	action, known := actions[r.Kind][r.What]
	if !known {
		return id, nil
	}
	before, after := map[string]string{}, map[string]string{}
	for _, c := range r.Changes {
		before[c.Field], after[c.Field] = c.Before, c.After
	}
	n := audit.New{Action: action, ID: r.Row, Label: r.Thing, Customer: r.CustomerID, Before: before, After: after}
	if r.What == New {
		n.Before = nil
	}
	return id, audit.Record(ctx, tx, by, n)
}

func notNil(changes []Change) []Change {
	if changes == nil {
		return []Change{}
	}
	return changes
}

// LockOf locks and returns what waits for a source about one thing. A site that
// was asked for and is there now is found by its name.
func LockOf(ctx context.Context, tx postgres.Tx, source string, k Kind, row, customer int64, name string) ([]Request, error) {
	return collect(ctx, tx, `
		select `+requestColumns+` from `+requestTables+`
		where r.state = 'waiting' and r.source = @source and r.kind = @kind and (r.row_id = @row or r.row_id is null and r.customer_id = @customer and lower(r.thing) = lower(@name))
		order by r.id for update of r`, pgx.NamedArgs{"source": source, "kind": k, "row": row, "customer": customer, "name": name})
}

// Lock locks and returns a request, or apperr.NotFound.
func Lock(ctx context.Context, tx postgres.Tx, id int64) (Request, error) {
	all, err := collect(ctx, tx, `select `+requestColumns+` from `+requestTables+` where r.id = @id for update of r`, pgx.NamedArgs{"id": id})
	if err == nil && len(all) == 0 {
		err = apperr.NotFound
	}
	if err != nil {
		return Request{}, err
	}
	return all[0], nil
}

// Find is a request, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (Request, error) {
	all, err := collect(ctx, db, `select `+requestColumns+` from `+requestTables+` where r.id = @id`, pgx.NamedArgs{"id": id})
	if err == nil && len(all) == 0 {
		err = apperr.NotFound
	}
	if err != nil {
		return Request{}, err
	}
	return all[0], nil
}

func collect(ctx context.Context, db postgres.DB, sql string, args pgx.NamedArgs) ([]Request, error) {
	rows, err := db.Query(ctx, sql, args)
	if err != nil {
		return nil, fmt.Errorf("requests to a keeper: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Request])
	if err != nil {
		return nil, fmt.Errorf("requests to a keeper: %w", err)
	}
	return all, nil
}

// MaxAnswer is how long the words of an answer may be.
const MaxAnswer = 2000

// Reply is what is answered to a request. The customer reads its words.
type Reply struct {
	State State // Done, Otherwise or Refused
	Words string
}

// Check says what is wrong with it.
func (a Reply) Check() problem.Set {
	p := problem.Set{}
	p.Unless(slices.Contains([]State{Done, Otherwise, Refused}, a.State), "state", "Say whether it was done.")
	p.Unless(a.State != Refused || a.Words != "", "answer", "Say why not. The customer reads it.")
	p.Unless(len([]rune(a.Words)) <= MaxAnswer, "answer", fmt.Sprintf("Keep it under %d characters.", MaxAnswer))
	return p
}

// Close answers a locked request that waits.
func Close(ctx context.Context, tx postgres.Tx, by audit.Actor, r Request, a Reply) error {
	if err := a.Check().Err(); err != nil {
		return err
	}
	if !r.Waits() {
		return apperr.Conflictf("This was answered already.")
	}
	_, err := tx.Exec(ctx, `update keeper_requests set state = @state, answer = @words, answered_at = now(), answered_by = @by where id = @id`,
		pgx.NamedArgs{"id": r.ID, "state": a.State, "words": a.Words, "by": by.Name})
	if err != nil {
		return fmt.Errorf("answer request %d: %w", r.ID, err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: answers[r.Kind], ID: r.Row, Label: r.Thing, Customer: r.CustomerID, After: map[string]string{"answer": string(a.State), "words": a.Words}})
}

// Filter narrows the list of requests. Its zero value does not.
type Filter struct {
	State State
	Kind  Kind
	Late  bool // waiting for more than a day
}

// Orders are the ways to sort the list.
var Orders = list.Orders{{Key: "asked", Expr: "r.at", Type: "timestamptz", Desc: true}}

// QueryRequests adds a page of the list to a batch, and how many there are in each
// state.
func QueryRequests(b *postgres.Batch, into *list.Page[Request], counts *map[State]int, q list.Query, f Filter) {
	source := func(state State) list.Source {
		s := list.Source{Columns: requestColumns, From: requestTables, ID: "r.id"}
		s.Where.Search("search_vector(r.thing, cu.name, cu.number, c.name)", q.Search)
		if state == Waiting {
			s.Where.And("r.state = 'waiting'") // as the index has it
		} else if state != "" {
			s.Where.And("r.state = @state", "state", state)
		}
		if f.Kind != "" {
			s.Where.And("r.kind = @kind", "kind", f.Kind)
		}
		if f.Late {
			s.Where.And("r.state = 'waiting' and r.at < now() - interval '1 day'")
		}
		return s
	}
	list.QueryPage(b, into, q, Orders, source(f.State))
	*counts = list.QueryTally[State](b, source(""), "r.state")
}

// QueryOf adds what was asked about one thing to a batch: what waits, and what was
// answered lately.
func QueryOf(b *postgres.Batch, into *[]Request, k Kind, row int64) {
	postgres.Query(b, into, `select `+requestColumns+` from `+requestTables+` where r.kind = @kind and r.row_id = @row and `+recent+` order by r.at desc, r.id desc limit 20`,
		pgx.NamedArgs{"kind": k, "row": row})
}

// QueryOfCustomer is QueryOf and QueryIDs of the customer with a number.
func QueryOfCustomer(b *postgres.Batch, ids *[]string, into *[]Request, number string) {
	args := pgx.NamedArgs{"number": number}
	postgres.QueryValue(b, ids, `select array(select x.id from external_ids x join keepers p on p.kind = x.kind and p.source = x.source where x.kind = 'customers' and x.row_id = (select id from customers where number = @number) order by x.id)`, args)
	postgres.Query(b, into, `
		select `+requestColumns+` from `+requestTables+`
		where (r.kind = 'customers' or r.kind = 'sites' and r.row_id is null) and r.customer_id = (select id from customers where number = @number) and `+recent+` order by r.at desc, r.id desc limit 20`, args)
}

// recent is what pages of a thing show.
const recent = `(r.state = 'waiting' or r.answered_at > now() - interval '14 days')`

// Open lists what waits for a source after the request with an id, in the order in
// which it was asked: for the source itself. Customers are those within its reach,
// nil for all. A request that commits behind a later one is seen by whoever asks
// from the beginning again: what waits stays in the list until it is answered.
func Open(ctx context.Context, db postgres.DB, source string, customers []int64, after int64, limit int) ([]Request, error) {
	if limit <= 0 || limit > 1000 {
		limit = 100
	}
	return collect(ctx, db, `
		select `+requestColumns+` from `+requestTables+`
		where r.state = 'waiting' and r.source = @source and r.id > @after and (@all or r.customer_id = any(@customers)) order by r.id limit @limit`,
		pgx.NamedArgs{"source": source, "after": after, "all": customers == nil, "customers": postgres.IDs(customers), "limit": limit})
}

// QueryIDs adds the ids under which its keeper knows a thing to a batch.
func QueryIDs(b *postgres.Batch, into *[]string, k Kind, row int64) {
	postgres.QueryValue(b, into, `select array(select x.id from external_ids x join keepers p on p.kind = x.kind and p.source = x.source where x.kind = @kind and x.row_id = @row order by x.id)`, pgx.NamedArgs{"kind": k, "row": row})
}

// Erase takes out of requests what they say of a contact's own details.
func Erase(ctx context.Context, tx postgres.Tx, contact int64) error {
	_, err := tx.Exec(ctx, `
		update keeper_requests set thing = @former, changes = '[]', answer = '', state = case state when 'waiting' then 'otherwise' else state end, answered_at = coalesce(answered_at, now())
		where kind = 'contacts' and row_id = @contact`, pgx.NamedArgs{"contact": contact, "former": audit.FormerContact})
	if err != nil {
		return fmt.Errorf("erase requests about contact %d: %w", contact, err)
	}
	return nil
}
