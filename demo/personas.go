package demo

import "strings"

// Password is what every persona signs in with. It stands on the sign-in pages
// of the demo and opens nothing else.
const Password = "let-me-look-around"

// Side is where a persona signs in.
type Side string

// The two sides.
const (
	Office Side = "office"
	Portal Side = "portal"
)

// Persona is somebody the visitor of the demo can be.
type Persona struct {
	Name  string // the full name, as on the screens
	Email string // the sign-in address
	Side  Side
	Who   string // one line: who they are and what they show
}

// First is what everybody calls the persona.
func (p Persona) First() string {
	first, _, _ := strings.Cut(p.Name, " ")
	return first
}

// Personas are those who can sign in, the most telling first.
var Personas = []Persona{
	{"Ada Fontaine", "ada@demo.test", Office, "Administrator: runs the business and may do everything"},
	{"Ben Whitlock", "ben@demo.test", Office, "Office: customers, jobs and quotes, but not Administration"},
	{"Lee Nakamura", "lee@demo.test", Portal, "Harbour Dental Group, operations manager: sees and does everything"},
	{"Kim Tran", "kim@demo.test", Portal, "Harbour Dental Group, one practice: own jobs only, no quotes"},
	{"Max Okafor", "max@demo.test", Portal, "Harbour Dental Group, left the company: suspended, cannot get in"},
	{"Ola Lindgren", "ola@demo.test", Portal, "Pelican Point strata: another customer, sees none of Harbour Dental"},
	{"Sam Petrou", "sam@demo.test", Portal, "Facilities manager for two customers: chooses one after signing in"},
}
