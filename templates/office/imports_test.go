package officeview

import (
	"slices"
	"testing"

	"fieldgate/internal/importing"
	"fieldgate/internal/sheet"
)

// TestReadingsAreSaidOnce: columns that are read alike, for the same reason, share a sentence.
func TestReadingsAreSaidOnce(t *testing.T) {
	t.Parallel()
	table := importing.Table{Heads: []sheet.Head{{Name: "Created"}, {Name: "Date"}, {Name: "Done"}, {Name: "Wished"}}}
	for _, cells := range [][]string{{"12/31/2025", "1/30/2026", "2/3/2026", "3/4/2026"}, {"12/30/2025", "1/31/2026", "2/4/2026", "3/5/2026"}} {
		row := sheet.Row{}
		for _, text := range cells {
			row.Cells = append(row.Cells, sheet.Cell{Kind: sheet.Text, Text: text})
		}
		table.Survey.Add(row)
	}
	columns := []importing.Target{"jobs.created_at", "jobs.booked_from", "jobs.completed_at", "jobs.preferred_on"}
	got := readings(table, importing.SheetMapping{Kind: importing.Jobs, Columns: columns}, importing.UsualOf("en-AU"))
	want := []string{
		"Columns “Created” and “Date”: Dates are read with the month first (12/31/2026), since 12/31/2025 can be nothing else.",
		"Columns “Done” and “Wished”: Dates such as 2/3/2026 could be either. They are read with the day first (31/12/2026), as is usual here.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
