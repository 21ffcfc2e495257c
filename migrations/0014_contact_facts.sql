-- Who has suspended a contact, and who has invited whom: until now the audit
-- trail alone knew.

-- +goose Up
-- The contact who suspended this one; null when the office did.
alter table contacts add column suspended_by_contact_id bigint,
    add constraint contact_suspended_by_contact foreign key (customer_id, suspended_by_contact_id) references contacts (customer_id, id);

update contacts c set suspended_by_contact_id = s.contact_id
from (
    select distinct on (thing_id) thing_id, actor, contact_id from audit_entries
    where thing = 'contact' and action = 'suspended' order by thing_id, at desc, id desc
) s
where s.thing_id = c.id and s.actor = 'contact' and c.access = 'suspended'
  and exists (select from contacts o where o.customer_id = c.customer_id and o.id = s.contact_id);

-- The invitations that contacts have sent to those they manage.
create table contact_invitations (
    id            bigint generated always as identity primary key,
    customer_id   bigint not null references customers,
    contact_id    bigint not null,
    by_contact_id bigint not null,
    sent_at       timestamptz not null default now(),
    constraint contact_invitation_of_customer foreign key (customer_id, contact_id) references contacts (customer_id, id),
    constraint contact_invitation_by_contact foreign key (customer_id, by_contact_id) references contacts (customer_id, id)
);
create index contact_invitations_newest_by_contact on contact_invitations (by_contact_id, sent_at desc);

insert into contact_invitations (customer_id, contact_id, by_contact_id, sent_at)
select c.customer_id, c.id, o.id, a.at
from audit_entries a
join contacts c on c.id = a.thing_id
join contacts o on o.id = a.contact_id and o.customer_id = c.customer_id
where a.thing = 'contact' and a.action = 'invited' and a.actor = 'contact'
order by a.id;
