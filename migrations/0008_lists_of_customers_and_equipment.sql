-- The lists of customers and equipment of the whole business: each order and
-- each filter finds its rows without reading all of them. And a customer is
-- found by the telephone numbers of its contacts, too, since they are who calls.

-- +goose Up
create index customers_newest on customers (created_at desc, id desc);
create index customers_by_number on customers (lpad(digits(number), 20, '0'), id);
create index customers_per_type on customers (customer_type, name collate "und-x-icu", id) where customer_type <> '';
create index customers_per_manager on customers (account_manager_id, name collate "und-x-icu", id) where account_manager_id is not null;
create index customers_on_hold on customers (name collate "und-x-icu", id) where on_hold;
create index customers_archived on customers (name collate "und-x-icu", id) where archived_at is not null;

-- What is open at a customer, and at one of its sites, is counted in lists of either.
create index jobs_open_per_site on jobs (customer_id, site_id) where status not in ('completed', 'closed', 'cancelled');

create index equipment_all_by_name on equipment (name collate "und-x-icu", id);
create index equipment_all_by_service on equipment (service_key, id);
create index equipment_all_newest on equipment (created_at desc, id desc);
create index equipment_all_by_warranty on equipment (coalesce(warranty_until, 'infinity'::date), id);
create index equipment_per_type on equipment (type collate "und-x-icu", id);
create index equipment_newest_per_customer on equipment (customer_id, created_at desc, id desc);
create index equipment_all_search on equipment using gin (search);
create index equipment_retired on equipment (name collate "und-x-icu", id) where status = 'retired';

-- A telephone number is found as it was entered, without its spaces, and with or
-- without the codes of country and area.
create function phone_text(phone text) returns text
language sql immutable parallel safe
return concat_ws(' ', phone, digits(phone), right(digits(phone), 9), right(digits(phone), 8));

-- Cut where a tsvector would end: a customer may have any number of contacts and sites.
-- +goose StatementBegin
create or replace function customer_search() returns trigger language plpgsql as $$
begin
    new.search := search_vector(new.number, new.name, new.company_name, phone_text(new.phone), phone_text(new.mobile), new.email, address_text(new.street), address_text(new.postal),
        left((select string_agg(concat_ws(' ', name, email, phone_text(phone), phone_text(mobile)), ' ') from contacts where customer_id = new.id and archived_at is null), 200000),
        left((select string_agg(concat_ws(' ', name, address_text(address)), ' ') from sites where customer_id = new.id and archived_at is null), 200000));
    return new;
end $$;
-- +goose StatementEnd
drop trigger contacts_search on contacts;
create trigger contacts_search_new after insert on contacts for each row execute function customer_search_again();
create trigger contacts_search after update of name, email, phone, mobile, archived_at on contacts for each row
    when ((old.name, old.email, old.phone, old.mobile, old.archived_at) is distinct from (new.name, new.email, new.phone, new.mobile, new.archived_at)) execute function customer_search_again();
update customers set search = '';
