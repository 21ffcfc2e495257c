package contact

import (
	"context"

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
