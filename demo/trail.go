package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// recent is how far back the demo's trail and mails go: far enough to be read,
// not so far that filling waits for them.
const recent = 45 * 24 * time.Hour

// deed is an entry of the audit trail.
type deed struct {
	at             time.Time
	staff, contact int64
	action, thing  string
	id             int64
	label          string
	customer       int64
	before, after  map[string]any
}

// letter is a mail that was sent long before anybody looks at the demo.
type letter struct {
	at                  time.Time
	kind, rule          string
	name, to, subject   string
	contact, customer   int64
	job, quote          int64
	state, serverWords  string
	tries               int
	finishedAfterSecond int
}

// record tells the last weeks once more, as the audit trail and the log of mails keep them.
func (w *world) record() {
	since := w.now.Add(-recent)
	for _, j := range w.jobs {
		w.recordJob(j, since)
	}
	for _, q := range w.quotes {
		w.recordQuote(q, since)
	}
	for _, k := range w.contacts {
		w.recordContact(k, since)
	}
	for _, f := range w.files {
		if f.uploaded.After(since) {
			w.did(deed{
				at: f.uploaded, staff: f.staff, contact: f.contact, action: "uploaded", thing: "attachment", id: f.id, label: f.name, customer: f.customer,
				after: map[string]any{"size": f.size, "customer_view": f.contact != 0},
			})
		}
	}
	for _, m := range w.messages {
		if !m.at.After(since) {
			continue
		}
		on, number, action := "job", "", "wrote"
		if m.job != 0 {
			number = w.jobs[m.job-1].number
		} else {
			on, number = "quote", w.quotes[m.quote-1].number
		}
		if m.staffOnly {
			action = "noted"
		}
		w.did(deed{
			at: m.at, staff: m.staff, contact: m.contact, action: action, thing: "message", id: m.id, label: number, customer: m.customer,
			after: map[string]any{on: number, "text": m.text},
		})
	}
	slices.SortStableFunc(w.deeds, func(a, b deed) int { return a.at.Compare(b.at) })
	slices.SortStableFunc(w.letters, func(a, b letter) int { return a.at.Compare(b.at) })
	w.somethingWrong()
}

// did keeps a deed, of the office's when nobody is named.
func (w *world) did(d deed) {
	if d.staff == 0 && d.contact == 0 {
		d.staff = ben
	}
	w.deeds = append(w.deeds, d)
}

// wrote keeps a mail, sent within seconds.
func (w *world) wrote(l letter) {
	l.state, l.tries, l.finishedAfterSecond = "sent", 1, 2+len(w.letters)%3
	l.serverWords = fmt.Sprintf("250 2.0.0 Ok: queued as %X", 0x4F2A91C0+len(w.letters)*7919)
	w.letters = append(w.letters, l)
}

func (w *world) recordJob(j *job, since time.Time) {
	if j.created.After(since) {
		action := "created"
		if j.portalBy != 0 {
			action = "opened"
			w.toOffice(letter{at: j.created, kind: "job-opened", rule: "Global Notification List", subject: "New job " + j.number + " from " + w.nameOf(j.customer) + ": " + j.name, customer: j.customer, job: j.id}, mailbox, "dispatch@demo.test")
		}
		w.did(deed{
			at: j.created, staff: j.staff, contact: j.portalBy, action: action, thing: "job", id: j.id, label: j.number, customer: j.customer,
			after: map[string]any{"name": j.name, "description": j.description, "status": j.steps[0].status},
		})
	}
	for i, s := range j.steps {
		if i == 0 || !s.at.After(since) {
			continue
		}
		w.did(deed{
			at: s.at, staff: s.staff, contact: s.contact, action: "moved", thing: "job", id: j.id, label: j.number, customer: j.customer,
			before: map[string]any{"status": j.steps[i-1].status}, after: map[string]any{"status": s.status},
		})
		switch {
		case s.status == "booked" && j.from != nil:
			w.toContact(letter{at: s.at, kind: "job-booked", subject: "Job " + j.number + " is booked for " + j.from.Format("Mon 2 Jan 2006") + ": " + j.name, customer: j.customer, job: j.id}, j.contact)
		case s.status == "completed":
			w.toContact(letter{at: s.at, kind: "job-completed", subject: "Job " + j.number + " is completed: " + j.name, customer: j.customer, job: j.id}, j.contact)
		}
	}
}

func (w *world) recordQuote(q *quote, since time.Time) {
	if q.created.After(since) {
		action := "created"
		if q.portalBy != 0 {
			action = "requested"
			w.toOffice(letter{at: q.created, kind: "quote-requested", rule: "New quotes", subject: "New quote " + q.number + " from " + w.nameOf(q.customer) + ": " + q.name, customer: q.customer, quote: q.id}, mailbox, "projects@demo.test")
		}
		w.did(deed{
			at: q.created, staff: q.staff, contact: q.portalBy, action: action, thing: "quote", id: q.id, label: q.number, customer: q.customer,
			after: map[string]any{"name": q.name, "description": q.description},
		})
	}
	for _, v := range q.versions {
		if v.sentAt != nil && v.sentAt.After(since) {
			w.did(deed{
				at: *v.sentAt, staff: v.sentBy, action: "sent", thing: "quote", id: q.id, label: q.number, customer: q.customer,
				before: map[string]any{"status": "draft"}, after: map[string]any{"status": "sent"},
			})
			w.toContact(letter{at: *v.sentAt, kind: "quote-sent", subject: "Your quote " + q.number + " from " + tradingName + ": " + q.name, customer: q.customer, quote: q.id}, q.contact)
		}
		if d := v.decision; d != nil && d.at.After(since) {
			w.did(deed{
				at: d.at, contact: d.contact, action: d.what, thing: "quote", id: q.id, label: q.number, customer: q.customer,
				before: map[string]any{"status": "sent"}, after: map[string]any{"status": d.what, "full_name": d.name, "reason": d.reason},
			})
			w.toOffice(letter{at: d.at, kind: "quote-decision", rule: "Assigned staff", subject: "Quote " + q.number + " was " + d.what + " by " + w.nameOf(q.customer) + ": " + q.name, customer: q.customer, quote: q.id}, "ben@demo.test")
		}
	}
}

func (w *world) recordContact(k *contact, since time.Time) {
	if k.invited == nil || !k.invited.After(since) {
		return
	}
	w.did(deed{
		at: *k.invited, action: "invited", thing: "contact", id: k.id, label: k.name, customer: k.customer,
		before: map[string]any{"access": "none"}, after: map[string]any{"access": "invited"},
	})
	w.toContact(letter{at: *k.invited, kind: "welcome", subject: "Welcome to the " + tradingName + " customer portal", customer: k.customer}, k.id)
}

// toContact writes to a contact with an address.
func (w *world) toContact(l letter, contact int64) {
	k := w.contacts[contact-1]
	if k.email == "" || (k.access != "active" && l.kind != "welcome") {
		return
	}
	l.rule = cmp.Or(l.rule, map[bool]string{true: "Themselves", false: "Main contact"}[l.kind == "welcome"])
	l.name, l.to, l.contact = k.name, k.email, k.id
	w.wrote(l)
}

func (w *world) toOffice(l letter, addresses ...string) {
	for _, a := range addresses {
		l.to = a
		w.wrote(l)
	}
}

// somethingWrong has two of the mails end otherwise, as happens everywhere: an
// address with a slip of the keyboard, and news that was out of date.
func (w *world) somethingWrong() {
	failed, dropped := false, false
	for i := len(w.letters) - 1; i >= 0 && (!failed || !dropped); i-- {
		l := &w.letters[i]
		switch {
		case !failed && l.kind == "welcome" && w.contacts[l.contact-1].access == "invited":
			failed = true
			l.state = "failed"
			_, domain, _ := strings.Cut(l.to, "@")
			l.serverWords = "550 5.1.1 <" + l.to + ">: Recipient address rejected: no such mailbox at " + domain
		case !dropped && l.kind == "job-booked":
			dropped = true
			l.state, l.serverWords, l.tries = "dropped", "The job is not booked any more.", 0
		}
	}
}

func (w *world) nameOf(customer int64) string {
	c := w.customers[customer-1]
	return cmp.Or(c.company, c.name)
}

func (w *world) trailTables() []*table {
	trail := &table{name: "audit_entries", columns: []string{"id", "at", "actor", "staff_id", "contact_id", "person_id", "actor_name", "action", "thing", "thing_id", "thing_label", "customer_id", "before", "after"}}
	mails := &table{name: "emails", columns: []string{
		"id", "kind", "rule", "to_name", "to_address", "contact_id", "customer_id", "job_id", "quote_id", "message_id", "subject", "state", "attempts", "server_words", "created_at", "first_try_at", "finished_at",
	}}
	for i, d := range w.deeds {
		actor, name, person := "staff", "", int64(0)
		if d.contact != 0 {
			k := w.contacts[d.contact-1]
			actor, name, person = "contact", k.name, k.person
		} else {
			name = w.staff[d.staff-1].name
		}
		trail.add(int64(i+1), d.at, actor, none(d.staff), none(d.contact), none(person), name, d.action, d.thing, d.id, d.label, none(d.customer), object(d.before), object(d.after))
	}
	for i, l := range w.letters {
		var first any = l.at.Add(time.Second)
		if l.tries == 0 {
			first = nil
		}
		mails.add(int64(i+1), l.kind, l.rule, l.name, l.to, none(l.contact), none(l.customer), none(l.job), none(l.quote), fmt.Sprintf("demo%06d", i+1), l.subject, l.state, l.tries, l.serverWords,
			l.at, first, l.at.Add(time.Duration(l.finishedAfterSecond)*time.Second))
	}
	return []*table{trail, mails}
}

// object is null for nothing kept.
func object(fields map[string]any) any {
	if fields == nil {
		return nil
	}
	return fields
}
