-- Files of other programs, brought in: what was sent, how it is read, and what
-- became of each thing in it, so that it can go on after a break and be undone.

-- +goose Up
create table imports (
    id           bigint generated always as identity primary key,
    name         text not null, -- of the file
    file_size    bigint not null,
    blob_key     text not null, -- '' once it is read, or too old
    kind         text not null default '' constraint import_kind check (kind in ('', 'xlsx', 'csv')),
    source       text not null default '', -- under which ids are kept
    state        text not null default 'reading'
        constraint import_state check (state in ('reading', 'unreadable', 'read', 'checking', 'checked', 'running', 'done', 'undoing', 'undone')),
    why          text not null default '', -- it is unreadable
    tables       jsonb not null default '[]',
    mapping      jsonb not null default '{}',
    mapping_name text not null default '',
    overwrite    boolean not null default false, -- what was edited here since
    progress     integer not null default 0,
    total        integer not null default 0,
    staff_id     bigint references staff,
    by_name      text not null,
    nonce        text unique,
    version      bigint not null default 1,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    finished_at  timestamptz,
    undone_at    timestamptz
);
create index imports_newest on imports (created_at desc, id desc);

create table import_rows (
    import_id bigint not null references imports on delete cascade,
    sheet     integer not null,
    line      integer not null,
    kinds     text not null, -- of the cells, a letter each
    cells     text[] not null,
    primary key (import_id, sheet, line)
);

create table import_things (
    import_id bigint not null references imports on delete cascade,
    place     integer not null, -- in the order in which they are brought in
    kind      text not null,
    sheet     integer not null, -- -1 for what the mapping makes
    line      integer not null,
    external  text not null default '',
    body      jsonb,
    mode      text not null default '' constraint import_mode check (mode in ('', 'missing', 'blanks')),
    columns   jsonb not null default '{}', -- the column of each field
    twin      text not null default '', -- the contact of the same address
    label     text not null default '',
    state     text not null, -- what the check said
    problems  jsonb not null default '{}',
    fields    text[] not null default '{}',
    edited    text[] not null default '{}',
    done      text, -- what became of it
    row_id    bigint,
    ref       text not null default '', -- as addresses name it
    version   bigint not null default 0,
    before    jsonb,
    undone    text constraint import_undone check (undone in ('removed', 'restored', 'left')),
    primary key (import_id, place)
);
create index import_things_by_state on import_things (import_id, state, kind, place);
create index import_things_waiting on import_things (import_id, place) where done is null;
create index import_things_by_row on import_things (import_id, kind, row_id) where row_id is not null;

create table import_mappings (
    id         bigint generated always as identity primary key,
    name       text not null constraint import_mapping_name check (char_length(name) between 1 and 100),
    heads      text not null, -- of all tables
    source     text not null,
    mapping    jsonb not null,
    by_name    text not null,
    updated_at timestamptz not null default now()
);
create unique index import_mappings_by_name on import_mappings (lower(name));
create index import_mappings_by_heads on import_mappings (md5(heads), updated_at desc);

