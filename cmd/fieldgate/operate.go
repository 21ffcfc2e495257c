package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

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
	owner, err := postgres.Open(ctx, cfg.OwnerURL(), 4)
	if err != nil {
		return err
	}
	defer owner.Close()
	return postgres.Migrate(ctx, owner, serving, log)
}

func rotate(ctx context.Context, _ []string) error {
	cfg, err := config.Read(os.Environ(), nil, "DATABASE_URL", "FIELDGATE_SECRET_KEY")
	if err != nil {
		return err
	}
	box, err := cfg.Box()
	if err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, cfg.DatabaseURL, 2)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.Ready(ctx, pool); err != nil {
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
}
