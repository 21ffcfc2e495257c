package company_test

import (
	"testing"

	"fieldgate/internal/company"
)

func TestReadMoney(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typed, currency string
		want            int64
		ok              bool
	}{
		{"1,234.50", "AUD", 123450, true},
		{"1234.5", "AUD", 123450, true},
		{" $1 234.5 ", "AUD", 123450, true},
		{"AUD 12", "AUD", 1200, true},
		{".5", "AUD", 50, true},
		{"5.", "AUD", 500, true},
		{"12.500", "AUD", 1250, true},
		{"-250", "AUD", -25000, true},
		{"−$250", "AUD", -25000, true},
		{"0", "AUD", 0, true},
		{"1500", "JPY", 1500, true},
		{"1.5", "JPY", 0, false},
		{"1.234", "KWD", 1234, true},
		{"12.345", "AUD", 0, false},
		{"1.234,50", "AUD", 0, false},
		{"1,5", "AUD", 0, false},
		{"12,34.50", "AUD", 0, false},
		{"ten", "AUD", 0, false},
		{"", "AUD", 0, false},
		{"-", "AUD", 0, false},
		{".", "AUD", 0, false},
		{"1e9", "AUD", 0, false},
		{"1e999999999", "AUD", 0, false},
		{"99999999999999999999", "AUD", 0, false},
		{"$$5", "AUD", 0, false},
		{"٣", "AUD", 0, false},
	} {
		got, ok := company.ReadMoney(tt.typed, tt.currency)
		if got != tt.want || ok != tt.ok {
			t.Errorf("ReadMoney(%q, %s) = %d, %v; want %d, %v", tt.typed, tt.currency, got, ok, tt.want, tt.ok)
		}
	}
}

func TestPlainMoney(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]string{"AUD": "1234.50", "JPY": "123450", "KWD": "123.450"} {
		if got := company.PlainMoney(123450, currency); got != want {
			t.Errorf("%s: %q, want %q", currency, got, want)
		}
	}
}
