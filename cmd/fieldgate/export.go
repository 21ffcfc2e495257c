package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/config"
	"fieldgate/internal/export"
)

// exportCSV and exportNoFiles are --csv and --no-files of export.
var exportCSV, exportNoFiles bool

func exportAll(ctx context.Context, args []string) error {
	o := export.Options{Form: export.AsExcel, Files: !exportNoFiles}
	if exportCSV {
		o.Form = export.AsCSV
	}
	said := time.Time{}
	o.Say = func(p export.Progress) error {
		if time.Since(said) >= 2*time.Second {
			said = time.Now()
			fmt.Fprintf(os.Stderr, "%s: %d of about %d\n", p.Doing, p.Done, p.Of)
		}
		return nil
	}
	return withDatabase(ctx, func(cfg config.Config, pool *pgxpool.Pool) (err error) {
		store, err := openStorage(cfg, pool)
		if err != nil {
			return err
		}
		to, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, os.ErrExist) {
			return fmt.Errorf("%s is there already: name another file", args[0])
		}
		if err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
		defer func() {
			if err = errors.Join(err, to.Close()); err != nil { // half of it is none
				_ = os.Remove(args[0])
			}
		}()
		m, err := export.Write(ctx, to, export.Source{Pool: pool, Store: store, Version: version}, o)
		if err == nil {
			err = to.Sync()
		}
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		info, err := to.Stat()
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		fmt.Printf("%s holds everything as of %s (%.1f MB): %d customers, %d quotes, %d jobs, %d files.\n", args[0], m.Moment.Format(time.RFC3339), float64(info.Size())/1e6,
			m.Counts["Customers"], m.Counts["Quotes"], m.Counts["Jobs"], m.Counts["Files"])
		if n := len(m.Missing); n > 0 {
			fmt.Printf("%d files are missing from storage; manifest.json names them. See: fieldgate files check\n", n)
		}
		return nil
	}, "FIELDGATE_STORAGE")
}
