package officeweb

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/customer"
	"fieldgate/internal/queue"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/page"
)

// CustomerFiles are the files that hang on a customer itself.
type CustomerFiles struct {
	Pool  *pgxpool.Pool
	Store blob.Store
	Queue *queue.Client
}

// List is the tab Attachments of a customer.
func (h CustomerFiles) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	panel := JobFiles(h).panel(&v, "Files with Y under Customer View stand under My Details in the portal, for contacts who see all jobs or all quotes and are not limited to sites.")
	head, err := Customers{h.Pool}.head(r.Context(), v, chi.URLParam(r, "number"), "attachments")
	if err != nil {
		return err
	}
	panel.URL = route.OfficeCustomer(head.Customer.Number, "attachments")
	if panel.Files, err = attachment.All(r.Context(), h.Pool, attachment.On{Customer: head.Customer.ID}); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.AttachmentsOfCustomer(officeview.CustomerFiles{CustomerHead: head, Panel: panel}))
}

// Upload adds files.
func (h CustomerFiles) Upload(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	c, err := customer.ByNumber(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	return JobFiles(h).receive(w, r, v, attachment.On{Customer: c.ID}, route.OfficeCustomer(c.Number, "attachments"))
}

// Share makes the ticked files viewable in the customer portal, or hides them.
func (h CustomerFiles) Share(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	c, err := customer.ByNumber(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	return JobFiles(h).share(w, r, v, attachment.On{Customer: c.ID}, route.OfficeCustomer(c.Number, "attachments"))
}
