package demo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/demo/picture"
	"fieldgate/internal/day"
)

// file is an attachment; exactly one of job, quote and equipment is set, or
// none for a file of the customer.
type file struct {
	id, customer, job, quote, equipment int64
	name, media, caption                string
	taken                               *time.Time
	shared                              bool
	uploaded                            time.Time
	staff, contact                      int64
	shot                                *picture.Shot // of a photo
	data                                []byte        // of a document
	documentKind, site, at              int64         // what it is as a document, and the site or equipment where it holds
	until                               day.Day

	key, web, thumb string
	size            int
	width, height   int
}

// addFiles adds photos and documents.
func (b *business) addFiles() error {
	pick := source(partFiles)
	photos := 0
	photo := func(f file, scene string, e *equipment, at time.Time) {
		s := picture.Shot{Scene: scene, Seed: uint64(partPictures + photos)}
		if scene == "nameplate" {
			s.Plate = nameplate(e)
		}
		photos++
		f.media, f.shot, f.taken = "image/jpeg", &s, &at
		f.name = "IMG_" + at.In(b.zone).Format("20060102_150405") + ".jpg"
		f.uploaded = at.Add(time.Duration(between(pick, 1, 30)) * time.Minute)
		if f.uploaded.After(b.now) {
			f.uploaded = b.now
		}
		if f.contact != 0 {
			f.shared = true
		} else {
			f.staff = one(pick, []int64{ben, 3})
		}
		b.files = append(b.files, &f)
	}
	ofJob := func(j *job, n, shared int) {
		at := j.last()
		if j.completed != nil {
			at = *j.completed
		}
		at = at.Add(-time.Duration(n) * 4 * time.Minute)
		for i, p := range photosOf(pick, j, n) {
			photo(file{customer: j.customer, job: j.id, caption: p.caption, shared: i < shared}, p.scene, j.mainEquipment(), at.Add(time.Duration(i*190)*time.Second))
		}
	}

	var dental, others []*job
	for i := len(b.jobs) - 1; i >= 0; i-- {
		j := b.jobs[i]
		switch {
		case j.completed == nil && j.status != "in progress":
		case j.customer == 1:
			dental = append(dental, j)
		default:
			others = append(others, j)
		}
	}
	for _, j := range b.jobs { // what Lee shows of the trouble
		if j.customer == 1 && j.status == "new" {
			who := file{customer: 1, job: j.id, contact: j.portalBy}
			who.caption = "It hums but the fan stands still"
			photo(who, "rooftop", nil, j.created.Add(-20*time.Minute))
			who.caption = "The display"
			photo(who, "controller-24-29", nil, j.created.Add(-17*time.Minute))
		}
	}
	for n, j := range dental[:min(len(dental), 11)] {
		ofJob(j, between(pick, 3, 4), between(pick, 1, 2)+n%2)
	}
	for i, e := range b.customers[harbourDental].equipment {
		if i%5 == 0 && photos < 56 {
			b.portrait(pick, e, photo, i%10 == 0)
		}
	}
	for i, e := range b.equipment {
		if e.customer != 1 && i%23 == 0 {
			b.portrait(pick, e, photo, true)
		}
	}
	for i := len(b.quotes) - 1; i >= 0; i-- {
		if q := b.quotes[i]; q.status == "sent" && photos < 84 && chance(pick, 0.4) {
			photo(file{customer: q.customer, quote: q.id, caption: "As found on inspection", shared: chance(pick, 0.5)}, sceneOf(pick, q.equipment, q.jobType), nil, q.created)
		}
	}
	for _, j := range others {
		if photos >= manyPhotos {
			break
		}
		if chance(pick, 0.5) {
			n := min(between(pick, 1, 4), manyPhotos-photos)
			ofJob(j, n, pick.IntN(n+1))
		}
	}
	err := errors.Join(b.documents(pick, dental, others), b.certificates())
	slices.SortStableFunc(b.files, func(a, b *file) int { return a.uploaded.Compare(b.uploaded) })
	for i, f := range b.files {
		f.id = int64(i + 1)
	}
	return err
}

// portrait photographs a piece of equipment and, perhaps, its nameplate.
func (b *business) portrait(pick *rand.Rand, e *equipment, photo func(file, string, *equipment, time.Time), plate bool) {
	at := b.at(b.days[b.workday(e.last)], between(pick, 8*60, 15*60))
	if e.last.IsZero() || at.After(b.now) {
		at = e.created
	}
	shared := chance(pick, 0.6)
	photo(file{customer: e.customer, equipment: e.id, caption: e.name, shared: shared}, sceneOf(pick, e, ""), e, at)
	if plate {
		photo(file{customer: e.customer, equipment: e.id, caption: "Nameplate", shared: shared}, "nameplate", e, at.Add(70*time.Second))
	}
}

func nameplate(e *equipment) []string {
	kw := "-"
	if e.model.KW > 0 {
		kw = strconv.FormatFloat(e.model.KW, 'f', 1, 64) + " kW"
	}
	return []string{strings.ToUpper(strings.Fields(e.model.Make)[0]), e.model.Code, e.serial, kw, strconv.Itoa(e.installed.Time(time.UTC).Year())}
}

func (j *job) mainEquipment() *equipment {
	if len(j.equipment) == 0 {
		return nil
	}
	return j.equipment[0]
}

// photo is what a technician would take on the job, and what it is called.
type photo struct{ scene, caption string }

// photosOf are n photos of the job.
func photosOf(pick *rand.Rand, j *job, n int) []photo {
	e := j.mainEquipment()
	all := []photo{{sceneOf(pick, e, j.jobType), "The unit"}}
	if j.status == "in progress" {
		all[0].caption = "Before we start"
	}
	switch {
	case e == nil || !slices.Contains(airConditioners, e.kind):
		all = append(all, photo{"duct", "Ceiling space"}, photo{"board", "Switchboard"}, photo{"pipes", "Pipework"}, photo{"cassette", "Grille in the ceiling"})
	case j.jobType == "Breakdown" || j.jobType == "Warranty":
		all = append(all, photo{"gauges", "Pressures after the repair"}, photo{"board", "Isolator and breakers"}, photo{"nameplate", "Nameplate"})
	case j.jobType == "Installation" || j.jobType == "Commissioning":
		all = append(all, photo{"pipes", "Pipework and isolation valves"}, photo{"gauges", "Pressures after the repair"}, photo{"controller-23-23", "Controller set up"})
	default:
		all = append(all, photo{"filter-dirty", "Filter before"}, photo{"filter-clean", "Filter after"}, photo{"coil-dirty", "Coil before"}, photo{"coil-clean", "Coil after"})
	}
	return all[:min(n, len(all))]
}

var airConditioners = []string{"Wall split", "Ceiling cassette", "Ducted split", "Rooftop package unit", "VRF outdoor unit", "Multi-split outdoor unit", "Fan coil unit", "Server room unit"}

// scenes are how types of equipment look; others are seen from the roof.
var scenes = map[string][]string{
	"Wall split": {"split", "split", "rooftop"}, "Ceiling cassette": {"cassette"}, "Fan coil unit": {"cassette"}, "Ducted split": {"duct", "rooftop"},
	"Carpark exhaust fan": {"duct"}, "Corridor supply fan": {"duct"}, "Stair pressurisation fan": {"duct"}, "Exhaust fan": {"duct"}, "Kitchen exhaust fan": {"duct"}, "Pump room fan": {"duct"},
	"Cool room": {"coil-clean", "gauges"}, "Under-bench fridge": {"coil-clean", "gauges"}, "Vaccine fridge": {"coil-clean", "gauges"},
	// Jobs without equipment, by their type.
	"Electrical": {"board"}, "Controls": {"controller-22"}, "Inspection": {"duct"}, "Commissioning": {"duct"}, "": {"rooftop", "duct", "cassette", "pipes"},
}

func sceneOf(pick *rand.Rand, e *equipment, jobType string) string {
	if e == nil {
		if _, ok := scenes[jobType]; !ok {
			jobType = ""
		}
		return one(pick, scenes[jobType])
	}
	if seen, ok := scenes[e.kind]; ok {
		return one(pick, seen)
	}
	return "rooftop"
}

// documents writes reports, registers and notes.
func (b *business) documents(pick *rand.Rand, dental, others []*job) error {
	var problems []error
	add := func(f file, name, media string, data []byte) {
		f.name, f.media, f.data = name, media, data
		f.staff = one(pick, []int64{ben, 3})
		b.files = append(b.files, &f)
	}
	report := func(j *job, shared bool) {
		if j.completed == nil {
			return
		}
		pdf, err := b.report(j)
		problems = append(problems, err)
		// A report holds for a hundred days, so some are about to expire.
		f := file{customer: j.customer, job: j.id, caption: "Service report", shared: shared, uploaded: b.soon(pick, *j.completed, 10, 200), documentKind: testReport, site: j.site}
		f.until = day.Of(*j.completed, b.zone).AddDays(100)
		add(f, "Service report "+j.number+".pdf", "application/pdf", pdf)
	}
	for n, j := range dental[:min(len(dental), 8)] {
		report(j, n%3 != 2)
	}
	for n, j := range others[:min(len(others), 40)] {
		if n%4 == 0 {
			report(j, n%8 == 0)
		}
	}
	for _, i := range []int{harbourDental, pelicanPoint, medicalCentre, 7, 11} {
		c := b.customers[i]
		at := b.officeHours(pick, b.base-between(pick, 20, 60))
		add(file{customer: c.id, caption: "All equipment as inspected", shared: true, uploaded: at}, "Asset register "+at.In(b.zone).Format("2006-01")+".csv", "text/csv; charset=utf-8", b.register(c))
		add(file{customer: c.id, caption: "For our technicians", uploaded: at}, "Site induction.txt", "text/plain; charset=utf-8", induction(c))
	}
	return errors.Join(problems...)
}

func (b *business) register(c *customer) []byte {
	var out strings.Builder
	out.WriteString("Number,Name,Type,Site,Make,Model,Serial number,Installed,Last service,Next service\r\n")
	for _, e := range c.equipment {
		fmt.Fprintf(&out, "%s,%q,%s,%q,%s,%s,%s,%s,%s,%s\r\n", e.number, e.name, e.kind, b.sites[e.site-1].name, e.model.Make, e.model.Code, e.serial, e.installed, e.last, e.next)
	}
	return []byte(out.String())
}

func induction(c *customer) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Site induction – %s\r\n\r\n", c.Name)
	for _, p := range c.sites {
		fmt.Fprintf(&b, "%s\r\n%s\r\n%s\r\n\r\n", p.name, p.address, p.access)
	}
	b.WriteString("1. Sign in. 2. Wear the visitor's pass. 3. Isolate, lock and tag before opening any panel. 4. Leave the place as you found it. 5. Sign out.\r\n")
	return []byte(b.String())
}
