package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/postgres"
)

// FormerContact is what an erased person is called in what stays.
const FormerContact = "Former contact"

// ForgetOld deletes entries older than Administration → Retention keeps them,
// if it was told to delete any. Who serves may not delete there; the function
// that it calls may, and asks the setting itself.
func ForgetOld(ctx context.Context, pool *pgxpool.Pool) (deleted int64, err error) {
	deleted, err = postgres.InBatches(ctx, func(ctx context.Context) (n int64, err error) {
		err = pool.QueryRow(ctx, `select forget_activity(2000)`).Scan(&n)
		return n, err
	})
	if err != nil {
		return deleted, fmt.Errorf("forget old entries of the trail: %w", err)
	}
	return deleted, nil
}

// EraseEdits takes a contact, who is called otherwise by now, and the words that
// tell them from others out of what forms are told about edits of the customer's.
// The trail itself is left by the deed that erases: see the migration of erasure.
func EraseEdits(ctx context.Context, tx postgres.Tx, contact, customer int64, name string, words []string) error {
	args := pgx.NamedArgs{"contact": contact, "customer": customer, "name": name, "words": words, "former": FormerContact}
	const customers = `exists (select from audit_entries a where a.thing = edits.thing and a.thing_id = edits.thing_id and a.customer_id = @customer)`
	for _, sql := range []string{
		`delete from edits where thing = 'contact' and thing_id = @contact`,
		`update edits set by_name = @former where by_name = @name and not exists (select from staff where name = @name)
			and not exists (select from contacts where customer_id = @customer and name = @name) and ` + customers,
		`update edits set before = without_person(before, false, @words), after = without_person(after, false, @words)
		where thing <> 'contact' and exists (select from unnest(@words::text[]) w where position(lower(to_json(w)::text) in lower(concat(before::text, after::text))) > 0) and ` + customers,
	} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("erase edits of a contact: %w", err)
		}
	}
	return nil
}

// QueryOf adds what the trail knows of a contact and the person behind, for
// whoever gives it to them: where they came from themselves, and what was
// changed of them. Where others came from, and what others are called, is theirs.
func QueryOf(b *postgres.Batch, into *json.RawMessage, contact, person int64) {
	postgres.QueryValue(b, into, `
		select coalesce(jsonb_agg(jsonb_build_object('at', at, 'by', actor_name, 'action', action, 'thing', thing, 'name', case when its or thing not in ('contact', 'person') then thing_label end,
			'before', case when its then before end, 'after', case when its then after end, 'address', case when theirs then address end) order by at, id), '[]')
		from (
			select *, coalesce(contact_id = @contact or person_id = nullif(@person::bigint, 0), false) as theirs,
				coalesce((thing = 'contact' and thing_id = @contact) or (thing = 'person' and thing_id = nullif(@person::bigint, 0)), false) as its
			from audit_entries
			where contact_id = @contact or (thing = 'contact' and thing_id = @contact) or person_id = nullif(@person::bigint, 0) or (thing = 'person' and thing_id = nullif(@person::bigint, 0))) e`,
		pgx.NamedArgs{"contact": contact, "person": person})
}
