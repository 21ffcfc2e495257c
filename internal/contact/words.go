package contact

import (
	"slices"
	"strings"
)

// Words say in sentences what the permissions come to, for those who set them:
// "Sees their own jobs, may create jobs."
// Sites are the names of the selected ones. Permissions that Needs finds
// wanting are left out, since they would give nothing.
func (p Permissions) Words(sites []string) []string {
	p = p.tidied()
	words := make([]string, 0, 7)
	if !p.AllSites {
		words = append(words, siteWords(sites))
	}
	for _, f := range PermissionFields {
		if f.scope != nil {
			words = append(words, p.areaWords(f))
		}
	}
	if p.AllSites && (p.JobsSee == All || p.QuotesSee == All) {
		words = append(words, "Sees the files that were shared with the customer as a whole.")
	}
	for _, f := range PermissionFields {
		if f.right == nil || hasScope(f.Area) {
			continue
		}
		if f.Has(p) && f.applies(p) {
			words = append(words, f.says)
		} else if f.without != "" {
			words = append(words, f.without)
		}
	}
	return words
}

func siteWords(sites []string) string {
	if len(sites) == 0 {
		return "Sees nothing yet: no site is ticked."
	}
	return "Only at " + sequence(sites) + ": everything at other sites, or without a site, is hidden."
}

func hasScope(area string) bool {
	return slices.ContainsFunc(PermissionFields, func(f PermissionField) bool { return f.scope != nil && f.Area == area })
}

// areaWords say what may be seen of the area of a scope, and done there.
func (p Permissions) areaWords(scope PermissionField) string {
	see := *scope.scope(&p)
	sees := scope.sees[see]
	if see == None || sees == "" { // None, or nonsense from a form that is not done yet
		return scope.sees[None]
	}
	records := "them"
	if see == Own {
		records = "those"
	}
	var first, then []string
	for _, f := range PermissionFields {
		switch says := strings.ReplaceAll(f.says, "%s", records); {
		case f.right == nil || f.Area != scope.Area || !f.Has(p):
		case f.first:
			first = append(first, says)
		default:
			then = append(then, says)
		}
	}
	if may := append(first, then...); len(may) > 0 {
		return sees + ", " + sequence(may) + "."
	}
	return sees + ", and changes nothing."
}

// sequence is "a", "a and b" or "a, b and c".
func sequence(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
