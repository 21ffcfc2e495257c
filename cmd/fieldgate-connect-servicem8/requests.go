package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// request is what a contact asks of ServiceM8, where the portal's setting says that
// it keeps such things.
type request struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	What     string `json:"what"`
	Thing    string `json:"thing"`
	Key      string `json:"key"`
	Customer string `json:"customer"`
	Contact  string `json:"contact_name"`
	Changes  []ask  `json:"changes"`
}

// ask is what a field would say.
type ask struct {
	Field  string `json:"field"`
	Label  string `json:"label"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// open are the requests that wait, all of them.
func (p portal) open(ctx context.Context) (all []request, err error) {
	for cursor := ""; ; {
		a, err := p.call(ctx, http.MethodGet, "/requests?limit=500&cursor="+url.QueryEscape(cursor), nil)
		if err != nil {
			return nil, err
		}
		var page struct {
			Items []request `json:"items"`
			Next  string    `json:"next"`
			More  bool      `json:"more"`
		}
		if err := a.into(&page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if !page.More {
			return all, nil
		}
		cursor = page.Next
	}
}

// requests tells ServiceM8 what contacts ask of it. Nothing is answered here: what
// ServiceM8 says next of the thing is the answer, and comes in with it.
func (s *sync) requests(ctx context.Context) error {
	all, err := s.portal.open(ctx)
	if err != nil {
		return err
	}
	asked := map[string]bool{}
	for _, r := range all {
		asked[r.ID] = true
		if s.state.Asked[r.ID] {
			continue
		}
		err := s.pass(ctx, r)
		if refused, final := asRefusal(err); final {
			s.refused(ctx, "request "+r.ID, refused.Error())
		} else if err != nil {
			return err
		}
		s.state.Asked[r.ID] = true
		if err := s.save(); err != nil {
			return err
		}
	}
	s.state.Asked = asked
	return s.save()
}

// places are where ServiceM8 has the fields of the portal's records. What it has no
// place for stands in a note, and the office answers it.
var places = map[string]map[string]string{
	"jobs":   {"description": "job_description", "purchase_order": "purchase_order_number"},
	"quotes": {"description": "job_description", "purchase_order": "purchase_order_number"},
	"customers": {
		"name": "name", "street.line1": "address_street", "street.city": "address_city", "street.region": "address_state", "street.postcode": "address_postcode", "street.country": "address_country",
	},
	"contacts": {"name": "first last", "email": "email", "phone": "phone", "mobile": "mobile"},
}

// records are what ServiceM8 calls such records.
var records = map[string]string{"jobs": "job", "quotes": "job", "customers": "company", "contacts": "companycontact"}

// pass tells ServiceM8 what one contact asks for.
func (s *sync) pass(ctx context.Context, r request) error {
	if places[r.Kind] == nil {
		return nil // ServiceM8 has no such things: the office answers
	}
	uuid, err := s.knows(ctx, r)
	if err != nil || r.What == "new" {
		return err
	}
	on, of := records[r.Kind], uuid
	if on == "companycontact" { // notes stand on jobs and clients
		if of, err = s.client(ctx, r.Customer); err != nil {
			return err
		}
		on = "company"
	}
	if r.What == "withdrawal" {
		if err := s.m8.change(ctx, "job", uuid, map[string]any{"status": m8Unsuccessful}); err != nil {
			return err
		}
		return s.note(ctx, on, of, named("request", r.ID), "Withdrawn by "+r.Contact+". "+r.after("cancelled_why"))
	}
	there, err := fetch[map[string]any](ctx, s.m8, records[r.Kind], uuid)
	if err != nil {
		return err
	}
	fields, rest, _ := placed(r.Kind, r.Changes, there)
	if len(fields) > 0 {
		if err := s.m8.change(ctx, records[r.Kind], uuid, fields); err != nil {
			return err
		}
	}
	return s.note(ctx, on, of, named("request", r.ID), wishes(r.Contact, rest))
}

// wishes are changes that somebody asks for, in words.
func wishes(who string, changes []ask) string {
	if len(changes) == 0 {
		return ""
	}
	lines := []string{who + " asks for a change:"}
	for _, c := range changes {
		lines = append(lines, c.Label+": "+c.After)
	}
	return strings.Join(lines, "\n")
}

func (r request) after(field string) string {
	for _, c := range r.Changes {
		if c.Field == field {
			return c.After
		}
	}
	return ""
}

// placed are changes of a record as ServiceM8 has its fields: those that say there
// what they said before. What it has no place for is left over, and so, by itself,
// is what has been changed there meanwhile: that stays.
func placed(kind string, changes []ask, there map[string]any) (fields map[string]any, left, overtaken []ask) {
	fields = map[string]any{}
	for _, c := range changes {
		at := strings.Fields(places[kind][c.Field])
		before, after := []string{c.Before}, []string{c.After}
		if len(at) == 2 {
			before, after = halves(c.Before), halves(c.After)
		}
		says := func(want []string) bool {
			for i, name := range at {
				if has, _ := there[name].(string); !alike(has, want[i]) {
					return false
				}
			}
			return true
		}
		switch {
		case len(at) == 0:
			left = append(left, c)
		case says(before):
			for i, name := range at {
				fields[name] = after[i]
			}
		case !says(after):
			overtaken = append(overtaken, c)
		}
	}
	return fields, left, overtaken
}

// halves are a name as ServiceM8 has it: first and last.
func halves(name string) []string {
	first, last, _ := strings.Cut(strings.TrimSpace(name), " ")
	return []string{first, strings.TrimSpace(last)}
}

// alike reports whether texts are the same but for white space.
func alike(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// knows makes sure that ServiceM8 knows what a request is about, and the portal
// under which id.
func (s *sync) knows(ctx context.Context, r request) (uuid string, err error) {
	switch r.Kind {
	case "jobs":
		return s.ask(ctx, r.Kind, m8WorkOrder, r.Thing)
	case "quotes":
		return s.ask(ctx, r.Kind, m8Quote, r.Thing)
	case "customers":
		return s.client(ctx, r.Customer)
	}
	k, err := s.portal.read(ctx, "contacts", url.PathEscape(r.Key))
	if err != nil {
		return "", err
	}
	if uuid = k.uuid(); uuid != "" {
		return uuid, nil
	}
	client, err := s.client(ctx, r.Customer)
	if err != nil {
		return "", err
	}
	uuid, name := named("contacts", r.Key), halves(k.Name)
	err = s.m8.create(ctx, "companycontact", uuid, map[string]any{
		"company_uuid": client, "first": name[0], "last": name[1], "email": k.Email, "phone": k.Phone, "mobile": k.Mobile, "active": 1,
	})
	if err != nil {
		return "", err
	}
	return uuid, s.portal.put(ctx, "contacts", uuid, map[string]any{"customer": k.Customer, "name": k.Name, "email": k.Email})
}
