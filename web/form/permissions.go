package form

import (
	"net/http"

	"fieldgate/internal/contact"
)

// Rights reads a contact's permissions and the key of the preset they were
// chosen by. What they may be is asked where they are granted.
func Rights(r *http.Request) (contact.Permissions, string) {
	// A preset counts for more than the table, which only a script keeps in step.
	preset := Text(r, "preset")
	rights, ok := contact.PresetRights(preset)
	if !ok {
		preset = contact.Custom
		rights = contact.Permissions{
			JobsSee: contact.See(Text(r, "jobs_see")), JobsEdit: Check(r, "jobs_edit"), JobsCreate: Check(r, "jobs_create"),
			QuotesSee: contact.See(Text(r, "quotes_see")), QuotesEdit: Check(r, "quotes_edit"), QuotesCreate: Check(r, "quotes_create"),
			QuotesAccept: Check(r, "quotes_accept"),
			EquipmentSee: contact.See(Text(r, "equipment_see")), EquipmentEdit: Check(r, "equipment_edit"), EquipmentAdd: Check(r, "equipment_add"),
			CompanyEdit: Check(r, "company_edit"), ContactsManage: Check(r, "contacts_manage"),
		}
	}
	rights.AllSites = Text(r, "sites_scope") != "selected"
	if !rights.AllSites {
		rights.Sites = IDs(r, "sites")
	}
	return rights, preset
}
