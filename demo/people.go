package demo

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/address"
)

type customer struct {
	client
	kind
	id                   int64
	number               string
	phone, mobile, email string
	street, postal       address.Address
	terms                string
	delivery, invoiceTo  string
	needsOrder, onHold   bool
	manager              int64
	level, notes         string
	created              time.Time
	archived             *time.Time
	places               []*place
	people               []*contact
	plant                []*piece
	weight               int
}

type place struct {
	id, customer int64
	name         string
	address      address.Address
	contact      string
	access       string
}

type contact struct {
	id, customer        int64
	person              int64
	name, email         string
	phone, mobile, role string
	first               bool
	notes               string
	access              string
	invited, signedIn   *time.Time
	rights              rights
	sites               []int64 // the selected ones; none: all
}

// rights are the columns of a contact's permissions.
type rights struct {
	jobs                             string
	jobsEdit, jobsCreate             bool
	quotes                           string
	quotesEdit, quotesCreate, accept bool
	equipment                        string
	equipmentEdit, equipmentAdd      bool
	company, manage                  bool
}

// The presets of the contact form.
var (
	noRights    = rights{jobs: "none", quotes: "none", equipment: "none"}
	seeAll      = rights{jobs: "all", quotes: "all", equipment: "none"}
	ownJobs     = rights{jobs: "own", quotes: "none", equipment: "none"}
	requestWork = rights{jobs: "own", jobsCreate: true, quotes: "own", quotesCreate: true, equipment: "all"}
	fullAccess  = rights{
		jobs: "all", jobsEdit: true, jobsCreate: true, quotes: "all", quotesEdit: true, quotesCreate: true, accept: true,
		equipment: "all", equipmentEdit: true, equipmentAdd: true, company: true, manage: true,
	}
)

type person struct {
	id       int64
	email    string
	signedIn *time.Time
}

// The customers of the personas.
const (
	harbourDental = 0
	pelicanPoint  = 1
	medicalCentre = 2
	grainStore    = 3
)

// accessNotes are what a technician must know at the door.
var accessNotes = []string{
	"Key safe beside the roller door, code 4471.", "Report to reception and sign the contractors' book.", "Roof access by the ladder in the plant room; anchor points certified to next June.", "Parking in the dock, 30 minutes. Ring the caretaker.",
	"Working with children check required on site.", "After 6 pm call security on the intercom.", "Steel-cap boots and hi-vis in the warehouse.", "Lift pass at the concierge. No trolleys in the front lobby.",
}

// mobiles are numbers that the regulator keeps free for fiction.
var mobiles = []string{
	"0491 570 737", "0491 571 266", "0491 571 491", "0491 571 804", "0491 572 549", "0491 572 665", "0491 572 983", "0491 573 770", "0491 573 087", "0491 574 118", "0491 574 632", "0491 575 254", "0491 575 789", "0491 576 398",
	"0491 576 801", "0491 577 426", "0491 577 644", "0491 578 957", "0491 578 148", "0491 578 888", "0491 579 212", "0491 579 760", "0491 579 455",
}

// settle brings the customers with their sites and people.
func (w *world) settle() {
	pick := source(partPeople)
	for i, cl := range clients {
		c := &customer{client: cl, kind: kinds[cl.kind], id: int64(i + 1), number: "C-" + strconv.Itoa(1001+i)}
		c.created = w.officeHours(pick, min(i*i/9, 170))
		c.phone = "(02) 7010 " + pad(1100+i*37, 4)
		if chance(pick, 0.4) {
			c.mobile = one(pick, mobiles)
		}
		c.email = one(pick, []string{"admin", "office", "hello", "accounts"}) + "@" + cl.domain
		c.terms = one(pick, c.kind.terms)
		c.delivery = one(pick, []string{"Email, PDF", "Email, PDF", "Email, PDF", "Post", "Supplier portal"})
		c.invoiceTo = "accounts@" + cl.domain
		c.needsOrder = cl.kind == "aged care" || cl.kind == "office" || chance(pick, 0.15)
		c.manager = one(pick, []int64{ada, ben, ben, 3})
		c.level = one(pick, []string{"Standard", "Standard", "Agreement", "Trade"})
		if chance(pick, 0.4) {
			c.notes = one(pick, notes)
		}
		w.open(pick, c)
		c.street = c.places[0].address
		if chance(pick, 0.3) {
			c.postal = address.Address{Line1: "PO Box " + strconv.Itoa(between(pick, 11, 980)), City: c.street.City, Region: "NSW", Postcode: c.street.Postcode}
		}
		c.weight = 2 + 2*len(c.places)
		switch cl.kind {
		case "home":
			c.weight = 2
		case "aged care", "office":
			c.weight += 3
		}
		w.customers = append(w.customers, c)
	}
	dental := w.customers[harbourDental]
	dental.notes, dental.needsOrder, dental.level = "Surgeries must not be without cooling during consulting hours: call Lee before any shutdown.", true, "Agreement"
	dental.terms, dental.manager, dental.phone = "14 days", ben, "(02) 5550 0170"
	w.customers[32].onHold = true // a household that has not paid
	w.customers[32].notes = "Two invoices overdue since winter. Payment plan agreed, no new work until the first instalment."
	w.meet(pick)
}

// open opens the customer's sites.
func (w *world) open(pick *rand.Rand, c *customer) {
	for _, s := range c.sites {
		part := strings.Split(s, "|")
		p := &place{id: int64(len(w.sites) + 1), customer: c.id, name: part[0], address: address.Address{Line1: part[1], City: part[2], Region: "NSW", Postcode: part[3]}}
		// "Level 4, 18 Cutter Lane": the level goes on a line of its own.
		if inside, street, ok := strings.Cut(part[1], ", "); ok {
			p.address.Line1, p.address.Line2 = inside, street
		}
		if chance(pick, 0.6) {
			p.access = one(pick, accessNotes)
		}
		c.places = append(c.places, p)
		w.sites = append(w.sites, p)
	}
}

// meet introduces the people, the personas first.
func (w *world) meet(pick *rand.Rand) {
	ago := func(d time.Duration) *time.Time { return ptr(w.now.Add(-d)) }
	const hour, days = time.Hour, 24 * time.Hour
	dental, pelican, medical, grain := w.customers[harbourDental], w.customers[pelicanPoint], w.customers[medicalCentre], w.customers[grainStore]

	lee := w.know(dental, "Lee Nakamura", "lee@demo.test", "Operations Manager", fullAccess, "active", ago(400*days), ago(4*hour))
	lee.first, lee.notes = true, "Prefers a message in the portal to a call."
	kim := w.know(dental, "Kim Tran", "kim@demo.test", "Practice Manager, Chatswood", ownJobs, "active", ago(210*days), ago(30*hour))
	kim.mobile = "0491 570 006"
	w.know(dental, "Max Okafor", "max@demo.test", "Practice Manager, Miranda (left)", seeAll, "suspended", ago(380*days), ago(75*days))
	w.know(dental, "Priya Raman", "priya.raman@harbourdental.example", "Clinical Director", seeAll, "active", ago(300*days), ago(9*days))
	parramatta := w.know(dental, "George Haddad", "george.haddad@harbourdental.example", "Practice Manager, Parramatta", requestWork, "active", ago(190*days), ago(52*hour))
	parramatta.sites = []int64{dental.places[1].id}
	w.know(dental, "Tess O'Connor", "tess.oconnor@harbourdental.example", "Practice Manager, Bondi Junction", requestWork, "invited", ago(2*days), nil)
	w.know(dental, "Accounts", "accounts@harbourdental.example", "Accounts", noRights, "none", nil, nil)

	w.know(pelican, "Ola Lindgren", "ola@demo.test", "Building Manager", fullAccess, "active", ago(250*days), ago(20*hour)).first = true
	manager := requestWork
	manager.jobs, manager.quotes, manager.jobsEdit, manager.quotesEdit, manager.accept = "all", "all", true, true, true
	sam := w.know(medical, "Sam Petrou", "sam@demo.test", "Facilities Manager", manager, "active", ago(320*days), ago(6*hour))
	sam.first = true
	also := w.know(grain, "Sam Petrou", "sam@demo.test", "Strata Manager", seeAll, "active", ago(140*days), ago(6*hour))
	also.first, also.person = true, sam.person

	left := manyContacts - len(w.contacts)
	for n := 0; left > 0; n++ { // round and round, until everybody is there
		c := w.customers[n%len(w.customers)]
		if n < len(w.customers) && len(c.people) > 1 || len(c.people) > 3+len(c.places) || c.client.kind == "home" && len(c.people) > 1 {
			continue
		}
		left--
		w.stranger(pick, c)
	}
	for _, c := range w.customers {
		for _, p := range c.places {
			k := one(pick, c.people)
			p.contact = k.name
			if k.mobile != "" {
				p.contact += ", " + k.mobile
			}
		}
	}
}

// stranger is one more contact of the customer.
func (w *world) stranger(pick *rand.Rand, c *customer) {
	firstName, lastName := one(pick, firstNames), one(pick, lastNames)
	name := firstName + " " + lastName
	mail := asciiWord(firstName) + "." + asciiWord(lastName) + strconv.Itoa(len(c.people)) + "@" + c.domain
	role := c.roles[len(c.people)%len(c.roles)]
	if c.client.kind == "home" {
		role = "Owner"
	}
	access, can := "none", noRights
	var invited, seen *time.Time
	switch roll := pick.IntN(100); {
	case roll < 42:
		access = "active"
		can = []rights{seeAll, seeAll, ownJobs, requestWork, requestWork, fullAccess}[pick.IntN(6)]
		invited = ptr(w.officeHours(pick, w.base-between(pick, 20, 300)))
		seen = ptr(w.now.Add(-time.Duration(between(pick, 3, 24*60)) * time.Hour))
		if seen.Before(*invited) {
			seen = ptr(invited.Add(2 * time.Hour))
		}
	case roll < 50:
		access, can = "invited", one(pick, []rights{seeAll, requestWork})
		invited = ptr(w.officeHours(pick, w.base-between(pick, 1, 9)))
	case roll < 54:
		access, can = "suspended", seeAll
		invited = ptr(w.officeHours(pick, w.base-between(pick, 100, 300)))
		seen = ptr(invited.Add(40 * 24 * time.Hour))
	}
	k := w.know(c, name, mail, role, can, access, invited, seen)
	k.first = len(c.people) == 1
	if chance(pick, 0.7) {
		k.mobile = one(pick, mobiles)
	}
	if chance(pick, 0.4) {
		k.phone = "(02) 5550 " + pad(between(pick, 1000, 8999), 4)
	}
}

// know adds a contact; who has been in the portal is a person too.
func (w *world) know(c *customer, name, mail, role string, can rights, access string, invited, seen *time.Time) *contact {
	k := &contact{id: int64(len(w.contacts) + 1), customer: c.id, name: name, email: mail, role: role, rights: can, access: access, invited: invited, signedIn: seen}
	if seen != nil {
		for _, p := range w.persons {
			if p.email == mail {
				k.person = p.id
			}
		}
		if k.person == 0 {
			k.person = int64(len(w.persons) + 1)
			w.persons = append(w.persons, person{id: k.person, email: mail, signedIn: seen})
		}
	}
	c.people = append(c.people, k)
	w.contacts = append(w.contacts, k)
	return k
}

// asciiWord is a name as it stands in an email address.
func asciiWord(name string) string {
	plain := strings.NewReplacer("é", "e", "á", "a", "ć", "c", "ö", "o", "ü", "u", "'", "", " ", "")
	return plain.Replace(strings.ToLower(name))
}
