// Package storage keeps the files' store and the database in step: who names
// which bytes, which may be forgotten, which are missing, and what hinders both.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/blob"
	"fieldgate/internal/postgres"
)

// Store is the program's store. What is put into it is forgotten only by Forget
// and Sweep, which ask the database first who names it.
type Store struct {
	blob.Store
	pool    *pgxpool.Pool
	missing atomic.Int64
	health  health
	errors  *prometheus.CounterVec
}

// New is the Store of a program.
func New(pool *pgxpool.Pool, files blob.Store) *Store {
	return &Store{Store: files, pool: pool, errors: countErrors()}
}

// Put is that of the store. What hinders it is noticed.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	err := s.Store.Put(ctx, key, r, size, contentType)
	s.note(ctx, "put", err)
	return err
}

// Delete is that of the store. What hinders it is noticed.
func (s *Store) Delete(ctx context.Context, key string) error {
	err := s.Store.Delete(ctx, key)
	s.note(ctx, "delete", err)
	return err
}

// Open is that of the store. Keys come from rows, so a file that is not there
// is missing: that is logged and counted here, and answered as such.
func (s *Store) Open(ctx context.Context, key string) (blob.File, error) {
	f, err := s.Store.Open(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		s.missing.Add(1)
		slog.ErrorContext(ctx, "a file is missing from storage", "key", key)
	}
	s.note(ctx, "open", err)
	return f, err
}

// Recognise looks whether this may be the store that the database speaks of: a
// folder where nothing is mounted, or another bucket, takes files as well as the
// right one. It fails with ErrStrange when none is there of those named first and last.
func (s *Store) Recognise(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, `
		(select blob_key from attachments where removed_at is null order by id limit 5)
		union (select blob_key from attachments where removed_at is null order by id desc limit 5)`)
	if err != nil {
		return fmt.Errorf("ask which files are named: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("ask which files are named: %w", err)
	}
	for _, key := range keys {
		if there, err := s.has(ctx, key); there || err != nil {
			return err
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return ErrStrange
}

// ErrStrange says that the store holds none of the files that are looked for.
var ErrStrange = errors.New("none of the files that the database names is in storage: does FIELDGATE_STORAGE name the right folder or bucket, and is the disk mounted? See: fieldgate files check")

// Missing counts how often a file was asked for whose bytes are missing.
func (s *Store) Missing() int64 { return s.missing.Load() }

// forgetting is how long a deed may take to clean up after itself.
const forgetting = 10 * time.Second

// Forget deletes files that a deed has put and that nobody names, given how its
// transaction ended. What it does not know it leaves: when the outcome is
// unknown, or the database cannot be asked, Sweep looks again a day later.
func (s *Store) Forget(ctx context.Context, outcome error, keys ...string) {
	if len(keys) == 0 || errors.Is(outcome, postgres.ErrUnknown) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetting)
	defer cancel()
	uses, err := usesOf(ctx, s.pool, keys)
	for _, key := range keys {
		if err == nil && uses[key] == unnamed {
			err = s.Delete(ctx, key)
		}
	}
	if err != nil {
		slog.WarnContext(ctx, "files that nobody needs were left for the sweep", "keys", len(keys), "error", err)
	}
}
