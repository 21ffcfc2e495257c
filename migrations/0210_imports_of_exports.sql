-- An export of everything is a file that is brought in, too.

-- +goose Up
alter table imports
    drop constraint import_kind,
    add constraint import_kind check (kind in ('', 'xlsx', 'csv', 'export'));
