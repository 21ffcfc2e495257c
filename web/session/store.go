package session

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/portal"
	"fieldgate/internal/staff"
)

// store keeps the session library's data in the table sessions.
type store struct {
	pool *pgxpool.Pool
	side string
}

// FindCtx finds a session and notes who it belongs to.
func (s store) FindCtx(ctx context.Context, tokenHash string) ([]byte, bool, error) {
	v := visitOf(ctx)
	if s.side == "office" {
		found, viewer, ok, err := staff.Arrive(ctx, s.pool, tokenHash)
		if err != nil || !ok {
			return nil, false, err
		}
		viewer.Address = v.address
		v.tokenHash, v.office, v.unmarked = tokenHash, &viewer, viewer.Format.Now.Sub(found.SeenAt)
		return found.Data, true, nil
	}
	found, viewer, ok, err := portal.Arrive(ctx, s.pool, tokenHash)
	if err != nil || !ok {
		return nil, false, err
	}
	viewer.Address = v.address
	v.tokenHash, v.portal, v.unmarked = tokenHash, &viewer, viewer.Business.Format.Now.Sub(found.SeenAt)
	return found.Data, true, nil
}

// CommitCtx makes the row of somebody who has just signed in. Otherwise it
// only updates: a session ended meanwhile stays ended. A password replaced since
// it was proved begins none: the row that holds it is locked, so that whoever
// replaces it either sees the session and ends it, or is seen here.
func (s store) CommitCtx(ctx context.Context, tokenHash string, data []byte, expires time.Time) error {
	v := visitOf(ctx)
	who := v.signIn
	if who == nil {
		if _, err := s.pool.Exec(ctx, `update sessions set data = $2 where token_hash = $1`, tokenHash, data); err != nil {
			return fmt.Errorf("save session: %w", err)
		}
		return nil
	}
	owners := `persons where id = $3`
	if s.side == "office" {
		owners = `staff where id = $5`
	}
	_, err := s.pool.Exec(ctx, `
		insert into sessions (token_hash, side, person_id, contact_id, staff_id, remember, data, expires_at, address, browser)
		select $1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), nullif($5::bigint, 0), $6, $7, $8, $9, $10
		from `+owners+` and password_hash = $11
		for share`,
		tokenHash, s.side, who.person, who.contact, who.staff, who.remember, data, expires, nullAddr(v.address), browser(v.request.UserAgent()), who.proof)
	if err != nil {
		return fmt.Errorf("begin session: %w", err)
	}
	v.signIn = nil
	return nil
}

// DeleteCtx ends a session.
func (s store) DeleteCtx(ctx context.Context, tokenHash string) error {
	if _, err := s.pool.Exec(ctx, `delete from sessions where token_hash = $1`, tokenHash); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

var errNoContext = errors.New("sessions are only kept with a request's context")

// Find, Commit and Delete complete the library's interface; it never calls
// them on a store that takes a context.
func (store) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit is never called.
func (store) Commit(string, []byte, time.Time) error { return errNoContext }

// Delete is never called.
func (store) Delete(string) error { return errNoContext }

func nullAddr(a netip.Addr) *netip.Addr {
	if !a.IsValid() {
		return nil
	}
	return &a
}

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
