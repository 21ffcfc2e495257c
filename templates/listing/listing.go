// Package listing writes the addresses of lists, so that a search, a filter, a
// sort order and a page can be kept, shared and gone back to.
package listing

import (
	"maps"
	"net/url"
	"slices"

	"fieldgate/internal/list"
	"fieldgate/templates/ui"
)

// Listing writes the addresses of a list: what is searched, how it is sorted
// and narrowed stays in each of them.
type Listing struct {
	URL     string
	Orders  list.Orders
	Query   list.Query
	Filters map[string]string // by name in the address; empty ones are left out
	Of      map[string]string // what URL itself stands for, as a customer's own list; only an export has to say it
}

// With is the list narrowed by one filter more, or less when value is empty,
// from its first page.
func (l Listing) With(name, value string) string {
	v := l.values()
	if value == "" {
		v.Del(name)
	} else {
		v.Set(name, value)
	}
	return l.address(v)
}

// Column is the head of a column that sorts by key.
func (l Listing) Column(label, key string) ui.Column {
	c := ui.Column{Label: label}
	// The first press sorts as the order itself would, the second the other way round.
	next := list.Query{Sort: key}
	for _, o := range l.Orders {
		if o.Key == key {
			next.Desc = o.Desc
		}
	}
	if l.Query.Sort == key {
		next.Desc = !l.Query.Desc
		c.Sorted = "ascending"
		if l.Query.Desc {
			c.Sorted = "descending"
		}
	}
	c.URL = l.With("sort", next.SortValue())
	return c
}

// Pages are the ways to the neighbours of a page, by its cursors.
func (l Listing) Pages(previous, next string) ui.Pages {
	var p ui.Pages
	if previous != "" {
		p.PreviousURL = l.With("before", previous)
	}
	if next != "" {
		p.NextURL = l.With("after", next)
	}
	return p
}

// Here is the page that is shown, where somebody comes back to after a deed.
func (l Listing) Here() string {
	switch {
	case l.Query.After != "":
		return l.With("after", l.Query.After)
	case l.Query.Before != "":
		return l.With("before", l.Query.Before)
	}
	return l.With("", "")
}

// Kept are what the search form has to send along; shown are the filters that
// it holds as fields of its own.
func (l Listing) Kept(shown ...string) []ui.Pair {
	var pairs []ui.Pair
	v := l.values()
	v.Del("q")
	for _, name := range shown {
		v.Del(name)
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		pairs = append(pairs, ui.Pair{Name: name, Value: v.Get(name)})
	}
	return pairs
}

// Chip is a filter in force, in words, with the way to the list without it.
func (l Listing) Chip(name, label string) ui.Chip {
	return ui.Chip{Label: label, URL: l.With(name, "")}
}

// Without is the list with these filters taken away at once.
func (l Listing) Without(names ...string) string {
	v := l.values()
	for _, name := range names {
		v.Del(name)
	}
	return l.address(v)
}

// Export is the address of all that the list is narrowed to, as a file.
func (l Listing) Export(url string) string {
	l.URL = url
	v := l.values()
	for name, value := range l.Of {
		v.Set(name, value)
	}
	return l.address(v)
}

// Narrowed reports whether something was searched for or filtered, so that an
// empty list means that nothing fits.
func (l Listing) Narrowed() bool {
	for _, value := range l.Filters {
		if value != "" {
			return true
		}
	}
	return l.Query.Search != ""
}

func (l Listing) values() url.Values {
	v := url.Values{}
	if l.Query.Search != "" {
		v.Set("q", l.Query.Search)
	}
	if first := l.Orders.Default(l.Query.Search != ""); l.Query.Sort != first.Key || l.Query.Desc != first.Desc {
		v.Set("sort", l.Query.SortValue())
	}
	for name, value := range l.Filters {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

func (l Listing) address(v url.Values) string {
	if len(v) == 0 {
		return l.URL
	}
	return l.URL + "?" + v.Encode()
}
