-- +goose Up
-- Notifications on their way go over with a twin's emails.

-- merge_customers moves all of one customer to another. Of two contacts who are one
-- person, or have one email address, the one who was there stays: the other is
-- archived, and the work that was theirs becomes that one's. Two persons with one
-- address stay two: the one who comes is archived and keeps their work. Sites and
-- equipment whose name or number is taken keep it, with their customer's number.
-- It returns who was archived, and who of those that stay had a twin, or one who was
-- suspended: they see more than before.
-- +goose StatementBegin
create or replace function merge_customers(gone bigint, stays bigint, out archived bigint[], out twins bigint[], out suspended bigint[]) language plpgsql as $$
declare
    tag  text := ' (' || (select number from customers where id = gone) || ')';
    pair record;
    tab  name;
begin
    archived := '{}'; twins := '{}'; suspended := '{}';
    perform set_config('fieldgate.merging', gone || ' into ' || stays, true);
    set constraints all deferred;
    perform from customers where id in (gone, stays) order by id for update;
    perform from contacts where customer_id in (gone, stays) order by id for update;

    -- Who was archived on either side is nobody's twin, and a person is there once.
    update contacts a set person_id = null, access = 'none', version = a.version + 1
    where a.customer_id in (gone, stays) and a.archived_at is not null
        and exists (select from contacts o where o.person_id = a.person_id and o.customer_id in (gone, stays) and o.customer_id <> a.customer_id and (o.archived_at is null or a.customer_id = gone));
    for pair in
        select distinct on (g.id) g.id as gone, s.id as stays, g.access, s.name, s.email,
            g.person_id is not distinct from s.person_id or g.person_id is null or s.person_id is null as one
        from contacts g
        join contacts s on g.person_id = s.person_id or (g.email <> '' and lower(g.email) = lower(s.email))
        where g.customer_id = gone and s.customer_id = stays and g.archived_at is null and s.archived_at is null
        order by g.id, (g.person_id is not distinct from s.person_id) desc, s.id
    loop
        archived := archived || pair.gone;
        if pair.one then
            update jobs set main_contact_id = pair.stays where customer_id = gone and main_contact_id = pair.gone;
            update quotes set main_contact_id = pair.stays where customer_id = gone and main_contact_id = pair.gone;
            update sessions set contact_id = pair.stays where contact_id = pair.gone and side <> 'preview';
            update emails set contact_id = pair.stays, to_name = pair.name, to_address = coalesce(nullif(pair.email, ''), to_address), gathers = null
            where contact_id = pair.gone and state in ('waiting', 'retrying');
            update pushes set contact_id = pair.stays, gathers = null where contact_id = pair.gone and state in ('waiting', 'retrying');
            twins := twins || pair.stays;
            if pair.access = 'suspended' then
                suspended := suspended || pair.stays;
            end if;
        end if;
        delete from sessions where contact_id = pair.gone and side = 'preview';
        update contacts set archived_at = now(), access = 'none', person_id = null, is_default = false, version = version + 1 where id = pair.gone;
    end loop;
    update contacts set is_default = false, version = version + 1
    where customer_id = gone and is_default and exists (select from contacts where customer_id = stays and is_default and archived_at is null);
    update sites g set name = left(g.name, 200 - length(tag)) || tag, version = version + 1
    where g.customer_id = gone and g.archived_at is null and exists (select from sites s where s.customer_id = stays and s.archived_at is null and lower(s.name) = lower(g.name));
    update equipment g set number = left(g.number, 200 - length(tag)) || tag, version = version + 1
    where g.customer_id = gone and exists (select from equipment s where s.customer_id = stays and s.number = g.number);

    -- What was recorded of the one who is gone stays theirs.
    for tab in
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'customer_id' and not a.attisdropped and c.relname not in ('audit_entries', 'stored_files')
    loop
        execute format('update %I set customer_id = $1 where customer_id = $2', tab) using stays, gone;
    end loop;
    insert into stored_files as s (customer_id, bytes) select stays, bytes from stored_files where customer_id = gone
    on conflict (customer_id) do update set bytes = s.bytes + excluded.bytes;
    update stored_files set bytes = 0 where customer_id = gone;

    update customers set merged_into_id = stays where merged_into_id = gone;
    update customers set archived_at = coalesce(archived_at, now()), merged_into_id = stays, version = version + 1 where id = gone;
    update customers set search = '' where id in (gone, stays);
    update contacts set search = '' where customer_id = stays;
    set constraints all immediate;
end $$;
-- +goose StatementEnd
