-- Which messages each contact has not opened, so that what is new to them is found
-- without looking at what is not: every page of the portal counts it. Whether the
-- contact sees what a message is on, the views decide.

-- +goose Up
-- No reference to contacts: it would lock the row of each for every message.
create table unread_messages (
    message_id bigint not null references messages on delete cascade,
    contact_id bigint not null,
    job_id     bigint,
    quote_id   bigint,
    at         timestamptz not null,
    primary key (message_id, contact_id)
);
create index unread_messages_newest on unread_messages (contact_id, at desc, message_id desc) include (job_id, quote_id);
create index unread_messages_per_job on unread_messages (contact_id, job_id) include (at) where job_id is not null;
create index unread_messages_per_quote on unread_messages (contact_id, quote_id) include (at) where quote_id is not null;

-- For all contacts of the customer, as who may not see it today may do so tomorrow.
-- After 180 days nothing is new any more.
-- +goose StatementBegin
create function message_unread() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        delete from unread_messages where message_id = new.id;
    end if;
    if not new.staff_only then
        insert into unread_messages (message_id, contact_id, job_id, quote_id, at)
        select new.id, c.id, new.job_id, new.quote_id, new.at
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
create trigger messages_unread after insert or update of staff_only, at on messages for each row execute function message_unread();
