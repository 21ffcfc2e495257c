package quote

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

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

// Check says what is wrong with details, before anything is written.
func (d Details) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Description != "", Field.Description.Name, "Describe the work.")
	d.checkLimits(p)
	p.Unless(d.BookedUntil == nil || (d.BookedFrom != nil && !d.BookedUntil.Before(*d.BookedFrom)), Field.BookedUntil.Name, "The end is before the start.")
	return p
}

func (d Details) checkLimits(p problem.Set) {
	p.Limit(Field.Description, d.Description)
	p.Limit(Field.Name, d.Name)
	p.Limit(Field.PurchaseOrder, d.PurchaseOrder)
	p.Limit(Field.Inclusions, d.Inclusions)
	p.Limit(Field.Exclusions, d.Exclusions)
	p.Limit(Field.Terms, d.Terms)
	p.Limit(Field.InternalNotes, d.InternalNotes)
}

// belowNothing is said of lines whose credits are more than all else.
const belowNothing = "A quote cannot come to less than nothing."

// CheckLines says what is wrong with the lines of a quote.
func CheckLines(lines []Line) problem.Set {
	p := problem.Set{}
	p.Unless(len(lines) <= Field.Lines.Max, Field.Lines.Name, fmt.Sprintf("A quote has room for %d lines.", Field.Lines.Max))
	lines = Settle(lines)
	for i, l := range lines {
		l.check(p, i)
		if !l.Discount {
			continue
		}
		if checkDiscount(p, lines, i); p[l.field(i, "price")] != "" {
			lines[i].UnitPrice, lines[i].DiscountPercent = decimal.Zero, decimal.Zero // those below are looked at without it
			lines = Settle(lines)
		}
	}
	if len(p) == 0 {
		p.Unless(Sum(lines).Gross >= 0, Field.Lines.Name, belowNothing)
	}
	return p
}

// checkInUse refuses a site or a main contact that has been archived, unless the
// quote has it already.
func checkInUse(ctx context.Context, db postgres.DB, q Quote, site, contact int64) error {
	var noSite, noContact bool
	err := db.QueryRow(ctx, `
		select exists (select from sites where id = @site and customer_id = @customer and archived_at is not null and id <> @site_now),
			exists (select from contacts where id = @contact and customer_id = @customer and archived_at is not null and id <> @contact_now)`,
		pgx.NamedArgs{"site": site, "contact": contact, "customer": q.CustomerID, "site_now": q.SiteID, "contact_now": q.MainContactID}).Scan(&noSite, &noContact)
	if err != nil {
		return fmt.Errorf("look at site and contact: %w", err)
	}
	p := problem.Set{}
	p.Unless(!noSite, "site", "This site is no longer in use. Choose another one.")
	p.Unless(!noContact, "main_contact", "This contact has been archived. Choose another one.")
	return p.Err()
}

func (d Details) args(more pgx.NamedArgs) pgx.NamedArgs {
	a := pgx.NamedArgs{
		"name": d.Name, "description": d.Description, "site": d.Site, "contact": d.MainContact, "type": d.JobType, "preferred": d.PreferredOn,
		"valid": d.ValidUntil, "from": d.BookedFrom, "until": d.BookedUntil, "po": d.PurchaseOrder, "inclusions": d.Inclusions, "exclusions": d.Exclusions, "terms": d.Terms, "notes": d.InternalNotes,
	}
	maps.Copy(a, more)
	return a
}

// constraintError turns a broken constraint into a sentence at its field.
func constraintError(err error) error {
	switch postgres.Constraint(err) {
	case "quote_site_of_customer":
		return problem.Of("site", "Choose one of the customer’s sites.")
	case "quote_contact_of_customer":
		return problem.Of("main_contact", "Choose one of the customer’s contacts.")
	case "quotes_job_type_id_fkey":
		return problem.Of("job_type", "Choose a job type from the list.")
	case "quote_number_taken":
		return problem.Of("number", "Another quote has this number.")
	case "quote_booking_order":
		return problem.Of("booked_until", "The end is before the start.")
	}
	return fmt.Errorf("save quote: %w", err)
}
