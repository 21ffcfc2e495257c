// Package privacy is what a person may ask of whoever keeps their data: to have
// it, and to have it erased. It knows where a contact's name and addresses are
// copied to; each place is erased by the package that writes it.
package privacy

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/event"
	"fieldgate/internal/inbound"
	"fieldgate/internal/keeper"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
	"fieldgate/internal/signin"
	"fieldgate/internal/token"
	"fieldgate/internal/webhook"
)

// Stays is where the words of an erased contact may still stand, in words for
// whoever decides.
var Stays = []string{
	"Who accepted or declined a quote keeps the name that was entered with it, and the signature: it is the evidence of what was agreed.",
	"What was written by hand stays as it was written: messages, descriptions, notes, the names of files and what is in them.",
	"In Activity and in the list of emails the full name, addresses and telephone numbers go. A first name alone, or a name of one word, stays where others wrote it: it may be somebody else’s.",
	"Details of the customer and its sites are not the contact’s and stay.",
	"Systems that were told of what the contact did, by a webhook or the API, keep what they were told.",
	"Emails that were sent are in the mailboxes of those who got them, and backups keep what they hold until they are removed.",
}

// Erase erases a locked contact, and the person who signs in as it unless they
// are a contact elsewhere. Records stay, by audit.FormerContact.
func Erase(ctx context.Context, tx postgres.Tx, by audit.Actor, c contact.Contact) error {
	last, err := signin.LastContact(ctx, tx, c.PersonID, c.ID)
	if err != nil {
		return err
	}
	gone, addresses := int64(0), []string{c.Email}
	if last {
		gone, addresses = c.PersonID, append(addresses, c.SignInEmail)
	} else if strings.EqualFold(c.Email, c.SignInEmail) {
		addresses = nil // it stays the person's
	}
	who := notify.Erased{Contact: c.ID, Customer: c.CustomerID, Person: gone, Addresses: addresses}
	err = tx.QueryRow(ctx, `select telling_words(array[@name], @others)`,
		pgx.NamedArgs{"name": c.Name, "others": append([]string{c.Email, c.Phone, c.Mobile}, addresses...)}).Scan(&who.Words)
	if err != nil {
		return fmt.Errorf("find the words that tell contact %d: %w", c.ID, err)
	}
	if err := notify.Erase(ctx, tx, who); err != nil {
		return err
	}
	if err := inbound.Erase(ctx, tx, c.ID, addresses, audit.FormerContact); err != nil {
		return err
	}
	if err := contact.Erase(ctx, tx, by, c); err != nil {
		return err
	}
	if err := token.EraseKeys(ctx, tx, c.ID); err != nil {
		return err
	}
	if err := keeper.Erase(ctx, tx, c.ID); err != nil {
		return err
	}
	if err := quote.EraseContact(ctx, tx, c.ID); err != nil {
		return err
	}
	if err := audit.EraseEdits(ctx, tx, c.ID, c.CustomerID, c.Name, who.Words); err != nil {
		return err
	}
	// Before what was sent of them: what is being written down of an event now is waited for.
	if err := event.Erase(ctx, tx, c.ID, c.CustomerID, who.Words); err != nil {
		return err
	}
	if err := webhook.Erase(ctx, tx, c.ID, c.CustomerID, who.Words); err != nil {
		return err
	}
	return signin.Erase(ctx, tx, by, c.ID, gone, c.SignInEmail, c.Email)
}
