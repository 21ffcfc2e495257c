-- Until when a contact has seen the files of a thing. What was shared since the
-- last visit is new until then.

-- +goose Up

drop schema if exists portal cascade;

create table seen_files (
    customer_id  bigint not null,
    contact_id   bigint not null,
    job_id       bigint,
    quote_id     bigint,
    equipment_id bigint,
    at           timestamptz not null default now(),
    foreign key (customer_id, contact_id) references contacts (customer_id, id),
    foreign key (customer_id, job_id) references jobs (customer_id, id),
    foreign key (customer_id, quote_id) references quotes (customer_id, id),
    foreign key (customer_id, equipment_id) references equipment (customer_id, id),
    constraint seen_of_one_thing check (num_nonnulls(job_id, quote_id, equipment_id) = 1),
    constraint seen_once unique nulls not distinct (contact_id, job_id, quote_id, equipment_id)
);
create index seen_files_of_quotes on seen_files (contact_id, quote_id) where quote_id is not null;
create index seen_files_of_equipment on seen_files (contact_id, equipment_id) where equipment_id is not null;

-- The quotes that wait for a customer's answer, which every page of the portal counts.
create index quotes_sent_per_customer on quotes (customer_id, (coalesce(valid_until, 'infinity')), id) where status = 'sent';
