package exchange

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// parts are what goes with a thing that is removed, in order: what tells of its
// own past. Anything else that hangs on it keeps it.
var parts = map[Kind][]string{
	Jobs: {
		`delete from visit_answers where job_id = $1`, `delete from job_statuses where job_id = $1`, `delete from job_staff where job_id = $1`, `delete from job_equipment where job_id = $1`,
	},
	Quotes: {
		`update quotes set status = 'draft', sent_version = null, withdrawn_at = null where id = $1`, `delete from quote_events where quote_id = $1`,
		`delete from quote_lines where version_id in (select id from quote_versions where quote_id = $1)`, `delete from quote_versions where quote_id = $1`,
		`delete from quote_staff where quote_id = $1`,
	},
	Customers: {`delete from stored_files where customer_id = $1 and bytes = 0`},
	Contacts:  {`delete from contact_sites where contact_id = $1`, `delete from mail_choices where contact_id = $1`},
}

// removed is what the trail says.
var removed = map[Kind]audit.Action{
	Staff: audit.StaffTakenBack, JobTypes: audit.JobTypeTakenBack, Customers: audit.CustomerTakenBack, Sites: audit.SiteTakenBack, Contacts: audit.ContactTakenBack,
	Equipment: audit.EquipmentTakenBack, Quotes: audit.QuoteTakenBack, Jobs: audit.JobTakenBack, Tasks: audit.TaskRemoved, Time: audit.TimeEntryRemoved,
}

// ErrTouched says that something was changed, or something hangs on it, since it
// came in.
var ErrTouched = errors.New("touched since it came in")

// Remove takes back what was brought in by mistake, and nobody has touched since:
// it is gone as if it had never been there, but for the trail. Version is the one
// that it came with. It returns ErrTouched for what stays, and then its savepoint
// has to be rolled back.
func Remove(ctx context.Context, tx postgres.Tx, by By, k Kind, row, version int64) error {
	r, err := readRow(ctx, tx, k, row)
	if errors.Is(err, apperr.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	h := HeadOf(r)
	if h.Version != version {
		return ErrTouched
	}
	if err := NewRefs(by.Source).mayChange(ctx, tx, by, k); err != nil {
		return err
	}
	for _, sql := range append(parts[k], `delete from `+nouns[k].table+` where id = $1`) {
		if _, err := tx.Exec(ctx, sql, row); err != nil {
			if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "23503" { // something refers to it
				return ErrTouched
			}
			return fmt.Errorf("remove a %s: %w", k.One(), err)
		}
	}
	return audit.Record(ctx, tx, by.actor(), audit.New{Action: removed[k], ID: row, Label: label(nouns[k], r), Customer: h.CustomerRow, Before: r})
}
