package signin

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
)

// Enter notes that the person now looks at the portal as that contact, or
// returns apperr.NotFound when it is not among the person's choices.
func (s *Service) Enter(ctx context.Context, who, contact int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return enter(ctx, tx, who, contact) })
}

func enter(ctx context.Context, tx postgres.Tx, who, contact int64) error {
	tag, err := tx.Exec(ctx, `
		update contacts c set last_sign_in_at = now()
		from customers cu
		where cu.id = c.customer_id and c.id = @contact and c.person_id = @person
			and c.access = 'active' and c.archived_at is null and cu.archived_at is null and `+person.NotByCompanyAlone,
		pgx.NamedArgs{"person": who, "contact": contact})
	if err != nil {
		return fmt.Errorf("enter as contact: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return apperr.NotFound
	}
	err = postgres.Read(ctx, tx, func(b *postgres.Batch) { visit(b, contact) })
	if err != nil {
		return fmt.Errorf("note visit: %w", err)
	}
	return nil
}

// betweenVisits is how long nothing was opened before a visit counts as a new
// one: lunch is not, the next morning is.
const betweenVisits = 4 * time.Hour

// visit notes that a contact looks at the portal now. What was shared since the
// visit before is shown as new until the next begins.
func visit(b *postgres.Batch, contact int64) {
	b.Do(`
		insert into visits as t (contact_id) values (@contact)
		on conflict (contact_id) do update set seen_at = now(),
			before_at = case when t.seen_at < now() - @gap::interval then t.seen_at else t.before_at end`,
		pgx.NamedArgs{"contact": contact, "gap": betweenVisits})
}
