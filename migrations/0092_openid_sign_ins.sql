-- Who has gone to a provider to sign in, and has not come back.

-- +goose Up
create table openid_sign_ins (
    id           bigint generated always as identity primary key,
    side         text not null constraint openid_sign_in_side check (side in ('portal', 'office')),
    state_hash   bytea not null constraint openid_sign_in_state unique,
    -- The browser that went: no other brings anything back.
    browser_hash bytea not null,
    -- Of a customer's provider; null for the business's own.
    login_id     bigint references company_logins on delete cascade,
    issuer       text not null,
    -- The verifier (PKCE) and the nonce.
    sealed       bytea not null,
    next         text not null default '',
    -- Whose fresh proof it is to be; null for signing in.
    staff_id     bigint references staff on delete cascade,
    contact_id   bigint references contacts on delete cascade,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    used_at      timestamptz,
    constraint openid_sign_in_of_side check ((side = 'portal') = (login_id is not null))
);
create index openid_sign_ins_by_age on openid_sign_ins (created_at);
create index openid_sign_ins_per_login on openid_sign_ins (login_id) where login_id is not null;
create index openid_sign_ins_per_staff on openid_sign_ins (staff_id) where staff_id is not null;
create index openid_sign_ins_per_contact on openid_sign_ins (contact_id) where contact_id is not null;
