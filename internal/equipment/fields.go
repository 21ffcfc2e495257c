package equipment

import "fieldgate/internal/problem"

// Field is the description of each field of an item: its name, its label and
// how long it may be, for whoever shows, reads or checks it.
var Field = struct {
	Status, Number, Name, Type, Site, Location, Make, Model, SerialNumber, InstalledOn, CommissionedOn, WarrantyUntil, LastServiceOn, NextServiceOn, Notes problem.Field
}{
	Status:         problem.Field{Name: "status", Label: "Status"},
	Number:         problem.Field{Name: "number", Label: "Number", Max: problem.MaxName},
	Name:           problem.Field{Name: "name", Label: "Name", Max: problem.MaxName},
	Type:           problem.Field{Name: "type", Label: "Type", Max: problem.MaxName},
	Site:           problem.Field{Name: "site", Label: "Site"},
	Location:       problem.Field{Name: "location", Label: "Location", Max: problem.MaxName},
	Make:           problem.Field{Name: "make", Label: "Make", Max: problem.MaxName},
	Model:          problem.Field{Name: "model", Label: "Model", Max: problem.MaxName},
	SerialNumber:   problem.Field{Name: "serial_number", Label: "Serial number", Max: problem.MaxName},
	InstalledOn:    problem.Field{Name: "installed_on", Label: "Installed"},
	CommissionedOn: problem.Field{Name: "commissioned_on", Label: "Commissioned"},
	WarrantyUntil:  problem.Field{Name: "warranty_until", Label: "Warranty until"},
	LastServiceOn:  problem.Field{Name: "last_service_on", Label: "Last service"},
	NextServiceOn:  problem.Field{Name: "next_service_on", Label: "Next service due"},
	Notes:          problem.Field{Name: "notes", Label: "Notes", Max: problem.MaxText},
}

// Fields are the fields of an item in the order of its form.
var Fields = problem.Fields{
	Field.Status, Field.Number, Field.Name, Field.Type, Field.Site, Field.Location, Field.Make, Field.Model, Field.SerialNumber,
	Field.InstalledOn, Field.CommissionedOn, Field.WarrantyUntil, Field.LastServiceOn, Field.NextServiceOn, Field.Notes,
}
