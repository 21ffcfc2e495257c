package portal

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/contact"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/person"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// MaxEverywhere is how many customers of one person are looked at together.
const MaxEverywhere = 50

// Everywhere is a person who looks at all their customers together. Each is
// looked at as the contact that the person is there, with the rights of that
// one: nothing of one customer is read in the name of another's contact.
type Everywhere struct {
	Viewers   []Viewer // by the customer's name; those who have access now
	Customers []Choice // all of them, by contact
	Left      int      // how many more customers there are than are looked at
}

// Everywhere are the contacts of the viewer's person, as they are now; with only
// just that one of them.
func (r *Reader) Everywhere(ctx context.Context, v Viewer, only int64) (e Everywhere, err error) {
	rows, err := r.db.Query(ctx, `
		select c.id, c.name, `+contact.PermissionColumns("c")+`, cu.id, coalesce(nullif(cu.company_name, ''), cu.name), cu.number, cu.on_hold
		from contacts c join customers cu on cu.id = c.customer_id
		where c.person_id = @person and c.access = 'active' and c.archived_at is null and cu.archived_at is null and `+person.NotByCompanyAlone+`
		order by coalesce(nullif(cu.company_name, ''), cu.name) collate "und-x-icu", c.id`, pgx.NamedArgs{"person": v.Person})
	if err != nil {
		return e, fmt.Errorf("contacts of person %d: %w", v.Person, err)
	}
	e.Viewers, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Viewer, error) {
		c := Viewer{Person: v.Person, Customers: v.Customers, Business: v.Business, HidesTasks: v.HidesTasks}
		err := row.Scan(slices.Concat([]any{&c.Contact, &c.Name}, contact.ScanPermissions(&c.Permissions), []any{&c.Customer, &c.CustomerName, &c.CustomerNo, &c.OnHold})...)
		return c, err
	})
	if err != nil {
		return e, fmt.Errorf("contacts of person %d: %w", v.Person, err)
	}
	for _, c := range e.Viewers {
		e.Customers = append(e.Customers, Choice{c.Contact, cmp.Or(c.CustomerName, c.CustomerNo)})
	}
	if only != 0 {
		e.Viewers = slices.DeleteFunc(e.Viewers, func(c Viewer) bool { return c.Contact != only })
	}
	e.Left = max(0, len(e.Viewers)-MaxEverywhere)
	e.Viewers = e.Viewers[:len(e.Viewers)-e.Left]
	return e, nil
}

// Any reports whether one of the contacts may.
func (e Everywhere) Any(may func(Viewer) bool) bool { return slices.ContainsFunc(e.Viewers, may) }

// read runs the queries in the name of each contact.
func (r *Reader) everywhere(ctx context.Context, e Everywhere, queries func(b *postgres.Batch, v Viewer, i int)) error {
	contacts := make([]views.Contact, len(e.Viewers))
	for i, v := range e.Viewers {
		contacts[i] = v.eyes()
	}
	err := views.ReadAll(ctx, r.db, contacts, func(b *postgres.Batch, i int) { queries(b, e.Viewers[i], i) })
	if err != nil {
		return fmt.Errorf("read as %d contacts: %w", len(contacts), err)
	}
	return nil
}

// Theirs is a row of a list over several customers: whose it is, and as which
// contact it is seen.
type Theirs[T any] struct {
	Row     T
	Viewer  Viewer
	Contact int64
}

// TheirPage is a page of such rows, and how many there are of each choice above
// it, exact up to list.MaxCount.
type TheirPage[T any, C comparable] struct {
	list.Page[Theirs[T]]
	Counts map[C]int
}

// everywhereList reads a list of all contacts whom sees lets see it.
func everywhereList[T any, C comparable](ctx context.Context, r *Reader, e Everywhere, q list.Query, orders list.Orders, sees func(Viewer) bool, tally func(*postgres.Batch, Viewer) map[C]int, chosen C, source func(Viewer, C) list.Source) (p TheirPage[T, C], err error) {
	var (
		merge  list.Merge[T]
		counts []map[C]int
	)
	err = r.everywhere(ctx, e, func(b *postgres.Batch, v Viewer, i int) {
		if sees(v) {
			merge.Query(b, i, q, orders, source(v, chosen))
			counts = append(counts, tally(b, v))
		}
	})
	p.Counts = map[C]int{}
	for _, one := range counts {
		for c, n := range one {
			p.Counts[c] = list.SumCounts(p.Counts[c], n)
		}
	}
	p.Page = theirs(e, merge.Page(q, orders))
	return p, err
}

// counting counts what fits each choice above a list, for one contact.
func counting[C comparable](choices []C, source func(Viewer, C) list.Source) func(*postgres.Batch, Viewer) map[C]int {
	return func(b *postgres.Batch, v Viewer) map[C]int {
		return list.QueryCounts(b, choices, func(c C) list.Source { return source(v, c) })
	}
}

func theirs[T any](e Everywhere, merged list.Page[list.From[T]]) list.Page[Theirs[T]] {
	page := list.Page[Theirs[T]]{Next: merged.Next, Prev: merged.Prev, Rows: make([]Theirs[T], len(merged.Rows))}
	for i, m := range merged.Rows {
		v := e.Viewers[m.List]
		page.Rows[i] = Theirs[T]{Row: m.Row, Viewer: v, Contact: v.Contact}
	}
	return page
}

// EverywhereJobs are the choices of jobs over several customers.
var EverywhereJobs = []job.Status{"", Open, Finished}

// JobsEverywhere lists jobs of all customers.
func (r *Reader) JobsEverywhere(ctx context.Context, e Everywhere, q JobQuery) (TheirPage[JobRow, job.Status], error) {
	found, err := r.findEverywhere(ctx, e, q.Search, jobWords, Viewer.SeesJobs, ownJobs)
	if err != nil {
		return TheirPage[JobRow, job.Status]{}, err
	}
	source := func(v Viewer, s job.Status) list.Source { return jobsOf(v, q, s, found[v.Contact]) }
	return everywhereList[JobRow](ctx, r, e, q.Query, JobOrders, Viewer.SeesJobs, counting(EverywhereJobs, source), q.Status, source)
}

// EverywhereQuotes are the choices of quotes over several customers.
var EverywhereQuotes = []quote.Status{"", quote.Requested, quote.Sent}

// QuotesEverywhere lists quotes of all customers.
func (r *Reader) QuotesEverywhere(ctx context.Context, e Everywhere, q QuoteQuery) (TheirPage[QuoteRow, quote.Status], error) {
	found, err := r.findEverywhere(ctx, e, q.Search, quoteWords, Viewer.SeesQuotes, ownQuotes)
	if err != nil {
		return TheirPage[QuoteRow, quote.Status]{}, err
	}
	source := func(v Viewer, s quote.Status) list.Source {
		quotes := quotesOf(v, s, v.Business.Format.Today())
		quotes.Search = found[v.Contact]
		return quotes
	}
	p, err := everywhereList[QuoteRow](ctx, r, e, q.Query, QuoteOrders, Viewer.SeesQuotes, counting(EverywhereQuotes, source), q.Status, source)
	for i, row := range p.Rows {
		p.Rows[i].Row.expire(row.Viewer.Business.Format.Today())
	}
	return p, err
}

// EverywhereEquipment are the choices of equipment over several customers.
var EverywhereEquipment = []EquipmentShow{EquipmentInUse, EquipmentDue, EquipmentRetired}

// EverywhereEquipmentOrders sort equipment of several customers: names sort by
// rules that only the database has.
var EverywhereEquipmentOrders = list.Orders{
	{Key: "service", Expr: "e.service_key", Type: "date"},
	{Key: "newest", Expr: "e.created_at", Type: "timestamptz", Desc: true},
}

// EquipmentEverywhere lists equipment of all customers.
func (r *Reader) EquipmentEverywhere(ctx context.Context, e Everywhere, q EquipmentQuery) (TheirPage[EquipmentRow, EquipmentShow], error) {
	found, err := r.findEverywhere(ctx, e, q.Search, equipmentWords, Viewer.SeesEquipment, equipmentAtSites)
	if err != nil {
		return TheirPage[EquipmentRow, EquipmentShow]{}, err
	}
	source := func(v Viewer, s EquipmentShow) list.Source {
		items := equipmentOf(v, s)
		items.Search = found[v.Contact]
		return items
	}
	return everywhereList[EquipmentRow](ctx, r, e, q.Query, EverywhereEquipmentOrders, Viewer.SeesEquipment, counting(EverywhereEquipment, source), q.Show, source)
}

// EverywhereDocumentOrders sort documents of several customers.
var EverywhereDocumentOrders = list.Orders{DocumentOrders[0], DocumentOrders[2]}

// DocumentsEverywhere lists documents of all customers.
func (r *Reader) DocumentsEverywhere(ctx context.Context, e Everywhere, q DocumentQuery) (TheirPage[Document, attachment.Validity], error) {
	source := func(v Viewer, validity attachment.Validity) list.Source {
		return documentsOf(q, validity, v.Business.Format.Today())
	}
	p, err := everywhereList[Document](ctx, r, e, q.Query, EverywhereDocumentOrders, Viewer.SeesDocuments, func(b *postgres.Batch, v Viewer) map[attachment.Validity]int {
		return attachment.TallyDocuments(b, source(v, attachment.AnyValidity), "d", "d.replaced", v.Business.Format.Today())
	}, q.Validity, source)
	p.Counts = attachment.WithAll(p.Counts)
	return p, err
}

// EverywhereHome is the first page over all customers.
type EverywhereHome struct {
	Visits    []Theirs[JobRow]       // the next first
	Quotes    []Theirs[QuoteRow]     // to be answered, the first to expire first
	Due       []Theirs[EquipmentRow] // for service
	Documents []Theirs[Document]     // due or expired
	Messages  []Theirs[NewMessages]
	ToAnswer  int
	ServiceIn int
	Ending    int // documents due
}

// fewEverywhere is how much of each the first page over all customers shows.
const fewEverywhere = 8

// HomeEverywhere is everything of the first page over all customers.
func (r *Reader) HomeEverywhere(ctx context.Context, e Everywhere) (h EverywhereHome, err error) {
	var (
		visits    list.Merge[JobRow]
		quotes    list.Merge[QuoteRow]
		due       list.Merge[EquipmentRow]
		documents list.Merge[Document]
		messages  = make([][]NewMessages, len(e.Viewers))
		counts    = make([][3]int, len(e.Viewers))
		next      = first(bookings, "booked", fewEverywhere)
		open      = first(QuoteOrders, "valid", fewEverywhere)
		service   = first(EverywhereEquipmentOrders, "service", fewEverywhere)
		ending    = first(EverywhereDocumentOrders, "valid", fewEverywhere)
	)
	err = r.everywhere(ctx, e, func(b *postgres.Batch, v Viewer, i int) {
		// Each finds the few next ones of a customer by an index in their order, however
		// much there is. Planned for each contact it took ten times as long.
		views.KeepPlans(b)
		today := v.Business.Format.Today()
		if v.SeesJobs() {
			visits.Query(b, i, next, bookings, coming(v))
		}
		if v.SeesQuotes() {
			quotes.Query(b, i, open, QuoteOrders, toAnswer(v, today))
			countWaiting(b, &counts[i][0], quotesOf(v, "", today), today)
		}
		if v.SeesEquipment() {
			due.Query(b, i, service, EverywhereEquipmentOrders, equipmentOf(v, EquipmentDue))
			list.QueryCount(b, &counts[i][1], equipmentOf(v, EquipmentDue))
		}
		if v.SeesDocuments() {
			documents.Query(b, i, ending, EverywhereDocumentOrders, documentsOf(DocumentQuery{}, attachment.Due, today))
			list.QueryCount(b, &counts[i][2], documentsOf(DocumentQuery{}, attachment.Due, today))
		}
		if v.SeesJobs() || v.SeesQuotes() {
			queryNewMessages(b, v, &messages[i])
		}
	})
	h.Visits = theirs(e, visits.Page(next, bookings)).Rows
	h.Quotes = theirs(e, quotes.Page(open, QuoteOrders)).Rows
	h.Due = theirs(e, due.Page(service, EverywhereEquipmentOrders)).Rows
	h.Documents = theirs(e, documents.Page(ending, EverywhereDocumentOrders)).Rows
	for i, v := range e.Viewers {
		for _, m := range messages[i] {
			h.Messages = append(h.Messages, Theirs[NewMessages]{m, v, v.Contact})
		}
		h.ToAnswer, h.ServiceIn, h.Ending = h.ToAnswer+counts[i][0], h.ServiceIn+counts[i][1], h.Ending+counts[i][2]
	}
	h.Messages = h.Messages[:min(len(h.Messages), fewEverywhere)]
	for i := range h.Quotes {
		h.Quotes[i].Row.expire(h.Quotes[i].Viewer.Business.Format.Today())
	}
	return h, err
}
