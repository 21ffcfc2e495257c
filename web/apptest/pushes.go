package apptest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldgate/internal/dbtest"
)

// PushService takes notifications for browsers of tests, as those of the browsers'
// makers do, and reads them as the browsers would.
type PushService struct {
	server *httptest.Server
	mu     sync.Mutex
	phones map[string]*Phone
	took   chan struct{} // closed when a browser is sent one, and made anew
	t      testing.TB
}

// Phone is a browser that has asked for notifications.
type Phone struct {
	Endpoint string
	service  *PushService
	key      *ecdh.PrivateKey
	secret   []byte
	server   string // the key that it was given

	got    []Notification
	asked  int
	refuse []Refusal // what it is answered with, in turn, instead of being taken
}

// Refusal is an answer of a push service.
type Refusal struct {
	Status     int
	RetryAfter string
}

// Notification is one that a browser was sent.
type Notification struct {
	Title, Body, Path, Topic, Icon string
	Waiting                        int

	Header http.Header `json:"-"`
	Claims struct {
		Aud, Sub string
		Exp      int64
	} `json:"-"`
	Length int `json:"-"`
}

// NewPushService is one that ends with the test.
func NewPushService(t testing.TB) *PushService {
	t.Helper()
	s := &PushService{phones: map[string]*Phone{}, took: make(chan struct{}), t: t}
	s.server = httptest.NewTLSServer(http.HandlerFunc(s.take))
	t.Cleanup(s.server.Close)
	return s
}

// Client finds it at any name below example.com.
func (s *PushService) Client() *http.Client { return s.server.Client() }

// Phone is a browser that is told the portal's key.
func (s *PushService) Phone(portalKey string) *Phone {
	s.t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	secret := make([]byte, 16)
	_, _ = rand.Read(secret)
	p := &Phone{service: s, key: key, secret: secret, server: portalKey, Endpoint: "https://push.example.com/send/" + rand.Text()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phones[strings.TrimPrefix(p.Endpoint, "https://push.example.com")] = p
	return p
}

// Fields are what the page's script sends of it.
func (p *Phone) Fields() url.Values {
	return url.Values{"endpoint": {p.Endpoint}, "key": {base64.RawURLEncoding.EncodeToString(p.key.PublicKey().Bytes())}, "secret": {base64.RawURLEncoding.EncodeToString(p.secret)}}
}

// Refuse lets the service answer so the next times.
func (p *Phone) Refuse(with ...Refusal) {
	p.service.mu.Lock()
	defer p.service.mu.Unlock()
	p.refuse = append(p.refuse, with...)
}

// Got is what the browser was sent, and Asked how often the service was called.
func (p *Phone) Got() []Notification {
	p.service.mu.Lock()
	defer p.service.mu.Unlock()
	return append([]Notification{}, p.got...)
}

// Asked is how often the service was called for it.
func (p *Phone) Asked() int {
	p.service.mu.Lock()
	defer p.service.mu.Unlock()
	return p.asked
}

// Wait returns what the browser was sent when it is so many.
func (p *Phone) Wait(n int) []Notification {
	p.service.t.Helper()
	end := time.After(patience)
	for {
		p.service.mu.Lock()
		took := p.service.took
		p.service.mu.Unlock()
		got := p.Got()
		if len(got) >= n {
			return got
		}
		select {
		case <-took:
		case <-end:
			p.service.t.Fatalf("%d notifications, want %d", len(got), n)
		}
	}
}

func (s *PushService) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4097))
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.phones[r.URL.Path]
	if p == nil || err != nil || len(body) > 4096 || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	p.asked++
	if len(p.refuse) > 0 {
		with := p.refuse[0]
		p.refuse = p.refuse[1:]
		w.Header().Set("Retry-After", with.RetryAfter)
		w.WriteHeader(with.Status)
		return
	}
	n, err := p.read(r.Header, body)
	if err != nil {
		s.t.Error("a push service was sent what it cannot take: ", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.got = append(p.got, n)
	close(s.took)
	s.took = make(chan struct{})
	w.WriteHeader(http.StatusCreated)
}

// read opens a message as RFC 8291 has it, and looks who sends it (RFC 8292).
func (p *Phone) read(h http.Header, body []byte) (n Notification, err error) {
	n.Header, n.Length = h, len(body)
	token, key, ok := strings.Cut(strings.TrimPrefix(h.Get("Authorization"), "vapid t="), ", k=")
	if !ok || key != p.server {
		return n, fmt.Errorf("another key than the browser was given: %s", h.Get("Authorization"))
	}
	if err := verified(token, key, &n.Claims); err != nil {
		return n, err
	}
	if h.Get("Content-Encoding") != "aes128gcm" || len(body) < 16+4+1+65 || body[20] != 65 {
		return n, errors.New("no record of aes128gcm")
	}
	salt, size, sender, sealed := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:86], body[86:]
	if len(sealed) > int(size) {
		return n, errors.New("more than one record")
	}
	public, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return n, err
	}
	shared, err := p.key.ECDH(public)
	if err != nil {
		return n, err
	}
	// Extract and expand apart, as the standard writes it.
	prk, err := hkdf.Extract(sha256.New, shared, p.secret)
	if err != nil {
		return n, err
	}
	material, err := hkdf.Expand(sha256.New, prk, "WebPush: info\x00"+string(p.key.PublicKey().Bytes())+string(sender), 32)
	if err != nil {
		return n, err
	}
	if prk, err = hkdf.Extract(sha256.New, material, salt); err != nil {
		return n, err
	}
	content, err := hkdf.Expand(sha256.New, prk, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return n, err
	}
	nonce, err := hkdf.Expand(sha256.New, prk, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return n, err
	}
	block, err := aes.NewCipher(content)
	if err != nil {
		return n, err
	}
	open, err := cipher.NewGCM(block)
	if err != nil {
		return n, err
	}
	plain, err := open.Open(nil, nonce, sealed, nil)
	if err != nil {
		return n, err
	}
	text := strings.TrimRight(string(plain), "\x00")
	if !strings.HasSuffix(text, "\x02") {
		return n, errors.New("not the last record")
	}
	return n, json.Unmarshal([]byte(strings.TrimSuffix(text, "\x02")), &n)
}

func verified(token, key string, claims any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("no token")
	}
	var raw [4][]byte
	for i, p := range append(parts, key) {
		b, err := base64.RawURLEncoding.DecodeString(p)
		if err != nil {
			return err
		}
		raw[i] = b
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw[3])
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if len(raw[2]) != 64 || !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:])) {
		return errors.New("the token is signed by somebody else")
	}
	return json.Unmarshal(raw[1], claims)
}

// NewPushServiceAt is a push service on this machine, where none may be called: seen
// is told when one is.
func NewPushServiceAt(t testing.TB, seen func()) *PushService {
	t.Helper()
	s := &PushService{phones: map[string]*Phone{}, t: t}
	s.server = httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen() }))
	t.Cleanup(s.server.Close)
	return s
}

// URL is where it listens.
func (s *PushService) URL() string { return s.server.URL }

// NewPushedAndLogged is NewPushed with a log that the test reads.
func NewPushedAndLogged(t testing.TB, s *PushService, log io.Writer) *App {
	t.Helper()
	a := &App{t: t, push: s, log: log}
	a.start(within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) { a.fill() })
	return a
}

// NewPushed is New with a push service of tests.
func NewPushed(t testing.TB, s *PushService) *App {
	t.Helper()
	a := &App{t: t, push: s, local: true}
	a.start(within(t, dbtest.New(t).Config().ConnString(), limits), folder(t), func(a *App) {
		a.fill()
		a.files()
	})
	return a
}
