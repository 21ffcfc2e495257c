package attack_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"fieldgate/web/apptest"
)

// send sends a bare request and reads the answer; it follows no redirects.
func send(t *testing.T, method, url string, body io.Reader, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, res.Cookies(), string(content)}
}

// reply is an answer, read to its end.
type reply struct {
	Status  int
	Header  http.Header
	Cookies []*http.Cookie
	Body    string
}

// Only screens that take files read more than a form's worth, and only from
// somebody signed in: nobody fills the server's disk through the sign-in page.
func TestOnlyUploadsAreLarge(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	const large = 64 << 20
	for _, tt := range []struct {
		path    string
		headers []string
	}{
		{"/login", nil},
		{"/office/login", nil},
		{"/forgot-password", nil},
		{"/reset/nonsense", nil},
		{"/jobs", nil},
		{"/office/jobs/J-1001/attachments", nil},
		{"/nowhere", nil},
		{"/details/edit", []string{"Cookie", app.As("lee").Cookie("/")}},
		{"/quotes/Q-1003/edit", []string{"Cookie", app.As("lee").Cookie("/")}},
		{"/office/customers", []string{"Cookie", app.As("ada").Cookie("/office")}},
		{"/office/admin/company", []string{"Cookie", app.As("ben").Cookie("/office")}}, // for Administrators
	} {
		var sent counted
		head := "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\n"
		body := io.TeeReader(io.MultiReader(strings.NewReader(head), io.LimitReader(endless{}, large)), &sent)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, app.URL+tt.path, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		for i := 0; i+1 < len(tt.headers); i += 2 {
			r.Header.Set(tt.headers[i], tt.headers[i+1])
		}
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		if res, err := client.Do(r); err == nil { // else the connection was cut: fine as well
			_ = res.Body.Close()
			if res.StatusCode < 300 || res.StatusCode >= 500 {
				t.Errorf("%s: %d", tt.path, res.StatusCode)
			}
		}
		if sent.n.Load() > large/2 {
			t.Errorf("%s read %d bytes", tt.path, sent.n.Load())
		}
	}
	plan := apptest.File{Field: "files", Name: "plan.txt", Content: bytes.Repeat([]byte("a"), 3<<20)}
	for who, path := range map[string]string{"lee": "/quotes/Q-1003/files", "ada": "/office/jobs/J-1001/attachments"} {
		if p := app.As(who).Upload(path, nil, plan); p.Status != http.StatusOK || !p.Has("plan.txt") {
			t.Errorf("%s sends 3 MB to %s: %d", who, path, p.Status)
		}
	}
}

// counted counts the bytes written to it.
type counted struct{ n atomic.Int64 }

func (c *counted) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

// What a form holds beside its files is bounded, however it is cut up.
func TestFieldBombs(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	lee := app.As("lee")
	for name, fill := range map[string]func(*multipart.Writer){
		"one long value": func(w *multipart.Writer) { _ = w.WriteField("description", strings.Repeat("a", 2<<20)) },
		"many empty values": func(w *multipart.Writer) {
			for range 60_000 {
				_ = w.WriteField("a", "")
			}
		},
		"a long name": func(w *multipart.Writer) { _ = w.WriteField(strings.Repeat("n", 2<<20), "") },
	} {
		body, kind := apptest.Parts(t, fill)
		if p := lee.Send("/jobs", kind, body); p.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
}

func TestBrokenUploads(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	lee := app.As("lee")
	for name, tt := range map[string]struct{ kind, body string }{
		"no boundary":      {"multipart/form-data", "x"},
		"broken off":       {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\nhalf"},
		"not a form":       {"application/json", `{"description":"x"}`},
		"nonsense":         {"multipart/form-data; boundary=b", "hello"},
		"nothing":          {"multipart/form-data; boundary=b", ""},
		"mixed":            {"multipart/mixed; boundary=b", "--b--"},
		"encoded nonsense": {"application/x-www-form-urlencoded", "a=%zz"},
	} {
		for _, path := range []string{"/jobs", "/quotes/Q-1003/files", "/details/edit"} {
			if p := lee.Send(path, tt.kind, strings.NewReader(tt.body)); p.Status < 400 || p.Status >= 500 {
				t.Errorf("%s to %s: %d", name, path, p.Status)
			}
		}
	}
	if n := apptest.Value[int](app, `select count(*) from jobs`); n != 4 {
		t.Error(n, "jobs")
	}
}

// Roundabout spellings of an address lead nowhere that the plain one does not.
func TestSpellingsOfAddresses(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for _, path := range []string{
		"//office", "//office/customers", "/office%2fcustomers", "/%6fffice/customers", "/OFFICE/customers", "/office;/customers", "/jobs/../office/customers",
		"/./office/customers", "/office/customers/", "/office//customers", "/%2e%2e/office", "/office%00", "/jobs%2f..%2foffice", "/metrics", "/debug/pprof/", "/.env", "/.git/config",
	} {
		for _, who := range []string{"nobody", "lee"} {
			res := app.As(who).Knock("GET", path)
			if res.StatusCode == http.StatusOK || res.StatusCode >= 500 {
				t.Errorf("%s as %s: %d", path, who, res.StatusCode)
			}
			if at := res.Header.Get("Location"); strings.HasPrefix(at, "//") || strings.HasPrefix(at, "http") {
				t.Errorf("%s leads to %s", path, at)
			}
		}
	}
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MADE-UP"} {
		for _, path := range []string{"/", "/jobs/J-1001", "/office/customers/C-1001", "/login"} {
			res := send(t, method, app.URL+path, nil, "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
			if res.Status < 400 || res.Status >= 500 {
				t.Errorf("%s %s: %d", method, path, res.Status)
			}
			for name := range res.Header {
				if strings.HasPrefix(name, "Access-Control") {
					t.Errorf("%s %s answers %s", method, path, name)
				}
			}
		}
	}
	// A read stays a read, whatever a header says.
	lee := app.As("lee")
	p := lee.Get("/logout?_method=POST")
	if p.Status != http.StatusMethodNotAllowed || lee.Get("/jobs").Status != http.StatusOK {
		t.Error("a GET ended the session")
	}
}

// Pages about somebody are kept nowhere; what has a fingerprint is kept. It is
// the route that says so: one address of each sort is enough.
func TestWhatMayBeKept(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	for who, start := range map[string]string{"lee": "/", "ada": "/office", "nobody": "/login", "outsider": "/office/login"} {
		for path, p := range app.As(strings.Replace(who, "outsider", "nobody", 1)).Pages(start, 1) {
			kept := p.Header.Get("Cache-Control")
			switch {
			case strings.HasPrefix(p.URL.Path, "/static/"), strings.HasPrefix(p.URL.Path, "/brand/"):
				if !strings.Contains(kept, "immutable") && p.Status == http.StatusOK {
					t.Errorf("%s: %q", path, kept)
				}
				if p.Header.Get("Set-Cookie") != "" {
					t.Errorf("%s sets a cookie that would be kept with it", path)
				}
			case kept != "no-store":
				t.Errorf("%s: %q", path, kept)
			}
		}
	}
	// The look of another version than the present one is never kept.
	for _, version := range []string{"999", "0", "-1", "x", "1e3"} {
		if res := send(t, "GET", app.URL+"/brand/"+version+"/style.css", nil); strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Error(version, res.Header.Get("Cache-Control"))
		}
	}
}

// A file that was kept is asked for again each time: once sharing has ended
// neither a part of it nor the word that it is unchanged is given away.
func TestKeptFilesAreAskedForAgain(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	path := "/attachments/" + apptest.SharedFile
	tag := lee.Get(path).Header.Get("ETag")
	if tag == "" {
		t.Fatal("no ETag")
	}
	ask := func(headers ...string) int { return lee.Ask("GET", path, headers...).Status }
	if got := ask("If-None-Match", tag); got != http.StatusNotModified {
		t.Error("unchanged:", got)
	}
	if got := ask("Range", "bytes=0-3"); got != http.StatusPartialContent {
		t.Error("a part:", got)
	}
	app.Exec(`update attachments set customer_view = false`)
	for _, headers := range [][]string{{"If-None-Match", tag}, {"If-None-Match", "*"}, {"Range", "bytes=0-3"}, {"If-Range", tag}} {
		if got := ask(headers...); got != http.StatusNotFound {
			t.Error(headers, got)
		}
	}
	if got := lee.Knock("HEAD", path).StatusCode; got != http.StatusNotFound {
		t.Error("HEAD:", got)
	}
}

// Cursors come from addresses, where anybody may write anything.
func TestForgedCursors(t *testing.T) {
	t.Parallel()
	app := apptest.Shared(t)
	lee, ada := app.As("lee"), app.As("ada")
	for _, key := range []string{
		"0000-01-01 00:00:00+00", "2026-01-01 00:00:00+24", "2026-01-01 24:00:00+00", "infinity", "nan", "", "x", "9999-12-31 23:59:59.999999+00", "0000-01-01", "9999-12-31",
		"99999999999999999999", "-9223372036854775808", "\u0000", strings.Repeat("a", 3000),
	} {
		for path, sorts := range map[string][]string{"/jobs": {"-newest", "-booked", "-number"}, "/quotes": {"-newest", "valid", "-number"}, "/equipment": {"name", "service"}} {
			for _, sort := range sorts {
				for _, way := range []string{"after", "before"} {
					if p := lee.Get(path + "?sort=" + sort + "&" + way + "=" + cursor(sort, key)); p.Status != http.StatusOK {
						t.Errorf("%s sorted by %s %s %q: %d", path, sort, way, key, p.Status)
					}
				}
			}
		}
		if p := ada.Get("/office/admin/staff?sort=-seen&after=" + cursor("-seen", key)); p.Status != http.StatusOK {
			t.Errorf("staff after %q: %d", key, p.Status)
		}
	}
}
