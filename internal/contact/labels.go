package contact

import "fieldgate/internal/problem"

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

// Fields are the fields of a contact in the order of the form.
var Fields = func() problem.Fields {
	fields := problem.Fields{
		{Name: "name", Label: LabelName},
		{Name: "email", Label: LabelEmail},
		{Name: "phone", Label: LabelPhone},
		{Name: "mobile", Label: LabelMobile},
		{Name: "role", Label: LabelRole},
		{Name: "default", Label: LabelDefault},
		{Name: "access", Label: LabelAccess},
	}
	for _, f := range PermissionFields {
		fields = append(fields, problem.Field{Name: f.Name, Label: f.Label})
	}
	return append(fields, problem.Field{Name: "all_sites", Label: LabelAllSites}, problem.Field{Name: "sites", Label: LabelSites}, problem.Field{Name: "notes", Label: LabelNotes})
}()
