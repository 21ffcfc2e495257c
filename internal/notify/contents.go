package notify

import (
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/address"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/mail"
	"fieldgate/internal/quote"
	"fieldgate/internal/signin"
)

// Mail is everything that a Renderer needs for one mail.
type Mail struct {
	To       mail.Address
	Business Business
	// Rule is the one that chose the recipient.
	Rule string
	// Contact is as whom somebody is written to: links lead to that customer.
	// Zero for mails of no customer.
	Contact int64
	// Open is the token that opens the job or quote that the mail is about without
	// signing in; empty for mails without.
	Open string
	// NoAccess says that the contact it goes to cannot sign in to the portal.
	NoAccess bool
	// Stop is the token with which a contact ends this kind of mail; empty for
	// mails that are always sent.
	Stop string
	// Answers says that a reply to the mail is kept with its job or quote.
	Answers bool
	// More are lines about the rest of a burst, of which Content is the first.
	More []string
	// Content is one of the types below; it decides which mail this is.
	Content any
}

// Business is whom a mail comes from.
type Business struct {
	company.Details
	Format   company.Format
	Logo     []byte // nil if there is none
	LogoType string
}

// Invitation lets a contact in, by Token or by Password.
type Invitation struct {
	Contact  string
	Customer string
	Email    string
	Token    string
	Password string
	// Known says that the address already belongs to a person, who signs in
	// with the password they have.
	Known bool
}

// AccessNotice tells the office about a contact's access.
type AccessNotice struct {
	What           string // invited, suspended, restored, changed
	By             string // who did it; "" for nobody known
	Managed        bool   // it was a contact who looks after them
	Contact        string
	Email          string
	Customer       string
	CustomerNumber string
}

// JobNotice tells the office about a new job.
type JobNotice struct {
	Number         string
	Name           string
	Description    string
	Type           string
	Customer       string
	CustomerNumber string
	Site           string
	Contact        string
	ContactPhone   string
	ContactEmail   string
	PurchaseOrder  string
	PreferredOn    day.Day
	FromPortal     bool
	CreatedAt      time.Time
	Status         string
}

// QuoteNotice tells the office about a new quote.
type QuoteNotice struct {
	Number         string
	Name           string
	Description    string
	Type           string
	Customer       string
	CustomerNumber string
	Site           string
	Contact        string
	ContactPhone   string
	ContactEmail   string
	PurchaseOrder  string
	PreferredOn    day.Day
	Estimate       *int64 // minor units
	Currency       string
	CreatedAt      time.Time
	Status         quote.Status
}

// PricedQuote tells a contact that a quote is ready, or about to expire.
type PricedQuote struct {
	Number      string
	Name        string
	Description string
	Contact     string
	Site        string
	Total       int64 // minor units, with tax
	Tax         int64
	Currency    string
	ValidUntil  day.Day
	Expiring    bool
	Today       day.Day
}

// AnsweredQuote confirms to a contact what was decided.
type AnsweredQuote struct {
	PricedQuote
	Decision string // accepted, declined
	By       string // the name given
	Reason   string
	quote.Recording
	At time.Time
}

// QuoteDecision tells the office what was decided.
type QuoteDecision struct {
	Number      string
	Name        string
	Description string
	Decision    string
	By          string
	quote.Recording
	Reason         string
	PurchaseOrder  string
	Customer       string
	CustomerNumber string
	Total          int64
	Currency       string
	At             time.Time
	Version        int
}

// JobVisit tells a contact when somebody comes.
type JobVisit struct {
	Number      string
	Name        string
	Description string
	Type        string
	Contact     string
	Site        string
	Address     address.Address
	From, Until *time.Time
	Staff       []string
	Moved       bool // it had another time before
	Tomorrow    bool // it is a reminder
	Version     int64
}

// VisitCalledOff tells a contact that nobody comes.
type VisitCalledOff struct {
	Number      string
	Name        string
	Description string
	Contact     string
	Site        string
	Address     address.Address
	From, Until *time.Time // when it would have been; nil if nobody was expected
	Why         string
	Cancelled   bool // nothing will be done; else another time is to be found
	Deferred    bool
	Version     int64
}

// Receipt tells a contact that what they asked for has arrived.
type Receipt struct {
	Quote         bool // else a job
	Number        string
	Name          string
	Description   string
	Contact       string
	Type          string
	Site          string
	PreferredOn   day.Day
	PurchaseOrder string
	Estimate      *int64 // minor units
	Currency      string
	Files         int
}

// WithdrawnNotice tells the office that something is not needed any more.
type WithdrawnNotice struct {
	Quote          bool // else a job
	Number         string
	Name           string
	Description    string
	Customer       string
	CustomerNumber string
	By             string
	Why            string
}

// FreshLink brings a contact the link that they asked for.
type FreshLink struct {
	Quote       bool // else a job
	Number      string
	Name        string
	Description string
	Contact     string
}

// VisitAnswer tells the office which other times would suit a contact.
type VisitAnswer struct {
	Number         string
	Name           string
	Description    string
	Customer       string
	CustomerNumber string
	By             string
	From, Until    *time.Time
	Wishes         []job.Wish
	Reason         string
	Suits          bool
}

// JobReport tells a contact that a job is done.
type JobReport struct {
	Number      string
	Name        string
	Description string
	Contact     string
	Site        string
	Work        string
	Hours       decimal.Decimal
	CompletedAt *time.Time
	HasPhotos   bool
	Pictures    []Picture `db:"-"`
}

// SharedFiles tells a contact of files to look at, all on one record.
type SharedFiles struct {
	Contact   string
	Files     []SharedFile
	Job       string // number, of the one it hangs on
	Quote     string
	Equipment string    // opaque id
	Title     string    // of the record
	Pictures  []Picture `db:"-"`
}

// SharedFile is one of them.
type SharedFile struct {
	Name, Caption string
	Photo, Video  bool
}

// MessageNotice tells of a message, a contact or the office.
type MessageNotice struct {
	ToOffice       bool
	Contact        string // who reads
	Author         string
	FromOffice     bool
	Text           string
	Job, Quote     string // number
	Title          string
	Customer       string // for the office
	CustomerNumber string
	At             time.Time
	Files          int
	Pictures       []Picture `db:"-"`
}

// EquipmentNotice tells the office about new equipment.
type EquipmentNotice struct {
	PublicID       string
	Number         string
	Name           string
	Type           string
	Customer       string
	CustomerNumber string
	Site           string
	Location       string
	Make           string
	Model          string
	SerialNumber   string
	By             string
}

// DetailsNotice tells the office what a contact has changed.
type DetailsNotice struct {
	Customer       string
	CustomerNumber string
	Contact        string
	Changes        []Change
}

// Code carries the digits of a code by email.
type Code struct {
	Digits  string
	Email   string
	About   string // what it is needed for, such as "quote Q-1001"; "" for signing in
	SignsIn bool   // else it is proof of somebody who is here already
}

// FactorNotice tells somebody what has become of their second factor.
type FactorNotice struct {
	What  signin.FactorEvent
	Left  int // recovery codes, when one was used
	Name  string
	Email string
	At    time.Time
	Staff bool // of the office
}

// Reset lets a person choose a new password.
type Reset struct {
	Email string
	Token string
}

// PasswordNotice tells a person that their password is a new one.
type PasswordNotice struct {
	Email string
	At    time.Time
}

// AddressConfirm confirms a new sign-in address.
type AddressConfirm struct {
	Old, New string
	Token    string
	Staff    bool // of the office
}

// AddressNotice tells of a new sign-in address, the old one and the new one.
type AddressNotice struct {
	Old, New string
	ToOld    bool
	At       time.Time
	Staff    bool // of the office
}

// ContactAddressNotice tells the old address of a contact that emails go to
// another one. The new one is not named: the old may have been mistyped.
type ContactAddressNotice struct {
	Contact, Customer, Email string
	At                       time.Time
}

// StaffRoleNotice tells a member of staff of their new role.
type StaffRoleNotice struct {
	Name, Email, Role, By string
	At                    time.Time
}

// FailedSignIns tells Administrators of a burst of tries with wrong passwords.
type FailedSignIns struct {
	At        time.Time
	Tries     int
	Addresses int            // how many they came from
	From      []FailedSource // the five with most tries
	Known     []string       // sign-in addresses that are somebody's, at most eleven
}

// WebhookOff tells Administrators of a webhook that was switched off.
type WebhookOff struct {
	At   time.Time
	Name string
	Host string
	Gone bool // its system said that it wants no more; else nothing got through for days
}

// FileDropped tells Administrators of a file that another system put down.
type FileDropped struct {
	Name    string
	Lines   []string // of its report, the first ones
	Refused bool     // nothing of it came in
}

// FailedSource is an address that failed tries came from.
type FailedSource struct {
	Address  string // "" when it is not known
	Tries    int
	Accounts int
}

// SignInNotice tells of a sign-in with an unknown device.
type SignInNotice struct {
	Email string
	Where string
	At    time.Time
	Staff bool // in the office
}

// PasskeyNotice tells what became of a passkey.
type PasskeyNotice struct {
	Email   string
	Did     signin.PasskeyChange
	Passkey string // its name
	At      time.Time
	Staff   bool // of the office
}

// StaffPasswordNotice tells a member of staff that their password is a new one.
type StaffPasswordNotice struct {
	Name, Email string
	At          time.Time
}

// StaffLink lets a member of staff choose a password: the first one, or a new one.
type StaffLink struct {
	Name  string
	Email string
	Token string
	Reset bool
}
