package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/config"
	"fieldgate/internal/storage"
)

// withStorage lets do work on the installation's files.
func withStorage(ctx context.Context, do func(*storage.Store) error) error {
	return withDatabase(ctx, func(cfg config.Config, pool *pgxpool.Pool) error {
		store, err := openStorage(cfg, pool)
		if err != nil {
			return err
		}
		return do(store)
	}, "FIELDGATE_STORAGE")
}

func checkFiles(ctx context.Context, _ []string) error {
	return withStorage(ctx, func(store *storage.Store) error {
		missing := 0
		looked, err := store.Check(ctx, func(n storage.Named) {
			missing++
			fmt.Printf("Missing: %s (%s)\n", n.Label, n.Key)
		})
		if err != nil {
			return err
		}
		if missing > 0 {
			return fmt.Errorf("%d of %d files are missing from storage: bring them back from a backup, under the same names", missing, looked)
		}
		fmt.Printf("All %d files are in storage.\n", looked)
		return nil
	})
}

// onlyCount and adopt are --dry-run and --adopt of files sweep.
var onlyCount, adopt bool

func sweepFiles(ctx context.Context, _ []string) error {
	return withStorage(ctx, func(store *storage.Store) error {
		if adopt && !onlyCount {
			if err := store.Adopt(ctx); err != nil {
				return err
			}
		}
		swept, err := store.Sweep(ctx, onlyCount, false)
		if err != nil {
			return err
		}
		fmt.Printf("%d files in storage, %d of them younger than a day and left alone.\n", swept.Files, swept.Young)
		fmt.Printf("%s: %d that nobody names, %d of files removed longer ago than Administration → Retention keeps them (%d bytes together), %d broken-off uploads, %d temporary files.\n",
			map[bool]string{true: "To be deleted", false: "Deleted"}[onlyCount], swept.Orphans, swept.Removed, swept.Bytes, swept.Unfinished, swept.Temporary)
		return nil
	})
}
