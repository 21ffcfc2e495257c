package demo

import "time"

type message struct {
	id, customer   int64
	job, quote     int64
	staffOnly      bool
	text           string
	staff, contact int64
	at             time.Time
	read           bool // by the other side
}

// addMessages lets customers and office write to each other on some of the jobs.
func (b *business) addMessages() {
	pick := source(partFiles + 100)
	threads := 0
	for i := len(b.jobs) - 1; i >= 0 && threads < 26; i-- {
		j := b.jobs[i]
		k := b.contacts[j.contact-1]
		open := j.status == "booked" || j.status == "in progress" || j.status == "deferred"
		if k.access != "active" || j.status == "cancelled" || j.status == "unscheduled" || j.status == "new" || !open && !chance(pick, 0.12) || j.customer != 1 && !chance(pick, 0.4) {
			continue
		}
		threads++
		at := j.created.Add(40 * time.Minute)
		if j.completed != nil {
			at = j.completed.Add(25 * time.Hour)
		}
		turns := one(pick, b.conversations[j.status])
		if j.customer != 1 { // at Harbour Dental every conversation is complete
			turns = turns[:between(pick, 1, len(turns))]
		}
		for n, text := range turns {
			if at.After(b.now) {
				break
			}
			m := message{customer: j.customer, job: j.id, text: text, at: at, contact: k.id, read: n < len(turns)-1}
			if n%2 == 1 {
				m.contact, m.staff = 0, ben
			}
			b.addMessage(m)
			at = at.Add(time.Duration(between(pick, 9, 170)) * time.Minute)
		}
		if chance(pick, 0.4) && at.Before(b.now) {
			b.addMessage(message{customer: j.customer, job: j.id, text: one(pick, b.notes), at: at, staff: ben, staffOnly: true, read: true})
		}
	}
	for _, q := range b.quotes {
		k, at := b.contacts[q.contact-1], q.updated.Add(3*time.Hour)
		if q.status != "sent" || k.access != "active" || !chance(pick, 0.6) || at.After(b.now) {
			continue
		}
		question := one(pick, b.questions)
		b.addMessage(message{customer: q.customer, quote: q.id, text: question[0], at: at, contact: k.id, read: at.Add(50 * time.Minute).Before(b.now)})
		if at = at.Add(50 * time.Minute); at.Before(b.now) {
			b.addMessage(message{customer: q.customer, quote: q.id, text: question[1], at: at, staff: ben})
		}
	}
}

func (b *business) addMessage(m message) {
	m.id = int64(len(b.messages) + 1)
	b.messages = append(b.messages, m)
}
