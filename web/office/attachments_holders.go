package officeweb

import (
	"context"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/attachment"
	"fieldgate/internal/customer"
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
)

// held is something that files hang on.
type held struct {
	on      attachment.On
	name    string // as people call it: J-1001
	tab     string // the address of its tab Attachments
	section string // of the office that it belongs to
}

// Holder is a kind of thing that files hang on.
type Holder struct {
	Pattern string // of its page in the office
	seen    string // who sees a shared file
	find    func(context.Context, *pgxpool.Pool, *http.Request) (held, error)
	tab     func(Files, *http.Request, staff.Viewer, officeview.AttachmentsPanel) (templ.Component, error)
}

const seenBy = "Contacts who see this %s see the files with Y under Customer View; photos as pictures for the screen, without the place where they were taken."

// Holders are what files can hang on.
var Holders = []Holder{
	{
		"/office/jobs/{number}", fmt.Sprintf(seenBy, "job"),
		func(ctx context.Context, pool *pgxpool.Pool, r *http.Request) (held, error) {
			j, err := job.FindByNumber(ctx, pool, chi.URLParam(r, "number"))
			return held{attachment.On{Customer: j.CustomerID, Job: j.ID}, j.Number, route.OfficeJob(j.Number, "attachments"), route.OfficeJobs}, err
		},
		func(h Files, r *http.Request, v staff.Viewer, p officeview.AttachmentsPanel) (templ.Component, error) {
			head, err := Jobs{DB: h.Pool, Office: h.Office}.head(r, v, "attachments")
			return officeview.AttachmentsOfJob(head, p), err
		},
	},
	{
		"/office/quotes/{number}", fmt.Sprintf(seenBy, "quote"),
		func(ctx context.Context, pool *pgxpool.Pool, r *http.Request) (held, error) {
			q, err := quote.Find(ctx, pool, chi.URLParam(r, "number"))
			return held{attachment.On{Customer: q.CustomerID, Quote: q.ID}, q.Number, route.OfficeQuote(q.Number, "attachments"), route.OfficeQuotes}, err
		},
		func(h Files, r *http.Request, v staff.Viewer, p officeview.AttachmentsPanel) (templ.Component, error) {
			view, err := (Quotes{Pool: h.Pool}).opened(r, v)
			view.Tab = "attachments"
			return officeview.AttachmentsOfQuote(view, p), err
		},
	},
	{
		"/office/equipment/{id}", fmt.Sprintf(seenBy, "equipment"),
		func(ctx context.Context, pool *pgxpool.Pool, r *http.Request) (held, error) {
			e, err := equipment.FindByPublicID(ctx, pool, chi.URLParam(r, "id"))
			return held{attachment.On{Customer: e.CustomerID, Equipment: e.ID}, e.Number, route.OfficeEquipmentItem(e.PublicID, "attachments"), route.OfficeEquipment}, err
		},
		func(h Files, r *http.Request, v staff.Viewer, p officeview.AttachmentsPanel) (templ.Component, error) {
			head, err := Equipment{DB: h.Pool, Office: h.Office}.head(r, v, "attachments")
			return officeview.AttachmentsOfEquipment(head, p), err
		},
	},
	{
		"/office/customers/{number}", "Files with Y under Customer View stand under My Details in the portal, for contacts who see all jobs or all quotes and are not limited to sites.",
		func(ctx context.Context, pool *pgxpool.Pool, r *http.Request) (held, error) {
			c, err := customer.ByNumber(ctx, pool, chi.URLParam(r, "number"))
			return held{attachment.On{Customer: c.ID}, c.Number, route.OfficeCustomer(c.Number, "attachments"), route.OfficeCustomers}, err
		},
		func(h Files, r *http.Request, v staff.Viewer, p officeview.AttachmentsPanel) (templ.Component, error) {
			head, err := Customers{DB: h.Pool}.head(r.Context(), v, chi.URLParam(r, "number"), "attachments")
			return officeview.AttachmentsOfCustomer(head, p), err
		},
	},
}
