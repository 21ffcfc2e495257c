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
	piece                       *piece
	where                       string
	decided                     time.Time
	becomes                     string // the sort of job, once it is accepted
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
}

// state is what a quote came to.
type state string

const (
	requested, draft, redraft    state = "requested", "draft", "draft again"
	sent, resent, expired        state = "sent", "sent again", "expired"
	accepted, declined, withdraw state = "accepted", "declined", "withdrawn"
)

// price writes the quotes.
func (w *world) price() {
	pick := source(partQuotes)
	dental := w.customers[harbourDental]
	lee := dental.people[0]

	// The customer that visitors look at first has one of each.
	for _, s := range []state{
		accepted, accepted, declined, accepted, withdraw, accepted, expired, accepted, declined, accepted, accepted, expired, sent, sent, redraft, draft, resent, requested, requested,
	} {
		w.quote(pick, dental, s)
	}
	spread := []struct {
		s state
		n int
	}{{accepted, 88}, {declined, 25}, {withdraw, 17}, {expired, 13}, {sent, 13}, {resent, 5}, {draft, 10}, {redraft, 3}, {requested, 7}}
	weights := make([]int, len(w.customers))
	for i, c := range w.customers {
		weights[i] = c.weight
	}
	weights[harbourDental] = 0
	for _, part := range spread {
		for range part.n {
			c := w.customers[weighted(pick, weights)]
			if part.s == requested || part.s == redraft {
				c = w.busyInPortal(pick)
			}
			w.quote(pick, c, part.s)
		}
	}
	slices.SortStableFunc(w.quotes, func(a, b *quote) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.customer, b.customer))
	})
	newest := true
	for i := len(w.quotes) - 1; i >= 0; i-- { // Lee's newest request is the one nobody has looked at yet
		q := w.quotes[i]
		if q.customer == dental.id && q.status == "requested" {
			q.contact, q.portalBy = lee.id, lee.id
			if newest {
				q.created = w.now.Add(-95 * time.Minute).Truncate(time.Minute)
				q.updated, q.looked, newest = q.created, nil, false
			}
		}
	}
	slices.SortStableFunc(w.quotes, func(a, b *quote) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.customer, b.customer))
	})
	for i, q := range w.quotes {
		q.id, q.number = int64(i+1), "Q-"+strconv.Itoa(1001+i)
	}
}

// busyInPortal is a customer with somebody who may ask for quotes.
func (w *world) busyInPortal(pick *rand.Rand) *customer {
	for {
		c := w.customers[1+pick.IntN(len(w.customers)-1)]
		if asker(c) != nil && !c.onHold {
			return c
		}
	}
}

// asker is the first contact of c who may ask for jobs and quotes.
func asker(c *customer) *contact {
	for _, k := range c.people {
		if k.access == "active" && k.rights.quotesCreate && k.rights.jobsCreate && len(k.sites) == 0 {
			return k
		}
	}
	return nil
}

func (w *world) quote(pick *rand.Rand, c *customer, s state) {
	p := one(pick, c.places)
	q := &quote{customer: c.id, site: p.id, contact: one(pick, reachable(c)).id, staff: one(pick, []int64{ben, ben, ada, 3}), assigned: one(pick, []int64{ben, ada, 4, 7})}
	who := asker(c)
	asked := ""
	if s == requested || who != nil && chance(pick, 0.25) {
		ask := one(pick, asks)
		for !w.canPrice(c, p, ask.scope) {
			ask = one(pick, asks)
		}
		asked = ask.scope
		q.portalBy, q.contact = who.id, who.id
		q.name, q.description = ask.name, ask.text
		if ask.estimate > 0 {
			q.estimate = ptr(ask.estimate)
		}
	}
	// When it began depends on how far it came.
	back := map[state][2]int{
		requested: {0, 4}, draft: {1, 12}, redraft: {14, 24}, sent: {2, 15}, resent: {9, 16}, expired: {34, 160}, accepted: {12, 740}, declined: {25, 730}, withdraw: {20, 700},
	}[s]
	first := w.workday(day.Of(c.created, w.zone)) + 2
	at := max(w.base-between(pick, back[0], back[1]), first)
	q.created = w.officeHours(pick, at)
	q.updated = q.created
	if q.portalBy != 0 && s != requested {
		q.looked = ptr(q.created.Add(time.Duration(between(pick, 10, 240)) * time.Minute))
	}
	if s == requested && chance(pick, 0.5) && q.created.Before(w.now.Add(-5*time.Hour)) {
		q.looked = ptr(q.created.Add(2 * time.Hour))
	}
	w.scope(pick, c, p, q, asked, s == requested)
	if chance(pick, 0.3) {
		q.preferred = w.days[min(at+between(pick, 8, 25), len(w.days)-1)]
	}
	w.pursue(pick, c, q, s, at)
	if chance(pick, 0.15) {
		q.notes = one(pick, notes)
	}
	w.quotes = append(w.quotes, q)
}

// reachable are the contacts who still work there.
func reachable(c *customer) []*contact {
	var out []*contact
	for _, k := range c.people {
		if k.access != "suspended" && k.name != "Accounts" {
			out = append(out, k)
		}
	}
	return out
}

// canPrice tells whether the site has what the scope is about.
func (w *world) canPrice(c *customer, p *place, name string) bool {
	for _, s := range scopes {
		if strings.HasPrefix(s.name, name) {
			return s.plant == nil || len(suitable(c, p.id, s.plant)) > 0
		}
	}
	return false
}

// scope words the quote and, unless nobody has priced it yet, prices it.
func (w *world) scope(pick *rand.Rand, c *customer, p *place, q *quote, asked string, unpriced bool) {
	weights := make([]int, len(scopes))
	pieces := make([]*piece, len(scopes))
	for i, s := range scopes {
		pieces[i] = find(pick, c, p.id, s.plant)
		switch {
		case s.plant != nil && pieces[i] == nil:
		case asked == "":
			weights[i] = s.weight
		case strings.HasPrefix(s.name, asked):
			weights[i] = 1
		}
	}
	at := weighted(pick, weights)
	s, e := scopes[at], pieces[at]
	q.jobType, q.becomes = s.jobType, s.job
	words := w.words(pick, c, p, e)
	q.piece, q.where = e, words["where"]
	if q.name == "" {
		q.name, q.description = sentence(pick, s.name, words), sentence(pick, s.description, words)
	}
	if unpriced {
		return
	}
	q.inclusions, q.exclusions = s.inclusions, s.exclusions
	v := version{number: 1, created: q.created}
	for _, it := range s.lines {
		if it.chance > 0 && !chance(pick, it.chance) {
			continue
		}
		v.lines = append(v.lines, it.line(pick, words))
	}
	if chance(pick, 0.06) {
		v.lines = append(v.lines, line{"Fees", "Council permit fee, passed on at cost", 1000, 18650, "No tax", 0, 18650})
	}
	v.sum()
	q.versions = []version{v}
}

func (it item) line(pick *rand.Rand, words map[string]string) line {
	steps := int(math.Round((it.to - it.from) / it.step))
	quantity := it.from
	if steps > 0 {
		quantity += float64(pick.IntN(steps+1)) * it.step
	}
	price := it.low
	if it.high != it.low {
		price += pick.Int64N(it.high-it.low) / 500 * 500
	}
	if kw, err := strconv.ParseFloat(words["kw"], 64); err == nil && strings.Contains(it.text, "{kw}") { // plant costs by its size
		price = (95000 + int64(kw*42000*(0.92+0.16*pick.Float64()))) / 500 * 500
	}
	l := line{section: it.section, text: sentence(pick, it.text, words), milli: int64(math.Round(quantity * 1000)), price: price, tax: "GST", percent: 10}
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

// again is a new version of v: a line less or a friendlier price.
func (v *version) again(pick *rand.Rand, at time.Time) version {
	n := version{number: v.number + 1, lines: slices.Clone(v.lines), created: at}
	l := &n.lines[pick.IntN(len(n.lines))]
	l.price = l.price * 93 / 100
	l.total = halfUp(l.milli*l.price, 1000)
	n.sum()
	return n
}

// pursue takes the quote from its first version to what it came to.
func (w *world) pursue(pick *rand.Rand, c *customer, q *quote, s state, at int) {
	send := func(n, day int) int {
		v := &q.versions[n-1]
		v.sentAt, v.sentBy = ptr(w.after(pick, v.created, day)), one(pick, []int64{ben, ada})
		v.validUntil = w.days[w.workday(w.dayOf(*v.sentAt))].AddDays(30)
		q.sent, q.validUntil, q.status, q.updated = n, v.validUntil, "sent", *v.sentAt
		return w.workday(w.dayOf(*v.sentAt))
	}
	switch s {
	case requested:
		q.status = "requested"
		return
	case draft:
		q.status = "draft"
		return
	case withdraw:
		q.status = "withdrawn"
		if chance(pick, 0.6) {
			send(1, at+between(pick, 1, 5))
			q.status = "withdrawn"
		}
		q.updated = w.after(pick, q.updated, at+between(pick, 8, 18))
		return
	}
	when := send(1, at+between(pick, 0, 2))
	twice := s == resent || s == redraft || s == accepted && chance(pick, 0.2)
	if twice {
		q.versions = append(q.versions, q.versions[0].again(pick, w.after(pick, *q.versions[0].sentAt, when+between(pick, 1, 3))))
		if s == redraft {
			q.status, q.updated = "draft", q.versions[1].created
			return
		}
		when = send(2, when+between(pick, 3, 5))
	}
	if s != accepted && s != declined {
		return
	}
	q.status = string(s)
	q.decided = w.after(pick, q.updated, when+between(pick, 1, 12))
	q.updated = q.decided
	if s == accepted && (c.needsOrder || chance(pick, 0.3)) {
		q.order = order(pick)
	}
	decider := q.contact
	for _, k := range c.people {
		if k.rights.accept && k.access == "active" {
			decider = k.id
		}
	}
	if chance(pick, 0.75) { // the others told us by phone
		d := &decision{contact: decider, name: w.contacts[decider-1].name, what: string(s), order: q.order, at: q.decided, address: "203.0.113." + strconv.Itoa(between(pick, 2, 250)), device: one(pick, browsers)}
		if s == declined {
			d.reason = one(pick, []string{"We will wait until the next budget.", "Another supplier was considerably cheaper.", "The owner decided to keep the old unit for one more summer.", "No longer needed, the tenant has moved out.", "Please quote again without the crane."})
		}
		q.versions[q.sent-1].decision = d
	}
}

var browsers = []string{
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
}

func order(pick *rand.Rand) string {
	return one(pick, []string{"PO-", "PO ", "45000", "WO-"}) + strconv.Itoa(between(pick, 10200, 98000))
}

// after is a moment at a desk on working day n, later than t and not in the future.
func (w *world) after(pick *rand.Rand, t time.Time, n int) time.Time {
	at := w.officeHours(pick, min(n, w.base))
	if !at.After(t) {
		at = t.Add(time.Duration(between(pick, 15, 90)) * time.Minute)
	}
	if at.After(w.now) { // squeezed between t and now
		at = t.Add(w.now.Sub(t) / 2)
	}
	return at
}

func (w *world) dayOf(t time.Time) day.Day { return day.Of(t, w.zone) }

// find is a piece of equipment of one of the types at the site, or nil.
func find(pick *rand.Rand, c *customer, site int64, types []string) *piece {
	suits := suitable(c, site, types)
	if len(suits) == 0 {
		return nil
	}
	return one(pick, suits)
}

func suitable(c *customer, site int64, types []string) (suits []*piece) {
	for _, e := range c.plant {
		if e.site == site && !e.retired && slices.Contains(types, e.kind) {
			suits = append(suits, e)
		}
	}
	return suits
}

// words are the answers to the placeholders of the catalogue's texts.
func (w *world) words(pick *rand.Rand, c *customer, p *place, e *piece) map[string]string {
	number := func(low, high int) string { return strconv.Itoa(between(pick, low, high)) }
	tenth := func(low, high int) string {
		return strconv.FormatFloat(float64(between(pick, low, high))/10, 'f', 1, 64)
	}
	back := between(pick, 222, 256)
	split := between(pick, 95, 128)
	m := map[string]string{
		"site": p.name, "where": one(pick, c.rooms), "role": "the " + strings.ToLower(roleOf(c)), "unit": "air conditioner", "kind": "air conditioner", "tag": "the unit",
		"return": strconv.FormatFloat(float64(back)/10, 'f', 1, 64), "supply": strconv.FormatFloat(float64(back-split)/10, 'f', 1, 64), "split": strconv.FormatFloat(float64(split)/10, 'f', 1, 64),
		"suction": number(820, 960), "discharge": number(2350, 2980), "amps": tenth(38, 149), "low": number(340, 520), "kg": tenth(6, 32), "hot": number(27, 33), "n": number(3, 12), "n2": number(14, 60),
		"warm": number(7, 12), "cold": tenth(18, 38), "db": number(52, 61), "flow": number(210, 980), "flow2": number(60, 190), "load": tenth(42, 168), "co2": number(480, 620), "co2b": number(760, 1180),
		"=": number(0, 5), "rh": number(44, 61), "hot2": number(71, 96), "sh": tenth(52, 78), "err": "+0." + number(1, 3), "case": strconv.Itoa(between(pick, 4100000, 4899999)),
	}
	if e != nil {
		name := plant[e.kind].name
		m["where"], m["unit"], m["kind"], m["tag"], m["make"], m["code"] = e.location, e.name, name, e.number, e.model.make, e.model.code
		m["kw"] = strconv.FormatFloat(e.model.kw, 'f', 1, 64)
		m["new"] = one(pick, plant[e.kind].models).code
		for _, other := range plant[e.kind].models {
			if other.make == e.model.make {
				m["new"] = other.code
			}
		}
	}
	return m
}

func roleOf(c *customer) string {
	role, _, _ := strings.Cut(c.people[0].role, ",")
	return role
}
