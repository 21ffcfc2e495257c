// Package api is what programs call: tokens of the office, and keys of contacts,
// instead of people and their sessions. Each operation is declared once, with
// its scope; the routes, the checks, openapi.yaml and the pages of the
// documentation follow from that.
//
// A cookie is nothing here, and a token nothing on the pages.
package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"fieldgate/internal/blob"
	"fieldgate/internal/event"
	"fieldgate/internal/office"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
	"fieldgate/internal/turns"
	"fieldgate/web/page"
)

// Parts are what the API is made of.
type Parts struct {
	DB      postgres.DB
	Answers token.Answers
	Calls   *token.Calls
	Reader  *portal.Reader
	Store   blob.Store
	Office  *office.Service
	Fetch   *http.Client // fetches files, from no private network
	// Events is the feed of what customers did.
	Events func(ctx context.Context, after int64, limit int, f event.Filter) (event.Feed, error)
}

// API answers programs.
type API struct {
	parts  Parts
	mux    *chi.Mux
	huma   huma.API
	routes []Route
	limits *limits
	turns  *turns.Turns
}

// Route is an operation as the list of all routes has it: who may call it.
type Route struct {
	Method, Path string
	Who          string
	Scope        token.Scope
	Group        string
	ID           string
}

// For is whom an operation is for.
type For string

// Whom operations are for.
const (
	Tokens  For = "token"
	Keys    For = "key"
	Callers For = "token or key"
)

// Op is an operation: everything about it but what it does.
type Op struct {
	ID          string // list-customers
	Method      string
	Path        string // behind /api/v1: /customers/{number}
	Scope       token.Scope
	Group       string // in the documentation: Customers
	Summary     string // a line without a full stop
	Description string
	Status      int    // when it went well; 200 when zero
	MaxBody     int64  // bytes; 1 MB when zero
	Stream      bool   // the answer is bytes that go out as they come: no ETag, no Idempotency-Key
	Returns     string // the media type of a stream
	Reads       bool   // the operation reads the body by itself, as it comes: no Idempotency-Key

	// Fields describe a body that the operation takes apart by itself.
	Fields  *huma.Schema
	Example map[string]any
}

// usualBody is how large a body may be unless the operation says otherwise.
const usualBody = 1 << 20

// busy is how many calls of one token are answered at once, and waits how many
// more may wait for that.
const (
	busy  = 8
	waits = 64
)

var setUp sync.Once

// New is the API with all its operations.
func New(parts Parts) *API {
	setUp.Do(problems)
	a := &API{parts: parts, mux: chi.NewRouter(), limits: newLimits(), turns: turns.New(busy, waits)}
	a.mux.Use(a.known)
	a.mux.NotFound(func(w http.ResponseWriter, r *http.Request) { page.NewProblem(r, "not-found", "").Write(w) })
	a.mux.MethodNotAllowed(a.otherMethod)
	a.huma = humachi.New(a.mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Fieldgate API", Version: "1",
				Description: "Reads and writes what the office can, with a token made under Administration → API, and what a contact sees, with a key made under My Details → API keys.",
			},
			Servers: []*huma.Server{{URL: "/"}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token": {Type: "http", Scheme: "bearer", Description: "A token of the office: fg_…"},
					"key":   {Type: "http", Scheme: "bearer", Description: "A contact’s key: fgk_…"},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",

		RejectUnknownQueryParameters: true,
	})
	a.about()
	a.records()
	a.deeds()
	a.messages()
	a.files()
	a.events()
	a.requests()
	a.bulk()
	a.my()
	return a
}

// ServeHTTP answers a call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// Routes are all operations.
func (a *API) Routes() []Route { return a.routes }

// OpenAPI describes all operations.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

// Caller is who calls: a token of the office, or a contact by their key.
type Caller struct {
	Token   token.Token
	Office  staff.Viewer // of a token
	Key     portal.KeySession
	Contact portal.Viewer // of a key
}

// ByKey reports whether it is a contact's key that calls.
func (c Caller) ByKey() bool { return c.Key.ID != 0 }

// name is the caller in the log.
func (c Caller) name() string {
	if c.ByKey() {
		return fmt.Sprintf("key %d %s, contact %d", c.Key.ID, c.Key.Name, c.Contact.Contact)
	}
	return fmt.Sprintf("token %d %s", c.Token.ID, c.Token.Name)
}

// owner is whose turns and limits a call uses up.
func (c Caller) owner() string {
	if c.ByKey() {
		return fmt.Sprintf("contact %d by key", c.Contact.Contact)
	}
	return fmt.Sprintf("token %d", c.Token.ID)
}

// call is a call at hand.
type call struct {
	w      *answer
	r      *http.Request
	caller Caller
	nonce  string
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// Nonce is what makes a thing that the call creates be created once, when the
// caller has sent an Idempotency-Key; "" else. Deeds take it as a form's nonce.
func Nonce(ctx context.Context) string { return callOf(ctx).nonce }

// Office declares an operation of tokens. What do returns as an error is told as
// a page would tell it; what is out of the token's reach is apperr.NotFound.
func Office[I, O any](a *API, op Op, do func(context.Context, staff.Viewer, *I) (*O, error)) {
	register(a, op, Tokens, func(ctx context.Context, c Caller, in *I) (*O, error) { return do(ctx, c.Office, in) })
}

// Contact declares an operation of contacts' keys, which sees what the contact sees.
func Contact[I, O any](a *API, op Op, do func(context.Context, portal.Viewer, *I) (*O, error)) {
	register(a, op, Keys, func(ctx context.Context, c Caller, in *I) (*O, error) { return do(ctx, c.Contact, in) })
}

// Anybody declares an operation of both.
func Anybody[I, O any](a *API, op Op, do func(context.Context, Caller, *I) (*O, error)) {
	register(a, op, Callers, do)
}

func register[I, O any](a *API, op Op, whom For, do func(context.Context, Caller, *I) (*O, error)) {
	path := page.API + op.Path
	who := "api: " + string(whom)
	if op.Scope != "" {
		who = "api: " + string(op.Scope)
		if !op.Scope.Known() {
			panic(op.ID + " wants the scope " + string(op.Scope) + ", which no token can have")
		}
	}
	a.routes = append(a.routes, Route{Method: op.Method, Path: path, Who: who, Scope: op.Scope, Group: op.Group, ID: op.ID})
	if op.MaxBody == 0 {
		op.MaxBody = usualBody
	}
	o := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: path, Summary: op.Summary, Description: op.Description, Tags: []string{op.Group},
		DefaultStatus: op.Status, MaxBodyBytes: op.MaxBody, BodyReadTimeout: -1, // connections have a pace of their own
		Middlewares: huma.Middlewares{a.checked(op, whom)},
		Errors:      op.errors(), SkipValidateBody: op.Fields != nil,
	}
	for _, scheme := range map[For][]string{Tokens: {"token"}, Keys: {"key"}, Callers: {"token", "key"}}[whom] {
		needs := map[string][]string{scheme: {}}
		if op.Scope != "" {
			needs[scheme] = []string{string(op.Scope)}
		}
		o.Security = append(o.Security, needs)
	}
	if op.Stream {
		o.Responses = map[string]*huma.Response{"200": {
			Description: "The bytes.", Content: map[string]*huma.MediaType{op.Returns: {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
		}}
	}
	if op.Method == http.MethodPost && !op.Stream && !op.Reads {
		o.Parameters = append(o.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"},
			Description: "Any text of up to 255 characters, new for each request. The same request with the same key is done once and answered alike for 24 hours.",
		})
	}
	huma.Register(a.huma, o, func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		out, err := do(ctx, c.caller, in)
		if err != nil {
			if p := page.ProblemOf(c.w, c.r, err); p != nil {
				return nil, p
			}
			return nil, page.NewProblem(c.r, "failed", "") // nobody is there to read it
		}
		return out, nil
	})
	a.shareProblems(op.Method, path)
	if op.Fields != nil {
		a.takesBody(op.Method, path, jsonBody(op.Fields, op.Example))
	}
}

// errors are the ways an operation can fail beside those that each can.
func (o Op) errors() []int {
	all := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	if strings.Contains(o.Path, "{") {
		all = append(all, http.StatusNotFound)
	}
	if o.Method != http.MethodGet {
		all = append(all, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	}
	if o.Method == http.MethodPut || o.Method == http.MethodPatch || o.Method == http.MethodDelete {
		all = append(all, http.StatusPreconditionFailed)
	}
	return all
}

// checked asks for the scope before anything of the body is read.
func (a *API) checked(op Op, whom For) func(huma.Context, func(huma.Context)) {
	return func(h huma.Context, next func(huma.Context)) {
		c := callOf(h.Context())
		switch {
		case whom == Tokens && c.caller.ByKey(), whom == Keys && !c.caller.ByKey():
			page.NewProblem(c.r, "not-found", "").Write(c.w) // what is another's does not exist
			return
		case op.Scope != "" && !c.caller.Token.May(op.Scope):
			c.w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+string(op.Scope)+`"`)
			page.NewProblem(c.r, "scope", "This needs the scope "+string(op.Scope)+".").Write(c.w)
			return
		case !bodyFits(h.Operation(), c.r):
			page.NewProblem(c.r, "media-type", "").Write(c.w)
			return
		}
		r, _ := humachi.Unwrap(h)
		r.Body = http.MaxBytesReader(c.w, r.Body, op.MaxBody)
		if op.Stream {
			c.w.direct = true
			next(h)
			return
		}
		if key := r.Header.Get("Idempotency-Key"); key != "" && op.Method == http.MethodPost && !op.Reads && !c.caller.ByKey() {
			a.once(h, r, c, key, next)
			return
		}
		next(h)
	}
}

// bodyFits reports whether the body is of a kind that the operation takes.
func bodyFits(o *huma.Operation, r *http.Request) bool {
	given, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	given = strings.ToLower(strings.TrimSpace(given))
	if o.RequestBody == nil || given == "" {
		return true
	}
	_, takes := o.RequestBody.Content[given]
	return takes
}

// problems tells what huma finds wrong as everything else is told.
func problems() {
	huma.NewError = func(status int, detail string, _ ...error) huma.StatusError {
		return &page.Problem{Status: status, Title: http.StatusText(status), Detail: detail}
	}
	huma.NewErrorWithContext = func(h huma.Context, status int, detail string, errs ...error) huma.StatusError {
		r, _ := humachi.Unwrap(h)
		kind := map[int]string{
			http.StatusRequestEntityTooLarge: "too-large", http.StatusUnsupportedMediaType: "media-type", http.StatusNotFound: "not-found",
		}[status]
		if kind == "" {
			kind = "invalid"
		}
		if status >= http.StatusInternalServerError {
			kind = "failed"
		}
		var fields []page.FieldProblem
		for _, err := range errs {
			if e, ok := err.(huma.ErrorDetailer); ok {
				d := e.ErrorDetail()
				fields = append(fields, page.FieldProblem{Field: fieldOf(d.Location), Message: d.Message})
			}
		}
		if kind == "failed" || detail == "validation failed" {
			detail = ""
		}
		p := page.NewProblem(r, kind, detail, fields...)
		p.Status = status
		return p
	}
}

// fieldOf is the field that huma names by where it stands: body.lines[0].price.
func fieldOf(location string) string {
	for _, in := range []string{"body", "query", "path", "header"} {
		if location == in {
			return ""
		}
		if rest, found := strings.CutPrefix(location, in+"."); found {
			return rest
		}
	}
	return location
}

// otherMethod says what an address takes.
func (a *API) otherMethod(w http.ResponseWriter, r *http.Request) {
	var taken []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		asked := method
		if method == http.MethodHead {
			asked = http.MethodGet
		}
		if a.mux.Match(chi.NewRouteContext(), asked, r.URL.Path) {
			taken = append(taken, method)
		}
	}
	w.Header().Set("Allow", strings.Join(taken, ", "))
	page.NewProblem(r, "method", "").Write(w)
}
