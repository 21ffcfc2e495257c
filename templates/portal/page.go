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
	p := layout.PortalPage{
		Title: title, Brand: DoorBrand(v.Business), Person: v.Name, Customer: v.CustomerName,
		HomeURL: route.Home, LogoutURL: route.Logout, Flash: ui.FlashMessage(v.Flash, v.Warns),
		Account: []layout.NavItem{{Label: "Change password", URL: route.NewPassword, Icon: "key-round"}},
	}
	if v.Choices() > 1 {
		p.SwitchURL = route.Choose
	}
	areas := []struct {
		seen bool
		item layout.NavItem
	}{
		{true, layout.NavItem{Label: "My Details", URL: route.Details, Icon: "user-round"}},
		{v.SeesQuotes(), layout.NavItem{Label: "Quotes", URL: route.Quotes, Icon: "receipt-text"}},
		{v.SeesJobs(), layout.NavItem{Label: "Jobs", URL: route.Jobs, Icon: "wrench"}},
		{v.SeesEquipment(), layout.NavItem{Label: "Equipment", URL: route.Equipment, Icon: "package"}},
	}
	for _, area := range areas {
		if area.seen {
			area.item.Current = area.item.URL == current
			p.Nav = append(p.Nav, area.item)
		}
	}
	return p
}

// Listing writes the addresses of a list.
type Listing = listing.Listing
