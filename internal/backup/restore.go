package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/blob"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/storage"
)

// Into is where a backup is put back.
type Into struct {
	URL     string        // of the user who will own the schema, in an empty database
	Serving postgres.Role // who serves afterwards
	Store   blob.Store
	Log     *slog.Logger
}

// ErrNotEmpty says that something is in the database already.
var ErrNotEmpty = errors.New("the database is not empty: a backup is restored into a new one")

// Restore puts a backup back: the files first, then the database in one
// transaction, so that a database that is there is whole. The portal's views
// and the rights are made for the users of this installation, whoever they were
// in the one before. Nobody is logged in afterwards. Say is told what has been done.
func Restore(ctx context.Context, from blob.Store, m Manifest, into Into, say func(string)) error {
	newest, err := postgres.Newest()
	if err != nil {
		return err
	}
	if m.Schema > newest {
		return fmt.Errorf("the backup is of a newer version of the program, %s", m.Program)
	}
	pool, err := postgres.Open(ctx, into.URL, 4)
	if err != nil {
		return err
	}
	defer pool.Close()
	var empty bool
	if err := pool.QueryRow(ctx, `select not exists (select from pg_namespace where nspname ~ '^portal(_|$)') and not exists (`+strings.Replace(tables, "order by 1", "", 1)+`)`).Scan(&empty); err != nil {
		return fmt.Errorf("look into the database: %w", err)
	}
	if !empty {
		return ErrNotEmpty
	}
	if err := postgres.Permit(ctx, pool, into.Serving); err != nil {
		return err
	}
	if problems, err := Check(ctx, from, Manifest{Dump: m.Dump}); err != nil || len(problems) > 0 {
		return errors.Join(err, broken(problems))
	}
	store := storage.New(pool, into.Store)
	wasEmpty, err := store.Empty(ctx)
	if err != nil {
		return fmt.Errorf("look into the storage: %w", err)
	}
	if err := putBack(ctx, from, m, into.Store); err != nil {
		return err
	}
	say(fmt.Sprintf("Files: %d are there and as they were.", len(m.Files)))
	if err := load(ctx, from, m, into.URL); err != nil {
		return err
	}
	if err := compare(ctx, pool.Config().ConnConfig, m); err != nil {
		return err
	}
	say(fmt.Sprintf("Database: %d tables, all rows of %s.", len(m.Rows), m.Name))
	// First of all: what ends with a login may have come after the backup was made.
	if err := postgres.Migrate(ctx, pool, into.Serving, into.Log); err != nil {
		return fmt.Errorf("bring the restored database to this version: %w", err)
	}
	if err := postgres.Transact(ctx, pool, func(tx postgres.Tx) error { return signin.EndAll(ctx, tx) }); err != nil {
		return err
	}
	say("Logins: everybody logs in anew and turns on notifications anew, and links in earlier emails have ended. Passwords, invitations and suspensions are those of the backup: suspend again who was suspended since.")
	err = store.Restored(ctx, wasEmpty)
	if storage.Refused(err) {
		say("Careful: " + err.Error())
		return nil
	}
	return err
}

func broken(problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("the backup is broken: %s", strings.Join(problems, "; "))
}

// putBack copies the files that are not there yet, and looks at each.
func putBack(ctx context.Context, from blob.Store, m Manifest, to blob.Store) error {
	for _, p := range m.Files {
		size, sum, err := sumOf(ctx, to, p.Key)
		if err == nil && size == p.Size && sum == p.Sum {
			continue
		}
		if err != nil && !errors.Is(err, blob.ErrNotFound) {
			return fmt.Errorf("look for file %s: %w", p.Key, err)
		}
		put, err := copyFile(ctx, p.Key, from, to)
		if errors.Is(err, blob.ErrNotFound) {
			return broken([]string{p.Key + " is missing"})
		}
		if err != nil {
			return fmt.Errorf("put file %s back: %w", p.Key, err)
		}
		if put != p {
			return errors.Join(broken([]string{p.Key + " is not what was written"}), to.Delete(ctx, p.Key))
		}
	}
	return nil
}

// load fills the database, or leaves it empty.
func load(ctx context.Context, from blob.Store, m Manifest, url string) error {
	var pieces []io.Reader
	for _, p := range m.Dump {
		f, err := from.Open(ctx, p.Key)
		if err != nil {
			return fmt.Errorf("read the dump: %w", err)
		}
		defer func() { _ = f.Close() }()
		pieces = append(pieces, f)
	}
	// Owners and rights are those of this installation, made afterwards.
	return run(ctx, url, m.Server, "pg_restore", io.MultiReader(pieces...), io.Discard,
		"--single-transaction", "--exit-on-error", "--no-owner", "--no-acl", "--no-comments")
}

// compare counts what has been restored.
func compare(ctx context.Context, cfg *pgx.ConnConfig, m Manifest) error {
	c, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	tx, err := c.Begin(ctx)
	if err != nil {
		return fmt.Errorf("count what was restored: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	have, err := rows(ctx, tx)
	if err != nil {
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(m.Rows)) {
		if have[table] != m.Rows[table] {
			return fmt.Errorf("%s has %d rows where the backup had %d", table, have[table], m.Rows[table])
		}
	}
	return nil
}
