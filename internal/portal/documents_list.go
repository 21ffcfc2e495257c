package portal

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// DocumentQuery is what a list of documents is asked for.
type DocumentQuery struct {
	list.Query
	Validity attachment.Validity // "" for all
	Site     int64               // 0 for all
	Kind     int64               // 0 for all
	Choose   bool                // every site is offered, however many there are
}

// DocumentOrders are the ways to sort documents.
var DocumentOrders = list.Orders{
	{Key: "valid", Expr: "coalesce(d.valid_until, 'infinity')", Type: "date"},
	{Key: "name", Expr: `lower(d.name) collate "und-x-icu"`, Type: "text"},
	{Key: "newest", Expr: "d.uploaded_at", Type: "timestamptz", Desc: true},
}

// Document is a certificate or another document of a kind. What it hangs on is
// named only when the viewer sees that.
type Document struct {
	PublicID      string
	Name          string
	Caption       string
	MediaType     string
	Size          int64
	UploadedAt    time.Time
	Kind          string
	ValidUntil    day.Day
	Replaced      bool // the viewer sees one of the same kind and place that holds longer
	SiteID        int64
	Site          string // "" for none
	Equipment     string // opaque id, "" for none that is seen
	EquipmentName string
	Job           string // number, "" for none that is seen
}

// Stands is how the document stands today.
func (d Document) Stands(today day.Day) attachment.Validity {
	return attachment.ValidityOf(d.ValidUntil, today, d.Replaced)
}

const documentColumns = `d.public_id, d.name, d.caption, d.media_type, d.size, d.uploaded_at, k.name as kind, d.valid_until, d.replaced,
	coalesce(s.id, 0) as site_id, coalesce(s.name, '') as site, coalesce(e.public_id, '') as equipment, coalesce(e.name, '') as equipment_name,
	coalesce((select j.number from portal.seen_jobs j where j.id = d.job_id), '') as job`

// documentFrom says of each document whether another holds longer, in one look at
// all. It is one that the viewer sees: what is hidden replaces nothing for them.
const documentFrom = `(
		select v.*, v.valid_until is not null and row_number() over (partition by v.place, v.valid_until is null order by v.valid_until desc, v.id desc) > 1 as replaced
		from portal.documents v) d
	join portal.document_kinds k on k.id = d.kind_id
	left join portal.sites s on s.id = d.site_id left join portal.equipment e on e.id = d.equipment_id`

func documentsOf(q DocumentQuery, validity attachment.Validity, today day.Day) list.Source {
	s := list.Source{Columns: documentColumns, From: documentFrom, ID: "d.id"}
	if q.Search != "" {
		s.Where.And("strpos(lower(concat_ws(' ', d.name, d.caption, k.name, s.name, e.name)), lower(@typed)) > 0", "typed", q.Search)
	}
	if q.Site != 0 {
		s.Where.And("d.site_id = @site", "site", q.Site)
	}
	if q.Kind != 0 {
		s.Where.And("d.kind_id = @kind", "kind", q.Kind)
	}
	validity.Narrow(&s.Where, "d", "d.replaced", today)
	return s
}

// Choice is one of a list to choose from.
type Choice struct {
	ID   int64
	Name string
}

// DocumentList is a page of documents, how many there are by validity, and what
// they can be narrowed to.
type DocumentList struct {
	list.Page[Document]
	Counts map[attachment.Validity]int
	Kinds  []Choice
	Sites  SiteChoices
}

// Documents lists the documents the viewer sees.
func (r *Reader) Documents(ctx context.Context, v Viewer, q DocumentQuery) (DocumentList, error) {
	var (
		l     DocumentList
		today = v.Business.Format.Today()
	)
	err := r.readOne(ctx, v, func(b *postgres.Batch) {
		list.QueryPage(b, &l.Page, q.Query, DocumentOrders, documentsOf(q, q.Validity, today))
		l.Counts = attachment.TallyDocuments(b, documentsOf(q, attachment.AnyValidity, today), "d", "d.replaced", today)
		postgres.Query(b, &l.Kinds, `select k.id, k.name from portal.document_kinds k where k.active or k.id in (select kind_id from portal.documents) order by k.name collate "und-x-icu", k.id`, nil)
		querySiteChoices(b, &l.Sites, q.Site, q.Choose)
	})
	l.Counts = attachment.WithAll(l.Counts)
	return l, err
}

// DocumentPage is a page of Documents without what surrounds it, for a file of all of them.
func (r *Reader) DocumentPage(ctx context.Context, v Viewer, q DocumentQuery) (page list.Page[Document], err error) {
	v.News = nil
	err = r.read(ctx, v, func(b *postgres.Batch) {
		list.QueryPage(b, &page, q.Query, DocumentOrders, documentsOf(q, q.Validity, v.Business.Format.Today()))
	})
	return page, err
}

// lastingFile is a file that is seen as a document alone, because its job is
// hidden by its age, or apperr.NotFound.
func (r *Reader) lastingFile(ctx context.Context, v Viewer, id string) (f File, err error) {
	err = r.readOne(ctx, v, func(b *postgres.Batch) {
		postgres.QueryOne(b, &f, `
			select d.id, d.public_id, null::bigint as job_id, null::bigint as quote_id, null::bigint as equipment_id, null::bigint as message_id, d.name, 'document' as kind, d.media_type, d.size, d.caption,
				null::timestamptz as taken_at, d.uploaded_at, '' as uploaded_by, null::bigint as uploaded_by_contact_id, 0 as width, 0 as height, 'ready' as state, d.blob_key, '' as web_key, '' as thumb_key, false as is_new
			from portal.documents d where d.public_id = @id`, pgx.NamedArgs{"id": id})
	})
	return f, err
}
