-- A person can be erased: records stay, whose they were does not.

-- +goose Up
alter table contacts add column erased_at timestamptz,
    -- Nobody fills an erased contact with somebody else.
    add constraint contact_erased check (erased_at is null or (name = 'Former contact' and email = '' and phone = '' and mobile = '' and role = '' and notes = ''
        and access = 'none' and person_id is null and archived_at is not null));

create index contacts_erased on contacts (erased_at) where erased_at is not null;

-- Whose entries are looked for when a person is erased.
create index audit_entries_per_person on audit_entries (person_id) where person_id is not null;

-- The words that tell a person from others: a full name, an address, a telephone
-- number. A first name, a dash or "none" stands in too much that is not theirs.
-- +goose StatementBegin
create function telling_words(names text[], others text[]) returns text[]
language sql immutable
return (
    select coalesce(array_agg(distinct trim(w)), '{}') from (
        select n from unnest(names) n where n ~ '[[:alpha:]]\S*\s+\S*[[:alpha:]]' and lower(trim(n)) <> 'former contact'
        union all
        select o from unnest(others) o where o ~ '^\s*\S+@\S+\s*$' or length(public.digits(o)) >= 6) t (w));
-- Where one of the words stands in a text; nowhere without any.
create function words_pattern(words text[]) returns text
language sql immutable
return coalesce((select '(^|[^[:alnum:]])(' || string_agg(regexp_replace(w, '([^[:alnum:][:space:]])', '\\\1', 'g'), '|') || ')(?![[:alnum:]])' from unnest(words) w), '(?=a)b');

-- What an entry says without somebody: their own details go, and wherever else a
-- value is one of their words, that value.
create function without_person(details jsonb, own boolean, words text[]) returns jsonb
language plpgsql immutable as $$
begin
    case jsonb_typeof(details)
    when 'object' then
        if own then
            details := details - array['name', 'email', 'phone', 'mobile', 'role', 'notes', 'old', 'new', 'address', 'changes', 'where'];
        end if;
        return (select coalesce(jsonb_object_agg(key, public.without_person(value, false, words)), '{}') from jsonb_each(details));
    when 'array' then
        return (select coalesce(jsonb_agg(public.without_person(value, false, words) order by n), '[]') from jsonb_array_elements(details) with ordinality t (value, n));
    when 'string' then
        if exists (select from unnest(words) w where lower(w) = lower(trim(details #>> '{}'))) then
            return '"Former contact"';
        end if;
    else
    end case;
    return details;
end $$;
-- +goose StatementEnd

-- An entry says what was done by whom for ever. Only the names and addresses in
-- it may go, when whose they were was erased.
-- +goose StatementBegin
create or replace function audit_stays() returns trigger language plpgsql as $$
begin
    if tg_level = 'ROW' and tg_op = 'DELETE' then
        if old.at < (select now() - make_interval(days => greatest(activity, 365)) from public.retention where activity is not null) then
            return old;
        end if;
    elsif tg_level = 'ROW' and tg_op = 'UPDATE' then
        if (new.id, new.at, new.actor, new.staff_id, new.contact_id, new.person_id, new.action, new.thing, new.thing_id, new.customer_id, new.request_id)
                is not distinct from (old.id, old.at, old.actor, old.staff_id, old.contact_id, old.person_id, old.action, old.thing, old.thing_id, old.customer_id, old.request_id)
            and new.actor_name in (old.actor_name, 'Former contact') and new.thing_label in (old.thing_label, 'Former contact')
            and (new.address is null or new.address = old.address) and pg_trigger_depth() > 1 then
            return new;
        end if;
    end if;
    raise exception 'audit entries are only ever added';
end $$;

-- Erasing a contact or a person takes them out of the trail. It is done by the
-- deed itself, so who serves cannot do one without the other, nor change an
-- entry otherwise; and not without an entry of the same transaction that says so.
create function contact_leaves_trail() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    words text[];
begin
    if tg_relid <> 'public.contacts'::regclass then
        raise exception '% erases nobody', tg_relid::regclass;
    end if;
    if not exists (select from public.audit_entries e where e.thing = 'contact' and e.action = 'erased' and e.thing_id = old.id and e.customer_id = old.customer_id and e.at = now()) then
        raise exception 'contact % is not erased without an entry', old.id;
    end if;
    -- As they are called now, and as they were before.
    select public.telling_words(array_agg(name), array_agg(email) || array_agg(phone) || array_agg(mobile)) into words from (
        select old.name, old.email, old.phone, old.mobile
        union all
        select e.thing_label, '', '', '' from public.audit_entries e where e.thing = 'contact' and e.thing_id = old.id
        union all
        select d->>'name', d->>'email', d->>'phone', d->>'mobile'
        from public.audit_entries e cross join lateral unnest(array[e.before, e.after]) d
        where e.thing = 'contact' and e.thing_id = old.id and jsonb_typeof(d) = 'object') w (name, email, phone, mobile);
    update public.audit_entries e set
        actor_name = case when e.contact_id = old.id then 'Former contact' else e.actor_name end,
        address = case when e.contact_id = old.id then null else e.address end,
        -- An email is called by its subject, or by whom it went to.
        thing_label = case when (e.thing = 'contact' and e.thing_id = old.id) or (e.thing = 'email' and e.thing_label ~* public.words_pattern(words)) then 'Former contact' else e.thing_label end,
        -- What another contact is called, and reached by, is theirs, even when it is the same.
        before = case when e.thing = 'contact' and e.thing_id <> old.id then e.before else public.without_person(e.before, e.thing = 'contact', words) end,
        after = case when e.thing = 'contact' and e.thing_id <> old.id then e.after else public.without_person(e.after, e.thing = 'contact', words) end
    where e.contact_id = old.id or (e.thing = 'contact' and e.thing_id = old.id)
        or (e.customer_id = old.customer_id and e.thing <> 'contact' and (
            (e.thing = 'email' and e.thing_label ~* public.words_pattern(words))
            or exists (select from unnest(words) w where position(lower(to_json(w)::text) in lower(concat(e.before::text, e.after::text))) > 0)));
    return null;
end $$;
create function person_leaves_trail() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if tg_relid <> 'public.persons'::regclass then
        raise exception '% erases nobody', tg_relid::regclass;
    end if;
    if not exists (select from public.audit_entries e where e.thing = 'person' and e.action = 'erased' and e.thing_id = old.id and e.at = now()) then
        raise exception 'person % is not erased without an entry', old.id;
    end if;
    update public.audit_entries e set
        actor_name = case when e.person_id = old.id then 'Former contact' else e.actor_name end,
        address = case when e.person_id = old.id then null else e.address end,
        thing_label = case when (e.thing = 'person' and e.thing_id = old.id) or (e.thing = 'sign-in' and lower(e.thing_label) = lower(old.email)) then 'Former contact' else e.thing_label end,
        before = public.without_person(e.before, e.thing = 'person' and e.thing_id = old.id, array[old.email]),
        after = public.without_person(e.after, e.thing = 'person' and e.thing_id = old.id, array[old.email])
    where e.person_id = old.id or (e.thing = 'person' and e.thing_id = old.id) or (e.thing = 'sign-in' and e.after->>'side' = 'portal' and lower(e.thing_label) = lower(old.email));
    return null;
end $$;
-- Who is erased stays erased.
create function erased_stays() returns trigger language plpgsql as $$
begin
    raise exception 'contact % was erased for good', old.id;
end $$;
-- +goose StatementEnd
-- PostgreSQL lets everybody make a trigger of a new function.
revoke execute on function contact_leaves_trail(), person_leaves_trail() from public;
create trigger contacts_erased_stay before update on contacts for each row
    when (old.erased_at is not null and new.erased_at is distinct from old.erased_at) execute function erased_stays();
create trigger contacts_leave_trail after update of erased_at on contacts for each row
    when (old.erased_at is null and new.erased_at is not null) execute function contact_leaves_trail();
create trigger persons_leave_trail after delete on persons for each row execute function person_leaves_trail();
