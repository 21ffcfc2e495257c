package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/company"
	"fieldgate/internal/config"
	"fieldgate/internal/importing"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
)

// The options of import.
var (
	onlyCheck, importOverwrite  bool
	importSource, importMapping string
)

// importFile brings a file in by the same ways as Administration → Import.
func importFile(ctx context.Context, args []string) error {
	return withDatabase(ctx, func(cfg config.Config, pool *pgxpool.Pool) error {
		box, err := cfg.Box()
		if err != nil {
			return err
		}
		store, err := openStorage(cfg, pool)
		if err != nil {
			return err
		}
		client, err := queue.NewClient(pool)
		if err != nil {
			return err
		}
		var c company.Company
		if err := postgres.Read(ctx, pool, func(b *postgres.Batch) { company.Query(b, &c) }); err != nil {
			return err
		}
		service := office.New(pool, notify.New(client, box), store, client, password.NewHasher(), notify.Worker{})
		service.ImportsItself = true
		w := importWork{Importer: office.Importer{Service: service}, pool: pool, by: staff.Viewer{Name: "fieldgate import", Role: staff.Administrator, Format: c.Format()}}
		err = w.bring(ctx, args[0])
		if p, ok := errors.AsType[problem.Set](err); ok {
			for _, sentence := range p {
				return errors.New(sentence)
			}
		}
		return err
	}, "FIELDGATE_STORAGE", "FIELDGATE_SECRET_KEY")
}

// importWork is an import by the command line.
type importWork struct {
	office.Importer
	pool *pgxpool.Pool
	by   staff.Viewer
}

func (w importWork) bring(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	id, err := w.BeginImport(ctx, w.by, office.ImportFile{Name: filepath.Base(path), Size: info.Size(), Content: f, Source: importSource, Mapping: importMapping})
	if err != nil {
		return err
	}
	i, err := w.work(ctx, id)
	if err != nil {
		return err
	}
	if i.State == importing.Unreadable {
		return errors.New(i.Why)
	}
	for n, t := range i.Tables {
		fmt.Printf("%s: %d rows, %s\n", t.Name, t.Rows, officeview.Recognised(t, i.Mapping.Sheets[n]))
	}
	if err := w.CheckImport(ctx, id, 0); err != nil {
		return err
	}
	if i, err = w.work(ctx, id); err != nil {
		return err
	}
	if !onlyCheck {
		if err := w.RunImport(ctx, w.by, id, 0, importOverwrite); err != nil {
			return err
		}
		if i, err = w.work(ctx, id); err != nil {
			return err
		}
	}
	return w.report(ctx, i)
}

// work does what is next and returns how far the import is then.
func (w importWork) work(ctx context.Context, id int64) (importing.Import, error) {
	if err := w.Work(ctx, office.WorkImport{Import: id}); err != nil {
		return importing.Import{}, err
	}
	return importing.Find(ctx, w.pool, id)
}

// report says what became of the file.
func (w importWork) report(ctx context.Context, i importing.Import) error {
	var counts []importing.Counts
	if err := postgres.Read(ctx, w.pool, func(b *postgres.Batch) { importing.QueryCounts(b, &counts, i.ID) }); err != nil {
		return err
	}
	refused := 0
	for _, c := range counts {
		refused += c.Refused
		fmt.Printf("%-12s %6d new %6d changed %6d same %6d refused\n", importing.Label(c.Kind), c.Added, c.Changed, c.Same, c.Refused)
	}
	all, err := importing.RefusedLines(ctx, w.pool, i.ID)
	if err != nil {
		return err
	}
	for _, it := range all {
		for _, say := range officeview.ImportProblems(i, it) {
			fmt.Printf("%s, line %d, %s: %s\n", i.Tables[it.Sheet].Name, it.Line, it.Label, say)
		}
	}
	if onlyCheck {
		fmt.Println("Nothing was brought in. Leave out --dry-run to do it.")
	} else {
		fmt.Printf("Brought in. Administration → Import shows it, and undoes it for %d days.\n", importing.UndoDays)
	}
	if refused > 0 {
		return fmt.Errorf("%d things were refused", refused)
	}
	return nil
}
