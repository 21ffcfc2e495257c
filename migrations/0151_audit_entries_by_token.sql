-- What is done with a token of the API. Rows that are there fit: nothing is read
-- to make sure.

-- +goose Up
alter table audit_entries
    add column token_id bigint,
    drop constraint audit_actor,
    add constraint audit_actor check (actor in ('staff', 'api', 'contact', 'operator', 'system') and (actor = 'api') = (token_id is not null)) not valid;

-- +goose StatementBegin
create or replace function audit_stays() returns trigger language plpgsql as $$
begin
    if tg_level = 'ROW' and tg_op = 'DELETE' then
        if old.at < (select now() - make_interval(days => greatest(activity, 365)) from public.retention where activity is not null) then
            return old;
        end if;
    elsif tg_level = 'ROW' and tg_op = 'UPDATE' then
        if (new.id, new.at, new.actor, new.staff_id, new.token_id, new.contact_id, new.person_id, new.action, new.thing, new.thing_id, new.customer_id, new.request_id)
                is not distinct from (old.id, old.at, old.actor, old.staff_id, old.token_id, old.contact_id, old.person_id, old.action, old.thing, old.thing_id, old.customer_id, old.request_id)
            and new.actor_name in (old.actor_name, 'Former contact') and new.thing_label in (old.thing_label, 'Former contact')
            and (new.address is null or new.address = old.address) and pg_trigger_depth() > 1 then
            return new;
        end if;
    end if;
    raise exception 'audit entries are only ever added';
end $$;
-- +goose StatementEnd
