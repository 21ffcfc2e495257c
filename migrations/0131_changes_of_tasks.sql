-- +goose Up
alter table tasks add column updated_at timestamptz not null default now();
alter table tasks alter column updated_at set default noted_now();
create trigger tasks_note_change before update on tasks for each row when (old is distinct from new) execute function note_change();
create trigger tasks_note_deleted after delete on tasks for each row execute function note_gone('tasks', 'id', 'customer_id');
