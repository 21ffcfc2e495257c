package signin

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/auth"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// Service lets people in, on both sides. Each method is one step of theirs, with
// the limits on guessing and the transactions it needs. From says where the
// visitor comes from; nobody is known yet.
type Service struct {
	Pool   *pgxpool.Pool
	Hasher *auth.Hasher
	Mail   Mail

	// EndForPerson and EndForStaff end sessions in the transaction of a new
	// password; keepCurrent spares the one of the request.
	EndForPerson func(ctx context.Context, tx postgres.Tx, person int64, keepCurrent bool) error
	EndForStaff  func(ctx context.Context, tx postgres.Tx, staff int64, keepCurrent bool) error
}

// Mail promises the mails of the doors, within the transaction.
type Mail interface {
	Invited(ctx context.Context, tx postgres.Tx, contact, link int64) error
	PasswordReset(ctx context.Context, tx postgres.Tx, link int64) error
	PasswordChanged(ctx context.Context, tx postgres.Tx, person int64) error
	NewSignIn(ctx context.Context, tx postgres.Tx, person int64, where string) error
	EmailChangeAsked(ctx context.Context, tx postgres.Tx, link int64) error
	EmailChanged(ctx context.Context, tx postgres.Tx, person int64, old string) error
	StaffInvited(ctx context.Context, tx postgres.Tx, link int64) error
	StaffReset(ctx context.Context, tx postgres.Tx, link int64) error
	StaffPasswordChanged(ctx context.Context, tx postgres.Tx, staff int64) error
}

// ErrWrong says that address and password do not belong together, whatever the reason.
var ErrWrong = errors.New("address or password is wrong")

// Limited says that there were too many tries, and how long to wait.
type Limited struct{ Wait time.Duration }

// Error names the wait, for logs and tests.
func (l Limited) Error() string { return "too many tries, wait " + l.Wait.String() }

// Minutes is the wait, rounded up.
func (l Limited) Minutes() int { return int((l.Wait + time.Minute - 1) / time.Minute) }

// Entry is a person at the door, and where they may go.
type Entry struct {
	Person     int64
	MustChange bool // the password has to be replaced before anything else
	Choices    []person.Choice
	// Proof is the hash of the password that opened the door. A session begins
	// only while it still stands: a reset in between closes the door again.
	Proof string
}

// Contact is the one contact that there is no choice about, or 0.
func (e Entry) Contact() int64 {
	if len(e.Choices) == 1 && !e.MustChange {
		return e.Choices[0].Contact
	}
	return 0
}

// SignIn checks a person's address and password: ErrWrong, Limited or
// auth.ErrBusy when they do not let in. A person without any contact that may
// enter is still an Entry, since only the right password leads to it.
func (d Service) SignIn(ctx context.Context, from audit.Actor, email, password string) (Entry, error) {
	p, err := d.prove(ctx, from, persons, email, password)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		if e, err = enter(ctx, tx, p.id); err != nil || (len(e.Choices) == 0 && !e.MustChange) {
			return err
		}
		from.Name, e.Proof = p.email, p.hash
		if err := person.SignedIn(ctx, tx, from, p.id); err != nil {
			return err
		}
		return e.note(ctx, tx)
	})
	return e, err
}

func enter(ctx context.Context, tx postgres.Tx, who int64) (Entry, error) {
	p, err := person.ByID(ctx, tx, who)
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

func (e Entry) note(ctx context.Context, tx postgres.Tx) error {
	if e.Contact() == 0 {
		return nil
	}
	return person.Enter(ctx, tx, e.Person, e.Contact())
}

// accounts are those of one side.
type accounts struct {
	side   auth.Side
	find   func(ctx context.Context, db postgres.DB, email string) (key, error)
	rehash func(ctx context.Context, tx postgres.Tx, id int64, old, hash string) error
}

// key is what opens an account: the hash of its password.
type key struct {
	id    int64
	email string
	hash  string
}

var (
	persons = accounts{auth.Portal, func(ctx context.Context, db postgres.DB, email string) (key, error) {
		p, err := person.ByEmail(ctx, db, email)
		return key{p.ID, p.Email, p.PasswordHash}, err
	}, person.Rehash}
	members = accounts{auth.Office, func(ctx context.Context, db postgres.DB, email string) (key, error) {
		k, err := staff.KeyOf(ctx, db, email)
		return key{k.ID, email, k.Hash}, err
	}, staff.Rehash}
)

// prove finds the account whose address and password these are, with the hash
// that stands for them now.
func (d Service) prove(ctx context.Context, from audit.Actor, among accounts, email, password string) (key, error) {
	if err := d.take(ctx, auth.SignIn, among.side, from, email); err != nil {
		return key{}, err
	}
	var k key
	err := apperr.NotFound
	if possible(email) {
		k, err = among.find(ctx, d.Pool, email)
	}
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return key{}, err
	}
	if err := d.verify(ctx, k.hash, password); err != nil {
		return key{}, err
	}
	return d.proved(ctx, among, k, email, password)
}

// take counts a try, in a transaction of its own: it stays counted whatever comes after.
func (d Service) take(ctx context.Context, kind auth.Kind, side auth.Side, from audit.Actor, account string) error {
	var (
		wait time.Duration
		ok   bool
	)
	err := postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) (err error) {
		wait, ok, err = auth.Take(ctx, tx, auth.Attempt{Kind: kind, Side: side, Account: account, Address: from.Address})
		return err
	})
	if err == nil && !ok {
		err = Limited{Wait: wait}
	}
	return err
}

// verify takes as long for nobody's password as for somebody's.
func (d Service) verify(ctx context.Context, hash, password string) error {
	const longest = 4 * 1024 // normalising more than that would cost the server, not the guesser
	if len(password) > longest {
		hash, password = "", ""
	}
	if hash == "" {
		if err := d.Hasher.VerifyNobody(ctx, password); err != nil {
			return err
		}
		return ErrWrong
	}
	ok, err := d.Hasher.Verify(ctx, hash, password)
	if err == nil && !ok {
		err = ErrWrong
	}
	return err
}

// proved forgets the wrong tries, and brings an old hash up to today's cost.
func (d Service) proved(ctx context.Context, among accounts, k key, email, password string) (key, error) {
	old := k.hash
	if auth.NeedsRehash(old) {
		hash, err := d.Hasher.Hash(ctx, password)
		if err != nil {
			return key{}, err
		}
		k.hash = hash
	}
	return k, postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		if err := auth.Clear(ctx, tx, auth.SignIn, among.side, email); err != nil || k.hash == old {
			return err
		}
		return among.rehash(ctx, tx, k.id, old, k.hash)
	})
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

// Recognise notes the device that somebody has just signed in with, and tells
// the person when it is a new one; where describes it for that mail. It returns
// the token that the device keeps.
func (d Service) Recognise(ctx context.Context, who int64, on person.Device, where string) (token string, err error) {
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		var news bool
		if token, news, err = person.Recognise(ctx, tx, who, on); err != nil || !news {
			return err
		}
		return d.Mail.NewSignIn(ctx, tx, who, where)
	})
	return token, err
}

// Sessions lists where the person is signed in; here is the hash of the token
// of the request's own session.
func (d Service) Sessions(ctx context.Context, who int64, here string) ([]person.SignedInOn, error) {
	return person.Sessions(ctx, d.Pool, who, here)
}

// EndSession signs the person out at one place, or returns apperr.NotFound.
func (d Service) EndSession(ctx context.Context, by audit.Actor, session int64) error {
	return postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error { return person.EndSession(ctx, tx, by, by.Person, session) })
}

// EndOtherSessions signs the person out everywhere but here.
func (d Service) EndOtherSessions(ctx context.Context, by audit.Actor, here string) (ended int64, err error) {
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		ended, err = person.EndOtherSessions(ctx, tx, by, by.Person, here)
		return err
	})
	return ended, err
}

// Address is what the person signs in with.
func (d Service) Address(ctx context.Context, who int64) (string, error) {
	p, err := person.ByID(ctx, d.Pool, who)
	return p.Email, err
}

// Choices lists the customers that the person may look at.
func (d Service) Choices(ctx context.Context, who int64) ([]person.Choice, error) {
	return person.Choices(ctx, d.Pool, who)
}

// Enter notes that the person looks at the portal as that contact, or returns
// apperr.NotFound when that is not theirs to choose.
func (d Service) Enter(ctx context.Context, who, contact int64) error {
	return postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error { return person.Enter(ctx, tx, who, contact) })
}
