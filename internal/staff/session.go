package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/company"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
)

// Session is what the office remembers of somebody signed in.
type Session struct {
	Data   []byte
	SeenAt time.Time
	OpenID bool // it began at the business's provider
	// Snapshot names what the query for it saw of the database (postgres.SnapshotSQL).
	Snapshot string
}

// IdleLife is how long an unused session of the office lives.
const IdleLife = 12 * time.Hour

// factorMissing is from when on the member of staff st needs a second factor that
// they do not have; null when they need none.
const factorMissing = `(select r.factor_from from sign_in_rules r where st.role = any(r.factor_roles)
				and not exists (select from second_factors f where f.staff_id = st.id and f.on_since is not null))`

// FindSession finds a session by its token, and whose it is, in one query. Suspended,
// archived and Field staff have no session; ok is then false. Waiting is an expression
// of what waits for staff, as overview.CountsSQL is. It is asked for unless the database
// stands as it did in the snapshot counted.
func FindSession(ctx context.Context, db postgres.DB, tokenHash, waiting, counted string) (s Session, v Viewer, ok bool, err error) {
	var (
		now                    time.Time
		zone, locale, currency string
	)
	err = db.QueryRow(ctx, `
		select s.data, s.seen_at, s.openid, s.created_at < now() - @proof::interval, st.id, st.name, st.email, st.role, co.trading_name, co.logo_key <> '', co.logo_width, co.logo_height, co.version, now(), co.time_zone, co.locale, co.currency, i.demo,
			`+factorMissing+`,
			coalesce((select failing_since from mail_server where failing_since < now() - interval '1 minute'), '0001-01-01'),
			`+postgres.SnapshotSQL+`, case when `+postgres.SnapshotSQL+` <> @counted then `+waiting+` end, `+keeper.SQL+`
		from sessions s
		join staff st on st.id = s.staff_id
		cross join (select * from company limit 1) co cross join (select * from installation limit 1) i
		where s.token_hash = @token and s.side = 'office' and s.expires_at > now() and s.seen_at > now() - @idle::interval
			and st.state = 'active' and st.archived_at is null and st.role in ('administrator', 'office')`,
		pgx.NamedArgs{"token": tokenHash, "idle": IdleLife, "proof": ProofLife, "counted": counted},
	).Scan(&s.Data, &s.SeenAt, &s.OpenID, &v.Stale, &v.Staff, &v.Name, &v.Email, &v.Role, &v.Business, &v.HasLogo, &v.LogoWidth, &v.LogoHeight, &v.Version, &now, &zone, &locale, &currency, &v.Demo, &v.FactorBy, &v.MailDown, &s.Snapshot, &v.Waiting, &v.Keepers)
	if errors.Is(err, pgx.ErrNoRows) {
		return Session{}, Viewer{}, false, nil
	}
	if err != nil {
		return Session{}, Viewer{}, false, fmt.Errorf("find the office's session: %w", err)
	}
	v.Format = company.NewFormat(now, zone, locale, currency)
	return s, v, true, nil
}
