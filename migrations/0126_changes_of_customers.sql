-- +goose Up
alter table customers add column updated_at timestamptz not null default now();
alter table customers alter column updated_at set default noted_now();
create trigger customers_note_change before update on customers for each row when (old is distinct from new) execute function note_change();
create trigger customers_note_gone after update of archived_at on customers for each row when (old.archived_at is distinct from new.archived_at) execute function note_gone('customers', 'number', 'id', 'archived_at');
create trigger customers_note_deleted after delete on customers for each row execute function note_gone('customers', 'number', 'id');
