-- A visit is a job's booking: what its contact answers, why it was called off,
-- and the job that follows another.

-- +goose Up
alter table jobs add column cancelled_why text not null default '' constraint job_cancelled_why_long check (char_length(cancelled_why) <= 2000),
    add column follows_job_id bigint constraint job_follows_itself check (follows_job_id <> id),
    add constraint job_follows_of_customer foreign key (customer_id, follows_job_id) references jobs (customer_id, id);
create index jobs_per_followed on jobs (follows_job_id) where follows_job_id is not null;

-- The last answer to a job's visit, which goes with the visit: another time
-- asks anew. Wishes are days, each with "morning", "afternoon" or a time.
create table visit_answers (
    job_id      bigint primary key,
    customer_id bigint not null,
    contact_id  bigint not null,
    suits       boolean not null,
    wishes      jsonb not null default '[]' constraint visit_wishes check (jsonb_typeof(wishes) = 'array' and jsonb_array_length(wishes) <= 3),
    reason      text not null default '' constraint visit_reason_long check (char_length(reason) <= 2000),
    at          timestamptz not null default now(),
    kept_at     timestamptz, -- the office lets the visit stand as it is
    constraint visit_suits_or_not check (suits = (jsonb_array_length(wishes) = 0)),
    foreign key (customer_id, job_id) references jobs (customer_id, id),
    foreign key (customer_id, contact_id) references contacts (customer_id, id)
);
create index visit_answers_waiting on visit_answers (at) where not suits and kept_at is null;

alter table portal_settings
    add column visit_reminder_hour integer default 15 constraint settings_visit_reminder_hour check (visit_reminder_hour between 0 and 23), -- null: nobody is reminded
    add column visit_answer_hours integer not null default 24 constraint settings_visit_answer_hours check (visit_answer_hours between 0 and 336);

-- Whose visit is tomorrow is asked every few minutes.
create index jobs_expected on jobs (booked_from) where status in ('booked', 'in progress');
