package signin

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// LastContact reports whether a person is a contact nowhere else. Nobody changes
// that until tx ends.
func LastContact(ctx context.Context, tx postgres.Tx, person, contact int64) (last bool, err error) {
	if person == 0 {
		return false, nil
	}
	// Apart from the question: it is answered as of after the lock.
	if err := tx.QueryRow(ctx, `select true from persons where id = @person for update`, pgx.NamedArgs{"person": person}).Scan(&last); err != nil {
		return false, fmt.Errorf("lock person %d: %w", person, err)
	}
	err = tx.QueryRow(ctx, `select not exists (select from contacts where person_id = @person and id <> @contact)`, pgx.NamedArgs{"person": person, "contact": contact}).Scan(&last)
	if err != nil {
		return false, fmt.Errorf("look for other contacts of person %d: %w", person, err)
	}
	return last, nil
}

// Erase ends how a contact comes in, without a trace: links, sessions, when
// they were here. Person is the one who goes, too, with devices and tries to
// sign in; 0 when the person is somebody else's contact, or nobody's; address is
// what they sign in with, email what their company's login knew them by. No contact and no email may name them any more.
func Erase(ctx context.Context, tx postgres.Tx, by audit.Actor, contact, person int64, address, email string) error {
	if person != 0 { // first: nobody is erased without
		if err := audit.Record(ctx, tx, by, audit.New{Action: audit.PersonErased, ID: person, Label: audit.FormerContact}); err != nil {
			return err
		}
	}
	args := pgx.NamedArgs{"contact": contact, "person": person, "account": accountKey(address), "address": address, "own": accountKey(email), "email": email}
	for _, sql := range []string{
		`delete from link_tokens where link_id in (select id from links where contact_id = @contact or person_id = nullif(@person::bigint, 0))`,
		`delete from links where contact_id = @contact or person_id = nullif(@person::bigint, 0)`,
		`delete from codes where contact_id = @contact or person_id = nullif(@person::bigint, 0) or account = @account`,
		`delete from sessions where contact_id = @contact or person_id = nullif(@person::bigint, 0)`,
		`delete from contact_identities where contact_id = @contact`,
		`delete from record_links where contact_id = @contact`,
		`delete from link_browsers where contact_id = @contact`,
		`delete from visits where contact_id = @contact`,
		`delete from seen_files where contact_id = @contact`,
		`delete from devices where person_id = nullif(@person::bigint, 0)`,
		`delete from pending_sign_ins where person_id = nullif(@person::bigint, 0)`,
		`delete from second_factors where person_id = nullif(@person::bigint, 0)`,
		`delete from persons where id = nullif(@person::bigint, 0)`,
		`delete from attempts where side = 'portal' and (account = @account or (email <> '' and lower(email) = lower(@address))) and @person <> 0`,
		`delete from attempts where side = 'portal' and (account = @own or (email <> '' and lower(email) = lower(@email))) and @email <> ''
			and not exists (select from persons where lower(email) = lower(@email)) and not exists (select from contacts where lower(email) = lower(@email))`,
	} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("erase the sign-in of contact %d: %w", contact, err)
		}
	}
	return nil
}
