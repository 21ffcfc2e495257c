-- Lists of what changed since, and customers by the name that a file gives them.

-- +goose NO TRANSACTION

-- +goose Up
create index concurrently if not exists customers_changed on customers (updated_at, id);
create index concurrently if not exists sites_changed on sites (updated_at, id);
create index concurrently if not exists contacts_changed on contacts (updated_at, id);
create index concurrently if not exists equipment_changed on equipment (updated_at, id);
create index concurrently if not exists tasks_changed on tasks (updated_at, id);
create index concurrently if not exists time_entries_changed on time_entries (updated_at, id);
create index concurrently if not exists attachments_changed on attachments (updated_at, id);
create index concurrently if not exists messages_changed on messages (updated_at, id);
create index concurrently if not exists jobs_changed on jobs (changed_at, id);
create index concurrently if not exists quotes_changed on quotes (changed_at, id);
create index concurrently if not exists customers_called on customers (lower(name));
