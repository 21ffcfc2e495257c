package contact

// What the fields of a contact are called, in forms, lists, files and the audit trail.
const (
	LabelName        = "Contact Name"
	LabelEmail       = "Email Address"
	LabelPhone       = "Phone"
	LabelMobile      = "Mobile"
	LabelRole        = "Role"
	LabelDefault     = "Default contact"
	LabelAccess      = "Portal access"
	LabelPermissions = "Permissions"
	LabelInvited     = "Invited"
	LabelLastSignIn  = "Last sign-in"
	LabelAllSites    = "All sites"
	LabelSites       = "Selected sites"
	LabelNotes       = "Notes"
)

// Label names a field of the audit trail.
type Label struct{ Field, Label string }

// Labels are those of a contact's fields in the audit trail, in the order of the form.
var Labels = func() []Label {
	labels := []Label{
		{"name", LabelName},
		{"email", LabelEmail},
		{"phone", LabelPhone},
		{"mobile", LabelMobile},
		{"role", LabelRole},
		{"default", LabelDefault},
		{"access", LabelAccess},
	}
	for _, f := range PermissionFields {
		labels = append(labels, Label{f.Name, f.Label})
	}
	return append(labels, Label{"all_sites", LabelAllSites}, Label{"sites", LabelSites}, Label{"notes", LabelNotes})
}()

// LabelOf is what a field of the audit trail is called; "" for none of the labels.
func LabelOf(field string) string {
	for _, l := range Labels {
		if l.Field == field {
			return l.Label
		}
	}
	return ""
}
