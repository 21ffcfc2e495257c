package importing

import (
	"slices"
	"testing"

	"fieldgate/internal/exchange"
)

// TestUsualPermissionsStay: what a file gives one contact is nobody else's.
func TestUsualPermissionsStay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		body string
		want []string
	}{
		{`{"name": "Lee", "permissions": ["jobs_see=all", "quotes_accept"]}`, []string{"jobs_see=all", "quotes_accept"}},
		{`{"name": "Kim", "permissions": ["company_edit"]}`, []string{"company_edit"}},
		{`{"name": "Max", "permissions": []}`, nil},
		{`{"name": "Ola"}`, []string{"jobs_see=all", "quotes_see=all"}},
	} {
		var c exchange.Contact
		if err := Fill(&c, Item{Kind: exchange.Contacts, Body: []byte(tt.body)}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.Permissions, tt.want) {
			t.Errorf("%s: %q", tt.body, c.Permissions)
		}
	}
}
