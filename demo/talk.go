package demo

import (
	"time"
)

type message struct {
	id, customer   int64
	job, quote     int64
	staffOnly      bool
	text           string
	staff, contact int64
	at             time.Time
	read           bool // by the other side
}

// talk lets customers and office write to each other on some of the jobs.
func (w *world) talk() {
	pick := source(partFiles + 100)
	said := 0
	for i := len(w.jobs) - 1; i >= 0 && said < 26; i-- {
		j := w.jobs[i]
		k := w.contacts[j.contact-1]
		open := j.status == "booked" || j.status == "in progress" || j.status == "deferred"
		if k.access != "active" || j.status == "cancelled" || j.status == "unscheduled" || j.status == "new" || !open && !chance(pick, 0.12) || j.customer != 1 && !chance(pick, 0.4) {
			continue
		}
		said++
		at := j.created.Add(40 * time.Minute)
		var fitting [][]string
		for _, c := range chatter {
			if c.status == j.status {
				fitting = append(fitting, c.turns)
			}
		}
		if j.completed != nil {
			at = j.completed.Add(25 * time.Hour)
		}
		turns := one(pick, fitting)
		if j.customer != 1 { // at Harbour Dental every conversation is complete
			turns = turns[:between(pick, 1, len(turns))]
		}
		for n, text := range turns {
			if at.After(w.now) {
				break
			}
			m := message{customer: j.customer, job: j.id, text: text, at: at, contact: k.id, read: n < len(turns)-1}
			if n%2 == 1 {
				m.contact, m.staff = 0, ben
			}
			w.say(m)
			at = at.Add(time.Duration(between(pick, 9, 170)) * time.Minute)
		}
		if chance(pick, 0.4) && at.Before(w.now) {
			w.say(message{customer: j.customer, job: j.id, text: one(pick, notes), at: at, staff: ben, staffOnly: true, read: true})
		}
	}
	for _, q := range w.quotes {
		k := w.contacts[q.contact-1]
		if q.status != "sent" || k.access != "active" || !chance(pick, 0.6) {
			continue
		}
		at := q.updated.Add(3 * time.Hour)
		if at.After(w.now) {
			continue
		}
		doubt := one(pick, doubts)
		w.say(message{customer: q.customer, quote: q.id, text: doubt[0], at: at, contact: k.id, read: at.Add(50 * time.Minute).Before(w.now)})
		if at = at.Add(50 * time.Minute); at.Before(w.now) {
			w.say(message{customer: q.customer, quote: q.id, text: doubt[1], at: at, staff: ben})
		}
	}
}

func (w *world) say(m message) {
	m.id = int64(len(w.messages) + 1)
	w.messages = append(w.messages, m)
}
