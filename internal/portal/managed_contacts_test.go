package portal

import (
	"fmt"
	"slices"
	"testing"

	"fieldgate/internal/contact"
)

// The view of managed contacts and contact.WithinReach are one rule: what the one
// shows the other reaches, for every manager and every right.
func TestColleaguesAreThoseWithinReach(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `delete from contact_sites where contact_id between 1 and 13`)
	exec(t, db, `
		update contacts set jobs_see = 'all', jobs_edit = true, jobs_create = true, quotes_see = 'all', quotes_edit = true, quotes_create = true, quotes_accept = true,
			equipment_see = 'all', equipment_edit = true, equipment_add = true, company_edit = true, contacts_manage = true, all_sites = true, access = 'active', archived_at = null
		where customer_id = 1`)
	// Each lacks one thing, and the others have it.
	for id, lacks := range map[int]string{
		2: `jobs_see = 'own'`, 3: `jobs_edit = false`, 5: `jobs_create = false`, 7: `quotes_see = 'own'`, 8: `quotes_edit = false, quotes_create = false, quotes_accept = false, quotes_see = 'none'`,
		9: `quotes_accept = false`, 10: `equipment_see = 'none', equipment_edit = false, equipment_add = false`, 11: `contacts_manage = false`,
	} {
		exec(t, db, `update contacts set `+lacks+` where id = $1`, id)
	}
	exec(t, db, `insert into contacts (id, customer_id, person_id, name, email, access, jobs_see, company_edit, contacts_manage, all_sites, archived_at) overriding system value values
		(20, 1, null, 'At the Tower', 't@demo.test', 'invited', 'own', true, true, false, null), (21, 1, null, 'At the Depot', 'd@demo.test', 'invited', 'own', true, true, false, null),
		(22, 1, null, 'At both', 'b@demo.test', 'invited', 'own', true, true, false, null), (23, 1, null, 'Nowhere', 'n@demo.test', 'invited', 'own', true, true, false, null),
		(24, 1, null, 'On record', '', 'none', 'none', false, false, true, null), (25, 1, null, 'Gone', '', 'none', 'none', false, false, true, now())`)
	exec(t, db, `insert into persons (id, email) overriding system value select n, 'p' || n || '@demo.test' from generate_series(20, 23) n; update contacts set person_id = id, access = 'active' where id between 20 and 23`)
	exec(t, db, `insert into contact_sites (customer_id, contact_id, site_id) values (1, 20, 1), (1, 21, 2), (1, 22, 1), (1, 22, 2)`)

	var all []contact.Contact
	for id := range int64(30) {
		c, err := contact.Find(t.Context(), db, 1, id)
		if err == nil {
			all = append(all, c)
		}
	}
	if len(all) < 16 {
		t.Fatalf("%d contacts", len(all))
	}
	reached := 0
	for _, manager := range all {
		var want []string
		for _, other := range all {
			if other.WithinReach(manager.ID, manager.Permissions) && !manager.Archived() && manager.Access == contact.Active {
				want = append(want, fmt.Sprint(other.ID))
				reached++
			}
		}
		got := look(t, r, Viewer{Contact: manager.ID, Customer: 1}, `select id::text from portal.managed_contacts`)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s (%d) sees %v, reaches %v", manager.Name, manager.ID, got, want)
		}
	}
	if reached < 20 {
		t.Errorf("only %d within reach: the rule was hardly asked", reached)
	}
	for _, nobody := range []Viewer{{}, {Contact: 1, Customer: 2}, {Customer: 1}, {Contact: 4, Customer: 1}} {
		if got := look(t, r, nobody, `select name from portal.managed_contacts`); len(got) > 0 {
			t.Errorf("%v sees %v", nobody, got)
		}
	}
}

// What is new to a contact is what others wrote since they are on record, until
// they open it.
func TestNewMessages(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `update contacts set created_at = now() - interval '30 days'`)
	exec(t, db, `insert into messages (id, customer_id, job_id, text, contact_id, staff_id, at) overriding system value values
		(11, 1, 1, 'lee''s own', 1, null, now()), (12, 1, 1, 'before Lee', null, 1, now() - interval '31 days'), (13, 1, 1, 'read', null, 1, now()), (14, 1, 1, 'of a colleague', 2, null, now())`)
	exec(t, db, `insert into message_reads (message_id, contact_id) values (13, 1), (14, 2)`)
	got := look(t, r, personas["Lee"], `select text from portal.messages where is_new`)
	slices.Sort(got)
	if want := []string{"of a colleague", "on kim's", "on lee's", "on sent"}; !slices.Equal(got, want) {
		t.Errorf("new to Lee: %v, not %v", got, want)
	}
	v := personas["Lee"]
	v.News = &News{}
	if _, err := r.Job(t.Context(), v, "J-1001"); err != nil || *v.News != (News{Jobs: 3, Quotes: 1}) {
		t.Errorf("news %+v, %v", *v.News, err)
	}
}
