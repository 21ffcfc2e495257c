-- A session of the office may have begun at the business's provider; one of the
-- portal, at a customer's, which opens that customer alone.

-- +goose Up
alter table sessions
    add column openid boolean not null default false,
    add column company_visit_id bigint references company_visits on delete cascade;
