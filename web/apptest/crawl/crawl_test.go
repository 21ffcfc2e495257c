package crawl_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/web/apptest"
)

// TestNothingLeaks reads every page that contacts can reach by links.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for name, never := range map[string][]string{
		"lee": {"OFFICE-ONLY", "Pelican", "Quay Street", "Lobby fan", "Ola", "Petrou", "equipmentofpelican", "J-1003", "Q-1001", "Replace unit 2", "14 days", "INV-77", "Check belts"},
		"kim": {"OFFICE-ONLY", "Pelican", "Quay Street", "Lobby fan", "Rooftop unit service", "J-1001", "Q-100", "Rooftop unit 2", "Order capacitor", apptest.SharedFile},
		"ola": {"OFFICE-ONLY", "Harbour", "Nakamura", "Quay Street", "Rooftop", "J-1001", "J-1002", "Q-1002"},
		"sam": {"OFFICE-ONLY", "Harbour", "Nakamura", "Lobby fan", "J-1003", "Q-1004"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for path, p := range app.As(name).Pages("/") {
				if p.Status != http.StatusOK {
					t.Errorf("%s leads to %d", path, p.Status)
				}
				for _, words := range never {
					// Sam is of Pelican Point, too, and looks at one of the two but under /all.
					if strings.HasPrefix(path, "/all") && slices.Contains([]string{"Lobby fan", "J-1003", "Q-1004"}, words) && name == "sam" {
						continue
					}
					if strings.Contains(p.Body, words) {
						t.Errorf("%s shows %q", path, words)
					}
				}
			}
		})
	}
}

// TestEveryFormStandsHostileInput sends every form that staff and contacts can
// reach by links, with values nobody means well with.
func TestEveryFormStandsHostileInput(t *testing.T) {
	t.Parallel()
	hostile := map[string]string{
		"empty":         "",
		"overlong":      strings.Repeat("ä", 20_000),
		"markup":        `"><script>alert(1)</script><img src=x onerror=alert(1)>`,
		"sql":           `'; drop table jobs; -- %00`,
		"nul":           "a\x00b",
		"invalid UTF-8": "\xff\xfe\xfa",
		"huge number":   "99999999999999999999999999",
		"negative":      "-1",
		"not a date":    "2026-02-31",
		"right-to-left": "\u202eתיאור\u202c",
	}
	for name, start := range map[string]string{"lee": "/", "ada": "/office", "nobody": "/login", "outsider": "/office/login"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			b := app.As(strings.Replace(name, "outsider", "nobody", 1))
			seen := b.Pages(start, 1)
			done := map[string]bool{}
			for _, path := range slices.Sorted(maps.Keys(seen)) {
				p := seen[path]
				p.Find("form[method=post]").Each(func(_ int, form *goquery.Selection) {
					action := form.AttrOr("action", "")
					at, err := p.URL.Parse(action)
					if err != nil || strings.HasSuffix(at.Path, "/logout") || done[apptest.SortOf(at.Path)] {
						return
					}
					done[apptest.SortOf(at.Path)] = true
					for what, value := range hostile {
						fields := url.Values{}
						form.Find("input[name], textarea[name], select[name]").Each(func(_ int, s *goquery.Selection) {
							if n := s.AttrOr("name", ""); n != "nonce" && n != "contact" && s.AttrOr("type", "") != "file" {
								fields[n] = []string{value}
							}
						})
						answer := b.Submit(p, fmt.Sprintf("form[method=post][action=%q]", action), fields)
						if answer.Status >= http.StatusInternalServerError {
							t.Errorf("%s on %s, %s: %d: %s", action, path, what, answer.Status, answer.Text("main"))
						}
						if strings.Contains(answer.Body, "<script>alert") || strings.Contains(answer.Body, "<img src=x") {
							t.Errorf("%s on %s shows markup as it was typed", action, path)
						}
					}
				})
			}
			if len(done) == 0 {
				t.Errorf("no forms found from %s", start)
			}
		})
	}
}

// TestLinksOfTheOfficeLead follows every link of the office.
func TestLinksOfTheOfficeLead(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for _, name := range []string{"ada", "ben"} {
		for path, p := range app.As(name).Pages("/office", 4) {
			if p.Status != http.StatusOK {
				t.Errorf("%s: %s leads to %d", name, path, p.Status)
			}
		}
	}
}

func TestSuspensionEndsTheOpenSession(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	kim := app.As("kim")
	if p := kim.Get("/jobs"); p.Status != http.StatusOK {
		t.Fatalf("kim sees %d", p.Status)
	}
	app.Exec(`update contacts set access = 'suspended' where name = 'Kim Tran'`)
	if p := kim.Get("/jobs"); p.URL.Path != "/login" {
		t.Errorf("kim is still at %s", p.URL)
	}
}

func TestRightsAreReadAfresh(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	if p := lee.Get("/jobs/J-1002"); p.Status != http.StatusOK {
		t.Fatalf("lee sees %d", p.Status)
	}
	app.Exec(`update contacts set jobs_see = 'own' where name = 'Lee Nakamura'`)
	if p := lee.Get("/jobs/J-1002"); p.Status != http.StatusNotFound {
		t.Errorf("lee still sees Kim's job: %d", p.Status)
	}
}

func TestFilesFollowSharing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	if p := lee.Get("/attachments/" + apptest.SharedFile); p.Body != "Shared report." || !strings.Contains(p.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%d %q %s", p.Status, p.Body, p.Header.Get("Content-Security-Policy"))
	}
	for what, tt := range map[string]struct{ name, file string }{
		"hidden": {"lee", apptest.HiddenFile}, "another customer's": {"ola", apptest.SharedFile}, "a colleague's job": {"kim", apptest.SharedFile}, "unknown": {"lee", "nonsense"},
	} {
		if p := app.As(tt.name).Get("/attachments/" + tt.file); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", what, p.Status)
		}
	}
	app.Exec(`update attachments set customer_view = false`)
	if p := lee.Get("/attachments/" + apptest.SharedFile); p.Status != http.StatusNotFound {
		t.Errorf("hidden again: %d", p.Status)
	}
}
