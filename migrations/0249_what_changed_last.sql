-- What the first page asks for, in the order of an index and without a look at
-- anything else: when a job took its status, and when a quote was asked for or, after
-- that, last sent; and of a file, whose job or quote it hangs on, and at which site. 0
-- stands for nobody, as equipment is of no contact.
-- None of these is a change of the job, the quote or the file for those who read what
-- changed: the triggers that note one come before these, by their names.

-- +goose NO TRANSACTION
-- +goose Up
alter table jobs add column if not exists status_at timestamptz;
alter table jobs alter column status_at set default now();
create or replace trigger jobs_note_change before update on jobs for each row when (old.status_at is not distinct from new.status_at) execute function note_change_of_work();

-- Its history says the same in the same transaction, except where that is brought
-- from another system.
-- +goose StatementBegin
create or replace function job_takes_status() returns trigger language plpgsql as $$
begin
    new.status_at = now();
    return new;
end $$;
-- +goose StatementEnd
create or replace trigger jobs_take_status before update of status on jobs for each row when (old.status is distinct from new.status) execute function job_takes_status();

-- +goose StatementBegin
create or replace function job_status_follows() returns trigger language plpgsql as $$
declare
    job bigint = case tg_op when 'DELETE' then old.job_id else new.job_id end;
begin
    update jobs set status_at = h.at
    from (select max(at) as at from job_statuses where job_id = job) h
    where id = job and status_at is distinct from h.at;
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger job_statuses_last after insert or update of at or delete on job_statuses for each row execute function job_status_follows();

alter table quotes add column if not exists asked_or_sent_at timestamptz;
create or replace trigger quotes_note_change before update on quotes
    for each row when (old.* is distinct from new.* and old.asked_or_sent_at is not distinct from new.asked_or_sent_at) execute function note_change_of_work();
-- +goose StatementBegin
create or replace function quote_asked_or_sent() returns trigger language plpgsql as $$
begin
    new.asked_or_sent_at = coalesce((select sent_at from quote_versions where quote_id = new.id and number = new.sent_version), new.created_at);
    return new;
end $$;
-- +goose StatementEnd
create or replace trigger quotes_sent before insert or update of created_at, sent_version on quotes for each row execute function quote_asked_or_sent();

alter table attachments add column if not exists about_contact_id bigint, add column if not exists about_site_id bigint;
create or replace trigger attachments_note_change before update on attachments
    for each row when (old is distinct from new and (old.about_contact_id, old.about_site_id) is not distinct from (new.about_contact_id, new.about_site_id)) execute function note_change();
-- +goose StatementBegin
create or replace function file_about() returns trigger language plpgsql as $$
begin
    if new.job_id is not null then
        select main_contact_id, site_id into new.about_contact_id, new.about_site_id from jobs where id = new.job_id;
    elsif new.quote_id is not null then
        select main_contact_id, site_id into new.about_contact_id, new.about_site_id from quotes where id = new.quote_id;
    elsif new.equipment_id is not null then
        select 0, site_id into new.about_contact_id, new.about_site_id from equipment where id = new.equipment_id;
    end if;
    return new;
end $$;
-- +goose StatementEnd
create or replace trigger attachments_whose before insert or update of customer_view, shared_at on attachments for each row execute function file_about();

-- What is said of messages, and files, follows the job, the quote or the equipment.
-- +goose StatementBegin
create or replace function messages_follow() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'jobs' then
        update messages set about_contact_id = new.main_contact_id, about_site_id = new.site_id where job_id = new.id;
        update unread_messages set about_contact_id = new.main_contact_id, about_site_id = new.site_id where message_id in (select id from messages where job_id = new.id);
        update attachments set about_contact_id = new.main_contact_id, about_site_id = new.site_id where job_id = new.id;
    else
        update messages set about_contact_id = new.main_contact_id, about_site_id = new.site_id where quote_id = new.id;
        update unread_messages set about_contact_id = new.main_contact_id, about_site_id = new.site_id where message_id in (select id from messages where quote_id = new.id);
        update attachments set about_contact_id = new.main_contact_id, about_site_id = new.site_id where quote_id = new.id;
    end if;
    return null;
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function files_follow() returns trigger language plpgsql as $$
begin
    update attachments set about_site_id = new.site_id where equipment_id = new.id;
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger equipment_files_follow after update of site_id on equipment for each row when (old.site_id is distinct from new.site_id) execute function files_follow();

-- Those of before, some at a time, so that nobody waits long, as far back as they are
-- asked for: changes of sixty days, and files of half a year, which are new to nobody
-- after that. A second start begins again, with what is left.
-- +goose StatementBegin
do $$
declare
    last bigint := 0;
    batch bigint[];
begin
    loop
        select array_agg(job_id), max(id) into batch, last from (select id, job_id from job_statuses where id > last and at > now() - interval '60 days' order by id limit 2000) h;
        exit when batch is null;
        update jobs set status_at = (select max(at) from job_statuses where job_id = jobs.id) where id = any(batch) and status_at is null;
        commit;
    end loop;
    last := 0;
    loop
        select array_agg(id), max(id) into batch, last from (
            select q.id from quotes q left join quote_versions v on v.quote_id = q.id and v.number = q.sent_version
            where q.id > last and coalesce(v.sent_at, q.created_at) > now() - interval '60 days' order by q.id limit 2000) q;
        exit when batch is null;
        update quotes set asked_or_sent_at = coalesce((select sent_at from quote_versions where quote_id = quotes.id and number = quotes.sent_version), created_at) where id = any(batch) and asked_or_sent_at is null;
        commit;
    end loop;
    last := 0;
    loop
        select array_agg(id), max(id) into batch, last from (
            select id from attachments where id > last and customer_view and removed_at is null and shared_at > now() - interval '180 days' and num_nonnulls(job_id, quote_id, equipment_id) = 1 order by id limit 2000) a;
        exit when batch is null;
        update attachments a set about_contact_id = case when f.equipment_id is not null then 0 else coalesce(j.main_contact_id, q.main_contact_id) end, about_site_id = coalesce(j.site_id, q.site_id, e.site_id)
        from attachments f left join jobs j on j.id = f.job_id left join quotes q on q.id = f.quote_id left join equipment e on e.id = f.equipment_id
        where a.id = any(batch) and f.id = a.id and a.about_contact_id is null and a.about_site_id is null;
        commit;
    end loop;
end $$;
-- +goose StatementEnd
