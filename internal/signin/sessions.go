package signin

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/calendar"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/push"
	"fieldgate/internal/secret"
	"fieldgate/internal/staff"
)

// PortalIdle is how long a session of the portal without "stay signed in" lives
// unused; staff.IdleLife is that of the office.
const PortalIdle = 24 * time.Hour

// NewSession is a session to begin: of a person in the portal, or of a member of
// staff in the office. Proof as in Entry.
type NewSession struct {
	Side            Side
	Person, Contact int64 // Contact is 0 while there is a choice
	Staff           int64
	Proof           int64
	Remember        bool  // lives on when it is not used for a day
	OpenID          bool  // staff whom the business's provider has named
	Visit           int64 // as of Entry
	// AskedAt is when a provider asked who they are, the zero time when it does not
	// tell: nobody asks again whoever is signed in there. Nil where they have proved
	// it here, just now.
	AskedAt *time.Time

	TokenHash string
	Data      []byte
	ExpiresAt time.Time
	Address   netip.Addr
	Browser   string
	Device    string // the token of the browser's cookie; "" for none
	Replaces  string // the hash of the token of the session before, in the same browser; "" for none
}

// ErrProofEnded says that what was proved has ended before the session began.
var ErrProofEnded = errors.New("what was proved has ended")

// provedAt is when somebody proved who they are for whom a session begins: at most as
// long ago as a proof holds, since before that it makes no difference.
const provedAt = `greatest(least(now(), coalesce(@asked::timestamptz, now())), now() - @life::interval)`

// BeginSession makes the row of somebody who has just signed in. What has ended
// since it was proved begins none, and is ErrProofEnded: the row with the stamp is locked, so that
// whoever raises it either sees the session and ends it, or is seen here. The session that it
// replaces has ended in any case.
func (s *Service) BeginSession(ctx context.Context, n NewSession) error {
	of := owner{Portal, n.Person}
	if n.Side == Office {
		of = owner{Office, n.Staff}
	}
	if n.Visit != 0 {
		return s.beginCompanySession(ctx, n)
	}
	err := postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into sessions (token_hash, side, person_id, contact_id, staff_id, remember, openid, data, expires_at, created_at, address, browser)
			select @token, @side, nullif(@person::bigint, 0), nullif(@contact::bigint, 0), nullif(@staff::bigint, 0), @remember, @openid, @data, @expires, `+provedAt+`, @address, @browser
			from `+of.accounts()+` where id = @owner and stamp = @proof
			for share`,
			pgx.NamedArgs{
				"owner": of.id, "token": n.TokenHash, "side": string(n.Side), "person": n.Person, "contact": n.Contact, "staff": n.Staff, "remember": n.Remember, "openid": n.OpenID, "asked": n.AskedAt, "life": staff.ProofLife,
				"data": n.Data, "expires": n.ExpiresAt, "address": nullAddress(n.Address), "browser": n.Browser, "proof": n.Proof,
			})
		if err != nil {
			return fmt.Errorf("begin session: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return ErrProofEnded
		}
		if n.Side != Portal {
			return nil
		}
		return replace(ctx, tx, n)
	})
	if errors.Is(err, ErrProofEnded) && n.Replaces != "" {
		return errors.Join(err, s.DeleteSession(ctx, n.Replaces))
	}
	return err
}

// KnownDevice is the hash by which a browser is known that carries the token;
// "" for none.
func KnownDevice(token string) string {
	if secret.HashToken(token) == nil {
		return ""
	}
	return hashOf(token)
}

// replace ends the session in whose place another begins, in the same browser: the
// person's devices go on in that one, and with whoever else was here theirs end.
func replace(ctx context.Context, tx postgres.Tx, n NewSession) error {
	if n.Replaces == "" {
		return push.Attach(ctx, tx, KnownDevice(n.Device), n.Person, n.TokenHash)
	}
	if _, err := tx.Exec(ctx, `select from sessions where token_hash = $1 for update`, n.Replaces); err != nil { // before its devices, as whoever ends it does
		return fmt.Errorf("lock the session before: %w", err)
	}
	if err := push.GoOn(ctx, tx, n.Replaces, n.Person, n.TokenHash); err != nil {
		return err
	}
	if err := push.Attach(ctx, tx, KnownDevice(n.Device), n.Person, n.TokenHash); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from sessions where token_hash = $1`, n.Replaces); err != nil {
		return fmt.Errorf("end the session before: %w", err)
	}
	return nil
}

// SaveSession keeps what a session remembers. It only updates: a session ended
// meanwhile stays ended.
func (s *Service) SaveSession(ctx context.Context, tokenHash string, data []byte) error {
	if _, err := s.pool.Exec(ctx, `update sessions set data = @data where token_hash = @token`, pgx.NamedArgs{"token": tokenHash, "data": data}); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// DeleteSession ends a session.
func (s *Service) DeleteSession(ctx context.Context, tokenHash string) error {
	if _, err := s.pool.Exec(ctx, `delete from sessions where token_hash = @token`, pgx.NamedArgs{"token": tokenHash}); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// TouchSession notes that a session is used, from where, and as which contact;
// 0 for none.
func (s *Service) TouchSession(ctx context.Context, tokenHash string, address netip.Addr, contact int64) error {
	err := postgres.Note(ctx, s.pool, func(b *postgres.Batch) {
		b.Do(`update sessions set seen_at = now(), address = @address where token_hash = @token`,
			pgx.NamedArgs{"token": tokenHash, "address": nullAddress(address)})
		if contact != 0 {
			visit(b, contact)
		}
	})
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}

// ChooseContact makes contact the one that the person of a session looks at, or
// returns apperr.NotFound when it is not one of their own, or access has ended
// meanwhile.
func (s *Service) ChooseContact(ctx context.Context, tokenHash string, contact int64) error {
	tag, err := s.pool.Exec(ctx, `
		update sessions s set contact_id = c.id
		from contacts c join customers cu on cu.id = c.customer_id
		where s.token_hash = @token and c.id = @contact and c.person_id = s.person_id and c.access = 'active' and c.archived_at is null and cu.archived_at is null and `+person.NotByCompanyAlone,
		pgx.NamedArgs{"token": tokenHash, "contact": contact})
	if err != nil {
		return fmt.Errorf("choose a customer: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("choose a customer: %w", apperr.NotFound)
	}
	return nil
}

// Session is a place where somebody is signed in now.
type Session struct {
	ID        int64
	Browser   string // what the browser calls itself
	Address   *netip.Addr
	Remember  bool
	CreatedAt time.Time // when the password was given there, last
	SeenAt    time.Time
	Here      bool // the request's own
}

// Sessions lists where somebody is signed in, the request's own session first;
// here is the hash of its token.
func (s *Service) Sessions(ctx context.Context, by audit.Actor, here string) ([]Session, error) {
	of, idle := ownerOf(by), PortalIdle
	if of.side == Office {
		idle = staff.IdleLife
	}
	rows, err := s.pool.Query(ctx, `
		select id, browser, address, remember, created_at, seen_at, token_hash = @here as here from sessions
		where side = @side and `+of.column()+` = @owner and expires_at > now() and (remember or seen_at > now() - @idle::interval)
		order by token_hash = @here desc, seen_at desc, id desc limit 100`, pgx.NamedArgs{"side": string(of.side), "owner": of.id, "here": here, "idle": idle})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Session])
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// EndSession signs somebody out at one place, or returns apperr.NotFound.
func (s *Service) EndSession(ctx context.Context, by audit.Actor, session int64) error {
	of := ownerOf(by)
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		var browser string
		err := tx.QueryRow(ctx, `delete from sessions where id = @id and side = @side and `+of.column()+` = @owner returning browser`,
			pgx.NamedArgs{"id": session, "side": string(of.side), "owner": of.id}).Scan(&browser)
		if errors.Is(err, pgx.ErrNoRows) {
			return apperr.NotFound
		}
		if err != nil {
			return fmt.Errorf("end session: %w", err)
		}
		return recordSignOut(ctx, tx, by, map[string]any{"browser": browser})
	})
}

// EndOtherSessions signs somebody out everywhere but where the hash of the
// token is here.
func (s *Service) EndOtherSessions(ctx context.Context, by audit.Actor, here string) error {
	of := ownerOf(by)
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		tag, err := tx.Exec(ctx, `delete from sessions where side = @side and `+of.column()+` = @owner and token_hash <> @here`,
			pgx.NamedArgs{"side": string(of.side), "owner": of.id, "here": here})
		if err != nil {
			return fmt.Errorf("end other sessions: %w", err)
		}
		if err := endDevices(ctx, tx, of, here); err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return recordSignOut(ctx, tx, by, map[string]any{"devices": tag.RowsAffected()})
	})
}

func recordSignOut(ctx context.Context, tx postgres.Tx, by audit.Actor, where map[string]any) error {
	if by.Staff != 0 {
		return audit.Record(ctx, tx, by, audit.New{Action: audit.StaffSignedOutElsewhere, ID: by.Staff, Label: by.Name, Before: where})
	}
	p, err := person.Find(ctx, tx, by.Person)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.PersonSignedOutElsewhere, ID: p.ID, Label: p.Email, Before: where})
}

// endSessionsOfPerson ends a person's sessions but the one whose token's hash is
// here; "" spares none.
func endSessionsOfPerson(ctx context.Context, tx postgres.Tx, who int64, here string) error {
	return endSessions(ctx, tx, owner{Portal, who}, here)
}

// EndSessionsOfStaff ends the sessions of a member of staff but the one whose
// token's hash is here; "" spares none.
func EndSessionsOfStaff(ctx context.Context, tx postgres.Tx, id int64, here string) error {
	return endSessions(ctx, tx, owner{Office, id}, here)
}

// EndAll logs everybody out, ends every open link and code and all notifications on phones,
// and forgets kept forms, as a restored database needs it: what had ended since the backup
// would work again. Browsers stay known, since none gets in without a password, and so do
// second factors, without which whoever had one would be let in by less.
func EndAll(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from sessions`); err != nil {
		return fmt.Errorf("end all sessions: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from codes`); err != nil {
		return fmt.Errorf("end all codes: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from pending_sign_ins`); err != nil {
		return fmt.Errorf("end all waits for a second factor: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from openid_sign_ins`); err != nil {
		return fmt.Errorf("forget who went to providers: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from unsent_forms`); err != nil {
		return fmt.Errorf("forget all kept forms: %w", err)
	}
	if err := push.EndAll(ctx, tx); err != nil {
		return err
	}
	if err := calendar.EndAll(ctx, tx); err != nil {
		return err
	}
	if err := EndAllRecordLinks(ctx, tx, EndedByRestored); err != nil {
		return err
	}
	return endLinks(ctx, tx, `true`, 0)
}

// endSessions ends the owner's sessions and devices but those here, what was proved for one that has
// not begun yet, and a second factor that somebody has begun to set up.
func endSessions(ctx context.Context, tx postgres.Tx, of owner, here string) error {
	if _, err := tx.Exec(ctx, `update `+of.accounts()+` set stamp = stamp + 1 where id = @owner`, pgx.NamedArgs{"owner": of.id}); err != nil {
		return fmt.Errorf("end proofs of the %s: %w", of.side, err)
	}
	if _, err := tx.Exec(ctx, `delete from second_factors where `+of.column()+` = @owner and on_since is null`, pgx.NamedArgs{"owner": of.id}); err != nil {
		return fmt.Errorf("forget a second factor of the %s that was not set up: %w", of.side, err)
	}
	_, err := tx.Exec(ctx, `delete from sessions where `+of.column()+` = @owner and token_hash <> @here`, pgx.NamedArgs{"owner": of.id, "here": here})
	if err != nil {
		return fmt.Errorf("end sessions of the %s: %w", of.side, err)
	}
	return endDevices(ctx, tx, of, here)
}

// endDevices ends the owner's devices but the one of the session here, also those whose
// session has ended of itself.
func endDevices(ctx context.Context, tx postgres.Tx, of owner, here string) error {
	if of.side != Portal {
		return nil
	}
	return push.EndOthers(ctx, tx, of.id, here)
}

// stampOf reads the owner's stamp: in the transaction that has changed it, the one that
// whoever did so goes on with.
func stampOf(ctx context.Context, tx postgres.Tx, of owner) (stamp int64, err error) {
	if err := tx.QueryRow(ctx, `select stamp from `+of.accounts()+` where id = @owner`, pgx.NamedArgs{"owner": of.id}).Scan(&stamp); err != nil {
		return 0, fmt.Errorf("read the stamp of the %s: %w", of.side, err)
	}
	return stamp, nil
}

// sweepSessions removes sessions that ended of themselves.
func sweepSessions(ctx context.Context, tx postgres.Tx) error {
	// One of a company stays a while: a form that is sent too late is known by nothing else.
	if _, err := tx.Exec(ctx, `delete from sessions where expires_at < now() - case when company_visit_id is null then interval '0' else interval '2 days' end or (not remember and seen_at < now() - interval '2 days')`); err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	return nil
}
