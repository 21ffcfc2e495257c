-- When they changed in any way is another thing than updated_at, by which the
-- office's home reckons how long something waits.

-- +goose Up
alter table quotes add column changed_at timestamptz not null default now();
alter table quotes alter column changed_at set default noted_now();
create trigger quotes_note_change before update on quotes for each row when (old is distinct from new) execute function note_change_of_work();
create trigger quotes_note_deleted after delete on quotes for each row execute function note_gone('quotes', 'number', 'customer_id');
