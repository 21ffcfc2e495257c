package form

import (
	"net/http"

	"fieldgate/internal/contact"
)

// Permissions reads a contact's permissions and the key of the preset they were
// chosen by. What they may be is asked where they are granted.
func Permissions(r *http.Request) (contact.Permissions, string) {
	// A preset counts for more than the table, which only a script keeps in step.
	preset := Text(r, "preset")
	p, ok := contact.PresetPermissions(preset)
	if !ok {
		preset = contact.Custom
		for _, f := range contact.PermissionFields {
			f.Set(&p, Text(r, f.Name))
		}
	}
	p.AllSites = Text(r, "sites_scope") != "selected"
	if !p.AllSites {
		p.Sites = IDs(r, "sites")
	}
	return p, preset
}
