package demo

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/day"
)

// story is what a job is about, with a mark where the tag of a piece of
// equipment belongs.
type story struct {
	kind                    *jobKind
	jobType                 int64
	name, description, work string
	tasks                   []string
}

const tagMark = "\x00"

// How many stories there are to tell; numbers, places, tags and rare words make
// each job another one.
const manyStories = 4096

// rareWords stand in one job of some thousands each.
var rareWords = []string{
	"wasp nest", "gecko", "cockatoo", "bushfire ash", "vermiculite", "legionella", "ammonia", "scaffold", "asbestos", "flying fox", "termites", "saltwater", "lightning", "burglary", "helipad", "kangaroo",
}

var generatedScenes = []string{"board", "cassette", "coil-clean", "coil-dirty", "controller", "duct", "filter-clean", "filter-dirty", "gauges", "nameplate", "pipes", "rooftop", "split"}

func (g *generator) addStories() {
	weights := make([]int, len(g.jobKinds))
	for i, k := range g.jobKinds {
		weights[i] = k.Weight
	}
	types := map[string]int64{}
	for i, t := range g.jobTypes {
		types[t.Name] = int64(i + 1)
	}
	for i := range manyStories {
		pick := g.source(genStory, uint64(i))
		k := &g.jobKinds[weighted(pick, weights)]
		values := g.storyValues(pick, k.Equipment)
		s := story{kind: k, jobType: types[k.JobType], name: sentence(pick, k.Name, values), description: sentence(pick, k.Description, values)}
		var work []string
		for n, w := range k.Work {
			if n == 0 || chance(pick, 0.7) {
				work = append(work, sentence(pick, w, values))
			}
		}
		s.work = strings.Join(work, "\n")
		for _, t := range k.Tasks {
			s.tasks = append(s.tasks, sentence(pick, t, values))
		}
		g.stories = append(g.stories, s)
	}
	for i := range manyStories / 4 {
		pick := g.source(genStory, 1<<32+uint64(i))
		g.offers = append(g.offers, g.offer(pick, types))
	}
}

// storyValues are the placeholders of the catalogue's texts.
func (g *generator) storyValues(pick *rand.Rand, kinds []string) map[string]string {
	number := func(low, high int) string { return strconv.Itoa(between(pick, low, high)) }
	tenth := func(low, high int) string {
		return strconv.FormatFloat(float64(between(pick, low, high))/10, 'f', 1, 64)
	}
	m := map[string]string{
		"site": "the site", "where": one(pick, g.trades["medical"].Rooms), "role": "the practice manager", "unit": "air conditioner", "kind": "air conditioner", "tag": tagMark,
		"return": tenth(222, 256), "supply": tenth(95, 128), "split": tenth(95, 128), "suction": number(820, 960), "discharge": number(2350, 2980), "amps": tenth(38, 149), "low": number(340, 520), "kg": tenth(6, 32),
		"hot": number(27, 33), "n": number(3, 12), "n2": number(14, 60), "warm": number(7, 12), "cold": tenth(18, 38), "db": number(52, 61), "flow": number(210, 980), "flow2": number(60, 190), "load": tenth(42, 168),
		"co2": number(480, 620), "co2b": number(760, 1180), "=": number(0, 5), "rh": number(44, 61), "hot2": number(71, 96), "sh": tenth(52, 78), "err": "+0." + number(1, 3), "case": number(4100000, 4899999),
		"make": "Daikin", "code": "FTXM35WV-NA", "kw": "3.5", "new": "FTXM50WV-NA",
	}
	if len(kinds) > 0 {
		e := g.catalogue.equipment[one(pick, kinds)]
		of := one(pick, e.Models)
		m["unit"], m["kind"], m["make"], m["code"], m["kw"], m["new"] = e.Name, e.Name, of.Make, of.Code, strconv.FormatFloat(of.KW, 'f', 1, 64), one(pick, e.Models).Code
	}
	return m
}

// madeJob is a job as its number has it.
type madeJob struct {
	id                       int64
	customer, site, contact  int // as indexes
	piece                    int // -1: none
	story                    *story
	status                   string
	created, updated, ended  time.Time // ended: when it was completed or called off
	from, until              time.Time
	asker                    int // -1: the office made it
	staff, worker            int64
	steps                    []step
	quote                    int64
	order, invoice, priority string
	rare                     string
	pick                     *rand.Rand
}

// mine is the number of a job among those of the largest customer, if it is one:
// of each twenty one, not always the same, so that a fifth of them have a quote as of all.
func mine(i int) (int, bool) { return i / 20, (i+i/20)%20 == 7 }

// job makes the i-th job up. The same number is always the same job.
func (g *generator) job(i int) *madeJob {
	pick := g.source(genJob, uint64(i))
	j := &madeJob{id: int64(i + 1), pick: pick, piece: -1, asker: -1, staff: one(pick, []int64{ben, ben, ada}), worker: one(pick, g.field), priority: "normal"}
	n, first := mine(i)
	if !first {
		j.customer = g.anyCustomer(pick)
		// A request needs somebody who may ask.
		for k := 0; g.isRequest(i) && g.customers[j.customer].asker < 0; k++ {
			if j.customer = g.anyCustomer(pick); k > 50 {
				j.customer = 1
			}
		}
	}
	c := g.customers[j.customer]
	j.site = c.site + int(float64(c.sites)*pick.Float64()*pick.Float64()) // some sites have more work
	j.contact = c.contact + int(float64(c.persons)*pick.Float64()*pick.Float64())
	if first && n%17 == 3 { // Kim's own
		j.contact = c.contact + 1
	}
	j.story = &g.stories[pick.IntN(len(g.stories))]
	if s := g.sites[j.site]; s.pieces > 0 && chance(pick, 0.75) {
		j.piece = s.piece + pick.IntN(s.pieces)
	}
	// As many on each working day.
	at := float64(i) * float64(len(g.days)) / float64(g.Jobs)
	j.created = g.at(int(at), 450+int((at-float64(int(at)))*540)).Add(time.Duration(i%60) * time.Second)
	if j.created.After(g.now) {
		j.created = g.now.Add(-time.Duration(g.Jobs-i) * time.Second)
	}
	if c.asker >= 0 && (chance(pick, 0.25) || g.isRequest(i)) {
		j.asker, j.contact = c.asker, c.asker
	}
	switch roll := pick.IntN(100); {
	case roll < 3:
		j.priority = "urgent"
	case roll < 9:
		j.priority = "high"
	case roll < 13:
		j.priority = "low"
	}
	if chance(pick, 0.2) {
		j.order = order(pick)
	}
	if chance(pick, 0.004) {
		j.rare = one(pick, rareWords)
	}
	if first && n%5000 == 17 {
		j.rare = RareWord
	}
	g.setStatus(j, i)
	g.setSteps(j)
	if q := (i + 1) / quoteEvery; (i+1)%quoteEvery == 0 && q > 0 && g.quoteOutcome(q-1) == "job" {
		j.quote = int64(q)
	}
	return j
}

// isRequest tells which jobs somebody has asked for in any case: the newest, that
// nobody has looked at, and those beside a request for a quote.
func (g *generator) isRequest(i int) bool {
	if (i+1)%quoteEvery == 0 && g.quoteOutcome((i+1)/quoteEvery-1) == "requested" {
		return true
	}
	return g.Jobs-i <= 40 && (g.Jobs-i)%8 == 0
}

// setStatus: what is older than two months is over.
func (g *generator) setStatus(j *madeJob, i int) {
	age, roll := int(g.now.Sub(j.created)/(24*time.Hour)), j.pick.IntN(100)
	pickOf := func(limits ...any) string {
		for k := 0; k < len(limits); k += 2 {
			if roll < limits[k].(int) {
				return limits[k+1].(string)
			}
		}
		return "closed"
	}
	switch left := g.Jobs - i; {
	case left <= 40: // of every kind some, however small the business is
		j.status = []string{"new", "unscheduled", "booked", "in progress", "deferred", "completed", "cancelled", "closed"}[left%8]
	case age > 60:
		j.status = pickOf(4, "cancelled")
	case age > 12:
		j.status = pickOf(4, "cancelled", 6, "unscheduled", 9, "deferred", 16, "booked", 38, "completed")
	default:
		j.status = pickOf(3, "cancelled", 6, "new", 32, "unscheduled", 70, "booked", 74, "in progress", 92, "completed")
	}
	if j.status == "new" && j.asker < 0 {
		j.status = "unscheduled"
	}
}

// setSteps takes the job from its creation to its status.
func (g *generator) setSteps(j *madeJob) {
	at := j.created
	step1 := func(status string, later time.Duration, staff int64, contact int) {
		at = g.notBefore(at.Add(later), at)
		s := step{status: status, at: at, staff: staff}
		if contact >= 0 {
			s.staff, s.contact = 0, int64(contact+1)
		}
		j.steps = append(j.steps, s)
	}
	minutes := func(low, high int) time.Duration { return time.Duration(between(j.pick, low, high)) * time.Minute }
	if j.asker >= 0 {
		step1("new", 0, 0, j.asker)
		if j.status != "new" {
			step1("unscheduled", minutes(10, 300), j.staff, -1)
		}
	} else {
		step1("unscheduled", 0, j.staff, -1)
	}
	length := time.Duration(between(j.pick, 4, 16)) * 15 * time.Minute
	lead := time.Duration(between(j.pick, 1, 12)) * 24 * time.Hour
	visit := func(start time.Time) { j.from, j.until = start, start.Add(length) }
	past := min(lead, g.now.Sub(j.created)/3)
	start := j.created.Add(past).Truncate(15 * time.Minute)
	if start.Before(j.created) {
		start = j.created
	}
	switch j.status {
	case "booked":
		visit(g.at(len(g.days)-1, between(j.pick, 7*60, 15*60)/30*30).Add(time.Duration(between(j.pick, 1, 25)) * 24 * time.Hour))
		step1("booked", minutes(20, 600), j.staff, -1)
	case "in progress":
		start = g.now.Add(-minutes(20, 200))
		if start.Before(j.created) {
			start = j.created
		}
		visit(start)
		step1("booked", 0, j.staff, -1)
		step1("in progress", start.Sub(at), j.worker, -1)
	case "deferred":
		visit(start)
		step1("booked", 0, j.staff, -1)
		step1("deferred", start.Sub(at)+minutes(20, 90), j.staff, -1)
	case "cancelled":
		step1("cancelled", min(minutes(60, 4000), g.now.Sub(at)/2), j.staff, -1)
		j.ended = at
	case "completed", "closed":
		visit(start)
		step1("booked", min(minutes(20, 600), max(start.Sub(at), 0)), j.staff, -1)
		step1("in progress", max(start.Sub(at), 0), j.worker, -1)
		step1("completed", length, j.worker, -1)
		j.ended = at
		if j.status == "closed" {
			step1("closed", min(minutes(600, 9000), g.now.Sub(at)/2), j.staff, -1)
			if j.story.kind.JobType != "Warranty" {
				j.invoice = "INV-" + strconv.FormatInt(40000+j.id, 10)
			}
		}
	}
	j.updated = at
}

// tagged puts the tag of the job's equipment where it belongs.
func (g *generator) tagged(j *madeJob, text string) string {
	tag := "the unit"
	if j.piece >= 0 {
		tag = g.pieces[j.piece].tag
	}
	return strings.ReplaceAll(text, tagMark, tag)
}

func orNever(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func (g *generator) fillJobs(ctx context.Context, b *bulk) error {
	err := g.bare(ctx, b, "jobs", []string{ // their files' words follow
		"id", "customer_id", "number", "name", "description", "job_type_id", "status", "site_id", "main_contact_id", "purchase_order", "preferred_on", "booked_from", "booked_until", "work_undertaken", "completed_at",
		"invoice_number", "cancelled_why", "origin", "created_by_contact_id", "created_by_staff_id", "quote_id", "priority", "looked_at", "looked_by_id", "created_at", "updated_at", "status_at",
	}, g.Jobs, func(i int, emit func(...any)) {
		j := g.job(i)
		work, why, completed := "", "", any(nil)
		if j.status == "completed" || j.status == "closed" {
			work, completed = g.tagged(j, j.story.work), j.ended
		}
		if j.status == "cancelled" && chance(j.pick, 0.3) {
			why = "You asked us to leave it for now. Ask us for a new day any time."
		}
		description := g.tagged(j, j.story.description)
		if j.rare != "" {
			description += " There was word of a " + j.rare + " near the plant deck: take care."
		}
		origin, by, staff, looked, looker := "office", any(nil), any(j.staff), any(nil), any(nil)
		if j.asker >= 0 {
			origin, by, staff = "portal", int64(j.asker+1), nil
			if len(j.steps) > 1 {
				looked, looker = j.steps[1].at, j.staff
			}
		}
		var preferred any
		if chance(j.pick, 0.15) {
			preferred = day.Of(j.created, g.zone).AddDays(between(j.pick, 2, 20)).Time(time.UTC)
		}
		name := g.tagged(j, j.story.name)
		if j.piece >= 0 && !strings.Contains(name, g.pieces[j.piece].tag) {
			name += ", " + g.pieces[j.piece].tag
		}
		emit(int64(j.customer+1), "J-"+strconv.Itoa(1001+i), name, description, j.story.jobType, j.status, int64(j.site+1), int64(j.contact+1), j.order, preferred, orNever(j.from), orNever(j.until), work,
			completed, j.invoice, why, origin, by, staff, orNone(j.quote), j.priority, looked, looker, j.created, j.updated, j.steps[len(j.steps)-1].at)
	})
	if err != nil {
		return err
	}
	return g.table(ctx, b, "job_statuses", []string{"id", "customer_id", "job_id", "status", "at", "staff_id", "contact_id"}, g.Jobs, func(i int, emit func(...any)) {
		j := g.job(i)
		for _, s := range j.steps {
			emit(int64(j.customer+1), j.id, s.status, s.at, orNone(s.staff), orNone(s.contact))
		}
	})
}

// fillWork adds who is sent, what there is to do, and the hours.
func (g *generator) fillWork(ctx context.Context, b *bulk) error {
	err := g.table(ctx, b, "job_staff", []string{"job_id", "staff_id"}, g.Jobs, func(i int, emit func(...any)) {
		if j := g.job(i); !j.from.IsZero() {
			emit(j.id, j.worker)
		}
	})
	if err != nil {
		return err
	}
	err = g.table(ctx, b, "job_equipment", []string{"customer_id", "job_id", "equipment_id"}, g.Jobs, func(i int, emit func(...any)) {
		if j := g.job(i); j.piece >= 0 {
			emit(int64(j.customer+1), j.id, int64(j.piece+1))
		}
	})
	if err != nil {
		return err
	}
	err = g.table(ctx, b, "tasks", []string{"id", "customer_id", "job_id", "subject", "due_on", "done_at", "assignee_id", "created_at"}, g.Jobs, func(i int, emit func(...any)) {
		j := g.job(i)
		if j.status == "cancelled" || i%2 == 0 {
			return
		}
		for k, t := range j.story.tasks {
			var due, done any
			if !j.from.IsZero() {
				due = day.Of(j.from, g.zone).Time(time.UTC)
			}
			if j.status == "completed" || j.status == "closed" || j.status == "in progress" && k == 0 {
				done = j.until
				if j.until.After(g.now) {
					done = g.now
				}
			}
			emit(int64(j.customer+1), j.id, g.tagged(j, t), due, done, j.worker, j.created)
		}
	})
	if err != nil {
		return err
	}
	return g.table(ctx, b, "time_entries", []string{"id", "customer_id", "job_id", "worked_on", "hours", "staff_id", "started", "ended", "note", "created_at"}, g.Jobs, func(i int, emit func(...any)) {
		j := g.job(i)
		if j.status != "completed" && j.status != "closed" {
			return
		}
		on := day.Of(j.from, g.zone)
		quarters := int64(j.until.Sub(j.from) / (15 * time.Minute))
		from := 7*60 + 15*j.pick.IntN(20)
		emit(int64(j.customer+1), j.id, on.Time(time.UTC), numeric(quarters*25, -2), j.worker, timeOfDay(from), timeOfDay(from+int(quarters)*15), "", j.ended)
	})
}

// fillFiles adds two rows for each job, on bytes that many of them share.
func (g *generator) fillFiles(ctx context.Context, b *bulk) error {
	last := 0 // the largest customer's newest job, which has the manual
	for i := g.Jobs - 1; last == 0; i-- {
		if _, first := mine(i); first {
			last = i
		}
	}
	err := g.table(ctx, b, "attachments", []string{
		"id", "public_id", "customer_id", "job_id", "name", "kind", "media_type", "size", "caption", "taken_at", "blob_key", "web_key", "thumb_key", "width", "height", "customer_view", "shared_at", "shared_by_id",
		"uploaded_at", "uploaded_by_staff_id", "uploaded_by_contact_id", "document_kind_id", "valid_until", "at_site_id", "about_contact_id", "about_site_id",
	}, g.Jobs, func(i int, emit func(...any)) {
		j := g.job(i)
		pick := g.source(genFiles, uint64(i)+1)
		at := j.updated
		add := func(f *file, name, kind, caption string, shared, asked bool, document, until, site any) {
			var width, height, taken, sharedAt, sharer, contact, staff any
			if f.shot != nil {
				width, height, taken = f.width, f.height, at
			}
			if asked {
				contact, shared = int64(j.asker+1), true
			} else if staff = j.staff; shared {
				sharedAt, sharer = at, j.staff
			}
			emit(opaque(pick), int64(j.customer+1), j.id, name, kind, f.media, f.size, caption, taken, f.key, f.web, f.thumb, width, height, shared, sharedAt, sharer, at, staff, contact, document, until, site, int64(j.contact+1), int64(j.site+1))
		}
		photo := one(pick, g.shots)
		add(photo, "IMG_"+at.In(g.zone).Format("20060102_150405")+".jpg", "photo", "", chance(pick, 0.6), j.asker >= 0 && chance(pick, 0.5), nil, nil, nil)
		switch {
		case i == last:
			add(g.manual, "Operating manual.pdf", "document", "", true, false, nil, nil, nil)
		case i%50 == 7 && (j.status == "completed" || j.status == "closed"):
			add(g.sheet, "Certificate "+strconv.Itoa(1001+i)+".pdf", "document", "", true, false, int64(safetyCertificate), day.Of(at, g.zone).AddDays(365).Time(time.UTC), int64(j.site+1))
		case chance(pick, 0.5):
			add(g.sheet, "Service report J-"+strconv.Itoa(1001+i)+".pdf", "document", "", chance(pick, 0.8), false, nil, nil, nil)
		default:
			add(one(pick, g.shots), "IMG_"+at.Add(time.Minute).In(g.zone).Format("20060102_150405")+".jpg", "photo", "After", chance(pick, 0.6), false, nil, nil, nil)
		}
	})
	if err != nil {
		return err
	}
	// As the trigger counts: bytes that many rows name, once, for who named them first.
	_, err = b.tx.Exec(ctx, `
		insert into stored_files (customer_id, bytes)
		select customer_id, coalesce(sum(size) filter (where number = 1), 0)
		from (select customer_id, size, row_number() over (partition by blob_key order by id) number from attachments where removed_at is null) f
		group by customer_id`)
	if err != nil {
		return err
	}
	// As the trigger has it: the names of shown files, with their thing. The indexes
	// of jobs come after it: to keep up two dozen of them takes an hour with a million.
	_, err = b.tx.Exec(ctx, `
		update jobs set file_words = files.words
		from (select job_id as id, search_vector(left(string_agg(concat_ws(' ', name, caption), ' ' order by id), 40000)) as words
			from attachments where customer_view and removed_at is null group by job_id) files
		where files.id = jobs.id`)
	if err != nil {
		return err
	}
	return b.index(ctx, "jobs")
}
