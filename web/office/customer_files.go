package officeweb

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/customer"
	"fieldgate/internal/fault"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
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
	if panel.Files, err = attachment.List(r.Context(), h.Pool, attachment.On{Customer: head.Customer.ID}); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.AttachmentsOfCustomer(officeview.CustomerFiles{CustomerHead: head, Panel: panel}))
}

// Upload adds files. Those that are refused do not cost the others.
func (h CustomerFiles) Upload(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	c, err := customer.ByNumber(ctx, h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	sent, err := upload.Receive(w, r)
	if err != nil {
		return err
	}
	defer sent.Close()
	err = attachment.Storing(ctx, h.Store, sent.Files, func(kept []attachment.Stored) error {
		return postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
			return attachment.Add(ctx, tx, v.Actor(), h.Queue, attachment.On{Customer: c.ID}, kept)
		})
	})
	if err != nil {
		return err
	}
	session.Flash(ctx, strings.Join(append([]string{added(len(sent.Files), len(sent.Refused))}, sent.Reasons()...), "\n"))
	return page.See(w, r, route.OfficeCustomer(c.Number, "attachments"))
}

// Share makes the ticked files viewable in the customer portal, or hides them.
func (h CustomerFiles) Share(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	c, err := customer.ByNumber(ctx, h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	ticked, choice := form.Many(r, "attachment"), form.Text(r, "visible")
	if choice != "yes" && choice != "no" {
		return fault.Refuse("Choose whether the files are viewable or hidden.")
	}
	visible := choice == "yes"
	var changed int
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
		changed, err = attachment.Share(ctx, tx, v.Actor(), attachment.On{Customer: c.ID}, ticked, visible)
		return err
	})
	if err != nil {
		return err
	}
	session.Flash(ctx, shared(len(ticked), changed, visible))
	return page.See(w, r, route.OfficeCustomer(c.Number, "attachments"))
}
