-- What customers did, as systems are told of it.

-- +goose Up
create table events (
    id          bigint generated always as identity primary key,
    public_id   text not null default 'evt_' || opaque_id() unique,
    -- Given after the event was committed: events commit in another order than they
    -- are written in, and who reads on from a number must miss none.
    number      bigint unique,
    kind        text not null constraint event_kind_missing check (kind <> ''),
    at          timestamptz not null default now(),
    customer_id bigint not null references customers,
    contact_id  bigint, -- who did it, or whose word staff have recorded
    actor       text not null constraint event_actor check (actor in ('contact', 'staff', 'operator', 'system', 'api')),
    thing       text not null,
    thing_id    bigint not null,
    before      jsonb,
    after       jsonb,
    foreign key (customer_id, contact_id) references contacts (customer_id, id) deferrable
);
create index events_without_number on events (id) where number is null;
create index events_oldest on events (at);
create index events_per_contact on events (contact_id) where contact_id is not null;
create index events_per_customer on events (customer_id, number);

-- The last number that was given, and the last of those deleted since.
create table event_numbers (
    singleton boolean primary key default true check (singleton),
    last      bigint not null default 0,
    forgotten bigint not null default 0
);
insert into event_numbers default values;
