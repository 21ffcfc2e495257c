package office

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/calendar"
	"fieldgate/internal/company"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
	"fieldgate/internal/staff"
)

// Calendar is what is read under a calendar address of a member of staff.
type Calendar struct {
	Name     string // of the member
	Role     staff.Role
	Scope    calendar.Scope
	Business string
	Format   company.Format
	Visits   []job.CalendarVisit
}

// Calendar reads visits by the secret address of a calendar. Whoever has left, is
// suspended or works in the office no more reads nothing: apperr.NotFound. It may
// be calendar.TooOften.
func (s *Service) Calendar(ctx context.Context, token string) (c Calendar, err error) {
	var (
		member                 int64
		now                    time.Time
		zone, locale, currency string
		read                   calendar.Read
	)
	err = s.pool.QueryRow(ctx, calendar.ReadSQL+`
		from staff m cross join (select * from company limit 1) co
		where f.token_hash = @token and m.id = f.staff_id and m.archived_at is null and m.state <> 'suspended' and (f.scope = 'own' or m.role in ('administrator', 'office'))
		returning `+calendar.ReadColumns+`, m.id, m.name, m.role, f.scope, co.trading_name, now(), co.time_zone, co.locale, co.currency`,
		pgx.NamedArgs{"token": secret.HashToken(token)},
	).Scan(slices.Concat(read.Into(), []any{&member, &c.Name, &c.Role, &c.Scope, &c.Business, &now, &zone, &locale, &currency})...)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, apperr.NotFound
	}
	if err != nil {
		return c, fmt.Errorf("find a calendar of staff: %w", err)
	}
	if err := read.Check(); err != nil {
		return c, err
	}
	c.Format = company.NewFormat(now, zone, locale, currency)
	if c.Scope == calendar.Business {
		member = 0
	}
	err = postgres.Read(ctx, s.pool, func(b *postgres.Batch) { job.QueryCalendar(b, &c.Visits, member, calendar.WindowOf(c.Format)) })
	return c, err
}

// MakeCalendar makes the address of a calendar of a member of staff, or returns
// the one there is. People of the office make their own; those of Field staff,
// who do not sign in, an Administrator makes and passes on.
func (s *Service) MakeCalendar(ctx context.Context, by staff.Viewer, member int64, scope calendar.Scope) (token string, err error) {
	return s.calendar(ctx, by, member, scope, audit.StaffCalendarMade, func(tx postgres.Tx, o calendar.Owner) (string, bool, error) { return s.Calendars.Make(ctx, tx, o) })
}

// RevealCalendar shows the address again.
func (s *Service) RevealCalendar(ctx context.Context, by staff.Viewer, member int64, scope calendar.Scope) (token string, err error) {
	return s.calendar(ctx, by, member, scope, audit.StaffCalendarMade, func(tx postgres.Tx, o calendar.Owner) (string, bool, error) {
		token, err := s.Calendars.Token(ctx, tx, o)
		return token, false, err
	})
}

// RenewCalendar replaces the address that was shown as version.
func (s *Service) RenewCalendar(ctx context.Context, by staff.Viewer, member int64, scope calendar.Scope, version int64) (token string, err error) {
	return s.calendar(ctx, by, member, scope, audit.StaffCalendarRenewed, func(tx postgres.Tx, o calendar.Owner) (string, bool, error) {
		return s.Calendars.Renew(ctx, tx, o, version)
	})
}

// EndCalendar ends the address. An Administrator ends that of anybody.
func (s *Service) EndCalendar(ctx context.Context, by staff.Viewer, member int64, scope calendar.Scope) error {
	_, err := s.calendar(ctx, by, member, scope, audit.StaffCalendarEnded, func(tx postgres.Tx, o calendar.Owner) (string, bool, error) {
		ended, err := calendar.End(ctx, tx, o)
		return "", ended, err
	})
	return err
}

func (s *Service) calendar(ctx context.Context, by staff.Viewer, member int64, scope calendar.Scope, what audit.Action, do func(postgres.Tx, calendar.Owner) (token string, changed bool, err error)) (token string, err error) {
	if err := by.CheckProof(); err != nil {
		return "", err
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		m, err := staff.Lock(ctx, tx, member)
		if err != nil {
			return err
		}
		ends := what == audit.StaffCalendarEnded
		own := m.ID == by.Staff
		switch {
		case own && (scope == calendar.Own || scope == calendar.Business):
		case !own && by.Administers() && ends:
		case !own && by.Administers() && m.Role == staff.Field && scope == calendar.Own:
		default:
			return apperr.NotFound
		}
		if !ends && (m.Archived() || m.State == staff.Suspended) {
			return apperr.Conflictf("%s is not on the staff at present, so there is no calendar to make.", m.Name)
		}
		var changed bool
		if token, changed, err = do(tx, calendar.Owner{Staff: m.ID, Scope: scope}); err != nil || !changed {
			return err
		}
		return audit.Record(ctx, tx, by.Actor(), audit.New{Action: what, ID: m.ID, Label: m.Name, After: map[string]any{"visits": scope}})
	})
	if errors.Is(err, calendar.ErrUnreadable) {
		err = apperr.Conflictf("This address cannot be shown any more. Renew it: calendars that have the old one then find nothing.")
	}
	return token, err
}
