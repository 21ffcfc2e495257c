package attack_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fieldgate/web/apptest"
)

func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	lee := apptest.Shared(t).As("lee")
	for _, path := range []string{
		"/jobs/%00", "/jobs/%ff%fe", "/jobs/J-1001%00", "/jobs/..%2f..%2fetc", "/jobs/" + strings.Repeat("9", 3000), "/attachments/%27%20or%201=1", "/equipment/1", "/quotes/0",
		"/nothing", "/office/../../etc/passwd", "/static/../go.mod", "/welcome/%00", "/reset/" + strings.Repeat("a", 500),
	} {
		if p := lee.Get(path); p.Status != http.StatusNotFound && !strings.HasPrefix(path, "/reset") && !strings.HasPrefix(path, "/office") {
			t.Errorf("%s: %d", path, p.Status)
		} else if p.Status >= http.StatusInternalServerError {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

func TestFormsFromElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, app.URL+"/login", strings.NewReader("email=x"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header, value)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", header, res.StatusCode)
		}
	}
}

func TestPagesAllowNothingInline(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for name, path := range map[string]string{"nobody": "/login", "lee": "/jobs", "ada": "/office"} {
		p := app.As(name).Get(path)
		csp := p.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || p.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %s", path, csp)
		}
		if n := p.Find("script:not([src]), style, [style], [onclick], [hx-on]").Length(); n > 0 {
			t.Errorf("%s has %d inline scripts or styles", path, n)
		}
	}
}

func TestTooLargeAForm(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	res, err := http.Post(app.URL+"/login", "application/x-www-form-urlencoded", io.LimitReader(endless{}, 3<<20))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d", res.StatusCode)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// TestDatabaseAway: a plain page says so, and everything works again by itself.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	name := apptest.Value[string](app, `select current_database()`)
	admin := app.Admin()
	admin(`alter database ` + name + ` with allow_connections false`)
	admin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '` + name + `'`)
	p := lee.Get("/jobs")
	for deadline := time.Now().Add(10 * time.Second); p.Status != http.StatusServiceUnavailable && time.Now().Before(deadline); {
		p = lee.Get("/jobs")
	}
	if p.Status != http.StatusServiceUnavailable || !p.Has("right back") {
		t.Errorf("database away: %d %s", p.Status, p.Text("main"))
	}
	if p := lee.Get("/readyz"); p.Status != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d", p.Status)
	}
	if p := lee.Get("/healthz"); p.Status != http.StatusOK {
		t.Errorf("healthz: %d", p.Status)
	}
	admin(`alter database ` + name + ` with allow_connections true`)
	p = lee.Get("/jobs")
	for deadline := time.Now().Add(10 * time.Second); p.Status != http.StatusOK && time.Now().Before(deadline); {
		p = lee.Get("/jobs")
	}
	if p.Status != http.StatusOK {
		t.Errorf("database back: %d %s", p.Status, p.Text("main"))
	}
}
