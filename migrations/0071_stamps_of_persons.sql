-- +goose Up
-- Raised by whatever ends what somebody has proved: another password, another
-- address. A session begins only by the stamp that was there when they proved
-- who they are, however they did. None is 0, so that who proved nothing begins none.
alter table persons add column stamp bigint not null default 1 constraint person_stamp check (stamp > 0);
