package overview

import (
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/message"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// OpenQuote is a quote that has no answer yet.
type OpenQuote struct {
	Number      string
	Name        string
	Description string
	Status      quote.Status
	Currency    string
	Total       *int64 // of the version that was sent
	ValidUntil  day.Day
}

// Title is what the quote is called.
func (q OpenQuote) Title() string { return job.Title(q.Name, q.Description) }

// Unanswered is a conversation in which the customer wrote last.
type Unanswered struct {
	Job    bool // or a quote
	Number string
	Author string
	Text   string
	At     time.Time
}

// Seen is when a contact looked at the portal last.
type Seen struct {
	Contact int64
	Name    string
	At      time.Time
}

// Shared are files of one thing that were shared on one day.
type Shared struct {
	Kind   string // "jobs", "quotes", "equipment"; "" for files of the customer
	Number string // or the opaque id of equipment
	Name   string
	Files  int
	At     time.Time
}

// OfCustomer is what is going on with a customer. Its lists hold the first few.
type OfCustomer struct {
	Visits     []Visit
	Quotes     []OpenQuote
	Unanswered []Unanswered
	Seen       []Seen
	Shared     []Shared
}

// Quiet reports whether nothing waits for a day, an answer or a word.
func (c OfCustomer) Quiet() bool { return len(c.Visits)+len(c.Quotes)+len(c.Unanswered) == 0 }

// recentFiles are how many files are looked through for what was shared lately.
const recentFiles = "60"

// inOrder has what follows in the batch read in the order of an index, as far as
// it is shown: of a customer whom the planner does not know it expects a handful
// of jobs and files, and would gather and sort the 50,000 of the largest.
func inOrder(b *postgres.Batch, how string) {
	b.Do(`select set_config('enable_sort', @how, true), set_config('enable_bitmapscan', @how, true)`, pgx.NamedArgs{"how": how})
}

// QueryOfCustomer adds to a batch what is going on with the customer of that number.
// Today begins at begin.
func QueryOfCustomer(b *postgres.Batch, into *OfCustomer, number string, begin time.Time) {
	const this = `(select id from customers where number = @number)`
	args := pgx.NamedArgs{"number": number, "begin": begin}
	inOrder(b, "off")
	defer inOrder(b, "on")
	postgres.Query(b, &into.Visits, nextVisits("j.customer_id = "+this, 4), args)
	postgres.Query(b, &into.Quotes, `
		select q.number, q.name, left(q.description, 400) as description, q.status, q.currency, v.total, q.valid_until
		from quotes q left join quote_versions v on v.quote_id = q.id and v.number = q.sent_version
		where q.customer_id = `+this+` and q.status in ('requested', 'draft', 'sent') and (q.status <> 'sent' or coalesce(q.valid_until, 'infinity') >= `+todaySQL+`)
		order by q.created_at desc, q.id desc limit 4`, args)
	postgres.Query(b, &into.Unanswered, `
		select m.job_id is not null as job, coalesce(j.number, q.number) as number, c.name as author, left(m.text, 200) as text, m.at
		from messages m left join jobs j on j.id = m.job_id left join quotes q on q.id = m.quote_id join contacts c on c.id = m.contact_id
		where m.customer_id = `+this+` and `+message.Unanswered+` order by m.at, m.id limit 4`, args)
	postgres.Query(b, &into.Seen, `
		select c.id as contact, c.name, t.seen_at as at from contacts c join visits t on t.contact_id = c.id
		where c.customer_id = `+this+` and c.archived_at is null order by t.seen_at desc, c.id limit 3`, args)
	postgres.Query(b, &into.Shared, `
		select case when s.job_id is not null then 'jobs' when s.quote_id is not null then 'quotes' when s.equipment_id is not null then 'equipment' else '' end as kind,
			coalesce(j.number, q.number, e.public_id, '') as number, coalesce(nullif(j.name, ''), nullif(q.name, ''), e.name, left(coalesce(j.description, q.description), 100), '') as name, s.files, s.at
		from (
			select a.job_id, a.quote_id, a.equipment_id, count(*) as files, max(a.shared_at) as at
			from (select job_id, quote_id, equipment_id, shared_at from attachments
				where customer_id = `+this+` and customer_view and removed_at is null and shared_at is not null and message_id is null
				order by shared_at desc, id desc limit `+recentFiles+`) a
			group by a.job_id, a.quote_id, a.equipment_id, (a.shared_at at time zone (select time_zone from company))::date
			order by max(a.shared_at) desc limit 3) s
		left join jobs j on j.id = s.job_id left join quotes q on q.id = s.quote_id left join equipment e on e.id = s.equipment_id
		order by s.at desc`, args)
}
