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
