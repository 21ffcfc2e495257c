package contact

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// Erased reports whether the person behind the contact was erased.
func (c Contact) Erased() bool { return c.ErasedAt != nil }

// errErased is said to whoever would fill an erased contact again.
func errErased() error { return apperr.Conflictf("This contact was erased. Add a new one.") }

// Erase takes a locked contact's access, permissions, name and details away for
// good. What the contact did stays, as done by audit.FormerContact; with this,
// the names go from the audit trail.
func Erase(ctx context.Context, tx postgres.Tx, by audit.Actor, c Contact) error {
	if c.Erased() {
		return errErased()
	}
	if err := setAccess(ctx, tx, c.ID, accessChange{Access: NoAccess}); err != nil {
		return err
	}
	if err := setSites(ctx, tx, c.CustomerID, c.ID, nil); err != nil {
		return err
	}
	// First: nobody is erased without.
	if err := audit.Record(ctx, tx, by, audit.New{Action: audit.ContactErased, ID: c.ID, Label: audit.FormerContact, Customer: c.CustomerID}); err != nil {
		return err
	}
	a := pgx.NamedArgs{"id": c.ID, "former": audit.FormerContact}
	permissionArgs(a, Permissions{AllSites: true}.tidied())
	_, err := tx.Exec(ctx, `
		update contacts set name = @former, email = '', phone = '', mobile = '', role = '', notes = '', is_default = false, nonce = null,
			archived_at = coalesce(archived_at, now()), erased_at = now(), `+permissionSets+`, version = version + 1
		where id = @id`, a)
	if err != nil {
		return fmt.Errorf("erase contact %d: %w", c.ID, err)
	}
	return nil
}
