package signin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/openid"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/push"
	"fieldgate/internal/staff"
)

// A customer's own provider says who of the customer's contacts somebody is, and
// nothing else: a session that begins so is that contact's, and no person's. What
// the same human being is elsewhere, with another customer or on the staff, is
// neither looked up nor touched, whatever address the provider names.

// ErrNoCompany says that no company's login is set up for the address's domain.
var ErrNoCompany = errors.New("no company's login for this domain")

// ByCompanySQL holds of a session s by a company's provider and its contact c,
// while that provider is the customer's and lets them in. Where the provider gives
// nothing to ask again with, they sign in there once a day.
const ByCompanySQL = `exists (select from company_visits w join contact_identities i on i.id = w.identity_id join company_logins l on l.id = i.login_id
			where w.id = s.company_visit_id and i.contact_id = c.id and i.gone_at is null and l.active and l.customer_id = c.customer_id and l.issuer = i.issuer
				and (w.sealed is not null or w.created_at > now() - interval '12 hours'))`

// companyLogin is a customer's provider.
type companyLogin struct {
	ID, Customer int64
	Number       string // of the customer
	Issuer       string
	ClientID     string
	Sealed       []byte
	Preset       string

	domains []string // as of when somebody comes: see companyContact
}

func companySecret(customer int64) string {
	return fmt.Sprintf("company login of customer %d", customer)
}

func companyRefresh(identity int64) string { return fmt.Sprintf("company visit of %d", identity) }

// findCompanyLogin finds a provider that lets people in, by a condition on its row
// l, or returns apperr.NotFound.
func findCompanyLogin(ctx context.Context, db postgres.DB, where string, args pgx.NamedArgs) (l companyLogin, err error) {
	err = db.QueryRow(ctx, `
		select l.id, l.customer_id, cu.number, l.issuer, l.client_id, l.sealed, l.preset
		from company_logins l join customers cu on cu.id = l.customer_id
		where l.active and cu.archived_at is null and `+where, args).Scan(&l.ID, &l.Customer, &l.Number, &l.Issuer, &l.ClientID, &l.Sealed, &l.Preset)
	return l, notFound("find a company's login", err)
}

func (s *Service) companyClient(l companyLogin) (openid.Client, error) {
	plain, err := s.box.Open(l.Sealed, companySecret(l.Customer))
	if err != nil {
		return openid.Client{}, fmt.Errorf("open the secret of a company's login: %w", err)
	}
	return openid.Client{Issuer: l.Issuer, ID: l.ClientID, Secret: string(plain), Typed: true}, nil
}

// CompanyCallback is where the provider of the customer with the number sends
// people back to; CompanyLogout is where it tells whom it has logged out.
func (s *Service) CompanyCallback(number string) string {
	return s.base + "/login/company/" + number + "/answer"
}

// CompanyLogout is the address for back-channel logout.
func (s *Service) CompanyLogout(number string) string {
	return s.base + "/login/company/" + number + "/logout"
}

// LeaveForCompany sends a browser to the provider of the company whose domain the
// address has: a problem.Set for "email", ErrNoCompany or openid.Fault. Whether
// anybody has the address is not asked.
func (s *Service) LeaveForCompany(ctx context.Context, from audit.Actor, email, browser, next string) (Leave, error) {
	_, domain, ok := openid.SplitAddress(strings.TrimSpace(email))
	if !ok {
		return Leave{}, problem.Of("email", "Enter your email address at your company, such as name@example.com.")
	}
	l, err := findCompanyLogin(ctx, s.pool, `exists (select from company_login_domains d where d.login_id = l.id and d.domain = @domain)`, pgx.NamedArgs{"domain": domain})
	if errors.Is(err, apperr.NotFound) {
		return Leave{}, ErrNoCompany
	}
	if err != nil {
		return Leave{}, err
	}
	return s.leaveForCompany(ctx, from, l, away{Side: Portal, Login: l.ID, Next: next}, browser, openid.Ask{Hint: strings.TrimSpace(email)})
}

// LeaveToProve sends a contact who came by their company's provider there again,
// to prove once more who they are.
func (s *Service) LeaveToProve(ctx context.Context, by audit.Actor, browser, next string) (Leave, error) {
	l, err := findCompanyLogin(ctx, s.pool, `l.customer_id = (select customer_id from contacts where id = @contact)`, pgx.NamedArgs{"contact": by.Contact})
	if err != nil {
		return Leave{}, err
	}
	return s.leaveForCompany(ctx, by, l, away{Side: Portal, Login: l.ID, Next: next, Contact: by.Contact}, browser, openid.Ask{Fresh: true})
}

func (s *Service) leaveForCompany(ctx context.Context, by audit.Actor, l companyLogin, w away, browser string, ask openid.Ask) (Leave, error) {
	c, err := s.companyClient(l)
	if err != nil {
		return Leave{}, err
	}
	ask.Redirect, ask.Offline = s.CompanyCallback(l.Number), true
	leave, err := s.leave(ctx, c, w, browser, ask)
	if err != nil {
		s.companyFault(ctx, l.ID, err)
		return leave, s.unwelcomed(ctx, by, Portal, err)
	}
	return leave, nil
}

// CompanyReturn is who has come back from their company's provider.
type CompanyReturn struct {
	Entry Entry
	Next  string
}

// ReturnOfCompany lets in the contact whom the provider of the customer with the
// number names. Errors are ErrNotAsked, openid.Fault, Unwelcome and Limited. Here is
// the contact whom the browser is signed in as by that provider; 0 for none.
func (s *Service) ReturnOfCompany(ctx context.Context, from audit.Actor, number, browser string, here int64, got openid.Answer) (r CompanyReturn, err error) {
	l, err := findCompanyLogin(ctx, s.pool, `cu.number = @number`, pgx.NamedArgs{"number": number})
	if errors.Is(err, apperr.NotFound) {
		err = ErrNotAsked
	}
	var w away
	if err == nil {
		w, err = s.back(ctx, Portal, l.ID, browser, got.State)
	}
	if err != nil {
		return r, s.unwelcomed(ctx, from, Portal, err)
	}
	r.Next = w.Next
	c, err := s.companyClient(l)
	if err != nil {
		return r, err
	}
	who, err := s.named(ctx, c, w, s.CompanyCallback(l.Number), got)
	s.companyFault(ctx, l.ID, err)
	email := ""
	switch {
	case err != nil:
	case w.Contact != 0 && w.Contact != here:
		err = ErrNotAsked // signed out, or somebody else, meanwhile
	case w.Contact != 0 && !w.fresh(who):
		err = errNotFresh
	default:
		r.Entry, email, err = s.enterByCompany(ctx, from, l, w, who)
	}
	if err != nil {
		return r, s.unwelcomed(ctx, from, Portal, err)
	}
	return r, s.welcomed(ctx, from, Portal, email)
}

// companyFault notes on the customer's page how its provider answers.
func (s *Service) companyFault(ctx context.Context, login int64, err error) {
	kind := openid.KindOf(err)
	if kind != openid.Away && kind != openid.Misset {
		kind = ""
	}
	_, failed := s.pool.Exec(context.WithoutCancel(ctx), `
		update company_logins set fault = @fault, away_since = case when @fault = '' then null else coalesce(away_since, now()) end
		where id = @id and fault is distinct from @fault`, pgx.NamedArgs{"id": login, "fault": string(kind)})
	if failed != nil {
		audit.Log(ctx, audit.Actor{}, audit.Incident{Event: "company-login-not-noted", Side: string(Portal), Reason: string(kind), Warns: true})
	}
}

// enterByCompany is the wall: whom the provider names becomes a contact of that
// provider's customer, and of no other.
func (s *Service) enterByCompany(ctx context.Context, from audit.Actor, l companyLogin, w away, who openid.Somebody) (e Entry, email string, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		// Two who come at once make one contact.
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('company login'), @login::integer)`, pgx.NamedArgs{"login": l.ID % (1 << 31)}); err != nil {
			return fmt.Errorf("wait for another who comes: %w", err)
		}
		identity, c, err := s.companyContact(ctx, tx, from, l, who)
		if err != nil {
			return err
		}
		if w.Contact != 0 && c.ID != w.Contact {
			return Unwelcome{OtherAccount, who.Email}
		}
		if e.Visit, err = s.newCompanyVisit(ctx, tx, identity, who); err != nil {
			return err
		}
		e.Choices, e.AskedAt, email = []person.Choice{{Contact: c.ID}}, &who.At, c.Email
		return s.companyArrived(ctx, tx, from, c)
	})
	return e, email, err
}

// companyContact is the contact whom the provider's subject is, or becomes now.
func (s *Service) companyContact(ctx context.Context, tx postgres.Tx, from audit.Actor, l companyLogin, who openid.Somebody) (identity int64, c contact.Contact, err error) {
	if l.domains, err = domainsOf(ctx, tx, l); err != nil {
		return 0, c, err
	}
	if !who.Owned(l.answersForDomain) {
		return 0, c, Unwelcome{OtherDomain, who.Email}
	}
	var id int64
	args := pgx.NamedArgs{"login": l.ID, "issuer": who.Issuer, "subject": who.Subject}
	err = tx.QueryRow(ctx, `
		update contact_identities set last_used_at = now(), gone_at = null where login_id = @login and issuer = @issuer and subject = @subject returning id, contact_id`, args).Scan(&identity, &id)
	known := err == nil
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, c, fmt.Errorf("find a contact by their company's login: %w", err)
	}
	if !known {
		if id, err = s.contactNamed(ctx, tx, l, who); err != nil {
			return 0, c, err
		}
	}
	if c, err = contact.LockByID(ctx, tx, id); err != nil {
		return 0, c, err
	}
	if c.CustomerID != l.Customer || c.Archived() || c.Access == contact.Suspended {
		return 0, c, Unwelcome{NoAccount, who.Email}
	}
	if c.Access != contact.Active {
		if err := s.admit(ctx, tx, from, l, c, who); err != nil {
			return 0, c, err
		}
	}
	if known {
		return identity, c, nil
	}
	args["contact"] = c.ID
	err = tx.QueryRow(ctx, `insert into contact_identities (login_id, contact_id, issuer, subject) values (@login, @contact, @issuer, @subject) returning id`, args).Scan(&identity)
	if postgres.Constraint(err) == "contact_identity_of_one" {
		return 0, c, Unwelcome{OtherAccount, who.Email}
	}
	if err != nil {
		return 0, c, fmt.Errorf("tie a contact to their company's login: %w", err)
	}
	from.Contact, from.Name = c.ID, c.Name
	return identity, c, audit.Record(ctx, tx, from, audit.New{Action: audit.ContactConnected, ID: c.ID, Label: c.Name, Customer: c.CustomerID, After: map[string]any{"issuer": who.Issuer, "email": who.Email}})
}

// answersFor reports why the provider does not answer for the address; nil when it does.
func (l companyLogin) answersFor(who openid.Somebody) error {
	if !who.Verified {
		return Unwelcome{Unverified, who.Email}
	}
	if _, domain, _ := openid.SplitAddress(who.Email); !l.answersForDomain(domain) {
		return Unwelcome{OtherDomain, who.Email}
	}
	return nil
}

func (l companyLogin) answersForDomain(domain string) bool { return slices.Contains(l.domains, domain) }

func domainsOf(ctx context.Context, tx postgres.Tx, l companyLogin) (domains []string, err error) {
	if err = postgres.Read(ctx, tx, func(b *postgres.Batch) {
		postgres.QueryValues(b, &domains, `select domain from company_login_domains where login_id = @login`, pgx.NamedArgs{"login": l.ID})
	}); err != nil {
		return nil, fmt.Errorf("ask for the domains of a company's login: %w", err)
	}
	return domains, nil
}

// contactNamed is the customer's contact with the address that the provider
// answers for; where the login makes new people, it makes one.
func (s *Service) contactNamed(ctx context.Context, tx postgres.Tx, l companyLogin, who openid.Somebody) (id int64, err error) {
	if err := l.answersFor(who); err != nil {
		return 0, err
	}
	var email string
	err = tx.QueryRow(ctx, `select id, email from contacts where customer_id = @customer and email <> '' and lower(email) = lower(@email) and archived_at is null`,
		pgx.NamedArgs{"customer": l.Customer, "email": who.Email}).Scan(&id, &email)
	switch {
	case err == nil && openid.SameAddress(email, who.Email):
		return id, nil
	case err == nil: // the database folds more than the alphabet of addresses
		return 0, Unwelcome{NoAccount, who.Email}
	case !errors.Is(err, pgx.ErrNoRows):
		return 0, fmt.Errorf("find a contact by address: %w", err)
	}
	// Whom staff have archived they have taken out: nobody comes back by themselves.
	var left bool
	if err := tx.QueryRow(ctx, `select exists (select from contacts where customer_id = @customer and lower(email) = lower(@email))`, pgx.NamedArgs{"customer": l.Customer, "email": who.Email}).Scan(&left); err != nil {
		return 0, fmt.Errorf("look for contacts who were taken out: %w", err)
	}
	permissions, makes := contact.PresetPermissions(l.Preset)
	if left || !makes {
		return 0, Unwelcome{NoAccount, who.Email}
	}
	by := audit.Actor{Name: "Company login"}
	id, _, err = contact.Create(ctx, tx, by, contact.New{Customer: l.Customer, Details: contact.Details{Name: called(who), Email: who.Email}, Permissions: permissions, Portal: true})
	if err != nil || s.Joined == nil {
		return id, err
	}
	return id, s.Joined(ctx, tx, id)
}

// admit lets in a locked contact who has no access yet: who was invited, and where
// the login makes new people whoever staff have given none. Either has to be the
// one with the address, now.
func (s *Service) admit(ctx context.Context, tx postgres.Tx, from audit.Actor, l companyLogin, c contact.Contact, who openid.Somebody) error {
	if err := l.answersFor(who); err != nil {
		return err
	}
	if !openid.SameAddress(c.Email, who.Email) {
		return Unwelcome{OtherAccount, who.Email}
	}
	var permissions *contact.Permissions
	if c.Access == contact.NoAccess {
		preset, makes := contact.PresetPermissions(l.Preset)
		if !makes {
			return Unwelcome{NoAccount, who.Email}
		}
		permissions = &preset
	}
	from.Contact, from.Name = c.ID, c.Name
	if err := contact.EnterByCompany(ctx, tx, from, c, permissions); err != nil {
		return err
	}
	return endLinks(ctx, tx, `contact_id = @id`, c.ID)
}

// newCompanyVisit notes that somebody has come, with what asks later whether they
// are still there.
func (s *Service) newCompanyVisit(ctx context.Context, tx postgres.Tx, identity int64, who openid.Somebody) (id int64, err error) {
	var sealed []byte
	if who.Refresh != "" {
		sealed = s.box.Seal([]byte(who.Refresh), companyRefresh(identity))
	}
	err = tx.QueryRow(ctx, `insert into company_visits (identity_id, sid, sealed) values (@identity, @sid, @sealed) returning id`,
		pgx.NamedArgs{"identity": identity, "sid": who.Session, "sealed": sealed}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("note a company visit: %w", err)
	}
	return id, nil
}

// companyArrived notes that a contact has signed in.
func (s *Service) companyArrived(ctx context.Context, tx postgres.Tx, from audit.Actor, c contact.Contact) error {
	if _, err := tx.Exec(ctx, `update contacts set last_sign_in_at = now() where id = @contact`, pgx.NamedArgs{"contact": c.ID}); err != nil {
		return fmt.Errorf("note a sign-in: %w", err)
	}
	if err := postgres.Read(ctx, tx, func(b *postgres.Batch) { visit(b, c.ID) }); err != nil {
		return fmt.Errorf("note a visit: %w", err)
	}
	from.Contact, from.Name = c.ID, c.Name
	return audit.Record(ctx, tx, from, audit.New{Action: audit.ContactSignedIn, ID: c.ID, Label: c.Name, Customer: c.CustomerID, After: ByOpenID.with()})
}

// beginCompanySession is BeginSession for a contact who has come by their
// company's provider.
func (s *Service) beginCompanySession(ctx context.Context, n NewSession) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into sessions (token_hash, side, contact_id, company_visit_id, data, expires_at, created_at, address, browser)
			select @token, 'portal', c.id, w.id, @data, @expires, `+provedAt+`, @address, @browser
			from contacts c, company_visits w join contact_identities i on i.id = w.identity_id
			where c.id = @contact and i.contact_id = c.id and w.id = @visit and c.access = 'active' and c.archived_at is null
			for share of c, w`,
			pgx.NamedArgs{
				"token": n.TokenHash, "contact": n.Contact, "visit": n.Visit, "data": n.Data, "expires": n.ExpiresAt, "address": nullAddress(n.Address), "browser": n.Browser,
				"asked": n.AskedAt, "life": staff.ProofLife,
			})
		if err != nil {
			return fmt.Errorf("begin session: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return ErrProofEnded
		}
		// The notifications of whoever was here before are nobody's business here now.
		return push.Attach(ctx, tx, KnownDevice(n.Device), 0, n.TokenHash)
	})
}

// ComesByCompanyAlone reports whether a contact, or with 0 any of a person's, comes in
// by their company's provider and no other way.
func (s *Service) ComesByCompanyAlone(ctx context.Context, who, contact int64) (alone bool, err error) {
	err = s.pool.QueryRow(ctx, `
		select exists (select from contacts c join customers cu on cu.id = c.customer_id
			where (c.id = @contact or @contact = 0 and c.person_id = @person) and c.access in ('invited', 'active') and c.archived_at is null and cu.archived_at is null and not `+person.NotByCompanyAlone+`)`,
		pgx.NamedArgs{"person": who, "contact": contact}).Scan(&alone)
	if err != nil {
		return false, fmt.Errorf("whether somebody comes by their company alone: %w", err)
	}
	return alone, nil
}
