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
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/postgres"
	"fieldgate/migrations"
)

const prefix = "fieldgate_test_"

// New is a migrated database that goes away with the test.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, clone(t, template(t)))
}

// URL is the address of a migrated database that goes away with the test, for
// tests that start a program of their own.
func URL(t testing.TB) string {
	t.Helper()
	return clone(t, template(t))
}

// Empty is the address of a database without any schema.
func Empty(t testing.TB) string {
	t.Helper()
	return clone(t, "template0")
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
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal("DATABASE_URL is not an address like postgres://user@host/database")
	}
	u.Path = "/" + name
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
		_, err := c.Exec(ctx, fmt.Sprintf("create database %s template %s strategy file_copy", name, from))
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

func build(ctx context.Context, t testing.TB, c *pgx.Conn, base, name string) error {
	making := name + "_making"
	for _, sql := range []string{"drop database if exists " + making + " with (force)", "create database " + making + " template template0"} {
		if _, err := c.Exec(ctx, sql); err != nil {
			return err
		}
	}
	pool, err := postgres.Open(ctx, named(t, base, making), 4)
	if err != nil {
		return err
	}
	err = postgres.Migrate(ctx, pool, slog.New(slog.DiscardHandler))
	pool.Close()
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, "alter database "+making+" rename to "+name)
	return err
}

func fingerprint(t testing.TB) string {
	t.Helper()
	h := sha256.New()
	h.Write([]byte(migrations.PortalViews))
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
