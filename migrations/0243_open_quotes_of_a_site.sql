-- What waits for an answer at some sites is asked for with each page of whoever
-- sees these alone: found among the open quotes of a site, not all it ever had.

-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists quotes_open_per_site on quotes (customer_id, site_id) where status in ('requested', 'draft', 'sent');
