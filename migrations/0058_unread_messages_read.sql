-- A message that a contact opens is no longer unread. Those of before are filled in
-- while nobody can open another one: of half a year, it takes a moment.

-- +goose Up
-- +goose StatementBegin
create function message_read() returns trigger language plpgsql as $$
begin
    delete from unread_messages where message_id = new.message_id and contact_id = new.contact_id;
    return null;
end $$;
-- +goose StatementEnd
create trigger message_reads_unread after insert on message_reads for each row when (new.contact_id is not null) execute function message_read();
insert into unread_messages (message_id, contact_id, job_id, quote_id, at)
select m.id, c.id, m.job_id, m.quote_id, m.at
from messages m join contacts c on c.customer_id = m.customer_id and c.id is distinct from m.contact_id
where not m.staff_only and m.at > now() - interval '180 days'
    and not exists (select from message_reads r where r.message_id = m.id and r.contact_id = c.id)
on conflict do nothing;
