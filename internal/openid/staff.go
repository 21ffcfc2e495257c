package openid

import (
	"cmp"
	"slices"
)

// Staff are the operator's settings: the provider by which the business's own
// people come into the office.
type Staff struct {
	Issuer       string   `env:"ISSUER"`
	ClientID     string   `env:"CLIENT_ID"`
	ClientSecret string   `env:"CLIENT_SECRET"`
	Domains      []string `env:"DOMAIN" envSeparator:","`
	Creates      string   `env:"CREATES"`       // the role of those who are new here: "" makes nobody
	Name         string   `env:"NAME"`          // what the button says
	SecondFactor string   `env:"SECOND_FACTOR"` // "provider": it has asked for one that we demand
	Inside       bool     `env:"INSIDE"`        // issuers of customers may stand inside the house
}

// Set reports whether there is a provider.
func (s Staff) Set() bool { return s.Issuer != "" }

// Client is how this program is known there.
func (s Staff) Client() Client {
	return Client{Issuer: s.Issuer, ID: s.ClientID, Secret: s.ClientSecret}
}

// Label is what the button says.
func (s Staff) Label() string { return cmp.Or(s.Name, "Log in with your work account") }

// FactorThere reports whether a second factor that is demanded is the provider's affair.
func (s Staff) FactorThere() bool { return s.SecondFactor == "provider" }

// Takes reports whether an address is of one of the domains.
func (s Staff) Takes(address string) bool {
	_, domain, ok := SplitAddress(address)
	return ok && s.takesDomain(domain)
}

func (s Staff) takesDomain(domain string) bool { return slices.Contains(s.Domains, domain) }

// Owns reports whether an account is the business's to give and to end.
func (s Staff) Owns(who Somebody) bool { return who.Owned(s.takesDomain) }

// Check says what is wrong with the settings, a line each, and brings the domains
// into the form in which they are compared.
func (s *Staff) Check(say func(format string, args ...any)) {
	if s.Issuer == "" {
		if s.ClientID != "" || s.ClientSecret != "" || len(s.Domains) > 0 || s.Creates != "" || s.Name != "" || s.SecondFactor != "" {
			say("FIELDGATE_OIDC_ISSUER is missing: the other FIELDGATE_OIDC_… settings do nothing without it")
		}
		return
	}
	if err := CheckIssuer(s.Issuer, s.Inside); err != nil {
		say("FIELDGATE_OIDC_ISSUER: %v", err)
	}
	for name, value := range map[string]string{"FIELDGATE_OIDC_CLIENT_ID": s.ClientID, "FIELDGATE_OIDC_CLIENT_SECRET": s.ClientSecret} {
		if value == "" {
			say("%s is missing", name)
		}
	}
	if len(s.Domains) == 0 {
		say("FIELDGATE_OIDC_DOMAIN is missing: the domains of your people's addresses, such as example.com, separated by commas")
	}
	for i, d := range s.Domains {
		domain, ok := Domain(d)
		if !ok {
			say("FIELDGATE_OIDC_DOMAIN: %q is no domain such as example.com", d)
		}
		s.Domains[i] = domain
	}
	if s.Creates != "" && s.Creates != "office" && s.Creates != "administrator" {
		say("FIELDGATE_OIDC_CREATES: write office or administrator, or leave it empty")
	}
	if s.SecondFactor != "" && s.SecondFactor != "provider" {
		say("FIELDGATE_OIDC_SECOND_FACTOR: write provider, or leave it empty")
	}
	if len([]rune(s.Name)) > 60 {
		say("FIELDGATE_OIDC_NAME: keep it under 60 characters, such as Log in with Microsoft")
	}
}
