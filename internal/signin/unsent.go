package signin

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// How long a form waits for whoever sent it, and how many of one's own may.
const (
	unsentLife = time.Hour
	unsentMost = 5
)

// Unsent keeps forms that came when the session of whoever sent them had ended,
// until the same person has signed in again. They lie sealed: what was typed is
// nobody's business before that.
type Unsent struct {
	pool *pgxpool.Pool
	box  *secret.Box
}

// NewUnsent keeps forms in the database of the pool.
func NewUnsent(pool *pgxpool.Pool, box *secret.Box) *Unsent { return &Unsent{pool, box} }

// Sender is what a form says of whoever sent it without being signed in: the
// browser, the token of the session that has ended, and in the portal the
// contact that the form was shown for.
type Sender struct {
	Side    Side
	Contact int64
	Device  string // the token of the browser
	Session string // the hash of the session's token
}

// Knows reports whether anybody has been here with the sender's browser.
func (u *Unsent) Knows(ctx context.Context, from Sender) (known bool, err error) {
	err = u.pool.QueryRow(ctx, `
		select exists (select from devices where token_hash = @device) or exists (select from sessions where token_hash = @session and side = @side)`,
		pgx.NamedArgs{"device": hashOf(from.Device), "session": from.Session, "side": string(from.Side)}).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("who was here: %w", err)
	}
	return known, nil
}

// Keep keeps a form for the sender, and returns the token by which they find it
// again; "" when nobody is known to have sent it. A contact's form is kept for
// the person who has been here, with this browser, as that contact, or for the
// contact itself where it came by its company's provider; one of the office for
// whoever of the staff was here last.
func (u *Unsent) Keep(ctx context.Context, from Sender, form []byte) (token string, err error) {
	token, _ = secret.NewToken()
	err = postgres.Transact(ctx, u.pool, func(tx postgres.Tx) error {
		of, err := from.keeper(ctx, tx)
		if err != nil {
			return err
		}
		if of.id == 0 {
			token = ""
			return nil
		}
		args := pgx.NamedArgs{"owner": of.id, "token": hashOf(token), "sealed": u.box.Seal(form, unsentContext(token)), "most": unsentMost - 1}
		for _, sql := range []string{
			`delete from unsent_forms where id in (select id from unsent_forms where ` + of.column + ` = @owner order by id desc offset @most)`,
			`insert into unsent_forms (` + of.column + `, token_hash, sealed) values (@owner, @token, @sealed)`,
		} {
			if _, err := tx.Exec(ctx, sql, args); err != nil {
				return fmt.Errorf("keep a form: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// keeper is whose a kept form is, and the column that says so.
type keeper struct {
	column string
	id     int64
}

// keeper finds whose form it is that the sender sent; nobody's has no id.
func (f Sender) keeper(ctx context.Context, tx postgres.Tx) (of keeper, err error) {
	var person, company, staff *int64
	err = tx.QueryRow(ctx, `
		select case when @side = 'portal' then (
				select c.person_id from contacts c where c.id = @contact and (
					exists (select from devices d where d.person_id = c.person_id and d.token_hash = @device)
					or exists (select from sessions s where s.person_id = c.person_id and s.token_hash = @session and s.side = 'portal'))) end,
			case when @side = 'portal' then (
				select s.contact_id from sessions s where s.token_hash = @session and s.contact_id = @contact and s.company_visit_id is not null) end,
			case when @side = 'office' then coalesce(
				(select s.staff_id from sessions s where s.token_hash = @session and s.side = 'office'),
				(select d.staff_id from devices d where d.token_hash = @device and d.staff_id is not null order by d.seen_at desc limit 1)) end`,
		pgx.NamedArgs{"side": string(f.Side), "contact": f.Contact, "device": hashOf(f.Device), "session": f.Session}).Scan(&person, &company, &staff)
	if err != nil {
		return of, fmt.Errorf("whose form it is: %w", err)
	}
	for _, k := range []struct {
		column string
		id     *int64
	}{{"contact_id", company}, {"person_id", person}, {"staff_id", staff}} {
		if k.id != nil {
			return keeper{k.column, *k.id}, nil
		}
	}
	return of, nil
}

// keeperOf is somebody signed in.
func keeperOf(by audit.Actor) keeper {
	if of := ownerOf(by); of.id != 0 {
		return keeper{of.column(), of.id}
	}
	return keeper{"contact_id", by.Contact}
}

// Find is the form that was kept for by under the token, or apperr.NotFound: it
// is somebody else's, was sent, or is too old.
func (u *Unsent) Find(ctx context.Context, by audit.Actor, token string) ([]byte, error) {
	of := keeperOf(by)
	var sealed []byte
	err := u.pool.QueryRow(ctx, `select sealed from unsent_forms where token_hash = @token and `+of.column+` = @owner and created_at > now() - @life::interval`,
		pgx.NamedArgs{"token": hashOf(token), "owner": of.id, "life": unsentLife}).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, apperr.NotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find a kept form: %w", err)
	}
	form, err := u.box.Open(sealed, unsentContext(token))
	if errors.Is(err, secret.ErrSealed) { // the key was changed meanwhile
		return nil, apperr.NotFound
	}
	return form, err
}

// Drop forgets the form that was kept for by under the token.
func (u *Unsent) Drop(ctx context.Context, by audit.Actor, token string) error {
	of := keeperOf(by)
	return postgres.Transact(ctx, u.pool, func(tx postgres.Tx) error {
		if _, err := tx.Exec(ctx, `delete from unsent_forms where token_hash = @token and `+of.column+` = @owner`, pgx.NamedArgs{"token": hashOf(token), "owner": of.id}); err != nil {
			return fmt.Errorf("forget a kept form: %w", err)
		}
		return nil
	})
}

// DraftKey is what the browser of somebody signed in seals with what they have
// typed and not sent: pages of nobody else carry it.
func (u *Unsent) DraftKey(by audit.Actor) string {
	of := ownerOf(by)
	whose := fmt.Sprintf("drafts of %s %d", of.side, of.id)
	if of.id == 0 { // who has come by their company's provider is nobody but the contact
		whose = fmt.Sprintf("drafts of contact %d", by.Contact)
	}
	return base64.StdEncoding.EncodeToString(u.box.Derive(whose))
}

// sweepUnsent forgets forms that nobody came back for.
func sweepUnsent(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from unsent_forms where created_at < now() - $1::interval`, unsentLife); err != nil {
		return fmt.Errorf("sweep kept forms: %w", err)
	}
	return nil
}

func unsentContext(token string) string { return "unsent form " + hashOf(token) }

// hashOf is a token as it is looked for; "" is nobody's.
func hashOf(token string) string { return fmt.Sprintf("%x", secret.HashToken(token)) }
