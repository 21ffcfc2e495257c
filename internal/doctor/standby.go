package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
)

// lagging is how far a standby may be behind.
const lagging = time.Minute

// standby looks at the database's servers: which is the primary, whether the
// others follow, and whether exports can be read from where they should.
func standby(ctx context.Context, r *round) []Finding {
	if r.Pool == nil {
		return one(warning("Not looked at: the database does not answer.", ""))
	}
	nodes, err := postgres.Nodes(ctx, r.Pool.Config().ConnString())
	if err != nil || !slices.ContainsFunc(nodes, func(n postgres.Node) bool { return n.Err == nil }) {
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
	var primaries []string
	for i, n := range nodes {
		if n.Err == nil && n.Primary {
			primary = &nodes[i]
			primaries = append(primaries, n.Name)
		}
	}
	for _, n := range nodes {
		switch {
		case n.Err != nil:
			found = append(found, warning("The database server "+n.Name+" does not answer: "+oneLine(n.Err.Error())+".", "See that it runs and lets this machine in. While it is away there is no other to move to."))
		case !n.Primary:
			found = append(found, judgeStandby(n, primary))
		}
	}
	return primary, worthSaying(append([]Finding{judgeAll(primary, primaries)}, found...))
}

// judgeAll says how the servers stand together.
func judgeAll(primary *postgres.Node, primaries []string) Finding {
	switch {
	case len(primaries) > 1:
		return fault("More than one database server takes changes: "+strings.Join(primaries, " and ")+".", "Stop the one that was the primary before, at once, and make it a standby of the other.")
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
		return warning("The standby "+n.Name+" does not follow the primary.", "See its log. If the primary has thrown away what it lacks, copy it anew with standby.sh copy.")
	case primary != nil && n.Position < primary.Position && n.Replayed != nil && n.Clock.Sub(*n.Replayed) > lagging:
		return warning("The standby "+n.Name+" is "+day.Span(n.Clock.Sub(*n.Replayed))+" behind the primary.", "See whether its disk or the network is slow, or a long query holds it up.")
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
			return one(warning(fmt.Sprintf("Exports should read from %s, which does not follow the primary.", n.Name), still))
		}
		return one(ok("Exports read from the standby " + n.Name + "."))
	}
	return one(warning("No standby answers at FIELDGATE_DATABASE_READ_URL.", "Start it, or leave the setting out. "+still))
}
