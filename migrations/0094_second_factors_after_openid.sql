-- Whoever of the staff gives a second factor may have come from a provider.

-- +goose Up
alter table pending_sign_ins add column openid boolean not null default false;
