package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// beginning is how much of a file is looked at to tell what it is.
const beginning = 64 << 10

func head(r io.ReaderAt, n int) ([]byte, error) {
	buf := make([]byte, n)
	got, err := r.ReadAt(buf, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return buf[:got], nil
}

// IsZip reports whether a file begins as a zip does, which workbooks are, too.
func IsZip(r io.ReaderAt) bool { return isZip(r) }

func isZip(r io.ReaderAt) bool {
	start, err := head(r, 4)
	return err == nil && (bytes.Equal(start, []byte("PK\x03\x04")) || bytes.Equal(start, []byte("PK\x05\x06")))
}

// saveAs is what to do with a spreadsheet of another kind.
const saveAs = "Open it in Excel or another spreadsheet, choose Save As, “Excel Workbook (.xlsx)”, and send that."

// look refuses files that are neither workbooks nor CSV, each in words that say
// what it is. What is in a zip openWorkbook sees.
func look(r io.ReaderAt, size int64, name string, m manner) error {
	if size > m.file {
		return refuse("The file is larger than %d MB. Split it and send the parts one after the other.", m.file>>20)
	}
	start, err := head(r, beginning)
	if err != nil {
		return err
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")), " \t\r\n\x00")
	if len(text) == 0 {
		return refuse("The file is empty. If it was just saved or downloaded, do that again and send the new one.")
	}
	low := strings.ToLower(string(text[:min(len(text), 4096)]))
	switch {
	case bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return oldOffice(r, size, start)
	case strings.HasPrefix(low, "<!doctype html"), strings.HasPrefix(low, "<html"), strings.HasPrefix(low, "<table"), strings.HasPrefix(low, "<meta"), strings.HasPrefix(low, "<head"),
		strings.HasPrefix(low, "<?xml") && strings.Contains(low, "<html"), strings.HasPrefix(low, "mime-version:"):
		if strings.HasSuffix(strings.ToLower(name), ".html") || strings.HasSuffix(strings.ToLower(name), ".htm") {
			return refuse("This is a web page, not a spreadsheet. %s", saveAs)
		}
		return refuse("This is a web page that only has the name of a spreadsheet, as some programs export. %s", saveAs)
	case strings.HasPrefix(low, "<?xml"):
		return refuse("This is an XML file, not an Excel workbook or CSV. %s", saveAs)
	case strings.HasPrefix(low, "{\\rtf"):
		return refuse("This is a text document, not a spreadsheet. Copy the table into a spreadsheet, save that as Excel Workbook (.xlsx) and send it.")
	case strings.HasPrefix(low, "%pdf"):
		return refuse("This is a PDF. Tables cannot be read from it; ask the program it came from for an export as Excel or CSV.")
	case strings.HasPrefix(low, "{") && !strings.HasPrefix(low, "{}\n") && !strings.HasPrefix(low, "{}\r"), strings.HasPrefix(low, "[{"):
		return refuse("This is a JSON file. Ask the program it came from for an export as Excel or CSV.")
	case bytes.HasPrefix(start, []byte("\x89PNG")), bytes.HasPrefix(start, []byte("\xff\xd8\xff")), bytes.HasPrefix(start, []byte("GIF8")):
		return refuse("This is a picture. Tables cannot be read from it; ask the program it came from for an export as Excel or CSV.")
	case bytes.HasPrefix(start, []byte("\x1f\x8b")), bytes.HasPrefix(start, []byte("7z\xbc\xaf")), bytes.HasPrefix(start, []byte("Rar!")):
		return refuse("This is a packed file. Unpack it and send the workbook or CSV file that is in it.")
	}
	return nil
}

// oldOffice tells what is in a container of older Office programs: a workbook
// with a password looks like one, too.
func oldOffice(r io.ReaderAt, size int64, start []byte) error {
	all := start
	if size > int64(len(start)) { // the names stand anywhere
		const most = 4 << 20
		if more, err := head(r, int(min(size, most))); err == nil {
			all = more
		}
		if size > most {
			tail := make([]byte, 1<<20)
			if n, err := r.ReadAt(tail, max(0, size-int64(len(tail)))); err == nil || errors.Is(err, io.EOF) {
				all = append(all[:len(all):len(all)], tail[:n]...)
			}
		}
	}
	switch {
	case bytes.Contains(all, wide("EncryptedPackage")):
		return refuse("The workbook is protected by a password. Open it in Excel, choose File, Info, Protect Workbook, Encrypt with Password, empty the password, save it, and send it again.")
	case bytes.Contains(all, wide("WordDocument")):
		return refuse("This is a text document, not a spreadsheet. Copy the table into a spreadsheet, save that as Excel Workbook (.xlsx) and send it.")
	}
	return refuse("This is a workbook of the old Excel format (.xls). %s", saveAs)
}

// wide is a name as those containers write it.
func wide(name string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(name)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}
