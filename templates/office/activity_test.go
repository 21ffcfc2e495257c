package officeview_test

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	officeview "fieldgate/templates/office"
)

// TestEverythingRecordedHasWords: what any package can record, the activity
// page has a sentence and a filter for.
func TestEverythingRecordedHasWords(t *testing.T) {
	t.Parallel()
	seen := 0
	for a := range audit.Actions() {
		seen++
		if a.Sentence() == "" || !officeview.KnowsThing(a.Thing()) {
			t.Errorf("%q of a %q: the activity page has no words for it", a.Name(), a.Thing())
		}
	}
	if seen < 60 {
		t.Errorf("only %d actions were found", seen)
	}
}

func TestActionsInWords(t *testing.T) {
	t.Parallel()
	address := netip.MustParseAddr("203.0.113.7")
	format := company.NewFormat(time.Time{}, "Australia/Sydney", "en-AU", "AUD")
	names := audit.Names{"staff": {3: "Fay Ibrahim"}, "site": {1: "George Street", 2: "Pitt Street"}}
	for _, c := range []struct {
		name    string
		entry   audit.Entry
		says    string
		leads   string
		changes string
	}{
		{
			"a job that is booked",
			audit.Entry{Thing: "job", Action: "moved", Label: "J-1042", By: "Ben Carter", Before: raw(`{"status":"unscheduled","booked_from":null,"version":3}`), After: raw(`{"status":"booked","booked_from":"2026-11-24T21:00:00Z","version":4}`)},
			"Ben Carter booked job J-1042", "/office/jobs/J-1042", "Date Booked: nothing → “25 Nov 2026, 8:00\u202fam”; Status: “Unscheduled” → “Booked”",
		},
		{
			"names instead of ids",
			audit.Entry{Thing: "customer", Action: "edited", Label: "C-1001", By: "Ada", Before: raw(`{"account_manager":0,"on_hold":false}`), After: raw(`{"account_manager":3,"on_hold":true}`)},
			"Ada changed customer C-1001", "/office/customers/C-1001", "Account manager: nothing → “Fay Ibrahim”; On hold: “No” → “Yes”",
		},
		{
			"a list of sites",
			audit.Entry{Thing: "contact", Action: "edited", ThingID: 5, CustomerNumber: "C-1001", Label: "Kim", By: "Ada", Before: raw(`{"sites":[1]}`), After: raw(`{"sites":[1,2,9]}`)},
			"Ada changed the contact Kim", "/office/customers/C-1001/contacts/5", "Selected sites: “George Street” → “George Street, Pitt Street, no longer known”",
		},
		{
			"an address",
			audit.Entry{Thing: "site", Action: "edited", ThingID: 2, CustomerNumber: "C-1001", Label: "Pitt Street", By: "Lee", Before: raw(`{"address":{"line1":"1 Pitt Street"}}`), After: raw(`{"address":{"line1":"2 Pitt Street","city":"Sydney"}}`)},
			"Lee changed the site Pitt Street", "/office/customers/C-1001/sites/2", "Address: “1 Pitt Street” → “2 Pitt Street, Sydney”",
		},
		{
			"a request from the portal",
			audit.Entry{Thing: "quote", Action: "requested", Label: "Q-7", By: "Lee", After: raw(`{"Description":"New fan","PriceEstimate":120000,"Currency":"AUD","Site":1,"Customer":1,"Nonce":"x"}`)},
			"Lee asked for quote Q-7", "/office/quotes/Q-7", "Currency: AUD; Description: New fan; Price Estimate: $1,200.00; Site: George Street",
		},
		{
			"somebody who signs in", audit.Entry{Thing: "staff", Action: "signed in", ThingID: 1, Label: "Ada", By: "Ada"}, "Ada signed in to the office", "", "",
		},
		{
			"the program itself", audit.Entry{Thing: "attachment", Action: "prepared", Actor: "system", Label: "IMG_1.jpg", Job: "J-1"}, "The program prepared the photo IMG_1.jpg", "/office/jobs/J-1/attachments", "",
		},
	} {
		c.entry.Address, c.entry.Names = &address, names
		c.entry.At = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		d := officeview.NewActionText(c.entry, format)
		if d.Sentence() != c.says || d.From != "203.0.113.7" {
			t.Errorf("%s: %q, want %q", c.name, d.Sentence(), c.says)
		}
		if d.Label != "" && d.URL != c.leads {
			t.Errorf("%s leads to %q, want %q", c.name, d.URL, c.leads)
		}
		if d.ChangeWords() != c.changes {
			t.Errorf("%s: %q, want %q", c.name, d.ChangeWords(), c.changes)
		}
	}
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }
