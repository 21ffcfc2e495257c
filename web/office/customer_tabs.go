package officeweb

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
)

// What is a customer's stands under the customer: the lists of the business,
// narrowed to theirs, with everything that the lists can do.

// OfCustomer is the tab Jobs of a customer.
func (h Jobs) OfCustomer(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Customers{DB: h.Pool}.head(r.Context(), v, chi.URLParam(r, "number"), "jobs")
	if err != nil {
		return err
	}
	return h.list(w, r, v, officeview.JobsList{Page: head.Page, Of: &head, Listing: ofCustomer(head, "jobs")})
}

// OfCustomer is the tab Quotes of a customer.
func (h Quotes) OfCustomer(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Customers{DB: h.Pool}.head(r.Context(), v, chi.URLParam(r, "number"), "quotes")
	if err != nil {
		return err
	}
	return h.list(w, r, v, officeview.QuotesList{Page: head.Page, Of: &head, Listing: ofCustomer(head, "quotes")})
}

// OfCustomer is the tab Equipment of a customer.
func (h Equipment) OfCustomer(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Customers{DB: h.Pool}.head(r.Context(), v, chi.URLParam(r, "number"), "equipment")
	if err != nil {
		return err
	}
	return h.list(w, r, v, officeview.EquipmentList{Page: head.Page, Of: &head, Listing: ofCustomer(head, "equipment")})
}

func ofCustomer(head officeview.CustomerHead, tab string) officeview.Listing {
	number := head.Customer.Number
	return officeview.Listing{URL: route.OfficeCustomer(number, tab), Of: map[string]string{"customer": number}}
}
