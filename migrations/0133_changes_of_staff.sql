-- +goose Up
alter table staff add column updated_at timestamptz not null default now();
alter table staff alter column updated_at set default noted_now();
create trigger staff_note_change before update on staff for each row when (old is distinct from new) execute function note_change();
create trigger staff_note_gone after update of archived_at on staff for each row when (old.archived_at is distinct from new.archived_at) execute function note_gone('staff', 'id', '', 'archived_at');
create trigger staff_note_deleted after delete on staff for each row execute function note_gone('staff', 'id', '');
