-- Indexes for both ways of a search: what is newest, and what has the words.

-- +goose Up
create index jobs_own_words on jobs using gin (customer_id, own_words(customer_id, search || file_words));
create index quotes_own_words on quotes using gin (customer_id, own_words(customer_id, portal_search || file_words));
create index equipment_own_words on equipment using gin (customer_id, own_words(customer_id, search || file_words));

-- For the office, which looks through all customers, the customer is in the way.
create index jobs_all_search on jobs using gin (search);
create index quotes_all_search on quotes using gin (search);
create index attachments_all_search on attachments using gin (search) where removed_at is null;
create index sites_all_search on sites using gin (search);

-- Customers by number and names, without their contacts and sites.
create index customers_called on customers using gin (search_vector(number, name, company_name));

create index sites_by_name on sites (name collate "und-x-icu", id);
create index attachments_newest on attachments (uploaded_at desc, id desc) where removed_at is null;

drop index jobs_search, quotes_search, quotes_portal_search, equipment_search, sites_search, attachments_search;
