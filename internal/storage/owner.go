package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"fieldgate/internal/blob"
)

// Of two databases on one store each would take the other's files for what
// nobody names. So a store has an owner, who alone sweeps it: under this key it
// holds the id of an installation.
const marker = "fieldgateinstallationowner"

// What Claim and Sweep refuse with.
var (
	// ErrAnothers says that another installation owns the store.
	ErrAnothers = errors.New("storage belongs to another installation, so nothing is deleted from it: give this one a folder or bucket of its own in FIELDGATE_STORAGE. If the other one has ended, as when this one was restored in its place, look at fieldgate files sweep --dry-run, then run: fieldgate files sweep --adopt")
	// ErrUnowned says that the store has no owner, and may have one to come.
	ErrUnowned = errors.New("storage belongs to no installation yet and holds files that this database does not name, so nothing is deleted from it. If no other installation uses this folder or bucket, look at fieldgate files sweep --dry-run, then run: fieldgate files sweep --adopt")
)

// Refused reports whether an error says that the store is not this installation's own.
func Refused(err error) bool { return errors.Is(err, ErrAnothers) || errors.Is(err, ErrUnowned) }

// List is that of the store, without its marker.
func (s *Store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		for f, err := range s.Store.List(ctx) {
			if f.Key != marker && !yield(f, err) {
				return
			}
		}
	}
}

// Empty reports whether there is no file in the store.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	for _, err := range s.List(ctx) {
		return false, err
	}
	return true, nil
}

// Claim makes sure that the store is this installation's own: one without an
// owner becomes so when this database names all that is in it. Otherwise it
// fails with ErrAnothers or ErrUnowned.
func (s *Store) Claim(ctx context.Context) error {
	id, err := s.id(ctx)
	if err != nil {
		return err
	}
	switch owner, err := s.owner(ctx); {
	case err != nil || owner == id:
		return err
	case owner != "":
		return ErrAnothers
	}
	err = s.each(ctx, func(files []blob.Info) error {
		uses, err := usesOf(ctx, s.pool, keysOf(files))
		for _, use := range uses {
			if use == unnamed {
				return ErrUnowned
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.own(ctx, id)
}

// Adopt makes the store this installation's own, whoever's it was.
func (s *Store) Adopt(ctx context.Context) error {
	id, err := s.id(ctx)
	if err != nil {
		return err
	}
	return s.own(ctx, id)
}

// Restored makes a database that was restored from a backup an installation of
// its own, which claims the store. Where there were files before, they are taken
// for those of the installation of the backup, which may still run.
func (s *Store) Restored(ctx context.Context, empty bool) error {
	owner, err := s.owner(ctx)
	if err != nil {
		return err
	}
	if owner == "" && !empty {
		if err := s.Adopt(ctx); err != nil {
			return err
		}
	}
	if _, err := s.pool.Exec(ctx, `update installation set id = gen_random_uuid()`); err != nil {
		return fmt.Errorf("renew the installation's id: %w", err)
	}
	return s.Claim(ctx)
}

func (s *Store) id(ctx context.Context) (id string, err error) {
	if err := s.pool.QueryRow(ctx, `select id::text from installation`).Scan(&id); err != nil {
		return "", fmt.Errorf("read the installation's id: %w", err)
	}
	return id, nil
}

// owner is whose the store is; "" for nobody's.
func (s *Store) owner(ctx context.Context) (string, error) {
	f, err := s.Store.Open(ctx, marker)
	if errors.Is(err, blob.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask whose the storage is: %w", err)
	}
	defer func() { _ = f.Close() }()
	id, err := io.ReadAll(f)
	if err != nil {
		return "", fmt.Errorf("ask whose the storage is: %w", err)
	}
	return string(id), nil
}

func (s *Store) own(ctx context.Context, id string) error {
	if err := s.Put(ctx, marker, strings.NewReader(id), int64(len(id)), "text/plain"); err != nil {
		return fmt.Errorf("write whose the storage is: %w", err)
	}
	return nil
}
