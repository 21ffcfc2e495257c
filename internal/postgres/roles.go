package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/migrations"
)

// Role is the database user that the program serves with. It may be the one
// that owns the schema; better, it is another, which can neither change the
// schema nor what the audit trail holds.
type Role struct{ Name, password string }

// RoleOf is the user that an address names.
func RoleOf(url string) (Role, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return Role{}, errors.New("not a PostgreSQL address") // the driver's own words could show the password
	}
	return Role{Name: cfg.User, password: cfg.Password}, nil
}

// portal is the role that reads the portal's views, and nothing else, for r.
// Roles belong to the cluster: installations have users of their own, and so
// have their portals.
func (r Role) portal() string { return r.Name + "_portal" }

// tableRights are the rights of the serving role on a table c: to add to the
// trail, to read what has been migrated, and to work with everything else.
const tableRights = `
	case when c.relname = 'audit_entries' then array['select', 'insert']
	     when c.relname in ('goose_db_version', 'river_migration') then array['select']
	     else array['select', 'insert', 'update', 'delete'] end`

// ourTables are the tables and sequences of the schema, not what an operator
// put beside them.
const ourTables = `
	(select c.* from pg_class c
	 where c.relnamespace = to_regnamespace('public') and c.relowner = (select relowner from pg_class where oid = to_regclass('public.audit_entries')))`

// ourFunctions are the functions that do with the owner's right what who serves
// may not do otherwise. PostgreSQL lets everybody call a new one.
const ourFunctions = `
	(select p.* from pg_proc p
	 where p.pronamespace = to_regnamespace('public') and p.prosecdef and p.prorettype <> 'trigger'::regtype
		and p.proowner = (select relowner from pg_class where oid = to_regclass('public.audit_entries')))`

// becomes asks whether a role may become another. Version 16 tells members
// that may from members that may not.
const becomes = `
	case when current_setting('server_version_num')::int >= 160000 then pg_has_role(%[1]s, %[2]s, 'set') else pg_has_role(%[1]s, %[2]s, 'member') end`

// rights are what a role lacks of what it needs to serve, and whether it has
// more than that.
type rights struct {
	Missing []string
	Excess  bool
	Owns    bool // as the one role of a simple installation
	Open    bool // the database is as PostgreSQL made it: everybody may come in and make temporary tables
}

// readRights reads those of a role; of a newer program's tables a program knows
// nothing, and then only what the views need is missing.
func readRights(ctx context.Context, db DB, serving string, newer bool) (r rights, err error) {
	err = db.QueryRow(ctx, `
		with who as (
			select s.oid as serving, p.oid as portal, s.rolname::text as name, s.rolname || '_portal' as portal_name,
				coalesce(pg_has_role(s.oid, (select relowner from pg_class where oid = to_regclass('public.audit_entries')), 'member'), false) as owns
			from pg_roles s left join pg_roles p on p.rolname = s.rolname || '_portal'
			where s.rolname = @serving
		), tables as (
			select c.oid, p as privilege, p = any(`+tableRights+`) as needed, has_table_privilege(who.serving, c.oid, p) as given
			from who, `+ourTables+` c, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p
			where c.relkind in ('r', 'p') and not @newer
		)
		select array(
			select format('role %I', portal_name) from who where portal is null
			union all select format('membership in %I', portal_name) from who where portal is not null and not `+fmt.Sprintf(becomes, "serving", "portal")+`
			union all select 'usage on schema ' || n.nspname from who, pg_namespace n where n.nspname = @schema and not has_schema_privilege(portal, n.oid, 'usage')
			union all select 'select on ' || c.oid::regclass from who, pg_class c
				where c.relnamespace = to_regnamespace(@schema) and c.relkind = 'v' and not has_table_privilege(portal, c.oid, 'select')
			union all select privilege || ' on ' || oid::regclass from tables where needed and not given
			union all select 'usage on ' || c.oid::regclass from who, `+ourTables+` c where c.relkind = 'S' and not @newer and not has_sequence_privilege(serving, c.oid, 'usage')
			union all select 'execute on ' || f.oid::regprocedure from who, `+ourFunctions+` f where not @newer and not has_function_privilege(serving, f.oid, 'execute')
		), coalesce((select bool_or(given and not needed) from tables) and not (select owns from who), false)
			or exists (select from who, `+ourFunctions+` f where has_function_privilege('public', f.oid, 'execute') or has_function_privilege(portal, f.oid, 'execute')), coalesce((select owns from who), false),
			(select has_database_privilege('public', d.oid, 'temporary') and pg_has_role(current_user, d.datdba, 'member') from pg_database d where d.datname = current_database())`,
		pgx.NamedArgs{"serving": serving, "schema": migrations.PortalSchema(), "newer": newer}).Scan(&r.Missing, &r.Excess, &r.Owns, &r.Open)
	if err != nil {
		return r, fmt.Errorf("read the rights of the database user %q: %w", serving, err)
	}
	return r, nil
}

// OneRole reports whether the user that serves also owns the schema, so that
// the database does not refuse it a change of the audit trail.
func OneRole(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	r, err := readRights(ctx, pool, RoleOfPool(pool).Name, false)
	return r.Owns, err
}

// MakesRoles reports whether the user of the pool may make roles.
func MakesRoles(ctx context.Context, pool *pgxpool.Pool) (makes bool, err error) {
	err = pool.QueryRow(ctx, `select rolsuper or rolcreaterole from pg_roles where rolname = current_user`).Scan(&makes)
	if err != nil {
		return false, fmt.Errorf("read the rights of the database user: %w", err)
	}
	return makes, nil
}

// RoleOfPool is the user that a pool connects as.
func RoleOfPool(pool *pgxpool.Pool) Role {
	cfg := pool.Config().ConnConfig
	return Role{Name: cfg.User, password: cfg.Password}
}

// ViewGrants gives the portal's role this version's views.
const ViewGrants = `
	do $$
	declare
		portal constant text := @portal;
	begin
		execute format('grant usage on schema %I to %I', @schema, portal);
		execute format('grant select on all tables in schema %I to %I', @schema, portal);
		execute format('grant execute on all functions in schema %I to %I', @schema, portal);
	end $$;`

// Grants gives the serving role its work, and takes from it and from the
// portal's role whatever else they had. @serving and @portal are names.
//
// PostgreSQL lets every role of its cluster into a new database and make
// temporary tables there. The portal's role must not, and roles of other
// applications have no business here; so both rights are taken from everybody,
// once, as long as nobody has touched them. Roles that the operator evidently
// means to come keep their way in: those that watch, those that read
// everything, and those with rights of their own on a table.
const Grants = `
	do $$
	declare
		serving constant text := @serving;
		portal constant text := @portal;
		owner constant oid := (select relowner from pg_class where oid = 'public.audit_entries'::regclass);
		db constant pg_database := (select d from pg_database d where datname = current_database());
		x record;
	begin
		for x in select c.oid::regclass as name from ` + ourTables + ` c where c.relkind in ('r', 'p', 'v', 'm') and has_table_privilege(portal, c.oid, 'select, insert, update, delete, truncate, references, trigger') loop
			execute format('revoke all on %s from %I', x.name, portal);
		end loop;
		for x in select f.oid::regprocedure as name from ` + ourFunctions + ` f loop
			execute format('revoke all on function %s from public, %I', x.name, portal);
			execute format('grant execute on function %s to %I', x.name, serving);
		end loop;

		if not pg_has_role(serving, owner, 'member') then
			execute format('grant usage on schema public to %I', serving);
			for x in select c.oid::regclass as name, array_to_string(` + tableRights + `, ', ') as rights from ` + ourTables + ` c where c.relkind in ('r', 'p') loop
				execute format('revoke all on %s from %I', x.name, serving);
				execute format('grant %s on %s to %I', x.rights, x.name, serving);
			end loop;
			for x in select c.oid::regclass as name from ` + ourTables + ` c where c.relkind = 'S' loop
				execute format('grant usage, select, update on sequence %s to %I', x.name, serving);
			end loop;
		end if;

		if not pg_has_role(current_user, db.datdba, 'member') then
			return;
		end if;
		if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'public'), 'member') then
			revoke create on schema public from public; -- as version 15 does by itself
		end if;
		if has_database_privilege('public', db.oid, 'temporary') then
			if has_database_privilege('public', db.oid, 'connect') then
				for x in select r.rolname from pg_roles r
					where r.rolcanlogin and not r.rolsuper and r.rolname <> serving
						and (exists (select from unnest(array['pg_monitor', 'pg_read_all_data', 'pg_read_all_stats', 'pg_read_all_settings', 'pg_write_all_data']) m where pg_has_role(r.oid, m, 'member'))
							or exists (select from pg_class t, aclexplode(t.relacl) a where a.grantee = r.oid))
				loop
					execute format('grant connect on database %I to %I', db.datname, x.rolname);
				end loop;
				execute format('revoke connect on database %I from public', db.datname);
			end if;
			execute format('revoke temporary on database %I from public', db.datname);
		end if;
		execute format('grant connect on database %I to %I', db.datname, serving);
	end $$;`

// fill puts names into grants.
func (r Role) fill(grants string) string {
	return strings.NewReplacer("@serving", literal(r.Name), "@portal", literal(r.portal()), "@schema", literal(migrations.PortalSchema())).Replace(grants)
}

func identifier(name string) string { return pgx.Identifier{name}.Sanitize() }
func literal(text string) string    { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Permit makes the roles that are missing, or says everything that the user of
// the pool may not do and a superuser has to do for it. It is asked before
// anything is changed.
func Permit(ctx context.Context, pool *pgxpool.Pool, serving Role) error {
	var p struct {
		User, Database, Owner                string // Owner of the tables, if there are any
		Version                              int
		Encoding                             string
		Creates, Public, Ours                bool
		Unavailable, Extensions              []string
		Roles, HasServing, HasPortal, Member bool
	}
	err := pool.QueryRow(ctx, `
		select current_user, current_database(), coalesce(pg_get_userbyid(t.relowner), ''), current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),
			has_database_privilege(current_user, d.oid, 'create'), coalesce(has_schema_privilege(current_user, to_regnamespace('public')::oid, 'create'), false),
			coalesce(pg_has_role(current_user, t.relowner, 'member'), true),
			array(select e from unnest(`+needed+`) e where e not in (select name from pg_available_extensions)),
			array(select e from unnest(`+needed+`) e where e not in (select extname from pg_extension) and not r.rolsuper
				and not (has_database_privilege(current_user, d.oid, 'create') and coalesce((select bool_or(trusted) from pg_available_extension_versions where name = e), false))),
			r.rolsuper or r.rolcreaterole, s.oid is not null, p.oid is not null, coalesce(`+fmt.Sprintf(becomes, "s.oid", "p.oid")+`, false)
		from pg_database d
		join pg_roles r on r.rolname = current_user
		left join pg_class t on t.oid = to_regclass('public.audit_entries')
		left join pg_roles s on s.rolname = $1
		left join pg_roles p on p.rolname = $2
		where d.datname = current_database()`, serving.Name, serving.portal()).Scan(
		&p.User, &p.Database, &p.Owner, &p.Version, &p.Encoding, &p.Creates, &p.Public, &p.Ours, &p.Unavailable, &p.Extensions, &p.Roles, &p.HasServing, &p.HasPortal, &p.Member)
	if err != nil {
		return fmt.Errorf("read the rights of the database user: %w", err)
	}
	switch {
	case p.Version < 15:
		return fmt.Errorf("PostgreSQL 15 or later is needed; this is version %d", p.Version)
	case p.Encoding != "UTF8":
		return fmt.Errorf("the database %q is encoded in %s, and UTF8 is needed: make it anew with  create database %s encoding 'UTF8' template template0", p.Database, p.Encoding, identifier(p.Database))
	case len(p.Unavailable) > 0:
		return fmt.Errorf("PostgreSQL's server lacks the extension %s: install its additional modules, often a package named postgresql-contrib", strings.Join(p.Unavailable, ", "))
	case !p.Ours:
		return fmt.Errorf("the database user %q does not own the tables, %q does: name that one in FIELDGATE_MIGRATE_URL. If a backup was restored under the wrong user, restore it again "+
			"into an empty database with  pg_restore --no-owner --no-acl  as %q", p.User, p.Owner, p.User)
	}
	var say []string
	user, portal, served := identifier(p.User), identifier(serving.portal()), identifier(serving.Name)
	if !p.Creates {
		say = append(say, "alter database "+identifier(p.Database)+" owner to "+user)
	}
	if !p.Public {
		say = append(say, "grant usage, create on schema public to "+user)
	}
	for _, e := range p.Extensions {
		say = append(say, "create extension "+e)
	}
	var roles []string
	if !p.HasServing {
		create := "create role " + served + " login"
		if serving.password != "" {
			create += " password " + literal(serving.password)
		}
		roles = append(roles, create)
	}
	if !p.HasPortal {
		roles = append(roles, "create role "+portal+" nologin noinherit")
	}
	if !p.Member {
		roles = append(roles, "grant "+portal+" to "+served)
	}
	if p.Roles && len(say) == 0 {
		err := makeRoles(ctx, pool, roles)
		if err == nil {
			return nil
		}
		if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "42501" {
			return fmt.Errorf("make the database roles: %w", err)
		}
	}
	for _, r := range roles {
		r, _, secret := strings.Cut(r, " password ")
		if secret { // it stands in the configuration
			r += " password '…'"
		}
		say = append(say, r)
	}
	if len(say) == 0 {
		return nil
	}
	return fmt.Errorf("the database user %q may not do everything that is needed. As a superuser, connected to the database %q, run:\n\n  %s;", p.User, p.Database, strings.Join(say, ";\n  "))
}

// makeRoles runs statements one by one: two databases of a cluster may make a
// role at the same moment.
func makeRoles(ctx context.Context, pool *pgxpool.Pool, statements []string) error {
	for _, sql := range statements {
		_, err := pool.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok && (pg.Code == "42710" || pg.Code == "23505") {
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}
