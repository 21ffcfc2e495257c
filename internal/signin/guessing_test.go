package signin_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

// at is a visitor from one of many addresses.
func at(n int) audit.Actor {
	return audit.Actor{Address: netip.AddrFrom4([4]byte{203, 0, byte(n >> 8), byte(n)})}
}

func limited(err error) bool {
	_, ok := errors.AsType[signin.Limited](err)
	return ok
}

func (w *world) guess(from audit.Actor, email string, times int) (looked int) {
	w.t.Helper()
	for range times {
		switch _, err := w.service.SignIn(w.t.Context(), from, email, "a wrong guess at it"); {
		case errors.Is(err, signin.ErrWrong):
			looked++
		case !limited(err):
			w.t.Error(err)
		}
	}
	return looked
}

// wrong makes wrong guesses at many accounts, without the time they take.
func (w *world) wrong(from audit.Actor, times int) {
	w.t.Helper()
	w.do(`insert into attempts (kind, side, account, address, network) select 'sign-in', 'portal', 'account ' || n, $1, $1 from generate_series(1, $2) n`, from.Address, times)
}

// TestOwnDevicesAreNotShutOut: whoever guesses, from however many addresses,
// refuses other visitors, and never the devices that the account signed in with.
func TestOwnDevicesAreNotShutOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lee := w.guest("lee@old.test", guestPassword)
	w.guest("kim@taken.test", guestPassword)
	token, err := w.service.RememberDevice(t.Context(), lee, signin.Device{Browser: "Firefox", Address: at(1).Address}, "")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for n := range 40 {
		looked += w.guess(at(n), "lee@old.test", 2)
	}
	if looked != 10 {
		t.Errorf("%d guesses from forty addresses were looked at, want 10", looked)
	}
	own := at(1)
	own.Device = token
	// An address from which a hundred were wrong shuts its other visitors out.
	w.wrong(at(1), 100)
	for _, c := range []struct {
		name  string
		from  audit.Actor
		email string
		in    bool
	}{
		{"a strange device", at(200), "lee@old.test", false},
		{"a forged one", audit.Actor{Address: at(200).Address, Device: token[1:] + "A"}, "lee@old.test", false},
		{"the account's own device, at the worst address", own, "lee@old.test", true},
		{"that device at somebody else's account", own, "kim@taken.test", false},
	} {
		if _, err := w.service.SignIn(t.Context(), c.from, c.email, guestPassword); (err == nil) != c.in || (err != nil && !limited(err)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// The device's budget is one of its own, and no larger.
	if got := w.guess(own, "lee@old.test", 12); got != 10 {
		t.Errorf("%d guesses on the account's own device were looked at, want 10", got)
	}
	// Who is signed in changes the password all the same.
	if _, err := w.service.ChangePassword(t.Context(), audit.Actor{Person: lee, Address: at(1).Address}, lee, guestPassword, other, "", false); err != nil {
		t.Error("signed in:", err)
	}
	// A new password, which whoever reads the account's mail can choose at any time, opens it to all devices.
	if _, err := w.service.SignIn(t.Context(), at(300), "lee@old.test", other); err != nil {
		t.Error("after a new password:", err)
	}
}

// TestOneNetworkShutsNobodyElseOut: ten wrong passwords from one place refuse
// that place, for longer and longer, and not a new phone somewhere else.
func TestOneNetworkShutsNobodyElseOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guest("lee@old.test", guestPassword)
	if got := w.guess(at(1), "lee@old.test", 15); got != 10 {
		t.Errorf("%d guesses from one address, want 10", got)
	}
	if _, err := w.service.SignIn(t.Context(), at(2), "lee@old.test", guestPassword); err != nil {
		t.Error("the right password from elsewhere:", err)
	}
	if _, err := w.service.SignIn(t.Context(), at(1), "lee@old.test", guestPassword); !limited(err) {
		t.Error("the right password from there:", err)
	}
	later := func(span string) {
		w.do(`update attempts set at = at - $1::interval, last_at = last_at - $1::interval`, span)
	}
	for _, wait := range []string{"15 minutes", "30 minutes", "1 hour", "2 hours", "4 hours"} {
		later("14 minutes")
		if got := w.guess(at(1), "lee@old.test", 1); got != 0 {
			t.Errorf("a guess before %s were over", wait)
		}
		later(wait)
		if got := w.guess(at(1), "lee@old.test", 3); got != 1 {
			t.Errorf("%d guesses after %s, want 1", got, wait)
		}
	}
}

// TestAnOfficeSignsInAtOnce: right passwords count against nobody, also while
// they are looked at, and also where others have guessed wrong.
func TestAnOfficeSignsInAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const people = 110
	w.guest("first@office.test", guestPassword)
	w.do(`insert into persons (email, password_hash) select 'p' || n || '@office.test', password_hash from persons, generate_series(1, $1) n where email = 'first@office.test'`, people)
	w.wrong(at(1), 90)
	var in atomic.Int64
	var wg sync.WaitGroup
	for n := range people {
		wg.Go(func() {
			if _, err := w.service.SignIn(t.Context(), at(1), fmt.Sprintf("p%d@office.test", n+1), guestPassword); err == nil {
				in.Add(1)
			} else {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if in.Load() != people {
		t.Errorf("%d of %d came in", in.Load(), people)
	}
}

// TestOneAccountSignsInAtOnce: somebody presses twice, or a business shares an
// account, after some wrong tries.
func TestOneAccountSignsInAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guest("lee@old.test", guestPassword)
	w.guess(at(1), "lee@old.test", 4)
	var wg sync.WaitGroup
	for range 25 {
		wg.Go(func() {
			if _, err := w.service.SignIn(t.Context(), at(1), "lee@old.test", guestPassword); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := get[int](w, `select count(*) from attempts where counts`); got != 0 {
		t.Errorf("%d tries still count", got)
	}
}

// TestManyGuessesAtOnceGainNothing: a hundred from one address are a hundred,
// however many come at the same moment and at however many accounts.
func TestManyGuessesAtOnceGainNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.wrong(at(1), 75)
	var looked atomic.Int64
	var wg sync.WaitGroup
	for n := range 60 {
		wg.Go(func() { looked.Add(int64(w.guess(at(1), fmt.Sprintf("p%d@office.test", n), 1))) })
	}
	wg.Wait()
	if looked.Load() != 25 {
		t.Errorf("%d guesses were looked at, want 25", looked.Load())
	}
	if got := get[int](w, `select count(*) from attempts where outcome = 'pending'`); got != 0 {
		t.Errorf("%d are still under way", got)
	}
	// All refusals of an hour are one row.
	if got := get[string](w, `select count(*) || ' of ' || sum(times) from attempts where outcome = 'refused'`); got != "1 of 35" {
		t.Errorf("refusals: %s", got)
	}
	// Of the burst Administrators are told; how often, package notify decides.
	if w.mails() == "[]" {
		t.Error("nobody is told")
	}
	if got := get[int](w, `select count(*) from attempts where email <> ''`); got != 0 {
		t.Errorf("%d rows name an address that is nobody's", got)
	}
}

// TestWhoWaitsKeepsNobodyWaiting: a crowd at one account, whose tries under way
// never end, stops nobody at another.
func TestWhoWaitsKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guest("lee@old.test", guestPassword)
	w.guess(at(1), "nobody@old.test", 1)
	w.do(`insert into attempts (kind, side, account, outcome, at)
		select kind, side, account, 'pending', now() + interval '1 hour' from attempts, generate_series(1, 10)`)
	ctx, leave := context.WithCancel(t.Context())
	var ended atomic.Int64
	var wg sync.WaitGroup
	for n := range 40 {
		wg.Go(func() {
			_, err := w.service.SignIn(ctx, at(n), "nobody@old.test", "a wrong guess at it")
			ended.Add(1)
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	for range 3 {
		if _, err := w.service.SignIn(t.Context(), at(200), "lee@old.test", guestPassword); err != nil {
			t.Error(err)
		}
	}
	if ended.Load() != 0 {
		t.Errorf("somebody else came in after %d of the crowd had left", ended.Load())
	}
	leave()
	wg.Wait()
}

// TestWhoeverHangsUpHasGuessed: a try is settled however its request ends, while
// it waits for a processor and after.
func TestWhoeverHangsUpHasGuessed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	slow := password.NewHasher()
	service := signin.New(w.pool, sealing, slow, w)
	busy, free := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { _, _ = slow.Hash(busy, "anything") })
	}
	ctx, hangUp := context.WithCancel(t.Context())
	wg.Go(func() {
		for get[int](w, `select count(*) from attempts`) == 0 {
			runtime.Gosched()
		}
		hangUp()
	})
	if _, err := service.SignIn(ctx, at(1), "nobody@old.test", "a wrong guess at it"); err == nil {
		t.Error("a wrong guess came in")
	}
	free()
	wg.Wait()
	if got := get[string](w, `select string_agg(outcome, ' ') from attempts`); got != "wrong" {
		t.Errorf("the try is %s", got)
	}
}

// TestRefusalsStandInTheTrailOnce, and only those of accounts that exist.
func TestRefusalsStandInTheTrailOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guest("lee@old.test", guestPassword)
	w.guess(at(1), "LEE@old.test", 20)
	w.guess(at(2), "my secret password", 20)
	got := get[string](w, `select string_agg(thing_label || ' ' || host(address) || ' ' || (after->>'reason'), ';') from audit_entries where thing = 'sign-in'`)
	if got != "lee@old.test 203.0.0.1 network-limit" {
		t.Errorf("the trail has %q", got)
	}
	if got := get[int](w, `select count(*) from attempts a where a::text like '%secret%'`); got != 0 {
		t.Errorf("%d rows keep what was typed", got)
	}
}

// TestUnnamedProxiesAreKnown to whoever asks later, until nothing comes through
// them any more.
func TestUnnamedProxiesAreKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := func() (found []signin.UnnamedProxy) {
		t.Helper()
		if err := postgres.Read(t.Context(), w.pool, func(b *postgres.Batch) { signin.QueryUnnamedProxies(b, &found) }); err != nil {
			t.Fatal(err)
		}
		return found
	}
	for range 2 {
		if err := w.service.NoteUnnamedProxy(t.Context(), netip.MustParseAddr("10.0.0.2")); err != nil {
			t.Fatal(err)
		}
	}
	if got := known(); len(got) != 1 || got[0].Address.String() != "10.0.0.2" {
		t.Errorf("%v", got)
	}
	w.do(`update unnamed_proxies set seen_at = now() - interval '8 days'`)
	if err := w.service.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := known(); len(got) != 0 || get[int](w, `select count(*) from unnamed_proxies`) != 0 {
		t.Errorf("still known: %v", got)
	}
}
