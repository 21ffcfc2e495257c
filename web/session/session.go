// Package session keeps people signed in: one cookie for the portal, another
// for the office, and one for previews. The rows behind them are written by
// package signin.
//
// A session exists from the moment somebody signs in. Saving one that was
// ended meanwhile does nothing, so that a request in flight cannot bring back
// what a suspension or a password change has ended.
package session

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/alexedwards/scs/v2"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	"fieldgate/internal/turns"
)

// Lives of sessions, whether used or not (product limits).
const (
	officeLife = 7 * 24 * time.Hour
	portalLife = 60 * 24 * time.Hour
	// seenEvery limits how often a visit writes.
	seenEvery = 5 * time.Minute
)

// Manager signs people in and out.
type Manager struct {
	// Unsent keeps forms that come when a session has ended.
	Unsent *signin.Unsent

	signin *signin.Service
	db     postgres.DB
	log    *slog.Logger
	portal *scs.SessionManager
	office *scs.SessionManager
	cookie cookies
}

// New is the manager. Cookies are for HTTPS only when secure is set.
func New(service *signin.Service, db postgres.DB, secure bool, log *slog.Logger) *Manager {
	m := &Manager{signin: service, db: db, log: log, cookie: cookies{secure}}
	m.portal = m.side(signin.Portal, "/", portalLife)
	m.office = m.side(signin.Office, "/office", officeLife)
	return m
}

func (m *Manager) side(name signin.Side, path string, life time.Duration) *scs.SessionManager {
	s := scs.New()
	s.Store = store{signin: m.signin, db: m.db, side: name, waits: &postgres.Standing[map[string]int]{}}
	s.HashTokenInStore = true
	s.Lifetime = life
	s.Cookie.Name = m.cookie.name("fieldgate_" + string(name))
	s.Cookie.Path = m.cookie.path(path)
	s.Cookie.HttpOnly = true
	s.Cookie.SameSite = http.SameSiteLaxMode
	s.Cookie.Secure = m.cookie.secure
	s.Cookie.Persist = false // until the browser closes, unless "stay signed in"
	return s
}

// visit is what the store and the manager know of the request at hand.
type visit struct {
	manager   *Manager
	side      *scs.SessionManager
	tokenHash string
	lost      string             // the hash of the cookie's token, when it names no session
	signIn    *signin.NewSession // somebody has just signed in: the next save makes a row
	portal    *portal.Viewer
	office    *staff.Viewer
	unmarked  time.Duration // how long ago the session was last marked as seen
	request   *http.Request
	address   netip.Addr
	remember  bool // the session of the portal lives on when it is not used for a day
	openID    bool // the session of the office began at the business's provider

	previewHash  string // of a preview's token: portal is who it shows
	previewEnded bool   // the browser carries a preview that is over

	link      *portal.Viewer // who has come by a record link
	linkHash  string         // of the session's token
	linkWords portal.LinkSession
	linkEnded bool // the browser carries such a session that is over
}

type contextKey struct{}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(contextKey{}).(*visit)
	return v
}

// Portal and Office are the middlewares of the two sides: they find the
// session and, in the same query, who it belongs to. fail answers when the
// database cannot.
func (m *Manager) Portal(fail func(http.ResponseWriter, *http.Request, error)) func(http.Handler) http.Handler {
	load := m.load(m.portal, fail)
	return func(next http.Handler) http.Handler { return m.previewing(load(m.linking(next, fail)), next, fail) }
}

// Office is the middleware of the office.
func (m *Manager) Office(fail func(http.ResponseWriter, *http.Request, error)) func(http.Handler) http.Handler {
	return m.load(m.office, fail)
}

func (m *Manager) load(side *scs.SessionManager, fail func(http.ResponseWriter, *http.Request, error)) func(http.Handler) http.Handler {
	side.ErrorFunc = fail
	return func(next http.Handler) http.Handler {
		inner := side.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			postgres.Own(r.Context(), owner(r.Context()))
			note(r.Context())
			m.touch(r.Context())
			next.ServeHTTP(w, r)
		}))
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v := &visit{manager: m, side: side, request: r, address: addressOf(r)}
			inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, v)))
		})
	}
}

// owner is whose the request's part of the database is: a customer's people
// share theirs. What a lock of one customer holds up is theirs alone.
func owner(ctx context.Context) string {
	v := visitOf(ctx)
	if v.link != nil {
		return fmt.Sprintf("customer %d", v.link.Customer)
	}
	if v.portal != nil && v.portal.Preview.Staff == 0 && v.portal.Customer != 0 {
		return fmt.Sprintf("customer %d", v.portal.Customer)
	}
	return cmp.Or(Visitor(ctx), Stranger(v.request))
}

// Stranger names whoever is not signed in, by the network they come from.
func Stranger(r *http.Request) string { return "address " + turns.Network(addressOf(r)).String() }

// Visitor names whoever is signed in, apart from all others; "" for nobody.
func Visitor(ctx context.Context) string {
	switch v := visitOf(ctx); {
	case v == nil:
		return ""
	case v.link != nil:
		return fmt.Sprintf("contact %d by a link", v.link.Contact)
	case v.portal != nil && v.portal.Preview.Staff != 0:
		return fmt.Sprintf("staff %d", v.portal.Preview.Staff)
	case v.portal != nil:
		if v.portal.ByCompany {
			return fmt.Sprintf("contact %d by their company", v.portal.Contact)
		}
		return fmt.Sprintf("person %d", v.portal.Person)
	case v.office != nil:
		return fmt.Sprintf("staff %d", v.office.Staff)
	default:
		return ""
	}
}

type watcherKey struct{}

// Watched is a context in which Visitor is noted as soon as it is known, and
// what was noted: for those who see a request before its session is found.
func Watched(ctx context.Context) (context.Context, func() string) {
	who := new(string)
	return context.WithValue(ctx, watcherKey{}, who), func() string { return *who }
}

// Note notes who it is that is watched: of those whose sessions are not kept here.
func Note(ctx context.Context, name string) {
	if who, watched := ctx.Value(watcherKey{}).(*string); watched {
		*who = name
	}
}

func note(ctx context.Context) {
	Note(ctx, Visitor(ctx))
}

func addressOf(r *http.Request) netip.Addr {
	address, _ := netip.ParseAddr(r.RemoteAddr) // the server's middleware has replaced it by the client's bare address
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		address = ap.Addr()
	}
	return address.Unmap()
}

// touch notes the visit, at most every few minutes.
func (m *Manager) touch(ctx context.Context) {
	v := visitOf(ctx)
	if v.tokenHash == "" || v.unmarked < seenEvery {
		return
	}
	var contact int64
	if v.portal != nil {
		contact = v.portal.Contact
	}
	err := m.signin.TouchSession(ctx, v.tokenHash, v.address, contact)
	if err != nil {
		m.log.WarnContext(ctx, "session not marked as seen", "error", err)
	}
}

// PortalViewer is who looks at the portal; ok is false for somebody not signed in.
func PortalViewer(ctx context.Context) (portal.Viewer, bool) {
	if v := visitOf(ctx); v != nil && v.portal != nil {
		return *v.portal, true
	}
	return portal.Viewer{}, false
}

// OfficeViewer is who looks at the office; ok is false for somebody not signed in.
func OfficeViewer(ctx context.Context) (staff.Viewer, bool) {
	if v := visitOf(ctx); v != nil && v.office != nil {
		return *v.office, true
	}
	return staff.Viewer{}, false
}

// SignInPerson begins a new session of the portal under a new token, as the one
// contact that there is no choice about.
func (m *Manager) SignInPerson(ctx context.Context, e signin.Entry, remember bool) error {
	if err := m.endLink(ctx); err != nil { // it would come before this session
		return err
	}
	if err := m.begin(ctx, m.portal, signin.NewSession{Side: signin.Portal, Person: e.Person, Contact: e.Contact(), Proof: e.Proof, Remember: remember, Visit: e.Visit, AskedAt: e.AskedAt}); err != nil {
		return err
	}
	m.portal.RememberMe(ctx, remember)
	m.offer(ctx, signin.Portal, e.OffersPasskey)
	return nil
}

// SignInStaff begins a new session of the office under a new token.
func (m *Manager) SignInStaff(ctx context.Context, e signin.StaffEntry) error {
	if err := m.begin(ctx, m.office, signin.NewSession{Side: signin.Office, Staff: e.Staff, Proof: e.Proof, OpenID: e.OpenID, AskedAt: e.AskedAt}); err != nil {
		return err
	}
	m.offer(ctx, signin.Office, e.OffersPasskey)
	return nil
}

func (m *Manager) begin(ctx context.Context, side *scs.SessionManager, n signin.NewSession) error {
	v := visitOf(ctx)
	if n.Side == signin.Portal && n.Visit == 0 {
		n.Replaces = v.tokenHash
	}
	v.signIn = &n
	if err := side.RenewToken(ctx); err != nil {
		v.signIn = nil
		return fmt.Errorf("renew the session: %w", err)
	}
	return nil
}

// Prove takes the password of whoever is signed in once more. The session goes
// on as a new one, under a new token: it is fresh now. Errors as of signin.Prove.
func Prove(ctx context.Context, by audit.Actor, password string) error {
	v := visitOf(ctx)
	proof, err := v.manager.signin.Prove(ctx, by, password)
	if err != nil {
		return err
	}
	return v.goOn(ctx, by, proof)
}

// Proofs are the ways in which whoever is signed in can prove it once more.
func Proofs(ctx context.Context, by audit.Actor) (signin.Proofs, error) {
	return visitOf(ctx).manager.signin.ProofsOf(ctx, by)
}

// SendProof sends whoever is signed in a code with which they prove it once
// more, if that is a way of theirs.
func SendProof(w http.ResponseWriter, r *http.Request, by audit.Actor) error {
	m := visitOf(r.Context()).manager
	ways, err := m.signin.ProofsOf(r.Context(), by)
	if err != nil {
		return err
	}
	if !ways.Code {
		return apperr.NotFound
	}
	token, err := m.signin.AskCode(r.Context(), by, signin.CodeFor{Person: by.Person}, signin.ProofCode, "")
	if err == nil {
		m.KeepWaiting(w, AskedProof, Waiting{Token: token})
	}
	return err
}

// ProveByCode is Prove with the digits of a code.
func ProveByCode(w http.ResponseWriter, r *http.Request, by audit.Actor, digits string) error {
	v := visitOf(r.Context())
	proof, err := v.manager.signin.ProveByCode(r.Context(), by, v.manager.Waits(r, AskedProof).Token, digits)
	if err != nil {
		return err
	}
	v.manager.StopWaiting(w, r, AskedProof)
	return v.goOn(r.Context(), by, proof)
}

// goOn begins the session that takes the place of the one at hand. It stands
// before the deed that asked for the proof: that may end what was proved, and
// all sessions but the one here.
func (v *visit) goOn(ctx context.Context, by audit.Actor, proof int64) error {
	side := signin.Portal
	if by.Staff != 0 {
		side = signin.Office
	}
	if err := v.manager.begin(ctx, v.side, signin.NewSession{Side: side, Person: by.Person, Contact: by.Contact, Staff: by.Staff, Proof: proof, Remember: v.remember, OpenID: v.openID}); err != nil {
		return err
	}
	if _, _, err := v.side.Commit(ctx); err != nil {
		return fmt.Errorf("go on in a new session: %w", err)
	}
	if v.tokenHash == "" {
		return apperr.Conflictf("You were signed out meanwhile. Log in again.")
	}
	return nil
}

// Forget lets the browser throw away what it has kept of the session's pages:
// nothing, as none may be kept, but for what stands behind its Back button.
// Cookies are not named, since one of them knows the device, and another belongs
// to the other side.
func Forget(w http.ResponseWriter) {
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
}

// SignOut ends the session of the request.
func (m *Manager) SignOut(ctx context.Context) error {
	v := visitOf(ctx)
	if v == nil || v.side == nil {
		return nil
	}
	v.portal, v.office = nil, nil
	if err := v.side.Destroy(ctx); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	return nil
}

// Choose makes contact the one the person looks at, or returns apperr.NotFound
// when it is not one of their own, or access has ended meanwhile.
func (m *Manager) Choose(ctx context.Context, contact int64) error {
	return m.signin.ChooseContact(ctx, visitOf(ctx).tokenHash, contact)
}

// Here is the hash of the request's own token, to tell its session from others.
func Here(ctx context.Context) string {
	if v := visitOf(ctx); v != nil {
		return v.tokenHash
	}
	return ""
}

const (
	flashKey  = "flash"
	warnsKey  = "flash-warns"
	leadToKey = "flash-page"
)

// Flash leaves a sentence for the next page of the session: something was done.
func Flash(ctx context.Context, words string) { leave(ctx, words, false) }

// Warn leaves a sentence for the next page of the session: what was asked for
// was not done, or not all of it.
func Warn(ctx context.Context, words string) { leave(ctx, words, true) }

func leave(ctx context.Context, words string, warns bool) {
	if v := visitOf(ctx); v != nil && v.link != nil {
		v.leaveAtLink(ctx, words, warns)
	} else if v != nil && (v.tokenHash != "" || v.signIn != nil) {
		v.side.Put(ctx, flashKey, words)
		v.side.Put(ctx, warnsKey, warns)
	}
}

// LeadTo says at which path the sentence that this request leaves is to be read.
func LeadTo(ctx context.Context, path string) {
	if v := visitOf(ctx); v != nil && v.link == nil && v.side != nil && v.side.Exists(ctx, flashKey) {
		v.side.Put(ctx, leadToKey, path)
	}
}

// TakeFlash is the sentence left by the last request, once, and whether it warns.
// To a script, which may have asked for part of a page just then, it is told only
// at the path that the request has led to: script is that which it asks for, and
// "" for a page that somebody opens.
func TakeFlash(ctx context.Context, script string) (words string, warns bool) {
	v := visitOf(ctx)
	if v != nil && v.link != nil {
		return v.takeAtLink(ctx)
	}
	if v == nil || v.side == nil || !v.side.Exists(ctx, flashKey) {
		return "", false
	}
	if to := v.side.GetString(ctx, leadToKey); script != "" && to != "" && script != to {
		return "", false
	}
	v.side.Remove(ctx, leadToKey)
	return v.side.PopString(ctx, flashKey), v.side.PopBool(ctx, warnsKey)
}
