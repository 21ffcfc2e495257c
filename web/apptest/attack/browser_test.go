package attack_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// With HTTPS cookies are for this host alone, and a cookie of another name, which
// a neighbour under the same domain may have planted, is not looked at.
func TestCookiesWithHTTPS(t *testing.T) {
	t.Parallel()
	app := apptest.NewSecure(t, "https://portal.example.com")
	for side, at := range map[string]struct{ login, email, home string }{
		"portal": {"/login", "lee@demo.test", "/jobs"}, "office": {"/office/login", "ada@demo.test", "/office/customers"},
	} {
		res := send(t, "POST", app.URL+at.login, strings.NewReader(url.Values{"email": {at.email}, "password": {apptest.Password}}.Encode()), "Content-Type", "application/x-www-form-urlencoded")
		token := ""
		for _, c := range (&http.Response{Header: res.Header}).Cookies() {
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s sets %s", side, c)
			}
			if c.Name == "__Host-fieldgate_"+side {
				token = c.Value
			}
		}
		if token == "" {
			t.Fatalf("%s: %d, no session in %q", side, res.Status, res.Header.Values("Set-Cookie"))
		}
		for name, want := range map[string]int{"__Host-fieldgate_" + side: http.StatusOK, "fieldgate_" + side: http.StatusSeeOther} {
			if res := send(t, "GET", app.URL+at.home, nil, "Cookie", name+"="+token); res.Status != want {
				t.Errorf("%s with the cookie %s: %d", at.home, name, res.Status)
			}
		}
		out := send(t, "POST", app.URL+strings.TrimSuffix(at.login, "login")+"logout", nil, "Cookie", "__Host-fieldgate_"+side+"="+token)
		if got := out.Header.Get("Clear-Site-Data"); out.Status != http.StatusSeeOther || !strings.Contains(got, `"cache"`) || strings.Contains(got, "cookies") || strings.Contains(got, "*") {
			t.Errorf("signing out of the %s: %d, %s", side, out.Status, got)
		}
		if got := out.Header.Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
			t.Error(got)
		}
	}
}

// Pages are given under the program's own name, or this machine's; whether it
// runs is answered under any.
func TestForeignHosts(t *testing.T) {
	t.Parallel()
	app := apptest.NewSecure(t, "https://portal.example.com")
	for host, want := range map[string]int{
		"portal.example.com": http.StatusOK, "PORTAL.example.com:443": http.StatusOK, "portal.example.com.": http.StatusOK, "localhost:8080": http.StatusOK, "[::1]:8080": http.StatusOK,
		"evil.example": http.StatusMisdirectedRequest, "portal.example.com.evil.example": http.StatusMisdirectedRequest, "10.0.0.1": http.StatusMisdirectedRequest, "127.0.0.1.evil.example": http.StatusMisdirectedRequest,
	} {
		for path, want := range map[string]int{"/login": want, "/static/nothing": max(want, http.StatusNotFound), "/healthz": http.StatusOK, "/readyz": http.StatusOK} {
			res := send(t, "GET", app.URL+path, nil, "Host", host)
			if res.Status != want {
				t.Errorf("%s at %s: %d, not %d", path, host, res.Status, want)
			}
			if res.Status == http.StatusMisdirectedRequest && !strings.Contains(res.Body, "https://portal.example.com") {
				t.Errorf("%s does not say where to go: %q", host, res.Body)
			}
		}
	}
}

// What an address does not take is answered with what it takes, the same whether
// there is a record or not.
func TestMethodsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for _, tt := range []struct {
		method, path, allow string
		status              int
	}{
		{"PUT", "/login", "GET, HEAD, POST", http.StatusMethodNotAllowed},
		{"DELETE", "/jobs/J-1001", "GET, HEAD", http.StatusMethodNotAllowed},
		{"DELETE", "/jobs/J-9999", "GET, HEAD", http.StatusMethodNotAllowed},
		{"MADE-UP", "/office/customers/C-1001", "GET, HEAD", http.StatusMethodNotAllowed},
		{"GET", "/logout", "POST", http.StatusMethodNotAllowed},
		{"HEAD", "/logout", "POST", http.StatusMethodNotAllowed},
		{"POST", "/healthz", "GET, HEAD", http.StatusMethodNotAllowed},
		{"POST", "/static/css/base.css", "GET, HEAD", http.StatusMethodNotAllowed},
		{"DELETE", "/nowhere", "", http.StatusNotFound},
		{"MADE-UP", "/nowhere", "", http.StatusNotFound},
	} {
		res := send(t, tt.method, app.URL+tt.path, nil)
		if res.Status != tt.status || res.Header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d, %q", tt.method, tt.path, res.Status, res.Header.Get("Allow"))
		}
	}
}
