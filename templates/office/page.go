// Package officeview holds the screens of the office, one file a noun.
package officeview

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"fieldgate/internal/list"
	"fieldgate/internal/staff"
	"fieldgate/templates/layout"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
)

// Page frames a screen of the office. Current is the address of the navigation
// it belongs to: route.OfficeCustomers, route.AdminStaff and so on, "" for none.
func Page(v staff.Viewer, title, current string) layout.OfficePage {
	p := layout.OfficePage{Title: title, Staff: v.Name, Role: v.Role.Label(), Flash: ui.Message{Text: v.Flash}}
	p.Brand.Name = v.Business
	p.Brand.IconURL = route.BrandIcon(v.Version)
	if v.HasLogo {
		p.Brand.LogoURL = route.BrandLogo(v.Version)
	}
	if v.Demo {
		p.Notice = "This is the demo. Look around and change what you like."
	}
	p.Nav = []layout.NavItem{
		{Label: "Customers", URL: route.OfficeCustomers, Icon: "users"},
		{Label: "Jobs", URL: route.OfficeJobs, Icon: "wrench"},
		{Label: "Quotes", URL: route.OfficeQuotes, Icon: "receipt-text"},
		{Label: "Equipment", URL: route.OfficeEquipment, Icon: "package"},
	}
	if v.Administers() {
		p.Nav = append(p.Nav, layout.NavItem{Label: "Administration", URL: route.AdminCompany, Icon: "settings", Current: inAdministration(current)})
	}
	if v.Administers() && inAdministration(current) {
		p.SubNav = []layout.NavItem{
			{Label: "Company Details", URL: route.AdminCompany, Icon: "building-2"},
			{Label: "Customer Portal", URL: route.AdminPortal, Icon: "globe"},
			{Label: "Job Types", URL: route.AdminJobTypes, Icon: "tag"},
			{Label: "Staff", URL: route.AdminStaff, Icon: "user-check"},
		}
	}
	mark(p.Nav, current)
	mark(p.SubNav, current)
	return p
}

func inAdministration(current string) bool { return strings.HasPrefix(current, route.OfficeAdmin) }

func mark(items []layout.NavItem, current string) {
	for i, item := range items {
		items[i].Current = item.Current || item.URL == current
	}
}

// Listing writes the addresses of a list: what is searched, how it is sorted
// and narrowed stays in each of them.
type Listing struct {
	URL     string
	Orders  list.Orders
	Query   list.Query
	Filters map[string]string // by name in the address; empty ones are left out
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

// Kept are what the search form has to send along.
func (l Listing) Kept() []ui.Pair {
	var pairs []ui.Pair
	v := l.values()
	v.Del("q")
	for _, name := range slices.Sorted(maps.Keys(v)) {
		pairs = append(pairs, ui.Pair{Name: name, Value: v.Get(name)})
	}
	return pairs
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
	if first := l.Orders[0]; l.Query.Sort != first.Key || l.Query.Desc != first.Desc {
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
