package attachment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Validity says how a document stands today.
type Validity string

// How a document may stand. The last day of a document is one it still holds on.
const (
	AnyValidity Validity = ""
	Current     Validity = "current"
	Due         Validity = "due" // ends within DueDays
	Expired     Validity = "expired"
	Replaced    Validity = "replaced" // one of the same kind and place holds longer
)

// Validities are the ways to narrow a list of documents; the first is all of them.
var Validities = []Validity{AnyValidity, Current, Due, Expired, Replaced}

// DueDays is how many days ahead the end of a document is announced.
const DueDays = 60

// Label is the word for it on screens.
func (v Validity) Label() string {
	switch v {
	case Current:
		return "Current"
	case Due:
		return "Due"
	case Expired:
		return "Expired"
	case Replaced:
		return "Replaced"
	case AnyValidity:
	}
	return "All"
}

// ValidityOf is how a document stands that holds until a day, none for no end.
func ValidityOf(until, today day.Day, replaced bool) Validity {
	switch {
	case replaced:
		return Replaced
	case until.IsZero():
		return Current
	case until.Before(today):
		return Expired
	case until.Before(today.AddDays(DueDays + 1)):
		return Due
	}
	return Current
}

// Narrow adds the condition that a document of table d, with its column
// replaced as an expression, stands so.
func (v Validity) Narrow(w *list.Where, d, replaced string, today day.Day) {
	if v == AnyValidity {
		return
	}
	if v == Replaced {
		w.And(replaced)
		return
	}
	w.And("not " + replaced)
	switch until := d + ".valid_until"; v {
	case Expired:
		w.And(until+" < @today", "today", today)
	case Due:
		w.And(until+" between @today and @due", "today", today, "due", today.AddDays(DueDays))
	case Current:
		w.And("("+until+" is null or "+until+" > @due)", "due", today.AddDays(DueDays))
	case AnyValidity, Replaced:
	}
}

// TallyDocuments adds how many documents d of a list there are of each of
// Validities, with the column or expression that says whether one is replaced.
func TallyDocuments(b *postgres.Batch, s list.Source, d, replaced string, today day.Day) map[Validity]int {
	until := d + ".valid_until"
	return list.QueryTally[Validity](b, s, `case when `+replaced+` then 'replaced' when `+until+` < @today then 'expired' when `+until+` <= @due then 'due' else 'current' end`,
		"today", today, "due", today.AddDays(DueDays))
}

// WithAll adds the sum of what was tallied, and ends it where counts are exact.
func WithAll(counts map[Validity]int) map[Validity]int {
	all := map[Validity]int{}
	for v, n := range counts {
		all[v] = min(n, list.MaxCount+1)
		all[AnyValidity] = min(all[AnyValidity]+n, list.MaxCount+1)
	}
	return all
}

// DocumentField describes what is said of a document.
var DocumentField = struct{ Kind, ValidUntil, Place problem.Field }{
	Kind:       problem.Field{Name: "document_kind", Label: "Kind"},
	ValidUntil: problem.Field{Name: "valid_until", Label: "Valid until"},
	Place:      problem.Field{Name: "place", Label: "Site or equipment"},
}

// Document is what a file is as a document: of a kind, for a place, until a day.
// The zero Document says that it is none.
type Document struct {
	Kind       int64
	Site       int64 // at most one of the two
	Equipment  int64
	ValidUntil day.Day
}

// Check says what is wrong with it.
func (d Document) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Kind != 0 || d == Document{}, DocumentField.Kind.Name, "Choose what kind of document it is.")
	p.Unless(d.Site == 0 || d.Equipment == 0, DocumentField.Place.Name, "Choose a site or a piece of equipment, not both.")
	return p
}

// Seen is a file of a form, and what it was as a document when that was opened.
type Seen struct {
	File string // its opaque id
	As   string // Document.Mark
}

// Mark tells what somebody has seen from what is there now.
func (d Document) Mark() string {
	return fmt.Sprintf("%d/%d/%d/%s", d.Kind, d.Site, d.Equipment, d.ValidUntil)
}

// SetDocument says what files that hang on something are as documents. Photos
// and what somebody has removed meanwhile stay as they are. When one of them is
// something else by now than what was seen, that is apperr.Stale.
func SetDocument(ctx context.Context, tx postgres.Tx, by audit.Actor, on On, files []Seen, d Document) (changed int, err error) {
	if err := d.Check().Err(); err != nil {
		return 0, err
	}
	for _, seen := range files {
		f, err := lock(ctx, tx, seen.File)
		switch {
		case errors.Is(err, apperr.NotFound) || (err == nil && (f.IsPhoto() || !f.hangsOn(on) || f.Document() == d)):
			continue
		case err != nil:
			return 0, err
		case f.Document().Mark() != seen.As:
			return 0, apperr.Stale
		}
		// A reminder is due again only for another day.
		_, err = tx.Exec(ctx, `
			update attachments set document_kind_id = nullif(@kind::bigint, 0), at_site_id = nullif(@site::bigint, 0), at_equipment_id = nullif(@equipment::bigint, 0), valid_until = @until::date,
				reminded = case when valid_until = @until::date then reminded end
			where id = @id`, pgx.NamedArgs{"id": f.ID, "kind": d.Kind, "site": d.Site, "equipment": d.Equipment, "until": d.ValidUntil})
		if err != nil {
			return 0, fmt.Errorf("set document: %w", documentConstraintError(err))
		}
		err = audit.Record(ctx, tx, by, audit.New{
			Action: audit.AttachmentDocument, ID: f.ID, Label: f.Name, Customer: f.CustomerID, Before: f.Document().snapshot(), After: d.snapshot(),
		})
		if err != nil {
			return 0, err
		}
		changed++
	}
	return changed, nil
}

// snapshot is a document as the audit trail records it.
func (d Document) snapshot() map[string]any {
	return map[string]any{"document_kind": d.Kind, "site": d.Site, "equipment": d.Equipment, "valid_until": d.ValidUntil}
}

// documentConstraintError turns a broken constraint into the field's problem.
func documentConstraintError(err error) error {
	switch postgres.Constraint(err) {
	case "attachment_site_of_customer", "attachment_equipment_of_customer":
		return problem.Of(DocumentField.Place.Name, "Choose a site or piece of equipment from the list.")
	case "attachments_document_kind_id_fkey":
		return problem.Of(DocumentField.Kind.Name, "Choose a kind from the list.")
	}
	return err
}

// DocumentRow is a document in the office's lists.
type DocumentRow struct {
	PublicID       string
	Name           string
	Caption        string
	MediaType      string
	Size           int64
	Kind           string
	ValidUntil     day.Day
	Replaced       bool
	CustomerView   bool
	Customer       string
	CustomerNumber string
	SiteID         int64 // 0 for none
	Site           string
	Equipment      string // opaque id, "" for none
	EquipmentName  string
	Job            string // numbers of what it hangs on
	Quote          string
	Item           string // opaque id of the equipment that it hangs on
}

// Stands is how the document stands.
func (r DocumentRow) Stands(today day.Day) Validity {
	return ValidityOf(r.ValidUntil, today, r.Replaced)
}

// ReplacedSQL says of attachments a that one of the same kind and place holds
// longer, or as long and came later. Whether customers see that one does not matter.
const ReplacedSQL = `exists (select from attachments n where n.customer_id = a.customer_id and n.document_kind_id = a.document_kind_id and n.removed_at is null
	and n.at_site_id is not distinct from a.at_site_id and n.at_equipment_id is not distinct from a.at_equipment_id and (n.valid_until, n.id) > (a.valid_until, a.id))`

const documentColumns = `a.public_id, a.name, a.caption, a.media_type, a.size, k.name as kind, a.valid_until, ` + ReplacedSQL + ` as replaced, a.customer_view,
	cu.name as customer, cu.number as customer_number, coalesce(s.id, 0) as site_id, coalesce(s.name, '') as site, coalesce(e.public_id, '') as equipment, coalesce(e.name, '') as equipment_name,
	coalesce((select j.number from jobs j where j.id = a.job_id), '') as job, coalesce((select q.number from quotes q where q.id = a.quote_id), '') as quote,
	coalesce((select i.public_id from equipment i where i.id = a.equipment_id), '') as item`

const documentFrom = `attachments a
	join document_kinds k on k.id = a.document_kind_id
	join customers cu on cu.id = a.customer_id
	left join equipment e on e.id = a.at_equipment_id
	left join sites s on s.id = coalesce(a.at_site_id, e.site_id)`

// DocumentOrders are the ways to sort documents.
var DocumentOrders = list.Orders{
	{Key: "valid", Expr: "coalesce(a.valid_until, 'infinity')", Type: "date"},
	{Key: "name", Expr: `lower(a.name) collate "und-x-icu"`, Type: "text"},
	{Key: "newest", Expr: "a.uploaded_at", Type: "timestamptz", Desc: true},
}

// DocumentFilter narrows the office's list of documents; what is zero does not.
type DocumentFilter struct {
	Customer int64
	Site     int64
	Kind     int64
	Validity Validity
}

func (f DocumentFilter) source(search string, today day.Day) list.Source {
	var w list.Where
	w.And("a.document_kind_id is not null and a.removed_at is null")
	if f.Customer != 0 {
		w.And("a.customer_id = @customer", "customer", f.Customer)
	} else {
		w.And("cu.archived_at is null")
	}
	if f.Site != 0 {
		w.And("s.id = @site", "site", f.Site)
	}
	if f.Kind != 0 {
		w.And("a.document_kind_id = @kind", "kind", f.Kind)
	}
	if search != "" {
		w.And("strpos(lower(concat_ws(' ', a.name, a.caption, k.name, cu.name, s.name, e.name)), lower(@typed)) > 0", "typed", search)
	}
	f.Validity.Narrow(&w, "a", ReplacedSQL, today)
	return list.Source{Columns: documentColumns, From: documentFrom, ID: "a.id", Where: w}
}

// QueryDocuments adds to a batch a page of documents.
func QueryDocuments(b *postgres.Batch, into *list.Page[DocumentRow], q list.Query, f DocumentFilter, today day.Day) {
	list.QueryPage(b, into, q, DocumentOrders, f.source(q.Search, today))
}

// QueryDocumentCounts adds how many documents there are of each of Validities; the
// map is filled when the batch was answered.
func QueryDocumentCounts(b *postgres.Batch, q list.Query, f DocumentFilter, today day.Day) map[Validity]int {
	return list.QueryCounts(b, Validities, func(v Validity) list.Source {
		f.Validity = v
		return f.source(q.Search, today)
	})
}

// ListDocuments is a page of documents by itself.
func ListDocuments(ctx context.Context, db postgres.DB, q list.Query, f DocumentFilter, today day.Day) (list.Page[DocumentRow], error) {
	return list.Fetch[DocumentRow](ctx, db, q, DocumentOrders, f.source(q.Search, today))
}

// Reminders are how many days before the end of a document its people are
// reminded, the first first.
var Reminders = []int{60, 30, 7}

// Ending is a document whose people are to be reminded.
type Ending struct {
	ID         int64
	Customer   int64
	ValidUntil day.Day
}

// EndingSQL finds the documents that are to be reminded of now, the first to end
// first: those that customers see, that nothing replaces and whose last day has
// come within one of Reminders, @days, since the last time.
const EndingSQL = `select a.id ` + endingSQL + ` order by a.valid_until, a.id`

const (
	endingSQL = `from attachments a join customers cu on cu.id = a.customer_id
		where a.document_kind_id is not null and a.removed_at is null and a.customer_view and cu.archived_at is null
			and a.valid_until between (select business_day()) and (select business_day()) + (select max(r) from unnest(@days::smallint[]) r)
			and (a.reminded is null or a.reminded > ` + reminderSQL + `)
			and not ` + ReplacedSQL
	reminderSQL = `(select min(r) from unnest(@days::smallint[]) r where a.valid_until <= (select business_day()) + r)`
)

// Remind notes that a document is reminded of, unless it is not to be, or somebody
// else is about to. One that became known late is reminded of once, not once for
// each of Reminders.
func Remind(ctx context.Context, tx postgres.Tx, id int64) (e Ending, due bool, err error) {
	rows, err := tx.Query(ctx, `
		update attachments a set reminded = late.days
		from (select a.id, `+reminderSQL+` as days `+endingSQL+` and a.id = @id for no key update of a skip locked) late
		where a.id = late.id
		returning a.id, a.customer_id as customer, a.valid_until`, pgx.NamedArgs{"days": Reminders, "id": id})
	if err != nil {
		return e, false, fmt.Errorf("remind of a document: %w", err)
	}
	e, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Ending])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return e, false, nil
	case err != nil:
		return e, false, fmt.Errorf("remind of a document: %w", err)
	}
	return e, true, nil
}
