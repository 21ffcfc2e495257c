package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"fieldgate/internal/blob"
)

const (
	// atOnce is how many keys are asked about in one query: a store may hold
	// millions.
	atOnce = 1000

	// young is the age below which a file is left alone: a form may be under way
	// that will name it.
	young = 24 * time.Hour

	// Temporary is how the names begin of the files in which uploads wait.
	Temporary = "fieldgate-upload-"
)

// Swept is what Sweep found, or would remove.
type Swept struct {
	Files, Young       int   // all there are, and those too young to be judged
	Orphans, Removed   int   // that no row names, and of files removed long ago
	Bytes              int64 // of both
	Unfinished         int   // broken off on their way into the store
	Temporary, Deleted int   // left by uploads in the temporary folder, and what was deleted of the store's
}

// ErrTooMany says that the store holds so much that no row names that it might
// be another installation's.
var ErrTooMany = errors.New("most of the files in storage are named by no row: does another installation use this folder or bucket, or is this an old copy of the database? If all is as it should be, run: fieldgate files sweep")

// Sweep deletes what nobody needs any more: bytes of files removed longer
// ago than is set, what killed uploads have left, and temporary files. With dry it only
// counts. A store that is not this installation's own is refused, with ErrAnothers
// or ErrUnowned; careful refuses with ErrTooMany, too, where a person should look
// first.
func (s *Store) Sweep(ctx context.Context, dry, careful bool) (swept Swept, err error) {
	if !dry {
		if err := s.Claim(ctx); err != nil {
			return swept, err
		}
	}
	if careful && !dry {
		found, err := s.Sweep(ctx, true, false)
		if err != nil {
			return found, err
		}
		if found.Orphans > 1000 && found.Orphans > found.Files/2 {
			return found, ErrTooMany
		}
	}
	var now time.Time
	if err := s.pool.QueryRow(ctx, `select now()`).Scan(&now); err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	before := now.Add(-young)
	if swept.Unfinished, err = s.Unfinished(ctx, before, !dry); err != nil {
		return swept, err
	}
	if swept.Temporary, err = SweepTemporary(before, dry); err != nil {
		return swept, err
	}
	err = s.each(ctx, func(files []blob.Info) error {
		var old []blob.Info
		for _, f := range files {
			if f.Modified.Before(before) {
				old = append(old, f)
			}
		}
		swept.Files += len(files)
		swept.Young += len(files) - len(old)
		return s.sweep(ctx, old, dry, &swept)
	})
	if err == nil && !dry {
		err = unnameMissing(ctx, s.pool)
	}
	return swept, err
}

func (s *Store) sweep(ctx context.Context, files []blob.Info, dry bool, swept *Swept) error {
	uses, err := usesOf(ctx, s.pool, keysOf(files))
	if err != nil {
		return err
	}
	if !dry {
		var gone []string
		for _, f := range files {
			if uses[f.Key] == removed {
				gone = append(gone, f.Key)
			}
		}
		if err := unname(ctx, s.pool, gone); err != nil { // first: a row without bytes is never left
			return err
		}
	}
	for _, f := range files {
		switch uses[f.Key] {
		case needed:
			continue
		case removed:
			swept.Removed++
		case unnamed:
			swept.Orphans++
		}
		swept.Bytes += f.Size
		if dry {
			continue
		}
		if err := s.Delete(ctx, f.Key); err != nil {
			return err
		}
		swept.Deleted++
	}
	return nil
}

// each goes through the store, some files at a time.
func (s *Store) each(ctx context.Context, do func([]blob.Info) error) error {
	some := make([]blob.Info, 0, atOnce)
	for f, err := range s.List(ctx) {
		if err != nil {
			return err
		}
		if some = append(some, f); len(some) == atOnce {
			if err := do(some); err != nil {
				return err
			}
			some = some[:0]
		}
	}
	return do(some)
}

func keysOf(files []blob.Info) []string {
	keys := make([]string, len(files))
	for i, f := range files {
		keys[i] = f.Key
	}
	return keys
}

// SweepTemporary deletes the files in which uploads of killed programs have
// waited since before a time; with dry it only counts them. Each machine has its
// own.
func SweepTemporary(before time.Time, dry bool) (n int, err error) {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), Temporary+"*"))
	if err != nil {
		return 0, fmt.Errorf("look for temporary files: %w", err)
	}
	for _, name := range left {
		info, err := os.Lstat(name)
		if err != nil || !(info.Mode().IsRegular() || info.IsDir()) || info.ModTime().After(before) {
			continue // gone meanwhile, not ours, or under way
		}
		if n++; dry {
			continue
		}
		if err := os.RemoveAll(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return n, fmt.Errorf("remove a temporary file: %w", err)
		}
	}
	return n, nil
}

// Check goes through everything that names bytes and tells missing of each
// whose bytes are not there. It returns how many it has looked for.
func (s *Store) Check(ctx context.Context, missing func(Named)) (looked int, err error) {
	err = eachNamed(ctx, s.pool, func(some []Named) error {
		there := make([]bool, len(some))
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(8) // a bucket far away takes its time for each
		for i, n := range some {
			group.Go(func() (err error) {
				there[i], err = s.has(ctx, n.Key)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		looked += len(some)
		for i, n := range some {
			if !there[i] {
				missing(n)
			}
		}
		return nil
	})
	return looked, err
}

func (s *Store) has(ctx context.Context, key string) (bool, error) {
	f, err := s.Store.Open(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

// Daily is the sweep that the program does by itself. It says what it did, and
// what a person should look at.
func (s *Store) Daily(ctx context.Context) error {
	swept, err := s.Sweep(ctx, false, true)
	if errors.Is(err, ErrTooMany) {
		slog.ErrorContext(ctx, "storage was not swept", "error", err, "files", swept.Files, "named by nobody", swept.Orphans)
		return nil
	}
	if Refused(err) {
		slog.WarnContext(ctx, "storage was not swept", "error", err)
		return nil
	}
	if err == nil && swept.Deleted+swept.Unfinished+swept.Temporary > 0 {
		slog.InfoContext(ctx, "storage was swept", "orphans", swept.Orphans, "removed", swept.Removed, "bytes", swept.Bytes, "unfinished", swept.Unfinished, "temporary", swept.Temporary)
	}
	return err
}
