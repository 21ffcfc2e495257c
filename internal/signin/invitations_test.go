package signin_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

func TestInvitationOfANewAddress(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.contact("Harbour", "Lee", "Lee@example.com")
	link := w.invited(lee)
	first, second := w.token(link), w.token(link)

	for range 3 { // scanners open links
		if got := w.state(first); got != signin.Ready {
			t.Fatalf("after looking the link is %s", got)
		}
	}
	if got := w.state(second); got != signin.Ready {
		t.Errorf("the second mail's link is %s", got)
	}
	for _, bad := range []string{"", "short", "lee@example.com lee 12345", "\x00\xff nonsense"} {
		if _, err := w.service.AcceptInvitation(ctx, from, first, bad); !isProblem(err, "password") {
			t.Errorf("password %q: %v", bad, err)
		}
	}
	e, err := w.service.AcceptInvitation(ctx, from, second, good)
	if err != nil || e.Contact() != lee {
		t.Fatalf("welcome: %+v, %v", e, err)
	}
	if got := w.access(lee); got != "active" {
		t.Errorf("access is %s", got)
	}
	for _, token := range []string{first, second} {
		if got := w.state(token); got != signin.Used {
			t.Errorf("after use a link is %s", got)
		}
		if _, err := w.service.AcceptInvitation(ctx, from, token, other); !errors.Is(err, signin.ErrSpent) {
			t.Errorf("a second use: %v", err)
		}
	}
	if err := w.tx(func(tx postgres.Tx) error { _, err := signin.Token(ctx, tx, link); return err }); !errors.Is(err, signin.ErrSpent) {
		t.Errorf("a token for a used link: %v", err)
	}
	if _, err := w.service.SignIn(ctx, from, " lee@EXAMPLE.com"[1:], good); err != nil {
		t.Errorf("sign-in: %v", err)
	}
	if err := w.tx(func(tx postgres.Tx) error { _, err := signin.Contact(ctx, tx, ada, lee); return err }); !isConflict(err) {
		t.Errorf("inviting somebody active: %v", err)
	}
}

func TestInvitationOfAKnownAddress(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	first, second := w.contact("Harbour", "Sam", "sam@example.com"), w.contact("Pelican", "Samuel", "SAM@example.com")
	e, err := w.service.AcceptInvitation(ctx, from, w.token(w.invited(first)), good)
	if err != nil {
		t.Fatal(err)
	}
	token := w.token(w.invited(second))
	if l, err := signin.FindByToken(ctx, w.pool, token); err != nil || !l.Known || l.Person != e.Person {
		t.Fatalf("link %+v, %v", l, err)
	}
	if _, err := w.service.AcceptInvitation(ctx, from, token, other); !errors.Is(err, signin.ErrKnown) {
		t.Errorf("a new password for a known address: %v", err)
	}
	if _, err := w.service.AcceptInvitationWithPassword(ctx, from, token, other); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("the wrong password: %v", err)
	}
	stranger := w.contact("Reef", "Ola", "ola@example.com")
	ola, err := w.service.AcceptInvitation(ctx, from, w.token(w.invited(stranger)), other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.service.AcceptInvitationAs(ctx, from, token, ola.Person); !errors.Is(err, apperr.NotFound) {
		t.Errorf("somebody else signed in: %v", err)
	}
	if w.state(token) != signin.Ready {
		t.Fatal("a failed try has used the link")
	}
	if e, err := w.service.AcceptInvitationWithPassword(ctx, from, token, good); err != nil || e.Contact() != second {
		t.Fatalf("joining: %+v, %v", e, err)
	}
	third := w.contact("Reef", "Sammy", "sam@example.com")
	w.invited(third)
	if err := w.service.RequestReset(ctx, from, "sam@example.com"); err != nil {
		t.Fatal(err)
	}
	if got := w.mails(); got != "[reset invitation]" {
		t.Errorf("a forgotten password with an invitation waiting sends %s", got)
	}
	w.do(`update contacts set access = 'none' where id = $1`, third)
	choices, err := w.service.Choices(ctx, e.Person)
	if err != nil || len(choices) != 2 {
		t.Fatalf("choices %v, %v", choices, err)
	}
	if err := w.service.Enter(ctx, e.Person, stranger); !errors.Is(err, apperr.NotFound) {
		t.Errorf("entering as a stranger: %v", err)
	}
	w.do(`update customers set archived_at = now() where name = 'Pelican'`)
	if e, err := w.service.SignIn(ctx, from, "sam@example.com", good); err != nil || e.Contact() != first {
		t.Errorf("with one customer archived: %+v, %v", e, err)
	}
}

func TestPasswordSetByStaff(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	grant := func(contact int64, password string) (g signin.Granted) {
		hash, err := hasher.Hash(ctx, password)
		if err != nil {
			t.Fatal(err)
		}
		w.must(func(tx postgres.Tx) error { g, err = signin.WithPassword(ctx, tx, ada, contact, hash); return err })
		return g
	}
	kim := w.contact("Harbour", "Kim", "kim@example.com")
	if g := grant(kim, good); !g.Password || g.Link != 0 {
		t.Fatalf("granted %+v", g)
	}
	e, err := w.service.SignIn(ctx, from, "kim@example.com", good)
	if err != nil || !e.MustChange || e.Contact() != 0 {
		t.Fatalf("first sign-in: %+v, %v", e, err)
	}
	if err := w.service.RequestReset(ctx, from, "kim@example.com"); err != nil || w.mails() != "[reset]" {
		t.Errorf("who waits to replace a password is sent a reset alone: %v", err)
	}
	if w.access(kim) != "invited" {
		t.Error("active before the password was changed")
	}
	if _, err := w.service.ChangePassword(ctx, from, e.Person, "", good, "", false); !isProblem(err, "password") {
		t.Errorf("keeping the password set by staff: %v", err)
	}
	e, err = w.service.ChangePassword(ctx, from, e.Person, "", other, "", false)
	if err != nil || e.MustChange || e.Contact() != kim || w.access(kim) != "active" {
		t.Fatalf("after the change: %+v, %v", e, err)
	}
	if _, err := w.service.ChangePassword(ctx, from, e.Person, "wrong", good+"!", "", false); !isProblem(err, "current") {
		t.Errorf("a change without the present password: %v", err)
	}

	// The address is known now: a password for another contact of hers becomes a link.
	second := w.contact("Pelican", "Kim", "Kim@example.com")
	if g := grant(second, good); g.Password || g.Link == 0 {
		t.Fatalf("granted %+v", g)
	}
	if _, err := w.service.SignIn(ctx, from, "kim@example.com", good); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("staff have set an existing person's password: %v", err)
	}

	// Sent again as a link before the first sign-in: the mailbox decides, not the password.
	max := w.contact("Harbour", "Max", "max@example.com")
	grant(max, good)
	token := w.token(w.invited(max))
	if e, err := w.service.SignIn(ctx, from, "max@example.com", good); err != nil || e.MustChange || len(e.Choices) != 0 {
		t.Errorf("the replaced password still opens something: %+v, %v", e, err)
	}
	if e, err := w.service.AcceptInvitation(ctx, from, token, other); err != nil || e.Contact() != max {
		t.Errorf("the link instead: %+v, %v", e, err)
	}
}

// TestAPasswordSetByStaffLapses after as long as a link would have worked; then
// the mailbox lets them in.
func TestAPasswordSetByStaffLapses(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	hash, err := hasher.Hash(ctx, good)
	if err != nil {
		t.Fatal(err)
	}
	kim := w.contact("Harbour", "Kim", "kim@example.com")
	w.must(func(tx postgres.Tx) error { _, err := signin.WithPassword(ctx, tx, ada, kim, hash); return err })
	w.do(`update persons set created_at = now() - interval '6 days 23 hours'`)
	if e, err := w.service.SignIn(ctx, from, "kim@example.com", good); err != nil || !e.MustChange {
		t.Errorf("within a week: %+v, %v", e, err)
	}
	w.do(`update persons set created_at = now() - interval '7 days 1 hour'`)
	if _, err := w.service.SignIn(ctx, from, "kim@example.com", good); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("after a week: %v", err)
	}
	if err := w.service.RequestReset(ctx, from, "kim@example.com"); err != nil || w.mails() != "[reset]" {
		t.Errorf("the reset: %v, %s", err, w.mails())
	}
	w.do(`update persons set must_change_password = false`)
	if _, err := w.service.SignIn(ctx, from, "kim@example.com", good); err != nil {
		t.Errorf("a password of one's own: %v", err)
	}
}

func TestChangedAddressOfAContact(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		access, want string
		link         bool
	}{
		{"none", "none", false},
		{"invited", "invited", true},
		{"active", "invited", true},
		{"suspended", "suspended", false},
	} {
		t.Run(tc.access, func(t *testing.T) {
			t.Parallel()
			w, ctx := newWorld(t), t.Context()
			lee := w.contact("Harbour", "Lee", "lee@example.com")
			if _, err := w.service.AcceptInvitation(ctx, from, w.token(w.invited(lee)), good); err != nil {
				t.Fatal(err)
			}
			w.do(`update contacts set access = $1, email = 'new@example.com'`, tc.access)
			var link int64
			w.must(func(tx postgres.Tx) (err error) {
				link, err = signin.AddressChanged(ctx, tx, ada, lee)
				return err
			})
			if w.access(lee) != tc.want || (link != 0) != tc.link || get[*int64](w, `select person_id from contacts`) != nil {
				t.Errorf("access %s, link %d", w.access(lee), link)
			}
			if got := get[string](w, `select email from persons`); got != "lee@example.com" {
				t.Errorf("the person's address is %s", got)
			}
			if link != 0 {
				if got := get[string](w, `select email from links where id = $1`, link); got != "new@example.com" {
					t.Errorf("the link goes to %s", got)
				}
			}
		})
	}
}

func TestNothingIsWrittenWithoutItsAuditEntry(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.contact("Harbour", "Lee", "lee@example.com")
	if _, err := w.service.AcceptInvitation(ctx, from, w.token(w.invited(lee)), good); err != nil {
		t.Fatal(err)
	}
	rows, _ := w.pool.Query(ctx, `select actor || ' ' || action || ' ' || thing from audit_entries order by id`)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	want := "[staff invited contact contact created person contact activated contact contact signed in person]"
	if fmt.Sprint(got) != want {
		t.Errorf("entries %v", got)
	}
	if got := get[string](w, `select string_agg(distinct host(address), ',') from audit_entries where actor = 'contact'`); got != "198.51.100.7" {
		t.Errorf("from %s", got)
	}
	if _, err := person.FindByEmail(ctx, w.pool, "nobody@example.com"); !errors.Is(err, apperr.NotFound) {
		t.Errorf("nobody: %v", err)
	}
}

// Who has no password now is who they were: no link that staff can see gives
// them one, at whichever customer.
func TestAnInvitationGivesNobodyKnownAPassword(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(w *world, who int64){
		"by a code instead of the password of staff": func(w *world, who int64) {
			w.do(`update persons set must_change_password = true where id = $1`, who)
			browser, digits := w.ask(from, "kim@old.test", "")
			if _, err := w.service.SignInByCode(w.t.Context(), from, browser, digits); err != nil {
				w.t.Fatal(err)
			}
		},
		"a short one, with the second factor": func(w *world, who int64) {
			w.twoFactors(audit.Actor{Person: who, Name: "Kim"})
			w.do(`update second_factors set short_password = true, lost_at = now()`)
			contact := get[int64](w, `select id from contacts where person_id = $1`, who)
			w.must(func(tx postgres.Tx) error {
				_, err := signin.TakePersonFactor(w.t.Context(), tx, ada, contact)
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ctx := newWorld(t), t.Context()
			kim := w.guest("kim@old.test", guestPassword)
			lose(w, kim)
			if has, err := w.service.HasPassword(ctx, kim); err != nil || has {
				t.Fatalf("a password is left: %v", err)
			}
			elsewhere := w.contact("Pelican", "Kim", "Kim@old.test")
			token := w.token(w.invited(elsewhere))
			if l, err := signin.FindByToken(ctx, w.pool, token); err != nil || !l.Known || !l.NoPassword || l.Person != kim {
				t.Errorf("%+v, %v", l, err)
			}
			if _, err := w.service.AcceptInvitation(ctx, from, token, other); !errors.Is(err, signin.ErrKnown) {
				t.Errorf("a password chosen by the link: %v", err)
			}
			for _, typed := range []string{"", other} {
				if _, err := w.service.AcceptInvitationWithPassword(ctx, from, token, typed); !errors.Is(err, signin.ErrWrong) {
					t.Errorf("the password %q that nobody has: %v", typed, err)
				}
			}
			if e, err := w.service.AcceptInvitationAs(ctx, from, token, kim); err != nil || e.Contact() != elsewhere {
				t.Errorf("signed in: %+v, %v", e, err)
			}
		})
	}
}
