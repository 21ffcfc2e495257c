// Package address holds postal addresses.
package address

import (
	"strings"

	"fieldgate/internal/problem"
)

// Address is a street or postal address; any part may be empty.
type Address struct {
	Line1    string `json:"line1,omitempty"`
	Line2    string `json:"line2,omitempty"`
	City     string `json:"city,omitempty"`
	Region   string `json:"region,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	Country  string `json:"country,omitempty"`
}

// Lines is the address as on an envelope, without empty lines.
func (a Address) Lines() []string {
	town := strings.Join(nonEmpty(a.City, a.Region, a.Postcode), " ")
	return nonEmpty(a.Line1, a.Line2, town, a.Country)
}

// String is the address in one line.
func (a Address) String() string { return strings.Join(a.Lines(), ", ") }

// Check records problems at the fields prefix_line1, prefix_line2 and so on.
func (a Address) Check(p problem.Set, prefix string) {
	p.Name(a.Line1, prefix+"_line1", "address line")
	p.Name(a.Line2, prefix+"_line2", "address line")
	p.Name(a.City, prefix+"_city", "city")
	p.Name(a.Region, prefix+"_region", "region")
	p.Name(a.Postcode, prefix+"_postcode", "postcode")
	p.Name(a.Country, prefix+"_country", "country")
}

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
