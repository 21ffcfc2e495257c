package export

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"fieldgate/internal/fileimport"
	"fieldgate/internal/sheet"
	"fieldgate/internal/storage"
)

// What is taken of an export that comes back in.
const (
	mostParts    = 500_000
	mostManifest = 128 << 20
	mostTables   = 8 << 30 // unpacked
)

// ErrNone says that a file is no export of ours.
var ErrNone = errors.New("no export of everything")

// Archive is an export that comes back in. Each of its files is held to the size
// and the sum that the manifest has of it: whoever reads one to its end has it as
// it was written.
type Archive struct {
	Manifest
	fileimport.Archive        // what is in the zip
	parts              []Part // by the place in the archive
	places             map[string]int
}

// OpenArchive looks into a file whether it is an export of ours, and a whole one. It is
// ErrNone when it is something else, and a sheet.Refusal says what is wrong.
func OpenArchive(r io.ReaderAt, size int64, name string, from io.Closer) (*Archive, error) {
	if !sheet.IsZip(r) {
		return nil, ErrNone
	}
	archive, err := fileimport.OpenZipOf(r, size, from, mostParts)
	if bad, ok := errors.AsType[fileimport.Unreadable](err); ok {
		if strings.HasSuffix(strings.ToLower(name), ".zip") {
			return nil, sheet.Refusal{Sentence: bad.Words}
		}
		return nil, ErrNone
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // says that itself
	}
	o := &Archive{Archive: archive, places: map[string]int{}}
	for place, e := range archive.Entries() {
		o.places[e.Path] = place
	}
	if err := o.readManifest(); err != nil {
		return nil, err
	}
	return o, nil
}

// readManifest reads what the export says of itself, and compares it with what the
// zip lists.
func (o *Archive) readManifest() error {
	place, ok := o.places["manifest.json"]
	if !ok {
		return ErrNone
	}
	e := o.Entries()[place]
	if e.Why != "" || e.Size > mostManifest {
		return ErrNone
	}
	in, err := o.Archive.Open(place)
	if err != nil {
		return notWhole(err)
	}
	defer in.Close()
	var m struct {
		Manifest
		Parts []Part `json:"parts"`
	}
	if err := json.NewDecoder(io.LimitReader(in, mostManifest)).Decode(&m); err != nil {
		if fileimport.Damaged(err) {
			return notWhole(err)
		}
		return ErrNone
	}
	if m.Program != program {
		return ErrNone
	}
	o.Manifest, o.parts = m.Manifest, make([]Part, len(o.Entries()))
	for _, p := range m.Parts {
		place, ok := o.places[p.Name]
		if !ok || o.Entries()[place].Size != p.Size {
			return sheet.Refusal{Sentence: "The export is not whole: “" + p.Name + "” is missing or another one. Send it as it was downloaded."}
		}
		o.parts[place] = p
	}
	for place, e := range o.Entries() { // of two with one name the first has no part
		if o.parts[place].Name == "" && !e.Junk && e.Path != "manifest.json" {
			return sheet.Refusal{Sentence: "“" + e.Path + "” was put into the export afterwards. Send the export as it was downloaded."}
		}
	}
	return nil
}

// notWhole refuses an export that is damaged; another error stays what it is.
func notWhole(err error) error {
	if fileimport.Damaged(err) {
		return sheet.Refusal{Sentence: "The export is damaged: a part of it is not what it was when it was made. Download it again, or make another one."}
	}
	return fmt.Errorf("read an export: %w", err)
}

// Place is where in the archive a part is.
func (o *Archive) Place(name string) (place int, ok bool) {
	place, ok = o.places[name]
	return place, ok && o.parts[place].Name != ""
}

// Open opens a part. Reading it ends with an error that fileimport.Damaged knows
// when it is not what the manifest says.
func (o *Archive) Open(place int) (io.ReadCloser, error) {
	in, err := o.Archive.Open(place)
	if err != nil {
		return nil, err //nolint:wrapcheck // of the archive
	}
	return &held{ReadCloser: in, part: o.parts[place], sum: sha256.New()}, nil
}

// held is a part that is being read, held to the manifest.
type held struct {
	io.ReadCloser
	part Part
	sum  hash.Hash
	n    int64
}

func (h *held) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	h.sum.Write(p[:n])
	h.n += int64(n)
	if h.n > h.part.Size || errors.Is(err, io.EOF) && (h.n != h.part.Size || hex.EncodeToString(h.sum.Sum(nil)) != h.part.Sum) {
		return 0, fmt.Errorf("%s is not what the manifest says: %w", h.part.Name, zip.ErrChecksum)
	}
	return n, err //nolint:wrapcheck // of the archive, io.EOF among them
}

// Tables opens the tables of the export. Done with, they have to be forgotten.
func (o *Archive) Tables() (book *sheet.Book, forget func(), err error) {
	var temps []*os.File
	done := func() {
		for _, t := range temps {
			_ = t.Close()
			_ = os.Remove(t.Name())
		}
	}
	defer func() {
		if err != nil {
			done()
		}
	}()
	book = &sheet.Book{Kind: "export"}
	left := int64(mostTables)
	for place, p := range o.parts {
		if p.Name != workbookName && !strings.HasPrefix(p.Name, tablesFolder) {
			continue
		}
		if e := o.Entries()[place]; e.Why != "" {
			return nil, nil, sheet.Refusal{Sentence: "“" + p.Name + "” cannot be read. " + e.Why}
		}
		if left -= p.Size; left < 0 {
			return nil, nil, sheet.Refusal{Sentence: fmt.Sprintf("The tables of this export unpack to more than %d GB, more than can be read.", mostTables>>30)}
		}
		temp, err := os.CreateTemp("", storage.Temporary)
		if err != nil {
			return nil, nil, fmt.Errorf("a place for a table: %w", err)
		}
		temps = append(temps, temp)
		if err := o.unpack(place, temp); err != nil {
			return nil, nil, err
		}
		one, err := sheet.OpenOurs(temp, p.Size, p.Name)
		if err != nil {
			return nil, nil, err //nolint:wrapcheck // a refusal, or says that itself
		}
		book.Tables, book.Notes = append(book.Tables, one.Tables...), append(book.Notes, one.Notes...)
	}
	if len(book.Tables) == 0 {
		return nil, nil, sheet.Refusal{Sentence: "There is no table in this export. Make another one."}
	}
	return book, done, nil
}

func (o *Archive) unpack(place int, to io.Writer) error {
	in, err := o.Open(place)
	if err != nil {
		return notWhole(err)
	}
	defer in.Close()
	if _, err := io.Copy(to, in); err != nil {
		return notWhole(err)
	}
	return nil
}
