package demo

import (
	"cmp"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/day"
)

// equipment is a piece of equipment.
type equipment struct {
	id, customer, site                int64
	number, name, kind, location      string
	model                             model
	serial                            string
	installed, commissioned, warranty day.Day
	last, next                        day.Day
	retired                           bool
	portalBy                          int64 // the contact who added it
	notes                             string
	created                           time.Time
	worked                            day.Day // the last service among the jobs
}

// addEquipment puts equipment on the sites, round and round until there is enough.
func (b *business) addEquipment() {
	pick := source(partEquipment)
	sites := make([]*site, 0, 3*len(b.sites))
	for _, s := range b.sites {
		sites = append(sites, s)
		if b.customers[s.customer-1].Trade != "home" {
			sites = append(sites, s)
		}
		if s.customer == 1 { // six sites, about forty pieces
			sites = append(sites, s)
		}
	}
	for n := 0; len(b.equipment) < manyEquipment; n++ {
		b.addPiece(pick, sites[n%len(sites)])
	}
	// Lee added one in the portal last week.
	dental := b.customers[harbourDental]
	added := dental.equipment[len(dental.equipment)-1]
	added.portalBy, added.created = dental.people[0].id, b.officeHours(pick, b.base-5)
	added.last, added.next, added.notes = day.Day{}, day.Day{}, ""
}

func (b *business) addPiece(pick *rand.Rand, s *site) {
	c := b.customers[s.customer-1]
	kind := one(pick, c.trade.Equipment)
	p := b.catalogue.equipment[kind]
	m := one(pick, p.Models)
	e := &equipment{id: int64(len(b.equipment) + 1), customer: c.id, site: s.id, kind: kind, location: one(pick, c.Rooms), model: m, serial: serial(pick, m)}
	e.name = e.location + " " + p.Name
	if strings.Contains(strings.ToLower(e.location), strings.ToLower(p.Name)) {
		e.name = e.location
	}
	number, same := 1, 1 // two of the same in one room have different names
	for _, other := range c.equipment {
		if other.kind == e.kind {
			number++
		}
		if other.site == e.site && other.kind == e.kind && other.location == e.location {
			same++
		}
	}
	e.number = p.Tag + "-" + pad(number, 2)
	if same > 1 {
		e.name += " " + strconv.Itoa(same)
	}
	age := between(pick, 60, p.Years*330)
	e.installed = b.days[b.base].AddDays(-age)
	if wd := e.installed.Time(time.UTC).Weekday(); wd == time.Saturday || wd == time.Sunday {
		e.installed = e.installed.AddDays(-2)
	}
	e.commissioned = e.installed.AddDays(between(pick, 0, 3))
	e.warranty = day.New(e.installed.Time(time.UTC).Year()+between(pick, 2, 5), e.installed.Time(time.UTC).Month(), min(e.installed.Time(time.UTC).Day(), 28))
	e.created = b.at(e.commissioned, between(pick, 13*60, 17*60))
	if e.created.Before(c.created) {
		e.created = c.created.Add(time.Duration(between(pick, 1, 20)) * time.Hour)
	}
	e.retired = age > p.Years*280 && chance(pick, 0.5)
	if chance(pick, 0.12) {
		e.notes = one(pick, []string{"Low clearance in the ceiling, bring the short ladder.", "Isolator is on the neighbour's side of the parapet.", "Coil guard screws are stripped; use cable ties.", "Filter size 595 × 595 × 50, G4.", "Warranty registration is in the customer's name."})
	}
	c.equipment = append(c.equipment, e)
	b.equipment = append(b.equipment, e)
}

// serials are how makes write serial numbers, # being a digit and A a letter.
var serials = map[string]string{"Daikin": "E0#######", "Mitsubishi Electric": "##01#####T", "ActronAir": "2###-#####", "Temperzone": "2###-#####"}

func serial(pick *rand.Rand, m model) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '#':
			return '0' + pick.Int32N(10)
		case 'A':
			return 'A' + pick.Int32N(26)
		}
		return r
	}, cmp.Or(serials[m.Make], "A#######A"))
}

// setServiceDates sets the service days from the jobs that were done, so that the
// register and the history agree.
func (b *business) setServiceDates() {
	pick := source(partEquipment + 500)
	for _, e := range b.equipment {
		if e.portalBy != 0 {
			continue
		}
		months := b.catalogue.equipment[e.kind].Months
		since := b.today.AddDays(-(months*30 - 4))
		e.last = e.worked
		if e.last.IsZero() || e.last.Before(since) && !chance(pick, 0.08) {
			e.last = b.days[b.workday(b.today.AddDays(-between(pick, 3, months*30-4)))]
		}
		if e.last.Before(e.commissioned) {
			e.last = e.commissioned
		}
		if !e.retired {
			t := e.last.Time(time.UTC).AddDate(0, months, 0)
			e.next = day.New(t.Year(), t.Month(), t.Day())
		}
	}
}
