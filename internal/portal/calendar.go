package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/calendar"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/person"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// CalendarVisit is a visit as a contact's calendar shows it: what the page of the
// job says of it, too.
type CalendarVisit struct {
	Number      string
	Name        string
	Description string
	Site        string
	SiteAddress address.Address
	BookedFrom  time.Time
	BookedUntil *time.Time
	Version     int64
}

// Title is what the job is called.
func (v CalendarVisit) Title() string { return job.Title(v.Name, v.Description) }

// Calendar is what is read under a contact's calendar address.
type Calendar struct {
	Viewer Viewer
	Among  bool // the person is a contact of other customers as well
	Visits []CalendarVisit
}

// calendarsOrder has the latest visits first or the next ones, as asked.
var calendarsOrder = list.Orders{{Key: "booked", Expr: "j.booked_key", Type: "timestamptz"}}

// Calendar reads the visits of a contact by the secret address of their calendar,
// with the rights that they have now. Whoever may enter no more, or sees no jobs,
// has no calendar: apperr.NotFound. It may be calendar.TooOften.
func (r *Reader) Calendar(ctx context.Context, token string) (c Calendar, err error) {
	var (
		v                      Viewer
		now                    time.Time
		zone, locale, currency string
		read                   calendar.Read
	)
	err = r.db.QueryRow(ctx, calendar.ReadSQL+`
		from contacts c join customers cu on cu.id = c.customer_id cross join (select * from company limit 1) co
		where f.token_hash = @token and f.scope = 'contact' and c.id = f.contact_id and c.person_id = f.person_id
			and c.access = 'active' and c.archived_at is null and cu.archived_at is null and c.jobs_see <> 'none' and `+person.NotByCompanyAlone+`
		returning `+calendar.ReadColumns+`, c.id, c.name, c.person_id, `+contact.PermissionColumns("c")+`, cu.id, coalesce(nullif(cu.company_name, ''), cu.name), cu.number,
			co.trading_name, co.phone, co.email, now(), co.time_zone, co.locale, co.currency,
			exists (select from contacts o where o.person_id = c.person_id and o.id <> c.id and o.access = 'active')`,
		pgx.NamedArgs{"token": secret.HashToken(token)},
	).Scan(slices.Concat(read.Into(), []any{&v.Contact, &v.Name, &v.Person}, contact.ScanPermissions(&v.Permissions), []any{
		&v.Customer, &v.CustomerName, &v.CustomerNo, &v.Business.Name, &v.Business.Phone, &v.Business.Email, &now, &zone, &locale, &currency, &c.Among,
	})...)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, apperr.NotFound
	}
	if err != nil {
		return c, fmt.Errorf("find a contact's calendar: %w", err)
	}
	if err := read.Check(); err != nil {
		return c, err
	}
	v.Business.Format = company.NewFormat(now, zone, locale, currency)
	c.Viewer = v
	var back, ahead list.Page[CalendarVisit]
	err = r.read(ctx, v, func(b *postgres.Batch) {
		views.KeepPlans(b) // an index has a customer's visits in their order
		w := calendar.WindowOf(v.Business.Format)
		for _, part := range []struct {
			into        *list.Page[CalendarVisit]
			from, until time.Time
			sort        string
			most        int
		}{{&back, w.From, w.Now, "-booked", calendar.MostBack}, {&ahead, w.Now, w.Until, "booked", calendar.MostAhead}} {
			s := list.Source{From: "portal.jobs j left join portal.sites s on s.id = j.site_id", ID: "j.id", Where: ownJobs(v), Columns: `
				j.number, j.name, left(j.description, 2000) as description, coalesce(s.name, '') as site, coalesce(s.address, '{}') as site_address, j.booked_from, j.booked_until, j.version`}
			s.Where.And("j.booked_key >= @since and j.booked_key < @before and j.status = any(@statuses)", "since", part.from, "before", part.until, "statuses", job.InCalendars)
			list.QueryPage(b, part.into, first(calendarsOrder, part.sort, part.most), calendarsOrder, s)
		}
	})
	c.Visits = slices.Concat(back.Rows, ahead.Rows)
	return c, err
}

// calendarOwner is the viewer as the owner of a calendar address.
func (v Viewer) calendarOwner() calendar.Owner {
	return calendar.Owner{Contact: v.Contact, Person: v.Person, Scope: calendar.OfContact}
}

// CalendarFeed is the viewer's calendar address, if there is one.
func (r *Reader) CalendarFeed(ctx context.Context, v Viewer) ([]calendar.Feed, error) {
	var feeds []calendar.Feed
	err := postgres.Read(ctx, r.db, func(b *postgres.Batch) { calendar.QueryFeeds(b, &feeds, v.calendarOwner()) })
	return feeds, err
}

// MakeCalendar makes the secret address of the viewer's calendar, or returns the
// one there is: after a fresh proof, as it shows what they may see to whoever has it.
func (d *Service) MakeCalendar(ctx context.Context, v Viewer) (token string, err error) {
	return d.calendar(ctx, v, audit.ContactCalendarMade, func(tx postgres.Tx, o calendar.Owner) (string, bool, error) { return d.Calendars.Make(ctx, tx, o) })
}

// RevealCalendar shows the address again.
func (d *Service) RevealCalendar(ctx context.Context, v Viewer) (token string, err error) {
	return d.calendar(ctx, v, audit.ContactCalendarMade, func(tx postgres.Tx, o calendar.Owner) (string, bool, error) {
		token, err := d.Calendars.Token(ctx, tx, o)
		return token, false, err
	})
}

// RenewCalendar replaces the address that was shown as version; calendars that
// read the one before find nothing from then on.
func (d *Service) RenewCalendar(ctx context.Context, v Viewer, version int64) (token string, err error) {
	return d.calendar(ctx, v, audit.ContactCalendarRenewed, func(tx postgres.Tx, o calendar.Owner) (string, bool, error) {
		return d.Calendars.Renew(ctx, tx, o, version)
	})
}

// EndCalendar ends the address.
func (d *Service) EndCalendar(ctx context.Context, v Viewer) error {
	_, err := d.calendar(ctx, v, audit.ContactCalendarEnded, func(tx postgres.Tx, o calendar.Owner) (string, bool, error) {
		ended, err := calendar.End(ctx, tx, o)
		return "", ended, err
	})
	return err
}

func (d *Service) calendar(ctx context.Context, v Viewer, what audit.Action, do func(postgres.Tx, calendar.Owner) (token string, changed bool, err error)) (token string, err error) {
	if v.Previewing() {
		return "", errPreview
	}
	if v.Person == 0 || v.ByCompany || v.Linked() {
		return "", apperr.NotFound
	}
	if err := v.CheckProof(); err != nil {
		return "", err
	}
	err = d.transact(ctx, v, Viewer.SeesJobs, func(tx postgres.Tx, now Viewer) error {
		var changed bool
		if token, changed, err = do(tx, now.calendarOwner()); err != nil || !changed {
			return err
		}
		return audit.Record(ctx, tx, now.Actor(), audit.New{Action: what, ID: now.Contact, Label: now.Name, Customer: now.Customer})
	})
	if errors.Is(err, calendar.ErrUnreadable) {
		err = apperr.Conflictf("This address cannot be shown any more. Renew it: calendars that have the old one then find nothing.")
	}
	return token, err
}
