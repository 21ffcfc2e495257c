package notify

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Mails about photos show a few of them, small: the mail must not grow too large
// for a mailbox, or be slow on a phone.
const (
	mostPictures = 6
	pictureLimit = 100 << 10
)

// Picture is a photo that a mail shows small, as JPEG.
type Picture struct {
	Name          string // what is read where pictures are not shown
	Width, Height int    // of the photo
	Data          []byte

	Key string // where the small picture is kept
}

// ofFiles and ofMessage are the photos that a mail tells of, of a table or view
// of attachments.
const (
	ofFiles   = `a.id = any(@files)`
	ofMessage = `a.message_id = @message`
	ofJob     = `a.job_id = @job`
)

// readPictures finds the photos that a mail shows, without their bytes.
func readPictures(ctx context.Context, db postgres.DB, attachments, which string, e email) ([]Picture, error) {
	args := e.args()
	args["most"] = mostPictures
	rows, err := db.Query(ctx, `
		select coalesce(nullif(a.caption, ''), a.name) as name, coalesce(a.width, 0) as width, coalesce(a.height, 0) as height, null::bytea as data, a.thumb_key as key
		from `+attachments+` a where a.kind = 'photo' and a.state = 'ready' and a.thumb_key <> '' and `+which+` order by a.uploaded_at, a.id limit @most`, args)
	if err != nil {
		return nil, fmt.Errorf("read the photos of a mail: %w", err)
	}
	pictures, err := pgx.CollectRows(rows, pgx.RowToStructByName[Picture])
	if err != nil {
		return nil, fmt.Errorf("read the photos of a mail: %w", err)
	}
	return pictures, nil
}

// A message's photos are prepared for a moment after it was written: its mail
// waits for them, in short steps, and not for long.
const (
	pictureWait = time.Minute
	pictureStep = 2 * time.Second
)

// unprepared reports whether photos that the mail shows are still being prepared.
func (w Worker) unprepared(ctx context.Context, e email) (waits bool, err error) {
	if e.Payload.Message == 0 || w.Store == nil || e.loaded.Sub(e.CreatedAt) > pictureWait {
		return false, nil
	}
	err = w.Pool.QueryRow(ctx, `select exists (select from attachments where message_id = $1 and kind = 'photo' and state = 'preparing' and removed_at is null)`, e.Payload.Message).Scan(&waits)
	if err != nil {
		return false, fmt.Errorf("ask for the photos of email %d: %w", e.ID, err)
	}
	return waits, nil
}

// withPictures reads the bytes of the photos that the mail shows. Those that are
// too large, or not to be had, are left out: the mail names and links to them.
func (w Worker) withPictures(ctx context.Context, content any) any {
	return changePictures(content, func(all []Picture) []Picture { return w.loadPictures(ctx, all) })
}

// showsPictures reports whether there are photos to show in the mail.
func showsPictures(content any) (shows bool) {
	changePictures(content, func(all []Picture) []Picture {
		shows = len(all) > 0
		return all
	})
	return shows
}

// changePictures is what a mail tells, with its photos changed, if it is of those
// that show any.
func changePictures(content any, change func([]Picture) []Picture) any {
	switch c := content.(type) {
	case SharedFiles:
		c.Pictures = change(c.Pictures)
		return c
	case MessageNotice:
		c.Pictures = change(c.Pictures)
		return c
	case JobReport:
		c.Pictures = change(c.Pictures)
		return c
	}
	return content
}

// withoutPictures is the mail as its copy is kept: photos may be hidden again,
// and then no page of ours shows them.
func withoutPictures(content any) any { return Worker{}.withPictures(context.Background(), content) }

func (w Worker) loadPictures(ctx context.Context, pictures []Picture) (loaded []Picture) {
	if w.Store == nil {
		return nil
	}
	for _, p := range pictures {
		data, err := w.readPicture(ctx, p.Key)
		if err != nil || len(data) > pictureLimit {
			w.log().WarnContext(ctx, "a photo is missing from a mail", "bytes", len(data), "error", err)
			continue
		}
		p.Data = data
		loaded = append(loaded, p)
	}
	return loaded
}

func (w Worker) readPicture(ctx context.Context, key string) ([]byte, error) {
	f, err := w.Store.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, pictureLimit+1))
}
