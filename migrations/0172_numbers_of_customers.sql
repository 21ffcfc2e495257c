-- A number that an import has kept is passed over.

-- +goose Up
alter table customers alter column number set default next_customer_number();
