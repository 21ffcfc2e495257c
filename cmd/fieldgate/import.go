package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/config"
	"fieldgate/internal/exchange"
	"fieldgate/internal/importing"
	"fieldgate/internal/keeper"
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

// importFile imports a file by the same ways as Administration → Import.
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
		w := importWork{Importer: office.Importer{Service: service, Say: sayImport()}, pool: pool, by: staff.Viewer{Name: "fieldgate import", Role: staff.Administrator, Format: c.Format()}}
		err = w.bring(ctx, args[0])
		if p, ok := errors.AsType[problem.Set](err); ok {
			for _, sentence := range p {
				return errors.New(sentence)
			}
		}
		return err
	}, "FIELDGATE_STORAGE", "FIELDGATE_SECRET_KEY")
}

// sayImport says now and then how far an import is, as one of an export of
// gigabytes takes its time.
func sayImport() func(importing.State, int, int) {
	said := time.Now()
	return func(doing importing.State, done, of int) {
		if time.Since(said) >= 2*time.Second {
			said = time.Now()
			fmt.Fprintf(os.Stderr, "%s: %d of %d\n", doing.Label(), done, of)
		}
	}
}

// importWork is an import by the command line.
type importWork struct {
	office.Importer
	pool *pgxpool.Pool
	by   staff.Viewer
}

// bring goes on with a file until it is imported: from its beginning, or from
// where a run of the same command was broken off.
func (w importWork) bring(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	i, err := w.begin(ctx, f)
	for err == nil {
		if i.State == importing.Running && onlyCheck {
			return errors.New("an import of this file was broken off: run the command without --dry-run to go on with it")
		}
		switch i.State {
		case importing.Reading, importing.Checking, importing.Running:
			i, err = w.work(ctx, i.ID)
		case importing.Read:
			for n, t := range i.Tables {
				fmt.Printf("%s: %d rows, %s\n", t.Name, t.Rows, officeview.Recognised(t, i.Mapping.Sheets[n]))
				for _, note := range t.Notes {
					fmt.Println("  " + note)
				}
			}
			if err = w.CheckImport(ctx, i.ID, 0); err == nil {
				i, err = w.work(ctx, i.ID)
			}
		case importing.Checked:
			if onlyCheck {
				return w.report(ctx, i)
			}
			if err = w.RunImport(ctx, w.by, i.ID, 0, importOverwrite); err == nil {
				i, err = w.work(ctx, i.ID)
			}
		case importing.Done:
			return errors.Join(w.report(ctx, i), w.unsend(ctx, i.ID))
		case importing.Unreadable:
			return errors.Join(errors.New(i.Why), w.unsend(ctx, i.ID))
		case importing.Undoing, importing.Undone:
			return fmt.Errorf("this import is %s", strings.ToLower(i.State.Label()))
		}
	}
	return err
}

// unsend lets the same file be imported anew.
func (w importWork) unsend(ctx context.Context, id int64) error {
	return postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error { return importing.Unsend(ctx, tx, id) })
}

// begin is the import of a file: that of a run that was broken off, or a new one.
func (w importWork) begin(ctx context.Context, f *os.File) (i importing.Import, err error) {
	info, err := f.Stat()
	if err != nil {
		return i, err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n", importSource, importMapping)
	if _, err := io.Copy(sum, f); err != nil {
		return i, err
	}
	nonce := "command/" + hex.EncodeToString(sum.Sum(nil))
	i, err = importing.FindSent(ctx, w.pool, nonce)
	if err == nil && i.State == importing.Undone {
		err = errors.Join(w.unsend(ctx, i.ID), apperr.NotFound)
	}
	switch {
	case errors.Is(err, apperr.NotFound):
		id, err := w.BeginImport(ctx, w.by, office.ImportFile{Name: filepath.Base(f.Name()), Size: info.Size(), Content: f, Nonce: nonce, Source: importSource, Mapping: importMapping})
		if err != nil {
			return i, err
		}
		return importing.Find(ctx, w.pool, id)
	case err != nil:
		return i, err
	}
	if serves, err := importing.InQueue(ctx, w.pool, i.ID); err != nil || serves {
		return i, errors.Join(err, errors.New("the program that serves goes on with this import by itself: Administration → Import shows how far it is"))
	}
	if i.State == importing.Checked { // by a dry run; things may have changed since
		if err := w.CheckImport(ctx, i.ID, 0); err != nil {
			return i, err
		}
		i.State = importing.Checking
	}
	return i, nil
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
		fmt.Printf("%-20s %6d new %6d changed %6d same %6d refused\n", importing.Label(c.Kind), c.Added, c.Changed, c.Same, c.Refused)
	}
	all, err := importing.UnfitLines(ctx, w.pool, i.ID)
	if err != nil {
		return err
	}
	for _, it := range all {
		for _, say := range officeview.ImportProblems(i, it) {
			fmt.Printf("%s, row %d, %s: %s\n", i.Tables[it.Sheet].Name, it.Line, it.Label, say)
		}
	}
	if err := w.sayKept(ctx, i); err != nil {
		return err
	}
	if onlyCheck {
		fmt.Println("Nothing was imported. Leave out --dry-run to do it.")
	} else {
		fmt.Printf("Imported. Administration → Import shows it, and undoes it for %d days.\n", importing.UndoDays)
	}
	if refused > 0 {
		return fmt.Errorf("%d things were refused", refused)
	}
	return nil
}

// sayKept says what to do where another system keeps what the file holds.
func (w importWork) sayKept(ctx context.Context, i importing.Import) error {
	keepers, err := keeper.Load(ctx, w.pool)
	if err != nil {
		return err
	}
	for _, k := range exchange.KeptElsewhere(keepers, i.Source, i.Mapping.Kinds()) {
		by := keepers.Keeps(k)
		source := ""
		if !i.Mapping.OwnTables() { // whose source is this program
			source = " If the file is from there, say so: --source " + by.Source + "."
		}
		fmt.Printf("%s%s If they are to be kept here, Administration → Who keeps it says so.\n", by.Refusal(k), source)
	}
	return nil
}
