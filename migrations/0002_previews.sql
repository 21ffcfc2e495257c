-- Previews of the portal as a contact sees it, and a list of all contacts.

-- +goose Up
-- A member of staff looks at the portal as a contact sees it. Such a session
-- belongs to the one of the office in which it was begun, and ends with it.
alter table sessions
    drop constraint sessions_side_check,
    drop constraint session_for_one,
    add column parent_id bigint references sessions on delete cascade,
    add column downloaded_at timestamptz,
    add constraint session_side check (side in ('portal', 'office', 'preview')),
    add constraint session_for_one check (
        case side when 'portal' then person_id is not null and staff_id is null and parent_id is null
                  when 'office' then staff_id is not null and person_id is null and contact_id is null and parent_id is null
                  else staff_id is not null and contact_id is not null and person_id is null and parent_id is not null end);
create unique index session_preview_per_session on sessions (parent_id) where parent_id is not null;

-- Contacts are found by their own words and those of their customer.
alter table contacts add column search tsvector not null default '';
-- +goose StatementBegin
create function contact_search() returns trigger language plpgsql as $$
begin
    new.search := search_vector(new.name, new.email, new.role, new.phone, digits(new.phone), new.mobile, digits(new.mobile),
        (select concat_ws(' ', number, name, company_name) from customers where id = new.customer_id));
    return new;
end $$;
create function contact_search_again() returns trigger language plpgsql as $$
begin
    update contacts set search = '' where customer_id = new.id;
    return null;
end $$;
-- +goose StatementEnd
create trigger contacts_own_search before insert or update of name, email, role, phone, mobile, search on contacts for each row execute function contact_search();
create trigger customers_contacts_search after update of number, name, company_name on customers for each row
    when ((old.number, old.name, old.company_name) is distinct from (new.number, new.name, new.company_name)) execute function contact_search_again();
update contacts set search = '';
create index contacts_search on contacts using gin (search);
create index contacts_all_by_name on contacts (name collate "und-x-icu", id);
create index contacts_not_taken_up on contacts (invited_at, id) where access = 'invited' and archived_at is null;
