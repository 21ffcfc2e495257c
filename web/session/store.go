package session

import (
	"context"
	"errors"
	"time"

	"fieldgate/internal/day"
	"fieldgate/internal/overview"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	"fieldgate/templates/route"
)

// store keeps the session library's data in the rows of package signin.
type store struct {
	signin *signin.Service
	db     postgres.DB
	side   signin.Side
	waits  *postgres.Standing[map[string]int] // what overview.CountsSQL comes to, of the office's side
}

// FindCtx finds a session and notes who it belongs to.
func (s store) FindCtx(ctx context.Context, tokenHash string) ([]byte, bool, error) {
	v := visitOf(ctx)
	v.lost = tokenHash
	if s.side == signin.Office {
		waiting, last := overview.CountsSQL, s.waits.Last()
		home := v.request.URL.Path == route.Office
		if home { // it counts what waits itself, and further
			waiting = "null::jsonb"
		}
		found, viewer, ok, err := staff.FindSession(ctx, s.db, tokenHash, waiting, last.Snapshot)
		if err != nil || !ok {
			return nil, false, err
		}
		if !home {
			given := postgres.Stand[map[string]int]{Snapshot: found.Snapshot, Answer: viewer.Waiting}
			viewer.Waiting = overview.Here(s.waits.Now(last, given), viewer.Keepers)
		}
		viewer.Address, v.openID = v.address, found.OpenID
		if found.OpenID && s.signin.StaffProvider().FactorThere() {
			viewer.FactorBy = day.Day{}
		}
		v.tokenHash, v.office, v.unmarked = tokenHash, &viewer, viewer.Format.Now.Sub(found.SeenAt)
		return found.Data, true, nil
	}
	found, viewer, ok, err := portal.FindSession(ctx, s.db, tokenHash)
	if err != nil || !ok {
		return nil, false, err
	}
	viewer.Address = v.address
	v.tokenHash, v.portal, v.remember, v.unmarked = tokenHash, &viewer, found.Remember, viewer.Business.Format.Now.Sub(found.SeenAt)
	return found.Data, true, nil
}

// CommitCtx makes the row of somebody who has just signed in, else it only
// updates.
func (s store) CommitCtx(ctx context.Context, tokenHash string, data []byte, expires time.Time) error {
	v := visitOf(ctx)
	if v.signIn == nil {
		return s.signin.SaveSession(ctx, tokenHash, data)
	}
	n := *v.signIn
	n.TokenHash, n.Data, n.ExpiresAt, n.Address, n.Browser = tokenHash, data, expires, v.address, browser(v.request.UserAgent())
	n.Device = Device(v.request).Token
	err := s.signin.BeginSession(ctx, n)
	if v.signIn = nil; errors.Is(err, signin.ErrProofEnded) { // signed out at the next page
		v.tokenHash = ""
		return nil
	}
	if err == nil {
		v.tokenHash = tokenHash
	}
	return err
}

// DeleteCtx ends a session; one that another takes the place of ends when that begins.
func (s store) DeleteCtx(ctx context.Context, tokenHash string) error {
	if v := visitOf(ctx); v.signIn != nil && v.signIn.Replaces == tokenHash {
		return nil
	}
	return s.signin.DeleteSession(ctx, tokenHash)
}

var errNoContext = errors.New("sessions are only kept with a request's context")

// Find, Commit and Delete complete the library's interface; it never calls
// them on a store that takes a context.
func (store) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit is never called.
func (store) Commit(string, []byte, time.Time) error { return errNoContext }

// Delete is never called.
func (store) Delete(string) error { return errNoContext }

// browser keeps what a person recognises a device by, bounded and clean.
func browser(agent string) string {
	clean := make([]rune, 0, 200)
	for _, r := range agent {
		if r >= ' ' && r != 0xfffd && len(clean) < 200 {
			clean = append(clean, r)
		}
	}
	return string(clean)
}
