-- +goose Up
alter table messages add column updated_at timestamptz not null default now();
alter table messages alter column updated_at set default noted_now();
create trigger messages_note_change before update on messages for each row execute function note_change();
create trigger messages_note_deleted after delete on messages for each row execute function note_gone('messages', 'id', 'customer_id');
