package job

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// BroughtStatus is a status that a job came to elsewhere, by whom of ours if that
// is known.
type BroughtStatus struct {
	Status         Status
	At             time.Time
	Staff, Contact int64
}

// SetBroughtHistory gives a job that was brought in the history that it had where
// it comes from, in the place of the one status that it came with. It is false
// when that is there already, and fails with words when the job was moved here
// since.
func SetBroughtHistory(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, all []BroughtStatus) (changed bool, err error) {
	p := problem.Set{}
	for _, s := range all {
		p.Unless(statuses[s.Status].label != "", Field.Status.Name, "Choose a status.")
	}
	if err := p.Err(); err != nil {
		return false, err
	}
	j, err := lock(ctx, tx, number)
	if err != nil {
		return false, err
	}
	if last := all[len(all)-1].Status; last != j.Status {
		return false, problem.Of(Field.Status.Name, fmt.Sprintf("The history ends with %s, and job %s is %s.", last.Label(), number, j.Status.Label()))
	}
	rows, err := tx.Query(ctx, `select status, at from job_statuses where job_id = $1 order by at, id`, j.ID)
	if err != nil {
		return false, fmt.Errorf("history of job %s: %w", number, err)
	}
	type step struct {
		Status Status
		At     time.Time
	}
	now, err := pgx.CollectRows(rows, pgx.RowToStructByName[step])
	if err != nil {
		return false, fmt.Errorf("history of job %s: %w", number, err)
	}
	if slices.EqualFunc(now, all, func(a step, b BroughtStatus) bool {
		return a.Status == b.Status && a.At.Truncate(time.Second).Equal(b.At.Truncate(time.Second))
	}) {
		return false, nil
	}
	if len(now) > 1 {
		return false, apperr.Conflictf("Job %s has a history here already, so that of elsewhere cannot be added any more.", number)
	}
	if _, err := tx.Exec(ctx, `delete from job_statuses where job_id = $1`, j.ID); err != nil {
		return false, fmt.Errorf("history of job %s: %w", number, err)
	}
	for _, s := range all {
		_, err := tx.Exec(ctx, `
			insert into job_statuses (customer_id, job_id, status, at, staff_id, contact_id) values (@customer, @job, @status, @at, nullif(@staff::bigint, 0), nullif(@contact::bigint, 0))`,
			pgx.NamedArgs{"customer": j.CustomerID, "job": j.ID, "status": s.Status, "at": s.At, "staff": s.Staff, "contact": s.Contact})
		if err != nil {
			return false, fmt.Errorf("history of job %s: %w", number, err)
		}
	}
	return true, audit.Record(ctx, tx, by, audit.New{Action: audit.JobHistoryBrought, ID: j.ID, Label: j.Number, Customer: j.CustomerID, After: map[string]any{"statuses": len(all)}})
}
