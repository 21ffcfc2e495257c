package portal

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// File is an attachment that the viewer sees. A document is served from its
// BlobKey, a photo from its renditions alone; its original may tell where it
// was taken.
type File struct {
	ID         int64
	PublicID   string
	JobID      *int64 // at most one of the four is set; none of them for a file of the customer
	QuoteID    *int64
	EquipID    *int64 `db:"equipment_id"`
	MessageID  *int64
	Name       string
	Kind       string // "photo" or "document"
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
}

// fileColumns are the columns of a File, from portal.attachments a.
const fileColumns = `a.id, a.public_id, a.job_id, a.quote_id, a.equipment_id, a.message_id, a.name, a.kind, a.media_type, a.size, a.caption,
	a.taken_at, a.uploaded_at, coalesce(a.uploaded_by, '') as uploaded_by, a.uploaded_by_contact_id, coalesce(a.width, 0) as width, coalesce(a.height, 0) as height,
	a.state, a.blob_key, a.web_key, a.thumb_key`

// IsPhoto reports whether the file is shown as a picture.
func (f File) IsPhoto() bool { return f.Kind == "photo" }

// By reports whether the viewer sent the file.
func (f File) By(v Viewer) bool { return f.Uploader != nil && *f.Uploader == v.Contact }

// File is one file by its opaque id, or fault.NotFound.
func (r *Reader) File(ctx context.Context, v Viewer, id string) (File, error) {
	var f File
	err := r.look(ctx, v, func(g *glimpse) {
		wantOne(g, &f, `select `+fileColumns+` from portal.attachments a where a.public_id = @id`, pgx.NamedArgs{"id": id})
	})
	return f, err
}
