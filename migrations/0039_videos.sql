-- Videos are files of their own kind: shown like photos, kept as they were sent.

-- +goose Up
alter table attachments drop constraint attachment_kind, add constraint attachment_kind check (kind in ('photo', 'video', 'document')) not valid;
alter table attachments validate constraint attachment_kind;
