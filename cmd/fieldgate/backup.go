package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fieldgate/internal/backup"
	"fieldgate/internal/blob"
	"fieldgate/internal/config"
	"fieldgate/internal/postgres"
)

// keepBackups is what --keep says: how many backups stay; 0 for all of them.
var keepBackups int

func makeBackup(ctx context.Context, _ []string) error {
	if keepBackups < 0 {
		return errors.New("--keep: write how many backups should stay")
	}
	cfg, target, err := backupTarget("DATABASE_URL", "FIELDGATE_STORAGE")
	if err != nil {
		return err
	}
	if err := askOwnerDirect(ctx, cfg); err != nil {
		return err
	}
	store, err := blob.New(cfg.Storage)
	if err != nil {
		return fmt.Errorf("FIELDGATE_STORAGE: %w", err)
	}
	m, err := backup.Make(ctx, backup.Source{URL: cfg.OwnerURL(), Store: store, Program: version}, target, say)
	if err != nil {
		return err
	}
	fmt.Printf("Backup %s is whole: %s. The secret key is not in it: keep FIELDGATE_SECRET_KEY elsewhere.\n", m.Name, backup.Megabytes(m.Bytes()))
	if keepBackups > 0 {
		removed, err := backup.Prune(ctx, target, keepBackups)
		if err != nil {
			return err
		}
		fmt.Printf("Old backups removed: %d.\n", removed)
	}
	if n := len(m.Missing); n > 0 {
		return fmt.Errorf("%d files that records name are not in the storage, so the backup does not have them either: %s", n, strings.Join(m.Missing[:min(n, 5)], ", "))
	}
	return nil
}

func listBackups(ctx context.Context, _ []string) error {
	_, target, err := backupTarget()
	if err != nil {
		return err
	}
	all, err := backup.List(ctx, target)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Println("There is no backup there.")
	}
	for _, m := range all {
		fmt.Printf("%s  %10s  %d files  fieldgate %s\n", m.Name, backup.Megabytes(m.Bytes()), len(m.Files), m.Program)
	}
	return nil
}

func checkBackup(ctx context.Context, args []string) error {
	_, target, err := backupTarget()
	if err != nil {
		return err
	}
	m, err := backup.Find(ctx, target, optional(args))
	if err != nil {
		return err
	}
	problems, err := backup.Check(ctx, target, m)
	if err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Println(p)
	}
	if n := len(problems); n > 0 {
		return fmt.Errorf("backup %s is broken in %d places: make another now", m.Name, n)
	}
	fmt.Printf("Backup %s is whole: %d files and the database, %s, read to the last byte.\n", m.Name, len(m.Files), backup.Megabytes(m.Bytes()))
	return nil
}

func restoreBackup(ctx context.Context, args []string) error {
	cfg, target, err := backupTarget("DATABASE_URL", "FIELDGATE_STORAGE")
	if err != nil {
		return err
	}
	if err := askOwnerDirect(ctx, cfg); err != nil {
		return err
	}
	m, err := backup.Find(ctx, target, optional(args))
	if err != nil {
		return err
	}
	store, err := blob.New(cfg.Storage)
	if err != nil {
		return fmt.Errorf("FIELDGATE_STORAGE: %w", err)
	}
	serving, err := postgres.RoleOf(cfg.DatabaseURL)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	if err := backup.Restore(ctx, target, m, backup.Into{URL: cfg.OwnerURL(), Serving: serving, Store: store, Log: logger(cfg)}, say); err != nil {
		return err
	}
	fmt.Printf("Backup %s is restored. Start fieldgate serve with the FIELDGATE_SECRET_KEY of then.\n", m.Name)
	return nil
}

// backupTarget opens the place of the backups.
func backupTarget(needs ...string) (config.Config, blob.Store, error) {
	cfg, err := config.Read(os.Environ(), nil, append(needs, "FIELDGATE_BACKUP")...)
	if err != nil {
		return cfg, nil, err
	}
	if place(cfg.Backup) == place(cfg.Storage) {
		return cfg, nil, errors.New("FIELDGATE_BACKUP: the storage cannot be its own backup; name another folder or bucket")
	}
	target, err := blob.New(cfg.Backup)
	if err != nil {
		return cfg, nil, fmt.Errorf("FIELDGATE_BACKUP: %w", err)
	}
	return cfg, target, nil
}

// place is where an address leads, without who enters.
func place(address string) string {
	if dir, ok := strings.CutPrefix(address, "file://"); ok {
		return filepath.Clean(dir)
	}
	address, _, _ = strings.Cut(address, "?")
	return strings.TrimSuffix(address[strings.LastIndex(address, "@")+1:], "/")
}

func say(line string) { fmt.Println(line) }

func optional(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
