package portal

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/migrations"
)

// The business looks after Harbour and Orchard, and used to look after Gone.
// Records are named after what makes them different.
const town = `
update portal_settings set hide_tasks = false, hide_admin_details = false;

insert into job_types (id, name) overriding system value values (1, 'Service');
insert into staff (id, name, role, state) overriding system value values (1, 'Tom', 'field', 'active');
insert into customers (id, name, archived_at) overriding system value values (1, 'Harbour', null), (2, 'Orchard', null), (3, 'Gone', now());
insert into sites (id, customer_id, name, access_instructions) overriding system value values
	(1, 1, 'Tower', 'key under the mat'), (2, 1, 'Depot', ''), (3, 2, 'Farm', ''), (4, 3, 'Ruin', '');
insert into persons (id, email) overriding system value select n, 'person' || n || '@demo.test' from generate_series(1, 13) n;

insert into contacts (id, customer_id, person_id, name, email, access, jobs_see, quotes_see, equipment_see, all_sites, archived_at) overriding system value values
	( 1, 1,  1, 'Lee', 'lee@demo.test', 'active',    'all',  'all',  'all',  true,  null),
	( 2, 1,  2, 'Kim', 'kim@demo.test', 'active',    'own',  'none', 'none', true,  null),
	( 3, 1,  3, 'Max', 'max@demo.test', 'suspended', 'all',  'all',  'all',  true,  null),
	( 4, 2,  4, 'Ola', 'ola@demo.test', 'active',    'all',  'all',  'all',  true,  null),
	( 5, 1,  5, 'Sam', 'sam@demo.test', 'active',    'none', 'all',  'none', true,  null),
	( 6, 2,  5, 'Sam', 'sam@demo.test', 'active',    'own',  'none', 'all',  true,  null),
	( 7, 1,  7, 'Rae', 'rae@demo.test', 'active',    'own',  'own',  'all',  true,  null),
	( 8, 1,  8, 'Pia', 'pia@demo.test', 'active',    'all',  'all',  'all',  false, null),
	( 9, 1,  9, 'Eva', 'eva@demo.test', 'active',    'all',  'all',  'all',  false, null),
	(10, 1, 10, 'Ned', 'ned@demo.test', 'active',    'none', 'none', 'none', true,  null),
	(11, 1, 11, 'Ivy', 'ivy@demo.test', 'invited',   'all',  'all',  'all',  true,  null),
	(12, 1, 12, 'Art', 'art@demo.test', 'active',    'all',  'all',  'all',  true,  now()),
	(13, 3, 13, 'Gus', 'gus@demo.test', 'active',    'all',  'all',  'all',  true,  null);
insert into contact_sites (customer_id, contact_id, site_id) values (1, 8, 2), (1, 3, 2), (1, 11, 2), (1, 12, 2), (3, 13, 4);

insert into quotes (id, customer_id, name, description, currency, status, origin, created_by_contact_id, site_id, main_contact_id, internal_notes) overriding system value values
	(1, 1, 'asked',         'x', 'AUD', 'requested', 'portal', 7,    2,    7,    'margin'),
	(2, 1, 'being priced',  'x', 'AUD', 'draft',     'portal', 7,    1,    7,    ''),
	(3, 1, 'draft',         'x', 'AUD', 'draft',     'office', null, 2,    1,    ''),
	(4, 1, 'sent',          'x', 'AUD', 'draft',     'office', null, 1,    1,    ''),
	(5, 1, 'revised again', 'y', 'AUD', 'draft',     'office', null, 2,    7,    ''),
	(6, 1, 'no site',       'x', 'AUD', 'requested', 'portal', 1,    null, 1,    ''),
	(7, 1, 'given up',      'x', 'AUD', 'withdrawn', 'office', null, 2,    1,    ''),
	(8, 2, 'orchard',       'x', 'AUD', 'requested', 'portal', 4,    3,    4,    ''),
	(9, 3, 'gone',          'x', 'AUD', 'requested', 'portal', 13,   4,    13,   ''),
	(10, 1, 'by phone',     'x', 'AUD', 'draft',     'office', null, 1,    1,    '');
insert into quote_versions (id, customer_id, quote_id, number, name, description, net, tax, total, sent_at, sent_by_id) overriding system value values
	(1, 1, 2, 1, 'being priced', 'x', 500, 50, 550, null, null),
	(2, 1, 3, 1, 'draft', 'x', 500, 50, 550, null, null),
	(3, 1, 4, 1, 'sent', 'x', 100, 10, 110, now(), 1),
	(4, 1, 5, 1, 'revised', 'x', 200, 20, 220, now(), 1),
	(5, 1, 5, 2, 'revised again', 'y', 900, 90, 990, null, null),
	(6, 1, 7, 1, 'given up', 'x', 500, 50, 550, null, null),
	(7, 1, 10, 1, 'by phone', 'x', 300, 30, 330, now(), 1);
insert into quote_lines (customer_id, version_id, position, description, quantity, unit_price, tax_name, tax_percent, line_total)
	select customer_id, id, 1, name || ' v' || number, 1, net, 'GST', 10, net from quote_versions;
update quotes set status = 'sent', sent_version = 1 where id = 4;
update quotes set sent_version = 1 where id = 5;
update quotes set status = 'accepted', sent_version = 1 where id = 10;
insert into quote_staff select id, 1 from quotes;
insert into acceptances (customer_id, version_id, contact_id, decision, full_name, reason, address, browser) values (1, 4, 7, 'declined', 'Rae R.', 'too dear', '192.0.2.1', 'Firefox');

insert into acceptances (customer_id, version_id, decision, full_name, way, recorded_by_id, recorded_at, address, browser) values (1, 7, 'accepted', 'Kay Caller', 'phone', 1, now(), '192.0.2.9', 'Firefox');

insert into jobs (id, customer_id, name, description, job_type_id, status, booked_from, completed_at, site_id, main_contact_id, quote_id, origin, invoice_number, internal_notes) overriding system value
	select id, customer, name, 'x', 1, status, now(), case status when 'completed' then now() - interval '3 years' end, site, contact, quote, 'office', 'INV-' || id, 'pays late'
	from (values
		(1, 1, 'lee''s',     'unscheduled', 1,         1,         4),
		(2, 1, 'kim''s',     'in progress', 2,         2,         3),
		(3, 1, 'no site',    'booked',      null::int, null::int, null::int),
		(4, 1, 'kim''s old', 'completed',   1,         2,         4),
		(5, 2, 'orchard',    'booked',      3,         4,         8),
		(6, 3, 'gone',       'booked',      4,         13,        null)) j (id, customer, name, status, site, contact, quote);
update jobs set follows_job_id = case id when 2 then 1 else 2 end where id in (2, 4);
insert into visit_answers (customer_id, job_id, contact_id, suits, reason) select customer_id, id, coalesce(main_contact_id, 1), true, name from jobs;
insert into job_staff select id, 1 from jobs;
insert into job_statuses (customer_id, job_id, status) select customer_id, id, status from jobs;
insert into tasks (customer_id, job_id, subject) select customer_id, id, name from jobs;
insert into time_entries (customer_id, job_id, worked_on, hours, staff_id, note) select customer_id, id, '2026-03-01', 1.5, 1, 'slow' from jobs;

insert into equipment (id, customer_id, number, name, type, site_id, origin, notes) overriding system value values
	(1, 1, 'E1', 'chiller', 'x', 1, 'office', 'leaks'), (2, 1, 'E2', 'fan', 'x', 2, 'office', ''), (3, 1, 'E3', 'spare', 'x', null, 'office', ''),
	(4, 2, 'E1', 'pump', 'x', 3, 'office', ''), (5, 3, 'E1', 'rust', 'x', 4, 'office', '');
insert into job_equipment (customer_id, job_id, equipment_id) values (1, 1, 1), (1, 1, 2), (1, 2, 2), (1, 4, 1), (2, 5, 4), (3, 6, 5);

insert into messages (id, customer_id, job_id, quote_id, text, staff_id, staff_only) overriding system value values
	(1, 1, 1,    null, 'on lee''s',  1, false),
	(2, 1, 1,    null, 'staff note', 1, true),
	(3, 1, 2,    null, 'on kim''s',  1, false),
	(4, 1, null, 4,    'on sent',    1, false),
	(5, 1, null, 3,    'on draft',   1, false),
	(6, 2, 5,    null, 'on orchard', 1, false);

insert into attachments (customer_id, job_id, quote_id, equipment_id, message_id, name, kind, media_type, size, blob_key, web_key, thumb_key, customer_view, removed_at, uploaded_by_staff_id, uploaded_by_contact_id)
	select customer, job, quote, equipment, message, name, case when name like '%photo' then 'photo' else 'document' end, 'x', 1, 'blob ' || n, 'web', 'thumb',
		coalesce(shared, true), case when removed then now() end, case when contact is null then 1 end, contact
	from (values
		( 1, 1, 1,         null::int, null::int, null::int, 'lee''s photo',         null::boolean, null::boolean, null::int),
		( 2, 1, 1,         null,      null,      null,      'lee''s hidden',        false,         null,          null),
		( 3, 1, 1,         null,      null,      null,      'lee''s removed',       null,          true,          1),
		( 4, 1, 2,         null,      null,      null,      'kim''s own',           null,          null,          2),
		( 5, 1, 4,         null,      null,      null,      'kim''s old',           null,          null,          null),
		( 6, 1, 3,         null,      null,      null,      'no site',              null,          null,          null),
		( 7, 1, null,      4,         null,      null,      'with sent quote',      null,          null,          null),
		( 8, 1, null,      3,         null,      null,      'with draft quote',     null,          null,          null),
		( 9, 1, null,      4,         null,      null,      'sent quote hidden',    false,         null,          null),
		(10, 1, null,      null,      2,         null,      'fan manual',           null,          null,          null),
		(11, 1, null,      null,      2,         null,      'fan hidden',           false,         null,          null),
		(12, 1, null,      null,      null,      1,         'with message',         null,          null,          null),
		(13, 1, null,      null,      null,      2,         'with staff note',      null,          null,          null),
		(14, 1, null,      null,      null,      4,         'with quote message',   null,          null,          null),
		(15, 1, null,      null,      null,      null,      'contract',             null,          null,          null),
		(16, 1, null,      null,      null,      null,      'contract hidden',      false,         null,          null),
		(17, 2, 5,         null,      null,      null,      'orchard',              null,          null,          4),
		(18, 2, null,      null,      null,      null,      'orchard contract',     null,          null,          null),
		(19, 3, 6,         null,      null,      null,      'gone',                 null,          null,          null),
		(20, 1, 3,         null,      null,      null,      'tower certificate',    null,          null,          null),
		(21, 1, 2,         null,      null,      null,      'depot report',         null,          null,          null),
		(22, 1, 4,         null,      null,      null,      'kim''s old warranty',  null,          null,          null),
		(23, 1, 2,         null,      null,      null,      'report for tower',     null,          null,          null),
		(24, 1, null,      null,      2,         null,      'fan certificate',      null,          null,          null),
		(25, 1, null,      null,      null,      null,      'insurance',            null,          null,          null),
		(26, 1, 2,         null,      null,      null,      'hidden certificate',   false,         null,          null),
		(27, 1, 2,         null,      null,      null,      'removed certificate',  null,          true,          null),
		(28, 2, 5,         null,      null,      null,      'orchard certificate',  null,          null,          null),
		(29, 1, 2,         null,      null,      null,      'for the fan',          null,          null,          null),
		(30, 1, 2,         null,      null,      null,      'of no place',          null,          null,          null),
		(31, 3, 6,         null,      null,      null,      'gone certificate',     null,          null,          null)
	) a (n, customer, job, quote, equipment, message, name, shared, removed, contact);
update attachments a set document_kind_id = 1, at_site_id = d.site, at_equipment_id = d.equipment, valid_until = business_day() + 365
	from (values ('tower certificate', 1, null::int), ('depot report', 2, null), ('kim''s old warranty', 1, null), ('report for tower', 1, null), ('fan certificate', null, 2), ('insurance', null, null),
		('hidden certificate', 2, null), ('removed certificate', 2, null), ('orchard certificate', 3, null), ('for the fan', null, 2), ('of no place', null, null), ('gone certificate', 4, null)) d (name, site, equipment)
	where a.name = d.name;
`

// personas are who looks. Those after Gus claim to be somebody they are not.
var personas = map[string]Viewer{
	"Lee": {Contact: 1, Customer: 1}, "Kim": {Contact: 2, Customer: 1}, "Ola": {Contact: 4, Customer: 2},
	"Sam": {Contact: 5, Customer: 1}, "Sam at Orchard": {Contact: 6, Customer: 2},
	"Rae": {Contact: 7, Customer: 1},  // own jobs and quotes
	"Pia": {Contact: 8, Customer: 1},  // everything at the Depot
	"Eva": {Contact: 9, Customer: 1},  // everything, but no site was selected
	"Ned": {Contact: 10, Customer: 1}, // no rights
	"Max": {Contact: 3, Customer: 1}, "Ivy, invited": {Contact: 11, Customer: 1}, "Art, archived": {Contact: 12, Customer: 1}, "Gus of Gone": {Contact: 13, Customer: 3},
	"nobody": {}, "Ola as of Harbour": {Contact: 4, Customer: 1}, "Lee as of Orchard": {Contact: 1, Customer: 2}, "Harbour without contact": {Customer: 1},
}

// TestVisibility is the rule, record by record: who is not named does not see it.
func TestVisibility(t *testing.T) {
	t.Parallel()
	r, _ := newTown(t)
	for _, view := range []struct {
		name, label string
		seen        []seen
	}{
		{"jobs", "name", []seen{
			{"lee's", "Lee"},
			{"kim's", "Lee, Kim, Pia"},
			{"no site", "Lee"},
			{"kim's old", "Lee, Kim"},
			{"orchard", "Ola"},
		}},
		{"job_staff", jobName + " || ': ' || name", []seen{{"lee's: Tom", "Lee"}, {"kim's: Tom", "Lee, Kim, Pia"}, {"no site: Tom", "Lee"}, {"kim's old: Tom", "Lee, Kim"}, {"orchard: Tom", "Ola"}}},
		{"job_follows", jobName + " || ' after ' || follows_job_id", []seen{{"kim's after 1", "Lee"}, {"kim's old after 2", "Lee, Kim"}}},
		{"visit_answers", jobName + " || ': ' || reason", []seen{{"lee's: lee's", "Lee"}, {"kim's: kim's", "Lee, Kim, Pia"}, {"no site: no site", "Lee"}, {"kim's old: kim's old", "Lee, Kim"}, {"orchard: orchard", "Ola"}}},
		{"job_statuses", jobName + " || ': ' || status", []seen{{"lee's: unscheduled", "Lee"}, {"kim's: in progress", "Lee, Kim, Pia"}, {"no site: booked", "Lee"}, {"kim's old: completed", "Lee, Kim"}, {"orchard: booked", "Ola"}}},
		{"tasks", "subject", []seen{{"lee's", "Lee"}, {"kim's", "Lee, Kim, Pia"}, {"no site", "Lee"}, {"kim's old", "Lee, Kim"}, {"orchard", "Ola"}}},
		{"time_entries", jobName + " || ': ' || hours", []seen{{"lee's: 1.50", "Lee"}, {"kim's: 1.50", "Lee, Kim, Pia"}, {"no site: 1.50", "Lee"}, {"kim's old: 1.50", "Lee, Kim"}, {"orchard: 1.50", "Ola"}}},
		// A link from a job shows only what its target shows.
		{"jobs", "name || ': ' || coalesce((select name from portal.quotes where number = quote_number), quote_number, '–')", []seen{
			{"lee's: sent", "Lee"},
			{"kim's: –", "Lee, Kim, Pia"},
			{"no site: –", "Lee"},
			{"kim's old: sent", "Lee"},
			{"kim's old: –", "Kim"},
			{"orchard: orchard", "Ola"},
		}},
		{"job_equipment", jobName + " || ': ' || (select name from portal.equipment e where e.id = equipment_id)", []seen{
			{"lee's: chiller", "Lee"},
			{"lee's: fan", "Lee"},
			{"kim's: fan", "Lee, Pia"},
			{"kim's old: chiller", "Lee"},
			{"orchard: pump", "Ola"},
		}},
		{"quotes", "name", []seen{
			{"asked", "Lee, Sam, Rae, Pia"},
			{"being priced", "Lee, Sam, Rae"},
			{"sent", "Lee, Sam"},
			{"revised", "Lee, Sam, Rae, Pia"},
			{"no site", "Lee, Sam"},
			{"by phone", "Lee, Sam"},
			{"orchard", "Ola"},
		}},
		// Pricing goes on behind the curtain.
		{"quotes", "name || ' ' || description || ' is ' || status || ' v' || coalesce(version_number || ' for ' || total, '–')", []seen{
			{"asked x is requested v–", "Lee, Sam, Rae, Pia"},
			{"being priced x is requested v–", "Lee, Sam, Rae"},
			{"sent x is sent v1 for 110", "Lee, Sam"},
			{"revised x is declined v1 for 220", "Lee, Sam, Rae, Pia"}, // as it was answered
			{"no site x is requested v–", "Lee, Sam"},
			{"by phone x is accepted v1 for 330", "Lee, Sam"},
			{"orchard x is requested v–", "Ola"},
		}},
		{"quote_lines", "description", []seen{{"sent v1", "Lee, Sam"}, {"revised v1", "Lee, Sam, Rae, Pia"}, {"by phone v1", "Lee, Sam"}}},
		{"quote_sendings", quoteName + " || ' v' || number", []seen{{"sent v1", "Lee, Sam"}, {"revised v1", "Lee, Sam, Rae, Pia"}, {"by phone v1", "Lee, Sam"}}},
		// Who recorded an answer is said to those who see it, and to nobody else.
		{"quote_answers", quoteName + " || ': ' || decision || ' by ' || full_name || ', ' || way || ', ' || recorded_by", []seen{
			{"revised: declined by Rae R., portal, ", "Lee, Sam, Rae, Pia"}, {"by phone: accepted by Kay Caller, phone, Tom", "Lee, Sam"},
		}},
		{"quote_staff", "(select q.name from portal.quotes q where q.id = quote_id)", []seen{
			{"asked", "Lee, Sam, Rae, Pia"},
			{"being priced", "Lee, Sam, Rae"},
			{"sent", "Lee, Sam"},
			{"revised", "Lee, Sam, Rae, Pia"},
			{"no site", "Lee, Sam"},
			{"by phone", "Lee, Sam"},
			{"orchard", "Ola"},
		}},
		{"quote_jobs", jobName + " || ': ' || (select q.name from portal.quotes q where q.id = quote_id)", []seen{{"lee's: sent", "Lee"}, {"kim's old: sent", "Lee"}, {"orchard: orchard", "Ola"}}},
		{"equipment", "name", []seen{
			{"chiller", "Lee, Rae"},
			{"fan", "Lee, Rae, Pia"},
			{"spare", "Lee, Rae"},
			{"pump", "Ola, Sam at Orchard"},
		}},
		{"messages", "text", []seen{
			{"on lee's", "Lee"},
			{"on kim's", "Lee, Kim, Pia"},
			{"on sent", "Lee, Sam"},
			{"on orchard", "Ola"},
		}},
		{"attachments", "name", []seen{
			{"lee's photo", "Lee"},
			{"kim's own", "Lee, Kim, Pia"},
			{"kim's old", "Lee, Kim"},
			{"no site", "Lee"},
			{"with sent quote", "Lee, Sam"},
			{"fan manual", "Lee, Rae, Pia"},
			{"with message", "Lee"},
			{"with quote message", "Lee, Sam"},
			{"contract", "Lee, Sam"},
			{"orchard", "Ola"},
			{"orchard contract", "Ola"},
			{"tower certificate", "Lee"},
			{"depot report", "Lee, Kim, Pia"},
			{"kim's old warranty", "Lee, Kim"},
			{"report for tower", "Lee, Kim, Pia"},
			{"fan certificate", "Lee, Rae, Pia"},
			{"insurance", "Lee, Sam"},
			{"for the fan", "Lee, Kim, Pia"},
			{"of no place", "Lee, Kim, Pia"},
			{"orchard certificate", "Ola"},
		}},
		// A document shows with what it hangs on, and at sites that show.
		{"documents", "name", []seen{
			{"tower certificate", "Lee"},
			{"depot report", "Lee, Kim, Pia"},
			{"kim's old warranty", "Lee, Kim"},
			{"report for tower", "Lee, Kim"}, // on a job that Pia sees, about a site that she does not
			{"fan certificate", "Lee, Rae, Pia"},
			{"insurance", "Lee, Sam"},
			{"for the fan", "Lee, Kim, Pia"},
			{"of no place", "Lee, Kim"},
			{"orchard certificate", "Ola"},
		}},
		// What it is for and what it hangs on are named only to those who see that.
		{"documents", "name || ': ' || coalesce((select e.name from portal.equipment e where e.id = equipment_id), '–') || ', ' || coalesce((select s.name from portal.sites s where s.id = site_id), '–')", []seen{
			{"tower certificate: –, Tower", "Lee"},
			{"depot report: –, Depot", "Lee, Kim, Pia"},
			{"kim's old warranty: –, Tower", "Lee, Kim"},
			{"report for tower: –, Tower", "Lee, Kim"},
			{"fan certificate: fan, Depot", "Lee, Rae, Pia"},
			{"insurance: –, –", "Lee, Sam"},
			{"for the fan: fan, Depot", "Lee, Pia"},
			{"for the fan: –, Depot", "Kim"},
			{"of no place: –, –", "Lee, Kim"},
			{"orchard certificate: –, Farm", "Ola"},
		}},
		{"document_kinds", "name", []seen{{"Safety certificate", everybody}, {"Test report", everybody}, {"Warranty", everybody}, {"Manual", everybody}}},
		{"sites", "name", []seen{{"Tower", "Lee, Kim, Sam, Rae, Ned"}, {"Depot", "Lee, Kim, Sam, Rae, Pia, Ned"}, {"Farm", "Ola, Sam at Orchard"}}},
		{"customer", "name", []seen{{"Harbour", "Lee, Kim, Sam, Rae, Pia, Eva, Ned"}, {"Orchard", "Ola, Sam at Orchard"}}},
		{"viewer", "name", []seen{{"Lee", "Lee"}, {"Kim", "Kim"}, {"Sam", "Sam, Sam at Orchard"}, {"Rae", "Rae"}, {"Pia", "Pia"}, {"Eva", "Eva"}, {"Ned", "Ned"}, {"Ola", "Ola"}}},
	} {
		for name, v := range personas {
			var want []string
			for _, s := range view.seen {
				if slices.Contains(strings.Split(s.who, ", "), name) {
					want = append(want, s.record)
				}
			}
			got := look(t, r, v, "select "+view.label+" from portal."+view.name)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s sees of %s (%s)\n     %q\nnot  %q", name, view.name, view.label, got, want)
			}
		}
	}
}

// everybody who may look at anything.
const everybody = "Lee, Kim, Ola, Sam, Sam at Orchard, Rae, Pia, Eva, Ned"

// seen says by whom a record is seen.
type seen struct{ record, who string }

const quoteName = "(select q.name from portal.quotes q where q.id = quote_id)"

const jobName = "(select j.name from portal.jobs j where j.id = job_id)"

func TestPhotosShowTheirRenditionsOnly(t *testing.T) {
	t.Parallel()
	r, _ := newTown(t)
	got := look(t, r, personas["Lee"], "select name || ':' || blob_key from portal.attachments where name in ('lee''s photo', 'contract') order by name")
	if want := []string{"contract:blob 15", "lee's photo:"}; !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

func TestHiddenTasksAndAdminDetails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		hideTasks, hideAdmin         bool
		tasks, invoices, terms, show string
	}{
		{false, false, "4", "INV-1 INV-2 INV-3 INV-4", "30 days", "true"},
		{true, false, "0", "INV-1 INV-2 INV-3 INV-4", "30 days", "true"},
		{false, true, "4", "", "", "false"},
		{true, true, "0", "", "", "false"},
	} {
		r, db := newTown(t)
		exec(t, db, `update portal_settings set hide_tasks = $1, hide_admin_details = $2`, tt.hideTasks, tt.hideAdmin)
		exec(t, db, `update customers set payment_terms = '30 days', invoice_delivery = 'x', invoice_address = 'x', purchase_order_required = true`)
		exec(t, db, `update jobs set invoicing_note = invoice_number`)
		got := look(t, r, personas["Lee"], `
			select (select count(*)::text from portal.tasks)
			union all select trim(string_agg(invoice_number, ' ' order by id)) from portal.jobs
			union all select trim(string_agg(invoicing_note, ' ' order by id)) from portal.jobs
			union all select payment_terms from portal.customer
			union all select shows_admin::text from portal.customer
			union all select (invoice_delivery <> '' or invoice_address <> '' or coalesce(purchase_order_required, false))::text from portal.customer`)
		if want := []string{tt.tasks, tt.invoices, tt.invoices, tt.terms, tt.show, tt.show}; !slices.Equal(got, want) {
			t.Errorf("tasks hidden %v, admin details hidden %v: %q, want %q", tt.hideTasks, tt.hideAdmin, got, want)
		}
	}
}

func TestAgeLimit(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	const (
		last = "2026-03-09 23:59:59.999999 Australia/Sydney"
		next = "2026-03-10 00:00 Australia/Sydney"
	)
	exec(t, db, `update portal_settings set age_limit = 'since', age_limit_since = '2026-03-10'`)
	for _, tt := range []struct {
		rule, status               string
		created, booked, completed any
		seen                       bool
	}{
		{"completed in the last moment of the day before", "completed", last, last, last, false},
		{"completed at midnight of the day", "completed", last, last, next, true},
		{"closed long ago", "closed", last, next, last, false},
		{"cancelled: the booking counts", "cancelled", next, last, nil, false},
		{"cancelled: a booking in time", "cancelled", last, next, nil, true},
		{"cancelled, never booked: the creation counts", "cancelled", last, nil, nil, false},
		{"cancelled, never booked, created in time", "cancelled", next, nil, nil, true},
		{"what is not finished never ages", "in progress", last, last, nil, true},
		{"nor what was completed and is gone on with", "in progress", last, last, last, true},
		{"nor a deferred one", "deferred", last, last, nil, true},
		{"nor a new one", "new", last, nil, nil, true},
	} {
		exec(t, db, `update jobs set status = $1, created_at = $2::text::timestamptz, booked_from = $3::text::timestamptz, completed_at = $4::text::timestamptz where id = 1`, tt.status, tt.created, tt.booked, tt.completed)
		if got := look(t, r, personas["Lee"], "select name from portal.jobs where id = 1"); (len(got) == 1) != tt.seen {
			t.Errorf("%s: seen %v", tt.rule, got)
		}
		// It holds for everything that hangs on the job and every link to it.
		got := look(t, r, personas["Lee"], `
			select 'file' from portal.attachments where job_id = 1 union all select 'message' from portal.messages where job_id = 1
			union all select 'file of message' from portal.attachments where message_id = 1
			union all select 'task' from portal.tasks where job_id = 1 union all select 'time' from portal.time_entries where job_id = 1
			union all select 'status' from portal.job_statuses where job_id = 1 union all select 'staff' from portal.job_staff where job_id = 1
			union all select 'answer' from portal.visit_answers where job_id = 1 union all select 'followed' from portal.job_follows where follows_job_id = 1
			union all select distinct 'equipment' from portal.job_equipment where job_id = 1`)
		if want := 10; tt.seen && len(got) != want || !tt.seen && len(got) != 0 {
			t.Errorf("%s: of what hangs on it shows %q", tt.rule, got)
		}
	}
}

func TestAgeLimitInMonths(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	for _, zone := range []string{"Australia/Sydney", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago"} {
		exec(t, db, `update company set time_zone = $1`, zone)
		exec(t, db, `update portal_settings set age_limit = 'months', age_limit_months = 6`)
		// The day at this zone is the database's business too: one clock.
		for _, tt := range []struct {
			moved time.Duration
			seen  int
		}{{0, 1}, {-time.Microsecond, 0}} {
			exec(t, db, `
				update jobs set completed_at = (business_day() - interval '6 months') at time zone $1 + $2::interval, status = 'completed'
				where id = 1`, zone, tt.moved)
			if got := look(t, r, personas["Lee"], "select name from portal.jobs where id = 1"); len(got) != tt.seen {
				t.Errorf("%s: %v from midnight six months ago seen: %q", zone, tt.moved, got)
			}
		}
	}
	exec(t, db, `update portal_settings set age_limit = 'off'`)
	exec(t, db, `update jobs set completed_at = '1950-01-01' where id = 1`)
	if got := look(t, r, personas["Lee"], "select name from portal.jobs where id = 1"); len(got) != 1 {
		t.Error("without a limit an old job is hidden")
	}
}

// TestNextLook proves that access is asked for at every look.
func TestNextLook(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	count := func() int { return len(look(t, r, personas["Lee"], "select name from portal.jobs")) }
	for _, tt := range []struct {
		change string
		seen   int
	}{
		{"update contacts set access = 'active' where id = 1", 4},
		{"update contacts set access = 'suspended' where id = 1", 0},
		{"update contacts set access = 'active', jobs_see = 'own' where id = 1", 1},
		{"update contacts set jobs_see = 'none' where id = 1", 0},
		{"update contacts set jobs_see = 'all', all_sites = false where id = 1", 0},
		{"insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 1)", 2},
		{"update contacts set all_sites = true where id = 1", 4},
		{"update customers set archived_at = now() where id = 1", 0},
	} {
		exec(t, db, tt.change)
		if got := count(); got != tt.seen {
			t.Errorf("after %q Lee sees %d jobs, want %d", tt.change, got, tt.seen)
		}
	}
}

// What is for the office is not hidden in the views, it is not there.
func TestOfficeColumnsAreNotThere(t *testing.T) {
	t.Parallel()
	_, db := newTown(t)
	office := map[string][]string{
		"":              {"nonce", "customer_type", "on_hold", "account_manager_id", "price_level", "file_quota", "access_instructions", "notes", "internal_notes", "priority", "looked_at", "looked_by_id", "password_hash", "stamp", "second_factor", "person_id", "staff_id", "staff_only", "created_by_staff_id", "uploaded_by_staff_id", "shared_at", "shared_by_id", "sent_by_id"},
		"job_types":     {"default_description", "notification_addresses"},
		"tasks":         {"assignee_id"},
		"time_entries":  {"started", "ended", "note"},
		"job_statuses":  {"contact_id"},
		"quote_answers": {"address", "browser"},
		"settings":      {"contact_notifications", "job_notifications"},
	}
	rows, err := db.Query(t.Context(), `select table_name, column_name from information_schema.columns where table_schema = $1`, migrations.PortalSchema())
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ View, Column string }])
	if err != nil || len(columns) < 100 {
		t.Fatalf("%d columns, %v", len(columns), err)
	}
	for _, c := range columns {
		if slices.Contains(office[""], c.Column) || slices.Contains(office[c.View], c.Column) {
			t.Errorf("portal.%s shows %s", c.View, c.Column)
		}
	}
	for _, view := range slices.Sorted(maps.Keys(office)) {
		if view != "" && !slices.ContainsFunc(columns, func(c struct{ View, Column string }) bool { return c.View == view }) {
			t.Errorf("there is no portal.%s to look at", view)
		}
	}
}

// TestRoleReadsViewsOnly: were a look ever to name a table, it would be refused.
func TestRoleReadsViewsOnly(t *testing.T) {
	t.Parallel()
	_, db := newTown(t)
	var reached []string
	err := db.QueryRow(t.Context(), `
		select coalesce(array_agg(n.nspname || '.' || c.relname || ' ' || p), '{}')
		from pg_class c join pg_namespace n on n.oid = c.relnamespace, unnest(array['select', 'insert', 'update', 'delete', 'truncate']) p
		where n.nspname in ('public', $1) and c.relkind in ('r', 'v', 'm', 'p') and has_table_privilege(current_user || '_portal', c.oid, p)
			and not (n.nspname = $1 and p = 'select')`, migrations.PortalSchema()).Scan(&reached)
	if err != nil || len(reached) > 0 {
		t.Errorf("the portal's role reaches %q (%v)", reached, err)
	}
}

func newTown(t *testing.T) (*Reader, *pgxpool.Pool) {
	t.Helper()
	db := dbtest.New(t)
	exec(t, db, town)
	return NewReader(db), db
}

func exec(t *testing.T, db *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%v: %.200s", err, sql)
	}
}

func look(t *testing.T, r *Reader, v Viewer, sql string) (out []string) {
	t.Helper()
	err := r.read(context.WithoutCancel(t.Context()), v, func(b *postgres.Batch) {
		b.Add(sql, nil, func(rows pgx.Rows) (err error) {
			out, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	})
	if err != nil {
		t.Fatalf("%v: %s", err, sql)
	}
	return out
}

// TestDocumentsOutlastTheirJob: of all that hides a job, its age alone does not
// hide a document that is still valid, and nothing tells of the job.
func TestDocumentsOutlastTheirJob(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Australia/Sydney", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago"} {
		r, db := newTown(t)
		exec(t, db, `update company set time_zone = $1`, zone)
		exec(t, db, `update portal_settings set age_limit = 'since', age_limit_since = business_day() - 365`)
		for _, tt := range []struct {
			rule, change, undo, who string
		}{
			{"valid for long", ``, ``, "Lee, Kim"},
			{"on its last day, by the business's calendar", `set valid_until = business_day()`, `set valid_until = business_day() + 365`, "Lee, Kim"},
			{"the day after", `set valid_until = business_day() - 1`, `set valid_until = business_day() + 365`, ""},
			{"without an end it goes with its job", `set valid_until = null`, `set valid_until = business_day() + 365`, ""},
			{"hidden from the portal", `set customer_view = false`, `set customer_view = true`, ""},
			{"removed", `set removed_at = now()`, `set removed_at = null`, ""},
			{"of no kind any more", `set document_kind_id = null, valid_until = null, at_site_id = null`, `set document_kind_id = 1, at_site_id = 1, valid_until = business_day() + 365`, ""},
			{"at a site that only the Depot's see", `set at_site_id = 2`, `set at_site_id = 1`, "Lee, Kim"}, // its job is at the Tower, which Pia does not see
		} {
			apply := func(change string) {
				if change != "" {
					exec(t, db, `update attachments `+change+` where name = 'kim''s old warranty'`)
				}
			}
			apply(tt.change)
			for name, v := range personas {
				seen := slices.Contains(strings.Split(tt.who, ", "), name)
				if got := look(t, r, v, `select name from portal.documents where name = 'kim''s old warranty'`); (len(got) == 1) != seen {
					t.Errorf("%s, %s: %s sees %q", zone, tt.rule, name, got)
				}
				f, err := r.File(context.WithoutCancel(t.Context()), v, publicID(t, db, "kim's old warranty"))
				if (err == nil) != seen || (seen && (f.BlobKey != "blob 22" || f.JobID != nil)) {
					t.Errorf("%s, %s: %s gets the file %+v, %v", zone, tt.rule, name, f, err)
				}
				// The job stays hidden, with whatever else hangs on it and each way to it.
				left := look(t, r, v, `
					select 'job' from portal.jobs where id = 4 union all select 'file' from portal.attachments where job_id = 4 union all select 'link' from portal.documents where job_id = 4
					union all select 'status' from portal.job_statuses where job_id = 4 union all select 'equipment' from portal.job_equipment where job_id = 4`)
				if len(left) > 0 {
					t.Errorf("%s, %s: %s sees of the old job %q", zone, tt.rule, name, left)
				}
			}
			apply(tt.undo)
		}
		// Scope, site and access hide the document with the job as ever.
		for _, tt := range []struct{ rule, change, undo, who string }{
			{"somebody else's job, of those who see their own", `update jobs set main_contact_id = 1 where id = 4`, `update jobs set main_contact_id = 2 where id = 4`, "Lee"},
			{"no jobs at all", `update contacts set jobs_see = 'none' where id = 1`, `update contacts set jobs_see = 'all' where id = 1`, "Kim"},
			{"suspended", `update contacts set access = 'suspended' where id = 2`, `update contacts set access = 'active' where id = 2`, "Lee"},
			{"a job at a site that is theirs, a document at one that is not", `update jobs set site_id = 2 where id = 4`, `update jobs set site_id = 1 where id = 4`, "Lee, Kim"},
			{"both at their site", `update jobs set site_id = 2 where id = 4; update attachments set at_site_id = 2 where name = 'kim''s old warranty'`, `update jobs set site_id = 1 where id = 4; update attachments set at_site_id = 1 where name = 'kim''s old warranty'`, "Lee, Kim, Pia"},
			{"a customer that was archived", `update customers set archived_at = now() where id = 1`, `update customers set archived_at = null where id = 1`, ""},
		} {
			for change := range strings.SplitSeq(tt.change, "; ") {
				exec(t, db, change)
			}
			for name, v := range personas {
				seen := slices.Contains(strings.Split(tt.who, ", "), name)
				if got := look(t, r, v, `select name from portal.documents where name = 'kim''s old warranty'`); (len(got) == 1) != seen {
					t.Errorf("%s, %s: %s sees %q", zone, tt.rule, name, got)
				}
			}
			for undo := range strings.SplitSeq(tt.undo, "; ") {
				exec(t, db, undo)
			}
		}
	}
}

func publicID(t *testing.T, db *pgxpool.Pool, name string) (id string) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `select public_id from attachments where name = $1`, name).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}
