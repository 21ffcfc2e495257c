package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// records are what each kind takes: {customer} and {job} are whose it is, and {n} is
// another number each time.
var records = map[string]string{
	"customers": `{"name":"Reached {n}"}`, "sites": `{"customer":"{customer}","name":"Reached {n}"}`, "contacts": `{"customer":"{customer}","name":"Reached {n}"}`,
	"equipment": `{"customer":"{customer}","name":"Reached {n}","type":"Split"}`, "jobs": `{"customer":"{customer}","description":"Reached","type":"482"}`, "quotes": `{"customer":"{customer}","description":"Reached"}`,
	"tasks": `{"job":"{job}","subject":"Reached"}`, "time": `{"job":"{job}","worked_on":"2026-01-02","hours":"1","staff":"Fay Ibrahim"}`, "job-types": `{"name":"Reached {n}"}`,
}

// changes are what each kind is changed by, where it is somebody's already.
var changes = map[string]string{
	"customers": `{"notes":"Reached"}`, "sites": `{"access_instructions":"Reached"}`, "contacts": `{"notes":"Reached"}`, "equipment": `{"notes":"Reached"}`, "jobs": `{"internal_notes":"Reached"}`, "quotes": `{"internal_notes":"Reached"}`,
	"tasks": `{"subject":"Reached"}`, "time": `{"note":"Reached"}`, "job-types": `{"default_description":"Reached"}`, "files": `{"caption":"Reached"}`,
}

// deeds are what operations take that are about no record alone, by their last part.
var deeds = map[string]string{
	"book": `{"from":"2030-01-02T08:00:00Z"}`, "cancel": `{"reason":"Reached"}`, "complete": `{"work_undertaken":"Reached"}`, "send": `{}`, "withdraw": `{"reason":"Reached"}`,
	"messages": `{"text":"Reached"}`, "answer": `{"state":"done","words":"Reached"}`, "files": `{"url":"https://files.example.com/reached.txt"}`,
}

// takes is what an operation is sent; ok is false of one that this test does not know.
func takes(method, pattern string) (body string, ok bool) {
	parts := strings.Split(strings.TrimPrefix(pattern, "/api/v1/"), "/")
	switch last := parts[len(parts)-1]; {
	case method == http.MethodGet || method == http.MethodDelete:
		return "", true
	case pattern == "/api/v1/bulk":
		var all []string
		for kind := range records {
			all = append(all, fmt.Sprintf(`{"kind":%q,"external":"482","record":%s}`, kind, changes[kind]))
		}
		return strings.Join(all, "\n"), true
	case method == http.MethodPatch:
		body, ok = changes[parts[0]]
	case method == http.MethodPut, len(parts) == 1:
		body, ok = records[parts[0]]
	default:
		body, ok = deeds[last]
	}
	return body, ok
}

// harbourRows are all that Harbour Dental has.
const harbourRows = `select md5(coalesce(string_agg(row::text, E'\n' order by row::text), '')) from (
	select to_jsonb(t) as row from customers t where id = 1
	union all select to_jsonb(t) from sites t where customer_id = 1 union all select to_jsonb(t) from contacts t where customer_id = 1 union all select to_jsonb(t) from equipment t where customer_id = 1
	union all select to_jsonb(t) from jobs t where customer_id = 1 union all select to_jsonb(t) from quotes t where customer_id = 1 union all select to_jsonb(t) from attachments t where customer_id = 1
	union all select to_jsonb(t) from messages t where job_id = 1 or quote_id in (select id from quotes where customer_id = 1)
	union all select to_jsonb(t) from tasks t where customer_id = 1 union all select to_jsonb(t) from time_entries t where customer_id = 1 union all select to_jsonb(t) from keeper_requests t where customer_id = 1) of_them`

// TestATokenOfOthersAtEveryOperation sends each operation, those that come later too,
// what it takes. A token that reaches everybody shows that this is really taken; one of
// another customer is answered as for what is not there, and changes nothing.
func TestATokenOfOthersAtEveryOperation(t *testing.T) {
	t.Parallel()
	const waits = `update keeper_requests set state = 'waiting', answered_at = null, source = 'job-system'; update keepers set source = 'job-system', label = 'Job system' where kind = 'jobs'`
	all, app := apptest.New(t), apptest.New(t)
	all.Exec(waits)
	app.Exec(waits)
	whole, _ := makeToken(t, all, url.Values{"source": {"job-system"}})
	pelican, _ := makeToken(t, app, url.Values{"source": {"job-system"}, "reach": {"named"}, "customers": {"C-1002"}})
	ours, theirs := system{t, all, whole}, system{t, app, pelican}
	before, walked := apptest.Value[string](app, harbourRows), 0
	for _, r := range app.SortedOperations() {
		if strings.HasPrefix(r.Pattern, "/api/v1/my/") { // what keys of contacts read
			continue
		}
		body, known := takes(r.Method, r.Pattern)
		if !known {
			t.Errorf("%s %s: say in this test what it takes", r.Method, r.Pattern)
			continue
		}
		walked++
		job := "J-1001"
		if strings.Contains(r.Pattern, "/time/") {
			job = apptest.Value[string](all, `select j.number from jobs j join time_entries t on t.job_id = j.id where t.id = 1`)
		}
		named := strings.NewReplacer("{customer}", "C-1001", "{job}", job, "{n}", strconv.Itoa(walked)).Replace(body)
		path := strings.TrimPrefix(apptest.Path(t, r.Pattern), "/api/v1")
		var media []string
		if r.Pattern == "/api/v1/bulk" {
			media = []string{"Content-Type", "application/x-ndjson"}
		}
		all.Exec(waits)
		all.Exec(`update attachments set removed_at = null`)
		// Files are fetched from nowhere in a test, and what has ended once ends no more.
		if p := ours.call(r.Method, path, named, media...); p.Status >= 300 && p.Status != http.StatusConflict && !strings.HasSuffix(r.Pattern, "/files") {
			t.Errorf("%s %s is not taken of a token that reaches all: %d %s", r.Method, path, p.Status, p.Body)
		}
		p := theirs.call(r.Method, path, named, media...)
		hole := strings.Contains(r.Pattern, "{")
		nobodys := strings.Contains(r.Pattern, "/job-types") || strings.Contains(r.Pattern, "/staff")
		switch {
		case p.Status >= 500:
			t.Errorf("%s %s: %d %s", r.Method, path, p.Status, p.Body)
		case harbour.MatchString(unasked(strings.ReplaceAll(p.Body, path, ""), path+named)) || strings.Contains(p.Body, "SN-4711"):
			t.Errorf("%s %s reads of Harbour Dental: %s", r.Method, path, p.Body)
		case nobodys:
		case r.Pattern == "/api/v1/bulk":
			if n := strings.Count(p.Body, `"state":"refused"`); n < len(records)-1 { // job types are nobody's
				t.Errorf("of %d lines %d were refused: %s", len(records), n, p.Body)
			}
		case hole && r.Method != http.MethodPut && p.Status != http.StatusNotFound:
			t.Errorf("%s %s: %d %s", r.Method, path, p.Status, p.Body)
		case (hole || body != "") && p.Status < 400:
			t.Errorf("%s %s: %d %s", r.Method, path, p.Status, p.Body)
		case body != "" && !hole: // of somebody who is not there it is answered alike
			nobody := strings.NewReplacer("{customer}", "C-9999", "{job}", "J-9999", "{n}", strconv.Itoa(walked)).Replace(body)
			q := theirs.call(r.Method, path, nobody)
			if alike := strings.NewReplacer("C-9999", "C-1001", "J-9999", "J-1001").Replace(q.Body); p.Status != q.Status || unnamed(p.Body) != unnamed(alike) {
				t.Errorf("%s %s is answered otherwise than for nobody: %d %s\nand %d %s", r.Method, path, p.Status, p.Body, q.Status, q.Body)
			}
		case r.Method == http.MethodGet && !hole: // however a list is asked for
			for _, q := range []string{"customer=C-1001", "job=J-1001", "updated_since=2000-01-01T00:00:00Z", "limit=1", "after=0", "kind=jobs", "external=482"} {
				if p := theirs.call(http.MethodGet, path+"?"+q, ""); p.Status >= 500 || harbour.MatchString(unasked(p.Body, q)) {
					t.Errorf("%s?%s: %d %s", path, q, p.Status, p.Body)
				}
			}
		}
		if after := apptest.Value[string](app, harbourRows); after != before {
			t.Errorf("%s %s has changed something of Harbour Dental: %d %s", r.Method, path, p.Status, p.Body)
			before = after
		}
	}
	if walked < 80 {
		t.Errorf("only %d operations were walked", walked)
	}
}

// unasked is an answer without the numbers that the request itself named.
func unasked(body, request string) string {
	for _, number := range []string{"J-1001", "Q-1002"} {
		if strings.Contains(request, number) {
			body = strings.ReplaceAll(body, number, "")
		}
	}
	return body
}

// unnamed is an answer without the id of its request.
func unnamed(body string) string { return requestID.ReplaceAllString(body, "") }

var requestID = regexp.MustCompile(`"(?:instance|request|request_id)":"[^"]*"`)
