package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"fieldgate/internal/apperr"
	"fieldgate/internal/exchange"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
	"fieldgate/web/page"
)

// noun is how a kind of records is offered.
type noun struct {
	kind     exchange.Kind
	group    string
	area     string // whose scopes it needs
	one      string // a customer
	name     string // customer, in ids of operations
	id       string // what its id is
	readOnly bool
	example  map[string]any
}

// nouns are offered in the order of the documentation.
var nouns = []noun{
	{exchange.Customers, "Customers", "customers", "a customer", "customer", "its number", false, map[string]any{"name": "Harbour Dental", "email": "office@harbour.example", "street": map[string]any{"line1": "1 George Street", "city": "Sydney"}}},
	{exchange.Sites, "Sites", "sites", "a site", "site", "its id", false, map[string]any{"customer": "C-1001", "name": "Rooftop plant", "address": map[string]any{"line1": "1 George Street", "city": "Sydney"}}},
	{exchange.Contacts, "Contacts", "contacts", "a contact", "contact", "its id", false, map[string]any{"customer": "C-1001", "name": "Lee Nakamura", "email": "lee@harbour.example", "role": "Practice manager"}},
	{exchange.Equipment, "Equipment", "equipment", "a piece of equipment", "equipment", "its id", false, map[string]any{"customer": "C-1001", "name": "Rooftop unit 1", "type": "Split system", "serial_number": "SN-4711"}},
	{exchange.Jobs, "Jobs", "jobs", "a job", "job", "its number", false, map[string]any{"customer": "C-1001", "description": "Service the rooftop unit", "type": "Service", "status": "unscheduled"}},
	{exchange.Tasks, "Tasks and time", "jobs", "a task", "task", "its id", false, map[string]any{"job": "J-1001", "subject": "Replace the belt", "due_on": "2026-11-24"}},
	{exchange.Time, "Tasks and time", "jobs", "a time entry", "time-entry", "its id", false, map[string]any{"job": "J-1001", "worked_on": "2026-11-24", "staff": "Tom Reyes", "hours": "1.5"}},
	{exchange.Quotes, "Quotes", "quotes", "a quote", "quote", "its number", false, map[string]any{"customer": "C-1001", "description": "A second unit for the waiting room", "lines": []any{
		map[string]any{"description": "Split system 7 kW", "quantity": "1", "unit_price": "2400.00", "tax_name": "GST", "tax_percent": "10"},
	}}},
	{exchange.JobTypes, "Job types", "job-types", "a job type", "job-type", "its id", false, map[string]any{"name": "Service", "colour": "teal"}},
	{exchange.Staff, "Staff", "staff", "a member of staff", "staff-member", "its id", true, nil},
}

func (n noun) path() string { return "/" + string(n.kind) }

func (n noun) reads() token.Scope { return token.Scope(n.area + ":read") }

func (n noun) writes() token.Scope { return token.Scope(n.area + ":write") }

// nounOf is how a kind is offered; ok is false for what is none.
func nounOf(k exchange.Kind) (n noun, ok bool) {
	for _, n := range nouns {
		if n.kind == k {
			return n, true
		}
	}
	return noun{}, false
}

// Changes is a list in the order in which things changed.
type Changes[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Send it as cursor to read on, now or later. At the end of the list it stands for what changes from then on."`
	More  bool   `json:"more" doc:"Whether there is a next page already."`
}

type changesOutput[T any] struct {
	Link string `header:"Link" doc:"The next page, as rel=next, when there is one."`
	Body Changes[T]
}

type recordOutput[T any] struct {
	Status   int
	Location string `header:"Location" doc:"Of a new one."`
	State    string `header:"Fieldgate-State" doc:"What became of it: new, changed or same."`
	Tagged
	Body T
}

// Since is embedded in what lists of changes take.
type Since struct {
	Since  time.Time `query:"updated_since" doc:"What has changed at this moment or later. Without it, everything."`
	Cursor string    `query:"cursor" maxLength:"200" doc:"The next of a page before; then updated_since counts no more."`
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many at most."`
}

func (s Since) filter(by staff.Viewer) exchange.Filter {
	return exchange.Filter{Since: s.Since, After: s.Cursor, Size: s.Limit, Reach: by.Reach}
}

func (s Since) of() (customer, job string) { return "", "" }

// OfCustomer is embedded in what lists of customers' things take.
type OfCustomer struct {
	Since
	Customer string `query:"customer" maxLength:"250" doc:"Those of one customer: its number, or source:id."`
}

func (s OfCustomer) of() (customer, job string) { return s.Customer, "" }

// OfJob is embedded in what lists of jobs' parts take.
type OfJob struct {
	OfCustomer
	Job string `query:"job" maxLength:"250" doc:"Those of one job: its number, or source:id."`
}

func (s OfJob) of() (customer, job string) { return s.Customer, s.Job }

// narrowed is what a list of changes takes.
type narrowed interface {
	filter(by staff.Viewer) exchange.Filter
	of() (customer, job string)
}

// ByExternal is embedded in what operations take on one thing by its id elsewhere.
type ByExternal struct {
	Source   string `path:"source" maxLength:"40" doc:"The system, as its token names it."`
	External string `path:"external" maxLength:"600" doc:"The id there."`
}

func (in ByExternal) id(ctx context.Context) string { return unescaped(ctx, in.External) }

type putInput struct {
	ByExternal
	IfMatch
	RawBody []byte `contentType:"application/json"`
}

type patchInput struct {
	ID string `path:"id" maxLength:"100"`
	IfMatch
	RawBody []byte `contentType:"application/json"`
}

type postInput struct {
	RawBody []byte `contentType:"application/json"`
}

// unescaped is part of an address in which something was escaped that need not be.
func unescaped(ctx context.Context, part string) string {
	if callOf(ctx).r.URL.RawPath == "" {
		return part
	}
	if plain, err := url.PathUnescape(part); err == nil {
		return plain
	}
	return part
}

// records declares what all kinds have.
func (a *API) records() {
	for _, n := range nouns {
		switch n.kind {
		case exchange.Customers:
			offer[exchange.Customer, Since](a, n)
		case exchange.Sites:
			offer[exchange.Site, OfCustomer](a, n)
		case exchange.Contacts:
			offer[exchange.Contact, OfCustomer](a, n)
		case exchange.Equipment:
			offer[exchange.Item, OfCustomer](a, n)
		case exchange.Jobs:
			offer[exchange.Job, OfCustomer](a, n)
		case exchange.Tasks:
			offer[exchange.Task, OfJob](a, n)
		case exchange.Time:
			offer[exchange.TimeEntry, OfJob](a, n)
		case exchange.Quotes:
			offer[exchange.Quote, OfCustomer](a, n)
		case exchange.JobTypes:
			offer[exchange.JobType, Since](a, n)
		case exchange.Staff:
			offer[exchange.Member, Since](a, n)
		}
	}
	a.gone()
}

// offer declares the operations of a kind whose records are T.
func offer[T any, L narrowed](a *API, n noun) {
	read, plural := func(r exchange.Record) T { return *any(r).(*T) }, string(n.kind) //nolint:forcetypeassert // its kind says so
	shown := func(r exchange.Record) *recordOutput[T] {
		return &recordOutput[T]{Tagged: Tagged{ETag(exchange.HeadOf(r).Version)}, Body: read(r)}
	}
	Office(a, Op{
		ID: "list-" + plural, Method: http.MethodGet, Path: n.path(), Scope: n.reads(), Group: n.group, Summary: n.kind.Label() + " in the order in which they changed",
		Description: "Keep next and ask with it again, at once while more is true and from time to time afterwards: nothing that changes is missed. What changes while you read comes again.",
	}, func(ctx context.Context, by staff.Viewer, in *L) (*changesOutput[T], error) {
		filter := (*in).filter(by)
		customer, job := (*in).of()
		if err := a.narrow(ctx, by, &filter, customer, job); err != nil {
			return nil, err
		}
		all, next, more, err := exchange.List(ctx, a.parts.DB, n.kind, filter)
		if err != nil {
			return nil, err
		}
		out := &changesOutput[T]{Body: Changes[T]{Items: make([]T, len(all)), Next: next, More: more}, Link: link(ctx, next, more)}
		for i, r := range all {
			out.Body.Items[i] = read(r)
		}
		return out, nil
	})
	Office(a, Op{ID: "get-" + n.name, Method: http.MethodGet, Path: n.path() + "/{id}", Scope: n.reads(), Group: n.group, Summary: "Read " + n.one, Description: "The id is " + n.id + "."},
		func(ctx context.Context, by staff.Viewer, in *byID) (*recordOutput[T], error) {
			r, err := exchange.Find(ctx, a.parts.DB, n.kind, in.ID, by.Reach)
			if err != nil {
				return nil, err
			}
			return shown(r), nil
		})
	Office(a, Op{ID: "get-" + n.name + "-by-external", Method: http.MethodGet, Path: n.path() + "/by-external/{source}/{external}", Scope: n.reads(), Group: n.group, Summary: "Read " + n.one + " by its id in another system"},
		func(ctx context.Context, by staff.Viewer, in *ByExternal) (*recordOutput[T], error) {
			r, err := exchange.FindExternal(ctx, a.parts.DB, n.kind, in.Source, in.id(ctx), by.Reach)
			if err != nil {
				return nil, err
			}
			return shown(r), nil
		})
	_, fields := a.describeRecord(n.kind)
	if n.readOnly {
		return
	}
	brought := func(ctx context.Context, by staff.Viewer, in exchange.Incoming, c exchange.Choices, body []byte, m IfMatch) (*recordOutput[T], error) {
		fill, err := filling(n.kind, body)
		if err != nil {
			return nil, err
		}
		in.Kind, in.Fill = n.kind, fill
		out, err := a.bring(ctx, by, in, c, m)
		if err != nil {
			return nil, err
		}
		r, err := exchange.FindRow(ctx, a.parts.DB, n.kind, out.Row, by.Reach)
		if err != nil {
			return nil, err
		}
		answer := shown(r)
		answer.State, answer.Status = string(out.State), http.StatusOK
		if out.State == exchange.New {
			answer.Status, answer.Location = http.StatusCreated, page.API+n.path()+"/"+url.PathEscape(out.Key)
		}
		return answer, nil
	}
	quiet := " Nobody is told of it by email."
	Office(a, Op{
		ID: "put-" + n.name, Method: http.MethodPut, Path: n.path() + "/by-external/{source}/{external}", Scope: n.writes(), Group: n.group, Summary: "Create or change " + n.one + " by its id in your system",
		Description: "Creates it (201) or changes the fields that are sent (200); others stay. Send it as often as you like: Fieldgate-State says whether it was new, changed or the same already. The source is the token’s own. A new one needs " + needed(n.kind) + "." + quiet,
		Fields:      fields, Example: n.example,
	}, func(ctx context.Context, by staff.Viewer, in *putInput) (*recordOutput[T], error) {
		own := callOf(ctx).caller.Token.Source
		if in.Source != own {
			return nil, apperr.Forbidden{Words: "This token writes under its own source, " + own + "."}
		}
		out, err := brought(ctx, by, exchange.Incoming{External: in.id(ctx)}, exchange.Choices{}, in.RawBody, in.IfMatch)
		return out, err
	})
	a.answersAlso(http.MethodPut, page.API+n.path()+"/by-external/{source}/{external}", "201", "It was created.")
	Office(a, Op{
		ID: "change-" + n.name, Method: http.MethodPatch, Path: n.path() + "/{id}", Scope: n.writes(), Group: n.group, Summary: "Change " + n.one,
		Description: "Changes the fields that are sent; others stay. With If-Match it is refused (412) when somebody else has changed it meanwhile." + quiet,
		Fields:      fields, Example: patched(n.example),
	}, func(ctx context.Context, by staff.Viewer, in *patchInput) (*recordOutput[T], error) {
		return brought(ctx, by, exchange.Incoming{Key: in.ID}, exchange.Choices{Known: true}, in.RawBody, in.IfMatch)
	})
	Office(a, Op{
		ID: "create-" + n.name, Method: http.MethodPost, Path: n.path(), Scope: n.writes(), Group: n.group, Summary: "Create " + n.one, Status: http.StatusCreated,
		Description: "Send an Idempotency-Key, or better, PUT by the id in your system: then it is never there twice. It needs " + needed(n.kind) + "." + quiet,
		Fields:      fields, Example: n.example,
	}, func(ctx context.Context, by staff.Viewer, in *postInput) (*recordOutput[T], error) {
		return brought(ctx, by, exchange.Incoming{Nonce: Nonce(ctx)}, exchange.Choices{Fresh: true}, in.RawBody, IfMatch{})
	})
}

// patched is a part of an example.
func patched(example map[string]any) map[string]any {
	for _, name := range []string{"description", "name", "subject", "hours"} {
		if v, ok := example[name]; ok {
			return map[string]any{name: v}
		}
	}
	return example
}

// bring brings one thing in.
func (a *API) bring(ctx context.Context, by staff.Viewer, in exchange.Incoming, c exchange.Choices, m IfMatch) (out exchange.Outcome, err error) {
	version, named := m.Version()
	if named && version == 0 {
		return out, apperr.Stale
	}
	in.Version, c.Overwrite, c.Reach = version, true, by.Reach
	if m.IfMatch != "" {
		c.Known = true
	}
	for try := 0; ; try++ {
		out, err = a.parts.Office.Bring(ctx, exchange.By{Viewer: by, Source: callOf(ctx).caller.Token.Source}, in, c)
		switch {
		case errors.Is(err, apperr.Stale) && m.IfMatch == "" && try < 5: // somebody else was at it: it is read again
			continue
		case errors.Is(err, apperr.NotFound) && m.IfMatch != "" && in.Key == "":
			return out, apperr.Stale // there is none that If-Match could mean
		case err != nil:
			return out, err
		case out.State == exchange.Refused:
			return out, out.Problems
		}
		return out, nil
	}
}

// narrow finds what a list is narrowed to.
func (a *API) narrow(ctx context.Context, by staff.Viewer, f *exchange.Filter, customer, job string) error {
	wrong := problem.Set{}
	for _, named := range []struct {
		field, name string
		kind        exchange.Kind
		row         *int64
	}{{"customer", customer, exchange.Customers, &f.Customer}, {"job", job, exchange.Jobs, &f.Job}} {
		if named.name == "" {
			continue
		}
		r, err := a.lookUp(ctx, by, named.kind, named.name)
		switch {
		case errors.Is(err, apperr.NotFound):
			wrong.Add(named.field, "There is no "+named.kind.One()+" “"+named.name+"”.")
		case err != nil:
			return err
		default:
			*named.row = exchange.HeadOf(r).Row
		}
	}
	return wrong.Err()
}

// lookUp is what something is called, within reach; else apperr.NotFound.
func (a *API) lookUp(ctx context.Context, by staff.Viewer, k exchange.Kind, name string) (exchange.Record, error) {
	row, err := exchange.Lookup(ctx, a.parts.DB, callOf(ctx).caller.Token.Source, k, name)
	if err != nil {
		return nil, err
	}
	return exchange.FindRow(ctx, a.parts.DB, k, row, by.Reach)
}

// link is the header that leads to the next page.
func link(ctx context.Context, next string, more bool) string {
	if !more {
		return ""
	}
	r := callOf(ctx).r
	q := r.URL.Query()
	q.Del("updated_since")
	q.Set("cursor", next)
	return "<" + r.URL.Path + "?" + q.Encode() + `>; rel="next"`
}

// gone declares the list of what is there no more.
func (a *API) gone() {
	Office(a, Op{
		ID: "list-gone", Method: http.MethodGet, Path: "/gone", Group: "What changed", Summary: "What was archived, removed or deleted",
		Description: "Of the kinds that the token reads, in the order in which they went. Keep next and ask with it again.",
	}, func(ctx context.Context, by staff.Viewer, in *Since) (*changesOutput[exchange.Tombstone], error) {
		all, next, more, err := exchange.Gone(ctx, a.parts.DB, in.filter(by))
		if err != nil {
			return nil, err
		}
		out := &changesOutput[exchange.Tombstone]{Body: Changes[exchange.Tombstone]{Items: []exchange.Tombstone{}, Next: next, More: more}, Link: link(ctx, next, more)}
		for _, t := range all {
			area := string(t.Kind)
			if n, ok := nounOf(t.Kind); ok {
				area = n.area
			}
			if callOf(ctx).caller.Token.May(token.Scope(area + ":read")) {
				out.Body.Items = append(out.Body.Items, t)
			}
		}
		return out, nil
	})
}

// jsonBody is a body of JSON in the specification.
func jsonBody(s *huma.Schema, example map[string]any) map[string]*huma.MediaType {
	m := &huma.MediaType{Schema: s}
	if example != nil {
		m.Example = example
	}
	return map[string]*huma.MediaType{"application/json": m}
}

// number is a number as headers have it.
func number(n int64) string { return strconv.FormatInt(n, 10) }
