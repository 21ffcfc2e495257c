package job

import "fieldgate/internal/problem"

// Field is the description of each field of a job: its name, its label and
// how long it may be, for whoever shows, reads or checks it.
var Field = struct {
	Name, Description, Type, Site, MainContact, PurchaseOrder, PreferredOn, BookedFrom, BookedUntil, Work, InvoiceNumber, InvoicingNote, Priority, InternalNotes, Staff, Equipment,
	Status, CompletedAt, CancelledWhy, Reason problem.Field
}{
	Name:          problem.Field{Name: "name", Label: "Name", Max: problem.MaxName},
	Description:   problem.Field{Name: "description", Label: "Description", Max: problem.MaxText},
	Type:          problem.Field{Name: "type", Label: "Job type"},
	Site:          problem.Field{Name: "site", Label: "Site"},
	MainContact:   problem.Field{Name: "main_contact", Label: "Main contact"},
	PurchaseOrder: problem.Field{Name: "purchase_order", Label: "Purchase order", Max: problem.MaxName},
	PreferredOn:   problem.Field{Name: "preferred_on", Label: "Preferred date"},
	BookedFrom:    problem.Field{Name: "booked_from", Label: "Date Booked"},
	BookedUntil:   problem.Field{Name: "booked_until", Label: "Booked until"},
	Work:          problem.Field{Name: "work_undertaken", Label: "Work Undertaken", Max: problem.MaxText, Called: "text"},
	InvoiceNumber: problem.Field{Name: "invoice_number", Label: "Invoice number", Max: problem.MaxName},
	InvoicingNote: problem.Field{Name: "invoicing_note", Label: "Invoicing note", Max: problem.MaxText, Called: "note"},
	Priority:      problem.Field{Name: "priority", Label: "Priority"},
	InternalNotes: problem.Field{Name: "internal_notes", Label: "Internal notes", Max: problem.MaxText, Called: "notes"},
	Staff:         problem.Field{Name: "staff", Label: "Assigned"},
	Equipment:     problem.Field{Name: "equipment", Label: "Equipment worked on"},
	Status:        problem.Field{Name: "status", Label: "Status"},
	CompletedAt:   problem.Field{Name: "completed_at", Label: "Completed"},
	CancelledWhy:  problem.Field{Name: "cancelled_why", Label: "Why cancelled", Max: MaxReason, Called: "reason"},
	Reason:        problem.Field{Name: "reason", Label: "Reason", Max: MaxReason},
}

// Fields are the fields of a job in the order of its form.
var Fields = problem.Fields{
	Field.Status, Field.Type, Field.Name, Field.Description, Field.Work, Field.Site, Field.MainContact, Field.PurchaseOrder, Field.PreferredOn, Field.Equipment,
	Field.BookedFrom, Field.BookedUntil, Field.Staff, Field.CompletedAt, Field.CancelledWhy, Field.InvoiceNumber, Field.InvoicingNote, Field.Priority, Field.InternalNotes,
}

// TaskField describes each field of a task.
var TaskField = struct{ Subject, Description, DueOn, Assignee, Done problem.Field }{
	Subject:     problem.Field{Name: "subject", Label: "Subject", Max: problem.MaxName},
	Description: problem.Field{Name: "description", Label: "Description", Max: problem.MaxText},
	DueOn:       problem.Field{Name: "due_on", Label: "Due"},
	Assignee:    problem.Field{Name: "assignee", Label: "Assignee"},
	Done:        problem.Field{Name: "done", Label: "Done"},
}

// TaskFields are the fields of a task in the order of its form.
var TaskFields = problem.Fields{TaskField.Subject, TaskField.Description, TaskField.DueOn, TaskField.Assignee, TaskField.Done}

// TimeField describes each field of a time entry.
var TimeField = struct{ On, Staff, Hours, Start, End, Note problem.Field }{
	On:    problem.Field{Name: "worked_on", Label: "Day"},
	Staff: problem.Field{Name: "staff", Label: "Staff member"},
	Hours: problem.Field{Name: "hours", Label: "Hours", Max: 8},
	Start: problem.Field{Name: "start", Label: "Start"},
	End:   problem.Field{Name: "end", Label: "End"},
	Note:  problem.Field{Name: "note", Label: "Note", Max: problem.MaxText},
}

// TimeFields are the fields of a time entry in the order of its form.
var TimeFields = problem.Fields{TimeField.On, TimeField.Staff, TimeField.Hours, TimeField.Start, TimeField.End, TimeField.Note}

// TypeField describes each field of a job type.
var TypeField = struct{ Name, Colour, Active, DefaultDescription, Addresses problem.Field }{
	Name:               problem.Field{Name: "name", Label: "Name", Max: problem.MaxName},
	Colour:             problem.Field{Name: "colour", Label: "Colour"},
	Active:             problem.Field{Name: "active", Label: "Offered for new jobs"},
	DefaultDescription: problem.Field{Name: "default_description", Label: "Default description", Max: problem.MaxText, Called: "description"},
	Addresses:          problem.Field{Name: "notification_addresses", Label: "Job Type Notifications"},
}

// TypeFields are the fields of a job type in the order of its form.
var TypeFields = problem.Fields{TypeField.Name, TypeField.Colour, TypeField.Active, TypeField.DefaultDescription, TypeField.Addresses}
