package contact

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/customer"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

const columns = `c.id, c.customer_id, c.name, c.email, c.phone, c.mobile, c.role, c.is_default, c.notes, c.access, coalesce(c.person_id, 0) as person_id,
	coalesce((select p.email from persons p where p.id = c.person_id), '') as sign_in_email, c.invited_at, c.last_sign_in_at, c.archived_at, c.version,
	c.jobs_see, c.jobs_edit, c.jobs_create, c.quotes_see, c.quotes_edit, c.quotes_create, c.quotes_accept, c.equipment_see, c.equipment_edit, c.equipment_add,
	c.company_edit, c.contacts_manage, c.all_sites,
	coalesce((select array_agg(cs.site_id order by cs.site_id) from contact_sites cs where cs.contact_id = c.id), '{}') as sites`

// ByID is that contact of that customer, or apperr.NotFound.
func ByID(ctx context.Context, db postgres.DB, customer, id int64) (Contact, error) {
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

// Lock is ByID, with the row locked until the transaction ends.
func Lock(ctx context.Context, tx postgres.Tx, customer, id int64) (Contact, error) {
	return one(ctx, tx, `select `+columns+` from contacts c where c.customer_id = @customer and c.id = @id for update of c`, customer, id)
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

// Orders are the ways to sort contacts.
var Orders = list.Orders{
	{Key: "name", Expr: `c.name collate "und-x-icu"`, Type: "text"},
	{Key: "seen", Expr: "coalesce(c.last_sign_in_at, '-infinity')", Type: "timestamptz", Desc: true},
	{Key: "invited", Expr: "coalesce(c.invited_at, '-infinity')", Type: "timestamptz", Desc: true},
	{Key: "customer", Expr: `cu.name collate "und-x-icu"`, Type: "text"},
}

// List is a page of contacts.
func List(ctx context.Context, db postgres.DB, q list.Query, f Filter) (list.Page[Row], error) {
	s := source(q, f)
	s.Columns = columns + `, cu.number as customer_number, cu.name as customer_name, cu.archived_at is not null as customer_archived`
	page, err := list.Fetch[Row](ctx, db, q, Orders, s)
	if err != nil {
		return page, fmt.Errorf("contacts: %w", err)
	}
	return page, nil
}

// Counts tells, for each choice above a list, how many contacts fit the search and the filter, up to 1,001.
func Counts(ctx context.Context, db postgres.DB, q list.Query, f Filter) (counts map[Show]int, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		counts = list.QueryCounts(b, Shows, func(show Show) list.Source {
			f.Show = show
			return source(q, f)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("count contacts: %w", err)
	}
	return counts, nil
}

// Ticked are the contacts with these ids, by customer and name. Ids of none are left out.
func Ticked(ctx context.Context, db postgres.DB, ids []int64) ([]Row, error) {
	rows, err := db.Query(ctx, `
		select `+columns+`, cu.number as customer_number, cu.name as customer_name, cu.archived_at is not null as customer_archived
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

func source(q list.Query, f Filter) list.Source {
	s := list.Source{From: "contacts c join customers cu on cu.id = c.customer_id", ID: "c.id"}
	if number := customer.Telephone(q.Search); number != "" {
		s.Where.And("c.search @@ search_query(@typed) or c.search @@ search_query(@digits)", "typed", q.Search, "digits", number)
	} else {
		s.Where.Search("c.search", q.Search)
	}
	archived := "c.archived_at is not null or cu.archived_at is not null"
	if f.Customer != 0 {
		s.Where.And("c.customer_id = @customer", "customer", f.Customer)
		archived = "c.archived_at is not null"
	}
	switch f.Show {
	case ShowArchived:
		s.Where.And(archived)
	case ShowAll:
		s.Where.And("not (" + archived + ")")
	case ShowActive, ShowInvited, ShowSuspended, ShowNoAccess:
		s.Where.And("not ("+archived+") and c.access = @access", "access", string(f.Show))
	}
	if f.Waiting > 0 {
		s.Where.And("c.access = 'invited' and c.invited_at < now() - make_interval(days => @waiting)", "waiting", f.Waiting)
	}
	if f.Preset != "" {
		s.Where.And("c.access <> 'none' and " + withPreset(f.Preset))
	}
	return s
}

// withPreset is the condition that a contact has the rights of a preset, or of none of them.
func withPreset(key string) string {
	if key != Custom {
		rights, _ := PresetRights(key)
		return rights.condition()
	}
	none := make([]string, 0, len(Presets))
	for _, preset := range Presets {
		none = append(none, "not ("+preset.Rights.condition()+")")
	}
	return strings.Join(none, " and ")
}

// condition compares the rights of a row with these, which are literals of ours.
func (p Permissions) condition() string {
	return fmt.Sprintf(`(c.jobs_see, c.jobs_edit, c.jobs_create, c.quotes_see, c.quotes_edit, c.quotes_create, c.quotes_accept,
		c.equipment_see, c.equipment_edit, c.equipment_add, c.company_edit, c.contacts_manage)
		= ('%s', %t, %t, '%s', %t, %t, %t, '%s', %t, %t, %t, %t)`, p.JobsSee, p.JobsEdit, p.JobsCreate, p.QuotesSee, p.QuotesEdit, p.QuotesCreate, p.QuotesAccept,
		p.EquipmentSee, p.EquipmentEdit, p.EquipmentAdd, p.CompanyEdit, p.ContactsManage)
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

// Choices is QueryChoices by itself.
func Choices(ctx context.Context, db postgres.DB, customer int64) (choices []Choice, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryChoices(b, &choices, customer) }); err != nil {
		return nil, fmt.Errorf("contacts to choose: %w", err)
	}
	return choices, nil
}
