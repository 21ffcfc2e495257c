package notify

import (
	"context"
	"fmt"

	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

var _ signin.Mail = (*Notifier)(nil)

// Invited sends a contact the link of an invitation that was asked for again.
func (n *Notifier) Invited(ctx context.Context, tx postgres.Tx, contact, link int64) error {
	return n.Welcome(ctx, tx, Welcome{Contact: contact, Link: link})
}

// SignInsFail tells Administrators that somebody tries many passwords: at the
// first burst, and then once an hour at most.
func (n *Notifier) SignInsFail(ctx context.Context, tx postgres.Tx) error {
	var due bool
	// Whoever finds the lock taken leaves it to the one who has it.
	err := tx.QueryRow(ctx, `
		select pg_try_advisory_xact_lock(hashtext('told of failed sign-ins'))
			and not exists (select from emails where kind = $1 and created_at > now() - interval '1 hour')`, string(KindSignInsFail)).Scan(&due)
	if err != nil {
		return fmt.Errorf("ask when Administrators were told last: %w", err)
	}
	if !due {
		return nil
	}
	return n.writeAll(ctx, tx, signInsFail, email{})
}
