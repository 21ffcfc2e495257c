-- +goose Up
-- A customer's bytes are counted once a statement: when one statement removed two
-- copies of a file, each of them was taken for the last one, and the file was
-- subtracted twice.

-- +goose StatementBegin
create or replace function count_stored_files() returns trigger language plpgsql as $$
declare
    came attachments[]; -- are there now, and were not
    gone attachments[]; -- were there, and are not now
begin
    if tg_op = 'INSERT' then
        select array_agg(n) into came from new_rows n where n.removed_at is null;
    elsif tg_op = 'DELETE' then
        select array_agg(o) into gone from old_rows o where o.removed_at is null;
    else
        select array_agg(n) filter (where n.removed_at is null), array_agg(n) filter (where n.removed_at is not null) into came, gone
        from old_rows o join new_rows n using (id)
        where (o.removed_at is null) <> (n.removed_at is null);
    end if;
    if came is null and gone is null then
        return null;
    end if;

    -- Whoever counts bytes of the same customer waits here.
    insert into stored_files as s (customer_id, bytes)
    select distinct f.customer_id, 0 from unnest(came || gone) f order by f.customer_id
    on conflict (customer_id) do update set bytes = s.bytes;

    update stored_files s set bytes = s.bytes + c.bytes
    from (
        select b.customer_id, sum(b.bytes)::bigint as bytes
        from (
            select f.customer_id, max(f.size) * (bool_or(f.now)::integer - bool_or(not f.now)::integer) as bytes
            from (select n.*, true as now from unnest(came) n union all select o.*, false from unnest(gone) o) f
            where not exists (select from attachments a where a.blob_key = f.blob_key and a.removed_at is null and a.id not in (select n.id from unnest(came) n))
            group by f.customer_id, f.blob_key
        ) b
        group by b.customer_id
    ) c
    where c.customer_id = s.customer_id and c.bytes <> 0;
    return null;
end $$;
-- +goose StatementEnd

drop trigger attachments_stored on attachments;
drop trigger attachments_stored_again on attachments;
drop trigger attachments_stored_no_more on attachments;
create trigger attachments_stored after insert on attachments referencing new table as new_rows for each statement execute function count_stored_files();
create trigger attachments_stored_again after update on attachments referencing old table as old_rows new table as new_rows for each statement execute function count_stored_files();
create trigger attachments_stored_no_more after delete on attachments referencing old table as old_rows for each statement execute function count_stored_files();
