package customer

import "fieldgate/internal/problem"

// Field is the description of each field of a customer: its name, its label and
// how long it may be, for whoever shows, reads or checks it.
var Field = struct {
	Name, CompanyName, Phone, Mobile, Email, Street, Postal, PaymentTerms, InvoiceDelivery, InvoiceAddress, PurchaseOrderRequired, CustomerType, PriceLevel, AccountManager, OnHold, FileQuota, Notes, ArchivedAt problem.Field
}{
	Name:                  problem.Field{Name: "name", Label: "Name", Max: problem.MaxName},
	CompanyName:           problem.Field{Name: "company_name", Label: "Company name", Max: problem.MaxName},
	Phone:                 problem.Field{Name: "phone", Label: "Phone", Max: problem.MaxName, Called: "phone number"},
	Mobile:                problem.Field{Name: "mobile", Label: "Mobile", Max: problem.MaxName, Called: "mobile number"},
	Email:                 problem.Field{Name: "email", Label: "Email Address", Max: problem.MaxEmail},
	Street:                problem.Field{Name: "street", Label: "Street address"},
	Postal:                problem.Field{Name: "postal", Label: "Postal address"},
	PaymentTerms:          problem.Field{Name: "payment_terms", Label: "Payment terms", Max: problem.MaxName},
	InvoiceDelivery:       problem.Field{Name: "invoice_delivery", Label: "Invoices are delivered", Max: problem.MaxName, Called: "way of delivery"},
	InvoiceAddress:        problem.Field{Name: "invoice_address", Label: "Invoices go to", Max: problem.MaxName, Called: "place of delivery"},
	PurchaseOrderRequired: problem.Field{Name: "purchase_order_required", Label: "Purchase order required"},
	CustomerType:          problem.Field{Name: "customer_type", Label: "Customer type", Max: problem.MaxName},
	PriceLevel:            problem.Field{Name: "price_level", Label: "Price level", Max: problem.MaxName},
	AccountManager:        problem.Field{Name: "account_manager", Label: "Account manager"},
	OnHold:                problem.Field{Name: "on_hold", Label: "On hold"},
	FileQuota:             problem.Field{Name: "file_quota", Label: "Space for files", Max: 6},
	Notes:                 problem.Field{Name: "notes", Label: "Notes", Max: problem.MaxText},
	ArchivedAt:            problem.Field{Name: "archived_at", Label: "Archived"},
}

// Fields are the fields of a customer in the order of its form.
var Fields = problem.Fields{
	Field.Name, Field.CompanyName, Field.Phone, Field.Mobile, Field.Email, Field.Street, Field.Postal, Field.PaymentTerms, Field.InvoiceDelivery, Field.InvoiceAddress, Field.PurchaseOrderRequired, Field.CustomerType, Field.PriceLevel, Field.AccountManager, Field.OnHold, Field.FileQuota, Field.Notes, Field.ArchivedAt,
}
