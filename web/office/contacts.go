package officeweb

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/list"
	"fieldgate/internal/notify"
	"fieldgate/internal/password"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Contacts are the screens of a customer's contacts and of their access to the portal.
type Contacts struct {
	Pool    *pgxpool.Pool
	Notify  *notify.Notifier
	Hasher  *password.Hasher
	Session *session.Manager
	BaseURL string // in front of links that are passed on by hand
}

// List is the tab Contacts of a customer.
func (h Contacts) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Customers{DB: h.Pool}.head(r.Context(), v, chi.URLParam(r, "number"), "contacts")
	if err != nil {
		return err
	}
	number := head.Customer.Number
	view, err := h.list(r, v, head.Customer.ID)
	if err != nil {
		return err
	}
	view.Customer, view.Listing.URL, view.Export = number, route.OfficeCustomer(number, "contacts"), route.OfficeCustomer(number, "contacts.csv")
	return page.Render(w, r, http.StatusOK, officeview.Contacts(officeview.ContactsTab{CustomerHead: head, List: view}))
}

// All is the list of all customers' contacts.
func (h Contacts) All(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	view, err := h.list(r, v, 0)
	if err != nil {
		return err
	}
	view.Listing.URL, view.Export = route.OfficeContacts, route.OfficeContactsCSV
	return page.Render(w, r, http.StatusOK, officeview.ContactsOfAll(officeview.AllContacts{Page: officeview.Page(v, "Contacts", route.OfficeCustomers), List: view}))
}

func (h Contacts) list(r *http.Request, v staff.Viewer, of int64) (view officeview.ContactsList, err error) {
	q, f := contactQuery(r, of)
	view = officeview.ContactsList{Filter: f, Format: v.Format, Listing: officeview.Listing{Orders: contact.Orders, Query: q, Filters: map[string]string{
		"show": string(f.Show), "preset": f.Preset, "waiting": officeview.WaitingValue(f.Waiting),
	}}}
	if view.Contacts, err = contact.List(r.Context(), h.Pool, q, f); err != nil {
		return view, err
	}
	view.Counts, err = contact.Counts(r.Context(), h.Pool, q, f)
	return view, err
}

// contactQuery reads what the address of a list asks for; of is a customer's id, or 0.
func contactQuery(r *http.Request, of int64) (list.Query, contact.Filter) {
	values := r.URL.Query()
	f := contact.Filter{Customer: of}
	if show := contact.Show(values.Get("show")); slices.Contains(contact.Shows, show) {
		f.Show = show
	}
	if _, ok := contact.PresetRights(values.Get("preset")); ok || values.Get("preset") == contact.Custom {
		f.Preset = values.Get("preset")
	}
	if days, err := strconv.Atoi(values.Get("waiting")); err == nil && days > 0 && days <= 3650 {
		f.Waiting = days
	}
	return contact.Orders.Read(values), f
}

// Export is a customer's list as a file.
func (h Contacts) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	cu, err := customer.ByNumber(r.Context(), h.Pool, chi.URLParam(r, "number"))
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
	when := func(at *time.Time) string {
		if at == nil {
			return ""
		}
		return v.Format.Local(*at).Format("2006-01-02 15:04")
	}
	return export.List(w, r, name, v.Format.Today(), q,
		func(q list.Query) (list.Page[row], error) { return contact.List(r.Context(), h.Pool, q, f) },
		[]export.Column[row]{
			{Head: "Customer number", Cell: func(c row) string { return c.CustomerNumber }},
			{Head: "Customer", Cell: func(c row) string { return c.CustomerName }},
			{Head: "Contact Name", Cell: func(c row) string { return c.Name }},
			{Head: "Email Address", Cell: func(c row) string { return c.Email }},
			{Head: "Phone", Cell: func(c row) string { return c.Phone }},
			{Head: "Mobile", Cell: func(c row) string { return c.Mobile }},
			{Head: "Role", Cell: func(c row) string { return c.Role }},
			{Head: "Default contact", Cell: func(c row) string { return officeview.YesNo(c.Default) }},
			{Head: "Portal access", Cell: func(c row) string { return c.Access.Words() }},
			{Head: "Permissions", Cell: func(c row) string { return officeview.ListedRights(c.Contact) }},
			{Head: "Invited", Cell: func(c row) string { return when(c.InvitedAt) }},
			{Head: "Last sign-in", Cell: func(c row) string { return when(c.LastSignInAt) }},
			{Head: "Notes", Cell: func(c row) string { return c.Notes }},
			{Head: "Archived", Cell: func(c row) string { return officeview.YesNo(c.Archived() || c.CustomerArchived) }},
		})
}

// Show is one contact.
func (h Contacts) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	cu, c, err := h.find(r)
	if err != nil {
		return err
	}
	sites, err := site.Of(r.Context(), h.Pool, cu.ID, true)
	if err != nil {
		return err
	}
	view := officeview.ContactPage{
		Page: officeview.Page(v, c.Name, route.OfficeCustomers), Number: cu.Number, CustomerName: cu.Name, CustomerGone: cu.Archived(), Contact: c, Format: v.Format,
		SiteNames: siteNames(sites, c.Sites),
	}
	return page.Render(w, r, http.StatusOK, officeview.Contact(view))
}

func (h Contacts) find(r *http.Request) (customer.Customer, contact.Contact, error) {
	cu, err := customer.ByNumber(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return cu, contact.Contact{}, err
	}
	id, err := pathID(r, "contact")
	if err != nil {
		return cu, contact.Contact{}, err
	}
	c, err := contact.ByID(r.Context(), h.Pool, cu.ID, id)
	return cu, c, err
}

func contactURL(number string, id int64, more ...string) string {
	return route.OfficeCustomer(number, append([]string{"contacts", strconv.FormatInt(id, 10)}, more...)...)
}
