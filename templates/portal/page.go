// Package portalview holds the screens of the customers' portal, one file a noun.
package portalview

import (
	"fieldgate/internal/portal"
	"fieldgate/templates/layout"
	"fieldgate/templates/listing"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
)

// Page frames a screen of the portal. Current is the address of the area it
// belongs to: route.Jobs, route.Details and so on, "" for none. Areas that the
// contact does not see are not in the navigation.
func Page(v portal.Viewer, title, current string) layout.PortalPage {
	if v.Linked() {
		return linkedPage(v, title)
	}
	p := layout.PortalPage{
		Title: title, Description: description(v.Business), Brand: BrandOf(v.Business), Person: v.Name, Customer: v.CustomerName,
		HomeURL: route.Home, LogoutURL: route.Logout, Flash: ui.FlashMessage(v.Flash, v.Warns), DraftKey: v.DraftKey,
		Preview: PreviewOf(v),
		Account: []layout.NavItem{{Label: "Home", URL: route.Home, Icon: "house"}, {Label: "My Details", URL: route.Details, Icon: "user-round"}},
	}
	if !v.ByCompany {
		p.Account = append(p.Account, layout.NavItem{Label: "Change password", URL: route.NewPassword, Icon: "key-round"})
	}
	if v.Person != 0 {
		p.WaitingURL = route.Waiting
	}
	if v.Choices() > 1 {
		p.SwitchURL, p.AllURL = route.Choose, route.Everywhere
	}
	var news portal.News
	if v.News != nil {
		news = *v.News
	}
	areas := []struct {
		seen bool
		item layout.NavItem
	}{
		{true, layout.NavItem{Label: "My Details", URL: route.Details, Icon: "user-round"}},
		{v.SeesQuotes(), layout.NavItem{Label: "Quotes", URL: route.Quotes, Icon: "receipt-text", Count: newCount(news.Quotes)}},
		{v.SeesJobs(), layout.NavItem{Label: "Jobs", URL: route.Jobs, Icon: "wrench", Count: newCount(news.Jobs)}},
		{v.SeesEquipment(), layout.NavItem{Label: "Equipment", URL: route.Equipment, Icon: "package"}},
		{v.SeesDocuments(), layout.NavItem{Label: "Documents", URL: route.Documents, Icon: "shield-check"}},
	}
	for _, area := range areas {
		if area.seen {
			area.item.Current = area.item.URL == current
			p.Nav = append(p.Nav, area.item)
		}
	}
	return p
}

// PreviewOf is what the banner of a preview says; nothing when the contact looks.
func PreviewOf(v portal.Viewer) layout.Preview {
	if !v.Previewing() {
		return layout.Preview{}
	}
	p := layout.Preview{Contact: v.Name, Customer: v.CustomerName, Until: v.Business.Format.Clock(v.Preview.Until), EndURL: route.OfficePreviewEnd}
	switch v.Preview.Access {
	case "none":
		p.Access = "This contact has no access to the portal at present."
	case "invited":
		p.Access = "This contact has been invited and has not come in yet."
	case "suspended":
		p.Access = "This contact is suspended and cannot sign in."
	}
	return p
}

// Listing writes the addresses of a list.
type Listing = listing.Listing
