-- Whoever nothing lets in any more has no devices left, either: one whose session
-- has ended of itself would show notifications again when access is restored.

-- +goose Up
-- +goose StatementBegin
create or replace function end_sessions_without_entry(who bigint[]) returns void language plpgsql as $$
begin
    who := array(select p.id from persons p where p.id = any(who) and not exists (
        select from contacts c
        join customers cu on cu.id = c.customer_id
        where c.person_id = p.id and c.archived_at is null and cu.archived_at is null
          and (c.access = 'active' or (c.access = 'invited' and p.must_change_password))));
    delete from sessions where person_id = any(who);
    update push_devices set ended_at = now(), endpoint = '', endpoint_hash = null, public_key = '', auth_secret = '' where person_id = any(who) and ended_at is null;
end $$;
-- +goose StatementEnd
