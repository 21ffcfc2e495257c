package migrations_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// TestQuoteEventsAreTakenFromTheTrail: what the audit trail alone knew of
// quotes is a fact of theirs after migration 13.
func TestQuoteEventsAreTakenFromTheTrail(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := postgres.Open(ctx, dbtest.Empty(t), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dbtest.UpTo(t, db, 12)
	_, err = db.Exec(ctx, `
		insert into staff (name, email, role, state) values ('Ben', 'ben@demo.test', 'office', 'active');
		insert into customers (name) values ('Harbour Dental');
		insert into job_types (name, colour) values ('Service', 'blue');
		insert into quotes (customer_id, description, currency, status, origin) values (1, 'fan', 'AUD', 'withdrawn', 'office'), (1, 'a copy', 'AUD', 'draft', 'office'), (1, 'given up unseen', 'AUD', 'withdrawn', 'office');
		insert into jobs (customer_id, description, job_type_id, status, origin) values (1, 'fan', 1, 'unscheduled', 'office');
		insert into audit_entries (at, actor, staff_id, actor_name, action, thing, thing_id, customer_id, before, after) values
			('2026-01-01', 'staff', 1, 'Ben', 'created', 'quote', 1, 1, null, '{"version": 1}'),
			('2026-01-02', 'staff', 1, 'Ben', 'edited', 'quote', 1, 1, '{"name": "", "lines": [], "version": 1}', '{"name": "Fan", "lines": ["1"], "version": 2}'),
			('2026-01-03', 'staff', 1, 'Ben B.', 'duplicated', 'quote', 1, 1, null, jsonb_build_object('copy', (select number from quotes where id = 2))),
			('2026-01-04', 'staff', 1, 'Ben', 'job created', 'quote', 1, 1, null, jsonb_build_object('job', (select number from jobs))),
			('2026-01-05', 'staff', 1, 'Ben', 'withdrawn', 'quote', 1, 1, '{"status": "sent", "version": 2}', '{"status": "withdrawn", "version": 3}'),
			('2026-01-05', 'staff', 1, 'Ben', 'said why', 'quote', 1, 1, null, '{"why": "Built elsewhere"}')`)
	if err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(ctx, db, postgres.RoleOfPool(db), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	var events, withdrawn string
	err = db.QueryRow(ctx, `
		select string_agg(concat_ws(' ', kind, by_name, to_char(at at time zone 'UTC', 'DD'), array_to_string(fields, ','), copy_id, job_id), '; ' order by at, id),
			(select string_agg(id || ' ' || coalesce(to_char(withdrawn_at at time zone 'UTC', 'DD'), '–') || ' ' || withdrawn_reason, '; ' order by id) from quotes where status = 'withdrawn')
		from quote_events`).Scan(&events, &withdrawn)
	if err != nil {
		t.Fatal(err)
	}
	if want := "edited Ben 02 lines,name; duplicated Ben B. 03  2; job created Ben 04  1; withdrawn Ben 05 "; events != want {
		t.Errorf("events: %q, want %q", events, want)
	}
	if want := "1 05 Built elsewhere; 3 – "; withdrawn != want {
		t.Errorf("withdrawn: %q, want %q", withdrawn, strings.TrimSpace(want))
	}
}
