-- Tries to sign in: what became of each is kept for staff to look at, and what
-- still counts against whom for the limits on guessing.

-- +goose Up

-- A try counts from the moment it is taken until it has turned out to be right,
-- or is forgiven. Refused tries count for nothing; a burst of them is one row.
alter table attempts
    add column outcome text not null default 'wrong' constraint attempt_outcome check (outcome in ('pending', 'wrong', 'right', 'asked', 'refused')),
    add column counts  boolean not null default true,
    -- Where it came from, as far as limits count it: of IPv6 the network. Null
    -- when nothing tells one visitor from another.
    add column network inet,
    -- The account's own device it was made with; empty for all others.
    add column device  text not null default '',
    -- The address typed, when it is somebody's: people type passwords in its place.
    add column email   text not null default '',
    add column reason  text not null default '',
    add column browser text not null default '',
    add column burst   text,
    add column times   integer not null default 1,
    add column last_at timestamptz not null default now();
update attempts set network = address, last_at = at, outcome = case kind when 'reset' then 'asked' else 'wrong' end;
create index attempts_per_network on attempts (kind, network, at) where counts;
create unique index attempts_of_a_burst on attempts (burst) where burst is not null;
create index attempts_newest on attempts (last_at desc, id desc);

-- Proxies that nobody has named to the program.
create table unnamed_proxies (
    address inet primary key,
    seen_at timestamptz not null default now()
);

-- Whether Administrators are told when somebody tries many passwords.
alter table portal_settings add column tell_of_guessing boolean not null default true;
