-- Facts that were read out of the audit trail: what has changed on a thing from
-- one version to the next, and what contacts have changed of their details. The
-- trail records; these are asked.

-- +goose Up
-- A form that was opened before an edit tells what the edit changed. Swept after thirty days.
create table edits (
    id       bigint generated always as identity primary key,
    thing    text not null,
    thing_id bigint not null,
    version  bigint not null, -- that the edit made
    at       timestamptz not null default now(),
    by_name  text not null,
    before   jsonb not null,  -- the fields that changed
    after    jsonb not null
);
create index edits_per_thing on edits (thing, thing_id, version);
create index edits_oldest on edits (at);

insert into edits (thing, thing_id, version, at, by_name, before, after)
select thing, thing_id, (after->>'version')::bigint, at, actor_name, before, after
from audit_entries
where at > now() - interval '30 days' and thing_id is not null and jsonb_typeof(before) = 'object' and jsonb_typeof(after->'version') = 'number'
order by id;

-- A change by a contact to the company's details, a site or a contact: the
-- office's home counts those of the last days. Swept like edits.
create table detail_changes (
    id          bigint generated always as identity primary key,
    customer_id bigint not null,
    contact_id  bigint not null,
    at          timestamptz not null default now(),
    foreign key (customer_id, contact_id) references contacts (customer_id, id)
);
create index detail_changes_newest on detail_changes (at);
create index detail_changes_per_contact on detail_changes (customer_id, contact_id);

insert into detail_changes (customer_id, contact_id, at)
select c.customer_id, c.id, e.at
from audit_entries e join contacts c on c.id = e.contact_id
where e.at > now() - interval '30 days' and e.actor = 'contact' and e.thing in ('customer', 'site', 'contact') and e.action in ('created', 'edited', 'archived')
order by e.id;
