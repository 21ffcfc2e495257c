package signin_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"fieldgate/internal/apperr"
	"fieldgate/internal/signin"
)

func TestOneOfManyUsesALink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token(w.invited(w.contact("Harbour", "Lee", "lee@example.com")))
	var won atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			switch _, err := w.service.AcceptInvitation(t.Context(), from, token, good); {
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
			if _, err := w.service.AcceptInvitation(t.Context(), from, token, good); (err == nil) != (tc.want == signin.Ready) {
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
	if err := w.service.RenewLink(ctx, from, old, signin.Invitation); err != nil {
		t.Fatal(err)
	}
	if got := w.mails(); got != "[invitation]" || w.state(fresh) != signin.Ended {
		t.Errorf("mails %s", got)
	}
	newest := w.token(w.last)
	if _, err := w.service.AcceptInvitation(ctx, from, newest, good); err != nil {
		t.Fatal(err)
	}
	// Once in, the same button sends a reset.
	if err := w.service.RenewLink(ctx, from, old, signin.Invitation); err != nil || w.mails() != "[reset]" {
		t.Errorf("fresh link of an active contact: %v", err)
	}
	if err := w.service.RenewLink(ctx, from, "nonsense", signin.Invitation); !errors.Is(err, apperr.NotFound) {
		t.Errorf("an unknown link: %v", err)
	}
	w.do(`update contacts set access = 'suspended'`)
	if err := w.service.RenewLink(ctx, from, old, signin.Invitation); err != nil || w.mails() != "[]" {
		t.Errorf("fresh link of a suspended contact: %v", err)
	}
}
