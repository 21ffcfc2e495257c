package token

import "fieldgate/internal/problem"

// Field is the description of each field of a token.
var Field = struct{ Name, Source, Scopes, Customers, Days problem.Field }{
	Name:      problem.Field{Name: "name", Label: "Name", Max: maxName},
	Source:    problem.Field{Name: "source", Label: "Source", Max: 40},
	Scopes:    problem.Field{Name: "scopes", Label: "What it may do"},
	Customers: problem.Field{Name: "customers", Label: "Customers", Max: 10_000},
	Days:      problem.Field{Name: "days", Label: "Works for"},
}

// Fields are the fields in the order of the form.
var Fields = problem.Fields{Field.Name, Field.Scopes, Field.Customers, Field.Source, Field.Days}
