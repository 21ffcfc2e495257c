package export

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestWorkbooksCopyTheirOwn asks excelize for all that copies parts of a
// workbook, which our own few lines do for it: the copy is like what it was made
// of, and apart from it.
func TestWorkbooksCopyTheirOwn(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetRow("Sheet1", "A1", &[]any{"Name", 1.5, true}))
	must(f.SetRowHeight("Sheet1", 1, 31))
	must(f.SetCellRichText("Sheet1", "D1", []excelize.RichTextRun{{Text: "bold", Font: &excelize.Font{Bold: true}}, {Text: " and not"}}))
	must(f.SetColWidth("Sheet1", "A", "D", 20))
	must(f.SetColWidth("Sheet1", "B", "B", 30)) // of columns told together one by itself
	must(f.SetConditionalFormat("Sheet1", "B1:B1", []excelize.ConditionalFormatOptions{{Type: "cell", Criteria: ">", Value: "1"}}))
	choice := excelize.NewDataValidation(true)
	choice.SetSqref("C1:C1")
	must(choice.SetDropList([]string{"yes", "no"}))
	must(f.AddDataValidation("Sheet1", choice))
	must(f.DuplicateRow("Sheet1", 1))
	to, err := f.NewSheet("Copy")
	must(err)
	must(f.CopySheet(0, to))
	must(f.SetCellValue("Copy", "A1", "Another")) // in the copy alone

	var file bytes.Buffer
	_, err = f.WriteTo(&file)
	must(err)
	f, err = excelize.OpenReader(&file)
	must(err)
	for cell, want := range map[string]string{"Sheet1!A1": "Name", "Sheet1!A2": "Name", "Sheet1!B2": "1.5", "Sheet1!C2": "TRUE", "Copy!A1": "Another", "Copy!A2": "Name", "Copy!B1": "1.5", "Copy!D2": "bold and not"} {
		if got, err := f.GetCellValue(cell[:len(cell)-3], cell[len(cell)-2:]); err != nil || got != want {
			t.Errorf("%s: %q, not %q; %v", cell, got, want, err)
		}
	}
	for _, sheet := range []string{"Sheet1", "Copy"} {
		for column, want := range map[string]float64{"A": 20, "B": 30, "C": 20, "D": 20} {
			if got, err := f.GetColWidth(sheet, column); err != nil || got != want {
				t.Errorf("%s, column %s: %v wide, not %v; %v", sheet, column, got, want, err)
			}
		}
		if got, err := f.GetRowHeight(sheet, 2); err != nil || got != 31 {
			t.Errorf("%s: row 2 is %v high; %v", sheet, got, err)
		}
		formats, err := f.GetConditionalFormats(sheet)
		if err != nil || len(formats["B2:B2"])+len(formats["B1:B2"])+len(formats["B1:B1 B2:B2"]) == 0 {
			t.Errorf("%s: formats %v; %v", sheet, formats, err)
		}
		choices, err := f.GetDataValidations(sheet)
		if err != nil || len(choices) != 2 || choices[1].Sqref != "C2:C2" && choices[0].Sqref != "C2:C2" {
			t.Errorf("%s: choices %+v; %v", sheet, choices, err)
		}
	}
}
