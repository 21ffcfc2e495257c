package signin_test

import (
	"errors"
	"testing"

	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
)

// guest adds a person with a password and one active contact.
func (w *world) guest(email, password string) int64 {
	w.t.Helper()
	hash, err := hasher.Hash(w.t.Context(), password)
	if err != nil {
		w.t.Fatal(err)
	}
	contact := w.contact("Customer of "+email, "Lee", email)
	who := get[int64](w, `insert into persons (email, password_hash) values ($1, $2) returning id`, email, hash)
	w.do(`update contacts set person_id = $1, access = 'active' where id = $2`, who, contact)
	return who
}

const guestPassword = "copper kettle under seven stars"

func TestASignInAddressIsChangedByThePersonAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	lee, kim := w.guest("lee@old.test", guestPassword), w.guest("kim@taken.test", guestPassword)

	for name, tt := range map[string]struct{ password, email, field string }{
		"a wrong password":   {"wrong", "lee@new.test", "current"},
		"no password":        {"", "lee@new.test", "current"},
		"no address":         {guestPassword, "", "email"},
		"nonsense":           {guestPassword, "lee@", "email"},
		"a NUL":              {guestPassword, "lee\x00@new.test", "email"},
		"the present one":    {guestPassword, "LEE@old.test", "email"},
		"many addresses":     {guestPassword, "a@b.test,c@d.test", "email"},
		"a header of a mail": {guestPassword, "a@b.test\r\nBcc: c@d.test", "email"},
	} {
		err := w.service.RequestNewAddress(ctx, from, lee, tt.password, tt.email, false)
		if p, ok := errors.AsType[problem.Set](err); !ok || p[tt.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.mails(); got != "[]" {
		t.Error("mails before anything was asked for:", got)
	}
	ask := func(email string) string {
		t.Helper()
		if err := w.service.RequestNewAddress(ctx, from, lee, guestPassword, email, false); err != nil {
			t.Fatal(err)
		}
		var token string
		w.must(func(tx postgres.Tx) (err error) {
			token, err = signin.Token(ctx, tx, w.last)
			return err
		})
		return token
	}
	first := ask("lee@new.test")
	if got := get[string](w, `select email from persons where id = $1`, lee); got != "lee@old.test" {
		t.Error("changed before the link was used:", got)
	}
	// Whoever happens to read the new mailbox needs the password, or to be the person.
	if err := w.service.ConfirmAddress(ctx, from, first, kim, "wrong", ""); !errors.Is(err, signin.ErrWrong) {
		t.Error("a stranger confirms:", err)
	}
	second := ask("lee@newer.test")
	if err := w.service.ConfirmAddress(ctx, from, first, lee, "", ""); !errors.Is(err, signin.ErrSpent) {
		t.Error("a link that another one has replaced:", err)
	}
	w.mails()
	if err := w.service.ConfirmAddress(ctx, from, second, 0, guestPassword, ""); err != nil {
		t.Fatal(err)
	}
	if got := w.mails(); got != "[no longer lee@old.test]" {
		t.Error(got)
	}
	if err := w.service.ConfirmAddress(ctx, from, second, lee, "", ""); !errors.Is(err, signin.ErrSpent) {
		t.Error("used twice:", err)
	}
	if _, err := w.service.SignIn(ctx, from, "LEE@newer.test", guestPassword); err != nil {
		t.Error("sign in with the new address:", err)
	}
	if _, err := w.service.SignIn(ctx, from, "lee@old.test", guestPassword); !errors.Is(err, signin.ErrWrong) {
		t.Error("sign in with the old address:", err)
	}
	if got := get[string](w, `select email from contacts where person_id = $1`, lee); got != "lee@old.test" {
		t.Error("the contact's email has changed with it:", got)
	}
	// The answer does not tell that an address is somebody's; its own mailbox may know.
	taken := ask("KIM@taken.test")
	if err := w.service.ConfirmAddress(ctx, from, taken, lee, "", ""); !errors.Is(err, signin.ErrTaken) {
		t.Error("somebody else's address:", err)
	}
	if got := get[string](w, `select email from persons where id = $1`, lee); got != "lee@newer.test" {
		t.Error(got)
	}
	for range 6 {
		err := w.service.RequestNewAddress(ctx, from, lee, guestPassword, "lee@other.test", false)
		if _, limited := errors.AsType[signin.Limited](err); limited {
			return
		}
	}
	t.Error("links without end")
}
