-- Found as people search: O'Brien by obrien, AC/DC by acdc, J-1601 by j1601,
-- Müller by mueller, and callers by their number in any spelling. What is
-- searched holds more forms of a word, and what is typed asks for all of them;
-- search_vector and search_query alone know which.

-- +goose Up
-- The plain words of a text, its punctuation taken for spaces, and again with
-- what punctuation splits joined. Letters that are also written as two (ü: ue)
-- are one in a form of their own, marked by ~, so that mueller finds Müller
-- and fuel does not find full.
-- +goose StatementBegin
create function search_letters(typed text) returns text
language sql immutable parallel safe
set search_path = public
as $$ select replace(lower(normalize(typed, NFKC)), ' & ', ' and ') $$;

create function two_letters_as_one(word text) returns text
language sql immutable parallel safe
return '~' || regexp_replace(word, '(a)[ae]|(o)e|(u)e', '\1\2\3', 'g');

create or replace function search_vector(variadic parts text[]) returns tsvector
language plpgsql immutable parallel safe
set search_path = public
as $$
declare
    letters text := search_letters(array_to_string(parts, ' '));
    plain text := unaccent(letters);
    found tsvector := to_tsvector('simple', regexp_replace(plain, '[^[:alnum:]]+', ' ', 'g'));
begin
    if plain ~ '[[:alnum:]][^[:alnum:][:space:]]+[[:alnum:]]' then
        found := found || to_tsvector('simple', regexp_replace(plain, '[^[:alnum:][:space:]]+', '', 'g'));
    end if;
    if letters ~ '[äöüåø]|ae|aa|oe|ue' then
        letters := unaccent(replace(replace(replace(replace(replace(letters, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'å', 'aa'), 'ø', 'oe'));
        found := found || coalesce((select array_to_tsvector(array_agg(distinct left(two_letters_as_one(m[1]), 200)))
            from regexp_matches(letters, '[[:alnum:]]*(?:ae|aa|oe|ue)[[:alnum:]]*', 'g') m), '');
    end if;
    return strip(found);
end $$;

-- A code, such as a serial number, is found by any part of it that begins
-- where people set one off, however they set it off.
create function code_text(code text) returns text
language sql immutable parallel safe
return case when code ~ '[^[:alnum:]]' then (
    select string_agg(array_to_string(p[i:], ''), ' ') from (select regexp_split_to_array(code, '[^[:alnum:]]+') p) parts, generate_series(1, least(cardinality(p), 8)) i) end;

-- Telephone numbers by their digits from each place on, marked by #: of a
-- spelling with the country's code, or a 0 in front, the rest is the same. All
-- of them are marked by ^, too: how a number begins.
create function phone_vector(variadic phones text[]) returns tsvector
language sql immutable parallel safe
set search_path = public
as $$
    select coalesce(array_to_tsvector(array_agg(distinct '#' || substr(number, i)) || array_agg(distinct '^' || number)), '')
    from unnest(phones) phone, regexp_split_to_table(phone, '[[:alpha:],;|]+|\s/\s') piece, left(digits(piece), 20) number, generate_series(1, length(number) - 3) i
$$;

-- What finds a telephone number, null for what is none. Four or five digits are
-- the first or the last ones. Of more, the code of a country (as E.164 gives them out) and a
-- leading 0 are left away.
create function phone_query(typed text) returns tsquery
language plpgsql immutable parallel safe
set search_path = public
as $$
declare
    number text := left(digits(normalize(typed, NFKC)), 20);
    abroad constant text := '^(1|7|20|27|2[1-689].|3[0-469]|3[578].|4[013-9]|42.|5[1-8]|5[09].|6[0-6]|6[789].|8[1246]|8[035789].|9[0-58]|9[679].)0*';
    national text;
begin
    if typed ~ '[[:alpha:]]' or length(number) < 4 then
        return null;
    elsif length(number) < 6 then
        return (quote_literal('#' || number) || ' | ' || quote_literal('^' || number) || ':*')::tsquery;
    elsif normalize(typed, NFKC) ~ '^\s*\+' or number ~ '^00' then
        national := regexp_replace(ltrim(number, '0'), abroad, '');
    elsif number ~ '^0' then
        national := ltrim(number, '0');
    elsif length(number) > 9 then
        national := regexp_replace(number, abroad, '');
    end if;
    return (quote_literal('#' || number) || ':*' || case when length(national) > 5 then ' | ' || quote_literal('#' || national) || ':*' else '' end)::tsquery;
end $$;

-- Each word is the beginning of one. What is typed in one piece, or in all, is
-- also looked for with its parts joined.
create or replace function search_query(typed text) returns tsquery
language plpgsql immutable parallel safe
set search_path = public
as $$
declare
    query tsquery;
    piece_query tsquery;
    word_query tsquery;
    piece text;
    word text;
    one_letter text;
    words text[];
    pieces integer := 0;
    total integer := 0;
    joined text := '';
begin
    foreach piece in array regexp_split_to_array(unaccent(search_letters(left(typed, 200))), '\s+') loop
        words := array(select w from regexp_split_to_table(piece, '[^[:alnum:]]+') w where w <> '');
        exit when total = 10;
        continue when cardinality(words) = 0;
        words := words[:10 - total];
        pieces := pieces + 1;
        total := total + cardinality(words);
        joined := joined || array_to_string(words, '');
        piece_query := null;
        foreach word in array words loop
            word_query := (quote_literal(word) || ':*')::tsquery;
            if length(word) > 2 and word ~ '[aou]' then
                one_letter := two_letters_as_one(word);
                word_query := word_query || (quote_literal(one_letter) || ':*')::tsquery;
                if one_letter <> '~' || word then -- Muller, by mueller; but whole, for the sake of full
                    word_query := word_query || quote_literal(ltrim(one_letter, '~'))::tsquery;
                end if;
            end if;
            piece_query := coalesce(piece_query && word_query, word_query);
        end loop;
        if cardinality(words) > 1 then
            piece_query := piece_query || (quote_literal(array_to_string(words, '')) || ':*')::tsquery;
        end if;
        piece_query := coalesce(piece_query || phone_query(piece), piece_query);
        query := coalesce(query && piece_query, piece_query);
    end loop;
    if pieces between 2 and 5 then
        query := query || (quote_literal(joined) || ':*')::tsquery;
    end if;
    if pieces > 1 then
        query := coalesce(query || phone_query(typed), query);
    end if;
    return coalesce(query, '');
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function customer_search() returns trigger language plpgsql as $$
begin
    -- Cut where a tsvector would end: a customer may have any number of contacts and sites.
    new.search := search_vector(new.number, new.name, new.company_name, new.phone, new.mobile, new.email, address_text(new.street), address_text(new.postal),
            left((select string_agg(concat_ws(' ', name, email, phone, mobile), ' ') from contacts where customer_id = new.id and archived_at is null), 100000),
            left((select string_agg(concat_ws(' ', name, address_text(address)), ' ') from sites where customer_id = new.id and archived_at is null), 100000))
        || phone_vector(new.phone, new.mobile)
        || phone_vector(variadic array(select phone || ';' || mobile from contacts where customer_id = new.id and archived_at is null and phone || mobile <> '' order by id limit 2000));
    return new;
end $$;
create or replace function contact_search() returns trigger language plpgsql as $$
begin
    new.search := search_vector(new.name, new.email, new.role, new.phone, new.mobile, (select concat_ws(' ', number, name, company_name) from customers where id = new.customer_id))
        || phone_vector(new.phone, new.mobile);
    return new;
end $$;
create or replace function job_search() returns trigger language plpgsql as $$
begin
    new.search := search_vector(new.number, new.name, new.description, new.purchase_order, code_text(new.purchase_order), new.work_undertaken,
        (select concat_ws(' ', name, address_text(address)) from sites where id = new.site_id));
    return new;
end $$;
create or replace function quote_search() returns trigger language plpgsql as $$
declare
    place text := (select concat_ws(' ', name, address_text(address)) from sites where id = new.site_id);
begin
    new.search := search_vector(new.number, new.name, new.description, new.purchase_order, code_text(new.purchase_order), place);
    new.portal_search := case when new.sent_version is null then new.search
        else (select search_vector(new.number, name, description, new.purchase_order, code_text(new.purchase_order), place) from quote_versions where quote_id = new.id and number = new.sent_version) end;
    return new;
end $$;
create or replace function equipment_search() returns trigger language plpgsql as $$
begin
    new.search := search_vector(new.number, new.name, new.type, new.location, new.make, new.model, code_text(new.model), new.serial_number, code_text(new.serial_number),
        (select concat_ws(' ', name, address_text(address)) from sites where id = new.site_id));
    return new;
end $$;
-- +goose StatementEnd

-- Sites and files by their names.
create index sites_search on sites using gin (search_vector(name, address_text(address)));
create index attachments_search on attachments using gin (customer_id, search_vector(name, caption)) where removed_at is null;

-- All there is, found by the new forms. Indexes of words are made again
-- afterwards: that is faster than to change them row by row.
drop index jobs_search, quotes_search, quotes_portal_search, equipment_search, equipment_all_search, contacts_search, customers_search;
update contacts set search = '';
update customers set search = '';
update jobs set search = '';
update quotes set search = '';
update equipment set search = '';
create index customers_search on customers using gin (search);
create index contacts_search on contacts using gin (search);
create index jobs_search on jobs using gin (customer_id, search);
create index quotes_search on quotes using gin (customer_id, search);
create index quotes_portal_search on quotes using gin (customer_id, portal_search);
create index equipment_search on equipment using gin (customer_id, search);
create index equipment_all_search on equipment using gin (search);
drop function phone_text(text);
