-- +goose Up
-- As of persons; also raised by suspension and by another role.
alter table staff add column stamp bigint not null default 1 constraint staff_stamp check (stamp > 0);
