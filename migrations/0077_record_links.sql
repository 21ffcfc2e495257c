-- Links by which emails open the job or quote that they are about: each email has
-- one of its own, of one contact and one record.

-- +goose Up
create table record_links (
    id          bigint generated always as identity primary key,
    token_hash  bytea not null constraint record_link_token unique,
    customer_id bigint not null,
    contact_id  bigint not null,
    job_id      bigint,
    quote_id    bigint,
    email_id    bigint references emails on delete set null,
    address     text not null constraint record_link_address check (address <> ''),
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null,
    opened_at   timestamptz, -- somebody has pressed the button
    ended_at    timestamptz,
    ended_why   text not null default '' constraint record_link_ended_why check (ended_why in ('', 'office', 'access', 'switched off', 'restored')),
    foreign key (customer_id, contact_id) references contacts (customer_id, id) deferrable,
    foreign key (customer_id, job_id) references jobs (customer_id, id) on delete cascade deferrable,
    foreign key (customer_id, quote_id) references quotes (customer_id, id) on delete cascade deferrable,
    constraint record_link_of_one_record check (num_nonnulls(job_id, quote_id) = 1),
    constraint record_link_ended check ((ended_at is null) = (ended_why = ''))
);
create index record_links_per_contact on record_links (contact_id, id);
create index record_links_per_job on record_links (job_id, id) where job_id is not null;
create index record_links_per_quote on record_links (quote_id, id) where quote_id is not null;
create index record_links_per_email on record_links (email_id) where email_id is not null;
create index record_links_by_age on record_links (expires_at);

-- Suspension, archiving and another address end a contact's links for good:
-- access that comes back does not revive them.
-- +goose StatementBegin
create function record_links_end() returns trigger language plpgsql as $$
begin
    update record_links set ended_at = now(), ended_why = 'access' where contact_id = new.id and ended_at is null;
    return null;
end $$;
-- +goose StatementEnd
create trigger contacts_record_links after update of access, archived_at, email on contacts for each row
    when (new.access = 'suspended' and old.access <> 'suspended' or new.archived_at is not null and old.archived_at is null or lower(new.email) <> lower(old.email))
    execute function record_links_end();
