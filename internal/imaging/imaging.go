// Package imaging decides which files are accepted and turns pictures that
// strangers send into pictures for pages. It trusts neither a file's name nor
// its header, looks at a picture's dimensions before it takes memory for them,
// and decodes it in a process of its own, within limits.
package imaging

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gabriel-vasile/mimetype"
)

// Type is a type of file that is accepted.
type Type struct {
	MIME      string // as it is served
	Extension string // with its dot
	Photo     bool   // else it is a document
}

// The types that are accepted.
var (
	JPEG = Type{"image/jpeg", ".jpg", true}
	PNG  = Type{"image/png", ".png", true}
	WebP = Type{"image/webp", ".webp", true}
	HEIC = Type{"image/heic", ".heic", true}
	PDF  = Type{"application/pdf", ".pdf", false}
	DOCX = Type{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx", false}
	XLSX = Type{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", false}
	Text = Type{"text/plain; charset=utf-8", ".txt", false}
	CSV  = Type{"text/csv; charset=utf-8", ".csv", false}
)

var types = []Type{JPEG, PNG, WebP, HEIC, PDF, DOCX, XLSX, Text, CSV}

// Words is what people call a type of file.
func (t Type) Words() string {
	switch t {
	case JPEG:
		return "JPEG photo"
	case PNG:
		return "PNG photo"
	case WebP:
		return "WebP photo"
	case HEIC:
		return "HEIC photo"
	case PDF:
		return "PDF"
	case DOCX:
		return "Word"
	case XLSX:
		return "Excel"
	case CSV:
		return "CSV"
	case Text:
		return "Text"
	}
	return ""
}

// Accept is for the accept attribute of a file field.
const Accept = ".jpg,.jpeg,.png,.webp,.heic,.heif,.pdf,.docx,.xlsx,.txt,.csv"

// TypeOf returns the type with that MIME type.
func TypeOf(mime string) (Type, bool) {
	i := slices.IndexFunc(types, func(t Type) bool { return t.MIME == mime })
	if i < 0 {
		return Type{}, false
	}
	return types[i], true
}

const (
	// MaxPixels of a photo.
	MaxPixels = 50_000_000
	// MaxSide of each of a photo's sides, in pixels.
	MaxSide = 20_000

	// maxFile is more than any upload; what is read into memory ends there.
	maxFile = 32 << 20
)

// Refused says in words for the person who sent the file why it is not taken.
type Refused struct{ Reason string }

func (r Refused) Error() string { return r.Reason }

func refuse(format string, args ...any) error { return Refused{fmt.Sprintf(format, args...)} }

// File is what an upload turned out to be.
type File struct {
	Type  Type
	Taken time.Time // the camera's clock when the photo was taken, in UTC for want of a zone; zero if unknown
}

// Inspect decides whether a file is accepted. Its content says what it is; a
// name that promises something else is refused, except among photos, whose
// endings phones and chat programs often get wrong. Photos are not decoded, only
// read through, and no file is held in memory. The error is a Refused, or comes
// from r.
func Inspect(r io.ReaderAt, size int64, name string) (File, error) {
	name = shown(name)
	switch {
	case size == 0:
		return File{}, refuse("“%s” is empty.", name)
	case size > maxFile:
		return File{}, refuse("“%s” is too large.", name)
	}
	inspecting <- struct{}{}
	defer func() { <-inspecting }()
	var f File
	err := withContent(r, size, func(content []byte) (err error) {
		f, err = inspect(content, name)
		return err
	})
	return f, err
}

// inspecting lets two files at a time be looked through.
var inspecting = make(chan struct{}, 2)

// withCopy reads all of r for do.
func withCopy(r io.ReaderAt, size int64, do func([]byte) error) error {
	content := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), content); err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	return do(content)
}

func inspect(content []byte, name string) (File, error) {
	t, err := sniff(content, name)
	if err != nil || !t.Photo {
		return File{Type: t}, err
	}
	width, height, err := Measure(content, t)
	if err != nil {
		return File{}, refuse("“%s” cannot be opened: %s.", name, err)
	}
	if err := allowed(width, height, MaxPixels); err != nil {
		return File{}, refuse("“%s” is too large: %s.", name, err)
	}
	return File{Type: t, Taken: readMeta(content, t).taken}, nil
}

// sniff says what content is, as long as the name agrees.
func sniff(content []byte, name string) (Type, error) {
	promised, named := promise(name)
	actual, known := look(content, promised)
	ending := strings.ToLower(path.Ext(name))
	switch {
	case !known || (!named && ending != "" && !actual.Photo):
		return Type{}, refuse("“%s” is not a type we accept. Send photos (JPEG, PNG, WebP, HEIC) or documents (PDF, Word, Excel, text, CSV).", name)
	case actual.Photo && (promised.Photo || ending == ""), actual == promised:
	case ending == "" && actual != Text && actual != CSV:
	default:
		return Type{}, refuse("“%s” is not what its name says. Open it, save it again and send the new file.", name)
	}
	if actual == DOCX || actual == XLSX {
		if why := checkOffice(content, actual); why != "" {
			return Type{}, refuse("“%s” cannot be accepted: %s.", name, why)
		}
	}
	if actual == PDF && !bytes.Contains(content[max(0, len(content)-4096):], []byte("%%EOF")) {
		return Type{}, refuse("“%s” cannot be opened: its end is missing.", name)
	}
	return actual, nil
}

// promise is the type that the name's ending stands for.
func promise(name string) (Type, bool) {
	switch ending := strings.ToLower(path.Ext(name)); ending {
	case ".jpeg", ".jpe", ".jfif":
		return JPEG, true
	case ".heif", ".hif":
		return HEIC, true
	default:
		i := slices.IndexFunc(types, func(t Type) bool { return t.Extension == ending })
		if i < 0 {
			return Type{}, false
		}
		return types[i], true
	}
}

// look says what the content is. Only between text and CSV the promise decides.
func look(content []byte, promised Type) (Type, bool) {
	found := mimetype.Detect(content)
	switch {
	case found.Is("image/jpeg"):
		return JPEG, true
	case found.Is("image/png"):
		return PNG, true
	case found.Is("image/webp"):
		return WebP, true
	case found.Is("image/heic"), found.Is("image/heif"):
		return HEIC, hasHEVC(content)
	case found.Is("application/pdf"):
		return PDF, bytes.HasPrefix(content, []byte("%PDF-"))
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		return look2007(content)
	}
	for m := found; m != nil; m = m.Parent() {
		switch {
		case m.Is("text/html"), m.Is("text/xml"), m.Is("image/svg+xml"), m.Is("application/xhtml+xml"), m.Is("text/rtf"):
			return Type{}, false // browsers and programs do more with these than show them
		case m.Is("text/plain"):
			if promised == CSV {
				return CSV, isText(content)
			}
			return Text, isText(content)
		}
	}
	return Type{}, false
}

// isText accepts UTF-8 and, since spreadsheets still write them, the older
// character sets of one byte: anything without control characters.
func isText(content []byte) bool {
	return !bytes.ContainsFunc(content, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\v\f\r", r) })
}

// look2007 tells a Word or Excel document from other zip files by what the
// package says of itself (ECMA-376, part 2).
func look2007(content []byte) (Type, bool) {
	z, err := unzip(content)
	if err != nil {
		return Type{}, false
	}
	f, err := z.Open("[Content_Types].xml")
	if err != nil {
		return Type{}, false
	}
	defer func() { _ = f.Close() }()
	list, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return Type{}, false
	}
	for part, t := range map[string]Type{"word/document.xml": DOCX, "xl/workbook.xml": XLSX} {
		main := "wordprocessingml.document.main+xml"
		if t == XLSX {
			main = "spreadsheetml.sheet.main+xml"
		}
		if bytes.Contains(list, []byte(main)) && slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == part }) {
			return t, true
		}
	}
	return Type{}, false
}

// checkOffice refuses what would harm those who open the document. Nothing is
// unpacked: what the directory announces is enough.
func checkOffice(content []byte, t Type) string {
	const maxUnpacked = 512 << 20
	z, err := unzip(content)
	if err != nil {
		return "it is damaged"
	}
	var unpacked uint64
	for _, f := range z.File {
		unpacked += min(f.UncompressedSize64, maxUnpacked+1)
		switch {
		case f.Flags&1 != 0:
			return "it is encrypted"
		case strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin"):
			return "it contains macros. Save it as a plain " + t.Extension + " file"
		}
	}
	if unpacked > maxUnpacked {
		return "it is far larger inside than it looks"
	}
	return ""
}

// unzip reads the directory of a zip file, unless that has more entries than
// any document: each costs many times its size in memory. Entries are counted
// by their signature, since the number that the file gives may be false.
func unzip(content []byte) (*zip.Reader, error) {
	const maxParts = 10_000
	if bytes.Count(content, []byte("PK\x01\x02")) > maxParts {
		return nil, errors.New("too many parts")
	}
	return zip.NewReader(bytes.NewReader(content), int64(len(content)))
}

// shown is the name as it can stand in a sentence.
func shown(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	const longest = 100
	if r := []rune(name); len(r) > longest { // the ending matters most
		return string(r[:longest-20]) + "…" + string(r[len(r)-19:])
	}
	return name
}
