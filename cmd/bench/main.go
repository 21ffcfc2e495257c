// Command bench measures what pages cost: the built program on a generated
// business, by turns with a bare handler that does the least a page can do. It
// prints tables of requests a second, latencies and the CPU time of program and
// PostgreSQL, and fails when a page reads more of the database than it may.
//
//	bench [-jobs N] [-compare N] [-rounds N] [-slice D] [-clients N] [-write FILE]
//
// It runs under devpg, whose cluster keeps a database for each size.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
	_ "time/tzdata" // as in the program
)

type options struct {
	jobs, compare int
	rounds        int
	clients       int // at once, beside one alone
	slice         time.Duration
	program       string         // the built program
	before        string         // another build of it, to compare with; "" for none
	folder        string         // where generated files lie
	write         string         // a file between whose marks the tables go
	only          *regexp.Regexp // the names of pages; nil for all
	buffers       bool
	database      string // instead of the one of that size
	statements    bool   // print what pages ask
	tenfold       bool   // measure the lists of a business ten times as large
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "bare" {
		return serveBare(ctx, os.Getenv("DATABASE_URL"), out)
	}
	var o options
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	set.IntVar(&o.jobs, "jobs", 100_000, "how many jobs the business has; generated once and kept")
	set.IntVar(&o.compare, "compare", 0, "measure a business of so many jobs, too, and print how pages grow")
	set.IntVar(&o.rounds, "rounds", 5, "how often each page is measured; medians are printed")
	set.IntVar(&o.clients, "clients", 16, "how many clients ask at once, beside one alone")
	set.DurationVar(&o.slice, "slice", 500*time.Millisecond, "how long, each time")
	set.StringVar(&o.program, "program", "bin/fieldgate", "the program, as make build builds it")
	set.StringVar(&o.before, "before", "", "measure another build of the program on the same business, too, and print what pages cost now of what they cost with that")
	set.StringVar(&o.folder, "folder", ".dev/bench-files", "where the files of generated businesses lie")
	set.StringVar(&o.write, "write", "", "write the tables into this file, between its marks")
	set.Func("only", "measure only pages whose names this regular expression finds", func(text string) (err error) {
		o.only, err = regexp.Compile(text)
		return err
	})
	set.BoolVar(&o.buffers, "buffers", true, "look how much of the database each page reads, by its real plan")
	set.StringVar(&o.database, "database", "", "measure the business in this database, such as a copy on which something is tried, instead of bench_N")
	set.BoolVar(&o.statements, "statements", false, "print what the pages ask of the database, with buffers and milliseconds, and measure nothing")
	set.BoolVar(&o.tenfold, "tenfold", false, "measure what lists cost where each customer has ten times the jobs, quotes and equipment, and how they grow by that")
	if err := set.Parse(args); err != nil {
		return err
	}
	if o.before != "" && (o.compare > 0 || o.tenfold) || o.compare > 0 && o.tenfold {
		return errors.New("compare with another size, with a tenfold one or with another build")
	}
	for _, path := range []*string{&o.program, &o.before, &o.folder} {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return fmt.Errorf("find %s: %w", *path, err)
		}
		*path = absolute
	}
	return bench(ctx, os.Getenv("DATABASE_URL"), o, out)
}

// bench brings everything up, measures, and takes it down.
func bench(ctx context.Context, cluster string, o options, out io.Writer) (err error) {
	if cluster == "" {
		return errors.New("DATABASE_URL is missing: run make bench")
	}
	machine, err := thisMachine()
	if err != nil {
		return err
	}
	var targets []*target
	defer func() {
		for _, t := range targets {
			err = errors.Join(err, t.close())
		}
	}()
	start := func(jobs int, database string) error {
		b, err := openBusiness(ctx, cluster, cmp.Or(database, "bench_"+strconv.Itoa(jobs)), jobs, o)
		if err != nil {
			return err
		}
		t, err := startProgram(ctx, b, o)
		if err == nil {
			targets = append(targets, t)
		}
		return err
	}
	if o.tenfold {
		err = startTenfold(ctx, cluster, o, start)
	} else {
		err = start(o.jobs, o.database)
	}
	if err != nil {
		return err
	}
	switch {
	case o.tenfold:
		err = start(o.jobs, "")
	case o.compare > 0:
		err = start(o.compare, "")
	case o.before != "":
		o.program = o.before
		err = start(o.jobs, o.database)
	}
	if err != nil {
		return err
	}
	if o.statements {
		return targets[0].printStatements(ctx, o, out)
	}
	bare, err := startBare(targets[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.close()) }()

	m := &measurement{options: o, targets: targets, bare: bare, machine: machine, log: os.Stderr}
	if err := m.run(ctx); err != nil {
		return err
	}
	tables := m.tables()
	fmt.Fprint(out, tables)
	if o.write != "" {
		if err := writeBetween(o.write, tables); err != nil {
			return err
		}
	}
	if m.failed > 0 {
		return fmt.Errorf("%d requests failed, such as %w", m.failed, m.wrong)
	}
	if len(m.tooMuch) > 0 {
		return fmt.Errorf("%d statements read more of the database than they may: see above", len(m.tooMuch))
	}
	return nil
}
