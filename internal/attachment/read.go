package attachment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// File is an attachment as the office sees it.
type File struct {
	ID         int64
	PublicID   string
	CustomerID int64
	Name       string
	Kind       string // photo, video or document
	MediaType  string
	Size       int64
	Caption    string
	TakenAt    *time.Time
	BlobKey    string
	WebKey     string
	ThumbKey   string
	Width      int
	Height     int
	State      string // preparing, ready or broken
	// BrokenBecause says why a photo could not be prepared, "" when that is not known.
	BrokenBecause string
	CustomerView  bool
	SharedAt      *time.Time
	SharedBy      string
	UploadedAt    time.Time
	UploadedBy    string
	ByContact     bool
	// What it is as a document: see Document.
	DocumentKind   string // "" for none
	DocumentKindID int64
	ValidUntil     day.Day
	AtSite         int64
	AtEquipment    int64
	At             string // the site or equipment it is for, by name
	// What it hangs on, 0 each for the customer itself.
	JobID, QuoteID, EquipmentID, MessageID int64
}

// hangsOn reports whether the file hangs on exactly that.
func (f File) hangsOn(o On) bool {
	return f.CustomerID == o.Customer && f.JobID == o.Job && f.QuoteID == o.Quote && f.EquipmentID == o.Equipment && f.MessageID == o.Message
}

// Document is what the file is as a document.
func (f File) Document() Document {
	return Document{Kind: f.DocumentKindID, Site: f.AtSite, Equipment: f.AtEquipment, ValidUntil: f.ValidUntil}
}

// IsPhoto reports whether the file is shown as a picture.
func (f File) IsPhoto() bool { return f.Kind == "photo" }

// IsVideo reports whether the file is played as it is.
func (f File) IsVideo() bool { return f.Kind == "video" }

// Columns are those of a File, from Table.
const Columns = `a.id, a.public_id, a.customer_id, a.name, a.kind, a.media_type, a.size, a.caption, a.taken_at,
	a.blob_key, a.web_key, a.thumb_key, coalesce(a.width, 0) as width, coalesce(a.height, 0) as height, a.state, a.broken_because, a.customer_view, a.shared_at, coalesce(sb.name, '') as shared_by,
	a.uploaded_at, coalesce(st.name, c.name, (select 'API: ' || t.name from tokens t where t.id = a.uploaded_by_token_id), '') as uploaded_by, a.uploaded_by_contact_id is not null as by_contact,
	coalesce(dk.name, '') as document_kind, coalesce(a.document_kind_id, 0) as document_kind_id, a.valid_until, coalesce(a.at_site_id, 0) as at_site, coalesce(a.at_equipment_id, 0) as at_equipment,
	coalesce((select s.name from sites s where s.id = a.at_site_id), (select e.name from equipment e where e.id = a.at_equipment_id), '') as at,
	coalesce(a.job_id, 0) as job_id, coalesce(a.quote_id, 0) as quote_id, coalesce(a.equipment_id, 0) as equipment_id, coalesce(a.message_id, 0) as message_id`

// Table is where files are read from.
const Table = `attachments a
	left join document_kinds dk on dk.id = a.document_kind_id
	left join staff sb on sb.id = a.shared_by_id
	left join staff st on st.id = a.uploaded_by_staff_id
	left join contacts c on c.id = a.uploaded_by_contact_id`

// where is the condition that picks what hangs on o, by the id of it.
func (o On) where() (condition string, on int64) {
	switch {
	case o.Job != 0:
		return "a.job_id = @on", o.Job
	case o.Quote != 0:
		return "a.quote_id = @on", o.Quote
	case o.Equipment != 0:
		return "a.equipment_id = @on", o.Equipment
	case o.Message != 0:
		return "a.message_id = @on", o.Message
	}
	return "a.customer_id = @on and num_nonnulls(a.job_id, a.quote_id, a.equipment_id, a.message_id) = 0", o.Customer
}

// What a list of files can show.
const (
	Photos    = "photos" // and videos
	Documents = "documents"
	Shared    = "shared"
	Hidden    = "hidden"
)

// Shows are the ways to narrow a list of files; "" is all of them.
var Shows = []string{"", Photos, Documents, Shared, Hidden}

var shown = map[string]string{Photos: "a.kind <> 'document'", Documents: "a.kind = 'document'", Shared: "a.customer_view", Hidden: "not a.customer_view"}

// Orders are the ways to sort files.
var Orders = list.Orders{
	{Key: "newest", Expr: "a.uploaded_at", Type: "timestamptz", Desc: true},
	{Key: "name", Expr: `lower(a.name) collate "und-x-icu"`, Type: "text"},
	{Key: "size", Expr: "a.size", Type: "bigint", Desc: true},
}

// fits is the condition that what was typed stands in a file's name or caption,
// as it is, or as words do in every search.
const fits = "strpos(lower(a.name || ' ' || a.caption), lower(@typed)) > 0 or a.search @@ search_query(@typed)"

func (o On) source(search, show string) list.Source {
	condition, id := o.where()
	var w list.Where
	w.And("a.removed_at is null")
	w.And(condition, "on", id)
	if search != "" {
		w.And(fits, "typed", search)
	}
	if is, ok := shown[show]; ok {
		w.And(is)
	}
	return list.Source{Columns: Columns, From: Table, ID: "a.id", Where: w}
}

// QueryList adds to a batch a page of the files that hang on something, and how
// many there are by each of Shows; show is one of those.
func QueryList(b *postgres.Batch, into *list.Page[File], counts *Counts, on On, q list.Query, show string) {
	list.QueryPage(b, into, q, Orders, on.source(q.Search, show))
	condition, id := on.where()
	b.Add(`
		select count(*), count(*) filter (where a.kind <> 'document'), count(*) filter (where a.customer_view) from attachments a
		where `+condition+` and a.removed_at is null and (@typed = '' or `+fits+`)`,
		pgx.NamedArgs{"on": id, "typed": q.Search}, func(rows pgx.Rows) error {
			_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (n struct{}, err error) {
				var all, photos, shared int
				err = row.Scan(&all, &photos, &shared)
				*counts = Counts{"": all, Photos: photos, Documents: all - photos, Shared: shared, Hidden: all - shared}
				return n, err
			})
			return err
		})
}

// Counts are how many files there are by each of Shows.
type Counts map[string]int

// QueryAll adds a query for the files that hang on something, the oldest first;
// with ids only those of them.
func QueryAll(b *postgres.Batch, into *[]File, on On, ids ...string) {
	condition, id := on.where()
	if len(ids) > 0 {
		condition += " and a.public_id = any(@ids)"
	}
	postgres.Query(b, into, `select `+Columns+` from `+Table+` where `+condition+` and a.removed_at is null order by a.uploaded_at, a.id`, pgx.NamedArgs{"on": id, "ids": ids})
}

// All is QueryAll by itself.
func All(ctx context.Context, db postgres.DB, on On, ids ...string) (files []File, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryAll(b, &files, on, ids...) }); err != nil {
		return nil, fmt.Errorf("list attachments: %w", err)
	}
	return files, nil
}

// MessageFile is a file that came with a message.
type MessageFile struct{ File }

// QueryOfMessages adds a query for the files that came with the messages on a
// job or a quote.
func QueryOfMessages(b *postgres.Batch, into *[]MessageFile, on On) {
	condition, id := "m.job_id = @on", on.Job
	if on.Quote != 0 {
		condition, id = "m.quote_id = @on", on.Quote
	}
	postgres.Query(b, into, `
		select `+Columns+` from `+Table+` join messages m on m.id = a.message_id
		where `+condition+` and m.customer_id = @customer and a.removed_at is null order by a.uploaded_at, a.id`, pgx.NamedArgs{"on": id, "customer": on.Customer})
}

// Find is a file by its opaque id; apperr.NotFound when there is none.
func Find(ctx context.Context, db postgres.DB, public string) (File, error) {
	return find(ctx, db, `a.public_id = @id`, pgx.NamedArgs{"id": public})
}

func find(ctx context.Context, db postgres.DB, condition string, args pgx.NamedArgs) (f File, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.QueryOne(b, &f, `select `+Columns+` from `+Table+` where `+condition+` and a.removed_at is null`, args)
	})
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return f, fmt.Errorf("find attachment: %w", err)
	}
	return f, err
}

// lock is Find for a transaction that changes the file: until it ends nobody
// else does.
func lock(ctx context.Context, tx postgres.Tx, public string) (File, error) {
	if _, err := tx.Exec(ctx, `select from attachments where public_id = $1 for no key update`, public); err != nil {
		return File{}, fmt.Errorf("lock attachment: %w", err)
	}
	return Find(ctx, tx, public)
}
