package apptest

import (
	"slices"
	"strings"
	"testing"

	"fieldgate/web"
)

// SortedRoutes are the program's pages and forms in the order of routes.golden.
func (a *App) SortedRoutes() []web.Route { return sorted(a.Routes) }

// SortedOperations are those of the API.
func (a *App) SortedOperations() []web.Route { return sorted(a.Operations) }

func sorted(routes []web.Route) []web.Route {
	return slices.SortedFunc(slices.Values(routes), func(a, b web.Route) int {
		return strings.Compare(a.Pattern+" "+a.Method, b.Pattern+" "+b.Method)
	})
}

// samples fill the holes of a pattern with things of Harbour Dental that only
// Lee sees.
var samples = []struct{ pattern, hole, value string }{
	{"/v1/jobs/", "{id}", "J-1001"},
	{"/v1/quotes/", "{id}", "Q-1002"},
	{"/v1/customers/", "{id}", "C-1001"},
	{"/v1/requests/", "{id}", "1"}, // Lee's, about J-1001
	{"", "{source}", "job-system"},
	{"", "{external}", "482"},
	{"/jobs/", "{number}", "J-1001"},
	{"/quotes/", "{number}", "Q-1002"},
	{"/customers/", "{number}", "C-1001"},
	{"/login/company/", "{number}", "C-1001"},
	{"/equipment/", "{id}", "equipmentofharbour0000000000001"},
	{"/admin/", "{id}", "1"},
	{"/admin/tokens/", "{token}", "1"},
	{"/details/keys/", "{id}", "1"}, // Lee's
	{"", "{key}", "1"},
	{"/details/sites/", "{id}", "1"},
	{"/details/colleagues/", "{id}", "2"},   // Kim
	{"/details/devices/", "{id}", "999999"}, // nobody's
	{"/details/emails/devices/", "{id}", "999999"},
	{"/account/devices/", "{id}", "999999"},
	{"", "{token}", "no-such-token"},
	{"", "{version}", "1"},
	{"/files/", "{id}", SharedFile},
	{"/files/", "{file}", SharedFile},
	{"/attachments/", "{id}", SharedFile},
	{"", "{id}", "1"},
	{"", "{task}", "1"},
	{"/waiting/", "{kind}", "price"},
	{"/numbers/", "{kind}", "job"},
	{"", "{thing}", "1"},
	{"", "{entry}", "1"},
	{"", "{contact}", "1"},
	{"", "{site}", "1"},
	{"", "{rate}", "1"},
	{"", "{type}", "1"},
	{"", "{kind}", "1"},
	{"", "{template}", "1"},
	{"", "{line}", "1"},
	{"", "{webhook}", "1"},
	{"", "{delivery}", "1"},
	{"", "{export}", "1"},
	{"", "{import}", "1"},
}

// Path is the address that a pattern has with the samples in its holes.
func Path(t testing.TB, pattern string) string {
	t.Helper()
	path := pattern
	for _, s := range samples {
		if strings.Contains(pattern, s.pattern) {
			path = strings.Replace(path, s.hole, s.value, 1)
		}
	}
	if strings.ContainsAny(path, "{}") {
		t.Fatalf("no sample for %s", pattern)
	}
	return path
}

// Written is a mark of what the database holds, but for what notes who was here
// and which forms wait: another one after anything was written.
func (a *App) Written() string {
	a.t.Helper()
	return Value[string](a, `select string_agg(relname || ' ' || (xpath('//f/text()', query_to_xml(format('select count(*) || ''/'' || coalesce(max(xmin::text::bigint), 0) as f from %I', relname), false, false, '')))[1]::text, ', ' order by relname)
		from pg_stat_user_tables where schemaname = 'public' and relname not in ('sessions', 'unsent_forms', 'visits', 'push_keys') and relname not like 'river%'`)
}
