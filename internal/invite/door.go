package invite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/auth"
	"fieldgate/internal/fault"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// Door lets people in, on both sides. Each method is one step of theirs, with
// the limits on guessing and the transactions it needs. From says where the
// visitor comes from; nobody is known yet.
type Door struct {
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

// evenTime is what asking for a mail takes at least, so that the time does not
// tell whether there is anybody to write to.
const evenTime = 250 * time.Millisecond

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
func (d Door) SignIn(ctx context.Context, from audit.Actor, email, password string) (Entry, error) {
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
func (d Door) prove(ctx context.Context, from audit.Actor, among accounts, email, password string) (key, error) {
	if err := d.take(ctx, auth.SignIn, among.side, from, email); err != nil {
		return key{}, err
	}
	var k key
	err := fault.NotFound
	if possible(email) {
		k, err = among.find(ctx, d.Pool, email)
	}
	if err != nil && !errors.Is(err, fault.NotFound) {
		return key{}, err
	}
	if err := d.verify(ctx, k.hash, password); err != nil {
		return key{}, err
	}
	return d.proved(ctx, among, k, email, password)
}

// take counts a try, in a transaction of its own: it stays counted whatever comes after.
func (d Door) take(ctx context.Context, kind auth.Kind, side auth.Side, from audit.Actor, account string) error {
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
func (d Door) verify(ctx context.Context, hash, password string) error {
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
func (d Door) proved(ctx context.Context, among accounts, k key, email, password string) (key, error) {
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
func (d Door) Recognise(ctx context.Context, who int64, on person.Device, where string) (token string, err error) {
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
func (d Door) Sessions(ctx context.Context, who int64, here string) ([]person.SignedInOn, error) {
	return person.Sessions(ctx, d.Pool, who, here)
}

// EndSession signs the person out at one place, or returns fault.NotFound.
func (d Door) EndSession(ctx context.Context, by audit.Actor, session int64) error {
	return postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error { return person.EndSession(ctx, tx, by, by.Person, session) })
}

// EndOtherSessions signs the person out everywhere but here.
func (d Door) EndOtherSessions(ctx context.Context, by audit.Actor, here string) (ended int64, err error) {
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		ended, err = person.EndOtherSessions(ctx, tx, by, by.Person, here)
		return err
	})
	return ended, err
}

// Address is what the person signs in with.
func (d Door) Address(ctx context.Context, who int64) (string, error) {
	p, err := person.ByID(ctx, d.Pool, who)
	return p.Email, err
}

// Choices lists the customers that the person may look at.
func (d Door) Choices(ctx context.Context, who int64) ([]person.Choice, error) {
	return person.Choices(ctx, d.Pool, who)
}

// Enter notes that the person looks at the portal as that contact, or returns
// fault.NotFound when that is not theirs to choose.
func (d Door) Enter(ctx context.Context, who, contact int64) error {
	return postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error { return person.Enter(ctx, tx, who, contact) })
}

// Forgot sends a link to choose a new password, if the address belongs to a
// person who may enter, and every invitation that waits at the address once
// more: one of them may never have been passed on. The answer and its time are
// the same for every address, also beyond the limit.
func (d Door) Forgot(ctx context.Context, from audit.Actor, email string) error {
	if err := checkAddress(email); err != nil {
		return err
	}
	return d.quietly(ctx, auth.Portal, from, email, func(tx postgres.Tx) error {
		resets, err := d.resetAt(ctx, tx, from, email)
		if err != nil {
			return err
		}
		contacts, err := waiting(ctx, tx, email)
		if err != nil {
			return err
		}
		for _, c := range contacts {
			if resets != 0 && c.Person == resets {
				continue // waits for the new password, not for a link
			}
			if err := d.sendInvitation(ctx, tx, from, c.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// resetAt sends a reset to the person with the address, if they may enter: who
// is 0 when there was nobody to send it to.
func (d Door) resetAt(ctx context.Context, tx postgres.Tx, from audit.Actor, email string) (who int64, err error) {
	p, err := person.ByEmail(ctx, tx, email)
	if errors.Is(err, fault.NotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	may, err := person.MayEnter(ctx, tx, p.ID)
	if err != nil || !may {
		return 0, err
	}
	return p.ID, d.sendReset(ctx, tx, from, p.ID)
}

// guest is a contact with an invitation; Person is who they wait for to
// replace a password set by staff, 0 for those who wait with a link.
type guest struct{ ID, Person int64 }

// waiting lists the contacts with an invitation at the address.
func waiting(ctx context.Context, db postgres.DB, email string) ([]guest, error) {
	rows, err := db.Query(ctx, `
		select c.id, coalesce(c.person_id, 0) as person from contacts c join customers cu on cu.id = c.customer_id
		where lower(c.email) = lower(@email) and c.access = 'invited' and c.archived_at is null and cu.archived_at is null
		order by c.id limit 5`, pgx.NamedArgs{"email": email})
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	contacts, err := pgx.CollectRows(rows, pgx.RowToStructByName[guest])
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return contacts, nil
}

func (d Door) sendReset(ctx context.Context, tx postgres.Tx, from audit.Actor, who int64) error {
	link, err := ResetPerson(ctx, tx, from, who)
	if err != nil {
		return err
	}
	return d.Mail.PasswordReset(ctx, tx, link)
}

func (d Door) sendInvitation(ctx context.Context, tx postgres.Tx, from audit.Actor, contact int64) error {
	link, err := Contact(ctx, tx, from, contact)
	if err != nil {
		return err
	}
	return d.Mail.Invited(ctx, tx, contact, link)
}

// quietly does what an address is entitled to, within the limit on mails, and
// tells nobody whether there was anything to do.
func (d Door) quietly(ctx context.Context, side auth.Side, from audit.Actor, account string, do func(tx postgres.Tx) error) error {
	even := time.NewTimer(evenTime)
	defer even.Stop()
	err := d.take(ctx, auth.Reset, side, from, account)
	if err == nil {
		err = postgres.Transact(ctx, d.Pool, do)
	}
	select {
	case <-even.C:
	case <-ctx.Done():
	}
	if _, limited := errors.AsType[Limited](err); limited {
		return nil
	}
	if _, refused := errors.AsType[fault.Conflict](err); refused || errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Look finds a link of that purpose, or returns fault.NotFound.
func (d Door) Look(ctx context.Context, token string, purpose Purpose) (Link, error) {
	l, err := Find(ctx, d.Pool, token)
	if err == nil && l.Purpose != purpose {
		err = fault.NotFound
	}
	return l, err
}

// ready finds a link of that purpose that still works, or returns
// fault.NotFound or ErrSpent.
func (d Door) ready(ctx context.Context, token string, purpose Purpose) (Link, error) {
	l, err := d.Look(ctx, token, purpose)
	if err == nil && l.State != Ready {
		err = ErrSpent
	}
	return l, err
}

// SendFresh sends a link of the same kind to the same address, if somebody
// there still waits for it; whoever can sign in already gets a reset of the
// password. The answer is always the same.
func (d Door) SendFresh(ctx context.Context, from audit.Actor, token string, purpose Purpose) error {
	l, err := d.Look(ctx, token, purpose)
	if err != nil {
		return err
	}
	side := auth.Portal
	if l.Staff != 0 {
		side = auth.Office
	}
	return d.quietly(ctx, side, from, l.Email, func(tx postgres.Tx) error {
		if l, err = Find(ctx, tx, token); err != nil {
			return err
		}
		switch {
		case l.Purpose == Invitation && !l.Settled:
			return d.freshInvitation(ctx, tx, from, l)
		case l.Purpose == Invitation || l.Purpose == Reset:
			return d.freshReset(ctx, tx, from, l)
		default:
			return d.freshStaff(ctx, tx, from, l)
		}
	})
}

func (d Door) freshInvitation(ctx context.Context, tx postgres.Tx, from audit.Actor, l Link) error {
	contacts, err := waiting(ctx, tx, l.Email)
	if err != nil {
		return err
	}
	for _, c := range contacts {
		if c.ID == l.Contact {
			return d.sendInvitation(ctx, tx, from, c.ID)
		}
	}
	return nil
}

func (d Door) freshReset(ctx context.Context, tx postgres.Tx, from audit.Actor, l Link) error {
	p, err := person.ByEmail(ctx, tx, l.Email)
	if err != nil {
		return err
	}
	may, err := person.MayEnter(ctx, tx, p.ID)
	if err != nil || !may || p.ID != l.Person {
		return err
	}
	return d.sendReset(ctx, tx, from, p.ID)
}

// Welcome uses an invitation whose address is new, with a password chosen now:
// a problem.Set for "password", ErrSpent, or ErrKnown when the address turned
// out to belong to a person.
func (d Door) Welcome(ctx context.Context, from audit.Actor, token, password string) (Entry, error) {
	l, err := d.ready(ctx, token, Invitation)
	if err == nil && l.Known {
		err = ErrKnown
	}
	if err != nil {
		return Entry{}, err
	}
	known, err := d.known(ctx, l)
	if err != nil {
		return Entry{}, err
	}
	hash, err := d.choose(ctx, password, known...)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		who, contact, err := AcceptNew(ctx, tx, from, token, hash)
		if err != nil {
			return err
		}
		// Whoever had a password set by staff may be looking already; the mailbox decides.
		if err := d.EndForPerson(ctx, tx, who, false); err != nil {
			return err
		}
		e, err = d.arrive(ctx, tx, from, who, contact, l.Email)
		e.Proof = hash
		return err
	})
	return e, err
}

// Join uses an invitation for the person who is signed in and has its address.
func (d Door) Join(ctx context.Context, from audit.Actor, token string, who int64) (Entry, error) {
	var e Entry
	err := postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		contact, err := Accept(ctx, tx, from, token, who)
		if err != nil {
			return err
		}
		e = Entry{Person: who, Choices: []person.Choice{{Contact: contact}}}
		return person.Enter(ctx, tx, who, contact)
	})
	return e, err
}

// JoinWithPassword uses an invitation for the person who has its address and
// proves it with their own password: ErrWrong and Limited as in SignIn.
func (d Door) JoinWithPassword(ctx context.Context, from audit.Actor, token, password string) (Entry, error) {
	l, err := d.ready(ctx, token, Invitation)
	if err == nil && !l.Known {
		err = ErrSpent
	}
	if err != nil {
		return Entry{}, err
	}
	p, err := d.prove(ctx, from, persons, l.Email, password)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		contact, err := Accept(ctx, tx, from, token, p.id)
		if err != nil {
			return err
		}
		e, err = d.arrive(ctx, tx, from, p.id, contact, p.email)
		e.Proof = p.hash
		return err
	})
	return e, err
}

// arrive notes the sign-in that the use of a link is, as the one contact it was for.
func (d Door) arrive(ctx context.Context, tx postgres.Tx, from audit.Actor, who, contact int64, email string) (Entry, error) {
	from.Name = email
	if err := person.SignedIn(ctx, tx, from, who); err != nil {
		return Entry{}, err
	}
	if err := auth.Clear(ctx, tx, auth.SignIn, auth.Portal, email); err != nil {
		return Entry{}, err
	}
	return Entry{Person: who, Choices: []person.Choice{{Contact: contact}}}, person.Enter(ctx, tx, who, contact)
}

// ResetPassword uses a reset with a password chosen now, and ends all sessions
// of the person: a problem.Set for "password", or ErrSpent.
func (d Door) ResetPassword(ctx context.Context, from audit.Actor, token, password string) (Entry, error) {
	l, err := d.ready(ctx, token, Reset)
	if err != nil {
		return Entry{}, err
	}
	known, err := d.known(ctx, l)
	if err != nil {
		return Entry{}, err
	}
	hash, err := d.choose(ctx, password, known...)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		who, err := ChooseAnew(ctx, tx, from, token, hash)
		if err != nil {
			return err
		}
		if err := d.changed(ctx, tx, who, l.Email, false); err != nil {
			return err
		}
		if e, err = enter(ctx, tx, who); err != nil || len(e.Choices) == 0 {
			return err
		}
		from.Name, e.Proof = l.Email, hash
		if err := person.SignedIn(ctx, tx, from, who); err != nil {
			return err
		}
		return e.note(ctx, tx)
	})
	return e, err
}

// changed follows a new password: other sessions end, wrong tries are
// forgotten, open resets end, the person is told.
func (d Door) changed(ctx context.Context, tx postgres.Tx, who int64, email string, keepCurrent bool) error {
	if err := d.EndForPerson(ctx, tx, who, keepCurrent); err != nil {
		return err
	}
	if err := endOthers(ctx, tx, `person_id = @id and purpose = 'reset'`, who); err != nil {
		return err
	}
	if err := auth.Clear(ctx, tx, auth.SignIn, auth.Portal, email); err != nil {
		return err
	}
	return d.Mail.PasswordChanged(ctx, tx, who)
}

// ChangePassword replaces the password of somebody signed in; all their other
// sessions end. One set by staff is replaced without being asked for again.
// Problems come for "current" and "password"; Limited as in SignIn.
func (d Door) ChangePassword(ctx context.Context, from audit.Actor, who int64, current, password string) (Entry, error) {
	p, err := person.ByID(ctx, d.Pool, who)
	if err != nil {
		return Entry{}, err
	}
	if !p.MustChange {
		if _, err := d.prove(ctx, from, persons, p.Email, current); errors.Is(err, ErrWrong) {
			return Entry{}, problem.Of("current", "This is not your present password.")
		} else if err != nil {
			return Entry{}, err
		}
	}
	words, err := person.Words(ctx, d.Pool, who)
	if err != nil {
		return Entry{}, err
	}
	hash, err := d.choose(ctx, password, words...)
	if err != nil {
		return Entry{}, err
	}
	switch err := d.verify(ctx, p.PasswordHash, password); {
	case err == nil:
		return Entry{}, problem.Of("password", "This is the password you have now. Choose another one.")
	case !errors.Is(err, ErrWrong):
		return Entry{}, err
	}
	var e Entry
	err = postgres.Transact(ctx, d.Pool, func(tx postgres.Tx) error {
		from.Name = p.Email
		if err := person.SetPassword(ctx, tx, from, who, hash); err != nil {
			return err
		}
		if err := d.changed(ctx, tx, who, p.Email, true); err != nil {
			return err
		}
		if e, err = enter(ctx, tx, who); err != nil || !p.MustChange {
			return err
		}
		return e.note(ctx, tx)
	})
	return e, err
}

// choose hashes a new password, unless something is wrong with it.
func (d Door) choose(ctx context.Context, password string, known ...string) (hash string, err error) {
	wrong, err := d.judge(ctx, password, known...)
	if err != nil {
		return "", err
	}
	if wrong != "" {
		return "", problem.Of("password", wrong)
	}
	return d.Hasher.Hash(ctx, password)
}

func (d Door) judge(ctx context.Context, password string, known ...string) (wrong string, err error) {
	var business string
	if err := d.Pool.QueryRow(ctx, `select trading_name from company`).Scan(&business); err != nil {
		return "", fmt.Errorf("read the business's name: %w", err)
	}
	return d.Hasher.Check(ctx, password, append(known, business)...)
}

// JudgeForLink tells what is wrong with a password while it is typed at a link
// that lets choose one, by the very rule that decides when it is sent; "" when
// it may be used. It looks at nothing but what was typed and the link.
func (d Door) JudgeForLink(ctx context.Context, token string, purpose Purpose, password string) (wrong string, err error) {
	l, err := d.ready(ctx, token, purpose)
	if err != nil {
		return "", err
	}
	known, err := d.known(ctx, l)
	if err != nil {
		return "", err
	}
	return d.judge(ctx, password, known...)
}

// JudgeFor is JudgeForLink for somebody signed in to the portal.
func (d Door) JudgeFor(ctx context.Context, who int64, password string) (wrong string, err error) {
	known, err := person.Words(ctx, d.Pool, who)
	if err != nil {
		return "", err
	}
	return d.judge(ctx, password, known...)
}

// known are the words that somebody would guess first of the one a link is for.
func (d Door) known(ctx context.Context, l Link) ([]string, error) {
	if l.Purpose == Reset {
		return person.Words(ctx, d.Pool, l.Person)
	}
	return []string{l.Email, l.Name, l.Customer}, nil
}
