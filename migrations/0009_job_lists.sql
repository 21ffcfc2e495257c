-- The office's list of jobs, narrowed and counted by status.
-- +goose Up
create index jobs_booked_per_status on jobs (status, booked_key desc, id desc);
create index jobs_status_per_type on jobs (job_type_id, status, created_at desc, id desc);
create index jobs_status_per_customer on jobs (customer_id, status, created_at desc, id desc);
create index jobs_status_from_portal on jobs (status, created_at desc, id desc) where origin = 'portal';
create index jobs_status_per_priority on jobs (priority, status, created_at desc, id desc) where priority <> 'normal';
