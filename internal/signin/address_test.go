package signin_test

import (
	"errors"
	"net/netip"
	"testing"

	"fieldgate/internal/person"
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
		err := w.door.AskNewAddress(ctx, from, lee, tt.password, tt.email)
		if p, ok := errors.AsType[problem.Set](err); !ok || p[tt.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.mails(); got != "[]" {
		t.Error("mails before anything was asked for:", got)
	}
	ask := func(email string) string {
		t.Helper()
		if err := w.door.AskNewAddress(ctx, from, lee, guestPassword, email); err != nil {
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
	if err := w.door.ConfirmAddress(ctx, from, first, kim, "wrong"); !errors.Is(err, signin.ErrWrong) {
		t.Error("a stranger confirms:", err)
	}
	second := ask("lee@newer.test")
	if err := w.door.ConfirmAddress(ctx, from, first, lee, ""); !errors.Is(err, signin.ErrSpent) {
		t.Error("a link that another one has replaced:", err)
	}
	w.mails()
	if err := w.door.ConfirmAddress(ctx, from, second, 0, guestPassword); err != nil {
		t.Fatal(err)
	}
	if got := w.mails(); got != "[no longer lee@old.test]" {
		t.Error(got)
	}
	if err := w.door.ConfirmAddress(ctx, from, second, lee, ""); !errors.Is(err, signin.ErrSpent) {
		t.Error("used twice:", err)
	}
	if _, err := w.door.SignIn(ctx, from, "LEE@newer.test", guestPassword); err != nil {
		t.Error("sign in with the new address:", err)
	}
	if _, err := w.door.SignIn(ctx, from, "lee@old.test", guestPassword); !errors.Is(err, signin.ErrWrong) {
		t.Error("sign in with the old address:", err)
	}
	if got := get[string](w, `select email from contacts where person_id = $1`, lee); got != "lee@old.test" {
		t.Error("the contact's email has changed with it:", got)
	}
	// The answer does not tell that an address is somebody's; its own mailbox may know.
	taken := ask("KIM@taken.test")
	if err := w.door.ConfirmAddress(ctx, from, taken, lee, ""); !errors.Is(err, signin.ErrTaken) {
		t.Error("somebody else's address:", err)
	}
	if got := get[string](w, `select email from persons where id = $1`, lee); got != "lee@newer.test" {
		t.Error(got)
	}
	for range 6 {
		err := w.door.AskNewAddress(ctx, from, lee, guestPassword, "lee@other.test")
		if _, limited := errors.AsType[signin.Limited](err); limited {
			return
		}
	}
	t.Error("links without end")
}

func TestANewDeviceIsToldOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lee, kim := w.guest("lee@old.test", guestPassword), w.guest("kim@taken.test", guestPassword)
	home, away := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("203.0.113.9")
	come := func(who int64, d person.Device) string {
		t.Helper()
		token, err := w.door.Recognise(t.Context(), who, d, "somewhere")
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	token := come(lee, person.Device{Browser: "Firefox", Address: home})
	steps := []struct {
		name string
		who  int64
		on   person.Device
		told bool
	}{
		{"the same cookie from elsewhere", lee, person.Device{Token: token, Browser: "Firefox 2", Address: away}, false},
		{"cookies cleared, same browser and address", lee, person.Device{Browser: "Firefox 2", Address: away}, false},
		{"another browser at home", lee, person.Device{Browser: "curl", Address: home}, true},
		{"the same browser from a strange address", lee, person.Device{Browser: "Firefox", Address: netip.MustParseAddr("192.0.2.1")}, true},
		{"a forged cookie", lee, person.Device{Token: "x", Browser: "Opera", Address: home}, true},
		{"no browser named", lee, person.Device{Address: away}, true},
		{"a colleague's first, on the same device", kim, person.Device{Token: token, Browser: "Firefox", Address: home}, false},
		{"a colleague on another one", kim, person.Device{Browser: "Opera", Address: away}, true},
	}
	for _, s := range steps {
		w.mails()
		come(s.who, s.on)
		if got := w.mails() != "[]"; got != s.told {
			t.Errorf("%s: told %v", s.name, got)
		}
	}
}

func TestWhomNothingLetsInHasNoSessions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change string
		left   int
	}{
		"suspended":                {`update contacts set access = 'suspended' where person_id = 1`, 0},
		"archived":                 {`update contacts set archived_at = now() where person_id = 1`, 0},
		"another email":            {`update contacts set person_id = null, access = 'invited' where person_id = 1`, 0},
		"the customer archived":    {`update customers set archived_at = now() where id = 1`, 0},
		"suspended at one of two":  {`insert into contacts (customer_id, person_id, name, email, access) values (2, 1, 'Lee', 'lee@old.test', 'active'); update contacts set access = 'suspended' where person_id = 1 and customer_id = 1`, 1},
		"other rights":             {`update contacts set jobs_see = 'all' where person_id = 1`, 1},
		"somebody else, suspended": {`update contacts set access = 'suspended' where person_id = 2`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.guest("lee@old.test", guestPassword)
			w.guest("kim@taken.test", guestPassword)
			w.do(`insert into sessions (token_hash, side, person_id, contact_id, expires_at) values ('x', 'portal', 1, 1, now() + interval '1 day')`)
			w.do(tt.change)
			w.do(`update contacts set access = 'active' where access = 'suspended'`)
			if got := get[int](w, `select count(*) from sessions where person_id = 1`); got != tt.left {
				t.Errorf("%d sessions", got)
			}
		})
	}
}
