package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
)

// A standby that lags is busy, or meets a long query; one that is stuck does not
// come so far by itself.
const (
	lagging = time.Minute
	stuck   = time.Hour
)

// primaries is a check of its own, so that an alert can tell two primaries from
// all else that may be wrong with a second server, and wake somebody.
func primaries(_ context.Context, r *round) []Finding {
	nodes := r.nodes()
	if nodes == nil {
		return one(warning("Not looked at: the database does not answer.", ""))
	}
	return one(judgePrimaries(nodes))
}

func judgePrimaries(nodes []postgres.Node) Finding {
	var names []string
	for _, n := range nodes {
		if n.Err == nil && n.Primary {
			names = append(names, n.Name)
		}
	}
	if len(names) > 1 {
		return fault("More than one database server takes changes: "+strings.Join(names, " and ")+".", "Stop the one that was the primary before, at once, and make it a standby of the other.")
	}
	return ok("No two database servers take changes at once.")
}

// standby looks at the database's servers: which is the primary, whether the
// others follow, and whether exports can be read from where they should.
func standby(ctx context.Context, r *round) []Finding {
	nodes := r.nodes()
	if nodes == nil {
		return one(warning("Not looked at: the database does not answer.", ""))
	}
	primary, found := judgeNodes(nodes)
	if url := r.Config.ReadURL; url != "" {
		found = append(found, readFrom(ctx, url, primary)...)
	}
	return found
}

// judgeNodes also returns the primary, nil without one.
func judgeNodes(nodes []postgres.Node) (primary *postgres.Node, found []Finding) {
	for i, n := range nodes {
		if n.Err == nil && n.Primary {
			primary = &nodes[i]
		}
	}
	for _, n := range nodes {
		switch {
		case n.Err != nil:
			found = append(found, fault("The database server "+n.Name+" does not answer: "+oneLine(n.Err.Error())+".", "See that it runs and lets this machine in. While it is away there is no other to move to."))
		case !n.Primary:
			found = append(found, judgeStandby(n, primary))
		}
	}
	return primary, worthSaying(append([]Finding{judgeAll(primary)}, found...))
}

// judgeAll says how the servers stand together.
func judgeAll(primary *postgres.Node) Finding {
	switch {
	case primary == nil:
		return fault("No database server takes changes.", "Promote the standby, or start the primary.")
	case primary.Waits != "" && primary.Followers == 0:
		return fault("Nothing can be saved: changes wait for a standby ("+primary.Waits+"), and none follows.", "Bring it back, or run standby.sh alone on the primary until it is.")
	case primary.Waits != "":
		return ok("What is saved is on a second machine before anybody is told so (" + primary.Waits + ").")
	case primary.Followers > 0:
		return ok(count(primary.Followers, "standby server") + " " + plural(primary.Followers, "follows", "follow") + " the database; changes do not wait for " + plural(primary.Followers, "it", "them") + ", so moving may lose the last ones.")
	}
	return ok("There is one database server, and no standby.")
}

func judgeStandby(n postgres.Node, primary *postgres.Node) Finding {
	switch {
	case primary != nil && primary.System != n.System:
		return fault("The server "+n.Name+" holds another database, not a copy of this one.", "Check DATABASE_URL, or make it a standby anew.")
	case !n.Follows:
		return fault("The standby "+n.Name+" does not follow the primary.", "See its log. If the primary has thrown away what it lacks, copy it anew with standby.sh copy.")
	case primary != nil && n.Position < primary.Position && n.Replayed != nil && n.Clock.Sub(*n.Replayed) > lagging:
		f := warning("The standby "+n.Name+" is "+day.Span(n.Clock.Sub(*n.Replayed))+" behind the primary.", "See whether its disk or the network is slow, or a long query holds it up.")
		if n.Clock.Sub(*n.Replayed) > stuck {
			f.Level = Fault
		}
		return f
	}
	return ok("The standby " + n.Name + " follows the primary.")
}

// readFrom looks at the address that exports are read from.
func readFrom(ctx context.Context, url string, primary *postgres.Node) []Finding {
	nodes, err := postgres.Nodes(ctx, url)
	if err != nil {
		return one(fault("FIELDGATE_DATABASE_READ_URL is "+err.Error()+".", "Check it."))
	}
	const still = "Exports read from the primary until then."
	for _, n := range nodes {
		switch {
		case n.Err != nil || n.Primary:
			continue
		case primary != nil && primary.System != n.System:
			return one(fault("FIELDGATE_DATABASE_READ_URL leads to another database, not to a copy of this one.", "Check it. "+still))
		case !n.Follows:
			return one(fault(fmt.Sprintf("Exports should read from %s, which does not follow the primary.", n.Name), still))
		}
		return one(ok("Exports read from the standby " + n.Name + "."))
	}
	return one(fault("No standby answers at FIELDGATE_DATABASE_READ_URL.", "Start it, or leave the setting out. "+still))
}
