-- +goose Up
alter table attachments add column updated_at timestamptz not null default now();
alter table attachments alter column updated_at set default noted_now();
create trigger attachments_note_change before update on attachments for each row when (old is distinct from new) execute function note_change();
create trigger attachments_note_gone after update of removed_at on attachments for each row when (old.removed_at is distinct from new.removed_at) execute function note_gone('files', 'public_id', 'customer_id', 'removed_at');
create trigger attachments_note_deleted after delete on attachments for each row execute function note_gone('files', 'public_id', 'customer_id');
