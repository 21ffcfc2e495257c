-- +goose Up
-- A new installation is of no country until its Administrator says of which:
-- XXX is the currency of none. What is there already stays as it is.
alter table company add column first_steps_done_at timestamptz; -- the list of first steps was followed, or dismissed
alter table mail_server add column first_taken_at timestamptz; -- when the server took its first mail
update company set first_steps_done_at = now() where exists (select from staff);
alter table company alter column registration_label set default '', alter column time_zone set default 'UTC', alter column currency set default 'XXX', alter column locale set default 'en';
update company set registration_label = '', time_zone = 'UTC', currency = 'XXX', locale = 'en' where first_steps_done_at is null;
delete from tax_rates where name = 'GST' and exists (select from company where first_steps_done_at is null);
update tax_rates set standard = true where name = 'No tax' and not exists (select from tax_rates where standard);

-- Photos that could not be prepared, for the office's home.
create index attachments_broken on attachments (uploaded_at) where state = 'broken' and removed_at is null;
