package openid_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fieldgate/internal/openid"
	"fieldgate/internal/openid/openidtest"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"lee@harbour.test": "harbour.test", "LEE@Harbour.TEST": "harbour.test", "lee@münchen.test": "xn--mnchen-3ya.test", "lee@MÜNCHEN.test": "xn--mnchen-3ya.test",
		"lee@a.b.harbour.test": "a.b.harbour.test", "lee@harbour": "", "lee@harbour.test.": "", "@harbour.test": "", "lee@": "", "a@b@harbour.test": "", `"a b"@harbour.test`: "", "lee @harbour.test": "", "lee@har bour.test": "",
		"lee@harbour.test\x00.evil.test": "", "lee@[127.0.0.1]": "", "lee@harbour.test/x": "", "lee": "", "": "",
	} {
		if _, domain, ok := openid.SplitAddress(address); domain != want || ok != (want != "") {
			t.Errorf("%q: %q %v", address, domain, ok)
		}
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Lee@harbour.test", "lee@HARBOUR.test", true},
		{"kim@harbour.test", "\u212Aim@harbour.test", false},
		{"lee@harbour.test", "lee@hаrbour.test", false},
		{"ola@münchen.test", "ola@xn--mnchen-3ya.test", true},
		{"é@harbour.test", "É@harbour.test", false},
		{"", "", false},
	} {
		if got := openid.SameAddress(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}

func TestIssuers(t *testing.T) {
	t.Parallel()
	for issuer, good := range map[string]bool{
		"https://accounts.google.com": true, "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0": true, "https://id.example.com/realms/house": true,
		"http://id.example.com": false, "https://": false, "id.example.com": false, "https://id.example.com?x=1": false, "https://id.example.com#x": false, "https://a:b@id.example.com": false, "javascript:alert(1)": false,
		"https://login.microsoftonline.com/common/v2.0": false, "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0": false, "https://id.example.com/.well-known/openid-configuration": false,
	} {
		if err := openid.CheckIssuer(issuer, false); (err == nil) != good {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}

// Somebody who types an issuer makes the program look at nothing inside the house,
// by no name and no detour.
func TestTypedIssuersStayOutside(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(server.Close)
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	p := openid.New(false)
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "198.18.0.1", "224.0.0.1", "255.255.255.255"} {
		_, err := p.Try(t.Context(), openid.Client{Issuer: "https://" + host + port, Typed: true})
		if openid.KindOf(err) != openid.Misset {
			t.Errorf("%s: %v", host, err)
		}
	}
	if _, err := p.Try(t.Context(), openid.Client{Issuer: strings.Replace(server.URL, "https", "http", 1), Typed: true}); openid.KindOf(err) != openid.Misset || asked != 0 {
		t.Errorf("without encryption: %v, asked %d times", err, asked)
	}
}

// A provider leads nowhere else: not by a redirect, not by what its document names.
func TestProvidersLeadNowhereElse(t *testing.T) {
	t.Parallel()
	for name, bend := range map[string]func(*openidtest.Provider){
		"a redirect": func(p *openidtest.Provider) {
			p.Answer(func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
				return true
			})
		},
		"a script": func(p *openidtest.Provider) {
			p.Meta(func(d map[string]any) { d["authorization_endpoint"] = "javascript:alert(1)" })
		},
		"another scheme": func(p *openidtest.Provider) {
			p.Meta(func(d map[string]any) { d["token_endpoint"] = "file:///etc/passwd" })
		},
		"another issuer": func(p *openidtest.Provider) {
			p.Meta(func(d map[string]any) { d["issuer"] = "https://elsewhere.test" })
		},
	} {
		idp := openidtest.New(t, "lee", "lee@harbour.test")
		bend(idp)
		if _, err := openid.New(true).Leave(t.Context(), openid.Client{Issuer: idp.URL, ID: openidtest.Client, Secret: openidtest.Secret}, openid.Ask{State: "s", Nonce: "n", Verifier: openid.NewVerifier()}); openid.KindOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// At Google everybody may have an account with a company's address, which the
// company neither gave nor can end.
func TestAccountsAtGoogleAreOwned(t *testing.T) {
	t.Parallel()
	takes := func(domain string) bool { return domain == "harbour.test" }
	for _, c := range []struct {
		issuer, hosted string
		want           bool
	}{
		{"https://accounts.google.com", "", false},
		{"https://accounts.google.com", "harbour.test", true},
		{"https://accounts.google.com", "evil.test", false},
		{"https://id.harbour.test", "", true},
	} {
		if got := (openid.Somebody{Issuer: c.issuer, Hosted: c.hosted, Email: "lee@harbour.test", Verified: true}).Owned(takes); got != c.want {
			t.Errorf("%s of %q: %v", c.issuer, c.hosted, got)
		}
	}
}
