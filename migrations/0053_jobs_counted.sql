-- How many jobs, quotes and equipment there are to see, and the names of sites, are read
-- from indexes alone, whoever asks; the open jobs of a customer with 50,000 stand
-- together in the order of their list.

-- +goose Up
create index jobs_by_end_per_customer on jobs (customer_id, aged_at) include (main_contact_id, site_id);
create index jobs_by_end_per_contact on jobs (customer_id, main_contact_id, aged_at) include (site_id);
create index jobs_by_end_per_site on jobs (customer_id, site_id, aged_at) include (main_contact_id);
create index jobs_open_newest_per_customer on jobs (customer_id, created_at desc, id desc) where not aged_at < 'infinity';
create index quotes_counted on quotes (customer_id, main_contact_id) include (site_id, origin, sent_version);
create index sites_by_name_per_customer on sites (customer_id, name collate "und-x-icu", id) include (archived_at);
create index quote_versions_newest_per_customer on quote_versions (customer_id, sent_at desc, quote_id) where sent_at is not null;
create index equipment_counted on equipment (customer_id, status, service_key) include (site_id);
create index equipment_types_per_customer on equipment (customer_id, type) include (site_id);
