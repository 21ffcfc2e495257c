-- A line comes to its quantity times its price, and no quote to less than nothing.
-- That a version comes to its lines and their taxes is no matter of one row: it is
-- worked out where both are written at once.

-- +goose Up
alter table quote_lines add constraint line_sum check (line_total = round(quantity * coalesce(unit_price_exact, unit_price))) not valid;

-- Earlier programs took credits above all else. Such versions stay as they are,
-- whatever else of them is changed.
-- +goose StatementBegin
do $$
begin
    execute format('alter table quote_versions add constraint version_not_below_nothing check (total >= 0 or created_at < %L)', now());
end $$;
-- +goose StatementEnd
