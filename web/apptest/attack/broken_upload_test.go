package attack_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"fieldgate/internal/attachment"
	"fieldgate/internal/storage"
	"fieldgate/web/apptest"
)

// brokenUploads is how many forms of each sort are broken off;
// FIELDGATE_TEST_BROKEN asks for more.
func brokenUploads(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("FIELDGATE_TEST_BROKEN"))
	if err != nil {
		return 20
	}
	return n
}

// wayIn is a form that brings bytes: how the i-th of it is sent, and what there
// is to count, each as many times as there were forms.
type wayIn struct {
	path    func(i int) string
	fields  func(i int) url.Values
	files   bool
	counted []string
}

// Clients that go away while what they sent is being kept: whatever has a row has
// its bytes, and the form sent again leaves it there once, whole, and told once.
func TestUploadsThatAreBrokenOff(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	job := lee.Post("/jobs", map[string][]string{"type": {"1"}, "description": {"The fan rattles."}}).URL.Path
	all := brokenUploads(t)
	app.Exec(`
		insert into quotes (customer_id, name, description, currency, status, site_id, main_contact_id, origin) select 1, 'Broken off', 'Tap ' || i, 'AUD', 'draft', 1, 1, 'office' from generate_series(1, $1) i`, all)
	app.Exec(`
		insert into quote_versions (customer_id, quote_id, number, net, tax, total, name, description, sent_at, sent_by_id)
		select 1, id, 1, 100, 10, 110, name, description, now(), 1 from quotes where name = 'Broken off'`)
	app.Exec(`update quotes set status = 'sent', sent_version = 1 where name = 'Broken off'`)
	var quotes []string
	for i := range all {
		quotes = append(quotes, apptest.Value[string](app, fmt.Sprintf(`select number from quotes where description = 'Tap %d'`, i+1)))
	}
	contact := func(nonce string, i int, more url.Values) url.Values {
		fields := url.Values{"contact": {"1"}, "nonce": {fmt.Sprintf("%s %d", nonce, i)}}
		maps.Copy(fields, more)
		return fields
	}
	ways := map[string]wayIn{
		"files of a job": {
			path: func(int) string { return job + "/files" }, files: true,
			fields:  func(i int) url.Values { return contact("files", i, nil) },
			counted: []string{`attachments where job_id is not null and nonce like '%files %' and job_id not in (select id from jobs where description like 'Broken off %')`},
		},
		"a new job": {
			path: func(int) string { return "/jobs" }, files: true,
			fields: func(i int) url.Values {
				return contact("job", i, url.Values{"type": {"1"}, "description": {fmt.Sprintf("Broken off %d", i)}})
			},
			counted: []string{
				`jobs where description like 'Broken off %'`, `attachments where job_id in (select id from jobs where description like 'Broken off %')`,
				`(select distinct job_id from attachments where job_id in (select id from jobs where description like 'Broken off %')) each`,
			},
		},
		"a message": {
			path: func(int) string { return job + "/messages" }, files: true,
			fields: func(i int) url.Values {
				return contact("message", i, url.Values{"text": {fmt.Sprintf("Broken off %d", i)}})
			},
			counted: []string{`messages where text like 'Broken off %'`, `attachments where message_id is not null`, `(select distinct message_id from attachments where message_id is not null) each`},
		},
		"a signed quote": {
			path: func(i int) string { return "/quotes/" + quotes[i] + "/acceptance" },
			fields: func(i int) url.Values {
				return contact("quote", i, url.Values{"full_name": {"Lee"}, "terms": {"yes"}, "shown": {"1"}, "signature": {signature(t)}})
			},
			counted: []string{`acceptances where signature_key <> ''`, `quotes where name = 'Broken off' and status = 'accepted'`, `emails where kind = 'quote-decision'`, `emails where kind = 'quote-answered' and contact_id = 1`},
		},
	}
	for name, way := range ways {
		breakOffAll(t, app, lee.Cookie(job), way, all)
		for _, rows := range way.counted {
			if n := apptest.Value[int](app, `select count(*) from `+rows); n != all {
				t.Errorf("%s: %d %s where %d were sent", name, n, rows, all)
			}
		}
	}
	if n, err := app.Store.Check(t.Context(), func(n storage.Named) { t.Errorf("%s has no bytes", n.Label) }); err != nil || n < len(ways)*all {
		t.Errorf("%d looked for: %v", n, err)
	}
	// Those that were broken off before they were whole have left nothing.
	if swept, err := app.Store.Sweep(t.Context(), true, false); err != nil || swept.Unfinished > 0 {
		t.Errorf("%+v, %v", swept, err)
	}
}

// breakOffAll sends n forms and goes away around the end of each, then sends each
// again. It does so by tens, with hours between them: nobody sends more at once.
func breakOffAll(t *testing.T, app *apptest.App, cookie string, way wayIn, n int) {
	t.Helper()
	var text bytes.Buffer
	if err := photograph(&text); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	address := strings.TrimPrefix(app.URL, "http://")
	for from := 0; from < n; from += 10 {
		var group errgroup.Group
		group.SetLimit(6)
		for i := from; i < min(from+10, n); i++ {
			request := requestOf(way, i, app.URL, cookie, text.Bytes())
			pause := time.Duration(random.IntN(40_000)) * time.Microsecond
			if random.IntN(10) == 0 { // within the last bytes
				request = request[:len(request)-1-i%64]
			}
			group.Go(func() error { return breakOff(address, request, pause) })
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		for i := from; i < min(from+10, n); i++ {
			if answer, err := sendRaw(address, requestOf(way, i, app.URL, cookie, text.Bytes())); err != nil || !strings.Contains(answer, " 303 ") {
				t.Fatalf("sent again: %v %.200s", err, answer)
			}
		}
		app.Exec(`update jobs set created_at = created_at - interval '2 hours'`)
		app.Exec(`update messages set at = at - interval '2 hours'`)
		app.Exec(`update attachments set uploaded_at = uploaded_at - interval '2 hours'`)
	}
}

func photograph(w io.Writer) error {
	_, err := io.WriteString(w, strings.Repeat("The meter reads 17.\n", attachment.MaxName))
	return err
}

// requestOf is a whole request, with a file if the form brings any.
func requestOf(way wayIn, i int, origin, cookie string, content []byte) []byte {
	var body, request bytes.Buffer
	kind := "application/x-www-form-urlencoded"
	if fields := way.fields(i); way.files {
		form := multipart.NewWriter(&body)
		for name := range fields {
			_ = form.WriteField(name, fields.Get(name))
		}
		if w, err := form.CreateFormFile("files", "meter.txt"); err == nil {
			_, _ = w.Write(content)
		}
		_ = form.Close()
		kind = form.FormDataContentType()
	} else {
		body.WriteString(fields.Encode())
	}
	fmt.Fprintf(&request, "POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nSec-Fetch-Site: same-origin\r\nCookie: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
		way.path(i), strings.TrimPrefix(origin, "http://"), origin, cookie, kind, body.Len())
	return append(request.Bytes(), body.Bytes()...)
}

// signature is one that was drawn.
func signature(t *testing.T) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	for x := 20; x < 120; x++ {
		img.Set(x, 40, color.NRGBA{B: 60, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

// breakOff sends a request and goes away after a pause.
func breakOff(address string, request []byte, pause time.Duration) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	if _, err := c.Write(request); err != nil {
		_ = c.Close()
		return err
	}
	<-time.After(pause)
	_ = c.(*net.TCPConn).SetLinger(0) // as a phone that loses its line: a reset, no farewell
	return c.Close()
}

func sendRaw(address string, request []byte) (string, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := c.Write(request); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(c)
	return string(answer), err
}
