package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/config"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
)

func migrate(ctx context.Context, _ []string) error {
	cfg, err := config.Read(os.Environ(), nil, "DATABASE_URL")
	if err != nil {
		return err
	}
	if err := bringCurrent(ctx, cfg, logger(cfg)); err != nil {
		return err
	}
	fmt.Println("The database is current.")
	return nil
}

// bringCurrent migrates as the user that owns the schema, for the one that serves.
func bringCurrent(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	serving, err := postgres.RoleOf(cfg.DatabaseURL)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	if err := askOwnerDirect(ctx, cfg); err != nil {
		return err
	}
	owner, err := postgres.Open(ctx, cfg.OwnerURL(), 4)
	if err != nil {
		return err
	}
	defer owner.Close()
	return postgres.Migrate(ctx, owner, serving, log)
}

// withDatabase lets do work on the installation's database, which has to be
// migrated. Needs are the settings beside DATABASE_URL that have to be there.
func withDatabase(ctx context.Context, do func(config.Config, *pgxpool.Pool) error, needs ...string) error {
	cfg, err := config.Read(os.Environ(), nil, append(needs, "DATABASE_URL")...)
	if err != nil {
		return err
	}
	if err := askDirect(ctx, cfg); err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, cfg.Direct(), 2)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.Ready(ctx, pool); err != nil {
		return err
	}
	return do(cfg, pool)
}

func rotate(ctx context.Context, _ []string) error {
	return withDatabase(ctx, func(cfg config.Config, pool *pgxpool.Pool) error {
		box, err := cfg.Box()
		if err != nil {
			return err
		}
		var done notify.Rotated
		err = postgres.Transact(ctx, pool, func(tx postgres.Tx) (err error) {
			done, err = notify.Rotate(ctx, tx, box)
			return err
		})
		if err != nil {
			return err
		}
		fmt.Printf("Sealed with the present key: %d. Everything that waits in the database opens with it", done.Sealed)
		if done.Unreadable > 0 {
			fmt.Printf(", but for %d sealed with a key that is in neither FIELDGATE_SECRET_KEY nor FIELDGATE_SECRET_KEY_OLD", done.Unreadable)
		}
		fmt.Println(".")
		return nil
	}, "FIELDGATE_SECRET_KEY")
}
