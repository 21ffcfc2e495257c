-- What the first page and the navigation ask for, of all that a contact sees, of
-- their own and of some sites.

-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists unread_messages_of_contact on unread_messages (contact_id, at desc, message_id desc) include (job_id, quote_id, about_contact_id, about_site_id);
drop index concurrently if exists unread_messages_newest;
create index concurrently if not exists jobs_last_changed_per_customer on jobs (customer_id, status_at desc, id desc) where status_at is not null;
create index concurrently if not exists jobs_last_changed_per_contact on jobs (customer_id, main_contact_id, status_at desc, id desc) where status_at is not null;
create index concurrently if not exists jobs_last_changed_per_site on jobs (customer_id, site_id, status_at desc, id desc) where status_at is not null;
create index concurrently if not exists quotes_last_changed_per_customer on quotes (customer_id, asked_or_sent_at desc, id desc) where asked_or_sent_at is not null and (origin = 'portal' or sent_version is not null);
create index concurrently if not exists quotes_last_changed_per_contact on quotes (customer_id, main_contact_id, asked_or_sent_at desc, id desc) where asked_or_sent_at is not null and (origin = 'portal' or sent_version is not null);
create index concurrently if not exists quotes_last_changed_per_site on quotes (customer_id, site_id, asked_or_sent_at desc, id desc) where asked_or_sent_at is not null and (origin = 'portal' or sent_version is not null);
create index concurrently if not exists jobs_expected_per_customer on jobs (customer_id, booked_key, id) where status in ('booked', 'in progress');
create index concurrently if not exists jobs_expected_per_contact on jobs (customer_id, main_contact_id, booked_key, id) where status in ('booked', 'in progress');
create index concurrently if not exists jobs_expected_per_site on jobs (customer_id, site_id, booked_key, id) where status in ('booked', 'in progress');
create index concurrently if not exists equipment_by_service_per_site on equipment (customer_id, site_id, service_key, id) where status = 'in use';
create index concurrently if not exists attachments_shared_per_contact on attachments (customer_id, about_contact_id, shared_at desc) where customer_view and removed_at is null and shared_at is not null;
create index concurrently if not exists attachments_shared_per_site on attachments (customer_id, about_site_id, shared_at desc) where customer_view and removed_at is null and shared_at is not null;
-- Above a list of quotes stands how many were asked for and how many were sent.
create index concurrently if not exists quotes_requested_per_customer on quotes (customer_id, created_at desc, id desc) include (main_contact_id, site_id, origin, sent_version)
    where status = 'requested' or status = 'draft' and sent_version is null;
create index concurrently if not exists quotes_revised_per_customer on quotes (customer_id, id) include (main_contact_id, site_id, origin, sent_version)
    where status = 'draft' and sent_version is not null;
-- So many of the newest rows were written again that nobody could count them by an
-- index alone until they are tidied up, which PostgreSQL puts off; and it knows
-- nothing of the new columns.
vacuum (analyze, index_cleanup on) jobs, quotes, attachments, unread_messages;
