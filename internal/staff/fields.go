package staff

import "fieldgate/internal/problem"

// MemberField is the description of each field of a member of staff: its name, its label and
// how long it may be, for whoever shows, reads or checks it.
var MemberField = struct {
	Name, Email, Phone, Role, State problem.Field
}{
	Name:  problem.Field{Name: "name", Label: "Name", Max: problem.MaxName},
	Email: problem.Field{Name: "email", Label: "Email Address", Max: problem.MaxEmail},
	Phone: problem.Field{Name: "phone", Label: "Phone", Max: problem.MaxName, Called: "phone number"},
	Role:  problem.Field{Name: "role", Label: "Role"},
	State: problem.Field{Name: "state", Label: "State"},
}

// Fields are the fields of a member of staff in the order of its form.
var Fields = problem.Fields{
	MemberField.Name, MemberField.Email, MemberField.Phone, MemberField.Role, MemberField.State,
}
