package apptest

import (
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// sorts of addresses: numbers and ids are all alike, and so are the orders and
// filters of a list.
var (
	ids     = regexp.MustCompile(`/([JQC]-[0-9]+|[0-9]+|[0-9a-z]{20,})`)
	queries = regexp.MustCompile(`\?.*`)
)

// SortOf is an address without what tells it from others of its sort.
func SortOf(address string) string {
	return queries.ReplaceAllString(ids.ReplaceAllString(address, "/…"), "?…")
}

// Pages follows links from a start page, all or up to most of each sort, and
// returns what it saw.
func (b *Browser) Pages(start string, most ...int) map[string]Page {
	b.app.t.Helper()
	seen := map[string]Page{}
	known := map[string]bool{start: true}
	sorts := map[string]int{}
	for todo := []string{start}; len(todo) > 0; todo = todo[1:] {
		path := todo[0]
		p := b.Get(path)
		seen[path] = p
		p.Find("a[href], img[src], link[href], script[src]").Each(func(_ int, s *goquery.Selection) {
			to := s.AttrOr("href", s.AttrOr("src", ""))
			at, err := p.URL.Parse(to)
			if err != nil {
				b.app.t.Errorf("%s links to nonsense: %q", path, to)
				return
			}
			next := at.RequestURI()
			if at.Host != p.URL.Host || (at.Scheme != "http" && at.Scheme != "https") || strings.HasPrefix(at.Path, "/dev/") || known[next] {
				return
			}
			known[next] = true
			if sorts[SortOf(next)]++; len(most) == 0 || sorts[SortOf(next)] <= most[0] {
				todo = append(todo, next)
			}
		})
	}
	return seen
}
