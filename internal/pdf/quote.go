package pdf

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/quote"
)

// Quote is a quote as its document shows it: one version, and for whom it is.
type Quote struct {
	From *company.Company // whose letterhead it has; nil lets the Renderer read it

	Number        string
	Version       int
	Title         string
	Description   string
	Currency      string
	Lines         []quote.Line
	Inclusions    string
	Exclusions    string
	Terms         string
	ValidUntil    day.Day
	SentAt        *time.Time // nil for a draft
	Changed       time.Time  // of a draft: when it was last saved
	Customer      string
	Address       []string
	Contact       string
	Site          string
	SiteAddress   string
	PurchaseOrder string
	JobType       string
	Preferred     day.Day
	BookedFrom    *time.Time
	BookedUntil   *time.Time
	Staff         []string
	Withdrawn     bool
	Answer        *Answer // nil as long as there is none
}

// Answer is what the customer has said to a version.
type Answer struct {
	Accepted      bool
	Recorded      string // how staff have heard of it, "" for an answer of the portal
	Name          string
	PurchaseOrder string
	At            time.Time
	Signature     string // the blob of the drawn signature, "" for none
	drawn         []byte
}

func (q Quote) mark() string {
	switch {
	case q.SentAt == nil:
		return "DRAFT, NOT SENT"
	case q.Withdrawn:
		return "WITHDRAWN"
	case q.Answer != nil && q.Answer.Accepted:
		return "ACCEPTED"
	case q.Answer != nil:
		return "DECLINED"
	}
	return ""
}

// texts are what people wrote of it, as far as it is printed.
func (q Quote) texts() []string {
	all := []string{q.Title, q.Description, q.Inclusions, q.Exclusions, q.Terms, q.Customer, q.Contact, q.Site, q.SiteAddress, q.PurchaseOrder, q.JobType}
	all = append(append(all, q.Address...), q.Staff...)
	for _, l := range q.Lines {
		all = append(all, l.Section, l.Description, l.TaxName)
	}
	if q.Answer != nil {
		all = append(all, q.Answer.Name, q.Answer.PurchaseOrder)
	}
	return append(all, letterheadTexts(q.From)...)
}

func letterheadTexts(from *company.Company) []string {
	if from == nil {
		return nil
	}
	return append([]string{from.TradingName, from.LegalName}, from.Address.Lines()...)
}

func printQuote(head Letterhead, q Quote) ([]byte, error) {
	at := q.Changed
	if q.SentAt != nil {
		at = *q.SentAt
	}
	s := newSheet(head, "Quote "+q.Number+": "+q.Title, at)
	s.running(head, "Quote "+q.Number+"  ·  "+q.Title)
	s.page()
	s.letterhead(head)
	name := "Quote " + q.Number
	if q.Version > 1 {
		name += "  ·  Version " + strconv.Itoa(q.Version)
	}
	s.title(name, q.Title, q.mark())
	s.amount(head, q)
	s.facts(q.facts(head), 3)
	s.titled("What is offered", q.Description)
	if len(q.Lines) > 0 {
		s.lines(head, q)
	}
	s.titled("Included", q.Inclusions)
	s.titled("Not included", q.Exclusions)
	s.answered(head, q)
	s.terms(q.Terms)
	return s.finish(head.foot(), q.Number)
}

// amount says in one line what it comes to and until when that holds.
func (s *sheet) amount(head Letterhead, q Quote) {
	if len(q.Lines) > 0 {
		text := head.Format.Money(quote.Sum(q.Lines).Gross, q.Currency)
		big := style{size: 13, bold: true, in: s.brand}
		s.one(margin, s.y, s.inner(), text, big)
		after := "with tax"
		if !q.ValidUntil.IsZero() {
			after += ", valid until " + head.Format.Day(q.ValidUntil)
		}
		s.one(margin+s.width(text, big)+2.5, s.y+0.9, 110, after, style{size: 10, in: soft})
		s.y += big.height()
	}
	s.y += 3
	s.rule(margin, s.w-margin, s.y, rule, 0.2)
	s.y += 4.5
}

func (q Quote) facts(head Letterhead) []fact {
	f := head.Format
	facts := []fact{{"Prepared for", q.Customer, strings.TrimPrefix(q.Contact+"\n"+strings.Join(q.Address, "\n"), "\n")}}
	if q.Site != "" {
		facts = append(facts, fact{"Site", q.Site, q.SiteAddress})
	}
	if q.SentAt != nil {
		facts = append(facts, fact{"Date", f.Day(f.DayOf(*q.SentAt)), ""})
	}
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, fact{label, value, ""})
		}
	}
	add(quote.Field.PurchaseOrder.Label, q.PurchaseOrder)
	add("Job type", q.JobType)
	if q.BookedFrom != nil {
		add("Date Booked", f.Window(q.BookedFrom, q.BookedUntil))
	} else {
		add(quote.Field.PreferredOn.Label, f.WeekDay(q.Preferred))
	}
	add("Assigned", strings.Join(q.Staff, ", "))
	return facts
}

// columns of the table of lines: their right edges, and how wide they are.
type columns struct{ description, quantity, price, tax, amount float64 }

// lines writes the priced lines, in their sections, and what they come to.
// The tax stands on the lines only if they do not all carry the same.
func (s *sheet) lines(head Letterhead, q Quote) {
	sum := quote.Sum(q.Lines)
	money := func(minor int64) string { return head.Format.Money(minor, q.Currency) }
	c := columns{quantity: 17, price: 27, tax: 24, amount: 30}
	if slices.ContainsFunc(q.Lines, func(l quote.Line) bool { return l.SecondTaxName != "" }) {
		c.tax = 40
	}
	if rates, _ := quote.Rates(nil, q.Lines); !slices.ContainsFunc(q.Lines, func(l quote.Line) bool { return !l.Discount && l.Rate().Key() != rates[len(rates)-1].Key() }) {
		c.tax = 0
	}
	c.description = s.inner() - c.quantity - c.price - c.tax - c.amount
	right := s.w - margin
	thead := func() {
		s.one(margin, s.y, c.description, "Description", label)
		s.end(right-c.amount-c.tax-c.price, s.y, c.quantity-2, "Quantity", label)
		s.end(right-c.amount-c.tax, s.y, c.price-2, "Unit price", label)
		if c.tax > 0 {
			s.end(right-c.amount, s.y, c.tax-2, "Tax", label)
		}
		s.end(right, s.y, c.amount-2, "Amount", label)
		s.y += label.height() + 1
		s.rule(margin, right, s.y, rule, 0.25)
		s.y += 2.2
	}
	s.section("Price", 22)
	thead()
	named := slices.ContainsFunc(q.Lines, func(l quote.Line) bool { return l.Section != "" })
	for _, part := range quote.Sections(q.Lines) {
		if above := part.Heading(); above != "" {
			if s.room(heading.height() + 3*words.height()) {
				thead()
			}
			s.y += 1.2
			s.y = s.block(margin, s.y, s.inner(), above, strong, 3) + 1
		}
		for i, l := range part.Lines {
			text := s.wrap(l.Description, words, c.description-5)
			if s.room(float64(min(len(text), 3))*words.height() + 2) {
				thead()
			}
			quantity, price, tax := l.Words(head.Format, q.Currency)
			s.end(right-c.amount-c.tax-c.price, s.y, c.quantity-2, quantity, words)
			s.end(right-c.amount-c.tax, s.y, c.price-2, price, words)
			if c.tax > 0 {
				s.end(right-c.amount, s.y, c.tax-2, tax, style{size: 8.5, in: soft, lead: 1.6})
			}
			s.end(right, s.y, c.amount-1, money(l.Total()), words)
			for _, row := range text {
				if s.room(words.height()) {
					thead()
				}
				x := margin
				if row.rtl {
					x += c.description - 5 - row.wide(words)
				}
				s.draw(x, s.y, row, words)
				s.y += words.height()
			}
			s.y += 1.5
			if i < len(part.Lines)-1 || (part.Name == "" && named) {
				s.rule(margin, right, s.y, faint, 0.2)
			}
			s.y += 1.7
		}
		if part.AddsUp() {
			if s.room(words.height() + 4) {
				thead()
			}
			s.rule(margin, right, s.y-0.7, faint, 0.2)
			s.end(right-c.amount, s.y, 120, "Subtotal "+part.Name, note)
			s.end(right, s.y, c.amount-1, money(part.Net()), style{size: 9, in: ink, bold: true})
			s.y += words.height() + 3
		}
	}
	s.totals(sum, money)
}

func (s *sheet) totals(sum quote.Totals, money func(int64) string) {
	s.room(float64(len(sum.Taxes)+3) * 6)
	right, left := s.w-margin, s.w-margin-78
	s.rule(margin, right, s.y, rule, 0.25)
	s.y += 2.5
	row := func(name, amount string, st style) {
		s.one(left, s.y, 44, name, st)
		s.end(right, s.y, 36, amount, st)
		s.y += st.height() + 0.8
	}
	plain := style{size: 9.5, in: soft}
	row("Subtotal", money(sum.Net), plain)
	for _, t := range sum.Taxes {
		if !t.Percent.IsZero() {
			row(t.Words(), money(t.Tax), plain)
		}
	}
	s.y += 0.8
	s.rule(left, right, s.y, s.brand, 0.5)
	s.y += 1.6
	row(quote.Field.Total.Label, money(sum.Gross), style{size: 12, bold: true, in: ink})
	s.y += 2
}

// answered says what became of the quote, or whom to ask about it.
func (s *sheet) answered(head Letterhead, q Quote) {
	s.y += 3
	if a := q.Answer; a != nil {
		text := "Declined by "
		if a.Accepted {
			text = "Accepted by "
		}
		text += a.Name + " on " + head.Format.Moment(&a.At)
		if a.Recorded != "" {
			text = a.Recorded
		}
		if a.PurchaseOrder != "" {
			text += ", purchase order " + a.PurchaseOrder
		}
		s.room(14 + float64(min(len(a.drawn), 1))*22)
		s.prose(margin, s.inner(), text+".", strong)
		if len(a.drawn) > 0 && s.picture("signature", a.drawn, margin, s.y+1, 60, 18, false) == nil {
			s.y += 21
		}
		return
	}
	if reach := cmp.Or(head.Phone, head.Email); reach != "" && q.SentAt != nil {
		s.room(10)
		s.prose(margin, s.inner(), "Questions about this quote? "+strings.Replace(join2(head.Phone, head.Email), "  ·  ", " or ", 1), note)
	}
}

// terms stand on pages of their own, unless there is room for all of them.
func (s *sheet) terms(text string) {
	if text == "" {
		return
	}
	small := style{size: 8.5, in: soft}
	high := float64(len(s.wrap(text, small, s.inner())))*small.height() + 16
	if s.y+high > s.bottom() {
		s.page()
	}
	s.section("Terms and conditions", 3*small.height())
	s.prose(margin, s.inner(), text, small)
}
