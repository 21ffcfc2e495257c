package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/portal"
	"fieldgate/internal/quote"
	"fieldgate/web/download"
	"fieldgate/web/page"
)

// What contacts' programs read: what the contact sees in the portal at that
// moment, through the same views, and by the same names.

const mine = "For contacts"

// Listed is what lists are asked for.
type Listed struct {
	Search string `query:"q" maxLength:"200" doc:"Words to search for, as in the portal."`
	After  string `query:"after" maxLength:"500" doc:"The next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most."`
}

func (l Listed) query(orders list.Orders) list.Query {
	q := orders.Read(nil)
	q.Search, q.After, q.Size = l.Search, l.After, l.Limit
	return q
}

// MyFile is a file that the contact sees.
type MyFile struct {
	ID         string    `json:"id" doc:"Read its bytes at /api/v1/my/files/{id}."`
	Name       string    `json:"name"`
	Kind       string    `json:"kind" enum:"photo,video,document"`
	MediaType  string    `json:"media_type" doc:"Of the file as it was sent. A photo is read as image/jpeg."`
	Size       int64     `json:"size" doc:"Bytes of the file as it was sent."`
	Caption    string    `json:"caption,omitempty"`
	UploadedAt time.Time `json:"uploaded_at"`
	UploadedBy string    `json:"uploaded_by,omitempty"`
}

// MyMessage is a message on a job or quote.
type MyMessage struct {
	Text       string    `json:"text"`
	Author     string    `json:"author"`
	FromOffice bool      `json:"from_office"`
	At         time.Time `json:"at"`
	Files      []MyFile  `json:"files,omitempty"`
}

// MyJobRow is a job of a list.
type MyJobRow struct {
	Number      string     `json:"number"`
	Name        string     `json:"name,omitempty"`
	Description string     `json:"description"`
	Status      string     `json:"status"`
	Type        string     `json:"type"`
	Site        string     `json:"site,omitempty"`
	BookedFrom  *time.Time `json:"booked_from,omitempty" doc:"Date Booked."`
	BookedUntil *time.Time `json:"booked_until,omitempty"`
	TimeLogged  string     `json:"time_logged" doc:"Hours, as a decimal number."`
}

// MyJob is a job with all that the contact sees of it.
type MyJob struct {
	MyJobRow
	SiteAddress    *address.Address  `json:"site_address,omitempty"`
	MainContact    string            `json:"main_contact,omitempty"`
	PurchaseOrder  string            `json:"purchase_order,omitempty"`
	PreferredOn    string            `json:"preferred_on,omitempty" format:"date"`
	CancelledWhy   string            `json:"cancelled_why,omitempty"`
	WorkUndertaken string            `json:"work_undertaken,omitempty"`
	CompletedAt    *time.Time        `json:"completed_at,omitempty"`
	Quote          string            `json:"quote,omitempty" doc:"Its number."`
	InvoiceNumber  string            `json:"invoice_number,omitempty" doc:"Unless the business hides it."`
	InvoicingNote  string            `json:"invoicing_note,omitempty" doc:"Unless the business hides it."`
	CreatedAt      time.Time         `json:"created_at"`
	Staff          []string          `json:"staff,omitempty" doc:"Who is assigned."`
	History        []MyJobStatus     `json:"history,omitempty"`
	Tasks          []MyTask          `json:"tasks,omitempty" doc:"Unless the business hides them."`
	Time           []MyTime          `json:"time,omitempty"`
	Equipment      []MyEquipmentName `json:"equipment,omitempty"`
	Files          []MyFile          `json:"files,omitempty"`
	Messages       []MyMessage       `json:"messages,omitempty"`
}

// MyJobStatus is a status that a job came to.
type MyJobStatus struct {
	Status string    `json:"status"`
	At     time.Time `json:"at"`
}

// MyTask is a task of a job.
type MyTask struct {
	Subject     string     `json:"subject"`
	Description string     `json:"description,omitempty"`
	DueOn       string     `json:"due_on,omitempty" format:"date"`
	DoneAt      *time.Time `json:"done_at,omitempty"`
}

// MyTime is time logged on a job.
type MyTime struct {
	WorkedOn string `json:"worked_on" format:"date"`
	Hours    string `json:"hours" doc:"A decimal number."`
}

// MyEquipmentName names a piece of equipment.
type MyEquipmentName struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Name   string `json:"name"`
	Type   string `json:"type"`
}

// MyQuoteRow is a quote of a list.
type MyQuoteRow struct {
	Number        string     `json:"number"`
	Name          string     `json:"name,omitempty"`
	Description   string     `json:"description"`
	Status        string     `json:"status"`
	Site          string     `json:"site,omitempty"`
	Currency      string     `json:"currency" doc:"ISO 4217. All amounts are in it."`
	PriceEstimate string     `json:"price_estimate,omitempty" doc:"The Price Estimate that was entered with the request, as a decimal number."`
	Total         string     `json:"total,omitempty" doc:"With tax, of the version that was sent, as a decimal number."`
	ValidUntil    string     `json:"valid_until,omitempty" format:"date"`
	CreatedAt     time.Time  `json:"created_at"`
	SentAt        *time.Time `json:"sent_at,omitempty"`
}

// MyQuote is a quote with all that the contact sees of it.
type MyQuote struct {
	MyQuoteRow
	SiteAddress   *address.Address `json:"site_address,omitempty"`
	MainContact   string           `json:"main_contact,omitempty"`
	JobType       string           `json:"job_type,omitempty"`
	PreferredOn   string           `json:"preferred_on,omitempty" format:"date"`
	BookedFrom    *time.Time       `json:"booked_from,omitempty"`
	BookedUntil   *time.Time       `json:"booked_until,omitempty"`
	PurchaseOrder string           `json:"purchase_order,omitempty"`
	Inclusions    string           `json:"inclusions,omitempty"`
	Exclusions    string           `json:"exclusions,omitempty"`
	Terms         string           `json:"terms,omitempty"`
	Version       int              `json:"version,omitempty" doc:"The version that was last sent."`
	Net           string           `json:"net,omitempty"`
	Taxes         []MyTax          `json:"taxes,omitempty"`
	Lines         []MyLine         `json:"lines,omitempty"`
	Staff         []string         `json:"staff,omitempty"`
	Jobs          []string         `json:"jobs,omitempty" doc:"The numbers of the jobs made from it."`
	Answers       []MyAnswer       `json:"answers,omitempty"`
	Files         []MyFile         `json:"files,omitempty"`
	Messages      []MyMessage      `json:"messages,omitempty"`
}

// MyLine is a line of a quote.
type MyLine struct {
	Section     string `json:"section,omitempty"`
	Description string `json:"description"`
	Quantity    string `json:"quantity"`
	UnitPrice   string `json:"unit_price" doc:"Without tax."`
	Tax         string `json:"tax,omitempty" doc:"The names of its taxes."`
	Discount    bool   `json:"discount,omitempty"`
}

// MyTax is the tax of one rate.
type MyTax struct {
	Name    string `json:"name"`
	Percent string `json:"percent"`
	Amount  string `json:"amount"`
}

// MyAnswer is how a version was answered.
type MyAnswer struct {
	Version       int       `json:"version"`
	Decision      string    `json:"decision"`
	FullName      string    `json:"full_name"`
	PurchaseOrder string    `json:"purchase_order,omitempty"`
	Reason        string    `json:"reason,omitempty"`
	At            time.Time `json:"at"`
}

// MyEquipmentRow is a piece of equipment of a list.
type MyEquipmentRow struct {
	ID            string `json:"id"`
	Number        string `json:"number"`
	Name          string `json:"name"`
	Type          string `json:"type"`
	Make          string `json:"make,omitempty"`
	Model         string `json:"model,omitempty"`
	Site          string `json:"site,omitempty"`
	NextServiceOn string `json:"next_service_on,omitempty" format:"date"`
	Status        string `json:"status"`
}

// MyEquipment is a piece of equipment with all that the contact sees of it.
type MyEquipment struct {
	MyEquipmentRow
	SiteAddress    *address.Address `json:"site_address,omitempty"`
	Location       string           `json:"location,omitempty"`
	SerialNumber   string           `json:"serial_number,omitempty"`
	InstalledOn    string           `json:"installed_on,omitempty" format:"date"`
	CommissionedOn string           `json:"commissioned_on,omitempty" format:"date"`
	WarrantyUntil  string           `json:"warranty_until,omitempty" format:"date"`
	LastServiceOn  string           `json:"last_service_on,omitempty" format:"date"`
	Jobs           []string         `json:"jobs,omitempty" doc:"The numbers of the jobs done on it, the newest first."`
	Files          []MyFile         `json:"files,omitempty"`
}

// MyDocument is a certificate or another document of a kind.
type MyDocument struct {
	MyFile
	DocumentKind string `json:"document_kind"`
	ValidUntil   string `json:"valid_until,omitempty" format:"date"`
	Validity     string `json:"validity,omitempty" doc:"How it stands today."`
	Site         string `json:"site,omitempty"`
	Equipment    string `json:"equipment,omitempty" doc:"The id of the equipment it is about."`
	Job          string `json:"job,omitempty" doc:"The number of the job it came with."`
}

// MySite is a site of the customer.
type MySite struct {
	Name        string          `json:"name"`
	Address     address.Address `json:"address"`
	SiteContact string          `json:"site_contact,omitempty"`
}

// MyDetails are what My Details shows.
type MyDetails struct {
	Contact  MyContact  `json:"contact"`
	Customer MyCustomer `json:"customer"`
	Sites    []MySite   `json:"sites,omitempty" doc:"Those in use."`
	Files    []MyFile   `json:"files,omitempty"`
}

// MyContact is the contact whose key it is.
type MyContact struct {
	Name   string `json:"name"`
	Email  string `json:"email"`
	Phone  string `json:"phone,omitempty"`
	Mobile string `json:"mobile,omitempty"`
	Role   string `json:"role,omitempty"`
}

// MyCustomer is the contact's customer.
type MyCustomer struct {
	Number                string          `json:"number"`
	Name                  string          `json:"name"`
	CompanyName           string          `json:"company_name,omitempty"`
	Phone                 string          `json:"phone,omitempty"`
	Mobile                string          `json:"mobile,omitempty"`
	Email                 string          `json:"email,omitempty"`
	Street                address.Address `json:"street"`
	Postal                address.Address `json:"postal"`
	PaymentTerms          string          `json:"payment_terms,omitempty" doc:"Unless the business hides it."`
	InvoiceDelivery       string          `json:"invoice_delivery,omitempty" doc:"Unless the business hides it."`
	InvoiceAddress        string          `json:"invoice_address,omitempty" doc:"Unless the business hides it."`
	PurchaseOrderRequired bool            `json:"purchase_order_required,omitempty" doc:"Unless the business hides it."`
}

type byNumber struct {
	Number string `path:"number" maxLength:"100"`
}

type byID struct {
	ID string `path:"id" maxLength:"100"`
}

// Page is a page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Send it as after for the next page; without one there is none."`
}

type pageOutput[T any] struct{ Body Page[T] }

type output[T any] struct{ Body T }

type jobsInput struct {
	Listed
	Status string `query:"status" enum:"open,finished,new,unscheduled,booked,in progress,deferred,completed,closed,cancelled" doc:"One status, open or finished."`
}

type quotesInput struct {
	Listed
	Status string `query:"status" enum:"requested,sent,accepted,declined,expired,withdrawn"`
}

type equipmentInput struct {
	Listed
	Show string `query:"show" enum:"due,retired" doc:"What is due for service, or retired; without, what is in use."`
}

// my declares what contacts' keys read.
func (a *API) my() {
	a.myJobs()
	a.myQuotes()
	a.myEquipment()
	a.myFiles()
	Contact(a, Op{ID: "get-my-details", Method: http.MethodGet, Path: "/my/details", Group: mine, Summary: "The contact, their customer and its sites"},
		func(ctx context.Context, v portal.Viewer, _ *struct{}) (*output[MyDetails], error) {
			d, err := a.parts.Reader.Details(ctx, v)
			if err != nil {
				return nil, err
			}
			sites, err := a.allSites(ctx, v)
			if err != nil {
				return nil, err
			}
			return &output[MyDetails]{myDetails(d, sites)}, nil
		})
}

func (a *API) myJobs() {
	Contact(a, Op{ID: "list-my-jobs", Method: http.MethodGet, Path: "/my/jobs", Group: mine, Summary: "The jobs that the contact sees", Description: "The newest first."},
		func(ctx context.Context, v portal.Viewer, in *jobsInput) (*pageOutput[MyJobRow], error) {
			if !v.SeesJobs() {
				return nil, apperr.NotFound
			}
			l, err := a.parts.Reader.Jobs(ctx, v, portal.JobQuery{Query: in.query(portal.JobOrders), Status: job.Status(in.Status)})
			if err != nil {
				return nil, err
			}
			return paged(l.Page, myJobRow), nil
		})
	Contact(a, Op{ID: "get-my-job", Method: http.MethodGet, Path: "/my/jobs/{number}", Group: mine, Summary: "A job with all that the contact sees of it"},
		func(ctx context.Context, v portal.Viewer, in *byNumber) (*output[MyJob], error) {
			if !v.SeesJobs() {
				return nil, apperr.NotFound
			}
			j, err := a.parts.Reader.Job(ctx, v, in.Number)
			if err != nil {
				return nil, err
			}
			return &output[MyJob]{myJob(j)}, nil
		})
}

func (a *API) myQuotes() {
	Contact(a, Op{ID: "list-my-quotes", Method: http.MethodGet, Path: "/my/quotes", Group: mine, Summary: "The quotes that the contact sees", Description: "The newest first."},
		func(ctx context.Context, v portal.Viewer, in *quotesInput) (*pageOutput[MyQuoteRow], error) {
			if !v.SeesQuotes() {
				return nil, apperr.NotFound
			}
			l, err := a.parts.Reader.Quotes(ctx, v, portal.QuoteQuery{Query: in.query(portal.QuoteOrders), Status: quote.Status(in.Status)})
			if err != nil {
				return nil, err
			}
			return paged(l.Page, myQuoteRow), nil
		})
	Contact(a, Op{ID: "get-my-quote", Method: http.MethodGet, Path: "/my/quotes/{number}", Group: mine, Summary: "A quote as it was last sent, with all that the contact sees of it"},
		func(ctx context.Context, v portal.Viewer, in *byNumber) (*output[MyQuote], error) {
			if !v.SeesQuotes() {
				return nil, apperr.NotFound
			}
			q, err := a.parts.Reader.Quote(ctx, v, in.Number)
			if err != nil {
				return nil, err
			}
			return &output[MyQuote]{myQuote(q, v.Business.Format.Today())}, nil
		})
}

func (a *API) myEquipment() {
	Contact(a, Op{ID: "list-my-equipment", Method: http.MethodGet, Path: "/my/equipment", Group: mine, Summary: "The equipment that the contact sees", Description: "By name."},
		func(ctx context.Context, v portal.Viewer, in *equipmentInput) (*pageOutput[MyEquipmentRow], error) {
			if !v.SeesEquipment() {
				return nil, apperr.NotFound
			}
			l, err := a.parts.Reader.Equipment(ctx, v, portal.EquipmentQuery{Query: in.query(portal.EquipmentOrders), Show: portal.EquipmentShow(in.Show)})
			if err != nil {
				return nil, err
			}
			return paged(l.Page, myEquipmentRow), nil
		})
	Contact(a, Op{ID: "get-my-equipment", Method: http.MethodGet, Path: "/my/equipment/{id}", Group: mine, Summary: "A piece of equipment with all that the contact sees of it"},
		func(ctx context.Context, v portal.Viewer, in *byID) (*output[MyEquipment], error) {
			if !v.SeesEquipment() {
				return nil, apperr.NotFound
			}
			e, err := a.parts.Reader.Item(ctx, v, in.ID)
			if err != nil {
				return nil, err
			}
			out := MyEquipment{
				MyEquipmentRow: myEquipmentRow(e.EquipmentRow), SiteAddress: addressOf(e.SiteAddress), Location: e.Location, SerialNumber: e.SerialNumber,
				InstalledOn: date(e.InstalledOn), CommissionedOn: date(e.CommissionedOn), WarrantyUntil: date(e.WarrantyUntil), LastServiceOn: date(e.LastServiceOn), Files: myFiles(e.Files),
			}
			for _, j := range e.Jobs {
				out.Jobs = append(out.Jobs, j.Number)
			}
			return &output[MyEquipment]{out}, nil
		})
}

func (a *API) myFiles() {
	Contact(a, Op{ID: "list-my-documents", Method: http.MethodGet, Path: "/my/documents", Group: mine, Summary: "The documents that the contact sees", Description: "Those that end first come first."},
		func(ctx context.Context, v portal.Viewer, in *Listed) (*pageOutput[MyDocument], error) {
			if !v.SeesDocuments() {
				return nil, apperr.NotFound
			}
			documents, err := a.parts.Reader.DocumentPage(ctx, v, portal.DocumentQuery{Query: in.query(portal.DocumentOrders)})
			if err != nil {
				return nil, err
			}
			today := v.Business.Format.Today()
			return paged(documents, func(d portal.Document) MyDocument {
				return MyDocument{
					MyFile:       MyFile{ID: d.PublicID, Name: d.Name, Kind: "document", MediaType: d.MediaType, Size: d.Size, Caption: d.Caption, UploadedAt: d.UploadedAt},
					DocumentKind: d.Kind, ValidUntil: date(d.ValidUntil), Validity: string(d.Stands(today)), Site: d.Site, Equipment: d.Equipment, Job: d.Job,
				}
			}), nil
		})
	Contact(a, Op{
		ID: "get-my-file", Method: http.MethodGet, Path: "/my/files/{id}", Group: mine, Summary: "The bytes of a file", Stream: true, Returns: "application/octet-stream",
		Description: "A photo is sent as the picture that the portal shows. Part of a file is sent for a Range.",
	}, func(ctx context.Context, v portal.Viewer, in *byID) (*huma.StreamResponse, error) {
		f, err := a.parts.Reader.File(ctx, v, in.ID)
		if err != nil {
			return nil, err
		}
		sent := download.File{Key: f.BlobKey, Name: f.Name, Type: f.MediaType}
		if f.IsPhoto() {
			if f.State != "ready" {
				return nil, apperr.Conflictf("The photo is not ready to be shown.")
			}
			sent = download.File{Key: f.WebKey, Name: download.Rendition(f.Name), Type: "image/jpeg"}
		}
		return &huma.StreamResponse{Body: func(h huma.Context) {
			r, w := humachi.Unwrap(h)
			if err := download.Send(w, r, a.parts.Store, sent); err != nil {
				page.Fail(w, r, err)
			}
		}}, nil
	})
}

// allSites are the sites in use: My Details shows the first few alone.
func (a *API) allSites(ctx context.Context, v portal.Viewer) (all []portal.Site, err error) {
	q := portal.SiteOrders.Read(nil)
	q.Size = 100
	for {
		sites, err := a.parts.Reader.Sites(ctx, v, q)
		if err != nil {
			return nil, err
		}
		all = append(all, sites.Rows...)
		if q.After = sites.Next; q.After == "" {
			return all, nil
		}
	}
}

func paged[A, B any](p list.Page[A], row func(A) B) *pageOutput[B] {
	out := &pageOutput[B]{Page[B]{Items: make([]B, len(p.Rows)), Next: p.Next}}
	for i, r := range p.Rows {
		out.Body.Items[i] = row(r)
	}
	return out
}

func date(d day.Day) string { return d.String() }

func addressOf(a address.Address) *address.Address {
	if a == (address.Address{}) {
		return nil
	}
	return &a
}

func amount(minor *int64, currency string) string {
	if minor == nil {
		return ""
	}
	return company.PlainMoney(*minor, currency)
}

func myFiles(files []portal.File) (out []MyFile) {
	for _, f := range files {
		out = append(out, MyFile{ID: f.PublicID, Name: f.Name, Kind: f.Kind, MediaType: f.MediaType, Size: f.Size, Caption: f.Caption, UploadedAt: f.UploadedAt, UploadedBy: f.UploadedBy})
	}
	return out
}

func myMessages(c portal.Conversation) (out []MyMessage) {
	for _, m := range c.Messages {
		out = append(out, MyMessage{Text: m.Text, Author: m.Author, FromOffice: m.FromOffice, At: m.At, Files: myFiles(c.Files(m.ID))})
	}
	return out
}

func myJobRow(j portal.JobRow) MyJobRow {
	return MyJobRow{
		Number: j.Number, Name: j.Name, Description: j.Description, Status: string(j.Status), Type: j.Type, Site: j.Site,
		BookedFrom: j.BookedFrom, BookedUntil: j.BookedUntil, TimeLogged: j.TimeLogged.String(),
	}
}

func myJob(j portal.Job) MyJob {
	out := MyJob{
		MyJobRow: myJobRow(j.JobRow), SiteAddress: addressOf(j.SiteAddress), MainContact: j.MainContact, PurchaseOrder: j.PurchaseOrder, PreferredOn: date(j.PreferredOn),
		CancelledWhy: j.CancelledWhy, WorkUndertaken: j.WorkUndertaken, CompletedAt: j.CompletedAt, Quote: j.QuoteNumber, InvoiceNumber: j.InvoiceNumber, InvoicingNote: j.InvoicingNote,
		CreatedAt: j.CreatedAt, Staff: j.Staff, Files: myFiles(j.Files), Messages: myMessages(j.Conversation),
	}
	for _, s := range j.History {
		out.History = append(out.History, MyJobStatus{string(s.Status), s.At})
	}
	for _, t := range j.Tasks {
		out.Tasks = append(out.Tasks, MyTask{t.Subject, t.Description, date(t.DueOn), t.DoneAt})
	}
	for _, t := range j.Time {
		out.Time = append(out.Time, MyTime{date(t.WorkedOn), t.Hours.String()})
	}
	for _, e := range j.Equipment {
		out.Equipment = append(out.Equipment, MyEquipmentName{e.PublicID, e.Number, e.Name, e.Type})
	}
	return out
}

func myQuoteRow(q portal.QuoteRow) MyQuoteRow {
	return MyQuoteRow{
		Number: q.Number, Name: q.Name, Description: q.Description, Status: string(q.Status), Site: q.Site, Currency: q.Currency, PriceEstimate: amount(q.PriceEstimate, q.Currency),
		Total: amount(q.Total, q.Currency), ValidUntil: date(q.ValidUntil), CreatedAt: q.CreatedAt, SentAt: q.SentAt,
	}
}

func myQuote(q portal.Quote, today day.Day) MyQuote {
	q.Status = q.Status.Shown(q.ValidUntil, today)
	out := MyQuote{
		MyQuoteRow: myQuoteRow(q.QuoteRow), SiteAddress: addressOf(q.SiteAddress), MainContact: q.MainContact, JobType: q.JobType, PreferredOn: date(q.PreferredOn),
		BookedFrom: q.BookedFrom, BookedUntil: q.BookedUntil, PurchaseOrder: q.PurchaseOrder, Inclusions: q.Inclusions, Exclusions: q.Exclusions, Terms: q.Terms,
		Version: q.SentVersion, Staff: q.Staff, Files: myFiles(q.Files), Messages: myMessages(q.Conversation),
	}
	if q.SentVersion != 0 {
		sum := q.Totals()
		out.Net = company.PlainMoney(sum.Net, q.Currency)
		for _, t := range sum.Taxes {
			out.Taxes = append(out.Taxes, MyTax{t.Name, t.Percent.String(), company.PlainMoney(t.Tax, q.Currency)})
		}
	}
	for _, l := range q.Lines {
		tax := l.TaxName
		if l.SecondTaxName != "" {
			tax += ", " + l.SecondTaxName
		}
		out.Lines = append(out.Lines, MyLine{l.Section, l.Description, l.Quantity.String(), company.PlainPrice(l.UnitPrice, q.Currency), tax, l.Discount})
	}
	for _, j := range q.Jobs {
		out.Jobs = append(out.Jobs, j.Number)
	}
	for _, g := range q.Answers {
		out.Answers = append(out.Answers, MyAnswer{g.Version, string(g.Decision), g.FullName, g.PurchaseOrder, g.Reason, g.At})
	}
	return out
}

func myEquipmentRow(e portal.EquipmentRow) MyEquipmentRow {
	return MyEquipmentRow{
		ID: e.PublicID, Number: e.Number, Name: e.Name, Type: e.Type, Make: e.Make, Model: e.Model, Site: e.Site, NextServiceOn: date(e.NextServiceOn), Status: string(e.Status),
	}
}

func myDetails(d portal.Details, sites []portal.Site) MyDetails {
	c := d.Company
	out := MyDetails{
		Contact: MyContact{d.Own.Name, d.Own.Email, d.Own.Phone, d.Own.Mobile, d.Own.Role},
		Customer: MyCustomer{
			Number: c.Number, Name: c.Name, CompanyName: c.CompanyName, Phone: c.Phone, Mobile: c.Mobile, Email: c.Email, Street: c.Street, Postal: c.Postal,
		},
		Files: myFiles(d.Files),
	}
	if m := d.Admin; m != nil {
		out.Customer.PaymentTerms, out.Customer.InvoiceDelivery, out.Customer.InvoiceAddress, out.Customer.PurchaseOrderRequired = m.PaymentTerms, m.InvoiceDelivery, m.InvoiceAddress, m.PurchaseOrderRequired
	}
	for _, s := range sites {
		out.Sites = append(out.Sites, MySite{s.Name, s.Address, s.SiteContact})
	}
	return out
}
