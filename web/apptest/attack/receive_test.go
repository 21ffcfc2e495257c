package attack_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldgate/web"
	"fieldgate/web/apptest"
)

// begin sends the head of a form with a file that announces size bytes, and what
// is given of its body; the rest never comes. It returns the first answer.
func begin(t *testing.T, app *apptest.App, cookie, path string, size int64, body string, headers ...string) (status int, page string, err error) {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(app.URL, "http://"))
	if err != nil {
		return 0, "", err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil { // sooner than any form's own
		return 0, "", err
	}
	head := []string{"POST " + path + " HTTP/1.1", "Host: " + strings.TrimPrefix(app.URL, "http://"), "Sec-Fetch-Site: same-origin", "Cookie: " + cookie, "Content-Type: multipart/form-data; boundary=x", fmt.Sprintf("Content-Length: %d", size)}
	if _, err := io.WriteString(c, strings.Join(append(head, headers...), "\r\n")+"\r\n\r\n"+body); err != nil {
		return 0, "", err
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// part is a field of a form, file the beginning of a file.
func part(name, value string) string {
	return fmt.Sprintf("--x\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, value)
}

const file = "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\nbeginning"

// hers is what Lee's browser sends first.
var hers = part("contact", "1") + part("nonce", "n") + part("description", "Kitchen tap") + part("text", "Kitchen tap") + part("name", "Kitchen tap")

// TestAskedBeforeReading: whoever may not send a file is told so before it comes,
// on every way in for files.
func TestAskedBeforeReading(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	var forms []web.Route
	for _, r := range app.SortedRoutes() {
		if r.Files {
			forms = append(forms, r)
		}
	}
	if len(forms) != 9+5+4 {
		t.Fatalf("%d ways in for files", len(forms))
	}
	people := map[string]*apptest.Browser{}
	for _, name := range []string{"nobody", "lee", "kim", "ola", "ben"} {
		people[name] = app.As(name)
	}
	var asked sync.WaitGroup
	ask := func(who, path string, status int, size int64, body string, headers ...string) {
		cookie := people[who].Cookie(path)
		asked.Go(func() {
			got, page, err := begin(t, app, cookie, path, size, body, headers...)
			switch {
			case err != nil || got != status:
				t.Errorf("%s at %s: %d, want %d, %v", who, path, got, status, err)
			case status != http.StatusTooManyRequests:
			case !strings.Contains(page, "within an hour") && !strings.Contains(page, "no space left"):
				t.Errorf("%s at %s is not told why", who, path)
			case body != "" && !strings.HasSuffix(path, "/files") && !strings.Contains(page, "Kitchen tap"):
				t.Errorf("%s at %s: what was typed is gone", who, path)
			}
		})
	}
	const huge = 1 << 30
	for _, r := range forms {
		path := apptest.Path(t, r.Pattern)
		ask("nobody", path, http.StatusSeeOther, huge, "")
		office := strings.HasPrefix(path, "/office")
		switch {
		case office:
			ask("ben", strings.NewReplacer("-1", "-9", "equipmentof", "noequipment").Replace(path), http.StatusNotFound, huge, "")
			ask("ben", path, http.StatusRequestEntityTooLarge, 10<<30, "")
			continue
		case strings.Contains(r.Pattern, "{"):
			ask("ola", path, http.StatusNotFound, huge, "")
			ask("ola", path, http.StatusNotFound, huge, "", "Expect: 100-continue")
			ask("ola", path, http.StatusConflict, huge, hers) // another customer's form
		case path == "/jobs":
			ask("kim", path, http.StatusForbidden, huge, "")
		default:
			ask("kim", path, http.StatusNotFound, huge, "")
		}
		path = strings.Replace(path, "J-1001/follow-up", "J-1002/follow-up", 1) // which is finished
		if !strings.HasPrefix(path, "/quotes/Q-1002/files") {                   // it was sent
			ask("lee", path, http.StatusRequestEntityTooLarge, 10<<30, "")
		}
	}
	ask("lee", "/quotes/Q-1002/files", http.StatusConflict, huge, hers)
	asked.Wait()

	// No space.
	app.Exec(`insert into stored_files (customer_id, bytes) values (1, 20::bigint << 30) on conflict (customer_id) do update set bytes = excluded.bytes`)
	for _, path := range []string{"/jobs", "/quotes", "/equipment", "/jobs/J-1001/messages", "/quotes/Q-1003/messages", "/jobs/J-1001/files", "/quotes/Q-1003/files", "/equipment/equipmentofharbour0000000000001/files"} {
		ask("lee", path, http.StatusTooManyRequests, huge, hers+file)
	}
	ask("lee", "/jobs/J-1001/files", http.StatusTooManyRequests, huge, "", "Expect: 100-continue")
	asked.Wait()
	app.Exec(`delete from stored_files`)

	// Nothing left of the hour.
	app.Exec(`insert into jobs (customer_id, description, job_type_id, status, main_contact_id, origin, created_by_contact_id) select 1, 'Tap', 1, 'new', 1, 'portal', 1 from generate_series(1, 20)`)
	app.Exec(`insert into messages (customer_id, job_id, text, contact_id) select 1, 1, 'Hello', 1 from generate_series(1, 60)`)
	for _, path := range []string{"/jobs", "/quotes", "/jobs/J-1001/messages", "/quotes/Q-1003/messages"} {
		ask("lee", path, http.StatusTooManyRequests, huge, hers)
		ask("lee", path, http.StatusTooManyRequests, huge, "")
	}
	asked.Wait()
	if p := people["lee"].Upload("/jobs", map[string][]string{"type": {"1"}, "description": {"Boiler"}, "site": {"1"}}); p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") != "3600" || p.Find("textarea[name=description]").Text() != "Boiler" {
		t.Error(p.Status, p.Header, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from attachments`); n != 2 {
		t.Errorf("%d files are kept", n)
	}
}

// TestAFormOnItsWayHasNoName: what ends the program meanwhile leaves no file
// behind. A folder of its own for temporary files cannot run beside others.
func TestAFormOnItsWayHasNoName(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	app := apptest.New(t)
	lee := app.As("lee")
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(app.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = fmt.Fprintf(c, "POST /jobs/J-1001/files HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n%s%s%s", strings.TrimPrefix(app.URL, "http://"), lee.Cookie("/"), part("contact", "1"), file, strings.Repeat("x", 100_000))
	if err != nil {
		t.Fatal(err)
	}
	under := func() (open int) {
		entries, _ := os.ReadDir("/proc/self/fd")
		for _, e := range entries {
			if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.Contains(to, "/fieldgate-upload-") {
				open++
			}
		}
		return open
	}
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("no list of open files here")
	}
	wait(t, "the file does not arrive", func() bool { return under() == 1 })
	// Whoever looks for room puts a file there, too, for a moment.
	wait(t, "the file has a name", func() bool {
		entries, err := os.ReadDir(os.TempDir())
		return err == nil && len(entries) == 0
	})
	_ = c.Close()
	wait(t, "the file stays open", func() bool { return under() == 0 })
}

func wait(t *testing.T, otherwise string, until func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !until(); {
		if time.Now().After(end) {
			t.Fatal(otherwise)
		}
	}
}
