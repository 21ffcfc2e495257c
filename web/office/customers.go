package officeweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/company"
	"fieldgate/internal/customer"
	"fieldgate/internal/exchange"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/office"
	"fieldgate/internal/overview"
	"fieldgate/internal/portal/settings"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Customers are the screens of customers themselves.
type Customers struct {
	DB     postgres.DB
	Office *office.Service
}

// List is the list of customers.
func (h Customers) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, f := customerQuery(r)
	view := officeview.CustomersList{Page: officeview.Page(v, "Customers", route.OfficeCustomers), Filter: f}
	var err error
	if q.Found, err = list.Look(r.Context(), h.DB, q.Search, customer.Words); err != nil {
		return err
	}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		view.Counts = customer.QueryList(b, &view.Customers, q, f)
		customer.QueryTypes(b, &view.Types)
		customer.QueryManagers(b, &view.Managers, f.Manager)
	})
	if err != nil {
		return err
	}
	view.Listing = officeview.Listing{URL: route.OfficeCustomers, Orders: customer.Orders, Query: q, Filters: map[string]string{
		"show": string(f.Show), "type": f.Type, "portal": string(f.Portal), "manager": officeview.ManagerValue(f.Manager),
	}}
	return page.Render(w, r, http.StatusOK, officeview.Customers(view))
}

// customerQuery reads what the list's address asks for.
func customerQuery(r *http.Request) (list.Query, customer.Filter) {
	values := r.URL.Query()
	f := customer.Filter{Type: form.Line(values.Get("type"))}
	if show := customer.Show(values.Get("show")); slices.Contains(customer.Shows, show) {
		f.Show = show
	}
	if portal := customer.Portal(values.Get("portal")); portal == customer.Access || portal == customer.NoAccess {
		f.Portal = portal
	}
	if manager := values.Get("manager"); manager == officeview.ManagerValue(customer.Nobody) {
		f.Manager = customer.Nobody
	} else if id, err := strconv.ParseInt(manager, 10, 64); err == nil && id > 0 {
		f.Manager = id
	}
	return customer.Orders.Read(values), f
}

// Export is the list as a file: all that the filter leaves, with all that is
// known of each customer.
func (h Customers) Export(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q, f := customerQuery(r)
	type row = customer.Customer
	return export.Records(w, r, "customers", v.Format.Today(), q,
		func(q list.Query) (list.Page[row], error) { return customer.Records(r.Context(), h.DB, q, f) },
		[]export.Column[row]{
			{Head: "Number", Cell: func(c row) string { return c.Number }},
			{Head: customer.Field.Name.Label, Cell: func(c row) string { return c.Name }},
			{Head: customer.Field.CompanyName.Label, Cell: func(c row) string { return c.CompanyName }},
			{Head: customer.Field.Phone.Label, Cell: func(c row) string { return export.Phone(c.Phone) }},
			{Head: customer.Field.Mobile.Label, Cell: func(c row) string { return export.Phone(c.Mobile) }},
			{Head: customer.Field.Email.Label, Cell: func(c row) string { return c.Email }},
			{Head: customer.Field.Street.Label, Cell: func(c row) string { return c.Street.String() }},
			{Head: customer.Field.Postal.Label, Cell: func(c row) string { return c.Postal.String() }},
			{Head: customer.Field.CustomerType.Label, Cell: func(c row) string { return c.CustomerType }},
			{Head: customer.Field.AccountManager.Label, Cell: func(c row) string { return c.AccountManagerName }},
			{Head: customer.Field.PriceLevel.Label, Cell: func(c row) string { return c.PriceLevel }},
			{Head: customer.Field.FileQuota.Label + " (GB)", Cell: func(c row) string { return quotaText(c.FileQuota) }},
			{Head: customer.Field.OnHold.Label, Cell: func(c row) string { return officeview.YesNo(c.OnHold) }},
			{Head: customer.Field.PaymentTerms.Label, Cell: func(c row) string { return c.PaymentTerms }},
			{Head: customer.Field.PurchaseOrderRequired.Label, Cell: func(c row) string { return officeview.YesNo(c.PurchaseOrderRequired) }},
			{Head: customer.Field.InvoiceDelivery.Label, Cell: func(c row) string { return c.InvoiceDelivery }},
			{Head: customer.Field.InvoiceAddress.Label, Cell: func(c row) string { return c.InvoiceAddress }},
			{Head: customer.Field.Notes.Label, Cell: func(c row) string { return c.Notes }},
			{Head: "Customer since", Cell: func(c row) string { return v.Format.Local(c.CreatedAt).Format(time.DateOnly) }},
			{Head: customer.Field.ArchivedAt.Label, Cell: func(c row) string { return officeview.YesNo(c.Archived()) }},
		}, export.Whole[row]{Kind: exchange.Customers, DB: h.DB, Format: v.Format, ID: func(r row) int64 { return r.ID }})
}

// New is the form of a new customer.
func (h Customers) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.CustomerForm{Nonce: form.NewNonce(), For: goesOn(r.URL.Query().Get("for"))}
	f.Name = form.Line(r.URL.Query().Get("name"))
	return h.form(w, r, v, f, nil)
}

// goesOn is where it goes on with a new customer, "" for nowhere.
func goesOn(address string) string {
	if slices.Contains([]string{route.OfficeNewJob, route.OfficeNewQuote, route.OfficeNewEquipment}, address) {
		return address
	}
	return ""
}

// Create adds a customer.
func (h Customers) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.CustomerForm{Details: customerDetails(r), Quota: form.Text(r, "file_quota"), Nonce: form.Nonce(r), For: goesOn(form.Text(r, "for"))}
	ref, err := h.Office.CreateCustomer(r.Context(), v, customer.New{Details: f.Details, Nonce: f.Nonce, Different: form.Check(r, "different")})
	if alike, ok := errors.AsType[customer.Alike](err); ok {
		f.Alike = alike
		return h.form(w, r, v, f, nil)
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.form(w, r, v, f, problems)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), f.Name+" was added.")
	if f.For != "" {
		return page.Redirect(w, r, route.ForCustomer(f.For, ref.Number))
	}
	return page.Redirect(w, r, route.OfficeCustomer(ref.Number))
}

// Show is the tab Details.
func (h Customers) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	var (
		s      settings.Current
		files  attachment.Usage
		now    overview.OfCustomer
		origin officeview.Origin
		number = chi.URLParam(r, "number")
	)
	head, err := h.head(r.Context(), v, number, "details", func(b *postgres.Batch) {
		settings.Query(b, &s)
		attachment.QueryUsage(b, &files, number)
		overview.QueryOfCustomer(b, &now, number, v.Format.Today().Time(v.Format.Zone()))
		if origin.Keeper, origin.Format = v.Keepers.Keeps(keeper.Customers), v.Format; origin.Keeper.Elsewhere() {
			keeper.QueryOfCustomer(b, &origin.IDs, &origin.Requests, number)
		}
	})
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Customer(officeview.CustomerDetails{CustomerHead: head, Format: v.Format, AdminShown: !s.HideAdminDetails, Files: files, Now: now, Origin: origin}))
}

// head is the top of a customer's page, read in one round trip with what else
// the tab can ask for by the customer's number.
func (h Customers) head(ctx context.Context, v staff.Viewer, number, tab string, also ...func(*postgres.Batch)) (officeview.CustomerHead, error) {
	var (
		c        customer.Customer
		tally    customer.Tally
		business company.Company
	)
	err := postgres.Read(ctx, h.DB, func(b *postgres.Batch) {
		customer.QueryByNumber(b, &c, number)
		customer.QueryTally(b, &tally, number)
		company.Query(b, &business)
		for _, query := range also {
			query(b)
		}
	})
	if err != nil {
		return officeview.CustomerHead{}, err
	}
	return officeview.CustomerHead{Page: officeview.Page(v, c.Name, route.OfficeCustomers), Customer: c, Tally: tally, Tab: tab, Phone: business.Phone}, nil
}

// Edit is the form of a customer.
func (h Customers) Edit(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	c, err := customer.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	return h.form(w, r, v, officeview.CustomerForm{Number: c.Number, Details: c.Details, Quota: quotaText(c.FileQuota), Version: c.Version}, nil)
}

// Update saves a customer.
func (h Customers) Update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	f := officeview.CustomerForm{Number: chi.URLParam(r, "number"), Details: customerDetails(r), Quota: form.Text(r, "file_quota"), Version: form.Version(r)}
	err := h.Office.EditCustomer(ctx, v, f.Number, f.Version, f.Details)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.form(w, r, v, f, problems)
	}
	if errors.Is(err, apperr.Stale) {
		c, err := customer.FindByNumber(ctx, h.DB, f.Number)
		if err != nil {
			return err
		}
		if f.EditConflict, err = editConflict(ctx, h.DB, v.Format, "customer", c.ID, f.Version, customer.Fields); err != nil {
			return err
		}
		f.Version, f.EditConflict = c.Version, archivedInWords(f.EditConflict)
		return h.form(w, r, v, f, nil)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved.")
	return page.Redirect(w, r, route.OfficeCustomer(f.Number))
}

const archivedLabel = "Archived"

// archivedInWords says whether something was archived meanwhile, not when.
func archivedInWords(m officeview.EditConflict) officeview.EditConflict {
	for i := range m.Changes {
		if c := &m.Changes[i]; c.Label == archivedLabel {
			c.Before, c.After = officeview.YesNo(c.Before != ""), officeview.YesNo(c.After != "")
		}
	}
	return m
}

func customerDetails(r *http.Request) customer.Details {
	return customer.Details{
		Name: form.Text(r, "name"), CompanyName: form.Text(r, "company_name"), Phone: form.Text(r, "phone"), Mobile: form.Text(r, "mobile"), Email: form.Text(r, "email"),
		Street: form.Address(r, "street"), Postal: form.Address(r, "postal"),
		PaymentTerms: form.Text(r, "payment_terms"), InvoiceDelivery: form.Text(r, "invoice_delivery"), InvoiceAddress: form.Text(r, "invoice_address"),
		PurchaseOrderRequired: form.Check(r, "purchase_order_required"),
		CustomerType:          form.Text(r, "customer_type"), OnHold: form.Check(r, "on_hold"), AccountManager: form.ID(r, "account_manager"),
		PriceLevel: form.Text(r, "price_level"), FileQuota: typedQuota(r), Notes: form.Long(r, "notes"),
	}
}

// typedQuota is the customer's own space for files: 0 for none, -1 for nonsense.
func typedQuota(r *http.Request) int {
	typed := form.Text(r, "file_quota")
	gb, err := strconv.Atoi(typed)
	switch {
	case typed == "":
		return 0
	case err != nil || gb < 1:
		return -1
	}
	return gb
}

func quotaText(gb int) string {
	if gb == 0 {
		return ""
	}
	return strconv.Itoa(gb)
}

// form shows the form: as it is, with problems, or after an edit conflict.
func (h Customers) form(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.CustomerForm, problems problem.Set) error {
	title := "New customer"
	if f.Number != "" {
		title = "Edit " + f.Number
	}
	f.Page, f.Problems = officeview.Page(v, title, route.OfficeCustomers), problems
	var s settings.Current
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		customer.QueryManagers(b, &f.Managers, f.AccountManager)
		customer.QueryTypes(b, &f.Types)
		settings.Query(b, &s)
	})
	if err != nil {
		return err
	}
	f.AdminShown, f.UsualQuota = !s.HideAdminDetails, s.FileQuota
	status := formStatus(problems, f.EditConflict)
	if len(f.Alike) > 0 {
		status = http.StatusConflict
	}
	return page.Render(w, r, status, officeview.EditCustomer(f))
}

// formStatus is 422 for a form with problems, 409 for an edit conflict.
func formStatus(problems problem.Set, m officeview.EditConflict) int {
	switch {
	case len(problems) > 0:
		return http.StatusUnprocessableEntity
	case m.Happened:
		return http.StatusConflict
	}
	return http.StatusOK
}

// AskArchive asks before a customer is archived.
func (h Customers) AskArchive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.OfficeCustomers, h.find, func(c customer.Customer) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Archive " + c.Name + "?", Text: "The customer leaves the list. Its contacts can no longer sign in to the portal, and get no emails.",
			Points: []string{"Jobs, quotes and equipment stay as they are. You can restore the customer at any time."},
			Action: route.OfficeCustomer(c.Number, "archive"), Label: "Archive", Look: ui.Danger,
			BackURL: route.OfficeCustomer(c.Number), BackLabel: c.Name,
		}
	})
}

// AskRestore asks before a customer is restored.
func (h Customers) AskRestore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.OfficeCustomers, h.find, func(c customer.Customer) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Restore " + c.Name + "?", Text: "The customer is back on the list. Contacts who had access to the portal have it again.",
			Action: route.OfficeCustomer(c.Number, "restore"), Label: "Restore", Look: ui.Primary,
			BackURL: route.OfficeCustomer(c.Number), BackLabel: c.Name,
		}
	})
}

func (h Customers) find(r *http.Request) (customer.Customer, error) {
	return customer.FindByNumber(r.Context(), h.DB, chi.URLParam(r, "number"))
}

// Archive archives a customer.
func (h Customers) Archive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := chi.URLParam(r, "number")
	return done(w, r, "The customer was archived.", route.OfficeCustomer(number), h.Office.ArchiveCustomer(r.Context(), v, number))
}

// Restore puts an archived customer back on the list.
func (h Customers) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number := chi.URLParam(r, "number")
	return done(w, r, "The customer was restored.", route.OfficeCustomer(number), h.Office.RestoreCustomer(r.Context(), v, number))
}
