-- What a contact may see: the rule of visibility, whole and only here.
--
-- The portal's role may read the views of this schema and nothing else. Who
-- wants to look is named at the head of a batch by the settings portal.as_contact
-- and portal.as_customer. What that contact may see is then asked once, of
-- portal.sight, and kept as settings of the same names as its columns; all
-- other views compare with those. Settings hold for one transaction. Nobody, a
-- contact without access, and whoever is not of that customer leave all of
-- them empty, and then every view is empty. Who comes by a record link is named
-- with the record, by portal.as_job or portal.as_quote.
--
-- Columns that are for the office are not in the views at all.
--
-- What an index is searched with is compared by plain stable functions, which
-- the planner sees through. Where many rows are read, all other settings stand in
-- a select of their own, which is asked once and not for each row: reading a
-- setting takes longer than reading a row. "Is not null or …" and a customer for
-- each area let the planner expect the rows that come: of a condition that says
-- true or false it knows nothing.
--
-- Most of what a page costs is not reading rows but getting ready to: every table
-- and every select of a view counts, in each place that looks into it. So what
-- hangs on a job or quote, or wants to know whether one is seen, asks seen_jobs and
-- seen_quotes, which have nothing but the rule, and compare with plain settings.

create schema portal;

create function portal.as_contact() returns bigint language sql stable return nullif(current_setting('portal.as_contact', true), '')::bigint;
create function portal.as_customer() returns bigint language sql stable return nullif(current_setting('portal.as_customer', true), '')::bigint;

-- Staff look as this contact would, whether or not the contact may enter. Only
-- the Reader sets it, each time, and only for a preview's session.
create function portal.previewed() returns boolean language sql stable return coalesce(current_setting('portal.preview', true), '') = 'on';

-- Who comes by a record link looks at one job or quote, whose id this is. The
-- Reader sets it, each time, for a link's session and for emails that have one.
-- All that is not of this record is then not there: an area's customer is that
-- of the record's area alone, and what is of no record asks for everything().
create function portal.as_job() returns bigint language sql stable return nullif(current_setting('portal.as_job', true), '')::bigint;
create function portal.as_quote() returns bigint language sql stable return nullif(current_setting('portal.as_quote', true), '')::bigint;
-- Where that record is, and of which type: filled once it is known.
create function portal.record_site() returns bigint language sql stable return nullif(current_setting('portal.record_site', true), '')::bigint;
create function portal.record_type() returns bigint language sql stable return nullif(current_setting('portal.record_type', true), '')::bigint;
create function portal.linked() returns boolean language sql stable return portal.as_job() is not null or portal.as_quote() is not null;

-- The contact who looks, with the permissions as they are now. Empty when access
-- was taken away or the customer archived, and then so is everything below. A link
-- needs no access: who has none, whose permissions nobody has chosen, sees their
-- own record by it, which is the one whose main contact staff made them.
create view portal.viewer as
select c.id, c.customer_id, c.name, c.email, c.phone, c.mobile, c.role,
       case when portal.linked() and c.access = 'none' then 'own' else c.jobs_see end as jobs_see, c.jobs_edit, c.jobs_create,
       case when portal.linked() and c.access = 'none' then 'own' else c.quotes_see end as quotes_see, c.quotes_edit, c.quotes_create, c.quotes_accept,
       c.equipment_see, c.equipment_edit, c.equipment_add, c.company_edit, c.contacts_manage and not portal.linked() as contacts_manage, c.all_sites, c.created_at, c.version,
       (select p.email from persons p where p.id = c.person_id) as sign_in_email
from contacts c
join customers cu on cu.id = c.customer_id
where c.id = portal.as_contact() and c.customer_id = portal.as_customer()
  and (c.access = 'active' or portal.previewed() or portal.linked() and c.access <> 'suspended') and c.archived_at is null and cu.archived_at is null;

create view portal.settings as
select s.hide_tasks, s.hide_admin_details, s.visit_answer_hours, s.contact_keys,
       case s.age_limit
           when 'months' then moment_of(((now() at time zone co.time_zone)::date - make_interval(months => s.age_limit_months))::date, '00:00', co.time_zone)
           when 'since' then moment_of(s.age_limit_since, '00:00', co.time_zone)
           else '-infinity'::timestamptz
       end as cutoff,
       (now() at time zone co.time_zone)::date as today
from portal_settings s, company co;

-- All that decides what the viewer sees, as text: always one row, of nulls when
-- nobody looks. An area's customer is there only for those who see something of it.
create view portal.sight as
select s.*
from (select) always
left join (
    select v.id::text as contact_id, v.customer_id::text as customer_id,
           case when not portal.linked() then 'on' end as everything,
           case when v.jobs_see in ('own', 'all') and portal.as_quote() is null then v.customer_id end::text as jobs_customer,
           case when v.jobs_see = 'all' then 'on' end as all_jobs,
           -- Nothing hides a job of the customer: what hangs on one is shown without a look at it.
           case when v.jobs_see = 'all' and v.all_sites and not portal.linked() and p.cutoff = '-infinity' then 'on' end as every_job,
           case when v.quotes_see in ('own', 'all') and portal.as_job() is null then v.customer_id end::text as quotes_customer,
           case when v.quotes_see = 'all' then 'on' end as all_quotes,
           case when v.equipment_see = 'all' and not portal.linked() then v.customer_id end::text as equipment_customer,
           case when v.equipment_see = 'all' then v.customer_id end::text as named_equipment_customer,
           case when v.all_sites then 'on' end as all_sites,
           array(select cs.site_id from contact_sites cs where cs.contact_id = v.id and cs.customer_id = v.customer_id)::text as sites,
           case when not p.hide_admin_details then 'on' end as shows_admin,
           case when not p.hide_tasks then 'on' end as shows_tasks,
           p.cutoff::text as cutoff,
           p.visit_answer_hours::text as visit_answer_hours,
           p.today::text as today,
           -- What was written before is not new to the contact.
           greatest(v.created_at, now() - interval '180 days')::text as news_since,
           (select t.before_at from visits t where t.contact_id = v.id)::text as last_visit
    from portal.viewer v, portal.settings p) s on true;

create function portal.contact_id() returns bigint language sql stable return nullif(current_setting('portal.contact_id', true), '')::bigint;
create function portal.customer_id() returns bigint language sql stable return nullif(current_setting('portal.customer_id', true), '')::bigint;
create function portal.everything() returns text language sql stable return nullif(current_setting('portal.everything', true), '');
create function portal.jobs_customer() returns bigint language sql stable return nullif(current_setting('portal.jobs_customer', true), '')::bigint;
create function portal.all_jobs() returns text language sql stable return nullif(current_setting('portal.all_jobs', true), '');
create function portal.every_job() returns text language sql stable return nullif(current_setting('portal.every_job', true), '');
create function portal.quotes_customer() returns bigint language sql stable return nullif(current_setting('portal.quotes_customer', true), '')::bigint;
create function portal.all_quotes() returns text language sql stable return nullif(current_setting('portal.all_quotes', true), '');
create function portal.equipment_customer() returns bigint language sql stable return nullif(current_setting('portal.equipment_customer', true), '')::bigint;
create function portal.named_equipment_customer() returns bigint language sql stable return nullif(current_setting('portal.named_equipment_customer', true), '')::bigint;
create function portal.all_sites() returns text language sql stable return nullif(current_setting('portal.all_sites', true), '');
create function portal.sites() returns bigint[] language sql stable return nullif(current_setting('portal.sites', true), '')::bigint[];
create function portal.shows_admin() returns boolean language sql stable return coalesce(current_setting('portal.shows_admin', true), '') = 'on';
create function portal.shows_tasks() returns boolean language sql stable return coalesce(current_setting('portal.shows_tasks', true), '') = 'on';
create function portal.news_since() returns timestamptz language sql stable return nullif(current_setting('portal.news_since', true), '')::timestamptz;
create function portal.visited_until() returns timestamptz language sql stable return nullif(current_setting('portal.last_visit', true), '')::timestamptz;

-- Finished jobs older than this are hidden.
create function portal.cutoff() returns timestamptz language sql stable return nullif(current_setting('portal.cutoff', true), '')::timestamptz;

-- So many hours before a visit its answer is needed.
create function portal.visit_answer_hours() returns integer language sql stable return nullif(current_setting('portal.visit_answer_hours', true), '')::integer;

-- The business's day.
create function portal.today() returns date language sql stable return nullif(current_setting('portal.today', true), '')::date;

-- Whether what another contact sees is within what the viewer sees: what they
-- call their own is within nothing but all.
create function portal.within(theirs text, own text) returns boolean language sql immutable return theirs = 'none' or own = 'all';

-- Of a customer's jobs or quotes those that the viewer sees: all, or where they are
-- main contact; all, or the one of the link; and at which sites. all_of and the like
-- are settings, in whichever way the view that asks reads them.
create function portal.shows(main_contact bigint, id bigint, site bigint, all_of text, contact bigint, everything text, this bigint, all_sites text, sites bigint[]) returns boolean language sql immutable
return (all_of is not null or main_contact = contact)
  and (everything is not null or id = this)
  and (all_sites is not null or site = any (sites));

-- Whether a thing is the one that is looked for by its id. It is told to be dear, so that a
-- plan which is kept looks at that one alone, whoever it was made for: of a customer with
-- three jobs reading all seems to cost as little, and of one with 50,000 it does not.
create function portal.one(id bigint, asked bigint) returns boolean language plpgsql immutable parallel safe cost 100000 as $$ begin return id = asked; end $$;

create view portal.seen_jobs as
select j.id, j.number, j.name, j.description,
       j.number || '' as key -- by which one is looked for: its index begins with the customer, so that another's number takes as long as one never used
from jobs j
where j.customer_id = portal.jobs_customer() and j.aged_at >= portal.cutoff()
  and portal.shows(j.main_contact_id, j.id, j.site_id, portal.all_jobs(), portal.contact_id(), portal.everything(), portal.as_job(), portal.all_sites(), portal.sites());

create view portal.seen_quotes as
select q.id, q.number, q.sent_version, q.number || '' as key
from quotes q
where q.customer_id = portal.quotes_customer() and (q.origin = 'portal' or q.sent_version is not null)
  and portal.shows(q.main_contact_id, q.id, q.site_id, portal.all_quotes(), portal.contact_id(), portal.everything(), portal.as_quote(), portal.all_sites(), portal.sites());

create view portal.quotes as
select q.id, q.number,
       coalesce(v.name, q.name) as name,
       coalesce(v.description, q.description) as description,
       q.price_estimate, q.currency,
       -- Pricing goes on behind the curtain: a request stays Requested, and a quote that was sent stays Sent, or Declined, until the next version is.
       case when q.status <> 'draft' then q.status
            when q.sent_version is null then 'requested'
            when exists (select from quote_versions w join acceptances a on a.version_id = w.id where w.quote_id = q.id and w.number = q.sent_version) then 'declined' -- not by v, which counts then do without
            else 'sent' end as status,
       q.status = 'draft' and q.sent_version is not null as revising,
       q.status = 'sent' as is_sent, coalesce(q.valid_until, 'infinity') as answer_key, -- by which those that wait for an answer are found: of a sent quote the version says the same
       q.status in ('requested', 'draft', 'sent') as is_open, -- and those that were not answered
       q.status = 'requested' or q.status = 'draft' and q.sent_version is null as is_requested, -- as status has it, for an index
       exists (select from acceptances a where a.version_id = v.id) as is_answered, -- a draft that shows as declined
       q.site_id, q.main_contact_id, q.job_type_id,
       (select c.name from contacts c where c.id = q.main_contact_id) as main_contact,
       q.preferred_on, q.booked_from, q.booked_until, q.purchase_order,
       v.valid_until,
       coalesce(v.inclusions, '') as inclusions, coalesce(v.exclusions, '') as exclusions, coalesce(v.terms, '') as terms,
       v.id as version_id, v.number as version_number, v.net, v.tax, v.total, v.sent_at,
       q.origin, q.created_by_contact_id, q.created_at, q.asked_or_sent_at, q.withdrawn_at, q.version,
       q.portal_search as own_search, q.file_words, q.portal_search || q.file_words as search, own_words(q.customer_id, q.portal_search || q.file_words) as words, -- see portal.jobs
       q.number || '' as key
from quotes q
left join quote_versions v on v.quote_id = q.id and v.number = q.sent_version
where q.customer_id = portal.quotes_customer() and (q.origin = 'portal' or q.sent_version is not null)
  and portal.shows(q.main_contact_id, q.id, q.site_id, (select portal.all_quotes()), (select portal.contact_id()), (select portal.everything()), (select portal.as_quote()), (select portal.all_sites()), (select portal.sites()));

-- When each version was sent, not what stood in it.
create view portal.quote_sendings as
select q.id as quote_id, v.number, v.sent_at
from portal.seen_quotes q
join quote_versions v on v.quote_id = q.id
where v.sent_at is not null;

-- What was answered. From which address and browser is for the office.
create view portal.quote_answers as
select q.id as quote_id, v.number as version, a.decision, coalesce(a.contact_id, 0) as contact_id, coalesce((select c.name from contacts c where c.id = a.contact_id), '') as contact,
       a.way, a.by_link, case when a.way <> 'portal' then coalesce((select s.name from staff s where s.id = a.recorded_by_id), (select co.trading_name from company co)) else '' end as recorded_by,
       a.full_name, a.purchase_order, a.reason, a.signature_key, a.terms, a.at
from portal.seen_quotes q
join quote_versions v on v.quote_id = q.id
join acceptances a on a.version_id = v.id;

create view portal.quote_lines as
select l.id, q.id as quote_id, l.position, l.section, l.description, l.quantity, l.unit_price, l.unit_price_exact,
       l.tax_name, l.tax_percent, l.second_tax_name, l.second_tax_percent, l.discount, l.discount_percent, l.line_total
from portal.seen_quotes q
join quote_versions v on v.quote_id = q.id and v.number = q.sent_version
join quote_lines l on l.version_id = v.id;

create view portal.quote_staff as
select q.id as quote_id, s.name
from portal.seen_quotes q
join quote_staff qs on qs.quote_id = q.id
join staff s on s.id = qs.staff_id;

create view portal.jobs as
select j.id, j.number, j.name, j.description, j.job_type_id, j.status, j.site_id, j.main_contact_id, j.purchase_order,
       (select c.name from contacts c where c.id = j.main_contact_id) as main_contact,
       j.preferred_on, j.booked_from, j.booked_until, j.booked_key, j.work_undertaken, j.completed_at,
       (select coalesce(sum(t.hours), 0) from time_entries t where t.job_id = j.id) as time_logged,
       (select q.number from portal.seen_quotes q where q.id = j.quote_id) as quote_number,
       case when portal.shows_admin() then j.invoice_number else '' end as invoice_number,
       case when portal.shows_admin() then j.invoicing_note else '' end as invoicing_note,
       j.cancelled_why, j.origin, j.created_by_contact_id, j.created_at, j.status_at, j.version,
       j.aged_at < 'infinity' as finished, -- by which those are counted
       -- Its own words and those of the files on it that are shown, for one look at each, apart since joining them costs ten times a look; and as the index has them, by which all are found.
       j.search as own_search, j.file_words, j.search || j.file_words as search, own_words(j.customer_id, j.search || j.file_words) as words,
       j.number || '' as key
from jobs j
where j.customer_id = portal.jobs_customer() and j.aged_at >= portal.cutoff()
  and portal.shows(j.main_contact_id, j.id, j.site_id, (select portal.all_jobs()), (select portal.contact_id()), (select portal.everything()), (select portal.as_job()), (select portal.all_sites()), (select portal.sites()));

-- The one record of who has come by a link: no row of anybody else.
create view portal.record as
select j.site_id, j.job_type_id
from portal.jobs j
where j.id = portal.as_job()
union all
select q.site_id, q.job_type_id
from portal.quotes q
where q.id = portal.as_quote();

create view portal.sites as
select s.id, s.name, s.address, s.site_contact, s.archived_at is not null as archived, s.version, s.search
from sites s
where s.customer_id = portal.customer_id()
  and ((select portal.all_sites()) is not null or s.id = any ((select portal.sites())::bigint[]))
  and ((select portal.everything()) is not null or s.id = (select portal.record_site()));

create view portal.customer as
select cu.id, cu.number, cu.name, cu.company_name, cu.phone, cu.mobile, cu.email, cu.street, cu.postal, cu.version,
       portal.shows_admin() as shows_admin,
       case when portal.shows_admin() then cu.payment_terms else '' end as payment_terms,
       case when portal.shows_admin() then cu.invoice_delivery else '' end as invoice_delivery,
       case when portal.shows_admin() then cu.invoice_address else '' end as invoice_address,
       case when portal.shows_admin() then cu.purchase_order_required end as purchase_order_required
from customers cu
where cu.id = portal.customer_id() and (select portal.everything()) is not null;

-- The customer as a record's document names it, and what an answer asks for.
create view portal.addressee as
select cu.name, cu.company_name, cu.street, case when portal.shows_admin() then cu.purchase_order_required end as purchase_order_required
from customers cu
where cu.id = portal.customer_id()
  and ((select portal.everything()) is not null or (select true from portal.record));

create view portal.job_types as
select t.id, t.name, t.colour, t.active
from job_types t
where ((select portal.everything()) is not null or t.id = (select portal.record_type()));

create view portal.quote_jobs as
select j.quote_id, j.id as job_id
from jobs j
where j.customer_id = portal.customer_id() and j.quote_id is not null
  and (select true from portal.seen_jobs v where v.id = j.id)
  and (select true from portal.seen_quotes q where q.id = j.quote_id);

-- Which job follows which, where both are seen.
create view portal.job_follows as
select j.id as job_id, j.follows_job_id
from jobs j
where j.customer_id = portal.customer_id() and j.follows_job_id is not null
  and (select true from portal.seen_jobs v where v.id = j.id)
  and (select true from portal.seen_jobs v where v.id = j.follows_job_id);

-- What was answered to a visit, by whichever contact.
create view portal.visit_answers as
select j.id as job_id, (select c.name from contacts c where c.id = a.contact_id) as contact, a.contact_id, a.suits, a.wishes, a.reason, a.at, a.kept_at is not null as kept
from portal.seen_jobs j
join visit_answers a on a.job_id = j.id;

create view portal.job_staff as
select j.id as job_id, s.name
from portal.seen_jobs j
join job_staff js on js.job_id = j.id
join staff s on s.id = js.staff_id;

-- One look at the job for each status, not a join, and none for who sees every job.
create view portal.job_statuses as
select h.id, h.job_id, h.status, h.at
from job_statuses h
where h.customer_id = portal.customer_id()
  and ((select portal.every_job()) is not null or (select true from portal.seen_jobs j where j.id = h.job_id));

create view portal.tasks as
select t.id, t.job_id, t.subject, t.description, t.due_on, t.done_at
from portal.seen_jobs j
join tasks t on t.job_id = j.id
where portal.shows_tasks();

create view portal.time_entries as
select t.id, t.job_id, t.worked_on, t.hours
from portal.seen_jobs j
join time_entries t on t.job_id = j.id;

create view portal.equipment as
select e.id, e.public_id, e.number, e.name, e.type, e.site_id, e.location, e.make, e.model, e.serial_number,
       e.installed_on, e.commissioned_on, e.warranty_until, e.last_service_on, e.next_service_on, e.service_key,
       e.status, e.origin, e.created_by_contact_id, e.created_at, e.version,
       e.search as own_search, e.file_words, e.search || e.file_words as search, own_words(e.customer_id, e.search || e.file_words) as words
from equipment e
where e.customer_id = portal.equipment_customer()
  and ((select portal.all_sites()) is not null or e.site_id = any ((select portal.sites())::bigint[]));

-- What was worked on is named on its job, to those as well who come by a link to
-- the job and see no equipment beside it.
create view portal.job_equipment as
select je.job_id, je.equipment_id, e.public_id, e.number, e.name, e.type
from job_equipment je
join equipment e on e.id = je.equipment_id
where je.customer_id = portal.named_equipment_customer()
  and ((select portal.all_sites()) is not null or e.site_id = any ((select portal.sites())::bigint[]))
  and (select true from portal.seen_jobs j where j.id = je.job_id);

-- New is what others wrote since the contact is on record, and lately, and what
-- the contact has not opened. One look for each message, not a join: a page
-- counts the newest, among however many jobs there are.
create view portal.messages as
select m.id, m.public_id, m.job_id, m.quote_id, m.text, m.at, m.contact_id, m.by_email, m.contact_id is null as from_office,
       coalesce((select s.name from staff s where s.id = m.staff_id), (select c.name from contacts c where c.id = m.contact_id), (select co.trading_name from company co)) as author, -- a token of the API writes for the business
       m.contact_id is distinct from (select portal.contact_id()) and m.at > (select portal.news_since())
           and (select true from message_reads r where r.message_id = m.id and r.contact_id = (select portal.contact_id())) is null as is_new
from messages m
where m.customer_id = portal.customer_id() and not m.staff_only
  and (m.job_id is not null and (select portal.every_job()) is not null
       or coalesce((select true from portal.seen_jobs j where j.id = m.job_id), (select true from portal.seen_quotes q where q.id = m.quote_id)));

-- The new ones of all that the contact has not opened, which are kept apart: every page counts them.
create view portal.news as
select u.message_id as id, u.job_id, u.quote_id, u.at,
       u.about_contact_id, u.about_site_id -- by which those of a few things are found: see freshMessages
from unread_messages u
where u.contact_id = portal.contact_id() and u.at > portal.news_since()
  and (u.job_id is not null and (select portal.every_job()) is not null
       or coalesce((select true from portal.seen_jobs j where j.id = u.job_id), (select true from portal.seen_quotes q where q.id = u.quote_id)));

-- Other contacts, for one who manages them: those in use whose permissions and sites
-- are all within the manager's own, never the manager. It is the rule of
-- contact.WithinReach, which the Service asks again.
create view portal.managed_contacts as
select c.id, c.name, c.email, c.phone, c.mobile, c.role, c.access, c.invited_at, c.last_sign_in_at, c.person_id is not null or c.last_sign_in_at is not null and c.access in ('active', 'suspended') as has_entered,
       -- What the business takes away is not a manager's to give back.
       c.access = 'suspended' and c.suspended_by_contact_id is null as suspended_by_office,
       c.jobs_see, c.jobs_edit, c.jobs_create, c.quotes_see, c.quotes_edit, c.quotes_create, c.quotes_accept,
       c.equipment_see, c.equipment_edit, c.equipment_add, c.company_edit, c.contacts_manage, c.all_sites,
       array(select cs.site_id from contact_sites cs where cs.contact_id = c.id order by cs.site_id) as sites,
       c.search, c.version
from contacts c
where c.customer_id = portal.customer_id() and c.archived_at is null and c.id <> portal.contact_id()
  and exists (
      select from portal.viewer v
      where v.contacts_manage
        and portal.within(c.jobs_see, v.jobs_see) and c.jobs_edit <= v.jobs_edit and c.jobs_create <= v.jobs_create
        and portal.within(c.quotes_see, v.quotes_see) and c.quotes_edit <= v.quotes_edit and c.quotes_create <= v.quotes_create
        and c.quotes_accept <= v.quotes_accept
        and portal.within(c.equipment_see, v.equipment_see) and c.equipment_edit <= v.equipment_edit and c.equipment_add <= v.equipment_add
        and c.company_edit <= v.company_edit and c.contacts_manage <= v.contacts_manage
        and (v.all_sites or not c.all_sites and not exists (
            select from contact_sites cs where cs.contact_id = c.id and cs.site_id <> all ((select portal.sites())::bigint[]))));

-- When the contact's visit before this one ended; null on the first.
create view portal.last_visit as
select t.before_at as ended_at
from visits t
where t.contact_id = portal.contact_id() and (select portal.everything()) is not null;

-- Which emails the contact wants, of those chosen about.
create view portal.mail_choices as
select m.kind, m.wanted from mail_choices m
where m.contact_id = portal.contact_id() and m.customer_id = portal.customer_id() and (select portal.everything()) is not null;

-- Which notifications the contact wants on their phone, of those chosen about.
create view portal.push_choices as
select m.kind, m.wanted from push_choices m
where m.contact_id = portal.contact_id() and m.customer_id = portal.customer_id() and (select portal.everything()) is not null;

-- A file shows when staff said so and the record it hangs on shows. What hangs
-- on the customer itself is for contacts who see everything of an area.
create view portal.attachments as
select a.id, a.public_id, a.job_id, a.quote_id, a.equipment_id, a.message_id, a.name, a.kind, a.media_type, a.size, a.caption,
       -- Reckoned, so that no plan reads the files of all customers in the order in which they came.
       a.taken_at, a.uploaded_at + interval '0' as uploaded_at, a.width, a.height, a.state,
       -- A photo's original may tell where it was taken; contacts get the renditions.
       case when a.kind <> 'photo' then a.blob_key else '' end as blob_key, a.web_key, a.thumb_key, a.uploaded_by_contact_id,
       coalesce((select s.name from staff s where s.id = a.uploaded_by_staff_id), (select c.name from contacts c where c.id = a.uploaded_by_contact_id), (select co.trading_name from company co)) as uploaded_by,
       -- Shared since the last visit, and not seen since; when and by whom it was shared is the office's alone.
       a.shared_at > (select portal.visited_until()) and (
           select true from seen_files s
           where s.contact_id = (select portal.contact_id()) and s.at >= a.shared_at
             and (s.job_id = a.job_id or s.quote_id = a.quote_id or s.equipment_id = a.equipment_id)) is null as is_new,
       a.about_contact_id, a.about_site_id -- by which those of a few things are found: see queryNewPhotos
from attachments a
where a.customer_id = portal.customer_id() and a.customer_view and a.removed_at is null
  and case
          when a.job_id is not null then (select portal.every_job()) is not null or (select true from portal.seen_jobs j where j.id = a.job_id)
          when a.quote_id is not null then (select true from portal.seen_quotes q where q.id = a.quote_id)
          when a.equipment_id is not null then (select true from portal.equipment e where e.id = a.equipment_id)
          when a.message_id is not null then (select true from portal.messages m where m.id = a.message_id)
          else (select portal.everything()) is not null and (select portal.all_sites()) is not null and ((select portal.all_jobs()) is not null or (select portal.all_quotes()) is not null)
      end;

create view portal.document_kinds as
select k.id, k.name, k.active
from document_kinds k
where portal.everything() is not null;

-- Documents that hold until a day outlast what hides their job by its age. All
-- else that hides the job hides them, too.
create view portal.lasting_documents as
select a.id
from attachments a
join jobs j on j.id = a.job_id
where j.customer_id = portal.jobs_customer() and a.valid_until >= portal.today() and (select portal.everything()) is not null
  and portal.shows(j.main_contact_id, j.id, j.site_id, (select portal.all_jobs()), (select portal.contact_id()), (select portal.everything()), (select portal.as_job()), (select portal.all_sites()), (select portal.sites()));

-- Certificates and other documents of a kind, by where they hold. What they
-- hang on is named only when it shows: a job that is hidden by its age does not.
-- One look for each, as at messages: there are few documents among many files.
create view portal.documents as
select a.id, a.public_id, a.name, a.caption, a.media_type, a.size, a.uploaded_at, a.blob_key, a.document_kind_id as kind_id, a.valid_until,
       coalesce(a.at_site_id, e.site_id) as site_id,
       (select v.id from portal.equipment v where v.id = a.at_equipment_id) as equipment_id,
       -- Of which kind and where, as one value to compare.
       concat_ws(' ', a.document_kind_id, 's' || a.at_site_id, 'e' || a.at_equipment_id) as place,
       (select v.id from portal.seen_jobs v where v.id = a.job_id) as job_id
from attachments a
left join equipment e on e.id = a.at_equipment_id
where a.customer_id = portal.customer_id() and a.document_kind_id is not null and a.customer_view and a.removed_at is null
  and ((select portal.all_sites()) is not null or coalesce(a.at_site_id, e.site_id) = any ((select portal.sites())::bigint[]))
  and coalesce((select true from portal.attachments v where v.id = a.id), (select true from portal.lasting_documents v where v.id = a.id));

-- What was asked of the system that keeps a thing, to those who see the thing: what
-- waits, and what was answered lately. A site that is not there yet is seen by who
-- sees all of them. What was said may name a place that not everybody sees who sees
-- the thing.
create view portal.kept_requests as
select r.id, r.kind, r.row_id, r.what, r.thing, r.label, r.at, r.state, r.contact_id,
       case when r.contact_id = portal.contact_id() or (select portal.all_sites()) is not null then r.changes else '[]' end as changes,
       case when r.contact_id = portal.contact_id() or (select portal.all_sites()) is not null then r.answer else '' end as answer,
       (select c.name from contacts c where c.id = r.contact_id) as by
from keeper_requests r
where r.customer_id = portal.customer_id() and (r.state = 'waiting' or r.answered_at > now() - interval '14 days')
  and case r.kind
      when 'jobs' then (select true from portal.seen_jobs j where j.id = r.row_id)
      when 'quotes' then (select true from portal.seen_quotes q where q.id = r.row_id)
      when 'equipment' then (select true from portal.equipment e where e.id = r.row_id)
      when 'customers' then (select true from portal.customer)
      when 'sites' then (select portal.everything()) is not null and (r.row_id is null and (select portal.all_sites()) is not null or (select true from portal.sites s where s.id = r.row_id))
      when 'contacts' then (select portal.everything()) is not null and (r.row_id = portal.contact_id() or (select true from portal.managed_contacts c where c.id = r.row_id))
  end;
