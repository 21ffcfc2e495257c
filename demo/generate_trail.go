package demo

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// said is a message about a job.
type said struct {
	text    string
	contact bool
	at      time.Time
	newest  bool
}

// messages are those of the i-th job: one job in twelve is talked about, and
// what is older than two weeks was answered.
func (g *generator) messages(j *madeJob) (all []said) {
	if j.id%12 != 0 {
		return nil
	}
	talks := g.conversations[j.status]
	if j.status == "completed" {
		talks = g.conversations["closed"]
	}
	if len(talks) == 0 {
		return nil
	}
	talk := talks[int(j.id/12)%len(talks)]
	if g.now.Sub(j.updated) > 14*24*time.Hour && len(talk)%2 == 1 && len(talk) > 1 {
		talk = talk[:len(talk)-1]
	}
	if g.now.Sub(j.updated) > 14*24*time.Hour && len(talk) == 1 {
		return nil
	}
	at := j.created
	for k, text := range talk {
		at = g.notBefore(at.Add(time.Duration(17+j.id%50)*time.Minute), at)
		all = append(all, said{text: text, contact: k%2 == 0, at: at, newest: k == len(talk)-1})
	}
	return all
}

func (g *generator) fillMessages(ctx context.Context, b *bulk) error {
	err := g.table(ctx, b, "messages", []string{"id", "public_id", "customer_id", "job_id", "text", "staff_id", "contact_id", "at", "newest", "unanswered", "about_contact_id", "about_site_id"}, g.Jobs, func(i int, emit func(...any)) {
		if (i+1)%12 != 0 {
			return
		}
		j := g.job(i)
		for _, m := range g.messages(j) {
			staff, contact := any(j.staff), any(nil)
			if m.contact {
				staff, contact = nil, int64(j.contact+1)
			}
			emit(opaque(j.pick), int64(j.customer+1), j.id, m.text, staff, contact, m.at, m.newest, m.newest && m.contact, int64(j.contact+1), int64(j.site+1))
		}
	})
	if err != nil {
		return err
	}
	if _, err = b.tx.Exec(ctx, `update messages set conversation_words = conversation_words(job_id, quote_id) where newest`); err != nil {
		return err
	}
	id := int64(0)
	err = g.table(ctx, b, "message_reads", []string{"message_id", "staff_id", "contact_id", "at"}, g.Jobs, func(i int, emit func(...any)) {
		if (i+1)%12 != 0 {
			return
		}
		j := g.job(i)
		for _, m := range g.messages(j) {
			if id++; g.now.Sub(m.at) < 3*24*time.Hour {
				continue
			}
			if m.contact {
				emit(id, j.staff, nil, m.at.Add(5*time.Minute))
			} else {
				emit(id, nil, int64(j.contact+1), m.at.Add(9*time.Minute))
			}
		}
	})
	if err != nil {
		return err
	}
	_, err = b.tx.Exec(ctx, `
		insert into unread_messages (message_id, contact_id, job_id, quote_id, at, about_contact_id, about_site_id)
		select m.id, c.id, m.job_id, m.quote_id, m.at, m.about_contact_id, m.about_site_id from messages m join contacts c on c.customer_id = m.customer_id and c.id is distinct from m.contact_id
		where not m.staff_only and m.at > now() - interval '180 days' and not exists (select from message_reads r where r.message_id = m.id and r.contact_id = c.id)`)
	return err
}

// trailLife is how far back the audit trail reaches: older entries were deleted, as Administration → Retention says.
const trailLife = 360 * 24 * time.Hour

// fillTrail adds the audit trail and the emails.
func (g *generator) fillTrail(ctx context.Context, b *bulk) error {
	err := g.table(ctx, b, "audit_entries", []string{"id", "at", "actor", "staff_id", "contact_id", "person_id", "actor_name", "action", "thing", "thing_id", "thing_label", "customer_id", "before", "after"}, g.Jobs, func(i int, emit func(...any)) {
		at := float64(i) * float64(len(g.days)) / float64(g.Jobs)
		if g.now.Sub(g.at(int(at), 0)) > trailLife+24*time.Hour {
			return
		}
		j := g.job(i)
		number := "J-" + strconv.Itoa(1001+i)
		entry := func(s step, action string, before, after any) {
			if g.now.Sub(s.at) > trailLife {
				return
			}
			actor, name, person := "staff", "", any(nil)
			if s.contact != 0 {
				k := g.contacts[s.contact-1]
				actor, name, person = "contact", k.name, orNone(k.person)
			} else {
				name = g.staff[s.staff-1].Name
			}
			emit(s.at, actor, orNone(s.staff), orNone(s.contact), person, name, action, "job", j.id, number, int64(j.customer+1), before, after)
		}
		first := j.steps[0]
		action := "created"
		if first.contact != 0 {
			action = "opened"
		}
		entry(first, action, nil, values{"name": g.tagged(j, j.story.name), "description": g.tagged(j, j.story.description), "status": first.status})
		for k, s := range j.steps[1:] {
			entry(s, "moved", values{"status": j.steps[k].status}, values{"status": s.status})
		}
	})
	if err != nil {
		return err
	}
	return g.table(ctx, b, "emails", []string{
		"id", "kind", "rule", "to_name", "to_address", "contact_id", "customer_id", "job_id", "message_id", "subject", "state", "attempts", "server_words", "created_at", "first_try_at", "finished_at",
	}, g.Jobs, func(i int, emit func(...any)) {
		j := g.job(i)
		k := g.contacts[j.contact]
		number, n := "J-"+strconv.Itoa(1001+i), 0
		mail := func(kind, rule, name, address string, contact any, subject string, at time.Time) {
			n++
			emit(kind, rule, name, address, contact, int64(j.customer+1), j.id, fmt.Sprintf("generated%08d.%d", i, n), subject, "sent", 1, fmt.Sprintf("250 2.0.0 Ok: queued as %X", 0x4F2A91C0+i*7919+n), at, at.Add(time.Second), at.Add(3*time.Second))
		}
		about := ": " + g.tagged(j, j.story.name)
		if j.asker >= 0 {
			mail("job-opened", "Global Notification List", "", mailbox, nil, "New job "+number+about, j.created)
		}
		if k.kind.access != "active" {
			return
		}
		for _, s := range j.steps {
			switch s.status {
			case "booked":
				mail("job-booked", "Main contact", k.name, k.email, int64(j.contact+1), "Job "+number+" is booked for "+j.from.In(g.zone).Format("Mon 2 Jan 2006")+about, s.at)
			case "completed":
				mail("job-completed", "Main contact", k.name, k.email, int64(j.contact+1), "Job "+number+" is completed"+about, s.at)
			}
		}
	})
}
