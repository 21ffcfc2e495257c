// Package site holds the places of a customer where work is done.
package site

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Details are what somebody enters about a site.
type Details struct {
	Name               string          `json:"name"`
	Address            address.Address `json:"address"`
	SiteContact        string          `json:"site_contact"`
	AccessInstructions string          `json:"access_instructions"` // for the office only
}

// Site is one site as stored.
type Site struct {
	ID         int64 `json:"-"`
	CustomerID int64 `json:"-"`
	Details
	ArchivedAt *time.Time `json:"archived_at"`
	Version    int64      `json:"version"`
}

// Archived reports whether the site is offered no more.
func (s Site) Archived() bool { return s.ArchivedAt != nil }

// Ref names a site.
type Ref struct{ ID int64 }

// New is a site to be created. Nonce is the form's; a second press of Save
// finds the site that the first has made.
type New struct {
	Customer int64
	Details
	Nonce string
}

// Check tells what is wrong with what was typed. Create and Edit ask again.
func (d Details) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Name != "", "name", "Enter the site's name.")
	p.Limit(Field.Name, d.Name)
	d.Address.Check(p, "address")
	p.Limit(Field.SiteContact, d.SiteContact)
	p.Limit(Field.AccessInstructions, d.AccessInstructions)
	return p
}

func (d Details) args() pgx.NamedArgs {
	return pgx.NamedArgs{"name": d.Name, "address": d.Address, "site_contact": d.SiteContact, "access_instructions": d.AccessInstructions}
}

// constraintError turns a broken constraint into the field's problem.
func constraintError(err error) error {
	switch postgres.Constraint(err) {
	case "site_name_taken":
		return problem.Of("name", "This customer already has a site of that name.")
	case "site_name_missing":
		return problem.Of("name", "Enter the site's name.")
	}
	return err
}

// Create adds a site. Created is false when the same form was sent before.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, n New) (ref Ref, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return ref, false, err
	}
	if ref, err = byNonce(ctx, tx, n.Customer, n.Nonce); err != nil || ref.ID != 0 {
		return ref, false, err
	}
	args := n.args()
	args["customer"], args["nonce"] = n.Customer, n.Nonce
	err = tx.QueryRow(ctx, `
		insert into sites (customer_id, name, address, site_contact, access_instructions, nonce)
		values (@customer, @name, @address, @site_contact, @access_instructions, nullif(@nonce, ''))
		on conflict on constraint site_nonce_taken do nothing
		returning id`, args).Scan(&ref.ID)
	if errors.Is(err, pgx.ErrNoRows) { // the same form was sent twice at the same moment
		if ref, err = byNonce(ctx, tx, n.Customer, n.Nonce); err == nil && ref.ID == 0 {
			err = apperr.Conflictf("This form was already sent for another customer. Open it again.")
		}
		return ref, false, err
	}
	if err != nil {
		return ref, false, fmt.Errorf("create site: %w", constraintError(err))
	}
	return ref, true, audit.Record(ctx, tx, by, audit.New{Action: audit.SiteCreated, ID: ref.ID, Label: n.Name, Customer: n.Customer, After: n.Details})
}

func byNonce(ctx context.Context, tx postgres.Tx, customer int64, nonce string) (ref Ref, err error) {
	err = tx.QueryRow(ctx, `select coalesce((select id from sites where nonce = nullif(@nonce, '') and customer_id = @customer), 0)`,
		pgx.NamedArgs{"nonce": nonce, "customer": customer}).Scan(&ref.ID)
	if err != nil {
		return ref, fmt.Errorf("site of this form: %w", err)
	}
	return ref, nil
}

// Edit replaces a site's details. It returns apperr.Stale when somebody else has
// saved since version was read.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id, version int64, d Details) error {
	before, err := lock(ctx, tx, customer, id)
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
	args["id"] = id
	_, err = tx.Exec(ctx, `update sites set name = @name, address = @address, site_contact = @site_contact, access_instructions = @access_instructions, version = version + 1 where id = @id`, args)
	if err != nil {
		return fmt.Errorf("edit site: %w", constraintError(err))
	}
	after := before
	after.Details, after.Version = d, version+1
	return record(ctx, tx, by, audit.SiteEdited, before, after)
}

// Archive ends that a site is offered for anything new. Contacts limited to it
// keep seeing its history.
func Archive(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id int64) error {
	return setArchived(ctx, tx, by, customer, id, true, audit.SiteArchived)
}

// Restore offers an archived site again.
func Restore(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id int64) error {
	return setArchived(ctx, tx, by, customer, id, false, audit.SiteRestored)
}

func setArchived(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id int64, archived bool, action audit.Action) error {
	before, err := lock(ctx, tx, customer, id)
	if err != nil || before.Archived() == archived {
		return err
	}
	after := before
	err = tx.QueryRow(ctx, `update sites set archived_at = case when @archived then now() end, version = version + 1 where id = @id returning archived_at, version`,
		pgx.NamedArgs{"id": id, "archived": archived}).Scan(&after.ArchivedAt, &after.Version)
	if postgres.Constraint(err) == "site_name_taken" {
		return apperr.Conflictf("This customer now has another site called “%s”. Rename that one first.", before.Name)
	}
	if err != nil {
		return fmt.Errorf("archive site: %w", err)
	}
	return record(ctx, tx, by, action, before, after)
}

func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before, after Site) error {
	return audit.Record(ctx, tx, by, audit.New{Action: action, ID: before.ID, Label: after.Name, Customer: before.CustomerID, Before: before, After: after})
}

const columns = `s.id, s.customer_id, s.name, s.address, s.site_contact, s.access_instructions, s.archived_at, s.version`

// QueryFind adds that site of the customer with that number to a batch, or
// apperr.NotFound.
func QueryFind(b *postgres.Batch, into *Site, customer string, id int64) {
	postgres.QueryOne(b, into, `select `+columns+` from sites s where s.customer_id = (select id from customers where number = @customer) and s.id = @id`,
		pgx.NamedArgs{"customer": customer, "id": id})
}

// Find is that site of that customer, or apperr.NotFound.
func Find(ctx context.Context, db postgres.DB, customer, id int64) (Site, error) {
	return one(ctx, db, `select `+columns+` from sites s where s.customer_id = @customer and s.id = @id`, customer, id)
}

func lock(ctx context.Context, tx postgres.Tx, customer, id int64) (Site, error) {
	return one(ctx, tx, `select `+columns+` from sites s where s.customer_id = @customer and s.id = @id for update`, customer, id)
}

func one(ctx context.Context, db postgres.DB, sql string, customer, id int64) (Site, error) {
	rows, err := db.Query(ctx, sql, pgx.NamedArgs{"customer": customer, "id": id})
	if err != nil {
		return Site{}, fmt.Errorf("read site: %w", err)
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Site])
	if errors.Is(err, pgx.ErrNoRows) {
		return Site{}, apperr.NotFound
	}
	if err != nil {
		return Site{}, fmt.Errorf("read site: %w", err)
	}
	return s, nil
}

// Of lists a customer's sites by name: those in use, or with all the archived too.
func Of(ctx context.Context, db postgres.DB, customer int64, all bool) (sites []Site, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryOf(b, &sites, customer, all) }); err != nil {
		return nil, fmt.Errorf("sites of customer %d: %w", customer, err)
	}
	return sites, nil
}

// QueryOfNumber is QueryOf, archived ones included, of the customer with a number.
func QueryOfNumber(b *postgres.Batch, into *[]Site, number string) {
	postgres.Query(b, into, `select `+columns+` from sites s where s.customer_id = (select id from customers where number = @number) order by s.name collate "und-x-icu", s.id`,
		pgx.NamedArgs{"number": number})
}

// QueryOf is Of in a batch.
func QueryOf(b *postgres.Batch, into *[]Site, customer int64, all bool) {
	postgres.Query(b, into, `select `+columns+` from sites s where s.customer_id = @customer and (s.archived_at is null or @all) order by s.name collate "und-x-icu", s.id`,
		pgx.NamedArgs{"customer": customer, "all": all})
}

// Orders are the ways to sort sites.
var Orders = list.Orders{
	{Key: "name", Expr: `s.name collate "und-x-icu"`, Type: "text"},
	{Key: "newest", Expr: "s.created_at", Type: "timestamptz", Desc: true},
}

// Tally is how much belongs to a site, each up to 1,001.
type Tally struct {
	Jobs, OpenJobs, Quotes, Equipment int // equipment that is in use
	Contacts                          int // who see this site, but not all of the customer's
}

// Row is a site in a list.
type Row struct {
	Site
	OpenJobs, Equipment int // up to 1,001
}

const (
	open      = `select from jobs j where j.customer_id = s.customer_id and j.site_id = s.id and j.status not in ('completed', 'closed', 'cancelled') limit 1001`
	installed = `select from equipment e where e.customer_id = s.customer_id and e.site_id = s.id and e.status <> 'retired' limit 1001`
)

// QueryTally adds what belongs to a site.
func QueryTally(b *postgres.Batch, into *Tally, id int64) {
	postgres.QueryOne(b, into, `
		select (select count(*) from (select from jobs j where j.customer_id = s.customer_id and j.site_id = s.id limit 1001) n) as jobs,
		       (select count(*) from (`+open+`) n) as open_jobs,
		       (select count(*) from (select from quotes q where q.customer_id = s.customer_id and q.site_id = s.id limit 1001) n) as quotes,
		       (select count(*) from (`+installed+`) n) as equipment,
		       (select count(*) from (select from contact_sites cs join contacts c on c.id = cs.contact_id where cs.site_id = s.id and cs.customer_id = s.customer_id
		           and not c.all_sites and c.archived_at is null limit 1001) n) as contacts
		from sites s where s.id = @id`, pgx.NamedArgs{"id": id})
}

// List is a page of a customer's sites, in use or archived.
func List(ctx context.Context, db postgres.DB, q list.Query, customer int64, archived bool) (list.Page[Row], error) {
	s := list.Source{Columns: columns + `, (select count(*) from (` + open + `) n) as open_jobs, (select count(*) from (` + installed + `) n) as equipment`, From: "sites s", ID: "s.id"}
	s.Where.And("s.customer_id = @customer and (s.archived_at is not null) = @archived", "customer", customer, "archived", archived)
	s.Where.Search("search_vector(s.name, address_text(s.address), s.site_contact)", q.Search)
	page, err := list.Fetch[Row](ctx, db, q, Orders, s)
	if err != nil {
		return page, fmt.Errorf("sites: %w", err)
	}
	return page, nil
}
