package attachment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// File is an attachment as the office sees it.
type File struct {
	ID           int64
	PublicID     string
	CustomerID   int64
	Name         string
	Kind         string // photo or document
	MediaType    string
	Size         int64
	Caption      string
	TakenAt      *time.Time
	BlobKey      string
	WebKey       string
	ThumbKey     string
	Width        int
	Height       int
	State        string // preparing, ready or broken
	CustomerView bool
	SharedAt     *time.Time
	SharedBy     string
	UploadedAt   time.Time
	UploadedBy   string
	ByContact    bool
}

// IsPhoto reports whether the file is shown as a picture.
func (f File) IsPhoto() bool { return f.Kind == "photo" }

const columns = `a.id, a.public_id, a.customer_id, a.name, a.kind, a.media_type, a.size, a.caption, a.taken_at,
	a.blob_key, a.web_key, a.thumb_key, coalesce(a.width, 0) as width, coalesce(a.height, 0) as height, a.state, a.customer_view, a.shared_at, coalesce(sb.name, '') as shared_by,
	a.uploaded_at, coalesce(st.name, c.name, '') as uploaded_by, a.uploaded_by_contact_id is not null as by_contact`

const from = `attachments a
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
	Photos    = "photos"
	Documents = "documents"
	Shared    = "shared"
	Hidden    = "hidden"
)

// Shows are the ways to narrow a list of files; "" is all of them.
var Shows = []string{"", Photos, Documents, Shared, Hidden}

var shown = map[string]string{Photos: "a.kind = 'photo'", Documents: "a.kind = 'document'", Shared: "a.customer_view", Hidden: "not a.customer_view"}

// Orders are the ways to sort files.
var Orders = list.Orders{
	{Key: "newest", Expr: "a.uploaded_at", Type: "timestamptz", Desc: true},
	{Key: "name", Expr: `lower(a.name) collate "und-x-icu"`, Type: "text"},
	{Key: "size", Expr: "a.size", Type: "bigint", Desc: true},
}

func (o On) source(search, show string) list.Source {
	condition, id := o.where()
	var w list.Where
	w.And("a.removed_at is null")
	w.And(condition, "on", id)
	if search != "" {
		w.And("strpos(lower(a.name || ' ' || a.caption), lower(@typed)) > 0", "typed", search)
	}
	if is, ok := shown[show]; ok {
		w.And(is)
	}
	return list.Source{Columns: columns, From: from, ID: "a.id", Where: w}
}

// List is a page of the files that hang on something; show is one of Shows.
func List(ctx context.Context, db postgres.DB, on On, q list.Query, show string) (list.Page[File], error) {
	return list.Fetch[File](ctx, db, q, Orders, on.source(q.Search, show))
}

// Count is how many files a List has by each of Shows, in one query.
func Count(ctx context.Context, db postgres.DB, on On, search string) (map[string]int, error) {
	condition, id := on.where()
	var all, photos, shared int
	err := db.QueryRow(ctx, `
		select count(*), count(*) filter (where a.kind = 'photo'), count(*) filter (where a.customer_view) from attachments a
		where `+condition+` and a.removed_at is null and strpos(lower(a.name || ' ' || a.caption), lower(@typed)) > 0`, pgx.NamedArgs{"on": id, "typed": search}).Scan(&all, &photos, &shared)
	if err != nil {
		return nil, fmt.Errorf("count attachments: %w", err)
	}
	return map[string]int{"": all, Photos: photos, Documents: all - photos, Shared: shared, Hidden: all - shared}, nil
}

// All are the files that hang on something, the oldest first; with ids only
// those of them.
func All(ctx context.Context, db postgres.DB, on On, ids ...string) (files []File, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryAll(b, &files, on, ids...) }); err != nil {
		return nil, fmt.Errorf("list attachments: %w", err)
	}
	return files, nil
}

// QueryAll is All in a batch.
func QueryAll(b *postgres.Batch, into *[]File, on On, ids ...string) {
	condition, id := on.where()
	if len(ids) > 0 {
		condition += " and a.public_id = any(@ids)"
	}
	postgres.Query(b, into, `select `+columns+` from `+from+` where `+condition+` and a.removed_at is null order by a.uploaded_at, a.id`, pgx.NamedArgs{"on": id, "ids": ids})
}

// OfMessages are the files that came with messages, by the message's id.
func OfMessages(ctx context.Context, db postgres.DB, messages []int64) (map[int64][]File, error) {
	rows, err := db.Query(ctx, `select a.message_id, `+columns+` from `+from+` where a.message_id = any($1) and a.removed_at is null order by a.uploaded_at, a.id`, messages)
	if err != nil {
		return nil, fmt.Errorf("files of messages: %w", err)
	}
	type sent struct {
		MessageID int64
		File
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[sent])
	if err != nil {
		return nil, fmt.Errorf("files of messages: %w", err)
	}
	files := map[int64][]File{}
	for _, f := range all {
		files[f.MessageID] = append(files[f.MessageID], f.File)
	}
	return files, nil
}

// Find is a file by its opaque id; apperr.NotFound when there is none.
func Find(ctx context.Context, db postgres.DB, public string) (File, error) {
	rows, err := db.Query(ctx, `select `+columns+` from `+from+` where a.public_id = $1 and a.removed_at is null`, public)
	if err != nil {
		return File{}, fmt.Errorf("find attachment: %w", err)
	}
	f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[File])
	if errors.Is(err, pgx.ErrNoRows) {
		return File{}, apperr.NotFound
	}
	if err != nil {
		return File{}, fmt.Errorf("find attachment: %w", err)
	}
	return f, nil
}
