// Package attachment holds the files of jobs, quotes, equipment, messages and
// customers, and says which of them customers may see.
package attachment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/imaging"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/storage"
)

// Limits of one upload, as the product sets them.
const (
	MaxSize  = imaging.MaxFile  // bytes of a file
	MaxVideo = imaging.MaxVideo // bytes of a video
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
	// Shown says that the customer sees at once what staff add, as files of a
	// message.
	Shown bool
	// As is what files that are added are as documents; photos are none.
	As Document
}

// Incoming is a file that has been checked and not yet been kept.
type Incoming struct {
	Name    string
	Type    imaging.Type
	Size    int64
	Taken   time.Time // the camera's clock; zero if unknown
	Nonce   string    // tells a file sent again from another one; "" counts every time
	Caption string
	Digest  []byte // SHA-256 of Content; nil when nobody has asked
	Content io.ReadSeeker
}

// Stored is a file in the store, whose row is yet to be written.
type Stored struct {
	Incoming
	Key   string
	ID    int64 // of its row, set by Add
	Again bool  // set by Add: the file was sent before, so this copy has no row
}

// Storing puts files into the store and has do write their rows. What then is
// known to have no row, all of it when do fails, the store forgets again, so that
// no file is kept that nobody owns.
func Storing(ctx context.Context, store *storage.Store, files []Incoming, do func([]Stored) error) (err error) {
	stored := make([]Stored, 0, len(files))
	defer func() {
		var unused []string
		for _, f := range stored {
			if err != nil || f.Again {
				unused = append(unused, f.Key)
			}
		}
		store.Forget(ctx, err, unused...)
	}()
	for _, f := range files {
		if _, err := f.Content.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
		stored = append(stored, Stored{Incoming: f, Key: blob.NewKey()})
		if err := store.Put(ctx, stored[len(stored)-1].Key, f.Content, f.Size, f.Type.MIME); err != nil {
			return fmt.Errorf("keep upload: %w", err)
		}
	}
	return do(stored)
}

// Add writes the rows of stored files. Staff's start hidden from the customer,
// a contact's own are visible. Photos are queued for their renditions; until
// those are made, nobody but staff can open one. A file whose nonce the same
// person has sent before is kept already, and marked so in files.
func Add(ctx context.Context, tx postgres.Tx, by audit.Actor, q *queue.Client, on On, files []Stored) error {
	if err := on.As.Check().Err(); err != nil {
		return err
	}
	for i, f := range files {
		kind, state := "document", "ready"
		switch {
		case f.Type.Photo:
			kind, state = "photo", "preparing"
		case f.Type.Video:
			kind = "video"
		}
		var taken *time.Time
		if !f.Taken.IsZero() {
			taken = &f.Taken
		}
		as := on.As
		if f.Type.Photo {
			as = Document{}
		}
		var id int64
		err := tx.QueryRow(ctx, `
			insert into attachments (customer_id, job_id, quote_id, equipment_id, message_id, name, kind, media_type, size, caption, digest, taken_at, blob_key, state,
				customer_view, uploaded_by_staff_id, uploaded_by_token_id, uploaded_by_contact_id, nonce, document_kind_id, at_site_id, at_equipment_id, valid_until)
			values (@customer, nullif(@job::bigint, 0), nullif(@quote::bigint, 0), nullif(@equipment::bigint, 0), nullif(@message::bigint, 0), @name, @kind, @type, @size, @caption, @digest,
				(select moment_of(@taken::timestamp::date, @taken::timestamp::time, time_zone) from company), @key, @state, @shown, nullif(@staff::bigint, 0), nullif(@token::bigint, 0), nullif(@contact::bigint, 0), nullif(@nonce, ''),
				nullif(@document::bigint, 0), nullif(@at_site::bigint, 0), nullif(@at_equipment::bigint, 0), @until::date)
			on conflict on constraint attachment_sent_twice do nothing
			returning id`,
			pgx.NamedArgs{
				"customer": on.Customer, "job": on.Job, "quote": on.Quote, "equipment": on.Equipment, "message": on.Message, "name": f.Name, "kind": kind,
				"shown": on.Shown || by.Contact != 0, "type": f.Type.MIME, "size": f.Size, "caption": f.Caption, "digest": f.Digest, "taken": taken, "key": f.Key, "state": state,
				"staff": by.Staff, "token": by.Token, "contact": by.Contact, "nonce": f.nonce(by),
				"document": as.Kind, "at_site": as.Site, "at_equipment": as.Equipment, "until": as.ValidUntil,
			}).Scan(&id)
		if files[i].Again = errors.Is(err, pgx.ErrNoRows); files[i].Again {
			continue
		}
		if err != nil {
			return fmt.Errorf("add attachment: %w", documentConstraintError(err))
		}
		files[i].ID = id
		if f.Type.Photo {
			if err := q.Insert(ctx, tx, queue.PreparePhoto{Attachment: id, Customer: on.Customer}); err != nil {
				return err
			}
		}
		err = audit.Record(ctx, tx, by, audit.New{
			Action: audit.AttachmentUploaded, ID: id, Label: f.Name, Customer: on.Customer,
			After: map[string]any{"job": on.Job, "quote": on.Quote, "equipment": on.Equipment, "message": on.Message, "size": f.Size, "customer_view": on.Shown || by.Contact != 0},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// nonce makes a file's nonce the sender's own: who sends another's gets nothing
// taken for that one's.
func (f Incoming) nonce(by audit.Actor) string {
	switch {
	case f.Nonce == "":
		return ""
	case by.Staff != 0:
		return fmt.Sprintf("staff %d %s", by.Staff, f.Nonce)
	case by.Token != 0:
		return fmt.Sprintf("token %d %s", by.Token, f.Nonce)
	}
	return fmt.Sprintf("contact %d %s", by.Contact, f.Nonce)
}

// Share makes files that hang on something visible to its customer, or hides
// them. What is so already stays as it was; changed are the others.
func Share(ctx context.Context, tx postgres.Tx, by audit.Actor, on On, public []string, visible bool) (changed []int64, err error) {
	condition, id := on.where()
	rows, err := tx.Query(ctx, `
		update attachments a set customer_view = @visible, shared_at = case when @visible then now() end, shared_by_id = case when @visible then nullif(@staff::bigint, 0) end
		where `+condition+` and a.public_id = any(@ids) and a.customer_view <> @visible and a.removed_at is null
		returning a.id, a.name, a.customer_id`, pgx.NamedArgs{"on": id, "ids": public, "visible": visible, "staff": by.Staff})
	if err != nil {
		return nil, fmt.Errorf("share attachments: %w", err)
	}
	done, err := pgx.CollectRows(rows, pgx.RowToStructByName[named])
	if err != nil {
		return nil, fmt.Errorf("share attachments: %w", err)
	}
	action := audit.AttachmentShared
	if !visible {
		action = audit.AttachmentHidden
	}
	for _, f := range done {
		if err := audit.Record(ctx, tx, by, audit.New{Action: action, ID: f.ID, Label: f.Name, Customer: f.CustomerID}); err != nil {
			return nil, err
		}
		changed = append(changed, f.ID)
	}
	return changed, nil
}

// named is what the log says of a file.
type named struct {
	ID         int64
	Name       string
	CustomerID int64
}

// Field is the description of each field of a file: its name, its label and how
// long it may be, for whoever shows, reads or checks it.
var Field = struct{ Name, Caption, CustomerView problem.Field }{
	Name:         problem.Field{Name: "name", Label: "Name", Max: MaxName},
	Caption:      problem.Field{Name: "caption", Label: "Caption", Max: 200},
	CustomerView: problem.Field{Name: "customer_view", Label: "Customer View"},
}

// Caption is what is written under a file, which customers read, from what
// whoever changes it has seen.
type Caption struct {
	File string // its opaque id
	Seen string
	Text string
}

// Check says what is wrong with a caption.
func (c Caption) Check() problem.Set {
	p := problem.Set{}
	p.Limit(Field.Caption, c.Text)
	return p
}

// SetCaption changes a file's caption. If it says something else by now than
// what was seen, that is apperr.Stale.
func SetCaption(ctx context.Context, tx postgres.Tx, by audit.Actor, c Caption) error {
	if err := c.Check().Err(); err != nil {
		return err
	}
	f, err := lock(ctx, tx, c.File)
	switch {
	case err != nil:
		return err
	case f.Caption == c.Text:
		return nil
	case f.Caption != c.Seen:
		return apperr.Stale
	}
	if _, err := tx.Exec(ctx, `update attachments set caption = $2 where id = $1`, f.ID, c.Text); err != nil {
		return fmt.Errorf("caption: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.AttachmentChanged, ID: f.ID, Label: f.Name, Customer: f.CustomerID,
		Before: map[string]any{"caption": f.Caption}, After: map[string]any{"caption": c.Text},
	})
}

// Remove takes files away from what they hang on: staff any, a contact those
// that the contact has sent; whether a contact still may is the question of the
// record. They return how many were there. The bytes stay in the store.
func Remove(ctx context.Context, tx postgres.Tx, by audit.Actor, public ...string) (removed int, err error) {
	rows, err := tx.Query(ctx, `
		update attachments set removed_at = now()
		where public_id = any($1) and removed_at is null and ($2 or uploaded_by_contact_id = $3)
		returning id, name, customer_id`, public, by.ForOffice(), by.Contact)
	if err != nil {
		return 0, fmt.Errorf("remove attachments: %w", err)
	}
	gone, err := pgx.CollectRows(rows, pgx.RowToStructByName[named])
	if err != nil {
		return 0, fmt.Errorf("remove attachments: %w", err)
	}
	for _, f := range gone {
		if err := audit.Record(ctx, tx, by, audit.New{Action: audit.AttachmentRemoved, ID: f.ID, Label: f.Name, Customer: f.CustomerID}); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}
