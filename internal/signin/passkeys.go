package signin

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/jackc/pgx/v5"
	"golang.org/x/net/idna"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// A passkey is two factors: the device that keeps it, and the finger, face or
// PIN that opens it there, which is always asked for. It says itself whose it
// is: nobody types an address.

// PasskeyMost is how many passkeys somebody may have.
const PasskeyMost = 20

// longestAnswer is longer than what any browser answers.
const longestAnswer = 64 << 10

// Passkey is one of somebody's own.
type Passkey struct {
	ID         int64
	Name       string
	BackedUp   bool // it is kept by an account of the owner's, not on one device alone
	CreatedAt  time.Time
	LastUsedAt *time.Time
}

// PasskeyChange is what became of a passkey, as its owner is told.
type PasskeyChange string

// The changes. Copied says that one came whose count of uses had gone back.
const (
	PasskeyAdded   PasskeyChange = "added"
	PasskeyRemoved PasskeyChange = "removed"
	PasskeyCopied  PasskeyChange = "copied"

	passkeyRenamed PasskeyChange = "renamed" // of which nobody is told
)

// ErrCopied says that a passkey has counted its uses backwards: there may be two of it.
var ErrCopied = errors.New("the passkey may have been copied")

// relyingParty is whom passkeys are made for: the address that people open. nil
// where browsers make none, at a bare IP address or without HTTPS.
func relyingParty(base string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("passkeys for %s: %w", base, err)
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if _, bare := netip.ParseAddr(strings.Trim(u.Hostname(), "[]")); err != nil || bare == nil || (u.Scheme != "https" && host != "localhost") {
		return nil, nil //nolint:nilerr,nilnil // nobody can have a passkey there
	}
	origin := u.Scheme + "://" + host
	if u.Port() != "" {
		origin += ":" + u.Port()
	}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: host, RPOrigins: []string{origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: webauthn.TimeoutConfig{Timeout: challengeLife}, Registration: webauthn.TimeoutConfig{Timeout: challengeLife}},
		// Managers of passwords answer more than they were asked; none of it is looked at.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys for %s: %w", base, err)
	}
	return rp, nil
}

// UsePasskeys lets people sign in with passkeys made for the address that they open.
func (s *Service) UsePasskeys(base string) (err error) {
	s.passkeys, err = relyingParty(base)
	return err
}

// HasPasskeys reports whether anybody can have passkeys here.
func (s *Service) HasPasskeys() bool { return s.passkeys != nil }

// holder is whose passkeys they are, as the library asks for it.
type holder struct {
	of    owner
	email string
	keys  []webauthn.Credential
}

// WebAuthnID is what a passkey says of its owner: the side, and who.
func (h holder) WebAuthnID() []byte { return fmt.Appendf(nil, "%s-%d", h.of.side, h.of.id) }

// WebAuthnName is what the owner's device calls the account.
func (h holder) WebAuthnName() string { return h.email }

// WebAuthnDisplayName is the same.
func (h holder) WebAuthnDisplayName() string { return h.email }

// WebAuthnCredentials are the passkeys.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// session is what the library has asked a browser for, as far as it is the same
// for all; the challenge is the one that was answered.
func (s *Service) session(challenge string, user []byte) webauthn.SessionData {
	return webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: s.passkeys.Config.RPID, UserID: user, UserVerification: protocol.VerificationRequired, CredParams: webauthn.CredentialParametersDefault(),
	}
}

// AskPasskey puts a challenge to a browser, for whoever sits there to sign in or
// to prove once more who they are. The options are what its script hands to it.
func (s *Service) AskPasskey(ctx context.Context, side Side, browser string) (options []byte, err error) {
	if s.passkeys == nil {
		return nil, apperr.NotFound
	}
	ask, session, err := s.passkeys.BeginDiscoverableLogin()
	if err != nil {
		return nil, fmt.Errorf("ask for a passkey: %w", err)
	}
	if err := s.put(ctx, challenge{purpose: toSignIn, of: owner{side: side}, value: session.Challenge, browser: browser}); err != nil {
		return nil, err
	}
	return encode(ask.Response)
}

// SignInWithPasskey lets the person in whose passkey has answered: ErrWrong,
// ErrLate, ErrCopied or Limited when it does not. Entry as of SignIn.
func (s *Service) SignInWithPasskey(ctx context.Context, from audit.Actor, browser string, answer []byte) (Entry, error) {
	k, err := s.checkPasskey(ctx, from, Portal, browser, answer)
	if err != nil {
		return Entry{}, err
	}
	return s.signedIn(ctx, from, account{id: k.Owner, email: k.Email, stamp: k.Stamp}, ByPasskey)
}

// SignInStaffWithPasskey is SignInWithPasskey for a member of staff.
func (s *Service) SignInStaffWithPasskey(ctx context.Context, from audit.Actor, browser string, answer []byte) (StaffEntry, error) {
	k, err := s.checkPasskey(ctx, from, Office, browser, answer)
	if err != nil {
		return StaffEntry{}, err
	}
	return s.staffSignedIn(ctx, from, account{id: k.Owner, email: k.Email, stamp: k.Stamp}, ByPasskey)
}

// ProveWithPasskey is Prove with a passkey of the one signed in.
func (s *Service) ProveWithPasskey(ctx context.Context, by audit.Actor, browser string, answer []byte) (proof int64, err error) {
	of := ownerOf(by)
	k, err := s.checkPasskey(ctx, by, of.side, browser, answer)
	if err != nil {
		return 0, err
	}
	if k.Owner != of.id {
		return 0, ErrWrong
	}
	record := recordSignIn
	if of.side == Office {
		record = recordStaffSignIn
	}
	return k.Stamp, postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return record(ctx, tx, by, of.id, ByPasskey) })
}

// key is a passkey that has answered, with the account it opens.
type key struct {
	ID             int64
	Owner          int64
	Email          string
	Stamp          int64
	Name           string
	CredentialID   []byte
	PublicKey      []byte
	SignCount      int64
	BackupEligible bool
	BackedUp       bool
}

func (k key) credential() webauthn.Credential {
	return webauthn.Credential{
		ID: k.CredentialID, PublicKey: k.PublicKey, Flags: webauthn.CredentialFlags{BackupEligible: k.BackupEligible, BackupState: k.BackedUp},
		Authenticator: webauthn.Authenticator{SignCount: uint32(k.SignCount)},
	}
}

// findKey finds a passkey of a side whose owner may sign in, or returns apperr.NotFound.
func findKey(ctx context.Context, db postgres.DB, side Side, credential []byte) (key, error) {
	accounts, column, may := "persons", "person_id", "true"
	if side == Office {
		accounts, column, may = "staff", "staff_id", maySignIn
	}
	rows, err := db.Query(ctx, `
		select k.id, a.id as owner, a.email, a.stamp, k.name, k.credential_id, k.public_key, k.sign_count, k.backup_eligible, k.backed_up
		from passkeys k join `+accounts+` a on a.id = k.`+column+` where k.credential_id = @credential and `+may, pgx.NamedArgs{"credential": credential})
	if err != nil {
		return key{}, fmt.Errorf("find a passkey: %w", err)
	}
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[key])
	return k, notFound("find a passkey", err)
}

// checkPasskey is the passkey whose answer this is. A wrong one counts against the
// address it comes from and against no account: nobody guesses a passkey, and
// whoever knows its number shuts nobody out.
func (s *Service) checkPasskey(ctx context.Context, from audit.Actor, side Side, browser string, answer []byte) (key, error) {
	if s.passkeys == nil || len(answer) > longestAnswer {
		return key{}, ErrWrong
	}
	var k key
	parsed, wrong := protocol.ParseCredentialRequestResponseBytes(answer)
	if wrong == nil {
		var err error
		if k, err = findKey(ctx, s.pool, side, parsed.RawID); err != nil && !errors.Is(err, apperr.NotFound) {
			return key{}, err
		}
	}
	device, err := s.deviceOf(ctx, side, k.Owner, from)
	if err != nil {
		return key{}, err
	}
	t := attempt{
		Kind: passwordAttempt, Side: side, Account: rand.Text(), Address: from.Address, Email: k.Email,
		Device: device, Proxied: from.Proxied, Claimed: from.Claimed, Browser: from.Browser,
	}
	try, err := s.take(ctx, t)
	if err != nil {
		s.limited(ctx, from, t, err)
		return key{}, err
	}
	if wrong != nil || k.ID == 0 {
		return key{}, cmp.Or(s.failed(ctx, from, t, try, WrongPasskey), ErrWrong)
	}
	used, err := s.verifyPasskey(ctx, side, k, browser, parsed)
	if err == nil {
		err = s.passkeyUsed(ctx, from, side, k, used, parsed.Response.AuthenticatorData.Counter, try)
	}
	switch {
	case errors.Is(err, ErrWrong), errors.Is(err, ErrLate), errors.Is(err, ErrCopied):
		return key{}, cmp.Or(s.failed(ctx, from, t, try, WrongPasskey), err)
	case err != nil:
		return key{}, cmp.Or(s.release(ctx, try), err)
	}
	s.tries.WithLabelValues(string(side), string(Right), string(ByPasskey)).Inc()
	return k, nil
}

// verifyPasskey takes the challenge and looks whether this is the answer to it.
func (s *Service) verifyPasskey(ctx context.Context, side Side, k key, browser string, parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	asked := parsed.Response.CollectedClientData.Challenge
	if err := s.answered(ctx, challenge{purpose: toSignIn, of: owner{side: side}, value: asked, browser: browser}); err != nil {
		return nil, err
	}
	h := holder{of: owner{side, k.Owner}, email: k.Email, keys: []webauthn.Credential{k.credential()}}
	used, err := s.passkeys.ValidateDiscoverableLogin(func([]byte, []byte) (webauthn.User, error) { return h, nil }, s.session(asked, nil), parsed)
	if err != nil {
		return nil, ErrWrong
	}
	return used, nil
}

// passkeyUsed notes the use of a passkey, in time for it not to have been removed
// meanwhile. Most count nothing, and stay at 0. One that counts, and counts
// backwards, is told to its owner, and lets nobody in unless it has stopped counting.
func (s *Service) passkeyUsed(ctx context.Context, from audit.Actor, side Side, k key, used *webauthn.Credential, count uint32, try int64) error {
	back, counted := used.Authenticator.CloneWarning, int64(used.Authenticator.SignCount)
	if count == 0 {
		counted = 0
	}
	err := postgres.Transact(context.WithoutCancel(ctx), s.pool, func(tx postgres.Tx) error {
		tag, err := tx.Exec(ctx, `update passkeys set last_used_at = case when @refused then last_used_at else now() end, sign_count = @count, backed_up = @backed_up where id = @id`,
			pgx.NamedArgs{"id": k.ID, "count": counted, "backed_up": used.Flags.BackupState, "refused": back && count > 0})
		if err != nil {
			return fmt.Errorf("note the use of a passkey: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return ErrWrong
		}
		if back {
			if err := s.passkeyChanged(ctx, tx, from, owner{side, k.Owner}, PasskeyCopied, k.Name, k.Email); err != nil {
				return err
			}
			if count > 0 {
				return nil
			}
		}
		return settle(ctx, tx, try, Right, Reason(ByPasskey))
	})
	if err == nil && back && count > 0 {
		return ErrCopied
	}
	return err
}

// Passkeys are those of somebody signed in, the latest first.
func (s *Service) Passkeys(ctx context.Context, by audit.Actor) ([]Passkey, error) {
	of := ownerOf(by)
	rows, err := s.pool.Query(ctx, `select id, name, backed_up, created_at, last_used_at from passkeys where `+of.column()+` = @owner order by id desc limit @most`,
		pgx.NamedArgs{"owner": of.id, "most": PasskeyMost})
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Passkey])
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	return list, nil
}

// holderOf is somebody with the passkeys they have.
func (s *Service) holderOf(ctx context.Context, of owner) (h holder, err error) {
	h.of = of
	if h.email, err = of.address(ctx, s.pool); err != nil {
		return h, err
	}
	rows, err := s.pool.Query(ctx, `select credential_id from passkeys where `+of.column()+` = @owner`, pgx.NamedArgs{"owner": of.id})
	if err != nil {
		return h, fmt.Errorf("list passkeys: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return h, fmt.Errorf("list passkeys: %w", err)
	}
	for _, id := range ids {
		h.keys = append(h.keys, webauthn.Credential{ID: id})
	}
	return h, nil
}

// AskNewPasskey puts a challenge to the browser of somebody signed in, to make a passkey.
func (s *Service) AskNewPasskey(ctx context.Context, by audit.Actor, browser string) (options []byte, err error) {
	if s.passkeys == nil {
		return nil, apperr.NotFound
	}
	h, err := s.holderOf(ctx, ownerOf(by))
	if err != nil {
		return nil, err
	}
	ask, session, err := s.passkeys.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return nil, fmt.Errorf("ask for a new passkey: %w", err)
	}
	if err := s.put(ctx, challenge{purpose: toAdd, of: h.of, value: session.Challenge, browser: browser}); err != nil {
		return nil, err
	}
	return encode(ask.Response)
}

// AddPasskey keeps the passkey that a browser of somebody signed in has made, under
// the name: problems come for "" and "name".
func (s *Service) AddPasskey(ctx context.Context, by audit.Actor, browser string, answer []byte, name string) error {
	again := problem.Of("", "The passkey was not added. Press “Add a passkey” again.")
	if err := checkPasskeyName(name); err != nil {
		return err
	}
	if s.passkeys == nil || len(answer) > longestAnswer {
		return again
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return again
	}
	h, err := s.holderOf(ctx, ownerOf(by))
	if err != nil {
		return err
	}
	asked := parsed.Response.CollectedClientData.Challenge
	if err := s.answered(ctx, challenge{purpose: toAdd, of: h.of, value: asked, browser: browser}); errors.Is(err, ErrLate) {
		return again
	} else if err != nil {
		return err
	}
	c, err := s.passkeys.CreateCredential(h, s.session(asked, h.WebAuthnID()), parsed)
	if err != nil {
		return again
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		var mine int
		if err := tx.QueryRow(ctx, `select id from `+h.of.accounts()+` where id = $1 for update`, h.of.id).Scan(new(int64)); err != nil {
			return notFound("lock whoever adds a passkey", err)
		}
		if err := tx.QueryRow(ctx, `select count(*) from passkeys where `+h.of.column()+` = $1`, h.of.id).Scan(&mine); err != nil {
			return fmt.Errorf("count passkeys: %w", err)
		}
		if mine >= PasskeyMost {
			return problem.Of("", fmt.Sprintf("You have %d passkeys. Remove one that you no longer use first.", mine))
		}
		_, err := tx.Exec(ctx, `
			insert into passkeys (`+h.of.column()+`, credential_id, public_key, sign_count, backup_eligible, backed_up, name)
			values (@owner, @credential, @key, @count, @eligible, @backed_up, @name)`,
			pgx.NamedArgs{
				"owner": h.of.id, "credential": c.ID, "key": c.PublicKey, "count": int64(c.Authenticator.SignCount),
				"eligible": c.Flags.BackupEligible, "backed_up": c.Flags.BackupState, "name": name,
			})
		if postgres.Constraint(err) == "passkey_taken" {
			return problem.Of("", "This passkey is in use already.")
		}
		if err != nil {
			return fmt.Errorf("add a passkey: %w", err)
		}
		if err := answerOffer(ctx, tx, h.of); err != nil {
			return err
		}
		return s.passkeyChanged(ctx, tx, by, h.of, PasskeyAdded, name, h.email)
	})
}

func checkPasskeyName(name string) error {
	p := problem.Set{}
	p.Unless(name != "", "name", "Give the passkey a name.")
	p.Unless(len([]rune(name)) <= 200, "name", "Keep the name under 200 characters.")
	return p.Err()
}

// RenamePasskey names a passkey of somebody signed in, or returns apperr.NotFound.
func (s *Service) RenamePasskey(ctx context.Context, by audit.Actor, id int64, name string) error {
	of := ownerOf(by)
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		var was string
		err := tx.QueryRow(ctx, `select name from passkeys where id = @id and `+of.column()+` = @owner for update`, pgx.NamedArgs{"id": id, "owner": of.id}).Scan(&was)
		if err != nil {
			return notFound("name a passkey", err)
		}
		if err := checkPasskeyName(name); err != nil || was == name {
			return err
		}
		if _, err := tx.Exec(ctx, `update passkeys set name = @name where id = @id`, pgx.NamedArgs{"id": id, "name": name}); err != nil {
			return fmt.Errorf("name a passkey: %w", err)
		}
		return recordPasskey(ctx, tx, by, of, passkeyRenamed, map[string]any{"passkey": was}, map[string]any{"passkey": name})
	})
}

// RemovePasskey removes a passkey of somebody signed in, or returns
// apperr.NotFound. It may have been lost with a device: all their sessions end but
// the one whose token's hash is here.
func (s *Service) RemovePasskey(ctx context.Context, by audit.Actor, id int64, here string) error {
	of := ownerOf(by)
	email, err := of.address(ctx, s.pool)
	if err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		// The account before what is its own, here as when one is added.
		if err := endSessions(ctx, tx, of, here); err != nil {
			return err
		}
		var name string
		err := tx.QueryRow(ctx, `delete from passkeys where id = @id and `+of.column()+` = @owner returning name`, pgx.NamedArgs{"id": id, "owner": of.id}).Scan(&name)
		if err != nil {
			return notFound("remove a passkey", err)
		}
		return s.passkeyChanged(ctx, tx, by, of, PasskeyRemoved, name, email)
	})
}

// passkeyChanged writes down what became of a passkey, and tells its owner.
func (s *Service) passkeyChanged(ctx context.Context, tx postgres.Tx, by audit.Actor, of owner, did PasskeyChange, name, email string) error {
	before, after := map[string]any(nil), map[string]any{"passkey": name}
	if did == PasskeyRemoved {
		before, after = after, nil
	}
	if err := recordPasskey(ctx, tx, by, of, did, before, after); err != nil {
		return err
	}
	if did == PasskeyCopied {
		audit.Log(ctx, by, audit.Incident{Event: "passkey-counts-backwards", Side: string(of.side), Account: email, Warns: true})
	}
	if of.side == Office {
		return s.mail.StaffPasskeyChanged(ctx, tx, of.id, did, name)
	}
	return s.mail.PasskeyChanged(ctx, tx, of.id, did, name)
}

func recordPasskey(ctx context.Context, tx postgres.Tx, by audit.Actor, of owner, did PasskeyChange, before, after map[string]any) error {
	n := audit.New{ID: of.id, Before: before, After: after}
	column := "email"
	actions := map[PasskeyChange]audit.Action{
		PasskeyAdded: audit.PersonAddedPasskey, PasskeyRemoved: audit.PersonRemovedPasskey, PasskeyCopied: audit.PersonPasskeyCopied, passkeyRenamed: audit.PersonRenamedPasskey,
	}
	if of.side == Office {
		column = "name"
		actions = map[PasskeyChange]audit.Action{
			PasskeyAdded: audit.StaffAddedPasskey, PasskeyRemoved: audit.StaffRemovedPasskey, PasskeyCopied: audit.StaffPasskeyCopied, passkeyRenamed: audit.StaffRenamedPasskey,
		}
	}
	n.Action = actions[did]
	if err := tx.QueryRow(ctx, `select `+column+` from `+of.accounts()+` where id = $1`, of.id).Scan(&n.Label); err != nil {
		return fmt.Errorf("whose passkey it is: %w", err)
	}
	if by.Name == "" { // at the sign-in page nobody is known yet
		by.Name = n.Label
		if of.side == Office {
			by.Staff = of.id
		} else {
			by.Person = of.id
		}
	}
	return audit.Record(ctx, tx, by, n)
}

// ForgetStaffPasskeys removes the passkeys of a member of staff who no longer
// signs in: they would come back to life with the next role.
func ForgetStaffPasskeys(ctx context.Context, tx postgres.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `delete from passkeys where staff_id = @id`, pgx.NamedArgs{"id": id}); err != nil {
		return fmt.Errorf("forget passkeys of staff: %w", err)
	}
	return nil
}

// offers reports whether somebody who has signed in otherwise is to be offered a
// passkey: they have none, and have not answered yet.
func (s *Service) offers(ctx context.Context, tx postgres.Tx, of owner, way Way) (offers bool, err error) {
	if s.passkeys == nil || way == ByPasskey || way == ByOpenID {
		return false, nil
	}
	err = tx.QueryRow(ctx, `
		select not exists (select from passkeys where `+of.column()+` = @owner) and not exists (select from passkey_offers where `+of.column()+` = @owner)`,
		pgx.NamedArgs{"owner": of.id}).Scan(&offers)
	if err != nil {
		return false, fmt.Errorf("whether a passkey is offered: %w", err)
	}
	return offers, nil
}

// AnswerPasskeyOffer notes that somebody has answered the offer of a passkey,
// whatever they said: it does not come again.
func (s *Service) AnswerPasskeyOffer(ctx context.Context, by audit.Actor) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return answerOffer(ctx, tx, ownerOf(by)) })
}

func answerOffer(ctx context.Context, tx postgres.Tx, of owner) error {
	if _, err := tx.Exec(ctx, `insert into passkey_offers (`+of.column()+`) values (@owner) on conflict do nothing`, pgx.NamedArgs{"owner": of.id}); err != nil {
		return fmt.Errorf("note an answer to the offer of a passkey: %w", err)
	}
	return nil
}

func encode(options any) ([]byte, error) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(options); err != nil {
		return nil, fmt.Errorf("write what a browser is asked: %w", err)
	}
	return b.Bytes(), nil
}
