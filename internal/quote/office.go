package quote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Details is what the office keeps of a quote, apart from its lines and the
// price estimate, which is the contact's.
type Details struct {
	Name          string
	Description   string
	Site          int64 // 0 for none
	MainContact   int64 // 0 for none
	JobType       int64 // 0 for none
	PreferredOn   day.Day
	ValidUntil    day.Day
	BookedFrom    *time.Time
	BookedUntil   *time.Time
	PurchaseOrder string
	Inclusions    string
	Exclusions    string
	Terms         string
	InternalNotes string
	Staff         []int64
}

// Check tells what is wrong with details and lines, before anything is written.
func Check(d Details, lines []Line) problem.Set {
	p := problem.Set{}
	p.Unless(d.Description != "", "description", "Describe the work.")
	p.Text(d.Description, "description", "description")
	p.Name(d.Name, "name", "name")
	p.Name(d.PurchaseOrder, "purchase_order", "purchase order")
	p.Text(d.Inclusions, "inclusions", "inclusions")
	p.Text(d.Exclusions, "exclusions", "exclusions")
	p.Text(d.Terms, "terms", "terms")
	p.Text(d.InternalNotes, "internal_notes", "internal notes")
	p.Unless(d.BookedUntil == nil || (d.BookedFrom != nil && !d.BookedUntil.Before(*d.BookedFrom)), "booked_until", "The end lies before the start.")
	p.Unless(len(lines) <= MaxLines, "lines", fmt.Sprintf("A quote has room for %d lines.", MaxLines))
	for i, l := range lines {
		l.check(p, i)
	}
	return p
}

// inUse refuses a site or a main contact that has been archived, unless the
// quote has it already.
func inUse(ctx context.Context, db postgres.DB, q Quote, site, contact int64) error {
	var noSite, noContact bool
	err := db.QueryRow(ctx, `
		select exists (select from sites where id = @site and customer_id = @customer and archived_at is not null and id <> @site_now),
			exists (select from contacts where id = @contact and customer_id = @customer and archived_at is not null and id <> @contact_now)`,
		pgx.NamedArgs{"site": site, "contact": contact, "customer": q.CustomerID, "site_now": q.SiteID, "contact_now": q.MainContactID}).Scan(&noSite, &noContact)
	if err != nil {
		return fmt.Errorf("look at site and contact: %w", err)
	}
	p := problem.Set{}
	p.Unless(!noSite, "site", "This site is not in use any more. Choose another one.")
	p.Unless(!noContact, "main_contact", "This contact has been archived. Choose another one.")
	return p.Err()
}

// Create records a new quote of the office, as a draft. A form sent twice makes
// one quote.
func Create(ctx context.Context, tx postgres.Tx, by audit.Actor, customer int64, currency, nonce string, d Details, lines []Line) (ref Ref, err error) {
	if err := Check(d, lines).Err(); err != nil {
		return Ref{}, err
	}
	if err := inUse(ctx, tx, Quote{CustomerID: customer}, d.Site, d.MainContact); err != nil {
		return Ref{}, err
	}
	err = tx.QueryRow(ctx, `
		insert into quotes (customer_id, name, description, currency, status, site_id, main_contact_id, job_type_id, preferred_on, valid_until, booked_from, booked_until,
			purchase_order, inclusions, exclusions, terms, internal_notes, origin, created_by_staff_id, nonce)
		select cu.id, @name, @description, @currency, 'draft', nullif(@site::bigint, 0), nullif(@contact::bigint, 0), nullif(@type::bigint, 0), @preferred, @valid, @from, @until,
			@po, @inclusions, @exclusions, @terms, @notes, 'office', @staff, nullif(@nonce, '')
		from customers cu where cu.id = @customer and cu.archived_at is null
		on conflict on constraint quote_nonce_taken do nothing
		returning id, number`, d.args(pgx.NamedArgs{"customer": customer, "currency": currency, "nonce": nonce, "staff": by.Staff}),
	).Scan(&ref.ID, &ref.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		return byNonce(ctx, tx, customer, nonce)
	}
	if err != nil {
		return Ref{}, told(err)
	}
	if err := assign(ctx, tx, ref.ID, d.Staff); err != nil {
		return Ref{}, err
	}
	if len(lines) > 0 {
		if err := price(ctx, tx, Quote{ID: ref.ID, CustomerID: customer}, lines); err != nil {
			return Ref{}, err
		}
	}
	return ref, record(ctx, tx, by, audit.QuoteCreated, nil, ref.Number)
}

func (d Details) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{
		"name": d.Name, "description": d.Description, "site": d.Site, "contact": d.MainContact, "type": d.JobType, "preferred": d.PreferredOn,
		"valid": d.ValidUntil, "from": d.BookedFrom, "until": d.BookedUntil, "po": d.PurchaseOrder, "inclusions": d.Inclusions, "exclusions": d.Exclusions, "terms": d.Terms, "notes": d.InternalNotes,
	}
	for k, v := range more {
		a[k] = v
	}
	return a
}

// assign says who prices and does the work. Who has left since stays on it.
func assign(ctx context.Context, tx postgres.Tx, quote int64, staff []int64) error {
	_, err := tx.Exec(ctx, `delete from quote_staff where quote_id = $1 and not staff_id = any($2)`, quote, postgres.IDs(staff))
	if err == nil {
		_, err = tx.Exec(ctx, `insert into quote_staff (quote_id, staff_id) select $1, id from staff where id = any($2) and archived_at is null on conflict do nothing`, quote, postgres.IDs(staff))
	}
	if err != nil {
		return fmt.Errorf("assign staff to quote: %w", err)
	}
	return nil
}

// Edit saves the office's details and lines together. A request becomes a
// draft by it; what has been sent must be moved to Draft first. It fails with
// apperr.Stale when somebody else has changed the quote since version.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, d Details, lines []Line) error {
	if err := Check(d, lines).Err(); err != nil {
		return err
	}
	q, err := byNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	if !q.Status.Editable() {
		return apperr.Conflictf("%s", q.Status.whyFixed())
	}
	if q.Version != version {
		return apperr.Stale
	}
	if err := inUse(ctx, tx, q, d.Site, d.MainContact); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update quotes set name = @name, description = @description, site_id = nullif(@site::bigint, 0), main_contact_id = nullif(@contact::bigint, 0),
			job_type_id = nullif(@type::bigint, 0), preferred_on = @preferred, valid_until = @valid, booked_from = @from, booked_until = @until, purchase_order = @po,
			inclusions = @inclusions, exclusions = @exclusions, terms = @terms, internal_notes = @notes, status = 'draft', version = version + 1, updated_at = now()
		where id = @id`, d.args(pgx.NamedArgs{"id": q.ID}))
	if err != nil {
		return told(err)
	}
	if err := assign(ctx, tx, q.ID, d.Staff); err != nil {
		return err
	}
	if len(lines) > 0 || q.VersionNumber > q.SentVersion {
		if err := price(ctx, tx, q, lines); err != nil {
			return err
		}
	}
	return record(ctx, tx, by, audit.QuoteEdited, &q, number)
}

// Editable reports whether the office may change a quote of this status.
func (s Status) Editable() bool { return s == Requested || s == Draft }

func (s Status) whyFixed() string {
	if s.May(Draft) {
		return fmt.Sprintf("This quote has been %s meanwhile. Make a new version before changing it.", s)
	}
	return fmt.Sprintf("This quote has been %s and can no longer be changed.", s)
}

// Unready tells what a quote still needs before it can be sent.
func (q Quote) Unready(today day.Day) problem.Set {
	p := problem.Set{}
	p.Unless(len(q.Lines) > 0, "lines", "Add at least one line with a price before sending.")
	p.Unless(q.MainContactID != 0, "main_contact", "Choose the contact who receives the quote.")
	p.Unless(!q.ValidUntil.IsZero() && !q.ValidUntil.Before(today), "valid_until", "Choose a day, today or later, until which the price is valid.")
	return p
}

// Send makes the newest version the one the customer reads, with its words
// frozen. It needs lines, a main contact and a day until which it is valid.
func Send(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, today day.Day) (Ref, error) {
	q, err := byNumber(ctx, tx, number)
	if err != nil {
		return Ref{}, err
	}
	ref := Ref{q.ID, q.Number}
	if q.Status == Sent && q.Version == version+1 {
		return ref, apperr.Conflictf("This quote has just been sent.")
	}
	if !q.Status.May(Sent) {
		if q.Status == Requested {
			return ref, apperr.Conflictf("Price this request first, then send it.")
		}
		return ref, apperr.Conflictf("This quote is %s and cannot be sent.", q.Status)
	}
	if q.Version != version {
		return ref, apperr.Stale
	}
	if err := q.Unready(today).Err(); err != nil {
		return ref, err
	}
	tag, err := tx.Exec(ctx, `
		with frozen as (
			update quote_versions v set name = q.name, description = q.description, inclusions = q.inclusions, exclusions = q.exclusions, terms = q.terms,
				valid_until = q.valid_until, sent_at = now(), sent_by_id = @staff
			from quotes q where q.id = @id and v.quote_id = q.id and v.sent_at is null
			returning v.number
		)
		update quotes set status = 'sent', sent_version = frozen.number, version = version + 1, updated_at = now() from frozen where id = @id`,
		pgx.NamedArgs{"id": q.ID, "staff": by.Staff})
	if err != nil {
		return ref, told(err)
	}
	if tag.RowsAffected() == 0 { // its only version was sent before
		return ref, apperr.Stale
	}
	// Again, now that the version is frozen: what contacts search is made of it.
	if _, err := tx.Exec(ctx, `update quotes set search = '' where id = $1`, q.ID); err != nil {
		return ref, fmt.Errorf("index quote: %w", err)
	}
	return ref, record(ctx, tx, by, audit.QuoteSent, &q, number)
}

// Move withdraws a quote or opens a new version of it (Draft), which begins as
// a copy of the one that was sent.
func Move(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, to Status) error {
	q, err := byNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	if (to != Draft && to != Withdrawn) || !q.Status.May(to) {
		return apperr.Conflictf("This quote is %s; it cannot become %s.", q.Status, to)
	}
	if q.Version != version {
		return apperr.Stale
	}
	if _, err := tx.Exec(ctx, `update quotes set status = @to, version = version + 1, updated_at = now() where id = @id`, pgx.NamedArgs{"id": q.ID, "to": string(to)}); err != nil {
		return told(err)
	}
	if to == Draft && q.SentVersion == q.VersionNumber && q.SentVersion > 0 {
		if err := price(ctx, tx, q, q.Lines); err != nil {
			return err
		}
	}
	action := audit.QuoteWithdrawn
	if to == Draft {
		action = audit.QuoteRevised
	}
	return record(ctx, tx, by, action, &q, number)
}

// Withdraw ends a quote; why is for the office's history and may be empty.
func Withdraw(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, why string) error {
	p := problem.Set{}
	p.Text(why, "why", "reason")
	if err := p.Err(); err != nil {
		return err
	}
	if err := Move(ctx, tx, by, number, version, Withdrawn); err != nil || why == "" {
		return err
	}
	q, err := Find(ctx, tx, number)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.QuoteSaidWhy, ID: q.ID, Label: number, Customer: q.CustomerID, After: map[string]any{"why": why}})
}

// Look notes that staff have opened a request from the portal.
func Look(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	e := audit.New{Action: audit.QuoteLookedAt, ID: id}
	err := tx.QueryRow(ctx, `update quotes set looked_at = now(), looked_by_id = $2 where id = $1 and looked_at is null and origin = 'portal' returning number, customer_id`, id, by.Staff).Scan(&e.Label, &e.Customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mark quote as looked at: %w", err)
	}
	return audit.Record(ctx, tx, by, e)
}

// kept is a quote as the audit trail keeps it: by names, which say more in
// later years than ids do.
type kept struct {
	Name          string     `json:"name"`
	Description   string     `json:"description"`
	PriceEstimate *int64     `json:"price_estimate"`
	Status        Status     `json:"status"`
	Site          string     `json:"site"`
	MainContact   string     `json:"main_contact"`
	JobType       string     `json:"job_type"`
	PreferredOn   day.Day    `json:"preferred_on"`
	ValidUntil    day.Day    `json:"valid_until"`
	BookedFrom    *time.Time `json:"booked_from"`
	BookedUntil   *time.Time `json:"booked_until"`
	PurchaseOrder string     `json:"purchase_order"`
	Inclusions    string     `json:"inclusions"`
	Exclusions    string     `json:"exclusions"`
	Terms         string     `json:"terms"`
	InternalNotes string     `json:"internal_notes"`
	Staff         []string   `json:"staff"`
	Lines         []string   `json:"lines"`
	SentVersion   int        `json:"sent_version"`
	Version       int64      `json:"version"`
}

func (q Quote) kept() kept {
	k := kept{
		Name: q.Name, Description: q.Description, PriceEstimate: q.PriceEstimate, Status: q.Status, Site: q.SiteName, MainContact: q.MainContact, JobType: q.JobType,
		PreferredOn: q.PreferredOn, ValidUntil: q.ValidUntil, BookedFrom: q.BookedFrom, BookedUntil: q.BookedUntil, PurchaseOrder: q.PurchaseOrder,
		Inclusions: q.Inclusions, Exclusions: q.Exclusions, Terms: q.Terms, InternalNotes: q.InternalNotes, Staff: q.StaffNames, Lines: make([]string, len(q.Lines)),
		SentVersion: q.SentVersion, Version: q.Version,
	}
	for i, l := range q.Lines {
		k.Lines[i] = fmt.Sprintf("%s × %s at %s, %s %s%%", l.Quantity, l.Description, company.PlainMoney(l.UnitPrice, q.Currency), l.TaxName, l.TaxPercent)
	}
	return k
}

// record adds what became of a quote to the audit trail. Before is nil for a new one.
func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before *Quote, number string) error {
	after, err := Find(ctx, tx, number)
	if err != nil {
		return err
	}
	e := audit.New{Action: action, ID: after.ID, Label: number, Customer: after.CustomerID, After: after.kept()}
	if before != nil {
		e.Before = before.kept()
	}
	return audit.Record(ctx, tx, by, e)
}
