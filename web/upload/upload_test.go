package upload_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"strings"
	"testing"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/web/form"
	"fieldgate/web/upload"
)

type file struct {
	name    string
	content []byte
}

var csv = []byte("name,hours\nbelt,2\n")

func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// enormous is a small file that claims to be a picture of 60,000 by 60,000 pixels.
func enormous(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	p := b.Bytes()
	binary.BigEndian.PutUint32(p[16:], 60_000)
	binary.BigEndian.PutUint32(p[20:], 60_000)
	binary.BigEndian.PutUint32(p[29:], crc32.ChecksumIEEE(p[12:29]))
	return p
}

// request is a form with files, as a browser sends it.
func request(t *testing.T, files ...file) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(w.WriteField("description", "Too warm"))
	for _, f := range files {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="files"; filename="%s"`, f.name)}, "Content-Type": {"application/octet-stream"},
		})
		check(err)
		_, err = part.Write(f.content)
		check(err)
	}
	check(w.WriteField("after", "\x00\xffend"))
	check(w.Close())
	r := httptest.NewRequest(http.MethodPost, "/", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

func many(n int, f file) []file {
	files := make([]file, n)
	for i := range files {
		files[i] = f
	}
	return files
}

// A test of its own folder for temporary files cannot run beside others.
func TestEachFileOnItsOwn(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	jpg := photo(t)
	for _, tt := range []struct {
		name    string
		files   []file
		kept    string // names
		refused []string
	}{
		{"nothing", nil, "", nil},
		{"an empty field", []file{{"", nil}}, "", nil},
		{"a photo and a table", []file{{"a.jpg", jpg}, {"b.csv", csv}}, "a.jpg b.csv", nil},
		{"a name with signs, as browsers write them", []file{{"12%22 duct 50%.jpg", jpg}}, `12" duct 50%.jpg`, nil},
		{"the same name twice", []file{{"a.jpg", jpg}, {"a.jpg", jpg}}, "a.jpg a.jpg", nil},
		{"too large", []file{{"a.jpg", jpg}, {"big.csv", bytes.Repeat([]byte("x"), 25<<20+1)}, {"b.csv", csv}}, "a.jpg b.csv", []string{"“big.csv” is larger than 25 MB."}},
		{"just not too large", []file{{"big.csv", bytes.Repeat([]byte("x\n"), 25<<19)}}, "big.csv", nil},
		{"empty", []file{{"nothing.txt", nil}, {"b.csv", csv}}, "b.csv", []string{"“nothing.txt” is empty."}},
		{"forbidden", []file{{"run.exe", []byte("MZ\x90\x00")}, {"page.html", []byte("<script>alert(1)</script>")}, {"b.csv", csv}}, "b.csv", []string{"“run.exe” is not", "“page.html” is not"}},
		{"something else than its name", []file{{"photo.jpg", []byte("<svg onload=alert(1)>")}, {"doc.pdf", jpg}}, "", []string{"“photo.jpg”", "“doc.pdf”"}},
		{"broken", []file{{"half.jpg", jpg[:100]}, {"b.csv", csv}}, "b.csv", []string{"“half.jpg” cannot be opened"}},
		{"absurd dimensions", []file{{"huge.png", enormous(t)}, {"b.csv", csv}}, "b.csv", []string{"“huge.png” is too large"}},
		{"one too many", many(51, file{"b.csv", csv}), strings.TrimSpace(strings.Repeat("b.csv ", 50)), []string{"50 files can be sent at once"}},
		{"far too many", many(70, file{"b.csv", csv}), strings.TrimSpace(strings.Repeat("b.csv ", 50)), []string{"50 files can be sent at once"}},
	} {
		r := request(t, tt.files...)
		sent, err := upload.Receive(httptest.NewRecorder(), r, upload.Asked{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		names := make([]string, 0, len(sent.Files))
		for i, f := range sent.Files {
			names = append(names, f.Name)
			if content, err := read(f.Content); err != nil || int64(len(content)) != f.Size {
				t.Errorf("%s: file %d holds %d bytes of %d, %v", tt.name, i, len(content), f.Size, err)
			}
		}
		if got := strings.Join(names, " "); got != tt.kept {
			t.Errorf("%s: kept %q", tt.name, got)
		}
		reasons := sent.Reasons()
		if len(reasons) != len(tt.refused) {
			t.Errorf("%s: refused %q", tt.name, reasons)
		}
		for i := range min(len(reasons), len(tt.refused)) {
			if !strings.Contains(reasons[i], tt.refused[i]) {
				t.Errorf("%s: %q, want %q", tt.name, reasons[i], tt.refused[i])
			}
		}
		if form.Text(r, "description") != "Too warm" || !strings.HasSuffix(form.Text(r, "after"), "end") {
			t.Errorf("%s: the other fields are lost", tt.name)
		}
		sent.Close()
		left(t, tt.name)
	}
}

// TestAskedWhenTheFirstFileComes: a form that does without files is read and
// nothing is asked; with them it is asked once, before the first is taken.
func TestAskedWhenTheFirstFileComes(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	started := apperr.Conflictf("The work has started.")
	for _, tt := range []struct {
		name    string
		files   []file
		refusal error
		asked   int
		kept    int
	}{
		{"no file", nil, started, 0, 0},
		{"an empty field", []file{{"", nil}}, started, 0, 0},
		{"two files", []file{{"b.csv", csv}, {"c.csv", csv}}, nil, 1, 2},
		{"refused for its own reason", []file{{"b.csv", csv}, {"c.csv", csv}}, started, 1, 0},
		{"refused for a while", []file{{"b.csv", csv}}, apperr.TooMany{Words: "Later."}, 1, 0},
	} {
		asked := 0
		r := request(t, tt.files...)
		sent, err := upload.Receive(httptest.NewRecorder(), r, upload.Asked{First: func() (attachment.Room, error) {
			asked++
			left(t, tt.name+", when it is asked")
			return nil, tt.refusal
		}})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var over error
		if tt.asked > 0 {
			over = tt.refusal
		}
		if asked != tt.asked || len(sent.Files) != tt.kept || !errors.Is(sent.Over, over) || form.Text(r, "description") != "Too warm" {
			t.Errorf("%s: asked %d times, kept %d files, over %v, typed %q", tt.name, asked, len(sent.Files), sent.Over, form.Text(r, "description"))
		}
		sent.Close()
		left(t, tt.name)
	}
}

// left says which temporary files stayed behind.
func left(t *testing.T, what string) {
	t.Helper()
	entries, err := os.ReadDir(os.TempDir())
	if err != nil || len(entries) > 0 {
		t.Errorf("%s: %d temporary files stay behind, %v", what, len(entries), err)
	}
}

func read(c io.ReadSeeker) ([]byte, error) {
	if _, err := c.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(c)
}

func TestBrokenForms(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	whole := func() []byte {
		b, _ := io.ReadAll(request(t, file{"a.jpg", photo(t)}, file{"b.csv", csv}).Body)
		return b
	}()
	kind := "multipart/form-data; boundary=" + string(whole[2:bytes.IndexByte(whole, '\r')])
	for _, tt := range []struct {
		name, kind string
		body       io.Reader
	}{
		{"the client hangs up", kind, io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), gone{})},
		{"cut off", kind, bytes.NewReader(whole[:len(whole)-60])},
		{"without a boundary", "multipart/form-data", bytes.NewReader(whole)},
		{"larger than allowed", kind, http.MaxBytesReader(nil, io.NopCloser(bytes.NewReader(whole)), 700)},
		{"a field without end", kind, io.MultiReader(bytes.NewReader(whole[:120]), bytes.NewReader(bytes.Repeat([]byte("x"), 2<<20)))},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", tt.body)
		r.Header.Set("Content-Type", tt.kind)
		if sent, err := upload.Receive(httptest.NewRecorder(), r, upload.Asked{}); err == nil {
			t.Errorf("%s: received %d files", tt.name, len(sent.Files))
			sent.Close()
		}
		left(t, tt.name)
	}
}

type gone struct{}

func (gone) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestNames(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"photo.jpg":                        "photo.jpg",
		"../../etc/passwd":                 "passwd",
		`C:\Users\lee\plan.pdf`:            "plan.pdf",
		"..":                               "file",
		"/":                                "file",
		" \t":                              "file",
		"a\x00b\r\nc.txt":                  "abc.txt",
		"safe\u202egpj.exe":                "safegpj.exe", // would read safeexe.jpg
		"План объекта.pdf":                 "План объекта.pdf",
		"صورة.jpg":                         "صورة.jpg",
		"\xff\xfe.csv":                     ".csv",
		strings.Repeat("ä", 300) + ".jpeg": strings.Repeat("ä", 195) + ".jpeg",
		strings.Repeat("x", 300):           strings.Repeat("x", 200),
	} {
		if got := attachment.SafeName(sent); got != want {
			t.Errorf("%q became %q, want %q", sent, got, want)
		}
	}
}
