package demo

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/notify"
	"fieldgate/internal/queue"
	"fieldgate/internal/secret"
)

// sendAgain sends every email of the demo once more, and takes it back. Whoever
// has come in since needs no invitation; nothing else is refused.
func sendAgain(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	ctx := t.Context()
	q, err := queue.NewClient(pool)
	if err != nil {
		t.Fatal(err)
	}
	box, err := secret.NewBox(strings.Repeat("k", 32))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := pool.Query(ctx, `
		select e.id, e.kind, coalesce(c.access, '') as access, e.state from emails e left join contacts c on c.id = e.contact_id`)
	if err != nil {
		t.Fatal(err)
	}
	emails, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		ID     int64
		Kind   notify.Kind
		Access string
		State  notify.State
	}])
	if err != nil || len(emails) < 20 {
		t.Fatal(len(emails), err)
	}
	n := notify.New(q, box)
	for _, e := range emails {
		tx, err := pool.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		_, err = n.SendAgain(ctx, tx, audit.Actor{Staff: 1, Name: "Ada"}, e.ID)
		if _, refused := errors.AsType[apperr.Conflict](err); err != nil && (!refused || e.Kind != notify.KindWelcome || e.Access == "invited") {
			t.Errorf("%s, %s, to somebody who is %s: %v", e.Kind, e.State, e.Access, err)
		}
		if err := tx.Rollback(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
