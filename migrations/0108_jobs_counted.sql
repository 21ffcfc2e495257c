-- +goose NO TRANSACTION
-- How many jobs there are to see is read from indexes alone again: since records open by
-- a link, the rule asks for a job's id.

-- +goose Up
create index concurrently if not exists jobs_ends_per_customer on jobs (customer_id, aged_at) include (id, main_contact_id, site_id);
create index concurrently if not exists jobs_ends_per_contact on jobs (customer_id, main_contact_id, aged_at) include (id, site_id);
create index concurrently if not exists jobs_ends_per_site on jobs (customer_id, site_id, aged_at) include (id, main_contact_id);
drop index concurrently if exists jobs_by_end_per_customer;
drop index concurrently if exists jobs_by_end_per_contact;
drop index concurrently if exists jobs_by_end_per_site;

-- A contact and a site are of one customer: without this the planner expects one row of
-- each, for which any index is as good. It holds once the table has been looked at.
create statistics if not exists jobs_of_contacts (dependencies) on customer_id, main_contact_id from jobs;
create statistics if not exists jobs_of_sites (dependencies) on customer_id, site_id from jobs;
analyze jobs;
