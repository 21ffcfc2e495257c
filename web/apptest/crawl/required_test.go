package crawl_test

import (
	"regexp"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/web/apptest"
)

// inWords are labels that say for themselves whether they must be filled in.
var inWords = regexp.MustCompile(`(?i)\boptional\b|\(required\)|\*`)

// TestOneWayToMarkRequired reads the forms of everybody: what must be filled in
// says so by its attribute, stands in a form that field.css marks, and has a
// label that can carry the star.
func TestOneWayToMarkRequired(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for name, start := range map[string]string{"lee": "/", "ada": "/office", "nobody": "/login", "outsider": "/office/login"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who := name
			if name == "outsider" {
				who = "nobody"
			}
			required := 0
			for path, p := range app.As(who).Pages(start, 1) {
				p.Find(".field__label, .choice label").Each(func(_ int, label *goquery.Selection) {
					if words := label.Text(); label.Closest("form[method=post]").Length() > 0 && inWords.MatchString(words) {
						t.Errorf("%s: the label %q says by itself whether it is required", path, words)
					}
				})
				p.Find("form[method=post] [required]").Each(func(_ int, control *goquery.Selection) {
					required++
					name := control.AttrOr("name", "")
					if control.Closest(".form").Length() == 0 {
						t.Errorf("%s: %q is in a form that does not explain the star", path, name)
					}
					if control.Closest(".field").ChildrenFiltered(".field__label").Length() == 0 && control.SiblingsFiltered(".choice__text").Find("label").Length() == 0 {
						t.Errorf("%s: %q has no label to carry the star", path, name)
					}
				})
			}
			if required == 0 {
				t.Errorf("no required fields found from %s", start)
			}
		})
	}
}
