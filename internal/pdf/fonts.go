package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode"
	"weak"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"

	"fieldgate/static"
)

// face is a font: which letters it has, and its file, of which documents get the
// glyphs that they use.
type face struct {
	name    string
	letters font.Cmap
	file    func() opentype.Resource
	thin    bool // there is no bold one: its letters are drawn with a thicker edge

	mu   sync.Mutex
	read weak.Pointer[font.Font]
}

func (f *face) has(c rune) bool {
	_, ok := f.letters.Lookup(c)
	return ok
}

// font is all of the font, which takes megabytes: while documents are made it is
// kept, else the next one reads it again. Pages ask for its letters alone.
func (f *face) font() *font.Font {
	f.mu.Lock()
	defer f.mu.Unlock()
	if read := f.read.Value(); read != nil {
		return read
	}
	parsed, err := font.ParseTTF(f.file())
	if err != nil {
		panic(fmt.Errorf("font %s: %w", f.name, err)) // it could be read before
	}
	f.read = weak.Make(parsed.Font)
	return parsed.Font
}

// lettersOf reads which letters a font has, and leaves the rest.
func lettersOf(file opentype.Resource) (font.Cmap, error) {
	loader, err := opentype.NewLoader(file)
	if err != nil {
		return nil, err
	}
	var page tables.FontPage
	if raw, err := loader.RawTable(opentype.MustNewTag("OS/2")); err == nil {
		os2, _, _ := tables.ParseOs2(raw)
		page = os2.FontPage()
	}
	raw, err := loader.RawTable(opentype.MustNewTag("cmap"))
	if err != nil {
		return nil, err
	}
	table, _, err := tables.ParseCmap(raw)
	if err != nil {
		return nil, err
	}
	letters, _, err := font.ProcessCmap(table, page)
	return letters, err
}

// embedded are the fonts of the program by weight: the one of the documents, then
// the one for letters that it lacks. Without fetched fonts there are none, and
// documents are set in Helvetica, which every reader of PDF has.
var embedded = sync.OnceValue(func() map[bool][]*face {
	m := map[bool][]*face{}
	for _, f := range []struct {
		bold bool
		file string
	}{
		{false, "NotoSans_400Regular.ttf"}, {false, "DejaVuSans.ttf"}, {true, "NotoSans_600SemiBold.ttf"}, {true, "DejaVuSans-Bold.ttf"},
	} {
		content := func() opentype.Resource { return bytes.NewReader(static.Font(f.file)) }
		letters, err := lettersOf(content())
		if err != nil {
			return nil
		}
		m[f.bold] = append(m[f.bold], &face{name: strings.TrimSuffix(f.file, ".ttf"), file: content, letters: letters})
	}
	return m
})

// folded are the fonts of the folder, and the scripts for which each is asked.
var folded = []struct {
	file    string
	scripts []*unicode.RangeTable
}{
	{"NotoSansThai_400Regular.ttf", []*unicode.RangeTable{unicode.Thai}},
	{"NotoSansHebrew_400Regular.ttf", []*unicode.RangeTable{unicode.Hebrew}},
	{"NotoSansArabic_400Regular.ttf", []*unicode.RangeTable{unicode.Arabic}},
	{japanese, eastAsian},
	{chinese, eastAsian},
	{korean, eastAsian},
	{"NotoEmoji_400Regular.ttf", []*unicode.RangeTable{beyondLetters}},
}

const (
	japanese = "NotoSansJP_400Regular.ttf"
	chinese  = "NotoSansSC_400Regular.ttf"
	korean   = "NotoSansKR_400Regular.ttf"
)

var (
	eastAsian = []*unicode.RangeTable{
		unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo,
		{R16: []unicode.Range16{{0x2E80, 0x303F, 1}, {0x3190, 0x33FF, 1}, {0xFE30, 0xFE4F, 1}, {0xFF00, 0xFFEF, 1}}}, // their signs, and what is as wide as they are
	}
	beyondLetters = &unicode.RangeTable{R16: []unicode.Range16{{0x20E3, 0x20E3, 1}, {0x2190, 0x2BFF, 1}}, R32: []unicode.Range32{{0x1F000, 0x1FAFF, 1}, {0xE0020, 0xE007F, 1}}}
)

// Fonts are those of a folder, read when a document needs them.
type Fonts struct {
	folder string

	mu     sync.Mutex
	opened map[string]*face // nil for one that is not there
}

// NewFonts looks for fonts in a folder; "" has none.
func NewFonts(folder string) *Fonts { return &Fonts{folder: folder, opened: map[string]*face{}} }

// Missing are the files of fonts that are not in the folder.
func (f *Fonts) Missing() (files []string) {
	for _, font := range folded {
		if f.folder == "" {
			files = append(files, font.file)
		} else if _, err := os.Stat(filepath.Join(f.folder, font.file)); err != nil {
			files = append(files, font.file)
		}
	}
	return files
}

func (f *Fonts) open(name string) *face {
	if f == nil || f.folder == "" {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	found, known := f.opened[name]
	if known {
		return found
	}
	file, err := os.Open(filepath.Join(f.folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // put there later, it is used
	}
	var (
		parsed *font.Face
		size   int64
	)
	if err == nil {
		size, err = file.Seek(0, io.SeekEnd)
	}
	if err == nil {
		parsed, err = font.ParseTTF(io.NewSectionReader(file, 0, size))
	}
	if err != nil {
		slog.Warn("a font of documents cannot be read", "file", name, "error", err)
		f.opened[name] = nil
		return nil
	}
	f.opened[name] = &face{
		name: strings.TrimSuffix(name, ".ttf"), letters: parsed.Cmap, thin: true, read: weak.Make(parsed.Font),
		file: func() opentype.Resource { return io.NewSectionReader(file, 0, size) },
	}
	return f.opened[name]
}

// faceOf is the font for a letter: the documents' own, then that of its script;
// nil when none has it. Han letters look different by language.
func (f *Fonts) faceOf(c rune, bold bool, han []string) *face {
	own := embedded()[bold]
	if own[0].has(c) {
		return own[0]
	}
	asked := map[string]bool{}
	try := func(name string) *face {
		if asked[name] {
			return nil
		}
		asked[name] = true
		if found := f.open(name); found != nil && found.has(c) {
			return found
		}
		return nil
	}
	for _, in := range folded {
		if !unicode.In(c, in.scripts...) {
			continue
		}
		if in.file == japanese {
			for _, name := range han {
				if found := try(name); found != nil {
					return found
				}
			}
		}
		if found := try(in.file); found != nil {
			return found
		}
	}
	for _, other := range own[1:] {
		if other.has(c) {
			return other
		}
	}
	return nil
}

// hanOf orders the fonts of East Asia by what a text says of its language, or
// else a document's locale.
func hanOf(text, locale string) []string {
	language, _, _ := strings.Cut(locale, "-")
	for _, c := range text {
		switch {
		case unicode.In(c, unicode.Hiragana, unicode.Katakana):
			return []string{japanese, chinese, korean}
		case unicode.Is(unicode.Hangul, c):
			return []string{korean, japanese, chinese}
		}
	}
	switch language {
	case "ja":
		return []string{japanese, chinese, korean}
	case "ko":
		return []string{korean, japanese, chinese}
	}
	return []string{chinese, japanese, korean}
}
