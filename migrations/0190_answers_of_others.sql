-- An answer to a quote that was given in another system, or in another
-- installation of this program, and since when it is here.

-- +goose Up
alter table acceptances
    drop constraint acceptance_way, drop constraint acceptance_recorded,
    add column brought_at timestamptz,
    add constraint acceptance_way check (way in ('portal', 'phone', 'email', 'in person', 'letter', 'elsewhere')) not valid,
    add constraint acceptance_recorded check (
        case way when 'portal' then contact_id is not null and recorded_by_id is null and recorded_by_token_id is null and recorded_at is null
        when 'elsewhere' then recorded_by_id is null and recorded_by_token_id is null and recorded_at is null and brought_at is not null
        else num_nonnulls(recorded_by_id, recorded_by_token_id) = 1 and recorded_at is not null and at <= recorded_at and signature_key = '' end) not valid;
alter table acceptances validate constraint acceptance_way;
alter table acceptances validate constraint acceptance_recorded;
