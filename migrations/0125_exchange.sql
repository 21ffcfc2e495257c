-- In step with other systems: under which ids they know our things, what changed
-- since they last looked, and what is gone.

-- +goose Up
-- noted_now is when a row is written, for lists of what changed since. now() is
-- when its transaction began, and a reader between the two would pass the row by;
-- with its id drawn first, the transaction can be seen before the clock is read.
-- +goose StatementBegin
create function noted_now() returns timestamptz language sql volatile
as $$ select case when pg_current_xact_id() is not null then clock_timestamp() end $$;
-- +goose StatementEnd

-- settled is the moment before which nothing more appears: no transaction under
-- way has noted anything earlier.
-- +goose StatementBegin
create function settled() returns timestamptz language sql volatile
as $$
    select least(clock_timestamp(), min(a.xact_start)) from pg_stat_activity a
    where a.datname = current_database() and a.backend_xid is not null and a.pid <> pg_backend_pid()
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function note_change() returns trigger language plpgsql
as $$
begin
    new.updated_at = noted_now();
    return new;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function note_change_of_work() returns trigger language plpgsql
as $$
begin
    new.changed_at = noted_now();
    return new;
end
$$;
-- +goose StatementEnd

create table external_ids (
    kind   text not null,
    source text not null constraint external_source check (source ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    id     text not null constraint external_id_long check (char_length(id) between 1 and 200),
    row_id bigint not null,
    said   jsonb, -- what the source said last, by field: else was edited here since
    at     timestamptz not null default now(),
    primary key (kind, source, id)
);
create index external_ids_of on external_ids (kind, row_id);

-- What was archived, removed or deleted. What is restored leaves it.
create table tombstones (
    kind        text not null,
    row_id      bigint not null,
    key         text not null, -- as addresses name it
    customer_id bigint,
    gone_at     timestamptz not null default noted_now(),
    primary key (kind, row_id)
);
create index tombstones_newest on tombstones (gone_at, kind, row_id);

-- note_gone takes the kind, the columns that name the thing and its customer, and
-- the one that says since when it is gone.
-- +goose StatementBegin
create function note_gone() returns trigger language plpgsql
as $$
declare
    r jsonb;
begin
    if tg_op = 'DELETE' then
        r = to_jsonb(old);
        delete from external_ids e where e.kind = tg_argv[0] and e.row_id = (r ->> 'id')::bigint;
    else
        r = to_jsonb(new);
    end if;
    if tg_op = 'DELETE' or r ->> tg_argv[3] is not null then
        insert into tombstones (kind, row_id, key, customer_id)
        values (tg_argv[0], (r ->> 'id')::bigint, r ->> tg_argv[1], (r ->> tg_argv[2])::bigint)
        on conflict do nothing;
    else
        delete from tombstones t where t.kind = tg_argv[0] and t.row_id = (r ->> 'id')::bigint;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
