-- A session of the office may have begun at the business's provider; one of the
-- portal, at a customer's: it is that customer's contact, and no person.

-- +goose Up
alter table sessions
    add column openid boolean not null default false,
    add column company_visit_id bigint references company_visits on delete cascade,
    drop constraint session_for_one,
    add constraint session_for_one check (
        case side when 'portal' then staff_id is null and parent_id is null
                      and case when company_visit_id is null then person_id is not null else person_id is null and contact_id is not null end
                  when 'office' then staff_id is not null and person_id is null and contact_id is null and parent_id is null
                  else staff_id is not null and contact_id is not null and person_id is null and parent_id is not null end) not valid;
