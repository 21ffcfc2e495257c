package signin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

// ask asks for a code to sign in and returns the browser's token and the digits
// that were sent; "" when none were.
func (w *world) ask(from audit.Actor, email, former string) (browser, digits string) {
	w.t.Helper()
	w.digits = ""
	browser, err := w.service.AskCode(w.t.Context(), from, signin.CodeFor{Email: email}, signin.SignInCode, former)
	if err != nil {
		w.t.Fatal(err)
	}
	return browser, w.digits
}

func (w *world) use(browser, digits string) error {
	_, err := w.service.UseCode(w.t.Context(), from, browser, digits, signin.SignInCode)
	return err
}

// wrongFor are digits that are not those.
func wrongFor(digits string) string {
	last := digits[len(digits)-1]
	return digits[:len(digits)-1] + string('0'+(last-'0'+1)%10)
}

func left(t *testing.T, err error) int {
	t.Helper()
	w, ok := errors.AsType[signin.WrongCode](err)
	if !ok {
		t.Fatalf("%v, want a wrong code", err)
	}
	return w.Left
}

func TestACodeWorksOnceInItsBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lee := w.guest("lee@old.test", guestPassword)
	browser, digits := w.ask(from, "LEE@old.test", "")
	if len(digits) != signin.CodeLength {
		t.Fatalf("sent %q", digits)
	}
	other, _ := w.ask(from, "nobody@old.test", "")
	if err := w.use(other, digits); left(t, err) != 4 {
		t.Errorf("in another browser: %v", err)
	}
	if err := w.use("", digits); !errors.Is(err, signin.ErrCodeSpent) {
		t.Errorf("in none: %v", err)
	}
	if _, err := w.service.UseCode(t.Context(), from, browser, digits, signin.ProofCode); !errors.Is(err, signin.ErrCodeSpent) {
		t.Errorf("for another purpose: %v", err)
	}
	for _, typed := range []string{"", "1234567", "123456789", "1234 567x", "１２３４５６７８"} {
		if err := w.use(browser, typed); !isProblem(err, "code") {
			t.Errorf("%q: %v", typed, err)
		}
	}
	pasted := " " + digits[:4] + " - " + digits[4:] + "\n"
	p, err := w.service.UseCode(t.Context(), from, browser, pasted, signin.SignInCode)
	if err != nil || p.Person != lee || p.Contact != 0 || p.Email != "lee@old.test" {
		t.Errorf("%+v, %v", p, err)
	}
	if err := w.use(browser, digits); !errors.Is(err, signin.ErrCodeSpent) {
		t.Errorf("replayed: %v", err)
	}
	if kept := get[string](w, `select string_agg(d::text, ' ') from codes d`); strings.Contains(kept, digits) || strings.Contains(kept, browser) {
		t.Error("the table has digits or token in plain")
	}
}

// TestACodeIsSpent: by tries, by time, by another one, and by what happens to whose it is.
func TestACodeIsSpent(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(w *world, lee int64){
		"five tries": func(w *world, _ int64) { w.do(`update codes set tries = 4`) },
		"expired":    func(w *world, _ int64) { w.do(`update codes set expires_at = now() - interval '1 second'`) },
		"another one asked for": func(w *world, _ int64) {
			kept := w.digits
			w.ask(from, "lee@old.test", "")
			w.digits = kept
		},
		"suspended": func(w *world, lee int64) {
			w.do(`update contacts set access = 'suspended' where person_id = $1`, lee)
		},
		"archived": func(w *world, lee int64) { w.do(`update contacts set archived_at = now() where person_id = $1`, lee) },
		"another address": func(w *world, lee int64) {
			w.do(`update persons set email = 'new@old.test' where id = $1`, lee)
		},
		"another password": func(w *world, lee int64) {
			if _, err := w.service.ChangePassword(w.t.Context(), audit.Actor{Person: lee}, lee, guestPassword, other, ""); err != nil {
				w.t.Fatal(err)
			}
		},
		"a restored database": func(w *world, _ int64) {
			w.must(func(tx postgres.Tx) error { return signin.EndAll(w.t.Context(), tx) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			lee := w.guest("lee@old.test", guestPassword)
			browser, digits := w.ask(from, "lee@old.test", "")
			happens(w, lee)
			if name == "five tries" {
				if err := w.use(browser, wrongFor(digits)); left(t, err) != 0 {
					t.Errorf("the last try: %v", err)
				}
			}
			if err := w.use(browser, digits); !errors.Is(err, signin.ErrCodeSpent) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestAskingTellsNothing: what comes of asking and of guessing is the same for
// addresses that somebody has and for those that nobody has.
func TestAskingTellsNothing(t *testing.T) {
	t.Parallel()
	var told []string
	for _, email := range []string{"lee@old.test", "nobody@old.test", "max@old.test"} {
		w := newWorld(t)
		w.guest("lee@old.test", guestPassword)
		w.do(`update contacts set access = 'suspended' where person_id = $1`, w.guest("max@old.test", guestPassword))
		var seen []any
		began := time.Now()
		browser, _ := w.ask(from, email, "")
		if took := time.Since(began); took < 200*time.Millisecond {
			t.Errorf("%s: asked in %s", email, took)
		}
		for range 6 {
			seen = append(seen, w.use(browser, "00000000"))
		}
		// Four of an hour come from one address; then the browser keeps its token.
		tokens := map[string]bool{browser: true}
		for range 5 {
			browser, _ = w.ask(from, email, browser)
			tokens[browser] = true
		}
		seen = append(seen, len(tokens), get[int](w, `select count(*)::int from codes where used_at is null and ended_at is null`))
		told = append(told, fmt.Sprint(seen))
	}
	if told[0] != told[1] || told[0] != told[2] {
		t.Errorf("not alike:\n%s", strings.Join(told, "\n"))
	}
}

// TestOneOfManyGetsInWithACode: whoever copies browser and digits, and presses at
// the same moment, is not a second one.
func TestOneOfManyGetsInWithACode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guest("lee@old.test", guestPassword)
	browser, digits := w.ask(from, "lee@old.test", "")
	errs := make([]error, 8)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() { _, errs[i] = w.service.UseCode(context.Background(), at(i), browser, digits, signin.SignInCode) })
	}
	wait.Wait()
	in := 0
	for _, err := range errs {
		switch {
		case err == nil:
			in++
		case !errors.Is(err, signin.ErrCodeSpent):
			t.Error(err)
		}
	}
	if in != 1 {
		t.Errorf("%d got in", in)
	}
}

// TestManyGuessesAtOnceAreFive: a hundred at the same moment are no more than one after another.
func TestManyGuessesAtOnceAreFive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guest("lee@old.test", guestPassword)
	browser, digits := w.ask(from, "lee@old.test", "")
	var wait sync.WaitGroup
	var mu sync.Mutex
	looked := 0
	for i := range 20 {
		wait.Go(func() {
			_, err := w.service.UseCode(context.Background(), at(i), browser, wrongFor(digits), signin.SignInCode)
			if _, ok := errors.AsType[signin.WrongCode](err); ok {
				mu.Lock()
				looked++
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if looked != 5 {
		t.Errorf("%d guesses were looked at", looked)
	}
}

// TestACodeForOneRecord: a contact needs no person, only an address.
func TestACodeForOneRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ola := w.contact("Quay", "Ola", "ola@quay.test")
	ask := func() (string, error) {
		return w.service.AskCode(t.Context(), from, signin.CodeFor{Contact: ola, About: "quote Q-1001"}, signin.RecordCode, "")
	}
	browser, err := ask()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.service.UseCode(t.Context(), from, browser, w.digits, signin.SignInCode); !errors.Is(err, signin.ErrCodeSpent) {
		t.Errorf("to sign in: %v", err)
	}
	p, err := w.service.UseCode(t.Context(), from, browser, w.digits, signin.RecordCode)
	if err != nil || p.Contact != ola || p.Person != 0 || p.About != "quote Q-1001" || p.Email != "ola@quay.test" {
		t.Errorf("%+v, %v", p, err)
	}
	browser, err = ask()
	if err != nil {
		t.Fatal(err)
	}
	w.do(`update contacts set email = 'somebody.else@quay.test' where id = $1`, ola)
	if _, err := w.service.UseCode(t.Context(), from, browser, w.digits, signin.RecordCode); !errors.Is(err, signin.ErrCodeSpent) {
		t.Errorf("after another address: %v", err)
	}
	for range 5 {
		_, err = ask()
	}
	if err != nil {
		t.Errorf("the new address has a budget of its own: %v", err)
	}
}
