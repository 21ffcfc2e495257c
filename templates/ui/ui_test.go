package ui_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/quote"
	"fieldgate/templates/gallery"
	"fieldgate/templates/layout"
	"fieldgate/templates/ui"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

func render(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestFieldTiesItsWordsToItsControl(t *testing.T) {
	t.Parallel()
	f := ui.Field{Name: "email", Label: "Email Address", Hint: "Where the invitation goes.", Value: `"><script>`, Problem: "Enter an email address.", Required: true}
	options := []ui.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}
	for name, c := range map[string]templ.Component{
		"text": ui.Text(f), "email": ui.Email(f), "phone": ui.Phone(f), "date": ui.Date(f), "number": ui.Number(f), "password": ui.Password(f),
		"textarea": ui.Textarea(f), "select": ui.Select(f, options), "checkbox": ui.Checkbox(f, true), "switch": ui.Switch(f, true), "files": ui.FileDrop(f, ".pdf", true),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := render(t, c)
			control := doc.Find("#email")
			if control.Length() != 1 || control.AttrOr("name", "") != "email" {
				t.Fatalf("no control: %s", doc.Text())
			}
			if got := strings.TrimSpace(doc.Find("label[for=email]").Text()); got != "Email Address" {
				t.Errorf("label: %q", got)
			}
			if got := control.AttrOr("aria-describedby", ""); got != "email-problem email-hint" {
				t.Errorf("described by %q", got)
			}
			if got := strings.TrimSpace(doc.Find("#email-problem").Text()); got != "Enter an email address." {
				t.Errorf("problem: %q", got)
			}
			if control.AttrOr("aria-invalid", "") != "true" || doc.Find("[required]").Length() != 1 {
				t.Error("neither invalid nor required")
			}
			if doc.Find("script:not([src])").Length() != 0 {
				t.Error("a value became markup")
			}
			if name == "password" && control.AttrOr("value", "") != "" {
				t.Error("a password is shown again")
			}
		})
	}
}

func TestGroupOfRadios(t *testing.T) {
	t.Parallel()
	doc := render(t, ui.RadioCards(ui.Field{Name: "preset", Label: "Permissions", Value: "own", Problem: "Choose one."}, []ui.Option{{Value: "all", Label: "All"}, {Value: "own", Label: "Own", Hint: "Theirs."}}))
	if got := strings.TrimSpace(doc.Find("fieldset > legend").Text()); got != "Permissions" {
		t.Errorf("legend: %q", got)
	}
	if got := doc.Find("fieldset").AttrOr("aria-describedby", ""); doc.Find("#"+got).Length() != 1 {
		t.Errorf("described by %q, which is not there", got)
	}
	if doc.Find("#preset").Length() != 1 || doc.Find("#preset-problem").Length() != 1 {
		t.Error("a link to the field or its problem leads nowhere")
	}
	if got := doc.Find("input[checked]").AttrOr("value", ""); got != "own" {
		t.Errorf("checked: %q", got)
	}
}

func TestProblemSummaryLeadsToTheFields(t *testing.T) {
	t.Parallel()
	doc := render(t, ui.ProblemSummary(map[string]string{"name": "Enter a name.", "": "Somebody else changed it."}))
	if got := doc.Find("[role=alert] a[href='#name']").Text(); got != "Enter a name." {
		t.Errorf("link: %q", got)
	}
	if doc.Find("a").Length() != 1 || !strings.Contains(doc.Text(), "There are 2 problems") {
		t.Errorf("got %s", doc.Text())
	}
	if render(t, ui.ProblemSummary(nil)).Find("[role=alert]").Length() != 0 {
		t.Error("an alert about nothing")
	}
}

func TestStatusesAndStates(t *testing.T) {
	t.Parallel()
	for _, s := range job.Statuses {
		if got := render(t, ui.JobStatus(s)).Find(".pill").Text(); got == "" || got != s.Label() {
			t.Errorf("%q shows as %q", s, got)
		}
	}
	for _, s := range quote.Statuses {
		if got := render(t, ui.QuoteStatus(string(s))).Find(".pill").Text(); !strings.EqualFold(got, string(s)) {
			t.Errorf("%q shows as %q", s, got)
		}
	}
	for given, want := range map[string]string{"due soon": "Due Soon", "On hold": "On hold", "": "", "unheard of": "Unheard Of"} {
		if got := render(t, ui.State(given)).Find(".pill").Text(); got != want {
			t.Errorf("%q shows as %q, want %q", given, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1001: "1,000+", list.ManyFound: "200+", list.AtLeast(0): "", list.AtLeast(7): "7+", list.AtLeast(68): "60+"} {
		if got := ui.Count(n); got != want {
			t.Errorf("Count(%d) is %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{-12345: "-12,345", 1234567: "1,234,567", 12: "12"} {
		if got := ui.Thousands(n); got != want {
			t.Errorf("Thousands(%d) is %q, want %q", n, got, want)
		}
	}
	for name, want := range map[string]string{"Priya Raman": "PR", "Ada": "A", "  ": "?", "": "?", "Jean-Luc van der Berg": "JB", "مدرسة النور": "ما", "42": "?", "Sam (Site B)": "SB"} {
		if got := ui.Initials(name); got != want {
			t.Errorf("Initials(%q) is %q, want %q", name, got, want)
		}
	}
}

// The policy of every page forbids styles and scripts in the markup; a class
// that no sheet knows is a style that somebody meant to have.
func TestGalleryKeepsToThePolicyAndToTheStylesheet(t *testing.T) {
	t.Parallel()
	doc := render(t, gallery.Page(layout.Brand{Name: "Northwind Air", Phone: "02 5550 1234", Email: "office@northwind.test"}))
	doc.Find("[style], style, script:not([src])").Each(func(_ int, s *goquery.Selection) {
		t.Errorf("against the policy: <%s>", goquery.NodeName(s))
	})
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("id")
		if ids[id] {
			t.Errorf("two elements of id %q", id)
		}
		ids[id] = true
	})
	known := classes(t)
	doc.Find("[class]").Each(func(_ int, s *goquery.Selection) {
		for class := range strings.FieldsSeq(s.AttrOr("class", "")) {
			if !slices.Contains(known, class) {
				t.Errorf("no sheet knows the class %q", class)
			}
		}
	})
}

// withoutStyle are classes that name a thing for scripts, or say that a component is the plain one.
var withoutStyle = []string{"pill__mark--full", "no-js", "form-section__head", "notice--info", "flash--success", "flash--danger", "notice--success", "notice--warning", "notice--danger", "choice--switch", "nav__label", "menu__form", "page-header", "files", "timeline"}

func classes(t *testing.T) []string {
	t.Helper()
	found := slices.Clone(withoutStyle)
	sheets, err := filepath.Glob("../../static/css/*.css")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`\.(-?[a-z_][\w-]*)`)
	for _, file := range sheets {
		css, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllSubmatch(css, -1) {
			found = append(found, string(m[1]))
		}
	}
	return found
}

// Every icon that a template asks for is in the list of those that are fetched.
func TestIconsAreListed(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("../../static/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := strings.Fields(string(list))
	asked := regexp.MustCompile(`(?:Icon\(|Icon:\s*|ui\.Empty\(|MenuLink\(|MenuButton\()"([a-z0-9-]+)"`)
	for _, dir := range []string{"..", "../../web"} {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".templ") && !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_templ.go") {
				return nil //nolint:nilerr // a folder that is not there asks for no icons
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range asked.FindAllSubmatch(src, -1) {
				if !slices.Contains(listed, string(m[1])) {
					t.Errorf("%s asks for the icon %q, which static/icons.txt does not list", path, m[1])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
