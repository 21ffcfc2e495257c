package signin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/openid"
	"fieldgate/internal/postgres"
)

// LogoutByCompany ends the sessions of whom a company's provider has logged out
// (OpenID Connect Back-Channel Logout 1.0): ErrNotAsked when the message was taken
// before, or there is no such provider, Limited, else openid.Fault. A message makes
// the program ask for the provider's keys, so few that are worth nothing are read.
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
	t := attempt{Kind: logoutAttempt, Side: Portal, Address: by.Address, Proxied: by.Proxied, Claimed: by.Claimed}
	t.key = fmt.Sprintf("logout by company login %d", l.ID)
	if network := t.network(); network != nil {
		t.key += " from " + *network
	}
	try, err := s.take(ctx, t)
	if err != nil {
		return err
	}
	if err := s.endByLogout(ctx, by, l, c, raw); err != nil {
		reason := cmp.Or(Reason(openid.KindOf(err)), NotAsked)
		return errors.Join(err, postgres.Transact(context.WithoutCancel(ctx), s.pool, func(tx postgres.Tx) error { return settle(ctx, tx, try, Wrong, reason) }))
	}
	return s.release(ctx, try)
}

// endByLogout takes a message of a company's provider.
func (s *Service) endByLogout(ctx context.Context, by audit.Actor, l companyLogin, c openid.Client, raw string) error {
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
	// askEach is how many of one login are asked about in a round.
	askEach = 50
	// roundTakes is when a round begins nothing more.
	roundTakes = 4 * time.Minute
	// loginsAtOnce is how many providers are asked beside each other.
	loginsAtOnce = 8
	// askingTakes is how long one may take to answer, and noting it: the end of a
	// round waits for both, since an answer replaces what the next one is asked with.
	askingTakes = 30 * time.Second
	notingTakes = 10 * time.Second
)

// visitToAsk is a visit whose provider is to be asked.
type visitToAsk struct {
	ID, Identity, Login int64
	Subject             string
}

// AskCompanies asks the providers of companies whether those who use the portal
// are still there. A provider that says no ends their sessions; one that does not
// answer ends them after a day, and holds up nobody else's.
func (s *Service) AskCompanies(ctx context.Context) error {
	logins, err := s.whomToAsk(ctx)
	if err != nil {
		return err
	}
	failed := make([]error, len(logins))
	var beside errgroup.Group
	beside.SetLimit(loginsAtOnce)
	round, end := context.WithTimeout(ctx, roundTakes)
	defer end()
	for i, visits := range logins {
		if round.Err() != nil {
			break
		}
		beside.Go(func() error { failed[i] = s.askCompany(round, visits); return nil })
	}
	_ = beside.Wait()
	return errors.Join(errors.Join(failed...), s.sweepCompanies(ctx))
}

// whomToAsk are the visits that are due, by login: those that answered last time
// first, and of them whoever has waited longest.
func (s *Service) whomToAsk(ctx context.Context) (logins [][]visitToAsk, err error) {
	rows, err := s.pool.Query(ctx, `
		select id, identity, login, subject from (
			select w.id, i.id as identity, l.id as login, i.subject, w.asked_at, l.away_since is not null as away, row_number() over (partition by l.id order by w.asked_at, w.id) as place
			from company_visits w join contact_identities i on i.id = w.identity_id join company_logins l on l.id = i.login_id
			where w.sealed is not null and w.asked_at < now() - @every::interval and exists (select from sessions s where s.company_visit_id = w.id and s.seen_at > w.asked_at)) due
		where place <= @each order by away, place, asked_at, id`, pgx.NamedArgs{"every": askEvery, "each": askEach})
	if err != nil {
		return nil, fmt.Errorf("find whom to ask providers about: %w", err)
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByName[visitToAsk])
	if err != nil {
		return nil, fmt.Errorf("find whom to ask providers about: %w", err)
	}
	at := map[int64]int{}
	for _, v := range due {
		i, known := at[v.Login]
		if !known {
			i = len(logins)
			at[v.Login], logins = i, append(logins, nil)
		}
		logins[i] = append(logins[i], v)
	}
	return logins, nil
}

// askCompany asks one provider about its visits, one after another. Once it has not
// answered it is not asked again in this round.
func (s *Service) askCompany(ctx context.Context, visits []visitToAsk) error {
	l, err := findCompanyLogin(ctx, s.pool, `l.id = @id`, pgx.NamedArgs{"id": visits[0].Login})
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
	var all error
	for i, v := range visits {
		if ctx.Err() != nil {
			break
		}
		answered, err := s.askAbout(ctx, l, c, v)
		all = errors.Join(all, err)
		if !answered {
			return errors.Join(all, s.noteAway(ctx, visits[i:]))
		}
	}
	return all
}

// askAbout asks a provider about one visit, unless somebody else does, and reports
// whether it has answered.
func (s *Service) askAbout(ctx context.Context, l companyLogin, c openid.Client, v visitToAsk) (answered bool, err error) {
	ctx = context.WithoutCancel(ctx)
	var sealed []byte
	err = s.pool.QueryRow(ctx, `update company_visits set asked_at = now() where id = @id and asked_at < now() - @every::interval and sealed is not null returning sealed`,
		pgx.NamedArgs{"id": v.ID, "every": askEvery}).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return true, nil
	}
	if err != nil {
		return true, fmt.Errorf("note that a provider is asked: %w", err)
	}
	refresh, err := s.box.Open(sealed, companyRefresh(v.Identity))
	if err != nil {
		return true, fmt.Errorf("open what asks a provider again: %w", err)
	}
	asking, cancel := context.WithTimeout(ctx, askingTakes)
	defer cancel()
	next, err := s.providers.Again(asking, c, v.Subject, string(refresh))
	s.companyFault(ctx, l.ID, err)
	switch openid.KindOf(err) {
	case openid.Away, openid.Misset:
		return false, nil
	case openid.Gone, openid.Invalid, openid.Refused:
		return true, s.noteGone(ctx, v)
	}
	if err != nil {
		return true, fmt.Errorf("ask a provider again: %w", err)
	}
	return true, s.noteThere(ctx, v, next)
}

// noteThere keeps with what a provider is asked the next time.
func (s *Service) noteThere(ctx context.Context, v visitToAsk, next string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notingTakes)
	defer cancel()
	_, err := s.pool.Exec(ctx, `update company_visits set away_since = null, sealed = @sealed where id = @id`,
		pgx.NamedArgs{"id": v.ID, "sealed": s.box.Seal([]byte(next), companyRefresh(v.Identity))})
	if err != nil {
		return fmt.Errorf("note a provider's answer: %w", err)
	}
	return nil
}

// noteGone ends the visits of somebody whom their provider no longer lets in.
func (s *Service) noteGone(ctx context.Context, v visitToAsk) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notingTakes)
	defer cancel()
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if _, err := tx.Exec(ctx, `update contact_identities set gone_at = now() where id = @id`, pgx.NamedArgs{"id": v.Identity}); err != nil {
			return fmt.Errorf("note who has gone: %w", err)
		}
		return endCompanyVisits(ctx, tx, audit.Actor{Name: "Company login"}, `w.identity_id = @identity`, pgx.NamedArgs{"identity": v.Identity})
	})
}

// noteAway notes of visits that their provider does not answer, and ends those for
// which it has not for too long.
func (s *Service) noteAway(ctx context.Context, visits []visitToAsk) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notingTakes)
	defer cancel()
	ids := make([]int64, len(visits))
	for i, v := range visits {
		ids[i] = v.ID
	}
	args := pgx.NamedArgs{"ids": ids, "silent": silentFor}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if _, err := tx.Exec(ctx, `update company_visits set away_since = coalesce(away_since, now()) where id = any(@ids)`, args); err != nil {
			return fmt.Errorf("note a provider that is away: %w", err)
		}
		return endCompanyVisits(ctx, tx, audit.Actor{Name: "Company login"}, `w.id = any(@ids) and w.away_since < now() - @silent::interval`, args)
	})
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
