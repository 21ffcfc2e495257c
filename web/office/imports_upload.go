package officeweb

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/problem"
	"fieldgate/internal/sheet"
	"fieldgate/internal/storage"
	officeview "fieldgate/templates/office"
	"fieldgate/web/upload"
)

// table is a file of tables as it was sent. Close it when done.
type table struct {
	*os.File
	name string
	size int64
	end  func() // of its turn among large files; nil of a small one
}

func (t table) close() {
	if t.end != nil {
		t.end()
	}
	if t.File != nil {
		_ = t.Close()
		_ = os.Remove(t.File.Name())
	}
}

// readTable reads a form with a file to import, whose text is then in
// r.PostForm. Which files are tables package sheet says, not what uploads may be;
// an export of everything, which is a zip, may be as large as most.
func (h Imports) readTable(w http.ResponseWriter, r *http.Request) (t table, err error) {
	upload.Allow(w, r, max(h.Most, sheet.MaxUpload)+8<<20)
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
			err = t.take(r, part, h)
		}
		if err != nil {
			t.close()
			if _, busy := errors.AsType[apperr.TooMany](err); busy {
				return table{}, err
			}
			if _, over := errors.AsType[*http.MaxBytesError](err); over && t.end != nil {
				return table{}, problem.Of("file", officeview.TooLargeExport(h.Most))
			} else if over {
				return table{}, problem.Of("file", "The file is larger than 25 MB. Split it, or ask whoever runs the server to import it by the command line.")
			}
			if _, local := errors.AsType[*os.PathError](err); local {
				return table{}, err
			}
			return table{}, errTableBroken
		}
	}
}

var errTableBroken = problem.Of("file", "The file broke off on its way. Send it again.")

func (t *table) take(r *http.Request, part *multipart.Part, h Imports) error {
	if part.FileName() == "" || t.File != nil {
		content, err := io.ReadAll(io.LimitReader(part, 10_000))
		if err == nil && part.FileName() == "" && part.FormName() != "file" && len(r.PostForm) < 100 {
			r.PostForm.Add(part.FormName(), string(content))
			r.Form.Add(part.FormName(), string(content))
		}
		return err
	}
	most := int64(sheet.MaxUpload)
	if strings.HasSuffix(strings.ToLower(part.FileName()), ".zip") {
		end, err := h.Files.Turn()
		if err != nil {
			return err
		}
		most, t.end = max(most, h.Most), end
	}
	temp, err := os.CreateTemp("", storage.Temporary)
	if err != nil {
		return err
	}
	_ = os.Remove(temp.Name()) // where an open file needs no name, nothing stays whatever ends the program
	t.File, t.name = temp, attachment.SafeName(part.FileName())
	if t.size, err = io.Copy(temp, io.LimitReader(part, most+1)); err == nil && t.size > most {
		err = &http.MaxBytesError{Limit: most}
	}
	return err
}
