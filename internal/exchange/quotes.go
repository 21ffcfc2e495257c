package exchange

import (
	"context"

	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

var quoteNoun = noun{
	table: "quotes", key: "number",
	columns: `t.number, cu.number as customer, t.name, t.description, t.currency, t.price_estimate::numeric as price_estimate, t.status, ` + siteName + ` as site,
		` + contactName("c") + ` as main_contact, coalesce(jt.name, '') as job_type, t.preferred_on, t.valid_until, t.booked_from, t.booked_until,
		array(select ` + staffName("m") + ` from quote_staff qs join staff m on m.id = qs.staff_id where qs.quote_id = t.id order by m.name collate "C", m.id) as staff,
		t.purchase_order, t.inclusions, t.exclusions, t.terms, t.internal_notes,
		(select v.sent_at from quote_versions v where v.quote_id = t.id and v.number = t.sent_version) as sent_at, t.created_at, t.origin, ` + contactName("ac") + ` as asked_by, coalesce(v.total, 0)::numeric as total,
		coalesce((select jsonb_agg(jsonb_build_object('section', l.section, 'description', l.description, 'quantity', l.quantity, 'unit_price', coalesce(l.unit_price_exact, l.unit_price),
			'tax_name', l.tax_name, 'tax_percent', l.tax_percent, 'second_tax_name', l.second_tax_name, 'second_tax_percent', l.second_tax_percent, 'discount', l.discount,
			'discount_percent', l.discount_percent) order by l.position) from quote_lines l where l.version_id = v.id), '[]') as lines`,
	joins: `join customers cu on cu.id = t.customer_id left join sites s on s.id = t.site_id left join contacts c on c.id = t.main_contact_id left join contacts ac on ac.id = t.created_by_contact_id left join job_types jt on jt.id = t.job_type_id
		left join lateral (select v.id, v.total from quote_versions v where v.quote_id = t.id order by v.number desc limit 1) v on true`,
	named: `select id, true as sure, false as gone from quotes where number = @name`,
	load: loader(func(q *Quote) {
		minor := int32(company.MinorUnits(q.Currency))
		q.Total = q.Total.Shift(-minor)
		if q.PriceEstimate != nil {
			*q.PriceEstimate = q.PriceEstimate.Shift(-minor)
		}
		inMajor(q.Currency, q.Lines)
	}),
	blank: func(by By) Record { return &Quote{Currency: by.format().Currency} },
	natural: func(ctx context.Context, db postgres.DB, r *Refs, now Record) (int64, error) {
		return r.find(ctx, db, Quotes, 0, as[*Quote](now).Number)
	},
	stay: func(was, now Record) {
		w, q := as[*Quote](was), as[*Quote](now)
		q.CreatedAt, q.AskedBy = w.CreatedAt, w.AskedBy
		if !q.sent() || w.sent() && sameLines(w.Lines, q.Lines) { // else it is sent now
			q.SentAt = w.SentAt
		}
	},
	judge: judgeQuote,
	write: func(ctx context.Context, tx postgres.Tx, by By, was, now Record) (int64, error) {
		q := as[*Quote](now)
		if was == nil {
			ref, _, err := quote.CreateBrought(ctx, tx, by.actor(), q.brought())
			return ref.ID, err
		}
		return q.Row, quote.EditBrought(ctx, tx, by.actor(), q.Number, q.Version, q.brought())
	},
	names: func(r Record) []string { return []string{as[*Quote](r).Number} },
}

func judgeQuote(j *judging) error {
	q := as[*Quote](j.now)
	q.CustomerRow = j.customer(q.Customer)
	q.site = j.ref("site", Sites, q.CustomerRow, q.Site)
	q.contact = j.ref("main_contact", Contacts, q.CustomerRow, q.MainContact)
	q.askedBy = j.ref("asked_by", Contacts, q.CustomerRow, q.AskedBy)
	q.jobType = j.ref("job_type", JobTypes, 0, q.JobType)
	q.staff = j.refsOf("staff", Staff, 0, q.Staff)
	if q.Status == "" {
		q.Status = string(quote.Draft)
	}
	if q.Currency == "" {
		q.Currency = j.by.format().Currency
	}
	if j.was != nil {
		was := as[*Quote](j.was)
		j.problems.Unless(q.Number == was.Number, "number", "A number never changes.")
		j.problems.Unless(q.Currency == was.Currency, "currency", "The currency of a quote never changes.")
		j.problems.Unless(was.Status != string(quote.Requested) || q.Status != was.Status, "status", "This was asked for in the portal. Import it with the status that it has now, such as Draft.")
	}
	if j.err != nil {
		return j.err
	}
	if q.PriceEstimate != nil {
		minor := q.PriceEstimate.Shift(int32(company.MinorUnits(q.Currency)))
		j.problems.Unless(minor.IsInteger(), "price_estimate", "Enter an amount to the smallest coin.")
	}
	j.join(q.brought().Check())
	return nil
}

// minor is an amount in the currency's minor units.
func (q *Quote) minor(amount decimal.Decimal) decimal.Decimal {
	return amount.Shift(int32(company.MinorUnits(q.Currency)))
}

// sent reports whether the customer has got its newest version.
func (q *Quote) sent() bool { return quote.Brought{Status: quote.Status(q.Status)}.Sent() }

func (q *Quote) brought() quote.Brought {
	b := quote.Brought{
		Customer: q.CustomerRow, Number: q.Number, Currency: q.Currency, Status: quote.Status(q.Status), SentAt: q.SentAt, CreatedAt: q.CreatedAt, AskedBy: q.askedBy,
		Details: quote.Details{
			Name: q.Name, Description: q.Description, Site: q.site, MainContact: q.contact, JobType: q.jobType, PreferredOn: q.PreferredOn, ValidUntil: q.ValidUntil,
			BookedFrom: q.BookedFrom, BookedUntil: q.BookedUntil, PurchaseOrder: q.PurchaseOrder, Inclusions: q.Inclusions, Exclusions: q.Exclusions, Terms: q.Terms,
			InternalNotes: q.InternalNotes, Staff: q.staff,
		},
	}
	if q.PriceEstimate != nil {
		estimate := q.minor(*q.PriceEstimate).IntPart()
		b.PriceEstimate = &estimate
	}
	b.Lines = linesIn(q.Currency, q.Lines)
	return b
}

// same reports whether lines say the same.
func (l QuoteLine) same(o QuoteLine) bool {
	return l.Section == o.Section && l.Description == o.Description && l.Quantity.Equal(o.Quantity) && l.UnitPrice.Equal(o.UnitPrice) && l.TaxName == o.TaxName && l.TaxPercent.Equal(o.TaxPercent) &&
		l.SecondTaxName == o.SecondTaxName && l.SecondTaxPercent.Equal(o.SecondTaxPercent) && l.Discount == o.Discount && l.DiscountPercent.Equal(o.DiscountPercent)
}

// inMajor has the prices of lines, as the database keeps them, in the currency's
// major units, as records have them.
func inMajor(currency string, lines []QuoteLine) {
	minor := int32(company.MinorUnits(currency))
	for i := range lines {
		lines[i].UnitPrice = lines[i].UnitPrice.Shift(-minor)
	}
}

// linesIn are lines with their prices in the currency's minor units.
func linesIn(currency string, lines []QuoteLine) (all []quote.Line) {
	for _, l := range lines {
		all = append(all, quote.Line{
			Section: l.Section, Description: l.Description, Quantity: l.Quantity, UnitPrice: l.UnitPrice.Shift(int32(company.MinorUnits(currency))), TaxName: l.TaxName, TaxPercent: l.TaxPercent,
			SecondTaxName: l.SecondTaxName, SecondTaxPercent: l.SecondTaxPercent, Discount: l.Discount, DiscountPercent: l.DiscountPercent,
		})
	}
	return quote.Settle(all)
}
