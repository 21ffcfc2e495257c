-- Emails: what gathers, what was sent, how the mail server does.

-- +goose Up
alter table emails
    -- While a mail gathers (photos shared within ten minutes), what it gathers for; empty once it is under way.
    add column gathers text,
    -- Giving up counts from the first try: a program that stood still for a weekend must not lose what waited.
    add column first_try_at timestamptz,
    -- The mail that somebody sent again by this one.
    add column again_of bigint references emails,
    add column search tsvector not null generated always as (search_vector(to_name, to_address, subject)) stored;

create unique index emails_gathering on emails (gathers) where gathers is not null;
create index emails_search on emails using gin (search);
create index emails_newest_per_state on emails (state, created_at desc, id desc);
create index emails_newest_per_kind on emails (kind, created_at desc, id desc);
create index emails_per_job on emails (job_id) where job_id is not null;
create index emails_per_quote on emails (quote_id) where quote_id is not null;
create index emails_per_link on emails (link_id) where link_id is not null;
drop index emails_open;
-- Looked at every minute.
create index emails_open on emails (created_at) where state in ('waiting', 'retrying');

-- What was sent, without its secrets.
create table email_copies (
    email_id bigint primary key references emails on delete cascade,
    html     text not null,
    text     text not null,
    at       timestamptz not null default now()
);

-- How the mail server does, one row. The office's pages show it at no cost of their own.
create table mail_server (
    singleton     boolean primary key default true check (singleton),
    failing_since timestamptz,
    words         text not null default ''
);
insert into mail_server default values;
