package signin_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
)

// app is an app that knows the secret of somebody's second factor.
type app struct {
	w      *world
	by     audit.Actor
	secret string
	now    time.Time
}

// shows are the digits that the app shows so many steps from now, which stands still:
// the next step may begin while a test runs.
func (a app) shows(steps int) string {
	a.w.t.Helper()
	digits, err := totp.GenerateCode(a.secret, a.now.Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		a.w.t.Fatal(err)
	}
	return digits
}

// twoFactors turns a second factor on. The digits of now are used up by it.
func (w *world) twoFactors(by audit.Actor) (a app, codes []string) {
	w.t.Helper()
	if err := w.service.BeginFactor(w.t.Context(), by); err != nil {
		w.t.Fatal(err)
	}
	setup, err := w.service.FactorSetup(w.t.Context(), by)
	if err != nil {
		w.t.Fatal(err)
	}
	// The digits of a step on either side are taken, too: at the end of one, now is the next.
	a = app{w, by, strings.ReplaceAll(setup.Secret, " ", ""), get[time.Time](w, `select clock_timestamp()`).Add(10 * time.Second)}
	w.do(`update second_factors set last_step = 0`)
	if codes, err = w.service.ConfirmFactor(w.t.Context(), by, a.shows(-1), ""); err != nil {
		w.t.Fatal(err)
	}
	return a, codes
}

func (w *world) pending(email string) string {
	w.t.Helper()
	e, err := w.service.SignIn(w.t.Context(), from, email, guestPassword)
	if err != nil || e.Pending == "" || e.Proof != 0 {
		w.t.Fatalf("%+v, %v", e, err)
	}
	return e.Pending
}

func TestASecondFactorIsAskedForAfterTheFirst(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.guest("lee@old.test", guestPassword)
	by := audit.Actor{Person: lee, Name: "Lee"}
	if err := w.service.BeginFactor(ctx, by); err != nil {
		t.Fatal(err)
	}
	if e, err := w.service.SignIn(ctx, from, "lee@old.test", guestPassword); err != nil || e.Pending != "" {
		t.Errorf("before it is confirmed: %+v, %v", e, err)
	}
	if _, err := w.service.ConfirmFactor(ctx, by, "000000", ""); !isProblem(err, "code") {
		t.Errorf("wrong first digits: %v", err)
	}
	a, codes := w.twoFactors(by)
	if len(codes) != signin.RecoveryCodes {
		t.Errorf("%d recovery codes", len(codes))
	}
	if _, err := w.service.FactorSetup(ctx, by); err == nil {
		t.Error("the secret is shown once more")
	}
	browser := w.pending("lee@old.test")
	if got := get[int](w, `select count(*) from sessions`); got != 0 {
		t.Errorf("%d sessions before the second factor", got)
	}
	if _, err := w.service.GiveFactor(ctx, from, browser, a.shows(-1)); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("digits that were taken when it was turned on: %v", err)
	}
	if _, err := w.service.GiveFactor(ctx, from, browser, a.shows(5)); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("digits of another time: %v", err)
	}
	for _, typed := range []string{"", "12345", "1234567", "abcdef", codes[0][:20]} {
		if _, err := w.service.GiveFactor(ctx, from, browser, typed); !isProblem(err, "code") {
			t.Errorf("%q: %v", typed, err)
		}
	}
	digits := a.shows(0)
	e, err := w.service.GiveFactor(ctx, from, browser, digits[:3]+" "+digits[3:])
	if err != nil || e.Person != lee || e.Proof == 0 || e.Contact() == 0 {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := w.service.GiveFactor(ctx, from, browser, a.shows(1)); !errors.Is(err, signin.ErrNotPending) {
		t.Errorf("the same browser again: %v", err)
	}
	if _, err := w.service.GiveFactor(ctx, from, w.pending("lee@old.test"), digits); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("replayed: %v", err)
	}
	// A code by email is the first factor alone, as a password is.
	code, sent := w.ask(from, "lee@old.test", "")
	if e, err := w.service.SignInByCode(ctx, from, code, sent); err != nil || e.Pending == "" || e.Proof != 0 {
		t.Errorf("by code: %+v, %v", e, err)
	}
	if kept := get[string](w, `select string_agg(s::text, ' ') from second_factors s`) + get[string](w, `select string_agg(r::text, ' ') from recovery_codes r`); strings.Contains(kept, a.secret) || strings.Contains(kept, codes[0]) {
		t.Error("secret or recovery codes lie in plain")
	}
}

func TestRecoveryCodesWorkOnceEach(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.guest("lee@old.test", guestPassword)
	by := audit.Actor{Person: lee, Name: "Lee"}
	a, codes := w.twoFactors(by)
	w.mails()
	if _, err := w.service.GiveFactor(ctx, from, w.pending("lee@old.test"), " "+strings.ToUpper(codes[3])); err != nil {
		t.Error(err)
	}
	if got := w.mails(); got != "[factor recovered 9]" {
		t.Error("told:", got)
	}
	if _, err := w.service.GiveFactor(ctx, from, w.pending("lee@old.test"), codes[3]); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("again: %v", err)
	}
	// Two browsers use one code at the same moment: one gets in.
	first, second := w.pending("lee@old.test"), w.pending("lee@old.test")
	errs := make([]error, 2)
	var wait sync.WaitGroup
	for i, browser := range []string{first, second} {
		wait.Go(func() { _, errs[i] = w.service.GiveFactor(ctx, at(i), browser, codes[4]) })
	}
	wait.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("at once: %v", errs)
	}
	fresh, err := w.service.RenewRecoveryCodes(ctx, by, a.shows(0))
	if err != nil || len(fresh) != signin.RecoveryCodes {
		t.Fatal(fresh, err)
	}
	if _, err := w.service.GiveFactor(ctx, from, w.pending("lee@old.test"), codes[5]); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("one of the earlier set: %v", err)
	}
	if _, err := w.service.GiveFactor(ctx, from, w.pending("lee@old.test"), fresh[5]); err != nil {
		t.Error(err)
	}
}

// TestTheWaitForASecondFactorEnds: by time, by wrong ones, in another browser,
// and by whatever ends what the first has proved.
func TestTheWaitForASecondFactorEnds(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(w *world, lee int64, browser string) string{
		"expired": func(w *world, _ int64, b string) string {
			w.do(`update pending_sign_ins set expires_at = now()`)
			return b
		},
		"another browser": func(*world, int64, string) string { token, _ := secret.NewToken(); return token },
		"no browser":      func(*world, int64, string) string { return "" },
		"five wrong ones": func(w *world, _ int64, b string) string {
			for i := range 5 {
				if _, err := w.service.GiveFactor(w.t.Context(), at(i), b, "000000"); !errors.Is(err, signin.ErrWrong) {
					w.t.Error(err)
				}
			}
			return b
		},
		"another password": func(w *world, lee int64, b string) string {
			if _, err := w.service.ChangePassword(w.t.Context(), audit.Actor{Person: lee}, lee, guestPassword, other, "", false); err != nil {
				w.t.Error(err)
			}
			return b
		},
		"a restored database": func(w *world, _ int64, b string) string {
			w.must(func(tx postgres.Tx) error { return signin.EndAll(w.t.Context(), tx) })
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			lee := w.guest("lee@old.test", guestPassword)
			a, _ := w.twoFactors(audit.Actor{Person: lee, Name: "Lee"})
			browser := happens(w, lee, w.pending("lee@old.test"))
			if e, err := w.service.GiveFactor(t.Context(), from, browser, a.shows(0)); !errors.Is(err, signin.ErrNotPending) {
				t.Errorf("%+v, %v", e, err)
			}
		})
	}
}

// TestASuspendedPersonWaitsForNothing: nothing is open to them.
func TestASuspendedPersonWaitsForNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lee := w.guest("lee@old.test", guestPassword)
	a, _ := w.twoFactors(audit.Actor{Person: lee, Name: "Lee"})
	browser := w.pending("lee@old.test")
	w.do(`update contacts set access = 'suspended' where person_id = $1`, lee)
	if e, err := w.service.GiveFactor(t.Context(), from, browser, a.shows(0)); err != nil || e.Proof != 0 || len(e.Choices) != 0 {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestALostSecondFactorIsRemovedByTwo(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.guest("lee@old.test", guestPassword)
	contact := get[int64](w, `select id from contacts where person_id = $1`, lee)
	a, codes := w.twoFactors(audit.Actor{Person: lee, Name: "Lee"})
	take := func() error {
		return w.tx(func(tx postgres.Tx) error {
			_, err := signin.TakePersonFactor(ctx, tx, ada, contact)
			return err
		})
	}
	if err := take(); !isConflict(err) {
		t.Errorf("staff alone: %v", err)
	}
	browser := w.pending("lee@old.test")
	code, err := w.service.AskLost(ctx, from, browser)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.service.ReportLost(ctx, from, browser, code, wrongFor(w.digits)); left(t, err) != 4 {
		t.Error(err)
	}
	if err := take(); !isConflict(err) {
		t.Errorf("before the address is shown to be theirs: %v", err)
	}
	if err := w.service.ReportLost(ctx, from, "", code, w.digits); !errors.Is(err, signin.ErrNotPending) {
		t.Errorf("without the password: %v", err)
	}
	if err := w.service.ReportLost(ctx, from, browser, code, w.digits); err != nil {
		t.Fatal(err)
	}
	w.do(`update second_factors set lost_at = now() - interval '4 days'`)
	if err := take(); !isConflict(err) {
		t.Errorf("days later: %v", err)
	}
	for name, typed := range map[string]string{"the app": a.shows(0), "a recovery code": codes[0]} {
		w.do(`update second_factors set lost_at = now()`)
		if _, err := w.service.GiveFactor(ctx, from, w.pending("lee@old.test"), typed); err != nil {
			t.Fatal(err)
		}
		if err := take(); !isConflict(err) {
			t.Errorf("found again, by %s: %v", name, err)
		}
	}
	w.do(`update second_factors set lost_at = now()`)
	if err := take(); err != nil {
		t.Fatal(err)
	}
	if e, err := w.service.SignIn(ctx, from, "lee@old.test", guestPassword); err != nil || e.Pending != "" {
		t.Errorf("afterwards: %+v, %v", e, err)
	}
}

func TestAShortPasswordNeedsItsSecondFactor(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.guest("lee@old.test", guestPassword)
	by := audit.Actor{Person: lee, Name: "Lee"}
	const short = "vqx7 kumqat"
	if _, err := w.service.ChangePassword(ctx, by, lee, guestPassword, short, "", false); !isProblem(err, "password") {
		t.Errorf("without a second factor: %v", err)
	}
	a, _ := w.twoFactors(by)
	if _, err := w.service.ChangePassword(ctx, by, lee, guestPassword, short, "", false); err != nil {
		t.Fatal(err)
	}
	if err := w.service.RemoveFactor(ctx, by, a.shows(0), ""); !isConflict(err) {
		t.Errorf("removed all the same: %v", err)
	}
	if _, err := w.service.ChangePassword(ctx, by, lee, short, other, "", false); err != nil {
		t.Fatal(err)
	}
	if err := w.service.RemoveFactor(ctx, by, "000000", ""); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("removed without it: %v", err)
	}
	if err := w.service.RemoveFactor(ctx, by, a.shows(0), ""); err != nil {
		t.Error(err)
	}
	ben := get[int64](w, `insert into staff (name, email, role, state, password_hash) values ('Ben', 'ben@office.test', 'office', 'active', 'x') returning id`)
	w.twoFactors(audit.Actor{Staff: ben, Name: "Ben"})
	w.do(`update second_factors set short_password = true`)
	w.must(func(tx postgres.Tx) error {
		forgotten, err := signin.TakeStaffFactor(ctx, tx, audit.Actor{Operator: true, Name: "fieldgate"}, ben)
		if !forgotten {
			t.Error("a short password stands alone")
		}
		return err
	})
	if got := get[string](w, `select password_hash from staff where id = $1`, ben); got != "" {
		t.Error("it is still there")
	}
	for _, typed := range []string{"", "x", guestPassword} {
		if _, err := w.service.SignInStaff(ctx, from, "ben@office.test", typed); !errors.Is(err, signin.ErrWrong) {
			t.Errorf("in with %q: %v", typed, err)
		}
	}
	w.must(func(tx postgres.Tx) error {
		m, err := staff.Find(ctx, tx, ben)
		if err != nil {
			return err
		}
		moved := m.Details()
		moved.Email = "attacker@else.test"
		if err := staff.Edit(ctx, tx, ada, ben, m.Version, moved); !isProblem(err, "email") {
			t.Errorf("the address moved unconfirmed: %v", err)
		}
		kept := m.Details()
		kept.Phone = "0400 000 003"
		return staff.Edit(ctx, tx, ada, ben, m.Version, kept)
	})
	if got := get[string](w, `select state from staff where id = $1`, ben); got != "active" {
		t.Errorf("Ben is %s", got)
	}
	w.mails()
	if err := w.service.RequestStaffReset(ctx, from, "ben@office.test"); err != nil || w.mails() != "[staff reset]" {
		t.Errorf("forgotten: %v", err)
	}
	if e, err := w.service.ChooseStaffPassword(ctx, from, w.token(w.last), signin.StaffReset, other); err != nil || e.Staff != ben {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestSecondFactorsAreSealedAnew(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.guest("lee@old.test", guestPassword)
	a, _ := w.twoFactors(audit.Actor{Person: lee, Name: "Lee"})
	fresh, err := secret.NewBox("another secret key of these tests, long enough", "the secret key of these tests, long enough")
	if err != nil {
		t.Fatal(err)
	}
	w.must(func(tx postgres.Tx) error {
		if sealed, unreadable, err := signin.RotateFactors(ctx, tx, fresh); err != nil || sealed != 1 || unreadable != 0 {
			t.Error(sealed, unreadable, err)
		}
		if sealed, unreadable, err := signin.RotateFactors(ctx, tx, fresh); err != nil || sealed != 0 || unreadable != 0 {
			t.Error("again:", sealed, unreadable, err)
		}
		return nil
	})
	alone, err := secret.NewBox("another secret key of these tests, long enough")
	if err != nil {
		t.Fatal(err)
	}
	service := signin.New(w.pool, alone, hasher, w)
	if _, err := service.GiveFactor(ctx, from, w.pending("lee@old.test"), a.shows(0)); err != nil {
		t.Error(err)
	}
}

// TestACodeEndsAPasswordSetByStaff: they know it, and the mailbox has shown more.
func TestACodeEndsAPasswordSetByStaff(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	kim := w.guest("kim@old.test", guestPassword)
	w.do(`update persons set must_change_password = true where id = $1`, kim)
	w.do(`update contacts set access = 'invited' where person_id = $1`, kim)
	browser, digits := w.ask(from, "kim@old.test", "")
	e, err := w.service.SignInByCode(ctx, from, browser, digits)
	if err != nil || e.Contact() == 0 || e.Proof == 0 || e.MustChange {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := w.service.SignIn(ctx, from, "kim@old.test", guestPassword); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("the password of staff: %v", err)
	}
	by := audit.Actor{Person: kim, Name: "Kim"}
	if ways, err := w.service.ProofsOf(ctx, by); err != nil || ways.Password || !ways.Code {
		t.Errorf("%+v, %v", ways, err)
	}
	if _, err := w.service.ChangePassword(ctx, by, kim, "", other, "", false); err == nil {
		t.Error("a password without a proof")
	}
	if _, err := w.service.ChangePassword(ctx, by, kim, "", other, "", true); err != nil {
		t.Error(err)
	}
}

// A secret that can no longer be set up gives way to another one, and what ends
// sessions ends a set-up that somebody else may have begun.
func TestASetUpThatWaitsTooLong(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.guest("lee@old.test", guestPassword)
	by := audit.Actor{Person: lee, Name: "Lee"}
	begin := func() string {
		t.Helper()
		if err := w.service.BeginFactor(ctx, by); err != nil {
			t.Fatal(err)
		}
		setup, err := w.service.FactorSetup(ctx, by)
		if err != nil {
			t.Fatal(err)
		}
		return setup.Secret
	}
	first := begin()
	if begin() != first {
		t.Error("pressing twice makes another secret")
	}
	w.do(`update second_factors set created_at = now() - interval '30 hours'`)
	if begin() == first {
		t.Error("the old secret is back")
	}
	if _, err := w.service.ChangePassword(ctx, by, lee, guestPassword, other, "", false); err != nil {
		t.Fatal(err)
	}
	if _, err := w.service.FactorSetup(ctx, by); !errors.Is(err, apperr.NotFound) {
		t.Errorf("after another password: %v", err)
	}
}

// With a second factor and a password a code is too little; without a password it is all there is.
func TestWaysToProveIt(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.guest("lee@old.test", guestPassword)
	by := audit.Actor{Person: lee, Name: "Lee"}
	prove := func(want signin.Proofs) {
		t.Helper()
		if ways, err := w.service.ProofsOf(ctx, by); err != nil || ways != want {
			t.Errorf("%+v, want %+v, %v", ways, want, err)
		}
		browser, err := w.service.AskCode(ctx, by, signin.CodeFor{Person: lee}, signin.ProofCode, "")
		if err != nil {
			t.Fatal(err)
		}
		proof, err := w.service.ProveByCode(ctx, by, browser, w.digits)
		if want.Code && (err != nil || proof == 0) || !want.Code && !errors.Is(err, signin.ErrCodeSpent) {
			t.Errorf("by code with %+v: %v", want, err)
		}
	}
	prove(signin.Proofs{Password: true, Code: true})
	w.twoFactors(by)
	prove(signin.Proofs{Password: true})
	w.do(`update persons set password_hash = '' where id = $1`, lee)
	prove(signin.Proofs{Code: true})
}
