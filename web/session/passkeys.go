package session

import (
	"context"
	"crypto/rand"
	"net/http"

	"fieldgate/internal/audit"
	"fieldgate/internal/signin"
	"fieldgate/templates/route"
)

// challengeCookie tells the browser that was asked to prove something from all
// others, until it closes. It lets nobody in.
const challengeCookie = "fieldgate_challenge"

// Challenger is the browser that answers, "" when it was never asked anything.
func (m *Manager) Challenger(r *http.Request) string {
	if c, err := r.Cookie(m.cookie.name(challengeCookie)); err == nil {
		return c.Value
	}
	return ""
}

// Challenged is the browser that is about to be asked.
func (m *Manager) Challenged(w http.ResponseWriter, r *http.Request) string {
	token := m.Challenger(r)
	if len(token) < len(rand.Text()) {
		token = rand.Text()
		m.cookie.set(w, challengeCookie, token, 0)
	}
	return token
}

// ProveWithPasskey is Prove with a passkey.
func ProveWithPasskey(ctx context.Context, by audit.Actor, answer string) error {
	v := visitOf(ctx)
	proof, err := v.manager.signin.ProveWithPasskey(ctx, by, v.manager.Challenger(v.request), []byte(answer))
	if err != nil {
		return err
	}
	return v.goOn(ctx, by, proof)
}

// PasskeyLogin is where a passkey of whoever is signed in would sign in; "" for
// none, as in a preview.
func PasskeyLogin(ctx context.Context) string {
	v := visitOf(ctx)
	switch {
	case v == nil || v.manager == nil || !v.manager.signin.HasPasskeys():
		return ""
	case v.office != nil:
		return route.OfficePasskeyLogin
	}
	return route.PasskeyLogin
}

// offerKey is set in a session whose owner is offered a passkey.
const offerKey = "offers-passkey"

// OffersPasskey reports whether whoever looks is offered a passkey.
func OffersPasskey(ctx context.Context) bool {
	v := visitOf(ctx)
	return v != nil && v.side != nil && v.tokenHash != "" && v.side.GetBool(ctx, offerKey)
}

// PasskeyOffered forgets the offer: it was answered.
func PasskeyOffered(ctx context.Context) {
	if v := visitOf(ctx); v != nil && v.side != nil {
		v.side.Remove(ctx, offerKey)
	}
}

// offer notes in a session that begins whether its owner is offered a passkey.
func (m *Manager) offer(ctx context.Context, side signin.Side, offers bool) {
	sessions := m.portal
	if side == signin.Office {
		sessions = m.office
	}
	if offers {
		sessions.Put(ctx, offerKey, true)
	} else {
		sessions.Remove(ctx, offerKey)
	}
}
