package quote

import "fieldgate/internal/problem"

// Field is the description of each field of a quote: its name, its label and
// how long it may be, for whoever shows, reads or checks it.
var Field = struct {
	Status, Name, Description, PriceEstimate, Lines, Site, MainContact, JobType, PurchaseOrder, ValidUntil, PreferredOn, BookedFrom, BookedUntil, Staff,
	Inclusions, Exclusions, Terms, InternalNotes, Total, WithdrawnReason problem.Field
}{
	Status:          problem.Field{Name: "status", Label: "Status"},
	Name:            problem.Field{Name: "name", Label: "Name", Max: problem.MaxName},
	Description:     problem.Field{Name: "description", Label: "Description", Max: problem.MaxText},
	PriceEstimate:   problem.Field{Name: "price_estimate", Label: "Price Estimate", Max: 30},
	Lines:           problem.Field{Name: "lines", Label: "Lines", Max: MaxLines},
	Site:            problem.Field{Name: "site", Label: "Site"},
	MainContact:     problem.Field{Name: "main_contact", Label: "Main contact"},
	JobType:         problem.Field{Name: "job_type", Label: "Job type"},
	PurchaseOrder:   problem.Field{Name: "purchase_order", Label: "Purchase order", Max: problem.MaxName},
	ValidUntil:      problem.Field{Name: "valid_until", Label: "Valid until"},
	PreferredOn:     problem.Field{Name: "preferred_on", Label: "Preferred date"},
	BookedFrom:      problem.Field{Name: "booked_from", Label: "Date Booked"},
	BookedUntil:     problem.Field{Name: "booked_until", Label: "End", Called: "date booked"},
	Staff:           problem.Field{Name: "staff", Label: "Assigned"},
	Inclusions:      problem.Field{Name: "inclusions", Label: "Inclusions", Max: problem.MaxText},
	Exclusions:      problem.Field{Name: "exclusions", Label: "Exclusions", Max: problem.MaxText},
	Terms:           problem.Field{Name: "terms", Label: "Terms and conditions", Max: problem.MaxText, Called: "terms"},
	InternalNotes:   problem.Field{Name: "internal_notes", Label: "Internal notes", Max: problem.MaxText},
	Total:           problem.Field{Name: "total", Label: "Total with tax"},
	WithdrawnReason: problem.Field{Name: "why", Label: "Why", Max: problem.MaxText, Called: "reason"},
}

// Fields are the fields of a quote in the order of its form.
var Fields = problem.Fields{
	Field.Status, Field.Name, Field.Description, Field.PriceEstimate, Field.Lines, Field.Site, Field.MainContact, Field.JobType, Field.PurchaseOrder, Field.ValidUntil, Field.PreferredOn,
	Field.BookedFrom, Field.BookedUntil, Field.Staff, Field.Inclusions, Field.Exclusions, Field.Terms, Field.InternalNotes,
}
