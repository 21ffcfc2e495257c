-- +goose Up
alter table equipment add column updated_at timestamptz not null default now();
alter table equipment alter column updated_at set default noted_now();
create trigger equipment_note_change before update on equipment for each row execute function note_change();
create trigger equipment_note_deleted after delete on equipment for each row execute function note_gone('equipment', 'public_id', 'customer_id');
