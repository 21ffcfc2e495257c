package demo

import (
	"context"
	secret "crypto/rand"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/address"
)

// folk is a customer of a generated business: where its sites, contacts and
// equipment begin in the lists of all, and how many there are.
type folk struct {
	trade, domain    string
	site, sites      int
	contact, persons int
	asker            int // the contact that asks for work in the portal; -1: none
}

type place struct {
	customer      int
	piece, pieces int
}

// soul is a contact.
type soul struct {
	customer int
	kind     kindOfContact
	name     string
	role     string
	person   int64
	known    bool // signs in with the password that is told
	email    string
	sites    []int // the selected ones
}

// kindOfContact is what a contact may do, and whether it gets in.
type kindOfContact struct {
	access string
	rights row
}

var (
	everything = kindOfContact{"active", fullAccess}
	ownOnly    = kindOfContact{"active", requestWork}
	looker     = kindOfContact{"active", seeAll}
	ofSites    = kindOfContact{"active", siteManager}
	invitee    = kindOfContact{"invited", requestWork}
	shutOut    = kindOfContact{"suspended", seeAll}
	outsider   = kindOfContact{"none", noRights}
)

type piece struct {
	kind  string
	model model
	name  string
	tag   string
	site  int
}

// most is what the largest customer has at most of sites.
const most = 400

// addFolk adds the customers with their sites, people and equipment.
func (g *generator) addFolk() {
	trades := []string{"home", "home", "home", "dental", "medical", "strata", "office"}
	trades = append(trades, slices.Sorted(maps.Keys(g.trades))...)
	biggest := min(max(g.Jobs/20/125, 4), most)
	sum := 0.0
	for i := range g.Customers {
		pick := g.source(genFolk, uint64(i))
		c := folk{trade: one(pick, trades), site: len(g.sites), contact: len(g.contacts), asker: -1}
		sites, weight := biggest, 0.0
		if i > 0 {
			weight = share(pick)
			sites = min(1+int(weight/4), 40)
			if c.trade == "home" {
				sites, weight = 1, min(weight, 2)
			}
			sum += weight
			g.weights = append(g.weights, sum)
		} else {
			c.trade = "medical"
		}
		c.sites = sites
		c.domain = fmt.Sprintf("c%d.example", 1001+i)
		g.customers = append(g.customers, c)
		for range sites {
			g.addPlace(pick, i, weight)
		}
		g.addSouls(pick, i, weight)
		g.customers[i].persons = len(g.contacts) - c.contact
	}
}

func (g *generator) addPlace(pick *rand.Rand, customer int, weight float64) {
	p := place{customer: customer, piece: len(g.pieces)}
	n := between(pick, 1, 3+min(int(weight), 6))
	if customer == 0 {
		n = between(pick, 5, 12)
	}
	kinds := g.trades[g.customers[customer].trade].Equipment
	for k := range n {
		kind := one(pick, kinds)
		e := g.catalogue.equipment[kind]
		g.pieces = append(g.pieces, piece{
			kind: kind, model: one(pick, e.Models), site: len(g.sites), name: sentence(pick, e.Name, nil),
			tag: e.Tag + "-" + pad(100*(len(g.sites)-g.customers[customer].site+1)+k+1, 4),
		})
	}
	p.pieces = n
	g.sites = append(g.sites, p)
}

// addSouls adds a customer's contacts: of the largest the personas and a
// hundred more, of each kind some.
func (g *generator) addSouls(pick *rand.Rand, customer int, weight float64) {
	c := &g.customers[customer]
	add := func(kind kindOfContact, name, email, role string) *soul {
		s := soul{customer: customer, kind: kind, name: name, email: email, role: role}
		if kind.access == "active" || kind.access == "suspended" {
			s.person = g.person(email)
		}
		g.contacts = append(g.contacts, s)
		return &g.contacts[len(g.contacts)-1]
	}
	persona := func(kind kindOfContact, i int, role string) *soul {
		s := add(kind, Generated[i].Name, Generated[i].Email, role)
		s.known = true
		return s
	}
	roles := g.trades[c.trade].Roles
	n := min(1+int(weight/2), 8)
	switch customer {
	case 0:
		persona(everything, 2, "Operations Manager")
		persona(ownOnly, 3, "Practice Manager")
		few := persona(ofSites, 4, "Area Manager")
		for k := range min(3, c.sites) {
			few.sites = append(few.sites, c.site+k*(c.sites/3))
		}
		persona(shutOut, 5, "Practice Manager (left)")
		add(outsider, "Accounts", "accounts@"+c.domain, "Accounts")
		c.asker = c.contact
		n = 100
	case 1:
		persona(everything, 6, "Building Manager")
		c.asker = c.contact
	case 2, 3:
		persona(looker, 7, "Facilities Manager")
	}
	for k := range n {
		name := one(pick, g.firstNames) + " " + one(pick, g.lastNames)
		kind := outsider
		switch roll := pick.IntN(100); {
		case roll < 16:
			kind = everything
		case roll < 28:
			kind = ownOnly
		case roll < 38:
			kind = looker
		case roll < 44 && c.sites > 2:
			kind = ofSites
		case roll < 48:
			kind = invitee
		case roll < 52:
			kind = shutOut
		}
		s := add(kind, name, fmt.Sprintf("%s%d@%s", asciiWord(strings.Fields(name)[0]), k+1, c.domain), one(pick, roles))
		if kind.rights["quotes_accept"] == true && len(kind.rights) > 0 && kind.access == "active" && customer > 1 && c.asker < 0 && kind.rights["company_edit"] == true {
			c.asker = len(g.contacts) - 1
		}
		if kind.rights["company_edit"] != true && kind.rights["quotes_accept"] == true {
			first := pick.IntN(c.sites - 1)
			s.sites = []int{c.site + first, c.site + first + 1}
		}
	}
}

// person is the id of the person of an address, who may be a contact of two customers.
func (g *generator) person(email string) int64 {
	if n := len(g.persons); n > 0 && g.persons[n-1] == email || email == Generated[7].Email && n > 0 && g.sam != 0 {
		if email == Generated[7].Email {
			return g.sam
		}
		return int64(n)
	}
	g.persons = append(g.persons, email)
	id := int64(len(g.persons))
	if email == Generated[7].Email {
		g.sam = id
	}
	return id
}

// ofTrade is how names of customers of a trade end.
var ofTrade = map[string][]string{
	"dental": {"Dental", "Smiles", "Orthodontics"}, "medical": {"Medical Centre", "Family Practice", "Pathology"}, "strata": {"Residences", "Towers", "Gardens"}, "school": {"Public School", "College", "Preschool"},
	"café": {"Espresso", "Bakery", "Kitchen"}, "gym": {"Fitness", "Boxing", "Pilates"}, "warehouse": {"Freight", "Cold Storage", "Logistics"}, "aged care": {"Aged Care", "Lodge", "Manor"},
	"office": {"Partners", "Consulting", "Legal"}, "shop": {"Pharmacy", "Grocers", "Hardware"}, "motel": {"Motel", "Inn", "Hotel"},
}

var cardinal = []string{"North", "South", "East", "West", "Upper", "Lower", "Old", "New"}

// suburb is where a site is: street, suburb and postcode of the catalogue, the number made up.
func (g *generator) suburb(pick *rand.Rand) address.Address {
	for {
		of := one(pick, g.catalogue.customers)
		part := strings.Split(one(pick, of.Sites), "|")
		street := part[1][strings.LastIndex(part[1], ",")+1:]
		words := strings.Fields(street)
		if len(words) < 2 {
			continue
		}
		return address.Address{Line1: strconv.Itoa(between(pick, 1, 480)) + " " + strings.Join(words[1:], " "), City: part[2], Region: "NSW", Postcode: part[3]}
	}
}

// firstDay is when the customer came: most before the first job, so that each job has one.
func (g *generator) came(i int) time.Time {
	return g.at(0, 9*60).Add(-time.Duration(g.Customers-i) * time.Minute * 11)
}

// at is a moment of working day n.
func (g *generator) at(n, minutes int) time.Time {
	t, _ := g.days[max(n, 0)].At(minutes/60, minutes%60, g.zone)
	return t
}

func (g *generator) fillFolk(ctx context.Context, b *bulk, hash string) error {
	// Nobody knows the password of the others.
	unknown, err := g.passwords.Hash(ctx, secret.Text())
	if err != nil {
		return err
	}
	err = g.table(ctx, b, "customers", []string{
		"id", "number", "name", "company_name", "phone", "mobile", "email", "street", "postal", "payment_terms", "invoice_delivery", "invoice_address", "purchase_order_required", "customer_type", "on_hold",
		"account_manager_id", "price_level", "notes", "created_at",
	}, len(g.customers), func(i int, emit func(...any)) {
		pick, c := g.source(genFolk, 1<<32+uint64(i)), g.customers[i]
		t := g.trades[c.trade]
		street := g.suburb(pick)
		last := one(pick, g.lastNames)
		name, company := one(pick, g.firstNames)+" "+last, ""
		if c.trade != "home" {
			name = one(pick, []string{last, street.City, one(pick, cardinal) + " " + street.City}) + " " + one(pick, ofTrade[c.trade])
			company = name + " Pty Ltd"
		}
		if i == 0 {
			name, company = "Meridian Health Network", "Meridian Health Network Ltd"
		}
		mobile := ""
		if chance(pick, 0.4) {
			mobile = one(pick, g.mobileNumbers)
		}
		notes := ""
		if chance(pick, 0.2) {
			notes = one(pick, g.notes)
		}
		emit("C-"+strconv.Itoa(1001+i), name, company, "(02) "+pad(between(pick, 7000, 7999), 4)+" "+pad(pick.IntN(10000), 4), mobile, "office@"+c.domain, street, address.Address{}, one(pick, t.Terms),
			"Email, PDF", "accounts@"+c.domain, chance(pick, 0.15), t.Label, chance(pick, 0.005), one(pick, []int64{ada, ben}), one(pick, []string{"Standard", "Standard", "Agreement", "Trade"}), notes, g.came(i))
	})
	if err != nil {
		return err
	}
	err = g.table(ctx, b, "sites", []string{"id", "customer_id", "name", "address", "site_contact", "access_instructions", "created_at"}, len(g.sites), func(i int, emit func(...any)) {
		pick, s := g.source(genFolk, 2<<32+uint64(i)), g.sites[i]
		c := g.customers[s.customer]
		a := g.suburb(pick)
		name := a.City
		if c.sites > 1 {
			name += " " + pad(i-c.site+1, 3)
		}
		access := ""
		if chance(pick, 0.5) {
			access = one(pick, g.accessNotes)
		}
		emit(int64(s.customer+1), name, a, g.contacts[c.contact+pick.IntN(c.persons)].name, access, g.came(s.customer))
	})
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, p := range Generated {
		known[p.Email] = true
	}
	err = g.table(ctx, b, "persons", []string{"id", "email", "password_hash", "last_sign_in_at", "created_at"}, len(g.persons), func(i int, emit func(...any)) {
		h := unknown
		if known[g.persons[i]] {
			h = hash
		}
		emit(g.persons[i], h, g.now.Add(-time.Duration(3+i%900)*time.Hour), g.at(0, 600))
	})
	if err != nil {
		return err
	}
	rights := []string{
		"jobs_see", "jobs_edit", "jobs_create", "quotes_see", "quotes_edit", "quotes_create", "quotes_accept", "equipment_see", "equipment_edit", "equipment_add", "company_edit", "contacts_manage",
	}
	err = g.table(ctx, b, "contacts", append([]string{"id", "customer_id", "person_id", "name", "email", "phone", "mobile", "role", "is_default", "access", "invited_at", "last_sign_in_at", "all_sites", "created_at"}, rights...),
		len(g.contacts), func(i int, emit func(...any)) {
			pick, s := g.source(genFolk, 3<<32+uint64(i)), g.contacts[i]
			came := g.came(s.customer)
			var invited, seen any
			if s.kind.access != "none" {
				invited = came.Add(48 * time.Hour)
			}
			if s.kind.access == "invited" {
				invited = g.now.Add(-time.Duration(between(pick, 1, 2000)) * time.Hour)
			}
			if s.person != 0 {
				seen = g.now.Add(-time.Duration(between(pick, 3, 900)) * time.Hour)
			}
			values := []any{
				int64(s.customer + 1), orNone(s.person), s.name, s.email, "", one(pick, g.mobileNumbers), s.role, i == g.customers[s.customer].contact, s.kind.access, invited, seen, len(s.sites) == 0, came,
			}
			for _, r := range rights {
				values = append(values, s.kind.rights[r])
			}
			emit(values...)
		})
	if err != nil {
		return err
	}
	err = g.table(ctx, b, "contact_sites", []string{"customer_id", "contact_id", "site_id"}, len(g.contacts), func(i int, emit func(...any)) {
		for _, s := range g.contacts[i].sites {
			emit(int64(g.contacts[i].customer+1), int64(i+1), int64(s+1))
		}
	})
	if err != nil {
		return err
	}
	err = g.table(ctx, b, "visits", []string{"contact_id", "seen_at", "before_at"}, len(g.contacts), func(i int, emit func(...any)) {
		if s := g.contacts[i]; s.kind.access == "active" {
			at := g.now.Add(-time.Duration(4+i%600) * time.Hour)
			emit(int64(i+1), at, at.Add(-7*24*time.Hour))
		}
	})
	if err != nil {
		return err
	}
	// Only now are there the contacts and sites by which a customer is found, too.
	// Their tables are new, and nobody would know by which index to look into them.
	if _, err := b.tx.Exec(ctx, "analyze sites, contacts"); err != nil {
		return err
	}
	if err := b.trigger(ctx, "customers", "enable", "customers_search"); err != nil {
		return err
	}
	_, err = b.tx.Exec(ctx, "update customers set search = ''")
	return err
}

func (g *generator) fillEquipment(ctx context.Context, b *bulk) error {
	return g.table(ctx, b, "equipment", []string{
		"id", "public_id", "customer_id", "number", "name", "type", "site_id", "location", "make", "model", "serial_number", "installed_on", "commissioned_on", "warranty_until", "last_service_on", "next_service_on",
		"status", "origin", "created_by_contact_id", "created_by_staff_id", "created_at",
	}, len(g.pieces), func(i int, emit func(...any)) {
		pick, p := g.source(genFolk, 4<<32+uint64(i)), g.pieces[i]
		s := g.sites[p.site]
		c := g.customers[s.customer]
		k := g.catalogue.equipment[p.kind]
		installed := g.today.AddDays(-between(pick, 100, 5000))
		last := g.today.AddDays(-between(pick, 5, 30*max(k.Months, 1)))
		status := "in use"
		if chance(pick, 0.05) {
			status = "retired"
		}
		origin, by, staff := "office", any(nil), any(ben)
		if c.asker >= 0 && chance(pick, 0.03) {
			origin, by, staff = "portal", int64(c.asker+1), nil
		}
		var next any
		if k.Months > 0 {
			next = last.AddDays(30 * k.Months).Time(time.UTC)
		}
		emit(opaque(pick), int64(s.customer+1), p.tag, p.name, p.kind, int64(p.site+1), one(pick, g.trades[c.trade].Rooms), p.model.Make, p.model.Code, fmt.Sprintf("%c%d", 'A'+pick.IntN(26), between(pick, 1000000, 9999999)),
			installed.Time(time.UTC), installed.Time(time.UTC), installed.AddDays(5*365).Time(time.UTC), last.Time(time.UTC), next, status, origin, by, staff, g.came(s.customer).Add(time.Duration(i%1000)*time.Minute))
	})
}
