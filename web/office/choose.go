package officeweb

import (
	"net/http"
	"net/url"

	"fieldgate/internal/customer"
	"fieldgate/internal/postgres"
	officeview "fieldgate/templates/office"
	"fieldgate/web/page"
)

// choose asks for a customer, found by a search.
func choose(w http.ResponseWriter, r *http.Request, db postgres.DB, view officeview.Choosing) error {
	q := customer.Orders.Read(url.Values{"q": r.URL.Query()["q"]})
	q.Size = 20
	customers, err := customer.List(r.Context(), db, q, customer.Filter{})
	if err != nil {
		return err
	}
	view.Search, view.More = q.Search, customers.Next != ""
	for _, c := range customers.Rows {
		if c.Number == view.Except {
			continue
		}
		detail := c.Number
		for _, more := range []string{c.CompanyName, c.City} {
			if more != "" {
				detail += " · " + more
			}
		}
		view.Customers = append(view.Customers, officeview.ForCustomer{Number: c.Number, Name: c.Name, Detail: detail, OnHold: c.OnHold})
	}
	return page.Render(w, r, http.StatusOK, officeview.Choose(view))
}
