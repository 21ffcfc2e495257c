package officeweb

import (
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/customer"
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
)

// holder is something that has files.
type holder struct {
	on      attachment.On
	name    string              // as people call it: J-1001
	tab     string              // the address of its tab Attachments
	section string              // of the office that it belongs to
	place   attachment.Document // where its documents hold unless somebody says otherwise
	told    officeview.Told
}

// Holder is a kind of thing that has files.
type Holder struct {
	Pattern string // of its page in the office
	seen    string // who sees a shared file
	// find is the one that the address names.
	find func(Files, *http.Request) (holder, error)
	// tab is its tab Attachments. What files asks for is read together with the
	// head of the page, and then panel is what stands below it.
	tab func(h Files, r *http.Request, v staff.Viewer, files func(*postgres.Batch, holder), panel func(holder) officeview.AttachmentsPanel) (templ.Component, error)
}

const seenBy = "Contacts who see this %s see the files with Y under Customer View; photos as pictures for the screen, without the place where they were taken."

func jobHolder(j job.Job) holder {
	return holder{attachment.On{Customer: j.CustomerID, Job: j.ID}, j.Number, route.OfficeJob(j.Number, "attachments"), route.OfficeJobs, attachment.Document{Site: j.SiteID}, toldOfJob(j, route.OfficeJob(j.Number, "attachments"))}
}

func quoteHolder(q quote.Quote) holder {
	return holder{filesOf(q), q.Number, route.OfficeQuote(q.Number, "attachments"), route.OfficeQuotes, attachment.Document{Site: q.SiteID}, toldOfQuote(q, route.OfficeQuote(q.Number, "attachments"))}
}

func equipmentHolder(e equipment.Item) holder {
	return holder{attachment.On{Customer: e.CustomerID, Equipment: e.ID}, e.Number, route.OfficeEquipmentItem(e.PublicID, "attachments"), route.OfficeEquipment, attachment.Document{Equipment: e.ID}, officeview.Told{Thing: "equipment", Customer: e.CustomerNumber}}
}

func customerHolder(c customer.Customer) holder {
	return holder{attachment.On{Customer: c.ID}, c.Number, route.OfficeCustomer(c.Number, "attachments"), route.OfficeCustomers, attachment.Document{}, officeview.Told{Thing: "customer", Customer: c.Number}}
}

// Holders are what can have files.
var Holders = []Holder{
	{
		"/office/jobs/{number}", fmt.Sprintf(seenBy, "job"),
		func(h Files, r *http.Request) (holder, error) {
			j, err := job.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
			return jobHolder(j), err
		},
		func(h Files, r *http.Request, v staff.Viewer, files func(*postgres.Batch, holder), panel func(holder) officeview.AttachmentsPanel) (templ.Component, error) {
			head, err := Jobs{DB: h.DB, Office: h.Office, Renderer: h.Renderer}.head(r, v, "attachments", func(b *postgres.Batch, j job.Job) { files(b, jobHolder(j)) })
			if err != nil {
				return nil, err
			}
			return officeview.AttachmentsOfJob(head, panel(jobHolder(head.Job))), nil
		},
	},
	{
		"/office/quotes/{number}", fmt.Sprintf(seenBy, "quote"),
		func(h Files, r *http.Request) (holder, error) {
			q, err := quote.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
			return quoteHolder(q), err
		},
		func(h Files, r *http.Request, v staff.Viewer, files func(*postgres.Batch, holder), panel func(holder) officeview.AttachmentsPanel) (templ.Component, error) {
			q, err := quote.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
			if err != nil {
				return nil, err
			}
			head, err := Quotes{DB: h.DB, Office: h.Office}.head(r, v, q, "attachments", func(b *postgres.Batch) { files(b, quoteHolder(q)) })
			if err != nil {
				return nil, err
			}
			return officeview.AttachmentsOfQuote(head, panel(quoteHolder(q))), nil
		},
	},
	{
		"/office/equipment/{id}", fmt.Sprintf(seenBy, "equipment"),
		func(h Files, r *http.Request) (holder, error) {
			e, err := equipment.FindByPublicID(r.Context(), h.DB, chi.URLParam(r, "id"))
			return equipmentHolder(e), err
		},
		func(h Files, r *http.Request, v staff.Viewer, files func(*postgres.Batch, holder), panel func(holder) officeview.AttachmentsPanel) (templ.Component, error) {
			head, err := Equipment{DB: h.DB, Office: h.Office}.head(r, v, "attachments", func(b *postgres.Batch, e equipment.Item) { files(b, equipmentHolder(e)) })
			if err != nil {
				return nil, err
			}
			return officeview.AttachmentsOfEquipment(head, panel(equipmentHolder(head.Item))), nil
		},
	},
	{
		"/office/customers/{number}", "Files with Y under Customer View stand under My Details in the portal, for contacts who see all jobs or all quotes and are not limited to sites.",
		func(h Files, r *http.Request) (holder, error) {
			c, err := customer.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
			return customerHolder(c), err
		},
		func(h Files, r *http.Request, v staff.Viewer, files func(*postgres.Batch, holder), panel func(holder) officeview.AttachmentsPanel) (templ.Component, error) {
			c, err := customer.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
			if err != nil {
				return nil, err
			}
			head := customerHead(v, c, "attachments")
			err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
				queryCustomerHead(b, &head)
				files(b, customerHolder(c))
			})
			if err != nil {
				return nil, err
			}
			return officeview.AttachmentsOfCustomer(head, panel(customerHolder(c))), nil
		},
	},
}
