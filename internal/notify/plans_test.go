package notify

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
	"fieldgate/migrations"
)

// TestWhatAMailAsksOnALargeBusiness: a plan that was made for somebody with little does
// not read through all that one customer of many has, nor through the mails of everybody.
func TestWhatAMailAsksOnALargeBusiness(t *testing.T) {
	t.Parallel()
	const few = 40 // buffers of 8 kB
	ctx, s := context.Background(), newStage(t)
	owner := dbtest.Owner(t, s.pool)
	s.exec(t, `
		insert into customers (name) select 'Customer ' || n from generate_series(1, 400) n;
		insert into contacts (customer_id, name, email, access, quotes_see, jobs_see) select c.id, 'Somebody', 'somebody' || c.id || '@example.com', 'none', 'all', 'all' from customers c where c.id > 1;
		insert into jobs (customer_id, description, job_type_id, status, origin) select 1, 'It drips', 1, 'new', 'office' from generate_series(1, 4000);
		insert into jobs (customer_id, description, job_type_id, status, origin) select c.id, 'It drips', 1, 'new', 'office' from customers c, generate_series(1, 3) n where c.id > 1;
		insert into quotes (customer_id, description, currency, status, origin, created_by_contact_id) select 1, 'New chiller', 'AUD', 'requested', 'portal', 1 from generate_series(1, 2000);
		insert into quotes (customer_id, description, currency, status, origin, created_by_contact_id) select c.customer_id, 'New chiller', 'AUD', 'requested', 'portal', c.id from contacts c where c.customer_id > 1`)
	for _, mails := range []string{ // those of an hour come after the planner has learnt of the table
		`insert into emails (kind, rule, to_name, to_address, by_contact_id, message_id, state, created_at) select 'job-received', 'Global Notification List', '', 'ada@northwind.example', null, 'a' || c.id || n, 'sent', now() - interval '2 days' from contacts c, generate_series(1, 10) n`,
		"vacuum analyze",
		`insert into emails (kind, rule, to_name, to_address, by_contact_id, message_id, state) select 'job-received', 'Global Notification List', '', 'ada@northwind.example', c.id, 'b' || c.id || n, 'sent' from contacts c, generate_series(1, 10) n where c.id > 1`,
	} {
		if _, err := owner.Exec(ctx, mails); err != nil { // who alone may vacuum
			t.Fatal(err)
		}
	}
	for name, asked := range map[string]struct {
		types, statement, values string
		seen                     bool // with the contact's eyes
		meanwhile                []string
	}{
		"job":    {"bigint", strings.ReplaceAll(visibleJob, "@job", "$1"), "17", true, nil},
		"quote":  {"bigint", strings.ReplaceAll(visibleQuote, "@quote", "$1"), "17", true, nil},
		"record": {"bigint, bigint", strings.NewReplacer("@job", "$1", "@quote", "$2").Replace(visibleRecord), "17, 17", true, nil},
		"burst":  {"text[], bigint, int, int", strings.NewReplacer("@to", "$1", "@by", "$2", "@newest", "$3", "@loud", "$4").Replace(causedOften), "'{ada@northwind.example}', 1, 40, 10", false, nil},
		"handed": {"bigint, interval", strings.NewReplacer("@id", "$1", "@handing", "$2").Replace(handedOver), "1, '1 minute'", false, []string{
			`update emails set state = 'waiting' where id <= 1000`, // of those that wait, entries stay in the indexes for a while
			`update emails set state = 'sent' where state = 'waiting'`,
		}},
	} {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			look := func(explain string) (text []byte, err error) {
				if asked.seen {
					little, much := views.Contact{ID: 3, Customer: 2}, views.Contact{ID: 1, Customer: 1}
					err = views.ReadEach(ctx, tx, []views.Contact{little, much}, func(b *postgres.Batch, _ int) {
						views.KeepOrder(b) // as visible does
						postgres.QueryValue(b, &text, explain, nil)
					})
					return text, err
				}
				for _, sql := range append([]string{explain}, asked.meanwhile...) {
					if _, err := tx.Exec(ctx, sql); err != nil {
						return nil, err
					}
				}
				err = tx.QueryRow(ctx, explain).Scan(&text)
				return text, err
			}
			p := dbtest.Kept(t, tx, asked.types, migrations.InPortal(asked.statement), asked.values, look)
			if p.Buffers > few || asked.seen && p.Rows == 0 {
				t.Errorf("%s reads %d buffers for %d rows:\n%s", name, p.Buffers, p.Rows, p.Text)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
