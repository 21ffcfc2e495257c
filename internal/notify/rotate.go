package notify

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/calendar"
	"fieldgate/internal/postgres"
	"fieldgate/internal/push"
	"fieldgate/internal/secret"
	"fieldgate/internal/signin"
	"fieldgate/internal/webhook"
)

// Rotated is what came of sealing with another key what waits in the database.
type Rotated struct {
	Sealed     int // with the present key, now
	Unreadable int // sealed with a key that is not among those given
}

// Rotate seals with the present key what an earlier one has sealed: passwords in
// emails that are not sent yet, second factors, the key of notifications, the
// secrets of webhooks, what belongs to companies' logins, and the addresses of
// calendars.
func Rotate(ctx context.Context, tx postgres.Tx, box *secret.Box) (done Rotated, err error) {
	rows, err := tx.Query(ctx, `select id, message_id, secret from emails where secret is not null order by id for update`)
	if err != nil {
		return done, fmt.Errorf("read what is sealed: %w", err)
	}
	waiting, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		ID        int64
		MessageID string
		Secret    []byte
	}])
	if err != nil {
		return done, fmt.Errorf("read what is sealed: %w", err)
	}
	for _, e := range waiting {
		fresh, changed, err := box.Reseal(e.Secret, secretOf(e.MessageID))
		switch {
		case err != nil:
			done.Unreadable++
			continue
		case !changed:
			continue
		}
		if _, err := tx.Exec(ctx, `update emails set secret = $2 where id = $1`, e.ID, fresh); err != nil {
			return done, fmt.Errorf("seal email %d again: %w", e.ID, err)
		}
		done.Sealed++
	}
	for _, rotate := range []func(context.Context, postgres.Tx, *secret.Box) (sealed, unreadable int, err error){signin.RotateFactors, push.Rotate, signin.RotateCompanies, webhook.RotateSealed, calendar.Rotate} {
		sealed, unreadable, err := rotate(ctx, tx, box)
		done.Sealed, done.Unreadable = done.Sealed+sealed, done.Unreadable+unreadable
		if err != nil {
			return done, err
		}
	}
	return done, nil
}
