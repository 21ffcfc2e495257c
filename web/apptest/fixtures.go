package apptest

// fixtures are a small business whose people have the same names in every test
// and in the demo.
//
// Ada is an Administrator, Ben of the Office, Fay a technician. Lee sees and
// does all at Harbour Dental; Kim, same customer, sees her own jobs and no
// quotes; Max, same customer, is suspended. Ola is of Pelican Point. Sam is of
// Pelican Point and of Quay Street.
const fixtures = `
update company set trading_name = 'Northwind Air', phone = '(02) 5550 1000', email = 'office@northwind.test';

insert into staff (name, email, role, state) values
	('Ada Fontaine', 'ada@demo.test', 'administrator', 'active'),
	('Ben Whitlock', 'ben@demo.test', 'office', 'active'),
	('Fay Ibrahim', '', 'field', 'active');

insert into job_types (name, colour, notification_addresses) values
	('Maintenance', 'teal', '{maintenance@northwind.test}'),
	('Breakdown', 'red', '{urgent@northwind.test,desk@northwind.test}');
update portal_settings set job_notifications = '{desk@northwind.test}', quote_notifications = '{quotes@northwind.test}',
	contact_notifications = '{people@northwind.test}', equipment_notifications = '{assets@northwind.test}', details_notifications = '{details@northwind.test}';

insert into customers (name, company_name, payment_terms, notes) values
	('Harbour Dental', 'Harbour Dental Group Pty Ltd', '14 days', 'OFFICE-ONLY pays late'),
	('Pelican Point', 'Owners of Pelican Point', '30 days', ''),
	('Quay Street', 'Quay Street Cafe', '7 days', '');

insert into sites (customer_id, name, address, access_instructions) values
	(1, 'George Street', '{"line1":"12 George Street","city":"Parramatta","region":"NSW","postcode":"2150"}', 'OFFICE-ONLY key under the mat'),
	(1, 'Pitt Street', '{"line1":"88 Pitt Street","city":"Sydney","region":"NSW","postcode":"2000"}', ''),
	(2, 'Tower', '{"line1":"1 Beach Road","city":"Bondi","region":"NSW","postcode":"2026"}', '');

insert into persons (email) values ('lee@demo.test'), ('kim@demo.test'), ('max@demo.test'), ('ola@demo.test'), ('sam@demo.test');
insert into contacts (customer_id, person_id, name, email, phone, access, jobs_see, jobs_edit, jobs_create, quotes_see, quotes_edit, quotes_create, quotes_accept,
		equipment_see, equipment_edit, equipment_add, company_edit, contacts_manage) values
	(1, 1, 'Lee Nakamura', 'lee@demo.test', '0491 570 001', 'active', 'all', true, true, 'all', true, true, true, 'all', true, true, true, true),
	(1, 2, 'Kim Tran', 'kim@demo.test', '', 'active', 'own', false, false, 'none', false, false, false, 'none', false, false, false, false),
	(1, 3, 'Max Okafor', 'max@demo.test', '', 'suspended', 'all', false, false, 'all', false, false, false, 'none', false, false, false, false),
	(2, 4, 'Ola Lindgren', 'ola@demo.test', '', 'active', 'all', true, true, 'all', true, true, true, 'all', true, true, true, true),
	(2, 5, 'Sam Petrou', 'sam@demo.test', '', 'active', 'all', false, false, 'all', false, false, false, 'none', false, false, false, false),
	(3, 5, 'Sam Petrou', 'sam@demo.test', '', 'active', 'all', false, true, 'none', false, false, false, 'all', false, false, false, false);
update contacts set is_default = true where id in (1, 4);

insert into jobs (customer_id, name, description, job_type_id, status, site_id, main_contact_id, booked_from, booked_until, completed_at, work_undertaken, origin, internal_notes, invoice_number) values
	(1, 'Rooftop unit service', 'Quarterly service of rooftop unit 2', 1, 'booked', 1, 1, (business_day() + 3 + time '10:00') at time zone (select time_zone from company), (business_day() + 3 + time '12:00') at time zone (select time_zone from company), null, '', 'office', 'OFFICE-ONLY bring ladder', 'INV-77'),
	(1, 'Surgery 4 not cooling', 'Split system in surgery 4 blows warm', 2, 'completed', 2, 2, now() - interval '9 days', null, now() - interval '9 days', 'Replaced the capacitor and tested.', 'office', '', ''),
	(2, 'Lobby fan noise', 'Lobby fan rattles at night', 2, 'in progress', 3, 4, now() - interval '1 hour', null, null, '', 'office', '', ''),
	(3, 'Cool room check', 'Cool room does not hold temperature', 1, 'unscheduled', null, 6, null, null, null, '', 'office', '', '');
insert into job_statuses (customer_id, job_id, status, at, staff_id) select customer_id, id, status, created_at, 1 from jobs;
insert into job_staff (job_id, staff_id) values (1, 3), (2, 3);
insert into tasks (customer_id, job_id, subject) values (1, 1, 'Check belts'), (1, 2, 'Order capacitor'), (2, 3, 'Find rattle');
insert into time_entries (customer_id, job_id, worked_on, hours, staff_id, note) values (1, 2, business_day() - 9, 1.5, 3, 'OFFICE-ONLY slow'), (2, 3, business_day(), 0.5, 3, '');

insert into quotes (customer_id, name, description, currency, status, site_id, main_contact_id, origin, created_by_contact_id, internal_notes) values
	(1, 'Replace unit 2', 'Replace rooftop unit 2', 'AUD', 'draft', 1, 1, 'office', null, 'OFFICE-ONLY margin 40'),
	(1, 'New split in kitchen', 'Split system for the staff kitchen', 'AUD', 'draft', 1, 1, 'office', null, ''),
	(1, 'Duct cleaning', 'How much is duct cleaning?', 'AUD', 'requested', 2, 1, 'portal', 1, ''),
	(2, 'Lobby fan', 'New lobby fan', 'AUD', 'draft', 3, 4, 'office', null, '');
insert into quote_versions (customer_id, quote_id, number, net, tax, total, name, description, sent_at, sent_by_id) values
	(1, 2, 1, 250000, 25000, 275000, 'New split in kitchen', 'Split system for the staff kitchen', now() - interval '2 days', 1),
	(2, 4, 1, 90000, 9000, 99000, 'Lobby fan', 'New lobby fan', now() - interval '2 days', 1);
insert into quote_templates (name, description, currency, lines) values ('Standard split', 'Fit a split system', 'AUD', '[{"description": "Split system", "quantity": "1", "unit_price": "250000", "tax_name": "GST", "tax_percent": "10", "second_tax_percent": "0", "discount_percent": "0"}]');
insert into saved_lines (code, description, currency, unit_price) values ('CALLOUT', 'Call-out, first hour', 'AUD', 12000);
insert into quote_lines (customer_id, version_id, position, description, quantity, unit_price, tax_name, tax_percent, line_total) values
	(1, 1, 1, 'Split system 3.5 kW, supplied and installed', 1, 250000, 'GST', 10, 250000),
	(2, 2, 1, 'Fan', 2, 45000, 'GST', 10, 90000);
update quotes set status = 'sent', sent_version = 1 where id in (2, 4);

insert into equipment (public_id, customer_id, number, name, type, site_id, make, model, serial_number, next_service_on, origin, notes) values
	('equipmentofharbour0000000000001', 1, 'E-001', 'Rooftop unit 2', 'Packaged unit', 1, 'Daikin', 'UATYQ350', 'SN-4711', business_day() + 20, 'office', 'OFFICE-ONLY leaks'),
	('equipmentofpelican0000000000001', 2, 'E-001', 'Lobby fan', 'Fan', 3, 'Fantech', 'SCD404', 'SN-0815', null, 'office', '');
insert into job_equipment (customer_id, job_id, equipment_id) values (1, 1, 1), (2, 3, 2);

update portal_settings set contact_keys = true;
insert into external_ids (kind, source, id, row_id) select unnest('{customers,sites,contacts,equipment,quotes,jobs,tasks,time,job-types,staff}'::text[]), 'job-system', '482', 1;
insert into tokens (hash, hint, name, source, scopes, created_by_id) values (sha256('no such token'), 'x1Yz', 'Job system', 'job-system', '{jobs:read}', 1);
insert into contact_keys (contact_id, person_id, hash, hint, name) values (1, 1, sha256('no such key'), 'k9Qa', 'Reports');
insert into webhooks (seal, name, address, secret, active, off_why, off_at) values ('simpro', 'simPRO', 'https://hooks.simpro.test/in', '\x00', false, 'staff', now());
insert into webhook_deliveries (webhook_id, kind, nonce, state, attempts, first_at, last_at, finished_at, status, answer, sent, duration_ms) values
	(1, 'webhook.test', 'once', 'delivered', 1, now(), now(), now(), 200, 'ok', '{"type":"webhook.test"}', 12);
insert into file_imports (name, size, state, entries, staff_id) values ('old-photos.zip', 1000, 'ready', 2, 1);
insert into file_import_items (import_id, place, path, record, state, reason) values (1, 0, 'J-1001/roof.jpg', 'job J-1001', 'fits', ''), (1, 1, 'J-9999/roof.jpg', '', 'refused', 'None of its folders is called after a job, quote or customer that is here.');
insert into keeper_requests (kind, row_id, what, thing, key, source, label, customer_id, contact_id, changes, state, answered_at) values
	('jobs', 1, 'edit', 'J-1001', 'J-1001', 'simpro', 'simPRO', 1, 1, '[{"field": "purchase_order", "label": "Purchase order", "before": "", "after": "PO-1"}]', 'done', now() - interval '30 days');

insert into inbound_emails (digest, came_by, from_name, from_address, subject, text, state, reason, done_at) values
	('x', 'webhook', 'Pat', 'pat@other.test', 'Ignored long ago', 'OFFICE-ONLY words of a stranger', 'ignored', 'Sent by a program', now());

insert into imports (name, file_size, blob_key, kind, source, state, by_name, tables, mapping) values ('contacts.csv', 120, '', 'csv', 'list', 'checked', 'Ada Fontaine',
	'[{"name": "contacts", "heads": [{"Name": "Customer", "Column": 0}, {"Name": "Name", "Column": 1}, {"Name": "Email", "Column": 2}], "line": 1, "rows": 1, "survey": {"rows": 1, "columns": [{"filled": 1, "samples": ["Nobody"]}, {"filled": 1, "samples": ["Una"]}, {"filled": 1, "samples": ["una@nobody.test"]}]}}]',
	'{"sheets": [{"name": "contacts", "heads": ["Customer", "Name", "Email"], "kind": "contacts", "columns": ["contacts.customer", "contacts.name", "contacts.email"]}]}');
insert into import_rows (import_id, sheet, line, kinds, cells) values (1, 0, 2, 'ttt', '{Nobody,Una,una@nobody.test}');
insert into import_things (import_id, place, kind, sheet, line, body, columns, twin, label, state, problems) values
	(1, 1, 'contacts', 0, 2, '{"customer": "Nobody", "name": "Una"}', '{"customer": 0, "name": 1, "email": 2}', 'Ida', 'Una', 'refused', '{"customer": "There is no customer “Nobody”."}');
`
