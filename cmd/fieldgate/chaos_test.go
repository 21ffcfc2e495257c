package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/mail/catcher"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
)

// How much happens while the program is killed; make chaos does more.
var (
	changes = flag.Int("changes", 40, "how many invitations and requests TestNoMailIsLost sends")
	kills   = flag.Int("kills", 3, "how often the program is killed")
)

// TestNoMailIsLost sends invitations and requests over HTTP while the program
// is killed at random and the mail server changes its mind, and compares
// afterwards what was committed with what was received: nothing is missing,
// nothing tells of what was rolled back, and a kill repeats one mail at most.
func TestNoMailIsLost(t *testing.T) {
	c := newChaos(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	begun := time.Now()
	c.start()

	over := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() { c.moods(over) })
	others.Go(func() { c.killer(over) })
	c.work(ctx, *changes)
	for c.killed.Load() < int64(*kills) && ctx.Err() == nil { // all of them, also when the work was quick
		time.Sleep(20 * time.Millisecond)
	}
	close(over)
	others.Wait()
	worked := time.Since(begun)

	c.server.Fault(catcher.Fine)
	c.settle(ctx)
	if failed := c.sendFailedAgain(ctx); failed > 0 {
		t.Logf("%d mails were refused for good; they were sent again from the office", failed)
		c.settle(ctx)
	}
	t.Logf("%d changes and %d kills in %v; everything was out %v later", *changes, c.killed.Load(), worked.Round(time.Second), (time.Since(begun) - worked).Round(100*time.Millisecond))
	c.compare(ctx, *changes-*changes/10)
}

type chaos struct {
	t      *testing.T
	pool   *pgxpool.Pool
	server *catcher.Catcher
	env    []string
	base   string
	office *http.Client
	portal *http.Client
	files  string // the folder of the store
	killed atomic.Int64

	mu      sync.Mutex
	program *exec.Cmd
}

func newChaos(t *testing.T) *chaos {
	t.Helper()
	return newChaosOn(t, dbtest.URL(t))
}

// newChaosOn is for a program on the database of an address.
func newChaosOn(t *testing.T, db string) *chaos {
	t.Helper()
	c := &chaos{t: t, files: t.TempDir()}
	var err error
	if c.pool, err = postgres.Open(t.Context(), db, 4); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.pool.Close)
	if c.server, err = catcher.StartWith("127.0.0.1:0", catcher.Options{Keep: 100_000}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.server.Close() })
	fillBusiness(t, c.pool)
	c.env = append(os.Environ(), "FIELDGATE_TEST_MAIN=1", "DATABASE_URL="+db, "FIELDGATE_STORAGE=file://"+c.files, "TMPDIR="+t.TempDir(),
		"FIELDGATE_SECRET_KEY=the secret key of the tests is no secret", "FIELDGATE_SMTP_URL="+c.server.URL(), "FIELDGATE_MAIL_FROM=portal@northwind.test", "FIELDGATE_LOG=error")
	c.listens()
	t.Cleanup(c.kill)
	return c
}

// listens gives the program an address of its own.
func (c *chaos) listens() {
	address := freeAddress(c.t)
	c.base = "http://" + address
	c.env = append(slices.Clip(c.env), "FIELDGATE_LISTEN="+address, "FIELDGATE_BASE_URL="+c.base)
}

// freeAddress is one on which nobody listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	return l.Addr().String()
}

// fillBusiness has Ada of the office and Lee of a customer sign in.
func fillBusiness(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	hash, err := password.NewHasher().Hash(t.Context(), chaosPassword)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.Exec(t.Context(), strings.ReplaceAll(`
		update company set trading_name = 'Northwind Air';
		update portal_settings set job_notifications = '{dispatch@northwind.test}', message_notifications = '{messages@northwind.test}', quote_notifications = '{quotes@northwind.test}';
		insert into staff (name, email, role, state, password_hash) values ('Ada', 'ada@northwind.test', 'administrator', 'active', 'HASH');
		insert into job_types (name) values ('Repair');
		insert into customers (name) values ('Harbour Towers');
		insert into persons (email, password_hash) values ('lee@harbour.test', 'HASH');
		insert into contacts (customer_id, person_id, name, email, access, jobs_see, jobs_edit, jobs_create, quotes_see, quotes_accept)
			values (1, 1, 'Lee', 'lee@harbour.test', 'active', 'all', true, true, 'all', true);`, "HASH", hash), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
}

const chaosPassword = "let-me-look-around"

// start begins the program, waits until it answers, and signs both people in if they are not.
func (c *chaos) start() {
	c.launch()
	for range 500 {
		if r, err := http.Get(c.base + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				break
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	if c.office == nil {
		c.office, c.portal = c.signedIn("/office/login", "ada@northwind.test"), c.signedIn("/login", "lee@harbour.test")
	}
}

// launch begins the program.
func (c *chaos) launch() {
	cmd := exec.Command(os.Args[0], "serve")
	cmd.Env, cmd.Stderr = c.env, os.Stderr
	if err := cmd.Start(); err != nil {
		c.t.Error(err)
		return
	}
	c.mu.Lock()
	c.program = cmd
	c.mu.Unlock()
}

// kill ends the program as a power cut would.
func (c *chaos) kill() {
	c.mu.Lock()
	cmd := c.program
	c.program = nil
	c.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

func (c *chaos) signedIn(path, email string) *http.Client {
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.PostForm(c.base+path, url.Values{"email": {email}, "password": {chaosPassword}})
	if err != nil || r.StatusCode != http.StatusSeeOther {
		c.t.Errorf("sign in as %s: %v, %v", email, r, err)
		return client
	}
	_ = r.Body.Close()
	return client
}

// killer kills the program at random and starts it again.
func (c *chaos) killer(over <-chan struct{}) {
	for c.killed.Load() < int64(*kills) && !c.t.Failed() {
		select {
		case <-over:
			return
		case <-time.After(time.Duration(rand.IntN(1000)) * time.Millisecond):
		}
		c.kill()
		c.killed.Add(1)
		for rand.IntN(4) == 0 && c.killed.Load() < int64(*kills) { // some before it is up again
			c.launch()
			time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
			c.kill()
			c.killed.Add(1)
		}
		c.start()
	}
}

// moods change how the mail server behaves.
func (c *chaos) moods(over <-chan struct{}) {
	all := []catcher.Fault{catcher.Temporary, catcher.Slow, catcher.Busy, catcher.HangUp, catcher.Refused}
	for {
		for _, f := range []catcher.Fault{all[rand.IntN(len(all))], catcher.Fine} {
			c.server.Fault(f)
			select {
			case <-over:
				return
			case <-time.After(time.Duration(100+rand.IntN(500)) * time.Millisecond):
			}
		}
	}
}

// work sends the changes, some at once. Each is repeated, as its form would be,
// until the program has answered it; every tenth is one that is refused.
func (c *chaos) work(ctx context.Context, n int) {
	var all sync.WaitGroup
	next := make(chan int)
	for range 6 {
		all.Go(func() {
			for i := range next {
				c.change(ctx, i)
				c.anHourLater(ctx)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}

func (c *chaos) change(ctx context.Context, i int) {
	nonce := fmt.Sprintf("chaos-%d-%d", i, rand.Int64())
	client, path, want := c.office, "/office/customers/C-1001/contacts", http.StatusSeeOther
	form := url.Values{
		"nonce": {nonce}, "name": {fmt.Sprintf("Guest %d", i)}, "email": {fmt.Sprintf("guest-%d@harbour.test", i)},
		"access": {"give"}, "preset": {"all"}, "email_notification": {"on"},
	}
	switch {
	case i%10 == 9: // the address is taken: rolled back at the last moment
		form.Set("email", "lee@harbour.test")
		want = http.StatusUnprocessableEntity
	case i%2 == 1:
		client, path = c.portal, "/jobs"
		form = url.Values{"nonce": {nonce}, "contact": {"1"}, "type": {"1"}, "description": {fmt.Sprintf("Request %d drips", i)}}
	}
	for ctx.Err() == nil {
		r, err := client.PostForm(c.base+path, form)
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		body, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if r.StatusCode >= http.StatusInternalServerError {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if r.StatusCode != want {
			c.t.Errorf("change %d: status %d to %q, want %d\n%.2000s", i, r.StatusCode, r.Header.Get("Location"), want, body)
		}
		return
	}
	c.t.Errorf("change %d was never answered", i)
}

// settle waits until every mail has come to an end; those that are gathered for
// minutes are not waited for.
func (c *chaos) settle(ctx context.Context) {
	for {
		var open int
		if err := c.pool.QueryRow(ctx, `select count(*) from emails where state in ('waiting', 'retrying') and gathers is null`).Scan(&open); err != nil {
			c.t.Fatal(err)
		}
		if open == 0 {
			return
		}
		select {
		case <-ctx.Done():
			c.t.Fatalf("%d mails still wait: %q", open, c.texts(context.WithoutCancel(ctx), `
				select e.state || ' ' || kind || ' ' || coalesce(server_words, '') || ', job ' || coalesce((select string_agg(j.state || ' ' || j.attempt || ' ' || (j.scheduled_at - now()), '; ') from river_job j where j.kind = 'deliver_email' and j.args->>'email' = e.id::text), 'none')
				from emails e where e.state in ('waiting', 'retrying')`))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// sendFailedAgain does what staff would do with mails that were refused.
func (c *chaos) sendFailedAgain(ctx context.Context) int {
	rows, err := c.pool.Query(ctx, `select id, server_words from emails where state = 'failed' order by id`)
	if err != nil {
		c.t.Fatal(err)
	}
	failed, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		ID    int64
		Words string
	}])
	if err != nil {
		c.t.Fatal(err)
	}
	for _, f := range failed {
		if !strings.Contains(f.Words, catcher.RefusedWords) {
			c.t.Errorf("email %d failed because of %q", f.ID, f.Words)
		}
		r, err := c.office.PostForm(fmt.Sprintf("%s/office/email/%d/again", c.base, f.ID), url.Values{})
		if err != nil || r.StatusCode != http.StatusSeeOther {
			c.t.Errorf("send email %d again: %v, %v", f.ID, r, err)
			continue
		}
		_ = r.Body.Close()
	}
	return len(failed)
}

var jobNumber = regexp.MustCompile(`J-\d+`)

// compare holds what was committed, so many changes, against what was received.
func (c *chaos) compare(ctx context.Context, want int) {
	committed := map[string]bool{}
	rows, err := c.pool.Query(ctx, `select 'invitation ' || email from contacts where access = 'invited' union all select 'job ' || number from jobs`)
	if err != nil {
		c.t.Fatal(err)
	}
	var what string
	if _, err := pgx.ForEachRow(rows, []any{&what}, func() error { committed[what] = true; return nil }); err != nil {
		c.t.Fatal(err)
	}
	if len(committed) != want {
		c.t.Errorf("%d changes were committed, want %d: a form sent again after a kill must not count twice, and none may get lost", len(committed), want)
	}

	received, ids, answered := map[string]bool{}, map[string]string{}, map[string]int{}
	all := c.server.Messages()
	hungUp := 0
	for _, m := range slices.Backward(all) {
		what := "sign-in"
		switch to := m.Recipients[0]; {
		case strings.HasPrefix(to, "guest-"):
			what = "invitation " + to
		case to == "dispatch@northwind.test":
			what = "job " + jobNumber.FindString(m.Subject)
		}
		if what != "sign-in" && !committed[what] {
			c.t.Errorf("a mail tells of %s, which was rolled back", what)
		}
		received[what] = true
		ids[m.MessageID] = what
		if m.Unanswered {
			hungUp++
		} else {
			answered[m.MessageID]++
		}
	}
	missing := 0
	for what := range committed {
		if !received[what] {
			missing++
			c.t.Errorf("the mail of %s is missing", what)
		}
	}
	repeats := 0
	for _, n := range answered {
		repeats += n - 1
	}
	if killed := int(c.killed.Load()); repeats > killed {
		c.t.Errorf("%d mails were repeated after being taken, with %d kills", repeats, killed)
	}
	c.t.Logf("%d committed changes, %d mails received (%d different, %d after which the server hung up), %d missing, %d repeats by %d kills",
		len(committed), len(all), len(ids), hungUp, missing, repeats, c.killed.Load())
}
