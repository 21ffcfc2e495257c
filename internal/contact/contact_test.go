package contact_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

var ben = audit.Actor{Staff: 2, Name: "Ben"}

// harbour has the sites 1 and 2, the other customer has site 3.
func harbour(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db := dbtest.New(t)
	for _, sql := range []string{
		`insert into customers (name) values ('Harbour'), ('Ola''s')`,
		`insert into sites (customer_id, name) values (1, 'North'), (1, 'South'), (2, 'Elsewhere')`,
	} {
		if _, err := db.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func create(db *pgxpool.Pool, n contact.New) (id int64, fresh bool, err error) {
	err = postgres.Transact(context.Background(), db, func(tx postgres.Tx) (err error) {
		id, fresh, err = contact.Create(context.Background(), tx, ben, n)
		return err
	})
	return id, fresh, err
}

func permissions(change func(*contact.Permissions)) contact.Permissions {
	p := contact.Permissions{JobsSee: contact.None, QuotesSee: contact.None, EquipmentSee: contact.None, AllSites: true}
	change(&p)
	return p
}

func TestPresets(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), harbour(t)
	for _, preset := range contact.Presets {
		p := preset.Permissions
		p.AllSites = true
		id, _, err := create(db, contact.New{Customer: 1, Details: contact.Details{Name: preset.Name}, Permissions: p})
		if err != nil {
			t.Fatalf("%s: %v", preset.Key, err)
		}
		c, err := contact.Find(ctx, db, 1, id)
		if err != nil || contact.PresetOf(c.Permissions) != preset.Key {
			t.Errorf("%s came back as %s, %v", preset.Key, contact.PresetOf(c.Permissions), err)
		}
	}
	if key := contact.PresetOf(permissions(func(p *contact.Permissions) { p.JobsSee = contact.All })); key != contact.Custom {
		t.Errorf("all jobs and nothing else is %s", key)
	}
}

// Every rule here stands in the database too, under the name given.
func TestRightsNeedOthers(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), harbour(t)
	for _, tt := range []struct {
		name        string
		permissions contact.Permissions
		field       string
		constraint  string
	}{
		{"nothing at all", permissions(func(*contact.Permissions) {}), "", ""},
		{"edit own jobs", permissions(func(p *contact.Permissions) { p.JobsSee, p.JobsEdit = contact.Own, true }), "", ""},
		{"edit jobs unseen", permissions(func(p *contact.Permissions) { p.JobsEdit = true }), "jobs_see", "contact_jobs_rights"},
		{"create jobs unseen", permissions(func(p *contact.Permissions) { p.JobsCreate = true }), "jobs_see", "contact_jobs_rights"},
		{"edit quotes unseen", permissions(func(p *contact.Permissions) { p.QuotesEdit = true }), "quotes_see", "contact_quotes_rights"},
		{"create quotes unseen", permissions(func(p *contact.Permissions) { p.QuotesCreate = true }), "quotes_see", "contact_quotes_rights"},
		{"accept quotes unseen", permissions(func(p *contact.Permissions) { p.QuotesAccept = true }), "quotes_see", "contact_quotes_rights"},
		{"add equipment unseen", permissions(func(p *contact.Permissions) { p.EquipmentAdd = true }), "equipment_see", "contact_equipment_rights"},
		{"own equipment", permissions(func(p *contact.Permissions) { p.EquipmentSee = contact.Own }), "equipment_see", "contact_equipment_see"},
		{"some jobs", permissions(func(p *contact.Permissions) { p.JobsSee = "some" }), "jobs_see", "contact_jobs_see"},
		{"some quotes", permissions(func(p *contact.Permissions) { p.QuotesSee = "some" }), "quotes_see", "contact_quotes_see"},
		{"manage without edit", permissions(func(p *contact.Permissions) { p.ContactsManage = true }), "company_edit", "contact_manage_rights"},
		{"selected sites", permissions(func(p *contact.Permissions) { p.AllSites, p.Sites = false, []int64{2, 1, 2} }), "", ""},
		{"no site selected", permissions(func(p *contact.Permissions) { p.AllSites = false }), "sites", ""},
		{"somebody else's site", permissions(func(p *contact.Permissions) { p.AllSites, p.Sites = false, []int64{3} }), "sites", ""},
		{"a site of nobody", permissions(func(p *contact.Permissions) { p.AllSites, p.Sites = false, []int64{99} }), "sites", ""},
	} {
		_, _, err := create(db, contact.New{Customer: 1, Details: contact.Details{Name: tt.name}, Permissions: tt.permissions})
		p, _ := errors.AsType[problem.Set](err)
		if tt.field == "" && err != nil || tt.field != "" && p[tt.field] == "" {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.constraint == "" {
			continue
		}
		r := tt.permissions
		_, err = db.Exec(ctx, `
			insert into contacts (customer_id, name, jobs_see, jobs_edit, jobs_create, quotes_see, quotes_edit, quotes_create, quotes_accept, equipment_see, equipment_edit, equipment_add, company_edit, contacts_manage)
			values (1, 'x', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			r.JobsSee, r.JobsEdit, r.JobsCreate, r.QuotesSee, r.QuotesEdit, r.QuotesCreate, r.QuotesAccept, r.EquipmentSee, r.EquipmentEdit, r.EquipmentAdd, r.CompanyEdit, r.ContactsManage)
		if got := postgres.Constraint(err); got != tt.constraint {
			t.Errorf("%s: the database says %q, %v", tt.name, got, err)
		}
	}
	page, err := contact.List(ctx, db, contact.Orders.Read(url.Values{"q": {"selected"}}), contact.Filter{Customer: 1})
	if err != nil || len(page.Rows) != 1 || !slices.Equal(page.Rows[0].Sites, []int64{1, 2}) {
		t.Errorf("selected sites: %+v, %v", page.Rows, err)
	}
}

func TestContactDetails(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), harbour(t)
	none := permissions(func(*contact.Permissions) {})
	lee := contact.New{Customer: 1, Details: contact.Details{Name: "Lee", Email: "lee@demo.test", Default: true}, Permissions: none, Nonce: "n1"}
	id, fresh, err := create(db, lee)
	if err != nil || !fresh {
		t.Fatal(id, fresh, err)
	}
	if again, fresh, err := create(db, lee); err != nil || fresh || again != id {
		t.Errorf("the same form again: %d, %v, %v", again, fresh, err)
	}
	for name, tt := range map[string]struct {
		new   contact.New
		field string
	}{
		"no name":                      {contact.New{Customer: 1}, "name"},
		"bad email":                    {contact.New{Customer: 1, Details: contact.Details{Name: "a", Email: "a@b"}}, "email"},
		"email taken":                  {contact.New{Customer: 1, Details: contact.Details{Name: "a", Email: "LEE@demo.test"}}, "email"},
		"access without email":         {contact.New{Customer: 1, Details: contact.Details{Name: "a"}, Portal: true}, "email"},
		"the same email elsewhere":     {contact.New{Customer: 2, Details: contact.Details{Name: "a", Email: "lee@demo.test"}}, ""},
		"another default takes over":   {contact.New{Customer: 1, Details: contact.Details{Name: "Kim", Default: true}}, ""},
		"another's form is not theirs": {contact.New{Customer: 2, Details: contact.Details{Name: "a"}, Nonce: "n1"}, "*"},
	} {
		tt.new.Permissions = none
		_, _, err := create(db, tt.new)
		p, _ := errors.AsType[problem.Set](err)
		if tt.field == "" && err != nil || tt.field == "*" && err == nil || tt.field != "" && tt.field != "*" && p[tt.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	choices, err := contact.Choices(ctx, db, 1)
	if err != nil || len(choices) != 2 || choices[0].Name != "Kim" || !choices[0].Default || choices[1].Default {
		t.Errorf("%+v, %v", choices, err)
	}
	edit := func(version int64, d contact.Details) error {
		return postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			_, _, err := contact.Edit(ctx, tx, ben, 1, id, version, contact.Change{Details: d, Permissions: none})
			return err
		})
	}
	if err := edit(1, contact.Details{Name: "Lee"}); !errors.Is(err, apperr.Stale) {
		t.Errorf("losing the default is a change: %v", err)
	}
	if err := edit(2, contact.Details{Name: "Lee Wong", Email: "lee@demo.test"}); err != nil {
		t.Error(err)
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), harbour(t)
	for _, sql := range []string{
		`insert into persons (email, must_change_password) values ('lee@demo.test', false), ('kim@demo.test', true)`,
		`insert into contacts (customer_id, person_id, name, email, access) values
			(1, 1, 'Lee', 'lee@demo.test', 'active'), (1, 2, 'Kim', 'kim@demo.test', 'invited'), (1, null, 'Max', 'max@demo.test', 'invited'), (1, null, 'Nia', '', 'none')`,
	} {
		if _, err := db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	suspend := func(id int64) (changed bool, err error) {
		err = postgres.Transact(ctx, db, func(tx postgres.Tx) (err error) {
			changed, err = contact.Suspend(ctx, tx, ben, 1, id)
			return err
		})
		return changed, err
	}
	restore := func(id int64) (access contact.Access, changed bool, err error) {
		err = postgres.Transact(ctx, db, func(tx postgres.Tx) (err error) {
			access, changed, err = contact.Restore(ctx, tx, ben, 1, id)
			return err
		})
		return access, changed, err
	}
	for _, tt := range []struct {
		name     string
		id       int64
		restored contact.Access // "" when there is nothing to suspend
	}{
		{"who signs in comes back as before", 1, contact.Active},
		{"who has to change the password first does so still", 2, contact.Invited},
		{"who was only invited is invited again", 3, contact.Invited},
		{"no access, nothing to suspend", 4, ""},
	} {
		changed, err := suspend(tt.id)
		if tt.restored == "" {
			if _, ok := errors.AsType[apperr.Conflict](err); !ok {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if c, _ := contact.Find(ctx, db, 1, tt.id); err != nil || !changed || c.Access != contact.Suspended {
			t.Errorf("%s: suspended to %s, %v", tt.name, c.Access, err)
		}
		if changed, err := suspend(tt.id); err != nil || changed {
			t.Errorf("%s: suspended twice: %v, %v", tt.name, changed, err)
		}
		if access, changed, err := restore(tt.id); err != nil || !changed || access != tt.restored {
			t.Errorf("%s: restored to %s, %v", tt.name, access, err)
		}
		if access, changed, err := restore(tt.id); err != nil || changed || access != tt.restored {
			t.Errorf("%s: restored twice to %s, %v", tt.name, access, err)
		}
	}
	if _, err := contact.Find(ctx, db, 2, 1); !errors.Is(err, apperr.NotFound) {
		t.Errorf("through another customer: %v", err)
	}
	err := postgres.Transact(ctx, db, func(tx postgres.Tx) error { return contact.Archive(ctx, tx, ben, 1, 1, true) })
	if err != nil {
		t.Fatal(err)
	}
	if id, _, err := create(db, contact.New{Customer: 1, Details: contact.Details{Name: "New Lee", Email: "lee@demo.test"}, Permissions: permissions(func(*contact.Permissions) {})}); err != nil {
		t.Errorf("the address of an archived contact is free: %d, %v", id, err)
	}
	err = postgres.Transact(ctx, db, func(tx postgres.Tx) error { return contact.Archive(ctx, tx, ben, 1, 1, false) })
	if _, ok := errors.AsType[apperr.Conflict](err); !ok {
		t.Errorf("came back to a taken address: %v", err)
	}
}
