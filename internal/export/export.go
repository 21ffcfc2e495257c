// Package export writes everything that an installation holds into one archive,
// in the shape in which an import takes it: a table of each kind of thing, with
// the ids; quotes with all versions, and what customers answered, with their
// signatures; messages, and the files in a folder for each job, quote, customer
// and piece of equipment. A manifest names each part with its size and sum.
//
//	files/J-1001/photo.jpg
//	signatures/Q-1001-2.png
//	tables.xlsx, or tables/customers.csv, tables/sites.csv and so on
//	manifest.json
//
// The tables are those of one moment. Nothing is held in memory, however much
// there is.
package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/blob"
	"fieldgate/internal/company"
	"fieldgate/internal/exchange"
	"fieldgate/internal/imaging"
	"fieldgate/internal/postgres"
)

// What an export calls the program that made it, and where its tables are.
const (
	program      = "Fieldgate"
	workbookName = "tables.xlsx"
	tablesFolder = "tables/"
)

// Form is what tables are written as.
type Form string

// The forms.
const (
	AsExcel Form = "xlsx"
	AsCSV   Form = "csv"
)

// Forms are both.
var Forms = []Form{AsExcel, AsCSV}

// Label is the form in words.
func (f Form) Label() string {
	if f == AsCSV {
		return "CSV"
	}
	return "Excel"
}

// Source is the installation. The pool's user may read all tables.
type Source struct {
	Pool    *pgxpool.Pool
	Store   blob.Store
	Version string // of the program
}

// Options say what is wanted.
type Options struct {
	Form  Form
	Files bool
	// Say is told how far it is; nil tells nobody. What it returns ends the export.
	Say func(Progress) error
}

// Progress is how far an export is.
type Progress struct {
	Doing    string // in words
	Done, Of int64  // rows and files
}

// writing is an export under way.
type writing struct {
	Source
	Options
	archive  *archive
	format   company.Format
	manifest Manifest
	book     *Workbook
	progress Progress
	spool    *os.File // what is to be copied, noted in the tables' moment
	notes    *json.Encoder
	files    []string // heads of the table of files
	noted    int64
}

// Write writes an export. What it returns is the manifest without its parts.
func Write(ctx context.Context, w io.Writer, from Source, o Options) (m Manifest, err error) {
	var c company.Company
	if err := postgres.Read(ctx, from.Pool, func(b *postgres.Batch) { company.Query(b, &c) }); err != nil {
		return m, fmt.Errorf("whose export it is: %w", err)
	}
	format := c.Format()
	e := &writing{Source: from, Options: o, format: format, manifest: Manifest{
		Program: program, Version: from.Version, Source: exchange.Ours, Zone: format.Zone().String(), Form: o.Form, Counts: map[string]int64{},
	}}
	if e.archive, err = newArchive(w, format.Now); err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, e.archive.discard()) }()
	if e.spool, err = os.Create(filepath.Join(e.archive.folder, "files")); err != nil {
		return m, fmt.Errorf("make room for an export: %w", err)
	}
	defer func() { _ = e.spool.Close() }()
	e.notes = json.NewEncoder(e.spool)
	if o.Form == AsExcel {
		if e.book, err = NewWorkbook(e.archive.folder); err != nil {
			return m, err
		}
		defer func() { _ = e.book.Close() }()
	}
	if err := pgx.BeginTxFunc(ctx, from.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error { return e.tables(ctx, tx) }); err != nil {
		return m, fmt.Errorf("export: %w", err)
	}
	if err := e.copy(ctx); err != nil {
		return m, err
	}
	if e.book != nil {
		if err := e.say("Writing the workbook"); err != nil {
			return m, err
		}
		if _, err := e.archive.add(workbookName, e.archive.at, true, func(w io.Writer) (*int64, error) {
			_, err := e.book.WriteTo(w)
			return nil, err
		}); err != nil {
			return m, err
		}
	}
	return e.manifest, e.archive.close(e.manifest)
}

func (e *writing) say(doing string) error {
	if doing != "" {
		e.progress.Doing = doing
	}
	if e.Say == nil {
		return nil
	}
	return e.Say(e.progress)
}

// often is after how many rows somebody is told.
const often = 2000

func (e *writing) step() error {
	e.progress.Done++
	if e.progress.Done%often == 0 {
		return e.say("")
	}
	return nil
}

// tables writes the tables of one moment, and notes which files are there.
func (e *writing) tables(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `set local idle_in_transaction_session_timeout = 0`, pgx.QueryExecModeExec); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := tx.QueryRow(ctx, `
		select now(), (select count(*) from customers) + (select count(*) from sites) + (select count(*) from contacts) + (select count(*) from equipment)
			+ (select count(*) from quotes) + (select count(*) from staff) + (select count(*) from job_types) + (select count(*) from jobs) + (select count(*) from tasks) + (select count(*) from time_entries) + 2 * (select count(*) from quote_lines)
			+ (select count(*) from quote_versions) + (select count(*) from acceptances) + (select count(*) from job_statuses) + (select count(*) from messages)
			+ case when $1 then (select count(*) from attachments where removed_at is null) else 0 end`, e.Files).Scan(&e.manifest.Moment, &e.progress.Of)
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	e.manifest.Moment = e.manifest.Moment.UTC()
	all, err := tables(ctx, tx, e.format)
	if err != nil {
		return err
	}
	for _, t := range all {
		if err := e.say(t.name); err != nil {
			return err
		}
		if err := e.table(t, func(put func([]Cell) error) error { return t.rows(ctx, tx, put) }); err != nil {
			return err
		}
	}
	sources, err := sourcesOf(ctx, tx)
	if err != nil {
		return err
	}
	return e.note(ctx, tx, sources[string(exchange.Files)])
}

// table writes one table.
func (e *writing) table(t table, each func(put func([]Cell) error) error) error {
	var rows int64
	counted := func(put func([]Cell) error) func([]Cell) error {
		return func(row []Cell) error {
			rows++
			if err := put(row); err != nil {
				return err
			}
			return e.step()
		}
	}
	defer func() { e.manifest.Counts[t.name] = rows }()
	if e.book != nil {
		if err := e.book.Sheet(t.name, t.head); err != nil {
			return err
		}
		return each(counted(e.book.Row))
	}
	_, err := e.archive.add(csvName(t.name), e.archive.at, false, func(w io.Writer) (*int64, error) { return &rows, writeCSV(w, t.head, each, counted) })
	return err
}

func csvName(table string) string {
	return tablesFolder + strings.ReplaceAll(strings.ToLower(table), " ", "-") + ".csv"
}

func writeCSV(w io.Writer, head []string, each func(put func([]Cell) error) error, counted func(func([]Cell) error) func([]Cell) error) error {
	out, err := NewCSV(w, head)
	if err != nil {
		return err
	}
	out.Exact = true
	if err := each(counted(out.Row)); err != nil {
		return err
	}
	return out.Close()
}

// noted is a file that is to be copied.
type noted struct {
	File      *exchange.File
	Head      exchange.Head
	Key       string
	Folder    string
	Signature string // the place of a signature, which is no file of the table
	At        time.Time
}

// note notes what is to be copied once the tables are written: the bytes take as
// long as they take, and the database would have to remember its moment for that.
func (e *writing) note(ctx context.Context, tx pgx.Tx, sources []string) error {
	tables := exchange.Tables()
	e.files = headsOf(tables[len(tables)-1], sources) // the last one
	if e.Files {
		err := exchange.EachOf(ctx, tx, exchange.Answers, func(r exchange.Record) error {
			a := r.(*exchange.Answer) //nolint:forcetypeassert // answers
			if a.Key == "" {
				return nil
			}
			e.noted++
			return e.notes.Encode(noted{Key: a.Key, Signature: signaturePath(a), At: *a.At})
		})
		if err != nil {
			return err
		}
	}
	return exchange.EachOf(ctx, tx, exchange.Files, func(r exchange.Record) error {
		f := r.(*exchange.File) //nolint:forcetypeassert // files
		e.noted++
		return e.notes.Encode(noted{File: f, Head: exchange.HeadOf(f), Key: f.Key, Folder: f.Folder})
	})
}

func signaturePath(a *exchange.Answer) string {
	return fmt.Sprintf("signatures/%s-%d.png", Portable(a.Quote), a.Number)
}

// copy copies the files, and writes the table of them.
func (e *writing) copy(ctx context.Context) error {
	if _, err := e.spool.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("copy files: %w", err)
	}
	t := table{name: exchange.Files.Label(), head: e.files}
	waiting := e.book == nil
	var table *os.File
	var out *CSV
	var put func([]Cell) error
	var err error
	if waiting { // one file of the archive at a time
		if table, err = os.Create(filepath.Join(e.archive.folder, "table")); err != nil {
			return fmt.Errorf("copy files: %w", err)
		}
		defer func() { _ = table.Close() }()
		if out, err = NewCSV(table, t.head); err != nil {
			return fmt.Errorf("copy files: %w", err)
		}
		out.Exact, put = true, out.Row
	} else {
		if err := e.book.Sheet(t.name, t.head); err != nil {
			return err
		}
		put = e.book.Row
	}
	if err := e.say("Files"); err != nil {
		return err
	}
	rows, err := e.copyAll(ctx, put)
	e.manifest.Counts[t.name] = rows
	if err != nil || !waiting {
		return err
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("copy files: %w", err)
	}
	if _, err := table.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("copy files: %w", err)
	}
	_, err = e.archive.add(csvName(t.name), e.archive.at, false, func(w io.Writer) (*int64, error) {
		_, err := io.Copy(w, table)
		return &rows, err
	})
	return err
}

// mostMissing is how many files that are missing are named one by one.
const mostMissing = 1000

func (e *writing) copyAll(ctx context.Context, put func([]Cell) error) (rows int64, err error) {
	notes := json.NewDecoder(e.spool)
	fields := exchange.Files.Fields()
	sources := sourcesIn(e.files)
	taken, folder := Names{}, ""
	for range e.noted {
		var n noted
		if err := notes.Decode(&n); err != nil {
			return rows, fmt.Errorf("copy files: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return rows, err //nolint:wrapcheck // ended from outside
		}
		if n.File == nil {
			if _, err := e.copyOne(ctx, n.Key, n.Signature, n.At, true); err != nil {
				return rows, err
			}
			continue
		}
		if e.Files {
			into := "files"
			for part := range strings.SplitSeq(n.Folder, "/") {
				into += "/" + Portable(part)
			}
			if low := strings.ToLower(into); low != folder { // files of a folder come together
				taken, folder = Names{}, low
			}
			at := e.archive.at
			if n.File.UploadedAt != nil {
				at = *n.File.UploadedAt
			}
			kind, _ := imaging.TypeOf(n.File.MediaType)
			name := into + "/" + taken.Distinct(n.File.Name)
			done, err := e.copyOne(ctx, n.Key, name, at, !kind.Packs())
			if err != nil {
				return rows, err
			}
			n.File.SHA256, n.File.Path = done.Sum, done.Name
			if e.progress.Done++; e.progress.Done%50 == 0 {
				if err := e.say(""); err != nil {
					return rows, err
				}
			}
		}
		rows++
		if err := put(append(ids(n.Head, sources), cells(fields, e.format, n.File)...)); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// sourcesIn are the systems that the heads of ids name.
func sourcesIn(heads []string) (sources []string) {
	for _, h := range heads {
		if s, ok := strings.CutPrefix(h, "ID at "); ok {
			sources = append(sources, s)
		}
	}
	return sources
}

// copyOne copies a file. One that storage does not have is said in the manifest.
func (e *writing) copyOne(ctx context.Context, key, name string, at time.Time, packed bool) (Part, error) {
	content, err := e.Store.Open(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		if len(e.manifest.Missing) < mostMissing {
			e.manifest.Missing = append(e.manifest.Missing, name)
		}
		return Part{}, nil
	}
	if err != nil {
		return Part{}, fmt.Errorf("copy %s: %w", name, err)
	}
	defer func() { _ = content.Close() }()
	return e.archive.add(name, at, packed, func(w io.Writer) (*int64, error) {
		n, err := io.Copy(w, content)
		if err == nil && n != content.Size {
			err = fmt.Errorf("%d bytes instead of %d", n, content.Size)
		}
		if err != nil {
			err = fmt.Errorf("copy %s: %w", name, err)
		}
		return nil, err
	})
}
