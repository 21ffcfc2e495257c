package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// median of values; 0 of none.
func median[T cmp.Ordered](values []T) (m T) {
	if len(values) == 0 {
		return m
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// percentile of sorted values.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(p*float64(len(sorted))), len(sorted)-1)]
}

// figures are what samples come to: medians of the clean ones, if there are any.
type figures struct {
	perSecond                  float64
	p50, p95, p99              time.Duration
	program, postgres, total   time.Duration
	bytes                      int64
	requests, stretches, clean int
	failed                     int // in all stretches
}

func summarise(samples []sample) (f figures) {
	clean := slices.DeleteFunc(slices.Clone(samples), func(s sample) bool { return !s.clean })
	f.stretches, f.clean = len(samples), len(clean)
	if len(clean) == 0 {
		clean = samples
	}
	for _, s := range samples {
		f.failed += s.failed
	}
	var rates []float64
	var programs, databases, totals, all []time.Duration
	var bytes []int64
	for _, s := range clean {
		if s.requests() == 0 {
			continue
		}
		program, postgres := s.perRequest()
		rates = append(rates, float64(s.requests())/s.wall.Seconds())
		programs, databases, totals = append(programs, program), append(databases, postgres), append(totals, program+postgres)
		bytes = append(bytes, s.bytes/int64(s.requests()))
		all = append(all, s.latencies...)
	}
	slices.Sort(all)
	f.perSecond, f.program, f.postgres, f.total, f.bytes, f.requests = median(rates), median(programs), median(databases), median(totals), median(bytes), len(all)
	f.p50, f.p95, f.p99 = percentile(all, 0.5), percentile(all, 0.95), percentile(all, 0.99)
	return f
}

func ms(d time.Duration) string {
	switch v := float64(d) / float64(time.Millisecond); {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

func size(bytes int64) string {
	if bytes >= 1<<20 {
		return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f KB", float64(bytes)/(1<<10))
}

// tables are all results in Markdown.
func (m *measurement) tables() string {
	var b strings.Builder
	main := m.targets[0]
	fmt.Fprintf(&b, "%d jobs, 1 in 20 of them of the customer whose pages these are; PostgreSQL %s; %d × %s. CPU is milliseconds of the program + of PostgreSQL a request; × bare is how often the CPU time of the bare handler that is, and behind it what it may be. Medians of %d stretches of %s",
		main.jobs, main.version, m.machine.processors, cmp.Or(m.machine.model, "processors"), m.rounds, m.slice)
	fmt.Fprintf(&b, "; %d of all %d were clean: others had less than %.0f %% of the machine.", m.clean, m.all, 100*disturbed)
	if m.began.now > 0 {
		fmt.Fprintf(&b, " After the first %d pages the program had %s in memory, %s of it its own and the rest pages of its file.", firstPages, size(m.began.now), size(m.began.own))
	}
	fmt.Fprintf(&b, " Memory at most %s.\n", size(m.memory.most))
	for _, clients := range []int{1, m.clients} {
		fmt.Fprintf(&b, "\n%s\n\n| page | req/s | p50 ms | p95 | p99 | CPU | × bare | may be | bytes |\n| --- | --: | --: | --: | --: | --: | --: | --: | --: |\n", map[int]string{1: "**One client**", m.clients: fmt.Sprintf("**%d clients at once**", m.clients)}[clients])
		for _, r := range append(slices.Clone(m.results), m.changed...) {
			if len(r.samples[clients]) > 0 {
				b.WriteString(r.row(clients))
			}
		}
	}
	if len(m.targets) > 1 {
		compared := fmt.Sprintf("**From %d to %d jobs**: how much the CPU time of a request grows.", m.targets[1].jobs, main.jobs)
		if m.before != "" {
			compared = "**Beside the other build**: how much of its CPU time a request takes with this one."
		}
		fmt.Fprintf(&b, "\n%s\n\n| page | × |\n| --- | --: |\n", compared)
		for _, r := range m.results[1:] {
			fmt.Fprintf(&b, "| %s | %.2f |\n", r.page.name, median(r.growth))
		}
	}
	if len(m.most) > 0 {
		fmt.Fprintf(&b, "\n**What pages read**: of each the statement that reads most, in buffers of 8 kB, by the plan it has in the program. More than it may is a fault.\n\n| page | buffers | may be | statement |\n| --- | --: | --: | --- |\n")
		for _, s := range m.most {
			mark := ""
			if s.tooMuch() {
				mark = " **too many**"
			}
			fmt.Fprintf(&b, "| %s | %d%s | %d | `%s` |\n", s.page, s.buffers(), mark, s.may, excerpt(s.Query))
		}
	}
	return b.String()
}

func (r *result) row(clients int) string {
	f := summarise(r.samples[clients])
	ratio, may := "", ""
	if v := median(r.ratios[clients]); v > 0 {
		ratio = fmt.Sprintf("%.1f", v)
		if r.page.most > 0 && v > r.page.most {
			ratio = "**" + ratio + "**"
		}
	}
	if r.page.most > 0 {
		may = fmt.Sprintf("%.0f", r.page.most)
	}
	name := r.page.name
	if f.failed > 0 {
		name += fmt.Sprintf(" (**%d failed**)", f.failed)
	}
	return fmt.Sprintf("| %s | %.0f | %s | %s | %s | %s + %s | %s | %s | %s |\n", name, f.perSecond, ms(f.p50), ms(f.p95), ms(f.p99), ms(f.program), ms(f.postgres), ratio, may, size(f.bytes))
}

// excerpt is how a statement begins, or where it reads from, on one line.
func excerpt(sql string) string {
	words := strings.ReplaceAll(strings.Join(strings.Fields(sql), " "), "|", "\\|")
	if r := []rune(words); len(r) > 110 {
		return string(r[:110]) + "…"
	}
	return words
}

// The marks in a file between which the tables stand.
const (
	beginMark = "<!-- written by make bench -->\n"
	endMark   = "<!-- end -->\n"
)

// between puts the tables between the marks of a text.
func between(text, tables string) (string, error) {
	before, rest, found := strings.Cut(text, beginMark)
	_, after, ends := strings.Cut(rest, endMark)
	if !found || !ends {
		return "", errors.New("the marks are missing between which tables go")
	}
	return before + beginMark + "\n" + strings.TrimSpace(tables) + "\n\n" + endMark + after, nil
}

func writeBetween(file, tables string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	whole, err := between(string(text), tables)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(whole), 0o644) //nolint:gosec // everybody may read it
}
