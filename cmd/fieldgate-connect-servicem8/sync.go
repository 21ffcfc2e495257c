package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// sync keeps both sides in step. Everything it does can be done twice, so that it
// may end at any point and begin again from its state.
type sync struct {
	portal portal
	m8     serviceM8
	path   string // of the state
	log    *slog.Logger
	tax    tax

	state state
}

// tax is what is put on the lines of quotes, whose prices ServiceM8 has without it.
type tax struct{ name, percent string }

// round looks at both sides once: first at what customers did and ask for, so that
// it is there when ServiceM8 is read.
func (s *sync) round(ctx context.Context) (err error) {
	if s.state, err = load(s.path); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{s.outwards, s.requests, s.inwards} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *sync) save() error { return s.state.save(s.path) }

// refused notes what a side does not take, and goes on with the rest.
func (s *sync) refused(ctx context.Context, what, why string) {
	s.state.Refused[what] = why
	s.log.WarnContext(ctx, "not taken", "what", what, "why", why)
}

func asRefusal(err error) (refusal, bool) {
	for _, status := range []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity} {
		if is(err, status) {
			r, _ := errors.AsType[refusal](err)
			return r, true
		}
	}
	return refusal{}, false
}

// inwards brings in what has changed in ServiceM8, what is referred to first.
func (s *sync) inwards(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.categories, s.companies, s.contacts, s.jobs, s.files} {
		if err := step(ctx); err != nil {
			return err
		}
		if err := s.save(); err != nil {
			return err
		}
	}
	return nil
}

func (s *sync) bring(ctx context.Context, lines []line) error {
	return s.portal.bulk(ctx, lines, func(l line, why string) { s.refused(ctx, l.Kind+" "+l.External, why) })
}

// bringChanged brings in what has changed of a kind.
func bringChanged[T interface {
	id() string
	date() string
}](ctx context.Context, s *sync, kind string, lineOf func(T) line) error {
	all, fresh, done, err := changed[T](ctx, s, kind)
	if err != nil {
		return err
	}
	var lines []line
	for _, r := range fresh {
		lines = append(lines, lineOf(r))
	}
	if err := s.bring(ctx, lines); err != nil {
		return err
	}
	done(all)
	return nil
}

// kinds are what records of ServiceM8 become in the portal, by which those are noted
// that it did not take.
var kinds = map[string][]string{"category": {"job-types"}, "company": {"customers"}, "companycontact": {"contacts"}, "job": {"jobs", "quotes"}, "attachment": {"attachment"}}

// changed reads what has changed of a kind: all of it, and what of it was not
// brought in yet, with some of what was not taken before: what was missing may be
// there by now. done notes that it was.
func changed[T interface {
	id() string
	date() string
}](ctx context.Context, s *sync, kind string) (all, fresh []T, done func([]T), err error) {
	all, err = list[T](ctx, s.m8, kind, changedSince(s.state.Since[kind]))
	if err != nil {
		return nil, nil, nil, err
	}
	marks := map[string]string{}
	for _, r := range all {
		text, err := json.Marshal(r)
		if err != nil {
			return nil, nil, nil, err //nolint:wrapcheck // texts are always written
		}
		mark := fmt.Sprintf("%x", sha256.Sum256(text))[:16]
		if s.state.Seen[kind+" "+mark] == "" {
			fresh = append(fresh, r)
		}
		marks[kind+" "+mark] = r.date()
	}
	for _, uuid := range s.notTaken(kind) {
		if slices.ContainsFunc(fresh, func(r T) bool { return r.id() == uuid }) {
			continue
		}
		r, err := fetch[T](ctx, s.m8, kind, uuid)
		if is(err, http.StatusNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, nil, err
		}
		fresh = append(fresh, r)
	}
	return all, fresh, func(all []T) {
		maps.DeleteFunc(s.state.Seen, func(mark, _ string) bool { return strings.HasPrefix(mark, kind+" ") })
		maps.Copy(s.state.Seen, marks)
		s.state.Since[kind] = latest(s.state.Since[kind], all)
		after := since(s.state.Since[kind])
		maps.DeleteFunc(s.state.Seen, func(mark, at string) bool { return strings.HasPrefix(mark, kind+" ") && at <= after })
	}, nil
}

// mostAgain is how much of what was not taken is tried again in one round.
const mostAgain = 20

// notTaken are some of the records of a kind that the portal did not take, others
// each time. It forgets that they were not: whoever tries them says so again.
func (s *sync) notTaken(kind string) (some []string) {
	for what := range s.state.Refused { // in an order of chance
		of, uuid, _ := strings.Cut(what, " ")
		if slices.Contains(kinds[kind], of) && len(some) < mostAgain {
			some = append(some, uuid)
			delete(s.state.Refused, what)
		}
	}
	return some
}

// usual is the job type of jobs without a category.
const usual = "none"

func (s *sync) categories(ctx context.Context) error {
	if err := s.bring(ctx, []line{{"job-types", usual, map[string]any{"name": "General"}}}); err != nil {
		return err
	}
	return bringChanged(ctx, s, "category", func(c category) line {
		return line{"job-types", c.UUID, map[string]any{"name": c.Name, "active": c.Active == 1}}
	})
}

func (s *sync) companies(ctx context.Context) error {
	return bringChanged(ctx, s, "company", func(c company) line {
		return line{"customers", c.UUID, map[string]any{
			"name": c.Name, "archived": c.Active != 1,
			"street": map[string]any{"line1": c.Street, "city": c.City, "region": c.State, "postcode": c.Postcode, "country": c.Country},
		}}
	})
}

func (s *sync) contacts(ctx context.Context) error {
	return bringChanged(ctx, s, "companycontact", func(c companyContact) line {
		record := map[string]any{
			"customer": c.Company, "name": strings.TrimSpace(c.First + " " + c.Last), "email": c.Email, "phone": c.Phone, "mobile": c.Mobile, "archived": c.Active != 1,
		}
		if c.Type != "" {
			record["role"] = c.Type
		}
		return line{"contacts", c.UUID, record}
	})
}

// jobs brings in jobs and quotes, which are one in ServiceM8.
func (s *sync) jobs(ctx context.Context) error {
	all, fresh, done, err := changed[m8Job](ctx, s, "job")
	if err != nil {
		return err
	}
	// Whose materials have changed is another quote.
	materials, others, doneMaterials, err := changed[material](ctx, s, "jobmaterial")
	if err != nil {
		return err
	}
	for _, m := range others {
		if slices.ContainsFunc(fresh, func(j m8Job) bool { return j.UUID == m.Job }) || m.Job == "" {
			continue
		}
		j, err := fetch[m8Job](ctx, s.m8, "job", m.Job)
		if is(err, http.StatusNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		fresh = append(fresh, j)
	}
	var lines []line
	for _, j := range fresh {
		l, err := s.job(ctx, j)
		if err != nil {
			return err
		}
		lines = append(lines, l...)
	}
	if err := s.bring(ctx, lines); err != nil {
		return err
	}
	done(all)
	doneMaterials(materials)
	return nil
}

func (s *sync) job(ctx context.Context, j m8Job) (lines []line, err error) {
	if j.Company == "" { // a lead that nobody has given a client yet
		return nil, nil
	}
	record := map[string]any{"customer": j.Company, "description": j.Description, "purchase_order": j.PurchaseOrder}
	var there, quote known
	if j.Status != m8Quote {
		if there, err = s.portal.find(ctx, "jobs", j.UUID); err != nil {
			return nil, err
		}
	}
	if there.ID == "" {
		if quote, err = s.portal.find(ctx, "quotes", j.UUID); err != nil {
			return nil, err
		}
	}
	if j.Status == m8Quote || j.Status == m8Unsuccessful && quote.ID != "" {
		return s.quote(ctx, j, quote, record)
	}
	record["work_undertaken"] = j.Work
	switch {
	case j.Category != "":
		record["type"] = j.Category
	case there.ID == "": // else it keeps the one that was chosen in the portal
		record["type"] = usual
	}
	if quote.ID != "" { // it was one, and is a job now
		record["quote"] = j.UUID
	}
	// While it is open the portal's own status says more.
	open := there.Status != "completed" && there.Status != "closed" && there.Status != "cancelled"
	switch {
	case j.Status == m8Completed && there.Status != "closed":
		record["status"] = "completed"
	case j.Status == m8Unsuccessful || j.Active != 1:
		record["status"], record["cancelled_why"] = "cancelled", "Cancelled by the office."
	case j.Status == m8WorkOrder && (!open || there.Status == "new"):
		record["status"] = "unscheduled"
	}
	return []line{{"jobs", j.UUID, record}}, nil
}

// quote is what a job of ServiceM8 that is a quote says of the portal's.
func (s *sync) quote(ctx context.Context, j m8Job, there known, record map[string]any) (lines []line, err error) {
	if there.Status == "accepted" || there.Status == "withdrawn" || there.Status == "declined" && j.Status == m8Unsuccessful {
		return nil, nil // the customer has answered; nothing is left to say
	}
	if record["lines"], err = s.lines(ctx, j); err != nil {
		return nil, err
	}
	sent := j.QuoteSent
	if strings.HasPrefix(sent, "0000") || j.Status == m8Unsuccessful {
		sent = ""
	}
	// One that was declined is sent anew only when ServiceM8 has sent it anew: it may
	// not have heard yet.
	if there.Status == "declined" && s.state.Sent[j.UUID] == "" {
		s.state.Sent[j.UUID] = sent
	}
	switch {
	case j.Status == m8Unsuccessful:
		record["status"] = "withdrawn"
	case there.Status == "declined" && sent == s.state.Sent[j.UUID]:
		return nil, nil
	case sent != "" && there.Status != "sent":
		record["status"] = "sent"
	case there.Status == "requested":
		record["status"] = "draft"
	}
	if sent != "" {
		s.state.Sent[j.UUID] = sent
	}
	return []line{{"quotes", j.UUID, record}}, nil
}

// lines are those of a quote.
func (s *sync) lines(ctx context.Context, j m8Job) ([]map[string]any, error) {
	all, err := list[material](ctx, s.m8, "jobmaterial", "job_uuid eq '"+j.UUID+"'")
	if err != nil {
		return nil, err
	}
	lines := []map[string]any{}
	for _, m := range all {
		if m.Active != 1 {
			continue
		}
		l := map[string]any{"description": m.Name, "quantity": m.Quantity, "unit_price": m.Price}
		if s.tax.name != "" {
			l["tax_name"], l["tax_percent"] = s.tax.name, s.tax.percent
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// files brings in what was attached to jobs, one by one: each is noted when it is
// there, so that a large one is not fetched again because of its neighbour.
func (s *sync) files(ctx context.Context) error {
	all, fresh, done, err := changed[m8File](ctx, s, "attachment")
	if err != nil {
		return err
	}
	for _, f := range fresh {
		if f.Active != 1 || f.Object != "job" || ours(f.UUID) { // what we have put there is here already
			continue
		}
		record, err := s.portal.at(ctx, f.Of)
		if err != nil {
			return err
		}
		if record == "" {
			s.refused(ctx, "attachment "+f.UUID, "its job is not in the portal")
			continue
		}
		a, err := s.m8.call(ctx, http.MethodGet, "/attachment/"+f.UUID+".file", nil)
		if err == nil {
			name := f.Name
			if !strings.HasSuffix(strings.ToLower(name), strings.ToLower(f.Type)) {
				name += f.Type
			}
			err = s.portal.addFile(ctx, record, name, a.body)
		}
		if r, final := asRefusal(err); final {
			s.refused(ctx, "attachment "+f.UUID, r.Error())
			continue
		}
		if err != nil {
			return err
		}
	}
	done(all)
	return nil
}

// outwards takes to ServiceM8 what customers did, one event after the other.
func (s *sync) outwards(ctx context.Context) error {
	for {
		f, err := s.portal.events(ctx, s.state.Event)
		if err != nil {
			return err
		}
		if f.Missed {
			s.log.WarnContext(ctx, "events are gone by their age: look at what customers have asked for meanwhile")
		}
		for _, e := range f.Events {
			err := s.tell(ctx, e)
			if r, final := asRefusal(err); final {
				s.refused(ctx, "event "+e.ID, r.Error())
			} else if err != nil {
				return fmt.Errorf("event %s: %w", e.ID, err)
			}
			s.state.Event = e.Number
			if err := s.save(); err != nil {
				return err
			}
		}
		s.state.Event = max(s.state.Event, f.Next)
		if err := s.save(); err != nil {
			return err
		}
		if !f.More {
			return nil
		}
	}
}

// tell does to ServiceM8 what one event says.
func (s *sync) tell(ctx context.Context, e event) error {
	d := e.Data
	switch e.Kind {
	case "job.requested":
		_, err := s.ask(ctx, "jobs", m8WorkOrder, d.Subject.Number)
		return err
	case "quote.requested":
		_, err := s.ask(ctx, "quotes", m8Quote, d.Subject.Number)
		return err
	}
	if d.Subject.Kind != "job" && d.Subject.Kind != "quote" {
		return nil // what else customers change is for the office to look at
	}
	kind := d.Subject.Kind + "s"
	status := m8WorkOrder
	if kind == "quotes" {
		status = m8Quote
	}
	var fields map[string]any
	var note string
	var files []file
	var edited []ask
	switch e.Kind {
	case "job.edited", "quote.edited":
		edited = e.changes()
	case "job.withdrawn", "quote.withdrawn":
		fields, note = map[string]any{"status": m8Unsuccessful}, "Withdrawn by "+e.who()+". "+d.Reason
	case "quote.accepted":
		fields, note = map[string]any{"status": m8WorkOrder}, "Accepted by "+d.Answer.FullName+"."
		if d.Answer.PurchaseOrder != "" {
			fields["purchase_order_number"] = d.Answer.PurchaseOrder
		}
	case "quote.declined":
		fields, note = map[string]any{"status": m8Unsuccessful}, "Declined by "+d.Answer.FullName+". "+d.Answer.Reason
	case "visit.answered":
		note = e.who() + ": the visit suits us."
		if !d.Visit.Suits {
			note = e.who() + " wishes for another time. " + d.Visit.Reason
		}
	case "message.written":
		note, files = e.who()+": "+d.Message.Text, d.Message.Files
	case "file.added":
		files = []file{*d.File}
	case "file.removed":
		if err := s.m8.change(ctx, "attachment", named("file", d.File.ID), map[string]any{"active": 0}); !is(err, http.StatusNotFound) {
			return err
		}
		return nil
	default:
		return nil
	}
	uuid, err := s.ask(ctx, kind, status, d.Subject.Number)
	if err != nil {
		return err
	}
	if edited != nil {
		there, err := fetch[map[string]any](ctx, s.m8, "job", uuid)
		if err != nil {
			return err
		}
		var left, overtaken []ask
		fields, left, overtaken = placed(kind, edited, there)
		note = wishes(e.who(), append(left, overtaken...))
	}
	if len(fields) > 0 {
		if err := s.m8.change(ctx, "job", uuid, fields); err != nil {
			return err
		}
	}
	for _, f := range files {
		content, err := s.portal.content(ctx, f.ID)
		if is(err, http.StatusNotFound) {
			continue // it was removed meanwhile
		}
		if err == nil {
			err = s.m8.addFile(ctx, named("file", f.ID), uuid, f.Name, content)
		}
		if err != nil {
			return err
		}
	}
	return s.note(ctx, "job", uuid, named("event", e.ID), note)
}

// note writes a note on a job or client, once.
func (s *sync) note(ctx context.Context, on, of, uuid, text string) error {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return s.m8.create(ctx, "note", uuid, map[string]any{"related_object": on, "related_object_uuid": of, "note": text})
}

// ask makes sure that ServiceM8 has a job of the portal, and that the portal knows
// under which id.
func (s *sync) ask(ctx context.Context, kind, status, number string) (uuid string, err error) {
	k, err := s.portal.read(ctx, kind, number)
	if err != nil {
		return "", err
	}
	if uuid = k.uuid(); uuid != "" {
		return uuid, nil
	}
	client, err := s.client(ctx, k.Customer)
	if err != nil {
		return "", err
	}
	uuid = named(kind, number)
	err = s.m8.create(ctx, "job", uuid, map[string]any{
		"company_uuid": client, "status": status, "job_description": k.Description, "purchase_order_number": k.PurchaseOrder, "active": 1,
	})
	if err != nil {
		return "", err
	}
	record := map[string]any{"number": number}
	if kind == "quotes" && k.Status == "requested" {
		record["status"] = "draft"
	}
	return uuid, s.portal.put(ctx, kind, uuid, record)
}

// client is the customer's id in ServiceM8, which gets to know it if it does not.
func (s *sync) client(ctx context.Context, number string) (uuid string, err error) {
	k, err := s.portal.read(ctx, "customers", number)
	if err != nil {
		return "", err
	}
	if uuid = k.uuid(); uuid != "" {
		return uuid, nil
	}
	uuid = named("customers", number)
	err = s.m8.create(ctx, "company", uuid, map[string]any{
		"name": k.Name, "active": 1,
		"address_street": k.Street.Line1, "address_city": k.Street.City, "address_state": k.Street.Region, "address_postcode": k.Street.Postcode, "address_country": k.Street.Country,
	})
	if err != nil {
		return "", err
	}
	return uuid, s.portal.put(ctx, "customers", uuid, map[string]any{"number": number})
}
