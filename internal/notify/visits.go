package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
)

// visitGathering is how long what becomes of a visit gathers into one mail,
// which tells of it as it is then: a booking is often made in two steps, and a
// slip put right at once.
const visitGathering = 5 * time.Minute

// stand is where a visit stands for the customer.
type stand struct {
	Is    string     `json:"is"` // expected, none, cancelled, completed
	From  *time.Time `json:"from,omitempty"`
	Until *time.Time `json:"until,omitempty"`
}

// Where a visit may stand.
const (
	expected  = "expected"
	noVisit   = "none"
	cancelled = "cancelled"
	completed = "completed"
)

func standOf(v job.Visit) stand {
	switch {
	case v.Status == job.Cancelled:
		return stand{Is: cancelled}
	case v.Status == job.Completed || v.Status == job.Closed:
		return stand{Is: completed}
	case v.Expected():
		return stand{Is: expected, From: v.From, Until: v.Until}
	}
	return stand{Is: noVisit}
}

func (s stand) booking() job.Booking { return job.Booking{From: s.From, Until: s.Until} }

// differs reports whether two stands are different news.
func (s stand) differs(o stand) bool { return s.Is != o.Is || !s.booking().Same(o.booking()) }

// event is what the customer is told of a visit that stood otherwise before;
// false when it is nothing to tell.
func (s stand) event(before stand, now job.Status) (Event, bool) {
	switch {
	case !s.differs(before):
	case s.Is == expected && (now == job.Booked || before.Is == expected):
		return jobBooked, true
	case s.Is == completed:
		return jobCompleted, true
	case s.Is == cancelled, s.Is == noVisit && before.Is == expected:
		return visitCalledOff, true
	}
	return "", false
}

// VisitChanged tells the customer's side what became of a visit that was as
// before says: booked, moved, called off or done. Whoever did it, as a contact,
// need not be told. If staff chose to tell nobody, only a mail that gathers
// still learns of it, so that it never tells what is not true any more. What is
// told is returned as its kind of mail, "" for nothing.
func (n *Notifier) VisitChanged(ctx context.Context, tx postgres.Tx, before job.Visit, tell bool, by int64) (Kind, error) {
	var now job.Visit
	e := email{Job: before.Job, except: by}
	if err := read(ctx, tx, &e, `select customer_id, status, booked_from, booked_until from jobs where id = @job`, &e.Customer, &now.Status, &now.From, &now.Until); err != nil {
		return "", err
	}
	was, is := standOf(before), standOf(now)
	event, news := is.event(was, now.Status)
	if !tell || !news {
		return "", e.correct(ctx, tx, is)
	}
	e.Payload.Was = &was
	return visitKinds[event], n.visitEvent(ctx, tx, event, e)
}

var visitKinds = map[Event]Kind{jobBooked: KindJobBooked, jobCompleted: KindJobCompleted, visitCalledOff: KindVisitCalledOff}

// about is a mail about its job or quote, of whose customer it is.
func about(ctx context.Context, tx postgres.Tx, e email) (email, error) {
	err := read(ctx, tx, &e, `select customer_id from jobs where id = @job union all select customer_id from quotes where id = @quote`, &e.Customer)
	return e, err
}

// JobBooked tells the customer's side that a job has a date, or another one.
func (n *Notifier) JobBooked(ctx context.Context, tx postgres.Tx, job int64) error {
	e, err := about(ctx, tx, email{Job: job})
	if err != nil {
		return err
	}
	return n.visitEvent(ctx, tx, jobBooked, e)
}

// JobCompleted tells the customer's side that the work is done.
func (n *Notifier) JobCompleted(ctx context.Context, tx postgres.Tx, job int64) error {
	e, err := about(ctx, tx, email{Job: job})
	if err != nil {
		return err
	}
	return n.visitEvent(ctx, tx, jobCompleted, e)
}

// visitEvent writes the mails of what became of a visit, which gather.
func (n *Notifier) visitEvent(ctx context.Context, tx postgres.Tx, event Event, e email) error {
	e.gathers, e.wait, e.visit = fmt.Sprintf("visit of job %d", e.Job), n.VisitGathering, true
	if event == jobBooked {
		e.Payload.What = "booked"
		var told bool
		err := read(ctx, tx, &e, `
			select booked_from, exists (select from emails o where o.job_id = @job and o.kind = 'job-booked' and o.state <> 'dropped' and o.gathers is null) from jobs where id = @job`,
			&e.Payload.Booked, &told)
		if err != nil || e.Payload.Booked == nil {
			return err
		}
		if told {
			e.Payload.What = "moved"
		}
	}
	return n.writeAll(ctx, tx, event, e)
}

// correct lets the mails that still gather for a visit tell of it as it is now.
func (e email) correct(ctx context.Context, tx postgres.Tx, now stand) error {
	if now.Is != expected {
		return nil // facts find it so
	}
	_, err := tx.Exec(ctx, `
		update emails set payload = payload || jsonb_build_object('booked', @booked::timestamptz)
		where gathers like @key || ' contact %' and kind = 'job-booked'`,
		pgx.NamedArgs{"booked": now.From, "key": fmt.Sprintf("visit of job %d", e.Job)})
	if err != nil {
		return fmt.Errorf("correct what is told of a visit: %w", err)
	}
	_, err = tx.Exec(ctx, `
		update pushes set payload = payload || jsonb_build_object('booked', @booked::timestamptz)
		where gathers like @key || ' contact %' and kind = 'job-booked'`,
		pgx.NamedArgs{"booked": now.From, "key": fmt.Sprintf("visit of job %d", e.Job)})
	if err != nil {
		return fmt.Errorf("correct what phones are told of a visit: %w", err)
	}
	return nil
}

// remind tells of the visits of tomorrow once the hour of the settings has come,
// once for each time they are booked for. Whoever heard of a visit after that
// hour has heard enough.
func (n *Notifier) remind(ctx context.Context, pool *pgxpool.Pool) error {
	const due = `
		from jobs j
		join customers cu on cu.id = j.customer_id
		cross join portal_settings s
		where j.status = @booked and cu.archived_at is null and (select business_hour(now())) >= s.visit_reminder_hour
			and j.booked_from >= (select business_day_start(business_day() + 1)) and j.booked_from < (select business_day_start(business_day() + 2))
			and not exists (select from emails e where e.job_id = j.id and (
				(e.kind = 'visit-reminder' and (e.payload->>'booked')::timestamptz = j.booked_from)
				or (e.kind = 'job-booked' and e.state <> 'dropped' and e.created_at >= (select business_day_start(business_day())) and business_hour(e.created_at) >= s.visit_reminder_hour)))
			and not exists (select from pushes p where p.job_id = j.id and p.kind = 'visit-reminder' and (p.payload->>'booked')::timestamptz = j.booked_from)`
	return forEach(ctx, pool, `select j.id `+due+` order by j.id`, pgx.NamedArgs{"booked": job.Booked}, func(tx postgres.Tx, id int64) error {
		if mine, err := takeThing(ctx, tx, "jobs", id); err != nil || !mine {
			return err
		}
		e := email{Job: id, Payload: Payload{What: "tomorrow"}}
		err := tx.QueryRow(ctx, `select j.customer_id, j.booked_from `+due+` and j.id = @id`, pgx.NamedArgs{"booked": job.Booked, "id": id}).Scan(&e.Customer, &e.Payload.Booked)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return nil
		case err != nil:
			return fmt.Errorf("look whether a visit is tomorrow: %w", err)
		}
		return n.writeAll(ctx, tx, visitTomorrow, e)
	})
}

// VisitAnswered tells the office that a contact asks for another time, and
// nobody of a visit that suits.
func (n *Notifier) VisitAnswered(ctx context.Context, tx postgres.Tx, job int64) error {
	e := email{Job: job}
	var suits bool
	if err := read(ctx, tx, &e, `select customer_id, contact_id, suits from visit_answers where job_id = @job`, &e.Customer, &e.by, &suits); err != nil || suits {
		return err
	}
	return n.writeAll(ctx, tx, visitAnswered, e)
}

// RequestWithdrawn tells the office that a contact needs a job or a quote no
// more; the other id is 0.
func (n *Notifier) RequestWithdrawn(ctx context.Context, tx postgres.Tx, by, job, quote int64) error {
	event := jobWithdrawn
	if quote != 0 {
		event = quoteWithdrawn
	}
	e, err := about(ctx, tx, email{Job: job, Quote: quote, by: by, Payload: Payload{About: by}})
	if err != nil {
		return err
	}
	return n.writeAll(ctx, tx, event, e)
}

func calledOffFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	j, err := one[struct {
		VisitCalledOff
		Status job.Status
	}](ctx, db, `
		select j.number, j.name, j.description, coalesce(s.name, '') as site, coalesce(s.address, '{}') as address, j.cancelled_why as why, j.version, j.status
		from portal.jobs j left join portal.sites s on s.id = j.site_id
		where j.id = @job and portal.one(j.id, @job)`, e)
	v := job.Visit{Status: j.Status}
	j.Contact, j.Cancelled, j.Deferred = to.Name, j.Status == job.Cancelled, j.Status == job.Deferred
	err = dropIf(err, j.Status == job.Booked || j.Status == job.InProgress, "the job is booked again")
	err = dropIf(err, standOf(v).Is == completed, "the job is completed already")
	if was := e.Payload.Was; was != nil {
		j.From, j.Until = was.From, was.Until
		err = dropIf(err, !standOf(v).differs(*was), "it is as it was before")
	}
	return j.VisitCalledOff, err
}

func reminderFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	content, err := bookedFacts(ctx, db, e, to)
	v, _ := content.(JobVisit)
	v.Tomorrow = true
	return v, err
}

func jobReceivedFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	r, err := one[struct {
		Receipt
		Status job.Status
	}](ctx, db, `
		select j.number, j.name, j.description, coalesce(t.name, '') as type, coalesce(s.name, '') as site, j.preferred_on, j.purchase_order, j.status,
			(select count(*) from portal.attachments a where a.job_id = j.id) as files
		from portal.jobs j left join portal.sites s on s.id = j.site_id left join portal.job_types t on t.id = j.job_type_id
		where j.id = @job and portal.one(j.id, @job)`, e)
	r.Contact = to.Name
	return r.Receipt, dropIf(err, r.Status == job.Cancelled, "the job was cancelled")
}

func quoteReceivedFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	r, err := one[struct {
		Receipt
		Status string
	}](ctx, db, `
		select q.number, q.name, q.description, coalesce(s.name, '') as site, q.preferred_on, q.purchase_order, q.status, q.price_estimate as estimate, q.currency,
			(select count(*) from portal.attachments a where a.quote_id = q.id) as files
		from portal.quotes q left join portal.sites s on s.id = q.site_id
		where q.id = @quote and portal.one(q.id, @quote)`, e)
	r.Contact, r.Quote = to.Name, true
	return r.Receipt, dropIf(err, r.Status == "withdrawn", "the quote was withdrawn")
}

func withdrawnFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	return one[WithdrawnNotice](ctx, db, `
		select coalesce(j.number, q.number) as number, q.id is not null as quote, coalesce(j.name, q.name) as name, coalesce(j.description, q.description) as description,
			cu.name as customer, cu.number as customer_number, c.name as by, coalesce(j.cancelled_why, q.withdrawn_reason) as why
		from contacts c join customers cu on cu.id = c.customer_id
		left join jobs j on j.id = @job left join quotes q on q.id = @quote
		where c.id = @about`, e)
}

func visitAnsweredFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n, err := one[VisitAnswer](ctx, db, `
		select j.number, j.name, j.description, cu.name as customer, cu.number as customer_number, c.name as by, j.booked_from as from, j.booked_until as until, a.wishes, a.reason, a.suits
		from jobs j join customers cu on cu.id = j.customer_id join visit_answers a on a.job_id = j.id join contacts c on c.id = a.contact_id
		where j.id = @job and a.kept_at is null`, e)
	return n, dropIf(err, n.Suits, "the time suits")
}

// Unwanting is a kind of mail that a contact does not want.
type Unwanting struct {
	Contact int64
	Kind    Kind
}

// QueryUnwanted adds a query for the mails that contacts of a customer do not want.
func QueryUnwanted(b *postgres.Batch, into *[]Unwanting, customer int64) {
	postgres.Query(b, into, `select contact_id as contact, kind from mail_choices where customer_id = @customer and not wanted and kind <> '`+everything+`'`, pgx.NamedArgs{"customer": customer})
}

// OfKind is what the contacts get of another kind of mail about the same record,
// which goes to the same: only who wants it may be others.
func OfKind(all []Telling, kind Kind, unwanted []Unwanting) []Telling {
	told := slices.Clone(all)
	for i, t := range told {
		if t.Why != "" && t.Why != Unwanted {
			continue
		}
		told[i].Why = ""
		if slices.Contains(unwanted, Unwanting{t.Contact, kind}) {
			told[i].Why = Unwanted
		}
		told[i].Email = told[i].Why == ""
	}
	return told
}
