package doctor

import (
	"context"
	"time"
)

// check is a line of the table: what is looked at, whether that costs so little
// that a page may do it each time it is opened, and how long it may take.
type check struct {
	name   string
	cheap  bool
	within time.Duration
	look   func(context.Context, *round) []Finding
}

// onePrimary is looked at more often than the rest: with two, each minute more
// is lost of what one of them takes.
const onePrimary = "Only one primary"

// checks are all that is looked at, in the order in which it is told.
var checks = []check{
	{"Configuration", true, patience, configuration},
	{"Database", true, patience, database},
	{onePrimary, false, patience, primaries},
	{"Second database server", false, patience, standby},
	{"Migrations and rights", false, patience, schema},
	{"Clock", true, patience, clock},
	{"Storage", true, patience + 4*time.Second, files},
	{"Disk space", false, patience, space},
	{"Fonts of documents", true, patience, fonts},
	{"Mail server", false, 20 * time.Second, mailServer},
	{"Emails", true, patience, emails},
	{"Answers by email", false, 40 * time.Second, answers},
	{"Login provider", false, 20 * time.Second, provider},
	{"Portal’s address", false, 20 * time.Second, address},
	{"Proxies", true, patience, proxies},
	{"Webhooks", true, patience, webhooks},
	{"Drop folder", false, 20 * time.Second, dropFolder},
	{"Backups", false, 20 * time.Second, backups},
	{"Background work", true, patience, work},
	{"Administrators", true, patience, administrators},
	{"What customers see", false, 30 * time.Second, leaks},
}
