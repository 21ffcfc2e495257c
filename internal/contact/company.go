package contact

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// EnterByCompany lets in a locked contact for whom their company's provider
// answers: somebody invited, or, with permissions, somebody without access.
// Whoever signs in as the contact otherwise stays the same.
func EnterByCompany(ctx context.Context, tx postgres.Tx, by audit.Actor, c Contact, p *Permissions) error {
	if p != nil {
		_, after, err := Edit(ctx, tx, by, c.CustomerID, c.ID, c.Version, Change{Details: c.Details, Permissions: *p, Portal: true})
		if err != nil {
			return err
		}
		after.CustomerID, after.PersonID = c.CustomerID, c.PersonID
		c = after
	}
	if err := setAccess(ctx, tx, c.ID, accessChange{Access: Active, Person: c.PersonID}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.ContactActivated, ID: c.ID, Label: c.Name, Customer: c.CustomerID,
		Before: map[string]any{"access": c.Access}, After: map[string]any{"access": Active},
	})
}

// LeaveCompany lets contacts of a customer wait for an invitation who came in by
// their company's provider alone, which is there no more for them: for those with
// addresses of the domains that stay, it is.
func LeaveCompany(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, stay ...string) error {
	rows, err := tx.Query(ctx, `
		select `+columns+` from contacts c
		where c.customer_id = @customer and c.person_id is null and c.access = 'active' and coalesce(lower(substring(c.email from '@([^@]*)$')), '') <> all(@stay)
		order by c.id for update of c`, pgx.NamedArgs{"customer": customer, "stay": append([]string{}, stay...)})
	if err != nil {
		return fmt.Errorf("lock who came by their company: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Contact])
	if err != nil {
		return fmt.Errorf("lock who came by their company: %w", err)
	}
	for _, c := range all {
		if err := setAccess(ctx, tx, c.ID, accessChange{Access: Invited, Edits: true}); err != nil {
			return err
		}
		err := audit.Record(ctx, tx, by, audit.New{
			Action: audit.ContactDetached, ID: c.ID, Label: c.Name, Customer: c.CustomerID, Before: map[string]any{"access": c.Access}, After: map[string]any{"access": Invited},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
