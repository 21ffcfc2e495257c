package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fieldgate/internal/turns"
)

// One visitor's requests wait for each other, and are refused beyond a few;
// those of others are not. Forms with files have a smaller part.
func TestVisitorsHaveTheirPart(t *testing.T) {
	t.Parallel()
	v := visitors{signedIn: turns.New(1, 1), strangers: turns.New(2, 2), uploads: turns.New(1, 1), crowd: turns.NewLastFirst(1)}
	begun, end := make(chan bool), make(chan bool)
	h := v.bounded(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			begun <- true
			<-end
		}
	}))
	ask := func(path, from string, form bool) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(""))
		r.RemoteAddr = from
		if form {
			r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const here, there, proxy = "198.51.100.1", "198.51.100.2", "10.0.0.1"
	done := make(chan int, 4)
	slow := func(from string) {
		go func() { done <- ask("/slow", from, true).Code }()
		<-begun
	}
	slow(here)
	if w := ask("/", here, true); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || w.Header().Get("Connection") != "close" {
		t.Errorf("a second form with files: %d", w.Code)
	}
	if w := ask("/", here, false); w.Code != http.StatusOK {
		t.Errorf("a page beside it: %d", w.Code)
	}
	if w := ask("/", there, true); w.Code != http.StatusOK {
		t.Errorf("somebody else: %d", w.Code)
	}
	slow(proxy)
	slow(proxy)
	if w := ask("/", proxy, true); w.Code != http.StatusOK {
		t.Errorf("somebody behind a proxy that nobody told us of: %d", w.Code)
	}
	close(end)
	for range 3 {
		if got := <-done; got != http.StatusOK {
			t.Errorf("who was let in got %d", got)
		}
	}
}

// Whoever has one address of IPv6 has all of its network.
func TestStrangersAreCountedByNetwork(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"198.51.100.1": "address 198.51.100.1", "2001:db8:1:2:3:4:5:6": "address 2001:db8:1:2::", "2001:db8:1:2::9": "address 2001:db8:1:2::",
		"127.0.0.1": "", "10.0.0.1": "", "100.64.0.1": "", "fe80::1": "", "@": "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = address
		if got := stranger(r); got != want {
			t.Errorf("%s is %q, not %q", address, got, want)
		}
	}
}

// A stranger's page waits for those being made, not for those being read.
func TestACrowdOfStrangers(t *testing.T) {
	t.Parallel()
	v := visitors{strangers: turns.New(9, 9), crowd: turns.NewLastFirst(1)}
	begun, going, written, end := make(chan bool), make(chan bool), make(chan bool), make(chan bool)
	h := v.bounded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			begun <- true
			<-going
			_, _ = w.Write([]byte("page"))
			written <- true
			<-end
		}
	}))
	ask := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	first, second := make(chan int), make(chan int)
	go func() { first <- ask("/slow").Code }()
	<-begun
	go func() { second <- ask("/").Code }()
	select {
	case <-second:
		t.Error("a second page is made beside the first")
	default:
	}
	going <- true
	<-written
	if got := <-second; got != http.StatusOK {
		t.Errorf("while the first is read: %d", got)
	}
	end <- true
	<-first
}
