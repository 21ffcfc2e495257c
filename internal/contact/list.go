package contact

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/fault"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

const columns = `c.id, c.customer_id, c.name, c.email, c.phone, c.mobile, c.role, c.is_default, c.notes, c.access, coalesce(c.person_id, 0) as person_id,
	coalesce((select p.email from persons p where p.id = c.person_id), '') as sign_in_email, c.invited_at, c.last_sign_in_at, c.archived_at, c.version,
	c.jobs_see, c.jobs_edit, c.jobs_create, c.quotes_see, c.quotes_edit, c.quotes_create, c.quotes_accept, c.equipment_see, c.equipment_edit, c.equipment_add,
	c.company_edit, c.contacts_manage, c.all_sites,
	coalesce((select array_agg(cs.site_id order by cs.site_id) from contact_sites cs where cs.contact_id = c.id), '{}') as sites`

// ByID is that contact of that customer, or fault.NotFound.
func ByID(ctx context.Context, db postgres.DB, customer, id int64) (Contact, error) {
	return one(ctx, db, `select `+columns+` from contacts c where c.customer_id = @customer and c.id = @id`, customer, id)
}

// CustomerNumber is the number of a contact's customer.
func CustomerNumber(ctx context.Context, db postgres.DB, id int64) (number string, err error) {
	err = db.QueryRow(ctx, `select cu.number from contacts c join customers cu on cu.id = c.customer_id where c.id = @id`, pgx.NamedArgs{"id": id}).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.NotFound
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
		return Contact{}, fault.NotFound
	}
	if err != nil {
		return Contact{}, fmt.Errorf("read contact: %w", err)
	}
	return c, nil
}

// Orders are the ways to sort contacts.
var Orders = list.Orders{
	{Key: "name", Expr: `c.name collate "und-x-icu"`, Type: "text"},
	{Key: "seen", Expr: "coalesce(c.last_sign_in_at, '-infinity')", Type: "timestamptz", Desc: true},
}

// List is a page of a customer's contacts, in use or archived.
func List(ctx context.Context, db postgres.DB, q list.Query, customer int64, archived bool) (list.Page[Contact], error) {
	s := list.Source{Columns: columns, From: "contacts c", ID: "c.id"}
	s.Where.And("c.customer_id = @customer and (c.archived_at is not null) = @archived", "customer", customer, "archived", archived)
	s.Where.Search("search_vector(c.name, c.email, c.role, c.phone, digits(c.phone), c.mobile, digits(c.mobile))", q.Search)
	page, err := list.Fetch[Contact](ctx, db, q, Orders, s)
	if err != nil {
		return page, fmt.Errorf("contacts: %w", err)
	}
	return page, nil
}

// Choice is a contact to choose in a form.
type Choice struct {
	ID      int64
	Name    string
	Default bool `db:"is_default"`
}

// Choices are a customer's contacts in use, the default one first.
func Choices(ctx context.Context, db postgres.DB, customer int64) ([]Choice, error) {
	rows, err := db.Query(ctx, `
		select id, name, is_default from contacts where customer_id = @customer and archived_at is null
		order by is_default desc, name collate "und-x-icu", id`, pgx.NamedArgs{"customer": customer})
	if err != nil {
		return nil, fmt.Errorf("contacts to choose: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Choice])
}
