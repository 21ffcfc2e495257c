package notify

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// Erased is whom emails are to forget: a contact, the person if it goes, too,
// the words that tell them from others, and the addresses that are nobody's now.
type Erased struct {
	Contact, Customer, Person int64
	Words, Addresses          []string
}

// toThem are the emails that went to them.
const toThem = `(contact_id = @contact or person_id = nullif(@person::bigint, 0)
	or link_id in (select id from links where contact_id = @contact or person_id = nullif(@person::bigint, 0)))`

// Erase takes somebody out of emails: who got one, its words, what was to be
// said. Mails still on their way to them are dropped. Of mails that tell others
// what they did, or that name them, the copies go, and the subjects of the
// former, which may call them by an earlier name; that there was a mail stays.
func Erase(ctx context.Context, tx postgres.Tx, who Erased) error {
	var named string
	if err := tx.QueryRow(ctx, `select words_pattern(@words)`, pgx.NamedArgs{"words": who.Words}).Scan(&named); err != nil {
		return fmt.Errorf("look for contact %d in emails: %w", who.Contact, err)
	}
	args := pgx.NamedArgs{
		"contact": who.Contact, "customer": who.Customer, "person": who.Person, "former": audit.FormerContact, "words": who.Words,
		"addresses": who.Addresses, "named": named,
	}
	if _, err := tx.Exec(ctx, mayErase); err != nil {
		return fmt.Errorf("wait for mails under way: %w", err)
	}
	for _, sql := range []string{
		`delete from mail_choices where contact_id = @contact`,
		`delete from push_choices where contact_id = @contact`,
		`delete from pushes where contact_id = @contact`,
		`with own as (
			update emails set to_name = @former, to_address = @former, person_id = case when person_id = @person then null else person_id end, link_id = null, secret = null, gathers = null,
				subject = regexp_replace(subject, @named, '\1' || @former, 'gi'), server_words = regexp_replace(server_words, @named, '\1' || @former, 'gi'),
				payload = without_person(payload, true, @words), finished_at = coalesce(finished_at, now()), next_try_at = null,
				state = case when state in ('waiting', 'retrying') then 'dropped' else state end
			where ` + toThem + ` returning id)
		delete from email_copies where email_id in (select id from own)`,
		`with others as (
			select e.id, coalesce(e.by_contact_id = @contact or e.payload->>'about' = @contact::text, false) as theirs from emails e left join email_copies k on k.email_id = e.id
			where e.to_address <> @former and (e.customer_id = @customer or e.by_contact_id = @contact
					or (e.customer_id is null and e.contact_id is null and e.person_id is null and e.staff_id is null and lower(e.to_address) = any(select lower(a) from unnest(@addresses::text[]) a)))
				and (e.by_contact_id = @contact or e.payload->>'about' = @contact::text
					or e.subject ~* @named or e.server_words ~* @named or e.to_name ~* @named or e.to_address ~* @named or e.payload::text ~* @named or k.text ~* @named or k.html ~* @named)
		), named as (
			update emails e set
				subject = case when o.theirs then '' else regexp_replace(subject, @named, '\1' || @former, 'gi') end, server_words = regexp_replace(server_words, @named, '\1' || @former, 'gi'),
				to_name = case when contact_id is null then regexp_replace(to_name, @named, '\1' || @former, 'gi') else to_name end, to_address = case when lower(to_address) = any(select lower(w) from unnest(@words::text[]) w) then @former else to_address end,
				payload = without_person(payload, o.theirs, @words)
			from others o where e.id = o.id)
		delete from email_copies where email_id in (select id from others)`,
	} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("erase contact %d from emails: %w", who.Contact, err)
		}
	}
	return nil
}

// Ways to hold the lock, until the transaction ends, that keeps erasing apart from
// what mails under way leave. These go by one plan: each time there is a mail.
const (
	mayErase = `select pg_advisory_xact_lock(hashtext('fieldgate erasing'))`
	mayTell  = `select pg_advisory_xact_lock_shared(hashtext('fieldgate erasing')), set_config('plan_cache_mode', 'force_generic_plan', true)`
)

// nobodyErased is false for a mail that was read before somebody it may name was
// erased, or while that was done: what it said is not kept. A minute is longer
// than any erasure takes.
const nobodyErased = `not exists (select from contacts c where (@customer::bigint = 0 or c.customer_id = @customer) and c.erased_at > @loaded::timestamptz - interval '1 minute')`
