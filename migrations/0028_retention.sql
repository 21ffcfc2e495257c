-- How long things are kept, in days, and what the sweep asks.

-- +goose Up
create table retention (
    singleton     boolean primary key default true check (singleton),
    email_copies  integer default 730 constraint retention_email_copies check (email_copies between 1 and 3650),
    -- At least a week: no limit on guessing looks back further than a day.
    attempts      integer not null default 90 constraint retention_attempts check (attempts between 7 and 3650),
    removed_files integer not null default 30 constraint retention_removed_files check (removed_files between 1 and 3650),
    activity      integer constraint retention_activity check (activity between 365 and 3650), -- null, here and above: until erased
    version       bigint not null default 1
);
insert into retention default values;

-- Files removed since then are still kept. In a condition on rows it stands in a
-- sub-select, like business_day().
create function removed_files_since() returns timestamptz
language sql stable
return (select now() - make_interval(days => removed_files) from retention);

-- What is deleted by age is found by age.
create index email_copies_oldest on email_copies (at);

-- A removed file whose bytes are gone names them no more.
alter table attachments add constraint attachment_bytes check (blob_key <> '' or removed_at is not null);
create index attachments_removed_with_bytes on attachments (removed_at) include (size) where removed_at is not null and blob_key <> '';

-- Entries of the trail may go by their age alone, when that was set, and never
-- within a year. Who serves may not delete there: this is the one way.
-- +goose StatementBegin
create or replace function audit_stays() returns trigger language plpgsql as $$
begin
    if tg_level = 'ROW' and tg_op = 'DELETE' then
        if old.at < (select now() - make_interval(days => greatest(activity, 365)) from public.retention where activity is not null) then
            return old;
        end if;
    end if;
    raise exception 'audit entries are only ever added';
end $$;
create function forget_activity(most integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    cutoff timestamptz := (select now() - make_interval(days => greatest(activity, 365)) from public.retention where activity is not null);
    n bigint;
begin
    -- An array, so that neither step reads the whole table, however large.
    delete from public.audit_entries where id = any(array(select id from public.audit_entries where at < cutoff order by at, id limit most));
    get diagnostics n = row_count;
    return n;
end $$;
-- +goose StatementEnd
