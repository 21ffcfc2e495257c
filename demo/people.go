package demo

import (
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/address"
)

type customer struct {
	customerData
	trade
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
	sites                []*site
	people               []*contact
	equipment            []*equipment
	weight               int
}

type site struct {
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
	rights              row
	sites               []int64 // the selected ones; none: all
}

// The presets of the contact form, as columns of contacts.
var (
	noRights = row{
		"jobs_see": "none", "jobs_edit": false, "jobs_create": false, "quotes_see": "none", "quotes_edit": false, "quotes_create": false, "quotes_accept": false,
		"equipment_see": "none", "equipment_edit": false, "equipment_add": false, "company_edit": false, "contacts_manage": false,
	}
	seeAll      = with(noRights, row{"jobs_see": "all", "quotes_see": "all"})
	ownJobs     = with(noRights, row{"jobs_see": "own"})
	requestWork = with(noRights, row{"jobs_see": "own", "jobs_create": true, "quotes_see": "own", "quotes_create": true, "equipment_see": "all"})
	siteManager = with(requestWork, row{"jobs_see": "all", "jobs_edit": true, "quotes_see": "all", "quotes_edit": true, "quotes_accept": true})
	fullAccess  = with(siteManager, row{"equipment_edit": true, "equipment_add": true, "company_edit": true, "contacts_manage": true})
)

func with(rights, more row) row {
	all := maps.Clone(rights)
	maps.Copy(all, more)
	return all
}

type person struct {
	id       int64
	email    string
	signedIn *time.Time
}

// addCustomers adds the customers with their sites and people.
func (b *business) addCustomers() {
	pick := source(partPeople)
	for i, cl := range b.catalogue.customers {
		c := &customer{customerData: cl, trade: b.trades[cl.Trade], id: int64(i + 1), number: "C-" + strconv.Itoa(1001+i)}
		c.created = b.officeHours(pick, min(i*i/9, 170))
		c.phone = "(02) 7010 " + pad(1100+i*37, 4)
		if chance(pick, 0.4) {
			c.mobile = one(pick, b.mobileNumbers)
		}
		c.email = one(pick, []string{"admin", "office", "hello", "accounts"}) + "@" + cl.Domain
		c.terms = one(pick, c.trade.Terms)
		c.delivery = one(pick, []string{"Email, PDF", "Email, PDF", "Email, PDF", "Post", "Supplier portal"})
		c.invoiceTo = "accounts@" + cl.Domain
		c.needsOrder = cl.Trade == "aged care" || cl.Trade == "office" || chance(pick, 0.15)
		c.manager = one(pick, []int64{ada, ben, ben, 3})
		c.level = one(pick, []string{"Standard", "Standard", "Agreement", "Trade"})
		if chance(pick, 0.4) {
			c.notes = one(pick, b.notes)
		}
		b.addSites(pick, c)
		c.street = c.sites[0].address
		if chance(pick, 0.3) {
			c.postal = address.Address{Line1: "PO Box " + strconv.Itoa(between(pick, 11, 980)), City: c.street.City, Region: "NSW", Postcode: c.street.Postcode}
		}
		if c.weight = 2 + 2*len(c.sites); cl.Trade == "home" {
			c.weight = 2
		}
		b.customers = append(b.customers, c)
	}
	dental := b.customers[harbourDental]
	dental.notes, dental.needsOrder, dental.level = "Surgeries must not be without cooling during consulting hours: call Lee before any shutdown.", true, "Agreement"
	dental.terms, dental.manager, dental.phone = "14 days", ben, "(02) 5550 0170"
	b.customers[32].onHold = true // a household that has not paid
	b.customers[32].notes = "Two invoices overdue since winter. Payment plan agreed, no new work until the first instalment."
	b.addContacts(pick)
}

// addSites adds the customer's sites.
func (b *business) addSites(pick *rand.Rand, c *customer) {
	for _, s := range c.Sites {
		part := strings.Split(s, "|")
		p := &site{id: int64(len(b.sites) + 1), customer: c.id, name: part[0], address: address.Address{Line1: part[1], City: part[2], Region: "NSW", Postcode: part[3]}}
		// "Level 4, 18 Cutter Lane": the level goes on a line of its own.
		if inside, street, ok := strings.Cut(part[1], ", "); ok {
			p.address.Line1, p.address.Line2 = inside, street
		}
		if chance(pick, 0.6) {
			p.access = one(pick, b.accessNotes)
		}
		c.sites = append(c.sites, p)
		b.sites = append(b.sites, p)
	}
}

// addContacts adds the people, the personas first.
func (b *business) addContacts(pick *rand.Rand) {
	ago := func(d time.Duration) *time.Time { return new(b.now.Add(-d)) }
	const hour, days = time.Hour, 24 * time.Hour
	dental, pelican, medical, grain := b.customers[harbourDental], b.customers[pelicanPoint], b.customers[medicalCentre], b.customers[grainStore]

	lee := b.addContact(dental, "Lee Nakamura", "lee@demo.test", "Operations Manager", fullAccess, "active", ago(400*days), ago(4*hour))
	lee.first, lee.notes = true, "Prefers a message in the portal to a call."
	kim := b.addContact(dental, "Kim Tran", "kim@demo.test", "Practice Manager, Chatswood", ownJobs, "active", ago(210*days), ago(30*hour))
	kim.mobile = "0491 570 006"
	b.addContact(dental, "Max Okafor", "max@demo.test", "Practice Manager, Miranda (left)", seeAll, "suspended", ago(380*days), ago(75*days))
	b.addContact(dental, "Priya Raman", "priya.raman@harbourdental.example", "Clinical Director", seeAll, "active", ago(300*days), ago(9*days))
	parramatta := b.addContact(dental, "George Haddad", "george.haddad@harbourdental.example", "Practice Manager, Parramatta", requestWork, "active", ago(190*days), ago(52*hour))
	parramatta.sites = []int64{dental.sites[1].id}
	b.addContact(dental, "Tess O'Connor", "tess.oconnor@harbourdental.example", "Practice Manager, Bondi Junction", requestWork, "invited", ago(2*days), nil)
	b.addContact(dental, "Accounts", "accounts@harbourdental.example", "Accounts", noRights, "none", nil, nil)

	b.addContact(pelican, "Ola Lindgren", "ola@demo.test", "Building Manager", fullAccess, "active", ago(250*days), ago(20*hour)).first = true
	sam := b.addContact(medical, "Sam Petrou", "sam@demo.test", "Facilities Manager", siteManager, "active", ago(320*days), ago(6*hour))
	sam.first = true
	also := b.addContact(grain, "Sam Petrou", "sam@demo.test", "Strata Manager", seeAll, "active", ago(140*days), ago(6*hour))
	also.first, also.person = true, sam.person

	for n := 0; len(b.contacts) < manyContacts; n++ { // round and round, until everybody is there
		c := b.customers[n%len(b.customers)]
		if len(c.people) < 2 || n >= len(b.customers) && c.Trade != "home" && len(c.people) <= 3+len(c.sites) {
			b.addSomeContact(pick, c)
		}
	}
	for _, c := range b.customers {
		for _, p := range c.sites {
			k := one(pick, c.people)
			p.contact = k.name
			if k.mobile != "" {
				p.contact += ", " + k.mobile
			}
		}
	}
}

// addSomeContact adds one more contact of the customer.
func (b *business) addSomeContact(pick *rand.Rand, c *customer) {
	firstName, lastName := one(pick, b.firstNames), one(pick, b.lastNames)
	mail := asciiWord(firstName) + "." + asciiWord(lastName) + strconv.Itoa(len(c.people)) + "@" + c.Domain
	role := c.Roles[len(c.people)%len(c.Roles)]
	if c.Trade == "home" {
		role = "Owner"
	}
	access, can := "none", noRights
	var invited, seen *time.Time
	invite := func(least, most int) { invited = new(b.officeHours(pick, b.base-between(pick, least, most))) }
	switch roll := pick.IntN(100); {
	case roll < 42:
		access, can = "active", one(pick, []row{seeAll, seeAll, ownJobs, requestWork, requestWork, fullAccess})
		invite(20, 300)
		if seen = new(b.now.Add(-time.Duration(between(pick, 3, 24*60)) * time.Hour)); seen.Before(*invited) {
			seen = new(invited.Add(2 * time.Hour))
		}
	case roll < 50:
		access, can = "invited", one(pick, []row{seeAll, requestWork})
		invite(1, 9)
	case roll < 54:
		access, can = "suspended", seeAll
		invite(100, 300)
		seen = new(invited.Add(40 * 24 * time.Hour))
	}
	k := b.addContact(c, firstName+" "+lastName, mail, role, can, access, invited, seen)
	k.first = len(c.people) == 1
	if chance(pick, 0.7) {
		k.mobile = one(pick, b.mobileNumbers)
	}
	if chance(pick, 0.4) {
		k.phone = "(02) 5550 " + pad(between(pick, 1000, 8999), 4)
	}
}

// addContact adds a contact; who has been in the portal is a person too.
func (b *business) addContact(c *customer, name, mail, role string, can row, access string, invited, seen *time.Time) *contact {
	k := &contact{id: int64(len(b.contacts) + 1), customer: c.id, name: name, email: mail, role: role, rights: can, access: access, invited: invited, signedIn: seen}
	if seen != nil {
		for _, p := range b.persons {
			if p.email == mail {
				k.person = p.id
			}
		}
		if k.person == 0 {
			k.person = int64(len(b.persons) + 1)
			b.persons = append(b.persons, person{id: k.person, email: mail, signedIn: seen})
		}
	}
	c.people = append(c.people, k)
	b.contacts = append(b.contacts, k)
	return k
}

// asciiWord is a name as it stands in an email address.
func asciiWord(name string) string {
	return strings.NewReplacer("é", "e", "á", "a", "ć", "c", "ö", "o", "ü", "u", "'", "", " ", "").Replace(strings.ToLower(name))
}
