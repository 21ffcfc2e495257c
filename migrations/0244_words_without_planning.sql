-- Each row that is searched for says its words when it is written. These three
-- planned their statement anew in each transaction, which took longer than what
-- it does. What they answer stays the same.

-- +goose Up
-- +goose StatementBegin
create or replace function search_letters(typed text) returns text language sql immutable parallel safe
    return replace(lower(normalize(typed, NFKC)), ' & ', ' and ');
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function code_text(code text) returns text language plpgsql immutable parallel safe as $$
declare
    parts text[];
    found text;
begin
    if code ~ '[^[:alnum:]]' then
        parts := regexp_split_to_array(code, '[^[:alnum:]]+');
        for i in 1 .. least(cardinality(parts), 8) loop
            found := concat_ws(' ', found, array_to_string(parts[i:], ''));
        end loop;
    end if;
    return found;
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function own_words(customer bigint, words tsvector) returns tsvector language plpgsql immutable parallel safe cost 500 as $$
begin
    if words::text ~ '[^'' ]{250}' then
        return (select array_to_tsvector(array_agg(distinct customer || '/' || left(lexeme, 250))) from unnest(words));
    end if;
    return replace(' ' || words::text, ' ''', ' ''' || customer || '/')::tsvector;
end $$;
-- +goose StatementEnd
