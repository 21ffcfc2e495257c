package signin_test

import (
	"errors"
	"testing"
	"time"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

// What has been proved begins a session until something ends it: whatever ends
// sessions ends proofs, too, and a costlier hash of the same password does not.
func TestSessionsBeginByTheStamp(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	hash, err := hasher.Hash(ctx, good)
	if err != nil {
		t.Fatal(err)
	}
	kim := get[int64](w, `insert into persons (email, password_hash) values ('kim@harbour.example', $1) returning id`, hash)
	customer := get[int64](w, `insert into customers (name) values ('Harbour Dental') returning id`)
	w.do(`insert into contacts (customer_id, name, email, access, person_id) values ($1, 'Kim', 'kim@harbour.example', 'active', $2)`, customer, kim)
	ben := get[int64](w, `insert into staff (name, email, role, state, password_hash) values ('Ben', 'ben@office.example', 'office', 'active', $1) returning id`, hash)
	by := audit.Actor{Person: kim, Name: "Kim"}

	signIn := func(typed string) signin.NewSession {
		e, err := w.service.SignIn(ctx, from, "kim@harbour.example", typed)
		if err != nil {
			t.Fatal(err)
		}
		return signin.NewSession{Side: signin.Portal, Person: kim, Proof: e.Proof}
	}
	person := func() signin.NewSession { return signIn(good) }
	member := func() signin.NewSession {
		e, err := w.service.SignInStaff(ctx, from, "ben@office.example", good)
		if err != nil {
			t.Fatal(err)
		}
		return signin.NewSession{Side: signin.Office, Staff: ben, Proof: e.Proof}
	}
	for _, tt := range []struct {
		name   string
		prove  func() signin.NewSession
		happen func()
		begun  int
	}{
		{"nothing", person, func() {}, 1},
		{"a rehash", func() signin.NewSession {
			w.do(`update persons set password_hash = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'`)
			return signIn("password")
		}, func() { w.do(`update persons set password_hash = $1`, hash) }, 1},
		{"another sign-in", person, func() { person() }, 1},
		{"nobody proved anything", func() signin.NewSession { return signin.NewSession{Side: signin.Portal, Person: kim} }, func() {}, 0},
		{"another's stamp", func() signin.NewSession { n := person(); n.Person = kim + 1000; return n }, func() {}, 0},
		{"another password", person, func() {
			if _, err := w.service.ChangePassword(ctx, by, kim, good, other, "", false); err != nil {
				t.Fatal(err)
			}
			w.do(`update persons set password_hash = $1`, hash)
		}, 0},
		{"staff: nothing", member, func() {}, 1},
		{"staff: sessions ended, as by suspension and another role", member, func() {
			w.must(func(tx postgres.Tx) error { return signin.EndSessionsOfStaff(ctx, tx, ben, "") })
		}, 0},
	} {
		w.do(`delete from sessions`)
		n := tt.prove()
		tt.happen()
		n.TokenHash, n.Data, n.ExpiresAt = tt.name, []byte{}, time.Now().Add(time.Hour)
		if err := w.service.BeginSession(ctx, n); errors.Is(err, signin.ErrProofEnded) != (tt.begun == 0) || (err != nil && tt.begun != 0) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := get[int](w, `select count(*) from sessions`); got != tt.begun {
			t.Errorf("%s: %d sessions, want %d", tt.name, got, tt.begun)
		}
	}
}
