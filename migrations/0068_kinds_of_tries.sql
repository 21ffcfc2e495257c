-- Digits are tried as passwords are: those of a code by email, and those of a
-- second factor. Rows that are there fit: nothing is read to make sure.

-- +goose Up
alter table attempts drop constraint attempts_kind_check,
    add constraint attempt_kind check (kind in ('sign-in', 'reset', 'code', 'factor')) not valid;
