package fileimport

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"fieldgate/internal/attachment"
	"fieldgate/internal/imaging"
	"fieldgate/internal/storage"
)

// Plan says of each file of an archive where it goes.
type Plan struct {
	Archive  Archive
	List     *List
	Records  *Records
	American bool // dates in figures begin with the month
}

// Count is how many items the plan has: the files, and the lines of files.csv
// whose file is missing.
func (p *Plan) Count() int {
	for i, e := range p.Archive.Entries() {
		if p.List != nil && i != p.List.Place {
			p.List.of(e.Path)
		}
	}
	return len(p.Archive.Entries()) + len(p.List.missing())
}

// Item is what the plan says of the file at a place, before anything of it is
// read: it fits, is left out or is refused. On is where it goes.
func (p *Plan) Item(ctx context.Context, place int) (item Item, on attachment.On, err error) {
	entries := p.Archive.Entries()
	if place >= len(entries) {
		row := p.List.missing()[place-len(entries)]
		return Item{Place: place, Path: row.File, State: Refused, Reason: fmt.Sprintf("Line %d of files.csv names it, but it is not there.", row.Number)}, on, nil
	}
	e := entries[place]
	item = Item{Place: place, Path: e.Path, Size: e.Size, State: Refused}
	switch {
	case p.List != nil && place == p.List.Place:
		item.State, item.Reason = LeftOut, "It says where the others belong."
		return item, on, nil
	case e.Why != "":
		item.Reason = e.Why
		return item, on, nil
	case e.Junk:
		item.State, item.Reason = LeftOut, "A computer has written it beside your files."
		return item, on, nil
	}
	row := p.List.of(e.Path)
	if item.Reason = row.apply(&item, p.American); item.Reason != "" {
		return item, on, nil
	}
	var rec Record
	if row != nil && row.Record != "" {
		rec, item.Reason, err = p.Records.OfWords(ctx, row.Record)
		if item.Reason != "" {
			item.Reason = fmt.Sprintf("Line %d of files.csv: %s", row.Number, item.Reason)
		}
	} else {
		rec, item.Reason, err = p.Records.OfPath(ctx, e.Path)
	}
	if err != nil || item.Reason != "" {
		return item, on, err
	}
	item.State, item.Record = Fits, rec.Name
	return item, rec.On, nil
}

// File is a file out of an archive that was judged as an upload is. It lies in the
// folder for temporary files until it is closed.
type File struct {
	attachment.Incoming
	temp *os.File
}

// Close forgets it.
func (f *File) Close() {
	_ = f.temp.Close()
	_ = os.Remove(f.temp.Name()) // where an open file keeps its name
}

// Unpack takes the file of an item out of the archive. An imaging.Refused says in
// words why it is not taken; an attachment.On is for where it goes.
func (p *Plan) Unpack(item Item) (*File, error) {
	name := attachment.SafeName(path.Base(item.Path))
	content, err := p.Archive.Open(item.Place)
	if err != nil {
		return nil, damaged(name, err)
	}
	defer content.Close()
	temp, err := os.CreateTemp("", storage.Temporary)
	if err != nil {
		return nil, err
	}
	_ = os.Remove(temp.Name()) // where an open file needs no name, nothing stays whatever ends the program
	f := &File{temp: temp}
	if err := f.fill(content, name, item); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *File) fill(content io.Reader, name string, item Item) error {
	most := imaging.MaxSize(name)
	read := &source{from: io.LimitReader(content, most+1)}
	size, err := io.Copy(f.temp, read)
	switch {
	case read.err != nil:
		return damaged(name, read.err)
	case err != nil:
		return err
	}
	seen, err := imaging.Inspect(f.temp, size, name)
	if err != nil {
		return err
	}
	if err := imaging.Blank(f.temp, seen.Places); err != nil { // nobody is told where a video was taken
		return err
	}
	if _, err := f.temp.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f.temp); err != nil {
		return err
	}
	f.Incoming = attachment.Incoming{Name: name, Type: seen.Type, Size: size, Taken: seen.Taken, Caption: item.Caption, Digest: sum.Sum(nil), Content: f.temp}
	if item.Taken != nil {
		f.Taken = *item.Taken
	}
	return nil
}

// source keeps what went wrong with reading apart from what went wrong with writing.
type source struct {
	from io.Reader
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func damaged(name string, err error) error {
	if Damaged(err) {
		return imaging.Refused{Reason: "“" + name + "” is damaged inside the zip. Pack it again."}
	}
	if os.IsPermission(err) || os.IsNotExist(err) {
		return imaging.Refused{Reason: "“" + name + "” cannot be read: " + reason(err) + "."}
	}
	return fmt.Errorf("read %s: %w", name, err)
}
