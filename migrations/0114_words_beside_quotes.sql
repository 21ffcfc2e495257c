-- +goose NO TRANSACTION
-- Those that are elsewhere come back, some quotes at a time: nobody waits long
-- for one of them. A second start begins anew, and does no harm.

-- +goose Up
-- +goose StatementBegin
do $$
declare
    last bigint := 0;
    batch bigint[];
begin
    loop
        select array_agg(id), max(id) into batch, last from (select id from quotes where id > last order by id limit 500) q;
        exit when batch is null;
        update quotes set search = '' where id in (select q.id from quotes q where q.id = any(batch) and pg_column_size(q.*) > 1990 for update skip locked);
        commit;
    end loop;
end $$;
-- +goose StatementEnd
