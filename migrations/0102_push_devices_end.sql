-- +goose Up
create trigger sessions_push_devices before delete on sessions for each row
    when (old.side = 'portal' and old.expires_at > now() and (old.remember or old.seen_at > now() - interval '2 days'))
    execute function push_device_ends();
