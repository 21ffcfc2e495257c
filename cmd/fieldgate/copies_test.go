package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/blob/s3test"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/mail/catcher"
)

// fleet are copies of the program on one database and one bucket.
type fleet struct {
	t       *testing.T
	pool    *pgxpool.Pool
	mail    *catcher.Catcher
	environ []string
	copies  []*instance
}

// instance is a copy: a process at an address.
type instance struct {
	base string

	mu      sync.Mutex
	log     bytes.Buffer
	program *exec.Cmd
}

func (i *instance) Write(b []byte) (int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.log.Write(b)
}

func (i *instance) said() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.log.String()
}

// newFleet is so many copies, none of them started, on the database of the
// owner's address. Customers open base.
func newFleet(t *testing.T, owner string, copies int, base string, environ ...string) *fleet {
	t.Helper()
	f := &fleet{t: t, pool: dbtest.Open(t, owner)}
	var err error
	if f.mail, err = catcher.StartWith("127.0.0.1:0", catcher.Options{Keep: 1000}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.mail.Close() })
	f.environ = slices.Concat(os.Environ(), []string{
		"DATABASE_URL=" + dbtest.ServingURL(t, owner), "FIELDGATE_MIGRATE_URL=" + owner, "FIELDGATE_STORAGE=" + s3test.Start(t, "files").Address(), "FIELDGATE_BASE_URL=" + base,
		"FIELDGATE_SECRET_KEY=the secret key of the tests is no secret", "FIELDGATE_SMTP_URL=" + f.mail.URL(), "FIELDGATE_MAIL_FROM=portal@northwind.test", "FIELDGATE_DB_CONNECTIONS=10", "FIELDGATE_LOG=warn",
	}, environ)
	for range copies {
		f.copies = append(f.copies, &instance{base: "http://" + freeAddress(t)})
	}
	t.Cleanup(func() {
		for _, c := range f.copies {
			if c.program != nil {
				_ = c.program.Process.Kill()
				_ = c.program.Wait()
			}
			if t.Failed() {
				t.Logf("%s said:\n%s", c.base, c.said())
			}
		}
	})
	return f
}

// start begins a copy, of this version or of the next.
func (f *fleet) start(c *instance, version string) {
	f.t.Helper()
	c.program = exec.Command(os.Args[0], "serve")
	c.program.Env = append(slices.Clone(f.environ), "FIELDGATE_TEST_MAIN="+version, "FIELDGATE_LISTEN="+strings.TrimPrefix(c.base, "http://"))
	c.program.Stderr = c
	if err := c.program.Start(); err != nil {
		f.t.Fatal(err)
	}
}

// ready waits until a copy is.
func (f *fleet) ready(c *instance) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), time.Minute)
	defer cancel()
	for !isReady(c.base) {
		if pause(ctx, 10*time.Millisecond) != nil {
			f.t.Fatal("a copy does not become ready")
		}
	}
}

func isReady(base string) bool {
	r, err := http.Get(base + "/readyz")
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// end asks a copy to end, and waits until it has.
func (f *fleet) end(c *instance) {
	f.t.Helper()
	_ = c.program.Process.Signal(syscall.SIGTERM)
	if err := c.program.Wait(); err != nil {
		f.t.Errorf("a copy ended with %v", err)
	}
	c.program = nil
}

// visitor keeps cookies, by name of the machine: of all copies alike.
func visitor() *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ask sends a form, or asks for a page when there is none.
func (f *fleet) ask(client *http.Client, address string, form url.Values) (status int, body string, to string) {
	f.t.Helper()
	send := client.Get
	if form != nil {
		send = func(address string) (*http.Response, error) { return client.PostForm(address, form) }
	}
	r, err := send(address)
	if err != nil {
		f.t.Error(err)
		return 0, "", ""
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
	}
	return r.StatusCode, string(b), r.Header.Get("Location")
}

func (f *fleet) signIn(base, where, email, password string) (client *http.Client, status int) {
	f.t.Helper()
	client = visitor()
	status, _, _ = f.ask(client, base+where, url.Values{"email": {email}, "password": {password}})
	return client, status
}

func (f *fleet) exec(sql string) {
	f.t.Helper()
	if _, err := f.pool.Exec(f.t.Context(), sql); err != nil {
		f.t.Fatal(err)
	}
}

func value[T any](f *fleet, sql string) (v T) {
	f.t.Helper()
	if err := f.pool.QueryRow(f.t.Context(), sql).Scan(&v); err != nil {
		f.t.Fatal(err)
	}
	return v
}

// TestCopies: three copies that start at once on an empty database are one
// program to those who visit it.
func TestCopies(t *testing.T) {
	t.Parallel()
	f := newFleet(t, dbtest.Empty(t), 3, "http://portal.northwind.test")
	for _, c := range f.copies {
		f.start(c, "this")
	}
	for _, c := range f.copies {
		f.ready(c)
	}
	if n := value[int](f, `select count(*) - count(distinct version_id) from goose_db_version`); n != 0 {
		t.Errorf("%d migrations were made twice", n)
	}
	fillBusiness(t, f.pool)
	f.exec(`update company set currency = 'AUD', time_zone = 'Australia/Sydney', locale = 'en-AU', first_steps_done_at = now()`)
	one, two, three := f.copies[0].base, f.copies[1].base, f.copies[2].base

	t.Run("sessions", func(t *testing.T) {
		lee, status := f.signIn(one, "/login", "lee@harbour.test", chaosPassword)
		if status != http.StatusSeeOther {
			t.Fatalf("signing in: %d", status)
		}
		for _, base := range []string{one, two, three} {
			if status, _, _ := f.ask(lee, base+"/jobs", nil); status != http.StatusOK {
				t.Errorf("%s: %d", base, status)
			}
		}
		f.ask(lee, two+"/logout", url.Values{})
		if status, _, _ := f.ask(lee, three+"/jobs", nil); status != http.StatusSeeOther {
			t.Errorf("after logging out elsewhere: %d", status)
		}
	})

	t.Run("limits", func(t *testing.T) {
		until := func(email string, bases ...string) (tries int) {
			for status := 0; status != http.StatusTooManyRequests && tries < 50; tries++ {
				_, status = f.signIn(bases[tries%len(bases)], "/login", email, "wrong password")
			}
			return tries
		}
		f.exec(`insert into persons (email) values ('a@harbour.test'), ('b@harbour.test')`)
		if alone, together := until("a@harbour.test", one), until("b@harbour.test", one, two, three); alone != together {
			t.Errorf("one copy refuses the password tried as number %d, three together number %d", alone, together)
		}
	})

	t.Run("requests and the queue", func(t *testing.T) {
		lee, _ := f.signIn(one, "/login", "lee@harbour.test", chaosPassword)
		answers := map[int]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		some := make(chan struct{}, 6)
		for i := range 30 {
			all.Go(func() {
				some <- struct{}{}
				defer func() { <-some }()
				form := url.Values{"nonce": {fmt.Sprintf("copies-%d", i)}, "contact": {"1"}, "type": {"1"}, "description": {fmt.Sprintf("Request %d drips", i)}}
				status := http.StatusServiceUnavailable
				// On a busy machine an answer may come too late; the same form is sent again then.
				for status == http.StatusServiceUnavailable && t.Context().Err() == nil {
					status, _, _ = f.ask(lee, f.copies[i%3].base+"/jobs", form)
				}
				mu.Lock()
				defer mu.Unlock()
				answers[status]++
			})
		}
		all.Wait()
		if want := map[int]int{http.StatusSeeOther: 20, http.StatusTooManyRequests: 10}; !maps.Equal(answers, want) {
			t.Errorf("of 30 requests, some at once, %v were answered so, want %v", answers, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for value[int](f, `select count(*) from emails where state in ('waiting', 'retrying') and gathers is null`) > 0 {
			if pause(ctx, 20*time.Millisecond) != nil {
				t.Fatal("emails still wait")
			}
		}
		told := map[string]int{}
		for _, m := range f.mail.Messages() {
			if m.Recipients[0] == "dispatch@northwind.test" {
				told[jobNumber.FindString(m.Subject)]++
			}
		}
		if once := slices.Collect(maps.Values(told)); len(told) == 0 || slices.Max(once) > 1 {
			t.Errorf("the office was told %v", told)
		}
		if n := value[int](f, `select count(*) from river_job where kind = 'deliver_email' and attempt > 1`); n != 0 {
			t.Errorf("%d jobs of the queue were done twice", n)
		}
		t.Logf("copies that sent mail: %d", value[int](f, `select count(distinct attempted_by[1]) from river_job where kind = 'deliver_email'`))
	})

	t.Run("files", func(t *testing.T) {
		ada, _ := f.signIn(one, "/office/login", "ada@northwind.test", chaosPassword)
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		_ = w.WriteField("nonce", "copies-file")
		part, _ := w.CreateFormFile("files", "plan.txt")
		_, _ = part.Write([]byte("the plan"))
		_ = w.Close()
		r, err := ada.Post(one+"/office/jobs/J-1001/attachments", w.FormDataContentType(), &form)
		if err != nil || r.StatusCode != http.StatusSeeOther {
			t.Fatalf("%v, %v", r, err)
		}
		_ = r.Body.Close()
		file := value[string](f, `select public_id from attachments`)
		if _, body, _ := f.ask(ada, three+"/office/attachments/"+file, nil); body != "the plan" {
			t.Errorf("the file of one copy is %q at another", body)
		}
	})

	t.Run("brand and settings", func(t *testing.T) {
		style := func(base string) string {
			_, body, _ := f.ask(visitor(), base+"/login", nil)
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			address, _ := doc.Find(`link[rel=stylesheet][href*="/brand/"]`).Attr("href")
			return address
		}
		for i, name := range []string{"Southwind Air", "Eastwind Air"} {
			lee, _ := f.signIn(one, "/login", "lee@harbour.test", chaosPassword)
			before := style(one)
			f.exec(fmt.Sprintf(`update company set trading_name = '%s', brand_colour = '#%d%[2]d5588', version = version + 1`, name, i+3))
			f.exec(fmt.Sprintf(`update contacts set access = '%s'`, []string{"active", "suspended"}[i]))
			for _, base := range []string{one, two, three} {
				if _, body, _ := f.ask(visitor(), base+"/login", nil); !strings.Contains(body, name) {
					t.Errorf("%s does not say %s", base, name)
				}
				if now := style(base); now == before || now == "" || now != style(one) {
					t.Errorf("the style sheet of %s is %q, and was %q", base, now, before)
				}
				if status, _, _ := f.ask(lee, base+"/jobs", nil); (status == http.StatusOK) != (i == 0) {
					t.Errorf("%s answers %d to who is %s", base, status, []string{"active", "suspended"}[i])
				}
			}
		}
	})

	t.Run("one ends", func(t *testing.T) {
		f.end(f.copies[0])
		ada, status := f.signIn(two, "/office/login", "ada@northwind.test", chaosPassword)
		if status != http.StatusSeeOther {
			t.Errorf("signing in to another: %d", status)
		}
		if status, _, _ := f.ask(ada, three+"/office", nil); status != http.StatusOK {
			t.Errorf("home: %d", status)
		}
	})
}

// TestDrain: a program that was told to end is not ready any more, and serves
// until the time to notice has passed.
func TestDrain(t *testing.T) {
	t.Parallel()
	f := newFleet(t, dbtest.OwnerURL(t, dbtest.URL(t)), 1, "http://portal.northwind.test", "FIELDGATE_DRAIN=2s")
	c := f.copies[0]
	f.start(c, "this")
	f.ready(c)
	_ = c.program.Process.Signal(syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for isReady(c.base) {
		if pause(ctx, 5*time.Millisecond) != nil {
			t.Fatal("it stays ready")
		}
	}
	r, err := http.Get(c.base + "/login")
	if err != nil || r.StatusCode != http.StatusOK || !r.Close {
		t.Errorf("while it ends, a page is %v, %v", r, err)
	}
	if err := c.program.Wait(); err != nil {
		t.Error(err)
	}
	c.program = nil
}
