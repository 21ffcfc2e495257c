package portalview

import (
	"fieldgate/internal/portal"
	"fieldgate/templates/layout"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
)

// linkedPage frames the one record of who has come by the link of an email:
// there is nothing else to go to.
func linkedPage(v portal.Viewer, title string) layout.PortalPage {
	return layout.PortalPage{
		Title: title, Description: description(v.Business), Brand: BrandOf(v.Business), Person: v.Name, Customer: v.CustomerName,
		HomeURL: RecordOf(v), LeaveURL: route.LeaveRecord, Flash: ui.FlashMessage(v.Flash, v.Warns),
	}
}

// RecordOf is the page of the one record of who has come by a link.
func RecordOf(v portal.Viewer) string {
	if v.Link.Quote != 0 {
		return route.Quote(v.Link.Number)
	}
	return route.Job(v.Link.Number)
}

// areaOf is the list that a record stands in; "" for who sees the record alone.
func areaOf(v portal.Viewer, area string) string {
	if v.Linked() {
		return ""
	}
	return area
}
