package page

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"fieldgate/internal/problem"
	"fieldgate/templates/layout"
)

// API is where the addresses of the API begin.
const API = "/api/v1"

// ForPrograms reports whether it is a program that asks, which cannot read pages.
func ForPrograms(r *http.Request) bool {
	return r.URL.Path == API || strings.HasPrefix(r.URL.Path, API+"/")
}

// Problem is what programs are told of what went wrong (RFC 9457).
type Problem struct {
	Type    string         `json:"type" format:"uri" doc:"What kind of problem it is, always the same for the same kind."`
	Title   string         `json:"title" doc:"The kind in words."`
	Status  int            `json:"status" doc:"The status of the answer."`
	Detail  string         `json:"detail,omitempty" doc:"What happened this time."`
	Request string         `json:"request_id,omitempty" doc:"The request’s number in the log. Name it when you ask for help."`
	Errors  []FieldProblem `json:"errors,omitempty" doc:"What is wrong with which field."`

	kind string
}

// FieldProblem is what is wrong with one field of what was sent.
type FieldProblem struct {
	Field   string `json:"field" doc:"The field’s name; empty for the whole."`
	Message string `json:"message" doc:"What is wrong, as the office’s own form says it."`
}

// ProblemType is the documentation of a kind of problem, which names it.
func ProblemType(origin, kind string) string {
	return strings.TrimSuffix(origin, "/") + "/api#problem-" + kind
}

// ProblemKinds are the kinds there are, with their words.
var ProblemKinds = []struct {
	Kind   string
	Status int
	Title  string
	Words  string
}{
	{"unauthorised", http.StatusUnauthorized, "No valid token", "The token is missing, mistyped, expired or has ended."},
	{"scope", http.StatusForbidden, "The token may not do this", "The token does not have the scope that this needs. The answer names it."},
	{"forbidden", http.StatusForbidden, "This may not be done", "It can be seen, but not done by whom the token acts for."},
	{"not-found", http.StatusNotFound, "There is nothing here", "There is nothing at this address, or it is out of the token’s reach."},
	{"method", http.StatusMethodNotAllowed, "This address takes something else", "The answer’s Allow header has what it takes."},
	{"conflict", http.StatusConflict, "The state of things forbids this", "The detail says why. Read it again before you send it again."},
	{"in-progress", http.StatusConflict, "The same request is being answered", "A request with this Idempotency-Key is being answered. Send it again in a moment."},
	{"file-missing", http.StatusGone, "The file’s content is missing", "The file is listed, but its content is gone from storage."},
	{"changed", http.StatusPreconditionFailed, "Changed meanwhile", "If-Match names an earlier version. Read it again, and decide again."},
	{"too-large", http.StatusRequestEntityTooLarge, "Too much at once", "The body is larger than this takes."},
	{"media-type", http.StatusUnsupportedMediaType, "Not this kind of body", "Bodies are application/json, unless the operation says otherwise."},
	{"invalid", http.StatusUnprocessableEntity, "Something is not right", "The errors name each field and what is wrong with it."},
	{"key-reused", http.StatusUnprocessableEntity, "The Idempotency-Key was used before", "The key came with another request. Make a new key for each request."},
	{"too-many", http.StatusTooManyRequests, "Too many requests", "Wait as long as Retry-After says."},
	{"failed", http.StatusInternalServerError, "Something went wrong", "It is our fault. The request’s number helps us to find it."},
	{"unavailable", http.StatusServiceUnavailable, "Not available right now", "Wait as long as Retry-After says, and send it again."},
	{"outcome-unknown", http.StatusServiceUnavailable, "Nobody knows whether it was saved", "The connection broke while it was saved. Look whether it is there before you send it again."},
}

// NewProblem is a problem of a kind, for the request of r.
func NewProblem(r *http.Request, kind, detail string, errs ...FieldProblem) *Problem {
	p := &Problem{Detail: detail, Errors: errs, kind: kind, Request: RequestID(r)}
	for _, k := range ProblemKinds {
		if k.Kind == kind {
			p.Status, p.Title, p.Detail = k.Status, k.Title, cmp.Or(detail, k.Words)
		}
	}
	p.Type = ProblemType(layout.Origin(r.Context()), kind)
	return p
}

// pages are the kinds whose words on pages are for people.
var pages = []string{"method", "other-site", "changed", "not-found", "too-large", "failed", "outcome-unknown", "invalid"}

func (f failure) problem(r *http.Request, err error) *Problem {
	detail := f.text
	if slices.Contains(pages, f.kind) {
		detail = ""
	}
	var fields []FieldProblem
	if set, ok := errors.AsType[problem.Set](err); ok {
		for _, field := range slices.Sorted(maps.Keys(set)) {
			fields = append(fields, FieldProblem{field, set[field]})
		}
	}
	p := NewProblem(r, f.kind, detail, fields...)
	if f.kind == "changed" && r.Header.Get("If-Match") == "" {
		p.Detail = "It was changed meanwhile. Read it again, and decide again."
	}
	if f.kind != "changed" || r.Header.Get("If-Match") == "" {
		p.Status = f.status
	}
	return p
}

// ProblemOf is how an error is told to programs; nil when whoever asked has gone.
// What is our fault is logged.
func ProblemOf(w http.ResponseWriter, r *http.Request, err error) *Problem {
	f := judge(w, r, err)
	if f.status == 0 {
		return nil
	}
	recordRefusal(r, f.status, err)
	return f.problem(r, err)
}

// GetStatus is the status of the answer.
func (p *Problem) GetStatus() int { return p.Status }

// Error is the problem in words.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// ContentType is that of problems.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Write sends the problem.
func (p *Problem) Write(w http.ResponseWriter) {
	body, err := json.Marshal(p)
	if err != nil { // strings and numbers are always written
		http.Error(w, p.Title, p.Status)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the client has gone; nobody to tell
}
