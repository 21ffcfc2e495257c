package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/day"
)

type quote struct {
	id, customer, site, contact int64
	number, name, description   string
	estimate                    *int64
	status, jobType             string
	preferred, validUntil       day.Day
	order                       string
	inclusions, exclusions      string
	sent                        int // the version that was sent last; 0: none
	portalBy                    int64
	staff                       int64 // who wrote it in the office
	notes                       string
	looked                      *time.Time
	created, updated            time.Time
	versions                    []version
	assigned                    int64
	equipment                   *equipment
	where                       string
	decided                     time.Time
	becomes                     string // the kind of job, once it is accepted
}

type version struct {
	number          int
	lines           []line
	net, tax, total int64
	validUntil      day.Day
	sentAt          *time.Time
	sentBy          int64
	decision        *decision
	created         time.Time
}

type line struct {
	section, text string
	milli         int64 // quantity × 1,000
	price         int64
	tax           string
	percent       int64
	total         int64
}

type decision struct {
	contact         int64
	name, what      string
	order, reason   string
	at              time.Time
	address, device string
	recordedBy      int64 // in the office, of what was said by phone
	recordedAt      time.Time
}

// outcomes are what quotes come to: how many do, and how many working days ago
// they began.
var outcomes = []struct {
	name             string
	atDental, others int
	least, most      int
}{
	{"accepted", 7, 88, 12, 740},
	{"declined", 2, 25, 25, 730},
	{"withdrawn", 1, 17, 20, 700},
	{"expired", 2, 13, 34, 160},
	{"sent", 2, 13, 2, 15},
	{"sent again", 1, 5, 9, 16},
	{"draft", 1, 10, 1, 12},
	{"draft again", 1, 3, 14, 24},
	{"requested", 2, 7, 0, 4},
}

// addQuotes adds the quotes.
func (b *business) addQuotes() {
	pick := source(partQuotes)
	dental := b.customers[harbourDental]
	lee := dental.people[0]
	for i, o := range outcomes {
		for range o.atDental { // visitors look there first: one of each
			b.addQuote(pick, dental, i)
		}
		for range o.others {
			c := b.someCustomer(pick)
			if o.name == "requested" || o.name == "draft again" {
				c = b.busyInPortal(pick)
			}
			b.addQuote(pick, c, i)
		}
	}
	// Lee's newest request is the one nobody has looked at yet.
	var newest *quote
	for _, q := range b.quotes {
		if q.customer == dental.id && q.status == "requested" {
			q.contact, q.portalBy, q.looked = lee.id, lee.id, new(b.soon(pick, q.created, 10, 150))
			if newest == nil || !q.created.Before(newest.created) {
				newest = q
			}
		}
	}
	newest.created = b.now.Add(-95 * time.Minute).Truncate(time.Minute)
	newest.updated, newest.looked = newest.created, nil
	slices.SortStableFunc(b.quotes, func(a, b *quote) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.customer, b.customer))
	})
	for i, q := range b.quotes {
		q.id, q.number = int64(i+1), "Q-"+strconv.Itoa(1001+i)
	}
}

// someCustomer is one that may have more work done, but for Harbour Dental,
// which has its share.
func (b *business) someCustomer(pick *rand.Rand) *customer {
	weights := make([]int, len(b.customers))
	for i, c := range b.customers[1:] {
		if !c.onHold {
			weights[i+1] = c.weight
		}
	}
	return b.customers[weighted(pick, weights)]
}

// busyInPortal is a customer with somebody who may ask for quotes.
func (b *business) busyInPortal(pick *rand.Rand) *customer {
	for {
		c := b.customers[1+pick.IntN(len(b.customers)-1)]
		if asker(c) != nil && !c.onHold {
			return c
		}
	}
}

// asker is the first contact of c who may ask for jobs and quotes.
func asker(c *customer) *contact {
	for _, k := range c.people {
		if k.access == "active" && k.rights["quotes_create"] == true && k.rights["jobs_create"] == true && len(k.sites) == 0 {
			return k
		}
	}
	return nil
}

func (b *business) addQuote(pick *rand.Rand, c *customer, outcome int) {
	o := outcomes[outcome]
	isRequest := o.name == "requested"
	p := one(pick, c.sites)
	q := &quote{customer: c.id, site: p.id, contact: one(pick, reachable(c)).id, staff: one(pick, []int64{ben, ben, ada, 3}), assigned: one(pick, []int64{ben, ada, 4, 7})}
	who := asker(c)
	asked := ""
	if isRequest || who != nil && chance(pick, 0.25) {
		ask := one(pick, b.quoteRequests)
		for !b.canPrice(c, p, ask.Scope) {
			ask = one(pick, b.quoteRequests)
		}
		asked = ask.Scope
		q.portalBy, q.contact = who.id, who.id
		q.name, q.description = ask.Name, ask.Text
		if ask.Estimate > 0 {
			q.estimate = new(ask.Estimate)
		}
	}
	first := b.workday(day.Of(c.created, b.zone)) + 2
	at := max(b.base-between(pick, o.least, o.most), first)
	q.created = b.officeHours(pick, at)
	q.updated = q.created
	if q.portalBy != 0 && !isRequest {
		q.looked = new(q.created.Add(time.Duration(between(pick, 10, 240)) * time.Minute))
	}
	if isRequest && chance(pick, 0.5) && q.created.Before(b.now.Add(-5*time.Hour)) {
		q.looked = new(q.created.Add(2 * time.Hour))
	}
	b.setScope(pick, c, p, q, asked, isRequest)
	if chance(pick, 0.3) {
		q.preferred = b.days[min(at+between(pick, 8, 25), len(b.days)-1)]
	}
	b.setOutcome(pick, c, q, o.name, at)
	if chance(pick, 0.15) {
		q.notes = one(pick, b.notes)
	}
	b.quotes = append(b.quotes, q)
}

// reachable are the contacts who still work there.
func reachable(c *customer) []*contact {
	return slices.DeleteFunc(slices.Clone(c.people), func(k *contact) bool { return k.access == "suspended" || k.name == "Accounts" })
}

// canPrice tells whether the site has what the scope is about.
func (b *business) canPrice(c *customer, p *site, name string) bool {
	s := b.quoteKinds[slices.IndexFunc(b.quoteKinds, func(k quoteKind) bool { return strings.HasPrefix(k.Name, name) })]
	return s.Equipment == nil || len(suitable(c, p.id, s.Equipment)) > 0
}

// setScope sets the quote's texts and, unless nobody has priced it yet, prices it.
func (b *business) setScope(pick *rand.Rand, c *customer, p *site, q *quote, asked string, unpriced bool) {
	weights := make([]int, len(b.quoteKinds))
	pieces := make([]*equipment, len(b.quoteKinds))
	for i, s := range b.quoteKinds {
		pieces[i] = find(pick, c, p.id, s.Equipment)
		switch {
		case s.Equipment != nil && pieces[i] == nil:
		case asked == "":
			weights[i] = s.Weight
		case strings.HasPrefix(s.Name, asked):
			weights[i] = 1
		}
	}
	at := weighted(pick, weights)
	s, e := b.quoteKinds[at], pieces[at]
	q.jobType, q.becomes = s.JobType, s.Job
	values := b.placeholders(pick, c, p, e)
	q.equipment, q.where = e, values["where"]
	if q.name == "" {
		q.name, q.description = sentence(pick, s.Name, values), sentence(pick, s.Description, values)
	}
	if unpriced {
		return
	}
	q.inclusions, q.exclusions = s.Inclusions, s.Exclusions
	v := version{number: 1, created: q.created}
	for _, it := range s.Lines {
		if it.Chance > 0 && !chance(pick, it.Chance) {
			continue
		}
		v.lines = append(v.lines, it.line(pick, values))
	}
	if chance(pick, 0.06) {
		v.lines = append(v.lines, line{"Fees", "Council permit fee, passed on at cost", 1000, 18650, "No tax", 0, 18650})
	}
	v.sum()
	q.versions = []version{v}
}

func (it lineKind) line(pick *rand.Rand, values map[string]string) line {
	steps := int(math.Round((it.To - it.From) / it.Step))
	quantity := it.From
	if steps > 0 {
		quantity += float64(pick.IntN(steps+1)) * it.Step
	}
	price := it.Low
	if it.High != it.Low {
		price += pick.Int64N(it.High-it.Low) / 500 * 500
	}
	if kw, err := strconv.ParseFloat(values["kw"], 64); err == nil && strings.Contains(it.Text, "{kw}") { // equipment costs by its size
		price = (95000 + int64(kw*42000*(0.92+0.16*pick.Float64()))) / 500 * 500
	}
	l := line{section: it.Section, text: sentence(pick, it.Text, values), milli: int64(math.Round(quantity * 1000)), price: price, tax: "GST", percent: 10}
	l.total = halfUp(l.milli*l.price, 1000)
	return l
}

// halfUp divides and rounds to the nearest, halves away from zero.
func halfUp(n, by int64) int64 {
	if n < 0 {
		return -halfUp(-n, by)
	}
	return (2*n + by) / (2 * by)
}

// sum totals the version: the tax of each rate on the sum of its lines.
func (v *version) sum() {
	var taxed int64
	v.net = 0
	for _, l := range v.lines {
		v.net += l.total
		if l.percent == 10 {
			taxed += l.total
		}
	}
	v.tax = halfUp(taxed*10, 100)
	v.total = v.net + v.tax
}

// revised is a new version of v: a line less or a friendlier price.
func (v *version) revised(pick *rand.Rand, at time.Time) version {
	n := version{number: v.number + 1, lines: slices.Clone(v.lines), created: at}
	l := &n.lines[pick.IntN(len(n.lines))]
	l.price = l.price * 93 / 100
	l.total = halfUp(l.milli*l.price, 1000)
	n.sum()
	return n
}

// setOutcome takes the quote from its first version to what it came to.
func (b *business) setOutcome(pick *rand.Rand, c *customer, q *quote, outcome string, at int) {
	send := func(n, day int) int {
		v := &q.versions[n-1]
		v.sentAt, v.sentBy = new(b.after(pick, v.created, day)), one(pick, []int64{ben, ada})
		v.validUntil = b.days[b.workday(b.dayOf(*v.sentAt))].AddDays(30)
		q.sent, q.validUntil, q.status, q.updated = n, v.validUntil, "sent", *v.sentAt
		return b.workday(b.dayOf(*v.sentAt))
	}
	switch outcome {
	case "requested", "draft":
		q.status = outcome
		return
	case "withdrawn":
		q.status = "withdrawn"
		if chance(pick, 0.6) {
			send(1, at+between(pick, 1, 5))
			q.status = "withdrawn"
		}
		q.updated = b.after(pick, q.updated, at+between(pick, 8, 18))
		return
	}
	when := send(1, at+between(pick, 0, 2))
	twice := strings.HasSuffix(outcome, "again") || outcome == "accepted" && chance(pick, 0.2)
	if twice {
		q.versions = append(q.versions, q.versions[0].revised(pick, b.after(pick, *q.versions[0].sentAt, when+between(pick, 1, 3))))
		if outcome == "draft again" {
			q.status, q.updated = "draft", q.versions[1].created
			return
		}
		when = send(2, when+between(pick, 3, 5))
	}
	if outcome != "accepted" && outcome != "declined" {
		return
	}
	q.status = outcome
	q.decided = b.after(pick, q.updated, when+between(pick, 1, 12))
	q.updated = q.decided
	if outcome == "accepted" && (c.needsOrder || chance(pick, 0.3)) {
		q.order = order(pick)
	}
	decider := q.contact
	for _, k := range c.people {
		if k.rights["quotes_accept"] == true && k.access == "active" {
			decider = k.id
		}
	}
	if chance(pick, 0.75) { // the others told us by phone
		d := &decision{contact: decider, name: b.contacts[decider-1].name, what: outcome, order: q.order, at: q.decided, address: "203.0.113." + strconv.Itoa(between(pick, 2, 250)), device: one(pick, b.browsers)}
		if outcome == "declined" {
			d.reason = one(pick, []string{"We will wait until the next budget.", "Another supplier was considerably cheaper.", "The owner decided to keep the old unit for one more summer.", "No longer needed, the tenant has moved out.", "Please quote again without the crane."})
		}
		q.versions[q.sent-1].decision = d
	} else if outcome == "accepted" {
		q.versions[q.sent-1].decision = &decision{contact: decider, name: b.contacts[decider-1].name, what: outcome, order: q.order, at: q.decided, recordedBy: ben, recordedAt: q.decided}
	}
}

func order(pick *rand.Rand) string {
	return one(pick, []string{"PO-", "PO ", "45000", "WO-"}) + strconv.Itoa(between(pick, 10200, 98000))
}

// after is a moment at a desk on working day n, later than t and not in the future.
func (b *business) after(pick *rand.Rand, t time.Time, n int) time.Time {
	at := b.officeHours(pick, min(n, b.base))
	if !at.After(t) {
		at = t.Add(time.Duration(between(pick, 15, 90)) * time.Minute)
	}
	if at.After(b.now) { // squeezed between t and now
		at = t.Add(b.now.Sub(t) / 2)
	}
	return at
}

// find is a piece of equipment of one of the types at the site, or nil.
func find(pick *rand.Rand, c *customer, site int64, types []string) *equipment {
	suits := suitable(c, site, types)
	if len(suits) == 0 {
		return nil
	}
	return one(pick, suits)
}

func suitable(c *customer, site int64, types []string) (suits []*equipment) {
	for _, e := range c.equipment {
		if e.site == site && !e.retired && slices.Contains(types, e.kind) {
			suits = append(suits, e)
		}
	}
	return suits
}

// placeholders are the values of the placeholders of the catalogue's texts.
func (b *business) placeholders(pick *rand.Rand, c *customer, p *site, e *equipment) map[string]string {
	number := func(low, high int) string { return strconv.Itoa(between(pick, low, high)) }
	tenth := func(low, high int) string {
		return strconv.FormatFloat(float64(between(pick, low, high))/10, 'f', 1, 64)
	}
	back := between(pick, 222, 256)
	split := between(pick, 95, 128)
	m := map[string]string{
		"site": p.name, "where": one(pick, c.Rooms), "role": "the " + strings.ToLower(roleOf(c)), "unit": "air conditioner", "kind": "air conditioner", "tag": "the unit",
		"return": strconv.FormatFloat(float64(back)/10, 'f', 1, 64), "supply": strconv.FormatFloat(float64(back-split)/10, 'f', 1, 64), "split": strconv.FormatFloat(float64(split)/10, 'f', 1, 64),
		"suction": number(820, 960), "discharge": number(2350, 2980), "amps": tenth(38, 149), "low": number(340, 520), "kg": tenth(6, 32), "hot": number(27, 33), "n": number(3, 12), "n2": number(14, 60),
		"warm": number(7, 12), "cold": tenth(18, 38), "db": number(52, 61), "flow": number(210, 980), "flow2": number(60, 190), "load": tenth(42, 168), "co2": number(480, 620), "co2b": number(760, 1180),
		"=": number(0, 5), "rh": number(44, 61), "hot2": number(71, 96), "sh": tenth(52, 78), "err": "+0." + number(1, 3), "case": strconv.Itoa(between(pick, 4100000, 4899999)),
	}
	if e != nil {
		name := b.catalogue.equipment[e.kind].Name
		m["where"], m["unit"], m["kind"], m["tag"], m["make"], m["code"] = e.location, e.name, name, e.number, e.model.Make, e.model.Code
		m["kw"] = strconv.FormatFloat(e.model.KW, 'f', 1, 64)
		m["new"] = one(pick, b.catalogue.equipment[e.kind].Models).Code
		for _, other := range b.catalogue.equipment[e.kind].Models {
			if other.Make == e.model.Make {
				m["new"] = other.Code
			}
		}
	}
	return m
}

func roleOf(c *customer) string {
	role, _, _ := strings.Cut(c.people[0].role, ",")
	return role
}
