package signin_test

import (
	"errors"
	"testing"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
)

func TestStaffSignIn(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	var token string
	w.must(func(tx postgres.Tx) (err error) {
		token, err = signin.CreateAdministrator(ctx, tx, audit.Actor{Operator: true}, "Ada", "ada@example.com")
		return err
	})
	if _, err := w.service.SignInStaff(ctx, from, "ada@example.com", good); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("sign-in before a password was chosen: %v", err)
	}
	if _, err := w.service.ChooseStaffPassword(ctx, from, token, signin.StaffReset, good); !errors.Is(err, apperr.NotFound) {
		t.Errorf("an invitation used as a reset: %v", err)
	}
	if _, err := w.service.FindLink(ctx, token, signin.Invitation); !errors.Is(err, apperr.NotFound) {
		t.Errorf("a link of the office at the sign-in of the portal: %v", err)
	}
	entry, err := w.service.ChooseStaffPassword(ctx, from, token, signin.StaffInvitation, good)
	if err != nil {
		t.Fatal(err)
	}
	id := entry.Staff
	if got, err := w.service.SignInStaff(ctx, from, "ADA@example.com", good); err != nil || got != entry {
		t.Fatalf("sign-in: %+v, %v", got, err)
	}
	if _, err := w.service.SignIn(ctx, from, "ada@example.com", good); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("staff at the sign-in of the portal: %v", err)
	}
	if err := w.service.RequestStaffReset(ctx, from, "ada@example.com"); err != nil || w.mails() != "[staff reset]" {
		t.Fatalf("forgotten: %v", err)
	}
	reset := w.token(w.last)
	if _, err := w.service.ChooseStaffPassword(ctx, from, reset, signin.StaffReset, other); err != nil {
		t.Fatal(err)
	}
	if err := w.service.RenewLink(ctx, from, reset, signin.StaffReset); err != nil || w.mails() != "[staff reset]" {
		t.Errorf("a fresh reset: %v", err)
	}
	ben := staff.Details{Name: "Ben", Email: "ben@example.com", Role: staff.Administrator}
	var benID int64
	w.must(func(tx postgres.Tx) (err error) {
		ref, _, err := staff.Create(ctx, tx, ada, staff.New{Details: ben, Nonce: "n1"})
		benID = ref.ID
		return err
	})
	w.do(`update staff set state = 'active', password_hash = (select password_hash from staff where id = $1) where id = $2`, id, benID)
	w.must(func(tx postgres.Tx) error { return staff.Suspend(ctx, tx, audit.Actor{Staff: benID}, id) })
	if _, err := w.service.SignInStaff(ctx, from, "ada@example.com", other); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("a suspended administrator: %v", err)
	}
	if err := w.service.RequestStaffReset(ctx, from, "ada@example.com"); err != nil || w.mails() != "[]" {
		t.Errorf("forgotten while suspended: %v", err)
	}
}
