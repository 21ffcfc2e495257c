// Package staff holds the people who work for the business.
package staff

import (
	"net/netip"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/keeper"
)

// Role is what somebody may do on the office side.
type Role string

// The roles. Field staff are assigned and have time logged; they do not sign in.
const (
	Administrator Role = "administrator"
	Office        Role = "office"
	Field         Role = "field"
)

// Viewer is the member of staff who looks at the office, read afresh at each
// request, or the token of the API that acts for the business.
type Viewer struct {
	Staff                 int64
	Token                 int64   // set, and Staff is not, when a token of the API acts
	Reach                 []int64 // the customers whom the token may reach; nil for all
	Name                  string
	Email                 string
	Role                  Role
	Business              string // the business's name
	HasLogo               bool
	LogoWidth, LogoHeight int   // pixels; zero when unknown
	Version               int64 // of the business's look; part of the logo's address
	Demo                  bool
	// MailDown is since when the mail server takes no email; zero while it does.
	MailDown time.Time
	// FactorBy is the day from which on the viewer can do nothing but set up the
	// second factor that their role needs and they do not have; zero else.
	FactorBy day.Day
	// Waiting is how much waits for somebody, by the kinds of overview.Kinds.
	Waiting map[string]int
	Format  company.Format
	// Keepers are the systems that keep some kinds of things; Source is the one for
	// which a token of the API acts, "" for people.
	Keepers keeper.Keepers
	Source  string
	// DraftKey seals what is typed and not sent, in the browser.
	DraftKey string
	// Stale says that the password was not given within ProofLife.
	Stale   bool
	Flash   string // what the last request has to say
	Warns   bool   // Flash says that something was not done
	Address netip.Addr
	Request string // the request's id
}

// Administers reports whether the viewer may enter Administration.
func (v Viewer) Administers() bool { return v.Role == Administrator }

// NeedsFactor reports whether the day has come.
func (v Viewer) NeedsFactor() bool {
	return !v.FactorBy.IsZero() && !v.FactorBy.After(v.Format.Today())
}

// ProofLife is how long a password given holds for what changes rights,
// addresses or staff.
const ProofLife = 15 * time.Minute

// CheckProof asks for the password again when it was not given lately. A token
// proves nothing: what needs a proof is for people.
func (v Viewer) CheckProof() error {
	if v.Token != 0 {
		return apperr.Forbidden{Words: "This is for staff in the office, not for a token of the API."}
	}
	if v.Stale {
		return apperr.ProofNeeded
	}
	return nil
}

// Actor is the viewer as the audit trail names them.
func (v Viewer) Actor() audit.Actor {
	return audit.Actor{Staff: v.Staff, Token: v.Token, Reach: v.Reach, Name: v.Name, Address: v.Address, Request: v.Request}
}
