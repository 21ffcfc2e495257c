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
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gabriel-vasile/mimetype"
)

const (
	// MaxPixels of a picture that is kept as it is decoded, such as a logo.
	MaxPixels = 50_000_000
	// MaxPanorama is how many pixels a photo may have, which is only kept smaller.
	MaxPanorama = 150_000_000
	// MaxSide of each of a photo's sides, in pixels.
	MaxSide = 50_000
)

// Refused says in words for the person who sent the file why it is not taken.
type Refused struct{ Reason string }

func (r Refused) Error() string { return r.Reason }

func refuse(format string, args ...any) error { return Refused{fmt.Sprintf(format, args...)} }

// File is what an upload turned out to be.
type File struct {
	Type   Type
	Taken  time.Time // the camera's clock when the photo was taken, in UTC for want of a zone; zero if unknown
	Places []Span    // where a video says where it was taken
}

// Span is a part of a file.
type Span struct{ Offset, Bytes int64 }

// Inspect decides whether a file is accepted. Its content says what it is; a
// name that promises something else is refused, except among photos and among
// videos, whose endings phones and chat programs often get wrong. Nothing is
// decoded, only read through, and no file is held in memory. The error is a
// Refused, with the one reason that there is, or comes from r.
func Inspect(r io.ReaderAt, size int64, name string) (File, error) {
	most := MaxSize(name)
	name = shown(name)
	switch {
	case size == 0:
		return File{}, refuse("“%s” is empty.", name)
	case size > most:
		return File{}, refuse("“%s” is too large. The limit is %d MB.", name, most>>20)
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
	switch {
	case err != nil:
		return File{}, err
	case t.Video:
		if why := checkVideo(content); why != nil {
			return File{}, refuse("“%s” cannot be played: %s.", name, why)
		}
		where, many := places(content)
		if many {
			return File{}, refuse("“%s” says in too many places where it was taken. Save it anew with a video program, and send that.", name)
		}
		return File{Type: t, Places: where}, nil
	case !t.Photo:
		return File{Type: t}, nil
	}
	width, height, err := Measure(content, t)
	if err != nil {
		return File{}, refuse("“%s” cannot be opened: %s.", name, err)
	}
	if err := allowed(width, height, t.maxPixels()); err != nil {
		why := err.Error()
		if t == HEIC && allowed(width, height, MaxPanorama) == nil {
			why += " in this format. Save it as JPEG and send that"
		}
		return File{}, refuse("“%s” is too large: %s.", name, why)
	}
	return File{Type: t, Taken: readMeta(content, t).taken}, nil
}

// maxPixels of a photo: the decoder of HEIC takes ten times the memory.
func (t Type) maxPixels() int {
	if t == HEIC {
		return MaxPixels
	}
	return MaxPanorama
}

// sniff says what content is, as long as the name agrees.
func sniff(content []byte, name string) (Type, error) {
	promised, named := promise(name)
	actual, known := look(content, promised)
	ending := ending(name)
	switch {
	case !known && named:
		return Type{}, refuse("“%s” is %s, although its name says so: it is damaged, or another kind of file. Open it, save it again and send the new file.", name, "not "+article(promised))
	case !known, !named && ending != "" && isWords(actual):
		return Type{}, refuse("“%s” is not a type we accept. %s", name, Taken)
	case !named && ending == "" && isWords(actual):
		return Type{}, refuse("“%s” is a text file. Give it a name that ends in .txt or .csv and send it again.", name)
	case !named && ending != "":
		return Type{}, refuse("“%s” is in fact %s, but its name ends in %s. Change the ending to %s and send it again.", name, article(actual), ending, actual.Extension)
	case !named, actual.base() == promised.base(), actual.Photo && promised.Photo, actual.Video && promised.Video:
	default:
		return Type{}, refuse("“%s” is in fact %s. Open it, save it again and send the new file.", name, article(actual))
	}
	if why := checkInside(content, actual); why != "" {
		return Type{}, refuse("“%s” cannot be accepted: %s.", name, why)
	}
	if actual == PDF && !hasEnd(content) {
		return Type{}, refuse("“%s” cannot be opened: its end is missing.", name)
	}
	return actual, nil
}

// isWords reports whether the content alone does not tell what it is: scripts
// are text, too.
func isWords(t Type) bool { return t.base() == Text.base() }

// article is what people call a type in a sentence.
func article(t Type) string {
	switch words := t.Words(); {
	case t == DOCX || t == DOC || t == XLSX || t == XLS:
		return "a " + words + " document"
	case isWords(t):
		return "text"
	case t == EML || t == MSG:
		return "an email"
	case t == PDF || t == CSV || t == ZIP || t.base() == CSV.base():
		return "a " + words + " file"
	case t == HEIC || t.Photo || t.Video:
		if t == MP4 {
			return "an " + words
		}
		return "a " + words
	}
	return "one"
}

// look says what the content is. Only between text, CSV and email, and between a
// zip file and what else is one, the promise decides.
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
	case isPDF(content):
		return PDF, true
	case isVideo(content):
		return videoType(content), true
	case bytes.HasPrefix(content, []byte(oleMark)):
		return lookOLE(content)
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		t, ok := look2007(content)
		if promised == ZIP {
			_, err := unzip(content)
			return ZIP, err == nil
		}
		return t, ok
	case promised == EML:
		return EML, isEmail(content)
	}
	charset, ok := charsetOf(content)
	if !ok {
		return Type{}, false
	}
	for m := mimetype.Detect(inUTF8(content, charset)); m != nil; m = m.Parent() {
		switch {
		case m.Is("text/html"), m.Is("text/xml"), m.Is("image/svg+xml"), m.Is("application/xhtml+xml"), m.Is("text/rtf"):
			return Type{}, false // browsers and programs do more with these than show them
		case m.Is("text/plain"):
			t := Text
			if promised == CSV {
				t = CSV
			}
			t.MIME = t.base() + "; charset=" + charset
			return t, true
		}
	}
	return Type{}, false
}

// isPDF: readers accept a preamble of up to a kilobyte, as programs that print
// leave before the file. It must not make another kind of file of it.
func isPDF(content []byte) bool {
	if bytes.HasPrefix(content, []byte("%PDF-")) {
		return true
	}
	const preamble = 1024
	at := bytes.Index(content[:min(len(content), preamble+5)], []byte("%PDF-"))
	if at < 1 {
		return false
	}
	before := mimetype.Detect(content[:at])
	return before.Is("text/plain") || before.Is("application/octet-stream")
}

// hasEnd tells a PDF with something after its end from one that was cut off:
// there objects begin after the last end.
func hasEnd(pdf []byte) bool {
	at := bytes.LastIndex(pdf, []byte("%%EOF"))
	return at >= 0 && !anObject.Match(pdf[at:])
}

var anObject = regexp.MustCompile(`\d+ \d+ obj\b`)

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

// checkInside refuses what would harm those who open the document. Nothing is
// unpacked: what a directory announces is enough.
func checkInside(content []byte, t Type) string {
	switch t {
	case DOC, XLS, MSG:
		return checkOLE(content, t)
	case DOCX, XLSX, ZIP:
	default:
		return ""
	}
	const maxUnpacked = 512 << 20
	z, err := unzip(content)
	if err != nil {
		return "it is damaged"
	}
	var unpacked uint64
	for _, f := range z.File {
		unpacked += min(f.UncompressedSize64, maxUnpacked+1)
		inside := strings.ToLower(f.Name)
		switch {
		case f.Flags&1 != 0:
			return "it is encrypted"
		case strings.HasSuffix(inside, "vbaproject.bin") && t != ZIP:
			return "it contains macros. Save it as a plain " + t.Extension + " file"
		case strings.HasSuffix(inside, "vbaproject.bin"), slices.Contains(macroEndings, path.Ext(inside)):
			return "it contains macros"
		case t == ZIP && slices.Contains(programEndings, path.Ext(inside)):
			return "it contains a program (" + shown(f.Name) + ")"
		}
	}
	if unpacked > maxUnpacked {
		return "it is far larger inside than it looks"
	}
	return ""
}

// Names of files in an archive that run when they are opened.
var (
	macroEndings   = []string{".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".xlsb", ".pptm", ".potm", ".ppsm"}
	programEndings = []string{
		".app", ".apk", ".appx", ".bat", ".chm", ".cmd", ".com", ".cpl", ".dll", ".dmg", ".exe", ".gadget", ".hta", ".inf", ".iso", ".jar", ".js", ".jse", ".lnk", ".msc",
		".msi", ".msp", ".pif", ".ps1", ".reg", ".scf", ".scr", ".sh", ".url", ".vb", ".vbe", ".vbs", ".wsf", ".wsh",
	}
)

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
