package notify

import (
	"context"
	"fmt"
	"strings"

	"fieldgate/internal/drop"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/webhook"
)

var _ signin.Mail = (*Notifier)(nil)

// Invited sends a contact the link of an invitation that was asked for again.
func (n *Notifier) Invited(ctx context.Context, tx postgres.Tx, contact, link int64) error {
	return n.Welcome(ctx, tx, Welcome{Contact: contact, Link: link})
}

// RecordLinkAsked sends a contact a fresh link to a job or quote.
func (n *Notifier) RecordLinkAsked(ctx context.Context, tx postgres.Tx, contact, job, quote int64) error {
	e := email{Kind: KindRecordLink, Contact: contact, Job: job, Quote: quote, Rule: toLinkAsker.Name}
	if err := read(ctx, tx, &e, `select customer_id, name, email from contacts where id = @contact`, &e.Customer, &e.ToName, &e.To); err != nil {
		return err
	}
	return n.write(ctx, tx, e)
}

// WebhookOff tells Administrators that a webhook was switched off by what its
// system answered, or did not.
func (n *Notifier) WebhookOff(ctx context.Context, tx postgres.Tx, w webhook.Ended) error {
	return n.writeAll(ctx, tx, webhookOff, email{Payload: Payload{What: w.Why, Name: w.Name, Where: w.Host}})
}

// dropRefused is what became of a file of which nothing came in.
const dropRefused = "refused"

// mostDropLines is how much of a file's report an email says.
const mostDropLines = 20

// FileDropped tells Administrators what became of a file that another system put
// into the drop folder.
func (n *Notifier) FileDropped(ctx context.Context, tx postgres.Tx, name string, r drop.Report) error {
	p := Payload{Name: name}
	lines := strings.Split(r.Text, "\n")
	if more := len(lines) - mostDropLines; more > 0 {
		lines = append(lines[:mostDropLines], fmt.Sprintf("And %d more lines in the report beside the file.", more))
	}
	if p.Reason = strings.Join(lines, "\n"); r.Refused {
		p.What = dropRefused
	}
	return n.writeAll(ctx, tx, fileDropped, email{Payload: p})
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
