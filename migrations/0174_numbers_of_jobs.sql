-- A number that an import has kept is passed over.

-- +goose Up
alter table jobs alter column number set default next_job_number();
