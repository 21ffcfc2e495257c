package notify

import (
	"context"

	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

var _ signin.Mail = (*Notifier)(nil)

// Invited sends a contact the link of an invitation that was asked for again.
func (n *Notifier) Invited(ctx context.Context, tx postgres.Tx, contact, link int64) error {
	return n.Welcome(ctx, tx, Welcome{Contact: contact, Link: link})
}
