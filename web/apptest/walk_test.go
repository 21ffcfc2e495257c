package apptest_test

import (
	"flag"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"fieldgate/web"
	"fieldgate/web/apptest"
	"fieldgate/web/gate"
)

var update = flag.Bool("update", false, "write the golden files anew")

const golden = "../routes.golden"

// TestRoutes keeps the list of who may come where in a file that is read in
// every review.
func TestRoutes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, r := range sorted(apptest.New(t).Routes) {
		fmt.Fprintf(&b, "%-5s %-58s %s\n", r.Method, r.Pattern, r.Who)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the routes differ from %s; read the change and run with -update:\n%s", golden, b.String())
	}
}

func sorted(routes []web.Route) []web.Route {
	return slices.SortedFunc(slices.Values(routes), func(a, b web.Route) int {
		return strings.Compare(a.Pattern+" "+a.Method, b.Pattern+" "+b.Method)
	})
}

// The answers a policy gives besides letting somebody in.
const (
	in      = "in"
	toLogin = "log in"  // sent to the sign-in page
	unknown = "unknown" // 404: the area does not exist for them
	refused = "may not" // 403: they see the area, but may not do this
)

// may says who passes each policy, from the rights of apptest's people. It is
// written down here again, not asked of the program.
var may = map[string]map[string]string{
	gate.Public:                {"nobody": in, "lee": in, "kim": in, "max": in, "ola": in, "sam": in, "ada": in, "ben": in},
	gate.Person:                {"lee": in, "kim": in, "ola": in, "sam": in},
	"contact":                  {"lee": in, "kim": in, "ola": in, "sam": in},
	"contact: jobs":            {"lee": in, "kim": in, "ola": in, "sam": in},
	"contact: create jobs":     {"lee": in, "kim": refused, "ola": in, "sam": in},
	"contact: edit jobs":       {"lee": in, "kim": refused, "ola": in, "sam": refused},
	"contact: quotes":          {"lee": in, "kim": unknown, "ola": in, "sam": unknown},
	"contact: create quotes":   {"lee": in, "kim": unknown, "ola": in, "sam": unknown},
	"contact: edit quotes":     {"lee": in, "kim": unknown, "ola": in, "sam": unknown},
	"contact: accept quotes":   {"lee": in, "kim": unknown, "ola": in, "sam": unknown},
	"contact: equipment":       {"lee": in, "kim": unknown, "ola": in, "sam": in},
	"contact: add equipment":   {"lee": in, "kim": unknown, "ola": in, "sam": refused},
	"contact: edit equipment":  {"lee": in, "kim": unknown, "ola": in, "sam": refused},
	"contact: manage contacts": {"lee": in, "kim": unknown, "ola": in, "sam": unknown},
	"contact: edit company":    {"lee": in, "kim": refused, "ola": in, "sam": refused},
	"staff":                    {"ada": in, "ben": in},
	"administrator":            {"ada": in, "ben": refused},
}

// odd are answers that no policy gives, and why they are right.
var odd = map[string]int{
	"GET /office/attachments/{id}/thumb":                  http.StatusNotFound, // the same
	"GET /office/attachments/{id}/web":                    http.StatusNotFound,
	"GET /quotes/{number}/files/download":                 http.StatusNotFound, // the samples have no files
	"GET /equipment/{id}/files/download":                  http.StatusNotFound,
	"GET /details/files/download":                         http.StatusNotFound,
	"GET /office/quotes/{number}/attachments/download":    http.StatusNotFound,
	"GET /office/equipment/{id}/attachments/download":     http.StatusNotFound,
	"GET /office/customers/{number}/attachments/download": http.StatusNotFound,
	"POST /attachments/{id}/removal":                      http.StatusForbidden, // the sample is a file of the office
	"GET /attachments/{id}/thumb":                         http.StatusNotFound,  // the sample is no photo
	"GET /jobs/{number}/pdf":                              http.StatusNotFound,  // the sample is not finished
	"GET /office/quotes/{number}/signature":               http.StatusNotFound,  // nobody has answered the sample
	"GET /quotes/{number}/signature":                      http.StatusNotFound,
	"GET /office/admin/company/preview/style.css":         http.StatusNotFound, // a preview names its colour
}

// samples fill the holes of a pattern with things of Harbour Dental that only
// Lee sees.
var samples = []struct{ pattern, hole, value string }{
	{"/jobs/", "{number}", "J-1001"},
	{"/quotes/", "{number}", "Q-1002"},
	{"/customers/", "{number}", "C-1001"},
	{"/equipment/", "{id}", "equipmentofharbour0000000000001"},
	{"/admin/", "{id}", "1"},
	{"/details/sites/", "{id}", "1"},
	{"/details/colleagues/", "{id}", "2"},   // Kim
	{"/details/devices/", "{id}", "999999"}, // nobody's
	{"", "{token}", "no-such-token"},
	{"", "{version}", "1"},
	{"/files/", "{id}", apptest.SharedFile},
	{"/files/", "{file}", apptest.SharedFile},
	{"/attachments/", "{id}", apptest.SharedFile},
	{"", "{id}", "1"},
	{"", "{task}", "1"},
	{"", "{entry}", "1"},
	{"", "{contact}", "1"},
	{"", "{site}", "1"},
	{"", "{rate}", "1"},
	{"", "{type}", "1"},
}

func filled(t *testing.T, pattern string) string {
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

// TestEveryRouteAsEverybody walks every way in as every persona, with a
// browser's bare request.
func TestEveryRouteAsEverybody(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"nobody", "lee", "kim", "max", "ola", "sam", "ada", "ben"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			for _, route := range sorted(app.Routes) {
				who, ok := may[route.Who]
				if !ok {
					t.Fatalf("%s: the test does not know the policy %q", route.Pattern, route.Who)
				}
				want := who[name]
				if want == "" {
					want = toLogin
				}
				path := filled(t, route.Pattern)
				got := app.As(name).Knock(route.Method, path)
				theirs := path == route.Pattern || name == "lee" || name == "ada" || name == "ben" || route.Who == gate.Public
				if want == in && theirs && odd[route.Method+" "+route.Pattern] == got.StatusCode {
					continue
				}
				if problem := wrong(want, route, got, theirs); problem != "" {
					t.Errorf("%s %s (%s): %s, got %d %s", route.Method, path, route.Who, problem, got.StatusCode, got.Header.Get("Location"))
				}
			}
		})
	}
}

// TestPortalFormsNameTheirContact: nothing is taken from a form that does not
// say who it was shown for, in either encoding.
func TestPortalFormsNameTheirContact(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	for _, route := range app.Routes {
		if route.Method != http.MethodPost || !strings.HasPrefix(route.Who, "contact") {
			continue
		}
		path := filled(t, route.Pattern)
		if p := lee.Send(path, "application/x-www-form-urlencoded", strings.NewReader("name=x&version=1")); p.Status != http.StatusConflict {
			t.Errorf("%s: %d", path, p.Status)
		}
		body, kind := parts(t, func(w *multipart.Writer) { _ = w.WriteField("name", "x") })
		if p := lee.Send(path, kind, body); p.Status != http.StatusConflict {
			t.Errorf("%s, with files: %d", path, p.Status)
		}
	}
}

// wrong says what is wrong with an answer, or nothing. theirs says that the
// address names nothing, or something the persona may see.
func wrong(want string, route web.Route, got *http.Response, theirs bool) string {
	to := got.Header.Get("Location")
	atSignIn := got.StatusCode == http.StatusSeeOther && (strings.HasPrefix(to, "/login") || strings.HasPrefix(to, "/office/login"))
	switch {
	case got.StatusCode >= 500:
		return "our fault"
	case want == toLogin && !atSignIn:
		return "should be sent to the sign-in page"
	case want == unknown && got.StatusCode != http.StatusNotFound:
		return "should find nothing"
	case want == refused && got.StatusCode != http.StatusForbidden && got.StatusCode != http.StatusNotFound:
		return "should be refused"
	case want == in && !theirs && got.StatusCode != http.StatusNotFound:
		return "another customer's thing should not exist"
	case want == in && theirs && got.StatusCode == http.StatusForbidden:
		return "should be let in"
	case want == in && theirs && atSignIn && route.Who != gate.Public:
		return "should be let in, not sent to the sign-in page"
	case want == in && theirs && route.Method == http.MethodGet && got.StatusCode == http.StatusNotFound && route.Who != gate.Public:
		return "should find a page"
	}
	return ""
}
