package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"fieldgate/internal/mail/catcher"
)

// target is something that answers: the program on a business, or the bare
// handler, in a process of its own.
type target struct {
	*business
	url    string
	pid    int
	mail   *catcher.Catcher
	cmd    *exec.Cmd
	people people
	client *http.Client
}

func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}
}

// startProgram starts the program on the business and waits until it is ready.
func startProgram(ctx context.Context, b *business, o options) (t *target, err error) {
	t = &target{business: b, client: newClient()}
	if t.mail, err = catcher.StartWith("127.0.0.1:0", catcher.Options{Keep: 10}); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	t.url = "http://" + port
	t.cmd = exec.Command(o.program, "serve") //nolint:noctx // close ends it
	t.cmd.Env = append(os.Environ(), b.environ()...)
	t.cmd.Env = append(t.cmd.Env, "FIELDGATE_LISTEN="+port, "FIELDGATE_BASE_URL="+t.url, "FIELDGATE_SMTP_URL="+t.mail.URL(), "FIELDGATE_MIGRATE=false")
	t.cmd.Stdout, t.cmd.Stderr = os.Stderr, os.Stderr
	if err := t.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the program: %w", err)
	}
	t.pid = t.cmd.Process.Pid
	err = t.ready(ctx)
	if err == nil {
		err = t.meet(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// freePort is an address that nobody listens at.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (t *target) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("the program was not ready within a minute"))
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url+"/readyz", nil)
		if err != nil {
			return err
		}
		if answer, err := t.client.Do(r); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// startBare starts the bare handler on the business of a target.
func startBare(of *target) (*target, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	t := &target{business: &business{postgres: of.postgres}, client: newClient(), people: of.people}
	t.cmd = exec.Command(self, "bare") //nolint:noctx // close ends it
	t.cmd.Env = append(os.Environ(), "DATABASE_URL="+of.serving)
	t.cmd.Stderr = os.Stderr
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := t.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the bare handler: %w", err)
	}
	t.pid = t.cmd.Process.Pid
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the bare handler: %w", err), t.close())
	}
	t.url = strings.TrimSpace(line)
	return t, nil
}

// close ends the process, and what belongs to it.
func (t *target) close() error {
	t.client.CloseIdleConnections()
	var err error
	if t.cmd != nil && t.cmd.Process != nil {
		_ = t.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		if waited := t.cmd.Wait(); waited != nil {
			if exit, ok := errors.AsType[*exec.ExitError](waited); !ok || exit.ExitCode() > 0 {
				err = fmt.Errorf("the program ended: %w", waited)
			}
		}
	}
	if t.mail != nil {
		err = errors.Join(err, t.mail.Close())
	}
	if t.db != nil {
		t.db.Close()
	}
	return err
}

// sample is what one stretch of requests came to.
type sample struct {
	latencies []time.Duration
	bytes     int64
	wall      time.Duration
	used      used
	clean     bool  // hardly anything else ran on the machine
	failed    int   // answered otherwise than they should be
	wrong     error // one of these
}

func (s sample) requests() int { return len(s.latencies) }

// perRequest is the CPU time of a request, of the program and of PostgreSQL.
func (s sample) perRequest() (program, postgres time.Duration) {
	n := time.Duration(max(s.requests(), 1))
	return s.used.program / n, s.used.postgres / n
}

func (s sample) cpu() time.Duration {
	program, postgres := s.perRequest()
	return program + postgres
}

// disturbed: a stretch in which others used more than this part of the machine is no clean one.
const disturbed = 0.1

// measure asks for a page by so many clients at once, for so long.
func (t *target) measure(ctx context.Context, p *page, clients int, length time.Duration, processors int) (s sample, err error) {
	before, err := spent(t.pid, t.postgres)
	if err != nil {
		return s, err
	}
	began := time.Now()
	end := began.Add(length)
	var mu sync.Mutex
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			var mine sample
			for asked := began; asked.Before(end) && ctx.Err() == nil; asked = time.Now() {
				n, more, err := t.ask(ctx, p)
				if !more {
					break
				}
				mine.latencies, mine.bytes = append(mine.latencies, time.Since(asked)), mine.bytes+n
				if err != nil {
					mine.failed, mine.wrong = mine.failed+1, err
				}
			}
			mu.Lock()
			defer mu.Unlock()
			s.latencies, s.bytes, s.failed = append(s.latencies, mine.latencies...), s.bytes+mine.bytes, s.failed+mine.failed
			s.wrong = cmp.Or(s.wrong, mine.wrong)
		})
	}
	wait.Wait()
	s.wall = time.Since(began)
	after, err := spent(t.pid, t.postgres)
	s.used = after.minus(before)
	s.clean = s.used.others.Seconds() < disturbed*s.wall.Seconds()*float64(processors)
	return s, errors.Join(err, ctx.Err())
}

// ask sends one request and reads the answer to its end. There is no more when
// what a page uses up is used up.
func (t *target) ask(ctx context.Context, p *page) (bytes int64, more bool, err error) {
	r, err := p.request(ctx, t)
	if r == nil || err != nil {
		return 0, err != nil, err
	}
	r.Header.Set("Accept-Encoding", "br, gzip")
	if p.plain {
		r.Header.Set("Accept-Encoding", "identity")
	}
	r.Header.Set("User-Agent", userAgent)
	if p.writes {
		if _, err := t.db.Exec(ctx, "select pg_current_xact_id()"); err != nil { // a transaction that counts as one that writes
			return 0, true, err
		}
	}
	answer, err := t.client.Do(r)
	if err != nil {
		return 0, true, err
	}
	defer answer.Body.Close()
	bytes, err = io.Copy(io.Discard, answer.Body)
	want := p.status
	if want == 0 {
		want = http.StatusOK
	}
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%s: %s %s is answered with %d, not %d", p.name, r.Method, r.URL.RequestURI(), answer.StatusCode, want)
	}
	return bytes, true, err
}
