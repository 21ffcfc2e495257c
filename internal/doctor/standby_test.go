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
	then := now.Add(-3 * time.Minute)
	one := postgres.Node{Name: "db1:5432", Primary: true, System: "7", Position: 100}
	with := func(n postgres.Node, followers int, waits string) postgres.Node {
		n.Followers, n.Waits = followers, waits
		return n
	}
	two := postgres.Node{Name: "db2:5432", System: "7", Position: 100, Follows: true, Clock: now, Replayed: &then}
	behind, lonely, other, gone, former := two, two, two, two, one
	behind.Position, lonely.Follows, other.System, gone.Err, former.Name = 90, false, "8", errors.New("connect: refused"), "db2:5432"
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
		"follows nobody":                         {[]postgres.Node{one, lonely}, Warning, "does not follow"},
		"another database":                       {[]postgres.Node{one, other}, Fault, "another database"},
		"away":                                   {[]postgres.Node{one, gone}, Warning, "does not answer: connect: refused"},
		"away, and changes wait for it":          {[]postgres.Node{with(one, 0, "db2"), gone}, Fault, "Nothing can be saved"},
		"two believe to be the primary":          {[]postgres.Node{one, former}, Fault, "db1:5432 and db2:5432"},
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
