package upload

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/storage"
)

// LargeFiles receives files of gigabytes: one at a time lies in the folder for
// temporary files.
type LargeFiles struct{ arriving chan struct{} }

// NewLargeFiles is what receives the large files of a program.
func NewLargeFiles() LargeFiles { return LargeFiles{make(chan struct{}, 1)} }

// LargeFile is a file of gigabytes. Close it when done.
type LargeFile struct {
	*os.File
	Named string // as its sender calls it; "" when none was chosen
	Size  int64

	end func()
}

// Close forgets it.
func (l *LargeFile) Close() error {
	if l.File != nil {
		forget(l.File)
		l.end()
		l.File = nil
	}
	return nil
}

// Turn is for whoever receives a large file by itself: until end is called, no
// other one comes. It is apperr.TooMany while one does.
func (f LargeFiles) Turn() (end func(), err error) {
	select {
	case f.arriving <- struct{}{}:
		return func() { <-f.arriving }, nil
	default:
		return nil, apperr.TooMany{Words: "Another large file is arriving right now. Wait until it is there, then send this one.", Wait: time.Minute}
	}
}

// TooLarge says that a file has more bytes than it may.
var TooLarge = errors.New("the file is too large")

// Receive takes a form with one file of that field, of limit bytes at most, which
// goes to a disk as it comes. What was typed before it is in r.PostForm. It may be
// TooLarge.
func (f LargeFiles) Receive(w http.ResponseWriter, r *http.Request, field string, limit int64) (*LargeFile, error) {
	if r.ContentLength > limit+maxFields {
		return nil, TooLarge
	}
	end, err := f.Turn()
	if err != nil {
		return nil, err
	}
	l := &LargeFile{end: end}
	temp, err := os.CreateTemp("", storage.Temporary)
	if err != nil {
		end()
		return nil, err
	}
	l.File = temp
	_ = os.Remove(temp.Name()) // where an open file needs no name, nothing stays whatever ends the program
	Allow(w, r, limit+maxFields)
	if err := l.read(r, field, limit); err != nil {
		_ = l.Close()
		return nil, err
	}
	w.Header().Del("Connection") // all was read
	return l, nil
}

func (l *LargeFile) read(r *http.Request, field string, limit int64) error {
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return r.ParseForm()
	}
	if err != nil {
		return unreadable
	}
	r.PostForm, r.Form = url.Values{}, url.Values{}
	for fields := 0; ; fields++ {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return broken(err)
		case fields > 50:
			return unreadable
		}
		if part.FileName() == "" || part.FormName() != field || l.Named != "" {
			value, err := io.ReadAll(io.LimitReader(part, 1<<16))
			if err != nil {
				return broken(err)
			}
			r.PostForm.Add(part.FormName(), string(value))
			r.Form.Add(part.FormName(), string(value))
			continue
		}
		l.Named = attachment.SafeName(typed(part))
		if l.Size, err = io.Copy(l.File, io.LimitReader(part, limit+1)); err != nil {
			return broken(err)
		}
		if l.Size > limit {
			return TooLarge
		}
	}
}
