-- +goose NO TRANSACTION
-- The words of the conversations there are, some at a time: nobody waits long. Who
-- writes on a job or quote locks it first, and so does this. A second start goes on
-- where the first one ended.

-- +goose Up
-- +goose StatementBegin
do $$
declare
    last bigint := 0;
    batch bigint[];
begin
    loop
        select array_agg(id), max(id) into batch, last from (select id from messages where id > last and newest and conversation_words is null order by id limit 500) m;
        exit when batch is null;
        perform from jobs where id in (select job_id from messages where id = any(batch)) order by id for no key update;
        perform from quotes where id in (select quote_id from messages where id = any(batch)) order by id for no key update;
        update messages set conversation_words = conversation_words(job_id, quote_id) where id = any(batch) and newest;
        commit;
    end loop;
end $$;
-- +goose StatementEnd
