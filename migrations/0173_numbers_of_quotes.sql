-- A number that an import has kept is passed over.

-- +goose Up
alter table quotes alter column number set default next_quote_number();
