-- A line may carry a second tax, as where a country and its province both tax,
-- and a unit price may be finer than the smallest coin.

-- +goose Up
alter table tax_rates
    add column second_name text not null default '' constraint tax_rate_second_name_long check (char_length(second_name) <= 200),
    add column second_percent numeric(6,3) not null default 0 constraint tax_rate_second_percent check (second_percent between 0 and 100);

alter table quote_lines
    add column second_tax_name text not null default '',
    add column second_tax_percent numeric(6,3) not null default 0 constraint line_second_tax check (second_tax_percent between 0 and 100),
    -- In minor units and parts of them, where unit_price, which an earlier version reads, is rounded.
    add column unit_price_exact numeric(16,4) constraint line_unit_price_exact check (round(unit_price_exact) = unit_price);
