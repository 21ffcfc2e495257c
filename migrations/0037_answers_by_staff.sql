-- What the customer said by phone, by email, in person or in a letter is recorded
-- by staff; and why a job was made of a quote that nobody had accepted.

-- +goose Up
alter table acceptances
    alter column contact_id drop not null, -- somebody who is no contact may say it
    add column way text not null default 'portal' constraint acceptance_way check (way in ('portal', 'phone', 'email', 'in person', 'letter')),
    add column recorded_by_id bigint references staff,
    add column recorded_at timestamptz,
    add constraint acceptance_recorded check (
        case when way = 'portal' then contact_id is not null and recorded_by_id is null and recorded_at is null
        else recorded_by_id is not null and recorded_at is not null and at <= recorded_at and signature_key = '' end);

alter table quote_events add column note text not null default ''
    constraint quote_event_note check (char_length(note) <= 10000 and (note = '' or kind = 'job created'));
