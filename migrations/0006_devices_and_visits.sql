-- Who signs in with which browser, when each contact was here before, and how
-- a person changes the address they sign in with.

-- +goose Up

-- A browser that somebody has signed in with. It keeps a long-lived random
-- token in a cookie, of which this is the hash: a sign-in without a known one
-- is told to the person.
create table devices (
    id            bigint generated always as identity primary key,
    person_id     bigint not null references persons,
    token_hash    text not null,
    browser       text not null default '',
    address       inet,
    first_seen_at timestamptz not null default now(),
    seen_at       timestamptz not null default now(),
    constraint device_of_person unique (person_id, token_hash)
);
create index devices_by_age on devices (seen_at);

-- When a contact looked last, and when the visit before this one ended: what
-- was shared since then is new. Nothing is null before a second visit.
create table visits (
    contact_id bigint primary key references contacts,
    seen_at    timestamptz not null default now(),
    before_at  timestamptz
);
-- Whoever has been here is not greeted as if for the first time.
insert into visits (contact_id, seen_at, before_at) select id, last_sign_in_at, last_sign_in_at from contacts where last_sign_in_at is not null;

-- A link to a new sign-in address: email is the new one, nothing changes before it is pressed.
alter table links drop constraint link_purpose, drop constraint link_for_one,
    add constraint link_purpose check (purpose in ('invitation', 'reset', 'email-change', 'staff-invitation', 'staff-reset')),
    add constraint link_for_one check (
        case when purpose = 'invitation' then contact_id is not null and staff_id is null
             when purpose in ('reset', 'email-change') then person_id is not null and contact_id is null and staff_id is null
             else staff_id is not null and contact_id is null and person_id is null end);

-- A person whom nothing lets in any more has no sessions left: one that was
-- only hidden would come back to life, on a computer perhaps long forgotten,
-- when access is restored. It holds whoever takes the access away, and however.
-- +goose StatementBegin
create function end_sessions_without_entry(who bigint[]) returns void language sql as $$
    delete from sessions s where s.person_id = any(who) and not exists (
        select from contacts c
        join customers cu on cu.id = c.customer_id
        join persons p on p.id = c.person_id
        where c.person_id = s.person_id and c.archived_at is null and cu.archived_at is null
          and (c.access = 'active' or (c.access = 'invited' and p.must_change_password)))
$$;
create function contact_shut_out() returns trigger language plpgsql as $$
begin
    perform end_sessions_without_entry(array[old.person_id]);
    return null;
end $$;
create function customer_shut_out() returns trigger language plpgsql as $$
begin
    perform end_sessions_without_entry(array(select person_id from contacts where customer_id = new.id and person_id is not null));
    return null;
end $$;
-- +goose StatementEnd
create trigger contacts_shut_out after update of access, person_id, archived_at on contacts for each row
    when (old.person_id is not null and (old.access, old.person_id, old.archived_at) is distinct from (new.access, new.person_id, new.archived_at)) execute function contact_shut_out();
create trigger customers_shut_out after update of archived_at on customers for each row
    when (old.archived_at is null and new.archived_at is not null) execute function customer_shut_out();

-- What has happened lately, for the portal's first page.
create index job_statuses_newest_per_customer on job_statuses (customer_id, at desc, id desc);
create index attachments_shared_per_customer on attachments (customer_id, shared_at desc, id desc) where customer_view and removed_at is null and shared_at is not null;
