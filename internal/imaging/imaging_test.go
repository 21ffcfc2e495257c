package imaging

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strconv"
	"strings"
	"testing"
	"time"
)

// quarters is a picture whose corners are red, green, blue and white, clockwise
// from the top left.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			switch {
			case x < w/2 && y < h/2:
				c = color.RGBA{255, 0, 0, 255}
			case y < h/2:
				c = color.RGBA{0, 255, 0, 255}
			case x >= w/2:
				c = color.RGBA{0, 0, 255, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func asJPEG(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// tiff is an Exif block with an orientation, the moment of taking and a place.
func tiff(order binary.AppendByteOrder, orientation uint16, taken string) []byte {
	head := map[binary.AppendByteOrder]string{binary.LittleEndian: "II*\x00", binary.BigEndian: "MM\x00*"}[order]
	b := order.AppendUint32([]byte(head), 8)
	entry := func(tag, kind uint16, count, value uint32) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, count)
		if kind == 3 {
			b = order.AppendUint16(b, uint16(value))
			b = order.AppendUint16(b, 0)
			return
		}
		b = order.AppendUint32(b, value)
	}
	const exif, gps, text = 8 + 2 + 3*12 + 4, 8 + 2 + 3*12 + 4 + 18, 8 + 2 + 3*12 + 4 + 2*18
	b = order.AppendUint16(b, 3)
	entry(0x0112, 3, 1, uint32(orientation))
	entry(0x8769, 4, 1, exif)
	entry(0x8825, 4, 1, gps)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 1)
	entry(0x9003, 2, uint32(len(taken)+1), text)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 1)
	entry(0x0001, 2, 2, 'S'<<24|'S')
	b = order.AppendUint32(b, 0)
	return append(append(b, taken...), 0)
}

// withExif puts an Exif block behind a JPEG's first mark.
func withExif(jpg, tiff []byte) []byte {
	segment := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(2+len(exifMark)+len(tiff)))...)
	segment = append(append(segment, exifMark...), tiff...)
	return append(append(bytes.Clone(jpg[:2]), segment...), jpg[2:]...)
}

func pngChunk(kind string, body []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind...)
	b = append(b, body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngHead is a PNG that claims dimensions and has no picture.
func pngHead(w, h uint32) []byte {
	body := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	b := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(body, 8, 2, 0, 0, 0))...)
	return append(append(b, pngChunk("IDAT", nil)...), pngChunk("IEND", nil)...)
}

// webpHead is a lossless WebP that claims dimensions, and perhaps a canvas.
func webpHead(canvas bool, w, h uint32) []byte {
	var chunks []byte
	chunk := func(kind string, body []byte) {
		chunks = append(binary.LittleEndian.AppendUint32(append(chunks, kind...), uint32(len(body))), body...)
		if len(body)%2 == 1 {
			chunks = append(chunks, 0)
		}
	}
	if canvas {
		chunk("VP8X", make([]byte, 10)) // one pixel
	}
	chunk("VP8L", binary.LittleEndian.AppendUint32([]byte{0x2f}, (w-1)|(h-1)<<14))
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+len(chunks))), append([]byte("WEBP"), chunks...)...)
}

// heicHead is a HEIC that claims dimensions and has no picture.
func heicHead(brand string, w, h uint32) []byte {
	box := func(kind string, bodies ...[]byte) []byte {
		body := bytes.Join(bodies, nil)
		return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), kind...), body...)
	}
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(make([]byte, 4), w), h)
	return bytes.Join([][]byte{
		box("ftyp", []byte(brand+"\x00\x00\x00\x00mif1"+brand)),
		box("meta", make([]byte, 4), box("iprp", box("ipco", box("ispe", size)))),
		box("mdat", make([]byte, 64)),
	}, nil)
}

func asZip(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	wordType  = `<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>`
	excelType = `<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>`
	aPDF      = "%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	jpg, pngs := asJPEG(t, quarters(64, 48)), asPNG(t, quarters(64, 48))
	docx := asZip(t, map[string]string{"[Content_Types].xml": wordType, "word/document.xml": "<w:document/>"})
	xlsx := asZip(t, map[string]string{"[Content_Types].xml": excelType, "xl/workbook.xml": "<workbook/>"})
	bomb := asBomb(t)
	encrypted := bytes.Clone(docx)
	for i := range encrypted { // the flag in each entry of the directory
		if bytes.HasPrefix(encrypted[i:], []byte("PK\x01\x02")) {
			encrypted[i+8] |= 1
		}
	}
	twoSided := bytes.Clone(jpg)
	twoSided = append(twoSided, asZip(t, map[string]string{"evil.html": "<script>"})...)

	for _, c := range []struct {
		name, file string
		content    []byte
		want       Type
		reason     string
	}{
		{"a photo", "IMG_0001.JPG", jpg, JPEG, ""},
		{"a drawing", "plan.png", pngs, PNG, ""},
		{"a photo with another photo's ending", "whatsapp.png", jpg, JPEG, ""},
		{"a photo without an ending", "image", jpg, JPEG, ""},
		{"a photo with something behind it", "a.jpg", twoSided, JPEG, ""},
		{"WebP", "a.webp", webpHead(false, 640, 480), WebP, ""},
		{"HEIC", "a.heic", heicHead("heic", 4032, 3024), HEIC, ""},
		{"HEIC by its other name", "a.HEIF", heicHead("heix", 4032, 3024), HEIC, ""},
		{"PDF", "Quote 7.pdf", []byte(aPDF), PDF, ""},
		{"Word", "a.docx", docx, DOCX, ""},
		{"Excel", "a.xlsx", xlsx, XLSX, ""},
		{"text", "readme.txt", []byte("Gate code is on the left.\r\n"), Text, ""},
		{"text of one letter", "a.txt", []byte("x"), Text, ""},
		{"text that looks like JSON", "a.txt", []byte(`{"a": 1}`), Text, ""},
		{"text in any script", "a.txt", []byte("Двері зліва — 左側"), Text, ""},
		{"text in an old character set", "a.txt", []byte("caf\xe9 Z\xfcrich"), Text, ""},
		{"CSV", "assets.csv", []byte("Number;Name\r\n1;Chiller\r\n"), CSV, ""},
		{"CSV that looks like text", "assets.csv", []byte("hello"), CSV, ""},

		{"nothing", "a.jpg", nil, Type{}, "“a.jpg” is empty."},
		{"a program", "plan.exe", []byte("MZ\x90\x00\x03\x00\x00\x00\x04"), Type{}, "“plan.exe” is not a type we accept. " + Taken},
		{"a program called a photo", "plan.jpg", []byte("MZ\x90\x00\x03\x00\x00\x00\x04"), Type{}, "is not a JPEG photo"},
		{"text called a program", "a.bat", []byte("del c:"), Type{}, "not a type we accept"},
		{"a web page", "a.html", []byte("<!doctype html><script>alert(1)</script>"), Type{}, "not a type we accept"},
		{"a web page called text", "a.txt", []byte("<!doctype html><script>alert(1)</script>"), Type{}, "is not text"},
		{"a web page called a photo", "a.jpg", []byte("<html><body onload=alert(1)>"), Type{}, "is not a JPEG photo"},
		{"a drawing that runs", "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), Type{}, "not a type we accept"},
		{"the same called text", "a.txt", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), Type{}, "is not text"},
		{"GIF that is a script too", "a.jpg", []byte("GIF89a/*\x00\x01\x00\x80\x00*/=alert(1)//"), Type{}, "is not a JPEG photo"},
		{"AVIF", "a.heic", heicHead("avif", 64, 48), Type{}, "is not a HEIC photo"},
		{"text with a NUL", "a.txt", []byte("abc\x00def"), Type{}, "is not text"},
		{"text without an ending", "notes", []byte("hello"), Type{}, "is a text file"},
		{"a photo called PDF", "a.pdf", jpg, Type{}, "is in fact "},
		{"a photo called Word", "a.docx", jpg, Type{}, "is in fact "},
		{"PDF called a photo", "a.jpg", []byte(aPDF), Type{}, "is in fact "},
		{"PDF called a page", "a.html", []byte(aPDF), Type{}, "is in fact a PDF file, but its name ends in .html"},
		{"PDF behind something else", "a.pdf", []byte("<script>\n" + aPDF), Type{}, ""},
		{"Word called Excel", "a.xlsx", docx, Type{}, "is in fact "},
		{"a zip called Word", "a.docx", asZip(t, map[string]string{"a.txt": "x"}), Type{}, "is not a Word document"},
		{"a zip with Word's list only", "a.docx", asZip(t, map[string]string{"[Content_Types].xml": wordType}), Type{}, "is not a Word document"},
		{"a zip", "a.zip", asZip(t, map[string]string{"a.txt": "x"}), ZIP, ""},
		{"a Word document in a zip", "a.zip", docx, ZIP, ""},
		{"a zip with a program", "a.zip", asZip(t, map[string]string{"tools/Setup.EXE": "x"}), Type{}, "contains a program (Setup.EXE)"},
		{"a zip with macros", "a.zip", asZip(t, map[string]string{"word/vbaProject.bin": "x"}), Type{}, "macros"},
		{"Word cut off", "a.docx", docx[:len(docx)-30], Type{}, "is not a Word document"},
		{"Word with macros", "a.docx", asZip(t, map[string]string{"[Content_Types].xml": wordType, "word/document.xml": "x", "word/vbaProject.bin": "x"}), Type{}, "macros"},
		{"Word encrypted", "a.docx", encrypted, Type{}, ""},
		{"Word as a bomb", "a.docx", bomb, Type{}, "far larger inside"},
		{"PDF cut off", "a.pdf", []byte(aPDF[:40]), Type{}, "its end is missing"},
		{"JPEG without its end", "a.jpg", jpg[:len(jpg)-2], JPEG, ""},
		{"JPEG that broke off and still shows", "a.jpg", jpg[:len(jpg)-30], JPEG, ""},
		{"JPEG cut off in its head", "a.jpg", jpg[:100], Type{}, "damaged"},
		{"PNG cut off", "a.png", pngs[:len(pngs)-20], Type{}, "its end is missing"},
		{"WebP cut off", "a.webp", webpHead(false, 640, 480)[:24], Type{}, "its end is missing"},
		{"HEIC cut off", "a.heic", heicHead("heic", 64, 48)[:110], Type{}, "its end is missing"},
		{"absurd PNG", "a.png", pngHead(60_000, 60_000), Type{}, "60000 × 60000"},
		{"long PNG", "a.png", pngHead(50_001, 1), Type{}, "50,000"},
		{"a panorama of 51 megapixels", "a.png", pngHead(8_500, 6_000), PNG, ""},
		{"a long panorama", "a.png", pngHead(30_000, 5_000), PNG, ""},
		{"PNG of 151 megapixels", "a.png", pngHead(15_100, 10_000), Type{}, "151 megapixels, and 150 are the most"},
		{"HEIC of 51 megapixels", "a.heic", heicHead("heic", 8_500, 6_000), Type{}, "51 megapixels, and 50 are the most"},
		{"PNG without area", "a.png", pngHead(0, 5), Type{}, "damaged"},
		{"absurd WebP", "a.webp", webpHead(false, 16_383, 16_383), Type{}, "268 megapixels"},
		{"absurd WebP on a canvas of one pixel", "a.webp", webpHead(true, 16_383, 16_383), Type{}, "268 megapixels"},
		{"absurd HEIC", "a.heic", heicHead("heic", 1<<31, 1<<31), Type{}, "no side"},
		{"too many bytes", "a.txt", bytes.Repeat([]byte("x"), MaxFile+1), Type{}, "too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Inspect(bytes.NewReader(c.content), int64(len(c.content)), c.file)
			if c.want != (Type{}) {
				if err != nil || got.Type.base() != c.want.base() {
					t.Errorf("got %v, %v; want %s", got.Type, err, c.want.MIME)
				}
				return
			}
			refused, ok := err.(Refused) //nolint:errorlint // callers get it bare
			if !ok || !strings.Contains(refused.Reason, c.reason) {
				t.Errorf("got %v, %v; want a refusal with %q", got.Type, err, c.reason)
			}
		})
	}
}

// asBomb is a Word document that would unpack to a gigabyte.
func asBomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("[Content_Types].xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(wordType)); err != nil {
		t.Fatal(err)
	}
	if _, err := z.CreateRaw(&zip.FileHeader{Name: "word/document.xml", Method: zip.Deflate, UncompressedSize64: 1 << 30}); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestADirectoryTooLargeIsNotRead(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 70_000 { // more than the end record can count
		name := strconv.Itoa(i)
		if i == 0 {
			name = "[Content_Types].xml"
		}
		if _, err := z.CreateRaw(&zip.FileHeader{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	content := b.Bytes()
	if _, err := unzip(content); err == nil {
		t.Error("a directory of 70,000 parts was read")
	}
	if _, err := Inspect(bytes.NewReader(content), int64(len(content)), "a.docx"); err == nil {
		t.Error("it was accepted")
	}
}

func TestReasonShowsTheNameSafely(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		`C:\Users\kim\plan.exe`:           "“plan.exe”",
		"../../etc/plan.exe":              "“plan.exe”",
		"pl\x00an\x1b[31m\u202e.exe":      "“plan[31m.exe”",
		"\xff\xfe.exe":                    "“.exe”",
		strings.Repeat("x", 300) + ".exe": "…xxxxxxxxxxxxxxx.exe”",
	} {
		_, err := Inspect(strings.NewReader("MZ\x90\x00"), 4, name)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 300 {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestTakenIsRead(t *testing.T) {
	t.Parallel()
	jpg := asJPEG(t, quarters(64, 48))
	pngs := asPNG(t, quarters(8, 8))
	moment := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	for _, c := range []struct {
		name    string
		content []byte
		want    time.Time
	}{
		{"JPEG", withExif(jpg, tiff(binary.BigEndian, 1, "2026:03:14 15:09:26")), moment},
		{"JPEG, the other byte order", withExif(jpg, tiff(binary.LittleEndian, 1, "2026:03:14 15:09:26")), moment},
		{"PNG", append(append(bytes.Clone(pngs[:33]), pngChunk("eXIf", tiff(binary.LittleEndian, 1, "2026:03:14 15:09:26"))...), pngs[33:]...), moment},
		{"HEIC", append(heicHead("heic", 64, 48), append([]byte("\x00\x00\x01\x00free\x00\x00\x00\x06"), append(append(bytes.Clone(exifMark), tiff(binary.BigEndian, 6, "2026:03:14 15:09:26")...), make([]byte, 200)...)[:244]...)...), moment},
		{"none", jpg, time.Time{}},
		{"a clock that was never set", withExif(jpg, tiff(binary.BigEndian, 1, "0000:00:00 00:00:00")), time.Time{}},
		{"nonsense", withExif(jpg, tiff(binary.BigEndian, 1, "yesterday")), time.Time{}},
		{"cut off", withExif(jpg, tiff(binary.BigEndian, 1, "2026:03:14 15:09:26")[:60]), time.Time{}},
		{"pointing outside", withExif(jpg, []byte("II*\x00\xff\xff\xff\xff")), time.Time{}},
	} {
		name := "a.jpg"
		got, err := Inspect(bytes.NewReader(c.content), int64(len(c.content)), name)
		if err != nil || !got.Taken.Equal(c.want) {
			t.Errorf("%s: %v, %v; want %v", c.name, got.Taken, err, c.want)
		}
	}
}

// FuzzInspect looks for content that panics or is measured without end.
func FuzzInspect(f *testing.F) {
	jpg := asJPEG(f, quarters(16, 16))
	f.Add(withExif(jpg, tiff(binary.LittleEndian, 6, "2026:03:14 15:09:26")), "a.jpg")
	f.Add(asPNG(f, quarters(4, 4)), "a.png")
	f.Add(webpHead(true, 20, 20), "a.webp")
	f.Add(heicHead("heic", 20, 20), "a.heic")
	f.Add([]byte(aPDF), "a.pdf")
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		_, err := Inspect(bytes.NewReader(content), int64(len(content)), name)
		if _, refused := err.(Refused); err != nil && !refused { //nolint:errorlint // callers get it bare
			t.Error(err)
		}
	})
}
