package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/config"
	"fieldgate/internal/fileimport"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/staff"
)

// onlyLook and broughtBy are --dry-run and --by of import-files.
var (
	onlyLook  bool
	broughtBy string
)

func importFiles(ctx context.Context, args []string) error {
	return withDatabase(ctx, func(cfg config.Config, pool *pgxpool.Pool) error {
		by, err := importer(ctx, pool, broughtBy)
		if err != nil {
			return err
		}
		archive, err := openArchive(ctx, args[0])
		if err != nil {
			return err
		}
		defer func() { _ = archive.Close() }()
		store, err := openStorage(cfg, pool)
		if err != nil {
			return err
		}
		client, err := queue.NewClient(pool)
		if err != nil {
			return err
		}
		counts := map[fileimport.ItemState]int{}
		err = office.New(pool, nil, store, client, nil, notify.Worker{}).ImportFilesFrom(ctx, by, filepath.Base(filepath.Clean(args[0])), archive, onlyLook, func(i fileimport.Item) {
			counts[i.State]++
			if i.State == fileimport.Refused {
				fmt.Printf("Refused: %s: %s\n", i.Path, i.Reason)
			}
		})
		added := counts[fileimport.Added]
		words := "Added"
		if onlyLook {
			added, words = counts[fileimport.Fits], "To be added"
		}
		fmt.Printf("%s: %d. There already: %d. Refused: %d. Left out: %d.\n", words, added, counts[fileimport.Known], counts[fileimport.Refused], counts[fileimport.LeftOut])
		if err != nil {
			return fmt.Errorf("broken off; run it again, what was added is not added twice: %w", err)
		}
		return nil
	}, "FIELDGATE_STORAGE")
}

// importer is in whose name files come in: the member of staff with an address, or
// the Administrator who is here longest.
func importer(ctx context.Context, pool *pgxpool.Pool, email string) (staff.Viewer, error) {
	if email != "" {
		m, err := staff.FindByEmail(ctx, pool, email)
		if errors.Is(err, apperr.NotFound) {
			return staff.Viewer{}, fmt.Errorf("nobody on the staff has the address %s", email)
		}
		return staff.Viewer{Staff: m.ID, Name: m.Name, Role: m.Role}, err
	}
	v := staff.Viewer{Role: staff.Administrator}
	var all []staff.Member
	if err := postgres.Read(ctx, pool, func(b *postgres.Batch) { staff.QueryAll(b, &all) }); err != nil {
		return v, err
	}
	for _, m := range all {
		if m.Role == staff.Administrator && m.State == staff.Active && !m.Archived() && (v.Staff == 0 || m.ID < v.Staff) {
			v.Staff, v.Name = m.ID, m.Name
		}
	}
	if v.Staff == 0 {
		return v, errors.New("there is no Administrator yet: fieldgate staff add makes one, or name a member of staff with --by")
	}
	return v, nil
}

// openArchive opens a folder, or a zip.
func openArchive(ctx context.Context, path string) (fileimport.Archive, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return fileimport.OpenFolder(ctx, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	archive, err := fileimport.OpenZip(f, info.Size(), f)
	if err != nil {
		_ = f.Close()
	}
	return archive, err
}
