package internal_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// papers are what operators read and copy, by path from the root.
func papers(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"*.md", "Dockerfile", "docs/*.md", "docs/*.yaml", "docs/*.sql", "docs/*/*"} {
		paths, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			found[strings.TrimPrefix(path, "../")] = string(text)
		}
	}
	return found
}

// inCode is what the pattern's group finds in the program's files, sorted, each once.
func inCode(t *testing.T, pattern string, only ...string) []string {
	t.Helper()
	var found []string
	for path, text := range sources(t, "..") {
		path = strings.TrimPrefix(path, "../")
		if strings.HasSuffix(path, "_test.go") || !slices.ContainsFunc(only, func(o string) bool { return strings.HasPrefix(path, o) }) {
			continue
		}
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			found = append(found, m[1])
		}
	}
	slices.Sort(found)
	if found = slices.Compact(found); len(found) == 0 {
		t.Fatalf("nothing in %v is like %s", only, pattern)
	}
	return found
}

// TestOperatorsReadOfEverything: what can be set, asked for, run and measured
// stands in the papers, and what stands there exists.
func TestOperatorsReadOfEverything(t *testing.T) {
	t.Parallel()
	all := papers(t)
	readme, operating := all["README.md"], all["docs/operating.md"]

	settings := inCode(t, `"(DATABASE_URL|FIELDGATE_[A-Z_]*[A-Z])"[,\s]`, "internal/config/config.go")
	for _, name := range settings {
		if !regexp.MustCompile(`(?m)^\|.*` + "`" + name + "`" + `.*\|.*\|.*\|$`).MatchString(readme) {
			t.Errorf("the README's table lacks %s", name)
		}
	}
	others := []string{"FIELDGATE_OWNER_PASSWORD", "FIELDGATE_PASSWORD", "FIELDGATE_TEST_LOG", "FIELDGATE_TEST_PROGRAM"} // of the compose file, and of the tests
	for path, text := range all {
		for _, name := range regexp.MustCompile(`FIELDGATE_[A-Z_]*[A-Z]\b`).FindAllString(text, -1) {
			if !slices.Contains(settings, strings.TrimSuffix(name, "_FILE")) && !slices.Contains(others, name) {
				t.Errorf("%s names %s, which is no setting", path, name)
			}
		}
	}

	options := inCode(t, `(?:Query\(\)|\bq)\.(?:Get|Has)\("(\w+)"\)`, "internal/blob/", "internal/mail/", "cmd/fieldgate/pools.go")
	for _, name := range options {
		if !strings.Contains(operating, "?"+name+"=") {
			t.Errorf("docs/operating.md does not tell of the option %s", name)
		}
	}
	options = append(options, "sslmode", "sslrootcert", "host", "default_query_exec_mode") // of PostgreSQL's driver
	for path, text := range all {
		for _, m := range regexp.MustCompile("[`'/a-z0-9]\\?([a-z_]+)=").FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(path, "docs/operating") && !slices.Contains(options, m[1]) {
				t.Errorf("%s tells of the option %s, which nothing reads", path, m[1])
			}
		}
	}

	metrics := inCode(t, `(?:NewDesc\(|Name: )"(fieldgate_[a-z_]+)"`, "internal/", "web/", "cmd/")
	metrics = slices.DeleteFunc(metrics, func(m string) bool { return !strings.Contains(strings.TrimPrefix(m, "fieldgate_"), "_") }) // cookies
	for _, name := range metrics {
		if !strings.Contains(all["docs/monitoring/metrics.md"], "`"+name+"`") {
			t.Errorf("docs/monitoring/metrics.md does not say what %s is", name)
		}
	}
	for _, name := range regexp.MustCompile(`\bfieldgate_[a-z_]+`).FindAllString(operating[strings.Index(operating, "## What to watch"):], -1) {
		if !slices.Contains(metrics, name) {
			t.Errorf("docs/operating.md tells of the metric %s, which is not measured", name)
		}
	}

	commands := inCode(t, `\{name: "([a-z -]+)",`, "cmd/fieldgate/main.go")
	told := regexp.MustCompile("(?m)(?:^|[`'; ])fieldgate ([a-z-]+(?: [a-z]+)?)").FindAllStringSubmatch(readme+operating, -1)
	for _, name := range commands {
		if !slices.ContainsFunc(told, func(m []string) bool { return m[1] == name || strings.HasPrefix(m[1], name+" ") }) && name != "demo" { // is make run
			t.Errorf("neither README nor docs/operating.md tells of fieldgate %s", name)
		}
	}
	for _, m := range regexp.MustCompile("`fieldgate ([a-z-]+(?: [a-z]+)?)").FindAllStringSubmatch(readme+operating, -1) {
		if !slices.ContainsFunc(commands, func(c string) bool { return c == m[1] || strings.HasPrefix(m[1], c+" ") }) {
			t.Errorf("the papers tell of fieldgate %s, which is no command", m[1])
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// TestLinksOfPapersLead: to files that are there, and to their chapters.
func TestLinksOfPapersLead(t *testing.T) {
	t.Parallel()
	all := papers(t)
	for path, text := range all {
		if !strings.HasSuffix(path, ".md") {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			to, chapter, _ := strings.Cut(m[1], "#")
			if to = filepath.Join(filepath.Dir(path), to); strings.HasPrefix(m[1], "#") {
				to = path
			}
			if _, err := os.Stat(filepath.Join("..", to)); err != nil {
				t.Errorf("%s leads to %s, which is not there", path, m[1])
			}
			if chapter != "" && !slices.Contains(chapters(all[to]), chapter) {
				t.Errorf("%s leads to %s, which has no such chapter", path, m[1])
			}
		}
	}
}

// chapters are the headings as GitHub names them in addresses.
func chapters(text string) (names []string) {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		names = append(names, strings.ReplaceAll(strings.TrimSpace(name), " ", "-"))
	}
	return names
}
