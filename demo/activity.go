package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"fieldgate/internal/audit"
)

// recent is how far back the demo's activity and emails go: far enough to be
// read, not so far that filling waits for them.
const recent = 45 * 24 * time.Hour

// subject is what an entry of the audit log is about.
type subject struct {
	thing    string
	id       int64
	label    string
	customer int64
}

// email is one that was sent long before anybody looks at the demo.
type email struct {
	at                    time.Time
	kind, rule, subject   string
	name, address         string
	contact, customer     int64
	job, quote            int64
	state, serverResponse string
	tries                 int
	payload               values // what a mail tells that no column leads to
}

type values = map[string]any

// addActivity adds what the audit log and the log of emails say of the last weeks.
func (b *business) addActivity() {
	for _, j := range b.jobs {
		b.addActivityOfJob(j)
	}
	for _, q := range b.quotes {
		b.addActivityOfQuote(q)
	}
	for _, k := range b.contacts {
		if k.invited != nil {
			b.addEntry(*k.invited, 0, 0, "invited", subject{"contact", k.id, k.name, k.customer}, values{"access": "none"}, values{"access": "invited"})
			b.emailContact(email{at: *k.invited, kind: "welcome", rule: "Themselves", subject: "Welcome to the " + tradingName + " customer portal", customer: k.customer, payload: values{"about": k.id}}, k)
		}
	}
	for _, f := range b.files {
		b.addEntry(f.uploaded, f.staff, f.contact, "uploaded", subject{"attachment", f.id, f.name, f.customer}, nil, values{"size": f.size, "customer_view": f.contact != 0})
	}
	for _, m := range b.messages {
		on, number, action := "job", "", "wrote"
		if m.job != 0 {
			number = b.jobs[m.job-1].number
		} else {
			on, number = "quote", b.quotes[m.quote-1].number
		}
		if m.staffOnly {
			action = "noted"
		}
		b.addEntry(m.at, m.staff, m.contact, action, subject{"message", m.id, number, m.customer}, nil, values{on: number, "text": m.text})
	}
	slices.SortStableFunc(b.entries, func(a, b row) int { return a["at"].(time.Time).Compare(b["at"].(time.Time)) })
	slices.SortStableFunc(b.emails, func(a, b email) int { return a.at.Compare(b.at) })
	b.failSomeEmails()
}

// addEntry adds a recent entry to the audit log, of the office's when nobody is named.
func (b *business) addEntry(at time.Time, staff, contact int64, action string, about subject, before, after any) {
	if at.Before(b.now.Add(-recent)) {
		return
	}
	actor, name, person := "contact", "", int64(0)
	if contact != 0 {
		k := b.contacts[contact-1]
		name, person, staff = k.name, k.person, 0
	} else {
		staff = cmp.Or(staff, ben)
		actor, name = "staff", b.staff[staff-1].Name
	}
	b.entries = append(b.entries, row{
		"at": at, "actor": actor, "staff_id": staff, "contact_id": contact, "person_id": person, "actor_name": name, "action": action,
		"thing": about.thing, "thing_id": about.id, "thing_label": about.label, "customer_id": about.customer, "before": before, "after": after,
	})
}

// addEmail keeps a recent email, sent at once.
func (b *business) addEmail(m email) {
	m.state, m.tries = "sent", 1
	m.serverResponse = fmt.Sprintf("250 2.0.0 Ok: queued as %X", 0x4F2A91C0+len(b.emails)*7919)
	if m.at.After(b.now.Add(-recent)) {
		b.emails = append(b.emails, m)
	}
}

func (b *business) emailContact(m email, k *contact) {
	if k.email != "" && (k.access == "active" || m.kind == "welcome") {
		m.rule = cmp.Or(m.rule, "Main contact")
		m.name, m.address, m.contact = k.name, k.email, k.id
		b.addEmail(m)
	}
}

func (b *business) emailOffice(m email, addresses ...string) {
	for _, m.address = range addresses {
		b.addEmail(m)
	}
}

func (b *business) addActivityOfJob(j *job) {
	about := subject{"job", j.id, j.number, j.customer}
	main := b.contacts[j.contact-1]
	action := "created"
	if j.portalBy != 0 {
		action = "opened"
		b.emailOffice(email{at: j.created, kind: "job-opened", rule: "Global Notification List", subject: "New job " + j.number + " from " + b.nameOf(j.customer) + ": " + j.name, customer: j.customer, job: j.id}, mailbox, "dispatch@demo.test")
	}
	b.addEntry(j.created, j.staff, j.portalBy, action, about, nil, values{"name": j.name, "description": j.description, "status": j.steps[0].status})
	for i, s := range j.steps[1:] {
		b.addEntry(s.at, s.staff, s.contact, "moved", about, values{"status": j.steps[i].status}, values{"status": s.status})
		m := email{at: s.at, kind: "job-" + s.status, customer: j.customer, job: j.id}
		switch {
		case s.status == "booked" && j.from != nil:
			m.subject = "Job " + j.number + " is booked for " + j.from.Format("Mon 2 Jan 2006") + ": " + j.name
		case s.status == "completed":
			m.subject = "Job " + j.number + " is completed: " + j.name
		default:
			continue
		}
		b.emailContact(m, main)
	}
}

func (b *business) addActivityOfQuote(q *quote) {
	about := subject{"quote", q.id, q.number, q.customer}
	action := "created"
	if q.portalBy != 0 {
		action = "requested"
		b.emailOffice(email{at: q.created, kind: "quote-requested", rule: "New quotes", subject: "New quote " + q.number + " from " + b.nameOf(q.customer) + ": " + q.name, customer: q.customer, quote: q.id}, mailbox, "projects@demo.test")
	}
	b.addEntry(q.created, q.staff, q.portalBy, action, about, nil, values{"name": q.name, "description": q.description})
	for _, v := range q.versions {
		if v.sentAt != nil {
			b.addEntry(*v.sentAt, v.sentBy, 0, "sent", about, values{"status": "draft"}, values{"status": "sent"})
			b.emailContact(email{at: *v.sentAt, kind: "quote-sent", subject: "Your quote " + q.number + " from " + tradingName + ": " + q.name, customer: q.customer, quote: q.id, payload: values{"version": v.number}}, b.contacts[q.contact-1])
		}
		if d := v.decision; d != nil && d.recordedBy != 0 {
			b.addEntry(d.at, d.recordedBy, 0, "acceptance recorded", about, values{"status": "sent"}, values{"status": d.what, "full_name": d.name, "way": "phone"})
		} else if d != nil {
			b.addEntry(d.at, 0, d.contact, d.what, about, values{"status": "sent"}, values{"status": d.what, "full_name": d.name, "reason": d.reason})
			b.emailOffice(email{at: d.at, kind: "quote-decision", rule: "Assigned staff", subject: "Quote " + q.number + " was " + d.what + " by " + b.nameOf(q.customer) + ": " + q.name, customer: q.customer, quote: q.id, payload: values{"version": v.number}}, "ben@demo.test")
		}
	}
}

// failSomeEmails has two of the emails end otherwise, as happens everywhere: a
// mistyped address, and news that was out of date.
func (b *business) failSomeEmails() {
	failed, dropped := false, false
	for i := len(b.emails) - 1; i >= 0 && (!failed || !dropped); i-- {
		m := &b.emails[i]
		switch {
		case !failed && m.kind == "welcome" && b.contacts[m.contact-1].access == "invited":
			failed = true
			_, domain, _ := strings.Cut(m.address, "@")
			m.state, m.serverResponse = "failed", "550 5.1.1 <"+m.address+">: Recipient address rejected: no such mailbox at "+domain
		case !dropped && m.kind == "job-booked":
			dropped = true
			m.state, m.serverResponse, m.tries = "dropped", "the job is no longer booked", 0
		}
	}
}

func (b *business) nameOf(customer int64) string {
	c := b.customers[customer-1]
	return cmp.Or(c.Company, c.Name)
}

// detailChanges are the entries of what contacts changed of their details.
func (b *business) detailChanges() (changes []row) {
	for _, e := range b.entries {
		if e["actor"] == audit.ByContact && audit.ActionOf(fmt.Sprint(e["thing"]), fmt.Sprint(e["action"])).ChangesDetails() {
			changes = append(changes, e)
		}
	}
	return changes
}

func (b *business) activityTables() []*table {
	return []*table{
		tableOf("audit_entries", b.entries, func(id int64, r row) row { return with(r, row{"id": id}) }),
		tableOf("detail_changes", b.detailChanges(), func(id int64, r row) row {
			return row{"id": id, "customer_id": r["customer_id"], "contact_id": r["contact_id"], "at": r["at"]}
		}),
		tableOf("emails", b.emails, func(id int64, m email) row {
			r := row{
				"id": id, "kind": m.kind, "rule": m.rule, "to_name": m.name, "to_address": m.address, "contact_id": m.contact, "customer_id": m.customer, "job_id": m.job, "quote_id": m.quote,
				"message_id": fmt.Sprintf("demo%06d", id), "subject": m.subject, "state": m.state, "attempts": m.tries, "server_words": m.serverResponse,
				"payload": m.payload, "created_at": m.at, "first_try_at": m.at.Add(time.Second), "finished_at": m.at.Add(time.Duration(2+id%3) * time.Second),
			}
			if m.tries == 0 {
				r["first_try_at"] = nil
			}
			if m.payload == nil {
				r["payload"] = values{}
			}
			return r
		}),
	}
}
