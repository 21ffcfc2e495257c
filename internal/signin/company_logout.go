package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/openid"
	"fieldgate/internal/postgres"
)

// LogoutByCompany ends the sessions of whom a company's provider has logged out
// (OpenID Connect Back-Channel Logout 1.0): ErrNotAsked when the message was taken
// before, or there is no such provider, else openid.Fault.
func (s *Service) LogoutByCompany(ctx context.Context, by audit.Actor, number, raw string) error {
	if raw == "" || len(raw) > longestAnswer {
		return ErrNotAsked
	}
	l, err := findCompanyLogin(ctx, s.pool, `cu.number = @number`, pgx.NamedArgs{"number": number})
	if errors.Is(err, apperr.NotFound) {
		return ErrNotAsked
	}
	if err != nil {
		return err
	}
	c, err := s.companyClient(l)
	if err != nil {
		return err
	}
	told, err := s.providers.ReadLogout(ctx, c, raw)
	if err != nil {
		return fmt.Errorf("read a logout: %w", err)
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		var fresh bool
		args := pgx.NamedArgs{"login": l.ID, "jti": told.ID, "subject": told.Subject, "sid": told.Session, "issuer": l.Issuer, "issued": told.IssuedAt}
		// Kept longer than a message counts, so that none counts twice.
		if err := tx.QueryRow(ctx, `select @issued::timestamptz between now() - interval '1 hour' and now() + interval '5 minutes'`, args).Scan(&fresh); err != nil {
			return fmt.Errorf("judge the time of a logout: %w", err)
		}
		tag, err := tx.Exec(ctx, `insert into company_logouts (login_id, jti) values (@login, @jti) on conflict do nothing`, args)
		if err != nil {
			return fmt.Errorf("take a logout: %w", err)
		}
		if !fresh || tag.RowsAffected() == 0 {
			return ErrNotAsked
		}
		return endCompanyVisits(ctx, tx, by, `w.identity_id in (select id from contact_identities where login_id = @login and issuer = @issuer and (@subject = '' or subject = @subject)) and (@sid = '' or w.sid = @sid)`, args)
	})
}

// endCompanyVisits ends the visits w for which where holds, and the sessions that
// hang on them, with a line in the trail for each contact.
func endCompanyVisits(ctx context.Context, tx postgres.Tx, by audit.Actor, where string, args pgx.NamedArgs) error {
	rows, err := tx.Query(ctx, `
		with gone as (delete from company_visits w where `+where+` returning w.identity_id)
		select distinct c.id, c.name, c.customer_id as customer from gone g join contact_identities i on i.id = g.identity_id join contacts c on c.id = i.contact_id order by c.id`, args)
	if err != nil {
		return fmt.Errorf("end visits by a company's login: %w", err)
	}
	ended, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		ID       int64
		Name     string
		Customer int64
	}])
	if err != nil {
		return fmt.Errorf("end visits by a company's login: %w", err)
	}
	for _, c := range ended {
		if err := audit.Record(ctx, tx, by, audit.New{Action: audit.ContactSignedOut, ID: c.ID, Label: c.Name, Customer: c.Customer}); err != nil {
			return err
		}
	}
	return nil
}

const (
	// askEvery is how often a provider is asked whether somebody is still there,
	// while they use the portal.
	askEvery = 15 * time.Minute
	// silentFor is how long a provider may not answer before sessions end.
	silentFor = 24 * time.Hour
	// askAtOnce is how many are asked in one round.
	askAtOnce = 50
)

// visitToAsk is a visit whose provider is to be asked.
type visitToAsk struct {
	ID, Identity, Login int64
	Subject             string
	Sealed              []byte
}

// AskCompanies asks the providers of companies whether those who use the portal
// are still there. A provider that says no ends their sessions; one that does not
// answer ends them after a day.
func (s *Service) AskCompanies(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, `
		with due as (
			select w.id from company_visits w
			where w.sealed is not null and w.asked_at < now() - @every::interval and exists (select from sessions s where s.company_visit_id = w.id and s.seen_at > w.asked_at)
			order by w.asked_at limit @most for update skip locked)
		update company_visits w set asked_at = now() from due, contact_identities i
		where w.id = due.id and i.id = w.identity_id
		returning w.id, i.id as identity, i.login_id as login, i.subject, w.sealed`, pgx.NamedArgs{"every": askEvery, "most": askAtOnce})
	if err != nil {
		return fmt.Errorf("find whom to ask providers about: %w", err)
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByName[visitToAsk])
	if err != nil {
		return fmt.Errorf("find whom to ask providers about: %w", err)
	}
	var all error
	for _, v := range due {
		all = errors.Join(all, s.askCompany(ctx, v))
	}
	return errors.Join(all, s.sweepCompanies(ctx))
}

func (s *Service) askCompany(ctx context.Context, v visitToAsk) error {
	l, err := findCompanyLogin(ctx, s.pool, `l.id = @id`, pgx.NamedArgs{"id": v.Login})
	if errors.Is(err, apperr.NotFound) {
		return nil // its sessions have ended with it
	}
	if err != nil {
		return err
	}
	c, err := s.companyClient(l)
	if err != nil {
		return err
	}
	refresh, err := s.box.Open(v.Sealed, companyRefresh(v.Identity))
	if err != nil {
		return fmt.Errorf("open what asks a provider again: %w", err)
	}
	next, err := s.providers.Again(ctx, c, v.Subject, string(refresh))
	s.companyFault(ctx, l.ID, err)
	by := audit.Actor{Name: "Company login"}
	switch openid.KindOf(err) {
	case "":
		if err != nil {
			return fmt.Errorf("ask a provider again: %w", err)
		}
		_, err = s.pool.Exec(ctx, `update company_visits set away_since = null, sealed = @sealed where id = @id`,
			pgx.NamedArgs{"id": v.ID, "sealed": s.box.Seal([]byte(next), companyRefresh(v.Identity))})
		if err != nil {
			return fmt.Errorf("note a provider's answer: %w", err)
		}
		return nil
	case openid.Gone, openid.Invalid, openid.Refused:
		return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
			if _, err := tx.Exec(ctx, `update contact_identities set gone_at = now() where id = @id`, pgx.NamedArgs{"id": v.Identity}); err != nil {
				return fmt.Errorf("note who has gone: %w", err)
			}
			return endCompanyVisits(ctx, tx, by, `w.identity_id = @identity`, pgx.NamedArgs{"identity": v.Identity})
		})
	case openid.Away, openid.Misset:
		return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
			if _, err := tx.Exec(ctx, `update company_visits set away_since = coalesce(away_since, now()) where id = @id`, pgx.NamedArgs{"id": v.ID}); err != nil {
				return fmt.Errorf("note a provider that is away: %w", err)
			}
			return endCompanyVisits(ctx, tx, by, `w.id = @id and w.away_since < now() - @silent::interval`, pgx.NamedArgs{"id": v.ID, "silent": silentFor})
		})
	}
	return nil
}

// sweepCompanies forgets visits without a session, and old messages.
func (s *Service) sweepCompanies(ctx context.Context) error {
	for _, sql := range []string{
		`delete from company_visits w where created_at < now() - interval '1 hour' and not exists (select from sessions s where s.company_visit_id = w.id)`,
		`delete from company_logouts where created_at < now() - interval '2 days'`,
	} {
		if err := postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { _, err := tx.Exec(ctx, sql); return err }); err != nil {
			return fmt.Errorf("sweep companies' logins: %w", err)
		}
	}
	return nil
}
