-- Which notifications a contact wants on their phone, of those chosen about.

-- +goose Up
create table push_choices (
    customer_id bigint not null,
    contact_id  bigint not null,
    kind        text not null,
    wanted      boolean not null,
    primary key (contact_id, kind),
    foreign key (customer_id, contact_id) references contacts (customer_id, id) deferrable
);
