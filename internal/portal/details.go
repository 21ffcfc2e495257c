package portal

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// OwnDetails are what the business knows of the contact who looks.
type OwnDetails struct {
	Name        string
	Email       string // where invitations and notices go
	SignInEmail string // the person's own, the same at every customer
	Phone       string
	Mobile      string
	Role        string // a free label such as Property Manager
	Version     int64
}

// CompanyDetails are the customer's own.
type CompanyDetails struct {
	Number      string
	Name        string
	CompanyName string
	Phone       string
	Mobile      string
	Email       string
	Street      address.Address
	Postal      address.Address
	Version     int64
}

// AdminDetails are how the customer is invoiced; they can be read, not edited.
type AdminDetails struct {
	PaymentTerms          string
	InvoiceDelivery       string
	InvoiceAddress        string
	PurchaseOrderRequired bool
}

// Site is a place of the customer.
type Site struct {
	ID          int64
	Name        string
	Address     address.Address
	SiteContact string
	Archived    bool
	Version     int64
}

// Details are what My Details shows.
type Details struct {
	Own      OwnDetails
	Company  CompanyDetails
	Admin    *AdminDetails // nil while the portal hides them
	Sites    []Site        // the first few in use, by name
	Requests []KeptRequest // about all of it, to the systems that keep it
	InUse    int           // how many sites are in use, exact up to list.MaxCount
	Files    []File        // of the customer itself, the newest first
	Keys     bool          // contacts may have keys for programs of theirs
}

// fewSites is how many sites My Details shows at once.
const fewSites = 12

// Details is everything of My Details.
func (r *Reader) Details(ctx context.Context, v Viewer) (Details, error) {
	var (
		d     Details
		admin []AdminDetails
		sites list.Page[Site]
	)
	err := r.readInOrder(ctx, v, func(b *postgres.Batch) {
		queryOwn(b, &d.Own)
		queryCompany(b, &d.Company)
		postgres.QueryValue(b, &d.Keys, `select contact_keys from portal.settings`, nil)
		postgres.Query(b, &admin, `select payment_terms, invoice_delivery, invoice_address, coalesce(purchase_order_required, false) as purchase_order_required from portal.customer where shows_admin`, nil)
		few := SiteOrders.Read(nil)
		few.Size = fewSites
		list.QueryPage(b, &sites, few, SiteOrders, sitesInUse(""))
		list.QueryCount(b, &d.InUse, sitesInUse(""))
		if len(v.Keepers) > 0 {
			postgres.Query(b, &d.Requests, `
				select id, what, thing, label, coalesce(by, '') as by, changes, at, state, answer from portal.kept_requests
				where kind in ('customers', 'sites') or kind = 'contacts' and row_id = portal.contact_id() order by at desc, id desc limit 10`, nil)
		}
		postgres.Query(b, &d.Files, `
			select `+fileColumns+` from portal.attachments a
			where num_nonnulls(a.job_id, a.quote_id, a.equipment_id, a.message_id) = 0 order by a.uploaded_at desc, a.id desc limit 200`, nil)
	})
	d.Sites = sites.Rows
	if len(admin) > 0 {
		d.Admin = &admin[0]
	}
	return d, err
}

func queryOwn(b *postgres.Batch, into *OwnDetails) {
	postgres.QueryOne(b, into, `select name, email, coalesce(sign_in_email, '') as sign_in_email, phone, mobile, role, version from portal.viewer`, nil)
}

func queryCompany(b *postgres.Batch, into *CompanyDetails) {
	postgres.QueryOne(b, into, `select number, name, company_name, phone, mobile, email, street, postal, version from portal.customer`, nil)
}

// OwnDetails are those of the viewer.
func (r *Reader) OwnDetails(ctx context.Context, v Viewer) (OwnDetails, error) {
	var d OwnDetails
	err := r.readOne(ctx, v, func(b *postgres.Batch) { queryOwn(b, &d) })
	return d, err
}

// CompanyDetails are those of the viewer's customer.
func (r *Reader) CompanyDetails(ctx context.Context, v Viewer) (CompanyDetails, error) {
	var d CompanyDetails
	err := r.readOne(ctx, v, func(b *postgres.Batch) { queryCompany(b, &d) })
	return d, err
}

// SiteOrders are the ways to sort sites.
var SiteOrders = list.Orders{{Key: "name", Expr: `s.name collate "und-x-icu"`, Type: "text"}}

const siteColumns = `s.id, s.name, s.address, s.site_contact, s.archived, s.version`

func sitesInUse(search string) list.Source {
	s := list.Source{Columns: siteColumns, From: "portal.sites s", ID: "s.id"}
	s.Where.And("not s.archived")
	s.Where.Search("(s.search || search_vector(s.site_contact))", search)
	return s
}

// SiteList is a page of sites in use, and how many fit what was searched for.
type SiteList struct {
	list.Page[Site]
	Matching int
}

// Sites lists the customer's sites in use, as far as the viewer sees them.
func (r *Reader) Sites(ctx context.Context, v Viewer, q list.Query) (SiteList, error) {
	var l SiteList
	err := r.read(ctx, v, func(b *postgres.Batch) {
		list.QueryPage(b, &l.Page, q, SiteOrders, sitesInUse(q.Search))
		list.QueryCount(b, &l.Matching, sitesInUse(q.Search))
	})
	return l, err
}

// Site is the site with that id, or apperr.NotFound.
func (r *Reader) Site(ctx context.Context, v Viewer, id int64) (Site, error) {
	var s Site
	err := r.readOne(ctx, v, func(b *postgres.Batch) { querySite(b, &s, id) })
	return s, err
}

func querySite(b *postgres.Batch, into *Site, id int64) {
	postgres.QueryOne(b, into, `select `+siteColumns+` from portal.sites s where s.id = @id`, pgx.NamedArgs{"id": id})
}

// MayEdit reports whether the viewer may edit the site now.
func (s Site) MayEdit(v Viewer) bool { return v.MayEditCompany() && !s.Archived }

// MayNameSites reports whether the viewer may add sites and rename them. One who
// is limited to some would not see what was added, and would learn from a name
// that is taken what the others are called.
func (v Viewer) MayNameSites() bool { return v.MayEditCompany() && v.Permissions.AllSites }

// Caller names the business and how to reach it, for sentences such as
// "Please call …".
func Caller(v Viewer) string { return caller(v) }
