package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

func jobTypes(t *testing.T, db postgres.DB) (n int) {
	t.Helper()
	if err := db.QueryRow(context.Background(), `select count(*) from job_types`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func insert(ctx context.Context, then func() error) func(postgres.Tx) error {
	return func(tx postgres.Tx) error {
		if _, err := tx.Exec(ctx, `insert into job_types (name) values ('Maintenance')`); err != nil {
			return err
		}
		return then()
	}
}

func TestWhoeverGoesAwayAtTheCommitCancelsNothing(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	ctx, leave := context.WithCancel(t.Context())
	if err := postgres.Transact(ctx, db, insert(ctx, func() error { leave(); return nil })); err != nil {
		t.Error(err)
	}
	if n := jobTypes(t, db); n != 1 {
		t.Errorf("%d rows", n)
	}
	if err := postgres.Transact(ctx, db, insert(ctx, func() error { return nil })); !errors.Is(err, context.Canceled) || jobTypes(t, db) != 1 {
		t.Errorf("after having left: %v", err)
	}
}

// severing is a connection that breaks when the answer to a commit comes.
type severing struct {
	net.Conn
	asked atomic.Bool
}

func (s *severing) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("commit")) {
		s.asked.Store(true)
	}
	return s.Conn.Write(p)
}

func (s *severing) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if s.asked.Load() {
		_ = s.Conn.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

func TestACommitWithoutAnAnswerIsUnknown(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	cfg := db.Config()
	dial := cfg.ConnConfig.DialFunc
	cfg.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return &severing{Conn: c}, err
	}
	severed, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer severed.Close()
	err = postgres.Transact(t.Context(), severed, insert(t.Context(), func() error { return nil }))
	if !errors.Is(err, postgres.ErrUnknown) || jobTypes(t, db) != 1 {
		t.Errorf("%v, %d rows", err, jobTypes(t, db))
	}
	owner := dbtest.Owner(t, db)
	for name, do := range map[string]func(postgres.Tx) error{
		"refused by a rule": func(postgres.Tx) error { return errors.New("no") },
		"refused by the database at the commit": func(tx postgres.Tx) error {
			_, err := tx.Exec(t.Context(), `create temporary table one (id int unique deferrable initially deferred) on commit drop; insert into one values (1), (1)`, pgx.QueryExecModeSimpleProtocol)
			return err
		},
	} {
		if err := postgres.Transact(t.Context(), owner, do); err == nil || errors.Is(err, postgres.ErrUnknown) || strings.Contains(err.Error(), "denied") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADiskThatWasFullIsAskedAgain(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if err := postgres.Room(t.Context(), db); err != nil {
		t.Error(err)
	}
	full := &pgconn.PgError{Code: "53100", Severity: "ERROR", Message: "could not extend file"}
	if err := postgres.Transact(t.Context(), db, func(postgres.Tx) error { return full }); !postgres.Full(err) {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := postgres.Room(ended, db); err == nil {
		t.Error("nobody has looked, and there is room")
	}
	if err := postgres.Room(t.Context(), db); err != nil {
		t.Errorf("there is room again: %v", err)
	}
}
