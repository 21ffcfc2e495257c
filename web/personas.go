package web

import (
	"net/url"

	signinview "fieldgate/templates/signin"
)

// Persona is somebody whom the visitor of the demo can be. The sign-in page of
// their side shows them; anywhere else there are none.
type Persona struct {
	Office                     bool // else of the portal
	Name, Email, Password, Who string
}

func (p Persona) fill() string {
	return url.Values{"email": {p.Email}, "password": {p.Password}}.Encode()
}

// personasOf are those of one side.
func personasOf(office bool, all []Persona) (list []signinview.Persona) {
	for _, p := range all {
		if p.Office == office {
			list = append(list, signinview.Persona{Name: p.Name, Who: p.Who, Email: p.Email, Password: p.Password, Fill: p.fill()})
		}
	}
	return list
}
