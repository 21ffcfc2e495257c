package officeweb_test

import (
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/quote"
	"fieldgate/web/apptest"
)

// Files use the words of the screens: labels for states, ISO dates, and
// telephone numbers that a spreadsheet keeps.
func TestFilesUseTheWordsOfTheScreens(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`
		update customers set phone = '0412345678', mobile = '+61412345678' where id = 1;
		update contacts set mobile = '0412345678', phone = '=1+1' where id = 1;
		insert into emails (kind, rule, to_address, message_id, state, finished_at) values ('quote-sent', 'main-contact', 'lee@demo.test', 'm', 'sent', now());
		update jobs set booked_from = now();
		update equipment set status = 'retired' where id = (select min(id) from equipment);`)
	ada := app.As("ada")
	var states []string
	for _, s := range job.Statuses {
		states = append(states, s.Label())
	}
	for _, s := range quote.Statuses {
		states = append(states, s.Label())
	}
	states = append(states, equipment.InUse.Label(), equipment.Retired.Label())
	written := regexp.MustCompile(`\b([0-9]{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* [0-9]{4}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4})\b`)
	all := map[string][][]string{}
	for _, name := range []string{"customers", "contacts", "jobs", "quotes", "equipment", "email", "messages"} {
		p := ada.Get("/office/" + name + ".csv")
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\uFEFF"))).ReadAll()
		if p.Status != 200 || err != nil || (len(lines) < 2 && name != "messages") {
			t.Fatalf("%s: %d, %v, %d lines", name, p.Status, err, len(lines))
		}
		all[name] = lines
		for _, line := range lines[1:] {
			for i, head := range lines[0] {
				if head == "Status" && !slices.Contains(states, line[i]) {
					t.Errorf("%s: the status %q is not the screen's", name, line[i])
				}
				if name != "messages" && head != "Subject" && written.MatchString(line[i]) {
					t.Errorf("%s: %s %q is no ISO date", name, head, line[i])
				}
			}
		}
	}
	column := func(name, head string) (cells []string) {
		at := slices.Index(all[name][0], head)
		if at < 0 {
			t.Fatalf("%s has no %s: %q", name, head, all[name][0])
		}
		for _, line := range all[name][1:] {
			cells = append(cells, line[at])
		}
		return cells
	}
	for _, c := range []struct{ name, head, cell string }{
		{"customers", "Phone", "0412 345 678"}, {"customers", "Mobile", "+61 412 345 678"}, {"contacts", "Mobile", "0412 345 678"}, {"contacts", "Phone", "'=1+1"}, {"equipment", "Status", "Retired"},
	} {
		if got := column(c.name, c.head); !slices.Contains(got, c.cell) {
			t.Errorf("%s, %s: %q, want %q", c.name, c.head, got, c.cell)
		}
	}
	column("quotes", quote.Field.PriceEstimate.Label)
}
