package officeweb

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/company"
	"fieldgate/internal/customer"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
)

// What is a customer's stands under the customer: the lists of the business,
// narrowed to theirs, with everything that the lists can do.

// OfCustomer is the tab Jobs of a customer.
func (h Jobs) OfCustomer(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.list(w, r, v, chi.URLParam(r, "number"))
}

// OfCustomer is the tab Quotes of a customer.
func (h Quotes) OfCustomer(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.list(w, r, v, chi.URLParam(r, "number"))
}

// OfCustomer is the tab Equipment of a customer.
func (h Equipment) OfCustomer(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.list(w, r, v, chi.URLParam(r, "number"))
}

// customerHead is the top of a customer's tab; queryCustomerHead completes it.
func customerHead(v staff.Viewer, c customer.Customer, tab string) officeview.CustomerHead {
	return officeview.CustomerHead{Page: officeview.Page(v, c.Name, route.OfficeCustomers), Customer: c, Tab: tab}
}

func queryCustomerHead(b *postgres.Batch, head *officeview.CustomerHead) {
	customer.QueryTally(b, &head.Tally, head.Customer.Number)
	company.QueryPhone(b, &head.Phone)
}

func ofCustomer(head officeview.CustomerHead, tab string) officeview.Listing {
	number := head.Customer.Number
	return officeview.Listing{URL: route.OfficeCustomer(number, tab), Of: map[string]string{"customer": number}}
}
