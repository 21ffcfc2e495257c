-- A line of a quote may take something off the lines above it, by an amount or
-- in per cent of them.

-- +goose Up
alter table quote_lines
    add column discount boolean not null default false,
    add column discount_percent numeric(6,3) not null default 0 constraint line_discount_percent check (discount_percent between 0 and 100),
    -- What it takes off is its price, worked out where it is in per cent. Its tax is that of what it covers.
    add constraint line_discount check (
        case when discount then quantity = -1 and unit_price >= 0 and line_total = -unit_price and tax_percent = 0 and second_tax_percent = 0
        else discount_percent = 0 end);

-- What quotes begin with. Neither is removed: an archived one is not offered.
create table quote_templates (
    id          bigint generated always as identity primary key,
    name        text not null constraint quote_template_name_missing check (name <> '') constraint quote_template_name_long check (char_length(name) <= 200),
    description text not null default '' constraint quote_template_description_long check (char_length(description) <= 10000),
    inclusions  text not null default '' constraint quote_template_inclusions_long check (char_length(inclusions) <= 10000),
    exclusions  text not null default '' constraint quote_template_exclusions_long check (char_length(exclusions) <= 10000),
    terms       text not null default '' constraint quote_template_terms_long check (char_length(terms) <= 10000),
    currency    text not null, -- of the prices on its lines
    lines       jsonb not null default '[]' constraint quote_template_lines check (jsonb_typeof(lines) = 'array'),
    active      boolean not null default true,
    nonce       text unique,
    version     bigint not null default 1
);
create unique index quote_template_name_taken on quote_templates (lower(name)) where active;

create table saved_lines (
    id          bigint generated always as identity primary key,
    code        text not null constraint saved_line_code_missing check (code <> '') constraint saved_line_code_long check (char_length(code) <= 50),
    description text not null constraint saved_line_description_missing check (description <> '') constraint saved_line_description_long check (char_length(description) <= 10000),
    currency    text not null,
    unit_price  numeric(16,4) not null, -- in minor units and parts of them
    tax         text not null default '', -- the key of a rate; the standard one without
    active      boolean not null default true,
    nonce       text unique,
    version     bigint not null default 1
);
create unique index saved_line_code_taken on saved_lines (lower(code)) where active;
