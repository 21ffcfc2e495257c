package apptest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldgate/internal/config"
	"fieldgate/internal/dbtest"
)

// Receiver is a system that webhooks of tests lead to: any https address below
// example.com.
type Receiver struct {
	server *httptest.Server
	mu     sync.Mutex
	got    []Received
	asked  map[string]int
	answer func(http.ResponseWriter, *http.Request) bool
	cut    func(*http.Request) (before, after error)
	took   chan struct{} // closed when it is sent something, and made anew
	t      testing.TB
}

// Received is a message that a Receiver took.
type Received struct {
	At        string // host and path
	ID        string
	Key       string // its id as the body has it
	Timestamp string
	Type      string
	Body      string
	Data      map[string]any

	signatures string
	broken     error
}

// NewReceiver is one that ends with the test.
func NewReceiver(t testing.TB) *Receiver {
	t.Helper()
	r := &Receiver{asked: map[string]int{}, took: make(chan struct{}), t: t}
	r.server = httptest.NewTLSServer(http.HandlerFunc(r.take))
	t.Cleanup(r.server.Close)
	return r
}

// URL is where it listens on this machine, where webhooks may not lead.
func (r *Receiver) URL() string { return r.server.URL }

// Answer lets it answer by a function that reports whether it has: what it has
// not answered is taken. Nil takes everything.
func (r *Receiver) Answer(by func(http.ResponseWriter, *http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = by
}

// Cut lets calls fail on their way: before they reach the system, or after it has
// answered. Nil lets everything through.
func (r *Receiver) Cut(by func(*http.Request) (before, after error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = by
}

// client calls the system.
func (r *Receiver) client() *http.Client { return &http.Client{Transport: wire{r}} }

// wire is the way to a Receiver.
type wire struct{ to *Receiver }

func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	w.to.mu.Lock()
	cut := w.to.cut
	w.to.mu.Unlock()
	var before, after error
	if cut != nil {
		before, after = cut(req)
	}
	if before != nil {
		return nil, before
	}
	res, err := w.to.server.Client().Transport.RoundTrip(req)
	if err == nil && after != nil {
		_ = res.Body.Close()
		return nil, after
	}
	return res, err //nolint:wrapcheck // it stands for the transport
}

// Got is what was taken at a host, or everywhere when that is empty.
func (r *Receiver) Got(host string) (got []Received) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		if host == "" || strings.HasPrefix(m.At, host+"/") {
			got = append(got, m)
		}
	}
	return got
}

// Asked is how often a host was called.
func (r *Receiver) Asked(host string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[host]
}

// Wait returns what was taken at a host when it is so much.
func (r *Receiver) Wait(host string, n int) []Received {
	r.t.Helper()
	r.until(host, func() bool { return len(r.Got(host)) >= n })
	return r.Got(host)
}

// WaitAsked waits until a host was called so often.
func (r *Receiver) WaitAsked(host string, n int) {
	r.t.Helper()
	r.until(host, func() bool { return r.Asked(host) >= n })
}

func (r *Receiver) until(host string, enough func() bool) {
	r.t.Helper()
	end := time.After(patience)
	for {
		r.mu.Lock()
		took := r.took
		r.mu.Unlock()
		if enough() {
			return
		}
		select {
		case <-took:
		case <-end:
			r.t.Fatalf("%s was called %d times, and took %d messages: %v", host, r.Asked(host), len(r.Got(host)), r.Got(host))
		}
	}
}

func (r *Receiver) take(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the program ended
	}
	r.mu.Lock()
	answer := r.answer
	r.mu.Unlock()
	req.Body = io.NopCloser(bytes.NewReader(body))
	answered := answer != nil && answer(w, req)
	m := Message(req, body)
	if m.broken != nil {
		r.t.Errorf("a webhook was sent what it cannot take: %s %s, %v", req.Method, body, m.broken)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[req.Host]++
	if !answered {
		r.got = append(r.got, m)
	}
	close(r.took)
	r.took = make(chan struct{})
}

// Message is what a request tells.
func Message(req *http.Request, body []byte) Received {
	m := Received{
		At: req.Host + req.URL.Path, ID: req.Header.Get("webhook-id"), Timestamp: req.Header.Get("webhook-timestamp"), Body: string(body), signatures: req.Header.Get("webhook-signature"),
	}
	var message struct {
		ID        string
		Type      string
		Timestamp time.Time
		Data      map[string]any
	}
	m.broken = json.Unmarshal(body, &message)
	if m.broken == nil && (message.Timestamp.IsZero() || req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json") {
		m.broken = errors.New("it is no event")
	}
	m.Key, m.Type, m.Data = message.ID, message.Type, message.Data
	return m
}

// SignedBy reports whether the message carries the signature of a secret, worked
// out as receivers do.
func (m Received) SignedBy(secret string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || !strings.HasPrefix(secret, "whsec_") || len(key) < 24 {
		return false
	}
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, m.ID+"."+m.Timestamp+"."+m.Body)
	return slices.Contains(strings.Fields(m.signatures), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// Signatures is how many signatures the message carries.
func (m Received) Signatures() int { return len(strings.Fields(m.signatures)) }

// Value is a value of the message's data, by its path: "customer.number".
func (m Received) Value(path string) any {
	var at any = m.Data
	for name := range strings.SplitSeq(path, ".") {
		fields, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = fields[name]
	}
	return at
}

// NewHooked is New with a system that webhooks can lead to. A nil one lets
// webhooks call public addresses alone, as the program does.
func NewHooked(t testing.TB, r *Receiver) *App {
	t.Helper()
	return HookedOn(t, nil, r, nil)
}

// HookedOn is NewHooked on the database and files of another program, if there
// is one, with settings as the test has them.
func HookedOn(t testing.TB, of *App, r *Receiver, configure func(*config.Config)) *App {
	t.Helper()
	a := &App{t: t, hooks: r, configure: func(c *config.Config) {
		c.ReplyAddress, c.InboundSecret = "replies@portal.test", InboundSecret
		if configure != nil {
			configure(c)
		}
	}}
	if of != nil {
		a.start(within(t, of.Pool.Config().ConnString(), limits), of.disk.Store, func(*App) {})
		return a
	}
	a.start(within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) {
		a.fill()
		a.files()
	})
	return a
}
