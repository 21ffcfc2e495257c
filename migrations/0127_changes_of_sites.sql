-- +goose Up
alter table sites add column updated_at timestamptz not null default now();
alter table sites alter column updated_at set default noted_now();
create trigger sites_note_change before update on sites for each row execute function note_change();
create trigger sites_note_gone after update of archived_at on sites for each row when (old.archived_at is distinct from new.archived_at) execute function note_gone('sites', 'id', 'customer_id', 'archived_at');
create trigger sites_note_deleted after delete on sites for each row execute function note_gone('sites', 'id', 'customer_id');
