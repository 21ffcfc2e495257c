package imaging

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// aBox is a box of a video.
func aBox(kind string, bodies ...[]byte) []byte {
	body := bytes.Join(bodies, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), kind...), body...)
}

// aVideo has one track with a picture, and says four times where it was taken.
func aVideo(brand string) []byte {
	key := func(name string) []byte { return aBox("mdta", []byte(name)) }
	value := func(index uint32, text string) []byte {
		return aBox(string(binary.BigEndian.AppendUint32(nil, index)), aBox("data", []byte("\x00\x00\x00\x01\x00\x00\x00\x00"), []byte(text)))
	}
	keys := aBox("keys", []byte("\x00\x00\x00\x00\x00\x00\x00\x02"), key("com.apple.quicktime.make"), key("com.apple.quicktime.location.ISO6709"))
	track := aBox("trak", aBox("mdia", aBox("hdlr", []byte("\x00\x00\x00\x00mhlrvide"), make([]byte, 12))), aBox("udta", aBox("loci", []byte("\x00\x00\x00\x00home"))))
	return bytes.Join([][]byte{
		aBox("ftyp", []byte(brand+"\x00\x00\x02\x00"+brand)),
		aBox("uuid", []byte("\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac<exif:GPSLatitude>37,48.8S")),
		aBox("uuid", make([]byte, 16), []byte("somebody's own")),
		aBox("mdat", make([]byte, 64)),
		aBox("moov", track, aBox("udta", aBox("\xa9xyz", []byte("\x00\x12\x15\xc7-37.8136+144.9631/"))), aBox("meta", aBox("hdlr", make([]byte, 24)), keys, aBox("ilst", value(1, "Phone"), value(2, "+51.5+000.1/")))),
	}, nil)
}

// ole is a compound file whose directory has these names.
func ole(names ...string) []byte {
	b := make([]byte, 512*3)
	copy(b, oleMark)
	le := binary.LittleEndian
	le.PutUint16(b[30:], 9)
	le.PutUint32(b[48:], 0)          // the directory begins in the first sector
	le.PutUint32(b[68:], 0xfffffffe) // no more tables than these
	for i := range 109 {
		le.PutUint32(b[76+4*i:], 0xffffffff)
	}
	le.PutUint32(b[76:], 1)            // the table is in the second sector
	le.PutUint32(b[1024:], 0xfffffffe) // after the first there is none
	for i, name := range append([]string{"Root Entry"}, names...) {
		at := b[512+128*i:]
		units := utf16.Encode([]rune(name))
		for k, u := range units {
			le.PutUint16(at[2*k:], u)
		}
		le.PutUint16(at[64:], uint16(2*len(units)+2))
		at[66] = 2
	}
	return b
}

func inUTF16(text string, order binary.AppendByteOrder) []byte {
	b := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

// TestGoodFilesAreTaken: what the programs and phones of customers write, though
// it is not as the standard's first page says.
func TestGoodFilesAreTaken(t *testing.T) {
	t.Parallel()
	email := []byte("From: lee@harbour.test\r\nTo: office@northwind.test\r\nSubject: <b>Hello</b>\r\nDate: Mon, 2 Nov 2026 10:00:00 +1100\r\n\r\n<html><body>Hi</body></html>")
	for _, c := range []struct {
		name, file string
		content    []byte
		mime       string // "" is refused
		reason     string
	}{
		{"PDF behind a preamble", "a.pdf", []byte("\r\n%!PS-Adobe printed\r\n" + aPDF), PDF.MIME, ""},
		{"PDF behind a mark", "a.pdf", []byte("\xef\xbb\xbf" + aPDF), PDF.MIME, ""},
		{"PDF too far behind", "a.pdf", []byte(strings.Repeat(" ", 1025) + aPDF), "", "is in fact text"},
		{"PDF behind a program", "a.pdf", []byte("MZ\x90\x00\x03\x00\x00\x00\x04" + aPDF), "", "is not a PDF file"},
		{"PDF padded with zeros", "a.pdf", append([]byte(aPDF), make([]byte, 70_000)...), PDF.MIME, ""},
		{"PDF with words after its end", "a.pdf", []byte(aPDF + strings.Repeat("<!-- served by -->", 1000)), PDF.MIME, ""},
		{"PDF cut off behind its first end", "a.pdf", []byte(aPDF + "2 0 obj<</Type"), "", "its end is missing"},
		{"PDF whose name has a dot", "Plan v1.2", []byte(aPDF), PDF.MIME, ""},
		{"PDF by another ending", "plan.foo", []byte(aPDF), "", "ends in .foo. Change the ending to .pdf"},
		{"Unicode text", "a.txt", inUTF16("Grüße, 東京 👍\r\n", binary.LittleEndian), "text/plain; charset=utf-16le", ""},
		{"Unicode text, the other way round", "a.csv", inUTF16("Nr\tName\r\n1\tKühler", binary.BigEndian), "text/csv; charset=utf-16be", ""},
		{"marked UTF-8", "a.csv", []byte("\xef\xbb\xbfNr;Name\r\n1;Kühler"), CSV.MIME, ""},
		{"Windows-1252", "a.csv", []byte("Nr;Name\r\n1;K\xfchler \x80"), "text/csv; charset=windows-1252", ""},
		{"a web page in Unicode text", "a.txt", inUTF16("<!doctype html><script>alert(1)</script>", binary.LittleEndian), "", "is not text"},
		{"half a letter", "a.txt", []byte("\xff\xfea\x00\x00\xd8b\x00"), "", "is not text"},
		{"MP4", "a.mp4", aVideo("isom"), MP4.MIME, ""},
		{"MOV", "IMG_1.MOV", aVideo("qt  "), MOV.MIME, ""},
		{"MP4 called MOV", "a.mov", aVideo("mp42"), MP4.MIME, ""},
		{"a video without an ending", "clip", aVideo("mp42"), MP4.MIME, ""},
		{"a video called a photo", "a.jpg", aVideo("mp42"), "", "is in fact an MP4 video"},
		{"a video cut off", "a.mp4", aVideo("mp42")[:80], "", "its end is missing"},
		{"sound alone", "a.mp4", bytes.Replace(aVideo("mp42"), []byte("vide"), []byte("soun"), 1), "", "has no picture"},
		{"an email", "a.eml", email, EML.MIME, ""},
		{"words called an email", "a.eml", []byte("hello"), "", "is not an email"},
		{"an email called text", "a.txt", email[:100], Text.MIME, ""},
		{"Outlook's", "a.msg", ole("__properties_version1.0"), MSG.MIME, ""},
		{"old Word", "a.doc", ole("WordDocument", "1Table"), DOC.MIME, ""},
		{"old Excel", "a.xls", ole("Workbook"), XLS.MIME, ""},
		{"old Word called Excel", "a.xls", ole("WordDocument"), "", "is in fact a Word document"},
		{"old Word with macros", "a.doc", ole("WordDocument", "Macros"), "", "macros. Save it as a plain .docx"},
		{"old Excel encrypted", "a.xls", ole("Workbook", "EncryptedPackage"), "", "encrypted"},
		{"a program to install", "a.msi", ole("Property"), "", "not a type we accept"},
		{"the same called Word", "a.doc", ole("Property"), "", "is not a Word document"},
		{"half a compound file", "a.doc", ole("WordDocument")[:600], "", "is not a Word document"},
	} {
		got, err := Inspect(bytes.NewReader(c.content), int64(len(c.content)), c.file)
		switch {
		case c.mime != "" && (err != nil || got.Type.MIME != c.mime):
			t.Errorf("%s: %v, %v; want %s", c.name, got.Type.MIME, err, c.mime)
		case c.mime == "" && (err == nil || !strings.Contains(err.Error(), c.reason)):
			t.Errorf("%s: %v, %v; want a refusal with %q", c.name, got.Type.MIME, err, c.reason)
		}
	}
}

// TestARefusalDoesNotContradictItself: who sends a type that is taken is not told
// that it is not, nor to send what was sent.
func TestARefusalDoesNotContradictItself(t *testing.T) {
	t.Parallel()
	for _, known := range types {
		for _, content := range []string{"MZ\x90\x00\x03\x00\x00\x00\x04", "GIF89a/*", "<html><body>", "PK\x03\x04", oleMark, "\x00\x00\x00\x00", "\xff\xd8\xff"} {
			_, err := Inspect(strings.NewReader(content), int64(len(content)), "a"+known.Extension)
			if err == nil || strings.Contains(err.Error(), "not a type we accept") || strings.Contains(err.Error(), "Send photos") {
				t.Errorf("%s of %q: %v", known.Extension, content, err)
			}
		}
	}
}

// TestAVideoDoesNotSayWhereItWasTaken: the places go, and nothing else moves.
func TestAVideoDoesNotSayWhereItWasTaken(t *testing.T) {
	t.Parallel()
	video := aVideo("qt  ")
	f, err := os.Create(filepath.Join(t.TempDir(), "a.mov"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(video); err != nil {
		t.Fatal(err)
	}
	seen, err := Inspect(f, int64(len(video)), "a.mov")
	if err != nil || len(seen.Places) != 4 {
		t.Fatalf("%d places, %v", len(seen.Places), err)
	}
	if err := Blank(f, seen.Places); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(f.Name())
	if err != nil || len(got) != len(video) || bytes.Contains(got, []byte("144.9631")) || bytes.Contains(got, []byte("+51.5")) || bytes.Contains(got, []byte("home")) || bytes.Contains(got, []byte("GPSLatitude")) || !bytes.Contains(got, []byte("Phone")) {
		t.Errorf("%v: %q", err, got)
	}
	if _, err := Inspect(bytes.NewReader(got), int64(len(got)), "a.mov"); err != nil {
		t.Error(err)
	}
}

// TestWhatABrowserShowsIsRendered: a photo without its last bytes, half of one,
// and one with something behind it, of which nothing is left in the pictures.
func TestWhatABrowserShowsIsRendered(t *testing.T) {
	t.Parallel()
	whole := asJPEG(t, quarters(640, 480))
	for name, content := range map[string][]byte{
		"without its end":   whole[:len(whole)-2],
		"with half a mark":  whole[:len(whole)-1],
		"broken off":        whole[:len(whole)*2/3],
		"with data behind":  append(bytes.Clone(whole), strings.Repeat("secret film ", 1000)...),
		"with zeros behind": append(bytes.Clone(whole), make([]byte, 10_000)...),
	} {
		web, thumb, err := Render(t.Context(), bytes.NewReader(content), JPEG)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if web.Width != 640 || web.Height != 480 || thumb.Width != ThumbSide || bytes.Contains(web.JPEG, []byte("secret")) {
			t.Errorf("%s: %d × %d", name, web.Width, web.Height)
		}
	}
}
