package portal

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/dbtest"
)

// TestLimitsOfAnHourReadOnesOwn: how much a contact has sent within the hour is asked of
// theirs, however much the others have sent.
func TestLimitsOfAnHourReadOnesOwn(t *testing.T) {
	t.Parallel()
	const few = 20 // buffers of 8 kB
	ctx, db := context.Background(), dbtest.New(t)
	owner := dbtest.Owner(t, db)
	for _, sql := range []string{
		`insert into job_types (name) values ('Repair');
		insert into customers (name) select 'Customer ' || n from generate_series(1, 200) n;
		insert into contacts (customer_id, name, email) select id, 'Somebody', 'somebody' || id || '@example.com' from customers;
		insert into jobs (customer_id, description, job_type_id, status, origin, created_by_contact_id, created_at)
			select c.customer_id, 'It drips', (select id from job_types), 'new', 'portal', c.id, now() - interval '2 days' from contacts c, generate_series(1, 10) n;
		insert into attachments (customer_id, job_id, kind, name, media_type, size, blob_key, customer_view, uploaded_by_contact_id, uploaded_at) select customer_id, id, 'photo', 'x.jpg', 'image/jpeg', 1, 'o' || id, true, created_by_contact_id, created_at from jobs`,
		`vacuum analyze`, // what comes now the planner has not heard of
		`insert into jobs (customer_id, description, job_type_id, status, origin, created_by_contact_id)
			select c.customer_id, 'It drips', (select id from job_types), 'new', 'portal', c.id from contacts c, generate_series(1, 10) n where c.id > 1;
		insert into attachments (customer_id, job_id, kind, name, media_type, size, blob_key, customer_view, uploaded_by_contact_id) select customer_id, id, 'photo', 'x.jpg', 'image/jpeg', 1, 'k' || id, true, created_by_contact_id from jobs where created_at > now() - interval '1 day'`,
	} {
		if _, err := owner.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	for name, asked := range map[string]struct{ types, statement, values string }{
		"jobs and quotes": {"bigint, int", withinHour(askedFor), "1, 20"},
		"files":           {"bigint", sentOf, "1"},
	} {
		err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
			p := dbtest.Kept(t, tx, asked.types, strings.NewReplacer("@contact", "$1", "@most", "$2").Replace(asked.statement), asked.values, nil)
			if p.Buffers > few {
				t.Errorf("%s: %d buffers:\n%s", name, p.Buffers, p.Text)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
