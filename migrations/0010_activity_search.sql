-- The activity page, the office's search, and a portal without our name.

-- +goose Up
alter table company add column show_credit boolean not null default true;

-- The trail is searched by the people and things it names.
alter table audit_entries add column search tsvector not null generated always as (search_vector(actor_name, thing_label)) stored;
create index audit_entries_search on audit_entries using gin (search);
create index audit_entries_per_kind on audit_entries (thing, at desc, id desc);
create index audit_entries_per_actor on audit_entries (actor, at desc, id desc);
create index audit_entries_per_staff on audit_entries (staff_id, at desc, id desc) where staff_id is not null;
create index audit_entries_per_contact on audit_entries (contact_id, at desc, id desc) where contact_id is not null;
-- What contacts have changed of their company's details: the office's home counts it.
create index audit_entries_changed_details on audit_entries (at desc, id desc) where actor = 'contact' and thing in ('customer', 'site', 'contact') and action in ('created', 'edited', 'archived');

-- How many jobs an age limit hides.
create index jobs_by_age on jobs (aged_at) where aged_at < 'infinity';
create index equipment_newest_from_portal on equipment (created_at desc, id desc) where origin = 'portal';
