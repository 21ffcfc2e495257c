-- Emails that came to us, each once, and what became of them. The email itself
-- lies in storage as long as copies of emails are kept.

-- +goose Up
create table inbound_emails (
    id           bigint generated always as identity primary key,
    digest       text not null constraint inbound_taken_once unique, -- the same for each copy of an email
    place        text constraint inbound_place_taken unique,         -- in a mailbox: its validity and number
    came_by      text not null constraint inbound_came_by check (came_by in ('imap', 'webhook', 'lmtp')),
    at           timestamptz not null default now(),
    message_id   text not null default '',
    from_name    text not null default '',
    from_address text not null default '',
    subject      text not null default '',
    text         text not null default '',
    quoted       text not null default '',
    files        jsonb not null default '[]', -- name, type, bytes, and why one was not taken
    raw_key      text not null default '',
    raw_size     bigint not null default 0,
    state        text not null constraint inbound_state check (state in ('waiting', 'message', 'note', 'ignored', 'report')),
    reason       text not null default '', -- why it waits or was ignored
    customer_id  bigint,                   -- of whom and what it is about, as far as is known
    contact_id   bigint,
    job_id       bigint,
    quote_id     bigint,
    written_id   bigint,                   -- the message or note that it became
    email_id     bigint references emails, -- the email that it reports on
    done_at      timestamptz,
    done_by_id   bigint references staff,  -- null when the program did it
    search       tsvector not null generated always as (search_vector(from_name, from_address, subject, text)) stored,
    foreign key (customer_id, contact_id) references contacts (customer_id, id) deferrable,
    foreign key (customer_id, job_id) references jobs (customer_id, id) deferrable,
    foreign key (customer_id, quote_id) references quotes (customer_id, id) deferrable,
    foreign key (customer_id, written_id) references messages (customer_id, id) deferrable,
    constraint inbound_of_customer check (customer_id is not null or num_nonnulls(contact_id, job_id, quote_id, written_id) = 0),
    constraint inbound_about_one check (num_nonnulls(job_id, quote_id) <= 1),
    constraint inbound_done check ((state = 'waiting') = (done_at is null)),
    constraint inbound_written check ((state in ('message', 'note')) = (written_id is not null))
);
create index inbound_emails_newest on inbound_emails (at desc, id desc);
create index inbound_emails_newest_per_state on inbound_emails (state, at desc, id desc);
create index inbound_emails_waiting on inbound_emails (at, id) where state = 'waiting';
create index inbound_emails_written on inbound_emails (written_id) where written_id is not null;
create index inbound_emails_per_contact on inbound_emails (contact_id) where contact_id is not null;
create index inbound_emails_per_sender on inbound_emails (lower(from_address));
create index inbound_emails_per_report on inbound_emails (email_id) where email_id is not null;
create index inbound_emails_search on inbound_emails using gin (search);
create index inbound_emails_with_raw on inbound_emails (raw_key) where raw_key <> '';
