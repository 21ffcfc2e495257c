package session

import (
	"cmp"
	"context"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

const (
	unsentKey   = "unsent"
	unsentAtKey = "unsent-at"
)

// sender is what the request says of whoever sent it, though the session has
// ended; shownFor is the contact that a form of the portal was shown for.
func (v *visit) sender(side signin.Side, shownFor int64) signin.Sender {
	return signin.Sender{Side: side, Contact: shownFor, Device: Device(v.request).Token, Session: cmp.Or(v.tokenHash, v.lost)}
}

// WasHere reports whether the request comes from a browser that somebody has
// signed in with, now or before.
func WasHere(ctx context.Context, side signin.Side) (bool, error) {
	v := visitOf(ctx)
	return v.manager.Unsent.Knows(ctx, v.sender(side, 0))
}

// KeepForm keeps a form that came when the session had ended, and returns the
// token by which whoever sent it finds it again; "" when nobody is known to have.
func KeepForm(ctx context.Context, side signin.Side, shownFor int64, form []byte) (token string, err error) {
	v := visitOf(ctx)
	return v.manager.Unsent.Keep(ctx, v.sender(side, shownFor), form)
}

// FindForm is the form that was kept for whoever is signed in, or apperr.NotFound.
func FindForm(ctx context.Context, token string) ([]byte, error) {
	v := visitOf(ctx)
	if v.manager == nil { // a preview
		return nil, apperr.NotFound
	}
	return v.manager.Unsent.Find(ctx, v.actor(), token)
}

// DraftKey is the key of drafts of whoever is signed in; "" in a preview.
func DraftKey(ctx context.Context) string {
	v := visitOf(ctx)
	if v.manager == nil || v.link != nil { // drafts are the person's
		return ""
	}
	return v.manager.Unsent.DraftKey(v.actor())
}

// ShowForm notes that a kept form is shown again, which is sent to the address.
func ShowForm(ctx context.Context, token, at string) {
	v := visitOf(ctx)
	v.side.Put(ctx, unsentKey, token)
	v.side.Put(ctx, unsentAtKey, at)
}

// FormTaken forgets the kept form that was shown last, if it is the one that was
// sent to the address.
func FormTaken(ctx context.Context, at string) {
	v := visitOf(ctx)
	if v == nil || v.side == nil || postgres.Refuses(ctx) || v.side.GetString(ctx, unsentAtKey) != at {
		return
	}
	token := v.side.PopString(ctx, unsentKey)
	v.side.Remove(ctx, unsentAtKey)
	if err := v.manager.Unsent.Drop(ctx, v.actor(), token); err != nil {
		v.manager.log.WarnContext(ctx, "a kept form is not forgotten yet", "error", err)
	}
}

func (v *visit) actor() audit.Actor {
	switch {
	case v.office != nil:
		return v.office.Actor()
	case v.portal != nil:
		return v.portal.Actor()
	}
	return audit.Actor{}
}
