-- Secret addresses of calendars: a contact's visits, and those of staff.

-- +goose Up
create table calendar_feeds (
    id          bigint generated always as identity primary key,
    -- By which it is found; and the address itself, sealed, to be copied to one more device.
    token_hash  bytea not null constraint calendar_feed_token unique,
    sealed      bytea not null,
    scope       text not null constraint calendar_feed_scope check (scope in ('contact', 'own', 'business')),
    contact_id  bigint references contacts on delete cascade,
    person_id   bigint references persons on delete cascade, -- whose it is: another person who becomes the contact has none
    staff_id    bigint references staff on delete cascade,
    version     bigint not null default 1,
    created_at  timestamptz not null default now(), -- or renewed
    read_at     timestamptz,
    reads       integer not null default 0, -- since then:
    reads_since timestamptz not null default now(),
    constraint calendar_feed_owner check (case when scope = 'contact' then num_nonnulls(contact_id, person_id) = 2 and staff_id is null else num_nonnulls(contact_id, person_id) = 0 and staff_id is not null end)
);
create unique index calendar_feeds_per_contact on calendar_feeds (contact_id) where contact_id is not null;
create unique index calendar_feeds_per_staff on calendar_feeds (staff_id, scope) where staff_id is not null;
create index calendar_feeds_per_person on calendar_feeds (person_id) where person_id is not null;

-- What takes a contact's access away, or gives it to another person, ends the
-- address for good: access that comes back does not revive it.
-- +goose StatementBegin
create function calendar_feeds_end() returns trigger language plpgsql as $$
begin
    delete from calendar_feeds where contact_id = new.id;
    return null;
end $$;
-- +goose StatementEnd
create trigger contacts_calendar_feeds after update of access, archived_at, person_id, jobs_see on contacts for each row
    when (new.access <> 'active' and old.access = 'active' or new.archived_at is not null and old.archived_at is null or new.person_id is distinct from old.person_id
        or new.jobs_see = 'none' and old.jobs_see <> 'none')
    execute function calendar_feeds_end();
