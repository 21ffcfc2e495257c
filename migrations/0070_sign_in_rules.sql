-- Of whom a second factor is demanded, and from which day: one row.

-- +goose Up
create table sign_in_rules (
    one          boolean primary key default true constraint sign_in_rules_once check (one),
    factor_roles text[] not null default '{}' constraint factor_roles check (factor_roles <@ array['administrator', 'office']),
    factor_from  date,
    version      bigint not null default 1,
    constraint factor_from_a_day check ((factor_from is null) = (factor_roles = '{}'))
);
insert into sign_in_rules default values;
