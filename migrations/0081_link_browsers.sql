-- Browsers in which a code from a contact's mailbox was typed at a record link:
-- they need no other one.

-- +goose Up
create table link_browsers (
    customer_id bigint not null,
    contact_id  bigint not null,
    token_hash  text not null,
    address     text not null, -- whose mailbox it was
    at          timestamptz not null default now(),
    foreign key (customer_id, contact_id) references contacts (customer_id, id) deferrable,
    constraint link_browser_of_contact primary key (contact_id, token_hash)
);
create index link_browsers_by_age on link_browsers (at);
