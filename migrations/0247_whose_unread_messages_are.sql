-- Whose job or quote an unread message is about, and at which site, as the message
-- says: contacts who see a few of a customer's things have most of it unread for
-- good, and find what is new to them without a look at each. 0248 fills them in.

-- +goose Up
alter table unread_messages add column about_contact_id bigint, add column about_site_id bigint;

-- +goose StatementBegin
create or replace function message_unread() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        delete from unread_messages where message_id = new.id;
    end if;
    if not new.staff_only then
        insert into unread_messages (message_id, contact_id, job_id, quote_id, at, about_contact_id, about_site_id)
        select new.id, c.id, new.job_id, new.quote_id, new.at, new.about_contact_id, new.about_site_id
        from contacts c
        where c.customer_id = new.customer_id and c.id is distinct from new.contact_id
            and not exists (select from message_reads r where r.message_id = new.id and r.contact_id = c.id)
        on conflict do nothing;
        delete from unread_messages where (message_id, contact_id) in (
            select u.message_id, u.contact_id from contacts c join unread_messages u on u.contact_id = c.id
            where c.customer_id = new.customer_id and u.at < now() - interval '180 days' for update of u skip locked);
    end if;
    return null;
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function messages_follow() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'jobs' then
        update messages set about_contact_id = new.main_contact_id, about_site_id = new.site_id where job_id = new.id;
        update unread_messages set about_contact_id = new.main_contact_id, about_site_id = new.site_id where message_id in (select id from messages where job_id = new.id);
    else
        update messages set about_contact_id = new.main_contact_id, about_site_id = new.site_id where quote_id = new.id;
        update unread_messages set about_contact_id = new.main_contact_id, about_site_id = new.site_id where message_id in (select id from messages where quote_id = new.id);
    end if;
    return null;
end $$;
-- +goose StatementEnd
