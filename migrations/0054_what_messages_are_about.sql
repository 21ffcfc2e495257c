-- Whose job or quote a message is about, and at which site, so that what is new
-- to a contact who sees a few of a customer's jobs is found without looking at
-- the messages on all others. Both follow the job or the quote.

-- +goose Up
alter table messages add column about_contact_id bigint, add column about_site_id bigint;
update messages m set about_contact_id = j.main_contact_id, about_site_id = j.site_id from jobs j where j.id = m.job_id and (j.main_contact_id is not null or j.site_id is not null);
update messages m set about_contact_id = q.main_contact_id, about_site_id = q.site_id from quotes q where q.id = m.quote_id and (q.main_contact_id is not null or q.site_id is not null);
create index messages_per_main_contact on messages (customer_id, about_contact_id, at desc) where not staff_only;
create index messages_per_site on messages (customer_id, about_site_id, at desc) where not staff_only;

-- The row is locked, so that whoever changes it at the same moment sees the message.
-- +goose StatementBegin
create function message_about() returns trigger language plpgsql as $$
begin
    if new.job_id is not null then
        select main_contact_id, site_id into new.about_contact_id, new.about_site_id from jobs where id = new.job_id for share;
    else
        select main_contact_id, site_id into new.about_contact_id, new.about_site_id from quotes where id = new.quote_id for share;
    end if;
    return new;
end $$;
-- +goose StatementEnd
create trigger messages_about before insert on messages for each row execute function message_about();

-- +goose StatementBegin
create function messages_follow() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'jobs' then
        update messages set about_contact_id = new.main_contact_id, about_site_id = new.site_id where job_id = new.id;
    else
        update messages set about_contact_id = new.main_contact_id, about_site_id = new.site_id where quote_id = new.id;
    end if;
    return null;
end $$;
-- +goose StatementEnd
create trigger jobs_messages_follow after update of main_contact_id, site_id on jobs
    for each row when ((old.main_contact_id, old.site_id) is distinct from (new.main_contact_id, new.site_id)) execute function messages_follow();
create trigger quotes_messages_follow after update of main_contact_id, site_id on quotes
    for each row when ((old.main_contact_id, old.site_id) is distinct from (new.main_contact_id, new.site_id)) execute function messages_follow();
