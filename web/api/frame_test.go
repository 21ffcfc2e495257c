package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
	"fieldgate/web/page"
)

// thing is what the operations of these tests are about.
type thing struct {
	Name  string `json:"name" maxLength:"10"`
	Count int    `json:"count,omitempty"`
}

type thingInput struct {
	Body thing
}

type thingChange struct {
	ID string `path:"id"`
	IfMatch
	Body thing
}

type thingOutput struct {
	Tagged
	Location string `header:"Location"`
	Body     thing
}

// trial is an API with some operations, and a token that may call them.
type trial struct {
	*API
	t      *testing.T
	db     *pgxpool.Pool
	secret string
	other  string // another token
	made   []string
	mu     sync.Mutex
	wait   chan struct{} // making a thing waits for it, when there is one
	fail   error
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	a := &trial{t: t, db: dbtest.New(t)}
	a.API = New(Parts{DB: a.db, Answers: token.NewAnswers(a.db)})
	ctx := context.Background()
	if _, err := a.db.Exec(ctx, `insert into staff (name, email, role, state) values ('Ada Fontaine', 'ada@demo.test', 'administrator', 'active')`); err != nil {
		t.Fatal(err)
	}
	a.secret, a.other = a.token(token.Everything()), a.token(token.ReadOnly())
	Office(a.API, Op{ID: "make-thing", Method: http.MethodPost, Path: "/things", Scope: "jobs:write", Group: "Things", Summary: "Make a thing", Status: http.StatusCreated},
		func(ctx context.Context, by staff.Viewer, in *thingInput) (*thingOutput, error) {
			if a.wait != nil {
				<-a.wait
			}
			if in.Body.Name == "taken" {
				return nil, problem.Of("name", "There is one of this name already.")
			}
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.fail != nil {
				return nil, a.fail
			}
			a.made = append(a.made, Nonce(ctx))
			in.Body.Count = len(a.made)
			return &thingOutput{Tagged: Tagged{ETag(1)}, Location: "/api/v1/things/1", Body: in.Body}, nil
		})
	Office(a.API, Op{ID: "change-thing", Method: http.MethodPut, Path: "/things/{id}", Scope: "jobs:write", Group: "Things", Summary: "Change a thing"},
		func(_ context.Context, _ staff.Viewer, in *thingChange) (*thingOutput, error) {
			if err := in.Check(7); err != nil {
				return nil, err
			}
			return &thingOutput{Tagged: Tagged{ETag(8)}, Body: in.Body}, nil
		})
	Office(a.API, Op{ID: "get-thing", Method: http.MethodGet, Path: "/things/{id}", Scope: "jobs:read", Group: "Things", Summary: "A thing"},
		func(_ context.Context, _ staff.Viewer, in *byID) (*thingOutput, error) {
			switch in.ID {
			case "gone":
				return nil, apperr.NotFound
			case "stale":
				return nil, apperr.Stale
			case "conflict":
				return nil, apperr.Conflictf("This job is closed.")
			case "forbidden":
				return nil, apperr.Forbidden{Words: "Not with this."}
			case "ours":
				return nil, errors.New("connection refused by secret-host")
			case "panic":
				panic("secret-host")
			}
			return &thingOutput{Tagged: Tagged{ETag(7)}, Body: thing{Name: "a"}}, nil
		})
	return a
}

func (a *trial) token(scopes []token.Scope) (secret string) {
	a.t.Helper()
	err := postgres.Transact(context.Background(), a.db, func(tx postgres.Tx) (err error) {
		_, secret, _, err = token.Create(context.Background(), tx, audit.Actor{Staff: 1, Name: "Ada Fontaine"}, token.New{Details: token.Details{Name: "trial", Scopes: scopes, AllCustomers: true}, Days: 30})
		return err
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return secret
}

func (a *trial) call(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	a.t.Helper()
	r := httptest.NewRequestWithContext(page.WithRequestID(context.Background(), "REQUEST"), method, page.API+path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7"
	r.Header.Set("Authorization", "Bearer "+a.secret)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

func (a *trial) expect(got *httptest.ResponseRecorder, status int, words ...string) {
	a.t.Helper()
	if got.Code != status {
		a.t.Errorf("%d, not %d: %s", got.Code, status, got.Body)
	}
	for _, w := range words {
		if !strings.Contains(got.Body.String(), w) {
			a.t.Errorf("no %q in %s", w, got.Body)
		}
	}
	if strings.Contains(got.Body.String(), "secret-host") {
		a.t.Errorf("tells what broke: %s", got.Body)
	}
}

func TestTheSameRequestIsDoneOnce(t *testing.T) {
	t.Parallel()
	a := newTrial(t)
	first := a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "k1")
	a.expect(first, 201, `"count":1`)
	again := a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "k1")
	a.expect(again, 201, `"count":1`)
	if first.Body.String() != again.Body.String() || again.Header().Get("Idempotency-Replayed") != "true" || first.Header().Get("Idempotency-Replayed") != "" ||
		again.Header().Get("Location") != "/api/v1/things/1" || again.Header().Get("ETag") != `"v1"` || again.Header().Get("Content-Type") != "application/json" {
		t.Error(again.Header(), again.Body)
	}
	a.expect(a.call("POST", "/things", `{"name":"b"}`, "Idempotency-Key", "k1"), 422, "key-reused")
	a.expect(a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "k2"), 201, `"count":2`)
	a.expect(a.call("POST", "/things", `{"name":"a"}`), 201, `"count":3`)
	a.expect(a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "ö"), 422, "Idempotency-Key")
	a.expect(a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", strings.Repeat("k", 256)), 422, "Idempotency-Key")
	if a.made[0] == "" || a.made[0] == a.made[1] || a.made[2] != "" {
		t.Error(a.made)
	}

	// Another token's key is another key.
	a.secret = a.token(token.Everything())
	a.expect(a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "k1"), 201, `"count":4`)

	// What was refused is refused again, and what broke can be tried again.
	a.expect(a.call("POST", "/things", `{"name":"taken"}`, "Idempotency-Key", "k3"), 422, "already")
	a.expect(a.call("POST", "/things", `{"name":"taken"}`, "Idempotency-Key", "k3"), 422, "already")
	a.fail = errors.New("connection refused by secret-host")
	a.expect(a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "k4"), 500)
	a.fail = nil
	a.expect(a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "k4"), 201, `"count":5`)

	// After a day it is forgotten.
	if _, err := a.db.Exec(t.Context(), `update token_answers set at = at - interval '25 hours'`); err != nil {
		t.Fatal(err)
	}
	a.expect(a.call("POST", "/things", `{"name":"c"}`, "Idempotency-Key", "k4"), 201, `"count":6`)
}

func TestARequestThatIsBeingAnswered(t *testing.T) {
	t.Parallel()
	a := newTrial(t)
	a.wait = make(chan struct{})
	done := make(chan *httptest.ResponseRecorder)
	go func() { done <- a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "k1") }()
	for { // until the first has its key
		var claimed bool
		if err := a.db.QueryRow(t.Context(), `select exists (select from token_answers where status is null)`).Scan(&claimed); err != nil {
			t.Fatal(err)
		}
		if claimed {
			break
		}
	}
	second := a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "k1")
	a.expect(second, 409, "in-progress")
	if second.Header().Get("Retry-After") == "" {
		t.Error("says not when to try again")
	}
	close(a.wait)
	a.expect(<-done, 201, `"count":1`)
	a.expect(a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "k1"), 201, `"count":1`)

	// Of a program that has died nobody hears; after some minutes the request is
	// done with the same nonce.
	if _, err := a.db.Exec(t.Context(), `update token_answers set status = null, at = at - interval '6 minutes'`); err != nil {
		t.Fatal(err)
	}
	a.expect(a.call("POST", "/things", `{"name":"a"}`, "Idempotency-Key", "k1"), 201)
	if len(a.made) != 2 || a.made[0] != a.made[1] {
		t.Error(a.made)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	a := newTrial(t)
	got := a.call("GET", "/things/1", "")
	a.expect(got, 200, `"name":"a"`)
	if got.Header().Get("ETag") != `"v7"` {
		t.Error(got.Header())
	}
	for tag, status := range map[string]int{`"v7"`: 304, `W/"v7"`: 304, `"v6", "v7"`: 304, `*`: 304, `"v6"`: 200, ``: 200} {
		got := a.call("GET", "/things/1", "", "If-None-Match", tag)
		a.expect(got, status)
		if status == 304 && got.Body.Len() > 0 {
			t.Error(got.Body)
		}
	}
	for tag, status := range map[string]int{`"v7"`: 200, `*`: 200, ``: 200, `"v6"`: 412, `7`: 412, `"v8"`: 412} {
		got := a.call("PUT", "/things/1", `{"name":"b"}`, "If-Match", tag)
		a.expect(got, status)
		if status == 412 && !strings.Contains(got.Body.String(), "#problem-changed") {
			t.Error(got.Body)
		}
	}
	for tag, want := range map[string]int64{`"v7"`: 7, `"v07"`: 0, `7`: 0, `W/"v7"`: 0} {
		if n, ok := (IfMatch{tag}).Version(); !ok || n != want {
			t.Errorf("%s is %d, %v", tag, n, ok)
		}
	}
}

func TestProblemsAreToldAlike(t *testing.T) {
	t.Parallel()
	a := newTrial(t)
	for path, want := range map[string]struct {
		status int
		kind   string
	}{
		"/things/gone": {404, "not-found"}, "/nowhere": {404, "not-found"}, "/things/stale": {409, "changed"}, "/things/conflict": {409, "conflict"},
		"/things/forbidden": {403, "forbidden"}, "/things/ours": {500, "failed"}, "/things/1?no=1": {422, "invalid"},
	} {
		got := a.call("GET", path, "")
		a.expect(got, want.status, "#problem-"+want.kind+`"`, fmt.Sprintf(`"status":%d`, want.status), `"request_id":"REQUEST"`)
		if got.Header().Get("Content-Type") != "application/problem+json" || got.Header().Get("X-Request-Id") != "REQUEST" || got.Header().Get("Cache-Control") != "no-store" {
			t.Error(path, got.Header())
		}
	}
	a.expect(a.call("GET", "/things/conflict", ""), 409, "This job is closed.")
	a.expect(a.call("POST", "/things", `{"name":"taken"}`), 422, `"errors":[{"field":"name","message":"There is one of this name already."}]`)
	a.expect(a.call("POST", "/things", `{"name":"much too long a name"}`), 422, `"field":"name"`)
	a.expect(a.call("POST", "/things", `{}`), 422, `name`)
	a.expect(a.call("POST", "/things", `{"name":"a","nonsense":1}`), 422, `"field":"nonsense"`)
	a.expect(a.call("POST", "/things", `{"name":`), 400, "invalid")
	a.expect(a.call("POST", "/things", `name=a`, "Content-Type", "application/x-www-form-urlencoded"), 415, "media-type")
	a.expect(a.call("POST", "/things", `{"name":"`+strings.Repeat("a", usualBody)+`"}`), 413, "too-large")
	a.expect(a.call("POST", "/things", `{"name":"`+strings.Repeat("a", usualBody)+`"}`, "Idempotency-Key", "big"), 413, "too-large")
	other := a.call("DELETE", "/things/1", "")
	a.expect(other, 405, "method")
	if other.Header().Get("Allow") != "GET, HEAD, PUT" {
		t.Error(other.Header())
	}
	a.secret = a.other
	needs := a.call("POST", "/things", `{"name":"a"}`)
	a.expect(needs, 403, "jobs:write")
	if !strings.Contains(needs.Header().Get("WWW-Authenticate"), `scope="jobs:write"`) {
		t.Error(needs.Header())
	}
}

func TestCallsAreLimited(t *testing.T) {
	t.Parallel()
	a := newTrial(t)
	h := a.call("GET", "/things/1", "").Header()
	if h.Get("RateLimit-Limit") != "600" || h.Get("RateLimit-Remaining") != "599" || h.Get("RateLimit-Reset") == "" ||
		h.Get("RateLimit-Policy") != `"minute";q=600;w=60` || !strings.HasPrefix(h.Get("RateLimit"), `"minute";r=599;t=`) {
		t.Error(h)
	}
	for range tokensMost {
		_, _ = a.limits.take("token 1", tokensMost, http.Header{})
	}
	over := a.call("GET", "/things/1", "")
	a.expect(over, 429, "too-many")
	if over.Header().Get("Retry-After") == "" || over.Header().Get("RateLimit-Remaining") != "0" {
		t.Error(over.Header())
	}
	a.secret = a.other // has a limit of its own
	a.expect(a.call("GET", "/things/1", ""), 200)
	a.limits.windows["token 1"].begun = a.limits.windows["token 1"].begun.Add(-2 * 60 * 1e9)
	if _, ok := a.limits.take("token 1", tokensMost, http.Header{}); !ok {
		t.Error("the next minute does not begin")
	}
}

func TestNothingIsSentOfWhatBreaks(t *testing.T) {
	t.Parallel()
	a := newTrial(t)
	defer func() {
		if recover() == nil {
			t.Error("who keeps the server alive hears nothing of it")
		}
	}()
	_, _ = io.WriteString(io.Discard, a.call("GET", "/things/panic", "").Body.String())
}
