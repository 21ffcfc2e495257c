// Package permissions words the editor of a contact's permissions. Whoever
// grants them is offered no more than they have.
package permissions

import (
	"encoding/json"
	"strings"

	"github.com/a-h/templ"

	"fieldgate/internal/contact"
	"fieldgate/templates/ui"
)

// offered reports whether permissions, whatever the sites, are among those
// that somebody may grant.
func offered(p, grantable contact.Permissions) bool {
	p.AllSites, grantable.AllSites = true, true
	return p.Within(grantable)
}

// Presets are the presets to choose from.
func Presets(grantable contact.Permissions) []ui.Option {
	options := make([]ui.Option, 0, len(contact.Presets)+1)
	for _, p := range contact.Presets {
		if offered(p.Permissions, grantable) {
			options = append(options, ui.Option{Value: p.Key, Label: p.Name, Hint: p.Words})
		}
	}
	return append(options, ui.Option{Value: contact.Custom, Label: "Custom", Hint: "Exactly what is chosen in the table below."})
}

// PresetAttrs tell the script which controls a preset sets, so that choosing
// one fills the table, and changing the table finds the preset it equals.
func PresetAttrs(grantable contact.Permissions) templ.Attributes {
	sets := map[string]map[string]string{}
	for _, p := range contact.Presets {
		if !offered(p.Permissions, grantable) {
			continue
		}
		set := map[string]string{}
		for _, f := range contact.PermissionFields {
			if f.GrantableBy(grantable) {
				set[f.Name] = f.Value(p.Permissions)
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

// scopes are what may be seen of an area by whoever may grant as much.
func scopes(f contact.PermissionField, grantable contact.Permissions) []ui.Option {
	var options []ui.Option
	for _, s := range f.Scopes() {
		var p contact.Permissions
		f.Set(&p, string(s))
		if !offered(p, grantable) {
			continue
		}
		label := "None"
		switch s {
		case contact.Own:
			label = "Own " + strings.ToLower(f.Area)
		case contact.All:
			label = "All " + strings.ToLower(f.Area)
		case contact.None:
		}
		options = append(options, ui.Option{Value: string(s), Label: label})
	}
	return options
}

// always stands where an area has nothing to choose of what is seen.
var always = map[string]string{"My Details": "Own details, always"}

// Rows are the areas with what is granted of them; areas of which nothing may
// be granted are left out.
func Rows(p, grantable contact.Permissions, problems map[string]string) (rows []ui.PermissionRow) {
	for _, f := range contact.PermissionFields {
		if !f.GrantableBy(grantable) {
			continue
		}
		if len(rows) == 0 || rows[len(rows)-1].Area != f.Area {
			rows = append(rows, ui.PermissionRow{Area: f.Area, Always: always[f.Area]})
		}
		row := &rows[len(rows)-1]
		if options := scopes(f, grantable); len(options) > 0 {
			row.See, row.Options = ui.Field{Name: f.Name, Label: f.Area + ": may see", HideLabel: true, Value: f.Value(p), Problem: problems[f.Name]}, options
		} else {
			row.Rights = append(row.Rights, ui.Right{Name: f.Name, Label: f.Short, Has: f.Has(p), Problem: problems[f.Name]})
		}
	}
	return rows
}
