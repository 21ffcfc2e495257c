package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// A link is one promise to one address. Each mail that carries it has a token
// of its own, of which only the hash is kept, so that a mail sent again does
// not spoil the first. Looking at a link changes nothing, because mail scanners
// open links; using it ends it together with all others of the same contact,
// person or member of staff.

// Purpose is what a link is for.
type Purpose string

// The purposes.
const (
	Invitation      Purpose = "invitation"
	Reset           Purpose = "reset"
	NewAddress      Purpose = "email-change" // confirms the address that a person wants to sign in with
	StaffInvitation Purpose = "staff-invitation"
	StaffReset      Purpose = "staff-reset"
	StaffNewAddress Purpose = "staff-email-change"
)

// Life is how long a token of the purpose works, from its making.
func (p Purpose) Life() time.Duration {
	switch p {
	case Reset, StaffReset:
		// Mailboxes are shared in small businesses.
		return 30 * time.Minute
	case NewAddress, StaffNewAddress:
		return 24 * time.Hour
	case Invitation, StaffInvitation:
	}
	return 7 * 24 * time.Hour
}

// Lasts is Life as people say it: "30 minutes", "7 days".
func (p Purpose) Lasts() string { return day.Span(p.Life()) }

// State says whether a link still works.
type State string

// The states. Ended is a link that another one has replaced, or whose contact,
// person or member of staff does not wait for it any more.
const (
	Ready   State = "ready"
	Expired State = "expired"
	Used    State = "used"
	Ended   State = "ended"
)

// ErrSpent says that the link was used, has ended or has expired.
var ErrSpent = errors.New("the link does not work any more")

// Link is what its holder may learn of a link.
type Link struct {
	ID       int64
	Purpose  Purpose
	State    State
	Email    string // the address it was sent to
	Contact  int64  // of an invitation
	Person   int64  // whose password a reset changes, or who has the invitation's address already
	Staff    int64
	Name     string // of the contact or the member of staff
	Customer string // what the contact's customer is called

	// Known means that the invitation's address belongs to a person who is let
	// in by what is theirs alone. A password set by staff does not count: whoever
	// reads the mailbox replaces it.
	Known bool
	// NoPassword says of somebody known that they have none now: they come by codes.
	NoPassword bool
	// Settled means that what the link was for is done: the contact or the
	// member of staff can sign in.
	Settled bool
}

// findLink looks a link up by the token in its address, or returns
// apperr.NotFound. It changes nothing.
func findLink(ctx context.Context, db postgres.DB, token string) (Link, error) {
	// A link whose contact has another address now, or no longer waits for it, has ended.
	rows, err := db.Query(ctx, `
		select l.id, l.purpose, l.email,
			case when l.used_at is not null then 'used'
				when l.ended_at is not null or not coalesce(case l.purpose
					when 'invitation' then c.access = 'invited' and lower(c.email) = lower(l.email) and c.archived_at is null and cu.archived_at is null
					when 'reset' then lower(p.email) = lower(l.email)
					when 'email-change' then true
					when 'staff-email-change' then s.state = 'active' and s.role <> 'field' and s.archived_at is null
					when 'staff-invitation' then s.state = 'invited' and s.role <> 'field' and lower(s.email) = lower(l.email) and s.archived_at is null
					else s.state = 'active' and s.role <> 'field' and lower(s.email) = lower(l.email) and s.archived_at is null end, false) then 'ended'
				when t.expires_at <= now() then 'expired'
				else 'ready' end as state,
			coalesce(c.id, 0) as contact, coalesce(p.id, known.id, 0) as person, coalesce(s.id, 0) as staff,
			coalesce(c.name, s.name, '') as name, coalesce(nullif(cu.company_name, ''), cu.name, '') as customer,
			known.id is not null and not known.must_change_password as known,
			coalesce(known.password_hash = '', false) as no_password,
			coalesce(c.access = 'active' and c.archived_at is null and cu.archived_at is null, s.state = 'active', false) as settled
		from link_tokens t
		join links l on l.id = t.link_id
		left join contacts c on c.id = l.contact_id
		left join customers cu on cu.id = c.customer_id
		left join persons p on p.id = l.person_id
		left join persons known on l.purpose = 'invitation' and lower(known.email) = lower(l.email)
		left join staff s on s.id = l.staff_id
		where t.token_hash = @hash`, pgx.NamedArgs{"hash": secret.HashToken(token)})
	if err != nil {
		return Link{}, fmt.Errorf("find link: %w", err)
	}
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Link])
	return l, notFound("find link", err)
}

// FindLink finds a link of that purpose by its token, or returns apperr.NotFound.
func (s *Service) FindLink(ctx context.Context, token string, purpose Purpose) (Link, error) {
	l, err := findLink(ctx, s.pool, token)
	if err == nil && l.Purpose != purpose {
		err = apperr.NotFound
	}
	return l, err
}

// findReady finds a link of that purpose that still works, or returns
// apperr.NotFound or ErrSpent.
func (s *Service) findReady(ctx context.Context, token string, purpose Purpose) (Link, error) {
	l, err := s.FindLink(ctx, token, purpose)
	if err == nil && l.State != Ready {
		err = ErrSpent
	}
	return l, err
}

// claim marks a link as used, for one of several who try, and ends all others
// of the same contact, person or member of staff.
func claim(ctx context.Context, tx postgres.Tx, token string, purpose Purpose) (Link, error) {
	l, err := findLink(ctx, tx, token)
	if err != nil {
		return Link{}, err
	}
	if l.Purpose != purpose {
		return Link{}, apperr.NotFound
	}
	// Who a link is for is locked before its links, here as when they are made.
	table, of, id := "contacts", "contact_id = @id", l.Contact
	switch purpose {
	case Reset:
		table, of, id = "persons", ofResets, l.Person
	case NewAddress:
		table, of, id = "persons", ofNewAddresses, l.Person
	case StaffNewAddress:
		table, of, id = "staff", ofNewStaffAddresses, l.Staff
	case StaffInvitation, StaffReset:
		table, of, id = "staff", ofStaffPasswords, l.Staff
	case Invitation:
	}
	if _, err := tx.Exec(ctx, `select from `+table+` where id = @id for update`, pgx.NamedArgs{"id": id}); err != nil {
		return Link{}, fmt.Errorf("use link: %w", err)
	}
	if l, err = findLink(ctx, tx, token); err != nil {
		return Link{}, err
	}
	if l.State != Ready {
		return Link{}, ErrSpent
	}
	if _, err := tx.Exec(ctx, `update links set used_at = now() where id = @id`, pgx.NamedArgs{"id": l.ID}); err != nil {
		return Link{}, fmt.Errorf("use link: %w", err)
	}
	return l, endLinks(ctx, tx, of, id)
}

// The links of a person or a member of staff that end when one of the same kind
// is made or used.
const (
	ofResets            = `person_id = @id and purpose = 'reset'`
	ofNewAddresses      = `person_id = @id and purpose = 'email-change'`
	ofStaffPasswords    = `staff_id = @id and purpose <> 'staff-email-change'`
	ofNewStaffAddresses = `staff_id = @id and purpose = 'staff-email-change'`
)

func endResets(ctx context.Context, tx postgres.Tx, who int64) error {
	return endLinks(ctx, tx, ofResets, who)
}

// endLinks ends the open links that fit a condition of ours.
func endLinks(ctx context.Context, tx postgres.Tx, of string, id int64) error {
	_, err := tx.Exec(ctx, `update links set ended_at = now() where `+of+` and used_at is null and ended_at is null`, pgx.NamedArgs{"id": id})
	if err != nil {
		return fmt.Errorf("end links: %w", err)
	}
	return nil
}

func insertLink(ctx context.Context, tx postgres.Tx, purpose Purpose, column string, id int64, email string) (link int64, err error) {
	err = tx.QueryRow(ctx, `insert into links (purpose, `+column+`, email) values (@purpose, @id, @email) returning id`,
		pgx.NamedArgs{"purpose": string(purpose), "id": id, "email": email}).Scan(&link)
	if err != nil {
		return 0, fmt.Errorf("make link: %w", err)
	}
	return link, nil
}

// Token adds a token to a link and returns it in plain, the only time that it
// can be seen: for the mail that is being sent, or for a page that shows it
// once. A link that was used or has ended gives ErrSpent: its mail may be dropped.
func Token(ctx context.Context, tx postgres.Tx, link int64) (plain string, err error) {
	var purpose Purpose
	err = tx.QueryRow(ctx, `select purpose from links where id = @link and used_at is null and ended_at is null for key share`, pgx.NamedArgs{"link": link}).Scan(&purpose)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrSpent
	}
	if err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	plain, hash := secret.NewToken()
	_, err = tx.Exec(ctx, `insert into link_tokens (token_hash, link_id, expires_at) values (@hash, @link, now() + @life::interval)`,
		pgx.NamedArgs{"hash": hash, "link": link, "life": purpose.Life()})
	if err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	return plain, nil
}

// RenewLink sends a link of the same kind to the same address, if somebody
// there still waits for it; whoever can sign in already gets a reset of the
// password. The answer is always the same.
func (s *Service) RenewLink(ctx context.Context, from audit.Actor, token string, purpose Purpose) error {
	l, err := s.FindLink(ctx, token, purpose)
	if err != nil {
		return err
	}
	side := Portal
	if l.Staff != 0 {
		side = Office
	}
	return s.quietly(ctx, side, from, l.Email, func(tx postgres.Tx) error {
		if l, err = findLink(ctx, tx, token); err != nil {
			return err
		}
		switch {
		case l.Purpose == Invitation && !l.Settled:
			return s.renewInvitation(ctx, tx, from, l)
		case l.Purpose == Invitation || l.Purpose == Reset:
			return s.renewReset(ctx, tx, from, l)
		default:
			return s.renewStaffLink(ctx, tx, from, l)
		}
	})
}

func (s *Service) renewInvitation(ctx context.Context, tx postgres.Tx, from audit.Actor, l Link) error {
	contacts, err := waiting(ctx, tx, l.Email)
	if err != nil {
		return err
	}
	for _, c := range contacts {
		if c.ID == l.Contact {
			return s.sendInvitation(ctx, tx, from, c.ID)
		}
	}
	return nil
}

func (s *Service) renewReset(ctx context.Context, tx postgres.Tx, from audit.Actor, l Link) error {
	p, err := person.FindByEmail(ctx, tx, l.Email)
	if err != nil {
		return err
	}
	may, err := person.MayEnter(ctx, tx, p.ID)
	if err != nil || !may || p.ID != l.Person {
		return err
	}
	return s.sendReset(ctx, tx, from, p.ID)
}

// sweepLinks forgets tokens of links so old that not even their explanation is
// asked for any more.
func sweepLinks(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `delete from link_tokens where expires_at < now() - interval '90 days'`); err != nil {
		return fmt.Errorf("sweep links: %w", err)
	}
	return nil
}
