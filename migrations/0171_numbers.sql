-- Numbers of customers, quotes and jobs: what is drawn is never one that an import
-- has kept, and Administration sets the next one.

-- +goose Up
-- The figure in a number of the sequence; null of any other text, which an import may have kept.
-- +goose StatementBegin
create function number_value(prefix text, number text) returns bigint language sql immutable parallel safe as $$
    select case when left(number, length(prefix)) = prefix and substr(number, length(prefix) + 1) ~ '^[1-9][0-9]{0,8}$' then substr(number, length(prefix) + 1)::bigint end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function next_customer_number() returns text language plpgsql volatile as $$
declare
    n text;
begin
    loop
        n := 'C-' || nextval('customer_numbers');
        exit when not exists (select from customers where number = n);
    end loop;
    return n;
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create function next_quote_number() returns text language plpgsql volatile as $$
declare
    n text;
begin
    loop
        n := 'Q-' || nextval('quote_numbers');
        exit when not exists (select from quotes where number = n);
    end loop;
    return n;
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create function next_job_number() returns text language plpgsql volatile as $$
declare
    n text;
begin
    loop
        n := 'J-' || nextval('job_numbers');
        exit when not exists (select from jobs where number = n);
    end loop;
    return n;
end $$;
-- +goose StatementEnd

-- What a sequence comes to next: the figure that it draws, and the highest in use.
-- +goose StatementBegin
create function number_state(kind text, out draws bigint, out highest bigint) language plpgsql volatile as $$
begin
    case kind
        when 'customer' then
            select case when s.is_called then s.last_value + 1 else s.last_value end into draws from customer_numbers s;
            select number_value('C-', number) into highest from customers where number_value('C-', number) is not null order by number_value('C-', number) desc limit 1;
        when 'quote' then
            select case when s.is_called then s.last_value + 1 else s.last_value end into draws from quote_numbers s;
            select number_value('Q-', number) into highest from quotes where number_value('Q-', number) is not null order by number_value('Q-', number) desc limit 1;
        when 'job' then
            select case when s.is_called then s.last_value + 1 else s.last_value end into draws from job_numbers s;
            select number_value('J-', number) into highest from jobs where number_value('J-', number) is not null order by number_value('J-', number) desc limit 1;
    end case;
    highest := coalesce(highest, 0);
end $$;
-- +goose StatementEnd

-- set_next_number lets a sequence go on with another figure, never backwards and
-- never with one in use or below: done is false then, and lowest the least it may
-- be. Who draws meanwhile waits, so that between the look and the setting nobody
-- does; a transaction that is undone undoes this, too.
-- +goose StatementBegin
create function set_next_number(kind text, next bigint, out done boolean, out lowest bigint)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    name  text := case kind when 'customer' then 'customer_numbers' when 'quote' then 'quote_numbers' when 'job' then 'job_numbers' end;
    state record;
begin
    if name is null or next not between 1 and 999999999 then
        raise exception 'no such number: % of %', next, kind;
    end if;
    execute format('alter sequence public.%I increment by 1', name); -- nothing but the lock
    select * into state from public.number_state(kind);
    lowest := greatest(state.draws, state.highest + 1);
    done := next >= lowest;
    if done and next <> state.draws then
        execute format('alter sequence public.%I restart with %s', name, next);
    end if;
end $$;
-- +goose StatementEnd
