-- +goose Up
alter table time_entries add column updated_at timestamptz not null default now();
alter table time_entries alter column updated_at set default noted_now();
create trigger time_entries_note_change before update on time_entries for each row when (old is distinct from new) execute function note_change();
create trigger time_entries_note_deleted after delete on time_entries for each row execute function note_gone('time', 'id', 'customer_id');
