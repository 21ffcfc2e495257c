package quote

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Edit saves the office's details and lines together. A request becomes a
// draft by it; what has been sent must be moved to Draft first. It fails with
// apperr.Stale when somebody else has changed the quote since version.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, version int64, d Details, lines []Line) error {
	if err := d.Check().Join(CheckLines(lines)).Err(); err != nil {
		return err
	}
	q, err := lockByNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	if !q.Status.Editable() {
		return apperr.Conflictf("%s", q.Status.whyNotEdit())
	}
	if q.Version != version {
		return apperr.Stale
	}
	if err := checkInUse(ctx, tx, q, d.Site, d.MainContact); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update quotes set name = @name, description = @description, site_id = nullif(@site::bigint, 0), main_contact_id = nullif(@contact::bigint, 0),
			job_type_id = nullif(@type::bigint, 0), preferred_on = @preferred, valid_until = @valid, booked_from = @from, booked_until = @until, purchase_order = @po,
			inclusions = @inclusions, exclusions = @exclusions, terms = @terms, internal_notes = @notes, status = @draft, version = version + 1, updated_at = now()
		where id = @id`, d.args(pgx.NamedArgs{"id": q.ID, "draft": Draft}))
	if err != nil {
		return constraintError(err)
	}
	if err := setStaff(ctx, tx, q.ID, d.Staff); err != nil {
		return err
	}
	if len(lines) > 0 || q.VersionNumber > q.SentVersion {
		if err := setLines(ctx, tx, q, lines); err != nil {
			return err
		}
	}
	return recordEdit(ctx, tx, by, q)
}

// ContactEdit is what a contact may change of a quote before it is sent.
type ContactEdit struct {
	Name          string
	Description   string
	PriceEstimate *int64 // in minor units; nil for none
	Site          int64  // 0 for none
	PurchaseOrder string
	PreferredOn   day.Day
}

// Check says what is wrong with what was typed, before anything is written.
func (c ContactEdit) Check() problem.Set {
	p := problem.Set{}
	p.Unless(c.Description != "", Field.Description.Name, "Tell us what you would like a price for.")
	p.Limit(Field.Description, c.Description)
	p.Name(c.Name, Field.Name.Name, "title")
	p.Limit(Field.PurchaseOrder, c.PurchaseOrder)
	p.Unless(c.PriceEstimate == nil || (*c.PriceEstimate >= 0 && *c.PriceEstimate < maxAmount), Field.PriceEstimate.Name, "Enter an amount of zero or more.")
	return p
}

// EditByContact is the contact's edit, possible until the quote has been sent.
// It fails with apperr.Stale when the quote was changed since version, and with
// an apperr.Conflict in words when it has been sent meanwhile.
func EditByContact(ctx context.Context, tx postgres.Tx, by audit.Actor, customer, id, version int64, c ContactEdit) error {
	if err := c.Check().Err(); err != nil {
		return err
	}
	q, err := lockOf(ctx, tx, customer, id)
	if err != nil {
		return err
	}
	if !q.Status.Editable() || q.SentVersion != 0 {
		return apperr.Conflictf("This quote has been sent or withdrawn, so it can no longer be changed here.")
	}
	if q.Version != version {
		return apperr.Stale
	}
	if err := checkInUse(ctx, tx, q, c.Site, q.MainContactID); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update quotes set name = @name, description = @description, price_estimate = @estimate, site_id = nullif(@site::bigint, 0), purchase_order = @po, preferred_on = @preferred,
			version = version + 1, updated_at = now()
		where id = @id`,
		pgx.NamedArgs{"id": q.ID, "name": c.Name, "description": c.Description, "estimate": c.PriceEstimate, "site": c.Site, "po": c.PurchaseOrder, "preferred": c.PreferredOn})
	if err != nil {
		return constraintError(err)
	}
	return recordEdit(ctx, tx, by, q)
}

// snapshot is a quote as the audit trail records it: by names, which say more in
// later years than ids do.
type snapshot struct {
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

func (q Quote) snapshot() snapshot {
	s := snapshot{
		Name: q.Name, Description: q.Description, PriceEstimate: q.PriceEstimate, Status: q.Status, Site: q.SiteName, MainContact: q.MainContact, JobType: q.JobType,
		PreferredOn: q.PreferredOn, ValidUntil: q.ValidUntil, BookedFrom: q.BookedFrom, BookedUntil: q.BookedUntil, PurchaseOrder: q.PurchaseOrder,
		Inclusions: q.Inclusions, Exclusions: q.Exclusions, Terms: q.Terms, InternalNotes: q.InternalNotes, Staff: q.StaffNames, Lines: lineWords(q.Lines, q.Currency),
		SentVersion: q.SentVersion, Version: q.Version,
	}
	return s
}

// lineWords are lines as the audit trail records them.
func lineWords(lines []Line, currency string) []string {
	words := make([]string, len(lines))
	for i, l := range lines {
		if l.Discount {
			words[i] = fmt.Sprintf("%s, %s off", l.Description, company.PlainPrice(l.UnitPrice, currency))
			continue
		}
		words[i] = fmt.Sprintf("%s × %s at %s, %s", l.Quantity, l.Description, company.PlainPrice(l.UnitPrice, currency), l.Rate().Words())
	}
	return words
}

// record adds what became of a quote to the audit trail. Before is nil for a new one.
func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before *Quote, number string) error {
	after, err := FindByNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	e := audit.New{Action: action, ID: after.ID, Label: number, Customer: after.CustomerID, After: after.snapshot()}
	if before != nil {
		e.Before = before.snapshot()
	}
	return audit.Record(ctx, tx, by, e)
}

// recordEdit adds an edit to the audit trail and to the quote's history.
func recordEdit(ctx context.Context, tx postgres.Tx, by audit.Actor, before Quote) error {
	after, err := FindByNumber(ctx, tx, before.Number)
	if err != nil {
		return err
	}
	fields, err := changedFields(before.snapshot(), after.snapshot())
	if err != nil {
		return err
	}
	if err := addEvent(ctx, tx, by, after, Event{Kind: EventEdited, Fields: fields}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.QuoteEdited, ID: after.ID, Label: after.Number, Customer: after.CustomerID, Before: before.snapshot(), After: after.snapshot(),
	})
}

// changedFields are the names of the fields that differ, in alphabetical order.
func changedFields(before, after snapshot) (names []string, err error) {
	var was, is map[string]any
	for from, into := range map[*snapshot]*map[string]any{&before: &was, &after: &is} {
		text, err := json.Marshal(from)
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			return nil, fmt.Errorf("compare quotes: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if name != "version" && !reflect.DeepEqual(was[name], is[name]) {
			names = append(names, name)
		}
	}
	return names, nil
}
