package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"1.1.1.1": true, "142.250.1.1": true, "2606:4700::1111": true, "::ffff:1.1.1.1": true, "64:ff9b::101:101": true, "2002:101:101::1": true,
		"127.0.0.1": false, "127.9.9.9": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.100.100.200": false,
		"224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "203.0.113.9": false, "192.0.0.192": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "ff02::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::7f00:1": false, "2001:db8::1": false, "fec0::1": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: public %v", address, got)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://push.example/send/x": true, "https://push.example:8443/": true, "https://1.1.1.1/": true,
		"http://push.example/": false, "https://": false, "https:push.example": false, "ftp://push.example/": false, "https://u:p@push.example/": false, "//push.example/": false, "": false, "https://127.0.0.1/": false,
		"https://[::1]/": false, "https://[::ffff:10.0.0.1]/": false, "https://push.example:port/": false,
	} {
		if _, err := Check(address); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		} else if err != nil && address != "" && strings.Contains(err.Error(), address) {
			t.Errorf("%s: its error shows the address: %v", address, err)
		}
	}
}

// A name, and a literal in any of its spellings, is looked at where it leads.
func TestClientCallsNoPrivateAddress(t *testing.T) {
	t.Parallel()
	called := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for _, host := range []string{"https://127.0.0.1" + port, "https://localhost" + port, "https://127.1" + port, "https://[::1]" + port, "https://0" + port} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, host+"/secret-part", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := Client(5 * time.Second).Do(r)
		if err == nil {
			_ = res.Body.Close()
			t.Errorf("%s was called", host)
			continue
		}
		if words := Words(err); strings.Contains(words, "secret-part") || (strings.Contains(host, "localhost") && !errors.Is(err, ErrPrivate)) {
			t.Errorf("%s: %s", host, words)
		}
	}
	if called {
		t.Error("a private address was called")
	}
}

func TestBody(t *testing.T) {
	t.Parallel()
	if b, err := Body(strings.NewReader("four"), 4); err != nil || string(b) != "four" {
		t.Error(string(b), err)
	}
	if _, err := Body(strings.NewReader("fours"), 4); err == nil {
		t.Error("more than four bytes were read")
	}
}

// What went wrong is said so that an office can pass it on.
func TestWords(t *testing.T) {
	t.Parallel()
	dial := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	for want, err := range map[string]error{
		"nothing answers at this address (connection refused)":                  dial(syscall.ECONNREFUSED),
		"the connection was cut before an answer came":                          &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)},
		"there is no server of the name x.example.com":                          &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x.example.com", IsNotFound: true}},
		"the name x.example.com could not be looked up":                         &net.DNSError{Err: "server misbehaving", Name: "x.example.com"},
		"its certificate is not valid: certificate signed by unknown authority": &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
		"no answer in time":                   context.DeadlineExceeded,
		"the address is in a private network": ErrPrivate,
		"something else":                      errors.New("something else"),
	} {
		if got := Words(&url.Error{Op: "Post", URL: "https://x.example.com/secret-part", Err: err}); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}
