-- +goose Up
-- Who counts a customer's bytes waits for whoever counts them at that moment:
-- a copy of a file and its removal, looked at side by side, each took the other
-- for absent or present, and the sum was off by the file for ever.

-- +goose StatementBegin
create or replace function count_stored_files() returns trigger language plpgsql as $$
declare
    f     attachments := coalesce(new, old);
    there boolean := tg_op <> 'DELETE' and f.removed_at is null;
begin
    insert into stored_files as s (customer_id, bytes) values (f.customer_id, 0)
    on conflict (customer_id) do update set bytes = s.bytes;
    if not exists (select from attachments a where a.blob_key = f.blob_key and a.id <> f.id and a.removed_at is null) then
        update stored_files s set bytes = s.bytes + case when there then f.size else -f.size end where s.customer_id = f.customer_id;
    end if;
    return null;
end $$;
-- +goose StatementEnd

lock table attachments in share mode;
update stored_files s set bytes = f.bytes
from (
    select st.customer_id, coalesce(sum(a.size), 0) as bytes
    from stored_files st
    left join (select distinct on (blob_key) customer_id, size from attachments where removed_at is null order by blob_key) a on a.customer_id = st.customer_id
    group by st.customer_id
) f
where f.customer_id = s.customer_id and f.bytes <> s.bytes;
