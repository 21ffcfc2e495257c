-- Staff have what contacts have: devices that are known, and a sign-in address
-- that holds once its link was opened.

-- +goose Up
alter table devices
    alter column person_id drop not null,
    add column staff_id bigint references staff,
    add constraint device_of_staff unique (staff_id, token_hash),
    add constraint device_for_one check (num_nonnulls(person_id, staff_id) = 1);

alter table links drop constraint link_purpose, drop constraint link_for_one,
    add constraint link_purpose check (purpose in ('invitation', 'reset', 'email-change', 'staff-invitation', 'staff-reset', 'staff-email-change')),
    add constraint link_for_one check (
        case when purpose = 'invitation' then contact_id is not null and staff_id is null
             when purpose in ('reset', 'email-change') then person_id is not null and contact_id is null and staff_id is null
             else staff_id is not null and contact_id is null and person_id is null end);

-- Who does not sign in has no password: it would come back to life with the role.
update staff set password_hash = '' where role = 'field' and password_hash <> '';
