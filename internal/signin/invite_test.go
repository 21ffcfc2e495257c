package signin_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/auth"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
)

const (
	good  = "copper kettle under seven stars"
	other = "violet anchor beside slow trains"
)

var (
	hasher = auth.NewHasher()
	ada    = audit.Actor{Staff: 1, Name: "Ada"}
	from   = audit.Actor{Address: netip.MustParseAddr("198.51.100.7")}
)

// world is a database with a door, and the links of the mails it promised.
type world struct {
	t    *testing.T
	pool *pgxpool.Pool
	door signin.Service
	mu   sync.Mutex
	sent []string // kind and link
	last int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, pool: dbtest.New(t)}
	w.door = signin.Service{
		Pool: w.pool, Hasher: hasher, Mail: w,
		EndForPerson: func(ctx context.Context, tx postgres.Tx, person int64, _ bool) error {
			_, err := tx.Exec(ctx, `delete from sessions where person_id = $1`, person)
			return err
		},
		EndForStaff: func(ctx context.Context, tx postgres.Tx, staff int64, _ bool) error {
			_, err := tx.Exec(ctx, `delete from sessions where staff_id = $1`, staff)
			return err
		},
	}
	return w
}

func (w *world) note(kind string, link int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent, w.last = append(w.sent, kind), link
	return nil
}

func (w *world) Invited(_ context.Context, _ postgres.Tx, _, link int64) error {
	return w.note("invitation", link)
}

func (w *world) PasswordReset(_ context.Context, _ postgres.Tx, link int64) error {
	return w.note("reset", link)
}

func (w *world) PasswordChanged(context.Context, postgres.Tx, int64) error {
	return w.note("changed", 0)
}

func (w *world) NewSignIn(context.Context, postgres.Tx, int64, string) error {
	return w.note("new sign-in", 0)
}

func (w *world) EmailChangeAsked(_ context.Context, _ postgres.Tx, link int64) error {
	return w.note("new address", link)
}

func (w *world) EmailChanged(_ context.Context, _ postgres.Tx, _ int64, old string) error {
	return w.note("no longer "+old, 0)
}

func (w *world) StaffInvited(_ context.Context, _ postgres.Tx, link int64) error {
	return w.note("staff invitation", link)
}

func (w *world) StaffPasswordChanged(context.Context, postgres.Tx, int64) error {
	return w.note("staff changed", 0)
}

func (w *world) StaffReset(_ context.Context, _ postgres.Tx, link int64) error {
	return w.note("staff reset", link)
}

func (w *world) mails() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := fmt.Sprint(w.sent)
	w.sent = nil
	return s
}

func (w *world) do(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func get[T any](w *world, sql string, args ...any) T {
	w.t.Helper()
	var v T
	if err := w.pool.QueryRow(w.t.Context(), sql, args...).Scan(&v); err != nil {
		w.t.Fatal(err)
	}
	return v
}

// contact adds a customer with one contact and returns the contact.
func (w *world) contact(customer, name, email string) int64 {
	w.t.Helper()
	return get[int64](w, `with c as (insert into customers (name) values ($1) returning id)
		insert into contacts (customer_id, name, email) select id, $2, $3 from c returning id`, customer, name, email)
}

func (w *world) tx(do func(tx postgres.Tx) error) error {
	w.t.Helper()
	return postgres.Transact(w.t.Context(), w.pool, do)
}

func (w *world) must(do func(tx postgres.Tx) error) {
	w.t.Helper()
	if err := w.tx(do); err != nil {
		w.t.Fatal(err)
	}
}

// invited makes an invitation and returns its link.
func (w *world) invited(contact int64) (link int64) {
	w.t.Helper()
	w.must(func(tx postgres.Tx) (err error) {
		link, err = signin.Contact(w.t.Context(), tx, ada, contact)
		return err
	})
	return link
}

func (w *world) token(link int64) (token string) {
	w.t.Helper()
	w.must(func(tx postgres.Tx) (err error) {
		token, err = signin.Token(w.t.Context(), tx, link)
		return err
	})
	return token
}

func (w *world) state(token string) signin.State {
	w.t.Helper()
	l, err := signin.Find(w.t.Context(), w.pool, token)
	if err != nil {
		w.t.Fatal(err)
	}
	return l.State
}

func (w *world) access(contact int64) string {
	w.t.Helper()
	return get[string](w, `select access from contacts where id = $1`, contact)
}

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
		if _, err := w.door.Welcome(ctx, from, first, bad); !isProblem(err, "password") {
			t.Errorf("password %q: %v", bad, err)
		}
	}
	e, err := w.door.Welcome(ctx, from, second, good)
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
		if _, err := w.door.Welcome(ctx, from, token, other); !errors.Is(err, signin.ErrSpent) {
			t.Errorf("a second use: %v", err)
		}
	}
	if err := w.tx(func(tx postgres.Tx) error { _, err := signin.Token(ctx, tx, link); return err }); !errors.Is(err, signin.ErrSpent) {
		t.Errorf("a token for a used link: %v", err)
	}
	if _, err := w.door.SignIn(ctx, from, " lee@EXAMPLE.com"[1:], good); err != nil {
		t.Errorf("sign-in: %v", err)
	}
	if err := w.tx(func(tx postgres.Tx) error { _, err := signin.Contact(ctx, tx, ada, lee); return err }); !isConflict(err) {
		t.Errorf("inviting somebody active: %v", err)
	}
}

func isProblem(err error, field string) bool {
	p, ok := errors.AsType[problem.Set](err)
	return ok && p[field] != ""
}

func isConflict(err error) bool {
	_, ok := errors.AsType[apperr.Conflict](err)
	return ok
}

func TestOneOfManyUsesALink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token(w.invited(w.contact("Harbour", "Lee", "lee@example.com")))
	var won atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			switch _, err := w.door.Welcome(t.Context(), from, token, good); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, signin.ErrSpent) && !errors.Is(err, signin.ErrKnown):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || get[int](w, `select count(*) from persons`) != 1 {
		t.Errorf("%d used the link", won.Load())
	}
}

func TestWhatEndsALink(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		do   string
		want signin.State
	}{
		{"nothing", `select 1`, signin.Ready},
		{"seven days", `update link_tokens set expires_at = now()`, signin.Expired},
		{"another address", `update contacts set email = 'new@example.com'`, signin.Ended},
		{"the same address written otherwise", `update contacts set email = 'LEE@example.com'`, signin.Ready},
		{"access taken away", `update contacts set access = 'none'`, signin.Ended},
		{"suspension", `update contacts set access = 'suspended'`, signin.Ended},
		{"an archived contact", `update contacts set archived_at = now()`, signin.Ended},
		{"an archived customer", `update customers set archived_at = now()`, signin.Ended},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			token := w.token(w.invited(w.contact("Harbour", "Lee", "lee@example.com")))
			w.do(tc.do)
			if got := w.state(token); got != tc.want {
				t.Fatalf("the link is %s, want %s", got, tc.want)
			}
			if _, err := w.door.Welcome(t.Context(), from, token, good); (err == nil) != (tc.want == signin.Ready) {
				t.Errorf("using it: %v", err)
			}
		})
	}
}

func TestSendingAgainEndsWhatWasSentBefore(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.contact("Harbour", "Lee", "lee@example.com")
	old := w.token(w.invited(lee))
	fresh := w.token(w.invited(lee))
	if w.state(old) != signin.Ended || w.state(fresh) != signin.Ready {
		t.Fatalf("old %s, fresh %s", w.state(old), w.state(fresh))
	}
	// The old link sends a fresh one to the same address.
	if err := w.door.SendFresh(ctx, from, old, signin.Invitation); err != nil {
		t.Fatal(err)
	}
	if got := w.mails(); got != "[invitation]" || w.state(fresh) != signin.Ended {
		t.Errorf("mails %s", got)
	}
	newest := w.token(w.last)
	if _, err := w.door.Welcome(ctx, from, newest, good); err != nil {
		t.Fatal(err)
	}
	// Once in, the same button sends a reset.
	if err := w.door.SendFresh(ctx, from, old, signin.Invitation); err != nil || w.mails() != "[reset]" {
		t.Errorf("fresh link of an active contact: %v", err)
	}
	if err := w.door.SendFresh(ctx, from, "nonsense", signin.Invitation); !errors.Is(err, apperr.NotFound) {
		t.Errorf("an unknown link: %v", err)
	}
	w.do(`update contacts set access = 'suspended'`)
	if err := w.door.SendFresh(ctx, from, old, signin.Invitation); err != nil || w.mails() != "[]" {
		t.Errorf("fresh link of a suspended contact: %v", err)
	}
}

func TestInvitationOfAKnownAddress(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	first, second := w.contact("Harbour", "Sam", "sam@example.com"), w.contact("Pelican", "Samuel", "SAM@example.com")
	e, err := w.door.Welcome(ctx, from, w.token(w.invited(first)), good)
	if err != nil {
		t.Fatal(err)
	}
	token := w.token(w.invited(second))
	if l, err := signin.Find(ctx, w.pool, token); err != nil || !l.Known || l.Person != e.Person {
		t.Fatalf("link %+v, %v", l, err)
	}
	if _, err := w.door.Welcome(ctx, from, token, other); !errors.Is(err, signin.ErrKnown) {
		t.Errorf("a new password for a known address: %v", err)
	}
	if _, err := w.door.JoinWithPassword(ctx, from, token, other); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("the wrong password: %v", err)
	}
	stranger := w.contact("Reef", "Ola", "ola@example.com")
	ola, err := w.door.Welcome(ctx, from, w.token(w.invited(stranger)), other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.door.Join(ctx, from, token, ola.Person); !errors.Is(err, apperr.NotFound) {
		t.Errorf("somebody else signed in: %v", err)
	}
	if w.state(token) != signin.Ready {
		t.Fatal("a failed try has used the link")
	}
	if e, err := w.door.JoinWithPassword(ctx, from, token, good); err != nil || e.Contact() != second {
		t.Fatalf("joining: %+v, %v", e, err)
	}
	third := w.contact("Reef", "Sammy", "sam@example.com")
	w.invited(third)
	if err := w.door.Forgot(ctx, from, "sam@example.com"); err != nil {
		t.Fatal(err)
	}
	if got := w.mails(); got != "[reset invitation]" {
		t.Errorf("a forgotten password with an invitation waiting sends %s", got)
	}
	w.do(`update contacts set access = 'none' where id = $1`, third)
	choices, err := w.door.Choices(ctx, e.Person)
	if err != nil || len(choices) != 2 {
		t.Fatalf("choices %v, %v", choices, err)
	}
	if err := w.door.Enter(ctx, e.Person, stranger); !errors.Is(err, apperr.NotFound) {
		t.Errorf("entering as a stranger: %v", err)
	}
	w.do(`update customers set archived_at = now() where name = 'Pelican'`)
	if e, err := w.door.SignIn(ctx, from, "sam@example.com", good); err != nil || e.Contact() != first {
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
	e, err := w.door.SignIn(ctx, from, "kim@example.com", good)
	if err != nil || !e.MustChange || e.Contact() != 0 {
		t.Fatalf("first sign-in: %+v, %v", e, err)
	}
	if err := w.door.Forgot(ctx, from, "kim@example.com"); err != nil || w.mails() != "[reset]" {
		t.Errorf("who waits to replace a password is sent a reset alone: %v", err)
	}
	if w.access(kim) != "invited" {
		t.Error("active before the password was changed")
	}
	if _, err := w.door.ChangePassword(ctx, from, e.Person, "", good); !isProblem(err, "password") {
		t.Errorf("keeping the password set by staff: %v", err)
	}
	e, err = w.door.ChangePassword(ctx, from, e.Person, "", other)
	if err != nil || e.MustChange || e.Contact() != kim || w.access(kim) != "active" {
		t.Fatalf("after the change: %+v, %v", e, err)
	}
	if _, err := w.door.ChangePassword(ctx, from, e.Person, "wrong", good+"!"); !isProblem(err, "current") {
		t.Errorf("a change without the present password: %v", err)
	}

	// The address is known now: a password for another contact of hers becomes a link.
	second := w.contact("Pelican", "Kim", "Kim@example.com")
	if g := grant(second, good); g.Password || g.Link == 0 {
		t.Fatalf("granted %+v", g)
	}
	if _, err := w.door.SignIn(ctx, from, "kim@example.com", good); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("staff have set an existing person's password: %v", err)
	}

	// Sent again as a link before the first sign-in: the mailbox decides, not the password.
	max := w.contact("Harbour", "Max", "max@example.com")
	grant(max, good)
	token := w.token(w.invited(max))
	if e, err := w.door.SignIn(ctx, from, "max@example.com", good); err != nil || e.MustChange || len(e.Choices) != 0 {
		t.Errorf("the replaced password still opens something: %+v, %v", e, err)
	}
	if e, err := w.door.Welcome(ctx, from, token, other); err != nil || e.Contact() != max {
		t.Errorf("the link instead: %+v, %v", e, err)
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
			if _, err := w.door.Welcome(ctx, from, w.token(w.invited(lee)), good); err != nil {
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

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.contact("Harbour", "Lee", "lee@example.com")
	forgot := func(email, want string) {
		t.Helper()
		if err := w.door.Forgot(ctx, from, email); err != nil {
			t.Fatal(err)
		}
		if got := w.mails(); got != want {
			t.Errorf("%s is sent %s, want %s", email, got, want)
		}
	}
	forgot("nobody@example.com", "[]")
	forgot("lee@example.com", "[]")
	w.invited(lee)
	forgot("LEE@example.com", "[invitation]")
	e, err := w.door.Welcome(ctx, from, w.token(w.last), good)
	if err != nil {
		t.Fatal(err)
	}
	forgot("lee@example.com", "[reset]")
	old := w.token(w.last)
	forgot("lee@example.com", "[reset]")
	token := w.token(w.last)
	if w.state(old) != signin.Ended {
		t.Errorf("the earlier reset is %s", w.state(old))
	}
	forgot("lee@example.com", "[reset]") // the fifth in this hour
	forgot("lee@example.com", "[]")      // answered the same
	token2 := w.token(w.last)
	if _, err := w.door.ResetPassword(ctx, from, token, other); !errors.Is(err, signin.ErrSpent) {
		t.Errorf("an ended reset: %v", err)
	}
	w.do(`insert into sessions (token_hash, side, person_id, expires_at) values ('open', 'portal', $1, now() + interval '1 day')`, e.Person)
	if _, err := w.door.ResetPassword(ctx, from, token2, "lee.example.com 1"); !isProblem(err, "password") {
		t.Errorf("an easy password: %v", err)
	}
	if e, err := w.door.ResetPassword(ctx, from, token2, other); err != nil || e.Contact() != lee {
		t.Fatalf("reset: %+v, %v", e, err)
	}
	if got := w.mails(); got != "[changed]" {
		t.Errorf("mails %s", got)
	}
	if got := get[int](w, `select count(*) from sessions`); got != 0 {
		t.Errorf("%d sessions outlived the reset", got)
	}
	if _, err := w.door.SignIn(ctx, from, "lee@example.com", good); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("the old password: %v", err)
	}
	w.do(`delete from attempts`)
	w.do(`update contacts set access = 'suspended'`)
	forgot("lee@example.com", "[]")
	if e, err := w.door.SignIn(ctx, from, "lee@example.com", other); err != nil || len(e.Choices) != 0 || e.MustChange {
		t.Errorf("suspended, with the right password: %+v, %v", e, err)
	}
	if err := w.door.Forgot(ctx, from, "a\x00\xff@example.com"); !isProblem(err, "email") {
		t.Errorf("nonsense: %v", err)
	}
}

func TestResetLivesHalfAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lee := w.contact("Harbour", "Lee", "lee@example.com")
	e, err := w.door.Welcome(t.Context(), from, w.token(w.invited(lee)), good)
	if err != nil {
		t.Fatal(err)
	}
	w.must(func(tx postgres.Tx) (err error) {
		w.last, err = signin.ResetPerson(t.Context(), tx, from, e.Person)
		return err
	})
	w.token(w.last)
	if got := get[string](w, `select (expires_at - created_at)::text from link_tokens where link_id = $1`, w.last); got != "00:30:00" {
		t.Errorf("a reset lives %s", got)
	}
	if got := get[string](w, `select (t.expires_at - t.created_at)::text from link_tokens t join links l on l.id = t.link_id where l.purpose = 'invitation'`); got != "7 days" {
		t.Errorf("an invitation lives %s", got)
	}
}

func TestFiftyAtOnceGuessTenTimes(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	if _, err := w.door.Welcome(ctx, from, w.token(w.invited(w.contact("Harbour", "Lee", "lee@example.com"))), good); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"lee@example.com", "nobody@example.com"} {
		var wrong, limited atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := w.door.SignIn(ctx, audit.Actor{}, email, "a wrong guess at it")
				if l, ok := errors.AsType[signin.Limited](err); ok && l.Minutes() == 15 {
					limited.Add(1)
				} else if errors.Is(err, signin.ErrWrong) {
					wrong.Add(1)
				} else {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if wrong.Load() != 10 || limited.Load() != 40 {
			t.Errorf("%s: %d guesses, %d refused", email, wrong.Load(), limited.Load())
		}
	}
	if _, err := w.door.SignIn(ctx, audit.Actor{}, "lee@example.com", good); err == nil {
		t.Error("the right password gets in beyond the limit")
	}
}

func TestStaffDoor(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	var token string
	w.must(func(tx postgres.Tx) (err error) {
		token, err = signin.Administrator(ctx, tx, audit.Actor{Operator: true}, "Ada", "ada@example.com")
		return err
	})
	if _, err := w.door.StaffSignIn(ctx, from, "ada@example.com", good); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("sign-in before a password was chosen: %v", err)
	}
	if _, err := w.door.StaffChoose(ctx, from, token, signin.StaffReset, good); !errors.Is(err, apperr.NotFound) {
		t.Errorf("an invitation used as a reset: %v", err)
	}
	if _, err := w.door.Look(ctx, token, signin.Invitation); !errors.Is(err, apperr.NotFound) {
		t.Errorf("a link of the office at the portal's door: %v", err)
	}
	entry, err := w.door.StaffChoose(ctx, from, token, signin.StaffInvitation, good)
	if err != nil {
		t.Fatal(err)
	}
	id := entry.Staff
	if got, err := w.door.StaffSignIn(ctx, from, "ADA@example.com", good); err != nil || got != entry {
		t.Fatalf("sign-in: %+v, %v", got, err)
	}
	if _, err := w.door.SignIn(ctx, from, "ada@example.com", good); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("staff at the portal's door: %v", err)
	}
	if err := w.door.StaffForgot(ctx, from, "ada@example.com"); err != nil || w.mails() != "[staff reset]" {
		t.Fatalf("forgotten: %v", err)
	}
	reset := w.token(w.last)
	if _, err := w.door.StaffChoose(ctx, from, reset, signin.StaffReset, other); err != nil {
		t.Fatal(err)
	}
	if err := w.door.SendFresh(ctx, from, reset, signin.StaffReset); err != nil || w.mails() != "[staff reset]" {
		t.Errorf("a fresh reset: %v", err)
	}
	ben := staff.Details{Name: "Ben", Email: "ben@example.com", Role: staff.Administrator}
	var benID int64
	w.must(func(tx postgres.Tx) (err error) {
		benID, _, err = staff.Add(ctx, tx, ada, ben, "n1")
		return err
	})
	w.do(`update staff set state = 'active', password_hash = (select password_hash from staff where id = $1) where id = $2`, id, benID)
	w.must(func(tx postgres.Tx) error { return staff.Suspend(ctx, tx, audit.Actor{Staff: benID}, id) })
	if _, err := w.door.StaffSignIn(ctx, from, "ada@example.com", other); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("a suspended administrator: %v", err)
	}
	if err := w.door.StaffForgot(ctx, from, "ada@example.com"); err != nil || w.mails() != "[]" {
		t.Errorf("forgotten while suspended: %v", err)
	}
}

func TestNothingIsWrittenWithoutItsAuditEntry(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.contact("Harbour", "Lee", "lee@example.com")
	if _, err := w.door.Welcome(ctx, from, w.token(w.invited(lee)), good); err != nil {
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
	if _, err := person.ByEmail(ctx, w.pool, "nobody@example.com"); !errors.Is(err, apperr.NotFound) {
		t.Errorf("nobody: %v", err)
	}
}
