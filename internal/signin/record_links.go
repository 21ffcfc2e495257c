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
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// A record link opens one job or quote for whoever holds it: each email about a
// record carries one, of the contact it went to. Only the hash of its token is
// kept. Opening it changes nothing; pressing the button begins a session of a
// kind of its own, which sees that record and nothing else.

// RecordLinkLife is how long a record link works.
const RecordLinkLife = 14 * 24 * time.Hour

const (
	// linkSessionLife is short, as the email is at hand: who comes back presses again.
	linkSessionLife = 24 * time.Hour
	// linkSessions is how many a link has at once; the oldest end.
	linkSessions = 20
	// linkBrowserLife is how long a browser needs no further code.
	linkBrowserLife = 90 * 24 * time.Hour
)

// CodeLasts is CodeLife as people say it.
var CodeLasts = day.Span(CodeLife)

// WhyEnded says who ended a record link before its time. Reasons are stored. What
// becomes of a contact's access or address ends them in the database.
type WhyEnded string

// The reasons.
const (
	EndedByOffice   WhyEnded = "office"
	EndedBySetting  WhyEnded = "switched off"
	EndedByRestored WhyEnded = "restored"
)

// RecordLink is what its holder may learn of a record link.
type RecordLink struct {
	ID         int64
	State      State // Ready, Expired or Ended
	Contact    int64
	Customer   int64
	Person     int64 // who signs in as the contact, and may now; 0 for nobody
	Name       string
	Job, Quote int64
	Number     string
	// AboutMessage says that the email which it came with tells of a message.
	AboutMessage bool
}

// NewRecordLink makes a link to the record of an email that is being sent, and
// returns its token in plain, the only time that it can be seen; "" when record
// links are switched off, or the address is not the contact's any more.
func NewRecordLink(ctx context.Context, tx postgres.Tx, contact, job, quote, email int64, address string) (plain string, err error) {
	plain, hash := secret.NewToken()
	tag, err := tx.Exec(ctx, `
		insert into record_links (token_hash, customer_id, contact_id, job_id, quote_id, email_id, address, expires_at)
		select @hash, customer_id, id, nullif(@job::bigint, 0), nullif(@quote::bigint, 0), nullif(@email::bigint, 0), @address, now() + @life::interval
		from contacts where id = @contact and lower(email) = lower(@address) and (select record_links from portal_settings)`,
		pgx.NamedArgs{"hash": hash, "contact": contact, "job": job, "quote": quote, "email": email, "address": address, "life": RecordLinkLife})
	if err != nil {
		return "", fmt.Errorf("make record link: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return "", nil
	}
	return plain, nil
}

// FindRecordLink finds a record link by its token, or returns apperr.NotFound. It
// changes nothing. Whether the contact sees the record is the portal's to say.
func (s *Service) FindRecordLink(ctx context.Context, token string) (RecordLink, error) {
	return findRecordLink(ctx, s.pool, token)
}

func findRecordLink(ctx context.Context, db postgres.DB, token string) (RecordLink, error) {
	rows, err := db.Query(ctx, `
		select l.id, case when l.ended_at is not null or lower(l.address) <> lower(c.email) or c.access = 'suspended' or c.archived_at is not null or cu.archived_at is not null
				or not (select record_links from portal_settings) then 'ended'
				when l.expires_at <= now() then 'expired' else 'ready' end as state,
			c.id as contact, c.customer_id as customer, case when c.access = 'active' then coalesce(c.person_id, 0) else 0 end as person, c.name,
			coalesce(l.job_id, 0) as job, coalesce(l.quote_id, 0) as quote, coalesce(j.number, q.number) as number, coalesce(e.kind = 'message', false) as about_message
		from record_links l
		join contacts c on c.id = l.contact_id
		join customers cu on cu.id = c.customer_id
		left join jobs j on j.id = l.job_id
		left join quotes q on q.id = l.quote_id
		left join emails e on e.id = l.email_id
		where l.token_hash = @hash`, pgx.NamedArgs{"hash": secret.HashToken(token)})
	if err != nil {
		return RecordLink{}, fmt.Errorf("find record link: %w", err)
	}
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[RecordLink])
	return l, notFound("find record link", err)
}

// NewLinkSession is a session to begin by a record link: the token of the link,
// the hash of the session's own, and the browser.
type NewLinkSession struct {
	Link      string
	TokenHash string
	Device    string // the token of the browser's device, "" without one
	Address   netip.Addr
	Browser   string
}

// BeginLinkSession begins a session that looks at the link's record, and notes
// that the link was opened. It returns apperr.NotFound or ErrSpent.
func (s *Service) BeginLinkSession(ctx context.Context, n NewLinkSession) (l RecordLink, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if l, err = findRecordLink(ctx, tx, n.Link); err != nil {
			return err
		}
		// Locked before it is asked again: whoever ends the link either finds the
		// session, or has ended it already.
		if _, err := tx.Exec(ctx, `select from record_links where id = $1 for no key update`, l.ID); err != nil {
			return fmt.Errorf("begin a session by a link: %w", err)
		}
		if l, err = findRecordLink(ctx, tx, n.Link); err != nil {
			return err
		}
		if l.State != Ready {
			return ErrSpent
		}
		known, err := knownBrowser(ctx, tx, l.Contact, n.Device)
		if err != nil {
			return err
		}
		err = postgres.Read(ctx, tx, func(b *postgres.Batch) {
			args := pgx.NamedArgs{
				"link": l.ID, "token": n.TokenHash, "known": known, "life": linkSessionLife, "address": nullAddress(n.Address), "browser": n.Browser, "most": linkSessions,
			}
			b.Do(`update record_links set opened_at = now() where id = @link and opened_at is null`, args)
			b.Do(`
				insert into link_sessions (token_hash, link_id, proved_at, expires_at, address, browser)
				values (@token, @link, case when @known then now() end, now() + @life::interval, @address, @browser)`, args)
			b.Do(`delete from link_sessions where id in (select id from link_sessions where link_id = @link order by id desc offset @most)`, args)
		})
		if err != nil {
			return fmt.Errorf("begin a session by a link: %w", err)
		}
		return nil
	})
	return l, err
}

// knownBrowser reports whether a browser has shown before that the contact's
// mailbox is at its hands: a code was typed in it, or the contact has signed in.
func knownBrowser(ctx context.Context, db postgres.DB, contact int64, device string) (known bool, err error) {
	err = db.QueryRow(ctx, `
		select exists (select from link_browsers b where b.contact_id = c.id and b.token_hash = @token and lower(b.address) = lower(c.email) and b.at > now() - @life::interval)
			or c.access = 'active' and exists (select from devices d where d.person_id = c.person_id and d.token_hash = @token)
		from contacts c where c.id = @contact`,
		pgx.NamedArgs{"contact": contact, "token": hashOf(device), "life": linkBrowserLife}).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("recognise browser: %w", err)
	}
	return known && secret.HashToken(device) != nil, nil
}

// EndLinkSession ends a session by a record link; whoever holds the link can
// begin another.
func (s *Service) EndLinkSession(ctx context.Context, tokenHash string) error {
	if _, err := s.pool.Exec(ctx, `delete from link_sessions where token_hash = $1`, tokenHash); err != nil {
		return fmt.Errorf("end the session by a link: %w", err)
	}
	return nil
}

// LeaveWords keeps a sentence for the next page of a session by a record link;
// "" takes the last one away.
func (s *Service) LeaveWords(ctx context.Context, tokenHash, words string, warns bool) error {
	_, err := s.pool.Exec(ctx, `update link_sessions set words = @words, warns = @warns where token_hash = @token`,
		pgx.NamedArgs{"token": tokenHash, "words": words, "warns": warns})
	if err != nil {
		return fmt.Errorf("leave words in the session by a link: %w", err)
	}
	return nil
}

// RenewRecordLink sends a fresh link to the same address, if it is the contact's
// still and may sees that they see the record now. The answer is always the same.
func (s *Service) RenewRecordLink(ctx context.Context, from audit.Actor, token string, sees func(context.Context, RecordLink) (bool, error)) error {
	l, err := s.FindRecordLink(ctx, token)
	if errors.Is(err, apperr.NotFound) {
		return s.quietly(ctx, Portal, from, "", func(postgres.Tx) error { return nil })
	}
	if err != nil {
		return err
	}
	var account string
	if err := s.pool.QueryRow(ctx, `select address from record_links where id = $1`, l.ID).Scan(&account); err != nil {
		return fmt.Errorf("renew record link: %w", err)
	}
	seen, err := sees(ctx, l)
	if err != nil {
		return err
	}
	return s.quietly(ctx, Portal, from, account, func(tx postgres.Tx) error {
		var waits bool
		err := tx.QueryRow(ctx, `
			select lower(c.email) = lower(l.address) and c.access <> 'suspended' and c.archived_at is null and cu.archived_at is null and (select record_links from portal_settings)
			from record_links l join contacts c on c.id = l.contact_id join customers cu on cu.id = c.customer_id
			where l.id = $1`, l.ID).Scan(&waits)
		if err != nil {
			return fmt.Errorf("renew record link: %w", err)
		}
		if !waits || !seen {
			return nil
		}
		return s.mail.RecordLinkAsked(ctx, tx, l.Contact, l.Job, l.Quote)
	})
}

// LinksOf are the record links of one contact, or to one job or quote.
type LinksOf struct{ Contact, Job, Quote int64 }

func (of LinksOf) args() pgx.NamedArgs {
	return pgx.NamedArgs{"contact": of.Contact, "job": of.Job, "quote": of.Quote}
}

const linksOf = `(contact_id = nullif(@contact::bigint, 0) or job_id = nullif(@job::bigint, 0) or quote_id = nullif(@quote::bigint, 0))`

// openLinks are those that still work, as far as the link itself says.
const openLinks = linksOf + ` and ended_at is null and expires_at > now()`

// QueryOpenLinks adds the query for how many record links work.
func QueryOpenLinks(b *postgres.Batch, into *int, of LinksOf) {
	postgres.QueryValue(b, into, `select count(*) from record_links where `+openLinks, of.args())
}

// EndRecordLinks ends record links at once, with all sessions begun by them, and
// returns how many there were.
func EndRecordLinks(ctx context.Context, tx postgres.Tx, of LinksOf, why WhyEnded) (ended int64, err error) {
	return endRecordLinks(ctx, tx, openLinks, of, why)
}

// EndAllRecordLinks ends all of them.
func EndAllRecordLinks(ctx context.Context, tx postgres.Tx, why WhyEnded) error {
	_, err := endRecordLinks(ctx, tx, `ended_at is null`, LinksOf{}, why)
	return err
}

func endRecordLinks(ctx context.Context, tx postgres.Tx, where string, of LinksOf, why WhyEnded) (int64, error) {
	args := of.args()
	args["why"] = string(why)
	tag, err := tx.Exec(ctx, `update record_links set ended_at = now(), ended_why = @why where `+where, args)
	if err != nil {
		return 0, fmt.Errorf("end record links: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from link_sessions where link_id in (select id from record_links where ended_at is not null)`); err != nil {
		return 0, fmt.Errorf("end the sessions by record links: %w", err)
	}
	return tag.RowsAffected(), nil
}

// ProveLink notes that the contact's mailbox is at the hands of whoever has the
// session by a record link, and remembers the browser. It returns the token that
// the browser keeps.
func (s *Service) ProveLink(ctx context.Context, session int64, device string) (token string, err error) {
	if secret.HashToken(device) == nil {
		device, _ = secret.NewToken()
	}
	return device, postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return proveLink(ctx, tx, session, device) })
}

func proveLink(ctx context.Context, tx postgres.Tx, session int64, device string) error {
	var link int64
	err := tx.QueryRow(ctx, `update link_sessions set proved_at = now() where id = $1 and expires_at > now() returning link_id`, session).Scan(&link)
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.SignedOut
	}
	if err != nil {
		return fmt.Errorf("prove a link: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into link_browsers (customer_id, contact_id, token_hash, address)
		select customer_id, contact_id, @token, address from record_links where id = @link
		on conflict (contact_id, token_hash) do update set at = now(), address = excluded.address`,
		pgx.NamedArgs{"link": link, "token": hashOf(device)})
	if err != nil {
		return fmt.Errorf("remember browser: %w", err)
	}
	return nil
}

// sweepRecordLinks forgets sessions that are over, browsers that need a code
// again, and links so old that not even their explanation is asked for any more.
func sweepRecordLinks(ctx context.Context, tx postgres.Tx) error {
	for _, sql := range []string{
		`delete from link_sessions where expires_at < now()`,
		`delete from link_browsers where at < now() - interval '90 days'`,
		`delete from record_links where id = any(array(select id from record_links where expires_at < now() - interval '90 days' order by expires_at limit 5000))`,
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("sweep record links: %w", err)
		}
	}
	return nil
}
