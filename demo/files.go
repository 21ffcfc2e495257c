package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/demo/picture"
)

// file is an attachment; exactly one of job, quote and equipment is set, or
// none for a file of the customer.
type file struct {
	id, customer, job, quote, equipment int64
	name, kind, media, caption          string
	taken                               *time.Time
	shared                              bool
	sharedBy                            int64
	uploaded                            time.Time
	staff, contact                      int64
	shot                                *picture.Shot // of a photo
	data                                []byte        // of a document

	key, web, thumb string
	size            int
	width, height   int
}

// shoot takes the photos and writes the documents.
func (w *world) shoot() {
	pick := source(partFiles)
	photos := 0
	photo := func(f file, s picture.Shot, at time.Time) {
		s.Seed = uint64(partPictures + photos)
		photos++
		f.kind, f.media, f.shot, f.taken = "photo", "image/jpeg", &s, ptr(at)
		f.name = "IMG_" + at.In(w.zone).Format("20060102_150405") + ".jpg"
		f.uploaded = at.Add(time.Duration(between(pick, 1, 30)) * time.Minute)
		if f.uploaded.After(w.now) {
			f.uploaded = w.now
		}
		if f.contact == 0 && f.staff == 0 {
			f.staff = one(pick, []int64{ben, 3})
		}
		if f.contact != 0 {
			f.shared = true
		}
		if f.shared && f.staff != 0 {
			f.sharedBy = f.staff
		}
		w.attach(f)
	}
	ofJob := func(j *job, n, shared int) {
		at := j.last().Add(-time.Duration(n) * 4 * time.Minute)
		if j.completed != nil {
			at = j.completed.Add(-time.Duration(n) * 4 * time.Minute)
		}
		shots := w.shots(pick, j, n)
		for i, s := range shots {
			photo(file{customer: j.customer, job: j.id, caption: s.caption, shared: i < shared}, s.Shot, at.Add(time.Duration(i*190)*time.Second))
		}
	}

	var dental, others []*job
	for i := len(w.jobs) - 1; i >= 0; i-- {
		j := w.jobs[i]
		switch {
		case j.completed == nil && j.status != "in progress":
		case j.customer == 1:
			dental = append(dental, j)
		default:
			others = append(others, j)
		}
	}
	for i, j := range w.jobs { // what Lee shows of the trouble
		if j.customer == 1 && j.status == "new" {
			who := file{customer: 1, job: j.id, contact: j.portalBy}
			who.caption = "It hums but the fan stands still"
			photo(who, picture.Shot{Scene: picture.Rooftop}, w.jobs[i].created.Add(-20*time.Minute))
			who.caption = "The display"
			photo(who, picture.Shot{Scene: picture.Controller, Text: []string{"24", "29"}}, w.jobs[i].created.Add(-17*time.Minute))
		}
	}
	for n, j := range dental[:min(len(dental), 11)] {
		ofJob(j, between(pick, 3, 4), between(pick, 1, 2)+n%2)
	}
	for i, e := range w.customers[harbourDental].plant {
		if i%5 == 0 && photos < 56 {
			w.portrait(pick, e, photo, i%10 == 0)
		}
	}
	for i, e := range w.equipment {
		if e.customer != 1 && i%23 == 0 {
			w.portrait(pick, e, photo, true)
		}
	}
	for i := len(w.quotes) - 1; i >= 0; i-- {
		if q := w.quotes[i]; q.status == "sent" && photos < 84 && chance(pick, 0.4) {
			s := sceneOf(pick, q.piece, q.jobType, i)
			photo(file{customer: q.customer, quote: q.id, caption: "As found on inspection", shared: chance(pick, 0.5)}, s, q.created)
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
	w.documents(pick, dental, others)
	slices.SortStableFunc(w.files, func(a, b *file) int { return a.uploaded.Compare(b.uploaded) })
	for i, f := range w.files {
		f.id = int64(i + 1)
	}
}

func (w *world) attach(f file) { w.files = append(w.files, &f) }

// portrait photographs a piece of equipment and, perhaps, its nameplate.
func (w *world) portrait(pick *rand.Rand, e *piece, photo func(file, picture.Shot, time.Time), plate bool) {
	at := w.at(w.days[w.workday(e.last.AddDays(0))], between(pick, 8*60, 15*60))
	if e.last.IsZero() || at.After(w.now) {
		at = e.created
	}
	shared := chance(pick, 0.6)
	photo(file{customer: e.customer, equipment: e.id, caption: e.name, shared: shared}, sceneOf(pick, e, "", 0), at)
	if plate {
		photo(file{customer: e.customer, equipment: e.id, caption: "Nameplate", shared: shared}, picture.Shot{Scene: picture.Nameplate, Text: nameplate(e)}, at.Add(70*time.Second))
	}
}

func nameplate(e *piece) []string {
	kw := "-"
	if e.model.kw > 0 {
		kw = strconv.FormatFloat(e.model.kw, 'f', 1, 64) + " kW"
	}
	return []string{strings.ToUpper(e.model.make), e.model.code, e.serial, kw, strconv.Itoa(e.installed.Time(time.UTC).Year())}
}

type shot struct {
	picture.Shot
	caption string
}

// shots are what a technician would photograph on the job.
func (w *world) shots(pick *rand.Rand, j *job, n int) []shot {
	var e *piece
	if len(j.pieces) > 0 {
		e = j.pieces[0]
	}
	all := []shot{{sceneOf(pick, e, j.jobType, 0), "The unit"}}
	gauges := shot{picture.Shot{Scene: picture.Gauges}, "Pressures after the repair"}
	if e != nil && slices.Contains(comfort, e.kind) {
		all = append(all, shot{picture.Shot{Scene: picture.Filter, Dirty: true}, "Filter before"}, shot{picture.Shot{Scene: picture.Filter}, "Filter after"})
		switch j.jobType {
		case "Breakdown", "Warranty":
			all = append(all[:1], gauges, shot{picture.Shot{Scene: picture.Board}, "Isolator and breakers"}, shot{picture.Shot{Scene: picture.Nameplate, Text: nameplate(e)}, "Nameplate"})
		case "Installation", "Commissioning":
			all = append(all[:1], shot{picture.Shot{Scene: picture.Pipes}, "Pipework and isolation valves"}, gauges, shot{picture.Shot{Scene: picture.Controller, Text: []string{"23", "23"}}, "Controller set up"})
		default:
			all = append(all, shot{picture.Shot{Scene: picture.Coil, Dirty: true}, "Coil before"}, shot{picture.Shot{Scene: picture.Coil}, "Coil after"})
		}
	} else {
		all = append(all, shot{picture.Shot{Scene: picture.Duct}, "Ceiling space"}, shot{picture.Shot{Scene: picture.Board}, "Switchboard"}, shot{picture.Shot{Scene: picture.Pipes}, "Pipework"}, shot{picture.Shot{Scene: picture.Cassette}, "Grille in the ceiling"})
	}
	for len(all) < n {
		all = append(all, shot{picture.Shot{Scene: one(pick, []picture.Scene{picture.Pipes, picture.Duct, picture.Rooftop})}, "Detail"})
	}
	all = all[:n]
	for i := range all {
		if j.status == "in progress" && all[i].caption == "The unit" {
			all[i].caption = "Before we start"
		}
	}
	return all
}

// sceneOf is how the piece looks, or what is usual for that kind of job.
func sceneOf(pick *rand.Rand, e *piece, jobType string, n int) picture.Shot {
	if e == nil {
		switch jobType {
		case "Electrical":
			return picture.Shot{Scene: picture.Board}
		case "Controls":
			return picture.Shot{Scene: picture.Controller, Text: []string{"22", strconv.Itoa(between(pick, 21, 26))}}
		case "Inspection", "Commissioning":
			return picture.Shot{Scene: picture.Duct}
		}
		return picture.Shot{Scene: []picture.Scene{picture.Rooftop, picture.Duct, picture.Cassette, picture.Pipes}[(n+pick.IntN(4))%4]}
	}
	switch e.kind {
	case "Wall split":
		return picture.Shot{Scene: one(pick, []picture.Scene{picture.Split, picture.Split, picture.Rooftop})}
	case "Ceiling cassette", "Fan coil unit":
		return picture.Shot{Scene: picture.Cassette}
	case "Ducted split":
		return picture.Shot{Scene: one(pick, []picture.Scene{picture.Duct, picture.Rooftop})}
	case "Carpark exhaust fan", "Corridor supply fan", "Stair pressurisation fan", "Exhaust fan", "Kitchen exhaust fan", "Pump room fan":
		return picture.Shot{Scene: picture.Duct}
	case "Cool room", "Under-bench fridge", "Vaccine fridge":
		return picture.Shot{Scene: one(pick, []picture.Scene{picture.Coil, picture.Gauges})}
	}
	return picture.Shot{Scene: picture.Rooftop}
}

// documents writes reports, registers and notes.
func (w *world) documents(pick *rand.Rand, dental, others []*job) {
	add := func(f file, name, media string, data []byte) {
		f.name, f.kind, f.media, f.data = name, "document", media, data
		f.staff = one(pick, []int64{ben, 3})
		if f.shared {
			f.sharedBy = f.staff
		}
		w.attach(f)
	}
	report := func(j *job, shared bool) {
		if j.completed == nil {
			return
		}
		add(file{customer: j.customer, job: j.id, caption: "Service report", shared: shared, uploaded: w.soon(pick, *j.completed, 10, 200)}, "Service report "+j.number+".pdf", "application/pdf", w.report(j))
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
		c := w.customers[i]
		at := w.officeHours(pick, w.base-between(pick, 20, 60))
		add(file{customer: c.id, caption: "All equipment as inspected", shared: true, uploaded: at}, "Asset register "+at.In(w.zone).Format("2006-01")+".csv", "text/csv; charset=utf-8", w.register(c))
		add(file{customer: c.id, caption: "For our technicians", uploaded: at}, "Site induction.txt", "text/plain; charset=utf-8", induction(c))
	}
}

func (w *world) register(c *customer) []byte {
	var b strings.Builder
	b.WriteString("Number,Name,Type,Site,Make,Model,Serial number,Installed,Last service,Next service\r\n")
	for _, e := range c.plant {
		fmt.Fprintf(&b, "%s,%q,%s,%q,%s,%s,%s,%s,%s,%s\r\n", e.number, e.name, e.kind, w.sites[e.site-1].name, e.model.make, e.model.code, e.serial, e.installed, e.last, e.next)
	}
	return []byte(b.String())
}

func induction(c *customer) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Site induction – %s\r\n\r\n", c.name)
	for _, p := range c.places {
		fmt.Fprintf(&b, "%s\r\n%s\r\n%s\r\n\r\n", p.name, p.address, p.access)
	}
	b.WriteString("1. Sign in. 2. Wear the visitor's pass. 3. Isolate, lock and tag before opening any panel. 4. Leave the place as you found it. 5. Sign out.\r\n")
	return []byte(b.String())
}

// report is the service report of a job that was done.
func (w *world) report(j *job) []byte {
	c, p := w.customers[j.customer-1], w.sites[j.site-1]
	r := &sheet{}
	r.band("Service report", tradingName+"   "+phone)
	r.pair("Job", j.number+"   "+j.name)
	r.pair("Customer", c.client.name)
	r.pair("Site", p.name+", "+p.address.String())
	r.pair("Completed", j.completed.In(w.zone).Format("Monday 2 January 2006, 3:04 pm"))
	var who []string
	for _, id := range j.assigned {
		who = append(who, w.staff[id-1].name)
	}
	r.pair("Technician", strings.Join(who, ", "))
	r.heading("Work undertaken")
	r.text(j.work)
	if len(j.pieces) > 0 {
		r.heading("Equipment")
		for _, e := range j.pieces {
			r.text(e.number + "   " + e.name + "   " + e.model.make + " " + e.model.code + "   serial " + e.serial)
		}
	}
	r.heading("Readings")
	for _, reading := range [][2]string{{"Supply air", j.words["supply"] + " °C"}, {"Return air", j.words["return"] + " °C"}, {"Suction", j.words["suction"] + " kPa"}, {"Discharge", j.words["discharge"] + " kPa"}, {"Running current", j.words["amps"] + " A"}} {
		r.pair(reading[0], reading[1])
	}
	r.heading("Signed")
	r.text("Technician: " + strings.Join(who, ", ") + "        For the customer: " + w.contacts[j.contact-1].name)
	return r.pdf()
}
