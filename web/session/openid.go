package session

import (
	"context"
	"net/http"

	"fieldgate/internal/audit"
	"fieldgate/internal/signin"
)

// LeaveToProve sends whoever is signed in to their provider, to prove once more
// who they are and go on at next.
func LeaveToProve(r *http.Request, by audit.Actor, next string) (signin.Leave, error) {
	m := visitOf(r.Context()).manager
	if by.Staff == 0 {
		return m.signin.LeaveToProve(r.Context(), by, m.Waits(r, AskedPortalProvider).Token, next)
	}
	return m.signin.LeaveForStaff(r.Context(), by, m.Waits(r, AskedOfficeProvider).Token, next)
}

// ManagerOf is the manager of the request's session.
func ManagerOf(ctx context.Context) *Manager { return visitOf(ctx).manager }

// ServiceOf is what the manager signs people in with.
func (m *Manager) ServiceOf() *signin.Service { return m.signin }

// GoOn begins the session of somebody who has proved at a provider once more who
// they are, in place of the one at hand.
func GoOn(ctx context.Context, by audit.Actor, proof int64) error {
	return visitOf(ctx).goOn(ctx, by, proof)
}

// ProviderLabel is what the button to the business's provider says.
func ProviderLabel(ctx context.Context) string {
	if v := visitOf(ctx); v != nil && v.portal != nil {
		return "Log in with your company’s account"
	} else if v != nil && v.manager != nil {
		return v.manager.signin.StaffProvider().Label()
	}
	return ""
}
