package sheet_test

import (
	"strings"
	"testing"
	"time"

	"fieldgate/internal/sheet"
)

func TestDates(t *testing.T) {
	t.Parallel()
	const no = ""
	for _, tt := range []struct{ typed, dayFirst, monthFirst string }{
		{"31/12/2026", "2026-12-31 00:00", no},
		{"12/31/2026", no, "2026-12-31 00:00"},
		{"3/4/26", "2026-04-03 00:00", "2026-03-04 00:00"},
		{"3/4/85", "1985-04-03 00:00", "1985-03-04 00:00"},
		{"03.04.2026 14:05", "2026-04-03 14:05", "2026-03-04 14:05"},
		{"3-4-2026 2:05 pm", "2026-04-03 14:05", "2026-03-04 14:05"},
		{"3/04/2026 12:00:00 AM", "2026-04-03 00:00", "2026-03-04 00:00"},
		{"2026-04-03", "2026-04-03 00:00", "2026-04-03 00:00"},
		{"2026/4/3 8:30", "2026-04-03 08:30", "2026-04-03 08:30"},
		{"2026-04-03T08:30:00.000Z", "2026-04-03 08:30 Z", "2026-04-03 08:30 Z"},
		{"2026-04-03T08:30:00+10:00", "2026-04-02 22:30 Z", "2026-04-02 22:30 Z"},
		{"20260403", "2026-04-03 00:00", "2026-04-03 00:00"},
		{"3 Apr 2026", "2026-04-03 00:00", "2026-04-03 00:00"},
		{"3-Apr-26", "2026-04-03 00:00", "2026-04-03 00:00"},
		{"3rd of April 2026", "2026-04-03 00:00", "2026-04-03 00:00"},
		{"Fri 3 Apr 2026 at 8.30am", "2026-04-03 08:30", "2026-04-03 08:30"},
		{"Friday, April 3, 2026", "2026-04-03 00:00", "2026-04-03 00:00"},
		{"Sept 3, 2026", "2026-09-03 00:00", "2026-09-03 00:00"},
		{"31/02/2026", no, no},
		{"0000-00-00", no, no},
		{"1/1/0001", no, no},
		{"next week", no, no},
		{"02 5550 1234", no, no},
		{"1.234.567", no, no},
		{"3 units 2026", no, no},
		{"12/05/2026 something", no, no},
		{"", no, no},
	} {
		for order, want := range map[sheet.Order]string{sheet.DayFirst: tt.dayFirst, sheet.MonthFirst: tt.monthFirst} {
			got := ""
			if w, ok := order.Read(tt.typed); ok {
				got = w.In(time.Local).Format("2006-01-02 15:04")
				if w.Zone != nil {
					got = w.In(time.Local).UTC().Format("2006-01-02 15:04 Z")
				}
			}
			if got != want {
				t.Errorf("%q, %s: %q, want %q", tt.typed, order, got, want)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ typed, dot, comma string }{
		{"1234", "1234", "1234"},
		{"1,234", "1234", "1.234"},
		{"1.234", "1.234", "1234"},
		{"1,234.50", "1234.50", ""},
		{"1.234,50", "", "1234.50"},
		{"12.5", "12.5", ""},
		{"12,5", "", "12.5"},
		{"$1,234.50", "1234.50", ""},
		{"AUD 12.00", "12.00", ""},
		{"R1 234,56", "", "1234.56"},
		{"1 234 567", "1234567", "1234567"},
		{"1'234.50", "1234.50", ""},
		{"12,34,567.00", "1234567.00", ""},
		{"(12.00)", "-12.00", ""},
		{"-12", "-12", "-12"},
		{"12-", "-12", "-12"},
		{"−3", "-3", "-3"},
		{".5", "0.5", ""},
		{"0,125", "", "0.125"},
		{"10 %", "10", "10"},
		{"2.5 hours", "2.5", ""},
		{"J-1001", "", ""},
		{"1.2.3", "", ""},
		{"twelve", "", ""},
		{"", "", ""},
		{"1,2,3", "", ""},
		{"2026-01-02", "", ""},
	} {
		dot, _ := sheet.Dot.Read(tt.typed)
		comma, _ := sheet.Comma.Read(tt.typed)
		if dot != tt.dot || comma != tt.comma {
			t.Errorf("%q: %q and %q, want %q and %q", tt.typed, dot, comma, tt.dot, tt.comma)
		}
	}
}

// How a column is read its values decide together; what they leave open is said.
func TestColumnsDecideTogether(t *testing.T) {
	t.Parallel()
	survey := func(values ...string) sheet.Column {
		var s sheet.Survey
		for _, v := range values {
			s.Add(sheet.Row{Cells: []sheet.Cell{{Kind: sheet.Text, Text: v}}})
		}
		return s.Columns[0]
	}
	for _, tt := range []struct {
		values []string
		order  sheet.Order
		how    sheet.Settled
		says   string
	}{
		{[]string{"3/4/2026", "31/4/2026", "30/4/2026"}, sheet.DayFirst, sheet.Proven, "30/4/2026"},
		{[]string{"3/4/2026", "4/30/2026"}, sheet.MonthFirst, sheet.Proven, "4/30/2026 can be nothing else"},
		{[]string{"3/4/2026", "5/6/2026"}, sheet.DayFirst, sheet.Assumed, "could be either"},
		{[]string{"30/4/2026", "4/30/2026"}, sheet.DayFirst, sheet.Contradicted, "the others are refused"},
		{[]string{"2026-04-03", "3 Apr 2026", "4/4/2026"}, sheet.DayFirst, sheet.Irrelevant, ""},
		{[]string{"Lee", "Kim"}, sheet.DayFirst, sheet.Irrelevant, ""},
	} {
		order, how, says := survey(tt.values...).Order(sheet.DayFirst)
		if order != tt.order || how != tt.how || !strings.Contains(says, tt.says) {
			t.Errorf("%v: %s, %d, %q", tt.values, order, how, says)
		}
	}
	for _, tt := range []struct {
		values []string
		point  sheet.Point
		how    sheet.Settled
	}{
		{[]string{"1.234", "12,50"}, sheet.Comma, sheet.Proven},
		{[]string{"1,234", "12.50"}, sheet.Dot, sheet.Proven},
		{[]string{"1,234", "2,000"}, sheet.Dot, sheet.Assumed},
		{[]string{"12,5", "12.5"}, sheet.Dot, sheet.Contradicted},
		{[]string{"12", "1000"}, sheet.Dot, sheet.Irrelevant},
	} {
		if point, how, says := survey(tt.values...).Point(sheet.Dot); point != tt.point || how != tt.how {
			t.Errorf("%v: %s, %d, %q", tt.values, point, how, says)
		}
	}
}
