package static

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// general are the sheets of no component: elements, icons, tokens, words for single properties, and paper. A component
// may arrange what they hold.
var general = []string{"reset", "tokens", "base", "utilities", "print"}

// TestEachSheetStylesItsOwnComponent holds that the class "menu__item" is styled in menu.css and nowhere else. A
// file bears the name of its block, and holds its family too: form.css has form, form-grid and form-section. What a
// rule styles is the last part of its selector; those before it say where.
func TestEachSheetStylesItsOwnComponent(t *testing.T) {
	t.Parallel()
	var components []string
	for _, file := range glob(t, "css/*.css") {
		if name := strings.TrimSuffix(path.Base(file), ".css"); !slices.Contains(general, name) {
			components = append(components, name)
		}
	}
	generals := map[string]bool{}
	for _, name := range general[:len(general)-1] {
		for _, m := range class.FindAllStringSubmatch(withoutComments(name), -1) {
			generals[m[1]] = true
		}
	}
	styled := map[string]string{} // by a class of no component, as td.title: the sheet that styles it
	for _, name := range components {
		own := false
		for _, selector := range selectors(name) {
			found := ""
			for i, part := range slices.Backward(parts(selector)) {
				for _, m := range class.FindAllStringSubmatch(part, -1) {
					if owner := ownerOf(m[1], components); owner != "" {
						found = owner
					} else if sheet, ok := styled[m[1]]; i == len(parts(selector))-1 && !generals[m[1]] && ok && sheet != name {
						t.Errorf("%s.css and %s.css both style .%s, which has no file of its own", sheet, name, m[1])
					} else if i == len(parts(selector))-1 {
						styled[m[1]] = name
					}
				}
				if found != "" {
					break
				}
			}
			if found != "" && found != name {
				t.Errorf("%s.css: %q is for %s.css", name, selector, found)
			}
			own = own || found == name
		}
		if !own && name != "scroller" { // found by an attribute, on components of any kind
			t.Errorf("%s.css styles no .%s", name, name)
		}
	}
}

// TestEveryClassOfASheetIsUsed holds that templates or scripts use what is styled.
func TestEveryClassOfASheetIsUsed(t *testing.T) {
	t.Parallel()
	words := map[string]bool{"htmx-request": true, "htmx-swapping": true} // set by htmx
	word := regexp.MustCompile(`[a-z][a-z0-9_-]*`)
	for _, dir := range []string{"../templates", "../web", "js"} {
		err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains([]string{".templ", ".go", ".js"}, path.Ext(file)) || strings.HasSuffix(file, "_templ.go") || strings.HasSuffix(file, "_test.go") {
				return err
			}
			source, err := os.ReadFile(file)
			for _, found := range word.FindAllString(string(source), -1) {
				words[found] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range glob(t, "css/*.css") {
		for _, m := range class.FindAllStringSubmatch(withoutComments(strings.TrimSuffix(path.Base(file), ".css")), -1) {
			kind, _, _ := strings.Cut(m[1], "--")
			if !words[m[1]] && !words[kind+"--"] { // "pill--" + colour
				t.Errorf("%s styles .%s, which nothing uses", file, m[1])
			}
		}
	}
}

var (
	class      = regexp.MustCompile(`\.(-?[a-z_][\w-]*)`)
	ruleStart  = regexp.MustCompile(`(?s)([^{};]+)\{`)
	stringsOf  = regexp.MustCompile(`"[^"]*"`)
	conditions = regexp.MustCompile(`:(?:not|has)\((?:[^()]|\([^()]*\))*\)`)
)

func withoutComments(name string) string {
	return stringsOf.ReplaceAllString(comments.ReplaceAllString(string(must("css/"+name+".css")), ""), `""`)
}

// selectors are those of a sheet, without what they ask of other elements.
func selectors(name string) []string {
	var found []string
	for _, m := range ruleStart.FindAllStringSubmatch(withoutComments(name), -1) {
		if list := strings.TrimSpace(m[1]); !strings.HasPrefix(list, "@") {
			for _, selector := range splitOutside(conditions.ReplaceAllString(list, ""), ",") {
				found = append(found, strings.TrimSpace(selector))
			}
		}
	}
	return found
}

// parts are the elements that a selector speaks of, the outermost first.
func parts(selector string) []string {
	return splitOutside(selector, " >+~")
}

// splitOutside splits at any of marks that is not in parentheses.
func splitOutside(s, marks string) []string {
	depth := 0
	return strings.FieldsFunc(s, func(r rune) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return depth == 0 && strings.ContainsRune(marks, r)
	})
}

// ownerOf is the component with the longest name that a class begins with, "" when there is none.
func ownerOf(class string, components []string) (owner string) {
	block, _, _ := strings.Cut(class, "__")
	block, _, _ = strings.Cut(block, "--")
	for _, name := range components {
		rest, ok := strings.CutPrefix(block, name)
		if ok && (rest == "" || rest == "s" || rest == "es" || strings.HasPrefix(rest, "-")) && len(name) > len(owner) {
			owner = name
		}
	}
	return owner
}
