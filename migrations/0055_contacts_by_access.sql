-- The office's list of all contacts: by access, and the few that are archived.

-- +goose Up
create index contacts_by_access on contacts (access, customer_id) where archived_at is null;
create index contacts_archived on contacts (id) where archived_at is not null;
