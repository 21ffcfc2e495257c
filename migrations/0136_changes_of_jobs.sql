-- When they changed in any way is another thing than updated_at, by which the
-- office's home reckons how long something waits.

-- +goose Up
alter table jobs add column changed_at timestamptz not null default now();
alter table jobs alter column changed_at set default noted_now();
create trigger jobs_note_change before update on jobs for each row execute function note_change_of_work();
create trigger jobs_note_deleted after delete on jobs for each row execute function note_gone('jobs', 'number', 'customer_id');
