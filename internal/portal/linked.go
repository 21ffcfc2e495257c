package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
)

// Link says that the viewer has come by a record link of an email: the views show
// that one job or quote and nothing else. There is no Person, as whoever has the
// email has the link: what is the person's own is no part of it.
type Link struct {
	Session    int64 // 0 for nobody who came by a link
	Replies    bool  // answers the email that has the link by email, without a session
	Job, Quote int64 // one of the two
	Number     string
	Address    string // that the email went to
	Proved     bool   // a code from that mailbox was typed in this browser
}

// Thing is what the record is called: job or quote.
func (l Link) Thing() string {
	if l.Quote != 0 {
		return "quote"
	}
	return "job"
}

// ended is what whoever uses the link is told once it shows nothing any more:
// browsers a page that says so, answers by email that there is no such record.
func (l Link) ended() error {
	if l.Replies {
		return apperr.NotFound
	}
	return apperr.SignedOut
}

// Linked reports whether the viewer has come by a record link.
func (v Viewer) Linked() bool { return v.Link.Session != 0 || v.Link.Replies }

// checkAnswering asks whoever has come by a link to prove that the contact's
// mailbox is theirs, before they answer in the contact's name.
func (v Viewer) checkAnswering() error {
	if v.Linked() && !v.Link.Proved {
		return apperr.CodeNeeded
	}
	return nil
}

// linkSQL is true of a session s by a record link l, of contact c and customer
// cu, that still shows something: whatever ends one of them ends it. What the
// contact may see of the record the views say.
const linkSQL = `s.expires_at > now() and l.expires_at > now() and l.ended_at is null and lower(l.address) = lower(c.email)
	and c.access <> 'suspended' and c.archived_at is null and cu.archived_at is null and (select record_links from portal_settings)`

// permissionsByLink are those of a contact at a record link: looking and answering.
// Whose permissions nobody has chosen, as they have no access, sees and answers
// the record whose main contact staff made them; portal.viewer says the same.
func permissionsByLink(l Link, access string, p contact.Permissions) contact.Permissions {
	if access == string(contact.NoAccess) {
		p.JobsSee, p.QuotesSee, p.QuotesAccept = contact.Own, contact.Own, true
	}
	seen := contact.Permissions{JobsSee: contact.None, QuotesSee: contact.None, EquipmentSee: contact.None, AllSites: p.AllSites, Sites: p.Sites}
	if l.Quote != 0 {
		seen.QuotesSee, seen.QuotesAccept = p.QuotesSee, p.QuotesAccept && p.QuotesSee != contact.None
	} else {
		seen.JobsSee = p.JobsSee
	}
	return seen
}

// LinkSession is what a session by a record link remembers.
type LinkSession struct {
	Words string // what the last request has to say
	Warns bool
}

// FindLinkSession finds the session of who has come by a record link, as
// FindSession does: in one query, so that it ends with whatever ends the link.
func FindLinkSession(ctx context.Context, db postgres.DB, tokenHash string) (s LinkSession, v Viewer, ok bool, err error) {
	var (
		now                    time.Time
		access                 string
		zone, locale, currency string
		b                      = &v.Business
	)
	err = db.QueryRow(ctx, `
		select s.id, coalesce(l.job_id, 0), coalesce(l.quote_id, 0), coalesce(j.number, q.number), l.address, s.proved_at is not null, s.words, s.warns, c.access,
			c.id, c.name, `+contact.PermissionColumns("c")+`,
			cu.id, coalesce(nullif(cu.company_name, ''), cu.name), cu.number, cu.on_hold, st.hide_tasks,
			co.trading_name, co.phone, co.email, co.website, co.welcome_text, co.brand_colour, co.logo_key <> '', co.logo_width, co.logo_height, co.banner_key <> '', co.version,
			now(), co.time_zone, co.locale, co.currency, co.show_credit, i.demo, `+keeper.SQL+`
		from link_sessions s
		join record_links l on l.id = s.link_id
		join contacts c on c.id = l.contact_id
		join customers cu on cu.id = c.customer_id
		left join jobs j on j.id = l.job_id
		left join quotes q on q.id = l.quote_id
		cross join (select * from portal_settings limit 1) st cross join (select * from company limit 1) co cross join (select * from installation limit 1) i
		where s.token_hash = @token and `+linkSQL,
		pgx.NamedArgs{"token": tokenHash},
	).Scan(slices.Concat([]any{&v.Link.Session, &v.Link.Job, &v.Link.Quote, &v.Link.Number, &v.Link.Address, &v.Link.Proved, &s.Words, &s.Warns, &access, &v.Contact, &v.Name}, contact.ScanPermissions(&v.Permissions), []any{
		&v.Customer, &v.CustomerName, &v.CustomerNo, &v.OnHold, &v.HidesTasks,
		&b.Name, &b.Phone, &b.Email, &b.Website, &b.Welcome, &b.Colour, &b.HasLogo, &b.LogoWidth, &b.LogoHeight, &b.HasBanner, &b.Version,
		&now, &zone, &locale, &currency, &b.Credit, &b.Demo, &v.Keepers,
	})...)
	if errors.Is(err, pgx.ErrNoRows) {
		return LinkSession{}, Viewer{}, false, nil
	}
	if err != nil {
		return LinkSession{}, Viewer{}, false, fmt.Errorf("find the session by a link: %w", err)
	}
	v.Permissions = permissionsByLink(v.Link, access, v.Permissions)
	v.Customers = map[int64]string{v.Contact: v.CustomerName}
	b.Format = company.NewFormat(now, zone, locale, currency)
	return s, v, true, nil
}

// currentByLink is current for who has come by a record link.
func (v Viewer) currentByLink(ctx context.Context, tx postgres.Tx, may func(Viewer) bool, locks string) (Viewer, error) {
	v.News = nil
	var access string
	err := tx.QueryRow(ctx, `
		select c.access, `+contact.PermissionColumns("c")+`
		from contacts c
		join customers cu on cu.id = c.customer_id
		where c.id = @contact and c.customer_id = @customer
		`+locks,
		pgx.NamedArgs{"contact": v.Contact, "customer": v.Customer},
	).Scan(append([]any{&access}, contact.ScanPermissions(&v.Permissions)...)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Viewer{}, v.Link.ended()
	}
	if err != nil {
		return Viewer{}, fmt.Errorf("read the contact's permissions: %w", err)
	}
	// A statement of its own, as in current. The link is kept as it is, so that
	// ending it comes wholly before or wholly after.
	sessions := `link_sessions where id = @session`
	if v.Link.Replies { // the links of all emails about the record stand for that of the one answered
		sessions = `(select id as link_id, null::timestamptz as proved_at, expires_at from record_links where contact_id = @contact) links`
	}
	err = tx.QueryRow(ctx, `
		select cu.on_hold, s.proved_at is not null
		from (select * from `+sessions+`) s
		join record_links l on l.id = s.link_id
		join contacts c on c.id = l.contact_id
		join customers cu on cu.id = c.customer_id
		where c.id = @contact and coalesce(l.job_id, 0) = @job and coalesce(l.quote_id, 0) = @quote and `+linkSQL+`
		limit 1
		for key share of l`,
		pgx.NamedArgs{"session": v.Link.Session, "contact": v.Contact, "job": v.Link.Job, "quote": v.Link.Quote},
	).Scan(&v.OnHold, &v.Link.Proved)
	if errors.Is(err, pgx.ErrNoRows) {
		return Viewer{}, v.Link.ended()
	}
	if err != nil {
		return Viewer{}, fmt.Errorf("read the session by a link: %w", err)
	}
	v.Permissions = permissionsByLink(v.Link, access, v.Permissions)
	if !may(v) {
		return Viewer{}, apperr.Forbidden{}
	}
	return v, nil
}
