// Package exchange is the shape in which things come in and go out: a row of an
// import, a body of the API and a row of an export are the same record. It knows
// under which ids other systems know our things, finds what comes in, and says
// what of it is new, changed, the same or refused.
//
//	outcome, err := exchange.Put(ctx, tx, by, refs, exchange.Incoming{
//		Kind: exchange.Jobs, External: "482", Fill: func(record any) error { return json.Unmarshal(body, record) },
//	}, exchange.Choices{Overwrite: true})
//
// Fill gets what is there, or a new record, and puts in what came: fields that it
// leaves alone stay. Put must run in a savepoint of its own when it is one of
// many: what the database refuses ends the transaction.
package exchange

import (
	"time"

	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/staff"
)

// Kind is a kind of thing, as addresses of the API name it.
type Kind string

// The kinds.
const (
	Staff     Kind = "staff"
	JobTypes  Kind = "job-types"
	Customers Kind = "customers"
	Sites     Kind = "sites"
	Contacts  Kind = "contacts"
	Equipment Kind = "equipment"
	Quotes    Kind = "quotes"
	Jobs      Kind = "jobs"
	Tasks     Kind = "tasks"
	Time      Kind = "time"
)

// Kinds are all of them, each behind what it refers to.
var Kinds = []Kind{Staff, JobTypes, Customers, Sites, Contacts, Equipment, Quotes, Jobs, Tasks, Time}

// Label is the kind as screens write it: Customers, Job Types.
func (k Kind) Label() string { return labels[k].many }

// One is one of the kind in a sentence: customer, job type.
func (k Kind) One() string { return labels[k].one }

var labels = map[Kind]struct{ many, one string }{
	Staff: {"Staff", "member of staff"}, JobTypes: {"Job Types", "job type"}, Customers: {"Customers", "customer"}, Sites: {"Sites", "site"},
	Contacts: {"Contacts", "contact"}, Equipment: {"Equipment", "piece of equipment"}, Quotes: {"Quotes", "quote"}, Jobs: {"Jobs", "job"},
	Tasks: {"Tasks", "task"}, Time: {"Time", "time entry"},
}

// By is who brings something in, and under which name of a source its ids are
// kept; "" keeps none.
type By struct {
	staff.Viewer
	Source string
}

func (b By) actor() audit.Actor     { return b.Viewer.Actor() }
func (b By) format() company.Format { return b.Viewer.Format }

// Ours is the source of what comes from an export of another installation: its
// ids are those that things had there, and what records name by "#" is one of them.
const Ours = "fieldgate"

// ExternalID is the id of a thing in another system.
type ExternalID struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

// Head is what every record has and nobody brings in.
type Head struct {
	ID          string       `json:"id" db:"key" doc:"How addresses name it: the number where there is one."`
	ExternalIDs []ExternalID `json:"external_ids" doc:"Its ids in other systems."`
	Version     int64        `json:"version" doc:"Grows with each change; the ETag."`
	UpdatedAt   time.Time    `json:"updated_at"`
	ArchivedAt  *time.Time   `json:"archived_at,omitempty"`

	Row         int64 `json:"-"` // the row's id
	CustomerRow int64 `json:"-"` // of whose customer it is; 0 for what belongs to none
}

func (h *Head) head() *Head { return h }

// Record is one thing: a pointer to Customer, Site and so on.
type Record interface{ head() *Head }

// HeadOf is what nobody brings in of a record.
func HeadOf(r Record) Head { return *r.head() }
