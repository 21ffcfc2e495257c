-- What requests of the API that carry a key have made, so that the same request
-- makes it once, whatever dies in between.

-- +goose Up
create table records_made (
    nonce  text primary key,
    kind   text not null,
    row_id bigint not null,
    at     timestamptz not null default now()
);
create index records_made_by_age on records_made (at);
