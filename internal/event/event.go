package event

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
)

// Event is something that a customer did, as systems read it.
type Event struct {
	ID     string    `json:"id"`
	Number int64     `json:"number"` // in the order of the feed; 0 until it is given
	Kind   Kind      `json:"type"`
	At     time.Time `json:"timestamp"`
	Data   Data      `json:"data"`
}

// Data is what an event tells. What it is about is Subject; one of the parts
// from Fields on says what was done.
type Data struct {
	Customer Customer `json:"customer"`
	// By is "contact", or "staff" for what staff have recorded in the customer's
	// name, as an acceptance by telephone.
	By      string   `json:"by"`
	Contact *Contact `json:"contact"` // who did it; null when staff named nobody, or nobody of the contacts
	Subject Subject  `json:"subject"`

	Follows string            `json:"follows,omitempty"` // the number of the job that a requested job follows, because that was not right yet
	Fields  map[string]any    `json:"fields,omitempty"`  // of what was asked for or added
	Changes map[string]Change `json:"changes,omitempty"` // of what was edited
	Answer  *Answer           `json:"answer,omitempty"`  // to a quote
	Visit   *Visit            `json:"visit,omitempty"`
	Message *Message          `json:"message,omitempty"`
	File    *File             `json:"file,omitempty"`
	Reason  string            `json:"reason,omitempty"` // of a withdrawal
}

// Customer is whose contact it was.
type Customer struct {
	Number string `json:"number"`
	Name   string `json:"name"`
}

// Contact is who it was.
type Contact struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Subject is a job, quote, equipment, customer, site or contact.
type Subject struct {
	Kind   string `json:"kind"`
	ID     string `json:"id,omitempty"`     // of equipment, sites and contacts
	Number string `json:"number,omitempty"` // of jobs, quotes, equipment and customers
	Name   string `json:"name,omitempty"`
	// ExternalIDs are what other systems know it by.
	ExternalIDs []ExternalID `json:"external_ids"`

	row int64
}

// ExternalID is what a system knows a thing by.
type ExternalID struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

// Change is what became of a field.
type Change struct {
	Before any `json:"before"`
	After  any `json:"after"`
}

// Answer is a yes or no to a version of a quote. Amounts are minor units of its
// currency.
type Answer struct {
	Version       int    `json:"version"`
	FullName      string `json:"full_name"`
	PurchaseOrder string `json:"purchase_order"`
	Reason        string `json:"reason,omitempty"`
	Way           string `json:"way"` // portal, or how staff heard of it: phone, email, in person, letter
	Currency      string `json:"currency"`
	Net           int64  `json:"net"`
	Tax           int64  `json:"tax"`
	Total         int64  `json:"total"`
}

// Visit is what was answered to a visit: that it suits, or which other times do.
type Visit struct {
	Suits  bool   `json:"suits"`
	Wishes []any  `json:"wishes"`
	Reason string `json:"reason"`
}

// Message is what was written.
type Message struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	ByEmail bool   `json:"by_email"`
	Files   []File `json:"files"`
}

// File is one that was added or removed.
type File struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
}

// row is an event as it is read, with what it is about as that is now.
type row struct {
	PublicID                                      string
	Number                                        int64
	Kind                                          Kind
	At                                            time.Time
	Actor, Thing                                  string
	ThingID                                       int64
	Before, After                                 map[string]any
	CustomerID                                    int64
	CustomerNumber, CustomerName                  string
	ContactID                                     int64
	ContactName                                   string
	JobID, QuoteID, EquipmentID                   int64
	Job, Follows, Quote, QuoteCurrency, Withdrawn string
	EquipmentKey, Equipment, EquipmentName        string
	Site, OtherContact                            string
	MessageKey, MessageText                       string
	MessageByEmail                                bool
	MessageFiles                                  []File
	FileKey, FileName, FileType                   string
	FileSize                                      int64
	Net, Tax, Total                               int64
}

// selected reads rows. Names are those of now: an event tells of nobody who was
// erased since, and of a contact by the name they have.
const selected = `
	select e.public_id, coalesce(e.number, 0) as number, e.kind, e.at, e.actor, e.thing, e.thing_id, e.before, e.after,
		cu.id as customer_id, cu.number as customer_number, cu.name as customer_name, coalesce(c.id, 0) as contact_id, coalesce(c.name, '') as contact_name,
		coalesce(j.id, 0) as job_id, coalesce(q.id, 0) as quote_id, coalesce(i.id, 0) as equipment_id,
		coalesce(j.number, '') as job, coalesce((select f.number from jobs f where e.kind = 'job.requested' and f.id = j.follows_job_id), '') as follows,
		coalesce(q.number, '') as quote, coalesce(q.currency, '') as quote_currency, coalesce(case when e.kind = 'quote.withdrawn' then q.withdrawn_reason end, '') as withdrawn,
		coalesce(i.public_id, '') as equipment_key, coalesce(i.number, '') as equipment, coalesce(i.name, '') as equipment_name,
		coalesce(s.name, '') as site, coalesce(o.name, '') as other_contact,
		coalesce(m.public_id, '') as message_key, coalesce(m.text, '') as message_text, coalesce(m.by_email, false) as message_by_email,
		coalesce((select jsonb_agg(jsonb_build_object('id', f.public_id, 'name', f.name, 'media_type', f.media_type, 'size', f.size) order by f.id)
			from attachments f where f.message_id = m.id and f.removed_at is null), '[]') as message_files,
		coalesce(a.public_id, '') as file_key, coalesce(a.name, '') as file_name, coalesce(a.media_type, '') as file_type, coalesce(a.size, 0) as file_size,
		coalesce(v.net, 0) as net, coalesce(v.tax, 0) as tax, coalesce(v.total, 0) as total
	from events e
	join customers cu on cu.id = e.customer_id
	left join contacts c on c.id = e.contact_id
	left join messages m on e.thing = 'message' and m.id = e.thing_id
	left join attachments a on e.thing = 'attachment' and a.id = e.thing_id
	left join jobs j on j.id = case e.thing when 'job' then e.thing_id when 'message' then m.job_id when 'attachment' then a.job_id end
	left join quotes q on q.id = case e.thing when 'quote' then e.thing_id when 'message' then m.quote_id when 'attachment' then a.quote_id end
	left join equipment i on i.id = case e.thing when 'equipment' then e.thing_id when 'attachment' then a.equipment_id end
	left join sites s on e.thing = 'site' and s.id = e.thing_id
	left join contacts o on e.thing = 'contact' and o.id = e.thing_id
	left join quote_versions v on v.quote_id = q.id and v.number = (e.after->>'sent_version')::integer`

// event is the row as systems read it.
func (r row) event() Event {
	e := Event{ID: r.PublicID, Number: r.Number, Kind: r.Kind, At: r.At.UTC()}
	e.Data = Data{Customer: Customer{r.CustomerNumber, r.CustomerName}, By: r.Actor, Subject: r.subject(), Follows: r.Follows}
	if r.ContactID != 0 {
		e.Data.Contact = &Contact{strconv.FormatInt(r.ContactID, 10), r.ContactName}
	}
	d := &e.Data
	switch r.Kind {
	case QuoteAccepted, QuoteDeclined:
		d.Answer = &Answer{
			Version: int(number(r.After, "sent_version")), FullName: text(r.After, "full_name"), PurchaseOrder: text(r.After, "purchase_order"), Reason: text(r.After, "reason"),
			Way: cmp.Or(text(r.After, "way"), "portal"), Currency: r.QuoteCurrency, Net: r.Net, Tax: r.Tax, Total: r.Total,
		}
	case VisitAnswered:
		suits, _ := r.After["suits"].(bool)
		wishes, _ := r.After["wishes"].([]any)
		d.Visit = &Visit{Suits: suits, Wishes: append([]any{}, wishes...), Reason: text(r.After, "reason")}
	case MessageWritten:
		d.Message = &Message{ID: r.MessageKey, Text: r.MessageText, ByEmail: r.MessageByEmail, Files: append([]File{}, r.MessageFiles...)}
	case FileAdded, FileRemoved:
		d.File = &File{r.FileKey, r.FileName, r.FileType, r.FileSize}
	case JobWithdrawn:
		d.Reason = text(r.After, "reason")
	case QuoteWithdrawn:
		d.Reason = r.Withdrawn
	case JobRequested, JobEdited, QuoteRequested, QuoteEdited, EquipmentAdded, EquipmentEdited, CustomerEdited, SiteCreated, SiteEdited, ContactCreated, ContactEdited,
		ContactInvited, ContactActivated, ContactSuspended, ContactRestored,
		JobChangeAsked, JobWithdrawalAsked, QuoteChangeAsked, QuoteWithdrawalAsked, EquipmentChangeAsked, CustomerChangeAsked, SiteAsked, SiteChangeAsked, ContactChangeAsked:
		if r.Before == nil {
			d.Fields = r.After
			break
		}
		d.Changes = map[string]Change{}
		for _, side := range []map[string]any{r.Before, r.After} {
			for name := range side {
				d.Changes[name] = Change{r.Before[name], r.After[name]}
			}
		}
	}
	return e
}

// subject is what the event is about: of a message or file, what that belongs to.
func (r row) subject() Subject {
	id := strconv.FormatInt(r.ThingID, 10)
	s := Subject{Kind: "customer", Number: r.CustomerNumber, Name: r.CustomerName, row: r.CustomerID}
	switch {
	case r.Job != "":
		s = Subject{Kind: "job", Number: r.Job, row: r.JobID}
	case r.Quote != "":
		s = Subject{Kind: "quote", Number: r.Quote, row: r.QuoteID}
	case r.Equipment != "":
		s = Subject{Kind: "equipment", ID: r.EquipmentKey, Number: r.Equipment, Name: r.EquipmentName, row: r.EquipmentID}
	case r.Thing == "site":
		s = Subject{Kind: r.Thing, ID: id, Name: r.Site, row: r.ThingID}
	case r.Thing == "contact":
		s = Subject{Kind: r.Thing, ID: id, Name: r.OtherContact, row: r.ThingID}
	}
	s.ExternalIDs = []ExternalID{}
	return s
}

func text(fields map[string]any, name string) string {
	s, _ := fields[name].(string)
	return s
}

func number(fields map[string]any, name string) float64 {
	n, _ := fields[name].(float64)
	return n
}

// addExternalIDs says of each event's subject what other systems know it by. It
// is the one place where that is added, for the feed and for webhooks; a subject
// is named by its kind and its row.
func addExternalIDs(ctx context.Context, db postgres.DB, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	var (
		kinds = make([]string, len(events))
		rows  = make([]int64, len(events))
		found []struct {
			Place      int
			Source, ID string
		}
	)
	for i, e := range events {
		kinds[i], rows[i] = externalKinds[e.Data.Subject.Kind], e.Data.Subject.row
	}
	err := postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.Query(b, &found, `
			select s.place - 1 as place, x.source, x.id from unnest(@kinds::text[], @rows::bigint[]) with ordinality s (kind, row_id, place)
			join external_ids x on x.kind = s.kind and x.row_id = s.row_id order by s.place, x.source, x.id`, pgx.NamedArgs{"kinds": kinds, "rows": rows})
	})
	if err != nil {
		return fmt.Errorf("ids of what events are about: %w", err)
	}
	for _, f := range found {
		s := &events[f.Place].Data.Subject
		s.ExternalIDs = append(s.ExternalIDs, ExternalID{f.Source, f.ID})
	}
	return nil
}

// externalKinds are the kinds of subjects as ids of other systems have them.
var externalKinds = map[string]string{"job": "jobs", "quote": "quotes", "equipment": "equipment", "customer": "customers", "site": "sites", "contact": "contacts"}

// read makes events of what a statement after selected finds.
func read(ctx context.Context, db postgres.DB, rows []row) ([]Event, error) {
	events := make([]Event, len(rows))
	for i, r := range rows {
		events[i] = r.event()
	}
	return events, addExternalIDs(ctx, db, events)
}

// Find is one event, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (Event, error) {
	var rows []row
	err := postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.Query(b, &rows, selected+` where e.id = @id`, pgx.NamedArgs{"id": id})
	})
	if err != nil {
		return Event{}, fmt.Errorf("read event %d: %w", id, err)
	}
	if len(rows) == 0 {
		return Event{}, apperr.NotFound
	}
	events, err := read(ctx, db, rows)
	if err != nil {
		return Event{}, err
	}
	return events[0], nil
}

// FindToKeep is Find for who writes down what the event tells, in this transaction:
// whoever erases a person from it comes wholly before or after. Its row is a
// statement of its own, so that the next one sees what was waited for.
func FindToKeep(ctx context.Context, tx postgres.Tx, id int64) (Event, error) {
	if _, err := tx.Exec(ctx, `select from events where id = $1 for share`, id); err != nil {
		return Event{}, fmt.Errorf("hold event %d: %w", id, err)
	}
	return Find(ctx, tx, id)
}

// Body is the event as it is sent and listed.
func (e Event) Body() ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("write event %s: %w", e.ID, err)
	}
	return body, nil
}

// Filter narrows a feed; nil is everything.
type Filter struct {
	Kinds     []Kind
	Customers []int64
}

// Feed is a stretch of events.
type Feed struct {
	Events []Event `json:"events"`
	// Next is what to read on from: there is nothing up to it that was not read,
	// or left out by the filter.
	Next int64 `json:"next"`
	// More says that the next stretch is there already.
	More bool `json:"more"`
	// Missed says that events after the number that was asked for are gone by
	// their age: whoever reads has been away for too long.
	Missed bool `json:"missed"`
}

// MostRead is how many events are read at once.
const MostRead = 500

// After are the events behind a number, the oldest first. Nothing that commits
// later is missed by who goes on from Next: numbers are given here, to what has
// been committed.
func After(ctx context.Context, pool *pgxpool.Pool, after int64, limit int, f Filter) (Feed, error) {
	if err := Number(ctx, pool); err != nil {
		return Feed{}, err
	}
	limit = min(max(limit, 1), MostRead)
	var (
		stand struct{ Last, Forgotten int64 }
		rows  []row
	)
	where, args := ` where e.number > @after`, pgx.NamedArgs{"after": after, "limit": limit + 1}
	if f.Kinds != nil {
		where, args["kinds"] = where+` and e.kind = any(@kinds)`, f.Kinds
	}
	if f.Customers != nil {
		where, args["customers"] = where+` and `+OfCustomers("@customers"), f.Customers
	}
	err := postgres.Read(ctx, pool, func(b *postgres.Batch) {
		// First: what gets its number in between stands behind it.
		postgres.QueryOne(b, &stand, `select last, forgotten from event_numbers`, nil)
		postgres.Query(b, &rows, selected+where+` order by e.number limit @limit`, args)
	})
	if err != nil {
		return Feed{}, fmt.Errorf("read events: %w", err)
	}
	feed := Feed{Next: max(after, stand.Last), Missed: after > 0 && after < stand.Forgotten, More: len(rows) > limit}
	if feed.More {
		rows = rows[:limit]
		feed.Next = rows[limit-1].Number
	} else if len(rows) > 0 {
		feed.Next = max(feed.Next, rows[len(rows)-1].Number)
	}
	feed.Events, err = read(ctx, pool, rows)
	return feed, err
}

// OfCustomers is the condition that an event e is one of these customers', an
// SQL array of ids. Who was merged into another is that one.
func OfCustomers(ids string) string {
	return `e.customer_id in (select coalesce(g.merged_into_id, g.id) from customers g where g.id = any(` + ids + `))`
}

// mostNumbered is how many events get their numbers in one transaction.
const mostNumbered = 5000

// Number gives numbers, without gaps, to what was committed and has none.
func Number(ctx context.Context, pool *pgxpool.Pool) error {
	for {
		var open bool
		if err := pool.QueryRow(ctx, `select exists (select from events where number is null)`).Scan(&open); err != nil {
			return fmt.Errorf("look for events without a number: %w", err)
		}
		if !open {
			return nil
		}
		err := postgres.Transact(ctx, pool, func(tx postgres.Tx) error {
			// One at a time, and a statement of its own: the next one sees what whoever
			// had the row before has done.
			if _, err := tx.Exec(ctx, `select from event_numbers for update`); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `
				with fresh as (
					select id, row_number() over (order by id) as n from (select id from events where number is null order by id limit @most) open),
				numbered as (
					update events e set number = s.last + f.n from fresh f, event_numbers s where e.id = f.id returning 1)
				update event_numbers set last = last + (select count(*) from numbered)`, pgx.NamedArgs{"most": mostNumbered})
			return err
		})
		if err != nil {
			return fmt.Errorf("number events: %w", err)
		}
	}
}

// Forget deletes events that are older than the settings say, some at a time,
// but for those that a webhook which is on has yet to be told of.
func Forget(ctx context.Context, pool *pgxpool.Pool) (deleted int64, err error) {
	if err := Number(ctx, pool); err != nil {
		return 0, err
	}
	return postgres.InBatches(ctx, func(ctx context.Context) (n int64, err error) {
		err = pool.QueryRow(ctx, `
			with gone as (
				delete from events where id = any(array(
					select e.id from events e where e.at < (select now() - make_interval(days => events) from retention) and e.number is not null
						and not exists (select from webhooks w where w.active and w.spread_to < e.number)
						and not exists (select from webhook_deliveries d join webhooks w on w.id = d.webhook_id where d.event_id = e.id and d.state = 'waiting' and w.active)
					order by e.at limit 2000))
				returning number),
			noted as (update event_numbers set forgotten = greatest(forgotten, (select max(number) from gone)) where exists (select from gone))
			select count(*) from gone`).Scan(&n)
		return n, err
	})
}

// Erase takes a contact, and the words that tell them from others, out of the
// events of their customer.
func Erase(ctx context.Context, tx postgres.Tx, contact, customer int64, words []string) error {
	_, err := tx.Exec(ctx, `
		update events e set
			before = without_person(e.before, e.thing = 'contact' and e.thing_id = @contact, @words) - case when e.contact_id = @contact then array['full_name', 'main_contact'] else '{}' end,
			after = without_person(e.after, e.thing = 'contact' and e.thing_id = @contact, @words) - case when e.contact_id = @contact then array['full_name', 'main_contact'] else '{}' end
		where e.contact_id = @contact or (e.thing = 'contact' and e.thing_id = @contact)
			or (e.customer_id = @customer and exists (select from unnest(@words::text[]) w where position(lower(to_json(w)::text) in lower(concat(e.before::text, e.after::text))) > 0))`,
		pgx.NamedArgs{"contact": contact, "customer": customer, "words": words})
	if err != nil {
		return fmt.Errorf("erase a contact's events: %w", err)
	}
	return nil
}

// Test is what is sent to try a webhook: an event in all but that nothing happened.
type Test struct {
	ID   string    `json:"id"`
	Kind Kind      `json:"type"`
	At   time.Time `json:"timestamp"`
	Data struct {
		Webhook string `json:"webhook"` // its name
	} `json:"data"`
}

// Body is the test as it is sent.
func (t Test) Body() ([]byte, error) {
	body, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("write a test: %w", err)
	}
	return body, nil
}
