package token

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// Lives are for how many days a token can be made; 0 is for ever.
var Lives = []int{30, 90, 365, 0}

const maxName = 80

// Details are what Administration enters of a token, and may change.
type Details struct {
	Name         string
	Scopes       []Scope
	AllCustomers bool
	Customers    []string // their numbers, when it does not reach all
}

// Check says what is wrong with what was typed.
func (d Details) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Name != "", "name", "Enter a name, such as the system that will use it.")
	p.Unless(utf8.RuneCountInString(d.Name) <= maxName, "name", "Keep the name under 80 characters.")
	p.Unless(len(d.Scopes) > 0, "scopes", "Choose at least one thing that it may do.")
	for _, s := range d.Scopes {
		p.Unless(s.Known(), "scopes", "Choose among the things shown.")
	}
	p.Unless(d.AllCustomers || len(d.Customers) > 0, "customers", "Enter the numbers of the customers, such as C-1001.")
	p.Unless(d.AllCustomers || len(d.Customers) <= 200, "customers", "Enter at most 200 customers.")
	return p
}

// tidied is d as it is kept.
func (d Details) tidied() Details {
	d.Scopes = tidied(d.Scopes)
	if d.AllCustomers {
		d.Customers = nil
	}
	return d
}

// New is a token to make.
type New struct {
	Details
	Source string // "" is made from the name
	Days   int    // one of Lives
	Nonce  string
}

var (
	sources  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	notPlain = regexp.MustCompile(`[^a-z0-9]+`)
)

// source is the name of the system that uses the token, as external ids have it.
func (n New) source() string {
	if n.Source != "" {
		return n.Source
	}
	plain := strings.Trim(notPlain.ReplaceAllString(strings.ToLower(n.Name), "-"), "-")
	if len(plain) > 40 {
		plain = strings.Trim(plain[:40], "-")
	}
	if plain == "" {
		plain = "api"
	}
	return plain
}

// Check says what is wrong with what was typed.
func (n New) Check() problem.Set {
	p := n.Details.Check()
	p.Unless(sources.MatchString(n.source()), "source", "Use small letters, digits and hyphens, at most 40, such as simpro.")
	p.Unless(slices.Contains(Lives, n.Days), "days", "Choose until when it works.")
	return p
}

// Token is a token of the office.
type Token struct {
	ID           int64
	Name         string
	Hint         string // its last characters
	Source       string
	Scopes       []Scope
	AllCustomers bool
	Customers    []Customer
	CreatedAt    time.Time
	CreatedBy    string
	ExpiresAt    *time.Time
	Expired      bool
	UsedAt       *time.Time
	UsedFrom     *netip.Addr
	EndedAt      *time.Time
	EndedBy      string
	Version      int64
}

// Customer is one that a token reaches.
type Customer struct {
	ID     int64  `json:"id"`
	Number string `json:"number"`
	Name   string `json:"name"`
}

// Works reports whether the token lets anybody in.
func (t Token) Works() bool { return t.EndedAt == nil && !t.Expired }

// May reports whether the token has a scope.
func (t Token) May(s Scope) bool { return slices.Contains(t.Scopes, s) }

// Details are what may be edited of the token.
func (t Token) Details() Details {
	d := Details{Name: t.Name, Scopes: t.Scopes, AllCustomers: t.AllCustomers}
	for _, c := range t.Customers {
		d.Customers = append(d.Customers, c.Number)
	}
	return d
}

const columns = `t.id, t.name, t.hint, t.source, t.scopes, t.all_customers,
	coalesce((select jsonb_agg(jsonb_build_object('id', c.id, 'number', c.number, 'name', c.name) order by c.name, c.id) from token_customers k join customers c on c.id = k.customer_id where k.token_id = t.id), '[]') as customers,
	t.created_at, s.name as created_by, t.expires_at, coalesce(t.expires_at <= now(), false) as expired, t.used_at, t.used_from, t.ended_at, coalesce(e.name, '') as ended_by, t.version`

const tables = `tokens t join staff s on s.id = t.created_by_id left join staff e on e.id = t.ended_by_id`

// Show is which tokens a list shows.
type Show string

// The tokens to choose from.
const (
	ShowWorking Show = "" // let somebody in
	ShowEnded   Show = "ended"
	ShowAll     Show = "all"
)

// Shows are all of them, in their order.
var Shows = []Show{ShowWorking, ShowEnded, ShowAll}

// Orders are the ways to sort tokens.
var Orders = list.Orders{
	{Key: "made", Expr: "t.created_at", Type: "timestamptz", Desc: true},
	{Key: "name", Expr: `t.name collate "und-x-icu"`, Type: "text"},
	{Key: "used", Expr: "coalesce(t.used_at, '-infinity')", Type: "timestamptz", Desc: true},
}

// QueryList adds a page of the tokens, and how many there are to choose from.
func QueryList(b *postgres.Batch, into *list.Page[Token], counts *map[Show]int, q list.Query, show Show) {
	source := func(show Show) list.Source {
		s := list.Source{Columns: columns, From: tables, ID: "t.id"}
		s.Where.Search("search_vector(t.name, t.source, s.name)", q.Search)
		switch show {
		case ShowAll:
		case ShowWorking:
			s.Where.And("t.ended_at is null and coalesce(t.expires_at > now(), true)")
		case ShowEnded:
			s.Where.And("t.ended_at is not null or t.expires_at <= now()")
		}
		return s
	}
	list.QueryPage(b, into, q, Orders, source(show))
	*counts = list.QueryCounts(b, Shows, source)
}

// Query adds a query for one token; none is apperr.NotFound.
func Query(b *postgres.Batch, into *Token, id int64) {
	postgres.QueryOne(b, into, `select `+columns+` from `+tables+` where t.id = @id`, pgx.NamedArgs{"id": id})
}

// Find is one token, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (t Token, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { Query(b, &t, id) })
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return t, fmt.Errorf("find token: %w", err)
	}
	return t, err
}

func lock(ctx context.Context, tx postgres.Tx, id int64) (t Token, err error) {
	if _, err := tx.Exec(ctx, `select from tokens where id = @id for update`, pgx.NamedArgs{"id": id}); err != nil {
		return t, fmt.Errorf("lock token: %w", err)
	}
	return Find(ctx, tx, id)
}

// snapshot is what the audit trail keeps of a token.
type snapshot struct {
	Name      string     `json:"name"`
	Scopes    []Scope    `json:"scopes"`
	Customers []string   `json:"customers,omitempty"` // none: all
	Source    string     `json:"source,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	Version   int64      `json:"version"`
}

func (t Token) snapshot() snapshot {
	d := t.Details()
	return snapshot{d.Name, d.Scopes, d.Customers, t.Source, t.ExpiresAt, t.Version}
}

// Create makes a token. The secret is returned this once and kept nowhere; of a
// form sent twice the second gets none, as created is false.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (id int64, secret string, created bool, err error) {
	n.Details = n.Details.tidied()
	if err := n.Check().Err(); err != nil {
		return 0, "", false, err
	}
	if by.Staff == 0 {
		return 0, "", false, apperr.Forbidden{}
	}
	secret = newSecret(Office)
	err = tx.QueryRow(ctx, `
		insert into tokens (hash, hint, name, source, scopes, all_customers, created_by_id, expires_at, nonce)
		values (@hash, @hint, @name, @source, @scopes, @all, @staff, case when @days::integer > 0 then now() + make_interval(days => @days) end, nullif(@nonce, ''))
		on conflict on constraint token_nonce_taken do nothing
		returning id`,
		pgx.NamedArgs{
			"hash": Hash(secret), "hint": hint(secret), "name": n.Name, "source": n.source(), "scopes": n.Scopes, "all": n.AllCustomers, "staff": by.Staff, "days": n.Days, "nonce": n.Nonce,
		}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		if err = tx.QueryRow(ctx, `select id from tokens where nonce = $1`, n.Nonce).Scan(&id); err != nil {
			return 0, "", false, fmt.Errorf("find the token made before: %w", err)
		}
		return id, "", false, nil
	}
	if err != nil {
		return 0, "", false, fmt.Errorf("make token: %w", err)
	}
	if err := setCustomers(ctx, tx, id, n.Details); err != nil {
		return 0, "", false, err
	}
	t, err := Find(ctx, tx, id)
	if err != nil {
		return 0, "", false, err
	}
	return id, secret, true, audit.Record(ctx, tx, by, audit.New{Action: audit.TokenCreated, ID: id, Label: t.Name, After: t.snapshot()})
}

func setCustomers(ctx context.Context, tx postgres.Tx, id int64, d Details) error {
	args := pgx.NamedArgs{"id": id, "numbers": d.Customers}
	if _, err := tx.Exec(ctx, `delete from token_customers where token_id = @id`, args); err != nil {
		return fmt.Errorf("customers of a token: %w", err)
	}
	if d.AllCustomers {
		return nil
	}
	var missing []string
	err := tx.QueryRow(ctx, `
		with given as (select distinct upper(n) as number from unnest(@numbers::text[]) n),
		set as (insert into token_customers (token_id, customer_id) select @id, c.id from customers c join given g on c.number = g.number)
		select coalesce(array_agg(g.number order by g.number), '{}') from given g where not exists (select from customers c where c.number = g.number)`, args).Scan(&missing)
	if err != nil {
		return fmt.Errorf("customers of a token: %w", err)
	}
	if len(missing) > 0 {
		return problem.Of("customers", "There is no customer "+strings.Join(missing, ", ")+".")
	}
	return nil
}

// Edit changes what a token may do. It fails with apperr.Stale when somebody else
// has since version.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, id, version int64, d Details) error {
	d = d.tidied()
	if err := d.Check().Err(); err != nil {
		return err
	}
	before, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if before.EndedAt != nil {
		return apperr.Conflictf("This token has ended. Make a new one.")
	}
	if before.Version != version {
		return apperr.Stale
	}
	_, err = tx.Exec(ctx, `update tokens set name = @name, scopes = @scopes, all_customers = @all, version = version + 1 where id = @id`,
		pgx.NamedArgs{"id": id, "name": d.Name, "scopes": d.Scopes, "all": d.AllCustomers})
	if err != nil {
		return fmt.Errorf("change token: %w", err)
	}
	if err := setCustomers(ctx, tx, id, d); err != nil {
		return err
	}
	after, err := Find(ctx, tx, id)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.TokenEdited, ID: id, Label: d.Name, Before: before.snapshot(), After: after.snapshot()})
}

// End lets nobody in with the token any more, from the next request on. One that
// has ended stays as it is.
func End(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	t, err := lock(ctx, tx, id)
	if err != nil || t.EndedAt != nil {
		return err
	}
	if by.Staff == 0 {
		return apperr.Forbidden{}
	}
	if _, err := tx.Exec(ctx, `update tokens set ended_at = now(), ended_by_id = @staff, version = version + 1 where id = @id`, pgx.NamedArgs{"id": id, "staff": by.Staff}); err != nil {
		return fmt.Errorf("end token: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.TokenEnded, ID: id, Label: t.Name})
}

// FindViewer is the token of a secret, and the viewer it acts as, in one query.
// ok is false for one that was never made, has ended or has expired.
func FindViewer(ctx context.Context, db postgres.DB, secret string, from netip.Addr) (t Token, v staff.Viewer, ok bool, err error) {
	var (
		now                    time.Time
		zone, locale, currency string
		unmarked               bool
		reach                  []int64
	)
	err = db.QueryRow(ctx, `
		select t.id, t.name, t.hint, t.source, t.scopes, t.all_customers, t.created_at, t.expires_at, t.version,
			coalesce((select jsonb_agg(jsonb_build_object('id', c.id, 'number', c.number, 'name', c.name) order by c.number, c.id) from token_customers k join customers c on c.id = k.customer_id where k.token_id = t.id), '[]'),
			array(select k.customer_id from token_customers k where k.token_id = t.id),
			t.used_at is null or t.used_at < now() - interval '1 minute',
			co.trading_name, co.version, now(), co.time_zone, co.locale, co.currency, i.demo
		from tokens t cross join (select * from company limit 1) co cross join (select * from installation limit 1) i
		where t.hash = @hash and t.ended_at is null and (t.expires_at is null or t.expires_at > now())`,
		pgx.NamedArgs{"hash": Hash(secret)},
	).Scan(&t.ID, &t.Name, &t.Hint, &t.Source, &t.Scopes, &t.AllCustomers, &t.CreatedAt, &t.ExpiresAt, &t.Version, &t.Customers, &reach, &unmarked,
		&v.Business, &v.Version, &now, &zone, &locale, &currency, &v.Demo)
	if errors.Is(err, pgx.ErrNoRows) {
		return Token{}, staff.Viewer{}, false, nil
	}
	if err != nil {
		return Token{}, staff.Viewer{}, false, fmt.Errorf("find the token: %w", err)
	}
	v.Token, v.Source, v.Name, v.Role, v.Address = t.ID, t.Source, audit.TokenName(t.Name), staff.Office, from
	v.Format = company.NewFormat(now, zone, locale, currency)
	if !t.AllCustomers {
		v.Reach = append([]int64{}, reach...)
	}
	if unmarked {
		if err := touch(ctx, db, "tokens", t.ID, from); err != nil {
			return Token{}, staff.Viewer{}, false, err
		}
	}
	return t, v, true, nil
}

// LeaveCustomer takes a customer out of the reach of all tokens that name it. Who
// may read one customer's things has no right to those of the one that it is
// merged into.
func LeaveCustomer(ctx context.Context, tx postgres.Tx, number string) error {
	_, err := tx.Exec(ctx, `delete from token_customers where customer_id = (select id from customers where number = $1)`, number)
	if err != nil {
		return fmt.Errorf("take customer %s out of the reach of tokens: %w", number, err)
	}
	return nil
}
