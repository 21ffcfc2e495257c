// Package doctor looks whether an installation is well, and says in plain words
// what is not and what to do. The same checks serve the operator's command, the
// page for Administrators and the notices on the office's home.
package doctor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/config"
	"fieldgate/internal/mail"
	"fieldgate/internal/storage"
)

// Level is how well something is.
type Level int

// The levels; the command ends with the highest as its status.
const (
	OK Level = iota
	Warning
	Fault
)

// String is the level's word.
func (l Level) String() string { return [...]string{"ok", "warning", "fault"}[l] }

// MarshalText writes the word.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Finding is what a check has found.
type Finding struct {
	Check string `json:"check"`
	Level Level  `json:"level"`
	Says  string `json:"says"`
	Do    string `json:"do,omitempty"` // what to do about it
}

// String is the finding as one line.
func (f Finding) String() string {
	return strings.TrimSpace(fmt.Sprintf("%-8s %s: %s %s", f.Level, f.Check, f.Says, f.Do))
}

// Installation is what is looked at. What could not be opened is nil; its own
// check then says why.
type Installation struct {
	Config config.Config
	Wrong  []string // what is wrong with the configuration
	Pool   *pgxpool.Pool
	Store  *storage.Store
	Mailer *mail.Mailer
	// Unopened says why Store is nil.
	Unopened error
}

// Report is what was found, in the order of the table, and when.
type Report struct {
	At       time.Time
	Findings []Finding
}

// Worst is the highest level in it.
func (r Report) Worst() (worst Level) {
	for _, f := range r.Findings {
		worst = max(worst, f.Level)
	}
	return worst
}

// of are the findings of the check.
func (r Report) of(name string) (all []Finding) {
	for _, f := range r.Findings {
		if f.Check == name {
			all = append(all, f)
		}
	}
	return all
}

// Doctor looks at one installation and remembers what it found.
type Doctor struct {
	Installation
	looking sync.Mutex
	mu      sync.Mutex
	last    Report
}

// New is the doctor of an installation.
func New(i Installation) *Doctor { return &Doctor{Installation: i} }

// again is how long a report is believed when somebody asks for another.
const again = 5 * time.Second

// FullCheck does all checks at once, each within its time and whatever becomes of
// the others. It takes as long as the slowest.
func (d *Doctor) FullCheck(ctx context.Context) Report {
	d.looking.Lock()
	defer d.looking.Unlock()
	if last := d.Known(); time.Since(last.At) < again {
		return last
	}
	r := d.round(ctx, checks, true)
	d.mu.Lock()
	d.last = r
	d.mu.Unlock()
	return r
}

// Known is what FullCheck found last; its At is zero before the first.
func (d *Doctor) Known() Report {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last
}

// QuickCheck does the checks that cost nearly nothing now, and adds what
// FullCheck found last of the others. Its At is that of the last FullCheck.
func (d *Doctor) QuickCheck(ctx context.Context) Report {
	return d.renewed(ctx, func(c check) bool { return c.cheap })
}

// renewed does some checks now, and adds what FullCheck found last of the others.
func (d *Doctor) renewed(ctx context.Context, which func(check) bool) Report {
	var do []check
	for _, c := range checks {
		if which(c) {
			do = append(do, c)
		}
	}
	now, known := d.round(ctx, do, false), d.Known()
	r := Report{At: known.At}
	for _, c := range checks {
		if which(c) {
			r.Findings = append(r.Findings, now.of(c.name)...)
		} else {
			r.Findings = append(r.Findings, known.of(c.name)...)
		}
	}
	return r
}

// guard looks whether there are two primaries, and keeps what it finds.
func (d *Doctor) guard(ctx context.Context) {
	d.looking.Lock()
	defer d.looking.Unlock()
	r := d.renewed(ctx, func(c check) bool { return c.name == onePrimary })
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = r
}

// The pauses between two looks that nobody asks for: at everything, and at what
// cannot wait so long.
const (
	watching = time.Hour
	guarding = 5 * time.Minute
)

// Watch looks again and again until ctx ends, for those who ask what is Known.
func (d *Doctor) Watch(ctx context.Context) {
	pause := time.Minute // a program that starts has other things to do
	for look := 0; ; look++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
			pause = guarding
		}
		if look%int(watching/guarding) == 0 {
			d.FullCheck(ctx)
		} else {
			d.guard(ctx)
		}
	}
}

func (d *Doctor) round(ctx context.Context, do []check, thorough bool) Report {
	r := newRound(ctx, &d.Installation, thorough)
	found := make([][]Finding, len(do))
	var all sync.WaitGroup
	for i, c := range do {
		all.Go(func() { found[i] = r.try(ctx, c) })
	}
	all.Wait()
	report := Report{At: time.Now()}
	for _, fs := range found {
		report.Findings = append(report.Findings, fs...)
	}
	return report
}

// try does one check. What hangs in spite of its context, as a disk of another
// machine may, is left alone with its fate.
func (r *round) try(ctx context.Context, c check) []Finding {
	ctx, cancel := context.WithTimeout(ctx, c.within)
	done := make(chan []Finding, 1)
	go func() {
		defer cancel()
		done <- c.look(ctx, r)
	}()
	var found []Finding
	select {
	case found = <-done:
	case <-time.After(c.within + grace):
		found = []Finding{fault(fmt.Sprintf("There is no answer within %.0f seconds.", c.within.Seconds()), "Something hangs: the disk, the network or the machine at the other end.")}
	}
	for i := range found {
		found[i].Check = c.name
		found[i].Says = oneLine(found[i].Says)
	}
	return found
}

// grace lets a check put into words that its time is over.
const grace = time.Second

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func ok(says string) Finding             { return Finding{Level: OK, Says: says} }
func warning(says, do string) Finding    { return Finding{Level: Warning, Says: says, Do: do} }
func fault(says, do string) Finding      { return Finding{Level: Fault, Says: says, Do: do} }
func one(f Finding) []Finding            { return []Finding{f} }
func sinceNow(t time.Time) time.Duration { return time.Since(t) }
