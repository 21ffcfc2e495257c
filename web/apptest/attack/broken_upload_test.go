package attack_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"fieldgate/internal/attachment"
	"fieldgate/internal/storage"
	"fieldgate/web/apptest"
)

// brokenUploads is how many uploads are broken off; FIELDGATE_TEST_BROKEN asks
// for more.
func brokenUploads(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("FIELDGATE_TEST_BROKEN"))
	if err != nil {
		return 60
	}
	return n
}

// Clients that go away while their files are being kept: whatever has a row has
// its bytes, and the form sent again leaves the file there once.
func TestUploadsThatAreBrokenOff(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	number := lee.Post("/jobs", map[string][]string{"type": {"1"}, "description": {"The fan rattles."}}).URL.Path
	cookie := lee.Cookie(number)
	var page bytes.Buffer
	if err := photograph(&page); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var turn sync.Mutex
	var group errgroup.Group
	group.SetLimit(6)
	for i := range brokenUploads(t) {
		turn.Lock()
		pause := time.Duration(random.IntN(40_000)) * time.Microsecond
		whole := random.IntN(10) > 0
		turn.Unlock()
		group.Go(func() error {
			request := uploadOf(number+"/files", app.URL, cookie, fmt.Sprintf("nonce %d", i), page.Bytes())
			if !whole { // within the last bytes
				request = request[:len(request)-1-i%64]
			}
			return breakOff(strings.TrimPrefix(app.URL, "http://"), request, pause)
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for i := range brokenUploads(t) {
		answer, err := sendRaw(strings.TrimPrefix(app.URL, "http://"), uploadOf(number+"/files", app.URL, cookie, fmt.Sprintf("nonce %d", i), page.Bytes()))
		if err != nil || !strings.Contains(answer, " 303 ") {
			t.Fatalf("sent again: %v %.200s", err, answer)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from attachments where nonce like '%nonce %'`); n != brokenUploads(t) {
		t.Errorf("%d files where %d were sent", n, brokenUploads(t))
	}
	if n, err := app.Store.Check(t.Context(), func(n storage.Named) { t.Errorf("%s has no bytes", n.Label) }); err != nil || n < brokenUploads(t) {
		t.Errorf("%d looked for: %v", n, err)
	}
	// Those that were broken off before they were whole have left nothing.
	if swept, err := app.Store.Sweep(t.Context(), true, false); err != nil || swept.Unfinished > 0 {
		t.Errorf("%+v, %v", swept, err)
	}
}

func photograph(w io.Writer) error {
	_, err := io.WriteString(w, strings.Repeat("The meter reads 17.\n", attachment.MaxName))
	return err
}

// uploadOf is a whole request that brings a file.
func uploadOf(path, origin, cookie, nonce string, content []byte) []byte {
	var body, request bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("contact", "1")
	_ = form.WriteField("nonce", nonce)
	if w, err := form.CreateFormFile("files", "meter.txt"); err == nil {
		_, _ = w.Write(content)
	}
	_ = form.Close()
	fmt.Fprintf(&request, "POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nSec-Fetch-Site: same-origin\r\nCookie: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
		path, strings.TrimPrefix(origin, "http://"), origin, cookie, form.FormDataContentType(), body.Len())
	return append(request.Bytes(), body.Bytes()...)
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
