package portal

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/contact"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// QuoteStatuses are those that a contact may meet.
var QuoteStatuses = []quote.Status{quote.Requested, quote.Sent, quote.Accepted, quote.Declined, quote.Expired, quote.Withdrawn}

// QuoteQuery is what a list of quotes is asked for.
type QuoteQuery struct {
	list.Query
	Status quote.Status // one of QuoteStatuses, or "" for all
	Site   int64        // 0 for all
	Choose bool         // every site is offered, however many there are
}

// QuoteOrders are the ways to sort a list of quotes.
var QuoteOrders = list.Orders{
	{Key: "newest", Expr: "q.created_at", Type: "timestamptz", Desc: true},
	{Key: "number", Expr: "q.id", Type: "bigint", Desc: true}, // numbers come from a sequence, as ids do
	{Key: "valid", Expr: "coalesce(q.valid_until, 'infinity')", Type: "date"},
}

// QuoteRow is a quote of a list.
type QuoteRow struct {
	Number        string
	Name          string
	Description   string
	Status        quote.Status // Expired where it is
	Site          string       // "" for none
	Currency      string
	PriceEstimate *int64 // what the contact guessed, minor units
	Total         *int64 // with tax; nil until a version was sent
	ValidUntil    day.Day
	CreatedAt     time.Time
	SentAt        *time.Time
	NewMessages   int // that the viewer has not opened
}

// Title names a quote: its name, or else how its description begins.
func (q QuoteRow) Title() string { return job.Title(q.Name, q.Description) }

// expire makes Expired what is so today.
func (q *QuoteRow) expire(today day.Day) { q.Status = q.Status.Shown(q.ValidUntil, today) }

const quoteColumns = `q.number, q.name, q.description, q.status, q.currency, q.price_estimate, q.total, q.valid_until, q.created_at, q.sent_at`

var quoteRowColumns = quoteColumns + `, ` + siteName("q") + `, ` + newMessages("quote_id", "q")

// QuoteList is a page of quotes and how many there are of each status that fit
// what was searched for. Counts are exact up to list.MaxCount.
type QuoteList struct {
	list.Page[QuoteRow]
	All       int
	Requested int
	Sent      int
	Matching  int // of what was asked for
	Sites     SiteChoices
	Waiting   AskedThings // for the system that keeps quotes, by their numbers
}

// Quotes lists the quotes the viewer sees.
func (r *Reader) Quotes(ctx context.Context, v Viewer, q QuoteQuery) (QuoteList, error) {
	var (
		l     QuoteList
		read  = r.read
		today = v.Business.Format.Today()
	)
	if !slices.Contains(QuoteStatuses, q.Status) {
		q.Status = ""
	}
	search, err := r.find(ctx, v, q.Search, quoteWords, ownQuotes(v))
	if err != nil {
		return l, err
	}
	source := func(status quote.Status) list.Source {
		s := quotesOf(v, status, today)
		s.Search = search
		if q.Site != 0 {
			s.Where.And("q.site_id = @site", "site", q.Site)
		}
		return s
	}
	// As of jobs, an index holds just these in the order of the list.
	plain := q.Search == "" && v.Permissions.AllSites && (q.Site == 0 || v.Permissions.QuotesSee == contact.All)
	inOrder := plain && q.Status == "" && q.Sort == QuoteOrders[0].Key
	if inOrder {
		read = r.readInOrder
	}
	counts := map[quote.Status]*int{"": &l.All, quote.Requested: &l.Requested, quote.Sent: &l.Sent}
	if counts[q.Status] == nil {
		counts[q.Status] = new(int)
	}
	var waiting, revised int // of those that were sent, each held by an index
	err = read(ctx, v, func(b *postgres.Batch) {
		keepPlansOf(b, search, false)
		page := source(q.Status)
		if inOrder {
			page.Where.Hint(fewOf("q"))
		}
		list.QueryPage(b, &l.Page, q.Query, QuoteOrders, page)
		if plain {
			views.KeepOrder(b)
		}
		for status, into := range counts {
			if status == quote.Sent && q.Search == "" {
				countWaiting(b, &waiting, source(""), today)
				list.QueryCount(b, &revised, revisedOf(source(""), today))
				continue
			}
			list.QueryCount(b, into, source(status))
		}
		querySiteChoices(b, &l.Sites, q.Site, q.Choose)
		queryWaiting(b, &l.Waiting, v, keeper.Quotes, "number")
	})
	if q.Search == "" {
		l.Sent = list.SumCounts(waiting, revised)
	}
	l.Matching = l.Counted(*counts[q.Status])
	for i := range l.Rows {
		l.Rows[i].expire(today)
	}
	return l, err
}

func ownQuotes(v Viewer) list.Where { return within(v, v.Permissions.QuotesSee, "q") }

// quotesOf is where the viewer's quotes of a status come from; "" is any.
func quotesOf(v Viewer, status quote.Status, today day.Day) list.Source {
	w := ownQuotes(v)
	switch status {
	case "":
	case quote.Requested:
		w.And("q.is_requested")
	case quote.Sent: // without a look at versions that have expired
		status.Narrow(&w, today)
		w.And("q.is_open and (not q.is_sent or q.answer_key >= @today)", "today", today)
	default:
		status.Narrow(&w, today)
	}
	return list.Source{Columns: quoteRowColumns, From: "portal.quotes q", ID: "q.id", Where: w}
}

// toAnswer is where the quotes come from that wait for the customer's yes or no.
// The navigation counts them on each page.
func toAnswer(v Viewer, today day.Day) list.Source { return waitingOf(quotesOf(v, "", today), today) }

// waitingOf leaves of quotes those that wait. Until when is asked of the quote
// alone; so do answerOrders, with the first to expire first.
func waitingOf(s list.Source, today day.Day) list.Source {
	s.Where.And("q.is_sent and q.answer_key >= @today", "today", today)
	return s
}

// revisedOf leaves those that show as Sent while the office works on another
// version. With those that wait they are all that are sent.
func revisedOf(s list.Source, today day.Day) list.Source {
	s.Where.And("q.revising and not q.is_answered and coalesce(q.valid_until, 'infinity') >= @today", "today", today)
	return s
}

// countWaiting counts those that wait, in the order of an index that has no others.
func countWaiting(b *postgres.Batch, into *int, of list.Source, today day.Day) {
	waiting := waitingOf(of, today)
	waiting.Columns = "true"
	sql, args := list.First(waiting, "q.answer_key, q.id", list.MaxCount+1)
	postgres.QueryValue(b, into, "select count(*) from ("+sql+") n", args)
}

var answerOrders = list.Orders{{Key: "valid", Expr: "q.answer_key", Type: "date"}}

// WaitsFor reports whether the quote waits for the viewer's yes or no.
func (q Quote) WaitsFor(v Viewer) bool {
	return v.MayAcceptQuotes() && q.Status == quote.Sent && !q.Revising
}

// Quote is a quote with all that a contact sees of it: what was asked for, and
// the version that was last sent.
type Quote struct {
	ID int64
	QuoteRow
	SiteID        *int64
	SiteAddress   address.Address
	MainContact   string
	MainContactID *int64
	JobType       string
	Colour        string // of the job type
	PreferredOn   day.Day
	BookedFrom    *time.Time
	BookedUntil   *time.Time
	PurchaseOrder string
	Inclusions    string
	Exclusions    string
	Terms         string
	SentVersion   int  // 0: never sent
	Revising      bool // the office works on another version: this one takes no answer
	FromPortal    bool
	CreatedBy     *int64 `db:"created_by_contact_id"`
	WithdrawnAt   *time.Time
	Version       int64
	Lines         []quote.Line   `db:"-"` // of the version that was sent
	Staff         []string       // names of who is assigned
	Jobs          []QuoteJob     `db:"-"`
	Files         []File         `db:"-"`
	Requests      []KeptRequest  `db:"-"` // to the system that keeps it
	Conversation  Conversation   `db:"-"`
	Sendings      []QuoteSending `db:"-"` // the first version first
	Answers       []QuoteAnswer  `db:"-"` // to any of them, the first one first
}

// QuoteJob is a job that came of a quote.
type QuoteJob struct{ Number, Name, Description string }

// Title names the job.
func (j QuoteJob) Title() string { return job.Title(j.Name, j.Description) }

// Totals are those of the version that was sent, tax by rate.
func (q Quote) Totals() quote.Totals { return quote.Sum(q.Lines) }

// Quote is the quote of that number, or apperr.NotFound.
func (r *Reader) Quote(ctx context.Context, v Viewer, number string) (Quote, error) {
	var q Quote
	err := r.readOne(ctx, v, func(b *postgres.Batch) {
		queryQuote(b, &q, number)
		if v.Keepers.Keeps(keeper.Quotes).Elsewhere() {
			queryKept(b, &q.Requests, keeper.Quotes, `(select id from portal.seen_quotes where key = @number)`, pgx.NamedArgs{"number": number})
		}
	})
	q.expire(v.Business.Format.Today())
	return q, err
}

func queryQuote(b *postgres.Batch, q *Quote, number string) {
	n := pgx.NamedArgs{"number": number}
	const this = `(select id from portal.seen_quotes where key = @number)`
	postgres.QueryOne(b, q, `
		select `+quoteColumns+`, coalesce(s.name, '') as site, `+newMessages("quote_id", "q")+`, q.id, q.site_id, coalesce(s.address, '{}') as site_address, coalesce(q.main_contact, '') as main_contact, q.main_contact_id,
			coalesce(t.name, '') as job_type, coalesce(t.colour, '') as colour, q.preferred_on, q.booked_from, q.booked_until, q.purchase_order,
			q.inclusions, q.exclusions, q.terms, coalesce(q.version_number, 0) as sent_version, q.revising, q.origin = 'portal' as from_portal, q.created_by_contact_id, q.withdrawn_at, q.version,
			array(select w.name from portal.quote_staff w where w.quote_id = q.id order by w.name collate "und-x-icu") as staff
		from portal.quotes q left join portal.sites s on s.id = q.site_id left join portal.job_types t on t.id = q.job_type_id
		where q.key = @number`, n)
	postgres.Query(b, &q.Lines, `select section, description, quantity, coalesce(unit_price_exact, unit_price) as unit_price, tax_name, tax_percent, second_tax_name, second_tax_percent, discount, discount_percent from portal.quote_lines where quote_id = `+this+` order by position`, n)
	postgres.Query(b, &q.Jobs, `select j.number, j.name, j.description from portal.quote_jobs qj join portal.seen_jobs j on j.id = qj.job_id where qj.quote_id = `+this+` order by j.id`, n)
	queryConversation(b, &q.Conversation, &q.Files, "quote_id", this, n)
	queryAnswers(b, q, this, n)
}

// MayEdit reports whether the viewer may edit the quote now: until it has been sent.
func (q Quote) MayEdit(v Viewer) bool { return v.MayEditQuotes() && q.Status == quote.Requested }

// WhyNotEdit tells a viewer who may edit quotes why this one cannot be edited
// any more; it is empty for everybody else.
func (q Quote) WhyNotEdit(v Viewer) string {
	switch {
	case !v.MayEditQuotes() || q.MayEdit(v):
		return ""
	case q.Status == quote.Withdrawn:
		return "This quote was withdrawn, so it can no longer be changed."
	}
	what := "sent"
	if q.Status == quote.Accepted || q.Status == quote.Declined {
		what = string(q.Status)
	}
	return "This quote has been " + what + ", so it can no longer be changed here. If you need something else, call " + caller(v) + "."
}

// MayAddFiles reports whether the viewer may add files now: to what they may
// edit, and to what they asked for until it has been sent.
func (q Quote) MayAddFiles(v Viewer) bool {
	return !v.Linked() && q.Status == quote.Requested && (v.MayEditQuotes() || q.createdBy(v))
}

func (q Quote) createdBy(v Viewer) bool { return q.CreatedBy != nil && *q.CreatedBy == v.Contact }

// MayRemove reports whether the viewer may take back a file of the quote.
func (q Quote) MayRemove(v Viewer, f File) bool { return f.By(v) && q.Status == quote.Requested }

// QuoteChoices are what a form for a quote offers.
type QuoteChoices struct {
	Places                Places
	PurchaseOrderRequired bool // known only where admin details are shown
}

// QuoteChoices are what the viewer may choose for a quote.
func (r *Reader) QuoteChoices(ctx context.Context, v Viewer) (QuoteChoices, error) {
	var c QuoteChoices
	err := r.read(ctx, v, func(b *postgres.Batch) { queryQuoteChoices(b, &c) })
	return c, err
}

func queryQuoteChoices(b *postgres.Batch, c *QuoteChoices) {
	queryPlaces(b, &c.Places)
	postgres.QueryValue(b, &c.PurchaseOrderRequired, `select coalesce(bool_or(purchase_order_required), false) from portal.addressee`, nil)
}

// QuoteForm is a quote together with what its form offers, in one look.
func (r *Reader) QuoteForm(ctx context.Context, v Viewer, number string) (Quote, QuoteChoices, error) {
	var (
		q Quote
		c QuoteChoices
	)
	err := r.readOne(ctx, v, func(b *postgres.Batch) {
		queryQuote(b, &q, number)
		queryQuoteChoices(b, &c)
	})
	q.expire(v.Business.Format.Today())
	return q, c, err
}
