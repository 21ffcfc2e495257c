package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// There is one clock, the database's: a page, a mail and a statement that ask
// for the time at the same moment get the same day, that of the business.

// handmade are the ways to ask the database for a day of some other zone, or
// for the business's day by hand instead of by business_day().
var handmade = regexp.MustCompile(`(?i)\b(current_date|current_timestamp|current_time|localtimestamp|localtime)\b|\bnow\(\)\s*(::\s*(date|timestamp)\b|at time zone)`)

// byHand are the files that may, and why.
var byHand = map[string]string{
	"internal/clock_test.go":           "names what is forbidden",
	"migrations/0012_business_day.sql": "is business_day() itself",
	"migrations/portal/views.sql":      "a function in a view runs as the portal's role, which may not read company",
	"internal/overview/overview.go":    "business_day() is planned anew by each statement, and each page of the office counts what waits",
}

// processClock are the ways to ask the clock of the process.
var processClock = regexp.MustCompile(`\btime\.(Now|Since|Until)\b`)

// processDay are the ways to take a day from it, which tests may not either.
var processDay = regexp.MustCompile(`\btime\.Now\(\)\.(AddDate|Format|Date|Year)\b|\bday\.Of\(time\.Now`)

// ownTime are the files, by how their paths end, that need the process's clock, and why.
var ownTime = map[string]string{
	"web/api/limits.go":                     "when a minute of calls began, in this process",
	"web/proxies.go":                        "how long ago an address was told of, in this process",
	"web/log_limit.go":                      "how often something was said",
	"web/upload/upload.go":                  "a connection's deadline",
	"web/listen/listen.go":                  "a connection's deadline",
	"web/listen/pace.go":                    "a connection's deadline",
	"internal/postgres/limits.go":           "measures how long statements take",
	"internal/postgres/hosts.go":            "how long a server of the database has not answered",
	"internal/postgres/standby.go":          "how long a standby is not asked",
	"internal/postgres/standing.go":         "how long an answer of the database is kept at most",
	"internal/queue/alive.go":               "how long this program has held its lock",
	"internal/queue/own.go":                 "how long nobody has worked a job",
	"internal/storage/trouble.go":           "how old the last look at storage is; compares with times that the file system gives",
	"internal/doctor/doctor.go":             "compares the clocks of machines, and says when it looked",
	"internal/webhook/send.go":              "measures how long a receiver took",
	"internal/push/send.go":                 "when a token for a push service ends, and how long the service asks to wait",
	"internal/queue/queue.go":               "when the queue tries again",
	"internal/mail/mailbox.go":              "a connection's deadline",
	"openidtest/openidtest.go":              "when a token of tests begins and ends",
	"internal/openid/openid.go":             "how long a provider's discovery document is kept, in this program",
	"internal/mail/oauth.go":                "how long a token of the mail provider is good, counted from when it was given",
	"mail/catcher/certificate.go":           "when a certificate begins and ends",
	"mailboxtest/mailboxtest.go":            "when a mailbox of tests got an email",
	"mail/catcher/catcher.go":               "when a mail server of tests and of the demo got a mail",
	"internal/export/asked.go":              "how often it is said how far an export is",
	"cmd/fieldgate/export.go":               "how often it is said how far an export is",
	"cmd/fieldgate/import.go":               "how often it is said how far an import is",
	"internal/office/imports.go":            "how long an import has worked before others have their turn",
	"demo/fill.go":                          "measures how long filling took",
	"cmd/fieldgate/demo.go":                 "when the demo begins",
	"internal/queue/metrics.go":             "measures how long a job took",
	"web/watched.go":                        "measures how long a request took",
	"blob/s3test/s3test.go":                 "when a store of tests got a file",
	"cmd/bench/program.go":                  "measures how long pages take",
	"cmd/bench/business.go":                 "when a session of the bench ends",
	"fieldgate-connect-servicem8/client.go": "how long another system tells the connector to wait",
}

func TestOneClock(t *testing.T) {
	t.Parallel()
	unused := map[string]bool{}
	for path := range ownTime {
		unused[path] = true
	}
	for path, text := range sources(t, "..") {
		if byHand[path] == "" {
			for _, found := range handmade.FindAllString(text, -1) {
				t.Errorf("%s asks for %q: the business's day is business_day()", path, found)
			}
		}
		for _, found := range processDay.FindAllString(text, -1) {
			t.Errorf("%s takes a day from %q: the business's day is business_day()", path, found)
		}
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "web/apptest/") || strings.HasSuffix(path, ".sql") || !processClock.MatchString(text) {
			continue
		}
		allowed := false
		for end := range ownTime {
			if strings.HasSuffix("/"+path, "/"+end) {
				allowed = true
				delete(unused, end)
			}
		}
		if !allowed {
			t.Errorf("%s asks the process's clock: the time is company.Format's Now, Today() the day", path)
		}
	}
	for path := range unused {
		t.Errorf("%s does not ask the process's clock any more: take it from the list", path)
	}
}

// A machine without time zones would take the business's days for those of UTC.
func TestTimeZonesAreInTheProgram(t *testing.T) {
	t.Parallel()
	if !slices.Contains(tree(t, "..")["cmd/fieldgate"], "time/tzdata") {
		t.Error("cmd/fieldgate does not bring time/tzdata")
	}
}

// sources are the texts of the Go, templ and SQL files, without what is generated.
func sources(t *testing.T, root string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || (strings.HasPrefix(d.Name(), ".") && d.Name() != "..")) {
			return fs.SkipDir
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".templ" && ext != ".sql" || strings.HasSuffix(path, "_templ.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		texts[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// momentByHand are the ways to make a moment of a day and a time of day, of
// which only day.Day.At and moment_of know what to do when clocks change.
var momentByHand = regexp.MustCompile(`(?i)\bat time zone\b|\btime\.Date\([^\n]*,\s*(\w+\.)*(zone|loc|location|Local|Location\(\)|Zone\(\))\)`)

func TestOneFunctionMakesMoments(t *testing.T) {
	t.Parallel()
	allowed := map[string]string{
		"internal/day/day.go":              "is day.Day.At itself",
		"internal/clock_test.go":           "names what is forbidden",
		"migrations/portal/views.sql":      "takes a day of a moment, see byHand",
		"migrations/0032_moments.sql":      "is moment_of itself",
		"web/apptest/fixtures.go":          "hours at which no clock is changed",
		"migrations/0012_business_day.sql": "takes a day of a moment",
		"internal/overview/customer.go":    "takes a day of a moment",
		"internal/overview/overview.go":    "takes a day of a moment, see byHand",
	}
	for path, text := range sources(t, "..") {
		if allowed[path] != "" || strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, found := range momentByHand.FindAllString(text, -1) {
			t.Errorf("%s makes a moment by hand, %q: it is day.Day.At, and moment_of in the database", path, found)
		}
	}
}
