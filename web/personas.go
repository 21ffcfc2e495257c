package web

import (
	"net/url"

	officeview "fieldgate/templates/office"
	portalview "fieldgate/templates/portal"
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

func portalPersonas(all []Persona) (list []portalview.DoorPersona) {
	for _, p := range all {
		if !p.Office {
			list = append(list, portalview.DoorPersona{Name: p.Name, Who: p.Who, Email: p.Email, Password: p.Password, Fill: p.fill()})
		}
	}
	return list
}

func officePersonas(all []Persona) (list []officeview.DoorPersona) {
	for _, p := range all {
		if p.Office {
			list = append(list, officeview.DoorPersona{Name: p.Name, Who: p.Who, Email: p.Email, Password: p.Password, Fill: p.fill()})
		}
	}
	return list
}
