// Package officeview holds the screens of the office, one file a noun.
package officeview

import (
	"strconv"
	"strings"

	"fieldgate/internal/keeper"
	"fieldgate/internal/overview"
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
	p.SearchURL, p.Kept = route.OfficeSearch, map[string]string{}
	for kind, by := range v.Keepers {
		p.Kept[string(kind)] = by.Label
	}
	p.Account = []layout.NavItem{{Label: "Your account", URL: route.OfficeAccount, Icon: "user-round"}}
	if !v.MailDown.IsZero() {
		p.Alert = mailDown(v)
	}
	if !v.FactorBy.IsZero() && current != route.OfficeSecondFactor {
		p.Alert = factorDue(v)
	}
	p.Brand.Name = v.Business
	p.Brand.IconURL, p.Brand.HomeIconURL = route.BrandIcon(v.Version), route.BrandHomeIcon(v.Version)
	if v.HasLogo {
		p.Brand.HeadURL = route.BrandHead(v.Version)
		p.Brand.LogoURL, p.Brand.LogoWidth, p.Brand.LogoHeight = route.BrandLogo(v.Version), v.LogoWidth, v.LogoHeight
	}
	if v.Demo {
		p.Notice = "This is the demo: change what you like."
	}
	p.Nav = []layout.NavItem{
		{Label: "Customers", URL: route.OfficeCustomers, Icon: "users"},
		{Label: "Jobs", URL: route.OfficeJobs, Icon: "wrench", Count: waitingIn(v, "jobs")},
		{Label: "Quotes", URL: route.OfficeQuotes, Icon: "receipt-text", Count: waitingIn(v, "quotes")},
		{Label: "Messages", URL: route.OfficeMessages, Icon: "message-square", Count: waitingIn(v, "messages")},
		{Label: "Equipment", URL: route.OfficeEquipment, Icon: "package"},
		{Label: "Email", URL: route.OfficeEmails, Icon: "mail", Count: waitingIn(v, "email")},
	}
	if v.Administers() {
		p.Nav = append(p.Nav, layout.NavItem{Label: "Administration", URL: route.AdminCompany, Icon: "settings", Current: strings.HasPrefix(current, route.OfficeAdmin)})
	}
	if v.Administers() && strings.HasPrefix(current, route.OfficeAdmin) {
		p.SubNav = []layout.NavItem{
			{Label: "Company Details", URL: route.AdminCompany, Icon: "building-2"},
			{Label: "Customer Portal", URL: route.AdminPortal, Icon: "globe"},
			{Label: "Notifications", URL: route.AdminNotifications, Icon: "bell"},
			{Label: "Job Types", URL: route.AdminJobTypes, Icon: "tag"},
			{Label: "Document Kinds", URL: route.AdminDocumentKinds, Icon: "shield-check"},
			{Label: "Quote Templates", URL: route.AdminQuoteTemplates, Icon: "layers"},
			{Label: "Numbers", URL: route.AdminNumbers, Icon: "hash"},
			{Label: "Staff", URL: route.AdminStaff, Icon: "user-check"},
			{Label: "API", URL: route.AdminTokens, Icon: "plug"},
			{Label: "Webhooks", URL: route.AdminWebhooks, Icon: "send"},
			{Label: "Who keeps it", URL: route.AdminKeepers, Icon: "repeat"},
			{Label: "Import", URL: route.AdminImport, Icon: "upload"},
			{Label: "Import files", URL: route.AdminFileImports, Icon: "file-image"},
			{Label: "Export", URL: route.AdminExport, Icon: "download"},
			{Label: "Sign-ins", URL: route.AdminSignIns, Icon: "key-round"},
			{Label: "Activity", URL: route.AdminActivity, Icon: "history"},
			{Label: "Retention", URL: route.AdminRetention, Icon: "timer"},
			{Label: "Health", URL: route.AdminHealth, Icon: "list-checks"},
		}
	}
	mark(p.Nav, current)
	mark(p.SubNav, current)
	return p
}

// ours reports whether things of a kind are kept here, and not by another system:
// what changes them is offered only then.
func ours(p layout.OfficePage, kinds ...keeper.Kind) bool {
	for _, k := range kinds {
		if p.Kept[string(k)] != "" {
			return false
		}
	}
	return true
}

// waitingIn is how much waits for somebody in an area of the navigation, by the
// kinds of the home's queue.
func waitingIn(v staff.Viewer, area string) string {
	n := 0
	for _, k := range overview.Kinds() {
		if k.Area == area {
			n += v.Waiting[k.Name]
		}
	}
	switch {
	case n == 0:
		return ""
	case n >= overview.MostCounted:
		return strconv.Itoa(overview.MostCounted-1) + "+"
	}
	return strconv.Itoa(n)
}

func mark(items []layout.NavItem, current string) {
	for i, item := range items {
		items[i].Current = item.Current || item.URL == current
	}
}

// Listing writes the addresses of a list.
type Listing = listing.Listing
