package signin

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/secret"
)

// A code by email is eight digits, typed where they were asked for. The browser
// that asked has a token: with the digits alone, read over a shoulder or in
// somebody's mailbox, nobody gets in, and the hash that is kept of both tells
// neither. Asking for an address that nobody has makes the same row, whose
// digits nobody knows.

// CodePurpose is what a code by email proves.
type CodePurpose string

// The purposes.
const (
	SignInCode CodePurpose = "sign-in" // that a person may enter the portal
	ProofCode  CodePurpose = "proof"   // that it is still the person who is signed in
	RecordCode CodePurpose = "record"  // that a contact reads their mail: for one record, with or without a person
)

const (
	// CodeLife is how long a code works: mail can take its time.
	CodeLife = 10 * time.Minute
	// CodeLength is how many digits a code has.
	CodeLength = 8
	// codeTries are few: five of a hundred million are no chance.
	codeTries = 5
)

// ErrCodeSpent says that there is no code that could be typed in this browser:
// it was used, has expired, has been tried too often, or another one was asked for since.
var ErrCodeSpent = errors.New("the code does not work any more")

// WrongCode says that the digits are wrong, and how many tries are left.
type WrongCode struct{ Left int }

// Error counts the tries, for logs and tests.
func (w WrongCode) Error() string { return fmt.Sprintf("wrong code, %d tries left", w.Left) }

// CodeFor is whom a code is for. A sign-in names an address, whether or not
// anybody has it; a proof the person; a record the contact, and what it is about.
type CodeFor struct {
	Email   string
	Person  int64
	Contact int64
	About   string // such as "quote Q-1001", for the email
}

// Proven is who has typed the right code, and what for.
type Proven struct {
	Person  int64
	Contact int64
	Email   string // where the code went
	About   string
}

// AskCode sends a code and returns the token of the browser that asked, which
// alone can use it. Earlier codes of the same account and purpose end. For a
// sign-in, answer, time and limits are the same whether or not anybody has the
// address; beyond the limit no other code is sent and the browser keeps the
// token that it has, former. Whoever is known already gets Limited.
func (s *Service) AskCode(ctx context.Context, from audit.Actor, whom CodeFor, purpose CodePurpose, former string) (browser string, err error) {
	switch purpose {
	case SignInCode:
		return s.askSignIn(ctx, from, whom.Email, former)
	case ProofCode, RecordCode:
	default:
		return "", fmt.Errorf("ask for a code: no purpose %q", purpose)
	}
	c := newCode{Purpose: purpose, Person: whom.Person, Contact: whom.Contact, About: whom.About}
	if purpose == ProofCode {
		c.Contact, c.About = 0, ""
		c.Email, err = owner{Portal, whom.Person}.address(ctx, s.pool)
		c.account = accountKey(c.Email)
	} else {
		c.Person = 0
		c.Email, err = codeAddress(ctx, s.pool, whom.Contact)
		c.account = fmt.Sprintf("contact %d", whom.Contact)
	}
	if err != nil {
		return "", err
	}
	if err := s.count(ctx, Portal, from, c.Email); err != nil {
		s.limited(ctx, from, attempt{Kind: mailAttempt, Side: Portal, Email: c.Email}, err)
		return "", err
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		browser, err = s.sendCode(ctx, tx, from, c)
		return err
	})
	return browser, err
}

// askSignIn asks for a code to sign in with. Who waits for an invitation at the
// address gets it once more, as who asks for a new password does.
func (s *Service) askSignIn(ctx context.Context, from audit.Actor, email, former string) (browser string, err error) {
	if err := checkAddress(email); err != nil {
		return "", err
	}
	browser = former
	if secret.HashToken(browser) == nil {
		browser, _ = secret.NewToken()
	}
	return browser, s.quietly(ctx, Portal, from, email, func(tx postgres.Tx) error {
		c := newCode{Purpose: SignInCode, account: accountKey(email)}
		p, err := person.FindByEmail(ctx, tx, email)
		if err != nil && !errors.Is(err, apperr.NotFound) {
			return err
		}
		may := false
		if err == nil {
			if may, err = person.MayEnter(ctx, tx, p.ID); err != nil {
				return err
			}
		}
		if may {
			c.Person, c.Email = p.ID, p.Email
		}
		fresh, err := s.sendCode(ctx, tx, from, c)
		if err != nil {
			return err
		}
		browser = fresh
		if may {
			return nil
		}
		contacts, err := waiting(ctx, tx, email)
		if err != nil {
			return err
		}
		for _, w := range contacts {
			if err := s.sendInvitation(ctx, tx, from, w.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// codeAddress is where a contact reads mail, or apperr.NotFound for one who gets
// none: archived, suspended, without an address.
func codeAddress(ctx context.Context, db postgres.DB, contact int64) (email string, err error) {
	err = db.QueryRow(ctx, `
		select c.email from contacts c join customers cu on cu.id = c.customer_id
		where c.id = @contact and c.email <> '' and c.access <> 'suspended' and c.archived_at is null and cu.archived_at is null`,
		pgx.NamedArgs{"contact": contact}).Scan(&email)
	return email, notFound("find the contact's address", err)
}

// newCode is a code to make; without Person and Contact it is nobody's.
type newCode struct {
	Purpose CodePurpose
	Person  int64
	Contact int64
	Email   string
	About   string

	account string
}

// sendCode makes a code in place of the account's earlier one, and promises the
// mail with it, unless it is nobody's.
func (s *Service) sendCode(ctx context.Context, tx postgres.Tx, from audit.Actor, c newCode) (browser string, err error) {
	digits, err := newDigits()
	if err != nil {
		return "", err
	}
	browser, hash := secret.NewToken()
	args := pgx.NamedArgs{
		"purpose": string(c.Purpose), "account": c.account, "person": c.Person, "contact": c.Contact, "email": c.Email, "about": c.About,
		"browser": hash, "code": codeHash(c.Purpose, browser, digits), "life": CodeLife,
	}
	// A statement of its own: the next must see what others committed while this one waited.
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('codes of an account'), hashtext(@purpose || @account))`, args); err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	if _, err := tx.Exec(ctx, `update codes set ended_at = now() where purpose = @purpose and account = @account and used_at is null and ended_at is null`, args); err != nil {
		return "", fmt.Errorf("end the earlier code: %w", err)
	}
	var id int64
	err = tx.QueryRow(ctx, `
		insert into codes (purpose, browser_hash, account, person_id, contact_id, email, about, code_hash, expires_at)
		values (@purpose, @browser, @account, nullif(@person::bigint, 0), nullif(@contact::bigint, 0), @email, @about, @code, now() + @life::interval)
		returning id`, args).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	if c.Person == 0 && c.Contact == 0 {
		return browser, nil
	}
	entry := audit.New{Action: audit.PersonAskedForACode, ID: c.Person, Label: c.Email}
	if c.Contact != 0 {
		entry = audit.New{Action: audit.ContactAskedForACode, ID: c.Contact, Label: c.Email}
		if err := tx.QueryRow(ctx, `select customer_id from contacts where id = @contact`, args).Scan(&entry.Customer); err != nil {
			return "", fmt.Errorf("whose code it is: %w", err)
		}
	}
	if from.Name == "" {
		from.Name = c.Email
	}
	if err := audit.Record(ctx, tx, from, entry); err != nil {
		return "", err
	}
	return browser, s.mail.Code(ctx, tx, id, digits)
}

func newDigits() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	return fmt.Sprintf("%0*d", CodeLength, n), nil
}

// codeHash is what is kept of a code: whoever reads the table has not the token,
// and without it nothing to try all digits against.
func codeHash(purpose CodePurpose, browser, digits string) []byte {
	sum := sha256.Sum256([]byte("code by email\x00" + string(purpose) + "\x00" + browser + "\x00" + digits))
	return sum[:]
}

// Digits are those of a code as people paste it: with blanks and hyphens.
func Digits(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r == '-' || r == '.' || r == '‐' || r == '‑' || r == '–' || r == '\u00a0' || r == '\u202f' || r == ' ' || r == '\t' || r == '\r' || r == '\n':
			return -1
		}
		return 'x'
	}, typed)
}

// UseCode takes the digits that were typed in the browser with the token, once:
// a problem.Set for "code" when they cannot be a code, WrongCode, ErrCodeSpent
// or Limited.
func (s *Service) UseCode(ctx context.Context, from audit.Actor, browser, digits string, purpose CodePurpose) (Proven, error) {
	return s.useCode(ctx, from, browser, digits, purpose, func(postgres.Tx, Proven) error { return nil })
}

// foundCode is a code as its browser finds it.
type foundCode struct {
	Proven
	ID      int64
	Account string
	Hash    []byte
	Tries   int
}

// useCode is UseCode; then is what follows from it, in the same transaction.
func (s *Service) useCode(ctx context.Context, from audit.Actor, browser, typed string, purpose CodePurpose, then func(postgres.Tx, Proven) error) (Proven, error) {
	digits := Digits(typed)
	if len(digits) != CodeLength || strings.Contains(digits, "x") {
		return Proven{}, problem.Of("code", fmt.Sprintf("Enter the %d digits from the email.", CodeLength))
	}
	c, err := openCode(ctx, s.pool, browser, purpose, "")
	if err != nil {
		return Proven{}, err
	}
	device, err := s.deviceOf(ctx, Portal, c.Person, from)
	if err != nil {
		return Proven{}, err
	}
	t := attempt{
		Kind: codeAttempt, Side: Portal, key: c.Account, Address: from.Address, Email: c.Email,
		Device: device, Proxied: from.Proxied, Claimed: from.Claimed, Browser: from.Browser,
	}
	try, err := s.take(ctx, t)
	if err != nil {
		s.limited(ctx, from, t, err)
		return Proven{}, err
	}
	right := false
	// Whoever hangs up early gains no try by it.
	err = postgres.Transact(context.WithoutCancel(ctx), s.pool, func(tx postgres.Tx) (err error) {
		if c, err = openCode(ctx, tx, browser, purpose, "for update of d"); err != nil {
			return err
		}
		if right = subtle.ConstantTimeCompare(c.Hash, codeHash(purpose, browser, digits)) == 1; !right {
			c.Tries++
			_, err = tx.Exec(ctx, `update codes set tries = @tries::integer, ended_at = case when @tries::integer >= @most then now() end where id = @id`,
				pgx.NamedArgs{"id": c.ID, "tries": c.Tries, "most": codeTries})
			return err
		}
		if _, err := tx.Exec(ctx, `update codes set used_at = now() where id = @id`, pgx.NamedArgs{"id": c.ID}); err != nil {
			return err
		}
		if err := settle(ctx, tx, try, Right, ""); err != nil {
			return err
		}
		return then(tx, c.Proven)
	})
	switch {
	case err != nil:
		return Proven{}, cmp.Or(s.release(ctx, try), err)
	case !right:
		return Proven{}, cmp.Or(s.failed(ctx, from, t, try, WrongDigits), error(WrongCode{codeTries - c.Tries}))
	}
	s.tries.WithLabelValues(string(Portal), string(Right), "").Inc()
	return c.Proven, nil
}

// SignInByCode lets a person in with the digits that were typed in the browser
// with the token. Errors as of UseCode. A password that staff have set ends with
// it: whoever reads the mailbox has shown more than it, and staff know it. They
// have no password then until they choose one, and come in by codes.
func (s *Service) SignInByCode(ctx context.Context, from audit.Actor, browser, digits string) (e Entry, err error) {
	_, err = s.useCode(ctx, from, browser, digits, SignInCode, func(tx postgres.Tx, is Proven) error {
		from.Name = is.Email
		if err := s.endSetPassword(ctx, tx, from, is.Person); err != nil {
			return err
		}
		stamp, err := stampOf(ctx, tx, owner{Portal, is.Person})
		if err != nil {
			return err
		}
		if e, err = entryOf(ctx, tx, is.Person); err != nil || len(e.Choices) == 0 {
			return err
		}
		return s.letIn(ctx, tx, from, &e, 0, stamp, ByPassword)
	})
	return e, err
}

// endSetPassword ends a password that staff have set, and sessions begun with
// it; the contacts that waited for another one become active.
func (s *Service) endSetPassword(ctx context.Context, tx postgres.Tx, by audit.Actor, who int64) error {
	tag, err := tx.Exec(ctx, `update persons set password_hash = '', must_change_password = false where id = @person and must_change_password`, pgx.NamedArgs{"person": who})
	if err != nil {
		return fmt.Errorf("end a password set by staff: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	by.Person = who
	if err := audit.Record(ctx, tx, by, audit.New{Action: audit.PersonEndedSetPassword, ID: who, Label: by.Name}); err != nil {
		return err
	}
	if err := endSessionsOfPerson(ctx, tx, who, ""); err != nil {
		return err
	}
	return contact.Activate(ctx, tx, by, who)
}

// ProveByCode is Prove with a code by email, for persons without a second
// factor, or without a password: with both, a mailbox on the same phone as the
// session would be too little.
func (s *Service) ProveByCode(ctx context.Context, by audit.Actor, browser, digits string) (proof int64, err error) {
	_, err = s.useCode(ctx, by, browser, digits, ProofCode, func(tx postgres.Tx, is Proven) error {
		if is.Person != by.Person {
			return ErrCodeSpent
		}
		if ways, err := proofsOf(ctx, tx, owner{Portal, by.Person}); err != nil || !ways.Code {
			return cmp.Or(err, ErrCodeSpent)
		}
		if proof, err = stampOf(ctx, tx, owner{Portal, by.Person}); err != nil {
			return err
		}
		return recordSignIn(ctx, tx, by, by.Person, ByPassword)
	})
	return proof, err
}

// Proofs are the ways in which somebody signed in can prove it once more.
type Proofs struct{ Password, Code, Provider bool }

// ProofsOf are those of somebody: staff have their password and their provider; persons also a code
// by email, unless they have a second factor and a password.
func (s *Service) ProofsOf(ctx context.Context, by audit.Actor) (Proofs, error) {
	of := ownerOf(by)
	if of.id == 0 && by.Contact != 0 { // by their company's provider: nothing of a person's counts
		return Proofs{Provider: true}, nil
	}
	p, err := proofsOf(ctx, s.pool, of)
	if err != nil || of.side == Portal || !s.staffProvider.Set() {
		return p, err
	}
	return p, postgres.Read(ctx, s.pool, func(b *postgres.Batch) { s.QueryConnected(b, &p.Provider, of.id) })
}

func proofsOf(ctx context.Context, db postgres.DB, of owner) (p Proofs, err error) {
	var factor bool
	err = db.QueryRow(ctx, `
		select a.password_hash <> '', exists (select from second_factors f where f.`+of.column()+` = a.id and f.on_since is not null)
		from `+of.accounts()+` a where a.id = @owner`, pgx.NamedArgs{"owner": of.id}).Scan(&p.Password, &factor)
	if err != nil {
		return Proofs{}, notFound("read how somebody proves it", err)
	}
	p.Code = of.side == Portal && (!factor || !p.Password)
	return p, nil
}

// HasPassword reports whether a person has a password at all.
func (s *Service) HasPassword(ctx context.Context, who int64) (bool, error) {
	p, err := proofsOf(ctx, s.pool, owner{Portal, who})
	return p.Password, err
}

// openCode finds the code that can be used in the browser with the token, or
// returns ErrCodeSpent: also when whom it went to may not enter now, or has
// another address.
func openCode(ctx context.Context, db postgres.DB, browser string, purpose CodePurpose, lock string) (foundCode, error) {
	var c foundCode
	err := db.QueryRow(ctx, `
		select d.id, d.account, coalesce(d.person_id, 0), coalesce(d.contact_id, 0), d.email, d.about, d.code_hash, d.tries
		from codes d
		where d.browser_hash = @browser and d.purpose = @purpose and d.used_at is null and d.ended_at is null and d.expires_at > now()
			and (d.person_id is null or exists (
				select from persons p join contacts c on c.person_id = p.id join customers cu on cu.id = c.customer_id
				where p.id = d.person_id and lower(p.email) = lower(d.email) and c.access in ('invited', 'active') and c.archived_at is null and cu.archived_at is null))
			and (d.contact_id is null or exists (
				select from contacts c join customers cu on cu.id = c.customer_id
				where c.id = d.contact_id and lower(c.email) = lower(d.email) and c.access <> 'suspended' and c.archived_at is null and cu.archived_at is null))
		`+lock, pgx.NamedArgs{"browser": secret.HashToken(browser), "purpose": string(purpose)},
	).Scan(&c.ID, &c.Account, &c.Person, &c.Contact, &c.Email, &c.About, &c.Hash, &c.Tries)
	if errors.Is(err, pgx.ErrNoRows) {
		return foundCode{}, ErrCodeSpent
	}
	if err != nil {
		return foundCode{}, fmt.Errorf("find a code: %w", err)
	}
	return c, nil
}

// endCodes ends a person's codes: what they were asked for with has changed.
func endCodes(ctx context.Context, tx postgres.Tx, who int64) error {
	if _, err := tx.Exec(ctx, `update codes set ended_at = now() where person_id = @person and used_at is null and ended_at is null`, pgx.NamedArgs{"person": who}); err != nil {
		return fmt.Errorf("end codes: %w", err)
	}
	return nil
}

// sweepCodes forgets codes that cannot be used any more, and those of nobody.
func sweepCodes(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from codes where created_at < now() - interval '1 day'`); err != nil {
		return fmt.Errorf("sweep codes: %w", err)
	}
	return nil
}
