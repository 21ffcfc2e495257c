package contact

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

var columns = `c.id, c.customer_id, c.name, c.email, c.phone, c.mobile, c.role, c.is_default, c.notes, c.access, coalesce(c.person_id, 0) as person_id,
	coalesce((select p.email from persons p where p.id = c.person_id), '') as sign_in_email, c.invited_at, c.last_sign_in_at, c.archived_at, c.erased_at, c.version,
	coalesce(c.suspended_by_contact_id, 0) as suspended_by_contact_id, ` + PermissionColumns("c")

// Find is that contact of that customer, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, customer, id int64) (Contact, error) {
	return one(ctx, db, `select `+columns+` from contacts c where c.customer_id = @customer and c.id = @id`, customer, id)
}

// CustomerNumber is the number of a contact's customer.
func CustomerNumber(ctx context.Context, db postgres.DB, id int64) (number string, err error) {
	err = db.QueryRow(ctx, `select cu.number from contacts c join customers cu on cu.id = c.customer_id where c.id = @id`, pgx.NamedArgs{"id": id}).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", apperr.NotFound
	}
	if err != nil {
		return "", fmt.Errorf("customer of contact %d: %w", id, err)
	}
	return number, nil
}

// Lock is Find, with the row locked until the transaction ends.
func Lock(ctx context.Context, tx postgres.Tx, customer, id int64) (Contact, error) {
	return one(ctx, tx, `select `+columns+` from contacts c where c.customer_id = @customer and c.id = @id for update of c`, customer, id)
}

// Seeing is how many contacts of a customer have access or an invitation, and
// how many of those see everything of some area, at all sites.
type Seeing struct{ Access, Everything int }

// QuerySeeing adds it for the customer with that number to a batch.
func QuerySeeing(b *postgres.Batch, into *Seeing, number string) {
	postgres.QueryOne(b, into, `
		select count(*) as access, count(*) filter (where c.all_sites and 'all' in (c.jobs_see, c.quotes_see, c.equipment_see)) as everything
		from contacts c join customers cu on cu.id = c.customer_id
		where cu.number = @number and c.access in ('invited', 'active') and c.archived_at is null`, pgx.NamedArgs{"number": number})
}

// QueryTwins adds a query for the names of those contacts of the customer stays
// whom a merge takes for one with a contact of gone.
func QueryTwins(b *postgres.Batch, into *[]string, gone, stays string) {
	postgres.QueryValues(b, into, `
		select distinct s.name from contacts g
		join contacts s on g.person_id = s.person_id or (g.email <> '' and lower(g.email) = lower(s.email))
		where g.customer_id = (select id from customers where number = @gone) and s.customer_id = (select id from customers where number = @stays)
			and g.archived_at is null and s.archived_at is null order by s.name`, pgx.NamedArgs{"gone": gone, "stays": stays})
}

// LockWithAccess locks all contacts of the customer with that number, and is
// those of them who have access or an invitation.
func LockWithAccess(ctx context.Context, tx postgres.Tx, number string) ([]int64, error) {
	rows, err := tx.Query(ctx, `
		with locked as materialized (
			select c.id, c.access, c.archived_at from contacts c join customers cu on cu.id = c.customer_id where cu.number = @number order by c.id for update of c
		)
		select id from locked where access in ('invited', 'active') and archived_at is null order by id`, pgx.NamedArgs{"number": number})
	if err != nil {
		return nil, fmt.Errorf("lock contacts of customer %s: %w", number, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("lock contacts of customer %s: %w", number, err)
	}
	return ids, nil
}

func one(ctx context.Context, db postgres.DB, sql string, customer, id int64) (Contact, error) {
	rows, err := db.Query(ctx, sql, pgx.NamedArgs{"customer": customer, "id": id})
	if err != nil {
		return Contact{}, fmt.Errorf("read contact: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Contact])
	if errors.Is(err, pgx.ErrNoRows) {
		return Contact{}, apperr.NotFound
	}
	if err != nil {
		return Contact{}, fmt.Errorf("read contact: %w", err)
	}
	return c, nil
}

// Show is the choice above a list of contacts: all in use, by access, or the archived.
type Show string

// The choices. Those of archived customers count as archived in the list of all.
const (
	ShowAll       Show = ""
	ShowActive    Show = Show(Active)
	ShowInvited   Show = Show(Invited)
	ShowSuspended Show = Show(Suspended)
	ShowNoAccess  Show = Show(NoAccess)
	ShowArchived  Show = "archived"
)

// Shows are the choices, in the order they are offered.
var Shows = []Show{ShowAll, ShowActive, ShowInvited, ShowSuspended, ShowNoAccess, ShowArchived}

// Filter narrows a list of contacts; the zero Filter leaves out the archived alone.
type Filter struct {
	Customer int64 // 0 for all customers
	Show     Show
	Preset   string // key of a preset, or Custom: of those with access
	Waiting  int    // invited more than so many days ago, and not come yet
}

// Row is a contact in a list, with the customer.
type Row struct {
	Contact
	CustomerNumber   string
	CustomerName     string
	CustomerArchived bool
}

const rowColumns = `cu.number as customer_number, cu.name as customer_name, cu.archived_at is not null as customer_archived`

// FindRow is the contact with that id of the customer with that number, or
// apperr.NotFound.
func FindRow(ctx context.Context, db postgres.DB, number string, id int64) (r Row, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryRow(b, &r, number, id) })
	if err != nil {
		return r, fmt.Errorf("read contact: %w", err)
	}
	return r, nil
}

// QueryRow is FindRow as part of a batch.
func QueryRow(b *postgres.Batch, into *Row, number string, id int64) {
	postgres.QueryOne(b, into, `select `+columns+`, `+rowColumns+` from contacts c join customers cu on cu.id = c.customer_id where cu.number = @number and c.id = @id`,
		pgx.NamedArgs{"number": number, "id": id})
}

// LockRow is FindRow, with the contact's row locked until the transaction ends.
func LockRow(ctx context.Context, tx postgres.Tx, number string, id int64) (r Row, err error) {
	err = postgres.Read(ctx, tx, func(b *postgres.Batch) {
		postgres.QueryOne(b, &r, `
			select `+columns+`, `+rowColumns+` from contacts c join customers cu on cu.id = c.customer_id
			where cu.number = @number and c.id = @id for update of c`, pgx.NamedArgs{"number": number, "id": id})
	})
	if err != nil {
		return r, fmt.Errorf("lock contact: %w", err)
	}
	return r, nil
}

// QuerySiteNames reads the names of the contact's selected sites.
func QuerySiteNames(b *postgres.Batch, into *[]string, id int64) {
	postgres.QueryValues(b, into, `
		select s.name from contact_sites cs join sites s on s.id = cs.site_id
		where cs.contact_id = @id order by s.name collate "und-x-icu", s.id`, pgx.NamedArgs{"id": id})
}

// Orders are the ways to sort contacts.
var Orders = list.Orders{
	{Key: "name", Expr: `c.name collate "und-x-icu"`, Type: "text"},
	{Key: "seen", Expr: "coalesce(c.last_sign_in_at, '-infinity')", Type: "timestamptz", Desc: true},
	{Key: "invited", Expr: "coalesce(c.invited_at, '-infinity')", Type: "timestamptz", Desc: true},
	{Key: "customer", Expr: `cu.name collate "und-x-icu"`, Type: "text"},
}

// List is a page of contacts.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (page list.Page[Row], err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryList(b, &page, q, f) })
	if err != nil {
		return page, fmt.Errorf("contacts: %w", err)
	}
	return page, nil
}

// Words are how contacts are searched.
var Words = list.OwnWords("contacts c", "c", "")

// QueryList is List as part of a batch.
func QueryList(b *postgres.Batch, into *list.Page[Row], q list.Query, f Filter) {
	s := Source(q, f)
	list.KeepPlans(b, q, s)
	list.QueryPage(b, into, q, Orders, s)
}

// QueryCounts tells, for each choice above a list, how many contacts fit the search and the filter, up to 1,001.
func QueryCounts(b *postgres.Batch, q list.Query, f Filter) map[Show]int {
	return list.QueryCounts(b, Shows, func(show Show) list.Source {
		f.Show = show
		s := Source(q, f)
		s.From = "contacts c" // no condition asks for more
		return s
	})
}

// Ticked are the contacts with these ids, by customer and name. Ids of none are left out.
func Ticked(ctx context.Context, db postgres.DB, ids []int64) ([]Row, error) {
	rows, err := db.Query(ctx, `
		select `+columns+`, `+rowColumns+`
		from contacts c join customers cu on cu.id = c.customer_id
		where c.id = any(@ids) order by cu.name collate "und-x-icu", c.name collate "und-x-icu", c.id`, pgx.NamedArgs{"ids": ids})
	if err != nil {
		return nil, fmt.Errorf("ticked contacts: %w", err)
	}
	ticked, err := pgx.CollectRows(rows, pgx.RowToStructByName[Row])
	if err != nil {
		return nil, fmt.Errorf("ticked contacts: %w", err)
	}
	return ticked, nil
}

// Source is where a list of contacts as c comes from; its columns make a Row.
func Source(q list.Query, f Filter) list.Source {
	s := list.Source{From: "contacts c join customers cu on cu.id = c.customer_id", ID: "c.id", Columns: columns + ", " + rowColumns}
	q.Narrow(&s, "c.search")
	// Of archived customers there are few, looked up once and not beside each contact.
	inUse := "c.archived_at is null and c.customer_id not in (select id from customers where archived_at is not null)"
	archived := `c.id in (select id from contacts where archived_at is not null
		union all select o.id from customers a join contacts o on o.customer_id = a.id where a.archived_at is not null)`
	if f.Customer != 0 {
		s.Where.And("c.customer_id = @customer", "customer", f.Customer)
		inUse, archived = "c.archived_at is null", "c.archived_at is not null"
	}
	switch f.Show {
	case ShowArchived:
		s.Where.And(archived)
	case ShowAll:
		s.Where.And(inUse)
	case ShowActive, ShowInvited, ShowSuspended, ShowNoAccess:
		s.Where.And(inUse + " and " + list.Is("c.access", f.Show))
	}
	if f.Waiting > 0 {
		s.Where.And("c.access = 'invited' and c.invited_at < now() - make_interval(days => @waiting)", "waiting", f.Waiting)
	}
	if f.Preset != "" {
		s.Where.And("c.access <> 'none' and " + withPreset(f.Preset))
	}
	return s
}

// withPreset is the condition that a contact has the permissions of a preset, or of none of them.
func withPreset(key string) string {
	if key != Custom {
		p, _ := PresetPermissions(key)
		return p.condition("c")
	}
	none := make([]string, 0, len(Presets))
	for _, preset := range Presets {
		none = append(none, "not ("+preset.Permissions.condition("c")+")")
	}
	return strings.Join(none, " and ")
}

// Choice is a contact to choose in a form.
type Choice struct {
	ID      int64
	Name    string
	Default bool `db:"is_default"`
}

// QueryChoices adds a query for a customer's contacts in use, the default one first.
func QueryChoices(b *postgres.Batch, into *[]Choice, customer int64) {
	postgres.Query(b, into, `
		select id, name, is_default from contacts where customer_id = @customer and archived_at is null
		order by is_default desc, name collate "und-x-icu", id`, pgx.NamedArgs{"customer": customer})
}

// QueryObvious adds a query for the contact whom a record of the customer with a
// number is most likely for: the default one, or the only one; 0 for nobody.
func QueryObvious(b *postgres.Batch, into *int64, number string) {
	b.Add(`
		select c.id from contacts c join customers cu on cu.id = c.customer_id
		where cu.number = @number and c.archived_at is null
			and (c.is_default or not exists (select from contacts o where o.customer_id = cu.id and o.archived_at is null and o.id <> c.id))
		limit 1`, pgx.NamedArgs{"number": number}, func(rows pgx.Rows) error {
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if len(ids) > 0 {
			*into = ids[0]
		}
		return err
	})
}

// Choices is QueryChoices by itself.
func Choices(ctx context.Context, db postgres.DB, customer int64) (choices []Choice, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryChoices(b, &choices, customer) }); err != nil {
		return nil, fmt.Errorf("contacts to choose: %w", err)
	}
	return choices, nil
}
