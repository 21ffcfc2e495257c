-- The newest message of a conversation that customers may read is marked, so that
-- the inbox counts and lists marks. Who writes on a job or a quote waits for who
-- writes there at the same moment: one of them is the newest, and who asks need
-- not look again.

-- +goose Up
alter table messages add column newest boolean; -- null: of before this column, looked at by 0062

-- +goose StatementBegin
create or replace function message_about() returns trigger language plpgsql as $$
begin
    if new.job_id is not null then
        select main_contact_id, site_id into new.about_contact_id, new.about_site_id from jobs where id = new.job_id for no key update;
    else
        select main_contact_id, site_id into new.about_contact_id, new.about_site_id from quotes where id = new.quote_id for no key update;
    end if;
    new.newest := not new.staff_only
        and not exists (select from messages n where n.job_id = new.job_id and (n.at, n.id) > (new.at, new.id) and not n.staff_only)
        and not exists (select from messages n where n.quote_id = new.quote_id and (n.at, n.id) > (new.at, new.id) and not n.staff_only);
    new.unanswered := new.newest and new.contact_id is not null;
    return new;
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function message_answers() returns trigger language plpgsql as $$
begin
    update messages set newest = false, unanswered = false
    where newest is distinct from false and not staff_only and (job_id = new.job_id or quote_id = new.quote_id) and (at, id) < (new.at, new.id);
    return null;
end $$;
-- +goose StatementEnd
