package demo

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed data
var data embed.FS

// catalogue is what data/ says: who there is, what they own and what jobs and
// quotes are about. Texts hold {placeholders} and [choices], see expand.
type catalogue struct {
	staff         []member
	jobTypes      []jobType
	customers     []customerData
	trades        map[string]trade
	equipment     map[string]equipmentKind
	jobKinds      []jobKind
	quoteKinds    []quoteKind
	jobRequests   []request             // what contacts type into the portal when something is wrong
	quoteRequests []request             // and when they want a price
	conversations map[string][][]string // about jobs in a status: customer, office, customer …
	questions     [][2]string           // about quotes, each with its answer

	notes, accessNotes, mobileNumbers, firstNames, lastNames, browsers []string
	terms, welcome                                                     string
}

type jobType struct {
	Name, Colour, Description string
	Inactive                  bool
	Notified                  []string
}

type customerData struct {
	Name, Company, Trade, Domain string
	Sites                        []string // name|address|suburb|postcode
}

// trade is what customers of one trade have in common: what they are called in
// the books, who picks up the phone and which equipment they have.
type trade struct {
	Label                   string
	Roles, Terms, Equipment []string
	Rooms                   []string
}

// equipmentKind is what a type of equipment is called on site, its letters in
// the customer's register, and the models around. The makes are those of the
// trade; the model codes only look like theirs.
type equipmentKind struct {
	Name, Tag string
	Models    []model
	Years     int // how long it lasts
	Months    int // between services
}

type model struct {
	Make, Code string
	KW         float64
}

// jobKind is a kind of job that technicians know by heart.
type jobKind struct {
	JobType, Name, Description string
	Equipment                  []string // suits these types; none: any, or no equipment at all
	Weight                     int
	Work                       []string // sentences; the first always, of the others some
	Tasks                      []string
	Hours                      [2]float64
	Priority, Bill             string
	Visits, Crew               int // at most
}

// quoteKind is a kind of quote, priced the way the business prices.
type quoteKind struct {
	JobType, Name, Description string
	Equipment                  []string
	Weight                     int
	Job                        string // the kind of job it becomes: how its name begins
	Inclusions, Exclusions     string
	Lines                      []lineKind
}

// lineKind is a line of a quote: a range of prices in cents, of quantities in steps.
type lineKind struct {
	Section, Text  string
	Low, High      int64
	From, To, Step float64
	Chance         float64 // how often the line is there; 0 is always
}

type request struct {
	JobType, Name, Text string
	Estimate            int64
	Scope               string // the kind of quote it is priced as: how its name begins
}

func readCatalogue() (c catalogue, err error) {
	for name, into := range map[string]any{
		"staff.json": &c.staff, "job-types.json": &c.jobTypes, "customers.json": &c.customers, "trades.json": &c.trades, "equipment.json": &c.equipment, "jobs.json": &c.jobKinds, "quotes.json": &c.quoteKinds,
		"job-requests.json": &c.jobRequests, "quote-requests.json": &c.quoteRequests, "conversations.json": &c.conversations, "questions.json": &c.questions,
		"notes.txt": &c.notes, "access-notes.txt": &c.accessNotes, "mobile-numbers.txt": &c.mobileNumbers, "first-names.txt": &c.firstNames, "last-names.txt": &c.lastNames, "browsers.txt": &c.browsers,
		"terms.txt": &c.terms, "welcome.txt": &c.welcome,
	} {
		text, err := data.ReadFile("data/" + name)
		if err != nil {
			return c, err
		}
		switch into := into.(type) {
		case *string:
			*into = strings.TrimSpace(string(text))
		case *[]string:
			*into = strings.Split(strings.TrimSpace(string(text)), "\n")
		default:
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(into); err != nil {
				return c, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return c, nil
}
