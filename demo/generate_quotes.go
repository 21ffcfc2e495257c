package demo

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"fieldgate/internal/day"
)

// offer is what a quote is about and how it is priced.
type offer struct {
	kind              *quoteKind
	jobType           int64
	name, description string
	first, second     version
}

// quoteEvery: so many jobs, one quote. A quote that became a job became that one.
const quoteEvery = 5

func (g *generator) quotes() int { return g.Jobs / quoteEvery }

func (g *generator) offer(pick *rand.Rand, types map[string]int64) offer {
	weights := make([]int, len(g.quoteKinds))
	for i, k := range g.quoteKinds {
		weights[i] = k.Weight
	}
	k := &g.quoteKinds[weighted(pick, weights)]
	values := g.storyValues(pick, k.Equipment)
	values["tag"] = "the unit"
	o := offer{kind: k, jobType: types[k.JobType], name: sentence(pick, k.Name, values), description: sentence(pick, k.Description, values)}
	o.first.number = 1
	for _, it := range k.Lines {
		if it.Chance == 0 || chance(pick, it.Chance) {
			o.first.lines = append(o.first.lines, it.line(pick, values))
		}
	}
	o.first.sum()
	o.second = o.first.revised(pick, time.Time{})
	return o
}

// quoteOutcome is what the i-th quote came to; "job" if it was accepted and became one.
func (g *generator) quoteOutcome(i int) string {
	pick := g.source(genQuote, uint64(i))
	roll := pick.IntN(100)
	recent := i >= g.quotes()-max(g.quotes()/60, 12)
	switch {
	case !recent && roll < 58:
		return "job"
	case !recent && roll < 80:
		return "declined"
	case !recent && roll < 86:
		return "withdrawn"
	case !recent:
		return "sent" // long expired
	}
	return []string{"requested", "draft", "sent", "sent", "accepted", "draft again"}[i%6]
}

// madeQuote is a quote as its number has it.
type madeQuote struct {
	id                       int64
	outcome, status          string
	offer                    *offer
	job                      *madeJob
	asker                    int
	created, sentAt, decided time.Time
	versions, sent           int
	order                    string
	number                   string
	validUntil               day.Day
	pick                     *rand.Rand
	decision, way, reason    string
	decider                  int
	decidedBy                int64
}

func (g *generator) quote(i int) *madeQuote {
	j := g.job((i+1)*quoteEvery - 1)
	pick := g.source(genQuote, 1<<32+uint64(i))
	q := &madeQuote{id: int64(i + 1), outcome: g.quoteOutcome(i), job: j, asker: -1, pick: pick, number: "Q-" + strconv.Itoa(1001+i), versions: 1, decider: j.contact}
	q.offer = &g.offers[pick.IntN(len(g.offers))]
	q.created = j.created.Add(-time.Duration(between(pick, 5, 30)) * 24 * time.Hour)
	c := g.customers[j.customer]
	if c.asker >= 0 && chance(pick, 0.3) {
		q.asker = c.asker
	}
	q.status = q.outcome
	switch q.outcome {
	case "job":
		q.status = "accepted"
	case "requested":
		q.asker = c.asker
	case "draft again":
		q.status, q.versions = "draft", 2
	}
	if q.status == "accepted" && chance(pick, 0.2) {
		q.versions = 2
	}
	if q.status == "requested" {
		q.versions = 0
		return q
	}
	if q.outcome == "draft" || q.outcome == "withdrawn" && chance(pick, 0.4) {
		return q
	}
	q.sent = q.versions
	if q.outcome == "draft again" {
		q.sent = 1
	}
	gap := j.created.Sub(q.created)
	q.sentAt = q.created.Add(gap / 4)
	q.validUntil = day.Of(q.sentAt, g.zone).AddDays(30)
	if q.status == "accepted" || q.status == "declined" {
		q.decided, q.decision, q.way = q.created.Add(gap*3/4), q.status, "portal"
		q.decidedBy = 0
		if c.asker >= 0 {
			q.decider = c.asker
		}
		if k := g.contacts[q.decider].kind; k.access != "active" || k.rights["quotes_accept"] != true {
			q.way, q.decidedBy = "phone", ben
		}
		if q.status == "declined" {
			q.reason = "We will wait until the next budget."
		} else if chance(pick, 0.3) {
			q.order = order(pick)
		}
	}
	return q
}

func (g *generator) fillQuotes(ctx context.Context, b *bulk) error {
	n := g.quotes()
	terms := g.terms
	// The search of a sent quote reads its version: versions come first.
	err := g.table(ctx, b, "quote_versions", []string{
		"id", "customer_id", "quote_id", "number", "net", "tax", "total", "name", "description", "inclusions", "exclusions", "terms", "valid_until", "sent_at", "sent_by_id", "created_at",
	}, n, func(i int, emit func(...any)) {
		q := g.quote(i)
		for v := 1; v <= q.versions; v++ {
			of := q.version(v)
			o := q.offer
			values := []any{int64(q.job.customer + 1), q.id, v, of.net, of.tax, of.total}
			if v > q.sent {
				values = append(values, "", "", "", "", "", nil, nil, nil)
			} else {
				sentAt := q.sentAt
				if v < q.sent {
					sentAt = q.created.Add(q.sentAt.Sub(q.created) / 2)
				}
				values = append(values, o.name, o.description, o.kind.Inclusions, o.kind.Exclusions, terms, q.validUntil.Time(time.UTC), sentAt, ben)
			}
			emit(append(values, q.created)...)
		}
	})
	if err != nil {
		return err
	}
	version := int64(0)
	err = g.table(ctx, b, "quote_lines", []string{"id", "customer_id", "version_id", "position", "section", "description", "quantity", "unit_price", "tax_name", "tax_percent", "line_total"}, n, func(i int, emit func(...any)) {
		q := g.quote(i)
		for v := 1; v <= q.versions; v++ {
			version++
			for k, l := range q.version(v).lines {
				emit(int64(q.job.customer+1), version, k+1, l.section, l.text, numeric(l.milli, -3), l.price, l.tax, numeric(l.percent, 0), l.total)
			}
		}
	})
	if err != nil {
		return err
	}
	err = g.table(ctx, b, "quotes", []string{
		"id", "customer_id", "number", "name", "description", "currency", "status", "site_id", "main_contact_id", "job_type_id", "valid_until", "purchase_order", "inclusions", "exclusions", "terms", "sent_version",
		"origin", "created_by_contact_id", "created_by_staff_id", "looked_at", "looked_by_id", "created_at", "updated_at", "has_job",
	}, n, func(i int, emit func(...any)) {
		q := g.quote(i)
		var valid, sent any
		if q.sent > 0 {
			valid, sent = q.validUntil.Time(time.UTC), q.sent
		}
		origin, by, staff, looked, looker := "office", any(nil), any(ben), any(nil), any(nil)
		contact := q.job.contact
		if q.asker >= 0 {
			origin, by, staff, contact = "portal", int64(q.asker+1), nil, q.asker
			if q.status != "requested" {
				looked, looker = q.created.Add(time.Hour), ben
			}
		}
		updated := q.created
		for _, t := range []time.Time{q.sentAt, q.decided} {
			if t.After(updated) {
				updated = t
			}
		}
		o := q.offer
		emit(int64(q.job.customer+1), q.number, o.name, o.description, "AUD", q.status, int64(q.job.site+1), int64(contact+1), o.jobType, valid, q.order, o.kind.Inclusions, o.kind.Exclusions, terms, sent,
			origin, by, staff, looked, looker, q.created, updated, q.outcome == "job")
	})
	if err != nil {
		return err
	}
	err = g.table(ctx, b, "quote_staff", []string{"quote_id", "staff_id"}, n, func(i int, emit func(...any)) {
		if q := g.quote(i); q.status != "requested" {
			emit(q.id, one(q.pick, []int64{ada, ben}))
		}
	})
	if err != nil {
		return err
	}
	version = 0
	err = g.table(ctx, b, "acceptances", []string{"id", "customer_id", "version_id", "contact_id", "decision", "full_name", "purchase_order", "reason", "terms", "at", "address", "browser", "way", "recorded_by_id", "recorded_at"},
		n, func(i int, emit func(...any)) {
			q := g.quote(i)
			if version += int64(q.versions); q.decision == "" {
				return
			}
			of := version - int64(q.versions-q.sent)
			address, browser, recorded := any("203.0.113."+strconv.Itoa(between(q.pick, 2, 250))), one(q.pick, g.browsers), any(nil)
			if q.decidedBy != 0 {
				address, browser, recorded = nil, "", q.decided
			}
			emit(int64(q.job.customer+1), of, int64(q.decider+1), q.decision, g.contacts[q.decider].name, q.order, q.reason, terms, q.decided, address, browser, q.way, orNone(q.decidedBy), recorded)
		})
	if err != nil {
		return err
	}
	return g.table(ctx, b, "quote_events", []string{"id", "customer_id", "quote_id", "kind", "at", "staff_id", "by_name", "version", "job_id"}, n, func(i int, emit func(...any)) {
		if q := g.quote(i); q.outcome == "job" {
			emit(int64(q.job.customer+1), q.id, "job created", q.job.created, ben, g.staff[ben-1].Name, 1, q.job.id)
		}
	})
}

func (q *madeQuote) version(v int) *version {
	if v == 1 {
		return &q.offer.first
	}
	return &q.offer.second
}
