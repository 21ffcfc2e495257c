package crawl_test

import (
	"regexp"
	"testing"

	"fieldgate/web/apptest"
)

// officeWords are what the office calls things that customers have plainer words
// for. A site has its contact in both, and everybody can contact us.
var officeWords = regexp.MustCompile(`(?i)(main|default|this|the|other|new|all) contacts?\b|customer view|portal request|\borigin\b|\bnew version\b`)

// TestCustomersReadNoOfficeWords reads the pages of contacts who see much.
func TestCustomersReadNoOfficeWords(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for _, name := range []string{"lee", "sam"} {
		for path, p := range app.As(name).Pages("/") {
			if p.Find("main").Length() == 0 { // scripts and styles
				continue
			}
			if words := officeWords.FindString(p.Text("body")); words != "" {
				t.Errorf("%s: %s says %q", name, path, words)
			}
		}
	}
}
