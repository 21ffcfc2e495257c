// Package password hashes and verifies passwords, and says which ones may be
// chosen. It knows neither people nor requests.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// ErrBusy says that too many people wait for their password to be checked.
// Ask them to try again in a moment.
var ErrBusy = errors.New("too many passwords are being checked")

// queueLength bounds the wait of the last in the queue to about ten seconds
// on two cores. Whoever comes after is better told at once.
const queueLength = 512

// Hasher hashes, verifies and judges passwords, as many at a time as there are
// processors: each hash takes 19 MiB, so a crowd signing in must not cost the
// crowd's size in memory. One Hasher serves the whole process.
type Hasher struct {
	queue  *Queue
	nobody string
}

// NewHasher returns a Hasher for this machine.
func NewHasher() *Hasher {
	return newHasher(runtime.NumCPU(), queueLength)
}

func newHasher(parallel, queue int) *Hasher {
	return &Hasher{
		queue:  NewQueue(parallel, queue),
		nobody: format(current, random(saltLength), random(keyLength)),
	}
}

// Hash returns the password's hash as a PHC string, to be stored.
// It returns ErrBusy when the queue is full.
func (h *Hasher) Hash(ctx context.Context, password string) (hash string, err error) {
	err = h.queue.Do(ctx, func() {
		salt := random(saltLength)
		hash = format(current, salt, current.key(tidied(password), salt, keyLength))
	})
	return hash, err
}

// Verify tells whether the password belongs to the hash. It returns ErrBusy
// when the queue is full, and another error when the hash is none of ours.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (ok bool, err error) {
	c, salt, want, err := parse(hash)
	if err != nil {
		return false, err
	}
	is := func(typed string) bool { return subtle.ConstantTimeCompare(c.key(typed, salt, len(want)), want) == 1 }
	err = h.queue.Do(ctx, func() {
		whole, tidy := norm.NFC.String(password), tidied(password)
		ok = is(tidy)
		if !ok && whole != tidy {
			ok = is(whole) // hashed when blanks at the end still counted
		}
	})
	return ok, err
}

// VerifyNobody takes as long as Verify. Call it when no account has the address
// or the account has no password, so that the time does not tell.
func (h *Hasher) VerifyNobody(ctx context.Context, password string) error {
	_, err := h.Verify(ctx, h.nobody, password)
	return err
}

// Check is the function Check in its turn: judging a password costs
// milliseconds of a processor too.
func (h *Hasher) Check(ctx context.Context, password string, known ...string) (problem string, err error) {
	return h.CheckFrom(ctx, MinLength, password, known...)
}

// CheckFrom is Check with another shortest length.
func (h *Hasher) CheckFrom(ctx context.Context, shortest int, password string, known ...string) (problem string, err error) {
	err = h.queue.Do(ctx, func() { problem = CheckFrom(shortest, password, known...) })
	return problem, err
}

// Queue lets so many work at a time, and so many wait.
type Queue struct {
	running chan struct{}
	waiting chan struct{}
}

// NewQueue is a queue for parallel at a time, and waiting behind them.
func NewQueue(parallel, waiting int) *Queue {
	return &Queue{running: make(chan struct{}, parallel), waiting: make(chan struct{}, parallel+waiting)}
}

// Do runs work in its turn, or returns ErrBusy when too many wait already. The
// caller's patience ends with ctx.
func (q *Queue) Do(ctx context.Context, work func()) error {
	select {
	case q.waiting <- struct{}{}:
		defer func() { <-q.waiting }()
	default:
		return ErrBusy
	}
	select {
	case q.running <- struct{}{}:
		defer func() { <-q.running }()
	case <-ctx.Done():
		return fmt.Errorf("waiting for a turn: %w", ctx.Err())
	}
	work()
	return nil
}

// NeedsRehash tells whether the hash was made with another cost than today's.
// Only right after Verify is the password at hand to make a new one.
func NeedsRehash(hash string) bool {
	c, salt, key, err := parse(hash)
	return err != nil || c != current || len(salt) != saltLength || len(key) != keyLength
}

// cost is what one hash takes.
type cost struct {
	kib    uint32
	passes uint32
	lanes  uint8
}

// current is the first choice of the OWASP password storage cheat sheet.
var current = cost{kib: 19 * 1024, passes: 2, lanes: 1}

// most keeps a damaged row from taking the machine's memory.
var most = cost{kib: 256 * 1024, passes: 16, lanes: 16}

const (
	saltLength = 16
	keyLength  = 32
)

func (c cost) key(password string, salt []byte, length int) []byte {
	return argon2.IDKey([]byte(password), salt, c.passes, c.kib, c.lanes, uint32(length))
}

// encoding is that of the PHC string format, see
// https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md.
var encoding = base64.RawStdEncoding.Strict()

func format(c cost, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		c.kib, c.passes, c.lanes, encoding.EncodeToString(salt), encoding.EncodeToString(key))
}

// parse never puts the hash into its error: errors end in logs.
func parse(hash string) (c cost, salt, key []byte, err error) {
	errForm := errors.New("password hash is not of the form $argon2id$v=19$m=…,t=…,p=…$salt$key")
	part := strings.Split(hash, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost{}, nil, nil, errForm
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.kib, &c.passes, &c.lanes); err != nil {
		return cost{}, nil, nil, errForm
	}
	salt, errSalt := encoding.DecodeString(part[4])
	key, errKey := encoding.DecodeString(part[5])
	if errSalt != nil || errKey != nil || len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return cost{}, nil, nil, errForm
	}
	if c.kib < 8 || c.kib > most.kib || c.passes < 1 || c.passes > most.passes || c.lanes < 1 || c.lanes > most.lanes {
		return cost{}, nil, nil, errors.New("password hash has an absurd cost")
	}
	return c, salt, key, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}
