package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/customer"
	"fieldgate/internal/fault"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Sites are the screens of a customer's sites.
type Sites struct{ Pool *pgxpool.Pool }

// List is the tab Sites.
func (h Sites) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Customers(h).head(r.Context(), v, chi.URLParam(r, "number"), "sites")
	if err != nil {
		return err
	}
	filters, archived := archivedFilter(r)
	q := site.Orders.Read(r.URL.Query())
	sites, err := site.List(r.Context(), h.Pool, q, head.Customer.ID, archived)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Sites(officeview.SitesTab{
		CustomerHead: head, Sites: sites, Archived: archived,
		Listing: officeview.Listing{URL: route.OfficeCustomer(head.Customer.Number, "sites"), Orders: site.Orders, Query: q, Filters: filters},
	}))
}

// archivedFilter reads whether a list shows what was put away.
func archivedFilter(r *http.Request) (filters map[string]string, archived bool) {
	archived = r.URL.Query().Get("show") == "archived"
	if archived {
		filters = map[string]string{"show": "archived"}
	}
	return filters, archived
}

// pathID is an id in the address, or fault.NotFound.
func pathID(r *http.Request, name string) (int64, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, name), 10, 64)
	if err != nil || id <= 0 {
		return 0, fault.NotFound
	}
	return id, nil
}

// New is the form of a new site.
func (h Sites) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	c, err := customer.ByNumber(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	return h.form(w, r, v, c, officeview.SiteForm{Nonce: form.NewNonce()}, nil)
}

// Create adds a site.
func (h Sites) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	c, err := customer.ByNumber(ctx, h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	f := officeview.SiteForm{Details: siteDetails(r), Nonce: form.Nonce(r)}
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		_, err := site.Create(ctx, tx, v.Actor(), site.New{Customer: c.ID, Details: f.Details, Nonce: f.Nonce})
		return err
	})
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.form(w, r, v, c, f, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, f.Name+" was added.")
	return page.See(w, r, route.OfficeCustomer(c.Number, "sites"))
}

// Edit is the form of a site.
func (h Sites) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	c, s, err := h.find(r)
	if err != nil {
		return err
	}
	return h.form(w, r, v, c, officeview.SiteForm{ID: s.ID, Archived: s.Archived(), Details: s.Details, Version: s.Version}, nil)
}

func (h Sites) find(r *http.Request) (customer.Customer, site.Site, error) {
	c, err := customer.ByNumber(r.Context(), h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return c, site.Site{}, err
	}
	id, err := pathID(r, "site")
	if err != nil {
		return c, site.Site{}, err
	}
	s, err := site.ByID(r.Context(), h.Pool, c.ID, id)
	return c, s, err
}

// Update saves a site.
func (h Sites) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	c, s, err := h.find(r)
	if err != nil {
		return err
	}
	f := officeview.SiteForm{ID: s.ID, Archived: s.Archived(), Details: siteDetails(r), Version: form.Version(r)}
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		return site.Edit(ctx, tx, v.Actor(), c.ID, s.ID, f.Version, f.Details)
	})
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.form(w, r, v, c, f, problems)
	}
	if errors.Is(err, fault.Stale) {
		if s, err = site.ByID(ctx, h.Pool, c.ID, s.ID); err != nil {
			return err
		}
		if f.Meanwhile, err = meanwhile(ctx, h.Pool, v.Format, "site", s.ID, f.Version, siteLabels); err != nil {
			return err
		}
		f.Version, f.Archived = s.Version, s.Archived()
		return h.form(w, r, v, c, f, nil)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, f.Name+" was saved.")
	return page.See(w, r, route.OfficeCustomer(c.Number, "sites"))
}

var siteLabels = []labelled{{"name", "Name"}, {"address", "Address"}, {"site_contact", "Site contact"}, {"access_instructions", "Access instructions"}}

func siteDetails(r *http.Request) site.Details {
	return site.Details{Name: form.Text(r, "name"), Address: form.Address(r, "address"), SiteContact: form.Text(r, "site_contact"), AccessInstructions: form.Long(r, "access_instructions")}
}

func (h Sites) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, c customer.Customer, f officeview.SiteForm, problems problem.Set) error {
	title := "New site"
	if f.ID != 0 {
		title = "Edit site"
	}
	f.Page, f.Number, f.CustomerName, f.Problems = officeview.Page(v, title, route.OfficeCustomers), c.Number, c.Name, problems
	return page.Render(w, r, formStatus(problems, f.Meanwhile), officeview.EditSite(f))
}

// theirs is a site with whose it is.
type theirs struct {
	customer.Customer
	Site site.Site
}

func (t theirs) url(tail ...string) string {
	return route.OfficeCustomer(t.Number, append([]string{"sites", strconv.FormatInt(t.Site.ID, 10)}, tail...)...)
}

func (h Sites) theirs(r *http.Request) (theirs, error) {
	c, s, err := h.find(r)
	return theirs{c, s}, err
}

// AskArchive asks before a site is put away.
func (h Sites) AskArchive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.OfficeCustomers, h.theirs, func(t theirs) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Archive " + t.Site.Name + "?", Text: "Nothing new can be asked for at this site. What was done there stays visible to those who see it now.",
			Points: []string{"You can restore the site at any time."},
			Action: t.url("archive"), Label: "Archive", Look: ui.Danger, BackURL: t.url(), BackLabel: t.Site.Name,
		}
	})
}

// AskRestore asks before a site is fetched back.
func (h Sites) AskRestore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.OfficeCustomers, h.theirs, func(t theirs) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Restore " + t.Site.Name + "?", Text: "The site is offered again for new jobs, quotes and equipment.",
			Action: t.url("restore"), Label: "Restore", Look: ui.Primary, BackURL: t.url(), BackLabel: t.Site.Name,
		}
	})
}

// Archive puts a site away.
func (h Sites) Archive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.archive(w, r, v, true, " was archived.")
}

// Restore fetches a site back.
func (h Sites) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.archive(w, r, v, false, " was restored.")
}

func (h Sites) archive(w http.ResponseWriter, r *http.Request, v staff.Viewer, away bool, words string) error {
	t, err := h.theirs(r)
	if err != nil {
		return err
	}
	return do(w, r, h.Pool, t.Site.Name+words, route.OfficeCustomer(t.Number, "sites"), func(tx postgres.Tx) error {
		return site.Archive(r.Context(), tx, v.Actor(), t.ID, t.Site.ID, away)
	})
}
