package officeweb

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/auth"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/notify"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Contacts are the screens of a customer's contacts and of their access to the portal.
type Contacts struct {
	Pool    *pgxpool.Pool
	Notify  *notify.Notifier
	Hasher  *auth.Hasher
	Session *session.Manager
	BaseURL string // in front of links that are passed on by hand
}

// List is the tab Contacts.
func (h Contacts) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Customers{h.Pool}.head(r.Context(), v, chi.URLParam(r, "number"), "contacts")
	if err != nil {
		return err
	}
	filters, archived := archivedFilter(r)
	q := contact.Orders.Read(r.URL.Query())
	contacts, err := contact.List(r.Context(), h.Pool, q, head.Customer.ID, archived)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Contacts(officeview.ContactsTab{
		CustomerHead: head, Contacts: contacts, Archived: archived, Format: v.Format,
		Listing: officeview.Listing{URL: route.OfficeCustomer(head.Customer.Number, "contacts"), Orders: contact.Orders, Query: q, Filters: filters},
	}))
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
	}
	for _, s := range sites {
		if slices.Contains(c.Sites, s.ID) {
			view.SiteNames = append(view.SiteNames, s.Name)
		}
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
