-- A contact who comes in by their company's provider alone is nobody who signs in
-- elsewhere. Another address is somebody else: whom the provider knew is not them.

-- +goose Up
alter table contacts drop constraint contact_active_person;

-- +goose StatementBegin
create function contact_identities_end() returns trigger language plpgsql as $$
begin
    delete from contact_identities where contact_id = new.id;
    return null;
end $$;
-- +goose StatementEnd
create trigger contacts_identities after update of email, customer_id, archived_at on contacts for each row
    when (lower(new.email) <> lower(old.email) or new.customer_id <> old.customer_id or new.archived_at is not null and old.archived_at is null)
    execute function contact_identities_end();
