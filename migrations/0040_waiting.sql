-- What waits for somebody in the office: who has taken it, and until when it was
-- put off. What waits is found by indexes of its own, so that a home costs the
-- same whatever has been dealt with.

-- +goose Up
create table waiting_marks (
    kind          text not null,
    thing         bigint not null, -- of that kind; what it names, internal/overview knows
    taker_id      bigint references staff,
    snoozed_until date,            -- infinity: until something new happens
    snoozed_at    timestamptz,     -- what happens to it later brings it back
    primary key (kind, thing),
    constraint waiting_snoozed check ((snoozed_until is null) = (snoozed_at is null))
);
create index waiting_marks_per_taker on waiting_marks (taker_id) where taker_id is not null;
create index waiting_marks_snoozed on waiting_marks (kind, thing) where snoozed_until is not null;

-- That the customer wrote last is kept with the message: asked of every
-- conversation it took longer with each that was ever answered. Of two written
-- at the same moment both may be marked; who asks looks for the last of them.
alter table messages add column unanswered boolean not null default false;
update messages m set unanswered = true
where m.contact_id is not null and not m.staff_only
    and not exists (select from messages n where n.job_id = m.job_id and (n.at, n.id) > (m.at, m.id) and not n.staff_only)
    and not exists (select from messages n where n.quote_id = m.quote_id and (n.at, n.id) > (m.at, m.id) and not n.staff_only);
create index messages_unanswered on messages (at, id) where unanswered;
create index messages_unanswered_per_customer on messages (customer_id, at, id) where unanswered;
-- +goose StatementBegin
create function message_answers() returns trigger language plpgsql as $$
begin
    update messages set unanswered = false
    where unanswered and (job_id = new.job_id or quote_id = new.quote_id) and (at, id) < (new.at, new.id);
    update messages set unanswered = true
    where id = new.id and contact_id is not null
        and not exists (select from messages n where n.job_id = new.job_id and (n.at, n.id) > (new.at, new.id) and not n.staff_only)
        and not exists (select from messages n where n.quote_id = new.quote_id and (n.at, n.id) > (new.at, new.id) and not n.staff_only);
    return null;
end $$;
-- +goose StatementEnd
create trigger messages_answer after insert on messages for each row when (not new.staff_only) execute function message_answers();

-- So is whether an accepted quote has become a job.
alter table quotes add column has_job boolean not null default false;
update quotes q set has_job = true where exists (select from jobs j where j.quote_id = q.id);
-- +goose StatementBegin
create function quote_has_job() returns trigger language plpgsql as $$
begin
    update quotes set has_job = true where id = new.quote_id and not has_job;
    return null;
end $$;
-- +goose StatementEnd
create trigger jobs_of_quotes after insert or update of quote_id on jobs for each row when (new.quote_id is not null) execute function quote_has_job();

create index jobs_to_schedule on jobs (created_at, id) where status in ('new', 'unscheduled');
create index quotes_to_price on quotes (created_at, id) where status in ('requested', 'draft') and sent_version is null;
create index quotes_without_job on quotes (updated_at, id) where status = 'accepted' and not has_job;
create index emails_failed on emails (created_at, id) where state = 'failed';
create index emails_again_of on emails (again_of) where again_of is not null;
create index quotes_open_per_customer on quotes (customer_id, created_at desc, id desc) where status in ('requested', 'draft', 'sent');

-- Nobody begins with the work of years: what is that old is put aside.
insert into waiting_marks (kind, thing, snoozed_until, snoozed_at)
select 'accepted', id, 'infinity', now() from quotes where status = 'accepted' and not has_job and updated_at < now() - interval '60 days';
insert into waiting_marks (kind, thing, snoozed_until, snoozed_at)
select distinct 'message', coalesce(job_id, -quote_id), 'infinity'::date, now() from messages where unanswered and at < now() - interval '60 days';
insert into waiting_marks (kind, thing, snoozed_until, snoozed_at)
select 'email', id, 'infinity', now() from emails where state = 'failed' and created_at < now() - interval '60 days';
