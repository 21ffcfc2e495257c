-- +goose NO TRANSACTION

-- +goose Up
create index concurrently if not exists pending_sign_ins_per_company_visit on pending_sign_ins (company_visit_id) where company_visit_id is not null;
