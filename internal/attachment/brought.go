package attachment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/imaging"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Brought is a file that hung on a thing elsewhere, and whose bytes are in the
// store by now. Whoever puts them there has judged them as those of an upload.
type Brought struct {
	On
	Name           string
	MediaType      string
	Size           int64
	Caption        string
	TakenAt        *time.Time
	Document       Document
	CustomerView   bool
	SharedAt       *time.Time
	SharedBy       int64
	UploadedAt     *time.Time // nil for now
	Staff, Contact int64      // who had uploaded it; whoever brings it in, or the first Administrator, for neither
	Key            string
}

// Bring adds such a file. Photos wait for their renditions: PrepareLost finds
// them, or whoever brings them in queues them. The same bytes under the same name
// on the same thing are there once, and then it is false.
func Bring(ctx context.Context, tx postgres.Tx, by audit.Actor, b Brought) (id int64, fresh bool, err error) {
	p := problem.Set{}
	kind, known := imaging.TypeOf(b.MediaType)
	p.Unless(known, "media_type", "Files of this kind are not taken.")
	p.Limit(Field.Name, b.Name)
	p.Limit(Field.Caption, b.Caption)
	p.Unless(b.Name != "", Field.Name.Name, "Enter a name.")
	p.Join(b.Document.Check())
	if err := p.Err(); err != nil {
		return 0, false, err
	}
	condition, on := b.where()
	err = tx.QueryRow(ctx, `select a.id from attachments a where `+condition+` and a.blob_key = @key and a.name = @name and a.removed_at is null limit 1`, pgx.NamedArgs{"on": on, "key": b.Key, "name": b.Name}).Scan(&id)
	if err == nil {
		return id, false, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return 0, false, fmt.Errorf("look for a file that was brought in: %w", err)
	}
	what, state := "document", "ready"
	switch {
	case kind.Photo:
		what, state = "photo", "preparing"
	case kind.Video:
		what = "video"
	}
	if b.Staff == 0 && b.Contact == 0 {
		if b.Staff = by.Staff; b.Staff == 0 { // brought in by the command line, where nobody is signed in
			if err := tx.QueryRow(ctx, `select coalesce((select id from staff order by role <> 'administrator', id limit 1), 0)`).Scan(&b.Staff); err != nil {
				return 0, false, fmt.Errorf("who brings in a file: %w", err)
			}
		}
		p.Unless(b.Staff != 0, "staff", "Say who uploaded it.")
		if err := p.Err(); err != nil {
			return 0, false, err
		}
	}
	if !b.CustomerView {
		b.SharedAt, b.SharedBy = nil, 0
	}
	err = tx.QueryRow(ctx, `
		insert into attachments (customer_id, job_id, quote_id, equipment_id, message_id, name, kind, media_type, size, caption, taken_at, blob_key, state, customer_view, shared_at, shared_by_id,
			uploaded_at, uploaded_by_staff_id, uploaded_by_contact_id, document_kind_id, at_site_id, at_equipment_id, valid_until)
		values (@customer, nullif(@job::bigint, 0), nullif(@quote::bigint, 0), nullif(@equipment::bigint, 0), nullif(@message::bigint, 0), @name, @kind, @type, @size, @caption, @taken, @key, @state,
			@shown, @shared, nullif(@shared_by::bigint, 0), coalesce(@uploaded, now()), nullif(@staff::bigint, 0), nullif(@contact::bigint, 0),
			nullif(@document::bigint, 0), nullif(@at_site::bigint, 0), nullif(@at_equipment::bigint, 0), @until::date)
		returning id`,
		pgx.NamedArgs{
			"customer": b.Customer, "job": b.Job, "quote": b.Quote, "equipment": b.Equipment, "message": b.Message, "name": b.Name, "kind": what, "type": b.MediaType, "size": b.Size,
			"caption": b.Caption, "taken": b.TakenAt, "key": b.Key, "state": state, "shown": b.CustomerView, "shared": b.SharedAt, "shared_by": b.SharedBy, "uploaded": b.UploadedAt,
			"staff": b.Staff, "contact": b.Contact, "document": b.Document.Kind, "at_site": b.Document.Site, "at_equipment": b.Document.Equipment, "until": b.Document.ValidUntil,
		}).Scan(&id)
	if err != nil {
		return 0, false, fmt.Errorf("bring in a file: %w", documentConstraintError(err))
	}
	return id, true, audit.Record(ctx, tx, by, audit.New{
		Action: audit.AttachmentUploaded, ID: id, Label: b.Name, Customer: b.Customer,
		After: map[string]any{"job": b.Job, "quote": b.Quote, "equipment": b.Equipment, "message": b.Message, "size": b.Size, "customer_view": b.CustomerView},
	})
}
