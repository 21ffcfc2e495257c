// Package portal is the customers' side: who looks (Viewer), what they may see
// (Reader) and what they may ask for (Service).
package portal

import (
	"net/netip"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/keeper"
)

// Viewer is the contact who looks at the portal, read afresh at each request.
type Viewer struct {
	Contact      int64
	Customer     int64
	Person       int64 // 0 for a contact who has come by their company's provider
	ByCompany    bool  // so they have
	Session      int64 // 0 when it begins with this request
	Name         string
	CustomerName string // what the customer is called on screens
	CustomerNo   string
	OnHold       bool // new jobs and quotes are refused
	Permissions  contact.Permissions
	Customers    map[int64]string // what this person may look at: the customer's name by contact
	MustChange   bool             // a password set by staff has to be replaced first
	HidesTasks   bool
	Business     Business
	Keepers      keeper.Keepers // the systems that keep some kinds of things
	News         *News          // filled by each look at a page; nil for who needs none
	Preview      Preview        // set when it is staff who look, as this contact would
	Link         Link           // set when an email's link was followed, to the one record of it
	Flash        string         // what the last request has to say
	Warns        bool           // Flash says that something was not done
	DraftKey     string         // seals what is typed and not sent, in the browser
	Stale        bool           // the password was not given within staff.ProofLife
	Address      netip.Addr
	Request      string // the request's id
}

// Preview says that a member of staff looks at the portal as the contact sees
// it. It is read-only and leaves no trace of a visit: whatever notes that the
// contact was here, has read or has seen something asks Previewing first. There
// is no Person in a preview: what is the person's own is no part of it.
type Preview struct {
	Staff      int64
	StaffName  string
	Until      time.Time // when it ends of itself
	Access     string    // of the contact: none, invited, active, suspended
	Downloaded bool      // files were taken out already, and that was written down
}

// Previewing reports whether it is staff who look, and not the contact.
func (v Viewer) Previewing() bool { return v.Preview.Staff != 0 }

// Business is what every page shows of the business itself.
type Business struct {
	Name                  string
	Phone                 string
	Email                 string
	Website               string
	Welcome               string
	Colour                string // #rrggbb
	HasLogo               bool
	LogoWidth, LogoHeight int // pixels; zero when unknown
	HasBanner             bool
	Version               int64 // changes with name, logo, banner and colour; part of their addresses
	Credit                bool  // the footer names the program
	Demo                  bool
	CompanyLogins         bool // some customers' people come in with their company's account
	Format                company.Format
}

// Choices is how many customers this person may look at.
func (v Viewer) Choices() int { return len(v.Customers) }

func sees(s contact.Scope) bool { return s == contact.Own || s == contact.All }

// seesOwnAlone reports whether the contact sees no jobs and no quotes but their own.
func (v Viewer) seesOwnAlone() bool {
	own := func(s contact.Scope) bool { return s == contact.Own || s == contact.None }
	return own(v.Permissions.JobsSee) && own(v.Permissions.QuotesSee)
}

// SeesJobs and its kin answer what navigation and buttons ask. The database
// asks again.
func (v Viewer) SeesJobs() bool { return sees(v.Permissions.JobsSee) }

// SeesQuotes reports whether the contact may see any quotes.
func (v Viewer) SeesQuotes() bool { return sees(v.Permissions.QuotesSee) }

// SeesEquipment reports whether the contact may see the equipment.
func (v Viewer) SeesEquipment() bool { return v.Permissions.EquipmentSee == contact.All }

// SeesDocuments reports whether the contact may see documents of anything.
func (v Viewer) SeesDocuments() bool { return v.SeesJobs() || v.SeesQuotes() || v.SeesEquipment() }

// MayOpenJobs reports whether the contact may ask for new jobs.
func (v Viewer) MayOpenJobs() bool { return v.SeesJobs() && v.Permissions.JobsCreate }

// MayEditJobs reports whether the contact may edit jobs at all; a job's status may forbid it.
func (v Viewer) MayEditJobs() bool { return v.SeesJobs() && v.Permissions.JobsEdit }

// MayRequestQuotes reports whether the contact may ask for new quotes.
func (v Viewer) MayRequestQuotes() bool { return v.SeesQuotes() && v.Permissions.QuotesCreate }

// MayEditQuotes reports whether the contact may edit quotes at all; a quote's status may forbid it.
func (v Viewer) MayEditQuotes() bool { return v.SeesQuotes() && v.Permissions.QuotesEdit }

// MayAcceptQuotes reports whether the contact may accept and decline quotes.
func (v Viewer) MayAcceptQuotes() bool { return v.SeesQuotes() && v.Permissions.QuotesAccept }

// MayAddEquipment reports whether the contact may add equipment.
func (v Viewer) MayAddEquipment() bool { return v.SeesEquipment() && v.Permissions.EquipmentAdd }

// MayEditEquipment reports whether the contact may edit equipment.
func (v Viewer) MayEditEquipment() bool { return v.SeesEquipment() && v.Permissions.EquipmentEdit }

// MayEditCompany reports whether the contact may edit the company's details and sites.
func (v Viewer) MayEditCompany() bool { return v.Permissions.CompanyEdit }

// MayManageContacts reports whether the contact looks after the customer's
// other contacts.
func (v Viewer) MayManageContacts() bool {
	return v.Permissions.CompanyEdit && v.Permissions.ContactsManage
}

// CheckProof asks for the password again when it was not given lately.
func (v Viewer) CheckProof() error {
	if v.Stale {
		return apperr.ProofNeeded
	}
	return nil
}

// Actor is the viewer as the audit trail names them.
func (v Viewer) Actor() audit.Actor {
	return audit.Actor{Contact: v.Contact, Person: v.Person, Name: v.Name, Address: v.Address, Request: v.Request}
}
