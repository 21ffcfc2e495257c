-- +goose Up
alter table contacts add column updated_at timestamptz not null default now();
alter table contacts alter column updated_at set default noted_now();
create trigger contacts_note_change before update on contacts for each row when (old is distinct from new) execute function note_change();
create trigger contacts_note_gone after update of archived_at on contacts for each row when (old.archived_at is distinct from new.archived_at) execute function note_gone('contacts', 'id', 'customer_id', 'archived_at');
create trigger contacts_note_deleted after delete on contacts for each row execute function note_gone('contacts', 'id', 'customer_id');
