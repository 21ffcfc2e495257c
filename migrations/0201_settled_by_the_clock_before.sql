-- The clock is read before other transactions are looked at. What begins to write
-- in between then notes a later moment; read the other way round, it could note an
-- earlier one that nobody would come back to.

-- +goose Up
-- +goose StatementBegin
create or replace function settled() returns timestamptz language plpgsql volatile
as $$
declare
    moment timestamptz := clock_timestamp();
begin
    return least(moment, (
        select min(a.xact_start) from pg_stat_activity a
        where a.datname = current_database() and a.backend_xid is not null and a.pid <> pg_backend_pid()));
end $$;
-- +goose StatementEnd
