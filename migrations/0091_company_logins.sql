-- The provider by which a customer's own people come in.

-- +goose Up
create table company_logins (
    id          bigint generated always as identity primary key,
    customer_id bigint not null constraint company_login_of_customer unique references customers,
    issuer      text not null constraint company_login_issuer check (issuer <> ''),
    client_id   text not null constraint company_login_client check (client_id <> ''),
    -- The client's secret.
    sealed      bytea not null,
    -- What new people may do: a preset's key; '' when nobody is made.
    preset      text not null default '' constraint company_login_preset check (preset in ('', 'see-all', 'own-jobs', 'request-work', 'full')),
    -- Contacts of these domains come in by no other way.
    only_way    boolean not null default false,
    active      boolean not null default true,
    -- Since when the provider has not answered, and what was wrong.
    away_since  timestamptz,
    fault       text not null default '',
    version     bigint not null default 1,
    created_at  timestamptz not null default now()
);

create table company_login_domains (
    domain   text primary key constraint company_login_domain check (domain = lower(domain) and domain <> ''),
    login_id bigint not null references company_logins on delete cascade
);
create index company_login_domains_per_login on company_login_domains (login_id);

-- Which contact somebody is whom the provider knows.
create table contact_identities (
    id           bigint generated always as identity primary key,
    login_id     bigint not null references company_logins on delete cascade,
    contact_id   bigint not null references contacts on delete cascade,
    issuer       text not null,
    subject      text not null constraint contact_identity_subject check (subject <> ''),
    -- The provider no longer lets them in.
    gone_at      timestamptz,
    created_at   timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    constraint contact_identity_once unique (login_id, issuer, subject),
    constraint contact_identity_of_one unique (login_id, issuer, contact_id)
);
create index contact_identities_per_contact on contact_identities (contact_id);

-- Where somebody has come in by their company's provider: what is asked again there.
create table company_visits (
    id          bigint generated always as identity primary key,
    identity_id bigint not null references contact_identities on delete cascade,
    -- The provider's name for their session there.
    sid         text not null default '',
    -- The token that asks whether they are still there; null without one.
    sealed      bytea,
    asked_at    timestamptz not null default now(),
    -- Since when the provider has not answered.
    away_since  timestamptz,
    created_at  timestamptz not null default now()
);
create index company_visits_per_identity on company_visits (identity_id);

-- Messages of providers that were taken: each once.
create table company_logouts (
    login_id   bigint not null references company_logins on delete cascade,
    jti        text not null,
    created_at timestamptz not null default now(),
    primary key (login_id, jti)
);
create index company_logouts_by_age on company_logouts (created_at);
