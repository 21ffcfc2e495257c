package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// readMost is how many buffers of 8 kB a statement may read on a customer with a
// twentieth of all jobs: what a page shows comes by an index, and what it counts
// is bounded. One that goes through rows until a page of them fits, as the list of
// emails does, may read searchReads; those of the portal's first page, which show a
// handful each, and of its list of quotes, homeReads.
const (
	readMost    = 1500
	searchReads = 3000
	homeReads   = 400
)

// plan is what auto_explain writes of a statement: how it really ran, with the
// plan that the program's connection had for it.
type plan struct {
	Query string `json:"Query Text"`
	Plan  struct {
		Node string  `json:"Node Type"`
		Hit  int64   `json:"Shared Hit Blocks"`
		Read int64   `json:"Shared Read Blocks"`
		Time float64 `json:"Actual Total Time"`
	}
}

func (p plan) buffers() int64 { return p.Plan.Hit + p.Plan.Read }

// planMark is what a plan follows in the log. Its further lines begin with a tab.
const planMark = "  plan:\n"

// parsePlans finds the plans in a piece of PostgreSQL's log.
func parsePlans(log string) (plans []plan, err error) {
	for {
		_, rest, found := strings.Cut(log, planMark)
		if !found {
			return plans, nil
		}
		log = rest
		var text strings.Builder
		for line := range strings.Lines(rest) {
			if !strings.HasPrefix(line, "\t") {
				break
			}
			text.WriteString(line[1:])
		}
		var p plan
		if err := json.Unmarshal([]byte(text.String()), &p); err != nil {
			return nil, fmt.Errorf("read a plan of the log: %w: %s", err, text.String())
		}
		plans = append(plans, p)
	}
}

// statement is a plan that was seen when a page was asked for.
type statement struct {
	page string
	may  int64 // buffers that it may read
	plan
}

func (s statement) tooMuch() bool { return s.buffers() > s.may }

// statements has the program asked for each page once, with PostgreSQL telling
// how it ran what it was sent.
func (b *business) statements(ctx context.Context, o options, pages func(*target) []*page) (all []statement, err error) {
	database := pgx.Identifier{b.name}.Sanitize()
	settings := map[string]string{
		"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0", "auto_explain.log_analyze": "on", "auto_explain.log_buffers": "on", "auto_explain.log_format": "json", "auto_explain.log_level": "log",
		"auto_explain.log_timing": map[bool]string{true: "on", false: "off"}[o.statements], // which takes time itself
	}
	defer func() {
		for name := range settings {
			_, e := b.db.Exec(context.WithoutCancel(ctx), "alter database "+database+" reset "+name)
			err = errors.Join(err, e)
		}
	}()
	if _, err := b.db.Exec(ctx, "load 'auto_explain'"); err != nil {
		return nil, fmt.Errorf("PostgreSQL's auto_explain is not there: %w", err)
	}
	for name, value := range settings {
		if _, err := b.db.Exec(ctx, "alter database "+database+" set "+name+" = '"+value+"'"); err != nil {
			return nil, err
		}
	}
	log, err := os.Open(fmt.Sprintf("/proc/%d/fd/2", b.postgres))
	if err != nil {
		return nil, fmt.Errorf("find PostgreSQL's log: %w", err)
	}
	defer log.Close()
	again := *b // its pool is another one's
	again.db = nil
	if err := again.open(ctx, o); err != nil {
		return nil, err
	}
	t, err := startProgram(ctx, &again, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	for _, p := range pages(t) {
		// A connection plans a statement anew some times before it keeps a plan.
		for range 8 {
			if _, _, err := t.ask(ctx, p); err != nil {
				return nil, err
			}
		}
		if _, err := log.Seek(0, io.SeekEnd); err != nil {
			return nil, err
		}
		if _, _, err := t.ask(ctx, p); err != nil {
			return nil, err
		}
		time.Sleep(50 * time.Millisecond) // the log's last lines
		text, err := io.ReadAll(log)
		if err != nil {
			return nil, err
		}
		plans, err := parsePlans(string(text))
		if err != nil {
			return nil, err
		}
		for _, pl := range plans {
			if !strings.Contains(pl.Query, "river_") {
				all = append(all, statement{p.name, cmp.Or(p.reads, readMost), pl})
			}
		}
	}
	return all, nil
}

// printStatements prints what each page asks of the database. Time is what
// running took, without planning.
func (t *target) printStatements(ctx context.Context, o options, out io.Writer) error {
	m := &measurement{options: o}
	all, err := t.statements(ctx, o, func(t *target) []*page { return m.wanted(t.people.pages) })
	for _, s := range all {
		fmt.Fprintf(out, "%s\t%d buffers\t%.2f ms\t%s\n", s.page, s.buffers(), s.Plan.Time, strings.Join(strings.Fields(s.Query), " "))
	}
	return err
}
