-- What happened to a quote, and why it was withdrawn, are facts of the quote:
-- the audit trail only records them.

-- +goose Up

drop schema if exists portal cascade;

alter table quotes
    add column withdrawn_at timestamptz,
    add column withdrawn_reason text not null default '' constraint quote_withdrawn_reason_long check (char_length(withdrawn_reason) <= 10000),
    add constraint quote_withdrawn_at check (withdrawn_at is null or status = 'withdrawn');

create table quote_events (
    id          bigint generated always as identity primary key,
    customer_id bigint not null,
    quote_id    bigint not null,
    kind        text not null constraint quote_event_kind check (kind in ('edited', 'revised', 'withdrawn', 'duplicated', 'job created')),
    at          timestamptz not null default now(),
    staff_id    bigint references staff,
    contact_id  bigint references contacts,
    by_name     text not null default '', -- as they were called then
    version     bigint not null,          -- of the quote, which the event brought
    fields      text[] not null default '{}',
    copy_id     bigint references quotes,
    job_id      bigint,
    foreign key (customer_id, quote_id) references quotes (customer_id, id),
    foreign key (customer_id, job_id) references jobs (customer_id, id),
    constraint quote_event_fields check (kind = 'edited' or fields = '{}'),
    constraint quote_event_copy check ((kind = 'duplicated') = (copy_id is not null)),
    constraint quote_event_job check ((kind = 'job created') = (job_id is not null))
);
create index quote_events_newest_per_quote on quote_events (quote_id, at desc, id desc);
create unique index quote_events_copied_once on quote_events (quote_id, copy_id) where copy_id is not null;

update quotes q set withdrawn_at = e.at, withdrawn_reason = e.reason
from (
    select distinct on (w.thing_id) w.thing_id, w.at, coalesce((
        select left(s.after->>'why', 10000) from audit_entries s
        where s.thing = 'quote' and s.thing_id = w.thing_id and s.action = 'said why' order by s.at desc, s.id desc limit 1), '') as reason
    from audit_entries w
    where w.thing = 'quote' and w.action = 'withdrawn'
    order by w.thing_id, w.at desc, w.id desc
) e
where e.thing_id = q.id and q.status = 'withdrawn';

insert into quote_events (customer_id, quote_id, kind, at, staff_id, contact_id, by_name, version, fields, copy_id, job_id)
select q.customer_id, q.id, e.action, e.at, s.id, k.id, e.actor_name, coalesce((e.after->>'version')::bigint, q.version),
    case when e.action = 'edited' and jsonb_typeof(e.before) = 'object' then array(select f from jsonb_object_keys(e.before) f where f <> 'version' order by f collate "C") else '{}' end,
    c.id, j.id
from audit_entries e
join quotes q on q.id = e.thing_id
left join staff s on s.id = e.staff_id
left join contacts k on k.id = e.contact_id
left join quotes c on e.action = 'duplicated' and c.number = e.after->>'copy'
left join jobs j on e.action = 'job created' and j.number = e.after->>'job' and j.customer_id = q.customer_id
where e.thing = 'quote' and e.action in ('edited', 'revised', 'withdrawn', 'duplicated', 'job created')
    and (e.action <> 'duplicated' or c.id is not null) and (e.action <> 'job created' or j.id is not null)
order by e.at, e.id
on conflict do nothing;
