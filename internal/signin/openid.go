package signin

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/openid"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// Somebody may prove at a provider of OpenID Connect who they are: staff at the
// business's own, contacts at their company's. Between going there and coming
// back there is a row: for one browser, ten minutes, and one answer.

// openIDLife is how long somebody may take at the provider.
const openIDLife = 10 * time.Minute

// ErrNotAsked says that this browser brings back nothing that was asked for: it
// never went to the provider, did so too long ago, or has come back before.
var ErrNotAsked = errors.New("nothing was asked of a provider in this browser")

// errNotFresh says that a provider did not ask again who somebody is.
var errNotFresh = errors.New("the provider has not asked again")

// IsNotFresh reports whether a provider let somebody pass without asking again.
func IsNotFresh(err error) bool { return errors.Is(err, errNotFresh) }

// UseOpenID lets people come in by providers. Base is the program's own address.
func (s *Service) UseOpenID(providers *openid.Providers, staff openid.Staff, base string) {
	s.providers, s.staffProvider, s.base = providers, staff, base
}

// StaffProvider are the settings of the business's own provider.
func (s *Service) StaffProvider() openid.Staff { return s.staffProvider }

// away is one who goes to a provider.
type away struct {
	Side    Side
	Login   int64 // the customer's provider; 0 for the business's own
	Issuer  string
	Next    string
	Staff   int64 // whose fresh proof it is to be; 0 for signing in
	Contact int64
	Since   time.Time

	verifier, nonce string
}

// awaySecrets are what the answer is held against.
type awaySecrets struct{ Verifier, Nonce string }

func awayContext(state string) string { return "openid sign-in " + hashOf(state) }

// Leave is how a browser goes to a provider.
type Leave struct {
	URL     string // there
	Browser string // the token that the browser keeps
}

// leave writes down who goes to a provider, and says where that is.
func (s *Service) leave(ctx context.Context, c openid.Client, w away, browser string, ask openid.Ask) (l Leave, err error) {
	state, stateHash := secret.NewToken()
	if l.Browser = browser; secret.HashToken(browser) == nil {
		l.Browser, _ = secret.NewToken()
	}
	ask.State, ask.Nonce, ask.Verifier = state, rand.Text(), openid.NewVerifier()
	if l.URL, err = s.providers.Leave(ctx, c, ask); err != nil {
		return Leave{}, fmt.Errorf("go to the provider: %w", err)
	}
	plain, err := json.Marshal(awaySecrets{ask.Verifier, ask.Nonce})
	if err != nil {
		return Leave{}, fmt.Errorf("go to the provider: %w", err)
	}
	return l, postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := sweepOpenID(ctx, tx, 100); err != nil { // whoever asks for thousands fills no table
			return err
		}
		_, err := tx.Exec(ctx, `
			insert into openid_sign_ins (side, state_hash, browser_hash, login_id, issuer, sealed, next, staff_id, contact_id, expires_at)
			values (@side, @state, @browser, nullif(@login::bigint, 0), @issuer, @sealed, @next, nullif(@staff::bigint, 0), nullif(@contact::bigint, 0), now() + @life::interval)`,
			pgx.NamedArgs{
				"side": string(w.Side), "state": stateHash, "browser": secret.HashToken(l.Browser), "login": w.Login, "issuer": c.Issuer, "next": w.Next,
				"sealed": s.box.Seal(plain, awayContext(state)), "staff": w.Staff, "contact": w.Contact, "life": openIDLife,
			})
		if err != nil {
			return fmt.Errorf("note who goes to the provider: %w", err)
		}
		return nil
	})
}

// back finds who went to a provider in this browser, once, whatever the answer is:
// ErrNotAsked for everybody else's.
func (s *Service) back(ctx context.Context, side Side, login int64, browser, state string) (w away, err error) {
	w.Side, w.Login = side, login
	var sealed []byte
	err = s.pool.QueryRow(ctx, `
		update openid_sign_ins set used_at = now()
		where state_hash = @state and browser_hash = @browser and side = @side and login_id is not distinct from nullif(@login::bigint, 0) and used_at is null and expires_at > now()
		returning issuer, next, coalesce(staff_id, 0), coalesce(contact_id, 0), created_at, sealed`,
		pgx.NamedArgs{"state": secret.HashToken(state), "browser": secret.HashToken(browser), "side": string(side), "login": login},
	).Scan(&w.Issuer, &w.Next, &w.Staff, &w.Contact, &w.Since, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return w, ErrNotAsked
	}
	if err != nil {
		return w, fmt.Errorf("find who went to the provider: %w", err)
	}
	plain, err := s.box.Open(sealed, awayContext(state))
	if errors.Is(err, secret.ErrSealed) { // the key was changed meanwhile
		return w, ErrNotAsked
	}
	if err != nil {
		return w, err
	}
	var kept awaySecrets
	if err := json.Unmarshal(plain, &kept); err != nil {
		return w, fmt.Errorf("find who went to the provider: %w", err)
	}
	w.verifier, w.nonce = kept.Verifier, kept.Nonce
	return w, nil
}

// named is whom the provider c names for what the browser has brought back.
func (s *Service) named(ctx context.Context, c openid.Client, w away, redirect string, got openid.Answer) (openid.Somebody, error) {
	if c.Issuer != w.Issuer { // another provider was set meanwhile
		return openid.Somebody{}, ErrNotAsked
	}
	who, err := s.providers.Return(ctx, c, openid.Ask{Redirect: redirect, Nonce: w.nonce, Verifier: w.verifier}, got)
	if err != nil {
		return who, fmt.Errorf("come back from the provider: %w", err)
	}
	return who, nil
}

// fresh reports whether the provider has asked them since they went there. A
// clock that differs is forgiven.
func (w away) fresh(who openid.Somebody) bool {
	return !who.At.IsZero() && who.At.After(w.Since.Add(-time.Minute))
}

// Reasons why nobody comes in by a provider, beside the kinds of its faults.
const (
	NotAsked     Reason = "provider-not-asked"
	Unverified   Reason = "provider-unverified"
	OtherDomain  Reason = "provider-domain"
	NoAccount    Reason = "provider-no-account"
	OtherAccount Reason = "provider-other-account"
	NotFresh     Reason = "provider-not-fresh"
)

// openIDReasons are all reasons of providers, as metrics and lists know them.
func openIDReasons() []Reason {
	all := []Reason{NotAsked, Unverified, OtherDomain, NoAccount, OtherAccount, NotFresh}
	for _, k := range []openid.Kind{openid.Away, openid.Refused, openid.Gone, openid.Misset, openid.Invalid} {
		all = append(all, Reason(k))
	}
	return all
}

// Unwelcome is somebody whom a provider has named, and who is not let in.
type Unwelcome struct {
	Reason Reason
	Email  string // what the provider has said; "" for nothing
}

// Error is for logs.
func (u Unwelcome) Error() string { return "not let in: " + string(u.Reason) }

// providerAttempt is a try at a provider: the limits of an account are not its own,
// since nothing of one is guessed there.
func providerAttempt(from audit.Actor, side Side, email string) attempt {
	return attempt{
		Kind: passwordAttempt, Side: side, Account: rand.Text(), Address: from.Address, Email: email, Proxied: from.Proxied, Claimed: from.Claimed, Browser: from.Browser,
	}
}

// unwelcomed writes down why somebody who came back from a provider is not let
// in. It counts against the address that they come from, and against no account:
// nothing of one was guessed.
func (s *Service) unwelcomed(ctx context.Context, from audit.Actor, side Side, err error) error {
	reason, email := Reason(openid.KindOf(err)), ""
	if u, ok := errors.AsType[Unwelcome](err); ok {
		reason, email = u.Reason, u.Email
	}
	if errors.Is(err, ErrNotAsked) {
		reason = NotAsked
	}
	if errors.Is(err, errNotFresh) {
		reason = NotFresh
	}
	if reason == "" {
		return err
	}
	t := providerAttempt(from, side, email)
	switch reason {
	case NotAsked, Reason(openid.Away), Reason(openid.Misset), Reason(openid.Refused):
		// Nobody has tried to be somebody else: it counts for nothing.
		if failed := s.noteUncounted(ctx, from, t, reason); failed != nil {
			return failed
		}
		return err
	}
	try, limit := s.take(ctx, t)
	if limit != nil {
		s.limited(ctx, from, t, limit)
		return limit
	}
	if failed := s.failed(ctx, from, t, try, reason); failed != nil {
		return failed
	}
	return err
}

// noteUncounted notes a try that is nobody's fault: one row and one line for all of
// a network's of an hour, so that a flood of them fills nothing. What nobody was asked
// anybody can send: that is a number alone.
func (s *Service) noteUncounted(ctx context.Context, from audit.Actor, t attempt, reason Reason) error {
	s.tries.WithLabelValues(string(t.Side), string(Wrong), string(reason)).Inc()
	if reason == NotAsked {
		return nil
	}
	network := t.network()
	burst := fmt.Sprintf("%s %s", reason, t.Side)
	if network != nil {
		burst += " " + *network
	}
	var first bool
	err := s.pool.QueryRow(context.WithoutCancel(ctx), `
		insert into attempts as a (kind, side, account, address, network, outcome, counts, browser, reason, burst)
		values (@kind, @side, @account, @address, @network::inet, 'wrong', false, @browser, @reason, @burst || to_char(now(), ' YYYY-MM-DD HH24'))
		on conflict (burst) where burst is not null do update set times = a.times + 1, last_at = now(), address = excluded.address
		returning times = 1`,
		pgx.NamedArgs{
			"kind": string(t.Kind), "side": string(t.Side), "account": t.of(), "address": nullAddress(t.Address.Unmap().WithZone("")), "network": network,
			"browser": t.Browser, "reason": string(reason), "burst": burst,
		}).Scan(&first)
	if err != nil {
		return fmt.Errorf("note a failed try: %w", err)
	}
	if first {
		audit.Log(ctx, from, audit.Incident{Event: "sign-in-failed", Side: string(t.Side), Reason: string(reason), Warns: reason != Reason(openid.Refused)})
	}
	return nil
}

// welcomed writes down that somebody whom a provider has named is let in.
func (s *Service) welcomed(ctx context.Context, from audit.Actor, side Side, email string) error {
	t := providerAttempt(from, side, email)
	try, err := s.take(ctx, t)
	if err != nil {
		s.limited(ctx, from, t, err)
		return err
	}
	s.tries.WithLabelValues(string(side), string(Right), string(ByOpenID)).Inc()
	return postgres.Transact(context.WithoutCancel(ctx), s.pool, func(tx postgres.Tx) error { return settle(ctx, tx, try, Right, Reason(ByOpenID)) })
}

// sweepOpenID forgets some who never came back, or did long ago.
func sweepOpenID(ctx context.Context, tx postgres.Tx, most int) error {
	_, err := tx.Exec(ctx, `delete from openid_sign_ins where id in (select id from openid_sign_ins where created_at < now() - interval '1 hour' order by created_at limit $1 for update skip locked)`, most)
	if err != nil {
		return fmt.Errorf("sweep who went to providers: %w", err)
	}
	return nil
}

// called is a name as it may stand in a list, for who comes without one.
func called(who openid.Somebody) string {
	name := strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(who.Name, ""))), " ")
	if r := []rune(name); len(r) > 200 {
		name = string(r[:200])
	}
	if name == "" {
		name, _, _ = strings.Cut(who.Email, "@")
	}
	return name
}

func printable(r rune) rune {
	if unicode.IsPrint(r) || unicode.IsSpace(r) {
		return r
	}
	return -1
}
