-- Photos and documents brought in together, from a zip or a folder: first looked
-- through, then added, and taken back again within a time.

-- +goose Up
create table file_imports (
    id            bigint generated always as identity primary key,
    name          text not null constraint file_import_name check (char_length(name) between 1 and 200), -- of the zip, or of the folder
    blob_key      text not null default '', -- the zip, until it is done with; '' of a folder at the server
    size          bigint not null default 0,
    state         text not null default 'looking' constraint file_import_state check (state in ('looking', 'ready', 'adding', 'done', 'failed', 'undoing', 'undone')),
    words         text not null default '', -- what hinders it, or why it failed
    entries       integer not null default 0, -- once they are known
    staff_id      bigint not null references staff,
    nonce         text constraint file_import_sent_twice unique,
    created_at    timestamptz not null default now(),
    started_at    timestamptz,
    finished_at   timestamptz,
    undone_at     timestamptz,
    undone_by_id  bigint references staff,
    constraint file_import_undone check ((undone_at is null) = (state <> 'undone'))
);
create index file_imports_newest on file_imports (created_at desc, id desc);
create index file_imports_open on file_imports (id) where state in ('looking', 'adding', 'undoing');

create table file_import_items (
    import_id     bigint not null references file_imports on delete cascade,
    place         integer not null, -- in the zip
    path          text not null,
    record        text not null default '', -- job J-1001, customer C-1001 equipment E-001…
    caption       text not null default '',
    taken         timestamp, -- by the clock where it was taken
    shown         boolean not null default false, -- to the customer
    size          bigint not null default 0,
    state         text not null constraint file_import_item_state check (state in ('fits', 'added', 'known', 'refused', 'left out', 'undone', 'kept')),
    reason        text not null default '',
    attachment_id bigint references attachments on delete set null,
    primary key (import_id, place)
);
create index file_import_items_by_state on file_import_items (import_id, state, place);
create index file_import_items_per_file on file_import_items (attachment_id) where attachment_id is not null;
