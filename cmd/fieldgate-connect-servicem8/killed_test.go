package main

import (
	"flag"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
)

var kills = flag.Int("kills", 6, "how often TestKilledAtAnyMoment kills the connector")

// killer stands between the connector, as a process, and both sides, and kills the
// process at one of its calls.
type killer struct {
	left    atomic.Int64 // calls until then; below zero for never
	moment  int
	process atomic.Pointer[os.Process]
	killed  [3]int // by moment
}

// The moments at which a call ends the process.
const (
	notTaken   = iota // the call came, and nothing of it was done
	unanswered        // it was done, and nobody heard of it
	answered          // the answer is there, and perhaps what comes of it
)

func (k *killer) kill() {
	if p := k.process.Load(); p != nil && p.Signal(syscall.SIGKILL) == nil {
		k.killed[k.moment]++
	}
}

// before is a side as the process reaches it.
func (k *killer) before(side http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if k.left.Add(-1) != 0 {
			side.ServeHTTP(w, r)
			return
		}
		switch k.moment {
		case notTaken:
		case unanswered:
			side.ServeHTTP(httptest.NewRecorder(), r)
		case answered:
			side.ServeHTTP(w, r)
			_ = http.NewResponseController(w).Flush()
		}
		k.kill()
	})
}

// TestKilledAtAnyMoment kills the connector, a process of its own, with a signal that
// nothing can be done about, at calls of both sides, while people go on working at
// both. Once it is let work both sides are the same, no event was lost or told twice,
// and no email went out that nobody has caused.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	onEitherDay(t, func(t *testing.T, d *day, seed uint64) {
		d.m8.patient = true
		k := &killer{}
		theirs, portal := httptest.NewServer(k.before(d.m8)), httptest.NewServer(k.before(d.proxy.Config.Handler))
		t.Cleanup(theirs.Close)
		t.Cleanup(portal.Close)
		run := func(calls int64) {
			k.moment = mathrand.New(mathrand.NewPCG(seed, uint64(d.hour))).IntN(3)
			k.left.Store(calls)
			p := exec.CommandContext(t.Context(), os.Args[0], "-once", "-state", d.state)
			p.Env = []string{"FIELDGATE_TEST_CONNECT=1", "PORTAL_URL=" + portal.URL, "PORTAL_TOKEN=" + d.token, "SERVICEM8_URL=" + theirs.URL, "SERVICEM8_API_KEY=key", "TAX_NAME=GST", "TAX_PERCENT=10"}
			if err := p.Start(); err != nil {
				t.Error(err)
				return
			}
			k.process.Store(p.Process)
			if err := p.Wait(); err != nil && calls < 0 {
				t.Errorf("the connector ended with %v", err)
			}
		}
		for what := range 10 { // at least once each
			d.doInServiceM8(what)
		}
		for what := range 14 {
			d.doInThePortal(what)
		}
		for d.hour = 1; sum(k.killed) < *kills && d.hour < 20**kills; d.hour++ {
			// Soon, so that there is something to kill it at; sooner still now and then.
			calls := 1 + d.chance.Int64N([]int64{8, 40, 120}[d.chance.IntN(3)])
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				run(calls)
			}()
			for range 3 {
				d.inThePortal()
				d.inServiceM8()
			}
			<-ended
			d.hourOver()
		}
		d.token = d.newToken()
		for range 3 {
			run(-1)
		}
		t.Logf("killed %v times: before a call was taken, before its answer, behind it; people did %v", k.killed, d.did)
		if n := sum(k.killed); n < *kills {
			t.Errorf("it was killed %d times", n)
		}
		left, err := filepath.Glob(filepath.Join(filepath.Dir(d.state), "*"))
		if slices.Sort(left); err != nil || slices.ContainsFunc(left, func(f string) bool { return f != d.state && f != d.state+".new" }) {
			t.Errorf("beside its state lie %v, %v", left, err)
		}
	})
}

func sum(all [3]int) int { return all[0] + all[1] + all[2] }
