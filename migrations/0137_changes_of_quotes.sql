-- +goose Up
alter table quotes alter column updated_at set default noted_now();
create trigger quotes_note_change before update on quotes for each row when (old is distinct from new) execute function note_change();
create trigger quotes_note_deleted after delete on quotes for each row execute function note_gone('quotes', 'number', 'customer_id');
