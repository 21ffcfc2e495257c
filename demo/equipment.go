package demo

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/day"
)

// piece is a piece of equipment.
type piece struct {
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

// install puts plant on the sites, round and round until there is enough.
func (w *world) install() {
	pick := source(partEquipment)
	sites := make([]*place, 0, 3*len(w.sites))
	for _, s := range w.sites {
		times := 2
		switch c := w.customers[s.customer-1]; {
		case c.id == 1:
			times = 3 // six sites, about forty pieces
		case c.client.kind == "home":
			times = 1
		}
		for range times {
			sites = append(sites, s)
		}
	}
	for n := 0; len(w.equipment) < manyEquipment; n++ {
		w.mount(pick, sites[n%len(sites)])
	}
	// Lee added one in the portal last week.
	dental := w.customers[harbourDental]
	added := dental.plant[len(dental.plant)-1]
	added.portalBy, added.created = dental.people[0].id, w.officeHours(pick, w.base-5)
	added.last, added.next, added.notes = day.Day{}, day.Day{}, ""
}

func (w *world) mount(pick *rand.Rand, s *place) {
	c := w.customers[s.customer-1]
	kind := one(pick, c.kind.plant)
	p := plant[kind]
	m := one(pick, p.models)
	n := 1
	for _, e := range c.plant {
		if strings.HasPrefix(e.number, p.tag+"-") {
			n++
		}
	}
	e := &piece{id: int64(len(w.equipment) + 1), customer: c.id, site: s.id, number: p.tag + "-" + pad(n, 2), kind: kind, location: one(pick, c.rooms), model: m, serial: serial(pick, m)}
	e.name = e.location + " " + p.name
	if strings.Contains(strings.ToLower(e.location), strings.ToLower(p.name)) {
		e.name = e.location
	}
	same := 1
	for _, other := range c.plant { // two of the same in one room are told apart
		if other.site == e.site && other.kind == e.kind && other.location == e.location {
			same++
		}
	}
	if same > 1 {
		e.name += " " + strconv.Itoa(same)
	}
	age := between(pick, 60, p.years*330)
	e.installed = w.days[w.base].AddDays(-age)
	if wd := e.installed.Time(time.UTC).Weekday(); wd == time.Saturday || wd == time.Sunday {
		e.installed = e.installed.AddDays(-2)
	}
	e.commissioned = e.installed.AddDays(between(pick, 0, 3))
	e.warranty = day.New(e.installed.Time(time.UTC).Year()+between(pick, 2, 5), e.installed.Time(time.UTC).Month(), min(e.installed.Time(time.UTC).Day(), 28))
	e.created = w.at(e.commissioned, between(pick, 13*60, 17*60))
	if e.created.Before(c.created) {
		e.created = c.created.Add(time.Duration(between(pick, 1, 20)) * time.Hour)
	}
	e.retired = age > p.years*280 && chance(pick, 0.5)
	if chance(pick, 0.12) {
		e.notes = one(pick, []string{"Low clearance in the ceiling, bring the short ladder.", "Isolator is on the neighbour's side of the parapet.", "Coil guard screws are stripped; use cable ties.", "Filter size 595 × 595 × 50, G4.", "Warranty registration is in the customer's name."})
	}
	c.plant = append(c.plant, e)
	w.equipment = append(w.equipment, e)
}

func serial(pick *rand.Rand, m model) string {
	digits := pad(pick.IntN(10_000_000), 7)
	switch m.make {
	case "Daikin":
		return "E0" + digits
	case "Mitsubishi Electric":
		return digits[:2] + "01" + digits[2:] + "T"
	case "ActronAir", "Temperzone":
		return strconv.Itoa(between(pick, 16, 25)) + pad(between(pick, 1, 52), 2) + "-" + digits[2:]
	default:
		return string(rune('A'+pick.IntN(26))) + digits + string(rune('A'+pick.IntN(26)))
	}
}

// serviced sets the service days from the jobs that were done, so that the
// register and the history agree.
func (w *world) serviced() {
	pick := source(partEquipment + 500)
	for _, e := range w.equipment {
		if e.portalBy != 0 {
			continue
		}
		months := plant[e.kind].months
		since := w.today.AddDays(-(months*30 - 4))
		e.last = e.worked
		if e.last.IsZero() || e.last.Before(since) && !chance(pick, 0.08) {
			e.last = w.days[w.workday(w.today.AddDays(-between(pick, 3, months*30-4)))]
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
