// Package event is what customers did, for systems that want to know of it: each
// deed of a contact leaves an event in its own transaction (package audit writes
// it), and whoever reads gets them in an order that misses none.
package event

import "slices"

// Kind is what happened, as systems read it.
type Kind string

// The kinds. They are part of the interface: a name stays for good.
const (
	JobRequested     Kind = "job.requested"
	JobEdited        Kind = "job.edited"
	JobWithdrawn     Kind = "job.withdrawn"
	VisitAnswered    Kind = "visit.answered"
	QuoteRequested   Kind = "quote.requested"
	QuoteEdited      Kind = "quote.edited"
	QuoteWithdrawn   Kind = "quote.withdrawn"
	QuoteAccepted    Kind = "quote.accepted"
	QuoteDeclined    Kind = "quote.declined"
	MessageWritten   Kind = "message.written"
	FileAdded        Kind = "file.added"
	FileRemoved      Kind = "file.removed"
	EquipmentAdded   Kind = "equipment.added"
	EquipmentEdited  Kind = "equipment.edited"
	CustomerEdited   Kind = "customer.edited"
	SiteCreated      Kind = "site.created"
	SiteEdited       Kind = "site.edited"
	ContactCreated   Kind = "contact.created"
	ContactEdited    Kind = "contact.edited"
	ContactInvited   Kind = "contact.invited"
	ContactActivated Kind = "contact.activated"
	ContactSuspended Kind = "contact.suspended"
	ContactRestored  Kind = "contact.restored"

	// What a contact asks of the system that keeps a thing: nothing has changed here.
	JobChangeAsked       Kind = "job.change_asked"
	JobWithdrawalAsked   Kind = "job.withdrawal_asked"
	QuoteChangeAsked     Kind = "quote.change_asked"
	QuoteWithdrawalAsked Kind = "quote.withdrawal_asked"
	EquipmentChangeAsked Kind = "equipment.change_asked"
	CustomerChangeAsked  Kind = "customer.change_asked"
	SiteAsked            Kind = "site.asked"
	SiteChangeAsked      Kind = "site.change_asked"
	ContactChangeAsked   Kind = "contact.change_asked"
)

// Group are kinds that belong together where somebody chooses among them.
type Group struct {
	Label string
	Kinds []Kind
}

// Groups are all kinds, in the order in which they are offered.
var Groups = []Group{
	{"Jobs and visits", []Kind{JobRequested, JobEdited, JobWithdrawn, VisitAnswered}},
	{"Quotes", []Kind{QuoteRequested, QuoteEdited, QuoteWithdrawn, QuoteAccepted, QuoteDeclined}},
	{"Messages and files", []Kind{MessageWritten, FileAdded, FileRemoved}},
	{"Equipment", []Kind{EquipmentAdded, EquipmentEdited}},
	{"Details", []Kind{CustomerEdited, SiteCreated, SiteEdited}},
	{"Contacts", []Kind{ContactCreated, ContactEdited, ContactInvited, ContactActivated, ContactSuspended, ContactRestored}},
	{"Asked of the system that keeps it", []Kind{
		JobChangeAsked, JobWithdrawalAsked, QuoteChangeAsked, QuoteWithdrawalAsked, EquipmentChangeAsked, CustomerChangeAsked, SiteAsked, SiteChangeAsked, ContactChangeAsked,
	}},
}

// labels say what happened, in the office's words.
var labels = map[Kind]string{
	JobRequested: "A job is asked for", JobEdited: "A job is changed", JobWithdrawn: "A job is withdrawn", VisitAnswered: "A visit is answered",
	QuoteRequested: "A quote is asked for", QuoteEdited: "A quote is changed", QuoteWithdrawn: "A quote is withdrawn", QuoteAccepted: "A quote is accepted", QuoteDeclined: "A quote is declined",
	MessageWritten: "A message is written", FileAdded: "A file is added", FileRemoved: "A file is removed",
	EquipmentAdded: "Equipment is added", EquipmentEdited: "Equipment is changed",
	CustomerEdited: "Company details are changed", SiteCreated: "A site is added", SiteEdited: "A site is changed",
	ContactCreated: "A contact is added", ContactEdited: "A contact is changed", ContactInvited: "A contact is invited", ContactActivated: "An invitation is accepted",
	ContactSuspended: "A contact is suspended", ContactRestored: "A contact gets access again",
	JobChangeAsked: "A change of a job is asked for", JobWithdrawalAsked: "The withdrawal of a job is asked for", QuoteChangeAsked: "A change of a quote is asked for",
	QuoteWithdrawalAsked: "The withdrawal of a quote is asked for", EquipmentChangeAsked: "A change of equipment is asked for", CustomerChangeAsked: "A change of company details is asked for",
	SiteAsked: "A site is asked for", SiteChangeAsked: "A change of a site is asked for", ContactChangeAsked: "A change of a contact is asked for",
}

// Label is the kind as screens name it.
func (k Kind) Label() string { return labels[k] }

// Kinds are all that there are.
func Kinds() (all []Kind) {
	for _, g := range Groups {
		all = append(all, g.Kinds...)
	}
	return all
}

// Known reports whether there is such a kind.
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// told are the fields of a thing that an event may tell of. Those of the office
// alone are none of them, nor are any that somebody adds and does not name here.
var told = map[string][]string{
	"job": {
		"name", "description", "type", "site", "main_contact", "purchase_order", "preferred_on", "status", "equipment",
		"suits", "wishes", "reason", // of a visit's answer
	},
	"quote": {
		"name", "description", "price_estimate", "site", "main_contact", "job_type", "preferred_on", "purchase_order", "status",
		"sent_version", "full_name", "reason", "way", "said_at", // of an answer
	},
	"equipment": {
		"number", "name", "type", "site", "location", "make", "model", "serial_number", "installed_on", "commissioned_on", "warranty_until",
	},
	"customer": {"name", "company_name", "phone", "mobile", "email", "street", "postal"},
	"site":     {"name", "address", "site_contact"},
	"contact": {
		"name", "email", "phone", "mobile", "role", "default", "access", "jobs_see", "jobs_edit", "jobs_create", "quotes_see", "quotes_edit", "quotes_create", "quotes_accept",
		"equipment_see", "equipment_edit", "equipment_add", "company_edit", "contacts_manage", "all_sites", "sites",
	},
}

// Told are those of the fields of a thing that an event may tell of.
func Told(thing string, fields map[string]any) map[string]any {
	if fields == nil {
		return nil
	}
	some := map[string]any{}
	for _, name := range told[thing] {
		if value, there := fields[name]; there {
			some[name] = value
		}
	}
	return some
}
