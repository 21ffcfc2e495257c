package apptest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"github.com/alexedwards/scs/v2"

	"fieldgate/internal/secret"
)

// Browser is somebody's browser: it keeps cookies and follows redirects.
type Browser struct {
	app     *App
	client  *http.Client
	contact string // who the portal's forms are filled in for
}

// Page is what a browser shows.
type Page struct {
	*goquery.Document
	Status int
	URL    *url.URL // where the redirects led
	Header http.Header
	Body   string
}

// Nobody is the browser of somebody not signed in.
func (a *App) Nobody() *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	return &Browser{app: a, client: &http.Client{Jar: jar}}
}

// As is the browser of somebody signed in: ada and ben in the office, the
// others in the portal, Sam looking at Quay Street. The session is written, not
// asked for; SignIn asks.
func (a *App) As(name string) *Browser {
	a.t.Helper()
	b := a.Nobody()
	if name == "nobody" {
		return b
	}
	token := rand.Text()
	sum := sha256.Sum256([]byte(token))
	ends := time.Now().Add(time.Hour)
	data, err := scs.GobCodec{}.Encode(ends, map[string]any{})
	a.must(err)
	cookie := &http.Cookie{Name: "fieldgate_portal", Value: token, Path: "/"}
	b.contact = a.ContactOf(name)
	who := `'portal', p.id, (select max(c.id) from contacts c where c.person_id = p.id), null::bigint from persons p where p.email = $2`
	if name == "ada" || name == "ben" {
		cookie = &http.Cookie{Name: "fieldgate_office", Value: token, Path: "/office"}
		who = `'office', null::bigint, null::bigint, s.id from staff s where s.email = $2`
	}
	a.Exec(`insert into sessions (token_hash, data, expires_at, side, person_id, contact_id, staff_id) select $1, $3, $4, `+who,
		base64.RawURLEncoding.EncodeToString(sum[:]), name+"@demo.test", data, ends)
	at, err := url.Parse(a.URL + cookie.Path)
	a.must(err)
	b.client.Jar.SetCookies(at, []*http.Cookie{cookie})
	return b
}

// Await lets the browser wait for the second factor of somebody who has given
// their password: written, as As writes a session.
func (b *Browser) Await(name string) {
	b.app.t.Helper()
	token, hash := secret.NewToken()
	cookie, owner, of := "fieldgate_asked_portal", "person_id", "persons"
	if name == "ada" || name == "ben" {
		cookie, owner, of = "fieldgate_asked_office", "staff_id", "staff"
	}
	b.app.Exec(`insert into pending_sign_ins (browser_hash, `+owner+`, stamp, expires_at) select $1, id, stamp, now() + interval '10 minutes' from `+of+` where email = $2`, hash, name+"@demo.test")
	at, err := url.Parse(b.app.URL + "/")
	b.app.must(err)
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: cookie, Value: url.Values{"token": {token}}.Encode(), Path: "/"}})
}

// RecordLink is the token of a link as an email to the contact would carry it, to
// the job or quote of that number.
func (a *App) RecordLink(contact int64, number string) string {
	a.t.Helper()
	plain, hash := secret.NewToken()
	a.Exec(`
		insert into record_links (token_hash, customer_id, contact_id, job_id, quote_id, address, expires_at)
		select $1, c.customer_id, c.id, (select id from jobs where number = $3), (select id from quotes where number = $3), c.email, now() + interval '14 days'
		from contacts c where c.id = $2`, hash, contact, number)
	return plain
}

// ByLink is the browser of somebody who has pressed such a link.
func (a *App) ByLink(contact int64, number string) *Browser {
	a.t.Helper()
	b := a.Nobody()
	b.contact = strconv.FormatInt(contact, 10)
	if p := b.Submit(b.Get("/r/"+a.RecordLink(contact, number)), "form[action='/r']", nil); p.Status != http.StatusOK || !strings.HasSuffix(p.URL.Path, "/"+number) {
		a.t.Fatalf("the link to %s leads to %d at %s: %s", number, p.Status, p.URL, p.Text("main"))
	}
	return b
}

// ContactOf is the id of the contact that As looks as; "" for staff.
func (a *App) ContactOf(name string) string {
	a.t.Helper()
	return Value[string](a, `select coalesce(max(c.id)::text, '') from contacts c join persons p on p.id = c.person_id where p.email = $1`, name+"@demo.test")
}

// Contact is who the portal's forms are filled in for from now on.
func (b *Browser) Contact(id string) { b.contact = id }

// SignIn fills in the sign-in page.
func (b *Browser) SignIn(login, email, password string) Page {
	b.app.t.Helper()
	return b.Submit(b.Get(login), "form[method=post]", url.Values{"email": {email}, "password": {password}})
}

// Knock sends a request that says nothing but who sends it, and does not follow
// where it leads.
func (b *Browser) Knock(method, path string) *http.Response {
	b.app.t.Helper()
	return b.knock(method, path, nil)
}

// Press sends a form, filled in as by Post, and does not follow where it leads.
func (b *Browser) Press(path string, fields url.Values) *http.Response {
	b.app.t.Helper()
	return b.knock(http.MethodPost, path, fields)
}

func (b *Browser) knock(method, path string, fields url.Values) *http.Response {
	b.app.t.Helper()
	var body io.Reader = http.NoBody
	if method == http.MethodPost {
		body = strings.NewReader(b.named(fields).Encode())
	}
	r, err := http.NewRequestWithContext(context.Background(), method, b.app.URL+path, body)
	b.app.must(err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", encoded)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	client := *b.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(r)
	b.app.must(err)
	b.app.must(res.Body.Close())
	return res
}

// Get opens a page.
func (b *Browser) Get(path string) Page {
	b.app.t.Helper()
	return b.do("GET", path, "", nil)
}

const encoded = "application/x-www-form-urlencoded"

// Post sends a form, filled in by the contact who is signed in unless fields
// name another.
func (b *Browser) Post(path string, fields url.Values) Page {
	b.app.t.Helper()
	return b.Send(path, encoded, strings.NewReader(b.named(fields).Encode()))
}

// named are the fields with the contact that every form of the portal names.
func (b *Browser) named(fields url.Values) url.Values {
	if b.contact == "" || fields.Has("contact") {
		return fields
	}
	all := url.Values{"contact": {b.contact}}
	maps.Copy(all, fields)
	return all
}

// Plain sends a form the way a script does, and returns the sentence that it gets.
func (b *Browser) Plain(path string, fields url.Values) Page {
	b.app.t.Helper()
	return b.do("POST", path, encoded, strings.NewReader(b.named(fields).Encode()), "Accept", "text/plain")
}

// SetCookie plants a cookie in the browser.
func (b *Browser) SetCookie(name, value string) {
	b.app.t.Helper()
	at, err := url.Parse(b.app.URL + "/")
	b.app.must(err)
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// Cookie is what the browser sends along to a path.
func (b *Browser) Cookie(path string) string {
	b.app.t.Helper()
	at, err := url.Parse(b.app.URL + path)
	b.app.must(err)
	var all []string
	for _, c := range b.client.Jar.Cookies(at) {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, "; ")
}

// Send sends a body of any kind.
func (b *Browser) Send(path, contentType string, body io.Reader) Page {
	b.app.t.Helper()
	return b.do("POST", path, contentType, body)
}

// File is one file of an upload.
type File struct {
	Field, Name string
	Content     []byte
}

// Upload sends a form with files, filled in as by Post.
func (b *Browser) Upload(path string, fields url.Values, files ...File) Page {
	b.app.t.Helper()
	return b.upload(path, b.named(fields), nil, files...)
}

// Script sends a file the way the page's script does, and returns the sentence
// that it gets.
func (b *Browser) Script(path string, fields url.Values, file File) Page {
	b.app.t.Helper()
	return b.upload(path, b.named(fields), []string{"Accept", "text/plain"}, file)
}

func (b *Browser) upload(path string, fields url.Values, headers []string, files ...File) Page {
	b.app.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range fields {
		for _, v := range values {
			b.app.must(w.WriteField(name, v))
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile(f.Field, f.Name)
		b.app.must(err)
		_, err = part.Write(f.Content)
		b.app.must(err)
	}
	b.app.must(w.Close())
	return b.do("POST", path, w.FormDataContentType(), &body, headers...)
}

// Submit sends the form that selector finds on a page, as a browser would:
// what it holds, changed by fields, with files. A field with no values is left out.
func (b *Browser) Submit(p Page, selector string, fields url.Values, files ...File) Page {
	b.app.t.Helper()
	form := p.Find(selector).First()
	if form.Length() == 0 {
		b.app.t.Fatalf("no form %s at %s (status %d)", selector, p.URL, p.Status)
	}
	values := url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, s *goquery.Selection) {
		name, _ := s.Attr("name")
		kind, _ := s.Attr("type")
		_, ticked := s.Attr("checked")
		_, disabled := s.Attr("disabled")
		switch {
		case disabled, kind == "file", kind == "submit", kind == "button", (kind == "checkbox" || kind == "radio") && !ticked:
		case goquery.NodeName(s) == "textarea":
			values.Add(name, s.Text())
		case goquery.NodeName(s) == "select":
			chosen := s.Find("option[selected]")
			if chosen.Length() == 0 {
				chosen = s.Find("option").First()
			}
			value, ok := chosen.Attr("value")
			if !ok {
				value = chosen.Text()
			}
			values.Add(name, value)
		default:
			value, ok := s.Attr("value")
			if !ok && (kind == "checkbox" || kind == "radio") {
				value = "on"
			}
			values.Add(name, value)
		}
	})
	for name, v := range fields {
		delete(values, name)
		if len(v) > 0 {
			values[name] = v
		}
	}
	action, ok := form.Attr("action")
	if !ok || action == "" {
		action = p.URL.RequestURI()
	}
	if kind, _ := form.Attr("enctype"); kind == "multipart/form-data" {
		return b.upload(action, values, nil, files...)
	}
	return b.Send(action, encoded, strings.NewReader(values.Encode()))
}

// Ask sends a request without a body, with headers as name, value, name, value.
func (b *Browser) Ask(method, path string, headers ...string) Page {
	b.app.t.Helper()
	return b.do(method, path, "", nil, headers...)
}

func (b *Browser) do(method, path, contentType string, body io.Reader, headers ...string) Page {
	b.app.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.app.URL + path
	}
	r, err := http.NewRequestWithContext(context.Background(), method, path, body)
	b.app.must(err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if method == "POST" {
		r.Header.Set("Origin", b.app.URL)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.client.Do(r)
	b.app.must(err)
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	b.app.must(err)
	markup := content
	if !utf8.Valid(content) { // a file, which has no elements
		markup = nil
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(markup))
	b.app.must(err)
	return Page{Document: doc, Status: res.StatusCode, URL: res.Request.URL, Header: res.Header, Body: string(content)}
}

// Text is the text that selector finds, white space folded.
func (p Page) Text(selector string) string {
	return strings.Join(strings.Fields(p.Find(selector).Text()), " ")
}

// Problem is the message at a field.
func (p Page) Problem(field string) string { return p.Text("#" + field + "-problem") }

// Has reports whether the page's text holds words.
func (p Page) Has(words string) bool { return strings.Contains(p.Text("body"), words) }

func (a *App) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// Parts is a form of many parts, and its content type.
func Parts(t testing.TB, fill func(*multipart.Writer)) (*bytes.Buffer, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	fill(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &body, w.FormDataContentType()
}
