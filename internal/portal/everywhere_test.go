package portal

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
)

// TestAHomeOverAllCustomersIsPlannedOnce: not anew for each customer, which cost
// ten times what its queries do.
func TestAHomeOverAllCustomersIsPlannedOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := dbtest.New(t)
	exec(t, db, `
		insert into job_types (name) values ('Repair');
		insert into persons (email) values ('of-many@demo.test');
		insert into customers (name) select 'Of many ' || n from generate_series(1, 5) n;
		insert into contacts (customer_id, person_id, name, email, access, jobs_see, quotes_see, equipment_see)
			select cu.id, p.id, 'Mae', p.email, 'active', 'all', 'all', 'all' from customers cu, persons p where cu.name like 'Of many%' and p.email = 'of-many@demo.test';
		insert into jobs (customer_id, description, job_type_id, status, origin, booked_from) select id, 'x', 1, 'booked', 'office', now() + interval '1 day' from customers where name like 'Of many%'`)
	config := db.Config().Copy()
	config.MaxConns = 1 // whose statements are looked at
	one, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	business, err := ReadBusiness(ctx, one)
	if err != nil {
		t.Fatal(err)
	}
	var person int64
	if err := one.QueryRow(ctx, `select id from persons where email = 'of-many@demo.test'`).Scan(&person); err != nil {
		t.Fatal(err)
	}
	r := NewReader(one)
	e, err := r.Everywhere(ctx, Viewer{Person: person, Business: business}, 0)
	if err != nil {
		t.Fatal(err)
	}
	home, err := r.HomeEverywhere(ctx, e)
	if err != nil || len(home.Visits) != 5 {
		t.Fatalf("%d visits, %v", len(home.Visits), err)
	}
	rows, err := one.Query(ctx, `select statement, custom_plans from pg_prepared_statements where statement like '%from portal\_%' and statement not like '%set_config%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var statement string
		var custom int
		if err := rows.Scan(&statement, &custom); err != nil {
			t.Fatal(err)
		}
		if seen++; custom > 0 {
			t.Errorf("planned %d times: %s", custom, strings.Join(strings.Fields(statement), " "))
		}
	}
	if rows.Err() != nil || seen < 7 {
		t.Errorf("%d statements, %v", seen, rows.Err())
	}
}
