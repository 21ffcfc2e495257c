package portal

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// File is an attachment that the viewer sees. A document or video is served from
// its BlobKey, a photo from its renditions alone; its original may tell where it
// was taken.
type File struct {
	ID         int64
	PublicID   string
	JobID      *int64 // at most one of the four is set; none of them for a file of the customer
	QuoteID    *int64
	EquipID    *int64 `db:"equipment_id"`
	MessageID  *int64
	Name       string
	Kind       string // "photo", "video" or "document"
	MediaType  string
	Size       int64 // bytes
	Caption    string
	TakenAt    *time.Time
	UploadedAt time.Time
	UploadedBy string
	Uploader   *int64 `db:"uploaded_by_contact_id"`
	Width      int    // of the web rendition, 0 while it is prepared
	Height     int
	State      string // "preparing", "ready" or "broken"
	BlobKey    string
	WebKey     string
	ThumbKey   string
	IsNew      bool // shared since the last visit, and not seen yet
}

// fileColumns are the columns of a File, from portal.attachments a.
const fileColumns = `a.id, a.public_id, a.job_id, a.quote_id, a.equipment_id, a.message_id, a.name, a.kind, a.media_type, a.size, a.caption,
	a.taken_at, a.uploaded_at, coalesce(a.uploaded_by, '') as uploaded_by, a.uploaded_by_contact_id, coalesce(a.width, 0) as width, coalesce(a.height, 0) as height,
	a.state, a.blob_key, a.web_key, a.thumb_key, coalesce(a.is_new, false) as is_new`

// IsPhoto reports whether the file is shown as a picture.
func (f File) IsPhoto() bool { return f.Kind == "photo" }

// IsVideo reports whether the file is played as it is.
func (f File) IsVideo() bool { return f.Kind == "video" }

// By reports whether the viewer sent the file.
func (f File) By(v Viewer) bool { return f.Uploader != nil && *f.Uploader == v.Contact }

// File is one file by its opaque id, or apperr.NotFound.
func (r *Reader) File(ctx context.Context, v Viewer, id string) (File, error) {
	var f File
	v.News = nil
	err := r.readOne(ctx, v, func(b *postgres.Batch) {
		postgres.QueryOne(b, &f, `select `+fileColumns+` from portal.attachments a where a.public_id = @id`, pgx.NamedArgs{"id": id})
	})
	if errors.Is(err, apperr.NotFound) {
		return r.lastingFile(ctx, v, id)
	}
	return f, err
}

// Files are the files of a record, or of the customer, the oldest first, with
// the record's number. They are asked for together with whether it is seen.
func (r *Reader) Files(ctx context.Context, v Viewer, of Holder) (number string, files []File, err error) {
	key, record, hangs := v.CustomerName, `select @key::text`, `num_nonnulls(a.job_id, a.quote_id, a.equipment_id, a.message_id) = 0`
	switch {
	case of.Job != "":
		key, record, hangs = of.Job, `select number from portal.seen_jobs where key = @key`, `a.job_id = (select id from portal.seen_jobs where key = @key)`
	case of.Quote != "":
		key, record, hangs = of.Quote, `select number from portal.seen_quotes where key = @key`, `a.quote_id = (select id from portal.seen_quotes where key = @key)`
	case of.Equipment != "":
		key, record, hangs = of.Equipment, `select number from portal.equipment where public_id = @key`, `a.equipment_id = (select id from portal.equipment where public_id = @key)`
	}
	args := pgx.NamedArgs{"key": key}
	err = r.readOne(ctx, v, func(b *postgres.Batch) {
		postgres.QueryValue(b, &number, record, args)
		postgres.Query(b, &files, `select `+fileColumns+` from portal.attachments a where `+hangs+` order by a.uploaded_at, a.id`, args)
	})
	return number, files, err
}

// Holder is what a file hangs on, by what its address names it. All are empty
// for a file of the customer.
type Holder struct {
	Job       string // number
	Quote     string // number
	Equipment string // opaque id
}

// Saw notes that the viewer has seen the files of a job, quote or piece of
// equipment, if some of them are new. A preview leaves no trace.
func (d *Service) Saw(ctx context.Context, v Viewer, of Holder, files []File) error {
	if v.Previewing() || postgres.Refuses(ctx) || !slices.ContainsFunc(files, func(f File) bool { return f.IsNew }) {
		return nil
	}
	return d.transact(ctx, v, func(Viewer) bool { return true }, func(tx postgres.Tx, now Viewer) error {
		on := attachment.On{Customer: now.Customer}
		err := readIn(ctx, tx, now, func(b *postgres.Batch) {
			switch {
			case of.Job != "":
				postgres.QueryValue(b, &on.Job, `select id from portal.seen_jobs where key = @key`, pgx.NamedArgs{"key": of.Job})
			case of.Quote != "":
				postgres.QueryValue(b, &on.Quote, `select id from portal.seen_quotes where key = @key`, pgx.NamedArgs{"key": of.Quote})
			default:
				postgres.QueryValue(b, &on.Equipment, `select id from portal.equipment where public_id = @key`, pgx.NamedArgs{"key": of.Equipment})
			}
		})
		if err != nil {
			return err
		}
		return attachment.MarkSeen(ctx, tx, now.Contact, on)
	})
}

// RemoveFile takes back a file that the viewer sent, until work starts.
func (d *Service) RemoveFile(ctx context.Context, v Viewer, id string) (on Holder, err error) {
	var f struct {
		Holder
		Uploader    *int64
		JobStatus   job.Status
		QuoteStatus quote.Status
		ItemStatus  equipment.Status
	}
	err = d.transact(ctx, v, func(Viewer) bool { return true }, func(tx postgres.Tx, now Viewer) error {
		err := readIn(ctx, tx, now, func(b *postgres.Batch) {
			postgres.QueryOne(b, &f, `
				select a.uploaded_by_contact_id as uploader, coalesce(j.number, '') as job, coalesce(j.status, '') as job_status,
					coalesce(q.number, '') as quote, coalesce(q.status, '') as quote_status, coalesce(e.public_id, '') as equipment, coalesce(e.status, '') as item_status
				from portal.attachments a
				left join portal.jobs j on j.id = a.job_id left join portal.quotes q on q.id = a.quote_id left join portal.equipment e on e.id = a.equipment_id
				where a.public_id = @id and a.message_id is null`, pgx.NamedArgs{"id": id})
		})
		switch {
		case err != nil:
			return err
		case !(File{Uploader: f.Uploader}).By(now):
			return apperr.Forbidden{Words: "Only the person who sent a file can remove it."}
		case f.Job != "" && f.JobStatus.Started():
			return apperr.Conflictf("This job is %s, so its files stay.", f.JobStatus.Label())
		case f.Quote != "" && f.QuoteStatus != quote.Requested:
			return apperr.Conflictf("This quote has been sent, so its files stay.")
		case f.Equipment != "" && f.ItemStatus != equipment.InUse:
			return apperr.Conflictf("This equipment is retired, so its files stay.")
		}
		if n, err := attachment.Remove(ctx, tx, now.Actor(), id); err != nil || n == 1 {
			return err
		}
		return apperr.NotFound
	})
	return f.Holder, err
}
