package officeweb

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/exchange"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Contacts are the screens of a customer's contacts and of their access to the portal.
type Contacts struct {
	DB      postgres.DB
	Office  *office.Service
	Session *session.Manager
	BaseURL string // in front of links that are passed on by hand
}

// List is the tab Contacts of a customer.
func (h Contacts) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	view := contactsList(v)
	head, err := Customers{DB: h.DB}.head(r.Context(), v, chi.URLParam(r, "number"), "contacts")
	if err != nil {
		return err
	}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { queryContacts(b, r, &view, head.Customer.ID, nil) })
	if err != nil {
		return err
	}
	number := head.Customer.Number
	view.Customer, view.Listing.URL, view.Export = number, route.OfficeCustomer(number, "contacts"), route.OfficeCustomer(number, "contacts.csv")
	return page.Render(w, r, http.StatusOK, officeview.Contacts(officeview.ContactsTab{CustomerHead: head, List: view}))
}

// All is the list of all customers' contacts.
func (h Contacts) All(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	view := contactsList(v)
	q, _ := contactQuery(r, 0)
	found, err := list.Look(r.Context(), h.DB, q.Search, contact.Words)
	if err != nil {
		return err
	}
	if err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { queryContacts(b, r, &view, 0, found) }); err != nil {
		return err
	}
	view.Listing.URL, view.Export = route.OfficeContacts, route.OfficeContactsCSV
	return page.Render(w, r, http.StatusOK, officeview.ContactsOfAll(officeview.AllContacts{Page: officeview.Page(v, "Contacts", route.OfficeCustomers), List: view}))
}

func contactsList(v staff.Viewer) officeview.ContactsList {
	return officeview.ContactsList{Format: v.Format}
}

// queryContacts reads a list: of one customer, or of all with 0. Found is the
// first look of a search, if one was taken.
func queryContacts(b *postgres.Batch, r *http.Request, view *officeview.ContactsList, of int64, found *list.Search) {
	q, f := contactQuery(r, of)
	q.Found = found
	view.Filter, view.Listing = f, officeview.Listing{Orders: contact.Orders, Query: q, Filters: map[string]string{
		"show": string(f.Show), "preset": f.Preset, "waiting": officeview.WaitingValue(f.Waiting),
	}}
	contact.QueryList(b, &view.Contacts, q, f)
	view.Counts = contact.QueryCounts(b, q, f)
}

// contactQuery reads what the address of a list asks for; of is a customer's id, or 0.
func contactQuery(r *http.Request, of int64) (list.Query, contact.Filter) {
	values := r.URL.Query()
	f := contact.Filter{Customer: of}
	if show := contact.Show(values.Get("show")); slices.Contains(contact.Shows, show) {
		f.Show = show
	}
	if _, ok := contact.PresetPermissions(values.Get("preset")); ok || values.Get("preset") == contact.Custom {
		f.Preset = values.Get("preset")
	}
	if days, err := strconv.Atoi(values.Get("waiting")); err == nil && days > 0 && days <= 3650 {
		f.Waiting = days
	}
	return contact.Orders.Read(values), f
}

// Export is a customer's list as a file.
func (h Contacts) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	cu, err := customer.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	return h.export(w, r, v, cu.ID, "contacts-"+cu.Number)
}

// ExportAll is the list of all contacts as a file.
func (h Contacts) ExportAll(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.export(w, r, v, 0, "contacts")
}

func (h Contacts) export(w http.ResponseWriter, r *http.Request, v staff.Viewer, of int64, name string) error {
	q, f := contactQuery(r, of)
	type row = contact.Row
	when := func(at *time.Time) string { return export.Moment(v.Format, at) }
	return export.Records(w, r, name, v.Format.Today(), q,
		func(q list.Query) (list.Page[row], error) { return contact.List(r.Context(), h.DB, q, f) },
		[]export.Column[row]{
			{Head: "Customer number", Cell: func(c row) string { return c.CustomerNumber }},
			{Head: "Customer", Cell: func(c row) string { return c.CustomerName }},
			{Head: contact.LabelName, Cell: func(c row) string { return c.Name }},
			{Head: contact.LabelEmail, Cell: func(c row) string { return c.Email }},
			{Head: contact.LabelPhone, Cell: func(c row) string { return export.Phone(c.Phone) }},
			{Head: contact.LabelMobile, Cell: func(c row) string { return export.Phone(c.Mobile) }},
			{Head: contact.LabelRole, Cell: func(c row) string { return c.Role }},
			{Head: contact.LabelDefault, Cell: func(c row) string { return officeview.YesNo(c.Default) }},
			{Head: contact.LabelAccess, Cell: func(c row) string { return c.Access.Words() }},
			{Head: contact.LabelPermissions, Cell: func(c row) string { return officeview.ListedPermissions(c.Contact) }},
			{Head: contact.LabelInvited, Cell: func(c row) string { return when(c.InvitedAt) }},
			{Head: contact.LabelLastSignIn, Cell: func(c row) string { return when(c.LastSignInAt) }},
			{Head: contact.LabelNotes, Cell: func(c row) string { return c.Notes }},
			{Head: "Archived", Cell: func(c row) string { return officeview.YesNo(c.Archived() || c.CustomerArchived) }},
		}, export.Whole[row]{Kind: exchange.Contacts, DB: h.DB, Format: v.Format, ID: func(r row) int64 { return r.ID }})
}

// Show is one contact.
func (h Contacts) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	view := officeview.ContactPage{Format: v.Format}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		contact.QueryRow(b, &view.Row, number, id)
		contact.QuerySiteNames(b, &view.SiteNames, id)
		queryOrigin(b, v, &view.Origin, keeper.Contacts, id)
		notify.QueryInvitation(b, &view.Invitation, id)
		signin.QueryFactorLost(b, &view.FactorLost, id)
		signin.QueryContactConnected(b, &view.Connected, id)
		signin.QueryOpenLinks(b, &view.Links, signin.LinksOf{Contact: id})
		token.QueryKeys(b, &view.Keys, id, 0)
	})
	if err != nil {
		return err
	}
	view.Page = officeview.Page(v, view.Name, route.OfficeCustomers)
	return page.Render(w, r, http.StatusOK, officeview.Contact(view))
}

// EndKey ends a key of the contact.
func (h Contacts) EndKey(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	key, err := pathID(r, "key")
	if err != nil {
		return err
	}
	_, err = h.Office.EndContactKey(r.Context(), v, number, id, key)
	return done(w, r, "The key has ended.", contactURL(number, id), err)
}

// TakeFactor removes the second factor that the contact has reported as lost.
func (h Contacts) TakeFactor(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	c, err := h.Office.TakeContactFactor(r.Context(), v, number, id)
	return done(w, r, c.Name+" signs in without the second factor from now on. They are told by email.", contactURL(number, id), err)
}

// Disconnect takes the company account from the contact.
func (h Contacts) Disconnect(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, id, err := contactAddress(r)
	if err != nil {
		return err
	}
	_, err = h.Office.DisconnectContact(r.Context(), v, number, id)
	return done(w, r, "Disconnected. Whoever has the address there next can come in as them, once.", contactURL(number, id), err)
}

// contactAddress is which contact of which customer the address names.
func contactAddress(r *http.Request) (number string, id int64, err error) {
	id, err = pathID(r, "contact")
	return chi.URLParam(r, "number"), id, err
}

// find is the contact of the address.
func (h Contacts) find(r *http.Request) (contact.Row, error) {
	number, id, err := contactAddress(r)
	if err != nil {
		return contact.Row{}, err
	}
	return contact.FindRow(r.Context(), h.DB, number, id)
}

func contactURL(number string, id int64, more ...string) string {
	return route.OfficeCustomer(number, append([]string{"contacts", strconv.FormatInt(id, 10)}, more...)...)
}
