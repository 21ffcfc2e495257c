-- Who keeps which kind of things: this program, or another system. What contacts
-- ask for of things that another system keeps waits here for its answer.

-- +goose Up
create table keepers (
    kind    text primary key constraint keeper_kind check (kind in ('customers', 'sites', 'contacts', 'equipment', 'jobs', 'quotes')),
    source  text not null default '' constraint keeper_source check (source ~ '^([a-z0-9][a-z0-9-]{0,39})?$'), -- '' for this program
    label   text not null default '' constraint keeper_label check (length(label) <= 60 and (label <> '' or source = '')),
    version bigint not null default 1
);
insert into keepers (kind) values ('customers'), ('sites'), ('contacts'), ('equipment'), ('jobs'), ('quotes');

create table keeper_requests (
    id          bigint generated always as identity primary key,
    kind        text not null references keepers,
    row_id      bigint,          -- of the thing; null of one that is asked for and not there
    what        text not null constraint request_what check (what in ('new', 'edit', 'withdrawal')),
    thing       text not null,   -- its number, or what people call it
    key         text not null,   -- as addresses name it, '' of one that is not there
    source      text not null,
    label       text not null,   -- of the source, as it was called then
    customer_id bigint not null references customers deferrable,
    contact_id  bigint not null references contacts deferrable,
    changes     jsonb not null default '[]', -- field, label, before, after
    at          timestamptz not null default now(),
    state       text not null default 'waiting' constraint request_state check (state in ('waiting', 'done', 'otherwise', 'refused')),
    answer      text not null default '' constraint request_answer check (length(answer) <= 2000),
    answered_at timestamptz,
    answered_by text not null default '',
    constraint request_answered check ((state = 'waiting') = (answered_at is null))
);
create index keeper_requests_waiting on keeper_requests (at, id) where state = 'waiting';
create index keeper_requests_newest on keeper_requests (at desc, id desc);
create index keeper_requests_of_thing on keeper_requests (kind, row_id, at desc);
create index keeper_requests_of_contact on keeper_requests (contact_id);
create index keeper_requests_of_customer on keeper_requests (customer_id, at desc);
