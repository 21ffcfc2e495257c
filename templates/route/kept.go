package route

import (
	"strings"

	"fieldgate/internal/keeper"
)

// changing are the forms of the office that change things of kinds which another
// system may keep; * stands for one part of the address.
var changing = map[string][]keeper.Kind{
	"/office/customers/new":                  {keeper.Customers},
	"/office/customers/*/edit":               {keeper.Customers},
	"/office/customers/*/archive":            {keeper.Customers},
	"/office/customers/*/restore":            {keeper.Customers},
	"/office/customers/*/merge":              keeper.Kinds,
	"/office/customers/*/sites/new":          {keeper.Sites},
	"/office/customers/*/sites/*/edit":       {keeper.Sites},
	"/office/customers/*/sites/*/archive":    {keeper.Sites},
	"/office/customers/*/sites/*/restore":    {keeper.Sites},
	"/office/customers/*/contacts/new":       {keeper.Contacts},
	"/office/customers/*/contacts/*/archive": {keeper.Contacts},
	"/office/customers/*/contacts/*/restore": {keeper.Contacts},
	"/office/jobs/new":                       {keeper.Jobs},
	"/office/jobs/*/edit":                    {keeper.Jobs},
	"/office/jobs/*/booking":                 {keeper.Jobs},
	"/office/jobs/*/completion":              {keeper.Jobs},
	"/office/jobs/*/cancellation":            {keeper.Jobs},
	"/office/jobs/*/deferral":                {keeper.Jobs},
	"/office/jobs/*/unscheduling":            {keeper.Jobs},
	"/office/jobs/*/visit":                   {keeper.Jobs},
	"/office/quotes/new":                     {keeper.Quotes},
	"/office/quotes/*/edit":                  {keeper.Quotes},
	"/office/quotes/*/sending":               {keeper.Quotes},
	"/office/quotes/*/withdrawal":            {keeper.Quotes},
	"/office/quotes/*/revision":              {keeper.Quotes},
	"/office/quotes/*/answer":                {keeper.Quotes},
	"/office/quotes/*/job":                   {keeper.Jobs},
	"/office/equipment/new":                  {keeper.Equipment},
	"/office/equipment/*/edit":               {keeper.Equipment},
	"/office/equipment/*/retirement":         {keeper.Equipment},
	"/office/equipment/*/restoration":        {keeper.Equipment},
}

// Changes are the kinds of things that the form at an address of the office
// changes, as far as another system may keep them; nil for all other pages.
func Changes(address string) []keeper.Kind {
	path, _, _ := strings.Cut(address, "?")
	path, _, _ = strings.Cut(path, "#")
	if kinds, known := changing[path]; known {
		return kinds
	}
	parts := strings.Split(path, "/")
	if len(parts) < 5 || parts[1] != "office" {
		return nil
	}
	parts[3] = "*"
	if len(parts) == 7 {
		parts[5] = "*"
	}
	return changing[strings.Join(parts, "/")]
}
