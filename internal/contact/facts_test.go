package contact_test

import (
	"context"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// What only the audit trail knew of suspensions and invitations is carried over.
func TestFactsAreCarriedOver(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool, err := postgres.Open(ctx, dbtest.Empty(t), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	dbtest.UpTo(t, pool, 11)
	for _, sql := range []string{
		`insert into customers (name) values ('Harbour')`,
		`insert into contacts (customer_id, name, email, access) values (1, 'Lee', 'lee@demo.test', 'none'), (1, 'By Lee', '2@demo.test', 'suspended'),
			(1, 'By the office', '3@demo.test', 'suspended'), (1, 'First by Lee', '4@demo.test', 'suspended'), (1, 'Restored', '5@demo.test', 'invited'), (1, 'By nobody known', '6@demo.test', 'suspended')`,
		`insert into audit_entries (actor, contact_id, staff_id, action, thing, thing_id, at) values
			('contact', 1, null, 'suspended', 'contact', 2, now()), ('staff', null, 1, 'suspended', 'contact', 3, now()),
			('contact', 1, null, 'suspended', 'contact', 4, now() - interval '2 days'), ('staff', null, 1, 'suspended', 'contact', 4, now()),
			('contact', 1, null, 'suspended', 'contact', 5, now()),
			('contact', 1, null, 'invited', 'contact', 2, now() - interval '5 minutes'), ('contact', 1, null, 'invited', 'contact', 5, now() - interval '2 hours'),
			('staff', null, 1, 'invited', 'contact', 3, now())`,
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	dbtest.UpTo(t, pool, 14)
	var byContact, invited string
	err = pool.QueryRow(ctx, `
		select (select string_agg(name, ', ' order by id) from contacts where suspended_by_contact_id = 1),
			(select string_agg(contact_id || case when sent_at > now() - interval '1 hour' then ' lately' else '' end, ', ' order by id) from contact_invitations where by_contact_id = 1)`).Scan(&byContact, &invited)
	if err != nil || byContact != "By Lee" || invited != "2 lately, 5" {
		t.Errorf("suspended by a contact: %q; invited by one: %q; %v", byContact, invited, err)
	}
}
