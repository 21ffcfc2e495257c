package signin

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

const kim = "kim@demo.test"

var (
	home   = netip.MustParseAddr("192.0.2.7")
	nobody netip.Addr
)

// from returns different addresses for different numbers.
func from(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)})
}

func try(t *testing.T, db *pgxpool.Pool, a attempt) (wait time.Duration, ok bool) {
	t.Helper()
	s := New(db, nil, silent{})
	id, err := s.take(t.Context(), a)
	if limited, ok := errors.AsType[Limited](err); ok {
		return limited.Wait, false
	}
	if err == nil && a.Kind == passwordAttempt {
		err = s.failed(t.Context(), audit.Actor{}, a, id, WrongPassword)
	}
	if err != nil {
		t.Error(err)
	}
	return 0, true
}

// silent tells nobody.
type silent struct{ Mail }

func (silent) SignInsFail(context.Context, postgres.Tx) error { return nil }

func signInAttempt(account string, address netip.Addr) attempt {
	return attempt{Kind: passwordAttempt, Side: Portal, Account: account, Address: address}
}

// age makes everything so far happen longer ago.
func age(t *testing.T, db *pgxpool.Pool, by time.Duration) {
	t.Helper()
	if _, err := db.Exec(t.Context(), `update attempts set at = at - $1::interval, last_at = last_at - $1::interval`, by); err != nil {
		t.Fatal(err)
	}
}

func TestTenWrongPasswordsPerAccount(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for n := range 10 {
		if wait, ok := try(t, db, signInAttempt(kim, from(n))); !ok || wait != 0 {
			t.Fatalf("attempt %d refused", n+1)
		}
	}
	for _, c := range []struct {
		name string
		a    attempt
		want bool
	}{
		{"again", signInAttempt(kim, from(99)), false},
		{"in other letters", signInAttempt("  KIM@Demo.Test ", from(99)), false},
		{"from nowhere", signInAttempt(kim, nobody), false},
		{"somebody else", signInAttempt("lee@demo.test", from(1)), true},
		{"at the office", attempt{Kind: passwordAttempt, Side: Office, Account: kim, Address: from(1)}, true},
		{"a reset", attempt{Kind: mailAttempt, Side: Portal, Account: kim, Address: from(1)}, true},
	} {
		wait, ok := try(t, db, c.a)
		if ok != c.want {
			t.Errorf("%s: %v, want %v", c.name, ok, c.want)
		}
		if !ok && (wait <= 14*time.Minute || wait > 15*time.Minute) {
			t.Errorf("%s: come back in %v", c.name, wait)
		}
	}
	age(t, db, 14*time.Minute)
	if wait, ok := try(t, db, signInAttempt(kim, home)); ok || wait > time.Minute {
		t.Errorf("after 14 minutes: %v, come back in %v", ok, wait)
	}
	age(t, db, time.Minute)
	if _, ok := try(t, db, signInAttempt(kim, home)); !ok {
		t.Error("still refused after 15 minutes")
	}
}

func TestHundredWrongPasswordsPerAddress(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for n := range 100 {
		// One household: every machine of it has addresses of the same network.
		a := netip.MustParseAddr("2001:db8:7:7::").As16()
		a[15] = byte(n)
		if _, ok := try(t, db, signInAttempt(strings.Repeat("x", n), netip.AddrFrom16(a))); !ok {
			t.Fatalf("attempt %d refused", n+1)
		}
	}
	for _, c := range []struct {
		name, address string
		want          bool
	}{
		{"same network", "2001:db8:7:7:ffff::1", false},
		{"same network with a zone", "2001:db8:7:7::1%eth0", false},
		{"the network beside", "2001:db8:7:8::1", true},
		{"another", "192.0.2.1", true},
	} {
		wait, ok := try(t, db, signInAttempt("new@demo.test", netip.MustParseAddr(c.address)))
		if ok != c.want {
			t.Errorf("%s: %v, want %v", c.name, ok, c.want)
		}
		if !ok && (wait <= 59*time.Minute || wait > time.Hour) {
			t.Errorf("%s: come back in %v", c.name, wait)
		}
	}
}

// TestUnnamedProxyShutsNobodyOut: behind a proxy that the operator has not named
// everybody has its address. Whom it claims to speak for is limited; when it
// claims nothing, accounts alone are.
func TestUnnamedProxyShutsNobodyOut(t *testing.T) {
	t.Parallel()
	for name, claims := range map[string]bool{"it says for whom": true, "it says nothing": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := dbtest.New(t)
			through := func(n int, account string) attempt {
				a := signInAttempt(account, netip.MustParseAddr("10.0.0.2"))
				if a.Proxied = true; claims {
					a.Claimed = from(n)
				}
				return a
			}
			taken := 0
			for n := range 120 {
				if _, ok := try(t, db, through(1, strings.Repeat("x", n+1))); ok {
					taken++
				}
			}
			if want := map[bool]int{true: 100, false: 120}[claims]; taken != want {
				t.Errorf("%d guesses were taken, want %d", taken, want)
			}
			for n := range 11 {
				if _, ok := try(t, db, through(2, kim)); ok != (n < 10) {
					t.Errorf("somebody else behind it, try %d at one account: %v", n+1, ok)
				}
			}
		})
	}
}

func TestMappedAddressIsTheSame(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	try(t, db, signInAttempt(kim, netip.MustParseAddr("::ffff:192.0.2.7")))
	try(t, db, signInAttempt(kim, home))
	var addresses int
	if err := db.QueryRow(t.Context(), `select count(distinct address) from attempts`).Scan(&addresses); err != nil || addresses != 1 {
		t.Errorf("%d addresses, %v", addresses, err)
	}
}

func TestFiveResetMailsPerAccount(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	reset := attempt{Kind: mailAttempt, Side: Portal, Account: kim, Address: home}
	for n := range 5 {
		if _, ok := try(t, db, reset); !ok {
			t.Fatalf("mail %d refused", n+1)
		}
	}
	if wait, ok := try(t, db, reset); ok || wait <= 59*time.Minute {
		t.Errorf("the sixth: %v, %v", ok, wait)
	}
	age(t, db, time.Hour)
	if _, ok := try(t, db, reset); !ok {
		t.Error("refused after an hour")
	}
}

func TestTwoHundredAtOnceGetTenTries(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	var passed atomic.Int32
	var wg sync.WaitGroup
	for n := range 200 {
		wg.Go(func() {
			if _, ok := try(t, db, signInAttempt(kim, from(n%40))); ok {
				passed.Add(1)
			}
		})
	}
	wg.Wait()
	if got := passed.Load(); got != 10 {
		t.Errorf("%d of 200 passed, want 10", got)
	}
}

func TestSuccessClearsTheAccountOnly(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for range 10 {
		try(t, db, signInAttempt(kim, home))
		try(t, db, signInAttempt("lee@demo.test", home))
	}
	err := postgres.Transact(t.Context(), db, func(tx postgres.Tx) error {
		return clearAttempts(t.Context(), tx, Portal, "Kim@demo.test")
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := try(t, db, signInAttempt(kim, home)); !ok {
		t.Error("Kim is still refused")
	}
	if _, ok := try(t, db, signInAttempt("lee@demo.test", home)); ok {
		t.Error("Lee is let in by Kim's password")
	}
}

func TestHostileAccountsAreCountedLikeOthers(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for _, account := range []string{"", "\x00", "\xff\xfe", strings.Repeat("x", 1<<20), "'; drop table attempts; --"} {
		for n := range 11 {
			if _, ok := try(t, db, signInAttempt(account, nobody)); ok != (n < 10) {
				t.Errorf("%.20q: attempt %d: %v", account, n+1, ok)
			}
		}
	}
	// Passwords are typed into the wrong field every day.
	try(t, db, signInAttempt("my secret", home))
	var kept int
	if err := db.QueryRow(t.Context(), `select count(*) from attempts where account like '%secret%'`).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("%d rows keep what was typed, %v", kept, err)
	}
}

func TestSweepKeepsWhatCounts(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	try(t, db, signInAttempt(kim, home))
	age(t, db, 91*24*time.Hour)
	try(t, db, signInAttempt(kim, home))
	err := postgres.Transact(t.Context(), db, func(tx postgres.Tx) error {
		deleted, err := sweepAttempts(t.Context(), tx)
		if deleted != 1 {
			t.Errorf("deleted %d, want 1", deleted)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
