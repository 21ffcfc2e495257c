package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"fieldgate/internal/exchange"
	"fieldgate/internal/office"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	"fieldgate/web/page"
)

// How much comes at once.
const (
	maxBulk      = 16 << 20
	maxBulkLines = 10_000
	bulkBatch    = 100 // in a transaction
	ndjson       = "application/x-ndjson"
)

// BulkLine is a line of many: one thing, as PUT or PATCH takes it.
type BulkLine struct {
	Kind     exchange.Kind   `json:"kind" doc:"Such as customers or jobs."`
	External string          `json:"external,omitempty" doc:"Its id in your system: it is created or changed."`
	ID       string          `json:"id,omitempty" doc:"Its id here: it is changed."`
	Version  int64           `json:"version,omitempty" doc:"The version that you have read; without one, whatever is there is changed."`
	Record   json.RawMessage `json:"record" doc:"The fields."`
}

// BulkAnswer is what became of a line.
type BulkAnswer struct {
	Line     int                 `json:"line" doc:"Which line it was, from 1."`
	State    string              `json:"state" enum:"new,changed,same,refused,failed" doc:"After failed nothing follows: send the lines from there on again."`
	Kind     exchange.Kind       `json:"kind,omitempty"`
	External string              `json:"external,omitempty"`
	ID       string              `json:"id,omitempty"`
	Version  int64               `json:"version,omitempty"`
	Errors   []page.FieldProblem `json:"errors,omitempty" doc:"What is wrong with which field, of what was refused."`
}

// bulk declares bringing in many things at once.
func (a *API) bulk() {
	const path = "/bulk"
	Office(a, Op{
		ID: "bulk", Method: http.MethodPost, Path: path, Group: "Many at once", Summary: "Create and change many things of any kind", MaxBody: maxBulk, Stream: true, Returns: ndjson,
		Description: "A line of JSON for each thing, in an order in which what is referred to comes first: customers, then their sites, then jobs. " +
			"The answer has a line for each, in the same order; refused lines leave the others alone. Each kind needs its own scope. Up to 10,000 lines and 16 MB. " +
			"When the connection breaks, send all of it again: what is there already is answered with same, so no Idempotency-Key is needed or looked at. Nobody is told of it by email.",
	}, func(ctx context.Context, by staff.Viewer, _ *struct{}) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(h huma.Context) {
			r, w := humachi.Unwrap(h)
			body, err := io.ReadAll(r.Body)
			if err == nil && bytes.Count(body, []byte("\n")) > maxBulkLines {
				err = &http.MaxBytesError{Limit: maxBulk}
			}
			if err != nil {
				page.Fail(w, r, err)
				return
			}
			w.Header().Set("Content-Type", ndjson)
			a.bringLines(ctx, by, body, w)
		}}, nil
	})
	all := a.huma.OpenAPI().Components.Schemas
	line := all.Schema(reflect.TypeFor[BulkLine](), true, "")
	answer := all.Schema(reflect.TypeFor[BulkAnswer](), true, "")
	example := `{"kind":"customers","external":"77","record":{"name":"Harbour Dental"}}` + "\n" + `{"kind":"jobs","external":"482","record":{"customer":"77","description":"Service","type":"Service"}}`
	a.takesBody(http.MethodPost, page.API+path, map[string]*huma.MediaType{ndjson: {Schema: line, Example: example}})
	a.operation(Route{Method: http.MethodPost, Path: page.API + path}).Responses["200"].Content[ndjson].Schema = answer
}

// bringLines brings lines in, a batch at a time, and answers each batch when it
// is there for good.
func (a *API) bringLines(ctx context.Context, by staff.Viewer, body []byte, w http.ResponseWriter) {
	caller := callOf(ctx).caller
	as := exchange.By{Viewer: by, Source: caller.Token.Source}
	out, refs, flush := json.NewEncoder(w), exchange.NewRefs(as.Source), http.NewResponseController(w).Flush
	var (
		answers  []BulkAnswer
		incoming []exchange.Incoming
		at       []int // the answer of each that comes in
	)
	send := func() bool {
		outcomes, err := a.parts.Office.BringAll(ctx, as, refs, incoming, exchange.Choices{Overwrite: true, Reach: by.Reach}, office.NothingElse)
		if err != nil {
			slog.WarnContext(ctx, "lines of a program were not brought in", "error", err)
			_ = out.Encode(BulkAnswer{Line: answers[0].Line, State: "failed", Errors: []page.FieldProblem{{Message: "Something went wrong here. Send this line and those behind it again."}}})
			return false
		}
		for i, o := range outcomes {
			b := &answers[at[i]]
			b.State, b.ID, b.Version = string(o.State), o.Key, o.Version
			b.Errors = fieldProblems(o.Problems)
		}
		for _, b := range answers {
			if err := out.Encode(b); err != nil { // nobody is there any more: the rest comes again
				return false
			}
		}
		answers, incoming, at = answers[:0], incoming[:0], at[:0]
		err = flush()
		return err == nil || errors.Is(err, http.ErrNotSupported)
	}
	line := 0
	for text := range bytes.SplitSeq(body, []byte("\n")) {
		line++
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		b, in, wrong := readLine(caller, text)
		b.Line = line
		if len(wrong) > 0 {
			b.State, b.Errors = string(exchange.Refused), fieldProblems(wrong)
		} else {
			incoming, at = append(incoming, in), append(at, len(answers))
		}
		if answers = append(answers, b); len(answers) == bulkBatch && !send() {
			return
		}
	}
	if len(answers) > 0 {
		send()
	}
}

// readLine reads a line and asks whether the token may bring in what it says.
func readLine(caller Caller, text []byte) (b BulkAnswer, in exchange.Incoming, wrong problem.Set) {
	var l BulkLine
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return b, in, problem.Set{"": "This line is no JSON object with kind, external or id, and record."}
	}
	b.Kind, b.External, b.ID = l.Kind, l.External, l.ID
	n, known := nounOf(l.Kind)
	wrong = problem.Set{}
	switch {
	case !known:
		wrong.Add("kind", "There is no such kind.")
	case n.readOnly:
		wrong.Add("kind", "This kind is only read.")
	case !caller.Token.May(n.writes()):
		wrong.Add("kind", "This needs the scope "+string(n.writes())+".")
	}
	wrong.Unless((l.External == "") != (l.ID == ""), "external", "Say either external or id.")
	if len(wrong) > 0 {
		return b, in, wrong
	}
	fill, err := filling(l.Kind, l.Record)
	if set, ok := errors.AsType[problem.Set](err); ok {
		return b, in, set
	}
	return b, exchange.Incoming{Kind: l.Kind, External: l.External, Key: l.ID, Version: l.Version, Fill: fill}, nil
}

// fieldProblems are problems in the order of their fields.
func fieldProblems(set problem.Set) (all []page.FieldProblem) {
	for _, field := range slices.Sorted(maps.Keys(set)) {
		all = append(all, page.FieldProblem{Field: field, Message: set[field]})
	}
	return all
}
