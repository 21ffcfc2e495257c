// Package rights words the editor of a contact's permissions. Whoever grants
// them is offered no more than they hold.
package permissions

import (
	"encoding/json"

	"github.com/a-h/templ"

	"fieldgate/internal/contact"
	"fieldgate/templates/ui"
)

// Everything is what the office may grant.
var Everything = contact.Permissions{
	JobsSee: contact.All, JobsEdit: true, JobsCreate: true, QuotesSee: contact.All, QuotesEdit: true, QuotesCreate: true, QuotesAccept: true,
	EquipmentSee: contact.All, EquipmentEdit: true, EquipmentAdd: true, CompanyEdit: true, ContactsManage: true, AllSites: true,
}

// within reports whether rights, whatever the sites, are among those held.
func within(rights, held contact.Permissions) bool {
	rights.AllSites, held.AllSites = true, true
	return rights.Within(held)
}

// Presets are the presets to choose from.
func Presets(held contact.Permissions) []ui.Option {
	options := make([]ui.Option, 0, len(contact.Presets)+1)
	for _, p := range contact.Presets {
		if within(p.Rights, held) {
			options = append(options, ui.Option{Value: p.Key, Label: p.Name, Hint: p.Words})
		}
	}
	return append(options, ui.Option{Value: contact.Custom, Label: "Custom", Hint: "Exactly what is chosen in the table below."})
}

// PresetAttrs tell the script which controls a preset sets, so that choosing
// one fills the table, and changing the table finds the preset it equals.
func PresetAttrs(held contact.Permissions) templ.Attributes {
	sets := map[string]map[string]string{}
	for _, p := range contact.Presets {
		if !within(p.Rights, held) {
			continue
		}
		set := map[string]string{}
		for _, row := range Rows(p.Rights, held, nil) {
			if row.See.Name != "" {
				set[row.See.Name] = row.See.Value
			}
			for _, r := range row.Rights {
				set[r.Name] = map[bool]string{true: "on"}[r.Has]
			}
		}
		sets[p.Key] = set
	}
	raw, err := json.Marshal(sets)
	if err != nil {
		return nil
	}
	return templ.Attributes{"data-presets": string(raw), "data-presets-else": contact.Custom}
}

// scopes are what may be seen of an area by who holds as much.
func scopes(noun string, held contact.See) []ui.Option {
	options := []ui.Option{{Value: string(contact.None), Label: "None"}}
	if held != contact.None && noun != "equipment" {
		options = append(options, ui.Option{Value: string(contact.Own), Label: "Own " + noun})
	}
	if held == contact.All {
		options = append(options, ui.Option{Value: string(contact.All), Label: "All " + noun})
	}
	return options
}

// Rows are the areas with what is granted of them; areas of which nothing is
// held are left out.
func Rows(p, held contact.Permissions, problems map[string]string) (rows []ui.RightsRow) {
	type right struct {
		name, label string
		has, held   bool
	}
	add := func(area, see string, value, seen contact.See, options []ui.Option, always string, rights ...right) {
		row := ui.RightsRow{Area: area, Options: options, Always: always}
		if see != "" {
			row.See = ui.Field{Name: see, Label: area + ": may see", HideLabel: true, Value: string(value), Problem: problems[see]}
		}
		for _, r := range rights {
			if r.held {
				row.Rights = append(row.Rights, ui.Right{Name: r.name, Label: r.label, Has: r.has, Problem: problems[r.name]})
			}
		}
		if len(row.Rights) > 0 || seen != contact.None {
			rows = append(rows, row)
		}
	}
	add("Jobs", "jobs_see", p.JobsSee, held.JobsSee, scopes("jobs", held.JobsSee), "",
		right{"jobs_edit", "Edit", p.JobsEdit, held.JobsEdit}, right{"jobs_create", "Create", p.JobsCreate, held.JobsCreate})
	add("Quotes", "quotes_see", p.QuotesSee, held.QuotesSee, scopes("quotes", held.QuotesSee), "",
		right{"quotes_edit", "Edit", p.QuotesEdit, held.QuotesEdit}, right{"quotes_create", "Create", p.QuotesCreate, held.QuotesCreate},
		right{"quotes_accept", "Accept or decline", p.QuotesAccept, held.QuotesAccept})
	add("Equipment", "equipment_see", p.EquipmentSee, held.EquipmentSee, scopes("equipment", held.EquipmentSee), "",
		right{"equipment_edit", "Edit", p.EquipmentEdit, held.EquipmentEdit}, right{"equipment_add", "Add", p.EquipmentAdd, held.EquipmentAdd})
	add("My Details", "", contact.None, contact.None, nil, "Own details, always", right{"company_edit", "Edit company details and sites", p.CompanyEdit, held.CompanyEdit})
	add("Contacts", "", contact.None, contact.None, nil, "", right{"contacts_manage", "Manage the customer's other contacts", p.ContactsManage, held.ContactsManage})
	return rows
}
