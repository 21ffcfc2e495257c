// Package officeview holds the screens of the office, one file a noun.
package officeview

import (
	"strings"

	"fieldgate/internal/staff"
	"fieldgate/templates/layout"
	"fieldgate/templates/listing"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
)

// Page frames a screen of the office. Current is the address of the navigation
// it belongs to: route.OfficeCustomers, route.AdminStaff and so on, "" for none.
func Page(v staff.Viewer, title, current string) layout.OfficePage {
	p := layout.OfficePage{Title: title, Staff: v.Name, Role: v.Role.Label(), Flash: ui.FlashMessage(v.Flash, v.Warns), DraftKey: v.DraftKey}
	p.SearchURL = route.OfficeSearch
	p.Account = []layout.NavItem{{Label: "Your account", URL: route.OfficeAccount, Icon: "user-round"}, {Label: "Email", URL: route.OfficeEmails, Icon: "mail"}}
	if !v.MailDown.IsZero() {
		p.Alert = mailDown(v)
	}
	p.Brand.Name = v.Business
	p.Brand.IconURL = route.BrandIcon(v.Version)
	if v.HasLogo {
		p.Brand.LogoURL, p.Brand.LogoWidth, p.Brand.LogoHeight = route.BrandLogo(v.Version), v.LogoWidth, v.LogoHeight
	}
	if v.Demo {
		p.Notice = "This is the demo: change what you like."
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
			{Label: "Notifications", URL: route.AdminNotifications, Icon: "bell"},
			{Label: "Email", URL: route.OfficeEmails, Icon: "mail"},
			{Label: "Job Types", URL: route.AdminJobTypes, Icon: "tag"},
			{Label: "Quote templates", URL: route.AdminQuoteTemplates, Icon: "layers"},
			{Label: "Staff", URL: route.AdminStaff, Icon: "user-check"},
			{Label: "Sign-ins", URL: route.AdminSignIns, Icon: "key-round"},
			{Label: "Activity", URL: route.AdminActivity, Icon: "history"},
			{Label: "Health", URL: route.AdminHealth, Icon: "shield-check"},
			{Label: "Retention", URL: route.AdminRetention, Icon: "timer"},
		}
	}
	mark(p.Nav, current)
	mark(p.SubNav, current)
	return p
}

// Emails stand beside Administration for those who see it, and in the account
// menu for all staff.
func inAdministration(current string) bool {
	return strings.HasPrefix(current, route.OfficeAdmin) || current == route.OfficeEmails
}

func mark(items []layout.NavItem, current string) {
	for i, item := range items {
		items[i].Current = item.Current || item.URL == current
	}
}

// Listing writes the addresses of a list.
type Listing = listing.Listing
