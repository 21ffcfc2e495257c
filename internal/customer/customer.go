// Package customer holds the customers of the business: who they are, how they
// pay and what the office knows of them. Customers are archived, never deleted.
package customer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Details are what somebody enters about a customer. The names in JSON are
// those of the form's fields and of the audit trail.
type Details struct {
	Name        string          `json:"name"`
	CompanyName string          `json:"company_name"`
	Phone       string          `json:"phone"`
	Mobile      string          `json:"mobile"`
	Email       string          `json:"email"`
	Street      address.Address `json:"street"`
	Postal      address.Address `json:"postal"`

	// Admin details: contacts read them unless the portal's settings hide them.
	PaymentTerms          string `json:"payment_terms"`
	InvoiceDelivery       string `json:"invoice_delivery"` // how: by email, by post…
	InvoiceAddress        string `json:"invoice_address"`  // where
	PurchaseOrderRequired bool   `json:"purchase_order_required"`

	// For the office only.
	CustomerType   string `json:"customer_type"`
	OnHold         bool   `json:"on_hold"` // the portal refuses new jobs and quotes
	AccountManager int64  `json:"account_manager" db:"account_manager_id"`
	PriceLevel     string `json:"price_level"`
	FileQuota      int    `json:"file_quota"` // GB; 0 for that of the portal's settings
	Notes          string `json:"notes"`
}

// Customer is one customer as stored.
type Customer struct {
	ID     int64  `json:"-"`
	Number string `json:"number"`
	Details
	AccountManagerName string     `json:"-"`
	ArchivedAt         *time.Time `json:"archived_at"`
	MergedInto         string     `json:"merged_into,omitempty"` // the number of the customer that all of this one's went to
	Version            int64      `json:"version"`
	CreatedAt          time.Time  `json:"-"`
}

// Archived reports whether the customer is archived: its contacts cannot
// enter and get no mail.
func (c Customer) Archived() bool { return c.ArchivedAt != nil }

// Ref names a customer.
type Ref struct {
	ID     int64
	Number string
}

// New is a customer to be created. Nonce is the form's; a second press of Save
// finds the customer that the first has made.
type New struct {
	Details
	Nonce string
	// Number is the one that the customer had elsewhere; the next one when empty.
	Number string
	// Different says that it is none of the customers who look like it.
	Different bool
}

// maxQuota is the most space for a customer's files, in GB.
const maxQuota = 100_000

// Check tells what is wrong with what was typed. Create and Edit ask again.
func (d Details) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Name != "", "name", "Enter the customer's name.")
	p.Limit(Field.Name, d.Name)
	p.Limit(Field.CompanyName, d.CompanyName)
	p.Limit(Field.Phone, d.Phone)
	p.Limit(Field.Mobile, d.Mobile)
	p.Email(d.Email, "email")
	d.Street.Check(p, "street")
	d.Postal.Check(p, "postal")
	p.Limit(Field.PaymentTerms, d.PaymentTerms)
	p.Limit(Field.InvoiceDelivery, d.InvoiceDelivery)
	p.Limit(Field.InvoiceAddress, d.InvoiceAddress)
	p.Limit(Field.CustomerType, d.CustomerType)
	p.Limit(Field.PriceLevel, d.PriceLevel)
	p.Unless(d.FileQuota >= 0 && d.FileQuota <= maxQuota, Field.FileQuota.Name, "Enter a whole number of GB from 1 to 100,000, or leave it empty.")
	p.Limit(Field.Notes, d.Notes)
	return p
}

// Check tells what is wrong with a new customer.
func (n New) Check() problem.Set {
	p := n.Details.Check()
	p.Number(n.Number)
	return p
}

func (d Details) args() pgx.NamedArgs {
	return pgx.NamedArgs{
		"name": d.Name, "company_name": d.CompanyName, "phone": d.Phone, "mobile": d.Mobile, "email": d.Email, "street": d.Street, "postal": d.Postal,
		"payment_terms": d.PaymentTerms, "invoice_delivery": d.InvoiceDelivery, "invoice_address": d.InvoiceAddress, "purchase_order_required": d.PurchaseOrderRequired,
		"customer_type": d.CustomerType, "on_hold": d.OnHold, "account_manager": d.AccountManager, "price_level": d.PriceLevel, "file_quota": d.FileQuota, "notes": d.Notes,
	}
}

// constraintError turns a broken constraint into the field's problem.
func constraintError(err error) error {
	switch postgres.Constraint(err) {
	case "customers_account_manager_id_fkey":
		return problem.Of("account_manager", "Choose somebody from the list.")
	case "customer_name_missing":
		return problem.Of("name", "Enter the customer's name.")
	case "customer_number_taken":
		return problem.Of("number", "Another customer has this number.")
	}
	return err
}

// Create adds a customer. Created is false when the same form was sent before.
// It returns an Alike when the customer may be there already.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (ref Ref, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return ref, false, err
	}
	ref, again, err := postgres.Repeated[Ref](ctx, tx, n.Nonce, `select id, number from customers where nonce = @nonce`, pgx.NamedArgs{"nonce": n.Nonce})
	if err != nil || again {
		return ref, false, err
	}
	if !n.Different {
		alike, err := findAlike(ctx, tx, n.Details)
		if err != nil {
			return ref, false, err
		}
		if len(alike) > 0 {
			return ref, false, alike
		}
	}
	args := n.args()
	args["nonce"], args["number"] = n.Nonce, n.Number
	err = tx.QueryRow(ctx, `
		insert into customers (number, name, company_name, phone, mobile, email, street, postal, payment_terms, invoice_delivery, invoice_address, purchase_order_required,
			customer_type, on_hold, account_manager_id, price_level, file_quota, notes, nonce)
		values (coalesce(nullif(@number, ''), next_customer_number()), @name, @company_name, @phone, @mobile, @email, @street, @postal, @payment_terms, @invoice_delivery, @invoice_address, @purchase_order_required,
			@customer_type, @on_hold, nullif(@account_manager::bigint, 0), @price_level, nullif(@file_quota::integer, 0), @notes, nullif(@nonce, ''))
		returning id, number`, args).Scan(&ref.ID, &ref.Number)
	if err != nil {
		return ref, false, fmt.Errorf("create customer: %w", constraintError(err))
	}
	if err := postgres.PastNumber(ctx, tx, postgres.CustomerNumbers, n.Number); err != nil {
		return ref, false, err
	}
	after, err := Find(ctx, tx, ref.ID)
	if err != nil {
		return ref, false, err
	}
	return ref, true, audit.Record(ctx, tx, by, audit.New{Action: audit.CustomerCreated, ID: ref.ID, Label: ref.Number, Customer: ref.ID, After: after.snapshot()})
}

// Edit replaces a customer's details. It returns apperr.Stale when somebody else
// has saved since version was read.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, d Details) error {
	before, err := lock(ctx, tx, number)
	if err != nil {
		return err
	}
	if err := d.Check().Err(); err != nil {
		return err
	}
	if before.Version != version {
		return apperr.Stale
	}
	args := d.args()
	args["id"] = before.ID
	_, err = tx.Exec(ctx, `
		update customers set name = @name, company_name = @company_name, phone = @phone, mobile = @mobile, email = @email, street = @street, postal = @postal,
			payment_terms = @payment_terms, invoice_delivery = @invoice_delivery, invoice_address = @invoice_address, purchase_order_required = @purchase_order_required,
			customer_type = @customer_type, on_hold = @on_hold, account_manager_id = nullif(@account_manager::bigint, 0), price_level = @price_level, file_quota = nullif(@file_quota::integer, 0), notes = @notes,
			version = version + 1
		where id = @id`, args)
	if err != nil {
		return fmt.Errorf("edit customer %s: %w", number, constraintError(err))
	}
	after, err := Find(ctx, tx, before.ID)
	if err != nil {
		return err
	}
	return record(ctx, tx, by, audit.CustomerEdited, before, after)
}

// Archive takes a customer off the list. One that is archived already stays so.
func Archive(ctx context.Context, tx postgres.Tx, by audit.Actor, number string) error {
	return setArchived(ctx, tx, by, number, true, audit.CustomerArchived)
}

// Restore puts an archived customer back on the list.
func Restore(ctx context.Context, tx postgres.Tx, by audit.Actor, number string) error {
	return setArchived(ctx, tx, by, number, false, audit.CustomerRestored)
}

func setArchived(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, archived bool, action audit.Action) error {
	before, err := lock(ctx, tx, number)
	if err != nil || before.Archived() == archived {
		return err
	}
	if before.MergedInto != "" {
		return apperr.Conflictf("%s was merged into %s. Everything of theirs is there now.", before.Name, before.MergedInto)
	}
	after := before
	err = tx.QueryRow(ctx, `update customers set archived_at = case when @archived then now() end, version = version + 1 where id = @id returning archived_at, version`,
		pgx.NamedArgs{"id": before.ID, "archived": archived}).Scan(&after.ArchivedAt, &after.Version)
	if err != nil {
		return fmt.Errorf("archive customer %s: %w", number, err)
	}
	return record(ctx, tx, by, action, before, after)
}

// snapshot is a customer as the audit trail records it.
type snapshot struct {
	Customer
	AccountManager string `json:"account_manager"` // by name, which says more in later years than an id
}

func (c Customer) snapshot() snapshot { return snapshot{c, c.AccountManagerName} }

func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before, after Customer) error {
	return audit.Record(ctx, tx, by, audit.New{Action: action, ID: before.ID, Label: before.Number, Customer: before.ID, Before: before.snapshot(), After: after.snapshot()})
}

const columns = `c.id, c.number, c.name, c.company_name, c.phone, c.mobile, c.email, c.street, c.postal, c.payment_terms, c.invoice_delivery, c.invoice_address,
	c.purchase_order_required, c.customer_type, c.on_hold, coalesce(c.account_manager_id, 0) as account_manager_id, c.price_level, coalesce(c.file_quota, 0) as file_quota, c.notes,
	coalesce((select s.name from staff s where s.id = c.account_manager_id), '') as account_manager_name, c.archived_at, coalesce((select m.number from customers m where m.id = c.merged_into_id), '') as merged_into, c.version, c.created_at`

// QueryByNumber adds the customer with that number to a batch, or apperr.NotFound.
func QueryByNumber(b *postgres.Batch, into *Customer, number string) {
	postgres.QueryOne(b, into, `select `+columns+` from customers c where c.number = @number`, pgx.NamedArgs{"number": number})
}

// FindByNumber is the customer with that number, or apperr.NotFound.
func FindByNumber(ctx context.Context, db postgres.DB, number string) (Customer, error) {
	return one(ctx, db, `select `+columns+` from customers c where c.number = @number`, pgx.NamedArgs{"number": number})
}

// Find is the customer with that id, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, id int64) (Customer, error) {
	return one(ctx, db, `select `+columns+` from customers c where c.id = @id`, pgx.NamedArgs{"id": id})
}

func lock(ctx context.Context, tx postgres.Tx, number string) (Customer, error) {
	return one(ctx, tx, `select `+columns+` from customers c where c.number = @number for update of c`, pgx.NamedArgs{"number": number})
}

func one(ctx context.Context, db postgres.DB, sql string, args pgx.NamedArgs) (Customer, error) {
	rows, err := db.Query(ctx, sql, args)
	if err != nil {
		return Customer{}, fmt.Errorf("read customer: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Customer])
	if errors.Is(err, pgx.ErrNoRows) {
		return Customer{}, apperr.NotFound
	}
	if err != nil {
		return Customer{}, fmt.Errorf("read customer: %w", err)
	}
	return c, nil
}
