-- +goose Up
-- Who names the bytes in the store is asked by key: see internal/storage.
create index acceptances_by_signature on acceptances (signature_key) where signature_key <> '';

-- Photos whose renditions are yet to be made are looked for every minute.
create index attachments_preparing on attachments (id) where state = 'preparing' and removed_at is null;

-- Why a photo could not be prepared, for the office.
alter table attachments add column broken_because text not null default '';

-- Whose a store is: see internal/storage/owner.go.
alter table installation add column id uuid not null default gen_random_uuid();
