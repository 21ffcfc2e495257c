package imaging

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Type is a type of file that is accepted.
type Type struct {
	MIME      string // as it is served
	Extension string // with its dot
	Photo     bool   // shown as the pictures made of it
	Video     bool   // played by the browser as it is; what is neither is a document
}

// The types that are accepted.
var (
	JPEG = Type{MIME: "image/jpeg", Extension: ".jpg", Photo: true}
	PNG  = Type{MIME: "image/png", Extension: ".png", Photo: true}
	WebP = Type{MIME: "image/webp", Extension: ".webp", Photo: true}
	HEIC = Type{MIME: "image/heic", Extension: ".heic", Photo: true}
	MP4  = Type{MIME: "video/mp4", Extension: ".mp4", Video: true}
	MOV  = Type{MIME: "video/quicktime", Extension: ".mov", Video: true}
	PDF  = Type{MIME: "application/pdf", Extension: ".pdf"}
	DOCX = Type{MIME: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Extension: ".docx"}
	XLSX = Type{MIME: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Extension: ".xlsx"}
	DOC  = Type{MIME: "application/msword", Extension: ".doc"}
	XLS  = Type{MIME: "application/vnd.ms-excel", Extension: ".xls"}
	Text = Type{MIME: "text/plain; charset=utf-8", Extension: ".txt"}
	CSV  = Type{MIME: "text/csv; charset=utf-8", Extension: ".csv"}
	EML  = Type{MIME: "message/rfc822", Extension: ".eml"}
	MSG  = Type{MIME: "application/vnd.ms-outlook", Extension: ".msg"}
	ZIP  = Type{MIME: "application/zip", Extension: ".zip"}
)

// types is what is taken, all of it: what people call a type, and the endings
// that stand for it beside its own.
var types = []struct {
	Type
	words  string
	others []string
}{
	{JPEG, "JPEG photo", []string{".jpeg", ".jpe", ".jfif"}},
	{PNG, "PNG photo", nil},
	{WebP, "WebP photo", nil},
	{HEIC, "HEIC photo", []string{".heif", ".hif"}},
	{MP4, "MP4 video", []string{".m4v"}},
	{MOV, "MOV video", []string{".qt"}},
	{PDF, "PDF", nil},
	{DOCX, "Word", nil},
	{XLSX, "Excel", nil},
	{DOC, "Word", nil},
	{XLS, "Excel", nil},
	{Text, "Text", nil},
	{CSV, "CSV", nil},
	{EML, "Email", nil},
	{MSG, "Email", nil},
	{ZIP, "ZIP", nil},
}

// Taken is a sentence of what is taken, for those who send something else.
const Taken = "Send photos (JPEG, PNG, WebP, HEIC), videos (MP4, MOV) or documents (PDF, Word, Excel, text, CSV, email, ZIP)."

// Accept is for the accept attribute of a file field.
var Accept = func() string {
	var all []string
	for _, t := range types {
		all = append(append(all, t.Extension), t.others...)
	}
	return strings.Join(all, ",")
}()

// Words is what people call a type of file.
func (t Type) Words() string {
	for _, known := range types {
		if known.base() == t.base() {
			return known.words
		}
	}
	return ""
}

// Spreadsheet reports whether the file is a table of cells.
func (t Type) Spreadsheet() bool { return t == XLSX || t == XLS || t.base() == CSV.base() }

// Packs reports whether a file takes less room in an archive; the others are
// packed already.
func (t Type) Packs() bool {
	return t == PDF || t == DOC || t == XLS || t == EML || t == MSG || t.base() == Text.base() || t.base() == CSV.base()
}

// base is the MIME type without the character set of a text.
func (t Type) base() string {
	base, _, _ := strings.Cut(t.MIME, ";")
	return base
}

// TypeOf returns the type with that MIME type.
func TypeOf(mime string) (Type, bool) {
	asked := Type{MIME: mime}
	for _, known := range types {
		if known.base() == asked.base() {
			t := known.Type
			t.MIME = mime
			return t, true
		}
	}
	return Type{}, false
}

// How large a file may be, in bytes.
const (
	MaxFile  = 25 << 20
	MaxVideo = 200 << 20
)

// MaxSize is how many bytes a file of that name may have.
func MaxSize(name string) int64 {
	if t, ok := promise(name); ok && t.Video {
		return MaxVideo
	}
	return MaxFile
}

// promise is the type that the name's ending stands for.
func promise(name string) (Type, bool) {
	ending := ending(name)
	for _, t := range types {
		if t.Extension == ending || slices.Contains(t.others, ending) {
			return t.Type, true
		}
	}
	return Type{}, false
}

// ending is that of a name, in small letters; "" when what follows the last dot
// is none, as in “Plan v1.2” and “Smith St. 4”.
func ending(name string) string {
	if found := strings.ToLower(path.Ext(name)); isEnding.MatchString(found) {
		return found
	}
	return ""
}

var isEnding = regexp.MustCompile(`^\.[a-z0-9_-]*[a-z][a-z0-9_-]*$`)
