package site

import "fieldgate/internal/problem"

// Field is the description of each field of a site: its name, its label and
// how long it may be, for whoever shows, reads or checks it.
var Field = struct {
	Name, Address, SiteContact, AccessInstructions, ArchivedAt problem.Field
}{
	Name:               problem.Field{Name: "name", Label: "Name", Max: problem.MaxName},
	Address:            problem.Field{Name: "address", Label: "Address"},
	SiteContact:        problem.Field{Name: "site_contact", Label: "Site contact", Max: problem.MaxName},
	AccessInstructions: problem.Field{Name: "access_instructions", Label: "Access instructions", Max: problem.MaxText},
	ArchivedAt:         problem.Field{Name: "archived_at", Label: "Archived"},
}

// Fields are the fields of a site in the order of its form.
var Fields = problem.Fields{
	Field.Name, Field.Address, Field.SiteContact, Field.AccessInstructions, Field.ArchivedAt,
}
