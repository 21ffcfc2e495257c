package signin_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	lee := w.contact("Harbour", "Lee", "lee@example.com")
	forgot := func(email, want string) {
		t.Helper()
		if err := w.service.RequestReset(ctx, from, email); err != nil {
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
	e, err := w.service.AcceptInvitation(ctx, from, w.token(w.last), good)
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
	if _, err := w.service.ResetPassword(ctx, from, token, other); !errors.Is(err, signin.ErrSpent) {
		t.Errorf("an ended reset: %v", err)
	}
	w.do(`insert into sessions (token_hash, side, person_id, expires_at) values ('open', 'portal', $1, now() + interval '1 day')`, e.Person)
	if _, err := w.service.ResetPassword(ctx, from, token2, "lee.example.com 1"); !isProblem(err, "password") {
		t.Errorf("an easy password: %v", err)
	}
	if e, err := w.service.ResetPassword(ctx, from, token2, other); err != nil || e.Contact() != lee {
		t.Fatalf("reset: %+v, %v", e, err)
	}
	if got := w.mails(); got != "[changed]" {
		t.Errorf("mails %s", got)
	}
	if got := get[int](w, `select count(*) from sessions`); got != 0 {
		t.Errorf("%d sessions outlived the reset", got)
	}
	if _, err := w.service.SignIn(ctx, from, "lee@example.com", good); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("the old password: %v", err)
	}
	w.do(`delete from attempts`)
	w.do(`update contacts set access = 'suspended'`)
	forgot("lee@example.com", "[]")
	if e, err := w.service.SignIn(ctx, from, "lee@example.com", other); err != nil || len(e.Choices) != 0 || e.MustChange {
		t.Errorf("suspended, with the right password: %+v, %v", e, err)
	}
	if err := w.service.RequestReset(ctx, from, "a\x00\xff@example.com"); !isProblem(err, "email") {
		t.Errorf("nonsense: %v", err)
	}
}

func TestResetLivesHalfAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lee := w.contact("Harbour", "Lee", "lee@example.com")
	e, err := w.service.AcceptInvitation(t.Context(), from, w.token(w.invited(lee)), good)
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
	if _, err := w.service.AcceptInvitation(ctx, from, w.token(w.invited(w.contact("Harbour", "Lee", "lee@example.com"))), good); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"lee@example.com", "nobody@example.com"} {
		var wrong, limited atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := w.service.SignIn(ctx, audit.Actor{}, email, "a wrong guess at it")
				if l, ok := errors.AsType[signin.Limited](err); ok && day.Span(l.Wait) == "15 minutes" {
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
	if _, err := w.service.SignIn(ctx, audit.Actor{}, "lee@example.com", good); err == nil {
		t.Error("the right password gets in beyond the limit")
	}
}
