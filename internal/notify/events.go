package notify

import (
	"context"

	"fieldgate/internal/postgres"
)

// JobBooked tells the customer's side that a job has a date, or another one.
func (n *Notifier) JobBooked(ctx context.Context, tx postgres.Tx, job int64) error { return nil }

// JobCompleted tells the customer's side that the work is done.
func (n *Notifier) JobCompleted(ctx context.Context, tx postgres.Tx, job int64) error { return nil }

// FilesShared tells the customer's side of files that it can see from now on.
// What is shared within ten minutes is told in one mail.
func (n *Notifier) FilesShared(ctx context.Context, tx postgres.Tx, files []int64) error { return nil }

// QuoteAnswered tells both sides that a quote was accepted or declined.
func (n *Notifier) QuoteAnswered(ctx context.Context, tx postgres.Tx, quote int64) error { return nil }

// MessageWritten tells the other side, and everybody else on the record, of a
// message. Nobody is told of a staff note.
func (n *Notifier) MessageWritten(ctx context.Context, tx postgres.Tx, message int64) error {
	return nil
}

// NewSignIn tells a person that somebody signed in from a device they have not
// used before. Where describes it: browser and place, as far as known.
func (n *Notifier) NewSignIn(ctx context.Context, tx postgres.Tx, person int64, where string) error {
	return nil
}

// EmailChangeAsked sends the link that confirms a new sign-in address to that address.
func (n *Notifier) EmailChangeAsked(ctx context.Context, tx postgres.Tx, link int64) error {
	return nil
}

// EmailChanged tells the old and the new sign-in address of the change.
func (n *Notifier) EmailChanged(ctx context.Context, tx postgres.Tx, person int64, old string) error {
	return nil
}

// StaffPasswordChanged tells a member of staff that their password is a new one.
func (n *Notifier) StaffPasswordChanged(ctx context.Context, tx postgres.Tx, staff int64) error {
	return nil
}
