package calendar

import (
	"fmt"
	"time"

	"fieldgate/internal/company"
)

// What a calendar shows: what was lately, and what is booked.
const (
	daysBack  = 90
	daysAhead = 366
	// Of a large business not all of it: what comes next, and what was last.
	MostAhead = 2000
	MostBack  = 500
)

// Window is the time that a calendar shows: from the first day until the one
// after the last; now parts what comes from what was.
type Window struct{ From, Now, Until time.Time }

// WindowOf is the window of today.
func WindowOf(f company.Format) Window {
	today := f.Today()
	return Window{From: today.AddDays(-daysBack).Time(f.Zone()), Now: f.Now, Until: today.AddDays(daysAhead + 1).Time(f.Zone())}
}

// How often calendars are told to ask, and how often they may: several devices
// read one address, each every few minutes at most.
const (
	Refresh     = time.Hour
	readsWithin = 10 * time.Minute
	mostReads   = 60
)

// TooOften says that an address was read too often.
type TooOften struct{ Wait time.Duration }

func (t TooOften) Error() string {
	return fmt.Sprintf("the calendar address was read more than %d times in %s", mostReads, readsWithin)
}

// Read is what is counted of an address each time that it is asked for.
type Read struct {
	Reads int
	Since time.Time
	Now   time.Time
}

// Check says whether it is too much.
func (r Read) Check() error {
	if r.Reads > mostReads {
		return TooOften{Wait: max(time.Second, r.Since.Add(readsWithin).Sub(r.Now))}
	}
	return nil
}

// ReadSQL begins the statement that finds an address by its hash, notes that it
// was read and counts how often: in one statement, as calendars ask all day. What
// follows is whose it is, and under which conditions; ReadColumns are returned.
const ReadSQL = `update calendar_feeds f set read_at = now(),
		reads = case when f.reads_since > now() - interval '10 minutes' then f.reads + 1 else 1 end,
		reads_since = case when f.reads_since > now() - interval '10 minutes' then f.reads_since else now() end `

// ReadColumns are what ReadSQL returns first, for Into.
const ReadColumns = `f.reads, f.reads_since, now()`

// Into scans ReadColumns.
func (r *Read) Into() []any { return []any{&r.Reads, &r.Since, &r.Now} }
