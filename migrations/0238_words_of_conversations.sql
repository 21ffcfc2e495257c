-- All words by which a conversation is found, at its newest message: those of
-- every message that customers may read, and of the job or quote. So the inbox
-- looks at one column instead of three tables, and one index has all of them.

-- +goose Up
-- Null at a newest message: not known, and looked for where they stand.
alter table messages add column conversation_words tsvector;

create aggregate words_of_all(tsvector) (sfunc = tsvector_concat, stype = tsvector, initcond = '');

-- Null long before a tsvector would end, of which texts make up to three times as much.
-- +goose StatementBegin
create function conversation_words(job bigint, quote bigint) returns tsvector language sql stable as $$
    select case when coalesce(sum(octet_length(m.text)), 0) < 200000 then
        coalesce((select j.search from jobs j where j.id = job), (select q.search from quotes q where q.id = quote)) || words_of_all(m.search) end
    from messages m where (m.job_id = job or m.quote_id = quote) and not m.staff_only
$$;
-- +goose StatementEnd

-- As before; and the words that the newest message will have, in whose row they
-- are when it is written. Who changes the job or quote meanwhile waits.
-- +goose StatementBegin
create or replace function message_about() returns trigger language plpgsql as $$
begin
    if new.job_id is not null then
        select main_contact_id, site_id into new.about_contact_id, new.about_site_id from jobs where id = new.job_id for no key update;
    else
        select main_contact_id, site_id into new.about_contact_id, new.about_site_id from quotes where id = new.quote_id for no key update;
    end if;
    new.newest := not new.staff_only
        and not exists (select from messages n where n.job_id = new.job_id and (n.at, n.id) > (new.at, new.id) and not n.staff_only)
        and not exists (select from messages n where n.quote_id = new.quote_id and (n.at, n.id) > (new.at, new.id) and not n.staff_only);
    new.unanswered := new.newest and new.contact_id is not null;
    new.conversation_words := case when new.newest then conversation_words(new.job_id, new.quote_id) || search_vector(new.text) end;
    return new;
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function message_answers() returns trigger language plpgsql as $$
begin
    update messages set newest = false, unanswered = false, conversation_words = null
    where newest is distinct from false and not staff_only and (job_id = new.job_id or quote_id = new.quote_id) and (at, id) < (new.at, new.id);
    if not new.newest then -- an older one was brought in
        update messages set conversation_words = conversation_words(job_id, quote_id) where newest and (job_id = new.job_id or quote_id = new.quote_id);
    end if;
    return null;
end $$;
-- +goose StatementEnd

-- What a message says is not changed, nor taken away but with its job or quote;
-- whatever else is done by hand, nobody finds what is no longer there.
-- +goose StatementBegin
create function message_gone() returns trigger language plpgsql as $$
begin
    update messages set conversation_words = conversation_words(job_id, quote_id) where newest and (job_id = old.job_id or quote_id = old.quote_id);
    return null;
end $$;
-- +goose StatementEnd
create trigger messages_words_gone after delete on messages for each row when (not old.staff_only) execute function message_gone();
create trigger messages_words_changed after update of text, staff_only on messages for each row when (old.text <> new.text or old.staff_only <> new.staff_only) execute function message_gone();

-- A message is not changed by words that others have.
drop trigger messages_note_change on messages;
create trigger messages_note_change before update on messages for each row
    when (new.conversation_words is not distinct from old.conversation_words or new.newest is distinct from old.newest) execute function note_change();

-- For the triggers on jobs and quotes.
-- +goose StatementBegin
create function words_of_conversation_follow() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'jobs' then
        update messages set conversation_words = conversation_words(job_id, quote_id) where job_id = new.id and newest;
    else
        update messages set conversation_words = conversation_words(job_id, quote_id) where quote_id = new.id and newest;
    end if;
    return null;
end $$;
-- +goose StatementEnd
