package password

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestVerifyAcceptsOnlyTheSamePassword(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	hash, err := h.Hash(t.Context(), "Caf\u00e9 am See, im Regen")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash = %s", hash)
	}
	for _, c := range []struct {
		name, password string
		want           bool
	}{
		{"as chosen", "Caf\u00e9 am See, im Regen", true},
		{"typed on a keyboard that composes", "Cafe\u0301 am See, im Regen", true},
		{"another case", "caf\u00e9 am see, im regen", false},
		{"a full stop more", "Caf\u00e9 am See, im Regen .", false},
		{"nothing", "", false},
	} {
		ok, err := h.Verify(t.Context(), hash, c.password)
		if err != nil || ok != c.want {
			t.Errorf("%s: %v, %v; want %v", c.name, ok, err, c.want)
		}
	}
	other, err := h.Hash(t.Context(), "Caf\u00e9 am See, im Regen")
	if err != nil || other == hash {
		t.Errorf("two hashes of one password are equal (%v)", err)
	}
}

func TestVerifyReadsHashesOfOthers(t *testing.T) {
	t.Parallel()
	// The test vector of the reference implementation's test.c.
	const reference = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	ok, err := NewHasher().Verify(t.Context(), reference, "password")
	if err != nil || !ok {
		t.Errorf("reference vector: %v, %v", ok, err)
	}
	if !NeedsRehash(reference) {
		t.Error("a cheap hash need not be made anew?")
	}
}

func TestVerifyRefusesHashesThatAreNone(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	for name, hash := range map[string]string{
		"nothing":      "",
		"text":         "let-me-look-around",
		"bcrypt":       "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"argon2i":      "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"all memory":   "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"no pass":      "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"no lane":      "$argon2id$v=19$m=256,t=2,p=0$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"an empty key": "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
	} {
		if ok, err := h.Verify(t.Context(), hash, "password"); ok || err == nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		} else if hash != "" && strings.Contains(err.Error(), hash) {
			t.Errorf("%s: the error gives the hash away", name)
		}
		if !NeedsRehash(hash) {
			t.Errorf("%s: need not be made anew?", name)
		}
	}
}

func TestNeedsRehash(t *testing.T) {
	t.Parallel()
	hash, err := NewHasher().Hash(t.Context(), "any password")
	if err != nil || NeedsRehash(hash) {
		t.Errorf("today's hash needs to be made anew (%v)", err)
	}
}

func TestNobodyIsVerifiedAtTheSameCost(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	c, salt, key, err := parse(h.nobody)
	if err != nil || c != current || len(salt) != saltLength || len(key) != keyLength {
		t.Errorf("nobody's hash differs in cost: %v, %v", c, err)
	}
	if err := h.VerifyNobody(t.Context(), "password"); err != nil {
		t.Error(err)
	}
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(2, 3)
		release := make(chan struct{})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if err := h.queue.Do(t.Context(), func() { <-release }); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if err := h.queue.Do(t.Context(), func() { t.Error("ran") }); !errors.Is(err, ErrBusy) {
			t.Errorf("the sixth gets %v, want ErrBusy", err)
		}
		close(release)
		wg.Wait()
		if err := h.queue.Do(t.Context(), func() {}); err != nil {
			t.Errorf("after the rush: %v", err)
		}
	})
}

func TestWaitingEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(1, 1)
		release := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() { _ = h.queue.Do(t.Context(), func() { <-release }) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := h.queue.Do(ctx, func() { t.Error("ran") }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		close(release)
		wg.Wait()
	})
}

func BenchmarkVerify(b *testing.B) {
	h := NewHasher()
	for b.Loop() {
		_ = h.VerifyNobody(b.Context(), "let-me-look-around")
	}
}

// TestBlankOfPastingIsForgiven, and a password hashed when it still counted
// goes on to work.
func TestBlankOfPastingIsForgiven(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	const word = "copper kettle under seven stars"
	hash, err := h.Hash(t.Context(), word+" ")
	if err != nil {
		t.Fatal(err)
	}
	salt := random(saltLength)
	old := format(current, salt, current.key(word+" ", salt, keyLength))
	for _, c := range []struct {
		name, hash, typed string
		want              bool
	}{
		{"as chosen", hash, word + " ", true},
		{"without the blank", hash, word, true},
		{"with a line break", hash, word + "\r\n", true},
		{"a blank in front", hash, " " + word, false},
		{"old, with it", old, word + " ", true},
		{"old, without it", old, word, false},
	} {
		if ok, err := h.Verify(t.Context(), c.hash, c.typed); err != nil || ok != c.want {
			t.Errorf("%s: %v %v", c.name, ok, err)
		}
	}
}
