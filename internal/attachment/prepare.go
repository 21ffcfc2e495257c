package attachment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/imaging"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/storage"
)

// Prepare makes the renditions of a photo. A photo that cannot be decoded is
// marked as broken: staff still have the original.
func Prepare(ctx context.Context, pool *pgxpool.Pool, store *storage.Store, id int64) error {
	var key, mime, state string
	err := pool.QueryRow(ctx, `select blob_key, media_type, state from attachments where id = $1`, id).Scan(&key, &mime, &state)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("prepare photo %d: %w", id, err)
	case state != "preparing":
		return nil // prepared by an earlier try
	}
	web, thumb, err := render(ctx, store, key, mime)
	if refused, ok := errors.AsType[imaging.Refused](err); ok {
		return unless(errSettled, settle(ctx, pool, id, "broken", "", "", imaging.Rendition{}, refused.Reason))
	}
	if err != nil {
		return fmt.Errorf("prepare photo %d: %w", id, err)
	}
	pictures := []Incoming{
		{Type: imaging.JPEG, Size: int64(len(web.JPEG)), Content: bytes.NewReader(web.JPEG)},
		{Type: imaging.JPEG, Size: int64(len(thumb.JPEG)), Content: bytes.NewReader(thumb.JPEG)},
	}
	return unless(errSettled, Storing(ctx, store, pictures, func(stored []Stored) error {
		return settle(ctx, pool, id, "ready", stored[0].Key, stored[1].Key, web, "")
	}))
}

// errSettled says that another try was faster; what this one made is forgotten.
var errSettled = errors.New("prepared already")

func unless(harmless, err error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
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
			update attachments set state = @state, broken_because = @why, web_key = @web, thumb_key = @thumb, width = nullif(@width::int, 0), height = nullif(@height::int, 0)
			where id = @id and state = 'preparing' returning name, customer_id`,
			pgx.NamedArgs{"id": id, "state": state, "why": why, "web": webKey, "thumb": thumbKey, "width": size.Width, "height": size.Height}).Scan(&name, &customer)
		if errors.Is(err, pgx.ErrNoRows) {
			return errSettled
		}
		if err != nil {
			return fmt.Errorf("settle photo %d: %w", id, err)
		}
		return audit.Record(ctx, tx, audit.Actor{}, audit.New{Action: audit.AttachmentPrepared, ID: id, Label: name, Customer: customer, After: map[string]any{"state": state, "reason": why}})
	})
}

// GaveUp is what staff read on a photo that PrepareLost has given up.
const GaveUp = "We tried for two days to prepare this photo, and could not."

// PrepareLost looks after photos that still wait and that no job stands for: the
// queue gives a job up after 25 tries, which is about an hour. They get another
// one, until two days after the first was given up; then staff and the log are
// told.
func PrepareLost(ctx context.Context, pool *pgxpool.Pool, q *queue.Client) error {
	type lost struct {
		ID         int64
		CustomerID int64
		Name       string
		GiveUp     bool
	}
	var photos []lost
	err := postgres.Read(ctx, pool, func(b *postgres.Batch) {
		postgres.Query(b, &photos, `
			select id, customer_id, name, `+queue.GivenUp("prepare_photo", "attachment", "a.id")+` as give_up from attachments a
			where state = 'preparing' and removed_at is null and uploaded_at < now() - interval '5 minutes' and `+queue.NoJob("prepare_photo", "attachment", "a.id")+`
			order by id limit 1000`, nil)
	})
	if err != nil {
		return fmt.Errorf("look for photos that wait: %w", err)
	}
	for _, p := range photos {
		if p.GiveUp {
			slog.ErrorContext(ctx, "a photo was given up after two days", "attachment", p.ID, "name", p.Name)
			err = unless(errSettled, settle(ctx, pool, p.ID, "broken", "", "", imaging.Rendition{}, GaveUp))
		} else {
			err = postgres.Transact(ctx, pool, func(tx postgres.Tx) error {
				return q.Insert(ctx, tx, queue.PreparePhoto{Attachment: p.ID, Customer: p.CustomerID})
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
