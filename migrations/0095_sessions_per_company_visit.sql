-- +goose NO TRANSACTION

-- +goose Up
create index concurrently if not exists sessions_per_company_visit on sessions (company_visit_id) where company_visit_id is not null;
