// Package views reads the views of migrations/portal/views.sql, which show what
// one contact may see. Who looks is set at the head of a batch, together with a
// database role that can read these views and nothing else. The portal's pages
// and the emails to contacts both read through here.
package views

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Contact is in whose name the views are read.
type Contact struct {
	ID       int64
	Customer int64
	Preview  bool // staff look, as this contact would
}

// Read runs the queries as the contact, in one round trip. Outside a
// transaction nothing of it stays on the connection: a batch is one implicit
// transaction. A transaction keeps no other right until it ends.
func Read(ctx context.Context, db postgres.DB, c Contact, queries func(*postgres.Batch)) error {
	return postgres.Read(ctx, db, func(b *postgres.Batch) {
		restrict(b, c)
		queries(b)
	})
}

// ReadIn runs the queries as the contact inside a transaction that writes, so
// that what is changed is what is seen at that moment. The transaction then
// goes on with its own rights.
func ReadIn(ctx context.Context, tx postgres.Tx, c Contact, queries func(*postgres.Batch)) error {
	return ReadEach(ctx, tx, []Contact{c}, func(b *postgres.Batch, _ int) { queries(b) })
}

// ReadEach is ReadIn for each of the contacts, all in one round trip. Queries
// gets the contact's place.
func ReadEach(ctx context.Context, tx postgres.Tx, contacts []Contact, queries func(b *postgres.Batch, i int)) error {
	if len(contacts) == 0 {
		return nil
	}
	return postgres.Read(ctx, tx, func(b *postgres.Batch) {
		for i, c := range contacts {
			if i == 0 {
				restrict(b, c)
			} else {
				b.Do(`select `+identity, c.args())
			}
			queries(b, i)
		}
		b.Do(`
			select set_config('role', 'none', true), set_config('plan_cache_mode', 'auto', true), set_config('portal.cutoff', '', true),
				set_config('portal.contact_id', '', true), set_config('portal.customer_id', '', true), set_config('portal.preview', '', true)`, nil)
	})
}

const identity = `set_config('portal.contact_id', @contact, true), set_config('portal.customer_id', @customer, true), set_config('portal.preview', @preview, true)`

// restrict takes every right away but that of reading the views as the contact,
// until the transaction ends.
func restrict(b *postgres.Batch, c Contact) {
	b.Do(`
		select set_config('role', current_user || '_portal', true), set_config('plan_cache_mode', 'force_custom_plan', true), set_config('portal.cutoff', '', true),
			`+identity, c.args())
	b.Do(`select set_config('portal.cutoff', cutoff::text, true) from portal.settings`, nil)
}

func (c Contact) args() pgx.NamedArgs {
	preview := ""
	if c.Preview {
		preview = "on"
	}
	return pgx.NamedArgs{"contact": strconv.FormatInt(c.ID, 10), "customer": strconv.FormatInt(c.Customer, 10), "preview": preview}
}
