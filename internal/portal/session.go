package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/keeper"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
)

// Session is what the portal remembers of a signed-in person.
type Session struct {
	Data   []byte    // the session library's
	SeenAt time.Time // written only every few minutes

	Remember bool // lives on when it is not used for a day
}

// FindSession finds a session by its token, and whose it is: session, person,
// the contact chosen, customer, settings and business in one query, so that
// everything the office changes holds from the next request on. A contact that
// lost access is not there: the Viewer then has no Contact. A person without any
// access left has no session. Where else a person may enter is looked up once: the
// contact chosen has to be among those. Who has come by their company's provider is that
// customer's contact, and no person: what is the person's own, and other
// customers', does not exist there. ok is false when there is no such session.
//
// The tables of one row are limited to one: nothing ever analyses them, and the
// planner would expect hundreds of rows of each.
func FindSession(ctx context.Context, db postgres.DB, tokenHash string) (s Session, v Viewer, ok bool, err error) {
	var (
		now                           time.Time
		email, zone, locale, currency string
		b                             = &v.Business
	)
	err = db.QueryRow(ctx, `
		select s.id, s.data, s.seen_at, s.remember, s.created_at < now() - @proof::interval, s.company_visit_id is not null, coalesce(p.id, 0), coalesce(p.email, ''), coalesce(p.must_change_password, false), coalesce(mine.customers, '{}'),
			coalesce(c.id, 0), coalesce(c.name, ''), `+contact.PermissionColumnsOrNone("c")+`,
			coalesce(cu.id, 0), coalesce(nullif(cu.company_name, ''), cu.name, ''), coalesce(cu.number, ''), coalesce(cu.on_hold, false),
			st.hide_tasks,
			co.trading_name, co.phone, co.email, co.website, co.welcome_text, co.brand_colour, co.logo_key <> '', co.logo_width, co.logo_height, co.banner_key <> '', co.version,
			now(), co.time_zone, co.locale, co.currency, co.show_credit, i.demo, `+keeper.SQL+`
		from sessions s
		left join persons p on p.id = s.person_id
		left join lateral (
			select jsonb_object_agg(c.id, coalesce(nullif(y.company_name, ''), y.name)) filter (where c.access = 'active' and `+person.NotByCompanyAlone+`) as customers,
				bool_or(c.access = 'active' or (c.access = 'invited' and p.must_change_password)) as enters
			from contacts c join customers y on y.id = c.customer_id
			where c.person_id = p.id and c.archived_at is null and y.archived_at is null) mine on true
		left join (contacts c join customers cu on cu.id = c.customer_id and cu.archived_at is null)
			on c.id = s.contact_id and c.access = 'active' and c.archived_at is null
				and case when s.company_visit_id is null then mine.customers ? c.id::text else `+signin.ByCompanySQL+` end
		cross join (select * from portal_settings limit 1) st cross join (select * from company limit 1) co cross join (select * from installation limit 1) i
		where s.token_hash = @token and s.side = 'portal' and s.expires_at > now() and (s.remember or s.seen_at > now() - @idle::interval)
			and case when s.company_visit_id is null then mine.enters else c.id is not null end`,
		pgx.NamedArgs{"token": tokenHash, "idle": signin.PortalIdle, "proof": staff.ProofLife},
	).Scan(slices.Concat([]any{&v.Session, &s.Data, &s.SeenAt, &s.Remember, &v.Stale, &v.ByCompany, &v.Person, &email, &v.MustChange, &v.Customers, &v.Contact, &v.Name}, contact.ScanPermissions(&v.Permissions), []any{
		&v.Customer, &v.CustomerName, &v.CustomerNo, &v.OnHold,
		&v.HidesTasks,
		&b.Name, &b.Phone, &b.Email, &b.Website, &b.Welcome, &b.Colour, &b.HasLogo, &b.LogoWidth, &b.LogoHeight, &b.HasBanner, &b.Version,
		&now, &zone, &locale, &currency, &b.Credit, &b.Demo, &v.Keepers,
	})...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Session{}, Viewer{}, false, nil
	}
	if err != nil {
		return Session{}, Viewer{}, false, fmt.Errorf("find the portal's session: %w", err)
	}
	if v.Name == "" {
		v.Name = email
	}
	if v.ByCompany {
		v.Customers = map[int64]string{v.Contact: v.CustomerName}
	}
	b.Format = company.NewFormat(now, zone, locale, currency)
	return s, v, true, nil
}

// FindPreview finds a preview by its token, as FindSession does: in one query, so that it ends with the session of the office in which it was
// begun, and with whatever would end that one. The contact need not have
// access; archived ones, and those of archived customers, are never shown.
func FindPreview(ctx context.Context, db postgres.DB, tokenHash string) (v Viewer, ok bool, err error) {
	var (
		now                    time.Time
		zone, locale, currency string
		b                      = &v.Business
	)
	err = db.QueryRow(ctx, `
		select f.id, f.name, s.expires_at, s.downloaded_at is not null, c.access,
			c.id, c.name, `+contact.PermissionColumns("c")+`,
			cu.id, coalesce(nullif(cu.company_name, ''), cu.name), cu.number, cu.on_hold, st.hide_tasks,
			co.trading_name, co.phone, co.email, co.website, co.welcome_text, co.brand_colour, co.logo_key <> '', co.logo_width, co.logo_height, co.banner_key <> '', co.version,
			now(), co.time_zone, co.locale, co.currency, co.show_credit, i.demo, `+keeper.SQL+`
		from sessions s
		join sessions o on o.id = s.parent_id and o.side = 'office' and o.staff_id = s.staff_id and o.expires_at > now() and o.seen_at > now() - @idle::interval
		join staff f on f.id = s.staff_id and f.state = 'active' and f.archived_at is null and f.role in ('administrator', 'office')
		join contacts c on c.id = s.contact_id and c.archived_at is null
		join customers cu on cu.id = c.customer_id and cu.archived_at is null
		cross join (select * from portal_settings limit 1) st cross join (select * from company limit 1) co cross join (select * from installation limit 1) i
		where s.token_hash = @token and s.side = 'preview' and s.expires_at > now()`,
		pgx.NamedArgs{"token": tokenHash, "idle": staff.IdleLife},
	).Scan(slices.Concat([]any{&v.Preview.Staff, &v.Preview.StaffName, &v.Preview.Until, &v.Preview.Downloaded, &v.Preview.Access, &v.Contact, &v.Name}, contact.ScanPermissions(&v.Permissions), []any{
		&v.Customer, &v.CustomerName, &v.CustomerNo, &v.OnHold, &v.HidesTasks,
		&b.Name, &b.Phone, &b.Email, &b.Website, &b.Welcome, &b.Colour, &b.HasLogo, &b.LogoWidth, &b.LogoHeight, &b.HasBanner, &b.Version,
		&now, &zone, &locale, &currency, &b.Credit, &b.Demo, &v.Keepers,
	})...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Viewer{}, false, nil
	}
	if err != nil {
		return Viewer{}, false, fmt.Errorf("find the preview: %w", err)
	}
	v.Customers = map[int64]string{v.Contact: v.CustomerName}
	b.Format = company.NewFormat(now, zone, locale, currency)
	return v, true, nil
}
