package signin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/net/idna"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/openid"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/secret"
	"fieldgate/internal/staff"
)

// CompanyLogin is a customer's provider as Administrators set it. Its secret is
// never read.
type CompanyLogin struct {
	Issuer    string
	ClientID  string
	Domains   []string
	Preset    string // what new people may do; "" when nobody is made
	OnlyWay   bool
	Active    bool
	AwaySince *time.Time
	Fault     string // the kind of what was wrong last; "" for nothing
	People    int    // who have come by it
	Version   int64
}

// QueryCompanyLogin adds the query for a customer's provider: one row, or none.
func QueryCompanyLogin(b *postgres.Batch, into *[]CompanyLogin, customer int64) {
	postgres.Query(b, into, `
		select l.issuer, l.client_id, array(select d.domain from company_login_domains d where d.login_id = l.id and d.domain ~ '^[[:ascii:]]+$' order by 1) as domains,
			l.preset, l.only_way, l.active, l.away_since, l.fault,
			(select count(*)::integer from contact_identities i where i.login_id = l.id and i.issuer = l.issuer and i.gone_at is null) as people, l.version
		from company_logins l where l.customer_id = @customer`, pgx.NamedArgs{"customer": customer})
}

// QueryHasCompanyLogin adds the query for whether a customer has a company login.
func QueryHasCompanyLogin(b *postgres.Batch, into *bool, customer int64) {
	postgres.QueryValue(b, into, `select exists (select from company_logins where customer_id = @customer)`, pgx.NamedArgs{"customer": customer})
}

// NewCompanyLogin is what an Administrator has typed of a customer's provider.
type NewCompanyLogin struct {
	Issuer, ClientID string
	Secret           string // "" keeps the one that is there
	Domains          string // as typed: separated by commas, blanks or lines
	Preset           string
	OnlyWay          bool
	Active           bool
	Version          int64 // 0 for a new one
}

// public are domains where anybody gets an address: they are no company's.
var public = []string{
	"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.net", "gmx.de", "web.de", "proton.me", "protonmail.com", "bigpond.com", "optusnet.com.au",
}

// domains are what was typed, in the form in which it is compared.
func (n NewCompanyLogin) domains() (all []string, p problem.Set) {
	for _, typed := range strings.FieldsFunc(n.Domains, func(r rune) bool { return strings.ContainsRune(", ;\n\r\t", r) }) {
		domain, ok := openid.Domain(strings.TrimPrefix(typed, "@"))
		switch {
		case !ok:
			return nil, problem.Set{"domains": fmt.Sprintf("“%s” is no domain such as example.com.", typed)}
		case slices.Contains(public, domain):
			return nil, problem.Set{"domains": fmt.Sprintf("Anybody can have an address at %s. Enter the company's own domains.", domain)}
		}
		if !slices.Contains(all, domain) {
			all = append(all, domain)
		}
	}
	if len(all) == 0 {
		return nil, problem.Set{"domains": "Enter the domains of the company's addresses, such as example.com."}
	}
	if len(all) > 50 {
		return nil, problem.Set{"domains": "Enter up to 50 domains."}
	}
	return all, nil
}

// check tells what is wrong with what was typed.
func (s *Service) checkCompanyLogin(n NewCompanyLogin, kept bool) (domains []string, err error) {
	p := problem.Set{}
	if err := openid.CheckIssuer(n.Issuer, s.staffProvider.Inside); err != nil {
		words := err.Error()
		p["issuer"] = strings.ToUpper(words[:1]) + words[1:] + "."
	}
	p.Unless(n.ClientID != "" && len(n.ClientID) <= 500, "client", "Enter the client ID that the provider shows.")
	p.Unless((n.Secret != "" || kept) && len(n.Secret) <= 1000, "secret", "Enter the client secret that the provider shows.")
	_, known := contact.PresetPermissions(n.Preset)
	p.Unless(n.Preset == "" || known, "preset", "Choose what new people may do.")
	domains, wrong := n.domains()
	for field, words := range wrong {
		p[field] = words
	}
	return domains, p.Err()
}

// SetCompanyLogin sets a customer's provider, for an Administrator with a fresh
// proof: a problem.Set, or apperr.Stale. Whoever came by another issuer, or has an
// address of a domain that is no longer there, comes no more.
func (s *Service) SetCompanyLogin(ctx context.Context, by staff.Viewer, number string, n NewCompanyLogin) error {
	if err := by.CheckProof(); err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		cu, err := customer.FindByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		if cu.Archived() {
			return apperr.Conflictf("%s is archived. Restore the customer first.", cu.Name)
		}
		before, id, err := lockCompanyLogin(ctx, tx, cu.ID)
		if err != nil {
			return err
		}
		if before.Version != n.Version {
			return apperr.Stale
		}
		kept := id != 0 && before.Issuer == n.Issuer // another provider has another secret
		domains, err := s.checkCompanyLogin(n, kept)
		if err != nil {
			return err
		}
		args := pgx.NamedArgs{
			"id": id, "customer": cu.ID, "issuer": n.Issuer, "client": n.ClientID, "preset": n.Preset, "only": n.OnlyWay, "active": n.Active,
			"sealed": s.box.Seal([]byte(n.Secret), companySecret(cu.ID)), "fresh": n.Secret != "", "domains": spellings(domains),
			"other_client": before.ClientID != n.ClientID,
		}
		if err := writeCompanyLogin(ctx, tx, args); err != nil {
			return err
		}
		if err := endStrangers(ctx, tx, args); err != nil {
			return err
		}
		if err := contact.LeaveCompany(ctx, tx, by.Actor(), cu.ID, spellings(domains)...); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by.Actor(), audit.New{
			Action: audit.CompanyLoginSet, ID: cu.ID, Label: cu.Name, Customer: cu.ID, Before: before.trail(before.Domains, false),
			After: CompanyLogin{Issuer: n.Issuer, ClientID: n.ClientID, Preset: n.Preset, OnlyWay: n.OnlyWay, Active: n.Active}.trail(domains, n.Secret != "" && id != 0),
		})
	})
}

// trail is what the trail keeps of a provider.
func (c CompanyLogin) trail(domains []string, secret bool) map[string]any {
	if c.Issuer == "" {
		return nil
	}
	kept := map[string]any{"issuer": c.Issuer, "client": c.ClientID, "domains": strings.Join(domains, ", "), "preset": c.Preset, "only_way": c.OnlyWay, "active": c.Active}
	if secret {
		kept["secret"] = "changed"
	}
	return kept
}

func lockCompanyLogin(ctx context.Context, tx postgres.Tx, customer int64) (c CompanyLogin, id int64, err error) {
	// A first one has no row to lock.
	if _, err := tx.Exec(ctx, `select true from customers where id = @customer for update`, pgx.NamedArgs{"customer": customer}); err != nil {
		return c, 0, fmt.Errorf("lock customer %d: %w", customer, err)
	}
	err = tx.QueryRow(ctx, `
		select id, issuer, client_id, preset, only_way, active, version, array(select domain from company_login_domains d where d.login_id = l.id and domain ~ '^[[:ascii:]]+$' order by 1)
		from company_logins l where customer_id = @customer for update`, pgx.NamedArgs{"customer": customer}).
		Scan(&id, &c.Issuer, &c.ClientID, &c.Preset, &c.OnlyWay, &c.Active, &c.Version, &c.Domains)
	if errors.Is(err, pgx.ErrNoRows) {
		return CompanyLogin{}, 0, nil
	}
	if err != nil {
		return c, 0, fmt.Errorf("lock a company's login: %w", err)
	}
	return c, id, nil
}

// spellings are domains as addresses write them: by the name system's letters,
// and by their own.
func spellings(domains []string) (all []string) {
	for _, d := range domains {
		all = append(all, d)
		if own, err := idna.Lookup.ToUnicode(d); err == nil && own != d {
			all = append(all, strings.ToLower(own))
		}
	}
	return all
}

func writeCompanyLogin(ctx context.Context, tx postgres.Tx, args pgx.NamedArgs) error {
	var id int64
	err := tx.QueryRow(ctx, `
		insert into company_logins as l (customer_id, issuer, client_id, sealed, preset, only_way, active) values (@customer, @issuer, @client, @sealed, @preset, @only, @active)
		on conflict (customer_id) do update set issuer = excluded.issuer, client_id = excluded.client_id, preset = excluded.preset, only_way = excluded.only_way, active = excluded.active,
			sealed = case when @fresh then excluded.sealed else l.sealed end, version = l.version + 1, fault = '', away_since = null
		returning id`, args).Scan(&id)
	if err != nil {
		return fmt.Errorf("set a company's login: %w", err)
	}
	args["id"] = id
	var other string
	err = tx.QueryRow(ctx, `
		select coalesce((select d.domain || ' belongs to ' || cu.name || ' (' || cu.number || ') already.' from company_login_domains d join company_logins l on l.id = d.login_id join customers cu on cu.id = l.customer_id
			where d.domain = any(@domains) and d.login_id <> @id and cu.archived_at is null order by 1 limit 1), '')`, args).Scan(&other)
	if err != nil {
		return fmt.Errorf("whose domains these are: %w", err)
	}
	if other != "" {
		return problem.Of("domains", other)
	}
	for _, sql := range []string{
		`delete from company_login_domains where login_id = @id or domain = any(@domains)`,
		`insert into company_login_domains (login_id, domain) select @id, unnest(@domains::text[])`,
	} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("set the domains of a company's login: %w", err)
		}
	}
	return nil
}

// endStrangers ends those who came by what the login no longer is. A provider may
// name the same people otherwise to another client: their address counts once more.
func endStrangers(ctx context.Context, tx postgres.Tx, args pgx.NamedArgs) error {
	_, err := tx.Exec(ctx, `
		delete from contact_identities i using contacts c where c.id = i.contact_id and i.login_id = @id
			and (i.issuer <> @issuer or @other_client or not (lower(substring(c.email from '@([^@]*)$')) = any(@domains)))`, args)
	if err != nil {
		return fmt.Errorf("end who came by another login: %w", err)
	}
	return nil
}

// RemoveCompanyLogin ends a customer's company login and whoever came by it.
// Contacts who had no other way in wait for an invitation from then on.
func (s *Service) RemoveCompanyLogin(ctx context.Context, by staff.Viewer, number string) error {
	if err := by.CheckProof(); err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return EndCompanyLogin(ctx, tx, by.Actor(), number) })
}

// EndCompanyLogin is RemoveCompanyLogin within a deed that asks who may. A customer
// who goes to another does not bring its login along: that is sealed for it alone.
func EndCompanyLogin(ctx context.Context, tx postgres.Tx, by audit.Actor, number string) error {
	cu, err := customer.FindByNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	before, id, err := lockCompanyLogin(ctx, tx, cu.ID)
	if err != nil || id == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from company_logins where id = @id`, pgx.NamedArgs{"id": id}); err != nil {
		return fmt.Errorf("remove a company's login: %w", err)
	}
	if err := contact.LeaveCompany(ctx, tx, by, cu.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.CompanyLoginRemoved, ID: cu.ID, Label: cu.Name, Customer: cu.ID, Before: before.trail(before.Domains, false)})
}

// DisconnectContact unties a locked contact from their company's login: whoever has
// the address there next comes in as them.
func DisconnectContact(ctx context.Context, tx postgres.Tx, by audit.Actor, c contact.Contact) error {
	tag, err := tx.Exec(ctx, `delete from contact_identities where contact_id = @id`, pgx.NamedArgs{"id": c.ID})
	if err != nil {
		return fmt.Errorf("untie contact %d from their company's login: %w", c.ID, err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.ContactDisconnected, ID: c.ID, Label: c.Name, Customer: c.CustomerID})
}

// QueryContactConnected adds the query for whether a contact is tied to their
// company's login.
func QueryContactConnected(b *postgres.Batch, into *bool, id int64) {
	postgres.QueryValue(b, into, `select exists (select from contact_identities where contact_id = @id)`, pgx.NamedArgs{"id": id})
}

// TryCompanyLogin asks the provider that is set for its discovery document, or
// returns apperr.NotFound without one.
func (s *Service) TryCompanyLogin(ctx context.Context, number string) (openid.Told, error) {
	if postgres.Refuses(ctx) { // the form is only shown again
		return openid.Told{}, apperr.NotFound
	}
	l, err := findCompanyLogin(ctx, s.pool, `cu.number = @number`, pgx.NamedArgs{"number": number})
	if err != nil {
		return openid.Told{}, err
	}
	c, err := s.companyClient(l)
	if err != nil {
		return openid.Told{}, err
	}
	told, err := s.providers.Try(ctx, c)
	s.companyFault(ctx, l.ID, err)
	if err != nil {
		return told, fmt.Errorf("try a company's login: %w", err)
	}
	return told, nil
}

// RotateCompanies seals with the present key the secrets of companies' logins and
// what asks providers again, and counts what no key opens.
func RotateCompanies(ctx context.Context, tx postgres.Tx, box *secret.Box) (sealed, unreadable int, err error) {
	for _, kept := range []struct {
		table, of string
		context   func(int64) string
	}{{"company_logins", "customer_id", companySecret}, {"company_visits", "identity_id", companyRefresh}} {
		rows, err := tx.Query(ctx, `select id, `+kept.of+` as of, sealed from `+kept.table+` where sealed is not null order by id for update`)
		if err != nil {
			return 0, 0, fmt.Errorf("read what is sealed of companies' logins: %w", err)
		}
		all, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
			ID, Of int64
			Sealed []byte
		}])
		if err != nil {
			return 0, 0, fmt.Errorf("read what is sealed of companies' logins: %w", err)
		}
		for _, k := range all {
			fresh, changed, err := box.Reseal(k.Sealed, kept.context(k.Of))
			if err != nil {
				unreadable++
				continue
			}
			if !changed {
				continue
			}
			if _, err := tx.Exec(ctx, `update `+kept.table+` set sealed = @sealed where id = @id`, pgx.NamedArgs{"id": k.ID, "sealed": fresh}); err != nil {
				return 0, 0, fmt.Errorf("seal what is kept of companies' logins again: %w", err)
			}
			sealed++
		}
	}
	return sealed, unreadable, nil
}
