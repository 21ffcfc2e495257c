package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// measurement is all that one run measures.
type measurement struct {
	options
	targets []*target // the business; perhaps a smaller one to compare with, or another build
	bare    *target
	machine machine
	log     io.Writer

	results []*result
	changed []*result
	began   resident // after the first pages
	memory  resident // when all were measured
	failed  int      // requests
	wrong   error    // one of them
	clean   int
	all     int
	tooMuch []statement
	most    []statement // of each list the statement that read most
}

// result is what a page came to, by how many clients asked.
type result struct {
	page    *page
	samples map[int][]sample
	ratios  map[int][]float64 // to the bare handler
	growth  []float64         // to the smaller business, or to the other build
}

// barePage is what the bare handler is asked for.
var barePageOf = &page{name: "bare handler", who: "lee", path: "/"}

func (m *measurement) wanted(pages []*page) []*page {
	return slices.DeleteFunc(slices.Clone(pages), func(p *page) bool { return m.only != nil && !m.only.MatchString(p.name) || m.tenfold && !p.tenfold() })
}

// run measures everything: pages by turns with the bare handler, round by round,
// so that what else happens on the machine meets all of them alike.
func (m *measurement) run(ctx context.Context) error {
	main := m.targets[0]
	if err := main.undo(ctx); err != nil { // of a run that was killed
		return err
	}
	for _, t := range m.targets { // what begins with the program, such as reminders
		if err := t.settle(ctx); err != nil {
			fmt.Fprintln(m.log, err)
		}
	}
	bare := &result{page: barePageOf, samples: map[int][]sample{}, ratios: map[int][]float64{}}
	m.results = []*result{bare}
	for _, p := range m.wanted(main.people.pages) {
		m.results = append(m.results, &result{page: p, samples: map[int][]sample{}, ratios: map[int][]float64{}})
	}
	for _, p := range m.wanted(main.people.changes) {
		m.changed = append(m.changed, &result{page: p, samples: map[int][]sample{}, ratios: map[int][]float64{}})
	}
	if m.only == nil {
		var err error
		if m.began, err = main.afterPages(ctx, m.clients); err != nil {
			return err
		}
	}
	// So that everybody has connections, and each of these has made its plans: that takes longer than a stretch.
	for clients, length := range map[int]time.Duration{1: m.slice / 10, m.clients: 4 * m.slice} {
		for _, r := range m.results[1:] {
			for i, t := range m.targets {
				if _, err := t.measure(ctx, m.pageOf(i, r.page), clients, length, m.machine.processors); err != nil {
					return err
				}
			}
		}
	}
	for round := range m.rounds {
		fmt.Fprintf(m.log, "Round %d of %d…\n", round+1, m.rounds)
		for _, clients := range []int{1, m.clients} {
			unit, err := m.sample(ctx, bare, clients)
			if err != nil {
				return err
			}
			for i, r := range m.results[1:] {
				compares := clients == 1 && len(m.targets) > 1
				var others []sample
				if compares && m.before != "" { // on both sides: what comes second finds in memory what the first has read
					if others, err = m.beside(ctx, r, others); err != nil {
						return err
					}
				}
				s, err := m.sample(ctx, r, clients)
				if err != nil {
					return err
				}
				if compares {
					if others, err = m.beside(ctx, r, others); err != nil {
						return err
					}
					r.growth = append(r.growth, growth(s, others))
				}
				if i%4 == 3 {
					if unit, err = m.sample(ctx, bare, clients); err != nil {
						return err
					}
				}
				if unit.cpu() > 0 {
					r.ratios[clients] = append(r.ratios[clients], float64(s.cpu())/float64(unit.cpu()))
				}
			}
		}
	}
	var err error
	if m.memory, err = memory(main.pid); err != nil {
		return err
	}
	if err := m.change(ctx, bare); err != nil {
		return err
	}
	if m.buffers {
		return m.readBuffers(ctx)
	}
	return nil
}

// firstPages is after how many pages it is looked how much memory the program takes.
const firstPages = 10_000

// afterPages asks for the first pages, each as often as the others, by so many
// clients at once, and looks what the program has in memory then. Files are left out.
func (t *target) afterPages(ctx context.Context, clients int) (r resident, err error) {
	pages := slices.DeleteFunc(slices.Clone(t.people.pages), func(p *page) bool { return strings.HasPrefix(p.path, "/attachments/") })
	var next atomic.Int64
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			for i := next.Add(1); i <= firstPages && ctx.Err() == nil; i = next.Add(1) {
				if _, _, err := t.ask(ctx, pages[int(i)%len(pages)]); err != nil {
					end(err)
				}
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return r, context.Cause(ctx)
	}
	return memory(t.pid)
}

// beside measures a page on the target to compare with, by one client.
func (m *measurement) beside(ctx context.Context, r *result, others []sample) ([]sample, error) {
	s, err := m.targets[1].measure(ctx, m.pageOf(1, r.page), 1, m.slice, m.machine.processors)
	return append(others, s), err
}

// growth is how often what others take a page takes.
func growth(s sample, others []sample) float64 {
	var sum time.Duration
	for _, o := range others {
		sum += o.cpu()
	}
	return float64(s.cpu()) * float64(len(others)) / float64(max(sum, 1))
}

// pageOf is the page of that name on another target, where numbers differ.
func (m *measurement) pageOf(target int, p *page) *page {
	for _, q := range m.targets[target].people.pages {
		if q.name == p.name {
			return q
		}
	}
	return p
}

func (m *measurement) sample(ctx context.Context, r *result, clients int) (sample, error) {
	t := m.targets[0]
	if r.page == barePageOf {
		t = m.bare
	}
	s, err := t.measure(ctx, r.page, clients, m.slice, m.machine.processors)
	if err != nil {
		return s, err
	}
	if m.all++; s.clean {
		m.clean++
	}
	m.add(r, clients, s)
	return s, nil
}

func (m *measurement) add(r *result, clients int, s sample) {
	r.samples[clients] = append(r.samples[clients], s)
	m.failed += s.failed
	m.wrong = cmp.Or(m.wrong, s.wrong)
}

// change measures what writes, which changes the business; afterwards it is as before.
func (m *measurement) change(ctx context.Context, bare *result) (err error) {
	if len(m.changed) == 0 {
		return nil
	}
	t := m.targets[0]
	defer func() {
		if e := t.undo(context.WithoutCancel(ctx)); err == nil {
			err = e
		}
	}()
	// As of pages: each connection makes the plans of what is written, and of the mails that follow.
	for _, r := range m.changed {
		if r.page.uses.times == 1 {
			continue // it would be used up
		}
		if _, err := t.measure(ctx, r.page, m.clients, 8*m.slice, m.machine.processors); err != nil {
			return err
		}
		if err := t.settle(ctx); err != nil {
			return err
		}
	}
	for _, clients := range []int{m.clients, 1} {
		for range min(m.rounds, 3) {
			unit, err := m.sample(ctx, bare, clients)
			if err != nil {
				return err
			}
			for _, r := range m.changed {
				s, err := t.measure(ctx, r.page, clients, 2*m.slice, m.machine.processors)
				if err != nil {
					return err
				}
				if s.requests() == 0 {
					continue // used up
				}
				m.add(r, clients, s)
				if unit.cpu() > 0 {
					r.ratios[clients] = append(r.ratios[clients], float64(s.cpu())/float64(unit.cpu()))
				}
				if err := t.settle(ctx); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// settle waits until mails are sent and photos prepared, so that what goes on
// behind one page is not counted to the next.
func (t *target) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		busy, err := one[bool](ctx, t.db, `select exists (select from river_job where state in ('available', 'running') and scheduled_at <= now()) or exists (select from attachments where state = 'preparing' and removed_at is null)`)
		if err != nil || !busy {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the queue does not come to rest: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// readBuffers looks at the statements of pages, by the plans they really have.
func (m *measurement) readBuffers(ctx context.Context) error {
	fmt.Fprintln(m.log, "Looking at the plans…")
	all, err := m.targets[0].statements(ctx, m.options, func(t *target) []*page { return m.wanted(t.people.pages) })
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.tooMuch() {
			m.tooMuch = append(m.tooMuch, s)
		}
		if n := len(m.most); n > 0 && m.most[n-1].page == s.page {
			if s.buffers() > m.most[n-1].buffers() {
				m.most[n-1] = s
			}
		} else {
			m.most = append(m.most, s)
		}
	}
	return nil
}
