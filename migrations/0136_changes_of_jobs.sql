-- +goose Up
alter table jobs alter column updated_at set default noted_now();
create trigger jobs_note_change before update on jobs for each row execute function note_change();
create trigger jobs_note_deleted after delete on jobs for each row execute function note_gone('jobs', 'number', 'customer_id');
