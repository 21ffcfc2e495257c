package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/demo"
	"fieldgate/internal/config"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
)

// size is what generate is asked for.
var size demo.Size

func generate(ctx context.Context, _ []string) error {
	err := withDatabase(ctx, func(cfg config.Config, _ *pgxpool.Pool) error {
		owner, err := postgres.Open(ctx, cfg.OwnerURL(), 2)
		if err != nil {
			return err
		}
		defer owner.Close()
		store, err := openStorage(cfg, owner)
		if err != nil {
			return err
		}
		return demo.Generate(ctx, owner, store, password.NewHasher(), size, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	}, "FIELDGATE_STORAGE")
	if err != nil {
		return err
	}
	fmt.Printf("The business is there. Password of those who follow: %s\n\n", demo.Password)
	for _, p := range demo.Generated {
		fmt.Printf("  %-16s %s: %s\n", p.Email, p.Side, p.Who)
	}
	fmt.Printf("\n%q finds many jobs, %q hardly any.\n", demo.CommonWord, demo.RareWord)
	return nil
}
