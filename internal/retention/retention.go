// Package retention is how long things are kept: what an Administrator sets, how
// much there is, and deleting what is older. Removed files go with
// storage.Sweep, tries to sign in with signin's sweep, which ask the same row.
package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/event"
	"fieldgate/internal/inbound"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/webhook"
)

// Settings are days. 0 is until erased, where that may be chosen.
type Settings struct {
	EmailCopies  int `json:"email_copies"`
	Attempts     int `json:"attempts"`
	RemovedFiles int `json:"removed_files"`
	Activity     int `json:"activity"`
	Events       int `json:"events"`
}

// Current are the settings as stored.
type Current struct {
	Settings
	Version int64 `json:"version"`
}

// Field is the description of each field.
var Field = struct{ EmailCopies, Attempts, RemovedFiles, Activity, Events problem.Field }{
	EmailCopies:  problem.Field{Name: "email_copies", Label: "Copies of emails", Max: 4},
	Attempts:     problem.Field{Name: "attempts", Label: "Sign-ins", Max: 4},
	RemovedFiles: problem.Field{Name: "removed_files", Label: "Removed files", Max: 4},
	Activity:     problem.Field{Name: "activity", Label: "Activity", Max: 4},
	Events:       problem.Field{Name: "events", Label: "Events for other systems", Max: 4},
}

// Fields are the fields in the order of the form.
var Fields = problem.Fields{Field.EmailCopies, Field.Attempts, Field.RemovedFiles, Field.Activity, Field.Events}

// longest is ten years: longer is until erased.
const longest = 3650

func (s Settings) check() error {
	p := problem.Set{}
	within := func(days, least int, f problem.Field, sentence string) {
		p.Unless(days >= least && days <= longest, f.Name, sentence)
	}
	if s.EmailCopies != 0 {
		within(s.EmailCopies, 1, Field.EmailCopies, "Enter a whole number of days from 1 to 3,650, or nothing to keep all.")
	}
	within(s.Attempts, 7, Field.Attempts, "Enter a whole number of days from 7 to 3,650.")
	within(s.RemovedFiles, 1, Field.RemovedFiles, "Enter a whole number of days from 1 to 3,650.")
	if s.Activity != 0 {
		within(s.Activity, 365, Field.Activity, "Enter a whole number of days from 365 to 3,650, or nothing to keep all.")
	}
	within(s.Events, 7, Field.Events, "Enter a whole number of days from 7 to 3,650.")
	return p.Err()
}

const columns = `coalesce(email_copies, 0) as email_copies, attempts, removed_files, coalesce(activity, 0) as activity, events, version`

// Query adds the settings as they are now to a batch.
func Query(b *postgres.Batch, into *Current) {
	postgres.QueryOne(b, into, `select `+columns+` from retention`, nil)
}

// Edit replaces the settings, shown as version; apperr.Stale when somebody else
// has saved since. What is older goes with the next sweep.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, version int64, to Settings) error {
	if err := to.check(); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select `+columns+` from retention for update`)
	if err != nil {
		return fmt.Errorf("edit retention: %w", err)
	}
	before, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Current])
	if err != nil {
		return fmt.Errorf("edit retention: %w", err)
	}
	switch {
	case before.Version != version:
		return apperr.Stale
	case before.Settings == to:
		return nil
	}
	_, err = tx.Exec(ctx, `update retention set email_copies = nullif(@copies::int, 0), attempts = @attempts, removed_files = @files, activity = nullif(@activity::int, 0), events = @events, version = version + 1`,
		pgx.NamedArgs{"copies": to.EmailCopies, "attempts": to.Attempts, "files": to.RemovedFiles, "activity": to.Activity, "events": to.Events})
	if err != nil {
		return fmt.Errorf("edit retention: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.RetentionEdited, ID: 1, Label: "Retention", Before: before, After: Current{to, version + 1}})
}

// Sweep deletes copies of emails, entries of the trail and events that are older
// than is set, some at a time. It is done once a day.
func Sweep(ctx context.Context, pool *pgxpool.Pool) error {
	copies, err := postgres.InBatches(ctx, func(ctx context.Context) (int64, error) {
		tag, err := pool.Exec(ctx, `
			delete from email_copies where email_id = any(array(
				select email_id from email_copies where at < (select now() - make_interval(days => email_copies) from retention) order by at limit 2000))`)
		return tag.RowsAffected(), err
	})
	if err != nil {
		err = fmt.Errorf("delete old copies of emails: %w", err)
	}
	came, received := inbound.Forget(ctx, pool)
	entries, trail := audit.ForgetOld(ctx, pool)
	happened, events := event.Forget(ctx, pool)
	tests, deliveries := webhook.Forget(ctx, pool)
	if copies+came+entries+happened+tests > 0 {
		slog.InfoContext(ctx, "old records were deleted", "copies of emails", copies, "emails that came", came, "entries of the trail", entries, "events", happened, "tests of webhooks", tests)
	}
	return errors.Join(err, received, trail, events, deliveries)
}
