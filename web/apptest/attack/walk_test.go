package attack_test

import (
	"flag"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fieldgate/web"
	"fieldgate/web/apptest"
	"fieldgate/web/gate"
)

var update = flag.Bool("update", false, "write the golden files anew")

const golden = "../../routes.golden"

// TestRoutes keeps the list of who may come where in a file that is read in
// every review.
func TestRoutes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	app := apptest.Shared(t)
	for _, r := range slices.Concat(app.SortedRoutes(), app.SortedOperations()) {
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
	gate.Public:                     {"nobody": in, "lee": in, "kim": in, "max": in, "ola": in, "sam": in, "ada": in, "ben": in},
	gate.Person:                     {"lee": in, "kim": in, "ola": in, "sam": in},
	"contact":                       {"lee": in, "kim": in, "ola": in, "sam": in},
	"contact: jobs":                 {"lee": in, "kim": in, "ola": in, "sam": in},
	"contact: create jobs":          {"lee": in, "kim": refused, "ola": in, "sam": in},
	"contact: edit jobs":            {"lee": in, "kim": refused, "ola": in, "sam": refused},
	"contact: quotes":               {"lee": in, "kim": unknown, "ola": in, "sam": unknown},
	"contact: create quotes":        {"lee": in, "kim": unknown, "ola": in, "sam": unknown},
	"contact: edit quotes":          {"lee": in, "kim": unknown, "ola": in, "sam": unknown},
	"contact: accept quotes":        {"lee": in, "kim": unknown, "ola": in, "sam": unknown},
	"contact: documents":            {"lee": in, "kim": in, "ola": in, "sam": in},
	"contact: equipment":            {"lee": in, "kim": unknown, "ola": in, "sam": in},
	"contact: add equipment":        {"lee": in, "kim": unknown, "ola": in, "sam": refused},
	"contact: edit equipment":       {"lee": in, "kim": unknown, "ola": in, "sam": refused},
	"contact: manage contacts":      {"lee": in, "kim": unknown, "ola": in, "sam": unknown},
	"contact: edit company":         {"lee": in, "kim": refused, "ola": in, "sam": refused},
	"staff":                         {"ada": in, "ben": in},
	"staff, before a second factor": {"ada": in, "ben": in},
	"administrator":                 {"ada": in, "ben": refused},
}

// orLink ends the policies of what is reached by a record link as well.
const orLink = ", or by its link"

// odd are answers that no policy gives, and why they are right.
var odd = map[string]int{
	"GET /office/admin/import/{import}/refused":           http.StatusNotFound, // nothing of the sample was refused
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
	"GET /office/messages/unconfirmed/{id}/email.eml":     http.StatusNotFound,  // the sample is not kept any more
	"GET /jobs/{number}/pdf":                              http.StatusNotFound,  // the sample is not finished
	"GET /office/quotes/{number}/signature":               http.StatusNotFound,  // nobody has answered the sample
	"GET /quotes/{number}/signature":                      http.StatusNotFound,
	"GET /office/admin/company/preview/style.css":         http.StatusNotFound, // a preview names its colour
}

// TestEveryRouteAsEverybody walks every way in as every persona, with a
// browser's bare request. Who has given the password and not yet the second
// factor comes no further than nobody.
func TestEveryRouteAsEverybody(t *testing.T) {
	t.Parallel()
	left := leftOut(t)
	for _, name := range []string{"nobody", "lee, factor not yet", "ada, factor not yet", "lee", "kim", "max", "ola", "sam", "ada", "ben"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			for _, route := range app.SortedRoutes() {
				who, ok := may[strings.TrimSuffix(route.Who, orLink)]
				if !ok {
					t.Fatalf("%s: the test does not know the policy %q", route.Pattern, route.Who)
				}
				want := who[name]
				if strings.HasSuffix(name, ", factor not yet") {
					want = who["nobody"]
				}
				if want == "" {
					want = toLogin
				}
				path := apptest.Path(t, route.Pattern)
				got := visitor(app, name).Knock(route.Method, path)
				file, page := got.Header.Get("Content-Disposition") != "", strings.HasPrefix(got.Header.Get("Content-Type"), "text/html")
				if route.Method == http.MethodGet && got.StatusCode == http.StatusOK && (file || page) && file != left.MatchString(route.Pattern) {
					t.Errorf("%s sends a file: %v; FieldgateSlow leaves it out: %v", route.Pattern, file, !file)
				}
				theirs := path == route.Pattern || name == "lee" || name == "ada" || name == "ben" || route.Who == gate.Public ||
					strings.Contains(route.Pattern, "/unsent/") || // what waits for nobody leads home, whoever asks
					name == "kim" && route.Pattern == "/sites/{id}" // her customer's, which all its contacts see
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

// leftOut are the routes that the alert of slow pages leaves out, as files are sent there.
func leftOut(t *testing.T) *regexp.Regexp {
	t.Helper()
	text, err := os.ReadFile("../../../docs/monitoring/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, rule, _ := strings.Cut(string(text), "- alert: FieldgateSlow\n")
	routes := regexp.MustCompile(`route!~"([^"]*)"`).FindStringSubmatch(rule)
	if routes == nil {
		t.Fatal("FieldgateSlow leaves nothing out")
	}
	return regexp.MustCompile("^(?:" + routes[1] + ")$")
}

// visitor is the browser of somebody signed in, or of somebody who has given the
// password and not yet the second factor: of no use anywhere.
func visitor(app *apptest.App, name string) *apptest.Browser {
	who, half := strings.CutSuffix(name, ", factor not yet")
	if !half {
		return app.As(name)
	}
	b := app.Nobody()
	b.Await(who)
	return b
}

// TestPortalFormsNameTheirContact: nothing is taken from a form that does not
// say who it was shown for, in either encoding.
func TestPortalFormsNameTheirContact(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	lee := app.As("lee")
	for _, route := range app.Routes {
		if route.Method != http.MethodPost || !strings.HasPrefix(route.Who, "contact") || route.Pattern == "/quotes/estimate" { // which reads a number and takes nothing
			continue
		}
		path := apptest.Path(t, route.Pattern)
		if p := lee.Send(path, "application/x-www-form-urlencoded", strings.NewReader("name=x&version=1")); p.Status != http.StatusConflict {
			t.Errorf("%s: %d", path, p.Status)
		}
		body, kind := apptest.Parts(t, func(w *multipart.Writer) { _ = w.WriteField("name", "x") })
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
