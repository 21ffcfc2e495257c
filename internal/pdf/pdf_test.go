package pdf

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/pdf/pdftest"
	"fieldgate/internal/quote"
)

var head = Letterhead{
	Name: "Northwind Air", LegalName: "Northwind Air Conditioning Pty Ltd", Registration: "ABN 51 824 753 556", Address: []string{"12 Foundry Lane", "Brunswick VIC 3056"},
	Phone: "03 9000 1234", Email: "office@northwind.test", Website: "https://northwind.test/", Brand: "#0e5a8a", Format: company.NewFormat(time.Time{}, "Australia/Melbourne", "en-AU", "AUD"),
}

func priced(section, words, quantity string, price int64, percent string) quote.Line {
	return quote.Line{
		Section: section, Description: words, Quantity: decimal.RequireFromString(quantity), UnitPrice: decimal.NewFromInt(price), TaxName: "GST", TaxPercent: decimal.RequireFromString(percent),
	}
}

var sent = time.Date(2026, time.November, 22, 3, 4, 5, 0, time.UTC)

func rooftop() Quote {
	return Quote{
		Number: "Q-1007", Version: 2, Title: "Replace rooftop unit 2", Description: "Remove the old unit by crane.", Currency: "AUD",
		Lines: []quote.Line{
			priced("", "Site survey", "1", 18000, "10"), priced("Removal", "Crane hire", "1", 245000, "10"), priced("Removal", "Labour", "7.5", 9550, "10"),
			priced("Fees", "Council permit", "1", 18650, "0"),
		},
		Inclusions: "Crane permit", Exclusions: "Switchboard", Terms: "Payment within 14 days.", ValidUntil: day.New(2026, time.December, 20), SentAt: &sent,
		Customer: "Harbour View Apartments", Address: []string{"1 Harbour Esplanade"}, Contact: "Lee Nakamura", Site: "Tower B",
	}
}

// has fails for each text that a document does not show, or shows after "not ".
func has(t *testing.T, file []byte, want ...string) {
	t.Helper()
	text := pdftest.Text(t, file)
	for _, w := range want {
		unwanted, not := strings.CutPrefix(w, "not ")
		if not && strings.Contains(text, unwanted) {
			t.Errorf("the document shows %q", unwanted)
		}
		if !not && !strings.Contains(text, w) {
			t.Errorf("the document does not show %q:\n%s", w, text)
		}
	}
}

// A discount stands with its minus, without a quantity or a tax of its own.
func TestQuoteWithDiscounts(t *testing.T) {
	t.Parallel()
	q := rooftop()
	q.Lines = quote.Settle([]quote.Line{
		priced("Removal", "Crane hire", "1", 245000, "10"),
		{Section: "Removal", Description: "Early bird", Discount: true, DiscountPercent: decimal.RequireFromString("12.5")},
		priced("Fees", "Permit", "1", 20000, "10"),
		{Description: "Loyalty", Discount: true, UnitPrice: decimal.NewFromInt(10000)},
	})
	file, err := printQuote(head, q)
	if err != nil {
		t.Fatal(err)
	}
	has(t, file, "12.5%", "−$306.25", "$2,143.75", "Off the whole quote", "−$100.00", "$2,243.75", "$224.38", "$2,468.13", "not No tax")
}

func TestQuote(t *testing.T) {
	t.Parallel()
	file, err := printQuote(head, rooftop())
	if err != nil {
		t.Fatal(err)
	}
	has(
		t, file, "Northwind Air Conditioning Pty Ltd", "ABN 51 824 753 556", "12 Foundry Lane, Brunswick VIC 3056", "Quote Q-1007  ·  Version 2", "Replace rooftop unit 2",
		"Harbour View Apartments", "Lee Nakamura", "valid until 20 Dec 2026", "Subtotal Removal", "$3,166.25", "not Subtotal Fees", "$3,532.75", "GST 10%", "$334.63", "$3,867.38",
		"Payment within 14 days.", "Page 1 of", "not DRAFT",
	)
	again, err := printQuote(head, rooftop())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, again) {
		t.Error("the same version is another file when it is asked for again")
	}
}

func TestQuoteMarks(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*Quote)
		want   []string
	}{
		"a draft says so":        {func(q *Quote) { q.SentAt = nil }, []string{"DRAFT, NOT SENT", "not Questions about"}},
		"withdrawn":              {func(q *Quote) { q.Withdrawn = true }, []string{"WITHDRAWN"}},
		"accepted":               {func(q *Quote) { q.Answer = &Answer{Accepted: true, Name: "Lee N.", PurchaseOrder: "PO-9", At: sent} }, []string{"ACCEPTED", "Accepted by Lee N. on 22 Nov 2026", "PO-9"}},
		"declined":               {func(q *Quote) { q.Answer = &Answer{Name: "Lee N.", At: sent} }, []string{"DECLINED", "Declined by Lee N."}},
		"a request has no price": {func(q *Quote) { q.Lines = nil }, []string{"not Total with tax", "Remove the old unit"}},
		"terms go on for pages":  {func(q *Quote) { q.Terms = strings.Repeat("Terms that go on. ", 550) + "The end." }, []string{"Page 2 of 3", "Page 3 of 3", "The end."}},
		"hundreds of lines": {func(q *Quote) {
			for range 190 {
				q.Lines = append(q.Lines, priced("Roof", strings.Repeat("word ", 40), "999999", 99_999_999_999, "10"))
			}
		}, []string{"Subtotal Roof"}},
		"words without a space": {func(q *Quote) { q.Title, q.Customer = strings.Repeat("x", 200), strings.Repeat("W", 200) }, []string{"xxxx"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := rooftop()
			tt.change(&q)
			file, err := printQuote(head, q)
			if err != nil {
				t.Fatal(err)
			}
			has(t, file, tt.want...)
		})
	}
}

func TestJob(t *testing.T) {
	t.Parallel()
	hours := func(d int, h string) Hours {
		return Hours{day.New(2026, time.November, d), decimal.RequireFromString(h)}
	}
	file, err := printJob(head, Job{
		Number: "J-1042", Title: "Chiller 2 trips", Status: "Completed", Customer: "Harbour View Apartments", CompletedAt: &sent, Description: "It trips.", Work: "Cleaned the coil.",
		Time: ByDay([]Hours{hours(21, "4"), hours(20, "2"), hours(20, "0.5")}), Tasks: []Task{{Subject: "Isolate", Done: true}}, Equipment: []Item{{"E-12", "Chiller 2", "Roof"}},
		Photos: []Photo{{Key: "gone"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	has(t, file, "Work report", "COMPLETED", "Cleaned the coil.", "Sat 21 Nov 2026", "Isolate", "Chiller 2", "not Invoicing", "not Photos")
	if text := pdftest.Text(t, file); strings.Count(text, "Fri 20 Nov 2026") != 1 || !strings.Contains(text, "2.5\u202fh") || !strings.Contains(text, "6.5\u202fh") {
		t.Errorf("hours of one day are not one:\n%s", text)
	}
}

// Letters stand on paper from left to right as a browser would set them, and are
// found there as they were typed.
func TestShaping(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in, want string
	}{
		{"Latin as it is", "Łódź, 24 kW", "Łódź, 24 kW"},
		{"Hebrew from the right", "משה", "השמ"},
		{"numbers and brackets inside Hebrew", "גג (24)", "(24) גג"},
		{"a name inside a sentence", "for משה כהן today", "for ןהכ השמ today"},
		{"a number between two Hebrew words", "at גג 3 גג now", "at גג 3 גג now"},
		{"Arabic", "نور", "رون"},
		{"beyond the first plane", "ok 👍", "ok 👍"},
		{"controls go", "a\u202eb\u0000c", "abc"},
	} {
		s := newSheet(head, "", sent)
		s.page()
		s.one(margin, s.y, s.inner(), tt.in, words)
		file, err := s.finish("", "")
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _ := strings.Cut(pdftest.Text(t, file), "\n"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestPressIsBounded(t *testing.T) {
	t.Parallel()
	p := NewRenderer(nil, nil, nil)
	for range atOnce {
		p.busy <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Quote(ctx, rooftop()); err == nil {
		t.Error("a document is printed while the press is full and nobody waits any more")
	}
}

// A word costs what its letters cost, however long it is: whoever writes one
// must not keep the press busy. The allocations stand for the time, which
// depends on the machine.
func TestLongWordsAreCheap(t *testing.T) {
	const letters = 10_000
	word := strings.Repeat("漢", letters)
	s := newSheet(head, "", sent)
	s.page()
	allocs := testing.AllocsPerRun(1, func() {
		if lines := s.wrap(word, words, s.inner()); len(lines) < 100 {
			t.Errorf("%d lines", len(lines))
		}
	})
	if allocs > 20*letters {
		t.Errorf("%.0f allocations for %d letters", allocs, letters)
	}
}
