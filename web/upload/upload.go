// Package upload receives forms with files: each file on its own, so that one
// that is refused does not cost the others.
package upload

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/imaging"
	"fieldgate/internal/storage"
)

// Refused is a file that is not taken, and why: a sentence with the file's name
// for whoever sent it.
type Refused struct{ Name, Reason string }

// Form is a form as it was received. Close it when done: it holds the files.
type Form struct {
	Files   []attachment.Incoming
	Refused []Refused
	// Over says why nothing of the form is to be done: it, or its files, are more
	// than may be sent. What was typed is there, and no file.
	Over   error
	Chosen bool // files came with it, taken or not

	ask     func() (attachment.Room, error) // before the first file
	asked   bool                            // that it was
	outline bool                            // the files themselves are let go by
	names   []string                        // of the files of an outline
	room    attachment.Room
	spooled share
	open    []*os.File
}

// Close forgets the files.
func (f *Form) Close() {
	for _, file := range f.open {
		forget(file)
	}
	f.open, f.Files = nil, nil
	f.spooled.giveBack()
}

func forget(file *os.File) {
	_ = file.Close()
	_ = os.Remove(file.Name()) // where an open file keeps its name
}

// How much of a form is read, in bytes.
const (
	maxFields = 1 << 20                                        // of text beside the files
	maxForm   = attachment.MaxFiles*attachment.MaxSize + 8<<20 // of all of it, with what stands around the files
	perField  = 100                                            // what a field costs beside its name and value
)

// atOnce is how long is waited for what was typed in a form that is refused.
const atOnce = 2 * time.Second

// body is a request's body as far as it may be read, and the whole of it.
type body struct {
	io.ReadCloser
	whole io.ReadCloser
}

// Hold keeps a form that may bring files as small as any other. Only a screen
// that takes files, and has asked whether they may come, reads more, by Allow or
// Receive. An answer does not wait for what nobody has read.
func Hold(w http.ResponseWriter, r *http.Request, limit int64) {
	w.Header().Set("Connection", "close")
	r.Body = &body{ReadCloser: http.MaxBytesReader(w, r.Body, limit), whole: r.Body}
}

// Allow lets a form be as large as limit, in bytes.
func Allow(w http.ResponseWriter, r *http.Request, limit int64) {
	whole := r.Body
	if held, ok := whole.(*body); ok {
		whole = held.whole
	}
	r.Body = http.MaxBytesReader(w, whole, limit)
}

// Asked is what was answered before a form is read: who sends it, how many files
// may come with it, and why it is refused if it is.
type Asked struct {
	Sender  Sender
	Room    attachment.Room
	Refused error
	// First, if set, answers that only when the first file comes: for a form that
	// may do without, and is small.
	First func() (attachment.Room, error)
}

// Small reports whether a form is no larger than those that bring no files, which
// are read whoever sends them.
func Small(r *http.Request) bool { return r.ContentLength >= 0 && r.ContentLength <= maxFields }

// Receive reads a form, with or without files. Its text fields are then in
// r.PostForm, where package form reads them; files come from fields named
// "files", and lie in the folder for temporary files. Of a form that is refused
// only what comes at once, and before its files, is read, to be shown again; when
// there is nothing, the refusal is the error.
func Receive(w http.ResponseWriter, r *http.Request, asked Asked) (*Form, error) {
	f := &Form{Over: asked.Refused, ask: asked.First, room: asked.Room, spooled: share{of: spooled, sender: asked.Sender}}
	switch {
	case asked.Refused == nil && r.ContentLength > maxForm:
		return nil, &http.MaxBytesError{Limit: maxForm}
	case asked.Refused == nil:
		Allow(w, r, maxForm)
	case r.Header.Get("Expect") != "": // the form waits for our word
		return nil, asked.Refused
	default:
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(atOnce))
	}
	err := f.read(r)
	switch {
	case err != nil && asked.Refused != nil:
		if len(r.PostForm) == 0 {
			return nil, asked.Refused
		}
	case err != nil:
		f.Close()
		return nil, err
	case f.Over == nil:
		w.Header().Del("Connection") // all was read
	}
	return f, nil
}

// Outline reads of a form what was typed, and what its files are called.
func Outline(w http.ResponseWriter, r *http.Request) (files []string, err error) {
	f := &Form{outline: true}
	Allow(w, r, maxForm)
	if err := f.read(r); err != nil {
		return nil, err
	}
	w.Header().Del("Connection") // all was read
	return f.names, nil
}

// read reads the form to its end, or to the first file that is over.
func (f *Form) read(r *http.Request) error {
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return r.ParseForm()
	}
	if err != nil {
		return unreadable
	}
	r.PostForm, r.Form = url.Values{}, url.Values{}
	room := int64(maxFields)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			f.number(r.PostForm.Get("nonce"))
			return nil
		}
		if err == nil {
			err = f.take(r, part, &room)
		}
		if over, ok := errors.AsType[apperr.TooMany](err); ok {
			f.Close()
			f.Over = over
			return nil
		}
		if f.asked && f.Over != nil {
			f.Close()
			return nil //nolint:nilerr // the form tells of it, with what was typed before
		}
		if err != nil {
			return broken(err)
		}
	}
}

var unreadable = apperr.Conflictf("The form could not be read. Open the page again and send it once more.")

// broken tells a form that is too large from one that did not arrive whole.
func broken(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	if _, ok := errors.AsType[*os.PathError](err); ok {
		return err
	}
	return unreadable
}

func (f *Form) take(r *http.Request, part *multipart.Part, room *int64) error {
	if part.FileName() == "" {
		value, err := io.ReadAll(io.LimitReader(part, max(*room, 0)+1))
		if err != nil {
			return err
		}
		if *room -= int64(len(value) + len(part.FormName()) + perField); *room < 0 {
			return &http.MaxBytesError{Limit: maxFields}
		}
		if part.FormName() != "files" { // an empty file field
			r.PostForm.Add(part.FormName(), string(value))
			r.Form.Add(part.FormName(), string(value))
		}
		return nil
	}
	f.Chosen = true
	if f.ask != nil && !f.asked {
		f.asked = true
		f.room, f.Over = f.ask()
	}
	if f.Over != nil {
		return f.Over
	}
	name := attachment.SafeName(typed(part))
	if f.outline {
		if len(f.names) < attachment.MaxFiles {
			f.names = append(f.names, name)
		}
		_, err := io.Copy(io.Discard, part)
		return err
	}
	if len(f.Files)+len(f.Refused) >= attachment.MaxFiles {
		if len(f.Files)+len(f.Refused) == attachment.MaxFiles {
			f.refuse(name, fmt.Sprintf("“%s” and what followed was not taken: %d files can be sent at once. Send the others next.", name, attachment.MaxFiles))
		}
		_, err := io.Copy(io.Discard, part)
		return err
	}
	if err := f.fits(1); err != nil {
		return err
	}
	return f.file(part, name)
}

// fits asks whether there is room for one more file, of so many bytes.
func (f *Form) fits(size int64) error {
	for _, file := range f.Files {
		size += file.Size
	}
	return f.room.Fits(len(f.Files)+1, size)
}

func (f *Form) file(part io.Reader, name string) error {
	temp, err := os.CreateTemp("", storage.Temporary)
	if err != nil {
		return err
	}
	f.open = append(f.open, temp)
	_ = os.Remove(temp.Name()) // where an open file needs no name, nothing stays whatever ends the program
	most := imaging.MaxSize(name)
	size, err := io.Copy(f.spooled.writer(temp), io.LimitReader(part, most+1))
	if err != nil {
		return err
	}
	switch {
	case size > most:
		f.drop(size)
		f.refuse(name, fmt.Sprintf("“%s” is larger than %d MB.", name, most>>20))
		_, err := io.Copy(io.Discard, part)
		return err
	case size == 0:
		f.drop(size)
		f.refuse(name, fmt.Sprintf("“%s” is empty.", name))
		return nil
	}
	seen, err := imaging.Inspect(temp, size, name)
	if refused, ok := errors.AsType[imaging.Refused](err); ok {
		f.drop(size)
		f.refuse(name, refused.Reason)
		return nil
	}
	if err == nil {
		err = f.fits(size)
	}
	if err == nil { // nobody is told where a video was taken
		err = imaging.Blank(temp, seen.Places)
	}
	if err != nil {
		return err
	}
	f.Files = append(f.Files, attachment.Incoming{Name: name, Type: seen.Type, Size: size, Taken: seen.Taken, Content: temp})
	return nil
}

// Take reads one file that comes by itself, judged as those of forms are.
func Take(sender Sender, name string, from io.Reader) (*Form, error) {
	f := &Form{spooled: share{of: spooled, sender: sender}}
	if err := f.file(from, attachment.SafeName(name)); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// drop forgets the file that came last: nothing of a refused one lies around
// while the rest of the form trickles.
func (f *Form) drop(size int64) {
	last := len(f.open) - 1
	forget(f.open[last])
	f.open = f.open[:last]
	f.spooled.less(size)
}

// number gives each file a nonce, from the form's and its place in it: the same
// form sent again brings the same files.
func (f *Form) number(nonce string) {
	if nonce == "" || len(nonce) > 64 || !utf8.ValidString(nonce) || strings.ContainsRune(nonce, 0) {
		return
	}
	for i := range f.Files {
		f.Files[i].Nonce = nonce + " " + strconv.Itoa(i)
	}
}

func (f *Form) refuse(name, reason string) {
	f.Refused = append(f.Refused, Refused{name, reason})
}

// typed is a file's name as its sender has it. Browsers write a quotation mark in
// it as %22, and leave a per cent sign as it is; our own scripts do, too.
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
func typed(part *multipart.Part) string {
	return strings.ReplaceAll(part.FileName(), "%22", `"`)
}

// Scripted reports whether a script sends the form, one file at a time, and
// reads a sentence as the answer instead of showing a page.
func Scripted(r *http.Request) bool { return r.Header.Get("Accept") == "text/plain" }

// Answer tells a script that its file was kept, or why not.
func (f *Form) Answer(w http.ResponseWriter) error {
	if len(f.Refused) == 0 && len(f.Files) > 0 {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	words := f.Sentence()
	if words == "" {
		words = "No file arrived."
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusUnprocessableEntity)
	_, err := io.WriteString(w, words)
	return err
}

// Reasons are the sentences about what was not taken.
func (f *Form) Reasons() []string {
	reasons := make([]string, 0, len(f.Refused))
	for _, r := range f.Refused {
		reasons = append(reasons, r.Reason)
	}
	return reasons
}

// Sentence says which files were not taken, or "" when all were.
func (f *Form) Sentence() string { return strings.Join(f.Reasons(), " ") }
