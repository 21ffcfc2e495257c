package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/unicode"

	"fieldgate/internal/sheet"
)

func open(t *testing.T, name string, content []byte) *sheet.Book {
	t.Helper()
	b, err := sheet.Open(bytes.NewReader(content), int64(len(content)), name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b
}

// all are the rows of a table, as "line: cell|cell".
func all(t *testing.T, table *sheet.Table) []string {
	t.Helper()
	var out []string
	for row, err := range table.Each() {
		if err != nil {
			t.Fatal(err)
		}
		cells := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = c.Text
		}
		out = append(out, fmt.Sprintf("%d: %s", row.Line, strings.Join(cells, "|")))
	}
	return out
}

func heads(table *sheet.Table) string {
	var out []string
	for _, h := range table.Heads {
		out = append(out, h.Name)
	}
	return strings.Join(out, "|")
}

func same(t *testing.T, name string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCSVHoweverItWasWritten(t *testing.T) {
	t.Parallel()
	utf16 := func(e unicode.Endianness, mark unicode.BOMPolicy, text string) []byte {
		out, err := unicode.UTF16(e, mark).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(out)
	}
	const text = "Name,Town\nCafé Zoë,Zürich\n\"Smith, Sons\",Perth\n"
	rows := []string{"2: Café Zoë|Zürich", "3: Smith, Sons|Perth"}
	for name, content := range map[string][]byte{
		"plain":                        []byte(text),
		"marked as UTF-8":              []byte("\uFEFF" + text),
		"semicolons":                   []byte("Name;Town\nCafé Zoë;Zürich\nSmith, Sons;Perth\n"),
		"tabs":                         []byte("Name\tTown\nCafé Zoë\tZürich\nSmith, Sons\tPerth\n"),
		"bars":                         []byte("Name|Town\nCafé Zoë|Zürich\nSmith, Sons|Perth\n"),
		"line ends of Windows":         []byte(strings.ReplaceAll(text, "\n", "\r\n")),
		"line ends of old Macs":        []byte(strings.ReplaceAll(text, "\n", "\r")),
		"no line end at the end":       []byte(strings.TrimSuffix(text, "\n")),
		"Windows-1252":                 []byte("Name,Town\nCaf\xe9 Zo\xeb,Z\xfcrich\n\"Smith, Sons\",Perth\n"),
		"UTF-16 little endian":         utf16(unicode.LittleEndian, unicode.UseBOM, text),
		"UTF-16 big endian":            utf16(unicode.BigEndian, unicode.UseBOM, text),
		"UTF-16, unmarked":             utf16(unicode.LittleEndian, unicode.IgnoreBOM, text),
		"UTF-16 big endian, unmarked":  utf16(unicode.BigEndian, unicode.IgnoreBOM, text),
		"UTF-16 with tabs, from Excel": utf16(unicode.LittleEndian, unicode.UseBOM, "Name\tTown\r\nCafé Zoë\tZürich\r\n\"Smith, Sons\"\tPerth\r\n"),
	} {
		b := open(t, "towns.csv", content)
		if len(b.Tables) != 1 || b.Tables[0].Name != "towns" || heads(b.Tables[0]) != "Name|Town" || b.Rows() != 2 {
			t.Errorf("%s: %d tables, %q, %d rows", name, len(b.Tables), heads(b.Tables[0]), b.Rows())
			continue
		}
		same(t, name, all(t, b.Tables[0]), rows...)
	}
}

func TestCellsOfCSV(t *testing.T) {
	t.Parallel()
	b := open(t, "x.csv", []byte("sep=;\r\nName;Note;Phone\r\n\"two\r\nlines\";\"say \"\"hi\"\"\";'0412 345 678\r\n\r\n  padded \u00a0; ;=\"0412345678\"\r\n'=1+1;a 12\" duct;\t0412345678\r\nlast;'twas;+61 412 345 678\r\n"))
	same(t, "cells", all(t, b.Tables[0]),
		"3: two\nlines|say \"hi\"|0412 345 678", "6: padded||0412345678", "7: =1+1|a 12\" duct|0412345678", "8: last|'twas|+61 412 345 678")
}

// What stands where no head is, far down, is counted.
func TestCellsBesideTheHeads(t *testing.T) {
	t.Parallel()
	var s sheet.Survey
	b := open(t, "x.csv", []byte("Name,Town\n"+strings.Repeat("Lee,Perth\n", 100)+"Kim,Perth,moved,away\n"))
	for row, err := range b.Tables[0].Each() {
		check(t, err)
		s.Add(row)
	}
	if s.Beside != 2 || s.BesideLine != 102 || s.Rows != 101 || s.Columns[0].Filled != 101 {
		t.Errorf("%+v", s)
	}
}

// The heads are found below titles, named apart where two are the same, and
// columns without anything are none.
func TestHeads(t *testing.T) {
	t.Parallel()
	b := open(t, "x.csv", []byte("Customer List,,,,,\nPrinted 22/11/2026,,,,,\n,,,,,\nName,Phone,,Phone,Email Address:,\nHarbour Dental,02 5550 1234,,0412 345 678,a@b.example,x\nName,Phone,,Phone,Email Address:,\nNorthwind,,,,,\n"))
	table := b.Tables[0]
	if got := heads(table); got != "Name|Phone|Phone (2)|Email Address|Column F" || table.Line != 4 || table.Rows != 2 {
		t.Errorf("%q in line %d, %d rows", got, table.Line, table.Rows)
	}
	if notes := strings.Join(table.Notes, " "); !strings.Contains(notes, "row 4") || !strings.Contains(notes, "“Phone”") {
		t.Errorf("notes: %q", notes)
	}
	same(t, "rows", all(t, table), "5: Harbour Dental|02 5550 1234|0412 345 678|a@b.example|x", "7: Northwind||||")
	if table.Heads[4].Letter() != "F" {
		t.Error(table.Heads[4])
	}
}

// workbook is a workbook of one sheet, made by another program than reads it.
func workbook(t *testing.T, fill func(f *excelize.File, sheet string)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f, "Sheet1")
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func check(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestWhatExcelKnows(t *testing.T) {
	t.Parallel()
	content := workbook(t, func(f *excelize.File, s string) {
		style := func(cell string, format string) {
			id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			check(t, err, f.SetCellStyle(s, cell, cell, id))
		}
		percent, err := f.NewStyle(&excelize.Style{NumFmt: 10})
		check(t, err,
			f.SetSheetRow(s, "A1", &[]any{"Kind", "Value"}),
			f.SetSheetRow(s, "A2", &[]any{"date", time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}),
			f.SetSheetRow(s, "A3", &[]any{"moment", time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)}),
			f.SetSheetRow(s, "A4", &[]any{"time", 0.354166666666667}),
			f.SetSheetRow(s, "A5", &[]any{"number", 1234.5}),
			f.SetSheetRow(s, "A6", &[]any{"machine's number", 0.1 + 0.2}),
			f.SetSheetRow(s, "A7", &[]any{"percent", 0.1}), f.SetCellStyle(s, "B7", "B7", percent),
			f.SetSheetRow(s, "A8", &[]any{"yes", true}),
			f.SetSheetRow(s, "A9", &[]any{"phone", 61412345678}),
			f.SetSheetRow(s, "A10", &[]any{"postcode", 800}),
			f.SetSheetRow(s, "A11", &[]any{"mobile", 412345678}),
			f.SetSheetRow(s, "A12", &[]any{"text", "0412345678"}),
			f.SetSheetRow(s, "A13", &[]any{"not worked out"}), f.SetCellFormula(s, "B13", "A1+1"),
			f.SetSheetRow(s, "A14", &[]any{"before the leap day that was none", 59}),
			f.SetSheetRow(s, "A15", &[]any{"hours", 1.0833333333}),
			f.SetCellRichText(s, "B16", []excelize.RichTextRun{{Text: "Harbour "}, {Text: "Dental", Font: &excelize.Font{Bold: true}}}), f.SetCellStr(s, "A16", "rich"),
		)
		for cell, format := range map[string]string{"B2": "dd/mm/yyyy", "B3": "m/d/yy h:mm AM/PM", "B4": "h:mm", "B5": `"$"#,##0.00;[Red]-"$"#,##0.00`, "B10": "0000", "B11": "0000 000 000", "B14": "[$-C09]d mmmm yyyy;@", "B15": "[h]:mm"} {
			style(cell, format)
		}
	})
	b := open(t, "x.xlsx", content)
	var got []string
	for row, err := range b.Tables[0].Each() {
		check(t, err)
		got = append(got, fmt.Sprintf("%s: %c %s", row.Cells[0].Text, row.Cells[1].Kind, row.Cells[1].Text))
	}
	same(t, "values", got, "date: d 2026-11-22", "moment: m 2026-11-22 08:30", "time: h 08:30", "number: n 1234.5", "machine's number: n 0.3", "percent: p 10%", "yes: b TRUE",
		"phone: n 61412345678", "postcode: t 0800", "mobile: t 0412 345 678", "text: t 0412345678", "not worked out: e ", "before the leap day that was none: d 1900-02-28", "hours: h 26:00", "rich: t Harbour Dental")
}

// The sheets of a workbook, hidden ones and empty ones; a title over merged
// cells, and a customer's name merged over three contacts.
func TestSheetsAndMergedCells(t *testing.T) {
	t.Parallel()
	content := workbook(t, func(f *excelize.File, s string) {
		_, err := f.NewSheet("Contacts")
		check(t, err)
		_, err = f.NewSheet("Lists")
		check(t, err)
		_, err = f.NewSheet("Nothing")
		check(t, err, f.SetSheetVisible("Lists", false), f.SetSheetRow("Lists", "A1", &[]any{"State"}), f.SetSheetRow("Lists", "A2", &[]any{"NSW"}),
			f.SetCellStr(s, "A1", "Our customers"), f.MergeCell(s, "A1", "C1"), f.SetSheetRow(s, "A3", &[]any{"Name", "Town", "Notes"}), f.SetSheetRow(s, "A4", &[]any{"Harbour Dental", "Perth", ""}),
			f.SetSheetRow("Contacts", "A1", &[]any{"Customer", "Contact Name"}), f.SetSheetRow("Contacts", "A2", &[]any{"Harbour Dental", "Lee"}), f.SetSheetRow("Contacts", "A3", &[]any{nil, "Kim"}),
			f.SetSheetRow("Contacts", "A4", &[]any{nil, "Max"}), f.SetSheetRow("Contacts", "A5", &[]any{"Northwind", "Ola"}), f.MergeCell("Contacts", "A2", "A4"))
	})
	b := open(t, "x.xlsx", content)
	if len(b.Tables) != 3 || b.Tables[0].Name != "Sheet1" || b.Tables[1].Name != "Contacts" || !b.Tables[2].Hidden || b.Rows() != 6 {
		t.Fatalf("%d tables, %d rows", len(b.Tables), b.Rows())
	}
	if heads(b.Tables[0]) != "Name|Town|Notes" || b.Tables[0].Line != 3 {
		t.Errorf("%q in line %d", heads(b.Tables[0]), b.Tables[0].Line)
	}
	same(t, "contacts", all(t, b.Tables[1]), "2: Harbour Dental|Lee", "3: Harbour Dental|Kim", "4: Harbour Dental|Max", "5: Northwind|Ola")
}

// zipped is a zip of what is given by name.
func zipped(t *testing.T, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for name, content := range parts {
		w, err := z.Create(name)
		check(t, err)
		_, err = io.WriteString(w, content)
		check(t, err)
	}
	check(t, z.Close())
	return out.Bytes()
}

// handmade is a workbook of one sheet whose XML is given.
func handmade(t *testing.T, more map[string]string) []byte {
	t.Helper()
	parts := map[string]string{
		"_rels/.rels":                "<Relationships/>",
		"xl/workbook.xml":            `<workbook xmlns:r="x"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>Lee</t></is></c></row></sheetData></worksheet>`,
	}
	for name, content := range more {
		parts[name] = content
	}
	return zipped(t, parts)
}

func TestFilesThatAreNoTables(t *testing.T) {
	t.Parallel()
	sheet1 := "xl/worksheets/sheet1.xml"
	wide := func(name string) string {
		return "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600) + strings.Join(strings.Split(name, ""), "\x00") + "\x00"
	}
	rows := func(n int) string {
		return "Name,Town\n" + strings.Repeat("Lee,Perth\n", n)
	}
	whole := handmade(t, nil)
	open(t, "fine.xlsx", whole)
	for _, tt := range []struct {
		name, file string
		content    []byte
		says       string
	}{
		{"nothing", "x.csv", nil, "The file is empty"},
		{"blank lines", "x.csv", []byte("\n \r\n\t\n"), "The file is empty"},
		{"only separators", "x.csv", []byte(",,,\n,,,\n"), "The file is empty"},
		{"old Excel", "x.xls", []byte(wide("Workbook")), "old Excel format (.xls)"},
		{"a password", "x.xlsx", []byte(wide("EncryptedPackage")), "protected by a password"},
		{"old Word", "x.doc", []byte(wide("WordDocument")), "a text document"},
		{"LibreOffice", "x.ods", zipped(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}), "LibreOffice or OpenOffice (.ods)"},
		{"binary workbook", "x.xlsb", zipped(t, map[string]string{"_rels/.rels": "<x/>", "xl/workbook.bin": "x"}), "binary workbook (.xlsb)"},
		{"Numbers", "x.numbers", zipped(t, map[string]string{"Index/Document.iwa": "x"}), "Apple Numbers"},
		{"Word", "x.docx", zipped(t, map[string]string{"_rels/.rels": "<x/>", "word/document.xml": "<x/>"}), "a text document"},
		{"a zip", "x.zip", zipped(t, map[string]string{"customers.csv": "x"}), "Unpack it"},
		{"web page as Excel", "customers.xls", []byte("\r\n<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><table><tr><td>Name</td></tr></table></html>"), "only has the name of a spreadsheet"},
		{"XML spreadsheet", "x.xml", []byte("<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>"), "XML file"},
		{"PDF", "x.pdf", []byte("%PDF-1.7 x"), "This is a PDF"},
		{"picture", "x.png", []byte("\x89PNG\r\n\x1a\n0000"), "This is a picture"},
		{"program", "x.csv", append([]byte("MZ"), bytes.Repeat([]byte{0, 1, 0, 0, 3}, 100)...), "damaged"},
		{"half a workbook", "x.xlsx", whole[:len(whole)*2/3], "damaged or not whole"},
		{"a workbook without its sheet", "x.xlsx", handmade(t, map[string]string{sheet1: ""}), "damaged"},
		{"XML that breaks off", "x.xlsx", handmade(t, map[string]string{sheet1: `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Na`}), "damaged"},
		{"a text that is not there", "x.xlsx", handmade(t, map[string]string{sheet1: `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData></worksheet>`}), "damaged"},
		{"more than fits", "x.xlsx", handmade(t, map[string]string{"xl/sharedStrings.xml": strings.Repeat("<si><t>"+strings.Repeat("x", 1000)+"</t></si>", 70_000)}), "unpacks to more than"},
		{"a text without end", "x.xlsx", handmade(t, map[string]string{sheet1: `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>` + strings.Repeat("x", 2<<20)}), "damaged"},
		{"more rows than are taken", "x.csv", []byte(rows(sheet.MaxRows + 1)), "more than 200,000 rows"},
		{"more columns than are taken", "x.csv", []byte("H" + strings.Join(strings.Fields(strings.Repeat("H ", 300)), ",H") + "\n"), "more than 250 columns"},
		{"a quotation mark that is never closed", "x.csv", []byte("Name,Note\nLee,\"fine\nKim,x\n" + strings.Repeat("more and more,x\n", 5000)), "In line 2 a cell is longer"},
	} {
		_, err := sheet.Open(bytes.NewReader(tt.content), int64(len(tt.content)), tt.file)
		refused, ok := errors.AsType[sheet.Refusal](err)
		if !ok || !strings.Contains(refused.Sentence, tt.says) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.says)
		}
	}
}

// A workbook of a million rows, and a bomb that would unpack to gigabytes, are
// refused before they cost anything.
func TestWorkbooksWithoutEnd(t *testing.T) {
	t.Parallel()
	sheetXML := func(w io.Writer, rows int, row string) {
		_, err := io.WriteString(w, "<worksheet><sheetData>")
		check(t, err)
		block := strings.Repeat(row, 1000)
		for range rows / 1000 {
			_, err := io.WriteString(w, block)
			check(t, err)
		}
	}
	rows := map[string]int{"rows": 1_000_000, "without": 300_000}
	for name, row := range map[string]string{"rows": `<row><c t="inlineStr"><is><t>x</t></is></c></row>`, "without": strings.Repeat("<row></row>", 100)} {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for part, content := range map[string]string{
			"_rels/.rels": "<x/>", "xl/workbook.xml": `<workbook xmlns:r="x"><sheets><sheet name="S" r:id="rId1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="sheet1.xml"/></Relationships>`,
		} {
			w, err := z.Create(part)
			check(t, err)
			_, err = io.WriteString(w, content)
			check(t, err)
		}
		w, err := z.Create("xl/sheet1.xml")
		check(t, err)
		sheetXML(w, rows[name], row)
		check(t, z.Close())
		begun := time.Now()
		_, err = sheet.Open(bytes.NewReader(out.Bytes()), int64(out.Len()), "x.xlsx")
		if refused, ok := errors.AsType[sheet.Refusal](err); !ok || !strings.Contains(refused.Sentence, "more than") {
			t.Errorf("%s: %v after %s", name, err, time.Since(begun))
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("Name,Town\nLee,Perth\n"))
	f.Add([]byte("\xff\xfeN\x00a\x00"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := sheet.Open(bytes.NewReader(content), int64(len(content)), "x.csv")
		if err != nil {
			return
		}
		for _, table := range b.Tables {
			var s sheet.Survey
			for row, err := range table.Each() {
				if err != nil {
					break
				}
				if len(row.Cells) != len(table.Heads) {
					t.Fatalf("%d cells below %d heads", len(row.Cells), len(table.Heads))
				}
				s.Add(row)
			}
		}
	})
}

// A row of totals below a list is left out, and said; what only begins like one is not.
func TestTotalsAreLeftOut(t *testing.T) {
	t.Parallel()
	for last, left := range map[string]bool{
		"Total,,,120.50": true, "TOTAL:,,,\"1,200.00\"": true, ",Grand total,,120": true, "Count,12,,": true, "12 records,,,": true, "Total (4 jobs),,,8": true, "Total customers: 2,,,": true, "Total number of clients,2,,": true, "Number of sites: 2,,,": true, "2 customers exported,,,": true, "TOTAL UNITS,,,300": true, "\"Monday, Nov 30, 2026 02:15 pm GMT+11\",,,": true, "Printed 12/11/2026 4:15 PM,,,": true, "Printed on: 12 Nov 2026,,,": true,
		"Total Energies,4 High St,Perth,": false, "Total,4 High St,Perth,120": false, "1200,,,": false, "Total Sites,4 High St,Perth,": false, "Total Customer Care,,,": false, "Monday Cafe,,,": false, "Printed Matter 24 Ltd,,,": false,
	} {
		content := "Customer,Street,Town,Owes\nLee,1 High St,Perth,1\n,,,\n" + last + "\n"
		book, err := sheet.Open(strings.NewReader(content), int64(len(content)), "list.csv")
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, err := range book.Tables[0].Each() {
			if err != nil {
				t.Fatal(err)
			}
			rows++
		}
		if got := book.Tables[0].Totals; (got == 4) != left || rows != 2 && !left || rows != 1 && left {
			t.Errorf("%q: %d rows, totals in line %d", last, rows, got)
		}
	}
}
