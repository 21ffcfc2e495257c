-- When clocks show a time of day on a day, for statements as day.Day.At is for Go.

-- +goose Up
-- The first such moment where clocks are put back and show it twice. Where they
-- are put forward over it, as if they had not been: that of a day's missing
-- midnight is its first. What the clocks show a day before and a day after gives
-- the two moments it can be.
create function moment_of(on_day date, at_time time, zone text) returns timestamptz
language sql stable
return (
    select coalesce(min(c.at) filter (where (c.at at time zone zone) = l.local), max(c.at) filter (where c.n = 1))
    from (select on_day + at_time as local) l
    cross join lateral (select l.local at time zone 'UTC' as utc, l.local at time zone zone as guess) g
    cross join lateral (values
        (1, g.utc - (((g.guess - interval '24 hours') at time zone zone) - ((g.guess - interval '24 hours') at time zone 'UTC'))),
        (2, g.utc - (((g.guess + interval '24 hours') at time zone zone) - ((g.guess + interval '24 hours') at time zone 'UTC')))) c (n, at));

-- The first moment of a day of the business, and the hour that its clocks show
-- now. In a condition on rows they stand in a sub-select, like business_day().
create function business_day_start(on_day date) returns timestamptz
language sql stable
return (select moment_of(on_day, '00:00', time_zone) from company);

create function business_hour(at timestamptz) returns integer
language sql stable
return (select extract(hour from at at time zone time_zone)::integer from company);
