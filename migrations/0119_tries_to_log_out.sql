-- Who says that they are a company's provider, and is not, is counted. Rows that are
-- there fit: nothing is read to make sure.

-- +goose Up
alter table attempts drop constraint attempt_kind,
    add constraint attempt_kind check (kind in ('sign-in', 'reset', 'code', 'factor', 'logout')) not valid;
