// Package fileimport imports photos and documents from a zip or a folder, each
// onto the job, quote, customer or piece of equipment that its path or the file
// files.csv names. First all of it is looked through, and nothing is added; then
// what fits is, file by file, so that whatever breaks off goes on where it was.
package fileimport

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Limits of an archive.
const (
	MaxEntries = 100_000
	// maxDirectory is how much of a zip may list what is in it, in bytes.
	maxDirectory = 64 << 20
	// A file that comes out so many times as large as it went in, and is not small,
	// was made to fill disks.
	maxRatio   = 200
	smallEntry = 10 << 20
)

// Archive is a zip or a folder.
type Archive interface {
	Entries() []Entry
	Open(place int) (io.ReadCloser, error)
	Close() error
}

// Entry is a file of an archive, as far as the archive itself tells. Why says that
// it cannot be taken, whatever is in it; Ours that it is none of the owner's files.
type Entry struct {
	Path string // with slashes, in UTF-8, for people
	Size int64
	Why  string
	Junk bool
	mark int64 // another one for another content, as far as the list says
}

// Fingerprint is the same of an archive that has not changed.
func Fingerprint(a Archive) string {
	sum := sha256.New()
	for _, e := range a.Entries() {
		fmt.Fprintf(sum, "%q %d %d\n", e.Path, e.Size, e.mark)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Unreadable says in words why an archive cannot be read at all.
type Unreadable struct{ Words string }

func (u Unreadable) Error() string { return u.Words }

// junk are what computers write beside somebody's files.
func junk(name string) bool {
	base := path.Base(name)
	switch strings.ToLower(base) {
	case "thumbs.db", "desktop.ini", ".ds_store", "ehthumbs.db", ".nomedia", "picasa.ini", ".picasa.ini":
		return true
	}
	return strings.HasPrefix(base, "._") || strings.HasPrefix(name, "__MACOSX/") || strings.Contains(name, "/__MACOSX/") || strings.Contains(name, "/.Trash") || strings.Contains(name, "/@eaDir/") || strings.HasPrefix(name, "@eaDir/")
}

// checkPath says why a path is not taken; "" when it is.
func checkPath(name string) string {
	switch {
	case name == "" || !utf8.ValidString(name):
		return "Its name cannot be read."
	case strings.HasPrefix(name, "/"), len(name) > 1 && name[1] == ':':
		return "Its path begins at the top of a disk. Pack the folders themselves, such as J-1001."
	case len(name) > 1000:
		return "Its path is too long."
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "Its path leads out of the zip."
		}
	}
	return ""
}

type zipped struct {
	files   []*zip.File
	entries []Entry
	from    io.Closer
}

// budget lets the list of a zip's files be read, and no more than that at once.
type budget struct {
	io.ReaderAt
	left int64 // negative for no limit
	over bool
}

func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if b.left -= int64(len(p)); b.left < 0 {
			b.left, b.over = 0, true
			return 0, errors.New("the list of files is too long")
		}
	}
	return b.ReaderAt.ReadAt(p, off)
}

// OpenZip reads the list of a zip's files. An Unreadable says what is wrong with it.
func OpenZip(r io.ReaderAt, size int64, from io.Closer) (Archive, error) {
	return OpenZipOf(r, size, from, MaxEntries)
}

// OpenZipOf is OpenZip for a zip that may hold so many files.
func OpenZipOf(r io.ReaderAt, size int64, from io.Closer, most int) (Archive, error) {
	b := &budget{ReaderAt: r, left: int64(most) * (maxDirectory / MaxEntries)}
	z, err := zip.NewReader(b, size)
	switch {
	case b.over:
		return nil, Unreadable{fmt.Sprintf("This zip holds more than can be looked through at once. Pack at most %d files into one.", most)}
	case errors.Is(err, zip.ErrInsecurePath): // each path is judged by itself
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrAlgorithm), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, Unreadable{"This is not a whole zip: it may have broken off when it was packed or sent. Pack it again and send that."}
	case err != nil:
		return nil, fmt.Errorf("read the list of a zip: %w", err)
	}
	b.left = -1
	a := &zipped{from: from}
	for _, f := range z.File {
		if f.Name == "" || strings.HasSuffix(f.Name, "/") || (f.FileInfo().IsDir() && f.UncompressedSize64 == 0) || (strings.HasSuffix(f.Name, `\`) && f.UncompressedSize64 == 0) {
			continue
		}
		a.files = append(a.files, f)
		a.entries = append(a.entries, zipEntry(f))
	}
	if len(a.entries) > most {
		return nil, Unreadable{fmt.Sprintf("This zip holds %d files. Pack at most %d into one.", len(a.entries), most)}
	}
	return a, nil
}

func zipEntry(f *zip.File) Entry {
	e := Entry{Path: zipName(f), Size: int64(min(f.UncompressedSize64, 1<<62)), mark: int64(f.CRC32)}
	e.Junk = junk(e.Path)
	e.Why = checkPath(e.Path)
	const encrypted = 0x1
	switch {
	case e.Why != "":
	case f.Flags&encrypted != 0:
		e.Why = "It is protected with a password. Pack it without one."
	case !f.Mode().IsRegular():
		e.Why = "It is a link to another place, not a file."
	case f.Method != zip.Store && f.Method != zip.Deflate:
		e.Why = "It is packed in a way that is not read here. Pack an ordinary zip, as Windows and Macs do."
	case e.Size > smallEntry && f.UncompressedSize64/max(f.CompressedSize64, 1) > maxRatio:
		e.Why = "It comes out more than " + fmt.Sprint(maxRatio) + " times as large as it was packed, as no photo or document does."
	}
	if !utf8.ValidString(e.Path) {
		e.Path = strings.ToValidUTF8(e.Path, "\uFFFD")
	}
	e.Path = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, e.Path)
	return e
}

// zipName is a file's path in UTF-8. Where the zip does not say that it is, it is
// what a field beside it says, or the code page of old programs for DOS and Windows.
// Windows' own programs have parted folders by backslashes.
func zipName(f *zip.File) string {
	name := f.Name
	if f.NonUTF8 {
		if own, ok := unicodePath(f); ok {
			name = own
		} else if !ascii(name) && !utf8.ValidString(name) {
			if s, err := charmap.CodePage437.NewDecoder().String(name); err == nil {
				name = s
			}
		}
	}
	return strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "./")
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c >= utf8.RuneSelf }) < 0
}

// unicodePath reads the extra field 0x7075, section 4.6.9 of APPNOTE.TXT.
func unicodePath(f *zip.File) (string, bool) {
	for extra := f.Extra; len(extra) >= 4; {
		tag, size := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if len(extra) < 4+size {
			return "", false
		}
		field := extra[4 : 4+size]
		if tag == 0x7075 && size > 5 && field[0] == 1 && binary.LittleEndian.Uint32(field[1:]) == crc32.ChecksumIEEE([]byte(f.Name)) && utf8.Valid(field[5:]) {
			return string(field[5:]), true
		}
		extra = extra[4+size:]
	}
	return "", false
}

func (z *zipped) Entries() []Entry { return z.entries }

func (z *zipped) Open(place int) (io.ReadCloser, error) { return z.files[place].Open() }

func (z *zipped) Close() error {
	if z.from == nil {
		return nil
	}
	return z.from.Close()
}

// Damaged reports whether an error of reading an entry says that the entry itself
// is broken, and not what it is read from.
func Damaged(err error) bool {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	return corrupt || errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrAlgorithm) || errors.Is(err, io.ErrUnexpectedEOF)
}

// ReaderAt reads anywhere in a file of the store.
func ReaderAt(f io.ReadSeeker) io.ReaderAt { return &seeking{from: f, at: -1} }

type seeking struct {
	mu   sync.Mutex
	from io.ReadSeeker
	at   int64
}

func (s *seeking) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at != off { // a bucket is asked anew after each jump
		if _, err := s.from.Seek(off, io.SeekStart); err != nil {
			s.at = -1
			return 0, err
		}
	}
	n, err := io.ReadFull(s.from, p)
	s.at = off + int64(n)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

type foldered struct {
	root    *os.Root
	entries []Entry
}

// OpenFolder lists a folder at the server. Links are named and not followed.
func OpenFolder(ctx context.Context, dir string) (Archive, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder: %w", err)
	}
	a := &foldered{root: root}
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && name == ".":
			return err
		case err != nil:
			a.entries = append(a.entries, Entry{Path: name, Why: "It cannot be read: " + reason(err) + "."})
			return nil
		case d.IsDir():
			return nil
		case len(a.entries) >= MaxEntries:
			return Unreadable{fmt.Sprintf("The folder holds more than %d files. Import them as several folders.", MaxEntries)}
		}
		e := Entry{Path: strings.ToValidUTF8(filepath.ToSlash(name), "\uFFFD"), Junk: junk(name), Why: checkPath(name)}
		if info, err := d.Info(); err != nil {
			e.Why = "It cannot be read: " + reason(err) + "."
		} else if e.Size, e.mark = info.Size(), info.ModTime().UnixNano(); !info.Mode().IsRegular() && e.Why == "" {
			e.Why = "It is a link to another place, not a file."
		}
		a.entries = append(a.entries, e)
		return nil
	})
	if err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("list the folder: %w", err)
	}
	return a, nil
}

func reason(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return "it has gone"
}

func (f *foldered) Entries() []Entry { return f.entries }

func (f *foldered) Open(place int) (io.ReadCloser, error) {
	return f.root.Open(filepath.FromSlash(f.entries[place].Path))
}

func (f *foldered) Close() error { return f.root.Close() }

// sheetName is the file that says of others where they belong.
const sheetName = "files.csv"

// Sheet is what files.csv of the archive says, or nil when there is none. It
// stands at the top, or in the only folder there.
func Sheet(a Archive) (*List, error) {
	for i, e := range a.Entries() {
		if e.Why != "" || e.Junk || !strings.EqualFold(path.Base(e.Path), sheetName) || strings.Count(e.Path, "/") > 1 {
			continue
		}
		if e.Size > maxSheet {
			return nil, Unreadable{"files.csv is too large: it may have 16 MB."}
		}
		r, err := a.Open(i)
		if err != nil {
			return nil, fmt.Errorf("read files.csv: %w", err)
		}
		content, err := io.ReadAll(io.LimitReader(r, maxSheet+1))
		_ = r.Close()
		if err != nil && Damaged(err) {
			return nil, Unreadable{"files.csv is damaged inside the zip. Pack it again."}
		}
		if err != nil {
			return nil, fmt.Errorf("read files.csv: %w", err)
		}
		return readList(bytes.TrimSpace(content), i, path.Dir(e.Path))
	}
	return nil, nil //nolint:nilnil // there is none
}
