-- One way to know which day it is for the business.

-- +goose Up

-- In a condition on rows it stands in a sub-select, (select business_day()), so
-- that it is asked once and not for each row.
-- +goose StatementBegin
create function business_day() returns date
language sql stable parallel safe
as $$ select (now() at time zone time_zone)::date from company $$;
-- +goose StatementEnd
