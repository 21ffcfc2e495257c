// Package dbtest gives each test a PostgreSQL database of its own, cloned from
// a template that is migrated once.
package dbtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	neturl "net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"fieldgate/internal/postgres"
	"fieldgate/migrations"
)

const prefix = "fieldgate_test_"

// The roles of tests, as an installation has them: one owns the schema, the
// other serves.
const (
	owner   = "fieldgate_test_owner"
	serving = "fieldgate_test"
)

// empty is PostgreSQL's own template.
const empty = "template0"

// New is a migrated database that goes away with the test, as the role that
// serves.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	db := open(t, URL(t))
	setZone(t, db)
	return db
}

// URL is the address of a migrated database that goes away with the test, for
// the role that serves: for tests that start a program of their own.
func URL(t testing.TB) string {
	t.Helper()
	return ServingURL(t, clone(t, template(t)))
}

// Open is the database of an address, as the role that serves.
func Open(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	return open(t, ServingURL(t, url))
}

// ServingURL is an address for the role that serves.
func ServingURL(t testing.TB, url string) string {
	t.Helper()
	return as(t, serving, url)
}

// Owner is the database of a pool as the role that owns its schema.
func Owner(t testing.TB, db *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	return open(t, OwnerURL(t, db.Config().ConnString()))
}

// OwnerURL is an address for the role that owns the schema.
func OwnerURL(t testing.TB, url string) string {
	t.Helper()
	return as(t, owner, url)
}

// Empty is the address of a database without any schema, for the role that
// owns it.
func Empty(t testing.TB) string {
	t.Helper()
	template(t) // the roles are there
	return as(t, owner, clone(t, empty))
}

// UpTo migrates an empty database to a version of the schema, without the
// queue's tables and the portal's views: for tests of what a later migration
// makes of rows. It goes on where it stands.
func UpTo(t testing.TB, db *pgxpool.Pool, version int64) {
	t.Helper()
	plain := stdlib.OpenDBFromPool(db)
	defer plain.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, plain, migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(context.Background(), version); err != nil {
		t.Fatal(err)
	}
}

// Admin runs statements as the user that DATABASE_URL names, who may make
// databases and roles, in the database of an address.
func Admin(t testing.TB, url string, statements ...string) {
	t.Helper()
	base, err := neturl.Parse(server(t))
	if err != nil {
		t.Fatal(err)
	}
	admin(t, as(t, base.User.Username(), url), func(ctx context.Context, c *pgx.Conn) error {
		for _, sql := range statements {
			if _, err := c.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
}

func server(t testing.TB) string {
	t.Helper()
	u := os.Getenv("DATABASE_URL")
	if u == "" {
		t.Fatal("this test needs PostgreSQL: run it with make test, or set DATABASE_URL to a server where databases may be created")
	}
	return u
}

func named(t testing.TB, base, name string) string {
	t.Helper()
	u, err := neturl.Parse(base)
	if err != nil {
		t.Fatal("DATABASE_URL is not an address like postgres://user@host/database")
	}
	u.Path = "/" + name
	return u.String()
}

// as is an address for another role. The tests' roles have the password of the
// user that makes them.
func as(t testing.TB, role, url string) string {
	t.Helper()
	u, err := neturl.Parse(url)
	if err != nil {
		t.Fatal("DATABASE_URL is not an address like postgres://user@host/database")
	}
	if password, set := u.User.Password(); set {
		u.User = neturl.UserPassword(role, password)
	} else {
		u.User = neturl.User(role)
	}
	return u.String()
}

func open(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(context.Background(), url, 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func clone(t testing.TB, from string) string {
	t.Helper()
	base := server(t)
	name := prefix + strings.ToLower(rand.Text())
	admin(t, base, func(ctx context.Context, c *pgx.Conn) error {
		// Copying files costs a fifth of writing the template through the log, without fsync.
		if _, err := c.Exec(ctx, fmt.Sprintf("create database %s template %s strategy file_copy owner %s", name, from, owner)); err != nil || from == empty {
			return err
		}
		// The rights on a database are its own, so these are what migrating gave its template.
		_, err := c.Exec(ctx, fmt.Sprintf("revoke connect, temporary on database %[1]s from public; grant connect on database %[1]s to %[2]s", name, serving), pgx.QueryExecModeSimpleProtocol)
		return err
	})
	t.Cleanup(func() {
		admin(t, base, func(ctx context.Context, c *pgx.Conn) error {
			_, err := c.Exec(ctx, fmt.Sprintf("drop database if exists %s with (force)", name))
			return err
		})
	})
	return named(t, base, name)
}

func admin(t testing.TB, url string, do func(context.Context, *pgx.Conn) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	defer c.Close(ctx)
	if err := do(ctx, c); err != nil {
		t.Fatal(err)
	}
}

var (
	once         sync.Once
	templateName string
)

// template is migrated by the first process that needs it; its name carries
// the schema's fingerprint, so that an old one is never taken.
func template(t testing.TB) string {
	t.Helper()
	once.Do(func() {
		base := server(t)
		name := "fieldgate_template_" + fingerprint(t)
		admin(t, base, func(ctx context.Context, c *pgx.Conn) error {
			if _, err := c.Exec(ctx, "select pg_advisory_lock(7420531)"); err != nil {
				return err
			}
			defer c.Exec(ctx, "select pg_advisory_unlock(7420531)")
			if err := makeRoles(ctx, c); err != nil {
				return err
			}
			var there bool
			if err := c.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
				return err
			}
			return build(ctx, t, c, base, name)
		})
		templateName = name
	})
	if templateName == "" {
		t.Fatal("the template database could not be made; the first test says why")
	}
	return templateName
}

// established makes the business of tests one in Sydney, past its first day.
const established = `
	update company set registration_label = 'ABN', time_zone = 'Australia/Sydney', currency = 'AUD', locale = 'en-AU', first_steps_done_at = now();
	update tax_rates set standard = false;
	insert into tax_rates (id, name, percent, standard) overriding system value values (1, 'GST', 10, true)`

func build(ctx context.Context, t testing.TB, c *pgx.Conn, base, name string) error {
	making := name + "_making"
	for _, sql := range []string{"drop database if exists " + making + " with (force)", "create database " + making + " template template0 owner " + owner} {
		if _, err := c.Exec(ctx, sql); err != nil {
			return err
		}
	}
	pool, err := postgres.Open(ctx, as(t, owner, named(t, base, making)), 4)
	if err != nil {
		return err
	}
	err = postgres.Migrate(ctx, pool, Serving(t), slog.New(slog.DiscardHandler))
	if err == nil {
		_, err = pool.Exec(ctx, established, pgx.QueryExecModeSimpleProtocol)
	}
	pool.Close()
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, "alter database "+making+" rename to "+name)
	return err
}

// Serving is the role that serves in tests.
func Serving(t testing.TB) postgres.Role {
	t.Helper()
	role, err := postgres.RoleOf(as(t, serving, server(t)))
	if err != nil {
		t.Fatal(err)
	}
	return role
}

// makeRoles makes the tests' roles and the one that the portal reads with.
func makeRoles(ctx context.Context, c *pgx.Conn) error {
	password := ""
	if p := c.Config().Password; p != "" {
		password = " password '" + strings.ReplaceAll(p, "'", "''") + "'"
	}
	for name, kind := range map[string]string{owner: "login" + password, serving: "login" + password, owner + "_portal": "nologin noinherit", serving + "_portal": "nologin noinherit"} {
		var there bool
		if err := c.QueryRow(ctx, "select exists (select from pg_roles where rolname = $1)", name).Scan(&there); err != nil {
			return err
		}
		if there {
			continue
		}
		if _, err := c.Exec(ctx, "create role "+name+" "+kind); err != nil {
			return err
		}
	}
	_, err := c.Exec(ctx, "grant "+serving+"_portal to "+serving+"; grant "+owner+"_portal to "+owner+"; grant "+owner+" to current_user", pgx.QueryExecModeSimpleProtocol)
	return err
}

// fingerprint changes with whatever the template is made of.
func fingerprint(t testing.TB) string {
	t.Helper()
	h := sha256.New()
	h.Write([]byte(migrations.PortalViews + postgres.ViewGrants + postgres.Grants + owner + serving + established))
	err := fs.WalkDir(migrations.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.FS, path)
		h.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
