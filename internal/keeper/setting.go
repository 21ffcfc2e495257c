package keeper

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Setting is who keeps a kind, as Administration → Who keeps it has it.
type Setting struct {
	Kind Kind
	Keeper
	Version int64
}

// Settings are those of all kinds, in the order of Kinds.
func Settings(ctx context.Context, db postgres.DB) (all []Setting, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { QuerySettings(b, &all) })
	return all, err
}

// QuerySettings adds them to a batch.
func QuerySettings(b *postgres.Batch, into *[]Setting) {
	postgres.Query(b, into, `select kind, source, label, version from keepers order by array_position(@kinds::text[], kind)`, pgx.NamedArgs{"kinds": Kinds})
}

// MaxLabel is how long the name of a system may be.
const MaxLabel = 60

// source is how a source may be called: external ids say the same.
var source = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// Check says what is wrong with a setting, at the fields of its kind.
func (s Setting) Check() problem.Set {
	p := problem.Set{}
	if !s.Elsewhere() {
		return p
	}
	p.Unless(source.MatchString(s.Source), s.Field("source"), "Use small letters, digits and dashes, up to 40, such as simpro.")
	p.Unless(s.Label != "", s.Field("label"), "Enter the name that people know it by, such as simPRO.")
	p.Unless(len([]rune(s.Label)) <= MaxLabel, s.Field("label"), fmt.Sprintf("Keep the name under %d characters.", MaxLabel))
	return p
}

// Field is the name of one of a kind's fields in the form.
func (s Setting) Field(name string) string { return string(s.Kind) + "_" + name }

// Set says who keeps each kind. What somebody else has changed since it was shown
// makes it apperr.Stale. Requests that wait for a system which keeps nothing of
// their kind any more are answered: whoever keeps it now has to be asked anew.
func Set(ctx context.Context, tx postgres.Tx, by audit.Actor, all []Setting) error {
	p := problem.Set{}
	for _, s := range all {
		p.Join(s.Check())
	}
	if err := p.Err(); err != nil {
		return err
	}
	for _, s := range all {
		if !s.Elsewhere() {
			s.Label = ""
		}
		var before Setting
		err := tx.QueryRow(ctx, `select kind, source, label, version from keepers where kind = $1 for update`, s.Kind).Scan(&before.Kind, &before.Source, &before.Label, &before.Version)
		if err != nil {
			return fmt.Errorf("who keeps %s: %w", s.Kind, err)
		}
		if before.Keeper == s.Keeper {
			continue
		}
		if before.Version != s.Version {
			return apperr.Stale
		}
		if _, err := tx.Exec(ctx, `update keepers set source = $2, label = $3, version = version + 1 where kind = $1`, s.Kind, s.Source, s.Label); err != nil {
			return fmt.Errorf("say who keeps %s: %w", s.Kind, err)
		}
		if before.Source != s.Source {
			_, err := tx.Exec(ctx, `
				update keeper_requests set state = 'otherwise', answered_at = now(), answer = @words
				where kind = @kind and state = 'waiting' and source <> @source`,
				pgx.NamedArgs{"kind": s.Kind, "source": s.Source, "words": before.Label + " does not look after this any more. If it is still wanted, ask again."})
			if err != nil {
				return fmt.Errorf("end what waits for %s: %w", before.Source, err)
			}
		}
		err = audit.Record(ctx, tx, by, audit.New{
			Action: audit.KeeperSet, Label: strings.ToLower(s.Kind.Label()), Before: map[string]string{"keeper": before.Label, "source": before.Source}, After: map[string]string{"keeper": s.Label, "source": s.Source},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
