package signin

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/secret"
)

// A second factor are the digits that an app makes of a secret and the time
// (RFC 6238): six of thirty seconds, those before and after forgiven, none taken
// twice. The secret lies sealed. Ten recovery codes stand in for a phone that is
// gone; each works once, and only its hash is kept.

const (
	factorDigits = 6
	factorStep   = 30 // seconds
	factorDrift  = 1  // steps before and after, for clocks that differ
	// RecoveryCodes is how many there are of a fresh set.
	RecoveryCodes = 10
	// FewRecoveryCodes is when their owner is told that they run out.
	FewRecoveryCodes = 3
	// recoveryBytes are 120 bits: nobody tries them all, so that a plain hash does.
	recoveryBytes = 15
)

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Factor is whether somebody has a second factor.
type Factor struct {
	On    bool
	Since time.Time
	Left  int  // recovery codes
	Short bool // the password is too short to stand alone
}

// FactorSetup is a secret that an app is about to learn.
type FactorSetup struct {
	Secret string // as people type it
	URL    string // as a QR code says it
}

// factor is a row that is locked.
type factor struct {
	ID       int64
	Sealed   []byte
	On       bool
	LastStep int64
	Short    bool
	Fresh    bool  // young enough to be set up
	Step     int64 // now
}

func (o owner) actorName(ctx context.Context, db postgres.DB) (name string, err error) {
	if o.side == Portal {
		return o.address(ctx, db)
	}
	err = db.QueryRow(ctx, `select name from staff where id = @id`, pgx.NamedArgs{"id": o.id}).Scan(&name)
	return name, notFound("find staff", err)
}

func factorContext(o owner) string { return fmt.Sprintf("second factor of %s %d", o.column(), o.id) }

// ReadFactor says whether somebody signed in has a second factor.
func (s *Service) ReadFactor(ctx context.Context, by audit.Actor) (f Factor, err error) {
	of := ownerOf(by)
	var since *time.Time
	err = s.pool.QueryRow(ctx, `
		select f.on_since, f.short_password, (select count(*) from recovery_codes r where r.factor_id = f.id and r.used_at is null)
		from second_factors f where f.`+of.column()+` = @owner and f.on_since is not null`, pgx.NamedArgs{"owner": of.id}).Scan(&since, &f.Short, &f.Left)
	if errors.Is(err, pgx.ErrNoRows) {
		return Factor{}, nil
	}
	if err != nil {
		return Factor{}, fmt.Errorf("read a second factor: %w", err)
	}
	f.On, f.Since = true, *since
	return f, nil
}

// factorOnSQL holds where the account @owner has a second factor.
func factorOnSQL(of owner) string {
	return `exists (select from second_factors where ` + of.column() + ` = @owner and on_since is not null)`
}

// factorOn reports whether an account has a second factor.
func factorOn(ctx context.Context, db postgres.DB, of owner) (on bool, err error) {
	err = db.QueryRow(ctx, `select `+factorOnSQL(of), pgx.NamedArgs{"owner": of.id}).Scan(&on)
	if err != nil {
		return false, fmt.Errorf("ask for a second factor: %w", err)
	}
	return on, nil
}

// errFactorOn says that there is nothing to set up.
func errFactorOn() error {
	return apperr.Conflictf("Your second factor is on already. Remove it first to set up another one.")
}

// setupFresh holds of a second factor that may still be set up.
const setupFresh = `created_at > now() - interval '1 day'`

// BeginFactor makes the secret that an app is to learn; until ConfirmFactor
// nothing asks for it. One that waits already stays while it can be set up, so
// that pressing twice, or going back, does not spoil what the app has learned.
func (s *Service) BeginFactor(ctx context.Context, by audit.Actor) error {
	of := ownerOf(by)
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		f, err := s.lockFactor(ctx, tx, of)
		if err == nil && f.On {
			return errFactorOn()
		}
		if err == nil && f.Fresh {
			if _, err := s.box.Open(f.Sealed, factorContext(of)); err == nil {
				return nil
			}
		}
		if err != nil && !errors.Is(err, apperr.NotFound) {
			return err
		}
		raw := make([]byte, 20)
		_, _ = rand.Read(raw)
		_, err = tx.Exec(ctx, `
			insert into second_factors (`+of.column()+`, sealed) values (@owner, @sealed)
			on conflict (`+of.column()+`) do update set sealed = excluded.sealed, created_at = now() where second_factors.on_since is null`,
			pgx.NamedArgs{"owner": of.id, "sealed": s.box.Seal(raw, factorContext(of))})
		if err != nil {
			return fmt.Errorf("begin a second factor: %w", err)
		}
		return nil
	})
}

// FactorSetup is the secret that waits to be confirmed, or apperr.NotFound. It
// is shown to nobody once it is confirmed.
func (s *Service) FactorSetup(ctx context.Context, by audit.Actor) (FactorSetup, error) {
	of := ownerOf(by)
	var sealed []byte
	var business string
	err := s.pool.QueryRow(ctx, `
		select f.sealed, c.trading_name from second_factors f cross join company c
		where f.`+of.column()+` = @owner and f.on_since is null and f.`+setupFresh, pgx.NamedArgs{"owner": of.id}).Scan(&sealed, &business)
	if err != nil {
		return FactorSetup{}, notFound("find a second factor", err)
	}
	raw, err := s.box.Open(sealed, factorContext(of))
	if errors.Is(err, secret.ErrSealed) { // the key was changed meanwhile
		return FactorSetup{}, apperr.NotFound
	}
	if err != nil {
		return FactorSetup{}, err
	}
	account, err := of.address(ctx, s.pool)
	if err != nil {
		return FactorSetup{}, err
	}
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	issuer := business + map[Side]string{Portal: " portal", Office: " office"}[of.side]
	key := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account, RawQuery: url.Values{"secret": {text}, "issuer": {issuer}}.Encode()}
	// Apps know no plus for a blank.
	key.RawQuery = strings.ReplaceAll(key.RawQuery, "+", "%20")
	return FactorSetup{Secret: grouped(text, " "), URL: key.String()}, nil
}

// grouped is a text in groups of four.
func grouped(text, between string) string {
	var b strings.Builder
	for i := 0; i < len(text); i += 4 {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(text[i:min(i+4, len(text))])
	}
	return b.String()
}

// lockFactor locks the row of an account's factor, set up or on, or returns apperr.NotFound.
func (s *Service) lockFactor(ctx context.Context, tx postgres.Tx, of owner) (f factor, err error) {
	err = tx.QueryRow(ctx, `
		select id, sealed, on_since is not null, last_step, short_password, `+setupFresh+`, floor(extract(epoch from clock_timestamp()) / @step)::bigint
		from second_factors where `+of.column()+` = @owner for update`, pgx.NamedArgs{"owner": of.id, "step": factorStep}).
		Scan(&f.ID, &f.Sealed, &f.On, &f.LastStep, &f.Short, &f.Fresh, &f.Step)
	return f, notFound("lock a second factor", err)
}

// step is the one whose digits these are, later than the last that was taken; 0 for none.
func (f factor) step(raw []byte, digits string) (int64, error) {
	key := base32.StdEncoding.EncodeToString(raw)
	found := int64(0)
	for step := f.Step - factorDrift; step <= f.Step+factorDrift; step++ {
		want, err := hotp.GenerateCodeCustom(key, uint64(max(step, 0)), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, fmt.Errorf("reckon digits: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(digits)) == 1 && step > f.LastStep {
			found = step
		}
	}
	return found, nil
}

// typedFactor is what somebody has typed: digits of the app, or a recovery code.
type typedFactor struct {
	digits   string
	recovery []byte
}

// readFactor tells digits from a recovery code: a problem.Set for "code" when it
// is neither.
func readFactor(typed string) (t typedFactor, err error) {
	text := strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -\t\r\n.‐‑–\u00a0\u202f", r) {
			return -1
		}
		return r
	}, typed))
	if raw, err := base32Lower.DecodeString(text); err == nil && len(raw) == recoveryBytes {
		t.recovery = raw
		return t, nil
	}
	if len(text) != factorDigits || strings.Trim(text, "0123456789") != "" {
		return t, problem.Of("code", "Enter the 6 digits that your app shows now, or one of your recovery codes.")
	}
	t.digits = text
	return t, nil
}

func recoveryHash(factor int64, raw []byte) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "recovery code of factor %d\x00%x", factor, raw))
	return sum[:]
}

// checkFactor takes what was typed, once; right is false when it is wrong, or
// was taken before. Recovery says that it was a recovery code.
func (s *Service) checkFactor(ctx context.Context, tx postgres.Tx, of owner, f factor, t typedFactor) (right bool, err error) {
	if t.recovery != nil {
		tag, err := tx.Exec(ctx, `update recovery_codes set used_at = now() where factor_id = @factor and code_hash = @hash and used_at is null`,
			pgx.NamedArgs{"factor": f.ID, "hash": recoveryHash(f.ID, t.recovery)})
		if err != nil {
			return false, fmt.Errorf("use a recovery code: %w", err)
		}
		return tag.RowsAffected() == 1, nil
	}
	raw, err := s.box.Open(f.Sealed, factorContext(of))
	if errors.Is(err, secret.ErrSealed) {
		return false, apperr.Conflictf("Your second factor cannot be read here any more. Use a recovery code, or ask for help.")
	}
	if err != nil {
		return false, err
	}
	step, err := f.step(raw, t.digits)
	if err != nil || step == 0 {
		return false, err
	}
	if _, err := tx.Exec(ctx, `update second_factors set last_step = @step where id = @id`, pgx.NamedArgs{"id": f.ID, "step": step}); err != nil {
		return false, fmt.Errorf("take digits: %w", err)
	}
	return true, nil
}

// proveFactor tries what was typed against an account's factor within the limits
// on guessing, and does what follows in the same transaction. Wrong is ErrWrong.
func (s *Service) proveFactor(ctx context.Context, from audit.Actor, of owner, typed string, first, then func(tx postgres.Tx) error) error {
	t, err := readFactor(typed)
	if err != nil {
		return err
	}
	email, err := of.address(ctx, s.pool)
	if err != nil {
		return err
	}
	device, err := s.deviceOf(ctx, of.side, of.id, from)
	if err != nil {
		return err
	}
	a := attempt{
		Kind: factorAttempt, Side: of.side, Account: email, Address: from.Address, Email: email,
		Device: device, Proxied: from.Proxied, Claimed: from.Claimed, Browser: from.Browser,
	}
	try, err := s.take(ctx, a)
	if err != nil {
		s.limited(ctx, from, a, err)
		return err
	}
	right := false
	// Whoever hangs up early gains no try by it.
	err = postgres.Transact(context.WithoutCancel(ctx), s.pool, func(tx postgres.Tx) error {
		f, err := s.lockFactor(ctx, tx, of)
		if err != nil {
			return err
		}
		if !f.On {
			return apperr.NotFound
		}
		if err := first(tx); err != nil {
			return err
		}
		if right, err = s.checkFactor(ctx, tx, of, f, t); err != nil || !right {
			return err
		}
		if err := settle(ctx, tx, try, Right, ""); err != nil {
			return err
		}
		if err := found(ctx, tx, f); err != nil {
			return err
		}
		if t.recovery != nil {
			if err := s.recovered(ctx, tx, from, of, f); err != nil {
				return err
			}
		}
		return then(tx)
	})
	switch {
	case err != nil:
		return cmp.Or(s.release(ctx, try), err)
	case !right:
		return cmp.Or(s.failed(ctx, from, a, try, WrongFactor), ErrWrong)
	}
	s.tries.WithLabelValues(string(of.side), string(Right), "").Inc()
	return nil
}

// found forgets that the factor was reported as lost: staff remove it no more.
func found(ctx context.Context, tx postgres.Tx, f factor) error {
	if _, err := tx.Exec(ctx, `update second_factors set lost_at = null where id = @id and lost_at is not null`, pgx.NamedArgs{"id": f.ID}); err != nil {
		return fmt.Errorf("note that a second factor is at hand: %w", err)
	}
	return nil
}

// recovered notes and tells that a recovery code was used, and how many are left.
func (s *Service) recovered(ctx context.Context, tx postgres.Tx, from audit.Actor, of owner, f factor) error {
	var left int
	if err := tx.QueryRow(ctx, `select count(*) from recovery_codes where factor_id = @factor and used_at is null`, pgx.NamedArgs{"factor": f.ID}).Scan(&left); err != nil {
		return fmt.Errorf("count recovery codes: %w", err)
	}
	if err := recordFactor(ctx, tx, of, from, factorDeeds{audit.PersonUsedRecoveryCode, audit.StaffUsedRecoveryCode}, map[string]any{"left": left}); err != nil {
		return err
	}
	return s.mail.FactorChanged(ctx, tx, of.person(), of.staff(), FactorRecovered, left)
}

func (o owner) person() int64 {
	if o.side == Portal {
		return o.id
	}
	return 0
}

func (o owner) staff() int64 {
	if o.side == Office {
		return o.id
	}
	return 0
}

// FactorEvent is what has become of a second factor, as its owner is told.
type FactorEvent string

// The events.
const (
	FactorAdded     FactorEvent = "added"
	FactorRemoved   FactorEvent = "removed"
	FactorTaken     FactorEvent = "taken"     // removed by somebody else
	FactorRecovered FactorEvent = "recovered" // a recovery code was used
	FactorRenewed   FactorEvent = "renewed"   // the recovery codes are others
)

// factorDeeds are an action as of a person and as of a member of staff.
type factorDeeds struct{ person, staff audit.Action }

func recordFactor(ctx context.Context, tx postgres.Tx, of owner, by audit.Actor, deeds factorDeeds, after map[string]any) error {
	name, err := of.actorName(ctx, tx)
	if err != nil {
		return err
	}
	action := deeds.person
	if of.side == Office {
		action = deeds.staff
	}
	if by.Staff == 0 && by.Person == 0 && !by.Operator { // not signed in yet
		by.Staff, by.Person, by.Name = of.staff(), of.person(), name
	}
	return audit.Record(ctx, tx, by, audit.New{Action: action, ID: of.id, Label: name, After: after})
}

// ConfirmFactor turns the factor that waits on, with the first digits of the
// app, and returns its recovery codes, the only time that they can be seen. All
// other sessions end; here is the hash of the token of the one that goes on.
func (s *Service) ConfirmFactor(ctx context.Context, by audit.Actor, typed, here string) (codes []string, err error) {
	of := ownerOf(by)
	t, err := readFactor(typed)
	if err != nil || t.digits == "" {
		return nil, problem.Of("code", "Enter the 6 digits that your app shows now.")
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		f, err := s.lockFactor(ctx, tx, of)
		if err != nil {
			return err
		}
		if f.On {
			return errFactorOn()
		}
		right, err := s.checkFactor(ctx, tx, of, f, t)
		if err != nil {
			return err
		}
		if !right { // their own secret, which they have just seen: nothing to guess
			return problem.Of("code", "These digits do not fit. Does the phone’s clock run right? Enter the digits that the app shows now.")
		}
		if _, err := tx.Exec(ctx, `update second_factors set on_since = now() where id = @id`, pgx.NamedArgs{"id": f.ID}); err != nil {
			return fmt.Errorf("turn a second factor on: %w", err)
		}
		if codes, err = newRecoveryCodes(ctx, tx, f.ID); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, of, here); err != nil {
			return err
		}
		if err := recordFactor(ctx, tx, of, by, factorDeeds{audit.PersonAddedFactor, audit.StaffAddedFactor}, nil); err != nil {
			return err
		}
		return s.mail.FactorChanged(ctx, tx, of.person(), of.staff(), FactorAdded, 0)
	})
	return codes, err
}

func newRecoveryCodes(ctx context.Context, tx postgres.Tx, factor int64) (codes []string, err error) {
	if _, err := tx.Exec(ctx, `delete from recovery_codes where factor_id = @factor`, pgx.NamedArgs{"factor": factor}); err != nil {
		return nil, fmt.Errorf("forget recovery codes: %w", err)
	}
	hashes := make([][]byte, 0, RecoveryCodes)
	for range RecoveryCodes {
		raw := make([]byte, recoveryBytes)
		_, _ = rand.Read(raw)
		codes, hashes = append(codes, grouped(base32Lower.EncodeToString(raw), "-")), append(hashes, recoveryHash(factor, raw))
	}
	if _, err := tx.Exec(ctx, `insert into recovery_codes (factor_id, code_hash) select @factor, unnest(@hashes::bytea[])`, pgx.NamedArgs{"factor": factor, "hashes": hashes}); err != nil {
		return nil, fmt.Errorf("make recovery codes: %w", err)
	}
	return codes, nil
}

// RenewRecoveryCodes replaces the recovery codes by ten others and returns them,
// for who has the factor at hand. ErrWrong and Limited.
func (s *Service) RenewRecoveryCodes(ctx context.Context, by audit.Actor, typed string) (codes []string, err error) {
	of := ownerOf(by)
	err = s.proveFactor(ctx, by, of, typed, nothing, func(tx postgres.Tx) error {
		f, err := s.lockFactor(ctx, tx, of)
		if err != nil {
			return err
		}
		if codes, err = newRecoveryCodes(ctx, tx, f.ID); err != nil {
			return err
		}
		if err := recordFactor(ctx, tx, of, by, factorDeeds{audit.PersonRenewedRecoveryCodes, audit.StaffRenewedRecoveryCodes}, nil); err != nil {
			return err
		}
		return s.mail.FactorChanged(ctx, tx, of.person(), of.staff(), FactorRenewed, 0)
	})
	return codes, err
}

func nothing(postgres.Tx) error { return nil }

// RemoveFactor turns one's own second factor off: with the factor itself, since
// a session and a password are what it guards against, and only while the
// password is long enough to stand alone. ErrWrong and Limited.
func (s *Service) RemoveFactor(ctx context.Context, by audit.Actor, typed, here string) error {
	of := ownerOf(by)
	return s.proveFactor(ctx, by, of, typed, func(tx postgres.Tx) error {
		f, err := s.lockFactor(ctx, tx, of)
		if err == nil && f.Short {
			err = apperr.Conflictf("Your password has fewer characters than one without a second factor needs. Change it first, then remove the second factor.")
		}
		return err
	}, func(tx postgres.Tx) error {
		if err := dropFactor(ctx, tx, of, here); err != nil {
			return err
		}
		if err := recordFactor(ctx, tx, of, by, factorDeeds{audit.PersonRemovedFactor, audit.StaffRemovedFactor}, nil); err != nil {
			return err
		}
		return s.mail.FactorChanged(ctx, tx, of.person(), of.staff(), FactorRemoved, 0)
	})
}

// dropFactor removes the factor, ends all sessions but the one here, and what
// was proved with it.
func dropFactor(ctx context.Context, tx postgres.Tx, of owner, here string) error {
	if _, err := tx.Exec(ctx, `delete from second_factors where `+of.column()+` = @owner`, pgx.NamedArgs{"owner": of.id}); err != nil {
		return fmt.Errorf("remove a second factor: %w", err)
	}
	return endSessions(ctx, tx, of, here)
}

// TakeStaffFactor removes the second factor that a colleague, or whoever runs the
// server, says is lost: sessions end, and a password that is too short to stand
// alone is forgotten. Without a factor it is apperr.Conflict. The caller tells.
func TakeStaffFactor(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) (forgotten bool, err error) {
	if by.Staff == id {
		return false, apperr.Conflictf("Remove your own second factor under Your account.")
	}
	return takeFactor(ctx, tx, by, owner{Office, id})
}

// TakePersonFactor is TakeStaffFactor for the person that a contact is, who has
// lost theirs and has shown that the address is theirs: without that staff cannot.
func TakePersonFactor(ctx context.Context, tx postgres.Tx, by audit.Actor, contact int64) (who int64, err error) {
	err = tx.QueryRow(ctx, `
		select f.person_id from second_factors f join contacts c on c.person_id = f.person_id
		where c.id = @contact and `+lostSQL, pgx.NamedArgs{"contact": contact, "life": lostLife}).Scan(&who)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, apperr.Conflictf("They have not asked for it, or too long ago. After the password, the sign-in page asks for the second factor: there they press “I have lost it” and confirm their address.")
	}
	if err != nil {
		return 0, fmt.Errorf("find a lost factor: %w", err)
	}
	_, err = takeFactor(ctx, tx, by, owner{Portal, who})
	return who, err
}

func takeFactor(ctx context.Context, tx postgres.Tx, by audit.Actor, of owner) (short bool, err error) {
	err = tx.QueryRow(ctx, `select short_password from second_factors where `+of.column()+` = @owner and on_since is not null for update`, pgx.NamedArgs{"owner": of.id}).Scan(&short)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, apperr.Conflictf("There is no second factor to remove.")
	}
	if err != nil {
		return false, fmt.Errorf("lock a second factor: %w", err)
	}
	if err := dropFactor(ctx, tx, of, ""); err != nil {
		return false, err
	}
	if short {
		if _, err := tx.Exec(ctx, `update `+of.accounts()+` set password_hash = '' where id = @owner`, pgx.NamedArgs{"owner": of.id}); err != nil {
			return false, fmt.Errorf("forget a short password: %w", err)
		}
	}
	return short, recordFactor(ctx, tx, of, by, factorDeeds{audit.PersonLostFactor, audit.StaffLostFactor}, map[string]any{"password_forgotten": short})
}

// lostLife is how long staff may act on a factor reported as lost.
const lostLife = 3 * 24 * time.Hour

// lostSQL holds of a second factor f that its person has reported as lost.
const lostSQL = `f.on_since is not null and f.lost_at > now() - @life::interval`

// QueryFactorLost adds the query for when the person that a contact is has said
// that the second factor is lost, and shown that the address is theirs: one row, or none.
func QueryFactorLost(b *postgres.Batch, into *[]time.Time, contact int64) {
	postgres.QueryValues(b, into, `select f.lost_at from second_factors f join contacts c on c.person_id = f.person_id where c.id = @contact and `+lostSQL,
		pgx.NamedArgs{"contact": contact, "life": lostLife})
}

// RotateFactors seals the secrets of second factors with the present key, and
// counts those that no key opens.
func RotateFactors(ctx context.Context, tx postgres.Tx, box *secret.Box) (sealed, unreadable int, err error) {
	rows, err := tx.Query(ctx, `select id, coalesce(person_id, 0) as person, coalesce(staff_id, 0) as staff, sealed from second_factors order by id for update`)
	if err != nil {
		return 0, 0, fmt.Errorf("read second factors: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		ID, Person, Staff int64
		Sealed            []byte
	}])
	if err != nil {
		return 0, 0, fmt.Errorf("read second factors: %w", err)
	}
	for _, f := range all {
		of := owner{Portal, f.Person}
		if f.Staff != 0 {
			of = owner{Office, f.Staff}
		}
		fresh, changed, err := box.Reseal(f.Sealed, factorContext(of))
		switch {
		case err != nil:
			unreadable++
			continue
		case !changed:
			continue
		}
		if _, err := tx.Exec(ctx, `update second_factors set sealed = @sealed where id = @id`, pgx.NamedArgs{"id": f.ID, "sealed": fresh}); err != nil {
			return 0, 0, fmt.Errorf("seal second factor %d again: %w", f.ID, err)
		}
		sealed++
	}
	return sealed, unreadable, nil
}
