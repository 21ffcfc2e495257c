-- Those of before are filled in while nobody can write another one: of half a year,
-- it takes a moment.

-- +goose Up
lock table messages in share row exclusive mode;
update unread_messages u set about_contact_id = m.about_contact_id, about_site_id = m.about_site_id
from messages m
where m.id = u.message_id and (u.about_contact_id, u.about_site_id) is distinct from (m.about_contact_id, m.about_site_id);
