-- Contacts search the words of their own customer and read those of no other:
-- each word stands in the index with the customer's number in front, so that a
-- search takes as long as the customer's own matches, whatever others have.
-- What files are called that a thing's contacts see stands with the thing.

-- +goose Up
-- The words as the index has them: the same with the customer in front. Nothing
-- longer is typed than 200 letters, and nothing much longer fits an index.
create function own_words(customer bigint, words tsvector) returns tsvector
language sql immutable parallel safe cost 500
return case
    when words::text ~ '[^'' ]{250}' then (select array_to_tsvector(array_agg(distinct customer || '/' || left(lexeme, 250))) from unnest(words))
    else replace(' ' || words::text, ' ''', ' ''' || customer || '/')::tsvector end;

-- What an index is asked for a query of search_query: it may give more, and rows
-- are looked at. A single letter beside other words would read every word that
-- begins with it: j of j-1562 the numbers of all jobs.
create function wide_query(query tsquery) returns tsquery
language sql immutable parallel safe
return regexp_replace(regexp_replace(query::text, '''.'':\* & ', '', 'g'), ' & ''.'':\*', '', 'g')::tsquery;

-- A query of search_query for own_words. Words have neither quotes nor blanks.
create function own_query(customer bigint, query tsquery) returns tsquery
language sql immutable parallel safe
return regexp_replace(query::text, '''([^'']+)''', '''' || customer || '/\1''', 'g')::tsquery;

-- The names and captions of the files on a thing that are shown to whoever sees it.
alter table jobs add column file_words tsvector not null default '';
alter table quotes add column file_words tsvector not null default '';
alter table equipment add column file_words tsvector not null default '';


-- Words of sites and files, kept: the newest are looked through one by one.
alter table sites add column search tsvector not null generated always as (search_vector(name, address_text(address))) stored;
alter table attachments add column search tsvector not null default '';

-- +goose StatementBegin
create function attachment_search() returns trigger language plpgsql as $$
begin
    new.search := search_vector(new.name, new.caption);
    return new;
end $$;

-- Cut long before a tsvector would end: that is several thousand files on one
-- thing. One thing after the other, always in the same order, so that two who do
-- it wait for each other; and looked at after the wait, so that neither forgets
-- what the other added.
create function set_file_words(things text, named text, changed bigint[]) returns void language plpgsql as $$
declare
    thing bigint;
begin
    for thing in select distinct id from unnest(changed) id where id is not null order by id loop
        execute format('select from %I where id = $1 for no key update', things) using thing;
        execute format('update %I set file_words = files.words from (
                select search_vector(left(string_agg(concat_ws('' '', name, caption), '' '' order by id), 40000)) as words
                from attachments where %I = $1 and customer_view and removed_at is null) files
            where id = $1 and file_words <> files.words', things, named) using thing;
    end loop;
end $$;

create function attachments_named() returns trigger language plpgsql as $$
declare
    j bigint[];
    q bigint[];
    e bigint[];
begin
    case tg_op
    when 'INSERT' then
        select array_agg(job_id), array_agg(quote_id), array_agg(equipment_id) into j, q, e from added where customer_view and removed_at is null;
    when 'DELETE' then
        select array_agg(job_id), array_agg(quote_id), array_agg(equipment_id) into j, q, e from gone where customer_view and removed_at is null;
    else
        select array_agg(job_id), array_agg(quote_id), array_agg(equipment_id) into j, q, e
        from (select id, job_id, quote_id, equipment_id, name, caption, customer_view and removed_at is null as shown from gone
            union select id, job_id, quote_id, equipment_id, name, caption, customer_view and removed_at is null from added) both_sides
        where id in (select o.id from gone o join added n on n.id = o.id
            where (o.job_id, o.quote_id, o.equipment_id, o.name, o.caption, o.customer_view and o.removed_at is null)
                is distinct from (n.job_id, n.quote_id, n.equipment_id, n.name, n.caption, n.customer_view and n.removed_at is null));
    end case;
    perform set_file_words('jobs', 'job_id', j), set_file_words('quotes', 'quote_id', q), set_file_words('equipment', 'equipment_id', e);
    return null;
end $$;
-- +goose StatementEnd
create trigger attachments_search before insert or update of name, caption, search on attachments for each row execute function attachment_search();
create trigger attachments_named after insert on attachments referencing new table as added for each statement execute function attachments_named();
create trigger attachments_named_again after update on attachments referencing old table as gone new table as added for each statement execute function attachments_named();
create trigger attachments_named_no_more after delete on attachments referencing old table as gone for each statement execute function attachments_named();
