package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fieldgate/web/apptest"
)

// day is a day of a business that lives with both systems: its office works in
// ServiceM8, its customers in the portal, and a third system is told by webhooks.
type day struct {
	*bench
	chance   *mathrand.Rand
	kept     bool // ServiceM8 keeps what it has, as Administration → Who keeps it says
	hour     int
	receiver *apptest.Receiver
	lee, ola *apptest.Browser
	ben      *apptest.Browser // of the office
	fails    atomic.Int64     // how many of the next deliveries fail, each in another way
	failed   atomic.Int64

	clients  map[string]string // of ServiceM8, by who asks there in the portal
	m8Jobs   []string
	m8Quotes []string
	m8Files  int
	did      map[string]int // what people did, by what it is
}

const (
	dayHours   = 24
	away       = 9  // hour in which ServiceM8 is away
	clocksBack = 15 // hour that comes twice with ServiceM8
)

// TestADayBeside replays a day in which both sides change all the time, by people
// who do not wait for each other; in which ServiceM8 answers 429 and 500, too late,
// slowly and by halves, and is away for an hour; in which the portal breaks, too, and
// the third system fails at times; and in which the connector is killed and begins
// again, and so does the portal, in the middle of what people do. The clocks of both
// sides differ, and go back in one of the hours. At its end both sides say the same, field by field. Each thing that a
// customer did is an event that the third system has got, once by its id. And each
// email was caused by a person.
func TestADayBeside(t *testing.T) {
	t.Parallel()
	onEitherDay(t, func(_ *testing.T, d *day, seed uint64) {
		for d.hour = range dayHours {
			d.anHour(seed)
		}
		d.evening()
	})
}

// onEitherDay has something done on a day on which ServiceM8 keeps things, and on
// one on which the portal does. At its end both sides are to say the same, each event
// is told once, and each email was caused by a person.
func onEitherDay(t *testing.T, do func(t *testing.T, d *day, seed uint64)) {
	t.Helper()
	for name, kept := range map[string]bool{"ServiceM8 keeps it": true, "the portal keeps it": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			d := newDay(t, seed, kept)
			do(t, d, seed)
			d.sameOnBothSides()
			d.eventsOnce()
			d.emailsOfPeople()
		})
	}
}

func newDay(t *testing.T, seed uint64, kept bool) *day {
	t.Helper()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	d := &day{
		bench: benchOf(t, app), chance: mathrand.New(mathrand.NewPCG(seed, 2)), kept: kept, receiver: receiver, lee: app.As("lee"), ola: app.As("ola"), ben: app.As("ben"),
		clients: map[string]string{}, did: map[string]int{},
	}
	app.Exec(`delete from webhooks; delete from keeper_requests; delete from emails`)
	ada := app.As("ada")
	made := ada.Submit(ada.Get("/office/admin/webhooks/new"), "main form.form", url.Values{"name": {"Warehouse"}, "address": {"https://warehouse.example.com/in"}})
	if made.Status != http.StatusOK {
		t.Fatal(made.Status, made.Text("main"))
	}
	receiver.Answer(d.answers)
	if kept {
		app.Exec(`update keepers set source = 'servicem8', label = 'ServiceM8' where kind in ('customers', 'contacts', 'jobs', 'quotes')`)
	}
	// Harbour Dental and Pelican Point are clients of ServiceM8 already.
	for who, c := range map[string]struct {
		id                        int
		name, first, last, street string
	}{"lee": {1, "Harbour Dental", "Lee", "Nakamura", "1 Quay"}, "ola": {2, "Pelican Point", "Ola", "Lindgren", "2 Beach"}} {
		client := d.m8.save("company", map[string]any{"name": c.name, "address_street": c.street, "address_city": "Sydney"})
		person := d.m8.save("companycontact", map[string]any{"company_uuid": client, "first": c.first, "last": c.last, "email": who + "@demo.test", "phone": "0491 570 001"})
		d.clients[who] = client
		app.Exec(`insert into external_ids (kind, source, id, row_id) values ('customers', 'servicem8', $1, $3), ('contacts', 'servicem8', $2, (select id from contacts where customer_id = $3 and email = $4))`,
			client, person, c.id, who+"@demo.test")
	}
	return d
}

// answers is the third system: it takes what it is sent, but for some.
func (d *day) answers(w http.ResponseWriter, r *http.Request) bool {
	if d.fails.Add(-1) < 0 {
		return false
	}
	switch d.failed.Add(1) % 5 {
	case 0:
		http.Error(w, "broken", http.StatusInternalServerError)
	case 1:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "busy", http.StatusTooManyRequests)
	case 2:
		http.Redirect(w, r, "https://elsewhere.example.com/", http.StatusFound)
	case 3: // it takes it, and nobody hears of it
		http.Error(w, "taken, and not said", http.StatusBadGateway)
		return false
	default:
		panic(http.ErrAbortHandler)
	}
	return true
}

// anHour is one hour: the office in ServiceM8, the customers in the portal and the
// connector, all at once.
func (d *day) anHour(seed uint64) {
	d.t.Helper()
	d.inServiceM8()
	d.patience = late / 2
	d.fails.Store(d.chance.Int64N(4))
	d.m8.down.Store(d.hour == away)
	d.m8.later(time.Hour)
	if d.hour == clocksBack {
		d.m8.later(-2 * time.Hour)
	}
	d.bench.chance = mathrand.New(mathrand.NewPCG(seed, uint64(100+d.hour)))
	d.m8.breaks(mathrand.New(mathrand.NewPCG(seed, uint64(200+d.hour))))
	ended := make(chan struct{})
	kills := []int64{d.chance.Int64N(40), d.chance.Int64N(40)}
	go func() {
		defer close(ended)
		for _, kill := range kills {
			if err := d.round(kill); err != nil && !errors.Is(err, context.Canceled) {
				d.t.Logf("hour %d: %.200v", d.hour, err)
			}
		}
	}()
	for n := range 4 {
		if n == 2 && d.hour%8 == 5 {
			d.app.Restart()
		}
		d.inThePortal()
		if d.chance.IntN(2) == 0 {
			d.inServiceM8()
		}
	}
	<-ended
	d.hourOver()
}

// hourOver lets what is counted by the hour and by the minute begin anew.
func (d *day) hourOver() {
	d.t.Helper()
	d.app.Exec(`update jobs set created_at = created_at - interval '1 hour' where origin = 'portal'`)
	d.app.Exec(`update quotes set created_at = created_at - interval '1 hour' where origin = 'portal'`)
	if d.hour%3 == 0 {
		d.token = d.newToken()
	}
	// What waits for its next try does not wait in a test.
	d.app.Exec(`select from webhooks for update; -- first, as the program does
		update webhook_deliveries set next_at = now() where state = 'waiting' and next_at > now()`)
	d.app.Exec(`update webhooks set next_at = now()`)
}

// evening lets all that waits come to its end.
func (d *day) evening() {
	d.t.Helper()
	d.fails.Store(0)
	d.patience = 0
	d.bench.chance = nil
	d.m8.breaks(nil)
	d.token = d.newToken()
	for range 3 {
		if err := d.connect(0); err != nil {
			d.t.Fatal(err)
		}
	}
	if d.m8.faults == 0 || d.broken.Load() == 0 || d.failed.Load() == 0 {
		d.t.Errorf("nothing was broken: %d, %d, %d", d.m8.faults, d.broken.Load(), d.failed.Load())
	}
	d.t.Logf("%d calls of ServiceM8, %d faults there, %d at its limit, %d faults of the portal, %d of the receiver; people did %v", d.m8.calls, d.m8.faults, d.m8.limited, d.broken.Load(), d.failed.Load(), d.did)
}

func pick[T any](chance *mathrand.Rand, of []T) T { return of[chance.IntN(len(of))] }

// inServiceM8 is something that the office does there.
func (d *day) inServiceM8() { d.doInServiceM8(d.chance.IntN(10)) }

func (d *day) doInServiceM8(what int) {
	d.t.Helper()
	who := pick(d.chance, []string{"lee", "ola"})
	words := fmt.Sprintf("at %d:%02d", d.hour, d.chance.IntN(60))
	m8 := d.m8
	switch n := what; {
	case n == 0:
		client := m8.save("company", map[string]any{"name": "Client " + newUUID()[:6], "address_street": words})
		m8.save("companycontact", map[string]any{"company_uuid": client, "first": "Pat", "last": words, "email": newUUID()[:8] + "@example.test", "mobile": "0491 570 156"})
		d.m8Jobs = append(d.m8Jobs, m8.save("job", map[string]any{"company_uuid": client, "status": m8WorkOrder, "job_description": "New client " + words}))
	case n == 1: // a lead, with a file, that gets its client later
		lead := m8.save("job", map[string]any{"company_uuid": "", "status": m8WorkOrder, "job_description": "Lead " + words})
		d.attach(lead)
		d.m8Jobs = append(d.m8Jobs, lead)
	case n <= 3:
		job := m8.save("job", map[string]any{"company_uuid": d.clients[who], "status": m8WorkOrder, "job_description": "Job " + words, "purchase_order_number": "PO " + words})
		d.m8Jobs = append(d.m8Jobs, job)
		d.attach(job)
	case n <= 5:
		fields := map[string]any{"company_uuid": d.clients[who], "status": m8Quote, "job_description": "Quote " + words}
		if d.chance.IntN(4) > 0 {
			fields["quote_sent_stamp"] = "2026-11-24 08:00:00"
		}
		quote := m8.save("job", fields)
		for range 1 + d.chance.IntN(3) {
			m8.save("jobmaterial", map[string]any{"job_uuid": quote, "name": "Part " + newUUID()[:4], "quantity": fmt.Sprint(1 + d.chance.IntN(4)), "price": fmt.Sprintf("%d.%02d00", 10+d.chance.IntN(500), d.chance.IntN(100))})
		}
		d.m8Quotes = append(d.m8Quotes, quote)
	case n == 6 && len(d.m8Jobs) > 0:
		uuid := pick(d.chance, d.m8Jobs)
		fields := map[string]any{"uuid": uuid, "job_description": "Changed there " + words}
		if m8.get("job", uuid)["company_uuid"] == "" {
			fields["company_uuid"] = d.clients[who]
		} else if d.chance.IntN(2) == 0 {
			fields["status"], fields["work_done_description"] = m8Completed, "Done "+words
		}
		m8.save("job", fields)
	case n == 7 && len(d.m8Quotes) > 0: // another price, of one that is not answered
		uuid := pick(d.chance, d.m8Quotes)
		if d.quoteStatus(uuid) == "declined" && m8.get("job", uuid)["status"] == m8Unsuccessful { // it is offered anew
			m8.save("jobmaterial", map[string]any{"job_uuid": uuid, "name": "Rebate " + words, "quantity": "1.0000", "price": "1.0000"})
			m8.save("job", map[string]any{"uuid": uuid, "status": m8Quote, "quote_sent_stamp": fmt.Sprintf("2026-11-25 %02d:00:00", d.hour)})
			d.did["quote offered anew"]++
		} else if m8.get("job", uuid)["status"] == m8Quote && d.quoteStatus(uuid) != "accepted" {
			m8.save("jobmaterial", map[string]any{"job_uuid": uuid, "name": "Added " + words, "quantity": "1.0000", "price": "12.5000"})
		}
	case n == 8:
		m8.save("company", map[string]any{"uuid": d.clients[who], "address_street": "Moved " + words})
	case n == 9 && len(d.m8Jobs) > 0:
		d.attach(pick(d.chance, d.m8Jobs))
	}
}

func (d *day) attach(job string) {
	d.m8Files++
	uuid := newUUID()
	d.m8.mu.Lock()
	d.m8.files[uuid] = fmt.Appendf(nil, "Plan %d of %s", d.m8Files, job)
	d.m8.mu.Unlock()
	d.m8.save("attachment", map[string]any{"uuid": uuid, "related_object": "job", "related_object_uuid": job, "attachment_name": fmt.Sprintf("plan %d", d.m8Files), "file_type": ".txt"})
}

func (d *day) quoteStatus(uuid string) string {
	return apptest.Value[string](d.app, `select coalesce((select status from quotes where id = (select row_id from external_ids where kind = 'quotes' and source = 'servicem8' and id = $1)), '')`, uuid)
}

// inThePortal is something that a customer does.
func (d *day) inThePortal() { d.doInThePortal(d.chance.IntN(14)) }

func (d *day) doInThePortal(what int) {
	d.t.Helper()
	who, b, customer, site := "lee", d.lee, 1, "1"
	if d.chance.IntN(3) == 0 {
		who, b, customer, site = "ola", d.ola, 2, "3"
	}
	words := fmt.Sprintf("%s at %d:%02d %s", who, d.hour, d.chance.IntN(60), newUUID()[:4])
	number := func(sql string) string {
		all := strings.Fields(apptest.Value[string](d.app, `select coalesce(string_agg(number, ' '), '') from (`+sql+`) t`, customer))
		if len(all) == 0 {
			return ""
		}
		return pick(d.chance, all)
	}
	did := func(what string, p apptest.Page, well ...int) {
		d.t.Helper()
		if p.Status != http.StatusOK && !slices.Contains(well, p.Status) {
			d.t.Errorf("%s: %d %s", what, p.Status, p.Text("main"))
		}
		if p.Status == http.StatusOK {
			d.did[what]++
		}
	}
	const open = `select number from jobs where customer_id = $1 and status in ('new', 'unscheduled') and origin = 'portal'`
	switch what {
	case 0, 1:
		did("job asked for", b.Submit(b.Get("/jobs/new"), "main form", url.Values{"description": {"Job of " + words}, "type": {"1"}, "site": {site}}))
	case 2:
		did("quote asked for", b.Submit(b.Get("/quotes/new"), "main form", url.Values{"description": {"Quote of " + words}, "site": {site}}))
	case 3:
		if n := number(open); n != "" {
			did("job edited", b.Submit(b.Get("/jobs/"+n+"/edit"), "form[data-unsaved]", url.Values{"description": {"Changed by " + words}, "purchase_order": {"PO " + words}}), http.StatusConflict)
		}
	case 4:
		if n := number(`select number from quotes where customer_id = $1 and status in ('requested', 'draft') and origin = 'portal'`); n != "" {
			did("quote edited", b.Submit(b.Get("/quotes/"+n+"/edit"), "form[data-unsaved]", url.Values{"description": {"Changed by " + words}}), http.StatusConflict)
		}
	case 5:
		if n := number(`select number from jobs where customer_id = $1 and status = 'new'`); n != "" {
			if p := b.Get("/jobs/" + n + "/withdrawal"); strings.HasSuffix(p.URL.Path, "/withdrawal") && p.Find("main form").Length() > 0 {
				did("job withdrawn", b.Submit(p, "main form", url.Values{"reason": {"No longer wanted, " + words}}), http.StatusConflict)
			}
		}
	case 6, 7:
		if n := number(`select number from quotes where customer_id = $1 and status = 'sent'`); n != "" {
			deed, fields := "acceptance", url.Values{"full_name": {words}, "agreed": {"yes"}, "purchase_order": {"PO " + words}}
			if d.chance.IntN(3) == 0 {
				deed, fields = "refusal", url.Values{"full_name": {words}, "reason": {"Too dear"}}
			}
			if p := b.Get("/quotes/" + n + "/" + deed); strings.HasSuffix(p.URL.Path, "/"+deed) && p.Find("main form").Length() > 0 {
				did("quote "+deed, b.Submit(p, "main form", fields), http.StatusConflict, http.StatusUnprocessableEntity)
			}
		}
	case 8:
		n := number(`select number from jobs where customer_id = $1`)
		var files []apptest.File
		if d.chance.IntN(3) == 0 {
			files = []apptest.File{{Field: "files", Name: "sent.txt", Content: []byte("With the message of " + words)}}
		}
		did("message", b.Submit(b.Get("/jobs/"+n), "form[action$='/messages']", url.Values{"text": {"Message of " + words}}, files...))
	case 9:
		if n := number(open); n != "" {
			if p := b.Get("/jobs/" + n); p.Find("form[action$='/files']").Length() > 0 {
				did("file", b.Submit(p, "form[action$='/files']", nil, apptest.File{Field: "files", Name: "photo.txt", Content: []byte("File of " + words)}))
			}
		}
	case 10:
		if n := number(`select number from quotes where customer_id = $1 and status = 'requested'`); n != "" && d.chance.IntN(2) == 0 {
			if p := b.Get("/quotes/" + n + "/withdrawal"); strings.HasSuffix(p.URL.Path, "/withdrawal") && p.Find("main form").Length() > 0 {
				did("quote withdrawn", b.Submit(p, "main form", url.Values{"reason": {"Too late"}}), http.StatusConflict)
			}
		}
	case 11: // one of their own files, while work has not begun
		if id := apptest.Value[string](d.app, `select coalesce(max(a.public_id), '') from attachments a join jobs j on j.id = a.job_id where a.uploaded_by_contact_id is not null and a.removed_at is null and j.customer_id = $1 and j.status in ('new', 'unscheduled')`, customer); id != "" {
			did("file removed", b.Post("/attachments/"+id+"/removal", nil), http.StatusConflict)
		}
	case 12: // staff may write, and change nothing that ServiceM8 keeps
		n := number(`select number from jobs where customer_id = $1`)
		did("office's message", d.ben.Submit(d.ben.Get("/office/jobs/"+n+"/messages"), "form[action$='/messages']", url.Values{"text": {"From the office, " + words}}))
		if p := d.ben.Get("/office/jobs/" + n + "/edit"); d.kept != (p.URL.Path == "/office/jobs/"+n) {
			d.t.Errorf("an edit of %s leads to %s", n, p.URL.Path)
		}
	case 13:
		did("own details", b.Submit(b.Get("/details/edit"), "main form", url.Values{"mobile": {fmt.Sprintf("0491 570 %03d", d.chance.IntN(1000))}}), http.StatusConflict)
	}
}

// texts are the rows of a query.
func (d *day) texts(sql string, args ...any) []string {
	all := apptest.Value[[]string](d.app, `select coalesce(array_agg(t), '{}') from (`+sql+`) x(t)`, args...)
	slices.Sort(all)
	return all
}

// equal compares two lists, in any order.
func (d *day) equal(what string, there, here []string) {
	d.t.Helper()
	slices.Sort(there)
	slices.Sort(here)
	left := slices.Clone(here)
	for _, s := range there {
		if i := slices.Index(left, s); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			d.t.Errorf("%s: ServiceM8 alone has %s", what, s)
		}
	}
	for _, s := range left {
		d.t.Errorf("%s: the portal alone has %s", what, s)
	}
	if len(there) == 0 {
		d.t.Errorf("%s: there are none", what)
	}
}

func str(r map[string]any, name string) string {
	s, _ := r[name].(string)
	return s
}

// sameOnBothSides compares all that both have, field by field.
func (d *day) sameOnBothSides() {
	d.t.Helper()
	const at = ` join external_ids x on x.source = 'servicem8' and x.row_id = t.id and x.kind = `
	var there []string
	for _, c := range d.m8.all("company") {
		there = append(there, strings.Join([]string{str(c, "uuid"), str(c, "name"), str(c, "address_street"), str(c, "address_city")}, " | "))
	}
	d.equal("clients", there, d.texts(`select concat_ws(' | ', x.id, t.name, coalesce(t.street->>'line1', ''), coalesce(t.street->>'city', '')) from customers t`+at+`'customers'`))

	there = nil
	for _, c := range d.m8.all("companycontact") {
		there = append(there, strings.Join([]string{str(c, "uuid"), str(c, "company_uuid"), strings.TrimSpace(str(c, "first") + " " + str(c, "last")), str(c, "email"), str(c, "phone"), str(c, "mobile")}, " | "))
	}
	mobiles := `t.mobile`
	if !d.kept { // what contacts change of themselves is for the office to look at
		mobiles = `case when t.access = 'active' then '' else t.mobile end`
		for i, c := range d.m8.all("companycontact") {
			if strings.HasSuffix(str(c, "email"), "@demo.test") {
				there[i] = strings.TrimSuffix(there[i], str(c, "mobile"))
			}
		}
	}
	d.equal("contacts", there, d.texts(`select concat_ws(' | ', x.id, (select id from external_ids where kind = 'customers' and source = 'servicem8' and row_id = t.customer_id), t.name, t.email, t.phone, `+mobiles+`) from contacts t`+at+`'contacts'`))

	// A job of ServiceM8 is a job, a quote, or a job that was a quote.
	there, quotes := nil, []string(nil)
	totals := map[string]float64{} // each line in cents
	for _, m := range d.m8.all("jobmaterial") {
		quantity, _ := strconv.ParseFloat(str(m, "quantity"), 64)
		price, _ := strconv.ParseFloat(str(m, "price"), 64)
		totals[str(m, "job_uuid")] += math.Round(quantity * price * 100)
	}
	wasQuote := map[string]bool{}
	for _, uuid := range d.texts(`select id from external_ids where kind = 'quotes' and source = 'servicem8'`) {
		wasQuote[uuid] = true
	}
	for _, j := range d.m8.all("job") {
		uuid := str(j, "uuid")
		if str(j, "company_uuid") == "" {
			continue // a lead still
		}
		said := strings.Join([]string{uuid, str(j, "company_uuid"), str(j, "job_description"), str(j, "purchase_order_number")}, " | ")
		switch status := str(j, "status"); {
		case status == m8Quote && str(j, "quote_sent_stamp") != "":
			quotes = append(quotes, fmt.Sprintf("%s | sent | %.0f", said, totals[uuid]+math.Round(totals[uuid]*0.1)))
		case status == m8Quote:
			quotes = append(quotes, fmt.Sprintf("%s | draft | %.0f", said, totals[uuid]+math.Round(totals[uuid]*0.1)))
		case status == m8Unsuccessful && wasQuote[uuid]:
			quotes = append(quotes, uuid+" | ended")
		default:
			there = append(there, said+" | "+map[string]string{m8WorkOrder: "open", m8Completed: "completed", m8Unsuccessful: "cancelled"}[status]+" | "+str(j, "work_done_description"))
			if wasQuote[uuid] {
				quotes = append(quotes, uuid+" | accepted")
			}
		}
	}
	customer := `(select id from external_ids where kind = 'customers' and source = 'servicem8' and row_id = t.customer_id)`
	d.equal("jobs", there, d.texts(`select concat_ws(' | ', x.id, `+customer+`, t.description, t.purchase_order, case when t.status in ('unscheduled', 'booked', 'in progress', 'deferred') then 'open' else t.status end, t.work_undertaken) from jobs t`+at+`'jobs' where t.id > 4 or t.id in (select row_id from external_ids where kind = 'jobs' and source = 'servicem8')`))
	d.equal("quotes", quotes, d.texts(`select case when t.status in ('declined', 'withdrawn') then concat_ws(' | ', x.id, 'ended') when t.status = 'accepted' then concat_ws(' | ', x.id, 'accepted')
		else concat_ws(' | ', x.id, `+customer+`, t.description, t.purchase_order, t.status, coalesce((select v.total from quote_versions v where v.quote_id = t.id order by v.number desc limit 1), 0)) end from quotes t`+at+`'quotes'`))
	// A quote that became a job is linked to it.
	if n := apptest.Value[int](d.app, `select count(*) from external_ids q join external_ids j on j.source = q.source and j.id = q.id and j.kind = 'jobs' join jobs t on t.id = j.row_id where q.kind = 'quotes' and q.source = 'servicem8' and t.quote_id is distinct from q.row_id`); n > 0 {
		d.t.Errorf("%d jobs do not say of which quote they are", n)
	}
	// What was asked for in the portal is there, all of it.
	if missing := d.texts(`select number from (select number, id, 'jobs' as kind from jobs where origin = 'portal' union all select number, id, 'quotes' from quotes where origin = 'portal' and id > 4) t
		where not exists (select from external_ids x where x.kind = t.kind and x.source = 'servicem8' and x.row_id = t.id)`); len(missing) > 0 {
		d.t.Errorf("ServiceM8 never heard of %v", missing)
	}

	// Files of both sides, by their bytes; those of leads are not here yet.
	there = nil
	for _, f := range d.m8.all("attachment") {
		if str(d.m8.get("job", str(f, "related_object_uuid")), "company_uuid") != "" && fmt.Sprint(f["active"]) == "1" {
			d.m8.mu.Lock()
			there = append(there, fmt.Sprintf("%s %x", str(f, "related_object_uuid"), sha256.Sum256(d.m8.files[str(f, "uuid")])))
			d.m8.mu.Unlock()
		}
	}
	var here []string
	for n, f := range d.texts(`select x.id || ' ' || a.public_id from attachments a left join messages m on m.id = a.message_id join external_ids x on x.source = 'servicem8' and (x.kind = 'jobs' and x.row_id = coalesce(a.job_id, m.job_id) or x.kind = 'quotes' and x.row_id = coalesce(a.quote_id, m.quote_id))
		where a.removed_at is null and a.job_id is distinct from 1`) {
		if n%100 == 0 { // a token may read so much in a minute
			d.token = d.newToken()
		}
		uuid, id, _ := strings.Cut(f, " ")
		content, err := (portal{client{base: d.app.URL + "/api/v1", header: http.Header{"Authorization": {"Bearer " + d.token}}}}).content(d.t.Context(), id)
		if err != nil {
			d.t.Fatal(err)
		}
		here = append(here, fmt.Sprintf("%s %x", uuid, sha256.Sum256(content)))
	}
	d.equal("files", there, here)

	there = nil
	for _, n := range d.m8.all("note") {
		if _, text, is := strings.Cut(str(n, "note"), ": Message of "); is {
			there = append(there, text)
		}
	}
	d.equal("messages", there, d.texts(`select substr(text, 12) from messages where text like 'Message of %'`))

	if waiting := d.texts(`select kind || ' ' || what || ' ' || thing || ' ' || changes::text from keeper_requests where state = 'waiting'`); len(waiting) > 0 {
		d.t.Errorf("still waiting: %v", waiting)
	}
	if n := apptest.Value[int](d.app, `select count(*) from keeper_requests where state <> 'waiting'`); d.kept != (n > 0) {
		d.t.Errorf("%d requests were answered", n)
	}
	s, err := load(d.state)
	maps.DeleteFunc(s.Refused, func(what, _ string) bool { // what hangs on leads waits for their clients
		file, is := strings.CutPrefix(what, "attachment ")
		return is && str(d.m8.get("job", str(d.m8.get("attachment", file), "related_object_uuid")), "company_uuid") == ""
	})
	if err != nil || len(s.Refused) > 0 {
		d.t.Errorf("%v; not taken: %v", err, s.Refused)
	}
	if last := apptest.Value[int64](d.app, `select last from event_numbers`); s.Event != last {
		d.t.Errorf("the connector has read %d of %d events", s.Event, last)
	}
}

// eventsOnce compares what customers did with what the third system was told.
func (d *day) eventsOnce() {
	d.t.Helper()
	want := d.texts(`select public_id || ' ' || kind from events`)
	const warehouse = "warehouse.example.com"
	taken := map[string]int{}
	for all := len(want); ; { // and more, as some come again
		clear(taken)
		got := d.receiver.Wait(warehouse, all)
		for _, m := range got {
			taken[m.ID+" "+m.Type]++
		}
		if len(taken) >= len(want) {
			break
		}
		all = len(got) + len(want) - len(taken)
	}
	d.equal("events", slices.Collect(maps.Keys(taken)), want)
	again := 0
	for _, n := range taken {
		again += n - 1
	}
	if n := apptest.Value[int](d.app, `select count(*) from (select from webhook_deliveries where event_id is not null group by event_id having count(*) <> 1) t`); n > 0 {
		d.t.Errorf("%d events have another number of deliveries than one", n)
	}
	d.t.Logf("%d events, %d of them came again with the same id", len(want), again)
	if len(want) < min(d.hour, dayHours) {
		d.t.Errorf("only %d events", len(want))
	}
}

// emailsOfPeople looks for emails that were written in no deed of a person.
func (d *day) emailsOfPeople() {
	d.t.Helper()
	all := d.texts(`select e.kind || ' to ' || e.to_address || ' of ' || coalesce(j.number, q.number, '') from emails e left join jobs j on j.id = e.job_id left join quotes q on q.id = e.quote_id
		where not exists (select from audit_entries a where a.at = e.created_at and a.actor in ('contact', 'staff'))`)
	if len(all) > 0 {
		d.t.Errorf("nobody has caused %d emails: %v", len(all), all)
	}
	if apptest.Value[int](d.app, `select count(*) from emails`) == 0 {
		d.t.Error("people have caused no email at all")
	}
}
