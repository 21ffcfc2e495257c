-- Senders whose emails nobody wants to look at.

-- +goose Up
create table blocked_senders (
    address  text primary key constraint blocked_sender_small check (address = lower(address) and address <> ''),
    at       timestamptz not null default now(),
    staff_id bigint references staff
);
