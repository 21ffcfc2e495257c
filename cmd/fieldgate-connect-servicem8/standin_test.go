package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	gosync "sync"
	"sync/atomic"
	"testing"
	"time"
)

// standIn speaks as much of ServiceM8's REST API as its documentation tells of and
// the connector uses, its limits included, and breaks as the world does.
type standIn struct {
	*httptest.Server
	mu      gosync.Mutex
	records map[string][]map[string]any // by kind
	files   map[string][]byte
	now     time.Time
	chance  *mathrand.Rand // of faults; nil for none
	calls   int
	faults  int
	minute  int // calls of this minute
	limited int
	down    atomic.Bool
	patient bool // it counts no calls of a minute
}

// late is longer than the connector of tests waits for an answer.
const late = 600 * time.Millisecond

const (
	page      = 3 // 5,000 with ServiceM8
	perMinute = 180
)

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	m := &standIn{records: map[string][]map[string]any{}, files: map[string][]byte{}, now: time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

// later sets its clock.
func (m *standIn) later(by time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(by)
}

// breaks lets it break by chance, or no more.
func (m *standIn) breaks(chance *mathrand.Rand) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.chance = chance
}

func newUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// save is what somebody does in ServiceM8.
func (m *standIn) save(kind string, fields map[string]any) (uuid string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.put(kind, fields)
}

func (m *standIn) put(kind string, fields map[string]any) (uuid string) {
	uuid, _ = fields["uuid"].(string)
	m.now = m.now.Add(300 * time.Millisecond) // several changes fall into a second
	if uuid == "" {
		uuid = newUUID()
	}
	at := slices.IndexFunc(m.records[kind], func(r map[string]any) bool { return r["uuid"] == uuid })
	if at < 0 {
		m.records[kind] = append(m.records[kind], map[string]any{"uuid": uuid, "active": 1})
		at = len(m.records[kind]) - 1
	}
	maps.Copy(m.records[kind][at], fields)
	m.records[kind][at]["uuid"], m.records[kind][at]["edit_date"] = uuid, m.now.Format(edited)
	return uuid
}

func (m *standIn) get(kind, uuid string) map[string]any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.find(kind, uuid)
}

func (m *standIn) find(kind, uuid string) map[string]any {
	for _, r := range m.records[kind] {
		if r["uuid"] == uuid {
			return maps.Clone(r)
		}
	}
	return nil
}

func (m *standIn) all(kind string) []map[string]any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.records[kind])
}

var (
	one       = regexp.MustCompile(`^/api_1\.0/([a-z]+)/([0-9a-f-]{36})\.(json|file)$`)
	many      = regexp.MustCompile(`^/api_1\.0/([a-z]+)\.json$`)
	condition = regexp.MustCompile(`^(\w+) (eq|gt|lt|ne) '([^']*)'$`)
)

func (m *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if m.down.Load() { // nobody answers
		panic(http.ErrAbortHandler)
	}
	if m.fault(w, r) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer(w, r)
}

// fault reports whether a request was answered as the world does, and not as it
// should be.
func (m *standIn) fault(w http.ResponseWriter, r *http.Request) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	m.minute++
	if r.Header.Get("X-Api-Key") != "key" {
		http.Error(w, "Authentication is required for this endpoint.", http.StatusUnauthorized)
		return true
	}
	if m.minute > perMinute && !m.patient {
		m.minute, m.limited = 0, m.limited+1
		http.Error(w, "Number of allowed API requests per minute exceeded", http.StatusTooManyRequests)
		return true
	}
	if m.chance == nil {
		return false
	}
	switch m.chance.IntN(60) {
	case 0:
		http.Error(w, "Number of allowed API requests per minute exceeded", http.StatusTooManyRequests)
	case 1:
		http.Error(w, "Platform is currently unavailable, try again soon.", http.StatusServiceUnavailable)
	case 2: // it does it, and nobody hears of it
		m.answer(httptest.NewRecorder(), r)
		http.Error(w, "An unhandled exception has occurred.", http.StatusInternalServerError)
	case 3: // half an answer
		whole := httptest.NewRecorder()
		m.answer(whole, r)
		maps.Copy(w.Header(), whole.Header())
		w.Header().Set("Content-Length", fmt.Sprint(whole.Body.Len()+1))
		w.WriteHeader(whole.Code)
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
	case 4: // it takes longer than anybody waits, and does it after all
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		m.mu.Unlock()
		select {
		case <-r.Context().Done():
		case <-time.After(late):
		}
		m.mu.Lock()
		m.answer(httptest.NewRecorder(), r)
	case 5: // slow, and well
		m.mu.Unlock()
		select {
		case <-r.Context().Done():
		case <-time.After(late / 10):
		}
		m.mu.Lock()
		m.answer(w, r)
	default:
		return false
	}
	m.faults++
	return true
}

func (m *standIn) answer(w http.ResponseWriter, r *http.Request) {
	if part := one.FindStringSubmatch(r.URL.Path); part != nil {
		kind, uuid := part[1], part[2]
		record := m.find(kind, uuid)
		switch {
		case record == nil:
			http.Error(w, `{"errorCode":404,"message":"Record not found"}`, http.StatusNotFound)
		case part[3] == "file" && r.Method == http.MethodPost:
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			m.files[uuid] = body
			_, _ = io.WriteString(w, `{"errorCode":0,"message":"OK"}`)
		case part[3] == "file":
			_, _ = w.Write(m.files[uuid])
		case r.Method == http.MethodGet:
			_ = json.NewEncoder(w).Encode(record)
		case r.Method == http.MethodPost:
			m.write(w, r, kind, uuid)
		}
		return
	}
	part := many.FindStringSubmatch(r.URL.Path)
	switch {
	case part == nil:
		http.NotFound(w, r)
	case r.Method == http.MethodPost:
		m.write(w, r, part[1], "")
	default:
		m.list(w, r, part[1])
	}
}

func (m *standIn) write(w http.ResponseWriter, r *http.Request, kind, uuid string) {
	body, _ := io.ReadAll(r.Body)
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		http.Error(w, "A validation exception has occurred.", http.StatusBadRequest)
		return
	}
	if uuid != "" {
		fields["uuid"] = uuid
	} else if given, _ := fields["uuid"].(string); given != "" && m.find(kind, given) != nil {
		http.Error(w, `{"errorCode":400,"message":"Record exists"}`, http.StatusBadRequest)
		return
	}
	if status, ok := fields["status"]; ok && !slices.Contains([]any{m8Quote, m8WorkOrder, m8Completed, m8Unsuccessful}, status) {
		http.Error(w, "A validation exception has occurred.", http.StatusBadRequest)
		return
	}
	w.Header().Set("X-Record-Uuid", m.put(kind, fields))
	_, _ = io.WriteString(w, `{"errorCode":0,"message":"OK"}`)
}

func (m *standIn) list(w http.ResponseWriter, r *http.Request, kind string) {
	records := slices.Clone(m.records[kind])
	if filter := r.URL.Query().Get("$filter"); filter != "" {
		for c := range strings.SplitSeq(filter, " and ") {
			is := condition.FindStringSubmatch(c)
			if is == nil {
				http.Error(w, "A validation exception has occurred.", http.StatusBadRequest)
				return
			}
			records = slices.DeleteFunc(records, func(r map[string]any) bool {
				v := fmt.Sprint(r[is[1]])
				return !map[string]bool{"eq": v == is[3], "ne": v != is[3], "gt": v > is[3], "lt": v < is[3]}[is[2]]
			})
		}
	}
	slices.SortFunc(records, func(a, b map[string]any) int { return strings.Compare(a["uuid"].(string), b["uuid"].(string)) })
	if cursor := r.URL.Query().Get("cursor"); cursor != "" {
		records = slices.DeleteFunc(records, func(r map[string]any) bool { return cursor != "-1" && r["uuid"].(string) <= cursor })
		if len(records) > page {
			records = records[:page]
			w.Header().Set("X-Next-Cursor", records[page-1]["uuid"].(string))
		}
	}
	if records == nil {
		records = []map[string]any{}
	}
	_ = json.NewEncoder(w).Encode(records)
}
