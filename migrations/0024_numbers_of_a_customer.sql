-- A number is looked for among those of one customer, as if the others' were
-- not there: one of another customer takes as long as one never used. By the
-- unique index of numbers the other customer's row would be read first.

-- +goose Up
create index jobs_key_per_customer on jobs (customer_id, (number || ''));
create index quotes_key_per_customer on quotes (customer_id, (number || ''));
