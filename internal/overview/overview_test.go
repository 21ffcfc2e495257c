package overview_test

import (
	"context"
	"testing"
	"time"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/list"
	"fieldgate/internal/overview"
	"fieldgate/internal/postgres"
)

func TestWhatNeedsAttention(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, whatNeedsAttention)
}

func whatNeedsAttention(t *testing.T) {
	ctx, db := context.Background(), dbtest.New(t)
	if o, err := overviewOf(ctx, db); err != nil || o.Counts != (overview.Counts{}) || len(o.Visits) > 0 {
		t.Errorf("of an empty business: %+v, %v", o, err)
	}
	_, err := db.Exec(ctx, `
		insert into job_types (name) values ('Maintenance');
		insert into customers (name, archived_at) values ('Harbour Dental', null), ('Zoo', now());
		insert into contacts (customer_id, name, email, access, invited_at) values (1, 'Lee', 'lee@demo.test', 'invited', now()), (1, 'Kim', 'kim@demo.test', 'none', null), (2, 'Zed', 'zed@demo.test', 'invited', now());
		insert into jobs (customer_id, name, description, job_type_id, status, origin, created_by_contact_id, looked_at, booked_from) values
			(1, 'New', 'x', 1, 'new', 'portal', 1, null, null),
			(1, 'Looked at', 'x', 1, 'unscheduled', 'portal', 1, now(), null),
			(1, 'Of the office', 'x', 1, 'unscheduled', 'office', null, null, null),
			(1, 'Earlier today', 'x', 1, 'in progress', 'office', null, null, business_day()::timestamp at time zone (select time_zone from company)),
			(1, 'Tomorrow', 'x', 1, 'booked', 'office', null, null, now() + interval '1 day'),
			(1, 'Last week', 'x', 1, 'booked', 'office', null, null, now() - interval '7 days');
		insert into quotes (customer_id, name, description, currency, status, origin, created_by_contact_id) values (1, 'Duct', 'x', 'AUD', 'requested', 'portal', 1), (1, 'Own', 'x', 'AUD', 'draft', 'office', null);
		insert into quotes (customer_id, name, description, currency, status, origin, valid_until) values
			(1, 'Ends', 'x', 'AUD', 'draft', 'office', business_day() + 3), (1, 'Lasts', 'x', 'AUD', 'draft', 'office', business_day() + 30), (1, 'Over', 'x', 'AUD', 'draft', 'office', business_day() - 2);
		insert into quote_versions (customer_id, quote_id, number) select 1, id, 1 from quotes where valid_until is not null;
		update quotes set status = 'sent', sent_version = 1 where valid_until is not null;
		insert into equipment (customer_id, number, name, type, origin, created_by_contact_id, created_at) values (1, 'E-1', 'Fan', 'Fan', 'portal', 1, now()), (1, 'E-2', 'Old', 'Fan', 'portal', 1, now() - interval '8 days'), (1, 'E-3', 'Own', 'Fan', 'office', null, now());
		insert into detail_changes (customer_id, contact_id, at) values (1, 1, now()), (1, 2, now()), (1, 1, now() - interval '8 days');
		insert into emails (kind, rule, to_address, message_id, state, server_words, created_at) values
			('welcome', 'x', 'lee@demo.test', 'a', 'failed', '550 no such user', now()), ('welcome', 'x', 'old@demo.test', 'b', 'failed', '', now() - interval '40 days'), ('welcome', 'x', 'ok@demo.test', 'c', 'sent', '', now())`)
	if err != nil {
		t.Fatal(err)
	}
	o, err := overviewOf(ctx, db)
	if err != nil || o.Counts != (overview.Counts{NewEquipment: 1, ChangedDetails: 2, Today: 1, OpenInvitations: 1}) {
		t.Errorf("%+v, %v", o.Counts, err)
	}
	if len(o.Visits) != 2 || o.Visits[0].Name != "Earlier today" {
		t.Errorf("%+v", o)
	}
	queue := read(t, db, list.Query{}, overview.Filter{})
	for kind, want := range map[string]int{"schedule": 3, "price": 2, "expiring": 1, "email": 2, "message": 0, "accepted": 0} {
		if got := queue.Counts[overview.Filter{Kind: kind}]; got != want {
			t.Errorf("%d wait of the kind %s, want %d", got, kind, want)
		}
	}
}

func overviewOf(ctx context.Context, db postgres.DB) (o overview.Overview, err error) {
	var begin, end time.Time
	if err = db.QueryRow(ctx, `select business_day_start(business_day()), business_day_start(business_day() + 1)`).Scan(&begin, &end); err != nil {
		return o, err
	}
	return o, postgres.Read(ctx, db, func(b *postgres.Batch) { overview.Query(b, &o, begin, end) })
}
