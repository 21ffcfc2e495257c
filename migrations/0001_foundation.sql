-- The business, its customers and their things.
--
-- Every table of a customer's things carries customer_id, and references
-- between them are composite, so that a job of one customer cannot point to a
-- site of another. A rule that one row can state is a named constraint; the
-- domain packages turn its name into the message at the field.

-- +goose Up
create extension if not exists unaccent;
create extension if not exists btree_gin;

-- Text is searched as lower-cased, unaccented words; everything that is
-- neither letter nor digit separates words. search_query treats what somebody
-- typed the same way, each word as the beginning of one.
-- +goose StatementBegin
create function search_text(variadic parts text[]) returns text
language sql immutable parallel safe
set search_path = public
as $$ select regexp_replace(lower(unaccent(array_to_string(parts, ' '))), '[^[:alnum:]]+', ' ', 'g') $$;
-- +goose StatementEnd
-- +goose StatementBegin
create function search_vector(variadic parts text[]) returns tsvector
language sql immutable parallel safe
set search_path = public
as $$ select to_tsvector('simple', search_text(variadic parts)) $$;
-- +goose StatementEnd
-- +goose StatementBegin
create function search_query(typed text) returns tsquery
language sql immutable parallel safe
set search_path = public
as $$
    select coalesce(string_agg(quote_literal(word) || ':*', ' & '), '')::tsquery
    from (select word from regexp_split_to_table(trim(search_text(left(typed, 200))), ' ') word where word <> '' limit 10) words
$$;
-- +goose StatementEnd
-- digits lets "0412345678" find "0412 345 678".
create function digits(typed text) returns text
language sql immutable parallel safe
return regexp_replace(typed, '[^0-9]', '', 'g');

create function address_text(address jsonb) returns text
language sql immutable parallel safe
return concat_ws(' ', address->>'line1', address->>'line2', address->>'city', address->>'region', address->>'postcode', address->>'country');

create function opaque_id() returns text
language sql volatile
return replace(gen_random_uuid()::text, '-', '');

-- Installation: facts about this database itself.
create table installation (
    singleton boolean primary key default true check (singleton),
    demo       boolean not null default false,
    created_at timestamptz not null default now()
);
insert into installation default values;

-- The business itself, one row.
create table company (
    singleton boolean primary key default true check (singleton),
    trading_name        text not null default 'Your business' constraint company_name_missing check (trading_name <> '') constraint company_name_long check (char_length(trading_name) <= 200),
    legal_name          text not null default '' constraint company_legal_name_long check (char_length(legal_name) <= 200),
    registration_label  text not null default 'ABN' check (char_length(registration_label) <= 200),
    registration_number text not null default '' check (char_length(registration_number) <= 200),
    phone               text not null default '' check (char_length(phone) <= 200),
    email               text not null default '' check (char_length(email) <= 254),
    website             text not null default '' check (char_length(website) <= 500),
    address             jsonb not null default '{}' check (jsonb_typeof(address) = 'object'),
    brand_colour        text not null default '#0f5c8c' constraint company_colour check (brand_colour ~ '^#[0-9a-f]{6}$'),
    logo_key            text not null default '',
    logo_type           text not null default '',
    banner_key          text not null default '',
    banner_type         text not null default '',
    time_zone           text not null default 'Australia/Sydney',
    currency            text not null default 'AUD' constraint company_currency check (currency ~ '^[A-Z]{3}$'),
    locale              text not null default 'en-AU',
    terms               text not null default '' check (char_length(terms) <= 10000),
    welcome_text        text not null default '' check (char_length(welcome_text) <= 10000),
    version             bigint not null default 1,
    updated_at          timestamptz not null default now()
);
insert into company default values;

create table tax_rates (
    id       bigint generated always as identity primary key,
    name     text not null constraint tax_rate_name_missing check (name <> '') constraint tax_rate_name_long check (char_length(name) <= 200),
    percent  numeric(6,3) not null constraint tax_rate_percent check (percent between 0 and 100),
    active   boolean not null default true,
    standard boolean not null default false
);
create unique index tax_rates_one_standard on tax_rates (standard) where standard;
insert into tax_rates (name, percent, standard) values ('GST', 10, true), ('No tax', 0, false);

-- Who works here.
create table staff (
    id              bigint generated always as identity primary key,
    name            text not null constraint staff_name_missing check (name <> '') constraint staff_name_long check (char_length(name) <= 200),
    email           text not null default '' check (char_length(email) <= 254),
    phone           text not null default '' check (char_length(phone) <= 200),
    role            text not null constraint staff_role check (role in ('administrator', 'office', 'field')),
    state           text not null default 'invited' constraint staff_state check (state in ('invited', 'active', 'suspended')),
    password_hash   text not null default '',
    second_factor   bytea,
    invited_at      timestamptz,
    last_sign_in_at timestamptz,
    archived_at     timestamptz,
    version         bigint not null default 1,
    nonce           text,
    created_at      timestamptz not null default now(),
    constraint staff_email_missing check (role = 'field' or email <> ''),
    constraint staff_nonce_taken unique (nonce)
);
create unique index staff_email_taken on staff (lower(email)) where email <> '';

-- What a job is about; who is told when one of this kind is asked for.
create table job_types (
    id                     bigint generated always as identity primary key,
    name                   text not null constraint job_type_name_missing check (name <> '') constraint job_type_name_long check (char_length(name) <= 200),
    colour                 text not null default 'blue' constraint job_type_colour check (colour in
                             ('red', 'orange', 'amber', 'yellow', 'lime', 'green', 'teal', 'cyan', 'blue', 'indigo', 'purple', 'pink')),
    active                 boolean not null default true,
    default_description    text not null default '' check (char_length(default_description) <= 10000),
    notification_addresses text[] not null default '{}',
    version                bigint not null default 1,
    nonce                  text constraint job_type_nonce_taken unique,
    created_at             timestamptz not null default now()
);
create unique index job_type_name_taken on job_types (lower(name));

-- How the portal behaves, one row.
create table portal_settings (
    singleton boolean primary key default true check (singleton),
    contact_notifications   text[] not null default '{}',
    age_limit               text not null default 'off' constraint settings_age_limit check (age_limit in ('off', 'months', 'since')),
    age_limit_months        integer constraint settings_age_limit_months check (age_limit_months between 1 and 600),
    age_limit_since         date,
    hide_tasks              boolean not null default true,
    hide_admin_details      boolean not null default true,
    job_notifications       text[] not null default '{}',
    quote_notifications     text[] not null default '{}',
    equipment_notifications text[] not null default '{}',
    details_notifications   text[] not null default '{}',
    message_notifications   text[] not null default '{}',
    version                 bigint not null default 1,
    updated_at              timestamptz not null default now(),
    constraint settings_age_limit_complete check (
        age_limit = 'off' or (age_limit = 'months' and age_limit_months is not null) or (age_limit = 'since' and age_limit_since is not null))
);
insert into portal_settings default values;

-- Customers, their sites and the people there.
create sequence customer_numbers start 1001;
create table customers (
    id                      bigint generated always as identity primary key,
    number                  text not null default 'C-' || nextval('customer_numbers') constraint customer_number_taken unique,
    name                    text not null constraint customer_name_missing check (name <> '') constraint customer_name_long check (char_length(name) <= 200),
    company_name            text not null default '' constraint customer_company_name_long check (char_length(company_name) <= 200),
    phone                   text not null default '' check (char_length(phone) <= 200),
    mobile                  text not null default '' check (char_length(mobile) <= 200),
    email                   text not null default '' check (char_length(email) <= 254),
    street                  jsonb not null default '{}' check (jsonb_typeof(street) = 'object'),
    postal                  jsonb not null default '{}' check (jsonb_typeof(postal) = 'object'),
    payment_terms           text not null default '' check (char_length(payment_terms) <= 200),
    invoice_delivery        text not null default '' check (char_length(invoice_delivery) <= 200),
    invoice_address         text not null default '' check (char_length(invoice_address) <= 500),
    purchase_order_required boolean not null default false,
    customer_type           text not null default '' check (char_length(customer_type) <= 200),
    on_hold                 boolean not null default false,
    account_manager_id      bigint references staff,
    price_level             text not null default '' check (char_length(price_level) <= 200),
    notes                   text not null default '' check (char_length(notes) <= 10000),
    archived_at             timestamptz,
    version                 bigint not null default 1,
    nonce                   text constraint customer_nonce_taken unique,
    created_at              timestamptz not null default now(),
    search                  tsvector not null default ''
);
create index customers_by_name on customers (name collate "und-x-icu", id);
create index customers_search on customers using gin (search);

create table sites (
    id                  bigint generated always as identity primary key,
    customer_id         bigint not null references customers,
    name                text not null constraint site_name_missing check (name <> '') constraint site_name_long check (char_length(name) <= 200),
    address             jsonb not null default '{}' check (jsonb_typeof(address) = 'object'),
    site_contact        text not null default '' check (char_length(site_contact) <= 200),
    access_instructions text not null default '' check (char_length(access_instructions) <= 10000),
    archived_at         timestamptz,
    version             bigint not null default 1,
    nonce               text constraint site_nonce_taken unique,
    created_at          timestamptz not null default now(),
    unique (customer_id, id)
);
create unique index site_name_taken on sites (customer_id, lower(name)) where archived_at is null;

-- A person signs in; a person may be a contact of several customers.
create table persons (
    id                   bigint generated always as identity primary key,
    email                text not null check (email <> '' and char_length(email) <= 254),
    password_hash        text not null default '',
    must_change_password boolean not null default false,
    second_factor        bytea,
    last_sign_in_at      timestamptz,
    created_at           timestamptz not null default now()
);
create unique index person_email_taken on persons (lower(email));

create table contacts (
    id              bigint generated always as identity primary key,
    customer_id     bigint not null references customers,
    person_id       bigint references persons,
    name            text not null constraint contact_name_missing check (name <> '') constraint contact_name_long check (char_length(name) <= 200),
    email           text not null default '' check (char_length(email) <= 254),
    phone           text not null default '' check (char_length(phone) <= 200),
    mobile          text not null default '' check (char_length(mobile) <= 200),
    role            text not null default '' check (char_length(role) <= 200),
    is_default      boolean not null default false,
    notes           text not null default '' check (char_length(notes) <= 10000),
    access          text not null default 'none' constraint contact_access check (access in ('none', 'invited', 'active', 'suspended')),
    invited_at      timestamptz,
    last_sign_in_at timestamptz,
    jobs_see        text not null default 'none' constraint contact_jobs_see check (jobs_see in ('none', 'own', 'all')),
    jobs_edit       boolean not null default false,
    jobs_create     boolean not null default false,
    quotes_see      text not null default 'none' constraint contact_quotes_see check (quotes_see in ('none', 'own', 'all')),
    quotes_edit     boolean not null default false,
    quotes_create   boolean not null default false,
    quotes_accept   boolean not null default false,
    equipment_see   text not null default 'none' constraint contact_equipment_see check (equipment_see in ('none', 'all')),
    equipment_edit  boolean not null default false,
    equipment_add   boolean not null default false,
    company_edit    boolean not null default false,
    contacts_manage boolean not null default false,
    all_sites       boolean not null default true,
    archived_at     timestamptz,
    version         bigint not null default 1,
    nonce           text constraint contact_nonce_taken unique,
    created_at      timestamptz not null default now(),
    unique (customer_id, id),
    constraint contact_person_taken unique (customer_id, person_id),
    constraint contact_email_missing check (access = 'none' or email <> ''),
    constraint contact_active_person check (access <> 'active' or person_id is not null),
    constraint contact_jobs_rights check (jobs_see <> 'none' or not (jobs_edit or jobs_create)),
    constraint contact_quotes_rights check (quotes_see <> 'none' or not (quotes_edit or quotes_create or quotes_accept)),
    constraint contact_equipment_rights check (equipment_see <> 'none' or not (equipment_edit or equipment_add)),
    constraint contact_manage_rights check (company_edit or not contacts_manage)
);
create unique index contact_default_taken on contacts (customer_id) where is_default and archived_at is null;
create unique index contact_email_taken on contacts (customer_id, lower(email)) where email <> '' and archived_at is null;
create index contacts_per_person on contacts (person_id) where person_id is not null;
create index contacts_by_name on contacts (customer_id, name collate "und-x-icu", id);

-- Selected sites of a contact that may not see all of them.
create table contact_sites (
    customer_id bigint not null,
    contact_id  bigint not null,
    site_id     bigint not null,
    primary key (contact_id, site_id),
    foreign key (customer_id, contact_id) references contacts (customer_id, id),
    constraint contact_site_of_customer foreign key (customer_id, site_id) references sites (customer_id, id)
);

create table mail_choices (
    customer_id bigint not null,
    contact_id  bigint not null,
    kind        text not null check (kind <> ''),
    wanted      boolean not null,
    primary key (contact_id, kind),
    foreign key (customer_id, contact_id) references contacts (customer_id, id)
);

-- Quotes. What staff are working on is the newest version; a contact reads the
-- last one that was sent, whose words are frozen in it.
create sequence quote_numbers start 1001;
create table quotes (
    id                    bigint generated always as identity primary key,
    customer_id           bigint not null references customers,
    number                text not null default 'Q-' || nextval('quote_numbers') constraint quote_number_taken unique,
    name                  text not null default '' constraint quote_name_long check (char_length(name) <= 200),
    description           text not null constraint quote_description_missing check (description <> '') constraint quote_description_long check (char_length(description) <= 10000),
    price_estimate        bigint constraint quote_estimate_negative check (price_estimate >= 0),
    currency              text not null check (currency ~ '^[A-Z]{3}$'),
    status                text not null constraint quote_status check (status in ('requested', 'draft', 'sent', 'accepted', 'declined', 'withdrawn')),
    site_id               bigint,
    main_contact_id       bigint,
    job_type_id           bigint references job_types,
    preferred_on          date,
    valid_until           date,
    booked_from           timestamptz,
    booked_until          timestamptz,
    purchase_order        text not null default '' constraint quote_purchase_order_long check (char_length(purchase_order) <= 200),
    inclusions            text not null default '' constraint quote_inclusions_long check (char_length(inclusions) <= 10000),
    exclusions            text not null default '' constraint quote_exclusions_long check (char_length(exclusions) <= 10000),
    terms                 text not null default '' constraint quote_terms_long check (char_length(terms) <= 10000),
    sent_version          integer,
    origin                text not null constraint quote_origin check (origin in ('office', 'portal')),
    created_by_contact_id bigint,
    created_by_staff_id   bigint references staff,
    internal_notes        text not null default '' constraint quote_notes_long check (char_length(internal_notes) <= 10000),
    looked_at             timestamptz,
    looked_by_id          bigint references staff,
    version               bigint not null default 1,
    nonce                 text,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),
    search                tsvector not null default '',
    -- What contacts search: of a quote that was sent, the words that were sent.
    portal_search         tsvector not null default '',
    unique (customer_id, id),
    constraint quote_nonce_taken unique (customer_id, nonce),
    constraint quote_booking_order check (booked_until is null or (booked_from is not null and booked_until >= booked_from)),
    constraint quote_sent_once check (status not in ('sent', 'accepted', 'declined') or sent_version is not null),
    constraint quote_requested_in_portal check (status <> 'requested' or origin = 'portal'),
    constraint quote_portal_origin check ((origin = 'portal') = (created_by_contact_id is not null)),
    constraint quote_site_of_customer foreign key (customer_id, site_id) references sites (customer_id, id),
    constraint quote_contact_of_customer foreign key (customer_id, main_contact_id) references contacts (customer_id, id),
    foreign key (customer_id, created_by_contact_id) references contacts (customer_id, id)
);
create index quotes_newest on quotes (created_at desc, id desc);
create index quotes_newest_per_customer on quotes (customer_id, created_at desc, id desc);
create index quotes_newest_per_contact on quotes (customer_id, main_contact_id, created_at desc, id desc);
create index quotes_newest_per_site on quotes (customer_id, site_id, created_at desc, id desc);
create index quotes_search on quotes using gin (customer_id, search);
create index quotes_portal_search on quotes using gin (customer_id, portal_search);
create index quotes_new_from_portal on quotes (created_at desc, id desc) where origin = 'portal' and looked_at is null;

create table quote_staff (
    quote_id bigint not null references quotes,
    staff_id bigint not null references staff,
    primary key (quote_id, staff_id)
);

create table quote_versions (
    id          bigint generated always as identity primary key,
    customer_id bigint not null,
    quote_id    bigint not null,
    number      integer not null check (number > 0),
    net         bigint not null default 0,
    tax         bigint not null default 0,
    total       bigint not null default 0,
    name        text not null default '',
    description text not null default '',
    inclusions  text not null default '',
    exclusions  text not null default '',
    terms       text not null default '',
    valid_until date,
    sent_at     timestamptz,
    sent_by_id  bigint references staff,
    created_at  timestamptz not null default now(),
    unique (quote_id, number),
    unique (customer_id, id),
    foreign key (customer_id, quote_id) references quotes (customer_id, id),
    constraint version_total check (total = net + tax),
    constraint version_sent_by check ((sent_at is null) = (sent_by_id is null))
);

create table quote_lines (
    id          bigint generated always as identity primary key,
    customer_id bigint not null,
    version_id  bigint not null,
    position    integer not null,
    section     text not null default '' constraint line_section_long check (char_length(section) <= 200),
    description text not null constraint line_description_missing check (description <> '') constraint line_description_long check (char_length(description) <= 10000),
    quantity    numeric(12,3) not null constraint line_quantity check (quantity between -999999 and 999999),
    unit_price  bigint not null constraint line_unit_price check (unit_price between -99999999999 and 99999999999),
    tax_name    text not null,
    tax_percent numeric(6,3) not null check (tax_percent between 0 and 100),
    line_total  bigint not null,
    unique (version_id, position) deferrable initially deferred,
    foreign key (customer_id, version_id) references quote_versions (customer_id, id)
);

create table acceptances (
    id             bigint generated always as identity primary key,
    customer_id    bigint not null,
    version_id     bigint not null unique,
    contact_id     bigint not null,
    decision       text not null check (decision in ('accepted', 'declined')),
    full_name      text not null check (full_name <> '' and char_length(full_name) <= 200),
    purchase_order text not null default '' check (char_length(purchase_order) <= 200),
    signature_key  text not null default '',
    reason         text not null default '' check (char_length(reason) <= 10000),
    terms          text not null default '',
    at             timestamptz not null default now(),
    address        inet,
    browser        text not null default '',
    foreign key (customer_id, version_id) references quote_versions (customer_id, id),
    foreign key (customer_id, contact_id) references contacts (customer_id, id)
);

-- Jobs.
create sequence job_numbers start 1001;
create table jobs (
    id                    bigint generated always as identity primary key,
    customer_id           bigint not null references customers,
    number                text not null default 'J-' || nextval('job_numbers') constraint job_number_taken unique,
    name                  text not null default '' constraint job_name_long check (char_length(name) <= 200),
    description           text not null constraint job_description_missing check (description <> '') constraint job_description_long check (char_length(description) <= 10000),
    job_type_id           bigint not null constraint job_type_unknown references job_types,
    status                text not null constraint job_status check (status in ('new', 'unscheduled', 'booked', 'in progress', 'deferred', 'completed', 'closed', 'cancelled')),
    site_id               bigint,
    main_contact_id       bigint,
    purchase_order        text not null default '' constraint job_purchase_order_long check (char_length(purchase_order) <= 200),
    preferred_on          date,
    booked_from           timestamptz,
    booked_until          timestamptz,
    work_undertaken       text not null default '' constraint job_work_long check (char_length(work_undertaken) <= 10000),
    completed_at          timestamptz,
    invoice_number        text not null default '' constraint job_invoice_number_long check (char_length(invoice_number) <= 200),
    invoicing_note        text not null default '' constraint job_invoicing_note_long check (char_length(invoicing_note) <= 10000),
    origin                text not null constraint job_origin check (origin in ('office', 'portal')),
    created_by_contact_id bigint,
    created_by_staff_id   bigint references staff,
    quote_id              bigint,
    priority              text not null default 'normal' constraint job_priority check (priority in ('low', 'normal', 'high', 'urgent')),
    internal_notes        text not null default '' constraint job_notes_long check (char_length(internal_notes) <= 10000),
    looked_at             timestamptz,
    looked_by_id          bigint references staff,
    version               bigint not null default 1,
    nonce                 text,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),
    -- What the age limit looks at: work that is not finished never ages.
    aged_at               timestamptz not null generated always as (
                              case when status in ('completed', 'closed', 'cancelled') then coalesce(completed_at, booked_from, created_at) else 'infinity' end) stored,
    -- Date Booked as a sort key: jobs without one come last either way up.
    booked_key            timestamptz not null generated always as (coalesce(booked_from, '-infinity')) stored,
    search                tsvector not null default '',
    unique (customer_id, id),
    constraint job_nonce_taken unique (customer_id, nonce),
    constraint job_booked_needs_date check (status <> 'booked' or booked_from is not null),
    constraint job_booking_order check (booked_until is null or (booked_from is not null and booked_until >= booked_from)),
    constraint job_completed_when check (status not in ('completed', 'closed') or completed_at is not null),
    constraint job_portal_origin check ((origin = 'portal') = (created_by_contact_id is not null)),
    constraint job_site_of_customer foreign key (customer_id, site_id) references sites (customer_id, id),
    constraint job_contact_of_customer foreign key (customer_id, main_contact_id) references contacts (customer_id, id),
    constraint job_quote_of_customer foreign key (customer_id, quote_id) references quotes (customer_id, id),
    foreign key (customer_id, created_by_contact_id) references contacts (customer_id, id)
);
create index jobs_newest on jobs (created_at desc, id desc);
create index jobs_booked on jobs (booked_key desc, id desc);
create index jobs_newest_per_customer on jobs (customer_id, created_at desc, id desc);
create index jobs_booked_per_customer on jobs (customer_id, booked_key desc, id desc);
create index jobs_newest_per_contact on jobs (customer_id, main_contact_id, created_at desc, id desc);
create index jobs_newest_per_site on jobs (customer_id, site_id, created_at desc, id desc);
create index jobs_per_quote on jobs (quote_id) where quote_id is not null;
create index jobs_status on jobs (status, created_at desc, id desc);
create index jobs_search on jobs using gin (customer_id, search);
create index jobs_new_from_portal on jobs (created_at desc, id desc) where origin = 'portal' and looked_at is null;

create table job_staff (
    job_id   bigint not null references jobs,
    staff_id bigint not null references staff,
    primary key (job_id, staff_id)
);
create index job_staff_per_staff on job_staff (staff_id);

create table job_statuses (
    id          bigint generated always as identity primary key,
    customer_id bigint not null,
    job_id      bigint not null,
    status      text not null,
    at          timestamptz not null default now(),
    staff_id    bigint references staff,
    contact_id  bigint,
    foreign key (customer_id, job_id) references jobs (customer_id, id)
);
create index job_statuses_per_job on job_statuses (job_id, at, id);

create table tasks (
    id          bigint generated always as identity primary key,
    customer_id bigint not null,
    job_id      bigint not null,
    subject     text not null constraint task_subject_missing check (subject <> '') constraint task_subject_long check (char_length(subject) <= 200),
    description text not null default '' constraint task_description_long check (char_length(description) <= 10000),
    due_on      date,
    done_at     timestamptz,
    assignee_id bigint references staff,
    version     bigint not null default 1,
    nonce       text constraint task_nonce_taken unique,
    created_at  timestamptz not null default now(),
    foreign key (customer_id, job_id) references jobs (customer_id, id)
);
create index tasks_per_job on tasks (job_id, id);

create table time_entries (
    id          bigint generated always as identity primary key,
    customer_id bigint not null,
    job_id      bigint not null,
    worked_on   date not null,
    hours       numeric(6,2) not null constraint time_entry_hours check (hours > 0 and hours <= 24),
    staff_id    bigint not null references staff,
    started     time,
    ended       time,
    note        text not null default '' constraint time_entry_note_long check (char_length(note) <= 10000),
    version     bigint not null default 1,
    nonce       text constraint time_entry_nonce_taken unique,
    created_at  timestamptz not null default now(),
    foreign key (customer_id, job_id) references jobs (customer_id, id)
);
create index time_entries_per_job on time_entries (job_id, worked_on, id);

-- Equipment.
create table equipment (
    id                    bigint generated always as identity primary key,
    public_id             text not null default opaque_id() unique,
    customer_id           bigint not null references customers,
    number                text not null constraint equipment_number_long check (char_length(number) between 1 and 200),
    name                  text not null constraint equipment_name_missing check (name <> '') constraint equipment_name_long check (char_length(name) <= 200),
    type                  text not null constraint equipment_type_missing check (type <> '') constraint equipment_type_long check (char_length(type) <= 200),
    site_id               bigint,
    location              text not null default '' constraint equipment_location_long check (char_length(location) <= 200),
    make                  text not null default '' constraint equipment_make_long check (char_length(make) <= 200),
    model                 text not null default '' constraint equipment_model_long check (char_length(model) <= 200),
    serial_number         text not null default '' constraint equipment_serial_long check (char_length(serial_number) <= 200),
    installed_on          date,
    commissioned_on       date,
    warranty_until        date,
    last_service_on       date,
    next_service_on       date,
    status                text not null default 'in use' constraint equipment_status check (status in ('in use', 'retired')),
    origin                text not null constraint equipment_origin check (origin in ('office', 'portal')),
    created_by_contact_id bigint,
    created_by_staff_id   bigint references staff,
    notes                 text not null default '' constraint equipment_notes_long check (char_length(notes) <= 10000),
    version               bigint not null default 1,
    nonce                 text,
    created_at            timestamptz not null default now(),
    service_key           date not null generated always as (coalesce(next_service_on, 'infinity')) stored,
    search                tsvector not null default '',
    unique (customer_id, id),
    constraint equipment_number_taken unique (customer_id, number),
    constraint equipment_nonce_taken unique (customer_id, nonce),
    constraint equipment_portal_origin check ((origin = 'portal') = (created_by_contact_id is not null)),
    constraint equipment_site_of_customer foreign key (customer_id, site_id) references sites (customer_id, id),
    foreign key (customer_id, created_by_contact_id) references contacts (customer_id, id)
);
create index equipment_by_name on equipment (customer_id, name collate "und-x-icu", id);
create index equipment_by_service on equipment (customer_id, service_key, id);
create index equipment_per_site on equipment (customer_id, site_id, id);
create index equipment_search on equipment using gin (customer_id, search);

create table job_equipment (
    customer_id  bigint not null,
    job_id       bigint not null,
    equipment_id bigint not null,
    primary key (job_id, equipment_id),
    foreign key (customer_id, job_id) references jobs (customer_id, id),
    constraint job_equipment_of_customer foreign key (customer_id, equipment_id) references equipment (customer_id, id)
);
create index job_equipment_per_item on job_equipment (equipment_id, job_id);

-- Messages between the customer and the office; a staff note is one that only staff read.
create table messages (
    id          bigint generated always as identity primary key,
    public_id   text not null default opaque_id() unique,
    customer_id bigint not null,
    job_id      bigint,
    quote_id    bigint,
    staff_only  boolean not null default false,
    text        text not null constraint message_text_missing check (text <> '') constraint message_text_long check (char_length(text) <= 10000),
    staff_id    bigint references staff,
    contact_id  bigint,
    at          timestamptz not null default now(),
    nonce       text constraint message_nonce_taken unique,
    unique (customer_id, id),
    foreign key (customer_id, job_id) references jobs (customer_id, id),
    foreign key (customer_id, quote_id) references quotes (customer_id, id),
    foreign key (customer_id, contact_id) references contacts (customer_id, id),
    constraint message_on_one_thing check (num_nonnulls(job_id, quote_id) = 1),
    constraint message_one_author check (num_nonnulls(staff_id, contact_id) = 1),
    constraint message_staff_note check (not staff_only or staff_id is not null)
);
create index messages_per_job on messages (job_id, at, id) where job_id is not null;
create index messages_per_quote on messages (quote_id, at, id) where quote_id is not null;

create table message_reads (
    message_id bigint not null references messages,
    staff_id   bigint references staff,
    contact_id bigint references contacts,
    at         timestamptz not null default now(),
    constraint message_one_reader check (num_nonnulls(staff_id, contact_id) = 1)
);
create unique index message_reads_staff on message_reads (message_id, staff_id) where staff_id is not null;
create unique index message_reads_contact on message_reads (message_id, contact_id) where contact_id is not null;

-- Files. The untouched original is for staff; what a contact sees of a photo
-- is the rendition made of it, which carries no metadata.
create table attachments (
    id                     bigint generated always as identity primary key,
    public_id              text not null default opaque_id() unique,
    customer_id            bigint not null references customers,
    job_id                 bigint,
    quote_id               bigint,
    equipment_id           bigint,
    message_id             bigint,
    name                   text not null constraint attachment_name check (char_length(name) between 1 and 200),
    kind                   text not null constraint attachment_kind check (kind in ('photo', 'document')),
    media_type             text not null,
    size                   bigint not null check (size > 0),
    caption                text not null default '' constraint attachment_caption_long check (char_length(caption) <= 200),
    taken_at               timestamptz,
    blob_key               text not null unique,
    web_key                text not null default '',
    thumb_key              text not null default '',
    width                  integer,
    height                 integer,
    state                  text not null default 'ready' constraint attachment_state check (state in ('preparing', 'ready', 'broken')),
    customer_view          boolean not null default false,
    shared_at              timestamptz,
    shared_by_id           bigint references staff,
    uploaded_at            timestamptz not null default now(),
    uploaded_by_staff_id   bigint references staff,
    uploaded_by_contact_id bigint,
    removed_at             timestamptz,
    foreign key (customer_id, job_id) references jobs (customer_id, id),
    foreign key (customer_id, quote_id) references quotes (customer_id, id),
    foreign key (customer_id, equipment_id) references equipment (customer_id, id),
    foreign key (customer_id, message_id) references messages (customer_id, id),
    foreign key (customer_id, uploaded_by_contact_id) references contacts (customer_id, id),
    -- None of the four: the file hangs on the customer itself.
    constraint attachment_on_one_thing check (num_nonnulls(job_id, quote_id, equipment_id, message_id) <= 1),
    constraint attachment_one_uploader check (num_nonnulls(uploaded_by_staff_id, uploaded_by_contact_id) = 1)
);
create index attachments_per_job on attachments (job_id, uploaded_at, id) where job_id is not null;
create index attachments_per_quote on attachments (quote_id, uploaded_at, id) where quote_id is not null;
create index attachments_per_equipment on attachments (equipment_id, uploaded_at, id) where equipment_id is not null;
create index attachments_per_message on attachments (message_id, id) where message_id is not null;
create index attachments_of_customer on attachments (customer_id, uploaded_at, id) where num_nonnulls(job_id, quote_id, equipment_id, message_id) = 0;

-- Signing in. A link is one promise to one address (an invitation or a reset);
-- every mail that carries it has a token of its own, of which only the hash is kept.
create table links (
    id          bigint generated always as identity primary key,
    purpose     text not null constraint link_purpose check (purpose in ('invitation', 'reset', 'staff-invitation', 'staff-reset')),
    contact_id  bigint references contacts,
    person_id   bigint references persons,
    staff_id    bigint references staff,
    email       text not null,
    used_at     timestamptz,
    ended_at    timestamptz,
    created_at  timestamptz not null default now(),
    constraint link_for_one check (
        case purpose when 'invitation' then contact_id is not null and staff_id is null
                     when 'reset' then person_id is not null and contact_id is null and staff_id is null
                     else staff_id is not null and contact_id is null and person_id is null end)
);
create index links_per_contact on links (contact_id) where contact_id is not null;
create index links_per_person on links (person_id) where person_id is not null;
create index links_per_staff on links (staff_id) where staff_id is not null;

create table link_tokens (
    token_hash bytea primary key,
    link_id    bigint not null references links,
    expires_at timestamptz not null,
    created_at timestamptz not null default now()
);
create index link_tokens_per_link on link_tokens (link_id);

create table sessions (
    id         bigint generated always as identity primary key,
    token_hash text not null unique,
    side       text not null check (side in ('portal', 'office')),
    person_id  bigint references persons,
    contact_id bigint references contacts,
    staff_id   bigint references staff,
    remember   boolean not null default false,
    data       bytea not null default '',
    created_at timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    expires_at timestamptz not null,
    address    inet,
    browser    text not null default '',
    constraint session_for_one check (case side when 'portal' then person_id is not null and staff_id is null else staff_id is not null and person_id is null and contact_id is null end)
);
create index sessions_per_person on sessions (person_id) where person_id is not null;
create index sessions_per_staff on sessions (staff_id) where staff_id is not null;
create index sessions_expire on sessions (expires_at);

create table attempts (
    id      bigint generated always as identity primary key,
    kind    text not null check (kind in ('sign-in', 'reset')),
    side    text not null check (side in ('portal', 'office')),
    account text not null,
    address inet,
    at      timestamptz not null default now()
);
create index attempts_per_account on attempts (kind, side, account, at);
create index attempts_per_address on attempts (kind, address, at);

-- Every email that was promised, and what became of it.
create table emails (
    id           bigint generated always as identity primary key,
    kind         text not null,
    rule         text not null,
    to_name      text not null default '',
    to_address   text not null check (to_address <> ''),
    contact_id   bigint references contacts,
    person_id    bigint references persons,
    staff_id     bigint references staff,
    link_id      bigint references links,
    customer_id  bigint references customers,
    job_id       bigint references jobs,
    quote_id     bigint references quotes,
    payload      jsonb not null default '{}',
    secret       bytea,
    message_id   text not null,
    subject      text not null default '',
    state        text not null default 'waiting' constraint email_state check (state in ('waiting', 'sent', 'retrying', 'failed', 'dropped')),
    attempts     integer not null default 0,
    server_words text not null default '',
    next_try_at  timestamptz,
    created_at   timestamptz not null default now(),
    finished_at  timestamptz
);
create index emails_newest on emails (created_at desc, id desc);
create index emails_per_contact on emails (contact_id, created_at desc, id desc) where contact_id is not null;
create index emails_open on emails (state) where state in ('waiting', 'retrying', 'failed');

-- Who did what. Rows are only ever added.
create table audit_entries (
    id          bigint generated always as identity primary key,
    at          timestamptz not null default now(),
    actor       text not null constraint audit_actor check (actor in ('staff', 'contact', 'operator', 'system')),
    staff_id    bigint,
    contact_id  bigint,
    person_id   bigint,
    actor_name  text not null default '',
    action      text not null check (action <> ''),
    thing       text not null check (thing <> ''),
    thing_id    bigint,
    thing_label text not null default '',
    customer_id bigint,
    before      jsonb,
    after       jsonb,
    address     inet,
    request_id  text not null default ''
);
create index audit_entries_newest on audit_entries (at desc, id desc);
create index audit_entries_per_thing on audit_entries (thing, thing_id, at desc, id desc);
create index audit_entries_per_customer on audit_entries (customer_id, at desc, id desc) where customer_id is not null;

-- +goose StatementBegin
create function audit_stays() returns trigger language plpgsql as $$
begin
    raise exception 'audit entries are only ever added';
end $$;
-- +goose StatementEnd
create trigger audit_entries_stay before update or delete on audit_entries for each row execute function audit_stays();
create trigger audit_entries_all_stay before truncate on audit_entries for each statement execute function audit_stays();

-- A record never changes its customer.
-- +goose StatementBegin
create function customer_stays() returns trigger language plpgsql as $$
begin
    raise exception '% % belongs to its customer for good', tg_table_name, old.id;
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
do $$
declare tab text;
begin
    foreach tab in array array['sites', 'contacts', 'quotes', 'quote_versions', 'quote_lines', 'jobs', 'tasks', 'time_entries', 'equipment', 'messages', 'attachments'] loop
        execute format('create trigger %I before update of customer_id on %I for each row when (old.customer_id is distinct from new.customer_id) execute function customer_stays()', tab || '_customer_stays', tab);
    end loop;
end $$;
-- +goose StatementEnd

-- What a search looks at. A customer is also found by its contacts' names and its sites' addresses.
-- +goose StatementBegin
create function customer_search() returns trigger language plpgsql as $$
begin
    new.search := search_vector(new.number, new.name, new.company_name, new.phone, digits(new.phone), new.mobile, digits(new.mobile), new.email, address_text(new.street), address_text(new.postal),
        (select string_agg(concat_ws(' ', name, email), ' ') from contacts where customer_id = new.id and archived_at is null),
        (select string_agg(concat_ws(' ', name, address_text(address)), ' ') from sites where customer_id = new.id and archived_at is null));
    return new;
end $$;
create function customer_search_again() returns trigger language plpgsql as $$
begin
    update customers set search = '' where id = new.customer_id;
    return null;
end $$;
create function job_search() returns trigger language plpgsql as $$
begin
    new.search := search_vector(new.number, new.name, new.description, new.purchase_order, new.work_undertaken,
        (select concat_ws(' ', name, address_text(address)) from sites where id = new.site_id));
    return new;
end $$;
create function quote_search() returns trigger language plpgsql as $$
declare
    place text := (select concat_ws(' ', name, address_text(address)) from sites where id = new.site_id);
begin
    new.search := search_vector(new.number, new.name, new.description, new.purchase_order, place);
    new.portal_search := case when new.sent_version is null then new.search
        else (select search_vector(new.number, name, description, new.purchase_order, place) from quote_versions where quote_id = new.id and number = new.sent_version) end;
    return new;
end $$;
create function equipment_search() returns trigger language plpgsql as $$
begin
    new.search := search_vector(new.number, new.name, new.type, new.location, new.make, new.model, new.serial_number,
        (select concat_ws(' ', name, address_text(address)) from sites where id = new.site_id));
    return new;
end $$;
create function site_search_again() returns trigger language plpgsql as $$
begin
    update customers set search = '' where id = new.customer_id;
    if tg_op = 'UPDATE' then
        update jobs set search = '' where customer_id = new.customer_id and site_id = new.id;
        update quotes set search = '' where customer_id = new.customer_id and site_id = new.id;
        update equipment set search = '' where customer_id = new.customer_id and site_id = new.id;
    end if;
    return null;
end $$;
-- +goose StatementEnd
create trigger customers_search before insert or update of number, name, company_name, phone, mobile, email, street, postal, search on customers for each row execute function customer_search();
create trigger contacts_search after insert or update of name, email, archived_at on contacts for each row execute function customer_search_again();
create trigger sites_search_new after insert on sites for each row execute function site_search_again();
create trigger sites_search after update of name, address, archived_at on sites for each row
    when (old.name is distinct from new.name or old.address is distinct from new.address or old.archived_at is distinct from new.archived_at) execute function site_search_again();
create trigger jobs_search before insert or update of number, name, description, purchase_order, work_undertaken, site_id, search on jobs for each row execute function job_search();
create trigger quotes_search before insert or update of number, name, description, purchase_order, site_id, sent_version, search on quotes for each row execute function quote_search();
create trigger equipment_search before insert or update of number, name, type, location, make, model, serial_number, site_id, search on equipment for each row execute function equipment_search();
