-- Notifications on their way: one for each device. What was sent goes after a while.

-- +goose Up
create table pushes (
    id          bigint generated always as identity primary key,
    device_id   bigint not null references push_devices on delete cascade,
    kind        text not null,
    rule        text not null,
    customer_id bigint not null,
    contact_id  bigint not null,
    job_id      bigint,
    quote_id    bigint,
    payload     jsonb not null default '{}',
    gathers     text,
    state       text not null default 'waiting' constraint push_state check (state in ('waiting', 'retrying', 'sent', 'failed', 'dropped')),
    words       text not null default '', -- why not
    tries       integer not null default 0,
    created_at  timestamptz not null default now(),
    next_try_at timestamptz,
    finished_at timestamptz,
    foreign key (customer_id, contact_id) references contacts (customer_id, id) deferrable,
    constraint push_finished check ((finished_at is null) = (state in ('waiting', 'retrying')))
);
create unique index pushes_gathering on pushes (gathers) where gathers is not null;
create index pushes_open on pushes (created_at) where state in ('waiting', 'retrying');
create index pushes_per_device on pushes (device_id, created_at);
create index pushes_per_contact on pushes (contact_id, id);
create index pushes_per_job on pushes (job_id, kind) where job_id is not null;
create index pushes_per_quote on pushes (quote_id, kind) where quote_id is not null;
create index pushes_finished on pushes (finished_at) where finished_at is not null;
