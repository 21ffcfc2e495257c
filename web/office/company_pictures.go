package officeweb

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"

	"fieldgate/internal/branding"
	"fieldgate/internal/problem"
	"fieldgate/web/form"
	"fieldgate/web/upload"
)

// maxCompany is how much of the form is read, in bytes. A picture that is too
// large is read as well, and let go: what was typed beside it is not lost.
const maxCompany = 64 << 20

// readPictures reads a form with pictures, whose text is then in r.PostForm, and
// returns the pictures that came with it, by field.
func readPictures(w http.ResponseWriter, r *http.Request) (pictures map[string][]byte, err error) {
	upload.Allow(w, r, maxCompany)
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return nil, r.ParseForm()
	}
	if err != nil {
		return nil, unreadable(err)
	}
	r.PostForm, r.Form, pictures = url.Values{}, url.Values{}, map[string][]byte{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			w.Header().Del("Connection") // all was read
			return pictures, nil
		}
		if err == nil {
			err = takePart(r, part, pictures)
		}
		if err != nil {
			return nil, unreadable(err)
		}
	}
}

func takePart(r *http.Request, part *multipart.Part, pictures map[string][]byte) error {
	// One byte more than allowed: branding tells a file that is too large.
	content, err := io.ReadAll(io.LimitReader(part, branding.MaxBytes+1))
	if err != nil {
		return err
	}
	switch name := part.FormName(); {
	case part.FileName() == "" && len(pictures)+len(r.PostForm) < 100:
		r.PostForm.Add(name, string(content))
		r.Form.Add(name, string(content))
	case part.FileName() != "" && (name == "logo" || name == "banner"):
		pictures[name] = content
	}
	_, err = io.Copy(io.Discard, part)
	return err
}

func unreadable(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return branding.Refusal("The form broke off on its way. Nothing was saved; try again.")
}

// picture is what becomes of a picture with the form: nil when it stays as it is.
func picture(r *http.Request, field string, pictures map[string][]byte, prepare func([]byte) (branding.Image, error), p problem.Set) (*branding.Image, error) {
	content, chosen := pictures[field]
	if !chosen {
		if form.Check(r, "remove_"+field) {
			return &branding.Image{}, nil
		}
		return nil, nil //nolint:nilnil // nothing changes
	}
	image, err := prepare(content)
	if refusal, ok := errors.AsType[branding.Refusal](err); ok {
		p.Add(field, refusal.Error())
		return nil, nil //nolint:nilnil // the problem is told
	}
	return &image, err
}
