package main

import (
	"io"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldgate/demo"
	"fieldgate/internal/dbtest"
	"fieldgate/web/apptest"
)

// TestRun measures everything once, for a moment, on the smallest business.
func TestRun(t *testing.T) {
	t.Parallel()
	app := apptest.NewGenerated(t, demo.Size{Customers: demo.LeastCustomers, Jobs: demo.LeastJobs, Seed: 1})
	b := &business{jobs: demo.LeastJobs, db: dbtest.Owner(t, app.Pool)}
	if err := b.look(t.Context()); err != nil {
		t.Skip(err)
	}
	program := &target{business: b, url: app.URL, pid: os.Getpid(), client: newClient()}
	if err := program.meet(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(bareHandler(app.Pool))
	defer server.Close()
	bare := &target{business: &business{postgres: b.postgres}, url: server.URL, pid: os.Getpid(), client: newClient(), people: program.people}
	machine, err := thisMachine()
	if err != nil {
		t.Fatal(err)
	}
	before := app.Rows()
	m := &measurement{options: options{rounds: 1, slice: time.Millisecond, clients: 2, only: regexp.MustCompile("job")}, targets: []*target{program, program}, bare: bare, machine: machine, log: io.Discard}
	if err := m.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m.failed > 0 {
		t.Error(m.wrong)
	}
	tables := m.tables()
	for _, p := range m.wanted(append(program.people.pages, program.people.changes...)) {
		if n := strings.Count(tables, "| "+p.name+" |"); n < 2 {
			t.Errorf("%s stands in %d rows", p.name, n)
		}
	}
	if !strings.Contains(tables, "**From 400 to 400 jobs**") {
		t.Error("nothing is said of growth")
	}
	// What was sent is taken back.
	for table, rows := range app.Rows() {
		if slices.Contains([]string{"jobs", "attachments", "acceptances", "job_statuses"}, table) && rows != before[table] {
			t.Errorf("%s is not as before", table)
		}
	}
	for _, p := range m.results {
		for clients, samples := range p.samples {
			for _, s := range samples {
				if s.requests() < clients || s.bytes == 0 && p.page.status == 0 {
					t.Errorf("%s: %d requests, %d bytes", p.page.name, s.requests(), s.bytes)
				}
			}
		}
	}
}

// TestTenfold: a tenfold business has ten times what lists show, the same indexes,
// and pages that show it.
func TestTenfold(t *testing.T) {
	t.Parallel()
	app := apptest.NewGenerated(t, demo.Size{Customers: demo.LeastCustomers, Jobs: demo.LeastJobs, Seed: 1})
	counted := func() (rows map[string]int, indexes []string) {
		rows = map[string]int{}
		for _, table := range multiplied {
			rows[table] = apptest.Value[int](app, "select count(*) from "+table)
		}
		return rows, apptest.Value[[]string](app, `select array_agg(indexdef order by indexname) from pg_indexes where tablename = any($1)`, multiplied)
	}
	before, indexes := counted()
	db, err := dbtest.Owner(t, app.Pool).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Release()
	if err := multiply(t.Context(), db.Conn()); err != nil {
		t.Fatal(err)
	}
	after, same := counted()
	for table, rows := range before {
		if rows == 0 || after[table] != 10*rows {
			t.Errorf("%s: %d rows became %d", table, rows, after[table])
		}
	}
	if !slices.Equal(same, indexes) {
		t.Errorf("the indexes were %q and are %q", indexes, same)
	}
	if n := apptest.Value[int](app, `select count(*) from pg_trigger where tgrelid = any($1::regclass[]) and tgenabled = 'D'`, multiplied); n != 0 {
		t.Errorf("%d triggers stay off", n)
	}
	for _, path := range []string{"/jobs", "/quotes", "/equipment"} {
		if p := app.As("lee").Get(path); p.Status != 200 || p.Find("#results tbody tr").Length() < 25 {
			t.Errorf("%s: %d, %d rows", path, p.Status, p.Find("#results tbody tr").Length())
		}
	}
}

func TestParseStat(t *testing.T) {
	t.Parallel()
	p, err := parseStat([]byte("4711 (postgres: x) S (y) S 17 4711 4711 0 -1 4194560 1 2 3 4 250 50 100 7 20 0 1 0 12345\n"))
	if err != nil || p != (process{4711, 17, 4070 * time.Millisecond}) {
		t.Errorf("%+v, %v", p, err)
	}
	for _, line := range []string{"", "x (y) S 1", "4711 (postgres) S 17 1"} {
		if _, err := parseStat([]byte(line)); err == nil {
			t.Errorf("%q is taken", line)
		}
	}
}

func TestFamilyOf(t *testing.T) {
	t.Parallel()
	all := []process{{1, 0, time.Hour}, {10, 1, 3 * time.Second}, {11, 10, time.Second}, {12, 11, time.Second}, {20, 1, time.Minute}}
	if got := familyOf(10, all); got != 5*time.Second {
		t.Errorf("got %v", got)
	}
}

func TestParseSystem(t *testing.T) {
	t.Parallel()
	if d, err := parseBusy("cpu  100 10 50 9999 5 0 20 20 0 0"); err != nil || d != 2*time.Second {
		t.Errorf("%v, %v", d, err)
	}
	if _, err := parseBusy("cpu0 1 2 3"); err == nil {
		t.Error("another line is taken")
	}
	if r, err := parseMemory("Name:\tfieldgate\nVmHWM:\t   90112 kB\nVmRSS:\t   65536 kB\nRssAnon:\t   32768 kB\n"); err != nil || r != (resident{now: 64 << 20, most: 88 << 20, own: 32 << 20}) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestParsePlans(t *testing.T) {
	t.Parallel()
	log := "2026-11-29 08:00:00.000 UTC [12] LOG:  checkpoint complete\n" +
		"2026-11-29 08:00:01.000 UTC [13] LOG:  duration: 0.100 ms  plan:\n\t{\n\t  \"Query Text\": \"select 1\\n\\tfrom jobs\",\n\t  \"Plan\": {\"Node Type\": \"Limit\", \"Shared Hit Blocks\": 40, \"Shared Read Blocks\": 2}\n\t}\n" +
		"2026-11-29 08:00:01.000 UTC [13] LOG:  duration: 0.200 ms  plan:\n\t{\"Query Text\": \"select 2\", \"Plan\": {\"Node Type\": \"Result\"}}\n"
	plans, err := parsePlans(log)
	if err != nil || len(plans) != 2 || plans[0].buffers() != 42 || plans[0].Query != "select 1\n\tfrom jobs" || plans[1].buffers() != 0 {
		t.Errorf("%+v, %v", plans, err)
	}
	if _, err := parsePlans("LOG:  duration: 1 ms  plan:\n\t{\"Query\n"); err == nil {
		t.Error("half a plan is taken")
	}
}

func TestGrowth(t *testing.T) {
	t.Parallel()
	of := func(cpu time.Duration) sample {
		return sample{latencies: []time.Duration{1, 2}, used: used{program: cpu, postgres: cpu}}
	}
	if g := growth(of(30*time.Millisecond), []sample{of(10 * time.Millisecond), of(20 * time.Millisecond)}); g != 2 {
		t.Errorf("30 ms beside 10 and 20 is %v", g)
	}
	if g := growth(of(0), []sample{of(0)}); g != 0 {
		t.Errorf("nothing beside nothing is %v", g)
	}
}

func TestSummarise(t *testing.T) {
	t.Parallel()
	of := func(clean bool, cpu time.Duration, latencies ...time.Duration) sample {
		return sample{clean: clean, latencies: latencies, bytes: int64(1000 * len(latencies)), wall: time.Second, used: used{program: cpu, postgres: 2 * cpu}}
	}
	f := summarise([]sample{of(false, time.Second, 9), of(true, 20*time.Millisecond, 1, 2), of(true, 40*time.Millisecond, 3, 4), of(true, 30*time.Millisecond, 5, 6)})
	if f.program != 15*time.Millisecond || f.postgres != 30*time.Millisecond || f.p50 != 4 || f.p99 != 6 || f.perSecond != 2 || f.bytes != 1000 || f.clean != 3 || f.stretches != 4 {
		t.Errorf("%+v", f)
	}
	// Where nothing was clean, everything counts.
	if f := summarise([]sample{of(false, time.Millisecond, 7)}); f.requests != 1 || f.program != time.Millisecond {
		t.Errorf("%+v", f)
	}
	if f := summarise(nil); f.requests != 0 || f.p99 != 0 {
		t.Errorf("%+v", f)
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	text := "# Performance\n\n" + beginMark + "old\n" + endMark + "\nmore\n"
	got, err := between(text, "new\n")
	if want := "# Performance\n\n" + beginMark + "\nnew\n\n" + endMark + "\nmore\n"; err != nil || got != want {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := between("no marks", "new"); err == nil {
		t.Error("a file without marks is taken")
	}
	// The file that make bench writes has them.
	file, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := between(string(file), "new"); err != nil {
		t.Error(err)
	}
}

func TestTooMuch(t *testing.T) {
	t.Parallel()
	var s statement
	s.page, s.may, s.Query, s.Plan.Hit = "jobs", readMost, "select  a | b\n from jobs", readMost+1
	m := &measurement{targets: []*target{{business: &business{jobs: 5}}}, most: []statement{s}}
	if tables := m.tables(); !strings.Contains(tables, "| jobs | 1501 **too many** | 1500 | `select a \\| b from jobs` |") {
		t.Error(tables)
	}
}
