package exchange

import (
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/address"
	"fieldgate/internal/contact"
	"fieldgate/internal/day"
)

// The records. A field that refers to another thing holds what people call it:
// a number, a name, an email address. What comes in may also say "source:id",
// or "#id" as the other record's id has it. The tag need says that a new one
// cannot be without it, only that it goes out and never comes in. What is not
// exported is what its names were found to be.

// Customer is a customer.
type Customer struct {
	Head
	Number                string          `json:"number" label:"Number"`
	Name                  string          `json:"name" need:"yes"`
	CompanyName           string          `json:"company_name"`
	Phone                 string          `json:"phone"`
	Mobile                string          `json:"mobile"`
	Email                 string          `json:"email"`
	Street                address.Address `json:"street"`
	Postal                address.Address `json:"postal"`
	PaymentTerms          string          `json:"payment_terms"`
	InvoiceDelivery       string          `json:"invoice_delivery"`
	InvoiceAddress        string          `json:"invoice_address"`
	PurchaseOrderRequired bool            `json:"purchase_order_required"`
	CustomerType          string          `json:"customer_type"`
	OnHold                bool            `json:"on_hold"`
	AccountManager        string          `json:"account_manager" ref:"staff"`
	PriceLevel            string          `json:"price_level"`
	FileQuota             int             `json:"file_quota" doc:"Space for files in GB; 0 for that of the settings."`
	Notes                 string          `json:"notes"`
	Archived              bool            `json:"archived" label:"Archived"`

	manager int64
}

// Site is a place of a customer.
type Site struct {
	Head
	Customer           string          `json:"customer" ref:"customers" need:"yes" label:"Customer"`
	Name               string          `json:"name" need:"yes"`
	Address            address.Address `json:"address"`
	SiteContact        string          `json:"site_contact"`
	AccessInstructions string          `json:"access_instructions"`
	Archived           bool            `json:"archived" label:"Archived"`
}

// Contact is a person at a customer. Permissions come in for a contact without
// access alone: giving access, and more of it, is done in the office.
type Contact struct {
	Head
	Customer    string   `json:"customer" ref:"customers" need:"yes" label:"Customer"`
	Name        string   `json:"name" need:"yes"`
	Email       string   `json:"email"`
	Phone       string   `json:"phone"`
	Mobile      string   `json:"mobile"`
	Role        string   `json:"role"`
	Default     bool     `json:"default"`
	Notes       string   `json:"notes"`
	Access      string   `json:"access" label:"Portal access" only:"out"`
	Permissions []string `json:"permissions" label:"Permissions" doc:"Such as jobs_see=all or quotes_accept."`
	Sites       []string `json:"sites" ref:"sites" label:"Selected sites" doc:"Empty for all sites."`
	Archived    bool     `json:"archived" label:"Archived"`

	sites []int64
	held  contact.Permissions
}

// Item is a piece of equipment.
type Item struct {
	Head
	Number         string  `json:"number"`
	Customer       string  `json:"customer" ref:"customers" need:"yes" label:"Customer"`
	Name           string  `json:"name" need:"yes"`
	Type           string  `json:"type" need:"yes"`
	Site           string  `json:"site" ref:"sites"`
	Location       string  `json:"location"`
	Make           string  `json:"make"`
	Model          string  `json:"model"`
	SerialNumber   string  `json:"serial_number"`
	InstalledOn    day.Day `json:"installed_on"`
	CommissionedOn day.Day `json:"commissioned_on"`
	WarrantyUntil  day.Day `json:"warranty_until"`
	LastServiceOn  day.Day `json:"last_service_on"`
	NextServiceOn  day.Day `json:"next_service_on"`
	Notes          string  `json:"notes"`
	Retired        bool    `json:"retired" label:"Retired"`

	site int64
}

// JobType is a kind of work.
type JobType struct {
	Head
	Name               string   `json:"name" need:"yes"`
	Colour             string   `json:"colour"`
	Active             bool     `json:"active"`
	DefaultDescription string   `json:"default_description"`
	Addresses          []string `json:"notification_addresses"`
}

// Member is somebody who works here. Only field staff come in: who signs in is
// invited in the office.
type Member struct {
	Head
	Name     string `json:"name" need:"yes"`
	Email    string `json:"email"`
	Phone    string `json:"phone"`
	Role     string `json:"role" only:"out"`
	Archived bool   `json:"archived" label:"Archived" only:"out"`
}

// Job is a job.
type Job struct {
	Head
	Number        string     `json:"number" label:"Number"`
	Customer      string     `json:"customer" ref:"customers" need:"yes" label:"Customer"`
	Name          string     `json:"name"`
	Description   string     `json:"description" need:"yes"`
	Type          string     `json:"type" ref:"job-types" need:"yes"`
	Status        string     `json:"status" values:"job"`
	Site          string     `json:"site" ref:"sites"`
	MainContact   string     `json:"main_contact" ref:"contacts"`
	PurchaseOrder string     `json:"purchase_order"`
	PreferredOn   day.Day    `json:"preferred_on"`
	BookedFrom    *time.Time `json:"booked_from"`
	BookedUntil   *time.Time `json:"booked_until"`
	Staff         []string   `json:"staff" ref:"staff"`
	Work          string     `json:"work_undertaken"`
	CompletedAt   *time.Time `json:"completed_at"`
	CancelledWhy  string     `json:"cancelled_why"`
	Quote         string     `json:"quote" ref:"quotes" label:"Quote"`
	Follows       string     `json:"follows" ref:"jobs" label:"Follows job"`
	Equipment     []string   `json:"equipment" ref:"equipment"`
	InvoiceNumber string     `json:"invoice_number"`
	InvoicingNote string     `json:"invoicing_note"`
	Priority      string     `json:"priority" values:"priority"`
	InternalNotes string     `json:"internal_notes"`
	CreatedAt     *time.Time `json:"created_at" label:"Created" doc:"Of a new one; stays as it is afterwards."`
	AskedBy       string     `json:"asked_by" ref:"contacts" label:"Asked for by" doc:"The contact who asked for a new one in a portal; stays as it is afterwards."`
	Origin        string     `json:"origin" label:"Came from" only:"out"`

	jobType, site, contact, quote, follows, askedBy int64
	staff, equipment                                []int64
}

// Task is a step of a job.
type Task struct {
	Head
	Job         string     `json:"job" ref:"jobs" need:"yes" label:"Job"`
	Subject     string     `json:"subject" need:"yes"`
	Description string     `json:"description"`
	DueOn       day.Day    `json:"due_on"`
	Assignee    string     `json:"assignee" ref:"staff"`
	DoneAt      *time.Time `json:"done_at" label:"Done"`

	assignee int64
}

// TimeEntry is time logged on a job.
type TimeEntry struct {
	Head
	Job   string          `json:"job" ref:"jobs" need:"yes" label:"Job"`
	On    day.Day         `json:"worked_on" need:"yes"`
	Staff string          `json:"staff" ref:"staff" need:"yes"`
	Hours decimal.Decimal `json:"hours"`
	Start string          `json:"start" doc:"As 14:30."`
	End   string          `json:"end"`
	Note  string          `json:"note"`

	member int64
}

// Quote is a quote with the lines of its newest version.
type Quote struct {
	Head
	Number        string           `json:"number" label:"Number"`
	Customer      string           `json:"customer" ref:"customers" need:"yes" label:"Customer"`
	Name          string           `json:"name"`
	Description   string           `json:"description" need:"yes"`
	Currency      string           `json:"currency" label:"Currency" doc:"Of a new one; that of the business when empty."`
	PriceEstimate *decimal.Decimal `json:"price_estimate"`
	Status        string           `json:"status" values:"quote"`
	Site          string           `json:"site" ref:"sites"`
	MainContact   string           `json:"main_contact" ref:"contacts"`
	JobType       string           `json:"job_type" ref:"job-types"`
	PreferredOn   day.Day          `json:"preferred_on"`
	ValidUntil    day.Day          `json:"valid_until"`
	BookedFrom    *time.Time       `json:"booked_from"`
	BookedUntil   *time.Time       `json:"booked_until"`
	Staff         []string         `json:"staff" ref:"staff"`
	PurchaseOrder string           `json:"purchase_order"`
	Inclusions    string           `json:"inclusions"`
	Exclusions    string           `json:"exclusions"`
	Terms         string           `json:"terms"`
	InternalNotes string           `json:"internal_notes"`
	SentAt        *time.Time       `json:"sent_at" label:"Sent"`
	CreatedAt     *time.Time       `json:"created_at" label:"Created" doc:"Of a new one; stays as it is afterwards."`
	AskedBy       string           `json:"asked_by" ref:"contacts" label:"Asked for by" doc:"The contact who asked for a new one in a portal; stays as it is afterwards."`
	Origin        string           `json:"origin" label:"Came from" only:"out"`
	Lines         []QuoteLine      `json:"lines"`
	Total         decimal.Decimal  `json:"total" label:"Total" only:"out"`

	site, contact, jobType, askedBy int64
	staff                           []int64
}

// QuoteLine is a line of a quote. Prices are without tax, in the quote's currency.
type QuoteLine struct {
	Section          string          `json:"section,omitempty" label:"Section"`
	Description      string          `json:"description" label:"Description"`
	Quantity         decimal.Decimal `json:"quantity" label:"Quantity"`
	UnitPrice        decimal.Decimal `json:"unit_price" label:"Unit price"`
	TaxName          string          `json:"tax_name" label:"Tax"`
	TaxPercent       decimal.Decimal `json:"tax_percent" label:"Tax per cent"`
	SecondTaxName    string          `json:"second_tax_name,omitempty" label:"Second tax"`
	SecondTaxPercent decimal.Decimal `json:"second_tax_percent" label:"Second tax per cent"`
	Discount         bool            `json:"discount,omitempty" label:"Discount"`
	DiscountPercent  decimal.Decimal `json:"discount_percent" label:"Discount per cent"`
}
