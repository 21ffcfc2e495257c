package notify

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

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
		if _, err := s.pool.Exec(ctx, mails); err != nil {
			t.Fatal(err)
		}
	}
	for name, asked := range map[string]struct {
		prepare, execute string
		seen             bool // with the contact's eyes
	}{
		"job":    {"(bigint) as " + strings.ReplaceAll(visibleJob, "@job", "$1"), "(17)", true},
		"quote":  {"(bigint) as " + strings.ReplaceAll(visibleQuote, "@quote", "$1"), "(17)", true},
		"record": {"(bigint, bigint) as " + strings.NewReplacer("@job", "$1", "@quote", "$2").Replace(visibleRecord), "(17, 17)", true},
		"burst":  {"(text[], bigint, int, int) as " + strings.NewReplacer("@to", "$1", "@by", "$2", "@newest", "$3", "@loud", "$4").Replace(causedOften), "('{ada@northwind.example}', 1, 40, 10)", false},
	} {
		var text []byte
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "set local plan_cache_mode = force_generic_plan; prepare "+name+"_asked "+migrations.InPortal(asked.prepare))
			if err != nil {
				return err
			}
			explain := "explain (analyze, buffers, format json) execute " + name + "_asked" + asked.execute
			if !asked.seen {
				return tx.QueryRow(ctx, explain).Scan(&text)
			}
			little, much := views.Contact{ID: 3, Customer: 2}, views.Contact{ID: 1, Customer: 1}
			return views.ReadEach(ctx, tx, []views.Contact{little, much}, func(b *postgres.Batch, _ int) {
				views.KeepOrder(b) // as visible does
				postgres.QueryValue(b, &text, explain, nil)
			})
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var plans []struct {
			Plan struct {
				Rows int `json:"Actual Rows"`
				Hit  int `json:"Shared Hit Blocks"`
				Read int `json:"Shared Read Blocks"`
			}
		}
		if err := json.Unmarshal(text, &plans); err != nil {
			t.Fatal(err)
		}
		if p := plans[0].Plan; p.Hit+p.Read > few || asked.seen && p.Rows == 0 {
			t.Errorf("%s reads %d buffers for %d rows:\n%s", name, p.Hit+p.Read, p.Rows, text)
		}
	}
}
