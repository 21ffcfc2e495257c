package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"fieldgate/web/api"
	"fieldgate/web/apptest"
)

// system is a program with a token, at the API from outside.
type system struct {
	t      *testing.T
	app    *apptest.App
	secret string
}

func newSystem(t *testing.T, app *apptest.App, fields url.Values) system {
	t.Helper()
	secret, _ := makeToken(t, app, fields)
	return system{t, app, secret}
}

// replied is an answer of the API.
type replied struct {
	Status int
	Header http.Header
	Body   string
}

func (r replied) record(t *testing.T) (fields map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.Body), &fields); err != nil {
		t.Fatalf("%d %s: %v", r.Status, r.Body, err)
	}
	return fields
}

func (s system) call(method, path, body string, headers ...string) replied {
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.app.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return replied{}
	}
	r.Header.Set("Authorization", "Bearer "+s.secret)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Error(err)
		return replied{}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Error(err)
	}
	return replied{res.StatusCode, res.Header, string(text)}
}

// does calls and expects a status and words of the answer.
func (s system) does(method, path, body string, status int, words ...string) replied {
	s.t.Helper()
	r := s.call(method, path, body)
	r.expect(s.t, method+" "+path, status, words...)
	return r
}

func (r replied) expect(t *testing.T, what string, status int, words ...string) {
	t.Helper()
	if r.Status != status {
		t.Errorf("%s: %d, not %d: %s", what, r.Status, status, r.Body)
	}
	for _, w := range words {
		if !strings.Contains(r.Body, w) {
			t.Errorf("%s: no %q in %s", what, w, r.Body)
		}
	}
}

// emails are how many there are, sent or not.
func (s system) emails() int { return apptest.Value[int](s.app, `select count(*) from emails`) }

func TestASystemKeepsWhatItKnows(t *testing.T) {
	t.Parallel()
	s := newSystem(t, apptest.New(t), nil)
	before := s.emails()
	at := "/customers/by-external/simpro/77"
	made := s.does("PUT", at, `{"name":"  Ferry Wharf ","street":{"line1":"1 Quay","city":"Sydney"},"account_manager":"Ada Fontaine"}`, 201, `"name":"Ferry Wharf"`, `"external_ids":[{"source":"simpro","id":"77"}]`)
	if made.Header.Get("Fieldgate-State") != "new" || made.Header.Get("ETag") == "" || !strings.HasPrefix(made.Header.Get("Location"), "/api/v1/customers/C-") {
		t.Error(made.Header)
	}
	if again := s.does("PUT", at, `{"name":"Ferry Wharf"}`, 200, `"line1":"1 Quay"`); again.Header.Get("Fieldgate-State") != "same" || again.Header.Get("ETag") != made.Header.Get("ETag") || again.Body != made.Body {
		t.Error(again.Header, again.Body, made.Body)
	}
	changed := s.does("PUT", at, `{"phone":"02 5550 7777","street":{"line1":"2 Quay"}}`, 200, `"phone":"02 5550 7777"`, `"name":"Ferry Wharf"`)
	if changed.Header.Get("Fieldgate-State") != "changed" || strings.Contains(changed.Body, "Sydney") {
		t.Error(changed.Header, changed.Body)
	}
	s.does("GET", at, "", 200, "Ferry Wharf")
	s.does("GET", "/customers/by-external/simpro/78", "", 404)

	// All there is to a job, by the ids of the system alone.
	s.does("PUT", "/sites/by-external/simpro/s1", `{"customer":"77","name":"Shed"}`, 201)
	s.does("PUT", "/contacts/by-external/simpro/c1", `{"customer":"77","name":"Pat","email":"pat@ferry.test"}`, 201, `"access":"none"`)
	s.does("PUT", "/equipment/by-external/simpro/e1", `{"customer":"77","name":"Pump","type":"Pump","site":"s1"}`, 201)
	s.does("PUT", "/job-types/by-external/simpro/t1", `{"name":"Pumps","colour":"green"}`, 201)
	s.does("PUT", "/quotes/by-external/simpro/q1", `{"customer":"77","description":"A new pump","lines":[{"description":"Pump","quantity":1,"unit_price":"1200.50","tax_name":"GST","tax_percent":10}]}`, 201, `"total":"1320.55"`, `"status":"draft"`)
	j := s.does("PUT", "/jobs/by-external/simpro/482", `{"number":"SP-482","customer":"77","site":"s1","main_contact":"c1","type":"t1","equipment":["e1"],"quote":"q1","description":"Fit the pump","staff":["Fay Ibrahim"]}`, 201,
		`"status":"unscheduled"`, `"site":"Shed"`, `"main_contact":"pat@ferry.test"`, `"number":"SP-482"`)
	s.does("PUT", "/tasks/by-external/simpro/k1", `{"job":"482","subject":"Belts","due_on":"2026-11-24"}`, 201, `"job":"SP-482"`)
	s.does("PUT", "/time/by-external/simpro/h1", `{"job":"482","worked_on":"2024-11-24","staff":"Fay Ibrahim","hours":"1.5"}`, 201, `"hours":"1.5"`)
	s.does("GET", "/tasks?job=SP-482", "", 200, "Belts")
	s.does("GET", "/tasks?job=simpro:482&customer=simpro:77", "", 200, "Belts")
	if other := s.does("GET", "/tasks?customer=C-1001", "", 200); strings.Contains(other.Body, "Belts") {
		t.Error(other.Body)
	}
	s.does("GET", "/tasks?customer=C-9999", "", 422, "There is no customer")

	// Versions.
	tag := j.Header.Get("ETag")
	s.call("PATCH", "/jobs/SP-482", `{"purchase_order":"PO 1"}`, "If-Match", tag).expect(t, "the version that there is", 200, `"purchase_order":"PO 1"`)
	s.call("PATCH", "/jobs/SP-482", `{"purchase_order":"PO 2"}`, "If-Match", tag).expect(t, "an earlier version", 412, "#problem-changed")
	s.call("PUT", "/jobs/by-external/simpro/482", `{"purchase_order":"PO 2"}`, "If-Match", tag).expect(t, "an earlier version", 412)
	s.call("PUT", "/jobs/by-external/simpro/483", `{"customer":"77","description":"x","type":"t1"}`, "If-Match", tag).expect(t, "a version of nothing", 412)
	s.call("GET", "/jobs/SP-482", "", "If-None-Match", s.call("GET", "/jobs/SP-482", "").Header.Get("ETag")).expect(t, "what is known", 304)

	// What is wrong is said at its field.
	for body, words := range map[string]string{
		`{"description":""}`: `"field":"description"`, `{"type":"Nonsense"}`: `There is no job type`, `{"colour":"blue"}`: `There is no such field`, `{"booked_from":"tomorrow"}`: `with its time zone`,
		`{"staff":"Fay"}`: `Send a list`, `[]`: `one JSON object`, `{`: `one JSON object`, `null`: `one JSON object`, `{"name":"a\u0000b"}`: `cannot be seen`, `{"customer":"C-1001"}`: `stays there`,
		`{"preferred_on":"24/11/2026"}`: `2026-11-24`,
	} {
		s.does("PATCH", "/jobs/SP-482", body, 422, words)
	}
	s.does("PUT", "/jobs/by-external/jobber/1", `{"customer":"77","description":"x","type":"t1"}`, 403, "its own source, simpro")
	s.does("PATCH", "/jobs/J-9999", `{"name":"x"}`, 404)
	s.call("PATCH", "/jobs/SP-482", `{}`, "Content-Type", "text/plain").expect(t, "text", 415)

	// What was read can be sent back.
	read := s.does("GET", "/jobs/SP-482", "", 200)
	if back := s.does("PATCH", "/jobs/SP-482", read.Body, 200); back.Header.Get("Fieldgate-State") != "same" {
		t.Error(back.Header, back.Body)
	}

	// Archived, and back.
	s.does("PATCH", "/customers/"+made.record(t)["number"].(string), `{"archived":true}`, 200, `"archived_at":"`)
	await(t, "the customer among what is gone", func() bool { return strings.Contains(s.call("GET", "/gone", "").Body, `"kind":"customers"`) })
	s.does("PUT", at, `{"archived":false}`, 200)
	await(t, "the customer back", func() bool { return !strings.Contains(s.call("GET", "/gone", "").Body, `"kind":"customers"`) })

	s.does("GET", "/staff", "", 200, "Ada Fontaine")
	s.does("PUT", "/staff/by-external/simpro/1", `{"name":"Eve"}`, 405)
	if n := s.emails(); n != before {
		t.Errorf("%d emails that nobody asked for", n-before)
	}
}

func TestWhatIsMadeOnceIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := newSystem(t, apptest.New(t), nil)
	body := `{"customer":"C-1001","description":"Once","type":"Maintenance"}`
	count := func() int { return apptest.Value[int](s.app, `select count(*) from jobs where description = 'Once'`) }
	first := s.call("POST", "/jobs", body, "Idempotency-Key", "k1")
	first.expect(t, "a job", 201)
	again := s.call("POST", "/jobs", body, "Idempotency-Key", "k1")
	if again.Body != first.Body || again.Status != 201 || count() != 1 {
		t.Error(again.Status, again.Body, count())
	}
	// The program that answered has died before it could keep the answer.
	s.app.Exec(`update token_answers set status = null, at = at - interval '6 minutes'`)
	s.call("POST", "/jobs", body, "Idempotency-Key", "k1").expect(t, "the same request", 201, first.record(t)["number"].(string))
	if count() != 1 {
		t.Errorf("%d jobs", count())
	}
	s.call("POST", "/jobs", body).expect(t, "another", 201)
	if count() != 2 {
		t.Errorf("%d jobs", count())
	}
	// The same id at once, many times.
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if r := s.call("PUT", "/jobs/by-external/simpro/9", `{"customer":"C-1001","description":"At once","type":"Maintenance"}`); r.Status != 200 && r.Status != 201 {
				t.Error(r.Status, r.Body)
			}
		})
	}
	all.Wait()
	if n := apptest.Value[int](s.app, `select count(*) from jobs where description = 'At once'`); n != 1 {
		t.Errorf("%d jobs of one id", n)
	}
}

// TestListsMissNothing reads what changed while others write.
func TestListsMissNothing(t *testing.T) {
	t.Parallel()
	s := newSystem(t, apptest.New(t), nil)
	const writers, each = 4, 15
	var all sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		all.Go(func() {
			for i := range each {
				s.call("PUT", fmt.Sprintf("/sites/by-external/simpro/%d-%d", w, i), fmt.Sprintf(`{"customer":"C-1001","name":"Site %d %d"}`, w, i)).expect(t, "a site", 201)
			}
		})
	}
	go func() { all.Wait(); close(done) }()
	seen, cursor, finished := map[string]bool{}, "", false
	for len(seen) < writers*each+3 {
		select {
		case <-done:
			finished = true
		default:
		}
		r := s.call("GET", "/sites?limit=7&cursor="+url.QueryEscape(cursor), "")
		var page struct {
			Items []struct{ Name string }
			Next  string
			More  bool
		}
		if err := json.Unmarshal([]byte(r.Body), &page); err != nil || r.Status != 200 {
			t.Fatal(r.Status, r.Body)
		}
		if page.More != strings.Contains(r.Header.Get("Link"), `rel="next"`) {
			t.Error(page.More, r.Header)
		}
		for _, i := range page.Items {
			seen[i.Name] = true
		}
		if finished && page.Next == cursor && len(page.Items) == 0 && len(seen) < writers*each+3 {
			await(t, "the rest", func() bool {
				return strings.Contains(s.call("GET", "/sites?limit=7&cursor="+url.QueryEscape(cursor), "").Body, `"name"`)
			})
		}
		cursor = page.Next
	}
	s.does("GET", "/sites?cursor=nonsense", "", 422, "cursor")
	s.does("GET", "/sites?limit=1001", "", 422, "limit")
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	s := newSystem(t, app, nil)
	before := s.emails()
	var lines []string
	for i := range 250 {
		lines = append(lines, fmt.Sprintf(`{"kind":"customers","external":"%d","record":{"name":"Customer %d"}}`, i, i))
	}
	lines[3] = `{"kind":"customers","external":"3","record":{"name":""}}`
	lines[120] = `half a li`
	lines[121] = ``
	lines[122] = `{"kind":"nonsense","external":"1","record":{}}`
	lines[123] = `{"kind":"jobs","id":"J-9999","record":{"name":"x"}}`
	lines[124] = `{"kind":"jobs","id":"J-1001","version":99,"record":{"name":"x"}}`
	lines[125] = `{"kind":"customers","record":{"name":"x"}}`
	lines[126] = `{"kind":"sites","external":"s","record":{"customer":"5","name":"Of this bulk"}}`
	bulk := func() (states []string, answers []api.BulkAnswer) {
		r := s.call("POST", "/bulk", strings.Join(lines, "\n"), "Content-Type", "application/x-ndjson")
		if r.Status != 200 || r.Header.Get("Content-Type") != "application/x-ndjson" {
			t.Fatal(r.Status, r.Header, r.Body)
		}
		for line := range strings.Lines(r.Body) {
			var a api.BulkAnswer
			if err := json.Unmarshal([]byte(line), &a); err != nil {
				t.Fatal(err, line)
			}
			states, answers = append(states, a.State), append(answers, a)
		}
		return states, answers
	}
	count := func(states []string) map[string]int {
		n := map[string]int{}
		for _, s := range states {
			n[s]++
		}
		return n
	}
	states, answers := bulk()
	if got := count(states); !maps.Equal(got, map[string]int{"new": 243, "refused": 6}) || !slices.IsSortedFunc(answers, func(a, b api.BulkAnswer) int { return a.Line - b.Line }) {
		t.Error(got)
	}
	if answers[3].Errors[0].Field != "name" || answers[0].ID == "" || answers[0].Version == 0 || answers[0].External != "0" {
		t.Errorf("%+v", answers[:4])
	}
	states, _ = bulk()
	if got := count(states); !maps.Equal(got, map[string]int{"same": 243, "refused": 6}) {
		t.Error(got)
	}
	if n := apptest.Value[int](app, `select count(*) from customers where name like 'Customer %'`); n != 242 {
		t.Errorf("%d customers", n)
	}
	// Each kind needs its scope.
	reader := newSystem(t, app, url.Values{"name": {"reads"}, "access": {"chosen"}, "scopes": {"customers:write"}})
	r := reader.call("POST", "/bulk", `{"kind":"jobs","external":"1","record":{}}`+"\n"+`{"kind":"customers","external":"1","record":{"name":"Mine"}}`, "Content-Type", "application/x-ndjson")
	r.expect(t, "scopes", 200, "jobs:write", `"state":"new"`)
	if n := s.emails(); n != before {
		t.Errorf("%d emails", n-before)
	}
}

// TestATokenOfOneCustomer brings things in at another's.
func TestATokenOfOneCustomer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	s := newSystem(t, app, url.Values{"reach": {"named"}, "customers": {"C-1002"}})
	s.does("PUT", "/jobs/by-external/simpro/1", `{"customer":"C-1002","description":"Mine","type":"Maintenance"}`, 201)
	s.does("PUT", "/jobs/by-external/simpro/2", `{"customer":"C-1001","description":"Theirs","type":"Maintenance"}`, 422, "There is no customer")
	s.does("PUT", "/jobs/by-external/simpro/3", `{"number":"J-1001","description":"Theirs"}`, 404)
	s.does("PUT", "/jobs/by-external/simpro/4", `{"customer":"C-1002","description":"x","type":"Maintenance","follows":"J-1001"}`, 422, "There is no job")
	s.does("PUT", "/customers/by-external/simpro/5", `{"name":"Another"}`, 403)
	s.does("PATCH", "/customers/C-1001", `{"name":"Mine now"}`, 404)
	// Who was merged into a customer out of reach leads nowhere, and names out of reach
	// are those of nobody.
	app.Exec(`insert into customers (number, name, archived_at, merged_into_id) values ('C-3000', 'Merged away', now(), 1), ('C-3001', 'Twice', null, null), ('C-3002', 'Twice', null, null);
		insert into external_ids (kind, source, id, row_id) select 'customers', 'simpro', 'merged', id from customers where number = 'C-3000'`)
	for _, tt := range []struct {
		method, path, body string
		status             int
	}{
		{"PATCH", "/customers/C-3000", `{"notes":"x"}`, 404},
		{"PATCH", "/customers/C-9999", `{"notes":"x"}`, 404},
		{"PUT", "/customers/by-external/simpro/merged", `{"notes":"x"}`, 403},
		{"PUT", "/customers/by-external/simpro/never", `{"notes":"x"}`, 403},
		{"PUT", "/customers/by-external/simpro/6", `{"name":"Harbour Dental"}`, 403},
		{"PUT", "/customers/by-external/simpro/7", `{"name":"Twice"}`, 403},
		{"PUT", "/customers/by-external/simpro/8", `{"number":"C-1001","name":"x"}`, 403},
		{"PUT", "/jobs/by-external/simpro/9", `{"customer":"Twice","description":"x","type":"Maintenance"}`, 422},
		{"PUT", "/jobs/by-external/simpro/10", `{"customer":"C-3000","description":"x","type":"Maintenance"}`, 422},
	} {
		got := s.does(tt.method, tt.path, tt.body, tt.status)
		if harbour.MatchString(strings.ReplaceAll(got.Body, "C-1001", "")) || strings.Contains(got.Body, "more than one") {
			t.Errorf("%s %s: %s", tt.method, tt.path, got.Body)
		}
	}
	// What hangs on somebody out of reach is not there either, whoever is named beside it.
	app.Exec(`insert into external_ids (kind, source, id, row_id) values ('contacts', 'ascora', 'Harbour Dental/lee@harbour.example', 1), ('sites', 'ascora', 'Harbour Dental/Rooftop', 1)`)
	for _, customer := range []string{"C-1001", "C-1002", "C-9999"} {
		for field, names := range map[string][2]string{"site": {"#1", "#9999"}, "main_contact": {"#1", "#9999"}, "equipment": {"#equipmentofharbour0000000000001", "#0"}} {
			for _, names := range [][2]string{names, {"ascora:Harbour Dental/lee@harbour.example", "ascora:nobody"}, {"ascora:Harbour Dental/Rooftop", "ascora:nobody"}} {
				var said [2]string
				for n, name := range names {
					value := strconv.Quote(name)
					if field == "equipment" {
						value = "[" + value + "]"
					}
					p := s.call("POST", "/jobs", `{"customer":"`+customer+`","description":"x","type":"Maintenance","status":"none","`+field+`":`+value+`}`)
					said[n] = strings.ReplaceAll(unnamed(p.Body), name, "")
				}
				if said[0] != said[1] {
					t.Errorf("%s %s of %s is answered otherwise than %s:\n%s\n%s", field, names[0], customer, names[1], said[0], said[1])
				}
			}
		}
	}
	r := s.call("POST", "/bulk", `{"kind":"jobs","id":"J-1001","record":{"name":"x"}}`+"\n"+`{"kind":"jobs","external":"1","record":{"name":"Mine"}}`, "Content-Type", "application/x-ndjson")
	r.expect(t, "bulk", 200, `"state":"refused"`, `"state":"changed"`)
	if got := s.does("GET", "/jobs?customer=C-1001", "", 422); harbour.MatchString(strings.ReplaceAll(got.Body, "C-1001", "")) {
		t.Error(got.Body)
	}
}

func TestDeedsTellOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	s := newSystem(t, apptest.New(t), nil)
	s.does("PUT", "/jobs/by-external/simpro/1", `{"customer":"C-1001","description":"Deeds","type":"Maintenance","main_contact":"lee@demo.test","number":"SP-1"}`, 201)
	before := s.emails()
	quiet := func(what string) {
		t.Helper()
		if n := s.emails(); n != before {
			t.Errorf("%s: %d emails", what, n-before)
			before = n
		}
	}
	told := func(what string) {
		t.Helper()
		if n := s.emails(); n == before {
			t.Errorf("%s: nobody is told", what)
		}
		before = s.emails()
	}
	s.does("POST", "/jobs/SP-1/book", `{"from":"2099-11-24T09:00:00+11:00","staff":["Fay Ibrahim"]}`, 200, `"status":"booked"`, `"staff":["Fay Ibrahim"]`)
	if again := s.does("POST", "/jobs/SP-1/book", `{"from":"2099-11-24T09:00:00+11:00"}`, 200); again.Header.Get("Fieldgate-State") != "same" {
		t.Error(again.Header, again.Body)
	}
	quiet("booked")
	s.does("POST", "/jobs/SP-1/book", `{"from":"2099-11-25T09:00:00+11:00","tell":true}`, 200, "2099-11-24T22:00:00Z")
	told("moved")
	s.does("POST", "/jobs/SP-1/book", `{"from":"2009-11-25T09:00:00+11:00"}`, 422)
	s.does("POST", "/jobs/SP-1/book", `{"from":"2099-11-25T09:00:00+11:00","staff":["Nobody"]}`, 422, `"field":"staff"`)
	s.does("POST", "/jobs/SP-1/complete", `{"work_undertaken":"Done"}`, 200, `"status":"completed"`, `"work_undertaken":"Done"`)
	quiet("completed")
	s.does("POST", "/jobs/SP-1/cancel", `{"reason":"Too late"}`, 409)
	s.does("PUT", "/jobs/by-external/simpro/2", `{"customer":"C-1001","description":"Deeds","type":"Maintenance","number":"SP-2"}`, 201)
	s.does("POST", "/jobs/SP-2/cancel", `{"reason":""}`, 422)
	s.does("POST", "/jobs/SP-2/cancel", `{"reason":"Not needed"}`, 200, `"cancelled_why":"Not needed"`)
	s.does("POST", "/jobs/J-9999/cancel", `{"reason":"Not needed"}`, 404)
	quiet("cancelled")

	s.does("PUT", "/quotes/by-external/simpro/1", `{"customer":"C-1001","description":"A pump","number":"SQ-1","main_contact":"lee@demo.test","valid_until":"2099-01-01","lines":[{"description":"Pump","quantity":"1","unit_price":"10"}]}`, 201)
	s.does("POST", "/quotes/SQ-1/send", `{}`, 200, `"status":"sent"`)
	s.does("POST", "/quotes/SQ-1/send", `{"tell":true}`, 200, `"status":"sent"`)
	quiet("sent")
	s.does("POST", "/quotes/SQ-1/withdraw", `{"reason":"Wrong"}`, 200, `"status":"withdrawn"`)
	s.does("POST", "/quotes/SQ-1/withdraw", `{}`, 200)
	quiet("withdrawn")

	written := s.call("POST", "/jobs/SP-1/messages", `{"text":"Hello"}`, "Idempotency-Key", "m1")
	written.expect(t, "a message", 201, `"author":"API: simPRO"`)
	s.call("POST", "/jobs/SP-1/messages", `{"text":"Hello"}`, "Idempotency-Key", "m1").expect(t, "again", 201, written.record(t)["id"].(string))
	quiet("written")
	s.does("POST", "/jobs/SP-1/messages", `{"text":"Hello, please read"}`, 201) // without tell
	quiet("written")
	s.does("POST", "/jobs/SP-1/messages", `{"text":"With an email","tell":true}`, 201)
	told("written")
	s.does("POST", "/jobs/SP-1/messages", `{"text":"OFFICE-ONLY","staff_only":true}`, 201)
	quiet("a note")
	s.does("GET", "/jobs/SP-1/messages", "", 200, "Hello", "OFFICE-ONLY")
	few := newSystem(t, s.app, url.Values{"name": {"few"}, "access": {"chosen"}, "scopes": {"messages:write"}})
	if r := few.does("GET", "/jobs/SP-1/messages", "", 200, "Hello"); strings.Contains(r.Body, "OFFICE-ONLY") {
		t.Error(r.Body)
	}
	few.does("POST", "/jobs/SP-1/messages", `{"text":"x","staff_only":true}`, 403, "notes:write")
}

// sends sends a file as forms do.
func (s system) sends(path, name string, content []byte, partHeader http.Header, fields map[string]string) replied {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, value := range fields {
		_ = w.WriteField(field, value)
	}
	h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}}
	for header, values := range partHeader {
		h[header] = values
	}
	part, err := w.CreatePart(h)
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = w.Close()
	return s.call("POST", path, body.String(), "Content-Type", w.FormDataContentType())
}

func TestFilesComeOnce(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	s := newSystem(t, app, nil)
	before, content := s.emails(), []byte("What was done, in words.")
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	first := s.sends("/jobs/J-1001/files", "report.txt", content, nil, map[string]string{"caption": "Report", "sha256": sum})
	first.expect(t, "a file", 201, `"name":"report.txt"`, `"caption":"Report"`, `"customer_view":false`)
	id := first.record(t)["id"].(string)
	s.sends("/jobs/J-1001/files", "other.txt", content, nil, nil).expect(t, "the same bytes", 200, id)
	s.sends("/jobs/J-1002/files", "report.txt", content, nil, map[string]string{"customer_view": "true"}).expect(t, "on another job", 201, `"customer_view":true`)
	s.sends("/jobs/J-1001/files", "cut.txt", content[:10], nil, map[string]string{"sha256": sum}).expect(t, "half of it", 422, "not the bytes")
	s.sends("/jobs/J-1001/files", "cut.txt", content[:10], http.Header{"Content-Digest": {"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"}}, nil).expect(t, "half of it", 422, "not the bytes")
	s.sends("/jobs/J-1001/files", "virus.exe", []byte("MZ\x90\x00"), nil, nil).expect(t, "a program", 422, `"field":"file"`)
	s.sends("/jobs/J-1001/files", "empty.txt", nil, nil, nil).expect(t, "nothing", 422, "empty")
	s.does("GET", "/jobs/J-1001/files", "", 200, id)
	if got := s.does("GET", "/files/"+id+"/content", "", 200); got.Body != string(content) {
		t.Error(got.Body)
	}
	s.does("PATCH", "/files/"+id, `{"caption":"Service report","customer_view":true}`, 200, `"caption":"Service report"`, `"customer_view":true`)
	if n := s.emails(); n != before {
		t.Errorf("%d emails", n-before)
	}
	s.does("PATCH", "/files/"+id, `{"customer_view":false}`, 200)
	s.does("PATCH", "/files/"+id, `{"customer_view":true,"tell":true}`, 200)
	if n := s.emails(); n == before {
		t.Error("nobody is told although it was asked for")
	}
	for _, path := range []string{"/customers/C-1001/files", "/equipment/equipmentofharbour0000000000001/files", "/quotes/Q-1001/files"} {
		s.sends(path, "a.txt", content, nil, nil).expect(t, path, 201)
		s.does("GET", path, "", 200, "a.txt")
	}
	s.does("DELETE", "/files/"+id, "", 204)
	s.does("GET", "/files/"+id, "", 404)
	s.sends("/jobs/J-1001/files", "report.txt", content, nil, nil).expect(t, "what was removed", 409, "Leave it out from now on", "staff add it")

	// The same bytes are one file, whoever has added them: another system, or somebody
	// on a page, of whose file nobody has asked for the digest.
	other := newSystem(t, app, url.Values{"name": {"Ascora"}})
	plan := []byte("The plan of the roof.")
	drawn := s.sends("/jobs/J-1001/files", "plan.txt", plan, nil, nil)
	drawn.expect(t, "a plan", 201)
	other.sends("/jobs/J-1001/files", "plan.txt", plan, nil, nil).expect(t, "another system's", 200)
	lee := app.As("lee")
	if p := lee.Submit(lee.Get("/jobs/J-1001"), "form[action$='/messages']", url.Values{"text": {"The same in a message"}}, apptest.File{Field: "files", Name: "plan.txt", Content: plan}); p.Status != 200 {
		t.Fatal(p.Status, p.Text("main"))
	}
	shown := []byte("What staff have added.")
	if p := app.As("ben").Upload("/office/jobs/J-1001/attachments", nil, apptest.File{Field: "files", Name: "shown.txt", Content: shown}); p.Status != 200 {
		t.Fatal(p.Status, p.Text("main"))
	}
	s.sends("/jobs/J-1001/files", "shown.txt", shown, nil, nil).expect(t, "what staff have added", 200)
	if got := apptest.Value[string](app, `select string_agg(name || ' ' || coalesce(message_id::text, ''), ',' order by id) from attachments where job_id = 1 and name in ('plan.txt', 'shown.txt') or message_id is not null`); got != "plan.txt ,plan.txt 1,shown.txt " {
		t.Errorf("the files are %q", got)
	}

	// From addresses: none of a private network.
	for _, address := range []string{app.URL + "/favicon.ico", "https://127.0.0.1/x", "https://localhost/x", "https://169.254.169.254/latest/meta-data", "http://example.com/x", "file:///etc/passwd", "", "nonsense"} {
		r := s.does("POST", "/jobs/J-1001/files", fmt.Sprintf(`{"url":%q}`, address), 422, `"field":"url"`)
		if strings.Contains(r.Body, "refused") {
			t.Errorf("%s: %s", address, r.Body)
		}
	}
}

func TestEventsAreReadInOrder(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	s := newSystem(t, app, nil)
	s.does("PUT", "/jobs/by-external/simpro/482", `{"number":"J-1001"}`, 200)
	lee := app.As("lee")
	for _, text := range []string{"First", "Second"} {
		if p := lee.Submit(lee.Get("/jobs/J-1001"), "form[action$='/messages']", url.Values{"text": {text}}); p.Status != 200 {
			t.Fatal(p.Status, p.Text("main"))
		}
	}
	first := s.does("GET", "/events?limit=1", "", 200, "message.written", "First", `{"source":"simpro","id":"482"}`, `"more":true`)
	next := first.record(t)["next"].(float64)
	s.does("GET", fmt.Sprintf("/events?after=%.0f", next), "", 200, "Second", `"more":false`)
	s.does("GET", "/events?kinds=quote.accepted", "", 200, `"events":[]`)
	s.does("GET", "/events?kinds=nonsense", "", 422, `"field":"kinds"`)
	other := newSystem(t, app, url.Values{"name": {"other"}, "reach": {"named"}, "customers": {"C-1002"}})
	other.does("GET", "/events", "", 200, `"events":[]`)
}
