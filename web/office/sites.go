package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/customer"
	"fieldgate/internal/exchange"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/office"
	"fieldgate/internal/overview"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Sites are the screens of a customer's sites.
type Sites struct {
	DB     postgres.DB
	Office *office.Service
}

// List is the tab Sites.
func (h Sites) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Customers(h).head(r.Context(), v, chi.URLParam(r, "number"), "sites")
	if err != nil {
		return err
	}
	filters, archived := archivedFilter(r)
	q := site.Orders.Read(r.URL.Query())
	sites, err := site.List(r.Context(), h.DB, q, head.Customer.ID, archived)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Sites(officeview.SitesTab{
		CustomerHead: head, Sites: sites, Archived: archived,
		Listing: officeview.Listing{URL: route.OfficeCustomer(head.Customer.Number, "sites"), Orders: site.Orders, Query: q, Filters: filters},
	}))
}

// archivedFilter reads whether a list shows what is archived.
func archivedFilter(r *http.Request) (filters map[string]string, archived bool) {
	archived = r.URL.Query().Get("show") == "archived"
	if archived {
		filters = map[string]string{"show": "archived"}
	}
	return filters, archived
}

// pathID is an id in the address, or apperr.NotFound.
func pathID(r *http.Request, name string) (int64, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, name), 10, 64)
	if err != nil || id <= 0 {
		return 0, apperr.NotFound
	}
	return id, nil
}

// New is the form of a new site.
func (h Sites) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	c, err := customer.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	return h.form(w, r, v, c, officeview.SiteForm{Nonce: form.NewNonce()}, nil)
}

// Create adds a site.
func (h Sites) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	c, err := customer.FindByNumber(ctx, h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	f := officeview.SiteForm{Details: siteDetails(r), Nonce: form.Nonce(r)}
	_, err = h.Office.CreateSite(ctx, v, site.New{Customer: c.ID, Details: f.Details, Nonce: f.Nonce})
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.form(w, r, v, c, f, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, f.Name+" was added.")
	return page.Redirect(w, r, route.OfficeCustomer(c.Number, "sites"))
}

// Export is the list of sites as a file.
func (h Sites) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	c, err := customer.FindByNumber(ctx, h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	_, archived := archivedFilter(r)
	type row = site.Row
	return export.Records(w, r, "sites-"+c.Number, v.Format.Today(), site.Orders.Read(r.URL.Query()),
		func(q list.Query) (list.Page[row], error) { return site.List(ctx, h.DB, q, c.ID, archived) },
		[]export.Column[row]{
			{Head: "Site", Cell: func(s row) string { return s.Name }},
			{Head: "Address line 1", Cell: func(s row) string { return s.Address.Line1 }},
			{Head: "Address line 2", Cell: func(s row) string { return s.Address.Line2 }},
			{Head: "Town or city", Cell: func(s row) string { return s.Address.City }},
			{Head: "State or region", Cell: func(s row) string { return s.Address.Region }},
			{Head: "Postcode", Cell: func(s row) string { return s.Address.Postcode }},
			{Head: "Country", Cell: func(s row) string { return s.Address.Country }},
			{Head: site.Field.SiteContact.Label, Cell: func(s row) string { return s.SiteContact }},
			{Head: site.Field.AccessInstructions.Label, Cell: func(s row) string { return s.AccessInstructions }},
			{Head: "Open jobs", Cell: func(s row) string { return ui.Count(s.OpenJobs) }},
			{Head: "Equipment", Cell: func(s row) string { return ui.Count(s.Equipment) }},
		}, export.Whole[row]{Kind: exchange.Sites, DB: h.DB, Format: v.Format, ID: func(r row) int64 { return r.ID }})
}

// Show is the page of a site.
func (h Sites) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.theirs(r)
	if err != nil {
		return err
	}
	today := v.Format.Today()
	view := officeview.SitePage{Page: officeview.Page(v, t.Site.Name, route.OfficeCustomers), Customer: t.Customer, Site: t.Site, Format: v.Format, Today: today}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		site.QueryTally(b, &view.Tally, t.Site.ID)
		queryOrigin(b, v, &view.Origin, keeper.Sites, t.Site.ID)
		overview.QueryAtSite(b, &view.Here, t.ID, t.Site.ID, today, today.Time(v.Format.Zone()))
	})
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Site(view))
}

// Edit is the form of a site.
func (h Sites) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	c, s, err := h.find(r)
	if err != nil {
		return err
	}
	return h.form(w, r, v, c, officeview.SiteForm{ID: s.ID, Archived: s.Archived(), Details: s.Details, Version: s.Version}, nil)
}

func (h Sites) find(r *http.Request) (c customer.Customer, s site.Site, err error) {
	id, err := pathID(r, "site")
	if err != nil {
		return c, s, err
	}
	number := chi.URLParam(r, "number")
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		customer.QueryByNumber(b, &c, number)
		site.QueryFind(b, &s, number, id)
	})
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
	err = h.Office.EditSite(ctx, v, c.ID, s.ID, f.Version, f.Details)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.form(w, r, v, c, f, problems)
	}
	if errors.Is(err, apperr.Stale) {
		if s, err = site.Find(ctx, h.DB, c.ID, s.ID); err != nil {
			return err
		}
		if f.EditConflict, err = editConflict(ctx, h.DB, v.Format, "site", s.ID, f.Version, site.Fields); err != nil {
			return err
		}
		f.Version, f.Archived, f.EditConflict = s.Version, s.Archived(), archivedInWords(f.EditConflict)
		return h.form(w, r, v, c, f, nil)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, f.Name+" was saved.")
	return page.Redirect(w, r, theirs{c, s}.url())
}

func siteDetails(r *http.Request) site.Details {
	return site.Details{Name: form.Text(r, "name"), Address: form.Address(r, "address"), SiteContact: form.Text(r, "site_contact"), AccessInstructions: form.Long(r, "access_instructions")}
}

func (h Sites) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, c customer.Customer, f officeview.SiteForm, problems problem.Set) error {
	title := "New site"
	if f.ID != 0 {
		title = "Edit site"
	}
	f.Page, f.Number, f.CustomerName, f.Problems = officeview.Page(v, title, route.OfficeCustomers), c.Number, c.Name, problems
	return page.Render(w, r, formStatus(problems, f.EditConflict), officeview.EditSite(f))
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

// AskArchive asks before a site is archived.
func (h Sites) AskArchive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.OfficeCustomers, h.theirs, func(t theirs) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Archive " + t.Site.Name + "?", Text: "Nobody can ask for new work at this site. What was done there stays visible.",
			Points: []string{"You can restore the site at any time."},
			Action: t.url("archive"), Label: "Archive", Look: ui.Danger, BackURL: t.url(), BackLabel: t.Site.Name,
		}
	})
}

// AskRestore asks before a site is restored.
func (h Sites) AskRestore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.OfficeCustomers, h.theirs, func(t theirs) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Restore " + t.Site.Name + "?", Text: "The site is offered again for new jobs, quotes and equipment.",
			Action: t.url("restore"), Label: "Restore", Look: ui.Primary, BackURL: t.url(), BackLabel: t.Site.Name,
		}
	})
}

// Archive archives a site.
func (h Sites) Archive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.theirs(r)
	if err != nil {
		return err
	}
	return done(w, r, t.Site.Name+" was archived.", t.url(), h.Office.ArchiveSite(r.Context(), v, t.ID, t.Site.ID))
}

// Restore offers an archived site again.
func (h Sites) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.theirs(r)
	if err != nil {
		return err
	}
	return done(w, r, t.Site.Name+" was restored.", t.url(), h.Office.RestoreSite(r.Context(), v, t.ID, t.Site.ID))
}
