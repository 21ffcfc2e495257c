package migrations_test

import (
	"context"
	"log/slog"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// What the first page is ordered by is filled in for what there was, as far back as
// the page looks, and is no change of anything.
func TestWhatChangedLastIsFilledIn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := postgres.Open(ctx, dbtest.Empty(t), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dbtest.UpTo(t, db, 246)
	_, err = db.Exec(ctx, `
		insert into staff (name, email, role, state) values ('Ben', 'ben@demo.test', 'office', 'active');
		insert into customers (name) values ('Harbour');
		insert into sites (customer_id, name) values (1, 'Tower');
		insert into contacts (customer_id, name) values (1, 'Lee');
		insert into job_types (name) values ('Service');
		insert into jobs (customer_id, description, job_type_id, status, origin, site_id, main_contact_id) select 1, 'fan', 1, 'unscheduled', 'office', 1, 1 from generate_series(1, 3);
		insert into job_statuses (customer_id, job_id, status, at) values (1, 1, 'new', '2020-01-01'), (1, 1, 'unscheduled', now() - interval '3 days'), (1, 2, 'unscheduled', now() - interval '4 days'), (1, 3, 'unscheduled', '2020-01-01');
		insert into quotes (customer_id, description, currency, status, origin, created_by_contact_id, site_id, main_contact_id, created_at) values
			(1, 'asked', 'AUD', 'requested', 'portal', 1, 1, 1, now() - interval '1 day'), (1, 'sent', 'AUD', 'draft', 'office', null, 1, 1, '2020-01-01'), (1, 'long ago', 'AUD', 'requested', 'portal', 1, 1, 1, '2020-01-01');
		insert into quote_versions (customer_id, quote_id, number, sent_at, sent_by_id) values (1, 2, 1, now() - interval '2 days', 1);
		update quotes set status = 'sent', sent_version = 1 where id = 2;
		insert into equipment (customer_id, number, name, type, site_id, origin) values (1, 'E1', 'fan', 'x', 1, 'office');
		insert into messages (customer_id, job_id, text, staff_id) values (1, 1, 'hello', 1);
		insert into attachments (customer_id, job_id, quote_id, equipment_id, name, kind, media_type, size, blob_key, customer_view, shared_at, uploaded_by_staff_id) values
			(1, 1, null, null, 'a', 'photo', 'x', 1, 'a', true, now(), 1), (1, null, 2, null, 'b', 'photo', 'x', 1, 'b', true, now(), 1), (1, null, null, 1, 'c', 'photo', 'x', 1, 'c', true, now(), 1), (1, 2, null, null, 'd', 'photo', 'x', 1, 'd', true, '2020-01-01', 1)`)
	if err != nil {
		t.Fatal(err)
	}
	const noted = `select concat((select max(changed_at) from jobs), (select max(changed_at) from quotes), (select max(updated_at) from attachments))`
	var before, after, jobs, quotes, files, unread string
	if err := db.QueryRow(ctx, noted).Scan(&before); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(ctx, db, postgres.RoleOfPool(db), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	err = db.QueryRow(ctx, `select (`+noted+`),
		(select string_agg(coalesce(round(extract(epoch from now() - status_at) / 86400)::text, '–'), ' ' order by id) from jobs),
		(select string_agg(coalesce(round(extract(epoch from now() - asked_or_sent_at) / 86400)::text, '–'), ' ' order by id) from quotes),
		(select string_agg(concat_ws('/', name, about_contact_id, about_site_id), ' ' order by name) from attachments),
		(select string_agg(concat_ws('/', about_contact_id, about_site_id), ' ') from unread_messages)`).Scan(&after, &jobs, &quotes, &files, &unread)
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{jobs: "3 4 –", quotes: "1 2 –", files: "a/1/1 b/1/1 c/0/1 d", unread: "1/1", after: before} {
		if got != want {
			t.Errorf("%q is filled in, not %q", got, want)
		}
	}
}
