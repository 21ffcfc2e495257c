// Package attachment holds the files of jobs, quotes, equipment, messages and
// customers, and says which of them customers may see.
package attachment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/attachment/imaging"
	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/fault"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
)

// Limits of one upload, as the product sets them.
const (
	MaxSize  = 25 << 20 // bytes of a file
	MaxFiles = 50
	MaxName  = 200 // characters of a file's name
)

// On is what files hang on: one of the four, or the customer itself when all
// are zero.
type On struct {
	Customer  int64
	Job       int64
	Quote     int64
	Equipment int64
	Message   int64
}

// Incoming is a file that has been checked and not yet been kept.
type Incoming struct {
	Name    string
	Type    imaging.Type
	Size    int64
	Taken   time.Time // the camera's clock; zero if unknown
	Content io.ReadSeeker
}

// Stored is a file in the store, whose row is yet to be written.
type Stored struct {
	Incoming
	Key string
}

// Storing puts files into the store and has do write their rows. When do fails
// the store forgets them again, so that no file is kept that nobody owns.
func Storing(ctx context.Context, store blob.Store, files []Incoming, do func([]Stored) error) (err error) {
	stored := make([]Stored, 0, len(files))
	defer func() {
		if err == nil {
			return
		}
		for _, f := range stored {
			if e := store.Delete(context.WithoutCancel(ctx), f.Key); e != nil {
				err = errors.Join(err, fmt.Errorf("forget %s: %w", f.Key, e))
			}
		}
	}()
	for _, f := range files {
		if _, err := f.Content.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
		key := blob.NewKey()
		if err := store.Put(ctx, key, f.Content, f.Size, f.Type.MIME); err != nil {
			return fmt.Errorf("keep upload: %w", err)
		}
		stored = append(stored, Stored{f, key})
	}
	return do(stored)
}

// Add writes the rows of stored files. Staff's start hidden from the customer,
// a contact's own are visible. Photos are queued for their renditions; until
// those are made, nobody but staff can open one.
func Add(ctx context.Context, tx postgres.Tx, by audit.Actor, q *queue.Client, on On, files []Stored) error {
	for _, f := range files {
		kind, state := "document", "ready"
		if f.Type.Photo {
			kind, state = "photo", "preparing"
		}
		var taken *time.Time
		if !f.Taken.IsZero() {
			taken = &f.Taken
		}
		var id int64
		err := tx.QueryRow(ctx, `
			insert into attachments (customer_id, job_id, quote_id, equipment_id, message_id, name, kind, media_type, size, taken_at, blob_key, state,
				customer_view, uploaded_by_staff_id, uploaded_by_contact_id)
			values (@customer, nullif(@job::bigint, 0), nullif(@quote::bigint, 0), nullif(@equipment::bigint, 0), nullif(@message::bigint, 0), @name, @kind, @type, @size,
				@taken::timestamp at time zone (select time_zone from company), @key, @state, @contact::bigint <> 0, nullif(@staff::bigint, 0), nullif(@contact::bigint, 0))
			returning id`,
			pgx.NamedArgs{
				"customer": on.Customer, "job": on.Job, "quote": on.Quote, "equipment": on.Equipment, "message": on.Message, "name": f.Name, "kind": kind,
				"type": f.Type.MIME, "size": f.Size, "taken": taken, "key": f.Key, "state": state, "staff": by.Staff, "contact": by.Contact,
			}).Scan(&id)
		if err != nil {
			return fmt.Errorf("add attachment: %w", err)
		}
		if f.Type.Photo {
			if err := q.Insert(ctx, tx, queue.PreparePhoto{Attachment: id}); err != nil {
				return err
			}
		}
		err = audit.Record(ctx, tx, by, audit.Entry{
			Action: "uploaded", Thing: "attachment", ID: id, Label: f.Name, Customer: on.Customer,
			After: map[string]any{"job": on.Job, "quote": on.Quote, "equipment": on.Equipment, "size": f.Size, "customer_view": by.Contact != 0},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// File is an attachment as the office sees it.
type File struct {
	ID           int64
	PublicID     string
	CustomerID   int64
	JobID        *int64
	QuoteID      *int64
	EquipmentID  *int64
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

const columns = `a.id, a.public_id, a.customer_id, a.job_id, a.quote_id, a.equipment_id, a.name, a.kind, a.media_type, a.size, a.caption, a.taken_at,
	a.blob_key, a.web_key, a.thumb_key, coalesce(a.width, 0) as width, coalesce(a.height, 0) as height, a.state, a.customer_view, a.shared_at, coalesce(sb.name, '') as shared_by,
	a.uploaded_at, coalesce(st.name, c.name, '') as uploaded_by, a.uploaded_by_contact_id is not null as by_contact`

const from = `attachments a
	left join staff sb on sb.id = a.shared_by_id
	left join staff st on st.id = a.uploaded_by_staff_id
	left join contacts c on c.id = a.uploaded_by_contact_id`

// where is the condition that picks what hangs on o, and its arguments.
func (o On) where() (string, pgx.NamedArgs) {
	args := pgx.NamedArgs{"customer": o.Customer, "job": o.Job, "quote": o.Quote, "equipment": o.Equipment, "message": o.Message}
	switch {
	case o.Job != 0:
		return "a.job_id = @job", args
	case o.Quote != 0:
		return "a.quote_id = @quote", args
	case o.Equipment != 0:
		return "a.equipment_id = @equipment", args
	case o.Message != 0:
		return "a.message_id = @message", args
	}
	return "a.customer_id = @customer and num_nonnulls(a.job_id, a.quote_id, a.equipment_id, a.message_id) = 0", args
}

// List are the files that hang on something, the newest first.
func List(ctx context.Context, db postgres.DB, on On) ([]File, error) {
	condition, args := on.where()
	rows, err := db.Query(ctx, `select `+columns+` from `+from+` where `+condition+` and a.removed_at is null order by a.uploaded_at desc, a.id desc limit 1000`, args)
	if err != nil {
		return nil, fmt.Errorf("list attachments: %w", err)
	}
	files, err := pgx.CollectRows(rows, pgx.RowToStructByName[File])
	if err != nil {
		return nil, fmt.Errorf("list attachments: %w", err)
	}
	return files, nil
}

// Find is a file by its opaque id; fault.NotFound when there is none.
func Find(ctx context.Context, db postgres.DB, public string) (File, error) {
	rows, err := db.Query(ctx, `select `+columns+` from `+from+` where a.public_id = $1 and a.removed_at is null`, public)
	if err != nil {
		return File{}, fmt.Errorf("find attachment: %w", err)
	}
	f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[File])
	if errors.Is(err, pgx.ErrNoRows) {
		return File{}, fault.NotFound
	}
	if err != nil {
		return File{}, fmt.Errorf("find attachment: %w", err)
	}
	return f, nil
}

// Share makes files that hang on something visible to its customer, or hides
// them. What is so already stays as it was; changed counts the others.
func Share(ctx context.Context, tx postgres.Tx, by audit.Actor, on On, public []string, visible bool) (changed int, err error) {
	condition, args := on.where()
	args["ids"], args["visible"], args["staff"] = public, visible, by.Staff
	rows, err := tx.Query(ctx, `
		update attachments a set customer_view = @visible, shared_at = case when @visible then now() end, shared_by_id = case when @visible then @staff::bigint end
		where `+condition+` and a.public_id = any(@ids) and a.customer_view <> @visible and a.removed_at is null
		returning a.id, a.name, a.customer_id`, args)
	if err != nil {
		return 0, fmt.Errorf("share attachments: %w", err)
	}
	type row struct {
		ID         int64
		Name       string
		CustomerID int64
	}
	done, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return 0, fmt.Errorf("share attachments: %w", err)
	}
	action := "shared"
	if !visible {
		action = "hidden"
	}
	for _, f := range done {
		if err := audit.Record(ctx, tx, by, audit.Entry{Action: action, Thing: "attachment", ID: f.ID, Label: f.Name, Customer: f.CustomerID}); err != nil {
			return 0, err
		}
	}
	return len(done), nil
}

// Remove takes a file away that the contact has sent. Whether it still may is
// the question of the record it hangs on.
func Remove(ctx context.Context, tx postgres.Tx, by audit.Actor, public string) error {
	var (
		id, customer int64
		name         string
	)
	err := tx.QueryRow(ctx, `
		update attachments set removed_at = now() where public_id = $1 and uploaded_by_contact_id = $2 and removed_at is null returning id, name, customer_id`, public, by.Contact,
	).Scan(&id, &name, &customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.NotFound
	}
	if err != nil {
		return fmt.Errorf("remove attachment: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "removed", Thing: "attachment", ID: id, Label: name, Customer: customer})
}

// Prepare makes the renditions of a photo. A photo that cannot be decoded is
// marked as broken: staff still have the original.
func Prepare(ctx context.Context, pool *pgxpool.Pool, store blob.Store, id int64) error {
	var key, mime, state string
	err := pool.QueryRow(ctx, `select blob_key, media_type, state from attachments where id = $1`, id).Scan(&key, &mime, &state)
	if errors.Is(err, pgx.ErrNoRows) || state != "preparing" {
		return nil // prepared by an earlier try
	}
	if err != nil {
		return fmt.Errorf("prepare photo %d: %w", id, err)
	}
	web, thumb, err := render(ctx, store, key, mime)
	if refused, ok := errors.AsType[imaging.Refused](err); ok {
		return settle(ctx, pool, id, "broken", "", "", imaging.Rendition{}, refused.Reason)
	}
	if err != nil {
		return fmt.Errorf("prepare photo %d: %w", id, err)
	}
	pictures := []Incoming{
		{Type: imaging.JPEG, Size: int64(len(web.JPEG)), Content: bytes.NewReader(web.JPEG)},
		{Type: imaging.JPEG, Size: int64(len(thumb.JPEG)), Content: bytes.NewReader(thumb.JPEG)},
	}
	return Storing(ctx, store, pictures, func(kept []Stored) error {
		return settle(ctx, pool, id, "ready", kept[0].Key, kept[1].Key, web, "")
	})
}

func render(ctx context.Context, store blob.Store, key, mime string) (web, thumb imaging.Rendition, err error) {
	kind, ok := imaging.TypeOf(mime)
	if !ok {
		return web, thumb, fmt.Errorf("unknown type %q", mime)
	}
	f, err := store.Open(ctx, key)
	if err != nil {
		return web, thumb, fmt.Errorf("open original: %w", err)
	}
	defer f.Close()
	return imaging.Render(ctx, f, kind)
}

func settle(ctx context.Context, pool *pgxpool.Pool, id int64, state, webKey, thumbKey string, size imaging.Rendition, why string) error {
	return postgres.Transact(ctx, pool, func(tx postgres.Tx) error {
		var name string
		var customer int64
		err := tx.QueryRow(ctx, `
			update attachments set state = @state, web_key = @web, thumb_key = @thumb, width = nullif(@width::int, 0), height = nullif(@height::int, 0)
			where id = @id and state = 'preparing' returning name, customer_id`,
			pgx.NamedArgs{"id": id, "state": state, "web": webKey, "thumb": thumbKey, "width": size.Width, "height": size.Height}).Scan(&name, &customer)
		if err != nil {
			return fmt.Errorf("settle photo %d: %w", id, err)
		}
		return audit.Record(ctx, tx, audit.Actor{}, audit.Entry{Action: "prepared", Thing: "attachment", ID: id, Label: name, Customer: customer, After: map[string]any{"state": state, "reason": why}})
	})
}
