package doctor

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/postgres"
)

func TestServersOfTheDatabase(t *testing.T) {
	t.Parallel()
	now := time.Now()
	then, long := now.Add(-3*time.Minute), now.Add(-3*time.Hour)
	one := postgres.Node{Name: "db1:5432", Primary: true, System: "7", Position: 100}
	with := func(n postgres.Node, followers int, waits string) postgres.Node {
		n.Followers, n.Waits = followers, waits
		return n
	}
	two := postgres.Node{Name: "db2:5432", System: "7", Position: 100, Follows: true, Clock: now, Replayed: &then}
	behind, lonely, other, gone := two, two, two, two
	lost := two
	lost.Position, lost.Replayed = 90, &long
	behind.Position, lonely.Follows, other.System, gone.Err = 90, false, "8", errors.New("connect: refused")
	for name, tt := range map[string]struct {
		nodes []postgres.Node
		level Level
		says  string
	}{
		"one server":                             {[]postgres.Node{one}, OK, "There is one database server"},
		"one is named, another follows":          {[]postgres.Node{with(one, 1, "")}, OK, "changes do not wait"},
		"changes wait for a standby":             {[]postgres.Node{with(one, 1, "db2"), two}, OK, "on a second machine before anybody is told"},
		"quiet for long, and not behind":         {[]postgres.Node{with(one, 1, ""), two}, OK, "1 standby server follows"},
		"behind":                                 {[]postgres.Node{with(one, 1, "db2"), behind}, Warning, "is 3 minutes behind"},
		"follows nobody":                         {[]postgres.Node{one, lonely}, Fault, "does not follow"},
		"behind for long":                        {[]postgres.Node{with(one, 1, "db2"), lost}, Fault, "is 3 hours behind"},
		"another database":                       {[]postgres.Node{one, other}, Fault, "another database"},
		"away":                                   {[]postgres.Node{one, gone}, Fault, "does not answer: connect: refused"},
		"away, and changes wait for it":          {[]postgres.Node{with(one, 0, "db2"), gone}, Fault, "Nothing can be saved"},
		"the primary is gone, none in its place": {[]postgres.Node{two}, Fault, "No database server takes changes"},
	} {
		_, found := judgeNodes(tt.nodes)
		worst, said := OK, ""
		for _, f := range found {
			worst, said = max(worst, f.Level), said+f.String()+"\n"
		}
		if worst != tt.level || !strings.Contains(said, tt.says) {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// Two primaries are a fault of their own, whatever else stands wrong, and what
// stands wrong is none of two primaries: an alert wakes somebody for one of them.
func TestTwoPrimaries(t *testing.T) {
	t.Parallel()
	one := postgres.Node{Name: "db1:5432", Primary: true, System: "7"}
	former, standby, gone := one, postgres.Node{Name: "db2:5432", System: "7"}, postgres.Node{Name: "db3:5432", Primary: true, Err: errors.New("connect: refused")}
	former.Name = "db2:5432"
	for name, tt := range map[string]struct {
		nodes []postgres.Node
		level Level
		says  string
	}{
		"one":                        {[]postgres.Node{one, gone}, OK, "No two"},
		"one that nobody follows":    {[]postgres.Node{one, standby}, OK, "No two"},
		"none":                       {[]postgres.Node{standby, gone}, OK, "No two"},
		"two":                        {[]postgres.Node{one, former}, Fault, "db1:5432 and db2:5432"},
		"two, and a third that died": {[]postgres.Node{gone, one, former}, Fault, "db1:5432 and db2:5432"},
	} {
		if f := judgePrimaries(tt.nodes); f.Level != tt.level || !strings.Contains(f.Says, tt.says) {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// The look for two primaries, between two looks at everything, leaves what was
// found of the rest, and the moment at which it was.
func TestGuard(t *testing.T) {
	t.Parallel()
	d := New(Installation{})
	at := time.Now().Add(-time.Minute)
	d.last = Report{At: at, Findings: []Finding{{Check: onePrimary, Level: Fault, Says: "Two."}, {Check: "Backups", Level: Fault, Says: "There is no backup."}}}
	d.guard(t.Context())
	now := d.Known()
	if found := now.of(onePrimary); len(found) != 1 || found[0].Level != Warning {
		t.Errorf("it was not looked at: %v", found)
	}
	if found := now.of("Backups"); len(found) != 1 || found[0].Says != "There is no backup." || !now.At.Equal(at) {
		t.Errorf("of the rest is left: %v, of %v", found, now.At)
	}
}
