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
	"path/filepath"
	"time"

	"fieldgate/internal/storage"
)

// Part is something in an archive, as its manifest names it.
type Part struct {
	Name string `json:"name"`
	Rows *int64 `json:"rows,omitempty"` // of a table
	Size int64  `json:"size"`
	Sum  string `json:"sha256"`
}

// archive is a zip that is written front to back, with the list of what is in it.
// What has to wait does so in a folder of its own.
type archive struct {
	zip    *zip.Writer
	at     time.Time
	folder string
	parts  *os.File // the list, a line each
	list   *json.Encoder
	n      int64
}

func newArchive(w io.Writer, at time.Time) (*archive, error) {
	folder, err := os.MkdirTemp("", storage.Temporary+"export-*")
	if err != nil {
		return nil, fmt.Errorf("make room for an export: %w", err)
	}
	parts, err := os.Create(filepath.Join(folder, "parts"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make room for an export: %w", err), os.RemoveAll(folder))
	}
	return &archive{zip: zip.NewWriter(w), at: at, folder: folder, parts: parts, list: json.NewEncoder(parts)}, nil
}

// discard removes what waits.
func (a *archive) discard() error {
	return errors.Join(a.parts.Close(), os.RemoveAll(a.folder))
}

// part is a file of the archive while it is written.
type part struct {
	to   io.Writer
	sum  hash.Hash
	size int64
}

func (p *part) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	p.sum.Write(b[:n])
	p.size += int64(n)
	return n, err
}

// add writes a file into the archive. Packed leaves it as it is.
func (a *archive) add(name string, modified time.Time, packed bool, write func(io.Writer) (rows *int64, err error)) (Part, error) {
	head := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: modified}
	if packed {
		head.Method = zip.Store
	}
	to, err := a.zip.CreateHeader(head)
	if err != nil {
		return Part{}, fmt.Errorf("write %s: %w", name, err)
	}
	p := &part{to: to, sum: sha256.New()}
	rows, err := write(p)
	if err != nil {
		return Part{}, err
	}
	done := Part{Name: name, Rows: rows, Size: p.size, Sum: hex.EncodeToString(p.sum.Sum(nil))}
	a.n++
	if err := a.list.Encode(done); err != nil {
		return Part{}, fmt.Errorf("note %s: %w", name, err)
	}
	return done, nil
}

// Manifest says what an export is. The parts follow it in the file.
type Manifest struct {
	Program string           `json:"program"`
	Version string           `json:"version"`
	Source  string           `json:"source"` // under which an import keeps the ids
	Moment  time.Time        `json:"moment"`
	Zone    string           `json:"time_zone"`
	Form    Form             `json:"tables_as"`
	Counts  map[string]int64 `json:"counts"`
	Missing []string         `json:"missing,omitempty"` // files that storage did not have
}

// close writes the manifest and ends the archive.
func (a *archive) close(m Manifest) error {
	to, err := a.zip.CreateHeader(&zip.FileHeader{Name: "manifest.json", Method: zip.Deflate, Modified: a.at})
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	if _, err := a.parts.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	if _, err := fmt.Fprintf(to, "%s,\n  \"parts\": [", text[:len(text)-2]); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	lines := json.NewDecoder(a.parts)
	for i := range a.n {
		var p Part
		if err := lines.Decode(&p); err != nil {
			return fmt.Errorf("write the manifest: %w", err)
		}
		line, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("write the manifest: %w", err)
		}
		if _, err := fmt.Fprintf(to, "%s\n    %s", ","[:min(i, 1)], line); err != nil {
			return fmt.Errorf("write the manifest: %w", err)
		}
	}
	if _, err := io.WriteString(to, "\n  ]\n}\n"); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	if err := a.zip.Close(); err != nil {
		return fmt.Errorf("end the export: %w", err)
	}
	return nil
}
