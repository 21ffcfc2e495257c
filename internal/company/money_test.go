package company_test

import (
	"testing"

	"fieldgate/internal/company"
)

func TestPlainMoney(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]string{"AUD": "1234.50", "JPY": "123450", "KWD": "123.450"} {
		if got := company.PlainMoney(123450, currency); got != want {
			t.Errorf("%s: %q, want %q", currency, got, want)
		}
	}
}
