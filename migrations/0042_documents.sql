-- A document of a file may be a certificate: of a kind, for a place, until a day.

-- +goose Up
create table document_kinds (
    id         bigint generated always as identity primary key,
    name       text not null constraint document_kind_name_missing check (name <> '') constraint document_kind_name_long check (char_length(name) <= 200),
    active     boolean not null default true,
    version    bigint not null default 1,
    nonce      text constraint document_kind_nonce_taken unique,
    created_at timestamptz not null default now()
);
create unique index document_kind_name_taken on document_kinds (lower(name));
insert into document_kinds (name) values ('Safety certificate'), ('Test report'), ('Warranty'), ('Manual');

-- Where it holds may be another place than what the file hangs on: a job at one
-- site may bring the certificate of another.
alter table attachments
    add column document_kind_id bigint references document_kinds,
    add column valid_until      date,
    add column at_site_id       bigint,
    add column at_equipment_id  bigint,
    add column reminded         smallint, -- how many days before its end the last reminder was due
    add constraint attachment_site_of_customer foreign key (customer_id, at_site_id) references sites (customer_id, id),
    add constraint attachment_equipment_of_customer foreign key (customer_id, at_equipment_id) references equipment (customer_id, id),
    add constraint attachment_at_one_place check (num_nonnulls(at_site_id, at_equipment_id) <= 1),
    add constraint attachment_document check (document_kind_id is null and num_nonnulls(valid_until, at_site_id, at_equipment_id, reminded) = 0
        or document_kind_id is not null and kind = 'document');
create index documents_per_customer on attachments (customer_id, document_kind_id, valid_until) where document_kind_id is not null and removed_at is null;
create index documents_by_end on attachments (valid_until) where document_kind_id is not null and removed_at is null and valid_until is not null;

alter table portal_settings add column document_notifications text[] not null default '{}';
