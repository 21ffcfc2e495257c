package officeweb

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/queue"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/page"
)

// QuoteFiles are the files of quotes.
type QuoteFiles struct {
	Pool  *pgxpool.Pool
	Store blob.Store
	Queue *queue.Client
}

// List is the tab Attachments of a quote.
func (h QuoteFiles) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	panel := JobFiles(h).panel(&v, "Contacts who see this quote see the files with Y under Customer View; photos as pictures for the screen, without the place where they were taken.")
	view, err := (Quotes{Pool: h.Pool}).opened(r, v)
	if err != nil {
		return err
	}
	view.Tab, panel.URL = "attachments", route.OfficeQuote(view.Quote.Number, "attachments")
	panel.Files = view.Files
	return page.Render(w, r, http.StatusOK, officeview.AttachmentsOfQuote(view, panel))
}

// on is what the files of the quote in the address hang on.
func (h QuoteFiles) on(r *http.Request) (on attachment.On, back string, err error) {
	q, err := quote.Find(r.Context(), h.Pool, chi.URLParam(r, "number"))
	return attachment.On{Customer: q.CustomerID, Quote: q.ID}, route.OfficeQuote(q.Number, "attachments"), err
}

// Upload adds files to a quote.
func (h QuoteFiles) Upload(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	on, back, err := h.on(r)
	if err != nil {
		return err
	}
	return JobFiles(h).receive(w, r, v, on, back)
}

// Share makes the ticked files of a quote viewable in the customer portal, or
// hides them.
func (h QuoteFiles) Share(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	on, back, err := h.on(r)
	if err != nil {
		return err
	}
	return JobFiles(h).share(w, r, v, on, back)
}
