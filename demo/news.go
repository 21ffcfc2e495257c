package demo

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"fieldgate/internal/day"
)

// visitAnswer is what a contact says to the time of a visit: it suits, unless
// there are wishes.
type visitAnswer struct {
	job, customer, contact int64
	wishes                 []values
	reason                 string
	at                     time.Time
}

// mark is what somebody in the office does about a thing that waits.
type mark struct {
	kind      string
	thing     int64
	taker     int64
	until     day.Day
	snoozedAt *time.Time
}

// addNews has what happens between an office and its customers in a week:
// visits that suit and do not, one called off, one that follows another, and
// things that wait and are taken.
func (b *business) addNews() {
	b.answerVisits()
	b.callOff()
	b.followUp()
	b.markWaiting()
}

// answerVisits has Lee, or whoever is the main contact, answer to the next
// visits at Harbour Dental: the first suits, the second does not.
func (b *business) answerVisits() {
	lee := b.customers[harbourDental].people[0]
	var next []*job
	for _, j := range b.jobs {
		if j.customer == lee.customer && j.status == "booked" && j.from.After(b.now.Add(time.Hour)) {
			next = append(next, j)
		}
	}
	slices.SortStableFunc(next, func(a, b *job) int { return a.from.Compare(*b.from) })
	for i, j := range next[:min(len(next), 2)] {
		a := visitAnswer{job: j.id, customer: j.customer, contact: j.contact, at: b.now.Add(-time.Duration(50+60*i) * time.Minute)}
		if b.contacts[j.contact-1].access != "active" {
			a.contact = lee.id
		}
		if a.at.Before(j.last()) {
			a.at = j.last()
		}
		if i == 1 {
			n := b.workday(b.dayOf(*j.from))
			a.wishes = []values{{"on": b.days[n+1], "when": "morning"}, {"on": b.days[n+2], "when": "14:00"}}
			a.reason = "We have patients in all surgeries that day."
		}
		b.answers = append(b.answers, a)
	}
}

// callOff gives the job that was cancelled last at Harbour Dental, or anywhere,
// the reason that its customer reads.
func (b *business) callOff() {
	var last *job
	for _, j := range b.jobs {
		if j.status == "cancelled" && (last == nil || cmp.Or(cmp.Compare(btoi(j.customer == 1), btoi(last.customer == 1)), j.last().Compare(last.last())) > 0) {
			last = j
		}
	}
	last.why, last.notes = "You asked us on the phone to leave it: the painters are in that week. Ask us for a new day any time.", ""
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// followUp has the newest job of the office at Harbour Dental that can, follow
// the last one that was done at the same site, of the same equipment if any was.
func (b *business) followUp() {
	var follows, followed *job
	for _, j := range slices.Backward(b.jobs) {
		if j.customer != 1 || j.portalBy != 0 || j.quote != nil || j.status != "booked" && j.status != "unscheduled" {
			continue
		}
		for _, done := range b.jobs {
			if done.customer != 1 || done.site != j.site || done.completed == nil || !done.completed.Before(j.created) {
				continue
			}
			same := j.mainEquipment() != nil && j.mainEquipment() == done.mainEquipment()
			if followed == nil || follows == j && followed.mainEquipment() != j.mainEquipment() || same {
				follows, followed = j, done
			}
		}
		if followed != nil {
			break
		}
	}
	if followed != nil {
		follows.follows = followed.id
	}
}

// markWaiting has Ben take the job that waits longest, and put off the quote
// that does.
func (b *business) markWaiting() {
	for _, j := range b.jobs {
		if j.customer != 1 && j.status == "unscheduled" {
			b.marks = append(b.marks, mark{kind: "schedule", thing: j.id, taker: ben})
			break
		}
	}
	for _, q := range b.quotes {
		if q.customer != 1 && q.sent == 0 && (q.status == "requested" || q.status == "draft") {
			b.marks = append(b.marks, mark{kind: "price", thing: q.id, until: b.today.AddDays(3), snoozedAt: &b.now})
			break
		}
	}
}

// The kinds of documents that the migrations add, as they number them.
const (
	safetyCertificate = 1
	testReport        = 2
	warranty          = 3
)

// certificates adds documents of several kinds at Harbour Dental: current, soon
// to end and ended, and one on its oldest job, which a limit of age hides.
func (b *business) certificates() error {
	dental := b.customers[harbourDental]
	var problems []error
	add := func(kind int64, name string, f file, back, left int) {
		issued := b.officeHours(source(partCertificates+uint64(len(problems))), b.workday(b.today.AddDays(-back)))
		f.customer, f.documentKind, f.until, f.uploaded = dental.id, kind, b.today.AddDays(left), issued
		f.shared, f.staff, f.name, f.media = true, ben, name+".pdf", "application/pdf"
		place := b.sites[max(f.site, 1)-1].name
		if f.at != 0 {
			e := b.equipment[f.at-1]
			place = e.number + "   " + e.name + "   serial " + e.serial
		}
		var err error
		f.data, err = b.certificate(name, place, issued, f.until)
		problems = append(problems, err)
		b.files = append(b.files, &f)
	}
	inUse := slices.DeleteFunc(slices.Clone(dental.equipment), func(e *equipment) bool { return e.retired })
	on := func(i int) file { return file{equipment: inUse[i].id, at: inUse[i].id} }
	add(safetyCertificate, "Electrical safety certificate", file{site: dental.sites[0].id}, 200, 165)
	add(safetyCertificate, "Fire damper certificate", file{site: dental.sites[1].id}, 350, 15)
	add(safetyCertificate, "Electrical safety certificate "+dental.sites[2].name, file{site: dental.sites[2].id}, 380, -15)
	add(testReport, "Refrigerant leak test", on(0), 340, 24)
	add(warranty, "Extended warranty", on(1), 300, 430)
	add(warranty, "Compressor warranty", on(2), 400, -35)
	for _, j := range b.jobs {
		if j.customer == dental.id && j.completed != nil {
			add(safetyCertificate, "Certificate of compliance "+j.number, file{job: j.id, site: j.site}, int(b.now.Sub(*j.completed)/(24*time.Hour)), 60)
			break
		}
	}
	return errors.Join(problems...)
}

func (b *business) certificate(title, place string, issued time.Time, until day.Day) ([]byte, error) {
	doc := fpdf.New("P", "pt", "A4", "")
	doc.SetCreationDate(issued) // the same bytes each time
	doc.SetModificationDate(issued)
	doc.SetCatalogSort(true)
	encoded := doc.UnicodeTranslatorFromDescriptor("")
	doc.SetMargins(56, 56, 56)
	doc.AddPage()
	for i, words := range []string{title, tradingName + "   " + phone, b.customers[harbourDental].Name, place, "Issued " + issued.In(b.zone).Format("2 January 2006"), "Valid until " + until.Format("2 January 2006")} {
		doc.SetFont("Helvetica", "", max(22-10*float64(i), 12))
		doc.MultiCell(0, 28, encoded(words), "", "L", false)
	}
	var out bytes.Buffer
	err := doc.Output(&out)
	return out.Bytes(), err
}

// newsTables are the answers, what waits, and what quotes begin with.
func (b *business) newsTables() []*table {
	line := func(text, quantity string, price string) values {
		return values{"description": text, "quantity": quantity, "unit_price": price, "tax_name": "GST", "tax_percent": "10", "second_tax_percent": "0", "discount_percent": "0"}
	}
	return []*table{
		tableOf("visit_answers", b.answers, func(_ int64, a visitAnswer) row {
			if a.wishes == nil {
				a.wishes = []values{}
			}
			return row{"job_id": a.job, "customer_id": a.customer, "contact_id": a.contact, "suits": len(a.wishes) == 0, "wishes": a.wishes, "reason": a.reason, "at": a.at}
		}),
		tableOf("waiting_marks", b.marks, func(_ int64, m mark) row {
			return row{"kind": m.kind, "thing": m.thing, "taker_id": m.taker, "snoozed_until": m.until, "snoozed_at": m.snoozedAt}
		}),
		tableOf("quote_templates", []string{"Split system, supply and install"}, func(id int64, name string) row {
			return row{
				"id": id, "name": name, "description": "Supply and install a reverse-cycle split system, back to back.", "inclusions": "Pipework up to five metres, condensate drain, commissioning and removal of packaging.",
				"exclusions": "Switchboard upgrades, cranes and core holes.", "terms": b.terms, "currency": "AUD",
				"lines": []values{line("Split system 7.1 kW, reverse cycle", "1", "248000"), line("Installation, two technicians", "1", "98000"), line("Electrical circuit and isolator", "1", "46000")},
			}
		}),
		tableOf("saved_lines", [][2]string{{"CALL", "Call-out, first half hour included"}, {"LAB", "Labour per hour, business hours"}, {"R32", "Refrigerant R32 per kg"}}, func(id int64, l [2]string) row {
			return row{"id": id, "code": l[0], "description": l[1], "currency": "AUD", "unit_price": numeric([]int64{16500, 13200, 9800}[id-1], 0), "tax": ""}
		}),
	}
}
