package signin_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/secret"
	"fieldgate/internal/signin"
)

const (
	good  = "copper kettle under seven stars"
	other = "violet anchor beside slow trains"
)

var (
	hasher  = password.NewHasher()
	sealing = func() *secret.Box {
		box, err := secret.NewBox("the secret key of these tests, long enough")
		if err != nil {
			panic(err)
		}
		return box
	}()
	ada  = audit.Actor{Staff: 1, Name: "Ada"}
	from = audit.Actor{Address: netip.MustParseAddr("198.51.100.7")}
)

// world is a database with a Service, and the links of the mails it promised.
type world struct {
	t       *testing.T
	pool    *pgxpool.Pool
	service *signin.Service
	mu      sync.Mutex
	sent    []string // kind and link
	last    int64
	digits  string // of the last code
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, pool: dbtest.New(t)}
	w.service = signin.New(w.pool, sealing, hasher, w)
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

func (w *world) Code(_ context.Context, _ postgres.Tx, _ int64, digits string) error {
	w.mu.Lock()
	w.digits = digits
	w.mu.Unlock()
	return w.note("code", 0)
}

func (w *world) FactorChanged(_ context.Context, _ postgres.Tx, _, _ int64, what signin.FactorEvent, left int) error {
	return w.note(fmt.Sprintf("factor %s %d", what, left), 0)
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

func (w *world) StaffNewSignIn(context.Context, postgres.Tx, int64, string) error {
	return w.note("staff new sign-in", 0)
}

func (w *world) StaffEmailChangeAsked(_ context.Context, _ postgres.Tx, link int64) error {
	return w.note("staff new address", link)
}

func (w *world) StaffEmailChanged(_ context.Context, _ postgres.Tx, _ int64, old string) error {
	return w.note("staff no longer "+old, 0)
}

func (w *world) PasskeyChanged(_ context.Context, _ postgres.Tx, _ int64, did signin.PasskeyChange, _ string) error {
	return w.note("passkey "+string(did), 0)
}

func (w *world) StaffPasskeyChanged(_ context.Context, _ postgres.Tx, _ int64, did signin.PasskeyChange, _ string) error {
	return w.note("staff passkey "+string(did), 0)
}

func (w *world) SignInsFail(context.Context, postgres.Tx) error {
	return w.note("sign-ins fail", 0)
}

func (w *world) RecordLinkAsked(_ context.Context, _ postgres.Tx, contact, _, _ int64) error {
	return w.note("record link", contact)
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
	l, err := signin.FindByToken(w.t.Context(), w.pool, token)
	if err != nil {
		w.t.Fatal(err)
	}
	return l.State
}

func (w *world) access(contact int64) string {
	w.t.Helper()
	return get[string](w, `select access from contacts where id = $1`, contact)
}

func isProblem(err error, field string) bool {
	p, ok := errors.AsType[problem.Set](err)
	return ok && p[field] != ""
}

func isConflict(err error) bool {
	_, ok := errors.AsType[apperr.Conflict](err)
	return ok
}
