-- An answer given through a record link, with a code from the contact's mailbox.

-- +goose Up
alter table acceptances add column by_link boolean not null default false
    constraint acceptance_by_link check (not by_link or way = 'portal');
