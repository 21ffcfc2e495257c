-- What a contact may send in an hour is counted by what is there, and how much
-- of a customer's files is kept has a bound.

-- +goose Up
create index jobs_per_asker on jobs (created_by_contact_id, created_at desc) where created_by_contact_id is not null;
create index quotes_per_asker on quotes (created_by_contact_id, created_at desc) where created_by_contact_id is not null;
create index messages_per_writer on messages (contact_id, at desc) where contact_id is not null;
create index attachments_per_sender on attachments (uploaded_by_contact_id, uploaded_at desc) where uploaded_by_contact_id is not null;
create index attachments_removed_per_customer on attachments (customer_id, removed_at) include (size) where removed_at is not null;

-- GB of files: for every customer, and for one that has a figure of its own.
alter table portal_settings add column file_quota integer not null default 20 constraint settings_file_quota check (file_quota between 1 and 100000);
alter table customers add column file_quota integer constraint customer_file_quota check (file_quota between 1 and 100000);

-- Bytes of a customer's files that were not removed; copies of one file count once.
create table stored_files (
    customer_id bigint primary key references customers,
    bytes       bigint not null
);
insert into stored_files (customer_id, bytes)
select customer_id, sum(size) from (select distinct on (blob_key) customer_id, size from attachments where removed_at is null order by blob_key) files group by customer_id;

-- +goose StatementBegin
create function count_stored_files() returns trigger language plpgsql as $$
declare
    f     attachments := coalesce(new, old);
    there boolean := tg_op <> 'DELETE' and f.removed_at is null;
begin
    if not exists (select from attachments a where a.blob_key = f.blob_key and a.id <> f.id and a.removed_at is null) then
        insert into stored_files as s (customer_id, bytes) values (f.customer_id, case when there then f.size else 0 end)
        on conflict (customer_id) do update set bytes = s.bytes + case when there then f.size else -f.size end;
    end if;
    return null;
end $$;
-- +goose StatementEnd
create trigger attachments_stored after insert on attachments for each row when (new.removed_at is null) execute function count_stored_files();
create trigger attachments_stored_again after update of removed_at on attachments for each row when ((new.removed_at is null) <> (old.removed_at is null)) execute function count_stored_files();
create trigger attachments_stored_no_more after delete on attachments for each row when (old.removed_at is null) execute function count_stored_files();
