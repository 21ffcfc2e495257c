// Package signin is how people get in, on both sides: their passwords, the
// limits on guessing them, the links that mails carry, the sessions that follow
// and the devices these are on. Nothing else writes what it keeps of that.
package signin

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/openid"
	"fieldgate/internal/password"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/push"
	"fieldgate/internal/secret"
	"fieldgate/internal/staff"
	"fieldgate/internal/turns"
)

// Side is where somebody signs in: portal and office have separate accounts.
type Side string

// The two sides.
const (
	Portal Side = "portal"
	Office Side = "office"
)

// Service lets people in. Each method is one step of theirs, with the limits on
// guessing and the transactions it needs. From says where the visitor comes
// from; nobody is known yet.
type Service struct {
	pool   *pgxpool.Pool
	box    *secret.Box
	hasher *password.Hasher
	mail   Mail
	turns  *password.Queue // of passwords that are compared
	waits  *turns.Turns    // for tries under way, by the limit that they decide
	tries  *prometheus.CounterVec

	passkeys *webauthn.WebAuthn // nil where there are none

	providers     *openid.Providers
	staffProvider openid.Staff
	base          string // the program's own address, which providers send people back to

	// Joined is told of a contact whom a company's login has made, in that
	// transaction: a system that keeps contacts is asked to take them up. Nil tells
	// nobody.
	Joined func(ctx context.Context, tx postgres.Tx, contact int64) error
}

// New is a Service on the program's pool; the box seals second factors.
func New(pool *pgxpool.Pool, box *secret.Box, hasher *password.Hasher, mail Mail) *Service {
	return &Service{pool: pool, box: box, hasher: hasher, mail: mail, turns: password.NewQueue(atOnce, behind), waits: turns.New(look, wait), tries: counted()}
}

// Mail promises the mails of signing in, within the transaction. It is an
// interface because package notify, which does it, needs the tokens of links
// from here when a mail is sent.
type Mail interface {
	Invited(ctx context.Context, tx postgres.Tx, contact, link int64) error
	Code(ctx context.Context, tx postgres.Tx, code int64, digits string) error
	FactorChanged(ctx context.Context, tx postgres.Tx, person, staff int64, what FactorEvent, left int) error
	PasswordReset(ctx context.Context, tx postgres.Tx, link int64) error
	PasswordChanged(ctx context.Context, tx postgres.Tx, person int64) error
	NewSignIn(ctx context.Context, tx postgres.Tx, person int64, where string) error
	EmailChangeAsked(ctx context.Context, tx postgres.Tx, link int64) error
	EmailChanged(ctx context.Context, tx postgres.Tx, person int64, old string) error
	StaffInvited(ctx context.Context, tx postgres.Tx, link int64) error
	StaffReset(ctx context.Context, tx postgres.Tx, link int64) error
	StaffPasswordChanged(ctx context.Context, tx postgres.Tx, staff int64) error
	StaffNewSignIn(ctx context.Context, tx postgres.Tx, staff int64, where string) error
	StaffEmailChangeAsked(ctx context.Context, tx postgres.Tx, link int64) error
	StaffEmailChanged(ctx context.Context, tx postgres.Tx, staff int64, old string) error
	SignInsFail(ctx context.Context, tx postgres.Tx) error
	PasskeyChanged(ctx context.Context, tx postgres.Tx, person int64, did PasskeyChange, name string) error
	StaffPasskeyChanged(ctx context.Context, tx postgres.Tx, staff int64, did PasskeyChange, name string) error
	RecordLinkAsked(ctx context.Context, tx postgres.Tx, contact, job, quote int64) error
}

// owner is whose a session, a device or a link is: a person's, or a member of
// staff's.
type owner struct {
	side Side
	id   int64
}

// ownerOf is somebody signed in.
func ownerOf(by audit.Actor) owner {
	if by.Staff != 0 {
		return owner{Office, by.Staff}
	}
	return owner{Portal, by.Person}
}

// accounts is the table of the owner's account.
func (o owner) accounts() string {
	if o.side == Office {
		return "staff"
	}
	return "persons"
}

// column is the one that names the owner.
func (o owner) column() string {
	if o.side == Office {
		return "staff_id"
	}
	return "person_id"
}

// address is what the owner signs in with.
func (o owner) address(ctx context.Context, db postgres.DB) (string, error) {
	if o.side == Office {
		m, err := staff.FindCurrent(ctx, db, o.id)
		return m.Email, err
	}
	p, err := person.Find(ctx, db, o.id)
	return p.Email, err
}

// ErrWrong says that address and password do not belong together, whatever the reason.
var ErrWrong = errors.New("address or password is wrong")

// Entry is a person who has proved who they are, and where they may go.
type Entry struct {
	Person     int64
	MustChange bool // the password has to be replaced before anything else
	Choices    []person.Choice
	// Proof is the account's stamp as of when they proved it. A session begins
	// only while it still stands, so a reset in between leaves none.
	Proof int64
	// OffersPasskey says that they have none, and have not been asked whether they want one.
	OffersPasskey bool
	// Pending is the token of the browser that has to give the second factor
	// first; without it there is no Proof.
	Pending string
	// Visit is of somebody who came by their company's provider: the one contact of
	// that customer, and no Person. 0 for whoever came in any other way.
	Visit int64
	// AskedAt as in NewSession.
	AskedAt *time.Time
}

// Contact is the one contact that there is no choice about, or 0.
func (e Entry) Contact() int64 {
	if len(e.Choices) == 1 && !e.MustChange {
		return e.Choices[0].Contact
	}
	return 0
}

// SignIn checks a person's address and password: ErrWrong, Limited or
// password.ErrBusy when they do not let in. A person without any contact that
// may enter is still an Entry, since only the right password leads to it.
func (s *Service) SignIn(ctx context.Context, from audit.Actor, email, password string) (Entry, error) {
	a, err := s.authenticate(ctx, from, Portal, email, password)
	if err != nil {
		return Entry{}, err
	}
	return s.signedIn(ctx, from, a, ByPassword)
}

// Way is how somebody has proved who they are.
type Way string

// The ways.
const (
	ByPassword Way = ""
	ByPasskey  Way = "passkey"
	ByOpenID   Way = "openid" // a provider has named them
)

// signedIn notes that a person has signed in, as soon as they have proved who
// they are.
func (s *Service) signedIn(ctx context.Context, from audit.Actor, a account, way Way) (e Entry, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if e, err = entryOf(ctx, tx, a.id); err != nil || (len(e.Choices) == 0 && !e.MustChange) {
			return err
		}
		from.Name = a.email
		return s.letIn(ctx, tx, from, &e, 0, a.stamp, way)
	})
	return e, err
}

// with is what the trail keeps of how somebody has signed in.
func (w Way) with() map[string]any {
	if w == ByPassword {
		return nil
	}
	return map[string]any{"with": string(w)}
}

// letIn lets in somebody who has given the first factor, as the one contact of
// an invitation or, with 0, as whichever they may; or it lets them wait for the
// second. A passkey is both.
func (s *Service) letIn(ctx context.Context, tx postgres.Tx, from audit.Actor, e *Entry, contact, stamp int64, way Way) (err error) {
	if way != ByPasskey {
		if e.Pending, err = s.waitForFactor(ctx, tx, pending{of: owner{Portal, e.Person}, contact: contact, stamp: stamp, way: way}); err != nil || e.Pending != "" {
			return err
		}
	}
	return s.arrived(ctx, tx, from, e, stamp, way)
}

// arrived notes that somebody has given all that is asked of them.
func (s *Service) arrived(ctx context.Context, tx postgres.Tx, from audit.Actor, e *Entry, stamp int64, way Way) (err error) {
	e.Proof = stamp
	if err := recordSignIn(ctx, tx, from, e.Person, way); err != nil {
		return err
	}
	if e.OffersPasskey, err = s.offers(ctx, tx, owner{Portal, e.Person}, way); err != nil {
		return err
	}
	return e.enter(ctx, tx)
}

// entryOf is where a person may go.
func entryOf(ctx context.Context, tx postgres.Tx, who int64) (Entry, error) {
	p, err := person.Find(ctx, tx, who)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Person: who}
	if e.Choices, err = person.Choices(ctx, tx, who); err != nil {
		return Entry{}, err
	}
	if p.MustChange {
		e.MustChange, err = person.MayEnter(ctx, tx, who)
	}
	return e, err
}

// enter notes that the person looks at the portal, unless there is a choice yet.
func (e Entry) enter(ctx context.Context, tx postgres.Tx) error {
	if e.Contact() == 0 {
		return nil
	}
	return enter(ctx, tx, e.Person, e.Contact())
}

// account is what somebody signs in with.
type account struct {
	id    int64
	email string
	hash  string // of the password
	stamp int64  // read with what the proof is compared with
}

// findAccount finds the account of one side that the address may sign in to, or
// returns apperr.NotFound.
func findAccount(ctx context.Context, db postgres.DB, side Side, email string) (account, error) {
	if side == Office {
		return findStaffAccount(ctx, db, email)
	}
	p, err := person.FindByEmail(ctx, db, email)
	if p.Lapsed {
		p.PasswordHash = "" // a reset by mail lets them in
	}
	return account{id: p.ID, email: p.Email, hash: p.PasswordHash, stamp: p.Stamp}, err
}

// authenticate finds the account whose address and password these are, with
// the hash that stands for them now.
func (s *Service) authenticate(ctx context.Context, from audit.Actor, side Side, email, typed string) (account, error) {
	var a account
	err := apperr.NotFound
	if possible(email) {
		a, err = findAccount(ctx, s.pool, side, email)
	}
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return account{}, err
	}
	device, err := s.deviceOf(ctx, side, a.id, from)
	if err != nil {
		return account{}, err
	}
	t := attempt{
		Kind: passwordAttempt, Side: side, Account: email, Address: from.Address, Email: a.email,
		Device: device, Proxied: from.Proxied, Claimed: from.Claimed, Browser: from.Browser,
	}
	// Before its turn: whoever waits for other tries keeps nobody else waiting.
	id, err := s.take(ctx, t)
	if err != nil {
		s.limited(ctx, from, t, err)
		return account{}, err
	}
	if late := s.turns.Do(ctx, func() { err = s.verify(ctx, a.hash, typed) }); late != nil {
		err = late
	}
	switch {
	case errors.Is(err, password.ErrBusy):
		return account{}, cmp.Or(s.release(ctx, id), err)
	case err != nil: // whoever hangs up early gains no try by it
		return account{}, cmp.Or(s.failed(ctx, from, t, id, WrongPassword), err)
	}
	return s.authenticated(ctx, side, a, id, typed)
}

// authenticated notes that the try was right, which forgives the wrong ones, and
// brings an old hash up to today's cost.
func (s *Service) authenticated(ctx context.Context, side Side, a account, try int64, typed string) (account, error) {
	old := a.hash
	if password.NeedsRehash(old) {
		hash, err := s.hasher.Hash(ctx, typed)
		if err != nil {
			return account{}, cmp.Or(s.release(ctx, try), err)
		}
		a.hash = hash
	}
	s.tries.WithLabelValues(string(side), string(Right), "").Inc()
	ctx = context.WithoutCancel(ctx)
	return a, postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := settle(ctx, tx, try, Right, ""); err != nil || a.hash == old {
			return err
		}
		return rehash(ctx, tx, side, a.id, old, a.hash)
	})
}

// Prove checks the password of somebody signed in once more: what changes
// rights, addresses or staff asks for it. The session to begin with the proof
// takes the place of the one at hand. ErrWrong, Limited or password.ErrBusy.
func (s *Service) Prove(ctx context.Context, by audit.Actor, password string) (proof int64, err error) {
	o := ownerOf(by)
	email, err := o.address(ctx, s.pool)
	if err != nil {
		return 0, err
	}
	a, err := s.authenticate(ctx, by, o.side, email, password)
	if err != nil {
		return 0, err
	}
	if a.id != o.id { // the address has become somebody else's at this moment
		return 0, ErrWrong
	}
	record := recordSignIn
	if o.side == Office {
		record = recordStaffSignIn
	}
	return a.stamp, postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return record(ctx, tx, by, o.id, ByPassword) })
}

// possible keeps what cannot be an address, and would only trouble the
// database, from being looked for.
func possible(email string) bool {
	return utf8.ValidString(email) && !strings.ContainsFunc(email, unicode.IsControl) && problem.IsEmail(email)
}

func checkAddress(email string) error {
	p := problem.Set{}
	p.Unless(email != "", "email", "Enter your email address.")
	p.Unless(email == "" || possible(email), "email", "Enter an email address like name@example.com.")
	return p.Err()
}

// evenTime is what asking for a mail takes at least, so that the time does not
// tell whether there is anybody to write to.
const evenTime = 250 * time.Millisecond

// quietly does what an address is entitled to, within the limit on mails, and
// tells nobody whether there was anything to do.
func (s *Service) quietly(ctx context.Context, side Side, from audit.Actor, account string, do func(tx postgres.Tx) error) error {
	even := time.NewTimer(evenTime)
	defer even.Stop()
	err := s.count(ctx, side, from, account)
	if err == nil {
		err = postgres.Transact(ctx, s.pool, do)
	}
	select {
	case <-even.C:
	case <-ctx.Done():
	}
	if _, limited := errors.AsType[Limited](err); limited {
		s.limited(ctx, from, attempt{Kind: mailAttempt, Side: side}, err)
		return nil
	}
	if _, refused := errors.AsType[apperr.Conflict](err); refused || errors.Is(err, apperr.NotFound) {
		return nil
	}
	return err
}

// Address is what the person signs in with.
func (s *Service) Address(ctx context.Context, who int64) (string, error) {
	p, err := person.Find(ctx, s.pool, who)
	return p.Email, err
}

// Choices lists the customers that the person may look at.
func (s *Service) Choices(ctx context.Context, who int64) ([]person.Choice, error) {
	return person.Choices(ctx, s.pool, who)
}

// Sweep removes what has ended of itself: attempts, sessions, tokens of links,
// codes, devices that have lost their cookie, forms that nobody came back for,
// challenges that nobody answered.
func (s *Service) Sweep(ctx context.Context) error {
	_, err := postgres.InBatches(ctx, func(ctx context.Context) (n int64, err error) {
		err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) (err error) { n, err = sweepAttempts(ctx, tx); return err })
		return n, err
	})
	return errors.Join(err, postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		return errors.Join(sweepSessions(ctx, tx), sweepLinks(ctx, tx), sweepCodes(ctx, tx), sweepPending(ctx, tx), sweepDevices(ctx, tx), push.Sweep(ctx, tx), sweepUnsent(ctx, tx), sweepProxies(ctx, tx), sweepChallenges(ctx, tx, 100_000), sweepOpenID(ctx, tx, 100_000), sweepRecordLinks(ctx, tx))
	}))
}
