package demo

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/day"
)

type job struct {
	id, customer, site, contact int64
	number, name, description   string
	jobType, status, order      string
	preferred                   day.Day
	from, until                 *time.Time
	work                        string
	completed                   *time.Time
	invoice, invoicing          string
	portalBy, staff             int64
	quote                       *quote
	priority, notes             string
	looked                      *time.Time
	created, updated            time.Time
	assigned                    []int64
	steps                       []step
	tasks                       []task
	hours                       []timeEntry
	equipment                   []*equipment
	kind                        *jobKind
	values                      map[string]string
	why                         string // it was called off
	follows                     int64  // the job before it
}

type step struct {
	status         string
	at             time.Time
	staff, contact int64
}

type task struct {
	subject  string
	due      day.Day
	done     *time.Time
	assignee int64
}

type timeEntry struct {
	on       day.Day
	quarters int // hours × 4
	staff    int64
	started  int // minutes after midnight
	note     string
}

// addJobs adds the jobs.
func (b *business) addJobs() {
	pick := source(partJobs)
	dental := b.customers[harbourDental]

	// What is on today and in the next days at Harbour Dental.
	b.addJobInProgress(pick, dental, 0)
	soon := b.addJob(pick, dental, "booked", b.base+2, nil)
	soon.contact = dental.people[0].id
	for _, ahead := range []int{1, 4, 9} {
		b.addJob(pick, dental, "booked", b.base+ahead, nil)
	}
	b.addRequestedJob(pick, dental, dental.people[0], 3*time.Hour+10*time.Minute, 0)
	for range 2 {
		b.addJob(pick, dental, "unscheduled", b.base-between(pick, 1, 6), nil)
	}
	b.addJob(pick, dental, "deferred", b.base-6, nil)
	for range 66 {
		b.addPastJob(pick, dental)
	}
	// Quotes that were accepted and became jobs.
	for _, q := range b.quotes {
		if q.status == "accepted" && chance(pick, 0.8) {
			decided, end := b.workday(b.dayOf(q.decided)), "completed"
			booked := decided + between(pick, 4, 14)
			if booked == b.base && decided < b.base-1 {
				booked--
			} else if booked >= b.base {
				booked, end = max(booked, b.base+1), "booked"
			}
			b.addJob(pick, b.customers[q.customer-1], end, booked, q)
		}
	}
	for n := range 5 {
		b.addJobInProgress(pick, b.someCustomer(pick), n+1)
	}
	for range 30 {
		b.addJob(pick, b.someCustomer(pick), "booked", b.base+1+pick.IntN(between(pick, 4, 18)), nil)
	}
	for range 15 {
		b.addJob(pick, b.someCustomer(pick), "unscheduled", b.base-between(pick, 0, 12), nil)
	}
	for range 8 {
		b.addJob(pick, b.someCustomer(pick), "deferred", b.base-between(pick, 3, 25), nil)
	}
	for n := range 7 {
		c := b.busyInPortal(pick)
		b.addRequestedJob(pick, c, asker(c), time.Duration(between(pick, 1+n*7, 6+n*9))*time.Hour, n)
	}
	for len(b.jobs) < manyJobs {
		b.addPastJob(pick, b.someCustomer(pick))
	}
	b.numberJobs()
}

// numberJobs numbers the jobs in the order in which they came, and the invoices in
// the order of completion.
func (b *business) numberJobs() {
	slices.SortStableFunc(b.jobs, func(a, b *job) int { return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.customer, b.customer)) })
	for i, j := range b.jobs {
		j.id, j.number = int64(i+1), "J-"+strconv.Itoa(1001+i)
	}
	billed := slices.DeleteFunc(slices.Clone(b.jobs), func(j *job) bool { return j.completed == nil || j.status != "completed" && j.status != "closed" })
	slices.SortStableFunc(billed, func(a, b *job) int { return a.completed.Compare(*b.completed) })
	for i, j := range billed {
		if j.status == "closed" && j.jobType != "Warranty" {
			j.invoice = "INV-" + strconv.Itoa(40210+i)
		} else if j.status == "completed" {
			j.invoicing = []string{"", "", "Ready to invoice.", "Waiting for the purchase order."}[i%4]
		}
	}
}

// addPastJob adds a job of the last three years.
func (b *business) addPastJob(pick *rand.Rand, c *customer) {
	first := b.workday(b.dayOf(c.created)) + 16 // no job was asked for before the customer came
	// Business grows: more of the jobs are recent ones.
	age := pick.Float64()
	at := b.base - 1 - int((0.35*age*age+0.65*age)*float64(b.base-first))
	end := "completed"
	if chance(pick, 0.045) {
		end = "cancelled"
	}
	b.addJob(pick, c, end, max(at, first), nil)
}

// choose takes what suits the site.
func (b *business) choose(pick *rand.Rand, c *customer, p *site) (*jobKind, *equipment) {
	weights := make([]int, len(b.jobKinds))
	pieces := make([]*equipment, len(b.jobKinds))
	for i, s := range b.jobKinds {
		pieces[i] = find(pick, c, p.id, s.Equipment)
		if s.Equipment == nil || pieces[i] != nil {
			weights[i] = s.Weight
		}
		if c.Trade == "home" && (s.Name == "Annual fire damper inspection" || strings.Contains(s.Name, "whole site")) {
			weights[i] = 0
		}
	}
	at := weighted(pick, weights)
	return &b.jobKinds[at], pieces[at]
}

// addJob adds a job of c that is, was or would have been booked on working day at.
func (b *business) addJob(pick *rand.Rand, c *customer, end string, at int, q *quote) *job {
	j := b.describe(pick, c, q)
	urgent, lead := j.priority == "urgent" || j.priority == "high", between(pick, 3, 14)
	if urgent {
		lead = between(pick, 0, 2)
	}
	switch end {
	case "booked":
		if urgent && q == nil {
			at = min(at, b.base+between(pick, 1, 2))
		}
		lead = max(lead, at-b.base)
	case "unscheduled":
		if lead = 0; urgent {
			at = b.base - between(pick, 0, 1)
		}
	}
	who := asker(c)
	portal := q == nil && who != nil && (c.id != 1 || j.contact == who.id) && chance(pick, 0.22) // at Harbour Dental each asks for their own sites
	if portal {
		lead = max(lead, 1)
	}
	if j.created = b.officeHours(pick, at-lead); lead == 0 && end != "unscheduled" { // called in before seven
		j.created = b.at(b.days[at], between(pick, 6*60, 6*60+50))
	}
	if q != nil {
		j.created = b.soon(pick, q.decided, 15, 170)
	}
	if portal {
		j.portalBy, j.contact = who.id, who.id
		b.step(j, "new", j.created, 0, who.id)
		j.looked = new(b.soon(pick, j.created, 10, 150))
		b.step(j, "unscheduled", b.soon(pick, *j.looked, 1, 10), j.staff, 0)
	} else {
		b.step(j, "unscheduled", j.created, j.staff, 0)
	}
	if chance(pick, 0.15) {
		j.preferred = b.days[min(max(at, 0), len(b.days)-1)]
	}
	switch end {
	case "unscheduled":
	case "cancelled":
		if chance(pick, 0.5) {
			b.book(pick, j, at)
		}
		b.step(j, "cancelled", b.soon(pick, j.last(), 60, 1400), j.staff, 0)
		j.notes = one(pick, []string{"Cancelled by the customer, fixed itself.", "Duplicate of an earlier request.", "Tenant has moved out.", "Customer took another offer."})
	case "deferred":
		b.book(pick, j, at)
		if chance(pick, 0.5) {
			b.attend(pick, j, at, 1, 1)
			j.work = "Started on site. A part is on order; we will be back as soon as it arrives."
		} else {
			j.from, j.until = nil, nil
			j.assigned = nil
		}
		b.step(j, "deferred", b.soon(pick, j.last(), 20, 200), j.staff, 0)
		j.notes = one(pick, []string{"Waiting for the compressor, three weeks from Japan.", "Customer renovates, back after the painters.", "Board on order, supplier says Thursday."})
	case "booked":
		b.book(pick, j, at)
	case "completed":
		b.finish(pick, j, at)
	}
	j.plan(pick, b)
	b.jobs = append(b.jobs, j)
	return j
}

// describe starts a new job with its texts.
func (b *business) describe(pick *rand.Rand, c *customer, q *quote) *job {
	p := c.sites[len(b.jobs)%len(c.sites)]
	var s *jobKind
	var e *equipment
	if q != nil {
		p, e = b.sites[q.site-1], q.equipment
		s = &b.jobKinds[slices.IndexFunc(b.jobKinds, func(k jobKind) bool { return strings.HasPrefix(k.Name, q.becomes) })]
	} else {
		s, e = b.choose(pick, c, p)
	}
	values := b.placeholders(pick, c, p, e)
	if q != nil {
		values["where"] = q.where
	}
	j := &job{
		customer: c.id, site: p.id, contact: b.host(pick, c, p).id, jobType: s.JobType, priority: s.Priority, staff: one(pick, []int64{ben, ben, ada, 3}), kind: s, values: values,
		name: sentence(pick, s.Name, values), description: sentence(pick, s.Description, values), quote: q,
	}
	if q != nil {
		j.name, j.description, j.contact, j.order, j.jobType = q.name, q.description, q.contact, q.order, q.jobType
	} else if c.needsOrder && chance(pick, 0.7) || chance(pick, 0.08) {
		j.order = order(pick)
	}
	if e != nil {
		j.equipment = []*equipment{e}
	} else if s.Bill == "service" {
		for _, e := range c.equipment {
			if e.site == p.id && !e.retired && len(j.equipment) < 8 {
				j.equipment = append(j.equipment, e)
			}
		}
	}
	if chance(pick, 0.12) {
		j.notes = one(pick, b.notes)
	}
	return j
}

// host is the main contact of work at a site: at Harbour Dental the practice manager there.
func (b *business) host(pick *rand.Rand, c *customer, p *site) *contact {
	if c == b.customers[harbourDental] {
		return c.people[map[int]int{1: 4, 2: 5, 3: 1}[slices.Index(c.sites, p)]] // else Lee
	}
	return one(pick, reachable(c))
}

// last is when something was last done to the job.
func (j *job) last() time.Time { return j.steps[len(j.steps)-1].at }

// step takes the job one status further. It never goes back in time nor ahead
// of now.
func (b *business) step(j *job, status string, at time.Time, staff, contact int64) {
	if at.After(b.now) {
		at = b.now
	}
	if len(j.steps) > 0 && at.Before(j.last()) {
		at = j.last()
	}
	j.steps = append(j.steps, step{status, at, staff, contact})
	j.status, j.updated = status, at
}

// soon is some minutes after t, but not in the future.
func (b *business) soon(pick *rand.Rand, t time.Time, from, to int) time.Time {
	if s := t.Add(time.Duration(between(pick, from, to)) * time.Minute); !s.After(b.now) {
		return s
	}
	return t.Add(b.now.Sub(t) / 2)
}

// book finds somebody who is free on working day n, and a time.
func (b *business) book(pick *rand.Rand, j *job, n int) {
	n = min(max(n, 0), len(b.days)-1)
	long := int(j.kind.Hours[0]*4+pick.Float64()*(j.kind.Hours[1]-j.kind.Hours[0])*4+0.5) * 15 // minutes
	crew := 1
	if j.kind.Crew > 1 && chance(pick, 0.6) {
		crew = 2
	}
	j.assigned = nil
	start := 0
	for _, hour := range pick.Perm(9) {
		at := (7 + hour) * 60
		if free := b.free(pick, n, at, long); at+long <= 17*60 && len(free) >= crew {
			start, j.assigned = at, free[:crew]
			break
		}
	}
	if start == 0 { // everybody is out: early shift
		start = 7 * 60
		j.assigned = []int64{firstField + int64(pick.IntN(int(lastField-firstField)+1))}
	}
	slices.Sort(j.assigned)
	for _, who := range j.assigned {
		for half := start / 30; half*30 < start+long; half++ {
			b.busy[slot{who, n, half}] = true
		}
	}
	j.from, j.until = new(b.at(b.days[n], start)), new(b.at(b.days[n], start+(long+29)/30*30))
	if j.status != "booked" {
		b.step(j, "booked", b.soon(pick, j.last(), 4, 90), j.staff, 0)
	}
}

// free are the technicians free at that time, in any order.
func (b *business) free(pick *rand.Rand, n, start, long int) []int64 {
	var free []int64
	for _, i := range pick.Perm(int(lastField-firstField) + 1) {
		who, ok := firstField+int64(i), true
		for half := start / 30; half*30 < start+long; half++ {
			ok = ok && !b.busy[slot{who, n, half}]
		}
		if ok {
			free = append(free, who)
		}
	}
	return free
}

// attend works through visits visit of visits, on working day n, and leaves the
// job in progress.
func (b *business) attend(pick *rand.Rand, j *job, n, visit, visits int) time.Time {
	local := j.from.In(b.zone)
	start := local.Hour()*60 + local.Minute()
	if visit > 1 {
		start = 7*60 + 30
	}
	quarters := max(2, int(j.until.Sub(*j.from)/(15*time.Minute))+between(pick, -1, 2))
	if visit == 1 {
		b.step(j, "in progress", b.at(b.days[n], start+between(pick, -4, 14)), j.staff, 0)
	}
	for _, who := range j.assigned {
		e := timeEntry{on: b.days[n], quarters: quarters, staff: who, started: start}
		if visits > 1 {
			e.note = "Visit " + strconv.Itoa(visit) + " of " + strconv.Itoa(visits)
		} else if chance(pick, 0.1) {
			e.note = one(pick, []string{"Including travel to the wholesaler.", "Waited for access.", "Parking ticket attached."})
		}
		j.hours = append(j.hours, e)
	}
	return b.at(b.days[n], start+15*quarters)
}

// finish takes the job from booking to the end, with detours now and then.
func (b *business) finish(pick *rand.Rand, j *job, at int) {
	early := b.workday(b.dayOf(j.created)) < at-4
	switch {
	case early && chance(pick, 0.06):
		b.book(pick, j, at-3)
		b.step(j, "unscheduled", b.soon(pick, j.last(), 30, 300), j.staff, 0)
	case early && chance(pick, 0.06):
		b.book(pick, j, at-4)
		b.step(j, "deferred", b.soon(pick, j.last(), 60, 400), j.staff, 0)
	}
	b.book(pick, j, at)
	visits := 1
	if j.kind.Visits > 1 && chance(pick, 0.35) {
		visits = between(pick, 2, j.kind.Visits)
	}
	var left time.Time
	for visit := 1; visit <= visits && at+visit-1 < b.base; visit++ {
		left = b.attend(pick, j, at+visit-1, visit, visits)
	}
	if left.IsZero() { // booked on the first day of all
		left = b.attend(pick, j, at, 1, 1)
	}
	done := left.Add(time.Duration(between(pick, 2, 25)) * time.Minute)
	j.completed = &done
	b.step(j, "completed", done, j.staff, 0)
	for i, s := range j.kind.Work {
		if i < 2 || i == len(j.kind.Work)-1 || chance(pick, 0.8) {
			if text := sentence(pick, s, j.values); text != "" {
				j.work += text + " "
			}
		}
	}
	j.work = strings.TrimSpace(j.work)
	for _, e := range j.equipment {
		if on := b.dayOf(done); j.kind.Bill == "service" && on.After(e.worked) {
			e.worked = on
		}
	}
	age := b.now.Sub(done)
	if age > 40*24*time.Hour && chance(pick, 0.02) {
		b.step(j, "in progress", done.Add(26*time.Hour), ada, 0)
		done = done.Add(29 * time.Hour)
		b.step(j, "completed", done, j.staff, 0)
		j.work += " Returned next day: reset the drain switch."
	}
	if age > 30*24*time.Hour || age > 6*24*time.Hour && chance(pick, 0.6) {
		b.step(j, "closed", b.after(pick, done, b.workday(b.dayOf(done))+between(pick, 1, 4)), one(pick, []int64{3, ben}), 0)
	}
}

// addJobInProgress adds a job that is under way as we speak.
func (b *business) addJobInProgress(pick *rand.Rand, c *customer, n int) {
	j := b.describe(pick, c, nil)
	j.created = b.officeHours(pick, b.base-between(pick, 3, 8))
	b.step(j, "unscheduled", j.created, j.staff, 0)
	// Started within working hours if these have begun; else it is an emergency.
	half := time.Duration(n) * 30 * time.Minute
	begun, early, late := b.now.Truncate(time.Hour).Add(-half%(90*time.Minute)), b.at(b.today, 7*60), b.at(b.today, 14*60).Add(-half)
	if begun.After(late) {
		begun = late
	}
	if begun.Before(early) {
		begun = early
	}
	if begun.After(b.now) {
		begun, j.priority = b.now.Truncate(15*time.Minute), "urgent"
	}
	who := firstField + int64(n)%(lastField-firstField+1)
	j.assigned = []int64{who}
	j.from, j.until = &begun, new(begun.Add(3*time.Hour))
	b.step(j, "booked", b.soon(pick, j.created, 10, 90), j.staff, 0)
	b.step(j, "in progress", begun.Add(4*time.Minute), j.staff, 0)
	if n%2 == 1 { // a second day's work
		yesterday := b.days[max(b.base-1, 0)]
		j.hours = []timeEntry{{on: yesterday, quarters: 10, staff: who, started: 12*60 + 30, note: "First visit"}}
		j.work = sentence(pick, j.kind.Work[0], j.values) + " Second visit today to finish."
		j.from, j.until = new(b.at(yesterday, 12*60+30)), new(begun.Add(3*time.Hour))
		j.steps = j.steps[:2]
		b.step(j, "in progress", b.at(yesterday, 12*60+36), j.staff, 0)
	}
	j.plan(pick, b)
	b.jobs = append(b.jobs, j)
}

// addRequestedJob adds a job that somebody asked for in the portal, ago.
func (b *business) addRequestedJob(pick *rand.Rand, c *customer, who *contact, ago time.Duration, n int) {
	t := b.jobRequests[n%len(b.jobRequests)]
	j := b.describe(pick, c, nil)
	j.name, j.description, j.jobType, j.priority, j.order, j.notes = t.Name, t.Text, t.JobType, "normal", "", ""
	j.equipment = nil
	j.portalBy, j.contact, j.staff = who.id, who.id, 0
	j.created = b.now.Add(-ago).Truncate(time.Minute)
	b.step(j, "new", j.created, 0, who.id)
	if n >= 4 {
		j.looked = new(j.created.Add(30 * time.Minute))
	}
	if n%2 == 1 {
		j.preferred = b.days[min(b.base+3, len(b.days)-1)]
	}
	b.jobs = append(b.jobs, j)
}

// plan adds the tasks, done as far as the job is.
func (j *job) plan(pick *rand.Rand, b *business) {
	if j.status == "cancelled" || !chance(pick, 0.7) {
		return
	}
	for i, subject := range j.kind.Tasks {
		t := task{subject: subject}
		if len(j.assigned) > 0 {
			t.assignee = j.assigned[i%len(j.assigned)]
		}
		if j.from != nil {
			t.due = b.dayOf(*j.from)
		}
		switch {
		case j.completed != nil:
			t.done = new(j.completed.Add(-time.Duration(len(j.kind.Tasks)-i) * 7 * time.Minute))
		case j.status == "in progress" && i == 0:
			t.done = new(j.last())
		}
		j.tasks = append(j.tasks, t)
	}
}
