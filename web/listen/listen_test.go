package listen

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// patient are limits that no test waits for.
var patient = Limits{Most: 100, OfOne: 100, Header: time.Minute, Idle: time.Minute, Grace: time.Minute, Slowest: 1 << 10, Buffer: 64 << 10, Linger: time.Minute, LingerBytes: 32 << 20}

func serve(t *testing.T, l Limits, h http.HandlerFunc) (address string) {
	t.Helper()
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Server{Handler: h, Limits: l, Log: slog.New(slog.DiscardHandler)}.Serve(ctx, on) }()
	t.Cleanup(func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return on.Addr().String()
}

// say opens a connection and sends text on it; it is closed with the test.
func say(t *testing.T, address, text string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	return c.(*net.TCPConn)
}

// heard is all that comes until the server closes the connection.
func heard(t *testing.T, c net.Conn) string {
	t.Helper()
	b, err := io.ReadAll(c)
	if nerr, ok := err.(net.Error); ok && nerr.Timeout() { //nolint:errorlint // as the network gives it
		t.Fatalf("the connection is still open, after %q", b)
	}
	return string(b)
}

// hear reads one answer.
func hear(t *testing.T, c net.Conn) int {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, r.Body)
	return r.StatusCode
}

func ok(http.ResponseWriter, *http.Request) {}

const get = "GET / HTTP/1.1\r\nHost: x\r\n"

// A question with a body that never comes is answered, and the connection
// closed: nobody waits for the body.
func TestABodyThatNeverComes(t *testing.T) {
	t.Parallel()
	address := serve(t, patient, ok)
	for _, announced := range []string{"Content-Length: 100\r\n\r\n", "Content-Length: 9000000\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n", "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"} {
		for _, method := range []string{"GET", "HEAD"} {
			got := heard(t, say(t, address, method+strings.TrimPrefix(get, "GET")+announced))
			if !strings.HasPrefix(got, "HTTP/1.1 200 ") || !strings.Contains(got, "Connection: close") {
				t.Errorf("%s, %q: %q", method, announced, got)
			}
		}
	}
}

// A form that stops coming is given up, read or not.
func TestAFormThatStops(t *testing.T) {
	t.Parallel()
	limits := patient
	limits.Grace = 100 * time.Millisecond
	read := make(chan error, 1)
	reads := serve(t, limits, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		read <- err
	})
	post := "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"
	c := say(t, reads, post)
	if err := <-read; err == nil {
		t.Error("half a form was taken for all of it")
	}
	heard(t, c)
	heard(t, say(t, serve(t, limits, ok), post))
}

// A form that is refused before it has come is answered all the same to those
// who read only once they have sent all of it, as browsers do.
func TestARefusalIsRead(t *testing.T) {
	t.Parallel()
	address := serve(t, patient, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	})
	c := say(t, address, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 25000000\r\n\r\n")
	for range 1000 {
		if _, err := c.Write(make([]byte, 25_000)); err != nil {
			t.Fatal(err)
		}
	}
	if status := hear(t, c); status != http.StatusRequestEntityTooLarge {
		t.Errorf("the refusal reads %d", status)
	}
}

// Whoever goes on sending after a refusal is cut off, by bytes and by time.
func TestAfterARefusal(t *testing.T) {
	t.Parallel()
	refuses := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }
	limits := patient
	limits.LingerBytes = 1 << 20
	c := say(t, serve(t, limits, refuses), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000000\r\n\r\n")
	sent := 0
	for sent < 100<<20 {
		n, err := c.Write(make([]byte, 64<<10))
		if sent += n; err != nil {
			break
		}
	}
	if sent >= 100<<20 {
		t.Errorf("%d bytes were taken", sent)
	}
	limits = patient
	limits.Linger = 100 * time.Millisecond
	heard(t, say(t, serve(t, limits, refuses), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000000\r\n\r\nhalf"))
}

// A phone on a slow line finishes, though it takes several times as long as
// anybody may do nothing, and pauses on its way: what it sends, and what it reads.
func TestASlowPhoneFinishes(t *testing.T) {
	t.Parallel()
	const pieces, piece = 50, 25 << 10
	limits := patient
	limits.Grace = 2 * time.Second
	address := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil || r.Method == http.MethodPost && n != pieces*piece {
			t.Errorf("%d bytes of the form came: %v", n, err)
		}
		_, _ = w.Write(make([]byte, pieces*piece))
	})
	line := time.NewTicker(100 * time.Millisecond)
	defer line.Stop()
	up := say(t, address, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", pieces*piece))
	down := say(t, address, get+"Connection: close\r\n\r\n")
	_ = down.SetReadBuffer(64 << 10)
	got, begun := 0, time.Now()
	for i := range pieces {
		<-line.C
		if i%20 == 10 { // a tunnel
			for range 5 {
				<-line.C
			}
		}
		if _, err := up.Write(make([]byte, piece)); err != nil {
			t.Fatalf("after %v: %v", time.Since(begun), err)
		}
		n, err := io.ReadFull(down, make([]byte, piece))
		if got += n; err != nil {
			t.Fatalf("after %v and %d bytes: %v", time.Since(begun), got, err)
		}
	}
	if status := hear(t, up); status != http.StatusOK {
		t.Errorf("the form was answered with %d", status)
	}
	if rest := heard(t, down); got+len(rest) < pieces*piece {
		t.Errorf("%d bytes were read", got+len(rest))
	}
}

func TestAReaderThatDoesNotRead(t *testing.T) {
	t.Parallel()
	limits := patient
	limits.Grace = 100 * time.Millisecond
	wrote := make(chan int, 1)
	address := serve(t, limits, func(w http.ResponseWriter, _ *http.Request) {
		n, err := w.Write(make([]byte, 64<<20))
		if err == nil {
			t.Error("64 MB were sent to nobody")
		}
		wrote <- n
	})
	say(t, address, get+"\r\n")
	if n := <-wrote; n > 8<<20 {
		t.Errorf("%d bytes wait in the system", n)
	}
}

// Who reads gets all of it, however large.
func TestAReaderThatReads(t *testing.T) {
	t.Parallel()
	const all = 20 << 20
	address := serve(t, patient, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/copied" {
			_, _ = io.Copy(w, io.LimitReader(zeros{}, all))
			return
		}
		_, _ = w.Write(make([]byte, all))
	})
	for _, path := range []string{"/", "/copied"} {
		r, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r.Body)
		if _ = r.Body.Close(); n != all || err != nil {
			t.Errorf("%s: %d bytes, %v", path, n, err)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func TestPace(t *testing.T) {
	t.Parallel()
	l := Limits{Grace: 30 * time.Second, Slowest: 1 << 10}
	steady := newPace(l)
	for range 10_000 { // 3 KB a second, for hours
		steady.used(10*time.Second, 30<<10)
	}
	if steady.left < 20*time.Second {
		t.Errorf("a slow phone has %v left", steady.left)
	}
	trickle, took := newPace(l), time.Duration(0)
	for trickle.left > 0 {
		trickle.used(time.Second, 1)
		took += time.Second
	}
	if took > 31*time.Second {
		t.Errorf("a byte a second goes on for %v", took)
	}
	burst := newPace(l)
	burst.used(time.Second, 100<<20)
	if burst.left > l.Grace {
		t.Errorf("a fast beginning buys %v of doing nothing", burst.left)
	}
}

// When there are too many connections those that rest make room, the one that
// rests longest first: with nothing sent, half a head, or between two requests.
func TestThoseThatRestMakeRoom(t *testing.T) {
	t.Parallel()
	limits := patient
	limits.Most = 3
	address := serve(t, limits, ok)
	kept := say(t, address, get+"\r\n")
	if hear(t, kept) != http.StatusOK {
		t.Fatal("no answer")
	}
	half := say(t, address, get)
	silent := say(t, address, "")
	for range 6 {
		if status := hear(t, say(t, address, get+"\r\n")); status != http.StatusOK {
			t.Errorf("somebody new: %d", status)
		}
	}
	for _, c := range []net.Conn{kept, half, silent} {
		heard(t, c)
	}
}

func TestThoseAtWorkAreLeftAlone(t *testing.T) {
	t.Parallel()
	limits := patient
	limits.Most = 1
	begun, end := make(chan bool), make(chan bool)
	address := serve(t, limits, func(http.ResponseWriter, *http.Request) { begun <- true; <-end })
	works := say(t, address, get+"\r\n")
	<-begun
	if got := heard(t, say(t, address, "")); got != "" {
		t.Errorf("a second one was told %q", got)
	}
	close(end)
	if status := hear(t, works); status != http.StatusOK {
		t.Errorf("the first one got %d", status)
	}
}

// One address has its part; this machine, its network and proxies are no one address.
func TestWhoseLimit(t *testing.T) {
	t.Parallel()
	c := newCrowd(patient, []netip.Prefix{netip.MustParsePrefix("203.0.113.7/32")})
	for remote, want := range map[string]string{
		"198.51.100.1:5000": "198.51.100.1", "[::ffff:198.51.100.1]:5000": "198.51.100.1", "[2001:db8:1:2:3:4:5:6]:5000": "2001:db8:1:2::",
		"203.0.113.7:5000": "invalid IP", "127.0.0.1:5000": "invalid IP", "[::1]:5000": "invalid IP", "10.0.0.9:5000": "invalid IP", "172.17.0.1:5000": "invalid IP", "100.64.0.9:5000": "invalid IP", "[fe80::1]:5000": "invalid IP",
	} {
		if got := c.address(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(remote))); got.String() != want {
			t.Errorf("%s counts for %s, not %s", remote, got, want)
		}
	}
	c.limits.OfOne = 2
	of := func(a string) *conn { return &conn{crowd: c, from: netip.MustParseAddr(a)} }
	first, second, third, other := of("198.51.100.1"), of("198.51.100.1"), of("198.51.100.1"), of("198.51.100.2")
	c.enter(other)
	c.enter(first)
	c.enter(second)
	if out, ok := c.enter(third); out != first || !ok {
		t.Error("the third of one address does not take the place of its first")
	}
	c.leave(first)
	c.works(second)
	c.works(third)
	if out, ok := c.enter(of("198.51.100.1")); out != nil || ok {
		t.Error("one address has more than its part, or another pays for it")
	}
	c.leave(second)
	c.leave(third)
	c.leave(other)
	if len(c.of) != 0 || c.all != 0 || c.resting.Len() != 0 {
		t.Errorf("left over: %v, %d, %d", c.of, c.all, c.resting.Len())
	}
}

// What is all there has as long as it takes to be answered: the time for the
// sender ends with the last byte.
func TestAnAnswerThatTakesTime(t *testing.T) {
	t.Parallel()
	l := patient
	l.Grace = 50 * time.Millisecond
	address := serve(t, l, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
			_, _ = io.WriteString(w, "cut off")
		case <-time.After(6 * l.Grace):
			_, _ = io.WriteString(w, "whole")
		}
	})
	for _, request := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nyes",
	} {
		if got := heard(t, say(t, address, request)); !strings.HasSuffix(got, "whole") {
			t.Errorf("%q: %q", request, got)
		}
	}
}
