package officeweb

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"

	"fieldgate/internal/attachment"
	"fieldgate/internal/problem"
	"fieldgate/internal/sheet"
	"fieldgate/internal/storage"
	"fieldgate/web/upload"
)

// table is a file of tables as it was sent. Close it when done.
type table struct {
	*os.File
	name string
	size int64
}

func (t table) close() {
	if t.File != nil {
		_ = t.Close()
		_ = os.Remove(t.File.Name())
	}
}

// readTable reads a form with a file to bring in, whose text is then in
// r.PostForm. Which files are tables package sheet says, not what uploads may be.
func readTable(w http.ResponseWriter, r *http.Request) (t table, err error) {
	upload.Allow(w, r, sheet.MaxUpload+8<<20)
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return t, r.ParseForm()
	}
	if err != nil {
		return t, errTableBroken
	}
	r.PostForm, r.Form = url.Values{}, url.Values{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			w.Header().Del("Connection") // all was read
			return t, nil
		}
		if err == nil {
			err = t.take(r, part)
		}
		if err != nil {
			t.close()
			if _, over := errors.AsType[*http.MaxBytesError](err); over {
				return table{}, problem.Of("file", "The file is larger than 25 MB. Split it, or ask whoever runs the server to bring it in by the command line.")
			}
			if _, local := errors.AsType[*os.PathError](err); local {
				return table{}, err
			}
			return table{}, errTableBroken
		}
	}
}

var errTableBroken = problem.Of("file", "The file broke off on its way. Send it again.")

func (t *table) take(r *http.Request, part *multipart.Part) error {
	if part.FileName() == "" || t.File != nil {
		content, err := io.ReadAll(io.LimitReader(part, 10_000))
		if err == nil && part.FileName() == "" && part.FormName() != "file" && len(r.PostForm) < 100 {
			r.PostForm.Add(part.FormName(), string(content))
			r.Form.Add(part.FormName(), string(content))
		}
		return err
	}
	temp, err := os.CreateTemp("", storage.Temporary)
	if err != nil {
		return err
	}
	_ = os.Remove(temp.Name()) // where an open file needs no name, nothing stays whatever ends the program
	t.File, t.name = temp, attachment.SafeName(part.FileName())
	if t.size, err = io.Copy(temp, part); err == nil && t.size > sheet.MaxUpload {
		err = &http.MaxBytesError{Limit: sheet.MaxUpload}
	}
	return err
}
