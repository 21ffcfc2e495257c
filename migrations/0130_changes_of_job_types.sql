-- +goose Up
alter table job_types add column updated_at timestamptz not null default now();
alter table job_types alter column updated_at set default noted_now();
create trigger job_types_note_change before update on job_types for each row when (old is distinct from new) execute function note_change();
create trigger job_types_note_deleted after delete on job_types for each row execute function note_gone('job-types', 'id', '');
